"""Settings: `PARKNET_…` in the environment or in `.env`. Each has a line in `.env.example`."""

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import DotEnvSettingsSource, NoDecode, SettingsConfigDict

from app.core.terms import Plazos
from app.shared.field_rules import regla_rota
from app.shared.messages import mensaje

VERSION = "1.0.0"
"""Of the package, of the document, and of what a process says of itself."""

NombreDeClave = Literal["jwt_secret", "clave_pimienta", "clave_sorteo", "clave_auditoria", "clave_analitica"]
CLAVES: tuple[NombreDeClave, ...] = ("jwt_secret", "clave_pimienta", "clave_sorteo", "clave_auditoria")
DE_ANTES: Mapping[NombreDeClave, str] = {
    "jwt_secret": "jwt_secretos_anteriores",
    "clave_pimienta": "clave_pimienta_anteriores",
    "clave_sorteo": "clave_sorteo_anteriores",
    "clave_auditoria": "clave_auditoria_anteriores",
}
"""The setting that has what stood there before."""
MINIMO_DE_CLAVE = 32
_ORIGEN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


class ConfigError(Exception):
    """Settings are missing or wrong. One line for each, which names it."""


def _zona(nombre: str) -> str:
    try:
        ZoneInfo(nombre)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no es una zona horaria conocida, como America/Bogota") from error
    return nombre


def _clave(valor: SecretStr | None) -> SecretStr | None:
    if valor is not None and len(valor.get_secret_value().encode()) < MINIMO_DE_CLAVE:
        raise ValueError(f"necesita al menos {MINIMO_DE_CLAVE} bytes")
    return valor


def _red(valor: str) -> str:
    """An address, or a network of them. A name that is none would make whoever has it believed."""
    try:
        ipaddress.ip_network(valor)
    except ValueError as error:
        raise ValueError("cada uno es una dirección IP o una red, como 10.0.0.0/8") from error
    return valor


def _origen(valor: str) -> str:
    if valor != "*" and not _ORIGEN.fullmatch(valor):
        raise ValueError("cada uno es un origen, como https://panel.ejemplo.co, sin barra al final; o * solo")
    return valor


def _remitente(valor: str | None) -> str | None:
    if valor is not None:
        direccion = parseaddr(valor)[1]
        local, _, dominio = direccion.rpartition("@")
        if not (local and dominio and direccion.isascii() and valor.isprintable()):
            raise ValueError("se espera un correo, o Nombre <correo>")
    return valor


Clave = Annotated[SecretStr | None, AfterValidator(_clave)]
ClaveDeAntes = Annotated[SecretStr, AfterValidator(_clave)]


class Settings(Plazos):
    model_config = SettingsConfigDict(
        env_prefix="PARKNET_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    env: Literal["dev", "prod"] = "dev"
    mongodb_uri: SecretStr | None = None
    mongodb_db: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,38}$")] = "parknet"
    embedded: bool = False
    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    jwt_secret: Clave = None
    jwt_secretos_anteriores: Annotated[list[ClaveDeAntes], NoDecode] = []
    clave_pimienta: Clave = None
    clave_pimienta_anteriores: Annotated[list[ClaveDeAntes], NoDecode] = []
    clave_sorteo: Clave = None
    clave_sorteo_anteriores: Annotated[list[ClaveDeAntes], NoDecode] = []
    clave_auditoria: Clave = None
    clave_auditoria_anteriores: Annotated[list[ClaveDeAntes], NoDecode] = []
    clave_respaldo: Clave = None
    admin_email: str | None = None
    admin_password: SecretStr | None = None
    bcrypt_cost: Annotated[int, Field(ge=4, le=16)] = 12
    mfa_obligatorio: bool = False
    nombre_conjunto: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    cors_origins: Annotated[list[Annotated[str, AfterValidator(_origen)]], NoDecode] = []
    docs: bool | None = None
    proxies: Annotated[list[Annotated[str, AfterValidator(_red)]], NoDecode] = []
    cuotas: Annotated[float, Field(ge=0, le=1000)] = 1.0
    zona_horaria: Annotated[str, AfterValidator(_zona)] = "America/Bogota"
    url_publica: Annotated[str | None, Field(pattern=r"^https?://[^\s/]+$")] = None
    url_app: Annotated[str | None, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?$")] = None
    log_formato: Literal["texto", "json"] | None = None
    log_nivel: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_token: Annotated[SecretStr | None, AfterValidator(_clave)] = None
    latido_segundos: Annotated[float, Field(ge=0, le=3600)] = 5.0
    drenaje_segundos: Annotated[float | None, Field(ge=0, le=600)] = None
    gracia_segundos: Annotated[int, Field(ge=1, le=3600)] = 30
    trabajos_a_la_vez: Annotated[int, Field(ge=1, le=32)] = 2
    smtp_host: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")] = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: Annotated[str | None, AfterValidator(_remitente)] = None
    smtp_timeout: Annotated[float, Field(ge=1, le=600)] = 30.0
    smtp_intentos: Annotated[int, Field(ge=1, le=50)] = 12
    analitica_proyecto: Annotated[str | None, Field(pattern=r"^[a-z0-9.:-]{1,100}$")] = None
    analitica_datos: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,200}$")] = "parknet"
    analitica_conjunto: Annotated[str | None, Field(pattern=r"^[a-z0-9_-]{1,60}$")] = None
    analitica_ubicacion: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{2,40}$")] = "US"
    analitica_credenciales: Path | None = None
    analitica_direccion: Annotated[str | None, Field(pattern=r"^https?://[^\s/]+$")] = None
    analitica_segundos: Annotated[float, Field(ge=1, le=86400)] = 300.0
    clave_analitica: Clave = None

    @field_validator("cors_origins", "proxies", *DE_ANTES.values(), mode="before")
    @classmethod
    def _separar(cls, valor: object) -> object:
        """Lists come separated by commas, as people write them."""
        return [o.strip() for o in valor.split(",") if o.strip()] if isinstance(valor, str) else valor

    @model_validator(mode="after")
    def _correo_entero(self) -> Self:
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("PARKNET_SMTP_FROM: es obligatoria con PARKNET_SMTP_HOST")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("PARKNET_SMTP_PASSWORD: va junto con PARKNET_SMTP_USER, o ninguna de las dos")
        if self.env == "prod" and self.smtp_tls == "none" and self.smtp_user is not None:
            raise ValueError("PARKNET_SMTP_TLS: con ENV=prod, una contraseña no viaja sin cifrar")
        return self

    @model_validator(mode="after")
    def _analitica_entera(self) -> Self:
        if self.analitica_proyecto is None:
            return self
        if self.analitica_conjunto is None:
            raise ValueError("PARKNET_ANALITICA_CONJUNTO: es obligatoria con PARKNET_ANALITICA_PROYECTO")
        if self.env == "prod" and self.clave_analitica is None:
            raise ValueError("PARKNET_CLAVE_ANALITICA: es obligatoria con PARKNET_ANALITICA_PROYECTO y ENV=prod")
        return self

    @model_validator(mode="after")
    def _prudencia(self) -> Self:
        if self.env == "dev":
            if not _es_local(self.host):
                raise ValueError("PARKNET_HOST: con ENV=dev solo se escucha en la propia máquina")
            return self
        obligatorias = [*CLAVES, "url_publica"]
        faltas = [f"PARKNET_{n.upper()}: es obligatoria con ENV=prod" for n in obligatorias if getattr(self, n) is None]
        if self.mongodb_uri is None and not self.embedded:
            faltas.append(
                "PARKNET_MONGODB_URI: es obligatoria con ENV=prod, o PARKNET_EMBEDDED=1 para la base incluida"
            )
        if self.cuotas == 0:
            faltas.append("PARKNET_CUOTAS: solo puede ser 0 con ENV=dev")
        if self.bcrypt_cost < 10:
            faltas.append("PARKNET_BCRYPT_COST: por debajo de 10 solo con ENV=dev")
        if faltas:
            raise ValueError("\n".join(faltas))
        return self

    @property
    def url(self) -> str:
        """The address seen from outside. In `dev`, unless it is said, where this process listens."""
        if self.url_publica is not None:
            return self.url_publica
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def registro_en_json(self) -> bool:
        return self.env == "prod" if self.log_formato is None else self.log_formato == "json"

    @property
    def drenaje(self) -> float:
        """For how long a process that was told to stop goes on taking calls, in seconds."""
        if self.drenaje_segundos is not None:
            return self.drenaje_segundos
        return 5.0 if self.env == "prod" else 0.0

    @property
    def con_documentacion(self) -> bool:
        """Whether `/docs`, `/redoc` and the document they show are there: unless it is said, only in `dev`."""
        return self.env == "dev" if self.docs is None else self.docs

    @property
    def url_enlaces(self) -> str:
        """Where links of invitations and recovery lead: to this server's pages, unless another has the same paths."""
        return self.url_app or self.url

    @property
    def hsts(self) -> bool:
        """Whether it is reached over https alone."""
        return self.env == "prod" and self.url.startswith("https://")

    @property
    def latido_de_analitica(self) -> float:
        """Seconds between two of its beats; 0: never."""
        return self.analitica_segundos if self.analitica_proyecto is not None and self.latido_segundos > 0 else 0

    @property
    def zona(self) -> ZoneInfo:
        return ZoneInfo(self.zona_horaria)

    def anteriores(self, nombre: NombreDeClave) -> list[bytes]:
        """The keys that stood where `nombre` stands now: what was made under them is still accepted."""
        claves: list[SecretStr] = getattr(self, DE_ANTES[nombre])
        return [clave.get_secret_value().encode() for clave in claves]

    def clave(self, nombre: NombreDeClave) -> bytes:
        """The bytes of a key: as set, or (in `dev`) made once and kept in `data_dir`."""
        valor: SecretStr | None = getattr(self, nombre)
        if valor is not None:
            return valor.get_secret_value().encode()
        return _clave_guardada(self.data_dir / "claves" / nombre)


def load_settings(**valores: Any) -> Settings:
    """Read the settings. Raises ConfigError, with a line for each that is wrong."""
    try:
        return Settings(**valores)
    except ValidationError as error:
        lineas: list[str] = []
        for falta in error.errors(include_url=False, include_input=False):
            texto = _en_espanol(falta["type"], falta["msg"], falta.get("ctx", {}))
            nombre = f"PARKNET_{str(falta['loc'][0]).upper()}: " if falta["loc"] else ""
            lineas += [f"{nombre}{linea}" for linea in texto.splitlines()]
        raise ConfigError("\n".join(dict.fromkeys(lineas))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f".env: no se puede leer: {type(error).__name__}") from error


def desconocidas(entorno: Mapping[str, str]) -> list[str]:
    """Names of the environment, and of `.env`, that look like settings and are none."""
    dichas = {nombre.upper() for nombre in (*entorno, *DotEnvSettingsSource(Settings).env_vars)}
    return sorted(n for n in dichas if n.startswith("PARKNET_") and n[8:].lower() not in Settings.model_fields)


def _en_espanol(tipo: str, dicho: str, limites: Mapping[str, Any]) -> str:
    if tipo == "value_error":
        return dicho.removeprefix("Value error, ")
    codigo, datos = regla_rota(tipo, limites)
    return mensaje(codigo, "es", datos).rstrip(".").replace("El texto ", "").replace("El valor ", "")


def _es_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _clave_guardada(ruta: Path) -> bytes:
    """Read the key in `ruta`, made on first use. Of several processes at once, the first to link its file wins."""
    try:
        ruta.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not ruta.exists():
            provisional = ruta.with_name(f".{ruta.name}.{os.getpid()}.{secrets.token_hex(4)}")
            descriptor = os.open(provisional, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as archivo:
                archivo.write(secrets.token_hex(32))
                archivo.flush()
                os.fsync(archivo.fileno())
            try:
                os.link(provisional, ruta)
            except FileExistsError:
                pass
            finally:
                provisional.unlink()
        clave = ruta.read_bytes()
    except OSError as error:
        raise ConfigError(f"PARKNET_DATA_DIR: no se puede guardar en {ruta.parent}: {error.strerror}") from error
    if len(clave) < MINIMO_DE_CLAVE:
        raise ConfigError(f"PARKNET_DATA_DIR: {ruta} no guarda una clave entera")
    return clave
