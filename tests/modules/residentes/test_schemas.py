from typing import Any

import pytest

from app.modules.residentes.schemas import ResidentCreate, ResidentUpdate, enmascarar
from tests.modules.residentes.factories import cuerpo_residente, errores, ocupacion


class TestResidentCreate:
    def test_normalised(self) -> None:
        residente = ResidentCreate.model_validate(
            cuerpo_residente(numero_documento=" 1.020 304-a", email="Ana@Example.COM", telefono="+57 300 123 4567")
        )
        assert (residente.numero_documento, residente.email) == ("1020304A", "ana@example.com")
        assert residente.telefono == "+573001234567"

    @pytest.mark.parametrize("escrito", ["+57 (300) 123-45.67", "+57 300 123 4567", " +573001234567 "])
    def test_a_phone_has_one_spelling(self, escrito: str) -> None:
        assert ResidentCreate.model_validate(cuerpo_residente(telefono=escrito)).telefono == "+573001234567"

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
            ({"telefono": "300-123-ABCD"}, "telefono"),
            ({"telefono": "(1) 2-3.4"}, "telefono"),
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
