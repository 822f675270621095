"""Rules that are made together, and the sets that come with the house."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.modules.sorteo.prioridades.evaluacion import Hechos, evaluar
from app.modules.sorteo.prioridades.models import ConfigPrioridad
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from tests.modules.sorteo.dobles import FakeCondiciones
from tests.modules.sorteo.prioridades.conftest import nueva, prioridad

RUTA = "/api/v1/sorteo/prioridades"
CARPETA = Path(__file__).parents[4] / "docs" / "prioridades"
ARCHIVOS = {archivo.stem: archivo.read_bytes() for archivo in CARPETA.glob("*.json")}
DOCUMENTADOS = (CARPETA / "README.md").read_text()
UNO = Hechos(
    condiciones=frozenset(),
    tenencia="propietario",
    torre="A",
    antiguedad_meses=12,
    sorteos_perdidos=0,
    sanciones_vigentes=0,
    tuvo_espacio_anterior=False,
    al_dia=True,
    tipo_vehiculo="carro",
    electrico=False,
)


def conjunto(*prioridades: dict[str, Any]) -> dict[str, Any]:
    return {"nombre": "Las nuestras", "descripcion": "Las del acta 9.", "prioridades": list(prioridades)}


class TestCrear:
    async def test_todas(self, cliente: httpx.AsyncClient) -> None:
        cuerpo = conjunto(nueva(codigo="zz"), nueva(codigo="aa", activa=False))
        respuesta = await cliente.post(f"{RUTA}/conjuntos", json=cuerpo)
        assert respuesta.status_code == 201, respuesta.text
        assert [p["codigo"] for p in respuesta.json()] == ["zz", "aa"]
        listadas = (await cliente.get(RUTA)).json()["items"]
        assert sorted(respuesta.json(), key=lambda p: str(p["codigo"])) == listadas

    async def test_o_ninguna(self, cliente: httpx.AsyncClient, repositorio: PrioridadRepository) -> None:
        await repositorio.insert(prioridad(codigo="segunda"))
        cuerpo = conjunto(nueva(codigo="primera"), nueva(codigo="segunda"), nueva(codigo="tercera"))
        respuesta = await cliente.post(f"{RUTA}/conjuntos", json=cuerpo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "prioridad_duplicada")
        assert [p.codigo for p in await repositorio.find({})] == ["segunda"]

    @pytest.mark.parametrize(
        ("prioridades", "error"),
        [
            ([], ("prioridades", "muy_corto")),
            ([nueva(), nueva()], ("prioridades", "repetido")),
            ([nueva(), nueva(codigo="otra", efecto={})], ("prioridades.1.efecto", "efecto_vacio")),
            ([nueva(codigo="Otra")], ("prioridades.0.codigo", "forma_invalida")),
        ],
    )
    async def test_lo_que_no_se_admite(
        self, cliente: httpx.AsyncClient, prioridades: list[dict[str, Any]], error: tuple[str, str]
    ) -> None:
        respuesta = await cliente.post(f"{RUTA}/conjuntos", json=conjunto(*prioridades))
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [error]


async def test_sus_condiciones_se_crean_antes(cliente: httpx.AsyncClient, condiciones: FakeCondiciones) -> None:
    condiciones.sin = {"presente", "otra"}
    presente = {"codigo": "presente", "nombre": {"es": "Presente", "en": "Present"}, "vence": True}
    reglas = [nueva(codigo=f"regla_{c}", condiciones=[_sobre(c)]) for c in ("presente", "otra")]
    cuerpo = conjunto(*reglas) | {"condiciones": [presente]}
    respuesta = await cliente.post(f"{RUTA}/conjuntos", json=cuerpo)
    errores = [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]
    assert errores == [("prioridades.1.condiciones.0.valor", "no_existe")]
    assert (await cliente.get(RUTA)).json()["items"] == []
    respuesta = await cliente.post(f"{RUTA}/conjuntos", json=cuerpo | {"prioridades": reglas[:1]})
    assert respuesta.status_code == 201, respuesta.text
    assert condiciones.creadas[-1] == ("presente", presente["nombre"], True)


def _sobre(condicion: str) -> dict[str, Any]:
    return {"campo": "condicion", "operador": "igual", "valor": condicion}


# Those that every complex is made with.
DE_SIEMPRE = {"movilidad_reducida", "adulto_mayor", "embarazo", "cuidador"}


@pytest.mark.parametrize("pais", sorted(ARCHIVOS))
async def test_cada_archivo_se_envia_tal_cual(
    cliente: httpx.AsyncClient, condiciones: FakeCondiciones, pais: str
) -> None:
    nombradas = {c["valor"] for p in json.loads(ARCHIVOS[pais])["prioridades"] for c in p["condiciones"]}
    condiciones.sin = {str(valor) for valor in nombradas} - DE_SIEMPRE
    respuesta = await cliente.post(
        f"{RUTA}/conjuntos", content=ARCHIVOS[pais], headers={"Content-Type": "application/json"}
    )
    assert respuesta.status_code == 201, respuesta.text
    assert f"`{pais}.json`" in DOCUMENTADOS


@pytest.mark.parametrize(
    ("pais", "hechos", "nivel", "boletas"),
    [
        ("colombia", {"condiciones": frozenset({"movilidad_reducida"})}, 1, 1),
        ("colombia", {}, 3, 1),
        ("colombia", {"tenencia": "arrendatario", "sorteos_perdidos": 3}, 4, 7),
        ("colombia", {"tuvo_espacio_anterior": True}, 6, 1),
        ("colombia", {"sanciones_vigentes": 2}, 8, 1),
        ("colombia", {"al_dia": False, "condiciones": frozenset({"movilidad_reducida"})}, 9, 1),
        ("chile", {"condiciones": frozenset({"embarazo"})}, 2, 1),
        ("chile", {"antiguedad_meses": 60, "sorteos_perdidos": 2}, 5, 4),
        ("chile", {"al_dia": False}, 9, 1),
        ("brasil", {"condiciones": frozenset({"presente"})}, 1, 1),
        ("brasil", {}, 2, 1),
        ("brasil", {"condiciones": frozenset({"presente"}), "al_dia": False}, 3, 1),
    ],
)
async def test_lo_que_da_cada_uno(
    cliente: httpx.AsyncClient,
    repositorio: PrioridadRepository,
    pais: str,
    hechos: dict[str, Any],
    nivel: int,
    boletas: int,
) -> None:
    """The table of the document, by what the API made of the file."""
    await cliente.post(f"{RUTA}/conjuntos", json=json.loads(ARCHIVOS[pais]))
    reglas = [ConfigPrioridad.regla(p) for p in await repositorio.activas()]
    evaluada = evaluar(reglas, replace(UNO, **hechos))
    assert (evaluada.nivel, evaluada.boletas) == (nivel, boletas)
