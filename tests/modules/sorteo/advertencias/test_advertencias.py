"""Kinds without a space and rules that hold for nobody: of drafts, at the opening, and at the closing."""

from typing import Any

import pytest

from app.modules.sorteo.advertencias import service as modulo
from tests.modules.sorteo.conftest import Api
from tests.modules.sorteo.dobles import Aspirante
from tests.modules.sorteo.factories import RESIDENTE, cuerpo_sorteo

DE_TORRE = {"condiciones": [{"campo": "torre", "operador": "igual", "valor": "9"}], "efecto": {"nivel": 1}}
SOLO_CARROS = {"compatibilidad": {"carro": ["carro"]}}


def sin_espacio(*tipos: str) -> list[dict[str, Any]]:
    return [{"codigo": "tipo_sin_espacio", "datos": {"tipo": tipo}} for tipo in tipos]


def sin_nadie(*reglas: str) -> list[dict[str, Any]]:
    return [{"codigo": "regla_sin_nadie", "datos": {"regla": regla}} for regla in reglas]


async def crear(api: Api, **campos: Any) -> dict[str, Any]:
    respuesta = await api.pedir("POST", "", json=cuerpo_sorteo(**campos))
    assert respuesta.status_code == 201, respuesta.text
    hecho: dict[str, Any] = respuesta.json()
    return hecho


class TestEspacios:
    async def test_of_a_draft_by_what_is_available(self, api: Api) -> None:
        await api.casa.espacios("A-1")
        await api.casa.espacios("M-1", tipo="moto", activo=False)
        borrador = await crear(api)
        assert borrador["advertencias"] == sin_espacio("moto", "bicicleta")
        await api.casa.espacios("M-2", tipo="moto")
        assert (await api.ver(f"/{borrador['id']}"))["advertencias"] == borrador["advertencias"]
        cambiado = await api.pedir("PATCH", f"/{borrador['id']}", json={"nombre": "Con motos"})
        assert cambiado.json()["advertencias"] == sin_espacio("bicicleta")
        elegidos = await api.pedir("PATCH", f"/{borrador['id']}", json={"espacios": ["M-2"]})
        assert elegidos.json()["advertencias"] == sin_espacio("carro", "carro_electrico", "bicicleta")

    async def test_at_the_opening_by_those_it_took(self, api: Api) -> None:
        borrador = await crear(api)
        assert len(borrador["advertencias"]) == 4
        await api.casa.espacios("A-1")
        abierto = (await api.pedir("POST", f"/{borrador['id']}/abrir")).json()
        assert abierto["advertencias"] == sin_espacio("moto", "bicicleta")
        assert (await api.ver(f"/{borrador['id']}", RESIDENTE))["advertencias"] == abierto["advertencias"]
        cerrado = (await api.pedir("POST", f"/{borrador['id']}/cerrar")).json()
        assert cerrado["advertencias"] == abierto["advertencias"]

    @pytest.mark.parametrize(
        ("compatibilidad", "halladas"),
        [
            ({"carro": ["carro"]}, [("espacio_sin_tipo", {"tipo_espacio": "carro_doble"})]),
            (
                {"carro": ["carro", "carro_dob1e"], "moto": ["carro_doble"]},
                [("tipo_inexistente", {"tipo": "carro", "tipo_espacio": "carro_dob1e"})],
            ),
            # Of the kinds of the defaults nobody has to have all.
            ({"carro": ["carro", "carro_doble"], "carro_electrico": ["carro_electrico", "carro"]}, []),
        ],
    )
    async def test_kinds_that_name_nothing(
        self, api: Api, compatibilidad: dict[str, list[str]], halladas: list[tuple[str, dict[str, str]]]
    ) -> None:
        await api.casa.espacios("A-1")
        await api.casa.espacios("D-1", tipo="carro_doble")
        borrador = await crear(api, compatibilidad=compatibilidad)
        assert [(a["codigo"], a["datos"]) for a in borrador["advertencias"]] == halladas
        abierto = (await api.pedir("POST", f"/{borrador['id']}/abrir")).json()
        assert abierto["advertencias"] == borrador["advertencias"]
        cerrado = (await api.pedir("POST", f"/{borrador['id']}/cerrar")).json()
        assert cerrado["advertencias"] == borrador["advertencias"]


class TestFechas:
    """It is March 2026, and the number is known within the year."""

    @pytest.mark.parametrize(
        ("desde", "hasta", "halladas"),
        [
            ("2026-07-01", "2026-12-31", []),
            ("2027-03-01", "2028-02-29", []),
            ("2025-07-01", "2025-12-31", ["vigencia_pasada", "fuente_tardia"]),
            ("2027-07-01", "2027-12-31", ["vigencia_lejana"]),
            ("2026-07-01", "2027-12-31", ["vigencia_larga"]),
            ("2062-07-01", "2126-12-31", ["vigencia_lejana", "vigencia_larga"]),
            ("2026-01-01", "2026-03-02", ["fuente_tardia"]),
        ],
    )
    async def test_of_another_year(self, api: Api, desde: str, hasta: str, halladas: list[str]) -> None:
        await api.casa.espacios("A-1")
        borrador = await crear(api, vigencia={"desde": desde, "hasta": hasta}, **SOLO_CARROS)
        assert [a["codigo"] for a in borrador["advertencias"]] == halladas
        dias = {"desde": desde, "hasta": hasta}
        assert all(a["datos"].items() <= dias.items() and a["datos"] for a in borrador["advertencias"])


class TestReglas:
    async def test_tried_on_who_might_ask(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        await casa.prioridad("de_la_nueve", **DE_TORRE)
        await casa.prioridad("apagada", activa=False, **DE_TORRE)
        casa.padron.aspiran = [Aspirante() for _ in range(3)]
        assert (await crear(api, **SOLO_CARROS))["advertencias"] == sin_nadie("de_la_nueve")
        elegida = await crear(api, prioridades=["apagada"], **SOLO_CARROS)
        assert elegida["advertencias"] == sin_nadie("apagada")
        casa.padron.poner(casa.padron.aspiran[2].unidad_id, torre="9")
        abierto = await api.pedir("POST", f"/{elegida['id']}/abrir")
        assert abierto.json()["advertencias"] == []

    async def test_at_the_closing_on_who_takes_part(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        await casa.prioridad("de_la_nueve", **DE_TORRE)
        await casa.prioridad("de_nadie", **DE_TORRE | {"efecto": {"nivel": 2}})
        casa.padron.aspiran = [Aspirante()]
        casa.padron.poner(casa.padron.aspiran[0].unidad_id, torre="9")
        sorteo = await casa.abierto(**SOLO_CARROS)
        assert sorteo.advertencias == []
        una, otra = await casa.pedir(sorteo, 2)
        casa.padron.poner(una.unidad_id, torre="9")
        await casa.solicitudes.filas.update_one({"_id": una.id}, {"$set": {"impedimentos": ["no_al_dia"]}})
        cerrado = (await api.pedir("POST", f"/{sorteo.id}/cerrar")).json()
        assert cerrado["advertencias"] == sin_nadie("de_la_nueve", "de_nadie")
        casa.padron.poner(otra.unidad_id, torre="9")
        await casa.reapertura.reabrir(sorteo.oid, motivo="faltaba uno", cierre=None)
        assert (await api.pedir("POST", f"/{sorteo.id}/cerrar")).json()["advertencias"] == []

    async def test_nobody_is_looked_at_where_nothing_is_to_be_found(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As soon as every rule holds for somebody, the rest of the roll is let be."""
        monkeypatch.setattr(modulo, "LOTE", 2)
        casa = api.casa
        casa.padron.aspiran = [Aspirante() for _ in range(9)]
        await crear(api)
        assert ("aspirantes", 2) not in casa.padron.consultas
        await casa.prioridad("de_la_nueve", **DE_TORRE)
        casa.padron.poner(casa.padron.aspiran[3].unidad_id, torre="9")
        await crear(api)
        assert casa.padron.consultas.count(("aspirantes", 2)) == 2

    async def test_of_a_roll_too_long_to_tell(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo, "LOTE", 2)
        monkeypatch.setattr(modulo, "LOTES", 3)
        casa = api.casa
        await casa.espacios("A-1")
        await casa.prioridad("de_la_nueve", **DE_TORRE)
        casa.padron.aspiran = [Aspirante() for _ in range(5)]
        assert (await crear(api, **SOLO_CARROS))["advertencias"] == sin_nadie("de_la_nueve")
        casa.padron.aspiran = [Aspirante() for _ in range(6)]
        assert (await crear(api, **SOLO_CARROS))["advertencias"] == []
