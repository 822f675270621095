// A whole draw, from empty tables to an accepted space: two flats want the one space there is.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node src/recorrido.ts   (an admin)

import { createHash, randomBytes } from "node:crypto";
import { setTimeout as esperar } from "node:timers/promises";
import { anonimo, type Api, bien, entrar, entrarDelEntorno, type Esquemas, Rechazo } from "./sesion.ts";

// How long until the public number can be known. A real draw waits for a lottery, days ahead.
const ESPERA_MS = 5 * 60_000;
const CLAVE = "una clave de residente, larga";
const MARCA = randomBytes(3).toString("hex").toUpperCase();

async function crearHogar(admin: Api, numero: number) {
  const unidad = bien(
    await admin.POST("/api/v1/residentes/unidades", {
      body: {
        torre: `Torre ${MARCA}`,
        apartamento: `10${numero}`,
        vehiculos: [{ tipo: "carro", placa: `${MARCA}${numero}` }],
      },
    }),
  );
  const residente = bien(
    await admin.POST("/api/v1/residentes", {
      body: {
        nombres: "Ana",
        apellidos: `De la ${unidad.apartamento}`,
        tipo_documento: "CC",
        numero_documento: `${MARCA}${numero}`,
        unidades: [{ torre: unidad.torre, apartamento: unidad.apartamento, tenencia: "propietario" }],
      },
    }),
  );
  return { unidad, residente };
}

async function registrar(admin: Api, residente: Esquemas["ResidentOut"]): Promise<Api> {
  const invitacion = bien(await admin.POST("/api/v1/auth/invitaciones", { body: { residente_id: residente.id } }));
  bien(
    await anonimo().POST("/api/v1/auth/registro", {
      body: { invitacion: invitacion.token, password: CLAVE, acepta_politica: true },
    }),
  );
  return entrar(residente.numero_documento, CLAVE);
}

async function crearSorteo(admin: Api, espacio: string): Promise<Esquemas["LotteryOut"]> {
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
async function ejecutar(admin: Api, id: string): Promise<Esquemas["LotteryResult"]> {
  for (;;) {
    try {
      const hecho = bien(
        await admin.POST("/api/v1/sorteo/{id}/ejecutar", {
          params: { path: { id } },
          body: { entropia: "4821 serie 137" },
        }),
      );
      // A job is what whoever prefers not to wait gets.
      if ("semilla" in hecho) return hecho;
      throw new TypeError("no se pidió un trabajo aparte");
    } catch (error) {
      if (!(error instanceof Rechazo) || error.problema.codigo !== "entropia_prematura") throw error;
      await esperar(200);
    }
  }
}

/** What anybody can: that the bases which were drawn from are those whose hash was told to all. */
async function comprobar(id: string, quien: Api): Promise<string> {
  const params = { path: { id } };
  const verificacion = bien(await anonimo().GET("/api/v1/sorteo/{id}/verificacion", { params }));
  const bases = bien(await quien.GET("/api/v1/sorteo/{id}/bases", { params, parseAs: "arrayBuffer" }));
  const huella = createHash("sha256").update(new Uint8Array(bases)).digest("hex");
  if (huella !== verificacion.huella) throw new Error("las bases no son las de la huella publicada");
  return huella;
}

const admin = await entrarDelEntorno();
const ana = await crearHogar(admin, 1);
const otra = await crearHogar(admin, 2);
const espacio = bien(await admin.POST("/api/v1/sorteo/espacios", { body: { codigo: `P-${MARCA}`, tipo: "carro" } }));
const sorteo = await crearSorteo(admin, espacio.codigo);
const residente = await registrar(admin, ana.residente);
const suya = bien(
  await residente.POST("/api/v1/solicitudes", {
    body: { sorteo_id: sorteo.id, placa: `${MARCA}1`, preferencias: [espacio.codigo] },
  }),
);
bien(
  await admin.POST("/api/v1/solicitudes", {
    body: { sorteo_id: sorteo.id, unidad_id: otra.unidad.id, placa: `${MARCA}2` },
  }),
);

const delSorteo = { params: { path: { id: sorteo.id } } };
bien(await admin.POST("/api/v1/sorteo/{id}/cerrar", delSorteo));
const resultado = await ejecutar(admin, sorteo.id);
const publicado = bien(await admin.POST("/api/v1/sorteo/{id}/publicar", delSorteo));
if (publicado.estado !== "publicado") throw new Error(publicado.estado);
const huella = await comprobar(sorteo.id, residente);

const deLaSuya = { params: { path: { id: suya.id } } };
let solicitud = bien(await residente.GET("/api/v1/solicitudes/{id}", deLaSuya));
if (solicitud.estado === "asignada") {
  solicitud = bien(
    await residente.PATCH("/api/v1/solicitudes/{id}/estado", { ...deLaSuya, body: { estado: "aceptada" } }),
  );
}
console.log(`${resultado.admitidos} con espacio, ${resultado.en_espera} en espera; huella ${huella}`);
console.log(`folio ${solicitud.folio}: ${solicitud.estado} ${solicitud.espacio ?? ""}`.trim());
