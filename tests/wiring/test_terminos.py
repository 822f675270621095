"""Whoever changes on the database what a draw asks of its requests, and puts it back, lets nobody in: the closing asks
again of each what the opening published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.modules.residentes.hechos import MarcasDelPadron
from tests.loteria import instante
from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_hechos import cerrado, detenido, escribir
from tests.wiring.test_pedidas import pide

VENTANILLAS = "solicitudes_ventanillas"


@pytest.fixture
async def vecina(complejo: Complejo) -> Vecina:
    for codigo, tipo in (("P-1", "carro"), ("P-2", "carro"), ("E-1", "carro_electrico")):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": tipo})
    return await complejo.muda("101", "Ana", "1")


@pytest.fixture
async def otro(complejo: Complejo, vecina: Vecina) -> str:
    """Another vehicle of the same flat."""
    ruta = f"/residentes/unidades/{vecina.unidad}/vehiculos"
    id: str = (await complejo.pedir("POST", ruta, json={"tipo": "carro", "placa": "OTR001"}))["id"]
    return id


async def abierto(complejo: Complejo, **campos: Any) -> str:
    cierre = complejo.ahora + timedelta(days=20)
    return await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre, **campos)


async def pide_mientras(
    complejo: Complejo, sorteo: str, vecina: Vecina, vehiculo: str, cambio: Mapping[str, Any]
) -> str:
    """Hands in while the window says so, as whoever has the database does."""
    antes: Any = await complejo.aplicacion.base[VENTANILLAS].find_one({"_id": ObjectId(sorteo)})
    await escribir(complejo, VENTANILLAS, sorteo, cambio)
    id = await pide(complejo, sorteo, vecina, vehiculo_id=vehiculo)
    await escribir(complejo, VENTANILLAS, sorteo, {campo: antes[campo] for campo in ("terminos", "cierre")})
    await complejo.latir()
    return id


class TestMientrasPide:
    async def test_more_for_a_flat(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        sorteo = await abierto(complejo)
        await pide(complejo, sorteo, vecina)
        id = await pide_mientras(complejo, sorteo, vecina, otro, {"terminos.max_por_unidad": 2})
        await detenido(complejo, sorteo, "terminos", id)
        # It is what stands in the way, and nothing else.
        await complejo.pedir("PATCH", f"/solicitudes/{id}/estado", vecina.documento, json={"estado": "cancelada"})
        await cerrado(complejo, sorteo)

    async def test_more_of_a_kind(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        sorteo = await abierto(complejo, max_por_unidad=2, max_por_tipo={"carro": 1})
        await pide(complejo, sorteo, vecina)
        id = await pide_mientras(complejo, sorteo, vecina, otro, {"terminos.max_por_tipo": {}})
        await detenido(complejo, sorteo, "terminos", id)

    async def test_other_kinds_of_space(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await abierto(complejo)
        usables = {"terminos.compatibilidad.carro": ["carro_electrico", "carro"]}
        id = await pide_mientras(complejo, sorteo, vecina, vecina.vehiculo, usables)
        await detenido(complejo, sorteo, "terminos", id)

    async def test_approved_by_the_rules(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """Where staff decide: as it is handed in, as it is changed, and as the rules come round to it."""
        sorteo = await abierto(complejo, aprobacion="manual", max_por_unidad=2)
        sola = {"terminos.aprobacion": "automatica"}
        id = await pide_mientras(complejo, sorteo, vecina, vecina.vehiculo, sola)
        await detenido(complejo, sorteo, "terminos", id)
        await complejo.pedir("PATCH", f"/solicitudes/{id}/estado", vecina.documento, json={"estado": "cancelada"})
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, VENTANILLAS, sorteo, sola)
        await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, json={"acepta": ["carro"]})
        otra = await pide(complejo, sorteo, vecina, vehiculo_id=otro)
        await complejo.pedir("PATCH", f"/solicitudes/{otra}/estado", vecina.documento, json={"estado": "cancelada"})
        await escribir(complejo, VENTANILLAS, sorteo, {"terminos.aprobacion": "manual"})
        await complejo.latir()
        # What is changed again under the terms that were published is not mended by it.
        await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, json={"acepta": None})
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
        assert negado["datos"] == {"donde": "terminos", "objeto": id}

    async def test_approved_by_the_beat(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await abierto(complejo, aprobacion="manual")
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, VENTANILLAS, sorteo, {"terminos.aprobacion": "automatica"})
        await complejo.latir()
        await escribir(complejo, VENTANILLAS, sorteo, {"terminos.aprobacion": "manual"})
        assert (await complejo.pedir("GET", f"/solicitudes/{id}"))["estado"] == "aprobada"
        await detenido(complejo, sorteo, "terminos", id)

    async def test_though_it_owes(self, complejo: Complejo, vecina: Vecina) -> None:
        """Where arrears are judged at the hand-in."""
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
        sorteo = await abierto(complejo, al_dia_en="solicitud")
        id = await pide_mientras(complejo, sorteo, vecina, vecina.vehiculo, {"terminos.exige_al_dia": False})
        await detenido(complejo, sorteo, "terminos", id)

    @pytest.mark.parametrize("escrito", [None, "varios"])
    async def test_what_it_says_of_its_terms(self, complejo: Complejo, vecina: Vecina, escrito: str | None) -> None:
        """Is under its mark."""
        sorteo = await abierto(complejo)
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, "solicitudes", id, {"terminos": escrito})
        await detenido(complejo, sorteo, "solicitudes", id)

    async def test_after_its_time(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await abierto(complejo)
        complejo.aplicacion.reloj.avanzar(days=20)
        despues = {"cierre": complejo.ahora + timedelta(hours=1)}
        antes: Any = await complejo.aplicacion.base[VENTANILLAS].find_one({"_id": ObjectId(sorteo)})
        await escribir(complejo, VENTANILLAS, sorteo, despues)
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, VENTANILLAS, sorteo, {"cierre": antes["cierre"]})
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "terminos", "objeto": id})

    @pytest.mark.parametrize("del_vehiculo", [True, False])
    async def test_without_unique_indexes(
        self, complejo: Complejo, vecina: Vecina, otro: str, del_vehiculo: bool
    ) -> None:
        """A request that does not look live lets another in for its vehicle, and in its place."""
        sorteo = await abierto(complejo, max_por_unidad=2)
        coleccion = complejo.aplicacion.base["solicitudes"]
        for indice in ("solicitud_vehiculo_viva", "solicitud_unidad_viva"):
            await coleccion.drop_index(indice)
        primera = await pide(complejo, sorteo, vecina)
        await escribir(complejo, "solicitudes", primera, {"viva": False})
        id = await pide(complejo, sorteo, vecina, vehiculo_id=vecina.vehiculo if del_vehiculo else otro)
        await escribir(complejo, "solicitudes", primera, {"viva": True})
        await complejo.latir()
        await detenido(complejo, sorteo, "terminos", id)


class TestRepetido:
    async def repetir(self, complejo: Complejo, sorteo: str, **campos: Any) -> str:
        await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "Se repite"})
        cierre = complejo.ahora + timedelta(days=20)
        dias = (date(2027, 1, 1), date(2027, 6, 30))
        return await complejo.borrador("Otra vez", dias, cierre, repite_a=sorteo, aprobacion="automatica", **campos)

    async def test_what_is_copied_was_let_in(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        sorteo = await abierto(complejo)
        await pide(complejo, sorteo, vecina)
        id = await pide_mientras(complejo, sorteo, vecina, otro, {"terminos.max_por_unidad": 2})
        nuevo = await self.repetir(complejo, sorteo, max_por_unidad=2)
        await detenido(complejo, nuevo, "terminos", id, "abrir")
        # Nor where the window of the other goes on saying so.
        await escribir(complejo, VENTANILLAS, sorteo, {"terminos.max_por_unidad": 2})
        negado = await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "ventanilla"})

    async def test_what_they_may_use_is_what_the_other_published(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await abierto(complejo)
        await pide(complejo, sorteo, vecina)
        nuevo = await self.repetir(complejo, sorteo)
        usables = {"terminos.compatibilidad.carro": ["carro_electrico", "carro"]}
        await escribir(complejo, VENTANILLAS, nuevo, usables)
        await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
        await escribir(complejo, VENTANILLAS, nuevo, {"terminos.compatibilidad.carro": ["carro"]})
        (copia,) = (await complejo.pedir("GET", f"/solicitudes?sorteo_id={nuevo}"))["items"]
        await detenido(complejo, nuevo, "terminos", copia["id"])

    async def test_one_that_lets_fewer_in_draws_all_that_were(
        self, complejo: Complejo, vecina: Vecina, otro: str
    ) -> None:
        """And no more: a flat with two of the other draw hands in no third."""
        sorteo = await abierto(complejo, max_por_unidad=2)
        for vehiculo in (vecina.vehiculo, otro):
            await pide(complejo, sorteo, vecina, vehiculo_id=vehiculo)
        nuevo = await self.repetir(complejo, sorteo, max_por_tipo={"carro": 1})
        await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
        (una, _) = (await complejo.pedir("GET", f"/solicitudes?sorteo_id={nuevo}"))["items"]
        ruta = f"/solicitudes/{una['id']}/estado"
        await complejo.pedir("PATCH", ruta, vecina.documento, json={"estado": "cancelada"})
        sin_cuenta = {"terminos.max_por_unidad": 2, "terminos.max_por_tipo": {}}
        id = await pide_mientras(complejo, nuevo, vecina, una["vehiculo"]["id"], sin_cuenta)
        await detenido(complejo, nuevo, "terminos", id)
        ruta = f"/solicitudes/{id}/estado"
        await complejo.pedir("PATCH", ruta, vecina.documento, json={"estado": "cancelada"})
        await cerrado(complejo, nuevo)


class TestVidasHonradas:
    async def test_until_the_closing_that_was_moved(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """Two of a flat, the second in the time that was added; one cancelled, and another in its place."""
        sorteo = await abierto(complejo, max_por_unidad=2, max_por_tipo={"carro": 2})
        primera = await pide(complejo, sorteo, vecina, acepta=["carro"])
        cierre = instante(complejo.ahora + timedelta(days=23))
        await complejo.pedir("POST", f"/sorteo/{sorteo}/prorrogar", json={"cierre": cierre, "motivo": "Falta gente"})
        complejo.aplicacion.reloj.avanzar(days=21)
        await pide(complejo, sorteo, vecina, vehiculo_id=otro)
        ruta = f"/solicitudes/{primera}/estado"
        await complejo.pedir("PATCH", ruta, vecina.documento, json={"estado": "cancelada"})
        await pide(complejo, sorteo, vecina)
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_two_of_a_flat_are_drawn_again(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """In a draw that lets one in."""
        sorteo = await abierto(complejo, max_por_unidad=2)
        for vehiculo in (vecina.vehiculo, otro):
            await pide(complejo, sorteo, vecina, vehiculo_id=vehiculo)
        nuevo = await TestRepetido().repetir(complejo, sorteo)
        await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
        assert len((await complejo.pedir("GET", f"/solicitudes?sorteo_id={nuevo}"))["items"]) == 2
        await cerrado(complejo, nuevo)


class TestHechosQueMiraLaEntrega:
    """What no closing asks again, as it is judged when a request is handed in."""

    async def negado(self, complejo: Complejo, sorteo: str, vecina: Vecina, donde: str, objeto: str) -> None:
        """Each time, and one row of the audit says of what."""
        pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
        for _ in range(2):
            negado = await complejo.pedir("POST", "/solicitudes", vecina.documento, espera=409, json=pedido)
            assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": donde, "objeto": objeto})
        await complejo.latir()
        (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
        assert (fila["datos"], fila["objeto"]) == ({"donde": donde, "objeto": objeto}, [sorteo])

    @pytest.mark.parametrize("debe", [True, False])
    async def test_arrears(self, complejo: Complejo, vecina: Vecina, debe: bool) -> None:
        """That it owes nothing, and that it does."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"al_dia": not debe})
        sorteo = await abierto(complejo, al_dia_en="solicitud")
        await escribir(complejo, "unidades", vecina.unidad, {"al_dia": debe})
        await self.negado(complejo, sorteo, vecina, "al_dia", vecina.unidad)
        # Whoever states it again makes it whole.
        await complejo.pedir("PATCH", ruta, json={"al_dia": True})
        await pide(complejo, sorteo, vecina)
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_how_many_it_may_ask_for(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """More than staff said, or none."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"cupo": 1})
        sorteo = await abierto(complejo, max_por_unidad=2)
        await pide(complejo, sorteo, vecina)
        await escribir(complejo, "unidades", vecina.unidad, {"cupo": 2})
        con_otro = replace(vecina, vehiculo=otro)
        await self.negado(complejo, sorteo, con_otro, "cupo", vecina.unidad)
        await complejo.pedir("PATCH", ruta, json={"cupo": 2})
        await pide(complejo, sorteo, con_otro)
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_arrears_that_the_closing_judges(self, complejo: Complejo, vecina: Vecina) -> None:
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
        sorteo = await abierto(complejo)
        await escribir(complejo, "unidades", vecina.unidad, {"al_dia": True})
        await pide(complejo, sorteo, vecina)
        await detenido(complejo, sorteo, "al_dia", vecina.unidad)

    @pytest.mark.parametrize(
        "escrito",
        [{"electrico": True, "electrico_verificado": True}, {"tipo": "moto"}, {"marcas": None}, {"marcas": {}}],
    )
    async def test_what_a_vehicle_is(self, complejo: Complejo, vecina: Vecina, escrito: Mapping[str, Any]) -> None:
        sorteo = await abierto(complejo)
        await escribir(complejo, "vehiculos", vecina.vehiculo, escrito)
        await self.negado(complejo, sorteo, vecina, "vehiculo", vecina.vehiculo)
        # Whoever changes something else of it makes no mark for that.
        ruta = f"/residentes/unidades/{vecina.unidad}/vehiculos/{vecina.vehiculo}"
        await complejo.pedir("PATCH", ruta, json={"placa": "CAR999"})
        await self.negado(complejo, sorteo, vecina, "vehiculo", vecina.vehiculo)
        await complejo.pedir("PATCH", ruta, json={"tipo": "carro", "electrico": False})
        await pide(complejo, sorteo, vecina)
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_whose_it_is(self, complejo: Complejo, vecina: Vecina) -> None:
        ajena = await complejo.muda("102", "Beto", "2")
        sorteo = await abierto(complejo)
        await escribir(complejo, "vehiculos", ajena.vehiculo, {"unidad_id": ObjectId(vecina.unidad)})
        con_ella = replace(vecina, vehiculo=ajena.vehiculo)
        await self.negado(complejo, sorteo, con_ella, "vehiculo", ajena.vehiculo)

    async def test_in_the_place_of_another(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """A request that is changed."""
        sorteo = await abierto(complejo)
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, "vehiculos", otro, {"electrico": True, "electrico_verificado": True})
        cambio = {"vehiculo_id": otro}
        negado = await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, espera=409, json=cambio)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "vehiculo", "objeto": otro})

    async def test_a_resident_states_no_more_than_they_say(self, complejo: Complejo, vecina: Vecina) -> None:
        """That staff saw that it is electric is not theirs to say, nor to make whole."""
        ruta = f"/residentes/yo/unidades/{vecina.unidad}/vehiculos/{vecina.vehiculo}"
        await complejo.pedir("PATCH", ruta, vecina.documento, json={"electrico": True})
        sorteo = await abierto(complejo)
        await escribir(complejo, "vehiculos", vecina.vehiculo, {"electrico_verificado": True})
        await complejo.pedir("PATCH", ruta, vecina.documento, json={"tipo": "carro", "electrico": True})
        await self.negado(complejo, sorteo, vecina, "vehiculo", vecina.vehiculo)

    async def test_every_write_leaves_it_whole(self, complejo: Complejo, vecina: Vecina, otro: str) -> None:
        """Of staff, and of who lives there; of a file, see `importacion/test_deshacer.py`."""
        marcas = MarcasDelPadron.con(complejo.aplicacion.ajustes.clave("clave_sorteo"))

        async def enteros(cuantos: int) -> None:
            filas = await complejo.aplicacion.base["vehiculos"].find({}).to_list(None)
            assert [marcas.vehiculos.rota(fila) for fila in filas] == [None] * cuantos

        await enteros(2)
        de_staff = f"/residentes/unidades/{vecina.unidad}"
        propia = f"/residentes/yo/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", f"{de_staff}/vehiculos/{otro}", json={"electrico": True})
        await complejo.pedir("PATCH", f"{propia}/vehiculos/{otro}", vecina.documento, json={"tipo": "moto"})
        suyo = {"tipo": "carro", "placa": "SUY001", "electrico": True}
        await complejo.pedir("POST", f"{propia}/vehiculos", vecina.documento, json=suyo)
        await enteros(3)
        todos = [{"tipo": "carro", "placa": placa} for placa in ("OTR001", "SUY001", "NVO001")]
        await complejo.pedir("PATCH", de_staff, json={"vehiculos": todos})
        await enteros(3)
