"""Whatever staff and residents do to the roll and to requests, one after the other or two at once: what is answered and
what is left is what the model says of one order or the other."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import permutations
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.mundo import AUSENTE, CLAVE, CORREO_ADMIN, V1
from tests.judges.foto import Foto, Todas
from tests.judges.juicio import EJEMPLOS
from tests.wiring.complejo import Complejo
from tests.wiring.oficina import CON_CUENTA, DA_IGUAL, Acto, Oficina, Persona


class Conjunto:
    """The same over HTTP."""

    def __init__(self, complejo: Complejo, sorteo: str) -> None:
        self._complejo, self._sorteo = complejo, sorteo
        self._ids: dict[object, str] = {}

    async def visto(self) -> Mapping[str, object]:
        """As it is stored; whoever acts next knows the ids of it."""
        base = self._complejo.aplicacion.base
        sorteo = await base["sorteos"].find_one({}) or {}
        pisos = {u["_id"]: u["apartamento"] async for u in base["unidades"].find({})}
        self._ids = {piso: str(id) for id, piso in pisos.items()}
        vehiculos: dict[str, list[str]] = {piso: [] for piso in pisos.values()}
        async for v in base["vehiculos"].find({}).sort("placa", 1):
            vehiculos[pisos[v["unidad_id"]]].append(v["placa"])
            self._ids[v["placa"]] = str(v["_id"])
        personas = {}
        async for p in base["residentes"].find({}):
            self._ids[p["nombres"]] = str(p["_id"])
            suyos = sorted(pisos[o["unidad_id"]] for o in p["unidades"])
            personas[p["nombres"]] = (p["numero_documento"], suyos, p["estado"] == "activo")
        pedidas: dict[tuple[str, str, int], str] = {}
        async for s in base["solicitudes"].find({}).sort("folio", 1):
            de_esas = (pisos[s["unidad_id"]], s["vehiculo"]["placa"])
            cual = (*de_esas, sum(otra[:2] == de_esas for otra in pedidas))
            pedidas[cual], self._ids[cual] = s["estado"], str(s["_id"])
        return {
            "abierto": sorteo["estado"] == "abierto",
            "vehiculos": vehiculos,
            "personas": personas,
            "pedidas": pedidas,
        }

    async def entrar(self, acto: Acto) -> dict[str, str] | None:
        """None: they cannot."""
        usuario = CORREO_ADMIN if acto.quien is None else CON_CUENTA[acto.quien]
        datos = {"username": usuario, "password": CLAVE}
        respuesta = await self._pedir("POST", "/auth/login", data=datos)
        assert respuesta.status_code in (200, 401), respuesta.text
        if respuesta.status_code == 401:
            return None
        return {"Authorization": f"Bearer {respuesta.json()['access_token']}"}

    async def a_la_vez(self, actos: Sequence[Acto], sesiones: Sequence[dict[str, str] | None]) -> list[str]:
        """What each was told, once all have been."""
        dichos = await asyncio.gather(*map(self.hacer, actos, sesiones), return_exceptions=True)
        for error in dichos:
            if isinstance(error, BaseException):
                raise error
        return cast("list[str]", dichos)

    async def hacer(self, acto: Acto, cabeceras: dict[str, str] | None) -> str:
        if cabeceras is None:
            return "credenciales_invalidas"
        metodo, ruta, cuerpo = self._llamada(acto)
        respuesta = await self._pedir(metodo, ruta, headers=cabeceras, json=cuerpo)
        if respuesta.is_success:
            return "bien"
        problema = respuesta.json()
        assert respuesta.status_code < 500, (acto, problema)
        if respuesta.status_code == 401:
            return "credenciales_invalidas"
        return str(problema["errores"][0]["codigo"] if respuesta.status_code == 422 else problema["codigo"])

    async def _pedir(self, metodo: str, ruta: str, **mas: Any) -> httpx.Response:
        return await self._complejo.aplicacion.cliente.request(metodo, V1 + ruta, **mas)

    def _llamada(self, acto: Acto) -> tuple[str, str, Any]:
        def de(cosa: object) -> str:
            return self._ids.get(cosa, AUSENTE)

        unidad, persona = f"/residentes/unidades/{de(acto.piso)}", f"/residentes/{de(acto.persona)}"
        propia = "" if acto.quien is None else "/yo"
        vehiculos = f"/residentes{propia}/unidades/{de(acto.piso)}/vehiculos"
        pisos = [{"torre": "1", "apartamento": piso, "tenencia": "propietario"} for piso in acto.pisos]
        match acto.que:
            case "unidad":
                return "POST", "/residentes/unidades", {"torre": "1", "apartamento": acto.piso}
            case "borrar":
                return "DELETE", unidad, None
            case "agregar":
                return "POST", vehiculos, {"tipo": "carro", "placa": acto.placa}
            case "quitar":
                return "DELETE", f"{vehiculos}/{de(acto.placa)}", None
            case "llega":
                quien = {"nombres": acto.persona, "apellidos": "Rojas", "tipo_documento": "CC"}
                return "POST", "/residentes", quien | {"numero_documento": acto.documento, "unidades": pisos}
            case "muda":
                return "PATCH", persona, {"unidades": pisos}
            case "se_va":
                return "DELETE", f"{persona}?confirmar={str(acto.confirmado).lower()}", None
            case "vuelve":
                return "PATCH", persona, {"estado": "activo"}
            case "pide":
                pedido = {"sorteo_id": self._sorteo, "unidad_id": de(acto.piso), "placa": acto.placa}
                return "POST", "/solicitudes", pedido
            case "decide":
                cuerpo = {"estado": acto.a} | ({"motivo": "porque sí"} if acto.a == "rechazada" else {})
                return "PATCH", f"/solicitudes/{de(acto.pedida)}/estado", cuerpo
            case "cierra":
                return "POST", f"/sorteo/{self._sorteo}/cerrar", None
        return "POST", f"/sorteo/{self._sorteo}/reabrir", {"motivo": "faltó alguien"}


async def _poblar(complejo: Complejo) -> str:
    for piso in ("101", "102"):
        await complejo.pedir("POST", "/residentes/unidades", json={"torre": "1", "apartamento": piso})
    for (nombre, documento), piso in zip(CON_CUENTA.items(), ("101", "102"), strict=True):
        await complejo.llega(piso, nombre, documento)
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    vigencia = date(2027, 1, 1), date(2027, 6, 30)
    cierre = complejo.ahora + timedelta(days=20)
    return await complejo.sorteo("El primero", vigencia, cierre, aprobacion="manual")


def _al_principio() -> Oficina:
    personas = {n: Persona(d, (p,)) for (n, d), p in zip(CON_CUENTA.items(), ("101", "102"), strict=True)}
    return Oficina(vehiculos={"101": set(), "102": set()}, personas=personas)


def _elegir(oficina: Oficina, dado: int, nueva: str) -> Acto:
    """Seven times in eight something that changes something; each kind of act as likely as the next."""
    todos: dict[str, list[Acto]] = {}
    for acto in oficina.actos(nueva):
        hecho = deepcopy(oficina)
        hecho.hacer(acto)
        if (hecho != oficina) == (dado % 8 > 0):
            todos.setdefault(acto.que, []).append(acto)
    suyos = todos[sorted(todos)[dado // 8 % len(todos)]]
    return suyos[dado // 80 % len(suyos)]


def _segun(oficina: Oficina, actos: list[Acto], orden: Iterable[int]) -> tuple[Oficina, list[str]]:
    hecho, dichos = deepcopy(oficina), [""] * len(actos)
    for n in orden:
        dichos[n] = hecho.hacer(actos[n])
    return hecho, dichos


def _dicen_lo_mismo(dichos: list[str], esperados: list[str]) -> bool:
    return all(map(_dice, dichos, esperados))


def _dice(dicho: str, esperado: str) -> bool:
    if esperado == "credenciales_invalidas":
        return dicho != "bien"  # who leaves in the middle of a call is refused by whatever looks next
    return esperado in (dicho, DA_IGUAL)


@dataclass(frozen=True)
class Escena:
    complejo: Complejo
    sorteo: str
    foto: Foto


@pytest.fixture
async def escena(complejo: Complejo) -> Escena:
    foto = Foto(complejo.aplicacion, Todas())
    sorteo = await _poblar(complejo)
    await foto.tomar()
    return Escena(complejo, sorteo, foto)


@given(programa=st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=2), min_size=10, max_size=30))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=3 * EJEMPLOS,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_it_ends_as_the_model_says(escena: Escena, programa: list[list[int]]) -> None:
    conjunto = Conjunto(escena.complejo, escena.sorteo)
    await escena.foto.reponer()
    oficina = _al_principio()
    assert await conjunto.visto() == oficina.visto()
    for paso, dados in enumerate(programa):
        actos = [_elegir(oficina, dado, f"Vecina {paso + 3} {n}") for n, dado in enumerate(dados)]
        sesiones = [await conjunto.entrar(acto) for acto in actos]
        dichos = await conjunto.a_la_vez(actos, sesiones)
        visto = await conjunto.visto()
        posibles = [_segun(oficina, actos, orden) for orden in permutations(range(len(actos)))]
        quedan = [o for o, esperados in posibles if _dicen_lo_mismo(dichos, esperados) and o.visto() == visto]
        assert quedan, (actos, dichos, visto, [(esperados, o.visto()) for o, esperados in posibles])
        oficina = quedan[0]
