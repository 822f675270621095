"""What a draw that closes reads of its requests, compared with their marks and with what the audit was told."""

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.models import CAMPOS_VISTOS, SolicitudVista
from app.modules.solicitudes.movimientos.marcas import Dicha, Marcas
from app.modules.solicitudes.ports import SolicitudEnSorteo
from app.modules.solicitudes.ventanilla.filas import alterada_en_sorteo, en_sorteo
from app.modules.solicitudes.ventanilla.repository import PasoRepository, VentanillaRepository
from app.shared.reading import a_ratos


@attrs.define(kw_only=True)
class Repaso:
    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _juez: Juez
    _marcas: Marcas

    async def dichas(self, *, sorteo_id: PydanticObjectId) -> dict[int, Dicha]:
        """Which requests there are, by folio, as far as the audit was told."""
        return await self._marcas.dichas(sorteo_id)

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
