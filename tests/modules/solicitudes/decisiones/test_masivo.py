"""Deciding many at once."""

from collections.abc import Sequence
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.solicitudes.decisiones import service as decisiones
from app.modules.solicitudes.decisiones.schemas import EstadoMasivo, EstadoMasivoOut
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.schemas import RequestOut
from app.shared.exceptions import EntradaInvalida
from tests.modules.solicitudes.mesa import ADMIN, OPERADOR, Mesa


async def mover(mesa: Mesa, quien: Principal = OPERADOR, **cuerpo: Any) -> EstadoMasivoOut:
    if "ids" in cuerpo:
        cuerpo["ids"] = [str(id) for id in cuerpo["ids"]]
    return await mesa.decisiones.decidir_varias(EstadoMasivo.model_validate(cuerpo), quien)


async def pendientes(mesa: Mesa, cuantas: int, **terminos: Any) -> list[RequestOut]:
    sorteo_id = await mesa.sorteo(aprobacion="manual", **terminos)
    return [await mesa.pedir(sorteo_id, mesa.vecino()) for _ in range(cuantas)]


class TestIds:
    async def test_those_that_can_be(self, mesa: Mesa) -> None:
        una, otra, cancelada = await pendientes(mesa, 3)
        await mesa.decidir(cancelada, "cancelada", ADMIN)
        nadie = PydanticObjectId()
        hecho = await mover(mesa, ids=[nadie, cancelada.id, otra.id, una.id], estado="aprobada")
        assert hecho.cambiadas == 2
        assert {(o.id, o.codigo) for o in hecho.omitidas} == {
            (nadie, "no_encontrado"),
            (cancelada.id, "transicion_invalida"),
        }
        assert await mesa.estados(una.sorteo_id) == ["aprobada", "aprobada", "cancelada"]
        assert (await mesa.pasos(una))[-1] == ("pendiente", "aprobada", "personal", None)

    async def test_more_than_a_batch(self, mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decisiones, "_LOTE", 2)
        pedidas = await pendientes(mesa, 5)
        hecho = await mover(mesa, ids=[s.id for s in pedidas], estado="rechazada", motivo="Fuera de plazo")
        assert (hecho.cambiadas, hecho.omitidas) == (5, [])
        assert {(await mesa.ver(s)).motivo for s in pedidas} == {"Fuera de plazo"}

    async def test_an_operadors_own(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(aprobacion="manual")
        yo, otro = mesa.vecino(), mesa.vecino()
        mia, ajena = await mesa.pedir(sorteo_id, yo), await mesa.pedir(sorteo_id, otro)
        hecho = await mover(mesa, yo.como(Rol.operador), ids=[mia.id, ajena.id], estado="aprobada")
        assert hecho.cambiadas == 1
        assert [(o.id, o.codigo) for o in hecho.omitidas] == [(mia.id, "conflicto_de_interes")]
        assert await mesa.estados(sorteo_id) == ["pendiente", "aprobada"]

    @pytest.mark.parametrize("estado", ["rechazada", "aceptada", "declinada"])
    async def test_without_saying_why(self, mesa: Mesa, estado: str) -> None:
        (pedida,) = await pendientes(mesa, 1)
        with pytest.raises(EntradaInvalida) as caso:
            await mover(mesa, ids=[pedida.id], estado=estado)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("motivo", "motivo_requerido")]
        assert await mesa.estado(pedida) == "pendiente"

    async def test_each_as_the_one_before_left_it(self, mesa: Mesa) -> None:
        """The space that the first lets go is offered to the second, whose turn then comes."""
        ganador, siguiente, ultimo = (mesa.vecino() for _ in range(3))
        sorteo_id, (asignada, segunda, tercera) = await mesa.publicado([ganador, siguiente, ultimo])
        await mesa.decidir(asignada, "declinada", ganador.quien)
        hecho = await mover(mesa, ids=[segunda.id, tercera.id], estado="retirada")
        assert (hecho.cambiadas, hecho.omitidas) == (2, [])
        assert await mesa.estados(sorteo_id) == ["declinada", "retirada", "retirada"]
        assert [p[:2] for p in await mesa.pasos(tercera)][-2:] == [("en_espera", "ofrecida"), ("ofrecida", "retirada")]
        assert await mesa.espacios.quien_tiene("A-01") is None


class TestFiltro:
    async def test_those_that_match(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(["A-01", ("M-01", "moto", None)], aprobacion="manual")
        for vecino in (mesa.vecino(), mesa.vecino("moto"), mesa.vecino(torre="2")):
            await mesa.pedir(sorteo_id, vecino)
        (otra,) = await pendientes(mesa, 1)
        hecho = await mover(
            mesa, filtro={"sorteo_id": str(sorteo_id), "estado": "pendiente", "tipo": "carro"}, estado="aprobada"
        )
        assert (hecho.cambiadas, hecho.omitidas) == (2, [])
        assert await mesa.estados(sorteo_id) == ["aprobada", "pendiente", "aprobada"]
        assert await mesa.estado(otra) == "pendiente"

    async def test_the_filter_of_the_list(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(aprobacion="manual")
        moroso, al_dia = mesa.vecino(torre="2", nombre="Eva"), mesa.vecino(torre="2")
        for vecino in (moroso, al_dia, mesa.vecino(al_dia=False)):
            await mesa.pedir(sorteo_id, vecino)
        mesa.padron.pisos[moroso.unidad_id].al_dia = False
        filtro = {"sorteo_id": str(sorteo_id), "impedimento": "no_al_dia", "torre": "2", "q": "eva"}
        hecho = await mover(mesa, filtro=filtro, estado="rechazada", motivo="Debe tres meses")
        assert hecho.cambiadas == 1
        assert await mesa.estados(sorteo_id) == ["rechazada", "pendiente", "pendiente"]

    async def test_more_than_a_batch(self, mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those that are moved match no longer, and none is passed over for it."""
        monkeypatch.setattr(decisiones, "_LOTE", 2)
        pedidas = await pendientes(mesa, 5)
        filtro = {"sorteo_id": str(pedidas[0].sorteo_id), "estado": "pendiente"}
        assert (await mover(mesa, filtro=filtro, estado="aprobada")).cambiadas == 5

    async def test_of_nothing(self, mesa: Mesa) -> None:
        hecho = await mover(mesa, filtro={"sorteo_id": str(PydanticObjectId())}, estado="aprobada")
        assert (hecho.cambiadas, hecho.omitidas) == (0, [])


class TestEnteraONada:
    async def test_what_fails_halfway_undoes_its_batch(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule that keeps one is judged before anything of it is written; whatever else goes wrong is no such rule,
        and leaves no request moved without what follows from it."""
        pedidas = await pendientes(mesa_real, 3)
        anotar = Movimientos.anotar

        async def fallar(propio: Movimientos, movidas: Sequence[tuple[Solicitud, Any]], **mas: Any) -> None:
            if any(solicitud.folio == 2 for solicitud, _ in movidas):
                raise EntradaInvalida()
            await anotar(propio, movidas, **mas)

        monkeypatch.setattr(Movimientos, "anotar", fallar)
        with pytest.raises(EntradaInvalida):
            await mover(mesa_real, ids=[s.id for s in pedidas], estado="aprobada")
        assert await mesa_real.estados(pedidas[0].sorteo_id) == ["pendiente"] * 3
        assert [len(await mesa_real.pasos(s)) for s in pedidas] == [1, 1, 1]


async def test_names_those_that_the_closing_would_refuse(mesa: Mesa) -> None:
    sorteo = await mesa.sorteo(["A-01", "A-02"], aprobacion="manual")
    al_dia, moroso = mesa.vecino(), mesa.vecino(al_dia=False)
    buena, mala = [await mesa.pedir(sorteo, vecino) for vecino in (al_dia, moroso)]
    hecho = await mover(mesa, ids=[buena.id, mala.id], estado="aprobada")
    assert hecho.cambiadas == 2
    assert [(una.id, una.impedimentos) for una in hecho.con_impedimentos] == [(mala.id, ["no_al_dia"])]
    rechazo = await mover(mesa, ids=[buena.id, mala.id], estado="rechazada", motivo="no")
    assert rechazo.con_impedimentos == []
