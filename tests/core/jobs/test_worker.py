"""Doing jobs: once, by whoever gets to them, again after a crash, no more after a cancel."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.acts.contract import llamada_en_curso
from app.core.clock import ahora
from app.core.config import Settings
from app.core.jobs import context as modulo_contexto
from app.core.jobs import wiring as montaje
from app.core.jobs import worker as modulo_trabajador
from app.core.jobs.contract import Contexto, EstadoTrabajo, Rechazo, TrabajoPerdido
from app.core.jobs.models import Trabajo
from app.core.security import Rol
from app.shared.exceptions import EnOtrasManos, NoDisponible, NoEncontrado
from tests.conftest import Reloj
from tests.core.jobs.conftest import CLAVE, Haciendo, Taller


async def _nada(_: Contexto) -> None:
    return None


@pytest.fixture(autouse=True)
def _deprisa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modulo_trabajador, "_ESPERAS", (timedelta(0),) * 4)


class TestHacer:
    async def test_lo_que_hizo_es_su_resultado(self, taller: Taller) -> None:
        async def hacer(contexto: Contexto) -> Mapping[str, Any]:
            assert contexto.parametros == {"n": 3}
            assert contexto.quien == taller.quien
            await contexto.avanzar(hecho=3, total=3)
            return {"dobles": 6}

        id = await taller.encolar(parametros={"n": 3})
        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(id)
        assert (visto.estado, visto.resultado, visto.hecho, visto.total) == (EstadoTrabajo.hecho, {"dobles": 6}, 3, 3)

    async def test_se_despierta_en_el_proceso_que_lo_encola(self, taller: Taller) -> None:
        async with taller.trabajador(sondeo=3600, prueba=_nada):
            await asyncio.sleep(0.1)
            await taller.fin(await taller.encolar())

    async def test_aunque_nada_ocurra_solo_lo_aceptado_se_hace(
        self, taller: Taller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whichever process took it: the one that is asked, or one that finds it."""
        ajustes = Settings(_env_file=None, data_dir=tmp_path, latido_segundos=0, clave_auditoria=CLAVE.decode())
        monkeypatch.setattr(montaje, "SIN_LATIDO", 0.05)
        montados = montaje.montar(settings=ajustes, uow=taller.uow, parada=taller.parada, bitacora=taller.bitacora)
        montados.trabajador.encargar({"prueba": Haciendo(_nada)}, taller.vigencia)
        antes = await taller.encolar()
        async with montados.trabajador:
            await taller.fin(antes)
            await taller.fin(await taller.encolar())

    async def test_encolado_en_una_transaccion_no_existe_hasta_que_se_confirma(self, taller: Taller) -> None:
        ids: list[PydanticObjectId] = []

        async def fn() -> None:
            ids.append(await taller.encolar())
            await asyncio.sleep(0.2)
            assert empezados == []

        empezados: list[PydanticObjectId] = []

        async def hacer(contexto: Contexto) -> None:
            empezados.append(contexto.trabajo_id)

        async with taller.trabajador(sondeo=3600, prueba=hacer):
            await taller.uow.run(fn)
            await taller.fin(ids[0])
        assert empezados == ids

    async def test_ni_existe_si_la_transaccion_no_llega_a_nada(self, taller: Taller) -> None:
        async def fn() -> None:
            await taller.encolar()
            raise NoEncontrado

        with pytest.raises(NoEncontrado):
            await taller.uow.run(fn)
        assert await taller.trabajos.find({}) == []

    async def test_el_que_no_sabe_hacerlo_lo_deja_a_otro(self, taller: Taller) -> None:
        async with taller.trabajador(otra=_nada):
            id = await taller.encolar()
            await asyncio.sleep(0.3)
            assert (await taller.ver(id)).estado is EstadoTrabajo.en_cola
            async with taller.trabajador(prueba=_nada):
                await taller.fin(id)

    async def test_varios_procesos_hacen_cada_uno_una_sola_vez(self, taller: Taller) -> None:
        hechos: Counter[PydanticObjectId] = Counter()

        async def hacer(contexto: Contexto) -> None:
            hechos[contexto.trabajo_id] += 1
            await asyncio.sleep(0.005)

        ids = [await taller.encolar() for _ in range(40)]
        async with (
            taller.trabajador(a_la_vez=3, prueba=hacer),
            taller.trabajador(a_la_vez=3, prueba=hacer),
            taller.trabajador(a_la_vez=3, prueba=hacer),
        ):
            for id in ids:
                await taller.fin(id)
        assert hechos == Counter(ids)

    async def test_uno_que_un_muerto_dejo_dentro_de_su_transaccion_no_detiene_a_los_demas(self, taller: Taller) -> None:
        """Who is killed in the middle of a batch leaves the job locked until MongoDB ends the transaction."""
        escrito, acabada = asyncio.Event(), asyncio.Event()
        muerto = await taller.encolar()

        async def lote() -> None:
            await taller.trabajos.update_one({"_id": muerto}, {"$set": {"hecho": 1}})
            escrito.set()
            await acabada.wait()

        transaccion = asyncio.create_task(taller.uow.run(lote))
        await escrito.wait()
        vivo = await taller.encolar()
        async with taller.trabajador(prueba=_nada):
            await taller.fin(vivo)
            assert (await taller.ver(muerto)).estado is EstadoTrabajo.en_cola
            acabada.set()
            await transaccion
            await taller.fin(muerto)

    async def test_uno_largo_no_detiene_a_los_demas_y_no_van_mas_que_los_que_se_dijo(self, taller: Taller) -> None:
        seguir, juntos, a_la_vez, maximo = asyncio.Event(), asyncio.Event(), 0, 0

        async def largo(_: Contexto) -> None:
            await seguir.wait()

        async def corto(_: Contexto) -> None:
            nonlocal a_la_vez, maximo
            a_la_vez += 1
            maximo = max(maximo, a_la_vez)
            if a_la_vez == 2:
                juntos.set()
            await juntos.wait()
            await asyncio.sleep(0.01)
            a_la_vez -= 1

        async with taller.trabajador(a_la_vez=3, largo=largo, corto=corto):
            primero = await taller.encolar("largo")
            for id in [await taller.encolar("corto") for _ in range(10)]:
                await taller.fin(id)
            assert (await taller.ver(primero)).estado is EstadoTrabajo.en_curso
            seguir.set()
            await taller.fin(primero)
        assert maximo == 2

    async def test_mientras_vive_uno_con_ese_nombre_es_ese(self, taller: Taller) -> None:
        ids = await asyncio.gather(*(taller.encolar(unico="a") for _ in range(8)))
        assert len(set(ids)) == 1
        assert await taller.encolar(unico="b") not in ids
        async with taller.trabajador(prueba=_nada):
            await taller.fin(ids[0])
        assert await taller.encolar(unico="a") not in ids

    async def test_lo_que_hace_es_el_acto_de_quien_lo_pidio(self, taller: Taller) -> None:
        actos: list[object] = []

        async def hacer(contexto: Contexto) -> None:
            llamada = llamada_en_curso()
            actos.append((llamada.quien, llamada.es_acto, contexto.trabajo_id) if llamada else None)

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
        assert actos == [(taller.quien, True, id)]


class TestFallar:
    async def test_una_regla_rota_es_su_fin(self, taller: Taller) -> None:
        async def hacer(_: Contexto) -> None:
            raise NoEncontrado(cuantas=3)

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert visto.estado is EstadoTrabajo.fallido
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.status, visto.fallo.datos) == ("no_encontrado", 404, {"cuantas": 3})
        assert visto.resultado is None
        assert (await taller.ver(visto.id)).intentos == 1

    @pytest.mark.parametrize("error", [RuntimeError("secreto"), NoDisponible()])
    async def test_lo_pasajero_se_intenta_otra_vez(self, error: Exception, taller: Taller) -> None:
        veces = 0

        async def hacer(_: Contexto) -> dict[str, int]:
            nonlocal veces
            veces += 1
            if veces < modulo_trabajador.INTENTOS:
                raise error
            return {"veces": veces}

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert visto.resultado == {"veces": modulo_trabajador.INTENTOS}

    async def test_el_registro_dice_por_que_y_cuando_ya_no(
        self, taller: Taller, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def hacer(_: Contexto) -> None:
            raise NoDisponible()

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert visto.estado is EstadoTrabajo.fallido
        *veces, ultima = [linea for linea in caplog.messages if str(visto.id) in linea]
        assert veces == [f"se interrumpió el trabajo {visto.id} (prueba): no_disponible_ahora"] * len(veces)
        assert (len(veces), "queda fallido" in ultima) == (modulo_trabajador.INTENTOS, True)

    async def test_a_quien_esta_en_ello_se_le_espera(self, taller: Taller) -> None:
        """The clock may have taken the step up: however long it takes, the job ends with it and has not failed."""
        veces = 0

        async def hacer(_: Contexto) -> dict[str, int]:
            nonlocal veces
            veces += 1
            if veces <= 2 * modulo_trabajador.INTENTOS:
                raise EnOtrasManos()
            return {"veces": veces}

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert visto.resultado == {"veces": 2 * modulo_trabajador.INTENTOS + 1}

    async def test_pero_no_sin_fin_y_nada_de_dentro_se_cuenta(self, taller: Taller) -> None:
        veces = 0

        async def hacer(_: Contexto) -> None:
            nonlocal veces
            veces += 1
            raise RuntimeError("secreto")

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert veces == modulo_trabajador.INTENTOS
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.datos) == ("error_interno", {})
        assert "secreto" not in str(visto)

    async def test_entre_intentos_se_espera_cada_vez_mas(self, taller: Taller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_trabajador, "_ESPERAS", (timedelta(hours=1),) * 4)
        empezado = asyncio.Event()

        async def hacer(_: Contexto) -> None:
            empezado.set()
            raise RuntimeError

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await empezado.wait()
            await taller.hasta(lambda: _esta(taller, id, EstadoTrabajo.en_cola))
        trabajo = await taller.ver(id)
        assert trabajo.libre_desde is not None
        assert trabajo.libre_desde > ahora() + timedelta(minutes=50)

    async def test_el_que_se_corta_siempre_acaba_por_fallar(self, taller: Taller) -> None:
        """Each attempt dies: nobody says anything more of the job, and another takes it up."""
        id = await taller.encolar()
        await taller.trabajos.update_one({"_id": id}, {"$set": {"intentos": modulo_trabajador.INTENTOS}})
        async with taller.trabajador(prueba=_nada):
            visto = await taller.fin(id)
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.status) == ("trabajo_interrumpido", 503)


async def _esta(taller: Taller, id: PydanticObjectId, estado: EstadoTrabajo) -> bool:
    return (await taller.ver(id)).estado is estado


class TestSeguirDondeIba:
    async def test_lo_guardado_y_lo_escrito_son_una_cosa(self, taller: Taller) -> None:
        """A batch that comes to nothing leaves neither its rows nor its mark."""
        intentos: list[Mapping[str, Any]] = []

        async def hacer(contexto: Contexto) -> dict[str, int]:
            intentos.append(contexto.punto)
            for n in range(contexto.punto.get("desde", 0), 3):

                async def lote(n: int = n) -> None:
                    await contexto.guardar(punto={"desde": n + 1}, hecho=n + 1, total=3)
                    await contexto.rechazar(filas=[Rechazo(linea=n + 2, campo="torre", codigo="requerido")])
                    if n == 1 and len(intentos) < 3:
                        raise RuntimeError

                await taller.uow.run(lote)
            return {"lotes": 3}

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert intentos == [{}, {"desde": 1}, {"desde": 1}]
        assert (visto.errores, visto.hecho, visto.total) == (3, 3, 3)

    async def test_la_misma_fila_rechazada_dos_veces_es_una(self, taller: Taller) -> None:
        intentos = 0

        async def hacer(contexto: Contexto) -> None:
            nonlocal intentos
            intentos += 1
            filas = [Rechazo(linea=2, campo=campo, codigo="requerido") for campo in ("torre", "cupo")]
            await contexto.rechazar(filas=[*filas, filas[0]])
            if intentos == 1:
                raise RuntimeError

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert (intentos, visto.errores) == (2, 2)

    async def test_al_parar_lo_devuelve_enseguida_y_no_cuenta_como_intento(self, taller: Taller) -> None:
        empezado, seguir = asyncio.Event(), asyncio.Event()

        async def hacer(_: Contexto) -> None:
            empezado.set()
            await seguir.wait()

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await empezado.wait()
        trabajo = await taller.ver(id)
        assert (trabajo.estado, trabajo.intentos, trabajo.ficha) == (EstadoTrabajo.en_cola, 0, None)
        seguir.set()
        async with taller.trabajador(prueba=hacer):
            await taller.fin(id)

    async def test_basta_con_que_se_avise_de_la_parada(self, taller: Taller) -> None:
        """A server ends the lifespan only after its last client: the job does not wait for that."""
        empezado = asyncio.Event()

        async def hacer(_: Contexto) -> None:
            empezado.set()
            await asyncio.Event().wait()

        async with taller.trabajador(prueba=hacer, sondeo=3600):
            id = await taller.encolar()
            await empezado.wait()
            taller.parada.avisar()
            await taller.hasta(lambda: _esta(taller, id, EstadoTrabajo.en_cola))

    async def test_el_que_dejo_de_dar_senales_lo_pierde_y_no_escribe_mas(
        self, taller: Taller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(modulo_contexto, "DURACION", timedelta(seconds=0.2))
        # The first one is deaf: its renewals do not get through, as in a process that hangs.
        mudo, vueltas, errores = asyncio.Event(), 0, []

        async def hacer(contexto: Contexto) -> dict[str, int]:
            nonlocal vueltas
            vueltas += 1
            if vueltas > 1:
                return {"vuelta": 2}
            monkeypatch.setattr(type(contexto), "renovar", _no_se_oye)
            await mudo.wait()
            for escribir in (
                contexto.guardar(punto={"de": "nadie"}, hecho=1),
                contexto.avanzar(hecho=1),
                contexto.rechazar(filas=[Rechazo(linea=1, campo="", codigo="requerido")]),
            ):
                try:
                    await escribir
                except TrabajoPerdido as error:
                    errores.append(error)
            return {"vuelta": 1}

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            visto = await taller.fin(id)
            mudo.set()
            await taller.hasta(lambda: _hay(errores, 3))
        assert visto.resultado == {"vuelta": 2}
        trabajo = await taller.ver(id)
        assert (trabajo.resultado, trabajo.punto) == ({"vuelta": 2}, {})


async def _no_se_oye(_: object) -> bool:
    return True


async def _hay(cosas: list[Any], cuantas: int) -> bool:
    return len(cosas) == cuantas


class TestCancelar:
    async def test_en_cola_no_llega_a_empezar(self, taller: Taller) -> None:
        id = await taller.encolar()
        await taller.servicio.cancelar(id, taller.quien)
        async with taller.trabajador(prueba=_nada):
            assert (await taller.fin(id)).estado is EstadoTrabajo.cancelado
        assert (await taller.ver(id)).intentos == 0

    async def test_en_curso_para_en_su_proximo_paso(self, taller: Taller) -> None:
        empezado, pasos = asyncio.Event(), 0

        async def hacer(contexto: Contexto) -> None:
            nonlocal pasos
            while True:
                pasos += 1
                await contexto.guardar(punto={"paso": pasos}, hecho=pasos)
                empezado.set()
                await asyncio.sleep(0.02)

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await empezado.wait()
            await taller.servicio.cancelar(id, taller.quien)
            await taller.servicio.cancelar(id, taller.quien)
            visto = await taller.fin(id)
        assert visto.estado is EstadoTrabajo.cancelado
        assert visto.hecho >= pasos - 1

    async def test_el_lote_en_el_que_se_entera_no_ocurre(self, taller: Taller) -> None:
        async def hacer(contexto: Contexto) -> None:
            async def lote(n: int) -> None:
                await contexto.guardar(punto={"n": n}, hecho=n)

            await taller.uow.run(lambda: lote(1))
            await taller.servicio.cancelar(contexto.trabajo_id, taller.quien)
            await taller.uow.run(lambda: lote(2))

        async with taller.trabajador(prueba=hacer):
            id = await taller.encolar()
            await taller.fin(id)
        assert (await taller.ver(id)).punto == {"n": 1}

    async def test_lo_nota_tambien_el_que_solo_avanza(self, taller: Taller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_contexto, "DURACION", timedelta(seconds=0.5))

        async def hacer(contexto: Contexto) -> None:
            await contexto.avanzar(hecho=0, total=10)
            await taller.servicio.cancelar(contexto.trabajo_id, taller.quien)
            while True:
                await contexto.avanzar(hecho=1)
                await asyncio.sleep(0.01)

        async with taller.trabajador(prueba=hacer):
            assert (await taller.fin(await taller.encolar())).estado is EstadoTrabajo.cancelado

    async def test_el_que_murio_despues_de_que_lo_cancelaran_no_sigue(self, taller: Taller) -> None:
        id = await taller.encolar()
        await taller.trabajos.update_one(
            {"_id": id}, {"$set": {"cancelar": True, "estado": "en_curso", "ficha": "de un muerto"}}
        )
        async with taller.trabajador(prueba=_nada):
            assert (await taller.fin(id)).estado is EstadoTrabajo.cancelado


class TestLoQueAlguienEscribe:
    """On the database, into a job that waits; or one of their own."""

    @pytest.mark.parametrize(
        "escrito",
        [
            {"quien.usuario_id": PydanticObjectId()},
            {"quien.rol": "admin"},
            {"parametros": {"motivo": "otro"}},
            {"dueno": PydanticObjectId()},
            {"tipo": "otra"},
            {"marca": None},
            {"_id": PydanticObjectId()},
        ],
    )
    async def test_no_se_hace_y_queda_dicho(self, taller: Taller, escrito: dict[str, Any]) -> None:
        empezados: list[PydanticObjectId] = []

        async def hacer(contexto: Contexto) -> None:
            empezados.append(contexto.trabajo_id)

        id = await taller.encolar(parametros={"motivo": "x", "cierre": datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)})
        coleccion = Trabajo.get_motor_collection()
        fila = await coleccion.find_one_and_delete({"_id": id})
        assert fila is not None
        copia = fila if "_id" not in escrito else fila | escrito
        await coleccion.insert_one(copia)
        if "_id" not in escrito:
            await coleccion.update_one({"_id": id}, {"$set": escrito})
        async with taller.trabajador(prueba=hacer, otra=hacer):
            visto = await taller.fin(copia["_id"])
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.status) == ("trabajo_alterado", 409)
        assert empezados == []
        tipo = escrito.get("tipo", "prueba")
        assert taller.bitacora.sucesos == [("trabajo_alterado", {"tipo": tipo}, copia["_id"], False)]

    @pytest.mark.parametrize("como", ["hecho", "fallido", "cancelado"])
    async def test_lo_que_termino_no_se_hace_otra_vez(self, taller: Taller, como: str) -> None:
        """Though it is put back as it stood in the queue, mark and all."""
        empezados: list[PydanticObjectId] = []

        async def hacer(contexto: Contexto) -> None:
            empezados.append(contexto.trabajo_id)
            if como == "fallido":
                raise NoEncontrado()

        id = await taller.encolar()
        coleccion = Trabajo.get_motor_collection()
        en_cola = await coleccion.find_one({"_id": id})
        assert en_cola is not None
        if como == "cancelado":
            await taller.servicio.cancelar(id, taller.quien)
        async with taller.trabajador(prueba=hacer):
            assert (await taller.fin(id)).estado == como
            await coleccion.replace_one({"_id": id}, en_cola)
            taller.despertar()
            visto = await taller.fin(id)
        assert visto.fallo is not None
        assert visto.fallo.codigo == "trabajo_alterado"
        assert len(empezados) == (como != "cancelado")
        assert [tipo for tipo, *_ in taller.bitacora.sucesos] == ["trabajo_alterado"]

    async def test_lo_que_se_quito_no_se_hace_semanas_despues(self, taller: Taller, reloj: Reloj) -> None:
        empezados: list[PydanticObjectId] = []

        async def hacer(contexto: Contexto) -> None:
            empezados.append(contexto.trabajo_id)

        id = await taller.encolar()
        coleccion = Trabajo.get_motor_collection()
        quitado = await coleccion.find_one_and_delete({"_id": id})
        assert quitado is not None
        reloj.avanzar(days=30)
        await coleccion.insert_one(quitado)
        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(id)
        assert (visto.fallo is not None and visto.fallo.codigo, empezados) == ("trabajo_alterado", [])

    async def test_lo_que_nadie_toca_se_hace(self, taller: Taller) -> None:
        """Times, ids and names go through the database and come back as they went."""

        async def hacer(contexto: Contexto) -> None:
            del contexto

        cuando = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)
        parametros = {"cierre": cuando, "id": PydanticObjectId(), "rol": Rol.admin, "lista": [1, 2.5, None, {"b": 1}]}
        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar(parametros=parametros, unico="uno"))
        assert visto.estado is EstadoTrabajo.hecho


class TestQuienLoPidio:
    """They may be switched off, or be somebody else by now."""

    async def test_al_empezar(self, taller: Taller) -> None:
        empezados: list[PydanticObjectId] = []

        async def hacer(contexto: Contexto) -> None:
            empezados.append(contexto.trabajo_id)

        id = await taller.encolar()
        taller.vigencia.perdieron.add(taller.quien.usuario_id)
        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(id)
        assert visto.estado is EstadoTrabajo.fallido
        assert visto.fallo is not None
        assert (visto.fallo.codigo, visto.fallo.status) == ("rol_insuficiente", 403)
        assert empezados == []

    async def test_en_cada_lote(self, taller: Taller) -> None:
        hechos: list[int] = []

        async def hacer(contexto: Contexto) -> None:
            for n in range(3):
                await contexto.guardar(punto={"n": n}, hecho=n)
                hechos.append(n)
                taller.vigencia.perdieron.add(contexto.quien.usuario_id)

        async with taller.trabajador(prueba=hacer):
            visto = await taller.fin(await taller.encolar())
        assert (visto.estado, hechos) == (EstadoTrabajo.fallido, [0])
