"""What stands in names comes out of every file as one cell of one line, and no formula; what no text may hold does not
come in by any door. And what is asked for otherwise than it is: spellings of a code, kinds of answers."""

import csv
import io
from urllib.parse import quote

import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo, construir, persona
from tests.api.problemas import defectos

pytestmark = pytest.mark.usefixtures("_su_hora")
FORMULAS = ("=2+2", "+2+2", "-2+2", "@SUM(A1)", "＝2+2", '=HYPERLINK("http://a.example")', "=1,2;3")
# A line feed, two that only some readers take for one, marks of direction, zero width, private use, no character.
NO_SE_VEN = ("\n=2+2", "\r", "\u2028", "\x85", "\u202e", "\u2066", "\u200b", "\ue000", "\U000f0000", "\uffff")


@pytest.fixture
async def suyo(otra: Aplicacion) -> Mundo:
    otra.base_propia()
    if not _suyos:
        _suyos.append(await construir(otra.cliente, otra.reloj))
    return _suyos[0]


_suyos: list[Mundo] = []
"""Made once, by the first test that asks for it: no fixture of a module goes by the clock of one."""


async def _filas(mundo: Mundo, ruta: str) -> list[list[str]]:
    respuesta = await mundo.cliente.get(V1 + ruta, headers=mundo.quien["admin"])
    assert respuesta.status_code == 200, respuesta.text
    return list(csv.reader(io.StringIO(respuesta.text.removeprefix("\ufeff"), newline="")))


async def test_los_nombres_que_son_formulas_salen_como_textos(suyo: Mundo) -> None:
    for n, formula in enumerate(FORMULAS):
        lugar = {"torre": formula, "apartamento": f"9{n}"}
        await suyo.pedir("POST", "/residentes/unidades", json=lugar)
        datos = persona(formula, f"70{n}", "101") | {"unidades": [{**lugar, "tenencia": "propietario"}]}
        await suyo.pedir("POST", "/residentes", json=datos | {"apellidos": formula})
        espacio = {"codigo": f"F-{n}", "tipo": "carro", "zona": formula, "activo": False}
        await suyo.pedir("POST", "/sorteo/espacios", json=espacio)
    await suyo.pedir("PATCH", "/conjunto", json={"nombre": "=2+2", "ciudad": "+2+2"})
    rutas = ("/residentes/exportar", "/residentes/unidades/exportar", "/sorteo/espacios/exportar")
    del_sorteo = (f"/sorteo/{suyo.publicado}/acta?formato=csv", f"/sorteo/{suyo.publicado}/resultados/exportar")
    for ruta in (*rutas, *del_sorteo):
        filas = await _filas(suyo, ruta)
        celdas = [celda for fila in filas for celda in fila]
        assert [c for c in celdas if c.startswith(("=", "+", "-", "@", "＝")) or "\n" in c or "\r" in c] == [], ruta
        assert ruta not in rutas or sum("2+2" in c for c in celdas) >= 4, ruta


@pytest.mark.parametrize("malo", NO_SE_VEN, ids=ascii)
async def test_lo_que_no_se_ve_no_entra_por_ninguna_puerta(malo: str, suyo: Mundo, otra: Aplicacion) -> None:
    dudoso, antes = f"A{malo}b", await otra.digesto()
    unidades = [{"torre": "Torre 1", "apartamento": "101", "tenencia": "propietario"}]
    for metodo, ruta, cuerpo in (
        ("POST", "/residentes", persona(dudoso, "7101", "101")),
        ("POST", "/residentes", persona("Ana", "7101", "101") | {"apellidos": dudoso, "unidades": unidades}),
        ("POST", "/residentes/unidades", {"torre": dudoso, "apartamento": "1"}),
        ("POST", "/residentes/unidades", {"torre": None, "apartamento": dudoso}),
        ("POST", "/sorteo/espacios", {"codigo": dudoso, "tipo": "carro"}),
        ("POST", "/sorteo/espacios", {"codigo": "F-99", "tipo": "carro", "zona": dudoso}),
        ("PATCH", "/conjunto", {"nombre": dudoso}),
        ("PATCH", f"/sorteo/{suyo.borrador}", {"nombre": dudoso}),
    ):
        respuesta = await suyo.cliente.request(metodo, V1 + ruta, json=cuerpo, headers=suyo.quien["admin"])
        assert defectos(respuesta, {422}) == [], ruta
        assert [e["codigo"] for e in respuesta.json()["errores"]] == ["caracter_no_permitido"], ruta
    assert await otra.digesto() == antes


@pytest.mark.parametrize("otro", ["p-01", "Ｐ-01", "P-０１", "P‐01", "P-01\u200b", "P-1"], ids=ascii)
async def test_un_espacio_se_llama_como_se_escribio(otro: str, suyo: Mundo, otra: Aplicacion) -> None:
    """To read, change and delete it alike; and no other may have a code that differs in case or width alone."""
    antes, ruta = await otra.digesto(), f"{V1}/sorteo/espacios/{quote(otro)}"
    for metodo, cuerpo in (("GET", None), ("PATCH", {"zona": "A"}), ("DELETE", None)):
        respuesta = await suyo.cliente.request(metodo, ruta, json=cuerpo, headers=suyo.quien["admin"])
        assert defectos(respuesta, {404}) == []
    if otro in ("p-01", "Ｐ-01", "P-０１"):
        cuerpo = {"codigo": otro, "tipo": "carro"}
        repetido = await suyo.cliente.post(f"{V1}/sorteo/espacios", json=cuerpo, headers=suyo.quien["admin"])
        assert defectos(repetido, {409}) == []
    assert await otra.digesto() == antes


@pytest.mark.parametrize("acepta", ["image/png", "application/xml", "text/html", "*/*;q=0", "nada", "", "a" * 4_000])
async def test_lo_que_se_acepta_no_cambia_lo_que_se_responde(acepta: str, suyo: Mundo) -> None:
    """Each operation answers one kind, and says which: nobody gets a 406, of which the contract knows nothing."""
    for ruta, tipo in (
        ("/sorteo/espacios", "application/json"),
        ("/residentes/exportar", "text/csv"),
        (f"/sorteo/{suyo.publicado}/bases", "application/jsonl"),
        (f"/sorteo/{suyo.publicado}/acta?formato=pdf", "application/pdf"),
        ("/sorteo/espacios/nada", "application/problem+json"),
    ):
        cabeceras = {**suyo.quien["admin"], "Accept": acepta}
        respuesta = await suyo.cliente.get(V1 + ruta, headers=cabeceras)
        assert respuesta.status_code == (404 if tipo.endswith("problem+json") else 200)
        assert respuesta.headers["content-type"].partition(";")[0] == tipo
