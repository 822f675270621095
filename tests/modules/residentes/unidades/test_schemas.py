from typing import Any

import pytest

from app.modules.residentes.unidades.schemas import UnidadCreate, UnidadUpdate, VehiculoCreate
from tests.modules.residentes.factories import cuerpo_unidad, cuerpo_vehiculo, errores


class TestVehiculoCreate:
    @pytest.mark.parametrize(("escrita", "guardada"), [("abc-123", "ABC123"), (" a b c 1 ", "ABC1"), ("B-1-C", "B1C")])
    def test_plate_is_normalised(self, escrita: str, guardada: str) -> None:
        assert VehiculoCreate.model_validate(cuerpo_vehiculo(placa=escrita)).placa == guardada

    @pytest.mark.parametrize("placa", ["AB", "A" * 21, "ÑAN123", "AB.123", "- -"])
    def test_not_a_plate(self, placa: str) -> None:
        assert errores(VehiculoCreate, cuerpo_vehiculo(placa=placa)) == {"placa": "placa_invalida"}

    @pytest.mark.parametrize("tipo", ["carro", "moto"])
    def test_plate_missing(self, tipo: str) -> None:
        assert errores(VehiculoCreate, {"tipo": tipo}) == {"placa": "placa_requerida"}
        assert errores(VehiculoCreate, {"tipo": tipo, "placa": None}) == {"placa": "placa_requerida"}

    def test_a_bicycle_may_have_one_or_none(self) -> None:
        assert VehiculoCreate.model_validate({"tipo": "bicicleta"}).placa is None
        assert VehiculoCreate.model_validate({"tipo": "bicicleta", "placa": "bic1"}).placa == "BIC1"

    def test_an_electric_bicycle_is_none(self) -> None:
        assert errores(VehiculoCreate, {"tipo": "bicicleta", "electrico": True}) == {
            "electrico": "electrico_no_admitido"
        }

    @pytest.mark.parametrize("cambio", [{"tipo": "camion"}, {"electrico": 1}, {"electrico": "true"}, {"placa": 123}])
    def test_nothing_is_converted(self, cambio: dict[str, Any]) -> None:
        assert list(errores(VehiculoCreate, cuerpo_vehiculo(**cambio))) == list(cambio)


class TestUnidadCreate:
    def test_defaults(self) -> None:
        unidad = UnidadCreate.model_validate({"torre": None, "apartamento": " 1  A "})
        assert unidad.model_dump() == {
            "torre": None,
            "apartamento": "1 A",
            "al_dia": True,
            "al_dia_corte": None,
            "cupo": None,
            "vehiculos": [],
            "perdidos_previos": {},
        }

    @pytest.mark.parametrize(
        ("cambio", "donde"),
        [
            ({"torre": ""}, "torre"),
            ({"torre": "x" * 41}, "torre"),
            ({"apartamento": None}, "apartamento"),
            ({"apartamento": "1\n2"}, "apartamento"),
            ({"al_dia": 1}, "al_dia"),
            ({"al_dia_corte": "2026-02-30"}, "al_dia_corte"),
            ({"cupo": -1}, "cupo"),
            ({"cupo": 51}, "cupo"),
            ({"cupo": "1"}, "cupo"),
            ({"vehiculos": None}, "vehiculos"),
            ({"vehiculos": [{"tipo": "bicicleta"}] * 51}, "vehiculos"),
            ({"perdidos_previos": {"carro": 101}}, "perdidos_previos.carro"),
            ({"perdidos_previos": {"carro": True}}, "perdidos_previos.carro"),
            ({"perdidos_previos": {"NO": 1}}, "perdidos_previos.NO.[key]"),
            ({"perdidos_previos": {"camion": 1}}, "perdidos_previos.camion.[key]"),
            ({"version": 1}, "version"),
        ],
    )
    def test_refused(self, cambio: dict[str, Any], donde: str) -> None:
        assert list(errores(UnidadCreate, cuerpo_unidad(**cambio))) == [donde]

    @pytest.mark.parametrize("falta", ["torre", "apartamento"])
    def test_required(self, falta: str) -> None:
        cuerpo = cuerpo_unidad()
        del cuerpo[falta]
        assert errores(UnidadCreate, cuerpo) == {falta: "missing"}


class TestUnidadUpdate:
    def test_absent_is_not_null(self) -> None:
        assert UnidadUpdate.model_validate({}).model_fields_set == set()
        assert UnidadUpdate.model_validate({"cupo": None}).model_fields_set == {"cupo"}

    @pytest.mark.parametrize("campo", ["apartamento", "al_dia", "vehiculos", "perdidos_previos"])
    def test_not_nullable(self, campo: str) -> None:
        assert list(errores(UnidadUpdate, {campo: None})) == [campo]

    @pytest.mark.parametrize("clase", ["camion", "Carro", "", "carro_doble"])
    @pytest.mark.parametrize("veces", [1, None])
    def test_losses_of_no_kind(self, clase: str, veces: int | None) -> None:
        """Not even to take out what cannot be there."""
        assert list(errores(UnidadUpdate, {"perdidos_previos": {clase: veces}})) == [f"perdidos_previos.{clase}.[key]"]
