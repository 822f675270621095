"""What the steps of a draw tell the audit, and what they believe of it.

Whoever writes a file can write its hash beside it. So what a step publishes stands in the audit, in the transaction of
the step, and names the row before it. A step believes that nothing else was told only of an audit without gaps.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import motor
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.sucesos import (
    ANULADO,
    ANULAN,
    CON_OTRO,
    CONFIRMADA,
    DICHAS,
    ESPERA,
    FRASE,
    MUEVEN,
    NACE,
    SIN_CIERRE,
    SOLA,
    TODOS,
    en_codigo,
    instante,
)
from app.modules.sorteo.custodia.trayecto import DESDE, Trayecto
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.repository import SorteoRepository


@attrs.define(kw_only=True)
class Testimonio:
    _sorteos: SorteoRepository
    _bitacora: Bitacora
    _uow: UnitOfWork

    async def publicar_huellas(self, sorteo: Sorteo, paso: Paso, huellas: Mapping[str, str | datetime]) -> None:
        """In the transaction of a step: what it publishes stands in the audit from then on. Raises BasesAlteradas when
        the draw published otherwise before."""
        trayecto = await self._trayecto(sorteo.oid)
        self._exigir_dichas(trayecto, sorteo, huellas)
        datos = {campo: en_codigo(valor, campo) for campo, valor in huellas.items()}
        await self._decir_paso(trayecto, sorteo.oid, paso, DICHAS[paso], datos)

    async def decir_cierre(self, sorteo: Sorteo, paso: Paso, cierre: datetime | None) -> None:
        """In the transaction of a step that moves the closing. Raises BasesAlteradas."""
        dicho = SIN_CIERRE if cierre is None else instante(cierre)
        trayecto = await self._trayecto(sorteo.oid)
        await self._decir_paso(trayecto, sorteo.oid, paso, MUEVEN[paso], {"cierre": dicho})

    async def decir_frase(self, sorteo: Sorteo, frase: str) -> None:
        """In the transaction in which a witness reveals it."""
        await self._decir(sorteo.oid, FRASE, {"frase": motor.sha256_hex(frase)})

    async def exigir_frases(self, sorteo: Sorteo) -> None:
        """The phrases that go into the number are those that witnesses revealed, no more and no less. Raises
        BasesAlteradas."""
        trayecto = await self._trayecto(sorteo.oid)
        suyas = {motor.sha256_hex(g.frase) for g in sorteo.garantes if g.frase is not None}
        if trayecto.se_dijo_abrir and suyas != {dicha["frase"] for dicha in trayecto.dichos(FRASE)}:
            raise BasesAlteradas(donde="garantes")

    async def exigir_numero(self, sorteo: Sorteo) -> None:
        """The number came in through the API, which judges it. Raises BasesAlteradas."""
        trayecto = await self._trayecto(sorteo.oid)
        if trayecto.se_dijo_abrir and not trayecto.se_dijo("entropia", DICHAS[Paso.ejecutar]):
            raise BasesAlteradas(donde="entropia")

    async def decir_anulacion(self, sorteo: Sorteo, pedida_en: datetime, *, confirmada: bool) -> None:
        """In the transaction in which somebody asks for an annulment, or confirms it."""
        await self._decir(sorteo.oid, CONFIRMADA if confirmada else ANULAN, {"pedida": instante(pedida_en)})

    async def decir_anulacion_sola(self, sorteo: Sorteo, pedida_en: datetime) -> None:
        """In the transaction in which one comes to stand that nobody could confirm."""
        await self._decir(sorteo.oid, SOLA, {"pedida": instante(pedida_en)})

    async def decir_espera(self, sorteo: Sorteo, pedida_en: datetime, efecto_en: datetime | None) -> None:
        """In the transaction in which it is judged that nobody else could confirm one, which comes to stand at
        `efecto_en`; or (None) that somebody could."""
        efecto = CON_OTRO if efecto_en is None else instante(efecto_en)
        await self._decir(sorteo.oid, ESPERA, {"pedida": instante(pedida_en), "efecto": efecto})

    async def se_dijo_espera(self, sorteo: Sorteo, pedida_en: datetime, efecto_en: datetime) -> bool:
        """Whether that is the last that was told of when it comes to stand. Raises BasesAlteradas."""
        dichas = (await self._trayecto(sorteo.oid)).dichos(ESPERA)
        suyas = [datos["efecto"] for datos in dichas if datos["pedida"] == instante(pedida_en)]
        return bool(suyas) and suyas[-1] == instante(efecto_en)

    async def abierto_en(self, sorteo: Sorteo) -> datetime:
        """Since when it is open, as the audit was told; as it says itself where nobody told it, or it is a draft."""
        dichos = (await self._trayecto(sorteo.oid, con_huecos=True)).dichos(DICHAS[Paso.abrir])
        milisegundos = next((int(datos["abierto_en"]) for datos in dichos if "abierto_en" in datos), None)
        if milisegundos is None:
            return sorteo.abierto_en or sorteo.creado_en
        return datetime.fromtimestamp(milisegundos / 1000, UTC)

    async def decir_anulado(self, sorteo: Sorteo, anulado_en: datetime) -> None:
        """In the transaction that annuls the draw, beside the row of the act."""
        await self._decir(sorteo.oid, ANULADO, {"anulado": instante(anulado_en)}, aparte=True)

    async def exigir_anulacion(self, sorteo: Sorteo, pedida_en: datetime, *, con_otro: bool) -> None:
        """Somebody asked for it then and, where it takes another person (`con_otro`), another confirmed, or it was
        judged that there is none. Where the audit has a gap, another confirmed. Draws that were opened when nobody told
        the audit are let be. Raises BasesAlteradas."""
        trayecto = await self._trayecto(sorteo.oid, con_huecos=True)
        if trayecto.completo and not trayecto.se_dijo_abrir:
            return
        con_todo = [CONFIRMADA, SOLA] if con_otro else [ANULAN]
        bastan = con_todo if trayecto.completo else [CONFIRMADA]
        if instante(pedida_en) not in {datos.get("pedida") for datos in trayecto.dichos(*bastan)}:
            raise BasesAlteradas(donde="anulacion")

    async def exigir_estado(self, id: PydanticObjectId, *, con_huecos: bool = False) -> None:
        """The draw stands where the audit was told that it stands. Whoever writes another state would open it anew,
        annul it alone, undo an annulment or publish again. `con_huecos`: what the audit has is enough, for an annulment
        that two people want. Raises BasesAlteradas."""

        async def esta() -> bool:
            trayecto = await self._trayecto(id, con_huecos=con_huecos)
            sorteo = await self._sorteos.get(id)
            return trayecto.llego_a(None if sorteo is None else sorteo.estado)

        # One transaction: whoever takes the step meanwhile is not taken for somebody who wrote.
        if not await self._uow.run(esta):
            raise BasesAlteradas(donde="estado")

    async def se_dijo_abrir(self, id: PydanticObjectId) -> bool:
        """Raises BasesAlteradas."""
        return (await self._trayecto(id)).se_dijo_abrir

    async def se_sabe_todo(self, id: PydanticObjectId) -> bool:
        """Whether the audit has no gap since the draw was made."""
        return (await self._trayecto(id, con_huecos=True)).completo

    async def exigir_anulado(self, id: PydanticObjectId) -> None:
        """Somebody asked for the annulment of a draw that is to be repeated. Raises BasesAlteradas."""
        trayecto = await self._trayecto(id)
        if trayecto.se_dijo_abrir and not trayecto.dichos(ANULAN):
            raise BasesAlteradas(donde="anulacion")

    async def exigir_dichas(self, sorteo: Sorteo, *, con_huecos: bool = False) -> None:
        """What a draw published once is its for ever, but for closings that stay listed. `con_huecos`: as far as the
        audit has it. Raises BasesAlteradas."""
        self._exigir_dichas(await self._trayecto(sorteo.oid, con_huecos=con_huecos), sorteo, {})

    async def _exigir_abierto(self, sorteo: Sorteo, cierre_publicado: str | None) -> None:
        """It closes when its opening said, or whoever moved the closing last, and what it published is its own. Raises
        BasesAlteradas."""
        trayecto = await self._trayecto(sorteo.oid)
        self._exigir_cierre(trayecto, sorteo, cierre_publicado)
        self._exigir_dichas(trayecto, sorteo, {})

    def _exigir_cierre(self, trayecto: Trayecto, sorteo: Sorteo, publicado: str | None) -> None:
        # The first batches of a reopening have a row as well, and move nothing.
        dichos = [datos["cierre"] for datos in trayecto.dichos(*MUEVEN.values()) if "cierre" in datos]
        if not dichos and (sorteo.prorrogas or sorteo.huellas_anteriores):
            return  # moved when nobody told the audit
        propio = SIN_CIERRE if sorteo.cierre is None else instante(sorteo.cierre)
        abierto = SIN_CIERRE if publicado is None else instante(datetime.fromisoformat(publicado))
        if propio != (dichos[-1] if dichos else abierto):
            raise BasesAlteradas(donde="cierre")

    def _exigir_dichas(self, trayecto: Trayecto, sorteo: Sorteo, nuevas: Mapping[str, str | datetime]) -> None:
        idos = trayecto.idos(sorteo)
        for dichas in trayecto.dichos(*DICHAS.values()):
            for campo, dicha in dichas.items():
                suya = nuevas.get(campo, getattr(sorteo, campo, None))
                igual = suya is not None and en_codigo(suya, campo) == dicha
                if idos is None or (not igual and (campo, dicha) not in idos):
                    raise BasesAlteradas(donde="auditoria")

    async def _trayecto(self, id: PydanticObjectId, *, con_huecos: bool = False) -> Trayecto:
        """Raises BasesAlteradas where the audit has a gap, unless `con_huecos`."""
        # One transaction: rows that are away while they are read are away while they are counted.
        relato = await self._uow.run(lambda: self._bitacora.relato(objeto=id, tipos=TODOS, nace=NACE))
        trayecto = Trayecto.de(relato)
        if not trayecto.completo and not con_huecos:
            raise BasesAlteradas(donde="auditoria")
        return trayecto

    async def _decir_paso(
        self, trayecto: Trayecto, id: PydanticObjectId, paso: Paso, tipo: str, datos: Mapping[str, str]
    ) -> None:
        """Of a draw that stood, as the audit was told, where the step begins. Raises BasesAlteradas."""
        if (trayecto.entero or paso is Paso.abrir) and trayecto.estado is not DESDE[paso]:
            raise BasesAlteradas(donde="estado")
        await self._bitacora.suceso(tipo=tipo, datos={**datos, "tras": trayecto.tras}, objeto=id)

    async def _decir(self, id: PydanticObjectId, tipo: str, datos: Mapping[str, str], *, aparte: bool = False) -> None:
        """What an annulment tells stands also in an audit with gaps: else nothing could be done with the draw."""
        trayecto = await self._trayecto(id, con_huecos=True)
        decir = self._bitacora.aparte if aparte else self._bitacora.suceso
        await decir(tipo=tipo, datos={**datos, "tras": trayecto.tras}, objeto=id)
