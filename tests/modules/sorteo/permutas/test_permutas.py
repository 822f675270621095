"""Two flats exchange their spaces: both consent, staff do it, and both are told of each step."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.models import EspacioEnJuego
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.modules.sorteo.asignaciones.test_asignaciones import HASTA, asignar
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR, RESIDENTE

VECINO = principal(RESIDENTE.rol, PydanticObjectId())
MOTIVO = "las dos lo pidieron"


async def dos(casa: Casa, **campos: Any) -> tuple[Asignacion, Asignacion]:
    """A-01 is of RESIDENTE and A-02 of VECINO, by one draw."""
    sorteo = PydanticObjectId()
    a = await asignar(casa, "A-01", sorteo_id=sorteo)
    b = await asignar(casa, "A-02", **({"sorteo_id": sorteo} | campos))
    for quien, suya in ((RESIDENTE, a), (VECINO, b)):
        assert quien.residente_id is not None
        casa.padron.viven[quien.residente_id] = [suya.unidad_id]
    for suya in (a, b):
        await casa.r_en_juego.insert(en_juego(suya))
    return a, b


def en_juego(suya: Asignacion) -> EspacioEnJuego:
    return EspacioEnJuego(sorteo_id=suya.sorteo_id, codigo=suya.espacio, tipo="carro")


async def consentir(api: Api, quien: Principal, espacio: str, por: str) -> Any:
    return await api.pedir("POST", "/permutas/consentir", quien, json={"espacio": espacio, "por": por})


async def hacer(api: Api, quien: Principal = OPERADOR, a: str = "A-01", b: str = "A-02") -> Any:
    cuerpo = {"espacio_a": a, "espacio_b": b, "motivo": MOTIVO}
    return await api.pedir("POST", "/permutas", quien, json=cuerpo)


async def consentida(api: Api) -> str:
    await consentir(api, RESIDENTE, "A-01", "A-02")
    respuesta = await consentir(api, VECINO, "A-02", "A-01")
    assert respuesta.json()["estado"] == "consentida"
    return str(respuesta.json()["id"])


class TestConsentir:
    async def test_the_first_asks_and_the_second_agrees(self, api: Api) -> None:
        a, b = await dos(api.casa)
        pedida = await consentir(api, RESIDENTE, "A-01", "A-02")
        cuerpo = pedida.json()
        assert pedida.status_code == 200
        assert (cuerpo["estado"], cuerpo["espacio_a"], cuerpo["espacio_b"]) == ("pedida", "A-01", "A-02")
        assert (cuerpo["propio"], cuerpo["unidad_a"], cuerpo["unidad_b"]) == ("A-01", None, None)
        assert (cuerpo["consintio_a"] is None, cuerpo["consintio_b"]) == (False, None)
        assert (await consentir(api, RESIDENTE, "A-01", "A-02")).json() == cuerpo
        acordada = (await consentir(api, VECINO, "A-02", "A-01")).json()
        assert (acordada["id"], acordada["estado"], acordada["propio"]) == (cuerpo["id"], "consentida", "A-02")
        assert acordada["consintio_b"] is not None
        # Each step was told to both, of their own space first.
        for tipo in ("permuta_pedida", "permuta_consentida"):
            assert sorted((d["espacio"], d["otro_espacio"]) for d in api.casa.avisos.de(tipo)) == [
                ("A-01", "A-02"),
                ("A-02", "A-01"),
            ]
        # Nothing has changed yet.
        assert {x.espacio for x in await api.casa.r_asignaciones.find({"estado": "vigente"})} == {"A-01", "A-02"}
        assert (await api.casa.r_asignaciones.get(a.oid), await api.casa.r_asignaciones.get(b.oid)) == (a, b)

    async def test_both_ask_at_once(self, api: Api) -> None:
        await dos(api.casa)
        dichas = await asyncio.gather(consentir(api, RESIDENTE, "A-01", "A-02"), consentir(api, VECINO, "A-02", "A-01"))
        assert sorted(d.json()["estado"] for d in dichas) == ["consentida", "pedida"]
        assert len({d.json()["id"] for d in dichas}) == 1

    @pytest.mark.parametrize(
        ("espacio", "por", "campo"),
        [("A-02", "A-01", "espacio"), ("Z-99", "A-02", "espacio"), ("A-01", "Z-99", "por"), ("A-01", "A-01", "")],
    )
    async def test_only_ones_own_for_anothers(self, api: Api, espacio: str, por: str, campo: str) -> None:
        await dos(api.casa)
        respuesta = await consentir(api, RESIDENTE, espacio, por)
        assert respuesta.status_code == 422
        assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]

    async def test_of_no_use(self, api: Api) -> None:
        await dos(api.casa)
        api.casa.fin.no_permutan = True
        assert problema(await consentir(api, RESIDENTE, "A-01", "A-02")) == (409, "permuta_imposible")

    @pytest.mark.parametrize("campos", [{"sorteo_id": PydanticObjectId()}, {"hasta": date(2026, 6, 30)}])
    async def test_of_another_draw_or_term(self, api: Api, campos: dict[str, Any]) -> None:
        await dos(api.casa, **campos)
        assert problema(await consentir(api, RESIDENTE, "A-01", "A-02")) == (409, "permuta_imposible")

    async def test_who_lives_nowhere(self, api: Api) -> None:
        await dos(api.casa)
        assert problema(await consentir(api, OPERADOR, "A-01", "A-02")) == (404, "sin_residente")


class TestHacer:
    async def test_each_has_the_others(self, api: Api) -> None:
        casa = api.casa
        a, b = await dos(casa)
        casa.reloj.avanzar(days=10)
        id = await consentida(api)
        hecha = await hacer(api)
        assert hecha.status_code == 200, hecha.text
        cuerpo = hecha.json()
        assert (cuerpo["id"], cuerpo["estado"], cuerpo["motivo"]) == (id, "hecha", MOTIVO)
        assert (cuerpo["unidad_a"], cuerpo["unidad_b"]) == (str(a.unidad_id), str(b.unidad_id))
        assert casa.fin.permutadas == {a.solicitud_id: "A-02", b.solicitud_id: "A-01"}
        assert await casa.ocupaciones() == {
            "A-01": [("asignacion", b.solicitud_id)],
            "A-02": [("asignacion", a.solicitud_id)],
        }
        dia = date(2026, 3, 12)
        ahora = {x.unidad_id: x for x in await casa.r_asignaciones.find({"estado": "vigente"})}
        assert [(ahora[x.unidad_id].espacio, ahora[x.unidad_id].desde) for x in (a, b)] == [
            ("A-02", dia),
            ("A-01", dia),
        ]
        assert {x.hasta for x in ahora.values()} == {HASTA}
        await casa.vigia.vigilar()
        assert {tipo for _, tipo, _ in casa.bitacora.de} == {"permuta_consentida", "permuta_cerrada"}
        # On each day each space is of one.
        for cual, esperado in (("2026-03-11", [a, b]), ("2026-03-12", [b, a])):
            vistas = await api.ver("/asignaciones", params={"vigente_en": cual, "orden": "espacio"})
            assert [x["unidad_id"] for x in vistas["items"]] == [str(x.unidad_id) for x in esperado]
        assert len(casa.avisos.de("permuta_hecha")) == 2
        assert (await hacer(api, b="A-01", a="A-02")).json() == cuerpo
        assert len(casa.avisos.de("permuta_hecha")) == 2

    async def test_what_no_act_made_does_not_come_out_as_if_one_had(self, api: Api) -> None:
        a, _ = await dos(api.casa)
        await consentida(api)
        await api.casa.r_asignaciones.update_many({"_id": a.id}, {"$set": {"vehiculo.placa": "XYZ999"}})
        assert problema(await hacer(api)) == (409, "permuta_imposible")
        assert {x.espacio for x in await api.casa.r_asignaciones.find({"unidad_id": a.unidad_id})} == {"A-01"}

    @pytest.mark.parametrize("consintio", [0, 1])
    async def test_not_because_somebody_wrote_that_both_consented(self, api: Api, consintio: int) -> None:
        """The audit was told of who did."""
        casa = api.casa
        await dos(casa)
        if consintio:
            await consentir(api, RESIDENTE, "A-01", "A-02")
            await casa.permutas._permutas.update_many({}, {"$set": {"estado": "consentida"}})
        else:
            await consentida(api)
            casa.bitacora.de.clear()
        assert problema(await hacer(api)) == (409, "sin_consentimiento")
        assert casa.fin.permutadas == {}

    async def test_not_another_space_than_the_one_that_they_consented_to(self, api: Api) -> None:
        casa = api.casa
        a, _ = await dos(casa)
        c = await asignar(casa, "A-03", sorteo_id=a.sorteo_id)
        await casa.r_en_juego.insert(en_juego(c))
        await consentida(api)
        otra = {"espacio": "A-03", "asignacion_id": c.id, "unidad_id": c.unidad_id}
        cambio = {f"partes.1.{campo}": valor for campo, valor in otra.items()} | {"cruce": "A-01\nA-03"}
        await casa.permutas._permutas.update_many({}, {"$set": cambio})
        assert problema(await hacer(api, b="A-03")) == (409, "sin_consentimiento")

    async def test_consented_before_the_audit_was_told_is_consented_again(self, api: Api) -> None:
        await dos(api.casa)
        await consentida(api)
        api.casa.bitacora.de.clear()
        await consentida(api)
        assert (await hacer(api)).status_code == 200

    async def test_not_without_both(self, api: Api) -> None:
        await dos(api.casa)
        assert problema(await hacer(api)) == (409, "sin_consentimiento")
        await consentir(api, RESIDENTE, "A-01", "A-02")
        assert problema(await hacer(api)) == (409, "sin_consentimiento")

    async def test_not_once_one_was_given_back(self, api: Api) -> None:
        a, _ = await dos(api.casa)
        await consentida(api)
        await api.casa.asignaciones.revocar(a.oid, motivo="x")
        assert problema(await hacer(api)) == (409, "permuta_imposible")
        assert (await api.ver("/permutas", params={"estado": "consentida"}))["items"]

    async def test_an_operador_not_their_own(self, api: Api) -> None:
        a, _ = await dos(api.casa)
        id = await consentida(api)
        propio = principal(OPERADOR.rol, PydanticObjectId())
        assert propio.residente_id is not None
        api.casa.padron.viven[propio.residente_id] = [a.unidad_id]
        assert problema(await hacer(api, propio)) == (403, "conflicto_de_interes")
        respuesta = await api.pedir("POST", f"/permutas/{id}/negar", propio, json={"motivo": "x"})
        assert problema(respuesta) == (403, "conflicto_de_interes")
        assert (await hacer(api, ADMIN)).status_code == 200

    async def test_twice_at_once(self, api: Api) -> None:
        await dos(api.casa)
        await consentida(api)
        dichas = await asyncio.gather(*(hacer(api) for _ in range(3)))
        assert [d.status_code for d in dichas] == [200] * 3
        assert len(await api.casa.r_asignaciones.find({})) == 4
        assert len(api.casa.avisos.de("permuta_hecha")) >= 2

    async def test_before_the_term_begins(self, api: Api) -> None:
        casa = api.casa
        casa.reloj.poner(INICIO.replace(year=2025))
        a, b = await dos(casa)
        await consentida(api)
        assert (await hacer(api)).status_code == 200
        ahora = {x.unidad_id: x for x in await casa.r_asignaciones.find({"estado": "vigente"})}
        assert {x.desde for x in ahora.values()} == {date(2026, 1, 1)}
        vistas = await api.ver("/asignaciones", params={"vigente_en": "2026-01-01", "orden": "espacio"})
        assert [x["unidad_id"] for x in vistas["items"]] == [str(b.unidad_id), str(a.unidad_id)]


class TestCerrar:
    async def test_either_flat_calls_it_off(self, api: Api) -> None:
        await dos(api.casa)
        id = await consentida(api)
        ruta = f"/permutas/{id}/retirar"
        assert problema(await api.pedir("POST", ruta, principal(RESIDENTE.rol, PydanticObjectId()))) == (
            404,
            "no_encontrado",
        )
        for quien in (RESIDENTE, VECINO):
            respuesta = await api.pedir("POST", ruta, quien)
            assert (respuesta.status_code, respuesta.json()["estado"]) == (200, "retirada")
        assert len(api.casa.avisos.de("permuta_cerrada")) == 2
        assert problema(await hacer(api)) == (409, "sin_consentimiento")
        # They may think better of it.
        assert (await consentir(api, RESIDENTE, "A-01", "A-02")).json()["estado"] == "pedida"

    async def test_staff_refuse(self, api: Api) -> None:
        await dos(api.casa)
        id = await consentida(api)
        ruta = f"/permutas/{id}/negar"
        respuesta = await api.pedir("POST", ruta, OPERADOR, json={"motivo": "hay un reclamo"})
        assert (respuesta.json()["estado"], respuesta.json()["motivo"]) == ("negada", "hay un reclamo")
        assert {d["motivo"] for d in api.casa.avisos.de("permuta_cerrada")} == {"hay un reclamo"}
        assert problema(await api.pedir("POST", f"/permutas/{id}/retirar", RESIDENTE)) == (409, "transicion_invalida")

    async def test_not_once_it_is_done(self, api: Api) -> None:
        await dos(api.casa)
        id = await consentida(api)
        await hacer(api)
        respuesta = await api.pedir("POST", f"/permutas/{id}/retirar", RESIDENTE)
        assert problema(respuesta) == (409, "transicion_invalida")


async def _negar(api: Api, id: str) -> Any:
    return await api.pedir("POST", f"/permutas/{id}/negar", OPERADOR, json={"motivo": MOTIVO})


async def _retirar(api: Api, id: str) -> Any:
    return await api.pedir("POST", f"/permutas/{id}/retirar", VECINO)


async def _hacer(api: Api, id: str) -> Any:
    del id
    return await hacer(api)


@pytest.mark.parametrize(
    ("fin", "tipo"), [(_hacer, "permuta_hecha"), (_negar, "permuta_cerrada"), (_retirar, "permuta_cerrada")]
)
async def test_each_step_is_told_to_both(api: Api, fin: Callable[[Api, str], Awaitable[Any]], tipo: str) -> None:
    await dos(api.casa)
    respuesta = await fin(api, await consentida(api))
    assert respuesta.status_code == 200, respuesta.text
    for cual in ("permuta_pedida", "permuta_consentida", tipo):
        a_quienes = [residente for dicho, residente, _ in api.casa.avisos.dichos if dicho == cual]
        assert set(a_quienes) == {RESIDENTE.residente_id, VECINO.residente_id}, cual
        assert len(a_quienes) == 2


class TestListar:
    async def test_who_sees_which(self, api: Api) -> None:
        await dos(api.casa)
        id = await consentida(api)
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert [p["id"] for p in (await api.ver("/permutas", quien))["items"]] == [id]
        assert (await api.ver("/permutas", params={"estado": "hecha"}))["items"] == []
        for quien, propio in ((RESIDENTE, "A-01"), (VECINO, "A-02")):
            (suya,) = (await api.ver("/permutas/yo", quien))["items"]
            assert (suya["id"], suya["propio"], suya["unidad_a"]) == (id, propio, None)
        assert (await api.ver("/permutas/yo", principal(RESIDENTE.rol, PydanticObjectId())))["items"] == []
