"""A whole draw, from empty tables to an accepted space: two flats want the one space there is. Staff import them and
run it; a resident hands in, reads the result and the minutes.

PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… python recorrido.py   (an admin)
"""

import hashlib
import secrets
import time
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from parknet_cliente import AuthenticatedClient, Client
from parknet_cliente.api.auth import auth_invitar, auth_registrar
from parknet_cliente.api.residentes import (
    residentes_importar_residentes,
    residentes_listar_residentes,
    residentes_listar_unidades,
)
from parknet_cliente.api.solicitudes import (
    solicitudes_crear_solicitud,
    solicitudes_mover_solicitud,
    solicitudes_ver_solicitud,
)
from parknet_cliente.api.sorteo import (
    sorteo_abrir_sorteo,
    sorteo_cerrar_sorteo,
    sorteo_crear_espacio,
    sorteo_crear_sorteo,
    sorteo_descargar_acta,
    sorteo_descargar_bases,
    sorteo_ejecutar_sorteo,
    sorteo_publicar_sorteo,
    sorteo_ver_mis_resultados,
    sorteo_ver_verificacion,
)
from parknet_cliente.api.trabajos import trabajos_ver_trabajo
from parknet_cliente.models import (
    Ejecucion,
    EspacioCreate,
    EspacioOut,
    EstadoSorteo,
    EstadoTrabajo,
    EstadoUpdate,
    FuentePublicaIn,
    FuentePublicaInTipo,
    InvitationCreate,
    InvitationCreated,
    LotteryOut,
    LotteryParams,
    LotteryParamsAprobacion,
    LotteryResult,
    RegisterIn,
    RequestCreate,
    RequestOut,
    RequestStatus,
    ResidentesImportarResidentesFilesBody,
    ResidentRowPage,
    TrabajoOut,
    UnidadPage,
    UserOut,
    VerificacionOut,
    VigenciaIn,
)
from parknet_cliente.types import File
from sesion import URL, Rechazo, bien, entrar, entrar_del_entorno

# How long until the public number can be known. A real draw waits for a lottery, days ahead.
ESPERA = timedelta(minutes=5)
CLAVE = "una clave de residente, larga"
# With a letter that no kind of document begins with, and so that it is no number that a spreadsheet shortened: `12E34`.
MARCA = f"X{secrets.token_hex(3).upper()}"
TORRE = f"Torre {MARCA}"


def importar(admin: AuthenticatedClient) -> None:
    """Two flats, with who lives there and their cars, as an administrator keeps them."""
    filas = [f"{TORRE};10{n};Ana De la 10{n};{MARCA}{n};{MARCA}{n};Sí" for n in (1, 2)]
    hoja = "\n".join(["Torre;Apto;Propietario;Cédula;Placa;Al día", *filas]).encode()
    archivo = File(payload=BytesIO(hoja), file_name="residentes.csv", mime_type="text/csv")
    cuerpo = ResidentesImportarResidentesFilesBody(archivo=archivo)
    pedido = residentes_importar_residentes.sync_detailed(client=admin, body=cuerpo, crear_unidades=True)
    trabajo = bien(pedido, TrabajoOut)
    while trabajo.estado in (EstadoTrabajo.EN_COLA, EstadoTrabajo.EN_CURSO):
        visto = trabajos_ver_trabajo.sync_detailed(trabajo.id, client=admin, prefer="wait=20")
        trabajo = bien(visto, TrabajoOut)
    if trabajo.estado is not EstadoTrabajo.HECHO or trabajo.errores:
        raise ValueError(f"la importación terminó {trabajo.estado}, con {trabajo.errores} errores")


def registrar(admin: AuthenticatedClient) -> AuthenticatedClient:
    halladas = residentes_listar_residentes.sync_detailed(client=admin, placa=f"{MARCA}1")
    (ana,) = bien(halladas, ResidentRowPage).items
    invitado = InvitationCreate(residente_id=ana.id)
    invitacion = bien(auth_invitar.sync_detailed(client=admin, body=invitado), InvitationCreated)
    registro = RegisterIn(invitacion=invitacion.token, password=CLAVE, acepta_politica=True)
    bien(auth_registrar.sync_detailed(client=Client(base_url=URL), body=registro), UserOut)
    return entrar(f"{MARCA}1", CLAVE)


def crear_sorteo(admin: AuthenticatedClient, espacio: str) -> LotteryOut:
    anio = datetime.now(UTC).year + 1
    parametros = LotteryParams(
        nombre=f"Parqueaderos {anio} {MARCA}",
        vigencia=VigenciaIn(desde=date(anio, 1, 1), hasta=date(anio, 12, 31)),
        fuente_entropia=FuentePublicaIn(
            tipo=FuentePublicaInTipo.PUBLICA,
            descripcion="Lotería de Bogotá, premio mayor",
            disponible_desde=datetime.now(UTC) + ESPERA,
            forma="#### serie ###",
        ),
        espacios=[espacio],
        aprobacion=LotteryParamsAprobacion.AUTOMATICA,
    )
    sorteo = bien(sorteo_crear_sorteo.sync_detailed(client=admin, body=parametros), LotteryOut)
    return bien(sorteo_abrir_sorteo.sync_detailed(sorteo.id, client=admin), LotteryOut)


def ejecutar(admin: AuthenticatedClient, sorteo_id: str) -> LotteryResult:
    """As soon as the public number can be known; the same call again gives the same result."""
    while True:
        try:
            numero = Ejecucion(entropia="4821 serie 137")
            return bien(sorteo_ejecutar_sorteo.sync_detailed(sorteo_id, client=admin, body=numero), LotteryResult)
        except Rechazo as rechazo:
            if rechazo.problema.codigo != "entropia_prematura":
                raise
            time.sleep(0.2)


def comprobar(sorteo_id: str, quien: AuthenticatedClient) -> str:
    """What anybody can: that the bases which were drawn from are those whose hash was told to all."""
    verificacion = bien(sorteo_ver_verificacion.sync_detailed(sorteo_id, client=Client(base_url=URL)), VerificacionOut)
    bases = sorteo_descargar_bases.sync_detailed(sorteo_id, client=quien).content
    huella = hashlib.sha256(bases).hexdigest()
    if huella != verificacion.huella:
        raise ValueError("las bases no son las de la huella publicada")
    return huella


def main() -> None:
    admin = entrar_del_entorno()
    importar(admin)
    vistas = residentes_listar_unidades.sync_detailed(client=admin, torre=[TORRE], placa=f"{MARCA}2")
    (otra,) = bien(vistas, UnidadPage).items
    cupo = EspacioCreate(codigo=f"P-{MARCA}", tipo="carro")
    espacio = bien(sorteo_crear_espacio.sync_detailed(client=admin, body=cupo), EspacioOut)
    sorteo = crear_sorteo(admin, espacio.codigo)
    residente = registrar(admin)
    propia = RequestCreate(sorteo_id=sorteo.id, placa=f"{MARCA}1", preferencias=[espacio.codigo])
    ajena = RequestCreate(sorteo_id=sorteo.id, unidad_id=otra.id, placa=f"{MARCA}2")
    suya = bien(solicitudes_crear_solicitud.sync_detailed(client=residente, body=propia), RequestOut)
    bien(solicitudes_crear_solicitud.sync_detailed(client=admin, body=ajena), RequestOut)

    bien(sorteo_cerrar_sorteo.sync_detailed(sorteo.id, client=admin), LotteryOut)
    resultado = ejecutar(admin, sorteo.id)
    publicado = bien(sorteo_publicar_sorteo.sync_detailed(sorteo.id, client=admin), LotteryOut)
    if publicado.estado is not EstadoSorteo.PUBLICADO:
        raise ValueError(publicado.estado)
    huella = comprobar(sorteo.id, residente)

    solicitud = bien(solicitudes_ver_solicitud.sync_detailed(suya.id, client=residente), RequestOut)
    if RequestStatus.ACEPTADA in solicitud.acciones:
        acepta = EstadoUpdate(estado=RequestStatus.ACEPTADA)
        respuesta = solicitudes_mover_solicitud.sync_detailed(solicitud.id, client=residente, body=acepta)
        solicitud = bien(respuesta, RequestOut)
    propios = sorteo_ver_mis_resultados.sync_detailed(sorteo.id, client=residente)
    (puesto,) = bien(propios, list)
    acta = sorteo_descargar_acta.sync_detailed(sorteo.id, client=residente)
    firma = bien(acta, File).payload.read(5).decode()
    print(f"{resultado.admitidos} con espacio, {resultado.en_espera} en espera; huella {huella}")
    print(f"folio {solicitud.folio}: {solicitud.estado} {solicitud.espacio or ''}".strip())
    print(f"puesto {puesto.posicion}; {acta.headers['content-type']} empieza con {firma}")


if __name__ == "__main__":
    main()
