// Signing in, and telling an answer from a refusal: all that the generated types leave to whoever uses them.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "../generado/esquema.ts";

export type Esquemas = components["schemas"];
export type Api = Client<paths>;
export const URL_BASE = process.env["PARKNET_URL"] ?? "http://127.0.0.1:8000";

/** The API said no. `problema.codigo` is what a program decides by, `problema.detail` what a person reads. */
export class Rechazo extends Error {
  readonly problema: Esquemas["Problema"];

  constructor(problema: Esquemas["Problema"]) {
    super(`${problema.status} ${problema.codigo}: ${problema.detail}`);
    this.problema = problema;
  }
}

interface Respuesta<T> {
  data?: T;
  error?: Esquemas["Problema"] | undefined;
  response: Response;
}

/** What was answered. Throws Rechazo. */
export function bien<T>({ data, error, response }: Respuesta<T>): NonNullable<T> {
  if (error) throw new Rechazo(error);
  if (data === undefined || data === null) throw new TypeError(`no está en el documento: ${response.status}`);
  return data;
}

export function anonimo(): Api {
  return createClient<paths>({ baseUrl: URL_BASE });
}

/** A client that speaks for somebody, in Spanish. */
export async function entrar(username: string, password: string): Promise<Api> {
  const token = bien(
    await anonimo().POST("/api/v1/auth/login", {
      body: { username, password },
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    }),
  );
  return createClient<paths>({
    baseUrl: URL_BASE,
    headers: { Authorization: `Bearer ${token.access_token}`, "Accept-Language": "es" },
  });
}

export async function entrarDelEntorno(): Promise<Api> {
  const { PARKNET_USUARIO, PARKNET_CLAVE } = process.env;
  if (!PARKNET_USUARIO || !PARKNET_CLAVE) throw new Error("faltan PARKNET_USUARIO y PARKNET_CLAVE");
  return entrar(PARKNET_USUARIO, PARKNET_CLAVE);
}
