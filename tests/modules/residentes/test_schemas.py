from typing import Any

import pytest
from pydantic import ValidationError

from app.modules.residentes.schemas import (
    ResidentCreate,
    ResidentUpdate,
    UnidadCreate,
    UnidadUpdate,
    VehiculoCreate,
    enmascarar,
)
from app.shared.schemas import InputSchema
from tests.modules.residentes.factories import cuerpo_residente, cuerpo_unidad, cuerpo_vehiculo, ocupacion


def errores(modelo: type[InputSchema], cuerpo: dict[str, Any]) -> dict[str, str]:
    """What is wrong with `cuerpo`: the kind of error, by its place."""
    with pytest.raises(ValidationError) as caso:
        modelo.model_validate(cuerpo)
    return {".".join(map(str, e["loc"])): e["type"] for e in caso.value.errors()}


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
            ({"perdidos_previos": {f"clase_{i}": 1 for i in range(21)}}, "perdidos_previos"),
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


class TestResidentCreate:
    def test_normalised(self) -> None:
        residente = ResidentCreate.model_validate(
            cuerpo_residente(numero_documento=" 1.020 304-a", email="Ana@Example.COM", telefono="+57 300 123 4567")
        )
        assert (residente.numero_documento, residente.email) == ("1020304-A", "ana@example.com")

    @pytest.mark.parametrize(
        ("cambio", "donde"),
        [
            ({"nombres": " "}, "nombres"),
            ({"apellidos": "x" * 101}, "apellidos"),
            ({"tipo_documento": "cc"}, "tipo_documento"),
            ({"numero_documento": "..."}, "numero_documento"),
            ({"numero_documento": "1" * 31}, "numero_documento"),
            ({"numero_documento": "12_3"}, "numero_documento"),
            ({"email": "ana"}, "email"),
            ({"telefono": "1234"}, "telefono"),
            ({"telefono": "300-123-4567"}, "telefono"),
            ({"telefono": "1" * 26}, "telefono"),
            ({"fecha_ingreso": "2026-3-2"}, "fecha_ingreso"),
            ({"unidades": []}, "unidades"),
            ({"unidades": [ocupacion(apartamento=str(n)) for n in range(11)]}, "unidades"),
            ({"unidades": [ocupacion(tenencia="dueño")]}, "unidades.0.tenencia"),
            ({"condiciones": [{"codigo": "X", "persona": "titular"}]}, "condiciones.0.codigo"),
            ({"condiciones": [{"codigo": "discapacidad", "persona": "otro"}]}, "condiciones.0.persona"),
            ({"estado": "activo"}, "estado"),
            ({"cuenta": "activa"}, "cuenta"),
        ],
    )
    def test_refused(self, cambio: dict[str, Any], donde: str) -> None:
        assert list(errores(ResidentCreate, cuerpo_residente(**cambio))) == [donde]

    def test_the_same_flat_twice(self) -> None:
        unidades = [ocupacion(torre="A", apartamento="1  b"), ocupacion(torre="a", apartamento="1 B")]
        assert errores(ResidentCreate, cuerpo_residente(unidades=unidades)) == {"unidades": "repetido"}

    def test_the_same_condition_twice(self) -> None:
        condiciones = [{"codigo": "discapacidad", "persona": p} for p in ("titular", "convive")]
        assert errores(ResidentCreate, cuerpo_residente(condiciones=condiciones)) == {"condiciones": "repetido"}


class TestResidentUpdate:
    def test_absent_is_not_null(self) -> None:
        assert ResidentUpdate.model_validate({}).model_fields_set == set()

    @pytest.mark.parametrize(
        "campo", ["nombres", "apellidos", "tipo_documento", "numero_documento", "unidades", "estado"]
    )
    def test_not_nullable(self, campo: str) -> None:
        assert list(errores(ResidentUpdate, {campo: None})) == [campo]

    @pytest.mark.parametrize("campo", ["condiciones", "cuenta", "id"])
    def test_not_changed_here(self, campo: str) -> None:
        assert errores(ResidentUpdate, {campo: []}) == {campo: "extra_forbidden"}


class TestEnmascarar:
    @pytest.mark.parametrize(
        ("numero", "visto"), [("1020304050", "******4050"), ("12345", "***45"), ("12", "*2"), ("7", "*")]
    )
    def test_at_most_half_and_four(self, numero: str, visto: str) -> None:
        assert enmascarar(numero) == visto
