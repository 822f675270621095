// The dashboard's table of requests: every page of them, with whose each is and what can be done with it.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node ejemplos/tabla.ts [estado]

import { type Api, bien, type RequestOut, type RequestPage, type RequestStatus } from "parknet-cliente";
import { entrarDelEntorno } from "./entorno.ts";

const POR_PAGINA = 50;
// What may be asked for, by how it is written: a state more in the document, and this does not compile.
const ESTADOS: Readonly<Record<RequestStatus, RequestStatus>> = {
  pendiente: "pendiente",
  aprobada: "aprobada",
  rechazada: "rechazada",
  cancelada: "cancelada",
  asignada: "asignada",
  en_espera: "en_espera",
  ofrecida: "ofrecida",
  aceptada: "aceptada",
  declinada: "declinada",
  vencida: "vencida",
  retirada: "retirada",
};

async function* filas(api: Api, estado: RequestStatus | undefined): AsyncGenerator<RequestOut> {
  let cursor: string | null = null;
  do {
    const pagina: RequestPage = bien(
      await api.GET("/api/v1/solicitudes", {
        params: { query: { orden: "folio", limite: POR_PAGINA, ...(estado && { estado: [estado] }), ...(cursor && { cursor }) } },
      }),
    );
    yield* pagina.items;
    cursor = pagina.siguiente;
  } while (cursor !== null);
}

console.log("folio  estado      unidad          vehículo    espacio   puede pasar a");
const pedido = process.argv[2];
const estado = Object.values(ESTADOS).find((uno) => uno === pedido);
if (pedido !== estado) throw new Error(`no es un estado: ${pedido}`);
const { api } = await entrarDelEntorno();
for await (const fila of filas(api, estado)) {
  // Residents, too, may list requests; theirs come without whose they are.
  const unidad = fila.residente ? `${fila.residente.torre ?? ""} ${fila.residente.apartamento}`.trim() : "";
  console.log(
    [
      String(fila.folio).padStart(5),
      fila.estado.padEnd(10),
      unidad.padEnd(14),
      (fila.vehiculo.placa ?? fila.vehiculo.tipo).padEnd(10),
      (fila.espacio ?? "").padEnd(8),
      fila.acciones.join(", "),
    ].join("  "),
  );
}
