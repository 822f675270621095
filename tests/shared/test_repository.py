"""Repositories on the real server."""

import asyncio
from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from pymongo.errors import DuplicateKeyError

from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import EntradaInvalida
from app.shared.pagination import TOPE_DE_CUENTA, Nombrados, PageQuery
from app.shared.repository import Repository
from tests.shared.conftest import Cosa, CosaRepository, FolioTomado, NombreTomado, Parte

INICIO = datetime(2026, 3, 2, 15, tzinfo=UTC)


async def _sembrar(cosas: CosaRepository, grupos: str, desde: int = 0) -> list[Cosa]:
    """One a letter: its group. Names are unique and in the order given."""
    return [await cosas.insert(Cosa(nombre=f"n{desde + i:03}", grupo=g)) for i, g in enumerate(grupos)]


async def _todas(cosas: CosaRepository, orden: str, limite: int, **filtro: Any) -> list[str]:
    vistas: list[str] = []
    cursor = None
    while True:
        pagina = await cosas.page(filtro, PageQuery(limite=limite, orden=orden, cursor=cursor))
        assert len(pagina.items) <= limite
        vistas += [c.nombre for c in pagina.items]
        assert len(vistas) < 100, "no termina"
        cursor = pagina.siguiente
        if cursor is None:
            return vistas


class TestPagina:
    @pytest.mark.parametrize("limite", [1, 2, 3, 7, 8])
    @pytest.mark.parametrize("orden", ["grupo", "-grupo"])
    async def test_con_empates_cada_una_sale_una_vez(self, limite: int, orden: str, cosas: CosaRepository) -> None:
        sembradas = await _sembrar(cosas, "bbabbaa")
        en_orden = sorted(sembradas, key=lambda c: (c.grupo, c.oid), reverse=orden.startswith("-"))
        assert await _todas(cosas, orden, limite) == [c.nombre for c in en_orden]

    @pytest.mark.parametrize("filtro", [{}, {"$or": [{"grupo": "a"}, {"grupo": "b", "nombre": "n001"}]}])
    async def test_con_lo_que_nombran_sus_filas(self, filtro: dict[str, Any], cosas: CosaRepository) -> None:
        """With an `or` too, of which the server would forget what fields were asked for."""
        primera, otra, tercera = await _sembrar(cosas, "aba")
        # What each names is itself.
        nombrados = Nombrados(coleccion=Cosa.Settings.name, campo="_id", campos=("grupo",))
        pagina, nombradas = await cosas.page_with(filtro, PageQuery(limite=2, contar=True), ("grupo",), nombrados)
        assert pagina.items == [
            {"_id": cosa.id, "nombre": cosa.nombre, "grupo": cosa.grupo} for cosa in (primera, otra)
        ]
        assert pagina.total == 3
        assert pagina.siguiente is not None
        # Of one more than the page shows.
        assert sorted(n["_id"] for n in nombradas) == [primera.id, otra.id, tercera.id]
        assert all(set(n) == {"_id", "grupo"} for n in nombradas)

    async def test_con_lo_que_nombran_ninguna(self, cosas: CosaRepository) -> None:
        nombrados = Nombrados(coleccion=Cosa.Settings.name, campo="_id", campos=("grupo",))
        pagina, nombradas = await cosas.page_with({}, PageQuery(contar=True), ("grupo",), nombrados)
        assert (pagina.items, pagina.siguiente, pagina.total, nombradas) == ([], None, 0, [])

    async def test_una_pagina_justa_no_promete_otra(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "aaa")
        assert (await cosas.page({}, PageQuery(limite=3))).siguiente is None
        assert (await cosas.page({}, PageQuery(limite=2))).siguiente is not None

    @pytest.mark.parametrize("orden", ["grupo", "-grupo"])
    async def test_lo_que_va_y_viene_no_mueve_a_las_demas(self, orden: str, cosas: CosaRepository) -> None:
        """Between two pages: the row of the cursor goes, and so do others; new ones come before, after, and among its
        ties."""
        sembradas = await _sembrar(cosas, "bbbbbb")
        primera = await cosas.page({}, PageQuery(limite=3, orden=orden))
        vistas = [c.nombre for c in primera.items]
        await cosas.delete_one({"nombre": vistas[-1]})
        await cosas.delete_one({"nombre": vistas[0]})
        await _sembrar(cosas, "abc", desde=500)
        segunda = await cosas.page({}, PageQuery(limite=200, orden=orden, cursor=primera.siguiente))
        quedan = [c.nombre for c in segunda.items]
        assert not set(quedan) & set(vistas)
        assert {c.nombre for c in sembradas} <= {*vistas, *quedan}
        # Of the new ones only those that come after the cursor in this order.
        nuevas = {"n501", "n502"} if orden == "grupo" else {"n500"}
        assert set(quedan) - {c.nombre for c in sembradas} == nuevas

    async def test_los_instantes_tambien_son_cursores(self, cosas: CosaRepository) -> None:
        for i in range(5):
            await cosas.insert(Cosa(nombre=f"n{i}", creado_en=INICIO + timedelta(milliseconds=i // 2)))
        assert await _todas(cosas, "creado_en", 1) == [f"n{i}" for i in range(5)]

    async def test_el_filtro_y_el_cursor_valen_a_la_vez(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "abababab")
        assert await _todas(cosas, "nombre", 2, grupo="b", **{"$or": [{"folio": 0}, {"nombre": "x"}]}) == [
            "n001",
            "n003",
            "n005",
            "n007",
        ]

    async def test_el_orden_por_omision_es_el_primero(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "zyx")
        pagina = await cosas.page({}, PageQuery())
        assert [c.nombre for c in pagina.items] == ["n000", "n001", "n002"]

    @pytest.mark.parametrize("orden", ["folio", "partes", "$where", "--grupo", "-", "Grupo", "nombre ", "partes.dia"])
    async def test_por_otro_campo_no_se_ordena(self, orden: str, cosas: CosaRepository) -> None:
        with pytest.raises(EntradaInvalida) as error:
            await cosas.page({}, PageQuery(orden=orden))
        assert [(e.campo, e.codigo) for e in error.value.errores] == [("orden", "orden_invalido")]

    async def test_una_lista_de_un_solo_orden_no_atiende_a_otro(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "zyx")
        with pytest.raises(EntradaInvalida) as error:
            await cosas.page({}, PageQuery(orden="grupo"), orden_fijo="folio")
        assert [(e.campo, e.codigo) for e in error.value.errores] == [("orden", "orden_invalido")]
        pagina = await cosas.page({}, PageQuery(orden="folio", limite=2), orden_fijo="folio")
        assert pagina.siguiente is not None
        otra = await cosas.page({}, PageQuery(cursor=pagina.siguiente), orden_fijo="folio")
        assert [c.nombre for c in (*pagina.items, *otra.items)] == ["n000", "n001", "n002"]

    async def test_contar(self, cosas: CosaRepository, monkeypatch: pytest.MonkeyPatch) -> None:
        assert TOPE_DE_CUENTA == 10_000
        monkeypatch.setattr("app.shared.pagination.TOPE_DE_CUENTA", 5)
        await _sembrar(cosas, "aaaaab")
        assert (await cosas.page({}, PageQuery(limite=2))).total is None
        exacta = await cosas.page({"grupo": "a"}, PageQuery(limite=2, contar=True))
        assert (exacta.total, exacta.total_minimo) == (5, False)
        de_mas = await cosas.page({}, PageQuery(limite=2, contar=True))
        assert (de_mas.total, de_mas.total_minimo) == (5, True)


class TestUnicos:
    async def test_cada_indice_tiene_su_error(self, cosas: CosaRepository) -> None:
        await cosas.insert(Cosa(nombre="a", folio=1))
        with pytest.raises(NombreTomado):
            await cosas.insert(Cosa(nombre="a", folio=2))
        with pytest.raises(FolioTomado):
            await cosas.insert(Cosa(nombre="b", folio=1))
        with pytest.raises(FolioTomado):
            await cosas.insert_many([Cosa(nombre="b"), Cosa(nombre="c", folio=1)])
        otra = await cosas.insert(Cosa(nombre="d", folio=3))
        with pytest.raises(NombreTomado):
            await cosas.update_one({"_id": otra.id}, {"$set": {"nombre": "a"}})

    @pytest.mark.parametrize(
        "nombre", ["cosa_folio", 'x" index: cosa_folio dup key: {', " index: cosa_folio dup key: "]
    )
    async def test_lo_que_diga_el_dato_no_cambia_de_error(self, nombre: str, cosas: CosaRepository) -> None:
        await cosas.insert(Cosa(nombre=nombre))
        with pytest.raises(NombreTomado):
            await cosas.insert(Cosa(nombre=nombre))
        with pytest.raises(NombreTomado):
            await cosas.insert_many([Cosa(nombre=nombre)])

    async def test_un_indice_sin_nombre_nuestro_no_se_disfraza(self, cosas: CosaRepository) -> None:
        class SinNombres(Repository[Cosa]):
            model = Cosa

        cosa = await cosas.insert(Cosa(nombre="a"))
        with pytest.raises(DuplicateKeyError):
            await SinNombres().insert(Cosa(nombre="a"))
        with pytest.raises(DuplicateKeyError):
            await cosas.insert(Cosa(id=cosa.id, nombre="b"))


class TestDocumentos:
    async def test_los_dias_se_guardan_como_texto_y_los_instantes_como_son(self, cosas: CosaRepository) -> None:
        parte = Parte(dia=date(2026, 2, 28), cuando=INICIO)
        cosa = await cosas.insert(Cosa(nombre="a", creado_en=INICIO, partes=[parte]))
        crudo = await Cosa.get_motor_collection().find_one({"_id": cosa.id})
        assert crudo is not None
        assert crudo["partes"] == [{"dia": "2026-02-28", "cuando": INICIO}]
        assert crudo["creado_en"] == INICIO
        leida = await cosas.get(cosa.oid)
        assert leida is not None
        assert leida.partes == [parte]

    async def test_quien_se_guarda_tiene_su_id(self, cosas: CosaRepository) -> None:
        cosa = Cosa(nombre="a")
        with pytest.raises(RuntimeError):
            _ = cosa.oid
        await cosas.insert(cosa)
        assert isinstance(cosa.oid, PydanticObjectId)
        assert await cosas.find_one({"nombre": "a"}) == cosa

    async def test_lo_que_no_esta_no_esta(self, cosas: CosaRepository) -> None:
        ausente = PydanticObjectId()
        assert await cosas.get(ausente) is None
        assert await cosas.update_one({"_id": ausente}, {"$set": {"grupo": "b"}}) is None
        assert await cosas.update_many({"_id": ausente}, {"$set": {"grupo": "b"}}) == 0
        assert not await cosas.delete_one({"_id": ausente})
        assert await cosas.delete_many({"_id": ausente}) == 0
        assert await cosas.distinct("grupo", {"_id": ausente}) == []

    async def test_guardar_ninguno_no_es_un_error(self, cosas: CosaRepository) -> None:
        await cosas.insert_many([])
        assert await cosas.count({}) == 0

    async def test_el_cambio_condicional_devuelve_como_quedo(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "ab")
        cambiada = await cosas.update_one({"grupo": "b"}, {"$set": {"grupo": "c"}})
        assert cambiada is not None
        assert cambiada.grupo == "c"
        assert await cosas.update_one({"grupo": "b"}, {"$set": {"grupo": "d"}}) is None
        assert sorted(await cosas.distinct("grupo", {})) == ["a", "c"]

    async def test_contar_hasta_un_tope(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas, "aaaa")
        assert await cosas.count({}) == 4
        assert await cosas.count({}, tope=3) == 3
        assert [c.nombre for c in await cosas.find({}, limite=2)] == ["n000", "n001"]


class TestVueltasAPoner:
    """Rows that are taken out and put in again, in one transaction."""

    async def _con_grupo(self, cosas: CosaRepository, grupo: str) -> None:
        await cosas.put_again([fila | {"grupo": grupo} for fila in await cosas.rows({})])

    async def test_queda_todo_lo_que_tenian(self, cosas: CosaRepository, base_real: UnitOfWork) -> None:
        """With what no document knows of, and in the same order."""
        await cosas.insert(Cosa(nombre="a", grupo="x", creado_en=INICIO, partes=[Parte(dia=date(2026, 3, 2))]))
        await cosas.update_many({}, {"$set": {"de_antes": {"n": 1, "lista": [1.5, None]}}})
        (antes,) = await cosas.rows({})
        await base_real.run(lambda: self._con_grupo(cosas, "y"))
        (despues,) = await cosas.rows({})
        assert list(despues.items()) == list((antes | {"grupo": "y"}).items())

    async def test_ninguna(self, cosas: CosaRepository, base_real: UnitOfWork) -> None:
        await base_real.run(lambda: cosas.put_again([]))
        assert await cosas.count({}) == 0

    async def test_lo_que_otro_cambia_entretanto_queda(self, cosas: CosaRepository, base_real: UnitOfWork) -> None:
        """They collide, and whoever comes second sees what the first one did."""
        cosa = await cosas.insert(Cosa(nombre="a", grupo="x"))
        leidas: list[Any] = []

        async def cambiar() -> None:
            filas = await cosas.rows({})
            leidas.append(filas[0]["folio"])
            if len(leidas) == 1:
                await asyncio.create_task(cosas.update_one({"_id": cosa.id}, {"$set": {"folio": 7}}), context=Context())
            await cosas.put_again([fila | {"grupo": "y"} for fila in filas])

        await base_real.run(cambiar)
        assert leidas == [0, 7]
        assert [(fila["folio"], fila["grupo"]) for fila in await cosas.rows({})] == [(7, "y")]
