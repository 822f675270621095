"""What a draw has done to its requests. Every step is asked twice: what is done is not done twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.modules.solicitudes.movimientos.repository import MovimientoRepository
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.ventanilla.historia import SuerteEnSorteo
from app.modules.solicitudes.ventanilla.publicacion import PorPublicar
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, COMPATIBILIDAD, Mesa, Puesto, Vecino


async def foto(mesa: Mesa, sorteo_id: PydanticObjectId) -> list[dict[str, Any]]:
    """All that is stored of each request, but when it was last written."""
    guardadas = await mesa.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])
    return [s.model_dump(exclude={"actualizado_en", "toques"}) for s in guardadas]


@pytest.fixture
async def variada(mesa: Mesa) -> tuple[PydanticObjectId, list[Vecino], list[RequestOut]]:
    """1 pending, 2 approved with a word, 3 refused by staff, 4 pending in arrears, 5 withdrawn, 6 as 2, in arrears."""
    sorteo_id = await mesa.sorteo(aprobacion="manual")
    vecinos = [mesa.vecino(al_dia=n not in {4, 6}) for n in range(1, 7)]
    pedidas = [await mesa.pedir(sorteo_id, vecino) for vecino in vecinos]
    for n, a, motivo in [(2, "aprobada", "Bien"), (3, "rechazada", "Repetida"), (5, "cancelada", None)]:
        await mesa.decidir(pedidas[n - 1], a, ADMIN, motivo)
    await mesa.decidir(pedidas[5], "aprobada", ADMIN, "Pagará")
    return sorteo_id, vecinos, pedidas


Variada = tuple[PydanticObjectId, list[Vecino], list[RequestOut]]
RECHAZOS = {4: "no_al_dia", 6: "no_al_dia"}
CERRADOS = ["aprobada", "aprobada", "rechazada", "rechazada", "cancelada", "rechazada"]


class TestPreparar:
    async def test_other_terms(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(abierto=False, max_por_unidad=1)
        nuevos: dict[str, Any] = (await mesa.ventanillas.find({}))[0].terminos.model_dump() | {"max_por_unidad": 3}
        await mesa.ventanilla.preparar(sorteo_id=sorteo_id, **nuevos)
        (ventanilla,) = await mesa.ventanillas.find({})
        assert (ventanilla.terminos.model_dump(), ventanilla.fase) == (nuevos, "borrador")


class TestPorFolio:
    async def test_those_to_be_drawn_as_they_are_judged_now(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, vecinos, _ = variada
        vistas = await mesa.ventanilla.por_folio(sorteo_id=sorteo_id)
        assert [(s.folio, s.impedimentos) for s in vistas] == [
            (1, ()),
            (2, ()),
            (4, ("no_al_dia",)),
            (6, ("no_al_dia",)),
        ]
        assert (vistas[0].clase, vistas[0].tipos, vistas[0].residente_id) == (
            "carro",
            ("carro",),
            vecinos[0].residente_id,
        )

    async def test_batches(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, _, pedidas = variada
        primera = await mesa.ventanilla.por_folio(sorteo_id=sorteo_id, limite=2)
        resto = await mesa.ventanilla.por_folio(sorteo_id=sorteo_id, despues_de=primera[-1].folio, limite=2)
        assert [s.folio for s in [*primera, *resto]] == [1, 2, 4, 6]
        cotejo = await mesa.ventanilla.cotejo(sorteo_id=sorteo_id)
        todas = [await cotejo.siguientes(limite=4), await cotejo.siguientes(limite=4)]
        assert [[s.folio for s in lote] for lote in todas] == [[1, 2, 3, 4], [5, 6]]
        suyas = await mesa.ventanilla.por_folio(sorteo_id=sorteo_id, ids=[pedidas[1].id, pedidas[2].id])
        assert [s.folio for s in suyas] == [2]

    async def test_a_closing_judges_by_what_was_read_when_it_began(self, mesa: Mesa, variada: Variada) -> None:
        """Whatever somebody writes on the window meanwhile."""
        sorteo_id, _, _ = variada
        await mesa.altas._marcas.decir()
        cotejo = await mesa.ventanilla.cotejo(sorteo_id=sorteo_id)
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"terminos.exige_al_dia": False}})
        assert cotejo.terminos["exige_al_dia"] is True
        lote = [s for s in await cotejo.siguientes(limite=9) if s.folio in {4, 6}]
        fichas = await mesa.padron.fichas(unidades=[s.unidad_id for s in lote])
        pedidos = [(s, fichas[0][s.unidad_id]) for s in lote]
        assert await cotejo.juzgar(pedidos) == 2 * [["no_al_dia"]]

    async def test_unknown_draw(self, mesa: Mesa) -> None:
        assert await mesa.ventanilla.por_folio(sorteo_id=PydanticObjectId()) == []


class TestCongelar:
    async def test_refused_by_the_rule_the_rest_approved(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, _, pedidas = variada
        assert await mesa.ventanilla.pendientes(sorteo_id=sorteo_id) == 2
        await mesa.cerrar(sorteo_id, RECHAZOS)
        assert await mesa.estados(sorteo_id) == CERRADOS
        assert await mesa.ventanilla.pendientes(sorteo_id=sorteo_id) == 0
        assert [(await mesa.ver(s)).motivo for s in pedidas] == [
            None,
            "Bien",
            "Repetida",
            "no_al_dia",
            None,
            "no_al_dia",
        ]
        assert (await mesa.pasos(pedidas[0]))[-1] == ("pendiente", "aprobada", "sistema", None)
        assert (await mesa.pasos(pedidas[5]))[-1] == ("aprobada", "rechazada", "sistema", "no_al_dia")

    async def test_twice(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, _, pedidas = variada
        await mesa.cerrar(sorteo_id, RECHAZOS)
        antes, pasos = await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]
        await mesa.cerrar(sorteo_id, RECHAZOS)
        assert (await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]) == (antes, pasos)


class TestDescongelar:
    async def test_exactly_as_they_were(self, mesa: Mesa, variada: Variada, reloj: Reloj) -> None:
        sorteo_id, _, pedidas = variada
        antes = await foto(mesa, sorteo_id)
        for _ in range(2):
            await mesa.cerrar(sorteo_id, RECHAZOS)
            await mesa.reabrir(sorteo_id, INICIO + timedelta(days=1))
            assert await foto(mesa, sorteo_id) == antes
        assert (await mesa.pasos(pedidas[5]))[-2:] == [
            ("aprobada", "rechazada", "sistema", "no_al_dia"),
            ("rechazada", "aprobada", "sistema", None),
        ]
        reloj.avanzar(days=1, milliseconds=-1)
        await mesa.pedir(sorteo_id, mesa.vecino())

    async def test_twice(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, vecinos, pedidas = variada
        await mesa.cerrar(sorteo_id, RECHAZOS)
        await mesa.reabrir(sorteo_id)
        await mesa.decidir(pedidas[0], "cancelada", vecinos[0].quien)
        antes, pasos = await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]
        await mesa.reabrir(sorteo_id)
        assert (await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]) == (antes, pasos)

    async def test_the_place_of_a_refused_one_is_its_own_again(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, vecinos, _ = variada
        await mesa.cerrar(sorteo_id, RECHAZOS)
        await mesa.reabrir(sorteo_id)
        assert await mesa.publico.alguno_en_solicitud(vehiculos=[vecinos[3].vehiculo_id])


class TestPublicar:
    async def test_what_the_result_says(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id = await mesa.sorteo()
        pedidas = [await mesa.pedir(sorteo_id, v) for v in vecinos]
        await mesa.publicar(sorteo_id, {2: "A-01"}, condiciones={3: ["discapacidad"]})
        vistas = [await mesa.ver(s) for s in pedidas]
        assert [(s.estado, s.espacio, s.espera, s.vence_en) for s in vistas] == [
            ("en_espera", None, 1, None),
            ("asignada", "A-01", None, INICIO + timedelta(hours=72)),
            ("en_espera", None, 2, None),
        ]
        guardada = await mesa.guardada(pedidas[2])
        assert (guardada.condiciones, guardada.sorteada, guardada.viva) == (["discapacidad"], True, True)
        assert (await mesa.pasos(pedidas[1]))[-1] == ("aprobada", "asignada", "sistema", None)

    @pytest.mark.parametrize("aceptacion", ["requerida", "tacita"])
    async def test_twice(self, mesa: Mesa, aceptacion: str) -> None:
        sorteo_id, pedidas = await mesa.publicado([mesa.vecino(), mesa.vecino()], aceptacion=aceptacion)
        antes, pasos = await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]
        await mesa.publicar(sorteo_id, {1: "A-01"})
        assert (await foto(mesa, sorteo_id), [await mesa.pasos(s) for s in pedidas]) == (antes, pasos)
        assert len(await mesa.espacios.tenencias.find({})) == (aceptacion == "tacita")

    async def test_accepted_by_itself(self, mesa: Mesa) -> None:
        sorteo_id, (ganadora, _) = await mesa.publicado([mesa.vecino(), mesa.vecino()], aceptacion="tacita")
        assert await mesa.estados(sorteo_id) == ["aceptada", "en_espera"]
        assert (ganadora.espacio, ganadora.vence_en) == ("A-01", None)
        assert [t.solicitud_id for t in await mesa.espacios.tenencias.find({})] == [ganadora.id]
        assert [p[1:3] for p in await mesa.pasos(ganadora)][-2:] == [("asignada", "sistema"), ("aceptada", "sistema")]

    async def test_nothing_moves_until_the_last_batch(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        pedida = await mesa.pedir(sorteo_id, vecino)
        await mesa.publicar(sorteo_id, {1: "A-01"}, ultimo=False)
        assert (await mesa.ver(pedida, vecino.quien)).acciones == []

    async def test_on_the_real_server(self, mesa_real: Mesa) -> None:
        """In one command, which the other database does not have."""
        sorteo_id, _ = await mesa_real.publicado([mesa_real.vecino() for _ in range(3)], 2)
        assert await mesa_real.estados(sorteo_id) == ["asignada", "asignada", "en_espera"]


class TestAnular:
    async def test_those_to_be_drawn(self, mesa: Mesa, variada: Variada) -> None:
        sorteo_id, _, pedidas = variada
        assert await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x", limite=3) == 3
        assert await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x", limite=3) == 1
        assert await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x") == 0
        assert await mesa.estados(sorteo_id) == [
            "cancelada",
            "cancelada",
            "rechazada",
            "cancelada",
            "cancelada",
            "cancelada",
        ]
        assert (await mesa.pasos(pedidas[1]))[-1] == ("aprobada", "cancelada", "sistema", None)
        assert not any(s["viva"] for s in await foto(mesa, sorteo_id))

    async def test_what_was_published(self, mesa: Mesa) -> None:
        """Also what somebody holds is taken away; what had ended before stays as it ended."""
        vecinos = [mesa.vecino() for _ in range(5)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 3)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await mesa.decidir(pedidas[1], "declinada", vecinos[1].quien)
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "asignada", "ofrecida", "en_espera"]
        hechas = [await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="mal", limite=3) for _ in range(3)]
        assert hechas == [3, 1, 0]
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "vencida", "retirada", "retirada"]
        assert (await mesa.pasos(pedidas[4]))[-1] == ("en_espera", "retirada", "sistema", "sorteo_anulado")
        assert not any(s["viva"] for s in await foto(mesa, sorteo_id))
        assert mesa.espacios.revocadas == [(pedidas[0].id, "mal")]
        assert [await mesa.espacios.quien_tiene(f"A-0{n}") for n in (1, 2, 3)] == [None, None, None]
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado")
        nuevo = await mesa.sorteo(["B-01"], abierto=False)
        assert await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo) == 4
        copias = await foto(mesa, nuevo)
        assert [s["unidad_id"] for s in copias] == [vecinos[n].unidad_id for n in (0, 2, 3, 4)]
        assert {s["estado"] for s in copias} == {"aprobada"}
        sin_sortear = ("espera", "espacio", "vence_en", "sorteada", "ofrecida", "prestado")
        assert not any(s[campo] for s in copias for campo in sin_sortear)


class TestFinalizar:
    async def test_whoever_still_waits(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(5)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 3)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await mesa.decidir(pedidas[1], "declinada", vecinos[1].quien)
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "asignada", "ofrecida", "en_espera"]
        hechas = [await mesa.ventanilla.finalizar(sorteo_id=sorteo_id, limite=2) for _ in range(3)]
        assert hechas == [2, 1, 0]
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado")
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "vencida", "retirada", "retirada"]
        assert [await mesa.espacios.quien_tiene(f"A-0{n}") for n in (1, 2, 3)] == [pedidas[0].id, None, None]
        vencida = await mesa.ver(pedidas[2])
        assert (vencida.espacio, vencida.vence_en, vencida.acciones) == (None, None, [])
        assert (await mesa.pasos(pedidas[4]))[-1] == ("en_espera", "retirada", "sistema", "sorteo_finalizado")
        # Nothing of it was an annulment.
        assert await mesa.ventanilla.copiar(de=sorteo_id, a=await mesa.sorteo(["B-01"], abierto=False)) == 0


class TestCopiar:
    async def test_by_folio_in_the_state_they_had(self, mesa: Mesa, variada: Variada, reloj: Reloj) -> None:
        sorteo_id, vecinos, _ = variada
        await mesa.cerrar(sorteo_id, {6: "no_al_dia"})
        await mesa.reabrir(sorteo_id)
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
        reloj.avanzar(days=1)
        nuevo = await mesa.sorteo(abierto=False)
        for hechas in (4, 0):
            assert await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo) == hechas
        copias = await foto(mesa, nuevo)
        assert [(s["folio"], s["unidad_id"], s["estado"], s["viva"], s["motivo"]) for s in copias] == [
            (1, vecinos[0].unidad_id, "pendiente", True, None),
            (2, vecinos[1].unidad_id, "aprobada", True, None),
            (3, vecinos[3].unidad_id, "pendiente", True, None),
            (4, vecinos[5].unidad_id, "aprobada", True, None),
        ]
        await mesa.ventanilla.abrir(sorteo_id=nuevo, cierre=None)
        assert (await mesa.pedir(nuevo, mesa.vecino())).folio == 5
        copia = await mesa.listas.ver(copias[1]["id"], vecinos[1].quien)
        assert (copia.creado_en, copia.acciones) == (INICIO + timedelta(days=1), ["cancelada"])
        assert await mesa.pasos(copia) == [(None, "aprobada", "sistema", None)]

    async def test_on_the_terms_of_the_new_draw(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo()
        await mesa.pedir(sorteo_id, mesa.vecino(electrico=True))
        await mesa.pedir(sorteo_id, mesa.vecino(electrico=True), acepta=["carro"])
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
        nuevo = await mesa.sorteo(
            abierto=False, compatibilidad=COMPATIBILIDAD | {"carro_electrico": ["carro_electrico"]}
        )
        await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo)
        assert [s["tipos"] for s in await foto(mesa, nuevo)] == [["carro_electrico"], []]

    async def test_wishes_for_what_the_new_draw_has(self, mesa: Mesa) -> None:
        electrico = ("E-01", "carro_electrico", None)
        sorteo_id = await mesa.sorteo(["A-01", "A-02", electrico])
        await mesa.pedir(sorteo_id, mesa.vecino(electrico=True), preferencias=["A-02", "E-01", "A-01"])
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
        nuevo = await mesa.sorteo(
            ["A-01", electrico], abierto=False, compatibilidad=COMPATIBILIDAD | {"carro_electrico": ["carro"]}
        )
        await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo)
        assert [s["preferencias"] for s in await foto(mesa, nuevo)] == [["A-01"]]

    async def test_of_a_vehicle_that_is_no_longer_the_flats(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo()
        vecinos = [mesa.vecino() for _ in range(3)]
        for vecino in vecinos:
            await mesa.pedir(sorteo_id, vecino)
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
        del mesa.padron.vehiculos[vecinos[0].vehiculo_id]
        vendido = mesa.padron.vehiculos[vecinos[1].vehiculo_id]
        mesa.padron.vehiculos[vendido.id] = replace(vendido, unidad_id=vecinos[2].unidad_id)
        nuevo = await mesa.sorteo(abierto=False)
        await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo)
        assert [(s["estado"], s["viva"], s["motivo"]) for s in await foto(mesa, nuevo)] == [
            ("rechazada", False, "vehiculo_ajeno"),
            ("rechazada", False, "vehiculo_ajeno"),
            ("aprobada", True, None),
        ]

    async def test_of_a_flat_that_was_left_meanwhile(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id = await mesa.sorteo()
        for vecino in vecinos:
            await mesa.pedir(sorteo_id, vecino)
        await mesa.cerrar(sorteo_id)
        for vecino in vecinos[:2]:
            mesa.muda(vecino)
        await mesa.publico.desocupadas(unidades=[vecinos[0].unidad_id], usuario_id=None)
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
        await mesa.publico.desocupadas(unidades=[vecinos[1].unidad_id], usuario_id=None)
        nuevo = await mesa.sorteo(abierto=False)
        assert await mesa.ventanilla.copiar(de=sorteo_id, a=nuevo) == 3
        await mesa.ventanilla.abrir(sorteo_id=nuevo, cierre=None)
        assert await mesa.estados(nuevo) == ["cancelada", "cancelada", "aprobada"]


class TestSuerte:
    async def test_of_those_that_were_drawn(self, mesa: Mesa) -> None:
        gana, pierde, aparte = mesa.vecino(), mesa.vecino(), mesa.vecino()
        sorteo_id, pedidas = await mesa.publicado([gana, pierde])
        await mesa.pedir(await mesa.sorteo(["B-01"]), aparte)
        todas = [v.unidad_id for v in (gana, pierde, aparte)]

        async def suerte() -> list[SuerteEnSorteo]:
            return await mesa.ventanilla.suerte(unidades=todas)

        assert await suerte() == [
            SuerteEnSorteo(pedidas[0].id, gana.unidad_id, "carro", sorteo_id, ofrecida=True, tuvo=False),
            SuerteEnSorteo(pedidas[1].id, pierde.unidad_id, "carro", sorteo_id, ofrecida=False, tuvo=False),
        ]
        await mesa.decidir(pedidas[0], "declinada", gana.quien)
        assert [s.ofrecida for s in await suerte()] == [True, True]
        assert await mesa.ventanilla.suerte(unidades=[aparte.unidad_id]) == []


async def test_whose_a_folio_is_of_those_to_be_published(mesa_real: Mesa) -> None:
    """One that somebody moved on the database between the run and the publication is not passed over in silence."""
    sorteo_id = await mesa_real.sorteo()
    pedidas = [await mesa_real.pedir(sorteo_id, mesa_real.vecino()) for _ in range(2)]
    await mesa_real.cerrar(sorteo_id)
    await mesa_real.solicitudes.update_many({"_id": pedidas[0].id}, {"$set": {"estado": "cancelada"}})
    puestos = [Puesto(PydanticObjectId(s.id), None, n, False, []) for n, s in enumerate(pedidas, start=1)]
    lote = await mesa_real.ventanilla.por_publicar(sorteo_id=sorteo_id, puestos=puestos)
    assert [t.folio for t in lote.titulares] == [2]


class TestAplazar:
    """Of a whole batch, those that wait are written after its transaction."""

    async def _publicada(self, mesa: Mesa) -> tuple[PydanticObjectId, PorPublicar]:
        """Three of which the first wins: published, and those that wait left for later."""
        sorteo_id = await mesa.sorteo(["A-01"])
        pedidas = [await mesa.pedir(sorteo_id, mesa.vecino()) for _ in range(3)]
        await mesa.cerrar(sorteo_id)
        esperas = [("A-01", None), (None, 1), (None, 2)]
        puestos = [
            Puesto(PydanticObjectId(s.id), espacio, espera, False, [])
            for s, (espacio, espera) in zip(pedidas, esperas, strict=True)
        ]
        lote = await mesa.ventanilla.por_publicar(sorteo_id=sorteo_id, puestos=puestos)
        await mesa.uow.run(lambda: lote.publicar(aplazar=True))
        assert await mesa.estados(sorteo_id) == ["asignada", "aprobada", "aprobada"]
        return sorteo_id, await mesa.ventanilla.por_publicar(sorteo_id=sorteo_id, puestos=puestos)

    @pytest.mark.parametrize("como", [PorPublicar.asentar, PorPublicar.recuperar])
    async def test_they_are_as_if_they_had_been_written_with_it(self, mesa_real: Mesa, como: Any) -> None:
        """Within the act of publishing, which has its row by then."""
        sorteo_id, lote = await self._publicada(mesa_real)
        for _ in range(2):
            with atendiendo(del_sistema("sorteo_publicar_sorteo", sorteo_id)):
                await como(lote)
            assert await mesa_real.estados(sorteo_id) == ["asignada", "en_espera", "en_espera"]
        await mesa_real.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="publicado")
        publicadas = await mesa_real.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])
        await mesa_real.modulo.espera._movimientos._precintos.exigir(*publicadas)

    async def test_what_moved_meanwhile_is_let_be(self, mesa_real: Mesa) -> None:
        sorteo_id, lote = await self._publicada(mesa_real)
        await mesa_real.solicitudes.update_many({"folio": 2}, {"$set": {"estado": "cancelada"}})
        await lote.asentar()
        assert await mesa_real.estados(sorteo_id) == ["asignada", "cancelada", "en_espera"]

    async def test_of_which_no_history_says_that_they_were_published_are_not(self, mesa_real: Mesa) -> None:
        """Somebody wrote on the database that publishing came farther than it did."""
        sorteo_id, lote = await self._publicada(mesa_real)
        segunda = await mesa_real.solicitudes.find_one({"folio": 2})
        assert segunda is not None
        await MovimientoRepository().delete_many({"solicitud_id": segunda.id, "a": "en_espera"})
        await lote.recuperar()
        assert await mesa_real.estados(sorteo_id) == ["asignada", "aprobada", "en_espera"]


async def test_what_changed_since_it_was_made_ready_is_published_as_it_is(mesa_real: Mesa) -> None:
    """Between the reading of a batch and its transaction everybody leaves a flat."""
    sorteo_id = await mesa_real.sorteo()
    vecinos = [mesa_real.vecino() for _ in range(3)]
    pedidas = [await mesa_real.pedir(sorteo_id, vecino) for vecino in vecinos]
    await mesa_real.cerrar(sorteo_id)
    puestos = [Puesto(PydanticObjectId(s.id), None, n, False, []) for n, s in enumerate(pedidas, start=1)]
    lote = await mesa_real.ventanilla.por_publicar(sorteo_id=sorteo_id, puestos=puestos)
    await mesa_real.solicitudes.update_many({"_id": PydanticObjectId(pedidas[1].id)}, {"$set": {"salida": True}})

    async def paso() -> None:
        await (await lote.confirmado()).publicar()

    await mesa_real.uow.run(paso)
    publicadas = await mesa_real.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])
    assert [(s.estado, s.espera, s.salida) for s in publicadas] == [
        ("en_espera", 1, False),
        ("en_espera", 2, True),
        ("en_espera", 3, False),
    ]
