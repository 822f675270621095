"""Sealing: numbered without gap, by one at a time, whoever dies where."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from app.database.unit_of_work import MongoUnitOfWork
from app.modules.auditoria.cadena import Cabeza, ClaveDeCadena, Falla, TipoDeFalla, Verificador
from app.modules.auditoria.models import Sello
from app.modules.auditoria.sellador import Sellador
from app.modules.auditoria.wiring import hacer_bitacora
from tests.conftest import Reloj
from tests.modules.auditoria.cadenas import CLAVE
from tests.modules.auditoria.conftest import Casa


async def exigir_entera(casa: Casa, cuantas: int, sin_sellar: int = 0) -> None:
    informe = await casa.servicio.verificar()
    assert informe.falla is None
    assert (informe.sellados, informe.sin_sellar) == (cuantas, sin_sellar)
    assert informe.cabeza == await casa.cabeza.cabeza()


class TestDormido:
    """Whoever writes on the database would put the sealer to sleep, and take away what is not sealed."""

    @pytest.mark.parametrize("hasta", ["2099-01-01", "9999-12-31"])
    async def test_un_alquiler_del_futuro_no_lo_es(self, casa: Casa, hasta: str) -> None:
        await casa.sucesos(1)
        await casa.sellador().sellar()
        ajeno = {"titular": "nadie", "visto_en": datetime.fromisoformat(hasta).replace(tzinfo=UTC)}
        await casa.sello.update_many({}, {"$set": ajeno})
        await casa.sucesos(2)
        assert await casa.sellador().sellar() == 2
        await exigir_entera(casa, 3)

    async def test_lo_que_espera_demasiado_no_esta_integro(
        self, casa: Casa, reloj: Reloj, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Somebody says again and again that they live, and seals nothing."""
        await casa.sucesos(1)
        await casa.sellador().sellar()
        await casa.sello.update_many({}, {"$set": {"titular": "nadie"}, "$currentDate": {"visto_en": True}})
        await casa.sucesos(1)
        assert await casa.sellador().sellar() == 0
        assert (await casa.servicio.verificar()).falla is None
        assert caplog.records == []
        reloj.avanzar(minutes=2, seconds=1)
        await casa.sello.update_many({}, {"$currentDate": {"visto_en": True}})
        assert await casa.sellador().sellar() == 0
        assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.atrasada, None)
        assert [registro.levelno for registro in caplog.records] == [logging.ERROR]

    async def test_tampoco_lo_que_el_sellador_no_ve(self, casa: Casa, reloj: Reloj) -> None:
        await casa.sucesos(2)
        await casa.coleccion.update_one({}, {"$unset": {"pendiente": ""}})
        assert await casa.sellador().sellar() == 1
        reloj.avanzar(minutes=3)
        assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.atrasada, None)


class TestUnoSolo:
    async def test_numera_desde_uno_y_sigue(self, casa: Casa) -> None:
        sellador = casa.sellador()
        assert await sellador.sellar() == 0
        assert await casa.cabeza.cabeza() is None
        await casa.sucesos(3)
        await exigir_entera_sin_cabeza(casa, 3)
        assert await sellador.sellar() == 3
        await casa.sucesos(2)
        await exigir_entera(casa, 3, sin_sellar=2)
        assert await sellador.sellar() == 2
        assert [fila["n"] for fila in await casa.filas()] == [1, 2, 3, 4, 5]
        assert not any("pendiente" in fila for fila in await casa.filas())
        await exigir_entera(casa, 5)

    async def test_en_el_orden_en_que_ocurrieron(self, casa: Casa, reloj: Reloj) -> None:
        for i in range(5):
            reloj.avanzar(seconds=1)
            await casa.sucesos(2, tipo=f"vuelta{i}")
        await casa.sellador().sellar()
        assert [fila["accion"] for fila in await casa.filas()] == [f"vuelta{i}" for i in range(5) for _ in range(2)]

    async def test_mas_de_un_lote(self, casa: Casa) -> None:
        await asyncio.gather(*(casa.sucesos(50) for _ in range(10)))
        assert await casa.sellador().sellar() == 500
        await exigir_entera(casa, 500)

    async def test_lo_que_se_confirma_tarde_se_sella_despues(self, casa: Casa, reloj: Reloj) -> None:
        """A transaction that began before and ends later: its hour is earlier, its number is not."""
        hecho, seguir = asyncio.Event(), asyncio.Event()

        async def despacio() -> None:
            await casa.sucesos(1, tipo="tarde")
            hecho.set()
            await seguir.wait()

        tarea = asyncio.create_task(casa.uow.run(despacio))
        await hecho.wait()
        reloj.avanzar(seconds=1)
        await casa.sucesos(1, tipo="pronto")
        assert await casa.sellador().sellar() == 1
        seguir.set()
        await tarea
        assert await casa.sellador().sellar() == 0  # the lease is another's
        await casa.enmudecer()
        assert await casa.sellador().sellar() == 1
        assert [(fila["n"], fila["accion"]) for fila in await casa.filas()] == [(1, "pronto"), (2, "tarde")]
        await exigir_entera(casa, 2)


async def exigir_entera_sin_cabeza(casa: Casa, sin_sellar: int) -> None:
    informe = await casa.servicio.verificar()
    assert (informe.falla, informe.sellados, informe.sin_sellar, informe.cabeza) == (None, 0, sin_sellar, None)


class TestVarios:
    async def test_de_muchos_procesos_sella_uno_cada_vez(self, casa: Casa) -> None:
        selladores = [casa.sellador() for _ in range(6)]

        async def escribir() -> None:
            for _ in range(40):
                await casa.sucesos(1)

        async def sellar(sellador: Sellador) -> int:
            sellados = 0
            for _ in range(20):
                sellados += await sellador.sellar()
            return sellados

        sellados, *_ = await asyncio.gather(
            asyncio.gather(*map(sellar, selladores)), asyncio.gather(escribir(), escribir())
        )
        resto = [await s.sellar() for s in selladores]
        assert sum(sellados) + sum(resto) == 80
        await exigir_entera(casa, 80)

    async def test_quien_suelta_deja_seguir_a_otro(self, casa: Casa) -> None:
        uno, otro = casa.sellador(), casa.sellador()
        await casa.sucesos(1)
        assert await uno.sellar() == 1
        await casa.sucesos(1)
        assert await otro.sellar() == 0
        await uno.soltar()
        assert await otro.sellar() == 1
        await exigir_entera(casa, 2)

    async def test_a_quien_se_le_fue_el_turno_no_escribe(self, casa: Casa) -> None:
        """It took the lease, slept through it, and wakes up in the middle of its round."""
        uno, otro = casa.sellador(), casa.sellador()
        await casa.sucesos(2)
        tomado = await uno._tomar()
        assert tomado is not None
        await casa.enmudecer()
        assert await otro.sellar() == 2
        await casa.sucesos(1)
        assert await casa.uow.run(lambda: uno._sellar_lote(tomado.ficha)) == 0
        await exigir_entera(casa, 2, sin_sellar=1)

    async def test_los_dos_a_la_vez_en_el_mismo_lote(self, casa: Casa) -> None:
        uno, otro = casa.sellador(), casa.sellador()
        await casa.sucesos(30)
        tomado = await uno._tomar()
        assert tomado is not None
        await casa.enmudecer()
        suyo = await otro._tomar()
        assert suyo is not None
        assert suyo.ficha == tomado.ficha + 1
        hechos = await asyncio.gather(
            casa.uow.run(lambda: uno._sellar_lote(tomado.ficha)), casa.uow.run(lambda: otro._sellar_lote(suyo.ficha))
        )
        assert list(hechos) == [0, 30]
        await exigir_entera(casa, 30)

    async def test_el_primer_turno_lo_estrena_uno(self, casa: Casa) -> None:
        await casa.sucesos(1)
        tomados = await asyncio.gather(*(casa.sellador()._tomar() for _ in range(8)))
        assert len([t for t in tomados if t is not None]) == 1
        assert await casa.sello.count_documents({}) == 1


class TestMuertes:
    @pytest.mark.parametrize("donde", ["sujetar", "pendientes", "ultima", "sellar", "adelantar"])
    @pytest.mark.parametrize("cuando", ["antes", "despues"])
    async def test_muera_donde_muera_otro_sigue_sin_hueco(
        self, donde: str, cuando: str, casa: Casa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await casa.sucesos(2)
        await casa.sellador().sellar()
        await casa.sucesos(3)
        await casa.enmudecer()
        repositorio = casa.sellos if donde in ("sujetar", "adelantar") else casa.apuntes
        entero = getattr(repositorio, donde)

        async def morir(*args: Any, **kwargs: Any) -> None:
            if cuando == "despues":
                await entero(*args, **kwargs)
            raise asyncio.CancelledError

        with monkeypatch.context() as parche:
            parche.setattr(repositorio, donde, morir)
            with pytest.raises(asyncio.CancelledError):
                await casa.sellador().sellar()
        await exigir_entera(casa, 2, sin_sellar=3)
        await casa.enmudecer()
        assert await casa.sellador().sellar() == 3
        await exigir_entera(casa, 5)

    async def test_una_confirmacion_que_no_se_sabe_si_llego(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """It did: going on from what was read before would number twice."""
        await casa.sucesos(2)
        sellador = casa.sellador()
        entera = MongoUnitOfWork.run

        async def perder(uow: MongoUnitOfWork, fn: Any) -> Any:
            await entera(uow, fn)
            raise AutoReconnect("se cayó")

        with monkeypatch.context() as parche:
            parche.setattr(MongoUnitOfWork, "run", perder)
            with pytest.raises(AutoReconnect):
                await sellador.sellar()
        await casa.sucesos(1)
        assert await sellador.sellar() == 1
        await exigir_entera(casa, 3)


class TestLoQueNoCuadra:
    async def test_con_otra_clave_no_se_sigue(self, casa: Casa, caplog: pytest.LogCaptureFixture) -> None:
        await casa.sucesos(1)
        await casa.sellador().sellar()
        await casa.sucesos(1)
        ajeno = Sellador(apuntes=casa.apuntes, sellos=casa.sellos, clave=ClaveDeCadena(b"otra"), uow=casa.uow)
        with caplog.at_level(logging.ERROR):
            assert [await ajeno.sellar() for _ in range(3)] == [0, 0, 0]
        assert len([r for r in caplog.records if "PARKNET_CLAVE_AUDITORIA" in r.getMessage()]) == 1
        assert "n" not in (await casa.filas())[-1]

    async def test_con_otra_clave_y_la_de_antes_se_sigue(self, casa: Casa) -> None:
        """What was signed before is sealed before. Then the key of before is good for nothing, wherever it is."""
        await casa.sucesos(1)
        vieja = casa.sellador()
        await vieja.sellar()
        await casa.sucesos(2)
        nueva, antes = ClaveDeCadena(b"otra"), CLAVE
        bitacora = hacer_bitacora(nueva)
        await bitacora.suceso(tipo="prueba")
        otro = Sellador(apuntes=casa.apuntes, sellos=casa.sellos, clave=nueva, anteriores=[antes], uow=casa.uow)
        await vieja.soltar()
        assert await otro.sellar() == 1
        assert await vieja.sellar() == 0
        verificador = Verificador(nueva, anteriores=[antes])
        sello = await casa.sellos.leer()
        verificador.clave_guardada(None if sello is None else sello.clave)
        async for fila in casa.apuntes.selladas():
            verificador.sellada(fila)
        informe = verificador.informe()
        assert (informe.falla, informe.sellados) == (None, 4)
        await casa.sucesos(1)  # signed with the key of before
        await bitacora.suceso(tipo="prueba")
        assert await otro.sellar() == 1
        assert len([fila for fila in await casa.filas() if "n" not in fila]) == 1

    async def test_quien_durmio_al_cambiar_de_clave_no_la_cambia(
        self, casa: Casa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It sealed what there was, and slept through its lease; a process with the key of before goes on meanwhile,
        and what that process signs is sealed under that key."""
        vieja, nueva = casa.sellador(), ClaveDeCadena(b"otra")
        await casa.sucesos(1)
        await vieja.sellar()
        await vieja.soltar()
        otro = Sellador(apuntes=casa.apuntes, sellos=casa.sellos, clave=nueva, anteriores=[CLAVE], uow=casa.uow)
        cambiar = casa.sellos.cambiar_de_clave

        async def tras_dormir(**cual: Any) -> bool:
            await casa.enmudecer()
            await casa.sucesos(1)
            assert await vieja.sellar() == 1
            await casa.sucesos(1)
            return await cambiar(**cual)

        monkeypatch.setattr(casa.sellos, "cambiar_de_clave", tras_dormir)
        assert await otro.sellar() == 0
        sello = await casa.sellos.leer()
        assert sello is not None
        assert sello.clave == CLAVE.id
        assert await vieja.sellar() == 1
        await exigir_entera(casa, 3)

    async def test_una_cabeza_vieja_no_hace_numerar_dos_veces(self, casa: Casa) -> None:
        await casa.sucesos(3)
        sellador = casa.sellador()
        await sellador.sellar()
        primera = (await casa.filas())[0]
        await casa.sello.update_one({}, {"$set": {"n": 1, "mac": primera["mac"]}})
        await casa.sucesos(1)
        assert await sellador.sellar() == 1
        await exigir_entera(casa, 4)

    async def test_una_cola_que_falta_no_se_tapa(self, casa: Casa) -> None:
        """The numbers of what is gone are not given again: the gap stays for everybody to see."""
        await casa.sucesos(5)
        sellador = casa.sellador()
        await sellador.sellar()
        await casa.coleccion.delete_many({"n": {"$gte": 4}})
        assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.cola_cortada, 4)
        await casa.sucesos(2)
        assert await sellador.sellar() == 2
        assert [fila["n"] for fila in await casa.filas()] == [1, 2, 3, 6, 7]
        assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.faltante, 4)

    async def test_un_numero_no_se_da_dos_veces(self, casa: Casa) -> None:
        await casa.sucesos(2)
        await casa.sellador().sellar()
        with pytest.raises(Exception, match="apunte_numero"):
            await casa.coleccion.update_one({"n": 2}, {"$set": {"n": 1}})

    async def test_lo_sellado_no_se_vuelve_a_sellar(self, casa: Casa) -> None:
        await casa.sucesos(2)
        sellador = casa.sellador()
        await sellador.sellar()
        await casa.coleccion.update_many({}, {"$set": {"pendiente": True}})
        assert await sellador.sellar() == 0
        await exigir_entera(casa, 2)


async def test_la_cabeza_es_la_del_sello(casa: Casa) -> None:
    await casa.sucesos(4)
    await casa.sellador().sellar()
    (sello,) = [Sello.model_validate(crudo) async for crudo in casa.sello.find({})]
    assert await casa.cabeza.cabeza() == Cabeza(4, sello.mac) == Cabeza(4, (await casa.filas())[-1]["mac"])
