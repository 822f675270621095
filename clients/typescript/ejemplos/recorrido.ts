// A whole draw, from empty tables to an accepted space: two flats want the one space there is. Staff import them and
// run it; a resident hands in, reads the first screen, the result and the minutes.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node ejemplos/recorrido.ts   (an admin)

import { createHash, randomBytes } from "node:crypto";
import { setTimeout as esperar } from "node:timers/promises";
import {
  type Api,
  archivo,
  bien,
  type LotteryOut,
  type LotteryResult,
  subida,
  terminado,
} from "parknet-cliente";
import { anonimo, entrar, entrarDelEntorno } from "./entorno.ts";

// How long until the public number can be known. A real draw waits for a lottery, days ahead.
const ESPERA_MS = 5 * 60_000;
const CLAVE = "una clave de residente, larga";
// With a letter that no kind of document begins with, and so that it is no number that a spreadsheet shortened: `12E34`.
const MARCA = `X${randomBytes(3).toString("hex").toUpperCase()}`;
const TORRE = `Torre ${MARCA}`;

/** Two flats, with who lives there and their cars, as an administrator keeps them. */
async function importar(admin: Api): Promise<void> {
  const filas = [1, 2].map((n) => `${TORRE};10${n};Ana De la 10${n};${MARCA}${n};${MARCA}${n};Sí`);
  const hoja = new Blob([["Torre;Apto;Propietario;Cédula;Placa;Al día", ...filas].join("\n")], { type: "text/csv" });
  const trabajo = bien(
    await admin.POST("/api/v1/residentes/importar", {
      params: { query: { crear_unidades: true } },
      ...subida(hoja, "residentes.csv"),
    }),
  );
  const { estado, errores } = await terminado(admin, trabajo);
  if (estado !== "hecho" || errores > 0) throw new Error(`la importación terminó ${estado}, con ${errores} errores`);
}

async function registrar(admin: Api): Promise<Api> {
  const { items } = bien(await admin.GET("/api/v1/residentes", { params: { query: { placa: `${MARCA}1` } } }));
  const [ana] = items;
  if (ana === undefined) throw new Error("la importación no la trajo");
  const invitacion = bien(await admin.POST("/api/v1/auth/invitaciones", { body: { residente_id: ana.id } }));
  const { api } = anonimo();
  bien(
    await api.POST("/api/v1/auth/registro", {
      body: { invitacion: invitacion.token, password: CLAVE, acepta_politica: true },
    }),
  );
  return (await entrar(`${MARCA}1`, CLAVE)).api;
}

async function crearSorteo(admin: Api, espacio: string): Promise<LotteryOut> {
  const anio = new Date().getUTCFullYear() + 1;
  const sorteo = bien(
    await admin.POST("/api/v1/sorteo", {
      body: {
        nombre: `Parqueaderos ${anio} ${MARCA}`,
        vigencia: { desde: `${anio}-01-01`, hasta: `${anio}-12-31` },
        fuente_entropia: {
          tipo: "publica",
          descripcion: "Lotería de Bogotá, premio mayor",
          disponible_desde: new Date(Date.now() + ESPERA_MS).toISOString(),
          forma: "#### serie ###",
        },
        espacios: [espacio],
        aprobacion: "automatica",
      },
    }),
  );
  return bien(await admin.POST("/api/v1/sorteo/{id}/abrir", { params: { path: { id: sorteo.id } } }));
}

/** As soon as the public number can be known; the same call again gives the same result. */
async function ejecutar(admin: Api, id: string): Promise<LotteryResult> {
  for (;;) {
    const respuesta = await admin.POST("/api/v1/sorteo/{id}/ejecutar", {
      params: { path: { id } },
      body: { entropia: "4821 serie 137" },
    });
    if (respuesta.error?.codigo !== "entropia_prematura") return bien(respuesta);
    await esperar(200);
  }
}

/** What anybody can: that the bases which were drawn from are those whose hash was told to all. */
async function comprobar(id: string, quien: Api): Promise<string> {
  const params = { path: { id } };
  const verificacion = bien(await anonimo().api.GET("/api/v1/sorteo/{id}/verificacion", { params }));
  const bases = archivo(await quien.GET("/api/v1/sorteo/{id}/bases", { params, parseAs: "blob" }));
  const huella = createHash("sha256").update(await bases.contenido.bytes()).digest("hex");
  if (huella !== verificacion.huella) throw new Error("las bases no son las de la huella publicada");
  return huella;
}

const { api: admin } = await entrarDelEntorno();
await importar(admin);
const { items: unidades } = bien(
  await admin.GET("/api/v1/residentes/unidades", { params: { query: { torre: [TORRE], placa: `${MARCA}2` } } }),
);
const espacio = bien(await admin.POST("/api/v1/sorteo/espacios", { body: { codigo: `P-${MARCA}`, tipo: "carro" } }));
const sorteo = await crearSorteo(admin, espacio.codigo);
const residente = await registrar(admin);
const suya = bien(
  await residente.POST("/api/v1/solicitudes", {
    body: { sorteo_id: sorteo.id, placa: `${MARCA}1`, preferencias: [espacio.codigo] },
  }),
);
for (const { id } of unidades) {
  const body = { sorteo_id: sorteo.id, unidad_id: id, placa: `${MARCA}2` };
  bien(await admin.POST("/api/v1/solicitudes", { body }));
}

const delSorteo = { params: { path: { id: sorteo.id } } };
bien(await admin.POST("/api/v1/sorteo/{id}/cerrar", delSorteo));
const resultado = await ejecutar(admin, sorteo.id);
const publicado = bien(await admin.POST("/api/v1/sorteo/{id}/publicar", delSorteo));
if (publicado.estado !== "publicado") throw new Error(publicado.estado);
const huella = await comprobar(sorteo.id, residente);

const deLaSuya = { params: { path: { id: suya.id } } };
let solicitud = bien(await residente.GET("/api/v1/solicitudes/{id}", deLaSuya));
if (solicitud.acciones.includes("aceptada")) {
  solicitud = bien(
    await residente.PATCH("/api/v1/solicitudes/{id}/estado", { ...deLaSuya, body: { estado: "aceptada" } }),
  );
}
const [puesto] = bien(await residente.GET("/api/v1/sorteo/{id}/resultados/yo", delSorteo));
const acta = archivo(await residente.GET("/api/v1/sorteo/{id}/acta", { ...delSorteo, parseAs: "blob" }));
const firma = await acta.contenido.slice(0, 5).text();

console.log(`${resultado.admitidos} con espacio, ${resultado.en_espera} en espera; huella ${huella}`);
console.log(`folio ${solicitud.folio}: ${solicitud.estado} ${solicitud.espacio ?? ""}`.trim());
console.log(`puesto ${puesto?.posicion}; ${acta.nombre} empieza con ${firma}`);
