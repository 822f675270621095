"""Who writes on the database would take rows away before they are sealed, or cut the chain: the process that wrote them
remembers. And rows are counted so that no transaction waits, and nothing that comes to nothing leaves a gap."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.client_session import ClientSession

from app.core.acts.contract import atendiendo
from app.modules.auditoria.cadena import DENUNCIA, Cabeza, Falla, TipoDeFalla
from app.modules.auditoria.verificar import comprobar
from tests.conftest import Reloj
from tests.modules.auditoria.cadenas import CLAVE
from tests.modules.auditoria.conftest import Casa, acto


async def exigir(casa: Casa, falla: TipoDeFalla | None) -> None:
    """The API and the command line say the same."""
    informe = await casa.servicio.verificar()
    assert informe == comprobar([linea async for linea in casa.servicio.exportar()], CLAVE)
    assert (None if informe.falla is None else informe.falla.tipo) == falla


async def mirar(casa: Casa, veces: int = 2) -> None:
    for _ in range(veces):
        await casa.vigia.vigilar()


async def actuar(casa: Casa) -> None:
    with atendiendo(acto()):
        await casa.uow.run(casa.cosa)


async def dormir(casa: Casa) -> None:
    """The sealer is kept from sealing, by a lease that is no process's, which is given back later."""
    await casa.sello.update_many({}, {"$set": {"titular": "nadie"}, "$currentDate": {"visto_en": True}})


class TestLaUltimaSinSellar:
    async def test_quitada_y_el_turno_devuelto(self, casa: Casa, caplog: pytest.LogCaptureFixture) -> None:
        await actuar(casa)
        await casa.sellador().sellar()
        await mirar(casa)
        await dormir(casa)
        await actuar(casa)
        ultima = (await casa.filas())[-1]
        await casa.coleccion.delete_one({"_id": ultima["_id"]})
        await casa.sello.update_many({}, {"$set": {"titular": None}})
        await casa.sellador().sellar()
        await mirar(casa)
        assert [r.levelno for r in caplog.records if r.levelno > logging.INFO] == [logging.ERROR]
        denuncia = (await casa.filas())[-1]
        assert (denuncia["accion"], denuncia["objeto"], denuncia["rol"]) == (
            DENUNCIA,
            [str(ultima["_id"])],
            "sistema",
        )
        await casa.enmudecer()
        await casa.sellador().sellar()
        await exigir(casa, TipoDeFalla.denunciada)

    async def test_la_denuncia_tampoco_se_quita(self, casa: Casa) -> None:
        await actuar(casa)
        for _ in range(3):
            await casa.coleccion.delete_many({})
            await mirar(casa)
        await casa.sellador().sellar()
        await exigir(casa, TipoDeFalla.denunciada)

    async def test_cambiada_antes_de_sellarla(self, casa: Casa, reloj: Reloj, caplog: pytest.LogCaptureFixture) -> None:
        await actuar(casa)
        await casa.coleccion.update_one({}, {"$set": {"accion": "cosas_ver"}})
        await exigir(casa, TipoDeFalla.ajena)
        with caplog.at_level(logging.ERROR):
            assert await casa.sellador().sellar() == 0
        assert "no se sellan" in caplog.text
        await mirar(casa)
        assert [fila["accion"] for fila in await casa.filas()] == ["cosas_ver", DENUNCIA]
        reloj.avanzar(minutes=3)
        await exigir(casa, TipoDeFalla.ajena)

    async def test_sin_nadie_que_recuerde_la_cuenta_la_delata(self, casa: Casa) -> None:
        """The process of before denounces nothing, and the next row of the lane has the number after."""
        for _ in range(2):
            await actuar(casa)
        await casa.coleccion.delete_one({"orden": 2})
        await actuar(casa)
        await casa.sellador().sellar()
        await exigir(casa, TipoDeFalla.suprimida)

    async def test_una_puesta_por_quien_no_tiene_la_clave(self, casa: Casa) -> None:
        await actuar(casa)
        await casa.sellador().sellar()
        (una,) = await casa.filas()
        sin_firma = {c: v for c, v in una.items() if c not in ("_id", "n", "previo", "mac", "serie", "orden", "firma")}
        await casa.coleccion.insert_one(sin_firma | {"pendiente": True})
        await casa.enmudecer()
        assert await casa.sellador().sellar() == 0
        await exigir(casa, TipoDeFalla.ajena)

    async def test_muchas_ajenas_no_estorban(self, casa: Casa) -> None:
        await actuar(casa)
        await casa.sellador().sellar()
        (una,) = await casa.filas()
        ajena = {c: v for c, v in una.items() if c not in ("_id", "n", "previo", "mac")} | {"pendiente": True}
        await casa.coleccion.insert_many([dict(ajena) for _ in range(600)])
        await actuar(casa)
        sellador = casa.sellador()
        await casa.enmudecer()
        assert sum([await sellador.sellar() for _ in range(3)]) == 1


class TestLaCadena:
    async def test_cortada_con_su_cabeza(self, casa: Casa, caplog: pytest.LogCaptureFixture) -> None:
        for _ in range(3):
            await actuar(casa)
        await casa.sellador().sellar()
        await mirar(casa)
        segunda = (await casa.filas())[1]
        await casa.coleccion.delete_one({"n": 3})
        await casa.sello.update_one({}, {"$set": {"n": 2, "mac": segunda["mac"]}})
        await exigir(casa, None)
        await mirar(casa)
        assert "ya no contiene la cabeza" in caplog.text
        await casa.enmudecer()
        await casa.sellador().sellar()
        await exigir(casa, TipoDeFalla.denunciada)

    @pytest.mark.parametrize("que", ["filas", "sello", "todo"])
    async def test_borrada(self, casa: Casa, que: str) -> None:
        await actuar(casa)
        await casa.sellador().sellar()
        await mirar(casa)
        if que != "sello":
            await casa.coleccion.delete_many({})
        if que != "filas":
            await casa.sello.delete_many({})
        await mirar(casa)
        assert (await casa.filas())[-1]["accion"] == DENUNCIA

    async def test_la_cabeza_se_dice_en_el_registro(
        self, casa: Casa, reloj: Reloj, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Where whoever writes on the database does not write."""
        caplog.set_level(logging.INFO)
        sellador = casa.sellador()
        for horas in (0, 1, 1):
            reloj.avanzar(hours=horas)
            await actuar(casa)
            await sellador.sellar()
            await mirar(casa)
        await casa.vigia.despedirse()
        macs = [fila["mac"] for fila in await casa.filas()]
        assert [r.getMessage() for r in caplog.records] == [
            f"auditoría: cabeza {n}:{mac}" for n, mac in enumerate(macs, start=1)
        ]


class TestSinFalsaAlarma:
    async def test_lo_sellado_no_se_recuerda(self, casa: Casa) -> None:
        for _ in range(5):
            await actuar(casa)
        await mirar(casa, 3)
        assert len(casa.escribano.por_ver) == 5
        await casa.sellador().sellar()
        await mirar(casa, 3)
        assert casa.escribano.por_ver == {}
        assert casa.vigia._cabeza == Cabeza(5, (await casa.filas())[-1]["mac"])
        await exigir(casa, None)

    async def test_una_sola_vez_no_basta(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A server that is none any more, and does not know yet."""
        await actuar(casa)

        async def ninguna(_: object) -> dict[Any, Any]:
            return {}

        for _ in range(3):
            with monkeypatch.context() as parche:
                parche.setattr(casa.apuntes, "hallados", ninguna)
                await casa.vigia.vigilar()
            await casa.vigia.vigilar()
        assert len(await casa.filas()) == 1


async def _falla(casa: Casa) -> None:
    await casa.cosa()
    raise ValueError


async def _cancelada(casa: Casa) -> None:
    await casa.cosa()
    raise asyncio.CancelledError


class TestCuenta:
    async def test_muchos_a_la_vez_sin_huecos(self, casa: Casa) -> None:
        """Each transaction has a lane for itself, and lanes are used again."""

        async def seguidos() -> None:
            for _ in range(5):
                await actuar(casa)

        await asyncio.gather(*(seguidos() for _ in range(20)))
        filas = await casa.filas()
        por_serie: dict[str, list[int]] = {}
        for fila in filas:
            por_serie.setdefault(fila["serie"], []).append(fila["orden"])
        assert {serie: sorted(ordenes) for serie, ordenes in por_serie.items()} == {
            serie: list(range(1, len(ordenes) + 1)) for serie, ordenes in por_serie.items()
        }
        assert len(por_serie) <= 20
        await casa.sellador().sellar()
        await exigir(casa, None)

    @pytest.mark.parametrize("hacer", [_falla, _cancelada])
    async def test_lo_que_quedo_en_nada_no_deja_hueco(
        self, casa: Casa, hacer: Callable[[Casa], Awaitable[None]]
    ) -> None:
        async def con_suceso() -> None:
            await casa.bitacora.suceso(tipo="prueba")
            await hacer(casa)

        for _ in range(3):
            await actuar(casa)
            with pytest.raises((ValueError, asyncio.CancelledError)):
                await casa.uow.run(con_suceso)
        filas = await casa.filas()
        assert [(fila["serie"], fila["orden"]) for fila in filas] == [(filas[0]["serie"], n) for n in (1, 2, 3)]

    @pytest.mark.parametrize("llego", [True, False])
    async def test_si_no_se_sabe_tampoco(self, casa: Casa, monkeypatch: pytest.MonkeyPatch, llego: bool) -> None:
        """The process was cancelled while the commit was on its way."""
        confirmar = ClientSession.commit_transaction

        def perdida(sesion: ClientSession) -> None:
            confirmar(sesion) if llego else sesion.abort_transaction()
            raise asyncio.CancelledError

        await actuar(casa)
        with monkeypatch.context() as parche:
            parche.setattr(ClientSession, "commit_transaction", perdida)
            with pytest.raises(asyncio.CancelledError):
                await actuar(casa)
        for _ in range(2):
            await actuar(casa)
        assert len(await casa.filas()) == 3 + llego
        await mirar(casa)
        await casa.sellador().sellar()
        await exigir(casa, None)

    async def test_los_que_chocan_y_se_repiten(self, casa: Casa) -> None:
        cosa = await casa.cosa()

        async def sumar() -> None:
            await casa.bitacora.suceso(tipo="prueba")
            leida = await casa.cosas.get(cosa.oid)
            assert leida is not None
            await casa.cosas.update_one({"_id": cosa.oid}, {"$set": {"valor": leida.valor + 1}})

        await asyncio.gather(*(casa.uow.run(sumar) for _ in range(10)))
        assert len(await casa.filas()) == 10
        await casa.sellador().sellar()
        await exigir(casa, None)

    async def test_el_informe_dice_cual_viene_tras_el_hueco(self, casa: Casa) -> None:
        for _ in range(3):
            await actuar(casa)
        await casa.coleccion.delete_one({"orden": 2})
        await casa.sellador().sellar()
        assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.suprimida, 2)
