"""A whole draw, from empty tables to an accepted space: two flats want the one space there is.

PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… python recorrido.py   (an admin)
"""

import hashlib
import secrets
import time
from datetime import UTC, date, datetime, timedelta

from parknet_cliente import AuthenticatedClient, Client
from parknet_cliente.api.auth import auth_invitar, auth_registrar
from parknet_cliente.api.residentes import residentes_crear_residente, residentes_crear_unidad
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
    sorteo_descargar_bases,
    sorteo_ejecutar_sorteo,
    sorteo_publicar_sorteo,
    sorteo_ver_verificacion,
)
from parknet_cliente.models import (
    Ejecucion,
    EspacioCreate,
    EspacioOut,
    EstadoSorteo,
    EstadoUpdate,
    FuentePublicaIn,
    FuentePublicaInTipo,
    InvitationCreate,
    InvitationCreated,
    LotteryOut,
    LotteryParams,
    LotteryParamsAprobacion,
    LotteryResult,
    OcupacionCreate,
    RegisterIn,
    RequestCreate,
    RequestOut,
    RequestStatus,
    ResidentCreate,
    ResidentOut,
    Tenencia,
    TipoDocumento,
    TipoVehiculo,
    UnidadCreate,
    UnidadOut,
    UserOut,
    VehiculoCreate,
    VerificacionOut,
    VigenciaIn,
)
from sesion import URL, Rechazo, bien, entrar, entrar_del_entorno

# How long until the public number can be known. A real draw waits for a lottery, days ahead.
ESPERA = timedelta(minutes=5)
CLAVE = "una clave de residente, larga"
MARCA = secrets.token_hex(3).upper()


def crear_hogar(admin: AuthenticatedClient, numero: int) -> tuple[UnidadOut, ResidentOut]:
    vehiculo = VehiculoCreate(tipo=TipoVehiculo.CARRO, placa=f"{MARCA}{numero}")
    alta = UnidadCreate(torre=f"Torre {MARCA}", apartamento=f"10{numero}", vehiculos=[vehiculo])
    unidad = bien(residentes_crear_unidad.sync_detailed(client=admin, body=alta), UnidadOut)
    ocupacion = OcupacionCreate(torre=unidad.torre, apartamento=unidad.apartamento, tenencia=Tenencia.PROPIETARIO)
    persona = ResidentCreate(
        nombres="Ana",
        apellidos=f"De la {unidad.apartamento}",
        tipo_documento=TipoDocumento.CC,
        numero_documento=f"{MARCA}{numero}",
        unidades=[ocupacion],
    )
    return unidad, bien(residentes_crear_residente.sync_detailed(client=admin, body=persona), ResidentOut)


def registrar(admin: AuthenticatedClient, residente: ResidentOut) -> AuthenticatedClient:
    invitado = InvitationCreate(residente_id=residente.id)
    invitacion = bien(auth_invitar.sync_detailed(client=admin, body=invitado), InvitationCreated)
    registro = RegisterIn(invitacion=invitacion.token, password=CLAVE, acepta_politica=True)
    bien(auth_registrar.sync_detailed(client=Client(base_url=URL), body=registro), UserOut)
    return entrar(residente.numero_documento, CLAVE)


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
    (_, ana), (otra, _) = crear_hogar(admin, 1), crear_hogar(admin, 2)
    cupo = EspacioCreate(codigo=f"P-{MARCA}", tipo="carro")
    espacio = bien(sorteo_crear_espacio.sync_detailed(client=admin, body=cupo), EspacioOut)
    sorteo = crear_sorteo(admin, espacio.codigo)
    residente = registrar(admin, ana)
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
    if solicitud.estado is RequestStatus.ASIGNADA:
        acepta = EstadoUpdate(estado=RequestStatus.ACEPTADA)
        respuesta = solicitudes_mover_solicitud.sync_detailed(solicitud.id, client=residente, body=acepta)
        solicitud = bien(respuesta, RequestOut)
    print(f"{resultado.admitidos} con espacio, {resultado.en_espera} en espera; huella {huella}")
    print(f"folio {solicitud.folio}: {solicitud.estado} {solicitud.espacio or ''}".strip())


if __name__ == "__main__":
    main()
