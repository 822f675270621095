"""`/trabajos/{id}` over HTTP: who sees what, how it is written, what it refused, what it made."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.jobs.contract import Contexto, EstadoTrabajo, Rechazo
from app.core.jobs.files import VIDA
from app.core.jobs.repository import PiezaRepository
from app.core.jobs.router import router
from app.core.jobs.service import SE_GUARDA
from app.core.security import Rol
from app.shared.exceptions import NoEncontrado
from tests.conftest import Abrir, Reloj
from tests.core.jobs.conftest import Taller, alguien
from tests.core.jobs.dobles import FakeAutenticador, como, en_un_socket, eventos

V1 = "/api/v1/trabajos"


def _autenticador(taller: Taller) -> FakeAutenticador:
    return FakeAutenticador(
        dueno=taller.quien,
        otro=alguien(),
        llave=alguien(usuario_id=taller.quien.usuario_id, sesion_id=None, llave_id=PydanticObjectId()),
        depuesto=alguien(Rol.residente, usuario_id=taller.quien.usuario_id),
        residente=alguien(Rol.residente),
        admin=alguien(Rol.admin),
        auditor=alguien(Rol.auditor),
    )


@pytest.fixture
async def cliente(taller: Taller, abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router], trabajos=taller.servicio, autenticador=_autenticador(taller))


async def _nada(_: Contexto) -> None:
    return None


class TestQuien:
    @pytest.mark.parametrize("que", ["", "/progreso", "/errores", "/archivo"])
    @pytest.mark.parametrize("quien", ["otro", "llave", "depuesto", "residente"])
    async def test_lo_de_otro_no_existe(self, quien: str, que: str, taller: Taller, cliente: httpx.AsyncClient) -> None:
        id = await taller.encolar()
        ajeno = await cliente.get(f"{V1}/{id}{que}", headers=como(quien))
        ausente = await cliente.get(f"{V1}/{PydanticObjectId()}{que}", headers=como(quien))
        assert (ajeno.status_code, ajeno.json()["codigo"]) == (404, "no_encontrado")
        assert ajeno.json()["detail"] == ausente.json()["detail"]

    async def test_admin_y_auditor_ven_los_de_todos(self, taller: Taller, cliente: httpx.AsyncClient) -> None:
        id = await taller.encolar()
        for quien in ("dueno", "admin", "auditor"):
            assert (await cliente.get(f"{V1}/{id}", headers=como(quien))).json()["id"] == str(id)
            assert (await cliente.get(f"{V1}/{id}/errores", headers=como(quien))).status_code == 200

    @pytest.mark.parametrize(("quien", "status"), [("otro", 404), ("residente", 404), ("auditor", 404), ("admin", 204)])
    async def test_cancela_quien_lo_pidio_y_el_admin(
        self, quien: str, status: int, taller: Taller, cliente: httpx.AsyncClient
    ) -> None:
        id = await taller.encolar()
        assert (await cliente.delete(f"{V1}/{id}", headers=como(quien))).status_code == status
        esperado = EstadoTrabajo.cancelado if status == 204 else EstadoTrabajo.en_cola
        assert (await taller.ver(id)).estado is esperado

    async def test_el_archivo_es_de_quien_lo_pidio_y_de_nadie_mas(
        self, taller: Taller, cliente: httpx.AsyncClient
    ) -> None:
        async def hacer(contexto: Contexto) -> None:
            await contexto.entregar(nombre="cartas de mayo.pdf", tipo="application/pdf", contenido=b"%PDF secreto")

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
        for quien in ("admin", "auditor", "otro", "llave", "depuesto"):
            assert (await cliente.get(f"{V1}/{id}/archivo", headers=como(quien))).status_code == 404
        bajado = await cliente.get(f"{V1}/{id}/archivo", headers=como("dueno"))
        assert (bajado.content, bajado.headers["content-type"]) == (b"%PDF secreto", "application/pdf")
        assert bajado.headers["content-disposition"] == "attachment; filename*=UTF-8''cartas%20de%20mayo.pdf"
        assert bajado.headers["cache-control"] == "no-store"


class TestVer:
    async def test_los_campos_son_los_del_contrato(self, taller: Taller, cliente: httpx.AsyncClient) -> None:
        id = await taller.encolar()
        assert (await cliente.get(f"{V1}/{id}", headers=como("dueno"))).json() == {
            "id": str(id),
            "tipo": "prueba",
            "estado": "en_cola",
            "hecho": 0,
            "total": None,
            "errores": 0,
            "resultado": None,
        }

    async def test_se_puede_esperar_a_que_termine(self, taller: Taller, cliente: httpx.AsyncClient) -> None:
        id = await taller.encolar()
        prefiere = como("dueno", Prefer="wait=1")
        a_medias = await cliente.get(f"{V1}/{id}", headers=prefiere)
        assert (a_medias.json()["estado"], a_medias.headers["preference-applied"]) == ("en_cola", "wait=1")
        async with taller.trabajador(prueba=_nada):
            assert (await cliente.get(f"{V1}/{id}", headers=prefiere)).json()["estado"] == "hecho"

    async def test_en_una_transaccion_no_se_espera(self, taller: Taller) -> None:
        id = await taller.encolar()
        inicio = asyncio.get_running_loop().time()
        await taller.uow.run(lambda: taller.servicio.esperar(trabajo_id=id, segundos=30))
        assert asyncio.get_running_loop().time() - inicio < 15

    async def test_de_uno_que_fallo_se_dice_por_que_en_la_lengua_de_quien_lee(
        self, taller: Taller, cliente: httpx.AsyncClient
    ) -> None:
        async def hacer(_: Contexto) -> None:
            raise NoEncontrado

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
        textos = []
        for lengua in ("es", "en"):
            respuesta = await cliente.get(f"{V1}/{id}", headers=como("dueno", **{"Accept-Language": lengua}))
            visto = respuesta.json()
            assert (visto["estado"], visto["resultado"]["codigo"]) == ("fallido", "no_encontrado")
            assert visto["resultado"]["status"] == 404
            textos.append(visto["resultado"]["detail"])
        assert textos[0] != textos[1]

    async def test_cancelar_dos_veces_es_lo_mismo_y_uno_terminado_ya_no_se_puede(
        self, taller: Taller, cliente: httpx.AsyncClient
    ) -> None:
        id = await taller.encolar()
        for _ in range(2):
            assert (await cliente.delete(f"{V1}/{id}", headers=como("dueno"))).status_code == 204
        async with taller.trabajador(prueba=_nada):
            hecho = await taller.encolar()
            await taller.fin(hecho)
        respuesta = await cliente.delete(f"{V1}/{hecho}", headers=como("dueno"))
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "trabajo_terminado")
        assert (await taller.ver(hecho)).estado is EstadoTrabajo.hecho


class TestErrores:
    async def _con_errores(self, taller: Taller, *filas: Rechazo) -> PydanticObjectId:
        async def hacer(contexto: Contexto) -> None:
            await contexto.rechazar(filas=filas)

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            assert (await taller.fin(id)).errores == len(filas)
        return id

    @pytest.mark.parametrize(
        ("lengua", "separador", "motivo"),
        [("es", ";", "La unidad ya está en la línea 3."), ("en", ",", "The flat is already in line 3.")],
    )
    async def test_linea_campo_codigo_y_motivo(
        self, lengua: str, separador: str, motivo: str, taller: Taller, cliente: httpx.AsyncClient
    ) -> None:
        id = await self._con_errores(
            taller,
            Rechazo(linea=10, campo="torre", codigo="requerido"),
            Rechazo(linea=9, campo="", codigo="unidad_repetida", datos={"linea": 3}),
        )
        respuesta = await cliente.get(f"{V1}/{id}/errores", headers=como("dueno", **{"Accept-Language": lengua}))
        assert respuesta.headers["content-type"] == "text/csv; charset=utf-8"
        filas = list(csv.DictReader(io.StringIO(respuesta.text), delimiter=separador))
        assert [(f["linea"], f["campo"], f["codigo"]) for f in filas] == [
            ("9", "", "unidad_repetida"),
            ("10", "torre", "requerido"),
        ]
        assert filas[0]["motivo"] == motivo

    async def test_ninguna_celda_es_una_formula(self, taller: Taller, cliente: httpx.AsyncClient) -> None:
        id = await self._con_errores(taller, Rechazo(linea=2, campo="=cmd|' /C calc'!A0", codigo="requerido"))
        texto = (await cliente.get(f"{V1}/{id}/errores", headers=como("dueno"))).text
        assert "2,'=cmd" in texto

    async def test_miles_salen_poco_a_poco_y_en_orden(self, taller: Taller, cliente: httpx.AsyncClient) -> None:
        lineas = range(2, 1300)
        id = await self._con_errores(taller, *(Rechazo(linea=n, campo="cupo", codigo="requerido") for n in lineas))
        async with cliente.stream("GET", f"{V1}/{id}/errores", headers=como("dueno")) as respuesta:
            trozos = [trozo async for trozo in respuesta.aiter_text()]
        filas = list(csv.DictReader(io.StringIO("".join(trozos))))
        assert [int(f["linea"]) for f in filas] == list(lineas)


class TestArchivo:
    async def test_se_guarda_sellado_y_se_borra_al_dia(
        self, taller: Taller, cliente: httpx.AsyncClient, reloj: Reloj
    ) -> None:
        contenido = bytes(range(256)) * 3000

        async def a_trozos() -> AsyncIterator[bytes]:
            for desde in range(0, len(contenido), 100_000):
                yield contenido[desde : desde + 100_000]

        async def hacer(contexto: Contexto) -> dict[str, int]:
            await contexto.entregar(nombre="otro", tipo="text/plain", contenido=b"uno que se descarta")
            await contexto.entregar(nombre="a.bin", tipo="application/octet-stream", contenido=a_trozos())
            return {"cartas": 2}

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
        visto = (await cliente.get(f"{V1}/{id}", headers=como("dueno"))).json()
        vence = "2026-03-03T15:00:00.000Z"
        archivo = {"nombre": "a.bin", "tipo": "application/octet-stream", "tamano": len(contenido), "vence_en": vence}
        assert visto["resultado"] == {"tipo": "prueba", "cartas": 2, "archivo": archivo}
        assert (await cliente.get(f"{V1}/{id}/archivo", headers=como("dueno"))).content == contenido
        piezas = await PiezaRepository().find({})
        assert len(piezas) == 3
        assert all(contenido[:64] not in pieza.datos for pieza in piezas)

        reloj.avanzar(seconds=VIDA.total_seconds())
        vencido = await cliente.get(f"{V1}/{id}/archivo", headers=como("dueno"))
        assert (vencido.status_code, vencido.json()["codigo"]) == (404, "sin_archivo")
        assert [await taller.archivos.borrar_caducados(limite=2) for _ in range(3)] == [2, 1, 0]
        assert await PiezaRepository().find({}) == []

    async def test_lo_que_entrego_un_intento_fallido_no_queda(self, taller: Taller) -> None:
        async def hacer(contexto: Contexto) -> None:
            await contexto.entregar(nombre="a", tipo="text/plain", contenido=b"secreto")
            raise NoEncontrado

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert visto.archivo is None
        await taller.hasta(_sin_piezas)

    async def test_lo_que_vino_con_el_se_borra_cuando_termina(self, taller: Taller) -> None:
        leido = []

        async def hacer(contexto: Contexto) -> None:
            assert contexto.entrada is not None
            leido.append(b"".join([t async for t in taller.archivos.leer(archivo=contexto.entrada)]))

        for cancelado in (False, True):
            archivo = await taller.archivos.guardar(contenido=_uno(b"torre"))
            id = await taller.encolar(entrada=archivo)
            if cancelado:
                await taller.servicio.cancelar(id, taller.quien)
            async with taller.trabajador(prueba=hacer):
                await taller.fin(id)
            await taller.hasta(_sin_piezas)
        assert leido == [b"torre"]

    async def test_pasado_su_tiempo_se_olvida_el_trabajo_con_sus_errores(self, taller: Taller, reloj: Reloj) -> None:
        async def hacer(contexto: Contexto) -> None:
            await contexto.rechazar(filas=[Rechazo(linea=n, campo="", codigo="requerido") for n in range(5)])

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
            vivo = await taller.encolar("otro")
        reloj.avanzar(seconds=(SE_GUARDA - timedelta(seconds=1)).total_seconds())
        assert await taller.servicio.borrar_caducados(limite=2) == 0
        assert await taller.rechazos.cuantos(id) == 5
        reloj.avanzar(seconds=1)
        # A batch of rows at a time, and the job when no row is left of it.
        for quedan in (3, 1, 0):
            assert await taller.servicio.borrar_caducados(limite=2) == 2
            assert await taller.rechazos.cuantos(id) == quedan
            assert await taller.trabajos.get(id) is not None
        assert await taller.servicio.borrar_caducados(limite=2) == 1
        assert [t.id for t in await taller.trabajos.find({})] == [vivo]


async def _uno(contenido: bytes) -> AsyncIterator[bytes]:
    yield contenido


async def _sin_piezas() -> bool:
    return await PiezaRepository().find({}) == []


def _leido(evento: Mapping[str, str]) -> dict[str, Any]:
    return {"event": evento["event"], **json.loads(evento["data"])}


class TestProgreso:
    async def test_cada_cambio_hasta_el_fin(self, taller: Taller) -> None:
        """Whoever runs the job is another: what is followed stands in the database."""
        paso = asyncio.Semaphore(0)

        async def hacer(contexto: Contexto) -> dict[str, bool]:
            for n in range(1, 4):
                await contexto.guardar(punto={}, hecho=n, total=3)
                await paso.acquire()
            return {"bien": True}

        id = await taller.encolar()
        vistos: list[dict[str, Any]] = []
        async with (
            en_un_socket(trabajos=taller.servicio, autenticador=_autenticador(taller)) as (cliente, _),
            cliente.stream("GET", f"{V1}/{id}/progreso", headers=como("dueno")) as respuesta,
        ):
            assert respuesta.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert respuesta.headers["cache-control"] == "no-store"
            assert respuesta.headers["x-request-id"]
            suyos = eventos(respuesta)
            vistos.append(_leido(await anext(suyos)))
            async with taller.trabajador(prueba=hacer):
                async for evento in suyos:
                    vistos.append(_leido(evento))
                    paso.release()
        assert [v["event"] for v in vistos] == ["progreso"] * (len(vistos) - 1) + ["fin"]
        assert (vistos[0]["estado"], vistos[-1]["estado"]) == ("en_cola", "hecho")
        assert [v["hecho"] for v in vistos] == sorted(v["hecho"] for v in vistos)
        assert {1, 2, 3} & {v["hecho"] for v in vistos[:-1]}
        assert vistos[-1]["resultado"] == {"tipo": "prueba", "bien": True, "archivo": None}

    async def test_mientras_no_pasa_nada_se_sabe_que_sigue_abierto(
        self, taller: Taller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.1)
        id = await taller.encolar()
        async with (
            en_un_socket(trabajos=taller.servicio, autenticador=_autenticador(taller)) as (cliente, _),
            cliente.stream("GET", f"{V1}/{id}/progreso", headers=como("dueno")) as respuesta,
        ):
            lineas = respuesta.aiter_lines()
            while await anext(lineas) != ": ping":
                pass

    async def test_quien_vuelve_recibe_el_estado_y_quien_vio_el_fin_que_no_vuelva(self, taller: Taller) -> None:
        id = await taller.encolar()
        await taller.servicio.cancelar(id, taller.quien)
        async with en_un_socket(trabajos=taller.servicio, autenticador=_autenticador(taller)) as (cliente, _):
            primera = await cliente.get(f"{V1}/{id}/progreso", headers=como("dueno"))
            (evento,) = [e async for e in eventos(primera)]
            assert (evento["event"], json.loads(evento["data"])["estado"]) == ("fin", "cancelado")
            vieja = await cliente.get(f"{V1}/{id}/progreso", headers=como("dueno", **{"Last-Event-ID": "ni idea"}))
            assert [e["id"] async for e in eventos(vieja)] == [evento["id"]]
            ultima = await cliente.get(f"{V1}/{id}/progreso", headers=como("dueno", **{"Last-Event-ID": evento["id"]}))
            assert (ultima.status_code, ultima.content) == (204, b"")

    async def test_si_el_que_mira_se_va_nadie_sigue_mirando(
        self, taller: Taller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.1)
        miradas = 0
        de_verdad = taller.trabajos.get

        async def contar(id: PydanticObjectId) -> Any:
            nonlocal miradas
            miradas += 1
            return await de_verdad(id)

        monkeypatch.setattr(taller.trabajos, "get", contar)
        id = await taller.encolar()
        async with en_un_socket(trabajos=taller.servicio, autenticador=_autenticador(taller)) as (cliente, _):
            async with cliente.stream("GET", f"{V1}/{id}/progreso", headers=como("dueno")) as respuesta:
                await anext(eventos(respuesta))
            await asyncio.sleep(0.5)
            antes = miradas
            await asyncio.sleep(1.5)
            assert miradas == antes

    async def test_un_servidor_que_para_no_espera_a_los_que_miran(self, taller: Taller) -> None:
        id = await taller.encolar()
        async with (
            en_un_socket(trabajos=taller.servicio, autenticador=_autenticador(taller)) as (cliente, _),
            cliente.stream("GET", f"{V1}/{id}/progreso", headers=como("dueno")) as respuesta,
        ):
            suyos = eventos(respuesta)
            await anext(suyos)
            taller.parada.avisar()
            assert [e async for e in suyos] == []
