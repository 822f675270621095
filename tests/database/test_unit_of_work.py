"""Transactions on the real server: all or nothing, and again when somebody else was first."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from beanie import Document, PydanticObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError

from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.shared.documents import Documento
from app.shared.exceptions import Conflicto
from app.shared.repository import Repository
from app.shared.transaction import al_deshacer, current_session


class Cuenta(Documento):
    saldo: int = 0
    apuntes: list[str] = []

    class Settings(Documento.Settings):
        name = "cuentas_de_prueba"


class CuentaRepository(Repository[Cuenta]):
    model = Cuenta


class Rota(Conflicto):
    codigo = "conflicto"


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (Cuenta,)


@pytest.fixture
def cuentas(base_real: UnitOfWork) -> CuentaRepository:
    del base_real
    return CuentaRepository()


async def _saldo(cuentas: CuentaRepository, id: PydanticObjectId) -> int:
    cuenta = await cuentas.get(id)
    assert cuenta is not None
    return cuenta.saldo


async def _sumar(cuentas: CuentaRepository, id: PydanticObjectId, cuanto: int) -> None:
    """As people write it who forget that others write too: read, then write what was read."""
    saldo = await _saldo(cuentas, id)
    await cuentas.update_one({"_id": id}, {"$set": {"saldo": saldo + cuanto}})


class Caja:
    def __init__(self, uow: UnitOfWork, cuentas: CuentaRepository) -> None:
        self._uow, self._cuentas = uow, cuentas

    @una_transaccion
    async def pasar(self, de: PydanticObjectId, a: PydanticObjectId, *, cuanto: int) -> int:
        await _sumar(self._cuentas, de, -cuanto)
        if await _saldo(self._cuentas, de) < 0:
            raise Rota()
        await _sumar(self._cuentas, a, cuanto)
        return await _saldo(self._cuentas, a)


async def test_un_metodo_entero_es_una_transaccion(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    una, otra = (await cuentas.insert(Cuenta(saldo=5))).oid, (await cuentas.insert(Cuenta())).oid
    caja = Caja(base_real, cuentas)
    assert sorted(await asyncio.gather(*(caja.pasar(una, otra, cuanto=1) for _ in range(4)))) == [1, 2, 3, 4]
    with pytest.raises(Rota):
        await caja.pasar(una, otra, cuanto=2)
    assert (await _saldo(cuentas, una), await _saldo(cuentas, otra)) == (1, 4)


async def test_lo_hecho_queda_y_lo_devuelto_llega(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    async def paso() -> PydanticObjectId:
        assert current_session() is not None
        return (await cuentas.insert(Cuenta(saldo=5))).oid

    assert await _saldo(cuentas, await base_real.run(paso)) == 5
    assert current_session() is None


@pytest.mark.parametrize("error", [Rota(), ValueError("no"), asyncio.CancelledError()])
async def test_un_error_lo_deshace_todo(error: BaseException, base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    cuenta = await cuentas.insert(Cuenta(saldo=1))
    intentos = 0

    async def paso() -> None:
        nonlocal intentos
        intentos += 1
        await cuentas.insert(Cuenta())
        await cuentas.update_one({"_id": cuenta.id}, {"$set": {"saldo": 2}})
        await cuentas.delete_one({"_id": cuenta.id})
        raise error

    with pytest.raises(type(error)):
        await base_real.run(paso)
    assert intentos == 1
    assert current_session() is None
    assert await cuentas.count({}) == 1
    assert await _saldo(cuentas, cuenta.oid) == 1


async def test_dentro_se_ve_lo_propio_y_fuera_nada_hasta_el_final(
    base_real: UnitOfWork, cuentas: CuentaRepository
) -> None:
    hecho, seguir = asyncio.Event(), asyncio.Event()

    async def paso() -> int:
        await cuentas.insert(Cuenta())
        hecho.set()
        await seguir.wait()
        return await cuentas.count({})

    tarea = asyncio.create_task(base_real.run(paso))
    await hecho.wait()
    assert await cuentas.count({}) == 0
    seguir.set()
    assert await tarea == 1
    assert await cuentas.count({}) == 1


async def test_de_dos_que_chocan_quedan_los_dos_efectos(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    """Both read before either writes: the one that writes second is run again."""
    cuenta = await cuentas.insert(Cuenta())
    leidos = asyncio.Barrier(2)
    intentos: list[int] = []

    def sumar(cuanto: int) -> Any:
        async def paso() -> None:
            intentos.append(cuanto)
            saldo = await _saldo(cuentas, cuenta.oid)
            if len(intentos) <= 2:
                await leidos.wait()
            await cuentas.update_one({"_id": cuenta.id}, {"$set": {"saldo": saldo + cuanto}})

        return base_real.run(paso)

    await asyncio.gather(sumar(10), sumar(1))
    assert await _saldo(cuentas, cuenta.oid) == 11
    assert len(intentos) > 2


async def test_de_muchos_tambien(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    cuenta = await cuentas.insert(Cuenta())
    await asyncio.gather(*(base_real.run(lambda: _sumar(cuentas, cuenta.oid, 1)) for _ in range(12)))
    assert await _saldo(cuentas, cuenta.oid) == 12


async def test_una_dentro_de_otra_es_la_misma(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    async def dentro() -> object:
        await cuentas.insert(Cuenta())
        return current_session()

    async def paso() -> None:
        assert await base_real.run(dentro) is current_session()
        raise Rota

    with pytest.raises(Rota):
        await base_real.run(paso)
    assert await cuentas.count({}) == 0


async def test_dos_a_la_vez_no_comparten_la_suya(base_real: UnitOfWork) -> None:
    juntas = asyncio.Barrier(2)

    async def paso() -> object:
        await juntas.wait()
        return current_session()

    una, otra = await asyncio.gather(base_real.run(paso), base_real.run(paso))
    assert una is not otra


def _con_etiqueta(etiqueta: str) -> PyMongoError:
    error = OperationFailure("a propósito", 112)
    error._add_error_label(etiqueta)
    return error


async def test_lo_pasajero_se_intenta_otra_vez_y_lo_demas_no(base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
    fallos = [_con_etiqueta("TransientTransactionError"), _con_etiqueta("TransientTransactionError")]

    async def paso() -> int:
        await cuentas.insert(Cuenta())
        if fallos:
            raise fallos.pop()
        return await cuentas.count({})

    assert await base_real.run(paso) == 1
    assert await cuentas.count({}) == 1

    async def definitivo() -> None:
        await cuentas.insert(Cuenta())
        raise OperationFailure("a propósito", 2)

    with pytest.raises(OperationFailure):
        await base_real.run(definitivo)
    assert await cuentas.count({}) == 1


@pytest.mark.parametrize("de_corrido", [False, True])
@pytest.mark.parametrize("etiqueta", ["UnknownTransactionCommitResult", "TransientTransactionError"])
async def test_si_no_se_sabe_si_quedo_se_confirma_otra_vez(
    etiqueta: str, de_corrido: bool, base_real: UnitOfWork, cuentas: CuentaRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: either the commit again, or everything. Never twice the effect."""
    confirmar = ClientSession.commit_transaction
    confirmaciones, intentos = 0, 0

    def con_un_fallo(sesion: ClientSession) -> None:
        nonlocal confirmaciones
        confirmaciones += 1
        if confirmaciones == 1:
            if etiqueta == "TransientTransactionError":
                sesion.abort_transaction()
            else:
                confirmar(sesion)
            raise _con_etiqueta(etiqueta)
        confirmar(sesion)

    async def paso() -> None:
        nonlocal intentos
        intentos += 1
        await cuentas.insert(Cuenta())

    monkeypatch.setattr(ClientSession, "commit_transaction", con_un_fallo)
    await base_real.run(paso, de_corrido=de_corrido)
    assert confirmaciones == 2
    assert intentos == (2 if etiqueta == "TransientTransactionError" else 1)
    assert await cuentas.count({}) == 1


@pytest.mark.parametrize("de_corrido", [False, True])
async def test_lo_que_se_cuenta_se_descuenta_cuando_quedo_en_nada(
    de_corrido: bool, base_real: UnitOfWork, cuentas: CuentaRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not when nobody knows whether it did."""
    dichas: list[str] = []

    async def bien() -> None:
        al_deshacer(lambda: dichas.append("deshecha"))
        await cuentas.insert(Cuenta())

    async def mal() -> None:
        await bien()
        raise ValueError

    al_deshacer(lambda: dichas.append("sin transacción"))
    await base_real.run(bien, de_corrido=de_corrido)
    assert dichas == []
    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        await base_real.run(mal, de_corrido=de_corrido)
    assert dichas == ["deshecha"]

    def sin_respuesta(_: ClientSession) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(ClientSession, "commit_transaction", sin_respuesta)
    with pytest.raises(asyncio.CancelledError):
        await base_real.run(bien, de_corrido=de_corrido)
    assert dichas == ["deshecha"]


class TestDeCorrido:
    """All in one thread, which waits for nothing but the database."""

    async def test_todo_en_un_hilo_que_no_es_el_del_bucle(
        self, base_real: UnitOfWork, cuentas: CuentaRepository
    ) -> None:
        hilos: list[int] = []

        async def paso() -> PydanticObjectId:
            hilos.append(threading.get_ident())
            id = (await cuentas.insert(Cuenta())).oid
            await _sumar(cuentas, id, 3)
            assert len(await cuentas.aggregate([{"$match": {"_id": id}}])) == 1
            hilos.append(threading.get_ident())
            return id

        assert await _saldo(cuentas, await base_real.run(paso, de_corrido=True)) == 3
        assert len(set(hilos)) == 1
        assert hilos[0] != threading.get_ident()
        assert current_session() is None

    async def test_dentro_de_otra_es_parte_de_ella(self, base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
        async def una() -> None:
            await cuentas.insert(Cuenta())

        async def todas() -> None:
            await base_real.run(una, de_corrido=True)
            await base_real.run(una)
            raise Rota

        for de_corrido in (False, True):
            with pytest.raises(Rota):
                await base_real.run(todas, de_corrido=de_corrido)
        assert await cuentas.count({}) == 0

    async def test_veinte_que_chocan(self, base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
        id = (await cuentas.insert(Cuenta())).oid
        sumas = (base_real.run(lambda: _sumar(cuentas, id, 1), de_corrido=True) for _ in range(20))
        await asyncio.gather(*sumas)
        assert await _saldo(cuentas, id) == 20

    async def test_lo_que_espera_a_otro_no_es_de_corrido(
        self, base_real: UnitOfWork, cuentas: CuentaRepository
    ) -> None:
        otro = asyncio.get_running_loop().create_future()

        async def paso() -> None:
            await cuentas.insert(Cuenta())
            await asyncio.sleep(0)
            await otro

        with pytest.raises(RuntimeError):
            await base_real.run(paso, de_corrido=True)
        assert await cuentas.count({}) == 0

    async def test_dejado_a_medias_no_escribe_mas(self, base_real: UnitOfWork, cuentas: CuentaRepository) -> None:
        """Who asked goes away while the thread is at work: what it was about to write comes to nothing, and nothing
        is written beside the transaction."""
        a_medias, sigue, deshechas = threading.Event(), threading.Event(), list[str]()

        async def paso() -> None:
            al_deshacer(lambda: deshechas.append("deshecha"))
            await cuentas.insert(Cuenta())
            a_medias.set()
            sigue.wait(30)
            await cuentas.insert(Cuenta())

        tarea = asyncio.create_task(base_real.run(paso, de_corrido=True))
        await asyncio.to_thread(a_medias.wait, 30)
        tarea.cancel()
        await asyncio.sleep(0)
        sigue.set()
        with pytest.raises(asyncio.CancelledError):
            await tarea
        assert await cuentas.count({}) == 0
        assert deshechas == ["deshecha"]
