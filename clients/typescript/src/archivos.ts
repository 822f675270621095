// Files down and up, and the jobs that files make.

import type { Client } from "openapi-fetch";
import type { paths, TrabajoOut } from "../generado/esquema.ts";
import { bien, type Respuesta } from "./problemas.ts";
import type { Problema } from "../generado/esquema.ts";

export interface Archivo {
  nombre: string;
  contenido: Blob;
}

/** Of a call with `parseAs: "blob"`: the bytes, untouched, and the name that the API gives them. Throws Rechazo. */
export function archivo<P extends Problema>(respuesta: Respuesta<Blob, P>): Archivo {
  const contenido = bien(respuesta);
  const disposicion = respuesta.response.headers.get("Content-Disposition") ?? "";
  return { nombre: /filename="([^"]*)"/.exec(disposicion)?.[1] ?? "archivo", contenido };
}

/** The body of an upload: `api.POST("/api/v1/residentes/importar", { ...subida(hoja, "hoja.csv") })`. */
export function subida(contenido: Blob, nombre: string): { body: { archivo: Blob }; bodySerializer: () => FormData } {
  return {
    body: { archivo: contenido },
    bodySerializer: () => {
      const formulario = new FormData();
      formulario.set("archivo", contenido, nombre);
      return formulario;
    },
  };
}

const EN_MARCHA: ReadonlySet<TrabajoOut["estado"]> = new Set(["en_cola", "en_curso"]);

/** The job once it has ended, well or not. Each look waits on the server, up to twenty seconds. */
export async function terminado(api: Client<paths>, trabajo: TrabajoOut): Promise<TrabajoOut> {
  let ahora = trabajo;
  while (EN_MARCHA.has(ahora.estado)) {
    const params = { path: { id: ahora.id }, header: { prefer: "wait=20" } };
    ahora = bien(await api.GET("/api/v1/trabajos/{id}", { params }));
  }
  return ahora;
}
