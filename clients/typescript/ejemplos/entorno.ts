// Where the API is and who calls it, as the environment says.

import { crear, type Opciones, type Parknet, Rechazo } from "parknet-cliente";

const origen = process.env["PARKNET_URL"] ?? "http://127.0.0.1:8000";

export function anonimo(mas: Partial<Opciones> = {}): Parknet {
  return crear({ origen, ...mas });
}

/** Somebody, in Spanish. Throws Rechazo. */
export async function entrar(usuario: string, clave: string, mas: Partial<Opciones> = {}): Promise<Parknet> {
  const parknet = anonimo(mas);
  const problema = await parknet.entrar(usuario, clave);
  if (problema) throw new Rechazo(problema);
  return parknet;
}

export async function entrarDelEntorno(): Promise<Parknet> {
  const { PARKNET_USUARIO, PARKNET_CLAVE } = process.env;
  if (!PARKNET_USUARIO || !PARKNET_CLAVE) throw new Error("faltan PARKNET_USUARIO y PARKNET_CLAVE");
  return entrar(PARKNET_USUARIO, PARKNET_CLAVE);
}
