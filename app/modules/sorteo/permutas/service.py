"""Exchanging spaces: each flat consents, and staff do it. Both flats are told of each step."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.custodia.viviendas import Viviendas
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.exceptions import PermutaImposible, SinConsentimiento
from app.modules.sorteo.models import EspacioEnJuego
from app.modules.sorteo.permutas.acuerdos import Acuerdos
from app.modules.sorteo.permutas.models import EstadoPermuta, Parte, Permuta, juntos
from app.modules.sorteo.permutas.repository import PermutaRepository, YaPedida
from app.modules.sorteo.permutas.schemas import PermutaOut
from app.modules.sorteo.ports import Padron
from app.modules.sorteo.repository import EspacioEnJuegoRepository
from app.shared.exceptions import (
    ConflictoDeInteres,
    EntradaInvalida,
    NoEncontrado,
    SinResidente,
    TransicionInvalida,
    hallado,
)
from app.shared.pagination import Page, PageQuery

_INTENTOS = 3


@attrs.define(kw_only=True)
class PermutaService:
    _permutas: PermutaRepository
    _asignaciones: AsignacionRepository
    _espacios: EspacioRepository
    _en_juego: EspacioEnJuegoRepository
    _solicitudes: Aceptadas
    _marcas: MarcasDeAsignaciones
    _padron: Padron
    _noticias: Noticias
    _acuerdos: Acuerdos
    _viviendas: Viviendas
    _uow: UnitOfWork
    _zona: ZoneInfo

    async def listar(
        self, consulta: PageQuery, quien: Principal, *, estados: Collection[EstadoPermuta] | None, propias: bool
    ) -> Page[PermutaOut]:
        """The latest first: all, or those of the caller's flats. Raises SinResidente."""
        suyas = await self._unidades(quien, exigir=propias)
        pagina = await self._permutas.listar(consulta, estados=estados, unidades=suyas if propias else None)
        return pagina.con([_mostrar(permuta, suyas, quien) for permuta in pagina.items])

    async def consentir(self, quien: Principal, *, espacio: str, por: str) -> PermutaOut:
        """The flat that holds `espacio` would give it for `por`. The first of the two to say so asks, the other agrees.
        Raises SinResidente, EntradaInvalida for a space that is not theirs or nobody's, PermutaImposible,
        Conflicto where requests or spaces are not what was published."""
        suyas = await self._viviendas.de_quien_actua(quien, exigir=True)
        for _ in range(_INTENTOS):
            try:
                async with self._solicitudes.vigilar():
                    permuta = await self._uow.run(lambda: self._consentir(suyas, quien, espacio, por))
                return _mostrar(permuta, suyas, quien)
            except YaPedida:
                continue  # the other flat asked at the same moment
        raise TransicionInvalida()

    async def hacer(self, quien: Principal, *, espacios: tuple[str, str], motivo: str) -> PermutaOut:
        """Exchange the spaces, from today. Raises SinConsentimiento, PermutaImposible, ConflictoDeInteres,
        BasesAlteradas."""
        suyas = await self._viviendas.de_quien_actua(quien)
        async with self._acuerdos.vigilar(), self._solicitudes.vigilar():
            hecha = await self._uow.run(lambda: self._hacer(suyas, quien, espacios, motivo))
        return _mostrar(hecha, suyas, quien)

    async def negar(self, id: PydanticObjectId, quien: Principal, *, motivo: str) -> PermutaOut:
        """Staff will not do it. Raises NoEncontrado, TransicionInvalida, ConflictoDeInteres, BasesAlteradas."""
        suyas = await self._viviendas.de_quien_actua(quien)

        async def paso() -> Permuta:
            _exigir_ajena(await self._ver(id), suyas, quien)
            return await self._cerrar(id, EstadoPermuta.negada, motivo)

        async with self._acuerdos.vigilar():
            return _mostrar(await self._uow.run(paso), suyas, quien)

    async def retirar(self, id: PydanticObjectId, quien: Principal) -> PermutaOut:
        """Either flat calls it off. Raises SinResidente, NoEncontrado, TransicionInvalida, BasesAlteradas."""
        suyas = await self._viviendas.de_quien_actua(quien, exigir=True)

        async def paso() -> Permuta:
            permuta = await self._permutas.get(id)
            if permuta is None or not set(permuta.unidades) & set(suyas):
                await self._acuerdos.exigir_ajena(id, suyas)
                raise NoEncontrado()
            return await self._cerrar(id, EstadoPermuta.retirada, None)

        async with self._acuerdos.vigilar():
            return _mostrar(await self._uow.run(paso), suyas, quien)

    async def _consentir(self, suyas: Sequence[PydanticObjectId], quien: Principal, espacio: str, por: str) -> Permuta:
        mia, otra = await self._pareja(suyas, espacio, por)
        permuta, momento = await self._permutas.abierta([mia.oid, otra.oid]), ahora()
        if permuta is None:
            if not await self._solicitudes.permutables(cambios=await self._cambios(mia, otra)):
                raise PermutaImposible()
            permuta = await self._permutas.insert(
                Permuta(
                    pareja=juntos([mia.oid, otra.oid]),
                    cruce=juntos([espacio, por]),
                    partes=[_parte(mia, momento), _parte(otra, None)],
                    sorteo_id=mia.sorteo_id,
                    estado=EstadoPermuta.pedida,
                    abierta=True,
                    creado_en=momento,
                    actualizado_en=momento,
                )
            )
            await self._acuerdos.decir_consentimiento(permuta, mia, otra, quien.usuario_id)
            await self._noticias.permuta("permuta_pedida", permuta)
            return permuta
        await self._acuerdos.decir_consentimiento(permuta, mia, otra, quien.usuario_id)
        parte = next(n for n, parte in enumerate(permuta.partes) if parte.asignacion_id == mia.oid)
        if permuta.partes[parte].consintio_en is not None:
            return permuta
        consentida = await self._permutas.consentir(permuta, parte=parte, cuando=momento)
        if consentida is None:
            raise TransicionInvalida()
        await self._noticias.permuta("permuta_consentida", consentida)
        return consentida

    async def _hacer(
        self, suyas: Sequence[PydanticObjectId], quien: Principal, espacios: tuple[str, str], motivo: str
    ) -> Permuta:
        permuta = hallado(await self._permutas.ultima(espacios), si_no=SinConsentimiento)
        _exigir_ajena(permuta, suyas, quien)
        if permuta.estado is EstadoPermuta.hecha:
            await self._acuerdos.exigir_cerrada(permuta)
            return permuta
        hecha = await self._permutas.cerrar(
            permuta.oid, EstadoPermuta.hecha, desde=[EstadoPermuta.consentida], motivo=motivo, cuando=ahora()
        )
        if hecha is None:
            raise SinConsentimiento()
        await self._acuerdos.exigir(hecha)
        await self._acuerdos.decir_fin(hecha)
        await self._cruzar(hecha, motivo)
        await self._noticias.permuta("permuta_hecha", hecha)
        return hecha

    async def _cruzar(self, permuta: Permuta, motivo: str) -> None:
        """End both assignments and make two new ones, each with the other's space; claims and requests follow."""
        dos = [await self._asignaciones.get(parte.asignacion_id) for parte in permuta.partes]
        enteras = [tenida for tenida in dos if tenida is not None and self._marcas.vale(tenida)]
        if [tenida.unidad_id for tenida in enteras] != permuta.unidades:
            raise PermutaImposible()  # what no act made would come out of it as if one had
        a, b = enteras
        if not _del_mismo_plazo(a, b) or not await self._solicitudes.permutar(
            cambios=await self._cambios(a, b), motivo=motivo
        ):
            raise PermutaImposible()
        dia, momento = hoy(self._zona), ahora()
        for tenida, otra in ((a, b), (b, a)):
            await self._asignaciones.terminar(
                solicitud_id=tenida.solicitud_id,
                estado=EstadoAsignacion.terminada,
                hasta=dia,
                cuando=momento,
                motivo=motivo,
            )
            if not await self._espacios.traspasar(
                de=tenida.solicitud_id, a=otra.solicitud_id, tipo="asignacion", codigo=tenida.espacio
            ):
                raise RuntimeError(f"space {tenida.espacio} is not held by request {tenida.solicitud_id}")
            await self._asignaciones.insert(
                self._marcas.marcada(
                    Asignacion(
                        **tenida.model_dump(include=_QUE_SIGUE),
                        espacio=otra.espacio,
                        desde=max(tenida.desde, dia),
                        tenida_hasta=tenida.hasta,
                        estado=EstadoAsignacion.vigente,
                        prestado=False,
                        creado_en=momento,
                    )
                )
            )

    async def _pareja(self, suyas: Sequence[PydanticObjectId], espacio: str, por: str) -> tuple[Asignacion, Asignacion]:
        """Of the assignments in force of those two spaces, the first two of one draw and term, the first of them the
        caller's."""
        vigentes = await self._asignaciones.de_espacios([espacio, por])
        mias = [a for a in vigentes if a.espacio == espacio and a.unidad_id in suyas]
        otras = [a for a in vigentes if a.espacio == por and a.unidad_id not in suyas]
        if not mias:
            raise EntradaInvalida.en("espacio", "no_existe")
        if not otras:
            raise EntradaInvalida.en("por", "no_existe")
        parejas = ((mia, otra) for mia in mias for otra in otras if _del_mismo_plazo(mia, otra))
        if (pareja := next(parejas, None)) is None:
            raise PermutaImposible()
        return pareja

    async def _cambios(self, a: Asignacion, b: Asignacion) -> dict[PydanticObjectId, EspacioEnJuego]:
        """By request, the space that it would get, as the draw has it. Raises PermutaImposible."""
        en_juego = {e.codigo: e for e in await self._en_juego.entre(a.sorteo_id, [a.espacio, b.espacio])}
        if len(en_juego) != len({a.espacio, b.espacio}):
            raise PermutaImposible()
        return {a.solicitud_id: en_juego[b.espacio], b.solicitud_id: en_juego[a.espacio]}

    async def _ver(self, id: PydanticObjectId) -> Permuta:
        return hallado(await self._permutas.get(id))

    async def _cerrar(self, id: PydanticObjectId, a: EstadoPermuta, motivo: str | None) -> Permuta:
        cerrada = await self._permutas.cerrar(id, a, motivo=motivo, cuando=ahora())
        if cerrada is not None:
            await self._acuerdos.decir_fin(cerrada)
            await self._noticias.permuta("permuta_cerrada", cerrada)
            return cerrada
        permuta = await self._ver(id)
        await self._acuerdos.exigir_cerrada(permuta)
        if permuta.estado is not a:
            raise TransicionInvalida()
        return permuta

    async def _unidades(self, quien: Principal, *, exigir: bool = False) -> list[PydanticObjectId]:
        """The flats in which the caller lives. Raises SinResidente where they must live somewhere."""
        if quien.residente_id is None:
            if exigir:
                raise SinResidente()
            return []
        return list(await self._padron.unidades_de(residente_id=quien.residente_id))


_QUE_SIGUE = {"unidad_id", "vehiculo", "clase", "sorteo_id", "solicitud_id", "hasta"}


def _parte(asignacion: Asignacion, consintio_en: datetime | None) -> Parte:
    return Parte(
        espacio=asignacion.espacio,
        asignacion_id=asignacion.oid,
        unidad_id=asignacion.unidad_id,
        consintio_en=consintio_en,
    )


def _del_mismo_plazo(a: Asignacion, b: Asignacion) -> bool:
    """Both in force to the same day, by the same draw: in what another draw does with its spaces, nothing changes."""
    en_vigor = a.estado is EstadoAsignacion.vigente and b.estado is EstadoAsignacion.vigente
    return en_vigor and (a.sorteo_id, a.hasta) == (b.sorteo_id, b.hasta)


def _exigir_ajena(permuta: Permuta, suyas: Sequence[PydanticObjectId], quien: Principal) -> None:
    """An operador does not decide about their own flat. Raises ConflictoDeInteres."""
    if quien.rol is Rol.operador and set(permuta.unidades) & set(suyas):
        raise ConflictoDeInteres()


def _mostrar(permuta: Permuta, suyas: Sequence[PydanticObjectId], quien: Principal) -> PermutaOut:
    return PermutaOut.de(permuta, propias=suyas, personal=quien.es_personal)
