"""What refuses a request at its hand-in, what only impedes it, and what it is when it is there."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import (
    NoAlDia,
    SinEspacioCompatible,
    SolicitudDuplicada,
    SorteoNoAbierto,
    UnidadConSolicitud,
    VehiculoAjeno,
    YaTieneEspacio,
)
from app.modules.solicitudes.schemas import RequestCreate
from app.shared.exceptions import EntradaInvalida
from tests.modules.solicitudes.dobles import Ocupado
from tests.modules.solicitudes.mesa import DESDE, HASTA, OPERADOR, RECIEN_PEDIDA, Mesa


class TestAlDia:
    async def test_at_the_closing_it_is_an_impediment(self, mesa: Mesa) -> None:
        pedida = await mesa.pedir(await mesa.sorteo(al_dia_en="cierre"), mesa.vecino(al_dia=False))
        assert (pedida.estado, pedida.impedimentos) == ("pendiente", ["no_al_dia"])

    async def test_at_the_hand_in_it_refuses_and_is_not_asked_again(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(al_dia_en="solicitud"), mesa.vecino(al_dia=False)
        with pytest.raises(NoAlDia):
            await mesa.pedir(sorteo_id, vecino)
        mesa.padron.pisos[vecino.unidad_id].al_dia = True
        pedida = await mesa.pedir(sorteo_id, vecino)
        mesa.padron.pisos[vecino.unidad_id].al_dia = False
        assert (await mesa.ver(pedida)).impedimentos == []
        (en_sorteo,) = await mesa.ventanilla.por_folio(sorteo_id=sorteo_id)
        assert en_sorteo.impedimentos == ()

    @pytest.mark.parametrize("al_dia_en", ["solicitud", "cierre"])
    async def test_not_asked_for(self, mesa: Mesa, al_dia_en: str) -> None:
        sorteo_id = await mesa.sorteo(exige_al_dia=False, al_dia_en=al_dia_en)
        assert (await mesa.pedir(sorteo_id, mesa.vecino(al_dia=False))).impedimentos == []


class TestSancionada:
    async def test_an_impediment_until_it_is_lifted(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(aprobacion="automatica"), mesa.vecino(al_dia=False)
        mesa.padron.pisos[vecino.unidad_id].sancionada = True
        pedida = await mesa.pedir(sorteo_id, vecino)
        assert (pedida.estado, pedida.impedimentos) == ("pendiente", ["no_al_dia", "sancionada"])
        mesa.padron.pisos[vecino.unidad_id].sancionada = False
        assert (await mesa.ver(pedida)).impedimentos == ["no_al_dia"]


class TestUnaPorVehiculo:
    async def test_live(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(max_por_unidad=5), mesa.vecino()
        pedida = await mesa.pedir(sorteo_id, vecino)
        with pytest.raises(SolicitudDuplicada):
            await mesa.pedir(sorteo_id, vecino)
        await mesa.pedir(await mesa.sorteo(["B-01"]), vecino)
        await mesa.decidir(pedida, "cancelada", vecino.quien)
        assert (await mesa.pedir(sorteo_id, vecino)).folio == 2


class TestMaximo:
    @pytest.mark.parametrize(
        ("maximo", "cupo", "caben"), [(1, None, 1), (2, None, 2), (2, 1, 1), (1, 3, 1), (2, 0, 0), (3, 3, 3)]
    )
    async def test_the_smaller_of_the_two(self, mesa: Mesa, maximo: int, cupo: int | None, caben: int) -> None:
        sorteo_id, vecino = await mesa.sorteo(max_por_unidad=maximo), mesa.vecino(cupo=cupo)
        for _ in range(caben):
            await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
        with pytest.raises(UnidadConSolicitud):
            await mesa.pedir(sorteo_id, vecino)

    async def test_a_place_let_go_is_taken_again(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(max_por_unidad=2), mesa.vecino()
        primera = await mesa.pedir(sorteo_id, vecino)
        segunda = await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
        await mesa.decidir(primera, "cancelada", vecino.quien)
        tercera = await mesa.pedir(sorteo_id, vecino)
        assert [(await mesa.guardada(s)).ranura for s in (segunda, tercera)] == [1, 0]


class TestPorTipo:
    async def test_of_each_type_its_own_maximum(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(
            ["A-01", ("M-01", "moto", None)], max_por_unidad=3, max_por_tipo={"carro": 1, "moto": 5}
        )
        vecino = mesa.vecino()
        await mesa.pedir(sorteo_id, vecino)
        with pytest.raises(UnidadConSolicitud):  # an electric one is a car too
            await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id, electrico=True))
        for _ in range(2):
            await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id, "moto"))
        with pytest.raises(UnidadConSolicitud):  # `max_por_unidad` holds all the same
            await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id, "moto"))
        await mesa.pedir(sorteo_id, mesa.vecino())


class TestReglamento:
    async def test_accepted_or_refused(self, mesa: Mesa) -> None:
        sorteo_id, vecino = await mesa.sorteo(reglamento="ab" * 32), mesa.vecino()
        with pytest.raises(EntradaInvalida) as error:
            await mesa.pedir(sorteo_id, vecino)
        assert [(e.campo, e.codigo) for e in error.value.errores] == [("acepta_reglamento", "reglamento_no_aceptado")]
        pedida = await mesa.pedir(sorteo_id, vecino, acepta_reglamento=True)
        assert (await mesa.guardada(pedida)).reglamento == "ab" * 32

    async def test_where_there_is_none_nothing_is_asked(self, mesa: Mesa) -> None:
        pedida = await mesa.pedir(await mesa.sorteo(), mesa.vecino(), acepta_reglamento=True)
        assert (await mesa.guardada(pedida)).reglamento is None


class TestYaTieneEspacio:
    @pytest.mark.parametrize(
        ("clase", "dias", "vigente", "impide"),
        [
            ("carro", (DESDE, HASTA), True, True),
            ("carro", (HASTA, HASTA), True, True),
            ("carro", (DESDE - timedelta(days=9), DESDE - timedelta(days=1)), True, False),
            ("carro", (HASTA + timedelta(days=1), HASTA + timedelta(days=9)), True, False),
            ("carro", (DESDE, HASTA), False, False),
            ("moto", (DESDE, HASTA), True, False),
            ("carro_electrico", (DESDE, HASTA), True, True),
        ],
    )
    async def test_that_kind_in_that_term(
        self, mesa: Mesa, clase: str, dias: tuple[Any, Any], vigente: bool, impide: bool
    ) -> None:
        sorteo_id, vecino = await mesa.sorteo(), mesa.vecino()
        await mesa.tiene_espacio(vecino, clase, desde=dias[0], hasta=dias[1], vigente=vigente)
        if impide:
            with pytest.raises(YaTieneEspacio):
                await mesa.pedir(sorteo_id, vecino)
        else:
            await mesa.pedir(sorteo_id, vecino)

    async def test_that_it_is_electric_is_no_way_round(self, mesa: Mesa) -> None:
        """Of a second vehicle as of the same: whoever has a space for a carro has one for an electric one."""
        sorteo_id, vecino = await mesa.sorteo(), mesa.vecino(electrico=True)
        await mesa.tiene_espacio(vecino, "carro", vehiculo_id=PydanticObjectId())
        with pytest.raises(YaTieneEspacio):
            await mesa.pedir(sorteo_id, vecino)

    @pytest.mark.parametrize(("tipo_espacio", "impide"), [("carro", True), ("carro_electrico", False), ("moto", False)])
    async def test_one_by_right_that_would_serve(self, mesa: Mesa, tipo_espacio: str, impide: bool) -> None:
        sorteo_id, vecino = await mesa.sorteo(), mesa.vecino()
        mesa.espacios.por_derecho = [Ocupado(vecino.unidad_id, None, None, tipo_espacio, DESDE, DESDE)]
        if impide:
            with pytest.raises(YaTieneEspacio):
                await mesa.pedir(sorteo_id, vecino)
        else:
            await mesa.pedir(sorteo_id, vecino)


class TestEspacioCompatible:
    @pytest.mark.parametrize(
        ("tipo", "electrico", "reserva", "condiciones", "campos", "liberar", "cabe"),
        [
            ("carro", False, None, set(), {}, True, True),
            ("moto", False, None, set(), {}, True, False),
            ("carro", True, None, set(), {}, True, True),
            ("carro", True, None, set(), {"acepta": ["carro_electrico"]}, True, False),
            ("carro", False, "discapacidad", set(), {}, True, True),
            ("carro", False, "discapacidad", set(), {}, False, False),
            ("carro", False, "discapacidad", {"discapacidad"}, {}, False, True),
            ("carro", False, "discapacidad", {"discapacidad"}, {"usa_condiciones": False}, False, False),
            ("carro", False, "discapacidad", {"embarazo"}, {}, False, False),
        ],
    )
    async def test_one_space_for_cars(
        self,
        mesa: Mesa,
        tipo: str,
        electrico: bool,
        reserva: str | None,
        condiciones: set[str],
        campos: dict[str, Any],
        liberar: bool,
        cabe: bool,
    ) -> None:
        sorteo_id = await mesa.sorteo([("A-01", "carro", reserva)], liberar_reservas=liberar)
        vecino = mesa.vecino(tipo, electrico=electrico, condiciones=condiciones)
        if cabe:
            assert (await mesa.pedir(sorteo_id, vecino, **campos)).estado == "aprobada"
        else:
            with pytest.raises(SinEspacioCompatible):
                await mesa.pedir(sorteo_id, vecino, **campos)

    async def test_a_kind_of_vehicle_that_nothing_fits(self, mesa: Mesa) -> None:
        with pytest.raises(SinEspacioCompatible):
            await mesa.pedir(await mesa.sorteo(compatibilidad={"moto": ["moto"]}), mesa.vecino())


class TestAcepta:
    async def test_not_among_those_that_fit(self, mesa: Mesa) -> None:
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.pedir(await mesa.sorteo(), mesa.vecino(), acepta=["carro", "moto"])
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("acepta", "valor_no_admitido")]

    async def test_the_preferred_kind_first_all_the_same(self, mesa: Mesa) -> None:
        pedida = await mesa.pedir(await mesa.sorteo(), mesa.vecino(electrico=True), acepta=["carro", "carro_electrico"])
        assert (await mesa.guardada(pedida)).tipos == ["carro_electrico", "carro"]
        assert pedida.acepta == ["carro", "carro_electrico"]


class TestPreferencias:
    ESPACIOS: ClassVar[list[str | tuple[str, str, str | None]]] = [
        "A-07",
        ("E-01", "carro_electrico", None),
        ("R-01", "carro", "discapacidad"),
        ("M-01", "moto", None),
    ]

    @pytest.mark.parametrize(
        ("preferencias", "campos", "fallas"),
        [
            (["A-07", "Z-99"], {}, [("preferencias.1", "no_existe")]),
            (["a-07"], {}, [("preferencias.0", "no_existe")]),
            (
                ["M-01", "A-07", "a-07"],
                {},
                [("preferencias.0", "espacio_incompatible"), ("preferencias.2", "no_existe")],
            ),
            (["A-07", "E-01"], {"acepta": ["carro"]}, [("preferencias.1", "espacio_incompatible")]),
        ],
    )
    async def test_refused(
        self, mesa: Mesa, preferencias: list[str], campos: dict[str, Any], fallas: list[tuple[str, str]]
    ) -> None:
        sorteo_id = await mesa.sorteo(self.ESPACIOS)
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.pedir(sorteo_id, mesa.vecino(electrico=True), preferencias=preferencias, **campos)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == fallas

    async def test_a_space_of_another_draw(self, mesa: Mesa) -> None:
        await mesa.sorteo(["B-01"])
        with pytest.raises(EntradaInvalida):
            await mesa.pedir(await mesa.sorteo(), mesa.vecino(), preferencias=["B-01"])

    async def test_reserved_for_others_for_now(self, mesa: Mesa) -> None:
        """Conditions are judged at the closing."""
        pedida = await mesa.pedir(await mesa.sorteo(self.ESPACIOS), mesa.vecino(), preferencias=["R-01", "A-07"])
        assert pedida.preferencias == ["R-01", "A-07"]

    async def test_told_before_what_the_state_refuses(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(self.ESPACIOS)
        ajeno = mesa.vecino().vehiculo_id
        for vehiculo in ({}, {"vehiculo_id": ajeno}):
            with pytest.raises(EntradaInvalida):
                await mesa.pedir(sorteo_id, mesa.vecino(), preferencias=["Z-99"], **vehiculo)
        with pytest.raises(VehiculoAjeno):
            await mesa.pedir(sorteo_id, mesa.vecino(), preferencias=["M-01"], vehiculo_id=ajeno)
        await mesa.cerrar_ventanilla(sorteo_id)
        with pytest.raises(EntradaInvalida):
            await mesa.pedir(sorteo_id, mesa.vecino(), preferencias=["Z-99"])

    async def test_of_a_draft_that_has_no_spaces_yet(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(abierto=False)
        vecino = mesa.vecino()
        datos = RequestCreate(
            sorteo_id=sorteo_id, unidad_id=vecino.unidad_id, vehiculo_id=vecino.vehiculo_id, preferencias=["A-01"]
        )
        with pytest.raises(SorteoNoAbierto):
            await mesa.altas.crear(datos, OPERADOR)


class TestCreada:
    @pytest.mark.parametrize(
        ("aprobacion", "al_dia", "estado"),
        [
            ("automatica", True, "aprobada"),
            ("automatica", False, "pendiente"),
            ("manual", True, "pendiente"),
            ("manual", False, "pendiente"),
        ],
    )
    async def test_approved_by_itself(self, mesa: Mesa, aprobacion: str, al_dia: bool, estado: str) -> None:
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion=aprobacion), mesa.vecino(al_dia=al_dia))
        assert pedida.estado == estado
        assert await mesa.pasos(pedida) == [(None, "pendiente", "unidad", None)] + [
            ("pendiente", "aprobada", "sistema", None)
        ] * (estado == "aprobada")

    async def test_folios_of_each_draw(self, mesa: Mesa) -> None:
        uno, otro = await mesa.sorteo(), await mesa.sorteo(["B-01"])
        folios = [(await mesa.pedir(s, mesa.vecino())).folio for s in (uno, uno, otro, uno)]
        assert folios == [1, 2, 1, 3]

    async def test_the_flat_is_touched(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        await mesa.pedir(await mesa.sorteo(), vecino)
        assert mesa.padron.tocadas == [vecino.unidad_id]

    async def test_whole(self, mesa: Mesa) -> None:
        vecino, sorteo_id = (
            mesa.vecino("bicicleta"),
            await mesa.sorteo([(c, "bicicleta", None) for c in ("B-01", "B-07")]),
        )
        pedida = await mesa.pedir(sorteo_id, vecino, preferencias=["B-07", "B-01", "B-07"], usa_condiciones=False)
        assert pedida.model_dump(mode="json") == {
            "id": str(pedida.id),
            "folio": 1,
            "sorteo_id": str(sorteo_id),
            "unidad_id": str(vecino.unidad_id),
            "vehiculo": {"id": str(vecino.vehiculo_id), "tipo": "bicicleta", "electrico": False, "placa": None},
            "preferencias": ["B-07", "B-01", "B-07"],
            "usa_condiciones": False,
            **RECIEN_PEDIDA,
        }
