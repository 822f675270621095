"""Flats from a file: through HTTP, the real jobs, and the real server."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from app.core.acts.contract import fuera_del_acto
from app.core.http import uploads as subidas
from app.core.imports import engine as motor
from app.core.imports.engine import Importador
from app.core.jobs.files import ArchivoService
from app.core.jobs.repository import PiezaRepository, TrabajoRepository
from app.core.security import Rol
from app.modules.residentes.importacion.repository import UnidadesDeLote
from tests.autenticador import principal
from tests.modules.residentes.factories import ADMIN, ocupacion
from tests.modules.residentes.importacion.conftest import CABECERA, MEGA, Oficina


async def _piezas() -> int:
    """Pieces of files: what came in, and the sheets that imports leave for a day."""
    return await PiezaRepository().count({})


def _cuentas(trabajo: Mapping[str, Any]) -> tuple[int, ...]:
    """Rows that made, changed and left things, and that were refused."""
    return tuple(trabajo["resultado"][que] for que in ("creadas", "cambiadas", "sin_cambio", "rechazadas"))


class TestImportar:
    async def test_crea_cambia_y_deja_como_estaba(self, oficina: Oficina) -> None:
        await oficina.casa.unidad(torre="Torre 1", apartamento="101", al_dia=True, cupo=1)
        await oficina.casa.unidad(torre="Torre 1", apartamento="102", al_dia=False)
        await oficina.casa.unidad(torre=None, apartamento="103", cupo=2)
        trabajo = await oficina.importar(
            CABECERA + "torre 1, 101 ,no,\nTorre  1,102,NO,\n,103,,2\nTorre 2,201,Sí,3\n,202,,\n"
        )
        assert (trabajo["estado"], trabajo["hecho"], trabajo["total"], trabajo["errores"]) == ("hecho", 5, 5, 0)
        assert trabajo["resultado"].pop("archivo")["nombre"] == "importacion.csv"
        assert trabajo["resultado"] == {
            "tipo": "residentes_importar_unidades",
            "simulado": False,
            "creadas": 2,
            "cambiadas": 1,
            "sin_cambio": 2,
            "rechazadas": 0,
            "supuestos": 0,
            "unidades_creadas": 2,
            "residentes_creados": 0,
            "vehiculos_creados": 0,
            "ignoradas": {"total": 0, "lineas": []},
            "encabezado": {
                "linea": 1,
                "columnas": ["torre", "apartamento", "al_dia", "cupo"],
                "desconocidas": [],
            },
        }
        assert sorted(await oficina.unidades(), key=lambda u: u[1]) == [
            ("Torre 1", "101", False, 1),
            ("Torre 1", "102", False, None),
            (None, "103", True, 2),
            ("Torre 2", "201", True, 3),
            (None, "202", True, None),
        ]
        assert await _piezas() == 1

    async def test_otra_vez_no_cambia_nada(self, oficina: Oficina) -> None:
        texto = CABECERA + "".join(f"T,{n},si,\n" for n in range(10))
        await oficina.importar(texto)
        antes = await oficina.unidades()
        assert (await oficina.importar(texto))["resultado"]["sin_cambio"] == 10
        assert await oficina.unidades() == antes

    async def test_simular_dice_lo_mismo_y_no_cambia_nada(self, oficina: Oficina) -> None:
        await oficina.casa.unidad(torre="T", apartamento="1")
        antes = await oficina.unidades()
        texto = CABECERA + "T,1,no,\nT,2,si,\nT,3,quizá,\n"
        simulado = await oficina.importar(texto, consulta="?simular=true")
        assert await oficina.unidades() == antes
        real = await oficina.importar(texto)
        assert _cuentas(simulado) == _cuentas(real) == (1, 1, 0, 1)
        assert await oficina.errores(simulado) == await oficina.errores(real) == [("4", "al_dia", "si_o_no")]

    @pytest.mark.parametrize(
        "contenido",
        [
            "\ufeffTorre;Apartamento;Al día;Cupo\r\nA;1;x;\r\n".encode(),
            b"cupo,AL DIA,apartamento,torre\n,si,1,A",
            b'torre,apartamento\n"A","1"\n\n,,\n',
        ],
    )
    async def test_como_lo_escriben_las_hojas_de_calculo(self, contenido: bytes, oficina: Oficina) -> None:
        respuesta = await oficina.subir(contenido)
        assert respuesta.json()["resultado"]["creadas"] == 1, respuesta.text
        assert await oficina.unidades() == [("A", "1", True, None)]

    async def test_cada_fila_rechazada_con_su_linea_su_campo_y_su_razon(self, oficina: Oficina) -> None:
        filas = [
            "A,1,si,1",
            "A,,si,1",
            "A,2,quizá,-1",
            "A,3,si,99",
            f"{'x' * 41},4,,",
            "a,1,no,",
            'A,"5,si,1',
            "A,6,si,1,sobra",
            "A,7\x00,si,1",
            "A,8,no,0",
        ]
        trabajo = await oficina.importar(CABECERA + "\n".join(filas))
        assert (trabajo["estado"], trabajo["errores"]) == ("hecho", 9)
        assert trabajo["resultado"]["rechazadas"] == 8
        assert await oficina.errores(trabajo) == [
            ("3", "apartamento", "requerido"),
            ("4", "al_dia", "si_o_no"),
            ("4", "cupo", "numero_invalido"),
            ("5", "cupo", "fuera_de_rango"),
            ("6", "torre", "muy_largo"),
            ("7", "", "unidad_repetida"),
            ("8", "", "comillas_abiertas"),
            ("9", "", "fila_desigual"),
            ("10", "apartamento", "caracter_no_permitido"),
        ]
        assert await oficina.unidades() == [("A", "1", True, 1), ("A", "8", False, 0)]

    async def test_un_operador_no_decide_por_archivo_sobre_su_unidad(self, oficina: Oficina) -> None:
        await oficina.casa.unidad(torre="1", apartamento="101", al_dia=False)
        vecino = await oficina.casa.residente(unidades=[ocupacion("1", "101")])
        propio = principal(Rol.operador, vecino.id)
        texto = CABECERA + "1,101,si,\n1,102,si,\n"
        trabajo = await oficina.importar(texto, propio)
        assert await oficina.errores(trabajo, propio) == [("2", "", "conflicto_de_interes")]
        assert (await oficina.unidades())[0] == ("1", "101", False, None)
        assert (await oficina.importar(texto, ADMIN))["errores"] == 0

    async def test_lo_que_un_sorteo_lee_queda_anotado(self, oficina: Oficina) -> None:
        await oficina.casa.unidad(torre="1", apartamento="101")
        await oficina.casa.unidad(torre="1", apartamento="102")
        await oficina.importar(CABECERA + "1,101,no,\n1,102,,3\n")
        anotados = {u.apartamento: set(u.cambiados_en) for u in await oficina.casa.repo_unidades.find({})}
        assert anotados == {"101": {"al_dia"}, "102": set()}


class TestEntera:
    async def test_interrumpida_en_un_lote_sigue_donde_iba(
        self, oficina: Oficina, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        de_verdad = Importador._escribir
        lotes = 0

        async def con_caidas(self: Importador[Any], *que: Any) -> Any:
            nonlocal lotes
            lotes += 1
            hecho = await de_verdad(self, *que)
            if lotes in (2, 4):
                raise RuntimeError("se cayó después de escribir y antes de confirmar")
            return hecho

        monkeypatch.setattr(Importador, "_escribir", con_caidas)
        filas = [f"T,{n:02},{'mal' if n % 5 == 0 else 'si'}," for n in range(10)] + ["T,01,no,"]
        trabajo = await oficina.importar(CABECERA + "\n".join(filas))
        assert _cuentas(trabajo) == (8, 0, 0, 3)
        assert (trabajo["hecho"], trabajo["total"], trabajo["errores"]) == (11, 11, 3)
        assert len(await oficina.unidades()) == 8
        assert lotes == 4 + 2

    async def test_otra_persona_crea_la_misma_unidad_a_la_vez(
        self, oficina: Oficina, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        de_verdad = UnidadesDeLote.insert_rows
        veces = 0

        async def justo_antes(self: UnidadesDeLote, filas: Any) -> None:
            nonlocal veces
            veces += 1
            if veces == 1:
                de_otra = oficina.casa.unidad(torre="T", apartamento="1", al_dia=False)
                await asyncio.create_task(de_otra, context=contextvars.Context())
            await de_verdad(self, filas)

        monkeypatch.setattr(UnidadesDeLote, "insert_rows", justo_antes)
        trabajo = await oficina.importar(CABECERA + "T,1,si,\nT,2,si,\n")
        assert trabajo["estado"] == "hecho", trabajo
        assert (trabajo["resultado"]["creadas"], trabajo["resultado"]["cambiadas"]) == (1, 1)
        assert await oficina.unidades() == [("T", "1", True, None), ("T", "2", True, None)]

    async def test_mas_filas_de_las_que_caben(self, oficina: Oficina, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(motor, "MAXIMO_DE_FILAS", 4)
        assert (await oficina.importar(CABECERA + "T,1,,\n" * 4))["estado"] == "hecho"
        trabajo = await oficina.importar(CABECERA + "T,1,,\n" * 5)
        assert (trabajo["estado"], trabajo["resultado"]["codigo"]) == ("fallido", "demasiadas_filas")
        assert await _piezas() == 1

    async def test_sin_esperar_responde_202_con_el_trabajo(self, oficina: Oficina) -> None:
        respuesta = await oficina.subir(CABECERA.encode(), Prefer="")
        assert respuesta.status_code == 202
        assert respuesta.json()["estado"] in ("en_cola", "en_curso", "hecho")
        assert respuesta.headers["location"] == f"/api/v1/trabajos/{respuesta.json()['id']}"
        assert "preference-applied" not in respuesta.headers


class TestElArchivo:
    @pytest.mark.parametrize(
        ("contenido", "codigo"),
        [
            (b"", "columna_requerida"),
            (b"\n\n", "columna_requerida"),
            (b"torre\n", "columna_requerida"),
            (b"torre,apartamento,Torre\n", "columna_repetida"),
            (b'torre,"apartamento\n', "columna_requerida"),
            (b"torre,apartamento\nA,\x81\n", "archivo_ilegible"),
            (b"%PDF-1.7\n\x00\xff\xfe torre,apartamento", "archivo_ilegible"),
            (b"PK\x03\x04 no es un ZIP", "archivo_ilegible"),
        ],
    )
    async def test_lo_que_esta_mal_en_el_se_dice_enseguida(
        self, contenido: bytes, codigo: str, oficina: Oficina
    ) -> None:
        respuesta = await oficina.subir(contenido)
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("archivo", codigo)]
        assert await _piezas() == 0
        assert await TrabajoRepository().count({}) == 0

    async def test_como_formulario(self, oficina: Oficina) -> None:
        pedido = httpx.Request("POST", "http://x", files={"archivo": ("a.csv", b"torre,apartamento\nA,1\n", "x/y")})
        respuesta = await oficina.subir(pedido.read(), tipo=pedido.headers["content-type"])
        assert respuesta.status_code == 200, respuesta.text
        assert await oficina.unidades() == [("A", "1", True, None)]

    @pytest.mark.parametrize(
        ("archivos", "status", "codigo"),
        [
            ([("otro", b"x")], 422, "entrada_invalida"),
            ([("archivo", b"torre,apartamento\n"), ("archivo", b"y")], 400, "multipart_invalido"),
        ],
    )
    async def test_un_formulario_que_no_es_ese(
        self, archivos: list[tuple[str, bytes]], status: int, codigo: str, oficina: Oficina
    ) -> None:
        pedido = httpx.Request("POST", "http://x", files=[(n, ("a.csv", c)) for n, c in archivos])
        respuesta = await oficina.subir(pedido.read(), tipo=pedido.headers["content-type"])
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (status, codigo)
        assert await _piezas() == 0

    @pytest.mark.parametrize("corte", [0, 10, 60, -4])
    async def test_un_formulario_cortado(self, corte: int, oficina: Oficina) -> None:
        pedido = httpx.Request("POST", "http://x", files={"archivo": ("a.csv", b"torre,apartamento\nA,1\n")})
        respuesta = await oficina.subir(pedido.read()[:corte], tipo=pedido.headers["content-type"])
        assert respuesta.status_code in (400, 422)
        assert await _piezas() == 0

    @pytest.mark.parametrize(
        "tipo", ["", "application/json", "text/plain", "image/png", "text/csvx", "application/x-www-form-urlencoded"]
    )
    async def test_de_otro_tipo(self, tipo: str, oficina: Oficina) -> None:
        respuesta = await oficina.subir(CABECERA.encode(), tipo=tipo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (415, "tipo_no_admitido")

    @pytest.mark.parametrize("como_formulario", [False, True])
    async def test_demasiado_grande_aunque_llegue_a_trozos(
        self, como_formulario: bool, oficina: Oficina, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(subidas, "MAXIMO", MEGA)
        tipo, antes, despues = "text/csv", b"", b""
        if como_formulario:
            pedido = httpx.Request("POST", "http://x", files={"archivo": ("a.csv", b"@")})
            tipo = pedido.headers["content-type"]
            antes, despues = pedido.read().split(b"@")

        async def trozos(cuantos: int) -> AsyncIterator[bytes]:
            yield antes + b"torre,apartamento\n"
            for _ in range(cuantos):
                yield b"T,1\n" * (MEGA // 16)
            yield despues

        assert (await oficina.subir(trozos(3), tipo=tipo, Prefer="")).status_code == 202
        respuesta = await oficina.subir(trozos(4), tipo=tipo)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (413, "entrada_excesiva")
        assert respuesta.json()["datos"] == {"maximo": MEGA}

    @pytest.mark.usefixtures("oficina")
    async def test_quien_se_va_a_mitad_no_deja_nada(self) -> None:
        archivos = ArchivoService(PiezaRepository(), b"una clave de pruebas bastante larga")

        async def se_va() -> AsyncIterator[bytes]:
            yield b"x" * MEGA
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await archivos.guardar(contenido=se_va())
        assert await _piezas() == 0


async def test_cancelada_a_medias_deja_hechos_los_lotes_que_estaban(
    oficina: Oficina, monkeypatch: pytest.MonkeyPatch
) -> None:
    de_verdad = Importador._lote
    trabajos = TrabajoRepository()

    async def cancelando(self: Importador[Any], contexto: Any, *que: Any) -> Any:
        hecho = await de_verdad(self, contexto, *que)
        with fuera_del_acto():
            await trabajos.pedir_cancelar(contexto.trabajo_id)
        return hecho

    monkeypatch.setattr(Importador, "_lote", cancelando)
    trabajo = await oficina.importar(CABECERA + "".join(f"T,{n},,\n" for n in range(9)))
    assert (trabajo["estado"], trabajo["hecho"], trabajo["total"]) == ("cancelado", 3, 9)
    assert len(await oficina.unidades()) == 3
    assert await _piezas() == 0
