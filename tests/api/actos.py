"""What staff do in a whole world, every writing operation at least once, watched from outside: who asked what of which
operation, and how it was answered."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pyotp
from bson import ObjectId

from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, V1, Mundo, construir, persona
from tests.api.operaciones import OPERACIONES
from tests.conftest import INICIO
from tests.loteria import fuente, instante

_RUTAS = {
    nombre: (o.metodo, re.compile(re.sub(r"\{[a-z_]+\}", "([^/]+)", o.plantilla))) for nombre, o in OPERACIONES.items()
}
ESCRITURAS = frozenset(
    nombre for nombre, o in OPERACIONES.items() if o.metodo != "GET" and o.quienes & {"admin", "operador", "auditor"}
) - {"sorteo_entregar_ronda"}  # its round is older than this world: tests/modules/sorteo/garantes hands one in
APARATO = "aparato-de-una-persona-0001-que-nadie-mas-tiene"


CARTAS: list[Mapping[str, str]] = []
"""What e-mails said to their readers alone."""


@dataclass(frozen=True)
class Hecho:
    """A call that somebody made and its answer. `objetos`: what the path names."""

    operacion: str
    rol: str
    actor: str
    objetos: tuple[str, ...]
    cuerpo: Any
    status: int
    traza: str

    @property
    def bien(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Testigo:
    """Watches a client's calls that write."""

    hechos: list[Hecho] = field(default_factory=list)

    async def antes(self, peticion: httpx.Request) -> None:
        peticion.headers["X-Request-ID"] = str(uuid4())

    async def despues(self, respuesta: httpx.Response) -> None:
        peticion = respuesta.request
        for nombre, (metodo, ruta) in _RUTAS.items():
            hallada = ruta.fullmatch(peticion.url.path)
            if metodo == peticion.method and hallada and metodo != "GET" and "authorization" in peticion.headers:
                quien = _reclamos(peticion.headers)
                self.hechos.append(
                    Hecho(
                        operacion=nombre,
                        rol=quien["rol"],
                        actor=quien["sub"],
                        objetos=hallada.groups(),
                        cuerpo=_leer(peticion.content),
                        status=respuesta.status_code,
                        traza=peticion.headers["X-Request-ID"],
                    )
                )
                return


def _reclamos(cabeceras: Mapping[str, str]) -> Any:
    """Of an access token; a key makes none."""
    token = (cabeceras.get("authorization") or cabeceras["Authorization"]).removeprefix("Bearer ")
    if token.startswith("pnk_"):
        return {"rol": "operador", "sub": "llave"}
    cuerpo = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(cuerpo + "=="))


def _leer(contenido: bytes) -> Any:
    try:
        return json.loads(contenido)
    except ValueError:
        return contenido.decode()


async def actuar(aplicacion: Aplicacion) -> list[Hecho]:
    """All that happened, in order. What is refused on the way is there too."""
    testigo = Testigo()
    aplicacion.cliente.event_hooks = {"request": [testigo.antes], "response": [testigo.despues]}
    mundo = await construir(aplicacion.cliente, aplicacion.reloj)
    for parte in (_cuentas, _padron, _propio, _espacios, _solicitudes, _asignaciones, _sorteos, _avisos):
        await parte(mundo, aplicacion)
    return testigo.hechos


async def _cuentas(mundo: Mundo, aplicacion: Aplicacion) -> None:
    await mundo.pedir("POST", f"/auth/invitaciones/{mundo.invitacion}/reenviar")
    await mundo.pedir("DELETE", f"/auth/invitaciones/{mundo.invitacion}")
    await mundo.pedir("DELETE", f"/auth/invitaciones/{mundo.invitacion}", espera=404)
    mundo.quien["de paso"] = await mundo.entrar("operador@example.com")
    await mundo.pedir("POST", "/auth/logout", "de paso")
    await mundo.pedir("POST", "/auth/invitaciones/lote", json={"residentes": [await _sin_cuenta(mundo)]})
    await mundo.registrar({"email": "de.paso@example.com", "rol": "operador"})
    await _propia(mundo, aplicacion)
    await _ajena(mundo)


async def _sin_cuenta(mundo: Mundo) -> str:
    return str((await mundo.pedir("POST", "/residentes", json=persona("Elvia", "7007", "101")))["id"])


async def _propia(mundo: Mundo, aplicacion: Aplicacion) -> None:
    """What somebody does with their own account."""

    async def entrar(clave: str = CLAVE, correo: str = "de.paso@example.com") -> None:
        cuerpo = {"username": correo, "password": clave}
        respuesta = await mundo.cliente.post(V1 + "/auth/login", data=cuerpo)
        mundo.quien["de paso"] = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}

    for _ in range(3):
        await entrar()
    sesiones = (await mundo.pedir("GET", "/auth/sesiones", "de paso"))["items"]
    otra = next(sesion["id"] for sesion in sesiones if sesion["id"] != _reclamos(mundo.quien["de paso"])["sid"])
    await mundo.pedir("DELETE", f"/auth/sesiones/{otra}", "de paso")
    await mundo.pedir("DELETE", "/auth/sesiones", "de paso")
    nueva = "otra clave igual de larga"
    await mundo.pedir("POST", "/auth/clave", "de paso", json={"actual": CLAVE, "nueva": nueva})
    await entrar(nueva)
    factor = pyotp.TOTP((await mundo.pedir("POST", "/auth/mfa", "de paso"))["secreto"])
    codigo = factor.at(aplicacion.reloj.instante)
    await mundo.pedir("POST", "/auth/mfa/confirmar", "de paso", json={"codigo": codigo})
    codigo = factor.at(aplicacion.reloj.avanzar(minutes=1))
    await mundo.pedir("POST", "/auth/mfa/desactivar", "de paso", json={"password": nueva, "codigo": codigo})
    await entrar(nueva)
    cambio = {"email": "de.otra.parte@example.com", "password": nueva}
    await mundo.pedir("POST", "/auth/correo", "de paso", json=cambio)
    token = [carta["enlace"] for carta in CARTAS if "enlace" in carta][-1].partition("token=")[2]
    await mundo.pedir("POST", "/auth/correo/confirmar", "de paso", json={"token": token})
    await entrar(nueva, "de.otra.parte@example.com")
    factor = pyotp.TOTP((await mundo.pedir("POST", "/auth/mfa", "de paso"))["secreto"])
    codigo = factor.at(aplicacion.reloj.avanzar(minutes=1))
    await mundo.pedir("POST", "/auth/mfa/confirmar", "de paso", json={"codigo": codigo})


async def _ajena(mundo: Mundo) -> None:
    """What an admin does with another's account, and with keys."""
    cuenta = f"/auth/usuarios/{_reclamos(mundo.quien['de paso'])['sub']}"
    await mundo.pedir("DELETE", f"{cuenta}/mfa")
    await mundo.pedir("POST", f"{cuenta}/recuperacion")
    await mundo.pedir("PATCH", cuenta, json={"rol": "auditor"})
    await mundo.pedir("PATCH", "/conjunto", json={"nit": "900.123.456-7"})
    llave = await mundo.pedir("POST", "/auth/llaves", json={"nombre": "la de la portería", "rol": "operador"})
    mundo.quien["llave"] = {"Authorization": f"Bearer {llave['llave']}"}
    await mundo.pedir("PATCH", f"/residentes/unidades/{mundo.sola}", "llave", json={"cupo": 3})
    await mundo.pedir("DELETE", f"/auth/llaves/{llave['id']}")


async def _padron(mundo: Mundo, _: Aplicacion) -> None:
    unidad = await mundo.pedir("POST", "/residentes/unidades", "operador", json={"torre": None, "apartamento": "903"})
    ruta = f"/residentes/unidades/{unidad['id']}"
    await mundo.pedir(
        "POST", "/residentes/unidades", "operador", espera=409, json={"torre": None, "apartamento": "903"}
    )
    await mundo.pedir("PATCH", ruta, "operador", json={"cupo": 2, "al_dia_corte": "2026-02-17"})
    vehiculo = await mundo.pedir("POST", f"{ruta}/vehiculos", "operador", json={"tipo": "moto", "placa": "QWE45F"})
    await mundo.pedir("PATCH", f"{ruta}/vehiculos/{vehiculo['id']}", "operador", json={"placa": "QWE46F"})
    respuesta = await mundo.cliente.post(
        f"{V1}/residentes/paz-y-salvo",
        content=b"torre,apartamento,al_dia\n,903,no\n",
        headers={**mundo.quien["operador"], "Content-Type": "text/csv"},
    )
    assert respuesta.status_code == 200, respuesta.text
    respuesta = await mundo.cliente.post(
        f"{V1}/residentes/importar",
        content=b"Apto;Paz y salvo\n903;no\n",
        headers={**mundo.quien["operador"], "Content-Type": "text/csv"},
    )
    assert respuesta.status_code == 202, respuesta.text
    await mundo.pedir("POST", f"/trabajos/{mundo.trabajo}/deshacer", "operador", espera=202)
    for donde, contenido in (
        ("/sorteo/espacios/importar", b"codigo,zona\nX-00,Patio\n"),
        (f"/solicitudes/importar?sorteo_id={mundo.abierto}", b"apto,placa\n999,ZZZ999\n"),
    ):
        cabeceras = {**mundo.quien["operador"], "Content-Type": "text/csv"}
        respuesta = await mundo.cliente.post(V1 + donde, content=contenido, headers=cabeceras)
        assert respuesta.status_code == 202, respuesta.text
    await mundo.pedir("DELETE", f"{ruta}/vehiculos/{vehiculo['id']}", "operador")
    sancion = {"motivo": "Acta 13", "desde": "2026-01-01", "hasta": "2026-12-31", "excluye": True}
    impuesta = await mundo.pedir("POST", f"/residentes/unidades/{mundo.sola}/sanciones", json=sancion)
    await mundo.pedir("DELETE", f"/residentes/unidades/{mundo.sola}/sanciones/{impuesta['id']}")
    await mundo.pedir("DELETE", ruta, "operador")
    propia = {"codigo": "de_turno", "nombre": {"es": "De turno", "en": "On duty"}, "vence": True}
    await mundo.pedir("POST", "/residentes/condiciones", json=propia)
    await mundo.pedir("PATCH", "/residentes/condiciones/de_turno", json={"nombre": {"en": "On call"}})
    await mundo.pedir("DELETE", "/residentes/condiciones/de_turno")
    embarazo = {"codigo": "embarazo", "persona": "titular", "vigente_hasta": "2026-09-30"}
    nueva = persona("Zoraida", "998877", "101") | {"condiciones": [embarazo]}
    residente = await mundo.pedir("POST", "/residentes", "operador", json=nueva)
    ruta = f"/residentes/{residente['id']}"
    await mundo.pedir("PATCH", ruta, "operador", json={"telefono": "+57 300 765 4321", "apellidos": "Quiñones"})
    decision = {"estado": "verificada", "persona": "titular", "nota": "trajo el carné", "vigente_hasta": "2031-05-06"}
    await mundo.pedir("PUT", f"{ruta}/condiciones/movilidad_reducida", "operador", json=decision)
    await mundo.pedir("PUT", f"{ruta}/condiciones/movilidad_reducida", "auditor", espera=403, json=decision)
    await mundo.pedir("DELETE", ruta, "operador")
    await mundo.pedir("POST", f"{ruta}/suprimir", "admin")


async def _propio(mundo: Mundo, aplicacion: Aplicacion) -> None:
    """An operador who lives here too."""
    vecino = await mundo.vecino(apartamento="104", nombres="Olga", documento="5005", placa="OOO104")
    await aplicacion.base["usuarios"].update_one(
        {"email": "operador@example.com"}, {"$set": {"residente_id": ObjectId(vecino.id)}}
    )
    mundo.quien["operador"] = await mundo.entrar("operador@example.com")
    await mundo.pedir("PATCH", "/residentes/yo", "operador", json={"telefono": "300 111 2233"})
    await mundo.pedir("POST", "/residentes/yo/suprimir", "operador")
    ruta = f"/residentes/yo/unidades/{vecino.unidad}/vehiculos"
    vehiculo = await mundo.pedir("POST", ruta, "operador", json={"tipo": "carro", "placa": "OPQ456"})
    await mundo.pedir("PATCH", f"{ruta}/{vehiculo['id']}", "operador", json={"placa": "OPQ457"})
    await mundo.pedir("DELETE", f"{ruta}/{vehiculo['id']}", "operador")
    condicion = {"codigo": "movilidad_reducida", "persona": "convive"}
    await mundo.pedir("POST", "/residentes/yo/condiciones", "operador", json=condicion)
    pedido = {"sorteo_id": mundo.abierto, "unidad_id": vecino.unidad, "vehiculo_id": vecino.vehiculo}
    solicitud = await mundo.pedir("POST", "/solicitudes", "operador", json=pedido)
    ruta = f"/solicitudes/{solicitud['id']}"
    await mundo.pedir("PATCH", ruta, "operador", json={"preferencias": ["P-04"]})
    await mundo.pedir("PATCH", f"{ruta}/estado", "operador", json={"estado": "cancelada", "motivo": "me mudo a Chía"})
    await mundo.pedir("PATCH", f"{ruta}/estado", "operador", espera=409, json={"estado": "aceptada"})


async def _espacios(mundo: Mundo, _aplicacion: Aplicacion) -> None:
    await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": "X-77", "tipo": "carro"})
    await mundo.pedir("PATCH", "/sorteo/espacios/X-77", json={"zona": "Sótano dos"})
    await mundo.pedir("DELETE", "/sorteo/espacios/X-77")
    await mundo.pedir("DELETE", "/sorteo/espacios/X-77", espera=404)
    regla = {
        "codigo": "antiguos",
        "descripcion": "Los de siempre primero",
        "condiciones": [{"campo": "antiguedad_meses", "operador": "mayor_igual", "valor": 12}],
        "efecto": {"boletas": 2},
    }
    una_vez = {**mundo.quien["admin"], "Idempotency-Key": "la-misma"}
    for _ in range(2):
        respuesta = await mundo.cliente.post(V1 + "/sorteo/prioridades", json=regla, headers=una_vez)
        assert respuesta.status_code == 201, respuesta.text
    await mundo.pedir("PATCH", "/sorteo/prioridades/antiguos", json={"descripcion": "Los de antes"})
    await mundo.pedir("DELETE", "/sorteo/prioridades/antiguos")
    conjunto = {"nombre": "Las de siempre", "descripcion": "Por antigüedad.", "prioridades": [regla]}
    await mundo.pedir("POST", "/sorteo/prioridades/conjuntos", json=conjunto)


async def _solicitudes(mundo: Mundo, _: Aplicacion) -> None:
    masivo = {"ids": [mundo.ana.solicitud, mundo.luis.solicitud], "estado": "aprobada", "motivo": "cumplen los dos"}
    hecho = await mundo.pedir("POST", "/solicitudes/estado", json=masivo)
    assert hecho["cambiadas"] == 2


async def _asignaciones(mundo: Mundo, aplicacion: Aplicacion) -> None:
    await mundo.pedir("POST", "/sorteo/figuras/enlaces", json={"dias": 1})
    reclamos = f"/sorteo/{mundo.publicado}/reclamos"
    await mundo.pedir("POST", reclamos, "operador", json={"texto": "Tampoco lo oí"})
    respuesta = {"estado": "negado", "respuesta": "Se leyó dos veces."}
    await mundo.pedir("PATCH", f"{reclamos}/{mundo.ana.reclamo}", json=respuesta)
    espacio, otro = await _permutas(mundo)
    (suya,) = (await mundo.pedir("GET", f"/sorteo/asignaciones?espacio={otro}&vigente_en=2026-03-03"))["items"]
    await _prestar(aplicacion, ObjectId(suya["id"]))
    ruta = f"/sorteo/asignaciones/{suya['id']}"
    await mundo.pedir("POST", f"{ruta}/reclamar", json={"motivo": "lo necesita otra unidad", "hasta": "2026-03-09"})
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/liberar", espera=409, json={"espacio": espacio})
    await mundo.pedir("POST", f"{ruta}/revocar", json={"motivo": "prestó el suyo"})
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/liberar", json={"espacio": otro})


async def _prestar(aplicacion: Aplicacion, id: ObjectId) -> None:
    """As if what it has had been lent to it."""
    asignaciones = aplicacion.base["asignaciones"]
    marcas = MarcasDeAsignaciones.con(aplicacion.ajustes.clave("clave_sorteo"))
    suya: Any = await asignaciones.find_one({"_id": id})
    prestada = {"prestado": True}
    await asignaciones.update_one({"_id": id}, {"$set": {**prestada, "precinto": marcas.seguida(suya, prestada)}})


async def _permutas(mundo: Mundo) -> tuple[str, str]:
    """The operador moves in with Ana for a while. What Ana had, and what she has now."""
    olga = await mundo.pedir("GET", "/residentes/yo", "operador")
    con_ana = [{"torre": "Torre 1", "apartamento": a, "tenencia": "arrendatario"} for a in ("104", "101")]
    await mundo.pedir("PATCH", f"/residentes/{olga['id']}", json={"unidades": con_ana})
    await mundo.pedir("POST", f"/sorteo/permutas/{mundo.permuta}/retirar", "operador")
    espacio = (await mundo.pedir("GET", "/sorteo/asignaciones/yo", "operador"))["items"][0]["espacio"]
    otro = (await mundo.pedir("GET", "/sorteo/asignaciones/yo", "vecino"))["items"][0]["espacio"]
    for decision in ("negar", "hacer"):
        await mundo.pedir("POST", "/sorteo/permutas/consentir", "operador", json={"espacio": espacio, "por": otro})
        pedido = {"espacio": otro, "por": espacio}
        permuta = await mundo.pedir("POST", "/sorteo/permutas/consentir", "vecino", json=pedido)
        if decision == "negar":
            ruta = f"/sorteo/permutas/{permuta['id']}/negar"
            await mundo.pedir("POST", ruta, "operador", espera=403, json={"motivo": "no conviene"})
            await mundo.pedir("POST", ruta, json={"motivo": "no conviene"})
    hecha = {"espacio_a": espacio, "espacio_b": otro, "motivo": "los dos lo pidieron"}
    await mundo.pedir("POST", "/sorteo/permutas", json=hecha)
    await mundo.pedir("PATCH", f"/residentes/{olga['id']}", json={"unidades": con_ana[:1]})
    return espacio, otro


async def _sorteos(mundo: Mundo, aplicacion: Aplicacion) -> None:
    reloj = aplicacion.reloj
    borrador, abierto = f"/sorteo/{mundo.borrador}", f"/sorteo/{mundo.abierto}"
    await mundo.pedir("PATCH", borrador, json={"nombre": "Sorteo que no será"})
    await mundo.pedir("POST", f"{borrador}/anular", json={"motivo": "sobraba uno"})
    cierre = instante(INICIO + timedelta(days=6))
    await mundo.pedir("POST", f"{abierto}/simular", json={"repeticiones": 3})
    await mundo.pedir("POST", f"{abierto}/prorrogar", json={"cierre": cierre, "motivo": "llovió mucho"})
    await mundo.pedir("POST", f"{abierto}/garantes", json={"nombres": ["Personera", "Contadora", "Vecina"]})
    await mundo.pedir("POST", f"{abierto}/cerrar")
    await mundo.pedir("POST", f"{abierto}/cerrar")
    await mundo.pedir("POST", f"{abierto}/reabrir", json={"motivo": "faltaba uno"})
    await mundo.pedir("POST", f"{abierto}/cerrar")
    await mundo.pedir("POST", f"{abierto}/ejecutar", espera=409, json={"entropia": "9876 serie 543"})
    reloj.avanzar(days=11)
    await _volver(mundo)
    await mundo.pedir("POST", f"{abierto}/ejecutar", json={"entropia": "9876 serie 543"})
    await mundo.pedir("POST", f"{abierto}/ejecutar", json={"entropia": "9876 serie 543"})
    acta = {"asistentes": ["Personera Suárez"], "incidencias": None, "firmantes": []}
    await mundo.pedir("PUT", f"{abierto}/acta", json=acta)
    await mundo.pedir("POST", f"{abierto}/publicar")
    prorroga = {"vence_en": instante(reloj.instante + timedelta(days=20)), "motivo": "está en Leticia"}
    await mundo.pedir("POST", f"/solicitudes/{mundo.luis.solicitud}/prorroga", json=prorroga)
    await mundo.pedir("PATCH", f"/solicitudes/{mundo.luis.solicitud}/estado", "vecino", json={"estado": "aceptada"})
    await mundo.pedir("PATCH", f"/solicitudes/{mundo.ana.solicitud}/estado", "residente", json={"estado": "aceptada"})
    await mundo.pedir("POST", f"{abierto}/finalizar")
    await _dos_sorteos(mundo, aplicacion)


async def _dos_sorteos(mundo: Mundo, aplicacion: Aplicacion) -> None:
    """One gives the flat of the operador a space, which it gives back; the other takes two people to annul."""
    olga = (await mundo.pedir("GET", "/residentes/yo/unidades", "operador"))["items"][0]["id"]
    sorteada = fuente(aplicacion.reloj.instante + timedelta(days=2))
    vigencia = {"desde": "2028-01-01", "hasta": "2028-06-30"}
    campos = {"vigencia": vigencia, "fuente_entropia": sorteada, "aprobacion": "automatica"}
    sorteos = {
        nombre: await mundo.sortear(nombre, espacios=[codigo], **campos)
        for nombre, codigo in (("Uno más", "P-03"), ("El de dos", "P-04"))
    }
    for sorteo in sorteos.values():
        await mundo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    pedido = {"sorteo_id": sorteos["Uno más"], "unidad_id": olga, "placa": "OOO104"}
    solicitud = await mundo.pedir("POST", "/solicitudes", json=pedido)
    for sorteo in sorteos.values():
        await mundo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    aplicacion.reloj.avanzar(days=3)
    await _volver(mundo)
    ruta = f"/sorteo/{sorteos['El de dos']}/anular"
    anulando = await mundo.pedir("POST", ruta, json={"motivo": "se cayó la lista"})
    assert anulando["estado"] == "cerrado"
    await mundo.pedir("POST", f"{ruta}/confirmar", espera=403)
    await mundo.pedir("DELETE", ruta, json={"motivo": "apareció la lista"})
    await mundo.pedir("POST", ruta, json={"motivo": "volvió a caerse"})
    await mundo.pedir("POST", f"{ruta}/confirmar", "auditor")
    ruta = f"/sorteo/{sorteos['Uno más']}"
    await mundo.pedir("POST", f"{ruta}/ejecutar", json={"entropia": "1212 serie 343"})
    await mundo.pedir("POST", f"{ruta}/publicar")
    await mundo.pedir("PATCH", f"/solicitudes/{solicitud['id']}/estado", "operador", json={"estado": "aceptada"})
    suya = (await mundo.pedir("GET", "/sorteo/asignaciones/yo", "operador"))["items"][0]
    await mundo.pedir("POST", f"/sorteo/asignaciones/{suya['id']}/devolver", "operador")


async def _avisos(mundo: Mundo, aplicacion: Aplicacion) -> None:
    await mundo.pedir("POST", "/avisos/dispositivos", "admin", json={"token": APARATO, "plataforma": "ios"})
    await mundo.pedir("DELETE", "/avisos/dispositivos", "admin", json={"token": APARATO})
    await mundo.pedir("POST", "/avisos/leer", "admin", json={"hasta": instante(aplicacion.reloj.instante)})
    aviso = (await mundo.pedir("GET", "/avisos", "operador"))["items"][0]
    await mundo.pedir("PATCH", f"/avisos/{aviso['id']}", "operador", json={"leido": True})
    # There is no server of e-mail here: one that died is put there by hand.
    muerto = {"_id": ObjectId(), "tipo": "cuenta_creada", "aviso_id": ObjectId(aviso["id"]), "estado": "muerto"}
    cuando = dict.fromkeys(("proximo_en", "creado_en", "actualizado_en", "caduca_en"), INICIO)
    await aplicacion.base["avisos_envios"].insert_one({**muerto, **cuando, "prioridad": 1})
    await mundo.pedir("POST", f"/avisos/envios/{muerto['_id']}/reintentar", "admin")


async def _volver(mundo: Mundo) -> None:
    """Their tokens are of another day."""
    usuarios = {
        "admin": "admin@example.com",
        "operador": "operador@example.com",
        "auditor": "auditor@example.com",
        "residente": "1001",
        "vecino": "1002",
    }
    for quien, usuario in usuarios.items():
        mundo.quien[quien] = await mundo.entrar(usuario)
