"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.config import Settings
from app.core.jobs.contract import Cola, Encargado
from app.core.quotas.contract import Cuotas
from app.core.security import FirmadorDeAcceso, HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.cache import CacheDeSesiones
from app.modules.auth.claves import ClaveService, Comprobador, PoliticaDeClaves
from app.modules.auth.cuentas import CuentasService
from app.modules.auth.factores import SegundosFactores
from app.modules.auth.montaje_enlaces import Entorno, montar_enlaces
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.puerta import Puerta
from app.modules.auth.registro import RegistroService
from app.modules.auth.repository import SegundoFactorRepository, SesionRepository, UsuarioRepository
from app.modules.auth.segundo_factor import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import SesionService
from app.modules.auth.usuarios import UsuarioService


@dataclass(frozen=True, slots=True)
class Auth:
    """`estado`: what its endpoints find in `request.state`. `cada_poco`: what is done all the time. `encargados`: who
    does which jobs. The rest is for other modules and for the start."""

    estado: Mapping[str, Any]
    cuentas: CuentasService
    registro: RegistroService
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
    hasher = HasherDeClaves(pimienta=settings.clave("clave_pimienta"), costo=settings.bcrypt_cost)
    firmador = FirmadorDeAcceso(settings.clave("jwt_secret"), settings.claves_anteriores)
    usuarios, repo_sesiones, cache = UsuarioRepository(), SesionRepository(), CacheDeSesiones()
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
    factores = SegundosFactores(factores=SegundoFactorRepository(), clave=settings.clave("clave_pimienta"))
    politica = PoliticaDeClaves(padron=padron, conjunto=settings.nombre_conjunto)
    comprobador = Comprobador(hasher=hasher, cuotas=cuotas, bitacora=bitacora)
    enlaces = montar_enlaces(
        usuarios=usuarios,
        sesiones=sesiones,
        cache=cache,
        politica=politica,
        comprobador=comprobador,
        hasher=hasher,
        padron=padron,
        avisos=avisos,
        bitacora=bitacora,
        cuotas=cuotas,
        cola=cola,
        uow=uow,
        entorno=Entorno(
            url_publica=settings.url_publica,
            conjunto=settings.nombre_conjunto or "ParkNet",
            zona=settings.zona,
            por_correo=settings.smtp_host is not None,
        ),
    )
    estado = {
        "auth": AuthService(
            usuarios=usuarios,
            sesiones=sesiones,
            factores=factores,
            puerta=Puerta(cuotas=cuotas, sesiones=repo_sesiones, bitacora=bitacora),
            padron=padron,
            bitacora=bitacora,
            uow=uow,
            hasher=hasher,
        ),
        "sesiones": sesiones,
        "claves": ClaveService(
            usuarios=usuarios,
            sesiones=sesiones,
            politica=politica,
            comprobador=comprobador,
            avisos=avisos,
            bitacora=bitacora,
            uow=uow,
            hasher=hasher,
        ),
        "segundo_factor": SegundoFactorService(
            factores=factores,
            usuarios=usuarios,
            sesiones=sesiones,
            comprobador=comprobador,
            avisos=avisos,
            bitacora=bitacora,
            uow=uow,
            emisor=settings.nombre_conjunto or "ParkNet",
        ),
        "usuarios": UsuarioService(usuarios=usuarios, sesiones=sesiones, avisos=avisos, bitacora=bitacora, uow=uow),
        **enlaces.estado,
    }
    cuentas = CuentasService(usuarios=usuarios, sesiones=sesiones, uow=uow)
    return Auth(
        estado=estado,
        cuentas=cuentas,
        registro=enlaces.registro,
        cada_poco=enlaces.cada_poco,
        encargados=enlaces.encargados,
    )
