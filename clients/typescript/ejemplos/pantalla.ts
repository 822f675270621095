// The first screen of the mobile app: what a resident sees on opening it, in one call.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node ejemplos/pantalla.ts

import { bien } from "parknet-cliente";
import { entrarDelEntorno } from "./entorno.ts";

const { api } = await entrarDelEntorno();
const inicio = bien(await api.GET("/api/v1/inicio"));
if (inicio.tipo !== "residente") throw new Error("esta pantalla es de residentes");

console.log(`Hola, ${inicio.yo.nombres}. Avisos sin leer: ${inicio.avisos_sin_leer}`);
for (const unidad of inicio.unidades) {
  const placas = unidad.vehiculos.map((v) => v.placa ?? v.tipo).join(", ") || "sin vehículos";
  console.log(`  ${unidad.torre ?? ""} ${unidad.apartamento} · ${unidad.al_dia ? "al día" : "en mora"} · ${placas}`);
}
for (const sorteo of inicio.sorteos_abiertos) {
  console.log(`  Sorteo abierto: ${sorteo.nombre}, del ${sorteo.vigencia.desde} al ${sorteo.vigencia.hasta}`);
}
for (const solicitud of inicio.solicitudes) {
  const puede = solicitud.acciones.join(", ") || "nada por hacer";
  console.log(`  Folio ${solicitud.folio} · ${solicitud.estado} · ${solicitud.espacio ?? "sin espacio"} · ${puede}`);
}
for (const espacio of inicio.espacios) {
  console.log(`  Su espacio: ${espacio.espacio}, hasta el ${espacio.hasta}`);
}
