"""What common calls cost, as requests per second over HTTP against a bare program on the same collections; and how many
commands they send to the database.

`ventanilla` has hand-ins come in at once: two workers and eight clients against one and one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt

from scripts.bench.banco import Banco
from scripts.bench.medida import Lado, Razon, entre, por_turnos
from scripts.bench.servidores import Servida, llamar, otra, pregunta, servida, veces
from scripts.bench.suelos.llamadas import CLAVE

_RONDAS = 7
_HOGARES = 60
_PEDIDAS = 40
_SUELO = "scripts.bench.suelos.llamadas"
_UN_RESIDENTE, _LISTA = "/residentes/{id}", "/residentes?limite=50"
CLAVE_DE_RESIDENTE = "Violeta-tejado-lluvia-41"


@dataclass(frozen=True)
class Fila:
    """`ruta` with `{id}`, against `contra` of the bare program; `de_residente`: called by one, and not by staff."""

    que: str
    ruta: str
    contra: str
    minimo: float
    de_residente: bool = False

    async def medir(self, banco: Banco) -> list[Razon]:
        with _servidas(banco) as (api, suelo, ficha):
            hogares = [api.hogar(i) for i in range(_HOGARES)]
            sorteo = sorteo_abierto(api)
            token = cuenta(api, hogares[0][2]) if self.de_residente else api.token
            for unidad, vehiculo, _ in hogares:
                api.pedir("POST", "/solicitudes", _pedida(sorteo, unidad, vehiculo))
            ruta, contra = (r.format(id=hogares[1][2]["id"]) for r in (self.ruta, self.contra))
            return await frente_a(
                self.que, "pelada", veces(api.origen, token, ruta), veces(suelo, ficha, contra), self.minimo
            )


FILAS = {
    "residente": Fila("GET /residentes/{id}", _UN_RESIDENTE, _UN_RESIDENTE, 0.65),
    "residentes": Fila("GET /residentes?limite=50", _LISTA, _LISTA, 0.65),
    "yo": Fila("GET /auth/yo", "/auth/yo", _UN_RESIDENTE, 0.85),
    "solicitudes": Fila("GET /solicitudes?limite=50", "/solicitudes?limite=50", _LISTA, 0.45),
    "inicio": Fila("GET /inicio (personal)", "/inicio", _UN_RESIDENTE, 0.35),
    "inicio_de_residente": Fila("GET /inicio (residente)", "/inicio", _UN_RESIDENTE, 0.35, de_residente=True),
}


async def pedir(banco: Banco) -> list[Razon]:
    """Each round hands in for flats of its own."""
    with _servidas(banco) as (api, suelo, ficha):
        pelada = pregunta(suelo, ficha, "/solicitudes", {"sorteo_id": "x", "unidad_id": "x", "placa": "ABC123"})
        return await frente_a(
            "POST /solicitudes", "pelada", _entregas(api, 4), lambda: llamar(suelo, [pelada] * _PEDIDAS, 4), 0.25
        )


@contextmanager
def _servidas(banco: Banco) -> Iterator[tuple[Servida, str, str]]:
    """The API, the bare program, and a token for the second."""
    with tempfile.TemporaryDirectory(prefix="parknet-llamadas-") as carpeta:
        entorno = os.environ | {"SUELO_URI": banco.uri, "SUELO_BASE": "llamadas"}
        with servida(banco, Path(carpeta), "llamadas") as api, otra(_SUELO, entorno) as suelo:
            yield api, suelo, jwt.encode({"sub": "x"}, CLAVE, "HS256")


async def frente_a(que: str, quien: str, propia: Lado, otra: Lado, minimo: float) -> list[Razon]:
    """How many calls of ours are answered while one of `quien` is."""
    tomo, contra_lo_que = await por_turnos([propia, otra], rondas=_RONDAS)
    # Throughput is the inverse of time.
    return [Razon(que, "API", quien, entre(contra_lo_que, tomo), minimo, minimo=True)]


def _pedida(sorteo: str, unidad: Any, vehiculo: Any) -> dict[str, Any]:
    return {"sorteo_id": sorteo, "unidad_id": unidad["id"], "placa": vehiculo["placa"]}


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
                pregunta(api.origen, api.token, "/solicitudes", _pedida(sorteo, u, v)) for u, v, _ in hogares[1:6]
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
    cuerpos = iter([_pedida(sorteo, u, v) for u, v, _ in hogares])

    async def lado() -> None:
        tanda = [next(cuerpos) for _ in range(_PEDIDAS)]
        await llamar(api.origen, [pregunta(api.origen, api.token, "/solicitudes", c) for c in tanda], clientes)

    return lado
