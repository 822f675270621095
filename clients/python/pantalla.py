"""The first screen of the mobile app: what a resident sees on opening it, in one call.

PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… python pantalla.py
"""

from parknet_cliente.api.inicio import inicio_ver_inicio
from parknet_cliente.models import ResidentHome
from sesion import bien, entrar_del_entorno


def main() -> None:
    inicio = bien(inicio_ver_inicio.sync_detailed(client=entrar_del_entorno()), ResidentHome)
    print(f"Hola, {inicio.yo.nombres}. Avisos sin leer: {inicio.avisos_sin_leer}")
    for unidad in inicio.unidades:
        placas = ", ".join(v.placa or str(v.tipo) for v in unidad.vehiculos) or "sin vehículos"
        print(f"  {unidad.torre or ''} {unidad.apartamento} · {'al día' if unidad.al_dia else 'en mora'} · {placas}")
    for sorteo in inicio.sorteos_abiertos:
        print(f"  Sorteo abierto: {sorteo.nombre}, del {sorteo.vigencia.desde} al {sorteo.vigencia.hasta}")
    for solicitud in inicio.solicitudes:
        puede = ", ".join(map(str, solicitud.acciones)) or "nada por hacer"
        print(f"  Folio {solicitud.folio} · {solicitud.estado} · {solicitud.espacio or 'sin espacio'} · {puede}")
    for espacio in inicio.espacios:
        print(f"  Su espacio: {espacio.espacio}, hasta el {espacio.hasta}")


if __name__ == "__main__":
    main()
