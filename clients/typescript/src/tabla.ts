// The dashboard's table of requests: every page of them, with whose each is and what can be done with it.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node src/tabla.ts [estado]

import { type Api, bien, entrarDelEntorno, type Esquemas } from "./sesion.ts";

const POR_PAGINA = 50;

async function* filas(api: Api, estado: Esquemas["RequestStatus"] | null): AsyncGenerator<Esquemas["RequestOut"]> {
  let cursor: string | null = null;
  do {
    const pagina: Esquemas["RequestPage"] = bien(
      await api.GET("/api/v1/solicitudes", {
        params: { query: { orden: "folio", limite: POR_PAGINA, ...(estado && { estado }), ...(cursor && { cursor }) } },
      }),
    );
    yield* pagina.items;
    cursor = pagina.siguiente;
  } while (cursor !== null);
}

console.log("folio  estado      unidad          vehículo    espacio   puede pasar a");
for await (const fila of filas(await entrarDelEntorno(), (process.argv[2] ?? null) as Esquemas["RequestStatus"] | null)) {
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
