"""The dashboard's table of requests: every page of them, with whose each is and what can be done with it.

PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… python tabla.py [estado]
"""

import sys
from collections.abc import Iterator

from parknet_cliente import AuthenticatedClient
from parknet_cliente.api.solicitudes import solicitudes_listar_solicitudes
from parknet_cliente.models import RequestOut, RequestPage, RequestStatus, SolicitudesListarSolicitudesOrden
from parknet_cliente.types import UNSET
from sesion import bien, entrar_del_entorno

POR_PAGINA = 50


def filas(cliente: AuthenticatedClient, estado: RequestStatus | None) -> Iterator[RequestOut]:
    cursor: str | None = None
    while True:
        respuesta = solicitudes_listar_solicitudes.sync_detailed(
            client=cliente,
            estado=UNSET if estado is None else [estado],
            orden=SolicitudesListarSolicitudesOrden.FOLIO,
            limite=POR_PAGINA,
            cursor=cursor or UNSET,
        )
        pagina = bien(respuesta, RequestPage)
        yield from pagina.items
        cursor = pagina.siguiente
        if cursor is None:
            return


def main() -> None:
    estado = RequestStatus(sys.argv[1]) if len(sys.argv) > 1 else None
    print("folio  estado      unidad          vehículo    espacio   puede pasar a")
    for fila in filas(entrar_del_entorno(), estado):
        de = fila.residente
        # Residents, too, may list requests; theirs come without whose they are.
        unidad = "" if de is None else f"{de.torre or ''} {de.apartamento}".strip()
        vehiculo = fila.vehiculo.placa or str(fila.vehiculo.tipo)
        acciones = ", ".join(map(str, fila.acciones))
        print(f"{fila.folio:>5}  {fila.estado:<10}  {unidad:<14}  {vehiculo:<10}  {fila.espacio or '':<8}  {acciones}")


if __name__ == "__main__":
    main()
