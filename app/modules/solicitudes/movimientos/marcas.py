"""What a closing believes of a request stands under a mark that nobody makes without the key, from the hand-in on.

Each write of a request through the API counts it (`vez`) and marks it anew, unless its mark was broken before: what
somebody wrote on the database is not made whole by the next change. What the steps of a draw do to it is not marked:
the mark says what a reopening would put it back to. From its publication on another mark stands beside: `precintos.py`.

A row that is put back with its mark, or taken away, has nothing wrong in itself. So the audit is told of each folio, of
the how manieth time it was written, and of its mark then. What staff do is told in the transaction that does it, with
the row of the act, and so is each later write. What a resident hands in has no such row: the process that wrote it
remembers it and tells of it at the next beat, so that nobody who hands in waits for one command more. So a request that
was written more often than was told was written by an act of which nothing stayed, and whose mark somebody saw."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.sealing import PrecintoDeFilas
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import POR_DECIDIR, VIVAS, RequestStatus
from app.modules.solicitudes.models import Solicitud, Terminos
from app.modules.solicitudes.movimientos.ports import Bitacora
from app.modules.solicitudes.movimientos.repository import PrecintoRepository
from app.shared.reading import a_ratos
from app.shared.repository import Fila
from app.shared.transaction import al_confirmar, current_session, decir, en_un_acto

CAMPOS_MARCADOS = (
    *("_id", "sorteo_id", "folio", "unidad_id", "residente_id", "habitantes", "vehiculo.id", "vehiculo.tipo"),
    *("vehiculo.electrico", "clase", "tipos", "acepta", "preferencias", "usa_condiciones", "ranura", "creado_en"),
    *("antes_del_cierre.estado|antes_de_anular|estado", "vez"),
)
DICHOS_AL_JUZGAR = ("terminos", "mirado")
_PROPIOS = frozenset(campo for campo in (*CAMPOS_MARCADOS, *DICHOS_AL_JUZGAR) if campo in Solicitud.model_fields)
_VARIOS = "varios"
"""In the place of terms: it was judged by others each time."""
Dicha = tuple[int, str]
"""How often a request was written, and the beginning of its mark then."""
_DICHAS, _COPIADAS = "solicitudes_escritas", "copiadas"
_DE_UNA_VEZ = 200
_NUNCA: Dicha = (0, "")
_PRIMERA = 1
"""How often a request was written that was handed in, and nothing else."""
_CONTRADICHA: Dicha = (2**31, "")


_JUZGAN = (
    *("aprobacion", "exige_al_dia", "al_dia_en", "max_por_unidad", "max_por_tipo", "reglamento", "compatibilidad"),
    "liberar_reservas",
)


@attrs.define
class Dichas:
    """The last that the audit was told of the requests of a draw, by folio; the first so many of them are copies.
    `completas`: no row of the audit is missing since the draw was made."""

    por_folio: dict[int, Dicha] = attrs.field(factory=dict)
    copiadas: int = 0
    completas: bool = True


@attrs.define(kw_only=True)
class Marcas:
    """Every call but `decir` joins the transaction of its caller. The beat of any process may call `decir`, which tells
    of what residents did."""

    _precinto: PrecintoDeFilas
    _precintadas: PrecintoRepository
    _bitacora: Bitacora
    _uow: UnitOfWork
    _por_decir: dict[PydanticObjectId, dict[str, str]] = attrs.field(factory=dict, init=False)

    @property
    def campos(self) -> set[str]:
        """What `entera` reads of a row."""
        return {"marca", "viva", *(campo.partition(".")[0] for campo in self._precinto.leidos)}

    def marcar(self, solicitud: Solicitud) -> None:
        """Mark one that is about to be written for the first time. Of copies, which come before their draw opens, its
        opening tells."""
        solicitud.marca = self._precinto.de(fila_marcada(solicitud))

    def sigue(self, solicitud: Solicitud) -> bool:
        """Whether it is as it was marked, whatever a step of its draw did to it since."""
        return self._precinto.vale(fila_marcada(solicitud))

    def de_quien_era(self, fila: Mapping[str, Any]) -> bool:
        """Whether whose a request is, and for what, is as it was marked, wherever a step of its draw has left it: of
        one that was published its seal says where it stands."""
        estados = dict.fromkeys((RequestStatus.aprobada, fila.get("estado"), *RequestStatus))
        return any(self._precinto.vale({**fila, "estado": estado}) for estado in estados)

    def seguir(
        self, solicitud: Solicitud, cambios: Mapping[str, Any], terminos: Terminos | None = None
    ) -> dict[str, Any]:
        """What to write beside `cambios` of a request that is still to be drawn, so that a row whose mark is whole
        keeps one. `terminos`: those that judge it now, if any do."""
        if solicitud.estado not in POR_DECIDIR or not self.sigue(solicitud):
            return {}
        escritos: dict[str, Any] = {"vez": solicitud.vez + 1}
        if terminos is not None and solicitud.terminos not in (None, huella_de(terminos)):
            escritos["terminos"] = _VARIOS
        return escritos | {"marca": self._precinto.de(fila_marcada(solicitud) | dict(cambios) | escritos)}

    def recordar(self, solicitud: Solicitud) -> None:
        """It has been written so in the transaction in course."""
        self._recordar(solicitud, solicitud.vez, solicitud.marca)

    async def seguir_varias(
        self, lote: Sequence[Solicitud], a: RequestStatus, terminos: Terminos | None = None
    ) -> None:
        """The same of requests that have been moved to `a` together."""
        seguidas = [(s, marca) for s in lote if (marca := self.seguir(s, {"estado": a}, terminos))]
        await self._precintadas.poner_marcas({s.oid: marca for s, marca in seguidas})
        for solicitud, marca in seguidas:
            self._recordar(solicitud, marca["vez"], marca["marca"])

    def entera(self, fila: Mapping[str, Any], dichas: dict[int, Dicha]) -> bool:
        """Whether a row of a draw that closes is what the API wrote last, as far as the audit was told (`dichas`, from
        which it is taken out)."""
        return (
            self.lo_fue(fila, dichas)
            # A mark of before a step says nothing of a row of which somebody wrote that it took one.
            and fila.get("antes_del_cierre") is None
            and fila.get("antes_de_anular") is None
            and fila.get("viva") == (fila.get("estado") in VIVAS)
        )

    def lo_fue(self, fila: Mapping[str, Any], dichas: dict[int, Dicha]) -> bool:
        """The same of what it was before the steps of its draw."""
        vez, marca = dichas.pop(fila["folio"], _NUNCA)
        return self._precinto.vale(fila) and fila["vez"] == max(vez, _PRIMERA) and fila["marca"].startswith(marca)

    async def dichas(self, sorteo_id: PydanticObjectId) -> Dichas:
        dichas, copiadas = dict[int, Dicha](), 0
        vistas: dict[str, str] = {}
        filas, completas = await self._uow.run(partial(self._filas, sorteo_id))
        async for dichos in a_ratos((dicho for datos in filas for dicho in datos.items()), cada=1000):
            for cual, marca in dichos:
                if cual == _COPIADAS:
                    copiadas = int(marca)
                    dichas = dict.fromkeys(range(1, copiadas + 1), _NUNCA) | dichas
                    continue
                folio, vez = map(int, cual.split("."))
                # Told twice, and not the same: something was put back, and another thing made of it.
                dicha = (vez, marca) if vistas.setdefault(cual, marca) == marca else _CONTRADICHA
                dichas[folio] = max(dichas.get(folio, _NUNCA), dicha)
        return Dichas(dichas, copiadas, completas)

    async def _filas(self, sorteo_id: PydanticObjectId) -> tuple[Sequence[Mapping[str, str]], bool]:
        """In one transaction: rows that are away while they are read are away while they are counted."""
        filas = await self._bitacora.dichos(objeto=sorteo_id, tipos=[_DICHAS])
        return filas, await self._bitacora.sin_huecos(objeto=sorteo_id, desde="sorteo_crear_sorteo")

    async def decir_copiadas(self, sorteo_id: PydanticObjectId, cuantas: int) -> None:
        """In the transaction that opens a draw: so many were copied, under the first folios."""
        if cuantas:
            await self._bitacora.aparte(tipo=_DICHAS, datos={_COPIADAS: str(cuantas)}, objeto=sorteo_id)

    async def decir(self) -> None:
        """Tell the audit of what this process wrote since the last time."""
        for sorteo_id, todas in list(self._por_decir.items()):
            while todas:
                lote = dict(islice(todas.items(), _DE_UNA_VEZ))
                await self._uow.run(partial(self._bitacora.aparte, tipo=_DICHAS, datos=lote, objeto=sorteo_id))
                for cual in lote:
                    todas.pop(cual, None)
            self._por_decir.pop(sorteo_id, None)

    def _recordar(self, solicitud: Solicitud, vez: int, marca: str | None) -> None:
        cual, dicho = f"{solicitud.folio}.{vez}", str(marca)[:16]

        def apuntar() -> None:
            # What is there already stays: if it is another, something was put back in between.
            self._por_decir.setdefault(solicitud.sorteo_id, {}).setdefault(cual, dicho)

        if en_un_acto() or (vez > _PRIMERA and current_session() is not None):
            decir(_DICHAS, {cual: dicho}, objeto=solicitud.sorteo_id)
        else:
            al_confirmar(apuntar)


def huella_de(terminos: Terminos) -> str:
    """Of what decides whether a request is taken and how it stands, by which it says that it was judged, under its
    mark. A field that comes to be later does not count: draws are open in which it did not."""
    dichos = json.dumps([getattr(terminos, campo) for campo in _JUZGAN], sort_keys=True)
    return sha256(dichos.encode()).hexdigest()[:16]


def fila_marcada(solicitud: Solicitud) -> Fila:
    """As it is stored, as far as it is marked."""
    antes = solicitud.antes_del_cierre
    return {
        **{campo: getattr(solicitud, campo) for campo in _PROPIOS},
        "_id": solicitud.oid,
        "vehiculo": solicitud.vehiculo.model_dump(),
        "estado": solicitud.estado,
        "antes_del_cierre": None if antes is None else {"estado": antes.estado},
        "antes_de_anular": solicitud.antes_de_anular,
        "marca": solicitud.marca,
    }
