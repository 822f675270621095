"""Changing a request that is still to be drawn."""

from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.solicitudes.exceptions import (
    SinEspacioCompatible,
    SolicitudDuplicada,
    SorteoNoAbierto,
    UnidadConSolicitud,
    VehiculoAjeno,
    YaTieneEspacio,
)
from app.modules.solicitudes.schemas import RequestUpdate
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado, TransicionInvalida
from app.shared.pagination import PageQuery
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, OPERADOR, Mesa


class TestQuien:
    async def test_another(self, mesa: Mesa) -> None:
        pedida = await mesa.pedir(await mesa.sorteo(), mesa.vecino())
        for id in (pedida.id, PydanticObjectId()):
            with pytest.raises(NoEncontrado):
                await mesa.listas.cambiar(id, RequestUpdate(preferencias=[]), mesa.vecino().quien)

    async def test_who_asked_and_lives_elsewhere(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        mesa.persona(vecino.unidad_id)
        mesa.muda(vecino, mesa.unidad())
        with pytest.raises(NoEncontrado):
            await mesa.cambiar(pedida, vecino.quien, preferencias=["A-01"])
        with pytest.raises(ConflictoDeInteres):
            await mesa.cambiar(pedida, vecino.como(Rol.operador), preferencias=["A-01"])

    @pytest.mark.parametrize("rol", [Rol.residente, Rol.operador, Rol.admin])
    async def test_the_flat(self, mesa: Mesa, rol: Rol) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        cambiada = await mesa.cambiar(pedida, vecino.como(rol), preferencias=["A-01"])
        assert cambiada.preferencias == ["A-01"]
        linea = (await mesa.listas.historial(pedida.id, PageQuery(), ADMIN)).items[-1]
        assert linea.actor == "unidad"


class TestCuando:
    async def test_not_once_it_closes(self, mesa: Mesa, reloj: Reloj) -> None:
        """At its time, whether anybody has closed it yet or not; not even staff."""
        vecino = mesa.vecino()
        sorteo_id = await mesa.sorteo(cierre=INICIO + timedelta(hours=1))
        pedida = await mesa.pedir(sorteo_id, vecino)
        reloj.avanzar(hours=1)
        for quien in (vecino.quien, OPERADOR):
            with pytest.raises(SorteoNoAbierto):
                await mesa.cambiar(pedida, quien, preferencias=["A-01"])
        await mesa.cerrar_ventanilla(sorteo_id)
        with pytest.raises(SorteoNoAbierto):
            await mesa.cambiar(pedida, vecino.quien, preferencias=["A-01"])

    @pytest.mark.parametrize("estado", ["rechazada", "cancelada"])
    async def test_not_once_it_is_over(self, mesa: Mesa, estado: str) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion="manual"), vecino)
        await mesa.decidir(pedida, estado, ADMIN, "Porque sí")
        with pytest.raises(TransicionInvalida):
            await mesa.cambiar(pedida, vecino.quien, preferencias=["A-01"])


class TestVehiculo:
    async def test_another_of_the_flat(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo(["A-01", ("E-01", "carro_electrico", None)])
        pedida = await mesa.pedir(sorteo_id, vecino, preferencias=["A-01"])
        electrico = mesa.vehiculo(vecino.unidad_id, electrico=True)
        cambiada = await mesa.cambiar(pedida, vecino.quien, vehiculo_id=electrico)
        guardada = await mesa.guardada(cambiada)
        assert (cambiada.vehiculo.id, cambiada.preferencias) == (electrico, ["A-01"])
        assert (guardada.clase, guardada.tipos) == ("carro_electrico", ["carro_electrico", "carro"])
        # What it was asked for with is free for another.
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"terminos.max_por_unidad": 2}})
        await mesa.pedir(sorteo_id, vecino)

    async def test_sends_an_approved_one_back_to_staff(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion="manual"), vecino)
        await mesa.decidir(pedida, "aprobada", ADMIN)
        assert (await mesa.cambiar(pedida, vecino.quien, preferencias=["A-01"])).estado == "aprobada"
        cambiada = await mesa.cambiar(pedida, vecino.quien, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
        assert cambiada.estado == "pendiente"
        assert (await mesa.pasos(pedida))[-1] == ("aprobada", "pendiente", "sistema", None)

    async def test_is_approved_by_the_rules_where_they_do(self, mesa: Mesa) -> None:
        vecino = mesa.vecino(al_dia=False)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        assert pedida.estado == "pendiente"
        mesa.padron.pisos[vecino.unidad_id].al_dia = True
        cambiada = await mesa.cambiar(pedida, vecino.quien, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
        assert cambiada.estado == "aprobada"

    async def test_is_not_approved_by_the_rules_while_something_stands_in_its_way(self, mesa: Mesa) -> None:
        """Judged anew, or not judged at all for what changes."""
        vecino = mesa.vecino(al_dia=False)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        for cambio in (
            {"vehiculo_id": mesa.vehiculo(vecino.unidad_id)},
            {"usa_condiciones": False},
            {"acepta": ["carro"]},
            {"preferencias": ["A-01"]},
        ):
            cambiada = await mesa.cambiar(pedida, vecino.quien, **cambio)
            assert (cambiada.estado, cambiada.impedimentos) == ("pendiente", ["no_al_dia"])
        assert [a for _, a, _, _ in await mesa.pasos(pedida)] == ["pendiente"]

    async def test_anothers(self, mesa: Mesa) -> None:
        vecino, otro = mesa.vecino(), mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        for id in (otro.vehiculo_id, PydanticObjectId()):
            with pytest.raises(VehiculoAjeno):
                await mesa.cambiar(pedida, vecino.quien, vehiculo_id=id)

    async def test_that_has_a_request(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo(max_por_unidad=2)
        otro = mesa.vehiculo(vecino.unidad_id)
        pedida = await mesa.pedir(sorteo_id, vecino)
        await mesa.pedir(sorteo_id, vecino, vehiculo_id=otro)
        with pytest.raises(SolicitudDuplicada):
            await mesa.cambiar(pedida, vecino.quien, vehiculo_id=otro)

    async def test_of_a_type_of_which_there_is_one(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        sorteo_id = await mesa.sorteo(["A-01", ("M-01", "moto", None)], max_por_unidad=2, max_por_tipo={"carro": 1})
        carro, moto = await mesa.pedir(sorteo_id, vecino), mesa.vehiculo(vecino.unidad_id, "moto")
        otra = await mesa.pedir(sorteo_id, vecino, vehiculo_id=moto)
        otro_carro = mesa.vehiculo(vecino.unidad_id)
        with pytest.raises(UnidadConSolicitud):
            await mesa.cambiar(otra, vecino.quien, vehiculo_id=otro_carro)
        assert (await mesa.cambiar(carro, vecino.quien, vehiculo_id=otro_carro)).vehiculo.id == otro_carro

    async def test_the_index_says_so_too(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody saw the other in time."""
        vecino, sorteo_id = mesa_real.vecino(), await mesa_real.sorteo(max_por_unidad=2)
        otro = mesa_real.vehiculo(vecino.unidad_id)
        pedida = await mesa_real.pedir(sorteo_id, vecino)
        await mesa_real.pedir(sorteo_id, vecino, vehiculo_id=otro)

        async def ninguna(**_: Any) -> bool:
            return False

        monkeypatch.setattr(mesa_real.solicitudes, "viva_de_vehiculo", ninguna)
        with pytest.raises(SolicitudDuplicada):
            await mesa_real.cambiar(pedida, vecino.quien, vehiculo_id=otro)
        await mesa_real.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"terminos.max_por_unidad": 9}})
        with pytest.raises(SolicitudDuplicada):
            await mesa_real.pedir(sorteo_id, vecino)
        assert (await mesa_real.guardada(pedida)).vehiculo.id == vecino.vehiculo_id

    async def test_for_which_there_is_no_space(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        with pytest.raises(SinEspacioCompatible):
            await mesa.cambiar(pedida, vecino.quien, vehiculo_id=mesa.vehiculo(vecino.unidad_id, "moto"))

    async def test_of_a_kind_for_which_the_flat_has_one(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(["A-01", ("M-01", "moto", None)]), vecino)
        await mesa.tiene_espacio(vecino, "moto")
        with pytest.raises(YaTieneEspacio):
            await mesa.cambiar(pedida, vecino.quien, vehiculo_id=mesa.vehiculo(vecino.unidad_id, "moto"))

    async def test_of_a_kind_that_fits_no_longer(self, mesa: Mesa) -> None:
        """What was accepted and wished for goes, as far as the other vehicle may not use it; what is sent is judged."""
        vecino = mesa.vecino(electrico=True)
        espacios = [("A-01", "carro", None), ("E-01", "carro_electrico", None), ("M-01", "moto", None)]
        pedida = await mesa.pedir(
            await mesa.sorteo(espacios), vecino, acepta=["carro_electrico", "carro"], preferencias=["E-01", "A-01"]
        )
        otro, moto = mesa.vehiculo(vecino.unidad_id), mesa.vehiculo(vecino.unidad_id, "moto")
        for enviado, falla in (
            ({"acepta": ["carro_electrico"]}, ("acepta", "valor_no_admitido")),
            ({"preferencias": ["A-01", "E-01"]}, ("preferencias.1", "espacio_incompatible")),
        ):
            with pytest.raises(EntradaInvalida) as caso:
                await mesa.cambiar(pedida, vecino.quien, vehiculo_id=otro, **enviado)
            assert [(e.campo, e.codigo) for e in caso.value.errores] == [falla]
        cambiada = await mesa.cambiar(pedida, vecino.quien, vehiculo_id=otro)
        assert (cambiada.vehiculo.id, cambiada.acepta, cambiada.preferencias) == (otro, ["carro"], ["A-01"])
        cambiada = await mesa.cambiar(pedida, vecino.quien, vehiculo_id=moto)
        assert (cambiada.vehiculo.id, cambiada.acepta, cambiada.preferencias) == (moto, None, [])


class TestALaVez:
    @pytest.mark.parametrize("cambio", [{"preferencias": ["A-01"]}, {"usa_condiciones": False}])
    async def test_writes_on_its_flat(self, mesa: Mesa, cambio: dict[str, Any]) -> None:
        """Of a change and of what happens to the flat at once, one starts again and sees the other."""
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        mesa.padron.tocadas.clear()
        await mesa.cambiar(pedida, vecino.quien, **cambio)
        assert mesa.padron.tocadas == [vecino.unidad_id]


class TestDeseos:
    async def test_absent_is_not_null(self, mesa: Mesa) -> None:
        vecino = mesa.vecino(electrico=True)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino, acepta=["carro"], preferencias=["A-01"])
        sin_preferencias = await mesa.cambiar(pedida, vecino.quien, preferencias=[])
        assert (sin_preferencias.preferencias, sin_preferencias.acepta) == ([], ["carro"])
        todo = await mesa.cambiar(pedida, vecino.quien, acepta=None)
        assert (todo.preferencias, todo.acepta) == ([], None)
        assert (await mesa.guardada(todo)).tipos == ["carro_electrico", "carro"]

    @pytest.mark.parametrize(
        ("preferencias", "falla"),
        [(["a-01"], "no_existe"), (["Z-99"], "no_existe"), (["M-01"], "espacio_incompatible")],
    )
    async def test_of_a_space_that_they_cannot_have(self, mesa: Mesa, preferencias: list[str], falla: str) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(["A-01", ("M-01", "moto", None)]), vecino)
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.cambiar(pedida, vecino.quien, preferencias=preferencias)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("preferencias.0", falla)]

    async def test_none_fits(self, mesa: Mesa) -> None:
        vecino = mesa.vecino(electrico=True)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        with pytest.raises(SinEspacioCompatible):
            await mesa.cambiar(pedida, vecino.quien, acepta=["carro_electrico"])

    async def test_an_impediment_that_came_by_itself(self, mesa: Mesa) -> None:
        """It is for the closing; meanwhile they may wish for something else."""
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        await mesa.tiene_espacio(vecino)
        cambiada = await mesa.cambiar(pedida, vecino.quien, preferencias=["A-01"])
        assert (cambiada.preferencias, cambiada.impedimentos) == (["A-01"], ["ya_tiene_espacio"])


class TestHistoria:
    async def test_kept(self, mesa: Mesa, reloj: Reloj) -> None:
        vecino = mesa.vecino(electrico=True)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        reloj.avanzar(minutes=1)
        await mesa.cambiar(pedida, OPERADOR, preferencias=["A-01"], acepta=["carro"])
        linea = (await mesa.listas.historial(pedida.id, PageQuery(), ADMIN)).items[-1]
        assert linea.model_dump(mode="json") == {
            "tipo": "cambio",
            "de": "aprobada",
            "a": "aprobada",
            "actor": "personal",
            "usuario_id": str(OPERADOR.usuario_id),
            "cuando": "2026-03-02T15:01:00.000Z",
            "motivo": None,
            "cambios": ["acepta", "preferencias"],
        }

    async def test_nothing_changed_nothing_kept(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino, preferencias=["A-01"])
        antes = await mesa.guardada(pedida)
        # An impediment has come meanwhile: that is no change of theirs.
        mesa.padron.pisos[vecino.unidad_id].al_dia = False
        for cuerpo in ({}, {"preferencias": ["A-01"]}, {"vehiculo_id": vecino.vehiculo_id}, {"acepta": None}):
            await mesa.cambiar(pedida, vecino.quien, **cuerpo)
        assert await mesa.guardada(pedida) == antes
        assert len((await mesa.listas.historial(pedida.id, PageQuery(), ADMIN)).items) == 2

    async def test_nothing_asked_for_is_no_change_where_none_may_be_made(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        pedida = await mesa.pedir(sorteo_id, vecino)
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": "cerrado"}})
        antes = await mesa.guardada(pedida)
        assert (await mesa.cambiar(pedida, vecino.quien)).id == pedida.id
        with pytest.raises(SorteoNoAbierto):
            await mesa.cambiar(pedida, vecino.quien, preferencias=[])
        assert await mesa.guardada(pedida) == antes


class TestCondiciones:
    async def test_used_or_not(self, mesa: Mesa) -> None:
        vecino = mesa.vecino(condiciones={"discapacidad"})
        sorteo_id = await mesa.sorteo([("R-01", "carro", "discapacidad")], liberar_reservas=False)
        pedida = await mesa.pedir(sorteo_id, vecino)
        with pytest.raises(SinEspacioCompatible):
            await mesa.cambiar(pedida, vecino.quien, usa_condiciones=False)
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"terminos.liberar_reservas": True}})
        assert (await mesa.cambiar(pedida, vecino.quien, usa_condiciones=False)).usa_condiciones is False
        assert (await mesa.cambiar(pedida, vecino.quien, preferencias=[])).usa_condiciones is False
