"""Two processes on one database: what ends in one is over there at once, and in the other within five seconds; and how
little of that is asked of the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import httpx
import pytest
from beanie import Document, init_beanie
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.core.security import FirmadorDeAcceso, Principal, Rol
from app.database.collections import BaseDeDatos
from app.database.unit_of_work import MongoUnitOfWork, UnitOfWork
from app.modules.auth.models import FinDeSesion, Sesion, Usuario
from app.modules.auth.router import router
from tests.conftest import Abrir, Reloj
from tests.modules.auth.apoyo import ADMIN, AUTH, CLAVE, HasherQueCuenta, Modulo, de, portador, problema

Acto = Callable[[Modulo, Usuario], Awaitable[Any]]
NUEVA = "otra clave muy distinta"


@dataclass
class Proceso:
    modulo: Modulo
    cliente: httpx.AsyncClient

    async def token(self) -> str:
        """Of a resident who just signed in."""
        return (await self.modulo.entrar(await self.modulo.usuario(rol=Rol.residente))).access_token

    async def yo(self, cabeceras: dict[str, str]) -> int:
        return (await self.cliente.get(f"{AUTH}/yo", headers=cabeceras)).status_code


@pytest.fixture
async def procesos(
    base_real: UnitOfWork,
    reloj: Reloj,  # noqa: ARG001
    hasher: HasherQueCuenta,
    abrir_app: Abrir,
) -> tuple[Proceso, Proceso]:
    modulos = [Modulo(base_real, hasher) for _ in range(2)]
    este, otro = [Proceso(modulo, await abrir_app([router], **modulo.estado)) for modulo in modulos]
    return este, otro


async def _salir(modulo: Modulo, usuario: Usuario) -> None:
    (sesion,) = await modulo.repo_sesiones.find({"usuario_id": usuario.oid})
    await modulo.sesiones.salir(de(usuario, sesion_id=sesion.oid))


async def _irse(modulo: Modulo, usuario: Usuario) -> None:
    assert usuario.residente_id is not None
    await modulo.cuentas.desactivar(residente_id=usuario.residente_id)


ACTOS: dict[str, Acto] = {
    "logout": _salir,
    "all others": lambda modulo, usuario: modulo.sesiones.cerrar_las_demas(quien=de(usuario)),
    "password": lambda modulo, usuario: modulo.claves.cambiar(actual=CLAVE, nueva=NUEVA, quien=de(usuario)),
    "role": lambda modulo, usuario: modulo.usuario_service.cambiar(
        usuario.oid, rol=Rol.operador, activo=None, quien=ADMIN
    ),
    "deactivation": lambda modulo, usuario: modulo.usuario_service.cambiar(
        usuario.oid, rol=None, activo=False, quien=ADMIN
    ),
    "departure": _irse,
    "e-mail": lambda modulo, usuario: modulo.sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.correo),
}


@pytest.mark.parametrize("acto", ACTOS)
async def test_what_ends_a_session_ends_its_access_tokens(
    acto: str, procesos: tuple[Proceso, Proceso], reloj: Reloj
) -> None:
    este, otro = procesos
    usuario, vecina = await este.modulo.residente(), await este.modulo.residente()
    cabeceras, ajenas = portador(await este.modulo.entrar(usuario)), portador(await este.modulo.entrar(vecina))
    for proceso in procesos:
        assert [await proceso.yo(cabeceras), await proceso.yo(ajenas)] == [200, 200]
    await ACTOS[acto](este.modulo, usuario)
    problema(await este.cliente.get(f"{AUTH}/yo", headers=cabeceras), 401, "token_invalido")
    reloj.avanzar(seconds=5)
    problema(await otro.cliente.get(f"{AUTH}/yo", headers=cabeceras), 401, "token_invalido")
    for proceso in procesos:
        assert await proceso.yo(ajenas) == 200


async def test_at_once_means_when_it_is_so_for_everybody(procesos: tuple[Proceso, Proceso]) -> None:
    """Looked up again between the write and its commit, the session is still alive: that must not be kept."""
    este, _ = procesos
    usuario = await este.modulo.residente()
    cabeceras = portador(await este.modulo.entrar(usuario))
    assert await este.yo(cabeceras) == 200

    async def terminar() -> None:
        await este.modulo.sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.clave)
        # As another request, which is in no transaction.
        assert await asyncio.create_task(este.yo(cabeceras), context=Context()) == 200

    await este.modulo.uow.run(terminar)
    assert await este.yo(cabeceras) == 401


async def test_what_came_to_nothing_ends_nothing(procesos: tuple[Proceso, Proceso], reloj: Reloj) -> None:
    este, _ = procesos
    usuario = await este.modulo.residente()
    cabeceras = portador(await este.modulo.entrar(usuario))

    async def terminar() -> None:
        await este.modulo.sesiones.terminar_todas(usuario.oid, motivo=FinDeSesion.clave)
        raise LookupError

    with pytest.raises(LookupError):
        await este.modulo.uow.run(terminar)
    reloj.avanzar(seconds=5)
    assert await este.yo(cabeceras) == 200


async def test_another_role_signs_in_anew_in_every_process(procesos: tuple[Proceso, Proceso], reloj: Reloj) -> None:
    este, otro = procesos
    usuario = await este.modulo.residente(email="ana@example.com")
    antes = portador(await este.modulo.entrar(usuario))
    for proceso in procesos:
        assert await proceso.yo(antes) == 200
    await este.modulo.usuario_service.cambiar(usuario.oid, rol=Rol.operador, activo=None, quien=ADMIN)
    cuerpo = {"username": "ana@example.com", "password": CLAVE}
    respuesta = await otro.cliente.post(f"{AUTH}/login", data=cuerpo)
    ahora_es = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
    for proceso in procesos:
        assert (await proceso.cliente.get(f"{AUTH}/yo", headers=ahora_es)).json()["rol"] == "operador"
    reloj.avanzar(seconds=5)
    assert [await proceso.yo(antes) for proceso in procesos] == [401, 401]


async def test_a_key_replaced_in_two_rounds_signs_nobody_out(procesos: tuple[Proceso, Proceso]) -> None:
    """As the runbook has it, one process after the other."""
    este, otro = procesos
    vieja, nueva = b"vieja" * 8, b"nueva" * 8
    usuario = await este.modulo.residente()
    tokens: list[dict[str, str]] = []
    for proceso in procesos:
        proceso.modulo.sesiones._firmador = FirmadorDeAcceso(vieja)
    for claves in ((vieja,), (vieja, nueva), (nueva, vieja)):
        for proceso in procesos:
            proceso.modulo.sesiones._firmador = FirmadorDeAcceso(claves[0], claves[1:])
            tokens.append(portador(await proceso.modulo.entrar(usuario)))
            assert [await p.yo(t) for p in procesos for t in tokens] == [200] * 2 * len(tokens)
    for proceso in procesos:
        proceso.modulo.sesiones._firmador = FirmadorDeAcceso(nueva)
    assert [await este.yo(t) for t in tokens] == [401] * 4 + [200] * 2
    assert await otro.yo(tokens[-1]) == 200


@dataclass
class Contador(CommandListener):
    """The commands that a client sent, by name; what the driver says to keep in touch is none."""

    vistos: list[str] = field(default_factory=list)

    def started(self, event: CommandStartedEvent) -> None:
        self.vistos.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@pytest.fixture
async def contador(
    servidor: str, documentos: Sequence[type[Document]], hasher: HasherQueCuenta, abrir_app: Abrir
) -> AsyncIterator[tuple[Contador, Proceso]]:
    contador = Contador()
    motor: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        servidor, tz_aware=True, tzinfo=UTC, event_listeners=[contador]
    )
    await init_beanie(database=BaseDeDatos(motor, "pruebas"), document_models=list(documentos), skip_indexes=True)
    modulo = Modulo(MongoUnitOfWork(motor), hasher)
    yield contador, Proceso(modulo, await abrir_app([router], **modulo.estado))
    motor.close()


class TestComandos:
    async def test_most_requests_ask_nothing(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso], reloj: Reloj
    ) -> None:
        del base_real  # emptied, and its indexes in place
        comandos, proceso = contador
        autorizacion = await proceso.token()
        comandos.vistos.clear()
        await proceso.modulo.sesiones.autenticar(autorizacion)
        assert comandos.vistos == ["find", "find"]
        comandos.vistos.clear()
        for _ in range(200):
            await proceso.modulo.sesiones.autenticar(autorizacion)
        assert comandos.vistos == []
        reloj.avanzar(seconds=5)
        await proceso.modulo.sesiones.autenticar(autorizacion)
        assert comandos.vistos == ["find", "find"]

    async def test_what_many_calls_at_once_need_is_asked_once(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso]
    ) -> None:
        del base_real
        comandos, proceso = contador
        autorizacion = await proceso.token()
        comandos.vistos.clear()
        quienes = await asyncio.gather(*(proceso.modulo.sesiones.autenticar(autorizacion) for _ in range(16)))
        assert comandos.vistos == ["find", "find"]
        assert len(set(quienes)) == 1

    async def test_who_goes_away_ends_nobody_elses_search(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso]
    ) -> None:
        del base_real
        _, proceso = contador
        autorizacion = await proceso.token()
        llamadas = [asyncio.create_task(proceso.modulo.sesiones.autenticar(autorizacion)) for _ in range(3)]
        await asyncio.sleep(0)
        llamadas[0].cancel()
        _, *otras = await asyncio.gather(*llamadas, return_exceptions=True)
        assert [quien.rol for quien in otras if isinstance(quien, Principal)] == [Rol.residente] * 2

    async def test_no_search_of_before_it_ended_is_waited_for(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso]
    ) -> None:
        del base_real
        comandos, proceso = contador
        sesiones = proceso.modulo.sesiones
        autorizacion = await proceso.token()
        quien = await sesiones.autenticar(autorizacion)
        sesiones.olvidar(quien.usuario_id)
        antes = asyncio.create_task(sesiones.autenticar(autorizacion))
        await asyncio.sleep(0)
        comandos.vistos.clear()
        sesiones.olvidar(quien.usuario_id)
        assert await sesiones.autenticar(autorizacion) == await antes
        assert comandos.vistos.count("find") == 4

    async def test_over_http_only_what_the_call_itself_asks_for(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso], reloj: Reloj
    ) -> None:
        del base_real, reloj
        comandos, proceso = contador
        cabeceras = portador(await proceso.modulo.entrar(await proceso.modulo.usuario(rol=Rol.residente)))
        assert await proceso.yo(cabeceras) == 200
        comandos.vistos.clear()
        for _ in range(20):
            assert await proceso.yo(cabeceras) == 200
        assert comandos.vistos == ["find"] * 20

    @pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30." + "A" * 43])
    async def test_nothing_is_asked_for_what_we_did_not_sign(
        self, base_real: UnitOfWork, contador: tuple[Contador, Proceso], token: str
    ) -> None:
        del base_real
        comandos, proceso = contador
        comandos.vistos.clear()
        assert await proceso.yo({"Authorization": f"Bearer {token}"}) == 401
        assert comandos.vistos == []


class TestVencidas:
    async def test_the_server_clears_expired_sessions_away(self, base_real: UnitOfWork) -> None:
        """By an index that is there in fact; that it works is the server's business."""
        del base_real
        indices = await Sesion.get_motor_collection().index_information()
        assert indices["sesion_vencida"]["expireAfterSeconds"] == 0
        assert indices["sesion_vencida"]["key"] == [("expira_en", 1)]
