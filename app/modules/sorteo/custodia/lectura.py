"""What closings freeze, and published files read back: what they say of a row, once they have their hash."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo import motor
from app.modules.sorteo.custodia.lineas import Indice, Titular, entrada, linea
from app.modules.sorteo.custodia.ports import TitularDeFolio
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.prioridades.suertes import Vistas
from app.modules.sorteo.resultados.exclusiones import Fuera
from app.modules.sorteo.resultados.models import en_bases
from app.modules.sorteo.resultados.repository import PuestoPorPublicar
from app.shared.reading import a_ratos
from app.shared.repository import Fila


@attrs.frozen(kw_only=True)
class PadronAbierto:
    """The roll of a closing, as its hash was published."""

    _clave: str
    _indice: Indice

    def exigir(self, titular: Titular) -> None:
        """Raises BasesAlteradas when the folio is not theirs."""
        if not self._indice.dice(titular.folio, bytes.fromhex(linea(self._clave, titular))):
            raise BasesAlteradas(donde="padron", folio=titular.folio)


@attrs.frozen(kw_only=True)
class ResultadoCustodiado:
    """A result as its hashes were published: `_lotes` has a digest for each `_lote` lines of the file."""

    _padron: PadronAbierto
    _lote: int
    _lotes: Sequence[bytes]
    _bases: Indice
    _espacios: Mapping[str, motor.Espacio]
    _terminos: Mapping[str, object]

    async def exigir(
        self, filas: Sequence[PuestoPorPublicar], *, desde: int, congelados: Mapping[int, Fila]
    ) -> "LoteCustodiado":
        """`filas`: the lines after position `desde`, at most `_lote`. Raises BasesAlteradas unless they are those that
        were published, and each goes to the request that was frozen."""
        suma = hashlib.sha256()
        for escrita in motor.lineas_resultado(_puesto(fila) for fila in filas):
            suma.update(escrita)
        lote, sobra = divmod(desde, self._lote)
        if not filas:
            lote, sobra = lote + (sobra > 0), 0  # the last batch is shorter
        if sobra or (suma.digest() != self._lotes[lote] if lote < len(self._lotes) else bool(filas)):
            raise BasesAlteradas(donde="resultado")
        de_quien: dict[PydanticObjectId, Titular] = {}
        async for varias in a_ratos(filas):
            for fila in varias:
                de_quien[fila.solicitud_id] = self._exigir(fila, congelados.get(fila.folio))
        return LoteCustodiado(desde, filas, de_quien, self._terminos)

    def _exigir(self, fila: PuestoPorPublicar, suyo: Fila | None) -> Titular:
        if suyo is None or not self._bases.dice(fila.folio, _digesto(en_bases(suyo))):
            raise BasesAlteradas(donde="participantes", folio=fila.folio)
        if not _concuerda(fila, suyo, None if fila.espacio is None else self._espacios.get(fila.espacio)):
            raise BasesAlteradas(donde="resultado", folio=fila.folio)
        titular = Titular.de(suyo)
        self._padron.exigir(titular)
        return titular


@attrs.frozen
class LoteCustodiado:
    """The lines after position `desde`, as they were published. `_de_quien`: by request, whose each was frozen as.
    `_terminos`: of the window, as they were published."""

    desde: int
    filas: Sequence[PuestoPorPublicar]
    _de_quien: Mapping[PydanticObjectId, Titular]
    _terminos: Mapping[str, object]

    @property
    def hasta(self) -> int:
        """The position of its last line."""
        return self.desde + len(self.filas)

    def exigir_terminos(self, terminos: Mapping[str, object]) -> None:
        """By these it was made ready: how long who won has to answer. Raises BasesAlteradas."""
        if terminos != self._terminos:
            raise BasesAlteradas(donde="terminos")

    def exigir_titulares(self, de_hoy: Iterable[TitularDeFolio]) -> None:
        """Each request is still the same flat's. Raises BasesAlteradas."""
        hallados = {t.id: Titular(t.folio, str(t.id), str(t.unidad_id), str(t.vehiculo_id)) for t in de_hoy}
        for id, titular in self._de_quien.items():
            if id not in hallados:
                raise BasesAlteradas(donde="solicitudes", folio=titular.folio)
            if hallados[id] != titular:
                raise BasesAlteradas(donde="padron", folio=hallados[id].folio)


@attrs.define
class Congelado:
    """What a closing found: who is drawn, with the lines of their list (`anteriores.py`), by folio the rule that keeps
    others out, and all that is shown of that (`fuera`); of draws before, `vistas`."""

    vistas: Vistas
    admisibles: list[motor.Participante] = attrs.field(factory=list)
    participes: list[bytes] = attrs.field(factory=list)
    rechazos: dict[int, str] = attrs.field(factory=dict)
    fuera: Fuera = attrs.field(factory=Fuera)


class BasesLeidas:
    """Takes each line of the bases: the spaces, and an entry of an index for each participant."""

    def __init__(self) -> None:
        self.espacios: dict[str, motor.Espacio] = {}
        self.entradas: list[bytes] = []

    def __call__(self, cruda: bytes) -> None:
        campos = json.loads(cruda)
        if "id" not in campos:
            self.espacios = {e["codigo"]: motor.Espacio(**e) for e in campos["espacios"]}
            return
        listas = {campo: tuple(campos[campo]) for campo in ("tipos", "condiciones", "preferencias")}
        self.entradas.append(entrada(int(campos["id"]), _digesto(motor.Participante(**campos | listas))))


class PorLotes:
    """Takes each line of a file: a digest for each so many of them."""

    def __init__(self, cuantas: int) -> None:
        self._cuantas = cuantas
        self._vistas = 0
        self._sumas: list[hashlib._Hash] = []

    def __call__(self, cruda: bytes) -> None:
        if self._vistas % self._cuantas == 0:
            self._sumas.append(hashlib.sha256())
        self._sumas[-1].update(cruda)
        self._vistas += 1

    def sumas(self) -> list[bytes]:
        return [suma.digest() for suma in self._sumas]


async def leer(partes: AsyncIterator[bytes], *, huella: str | None, donde: str, cada: Callable[[bytes], None]) -> None:
    """Hand each line of a file to `cada`, in threads. Raises BasesAlteradas when the file has not that hash."""
    suma, resto = hashlib.sha256(), b""
    try:
        async for parte in partes:
            suma.update(parte)
            *lineas, resto = (resto + parte).split(b"\n")
            await asyncio.to_thread(_cada, cada, lineas)
    except (ValueError, KeyError, TypeError) as error:  # no line of ours
        raise BasesAlteradas(donde=donde) from error
    if suma.hexdigest() != huella:
        raise BasesAlteradas(donde=donde)


def _cada(cada: Callable[[bytes], None], lineas: Iterable[bytes]) -> None:
    for cruda in lineas:
        cada(cruda + b"\n")


def _digesto(participante: motor.Participante) -> bytes:
    return hashlib.sha256(repr(participante).encode()).digest()


def _puesto(fila: PuestoPorPublicar) -> motor.Puesto:
    return motor.Puesto(str(fila.folio), fila.posicion, fila.numero, fila.espacio, fila.espera)


def _concuerda(fila: PuestoPorPublicar, suyo: Fila, espacio: motor.Espacio | None) -> bool:
    """Whether what publishing takes from the row follows from the bases."""
    reserva = None if espacio is None else espacio.reserva
    return (
        (fila.solicitud_id, fila.unidad_id) == (suyo["solicitud_id"], suyo["unidad_id"])
        and (fila.tipos, fila.condiciones) == (suyo["tipos"], suyo["condiciones"])
        and (espacio is None) == (fila.espacio is None)
        and fila.prestado == (reserva is not None and reserva not in suyo["condiciones"])
    )
