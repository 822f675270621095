"""What stands in for other modules, and keeps what it is told."""

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beanie import PydanticObjectId

from app.core.jobs.contract import Rechazo, RefDeArchivo
from app.core.quotas.contract import Saldo, Tasa
from app.core.security import Principal
from app.modules.auth.ports import CuentaDeResidente, Datos, Persona
from app.shared.exceptions import DemasiadasPeticiones
from app.shared.messages import Idioma
from app.shared.transaction import al_confirmar


@dataclass
class PadronFalso:
    personas: dict[PydanticObjectId, Persona] = field(default_factory=dict)
    documentos: dict[str, list[PydanticObjectId]] = field(default_factory=dict)
    cuentas: dict[PydanticObjectId, CuentaDeResidente] = field(default_factory=dict)
    domicilio: dict[PydanticObjectId, str] = field(default_factory=dict)

    def agregar(
        self, *, email: str | None = None, documento: str | None = None, activo: bool = True
    ) -> PydanticObjectId:
        id = PydanticObjectId()
        self.personas[id] = Persona(residente_id=id, email=email, nombre="Ana", activo=activo)
        self.cuentas[id] = "sin_invitar"
        if documento is not None:
            self.documentos.setdefault(documento, []).append(id)
        return id

    def retirar(self, id: PydanticObjectId) -> None:
        self.personas[id] = Persona(residente_id=id, email=None, nombre="Ana", activo=False)

    def cambiar_correo(self, id: PydanticObjectId, email: str | None) -> None:
        """As staff change the contact data of somebody."""
        self.personas[id] = Persona(residente_id=id, email=email, nombre="Ana", activo=True)

    async def persona(self, *, residente_id: PydanticObjectId) -> Persona | None:
        return self.personas.get(residente_id)

    async def activos(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        ids = sorted(id for id, p in self.personas.items() if p.activo and (despues_de is None or id > despues_de))
        return ids[:limite]

    async def conocidos(self, *, residentes: Sequence[PydanticObjectId]) -> Collection[PydanticObjectId]:
        return set(residentes) & self.personas.keys()

    async def domicilios(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]:
        return {id: self.domicilio.get(id, "Torre 1, apartamento 101") for id in residentes}

    async def por_documento(self, *, numero: str) -> Sequence[PydanticObjectId]:
        return self.documentos.get(numero, [])

    async def maximo_por_documento(self) -> int:
        return max(map(len, self.documentos.values()), default=1)

    async def textos(self, *, residente_id: PydanticObjectId) -> Sequence[str]:
        persona = self.personas.get(residente_id)
        return [] if persona is None else [texto for texto in (persona.nombre, persona.email) if texto]

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: CuentaDeResidente) -> None:
        self.cuentas[residente_id] = cuenta


@dataclass(frozen=True)
class Carta:
    """An e-mail as it was asked for."""

    tipo: str
    para: str
    idioma: Idioma
    datos: Datos
    secretos: Mapping[str, str]

    @property
    def token(self) -> str:
        """The one in its link."""
        return self.secretos["enlace"].partition("#")[2].partition("=")[2]


@dataclass
class AvisosFalsos:
    """Keeps what it is told, also by transactions that ran twice or came to nothing."""

    avisos: list[tuple[str, PydanticObjectId | None]] = field(default_factory=list)
    cartas: list[Carta] = field(default_factory=list)

    async def avisar(
        self,
        *,
        tipo: str,
        datos: Datos,  # noqa: ARG002 - the Protocol's shape
        usuario_id: PydanticObjectId | None = None,
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        self.avisos.append((tipo, usuario_id or residente_id))

    async def escribir(
        self, *, tipo: str, para: str, idioma: Idioma, datos: Datos, secretos: Mapping[str, str]
    ) -> None:
        self.cartas.append(Carta(tipo, para, idioma, datos, secretos))

    def para(self, email: str, tipo: str | None = None) -> list[Carta]:
        return [carta for carta in self.cartas if carta.para == email and tipo in (None, carta.tipo)]


@dataclass
class BitacoraFalsa:
    sucesos: list[tuple[str, PydanticObjectId | None, bool]] = field(default_factory=list)
    aparte_dichos: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def suceso(
        self,
        *,
        tipo: str,
        usuario_id: PydanticObjectId | None = None,
        hecho: bool = True,
        nombre: str | None = None,  # noqa: ARG002 - the Protocol's shape
        direccion: str | None = None,  # noqa: ARG002
        datos: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> None:
        self.sucesos.append((tipo, usuario_id, hecho))

    async def aparte(self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId) -> None:
        del objeto
        self.aparte_dichos.append((tipo, datos))

    async def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[list[Mapping[str, str]]]:
        yield [datos for suyo, datos in self.aparte_dichos if suyo == tipo]

    async def denunciar_huecos(self) -> None: ...


@dataclass
class CuotasEnMemoria:
    veces: Counter[tuple[str, ...]] = field(default_factory=Counter)

    async def gastar(self, tasa: Tasa, *quien: str) -> Saldo:
        clave = (tasa.nombre, *quien)
        if self.veces[clave] >= tasa.veces:
            raise DemasiadasPeticiones(
                politica=tasa.nombre, limite=tasa.veces, segundos=tasa.segundos, ventana=tasa.segundos
            )
        self.veces[clave] += 1
        return Saldo(tasa=tasa, queda=tasa.veces - self.veces[clave], repone_en=tasa.segundos)

    async def olvidar(self, tasa: Tasa, *quien: str) -> None:
        self.veces.pop((tasa.nombre, *quien), None)


class Muerte(BaseException):
    """The process is killed here."""


@dataclass
class ContextoFalso:
    """A job as its handler sees it. `morir_en`: at which of its calls the process is killed, counted from 1. What was
    said is kept, as the database would: another attempt starts with it, but for the file."""

    parametros: Mapping[str, Any]
    quien: Principal
    trabajo_id: PydanticObjectId = field(default_factory=PydanticObjectId)
    entrada: RefDeArchivo | None = None
    punto: Mapping[str, Any] = field(default_factory=dict)
    hecho: int = 0
    total: int | None = None
    rechazos: dict[tuple[int, str], Rechazo] = field(default_factory=dict)
    archivo: bytes | None = None
    llamadas: int = 0
    morir_en: int | None = None

    async def avanzar(self, *, hecho: int, total: int | None = None) -> None:
        self._vivir()
        self.hecho, self.total = hecho, total

    async def guardar(self, *, punto: Mapping[str, Any], hecho: int, total: int | None = None) -> None:
        self._vivir()
        self.hecho, self.total = hecho, self.total if total is None else total

        def recordar() -> None:
            self.punto = punto

        al_confirmar(recordar)

    async def rechazar(self, *, filas: Iterable[Rechazo]) -> None:
        self._vivir()
        self.rechazos |= {(fila.linea, fila.campo): fila for fila in filas}

    async def entregar(self, *, nombre: str, tipo: str, contenido: bytes | AsyncIterable[bytes]) -> None:
        self._vivir()
        assert (nombre, tipo) == ("invitaciones.pdf", "application/pdf")
        assert isinstance(contenido, bytes)
        self.archivo = contenido

    def otro_intento(self) -> None:
        self.archivo, self.morir_en, self.llamadas = None, None, 0

    def _vivir(self) -> None:
        self.llamadas += 1
        if self.llamadas == self.morir_en:
            raise Muerte
