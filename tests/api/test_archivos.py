"""Every table that is taken out: as spreadsheets expect it, safe against formulas, in pieces; and whichever can be
brought in again changes nothing."""

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from python_calamine import CalamineWorkbook

from app.core import clock
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import V1, Mundo, construir, persona
from tests.api.operaciones import OPERACIONES

SE_IMPORTAN = {
    "residentes_exportar_residentes": "/residentes/importar",
    "residentes_exportar_unidades": "/residentes/unidades/importar",
    "sorteo_exportar_espacios": "/sorteo/espacios/importar",
    "solicitudes_exportar_solicitudes": "/solicitudes/importar?sorteo_id=@abierto",
}
SOLO_SALEN = {"sorteo_exportar_asignaciones", "sorteo_exportar_resultados"}
COMO_LINEAS = {"auditoria_exportar_auditoria"}
"""JSON of the audit, which is no table."""
MALA = "=Ana"
TIPOS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
INSTANTE = re.compile(r"\d{4}-\d\d-\d\dT\d")
LO_QUE_HAY = ("unidades", "vehiculos", "residentes", "espacios", "solicitudes", "solicitudes_movimientos", "avisos")


@pytest.fixture(scope="module")
async def oficina(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Aplicacion, Mundo]]:
    """An application that does its jobs, and a world with what is hard to write in a table."""
    base, datos = "pruebas_archivos", tmp_path_factory.mktemp("datos")
    await cliente_mongo.drop_database(base)
    async with aplicacion_en(base, servidor, cliente_mongo, datos, trabajos=1) as aplicacion:
        clock.usar_fuente(lambda: aplicacion.reloj.instante)
        mundo = await construir(aplicacion.cliente, aplicacion.reloj)
        await _enredar(mundo)
        yield aplicacion, mundo
        clock.usar_fuente(None)
    await cliente_mongo.drop_database(base)


async def _enredar(mundo: Mundo) -> None:
    """Names that are formulas, cells with both separators, a bicycle without a plate, a request that was cancelled."""
    await mundo.pedir("PATCH", f"/residentes/{mundo.ana.id}", json={"nombres": MALA, "apellidos": "Núñez; de “la Hoz”"})
    for espacio in (
        {"codigo": "Z-1", "tipo": "carro", "zona": "=1+1", "reserva": "adulto_mayor"},
        {"codigo": "Z-2", "tipo": "bicicleta", "zona": "Sótano; 2,5"},
        {"codigo": "Z-3", "tipo": "moto", "activo": False},
    ):
        await mundo.pedir("POST", "/sorteo/espacios", json=espacio)
    vehiculos: list[dict[str, Any]] = [
        {"tipo": "bicicleta"},
        {"tipo": "carro", "placa": "CCC103", "electrico": True},
        {"tipo": "moto", "placa": "DDD10E"},
    ]
    unidad = await mundo.pedir(
        "POST",
        "/residentes/unidades",
        json={"torre": "Torre 1", "apartamento": "0103", "vehiculos": vehiculos, "al_dia": False, "cupo": 3},
    )
    await mundo.pedir("POST", "/residentes", json=persona("Eva", "0001003", "0103") | {"telefono": "+573001112233"})
    campos = {"espacios": ["Z-1", "Z-2"], "max_por_unidad": 2, "exige_al_dia": False}
    mundo.abierto = await mundo.sortear("De todo", **campos)
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/abrir")
    bicicleta, carro, _ = (vehiculo["id"] for vehiculo in unidad["vehiculos"])
    for vehiculo in (carro, bicicleta):
        cuerpo = {"sorteo_id": mundo.abierto, "unidad_id": unidad["id"], "vehiculo_id": vehiculo}
        pedida = await mundo.pedir("POST", "/solicitudes", json=cuerpo)
        if vehiculo == carro:
            await mundo.pedir("PATCH", f"/solicitudes/{pedida['id']}/estado", json={"estado": "cancelada"})


async def _sacar(nombre: str, mundo: Mundo, formato: str, idioma: str) -> bytes:
    cabeceras = {**mundo.quien["operador"], "Accept-Language": idioma}
    consulta = {"formato": formato}
    if nombre == "solicitudes_exportar_solicitudes":
        consulta["sorteo_id"] = mundo.abierto
    respuesta = await mundo.cliente.get(OPERACIONES[nombre].camino(mundo), params=consulta, headers=cabeceras)
    assert respuesta.status_code == 200, respuesta.text
    assert respuesta.headers["content-type"].split(";")[0] == TIPOS[formato]
    assert respuesta.headers["content-disposition"].endswith(f'.{formato}"')
    # Its length is known to nobody while it is sent.
    assert "content-length" not in respuesta.headers
    return respuesta.content


def _leer(archivo: bytes, formato: str, separador: str) -> list[list[str]]:
    if formato == "xlsx":
        filas = CalamineWorkbook.from_filelike(io.BytesIO(archivo)).get_sheet_by_index(0).to_python()
        return [[str(celda) for celda in fila] for fila in filas]
    assert archivo.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(archivo.decode("utf-8-sig"), newline=""), delimiter=separador))


async def _meter(mundo: Mundo, ruta: str, archivo: bytes, formato: str) -> Mapping[str, Any]:
    cabeceras = {**mundo.quien["operador"], "Content-Type": TIPOS[formato], "Prefer": "wait=20"}
    respuesta = await mundo.cliente.post(
        V1 + ruta.replace("@abierto", mundo.abierto), content=archivo, headers=cabeceras
    )
    assert respuesta.is_success, respuesta.text
    trabajo: Mapping[str, Any] = respuesta.json()
    while trabajo["estado"] in ("en_cola", "en_curso"):
        cabeceras = {**mundo.quien["operador"], "Prefer": "wait=20"}
        trabajo = (await mundo.cliente.get(f"{V1}/trabajos/{trabajo['id']}", headers=cabeceras)).json()
    return trabajo


async def _lo_que_hay(aplicacion: Aplicacion) -> Mapping[str, str]:
    dicho = await aplicacion.base.command({"dbHash": 1, "collections": list(LO_QUE_HAY)})
    return dict(dicho["collections"])


def test_no_falta_ninguno() -> None:
    """A new one stands here, or nobody knows whether it can be brought in again."""
    exportan = {nombre for nombre, operacion in OPERACIONES.items() if operacion.ruta.endswith("/exportar")}
    assert exportan == set(SE_IMPORTAN) | SOLO_SALEN | COMO_LINEAS


@pytest.mark.parametrize(("idioma", "separador"), [("es-CO", ";"), ("en", ",")])
@pytest.mark.parametrize("formato", TIPOS)
@pytest.mark.parametrize("nombre", [*SE_IMPORTAN, *sorted(SOLO_SALEN)])
async def test_lo_que_se_saca(
    nombre: str, formato: str, idioma: str, separador: str, oficina: tuple[Aplicacion, Mundo]
) -> None:
    aplicacion, mundo = oficina
    aplicacion.base_propia()
    archivo = await _sacar(nombre, mundo, formato, idioma)
    titulos, *filas = _leer(archivo, formato, separador)
    assert all(titulos)
    assert len(filas) >= 2
    assert {len(fila) for fila in filas} == {len(titulos)}
    # Instants are written as everywhere else.
    instantes = [celda for fila in filas for celda in fila if INSTANTE.match(celda)]
    assert all(celda.endswith("Z") and len(celda) == len("2026-12-01T17:00:00.000Z") for celda in instantes)
    assert bool(instantes) is ("creado_en" in titulos)
    if formato == "csv":
        # A spreadsheet reckons what begins so.
        assert not [celda for fila in filas for celda in fila if celda.startswith(tuple("=+-@\t\r"))]
    else:
        with zipfile.ZipFile(io.BytesIO(archivo)) as libro:
            assert not [n for n in libro.namelist() if n.startswith("xl/worksheets/") and b"<f>" in libro.read(n)]


@pytest.mark.parametrize(("idioma", "separador"), [("es-CO", ";"), ("en", ",")])
@pytest.mark.parametrize("formato", TIPOS)
@pytest.mark.parametrize("nombre", SE_IMPORTAN)
async def test_traido_otra_vez_no_cambia_nada(
    nombre: str, formato: str, idioma: str, separador: str, oficina: tuple[Aplicacion, Mundo]
) -> None:
    aplicacion, mundo = oficina
    aplicacion.base_propia()
    antes = await _lo_que_hay(aplicacion)
    archivo = await _sacar(nombre, mundo, formato, idioma)
    filas = len(_leer(archivo, formato, separador)) - 1
    trabajo = await _meter(mundo, SE_IMPORTAN[nombre], archivo, formato)
    assert trabajo["estado"] == "hecho", trabajo
    resultado = trabajo["resultado"]
    cuentas = {que: resultado[que] for que in ("creadas", "cambiadas", "sin_cambio", "rechazadas", "supuestos")}
    errores = (await mundo.cliente.get(f"{V1}/trabajos/{trabajo['id']}/errores", headers=mundo.quien["operador"])).text
    assert cuentas == {"creadas": 0, "cambiadas": 0, "sin_cambio": filas, "rechazadas": 0, "supuestos": 0}, errores
    assert await _lo_que_hay(aplicacion) == antes


async def test_solicitudes_de_un_archivo(oficina: tuple[Aplicacion, Mundo]) -> None:
    """As they are handed in for people at the counter, by the application as it is wired; the same file twice changes
    nothing more."""
    aplicacion, mundo = oficina
    aplicacion.base_propia()
    filas = "Torre;Apto;Placa\nTorre 1;0103;ccc-103\nTorre 1;102;BBB102\nTorre 1;101;¿?\nTorre 9;1;AAA111\n"
    dichas = []
    for consulta in ("&simular=true", "", ""):
        trabajo = await _meter(mundo, f"/solicitudes/importar?sorteo_id=@abierto{consulta}", filas.encode(), "csv")
        resultado = trabajo["resultado"]
        dichas.append([resultado[que] for que in ("creadas", "sin_cambio", "rechazadas")])
        lugar = f"{V1}/trabajos/{trabajo['id']}/errores"
        errores = (await mundo.cliente.get(lugar, headers=mundo.quien["operador"])).text.splitlines()[1:]
        assert [error.rsplit(",", 1)[0] for error in errores] == [
            "4,placa,placa_invalida",
            "5,apartamento,unidad_desconocida",
        ]
    assert dichas == [[2, 0, 2], [2, 0, 2], [0, 2, 2]]
