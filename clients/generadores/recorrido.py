"""The walk of staff and of a resident with the client that openapi-generator makes for Python: an import, a draw of two
flats, the first screen, a request, the result and the minutes. No cast, no model of its own.

PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… PYTHONPATH=… python recorrido.py   (an admin)
"""

import os
import secrets
import time
from datetime import UTC, date, datetime, timedelta

from parknet_generado import (
    ApiClient,
    ApiException,
    AuthApi,
    Configuration,
    Ejecucion,
    EntropiaIn,
    EspacioCreate,
    EstadoTrabajo,
    EstadoUpdate,
    FuenteIn,
    FuentePublicaIn,
    InicioApi,
    InvitationCreate,
    LotteryParams,
    LotteryResult,
    ProblemaDeSorteoEjecutarSorteo,
    RegisterIn,
    RequestCreate,
    RequestStatus,
    ResidentesApi,
    ResidentHome,
    SolicitudesApi,
    SorteoApi,
    TrabajosApi,
    VigenciaIn,
)
from pydantic import SecretStr

URL = os.environ["PARKNET_URL"]
CLAVE = "una clave de residente, larga"
# With a letter that no kind of document begins with, and so that it is no number that a spreadsheet shortened: `12E34`.
MARCA = f"X{secrets.token_hex(3).upper()}"
TORRE = f"Torre {MARCA}"


def entrar(usuario: str, clave: str) -> ApiClient:
    token = AuthApi(ApiClient(Configuration(host=URL))).auth_login(username=usuario, password=clave)
    return ApiClient(Configuration(host=URL, access_token=token.access_token))


def importar(admin: ApiClient) -> None:
    filas = [f"{TORRE};10{n};Ana De la 10{n};{MARCA}{n};{MARCA}{n};Sí" for n in (1, 2)]
    hoja = "\n".join(["Torre;Apto;Propietario;Cédula;Placa;Al día", *filas]).encode()
    archivo = ("residentes.csv", hoja)
    trabajo = ResidentesApi(admin).residentes_importar_residentes(archivo=archivo, crear_unidades=True)
    while trabajo.estado in (EstadoTrabajo.EN_COLA, EstadoTrabajo.EN_CURSO):
        trabajo = TrabajosApi(admin).trabajos_ver_trabajo(trabajo.id, prefer="wait=20")
    if trabajo.estado is not EstadoTrabajo.HECHO or trabajo.errores:
        raise ValueError(f"la importación terminó {trabajo.estado}, con {trabajo.errores} errores")


def registrar(admin: ApiClient) -> ApiClient:
    (ana,) = ResidentesApi(admin).residentes_listar_residentes(placa=f"{MARCA}1").items
    invitacion = AuthApi(admin).auth_invitar(InvitationCreate(residente_id=ana.id))
    registro = RegisterIn(invitacion=SecretStr(invitacion.token), password=CLAVE, acepta_politica=True)
    AuthApi(ApiClient(Configuration(host=URL))).auth_registrar(registro)
    return entrar(f"{MARCA}1", CLAVE)


def crear_sorteo(sorteos: SorteoApi, espacio: str) -> str:
    anio = datetime.now(UTC).year + 1
    publica = FuentePublicaIn(
        tipo="publica",
        descripcion="Lotería de Bogotá, premio mayor",
        disponible_desde=datetime.now(UTC) + timedelta(minutes=5),
        forma="#### serie ###",
    )
    parametros = LotteryParams(
        nombre=f"Parqueaderos {anio} {MARCA}",
        vigencia=VigenciaIn(desde=date(anio, 1, 1), hasta=date(anio, 12, 31)),
        fuente_entropia=FuenteIn(publica),
        espacios=[espacio],
        aprobacion="automatica",
    )
    sorteo = sorteos.sorteo_crear_sorteo(parametros)
    return sorteos.sorteo_abrir_sorteo(sorteo.id).id


def ejecutar(sorteos: SorteoApi, sorteo_id: str) -> LotteryResult:
    numero = Ejecucion(entropia=EntropiaIn("4821 serie 137"))
    while True:
        try:
            return sorteos.sorteo_ejecutar_sorteo(sorteo_id, ejecucion=numero)
        except ApiException as rechazo:
            problema = rechazo.data
            if not isinstance(problema, ProblemaDeSorteoEjecutarSorteo) or problema.codigo != "entropia_prematura":
                raise
            time.sleep(0.2)


def main() -> None:
    admin = entrar(os.environ["PARKNET_USUARIO"], os.environ["PARKNET_CLAVE"])
    importar(admin)
    sorteos, solicitudes = SorteoApi(admin), SolicitudesApi(admin)
    espacio = sorteos.sorteo_crear_espacio(EspacioCreate(codigo=f"P-{MARCA}", tipo="carro"))
    sorteo_id = crear_sorteo(sorteos, espacio.codigo)
    residente = registrar(admin)
    propia = RequestCreate(sorteo_id=sorteo_id, placa=f"{MARCA}1", preferencias=[espacio.codigo])
    suya = SolicitudesApi(residente).solicitudes_crear_solicitud(propia)
    (otra,) = ResidentesApi(admin).residentes_listar_unidades(torre=[TORRE], placa=f"{MARCA}2").items
    ajena = RequestCreate(sorteo_id=sorteo_id, unidad_id=otra.id, placa=f"{MARCA}2")
    solicitudes.solicitudes_crear_solicitud(ajena)
    inicio = InicioApi(residente).inicio_ver_inicio().actual_instance
    if not isinstance(inicio, ResidentHome) or [s.folio for s in inicio.solicitudes] != [suya.folio]:
        raise TypeError(f"no es la pantalla de quien pidió: {inicio}")

    sorteos.sorteo_cerrar_sorteo(sorteo_id)
    resultado = ejecutar(sorteos, sorteo_id)
    sorteos.sorteo_publicar_sorteo(sorteo_id)
    solicitud = SolicitudesApi(residente).solicitudes_ver_solicitud(suya.id)
    if RequestStatus.ACEPTADA in solicitud.acciones:
        acepta = EstadoUpdate(estado=RequestStatus.ACEPTADA)
        solicitud = SolicitudesApi(residente).solicitudes_mover_solicitud(solicitud.id, acepta)
    (puesto,) = SorteoApi(residente).sorteo_ver_mis_resultados(sorteo_id)
    acta = SorteoApi(residente).sorteo_descargar_acta(sorteo_id)
    print(f"{resultado.admitidos} con espacio, {resultado.en_espera} en espera")
    print(f"folio {solicitud.folio}: {solicitud.estado.value} {solicitud.espacio or ''}".strip())
    print(f"puesto {puesto.posicion}; el acta empieza con {bytes(acta[:5]).decode()}")


if __name__ == "__main__":
    main()
