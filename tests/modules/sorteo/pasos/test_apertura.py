"""Opening: the commitment, the copies of rules and spaces, the claims, the window; all of it or nothing."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import compromiso_de, sha256_hex
from app.shared.exceptions import ParkNetError
from tests.conftest import INICIO
from tests.loteria import fuente, instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, RESIDENTE


async def secreto_de(casa: Casa, sorteo: Sorteo) -> str:
    guardado = await casa.r_secretos.get(sorteo.oid)
    assert guardado is not None
    secreto = casa.boveda.abrir_texto(guardado.sellado, de=sorteo.oid)
    assert secreto is not None
    return secreto


async def a_la_vez(*intentos: Any) -> tuple[list[Any], list[BaseException]]:
    """What came of those that came to something, and the errors of the others."""
    hechos = await asyncio.gather(*intentos, return_exceptions=True)
    errores = [h for h in hechos if isinstance(h, BaseException)]
    return [h for h in hechos if not isinstance(h, BaseException)], errores


class TestCompromiso:
    async def test_is_the_hash_of_the_sealed_secret(self, api: Api) -> None:
        borrador = await api.casa.borrador()
        respuesta = await api.pedir("POST", f"/{borrador.id}/abrir")
        assert respuesta.status_code == 200
        cuerpo = respuesta.json()
        assert cuerpo == await api.ver(f"/{borrador.id}", RESIDENTE)
        assert (cuerpo["estado"], cuerpo["abierto_en"]) == ("abierto", instante(INICIO))
        secreto = await secreto_de(api.casa, borrador)
        assert len(bytes.fromhex(secreto)) == 32
        assert cuerpo["compromiso"] == compromiso_de(secreto)

    async def test_again_is_the_same(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        antes = await api.ver(f"/{sorteo.id}")
        api.casa.reloj.avanzar(hours=1)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/abrir")
        assert (respuesta.status_code, respuesta.json()) == (200, antes)

    async def test_every_draw_has_its_own(self, casa: Casa) -> None:
        sorteos = [await casa.abierto() for _ in range(3)]
        assert len({s.compromiso for s in sorteos}) == 3

    async def test_twenty_at_once(self, api: Api) -> None:
        await api.casa.espacios("A-01", "A-02")
        sorteo = await api.casa.borrador()
        respuestas = await asyncio.gather(*(api.pedir("POST", f"/{sorteo.id}/abrir") for _ in range(20)))
        assert [r.status_code for r in respuestas] == [200] * 20
        assert len({r.text for r in respuestas}) == 1
        assert await api.casa.r_secretos.count({}) == 1
        assert respuestas[0].json()["compromiso"] == compromiso_de(await secreto_de(api.casa, sorteo))
        assert await api.casa.ocupaciones() == {codigo: [("sorteo", sorteo.id)] for codigo in ("A-01", "A-02")}

    @pytest.mark.parametrize("paso", ["cerrado", "ejecutado", "publicado"])
    async def test_not_from_later_states(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "transicion_invalida")


class TestCopias:
    async def test_rules_and_spaces_stay_what_they_were(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-01", reserva="discapacidad")
        await casa.espacios("A-02")
        await casa.prioridad()
        await casa.prioridad("inactiva", activa=False)
        sorteo = await casa.abierto()
        await casa.r_prioridades.update_one({"codigo": "discapacidad"}, {"$set": {"efecto.nivel": 9}})
        await casa.prioridad("nueva")
        await casa.r_espacios.update_one({"codigo": "A-01"}, {"$set": {"tipo": "moto", "reserva": None}})
        await casa.espacios("A-03")

        (linea,) = (await casa.bytes_de(sorteo, "reglas")).splitlines()
        reglas = json.loads(linea)
        assert [(r["codigo"], r["efecto"]["nivel"]) for r in reglas["reglas"]] == [("discapacidad", 1)]
        assert reglas["espacios"] == [
            {"codigo": "A-01", "reserva": "discapacidad", "tipo": "carro"},
            {"codigo": "A-02", "reserva": None, "tipo": "carro"},
        ]
        (solicitud,) = await casa.pedir(sorteo)
        casa.padron.poner(solicitud.unidad_id, condiciones=frozenset({"discapacidad"}))
        [fila] = (await api.ver(f"/{sorteo.id}/evaluacion"))["items"]
        assert (fila["nivel"], fila["reglas"]) == (1, ["discapacidad"])
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        primera = json.loads((await casa.bytes_de(cerrado, "bases")).splitlines()[0])
        assert primera["espacios"] == reglas["espacios"]

    async def test_their_hash_is_what_is_downloaded(self, api: Api) -> None:
        await api.casa.espacios("Ñ-01", "A-02")
        sorteo = await api.casa.abierto(nombre="Sorteo de año nuevo")
        respuesta = await api.pedir("GET", f"/{sorteo.id}/reglas", RESIDENTE)
        assert respuesta.headers["content-type"] == "application/jsonl"
        assert sha256_hex(respuesta.content) == (await api.ver(f"/{sorteo.id}"))["huella_reglas"]
        documento = json.loads(respuesta.content)
        canonico = json.dumps(documento, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        assert respuesta.content == canonico.encode()
        assert documento["parametros"]["nombre"] == "Sorteo de año nuevo"
        assert documento["sorteo"] == str(sorteo.id)

    async def test_the_hash_of_what_is_accepted_and_the_maximum_of_each_type(self, api: Api) -> None:
        sorteo = await api.casa.abierto(reglamento="No se arrienda.", max_por_tipo={"moto": 2})
        parametros = json.loads((await api.pedir("GET", f"/{sorteo.id}/reglas")).content)["parametros"]
        assert (parametros["reglamento"], parametros["max_por_tipo"]) == (sha256_hex("No se arrienda."), {"moto": 2})
        assert (await api.ver(f"/{sorteo.id}", RESIDENTE))["reglamento"] == "No se arrienda."

    async def test_named_rules_in_their_order(self, casa: Casa) -> None:
        for codigo in ("uno", "dos", "tres"):
            await casa.prioridad(codigo, activa=codigo != "tres")
        sorteo = await casa.abierto(prioridades=["tres", "uno"])
        assert [regla.codigo for regla in sorteo.reglas] == ["tres", "uno"]

    async def test_a_named_rule_that_is_gone(self, api: Api) -> None:
        await api.casa.prioridad()
        sorteo = await api.casa.borrador(prioridades=["discapacidad"])
        await api.casa.r_prioridades.borrar(codigo="discapacidad")
        respuesta = await api.pedir("POST", f"/{sorteo.id}/abrir")
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("prioridades.0", "no_existe")]
        assert (await api.ver(f"/{sorteo.id}"))["estado"] == "borrador"

    async def test_more_reserves_than_a_line_of_the_bases_holds(self, api: Api) -> None:
        for n in range(21):
            await api.casa.espacios(f"A-{n:02}", reserva=f"reserva_{n}")
        sorteo = await api.casa.borrador()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "demasiadas_reservas")
        assert await api.casa.ocupaciones() == {}
        await api.casa.r_espacios.borrar(codigo="A-20")
        await api.casa.espacios("A-21", reserva="reserva_0")
        assert (await api.pedir("POST", f"/{sorteo.id}/abrir")).status_code == 200


class TestEspacios:
    async def test_all_available_and_the_reason_of_the_rest(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-01", "A-02", "B-01")
        await casa.espacios("V-01", uso="visitantes")
        await casa.espacios("X-01", activo=False)
        otro = await casa.abierto(espacios=["B-01"])
        sorteo = await casa.abierto()
        assert sorteo.espacios_en_juego == 2
        assert await casa.ocupaciones() == {
            "A-01": [("sorteo", sorteo.id)],
            "A-02": [("sorteo", sorteo.id)],
            "B-01": [("sorteo", otro.id)],
        }
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        assert (await api.ver(f"/{cerrado.id}/exclusiones"))["espacios"] == [
            {"codigo": "B-01", "motivo": "otro_sorteo"},
            {"codigo": "V-01", "motivo": "uso"},
            {"codigo": "X-01", "motivo": "inactivo"},
        ]

    async def test_named_ones_must_all_be_free(self, api: Api) -> None:
        await api.casa.espacios("A-01", "A-02", "A-03")
        await api.casa.abierto(espacios=["A-02"])
        sorteo = await api.casa.borrador(espacios=["A-01", "A-02"])
        respuesta = await api.pedir("POST", f"/{sorteo.id}/abrir")
        assert problema(respuesta) == (409, "espacio_comprometido")
        assert respuesta.json()["datos"] == {"codigos": ["A-02"]}
        assert set(await api.casa.ocupaciones()) == {"A-02"}
        assert (await api.ver(f"/{sorteo.id}"))["estado"] == "borrador"

    async def test_another_term_is_no_obstacle(self, casa: Casa) -> None:
        await casa.espacios("A-01")
        await casa.abierto()
        otro = await casa.abierto(vigencia={"desde": "2027-01-01", "hasta": "2027-06-30"})
        assert otro.espacios_en_juego == 1

    async def test_nothing_left(self, api: Api) -> None:
        """All that there are is what another draw has: not a draw without spaces by surprise."""
        await api.casa.espacios("A-01")
        await api.casa.abierto()
        sorteo = await api.casa.borrador()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "espacio_comprometido")

    async def test_none_at_all(self, casa: Casa) -> None:
        assert (await casa.abierto()).espacios_en_juego == 0
        await casa.espacios("A-01")
        assert (await casa.abierto(espacios=[])).espacios_en_juego == 0

    @pytest.mark.parametrize("espacios", [None, [f"A-{n:02}" for n in range(30)]])
    async def test_two_draws_at_once(self, casa: Casa, espacios: list[str] | None) -> None:
        """One wins; of the other nothing is left."""
        await casa.espacios(*(f"A-{n:02}" for n in range(30)))
        dos = [await casa.borrador(espacios=espacios) for _ in range(2)]
        hechos, errores = await a_la_vez(*(casa.apertura.abrir(s.oid) for s in dos))
        assert [e.codigo for e in errores if isinstance(e, ParkNetError)] == ["espacio_comprometido"]
        (ganador,) = hechos
        (perdedor,) = [s for s in dos if s.id != ganador.id]
        assert set(map(tuple, (await casa.ocupaciones()).values())) == {(("sorteo", ganador.id),)}
        assert await casa.r_secretos.get(perdedor.oid) is None
        assert await casa.r_en_juego.count({"sorteo_id": perdedor.id}) == 0
        assert await casa.r_archivos.count({"sorteo_id": perdedor.id}) == 0
        assert await casa.sorteos.ver(perdedor.oid) == perdedor
        assert await casa.solicitudes.fase(perdedor.oid) == "borrador"

    async def test_a_failure_at_the_end_leaves_nothing(self, casa: Casa) -> None:
        await casa.espacios("A-01")
        sorteo = await casa.borrador()

        async def falla() -> None:
            raise RuntimeError

        casa.solicitudes.antes["abrir"] = falla
        with pytest.raises(RuntimeError):
            await casa.apertura.abrir(sorteo.oid)
        assert await casa.ocupaciones() == {}
        assert await casa.r_secretos.count({}) == await casa.r_en_juego.count({}) == 0
        assert await casa.sorteos.ver(sorteo.oid) == sorteo


class TestEnsayo:
    async def test_takes_nothing(self, casa: Casa) -> None:
        await casa.espacios("A-01", "A-02")
        await casa.espacios("V-01", uso="visitantes")
        ensayo = await casa.abierto(ensayo=True)
        assert ensayo.espacios_en_juego == 2
        assert await casa.ocupaciones() == {}
        assert [e.codigo for e in await casa.r_en_juego.excluidos(ensayo.oid)] == ["V-01"]
        espacio = await casa.r_espacios.get_by_codigo("A-01")
        assert espacio is not None
        assert not espacio.sorteado
        assert (await casa.abierto()).espacios_en_juego == 2

    async def test_a_draw_that_never_ran_keeps_no_space_for_ever(self, casa: Casa) -> None:
        await casa.espacios("A-01", "A-02")
        sorteo = await casa.abierto()
        assert not await casa.r_espacios.borrar(codigo="A-01")
        await casa.anulacion.anular(sorteo.oid, motivo="mal hecho", quien=ADMIN)
        assert await casa.r_espacios.borrar(codigo="A-01")

    async def test_has_no_clock(self, casa: Casa) -> None:
        casa.reloj.poner(DISPONIBLE + timedelta(days=1))
        assert (await casa.abierto(ensayo=True, cierre=instante(INICIO))).estado == "abierto"


class TestReloj:
    async def test_not_once_the_number_can_be_known(self, api: Api) -> None:
        sorteo = await api.casa.borrador()
        api.casa.reloj.poner(DISPONIBLE - timedelta(milliseconds=1))
        otro = await api.casa.borrador()
        assert (await api.pedir("POST", f"/{otro.id}/abrir")).status_code == 200
        api.casa.reloj.poner(DISPONIBLE)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "cierre_tardio")

    async def test_not_once_its_closing_has_passed(self, api: Api) -> None:
        sorteo = await api.casa.borrador(cierre=instante(INICIO + timedelta(days=1)))
        api.casa.reloj.avanzar(days=1)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/abrir")) == (409, "cierre_pasado")

    async def test_its_window_closes_then(self, casa: Casa) -> None:
        sorteo = await casa.abierto(cierre=instante(INICIO + timedelta(days=1)))
        ventana = await casa.solicitudes.ventanas.get(sorteo.oid)
        assert ventana is not None
        assert (ventana.fase, ventana.cierre) == ("abierto", INICIO + timedelta(days=1))


class TestRepetir:
    async def test_what_was_cancelled_is_asked_again(self, casa: Casa) -> None:
        viejo = await casa.abierto()
        await casa.pedir(viejo, 2)
        await casa.pedir(viejo, estado="rechazada")
        await casa.pedir(viejo, estado="pendiente")
        await casa.anulacion.anular(viejo.oid, motivo="Se repite", quien=ADMIN)
        nuevo = await casa.abierto(repite_a=str(viejo.id))
        copias = await casa.solicitudes.todas(nuevo.oid)
        assert [(c.folio, c.estado) for c in copias] == [(1, "aprobada"), (2, "aprobada"), (3, "pendiente")]


class TestCuando:
    async def test_a_term_that_is_over_opens_no_draw(self, api: Api) -> None:
        pasada = {"desde": "2025-01-01", "hasta": "2026-03-01"}
        sorteo = await api.casa.borrador(vigencia=pasada)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/abrir")
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("vigencia", "vigencia_pasada")]
        hoy = await api.casa.borrador(vigencia=pasada | {"hasta": "2026-03-02"})
        assert (await api.pedir("POST", f"/{hoy.id}/abrir")).json()["estado"] == "abierto"

    async def test_by_hand_it_opens_now(self, api: Api) -> None:
        """What was planned is no longer said, and the published rules say when it opened."""
        sorteo = await api.casa.borrador(apertura=instante(INICIO + timedelta(days=1)))
        abierto = (await api.pedir("POST", f"/{sorteo.id}/abrir")).json()
        assert abierto["apertura"] == abierto["abierto_en"] == instante(INICIO)
        assert (await api.pedir("POST", f"/{sorteo.id}/abrir")).json() == abierto
        assert (await api.casa.cierre.cerrar(sorteo.oid)).estado == "cerrado"

    async def test_by_itself_it_opens_when_it_was_planned(self, casa: Casa) -> None:
        sorteo = await casa.borrador(apertura=instante(INICIO + timedelta(days=1)))
        casa.reloj.avanzar(days=1, minutes=3)
        await casa.tareas.atender()
        abierto = await casa.sorteos.ver(sorteo.oid)
        assert (abierto.estado, abierto.apertura) == ("abierto", INICIO + timedelta(days=1))


class TestProrrogar:
    async def test_moves_the_closing(self, api: Api) -> None:
        sorteo = await api.casa.abierto(cierre=instante(INICIO + timedelta(days=1)))
        nuevo = INICIO + timedelta(days=3)
        cuerpo = {"cierre": instante(nuevo), "motivo": "Hubo un corte de luz"}
        respuesta = await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=cuerpo)
        assert (respuesta.status_code, respuesta.json()["cierre"]) == (200, instante(nuevo))
        otra_vez = await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=cuerpo)
        assert otra_vez.json() == respuesta.json() == await api.ver(f"/{sorteo.id}")
        ventana = await api.casa.solicitudes.ventanas.get(sorteo.oid)
        assert ventana is not None
        assert ventana.cierre == nuevo
        (prorroga,) = (await api.casa.sorteos.ver(sorteo.oid)).prorrogas
        assert (prorroga.de, prorroga.a) == (INICIO + timedelta(days=1), nuevo)
        assert (prorroga.motivo, prorroga.cuando) == ("Hubo un corte de luz", INICIO)

    @pytest.mark.parametrize("cierre", [INICIO, DISPONIBLE, DISPONIBLE + timedelta(days=1)])
    async def test_ahead_and_before_the_number(self, api: Api, cierre: Any) -> None:
        sorteo = await api.casa.abierto()
        respuesta = await api.pedir("POST", f"/{sorteo.id}/prorrogar", json={"cierre": instante(cierre), "motivo": "x"})
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("cierre", "cierre_invalido")]

    async def test_later_only_and_told_to_all(self, api: Api) -> None:
        """Moved back, it would cut off without a word who still meant to ask."""
        sorteo = await api.casa.abierto(cierre=instante(INICIO + timedelta(days=3)))
        antes = {"cierre": instante(INICIO + timedelta(days=2)), "motivo": "x"}
        respuesta = await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=antes)
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("cierre", "cierre_anterior")]
        assert api.casa.avisos.de("sorteo_prorrogado") == []
        despues = {"cierre": instante(INICIO + timedelta(days=4)), "motivo": "Hubo un corte de luz"}
        for _ in range(2):
            assert (await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=despues)).status_code == 200
        (aviso,) = api.casa.avisos.de("sorteo_prorrogado")
        assert (aviso["cierre"], aviso["motivo"]) == (INICIO + timedelta(days=4), "Hubo un corte de luz")

    @pytest.mark.parametrize("paso", ["borrador", "cerrado", "ejecutado"])
    async def test_only_while_it_is_open(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        cuerpo = {"cierre": instante(INICIO + timedelta(days=3)), "motivo": "x"}
        respuesta = await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=cuerpo)
        assert problema(respuesta) == (409, "transicion_invalida")

    async def test_not_while_somebody_closes_it(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        intentos = []

        async def prorrogar() -> None:
            cuerpo = {"cierre": instante(INICIO + timedelta(days=3)), "motivo": "x"}
            intentos.append(problema(await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=cuerpo)))

        api.casa.solicitudes.antes["cerrar"] = prorrogar
        assert (await api.pedir("POST", f"/{sorteo.id}/cerrar")).status_code == 200
        assert intentos == [(409, "transicion_invalida")]


async def test_a_source_says_all_in_one_line(casa: Casa) -> None:
    sorteo = await casa.abierto(fuente_entropia=fuente())
    assert sorteo.fuente_entropia.texto == ("Lotería de Bogotá, sorteo 2800; 2026-03-12T15:00:00Z; #### serie ###")
