"""Who sees what of a result, and why it came out so."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, DISPONIBLE, ENTROPIA, OPERADOR, RESIDENTE, SIN_RESIDENTE

INGLES = {"headers": {"Accept-Language": "en"}}


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    """Seven ask for three spaces."""
    await api.casa.espacios("A-1", "A-2", "A-3")
    return await api.casa.ejecutado(7)


class TestResultados:
    async def test_by_position(self, api: Api, sorteo: Sorteo) -> None:
        filas = (await api.ver(f"/{sorteo.id}/resultados", RESIDENTE))["items"]
        assert [f["posicion"] for f in filas] == [1, 2, 3, 4, 5, 6, 7]
        assert [f["espera"] for f in filas] == [None, None, None, 1, 2, 3, 4]
        assert {f["espacio"] for f in filas} == {"A-1", "A-2", "A-3", None}
        assert [f["numero"] for f in filas] == sorted(f["numero"] for f in filas)
        assert set(filas[0]) == {"folio", "posicion", "espera", "espacio", "numero", "prestado", "unidad"}
        assert {f["unidad"] for f in filas} == {None}

    async def test_only_staff_see_the_flat(self, api: Api, sorteo: Sorteo) -> None:
        unidades = {fila.folio: str(fila.unidad_id) for fila in await api.casa.solicitudes.todas(sorteo.oid)}
        for quien in (ADMIN, OPERADOR, AUDITOR):
            filas = (await api.ver(f"/{sorteo.id}/resultados", quien))["items"]
            for fila in filas:
                unidad = unidades[fila["folio"]]
                assert fila["unidad"] == {"id": unidad, "torre": "1", "apartamento": unidad}
        for ruta in ("resultados", "resultado", "bases", "reglas", "exclusiones", "verificacion"):
            texto = (await api.pedir("GET", f"/{sorteo.id}/{ruta}", RESIDENTE)).text
            assert not any(unidad in texto for unidad in unidades.values())

    @pytest.mark.parametrize(("estado", "esperadas"), [("ganador", [1, 2, 3]), ("espera", [4, 5, 6, 7])])
    async def test_filtered(self, api: Api, sorteo: Sorteo, estado: str, esperadas: list[int]) -> None:
        pagina = await api.ver(f"/{sorteo.id}/resultados", params={"estado": estado, "contar": "true"})
        assert [f["posicion"] for f in pagina["items"]] == esperadas
        assert pagina["total"] == len(esperadas)

    async def test_pages(self, api: Api, sorteo: Sorteo) -> None:
        posiciones: list[int] = []
        parametros: dict[str, Any] = {"limite": 3}
        while True:
            pagina = await api.ver(f"/{sorteo.id}/resultados", RESIDENTE, params=parametros)
            posiciones += [f["posicion"] for f in pagina["items"]]
            if pagina["siguiente"] is None:
                break
            parametros["cursor"] = pagina["siguiente"]
        assert posiciones == [1, 2, 3, 4, 5, 6, 7]

    @pytest.mark.parametrize("malo", [{"estado": "todos"}, {"orden": "numero"}, {"cursor": "x"}])
    async def test_refused(self, api: Api, sorteo: Sorteo, malo: dict[str, str]) -> None:
        respuesta = await api.pedir("GET", f"/{sorteo.id}/resultados", params=malo)
        assert [e["campo"] for e in respuesta.json()["errores"]] == list(malo)

    @pytest.mark.parametrize("paso", ["abierto", "cerrado", "por_ejecutar"])
    async def test_not_before_it_has_run(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        for ruta in ("resultados", "resultados/yo", "resultado"):
            assert problema(await api.pedir("GET", f"/{sorteo.id}/{ruta}", RESIDENTE)) == (404, "no_disponible")


class TestPropios:
    async def mios(self, api: Api, sorteo: Sorteo, *folios: int, **mas: Any) -> list[dict[str, Any]]:
        assert RESIDENTE.residente_id is not None
        unidades = {fila.folio: fila.unidad_id for fila in await api.casa.solicitudes.todas(sorteo.oid)}
        api.casa.padron.viven[RESIDENTE.residente_id] = [unidades[folio] for folio in folios]
        mios: list[dict[str, Any]] = await api.ver(f"/{sorteo.id}/resultados/yo", RESIDENTE, **mas)
        return mios

    async def test_nobody_elses(self, api: Api, sorteo: Sorteo) -> None:
        assert await api.ver(f"/{sorteo.id}/resultados/yo", RESIDENTE) == []
        for quien in (ADMIN, SIN_RESIDENTE):
            respuesta = await api.pedir("GET", f"/{sorteo.id}/resultados/yo", quien)
            assert problema(respuesta) == (404, "sin_residente")

    @pytest.mark.parametrize("vivia", [True, False])
    async def test_a_rule_that_held_by_a_condition_is_for_who_lived_there_at_the_closing(
        self, api: Api, vivia: bool
    ) -> None:
        assert RESIDENTE.residente_id is not None
        await api.casa.espacios("A-1")
        for codigo, campo, valor in (("movilidad", "condicion", "movilidad_reducida"), ("paz", "al_dia", True)):
            condicion = {"campo": campo, "operador": "igual", "valor": valor}
            await api.casa.prioridad(codigo, condiciones=[condicion], efecto={"nivel": 1})
        unidad_id = PydanticObjectId()
        habitantes = (RESIDENTE.residente_id,) if vivia else (PydanticObjectId(),)
        api.casa.padron.poner(unidad_id, condiciones=frozenset({"movilidad_reducida"}), habitantes=habitantes)
        abierto = await api.casa.abierto()
        (pedida,) = await api.casa.pedir(abierto, unidad_id=unidad_id)
        await api.casa.cierre.cerrar(abierto.oid)
        esperadas = ["movilidad", "paz"] if vivia else ["paz"]
        api.casa.padron.viven[RESIDENTE.residente_id] = [unidad_id]
        (evaluada,) = await api.ver(f"/{abierto.id}/evaluacion/yo", RESIDENTE)
        assert evaluada["reglas"] == esperadas
        api.casa.reloj.poner(DISPONIBLE)
        await api.casa.ejecucion.ejecutar(abierto.oid, ENTROPIA)
        (mio,) = await self.mios(api, abierto, pedida.folio)
        assert mio["reglas"] == esperadas
        (de_todos,) = (await api.ver(f"/{abierto.id}/evaluacion", ADMIN))["items"]
        assert de_todos["reglas"] == ["movilidad", "paz"]

    async def test_who_won(self, api: Api, sorteo: Sorteo) -> None:
        primero, _, tercero = (await api.casa.resultados(sorteo))[:3]
        (mio,) = await self.mios(api, sorteo, primero.folio)
        assert mio.pop("padron")["solicitud_id"] == str(primero.solicitud_id)
        assert mio == {
            "folio": primero.folio,
            "posicion": 1,
            "posicion_en_nivel": 1,
            "total_en_nivel": 7,
            "espera": None,
            "espera_actual": None,
            "espacio": primero.espacio,
            "prestado": False,
            "numero": primero.numero,
            "nivel": 5,
            "boletas": 1,
            "reglas": [],
            "ultimo_ganador": {"posicion": 3, "nivel": 5, "numero": tercero.numero},
            "explicacion": (
                "Quedó en el puesto 1 de 7, el 1 de 7 en su nivel (nivel 5, boletas: 1), y le correspondió el espacio "
                f"{primero.espacio}."
            ),
        }
        (en_ingles,) = await self.mios(api, sorteo, primero.folio, **INGLES)
        assert en_ingles["explicacion"] == (
            f"Placed 1 of 7, 1 of 7 in its level (level 5, balls: 1), and got space {primero.espacio}."
        )

    async def test_who_waits(self, api: Api, sorteo: Sorteo) -> None:
        quinto, sexto = (await api.casa.resultados(sorteo))[4:6]
        dos = await self.mios(api, sorteo, sexto.folio, quinto.folio)
        assert [m["folio"] for m in dos] == [quinto.folio, sexto.folio]
        assert dos[0]["explicacion"] == (
            "Quedó en el puesto 5 de 7, el 5 de 7 en su nivel (nivel 5, boletas: 1). El último espacio que podía usar "
            "fue para el puesto 3 (nivel 5). En el sorteo le tocó el número 2 de la lista de espera."
        )
        (en_ingles,) = await self.mios(api, sorteo, quinto.folio, **INGLES)
        assert en_ingles["explicacion"] == (
            "Placed 5 of 7, 5 of 7 in its level (level 5, balls: 1). The last space it could use went to place 3 "
            "(level 5). The draw made it number 2 on the waiting list."
        )

    async def test_place_within_its_level_and_why(self, api: Api) -> None:
        casa = api.casa
        await casa.prioridad("discapacidad", descripcion="Primero, quien tiene movilidad reducida")
        sorteo = await casa.abierto()
        filas = await casa.pedir(sorteo, 5)
        assert RESIDENTE.residente_id is not None
        for fila in filas[:2]:
            quien = {"condiciones": frozenset({"discapacidad"}), "habitantes": (RESIDENTE.residente_id,)}
            casa.padron.poner(fila.unidad_id, **quien)
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        todos = [(await self.mios(api, sorteo, r.folio))[0] for r in await casa.resultados(sorteo)]
        lugares = [(m["posicion"], m["nivel"], m["posicion_en_nivel"], m["total_en_nivel"]) for m in todos]
        assert lugares == [(1, 1, 1, 2), (2, 1, 2, 2), (3, 5, 1, 3), (4, 5, 2, 3), (5, 5, 3, 3)]
        assert "aplicaron: Primero, quien tiene movilidad reducida." in todos[0]["explicacion"]
        assert "aplicaron" not in todos[2]["explicacion"]

    async def test_among_those_who_still_wait(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.publicado(4)
        _, primero, segundo, _ = await casa.resultados(sorteo)
        (mio,) = await self.mios(api, sorteo, segundo.folio)
        assert (mio["espera"], mio["espera_actual"]) == (2, 2)
        retirada = await casa.solicitudes.filas.update_one({"folio": primero.folio}, {"$set": {"estado": "retirada"}})
        assert retirada is not None
        (mio,) = await self.mios(api, sorteo, segundo.folio)
        assert (mio["espera"], mio["espera_actual"]) == (2, 1)
        assert "hoy es el número 1" in mio["explicacion"]

    async def test_the_last_space_that_it_could_have_used(self, api: Api) -> None:
        """One reserved for others is none of theirs, unless it was lent."""
        casa = api.casa
        await casa.espacios("A-1")
        await casa.espacios("D-1", "D-2", reserva="discapacidad")
        await casa.espacios("M-1", tipo="moto")
        await casa.prioridad(efecto={"no_mejor_que": 9})  # drawn last, and served all the same: nobody else may
        sorteo = await casa.abierto(liberar_reservas=False)
        con_derecho, *_ = await casa.pedir(sorteo, 4)
        casa.padron.poner(con_derecho.unidad_id, condiciones=frozenset({"discapacidad"}))
        motero = (await casa.pedir(sorteo, 2, tipos=("moto",)))[0]
        await casa.pedir(sorteo, tipos=("bicicleta",))
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        por_folio = {r.folio: r for r in await casa.resultados(sorteo)}
        ganador = next(r for r in por_folio.values() if r.espacio == "A-1")
        suyo = por_folio[con_derecho.folio]
        assert suyo.espacio == "D-1"
        assert suyo.posicion == 7
        (perdedor, *_) = [r for r in por_folio.values() if r.espacio is None and r.tipos == ["carro"]]
        (mio,) = await self.mios(api, sorteo, perdedor.folio)
        assert mio["ultimo_ganador"]["posicion"] == ganador.posicion
        (mio,) = await self.mios(api, sorteo, con_derecho.folio)
        assert mio["ultimo_ganador"]["posicion"] == 7
        (mio,) = await self.mios(api, sorteo, motero.folio)
        assert mio["ultimo_ganador"]["numero"] in {r.numero for r in por_folio.values() if r.espacio == "M-1"}
        (mio,) = await self.mios(api, sorteo, 7)
        assert mio["ultimo_ganador"] is None
        assert "Ningún espacio que podía usar se asignó" in mio["explicacion"]
        (mio,) = await self.mios(api, sorteo, 7, **INGLES)
        assert "No space it could use was given" in mio["explicacion"]

    async def test_what_was_lent_counts(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        await casa.espacios("D-1", reserva="discapacidad")
        sorteo = await casa.ejecutado(4)
        filas = await casa.resultados(sorteo)
        assert [f.prestado for f in filas].count(True) == 1
        (mio,) = await self.mios(api, sorteo, filas[-1].folio)
        assert mio["ultimo_ganador"]["posicion"] == 2


async def test_a_rehearsal_shows_its_result(api: Api) -> None:
    await api.casa.espacios("A-1")
    sorteo = await api.casa.ejecutado(ensayo=True)
    assert len((await api.ver(f"/{sorteo.id}/resultados", RESIDENTE))["items"]) == 5


class TestExclusiones:
    async def test_not_before_it_is_closed(self, api: Api) -> None:
        for paso in ("borrador", "abierto"):
            sorteo = await getattr(api.casa, paso)()
            assert problema(await api.pedir("GET", f"/{sorteo.id}/exclusiones")) == (404, "no_disponible")

    async def test_nothing_was_left_out(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        for quien in (ADMIN, RESIDENTE):
            assert await api.ver(f"/{sorteo.id}/exclusiones", quien) == {
                "espacios": [],
                "solicitudes": [],
                "cambios": [],
            }


class TestArchivos:
    @pytest.mark.parametrize(
        ("paso", "hay"),
        [
            ("borrador", set()),
            ("abierto", {"reglas"}),
            ("cerrado", {"reglas", "bases"}),
            ("ejecutado", {"reglas", "bases", "resultado"}),
            ("publicado", {"reglas", "bases", "resultado"}),
        ],
    )
    async def test_from_when(self, api: Api, paso: str, hay: set[str]) -> None:
        sorteo = await getattr(api.casa, paso)()
        for archivo in ("reglas", "bases", "resultado"):
            respuesta = await api.pedir("GET", f"/{sorteo.id}/{archivo}")
            if archivo in hay:
                assert respuesta.status_code == 200
                assert respuesta.headers["content-type"] == "application/jsonl"
                assert respuesta.headers["content-disposition"] == f'attachment; filename="{archivo}.jsonl"'
            else:
                assert problema(respuesta) == (404, "no_disponible")

    async def test_of_another_draw(self, api: Api) -> None:
        assert problema(await api.pedir("GET", f"/{PydanticObjectId()}/bases")) == (404, "no_encontrado")
