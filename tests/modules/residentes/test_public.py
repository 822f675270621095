"""What the rest of ParkNet may know of flats and residents."""

from datetime import date, datetime

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.residentes import public
from app.modules.residentes.hechos import HechosResumen
from app.modules.residentes.public import ResidenteResumen, UnidadResumen, VehiculoResumen
from app.modules.residentes.schemas import CondicionDecidida, CondicionDeclarada
from app.shared.exceptions import EntradaInvalida
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ADMIN, cambio_de_residente, cambio_de_unidad, cuerpo_vehiculo, ocupacion

NADA = PydanticObjectId("0" * 24)
EL_DIA = date(2026, 6, 1)


class TestResidente:
    async def test_unknown(self, casa: Casa) -> None:
        assert await casa.padron.residente(residente_id=NADA) is None

    async def test_known(self, casa: Casa) -> None:
        unidad = await casa.unidad()
        creado = await casa.residente(email="ana@example.com")
        esperado = ResidenteResumen(
            creado.id, "Ana María Núñez Peña", "ana@example.com", True, (unidad.id,), frozenset()
        )
        assert await casa.padron.residente(residente_id=creado.id) == esperado
        await casa.residentes.dar_de_baja(creado.id, ADMIN)
        visto = await casa.padron.residente(residente_id=creado.id)
        assert visto is not None
        assert (visto.activo, visto.unidades) == (False, (unidad.id,))


class TestTextos:
    async def test_what_a_password_is_not_made_of(self, casa: Casa) -> None:
        unidad = await casa.unidad()
        creado = await casa.residente(email="ana@example.com")
        textos = await casa.padron.textos(residente_id=creado.id)
        assert {"Ana María", "Núñez Peña", "ana@example.com", f"{unidad.torre} {unidad.apartamento}"} <= set(textos)

    async def test_of_nobody(self, casa: Casa) -> None:
        assert await casa.padron.textos(residente_id=NADA) == []


class TestMaximoPorDocumento:
    async def test_active_ones_alone(self, casa: Casa) -> None:
        assert await casa.padron.maximo_por_documento() == 0
        await casa.unidad()
        await casa.residente(numero_documento="1")
        assert await casa.padron.maximo_por_documento() == 1
        await casa.residente(numero_documento="52")
        otro = await casa.residente(numero_documento="52", tipo_documento="CE")
        assert await casa.padron.maximo_por_documento() == 2
        await casa.residentes.dar_de_baja(otro.id, ADMIN)
        assert await casa.padron.maximo_por_documento() == 1


class TestPorDocumento:
    async def test_active_ones_however_spelt(self, casa: Casa) -> None:
        await casa.unidad()
        uno = await casa.residente(numero_documento="52.000.111")
        dos = await casa.residente(numero_documento="52000111", tipo_documento="CE")
        ido = await casa.residente(numero_documento="52000111", tipo_documento="PA")
        await casa.residentes.dar_de_baja(ido.id, ADMIN)
        assert await casa.padron.por_documento(numero=" 52 000.111 ") == [uno.id, dos.id]
        assert await casa.padron.por_documento(numero="5200011") == []


class TestMarcarCuenta:
    async def test_seen_on_the_resident(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente()
        await casa.padron.marcar_cuenta(residente_id=creado.id, cuenta="activa")
        assert (await casa.residentes.ver(creado.id, ADMIN))["cuenta"] == "activa"


class TestUnidad:
    async def test_unknown(self, casa: Casa) -> None:
        assert await casa.padron.unidad(unidad_id=NADA) is None

    async def test_known(self, casa: Casa) -> None:
        creada = await casa.unidad(torre=None, al_dia=False, cupo=2)
        assert await casa.padron.unidad(unidad_id=creada.id) == UnidadResumen(creada.id, None, "101", False, 2)

    async def test_of_a_tower(self, casa: Casa) -> None:
        una = await casa.unidad(torre="Torre A")
        otra = await casa.unidad(torre="torre  a", apartamento="102")
        await casa.unidad(torre="B")
        assert set(await casa.padron.unidades_de_torres(torres=["TORRE A"])) == {una.id, otra.id}


class TestResidentesDe:
    async def test_the_active_ones_of_those_flats(self, casa: Casa) -> None:
        una, otra = await casa.unidad(), await casa.unidad(apartamento="102")
        dos = await casa.residente(unidades=[ocupacion(), ocupacion(apartamento="102")])
        sola = await casa.residente(unidades=[ocupacion(apartamento="102")])
        ido = await casa.residente()
        await casa.residentes.dar_de_baja(ido.id, ADMIN)
        assert await casa.padron.residentes_de(unidades=[una.id]) == {una.id: [dos.id]}
        de_las_dos = await casa.padron.residentes_de(unidades=[una.id, otra.id])
        assert de_las_dos == {una.id: [dos.id], otra.id: [dos.id, sola.id]}
        assert await casa.padron.residentes_de(unidades=[]) == {}


class TestVehiculo:
    async def test_by_id_or_plate(self, casa: Casa) -> None:
        unidad = await casa.unidad(vehiculos=[cuerpo_vehiculo(tipo="moto", placa="ABC12D", electrico=True)])
        esperado = VehiculoResumen(unidad.vehiculos[0].id, unidad.id, "moto", True, "ABC12D")
        assert await casa.padron.vehiculo(vehiculo_id=esperado.vehiculo_id) == esperado
        assert await casa.padron.vehiculo(placa="abc-12 d") == esperado
        assert await casa.padron.vehiculo(vehiculo_id=NADA) is None
        assert await casa.padron.vehiculo(placa="ZZZ999") is None
        assert await casa.padron.vehiculo() is None


class TestNombres:
    async def test_of_a_page(self, casa: Casa) -> None:
        unidad = await casa.unidad()
        creado = await casa.residente()
        residentes, unidades = await casa.padron.nombres(residentes=[creado.id, NADA], unidades=[unidad.id, NADA])
        assert {k: r.nombre for k, r in residentes.items()} == {creado.id: "Ana María Núñez Peña"}
        assert {k: u.apartamento for k, u in unidades.items()} == {unidad.id: "101"}
        assert await casa.padron.nombres(residentes=[], unidades=[]) == ({}, {})


class TestBuscar:
    async def test_by_name_or_document(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente(numero_documento="77123456")
        await casa.residente(nombres="Otra", apellidos="Persona")
        assert await casa.padron.encontrar(q="nun") == ([creado.id], [])
        assert await casa.padron.encontrar(q="77.123") == ([creado.id], [])
        assert await casa.padron.encontrar(q="$") == ([], [])

    async def test_by_flat_or_plate(self, casa: Casa) -> None:
        unidad = await casa.unidad(vehiculos=[cuerpo_vehiculo(placa="ABC123")])
        await casa.unidad(apartamento="102")
        creado = await casa.residente()
        await casa.residente(nombres="Otra", apellidos="Persona", unidades=[ocupacion(apartamento="102")])
        for q in ("101", "abc", "ABC-123", "123 101"):
            assert await casa.padron.encontrar(q=q) == ([creado.id], [unidad.id]), q
        assert await casa.padron.encontrar(q="núñez 101") == ([creado.id], [])

    async def test_nobody_is_left_out_without_a_word(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        await casa.unidad()
        for _ in range(2):
            await casa.residente()
        monkeypatch.setattr(public, "MAXIMO_DE_HALLADOS", 2)
        assert [len(hallados) for hallados in await casa.padron.encontrar(q="nun")] == [2, 0]
        monkeypatch.setattr(public, "MAXIMO_DE_HALLADOS", 1)
        with pytest.raises(EntradaInvalida) as error:
            await casa.padron.encontrar(q="nun")
        assert [(e.campo, e.codigo) for e in error.value.errores] == [("q", "busqueda_amplia")]

    async def test_nor_any_flat(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        await casa.unidad()
        await casa.unidad(apartamento="102")
        monkeypatch.setattr(public, "MAXIMO_DE_HALLADOS", 1)
        with pytest.raises(EntradaInvalida):
            await casa.padron.encontrar(q="10")


class TestTocarUnidad:
    async def test_writes_it(self, casa: Casa) -> None:
        creada = await casa.unidad()
        await casa.padron.tocar_unidades(unidades=[creada.id])
        await casa.padron.tocar_unidades(unidades=[NADA])
        guardada = await casa.repo_unidades.get(creada.id)
        assert guardada is not None
        assert guardada.version == 1


class TestAspirantes:
    async def test_each_vehicle_with_each_active_resident(self, casa: Casa) -> None:
        una = await casa.unidad(
            vehiculos=[cuerpo_vehiculo(tipo="carro", placa="AAA111", electrico=True), cuerpo_vehiculo(placa="AAA112")]
        )
        await casa.unidad(torre="B", vehiculos=[cuerpo_vehiculo(placa="AAA113")])
        ana, beto = [await casa.residente(unidades=[ocupacion()]) for _ in range(2)]
        ido = await casa.residente(unidades=[ocupacion()])
        await casa.residentes.dar_de_baja(ido.id, ADMIN)
        ultimo: PydanticObjectId | None = None
        vistos = []
        for _ in range(4):
            lote, ultimo = await casa.padron.aspirantes(despues_de=ultimo, limite=1)
            vistos += [(a.unidad_id, a.residente_id, a.clase, a.electrico) for a in lote]
        assert ultimo is None
        assert sorted(vistos) == sorted(
            (una.id, quien.id, clase, electrico)
            for quien in (ana, beto)
            for clase, electrico in (("carro_electrico", True), ("carro", False))
        )


class TestHechos:
    async def test_none(self, casa: Casa) -> None:
        assert await casa.padron.hechos(pares=[], el=EL_DIA) == []

    async def test_in_the_order_asked(self, casa: Casa) -> None:
        una = await casa.unidad(torre="A", al_dia=False, perdidos_previos={"carro": 2})
        otra = await casa.unidad(torre=None)
        ana = await casa.residente(
            unidades=[ocupacion(torre="A"), ocupacion(torre=None, tenencia="arrendatario")],
            fecha_ingreso="2020-05-01",
        )
        beto = await casa.residente(unidades=[ocupacion(torre="A")])
        hechos = await casa.padron.hechos(
            pares=[(otra.id, ana.id), (una.id, ana.id), (una.id, beto.id), (otra.id, beto.id)], el=EL_DIA
        )
        assert hechos[0] == HechosResumen(
            otra.id, ana.id, True, None, {}, frozenset(), "arrendatario", date(2020, 5, 1), 0, False, [ana.id], None
        )
        assert hechos[1] == HechosResumen(
            una.id,
            ana.id,
            False,
            "A",
            {"carro": 2},
            frozenset(),
            "propietario",
            date(2020, 5, 1),
            0,
            False,
            [ana.id, beto.id],
            None,
        )
        assert (hechos[2].tenencia, hechos[2].fecha_ingreso) == ("propietario", None)
        assert hechos[3].tenencia is None

    async def test_conditions_that_count(self, casa: Casa) -> None:
        await casa.conocer(
            "hoy_vence", "ayer_vencio", "sin_fin", "de_quien_se_fue", "ajena", "solo_declarada", "rechazada_ya"
        )
        una, otra = await casa.unidad(), await casa.unidad(apartamento="102")
        ana = await casa.residente(
            condiciones=[
                {"codigo": "hoy_vence", "persona": "titular", "vigente_hasta": EL_DIA.isoformat()},
                {"codigo": "ayer_vencio", "persona": "titular", "vigente_hasta": "2026-05-31"},
            ]
        )
        # Of who lives with the asker they count as well.
        vecina = await casa.residente(condiciones=[{"codigo": "sin_fin", "persona": "convive"}])
        ido = await casa.residente(condiciones=[{"codigo": "de_quien_se_fue", "persona": "titular"}])
        await casa.residentes.dar_de_baja(ido.id, ADMIN)
        await casa.residente(
            unidades=[ocupacion(apartamento="102")], condiciones=[{"codigo": "ajena", "persona": "titular"}]
        )
        await casa.condiciones.declarar(
            CondicionDeclarada.model_validate({"codigo": "solo_declarada", "persona": "titular"}),
            principal(Rol.residente, ana.id),
        )
        await casa.condiciones.decidir(
            ana.id,
            "rechazada_ya",
            CondicionDecidida.model_validate({"estado": "rechazada", "persona": "titular"}),
            ADMIN,
        )
        de_una, de_otra, de_ido = await casa.padron.hechos(
            pares=[(una.id, ana.id), (otra.id, vecina.id), (una.id, ido.id)], el=EL_DIA
        )
        assert de_una.condiciones == de_ido.condiciones == {"hoy_vence", "sin_fin"}
        assert de_otra.condiciones == {"ajena"}
        assert (de_otra.tenencia, de_ido.tenencia) == (None, None)


class TestCambios:
    """Every fact of a draw that staff changed since it opened, by name, with no value."""

    async def campos(self, casa: Casa, unidad_id: PydanticObjectId, desde: datetime) -> list[str]:
        cambios = await casa.padron.cambios(unidades=[unidad_id], desde=desde)
        assert {c.unidad_id for c in cambios} <= {unidad_id}
        return sorted(c.campo for c in cambios)

    async def test_of_the_flat(self, casa: Casa, reloj: Reloj) -> None:
        unidad = await casa.unidad()
        apertura = reloj.avanzar(hours=1)
        assert await self.campos(casa, unidad.id, apertura) == []
        await casa.unidades.cambiar(unidad.id, cambio_de_unidad(al_dia=True, cupo=2, apartamento="109"), ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == []
        nuevos = {"al_dia": False, "torre": "ORO", "perdidos_previos": {"carro": 9}}
        await casa.unidades.cambiar(unidad.id, cambio_de_unidad(**nuevos), ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == ["al_dia", "perdidos_previos", "torre"]
        assert await self.campos(casa, unidad.id, reloj.avanzar(seconds=1)) == []

    async def test_each_time(self, casa: Casa, reloj: Reloj) -> None:
        """There and back again leaves two lines; a condition that was refused and declared anew, one."""
        unidad, quien = await casa.unidad(), await casa.residente()
        apertura = reloj.avanzar(hours=1)
        for al_dia in (False, True):
            await casa.unidades.cambiar(unidad.id, cambio_de_unidad(al_dia=al_dia), ADMIN)
            reloj.avanzar(hours=1)
        assert await self.campos(casa, unidad.id, apertura) == ["al_dia", "al_dia"]
        negada = CondicionDecidida.model_validate({"estado": "rechazada", "persona": "titular"})
        declarada = CondicionDeclarada.model_validate({"codigo": "discapacidad", "persona": "titular"})
        await casa.condiciones.decidir(quien.id, "discapacidad", negada, ADMIN)
        await casa.condiciones.declarar(declarada, principal(Rol.residente, quien.id))
        assert await self.campos(casa, unidad.id, apertura) == ["al_dia", "al_dia", "condiciones"]

    async def test_of_who_lives_there(self, casa: Casa, reloj: Reloj) -> None:
        unidad, otra = await casa.unidad(), await casa.unidad(apartamento="102")
        quien = await casa.residente()
        apertura = reloj.avanzar(hours=1)
        await casa.residentes.cambiar(quien.id, cambio_de_residente(telefono="3001234567"), ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == []
        suya = ocupacion(tenencia="arrendatario")
        cambios = cambio_de_residente(fecha_ingreso="1990-01-01", unidades=[suya, ocupacion(apartamento="102")])
        await casa.residentes.cambiar(quien.id, cambios, ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == ["fecha_ingreso", "tenencia"]
        assert await self.campos(casa, otra.id, apertura) == ["fecha_ingreso", "residentes"]
        await casa.residentes.dar_de_baja(quien.id, ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == ["estado", "fecha_ingreso", "residentes", "tenencia"]

    async def test_of_a_condition(self, casa: Casa, reloj: Reloj) -> None:
        unidad = await casa.unidad()
        apertura = reloj.avanzar(hours=1)
        quien = await casa.residente(numero_documento="77")
        datos = CondicionDecidida.model_validate({"estado": "verificada", "persona": "titular"})
        await casa.condiciones.decidir(quien.id, "embarazo", datos, ADMIN)
        assert await self.campos(casa, unidad.id, apertura) == ["condiciones", "residentes"]
