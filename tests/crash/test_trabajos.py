"""Jobs whose process is killed with -9, or told to stop, in the middle: another finishes them, once."""

import signal
from collections import Counter
from typing import Any

import pytest
from bson import ObjectId

from tests.crash.edificio import Api, Datos, Escena, Muerte, api, base, esperar

pytestmark = pytest.mark.mongod

TRABAJOS = "app.core.jobs.repository"
UNIDADES = "app.modules.residentes.importacion.repository"
LOTES = "app.core.imports"
# With batches of ten rows: where the third one dies.
AL_IMPORTAR = [
    Muerte(f"{UNIDADES}:UnidadesDeLote.leer", 3, "antes"),  # between two batches
    Muerte(f"{UNIDADES}:UnidadesDeLote.escribir", 3, "despues"),  # all of it written, nothing committed
    Muerte(f"{TRABAJOS}:RechazoRepository.guardar", 3, "despues"),
    Muerte(f"{LOTES}.repository:LoteRepository.guardar", 3, "despues"),
    Muerte(f"{LOTES}.sheet:HojaDeImportacion.entregar", 1, "antes"),  # all is done but its sheet, and saying so
]
FILAS = 45


@pytest.fixture
def datos(vacia: Escena) -> Datos:
    return vacia.reponer()


def importar(viva: Api, filas: int, torre: str = "T") -> str:
    texto = "torre,apartamento,cupo\n" + "".join(f"{torre},{n:04},{'x' if n % 9 == 0 else 1}\n" for n in range(filas))
    respuesta = viva.cliente.post(
        "/api/v1/residentes/unidades/importar", content=texto, headers={"Content-Type": "text/csv"}
    )
    assert respuesta.status_code == 202, respuesta.text
    id: str = respuesta.json()["id"]
    return id


def guardado_de(datos: Datos, id: str) -> dict[str, Any]:
    with base(datos) as guardado:
        trabajo: dict[str, Any] = guardado["trabajos"].find_one({"_id": ObjectId(id)})
        return trabajo


def terminado(viva: Api, id: str) -> dict[str, Any]:
    esperar(lambda: viva.hacer("GET", f"/trabajos/{id}")["estado"] in ("hecho", "fallido"), "el fin del trabajo")
    trabajo: dict[str, Any] = viva.hacer("GET", f"/trabajos/{id}")
    return trabajo


def entera(datos: Datos, filas: int, trabajo: dict[str, Any]) -> None:
    """Every good row made its flat, once; every bad one is refused, once; nothing is left of the file."""
    malas = len(range(0, filas, 9))
    assert (trabajo["estado"], trabajo["hecho"], trabajo["total"]) == ("hecho", filas, filas)
    assert trabajo["errores"] == trabajo["resultado"]["rechazadas"] == malas
    assert trabajo["resultado"]["creadas"] == filas - malas
    with base(datos) as guardado:
        assert guardado["unidades"].count_documents({}) == filas - malas
        assert guardado["trabajos_rechazos"].count_documents({}) == malas
        (hecho,) = guardado["trabajos"].find({})
        # Its sheet stays for a while.
        otros = {"archivo_id": {"$ne": hecho["archivo"]["id"]}}
        esperar(lambda: guardado["trabajos_archivos"].count_documents(otros) == 0, "que se borre el archivo")


@pytest.mark.parametrize("muerte", AL_IMPORTAR, ids=lambda m: f"{m.en.rpartition(':')[2]}-{m.cuando}")
def test_otro_proceso_lo_termina_una_sola_vez(muerte: Muerte, datos: Datos) -> None:
    with api(datos, muerte=muerte, latido=3600) as viva:
        id = importar(viva, FILAS)
        assert viva.proceso.wait() == -signal.SIGKILL
    a_medias = guardado_de(datos, id)
    assert (a_medias["estado"], a_medias["resultado"]) == ("en_curso", None)
    with api(datos, latido=0.1) as viva:
        entera(datos, FILAS, terminado(viva, id))
    # On a slow machine somebody takes even a living one for dead: what is done, is done once all the same.
    assert guardado_de(datos, id)["intentos"] >= 2


def test_el_que_mata_a_todos_deja_de_intentarse(datos: Datos) -> None:
    """A job that no process survives fails in the end, and the next process lives."""
    muerte = Muerte(f"{UNIDADES}:UnidadesDeLote.leer", 1, "antes")
    with api(datos, muerte=muerte, latido=3600) as viva:
        id = importar(viva, FILAS)
        viva.proceso.wait()
    with base(datos) as guardado:
        guardado["trabajos"].update_one({}, {"$set": {"intentos": 5}})
    with api(datos, muerte=muerte, latido=0.1) as viva:
        trabajo = terminado(viva, id)
    assert (trabajo["estado"], trabajo["resultado"]["codigo"]) == ("fallido", "trabajo_interrumpido")


def test_dos_procesos_a_la_vez_no_hacen_ninguno_dos_veces(datos: Datos) -> None:
    with api(datos, latido=0.02, turno=60) as una, api(datos, latido=0.02, turno=60) as otra:
        ids = [importar(una if n % 2 else otra, 20, f"T{n}") for n in range(12)]
        for id in ids:
            assert terminado(una, id)["resultado"]["creadas"] == 17
    with base(datos) as guardado:
        assert Counter(t["intentos"] for t in guardado["trabajos"].find({})) == {1: 12}
        assert guardado["unidades"].count_documents({}) == 12 * 17


def test_uno_que_para_lo_devuelve_enseguida_aunque_alguien_este_mirando(datos: Datos) -> None:
    filas = 3000
    with api(datos, latido=0.1, turno=60) as viva:
        id = importar(viva, filas)
        with viva.cliente.stream("GET", f"/api/v1/trabajos/{id}/progreso") as mirando:
            lineas = mirando.iter_lines()
            esperar(lambda: guardado_de(datos, id)["hecho"] > 0, "que empiece")
            viva.proceso.send_signal(signal.SIGTERM)
            assert "event: fin" not in list(lineas)  # it ends, and the job does not
        viva.proceso.wait()
    devuelto = guardado_de(datos, id)
    assert (devuelto["estado"], devuelto["ficha"], devuelto["intentos"]) == ("en_cola", None, 0)
    assert 0 < devuelto["hecho"] < filas
    with api(datos, latido=0.1, turno=60) as viva:
        entera(datos, filas, terminado(viva, id))
    assert guardado_de(datos, id)["intentos"] == 1
