"""For whoever has no mouse, or does not see the screen: axe-core finds nothing, and the keyboard does everything."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, Mundo
from tests.pages.test_formularios import abierto_con_garantes, vista_en
from tests.pages.test_navegador import archivo, poner, rehacer, verde
from tests.pages.test_router import enlace

AXE = Path(__file__).parents[2] / "clients/node_modules/axe-core/axe.min.js"
ANCHOS = {"telefono": 375, "escritorio": 1280}
FORMULARIOS = ["/registro#invitacion=x", "/registro", "/recuperar", "/recuperar#token=x", "/correo#token=x", "/correo"]


@pytest.fixture(scope="module")
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def hallazgos(pagina: Page, axe: str) -> list[Any]:
    await pagina.evaluate(axe)
    hallado = await pagina.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(v["id"], [n["html"] for n in v["nodes"]]) for v in hallado["violations"]]


@pytest.mark.parametrize("idioma", ["es", "en"])
@pytest.mark.parametrize("ancho", ANCHOS.values(), ids=ANCHOS.keys())
async def test_axe_no_halla_nada(
    chromium: Browser, origen: str, mundo: Mundo, axe: str, idioma: str, ancho: int
) -> None:
    """In each language and at each width. How long the words are matters to the width alone, and it is fast to see."""
    sorteos = [f"/sorteo/{id}/verificar" for id in (mundo.abierto, mundo.publicado, "nada")]
    contexto = await chromium.new_context(viewport={"width": ancho, "height": 800}, locale=idioma)
    pagina = await contexto.new_page()
    garante = f"/sorteo/{mundo.abierto}/garante#token=x"
    for camino in ["/sorteo", *sorteos, garante, f"/{await enlace(mundo)}", *FORMULARIOS]:
        await pagina.goto("about:blank")  # or another fragment would not be another page
        await pagina.goto(origen + camino)
        await pagina.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        if (idioma, ancho) in {("es", ANCHOS["telefono"]), ("en", ANCHOS["escritorio"])}:
            assert await hallazgos(pagina, axe) == [], camino
        # Nothing is wider than the screen.
        assert await pagina.evaluate("document.documentElement.scrollWidth") <= ancho, camino
    await contexto.close()


async def test_axe_tampoco_despues(pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo, axe: str) -> None:
    """With a verdict, a ticket and sums on the page; and with a refused form."""
    await pagina.goto(f"{origen}/sorteo/{mundo.publicado}/verificar")
    await poner(pagina, "bases", await archivo(aplicacion, mundo, "bases"))
    await rehacer(pagina)
    await verde(pagina, 2)
    await pagina.locator("#folio").fill("1")
    await pagina.get_by_role("button", name="Buscar").click()
    await pagina.locator("#boleta summary").click()
    await pagina.get_by_role("button", name="Llenar").click()
    await pagina.get_by_role("button", name="Hacer las cuentas").click()
    await expect(pagina.locator("#cuentas li")).to_have_count(3)
    assert await hallazgos(pagina, axe) == []
    await poner(pagina, "bases", b"")
    await rehacer(pagina)
    await expect(pagina.locator("#veredicto.mal")).to_be_visible()
    assert await hallazgos(pagina, axe) == []
    await pagina.goto(f"{origen}/recuperar")
    await pagina.get_by_role("button", name="Enviar el enlace").click()
    await expect(pagina.locator("#error-email")).not_to_be_empty()
    assert await hallazgos(pagina, axe) == []


async def test_axe_no_halla_nada_en_lo_de_un_garante(pagina: Page, origen: str, mundo: Mundo, axe: str) -> None:
    """Before the phrase, refused, committed to, to be revealed, refused again, revealed, and too late."""
    nombrados, sorteo = await abierto_con_garantes(mundo, "El de los garantes")

    async def enviar(formulario: str, frase: str) -> None:
        await pagina.locator(f"#{formulario} input").fill(frase)
        await pagina.locator(f"#{formulario} button[type=submit]").click()

    async def se_ve(parte: str) -> None:
        await expect(pagina.locator(f"#{parte}")).to_be_visible()
        assert await hallazgos(pagina, axe) == [], parte
        assert await pagina.evaluate("document.documentElement.scrollWidth") <= 375, parte

    await pagina.goto(vista_en(nombrados[0]["enlace"], origen))
    await se_ve("comprometerse")
    await expect(pagina.locator("#comprometerse")).to_be_focused()
    await enviar("compromiso", "corta")
    await se_ve("error-frase")
    await enviar("compromiso", "caracola verde 1943")
    await se_ve("guardela")
    await mundo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    await pagina.reload()
    await se_ve("revelar")
    await enviar("revelacion", "otra frase cualquiera")
    await se_ve("error-frase_revelada")
    await enviar("revelacion", "caracola verde 1943")
    await se_ve("revelado")
    await pagina.goto("about:blank")
    await pagina.goto(vista_en(nombrados[1]["enlace"], origen))
    await se_ve("tarde")
    await pagina.goto(f"{origen}/sorteo/{sorteo}/verificar")
    await se_ve("historia")
    await mundo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    await pagina.reload()
    await se_ve("historia")
    await mundo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "era un ensayo"})
    for camino in (f"/sorteo/{sorteo}/verificar", "/sorteo"):
        await pagina.goto(origen + camino)
        await se_ve("contenido")


async def test_axe_tampoco_en_la_copia(
    pagina: Page, aplicacion: Aplicacion, mundo: Mundo, axe: str, descargas: Path
) -> None:
    copia = descargas / "sorteo.html"
    copia.write_bytes((await aplicacion.cliente.get(f"/sorteo/{mundo.publicado}/verificar?copia=true")).content)
    await pagina.goto(copia.as_uri())
    await pagina.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert await hallazgos(pagina, axe) == []


async def tab_hasta(pagina: Page, selector: str) -> None:
    for _ in range(40):
        await pagina.keyboard.press("Tab")
        if await pagina.evaluate("(s) => document.activeElement.matches(s)", selector):
            # Whoever goes by Tab sees where they are.
            assert await pagina.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"Tab does not reach {selector}")


async def test_con_el_teclado(pagina: Page, origen: str, mundo: Mundo) -> None:
    await pagina.goto(f"{origen}/sorteo")
    await tab_hasta(pagina, ".salto")
    await pagina.keyboard.press("Enter")
    await expect(pagina.locator("main")).to_be_focused()
    await tab_hasta(pagina, f"a[href*='{mundo.publicado}']")
    await pagina.keyboard.press("Enter")
    await pagina.wait_for_url(f"**/sorteo/{mundo.publicado}/verificar**")
    await tab_hasta(pagina, "summary")
    await pagina.keyboard.press("Enter")
    await tab_hasta(pagina, "#username")
    await pagina.keyboard.type("1001")
    await tab_hasta(pagina, "#password")
    await pagina.keyboard.type(CLAVE)
    await pagina.keyboard.press("Enter")
    await expect(pagina.locator("#con_sesion")).to_be_focused()
    await tab_hasta(pagina, "#recalcular")
    await pagina.keyboard.press("Space")
    await verde(pagina, 2)
    await tab_hasta(pagina, "#folio")
    await pagina.keyboard.type("2")
    await pagina.keyboard.press("Enter")
    await expect(pagina.locator("#boleta")).to_contain_text("Obtuvo el espacio")


async def test_un_garante_con_el_teclado(pagina: Page, origen: str, mundo: Mundo) -> None:
    nombrados, sorteo = await abierto_con_garantes(mundo, "El del teclado")
    await pagina.goto(vista_en(nombrados[0]["enlace"], origen))
    await expect(pagina.locator("#comprometerse")).to_be_focused()
    await tab_hasta(pagina, "#proponer")
    await pagina.keyboard.press("Space")
    frase = await pagina.locator("#frase").input_value()
    await tab_hasta(pagina, "#compromiso [type=submit]")
    await pagina.keyboard.press("Enter")
    await expect(pagina.locator("#comprometido")).to_be_focused()
    await expect(pagina.locator("#guardar")).to_have_text(frase)
    await mundo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    await pagina.reload()
    await expect(pagina.locator("#revelar")).to_be_focused()
    await tab_hasta(pagina, "#frase_revelada")
    await pagina.keyboard.type(frase)
    await pagina.keyboard.press("Enter")
    await expect(pagina.locator("#revelado")).to_be_focused()
