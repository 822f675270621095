"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.builder import Armador
from app.core.config import Settings
from app.core.jobs.contract import Cola, Encargado
from app.core.quotas.contract import Cuotas
from app.core.security import FirmadorDeAcceso, HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import ClaveService, PoliticaDeClaves
from app.modules.auth.correo.service import CorreoService
from app.modules.auth.invitaciones.lote import TIPO, InvitadorPorLotes, LoteService
from app.modules.auth.invitaciones.registro import RegistroService
from app.modules.auth.invitaciones.service import InvitacionService
from app.modules.auth.llaves.service import LlaveService, Porteria, Vigencias
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.privacidad.service import CustodioDeCuentas, LimpiezaDeCuentas
from app.modules.auth.public import CuentasService
from app.modules.auth.recuperacion.service import RecuperacionService
from app.modules.auth.segundo_factor.factores import SegundosFactores
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones.conocidos import Conocidos
from app.modules.auth.sesiones.service import SesionService
from app.modules.auth.usuarios.service import UsuarioService


@dataclass(frozen=True, slots=True)
class EstadoDeAuth:
    """The services that the endpoints of the module find in `request.state.auth`."""

    entrada: AuthService
    conocidos: Conocidos
    sesiones: SesionService
    claves: ClaveService
    segundo_factor: SegundoFactorService
    usuarios: UsuarioService
    correo: CorreoService
    invitaciones: InvitacionService
    lotes: LoteService
    registro: RegistroService
    recuperacion: RecuperacionService
    llaves: LlaveService


@dataclass(frozen=True, slots=True)
class Auth:
    """`autenticador`: tells every endpoint who calls. `cuentas`: what other modules may ask. `cada_poco`: what the beat
    calls. `encargados`: who does which kind of job."""

    estado: EstadoDeAuth
    autenticador: Porteria
    cuentas: CuentasService
    custodio: CustodioDeCuentas
    limpieza: LimpiezaDeCuentas
    vigencias: Vigencias
    cada_poco: Sequence[Callable[[], Awaitable[object]]]
    encargados: Mapping[str, Encargado]


def montar(
    *,
    settings: Settings,
    uow: UnitOfWork,
    padron: Padron,
    avisos: Avisos,
    bitacora: Bitacora,
    cuotas: Cuotas,
    cola: Cola,
) -> Auth:
    nombre, url_enlaces = settings.nombre_conjunto or "ParkNet", settings.url_enlaces
    pimienta, anteriores = settings.clave("clave_pimienta"), settings.anteriores("clave_pimienta")
    claves = (settings.clave("jwt_secret"), *settings.anteriores("jwt_secret"))
    armador = Armador({UnitOfWork: uow, Padron: padron, Avisos: avisos, Bitacora: bitacora, Cuotas: cuotas, Cola: cola})
    armador.hacer(HasherDeClaves, pimienta=pimienta, anteriores=anteriores, costo=settings.bcrypt_cost)
    armador.hacer(FirmadorDeAcceso, clave=claves[0], anteriores=claves[1:])
    armador.hacer(Conocidos, claves=claves)
    sesiones = armador.hacer(SesionService, mfa_obligatorio=settings.mfa_obligatorio)
    armador.hacer(SegundosFactores, clave=pimienta, anteriores=anteriores)
    armador.hacer(SegundoFactorService, emisor=nombre)
    armador.hacer(PoliticaDeClaves, conjunto=settings.nombre_conjunto)
    armador.hacer(InvitacionService, url_enlaces=url_enlaces)
    armador.hacer(CorreoService, url_enlaces=url_enlaces)
    recuperacion, llaves = armador.hacer(RecuperacionService, url_enlaces=url_enlaces), armador[LlaveService]
    por_lotes = armador.hacer(
        InvitadorPorLotes, conjunto=nombre, zona=settings.zona, por_correo=settings.smtp_host is not None
    )
    return Auth(
        estado=armador[EstadoDeAuth],
        autenticador=Porteria(sesiones=sesiones, llaves=llaves),
        cuentas=armador[CuentasService],
        custodio=armador[CustodioDeCuentas],
        limpieza=armador.hacer(
            LimpiezaDeCuentas,
            guarda_de_sesiones=settings.guarda_de_sesiones,
            guarda_de_invitaciones=settings.guarda_de_invitaciones,
        ),
        vigencias=armador[Vigencias],
        cada_poco=(recuperacion.atender, llaves.anotar_usos),
        encargados={TIPO: por_lotes},
    )
