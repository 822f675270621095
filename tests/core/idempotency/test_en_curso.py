"""Calls under one key while the first is at it, or was taken for dead; and files."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from app.core.idempotency import service as idempotencia
from app.core.idempotency.service import SE_GUARDA
from app.database.unit_of_work import UnitOfWork
from tests.conftest import Reloj
from tests.core.idempotency.taller import Cosa, Cosas, Taller, con, cosas, enmudecer


class TestArchivos:
    CSV = {"Content-Type": "text/csv"}

    async def test_el_mismo_es_el_mismo_venga_como_venga(self, cliente: httpx.AsyncClient) -> None:
        """A form has another separator each time."""
        primera = await cliente.post("cosas/archivo", content=b"a,b\n", headers=con("k", **self.CSV))
        assert primera.status_code == 200
        for opciones in (
            {"content": b"a,b\n", "headers": con("k", **self.CSV)},
            {"files": {"archivo": ("a.csv", b"a,b\n", "text/csv")}, "headers": con("k")},
            {"files": {"archivo": ("otro.csv", b"a,b\n", "text/csv")}, "headers": con("k")},
        ):
            otra = await cliente.post("cosas/archivo", **opciones)
            assert (otra.content, otra.headers["idempotency-replayed"]) == (primera.content, "true")
        assert await cosas() == 1

    @pytest.mark.parametrize(("ruta", "contenido"), [("cosas/archivo", b"a,c\n"), ("cosas/archivo?a=1", b"a,b\n")])
    async def test_otro_no(self, ruta: str, contenido: bytes, cliente: httpx.AsyncClient) -> None:
        await cliente.post("cosas/archivo", content=b"a,b\n", headers=con("k", **self.CSV))
        otro = await cliente.post(ruta, content=contenido, headers=con("k", **self.CSV))
        assert (otro.status_code, otro.json()["codigo"]) == (422, "clave_reutilizada")
        assert await cosas() == 1

    async def test_uno_sin_medida_tampoco_se_lee_para_comparar(self, cliente: httpx.AsyncClient) -> None:
        await cliente.post("cosas/archivo", content=b"a,b\n", headers=con("k", **self.CSV))
        leidos = 0

        async def sin_fin() -> AsyncIterator[bytes]:
            nonlocal leidos
            for _ in range(2000):
                leidos += 1
                yield b" " * 65_536

        otro = await cliente.post("cosas/archivo", content=sin_fin(), headers=con("k", **self.CSV))
        assert otro.status_code == 413
        assert leidos < 1000


class TestLoYaHecho:
    async def test_quien_releva_no_lo_hace_otra_vez(self, cliente: httpx.AsyncClient, taller: Taller) -> None:
        async def esperar() -> None:
            await taller.seguir.wait()

        taller.antes_de_acabar = esperar
        muerta = asyncio.create_task(cliente.post("cosas/cola", headers=con("k")))
        await taller.llegadas.get()
        for _ in range(2):
            await enmudecer()
            otra = asyncio.create_task(cliente.post("cosas/cola", headers=con("k")))
            await taller.llegadas.get()
        taller.seguir.set()
        assert (await otra).json() == (await muerta).json()
        assert await cosas() == 1

    async def test_al_dia_siguiente_si(self, cliente: httpx.AsyncClient, reloj: Reloj) -> None:
        primera = await cliente.post("cosas/cola", headers=con("k"))
        reloj.avanzar(seconds=SE_GUARDA.total_seconds())
        assert (await cliente.post("cosas/cola", headers=con("k"))).json() != primera.json()
        assert await cosas() == 2

    async def test_quien_la_perdio_no_lo_hace(
        self, cliente: httpx.AsyncClient, taller: Taller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It comes to the queue when somebody else has the key: what it would queue is undone."""
        original = taller.cosas.insert
        parar = True

        async def despacio(cosa: Cosa) -> Cosa:
            nonlocal parar
            hecha = await original(cosa)
            if parar:
                parar = False
                taller.llegadas.put_nowait(0)
                await taller.seguir.wait()
            return hecha

        monkeypatch.setattr(taller.cosas, "insert", despacio)
        muerta = asyncio.create_task(cliente.post("cosas/cola", headers=con("k")))
        await taller.llegadas.get()
        await enmudecer()
        viva = await cliente.post("cosas/cola", headers=con("k"))
        taller.seguir.set()
        assert (viva.status_code, (await muerta).status_code) == (200, 409)
        assert await cosas() == 1


class TestEnCurso:
    async def test_la_segunda_lo_sabe_y_no_espera(self, cliente: httpx.AsyncClient, taller: Taller) -> None:
        primera = asyncio.create_task(cliente.post("cosas/lenta", headers=con("k")))
        await taller.llegadas.get()
        segunda = await cliente.post("cosas/lenta", headers=con("k"))
        assert (segunda.status_code, segunda.json()["codigo"]) == (409, "en_curso")
        assert int(segunda.headers["retry-after"]) > 0
        assert (await cliente.post("cosas/lenta?a=1", headers=con("k"))).json()["codigo"] == "clave_reutilizada"
        assert await cosas() == 0, "lo hecho y la respuesta se confirman a la vez"
        taller.seguir.set()
        assert (await primera).status_code == 200
        assert (await cliente.post("cosas/lenta", headers=con("k"))).content == (await primera).content
        assert await cosas() == 1

    async def test_dada_por_muerta_otra_la_releva_y_lo_suyo_se_deshace(
        self, cliente: httpx.AsyncClient, taller: Taller
    ) -> None:
        primera = asyncio.create_task(cliente.post("cosas/lenta", headers=con("k")))
        await taller.llegadas.get()
        await enmudecer()
        segunda = asyncio.create_task(cliente.post("cosas/lenta", headers=con("k")))
        await taller.llegadas.get()
        taller.seguir.set()
        assert (await primera).status_code == 409
        assert (await primera).json()["codigo"] == "en_curso"
        assert (await segunda).status_code == 200
        assert await cosas() == 1
        assert (await cliente.post("cosas/lenta", headers=con("k"))).content == (await segunda).content

    async def test_por_pasos_mientras_vive_nadie_la_releva(
        self, cliente: httpx.AsyncClient, taller: Taller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(idempotencia, "DURACION", timedelta(seconds=0.3))

        async def esperar() -> None:
            await taller.seguir.wait()

        taller.antes_de_acabar = esperar
        primera = asyncio.create_task(cliente.post("cosas/pasos", headers=con("k")))
        await taller.llegadas.get()
        assert await cosas() == 1, "no es una transacción"
        for _ in range(5):
            await asyncio.sleep(0.15)
            assert (await cliente.post("cosas/pasos", headers=con("k"))).status_code == 409
        taller.seguir.set()
        assert (await cliente.post("cosas/pasos", headers=con("k"))).status_code in (200, 409)
        assert (await primera).status_code == 200
        assert (await cliente.post("cosas/pasos", headers=con("k"))).content == (await primera).content
        assert taller.llegadas.empty()

    async def test_por_pasos_quien_la_releva_termina_y_los_dos_responden(
        self, cliente: httpx.AsyncClient, taller: Taller
    ) -> None:
        """The process that had it hangs, and renews nothing."""

        async def esperar() -> None:
            await taller.seguir.wait()

        taller.antes_de_acabar = esperar
        primera = asyncio.create_task(cliente.post("cosas/pasos", headers=con("k")))
        await taller.llegadas.get()
        await enmudecer()
        taller.antes_de_acabar = None
        segunda = await cliente.post("cosas/pasos", headers=con("k"))
        taller.seguir.set()
        assert ((await primera).status_code, segunda.status_code) == (200, 200)
        assert (await cliente.post("cosas/pasos", headers=con("k"))).content == segunda.content


async def test_la_transaccion_que_choca_empieza_de_nuevo(
    cliente: httpx.AsyncClient, taller: Taller, base_real: UnitOfWork
) -> None:
    """The operation runs twice, with its body in place both times, and one is seen."""
    veces = 0

    async def chocar() -> None:
        nonlocal veces
        veces += 1
        ajena = Cosas()
        cosa = await ajena.find_one({"n": 100})
        assert cosa is not None
        if veces == 1:
            # Past the transaction, which has read already.
            await Cosa.get_motor_collection().update_one({"_id": cosa.oid}, {"$set": {"visto": -1}})
        await ajena.update_one({"_id": cosa.oid}, {"$set": {"visto": veces}})

    await base_real.run(lambda: Cosas().insert(Cosa(n=100)))
    taller.antes_de_acabar = chocar
    respuesta = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
    assert (respuesta.status_code, veces) == (201, 2)
    assert await cosas() == 2
