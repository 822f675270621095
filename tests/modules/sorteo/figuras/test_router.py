"""Figures over HTTP: who reads them, and that they can be counted again."""

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.core.security import Principal
from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.asignaciones.factories import aceptada
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.dobles import Suerte
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR

LLAMADA = {"es": "movilidad_reducida en español", "en": "movilidad_reducida in English"}


async def pedir(api: Api, quien: Principal | None = OPERADOR, **consulta: str) -> httpx.Response:
    return await api.pedir("GET", "/figuras", quien, params=consulta)


async def figuras(api: Api, **consulta: str) -> Any:
    respuesta = await pedir(api, OPERADOR, **consulta)
    assert respuesta.status_code == 200, respuesta.text
    return respuesta.json()


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    """Three spaces, of which one is kept for those with a right that nobody has: it is lent."""
    await api.casa.espacios("A-1", "A-2")
    await api.casa.espacios("R-1", reserva="movilidad_reducida")
    return await api.casa.publicado(12)


class TestFiguras:
    async def test_who(self, api: Api) -> None:
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert (await pedir(api, quien)).json() == {
                "desde": None,
                "hasta": None,
                "sorteos": [],
                "rachas": [],
                "mas_seguidas": [],
                "rotacion": [],
            }

    async def test_each_can_be_counted_again(self, api: Api, sorteo: Sorteo) -> None:
        filas = await api.casa.resultados(sorteo)
        ganaron = [fila for fila in filas if fila.espacio is not None]
        (de,) = (await figuras(api))["sorteos"]
        assert (de["solicitudes"], de["rechazadas"], de["participantes"], de["espacios"]) == (12, 0, 12, 3)
        assert de["demanda"] == [{"tipo": "carro", "torre": "1", "solicitudes": 12, "con_espacio": len(ganaron)}]
        assert de["por_tipo"] == [
            {
                **{"tipo": "carro", "reserva": None, "reserva_nombre": None},
                **{"espacios": 2, "con_derecho": 2, "prestados": 0},
            },
            {
                **{"tipo": "carro", "reserva": "movilidad_reducida", "reserva_nombre": LLAMADA},
                **{"espacios": 1, "con_derecho": 0, "prestados": 1},
            },
        ]
        assert de["niveles"] == [{"nivel": 5, "participantes": 12, "con_espacio": 3}]
        assert de["espera"] == {"al_publicar": 9, "recibieron": 0, "siguen": 9}
        assert de["aceptacion"] == {
            "aceptadas": 0,
            "declinadas": 0,
            "vencidas": 0,
            "sin_responder": 3,
            "horas": None,
        }
        assert (de["orden"]["participantes"], de["orden"]["grados"]) == (12, 1)

    async def test_time_to_accept(self, api: Api, sorteo: Sorteo) -> None:
        for horas, fila in zip((2, 6, 40), [f for f in await api.casa.resultados(sorteo) if f.espacio], strict=True):
            api.casa.reloj.poner((sorteo.publicado_en or sorteo.creado_en) + timedelta(hours=horas))
            await api.casa.solicitudes.filas.update_one({"_id": fila.solicitud_id}, {"$set": {"estado": "aceptada"}})
            suya = aceptada(fila.espacio or "", fila.solicitud_id, unidad_id=fila.unidad_id)
            await api.casa.registro.asignar(
                sorteo_id=sorteo.oid, desde=sorteo.vigencia.desde, hasta=sorteo.vigencia.hasta, aceptadas=[suya]
            )
        (de,) = (await figuras(api))["sorteos"]
        assert (de["aceptacion"]["aceptadas"], de["aceptacion"]["horas"]) == (3, 6.0)

    async def test_rehearsals_and_what_is_not_published_do_not_count(self, api: Api) -> None:
        await api.casa.espacios("A-1")
        abierto = await api.casa.abierto()
        await api.casa.ejecutado(3, ensayo=True)
        assert abierto.estado == "abierto"
        assert (await figuras(api))["sorteos"] == []

    async def test_the_days_both_included_by_the_clock_of_the_complex(self, api: Api, sorteo: Sorteo) -> None:
        assert sorteo.publicado_en is not None
        dia = sorteo.publicado_en.date()
        ayer, manana = dia - timedelta(days=1), dia + timedelta(days=1)
        for desde, hasta, cuantos in ((dia, dia, 1), (ayer, ayer, 0), (manana, manana, 0), (ayer, manana, 1)):
            dicho = await figuras(api, desde=str(desde), hasta=str(hasta))
            assert (len(dicho["sorteos"]), dicho["desde"], dicho["hasta"]) == (cuantos, str(desde), str(hasta))
        for orilla in ("0001-01-01", "9999-12-31"):
            assert (await pedir(api, desde=orilla)).status_code == (await pedir(api, hasta=orilla)).status_code == 200
        assert problema(await pedir(api, desde=str(manana), hasta=str(ayer))) == (422, "entrada_invalida")

    async def test_over_the_years(self, api: Api) -> None:
        """The same flats twice, for one space: who lost both times leads, and no flat is named."""
        await api.casa.espacios("A-1")
        unidades = [s.unidad_id for s in await api.casa.pedir(await api.casa.borrador(), 3)]
        for mes in ("07", "08"):
            vigencia = {"desde": f"2026-{mes}-01", "hasta": f"2026-{mes}-31"}
            abierto = await api.casa.abierto(vigencia=vigencia, espacios=["A-1"])
            for unidad in unidades:
                await api.casa.pedir(abierto, unidad_id=unidad)
            await api.casa.cierre.cerrar(abierto.oid)
            antes = api.casa.reloj.instante
            api.casa.reloj.poner(abierto.fuente_entropia.conocible_desde)
            await api.casa.ejecucion.ejecutar(abierto.oid, "4821 serie 072")
            await api.casa.publicacion.publicar(abierto.oid)
            api.casa.solicitudes.suertes += [
                Suerte(unidad, "carro", abierto.oid, ofrecida=False) for unidad in unidades
            ]
            api.casa.reloj.poner(antes)
        dicho = await figuras(api)
        primero, segundo = [s["sorteo_id"] for s in dicho["sorteos"]]
        ganadoras = {}
        for id in (primero, segundo):
            filas = await api.casa.r_resultados.find({"espacio": {"$ne": None}})
            ganadoras[id] = {f.unidad_id for f in filas if str(f.sorteo_id) == id}
        nuevas = len(ganadoras[segundo] - ganadoras[primero])
        assert dicho["rotacion"] == [{"sorteo_id": segundo, "tipo": "carro", "ganadoras": 1, "nuevas": nuevas}]
        perdieron_dos = len(set(unidades) - ganadoras[primero] - ganadoras[segundo])
        assert {r["seguidas"]: r["unidades"] for r in dicho["rachas"]}[2] == perdieron_dos
        assert dicho["mas_seguidas"][0]["seguidas"] == 2
        assert not [u for u in unidades if str(u) in str(dicho)]


class TestTablas:
    async def test_csv(self, api: Api, sorteo: Sorteo) -> None:
        respuesta = await pedir(api, formato="csv")
        filas = list(csv.reader(io.StringIO(respuesta.content.decode("utf-8-sig"))))
        assert filas[0] == ["sorteo", "medida", "grupo", "valor"]
        assert [sorteo.nombre, "participantes", "", "12"] in filas
        assert [sorteo.nombre, "con espacio por nivel", "5", "3"] in filas
        assert respuesta.headers["content-disposition"] == 'attachment; filename="figuras.csv"'

    async def test_xlsx(self, api: Api, sorteo: Sorteo) -> None:
        del sorteo
        respuesta = await pedir(api, formato="xlsx")
        assert zipfile.ZipFile(io.BytesIO(respuesta.content)).testzip() is None


class TestEnlaces:
    async def test_it_says_its_days_until_it_ends_and_nobody_else_makes_one(self, api: Api) -> None:
        enlaces = api.casa.enlaces
        pedido = {"desde": "2026-01-01", "hasta": None, "dias": 2}
        hecho = (await api.pedir("POST", "/figuras/enlaces", OPERADOR, pedido)).json()
        direccion, _, llave = hecho["url"].partition("?llave=")
        assert api.casa.bitacora.sucesos == [("figuras_enlazadas", {"dias": "2"})]
        assert direccion == "http://parknet.example.com/sorteo/figuras/ver"
        leido = enlaces.leer(llave)
        assert leido is not None
        assert (str(leido.desde), leido.hasta) == ("2026-01-01", None)
        for otra in ("", "x", llave[:-2], llave[:-2] + "AA", "ñ", "=" * 40):
            assert enlaces.leer(otra) is None
        api.casa.reloj.avanzar(days=2)
        assert enlaces.leer(llave) is None

    async def test_days_the_wrong_way_round(self, api: Api) -> None:
        pedido = {"desde": "2027-01-01", "hasta": "2026-01-01"}
        assert problema(await api.pedir("POST", "/figuras/enlaces", OPERADOR, pedido)) == (422, "entrada_invalida")
