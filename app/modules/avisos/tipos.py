"""Every kind of notice and e-mail there is, with the names of what fills its templates. A kind is a line here and a
template a language in `plantillas/`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Tipo:
    """`datos`: what has to be told. `opcionales`: what may be absent or None. `secretos`: what is shown once (a link
    with a token), only in e-mails to an address. `vida`: how long its e-mail is worth sending. `una_vez`: two of the
    `datos`; whoever was told of both is not told again."""

    datos: frozenset[str] = frozenset()
    opcionales: frozenset[str] = frozenset()
    secretos: frozenset[str] = frozenset()
    vida: timedelta = timedelta(days=7)
    una_vez: tuple[str, str] | None = None

    @property
    def nombres(self) -> frozenset[str]:
        return self.datos | self.opcionales


def _tipo(
    datos: str = "",
    *,
    opcionales: str = "",
    secretos: str = "",
    vida: timedelta = timedelta(days=7),
    una_vez: tuple[str, str] | None = None,
) -> Tipo:
    return Tipo(frozenset(datos.split()), frozenset(opcionales.split()), frozenset(secretos.split()), vida, una_vez)


_SOLICITUD = "sorteo_id solicitud_id folio"
_ASIGNACION = "sorteo_id solicitud_id asignacion_id espacio"
_PERMUTA = "sorteo_id permuta_id espacio otro_espacio"

TIPOS: dict[str, Tipo] = {
    # To everybody, of a draw.
    "sorteo_abierto": _tipo("sorteo_id nombre compromiso", opcionales="cierre"),
    "sorteo_por_cerrar": _tipo("sorteo_id nombre cierre", vida=timedelta(hours=36), una_vez=("sorteo_id", "cierre")),
    "sorteo_cerrado": _tipo("sorteo_id nombre huella participantes"),
    "sorteo_reabierto": _tipo("sorteo_id nombre motivo", opcionales="cierre"),
    "anulacion_pedida": _tipo("sorteo_id nombre motivo", opcionales="efecto_en"),
    "anulacion_retirada": _tipo("sorteo_id nombre motivo"),
    "sorteo_anulado": _tipo("sorteo_id nombre motivo"),
    "sorteo_prorrogado": _tipo("sorteo_id nombre cierre motivo"),
    "sorteo_finalizado": _tipo("sorteo_id nombre"),
    # To who asked.
    "solicitud_rechazada": _tipo(_SOLICITUD, opcionales="codigo motivo"),
    "solicitud_asignada": _tipo(f"{_SOLICITUD} espacio", opcionales="vence_en prestado"),
    "solicitud_en_espera": _tipo(f"{_SOLICITUD} espera"),
    "solicitud_ofrecida": _tipo(f"{_SOLICITUD} espacio vence_en", opcionales="prestado"),
    "solicitud_retirada": _tipo(_SOLICITUD, opcionales="motivo"),
    "plazo_prorrogado": _tipo(f"{_SOLICITUD} espacio vence_en motivo"),
    "plazo_vencido": _tipo(f"{_SOLICITUD} espacio"),
    "asignacion_revocada": _tipo(f"{_SOLICITUD} espacio motivo"),
    "plazo_por_vencer": _tipo(
        f"{_SOLICITUD} espacio vence_en", vida=timedelta(hours=24), una_vez=("solicitud_id", "vence_en")
    ),
    "reclamo_aceptado": _tipo("sorteo_id nombre folio motivo"),
    "reclamo_negado": _tipo("sorteo_id nombre folio motivo"),
    # To who lives in the flat that holds a space.
    "asignacion_por_terminar": _tipo(f"{_ASIGNACION} hasta", una_vez=("asignacion_id", "hasta")),
    "asignacion_reclamada": _tipo(f"{_ASIGNACION} hasta", opcionales="motivo"),
    "permuta_pedida": _tipo(_PERMUTA, opcionales="motivo"),
    "permuta_consentida": _tipo(_PERMUTA, opcionales="motivo"),
    "permuta_hecha": _tipo(_PERMUTA, opcionales="motivo"),
    "permuta_cerrada": _tipo(_PERMUTA, opcionales="motivo"),
    # To the holder of an account.
    "cuenta_creada": _tipo(),
    "sesion_nueva": _tipo(opcionales="dispositivo direccion"),
    "sesion_reusada": _tipo(opcionales="dispositivo direccion"),
    "clave_cambiada": _tipo(),
    "clave_recuperada": _tipo(),
    "recuperacion_por_admin": _tipo(),
    "correo_pedido": _tipo(),
    "correo_ocupado": _tipo(),
    "correo_cambiado": _tipo(),
    "rol_cambiado": _tipo("rol"),
    "mfa_activado": _tipo(),
    "mfa_desactivado": _tipo(),
    "mfa_retirado_por_admin": _tipo(),
    "llave_creada": _tipo("nombre"),
    # To an address.
    "invitacion": _tipo(opcionales="nombre expira_en", secretos="enlace", vida=timedelta(days=5)),
    "recuperacion": _tipo(opcionales="expira_en", secretos="enlace", vida=timedelta(hours=1)),
    "confirmar_correo": _tipo(opcionales="expira_en", secretos="enlace", vida=timedelta(hours=24)),
}
