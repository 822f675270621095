"""Acts by one mechanism: what is written in a transaction leaves one row in it, whoever forgot that there is one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema, fuera_del_acto
from app.core.security import Principal, Rol
from app.database.unit_of_work import MongoUnitOfWork
from app.modules.auditoria.public import BitacoraService, red_de
from app.shared.exceptions import Conflicto
from app.shared.transaction import EscrituraSuelta
from tests.conftest import Reloj
from tests.modules.auditoria.conftest import ADMIN, TRAZA, Casa, Cosa, acto


class Rota(Conflicto):
    codigo = "conflicto"


class TestUnaFila:
    async def test_dice_quien_que_y_donde(self, casa: Casa, reloj: Reloj) -> None:
        ajena = str(PydanticObjectId())
        with atendiendo(acto(objetos=(ajena,), campos=("valor",))):
            cosa = await casa.uow.run(casa.cosa)
        (fila,) = await casa.filas()
        assert fila == {
            "_id": fila["_id"],
            "hora": reloj.instante,
            "actor": ADMIN.usuario_id,
            "rol": "admin",
            "llave": None,
            "accion": "cosas_cambiar",
            "operacion": "cosas_cambiar",
            "objeto": [ajena, str(cosa.id)],
            "colecciones": ["cosas_de_prueba"],
            "campos": ["valor"],
            "datos": {},
            "resultado": "hecho",
            "traza": TRAZA,
            "direccion": "192.0.2.0/24",
            "serie": fila["serie"],
            "orden": 1,
            "firma": fila["firma"],
            "pendiente": True,
        }

    async def test_de_una_llave_dice_cual(self, casa: Casa) -> None:
        llave = Principal(usuario_id=ADMIN.usuario_id, rol=Rol.operador, sesion_id=None, llave_id=PydanticObjectId())
        with atendiendo(acto(llave)):
            await casa.uow.run(casa.cosa)
        (fila,) = await casa.filas()
        assert (fila["actor"], fila["llave"], fila["rol"]) == (ADMIN.usuario_id, llave.llave_id, "operador")

    async def test_lo_que_ocurre_solo_es_del_sistema(self, casa: Casa) -> None:
        sorteo = PydanticObjectId()
        with atendiendo(del_sistema("sorteo_cerrar_sorteo", sorteo)):
            await casa.uow.run(casa.cosa)
        (fila,) = await casa.filas()
        assert (fila["actor"], fila["rol"], fila["objeto"][0]) == (None, "sistema", str(sorteo))

    @pytest.mark.parametrize(
        "escribir",
        [
            lambda casa, _: casa.cosas.insert(Cosa()),
            lambda casa, _: casa.cosas.insert_many([Cosa(), Cosa()]),
            lambda casa, id: casa.cosas.update_one({"_id": id}, {"$set": {"valor": 2}}),
            lambda casa, _: casa.cosas.update_many({}, {"$set": {"valor": 2}}),
            lambda casa, id: casa.cosas.delete_one({"_id": id}),
            lambda casa, _: casa.cosas.delete_many({}),
            lambda casa, id: casa.cosas.upsert_one({"_id": id}, {"$set": {"valor": 2}}),
            lambda casa, _: casa.cosas.upsert_one({"valor": 77}, {"$set": {"valor": 78}}),
        ],
    )
    async def test_la_deja_cualquier_escritura(
        self, escribir: Callable[[Casa, PydanticObjectId], Awaitable[object]], casa: Casa
    ) -> None:
        cosa = await casa.cosa()
        with atendiendo(acto()):
            await casa.uow.run(lambda: escribir(casa, cosa.oid))
        (fila,) = await casa.filas()
        assert fila["colecciones"] == ["cosas_de_prueba"]

    async def test_muchos_objetos_se_nombran_hasta_cien(self, casa: Casa) -> None:
        async def muchas() -> None:
            for _ in range(120):
                await casa.cosa()

        with atendiendo(acto()):
            await casa.uow.run(muchas)
        (fila,) = await casa.filas()
        assert len(fila["objeto"]) == 100

    async def test_varias_transacciones_de_un_acto_dejan_una(self, casa: Casa) -> None:
        with atendiendo(acto()):
            for _ in range(3):
                await casa.uow.run(casa.cosa)
        assert len(await casa.filas()) == 1

    async def test_dos_actos_a_la_vez_no_se_mezclan(self, casa: Casa) -> None:
        async def actuar(i: int) -> str:
            with atendiendo(acto(operacion=f"cosas_{i}")):
                return str((await casa.uow.run(casa.cosa)).id)

        ids = await asyncio.gather(*(actuar(i) for i in range(20)))
        filas = {fila["accion"]: fila["objeto"] for fila in await casa.filas()}
        assert filas == {f"cosas_{i}": [id] for i, id in enumerate(ids)}

    async def test_el_que_choca_y_se_repite_deja_una(self, casa: Casa) -> None:
        """Both read before either writes: the second is run again."""
        cosa = await casa.cosa()
        leidas, intentos = asyncio.Barrier(2), 0

        async def sumar() -> None:
            nonlocal intentos
            intentos += 1
            leida = await casa.cosas.get(cosa.oid)
            assert leida is not None
            if intentos <= 2:
                await leidas.wait()
            await casa.cosas.update_one({"_id": cosa.id}, {"$set": {"valor": leida.valor + 1}})

        async def actuar() -> None:
            with atendiendo(acto()):
                await casa.uow.run(sumar)

        await asyncio.gather(actuar(), actuar())
        assert intentos > 2
        assert len(await casa.filas()) == 2


class TestNinguna:
    async def test_lo_deshecho(self, casa: Casa) -> None:
        async def romper() -> None:
            await casa.cosa()
            raise Rota()

        with atendiendo(acto()), pytest.raises(Rota):
            await casa.uow.run(romper)
        assert await casa.filas() == []
        assert await casa.cosas.count({}) == 0

    async def test_sin_la_fila_no_hay_acto(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        async def romper(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(BitacoraService, "anotar", romper)
        with atendiendo(acto()), pytest.raises(RuntimeError):
            await casa.uow.run(casa.cosa)
        assert await casa.cosas.count({}) == 0

    @pytest.mark.parametrize(
        "leer",
        [
            lambda casa: casa.cosas.find({}),
            lambda casa: casa.cosas.update_one({"valor": 5}, {"$set": {"valor": 2}}),
            lambda casa: casa.cosas.update_many({"valor": 5}, {"$set": {"valor": 2}}),
            lambda casa: casa.cosas.delete_one({"valor": 5}),
            lambda casa: casa.cosas.delete_many({"valor": 5}),
            lambda casa: casa.cosas.insert_many([]),
        ],
    )
    async def test_lo_que_no_cambio_nada(self, leer: Callable[[Casa], Awaitable[object]], casa: Casa) -> None:
        await casa.cosa()
        with atendiendo(acto()):
            await casa.uow.run(lambda: leer(casa))
        assert await casa.filas() == []

    async def test_lo_que_no_es_un_acto(self, casa: Casa) -> None:
        with atendiendo(acto(es_acto=False)):
            await casa.uow.run(casa.cosa)
            await casa.cosa()
        assert await casa.filas() == []

    async def test_lo_que_queda_fuera_del_acto(self, casa: Casa) -> None:
        llamada = acto()
        with atendiendo(llamada):
            with fuera_del_acto():
                await casa.cosa()
                await casa.uow.run(casa.cosa)
            assert await casa.filas() == []
            await casa.uow.run(casa.cosa)
        assert len(await casa.filas()) == 1

    async def test_sin_anotador_no_hay_donde(self, casa: Casa, cliente_mongo: Any) -> None:
        with atendiendo(acto()):
            await MongoUnitOfWork(cliente_mongo).run(casa.cosa)
        assert await casa.filas() == []


class TestFueraDeUnaTransaccion:
    @pytest.mark.parametrize(
        "escribir",
        [
            lambda casa: casa.cosas.insert(Cosa()),
            lambda casa: casa.cosas.insert_many([Cosa()]),
            lambda casa: casa.cosas.update_one({}, {"$set": {"valor": 2}}),
            lambda casa: casa.cosas.update_many({}, {"$set": {"valor": 2}}),
            lambda casa: casa.cosas.delete_one({}),
            lambda casa: casa.cosas.delete_many({}),
            lambda casa: casa.cosas.upsert_one({}, {"$set": {"valor": 2}}),
            lambda casa: casa.cosas.bulk_write([]),
        ],
    )
    async def test_un_acto_no_escribe(self, escribir: Callable[[Casa], Awaitable[object]], casa: Casa) -> None:
        cosa = await casa.cosa(valor=1)
        with atendiendo(acto()), pytest.raises(EscrituraSuelta, match="cosas_cambiar"):
            await escribir(casa)
        assert await casa.cosas.find({}) == [cosa]


class TestSucesos:
    async def test_suelto(self, casa: Casa, reloj: Reloj) -> None:
        usuario = PydanticObjectId()
        with atendiendo(acto(None, operacion="auth_login", es_acto=False)):
            await casa.bitacora.suceso(tipo="entrada", usuario_id=usuario, datos={"por": "documento"})
        (fila,) = await casa.filas()
        assert (fila["accion"], fila["operacion"], fila["actor"], fila["rol"]) == (
            "entrada",
            "auth_login",
            usuario,
            None,
        )
        assert (fila["objeto"], fila["datos"], fila["direccion"]) == (
            [str(usuario)],
            {"por": "documento"},
            "192.0.2.0/24",
        )
        assert (fila["hora"], fila["resultado"], fila["traza"]) == (reloj.instante, "hecho", TRAZA)

    async def test_el_nombre_que_se_escribio_no_queda(self, casa: Casa) -> None:
        for nombre in ("ana@example.com", "ana@example.com", "otra"):
            await casa.bitacora.suceso(tipo="entrada_fallida", nombre=nombre, hecho=False)
        filas = await casa.filas()
        assert "ana" not in str(filas)
        assert [fila["resultado"] for fila in filas] == ["rechazado"] * 3
        primera, segunda, tercera = (fila["datos"]["nombre"] for fila in filas)
        assert primera == segunda != tercera

    @pytest.mark.parametrize("malo", ["ana@example.com", "Ana", "dos palabras", "", "a" * 65, "ñ"])
    async def test_solo_entran_codigos(self, malo: str, casa: Casa) -> None:
        for datos, tipo in (({"a": malo}, "prueba"), ({malo: "a"}, "prueba"), ({}, malo)):
            with pytest.raises(ValueError, match="codes and ids"):
                await casa.bitacora.suceso(tipo=tipo, datos=datos)
        assert await casa.filas() == []

    async def test_dentro_de_un_acto_ocupa_su_lugar(self, casa: Casa) -> None:
        otro = PydanticObjectId()

        async def paso() -> None:
            await casa.cosa()
            await casa.bitacora.suceso(tipo="rol_cambiado", usuario_id=otro, datos={"rol": "auditor"})

        with atendiendo(acto(operacion="auth_cambiar_usuario", campos=("rol",))):
            await casa.uow.run(paso)
            await casa.uow.run(casa.cosa)
        (fila,) = await casa.filas()
        assert (fila["accion"], fila["operacion"]) == ("rol_cambiado", "auth_cambiar_usuario")
        assert (fila["actor"], fila["objeto"], fila["campos"]) == (ADMIN.usuario_id, [str(otro)], ["rol"])

    async def test_se_deshace_con_su_transaccion(self, casa: Casa) -> None:
        async def romper() -> None:
            await casa.bitacora.suceso(tipo="prueba")
            raise Rota()

        with atendiendo(acto()), pytest.raises(Rota):
            await casa.uow.run(romper)
        assert await casa.filas() == []

    async def test_el_de_un_acto_rechazado_queda_solo(self, casa: Casa) -> None:
        """Told outside of the transaction that is undone; the act, had it gone on, would have had its own."""

        async def romper() -> None:
            await casa.cosa()
            raise Rota()

        with atendiendo(acto()):
            await casa.bitacora.suceso(tipo="mfa_fallido", hecho=False)
            with pytest.raises(Rota):
                await casa.uow.run(romper)
            assert [fila["accion"] for fila in await casa.filas()] == ["mfa_fallido"]
            await casa.uow.run(casa.cosa)
        assert [fila["accion"] for fila in await casa.filas()] == ["mfa_fallido", "cosas_cambiar"]


@pytest.mark.parametrize(
    ("direccion", "red"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("un enchufe", None),
        (None, None),
    ],
)
def test_la_red_y_no_de_quien(direccion: str | None, red: str | None) -> None:
    assert red_de(direccion) == red
