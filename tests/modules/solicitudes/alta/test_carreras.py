"""Hand-ins and decisions at the moment that the window is shut, and each other's, on the real server."""

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import SolicitudDuplicada, SorteoNoAbierto, UnidadConSolicitud
from app.modules.solicitudes.models import Ventanilla
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.ventanilla.repository import Viva
from app.shared.exceptions import TransicionInvalida
from app.shared.reading import Lectura
from tests.modules.solicitudes.carreras import a_la_vez, en, una_vez
from tests.modules.solicitudes.mesa import OPERADOR, Mesa

Pedir = Callable[..., Awaitable[RequestOut]]


@pytest.mark.parametrize("pedir", [Mesa.pedir, Mesa.pedir_aparte], ids=["one process", "many"])
class TestPedir:
    async def test_one_vehicle_twenty_times(self, mesa_real: Mesa, pedir: Pedir) -> None:
        sorteo_id, vecino = await mesa_real.sorteo(max_por_unidad=20), mesa_real.vecino()
        hechas, errores = await a_la_vez(*(pedir(mesa_real, sorteo_id, vecino) for _ in range(20)))
        assert [s.folio for s in hechas] == [1]
        assert {type(e) for e in errores} == {SolicitudDuplicada}

    @pytest.mark.parametrize(("maximo", "cupo", "caben"), [(1, None, 1), (2, None, 2), (5, 2, 2), (2, 0, 0)])
    async def test_one_flat_twenty_vehicles(
        self, mesa_real: Mesa, pedir: Pedir, maximo: int, cupo: int | None, caben: int
    ) -> None:
        sorteo_id, vecino = await mesa_real.sorteo(max_por_unidad=maximo), mesa_real.vecino(cupo=cupo)
        vehiculos = [mesa_real.vehiculo(vecino.unidad_id) for _ in range(20)]
        hechas, errores = await a_la_vez(*(pedir(mesa_real, sorteo_id, vecino, vehiculo_id=v) for v in vehiculos))
        assert sorted(s.folio for s in hechas) == list(range(1, caben + 1))
        assert {type(e) for e in errores} == {UnidadConSolicitud}
        guardadas = await mesa_real.solicitudes.find({})
        assert sorted((s.folio, s.ranura) for s in guardadas) == [(n + 1, n) for n in range(caben)]

    async def test_no_more_of_a_type_than_may_be(self, mesa_real: Mesa, pedir: Pedir) -> None:
        sorteo_id = await mesa_real.sorteo(
            ["A-01", ("M-01", "moto", None)], max_por_unidad=20, max_por_tipo={"carro": 2}
        )
        vecino = mesa_real.vecino()
        carros = [mesa_real.vehiculo(vecino.unidad_id) for _ in range(8)]
        motos = [mesa_real.vehiculo(vecino.unidad_id, "moto") for _ in range(4)]
        hechas, errores = await a_la_vez(*(pedir(mesa_real, sorteo_id, vecino, vehiculo_id=v) for v in carros + motos))
        assert sorted(s.vehiculo.tipo for s in hechas) == ["carro"] * 2 + ["moto"] * 4
        assert [type(e) for e in errores] == [UnidadConSolicitud] * 6

    async def test_folios_ascend(self, mesa_real: Mesa, pedir: Pedir) -> None:
        """What is refused at the last moment has taken none."""
        sorteo_id = await mesa_real.sorteo()
        vecinos = [mesa_real.vecino() for _ in range(10)]
        hechas, errores = await a_la_vez(*(pedir(mesa_real, sorteo_id, v) for v in vecinos * 2))
        assert sorted(s.folio for s in hechas) == list(range(1, 11))
        assert [type(e) for e in errores] == [SolicitudDuplicada] * 10
        assert (await mesa_real.pedir(sorteo_id, mesa_real.vecino())).folio == 11


class TestRanura:
    async def test_the_index_alone_would_do(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody sees who is there already: the first place is taken, the look is repeated, and it comes to an end."""
        sorteo_id, vecino = await mesa_real.sorteo(max_por_unidad=2), mesa_real.vecino()
        await mesa_real.pedir(sorteo_id, vecino)
        miradas = 0

        leer = mesa_real.ventanillas.con_vivas

        def ninguna(sorteo_id: PydanticObjectId, **como: Any) -> Lectura[tuple[Ventanilla | None, list[Viva]]]:
            nonlocal miradas
            miradas += 1
            return leer(sorteo_id, **como).luego(lambda leido: (leido[0], []))

        monkeypatch.setattr(mesa_real.ventanillas, "con_vivas", ninguna)
        with pytest.raises(UnidadConSolicitud):
            await mesa_real.pedir(sorteo_id, vecino, vehiculo_id=mesa_real.vehiculo(vecino.unidad_id))
        assert miradas > 1
        assert await mesa_real.estados(sorteo_id) == ["aprobada"]
        monkeypatch.undo()
        otra = await mesa_real.pedir(sorteo_id, vecino, vehiculo_id=mesa_real.vehiculo(vecino.unidad_id))
        assert (await mesa_real.guardada(otra)).ranura == 1


@pytest.mark.parametrize("pedir", [Mesa.pedir, Mesa.pedir_aparte], ids=["one process", "many"])
class TestCerrarEntreMuchas:
    async def test_every_201_is_in_the_draw_and_nothing_after(self, mesa_real: Mesa, pedir: Pedir) -> None:
        """The window is shut in the middle of a crowd."""
        sorteo_id = await mesa_real.sorteo()
        vistas: list[int] = []
        entregadas = asyncio.Event()

        async def entregar() -> RequestOut:
            pedida = await pedir(mesa_real, sorteo_id, mesa_real.vecino())
            entregadas.set()
            return pedida

        async def cerrar() -> None:
            await entregadas.wait()
            await mesa_real.cerrar_ventanilla(sorteo_id)
            vistas.extend(s.folio for s in await mesa_real.ventanilla.por_folio(sorteo_id=sorteo_id))
            with pytest.raises(SorteoNoAbierto):
                await entregar()

        (_, *hechas), errores = await a_la_vez(cerrar(), *(entregar() for _ in range(20)))
        assert vistas == sorted(s.folio for s in hechas) == list(range(1, len(hechas) + 1))
        assert {type(e) for e in errores} <= {SorteoNoAbierto}
        assert len(await mesa_real.estados(sorteo_id)) == len(hechas)


class TestCerrar:
    async def test_one_that_had_judged_everything_already(self, mesa_real: Mesa) -> None:
        sorteo_id = await mesa_real.sorteo()
        mesa_real.padron.al_tocar = una_vez(mesa_real.cerrar_ventanilla(sorteo_id))
        with pytest.raises(SorteoNoAbierto):
            await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        assert await mesa_real.estados(sorteo_id) == []

    async def test_one_that_had_its_folio_already(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then it is the closing that waits."""
        sorteo_id = await mesa_real.sorteo()
        folio, bucle = mesa_real.ventanillas.siguiente_folio, asyncio.get_running_loop()
        cierres: list[concurrent.futures.Future[None]] = []

        async def cerrar_despues(*args: Any, **mas: Any) -> int | None:
            numero = await folio(*args, **mas)
            if not cierres:
                cierres.append(en(bucle, mesa_real.cerrar_ventanilla(sorteo_id)))
            return numero

        monkeypatch.setattr(mesa_real.ventanillas, "siguiente_folio", cerrar_despues)
        pedida = await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        await asyncio.wrap_future(cierres[0])
        vistas = await mesa_real.ventanilla.por_folio(sorteo_id=sorteo_id)
        assert [s.id for s in vistas] == [pedida.id]

    @pytest.mark.parametrize("a", ["aprobada", "cancelada"])
    async def test_staff_decide_meanwhile(self, mesa_real: Mesa, a: str) -> None:
        """Each decision that was answered is there to be read when the window is shut; the rest are refused."""
        sorteo_id = await mesa_real.sorteo(aprobacion="manual")
        pedidas = [await mesa_real.pedir(sorteo_id, mesa_real.vecino()) for _ in range(10)]
        leidas: list[str] = []
        decidida = asyncio.Event()

        async def decidir(pedida: RequestOut) -> int:
            await mesa_real.decidir(pedida, a, OPERADOR)
            decidida.set()
            return pedida.folio

        async def cerrar() -> int:
            await decidida.wait()
            await mesa_real.cerrar_ventanilla(sorteo_id)
            leidas.extend(await mesa_real.estados(sorteo_id))
            return 0

        (_, *decididas), errores = await a_la_vez(cerrar(), *(decidir(s) for s in pedidas))
        assert {n for n, estado in enumerate(leidas, start=1) if estado == a} == set(decididas)
        assert await mesa_real.estados(sorteo_id) == leidas
        assert {type(e) for e in errores} <= {TransicionInvalida}
        assert len(decididas) + len(errores) == 10

    async def test_one_that_had_been_read_already(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A decision between its look at the phase and its write: shutting the window makes it start again."""
        sorteo_id = await mesa_real.sorteo(aprobacion="manual")
        pedida = await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        mover = mesa_real.solicitudes.mover
        cerrar = una_vez(mesa_real.cerrar_ventanilla(sorteo_id))

        async def cerrar_antes(*args: Any, **mas: Any) -> Any:
            await cerrar()
            return await mover(*args, **mas)

        monkeypatch.setattr(mesa_real.solicitudes, "mover", cerrar_antes)
        with pytest.raises(TransicionInvalida):
            await mesa_real.decidir(pedida, "aprobada", OPERADOR)
        assert await mesa_real.estados(sorteo_id) == ["pendiente"]
