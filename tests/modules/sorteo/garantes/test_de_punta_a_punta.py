"""A draw that nobody can rig: a real round of drand, three witnesses, and the clock. From draft to published by HTTP
and the beat, and checked from outside with the commands that it publishes."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from beanie import PydanticObjectId

from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.drand.test_ronda import ANTES, FUENTE, NUMERO, REAL
from tests.modules.sorteo.factories import DISPONIBLE, RESIDENTE, cuerpo_sorteo
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, huella
from tests.modules.sorteo.terminal import en_bash


@pytest.mark.parametrize("callan", [0, 1])
async def test_from_draft_to_published(api: Api, tmp_path: Path, callan: int) -> None:
    casa = api.casa
    casa.reloj.poner(ANTES)
    cierre = ANTES + timedelta(minutes=30)
    await casa.espacios("A-1", "A-2")
    cuerpo = cuerpo_sorteo(
        vigencia={"desde": "2023-09-01", "hasta": "2024-02-29"},
        fuente_entropia=FUENTE,
        apertura=instante(ANTES),
        cierre=instante(cierre),
        ejecuta_sola=True,
        publica_en=instante(ANTES + timedelta(hours=2)),
    )
    sorteo = (await api.pedir("POST", "", json=cuerpo)).json()
    ruta = f"/{sorteo['id']}"
    nombrados = (await api.pedir("POST", f"{ruta}/garantes", json={"nombres": NOMBRES})).json()["items"]

    async def de_garante(n: int, paso: str, cuerpo: dict[str, str]) -> None:
        hecho = await api.pedir("POST", f"{ruta}/garantes/{nombrados[n]['token']}/{paso}", None, json=cuerpo)
        assert hecho.status_code == 200, hecho.text

    async def estado() -> str:
        await casa.tareas.atender()
        return str((await api.ver(ruta))["estado"])

    assert await estado() == "abierto"
    guardado = await casa.sorteos.ver(PydanticObjectId(sorteo["id"]))
    await casa.pedir(guardado, 4, estado="aprobada")
    for n, frase in enumerate(FRASES):
        await de_garante(n, "compromiso", {"compromiso": huella(frase)})
    casa.reloj.poner(cierre)
    assert await estado() == "cerrado"
    for n in range(3 - callan):
        await de_garante(n, "revelacion", {"frase": FRASES[n]})
    assert problema(await api.pedir("POST", f"{ruta}/ronda", RESIDENTE, json=REAL)) == (409, "entropia_prematura")
    casa.reloj.poner(guardado.fuente_entropia.conocible_desde)
    assert await estado() == "cerrado"  # nobody has handed the round in
    assert (await api.pedir("POST", f"{ruta}/ronda", RESIDENTE, json=REAL)).json()["estado"] == "cerrado"
    assert await estado() == "ejecutado"
    casa.reloj.poner(ANTES + timedelta(hours=2))
    assert await estado() == "publicado"
    visto = await api.ver(f"{ruta}/verificacion", None)
    dichas = {huella(frase): frase for frase in FRASES[: 3 - callan]}
    frases = [dichas.get(compromiso, "") for compromiso in sorted(map(huella, FRASES))]
    assert visto["entropia"] == "|".join([NUMERO, *frases])
    for archivo in ("reglas", "bases", "padron", "resultado"):
        contenido = (await api.pedir("GET", f"{ruta}/{archivo}", RESIDENTE)).content
        (tmp_path / f"{archivo}.jsonl").write_bytes(contenido)
    comprobados = []
    for comando in visto["comandos"]:
        if comando.startswith("curl"):
            continue  # there is no network here
        hecho = await en_bash(comando, tmp_path)
        assert (hecho.returncode, hecho.stderr) == (0, ""), comando
        que, _, dicho = comando.partition("  # ")[2].partition(" ")
        if que in ("compromisos", "garante", "randomness", "semilla", "huella", "compromiso"):
            assert hecho.stdout.split()[0] == dicho
            comprobados.append(que)
    assert comprobados.count("garante") == 3 - callan
    assert {"compromisos", "randomness", "semilla"} <= set(comprobados)
    assert visto["fuente"].endswith(f"; |{hashlib.sha256('|'.join(sorted(map(huella, FRASES))).encode()).hexdigest()}")


class TestPorSiSolo:
    async def test_needs_a_round(self, api: Api) -> None:
        respuesta = await api.pedir("POST", "", json=cuerpo_sorteo(ejecuta_sola=True))
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("ejecuta_sola", "solo_drand")]

    async def test_not_published_before_its_number(self, api: Api) -> None:
        respuesta = await api.pedir("POST", "", json=cuerpo_sorteo(publica_en="2026-03-05T00:00:00Z"))
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("publica_en", "publica_antes")]

    async def test_the_round_of_a_draw_that_somebody_runs(self, api: Api) -> None:
        api.casa.reloj.poner(ANTES)
        sorteo = await api.casa.cerrado(2, fuente_entropia=FUENTE)
        api.casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/ronda", RESIDENTE, json=REAL)
        assert problema(respuesta) == (409, "transicion_invalida")

    async def test_not_while_an_annulment_waits(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.ejecutado(2, publica_en=instante(DISPONIBLE + timedelta(hours=1)))
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        casa.reloj.avanzar(hours=50)
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "ejecutado"
