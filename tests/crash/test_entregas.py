"""A process that dies, or hangs, in the middle of a hand-in: the others take the next one of that draw, without the
database ending anything by itself: it would after ten minutes."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.crash.edificio import Api, Datos, Escena, Muerte, api, base, esperar
from tests.loteria import de_un_anio

pytestmark = pytest.mark.mongod

VENTANILLA = "app.modules.solicitudes.ventanilla.repository:VentanillaRepository.siguiente_folio"
ALTA = "app.modules.solicitudes.alta.service:AltaService._crear"
PUNTOS = [
    Muerte(VENTANILLA, 1, "antes"),
    Muerte(VENTANILLA, 1, "despues"),  # whatever else is handed in writes there too
    Muerte(ALTA, 1, "despues"),  # all of it is written, and nothing committed
]
UNIDADES = 4


@pytest.fixture(scope="module")
def abierto(vacia: Escena) -> Escena:
    """An open draw and flats that may ask for a space in it."""
    datos = vacia.reponer()
    with api(datos, adelante=timedelta(0)) as viva:
        for n in range(UNIDADES):
            viva.hacer("POST", "/sorteo/espacios", {"codigo": f"A-{n}", "tipo": "carro"})
            vehiculo = {"tipo": "carro", "placa": f"AAA{n:03}"}
            unidad = {"torre": "1", "apartamento": str(n)}
            viva.hacer("POST", "/residentes/unidades", unidad | {"vehiculos": [vehiculo]})
            persona = {"nombres": "Ana", "apellidos": "Rojas", "tipo_documento": "CC", "numero_documento": f"52{n:06}"}
            viva.hacer("POST", "/residentes", persona | {"unidades": [unidad | {"tenencia": "propietario"}]})
        disponible = datetime.now(UTC) + timedelta(days=1)
        sorteo = viva.hacer(
            "POST",
            "/sorteo",
            de_un_anio(disponible, aprobacion="automatica"),
        )
        viva.hacer("POST", f"/sorteo/{sorteo['id']}/abrir")
    return Escena(datos)


@pytest.fixture
def datos(abierto: Escena) -> Datos:
    return abierto.reponer()


def pedido(viva: Api, unidad: int) -> dict[str, str]:
    (sorteo,) = viva.todas("/sorteo")
    suya = viva.todas("/residentes/unidades")[unidad]
    return {"sorteo_id": sorteo["id"], "unidad_id": suya["id"], "vehiculo_id": suya["vehiculos"][0]["id"]}


def se_pierde(viva: Api, cuerpo: dict[str, str]) -> None:
    """Make the call to which no answer comes."""
    try:
        respuesta = viva.pedir("POST", "/solicitudes", cuerpo)
    except httpx.TransportError:
        return
    raise AssertionError(respuesta.text)


@pytest.mark.parametrize("senal", [signal.SIGKILL, signal.SIGSTOP], ids=lambda s: s.name)
@pytest.mark.parametrize("punto", PUNTOS, ids=lambda p: f"{p.en.rpartition('.')[2]}-{p.cuando}")
def test_otro_proceso_recibe_la_siguiente(punto: Muerte, senal: signal.Signals, datos: Datos) -> None:
    muerte = Muerte(punto.en, punto.llamada, punto.cuando, senal)
    sin_adelanto = timedelta(0)
    with (
        api(datos, latido=3600, adelante=sin_adelanto) as viva,
        api(datos, muerte=muerte, latido=3600, adelante=sin_adelanto, transacciones=600) as otra,
        base(datos) as guardado,
        ThreadPoolExecutor(1) as hilo,
    ):
        esperar(lambda: guardado["procesos"].count_documents({}) == 2, "que se sepa de los dos")
        time.sleep(4)  # until they have been heard for long enough to say who is not
        suya, mia = pedido(viva, 0), pedido(viva, 1)
        perdida = hilo.submit(se_pierde, otra, suya)
        if senal is signal.SIGKILL:
            otra.proceso.wait()
        else:
            esperar(lambda: "T" in Path(f"/proc/{otra.proceso.pid}/stat").read_text().split(")")[1][:3], "la pausa")
        hecha = viva.pedir("POST", "/solicitudes", mia)
        otra.proceso.send_signal(signal.SIGKILL)
        perdida.result()
        assert hecha.status_code == 201, hecha.text
        # Numbers ascend, and one may be lost with who took it.
        assert hecha.json()["folio"] in (1, 2)
        # Nothing is left of the one that was lost: it may be handed in again.
        otra_vez = viva.pedir("POST", "/solicitudes", suya)
        assert otra_vez.status_code == 201, otra_vez.text
