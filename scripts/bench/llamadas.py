"""What common calls cost, as requests per second over HTTP against a bare program on the same collections; and how many
commands they send to the database.

`ventanilla` has hand-ins come in at once: two workers and eight clients against one and one."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt

from scripts.bench.banco import Banco
from scripts.bench.medida import Lado, Razon, entre, por_turnos
from scripts.bench.servidores import Servida, llamar, otra, pregunta, servida, veces
from scripts.bench.suelo_de_llamadas import CLAVE

_RONDAS = 7
_HOGARES = 400
_POR_RONDA = 300
_PEDIDAS = 40
_SUELO = Path(__file__).with_name("suelo_de_llamadas.py")
_UN_RESIDENTE, _LISTA = "/residentes/{id}", "/residentes?limite=50"
CLAVE_DE_RESIDENTE = "Violeta-tejado-lluvia-41"


async def medir(banco: Banco) -> list[Razon]:
    with tempfile.TemporaryDirectory(prefix="parknet-llamadas-") as carpeta:
        entorno = os.environ | {"SUELO_URI": banco.uri, "SUELO_BASE": "llamadas"}
        with servida(banco, Path(carpeta), "llamadas") as api, otra(_SUELO, entorno) as suelo:
            return await _medir(api, suelo)


async def _medir(api: Servida, suelo: str) -> list[Razon]:
    hogares = [api.hogar(i) for i in range(_HOGARES)]
    sorteo = sorteo_abierto(api)
    vecino = cuenta(api, hogares[0][2])
    ficha = jwt.encode({"sub": "x"}, CLAVE, "HS256")
    uno = _UN_RESIDENTE.format(id=hogares[1][2]["id"])
    pedidas = _pedidas(api, suelo, ficha, hogares[2:], sorteo)
    filas: list[tuple[str, Lado, Lado, float]] = [
        ("POST /solicitudes", pedidas[0], pedidas[1], 0.25),
        *(
            (f"GET {ruta.replace(uno, _UN_RESIDENTE)}{quien}", *_lados(api, token, suelo, ficha, ruta, contra), minimo)
            for ruta, contra, minimo, token, quien in (
                (uno, uno, 0.65, api.token, ""),
                (_LISTA, _LISTA, 0.65, api.token, ""),
                ("/auth/yo", uno, 0.85, api.token, ""),
                ("/solicitudes?limite=50", _LISTA, 0.45, api.token, ""),
                ("/inicio", uno, 0.35, api.token, " (personal)"),
                ("/inicio", uno, 0.35, vecino, " (residente)"),
            )
        ),
    ]
    razones = []
    for que, propia, pelada, minimo in filas:
        tomo, contra_lo_que = await por_turnos([propia, pelada], rondas=_RONDAS)
        # Throughput is the inverse of time.
        razones.append(Razon(que, "API", "pelada", entre(contra_lo_que, tomo), minimo, minimo=True))
    return razones


def _lados(api: Servida, token: str, suelo: str, ficha: str, ruta: str, contra: str) -> tuple[Lado, Lado]:
    return veces(api.origen, token, ruta, _POR_RONDA), veces(suelo, ficha, contra, _POR_RONDA)


def _pedidas(
    api: Servida, suelo: str, ficha: str, hogares: Sequence[tuple[Any, Any, Any]], sorteo: str
) -> tuple[Lado, Lado]:
    """Each round hands in for flats of its own."""
    cuerpos: Iterator[Any] = ({"sorteo_id": sorteo, "unidad_id": u["id"], "placa": v["placa"]} for u, v, _ in hogares)

    async def propia() -> None:
        tanda = [next(cuerpos) for _ in range(_PEDIDAS)]
        await llamar(api.origen, [pregunta(api.origen, api.token, "/solicitudes", c) for c in tanda], 4)

    pelado = {"sorteo_id": sorteo, "unidad_id": sorteo, "placa": "ABC123"}
    preguntas = [pregunta(suelo, ficha, "/solicitudes", pelado)] * _PEDIDAS
    return propia, lambda: llamar(suelo, preguntas, 4)


def sorteo_abierto(api: Servida) -> str:
    api.pedir("POST", "/sorteo/espacios", {"codigo": "A-1", "tipo": "carro"})
    hora = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    sorteo = api.pedir(
        "POST",
        "/sorteo",
        {
            **{"nombre": "Primer semestre", "vigencia": {"desde": "2027-01-01", "hasta": "2027-06-30"}},
            "aprobacion": "automatica",
            "fuente_entropia": {
                **{"tipo": "publica", "descripcion": "Lotería de Bogotá 2871", "forma": "#### serie ###"},
                "disponible_desde": hora,
            },
        },
    )
    id: str = api.pedir("POST", f"/sorteo/{sorteo['id']}/abrir")["id"]
    return id


def cuenta(api: Servida, residente: Any) -> str:
    """A token of that resident."""
    invitacion = api.pedir("POST", "/auth/invitaciones", {"residente_id": residente["id"]})["token"]
    registro = {"invitacion": invitacion, "password": CLAVE_DE_RESIDENTE, "acepta_politica": True}
    api.pedir("POST", "/auth/registro", registro)
    return api.entrar(residente["email"], CLAVE_DE_RESIDENTE)


async def contar(banco: Banco) -> list[Razon]:
    """Commands, as the database itself counts them."""
    with tempfile.TemporaryDirectory(prefix="parknet-comandos-") as carpeta:
        sin_latido = {"PARKNET_LATIDO_SEGUNDOS": "0"}
        with servida(banco, Path(carpeta), "comandos", **sin_latido) as api:
            hogares = [api.hogar(i) for i in range(30)]
            sorteo = sorteo_abierto(api)
            vecino = cuenta(api, hogares[0][2])
            pedidas = [
                pregunta(
                    *(api.origen, api.token, "/solicitudes"),
                    {"sorteo_id": sorteo, "unidad_id": u["id"], "placa": v["placa"]},
                )
                for u, v, _ in hogares[1:6]
            ]
            inicios = {"personal": api.token, "residente": vecino}
            filas = [("POST /solicitudes", pedidas, 10.0)]
            filas += [(f"GET /inicio ({q})", [pregunta(api.origen, t, "/inicio")] * 5, 6.0) for q, t in inicios.items()]
            return [
                Razon(que, "comandos", "llamada", [await _comandos(banco, api, p) for p in preguntas], maximo)
                for que, preguntas, maximo in filas
            ]


async def _comandos(banco: Banco, api: Servida, una: bytes) -> float:
    base = banco.cliente["comandos"]
    await base.command("profile", 2)
    await llamar(api.origen, [una], 1)
    await base.command("profile", 0)
    cuantos = await base["system.profile"].count_documents({})
    await base.drop_collection("system.profile")
    return float(cuantos)


async def a_la_vez(banco: Banco) -> list[Razon]:
    with tempfile.TemporaryDirectory(prefix="parknet-ventanilla-") as carpeta:
        dos = {"PARKNET_WORKERS": "2"}
        with (
            servida(banco, Path(carpeta), "con_uno") as uno,
            servida(banco, Path(carpeta), "con_dos", **dos) as dos_a_la_vez,
        ):
            lados = [_entregas(uno, 1), _entregas(dos_a_la_vez, 8)]
            solo, varios = await por_turnos(lados, rondas=_RONDAS)
    return [Razon("entregar en un sorteo", "8 clientes, 2 procesos", "1 y 1", entre(solo, varios), 1.5, minimo=True)]


def _entregas(api: Servida, clientes: int) -> Lado:
    hogares = [api.hogar(i) for i in range(_PEDIDAS * (_RONDAS + 1))]
    sorteo = sorteo_abierto(api)
    cuerpos = iter([{"sorteo_id": sorteo, "unidad_id": u["id"], "placa": v["placa"]} for u, v, _ in hogares])

    async def lado() -> None:
        tanda = [next(cuerpos) for _ in range(_PEDIDAS)]
        await llamar(api.origen, [pregunta(api.origen, api.token, "/solicitudes", c) for c in tanda], clientes)

    return lado
