"""A draw before it opens: what it is given, and what it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.drand.cadena import CADENA
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.motor import sha256_hex
from tests.conftest import INICIO
from tests.loteria import fuente, instante
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, AUSENTE, DISPONIBLE, OPERADOR, RESIDENTE, cuerpo_sorteo

DRAND = {"tipo": "drand", "ronda": 40_000_000}


class TestCrear:
    async def test_defaults(self, api: Api) -> None:
        respuesta = await api.pedir("POST", "", json=cuerpo_sorteo())
        assert respuesta.status_code == 201
        cuerpo = respuesta.json()
        assert respuesta.headers["location"] == f"/api/v1/sorteo/{cuerpo['id']}"
        assert cuerpo == {
            "id": cuerpo["id"],
            "nombre": "Segundo semestre de 2026",
            "vigencia": {"desde": "2026-07-01", "hasta": "2026-12-31"},
            "fuente_entropia": fuente(),
            "apertura": None,
            "cierre": None,
            "espacios": None,
            "prioridades": None,
            "repite_a": None,
            "liberar_reservas": True,
            "aprobacion": "manual",
            "exige_al_dia": True,
            "al_dia_en": "cierre",
            "max_por_unidad": 1,
            "max_por_tipo": {},
            "reglamento": None,
            "compatibilidad": {
                "carro": ["carro"],
                "carro_electrico": ["carro_electrico", "carro"],
                "moto": ["moto"],
                "bicicleta": ["bicicleta"],
            },
            "aceptacion": "requerida",
            "plazo_aceptacion_horas": 72,
            "ejecuta_sola": False,
            "publica_en": None,
            "ensayo": False,
            "estado": "borrador",
            "compromiso": None,
            "huella_reglas": None,
            "huella": None,
            "participantes": None,
            "espacios_en_juego": None,
            "huellas_anteriores": [],
            "anulacion": None,
            "anulaciones": [],
            "advertencias": [
                {"codigo": "tipo_sin_espacio", "datos": {"tipo": tipo}} for tipo in cuerpo["compatibilidad"]
            ],
            "creado_en": instante(INICIO),
            "abierto_en": None,
            "cerrado_en": None,
            "ejecutado_en": None,
            "publicado_en": None,
            "finalizado_en": None,
            "anulado_en": None,
        }
        assert await api.ver(f"/{cuerpo['id']}") == cuerpo

    async def test_its_window_gets_the_terms(self, api: Api) -> None:
        cuerpo = cuerpo_sorteo(
            max_por_unidad=3,
            max_por_tipo={"carro": 1},
            reglamento="No se arrienda.\nNo se presta.",
            aprobacion="automatica",
            compatibilidad={"moto": ["carro"]},
        )
        sorteo_id = PydanticObjectId((await api.pedir("POST", "", json=cuerpo)).json()["id"])
        terminos = api.casa.solicitudes.terminos_de[sorteo_id]
        assert (terminos["max_por_unidad"], terminos["aprobacion"]) == (3, "automatica")
        assert terminos["compatibilidad"] == {"moto": ["carro"]}
        assert (terminos["max_por_tipo"], terminos["reglamento"]) == (
            {"carro": 1},
            sha256_hex("No se arrienda.\nNo se presta."),
        )
        assert await api.casa.solicitudes.fase(sorteo_id) == "borrador"

    async def test_drand_says_when(self, api: Api) -> None:
        cuerpo = (await api.pedir("POST", "", json=cuerpo_sorteo(fuente_entropia=DRAND))).json()
        assert cuerpo["fuente_entropia"] == DRAND | {
            "momento": None,
            "disponible_desde": "2027-06-12T12:29:24.000Z",
            "forma": f"drand {CADENA} 40000000 <64 hex>",
        }

    async def test_drand_by_a_moment(self, api: Api) -> None:
        """The round is fixed from then on: the first at or after that moment."""
        momento = {"tipo": "drand", "momento": "2027-06-12T12:29:21.001Z"}
        creado = (await api.pedir("POST", "", json=cuerpo_sorteo(fuente_entropia=momento))).json()
        assert creado["fuente_entropia"] | momento == creado["fuente_entropia"]
        assert creado["fuente_entropia"]["ronda"] == DRAND["ronda"]
        otro = {"fuente_entropia": {"momento": "2027-06-12T12:29:24.001Z"}}
        cambiado = (await api.pedir("PATCH", f"/{creado['id']}", json=otro)).json()
        assert cambiado["fuente_entropia"]["ronda"] == 40_000_001
        nombrada = (await api.pedir("PATCH", f"/{creado['id']}", json={"fuente_entropia": {"ronda": 7_000_000}})).json()
        assert (nombrada["fuente_entropia"]["ronda"], nombrada["fuente_entropia"]["momento"]) == (7_000_000, None)

    @pytest.mark.parametrize(
        ("cambios", "campo", "codigo"),
        [
            ({"cierre": instante(DISPONIBLE)}, "cierre", "cierre_invalido"),
            ({"cierre": "2027-06-12T12:29:24Z", "fuente_entropia": DRAND}, "cierre", "cierre_invalido"),
            (
                {"apertura": instante(INICIO + timedelta(days=5)), "cierre": instante(INICIO + timedelta(days=5))},
                "apertura",
                "fechas_al_reves",
            ),
            ({"vigencia": {"desde": "2026-07-02", "hasta": "2026-07-01"}}, "vigencia", "fechas_al_reves"),
            ({"fuente_entropia": fuente(forma="### serie")}, "fuente_entropia.forma", "forma_sin_cifras"),
            ({"fuente_entropia": fuente(forma="##\n##")}, "fuente_entropia.forma", "caracter_no_permitido"),
            ({"fuente_entropia": fuente(ronda=4)}, "fuente_entropia", "campo_desconocido"),
            ({"fuente_entropia": {"tipo": "dado"}}, "fuente_entropia", "valor_no_admitido"),
            ({"fuente_entropia": {"tipo": "drand"}}, "fuente_entropia", "uno_de_dos"),
            ({"fuente_entropia": DRAND | {"momento": instante(DISPONIBLE)}}, "fuente_entropia", "uno_de_dos"),
            ({"fuente_entropia": DRAND | {"ronda": 0}}, "fuente_entropia.ronda", "fuera_de_rango"),
            ({"fuente_entropia": DRAND | {"ronda": 2**40}}, "fuente_entropia.ronda", "fuera_de_rango"),
            (
                {"fuente_entropia": fuente(disponible_desde="9999-12-31T23:59:59-05:00")},
                "fuente_entropia.disponible_desde",
                "instante_invalido",
            ),
            ({"apertura": "0001-01-01T00:00:00+05:00"}, "apertura", "instante_invalido"),
            ({"cierre": instante(INICIO)[:-1]}, "cierre", "instante_invalido"),
            ({"espacios": ["A-01", "A-99"]}, "espacios.1", "no_existe"),
            ({"espacios": ["a-01"]}, "espacios.0", "no_existe"),
            ({"espacios": ["A-01", "A-01"]}, "espacios", "repetido"),
            ({"prioridades": ["discapacidad", "otra"]}, "prioridades.1", "no_existe"),
            ({"prioridades": ["discapacidad", "discapacidad"]}, "prioridades", "repetido"),
            ({"repite_a": str(AUSENTE)}, "repite_a", "no_existe"),
            ({"compatibilidad": {}}, "compatibilidad", "muy_corto"),
            ({"compatibilidad": {"carro": ["carro", "carro"]}}, "compatibilidad", "repetido"),
            ({"compatibilidad": {"carro": ["carro"], "camion": ["carro"]}}, "compatibilidad", "valor_no_admitido"),
            ({"max_por_unidad": 0}, "max_por_unidad", "fuera_de_rango"),
            ({"max_por_tipo": {"carro": 0}}, "max_por_tipo", "fuera_de_rango"),
            ({"max_por_tipo": {"camion": 1}}, "max_por_tipo", "valor_no_admitido"),
            ({"max_por_tipo": {"carro_electrico": 1}}, "max_por_tipo", "valor_no_admitido"),
            ({"reglamento": " "}, "reglamento", "muy_corto"),
            ({"max_por_unidad": "1"}, "max_por_unidad", "tipo_invalido"),
            ({"liberar_reservas": 1}, "liberar_reservas", "tipo_invalido"),
            ({"nombre": "  "}, "nombre", "muy_corto"),
            ({"estado": "abierto"}, "", "campo_desconocido"),
        ],
    )
    async def test_refused(self, api: Api, cambios: dict[str, Any], campo: str, codigo: str) -> None:
        await api.casa.espacios("A-01")
        await api.casa.prioridad()
        respuesta = await api.pedir("POST", "", json=cuerpo_sorteo(**cambios))
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, codigo)]

    async def test_a_rehearsal_has_no_clock(self, api: Api) -> None:
        cuerpo = cuerpo_sorteo(ensayo=True, cierre=instante(DISPONIBLE + timedelta(days=1)))
        assert (await api.pedir("POST", "", json=cuerpo)).status_code == 201

    async def test_moments_are_kept_in_utc_and_milliseconds(self, api: Api) -> None:
        publica = fuente(disponible_desde="2026-03-12T10:00:00.9999-05:00")
        cuerpo = (await api.pedir("POST", "", json=cuerpo_sorteo(fuente_entropia=publica))).json()
        assert cuerpo["fuente_entropia"]["disponible_desde"] == "2026-03-12T15:00:00.999Z"
        sorteo = await api.casa.r_sorteos.find_one({})
        assert sorteo is not None
        assert "2026-03-12T15:00:00.999Z" in sorteo.fuente_entropia.texto


class TestRepetir:
    async def test_only_an_annulled_draw_and_once(self, api: Api) -> None:
        casa = api.casa
        vivo, muerto = await casa.borrador(), await casa.borrador()
        await casa.anulacion.anular(muerto.oid, motivo="Error en los espacios", quien=ADMIN)
        assert problema(await api.pedir("POST", "", json=cuerpo_sorteo(repite_a=str(vivo.id)))) == (
            409,
            "repeticion_invalida",
        )
        repetido = await api.pedir("POST", "", json=cuerpo_sorteo(repite_a=str(muerto.id)))
        assert repetido.status_code == 201
        otra_vez = await api.pedir("POST", "", json=cuerpo_sorteo(repite_a=str(muerto.id)))
        assert problema(otra_vez) == (409, "repeticion_invalida")
        cambiado = await api.pedir("PATCH", f"/{vivo.id}", json={"repite_a": str(muerto.id)})
        assert problema(cambiado) == (409, "repeticion_invalida")
        assert await casa.r_sorteos.count({}) == 3

    async def test_a_draft_that_was_annulled_repeated_nothing(self, api: Api) -> None:
        muerto = await api.casa.borrador()
        await api.casa.anulacion.anular(muerto.oid, motivo="x", quien=ADMIN)
        repetido = await api.casa.borrador(repite_a=str(muerto.id))
        await api.casa.anulacion.anular(repetido.oid, motivo="x", quien=ADMIN)
        otra_vez = await api.pedir("POST", "", json=cuerpo_sorteo(repite_a=str(muerto.id)))
        assert otra_vez.status_code == 201

    async def test_a_rehearsal_repeats_no_draw(self, api: Api) -> None:
        muerto = await api.casa.borrador()
        await api.casa.anulacion.anular(muerto.oid, motivo="x", quien=ADMIN)
        respuesta = await api.pedir("POST", "", json=cuerpo_sorteo(repite_a=str(muerto.id), ensayo=True))
        assert problema(respuesta) == (409, "repeticion_invalida")


class TestEditar:
    async def test_merges(self, api: Api) -> None:
        await api.casa.espacios("A-01")
        antes = (await api.pedir("POST", "", json=cuerpo_sorteo(espacios=["A-01"], max_por_unidad=2))).json()
        cambio = {
            "nombre": "Otro nombre",
            "vigencia": {"hasta": "2026-11-30"},
            "fuente_entropia": {"forma": "#####"},
            "espacios": None,
        }
        respuesta = await api.pedir("PATCH", f"/{antes['id']}", json=cambio)
        assert respuesta.status_code == 200
        assert respuesta.json() == antes | {
            "nombre": "Otro nombre",
            "vigencia": {"desde": "2026-07-01", "hasta": "2026-11-30"},
            "fuente_entropia": fuente(forma="#####"),
            "espacios": None,
        }
        assert await api.ver(f"/{antes['id']}") == respuesta.json()

    async def test_maps_are_merged(self, api: Api) -> None:
        """A type that is absent stays, and null takes it out."""
        antes = (await api.pedir("POST", "", json=cuerpo_sorteo(max_por_tipo={"carro": 1, "moto": 2}))).json()
        ruta = f"/{antes['id']}"
        cambio = {
            "max_por_tipo": {"moto": None, "bicicleta": 3},
            "compatibilidad": {"moto": ["moto", "carro"], "bicicleta": None},
        }
        respuesta = await api.pedir("PATCH", ruta, json=cambio)
        assert respuesta.status_code == 200
        assert respuesta.json()["max_por_tipo"] == {"carro": 1, "bicicleta": 3}
        esperada = {t: e for t, e in antes["compatibilidad"].items() if t != "bicicleta"} | {"moto": ["moto", "carro"]}
        assert respuesta.json()["compatibilidad"] == esperada
        terminos = api.casa.solicitudes.terminos_de[PydanticObjectId(antes["id"])]
        assert (terminos["max_por_tipo"], terminos["compatibilidad"]) == ({"carro": 1, "bicicleta": 3}, esperada)
        nada = await api.pedir("PATCH", ruta, json={"max_por_tipo": {}, "compatibilidad": {}})
        assert nada.json() == respuesta.json()
        ninguna = await api.pedir("PATCH", ruta, json={"compatibilidad": dict.fromkeys(esperada)})
        assert [(e["campo"], e["codigo"]) for e in ninguna.json()["errores"]] == [("compatibilidad", "muy_corto")]

    async def test_another_kind_of_source(self, api: Api) -> None:
        ruta = f"/{(await api.casa.borrador()).id}"
        incompleta = await api.pedir("PATCH", ruta, json={"fuente_entropia": {"tipo": "drand"}})
        assert [(e["campo"], e["codigo"]) for e in incompleta.json()["errores"]] == [("fuente_entropia", "uno_de_dos")]
        entera = await api.pedir("PATCH", ruta, json={"fuente_entropia": DRAND})
        assert entera.json()["fuente_entropia"]["ronda"] == DRAND["ronda"]
        ajena = await api.pedir("PATCH", ruta, json={"fuente_entropia": {"forma": "####"}})
        assert [(e["campo"], e["codigo"]) for e in ajena.json()["errores"]] == [
            ("fuente_entropia", "campo_desconocido")
        ]

    @pytest.mark.parametrize(
        ("cambio", "campo"),
        [
            ({"nombre": None}, "nombre"),
            ({"vigencia": None}, "vigencia"),
            ({"vigencia": {"desde": "2027-01-01"}}, "vigencia"),
            ({"fuente_entropia": None}, "fuente_entropia"),
            ({"ensayo": None}, "ensayo"),
            ({"cierre": instante(DISPONIBLE)}, "cierre"),
            ({"espacios": ["Z-1"]}, "espacios.0"),
            ({"compatibilidad": {"camion": ["carro"]}}, "compatibilidad"),
            ({"compatibilidad": {"camion": None}}, "compatibilidad"),
            ({"compatibilidad": {"moto": ["Moto"]}}, "compatibilidad.0"),
            ({"max_por_tipo": {"camion": 1}}, "max_por_tipo"),
            ({"max_por_tipo": {"camion": None}}, "max_por_tipo"),
            # By `tipo` of vehicle, and not by kind.
            ({"max_por_tipo": {"carro_electrico": 1}}, "max_por_tipo"),
        ],
    )
    async def test_refused(self, api: Api, cambio: dict[str, Any], campo: str) -> None:
        ruta = f"/{(await api.casa.borrador()).id}"
        antes = await api.ver(ruta)
        respuesta = await api.pedir("PATCH", ruta, json=cambio)
        assert respuesta.status_code == 422
        assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]
        assert await api.ver(ruta) == antes

    async def test_what_stays_is_judged_with_what_comes(self, api: Api) -> None:
        """The closing was before the number; the number comes earlier now."""
        ruta = f"/{(await api.casa.borrador(cierre=instante(INICIO + timedelta(days=7)))).id}"
        antes = {"fuente_entropia": {"disponible_desde": instante(INICIO + timedelta(days=6))}}
        assert (await api.pedir("PATCH", ruta, json=antes)).json()["errores"][0]["codigo"] == "cierre_invalido"

    async def test_its_window_gets_the_new_terms(self, api: Api) -> None:
        sorteo = await api.casa.borrador()
        await api.pedir("PATCH", f"/{sorteo.id}", json={"max_por_unidad": 7})
        assert api.casa.solicitudes.terminos_de[sorteo.oid]["max_por_unidad"] == 7

    async def test_nothing_to_change(self, api: Api) -> None:
        for sorteo in (await api.casa.borrador(), await api.casa.abierto()):
            nada = await api.pedir("PATCH", f"/{sorteo.id}", json={})
            assert (nada.status_code, nada.json()) == (200, await api.ver(f"/{sorteo.id}"))

    async def test_only_a_draft(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        antes = await api.ver(f"/{sorteo.id}")
        respuesta = await api.pedir("PATCH", f"/{sorteo.id}", json={"nombre": "Tarde"})
        assert problema(respuesta) == (409, "transicion_invalida")
        assert await api.ver(f"/{sorteo.id}") == antes


class TestVer:
    async def test_drafts_are_not_there_for_residents(self, api: Api) -> None:
        borrador = await api.casa.borrador()
        abierto = await api.casa.abierto(nombre="Abierto")
        for ruta in ("", "/evaluacion/yo", "/reglas", "/bases", "/resultados", "/exclusiones"):
            assert problema(await api.pedir("GET", f"/{borrador.id}{ruta}", RESIDENTE)) == (404, "no_encontrado")
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert (await api.ver(f"/{borrador.id}", quien))["estado"] == "borrador"
            assert len((await api.ver("", quien))["items"]) == 2
        assert [s["id"] for s in (await api.ver("", RESIDENTE))["items"]] == [str(abierto.id)]
        assert (await api.ver("", RESIDENTE, params={"estado": "borrador", "contar": "true"}))["total"] == 0

    async def test_list(self, api: Api) -> None:
        """The latest first, in pages."""
        for n in range(5):
            await api.casa.borrador(nombre=f"Sorteo {n}")
            api.casa.reloj.avanzar(minutes=1)
        await api.casa.abierto(nombre="Abierto")
        nombres, cursor = [], ""
        while cursor is not None:
            pagina = await api.ver("", params={"limite": 2} | ({"cursor": cursor} if cursor else {}))
            nombres += [s["nombre"] for s in pagina["items"]]
            cursor = pagina["siguiente"]
        assert nombres == ["Abierto", "Sorteo 4", "Sorteo 3", "Sorteo 2", "Sorteo 1", "Sorteo 0"]
        assert len((await api.ver("", params={"estado": EstadoSorteo.borrador}))["items"]) == 5
        assert (await api.ver("", params={"orden": "creado_en"}))["items"][0]["nombre"] == "Sorteo 0"
        assert (await api.pedir("GET", "", params={"orden": "nombre"})).status_code == 422
