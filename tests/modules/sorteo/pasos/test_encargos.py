"""Steps as jobs: `Prefer: respond-async` on closing, running, publishing. With the real jobs, on the real server."""

import asyncio
import contextvars
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from beanie import Document, PydanticObjectId

from app.core.jobs import worker as modulo_trabajador
from app.core.jobs.context import ContextoDeTrabajo
from app.core.jobs.models import DOCUMENTOS as DE_TRABAJOS
from app.modules.sorteo.models import DOCUMENTOS, Sorteo
from app.modules.sorteo.pasos import cierre as modulo_cierre
from app.modules.sorteo.pasos import corrida as modulo_corrida
from app.modules.sorteo.pasos import publicacion as modulo_publicacion
from app.modules.sorteo.pasos.router import router
from app.modules.sorteo.toma import service as modulo_toma
from app.shared.exceptions import NoEncontrado
from tests.autenticador import FakeAutenticador
from tests.conftest import Abrir
from tests.core.jobs.conftest import Taller
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.dobles import SolicitudDePrueba, VentanaDePrueba
from tests.modules.sorteo.factories import ADMIN, AUDITOR, ENTROPIA, OPERADOR, OTRA_ENTROPIA, OTRO_ADMIN

ASINCRONA = {"Prefer": "respond-async"}
CON_ESPERA = {"Prefer": "respond-async, wait=20"}
NUMERO = {"entropia": ENTROPIA}


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return [*DOCUMENTOS, *DE_TRABAJOS, SolicitudDePrueba, VentanaDePrueba]


class ConTrabajos:
    """The module over HTTP, with a worker that tests start."""

    def __init__(self, casa: Casa) -> None:
        taller = Taller(casa.uow)
        self.trabajos, self.servicio, self.trabajador = taller.trabajos, taller.servicio, taller.trabajador()
        self.encargos = casa.encargos(self.servicio)
        self.trabajador.encargar(self.encargos.encargados(), taller.vigencia)
        self.api: Api

    async def cuantos(self) -> int:
        return await self.trabajos.count({})

    async def dar(self, paso: str, sorteo: Sorteo, *, prefer: dict[str, str], **mas: Any) -> httpx.Response:
        return await self.api.pedir("POST", f"/{sorteo.id}/{paso}", headers=prefer, **mas)


@pytest.fixture
async def mesa(casa: Casa, abrir_app: Abrir, monkeypatch: pytest.MonkeyPatch) -> ConTrabajos:
    for modulo in (modulo_toma, modulo_cierre, modulo_corrida, modulo_publicacion):
        monkeypatch.setattr(modulo, "LOTE", 2)
    monkeypatch.setattr(modulo_trabajador, "_ESPERAS", (timedelta(0),) * 4)
    mesa = ConTrabajos(casa)
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [router],
        autenticador=autenticador,
        sorteo=casa.estado(mesa.encargos),
        trabajos=mesa.servicio,
    )
    mesa.api = Api(cliente, casa, autenticador)
    return mesa


def del_trabajo(respuesta: httpx.Response) -> PydanticObjectId:
    """The id of the job that an answer leads to."""
    assert respuesta.status_code == 202, respuesta.text
    return PydanticObjectId(respuesta.headers["location"].rpartition("/")[2])


async def por_dar(casa: Casa, paso: str) -> tuple[Sorteo, dict[str, Any]]:
    """A draw of five for which that step is due, and what else the call takes."""
    await casa.espacios("A-1", "A-2", "A-3", "A-4", "A-5")
    if paso == "abrir":
        return await casa.borrador(), {}
    if paso == "cerrar":
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 5)
        return sorteo, {}
    if paso == "ejecutar":
        return await casa.por_ejecutar(5), {"json": NUMERO}
    return await casa.ejecutado(5), {}


PASOS = ["abrir", "cerrar", "ejecutar", "publicar"]


@pytest.mark.parametrize("paso", PASOS)
class TestCadaPaso:
    async def test_sin_la_cabecera_responde_como_siempre_y_no_encola(
        self, paso: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        sorteo, mas = await por_dar(casa, paso)
        respuesta = await mesa.dar(paso, sorteo, prefer={}, **mas)
        assert respuesta.status_code == 200
        assert await mesa.cuantos() == 0

    async def test_responde_202_y_el_trabajo_lo_hace_por_pasos(self, paso: str, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo, mas = await por_dar(casa, paso)
        respuesta = await mesa.dar(paso, sorteo, prefer=ASINCRONA, **mas)
        assert respuesta.status_code == 202, respuesta.text
        donde = respuesta.headers["location"]
        assert (respuesta.content, donde.rpartition("/")[0]) == (b"", "/api/v1/trabajos")
        assert respuesta.headers["preference-applied"] == "respond-async"
        otra_vez = await mesa.dar(paso, sorteo, prefer=ASINCRONA, **mas)
        assert otra_vez.headers["location"] == donde

        avances = []
        async with mesa.trabajador:
            async for visto in mesa.servicio.seguir(PydanticObjectId(donde.rpartition("/")[2])):
                avances.append((visto.hecho, visto.total))
        assert visto.estado == "hecho"
        assert avances[-1] == (5, 5)
        assert visto.resultado is not None
        ahora = await casa.sorteos.ver(sorteo.oid)
        assert (visto.resultado["sorteo_id"], visto.resultado["estado"]) == (str(sorteo.id), ahora.estado)
        assert (await mesa.dar(paso, sorteo, prefer=ASINCRONA, **mas)).status_code == 200  # already taken
        assert await mesa.cuantos() == 1

    async def test_si_termina_mientras_se_espera_es_la_respuesta_de_siempre(
        self, paso: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        sorteo, mas = await por_dar(casa, paso)
        async with mesa.trabajador:
            respuesta = await mesa.dar(paso, sorteo, prefer=CON_ESPERA, **mas)
        assert (respuesta.status_code, respuesta.headers["preference-applied"]) == (200, "wait=20")
        assert await mesa.cuantos() == 1
        sincrona = await mesa.dar(paso, sorteo, prefer={}, **mas)
        assert respuesta.json() == sincrona.json()

    async def test_lo_que_no_toca_se_dice_enseguida(self, paso: str, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo = await (casa.cerrado() if paso == "abrir" else casa.borrador())
        respuesta = await mesa.dar(paso, sorteo, prefer=ASINCRONA, json=NUMERO if paso == "ejecutar" else None)
        assert problema(respuesta) == (409, "transicion_invalida")
        assert await mesa.cuantos() == 0

    async def test_interrumpido_se_hace_otra_vez_hasta_el_fin(
        self, paso: str, casa: Casa, mesa: ConTrabajos, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        de_verdad, veces = ContextoDeTrabajo.avanzar, 0

        async def con_una_caida(self: ContextoDeTrabajo, **que: Any) -> None:
            nonlocal veces
            veces += 1
            if veces == 2:
                await casa.caduca_el_turno()
                raise RuntimeError("se cayó")
            await de_verdad(self, **que)

        monkeypatch.setattr(ContextoDeTrabajo, "avanzar", con_una_caida)
        sorteo, mas = await por_dar(casa, paso)
        async with mesa.trabajador:
            respuesta = await mesa.dar(paso, sorteo, prefer=CON_ESPERA, **mas)
        assert respuesta.status_code == 200, respuesta.text
        (trabajo,) = await mesa.trabajos.find({})
        assert trabajo.intentos == 2
        if paso == "publicar":
            assert all(fila.mudanzas == 2 for fila in await casa.solicitudes.todas(sorteo.oid))


CIERRE = {"cierre": "2026-12-01T10:00:00.000Z", "motivo": "Hay más tiempo."}


async def por_mover(casa: Casa, paso: str) -> tuple[Sorteo, dict[str, Any], str]:
    """A draw for which that step is due, what the call takes, and to which state it leads."""
    await casa.espacios("A-1", "A-2")
    if paso == "prorrogar":
        sorteo = await casa.abierto()
        cierre = instante(sorteo.fuente_entropia.conocible_desde - timedelta(hours=1))
        return sorteo, {"json": {"cierre": cierre, "motivo": "Hay más tiempo."}}, "abierto"
    if paso == "reabrir":
        return await casa.cerrado(2), {"json": {"motivo": "Faltó alguien."}}, "abierto"
    if paso == "finalizar":
        sorteo = await casa.publicado(2)
        casa.reloj.poner(datetime.combine(sorteo.vigencia.hasta, time(23), UTC) + timedelta(days=2))
        return sorteo, {}, "finalizado"
    return await casa.abierto(), {"json": {"motivo": "No se hará."}}, "anulado"


@pytest.mark.parametrize("paso", ["prorrogar", "reabrir", "finalizar", "anular"])
class TestLosDemas:
    async def test_responde_202_y_lo_hace_el_trabajo(self, paso: str, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo, mas, llega = await por_mover(casa, paso)
        respuesta = await mesa.dar(paso, sorteo, prefer=ASINCRONA, **mas)
        id = del_trabajo(respuesta)
        assert respuesta.content == b""
        assert del_trabajo(await mesa.dar(paso, sorteo, prefer=ASINCRONA, **mas)) == id
        assert (await casa.sorteos.ver(sorteo.oid)).estado == sorteo.estado
        async with mesa.trabajador:
            visto = await mesa.servicio.esperar(trabajo_id=id, segundos=20)
        assert (visto.estado, visto.resultado) == ("hecho", {"sorteo_id": str(sorteo.id), "estado": llega})
        ahora = await casa.sorteos.ver(sorteo.oid)
        assert ahora.estado == llega
        if paso == "prorrogar":
            assert ahora.cierre is not None
            assert instante(ahora.cierre) == mas["json"]["cierre"]

    async def test_si_termina_mientras_se_espera_es_la_respuesta_de_siempre(
        self, paso: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        sorteo, mas, llega = await por_mover(casa, paso)
        async with mesa.trabajador:
            respuesta = await mesa.dar(paso, sorteo, prefer=CON_ESPERA, **mas)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (200, llega)
        assert respuesta.json() == (await mesa.dar(paso, sorteo, prefer={}, **mas)).json()


@pytest.mark.parametrize("paso", ["prorrogar", "reabrir", "finalizar"])
async def test_los_demas_tambien_dicen_enseguida_lo_que_no_toca(paso: str, casa: Casa, mesa: ConTrabajos) -> None:
    sorteo = await casa.por_ejecutar(2)
    if paso == "reabrir":
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
    cuerpo = {"prorrogar": CIERRE, "reabrir": {"motivo": "Tarde."}}.get(paso)
    respuesta = await mesa.dar(paso, sorteo, prefer=ASINCRONA, json=cuerpo)
    assert problema(respuesta) == (409, "transicion_invalida")
    assert await mesa.cuantos() == 0


@pytest.mark.parametrize(
    ("metodo", "ruta", "quien", "cuerpo", "llega"),
    [
        ("DELETE", "anular", ADMIN, {"motivo": "Fue un error."}, "ejecutado"),
        ("POST", "anular/confirmar", OTRO_ADMIN, None, "anulado"),
    ],
)
class TestUnaAnulacionQueEspera:
    """Withdrawn, and confirmed: steps like the others."""

    async def por_decidir(self, casa: Casa) -> Sorteo:
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1", "A-2")
        sorteo = await casa.ejecutado(2)
        return await casa.anulacion.anular(sorteo.oid, motivo="Faltó alguien.", quien=ADMIN)

    async def test_responde_202_y_lo_hace_el_trabajo(
        self, metodo: str, ruta: str, quien: Any, cuerpo: Any, llega: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        sorteo = await self.por_decidir(casa)
        pedida = [metodo, f"/{sorteo.id}/{ruta}", quien, cuerpo]
        respuesta = await mesa.api.pedir(*pedida, headers=ASINCRONA)
        id = del_trabajo(respuesta)
        assert (respuesta.content, respuesta.headers["preference-applied"]) == (b"", "respond-async")
        assert del_trabajo(await mesa.api.pedir(*pedida, headers=ASINCRONA)) == id
        assert (await casa.sorteos.ver(sorteo.oid)).anulacion == sorteo.anulacion
        async with mesa.trabajador:
            visto = await mesa.servicio.esperar(trabajo_id=id, segundos=20)
        assert (visto.estado, visto.resultado) == ("hecho", {"sorteo_id": str(sorteo.id), "estado": llega})
        ahora = await casa.sorteos.ver(sorteo.oid)
        if llega == "anulado":
            assert ahora.anulacion is not None
            assert (ahora.anulacion.confirmada_por, ahora.anulacion.rol_confirma) == (quien.usuario_id, quien.rol)
        else:
            assert ahora.anulacion is None
            assert [a.motivo_retiro for a in ahora.anulaciones_retiradas] == [cuerpo["motivo"]]
        assert (await mesa.api.pedir(*pedida, headers=ASINCRONA)).status_code == 200  # already taken
        assert await mesa.cuantos() == 1

    async def test_si_termina_mientras_se_espera_es_la_respuesta_de_siempre(
        self, metodo: str, ruta: str, quien: Any, cuerpo: Any, llega: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        pedida = [metodo, f"/{(await self.por_decidir(casa)).id}/{ruta}", quien, cuerpo]
        async with mesa.trabajador:
            respuesta = await mesa.api.pedir(*pedida, headers=CON_ESPERA)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (200, llega)
        assert respuesta.json() == (await mesa.api.pedir(*pedida)).json()

    async def test_lo_que_no_toca_se_dice_enseguida(
        self, metodo: str, ruta: str, quien: Any, cuerpo: Any, llega: str, casa: Casa, mesa: ConTrabajos
    ) -> None:
        del llega
        sorteo = await casa.abierto()
        respuesta = await mesa.api.pedir(metodo, f"/{sorteo.id}/{ruta}", quien, cuerpo, headers=ASINCRONA)
        assert problema(respuesta) == (409, "sin_anulacion")
        assert await mesa.cuantos() == 0


async def test_quien_no_puede_confirmar_no_encola_nada(casa: Casa, mesa: ConTrabajos) -> None:
    casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
    await casa.espacios("A-1", "A-2")
    sorteo = await casa.ejecutado(2)
    await casa.anulacion.anular(sorteo.oid, motivo="Faltó alguien.", quien=ADMIN)
    for quien, codigo in ((ADMIN, "anulacion_propia"), (AUDITOR, "confirmador_reciente")):
        respuesta = await mesa.api.pedir("POST", f"/{sorteo.id}/anular/confirmar", quien, headers=ASINCRONA)
        assert problema(respuesta) == (403, codigo)
    assert await mesa.cuantos() == 0


async def test_mientras_dura_la_vigencia_no_se_encola_el_fin(casa: Casa, mesa: ConTrabajos) -> None:
    await casa.espacios("A-1")
    sorteo = await casa.publicado(2)
    assert problema(await mesa.dar("finalizar", sorteo, prefer=ASINCRONA)) == (409, "vigencia_en_curso")
    assert await mesa.cuantos() == 0


class TestEjecutar:
    async def test_el_resultado_del_trabajo_es_el_del_sorteo(self, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo, mas = await por_dar(casa, "ejecutar")
        id = del_trabajo(await mesa.dar("ejecutar", sorteo, prefer=ASINCRONA, **mas))
        async with mesa.trabajador:
            visto = await mesa.servicio.esperar(trabajo_id=id, segundos=20)
        assert visto.resultado == (await mesa.dar("ejecutar", sorteo, prefer={})).json()

    @pytest.mark.parametrize(
        ("cuerpo", "esperado"),
        [
            (None, (422, "entrada_invalida")),
            ({"entropia": "4821"}, (422, "entrada_invalida")),
        ],
    )
    async def test_un_numero_que_no_es_se_dice_enseguida(
        self, cuerpo: Any, esperado: tuple[int, str], casa: Casa, mesa: ConTrabajos
    ) -> None:
        sorteo = await casa.por_ejecutar()
        assert problema(await mesa.dar("ejecutar", sorteo, prefer=ASINCRONA, json=cuerpo)) == esperado
        assert await mesa.cuantos() == 0

    async def test_antes_de_tiempo_tambien(self, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo = await casa.cerrado()
        respuesta = await mesa.dar("ejecutar", sorteo, prefer=ASINCRONA, json=NUMERO)
        assert problema(respuesta) == (409, "entropia_prematura")
        assert await mesa.cuantos() == 0

    async def test_el_numero_queda_fijado_al_aceptarlo(self, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo = await casa.por_ejecutar()
        assert (await mesa.dar("ejecutar", sorteo, prefer=ASINCRONA, json=NUMERO)).status_code == 202
        otro = await mesa.dar("ejecutar", sorteo, prefer=ASINCRONA, json={"entropia": OTRA_ENTROPIA})
        assert problema(otro) == (409, "entropia_fijada")
        mismo = await mesa.api.pedir("POST", f"/{sorteo.id}/ejecutar", OTRO_ADMIN, headers=ASINCRONA)
        assert mismo.status_code == 202
        assert await mesa.cuantos() == 1


class TestCerrar:
    async def test_solicitudes_sin_decidir_se_dicen_enseguida(self, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 1, estado="pendiente")
        respuesta = await mesa.dar("cerrar", sorteo, prefer=ASINCRONA)
        assert problema(respuesta) == (409, "solicitudes_pendientes")
        assert await mesa.cuantos() == 0

    async def test_lo_que_se_supo_tarde_es_el_problema_del_trabajo(self, casa: Casa, mesa: ConTrabajos) -> None:
        sorteo = await casa.abierto()
        id = del_trabajo(await mesa.dar("cerrar", sorteo, prefer=ASINCRONA))
        casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        async with mesa.trabajador:
            visto = await mesa.servicio.esperar(trabajo_id=id, segundos=20)
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.status) == ("cierre_tardio", 409)

    async def test_cancelado_a_medias_el_sorteo_sigue_abierto(
        self, casa: Casa, mesa: ConTrabajos, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sorteo, _ = await por_dar(casa, "cerrar")
        de_verdad = ContextoDeTrabajo.avanzar

        async def y_lo_cancelan(self: ContextoDeTrabajo, **que: Any) -> None:
            await asyncio.create_task(_cancelar(mesa, self.trabajo_id), context=contextvars.Context())
            self._siguiente = 0.0
            await de_verdad(self, **que)

        monkeypatch.setattr(ContextoDeTrabajo, "avanzar", y_lo_cancelan)
        async with mesa.trabajador:
            respuesta = await mesa.dar("cerrar", sorteo, prefer=CON_ESPERA)
        assert problema(respuesta) == (409, "trabajo_cancelado")
        ahora = await casa.sorteos.ver(sorteo.oid)
        assert (ahora.estado, ahora.huella, ahora.turno) == ("abierto", None, None)
        assert await casa.r_participantes.count({}) == 0
        assert (await mesa.dar("cerrar", sorteo, prefer={})).json()["estado"] == "cerrado"


async def _cancelar(mesa: ConTrabajos, id: PydanticObjectId) -> None:
    await mesa.servicio.cancelar(id, ADMIN)


async def test_el_de_otro_admin_se_ve_y_el_de_nadie_no(casa: Casa, mesa: ConTrabajos) -> None:
    sorteo, _ = await por_dar(casa, "cerrar")
    id = del_trabajo(await mesa.dar("cerrar", sorteo, prefer=ASINCRONA))
    assert (await mesa.servicio.ver(id, OTRO_ADMIN)).id == id
    with pytest.raises(NoEncontrado):
        await mesa.servicio.ver(id, OPERADOR)
