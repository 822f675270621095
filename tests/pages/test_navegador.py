"""The pages in Chromium: a draw computed again, files that somebody changed, links that were sent."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Download, Page, expect

from app.modules.sorteo import motor
from app.modules.sorteo.motor import Bases, Espacio, Participante
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, V1, Mundo

TODO_IGUAL = re.compile(r"Todo coincide: el sorteo de (\d+) participantes")
DATOS = re.compile(r'(<script type="application/json" id="datos">).*?(</script>)', re.DOTALL)


async def verificar(pagina: Page, origen: str, sorteo: str) -> None:
    await pagina.goto(f"{origen}/sorteo/{sorteo}/verificar")


async def archivo(aplicacion: Aplicacion, mundo: Mundo, cual: str) -> bytes:
    respuesta = await aplicacion.cliente.get(f"{V1}/sorteo/{mundo.publicado}/{cual}", headers=mundo.quien["residente"])
    assert respuesta.status_code == 200
    return respuesta.content


async def poner(pagina: Page, cual: str, contenido: bytes) -> None:
    await pagina.set_input_files(
        f"#{cual}", {"name": f"{cual}.jsonl", "mimeType": "application/jsonl", "buffer": contenido}
    )


async def rehacer(pagina: Page) -> None:
    await pagina.get_by_role("button", name="Rehacer el sorteo").click()


async def verde(pagina: Page, cuantos: int) -> None:
    await expect(pagina.locator("#veredicto")).to_contain_text(TODO_IGUAL)
    await expect(pagina.locator("#veredicto.bien")).to_contain_text(f"de {cuantos} participantes")


async def rojo(pagina: Page, *frases: str) -> None:
    for frase in frases:
        await expect(pagina.locator("#veredicto.mal")).to_contain_text(frase)


class TestConSesion:
    async def test_trae_los_archivos_y_coincide(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        await verificar(pagina, origen, mundo.publicado)
        await pagina.locator("summary", has_text="Entrar").click()
        formulario = pagina.locator("#entrada")
        await formulario.get_by_label("Correo o número de documento").fill("1001")
        await formulario.get_by_label("Contraseña").fill("otra cosa")
        await formulario.get_by_role("button").click()
        await expect(formulario.get_by_role("alert")).not_to_be_empty()
        await formulario.get_by_label("Contraseña").fill(CLAVE)
        await formulario.get_by_role("button").click()
        await expect(pagina.locator("#con_sesion")).to_be_focused()
        await rehacer(pagina)
        await verde(pagina, 2)
        assert await pagina.locator("#veredicto li").count() == 9

    async def test_tambien_con_un_token(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        await verificar(pagina, origen, mundo.publicado)
        await pagina.locator("summary", has_text="Usar un token").click()
        formulario = pagina.locator("#con_token")
        await formulario.get_by_label("Token").fill("x")
        await formulario.get_by_role("button").click()
        await expect(formulario.get_by_role("alert")).not_to_be_empty()
        await formulario.get_by_label("Token").fill(mundo.quien["vecino"]["Authorization"].removeprefix("Bearer "))
        await formulario.get_by_role("button").click()
        await expect(pagina.locator("#con_sesion")).to_be_visible()
        await rehacer(pagina)
        await verde(pagina, 2)

    async def test_la_sesion_no_queda_en_ninguna_parte(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        await verificar(pagina, origen, mundo.publicado)
        assert await pagina.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


class TestConArchivos:
    async def test_coincide(self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo) -> None:
        await verificar(pagina, origen, mundo.publicado)
        await rehacer(pagina)
        await rojo(pagina, "Entre, o escoja el archivo de las bases.")
        await poner(pagina, "bases", await archivo(aplicacion, mundo, "bases"))
        await rehacer(pagina)
        await verde(pagina, 2)
        await poner(pagina, "resultado", await archivo(aplicacion, mundo, "resultado"))
        await rehacer(pagina)
        await expect(pagina.locator("#veredicto")).to_contain_text("línea por línea")

    async def test_bases_cambiadas(self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo) -> None:
        bases = await archivo(aplicacion, mundo, "bases")
        await verificar(pagina, origen, mundo.publicado)
        await poner(pagina, "bases", bases.replace(b'"boletas":1,', b'"boletas":9,', 1))
        await rehacer(pagina)
        await rojo(pagina, "no es el que se fijó al cerrar", hashlib.sha256(bases).hexdigest())

    async def test_resultado_cambiado(self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo) -> None:
        bases, resultado = [await archivo(aplicacion, mundo, cual) for cual in ("bases", "resultado")]
        primera, segunda = resultado.splitlines(keepends=True)
        await verificar(pagina, origen, mundo.publicado)
        await poner(pagina, "bases", bases)
        for cambiado, linea in (
            (primera + segunda.replace(b"P-0", b"P-9"), 2),
            (segunda + primera, 1),
            (primera, 2),
            (resultado + b"\n", 3),
            (resultado[:-1], 2),
            (b"\xef\xbb\xbf" + resultado, 1),
            (b"", 1),
        ):
            await poner(pagina, "resultado", cambiado)
            await rehacer(pagina)
            await rojo(pagina, f"La primera diferencia está en la línea {linea} del resultado.")

    async def test_sin_cripto_ni_trabajadores(
        self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo
    ) -> None:
        """As in an old browser, or over plain http."""
        await pagina.add_init_script(
            "delete window.Worker; Object.defineProperty(window, 'crypto', {value: undefined})"
        )
        await verificar(pagina, origen, mundo.publicado)
        assert await pagina.evaluate("typeof crypto + typeof Worker") == "undefinedundefined"
        await poner(pagina, "bases", await archivo(aplicacion, mundo, "bases"))
        await rehacer(pagina)
        await verde(pagina, 2)

    async def test_lo_que_no_se_ha_corrido(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        await verificar(pagina, origen, mundo.abierto)
        await rehacer(pagina)
        await rojo(pagina, "todavía no se ha corrido")


class TestBoleta:
    async def test_por_folio(self, pagina: Page, origen: str, aplicacion: Aplicacion, mundo: Mundo) -> None:
        lineas = [json.loads(linea) for linea in (await archivo(aplicacion, mundo, "resultado")).splitlines()]
        semilla = (await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/verificacion"))["semilla"]
        await verificar(pagina, origen, mundo.publicado)
        folio, buscar = pagina.locator("#folio"), pagina.get_by_role("button", name="Buscar")
        await buscar.click()
        await expect(folio).to_be_focused()
        await expect(folio).to_have_attribute("aria-invalid", "true")
        await folio.fill("1")
        await buscar.click()
        await expect(pagina.locator("#busqueda").get_by_role("alert")).to_contain_text("Entre, o escoja")
        await poner(pagina, "bases", await archivo(aplicacion, mundo, "bases"))
        for linea in lineas:
            await folio.fill(linea["id"])
            await folio.press("Enter")
            boleta = pagina.locator("#boleta")
            await expect(boleta).to_contain_text(f"Obtuvo el espacio {linea['espacio']}.")
            await expect(boleta).to_contain_text(f"{linea['posicion']} de 2")
            await boleta.locator("summary").click()
            await expect(boleta).to_contain_text(f'sha256("{semilla}:{linea["id"]}:1") = {linea["numero"]}')
        await folio.fill("77")
        await buscar.click()
        await expect(pagina.locator("#boleta")).to_contain_text("El folio 77 no está")

    async def test_cuatro_valores(self, pagina: Page, origen: str, mundo: Mundo) -> None:
        publicado = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/verificacion")
        await verificar(pagina, origen, mundo.publicado)
        cuentas, hacer = pagina.locator("#cuentas"), pagina.get_by_role("button", name="Hacer las cuentas")
        for campo in ("secreto", "huella", "entropia"):
            await pagina.locator(f"#{campo}").fill(publicado[campo])
        await pagina.locator("#suyo").fill("2")
        await hacer.click()
        esperada = hashlib.sha256(f"{publicado['semilla']}:2:1".encode()).hexdigest()
        for valor in (publicado["compromiso"], publicado["semilla"], esperada, "✓ Es el compromiso", "✓ Es la semilla"):
            await expect(cuentas).to_contain_text(valor)
        await pagina.locator("#entropia").fill("1234 serie 568")
        await hacer.click()
        await expect(cuentas).to_contain_text("✗ No es la semilla publicada.")
        await pagina.get_by_role("button", name="Llenar").click()
        await expect(pagina.locator("#suyo")).to_be_focused()
        await hacer.click()
        await expect(cuentas).to_contain_text("✓ Es la semilla publicada.")


@pytest.fixture
def a_disco(pagina: Page, origen: str, mundo: Mundo, descargas: Path) -> Callable[[], Any]:
    async def guardar() -> Path:
        await verificar(pagina, origen, mundo.publicado)
        async with pagina.expect_download() as espera:
            await pagina.get_by_role("link", name="Descargar esta página").click()
        descarga: Download = await espera.value
        destino = descargas / descarga.suggested_filename
        await descarga.save_as(destino)
        return destino

    return guardar


class TestCopia:
    async def test_sirve_sin_red(
        self, pagina: Page, a_disco: Callable[[], Any], aplicacion: Aplicacion, mundo: Mundo
    ) -> None:
        destino = await a_disco()
        bases, resultado = [await archivo(aplicacion, mundo, cual) for cual in ("bases", "resultado")]
        pedidas: list[str] = []
        pagina.on("request", lambda pedida: pedidas.append(pedida.url))
        await pagina.context.set_offline(True)
        await pagina.goto(destino.as_uri())
        await poner(pagina, "bases", bases)
        await poner(pagina, "resultado", resultado)
        await rehacer(pagina)
        await verde(pagina, 2)
        assert await pagina.locator("#sesion").count() == 0
        assert [url for url in pedidas if not url.startswith(("file:", "blob:", "data:"))] == []

    @pytest.mark.parametrize("cuantos", [50_000, 250_000])
    async def test_una_ciudad(
        self, pagina: Page, a_disco: Callable[[], Any], descargas: Path, mundo: Mundo, cuantos: int
    ) -> None:
        destino = await a_disco()
        bases, publicado = _ciudad(cuantos)
        (descargas / "bases.jsonl").write_bytes(bases)
        html = destino.read_text(encoding="utf-8")
        datos = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/verificacion") | publicado
        destino.write_text(
            DATOS.sub(lambda hallado: hallado[1] + json.dumps(datos) + hallado[2], html), encoding="utf-8"
        )
        await pagina.goto(destino.as_uri())
        await pagina.set_input_files("#bases", descargas / "bases.jsonl")
        await rehacer(pagina)
        await expect(pagina.get_by_role("progressbar")).to_be_visible()
        await verde(pagina, cuantos)
        await pagina.locator("#folio").fill(str(cuantos - 1))
        await pagina.locator("#folio").press("Enter")
        await expect(pagina.locator("#boleta")).to_contain_text(f"de {cuantos}")


def _ciudad(cuantos: int) -> tuple[bytes, dict[str, str]]:
    azar, secreto, entropia = random.Random(5), "c1" * 32, "9" * 4  # noqa: S311 - the same city each time
    codigos = [f"P-{n:05}" for n in range(cuantos // 3)]
    bases = Bases(
        sorteo="ciudad",
        compromiso=motor.compromiso_de(secreto),
        fuente="f",
        liberar_reservas=True,
        espacios=tuple(
            Espacio(c, azar.choice(["carro", "moto"]), azar.choice([None, None, "adulto_mayor"])) for c in codigos
        ),
        participantes=tuple(
            Participante(
                id=str(n),
                nivel=azar.randint(3, 5),
                boletas=azar.choice([1, 2, 10]),
                tipos=tuple(azar.sample(["carro", "moto"], azar.randint(1, 2))),
                condiciones=("adulto_mayor",) if azar.random() < 0.1 else (),
                preferencias=tuple(azar.choices(codigos, k=3)),
            )
            for n in range(cuantos)
        ),
    )
    dato = motor.escribir_bases(bases)
    huella = motor.sha256_hex(dato)
    return dato, {
        "sorteo_id": bases.sorteo,
        "fuente": bases.fuente,
        "compromiso": bases.compromiso,
        "huella": huella,
        "secreto": secreto,
        "entropia": entropia,
        "semilla": motor.semilla_de(secreto, huella, entropia),
        "huella_resultado": motor.sha256_hex(motor.correr(dato, secreto, entropia)),
    }
