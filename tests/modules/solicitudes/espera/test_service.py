"""The waiting list: to whom a space that came free is offered (sorteo-v1 §5)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import EspacioNoLibre
from app.modules.solicitudes.schemas import RequestOut
from app.shared.exceptions import EntradaInvalida, NoEncontrado, TransicionInvalida
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino


async def oferta(mesa: Mesa, sorteo_id: PydanticObjectId, codigo: str = "A-01") -> int | None:
    """The folio that a free space is offered to."""
    ofrecida = (await mesa.espera.liberar(sorteo_id, codigo, ADMIN)).oferta
    return None if ofrecida is None else ofrecida.folio


async def en_espera(
    mesa: Mesa, reserva: str | None, quienes: list[tuple[str, list[str]]], *, liberar: bool = True
) -> PydanticObjectId:
    """A published draw whose only space, for cars, stands free, and who waits: kind of vehicle, conditions."""
    espacios = [("A-01", "carro", reserva), ("M-01", "moto", None), ("E-01", "carro_electrico", None)]
    sorteo_id = await mesa.sorteo(espacios, liberar_reservas=True)
    for tipo, condiciones in quienes:
        electrico = tipo == "carro_electrico"
        vecino = mesa.vecino("carro" if electrico else tipo, electrico=electrico, condiciones=set(condiciones))
        await mesa.pedir(sorteo_id, vecino)
    await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"terminos.liberar_reservas": liberar}})
    await mesa.publicar(sorteo_id, condiciones={n: c for n, (_, c) in enumerate(quienes, start=1)})
    return sorteo_id


CARRO, MOTO, ELECTRICO = ("carro", list[str]()), ("moto", list[str]()), ("carro_electrico", list[str]())
CON_DERECHO = ("carro", ["discapacidad"])


class TestQuien:
    @pytest.mark.parametrize(
        ("reserva", "quienes", "liberar", "esperado"),
        [
            (None, [CARRO, CARRO], True, 1),
            (None, [MOTO, CARRO], True, 2),
            (None, [MOTO, ELECTRICO], True, 2),
            (None, [MOTO], True, None),
            (None, [], True, None),
            (None, [CARRO, CON_DERECHO], True, 1),
            ("discapacidad", [CARRO, CON_DERECHO], True, 2),
            ("discapacidad", [CARRO, CON_DERECHO], False, 2),
            ("discapacidad", [CARRO, CARRO], True, 1),
            ("discapacidad", [CARRO, CARRO], False, None),
            ("discapacidad", [("moto", ["discapacidad"]), CARRO], True, 2),
            ("embarazo", [CON_DERECHO], False, None),
        ],
    )
    async def test_the_right_first_and_then_the_order(
        self,
        mesa: Mesa,
        reserva: str | None,
        quienes: list[tuple[str, list[str]]],
        liberar: bool,
        esperado: int | None,
    ) -> None:
        sorteo_id = await en_espera(mesa, reserva, quienes, liberar=liberar)
        assert await oferta(mesa, sorteo_id) == esperado
        quien_tiene = await mesa.espacios.quien_tiene("A-01")
        if esperado is None:
            assert quien_tiene is None
        else:
            (ofrecida,) = await mesa.solicitudes.find({"sorteo_id": sorteo_id, "estado": "ofrecida"})
            assert (ofrecida.folio, ofrecida.id) == (esperado, quien_tiene)

    async def test_by_espera_and_not_by_folio(self, mesa: Mesa) -> None:
        sorteo_id = await en_espera(mesa, None, [CARRO, CARRO, CARRO])
        for folio, espera in [(1, 3), (2, 1), (3, 2)]:
            (suya,) = await mesa.solicitudes.find({"sorteo_id": sorteo_id, "folio": folio})
            await mesa.como_si(suya.oid, espera=espera, lugar=espera)
        assert await oferta(mesa, sorteo_id) == 2

    async def test_on_the_facts_of_the_bases(self, mesa: Mesa) -> None:
        """Somebody who got the condition after the closing has no right by it."""
        sorteo_id = await en_espera(mesa, "discapacidad", [CARRO, CON_DERECHO])
        for piso in mesa.padron.pisos.values():
            piso.condiciones = set() if piso.condiciones else {"discapacidad"}
        assert await oferta(mesa, sorteo_id) == 2

    @pytest.mark.parametrize(("quien", "prestado"), [(CARRO, True), (CON_DERECHO, False)])
    async def test_lent_to_who_has_no_right(self, mesa: Mesa, quien: tuple[str, list[str]], prestado: bool) -> None:
        sorteo_id = await en_espera(mesa, "discapacidad", [quien])
        await oferta(mesa, sorteo_id)
        (ofrecida,) = await mesa.solicitudes.find({"estado": "ofrecida"})
        await mesa.decidir(await mesa.listas.ver(ofrecida.oid, ADMIN), "aceptada", ADMIN, "Llamó")
        assert [t.prestado for t in await mesa.espacios.tenencias.find({})] == [prestado]


class TestOferta:
    async def test_until_when(self, mesa: Mesa, reloj: Reloj) -> None:
        sorteo_id = await en_espera(mesa, None, [CARRO])
        reloj.avanzar(days=9)
        await oferta(mesa, sorteo_id)
        (pedida,) = await mesa.solicitudes.find({"sorteo_id": sorteo_id})
        vista = await mesa.listas.ver(pedida.oid, ADMIN)
        assert (vista.estado, vista.espacio, vista.espera) == ("ofrecida", "A-01", 1)
        assert vista.vence_en == INICIO + timedelta(days=9, hours=72)
        assert (await mesa.pasos(vista))[-1] == ("en_espera", "ofrecida", "sistema", None)

    async def test_not_accepted_by_itself(self, mesa: Mesa) -> None:
        """`tacita` is about what the draw gave."""
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id, pedidas = await mesa.publicado(vecinos, aceptacion="tacita")
        espacio = await mesa.espacios.terminar(solicitud_id=pedidas[0].id)
        await mesa.publico.asignacion_terminada(solicitud_id=pedidas[0].id, espacio=espacio)
        assert await mesa.estados(sorteo_id) == ["aceptada", "ofrecida"]


class TestLiberar:
    async def test_unknown(self, mesa: Mesa) -> None:
        with pytest.raises(NoEncontrado):
            await mesa.espera.liberar(PydanticObjectId(), "A-01", ADMIN)
        sorteo_id = await en_espera(mesa, None, [CARRO])
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.espera.liberar(sorteo_id, "Z-99", ADMIN)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("espacio", "no_existe")]

    async def test_not_free(self, mesa: Mesa) -> None:
        sorteo_id, _ = await mesa.publicado([mesa.vecino(), mesa.vecino()])
        with pytest.raises(EspacioNoLibre):
            await oferta(mesa, sorteo_id)
        assert await mesa.estados(sorteo_id) == ["asignada", "en_espera"]

    async def test_not_before_it_is_published(self, mesa: Mesa) -> None:
        with pytest.raises(TransicionInvalida):
            await oferta(mesa, await mesa.sorteo())

    async def test_nobody_fits(self, mesa: Mesa) -> None:
        assert await oferta(mesa, await en_espera(mesa, None, [MOTO])) is None

    @pytest.mark.parametrize("fase", ["abierto", "cerrado", "terminado"])
    async def test_not_published(self, mesa: Mesa, fase: str) -> None:
        sorteo_id = await en_espera(mesa, None, [CARRO])
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": fase}})
        # Whatever the space: of a draft, none is in the draw yet.
        for codigo in ("A-01", "Z-99"):
            with pytest.raises(TransicionInvalida):
                await mesa.espera.liberar(sorteo_id, codigo, ADMIN)
        assert await mesa.espacios.quien_tiene("A-01") is None


Forma = Callable[[Mesa, RequestOut, Vecino], Awaitable[None]]


async def declinar(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:
    await mesa.decidir(suya, "declinada", vecino.quien)


async def no_contestar(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:  # noqa: ARG001
    await mesa.como_si(suya.id, vence_en=INICIO)
    assert await mesa.espera.vencer() == 1


async def irse(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:  # noqa: ARG001
    await mesa.publico.desocupadas(unidades=[vecino.unidad_id], usuario_id=None)


async def devolver(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:
    await mesa.decidir(suya, "aceptada", vecino.quien)
    espacio = await mesa.espacios.terminar(solicitud_id=suya.id)
    await mesa.publico.asignacion_terminada(solicitud_id=suya.id, espacio=espacio)


async def aceptar_e_irse(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:
    await mesa.decidir(suya, "aceptada", vecino.quien)
    await irse(mesa, suya, vecino)


async def retirarse(mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:
    await mesa.decidir(suya, "retirada", vecino.quien)


FORMAS: list[Forma] = [declinar, no_contestar, irse, devolver, aceptar_e_irse]
FINALES: dict[Forma, str] = {
    declinar: "declinada",
    no_contestar: "vencida",
    irse: "declinada",
    devolver: "aceptada",
    aceptar_e_irse: "aceptada",
    retirarse: "retirada",
}


class TestQuedaLibre:
    @pytest.mark.parametrize("forma", FORMAS)
    async def test_what_the_draw_gave(self, mesa: Mesa, forma: Forma) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos)
        await forma(mesa, pedidas[0], vecinos[0])
        assert await mesa.estados(sorteo_id) == [FINALES[forma], "ofrecida", "en_espera"]
        assert await mesa.espacios.quien_tiene("A-01") == pedidas[1].id
        assert not (await mesa.guardada(pedidas[0])).viva

    @pytest.mark.parametrize("forma", [*FORMAS, retirarse])
    async def test_what_was_offered(self, mesa: Mesa, forma: Forma) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos)
        await declinar(mesa, pedidas[0], vecinos[0])
        await forma(mesa, pedidas[1], vecinos[1])
        assert await mesa.estados(sorteo_id) == ["declinada", FINALES[forma], "ofrecida"]
        assert await mesa.espacios.quien_tiene("A-01") == pedidas[2].id

    async def test_nobody_is_left(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        sorteo_id, (suya,) = await mesa.publicado([vecino])
        await declinar(mesa, suya, vecino)
        assert await mesa.estados(sorteo_id) == ["declinada"]
        assert await mesa.espacios.quien_tiene("A-01") is None

    async def test_once_it_is_over_it_stays_free(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id, (suya, _) = await mesa.publicado(vecinos)
        await mesa.decidir(suya, "aceptada", vecinos[0].quien)
        await mesa.ventanilla.finalizar(sorteo_id=sorteo_id)
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado")
        await irse(mesa, suya, vecinos[0])
        assert await mesa.estados(sorteo_id) == ["aceptada", "retirada"]
        assert await mesa.espacios.quien_tiene("A-01") is None

    async def test_an_assignment_whose_term_is_over(self, mesa: Mesa) -> None:
        """Its space is nobody's to offer: the request is no longer live, and that is all."""
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id, (suya, _) = await mesa.publicado(vecinos)
        await mesa.decidir(suya, "aceptada", vecinos[0].quien)
        assert await mesa.publico.alguno_en_solicitud(vehiculos=[vecinos[0].vehiculo_id])
        await mesa.publico.asignacion_terminada(solicitud_id=suya.id, espacio=None)
        assert not await mesa.publico.alguno_en_solicitud(vehiculos=[vecinos[0].vehiculo_id])
        assert await mesa.estados(sorteo_id) == ["aceptada", "en_espera"]
