"""The pages for people without an application."""

from typing import Literal

import attrs
from beanie import PydanticObjectId
from bson.errors import InvalidId

from app.core.clock import ahora
from app.modules.sorteo.figuras.enlaces import EnlacesDeFiguras
from app.modules.sorteo.figuras.service import FigurasService
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import CabezaDeAuditoria
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.resultados.verificacion import verificacion
from app.modules.sorteo.resumen.service import ResumenService
from app.pages.assembly import Imprenta, Pagina
from app.shared.exceptions import NoEncontrado
from app.shared.messages import Idioma
from app.shared.pagination import PageQuery

POR_PAGINA = 20
Formulario = Literal["registro", "recuperar", "correo"]


@attrs.define(kw_only=True)
class PaginaService:
    _sorteos: ResumenService
    _resultados: ResultadosService
    _figuras: FigurasService
    _enlaces: EnlacesDeFiguras
    _imprenta: Imprenta

    async def sorteos(self, idioma: Idioma, *, cursor: str | None) -> Pagina:
        """Raises EntradaInvalida for a cursor that is not ours."""
        pagina = await self._sorteos.publicos(consulta=PageQuery(limite=POR_PAGINA, cursor=cursor))
        return self._imprenta.componer(
            "sorteos", idioma, camino="/sorteo", sorteos=pagina.items, siguiente=pagina.siguiente
        )

    async def verificar(self, id: str, idioma: Idioma, *, copia: bool) -> Pagina:
        """How a draw went, and what it takes to check it; a `copia` is the same as one file that needs no network."""
        camino = f"/sorteo/{id}/verificar"
        if (hallado := await self._publico(id)) is None:
            return self._ausente(idioma)
        sorteo, cabeza = hallado
        publico = verificacion(sorteo, cabeza).model_dump(mode="json")
        return self._imprenta.componer(
            "verificar",
            idioma,
            camino=camino,
            datos=publico,
            copia=f"sorteo-{id}.html" if copia else None,
            sorteo=sorteo,
            publico=publico,
            ahora=ahora(),
        )

    async def garante(self, id: str, idioma: Idioma) -> Pagina:
        """Where the links of witnesses lead. Whose link it is stays in the fragment, for the script alone."""
        if (hallado := await self._publico(id)) is None:
            return self._ausente(idioma)
        sorteo, _ = hallado
        a_tiempo = sorteo.ensayo or ahora() < sorteo.fuente_entropia.conocible_desde
        datos = {"sorteo_id": id, "estado": sorteo.estado, "a_tiempo": a_tiempo}
        return self._imprenta.componer("garante", idioma, camino=f"/sorteo/{id}/garante", datos=datos, sorteo=sorteo)

    async def _publico(self, id: str) -> tuple[Sorteo, CabezaDeAuditoria | None] | None:
        try:
            return await self._resultados.publico(PydanticObjectId(id))
        except (InvalidId, NoEncontrado):
            return None

    def _ausente(self, idioma: Idioma) -> Pagina:
        return self._imprenta.componer("ausente", idioma, camino="/sorteo", hallada=False)

    async def figuras(self, llave: str, idioma: Idioma) -> Pagina:
        """The figures that the link `llave` shows; one that is not ours, or has ended, shows none."""
        dias = self._enlaces.leer(llave)
        figuras = None if dias is None else await self._figuras.calcular(desde=dias.desde, hasta=dias.hasta)
        return self._imprenta.componer(
            "figuras",
            idioma,
            hallada=figuras is not None,
            camino="/sorteo/figuras/ver",
            consulta=f"llave={llave}",
            figuras=figuras,
            nombres={} if figuras is None else {s.sorteo_id: s.nombre for s in figuras.sorteos},
        )

    def formulario(self, cual: Formulario, idioma: Idioma) -> Pagina:
        """What the script of a form sends goes to the API; what its link brought stays in the fragment."""
        return self._imprenta.componer(cual, idioma, camino=f"/{cual}")
