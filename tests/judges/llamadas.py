"""How every operation is called in a grown world so that it is answered, and not refused.

Without a line here it is called as `tests/api/operaciones.py` says, with each of its bodies; a list, for 200 rows and
their count. With one, as the line says: also the variants that ask for the most.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyotp
from bson import ObjectId

from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE
from tests.api.operaciones import OPERACIONES
from tests.judges.crecimiento import MundoGrande, entrar

Preparar = Callable[[MundoGrande, Aplicacion], Awaitable[None]]
Cuerpo = Callable[[MundoGrande], Any]


@dataclass(frozen=True)
class Llamada:
    """`antes`: what has to happen first, not counted; what it finds out is `valor`. Without a `cuerpo`, the first of
    the table. `archivo`: an upload."""

    quien: str | None = None
    en: Mapping[str, str] | None = None
    consulta: str = ""
    cuerpo: Cuerpo | None = None
    formulario: Cuerpo | None = None
    archivo: Cuerpo | None = None
    antes: Preparar | None = None


async def _reclamar(mundo: MundoGrande, _: Aplicacion) -> None:
    ruta = f"/sorteo/{mundo.publicado}/reclamos"
    mundo.valor = (await mundo.pedir("POST", ruta, "residente", json={"texto": "No oí el número"}))["id"]


async def _decidir(mundo: MundoGrande, _: Aplicacion) -> None:
    filtro = {"sorteo_id": mundo.abierto, "estado": "pendiente"}
    await mundo.pedir("POST", "/solicitudes/estado", json={"filtro": filtro, "estado": "aprobada"})


async def _cerrar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _decidir(mundo, aplicacion)
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/cerrar")


async def _esperar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _cerrar(mundo, aplicacion)
    aplicacion.reloj.avanzar(days=10)
    await entrar(mundo)


async def _ejecutar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _esperar(mundo, aplicacion)
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/ejecutar", json={"entropia": "1234 serie 567"})


async def _publicar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _ejecutar(mundo, aplicacion)
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/publicar")


async def _terminar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _publicar(mundo, aplicacion)
    aplicacion.reloj.avanzar(days=4000)
    await entrar(mundo)


async def _anular(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _ejecutar(mundo, aplicacion)
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/anular", json={"motivo": "se cayó"})


async def _salir(mundo: MundoGrande, _: Aplicacion) -> None:
    mundo.quien["otro"] = await mundo.entrar("1001")


async def _refrescar(mundo: MundoGrande, _: Aplicacion) -> None:
    datos = {"username": "1001", "password": CLAVE}
    respuesta = await mundo.cliente.post("/api/v1/auth/login", data=datos)
    mundo.valor = respuesta.json()["refresh_token"]


async def _invitar(mundo: MundoGrande, _: Aplicacion) -> None:
    invitacion = await mundo.pedir("POST", "/auth/invitaciones", json={"residente_id": mundo.sin_cuenta})
    mundo.valor = invitacion["token"]


async def _otra_sesion(mundo: MundoGrande, _: Aplicacion) -> None:
    antes = {s["id"] for s in (await mundo.pedir("GET", "/auth/sesiones?limite=200", "residente"))["items"]}
    await mundo.entrar("1001")
    despues = {s["id"] for s in (await mundo.pedir("GET", "/auth/sesiones?limite=200", "residente"))["items"]}
    (mundo.valor,) = despues - antes


async def _un_aviso(mundo: MundoGrande, _: Aplicacion) -> None:
    """Of one's own: what all are told is found in another place."""
    avisos = (await mundo.pedir("GET", "/avisos?limite=200", "residente"))["items"]
    mundo.valor = next(aviso["id"] for aviso in avisos if aviso["tipo"].startswith("solicitud_"))


async def _recuperar(mundo: MundoGrande, _: Aplicacion) -> None:
    cuenta = (await mundo.pedir("GET", "/auth/yo", "vecino"))["id"]
    mundo.valor = (await mundo.pedir("POST", f"/auth/usuarios/{cuenta}/recuperacion"))["token"]


async def _empezar_mfa(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    secreto = (await mundo.pedir("POST", "/auth/mfa", "residente"))["secreto"]
    mundo.valor = pyotp.TOTP(secreto).at(aplicacion.reloj.instante)


async def _poner_mfa(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    secreto = (await mundo.pedir("POST", "/auth/mfa", "residente"))["secreto"]
    codigo = pyotp.TOTP(secreto).at(aplicacion.reloj.instante)
    await mundo.pedir("POST", "/auth/mfa/confirmar", "residente", json={"codigo": codigo})
    aplicacion.reloj.avanzar(minutes=1)
    mundo.valor = pyotp.TOTP(secreto).at(aplicacion.reloj.instante)


async def _prestar(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    cual, cambio = {"_id": ObjectId(mundo.ana.asignacion)}, {"prestado": True}
    fila = await aplicacion.base["asignaciones"].find_one(cual)
    assert fila is not None
    marcas = MarcasDeAsignaciones.con(aplicacion.ajustes.clave("clave_sorteo"))
    await aplicacion.base["asignaciones"].update_one(
        cual, {"$set": cambio | {"precinto": marcas.seguida(fila, cambio)}}
    )


async def _del_vecino(mundo: MundoGrande, _: Aplicacion) -> None:
    """What Luis won."""
    suya = await mundo.pedir("GET", f"/sorteo/asignaciones/{mundo.luis.asignacion}")
    mundo.valor = suya["espacio"]


def _el_otro(espacio: str) -> str:
    return {"P-01": "P-02", "P-02": "P-01"}[espacio]


async def _consentir(mundo: MundoGrande, aplicacion: Aplicacion) -> None:
    await _del_vecino(mundo, aplicacion)
    pedido = {"espacio": mundo.valor, "por": _el_otro(mundo.valor)}
    await mundo.pedir("POST", "/sorteo/permutas/consentir", "vecino", json=pedido)


def _base(nombre: str, **cambios: Any) -> Cuerpo:
    """The first body of the table with other values; those that are None are left out."""
    return lambda m: {c: v for c, v in (OPERACIONES[nombre].con_cuerpos(m)[0] | cambios).items() if v is not None}


def _vehiculos(mundo: MundoGrande, **cambios: Any) -> list[dict[str, Any]]:
    """Those of a flat that asked for nothing."""
    return [{"tipo": v["tipo"], "placa": v["placa"]} | cambios for v in mundo.vehiculos_de_nadie]


def _otros(mundo: MundoGrande) -> list[dict[str, Any]]:
    return [vehiculo | {"placa": f"X{vehiculo['placa']}"} for vehiculo in _vehiculos(mundo)]


def _unidades(mundo: MundoGrande) -> bytes:
    filas = "".join(f"Torre 7,{700 + i}\n" for i in range(mundo.n))
    return f"torre,apartamento\n{filas}".encode()


def _personas(mundo: MundoGrande) -> bytes:
    filas = "".join(f"Torre 7;{700 + i};Ana Rojas;{50_000_000 + i};sí\n" for i in range(mundo.n))
    return f"Torre;Apto;Propietario;Cédula;Al día\n{filas}".encode()


def _pedidos(mundo: MundoGrande) -> bytes:
    filas = "".join(f"Torre 7,{700 + i},QQQ{i:03}\n" for i in range(mundo.n))
    return f"torre,apartamento,placa\n{filas}".encode()


def _plazas(mundo: MundoGrande) -> bytes:
    return ("codigo,tipo\n" + "".join(f"Q-{i:03},carro\n" for i in range(mundo.n))).encode()


def _mora(mundo: MundoGrande) -> bytes:
    filas = "".join(f"Torre 7,{700 + i},no\n" for i in range(mundo.n))
    return f"torre,apartamento,al_dia\n{filas}".encode()


def _sorteo(mundo: MundoGrande) -> dict[str, Any]:
    cuerpo: dict[str, Any] = _base("sorteo_crear_sorteo", repite_a=None)(mundo)
    return cuerpo | {"espacios": mundo.codigos, "prioridades": mundo.prioridades}


_SOBRE_ASIGNADA = {"id": "@asignada"}
_LIBRE = {"codigo": "LIBRE"}
_DE_NADIE = {"id": "@sola"}
_VEHICULO_LIBRE = {"id": "@ana.unidad", "vid": "@vehiculo_libre"}
_MUCHAS = "limite=200&contar=true"

LLAMADAS: dict[str, tuple[Llamada, ...]] = {
    "auth_login": (Llamada(formulario=lambda _: {"username": "1001", "password": CLAVE}),),
    "auth_refrescar": (Llamada(antes=_refrescar, cuerpo=lambda m: {"refresh_token": m.valor}),),
    "auth_salir": (Llamada(quien="otro", antes=_salir),),
    "auth_cerrar_sesion": (Llamada(quien="residente", antes=_otra_sesion, en={"id": "@valor"}),),
    "auth_cambiar_clave": (Llamada(cuerpo=lambda _: {"actual": CLAVE, "nueva": "otra clave muy larga y buena"}),),
    "auth_confirmar_recuperacion": (
        Llamada(antes=_recuperar, cuerpo=lambda m: {"token": m.valor, "nueva": "otra clave muy larga y buena"}),
    ),
    "auth_confirmar_mfa": (Llamada(quien="residente", antes=_empezar_mfa, cuerpo=lambda m: {"codigo": m.valor}),),
    "auth_desactivar_mfa": (
        Llamada(quien="residente", antes=_poner_mfa, cuerpo=lambda m: {"password": CLAVE, "codigo": m.valor}),
    ),
    "avisos_ver_aviso": (Llamada(quien="residente", antes=_un_aviso, en={"id": "@valor"}),),
    "avisos_leer_aviso": (Llamada(quien="residente", antes=_un_aviso, en={"id": "@valor"}),),
    "residentes_importar_unidades": (Llamada(archivo=_unidades),),
    "residentes_importar_residentes": (Llamada(archivo=_personas),),
    "solicitudes_importar_solicitudes": (Llamada(archivo=_pedidos),),
    "sorteo_importar_espacios": (Llamada(archivo=_plazas),),
    "auth_invitar": (
        Llamada(cuerpo=lambda m: {"residente_id": m.sin_cuenta}),
        Llamada(cuerpo=lambda _: {"email": "nueva@example.com", "rol": "operador"}),
    ),
    "auth_registrar": (
        Llamada(
            antes=_invitar,
            cuerpo=lambda m: {"invitacion": m.valor, "password": CLAVE, "acepta_politica": True},
        ),
    ),
    "residentes_cambiar_unidad": (
        Llamada(cuerpo=lambda _: {"al_dia": False, "cupo": 3}),
        Llamada(en=_DE_NADIE, cuerpo=lambda m: {"vehiculos": _vehiculos(m, electrico=True)}),
        Llamada(en=_DE_NADIE, cuerpo=lambda m: {"vehiculos": _otros(m)}),
        Llamada(en=_DE_NADIE, cuerpo=lambda _: {"vehiculos": []}),
    ),
    "residentes_crear_unidad": (
        Llamada(cuerpo=lambda m: {"torre": "9", "apartamento": "901", "vehiculos": _otros(m)}),
    ),
    "residentes_cambiar_residente": (
        Llamada(),
        Llamada(en={"id": "@luis.id"}, cuerpo=lambda _: {"estado": "inactivo"}),
    ),
    "residentes_dar_de_baja_residente": (
        Llamada(consulta="confirmar=true"),
        Llamada(en={"id": "@luis.id"}, consulta="confirmar=true"),
    ),
    "residentes_borrar_unidad": (Llamada(en=_DE_NADIE),),
    "residentes_cambiar_vehiculo": (Llamada(en=_VEHICULO_LIBRE),),
    "residentes_cambiar_vehiculo_propio": (Llamada(en=_VEHICULO_LIBRE),),
    "residentes_aplicar_paz_y_salvo": (Llamada(archivo=_mora),),
    "residentes_quitar_vehiculo": (Llamada(en=_VEHICULO_LIBRE),),
    "residentes_quitar_vehiculo_propio": (Llamada(en=_VEHICULO_LIBRE),),
    "residentes_listar_residentes": (
        Llamada(consulta=_MUCHAS),
        Llamada(consulta=f"{_MUCHAS}&torre=Torre 1"),
        Llamada(consulta=f"{_MUCHAS}&q=vecina"),
        Llamada(consulta=f"{_MUCHAS}&condicion=movilidad_reducida"),
    ),
    "solicitudes_crear_solicitud": (
        Llamada(quien="residente", cuerpo=lambda m: {"sorteo_id": m.abierto, "vehiculo_id": m.vehiculo_libre}),
        Llamada(cuerpo=lambda m: {"sorteo_id": m.abierto, "vehiculo_id": m.vehiculo_libre, "unidad_id": m.ana.unidad}),
    ),
    "solicitudes_listar_solicitudes": (
        Llamada(consulta=_MUCHAS),
        Llamada(quien="residente", consulta=_MUCHAS),
        Llamada(consulta=f"{_MUCHAS}&torre=Torre 1"),
        Llamada(consulta=f"{_MUCHAS}&q=vecina"),
        Llamada(consulta=f"{_MUCHAS}&impedimento=no_al_dia"),
    ),
    "solicitudes_decidir_solicitudes": (
        Llamada(cuerpo=lambda m: {"ids": m.solicitudes, "estado": "aprobada"}),
        Llamada(cuerpo=lambda m: {"ids": m.solicitudes, "estado": "rechazada", "motivo": "no cumple"}),
        Llamada(cuerpo=lambda m: {"filtro": {"sorteo_id": m.abierto}, "estado": "cancelada", "motivo": "no"}),
        Llamada(cuerpo=lambda _: {"filtro": {"torre": "Torre 1", "impedimento": "no_al_dia"}, "estado": "aprobada"}),
    ),
    "solicitudes_cambiar_solicitud": (
        Llamada(cuerpo=lambda m: {"vehiculo_id": m.vehiculo_libre, "preferencias": ["A-005"], "acepta": ["carro"]}),
    ),
    "solicitudes_mover_solicitud": (
        Llamada(cuerpo=lambda _: {"estado": "cancelada", "motivo": "ya no"}),
        Llamada(en=_SOBRE_ASIGNADA, cuerpo=lambda _: {"estado": "aceptada", "motivo": "llamó"}),
        Llamada(en=_SOBRE_ASIGNADA, cuerpo=lambda _: {"estado": "declinada", "motivo": "llamó"}),
    ),
    "solicitudes_prorrogar_solicitud": (Llamada(en=_SOBRE_ASIGNADA),),
    "solicitudes_resumir_solicitudes": (Llamada(), Llamada(consulta="sorteo_id=@abierto")),
    "inicio_ver_inicio": (Llamada(), Llamada(quien="residente"), Llamada(quien="vecino")),
    "sorteo_cambiar_espacio": (Llamada(en=_LIBRE),),
    "sorteo_borrar_espacio": (Llamada(en=_LIBRE),),
    "sorteo_reclamar_asignacion": (Llamada(antes=_prestar, cuerpo=lambda _: {"motivo": "lo necesita otra"}),),
    "sorteo_consentir_permuta": (
        Llamada(quien="vecino", antes=_del_vecino, cuerpo=lambda m: {"espacio": m.valor, "por": _el_otro(m.valor)}),
    ),
    "sorteo_permutar_espacios": (Llamada(antes=_consentir),),
    "sorteo_retirar_permuta": (Llamada(quien="residente"),),
    "sorteo_devolver_asignacion": (Llamada(quien="residente"),),
    "sorteo_crear_sorteo": (Llamada(cuerpo=_sorteo),),
    "sorteo_editar_sorteo": (Llamada(cuerpo=_sorteo),),
    "sorteo_cerrar_sorteo": (Llamada(antes=_decidir),),
    "sorteo_reabrir_sorteo": (Llamada(antes=_cerrar),),
    "sorteo_ejecutar_sorteo": (Llamada(antes=_esperar, cuerpo=lambda _: {"entropia": "1234 serie 567"}),),
    "sorteo_publicar_sorteo": (Llamada(antes=_ejecutar),),
    "sorteo_finalizar_sorteo": (Llamada(antes=_terminar),),
    "sorteo_presentar_reclamo": (Llamada(quien="residente"),),
    "sorteo_responder_reclamo": (Llamada(antes=_reclamar, en={"id": "@publicado", "rid": "@valor"}),),
    "sorteo_descargar_acta": tuple(Llamada(consulta=f"formato={formato}") for formato in ("pdf", "csv", "xlsx")),
    "sorteo_confirmar_anulacion": (Llamada(quien="auditor", antes=_anular),),
    "sorteo_retirar_anulacion": (Llamada(antes=_anular),),
}

SIN_RESPUESTA: dict[str, str] = {
    **dict.fromkeys(
        ("sorteo_ver_garante", "sorteo_comprometer_garante", "sorteo_revelar_garante"),
        "the link of a witness is shown once, to who named them",
    ),
    "sorteo_entregar_ronda": "a round of drand is of a draw that waits for that round alone",
    "sorteo_ver_mi_probabilidad": "a simulation takes a worker",
    "sorteo_liberar_espacio": "a space of a published draw stands free only where nobody fits",
    "auth_confirmar_correo": "its token goes by e-mail and nowhere else",
    "avisos_reintentar_envio": "an e-mail that could not be sent takes a server that refuses it",
    "trabajos_descargar_archivo": "a job that made a file takes a worker",
}
"""What this world has nothing to answer with; what it costs to refuse it is counted."""

EN_LOTES: dict[str, str] = {
    "solicitudes_exportar_solicitudes": "a file of any size is read in batches, so as not to stand whole in memory",
    "solicitudes_decidir_solicitudes": "those with an impedimento are looked for a part at a time, as they are judged",
}
"""What takes more commands the more rows there are, and why it must."""


def llamadas(nombre: str, mundo: MundoGrande, documento: Mapping[str, Any]) -> tuple[Llamada, ...]:
    if nombre in LLAMADAS:
        return LLAMADAS[nombre]
    operacion = OPERACIONES[nombre]
    cuerpos: list[Any] = operacion.con_cuerpos(mundo)
    declarada = documento["paths"][operacion.plantilla][operacion.metodo.lower()]
    comunes = documento["components"]["parameters"]
    parametros = [comunes.get(p.get("$ref", "").rpartition("/")[2], p) for p in declarada.get("parameters", [])]
    admite = {parametro["name"] for parametro in parametros}
    consulta = "&".join(parte for parte in _MUCHAS.split("&") if parte.partition("=")[0] in admite)
    return tuple(Llamada(cuerpo=partial(_este, c)) for c in cuerpos) or (Llamada(consulta=consulta),)


def _este(cuerpo: Any, _: MundoGrande) -> Any:
    return cuerpo
