"""Flats as requests are judged by and shown with, on the real server: each is one query or two."""

from datetime import date

import pytest
from beanie import PydanticObjectId

from app.core.builder import Armador
from app.core.security import Rol
from app.modules.residentes.fichas.public import Ficha, FichaService, Peticion, VehiculoDeUnidad
from app.modules.residentes.hechos import MarcasDelPadron
from app.modules.residentes.schemas import CondicionDeclarada
from app.modules.residentes.unidades.schemas import VehiculoUpdate
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.marcas import MARCAS
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ADMIN, cuerpo_vehiculo, ocupacion, vehiculo

NADA = PydanticObjectId("0" * 24)
EL_DIA = date(2026, 6, 1)
CONDICIONES = [
    {"codigo": "sin_fin", "persona": "titular"},
    {"codigo": "hoy_vence", "persona": "titular", "vigente_hasta": EL_DIA.isoformat()},
    {"codigo": "ayer_vencio", "persona": "titular", "vigente_hasta": "2026-05-31"},
]


@pytest.fixture
def fichas(casa_real: Casa) -> FichaService:  # noqa: ARG001 - it has the database
    return Armador({MarcasDelPadron: MARCAS})[FichaService]


async def pedir(
    fichas: FichaService, unidad_id: PydanticObjectId, *, vehiculo_id: PydanticObjectId = NADA, placa: str | None = None
) -> Peticion | None:
    return await fichas.peticion(unidad_id=unidad_id, vehiculo_id=vehiculo_id, placa=placa, el=EL_DIA)


class TestFichas:
    async def test_of_nothing(self, fichas: FichaService) -> None:
        assert await fichas.fichas(unidades=[], residentes=[], el=EL_DIA) == ({}, {})
        assert await fichas.fichas(unidades=[NADA], residentes=[NADA], el=EL_DIA) == ({}, {})

    async def test_flats_and_names(self, casa_real: Casa, fichas: FichaService) -> None:
        await casa_real.conocer("sin_fin", "hoy_vence", "ayer_vencio", "de_quien_se_fue", "solo_declarada")
        una = await casa_real.unidad(torre=None, al_dia=False, cupo=2)
        otra = await casa_real.unidad(torre="B")
        ana = await casa_real.residente(unidades=[ocupacion(torre=None), ocupacion(torre="B")], condiciones=CONDICIONES)
        ido = await casa_real.residente(
            nombres="Ido",
            unidades=[ocupacion(torre="B")],
            condiciones=[{"codigo": "de_quien_se_fue", "persona": "titular"}],
        )
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        await casa_real.condiciones.declarar(
            CondicionDeclarada.model_validate({"codigo": "solo_declarada", "persona": "titular"}),
            principal(Rol.residente, ana.id),
        )
        cuentan = frozenset({"sin_fin", "hoy_vence"})
        pisos, nombres = await fichas.fichas(unidades={una.id, otra.id}, residentes={ana.id, ido.id}, el=EL_DIA)
        assert pisos == {
            una.id: Ficha(torre=None, apartamento="101", al_dia=False, cupo=2, condiciones=cuentan, sancionada=False),
            otra.id: Ficha(torre="B", apartamento="101", al_dia=True, cupo=None, condiciones=cuentan, sancionada=False),
        }
        assert nombres == {ana.id: "Ana María Núñez Peña", ido.id: "Ido Núñez Peña"}


class TestPeticion:
    async def test_of_no_flat(self, fichas: FichaService) -> None:
        assert await pedir(fichas, NADA) is None

    async def test_of_a_flat_without_anybody(self, casa_real: Casa, fichas: FichaService) -> None:
        unidad = await casa_real.unidad()
        ficha = Ficha(torre="1", apartamento="101", al_dia=True, cupo=None, condiciones=frozenset(), sancionada=False)
        assert await pedir(fichas, unidad.id) == Peticion(
            ficha=ficha, nombres={}, principal_id=None, vehiculo=None, alterados=frozenset(), vistos={"al_dia": 0}
        )

    async def test_by_id_or_plate_whose_ever_it_is(self, casa_real: Casa, fichas: FichaService) -> None:
        una = await casa_real.unidad(vehiculos=[cuerpo_vehiculo(tipo="moto", placa="ABC12D", electrico=True)])
        otra = await casa_real.unidad(torre="B")
        esperado = VehiculoDeUnidad(
            id=una.vehiculos[0].id, unidad_id=una.id, tipo="moto", electrico=True, placa="ABC12D"
        )
        for hallada in (
            await pedir(fichas, una.id, vehiculo_id=esperado.id),
            await pedir(fichas, otra.id, vehiculo_id=esperado.id),
            await pedir(fichas, una.id, placa="abc-12 d"),
        ):
            assert hallada is not None
            assert hallada.vehiculo == esperado
        sin_ella = await pedir(fichas, una.id, placa="ZZZ999")
        assert sin_ella is not None
        assert sin_ella.vehiculo is None

    async def test_electric_once_staff_say_so(self, casa_real: Casa, fichas: FichaService) -> None:
        unidad = await casa_real.unidad()
        yo = principal(Rol.residente, (await casa_real.residente()).id)
        propio = await casa_real.unidades.agregar_vehiculo_propio(unidad.id, vehiculo(electrico=True), yo)

        async def clase() -> tuple[str, bool]:
            peticion = await pedir(fichas, unidad.id, vehiculo_id=propio.id)
            assert peticion is not None
            assert peticion.vehiculo is not None
            return peticion.vehiculo.tipo, peticion.vehiculo.electrico

        assert await clase() == ("carro", False)
        visto = VehiculoUpdate(electrico_verificado=True)
        await casa_real.unidades.cambiar_vehiculo(unidad.id, propio.id, visto, ADMIN)
        assert await clase() == ("carro", True)

    async def test_conditions_of_whoever_lives_there(self, casa_real: Casa, fichas: FichaService) -> None:
        await casa_real.conocer("sin_fin", "hoy_vence", "ayer_vencio", "ajena")
        unidad = await casa_real.unidad()
        await casa_real.unidad(torre="B")
        await casa_real.residente(condiciones=CONDICIONES[1:])
        await casa_real.residente(condiciones=CONDICIONES[:1])
        await casa_real.residente(
            unidades=[ocupacion(torre="B")], condiciones=[{"codigo": "ajena", "persona": "titular"}]
        )
        peticion = await pedir(fichas, unidad.id)
        assert peticion is not None
        assert peticion.ficha.condiciones == {"sin_fin", "hoy_vence"}

    async def test_who_lives_there_longest_speaks_for_it(
        self, casa_real: Casa, fichas: FichaService, reloj: Reloj
    ) -> None:
        unidad = await casa_real.unidad()

        async def quien() -> tuple[PydanticObjectId | None, int]:
            peticion = await pedir(fichas, unidad.id)
            assert peticion is not None
            return peticion.principal_id, len(peticion.nombres)

        sin_decir = await casa_real.residente(fecha_ingreso=None)
        assert await quien() == (sin_decir.id, 1)
        reloj.avanzar(days=1)
        await casa_real.residente(fecha_ingreso=reloj.instante.date().isoformat())
        assert await quien() == (sin_decir.id, 2)
        antiguo = await casa_real.residente(unidades=[ocupacion(tenencia="arrendatario")], fecha_ingreso="2003-02-01")
        await casa_real.residente(fecha_ingreso="2003-02-02")
        assert await quien() == (antiguo.id, 4)
        await casa_real.residentes.dar_de_baja(antiguo.id, ADMIN)
        assert (await quien())[1] == 3
