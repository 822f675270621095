"""Who is paid up, from the accountant's file."""

from typing import Any

import pytest

from app.core.security import Principal, Rol
from tests.autenticador import principal
from tests.modules.residentes.conftest import Api
from tests.modules.residentes.factories import ADMIN, OPERADOR, ocupacion

CABECERA = "torre,apartamento,al_dia\n"


async def _subir(api: Api, texto: str, consulta: str = "", quien: Principal = ADMIN) -> tuple[int, dict[str, Any]]:
    respuesta = await api.cliente.post(
        f"/api/v1/residentes/paz-y-salvo{consulta}",
        content=texto.encode(),
        headers={"Content-Type": "text/csv", **api.como(quien)},
    )
    return respuesta.status_code, respuesta.json()


async def _al_dia(api: Api) -> dict[str, tuple[bool, str | None]]:
    unidades = (await api.pedir("GET", "/unidades")).json()["items"]
    return {u["apartamento"]: (u["al_dia"], u["al_dia_corte"]) for u in unidades}


@pytest.fixture
async def casas(api: Api) -> None:
    """Ten flats, of which `109` and `110` are in arrears."""
    for numero in range(101, 111):
        await api.casa.unidad(apartamento=str(numero), al_dia=numero < 109)


@pytest.mark.usefixtures("casas")
class TestPazYSalvo:
    async def test_only_what_the_file_names(self, api: Api) -> None:
        texto = CABECERA + "1,101,no\n1, 109 ,SÍ\n1,102,si\n9,901,no\n"
        hechas = {"cambiadas": 2, "sin_cambio": 1, "desconocidas": ["9 901"]}
        assert await _subir(api, texto, "?simular=true") == (200, hechas)
        assert (await _al_dia(api))["101"] == (True, None)
        assert await _subir(api, texto, "?corte=2026-02-28") == (200, hechas)
        ahora = await _al_dia(api)
        assert [ahora[n] for n in ("101", "102", "109")] == [
            (False, "2026-02-28"),
            (True, "2026-02-28"),
            (True, "2026-02-28"),
        ]
        assert (ahora["103"], ahora["110"]) == ((True, None), (False, None))
        assert await _subir(api, texto) == (200, hechas | {"cambiadas": 0, "sin_cambio": 3})

    async def test_those_in_arrears_and_nobody_else(self, api: Api) -> None:
        respuesta = await _subir(api, "torre,apartamento\n1,101\n1,110\n", "?modo=solo_morosos&corte=2026-02-28")
        assert respuesta == (200, {"cambiadas": 2, "sin_cambio": 8, "desconocidas": []})
        ahora = await _al_dia(api)
        assert {n for n, (al_dia, _) in ahora.items() if not al_dia} == {"101", "110"}
        assert {corte for _, corte in ahora.values()} == {"2026-02-28"}

    async def test_a_change_of_many_is_confirmed(self, api: Api) -> None:
        texto = CABECERA + "".join(f"1,{n},no\n" for n in range(101, 105))
        status, problema = await _subir(api, texto)
        assert (status, problema["codigo"], problema["datos"]) == (409, "cambio_masivo", {"cambiadas": 4, "total": 10})
        assert (await _al_dia(api))["101"] == (True, None)
        assert (await _subir(api, texto, "?simular=true"))[1]["cambiadas"] == 4
        assert (await _subir(api, texto, "?confirmar=true"))[1]["cambiadas"] == 4
        assert (await _al_dia(api))["104"] == (False, None)
        # Three of ten are not more than 30 %.
        assert (await _subir(api, CABECERA + "1,101,si\n1,102,si\n1,103,si\n"))[0] == 200

    @pytest.mark.parametrize(
        ("texto", "campo", "codigo"),
        [
            ("", "archivo", "columna_requerida"),
            ("torre,apartamento\n1,101\n", "archivo", "columna_requerida"),
            (CABECERA + "1,101,tal vez\n", "archivo.2.al_dia", "si_o_no"),
            (CABECERA + "1,101,\n", "archivo.2.al_dia", "si_o_no"),
            (CABECERA + "1,,no\n", "archivo.2.apartamento", "requerido"),
            (CABECERA + "1,101,no\n1,101,si\n", "archivo.3.apartamento", "repetido"),
            (CABECERA + "1,101,no,más\n", "archivo.2", "fila_desigual"),
        ],
    )
    async def test_one_wrong_row_and_nothing_is_done(self, api: Api, texto: str, campo: str, codigo: str) -> None:
        status, problema = await _subir(api, texto)
        assert (status, [(e["campo"], e["codigo"]) for e in problema["errores"]]) == (422, [(campo, codigo)])
        assert (await _al_dia(api))["101"] == (True, None)

    async def test_an_operador_does_not_decide_on_their_own_flat(self, api: Api) -> None:
        residente = await api.casa.residente(unidades=[ocupacion(apartamento="109")])
        propio = principal(Rol.operador, residente.id)
        status, problema = await _subir(api, CABECERA + "1,109,si\n", quien=propio)
        assert (status, problema["codigo"]) == (403, "conflicto_de_interes")
        assert await _subir(api, CABECERA + "1,110,si\n", quien=OPERADOR) == (
            200,
            {"cambiadas": 1, "sin_cambio": 0, "desconocidas": []},
        )
