"""Who has a key, and what it left: with many at once, on the real server."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from beanie import Document

from app.core.idempotency.contract import Guardada, Toma
from app.core.idempotency.models import DOCUMENTOS, ParteDeRespuesta, RespuestaGuardada
from app.core.idempotency.repository import CandadoRepository, ParteRepository, RespuestaRepository
from app.core.idempotency.service import SE_GUARDA, TROZO, CandadoService, RespuestaService
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import ClaveReutilizada, PeticionEnCurso
from tests.conftest import Reloj
from tests.core.idempotency.taller import enmudecer

RESPUESTA = Guardada(status=201, cabeceras=[("location", "/a"), ("location", "/b")], cuerpo=b"{}", huella="h")


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


@pytest.fixture
def respuestas(base_real: UnitOfWork, reloj: Reloj) -> RespuestaService:
    del base_real, reloj
    return RespuestaService(respuestas=RespuestaRepository(), partes=ParteRepository())


async def tomar(respuestas: RespuestaService, huella: str = "h") -> Toma:
    toma = await respuestas.tomar(id="k", huella=huella)
    assert isinstance(toma, Toma)
    return toma


async def intentar(respuestas: RespuestaService) -> Toma | Guardada | type[Exception]:
    try:
        return await respuestas.tomar(id="k", huella="h")
    except PeticionEnCurso as error:
        return type(error)


async def test_de_muchos_a_la_vez_la_tiene_uno(respuestas: RespuestaService) -> None:
    resultados = await asyncio.gather(*(intentar(respuestas) for _ in range(50)))
    assert len([r for r in resultados if isinstance(r, Toma)]) == 1
    assert resultados.count(PeticionEnCurso) == 49


async def test_una_que_calla_la_releva_uno(respuestas: RespuestaService) -> None:
    muerta = await tomar(respuestas)
    await enmudecer()
    resultados = await asyncio.gather(*(intentar(respuestas) for _ in range(50)))
    (viva,) = [r for r in resultados if isinstance(r, Toma)]
    assert viva.ficha != muerta.ficha
    assert not await respuestas.guardar(muerta, RESPUESTA)
    assert not await respuestas.renovar(muerta)
    await respuestas.soltar(muerta)
    assert await respuestas.guardar(viva, RESPUESTA)
    assert await intentar(respuestas) == RESPUESTA


async def test_renovada_no_vence(respuestas: RespuestaService) -> None:
    toma = await tomar(respuestas)
    await enmudecer()
    assert await respuestas.renovar(toma)
    assert await intentar(respuestas) is PeticionEnCurso


@pytest.mark.parametrize("adelante", [timedelta(hours=2), timedelta(hours=-2)])
async def test_la_hora_de_quien_pregunta_no_cuenta(
    adelante: timedelta, respuestas: RespuestaService, reloj: Reloj
) -> None:
    """Two processes whose clocks differ: the key is whose it is by the clock of the database."""
    await tomar(respuestas)
    reloj.poner(reloj.instante + adelante)
    assert await intentar(respuestas) is PeticionEnCurso
    await enmudecer()
    assert isinstance(await intentar(respuestas), Toma)


async def test_soltada_es_del_primero_que_llegue(respuestas: RespuestaService) -> None:
    await respuestas.soltar(await tomar(respuestas, "una"))
    await tomar(respuestas, "otra")


async def test_guardada_no_se_suelta_ni_se_cambia(respuestas: RespuestaService) -> None:
    toma = await tomar(respuestas)
    assert await respuestas.guardar(toma, RESPUESTA)
    await respuestas.soltar(toma)
    assert not await respuestas.guardar(toma, Guardada(status=200, cabeceras=[], cuerpo=b"otra", huella="h"))
    assert await intentar(respuestas) == RESPUESTA


async def test_para_otra_cosa_no_ni_en_curso_ni_vencida_ni_guardada(respuestas: RespuestaService, reloj: Reloj) -> None:
    toma = await tomar(respuestas)
    with pytest.raises(ClaveReutilizada):
        await respuestas.tomar(id="k", huella="otra")
    await enmudecer()
    with pytest.raises(ClaveReutilizada):
        await respuestas.tomar(id="k", huella="otra")
    assert await respuestas.guardar(toma, RESPUESTA)
    with pytest.raises(ClaveReutilizada):
        await respuestas.tomar(id="k", huella="otra")
    reloj.avanzar(seconds=SE_GUARDA.total_seconds())
    await tomar(respuestas, "otra")


@pytest.mark.parametrize("largo", [0, 1, TROZO, TROZO + 1, 3 * TROZO])
async def test_de_cualquier_tamano_se_lee_como_era(largo: int, respuestas: RespuestaService) -> None:
    cuerpo = bytes(range(251)) * (largo // 251 + 1)
    grande = Guardada(status=200, cabeceras=[("content-length", str(largo))], cuerpo=cuerpo[:largo], huella="h")
    assert await respuestas.guardar(await tomar(respuestas), grande)
    assert await ParteDeRespuesta.count() == max(0, -(-largo // TROZO) - 1)
    leida = await respuestas.tomar(id="k", huella="h")
    assert isinstance(leida, Guardada)
    assert (leida.status, leida.cuerpo) == (200, grande.cuerpo)


async def test_guardar_va_en_la_transaccion(respuestas: RespuestaService, base_real: UnitOfWork) -> None:
    toma = await tomar(respuestas)

    async def guardar_y_caer() -> None:
        assert await respuestas.guardar(toma, Guardada(status=200, cabeceras=[], cuerpo=b"x" * (TROZO + 1), huella="h"))
        raise PeticionEnCurso()

    with pytest.raises(PeticionEnCurso):
        await base_real.run(guardar_y_caer)
    assert await ParteDeRespuesta.count() == 0
    guardada = await RespuestaGuardada.find_one()
    assert guardada is not None
    assert guardada.status is None


async def test_de_las_marcas_en_dos_transacciones_una_empieza_de_nuevo(
    base_real: UnitOfWork, respuestas: RespuestaService
) -> None:
    del respuestas
    candados = CandadoService(CandadoRepository())
    intentos, juntas = 0, asyncio.Barrier(2)

    async def tocar() -> None:
        nonlocal intentos
        intentos += 1
        if intentos <= 2:
            await CandadoRepository().get("/a")  # from here on each sees what there was
            await juntas.wait()
        await candados.tocar(objeto="/a")

    await asyncio.gather(base_real.run(tocar), base_real.run(tocar))
    assert intentos > 2
    marca = await CandadoRepository().get("/a")
    assert marca is not None
    assert marca.veces == 2
