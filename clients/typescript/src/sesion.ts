// Who is signed in. Of many calls that meet an access token that has ended, one renews it, and all go on.

import createClient from "openapi-fetch";
import type { paths, ProblemaDeAuthLogin, Token, UserAuth } from "../generado/esquema.ts";
import type { Transporte } from "./transporte.ts";

/** What is kept between two starts of an app, in the keychain of the phone. */
export type Credenciales = Pick<Token, "access_token" | "refresh_token">;
/** Called at each change, before any call goes on with what it tells: a refresh token is good for one use. */
export type Guardar = (credenciales: Credenciales | null) => void | Promise<void>;

const VENCIDO: ReadonlySet<string> = new Set(["no_autenticado", "token_invalido"]);

async function codigoDe(respuesta: Response): Promise<string> {
  const dicho: unknown = await respuesta.clone().json();
  return typeof dicho === "object" && dicho !== null && "codigo" in dicho ? String(dicho.codigo) : "";
}

function firmada(peticion: Request, { access_token }: Credenciales): Request {
  const copia = peticion.clone();
  copia.headers.set("Authorization", `Bearer ${access_token}`);
  return copia;
}

export class Sesion {
  readonly #anonimo;
  readonly #siguiente: Transporte;
  readonly #guardar: Guardar;
  #credenciales: Credenciales | null;
  #renovando: Promise<Credenciales | null> | null = null;

  constructor(origen: string, siguiente: Transporte, guardar: Guardar, credenciales: Credenciales | null) {
    this.#anonimo = createClient<paths>({ baseUrl: origen, fetch: siguiente });
    this.#siguiente = siguiente;
    this.#guardar = guardar;
    this.#credenciales = credenciales;
  }

  get abierta(): boolean {
    return this.#credenciales !== null;
  }

  /** Null, or why not: `otp_requerido` is what asks for the second factor. */
  async entrar(datos: UserAuth, idioma: string): Promise<ProblemaDeAuthLogin | null> {
    const { data, error } = await this.#anonimo.POST("/api/v1/auth/login", {
      body: datos,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "Accept-Language": idioma },
    });
    if (data === undefined) return error;
    await this.#poner(data);
    return null;
  }

  /** Ends it here whatever comes of telling the server. */
  async salir(): Promise<void> {
    const credenciales = this.#credenciales;
    await this.#poner(null);
    if (credenciales === null) return;
    await this.#anonimo.POST("/api/v1/auth/logout", {
      headers: { Authorization: `Bearer ${credenciales.access_token}` },
    });
  }

  /** Sends it in the name of who is signed in; once more where the token had ended. */
  readonly enviar: Transporte = async (peticion) => {
    const usadas = this.#credenciales;
    if (usadas === null) return this.#siguiente(peticion);
    const respuesta = await this.#siguiente(firmada(peticion, usadas));
    if (respuesta.status !== 401 || !VENCIDO.has(await codigoDe(respuesta))) return respuesta;
    const nuevas = this.#credenciales === usadas ? await this.#renovar(usadas) : this.#credenciales;
    return nuevas === null ? respuesta : this.#siguiente(firmada(peticion, nuevas));
  };

  #renovar(viejas: Credenciales): Promise<Credenciales | null> {
    this.#renovando ??= this.#pedirNuevas(viejas).finally(() => {
      this.#renovando = null;
    });
    return this.#renovando;
  }

  /** Null where the session is over. A server that cannot be reached ends no session: that is thrown. */
  async #pedirNuevas(viejas: Credenciales): Promise<Credenciales | null> {
    const { refresh_token } = viejas;
    const { data, response } = await this.#anonimo.POST("/api/v1/auth/refresh", { body: { refresh_token } });
    if (data === undefined && response.status !== 401) throw new TypeError(`no se pudo renovar: ${response.status}`);
    // Whoever has signed out, or in again, meanwhile keeps what came of that.
    if (this.#credenciales === viejas) await this.#poner(data ?? null);
    return this.#credenciales;
  }

  async #poner(nuevas: Credenciales | null): Promise<void> {
    const credenciales = nuevas && { access_token: nuevas.access_token, refresh_token: nuevas.refresh_token };
    this.#credenciales = credenciales;
    await this.#guardar(credenciales);
  }
}
