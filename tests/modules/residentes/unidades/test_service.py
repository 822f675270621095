"""The rules of flats and vehicles. Those that unique indexes hold are seen on the real server."""

from dataclasses import replace
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.residentes.exceptions import (
    DemasiadosVehiculos,
    PlacaDuplicada,
    UnidadDuplicada,
    UnidadEnUso,
    VehiculoEnSolicitud,
)
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.modules.residentes.unidades.schemas import VehiculoPropioUpdate, VehiculoUpdate
from app.shared.exceptions import (
    ConflictoDeInteres,
    EntradaInvalida,
    NoEncontrado,
    ParkNetError,
    RolInsuficiente,
    SinResidente,
)
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import (
    ADMIN,
    OPERADOR,
    cambio_de_residente,
    cambio_de_unidad,
    cuerpo_vehiculo,
    ocupacion,
    unidad,
    vehiculo,
)

NINGUNA = PydanticObjectId("0" * 24)


async def nombres(casa: Casa, consulta: PageQuery | None = None, **filtro: Any) -> list[str]:
    pagina = await casa.unidades.listar(FiltroUnidades(**filtro), consulta or PageQuery())
    return [f"{u.torre}-{u.apartamento}" for u in pagina.items]


class TestCrear:
    async def test_operador_may_not_give_losses(self, casa: Casa) -> None:
        with pytest.raises(RolInsuficiente):
            await casa.unidades.crear(unidad(perdidos_previos={}), OPERADOR)

    async def test_whole(self, casa: Casa) -> None:
        creada = await casa.unidades.crear(
            unidad(
                torre="A",
                al_dia=False,
                al_dia_corte="2026-02-28",
                cupo=2,
                vehiculos=[cuerpo_vehiculo(placa="abc 123", electrico=True), {"tipo": "bicicleta"}],
                perdidos_previos={"carro": 3},
            ),
            ADMIN,
        )
        assert creada == await casa.unidades.ver(creada.id)
        assert (creada.torre, creada.al_dia, str(creada.al_dia_corte), creada.cupo) == ("A", False, "2026-02-28", 2)
        assert [(v.tipo, v.electrico, v.placa) for v in creada.vehiculos] == [
            ("carro", True, "ABC123"),
            ("bicicleta", False, None),
        ]
        assert creada.perdidos_previos == {"carro": 3}

    @pytest.mark.parametrize("otra", [{"torre": "torre a"}, {"apartamento": "1 B"}])
    async def test_another_spelling_is_the_same_flat(self, casa_real: Casa, otra: dict[str, str]) -> None:
        await casa_real.unidad(**{"torre": "Torre  A", "apartamento": "1 b"})
        with pytest.raises(UnidadDuplicada):
            await casa_real.unidad(**({"torre": "Torre A", "apartamento": "1 b"} | otra))

    async def test_without_tower(self, casa_real: Casa) -> None:
        await casa_real.unidad(torre=None)
        with pytest.raises(UnidadDuplicada):
            await casa_real.unidad(torre=None)
        await casa_real.unidad(torre="1")

    async def test_a_plate_twice_in_one_body(self, casa: Casa) -> None:
        with pytest.raises(PlacaDuplicada):
            await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123"), cuerpo_vehiculo(placa="abc-123")])

    async def test_a_plate_of_another_flat(self, casa_real: Casa) -> None:
        await casa_real.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        with pytest.raises(PlacaDuplicada):
            await casa_real.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo(placa="ABC123")])


class TestListar:
    async def test_in_natural_order(self, casa: Casa) -> None:
        for torre, apartamento in [("10", "101"), ("2", "1001"), ("2", "201"), (None, "5")]:
            await casa.unidad(torre=torre, apartamento=apartamento)
        assert await nombres(casa) == ["None-5", "2-201", "2-1001", "10-101"]
        assert await nombres(casa, PageQuery(orden="-posicion")) == ["10-101", "2-1001", "2-201", "None-5"]

    async def test_pages(self, casa: Casa) -> None:
        for apartamento in ("101", "102", "103"):
            await casa.unidad(apartamento=apartamento)
        primera = await casa.unidades.listar(FiltroUnidades(), PageQuery(limite=2, contar=True))
        assert ([u.apartamento for u in primera.items], primera.total) == (["101", "102"], 3)
        segunda = await casa.unidades.listar(FiltroUnidades(), PageQuery(limite=2, cursor=primera.siguiente))
        assert ([u.apartamento for u in segunda.items], segunda.siguiente) == (["103"], None)

    async def test_unknown_order(self, casa: Casa) -> None:
        with pytest.raises(EntradaInvalida):
            await nombres(casa, PageQuery(orden="perdidos_previos"))

    async def test_filters(self, casa: Casa) -> None:
        await casa.unidad(torre="A", apartamento="101")
        await casa.unidad(torre="A", apartamento="102", al_dia=False)
        await casa.unidad(torre="B", apartamento="101")
        await casa.unidad(torre=None, apartamento="7")
        assert await nombres(casa, torres=[" a "]) == ["A-101", "A-102"]
        assert await nombres(casa, torres=[""]) == ["None-7"]
        assert await nombres(casa, al_dia=False) == ["A-102"]
        assert await nombres(casa, torres=["A"], al_dia=True) == ["A-101"]
        assert await nombres(casa, q="10") == ["A-101", "A-102", "B-101"]
        assert await nombres(casa, q="b 10") == ["B-101"]
        assert await nombres(casa, q=".*") == []

    async def test_each_with_its_vehicles(self, casa: Casa) -> None:
        for numero in (1, 2, 3):
            await casa.unidad(
                apartamento=str(numero), vehiculos=[cuerpo_vehiculo(placa=f"P{numero}{i}0") for i in range(numero)]
            )
        pagina = await casa.unidades.listar(FiltroUnidades(), PageQuery())
        assert [[v.placa for v in u.vehiculos] for u in pagina.items] == [
            ["P100"],
            ["P200", "P210"],
            ["P300", "P310", "P320"],
        ]


class TestVer:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.unidades.ver(NINGUNA)


class TestCambiar:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.unidades.cambiar(NINGUNA, cambio_de_unidad(), ADMIN)

    async def test_operador_may_not_change_losses(self, casa: Casa) -> None:
        creada = await casa.unidad(perdidos_previos={"carro": 1})
        with pytest.raises(RolInsuficiente):
            await casa.unidades.cambiar(creada.id, cambio_de_unidad(perdidos_previos={"carro": 1}), OPERADOR)

    @pytest.mark.parametrize(
        "cambio", [{"al_dia": True}, {"al_dia_corte": None}, {"cupo": 3}, {"torre": "B"}, {"vehiculos": []}]
    )
    async def test_operador_may_not_decide_about_their_own(self, casa: Casa, cambio: dict[str, Any]) -> None:
        propia, ajena = await casa.unidad(), await casa.unidad(apartamento="102")
        yo = principal(Rol.operador, (await casa.residente()).id)
        with pytest.raises(ConflictoDeInteres):
            await casa.unidades.cambiar(propia.id, cambio_de_unidad(**cambio), yo)
        await casa.unidades.cambiar(ajena.id, cambio_de_unidad(**cambio), yo)
        await casa.unidades.cambiar(propia.id, cambio_de_unidad(apartamento="103"), yo)

    async def test_nor_say_what_a_vehicle_of_theirs_is(self, casa: Casa) -> None:
        propia, ajena = await casa.unidad(vehiculos=[cuerpo_vehiculo()]), await casa.unidad(apartamento="102")
        yo, (mio,) = principal(Rol.operador, (await casa.residente()).id), propia.vehiculos
        visto = VehiculoUpdate(electrico=True)
        for hecho in (
            casa.unidades.agregar_vehiculo(propia.id, vehiculo(placa="ELE123", electrico=True), yo),
            casa.unidades.cambiar_vehiculo(propia.id, mio.id, visto, yo),
        ):
            with pytest.raises(ConflictoDeInteres):
                await hecho
        otro = await casa.unidades.agregar_vehiculo(ajena.id, vehiculo(placa="ELE123"), yo)
        assert (await casa.unidades.cambiar_vehiculo(ajena.id, otro.id, visto, yo)).electrico_verificado
        # Of their own, a resident's word.
        dicho = await casa.unidades.cambiar_vehiculo_propio(propia.id, mio.id, VehiculoPropioUpdate(electrico=True), yo)
        assert (dicho.electrico, dicho.electrico_verificado) == (True, False)

    async def test_nor_once_they_no_longer_live_there(self, casa: Casa) -> None:
        propia, quien = await casa.unidad(), await casa.residente()
        await casa.residentes.dar_de_baja(quien.id, ADMIN)
        # What the account says then: it speaks for nobody, and is still that person's.
        yo = replace(principal(Rol.operador), vinculo_id=quien.id)
        with pytest.raises(ConflictoDeInteres):
            await casa.unidades.cambiar(propia.id, cambio_de_unidad(al_dia=True), yo)
        with pytest.raises(ConflictoDeInteres):
            await casa.residentes.cambiar(quien.id, cambio_de_residente(estado="activo"), yo)

    async def test_nor_of_one_they_left_while_a_draw_is_on_that_they_lived_there_through(self, casa: Casa) -> None:
        dejada, nueva, vivido, otro = (
            await casa.unidad(),
            await casa.unidad(apartamento="102"),
            PydanticObjectId(),
            PydanticObjectId(),
        )
        quien = await casa.residente()
        yo = principal(Rol.operador, quien.id)
        casa.solicitudes.en_curso = [vivido]
        await casa.cambiar(quien.id, unidades=[ocupacion(apartamento="102")])
        casa.solicitudes.en_curso = [vivido, otro]
        for suya in (dejada, nueva):
            with pytest.raises(ConflictoDeInteres):
                await casa.unidades.cambiar(suya.id, cambio_de_unidad(al_dia=False), yo)
        visto = await casa.padron.residente(residente_id=quien.id)
        assert visto is not None
        assert visto.dejadas == {(dejada.id, vivido)}
        casa.solicitudes.en_curso = [otro]
        await casa.unidades.cambiar(dejada.id, cambio_de_unidad(al_dia=False), yo)

    async def test_admin_may(self, casa: Casa) -> None:
        propia = await casa.unidad()
        yo = principal(Rol.admin, (await casa.residente()).id)
        cambiada = await casa.unidades.cambiar(propia.id, cambio_de_unidad(al_dia=False), yo)
        assert not cambiada.al_dia

    async def test_nothing(self, casa: Casa) -> None:
        creada = await casa.unidad(cupo=1, vehiculos=[cuerpo_vehiculo()])
        antes = await casa.repo_unidades.get(creada.id)
        assert await casa.unidades.cambiar(creada.id, cambio_de_unidad(), OPERADOR) == creada
        assert await casa.repo_unidades.get(creada.id) == antes

    async def test_absent_is_not_null(self, casa: Casa) -> None:
        creada = await casa.unidad(torre="A", cupo=1, al_dia_corte="2026-02-28", perdidos_previos={"moto": 2})
        cambiada = await casa.unidades.cambiar(creada.id, cambio_de_unidad(torre=None, cupo=None), ADMIN)
        assert cambiada == creada.model_copy(update={"torre": None, "cupo": None})

    async def test_maps_are_merged(self, casa: Casa) -> None:
        creada = await casa.unidad(perdidos_previos={"carro": 1, "moto": 2})
        for cambio, quedan in (
            ({"bicicleta": 3, "moto": None}, {"carro": 1, "bicicleta": 3}),
            ({}, {"carro": 1, "bicicleta": 3}),
            ({"moto": None, "carro": 0}, {"carro": 0, "bicicleta": 3}),
        ):
            cambiada = await casa.unidades.cambiar(creada.id, cambio_de_unidad(perdidos_previos=cambio), ADMIN)
            assert cambiada.perdidos_previos == quedan

    async def test_moved_flats_are_found_where_they_are(self, casa: Casa) -> None:
        creada = await casa.unidad(torre="A")
        await casa.unidades.cambiar(creada.id, cambio_de_unidad(torre="B"), ADMIN)
        assert await nombres(casa, torres=["A"]) == []
        assert await nombres(casa, torres=["b"], q="b") == ["B-101"]
        await casa.unidad(torre="A")

    async def test_onto_another(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        otra = await casa_real.unidad(apartamento="102")
        with pytest.raises(UnidadDuplicada):
            await casa_real.unidades.cambiar(otra.id, cambio_de_unidad(apartamento=" 101"), ADMIN)


class TestCambiarVehiculos:
    async def test_those_that_stay_keep_their_id(self, casa: Casa) -> None:
        creada = await casa.unidad(
            vehiculos=[cuerpo_vehiculo(placa="AAA111"), cuerpo_vehiculo(placa="BBB222"), {"tipo": "bicicleta"}]
        )
        a, _, bici = creada.vehiculos
        cambiada = await casa.unidades.cambiar(
            creada.id,
            cambio_de_unidad(
                vehiculos=[
                    {"tipo": "bicicleta"},
                    {"tipo": "bicicleta"},
                    cuerpo_vehiculo(placa="aaa-111", electrico=True),
                    cuerpo_vehiculo(placa="CCC333"),
                ]
            ),
            ADMIN,
        )
        por_placa = {v.placa: v for v in cambiada.vehiculos if v.placa is not None}
        assert set(por_placa) == {"AAA111", "CCC333"}
        assert (por_placa["AAA111"].id, por_placa["AAA111"].electrico) == (a.id, True)
        bicis = [v.id for v in cambiada.vehiculos if v.placa is None]
        assert len(bicis) == 2
        assert bici.id in bicis

    @pytest.mark.parametrize("cambio", [{"vehiculos": []}, {"vehiculos": [{"tipo": "moto", "placa": "AAA111"}]}])
    async def test_in_a_live_request(self, casa: Casa, cambio: dict[str, Any]) -> None:
        creada = await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        casa.solicitudes.en_solicitud.add(creada.vehiculos[0].id)
        with pytest.raises(VehiculoEnSolicitud):
            await casa.unidades.cambiar(creada.id, cambio_de_unidad(**cambio), ADMIN)

    async def test_in_a_live_request_and_as_it_was(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        casa.solicitudes.en_solicitud.add(creada.vehiculos[0].id)
        vehiculos = [cuerpo_vehiculo(placa="AAA111"), cuerpo_vehiculo(placa="BBB222")]
        cambiada = await casa.unidades.cambiar(creada.id, cambio_de_unidad(vehiculos=vehiculos), ADMIN)
        assert [v.placa for v in cambiada.vehiculos] == ["AAA111", "BBB222"]

    async def test_twice_in_one_body(self, casa: Casa) -> None:
        creada = await casa.unidad()
        with pytest.raises(PlacaDuplicada):
            await casa.unidades.cambiar(
                creada.id, cambio_de_unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")] * 2), ADMIN
            )


class TestBorrar:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.unidades.borrar(NINGUNA, ADMIN)

    async def test_operador_their_own(self, casa: Casa) -> None:
        propia = await casa.unidad()
        yo = principal(Rol.operador, (await casa.residente()).id)
        with pytest.raises(ConflictoDeInteres):
            await casa.unidades.borrar(propia.id, yo)

    @pytest.mark.parametrize("estado", ["activo", "inactivo"])
    async def test_with_residents(self, casa: Casa, estado: str) -> None:
        creada = await casa.unidad()
        residente = await casa.residente()
        await casa.cambiar(residente.id, estado=estado)
        with pytest.raises(UnidadEnUso):
            await casa.unidades.borrar(creada.id, ADMIN)

    async def test_with_history(self, casa: Casa) -> None:
        creada = await casa.unidad()
        casa.solicitudes.con_historia.add(creada.id)
        with pytest.raises(UnidadEnUso):
            await casa.unidades.borrar(creada.id, ADMIN)

    async def test_with_its_vehicles(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        await casa.unidades.borrar(creada.id, OPERADOR)
        with pytest.raises(NoEncontrado):
            await casa.unidades.ver(creada.id)
        await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])


class TestAgregarVehiculo:
    async def test_unknown_flat(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.unidades.agregar_vehiculo(NINGUNA, vehiculo(), OPERADOR)

    async def test_added(self, casa: Casa) -> None:
        creada = await casa.unidad()
        agregado = await casa.unidades.agregar_vehiculo(creada.id, vehiculo(tipo="moto", placa="abc12d"), OPERADOR)
        assert (await casa.unidades.ver(creada.id)).vehiculos == [agregado]
        assert agregado.placa == "ABC12D"

    async def test_a_plate_that_is_there(self, casa_real: Casa) -> None:
        creada = await casa_real.unidad(vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        with pytest.raises(PlacaDuplicada):
            await casa_real.unidades.agregar_vehiculo(creada.id, vehiculo(placa="AAA111"), OPERADOR)

    async def test_bicycles_without_plate_are_not_each_other(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[{"tipo": "bicicleta"}])
        await casa.unidades.agregar_vehiculo(creada.id, vehiculo(tipo="bicicleta", placa=None), OPERADOR)
        assert len((await casa.unidades.ver(creada.id)).vehiculos) == 2

    async def test_at_most_fifty(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[{"tipo": "bicicleta"}] * 50)
        with pytest.raises(DemasiadosVehiculos) as caso:
            await casa.unidades.agregar_vehiculo(creada.id, vehiculo(), OPERADOR)
        assert caso.value.datos == {"maximo": 50}


class TestQuitarVehiculo:
    async def test_of_another_flat(self, casa: Casa) -> None:
        una, otra = await casa.unidad(vehiculos=[cuerpo_vehiculo()]), await casa.unidad(apartamento="102")
        with pytest.raises(NoEncontrado):
            await casa.unidades.quitar_vehiculo(otra.id, una.vehiculos[0].id)

    async def test_in_a_live_request(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[cuerpo_vehiculo()])
        casa.solicitudes.en_solicitud.add(creada.vehiculos[0].id)
        with pytest.raises(VehiculoEnSolicitud):
            await casa.unidades.quitar_vehiculo(creada.id, creada.vehiculos[0].id)

    async def test_gone(self, casa: Casa) -> None:
        creada = await casa.unidad(vehiculos=[cuerpo_vehiculo()])
        await casa.unidades.quitar_vehiculo(creada.id, creada.vehiculos[0].id)
        assert (await casa.unidades.ver(creada.id)).vehiculos == []
        with pytest.raises(NoEncontrado):
            await casa.unidades.quitar_vehiculo(creada.id, creada.vehiculos[0].id)


class TestPropias:
    @pytest.mark.parametrize("residente_id", [None, NINGUNA])
    async def test_without_resident(self, casa: Casa, residente_id: PydanticObjectId | None) -> None:
        yo = principal(Rol.admin, residente_id)
        creada = await casa.unidad()
        with pytest.raises(SinResidente):
            await casa.unidades.listar_propias(PageQuery(), yo)
        with pytest.raises(SinResidente):
            await casa.unidades.agregar_vehiculo_propio(creada.id, vehiculo(), yo)
        with pytest.raises(SinResidente):
            await casa.unidades.quitar_vehiculo_propio(creada.id, NINGUNA, yo)

    async def test_anothers_flat(self, casa: Casa) -> None:
        await casa.unidad()
        ajena = await casa.unidad(apartamento="102", vehiculos=[cuerpo_vehiculo()])
        yo = principal(Rol.residente, (await casa.residente()).id)
        errores: list[ParkNetError] = []
        for intento in (
            casa.unidades.agregar_vehiculo_propio(ajena.id, vehiculo(), yo),
            casa.unidades.agregar_vehiculo_propio(NINGUNA, vehiculo(), yo),
            casa.unidades.quitar_vehiculo_propio(ajena.id, ajena.vehiculos[0].id, yo),
        ):
            with pytest.raises(NoEncontrado) as caso:
                await intento
            errores.append(caso.value)
        assert {e.codigo for e in errores} == {"no_encontrado"}

    async def test_own(self, casa: Casa) -> None:
        propia, _ = await casa.unidad(), await casa.unidad(apartamento="102")
        segunda = await casa.unidad(apartamento="103")
        residente = await casa.residente(unidades=[ocupacion(), ocupacion(apartamento="103")])
        yo = principal(Rol.residente, residente.id)
        agregado = await casa.unidades.agregar_vehiculo_propio(propia.id, vehiculo(), yo)
        pagina = await casa.unidades.listar_propias(PageQuery(), yo)
        assert [u.id for u in pagina.items] == [propia.id, segunda.id]
        assert pagina.items[0].vehiculos == [agregado]
        await casa.unidades.quitar_vehiculo_propio(propia.id, agregado.id, yo)

    async def test_no_longer_own(self, casa: Casa) -> None:
        propia = await casa.unidad()
        residente = await casa.residente()
        await casa.residentes.dar_de_baja(residente.id, ADMIN)
        yo = principal(Rol.residente, residente.id)
        assert (await casa.unidades.listar_propias(PageQuery(), yo)).items == []
        with pytest.raises(NoEncontrado):
            await casa.unidades.agregar_vehiculo_propio(propia.id, vehiculo(), yo)
