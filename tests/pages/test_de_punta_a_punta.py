"""A draw with all that a draw may have, from its draft to its annulment, and the one that repeats it, to its end: over
HTTP, by the clock and by the pages. Colombian rules (levels, balls, arrears, sanctions), reserved spaces, one of them
lent, preferences, three witnesses who never leave their page, and a real round of drand."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from playwright.async_api import Page, expect

import app.main
from app.core import clock
from app.modules.sorteo import motor
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.loteria import fuente, instante
from tests.modules.sorteo.drand.test_ronda import ANTES, NUMERO, REAL
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, huella
from tests.pages.test_formularios import vista_en
from tests.pages.test_navegador import poner, rehacer, verde
from tests.wiring.complejo import RESERVA, Complejo, LatidoALaMano

AUDITOR = "auditor@example.com"
COLOMBIA = Path(__file__).parents[2] / "docs/prioridades/colombia.json"
CIERRE, SABIDO, PUBLICA = (ANTES + timedelta(minutes=m) for m in (30, 90, 120))
FIN = ANTES + timedelta(days=200)
TOPE = 100_000
PUBLICADO = ("reglas", "bases", "padron", "resultado", "exclusiones")
MOTIVO = {"motivo": "un vecino lo impugnó"}
PARAMETROS = {
    "nombre": "Segundo semestre de 2023",
    "vigencia": {"desde": "2023-09-01", "hasta": "2024-02-29"},
    "fuente_entropia": {"tipo": "drand", "ronda": 1000},
    "apertura": instante(ANTES),
    "cierre": instante(CIERRE),
    "aprobacion": "automatica",
    "exige_al_dia": False,
    "max_por_unidad": 2,
    "max_por_tipo": {"carro": 1, "moto": 1},
    "reglamento": "Cada unidad se compromete a usar solo su espacio.",
    "ejecuta_sola": True,
    "publica_en": instante(PUBLICA),
}
EVALUADAS = {
    "101": (1, 1, ["movilidad_reducida", "propietarios"]),
    "102": (3, 5, ["propietarios", "sorteos_perdidos"]),
    "103": (4, 1, ["arrendatarios"]),
    "104": (9, 1, ["en_mora", "propietarios"]),
    "105": (8, 1, ["propietarios", "sancionados"]),
    "106": (8, 1, ["propietarios", "sancionados"]),
}
"""Level, balls and rules of each flat's car: a right, two draws lost, a tenant, arrears, a sanction, and one that
excludes."""


@pytest.fixture(scope="module")
async def aplicacion(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Aplicacion]:
    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(app.main, "Latido", LatidoALaMano)
        parche.setattr(LatidoALaMano, "tareas", [])
        datos = tmp_path_factory.mktemp("punta")
        async with aplicacion_en("pruebas_punta", servidor, cliente_mongo, datos, trabajos=1) as abierta:
            yield abierta
    await cliente_mongo.drop_database("pruebas_punta")


class Viaje:
    """One draw, and who looks at it."""

    def __init__(self, aplicacion: Aplicacion, origen: str, pagina: Page) -> None:
        self.c = Complejo(aplicacion)
        self.reloj, self.cliente = aplicacion.reloj, aplicacion.cliente
        self.origen, self.pagina = origen, pagina
        self.ruta = ""
        self.folios: dict[str, int] = {}
        self.garantes: list[str] = []
        self.mostrado: list[str] = []
        """What anybody was shown before it ran."""

    @property
    def id(self) -> str:
        return self.ruta.rpartition("/")[2]

    async def estado(self) -> str:
        return str((await self.c.pedir("GET", self.ruta))["estado"])

    async def avanza(self, a: datetime, estado: str) -> None:
        self.reloj.poner(a)
        await self.c.latir()
        await self.se_ve(estado)

    async def se_ve(self, estado: str) -> None:
        """So says the API, and so do both pages in both languages."""
        assert await self.estado() == estado
        for camino in ("/sorteo", f"{self.ruta}/verificar"):
            for idioma in ("es", "en"):
                respuesta = await self.cliente.get(f"{camino}?idioma={idioma}")
                assert f'class="estado {estado}"' in respuesta.text, camino
                assert len(respuesta.content) < TOPE
                self.mostrado.append(respuesta.text)

    async def leer(self, que: str, quien: str = "1002") -> Any:
        return await self.c.pedir("GET", f"{self.ruta}/{que}", quien)

    async def pide(self, apartamento: str, espera: int = 0, **mas: Any) -> Any:
        vecina = self.c.vecinas[apartamento]
        cual = {} if "placa" in mas else {"vehiculo_id": vecina.vehiculo}
        pedido = {"sorteo_id": self.id, "acepta_reglamento": True} | cual | mas
        return await self.c.pedir("POST", "/solicitudes", vecina.documento, espera, json=pedido)

    async def garante(self, n: int, titulo: str, frase: str, boton: str) -> None:
        await self.pagina.goto("about:blank")
        await self.pagina.goto(vista_en(self.garantes[n], self.origen))
        await self.pagina.get_by_role("textbox", name=titulo).fill(frase)
        await self.pagina.get_by_role("button", name=boton).click()


@pytest.fixture
async def viaje(aplicacion: Aplicacion, origen: str, pagina: Page) -> AsyncIterator[Viaje]:
    aplicacion.base_propia()
    aplicacion.reloj.poner(ANTES - timedelta(minutes=5))
    clock.usar_fuente(lambda: aplicacion.reloj.instante)
    yield Viaje(aplicacion, origen, pagina)
    clock.usar_fuente(None)


async def test_every_state(viaje: Viaje) -> None:
    await _poblar(viaje)
    await _borrador(viaje)
    await _abierto(viaje)
    evaluadas = await _probabilidades(viaje)
    await _cerrado(viaje, evaluadas)
    await _ejecutado(viaje)
    apartamentos = await _impugnado(viaje, await _publicado(viaje))
    await _repetido(viaje, apartamentos)


async def _poblar(v: Viaje) -> None:
    c = v.c
    await c.cuenta({"email": AUDITOR, "rol": "auditor"})
    ana = await c.muda("101", "Ana", "1001")
    await c.pedir(
        "PUT", f"/residentes/{ana.id}/condiciones/{RESERVA}", json={"estado": "verificada", "persona": "titular"}
    )
    luis = await c.muda("102", "Luis", "1002", perdidos_previos={"carro": 2})
    for vehiculo in ({"tipo": "moto", "placa": "MOT12"}, {"tipo": "carro", "placa": "OTR123"}):
        await c.pedir("POST", f"/residentes/unidades/{luis.unidad}/vehiculos", json=vehiculo)
    await c.muda("103", "Eva", "1003", "arrendatario")
    await c.muda("104", "Teo", "1004", al_dia=False)
    for apartamento, excluye in (("105", False), ("106", True)):
        vecina = await c.muda(apartamento, "Leo", f"1{apartamento}")
        sancion = {"motivo": "ruido", "desde": "2023-08-01", "hasta": "2023-12-31", "excluye": excluye}
        await c.pedir("POST", f"/residentes/unidades/{vecina.unidad}/sanciones", json=sancion)
    sol = await c.muda("107", "Sol", "1007")
    titular = {"unidad_id": sol.unidad, "motivo": "escritura", "desde": "2020-01-01"}
    espacios: list[tuple[str, str, dict[str, Any]]] = [
        *((f"P-{n}", "carro", {}) for n in (1, 2)),
        *((f"R-{n}", "carro", {"reserva": RESERVA}) for n in (1, 2)),
        ("M-1", "moto", {}),
        ("T-1", "carro", {"titular": titular}),
    ]
    for codigo, tipo, mas in espacios:
        await c.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": tipo, **mas})
    await c.pedir("POST", "/sorteo/prioridades/conjuntos", json=json.loads(COLOMBIA.read_bytes()))


async def _borrador(v: Viaje) -> None:
    creado = await v.c.pedir("POST", "/sorteo", json=PARAMETROS)
    avisado = [{"codigo": "tipo_sin_espacio", "datos": {"tipo": "bicicleta"}}]
    assert creado["advertencias"] == [*avisado, {"codigo": "regla_sin_nadie", "datos": {"regla": "rotacion"}}]
    v.ruta = f"/sorteo/{creado['id']}"
    nombrados = await v.c.pedir("POST", f"{v.ruta}/garantes", json={"nombres": NOMBRES})
    v.garantes = [nombrado["enlace"] for nombrado in nombrados["items"]]
    assert (await v.cliente.get(f"{v.ruta}/verificar")).status_code == 404
    await v.c.pedir("GET", v.ruta, "1002", espera=404)


async def _abierto(v: Viaje) -> None:
    await v.avanza(ANTES, "abierto")
    sin_leer = await v.pide("102", espera=422, acepta_reglamento=False)
    assert [e["codigo"] for e in sin_leer["errores"]] == ["reglamento_no_aceptado"]
    for apartamento in EVALUADAS:
        preferencias = ["P-2", "P-1"] if apartamento == "102" else []
        v.folios[apartamento] = (await v.pide(apartamento, preferencias=preferencias))["folio"]
    v.folios["102, su moto"] = (await v.pide("102", placa="MOT12"))["folio"]
    assert (await v.pide("102", espera=409, placa="OTR123"))["codigo"] == "unidad_con_solicitud"
    for n, frase in enumerate(FRASES):
        await v.garante(n, "Su frase", frase, "Enviar la huella")
        await expect(v.pagina.locator("#guardar")).to_have_text(frase)
    await v.se_ve("abierto")


async def _probabilidades(v: Viaje) -> list[dict[str, Any]]:
    """What each has by the rules, for staff and for the flat, and its chances by the engine. Answers the former."""
    evaluadas = await v.c.todas(f"{v.ruta}/evaluacion")
    vistas = {e["folio"]: (e["nivel"], e["boletas"], e["reglas"]) for e in evaluadas}
    assert {a: vistas[v.folios[a]] for a in EVALUADAS} == EVALUADAS
    assert [e["folio"] for e in evaluadas if e["impedimentos"]] == [v.folios["106"]]
    suyas = [v.folios["102"], v.folios["102, su moto"]]
    assert [e for e in evaluadas if e["folio"] in suyas] == await v.leer("evaluacion/yo")
    pedido = {"repeticiones": 400, "sin_regla": "en_mora"}
    trabajo = await v.c.pedir("POST", f"{v.ruta}/simular", AUDITOR, json=pedido)
    while trabajo["estado"] in ("en_cola", "en_curso"):
        await asyncio.sleep(0.1)
        trabajo = await v.c.pedir("GET", f"/trabajos/{trabajo['id']}", AUDITOR)
    (con, sin) = (_por_folio(trabajo["resultado"], lado) for lado in ("actual", "otra"))
    # Four spaces for five cars: by the rules, the last is who owes; without that one, who was sanctioned.
    assert (con[v.folios["104"]], con[v.folios["105"]]) == (0, 1)
    assert (sin[v.folios["104"]], sin[v.folios["105"]]) == (1, 0)
    (suya, _) = await v.leer("probabilidad")
    assert suya["explicacion"] == "Casi seguro."
    return evaluadas


def _por_folio(resultado: Mapping[str, Any], lado: str) -> dict[int, float]:
    return {s["folio"]: s[lado]["probabilidad"] for s in resultado["solicitudes"]}


async def _cerrado(v: Viaje, evaluadas: list[dict[str, Any]]) -> None:
    await v.avanza(CIERRE, "cerrado")
    await v.c.pedir("PATCH", f"/residentes/unidades/{v.c.vecinas['104'].unidad}", json={"al_dia": True})
    congeladas = await v.c.todas(f"{v.ruta}/evaluacion")
    assert [{**e, "padron": None} for e in congeladas] == evaluadas
    fuera = await v.leer("exclusiones")
    assert (fuera["espacios"], fuera["solicitudes"]) == (
        [{"codigo": "T-1", "motivo": "titular"}],
        [{"folio": v.folios["106"], "motivo": "sancionada"}],
    )
    for n in (0, 1):
        await v.garante(n, "La frase que guardó", FRASES[n], "Revelar la frase")
        await expect(v.pagina.get_by_role("heading", name="Su frase quedó en el sorteo")).to_be_visible()
    await v.c.pedir("POST", f"{v.ruta}/ronda", "1003", espera=409, json=REAL)
    await v.avanza(SABIDO, "cerrado")
    await v.c.pedir("POST", f"{v.ruta}/ronda", "1003", espera=422, json=REAL | {"round": 1001})


async def _ejecutado(v: Viaje) -> None:
    await v.c.pedir("POST", f"{v.ruta}/ronda", "1003", json=REAL)
    antes = list(v.mostrado)
    await v.avanza(SABIDO, "ejecutado")
    publico = await v.c.pedir("GET", f"{v.ruta}/verificacion")
    dichas = {huella(frase): frase for frase in FRASES[:2]}
    frases = [dichas.get(compromiso, "") for compromiso in sorted(map(huella, FRASES))]
    assert publico["entropia"] == "|".join([NUMERO, *frases])
    assert not [html for html in antes if any(s in html for s in (publico["secreto"], *FRASES))]
    bases, resultado = [await v.leer(cual) for cual in ("bases", "resultado")]
    assert motor.correr(bases, publico["secreto"], publico["entropia"]) == resultado
    await v.pagina.goto(f"{v.origen}{v.ruta}/verificar")
    await expect(v.pagina.get_by_role("listitem").filter(has_text=NOMBRES[2]).last).to_contain_text("no reveló")
    for cual, contenido in (("bases", bases), ("resultado", resultado)):
        await poner(v.pagina, cual, contenido)
    await rehacer(v.pagina)
    await verde(v.pagina, 6)
    puestos = {r["folio"]: r for r in await v.c.todas(f"{v.ruta}/resultados")}
    assert puestos[v.folios["101"]]["espacio"] in ("R-1", "R-2")
    assert (puestos[v.folios["102"]]["espacio"], puestos[v.folios["102, su moto"]]["espacio"]) == ("P-2", "M-1")
    assert [f for f, r in puestos.items() if r["prestado"]] == [v.folios["105"]]
    assert [f for f, r in puestos.items() if r["espera"]] == [v.folios["104"]]
    (suya,) = await v.leer("resultados/yo", "1004")
    assert [suya[c] for c in ("nivel", "boletas", "reglas", "posicion_en_nivel", "total_en_nivel", "espera")] == [
        *EVALUADAS["104"],
        *(1, 1, 1),
    ]
    assert suya["ultimo_ganador"]["nivel"] == EVALUADAS["105"][0]


async def _publicado(v: Viaje) -> dict[str, Any]:
    """Who had the place lends it to who waits: nobody is left over. Answers all that is published."""
    await v.avanza(PUBLICA, "publicado")
    ganan = {vecina.apartamento: (vecina, suya) for vecina, suya in await v.c.de(v.id, "asignada")}
    await v.c.responde(*ganan["103"], "declinada")
    ((vecina, ofrecida),) = await v.c.de(v.id, "ofrecida")
    assert (vecina.apartamento, ofrecida["espacio"]) == ("104", ganan["103"][1]["espacio"])
    for quien in (ganan["101"], ganan["105"], (vecina, ofrecida)):
        await v.c.responde(*quien, "aceptada")
    return {cual: await v.leer(cual) for cual in PUBLICADO}


async def _impugnado(v: Viaje, publicado: dict[str, Any]) -> list[str]:
    """By two people, and everything of it stays. Answers the flats whose requests that ended, by folio."""
    vivas = sorted(f for a, f in v.folios.items() if a not in ("103", "106"))
    await v.c.pedir("POST", f"{v.ruta}/anular", json=MOTIVO)
    await v.c.pedir("POST", f"{v.ruta}/anular/confirmar", espera=403)
    await v.se_ve("publicado")
    await v.c.pedir("POST", f"{v.ruta}/anular/confirmar", AUDITOR)
    await v.se_ve("anulado")
    assert {cual: await v.leer(cual) for cual in PUBLICADO} == publicado
    await v.pagina.reload()
    await poner(v.pagina, "bases", publicado["bases"])
    await rehacer(v.pagina)
    await verde(v.pagina, 6)
    historia = [h["suceso"] for h in (await v.leer("historial"))["items"]]
    assert historia[-3:] == ["pedir_anulacion", "confirmar_anulacion", "anular"]
    assert await v.c.todas("/sorteo/asignaciones?vigente_en=2023-10-01") == []
    por_folio = {folio: apartamento for apartamento, folio in v.folios.items()}
    return [por_folio[folio].partition(",")[0] for folio in vivas]


async def _repetido(v: Viaje, apartamentos: list[str]) -> None:
    """The requests that the annulment ended take part in another draw, which goes by itself to its end."""
    de_nuevo = PARAMETROS | {
        "repite_a": v.id,
        "fuente_entropia": fuente(PUBLICA + timedelta(days=2)),
        "apertura": None,
        "cierre": instante(PUBLICA + timedelta(days=1)),
        "ejecuta_sola": False,
        "publica_en": instante(PUBLICA + timedelta(days=3)),
    }
    v.ruta = f"/sorteo/{(await v.c.pedir('POST', '/sorteo', json=de_nuevo))['id']}"
    await v.c.pedir("POST", f"{v.ruta}/abrir")
    copias = sorted(await v.c.todas(f"/solicitudes?sorteo_id={v.id}"), key=lambda s: s["folio"])
    unidades = {vecina.unidad: apartamento for apartamento, vecina in v.c.vecinas.items()}
    assert [unidades[s["unidad_id"]] for s in copias] == apartamentos
    assert {s["estado"] for s in copias} == {"aprobada"}
    await v.avanza(PUBLICA + timedelta(days=1), "cerrado")
    v.reloj.poner(PUBLICA + timedelta(days=2))
    await v.c.pedir("POST", f"{v.ruta}/ejecutar", json={"entropia": "1234 serie 567"})
    await v.avanza(PUBLICA + timedelta(days=3), "publicado")
    # Whoever does not answer in time loses it, and the term ends by itself.
    await v.avanza(PUBLICA + timedelta(days=7), "publicado")
    assert {s["estado"] for s in await v.c.todas(f"/solicitudes?sorteo_id={v.id}")} == {"vencida"}
    await v.avanza(FIN, "finalizado")
