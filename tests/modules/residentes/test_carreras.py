"""Two at the same moment, on the real server."""

import asyncio
import contextvars
from collections.abc import Awaitable, Collection, Coroutine
from typing import Any

import pytest
from beanie import PydanticObjectId
from pymongo.errors import PyMongoError

from app.core.security import Rol
from app.modules.residentes.exceptions import (
    DemasiadosVehiculos,
    DocumentoDuplicado,
    EmailDuplicado,
    PlacaDuplicada,
    UnidadDuplicada,
    UnidadEnUso,
    VehiculoEnSolicitud,
)
from app.shared.exceptions import EntradaInvalida, NoEncontrado
from tests.autenticador import principal
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ADMIN, OPERADOR, cambio_de_unidad, cuerpo_vehiculo, ocupacion, vehiculo


async def a_la_vez(*intentos: Awaitable[object]) -> list[BaseException]:
    """Run them all at once; the errors of those that failed."""
    return [r for r in await asyncio.gather(*intentos, return_exceptions=True) if isinstance(r, BaseException)]


def en_medio(casa: Casa, intento: Coroutine[Any, Any, object]) -> None:
    """Run `intento` to its end, as somebody else's request, the first time that the module asks about requests: when
    the transaction of who asks has read, and has yet to write."""
    pendientes = [intento]

    async def al_preguntar() -> None:
        if pendientes:
            await asyncio.create_task(pendientes.pop(), context=contextvars.Context())

    casa.solicitudes.al_preguntar = al_preguntar


class TestUnicos:
    async def test_one_flat(self, casa_real: Casa) -> None:
        errores = await a_la_vez(*(casa_real.unidad() for _ in range(5)))
        assert [type(e) for e in errores] == [UnidadDuplicada] * 4

    async def test_one_plate(self, casa_real: Casa) -> None:
        unidades = [await casa_real.unidad(apartamento=str(n)) for n in range(5)]
        errores = await a_la_vez(
            *(casa_real.unidades.agregar_vehiculo(u.id, vehiculo(placa="ABC123"), OPERADOR) for u in unidades)
        )
        assert [type(e) for e in errores] == [PlacaDuplicada] * 4

    async def test_one_document(self, casa_real: Casa) -> None:
        for numero in range(5):
            await casa_real.unidad(apartamento=str(numero))
        errores = await a_la_vez(
            *(
                casa_real.residente(numero_documento="52000111", unidades=[ocupacion(apartamento=str(numero))])
                for numero in range(5)
            )
        )
        assert [type(e) for e in errores] == [DocumentoDuplicado] * 4

    async def test_one_email_back_again(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        idos = []
        for _ in range(3):
            idos.append(await casa_real.residente(email="ana@example.com"))
            await casa_real.residentes.dar_de_baja(idos[-1].id, ADMIN)
        errores = await a_la_vez(*(casa_real.cambiar(ido.id, estado="activo") for ido in idos))
        assert [type(e) for e in errores] == [EmailDuplicado] * 2


class TestVehiculos:
    async def test_the_fifty_first(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad(vehiculos=[{"tipo": "bicicleta"}] * 49)
        residente = principal(Rol.residente, (await casa_real.residente()).id)
        errores = await a_la_vez(
            *(casa_real.unidades.agregar_vehiculo(unidad.id, vehiculo(), OPERADOR) for _ in range(3)),
            *(casa_real.unidades.agregar_vehiculo_propio(unidad.id, vehiculo(), residente) for _ in range(3)),
        )
        assert [type(e) for e in errores] == [DemasiadosVehiculos] * 5
        assert len((await casa_real.unidades.ver(unidad.id)).vehiculos) == 50

    async def test_replaced_and_added(self, casa_real: Casa) -> None:
        """Whichever comes first, the flat never has more than fifty."""
        unidad = await casa_real.unidad()
        cincuenta = cambio_de_unidad(vehiculos=[{"tipo": "bicicleta"}] * 50)
        await a_la_vez(
            casa_real.unidades.cambiar(unidad.id, cincuenta, ADMIN),
            *(casa_real.unidades.agregar_vehiculo(unidad.id, vehiculo(), OPERADOR) for _ in range(3)),
        )
        assert len((await casa_real.unidades.ver(unidad.id)).vehiculos) == 50

    async def test_asked_for_while_removed(self, casa_real: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who asks for a space touches the flat (`tocar_unidades`); the removal collides, starts again and sees it."""
        unidad = await casa_real.unidad(vehiculos=[cuerpo_vehiculo()])
        elegido = unidad.vehiculos[0].id
        intentado = asyncio.Event()
        tocar = casa_real.repo_unidades.tocar

        async def tocar_y_avisar(ids: Collection[PydanticObjectId]) -> int:
            try:
                return await tocar(ids)
            except PyMongoError:
                intentado.set()
                raise

        async def pedir() -> "asyncio.Task[None]":
            await casa_real.padron.tocar_unidades(unidades=[unidad.id])
            quitar = asyncio.create_task(
                casa_real.unidades.quitar_vehiculo(unidad.id, elegido), context=contextvars.Context()
            )
            quitar.add_done_callback(lambda _: intentado.set())
            await intentado.wait()
            casa_real.solicitudes.en_solicitud.add(elegido)
            return quitar

        monkeypatch.setattr(casa_real.repo_unidades, "tocar", tocar_y_avisar)
        quitar = await casa_real.uow.run(pedir)
        with pytest.raises(VehiculoEnSolicitud):
            await quitar


class TestBorrarUnidad:
    async def test_somebody_moves_in_meanwhile(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad()
        en_medio(casa_real, casa_real.residente())
        with pytest.raises(UnidadEnUso):
            await casa_real.unidades.borrar(unidad.id, ADMIN)

    async def test_somebody_inactive_is_given_it_meanwhile(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad()
        await casa_real.unidad(apartamento="102")
        ido = await casa_real.residente(unidades=[ocupacion(apartamento="102")])
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        en_medio(casa_real, casa_real.cambiar(ido.id, unidades=[ocupacion()]))
        with pytest.raises(UnidadEnUso):
            await casa_real.unidades.borrar(unidad.id, ADMIN)

    async def test_a_vehicle_comes_meanwhile(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad()
        en_medio(casa_real, casa_real.unidades.agregar_vehiculo(unidad.id, vehiculo(placa="ABC123"), OPERADOR))
        await casa_real.unidades.borrar(unidad.id, ADMIN)
        assert await casa_real.padron.vehiculo(placa="ABC123") is None

    async def test_or_the_flat_is_gone_first(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad()
        errores = await a_la_vez(
            casa_real.unidades.borrar(unidad.id, ADMIN),
            casa_real.residente(),
            casa_real.unidades.agregar_vehiculo(unidad.id, vehiculo(), OPERADOR),
        )
        esperados = {UnidadEnUso}, {EntradaInvalida}, {EntradaInvalida, NoEncontrado}
        assert {type(e) for e in errores} in esperados


class TestSalidas:
    async def test_the_last_two_leave_at_once(self, casa_real: Casa) -> None:
        unidad = await casa_real.unidad()
        otra = await casa_real.unidad(apartamento="102")
        dos = [await casa_real.residente(unidades=[ocupacion(), ocupacion(apartamento="102")]) for _ in range(2)]
        errores = await a_la_vez(
            casa_real.residentes.dar_de_baja(dos[0].id, ADMIN), casa_real.cambiar(dos[1].id, estado="inactivo")
        )
        assert errores == []
        [(vacias, _)] = casa_real.solicitudes.salidas
        assert set(vacias) == {unidad.id, otra.id}

    async def test_what_fails_leaves_everything_as_it_was(
        self, casa_real: Casa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await casa_real.unidad()
        creado = await casa_real.residente()

        async def falla(**_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(casa_real.cuentas, "desactivar", falla)
        with pytest.raises(RuntimeError):
            await casa_real.residentes.dar_de_baja(creado.id, ADMIN)
        assert await casa_real.residentes.ver(creado.id, ADMIN) == creado.model_dump(mode="json")
