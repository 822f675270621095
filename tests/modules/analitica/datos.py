"""A complex as it is stored, with what a test does not care about already filled in."""

from datetime import date, datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.analitica.models import Copia
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.models import Solicitud, VehiculoPedido
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion, VehiculoAsignado
from app.modules.sorteo.espacios.models import Espacio, Titular
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.models import Sorteo, Vigencia
from app.modules.sorteo.resultados.models import ResultadoSorteo

SECRETOS = ("XYZ987", "movilidad_reducida", "mi vecino ronca", "herencia")
"""What stands in the documents below and is nobody's outside."""


async def espacio(codigo: str, **campos: Any) -> Espacio:
    por_defecto = {"codigo": codigo, "tipo": "carro", "creado_en": ahora(), "actualizado_en": ahora()}
    return await Espacio(**por_defecto | campos).insert()


async def con_titular(codigo: str, unidad_id: PydanticObjectId) -> Espacio:
    titular = Titular(unidad_id=unidad_id, motivo="herencia", desde=date(2026, 1, 1), hasta=None)
    return await espacio(codigo, titular=titular)


async def sorteo(**campos: Any) -> Sorteo:
    fuente = FuentePublica(tipo="publica", descripcion="Lotería", disponible_desde=ahora(), forma="#### serie ###")
    por_defecto: dict[str, Any] = {
        "nombre": "Primer semestre",
        "vigencia": Vigencia(desde=date(2026, 1, 1), hasta=date(2026, 12, 31)),
        "fuente_entropia": fuente,
        "apertura": None,
        "cierre": None,
        "espacios": None,
        "prioridades": None,
        "repite_a": None,
        "liberar_reservas": True,
        "aprobacion": "automatica",
        "exige_al_dia": False,
        "al_dia_en": "cierre",
        "max_por_unidad": 1,
        "compatibilidad": {"carro": ["carro"]},
        "aceptacion": "requerida",
        "plazo_aceptacion_horas": 72,
        "ensayo": False,
        "creado_en": ahora(),
    }
    return await Sorteo(**por_defecto | campos).insert()


async def solicitud(sorteo: Sorteo, folio: int, unidad_id: PydanticObjectId, **campos: Any) -> Solicitud:
    vehiculo = VehiculoPedido(id=PydanticObjectId(), tipo="carro", electrico=False, placa="XYZ987")
    por_defecto: dict[str, Any] = {
        "sorteo_id": sorteo.oid,
        "folio": folio,
        "unidad_id": unidad_id,
        "residente_id": PydanticObjectId(),
        "habitantes": [],
        "vehiculo": vehiculo,
        "clase": "carro",
        "tipos": ["carro"],
        "acepta": None,
        "preferencias": [],
        "usa_condiciones": True,
        "estado": RequestStatus.aprobada,
        "viva": True,
        "ranura": 0,
        "motivo": "mi vecino ronca",
        "condiciones": ["movilidad_reducida"],
        "creado_en": ahora(),
        "actualizado_en": ahora(),
    }
    return await Solicitud(**por_defecto | campos).insert()


async def resultado(sorteo: Sorteo, de: Solicitud, posicion: int, **campos: Any) -> ResultadoSorteo:
    """With `espacio`, one of its own kind; without, a place in the waiting list is to be said."""
    recibe = campos.get("espacio") is not None
    por_defecto: dict[str, Any] = {
        "sorteo_id": sorteo.oid,
        "corrida": sorteo.corrida or "sin corrida",
        "folio": de.folio,
        "solicitud_id": de.oid,
        "unidad_id": de.unidad_id,
        "posicion": posicion,
        "espera": None,
        "espacio": None,
        "espacio_tipo": "carro" if recibe else None,
        "espacio_reserva": None,
        "numero": f"{posicion:064x}",
        "nivel": 5,
        "boletas": 1,
        "reglas": ["movilidad_reducida"],
        "tipos": ["carro"],
        "condiciones": ["movilidad_reducida"],
        "prestado": False,
    }
    return await ResultadoSorteo(**por_defecto | campos).insert()


async def asignacion(de: Solicitud, codigo: str, cuando: datetime, **campos: Any) -> Asignacion:
    hasta = campos.pop("hasta", date(2026, 12, 31))
    por_defecto: dict[str, Any] = {
        "espacio": codigo,
        "unidad_id": de.unidad_id,
        "vehiculo": VehiculoAsignado(id=de.vehiculo.id, tipo="carro", electrico=False, placa="XYZ987"),
        "clase": "carro",
        "sorteo_id": de.sorteo_id,
        "solicitud_id": de.oid,
        "desde": date(2026, 1, 1),
        "hasta": hasta,
        "tenida_hasta": hasta,
        "estado": EstadoAsignacion.vigente,
        "prestado": False,
        "creado_en": cuando,
    }
    return await Asignacion(**por_defecto | campos).insert()


async def un_conjunto() -> Sorteo:
    """Three spaces, of which one has an owner, and one draw of three flats for two of them: the first has answered
    after six hours, the second not at all, the third waits."""
    unidades = [PydanticObjectId() for _ in range(3)]
    await espacio("A-1")
    await espacio("A-2", reserva="movilidad_reducida")
    await con_titular("A-3", unidades[0])
    publicado = ahora()
    uno = await sorteo(
        estado=EstadoSorteo.publicado,
        corrida="corrida 1",
        espacios_en_juego=2,
        participantes=3,
        admitidos=2,
        en_espera=1,
        ejecutado_en=publicado - timedelta(hours=1),
        publicado_en=publicado,
    )
    estados = (RequestStatus.aceptada, RequestStatus.asignada, RequestStatus.en_espera)
    suyas = [
        await solicitud(uno, n, unidad, estado=estado, espera=1 if n == 3 else None)
        for n, (unidad, estado) in enumerate(zip(unidades, estados, strict=True), 1)
    ]
    await resultado(uno, suyas[0], 1, espacio="A-1", nivel=2)
    await resultado(uno, suyas[1], 2, espacio="A-2", espacio_reserva="movilidad_reducida", prestado=True)
    await resultado(uno, suyas[2], 3, espera=1)
    await asignacion(suyas[0], "A-1", publicado + timedelta(hours=6))
    return uno


async def solicitudes_de(sorteo: Sorteo) -> list[Solicitud]:
    """By folio."""
    return await Solicitud.find({"sorteo_id": sorteo.oid}).sort("+folio").to_list()


async def olvidar_lo_copiado() -> None:
    await Copia.get_motor_collection().delete_many({})
