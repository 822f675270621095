"""Spaces from a file, on the real server."""

from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.imports.contract import Celda, Columna, Encargo, Plan
from app.modules.sorteo.espacios.importacion import DeshacedorDeEspacios, FabricaDeEspacios, ImportacionDeEspacios
from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import ADMIN

CAMPOS = ("codigo", "tipo", "reserva", "zona", "uso", "activo")


def _importacion(casa: Casa, *, solo_cambios: bool = False) -> ImportacionDeEspacios:
    fabrica = FabricaDeEspacios(espacios=casa.r_espacios, condiciones=casa.padron)
    return fabrica(Encargo(PydanticObjectId(), ADMIN, {"solo_cambios": solo_cambios}))


async def _importar(casa: Casa, *filas: str, simular: bool = False, **opciones: bool) -> Plan:
    importacion = _importacion(casa, **opciones)
    leidas = []
    for linea, fila in enumerate(filas, start=2):
        dichas = zip(CAMPOS, fila.split(";"), strict=False)
        leidas.append(importacion.leer(linea, [Celda(Columna(n, c, c), t) for n, (c, t) in enumerate(dichas) if t]))

    async def fn() -> Plan:
        plan = await importacion.planear([leida for leida in leidas if leida.datos is not None], None)
        if not simular:
            await plan.escribir()
        return plan

    plan = await casa.uow.run(fn)
    rotas = [rechazo for leida in leidas for rechazo in leida.rechazos]
    return Plan(**{**{c: getattr(plan, c) for c in plan.__slots__}, "rechazos": [*rotas, *plan.rechazos]})


async def _deshacer(casa: Casa, hecho: Plan) -> int:
    deshacedor = DeshacedorDeEspacios(espacios=casa.r_espacios, condiciones=casa.padron, dichos=casa.dichos)
    return await casa.uow.run(lambda: deshacedor.deshacer(hecho.hechos, ADMIN))


async def _hay(casa: Casa) -> dict[str, tuple[Any, ...]]:
    espacios = await casa.r_espacios.find({}, orden=[("codigo", 1)])
    return {e.codigo: (e.tipo, e.reserva, e.zona, e.uso, e.activo) for e in espacios}


async def test_it_makes_changes_and_leaves(casa: Casa) -> None:
    await casa.espacios("P-1", "P-2", zona="Patio")
    filas = ("P-1;;;Sótano 1", "P-2;Carro", "M-1;Motos;;;visitantes;no", "D-1;carro doble;movilidad_reducida")
    ensayado = await _importar(casa, *filas, simular=True)
    assert list(await _hay(casa)) == ["P-1", "P-2"]
    hecho = await _importar(casa, *filas)
    assert [d.que for d in hecho.desenlaces] == ["cambiada", "sin_cambio", "creada", "creada"]
    assert [(d.linea, d.que) for d in ensayado.desenlaces] == [(d.linea, d.que) for d in hecho.desenlaces]
    ahora_hay = await _hay(casa)
    assert ahora_hay == {
        "D-1": ("carro_doble", "movilidad_reducida", None, "residentes", True),
        "M-1": ("moto", None, None, "visitantes", False),
        "P-1": ("carro", None, "Sótano 1", "residentes", True),
        "P-2": ("carro", None, "Patio", "residentes", True),
    }
    otra_vez = await _importar(casa, *filas)
    assert {d.que for d in otra_vez.desenlaces} == {"sin_cambio"}
    deshecho = await _deshacer(casa, hecho)
    assert deshecho == 3
    assert await _hay(casa) == {
        "P-1": ("carro", None, "Patio", "residentes", True),
        "P-2": ("carro", None, "Patio", "residentes", True),
    }


async def test_a_code_is_the_same_however_it_is_spelt(casa: Casa) -> None:
    await casa.espacios("P-1")
    plan = await _importar(casa, "p-1;moto", "Ｐ－１;carro")
    assert [(d.linea, d.que) for d in plan.desenlaces] == [(2, "cambiada")]
    assert [(r.linea, r.campo, r.codigo) for r in plan.rechazos] == [(3, "codigo", "dicho_de_otro_modo")]
    assert {codigo: datos[0] for codigo, datos in (await _hay(casa)).items()} == {"P-1": "moto"}


async def test_what_a_draw_has_stays_as_it_is(casa: Casa) -> None:
    await casa.espacios("P-1")
    hecho = await _importar(casa, "P-2;carro")
    dias = {"desde": date(2026, 7, 1), "hasta": date(2026, 12, 31)}
    await casa.r_espacios.comprometer(sorteo_id=PydanticObjectId(), codigos=None, **dias)
    plan = await _importar(casa, "P-1;moto", "P-2;carro")
    assert [(r.linea, r.codigo) for r in plan.rechazos] == [(2, "espacio_en_sorteo")]
    assert await _deshacer(casa, hecho) == 0
    assert [e.tipo for e in await casa.r_espacios.find({})] == ["carro", "carro"]


@pytest.mark.parametrize(
    ("fila", "campo", "codigo"),
    [
        ("P-1", "tipo", "requerido"),
        (";carro", "codigo", "requerido"),
        ("P/1;carro", "codigo", "caracter_no_permitido"),
        ("importar;carro", "codigo", "codigo_reservado"),
        ("P-1;carro;;;otro", "uso", "valor_no_admitido"),
        ("P-1;carro;;;;quizá", "activo", "si_o_no"),
    ],
)
async def test_one_wrong_row(fila: str, campo: str, codigo: str, casa: Casa) -> None:
    plan = await _importar(casa, fila, "X-1;carro", "x-1;moto")
    assert sorted((r.linea, r.campo, r.codigo) for r in plan.rechazos) == sorted(
        [(2, campo, codigo), (4, "codigo", "dicho_de_otro_modo")]
    )
    assert list(await _hay(casa)) == ["X-1"]


async def test_only_changes(casa: Casa) -> None:
    await casa.espacios("P-1")
    plan = await _importar(casa, "P-1;moto", "P-2;carro", solo_cambios=True)
    assert [(r.linea, r.codigo) for r in plan.rechazos] == [(3, "no_existe")]
    assert [tipo for tipo, *_ in (await _hay(casa)).values()] == ["moto"]


async def test_lo_reservado_para_una_condicion_que_no_existe(casa: Casa) -> None:
    casa.padron.sin = {"presente"}
    plan = await _importar(casa, "P-1;carro;presente", "P-2;carro;Movilidad Reducida", "P-3;carro")
    assert [(r.linea, r.campo, r.codigo) for r in plan.rechazos] == [(2, "reserva", "no_existe")]
    assert {codigo: hay[1] for codigo, hay in (await _hay(casa)).items()} == {"P-2": "movilidad_reducida", "P-3": None}


async def test_no_se_deshace_hacia_una_condicion_que_ya_no_existe(casa: Casa) -> None:
    await casa.espacios("P-1", "P-2", reserva="presente")
    hecho = await _importar(casa, "P-1;;embarazo", "P-2;;;Patio")
    casa.padron.sin = {"presente"}
    assert await _deshacer(casa, hecho) == 1
    assert await _hay(casa) == {
        "P-1": ("carro", "embarazo", None, "residentes", True),
        "P-2": ("carro", "presente", None, "residentes", True),
    }
