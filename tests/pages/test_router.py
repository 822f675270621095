"""What a page is before a browser has it: who may see it, what is in it, and the policy that holds in it."""

import base64
import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

from app.core.http.route import StrictRoute, cuotas_de
from app.pages.assembly import Imprenta
from app.pages.router import router
from app.shared.messages import huecos
from tests.api.conftest import Aplicacion
from tests.api.mundo import AUSENTE, Mundo

PAGINAS = Path(__file__).parents[2] / "app" / "pages"
TOPE = 100_000
FORMULARIOS = ["/registro", "/recuperar", "/correo"]


async def traer(aplicacion: Aplicacion, camino: str, idioma: str = "es") -> httpx.Response:
    return await aplicacion.cliente.get(camino, headers={"Accept-Language": idioma})


def bloque(html: str, nombre: str) -> str:
    hallado = re.search(rf'<script type="application/json" id="{nombre}">(.*?)</script>', html, re.DOTALL)
    assert hallado
    return hallado[1]


def caminos(mundo: Mundo) -> list[str]:
    de_sorteos = [
        f"/sorteo/{id}/{cual}" for id in (mundo.abierto, mundo.publicado) for cual in ("verificar", "garante")
    ]
    return ["/sorteo", *de_sorteos, *FORMULARIOS]


async def test_cualquiera_las_ve_en_su_idioma(aplicacion: Aplicacion, mundo: Mundo) -> None:
    for camino in caminos(mundo):
        for idioma, otro in (("es", "en"), ("en", "es")):
            for respuesta in (
                await traer(aplicacion, camino, idioma),
                await traer(aplicacion, f"{camino}?idioma={idioma}", otro),
            ):
                assert respuesta.status_code == 200, camino
                assert respuesta.headers["content-type"] == "text/html; charset=utf-8"
                assert f'<html lang="{idioma}">' in respuesta.text
                assert f'<a href="{camino}?idioma={otro}" hreflang="{otro}"' in respuesta.text
                assert len(respuesta.content) < TOPE


async def test_solo_corre_lo_suyo_y_nada_viene_de_fuera(aplicacion: Aplicacion, mundo: Mundo) -> None:
    for camino in [*caminos(mundo), f"/sorteo/{AUSENTE}/verificar"]:
        respuesta = await traer(aplicacion, camino)
        partes = dict(parte.split(" ", 1) for parte in respuesta.headers["content-security-policy"].split("; "))
        for elemento, parte in (("script", "script-src"), ("style", "style-src")):
            dentro = re.findall(rf"<{elemento}(?: id=\"\w+\")?>(.*?)</{elemento}>", respuesta.text, re.DOTALL)
            huellas = [base64.b64encode(hashlib.sha256(texto.encode()).digest()).decode() for texto in dentro]
            assert partes[parte].split() == [f"'sha256-{huella}'" for huella in huellas]
        assert partes["default-src"] == partes["form-action"] == partes["frame-ancestors"] == "'none'"
        assert partes["connect-src"] == "'self'"
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", respuesta.text)
        assert not re.search(r"\son\w+=|\sstyle=", respuesta.text)


async def test_la_lista_y_lo_que_no_se_ha_abierto(aplicacion: Aplicacion, mundo: Mundo) -> None:
    lista = (await traer(aplicacion, "/sorteo")).text
    assert lista.index(mundo.abierto) < lista.index(mundo.publicado)
    assert 'datetime="2026-03-12T15:00:00+00:00" data-reloj>12 de marzo de 2026' in lista
    assert mundo.borrador not in lista
    for id in (mundo.borrador, AUSENTE, "nada", "%3Cscript%3E"):
        respuesta = await traer(aplicacion, f"/sorteo/{id}/verificar")
        assert respuesta.status_code == 404
        assert "<h1>Aquí no hay nada</h1>" in respuesta.text


async def test_la_lista_sigue_en_otra_pagina(
    aplicacion: Aplicacion, mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.service.POR_PAGINA", 1)
    primera = (await traer(aplicacion, "/sorteo")).text
    assert mundo.publicado not in primera
    siguiente = re.search(r'rel="next" href="([^"]+)"', primera)
    assert siguiente
    segunda = (await traer(aplicacion, siguiente[1].replace("&amp;", "&"))).text
    assert mundo.publicado in segunda
    assert mundo.abierto not in segunda
    assert 'rel="next"' not in segunda


async def test_no_dicen_nada_de_nadie(aplicacion: Aplicacion, mundo: Mundo) -> None:
    for camino in caminos(mundo):
        html = (await traer(aplicacion, camino)).text
        for personal in ("Rojas", "AAA101", "Torre 1", "1001@example.com", mundo.ana.id, mundo.ana.unidad):
            assert personal not in html, camino


async def test_lleva_la_verificacion_como_la_da_la_api(aplicacion: Aplicacion, mundo: Mundo) -> None:
    for id in (mundo.abierto, mundo.publicado):
        html = (await traer(aplicacion, f"/sorteo/{id}/verificar")).text
        assert json.loads(bloque(html, "datos")) == await mundo.pedir("GET", f"/sorteo/{id}/verificacion")
    assert "todavía no" in (await traer(aplicacion, f"/sorteo/{mundo.abierto}/verificar")).text.lower()


async def test_la_copia_es_un_archivo_que_no_habla_con_nadie(aplicacion: Aplicacion, mundo: Mundo) -> None:
    respuesta = await traer(aplicacion, f"/sorteo/{mundo.publicado}/verificar?copia=true")
    assert respuesta.headers["content-disposition"] == f'attachment; filename="sorteo-{mundo.publicado}.html"'
    politica = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', respuesta.text)
    assert politica
    assert "connect-src &#39;none&#39;" in politica[1]
    assert "frame-ancestors" not in politica[1]  # which no <meta> may say
    assert not re.search(r'href="/', respuesta.text)
    assert len(respuesta.content) < TOPE


async def test_un_sorteo_reabierto_y_anulado(aplicacion: Aplicacion, mundo: Mundo) -> None:
    ruta = f"/sorteo/{await mundo.sortear('El de prueba', espacios=['P-02'], ensayo=True)}"
    for paso, cuerpo in (("abrir", None), ("cerrar", None), ("reabrir", {"motivo": "faltaba <uno>"})):
        await mundo.pedir("POST", f"{ruta}/{paso}", json=cuerpo)
    anterior = (await mundo.pedir("GET", f"{ruta}/verificacion"))["huellas_anteriores"][0]["huella"]
    html = (await traer(aplicacion, f"{ruta}/verificar")).text
    assert f"<code>{anterior}</code>" in html
    assert "faltaba &lt;uno&gt;" in html
    assert "Este sorteo se anuló" not in html
    await mundo.pedir("POST", f"{ruta}/cerrar")
    await mundo.pedir("POST", f"{ruta}/anular", json={"motivo": "sobraba"})
    publicado = await mundo.pedir("GET", f"{ruta}/verificacion")
    html = (await traer(aplicacion, f"{ruta}/verificar")).text
    assert "Este sorteo se anuló" in html
    assert f"<code>{publicado['secreto']}</code>" in html
    assert '<span class="estado anulado">Anulado</span>' in (await traer(aplicacion, "/sorteo")).text


async def test_la_raiz_lleva_a_donde_hay_algo(
    aplicacion: Aplicacion, mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mundo.abierto
    assert (await traer(aplicacion, "/")).headers["location"] == "/docs"
    monkeypatch.setattr(aplicacion.app, "openapi_url", None)
    assert (await traer(aplicacion, "/")).headers["location"] == "/sorteo"


async def test_el_nombre_de_un_sorteo_es_texto(aplicacion: Aplicacion, mundo: Mundo) -> None:
    nombre = '</script><img src=x onerror="alert(1)">'
    sorteo = await mundo.sortear(nombre, espacios=["P-02"], ensayo=True)
    await mundo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    for camino in ("/sorteo", f"/sorteo/{sorteo}/verificar"):
        html = (await traer(aplicacion, camino)).text
        assert "<img" not in html
        assert "&lt;img" in html


def test_se_cuentan_por_direccion() -> None:
    for ruta in router.routes:
        assert isinstance(ruta, StrictRoute)
        assert [cuota.direccion is not None for cuota in cuotas_de(ruta.dependant)] == [True], ruta.path


def palabras() -> dict[str, dict[str, dict[str, str]]]:
    imprenta = Imprenta(conjunto="x", zona=None)  # type: ignore[arg-type]
    return {i: {c: dict(t) for c, t in contextos.items()} for i, contextos in imprenta._palabras.items()}


def test_los_dos_idiomas_dicen_lo_mismo() -> None:
    dichas = palabras()
    for contexto in ("pagina", "guion"):
        espanol, ingles = dichas["es"][contexto], dichas["en"][contexto]
        assert espanol.keys() == ingles.keys()
        for clave, texto in espanol.items():
            assert huecos(texto) == huecos(ingles[clave]), clave


def test_se_usa_todo_lo_que_se_puede_decir() -> None:
    plantillas = "".join(p.read_text(encoding="utf-8") for p in (PAGINAS / "plantillas").glob("*.j2"))
    guiones = "".join(p.read_text(encoding="utf-8") for p in (PAGINAS / "web").glob("*.js"))
    dichas = palabras()["es"]
    # Those after the dash are put together of a word and a code.
    de_plantillas = {c for c in dichas["pagina"] if not c.startswith(("estado_", "hecho_", "tipo_"))}
    de_guiones = {c for c in dichas["guion"] if not c.startswith(("fase_", "igual_", "distinto_", "regla_"))}
    assert {c for c in de_plantillas if f't("{c}"' not in plantillas} == set()
    assert {c for c in de_guiones if f'"{c}"' not in guiones} == set()
    assert set(re.findall(r'\bt\("(\w+)"[,)]', plantillas)) <= dichas["pagina"].keys()
    assert set(re.findall(r'decir\("(\w+)"', guiones)) <= dichas["guion"].keys()


async def enlace(mundo: Mundo, **dias: object) -> str:
    """The path of a link to the page of figures, as staff make it."""
    hecho = await mundo.pedir("POST", "/sorteo/figuras/enlaces", "operador", json=dias)
    return str(hecho["url"]).partition("://")[2].partition("/")[2]


async def test_las_cifras_las_ve_quien_tiene_el_enlace(aplicacion: Aplicacion, mundo: Mundo) -> None:
    camino = f"/{await enlace(mundo)}"
    for idioma, titulo in (("es", "Los sorteos en cifras"), ("en", "The draws in figures")):
        respuesta = await traer(aplicacion, camino, idioma)
        assert respuesta.status_code == 200
        assert titulo in respuesta.text
        assert "Segundo semestre de 2026" in respuesta.text
        assert "<svg" in respuesta.text
        assert 'src="' not in respuesta.text
        otro = re.search(r'<a href="([^"]+)" hreflang', respuesta.text)
        assert otro
        assert (await traer(aplicacion, otro[1].replace("&amp;", "&"))).status_code == 200
    for llave in ("x", camino.partition("=")[2][:-2]):
        respuesta = await traer(aplicacion, f"/sorteo/figuras/ver?llave={llave}")
        assert respuesta.status_code == 404
        assert "Este enlace ya no sirve" in respuesta.text
    assert (await traer(aplicacion, "/sorteo/figuras/ver")).status_code == 422


async def test_las_cifras_de_dias_sin_sorteos(aplicacion: Aplicacion, mundo: Mundo) -> None:
    html = (await traer(aplicacion, f"/{await enlace(mundo, desde='2001-01-01', hasta='2001-12-31')}")).text
    assert "no se publicó ningún sorteo" in html
