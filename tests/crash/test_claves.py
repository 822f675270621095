"""A POST under an `Idempotency-Key`, with processes that die at it and several at once: it happens once."""

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import httpx
import pytest

from tests.crash.edificio import (
    ENTROPIA,
    SOLICITUDES,
    Api,
    Datos,
    Escena,
    Muerte,
    api,
    base,
    esperar,
    jugar_hasta_cerrar,
)

pytestmark = pytest.mark.mongod

ESPACIO = {"codigo": "K-01", "tipo": "carro"}
REPOSITORIO = "app.core.idempotency.repository:RespuestaRepository"
AL_CREAR = [
    Muerte(f"{REPOSITORIO}.estrenar", 1, "despues"),  # the key is taken, nothing is done
    Muerte(f"{REPOSITORIO}.guardar", 1, "despues"),  # all but the commit
]


@pytest.fixture
def datos(vacia: Escena) -> Datos:
    return vacia.reponer()


def insistir(viva: Api, ruta: str, cuerpo: Any, clave: str) -> httpx.Response:
    """As a client does: again, as long as the first call is taken for alive."""
    respuestas: list[httpx.Response] = []

    def llega() -> bool:
        respuestas.append(viva.pedir("POST", ruta, cuerpo, clave))
        codigo = None if respuestas[-1].is_success else respuestas[-1].json()["codigo"]
        assert codigo in (None, "en_curso")
        return codigo is None

    esperar(llega, "que la clave quede libre")
    return respuestas[-1]


def cuantos(datos: Datos, coleccion: str) -> int:
    with base(datos) as guardado:
        return int(guardado[coleccion].count_documents({}))


def test_despues_de_cada_muerte_se_hace_una_vez(datos: Datos) -> None:
    for numero, muerte in enumerate(AL_CREAR):
        cuerpo = ESPACIO | {"codigo": f"K-{numero}"}
        with api(datos, muerte=muerte) as viva:
            viva.muere("POST", "/sorteo/espacios", cuerpo, f"clave-{numero}")
        assert cuantos(datos, "espacios") == numero, "lo que no tiene respuesta no está hecho"
        with api(datos) as viva:
            hecha = insistir(viva, "/sorteo/espacios", cuerpo, f"clave-{numero}")
            assert hecha.status_code == 201
            otra = viva.pedir("POST", "/sorteo/espacios", cuerpo, f"clave-{numero}")
            assert (otra.content, otra.headers["idempotency-replayed"]) == (hecha.content, "true")
        assert cuantos(datos, "espacios") == numero + 1


def test_la_respuesta_que_se_perdio_se_repite_aunque_el_proceso_muera(datos: Datos) -> None:
    with api(datos) as viva:
        hecha = viva.pedir("POST", "/sorteo/espacios", ESPACIO, "clave")
        viva.proceso.send_signal(signal.SIGKILL)
        viva.proceso.wait()
    with api(datos) as viva:
        repetida = viva.pedir("POST", "/sorteo/espacios", ESPACIO, "clave")
        assert (repetida.status_code, repetida.content) == (201, hecha.content)
        assert repetida.headers["idempotency-replayed"] == "true"
        assert repetida.headers["location"] == hecha.headers["location"]


def test_veinte_a_la_vez_en_dos_procesos_son_una(datos: Datos) -> None:
    with api(datos) as una, api(datos) as otra, ThreadPoolExecutor(20) as hilos:
        llamadas = [
            hilos.submit(viva.pedir, "POST", "/sorteo/espacios", ESPACIO, "clave")
            for viva in islice(cycle((una, otra)), 20)
        ]
        respuestas = [llamada.result() for llamada in llamadas]
        hechas = [r for r in respuestas if r.status_code == 201]
        assert hechas
        assert len({r.content for r in hechas}) == 1
        assert {r.json()["codigo"] for r in respuestas if r not in hechas} <= {"en_curso"}
        assert [v.pedir("POST", "/sorteo/espacios", ESPACIO, "clave").content for v in (una, otra)] == [
            hechas[0].content
        ] * 2
    assert cuantos(datos, "espacios") == 1


def test_un_paso_largo_a_medias_lo_termina_quien_repite(datos: Datos) -> None:
    with api(datos, adelante=timedelta(0)) as viva:
        sorteo = jugar_hasta_cerrar(viva)
    ruta, numero = f"/sorteo/{sorteo}/ejecutar", {"entropia": ENTROPIA}
    a_medias = Muerte("app.modules.sorteo.resultados.repository:ResultadoRepository.anotar", 4, "antes")
    sin_guardar = Muerte(f"{REPOSITORIO}.guardar", 1, "antes")
    for muerte in (a_medias, sin_guardar):
        with api(datos, muerte=muerte) as viva:
            esperar(lambda: _muere(viva, ruta, numero), "que la clave quede libre")
    with api(datos) as viva:
        hecha = insistir(viva, ruta, numero, "clave")
        assert (hecha.json()["estado"], hecha.json()["participantes"]) == ("ejecutado", SOLICITUDES)
        assert viva.pedir("POST", ruta, numero, "clave").content == hecha.content
        assert viva.pedir("POST", ruta, {"entropia": "0000 serie 000"}, "clave").json()["codigo"] == "clave_reutilizada"
    assert cuantos(datos, "sorteos_resultados") == SOLICITUDES


def _muere(viva: Api, ruta: str, cuerpo: Any) -> bool:
    try:
        respuesta = viva.pedir("POST", ruta, cuerpo, "clave")
    except httpx.TransportError:
        return viva.proceso.wait() == -9
    assert respuesta.json()["codigo"] == "en_curso"
    return False
