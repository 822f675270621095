"""What grows with the data: the 95th percentile of each call where there are a million flats, vehicles, residents,
requests and notices, against ten thousand of each; two databases on one server, in turns.

The rows are clones of what the API made, with what is derived derived alike. `ESCALA="2000 100000"` in the environment
measures with fewer.
"""

import asyncio
import os
import statistics
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId

from app.modules.residentes.busqueda.claves import con_comienzos
from scripts.bench.banco import Banco, RespuestaInesperada
from scripts.bench.llamadas import CLAVE_DE_RESIDENTE, cuenta, sorteo_abierto
from scripts.bench.medida import Razon
from scripts.bench.servidores import Servida, servida
from scripts.cluster.apis import CLAVE, CORREO

_CHICA, _GRANDE = (int(n) for n in os.environ.get("ESCALA", "10000 1000000").split())
_TANDAS, _VECES = 5, 20
_LOTE = 10_000
_MAXIMO = 1.5
_NOMBRES = ("Ana", "Luz", "Rosa", "Iván", "Íñigo", "Óscar", "Eva", "Leo", "Gil", "Noé", "Ada", "Paz", "Sara", "Tomás")
_APELLIDOS = ("Peña", "Núñez", "Ruiz", "Vega", "Soto", "Mora", "León", "Cano", "Rojas", "Díaz", "Gómez", "Pérez")
# Those that have rows of their own.
_PRIMERAS = (
    "inicio (personal)",
    "residentes/resumen",
    "solicitudes/resumen",
    "residentes q de muchos",
    "residentes q de dos palabras",
    "residentes al_dia=false",
)
Llamada = Callable[[], httpx.Response]


async def medir(banco: Banco) -> list[Razon]:
    with (
        tempfile.TemporaryDirectory(prefix="parknet-escala-") as carpeta,
        servida(banco, Path(carpeta), "chica") as chica,
        servida(banco, Path(carpeta), "grande") as grande,
    ):
        lados = [Lado(chica, await _crecer(chica, banco, "chica", _CHICA))]
        lados.append(Lado(grande, await _crecer(grande, banco, "grande", _GRANDE)))
        return await _medir(lados)


async def _medir(lados: list["Lado"]) -> list[Razon]:
    de_cada = [dict(lado.llamadas()) for lado in lados]
    razones, otras = [], {}
    for que in de_cada[0]:
        # A thread for each: between two of them the whole can be stopped.
        rondas = await asyncio.to_thread(_rondas, lados, [de[que] for de in de_cada])
        if que in _PRIMERAS:
            razones.append(Razon(que, f"{_GRANDE:,}", f"{_CHICA:,}", rondas, _MAXIMO))
        else:
            otras[que] = rondas
    for que, rondas in sorted(otras.items(), key=lambda par: -statistics.median(par[1])):
        razones.append(Razon(que, f"{_GRANDE:,}", f"{_CHICA:,}", rondas, _MAXIMO))
    return razones


def _rondas(lados: list["Lado"], llamadas: Sequence[Llamada]) -> list[float]:
    for lado in lados:
        lado.entrar()
    rondas = []
    for _ in range(_TANDAS):
        # By turns call by call: what else the machine does falls on both sides alike.
        chica, grande = zip(*([_tiempo(llamada) for llamada in llamadas] for _ in range(_VECES)), strict=True)
        rondas.append(_p95(grande) / _p95(chica))
    return rondas


def _tiempo(llamada: Llamada) -> float:
    inicio = time.perf_counter()
    respuesta = llamada()
    tomo = time.perf_counter() - inicio
    if not respuesta.is_success:
        raise RespuestaInesperada(f"{respuesta.request.url}: {respuesta.status_code} {respuesta.text}")
    return tomo


def _p95(tiempos: Sequence[float]) -> float:
    return statistics.quantiles(tiempos, n=20, method="inclusive")[-1]


class Lado:
    """`fila`: one in the middle of all, as the database has it, by collection."""

    def __init__(self, api: Servida, fila: Mapping[str, Any]) -> None:
        self._api = api
        self._fila = fila
        # The first token may have lapsed while the rows were written.
        self._entrar_de_personal()
        self._residente = api.hogar(1)[2]
        self._vecino = httpx.Client(base_url=api.origen, timeout=60, trust_env=False)
        self._vecino.headers["Authorization"] = f"Bearer {cuenta(api, self._residente)}"
        self._lejos = {ruta: self._pagina(ruta, 20) for ruta in ("/residentes", "/solicitudes")}
        self._hechas = 0

    def entrar(self) -> None:
        """Again: tokens last less than this takes."""
        self._entrar_de_personal()
        token = self._api.entrar(self._residente["email"], CLAVE_DE_RESIDENTE)
        self._vecino.headers["Authorization"] = f"Bearer {token}"

    def _entrar_de_personal(self) -> None:
        self._api.cliente.headers["Authorization"] = f"Bearer {self._api.entrar(CORREO, CLAVE)}"

    def _pagina(self, ruta: str, cuantas: int) -> str:
        """The cursor of a page that is so many away."""
        cursor = ""
        for _ in range(cuantas):
            cursor = self._api.pedir("GET", f"{ruta}?limite=50{f'&cursor={cursor}' if cursor else ''}")["siguiente"]
        return cursor

    def llamadas(self) -> Iterator[tuple[str, Llamada]]:
        unidad, residente, vehiculo, solicitud = (
            self._fila[c] for c in ("unidades", "residentes", "vehiculos", "solicitudes")
        )
        sorteo, sitio = solicitud["sorteo_id"], f"{unidad['torre']} {unidad['apartamento']}"
        consultas = {
            "inicio (personal)": "/inicio",
            "residentes/resumen": "/residentes/resumen",
            "solicitudes/resumen": "/solicitudes/resumen",
            "residentes q de muchos": "/residentes?q=per",
            "residentes q de dos palabras": "/residentes?q=iñigo peña",
            "residentes al_dia=false": "/residentes?al_dia=false",
            "residentes/{id}": f"/residentes/{residente['_id']}",
            "residentes": "/residentes?limite=50",
            "residentes orden=-creado_en": "/residentes?limite=50&orden=-creado_en",
            "residentes contar": "/residentes?limite=50&contar=true",
            "residentes q de un documento": f"/residentes?q={residente['numero_documento']}",
            "residentes q de nadie": "/residentes?q=zzzqqq",
            "residentes torre": f"/residentes?torre={unidad['torre']}",
            "residentes placa": f"/residentes?placa={vehiculo['placa']}",
            "residentes condicion": "/residentes?condicion=movilidad_reducida",
            "residentes cuenta": "/residentes?cuenta=activa",
            "residentes estado y cuenta": "/residentes?estado=activo&cuenta=sin_invitar",
            "residentes estado=inactivo": "/residentes?estado=inactivo",
            "residentes, lejos": f"/residentes?limite=50&cursor={self._lejos['/residentes']}",
            "unidades": "/residentes/unidades?limite=50",
            "unidades torre": f"/residentes/unidades?torre={unidad['torre']}",
            "unidades q": f"/residentes/unidades?q={sitio}",
            "unidades al_dia=false": "/residentes/unidades?al_dia=false",
            "solicitudes": "/solicitudes?limite=50",
            "solicitudes sorteo y estado": f"/solicitudes?sorteo_id={sorteo}&estado=pendiente&limite=50",
            "solicitudes orden=folio": f"/solicitudes?sorteo_id={sorteo}&orden=folio&limite=50",
            "solicitudes placa": f"/solicitudes?placa={vehiculo['placa']}",
            "solicitudes contar": "/solicitudes?contar=true",
            "solicitudes, lejos": f"/solicitudes?limite=50&cursor={self._lejos['/solicitudes']}",
            "solicitudes/{id}": f"/solicitudes/{solicitud['_id']}",
            "sorteo/{id}": f"/sorteo/{sorteo}",
            "sorteo/{id}/evaluacion": f"/sorteo/{sorteo}/evaluacion",
        }
        yield from ((que, _leer(self._api.cliente, ruta)) for que, ruta in consultas.items())
        yield "inicio (residente)", _leer(self._vecino, "/inicio")
        yield "avisos (residente)", _leer(self._vecino, "/avisos")
        yield "POST unidades", self._otra_unidad

    def _otra_unidad(self) -> httpx.Response:
        self._hechas += 1
        vehiculos = [{"tipo": "carro", "placa": f"QQ{self._hechas:05}"}]
        cuerpo = {"torre": "Q", "apartamento": str(self._hechas), "vehiculos": vehiculos}
        return self._api.cliente.post("/residentes/unidades", json=cuerpo)


def _leer(cliente: httpx.Client, ruta: str) -> Llamada:
    return lambda: cliente.get(ruta)


async def _crecer(api: Servida, banco: Banco, nombre: str, cuantas: int) -> Mapping[str, Any]:
    """Rows until there are so many of each; the one in the middle."""
    unidad, vehiculo, residente = api.hogar(0)
    sorteo = sorteo_abierto(api)
    cuerpo = {"sorteo_id": sorteo, "unidad_id": unidad["id"], "placa": vehiculo["placa"]}
    pedida = api.pedir("POST", "/solicitudes", cuerpo)
    base = banco.cliente[nombre]
    ids = {"unidades": unidad, "vehiculos": vehiculo, "residentes": residente, "solicitudes": pedida}
    de = {c: await base[c].find_one({"_id": ObjectId(visto["id"])}) for c, visto in ids.items()}
    de["avisos"] = {"tipo": "sorteo_cerrado", "datos": {}, "objeto": None, "ocasion": None, "leido": False}
    medio: Mapping[str, Any] = {}
    for desde in range(1, cuantas, _LOTE):
        lote = [_clon(de, i) for i in range(desde, min(desde + _LOTE, cuantas))]
        await asyncio.gather(*(base[c].insert_many([fila[c] for fila in lote], ordered=False) for c in de))
        if desde <= cuantas // 2 < desde + _LOTE:
            medio = lote[cuantas // 2 - desde]
    await base["solicitudes_ventanillas"].update_one(
        {"_id": ObjectId(sorteo)}, {"$set": {"ultimo_folio": 1000 + cuantas}}
    )
    return medio


def _clon(de: Mapping[str, Any], i: int) -> dict[str, dict[str, Any]]:
    u, v, r, s = (ObjectId() for _ in range(4))
    torre, apartamento, cuando = f"X{i // 1000}", str(i % 1000 + 1), datetime.now(UTC) - timedelta(seconds=i)
    nombres, apellidos = _NOMBRES[i % 14], f"{_APELLIDOS[i // 14 % 12]} {_APELLIDOS[i // 168 % 12]}"
    letras = "".join(chr(65 + i // 1000 // 26**n % 26) for n in range(3))
    documento, placa, nombre = str(70_000_000 + i), f"{letras}{i % 1000:03}X", _plano(f"{apellidos} {nombres}")
    de_piso = con_comienzos([apartamento, torre.lower(), placa.lower(), placa[3:].lower()])
    condicion = {
        **{"codigo": "movilidad_reducida", "persona": "titular", "estado": "verificada", "vigente_hasta": None},
        **{"nota": None, "declarada_en": cuando, "decidida_en": cuando, "decidida_por": None},
    }
    propio: dict[str, dict[str, Any]] = {
        "unidades": {
            **{"_id": u, "torre": torre, "apartamento": apartamento, "al_dia": i % 20 != 0},
            **{"clave": f"{torre.lower()}\n{apartamento}", "torre_clave": torre.lower()},
            **{"apartamento_clave": apartamento, "palabras": de_piso},
            "posicion": f"x{i // 1000:012d}\n{i % 1000 + 1:012d}",
        },
        "vehiculos": {"_id": v, "unidad_id": u, "placa": placa},
        "residentes": {
            **{"_id": r, "nombres": nombres, "apellidos": apellidos, "numero_documento": documento, "nombre": nombre},
            **{"email": f"x{i}@example.com", "unidades": [{"unidad_id": u, "tenencia": "propietario"}]},
            "viven_en": [{"unidad_id": u, "torre": torre, "apartamento": apartamento, "tenencia": "propietario"}],
            **{
                "palabras": sorted({*con_comienzos([documento, *nombre.split()]), *de_piso}),
                "condiciones": [] if i % 50 else [condicion],
            },
            **{"creado_en": cuando, "actualizado_en": cuando},
        },
        "solicitudes": {
            **{"_id": s, "folio": 1000 + i, "unidad_id": u, "residente_id": r},
            "vehiculo": {"id": v, "tipo": "carro", "electrico": False, "placa": placa},
            **{"estado": "aprobada" if i % 4 else "pendiente", "creado_en": cuando, "actualizado_en": cuando},
        },
        "avisos": {"_id": ObjectId(), "destinatario": r, "creado_en": cuando},
    }
    return {coleccion: de[coleccion] | suyo for coleccion, suyo in propio.items()}


def _plano(texto: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", texto.lower()) if not unicodedata.combining(c))
