"""What a draw that closes reads of its requests, compared with their marks and with what the audit was told."""

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.models import CAMPOS_VISTOS, SolicitudVista
from app.modules.solicitudes.movimientos.marcas import Dicha, Marcas
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import CAMPOS_PRECINTADOS
from app.modules.solicitudes.ports import SolicitudEnSorteo
from app.modules.solicitudes.ventanilla.filas import alterada_en_sorteo, en_sorteo
from app.modules.solicitudes.ventanilla.repository import PasoRepository, VentanillaRepository
from app.shared.reading import a_ratos

_LOTE = 1000


@attrs.define(kw_only=True)
class Repaso:
    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _juez: Juez
    _marcas: Marcas
    _precintos: Precintos

    async def dichas(self, *, sorteo_id: PydanticObjectId) -> dict[int, Dicha]:
        """Which requests there are, by folio, as far as the audit was told."""
        return await self._marcas.dichas(sorteo_id)

    async def alterada(self, *, sorteo_id: PydanticObjectId) -> tuple[str, str] | None:
        """Of the requests of a draw that was annulled, what somebody wrote on the database, so that another would be
        copied than there was: `donde`, and of what. None where all are there, as they were before the draw or, of those
        that had ended when it was annulled, as they ended."""
        dichas, ultimo = await self.dichas(sorteo_id=sorteo_id), 0
        campos = {*self._marcas.campos, *CAMPOS_PRECINTADOS}
        while filas := await self._pasos.filas_por_folio(
            sorteo_id=sorteo_id, despues_de=ultimo, limite=_LOTE, campos=campos
        ):
            ultimo = filas[-1]["folio"]
            async for varias in a_ratos(filas):
                for fila in varias:
                    termino = fila.get("antes_de_anular") is None and self._precintos.es_de_las_reglas(fila)
                    if not self._marcas.lo_fue(fila, dichas) and not termino:
                        return "solicitudes", str(fila["_id"])
        return ("folio", str(min(dichas))) if dichas else None

    async def siguientes(
        self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int, dichas: dict[int, Dicha]
    ) -> list[SolicitudEnSorteo]:
        """All requests by ascending folio, judged now. Those that are found are taken out of `dichas`. Whatever is not
        what was marked is `alterada`, and judged by nobody."""
        filas = await self._pasos.filas_por_folio(
            sorteo_id=sorteo_id, despues_de=despues_de, limite=limite, campos=self._marcas.campos
        )
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None:
            return []
        enteras, leidas = list[SolicitudVista](), dict[int, SolicitudEnSorteo]()
        async for varias in a_ratos(filas):
            for fila in varias:
                leidas[fila["folio"]] = alterada_en_sorteo(fila)
                if self._marcas.entera(fila, dichas):
                    enteras.append(SolicitudVista.de_fila({campo: fila[campo] for campo in ("_id", *CAMPOS_VISTOS)}))
        juicios = await self._juez.juzgar([(ventanilla, s) for s in enteras])
        leidas.update((s.folio, en_sorteo(s, juicio)) for s, juicio in zip(enteras, juicios, strict=True))
        return list(leidas.values())
