"""What a closing leaves out, and which facts staff changed while the draw was open. It is in no published file: so the
closing tells the audit the hash of it, and whoever shows it compares."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import EspacioEnJuego, Sorteo
from app.modules.sorteo.ports import Padron
from app.modules.sorteo.repository import EspacioEnJuegoRepository
from app.modules.sorteo.resultados.models import ParticipanteSorteo
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.shared.repository import Fila

EXCLUSIONES = "sorteo_exclusiones"
"""What the audit is told as."""


@attrs.define
class Fuera:
    """Of a closing, by folio, what keeps it out, and the changes that are listed. `folios`: those of each flat."""

    impedimentos: dict[int, Sequence[str]] = attrs.field(factory=dict)
    cambios: dict[int, Sequence[Fila]] = attrs.field(factory=dict)
    folios: dict[PydanticObjectId, list[int]] = attrs.field(factory=dict)

    def anotar(self, participantes: Sequence[Fila]) -> None:
        """As a closing writes them."""
        for suyo in participantes:
            self.folios.setdefault(suyo["unidad_id"], []).append(suyo["folio"])
            if suyo["impedimentos"]:
                self.impedimentos[suyo["folio"]] = suyo["impedimentos"]
            if suyo["cambios"]:
                self.cambios[suyo["folio"]] = suyo["cambios"]

    def agregar(self, dichos: Mapping[PydanticObjectId, Sequence[Fila]]) -> dict[int, Sequence[Fila]]:
        """Those of each folio whose flat has some that were not listed yet."""
        faltan: dict[int, Sequence[Fila]] = {}
        for unidad_id in dichos.keys() & self.folios.keys():
            for folio in self.folios[unidad_id]:
                hay = self.cambios.get(folio, [])
                if otros := [dicho for dicho in dichos[unidad_id] if dicho not in hay]:
                    faltan[folio] = sorted([*hay, *otros], key=lambda c: (c["cuando"], c["campo"]))
        self.cambios |= faltan
        return faltan

    def huella(self, espacios: Iterable[EspacioEnJuego]) -> str:
        """`espacios`: those that were left out."""
        suma = hashlib.sha256()
        for codigo, motivo in sorted((e.codigo, e.excluido or "") for e in espacios):
            suma.update(f"{codigo}\t{motivo}\n".encode())
        for folio in sorted(self.impedimentos.keys() | self.cambios.keys()):
            dichos = [f"{c['campo']}@{c['cuando'].isoformat()}" for c in self.cambios.get(folio, ())]
            suma.update(f"{folio}\t{','.join(self.impedimentos.get(folio, ()))}\t{','.join(dichos)}\n".encode())
        return suma.hexdigest()


@attrs.define(kw_only=True)
class Exclusiones:
    _participantes: ParticipanteRepository
    _en_juego: EspacioEnJuegoRepository
    _padron: Padron
    _bitacora: Bitacora

    async def completar(self, sorteo: Sorteo, ficha: str, fuera: Fuera) -> str:
        """After all facts were read: what stands with a flat of its changes may have been taken away, and each of which
        the audit was told is listed all the same. The hash of all that is out."""
        desde = sorteo.abierto_en or sorteo.creado_en
        dichos = {
            unidad_id: [{"campo": c.campo, "cuando": c.cuando} for c in suyos]
            for unidad_id, suyos in (await self._padron.cambios_dichos(desde=desde)).items()
        }
        await self._participantes.poner_cambios(sorteo.oid, ficha, fuera.agregar(dichos))
        return fuera.huella(await self._en_juego.excluidos(sorteo.oid))

    async def decir(self, sorteo: Sorteo, huella: str, bases: str) -> None:
        """In the transaction of the closing whose bases have that hash."""
        await self._bitacora.aparte(tipo=EXCLUSIONES, datos={"huella": bases, "exclusiones": huella}, objeto=sorteo.oid)

    async def leer(
        self, sorteo: Sorteo
    ) -> tuple[list[EspacioEnJuego], list[ParticipanteSorteo], list[ParticipanteSorteo]]:
        """Of the closing that stands: spaces that were left out, requests that were refused, and those of which a fact
        changed. Closings of before told nothing. Raises BasesAlteradas."""
        espacios = await self._en_juego.excluidos(sorteo.oid)
        rechazados = await self._participantes.rechazados(sorteo)
        cambiados = await self._participantes.con_cambios(sorteo)
        fuera = Fuera(
            impedimentos={p.folio: p.impedimentos for p in rechazados},
            cambios={p.folio: [c.model_dump() for c in p.cambios] for p in cambiados},
        )
        dichos = await self._bitacora.dichos(objeto=sorteo.oid, tipos=[EXCLUSIONES])
        dichas = {dicho["exclusiones"] for dicho in dichos if dicho["huella"] == sorteo.huella}
        if dichas and fuera.huella(espacios) not in dichas:
            raise BasesAlteradas(donde="exclusiones")
        return espacios, rechazados, cambiados
