"""Who sees which requests, and how a list is narrowed."""

from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.repository import Filtros
from app.modules.solicitudes.schemas import RequestOut
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, AUDITOR, OPERADOR, Mesa


async def vistas(mesa: Mesa, quien: Principal = ADMIN, **filtros: Any) -> list[RequestOut]:
    pagina = await mesa.listas.listar(Filtros(**filtros), PageQuery(orden="folio"), quien)
    return [RequestOut.model_validate(vista) for vista in pagina.items]


async def folios(mesa: Mesa, quien: Principal = ADMIN, **filtros: Any) -> list[int]:
    return [s.folio for s in await vistas(mesa, quien, **filtros)]


class TestDeQuien:
    async def test_residents_their_flats(self, mesa: Mesa) -> None:
        sorteo_id, yo, otro = await mesa.sorteo(), mesa.vecino(), mesa.vecino()
        mia, ajena = await mesa.pedir(sorteo_id, yo), await mesa.pedir(sorteo_id, otro)
        pareja = principal(Rol.residente, mesa.persona(yo.unidad_id))
        for quien in (yo.quien, pareja):
            assert [s.id for s in await vistas(mesa, quien)] == [mia.id]
            assert (await mesa.ver(mia, quien)).id == mia.id
            for id in (ajena.id, PydanticObjectId()):
                with pytest.raises(NoEncontrado):
                    await mesa.listas.ver(id, quien)
                with pytest.raises(NoEncontrado):
                    await mesa.listas.historial(id, PageQuery(), quien)

    @pytest.mark.parametrize("quien", [ADMIN, OPERADOR, AUDITOR])
    async def test_staff_all_and_whose(self, mesa: Mesa, quien: Principal) -> None:
        vecino = mesa.vecino(nombre="Eva Ruiz", torre="7", apartamento="702", al_dia=False)
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        (vista,) = await vistas(mesa, quien)
        assert vista.residente is not None
        assert vista.residente.model_dump() == {
            "id": vecino.residente_id,
            "nombre": "Eva Ruiz",
            "torre": "7",
            "apartamento": "702",
            "al_dia": False,
        }
        assert await mesa.ver(pedida, quien) == vista

    async def test_residents_not_whose(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        assert pedida.residente is None
        assert (await mesa.ver(pedida, vecino.quien)).residente is None

    async def test_place_among_those_who_still_wait(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(4)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, ganadoras=0)
        await mesa.decidir(pedidas[1], "retirada", vecinos[1].quien)
        lugares = {s.id: (s.espera, s.espera_actual) for s in await vistas(mesa, sorteo_id=sorteo_id)}
        assert [lugares[s.id] for s in pedidas] == [(1, 1), (2, None), (3, 2), (4, 3)]
        assert (await mesa.ver(pedidas[3], vecinos[3].quien)).espera_actual == 3

    async def test_what_came_of_accepting(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        _, (pedida,) = await mesa.publicado([vecino])
        assert (await mesa.ver(pedida, vecino.quien)).asignacion is None
        aceptada = await mesa.decidir(pedida, "aceptada", vecino.quien)
        (tenencia,) = await mesa.espacios.tenencias.find({"solicitud_id": pedida.id})
        assert aceptada.asignacion is not None
        assert (aceptada.asignacion.id, aceptada.asignacion.estado) == (tenencia.id, "vigente")
        assert (aceptada.asignacion.desde, aceptada.asignacion.hasta) == (tenencia.desde, tenencia.hasta)

    async def test_what_it_holds_no_more(self, mesa: Mesa) -> None:
        """An assignment that has ended says so, on the request as in the list of what flats hold."""
        vecino = mesa.vecino()
        _, (pedida,) = await mesa.publicado([vecino])
        await mesa.decidir(pedida, "aceptada", vecino.quien)
        await mesa.espacios.terminar(solicitud_id=pedida.id)
        vista = await mesa.ver(pedida, vecino.quien)
        assert vista.asignacion is not None
        assert (vista.estado, vista.asignacion.estado) == ("aceptada", "terminada")

    async def test_lent_as_long_as_it_has_it(self, mesa: Mesa) -> None:
        """Offered a space that is kept for others, and after it was let go; and the flat sees it as staff do."""
        vecino = mesa.vecino()
        sorteo_id = await mesa.sorteo([("A-01", "carro", "discapacidad")])
        pedida = await mesa.pedir(sorteo_id, vecino)
        await mesa.publicar(sorteo_id)
        assert pedida.prestado is False
        await mesa.espera.liberar(sorteo_id, "A-01", ADMIN)
        for quien in (vecino.quien, ADMIN):
            vista = await mesa.ver(pedida, quien)
            assert (vista.espacio, vista.prestado, vista.espera_actual) == ("A-01", True, None)
        aceptada = await mesa.decidir(pedida, "aceptada", vecino.quien)
        assert (aceptada.espacio, aceptada.prestado) == ("A-01", True)
        assert [(s.espacio, s.prestado) for s in await vistas(mesa, sorteo_id=sorteo_id)] == [("A-01", True)]
        otro = mesa.vecino()
        sorteo_id = await mesa.sorteo([("A-02", "carro", "discapacidad")])
        pedida = await mesa.pedir(sorteo_id, otro)
        await mesa.publicar(sorteo_id)
        await mesa.espera.liberar(sorteo_id, "A-02", ADMIN)
        dejada = await mesa.decidir(pedida, "declinada", otro.quien)
        assert (dejada.espacio, dejada.prestado, dejada.asignacion) == (None, False, None)

    async def test_nothing_is_lent_once_its_draw_has_ended(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo([("A-01", "carro", "discapacidad")])
        pedida = await mesa.pedir(sorteo_id, mesa.vecino())
        await mesa.publicar(sorteo_id)
        await mesa.espera.liberar(sorteo_id, "A-01", ADMIN)
        await mesa.uow.run(lambda: mesa.ventanilla.finalizar(sorteo_id=sorteo_id))
        vista = await mesa.ver(pedida, ADMIN)
        assert (vista.estado, vista.espacio, vista.prestado) == ("retirada", None, False)

    async def test_who_asked_and_moved_out_neither_sees_nor_acts_and_who_stays_does(self, mesa: Mesa) -> None:
        yo, otra = mesa.vecino(), mesa.vecino()
        pareja = mesa.persona(yo.unidad_id)
        mia = await mesa.pedir(await mesa.sorteo(), yo)
        hija = mesa.persona(yo.unidad_id)
        mesa.muda(yo, otra.unidad_id)
        for quien in (yo.quien, otra.quien):
            assert await vistas(mesa, quien) == []
            with pytest.raises(NoEncontrado):
                await mesa.decidir(mia, "cancelada", quien)
            with pytest.raises(NoEncontrado):
                await mesa.cambiar(mia, quien, preferencias=[])
            with pytest.raises(NoEncontrado):
                await mesa.listas.historial(mia.id, PageQuery(), quien)
        assert await mesa.publico.propias(residente_id=yo.residente_id) == []
        for residente_id in (pareja, hija):
            quien = principal(Rol.residente, residente_id)
            assert [s.id for s in await vistas(mesa, quien)] == [mia.id]
            assert await mesa.publico.propias(residente_id=residente_id) == [mia.id]
        assert (await mesa.decidir(mia, "cancelada", quien)).estado == "cancelada"

    async def test_a_key_acts_for_no_flat(self, mesa: Mesa) -> None:
        """Nor does its maker's, who lives there: as staff it moves the request, and not as one of the flat."""
        yo = mesa.vecino()
        mia = await mesa.pedir(await mesa.sorteo(), yo)
        llave = Principal(PydanticObjectId(), Rol.admin, None, vinculo_id=yo.residente_id, llave_id=PydanticObjectId())
        await mesa.cambiar(mia, llave, preferencias=["A-01"])
        assert (await mesa.listas.historial(mia.id, PageQuery(), ADMIN)).items[-1].actor == "personal"

    async def test_nothing_is_of_who_is_inactive(self, mesa: Mesa) -> None:
        """Though the flat that was theirs has people who lived there then."""
        yo = mesa.vecino()
        mesa.persona(yo.unidad_id)
        await mesa.pedir(await mesa.sorteo(), yo)
        mesa.muda(yo)
        assert await mesa.publico.propias(residente_id=yo.residente_id) == []

    async def test_once_nobody_is_left_who_lived_there_it_is_not_for_who_does(self, mesa: Mesa) -> None:
        antiguo = mesa.vecino()
        viva = await mesa.pedir(await mesa.sorteo(), antiguo)
        nuevo = principal(Rol.residente, mesa.persona(antiguo.unidad_id))
        assert [s.id for s in await vistas(mesa, nuevo)] == [viva.id]
        mesa.muda(antiguo, mesa.unidad())
        assert await vistas(mesa, nuevo) == []
        assert await mesa.publico.propias(residente_id=nuevo.residente_id or viva.id) == []
        with pytest.raises(NoEncontrado):
            await mesa.ver(viva, nuevo)

    async def test_of_two_flats_of_one_caller_each_by_who_lives_in_it(self, mesa: Mesa) -> None:
        """Who asked in one of them and lives in the other now does not make the first one's past the caller's."""
        antiguo, otra = mesa.vecino(), mesa.vecino()
        mia = await mesa.pedir(await mesa.sorteo(), antiguo)
        nuevo = principal(Rol.residente, mesa.persona(antiguo.unidad_id, otra.unidad_id))
        assert [s.id for s in await vistas(mesa, nuevo)] == [mia.id]
        mesa.muda(antiguo, otra.unidad_id)
        assert await vistas(mesa, nuevo) == []

    async def test_an_operador_who_lived_there_when_it_was_handed_in_does_not_decide(self, mesa: Mesa) -> None:
        vecino, otra = mesa.vecino(), mesa.vecino()
        suyo = mesa.persona(vecino.unidad_id)
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion="manual"), vecino)
        mesa.padron.personas[suyo].unidades = (otra.unidad_id,)
        with pytest.raises(ConflictoDeInteres):
            await mesa.decidir(pedida, "aprobada", principal(Rol.operador, suyo))

    async def test_an_inactive_resident_is_of_no_flat(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pareja = mesa.persona(vecino.unidad_id)
        ajena = await mesa.pedir(await mesa.sorteo(), vecino)
        mesa.padron.personas[pareja].activo = False
        with pytest.raises(NoEncontrado):
            await mesa.ver(ajena, principal(Rol.residente, pareja))


@pytest.fixture
async def poblada(mesa: Mesa) -> Mesa:
    """1 a car of tower 1, 2 an electric one of tower 2 in arrears, 3 a bicycle of no tower, refused."""
    sorteo_id = await mesa.sorteo(["A-01", ("B-01", "bicicleta", None)], aprobacion="manual")
    vecinos = [
        mesa.vecino(nombre="Ana Peña"),
        mesa.vecino(electrico=True, torre="2", al_dia=False, nombre="Eva Ruiz"),
        mesa.vecino("bicicleta", torre=None, nombre="Luz Peña"),
    ]
    pedidas = [await mesa.pedir(sorteo_id, vecino) for vecino in vecinos]
    await mesa.decidir(pedidas[2], "rechazada", ADMIN, "Repetida")
    return mesa


class TestFiltros:
    @pytest.mark.parametrize(
        ("filtros", "esperados"),
        [
            ({}, [1, 2, 3]),
            ({"estados": [RequestStatus.pendiente]}, [1, 2]),
            ({"torres": ["2"]}, [2]),
            ({"torres": [""]}, [3]),
            ({"torres": ["9"]}, []),
            ({"torres": ["2", ""]}, [2, 3]),
            ({"estados": list(RequestStatus)}, [1, 2, 3]),
            ({"tipos": ["carro_electrico", "bicicleta"]}, [2, 3]),
            ({"impedimentos": ["no_al_dia", "ya_tiene_espacio"]}, [2]),
            ({"tipos": ["carro"]}, [1, 2]),
            ({"tipos": ["carro_electrico"]}, [2]),
            ({"tipos": ["bicicleta"]}, [3]),
            ({"impedimentos": ["no_al_dia"]}, [2]),
            ({"impedimentos": ["ya_tiene_espacio"]}, []),
            ({"q": "peña"}, [1, 3]),
            ({"q": "peña", "estados": [RequestStatus.pendiente]}, [1]),
            ({"vence_antes": INICIO + timedelta(days=99)}, []),
        ],
    )
    async def test_each(self, poblada: Mesa, filtros: dict[str, Any], esperados: list[int]) -> None:
        assert await folios(poblada, **filtros) == esperados

    async def test_by_draw_flat_and_plate(self, poblada: Mesa) -> None:
        (guardada,) = [s for s in await poblada.solicitudes.find({}) if s.folio == 2]
        otra = await poblada.pedir(await poblada.sorteo(["C-01"]), poblada.vecino())
        assert [s.id for s in await vistas(poblada, sorteo_id=otra.sorteo_id)] == [otra.id]
        assert await folios(poblada, unidad_id=guardada.unidad_id) == [2]
        assert await folios(poblada, placa=guardada.vehiculo.placa) == [2]

    async def test_of_what_one_may_see(self, poblada: Mesa) -> None:
        """A filter does not widen what is one's own."""
        (eva,) = [r for r, p in poblada.padron.personas.items() if p.nombre == "Eva Ruiz"]
        quien = principal(Rol.residente, eva)
        de_otros: list[dict[str, Any]] = [{"torres": ["1"]}, {"q": "ana"}, {"tipos": ["bicicleta"]}]
        for filtros in ({}, {"torres": ["2"]}, {"impedimentos": ["no_al_dia"]}):
            assert await folios(poblada, quien, **filtros) == [2]
        for filtros in de_otros:
            assert await folios(poblada, quien, **filtros) == []

    async def test_pages(self, poblada: Mesa) -> None:
        primera = await poblada.listas.listar(Filtros(), PageQuery(limite=2, orden="folio", contar=True), ADMIN)
        assert ([s["folio"] for s in primera.items], primera.total) == ([1, 2], 3)
        resto = await poblada.listas.listar(
            Filtros(), PageQuery(limite=2, orden="folio", cursor=primera.siguiente), ADMIN
        )
        assert ([s["folio"] for s in resto.items], resto.siguiente) == ([3], None)

    async def test_the_latest_first(self, mesa: Mesa, reloj: Reloj) -> None:
        sorteo_id = await mesa.sorteo()
        for _ in range(3):
            await mesa.pedir(sorteo_id, mesa.vecino())
            reloj.avanzar(minutes=1)
        pagina = await mesa.listas.listar(Filtros(), PageQuery(), ADMIN)
        assert [s["folio"] for s in pagina.items] == [3, 2, 1]


class TestImpedimentos:
    async def test_as_they_are_now_shown_and_found(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        pedida = await mesa.pedir(sorteo_id, vecino)
        piso = mesa.padron.pisos[vecino.unidad_id]
        for al_dia, esperados in [(False, ["no_al_dia"]), (True, []), (False, ["no_al_dia"])]:
            piso.al_dia = al_dia
            assert (await mesa.ver(pedida, vecino.quien)).impedimentos == esperados
            assert await folios(mesa, impedimentos=["no_al_dia"]) == [1] * (not al_dia)
            assert await folios(mesa, impedimentos=["no_al_dia"], sorteo_id=sorteo_id) == [1] * (not al_dia)

    async def test_in_the_order_in_which_they_are_judged(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        mesa.padron.pisos[vecino.unidad_id].al_dia = False
        await mesa.ventanillas.update_one({"_id": pedida.sorteo_id}, {"$set": {"clases": [("moto", None)]}})
        await mesa.tiene_espacio(vecino)
        vista = await mesa.ver(pedida)
        assert vista.impedimentos == ["no_al_dia", "ya_tiene_espacio", "sin_espacio_compatible"]

    async def test_as_the_closing_left_them(self, mesa: Mesa) -> None:
        moroso, otro, sorteo_id = mesa.vecino(al_dia=False), mesa.vecino(), await mesa.sorteo()
        rechazada, aprobada = await mesa.pedir(sorteo_id, moroso), await mesa.pedir(sorteo_id, otro)
        await mesa.cerrar(sorteo_id, {1: "no_al_dia"})
        mesa.padron.pisos[moroso.unidad_id].al_dia, mesa.padron.pisos[otro.unidad_id].al_dia = True, False
        assert ((await mesa.ver(rechazada)).impedimentos, (await mesa.ver(aprobada)).impedimentos) == (
            ["no_al_dia"],
            [],
        )
        assert await folios(mesa, impedimentos=["no_al_dia"]) == [1]

    async def test_more_than_are_judged_at_once(self, mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.modules.solicitudes.service._LOTE", 2)
        sorteo_id = await mesa.sorteo(exige_al_dia=True)
        for n in range(5):
            await mesa.pedir(sorteo_id, mesa.vecino(al_dia=n % 2 == 0))
        assert await folios(mesa, impedimentos=["no_al_dia"]) == [2, 4]

    async def test_what_was_judged_before_the_draw_was_reopened_is_not_found(self, mesa: Mesa) -> None:
        moroso, sorteo_id = mesa.vecino(al_dia=False), await mesa.sorteo()
        pedida = await mesa.pedir(sorteo_id, moroso)
        await mesa.cerrar(sorteo_id, {1: "no_al_dia"})
        await mesa.reabrir(sorteo_id)
        await mesa.solicitudes.update_one({"_id": pedida.id}, {"$set": {"impedimentos": ["no_al_dia"]}})
        mesa.padron.pisos[moroso.unidad_id].al_dia = True
        assert (await mesa.ver(pedida)).impedimentos == []
        assert await folios(mesa, impedimentos=["no_al_dia"]) == []


class TestPlazos:
    async def test_by_deadline(self, mesa: Mesa) -> None:
        ganador, otro = mesa.vecino(), mesa.vecino()
        await mesa.publicado([ganador, otro])
        limite = INICIO + timedelta(hours=72)
        assert await folios(mesa, vence_antes=limite) == []
        assert await folios(mesa, vence_antes=limite + timedelta(milliseconds=1)) == [1]


class TestEspera:
    async def test_unknown_draw(self, mesa: Mesa) -> None:
        with pytest.raises(NoEncontrado):
            await mesa.espera.listar(PydanticObjectId(), PageQuery(), ADMIN)

    async def test_first_in_line_first_and_in_no_other_order(self, mesa: Mesa) -> None:
        sorteo_id, pedidas = await mesa.publicado([mesa.vecino() for _ in range(5)])
        for pedida, espera in zip(pedidas[1:], (4, 1, 3, 2), strict=True):
            await mesa.solicitudes.update_one({"_id": pedida.id}, {"$set": {"espera": espera, "lugar": espera}})
        await mesa.decidir(pedidas[4], "retirada", ADMIN)
        with pytest.raises(EntradaInvalida):
            await mesa.espera.listar(sorteo_id, PageQuery(orden="-folio"), ADMIN)
        primera = await mesa.espera.listar(sorteo_id, PageQuery(limite=1, orden="lugar"), ADMIN)
        assert [(s.folio, s.espera) for s in primera.items] == [(3, 1)]
        resto = await mesa.espera.listar(sorteo_id, PageQuery(cursor=primera.siguiente), ADMIN)
        assert [(s.folio, s.espera) for s in resto.items] == [(4, 3), (2, 4)]


class TestHistorial:
    async def test_who_did_it_is_for_staff(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion="manual"), vecino)
        await mesa.decidir(pedida, "rechazada", OPERADOR, "Repetida")

        async def quienes(quien: Principal) -> list[tuple[Any, str | None]]:
            lineas = (await mesa.listas.historial(pedida.id, PageQuery(), quien)).items
            return [(m.usuario_id, m.motivo) for m in lineas]

        assert await quienes(AUDITOR) == [(vecino.quien.usuario_id, None), (OPERADOR.usuario_id, "Repetida")]
        assert await quienes(vecino.quien) == [(vecino.quien.usuario_id, None), (None, "Repetida")]

    async def test_pages_the_oldest_first(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        await mesa.decidir(pedida, "cancelada", vecino.quien)
        primera = await mesa.listas.historial(pedida.id, PageQuery(limite=2), vecino.quien)
        assert [m.a for m in primera.items] == ["pendiente", "aprobada"]
        resto = await mesa.listas.historial(pedida.id, PageQuery(cursor=primera.siguiente), vecino.quien)
        assert ([m.a for m in resto.items], resto.siguiente) == (["cancelada"], None)
