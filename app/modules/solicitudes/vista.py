"""How requests look to whoever asks: what they may do next, what stands in the way, and for staff, whose they are."""

from collections.abc import Mapping, Sequence

from beanie import PydanticObjectId

from app.core.security import PERSONAL, Principal, Rol
from app.modules.solicitudes.estados import Actor, Fase, RequestStatus, posibles
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.ports import Nombres, Padron
from app.modules.solicitudes.repository import VentanillaRepository
from app.modules.solicitudes.schemas import RequestOut, ResidenteDeSolicitud, StaffRequestOut, VehiculoOut

_POR_DECIDIR = (RequestStatus.pendiente, RequestStatus.aprobada)


class Vista:
    def __init__(self, *, ventanillas: VentanillaRepository, padron: Padron, juez: Juez) -> None:
        self._ventanillas = ventanillas
        self._padron = padron
        self._juez = juez

    async def una(self, solicitud: Solicitud, quien: Principal) -> RequestOut:
        return (await self.varias([solicitud], quien))[0]

    async def varias(self, solicitudes: Sequence[Solicitud], quien: Principal) -> list[RequestOut]:
        """In the same order. The number of queries does not grow with that of requests."""
        ids = sorted({s.sorteo_id for s in solicitudes})
        ventanillas = {v.id: v for v in await self._ventanillas.find({"_id": {"$in": ids}})}
        impedimentos = await self._impedimentos(solicitudes, list(ventanillas.values()))
        propias = await self._unidades_propias(quien)
        salidas: list[RequestOut] = []
        nombres: Sequence[Nombres | None] = [None] * len(solicitudes)
        if quien.es_personal:
            nombres = await self._padron.nombres(pares=[(s.unidad_id, s.residente_id) for s in solicitudes])
        for solicitud, quien_pide in zip(solicitudes, nombres, strict=True):
            fase = ventanillas[solicitud.sorteo_id].fase
            campos = _campos(solicitud, impedimentos, _acciones(solicitud, fase, quien, propias))
            if quien_pide is None:
                salidas.append(RequestOut(**campos))
            else:
                residente = ResidenteDeSolicitud(
                    id=solicitud.residente_id,
                    nombre=quien_pide.nombre,
                    torre=quien_pide.torre,
                    apartamento=quien_pide.apartamento,
                    al_dia=quien_pide.al_dia,
                )
                salidas.append(StaffRequestOut(**campos, residente=residente))
        return salidas

    async def _impedimentos(
        self, solicitudes: Sequence[Solicitud], ventanillas: Sequence[Ventanilla]
    ) -> Mapping[PydanticObjectId | None, list[str]]:
        """Judged anew while the draw is open; as the closing left them afterwards."""
        impedimentos = {s.id: s.impedimentos for s in solicitudes}
        for ventanilla in ventanillas:
            if ventanilla.fase is not Fase.abierto:
                continue
            suyas = [s for s in solicitudes if s.sorteo_id == ventanilla.id and s.estado in _POR_DECIDIR]
            juicios = await self._juez.juzgar(ventanilla, [Pedido.de(s) for s in suyas])
            impedimentos.update(zip((s.id for s in suyas), juicios, strict=True))
        return impedimentos

    async def _unidades_propias(self, quien: Principal) -> frozenset[PydanticObjectId]:
        if quien.residente_id is None:
            return frozenset()
        solicitante = await self._padron.solicitante(residente_id=quien.residente_id)
        return frozenset(solicitante.unidades) if solicitante else frozenset()


def actores(quien: Principal, solicitud: Solicitud, propias: frozenset[PydanticObjectId]) -> list[Actor]:
    """In what qualities somebody may move a request: as its flat first. An operador does not decide for their own."""
    suya = solicitud.unidad_id in propias
    calidades = [Actor.unidad] if suya and quien.rol is not Rol.auditor else []
    if quien.rol in PERSONAL and not (suya and quien.rol is Rol.operador):
        calidades.append(Actor.personal)
    return calidades


def _acciones(
    solicitud: Solicitud, fase: Fase, quien: Principal, propias: frozenset[PydanticObjectId]
) -> list[RequestStatus]:
    acciones: list[RequestStatus] = []
    for actor in actores(quien, solicitud, propias):
        acciones += [a for a in posibles(solicitud.estado, actor, fase) if a not in acciones]
    return acciones


def _campos(
    solicitud: Solicitud,
    impedimentos: Mapping[PydanticObjectId | None, list[str]],
    acciones: list[RequestStatus],
) -> dict[str, object]:
    return {
        "id": solicitud.id,
        "folio": solicitud.folio,
        "sorteo_id": solicitud.sorteo_id,
        "unidad_id": solicitud.unidad_id,
        "vehiculo": VehiculoOut.model_validate(solicitud.vehiculo),
        "preferencias": solicitud.preferencias,
        "acepta": solicitud.acepta,
        "usa_condiciones": solicitud.usa_condiciones,
        "estado": solicitud.estado,
        "impedimentos": impedimentos[solicitud.id],
        "motivo": solicitud.motivo,
        "espacio": solicitud.espacio,
        "espera": solicitud.espera,
        "vence_en": solicitud.vence_en,
        "acciones": acciones,
        "creado_en": solicitud.creado_en,
    }
