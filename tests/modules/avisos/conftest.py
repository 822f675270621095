"""The module on its own: its documents, its services as they are built, and a stand-in for who knows people."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from beanie import Document, PydanticObjectId
from pydantic import SecretStr

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.avisos import wiring as montaje
from app.modules.avisos.envios.service import EnvioService
from app.modules.avisos.models import DOCUMENTOS, Envio
from app.modules.avisos.repository import AvisoRepository, DifusionRepository, DispositivoRepository, EnvioRepository
from app.modules.avisos.service import BuzonService
from app.shared.messages import Idioma
from tests.conftest import Reloj
from tests.modules.avisos.oficina import Oficina, oficina

CLAVE = "x" * 32


@dataclass(frozen=True)
class Contacto:
    email: str | None
    idioma: Idioma = "es"
    con_cuenta: bool = True


@dataclass
class FakeDirectorio:
    contactos: dict[PydanticObjectId, Contacto] = field(default_factory=dict)
    del_personal: list[PydanticObjectId] = field(default_factory=list)

    def residente(
        self, email: str | None = None, idioma: Idioma = "es", *, con_cuenta: bool = True
    ) -> PydanticObjectId:
        id = PydanticObjectId()
        self.contactos[id] = Contacto(email, idioma, con_cuenta)
        return id

    async def contacto(self, *, destinatario: PydanticObjectId) -> Contacto | None:
        return self.contactos.get(destinatario)

    async def residentes(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return _pagina(set(self.contactos) - set(self.del_personal), despues_de, limite)

    async def cuentas(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return _pagina(self.del_personal, despues_de, limite)


@dataclass(frozen=True)
class FakeConjunto:
    """A complex whose administration is found at these."""

    nombre: str | None = "Altos de la Colina"
    direccion: str | None = "Calle 1 # 2-3"
    telefono: str | None = None
    horario: str | None = "lunes a viernes, de 8:00 a 12:00"

    async def ver(self) -> "FakeConjunto":
        return self


def _pagina(
    ids: Sequence[PydanticObjectId] | set[PydanticObjectId], despues_de: PydanticObjectId | None, limite: int
) -> list[PydanticObjectId]:
    return [id for id in sorted(ids) if despues_de is None or id > despues_de][:limite]


class Casa:
    def __init__(self, uow: UnitOfWork, carpeta: Path, **ajustes: Any) -> None:
        self.uow = uow
        self.directorio = FakeDirectorio()
        self.avisos, self.difusiones = AvisoRepository(), DifusionRepository()
        self.r_envios, self.dispositivos = EnvioRepository(), DispositivoRepository()
        valores: dict[str, Any] = {
            "data_dir": carpeta,
            "clave_pimienta": SecretStr(CLAVE),
            "smtp_from": "ParkNet <avisos@example.com>",
            "smtp_tls": "none",
            "smtp_timeout": 5,
        }
        self.settings = Settings(_env_file=None, **valores | ajustes)
        self.servicio = montaje.montar_servicio(self.settings)
        self.modulo = montaje.montar(
            settings=self.settings, uow=uow, directorio=self.directorio, conjunto=FakeConjunto()
        )
        self.envios: EnvioService = self.modulo.estado.envios
        self.buzon: BuzonService = self.modulo.estado.buzon
        self.repartir = self.modulo.tareas[0]

    async def enviar(self) -> None:
        await self.envios.enviar()

    async def avisar(self, email: str | None, *, idioma: Idioma = "es") -> PydanticObjectId:
        """To a new resident; the id of the e-mail."""
        residente_id = self.directorio.residente(email, idioma)
        await self.servicio.avisar(tipo="rol_cambiado", datos={"rol": "operador"}, residente_id=residente_id)
        (envio,) = await self.r_envios.find({"destinatario": residente_id})
        return envio.oid

    async def invitar(self, para: str) -> PydanticObjectId:
        """With a link that is shown once; the id of the e-mail."""
        await self.servicio.escribir(
            tipo="invitacion",
            para=para,
            idioma="es",
            datos={"nombre": "Ana Peña"},
            secretos={"enlace": "https://parknet.example/registro#invitacion=secreto-1"},
        )
        (envio,) = await self.r_envios.find({"tipo": "invitacion"})
        return envio.oid

    async def envio(self, id: PydanticObjectId) -> Envio:
        envio = await self.r_envios.get(id)
        assert envio is not None
        return envio

    async def estados(self) -> dict[str, int]:
        cuantos: dict[str, int] = {}
        for envio in await self.r_envios.find({}):
            cuantos[envio.estado.value] = cuantos.get(envio.estado.value, 0) + 1
        return cuantos


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


@pytest.fixture
async def correo() -> AsyncIterator[Oficina]:
    async with oficina() as abierta:
        yield abierta


Montar = Callable[..., Casa]


@pytest.fixture
def casa(base_simulada: UnitOfWork, reloj: Reloj, tmp_path: Path) -> Casa:  # noqa: ARG001
    """On mongomock, with a server of e-mail that nobody speaks to."""
    return Casa(base_simulada, tmp_path, smtp_host="127.0.0.1", smtp_port=9)


@pytest.fixture
def montar(base_real: UnitOfWork, reloj: Reloj, tmp_path: Path) -> Montar:  # noqa: ARG001
    """On the real database; with an `Oficina`, sending there."""

    def montar(correo: Oficina | None = None, **ajustes: Any) -> Casa:
        donde = {} if correo is None else {"smtp_host": "127.0.0.1", "smtp_port": correo.puerto}
        return Casa(base_real, tmp_path, **donde | ajustes)

    return montar
