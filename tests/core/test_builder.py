from datetime import timedelta
from typing import Protocol

import attrs
import pytest

from app.core.builder import Armador
from app.core.jobs.repository import TrabajoRepository
from app.modules.auth.vales.repository import ValeRepository
from app.modules.auth.vales.service import ValeService


class Puerto(Protocol):
    async def cuantos(self) -> int: ...


class PuertoAncho(Puerto, Protocol):
    async def todos(self) -> int: ...


class Adaptador:
    async def cuantos(self) -> int:
        return 0

    async def todos(self) -> int:
        return 0


@attrs.define(kw_only=True)
class Servicio:
    _trabajos: TrabajoRepository
    _puerto: Puerto
    _vida: timedelta = timedelta(days=1)


@attrs.define(kw_only=True)
class Otro:
    _trabajos: TrabajoRepository
    _nombre: str


def test_cada_cosa_se_hace_una_vez_y_con_lo_que_pide() -> None:
    adaptador = Adaptador()
    armador = Armador({Puerto: adaptador})
    servicio, otro = armador[Servicio], armador.hacer(Otro, nombre="x")
    assert servicio is armador[Servicio]
    assert servicio._puerto is adaptador
    assert servicio._trabajos is otro._trabajos
    assert otro is armador[Otro]
    assert otro._nombre == "x"


def test_lo_que_tiene_un_valor_de_suyo_se_queda_con_el() -> None:
    assert Armador({Puerto: Adaptador()})[Servicio]._vida == timedelta(days=1)


def test_lo_dado_va_antes_de_lo_que_se_haria() -> None:
    vales = ValeRepository()
    assert Armador({ValeRepository: vales})[ValeService]._vales is vales


def test_un_puerto_vale_por_aquellos_de_los_que_esta_hecho() -> None:
    ancho = Adaptador()
    assert Armador({PuertoAncho: ancho})[Servicio]._puerto is ancho


def test_un_puerto_sin_nadie_se_dice() -> None:
    with pytest.raises(TypeError, match=r"Servicio: nobody gave `puerto`, .*Puerto"):
        Armador({})[Servicio]


def test_un_texto_no_se_hace_de_la_nada() -> None:
    with pytest.raises(TypeError, match="Otro: nobody gave `nombre`"):
        Armador({})[Otro]


def test_lo_que_sobra_se_dice() -> None:
    with pytest.raises(TypeError, match="unexpected"):
        Armador({}).hacer(Otro, nombre="x", color="y")
