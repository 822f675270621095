"""How requests look to who is calling: what they may do next, what stands in the way and, for staff, whose each is."""

from collections.abc import Sequence

import attrs

from app.modules.solicitudes.estados import POR_DECIDIR, Fase
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, SolicitudVista
from app.modules.solicitudes.permisos import Llamador
from app.modules.solicitudes.ports import Ficha, Padron
from app.modules.solicitudes.schemas import RequestOut, StaffRequestOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository


@attrs.define(kw_only=True)
class Vista:
    _ventanillas: VentanillaRepository
    _padron: Padron
    _juez: Juez

    async def una(self, solicitud: Solicitud, llamador: Llamador) -> RequestOut:
        return (await self.varias([SolicitudVista.de(solicitud)], llamador))[0]

    async def varias(self, solicitudes: Sequence[SolicitudVista], llamador: Llamador) -> list[RequestOut]:
        """In the same order. The number of queries does not grow with that of requests. Impediments are judged anew
        while the draw is open, and are as the closing left them afterwards."""
        ventanillas = await self._ventanillas.por_ids(s.sorteo_id for s in solicitudes)
        fases = {v.oid: v.fase for v in ventanillas.values()}
        juzgadas = [s for s in solicitudes if fases[s.sorteo_id] is Fase.abierto and s.estado in POR_DECIDIR]
        con_nombre = solicitudes if llamador.quien.es_personal else []
        fichas, nombres = await self._padron.fichas(
            unidades={s.unidad_id for s in (*juzgadas, *con_nombre)}, residentes={s.residente_id for s in con_nombre}
        )
        pedidos = [(ventanillas[s.sorteo_id], Pedido.de(s)) for s in juzgadas]
        juicios = await self._juez.juzgar(pedidos, fichas=fichas)
        impedimentos = {s.id: s.impedimentos for s in solicitudes}
        impedimentos.update(zip((s.id for s in juzgadas), juicios, strict=True))
        return [
            mostrar(
                s,
                llamador,
                fase=fases[s.sorteo_id],
                impedimentos=impedimentos[s.id],
                de_quien=(nombres[s.residente_id], fichas[s.unidad_id]) if con_nombre else None,
            )
            for s in solicitudes
        ]


def mostrar(
    solicitud: SolicitudVista,
    llamador: Llamador,
    *,
    fase: Fase,
    impedimentos: list[str],
    de_quien: tuple[str, Ficha] | None,
) -> RequestOut:
    """`de_quien`: the name of who asks, and the flat, for staff."""
    campos = {
        "id": solicitud.id,
        "folio": solicitud.folio,
        "sorteo_id": solicitud.sorteo_id,
        "unidad_id": solicitud.unidad_id,
        "vehiculo": solicitud.vehiculo,
        "preferencias": solicitud.preferencias,
        "acepta": solicitud.acepta,
        "usa_condiciones": solicitud.usa_condiciones,
        "estado": solicitud.estado,
        "impedimentos": impedimentos,
        "motivo": solicitud.motivo,
        "espacio": solicitud.espacio,
        "espera": solicitud.espera,
        "vence_en": solicitud.vence_en,
        "acciones": llamador.acciones(solicitud, fase),
        "creado_en": solicitud.creado_en,
    }
    if de_quien is None:
        return RequestOut.model_validate(campos)
    nombre, ficha = de_quien
    campos["residente"] = {
        "id": solicitud.residente_id,
        "nombre": nombre,
        "torre": ficha.torre,
        "apartamento": ficha.apartamento,
        "al_dia": ficha.al_dia,
    }
    return StaffRequestOut.model_validate(campos)
