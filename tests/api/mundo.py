"""A small world, made through the API alone: who lives where, one draw that is over, one open, one draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.conftest import INICIO, Reloj
from tests.loteria import fuente

V1 = "/api/v1"
CORREO_ADMIN = "admin@example.com"
CLAVE = "una clave muy larga"
AUSENTE = "0" * 24
ROLES = ("admin", "operador", "auditor", "residente", "porteria")

# Who calls: the five roles, and the neighbour of `residente`.
Cabeceras = Mapping[str, str]


@dataclass
class Vecino:
    """A resident with an account, their flat, vehicle, and what the draws gave them."""

    id: str
    unidad: str
    vehiculo: str
    solicitud_pasada: str = ""
    solicitud: str = ""
    asignacion: str = ""
    reclamo: str = ""
    aviso: str = ""
    sesion: str = ""


@dataclass
class Mundo:
    cliente: httpx.AsyncClient
    quien: dict[str, Cabeceras] = field(default_factory=dict)
    ana: Vecino = field(default_factory=lambda: Vecino("", "", ""))
    luis: Vecino = field(default_factory=lambda: Vecino("", "", ""))
    sola: str = ""
    invitacion: str = ""
    llave: str = ""
    publicado: str = ""
    abierto: str = ""
    borrador: str = ""
    trabajo: str = ""
    cuenta: str = ""
    sancion: str = ""
    permuta: str = ""

    async def pedir(
        self, metodo: str, ruta: str, quien: str = "admin", espera: int | None = None, **opciones: Any
    ) -> Any:
        respuesta = await self.cliente.request(metodo, V1 + ruta, headers=self.quien[quien], **opciones)
        ok = respuesta.is_success if espera is None else respuesta.status_code == espera
        assert ok, (metodo, ruta, respuesta.status_code, respuesta.text)
        return respuesta.json() if respuesta.content else None

    async def entrar(self, usuario: str) -> Cabeceras:
        respuesta = await self.cliente.post(V1 + "/auth/login", data={"username": usuario, "password": CLAVE})
        assert respuesta.status_code == 200, respuesta.text
        return {"Authorization": f"Bearer {respuesta.json()['access_token']}"}

    async def registrar(self, invitado: Mapping[str, str]) -> None:
        invitacion = await self.pedir("POST", "/auth/invitaciones", json=invitado)
        cuerpo = {"invitacion": invitacion["token"], "password": CLAVE, "acepta_politica": True}
        respuesta = await self.cliente.post(V1 + "/auth/registro", json=cuerpo)
        assert respuesta.status_code == 201, respuesta.text

    async def vecino(self, *, apartamento: str, nombres: str, documento: str, placa: str) -> Vecino:
        unidad = await self.pedir(
            "POST",
            "/residentes/unidades",
            json={
                "torre": "Torre 1",
                "apartamento": apartamento,
                "vehiculos": [{"tipo": "carro", "placa": placa}],
            },
        )
        residente = await self.pedir("POST", "/residentes", json=persona(nombres, documento, apartamento))
        return Vecino(id=residente["id"], unidad=unidad["id"], vehiculo=unidad["vehiculos"][0]["id"])

    async def sortear(self, nombre: str, **campos: Any) -> str:
        sorteo = await self.pedir("POST", "/sorteo", json=parametros(nombre) | campos)
        return str(sorteo["id"])


def persona(nombres: str, documento: str, apartamento: str) -> dict[str, Any]:
    return {
        "nombres": nombres,
        "apellidos": "Rojas",
        "tipo_documento": "CC",
        "numero_documento": documento,
        "email": f"{documento}@example.com",
        "unidades": [{"torre": "Torre 1", "apartamento": apartamento, "tenencia": "propietario"}],
    }


def parametros(nombre: str, *, disponible: datetime = INICIO + timedelta(days=10)) -> dict[str, Any]:
    return {
        "nombre": nombre,
        "vigencia": {"desde": "2027-01-01", "hasta": "2027-06-30"},
        "fuente_entropia": fuente(disponible),
    }


async def construir(cliente: httpx.AsyncClient, reloj: Reloj) -> Mundo:
    """The past first: the clock stands five days before `INICIO` and is left there."""
    mundo = Mundo(cliente)
    reloj.poner(INICIO - timedelta(days=5))
    mundo.quien["admin"] = await mundo.entrar(CORREO_ADMIN)
    for rol in ("operador", "auditor", "porteria"):
        await mundo.registrar({"email": f"{rol}@example.com", "rol": rol})
    mundo.ana = await mundo.vecino(apartamento="101", nombres="Ana", documento="1001", placa="AAA101")
    mundo.luis = await mundo.vecino(apartamento="102", nombres="Luis", documento="1002", placa="BBB102")
    for vecino in (mundo.ana, mundo.luis):
        await mundo.registrar({"residente_id": vecino.id})
    sola = await mundo.pedir("POST", "/residentes/unidades", json={"torre": "Torre 2", "apartamento": "201"})
    mundo.sola = sola["id"]
    for codigo in ("P-01", "P-02", "P-03", "P-04"):
        await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    sancion = await mundo.pedir(
        "POST",
        f"/residentes/unidades/{mundo.ana.unidad}/sanciones",
        json={"motivo": "Acta 9", "desde": "2025-01-01", "hasta": "2025-06-30", "excluye": True},
    )
    mundo.sancion = sancion["id"]
    await mundo.pedir(
        "POST",
        "/sorteo/prioridades",
        json={
            "codigo": "propietarios",
            "descripcion": "Los propietarios primero",
            "condiciones": [{"campo": "tenencia", "operador": "igual", "valor": "propietario"}],
            "efecto": {"nivel": 2},
        },
    )
    await _sorteo_pasado(mundo, reloj)
    reloj.poner(INICIO)
    mundo.quien |= {
        "admin": await mundo.entrar(CORREO_ADMIN),
        "operador": await mundo.entrar("operador@example.com"),
        "auditor": await mundo.entrar("auditor@example.com"),
        "porteria": await mundo.entrar("porteria@example.com"),
        "residente": await mundo.entrar("1001"),
        "vecino": await mundo.entrar("1002"),
    }
    mundo.abierto = await mundo.sortear("Primer semestre de 2027", espacios=["P-03", "P-04"])
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/abrir")
    for quien, vecino in (("residente", mundo.ana), ("vecino", mundo.luis)):
        vecino.solicitud = await _solicitar(mundo, quien, vecino, mundo.abierto)
        vecino.aviso = (await mundo.pedir("GET", "/avisos", quien))["items"][0]["id"]
        vecino.sesion = (await mundo.pedir("GET", "/auth/sesiones", quien))["items"][-1]["id"]
    mundo.cuenta = (await mundo.pedir("GET", "/auth/usuarios?rol=operador"))["items"][0]["id"]
    mundo.borrador = await mundo.sortear("Segundo semestre de 2027")
    pendiente = await mundo.pedir(
        "POST", "/auth/invitaciones", json={"email": "otro.operador@example.com", "rol": "operador"}
    )
    mundo.invitacion = pendiente["id"]
    llave = await mundo.pedir("POST", "/auth/llaves", json={"nombre": "torniquete", "rol": "auditor"})
    mundo.llave = llave["id"]
    mundo.permuta = await _permuta_pedida(mundo)
    mundo.trabajo = await _trabajo_cancelado(mundo)
    return mundo


async def _permuta_pedida(mundo: Mundo) -> str:
    """Ana would give what she won for what Luis won."""
    suyos = [(await mundo.pedir("GET", "/sorteo/asignaciones/yo", quien))["items"] for quien in ("residente", "vecino")]
    (de_ana,), (de_luis,) = ([asignacion["espacio"] for asignacion in propias] for propias in suyos)
    pedido = {"espacio": de_ana, "por": de_luis}
    return str((await mundo.pedir("POST", "/sorteo/permutas/consentir", "residente", json=pedido))["id"])


async def _trabajo_cancelado(mundo: Mundo) -> str:
    """Or one that was done before it could be."""
    cabeceras = {**mundo.quien["operador"], "Content-Type": "text/csv"}
    respuesta = await mundo.cliente.post(
        V1 + "/residentes/unidades/importar", content="torre,apartamento\nTorre 7,701\n", headers=cabeceras
    )
    assert respuesta.status_code == 202, respuesta.text
    trabajo: str = respuesta.json()["id"]
    cancelado = await mundo.cliente.delete(f"{V1}/trabajos/{trabajo}", headers=mundo.quien["operador"])
    assert cancelado.is_success or cancelado.json()["codigo"] == "trabajo_terminado", cancelado.text
    return trabajo


async def _solicitar(mundo: Mundo, quien: str, vecino: Vecino, sorteo: str) -> str:
    solicitud = await mundo.pedir(
        "POST", "/solicitudes", quien, json={"sorteo_id": sorteo, "vehiculo_id": vecino.vehiculo}
    )
    return str(solicitud["id"])


async def _sorteo_pasado(mundo: Mundo, reloj: Reloj) -> None:
    """Published, both with a space that they accepted."""
    disponible = reloj.instante + timedelta(days=1)
    datos = parametros("Segundo semestre de 2026", disponible=disponible) | {
        "vigencia": {"desde": "2026-01-01", "hasta": "2026-12-31"},
        "espacios": ["P-01", "P-02"],
        "aprobacion": "automatica",
    }
    mundo.publicado = (await mundo.pedir("POST", "/sorteo", json=datos))["id"]
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/abrir")
    mundo.quien |= {"residente": await mundo.entrar("1001"), "vecino": await mundo.entrar("1002")}
    for quien, vecino in (("residente", mundo.ana), ("vecino", mundo.luis)):
        vecino.solicitud_pasada = await _solicitar(mundo, quien, vecino, mundo.publicado)
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/cerrar")
    reloj.avanzar(days=1, minutes=1)
    mundo.quien = {
        "admin": await mundo.entrar(CORREO_ADMIN),
        "residente": await mundo.entrar("1001"),
        "vecino": await mundo.entrar("1002"),
    }
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/ejecutar", json={"entropia": "1234 serie 567"})
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/publicar")
    for quien, vecino in (("residente", mundo.ana), ("vecino", mundo.luis)):
        ruta = f"/solicitudes/{vecino.solicitud_pasada}/estado"
        await mundo.pedir("PATCH", ruta, quien, json={"estado": "aceptada"})
        propias = await mundo.pedir("GET", "/sorteo/asignaciones/yo", quien)
        vecino.asignacion = propias["items"][0]["id"]
        ruta = f"/sorteo/{mundo.publicado}/reclamos"
        vecino.reclamo = (await mundo.pedir("POST", ruta, quien, json={"texto": "No oí el número"}))["id"]
