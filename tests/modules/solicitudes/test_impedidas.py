"""The list of those in which an impediment is found, of many thousands: what is read of it is what a page takes."""

import pytest
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.decisiones.schemas import EstadoMasivo
from app.modules.solicitudes.repository import Filtros
from app.shared.pagination import PageQuery
from tests.modules.solicitudes.dobles import Piso
from tests.modules.solicitudes.mesa import ADMIN, Mesa
from tests.modules.solicitudes.test_indices import Oyente, cliente_mongo, oyente

__all__ = ["cliente_mongo", "oyente"]
CUANTAS = 5_000
MOROSA = Filtros(impedimentos=["no_al_dia"])


@pytest.fixture
async def repleta(base_real: UnitOfWork, reloj: object, oyente: Oyente) -> Mesa:  # noqa: ARG001
    """An open draw of five thousand, each of its flat; nobody owes anything yet."""
    mesa = Mesa(base_real)
    sorteo_id = await mesa.sorteo(aprobacion="manual")
    pedida = await mesa.pedir(sorteo_id, mesa.vecino(apartamento="1"))
    (una,) = await mesa.solicitudes.rows({"_id": pedida.id})
    filas = []
    for folio in range(2, CUANTAS + 1):
        unidad, vehiculo = PydanticObjectId(), una["vehiculo"] | {"id": PydanticObjectId()}
        mesa.padron.pisos[unidad] = Piso(torre="1", apartamento=str(folio))
        propia = {"_id": PydanticObjectId(), "folio": folio, "unidad_id": unidad, "vehiculo": vehiculo}
        filas.append(una | propia)
    await mesa.solicitudes.insert_rows(filas)
    oyente.comandos.clear()
    return mesa


async def pagina_a_pagina(mesa: Mesa, limite: int) -> list[list[int]]:
    """The folios of each."""
    paginas, consulta = list[list[int]](), PageQuery(limite=limite, orden="folio")
    while True:
        pagina = await mesa.listas.listar(MOROSA, consulta, ADMIN)
        paginas.append([vista["folio"] for vista in pagina.items])
        if pagina.siguiente is None:
            return paginas
        consulta = PageQuery(limite=limite, orden="folio", cursor=pagina.siguiente)


def deben(mesa: Mesa, *, cada: int) -> None:
    for piso in mesa.padron.pisos.values():
        piso.al_dia = int(piso.apartamento) % cada != 0


async def test_all_of_them(repleta: Mesa, oyente: Oyente) -> None:
    """A page reads little more than it shows, and no command names all by their ids."""
    deben(repleta, cada=1)
    primera = await repleta.listas.listar(MOROSA, PageQuery(orden="folio"), ADMIN)
    assert max(len(str(c)) for c in oyente.comandos) < 20_000
    leidas = [c for c in oyente.comandos if c.get("aggregate") == "solicitudes"]
    assert [paso["$limit"] for c in leidas for paso in c["pipeline"] if "$limit" in paso] == [51, 201]
    assert [vista["folio"] for vista in primera.items] == [*range(1, 51)]
    paginas = await pagina_a_pagina(repleta, 200)
    assert [folio for pagina in paginas for folio in pagina] == [*range(1, CUANTAS + 1)]
    contada = await repleta.listas.listar(MOROSA, PageQuery(limite=1, contar=True), ADMIN)
    assert (contada.total, contada.total_minimo) == (CUANTAS, False)


async def test_few_of_them(repleta: Mesa) -> None:
    """They are found, however far apart."""
    deben(repleta, cada=1_250)
    paginas = await pagina_a_pagina(repleta, 3)
    assert paginas == [[1_250, 2_500, 3_750], [5_000]]


async def test_a_page_that_looked_at_so_many_is_short(
    repleta: Mesa, oyente: Oyente, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not the last for that: whoever goes on finds what there is, once."""
    monkeypatch.setattr("app.modules.solicitudes.service._LOTE", 200)
    monkeypatch.setattr("app.modules.solicitudes.service._PARTES", 3)
    deben(repleta, cada=2_500)
    vacia = await repleta.listas.listar(MOROSA, PageQuery(limite=10, orden="folio"), ADMIN)
    assert (list(vacia.items), vacia.siguiente is None) == ([], False)
    assert len([c for c in oyente.comandos if c.get("aggregate") == "solicitudes"]) == 3
    paginas = await pagina_a_pagina(repleta, 10)
    assert [folio for pagina in paginas for folio in pagina] == [2_500, 5_000]


async def test_as_many_are_counted_as_a_page_looks_at(repleta: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million would be judged for a number: of more, what was found is said to be the least."""
    deben(repleta, cada=500)
    contar = PageQuery(limite=1, contar=True)
    monkeypatch.setattr("app.modules.solicitudes.service._LOTE", 1_000)
    for partes, esperado in ((3, (6, True)), (5, (10, False)), (12, (10, False))):
        monkeypatch.setattr("app.modules.solicitudes.service._PARTES", partes)
        contada = await repleta.listas.listar(MOROSA, contar, ADMIN)
        assert (contada.total, contada.total_minimo) == esperado


async def test_all_are_decided_in_bulk(repleta: Mesa) -> None:
    """Each once, though those that are moved are still among those that match."""
    deben(repleta, cada=2)
    datos = EstadoMasivo.model_validate({"filtro": {"impedimento": "no_al_dia"}, "estado": "rechazada", "motivo": "x"})
    hecho = await repleta.decisiones.decidir_varias(datos, ADMIN)
    assert (hecho.cambiadas, hecho.omitidas) == (CUANTAS // 2, [])
    quedan = await repleta.solicitudes.rows({"estado": "pendiente"}, ["folio"])
    assert {fila["folio"] % 2 for fila in quedan} == {1}
    assert len(quedan) == CUANTAS // 2
