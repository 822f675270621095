"""What is stored of a draw is believed only as far as the hashes that were published bear it out.

Each step asks here before it uses what an earlier step froze. What does not fit stops the step, stands in the audit
and keeps the clock from trying again: whoever writes on the database gets nothing for it but a trace.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.sorteo import motor
from app.modules.sorteo.custodia import lectura
from app.modules.sorteo.custodia.lineas import Indice, Titular, leer_linea, lineas_padron
from app.modules.sorteo.custodia.ports import Ventanillas
from app.modules.sorteo.custodia.reglas import cierre_publicado, con_sus_parametros, lo_que_cambio
from app.modules.sorteo.custodia.testimonio import Testimonio
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos.models import Alteracion
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
)
from app.modules.sorteo.resultados.repository import ParticipanteRepository, PuestoPorPublicar

log = logging.getLogger(__name__)

_ALTERADAS = "bases_alteradas"


@attrs.define(kw_only=True)
class CustodiaService(Testimonio):
    _secretos: SecretoRepository
    _archivos: ArchivoRepository
    _participantes: ParticipanteRepository
    _en_juego: EspacioEnJuegoRepository
    _ventanillas: Ventanillas
    _boveda: Boveda

    @contextlib.asynccontextmanager
    async def vigilar(self, id: PydanticObjectId, paso: Paso) -> AsyncIterator[None]:
        """Whatever is found altered within is told, once for each place, before the error goes on."""
        try:
            yield
        except BasesAlteradas as error:
            donde, objeto = str(error.datos["donde"]), error.datos.get("objeto")
            log.error("sorteo %s: al %s, lo guardado no es lo que se dijo (%s %s)", id, paso, donde, objeto)
            await self._uow.run(lambda: self._denunciar(id, paso, donde, None if objeto is None else str(objeto)))
            raise

    async def secreto(self, sorteo: Sorteo) -> str:
        """Raises BasesAlteradas when what is kept is not what was committed to."""
        guardado = await self._secretos.get(sorteo.oid)
        secreto = None if guardado is None else self._boveda.abrir_texto(guardado.sellado, de=sorteo.oid)
        if secreto is None or motor.compromiso_de(secreto) != sorteo.compromiso:
            raise BasesAlteradas(donde="secreto")
        await self.exigir_dichas(sorteo)
        return secreto

    async def exigir_terminos(self, id: PydanticObjectId, terminos: Mapping[str, object]) -> None:
        """Those by which the requests of a draw that is to be repeated were judged are those that it published. Raises
        BasesAlteradas."""
        sorteo = await self._sorteos.get(id) if await self.se_dijo_abrir(id) else None
        if sorteo is not None:
            await self.exigir_reglas(sorteo, await self._en_juego.en_juego(id), terminos)

    async def con_sus_parametros(self, sorteo: Sorteo) -> bool:
        """Whether the parameters of a draw that was opened are those that it published."""
        try:
            publicadas = await self._reglas_publicadas(sorteo)
            await self.exigir_dichas(sorteo)
        except BasesAlteradas:
            return False
        return await asyncio.to_thread(con_sus_parametros, publicadas, sorteo)

    async def exigir_reglas(
        self, sorteo: Sorteo, espacios: Sequence[motor.Espacio], terminos: Mapping[str, object]
    ) -> None:
        """Raises BasesAlteradas when parameters, rules or spaces, or the `terminos` of the window, are not those that
        the opening published."""
        publicadas = await self._reglas_publicadas(sorteo)
        # Of a city the file has a quarter of a million spaces.
        if donde := await asyncio.to_thread(lo_que_cambio, publicadas, sorteo, espacios, terminos):
            raise BasesAlteradas(donde=donde)
        await self._exigir_abierto(sorteo, await asyncio.to_thread(cierre_publicado, publicadas))

    async def _reglas_publicadas(self, sorteo: Sorteo) -> bytes:
        publicadas = b"".join([parte async for parte in self._partes(sorteo, Publicado.reglas, "")])
        if motor.sha256_hex(publicadas) != sorteo.huella_reglas:
            raise BasesAlteradas(donde="reglas")
        return publicadas

    async def exigir_apertura(self, sorteo: Sorteo) -> Mapping[str, object]:
        """The same, at the steps that follow the closing; the terms of the window."""
        terminos = await self._ventanillas.terminos(sorteo_id=sorteo.oid)
        await self.exigir_reglas(sorteo, await self._en_juego.en_juego(sorteo.oid), terminos)
        return terminos

    async def escribir_padron(self, sorteo: Sorteo, ficha: str, lotes: AsyncIterable[Sequence[Titular]]) -> str:
        """Write the roll of a closing, whose folios come ascending; its hash."""
        clave = await self._clave_nueva(sorteo.oid)

        async def lineas() -> AsyncIterator[bytes]:
            async for lote in lotes:
                yield b"".join(lineas_padron(clave, lote))

        return await self._archivos.guardar(
            sorteo_id=sorteo.oid, archivo=Publicado.padron, intento=ficha, lineas=lineas()
        )

    async def padron(self, sorteo: Sorteo) -> lectura.PadronAbierto:
        """Raises BasesAlteradas."""
        clave = await self.clave_del_padron(sorteo.oid)
        if clave is None or sorteo.huella_padron is None or sorteo.intento is None:
            raise BasesAlteradas(donde="padron")
        entradas: list[bytes] = []
        partes = self._partes(sorteo, Publicado.padron, sorteo.intento)
        await lectura.leer(
            partes, huella=sorteo.huella_padron, donde="padron", cada=lambda c: entradas.append(leer_linea(c))
        )
        return lectura.PadronAbierto(clave=clave, indice=await asyncio.to_thread(Indice, entradas))

    async def resultado(self, sorteo: Sorteo, *, lote: int) -> lectura.ResultadoCustodiado:
        """What is about to be published, `lote` lines at a time. Raises BasesAlteradas."""
        if sorteo.intento is None or sorteo.corrida is None:
            raise BasesAlteradas(donde="resultado")
        terminos = await self.exigir_apertura(sorteo)
        bases, lotes = lectura.BasesLeidas(), lectura.PorLotes(lote)
        partes = self._partes(sorteo, Publicado.bases, sorteo.intento)
        await lectura.leer(partes, huella=sorteo.huella, donde="bases", cada=bases)
        partes = self._partes(sorteo, Publicado.resultado, sorteo.corrida)
        await lectura.leer(partes, huella=sorteo.huella_resultado, donde="resultado", cada=lotes)
        return lectura.ResultadoCustodiado(
            padron=await self.padron(sorteo),
            lote=lote,
            lotes=lotes.sumas(),
            bases=await asyncio.to_thread(Indice, bases.entradas),
            espacios=bases.espacios,
            terminos=terminos,
        )

    async def cuantas_sorteadas(self, sorteo: Sorteo) -> int:
        """How many lines the published result has. Raises BasesAlteradas."""
        lineas = 0

        def contar(_: bytes) -> None:
            nonlocal lineas
            lineas += 1

        partes = self._partes(sorteo, Publicado.resultado, sorteo.corrida or "")
        await lectura.leer(partes, huella=sorteo.huella_resultado, donde="resultado", cada=contar)
        return lineas

    async def exigir_lineas(
        self, custodiado: lectura.ResultadoCustodiado, sorteo: Sorteo, filas: Sequence[PuestoPorPublicar], *, desde: int
    ) -> lectura.LoteCustodiado:
        """`filas`: the lines after that position. Raises BasesAlteradas: see `ResultadoCustodiado.exigir`."""
        congelados = await self._participantes.por_folios(sorteo, [fila.folio for fila in filas])
        return await custodiado.exigir(filas, desde=desde, congelados=congelados)

    async def clave_del_padron(self, id: PydanticObjectId) -> str | None:
        guardado = await self._secretos.get(id)
        if guardado is None or guardado.padron is None:
            return None
        return self._boveda.abrir_texto(guardado.padron, de=id)

    async def _clave_nueva(self, id: PydanticObjectId) -> str:
        """The key of the roll: the first closing of a draw makes one, and the others use it."""
        propia = self._boveda.nuevo()
        await self._secretos.con_padron(id, self._boveda.cerrar_texto(propia, de=id))
        clave = await self.clave_del_padron(id)
        if clave is None:
            raise BasesAlteradas(donde="secreto")
        return clave

    async def _denunciar(self, id: PydanticObjectId, paso: Paso, donde: str, objeto: str | None) -> None:
        hallada = Alteracion(paso=paso, donde=donde if objeto is None else f"{donde}:{objeto}", cuando=ahora())
        if await self._sorteos.anotar_alteracion(id, hallada):
            datos = {"donde": donde, "paso": paso.value, "sorteo": str(id)} | ({} if objeto is None else {"de": objeto})
            await self._bitacora.suceso(tipo=_ALTERADAS, hecho=False, datos=datos, objeto=id)

    async def se_denuncio(self, sorteo: Sorteo) -> bool:
        """Whether a step found what the draw says that it found, as the audit was told: so it waits for people. Whoever
        writes that there would stop its clock."""
        hallada = sorteo.alteracion
        if hallada is None:
            return False
        dichas = await self._bitacora.dichos(objeto=sorteo.oid, tipos=[_ALTERADAS])
        return (hallada.paso.value, hallada.donde) in {
            (dicha.get("paso"), ":".join(dicha[campo] for campo in ("donde", "de") if campo in dicha))
            for dicha in dichas
        }

    def _partes(self, sorteo: Sorteo, archivo: Publicado, intento: str) -> AsyncIterator[bytes]:
        return self._archivos.partes(sorteo_id=sorteo.oid, archivo=archivo, intento=intento)
