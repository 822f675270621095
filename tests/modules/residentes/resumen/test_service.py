"""How many there are of everything, from indexes alone; and a resident's home."""

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.residentes.models import EstadoCuenta
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.schemas import CondicionDecidida, CondicionDeclarada
from app.modules.residentes.unidades.schemas import UnidadOut
from tests.autenticador import principal
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ADMIN, cuerpo_vehiculo, ocupacion


@pytest.fixture
def resumen(casa_real: Casa) -> ResumenService:
    return casa_real.resumen


class TestResumen:
    async def test_of_nothing(self, resumen: ResumenService) -> None:
        visto = await resumen.resumen()
        assert (visto.unidades.total, visto.residentes.activos, visto.residentes.cuentas.activa) == (0, 0, 0)
        assert (visto.vehiculos, visto.condiciones) == ([], [])

    async def test_counts_flats_by_arrears(self, casa_real: Casa, resumen: ResumenService) -> None:
        for apartamento, al_dia in (("101", True), ("102", False), ("103", True)):
            await casa_real.unidad(apartamento=apartamento, al_dia=al_dia)
        visto = (await resumen.resumen()).unidades
        assert (visto.total, visto.al_dia, visto.en_mora) == (3, 2, 1)

    async def test_counts_vehicles_by_kind(self, casa_real: Casa, resumen: ResumenService) -> None:
        otros = [
            cuerpo_vehiculo(),
            cuerpo_vehiculo(electrico=True),
            cuerpo_vehiculo(tipo="bicicleta", placa=None),
            cuerpo_vehiculo(tipo="bicicleta", placa=None),
        ]
        await casa_real.unidad(vehiculos=otros)
        assert [(v.tipo, v.electrico, v.total) for v in (await resumen.resumen()).vehiculos] == [
            ("bicicleta", False, 2),
            ("carro", False, 1),
            ("carro", True, 1),
        ]

    async def test_counts_the_accounts_of_active_residents(self, casa_real: Casa, resumen: ResumenService) -> None:
        await casa_real.unidad()
        ido, *quedan = [await casa_real.residente() for _ in range(4)]
        await casa_real.repo_residentes.marcar_cuenta(quedan[0].id, EstadoCuenta.activa)
        await casa_real.repo_residentes.marcar_cuenta(ido.id, EstadoCuenta.activa)
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        visto = (await resumen.resumen()).residentes
        assert (visto.activos, visto.inactivos) == (3, 1)
        assert (visto.cuentas.sin_invitar, visto.cuentas.invitada, visto.cuentas.activa) == (2, 0, 1)

    async def test_counts_conditions_by_what_became_of_them(self, casa_real: Casa, resumen: ResumenService) -> None:
        await casa_real.unidad()
        declarada = CondicionDeclarada.model_validate({"codigo": "discapacidad", "persona": "titular"})
        for estado, hasta in (("verificada", None), ("verificada", "2026-03-02"), ("verificada", "2026-03-01")):
            residente = await casa_real.residente()
            decidida = CondicionDecidida.model_validate(
                {"estado": estado, "persona": "titular", "vigente_hasta": hasta}
            )
            await casa_real.condiciones.decidir(residente.id, "discapacidad", decidida, ADMIN)
        espera = await casa_real.residente()
        await casa_real.condiciones.declarar(declarada, principal(Rol.residente, espera.id))
        ido = await casa_real.residente(condiciones=[{"codigo": "embarazo", "persona": "titular"}])
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        await casa_real.repo_catalogo.cambiar("discapacidad", {"nombre.es": "Con discapacidad"})
        (visto,) = (await resumen.resumen()).condiciones
        assert visto.nombre.model_dump() == {"es": "Con discapacidad", "en": "DISCAPACIDAD"}
        assert (visto.codigo, visto.declaradas, visto.verificadas) == ("discapacidad", 1, 2)
        assert (visto.vencidas, visto.rechazadas) == (1, 0)


class TestHogar:
    async def test_the_flats_they_live_in_with_their_vehicles(self, casa_real: Casa, resumen: ResumenService) -> None:
        una = await casa_real.unidad(vehiculos=[cuerpo_vehiculo()])
        otra = await casa_real.unidad(apartamento="102")
        await casa_real.unidad(apartamento="103", vehiculos=[cuerpo_vehiculo()])
        residente = await casa_real.residente(unidades=[ocupacion(apartamento="102"), ocupacion()])
        hogar = await resumen.hogar(residente_id=residente.id)
        assert hogar is not None
        assert hogar.residente == residente.model_dump(mode="json")
        assert [UnidadOut.model_validate(unidad) for unidad in hogar.unidades] == [otra, una]

    async def test_who_left_lives_nowhere(self, casa_real: Casa, resumen: ResumenService) -> None:
        await casa_real.unidad()
        residente = await casa_real.residente()
        await casa_real.residentes.dar_de_baja(residente.id, ADMIN)
        hogar = await resumen.hogar(residente_id=residente.id)
        assert hogar is not None
        assert hogar.unidades == []

    async def test_of_nobody(self, resumen: ResumenService) -> None:
        assert await resumen.hogar(residente_id=PydanticObjectId()) is None
