"""Two real processes on one database. One is stopped while it takes a step of a draw, and whoever stopped it lets it go
on when the other has taken that step and all that follow: the draw stays what it was published as, and who won can
accept. Every command of every step is stopped at in `tests/modules/sorteo/pasos/test_pausas.py`; here some are, in the
whole of it."""

import functools
import hashlib
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.alcance import EXHAUSTIVO
from tests.crash.edificio import ENTROPIA, ESPERA, Api, Datos, api, base, esperar
from tests.loteria import fuente

CADA = 8 if EXHAUSTIVO else 24
"""Of the commands of a step, one of so many."""
PASOS = {"cerrar": None, "ejecutar": {"entropia": ENTROPIA}, "publicar": None}
PEDIDAS, PLAZAS = 4, 2


@dataclass
class Escena:
    """`una` is stopped, `otra` is not. `pausas`: what tells them when, and what time it is."""

    una: Api
    otra: Api
    pausas: Path
    datos: Datos
    vehiculos: list[dict[str, str]]
    sorteos: int = 0

    def adelantar(self, cuanto: timedelta) -> None:
        """Their clocks, at which nobody's token is valid who came in by another."""
        (self.pausas / "adelante").write_text(str(cuanto.total_seconds()))
        self.otra.entrar()

    def parar_en(self, orden: int) -> None:
        (self.pausas / "parar").write_text(str(orden))

    def nuevo(self) -> str:
        """An open draw of all spaces, for a day of its own; its id."""
        self.adelantar(timedelta(0))
        self.sorteos += 1
        disponible = datetime.now(UTC) + ESPERA
        dia = (disponible + timedelta(days=30 + self.sorteos)).date().isoformat()
        sorteo: str = self.otra.hacer(
            "POST",
            "/sorteo",
            {
                "nombre": f"Día {self.sorteos}",
                "vigencia": {"desde": dia, "hasta": dia},
                "fuente_entropia": fuente(disponible),
                "aprobacion": "automatica",
                "max_por_unidad": PEDIDAS,
            },
        )["id"]
        self.otra.hacer("POST", f"/sorteo/{sorteo}/abrir")
        for vehiculo in self.vehiculos:
            self.otra.hacer("POST", "/solicitudes", {"sorteo_id": sorteo, **vehiculo})
        return sorteo

    def dar(self, viva: Api, sorteo: str, paso: str) -> httpx.Response:
        # Whoever is stopped answers much later.
        return viva.cliente.post(f"/api/v1/sorteo/{sorteo}/{paso}", json=PASOS[paso], timeout=None)

    def dar_con_la_otra(self, sorteo: str, paso: str) -> dict[str, Any]:
        """As somebody does who is told to come back."""
        respuestas: list[httpx.Response] = []

        def hecho() -> bool:
            respuestas.append(self.dar(self.otra, sorteo, paso))
            assert respuestas[-1].status_code in (200, 503), respuestas[-1].text
            return respuestas[-1].status_code == 200

        esperar(hecho, paso)
        dicho: dict[str, Any] = respuestas[-1].json()
        return dicho

    def hasta(self, sorteo: str, paso: str) -> None:
        """All steps before `paso`."""
        for anterior in list(PASOS)[: list(PASOS).index(paso)]:
            self.dar_con_la_otra(sorteo, anterior)
            self.adelantar(2 * ESPERA)

    def parado(self, futuro: "Future[httpx.Response]") -> bool:
        """Whether it stopped, or ended without stopping."""
        estado = Path(f"/proc/{self.una.proceso.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return estado == "T" or futuro.done()

    def aceptar_una(self, sorteo: str) -> None:
        asignada = self.otra.todas(f"/solicitudes?sorteo_id={sorteo}&estado=asignada")[0]
        cambio = {"estado": "aceptada", "motivo": "en el mostrador"}
        assert self.otra.hacer("PATCH", f"/solicitudes/{asignada['id']}/estado", cambio)["estado"] == "aceptada"

    def comprobar(self, sorteo: str, antes: dict[str, Any]) -> None:
        """It is published as it was, and its files are what its hashes say."""
        assert self.otra.hacer("GET", f"/sorteo/{sorteo}") == antes
        publico = self.otra.hacer("GET", f"/sorteo/{sorteo}/verificacion")
        for archivo, huella in (("bases", "huella"), ("resultado", "huella_resultado")):
            bajado = self.otra.pedir("GET", f"/sorteo/{sorteo}/{archivo}").content
            assert hashlib.sha256(bajado).hexdigest() == publico[huella]
        filas = self.otra.todas(f"/sorteo/{sorteo}/resultados")
        assert [f["posicion"] for f in filas] == list(range(1, PEDIDAS + 1))
        with base(self.datos) as guardado:
            (vivo,) = guardado["sorteos"].find({"nombre": antes["nombre"]})
            assert (vivo["turno"], vivo["a_medias"]) == (None, [])
            assert guardado["solicitudes_ventanillas"].find_one({"_id": vivo["_id"]})["fase"] == "publicado"
            for coleccion in ("sorteos_participantes", "sorteos_resultados"):
                assert guardado[coleccion].count_documents({"sorteo_id": vivo["_id"]}) == PEDIDAS


@pytest.fixture(scope="module")
def escena(servidor: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Escena]:
    datos = Datos(tmp_path_factory.mktemp("datos"), servidor, "pausas")
    pausas = tmp_path_factory.mktemp("pausas")
    for nombre in ("parar", "adelante"):
        (pausas / nombre).write_text("0")
    with api(datos, latido=3600, pausas=pausas) as una, api(datos, latido=3600, pausas=pausas) as otra:
        for n in range(PLAZAS):
            otra.hacer("POST", "/sorteo/espacios", {"codigo": f"A-{n}", "tipo": "carro"})
        suyos = [{"tipo": "carro", "placa": f"AAA{n:03}"} for n in range(PEDIDAS)]
        unidad = otra.hacer("POST", "/residentes/unidades", {"torre": "1", "apartamento": "101", "vehiculos": suyos})
        otra.hacer(
            "POST",
            "/residentes",
            {
                "nombres": "Ana",
                "apellidos": "Rojas",
                "tipo_documento": "CC",
                "numero_documento": "52000000",
                "unidades": [{"torre": "1", "apartamento": "101", "tenencia": "propietario"}],
            },
        )
        vehiculos = [{"unidad_id": unidad["id"], "vehiculo_id": v["id"]} for v in unidad["vehiculos"]]
        yield Escena(una, otra, pausas, datos, vehiculos)


@pytest.mark.parametrize("paso", list(PASOS))
def test_whoever_wakes_up_late_changes_nothing(escena: Escena, paso: str) -> None:
    orden, pausas = 1, 0
    with ThreadPoolExecutor(1) as hilo:
        while True:
            sorteo = escena.nuevo()
            escena.hasta(sorteo, paso)
            escena.una.entrar()
            escena.parar_en(orden)
            llamada = hilo.submit(escena.dar, escena.una, sorteo, paso)
            esperar(functools.partial(escena.parado, llamada), f"la pausa en {paso}, orden {orden}")
            escena.parar_en(0)
            if llamada.done():
                assert llamada.result().status_code == 200
                break
            pausas += 1
            try:
                for siguiente in list(PASOS)[list(PASOS).index(paso) :]:
                    escena.dar_con_la_otra(sorteo, siguiente)
                    escena.adelantar(2 * ESPERA)
                antes = escena.otra.hacer("GET", f"/sorteo/{sorteo}")
            finally:
                escena.una.proceso.send_signal(signal.SIGCONT)
            assert llamada.result().status_code in (200, 409, 503)
            escena.comprobar(sorteo, antes)
            escena.aceptar_una(sorteo)
            orden += CADA
    assert pausas
