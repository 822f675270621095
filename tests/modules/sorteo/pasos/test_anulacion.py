"""Annulling: alone while nothing can be known, with somebody else afterwards, and what is left of the draw."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import compromiso_de, sha256_hex
from app.modules.sorteo.pasos import anulacion as modulo_anulacion
from app.modules.sorteo.pasos import publicacion as modulo_publicacion
from app.shared.exceptions import ParkNetError
from tests.conftest import INICIO
from tests.loteria import fuente, instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, DISPONIBLE, ENTROPIA, OTRO_ADMIN, RESIDENTE, TRAS_LA_VIGENCIA

MOTIVO = {"motivo": "Faltaban espacios"}


async def anular(api: Api, sorteo: Sorteo, quien: Any = ADMIN) -> Any:
    return await api.pedir("POST", f"/{sorteo.id}/anular", quien, MOTIVO)


async def confirmar(api: Api, sorteo: Sorteo, quien: Any) -> Any:
    return await api.pedir("POST", f"/{sorteo.id}/anular/confirmar", quien)


async def rehusado(intento: Awaitable[Any]) -> str:
    with pytest.raises(ParkNetError) as caso:
        await intento
    return caso.value.codigo


class TestDeInmediato:
    @pytest.mark.parametrize("paso", ["borrador", "abierto", "cerrado"])
    async def test_while_nothing_can_be_known(self, api: Api, paso: str) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1", "A-2")
        sorteo = await getattr(casa, paso)()
        casa.reloj.poner(DISPONIBLE - timedelta(milliseconds=1))
        respuesta = await anular(api, sorteo)
        cuerpo = respuesta.json()
        assert (respuesta.status_code, cuerpo["estado"]) == (200, "anulado")
        momento = instante(DISPONIBLE - timedelta(milliseconds=1))
        assert cuerpo["anulado_en"] == momento
        nada = dict.fromkeys(["confirmada_por", "confirmada_en", "retirada_en", "motivo_retiro"])
        assert cuerpo["anulacion"] == nada | {
            "motivo": "Faltaban espacios",
            "pedida_por": "admin",
            "pedida_en": momento,
            "efecto_en": momento,
            "desenlace": "efectuada",
        }
        assert cuerpo["anulaciones"] == [cuerpo["anulacion"]]
        assert await casa.ocupaciones() == {}
        assert {s.estado for s in await casa.solicitudes.todas(sorteo.oid)} <= {"cancelada"}
        assert await casa.solicitudes.fase(sorteo.oid) == "terminado"
        otra_vez = await anular(api, sorteo)
        assert (otra_vez.status_code, otra_vez.json()) == (200, cuerpo)
        assert await api.ver(f"/{sorteo.id}", RESIDENTE) == cuerpo

    async def test_one_that_was_closed_once_stays_checkable(self, api: Api) -> None:
        """Closed, reopened, annulled: what was published of the closing can still be checked, and nothing before."""
        casa = api.casa
        primero = await casa.cerrado(2)
        await casa.reapertura.reabrir(primero.oid, motivo="x", cierre=None)
        ruta, otra = f"/{primero.id}/bases?huella={primero.huella}", f"/{primero.id}/bases?huella={'0' * 64}"
        assert (await api.ver(f"/{primero.id}/verificacion", None))["secreto"] is None
        for paso in ("reabierto", "anulado"):
            if paso == "anulado":
                assert (await anular(api, primero)).json()["estado"] == "anulado"
            bases = await api.pedir("GET", ruta, RESIDENTE)
            assert (bases.status_code, sha256_hex(bases.content)) == (200, primero.huella)
            assert problema(await api.pedir("GET", otra, RESIDENTE)) == (404, "no_disponible")
        assert (await api.pedir("GET", f"/{primero.id}/bases?huella=x", RESIDENTE)).status_code == 422
        publicado = await api.ver(f"/{primero.id}/verificacion", None)
        assert compromiso_de(publicado["secreto"]) == primero.compromiso

    async def test_an_open_draw_also_later(self, api: Api) -> None:
        """It was not closed in time: nobody gains anything."""
        sorteo = await api.casa.abierto()
        api.casa.reloj.poner(DISPONIBLE + timedelta(days=1))
        assert (await anular(api, sorteo)).json()["estado"] == "anulado"

    @pytest.mark.parametrize("paso", ["por_ejecutar", "ejecutado"])
    async def test_a_rehearsal_always(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)(ensayo=True)
        assert (await anular(api, sorteo)).json()["estado"] == "anulado"

    async def test_twenty_at_once(self, api: Api) -> None:
        await api.casa.espacios("A-1")
        sorteo = await api.casa.cerrado()
        respuestas = await asyncio.gather(*(anular(api, sorteo) for _ in range(20)))
        assert {(r.status_code, r.json()["estado"]) for r in respuestas} == {(200, "anulado")}
        assert {s.mudanzas for s in await api.casa.solicitudes.todas(sorteo.oid)} == {2}


class TestConOtro:
    @pytest.mark.parametrize("paso", ["por_ejecutar", "ejecutado"])
    @pytest.mark.parametrize("otro", [OTRO_ADMIN, AUDITOR])
    async def test_waits_for_somebody_else(self, api: Api, paso: str, otro: Any) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {ADMIN.usuario_id, otro.usuario_id}
        await casa.espacios("A-1")
        sorteo = await getattr(casa, paso)()
        respuesta = await anular(api, sorteo)
        assert (respuesta.status_code, respuesta.json()["estado"]) == (200, sorteo.estado)
        assert respuesta.json()["anulacion"]["efecto_en"] is None
        assert (await anular(api, sorteo, OTRO_ADMIN)).json() == respuesta.json()
        casa.reloj.avanzar(days=30)
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == sorteo.estado
        assert set(await casa.ocupaciones()) == {"A-1"}
        confirmada = await confirmar(api, sorteo, otro)
        assert (confirmada.status_code, confirmada.json()["estado"]) == (200, "anulado")
        assert await casa.ocupaciones() == {}
        assert (await confirmar(api, sorteo, otro)).json() == confirmada.json()
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert quedo.anulacion is not None
        assert (quedo.anulacion.pedida_por, quedo.anulacion.confirmada_por) == (ADMIN.usuario_id, otro.usuario_id)

    async def test_never_who_asked(self, api: Api) -> None:
        api.casa.cuentas.confirmadores = {ADMIN.usuario_id, OTRO_ADMIN.usuario_id}
        sorteo = await api.casa.ejecutado()
        await anular(api, sorteo)
        assert problema(await confirmar(api, sorteo, ADMIN)) == (403, "anulacion_propia")

    async def test_nor_who_was_not_so_when_it_opened(self, api: Api) -> None:
        api.casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        api.casa.reloj.avanzar(hours=1)
        sorteo = await api.casa.ejecutado()
        await anular(api, sorteo)
        assert problema(await confirmar(api, sorteo, AUDITOR)) == (403, "confirmador_reciente")
        assert set(api.casa.cuentas.desde) == {sorteo.abierto_en} == {INICIO + timedelta(hours=1)}

    async def test_nor_a_key_of_who_may(self, api: Api) -> None:
        """A program is nobody who saw what was annulled."""
        api.casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await api.casa.ejecutado()
        await anular(api, sorteo)
        llave = replace(OTRO_ADMIN, sesion_id=None, llave_id=PydanticObjectId())
        assert problema(await confirmar(api, sorteo, llave)) == (403, "llave_no_admitida")
        assert (await confirmar(api, sorteo, OTRO_ADMIN)).json()["estado"] == "anulado"

    async def test_nothing_to_confirm(self, api: Api) -> None:
        sorteo = await api.casa.ejecutado()
        assert problema(await confirmar(api, sorteo, OTRO_ADMIN)) == (409, "sin_anulacion")

    @pytest.mark.parametrize(
        ("estado", "paso", "cuerpo"),
        [
            ("por_ejecutar", "reabrir", MOTIVO),
            ("por_ejecutar", "ejecutar", {"entropia": ENTROPIA}),
            ("ejecutado", "publicar", None),
            ("publicado", "finalizar", None),
        ],
    )
    async def test_everything_else_waits(self, api: Api, estado: str, paso: str, cuerpo: Any) -> None:
        api.casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await getattr(api.casa, estado)()
        await anular(api, sorteo)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/{paso}", json=cuerpo)) == (409, "anulacion_pendiente")
        quedo = await api.casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.entropia) == (sorteo.estado, sorteo.entropia)

    async def test_asked_for_while_it_runs(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Which of the two comes first is known by one write: the result counts, or it does not."""
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await casa.por_ejecutar()
        guardar = casa.r_archivos.guardar

        async def pedir_y_guardar(**todo: Any) -> str:
            await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
            return await guardar(**todo)

        monkeypatch.setattr(casa.r_archivos, "guardar", pedir_y_guardar)
        assert await rehusado(casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)) == "anulacion_pendiente"
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.huella_resultado, quedo.secreto) == ("cerrado", None, None)

    async def test_half_published(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some have been told already: it is published to its end, whatever was asked for."""
        monkeypatch.setattr(modulo_publicacion, "LOTE", 2)
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(5)
        llamadas: list[None] = []

        async def falla() -> None:
            llamadas.append(None)
            if len(llamadas) == 2:
                raise RuntimeError

        casa.solicitudes.antes["publicar"] = falla
        with pytest.raises(RuntimeError):
            await casa.publicacion.publicar(sorteo.oid)
        assert await rehusado(casa.anulacion.confirmar(sorteo.oid, quien=OTRO_ADMIN)) == "transicion_invalida"
        assert await rehusado(casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)) == "transicion_invalida"
        casa.reloj.avanzar(days=30)
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "publicado"
        assert [s.estado for s in await casa.solicitudes.todas(sorteo.oid)].count("asignada") == 1


class TestSinOtro:
    async def test_72_hours(self, api: Api) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {ADMIN.usuario_id}
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado()
        respuesta = await anular(api, sorteo)
        efecto = DISPONIBLE + timedelta(hours=72)
        assert respuesta.json()["anulacion"]["efecto_en"] == instante(efecto)
        casa.reloj.poner(efecto - timedelta(milliseconds=1))
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "ejecutado"
        casa.reloj.poner(efecto)
        await casa.tareas.atender()
        anulado = await casa.sorteos.ver(sorteo.oid)
        assert (anulado.estado, anulado.anulado_en, anulado.turno) == ("anulado", efecto, None)
        assert await casa.ocupaciones() == {}

    async def test_from_then_on_nothing_else_happens(self, api: Api) -> None:
        """Also before the beat has come."""
        casa = api.casa
        sorteo = await casa.ejecutado()
        await anular(api, sorteo)
        casa.reloj.avanzar(hours=72)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/publicar")) == (409, "anulacion_pendiente")
        assert (await anular(api, sorteo)).json()["estado"] == "anulado"

    async def test_somebody_comes_who_may_confirm(self, api: Api) -> None:
        sorteo = await api.casa.ejecutado()
        await anular(api, sorteo)
        api.casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        assert (await confirmar(api, sorteo, AUDITOR)).json()["estado"] == "anulado"

    async def test_judged_at_every_beat(self, api: Api) -> None:
        """Switched off, asked for, switched on again: it waits for them, for ever if need be."""
        casa = api.casa
        sorteo = await casa.ejecutado()
        assert (await anular(api, sorteo)).json()["anulacion"]["efecto_en"] is not None
        casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        casa.reloj.avanzar(hours=72)
        await casa.tareas.atender()
        visto = await api.ver(f"/{sorteo.id}")
        assert (visto["estado"], visto["anulacion"]["efecto_en"]) == ("ejecutado", None)
        casa.reloj.avanzar(hours=720)
        await casa.tareas.atender()
        assert (await api.ver(f"/{sorteo.id}"))["estado"] == "ejecutado"
        assert (await confirmar(api, sorteo, AUDITOR)).json()["estado"] == "anulado"

    async def test_who_could_confirm_is_gone(self, api: Api) -> None:
        """72 hours from the beat that found it, and from telling everybody."""
        casa = api.casa
        casa.cuentas.confirmadores = {AUDITOR.usuario_id}
        sorteo = await casa.ejecutado()
        await anular(api, sorteo)
        casa.reloj.avanzar(hours=100)
        casa.cuentas.confirmadores = set()
        await casa.tareas.atender()
        efecto = instante(DISPONIBLE + timedelta(hours=172))
        assert (await api.ver(f"/{sorteo.id}"))["anulacion"]["efecto_en"] == efecto
        assert [datos["efecto_en"] is None for datos in casa.avisos.de("anulacion_pedida")] == [True, False]
        for horas, estado in ((71, "ejecutado"), (1, "anulado")):
            casa.reloj.avanzar(hours=horas)
            await casa.tareas.atender()
            assert (await api.ver(f"/{sorteo.id}"))["estado"] == estado

    async def test_judged_in_the_act(self, casa: Casa) -> None:
        """Whoever comes back at the last moment is waited for, also when it is asked for again by hand."""
        sorteo = await casa.ejecutado()
        await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        casa.reloj.avanzar(hours=72)
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        assert (await casa.anulacion.continuar(sorteo.oid)).estado == "ejecutado"
        assert (await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)).estado == "ejecutado"


class TestRetirar:
    async def test_it_goes_on_as_it_was(self, api: Api) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await casa.ejecutado()
        assert problema(await self.retirar(api, sorteo)) == (409, "sin_anulacion")
        await anular(api, sorteo)
        casa.avisos.dichos.clear()
        retirada = await self.retirar(api, sorteo)
        assert (retirada.status_code, retirada.json()["anulacion"]) == (200, None)
        (una,) = retirada.json()["anulaciones"]
        assert (una["motivo"], una["motivo_retiro"], una["desenlace"]) == (
            "Faltaban espacios",
            "Aparecieron",
            "retirada",
        )
        assert [aviso["motivo"] for aviso in casa.avisos.de("anulacion_retirada")] == ["Aparecieron"]
        assert (await self.retirar(api, sorteo)).json() == retirada.json()
        assert problema(await confirmar(api, sorteo, OTRO_ADMIN)) == (409, "sin_anulacion")
        assert (await api.pedir("POST", f"/{sorteo.id}/publicar")).json()["estado"] == "publicado"
        await anular(api, sorteo)
        confirmada = (await confirmar(api, sorteo, OTRO_ADMIN)).json()
        assert [a["desenlace"] for a in confirmada["anulaciones"]] == ["retirada", "efectuada"]
        assert confirmada["anulaciones"][1]["confirmada_por"] == "admin"
        assert problema(await self.retirar(api, sorteo)) == (409, "transicion_invalida")

    async def test_not_once_it_stands(self, api: Api) -> None:
        sorteo = await api.casa.ejecutado()
        await anular(api, sorteo)  # nobody else could confirm it
        api.casa.reloj.avanzar(hours=72)
        await api.casa.tareas.atender()
        assert problema(await self.retirar(api, sorteo)) == (409, "transicion_invalida")

    async def retirar(self, api: Api, sorteo: Sorteo) -> Any:
        return await api.pedir("DELETE", f"/{sorteo.id}/anular", json={"motivo": "Aparecieron"})


class TestPublicado:
    @pytest.mark.parametrize("paso", ["publicado", "finalizado"])
    async def test_by_two_people(self, api: Api, paso: str) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1", "A-2")
        sorteo = await casa.publicado()
        if paso == "finalizado":
            casa.reloj.poner(TRAS_LA_VIGENCIA)
            await casa.publicacion.finalizar(sorteo.oid)
        pedida = await anular(api, sorteo)
        assert (pedida.status_code, pedida.json()["estado"]) == (200, paso)
        if paso == "publicado":
            assert problema(await api.pedir("POST", f"/{sorteo.id}/finalizar")) == (409, "anulacion_pendiente")
        confirmada = await confirmar(api, sorteo, OTRO_ADMIN)
        assert (confirmada.status_code, confirmada.json()["estado"]) == (200, "anulado")
        if paso == "publicado":
            assert {s.estado for s in await casa.solicitudes.todas(sorteo.oid)} == {"vencida", "retirada"}
        assert casa.solicitudes.anuladas_por == ["Faltaban espacios"]
        assert await casa.solicitudes.fase(sorteo.oid) == "terminado"
        for archivo in ("bases", "resultado"):
            assert (await api.pedir("GET", f"/{sorteo.id}/{archivo}", RESIDENTE)).status_code == 200

    async def test_no_clock_does_it(self, api: Api) -> None:
        """Nobody there who could confirm it: people live by what was published."""
        sorteo = await api.casa.publicado()
        assert (await anular(api, sorteo)).json()["anulacion"]["efecto_en"] is None
        api.casa.reloj.avanzar(days=300)
        await api.casa.tareas.atender()
        assert (await api.casa.sorteos.ver(sorteo.oid)).estado == "publicado"

    async def test_repeated_by_another(self, api: Api) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await casa.publicado(4)
        await anular(api, sorteo)
        await confirmar(api, sorteo, OTRO_ADMIN)
        cuando = instante(casa.reloj.instante + timedelta(days=5))
        otro = await casa.abierto(repite_a=str(sorteo.id), fuente_entropia=fuente(disponible_desde=cuando))
        unidades = [s.unidad_id for s in await casa.solicitudes.todas(sorteo.oid)]
        assert [s.unidad_id for s in await casa.solicitudes.todas(otro.oid)] == unidades


class TestAMedias:
    @pytest.mark.parametrize("por_si_solo", [True, False])
    @pytest.mark.parametrize("paso", ["abierto", "cerrado", "ejecutado"])
    async def test_goes_on(self, casa: Casa, monkeypatch: pytest.MonkeyPatch, paso: str, por_si_solo: bool) -> None:
        """Some requests are cancelled, others not yet: no other step is taken, and the annulment is carried on."""
        monkeypatch.setattr(modulo_anulacion, "LOTE", 2)
        await casa.espacios("A-1")
        sorteo = await (casa.abierto(ensayo=True) if paso == "abierto" else getattr(casa, paso)(5, ensayo=True))
        if paso == "abierto":
            await casa.pedir(sorteo, 5)
        llamadas: list[None] = []

        async def falla() -> None:
            llamadas.append(None)
            if len(llamadas) == 2:
                raise RuntimeError

        casa.solicitudes.antes["anular"] = falla
        with pytest.raises(RuntimeError):
            await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        assert [s.estado for s in await casa.solicitudes.todas(sorteo.oid)].count("cancelada") == 2
        assert (await casa.sorteos.ver(sorteo.oid)).estado == paso
        await casa.caduca_el_turno()
        for otro in (
            casa.cierre.cerrar(sorteo.oid)
            if paso == "abierto"
            else casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None),
            casa.apertura.prorrogar(sorteo.oid, cierre=DISPONIBLE - timedelta(days=1), motivo="x"),
        ):
            assert await rehusado(otro) in {"transicion_invalida", "cierre_tardio"}
        if por_si_solo:
            await casa.tareas.atender()
        else:
            await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        anulado = await casa.sorteos.ver(sorteo.oid)
        assert (anulado.estado, anulado.turno) == ("anulado", None)
        assert {s.estado for s in await casa.solicitudes.todas(sorteo.oid)} == {"cancelada"}

    async def test_a_draft_does_not_open_any_more(self, api: Api) -> None:
        sorteo = await api.casa.borrador()
        quien = {"pedida_por": ADMIN.usuario_id, "rol": "admin"}
        anulacion = {"motivo": "x", "pedida_en": INICIO, "efecto_en": INICIO, "firme_en": INICIO} | quien
        await api.casa.r_sorteos.update_one({"_id": sorteo.id}, {"$set": {"anulacion": anulacion}})
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "transicion_invalida")
        await api.casa.tareas.atender()
        assert (await api.ver(f"/{sorteo.id}"))["estado"] == "anulado"


class TestLoQueQueda:
    async def test_closed_the_secret_and_the_bases(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        bases = await api.casa.bytes_de(sorteo, "bases")
        await anular(api, sorteo)
        quedo = await api.ver(f"/{sorteo.id}/verificacion", None)
        assert compromiso_de(quedo["secreto"]) == quedo["compromiso"] == sorteo.compromiso
        assert (quedo["huella"], quedo["semilla"], quedo["entropia"]) == (sorteo.huella, None, None)
        assert (await api.pedir("GET", f"/{sorteo.id}/bases", RESIDENTE)).content == bases
        assert problema(await api.pedir("GET", f"/{sorteo.id}/resultado")) == (404, "no_disponible")
        assert len((await api.ver(f"/{sorteo.id}/evaluacion"))["items"]) == 5

    async def test_run_all_there_was(self, api: Api) -> None:
        api.casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await api.casa.ejecutado()
        antes = await api.ver(f"/{sorteo.id}/verificacion", None)
        resultado = await api.casa.bytes_de(sorteo, "resultado")
        await anular(api, sorteo)
        await confirmar(api, sorteo, OTRO_ADMIN)
        assert await api.ver(f"/{sorteo.id}/verificacion", None) == antes | {"estado": "anulado"}
        assert (await api.pedir("GET", f"/{sorteo.id}/resultado", RESIDENTE)).content == resultado
        assert len((await api.ver(f"/{sorteo.id}/resultados", RESIDENTE))["items"]) == 5

    async def test_reopened_the_secret_of_what_was_closed(self, api: Api) -> None:
        """Its first hash was published: whoever has those bases can check what they were."""
        sorteo = await api.casa.cerrado()
        bases = await api.casa.bytes_de(sorteo, "bases")
        await api.casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None)
        await anular(api, sorteo)
        quedo = await api.ver(f"/{sorteo.id}/verificacion", None)
        assert compromiso_de(quedo["secreto"]) == quedo["compromiso"]
        ruta = f"/{sorteo.id}/bases"
        assert (await api.pedir("GET", ruta, RESIDENTE, params={"huella": str(sorteo.huella)})).content == bases
        assert problema(await api.pedir("GET", ruta)) == (404, "no_disponible")
        assert problema(await api.pedir("GET", ruta, params={"huella": "0" * 64})) == (404, "no_disponible")
        assert (await api.pedir("GET", ruta, params={"huella": "x"})).status_code == 422

    async def test_open_nothing_is_told(self, api: Api) -> None:
        """There were no bases: the secret commits nobody."""
        sorteo = await api.casa.abierto()
        await anular(api, sorteo)
        assert (await api.ver(f"/{sorteo.id}/verificacion", None))["secreto"] is None

    async def test_with_its_number_and_not_run(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        casa = api.casa
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        sorteo = await casa.por_ejecutar()
        with monkeypatch.context() as m:
            m.setattr(casa.r_archivos, "partes", None)
            with pytest.raises(TypeError):
                await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert (await api.ver(f"/{sorteo.id}/verificacion", None))["entropia"] is None
        await casa.caduca_el_turno()
        await anular(api, sorteo)
        await confirmar(api, sorteo, OTRO_ADMIN)
        assert (await api.ver(f"/{sorteo.id}/verificacion", None))["entropia"] == ENTROPIA
