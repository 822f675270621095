"""People at work while things fail: each call goes to one of the processes, is timed, and is written down."""

import asyncio
import itertools
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from scripts.cluster.apis import CLAVE, CORREO
from scripts.faults.ledger import Anotada, Libro, ahora

V1 = "/api/v1"
TORRE = "FALLAS"
SONDA = "sonda"
_PACIENCIA = 60.0
"""Seconds that a client waits for an answer: longer than any may take."""
_ENTRE_INTENTOS = 0.5
_ENLACES = httpx.Limits(keepalive_expiry=2.0)
"""The server ends connections that nobody used for five seconds: no call is to go out on one that just ends."""
_CADA_REFRESCO = 15.0


@dataclass(frozen=True)
class Respuesta:
    status: int | None
    codigo: str
    cuerpo: Any

    @property
    def buena(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Persona:
    """Somebody signed in, with one device. Their session is renewed again and again, and must never be lost."""

    def __init__(self, nombre: str, origenes: Sequence[str], libro: Libro) -> None:
        self.nombre = nombre
        self._libro = libro
        agente = {"User-Agent": f"{nombre}/1"}
        self._clientes = [
            httpx.AsyncClient(base_url=origen, timeout=_PACIENCIA, limits=_ENLACES, trust_env=False, headers=agente)
            for origen in origenes
        ]
        self._turno = itertools.cycle(range(len(origenes)))
        self._acceso = self._refresco = ""
        self._renovado = 0.0
        self.seguir = True

    async def entrar(self) -> None:
        datos = {"username": CORREO, "password": CLAVE}
        while True:
            dada = await self._una("entrar", self.nombre, "POST", f"{V1}/auth/login", data=datos)
            if dada.buena:
                self._guardar(dada)
                return
            await asyncio.sleep(_ENTRE_INTENTOS)

    async def cerrar(self) -> None:
        for cliente in self._clientes:
            await cliente.aclose()

    async def pedir(
        self,
        clase: str,
        cosa: str,
        metodo: str,
        ruta: str,
        *,
        json: Any = None,
        clave: str | None = None,
        api: int | None = None,
        valor: Any = None,
    ) -> Respuesta:
        """One call, to the next process or to `api`."""
        await self._al_dia()
        cabeceras = {"Authorization": f"Bearer {self._acceso}"} | ({} if clave is None else {"Idempotency-Key": clave})
        return await self._una(clase, cosa, metodo, V1 + ruta, api=api, valor=valor, json=json, headers=cabeceras)

    async def insistir(self, clase: str, cosa: str, metodo: str, ruta: str, *, json: Any = None) -> Respuesta:
        """Under one key, again until it is answered for good: as a client of ours does."""
        clave = f"{cosa}-{secrets.token_hex(4)}"
        while True:
            dada = await self.pedir(clase, cosa, metodo, ruta, json=json, clave=clave)
            pasajera = dada.status is None or dada.status == 503 or dada.codigo == "en_curso"
            if not pasajera or not self.seguir:
                return dada
            await asyncio.sleep(_ENTRE_INTENTOS)

    async def salud(self, clase: str, ruta: str, api: int) -> None:
        await self._una(clase, self.nombre, "GET", ruta, api=api)

    async def _al_dia(self) -> None:
        """The next tokens when it is time. Whoever had no answer shows the same token again."""
        while ahora() > self._renovado + _CADA_REFRESCO and self.seguir:
            cuerpo = {"refresh_token": self._refresco}
            dada = await self._una("refrescar", self.nombre, "POST", f"{V1}/auth/refresh", json=cuerpo)
            if dada.buena:
                self._guardar(dada)
            elif dada.status == 401:
                await self.entrar()  # which the judge will not let pass
            else:
                await asyncio.sleep(_ENTRE_INTENTOS)

    def _guardar(self, dada: Respuesta) -> None:
        self._acceso, self._refresco = dada.cuerpo["access_token"], dada.cuerpo["refresh_token"]
        self._renovado = ahora()

    async def _una(
        self, clase: str, cosa: str, metodo: str, ruta: str, *, api: int | None = None, valor: Any = None, **que: Any
    ) -> Respuesta:
        cual = next(self._turno) if api is None else api
        desde = ahora()
        try:
            llegada = await self._clientes[cual].request(metodo, ruta, **que)
        except httpx.TransportError as error:
            dada = Respuesta(None, type(error).__name__, None)
        else:
            es_json = "json" in llegada.headers.get("content-type", "")
            cuerpo = llegada.json() if es_json and llegada.content else llegada.content
            codigo = cuerpo.get("codigo", "") if isinstance(cuerpo, dict) and not llegada.is_success else ""
            dada = Respuesta(llegada.status_code, str(codigo), cuerpo)
        fin = ahora()
        self._libro.anotar(
            Anotada(
                cuando=fin,
                clase=clase,
                cosa=cosa,
                api=cual,
                status=dada.status,
                codigo=dada.codigo,
                segundos=fin - desde,
                valor=valor,
            )
        )
        return dada


async def crea_con_clave(persona: Persona) -> None:
    """Flats, each asked for until it is there."""
    for n in itertools.count():
        if not persona.seguir:
            return
        cosa = f"{persona.nombre}{n}"
        unidad = {"torre": TORRE, "apartamento": cosa}
        await persona.insistir("con clave", cosa, "POST", "/residentes/unidades", json=unidad)
        await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311


async def crea_sin_clave(persona: Persona) -> None:
    """Spaces, each asked for once, whatever is answered."""
    for n in itertools.count():
        if not persona.seguir:
            return
        cosa = f"{persona.nombre}{n}"
        await persona.pedir("sin clave", cosa, "POST", "/sorteo/espacios", json={"codigo": cosa, "tipo": "carro"})
        await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311


async def cambia(persona: Persona) -> None:
    """One space of their own, changed again and again: each value is greater than the one before."""
    cosa = f"{persona.nombre}0"
    await persona.insistir("con clave", cosa, "POST", "/sorteo/espacios", json={"codigo": cosa, "tipo": "carro"})
    for n in itertools.count(1):
        if not persona.seguir:
            return
        cambio = {"zona": f"Z{n:07}"}
        await persona.pedir("cambio", cosa, "PATCH", f"/sorteo/espacios/{cosa}", json=cambio, valor=cambio["zona"])
        await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311


async def lee(persona: Persona) -> None:
    for ruta in itertools.cycle(
        ("/sorteo/espacios?limite=50", "/residentes/unidades?limite=50&contar=true", "/inicio", "/auditoria?limite=50")
    ):
        if not persona.seguir:
            return
        await persona.pedir("lectura", ruta, "GET", ruta)
        await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311


async def escribe_en(persona: Persona, api: int) -> None:
    """Whether that process writes, all the time."""
    cosa = f"{persona.nombre}0"
    await persona.insistir("con clave", cosa, "POST", "/sorteo/espacios", json={"codigo": cosa, "tipo": "carro"})
    for n in itertools.count(1):
        if not persona.seguir:
            return
        cambio = {"zona": f"Z{n:07}"}
        ruta = f"/sorteo/espacios/{cosa}"
        await persona.pedir(SONDA, cosa, "PATCH", ruta, json=cambio, api=api, valor=cambio["zona"])
        await asyncio.sleep(0.25)


async def mira_la_salud(persona: Persona, api: int) -> None:
    while persona.seguir:
        await persona.salud("vive", "/health/live", api)
        await persona.salud("lista", "/health/ready", api)
        await asyncio.sleep(0.25)
