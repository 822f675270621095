"""Running a draw, only from what its closing froze. Every run gives the same result, so a broken run is repeated."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import motor
from app.modules.sorteo.custodia.lectura import PadronAbierto
from app.modules.sorteo.custodia.lineas import Titular
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.drand.ronda import comprobar, leer
from app.modules.sorteo.drand.schemas import RondaDrandIn
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import CON_RESULTADO, PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas, EntropiaFijada, EntropiaPrematura, TareaEnCurso
from app.modules.sorteo.fuente import FuenteDrand, FuentePublica
from app.modules.sorteo.garantes.models import con_frases
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos.congelacion import Congelacion
from app.modules.sorteo.pasos.corrida import Linea, corrida
from app.modules.sorteo.pasos.pruebas import cabeza_al
from app.modules.sorteo.ports import Auditoria
from app.modules.sorteo.repository import ArchivoRepository, SorteoRepository
from app.modules.sorteo.resultados.models import NIVELES, en_bases
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos.restos import Restos
from app.modules.sorteo.turnos.service import Avance, Turnos, sin_avance
from app.shared.exceptions import EntradaInvalida, TransicionInvalida
from app.shared.reading import a_ratos, por_adelantado
from app.shared.repository import Fila

# Lines, each of which takes thirty microseconds.
_DE_UN_TIRON = 20
_PUEBLO, _PAUSA = 50_000, 0.002
"""A run of more than so many gives way between them, for so many seconds: it takes some three times as long, and others
little longer than in calm. A smaller one is over in seconds."""
_DEL_PARTICIPANTE = (
    *("folio", "solicitud_id", "unidad_id", "nivel", "boletas"),
    *("reglas", "tipos", "condiciones"),
)

Entropia = str | RondaDrandIn
"""The public number as somebody says it: as it is spelt, or as the round that a relay of drand gives."""


@attrs.define(kw_only=True)
class EjecucionService:
    _sorteos: SorteoRepository
    _participantes: ParticipanteRepository
    _resultados: ResultadoRepository
    _archivos: ArchivoRepository
    _espacios: EspacioRepository
    _servicio: SorteoService
    _custodia: CustodiaService
    _congelacion: Congelacion
    _turnos: Turnos
    _restos: Restos
    _auditoria: Auditoria
    _uow: UnitOfWork

    async def ejecutar(self, id: PydanticObjectId, entropia: Entropia | None, *, avance: Avance = sin_avance) -> Sorteo:
        """Run the draw with the public number. The first number accepted is the draw's for ever: the same number, or
        none, gives the same result again. Raises EntropiaPrematura, EntropiaFijada, EntradaInvalida,
        TransicionInvalida, BasesAlteradas."""
        sorteo = await self.fijar(id, entropia)
        if sorteo.estado in CON_RESULTADO:
            return sorteo
        async with self._custodia.vigilar(id, Paso.ejecutar), self._turnos.tomar(id, Paso.ejecutar) as ficha:
            sorteo = await self._servicio.ver(id)
            if sorteo.estado in CON_RESULTADO:
                return sorteo
            self._exigir_por_ejecutar(sorteo)
            return await self._correr(await self._congelacion.terminar(sorteo, ficha), ficha, avance)

    async def entregar(self, id: PydanticObjectId, ronda: RondaDrandIn, quien: Principal) -> Sorteo:
        """Fix the round of a draw that runs by itself. It proves itself, so anybody may hand it in, and nobody can hold
        the draw up. Raises as `ejecutar`."""
        sorteo = await self._servicio.ver(id, quien)
        if not sorteo.ejecuta_sola:
            raise TransicionInvalida()
        return await self.fijar(id, ronda)

    async def fijar(self, id: PydanticObjectId, entropia: Entropia | None) -> Sorteo:
        """The draw, with its public number fixed for ever; or the draw as it has run. Raises as `ejecutar`."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado not in CON_RESULTADO:
            self._exigir_por_ejecutar(sorteo)
        fuente = sorteo.fuente_entropia
        if not sorteo.ensayo and ahora() < fuente.conocible_desde:
            raise EntropiaPrematura(disponible_desde=fuente.conocible_desde)
        if entropia is None:
            if sorteo.entropia is None:
                raise EntradaInvalida.en("entropia", "requerido")
            return sorteo
        if entropia == sorteo.entropia:
            return sorteo
        numero, firma = await _numero(fuente, entropia)
        if sorteo.entropia is None:
            async with self._custodia.vigilar(id, Paso.ejecutar):
                await self._uow.run(lambda: self._anotar_entropia(id, numero, firma))
            sorteo = await self._servicio.ver(id)
        if sorteo.entropia != con_frases(numero, sorteo.garantes):
            # Another number was first, or the draw went back to `abierto` meanwhile.
            raise EntropiaFijada() if sorteo.entropia is not None else TransicionInvalida()
        return sorteo

    def _exigir_por_ejecutar(self, sorteo: Sorteo) -> None:
        if sorteo.estado not in PASOS[Paso.ejecutar].desde:
            raise TransicionInvalida()
        self._servicio.exigir_sin_anulacion(sorteo)

    async def _anotar_entropia(self, id: PydanticObjectId, numero: str, firma: str | None) -> None:
        """With the phrases of the witnesses as they stand. A phrase that is being written collides with this write."""
        sorteo = await self._servicio.ver(id)
        await self._custodia.exigir_frases(sorteo)
        entropia = con_frases(numero, sorteo.garantes)
        fijado = await self._sorteos.pasar(
            id,
            desde=EstadoSorteo.cerrado,
            igual={"entropia": None},
            sin_anular=True,
            agregar={"historia": hecho(Suceso.fijar_numero)},
            poner={"entropia": entropia, "firma_drand": firma},
        )
        if fijado is not None:
            await self._custodia.publicar_huellas(sorteo, Paso.ejecutar, {"entropia": entropia})

    async def _correr(self, sorteo: Sorteo, ficha: str, avance: Avance) -> Sorteo:
        if sorteo.huella is None or sorteo.intento is None or sorteo.entropia is None:
            raise TransicionInvalida()
        await self._custodia.exigir_apertura(sorteo)
        await self._custodia.exigir_estado(sorteo.oid)
        await self._custodia.exigir_numero(sorteo)
        secreto = await self._custodia.secreto(sorteo)
        padron = await self._custodia.padron(sorteo)
        partes = self._archivos.partes(sorteo_id=sorteo.oid, archivo=Publicado.bases, intento=sorteo.intento)
        semilla = motor.semilla_de(secreto, sorteo.huella, sorteo.entropia)
        cuenta = _Cuenta()
        with fuera_del_acto():
            await self._restos.empezar(sorteo.oid, ficha)
            await self._espacios.marcar_sorteados(sorteo.oid)
            async with corrida(
                partes, huella=sorteo.huella, semilla=semilla, participantes=sorteo.participantes or 0
            ) as lotes:
                huella_resultado = await self._archivos.guardar(
                    sorteo_id=sorteo.oid,
                    archivo=Publicado.resultado,
                    intento=ficha,
                    lineas=self._escribir(sorteo, ficha, padron, lotes, cuenta, avance),
                )

        async def terminar() -> Sorteo | None:
            hallado = {"huella_resultado": huella_resultado}
            ejecutado = await self._sorteos.pasar(
                sorteo.oid,
                desde=EstadoSorteo.cerrado,
                ficha=ficha,
                sin_anular=True,
                con_lo_escrito=True,
                poner={
                    "estado": EstadoSorteo.ejecutado,
                    "secreto": secreto,
                    "semilla": semilla,
                    "corrida": ficha,
                    "huella_resultado": huella_resultado,
                    "admitidos": cuenta.admitidos,
                    "por_nivel": cuenta.por_nivel,
                    "en_espera": cuenta.lineas - cuenta.admitidos,
                    "ejecutado_en": ahora(),
                    "alteracion": None,
                    "turno": None,
                },
                agregar={
                    "cabezas": await cabeza_al(Paso.ejecutar, self._auditoria),
                    "historia": hecho(Suceso.ejecutar, huellas={"semilla": semilla, **hallado}),
                },
            )
            if ejecutado is not None:
                await self._custodia.publicar_huellas(ejecutado, Paso.ejecutar, hallado)
            return ejecutado

        ejecutado = await self._uow.run(terminar)
        if ejecutado is None:
            # Another process, or an annulment, came first. The draw as it stands now is the answer.
            await self._restos.abandonar(sorteo.oid, ficha)
            ejecutado = await self.fijar(sorteo.oid, sorteo.entropia)
            if ejecutado.estado not in CON_RESULTADO:
                raise TareaEnCurso()
        return ejecutado

    async def _escribir(
        self,
        sorteo: Sorteo,
        ficha: str,
        padron: PadronAbierto,
        lotes: AsyncIterator[Sequence[Linea]],
        cuenta: "_Cuenta",
        avance: Avance,
    ) -> AsyncIterator[bytes]:
        """Write the rows of each batch, then yield the lines of the batch for the file."""
        await avance(hecho=0, total=sorteo.participantes)
        async with por_adelantado(self._filas(sorteo, ficha, padron, lotes)) as por_escribir:
            async for lote, filas in por_escribir:
                await self._resultados.anotar(filas)
                cuenta.lineas += len(lote)
                cuenta.admitidos += sum(espacio is not None for _, _, espacio in lote)
                for _, quien, _ in lote:
                    cuenta.por_nivel[quien.nivel] += 1
                await avance(hecho=cuenta.lineas, total=sorteo.participantes)
                async for varias in a_ratos(lote, cada=_DE_UN_TIRON):
                    yield b"".join(motor.lineas_resultado(puesto for puesto, _, _ in varias))

    async def _filas(
        self, sorteo: Sorteo, ficha: str, padron: PadronAbierto, lotes: AsyncIterator[Sequence[Linea]]
    ) -> AsyncGenerator[tuple[Sequence[Linea], list[Fila]]]:
        """The lines of each batch, and the same as `ResultadoSorteo` is stored."""
        pausa = _PAUSA if (sorteo.participantes or 0) > _PUEBLO else 0
        async for lote in lotes:
            congelados = await self._participantes.por_folios(sorteo, [int(puesto.id) for puesto, _, _ in lote])
            filas = []
            async for lineas in a_ratos(lote, cada=_DE_UN_TIRON, pausa=pausa):
                filas += [_fila(sorteo, ficha, padron, linea, congelados) for linea in lineas]
            yield lote, filas


def _fila(sorteo: Sorteo, ficha: str, padron: PadronAbierto, linea: Linea, congelados: Mapping[int, Fila]) -> Fila:
    puesto, participante, espacio = linea
    suyo = congelados.get(int(puesto.id))
    # The published bases decide. The stored row only says whose line it is, which the roll bears out.
    if suyo is None or en_bases(suyo) != participante:
        raise BasesAlteradas(donde="participantes", folio=int(puesto.id))
    padron.exigir(Titular.de(suyo))
    reserva = None if espacio is None else espacio.reserva
    return {campo: suyo[campo] for campo in _DEL_PARTICIPANTE} | {
        "sorteo_id": sorteo.oid,
        "corrida": ficha,
        "posicion": puesto.posicion,
        "espera": puesto.espera,
        "espacio": puesto.espacio,
        "espacio_tipo": None if espacio is None else espacio.tipo,
        "espacio_reserva": reserva,
        "numero": puesto.numero,
        "prestado": reserva is not None and reserva not in suyo["condiciones"],
    }


async def _numero(fuente: FuentePublica | FuenteDrand, dicho: Entropia) -> tuple[str, str | None]:
    """The public number in its only spelling, with the signature of its round where it has one. Raises
    EntradaInvalida."""
    if isinstance(fuente, FuenteDrand):
        ronda = leer(dicho) if isinstance(dicho, str) else dicho
        return await comprobar(ronda, ronda=fuente.ronda), ronda.signature
    if not isinstance(dicho, str) or not fuente.acepta(dicho):
        raise EntradaInvalida.en("entropia", "entropia_invalida")
    return dicho, None


@attrs.define
class _Cuenta:
    """How many lines of the result are written, how many of them have a space, and how many there are of each level."""

    lineas: int = 0
    admitidos: int = 0
    por_nivel: list[int] = attrs.field(factory=lambda: [0] * NIVELES)
