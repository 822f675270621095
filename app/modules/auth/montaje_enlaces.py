"""Builds what accounts begin, are recovered and are called with: invitations, vouchers, keys."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.core.jobs.contract import Cola, Encargado
from app.core.quotas.contract import Cuotas
from app.core.security import HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.cache import CacheDeSesiones
from app.modules.auth.claves import Comprobador, PoliticaDeClaves
from app.modules.auth.correo import CorreoService
from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.llaves import LlaveService, Porteria
from app.modules.auth.lote import TIPO, InvitadorPorLotes, LoteService
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.recuperacion import RecuperacionService
from app.modules.auth.registro import RegistroService
from app.modules.auth.repository import InvitacionRepository, UsuarioRepository
from app.modules.auth.repository_llaves import LlaveRepository
from app.modules.auth.repository_vales import PedidoRepository, ValeRepository
from app.modules.auth.sesiones import SesionService
from app.modules.auth.vales import ValeService


@dataclass(frozen=True, slots=True)
class Enlaces:
    """`estado`: what the endpoints find in `request.state`. `cada_poco`: what is done all the time. `encargados`: who
    does which jobs."""

    estado: Mapping[str, Any]
    registro: RegistroService
    cada_poco: Sequence[Callable[[], Awaitable[object]]]
    encargados: Mapping[str, Encargado]


@dataclass(frozen=True, slots=True)
class Entorno:
    """`url_publica`: where links lead. `por_correo`: there is a server to send through."""

    url_publica: str
    conjunto: str
    zona: ZoneInfo
    por_correo: bool


def montar_enlaces(
    *,
    usuarios: UsuarioRepository,
    sesiones: SesionService,
    cache: CacheDeSesiones,
    politica: PoliticaDeClaves,
    comprobador: Comprobador,
    hasher: HasherDeClaves,
    padron: Padron,
    avisos: Avisos,
    bitacora: Bitacora,
    cuotas: Cuotas,
    cola: Cola,
    uow: UnitOfWork,
    entorno: Entorno,
) -> Enlaces:
    url_publica = entorno.url_publica
    invitaciones, vales = InvitacionRepository(), ValeService(ValeRepository())
    registro = RegistroService(
        usuarios=usuarios,
        invitaciones=invitaciones,
        vales=vales,
        padron=padron,
        avisos=avisos,
        bitacora=bitacora,
        politica=politica,
        uow=uow,
        hasher=hasher,
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
        url_publica=url_publica,
    )
    llaves = LlaveService(llaves=LlaveRepository(), usuarios=usuarios, cache=cache, avisos=avisos, uow=uow)
    invitador = InvitacionService(
        invitaciones=invitaciones,
        usuarios=usuarios,
        vales=vales,
        padron=padron,
        avisos=avisos,
        cuotas=cuotas,
        uow=uow,
        url_publica=url_publica,
    )
    por_lotes = InvitadorPorLotes(
        invitaciones=invitador,
        usuarios=usuarios,
        padron=padron,
        cuotas=cuotas,
        uow=uow,
        conjunto=entorno.conjunto,
        zona=entorno.zona,
        por_correo=entorno.por_correo,
    )
    estado = {
        "autenticador": Porteria(sesiones=sesiones, llaves=llaves),
        "invitaciones": invitador,
        "lotes": LoteService(cola),
        "registro": registro,
        "recuperacion": recuperacion,
        "correo": CorreoService(
            usuarios=usuarios,
            vales=vales,
            sesiones=sesiones,
            avisos=avisos,
            comprobador=comprobador,
            uow=uow,
            url_publica=url_publica,
        ),
        "llaves": llaves,
    }
    return Enlaces(
        estado=estado,
        registro=registro,
        cada_poco=(recuperacion.atender, llaves.anotar_usos),
        encargados={TIPO: por_lotes},
    )
