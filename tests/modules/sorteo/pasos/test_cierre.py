"""Closing and reopening: what is frozen, when it is too late, and what an interrupted one leaves behind."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo import motor
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos import cierre as modulo_cierre
from app.shared.exceptions import ParkNetError
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, Casa, hasta, problema
from tests.modules.sorteo.dobles import CambioDeHechos, Suerte
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, RESIDENTE


async def lineas(casa: Casa, sorteo: Sorteo) -> list[dict[str, Any]]:
    """The participants of the bases, as they were written."""
    return [json.loads(linea) for linea in (await casa.bytes_de(sorteo, "bases")).splitlines()[1:]]


def falla(veces: int = 1) -> Callable[[], Awaitable[None]]:
    """Something unforeseen, the first `veces` times."""
    quedan = [None] * veces

    async def gancho() -> None:
        if quedan:
            quedan.pop()
            raise RuntimeError("se cayó")

    return gancho


class TestBases:
    async def test_are_what_the_hash_is_of(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-02", "A-01")
        await casa.espacios("A-03", tipo="moto", reserva="discapacidad")
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 12, preferencias=("A-02", "A-01"), tipos=("carro", "moto"))
        respuesta = await api.pedir("POST", f"/{sorteo.id}/cerrar")
        cuerpo = respuesta.json()
        assert (respuesta.status_code, cuerpo["estado"], cuerpo["participantes"]) == (200, "cerrado", 12)
        assert cuerpo == await api.ver(f"/{sorteo.id}", RESIDENTE)
        bajadas = await api.pedir("GET", f"/{sorteo.id}/bases", RESIDENTE)
        assert bajadas.headers["content-type"] == "application/jsonl"
        assert motor.sha256_hex(bajadas.content) == cuerpo["huella"]
        bases = motor.leer_bases(bajadas.content)
        assert (bases.sorteo, bases.compromiso) == (str(sorteo.id), cuerpo["compromiso"])
        assert bases.fuente == sorteo.fuente_entropia.texto
        assert bases.liberar_reservas
        assert bases.espacios == (
            motor.Espacio("A-01", "carro", None),
            motor.Espacio("A-02", "carro", None),
            motor.Espacio("A-03", "moto", "discapacidad"),
        )
        assert [p.id for p in bases.participantes] == sorted(str(n) for n in range(1, 13))
        assert {(p.preferencias, p.tipos) for p in bases.participantes} == {(("A-02", "A-01"), ("carro", "moto"))}

    async def test_what_the_rules_make_of_the_facts(self, casa: Casa) -> None:
        await casa.espacios("A-01", reserva="discapacidad")
        await casa.prioridad()
        await casa.prioridad(
            "paciencia",
            condiciones=[{"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": 1}],
            efecto={"boletas": 2, "por_unidad": "sorteos_perdidos"},
        )
        sorteo = await casa.abierto()
        con, sin, renuncia, paciente = await casa.pedir(sorteo, 4)
        await casa.solicitudes.filas.update_one({"_id": renuncia.id}, {"$set": {"usa_condiciones": False}})
        for fila in (con, renuncia):
            # `otra` reserves no space: it is not written.
            casa.padron.poner(fila.unidad_id, condiciones=frozenset({"discapacidad", "otra"}))
        casa.padron.poner(paciente.unidad_id, perdidos_previos={"carro": 3, "moto": 50})
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        campos = [(p["nivel"], p["boletas"], p["condiciones"]) for p in await lineas(casa, cerrado)]
        assert campos == [(1, 1, ["discapacidad"]), (5, 1, []), (5, 1, []), (5, 7, [])]
        assert {fila.unidad_id for fila in (con, sin, renuncia, paciente)}

    async def test_facts_are_those_of_the_day_here(self, casa: Casa) -> None:
        """Half past seven in the evening in Bogotá is tomorrow in UTC."""
        sorteo = await casa.abierto()
        await casa.pedir(sorteo)
        casa.reloj.poner(INICIO.replace(hour=0, minute=30) + timedelta(days=1))
        await casa.cierre.cerrar(sorteo.oid)
        assert casa.padron.consultas == [(f"hechos {date(2026, 3, 2)}", 1)]

    async def test_in_batches(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_cierre, "LOTE", 3)
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 7)
        await casa.pedir(sorteo, 1, impedimentos=("no_al_dia",))
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        assert [p["id"] for p in await lineas(casa, cerrado)] == [str(n) for n in range(1, 8)]
        assert casa.solicitudes.llamadas.count("siguientes") == 4

    async def test_nobody_asked(self, casa: Casa) -> None:
        cerrado = await casa.cerrado(0)
        assert cerrado.participantes == 0
        assert await lineas(casa, cerrado) == []

    async def test_what_changes_later_does_not_count(self, casa: Casa) -> None:
        await casa.espacios("A-01")
        await casa.prioridad()
        sorteo = await casa.abierto()
        (fila,) = await casa.pedir(sorteo)
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        antes = await casa.bytes_de(cerrado, "bases")
        casa.padron.poner(fila.unidad_id, condiciones=frozenset({"discapacidad"}))
        casa.solicitudes.suertes.append(Suerte(fila.unidad_id, "carro", PydanticObjectId(), True))
        await casa.solicitudes.filas.update_one({"_id": fila.id}, {"$set": {"impedimentos": ["no_al_dia"]}})
        casa.reloj.poner(DISPONIBLE)
        ejecutado = await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert await casa.bytes_de(ejecutado, "bases") == antes
        (resultado,) = await casa.resultados(sorteo)
        assert (resultado.nivel, resultado.espacio) == (5, "A-01")


class TestPendientes:
    async def test_says_how_many(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 2)
        await api.casa.pedir(sorteo, 3, estado="pendiente")
        respuesta = await api.pedir("POST", f"/{sorteo.id}/cerrar")
        assert problema(respuesta) == (409, "solicitudes_pendientes")
        assert respuesta.json()["datos"] == {"cuantas": 3}
        assert await api.casa.solicitudes.fase(sorteo.oid) == "abierto"

    async def test_one_that_came_in_at_the_last_moment(self, api: Api) -> None:
        """Between the question and the closing of the window: then it opens again."""
        cierre = INICIO + timedelta(days=2)
        sorteo = await api.casa.abierto(cierre=instante(cierre))

        async def llega() -> None:
            await api.casa.pedir(sorteo, estado="pendiente")

        api.casa.solicitudes.antes["cerrar"] = llega
        assert problema(await api.pedir("POST", f"/{sorteo.id}/cerrar")) == (409, "solicitudes_pendientes")
        ventana = await api.casa.solicitudes.ventanas.get(sorteo.oid)
        assert ventana is not None
        assert (ventana.fase, ventana.cierre) == ("abierto", cierre)
        assert (await api.casa.sorteos.ver(sorteo.oid)).turno is None

    async def test_by_itself_it_approves_those_without_impediment(self, casa: Casa) -> None:
        sorteo = await casa.abierto(cierre=instante(INICIO + timedelta(days=1)))
        await casa.pedir(sorteo, estado="pendiente")
        await casa.pedir(sorteo, estado="pendiente", impedimentos=("no_al_dia", "ya_tiene_espacio"))
        await casa.pedir(sorteo, estado="cancelada")
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "abierto"
        casa.reloj.avanzar(days=1)
        await casa.tareas.atender()
        cerrado = await casa.sorteos.ver(sorteo.oid)
        assert (cerrado.estado, cerrado.participantes) == ("cerrado", 1)
        estados = [(s.estado, s.motivo) for s in await casa.solicitudes.todas(sorteo.oid)]
        assert estados == [("aprobada", None), ("rechazada", "no_al_dia"), ("cancelada", None)]


class TestImpedimentos:
    async def test_become_refusals(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.abierto()
        await casa.pedir(sorteo)
        await casa.pedir(sorteo, impedimentos=("sin_espacio_compatible",), tipos=())
        await casa.pedir(sorteo, estado="rechazada", motivo="Datos falsos de Ana")
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        assert cerrado.participantes == 1
        assert [p["id"] for p in await lineas(casa, cerrado)] == ["1"]
        estados = [(s.estado, s.motivo) for s in await casa.solicitudes.todas(sorteo.oid)]
        assert estados == [
            ("aprobada", None),
            ("rechazada", "sin_espacio_compatible"),
            ("rechazada", "Datos falsos de Ana"),
        ]
        # What staff refused is said too; what they wrote of it is not everybody's.
        assert (await api.ver(f"/{sorteo.id}/exclusiones", RESIDENTE))["solicitudes"] == [
            {"folio": 2, "motivo": "sin_espacio_compatible"},
            {"folio": 3, "motivo": "rechazada"},
        ]

    async def test_facts_that_staff_changed_since_the_opening(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.abierto()
        uno, otro = await casa.pedir(sorteo, 2)
        antes, despues = INICIO - timedelta(seconds=1), INICIO + timedelta(days=1)
        casa.padron.cambios_de = [
            CambioDeHechos(uno.unidad_id, "al_dia", antes),
            CambioDeHechos(otro.unidad_id, "al_dia", despues),
            CambioDeHechos(otro.unidad_id, "perdidos_previos", despues),
        ]
        casa.reloj.avanzar(days=2)
        await casa.cierre.cerrar(sorteo.oid)
        assert (await api.ver(f"/{sorteo.id}/exclusiones"))["cambios"] == [
            {"folio": 2, "campo": "al_dia", "cuando": instante(despues)},
            {"folio": 2, "campo": "perdidos_previos", "cuando": instante(despues)},
        ]


class TestTardio:
    async def test_at_the_moment_itself(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        api.casa.reloj.poner(DISPONIBLE)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/cerrar")) == (409, "cierre_tardio")

    @pytest.mark.parametrize("llamada", ["siguientes", "aprobar"])
    async def test_judged_when_the_hash_is_written(self, api: Api, llamada: str) -> None:
        """In time when it was asked for; too late when all was read, or while it was being written."""
        casa = api.casa
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        casa.reloj.poner(DISPONIBLE - timedelta(milliseconds=1))

        async def pasa_el_tiempo() -> None:
            casa.reloj.poner(DISPONIBLE)

        casa.solicitudes.antes[llamada] = pasa_el_tiempo
        assert problema(await api.pedir("POST", f"/{sorteo.id}/cerrar")) == (409, "cierre_tardio")
        cuerpo = await api.ver(f"/{sorteo.id}")
        assert (cuerpo["estado"], cuerpo["huella"]) == ("abierto", None)
        assert await casa.r_participantes.count({}) == 0
        assert await casa.r_archivos.count({"archivo": "bases"}) == 0
        assert [s.mudanzas for s in await casa.solicitudes.todas(sorteo.oid)] == [0, 0]

    async def test_just_in_time(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        casa.reloj.poner(DISPONIBLE - timedelta(milliseconds=1))
        assert (await casa.cierre.cerrar(sorteo.oid)).cerrado_en == DISPONIBLE - timedelta(milliseconds=1)

    async def test_a_rehearsal_is_never_late(self, casa: Casa) -> None:
        sorteo = await casa.abierto(ensayo=True)
        casa.reloj.poner(DISPONIBLE + timedelta(days=1))
        assert (await casa.cierre.cerrar(sorteo.oid)).estado == "cerrado"

    async def test_by_itself_it_is_left_for_an_admin(self, casa: Casa) -> None:
        sorteo = await casa.abierto(cierre=instante(INICIO + timedelta(days=1)))
        casa.reloj.poner(DISPONIBLE)
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "abierto"


class TestUnaVez:
    async def test_again_is_the_same(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        antes = await api.ver(f"/{sorteo.id}")
        api.casa.reloj.poner(DISPONIBLE)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/cerrar")
        assert (respuesta.status_code, respuesta.json()) == (200, antes)

    @pytest.mark.parametrize("paso", ["borrador", "ejecutado", "publicado"])
    async def test_not_from_other_states(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/cerrar")) == (409, "transicion_invalida")

    async def test_twenty_at_once(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 4)
        respuestas = await asyncio.gather(*(api.pedir("POST", f"/{sorteo.id}/cerrar") for _ in range(20)))
        assert [r.status_code for r in respuestas] == [200] * 20
        assert len({r.json()["huella"] for r in respuestas}) == 1
        assert [s.mudanzas for s in await api.casa.solicitudes.todas(sorteo.oid)] == [1] * 4
        assert await api.casa.r_participantes.count({}) == 4


class TestInterrumpido:
    @pytest.mark.parametrize("llamada", ["cerrar", "siguientes", "suerte", "aprobar"])
    async def test_leaves_nothing_visible_and_can_be_repeated(self, casa: Casa, llamada: str) -> None:
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 3)
        casa.solicitudes.antes[llamada] = falla()
        with pytest.raises(RuntimeError):
            await casa.cierre.cerrar(sorteo.oid)
        ahora_es = await casa.sorteos.ver(sorteo.oid)
        assert (ahora_es.estado, ahora_es.huella, ahora_es.intento) == ("abierto", None, None)
        assert [s.mudanzas for s in await casa.solicitudes.todas(sorteo.oid)] == [0] * 3
        await casa.caduca_el_turno()  # one that was left behind
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        assert cerrado.participantes == await casa.r_participantes.count({}) == 3
        assert len(await lineas(casa, cerrado)) == 3

    @pytest.mark.parametrize("llamada", ["cerrar", "siguientes", "aprobar"])
    async def test_opens_the_window_again(self, casa: Casa, llamada: str) -> None:
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 3)
        casa.solicitudes.antes[llamada] = falla()
        with pytest.raises(RuntimeError):
            await casa.cierre.cerrar(sorteo.oid)
        assert await casa.solicitudes.fase(sorteo.oid) == "abierto"
        assert (await casa.sorteos.ver(sorteo.oid)).turno is None
        assert await casa.r_participantes.count({}) == 0
        assert await casa.r_archivos.count({"archivo": "bases"}) == 0

    async def test_what_a_dead_process_left_is_cleared(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """It could not even clear up after itself."""
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 3)

        async def muere(*_: object) -> None:
            raise asyncio.CancelledError

        casa.solicitudes.antes["aprobar"] = falla()
        with monkeypatch.context() as m:
            m.setattr(modulo_cierre.CierreService, "_deshacer", muere)
            with pytest.raises(asyncio.CancelledError):
                await casa.cierre.cerrar(sorteo.oid)
        assert await casa.r_participantes.count({}) == 3
        assert await casa.solicitudes.fase(sorteo.oid) == "cerrado"
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "abierto"  # its turn has not lapsed yet
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        cerrado = await casa.sorteos.ver(sorteo.oid)
        assert (cerrado.estado, cerrado.turno) == ("cerrado", None)
        assert await casa.r_participantes.count({}) == 3
        assert {a.intento for a in await casa.r_archivos.find({"archivo": "bases"})} == {cerrado.intento}

    async def test_a_late_failure_does_not_open_what_another_closed(self, casa: Casa) -> None:
        """The first one sleeps through its turn; somebody closes the draw; the first wakes, and answers the same."""
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        cerrados = []

        async def mientras() -> None:
            del casa.solicitudes.antes["siguientes"]
            await casa.caduca_el_turno()
            cerrados.append(await casa.cierre.cerrar(sorteo.oid))

        casa.solicitudes.antes["siguientes"] = mientras
        assert await casa.cierre.cerrar(sorteo.oid) == cerrados[0]
        assert await casa.sorteos.ver(sorteo.oid) == cerrados[0]
        assert await casa.r_participantes.count({}) == 2
        assert await casa.solicitudes.fase(sorteo.oid) == "cerrado"
        assert len(await lineas(casa, cerrados[0])) == 2

    async def test_an_annulment_asked_for_meanwhile_comes_first(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        anulaciones: list[asyncio.Task[Sorteo]] = []

        async def pedida() -> bool:
            return (await casa.sorteos.ver(sorteo.oid)).anulacion is not None

        async def pedir_anulacion() -> None:
            del casa.solicitudes.antes["siguientes"]
            anulaciones.append(asyncio.create_task(casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)))
            await hasta(pedida)

        casa.solicitudes.antes["siguientes"] = pedir_anulacion
        with pytest.raises(ParkNetError) as caso:
            await casa.cierre.cerrar(sorteo.oid)
        assert caso.value.codigo == "transicion_invalida"
        assert (await anulaciones[0]).estado == "anulado"
        assert [s.estado for s in await casa.solicitudes.todas(sorteo.oid)] == ["cancelada"] * 2


class TestReabrir:
    async def test_takes_requests_again(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, estado="aprobada")
        await casa.pedir(sorteo, impedimentos=("no_al_dia",))
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.avanzar(hours=1)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/reabrir", json={"motivo": "Faltó una torre"})
        cuerpo = respuesta.json()
        assert (respuesta.status_code, cuerpo["estado"]) == (200, "abierto")
        assert (cuerpo["huella"], cuerpo["participantes"], cuerpo["cerrado_en"]) == (None, None, None)
        assert cuerpo["huellas_anteriores"] == [
            {
                "huella": cerrado.huella,
                "cerrado_en": instante(INICIO),
                "reabierto_en": instante(INICIO + timedelta(hours=1)),
                "motivo": "Faltó una torre",
            }
        ]
        assert cuerpo["compromiso"] == cerrado.compromiso
        assert await casa.solicitudes.fase(sorteo.oid) == "abierto"
        assert [s.estado for s in await casa.solicitudes.todas(sorteo.oid)] == ["aprobada", "aprobada"]
        for ruta in ("bases", "exclusiones"):
            assert problema(await api.pedir("GET", f"/{sorteo.id}/{ruta}")) == (404, "no_disponible")
        otra_vez = await api.pedir("POST", f"/{sorteo.id}/reabrir", json={"motivo": "Otra vez"})
        assert (otra_vez.status_code, otra_vez.json()) == (200, cuerpo)

    async def test_closing_again_freezes_anew(self, casa: Casa) -> None:
        """And what was frozen first is still there."""
        primero = await casa.cerrado(2)
        await casa.reapertura.reabrir(primero.oid, motivo="x", cierre=None)
        await casa.pedir(primero)
        segundo = await casa.cierre.cerrar(primero.oid)
        assert segundo.participantes == 3
        assert segundo.huella != primero.huella
        assert [h.huella for h in segundo.huellas_anteriores] == [primero.huella]
        assert len(await lineas(casa, segundo)) == 3
        (anterior,) = segundo.huellas_anteriores
        partes = casa.r_archivos.partes(sorteo_id=primero.oid, archivo=Publicado.bases, intento=anterior.intento)
        assert motor.sha256_hex(b"".join([parte async for parte in partes])) == primero.huella

    async def test_its_closing_has_passed(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.cerrado(1, cierre=instante(INICIO + timedelta(days=1)))
        ruta = f"/{sorteo.id}/reabrir"
        casa.reloj.avanzar(days=1)
        respuesta = await api.pedir("POST", ruta, json={"motivo": "x"})
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("cierre", "requerido")]
        for cierre in (INICIO, DISPONIBLE):
            malo = await api.pedir("POST", ruta, json={"motivo": "x", "cierre": instante(cierre)})
            assert [e["codigo"] for e in malo.json()["errores"]] == ["cierre_invalido"]
        nuevo = instante(DISPONIBLE - timedelta(days=1))
        bueno = await api.pedir("POST", ruta, json={"motivo": "x", "cierre": nuevo})
        assert (bueno.status_code, bueno.json()["cierre"]) == (200, nuevo)
        ventana = await casa.solicitudes.ventanas.get(sorteo.oid)
        assert ventana is not None
        assert ventana.cierre == DISPONIBLE - timedelta(days=1)

    async def test_not_once_the_number_can_be_known(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        api.casa.reloj.poner(DISPONIBLE)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/reabrir", json={"motivo": "x"})
        assert problema(respuesta) == (409, "cierre_tardio")
        assert respuesta.json()["detail"].endswith("ni se reabre.")

    async def test_a_rehearsal_not_once_it_has_its_number(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        sorteo = await casa.cerrado(ensayo=True)
        with monkeypatch.context() as m:
            m.setattr(casa.r_archivos, "partes", None)
            with pytest.raises(TypeError):
                await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        await casa.caduca_el_turno()
        with pytest.raises(ParkNetError) as caso:
            await casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None)
        assert caso.value.codigo == "transicion_invalida"

    @pytest.mark.parametrize("paso", ["borrador", "abierto", "ejecutado"])
    async def test_only_what_is_closed(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        respuesta = await api.pedir("POST", f"/{sorteo.id}/reabrir", json={"motivo": "x"})
        assert problema(respuesta) == (409, "transicion_invalida")
