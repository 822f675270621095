"""`/sorteo/espacios` over HTTP, on the real server."""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.espacios.repository import EspacioRepository
from tests.modules.sorteo.espacios.conftest import DESDE, HASTA, UNIDAD, como, espacio, ocupacion, titular

RUTA = "/api/v1/sorteo/espacios"
NUEVO: dict[str, Any] = {"codigo": "A-01", "tipo": "carro"}
DERECHO = {"unidad_id": str(UNIDAD), "motivo": "Escritura", "desde": "2026-07-01", "hasta": "2026-12-31"}


def errores(respuesta: httpx.Response) -> list[tuple[str, str]]:
    assert respuesta.status_code == 422, respuesta.text
    return [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]]


class TestPermisos:
    async def test_operador_y_titular(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(titular=titular()))
        for peticion in (
            cliente.post(RUTA, json={"codigo": "A-02", "tipo": "carro", "titular": DERECHO}, headers=como("operador")),
            cliente.patch(f"{RUTA}/A-01", json={"titular": None}, headers=como("operador")),
        ):
            respuesta = await peticion
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")


class TestCrear:
    async def test_con_lo_minimo(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post(RUTA, json=NUEVO, headers=como("operador"))
        assert respuesta.status_code == 201
        cuerpo = respuesta.json()
        assert cuerpo.pop("id") == "A-01"
        assert cuerpo == {
            **NUEVO,
            "reserva": None,
            "zona": None,
            "uso": "residentes",
            "activo": True,
            "con_titular": False,
            "titular": None,
            "tenencia": None,
        }
        assert respuesta.headers["Location"] == f"{RUTA}/A-01"

    async def test_entero(self, cliente: httpx.AsyncClient) -> None:
        entero = {
            "codigo": " Sótano 1 #7%? ",
            "tipo": "carro",
            "reserva": "movilidad",
            "zona": "Sótano",
            "uso": "servicio",
            "activo": False,
            "titular": DERECHO,
        }
        respuesta = await cliente.post(RUTA, json=entero)
        assert respuesta.status_code == 201
        nuevo = {
            **entero,
            "id": respuesta.json()["id"],
            "codigo": "Sótano 1 #7%?",
            "con_titular": True,
            "tenencia": None,
        }
        assert respuesta.json() == nuevo
        assert respuesta.headers["Location"] == f"{RUTA}/S%C3%B3tano%201%20%237%25%3F"
        assert (await cliente.get(respuesta.headers["Location"])).json() == respuesta.json()

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"codigo": ""}, ("codigo", "muy_corto")),
            ({"codigo": "x" * 33}, ("codigo", "muy_largo")),
            ({"codigo": "A/1"}, ("codigo", "caracter_no_permitido")),
            ({"codigo": "A\u200b1"}, ("codigo", "caracter_no_permitido")),
            ({"codigo": "A\u00001"}, ("codigo", "caracter_no_permitido")),
            ({"codigo": "importar"}, ("codigo", "codigo_reservado")),
            ({"codigo": "resumen"}, ("codigo", "codigo_reservado")),
            ({"codigo": " exportar "}, ("codigo", "codigo_reservado")),
            ({"codigo": ".."}, ("codigo", "codigo_reservado")),
            ({"codigo": 7}, ("codigo", "tipo_invalido")),
            ({"tipo": "Carro"}, ("tipo", "forma_invalida")),
            ({"reserva": "x"}, ("reserva", "muy_corto")),
            ({"zona": ""}, ("zona", "muy_corto")),
            ({"zona": "z" * 61}, ("zona", "muy_largo")),
            ({"uso": "otro"}, ("uso", "valor_no_admitido")),
            ({"activo": 1}, ("activo", "tipo_invalido")),
            ({"activo": None}, ("activo", "tipo_invalido")),
            ({"secreto": 1}, ("", "campo_desconocido")),
            ({"titular": {**DERECHO, "desde": "2027-01-01"}}, ("titular", "fechas_al_reves")),
            ({"titular": {**DERECHO, "desde": "2026-02-30"}}, ("titular.desde", "fecha_invalida")),
            ({"titular": {**DERECHO, "unidad_id": "f" * 24}}, ("titular.unidad_id", "no_existe")),
            ({"titular": {**DERECHO, "unidad_id": "z"}}, ("titular.unidad_id", "id_invalido")),
            ({"titular": {**DERECHO, "motivo": " "}}, ("titular.motivo", "muy_corto")),
            ({"reserva": "desconocida"}, ("reserva", "no_existe")),
        ],
    )
    async def test_lo_que_no_se_admite(
        self, cliente: httpx.AsyncClient, cambio: dict[str, Any], error: tuple[str, str]
    ) -> None:
        assert errores(await cliente.post(RUTA, json=NUEVO | cambio)) == [error]

    async def test_a_la_vez_solo_uno(self, cliente: httpx.AsyncClient) -> None:
        respuestas = await asyncio.gather(*(cliente.post(RUTA, json=NUEVO) for _ in range(5)))
        assert sorted(r.status_code for r in respuestas) == [201, 409, 409, 409, 409]
        assert {r.json()["codigo"] for r in respuestas if r.status_code == 409} == {"espacio_duplicado"}


class TestVer:
    async def test_no_existe(self, cliente: httpx.AsyncClient) -> None:
        for codigo in ("Z-99", "x" * 500, "%00", "%ED%A0%80"):
            assert (await cliente.get(f"{RUTA}/{codigo}")).status_code == 404

    async def test_como_se_escriba(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        """One name, composed or not: stored in NFC, found in NFD."""
        await repositorio.insert(espacio("S\u00f3tano-1"))
        for escrito in ("S\u00f3tano-1", "So\u0301tano-1"):
            assert (await cliente.get(f"{RUTA}/{quote(escrito)}")).status_code == 200

    @pytest.mark.parametrize(
        ("rol", "completo"), [("admin", True), ("auditor", True), ("operador", False), ("residente", False)]
    )
    async def test_titular_segun_quien(
        self, cliente: httpx.AsyncClient, repositorio: EspacioRepository, rol: str, completo: bool
    ) -> None:
        await repositorio.insert_many([espacio("A-01"), espacio("A-02", titular=titular())])
        sin, con = [(await cliente.get(f"{RUTA}/{c}", headers=como(rol))).json() for c in ("A-01", "A-02")]
        assert (sin["con_titular"], sin["titular"]) == (False, None)
        assert (con["con_titular"], con["titular"]) == (True, DERECHO if completo else None)
        items = (await cliente.get(RUTA, headers=como(rol))).json()["items"]
        assert items == [sin, con]


class TestListar:
    async def test_filtros(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert_many(
            [
                espacio("A-01", tipo="moto", zona="Sótano 1"),
                espacio("A-02", reserva="movilidad", zona="Sótano 1"),
                espacio("A-03", uso="visitantes"),
                espacio("A-04", activo=False),
            ]
        )
        for consulta, codigos in (
            ({}, ["A-01", "A-02", "A-03", "A-04"]),
            ({"tipo": "moto"}, ["A-01"]),
            ({"reserva": "movilidad"}, ["A-02"]),
            ({"zona": "Sótano 1"}, ["A-01", "A-02"]),
            ({"uso": "visitantes"}, ["A-03"]),
            ({"activo": "false"}, ["A-04"]),
            ({"activo": "true", "tipo": "carro"}, ["A-02", "A-03"]),
            ({"orden": "-codigo"}, ["A-04", "A-03", "A-02", "A-01"]),
        ):
            cuerpo = (await cliente.get(RUTA, params=consulta)).json()
            assert [e["codigo"] for e in cuerpo["items"]] == codigos, consulta
            assert set(cuerpo) == {"items", "siguiente"}

    async def test_en_orden_natural(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        """By the value of figures, page by page and in files; of two codes that say the same, none is left out."""
        codigos = ["M-1", "P-2", "P-02", "p-3", "P-10", "P-10B", "P-101", "Sótano 1 #9", "Sótano 1 #10"]
        await repositorio.insert_many([espacio(codigo) for codigo in ("P-2", *sorted(set(codigos) - {"P-2"}))])
        for orden, esperados in (("codigo", codigos), ("-codigo", codigos[::-1])):
            vistos: list[str] = []
            cursor: str | None = None
            while cursor is not None or not vistos:
                consulta = {"orden": orden, "limite": "2"} | ({} if cursor is None else {"cursor": cursor})
                pagina = (await cliente.get(RUTA, params=consulta)).json()
                vistos += [e["codigo"] for e in pagina["items"]]
                cursor = pagina["siguiente"]
            assert vistos == esperados
        archivo = (await cliente.get(f"{RUTA}/exportar")).text.splitlines()
        assert [linea.split(",")[0] for linea in archivo[1:]] == codigos

    @pytest.mark.parametrize(
        ("consulta", "error"),
        [
            ({"tipo": "Carro"}, ("tipo", "forma_invalida")),
            ({"uso": "otro"}, ("uso", "valor_no_admitido")),
            ({"activo": "quizá"}, ("activo", "tipo_invalido")),
            ({"orden": "zona"}, ("orden", "orden_invalido")),
            ({"limite": "0"}, ("limite", "fuera_de_rango")),
        ],
    )
    async def test_consulta_invalida(
        self, cliente: httpx.AsyncClient, consulta: dict[str, str], error: tuple[str, str]
    ) -> None:
        assert errores(await cliente.get(RUTA, params=consulta)) == [error]

    async def test_paginas(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert_many([espacio(f"A-{n}") for n in range(5)])
        primera = await cliente.get(RUTA, params={"limite": 3, "contar": "true", "tipo": "carro"})
        assert primera.json()["total"] == 5
        enlace, _, rel = primera.headers["Link"].partition("; ")
        assert rel == 'rel="next"'
        segunda = await cliente.get(enlace.strip("<>"))
        assert [e["codigo"] for e in segunda.json()["items"]] == ["A-3", "A-4"]
        assert segunda.json()["siguiente"] is None
        assert "Link" not in segunda.headers


class TestExportar:
    async def test_por_codigo_con_los_filtros_de_la_lista(
        self, cliente: httpx.AsyncClient, repositorio: EspacioRepository
    ) -> None:
        await repositorio.insert_many(
            [espacio("A-02", reserva="movilidad", zona="=1+1"), espacio("A-01", activo=False)]
        )
        respuesta = await cliente.get(f"{RUTA}/exportar")
        assert respuesta.headers["content-disposition"] == 'attachment; filename="espacios.csv"'
        assert respuesta.content.decode("utf-8-sig").splitlines() == [
            "codigo,tipo,reserva,zona,uso,activo",
            "A-01,carro,,,residentes,no",
            "A-02,carro,movilidad,'=1+1,residentes,sí",
        ]
        activos = await cliente.get(f"{RUTA}/exportar?activo=true", headers={"Accept-Language": "es"})
        assert activos.content.decode("utf-8-sig").splitlines()[1:] == ["A-02;carro;movilidad;'=1+1;residentes;sí"]
        hoja = await cliente.get(f"{RUTA}/exportar?formato=xlsx")
        assert hoja.content.startswith(b"PK")

    async def test_todos_aunque_sean_mas_que_una_pagina(
        self, cliente: httpx.AsyncClient, repositorio: EspacioRepository
    ) -> None:
        await repositorio.insert_many([espacio(f"Z-{n:03}") for n in range(401)])
        lineas = (await cliente.get(f"{RUTA}/exportar")).content.decode("utf-8-sig").splitlines()
        assert [linea.split(",")[0] for linea in lineas[1:]] == [f"Z-{n:03}" for n in range(401)]


class TestCambiar:
    async def test_cambia(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(zona="Sótano"))
        respuesta = await cliente.patch(f"{RUTA}/A-01", json={"tipo": "moto", "titular": DERECHO})
        assert respuesta.status_code == 200
        cuerpo = respuesta.json()
        assert (cuerpo["tipo"], cuerpo["zona"], cuerpo["titular"]) == ("moto", "Sótano", DERECHO)
        assert (await cliente.get(f"{RUTA}/A-01")).json() == cuerpo

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"codigo": "A-02"}, ("", "campo_desconocido")),
            ({"tipo": None}, ("tipo", "tipo_invalido")),
            ({"uso": None}, ("uso", "valor_no_admitido")),
            ({"activo": None}, ("activo", "tipo_invalido")),
            ({"titular": {"motivo": None}}, ("titular.motivo", "tipo_invalido")),
        ],
    )
    async def test_lo_que_no_se_admite(
        self,
        cliente: httpx.AsyncClient,
        repositorio: EspacioRepository,
        cambio: dict[str, Any],
        error: tuple[str, str],
    ) -> None:
        await repositorio.insert(espacio())
        assert errores(await cliente.patch(f"{RUTA}/A-01", json=cambio)) == [error]

    async def test_no_existe(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.patch(f"{RUTA}/A-01", json={"zona": None})).status_code == 404

    @pytest.mark.parametrize(
        ("tipo", "cambio", "codigo"),
        [("sorteo", {"zona": "X"}, "espacio_en_sorteo"), ("solicitud", {"titular": DERECHO}, "espacio_ocupado")],
    )
    async def test_conflictos(
        self,
        cliente: httpx.AsyncClient,
        repositorio: EspacioRepository,
        tipo: Any,
        cambio: dict[str, Any],
        codigo: str,
    ) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion(tipo)]))
        respuesta = await cliente.patch(f"{RUTA}/A-01", json=cambio)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, codigo)

    async def test_titular_contra_un_sorteo_que_abre(
        self, cliente: httpx.AsyncClient, repositorio: EspacioRepository
    ) -> None:
        """A right for some days and a draw over the same days: whichever comes first, never both."""
        await repositorio.insert_many([espacio(f"A-{n}") for n in range(8)])
        sorteo = PydanticObjectId()
        *cambios, tomados = await asyncio.gather(
            *(cliente.patch(f"{RUTA}/A-{n}", json={"titular": DERECHO}) for n in range(8)),
            repositorio.comprometer(sorteo_id=sorteo, codigos=None, desde=DESDE, hasta=HASTA),
        )
        hechos = [r.status_code for r in cambios if isinstance(r, httpx.Response)]
        assert hechos.count(200) + int(str(tomados)) == 8
        assert set(hechos) <= {200, 409}
        for uno in await repositorio.find({}):
            assert (uno.titular is None) is bool(uno.ocupaciones)


class TestBorrar:
    async def test_borra(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        respuesta = await cliente.delete(f"{RUTA}/A-01", headers=como("operador"))
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        assert (await cliente.delete(f"{RUTA}/A-01")).status_code == 404

    async def test_una_vez_sorteado_nunca(self, cliente: httpx.AsyncClient, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(sorteado=True))
        respuesta = await cliente.delete(f"{RUTA}/A-01")
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "espacio_en_sorteo")
