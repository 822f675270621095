"""Settings: `PARKNET_…` in the environment or in `.env`. Each has a line in `.env.example`."""

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

NombreDeClave = Literal["jwt_secret", "clave_pimienta", "clave_sorteo", "clave_auditoria"]
CLAVES: tuple[NombreDeClave, ...] = ("jwt_secret", "clave_pimienta", "clave_sorteo", "clave_auditoria")
MINIMO_DE_CLAVE = 32


class ConfigError(Exception):
    """A setting is missing or wrong. One line that names it."""


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


Clave = Annotated[SecretStr | None, AfterValidator(_clave)]


class Settings(BaseSettings):
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
    clave_pimienta: Clave = None
    clave_sorteo: Clave = None
    clave_auditoria: Clave = None
    admin_email: str | None = None
    admin_password: SecretStr | None = None
    bcrypt_cost: Annotated[int, Field(ge=4, le=16)] = 12
    cors_origins: Annotated[list[str], NoDecode] = []
    zona_horaria: Annotated[str, AfterValidator(_zona)] = "America/Bogota"
    url_publica: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "http://127.0.0.1:8000"
    latido_segundos: Annotated[float, Field(ge=0, le=3600)] = 5.0

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _separar_origenes(cls, valor: object) -> object:
        """Origins come separated by commas, as people write them."""
        return [o.strip() for o in valor.split(",") if o.strip()] if isinstance(valor, str) else valor

    @model_validator(mode="after")
    def _prudencia(self) -> Self:
        if self.env == "dev":
            if not _es_local(self.host):
                raise ValueError("PARKNET_HOST: con ENV=dev solo se escucha en la propia máquina")
            return self
        for nombre in CLAVES:
            if getattr(self, nombre) is None:
                raise ValueError(f"PARKNET_{nombre.upper()}: es obligatoria con ENV=prod")
        if self.mongodb_uri is None and not self.embedded:
            raise ValueError(
                "PARKNET_MONGODB_URI: es obligatoria con ENV=prod, o PARKNET_EMBEDDED=1 para la base incluida"
            )
        if self.bcrypt_cost < 10:
            raise ValueError("PARKNET_BCRYPT_COST: por debajo de 10 solo con ENV=dev")
        return self

    @property
    def zona(self) -> ZoneInfo:
        return ZoneInfo(self.zona_horaria)

    def clave(self, nombre: NombreDeClave) -> bytes:
        """The bytes of a key: as set, or (in `dev`) made once and kept in `data_dir`."""
        valor: SecretStr | None = getattr(self, nombre)
        if valor is not None:
            return valor.get_secret_value().encode()
        return _clave_guardada(self.data_dir / "claves" / nombre)


def load_settings(**valores: Any) -> Settings:
    """Read the settings. Raises ConfigError, one line, naming the first that is wrong."""
    try:
        return Settings(**valores)
    except ValidationError as error:
        primero = error.errors(include_url=False, include_input=False)[0]
        mensaje = primero["msg"].removeprefix("Value error, ")
        if primero["loc"]:
            mensaje = f"PARKNET_{str(primero['loc'][0]).upper()}: {mensaje}"
        raise ConfigError(mensaje) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f".env: no se puede leer: {type(error).__name__}") from error


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
