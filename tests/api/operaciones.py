"""Every operation of the API: who may call it, on what, and with which bodies. Written from the contract, not from the
code: a new operation has no line here, and the tests say so.

In paths and bodies, a text that begins with `@` is an attribute of the world: `@ana.unidad`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from tests.api.mundo import AUSENTE, CLAVE, Mundo

Objeto = Mapping[str, Any]
LETRAS = {"A": "admin", "O": "operador", "U": "auditor", "R": "residente", "P": "porteria"}


@dataclass(frozen=True)
class Operacion:
    """`roles`: letters, none for a public one. `cuerpos`: valid ones, which together name every field. `nulos`: the
    fields that may be null. `mapas`: objects whose names are the client's. `secretos`: texts taken as they are.
    `opcional`: it goes without one. `archivo`: the body is a file.
    `consulta`: the parameters that it cannot go without.
    `ajeno`: what a resident who is not its own finds as absent as what never was."""

    metodo: str
    ruta: str
    roles: str
    en: Mapping[str, str] = field(default_factory=dict)
    cuerpos: tuple[Objeto, ...] = ()
    nulos: frozenset[str] = frozenset()
    mapas: frozenset[str] = frozenset()
    secretos: frozenset[str] = frozenset()
    ajeno: Mapping[str, str] | None = None
    opcional: bool = False
    archivo: bool = False
    consulta: str = ""
    prefijo: str = "/api/v1"

    @property
    def quienes(self) -> frozenset[str]:
        return frozenset(LETRAS[letra] for letra in self.roles)

    @property
    def publica(self) -> bool:
        return not self.roles

    @property
    def plantilla(self) -> str:
        return self.prefijo + self.ruta

    @property
    def quien(self) -> str:
        """Somebody who may."""
        propio = "/yo" in self.ruta or self.ruta == "/avisos/{id}"
        return "residente" if propio or "A" not in self.roles else "admin"

    @property
    def con_id(self) -> bool:
        """A token is what the client says it is: there is none that is absent."""
        return "{" in self.ruta and "{token}" not in self.ruta

    def camino(self, mundo: Mundo, en: Mapping[str, str] | None = None) -> str:
        nombres = self.en if en is None else en
        camino = self.plantilla.format_map({p: resolver(v, mundo) for p, v in nombres.items()})
        return f"{camino}?{self.consulta.replace('@abierto', mundo.abierto)}" if self.consulta else camino

    def ausente(self, valor: str = AUSENTE) -> str:
        """The path with `valor` where ids stand, or where there are none, codes."""
        nombres = [n for n in self.en if n != "codigo"] or list(self.en)
        return self.plantilla.format_map({**self.en, **dict.fromkeys(nombres, valor)})

    def con_cuerpos(self, mundo: Mundo) -> list[dict[str, Any]]:
        return [resolver(cuerpo, mundo) for cuerpo in self.cuerpos]


def resolver(valor: Any, mundo: Mundo) -> Any:
    if isinstance(valor, str) and valor.startswith("@"):
        return attrgetter(valor[1:])(mundo)
    if isinstance(valor, Mapping):
        return {nombre: resolver(hijo, mundo) for nombre, hijo in valor.items()}
    return [resolver(hijo, mundo) for hijo in valor] if isinstance(valor, list) else valor


def _op(
    metodo: str,
    ruta: str,
    roles: str,
    *cuerpos: Objeto,
    en: Mapping[str, str] | None = None,
    nulos: str = "",
    mapas: str = "",
    secretos: str = "",
    ajeno: Mapping[str, str] | None = None,
    opcional: bool = False,
    archivo: bool = False,
    consulta: str = "",
    prefijo: str = "/api/v1",
) -> Operacion:
    return Operacion(
        metodo=metodo,
        ruta=ruta,
        roles=roles,
        en=en or {},
        cuerpos=cuerpos,
        nulos=frozenset(nulos.split()),
        mapas=frozenset(mapas.split()),
        secretos=frozenset(secretos.split()),
        ajeno=ajeno,
        opcional=opcional,
        archivo=archivo,
        consulta=consulta,
        prefijo=prefijo,
    )


_VEHICULO = {"tipo": "carro", "electrico": False, "placa": "ZZZ999"}
_UNIDAD = {
    "torre": "Torre 9",
    "apartamento": "901",
    "al_dia": True,
    "al_dia_corte": "2026-01-31",
    "cupo": 2,
    "vehiculos": [_VEHICULO],
    "perdidos_previos": {"carro": 1},
}
_PERSONA = {
    "nombres": "Marta",
    "apellidos": "Díaz",
    "tipo_documento": "CC",
    "numero_documento": "2002",
    "email": "marta@example.com",
    "telefono": "+57 300 123 4567",
    "fecha_ingreso": "2020-02-29",
    "unidades": [{"torre": "Torre 1", "apartamento": "101", "tenencia": "propietario"}],
}
_CONDICION = {"codigo": "movilidad_reducida", "persona": "titular"}
_NOMBRES = {"es": "De turno", "en": "On duty"}
_PEDIDO = {
    "sorteo_id": "@abierto",
    "unidad_id": "@ana.unidad",
    "preferencias": ["P-03"],
    "acepta": ["carro"],
    "usa_condiciones": True,
    "acepta_reglamento": True,
}
_MASIVO = {"estado": "aprobada", "motivo": "cumple"}
_TITULAR = {"unidad_id": "@sola", "motivo": "escritura", "desde": "2026-01-01", "hasta": "2030-12-31"}
_ESPACIO = {"tipo": "carro", "reserva": "movilidad_reducida", "zona": "Sótano", "uso": "residentes", "activo": True}
_PRIORIDAD = {
    "descripcion": "Por antigüedad",
    "condiciones": [{"campo": "antiguedad_meses", "operador": "mayor_igual", "valor": 12}],
    "efecto": {"nivel": 3, "no_mejor_que": 1, "boletas": 2, "por_unidad": "antiguedad_meses"},
    "activa": True,
}
_PARAMETROS = {
    "nombre": "Otro sorteo",
    "vigencia": {"desde": "2027-07-01", "hasta": "2027-12-31"},
    "fuente_entropia": {
        "tipo": "publica",
        "descripcion": "Lotería",
        "disponible_desde": "2026-05-01T04:00:00.000Z",
        "forma": "#### serie ###",
    },
    "apertura": "2026-03-20T13:00:00Z",
    "cierre": "2026-04-20T13:00:00Z",
    "espacios": ["P-03"],
    "prioridades": ["propietarios"],
    "repite_a": AUSENTE,
    "liberar_reservas": True,
    "aprobacion": "manual",
    "exige_al_dia": True,
    "al_dia_en": "cierre",
    "max_por_unidad": 1,
    "max_por_tipo": {"carro": 1},
    "reglamento": "Quien gana acepta en tres días.",
    "compatibilidad": {"carro": ["carro"]},
    "aceptacion": "requerida",
    "plazo_aceptacion_horas": 72,
    "ejecuta_sola": False,
    "publica_en": "2026-06-01T13:00:00Z",
    "ensayo": False,
}
_DRAND = {"tipo": "drand", "ronda": 40_000_000}
_DRAND_EN = {"tipo": "drand", "momento": "2027-06-01T12:00:00Z"}
_RONDA = {"round": 1000, "randomness": "0f" * 32, "signature": "b4" * 48, "previous_signature": "0f" * 48}
_CON_REGLA = {"condiciones": [{"campo": "torre", "operador": "igual", "valor": "Torre 1"}]}
_CON_SI_O_NO = {"condiciones": [{"campo": "al_dia", "operador": "igual", "valor": True}]}
_CON_CODIGO = {"condiciones": [{"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"}]}
_NULOS_DE_SORTEO = "apertura cierre espacios prioridades repite_a reglamento publica_en"
_NULOS_DE_ESPACIO = "reserva zona titular titular.hasta"
_NULOS_DE_EFECTO = "efecto.nivel efecto.no_mejor_que efecto.boletas efecto.por_unidad"
_MOTIVO = {"motivo": "porque sí"}
_UNIDAD_DE_ANA = {"id": "@ana.unidad"}
_VEHICULO_DE_ANA = {"id": "@ana.unidad", "vid": "@ana.vehiculo"}
_VEHICULO_DE_LUIS = {"id": "@luis.unidad", "vid": "@luis.vehiculo"}
_SOLICITUD = {"id": "@ana.solicitud"}
_DE_LUIS = {"id": "@luis.solicitud"}
_PASADA = {"id": "@ana.solicitud_pasada"}
_ASIGNACION = {"id": "@ana.asignacion"}
_PERMUTA = {"id": "@permuta"}
_CUENTA = {"id": "@cuenta"}
_TRABAJO = {"id": "@trabajo"}
_ACTA = {
    "asistentes": ["Personera del barrio"],
    "quorum": "61 % de los coeficientes",
    "incidencias": "Se fue la luz diez minutos.",
    "firmantes": [{"nombre": "Elisa Robles", "cargo": "Administradora"}],
}
_ENLACE = {"desde": "2026-01-01", "hasta": "2027-12-31", "dias": 7}
_ABIERTO, _PUBLICADO, _BORRADOR = {"id": "@abierto"}, {"id": "@publicado"}, {"id": "@borrador"}

_DE_GARANTE = {**_ABIERTO, "token": "enlace-de-prueba-0001-que-es-de-nadie"}

_LLAVE = {"id": "@llave"}

OPERACIONES: dict[str, Operacion] = {
    "salud_vive": _op("GET", "/health/live", "", prefijo=""),
    "salud_lista": _op("GET", "/health/ready", "", prefijo=""),
    # auditoria
    "auditoria_listar_auditoria": _op("GET", "/auditoria", "AU"),
    "auditoria_verificar_auditoria": _op("GET", "/auditoria/verificacion", "AU"),
    "auditoria_exportar_auditoria": _op("GET", "/auditoria/exportar", "AU"),
    # auth
    "auth_login": _op("POST", "/auth/login", ""),
    "auth_refrescar": _op("POST", "/auth/refresh", "", {"refresh_token": "no es"}, secretos="refresh_token"),
    "auth_salir": _op("POST", "/auth/logout", "AOURP"),
    "auth_yo": _op("GET", "/auth/yo", "AOURP"),
    "auth_listar_sesiones": _op("GET", "/auth/sesiones", "AOURP"),
    "auth_cerrar_las_demas": _op("DELETE", "/auth/sesiones", "AOURP"),
    "auth_cerrar_sesion": _op(
        "DELETE", "/auth/sesiones/{id}", "AOURP", en={"id": "@ana.sesion"}, ajeno={"id": "@luis.sesion"}
    ),
    "auth_cambiar_clave": _op(
        "POST", "/auth/clave", "AOURP", {"actual": "no es", "nueva": CLAVE}, secretos="actual nueva"
    ),
    "auth_empezar_mfa": _op("POST", "/auth/mfa", "AOUR"),
    "auth_confirmar_mfa": _op("POST", "/auth/mfa/confirmar", "AOUR", {"codigo": "123456"}, secretos="codigo"),
    "auth_desactivar_mfa": _op(
        "POST", "/auth/mfa/desactivar", "AOUR", {"password": CLAVE, "codigo": "123456"}, secretos="password codigo"
    ),
    "auth_listar_usuarios": _op("GET", "/auth/usuarios", "AU"),
    "auth_ver_usuario": _op("GET", "/auth/usuarios/{id}", "AU", en=_CUENTA),
    "auth_cambiar_usuario": _op("PATCH", "/auth/usuarios/{id}", "A", {"rol": "operador", "activo": True}, en=_CUENTA),
    "auth_retirar_mfa": _op("DELETE", "/auth/usuarios/{id}/mfa", "A", en=_CUENTA),
    "auth_invitar": _op(
        "POST",
        "/auth/invitaciones",
        "AO",
        {"residente_id": "@ana.id"},
        {"email": "nueva@example.com", "rol": "operador"},
    ),
    "auth_listar_invitaciones": _op("GET", "/auth/invitaciones", "AOU"),
    "auth_invitar_por_lotes": _op(
        "POST", "/auth/invitaciones/lote", "AO", {"residentes": ["@ana.id"]}, nulos="residentes"
    ),
    "auth_ver_invitacion": _op("GET", "/auth/invitaciones/{id}", "AOU", en={"id": "@invitacion"}),
    "auth_borrar_invitacion": _op("DELETE", "/auth/invitaciones/{id}", "AO", en={"id": "@invitacion"}),
    "auth_reenviar_invitacion": _op("POST", "/auth/invitaciones/{id}/reenviar", "AO", en={"id": "@invitacion"}),
    "auth_registrar": _op(
        "POST",
        "/auth/registro",
        "",
        {"invitacion": "no es", "password": CLAVE, "acepta_politica": True},
        secretos="invitacion password",
    ),
    # avisos
    "avisos_listar_avisos": _op("GET", "/avisos", "AOUR"),
    "avisos_leer_avisos": _op("POST", "/avisos/leer", "AOUR", {"hasta": "2026-03-01T00:00:00.000Z"}),
    "avisos_registrar_dispositivo": _op(
        "POST", "/avisos/dispositivos", "AOUR", {"token": "aparato-de-nadie", "plataforma": "ios"}, secretos="token"
    ),
    "avisos_olvidar_dispositivo": _op(
        "DELETE", "/avisos/dispositivos", "AOUR", {"token": "aparato-de-nadie"}, secretos="token"
    ),
    "avisos_listar_envios": _op("GET", "/avisos/envios", "AU"),
    "avisos_reintentar_envio": _op("POST", "/avisos/envios/{id}/reintentar", "A", en={"id": AUSENTE}),
    "avisos_ver_aviso": _op("GET", "/avisos/{id}", "AOUR", en={"id": "@ana.aviso"}, ajeno={"id": "@luis.aviso"}),
    "avisos_leer_aviso": _op(
        "PATCH", "/avisos/{id}", "AOUR", {"leido": True}, en={"id": "@ana.aviso"}, ajeno={"id": "@luis.aviso"}
    ),
    # inicio
    "inicio_ver_inicio": _op("GET", "/inicio", "AOUR"),
    "auth_pedir_correo": _op(
        "POST", "/auth/correo", "AOUR", {"email": "otra@example.com", "password": CLAVE}, secretos="password"
    ),
    "auth_confirmar_correo": _op("POST", "/auth/correo/confirmar", "AOUR", {"token": "no es"}, secretos="token"),
    "auth_pedir_recuperacion": _op("POST", "/auth/recuperacion", "", {"email": "nadie@example.com"}),
    "auth_confirmar_recuperacion": _op(
        "POST", "/auth/recuperacion/confirmar", "", {"token": "no es", "nueva": CLAVE}, secretos="token nueva"
    ),
    "auth_recuperar_usuario": _op("POST", "/auth/usuarios/{id}/recuperacion", "A", en=_CUENTA),
    "auth_listar_llaves": _op("GET", "/auth/llaves", "AU"),
    "auth_crear_llave": _op(
        "POST",
        "/auth/llaves",
        "A",
        {"nombre": "portería", "rol": "operador", "expira_en": "2027-01-01T00:00:00Z"},
        nulos="expira_en",
    ),
    "auth_ver_llave": _op("GET", "/auth/llaves/{id}", "AU", en=_LLAVE),
    "auth_terminar_llave": _op("DELETE", "/auth/llaves/{id}", "A", en=_LLAVE),
    # residentes
    "residentes_listar_unidades": _op("GET", "/residentes/unidades", "AOU"),
    "residentes_crear_unidad": _op(
        "POST", "/residentes/unidades", "AO", _UNIDAD, nulos="torre al_dia_corte cupo", mapas="perdidos_previos"
    ),
    "residentes_descargar_datos_propios": _op("GET", "/residentes/yo/datos", "AOUR"),
    "residentes_pedir_supresion": _op("POST", "/residentes/yo/suprimir", "AOR"),
    "residentes_suprimir_residente": _op("POST", "/residentes/{id}/suprimir", "A", en={"id": "@ana.id"}),
    "residentes_exportar_residentes": _op("GET", "/residentes/exportar", "AOU"),
    "residentes_exportar_unidades": _op("GET", "/residentes/unidades/exportar", "AOU"),
    "residentes_descargar_plantilla": _op("GET", "/residentes/plantilla", "AOU"),
    "residentes_descargar_plantilla_de_unidades": _op("GET", "/residentes/unidades/plantilla", "AOU"),
    "residentes_importar_residentes": _op("POST", "/residentes/importar", "AO", archivo=True),
    "residentes_importar_unidades": _op("POST", "/residentes/unidades/importar", "AO", archivo=True),
    "residentes_ver_unidad": _op("GET", "/residentes/unidades/{id}", "AOU", en=_UNIDAD_DE_ANA),
    "residentes_cambiar_unidad": _op(
        "PATCH",
        "/residentes/unidades/{id}",
        "AO",
        _UNIDAD,
        en=_UNIDAD_DE_ANA,
        nulos="torre al_dia_corte cupo perdidos_previos.carro",
        mapas="perdidos_previos",
    ),
    "residentes_borrar_unidad": _op("DELETE", "/residentes/unidades/{id}", "AO", en=_UNIDAD_DE_ANA),
    "residentes_agregar_vehiculo": _op(
        "POST", "/residentes/unidades/{id}/vehiculos", "AO", _VEHICULO, en=_UNIDAD_DE_ANA
    ),
    "residentes_cambiar_vehiculo": _op(
        "PATCH",
        "/residentes/unidades/{id}/vehiculos/{vid}",
        "AO",
        {"tipo": "carro", "electrico": True, "electrico_verificado": True, "placa": "ZZZ998"},
        en=_VEHICULO_DE_ANA,
        nulos="placa",
    ),
    "residentes_quitar_vehiculo": _op("DELETE", "/residentes/unidades/{id}/vehiculos/{vid}", "AO", en=_VEHICULO_DE_ANA),
    "residentes_listar_sanciones": _op(
        "GET", "/residentes/unidades/{id}/sanciones", "AUR", en=_UNIDAD_DE_ANA, ajeno={"id": "@luis.unidad"}
    ),
    "residentes_imponer_sancion": _op(
        "POST",
        "/residentes/unidades/{id}/sanciones",
        "A",
        {"motivo": "Acta 12", "desde": "2026-01-01", "hasta": "2026-12-31", "excluye": False},
        en=_UNIDAD_DE_ANA,
    ),
    "residentes_levantar_sancion": _op(
        "DELETE", "/residentes/unidades/{id}/sanciones/{sid}", "A", en=_UNIDAD_DE_ANA | {"sid": "@sancion"}
    ),
    "residentes_listar_condiciones": _op("GET", "/residentes/condiciones", "AOUR"),
    "residentes_crear_condicion": _op(
        "POST", "/residentes/condiciones", "A", {"codigo": "de_turno", "nombre": _NOMBRES, "vence": True}
    ),
    "residentes_ver_condicion": _op("GET", "/residentes/condiciones/{codigo}", "AOUR", en={"codigo": "cuidador"}),
    "residentes_cambiar_condicion": _op(
        "PATCH",
        "/residentes/condiciones/{codigo}",
        "A",
        {"nombre": _NOMBRES, "vence": True},
        en={"codigo": "cuidador"},
    ),
    "residentes_borrar_condicion": _op("DELETE", "/residentes/condiciones/{codigo}", "A", en={"codigo": "cuidador"}),
    "residentes_aplicar_paz_y_salvo": _op("POST", "/residentes/paz-y-salvo", "AO", archivo=True),
    "residentes_ver_yo": _op("GET", "/residentes/yo", "AOUR"),
    "residentes_cambiar_yo": _op("PATCH", "/residentes/yo", "AOR", {"telefono": "300 123 4567"}, nulos="telefono"),
    "residentes_listar_unidades_propias": _op("GET", "/residentes/yo/unidades", "AOUR"),
    "residentes_agregar_vehiculo_propio": _op(
        "POST",
        "/residentes/yo/unidades/{id}/vehiculos",
        "AOR",
        _VEHICULO,
        en=_UNIDAD_DE_ANA,
        ajeno={"id": "@luis.unidad"},
    ),
    "residentes_cambiar_vehiculo_propio": _op(
        "PATCH",
        "/residentes/yo/unidades/{id}/vehiculos/{vid}",
        "AOR",
        {"tipo": "carro", "electrico": True, "placa": "ZZZ997"},
        en=_VEHICULO_DE_ANA,
        nulos="placa",
        ajeno=_VEHICULO_DE_LUIS,
    ),
    "residentes_quitar_vehiculo_propio": _op(
        "DELETE",
        "/residentes/yo/unidades/{id}/vehiculos/{vid}",
        "AOR",
        en=_VEHICULO_DE_ANA,
        ajeno=_VEHICULO_DE_LUIS,
    ),
    "residentes_declarar_condicion": _op("POST", "/residentes/yo/condiciones", "AOR", _CONDICION),
    "residentes_resumir_residentes": _op("GET", "/residentes/resumen", "AOU"),
    "residentes_listar_residentes": _op("GET", "/residentes", "AOU"),
    "residentes_crear_residente": _op(
        "POST",
        "/residentes",
        "AO",
        _PERSONA | {"condiciones": [_CONDICION | {"vigente_hasta": "2030-01-01"}]},
        nulos="email telefono fecha_ingreso unidades.0.torre condiciones.0.vigente_hasta",
    ),
    "residentes_ver_residente": _op("GET", "/residentes/{id}", "AOU", en={"id": "@ana.id"}),
    "residentes_cambiar_residente": _op(
        "PATCH",
        "/residentes/{id}",
        "AO",
        _PERSONA | {"estado": "activo"},
        en={"id": "@ana.id"},
        nulos="email telefono fecha_ingreso unidades.0.torre",
    ),
    "residentes_dar_de_baja_residente": _op("DELETE", "/residentes/{id}", "AO", en={"id": "@ana.id"}),
    "residentes_decidir_condicion": _op(
        "PUT",
        "/residentes/{id}/condiciones/{codigo}",
        "AO",
        {"estado": "verificada", "persona": "titular", "nota": "con carné", "vigente_hasta": "2030-01-01"},
        en={"id": "@ana.id", "codigo": "movilidad_reducida"},
        nulos="nota vigente_hasta",
    ),
    # solicitudes
    "solicitudes_crear_solicitud": _op(
        "POST",
        "/solicitudes",
        "AOR",
        _PEDIDO | {"vehiculo_id": "@ana.vehiculo"},
        _PEDIDO | {"placa": "AAA101"},
        _PEDIDO | {"vehiculo_id": "@ana.vehiculo", "residente_id": "@ana.id"},
        nulos="acepta",
    ),
    "solicitudes_importar_solicitudes": _op(
        "POST", "/solicitudes/importar", "AO", archivo=True, consulta="sorteo_id=@abierto"
    ),
    "solicitudes_exportar_solicitudes": _op("GET", "/solicitudes/exportar", "AOU"),
    "solicitudes_listar_solicitudes": _op("GET", "/solicitudes", "AOUR"),
    "solicitudes_decidir_solicitudes": _op(
        "POST",
        "/solicitudes/estado",
        "AO",
        _MASIVO | {"ids": ["@ana.solicitud"]},
        _MASIVO
        | {
            "filtro": {
                "sorteo_id": "@abierto",
                "estado": "pendiente",
                "unidad_id": "@ana.unidad",
                "torre": "Torre 1",
                "tipo": "carro",
                "placa": "AAA101",
                "impedimento": "no_al_dia",
                "vence_antes": "2026-04-01T00:00:00Z",
                "q": "ana",
            }
        },
        nulos="motivo filtro.sorteo_id filtro.estado filtro.unidad_id filtro.torre filtro.tipo filtro.placa "
        "filtro.impedimento filtro.vence_antes filtro.q",
    ),
    "solicitudes_resumir_solicitudes": _op("GET", "/solicitudes/resumen", "AOU"),
    "solicitudes_ver_solicitud": _op("GET", "/solicitudes/{id}", "AOUR", en=_SOLICITUD, ajeno=_DE_LUIS),
    "solicitudes_cambiar_solicitud": _op(
        "PATCH",
        "/solicitudes/{id}",
        "AOR",
        {
            "vehiculo_id": "@ana.vehiculo",
            "preferencias": ["P-03"],
            "acepta": ["carro"],
            "usa_condiciones": True,
        },
        en=_SOLICITUD,
        nulos="vehiculo_id preferencias acepta usa_condiciones",
        ajeno=_DE_LUIS,
    ),
    "solicitudes_ver_historial": _op("GET", "/solicitudes/{id}/historial", "AOUR", en=_SOLICITUD, ajeno=_DE_LUIS),
    "solicitudes_mover_solicitud": _op(
        "PATCH",
        "/solicitudes/{id}/estado",
        "AOR",
        {"estado": "cancelada", "motivo": "ya no"},
        en=_SOLICITUD,
        nulos="motivo",
        ajeno=_DE_LUIS,
    ),
    "solicitudes_prorrogar_solicitud": _op(
        "POST",
        "/solicitudes/{id}/prorroga",
        "AO",
        {"vence_en": "2026-04-01T00:00:00Z", "motivo": "estaba de viaje"},
        en=_PASADA,
    ),
    # sorteo: espacios, prioridades, asignaciones
    "sorteo_listar_espacios": _op("GET", "/sorteo/espacios", "AOUR"),
    "sorteo_crear_espacio": _op(
        "POST",
        "/sorteo/espacios",
        "AO",
        _ESPACIO | {"codigo": "P-99", "titular": _TITULAR},
        nulos=_NULOS_DE_ESPACIO,
    ),
    "sorteo_importar_espacios": _op("POST", "/sorteo/espacios/importar", "AO", archivo=True),
    "sorteo_resumir_espacios": _op("GET", "/sorteo/espacios/resumen", "AOUR"),
    "sorteo_ver_espacio": _op("GET", "/sorteo/espacios/{codigo}", "AOUR", en={"codigo": "P-01"}),
    "sorteo_cambiar_espacio": _op(
        "PATCH",
        "/sorteo/espacios/{codigo}",
        "AO",
        _ESPACIO | {"titular": _TITULAR},
        en={"codigo": "P-01"},
        nulos=_NULOS_DE_ESPACIO,
    ),
    "sorteo_borrar_espacio": _op("DELETE", "/sorteo/espacios/{codigo}", "AO", en={"codigo": "P-01"}),
    "conjunto_ver_conjunto": _op("GET", "/conjunto", "AOUR"),
    "conjunto_cambiar_conjunto": _op(
        "PATCH",
        "/conjunto",
        "A",
        {"nombre": "Altos", "nit": "900", "ciudad": "Bogotá", "direccion": "Calle 1", "telefono": "1", "papel": "a4"}
        | {"horario": "lunes a viernes, 8 a 12", "fundamento": "Reglamento, artículo 12.", "acta_por": "unidad"},
        nulos="nit ciudad direccion telefono horario fundamento",
    ),
    "sorteo_listar_prioridades": _op("GET", "/sorteo/prioridades", "AOUR"),
    "sorteo_crear_prioridad": _op(
        "POST",
        "/sorteo/prioridades",
        "A",
        {"codigo": "nueva"} | _PRIORIDAD,
        {"codigo": "nueva", "descripcion": "Otra", "efecto": {"nivel": 1}} | _CON_REGLA,
        {"codigo": "nueva", "descripcion": "Otra", "efecto": {"nivel": 1}} | _CON_SI_O_NO,
        {"codigo": "nueva", "descripcion": "Otra", "efecto": {"nivel": 1}} | _CON_CODIGO,
        nulos=_NULOS_DE_EFECTO,
    ),
    "sorteo_ver_prioridad": _op("GET", "/sorteo/prioridades/{codigo}", "AOUR", en={"codigo": "propietarios"}),
    "sorteo_cambiar_prioridad": _op(
        "PATCH",
        "/sorteo/prioridades/{codigo}",
        "A",
        _PRIORIDAD,
        en={"codigo": "propietarios"},
        nulos=_NULOS_DE_EFECTO,
    ),
    "sorteo_crear_conjunto": _op(
        "POST",
        "/sorteo/prioridades/conjuntos",
        "A",
        {
            "nombre": "Las de siempre",
            "descripcion": "Por antigüedad.",
            "condiciones": [{"codigo": "de_turno", "nombre": _NOMBRES, "vence": True}],
            "prioridades": [{"codigo": "de_siempre"} | _PRIORIDAD],
        },
        nulos=" ".join(f"prioridades.0.{campo}" for campo in _NULOS_DE_EFECTO.split()),
    ),
    "sorteo_borrar_prioridad": _op("DELETE", "/sorteo/prioridades/{codigo}", "A", en={"codigo": "propietarios"}),
    "sorteo_ver_asignacion": _op(
        "GET", "/sorteo/asignaciones/{id}", "AOUR", en=_ASIGNACION, ajeno={"id": "@luis.asignacion"}
    ),
    "sorteo_exportar_espacios": _op("GET", "/sorteo/espacios/exportar", "AOU"),
    "sorteo_exportar_asignaciones": _op("GET", "/sorteo/asignaciones/exportar", "AOU"),
    "sorteo_reclamar_asignacion": _op(
        "POST",
        "/sorteo/asignaciones/{id}/reclamar",
        "A",
        {"motivo": "lo necesita otra unidad", "hasta": "2026-03-20", "unidad_id": "@sola"},
        en=_ASIGNACION,
        nulos="motivo hasta unidad_id",
        opcional=True,
    ),
    "sorteo_listar_permutas": _op("GET", "/sorteo/permutas", "AOU"),
    "sorteo_listar_mis_permutas": _op("GET", "/sorteo/permutas/yo", "AORU"),
    "sorteo_consentir_permuta": _op("POST", "/sorteo/permutas/consentir", "AOR", {"espacio": "P-01", "por": "P-02"}),
    "sorteo_permutar_espacios": _op(
        "POST", "/sorteo/permutas", "AO", {"espacio_a": "P-01", "espacio_b": "P-02", "motivo": "lo pidieron"}
    ),
    "sorteo_negar_permuta": _op("POST", "/sorteo/permutas/{id}/negar", "AO", _MOTIVO, en=_PERMUTA),
    "sorteo_retirar_permuta": _op("POST", "/sorteo/permutas/{id}/retirar", "AOR", en=_PERMUTA, ajeno={"id": AUSENTE}),
    "sorteo_preguntar_porteria": _op("GET", "/sorteo/porteria", "AOUP", consulta="placa=AAA101"),
    "sorteo_listar_asignaciones": _op("GET", "/sorteo/asignaciones", "AOU"),
    "sorteo_listar_mis_asignaciones": _op("GET", "/sorteo/asignaciones/yo", "AOUR"),
    "sorteo_devolver_asignacion": _op(
        "POST", "/sorteo/asignaciones/{id}/devolver", "AOR", en=_ASIGNACION, ajeno={"id": "@luis.asignacion"}
    ),
    "sorteo_revocar_asignacion": _op("POST", "/sorteo/asignaciones/{id}/revocar", "A", _MOTIVO, en=_ASIGNACION),
    # sorteo: one draw
    "sorteo_listar_espera": _op("GET", "/sorteo/{id}/espera", "AOU", en=_PUBLICADO),
    "sorteo_liberar_espacio": _op("POST", "/sorteo/{id}/liberar", "AO", {"espacio": "P-01"}, en=_PUBLICADO),
    "sorteo_simular_sorteo": _op(
        "POST",
        "/sorteo/{id}/simular",
        "AU",
        {"repeticiones": 1, "sin_regla": "propietarios", "con_regla": "propietarios"},
        en=_ABIERTO,
        nulos="sin_regla con_regla",
    ),
    "sorteo_ver_mi_probabilidad": _op("GET", "/sorteo/{id}/probabilidad", "AOUR", en=_ABIERTO, ajeno=_BORRADOR),
    "sorteo_ver_evaluacion": _op("GET", "/sorteo/{id}/evaluacion", "AOU", en=_ABIERTO),
    "sorteo_ver_mi_evaluacion": _op("GET", "/sorteo/{id}/evaluacion/yo", "AOUR", en=_ABIERTO, ajeno=_BORRADOR),
    "sorteo_descargar_reglas": _op("GET", "/sorteo/{id}/reglas", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_descargar_bases": _op("GET", "/sorteo/{id}/bases", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_descargar_padron": _op("GET", "/sorteo/{id}/padron", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_descargar_resultado": _op("GET", "/sorteo/{id}/resultado", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_listar_resultados": _op("GET", "/sorteo/{id}/resultados", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_ver_figuras": _op("GET", "/sorteo/figuras", "AOU"),
    "sorteo_enlazar_figuras": _op(
        "POST",
        "/sorteo/figuras/enlaces",
        "AO",
        _ENLACE,
        nulos="desde hasta",
    ),
    "sorteo_exportar_resultados": _op("GET", "/sorteo/{id}/resultados/exportar", "AOU", en=_PUBLICADO),
    "sorteo_ver_mis_resultados": _op("GET", "/sorteo/{id}/resultados/yo", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_ver_exclusiones": _op("GET", "/sorteo/{id}/exclusiones", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_ver_historial": _op("GET", "/sorteo/{id}/historial", "AOUR", en=_ABIERTO, ajeno=_BORRADOR),
    "sorteo_ver_garantes": _op("GET", "/sorteo/{id}/garantes", "AOUR", en=_ABIERTO, ajeno=_BORRADOR),
    "sorteo_nombrar_garantes": _op(
        "POST", "/sorteo/{id}/garantes", "A", {"nombres": ["Personera", "Contadora", "Vecina"]}, en=_ABIERTO
    ),
    "sorteo_ver_garante": _op("GET", "/sorteo/{id}/garantes/{token}", "", en=_DE_GARANTE),
    "sorteo_comprometer_garante": _op(
        "POST", "/sorteo/{id}/garantes/{token}/compromiso", "", {"compromiso": "0f" * 32}, en=_DE_GARANTE
    ),
    "sorteo_revelar_garante": _op(
        "POST", "/sorteo/{id}/garantes/{token}/revelacion", "", {"frase": "caracola verde 1943"}, en=_DE_GARANTE
    ),
    "sorteo_ver_verificacion": _op("GET", "/sorteo/{id}/verificacion", "", en=_PUBLICADO),
    "sorteo_crear_sorteo": _op(
        "POST",
        "/sorteo",
        "A",
        _PARAMETROS,
        {campo: _PARAMETROS[campo] for campo in ("nombre", "vigencia", "repite_a")} | {"fuente_entropia": _DRAND},
        {campo: _PARAMETROS[campo] for campo in ("nombre", "vigencia")} | {"fuente_entropia": _DRAND_EN},
        nulos=_NULOS_DE_SORTEO,
        mapas="compatibilidad max_por_tipo",
    ),
    "sorteo_listar_sorteos": _op("GET", "/sorteo", "AOUR"),
    "sorteo_ver_sorteo": _op("GET", "/sorteo/{id}", "AOUR", en=_ABIERTO, ajeno=_BORRADOR),
    "sorteo_editar_sorteo": _op(
        "PATCH",
        "/sorteo/{id}",
        "A",
        _PARAMETROS,
        {"fuente_entropia": _DRAND, "repite_a": AUSENTE},
        {"fuente_entropia": _DRAND_EN},
        en=_BORRADOR,
        nulos=f"{_NULOS_DE_SORTEO} max_por_tipo.carro compatibilidad.carro",
        mapas="compatibilidad max_por_tipo",
    ),
    "sorteo_abrir_sorteo": _op("POST", "/sorteo/{id}/abrir", "A", en=_BORRADOR),
    "sorteo_prorrogar_sorteo": _op(
        "POST", "/sorteo/{id}/prorrogar", "A", _MOTIVO | {"cierre": "2026-03-09T00:00:00Z"}, en=_ABIERTO
    ),
    "sorteo_cerrar_sorteo": _op("POST", "/sorteo/{id}/cerrar", "A", en=_ABIERTO),
    "sorteo_reabrir_sorteo": _op(
        "POST", "/sorteo/{id}/reabrir", "A", _MOTIVO | {"cierre": "2026-03-09T00:00:00Z"}, en=_ABIERTO, nulos="cierre"
    ),
    "sorteo_ejecutar_sorteo": _op(
        "POST",
        "/sorteo/{id}/ejecutar",
        "A",
        {"entropia": "1234 serie 567"},
        {"entropia": _RONDA},
        en=_ABIERTO,
        nulos="entropia entropia.previous_signature",
        secretos="entropia",
        opcional=True,
    ),
    "sorteo_entregar_ronda": _op(
        "POST", "/sorteo/{id}/ronda", "AOUR", _RONDA, en=_ABIERTO, ajeno=_BORRADOR, nulos="previous_signature"
    ),
    "sorteo_publicar_sorteo": _op("POST", "/sorteo/{id}/publicar", "A", en=_ABIERTO),
    "sorteo_finalizar_sorteo": _op("POST", "/sorteo/{id}/finalizar", "A", en=_ABIERTO),
    "sorteo_anular_sorteo": _op("POST", "/sorteo/{id}/anular", "A", _MOTIVO, en=_ABIERTO),
    "sorteo_retirar_anulacion": _op("DELETE", "/sorteo/{id}/anular", "A", _MOTIVO, en=_ABIERTO),
    "sorteo_confirmar_anulacion": _op("POST", "/sorteo/{id}/anular/confirmar", "AU", en=_ABIERTO),
    "sorteo_escribir_acta": _op("PUT", "/sorteo/{id}/acta", "A", _ACTA, en=_PUBLICADO, nulos="incidencias quorum"),
    "sorteo_descargar_expediente": _op("GET", "/sorteo/{id}/expediente", "AU", en=_PUBLICADO),
    "sorteo_descargar_acta": _op("GET", "/sorteo/{id}/acta", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_presentar_reclamo": _op(
        "POST", "/sorteo/{id}/reclamos", "AOR", {"texto": "No oí el número"}, en=_PUBLICADO, ajeno=_BORRADOR
    ),
    "sorteo_listar_reclamos": _op("GET", "/sorteo/{id}/reclamos", "AOUR", en=_PUBLICADO, ajeno=_BORRADOR),
    "sorteo_responder_reclamo": _op(
        "PATCH",
        "/sorteo/{id}/reclamos/{rid}",
        "A",
        {"estado": "negado", "respuesta": "Se leyó dos veces."},
        en=_PUBLICADO | {"rid": "@ana.reclamo"},
    ),
    # trabajos
    "trabajos_ver_trabajo": _op("GET", "/trabajos/{id}", "AOUR", en=_TRABAJO, ajeno=_TRABAJO),
    "trabajos_cancelar_trabajo": _op("DELETE", "/trabajos/{id}", "AOUR", en=_TRABAJO, ajeno=_TRABAJO),
    "trabajos_seguir_trabajo": _op("GET", "/trabajos/{id}/progreso", "AOUR", en=_TRABAJO, ajeno=_TRABAJO),
    "trabajos_descargar_errores": _op("GET", "/trabajos/{id}/errores", "AOUR", en=_TRABAJO, ajeno=_TRABAJO),
    "trabajos_deshacer_trabajo": _op("POST", "/trabajos/{id}/deshacer", "AO", en=_TRABAJO),
    "trabajos_descargar_archivo": _op("GET", "/trabajos/{id}/archivo", "AOUR", en=_TRABAJO, ajeno=_TRABAJO),
}
PUBLICAS = frozenset({"salud_vive", "salud_lista", "auth_login", "auth_refrescar", "auth_registrar"}) | {
    "auth_pedir_recuperacion",
    "auth_confirmar_recuperacion",
    "sorteo_ver_verificacion",
    "sorteo_ver_garante",
    "sorteo_comprometer_garante",
    "sorteo_revelar_garante",
}
CON_CUERPO = {nombre: o for nombre, o in OPERACIONES.items() if o.cuerpos}
CON_ROLES = {nombre: o for nombre, o in OPERACIONES.items() if o.roles}
