"""Every kind, in every language, in every form."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from beanie import PydanticObjectId
from jinja2 import Environment, meta

from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.schemas import DatosDeAviso
from app.modules.avisos.tipos import TIPOS, Tipo
from app.shared.messages import IDIOMAS, Idioma
from tests.modules.avisos.conftest import FakeConjunto

MODULOS = Path(__file__).parents[3] / "app" / "modules"
PLANTILLAS = MODULOS / "avisos" / "plantillas"
MAL = '<script>alert(1)</script> & "Ñandú"\r\nBcc: otro@example.com'
HORAS = {"cierre", "vence_en", "efecto_en", "expira_en"}
ENLACE = "https://parknet.example/registro#invitacion=a&b"
redactor = Redactor(zona=ZoneInfo("America/Bogota"), url_publica="https://parknet.example")
CADA_UNO = [(tipo, idioma) for tipo in TIPOS for idioma in IDIOMAS]


def _lleno(tipo: Tipo) -> dict[str, object]:
    propios: dict[str, object] = {
        "sorteo_id": str(PydanticObjectId()),
        "codigo": "no_al_dia",
        "folio": 12,
        "espera": 3,
        "participantes": 1,
        "hasta": "2026-12-31",
        "enlace": ENLACE,
        **dict.fromkeys(HORAS, datetime(2026, 3, 2, 15, tzinfo=UTC)),
    }
    return {nombre: propios.get(nombre, MAL) for nombre in tipo.nombres | tipo.secretos}


def _vacio(tipo: Tipo) -> dict[str, object]:
    """What is optional is None."""
    return _lleno(tipo) | dict.fromkeys(tipo.opcionales)


@pytest.mark.parametrize("con", [_lleno, _vacio])
@pytest.mark.parametrize(("nombre", "idioma"), CADA_UNO)
def test_se_puede_decir(nombre: str, idioma: Idioma, con: object) -> None:
    datos = (_lleno if con is _lleno else _vacio)(TIPOS[nombre])
    aviso, carta = redactor.aviso(nombre, idioma, datos), redactor.carta(nombre, idioma, datos)
    assert carta.asunto == aviso.titulo
    assert 5 < len(aviso.titulo) < 160
    assert aviso.titulo.isprintable()
    assert aviso.texto in carta.texto
    assert aviso.texto.splitlines() == [linea.strip() for linea in aviso.texto.splitlines()]
    for dicho in (aviso.texto, carta.texto, carta.html):
        assert "None" not in dicho
        assert ".." not in dicho
        assert "{{" not in dicho
        assert "{%" not in dicho
    # Escaped once, and only in HTML.
    assert "<script>" not in carta.html
    assert "&amp;lt;" not in carta.html
    assert "&lt;" not in carta.texto
    assert f'<html lang="{idioma}">' in carta.html
    assert "\n\n\n" not in carta.texto


@pytest.mark.parametrize(("nombre", "idioma"), CADA_UNO)
def test_la_plantilla_usa_los_datos_de_su_tipo_y_no_otros(nombre: str, idioma: Idioma) -> None:
    fuente = (PLANTILLAS / idioma / f"{nombre}.j2").read_text(encoding="utf-8")
    entorno = Environment(autoescape=True)
    entorno.filters |= dict.fromkeys(("instante", "dia", "razon", "contado", "literal"), str)
    usados = meta.find_undeclared_variables(entorno.parse(fuente))
    tipo = TIPOS[nombre]
    # Said of every kind.
    usados -= {"sin_cuenta"}
    assert usados <= tipo.nombres
    # Ids lead somewhere and are not read aloud; the link stands in the frame.
    assert {n for n in tipo.nombres - usados if not n.endswith("_id")} <= {"folio"}


@pytest.mark.parametrize(("nombre", "idioma"), CADA_UNO)
def test_a_quien_no_tiene_cuenta_no_se_le_manda_a_la_aplicacion(nombre: str, idioma: Idioma) -> None:
    """But to the office, and told how to get an account."""
    datos = _lleno(TIPOS[nombre])
    carta = redactor.carta(nombre, idioma, datos, FakeConjunto())
    for dicho in (carta.texto, carta.html):
        assert "Altos de la Colina, Calle 1 # 2-3, lunes a viernes, de 8:00 a 12:00" in dicho
        assert ("invitación" if idioma == "es" else "invitation") in dicho
        assert ("la aplicación" if idioma == "es" else "the app") not in dicho
    con_cuenta = redactor.carta(nombre, idioma, datos).texto
    assert "Altos de la Colina" not in con_cuenta
    assert ("la aplicación" if idioma == "es" else "the app") in con_cuenta


def test_no_hay_plantillas_de_mas_y_todo_lo_que_el_programa_dice_existe() -> None:
    for idioma in IDIOMAS:
        assert {p.stem for p in (PLANTILLAS / idioma).glob("[!_]*.j2")} == set(TIPOS)
    dichos = set()
    for archivo in MODULOS.rglob("*.py"):
        for nodo in ast.walk(ast.parse(archivo.read_text(encoding="utf-8"))):
            if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Attribute):
                dichos |= _tipos_de(nodo)
    assert dichos
    assert dichos <= set(TIPOS)


def _tipos_de(llamada: ast.Call) -> set[object]:
    assert isinstance(llamada.func, ast.Attribute)
    if llamada.func.attr not in {"avisar", "avisar_varios", "difundir", "escribir", "_difundir", "_decir", "_escribir"}:
        return set()
    valores = [k.value for k in llamada.keywords if k.arg == "tipo"] + llamada.args[:2]
    return {v.value for v in valores if isinstance(v, ast.Constant) and isinstance(v.value, str)}


def test_las_horas_son_las_del_conjunto() -> None:
    datos = _lleno(TIPOS["solicitud_ofrecida"])
    assert "lunes, 2 de marzo de 2026, 10:00 a. m." in redactor.aviso("solicitud_ofrecida", "es", datos).texto
    en = redactor.aviso("solicitud_ofrecida", "en", datos).texto
    assert re.search(r"Monday, March 2, 2026, 10:00\sAM", en)
    otra = Redactor(zona=ZoneInfo("Europe/Madrid"), url_publica="https://x")
    assert "4:00 p. m." in otra.aviso("solicitud_ofrecida", "es", datos).texto


def test_una_hora_puede_venir_escrita() -> None:
    datos = {"expira_en": "2026-03-02T15:00:00+00:00", "nombre": None, "enlace": ENLACE}
    assert "10:00 a. m." in redactor.aviso("invitacion", "es", datos).texto


def test_el_enlace_esta_en_las_dos_formas_del_correo_y_no_en_otra_parte() -> None:
    datos = _lleno(TIPOS["recuperacion"])
    carta = redactor.carta("recuperacion", "es", datos)
    assert f"\n{ENLACE}\n" in carta.texto
    assert 'href="https://parknet.example/registro#invitacion=a&amp;b"' in carta.html
    assert "Elegir otra contraseña" in carta.html
    assert ENLACE not in redactor.aviso("recuperacion", "es", datos).texto


def test_lo_de_un_sorteo_lleva_a_donde_se_comprueba() -> None:
    datos = _lleno(TIPOS["sorteo_cerrado"])
    carta = redactor.carta("sorteo_cerrado", "es", datos)
    donde = f"https://parknet.example/sorteo/{datos['sorteo_id']}/verificar"
    assert donde in carta.texto
    assert f'href="{donde}"' in carta.html


def test_la_razon_de_un_rechazo_se_dice_en_palabras() -> None:
    datos = _lleno(TIPOS["solicitud_rechazada"])
    assert "Razón: La unidad no está al día" in redactor.aviso("solicitud_rechazada", "es", datos).texto
    dicha = redactor.aviso("solicitud_rechazada", "es", datos | {"codigo": None, "motivo": "faltó un papel"}).texto
    assert "Razón: faltó un papel" in dicha
    assert "Razón" not in redactor.aviso("solicitud_rechazada", "es", datos | {"codigo": None, "motivo": None}).texto


def test_lo_que_dice_cualquier_aviso_tiene_su_campo() -> None:
    assert frozenset(DatosDeAviso.model_fields) == frozenset[str]().union(*(tipo.nombres for tipo in TIPOS.values()))
