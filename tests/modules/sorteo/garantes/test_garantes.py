"""Witnesses: who names them, when they commit and reveal, and what their phrases make of the number."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.turnos import service as turnos
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, RESIDENTE
from tests.modules.sorteo.pasos.test_apertura import secreto_de

NOMBRES = ["Personera", "Vecino del 301", "Contadora"]
FRASES = ["caracola verde 1943", "el río no vuelve atrás", "tres tristes tigres"]


def huella(frase: str) -> str:
    return hashlib.sha256(frase.encode()).hexdigest()


async def nombrar(api: Api, sorteo: Sorteo, nombres: list[str] = NOMBRES) -> list[str]:
    """Their tokens."""
    hecho = await api.pedir("POST", f"/{sorteo.id}/garantes", json={"nombres": nombres})
    assert hecho.status_code == 201, hecho.text
    return [garante["token"] for garante in hecho.json()["items"]]


async def comprometer(api: Api, sorteo: Sorteo, token: str, frase: str) -> httpx.Response:
    ruta = f"/{sorteo.id}/garantes/{token}/compromiso"
    return await api.pedir("POST", ruta, None, json={"compromiso": huella(frase)})


async def revelar(api: Api, sorteo: Sorteo, token: str, frase: str) -> httpx.Response:
    return await api.pedir("POST", f"/{sorteo.id}/garantes/{token}/revelacion", None, json={"frase": frase})


async def ejecutar(api: Api, sorteo: Sorteo, entropia: str | None = ENTROPIA) -> httpx.Response:
    return await api.pedir("POST", f"/{sorteo.id}/ejecutar", json={"entropia": entropia})


async def con_compromisos(api: Api, **cambios: Any) -> tuple[Sorteo, list[str]]:
    """An open draw whose three witnesses have committed."""
    sorteo = await api.casa.abierto(**cambios)
    await api.casa.pedir(sorteo, 4)
    tokens = await nombrar(api, sorteo)
    for token, frase in zip(tokens, FRASES, strict=True):
        assert (await comprometer(api, sorteo, token, frase)).status_code == 200
    return sorteo, tokens


class TestNombrar:
    @pytest.mark.parametrize(
        ("nombres", "campo", "codigo"),
        [
            (["Ana", "Luis"], "nombres", "muy_corto"),
            ([f"Garante {n}" for n in range(11)], "nombres", "muy_largo"),
            (["Ana", "Luis", "Ana"], "nombres", "repetido"),
            (["Ana", "Luis", ""], "nombres.2", "muy_corto"),
        ],
    )
    async def test_three_to_ten(self, api: Api, nombres: list[str], campo: str, codigo: str) -> None:
        sorteo = await api.casa.borrador()
        respuesta = await api.pedir("POST", f"/{sorteo.id}/garantes", json={"nombres": nombres})
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, codigo)]

    async def test_links_are_shown_once(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        hecho = (await api.pedir("POST", f"/{sorteo.id}/garantes", json={"nombres": NOMBRES})).json()
        for nombre, garante in zip(NOMBRES, hecho["items"], strict=True):
            assert garante["nombre"] == nombre
            assert garante["enlace"] == f"https://sorteo.example/sorteo/{sorteo.id}/garante#token={garante['token']}"
        tokens = [garante["token"] for garante in hecho["items"]]
        vistos = await api.pedir("GET", f"/{sorteo.id}/garantes", RESIDENTE)
        nada = dict.fromkeys(["compromiso", "comprometido_en", "revelada_en", "frase"])
        assert vistos.json() == {"items": [{"nombre": nombre} | nada for nombre in NOMBRES]}
        guardado = repr(await Sorteo.get_motor_collection().find_one({"_id": sorteo.id}))
        assert not [token for token in tokens if token in guardado]

    async def test_again_until_one_has_committed(self, api: Api) -> None:
        sorteo = await api.casa.borrador()
        viejos = await nombrar(api, sorteo)
        nuevos = await nombrar(api, sorteo, ["Uno más", "Otra más", "Y otro"])
        await api.casa.apertura.abrir(sorteo.oid)
        assert problema(await comprometer(api, sorteo, viejos[0], FRASES[0])) == (404, "no_encontrado")
        assert (await comprometer(api, sorteo, nuevos[0], FRASES[0])).status_code == 200
        otra_vez = await api.pedir("POST", f"/{sorteo.id}/garantes", json={"nombres": NOMBRES})
        assert problema(otra_vez) == (409, "garantes_comprometidos")

    async def test_not_from_the_closing_on(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        respuesta = await api.pedir("POST", f"/{sorteo.id}/garantes", json={"nombres": NOMBRES})
        assert problema(respuesta) == (409, "transicion_invalida")


class TestCompromiso:
    async def test_once_and_for_ever(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        ana, luis, _ = await nombrar(api, sorteo)
        hecho = await comprometer(api, sorteo, ana, FRASES[0])
        assert (hecho.json()["nombre"], hecho.json()["compromiso"]) == (NOMBRES[0], huella(FRASES[0]))
        assert (await comprometer(api, sorteo, ana, FRASES[0])).json() == hecho.json()
        assert problema(await comprometer(api, sorteo, ana, FRASES[1])) == (409, "compromiso_fijado")
        assert problema(await comprometer(api, sorteo, luis, FRASES[0])) == (409, "compromiso_repetido")
        propio = await api.pedir("GET", f"/{sorteo.id}/garantes/{ana}", None)
        assert propio.json() == hecho.json()

    async def test_of_two_with_the_same_one_wins(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        tokens = await nombrar(api, sorteo)
        hechos = await asyncio.gather(*(comprometer(api, sorteo, token, FRASES[0]) for token in tokens))
        assert sorted(hecho.status_code for hecho in hechos) == [200, 409, 409]

    async def test_only_while_it_is_open(self, api: Api) -> None:
        sorteo = await api.casa.borrador(cierre=instante(DISPONIBLE - timedelta(days=1)))
        ana, luis, marta = await nombrar(api, sorteo)
        assert problema(await comprometer(api, sorteo, ana, FRASES[0])) == (409, "transicion_invalida")
        await api.casa.apertura.abrir(sorteo.oid)
        assert (await comprometer(api, sorteo, ana, FRASES[0])).status_code == 200
        api.casa.reloj.poner(DISPONIBLE - timedelta(days=1))  # the clock comes, and nobody has closed it yet
        assert problema(await comprometer(api, sorteo, luis, FRASES[1])) == (409, "compromiso_tardio")
        await api.casa.cierre.cerrar(sorteo.oid)
        assert problema(await comprometer(api, sorteo, marta, FRASES[2])) == (409, "compromiso_tardio")

    async def test_not_while_somebody_closes(self, api: Api) -> None:
        """The bases name the commitments, so none comes in behind the back of a closing."""
        sorteo = await api.casa.abierto()
        ana, *_ = await nombrar(api, sorteo)
        await api.casa.r_turnos.tomar(sorteo.oid, paso="cerrar", ficha="de otro", duracion=turnos.DURACION)
        assert problema(await comprometer(api, sorteo, ana, FRASES[0])) == (409, "compromiso_tardio")

    async def test_another_token_is_nobodys(self, api: Api) -> None:
        sorteo, otro = await api.casa.abierto(), await api.casa.abierto()
        (ana, *_), _ = await nombrar(api, sorteo), await nombrar(api, otro)
        assert problema(await comprometer(api, otro, ana, FRASES[0])) == (404, "no_encontrado")


class TestRevelacion:
    async def test_after_the_closing_and_before_the_number(self, api: Api) -> None:
        sorteo, (ana, luis, marta) = await con_compromisos(api)
        assert problema(await revelar(api, sorteo, ana, FRASES[0])) == (409, "revelacion_prematura")
        await api.casa.cierre.cerrar(sorteo.oid)
        hecho = await revelar(api, sorteo, ana, f"  {FRASES[0]} ")
        assert (hecho.status_code, hecho.json()["frase"]) == (200, None)  # published with the number
        assert hecho.json()["revelada_en"] is not None
        assert (await revelar(api, sorteo, ana, FRASES[0])).json() == hecho.json()
        ajena = await revelar(api, sorteo, luis, FRASES[0])
        assert [(e["campo"], e["codigo"]) for e in ajena.json()["errores"]] == [("frase", "frase_ajena")]
        api.casa.reloj.poner(DISPONIBLE)
        assert problema(await revelar(api, sorteo, marta, FRASES[2])) == (409, "revelacion_tardia")

    async def test_nothing_to_compare_with(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        ana, *_ = await nombrar(api, sorteo)
        await api.casa.cierre.cerrar(sorteo.oid)
        assert problema(await revelar(api, sorteo, ana, FRASES[0])) == (409, "sin_compromiso")

    @pytest.mark.parametrize("frase", ["corta", "con | barra en medio", "x" * 81])
    async def test_no_phrase(self, api: Api, frase: str) -> None:
        sorteo, (ana, *_) = await con_compromisos(api)
        await api.casa.cierre.cerrar(sorteo.oid)
        respuesta = await revelar(api, sorteo, ana, frase)
        assert [e["campo"] for e in respuesta.json()["errores"]] == ["frase"]


class TestSorteo:
    async def test_three_witnesses(self, api: Api) -> None:
        """One of them does not reveal: the phrase counts as empty, and everybody sees whose it was."""
        casa = api.casa
        await casa.espacios("A-1", "A-2")
        sorteo, tokens = await con_compromisos(api)
        antes = await api.ver(f"/{sorteo.id}/verificacion", None)
        assert antes["fuente"] == sorteo.fuente_entropia.texto
        await casa.cierre.cerrar(sorteo.oid)
        for token, frase in list(zip(tokens, FRASES, strict=True))[:2]:
            await revelar(api, sorteo, token, frase)
        casa.reloj.poner(DISPONIBLE)
        hecho = (await ejecutar(api, sorteo)).json()
        en_orden = sorted(FRASES, key=huella)
        esperada = "|".join([ENTROPIA, *("" if frase == FRASES[2] else frase for frase in en_orden)])
        assert hecho["entropia"] == esperada
        for otra_vez in (ENTROPIA, esperada, None):
            assert (await ejecutar(api, sorteo, otra_vez)).json() == hecho
        bases, resultado = [
            (await api.pedir("GET", f"/{sorteo.id}/{archivo}", RESIDENTE)).content for archivo in ("bases", "resultado")
        ]
        assert resultado == motor.correr(bases, await secreto_de(casa, sorteo), esperada)
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        compromisos = "|".join(map(huella, en_orden))
        assert visto["fuente"] == f"{sorteo.fuente_entropia.texto}; |{huella(compromisos)}"
        assert motor.leer_bases(bases).fuente == visto["fuente"]
        assert [(g["compromiso"], g["frase"]) for g in visto["garantes"]] == [
            (huella(frase), None if frase == FRASES[2] else frase) for frase in en_orden
        ]
        assert {g["nombre"] for g in visto["garantes"] if g["revelada_en"] is None} == {NOMBRES[2]}

    async def test_who_committed_to_nothing_is_not_waited_for(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        ana, *_ = await nombrar(api, sorteo)
        await comprometer(api, sorteo, ana, FRASES[0])
        await api.casa.cierre.cerrar(sorteo.oid)
        await revelar(api, sorteo, ana, FRASES[0])
        api.casa.reloj.poner(DISPONIBLE)
        assert (await ejecutar(api, sorteo)).json()["entropia"] == f"{ENTROPIA}|{FRASES[0]}"
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        assert [g["compromiso"] for g in visto["garantes"]] == [huella(FRASES[0]), None, None]

    @pytest.mark.parametrize("cambio", [None, "otra frase cualquiera"])
    async def test_phrases_that_somebody_wrote(self, api: Api, cambio: str | None) -> None:
        """Whoever reads the secret and drops a phrase, or writes one, would choose among draws."""
        sorteo, tokens = await con_compromisos(api)
        await api.casa.cierre.cerrar(sorteo.oid)
        await revelar(api, sorteo, tokens[0], FRASES[0])
        (n,) = [n for n, g in enumerate((await api.casa.sorteos.ver(sorteo.oid)).garantes) if g.frase is not None]
        otro = n if cambio is None else (n + 1) % 3
        await api.casa.r_sorteos.update_one({"_id": sorteo.id}, {"$set": {f"garantes.{otro}.frase": cambio}})
        api.casa.reloj.poner(DISPONIBLE)
        respuesta = await ejecutar(api, sorteo)
        assert (*problema(respuesta), respuesta.json()["datos"]) == (409, "bases_alteradas", {"donde": "garantes"})
        assert (await api.casa.sorteos.ver(sorteo.oid)).entropia is None

    async def test_phrases_are_told_with_the_number(self, api: Api) -> None:
        sorteo, tokens = await con_compromisos(api)
        await api.casa.cierre.cerrar(sorteo.oid)
        await revelar(api, sorteo, tokens[0], FRASES[0])
        for ruta in (f"/{sorteo.id}", f"/{sorteo.id}/verificacion", f"/{sorteo.id}/garantes"):
            assert FRASES[0] not in (await api.pedir("GET", ruta, ADMIN)).text

    async def test_a_rehearsal_has_no_clock(self, api: Api) -> None:
        sorteo, tokens = await con_compromisos(api, ensayo=True)
        await api.casa.cierre.cerrar(sorteo.oid)
        api.casa.reloj.poner(DISPONIBLE)
        assert (await revelar(api, sorteo, tokens[0], FRASES[0])).status_code == 200
        await ejecutar(api, sorteo)
        assert problema(await revelar(api, sorteo, tokens[1], FRASES[1])) == (409, "revelacion_tardia")
