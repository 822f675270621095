"""Where links lead, in Chromium: what they carry reaches the API in a body, and no address on the way."""

import hashlib
import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, expect
from pydantic import ValidationError

from app.modules.sorteo.garantes.schemas import RevelacionIn
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, V1, Mundo, persona

NUEVA = "cuatro palabras que no van juntas"
IRREVELABLES = ("te ❤\ufe0f, barrio mío", "🎉" * 6, "dos\u200bpalabras juntas", "con | una barra", "a" * 81)
"""Phrases that a keyboard writes, or somebody pastes, and the API would not take when they are revealed."""


def vista_en(enlace: str, origen: str) -> str:
    """The same link at the port of this test."""
    partes = urlsplit(enlace)
    return f"{origen}{partes.path}#{partes.fragment}"


async def invitado(mundo: Mundo, documento: str) -> tuple[str, str]:
    """A link and its token, for somebody new."""
    residente = await mundo.pedir("POST", "/residentes", json=persona("Eva", documento, "101"))
    invitacion = await mundo.pedir("POST", "/auth/invitaciones", json={"residente_id": residente["id"]})
    return invitacion["enlace"], invitacion["token"]


async def abierto_con_garantes(mundo: Mundo, nombre: str) -> tuple[list[dict[str, str]], str]:
    """Three witnesses with their links, and their draw: a rehearsal, which no clock holds up."""
    sorteo = await mundo.sortear(nombre, espacios=["P-02"], ensayo=True)
    nombres = {"nombres": ["Personera", "Contadora", "Vecina"]}
    nombrados: list[dict[str, str]] = (await mundo.pedir("POST", f"/sorteo/{sorteo}/garantes", json=nombres))["items"]
    await mundo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    return nombrados, sorteo


async def entra(aplicacion: Aplicacion, usuario: str, clave: str) -> bool:
    respuesta = await aplicacion.cliente.post(f"{V1}/auth/login", data={"username": usuario, "password": clave})
    return respuesta.status_code == 200


@pytest.fixture
def direcciones(pagina: Page) -> list[str]:
    """What a server, or a log on the way, sees of each request."""
    vistas: list[str] = []

    def anotar(pedida: Request) -> None:
        vistas.append(pedida.url.partition("#")[0] + str(pedida.headers.get("referer")))

    pagina.on("request", anotar)
    return vistas


@pytest.fixture
def enviados(pagina: Page) -> list[str]:
    """The bodies that leave the page."""
    vistos: list[str] = []
    pagina.on("request", lambda pedida: vistos.append(pedida.post_data) if pedida.post_data else None)
    return vistos


async def poner_claves(pagina: Page, clave: str, repetida: str | None = None) -> None:
    await pagina.get_by_label("Contraseña nueva").fill(clave)
    await pagina.get_by_label("La misma, otra vez").fill(clave if repetida is None else repetida)


class TestRegistro:
    async def test_con_el_enlace_de_la_invitacion(
        self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo, direcciones: list[str]
    ) -> None:
        enlace, token = await invitado(mundo, "2001")
        await pagina.goto(vista_en(enlace, origen))
        crear, acepto = pagina.get_by_role("button", name="Crear la cuenta"), pagina.get_by_role("checkbox")
        await poner_claves(pagina, NUEVA, "otra cosa que no es")
        await crear.click()
        await expect(pagina.locator("#error-repetida")).to_have_text("No es igual a la primera.")
        await expect(pagina.get_by_label("La misma, otra vez")).to_be_focused()
        await poner_claves(pagina, NUEVA)
        await crear.click()
        await expect(pagina.locator("#error-acepta_politica")).to_be_visible()
        await expect(acepto).to_be_focused()
        await acepto.check()
        await poner_claves(pagina, "corta")
        await crear.click()
        await expect(pagina.locator("#error-password")).to_contain_text("12")
        await poner_claves(pagina, "eva rojas 2001")
        await crear.click()
        await expect(pagina.locator("#error-password")).to_contain_text("datos suyos")
        await poner_claves(pagina, NUEVA)
        await crear.click()
        await expect(pagina.get_by_role("heading", name="Su cuenta está lista")).to_be_visible()
        assert await entra(aplicacion, "2001", NUEVA)
        assert [vista for vista in direcciones if token in vista] == []
        assert token not in pagina.url

    async def test_el_otro_idioma_lleva_lo_que_trajo_el_enlace(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        enlace, token = await invitado(mundo, "2002")
        await pagina.goto(vista_en(enlace, origen))
        await pagina.get_by_role("link", name="English").click()
        await expect(pagina.get_by_role("heading", name="Create my account")).to_be_visible()
        assert pagina.url == f"{origen}/registro?idioma=en#invitacion={token}"
        await expect(pagina.locator("#formulario")).to_be_visible()

    async def test_un_enlace_que_ya_no_sirve(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        assert mundo.invitacion
        await pagina.goto(f"{origen}/registro#invitacion=nada")
        await poner_claves(pagina, NUEVA)
        await pagina.get_by_role("checkbox").check()
        await pagina.get_by_role("button", name="Crear la cuenta").click()
        await expect(pagina.get_by_role("alert")).not_to_be_empty()

    async def test_sin_enlace(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        assert mundo.invitacion
        await pagina.goto(f"{origen}/registro")
        await expect(pagina.locator("#sin_enlace")).to_be_visible()
        await expect(pagina.locator("#formulario")).to_be_hidden()


class TestRecuperar:
    async def test_pedir_el_enlace(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        assert mundo.ana.id
        await pagina.goto(f"{origen}/recuperar")
        await pagina.get_by_label("Correo").fill("x")
        await pagina.get_by_role("button", name="Enviar el enlace").click()
        await expect(pagina.locator("#error-email")).not_to_be_empty()
        await pagina.get_by_label("Correo").fill("nadie@example.com")
        await pagina.get_by_role("button", name="Enviar el enlace").click()
        await expect(pagina.get_by_role("heading", name="Revise su correo")).to_be_visible()

    async def test_poner_otra_clave(
        self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo, direcciones: list[str]
    ) -> None:
        dada = await mundo.pedir("POST", f"/auth/usuarios/{mundo.cuenta}/recuperacion")
        await pagina.goto(vista_en(dada["enlace"], origen))
        await expect(pagina.locator("#pedir")).to_be_hidden()
        await poner_claves(pagina, NUEVA)
        await pagina.get_by_role("button", name="Poner la contraseña").click()
        await expect(pagina.get_by_role("heading", name="La contraseña quedó cambiada")).to_be_visible()
        assert await entra(aplicacion, "operador@example.com", NUEVA)
        assert not await entra(aplicacion, "operador@example.com", CLAVE)
        assert [vista for vista in direcciones if dada["token"] in vista] == []
        await pagina.goto("about:blank")
        await pagina.goto(vista_en(dada["enlace"], origen))
        await poner_claves(pagina, NUEVA)
        await pagina.get_by_role("button", name="Poner la contraseña").click()
        await expect(pagina.get_by_role("alert")).to_contain_text("El enlace no sirve")


class TestCorreo:
    async def test_quien_lo_abre_entra_y_confirma(
        self, pagina: Page, origen: str, mundo: Mundo, direcciones: list[str]
    ) -> None:
        assert mundo.luis.id
        await pagina.goto(f"{origen}/correo#token=nada")
        await pagina.get_by_label("Correo o número de documento").fill("1002")
        await pagina.get_by_label("Contraseña").fill(CLAVE)
        await pagina.get_by_role("button", name="Confirmar el cambio").click()
        await expect(pagina.get_by_role("alert")).to_contain_text("El enlace no sirve")
        # What was opened for this is closed again.
        assert [vista for vista in direcciones if "/auth/logout" in vista]


class TestGarante:
    """The phrase is hashed in the page: it leaves it when it is revealed, and not before."""

    async def test_se_compromete_y_revela(
        self, pagina: Page, origen: str, mundo: Mundo, enviados: list[str], direcciones: list[str]
    ) -> None:
        nombrados, sorteo = await abierto_con_garantes(mundo, "El de los garantes")
        enlace, frase = nombrados[0]["enlace"], "El río Ñame — 1943"
        await pagina.goto(vista_en(enlace, origen))
        await expect(pagina.locator("#quien")).to_have_text("Usted es: Personera")
        await pagina.get_by_role("textbox", name="Su frase").fill("corta")
        await pagina.get_by_role("button", name="Enviar la huella").click()
        await expect(pagina.locator("#error-frase")).to_contain_text("De 12 a 80")
        await pagina.get_by_role("button", name="Proponer una al azar").click()
        await expect(pagina.get_by_role("textbox", name="Su frase")).to_have_value(re.compile("^([0-9a-f]{4} ?){8}$"))
        await pagina.get_by_role("textbox", name="Su frase").fill(f" {frase}  ")
        huella = hashlib.sha256(frase.encode()).hexdigest()
        await expect(pagina.locator("#huella")).to_have_text(huella)
        await pagina.get_by_role("button", name="Enviar la huella").click()
        await expect(pagina.locator("#guardar")).to_have_text(frase)
        assert not [enviado for enviado in enviados if frase in json.dumps(json.loads(enviado), ensure_ascii=False)]
        await mundo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
        await pagina.reload()
        await pagina.get_by_role("textbox", name="La frase que guardó").fill("otra frase cualquiera")
        await pagina.get_by_role("button", name="Revelar la frase").click()
        await expect(pagina.locator("#error-frase_revelada")).to_contain_text("otra")
        await pagina.get_by_role("textbox", name="La frase que guardó").fill(frase)
        await pagina.get_by_role("button", name="Revelar la frase").click()
        await expect(pagina.get_by_role("heading", name="Su frase quedó en el sorteo")).to_be_visible()
        garantes = (await mundo.pedir("GET", f"/sorteo/{sorteo}/garantes"))["items"]
        assert [g["compromiso"] for g in garantes] == [huella, None, None]
        assert garantes[0]["revelada_en"] is not None
        paginas = [vista for vista in direcciones if "/api/" not in vista]
        assert not [vista for vista in paginas if nombrados[0]["token"] in vista]

    async def test_no_se_compromete_con_lo_que_no_podria_revelar(
        self, pagina: Page, origen: str, mundo: Mundo, enviados: list[str]
    ) -> None:
        nombrados, _ = await abierto_con_garantes(mundo, "El de las frases")
        await pagina.goto(vista_en(nombrados[0]["enlace"], origen))
        for frase in IRREVELABLES:
            with pytest.raises(ValidationError):
                RevelacionIn(frase=frase)
            await pagina.get_by_role("textbox", name="Su frase").fill("")
            await pagina.get_by_role("button", name="Enviar la huella").click()
            await pagina.get_by_role("textbox", name="Su frase").fill(frase)
            await pagina.get_by_role("button", name="Enviar la huella").click()
            await expect(pagina.locator("#error-frase")).to_contain_text("De 12 a 80")
        assert enviados == []

    async def test_un_enlace_de_nadie(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        await pagina.goto(f"{origen}/sorteo/{mundo.abierto}/garante#token=nada")
        await expect(pagina.locator("#sin_enlace")).to_be_visible()
        await expect(pagina.locator("#comprometerse")).to_be_hidden()
