"""Two processes of the API on one database, the scenes that races are run on, and what is left of one."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bson import ObjectId
from pymongo.database import Database

from tests.crash.edificio import CLAVE, CORREO, Api, Datos, api, base
from tests.loteria import de_un_anio
from tests.wiring.carreras.contrato import CSV, Llamada

OPERADOR = "operador@example.com"
V1 = "/api/v1"
_DISPONIBLE = timedelta(hours=1)
"""How long after it opens the number that a draw waits for can be known."""
_SIN_DECIR = {
    "_id",
    "version",
    "toques",
    "folio",
    "archivo_id",
    "usuario_id",
    "decidida_por",
    "token",
    "clave",
    "creado_por",
    "mirado",
}
"""Fields that every run has of its own, or that only collide."""

_POR = (
    ("unidades", "apartamento"),
    ("residentes", "numero_documento"),
    ("vehiculos", "placa"),
)
_SE_MIRA = {"sorteos": ["estado", "participantes", "admitidos"]}


class Escena:
    """See `tests.wiring.carreras.contrato`. `nombres`: what is said in calls, by the name that they say."""

    def __init__(self, numero: int, de_todas: Mapping[str, Any]) -> None:
        self.n = str(10_000 + numero)
        self.nombres: dict[str, Any] = {"n": self.n, **de_todas}

    @property
    def filas(self) -> str:
        return (
            f"T,{self.n}A,Ana,Paz,{self.n}1,a{self.n}@example.com,K{self.n}1\n"
            f"T,{self.n}A,Luis,Paz,{self.n}2,,K{self.n}2\n"
            f"T,{self.n}B,Eva,Paz,{self.n}3,,K{self.n}3\n"
        )

    def hallar(self, guardado: "Database[dict[str, Any]]") -> None:
        for fila in guardado["unidades"].find({"apartamento": {"$regex": f"^{self.n}"}}):
            self.nombres[fila["apartamento"][-1]] = str(fila["_id"])
        for fila in guardado["residentes"].find({"numero_documento": {"$regex": f"^{self.n}"}}):
            self.nombres[fila["nombres"]] = str(fila["_id"])
        for fila in guardado["vehiculos"].find({"placa": {"$regex": f"^K{self.n}"}}):
            self.nombres[fila["placa"][-1]] = str(fila["_id"])

    def decir(self, algo: Any) -> Any:
        """With the names that it says filled in."""
        if isinstance(algo, str):
            if algo[1:-1] in self.nombres and not isinstance(self.nombres[algo[1:-1]], str):
                return self.nombres[algo[1:-1]]
            return re.sub(r"{(\w+)}", lambda hallado: str(self.nombres[hallado[1]]), algo)
        if isinstance(algo, Mapping):
            return {clave: self.decir(valor) for clave, valor in algo.items()}
        return [self.decir(valor) for valor in algo] if isinstance(algo, list | tuple) else algo

    def queda(self, guardado: "Database[dict[str, Any]]") -> list[str]:
        """All that is stored of it, as one that had no number of its own."""
        suyas = [*guardado["unidades"].find({"apartamento": {"$regex": f"^{self.n}"}})]
        pisos = {"$in": [ObjectId(self.nombres[p]) for p in "ABC" if p in self.nombres] + [u["_id"] for u in suyas]}
        personas = {"$in": [ObjectId(self.nombres[p]) for p in ("Ana", "Luis", "Eva")]}
        de_alguien = {"$or": [{"_id": personas}, {"numero_documento": {"$regex": f"^{self.n}"}}]}
        quienes = {"$in": [r["_id"] for r in guardado["residentes"].find(de_alguien, ["_id"])]}
        pedidas = [*guardado["solicitudes"].find({"unidad_id": pisos})]
        cuales: dict[str, Any] = {
            "vehiculos": {"$or": [{"unidad_id": pisos}, {"placa": {"$regex": f"^K{self.n}"}}]},
            "residentes": de_alguien,
            "sanciones": {"unidad_id": pisos},
            "condiciones": {"codigo": f"c{self.n}"},
            "espacios": {"codigo": f"E-{self.n}"},
            "asignaciones": {"unidad_id": pisos},
            "invitaciones": {"residente_id": quienes},
            "usuarios": {"residente_id": quienes},
            "solicitudes_movimientos": {"solicitud_id": {"$in": [s["_id"] for s in pedidas]}},
        }
        if "propio" in self.nombres:
            cuales["sorteos"] = {"_id": ObjectId(self.nombres["propio"])}
        hallado = {nombre: [*guardado[nombre].find(cual, _SE_MIRA.get(nombre))] for nombre, cual in cuales.items()}
        hallado |= {"unidades": suyas, "solicitudes": pedidas}
        llamados = {id: nombre for nombre, id in self.nombres.items() if ObjectId.is_valid(id)}
        return sorted(f"{de} {self._sin_numero(fila, llamados)}" for de, filas in hallado.items() for fila in filas)

    def _sin_numero(self, algo: Any, llamados: Mapping[str, str]) -> Any:
        match algo:
            case dict():
                dichos = {k.replace(self.n, "N"): v for k, v in sorted(algo.items()) if k not in _SIN_DECIR}
                return {k: self._sin_numero(v, llamados) for k, v in dichos.items()}
            case list():
                # What a word is found by begins with a part of the number: other scenes have another.
                partes = {f"{k}{self.n[:largo]}" for k in ("", "k") for largo in (2, 3, 4)}
                de_otras = {valor for valor in algo if isinstance(valor, ObjectId) and str(valor) not in llamados}
                propios = [v for v in algo if not isinstance(v, str | ObjectId) or v not in {*partes, *de_otras}]
                return [self._sin_numero(valor, llamados) for valor in propios]
            case ObjectId():
                return llamados.get(str(algo), "otro")
            case datetime():
                return "un día"
            case str() if re.fullmatch(r"([0-9a-f]+\.)?[0-9a-f]{32,}", algo):
                return "una huella"
            case str():
                seudonimos = "|".join(f"{id}|{id[-6:]}" for id in llamados)
                return re.sub(seudonimos, "alguien", algo.replace(self.n, "N"), flags=re.IGNORECASE)
        return algo


class Pista:
    """Where races are run: `guardado` is the database; callers are the admin at one process, and at the other."""

    def __init__(self, apis: Sequence[Api], guardado: "Database[dict[str, Any]]", reloj: Path) -> None:
        self._apis, self.guardado, self._reloj = apis, guardado, reloj
        self._clientes = [httpx.AsyncClient(base_url=a.cliente.base_url, timeout=60) for a in apis]
        self._cabeceras: dict[bool, dict[str, str]] = {}
        self._de_todas: dict[str, Any] = {}
        self._escenas, self._adelante = 0, timedelta()

    def abrir(self) -> None:
        """What is there before any race: two draws that are open, one of which approves by itself. And what scenes are
        found by, which the application does not ask for: without, each look at one goes through those of all races."""
        for coleccion, campo in _POR:
            self.guardado[coleccion].create_index(campo)
        uno = self._apis[0]
        invitado = uno.hacer("POST", "/auth/invitaciones", {"email": OPERADOR, "rol": "operador"})
        uno.hacer(
            "POST", "/auth/registro", {"invitacion": invitado["token"], "password": CLAVE, "acepta_politica": True}
        )
        self.entrar()
        for aprobacion, llamado in (("manual", "manual"), ("automatica", "automatico")):
            uno.hacer("POST", "/sorteo/espacios", {"codigo": llamado, "tipo": "carro"})
            uno.hacer("POST", "/sorteo/espacios", {"codigo": f"{llamado}-moto", "tipo": "moto"})
            de_todos = self._parametros([llamado, f"{llamado}-moto"]) | {"aprobacion": aprobacion}
            self._de_todas[llamado] = uno.hacer("POST", "/sorteo", de_todos)["id"]
            uno.hacer("POST", f"/sorteo/{self._de_todas[llamado]}/abrir")

    def entrar(self) -> None:
        for usuario in (CORREO, OPERADOR):
            datos = {"username": usuario, "password": CLAVE}
            token = self._apis[0].cliente.post(f"{V1}/auth/login", data=datos).json()["access_token"]
            self._cabeceras[usuario == OPERADOR] = {"Authorization": f"Bearer {token}"}

    def saber(self) -> None:
        """Clocks go on until what draws wait for is known, and all who were signed in sign in again."""
        self._adelante += 2 * _DISPONIBLE
        self._reloj.write_text(str(self._adelante.total_seconds()))
        self.entrar()

    async def escenas(self, cuantas: int) -> list[Escena]:
        nuevas = [Escena(self._escenas + n, self._de_todas) for n in range(cuantas)]
        self._escenas += cuantas
        personas = "torre,apartamento,nombres,apellidos,numero_documento,email,placa\n"
        pisos = "torre,apartamento\n" + "".join(f"T,{escena.n}C\n" for escena in nuevas)
        personas += "".join(escena.filas for escena in nuevas)
        for ruta, texto in (("unidades/importar", pisos), ("importar?crear_unidades=true", personas)):
            assert await self.hacer(0, Llamada("POST", f"/residentes/{ruta}", texto, "", CSV), nuevas[0]) == "hecho"
        for escena in nuevas:
            escena.nombres["parametros"] = self._parametros([f"E-{escena.n}"])
            escena.hallar(self.guardado)
        return nuevas

    async def hacer(self, proceso: int, llamada: Llamada, escena: Escena) -> str:
        """What is answered, in words: the status and, of a refusal, its code. Who is told that it is being done asks
        again."""
        cuerpo, cabeceras = escena.decir(llamada.cuerpo), escena.decir(llamada.cabeceras)
        como = {"content": cuerpo} if isinstance(cuerpo, str) else {"json": cuerpo}
        cabeceras = {**self._cabeceras[llamada.del_operador], **cabeceras}
        cliente = self._clientes[proceso]
        respuesta = await cliente.request(llamada.metodo, V1 + escena.decir(llamada.ruta), headers=cabeceras, **como)
        if respuesta.status_code == 202:
            return await self._terminado(cliente, respuesta, llamada, escena)
        if llamada.metodo == "GET":
            escena.nombres[llamada.nombre] = respuesta.headers["ETag"]
        elif respuesta.is_success and llamada.nombre:
            escena.nombres[llamada.nombre] = respuesta.json()["id"]
            escena.nombres["token"] = respuesta.json().get("token")
        if respuesta.is_success:
            return str(respuesta.status_code)
        problema = respuesta.json()
        if problema["codigo"] == "en_curso":
            await asyncio.sleep(0.05)
            return await self.hacer(proceso, llamada, escena)
        errores = problema.get("errores")
        return f"{respuesta.status_code} {errores[0]['codigo'] if errores else problema['codigo']}"

    async def _terminado(
        self, cliente: httpx.AsyncClient, respuesta: httpx.Response, llamada: Llamada, escena: Escena
    ) -> str:
        ruta, espera = respuesta.headers["Location"], {**self._cabeceras[False], "Prefer": "wait=20"}
        trabajo = (await cliente.get(ruta, headers=espera)).json()
        if llamada.nombre:
            escena.nombres[llamada.nombre] = trabajo["id"]
        return str(trabajo["estado"])

    def _parametros(self, espacios: Sequence[str]) -> dict[str, Any]:
        disponible = datetime.now(UTC) + self._adelante + _DISPONIBLE
        return de_un_anio(disponible, nombre=espacios[0], espacios=list(espacios))

    async def cerrar(self) -> None:
        await asyncio.gather(*(cliente.aclose() for cliente in self._clientes))


@contextmanager
def pista(carpeta: Path, servidor: str) -> Iterator[Pista]:
    datos = Datos(carpeta, servidor, "carreras")
    reloj = carpeta / "adelante"
    reloj.write_text("0")
    (carpeta / "parar").write_text("0")
    como: Any = {"turno": 10, "transacciones": 10, "pausas": carpeta, "lote": 500}
    with api(datos, **como) as una, api(datos, **como) as otra, base(datos) as guardado:
        assert una.proceso.pid != otra.proceso.pid
        corrida = Pista([una, otra], guardado, reloj)
        corrida.abrir()
        yield corrida
