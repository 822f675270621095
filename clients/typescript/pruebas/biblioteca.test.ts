// The library against a running API, over a network that fails when it is told to.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node --test pruebas/*.test.ts   (an admin)

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  archivo,
  bien,
  type Credenciales,
  type Problema,
  Rechazo,
  segun,
  subida,
  terminado,
  type Transporte,
} from "parknet-cliente";
import { anonimo, entrar } from "../ejemplos/entorno.ts";

const { PARKNET_USUARIO: USUARIO = "", PARKNET_CLAVE: CLAVE = "" } = process.env;
const marca = (): string => randomBytes(4).toString("hex").toUpperCase();
const otro = ({ codigo }: Problema): string => `otro: ${codigo}`;

/** A network that writes down what goes over it. */
function espia(red: Transporte = fetch) {
  const vistas: { peticion: Request; status: number }[] = [];
  const pedir: Transporte = async (peticion) => {
    const copia = peticion.clone();
    const respuesta = await red(peticion);
    vistas.push({ peticion: copia, status: respuesta.status });
    return respuesta;
  };
  return { vistas, pedir, de: (camino: string) => vistas.filter((v) => new URL(v.peticion.url).pathname === camino) };
}

async function credencialesDeAdmin(): Promise<Credenciales> {
  const guardadas: (Credenciales | null)[] = [];
  await entrar(USUARIO, CLAVE, { guardar: (c) => void guardadas.push(c) });
  const [credenciales] = guardadas;
  assert.ok(credenciales);
  return credenciales;
}

test("who is not let in learns why, by a code for each case", async () => {
  const parknet = anonimo();
  const problema = await parknet.entrar(USUARIO, "otra clave");
  assert.ok(problema);
  const dicho = segun(
    problema,
    {
      credenciales_invalidas: () => "no es la clave",
      entrada_invalida: () => "falta algo",
      otp_invalido: () => "no es el código",
      otp_requerido: () => "pida el código",
    },
    otro,
  );
  assert.equal(dicho, "no es la clave");
  // @ts-expect-error: a case less does not compile
  segun(problema, { credenciales_invalidas: () => "", entrada_invalida: () => "", otp_invalido: () => "" }, otro);
  const deManana: Problema = { ...problema, codigo: "uno_nuevo" };
  assert.equal(segun(deManana, {}, otro), "otro: uno_nuevo");
  assert.equal(parknet.dentro, false);
});

test("of many calls that meet an ended token, one renews it", async () => {
  const { refresh_token } = await credencialesDeAdmin();
  const guardadas: (Credenciales | null)[] = [];
  const { pedir, de } = espia();
  const { api } = anonimo({
    credenciales: { access_token: "vencido", refresh_token },
    guardar: (c) => void guardadas.push(c),
    red: pedir,
  });
  const vistas = await Promise.all(Array.from({ length: 12 }, () => api.GET("/api/v1/auth/yo")));
  assert.deepEqual(new Set(vistas.map((v) => bien(v).email)), new Set([USUARIO]));
  assert.equal(de("/api/v1/auth/refresh").length, 1);
  assert.equal(guardadas.length, 1);
  assert.notEqual(guardadas[0]?.refresh_token, refresh_token);
});

test("a session that is over is told once and forgotten; one that nobody could renew stays", async () => {
  const credenciales = { access_token: "vencido", refresh_token: "tampoco" };
  const guardadas: (Credenciales | null)[] = [];
  const parknet = anonimo({ credenciales, guardar: (c) => void guardadas.push(c) });
  await assert.rejects(async () => bien(await parknet.api.GET("/api/v1/auth/yo")), Rechazo);
  assert.deepEqual(guardadas, [null]);
  assert.equal(parknet.dentro, false);

  const sinRed: Transporte = async (peticion) => {
    if (peticion.url.endsWith("/refresh")) throw new TypeError("sin red");
    return fetch(peticion);
  };
  const lejos = anonimo({ credenciales, red: sinRed });
  await assert.rejects(() => lejos.api.GET("/api/v1/auth/yo"), TypeError);
  assert.equal(lejos.dentro, true);
});

test("who signs out is out, here and there", async () => {
  const credenciales = await credencialesDeAdmin();
  const parknet = anonimo({ credenciales });
  await parknet.salir();
  assert.equal(parknet.dentro, false);
  const { error } = await anonimo({ credenciales }).api.GET("/api/v1/auth/yo");
  assert.equal(error?.codigo, "token_invalido");
});

test("what the network lost is done once", async () => {
  const perdidas: Response[] = [];
  const { pedir, de } = espia();
  const seCae: Transporte = async (peticion) => {
    const respuesta = await pedir(peticion);
    if (peticion.method === "POST" && peticion.url.endsWith("/espacios") && perdidas.push(respuesta) === 1) {
      throw new TypeError("se cayó la red");
    }
    return respuesta;
  };
  const { api } = await entrar(USUARIO, CLAVE, { red: seCae, esperar: async () => {} });
  const codigo = `L-${marca()}`;
  const hecho = await api.POST("/api/v1/sorteo/espacios", { body: { codigo, tipo: "moto" } });
  assert.equal(bien(hecho).codigo, codigo);
  assert.equal(hecho.response.headers.get("Idempotency-Replayed"), "true");
  const claves = de("/api/v1/sorteo/espacios").map((v) => v.peticion.headers.get("Idempotency-Key"));
  assert.equal(claves.length, 2);
  assert.equal(new Set(claves).size, 1);
});

test("who is asked to come back later does, and gives up where that is too late", async () => {
  const esperas: number[] = [];
  const despues = ["2", "3600"].values();
  const ocupada: Transporte = async (peticion) => {
    if (!peticion.url.endsWith("/yo")) return fetch(peticion);
    const { value } = despues.next();
    const headers = { "Retry-After": value ?? "", "Content-Type": "application/problem+json" };
    return value === undefined ? fetch(peticion) : new Response('{"codigo":"no_disponible_ahora"}', { status: 503, headers });
  };
  const esperar = async (ms: number): Promise<void> => void esperas.push(ms);
  const { api } = await entrar(USUARIO, CLAVE, { red: ocupada, esperar });
  const { error } = await api.GET("/api/v1/auth/yo");
  assert.deepEqual(esperas, [2000]);
  assert.equal(error?.codigo, "no_disponible_ahora");
  assert.equal(bien(await api.GET("/api/v1/auth/yo")).email, USUARIO);
});

test("what has not changed is not sent again; what has, is", async () => {
  const { pedir, de } = espia();
  const { api } = await entrar(USUARIO, CLAVE, { red: pedir });
  const codigo = `V-${marca()}`;
  bien(await api.POST("/api/v1/sorteo/espacios", { body: { codigo, tipo: "moto" } }));
  const params = { path: { codigo } };
  const ver = async () => bien(await api.GET("/api/v1/sorteo/espacios/{codigo}", { params }));
  const [primera, segunda] = [await ver(), await ver()];
  assert.deepEqual(primera, segunda);
  bien(await api.PATCH("/api/v1/sorteo/espacios/{codigo}", { params, body: { zona: "Sótano 2" } }));
  assert.equal((await ver()).zona, "Sótano 2");
  const lecturas = de(`/api/v1/sorteo/espacios/${codigo}`).filter((v) => v.peticion.method === "GET");
  assert.deepEqual(lecturas.map((v) => v.status), [200, 304, 200]);
});

test("files come and go byte by byte", async () => {
  const { api } = await entrar(USUARIO, CLAVE);
  const torre = marca();
  const hoja = new Blob([`torre;apartamento;al_dia\n${torre};101;sí\n${torre};102;quizá\n`], { type: "text/csv" });
  const trabajo = bien(await api.POST("/api/v1/residentes/unidades/importar", subida(hoja, "unidades.csv")));
  const { id, estado, hecho, errores } = await terminado(api, trabajo);
  assert.deepEqual([estado, hecho, errores], ["hecho", 2, 1]);

  const params = { path: { id } };
  const rechazadas = archivo(await api.GET("/api/v1/trabajos/{id}/errores", { params, parseAs: "blob" }));
  assert.match(await rechazadas.contenido.text(), /al_dia/);
  const query = { formato: "xlsx" } as const;
  const libro = archivo(await api.GET("/api/v1/residentes/unidades/exportar", { params: { query }, parseAs: "blob" }));
  assert.match(libro.nombre, /\.xlsx$/);
  const bytes = await libro.contenido.bytes();
  assert.equal(String.fromCharCode(...bytes.slice(0, 2)), "PK");
  // The directory of a ZIP stands at its end: a file that is cut short, or read as text, has none.
  assert.notEqual(Buffer.from(bytes).lastIndexOf("PK\u0005\u0006"), -1);
});
