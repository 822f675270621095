"""Whatever was done to flats, vehicles and people, and however many did it at once: the words by which they are found,
and the flats that lists show of them, are those that a fresh look at all of them gives."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from app.modules.residentes.busqueda.claves import palabras_de_residente, palabras_de_unidad
from app.modules.residentes.models import Residente, Unidad, Vehiculo
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.privacidad.repository import SupresionRepository, SuprimidoRepository
from app.modules.residentes.privacidad.service import PrivacidadService
from app.modules.residentes.repository import FiltroResidentes
from app.modules.residentes.rotulos.repository import viviendas
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.modules.residentes.unidades.schemas import VehiculoPropioUpdate
from app.shared.exceptions import ParkNetError
from app.shared.pagination import PageQuery
from tests.marcas import MARCAS
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import (
    ADMIN,
    OPERADOR,
    cambio_de_residente,
    cambio_de_unidad,
    cuerpo_vehiculo,
    ocupacion,
    residente,
    unidad,
    vehiculo,
)
from tests.modules.residentes.importacion.conftest import RESIDENTES, Oficina, documentos, oficina

__all__ = ["documentos", "oficina"]
PASOS, A_LA_VEZ = 60, 3
# Two are found by the same words.
PISOS = [(torre, apartamento) for torre in ("1", "Peñón", "Penón") for apartamento in ("101", "102")]
PLACAS = ["ABC123", "ABC12D", "XYZ", "7QRS99"]
NOMBRES = ["Ana", "José María", "Íñigo"]


class Vida:
    """What staff do here, cast by a die."""

    def __init__(self, oficina: Oficina, semilla: int) -> None:
        self._oficina, self._casa, self._dado = oficina, oficina.casa, random.Random(semilla)  # noqa: S311
        self._importadas: list[dict[str, Any]] = []
        self._privacidad = _privacidad(oficina.casa)

    async def pasa_algo(self) -> None:
        """What the rules refuse, and what is about nothing, changes nothing."""
        paso = self._dado.choice(self._pasos())
        with suppress(ParkNetError, IndexError):
            await paso()

    def _pasos(self) -> list[Callable[[], Awaitable[Any]]]:
        return [
            self._unidad,
            self._llamar_unidad,
            self._poner_vehiculos,
            self._agregar,
            self._agregar,
            self._cambiar_placa,
            self._quitar,
            self._borrar,
            self._residente,
            self._residente,
            self._mudar,
            self._mudar,
            self._llamar,
            self._volver,
            self._irse,
            self._suprimir,
            self._importar,
            self._importar,
            self._deshacer,
        ]

    async def _alguna(self) -> Unidad:
        return self._dado.choice(await self._casa.repo_unidades.find({}))

    async def _alguien(self) -> Residente:
        return self._dado.choice(await self._casa.repo_residentes.find({}))

    async def _alguno(self) -> Vehiculo:
        return self._dado.choice(await self._casa.repo_vehiculos.find({}))

    def _piso(self) -> dict[str, str]:
        return dict(zip(("torre", "apartamento"), self._dado.choice(PISOS), strict=True))

    def _vehiculos(self) -> list[dict[str, Any]]:
        return [cuerpo_vehiculo(placa=placa) for placa in self._dado.sample(PLACAS, self._dado.randint(0, 2))]

    async def _unidad(self) -> None:
        await self._casa.unidades.crear(unidad(**self._piso(), vehiculos=self._vehiculos()), ADMIN)

    async def _llamar_unidad(self) -> None:
        await self._casa.unidades.cambiar((await self._alguna()).oid, cambio_de_unidad(**self._piso()), ADMIN)

    async def _poner_vehiculos(self) -> None:
        cambio = cambio_de_unidad(vehiculos=self._vehiculos())
        await self._casa.unidades.cambiar((await self._alguna()).oid, cambio, ADMIN)

    async def _agregar(self) -> None:
        nuevo = vehiculo(placa=self._dado.choice(PLACAS))
        await self._casa.unidades.agregar_vehiculo((await self._alguna()).oid, nuevo, OPERADOR)

    async def _cambiar_placa(self) -> None:
        uno, otra = await self._alguno(), VehiculoPropioUpdate(placa=self._dado.choice(PLACAS))
        await self._casa.unidades.cambiar_vehiculo(uno.unidad_id, uno.oid, otra, OPERADOR)

    async def _quitar(self) -> None:
        uno = await self._alguno()
        await self._casa.unidades.quitar_vehiculo(uno.unidad_id, uno.oid)

    async def _borrar(self) -> None:
        await self._casa.unidades.borrar((await self._alguna()).oid, ADMIN)

    def _unidades(self) -> list[dict[str, Any]]:
        return [ocupacion(*piso) for piso in self._dado.sample(PISOS, self._dado.randint(1, 2))]

    async def _residente(self) -> None:
        quien = residente(nombres=self._dado.choice(NOMBRES), unidades=self._unidades())
        await self._casa.residentes.crear(quien, ADMIN)

    async def _cambiar(self, **cambios: Any) -> None:
        await self._casa.residentes.cambiar((await self._alguien()).oid, cambio_de_residente(**cambios), ADMIN)

    async def _mudar(self) -> None:
        await self._cambiar(unidades=self._unidades())

    async def _llamar(self) -> None:
        await self._cambiar(nombres=self._dado.choice(NOMBRES))

    async def _volver(self) -> None:
        await self._cambiar(estado="activo")

    async def _irse(self) -> None:
        await self._casa.residentes.dar_de_baja((await self._alguien()).oid, ADMIN)

    async def _suprimir(self) -> None:
        await self._privacidad.suprimir((await self._alguien()).oid, ADMIN)

    async def _importar(self) -> None:
        filas = [
            f"{piso['torre']};{piso['apartamento']};{self._dado.choice(NOMBRES)} De Fila;{self._dado.randint(1, 6)}00;"
            f"{self._dado.choice(['', *PLACAS])}"
            for piso in (self._piso() for _ in range(4))
        ]
        archivo = "\n".join(["Torre;Apto;Propietario;Cédula;Placa", *filas])
        self._importadas.append(await self._oficina.importar(archivo, ADMIN, "?crear_unidades=true", RESIDENTES))

    async def _deshacer(self) -> None:
        await self._oficina.deshacer(self._importadas.pop(), ADMIN)


def _privacidad(casa: Casa) -> PrivacidadService:
    return PrivacidadService(
        suprimidos=SuprimidoRepository(marcas=MARCAS),
        supresiones=SupresionRepository(),
        residentes=casa.residentes,
        unidades=casa.unidades,
        permisos=Permisos(residentes=casa.repo_residentes, solicitudes=casa.solicitudes),
        solicitudes=casa.solicitudes,
        custodios={},
        guarda=None,
        uow=casa.uow,
    )


async def _guardadas(casa: Casa) -> dict[Any, Any]:
    unidades = {fila["_id"]: fila["palabras"] for fila in await casa.repo_unidades.rows({}, ["palabras"])}
    quienes = await casa.repo_residentes.rows({}, ["palabras", "viven_en"])
    return unidades | {fila["_id"]: (fila["palabras"], fila["viven_en"]) for fila in quienes}


async def _de_nuevo(casa: Casa) -> dict[Any, Any]:
    placas: dict[Any, list[str]] = {}
    for uno in await casa.repo_vehiculos.find({}):
        placas.setdefault(uno.unidad_id, []).extend([uno.placa] if uno.placa else [])
    pisos = {fila["_id"]: fila for fila in await casa.repo_unidades.rows({})}
    palabras = {
        id: palabras_de_unidad(piso["torre"], piso["apartamento"], placas.get(id, ())) for id, piso in pisos.items()
    }
    quienes = {
        r.oid: ([], [])
        if r.suprimido_en
        else (
            palabras_de_residente(
                r.nombres, r.apellidos, r.numero_documento, *(palabras[u] for u in r.ids_de_unidades)
            ),
            viviendas([o.model_dump(mode="python") for o in r.unidades], pisos),
        )
        for r in await casa.repo_residentes.find({})
    }
    return {**palabras, **quienes}


@pytest.mark.parametrize("semilla", range(6))
@pytest.mark.parametrize("a_la_vez", [1, A_LA_VEZ])
async def test_words_are_those_of_a_fresh_look(oficina: Oficina, semilla: int, a_la_vez: int) -> None:
    vida = Vida(oficina, semilla)
    for _ in range(0, PASOS, a_la_vez):
        await asyncio.gather(*(vida.pasa_algo() for _ in range(a_la_vez)))
        assert await _guardadas(oficina.casa) == await _de_nuevo(oficina.casa)


async def test_people_are_found_by_what_their_flat_is_found_by(oficina: Oficina) -> None:
    casa = oficina.casa
    await casa.unidad(torre="Peñón 2", apartamento="101", vehiculos=[cuerpo_vehiculo(placa="ABC123")])
    await casa.unidad(torre="1", apartamento="1010")
    await casa.residente(nombres="Ana", unidades=[ocupacion("Peñón 2", "101")])
    await casa.residente(nombres="Luis", unidades=[ocupacion("1", "1010")])

    async def hallados(q: str) -> tuple[list[str], list[str]]:
        filtros = FiltroResidentes(q=q), FiltroUnidades(), None, PageQuery(), ADMIN
        pisos = await casa.unidades.listar(FiltroUnidades(q=q), PageQuery())
        return [r["nombres"] for r in (await casa.residentes.listar(*filtros)).items], [
            u.apartamento for u in pisos.items
        ]

    for q in ("abc", "abc123", "ABC-123", "ABC 123", "123", "PENON 101", "2  101"):
        assert await hallados(q) == (["Ana"], ["101"]), q
    assert await hallados("101") == (["Ana", "Luis"], ["1010", "101"])
    assert await hallados("luis 101") == (["Luis"], [])
    assert await hallados("bc123") == ([], [])
