"""Running: when, with which number, once; always what the engine makes of the bases that were published."""

import asyncio
from typing import Any

import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos import corrida
from app.shared.exceptions import ParkNetError
from tests.loteria import fuente, instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, OTRA_ENTROPIA, RESIDENTE
from tests.modules.sorteo.pasos.test_apertura import secreto_de


async def ejecutar(api: Api, sorteo: Sorteo, entropia: str | None = ENTROPIA) -> Any:
    cuerpo = {} if entropia is None else {"entropia": entropia}
    return await api.pedir("POST", f"/{sorteo.id}/ejecutar", json=cuerpo)


async def anular_a_las_72_horas(casa: Casa, sorteo: Sorteo) -> None:
    await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
    casa.reloj.avanzar(hours=72)


class TestNumero:
    async def test_not_before_it_can_be_known(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        for entropia in (ENTROPIA, "otra forma", None):
            respuesta = await ejecutar(api, sorteo, entropia)
            assert problema(respuesta) == (409, "entropia_prematura")
            assert respuesta.json()["datos"] == {"disponible_desde": instante(DISPONIBLE)}
        assert (await api.casa.sorteos.ver(sorteo.oid)).entropia is None
        api.casa.reloj.poner(DISPONIBLE)
        assert (await ejecutar(api, sorteo)).status_code == 200

    @pytest.mark.parametrize(
        "entropia",
        [
            "4821 Serie 072",
            "4821  serie 072",
            "4821 serie 72",
            "04821 serie 072",
            " 4821 serie 072",
            "4821 serie 072\n",
            "４821 serie 072",
            "4821-serie-072",
            "",
            "#### serie ###",
        ],
    )
    async def test_another_spelling(self, api: Api, entropia: str) -> None:
        sorteo = await api.casa.por_ejecutar()
        respuesta = await ejecutar(api, sorteo, entropia)
        assert respuesta.status_code == 422
        assert [e["campo"] for e in respuesta.json()["errores"]] == ["entropia"]
        assert entropia == "" or entropia not in respuesta.text
        assert (await api.casa.sorteos.ver(sorteo.oid)).entropia is None

    async def test_missing(self, api: Api) -> None:
        respuesta = await ejecutar(api, await api.casa.por_ejecutar(), None)
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("entropia", "requerido")]

    @pytest.mark.parametrize("forma", ["####", "-#### (a|b)* ###$", "N.º #### de los ##"])
    async def test_a_spelling_is_no_pattern(self, api: Api, forma: str) -> None:
        sorteo = await api.casa.por_ejecutar(fuente_entropia=fuente(forma=forma))
        entropia = forma.replace("#", "7")
        assert (await ejecutar(api, sorteo, entropia + "7")).status_code == 422
        assert (await ejecutar(api, sorteo, entropia)).json()["entropia"] == entropia

    async def test_the_first_is_for_ever(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar()
        primera = await ejecutar(api, sorteo)
        assert problema(await ejecutar(api, sorteo, OTRA_ENTROPIA)) == (409, "entropia_fijada")
        for entropia in (ENTROPIA, None):
            otra_vez = await ejecutar(api, sorteo, entropia)
            assert (otra_vez.status_code, otra_vez.json()) == (200, primera.json())
        assert (await api.pedir("POST", f"/{sorteo.id}/ejecutar")).json() == primera.json()  # without a body
        publicado = await api.casa.publicacion.publicar(sorteo.oid)
        assert (await ejecutar(api, publicado)).json() == primera.json() | {"estado": "publicado"}
        assert problema(await ejecutar(api, publicado, OTRA_ENTROPIA)) == (409, "entropia_fijada")

    async def test_stored_before_it_is_used(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who breaks the run after seeing what comes out cannot try another number."""
        sorteo = await api.casa.por_ejecutar()

        async def falla(**_: object) -> str:
            raise RuntimeError

        with monkeypatch.context() as m:
            m.setattr(api.casa.r_archivos, "guardar", falla)
            assert problema(await ejecutar(api, sorteo)) == (500, "error_interno")
        assert (await api.casa.sorteos.ver(sorteo.oid)).estado == "cerrado"
        await api.casa.caduca_el_turno()
        assert problema(await ejecutar(api, sorteo, OTRA_ENTROPIA)) == (409, "entropia_fijada")
        assert (await ejecutar(api, sorteo, None)).json()["entropia"] == ENTROPIA


class TestResultado:
    async def test_is_the_engines(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(corrida, "LOTE", 4)
        casa = api.casa
        await casa.espacios(*(f"A-{n}" for n in range(5)))
        await casa.espacios("D-1", "D-2", reserva="discapacidad")
        sorteo = await casa.abierto()
        filas = await casa.pedir(sorteo, 18)
        casa.padron.poner(filas[3].unidad_id, condiciones=frozenset({"discapacidad"}))
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        respuesta = await ejecutar(api, sorteo)
        bases = (await api.pedir("GET", f"/{sorteo.id}/bases", RESIDENTE)).content
        resultado = (await api.pedir("GET", f"/{sorteo.id}/resultado", RESIDENTE)).content
        assert resultado == motor.correr(bases, await secreto_de(casa, sorteo), ENTROPIA)
        semilla = motor.semilla_de(await secreto_de(casa, sorteo), str(cerrado.huella), ENTROPIA)
        assert respuesta.json() == {
            "sorteo_id": str(sorteo.id),
            "estado": "ejecutado",
            "entropia": ENTROPIA,
            "semilla": semilla,
            "huella": cerrado.huella,
            "huella_resultado": motor.sha256_hex(resultado),
            "participantes": 18,
            "admitidos": 7,
            "en_espera": 11,
        }
        puestos = [
            motor.Puesto(str(r.folio), r.posicion, r.numero, r.espacio, r.espera) for r in await casa.resultados(sorteo)
        ]
        assert motor.escribir_resultado(puestos) == resultado

    async def test_rows_say_whose_they_are(self, casa: Casa) -> None:
        await casa.espacios("A-1")
        await casa.espacios("D-1", "D-2", reserva="discapacidad")
        sorteo = await casa.abierto()
        filas = {fila.folio: fila for fila in await casa.pedir(sorteo, 4)}
        casa.padron.poner(filas[2].unidad_id, condiciones=frozenset({"discapacidad"}))
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        resultados = await casa.resultados(sorteo)
        assert {r.folio: (r.solicitud_id, r.unidad_id) for r in resultados} == {
            folio: (fila.id, fila.unidad_id) for folio, fila in filas.items()
        }
        con_derecho = next(r for r in resultados if r.folio == 2)
        assert (con_derecho.espacio_reserva, con_derecho.prestado) == ("discapacidad", False)
        # The other reserved one is lent; nobody else has its right.
        assert [r.espacio_reserva for r in resultados if r.prestado] == ["discapacidad"]
        assert {r.espacio_tipo for r in resultados if r.espacio} == {"carro"}

    async def test_nobody_asked(self, casa: Casa) -> None:
        sorteo = await casa.ejecutado(0)
        assert (sorteo.admitidos, sorteo.en_espera, sorteo.huella_resultado) == (0, 0, motor.sha256_hex(b""))
        assert await casa.bytes_de(sorteo, "resultado") == b""

    async def test_files_of_several_pieces(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.modules.sorteo.repository._TROZO", 300)
        sorteo = await casa.ejecutado(20)
        assert await casa.r_archivos.count({"archivo": "bases"}) > 3
        bases, resultado = await casa.bytes_de(sorteo, "bases"), await casa.bytes_de(sorteo, "resultado")
        assert motor.sha256_hex(bases) == sorteo.huella
        assert resultado == motor.correr(bases, str(sorteo.secreto), ENTROPIA)


class TestUnaVez:
    async def test_twenty_at_once_with_the_same(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar(10)
        respuestas = await asyncio.gather(*(ejecutar(api, sorteo) for _ in range(20)))
        assert [r.status_code for r in respuestas] == [200] * 20
        assert len({r.text for r in respuestas}) == 1
        assert await api.casa.r_resultados.count({}) == 10

    async def test_twenty_at_once_with_different_ones(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar(10)
        numeros = [f"{n:04} serie 000" for n in range(20)]
        respuestas = await asyncio.gather(*(ejecutar(api, sorteo, numero) for numero in numeros))
        buenas = [(n, r) for n, r in zip(numeros, respuestas, strict=True) if r.status_code == 200]
        assert [problema(r) for r in respuestas if r.status_code != 200] == [(409, "entropia_fijada")] * 19
        ((numero, buena),) = buenas
        quedo = await api.casa.sorteos.ver(sorteo.oid)
        assert (buena.json()["entropia"], quedo.entropia) == (numero, numero)
        bases = await api.casa.bytes_de(quedo, "bases")
        assert await api.casa.bytes_de(quedo, "resultado") == motor.correr(bases, str(quedo.secreto), numero)

    async def test_another_is_first_by_a_hair(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between looking and writing: what was written stays."""
        sorteo = await casa.por_ejecutar()
        pasar = casa.r_sorteos.pasar

        async def tarde(*que: Any, **mas: Any) -> Sorteo | None:
            await casa.r_sorteos.update_one({"_id": sorteo.id}, {"$set": {"entropia": OTRA_ENTROPIA}})
            return await pasar(*que, **mas)

        with monkeypatch.context() as m:
            m.setattr(casa.r_sorteos, "pasar", tarde)
            with pytest.raises(ParkNetError) as caso:
                await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert caso.value.codigo == "entropia_fijada"
        assert (await casa.sorteos.ver(sorteo.oid)).entropia == OTRA_ENTROPIA

    async def test_not_once_an_annulment_stands(self, api: Api) -> None:
        """Although its number was stored before."""
        sorteo = await api.casa.por_ejecutar()
        await anular_a_las_72_horas(api.casa, sorteo)
        await api.casa.tareas.atender()
        await api.casa.r_sorteos.update_one({"_id": sorteo.id}, {"$set": {"entropia": ENTROPIA}})
        for entropia in (ENTROPIA, None):
            assert problema(await ejecutar(api, sorteo, entropia)) == (409, "transicion_invalida")

    @pytest.mark.parametrize("paso", ["borrador", "abierto"])
    async def test_only_what_is_closed(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await ejecutar(api, sorteo)) == (409, "transicion_invalida")

    @pytest.mark.parametrize("paso", ["cerrado", "por_ejecutar"])
    async def test_never_once_annulled(self, api: Api, paso: str) -> None:
        sorteo = await api.casa.cerrado()
        if paso == "por_ejecutar":
            api.casa.reloj.poner(DISPONIBLE)
            await anular_a_las_72_horas(api.casa, sorteo)  # it stands once the beat has judged that nobody can confirm
            assert problema(await ejecutar(api, sorteo)) == (409, "anulacion_pendiente")
            await api.casa.tareas.atender()
        else:
            await api.casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        assert (await api.casa.sorteos.ver(sorteo.oid)).estado == "anulado"
        api.casa.reloj.avanzar(days=30)
        assert problema(await ejecutar(api, sorteo)) == (409, "transicion_invalida")
        assert await api.casa.r_resultados.count({}) == 0

    async def test_a_rehearsal_runs_at_any_time(self, api: Api) -> None:
        sorteo = await api.casa.cerrado(ensayo=True)
        assert (await ejecutar(api, sorteo)).json()["estado"] == "ejecutado"


class TestAlteradas:
    """Whoever writes on the database gets no result for it."""

    async def sin_resultado(self, api: Api, sorteo: Sorteo) -> None:
        for entropia in (ENTROPIA, None):
            assert problema(await ejecutar(api, sorteo, entropia)) == (409, "bases_alteradas")
        quedo = await api.casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.semilla, quedo.secreto, quedo.turno) == ("cerrado", None, None, None)
        assert problema(await api.pedir("GET", f"/{sorteo.id}/resultado")) == (404, "no_disponible")

    async def test_the_bases(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar()
        (parte,) = await api.casa.r_archivos.find({"archivo": "bases"})
        alterados = parte.datos.replace(b'"nivel":5', b'"nivel":0', 1)
        assert alterados != parte.datos
        await api.casa.r_archivos.update_one({"_id": parte.id}, {"$set": {"datos": alterados}})
        await self.sin_resultado(api, sorteo)

    async def test_bases_that_are_gone(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar()
        await api.casa.r_archivos.delete_many({"archivo": "bases"})
        await self.sin_resultado(api, sorteo)

    @pytest.mark.parametrize(
        "cambio",
        [
            {"nivel": 0},
            {"boletas": 7},
            {"condiciones": ["discapacidad"]},
            {"tipos": ["moto"]},
            {"folio": 99},
        ],
    )
    async def test_what_stands_beside_them(self, api: Api, cambio: dict[str, Any]) -> None:
        sorteo = await api.casa.por_ejecutar()
        assert await api.casa.r_participantes.update_one({"folio": 2}, {"$set": cambio}) is not None
        await self.sin_resultado(api, sorteo)

    @pytest.mark.parametrize("como", ["de_otro", "roto", "vacio", "ninguno", "nuevo"])
    async def test_the_secret(self, api: Api, como: str) -> None:
        casa = api.casa
        otro = await casa.abierto()
        sorteo = await casa.por_ejecutar()
        suyo, ajeno = await casa.r_secretos.get(sorteo.oid), await casa.r_secretos.get(otro.oid)
        assert suyo is not None
        assert ajeno is not None
        if como == "ninguno":
            await casa.r_secretos.delete_one({"_id": sorteo.id})
        else:
            sellado = {
                "de_otro": ajeno.sellado,
                "roto": suyo.sellado[:-1] + bytes([suyo.sellado[-1] ^ 1]),
                "vacio": b"",
                "nuevo": casa.boveda.cerrar_texto(
                    "0" * 64, de=sorteo.oid
                ),  # sealed well, and not what was committed to
            }[como]
            await casa.r_secretos.update_one({"_id": sorteo.id}, {"$set": {"sellado": sellado}})
        await self.sin_resultado(api, sorteo)

    async def test_such_a_draw_can_still_be_annulled(self, casa: Casa) -> None:
        sorteo = await casa.por_ejecutar()
        await casa.r_secretos.update_one({"_id": sorteo.id}, {"$set": {"sellado": b"x" * 80}})
        await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        casa.reloj.avanzar(hours=72)
        anulado = await casa.anulacion.continuar(sorteo.oid)
        assert (anulado.estado, anulado.secreto) == ("anulado", None)


class TestTurnoPerdido:
    async def test_what_another_finished_is_the_answer(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        sorteo = await casa.por_ejecutar()
        guardar = casa.r_archivos.guardar
        otros: list[Sorteo | None] = []

        async def lento(**que: Any) -> str:
            huella = await guardar(**que)
            if not otros:
                otros.append(None)
                await casa.caduca_el_turno()
                otros.append(await casa.ejecucion.ejecutar(sorteo.oid, None))
            return huella

        monkeypatch.setattr(casa.r_archivos, "guardar", lento)
        assert await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA) == otros[1]
        assert await casa.r_resultados.count({}) == 5

    async def test_while_another_is_at_it(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is written at the end, and whoever asked is told to come back."""
        sorteo = await casa.por_ejecutar()
        guardar = casa.r_archivos.guardar

        async def lento(**que: Any) -> str:
            await casa.r_sorteos.update_one({"_id": sorteo.id}, {"$set": {"turno.ficha": "de otro"}})
            return await guardar(**que)

        monkeypatch.setattr(casa.r_archivos, "guardar", lento)
        with pytest.raises(ParkNetError) as caso:
            await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert (caso.value.codigo, caso.value.status) == ("tarea_en_curso", 503)
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.secreto, quedo.semilla) == ("cerrado", None, None)
        assert quedo.turno is not None
        assert quedo.turno.ficha == "de otro"
