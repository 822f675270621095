"""What goes in and out of `/residentes/unidades`."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.modules.residentes.models import TipoVehiculo, Unidad, Vehiculo
from app.modules.residentes.schemas import Lugar
from app.shared.exceptions import EntradaInvalida
from app.shared.repository import Fila
from app.shared.schemas import DeLista, Entre, Fecha, InputSchema, OutputSchema, PatchSchema, Texto, ausente
from app.shared.utils import ClaseDeVehiculo, normalizar_placa

MAXIMO_DE_VEHICULOS = 50
_PLACA = re.compile(r"[A-Z0-9]{3,20}")


def _placa(placa: str) -> str:
    placa = normalizar_placa(placa)
    if not _PLACA.fullmatch(placa):
        raise PydanticCustomError("placa_invalida", "no es una placa")
    return placa


Placa = Annotated[str, Texto(1, 40), AfterValidator(_placa)]
Cupo = Annotated[int, Entre(0, 50)]
Perdidos = Annotated[int, Entre(0, 100)]


class VehiculoCreate(InputSchema):
    tipo: Annotated[TipoVehiculo, DeLista()]
    electrico: bool = False
    placa: Annotated[Placa | None, Field(validate_default=True)] = None

    @field_validator("electrico")
    @classmethod
    def _solo_con_motor(cls, electrico: bool, info: ValidationInfo) -> bool:
        if electrico and info.data.get("tipo") is TipoVehiculo.bicicleta:
            raise PydanticCustomError("electrico_no_admitido", "solo un carro o una moto")
        return electrico

    @field_validator("placa")
    @classmethod
    def _solo_una_bicicleta_sin_placa(cls, placa: str | None, info: ValidationInfo) -> str | None:
        if placa is None and info.data.get("tipo") in {TipoVehiculo.carro, TipoVehiculo.moto}:
            raise PydanticCustomError("placa_requerida", "falta la placa")
        return placa


class VehiculoPropioUpdate(PatchSchema):
    """What is absent stays. Whether the vehicle still makes sense as a whole is judged once it is whole."""

    tipo: Annotated[TipoVehiculo, DeLista()] = ausente()
    electrico: bool = ausente()
    placa: Placa | None = None


class VehiculoUpdate(VehiculoPropioUpdate):
    """`electrico` said here is verified, unless `electrico_verificado` says otherwise."""

    electrico_verificado: bool = ausente()


Vehiculos = Annotated[list[VehiculoCreate], Field(max_length=MAXIMO_DE_VEHICULOS)]


class UnidadCreate(InputSchema):
    torre: Lugar | None
    apartamento: Lugar
    al_dia: bool = True
    al_dia_corte: Fecha | None = None
    cupo: Cupo | None = None
    vehiculos: Vehiculos = []
    perdidos_previos: dict[ClaseDeVehiculo, Perdidos] = {}


class UnidadUpdate(PatchSchema):
    """`vehiculos`, when given, are given whole; of `perdidos_previos`, what is absent stays and null takes out."""

    torre: Lugar | None = None
    apartamento: Lugar = ausente()
    al_dia: bool = ausente()
    al_dia_corte: Fecha | None = None
    cupo: Cupo | None = None
    vehiculos: Vehiculos = ausente()
    perdidos_previos: dict[ClaseDeVehiculo, Perdidos | None] = ausente()


def exigir_entero(vehiculo: Vehiculo) -> None:
    """What is asked of a new one, of one that was changed. Raises EntradaInvalida."""
    if vehiculo.electrico and vehiculo.tipo is TipoVehiculo.bicicleta:
        raise EntradaInvalida.en("electrico", "electrico_no_admitido")
    if vehiculo.electrico_verificado and not vehiculo.electrico:
        raise EntradaInvalida.en("electrico_verificado", "electrico_no_admitido")
    if vehiculo.placa is None and vehiculo.tipo is not TipoVehiculo.bicicleta:
        raise EntradaInvalida.en("placa", "placa_requerida")


class VehiculoOut(OutputSchema):
    id: PydanticObjectId
    tipo: TipoVehiculo
    electrico: bool
    electrico_verificado: bool
    placa: str | None


class UnidadOut(OutputSchema):
    id: PydanticObjectId
    torre: str | None
    apartamento: str
    al_dia: bool
    al_dia_corte: date | None
    cupo: int | None
    vehiculos: list[VehiculoOut]
    perdidos_previos: dict[str, int]

    @classmethod
    def de(cls, unidad: Unidad, vehiculos: Iterable[Vehiculo]) -> Self:
        return cls.model_validate({**dict(unidad), "vehiculos": list(vehiculos)})

    @classmethod
    def de_fila(cls, fila: Fila, vehiculos: Iterable[Fila]) -> Self:
        """The flat and its vehicles, as they are stored."""
        return cls.model_validate(con_vehiculos(fila, vehiculos))


def con_vehiculos(fila: Fila, vehiculos: Iterable[Fila]) -> Fila:
    """At least the fields of a UnidadOut, of the flat and its vehicles as they are stored."""
    return {**fila, "id": fila["_id"], "vehiculos": [{**v, "id": v["_id"]} for v in vehiculos]}
