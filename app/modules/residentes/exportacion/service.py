"""The roll as a file, that can be brought in again and changes nothing; and the form for who begins with none."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.residentes.models import EstadoResidente, Tenencia, TipoVehiculo, Unidad, Vehiculo
from app.modules.residentes.repository import FiltroResidentes, ResidenteRepository
from app.modules.residentes.unidades.repository import FiltroUnidades, UnidadRepository, VehiculoRepository
from app.shared.messages import Idioma, mensaje
from app.shared.pagination import Page, PageQuery, todas
from app.shared.repository import Fila
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

_DE_VEHICULOS = ("placas", "tipos", "electricos")
_COLUMNAS_DE_UNIDADES = ("torre", "apartamento", "al_dia", "al_dia_corte", "cupo", *_DE_VEHICULOS, "perdidos_previos")
_SE_IMPORTAN = ("torre", "apartamento", "al_dia", "cupo", *_DE_VEHICULOS)
_DE_QUIEN = ("nombres", "apellidos", "tipo_documento", "numero_documento", "email", "telefono", "fecha_ingreso")
_COLUMNAS_DE_RESIDENTES = ("torre", "apartamento", *_DE_QUIEN, "tenencia", "al_dia", *_DE_VEHICULOS)
_ANCHOS = (12, 12, 22, 22, 16, 18, 28, 16, 14, 14, 8, 24, 18, 14)
_EXPLICADAS = {
    "torre": "plantilla_torre",
    "apartamento": "plantilla_apartamento",
    "nombres": "plantilla_nombres",
    "apellidos": "plantilla_apellidos",
    "tipo_documento": "plantilla_tipo_documento",
    "numero_documento": "plantilla_numero_documento",
    "email": "plantilla_email",
    "telefono": "plantilla_telefono",
    "fecha_ingreso": "plantilla_fecha_ingreso",
    "tenencia": "plantilla_tenencia",
    "al_dia": "plantilla_al_dia",
    "placas": "plantilla_placas",
    "tipos": "plantilla_tipos",
    "electricos": "plantilla_electricos",
    "cupo": "plantilla_cupo",
}
"""By its column, the text of the form that explains it."""
_EJEMPLOS_DE_RESIDENTES: Filas = [
    (
        *("1", "101", "Ana María", "Pérez Gómez", "CC", "1020330", "ana@example.com", "3001112233", "2021-05-17"),
        *(Tenencia.propietario, "sí", "ABC123, XYZ98D", "carro, moto", None),
    ),
    ("1", "102", "Luis", "Peña", "CE", "445566", None, None, None, Tenencia.arrendatario, "no", None, None, None),
]
_EJEMPLOS_DE_UNIDADES: Filas = [
    ("1", "101", "sí", None, "ABC123, XYZ98D", "carro, moto", None),
    ("1", "102", "no", "2", None, None, None),
]


@attrs.define(kw_only=True)
class ExportacionService:
    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository

    def unidades(self, formato: FormatoDeTabla, separador: str) -> AsyncIterator[bytes]:
        hoja = Hoja(nombre="unidades", fecha=ahora(), separador=separador)
        return en_tabla(formato, self._filas_de_unidades(), hoja)

    def residentes(self, formato: FormatoDeTabla, separador: str) -> AsyncIterator[bytes]:
        """The active ones, a row for each flat of each."""
        hoja = Hoja(nombre="residentes", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return en_tabla(formato, self._filas_de_residentes(), hoja)

    def plantilla(self, formato: FormatoDeTabla, separador: str, idioma: Idioma) -> AsyncIterator[bytes]:
        """The columns with two examples and, in XLSX, a sheet that explains each."""
        hoja = Hoja(nombre="residentes", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return _plantilla(formato, hoja, _COLUMNAS_DE_RESIDENTES, _EJEMPLOS_DE_RESIDENTES, idioma)

    def plantilla_de_unidades(self, formato: FormatoDeTabla, separador: str, idioma: Idioma) -> AsyncIterator[bytes]:
        hoja = Hoja(nombre="unidades", fecha=ahora(), separador=separador)
        return _plantilla(formato, hoja, _SE_IMPORTAN, _EJEMPLOS_DE_UNIDADES, idioma)

    async def _filas_de_unidades(self) -> AsyncIterator[Filas]:
        yield [_COLUMNAS_DE_UNIDADES]

        async def pedir(consulta: PageQuery) -> Page[Unidad]:
            return await self._unidades.listar(FiltroUnidades(), consulta)

        async for unidades in todas(pedir):
            vehiculos = await self._vehiculos.de_unidades([unidad.oid for unidad in unidades])
            yield [
                (
                    unidad.torre,
                    unidad.apartamento,
                    _si_o_no(unidad.al_dia),
                    unidad.al_dia_corte,
                    unidad.cupo,
                    *_de_vehiculos(vehiculos[unidad.oid]),
                    ", ".join(f"{tipo}: {veces}" for tipo, veces in sorted(unidad.perdidos_previos.items())) or None,
                )
                for unidad in unidades
            ]

    async def _filas_de_residentes(self) -> AsyncIterator[Filas]:
        yield [_COLUMNAS_DE_RESIDENTES]

        async def pedir(consulta: PageQuery) -> Page[Fila]:
            activos = FiltroResidentes(estados=[EstadoResidente.activo])
            return await self._residentes.listar(activos, consulta, campos=(*_DE_QUIEN, "unidades"))

        async for residentes in todas(pedir):
            ids = sorted({o["unidad_id"] for residente in residentes for o in residente["unidades"]})
            unidades = await self._unidades.por_ids(ids)
            vehiculos = await self._vehiculos.de_unidades(ids)
            yield [fila for residente in residentes for fila in _de_residente(residente, unidades, vehiculos)]


def _plantilla(
    formato: FormatoDeTabla, hoja: Hoja, columnas: Sequence[str], ejemplos: Filas, idioma: Idioma
) -> AsyncIterator[bytes]:
    explicadas = [[columna, mensaje(_EXPLICADAS[columna], idioma, {})] for columna in columnas]

    async def lotes() -> AsyncIterator[Filas]:
        yield [columnas, *ejemplos]

    return en_tabla(formato, lotes(), replace(hoja, otras={mensaje("plantilla_hoja", idioma, {}): explicadas}))


def _de_residente(
    residente: Fila, unidades: dict[PydanticObjectId, Unidad], vehiculos: dict[PydanticObjectId, list[Vehiculo]]
) -> Iterable[Sequence[object]]:
    quien = [residente[campo] for campo in _DE_QUIEN]
    for ocupacion in residente["unidades"]:
        # Lists read no snapshot: a flat may be left, and deleted, between one query and the next.
        if (unidad := unidades.get(ocupacion["unidad_id"])) is not None:
            suyos = _de_vehiculos(vehiculos[unidad.oid])
            yield (unidad.torre, unidad.apartamento, *quien, ocupacion["tenencia"], _si_o_no(unidad.al_dia), *suyos)


def _de_vehiculos(vehiculos: Sequence[Vehiculo]) -> tuple[str | None, str | None, str | None]:
    """Plates, kinds in the same order with bicycles that have no plate behind, and the plates of electric ones."""
    en_orden = sorted(vehiculos, key=lambda v: (v.placa is None, v.tipo is TipoVehiculo.bicicleta))
    placas = ", ".join(v.placa for v in en_orden if v.placa is not None)
    tipos = ", ".join(v.tipo for v in en_orden)
    electricos = ", ".join(v.placa for v in en_orden if v.cuenta_como_electrico and v.placa is not None)
    return placas or None, tipos or None, electricos or None


def _si_o_no(valor: bool) -> str:
    return "sí" if valor else "no"
