// The ParkNet API for a phone or a browser. Takes `fetch`, `Request` and `crypto.randomUUID` from where it runs.

import createClient, { type Client } from "openapi-fetch";
import type { paths, ProblemaDeAuthLogin } from "../generado/esquema.ts";
import { type Credenciales, type Guardar, Sesion } from "./sesion.ts";
import { conReintentos, type Transporte, Versiones } from "./transporte.ts";

export * from "./archivos.ts";
export * from "./problemas.ts";
export type { Credenciales, Guardar } from "./sesion.ts";
export type { Transporte } from "./transporte.ts";
export type * from "../generado/esquema.ts";

export type Api = Client<paths>;

export interface Opciones {
  /** Where the API is, without a path. */
  origen: string;
  idioma?: "es" | "en";
  /** What `guardar` kept last time. */
  credenciales?: Credenciales | null;
  guardar?: Guardar;
  /** What sends; `fetch` if not said. */
  red?: Transporte;
  /** How to wait between two tries. */
  esperar?: (ms: number) => Promise<void>;
}

export interface Parknet {
  readonly api: Api;
  /** What sends the calls of `api`, for whoever makes the addresses themselves. */
  readonly red: Transporte;
  readonly dentro: boolean;
  /** Null, or why not. */
  entrar(usuario: string, clave: string, otp?: string): Promise<ProblemaDeAuthLogin | null>;
  salir(): Promise<void>;
}

export function crear(opciones: Opciones): Parknet {
  const { origen, idioma = "es", credenciales = null, guardar = () => {}, red = fetch, esperar } = opciones;
  const versiones = new Versiones();
  const sesion = new Sesion(origen, conReintentos(red, esperar), guardar, credenciales);
  const enviar = versiones.en(sesion.enviar);
  const api = createClient<paths>({ baseUrl: origen, headers: { "Accept-Language": idioma }, fetch: enviar });
  return {
    api,
    red: (peticion) => {
      peticion.headers.set("Accept-Language", idioma);
      return enviar(peticion);
    },
    get dentro() {
      return sesion.abierta;
    },
    entrar: (username, password, otp) => {
      versiones.olvidar();
      return sesion.entrar({ username, password, ...(otp && { otp }) }, idioma);
    },
    salir: () => {
      versiones.olvidar();
      return sesion.salir();
    },
  };
}
