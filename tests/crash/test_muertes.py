"""Killed with -9 in the middle of a step and started again, a draw ends as if nothing had happened."""

from collections import Counter
from datetime import timedelta

import pytest

from app.modules.sorteo import motor
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

REPOSITORIO = "app.modules.sorteo.repository"
TURNOS = "app.modules.sorteo.turnos.repository:TurnoRepository"
VENTANILLA = "app.modules.solicitudes.ventanilla"
NUMERO = {"entropia": ENTROPIA}
AL_EJECUTAR = [
    Muerte(f"{TURNOS}.tomar", 1, "antes"),  # the number is stored, nothing else
    Muerte("app.modules.sorteo.resultados.repository:ResultadoRepository.anotar", 4, "antes"),  # half of the rows
    Muerte(f"{REPOSITORIO}:ArchivoRepository.guardar", 1, "despues"),  # the rows and the file
    Muerte(f"{REPOSITORIO}:SorteoRepository.pasar", 1, "antes"),  # all but that they count
]
AL_PUBLICAR = [
    Muerte("app.modules.sorteo.pasos.publicacion:PublicacionService._publicar_lote", 2, "antes"),  # between two batches
    Muerte("app.modules.sorteo.espacios.repository:EspacioRepository.traspasar_varios", 1, "despues"),  # inside of one
    Muerte(f"{VENTANILLA}.publicacion:Publicaciones.publicar", 2, "despues"),  # near the end of one
    Muerte(f"{VENTANILLA}.publicacion:Publicaciones.asentar", 4, "antes"),  # those who wait are told, and not written
    Muerte(f"{VENTANILLA}.public:VentanillaService.pasar_a", 1, "despues"),  # in the last one
]
# All is written, and nobody was told.
EJECUTADO = Muerte(f"{REPOSITORIO}:SorteoRepository.pasar", 1, "despues")
PUBLICADO = Muerte(f"{TURNOS}.dejar", 1, "antes")


@pytest.fixture(scope="module")
def cerrado(vacia: Escena) -> tuple[Escena, str]:
    """A draw that is closed, and its id."""
    datos = vacia.reponer()
    with api(datos, adelante=timedelta(0)) as viva:
        sorteo = jugar_hasta_cerrar(viva)
    return Escena(datos), sorteo


@pytest.fixture
def datos(cerrado: tuple[Escena, str]) -> Datos:
    return cerrado[0].reponer()


@pytest.fixture
def sorteo(cerrado: tuple[Escena, str]) -> str:
    return cerrado[1]


def bajar(viva: Api, sorteo: str, archivo: str) -> bytes:
    return viva.pedir("GET", f"/sorteo/{sorteo}/{archivo}").content


def resultado_del_motor(viva: Api, sorteo: str) -> bytes:
    secreto = viva.hacer("GET", f"/sorteo/{sorteo}/verificacion")["secreto"]
    return motor.correr(bajar(viva, sorteo, "bases"), secreto, ENTROPIA)


def sin_resultado(viva: Api, sorteo: str) -> None:
    """Half done is not done."""
    assert viva.hacer("GET", f"/sorteo/{sorteo}")["estado"] == "cerrado"
    publico = viva.hacer("GET", f"/sorteo/{sorteo}/verificacion")
    assert (publico["secreto"], publico["semilla"], publico["huella_resultado"]) == (None, None, None)
    for ruta in ("resultado", "resultados"):
        assert viva.pedir("GET", f"/sorteo/{sorteo}/{ruta}").status_code == 404


def ejecutado(viva: Api, sorteo: str) -> None:
    """It has run, and it is what the engine makes of the bases: the file and the rows."""
    hecho = viva.hacer("POST", f"/sorteo/{sorteo}/ejecutar", {})
    assert (hecho["estado"], hecho["entropia"]) == ("ejecutado", ENTROPIA)
    resultado = bajar(viva, sorteo, "resultado")
    assert resultado == resultado_del_motor(viva, sorteo)
    assert motor.sha256_hex(resultado) == hecho["huella_resultado"]
    filas = viva.todas(f"/sorteo/{sorteo}/resultados")
    puestos = [motor.Puesto(str(f["folio"]), f["posicion"], f["numero"], f["espacio"], f["espera"]) for f in filas]
    assert motor.escribir_resultado(puestos) == resultado
    assert (hecho["participantes"], hecho["admitidos"], hecho["en_espera"]) == (SOLICITUDES, 35, 25)


def publicado(viva: Api, datos: Datos, sorteo: str) -> None:
    """Every request is where the result says, moved there once; every space is theirs who won it, and no one else's."""
    filas = {fila["folio"]: fila for fila in viva.todas(f"/sorteo/{sorteo}/resultados")}
    solicitudes = viva.todas(f"/solicitudes?sorteo_id={sorteo}")
    assert len(solicitudes) == len(filas) == SOLICITUDES
    for solicitud in solicitudes:
        fila = filas[solicitud["folio"]]
        assert (solicitud["espacio"], solicitud["espera"]) == (fila["espacio"], fila["espera"])
        assert solicitud["estado"] == ("asignada" if fila["espacio"] else "en_espera")
        assert (solicitud["vence_en"] is None) == (fila["espacio"] is None)
    ganadoras = {s["espacio"]: s["id"] for s in solicitudes if s["espacio"]}
    assert len(ganadoras) == 35
    with base(datos) as guardado:
        espacios = list(guardado["espacios"].find({}))
        tomados = [(e["codigo"], o["tipo"], str(o["ref"])) for e in espacios for o in e["ocupaciones"]]
        assert sorted(tomados) == sorted((codigo, "solicitud", id) for codigo, id in ganadoras.items())
        moves = guardado["solicitudes_movimientos"].find({"a": {"$in": ["asignada", "en_espera"]}})
        assert Counter(str(m["solicitud_id"]) for m in moves) == Counter(s["id"] for s in solicitudes)
        assert guardado["sorteos_resultados"].count_documents({}) == SOLICITUDES
        assert guardado["sorteos"].find_one({})["turno"] is None


def test_called_again_after_every_death(datos: Datos, sorteo: str) -> None:
    """Each process dies further on; the last one finishes what all of them began. Those that died when all was written
    are asked again, and answer the same."""
    for muerte in (*AL_EJECUTAR, EJECUTADO):
        with api(datos, muerte=muerte) as viva:
            sin_resultado(viva, sorteo)
            if muerte is EJECUTADO:
                otro = viva.pedir("POST", f"/sorteo/{sorteo}/ejecutar", {"entropia": "0000 serie 000"})
                assert (otro.status_code, otro.json()["codigo"]) == (409, "entropia_fijada")
            viva.muere("POST", f"/sorteo/{sorteo}/ejecutar", NUMERO)
    for muerte in (*AL_PUBLICAR, PUBLICADO):
        with api(datos, muerte=muerte) as viva:
            ejecutado(viva, sorteo)
            viva.muere("POST", f"/sorteo/{sorteo}/publicar")
    with api(datos, latido=0.1) as viva:
        assert viva.hacer("POST", f"/sorteo/{sorteo}/publicar")["estado"] == "publicado"
        publicado(viva, datos, sorteo)
        assert bajar(viva, sorteo, "resultado") == resultado_del_motor(viva, sorteo)


def test_by_itself(datos: Datos, sorteo: str) -> None:
    """Nobody calls again: the next process finds the turn that lapsed, and goes on."""
    ruta = f"/sorteo/{sorteo}"

    def estado(viva: Api) -> str:
        return str(viva.hacer("GET", ruta)["estado"])

    with api(datos, muerte=AL_EJECUTAR[1]) as viva:
        viva.muere("POST", f"{ruta}/ejecutar", NUMERO)
    with api(datos, latido=0.1) as viva:
        esperar(lambda: estado(viva) == "ejecutado", "ejecutado")
        ejecutado(viva, sorteo)
    with api(datos, muerte=AL_PUBLICAR[2]) as viva:
        viva.muere("POST", f"{ruta}/publicar")
    with api(datos, latido=0.1) as viva:
        esperar(lambda: estado(viva) == "publicado", "publicado")
        publicado(viva, datos, sorteo)
