"""`Prefer`: what is asked for, and the answers that go with it."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

import httpx
import pytest
from beanie import PydanticObjectId
from fastapi import APIRouter, Query, Response

from app.core.dependencies import PUBLICA
from app.core.http.route import StrictRoute
from app.core.jobs.contract import EstadoTrabajo, Fallo, TrabajoOut, TrabajoVisto
from app.core.jobs.stage import ACEPTADO, MAXIMA_ESPERA, TRABAJO, AsincronaDep, Preferencia, leer_prefer
from tests.conftest import Abrir

ID = PydanticObjectId("6b02aa890e9a01203c0610de")
router = APIRouter(route_class=StrictRoute, tags=["prueba"])


@router.post("/largo", status_code=202, response_model=TrabajoOut, responses=TRABAJO, openapi_extra=PUBLICA)
async def largo(asincrona: AsincronaDep) -> Response:
    return await asincrona.responder(ID)


@router.post("/paso", response_model=str, responses=ACEPTADO, openapi_extra=PUBLICA)
async def paso(asincrona: AsincronaDep, dado: Annotated[bool, Query()] = False) -> str | Response:
    if asincrona.pedida and (aceptado := await asincrona.aceptar(None if dado else ID)):
        return aceptado
    return "hecho"


class FakeTrabajos:
    def __init__(self, estado: EstadoTrabajo, fallo: Fallo | None = None) -> None:
        self._estado = estado
        self._fallo = fallo
        self.esperas: list[float] = []

    async def esperar(self, *, trabajo_id: PydanticObjectId, segundos: float) -> TrabajoVisto:
        self.esperas.append(segundos)
        return TrabajoVisto(
            id=trabajo_id,
            tipo="prueba",
            estado=self._estado,
            hecho=1,
            total=2,
            errores=0,
            resultado=None,
            fallo=self._fallo,
            archivo=None,
            version=1,
        )


Pedir = Callable[..., Awaitable[httpx.Response]]


@pytest.mark.parametrize(
    ("lineas", "preferencia"),
    [
        ([], Preferencia()),
        (["respond-async"], Preferencia(respond_async=True)),
        (["respond-async, wait=10"], Preferencia(respond_async=True, espera=10)),
        (["wait=10", "Respond-Async"], Preferencia(respond_async=True, espera=10)),
        (['WAIT = "7" ; x=y , otra="a, wait=3"'], Preferencia(espera=7)),
        (["wait=3, wait=9"], Preferencia(espera=3)),
        (["wait=0"], Preferencia(espera=0)),
        (["wait=999999"], Preferencia(espera=MAXIMA_ESPERA)),
        (['respond-async=""; por=eso'], Preferencia(respond_async=True)),
        (['foo="wait=5, respond-async"'], Preferencia()),
        (["return=minimal; respond-async"], Preferencia()),
        (["wait"], Preferencia()),
        (["wait=-1"], Preferencia()),
        (["wait=1.5"], Preferencia()),
        (["wait=٣"], Preferencia()),
        (["wait=" + "9" * 5000], Preferencia()),
        (["respond-async=no"], Preferencia()),
        (["respond async"], Preferencia()),
        ([',,=;"'], Preferencia()),
        (['"wait=3'], Preferencia()),
    ],
)
def test_lo_desconocido_y_lo_mal_escrito_no_cuentan(lineas: list[str], preferencia: Preferencia) -> None:
    assert leer_prefer(lineas) == preferencia


@pytest.mark.parametrize("relleno", ['"', '\\"', "a=", ";", ",", '"\\'])
def test_ninguna_cuesta_nada_de_leer(relleno: str) -> None:
    inicio = time.perf_counter()
    leer_prefer([relleno * 60_000])
    assert time.perf_counter() - inicio < 1


async def _pedir(abrir_app: Abrir, trabajos: FakeTrabajos, ruta: str, prefer: str | None) -> httpx.Response:
    cliente = await abrir_app([router], trabajos=trabajos)
    return await cliente.post(f"/api/v1{ruta}", headers={} if prefer is None else {"Prefer": prefer})


class TestResponder:
    @pytest.mark.parametrize(
        ("prefer", "aplicada"),
        [(None, None), ("respond-async", "respond-async"), ("wait=2", "wait=2"), ("otra", None)],
    )
    async def test_sin_terminar_es_202(self, prefer: str | None, aplicada: str | None, abrir_app: Abrir) -> None:
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.en_curso), "/largo", prefer)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (202, "en_curso")
        assert respuesta.headers["location"] == f"/api/v1/trabajos/{ID}"
        assert respuesta.headers.get("preference-applied") == aplicada

    async def test_terminado_antes_de_que_se_le_responda_a_quien_no_espera(self, abrir_app: Abrir) -> None:
        """Another process may have been quick: whoever said nothing of waiting is told what they always are."""
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.hecho), "/largo", None)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (202, "hecho")

    async def test_terminado_a_tiempo_es_200(self, abrir_app: Abrir) -> None:
        trabajos = FakeTrabajos(EstadoTrabajo.hecho)
        respuesta = await _pedir(abrir_app, trabajos, "/largo", "respond-async, wait=100")
        assert (respuesta.status_code, respuesta.json()["estado"]) == (200, "hecho")
        assert respuesta.headers["preference-applied"] == f"wait={MAXIMA_ESPERA}"
        assert trabajos.esperas == [MAXIMA_ESPERA]


class TestAceptar:
    async def test_sin_la_cabecera_ni_se_encola(self, abrir_app: Abrir) -> None:
        trabajos = FakeTrabajos(EstadoTrabajo.en_cola)
        respuesta = await _pedir(abrir_app, trabajos, "/paso", None)
        assert (respuesta.status_code, respuesta.json(), trabajos.esperas) == (200, "hecho", [])
        assert "preference-applied" not in respuesta.headers

    async def test_sin_terminar_es_202(self, abrir_app: Abrir) -> None:
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.en_cola), "/paso", "respond-async")
        assert respuesta.status_code == 202
        assert (respuesta.content, respuesta.headers["location"]) == (b"", f"/api/v1/trabajos/{ID}")
        assert respuesta.headers["preference-applied"] == "respond-async"

    async def test_hecho_a_tiempo_es_como_sin_la_cabecera(self, abrir_app: Abrir) -> None:
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.hecho), "/paso", "respond-async, wait=5")
        assert (respuesta.status_code, respuesta.json()) == (200, "hecho")
        assert respuesta.headers["preference-applied"] == "wait=5"

    async def test_lo_que_ya_estaba_hecho_se_responde_sin_mas(self, abrir_app: Abrir) -> None:
        trabajos = FakeTrabajos(EstadoTrabajo.en_cola)
        respuesta = await _pedir(abrir_app, trabajos, "/paso?dado=true", "respond-async")
        assert (respuesta.status_code, respuesta.json(), trabajos.esperas) == (200, "hecho", [])

    async def test_fallido_a_tiempo_es_su_problema(self, abrir_app: Abrir) -> None:
        fallo = Fallo(codigo="trabajo_interrumpido", status=503, datos={})
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.fallido, fallo), "/paso", "wait=5")
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (503, "trabajo_interrumpido")
        assert respuesta.headers["content-type"] == "application/problem+json"
        assert respuesta.headers["retry-after"]

    async def test_cancelado_a_tiempo_tambien(self, abrir_app: Abrir) -> None:
        respuesta = await _pedir(abrir_app, FakeTrabajos(EstadoTrabajo.cancelado), "/paso", "wait=5")
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "trabajo_cancelado")
