"""Handing in a request: in which draw, for which flat, with which vehicle; and the order of the rules."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.solicitudes.exceptions import (
    ResidenteInactivo,
    SorteoNoAbierto,
    VehiculoAjeno,
)
from app.modules.solicitudes.schemas import RequestCreate
from app.shared.exceptions import EntradaInvalida, ParkNetError, SinResidente
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino

NADA = PydanticObjectId("0" * 24)


async def errores_de(mesa: Mesa, sorteo_id: PydanticObjectId, vecino: Vecino, **campos: Any) -> list[tuple[str, str]]:
    with pytest.raises(EntradaInvalida) as caso:
        await mesa.pedir(sorteo_id, vecino, **campos)
    return [(e.campo, e.codigo) for e in caso.value.errores]


class TestOrden:
    async def test_the_first_that_fails(self, mesa: Mesa, reloj: Reloj) -> None:
        """Everything is wrong; mended one by one, in the contract's order, each shows the next."""
        vecino = mesa.vecino()
        piso, persona = mesa.padron.pisos[vecino.unidad_id], mesa.padron.personas[vecino.residente_id]
        sorteo_id = await mesa.sorteo(
            ["A-01"], al_dia_en="solicitud", max_por_unidad=2, cierre=INICIO + timedelta(days=1)
        )
        previa = await mesa.pedir(sorteo_id, vecino)
        reloj.avanzar(days=1)
        await mesa.espacios.casillas.delete_many({})
        await mesa.tiene_espacio(vecino)
        otro = mesa.vehiculo(vecino.unidad_id)
        persona.activo, piso.al_dia, piso.cupo = False, False, 1
        campos: dict[str, Any] = {"vehiculo_id": NADA}

        async def abrir() -> None:
            await mesa.ventanilla.abrir(sorteo_id=sorteo_id, cierre=None)

        async def con_espacio() -> None:
            await mesa.sorteo(["B-01"])
            await mesa.espacios.casillas.update_one({"codigo": "B-01"}, {"$set": {"sorteo_id": sorteo_id}})
            await abrir()

        def activar() -> None:
            persona.activo = True

        def elegir(vehiculo_id: PydanticObjectId) -> Callable[[], None]:
            return lambda: campos.update(vehiculo_id=vehiculo_id)

        def pagar() -> None:
            piso.al_dia = True

        def sin_cupo() -> None:
            piso.cupo = None

        async def entregar() -> None:
            await mesa.espacios.tenencias.delete_many({})

        for codigo, remedio in [
            ("sorteo_no_abierto", abrir),
            ("residente_inactivo", activar),
            ("vehiculo_ajeno", elegir(vecino.vehiculo_id)),
            ("no_al_dia", pagar),
            ("solicitud_duplicada", elegir(otro)),
            ("unidad_con_solicitud", sin_cupo),
            ("ya_tiene_espacio", entregar),
            ("sin_espacio_compatible", con_espacio),
        ]:
            with pytest.raises(ParkNetError) as caso:
                await mesa.pedir(sorteo_id, vecino, **campos)
            assert (caso.value.codigo, caso.value.status) == (codigo, 409)
            hecho = remedio()
            if hecho is not None:
                await hecho
        assert (await mesa.pedir(sorteo_id, vecino, **campos)).folio == previa.folio + 1


class TestSorteo:
    async def test_unknown(self, mesa: Mesa) -> None:
        assert await errores_de(mesa, NADA, mesa.vecino()) == [("sorteo_id", "no_existe")]

    async def test_a_draft_is_not_there_for_residents(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo(abierto=False)
        assert await errores_de(mesa, sorteo_id, vecino) == [("sorteo_id", "no_existe")]
        with pytest.raises(SorteoNoAbierto):
            await mesa.altas.crear(
                RequestCreate(sorteo_id=sorteo_id, unidad_id=vecino.unidad_id, vehiculo_id=vecino.vehiculo_id), ADMIN
            )

    async def test_from_the_closing_time_on(self, mesa: Mesa, reloj: Reloj) -> None:
        sorteo_id = await mesa.sorteo(cierre=INICIO + timedelta(hours=1))
        reloj.avanzar(hours=1, milliseconds=-1)
        await mesa.pedir(sorteo_id, mesa.vecino())
        reloj.avanzar(milliseconds=1)
        with pytest.raises(SorteoNoAbierto):
            await mesa.pedir(sorteo_id, mesa.vecino())

    @pytest.mark.parametrize("fase", ["cerrado", "publicado", "terminado"])
    async def test_no_longer_open(self, mesa: Mesa, fase: str) -> None:
        sorteo_id = await mesa.sorteo()
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": fase}})
        with pytest.raises(SorteoNoAbierto):
            await mesa.pedir(sorteo_id, mesa.vecino())


class TestUnidad:
    async def test_anothers(self, mesa: Mesa) -> None:
        sorteo_id, ajena = await mesa.sorteo(), mesa.unidad()
        for unidad_id in (ajena, NADA):
            errores = await errores_de(mesa, sorteo_id, mesa.vecino(), unidad_id=unidad_id)
            assert errores == [("unidad_id", "no_existe")]

    async def test_judged_before_the_draw(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo()
        await mesa.cerrar_ventanilla(sorteo_id)
        assert await errores_de(mesa, sorteo_id, mesa.vecino(), unidad_id=NADA) == [("unidad_id", "no_existe")]

    async def test_needed_by_who_has_several(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        mesa.muda(vecino, vecino.unidad_id, mesa.unidad())
        assert await errores_de(mesa, sorteo_id, vecino) == [("unidad_id", "requerido")]
        pedida = await mesa.pedir(sorteo_id, vecino, unidad_id=vecino.unidad_id)
        assert pedida.unidad_id == vecino.unidad_id

    @pytest.mark.parametrize("rol", [Rol.admin, Rol.operador])
    async def test_needed_by_staff_who_live_here_too(self, mesa: Mesa, rol: Rol) -> None:
        """And then it is they who ask, not whoever else lives with them."""
        primero, sorteo_id = mesa.vecino(), await mesa.sorteo()
        vecino = replace(primero, residente_id=mesa.persona(primero.unidad_id))
        datos: dict[str, Any] = {"sorteo_id": sorteo_id, "vehiculo_id": vecino.vehiculo_id}
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.altas.crear(RequestCreate(**datos), vecino.como(rol))
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("unidad_id", "requerido")]
        propia = await mesa.altas.crear(RequestCreate(**datos, unidad_id=vecino.unidad_id), vecino.como(rol))
        assert (await mesa.guardada(propia)).residente_id == vecino.residente_id
        assert await mesa.pasos(propia) == [
            (None, "pendiente", "unidad", None),
            ("pendiente", "aprobada", "sistema", None),
        ]

    async def test_by_staff_for_another(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        datos = RequestCreate(sorteo_id=sorteo_id, unidad_id=vecino.unidad_id, vehiculo_id=vecino.vehiculo_id)
        pedida = await mesa.altas.crear(datos, ADMIN)
        assert (await mesa.guardada(pedida)).residente_id == vecino.residente_id
        assert (await mesa.pasos(pedida))[0] == (None, "pendiente", "personal", None)

    async def test_by_staff_for_whom_they_name(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        otra, ajena, ida = mesa.persona(vecino.unidad_id), mesa.vecino().residente_id, mesa.persona(vecino.unidad_id)
        mesa.padron.personas[ida].activo = False
        datos: dict[str, Any] = {
            "sorteo_id": sorteo_id,
            "unidad_id": vecino.unidad_id,
            "vehiculo_id": vecino.vehiculo_id,
        }
        for quien in (ajena, NADA):
            with pytest.raises(EntradaInvalida) as caso:
                await mesa.altas.crear(RequestCreate(**datos, residente_id=quien), ADMIN)
            assert [(e.campo, e.codigo) for e in caso.value.errores] == [("residente_id", "no_existe")]
        with pytest.raises(ResidenteInactivo):
            await mesa.altas.crear(RequestCreate(**datos, residente_id=ida), ADMIN)
        pedida = await mesa.altas.crear(RequestCreate(**datos, residente_id=otra), ADMIN)
        assert pedida.residente is not None
        assert pedida.residente.id == otra == (await mesa.guardada(pedida)).residente_id

    @pytest.mark.parametrize("rol", [Rol.residente, Rol.operador])
    async def test_where_they_live_for_nobody_else(self, mesa: Mesa, rol: Rol) -> None:
        """They ask as residents, and may say that it is they."""
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        datos: dict[str, Any] = {
            "sorteo_id": sorteo_id,
            "unidad_id": vecino.unidad_id,
            "vehiculo_id": vecino.vehiculo_id,
        }
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.altas.crear(
                RequestCreate(**datos, residente_id=mesa.persona(vecino.unidad_id)), vecino.como(rol)
            )
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("residente_id", "no_existe")]
        propia = await mesa.altas.crear(RequestCreate(**datos, residente_id=vecino.residente_id), vecino.como(rol))
        assert (await mesa.guardada(propia)).residente_id == vecino.residente_id

    async def test_by_staff_where_nobody_lives(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        mesa.muda(vecino)
        datos = RequestCreate(sorteo_id=sorteo_id, unidad_id=vecino.unidad_id, vehiculo_id=vecino.vehiculo_id)
        for quien in (ADMIN, vecino.como(Rol.admin)):
            with pytest.raises(ParkNetError) as caso:
                await mesa.altas.crear(datos, quien)
            assert caso.value.codigo == "residente_inactivo"

    async def test_who_is_no_resident(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(), mesa.vecino()
        for residente_id in (None, NADA):
            with pytest.raises(SinResidente):
                await mesa.altas.crear(
                    RequestCreate(sorteo_id=sorteo_id, vehiculo_id=vecino.vehiculo_id),
                    principal(Rol.residente, residente_id),
                )


class TestVehiculo:
    async def test_anothers(self, mesa: Mesa) -> None:
        sorteo_id, otro = await mesa.sorteo(), mesa.vecino()
        placa = mesa.padron.vehiculos[otro.vehiculo_id].placa
        for campos in ({"vehiculo_id": otro.vehiculo_id}, {"vehiculo_id": None, "placa": placa}):
            with pytest.raises(VehiculoAjeno):
                await mesa.pedir(sorteo_id, mesa.vecino(), **campos)

    async def test_by_plate(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(), mesa.vecino()
        placa = mesa.padron.vehiculos[vecino.vehiculo_id].placa
        assert placa is not None
        pedida = await mesa.pedir(sorteo_id, vecino, vehiculo_id=None, placa=f" {placa[:3].lower()}-{placa[3:]}")
        assert pedida.vehiculo.id == vecino.vehiculo_id
