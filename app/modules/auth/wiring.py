"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from app.core.config import Settings
from app.core.jobs.contract import Cola, Encargado
from app.core.quotas.contract import Cuotas
from app.core.security import FirmadorDeAcceso, HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import ClaveService, Comprobador, PoliticaDeClaves
from app.modules.auth.correo.service import CorreoService
from app.modules.auth.invitaciones.lote import TIPO, InvitadorPorLotes, LoteService
from app.modules.auth.invitaciones.registro import RegistroService
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.invitaciones.service import InvitacionService
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.llaves.service import LlaveService, Porteria, Vigencias
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.privacidad.repository import InvitadoRepository, SesionDeRepository
from app.modules.auth.privacidad.service import CustodioDeCuentas, LimpiezaDeCuentas
from app.modules.auth.public import CuentasService
from app.modules.auth.puerta import Puerta
from app.modules.auth.recuperacion.service import RecuperacionService
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.segundo_factor.factores import SegundosFactores
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones.cache import CacheDeSesiones
from app.modules.auth.sesiones.conocidos import Conocidos
from app.modules.auth.sesiones.repository import SesionRepository
from app.modules.auth.sesiones.service import SesionService
from app.modules.auth.usuarios.service import UsuarioService
from app.modules.auth.vales.repository import PedidoRepository, ValeRepository
from app.modules.auth.vales.service import ValeService


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
    hasher = HasherDeClaves(pimienta=pimienta, anteriores=anteriores, costo=settings.bcrypt_cost)
    usuarios, repo_sesiones, cache = UsuarioRepository(), SesionRepository(), CacheDeSesiones()
    repo_invitaciones, vales = InvitacionRepository(), ValeService(vales=ValeRepository())
    claves = (settings.clave("jwt_secret"), *settings.anteriores("jwt_secret"))
    firmador = FirmadorDeAcceso(claves[0], claves[1:])
    conocidos = Conocidos(claves=claves, firmador=firmador, sesiones=repo_sesiones)
    sesiones = SesionService(
        sesiones=repo_sesiones,
        usuarios=usuarios,
        firmador=firmador,
        cache=cache,
        avisos=avisos,
        bitacora=bitacora,
        uow=uow,
        mfa_obligatorio=settings.mfa_obligatorio,
    )
    factores = SegundosFactores(factores=SegundoFactorRepository(), clave=pimienta, anteriores=anteriores)
    politica = PoliticaDeClaves(padron=padron, conjunto=settings.nombre_conjunto)
    comprobador = Comprobador(hasher=hasher, cuotas=cuotas, bitacora=bitacora)
    invitaciones = InvitacionService(
        invitaciones=repo_invitaciones,
        usuarios=usuarios,
        vales=vales,
        padron=padron,
        avisos=avisos,
        cuotas=cuotas,
        uow=uow,
        url_enlaces=url_enlaces,
    )
    recuperacion = RecuperacionService(
        pedidos=PedidoRepository(),
        usuarios=usuarios,
        vales=vales,
        sesiones=sesiones,
        avisos=avisos,
        bitacora=bitacora,
        politica=politica,
        hasher=hasher,
        uow=uow,
        url_enlaces=url_enlaces,
    )
    llaves = LlaveService(llaves=LlaveRepository(), usuarios=usuarios, cache=cache, avisos=avisos, uow=uow)
    estado = EstadoDeAuth(
        entrada=AuthService(
            usuarios=usuarios,
            sesiones=sesiones,
            factores=factores,
            puerta=Puerta(cuotas=cuotas, sesiones=repo_sesiones, bitacora=bitacora),
            conocidos=conocidos,
            padron=padron,
            bitacora=bitacora,
            uow=uow,
            hasher=hasher,
        ),
        conocidos=conocidos,
        sesiones=sesiones,
        claves=ClaveService(
            usuarios=usuarios,
            sesiones=sesiones,
            politica=politica,
            comprobador=comprobador,
            avisos=avisos,
            bitacora=bitacora,
            uow=uow,
            hasher=hasher,
        ),
        segundo_factor=SegundoFactorService(
            factores=factores,
            usuarios=usuarios,
            sesiones=sesiones,
            comprobador=comprobador,
            avisos=avisos,
            bitacora=bitacora,
            uow=uow,
            emisor=nombre,
        ),
        usuarios=UsuarioService(usuarios=usuarios, sesiones=sesiones, avisos=avisos, bitacora=bitacora, uow=uow),
        correo=CorreoService(
            usuarios=usuarios,
            vales=vales,
            sesiones=sesiones,
            avisos=avisos,
            comprobador=comprobador,
            uow=uow,
            url_enlaces=url_enlaces,
        ),
        invitaciones=invitaciones,
        lotes=LoteService(padron=padron, cola=cola),
        registro=RegistroService(
            usuarios=usuarios,
            invitaciones=repo_invitaciones,
            vales=vales,
            padron=padron,
            avisos=avisos,
            bitacora=bitacora,
            politica=politica,
            uow=uow,
            hasher=hasher,
        ),
        recuperacion=recuperacion,
        llaves=llaves,
    )
    por_lotes = InvitadorPorLotes(
        invitaciones=invitaciones,
        usuarios=usuarios,
        padron=padron,
        cuotas=cuotas,
        uow=uow,
        conjunto=nombre,
        zona=settings.zona,
        por_correo=settings.smtp_host is not None,
    )
    return Auth(
        estado=estado,
        autenticador=Porteria(sesiones=sesiones, llaves=llaves),
        cuentas=CuentasService(usuarios=usuarios, sesiones=sesiones, uow=uow),
        custodio=CustodioDeCuentas(
            usuarios=usuarios,
            sesiones=sesiones,
            de_sesiones=SesionDeRepository(),
            invitados=InvitadoRepository(),
            factores=SegundoFactorRepository(),
            vales=ValeRepository(),
        ),
        limpieza=LimpiezaDeCuentas(
            sesiones=SesionDeRepository(),
            invitados=InvitadoRepository(),
            guarda_de_sesiones=settings.guarda_de_sesiones,
            guarda_de_invitaciones=settings.guarda_de_invitaciones,
        ),
        vigencias=Vigencias(usuarios=usuarios, llaves=LlaveRepository()),
        cada_poco=(recuperacion.atender, llaves.anotar_usos),
        encargados={TIPO: por_lotes},
    )
