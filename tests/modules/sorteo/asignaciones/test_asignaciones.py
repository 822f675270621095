"""Who holds which space: made when a request is accepted, listed, given back, taken away, ended by its term."""

from datetime import date, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.sorteo.asignaciones.factories import aceptada, asignacion, vehiculo
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.dobles import SolicitudDePrueba
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR, RESIDENTE

HOY = date(2026, 3, 2)
DESDE, HASTA = date(2026, 1, 1), date(2026, 12, 31)


async def asignar(casa: Casa, codigo: str = "A-01", **campos: Any) -> Asignacion:
    """A space that a request was given, and accepted."""
    por_defecto = {"sorteo_id": PydanticObjectId(), "desde": DESDE, "hasta": HASTA}
    en: dict[str, Any] = {campo: campos.pop(campo, valor) for campo, valor in por_defecto.items()}
    suya = aceptada(codigo, campos.pop("solicitud_id", PydanticObjectId()), **campos)
    await casa.espacios(codigo)
    assert await casa.registro.guardar(
        codigo=codigo, solicitud_id=suya.solicitud_id, desde=en["desde"], hasta=en["hasta"]
    )
    assert await casa.registro.asignar(aceptadas=[suya], **en) == frozenset()
    hecha = await casa.r_asignaciones.find_one({"solicitud_id": suya.solicitud_id})
    assert hecha is not None
    return hecha


async def ver(casa: Casa, suya: Asignacion) -> Asignacion:
    quedo = await casa.r_asignaciones.get(suya.oid)
    assert quedo is not None
    return quedo


def vive(casa: Casa, *unidades: PydanticObjectId) -> None:
    assert RESIDENTE.residente_id is not None
    casa.padron.viven[RESIDENTE.residente_id] = list(unidades)


class TestAsignar:
    async def test_the_claim_becomes_an_assignment(self, casa: Casa) -> None:
        suya = await asignar(casa)
        assert (suya.estado, suya.espacio, suya.desde, suya.hasta) == ("vigente", "A-01", HOY, HASTA)
        assert (suya.creado_en, suya.terminado_en, suya.motivo) == (INICIO, None, None)
        assert await casa.ocupaciones() == {"A-01": [("asignacion", suya.solicitud_id)]}

    async def test_from_the_first_day_of_the_term(self, casa: Casa) -> None:
        suya = await asignar(casa, desde=date(2026, 7, 1))
        assert suya.desde == date(2026, 7, 1)

    async def test_only_what_was_kept_for_it(self, casa: Casa) -> None:
        """Of several, none is assigned where one is not its own: kept for nobody, for another, or elsewhere."""
        await casa.espacios("A-01", "A-02", "A-03")
        primera, segunda, tercera = (aceptada(f"A-0{n}", PydanticObjectId()) for n in (1, 2, 3))
        ajenas = {"A-01": primera, "A-02": tercera, "A-03": segunda}
        for codigo, de in ajenas.items():
            await casa.registro.guardar(codigo=codigo, solicitud_id=de.solicitud_id, desde=DESDE, hasta=HASTA)
        suyas = [primera, segunda, tercera, aceptada("Z-99", PydanticObjectId())]
        en: dict[str, Any] = {"sorteo_id": PydanticObjectId(), "desde": DESDE, "hasta": HASTA}
        faltan = await casa.uow.run(lambda: casa.registro.asignar(aceptadas=suyas, **en))
        assert faltan == {s.solicitud_id for s in suyas[1:]}
        assert await casa.r_asignaciones.count({}) == 0

    async def test_who_holds_one_in_a_term(self, casa: Casa) -> None:
        suya = await asignar(casa)
        de_moto = vehiculo() | {"tipo": "moto"}
        motero = await asignar(casa, "A-02", clase="moto", vehiculo=de_moto, desde=date(2026, 7, 1))
        unidades = [suya.unidad_id, motero.unidad_id, PydanticObjectId()]

        async def ocupadas(desde: date, hasta: date) -> set[tuple[PydanticObjectId, str | None]]:
            ocupados = await casa.registro.ocupados(unidades=unidades, desde=desde, hasta=hasta)
            return {(o.unidad_id, o.tipo) for o in ocupados}

        assert await ocupadas(HASTA, HASTA) == {(suya.unidad_id, "carro"), (motero.unidad_id, "moto")}
        assert await ocupadas(HOY, date(2026, 6, 30)) == {(suya.unidad_id, "carro")}
        assert await ocupadas(date(2027, 1, 1), date(2027, 6, 30)) == set()
        await casa.registro.terminar(solicitud_id=suya.solicitud_id)
        assert await ocupadas(HOY, HASTA) == {(motero.unidad_id, "moto")}

    @pytest.mark.parametrize(
        ("desde", "hasta", "lo_tiene"),
        [
            (date(2025, 1, 1), None, True),
            (HASTA, None, True),
            (date(2027, 1, 1), None, False),
            (date(2025, 1, 1), DESDE, True),
            (date(2025, 1, 1), date(2025, 12, 31), False),
        ],
    )
    async def test_by_right(self, casa: Casa, desde: date, hasta: date | None, lo_tiene: bool) -> None:
        unidad_id = PydanticObjectId()
        titular = {"unidad_id": unidad_id, "motivo": "escritura", "desde": desde, "hasta": hasta}
        await casa.espacios("T-01", tipo="carro_doble", titular=titular)
        ocupados = await casa.registro.ocupados(unidades=[unidad_id], desde=DESDE, hasta=HASTA)
        assert [(o.unidad_id, o.tipo, o.vehiculo_id, o.tipo_espacio) for o in ocupados] == (
            [(unidad_id, None, None, "carro_doble")] if lo_tiene else []
        )


class TestTerminar:
    async def test_because_the_flat_was_left(self, casa: Casa) -> None:
        suya = await asignar(casa)
        casa.reloj.avanzar(days=10)
        assert await casa.registro.terminar(solicitud_id=suya.solicitud_id) == "A-01"
        quedo = await ver(casa, suya)
        assert (quedo.estado, quedo.hasta) == ("terminada", HOY + timedelta(days=10))
        assert quedo.terminado_en == INICIO + timedelta(days=10)
        assert await casa.ocupaciones() == {}
        assert await casa.registro.terminar(solicitud_id=suya.solicitud_id) is None

    async def test_letting_go_of_what_was_only_kept(self, casa: Casa) -> None:
        await casa.espacios("A-01")
        solicitud_id = PydanticObjectId()
        assert await casa.registro.guardar(codigo="A-01", solicitud_id=solicitud_id, desde=DESDE, hasta=HASTA)
        assert not await casa.registro.guardar(codigo="A-01", solicitud_id=PydanticObjectId(), desde=HASTA, hasta=HASTA)
        await casa.registro.soltar(codigo="A-01", solicitud_id=PydanticObjectId())
        assert await casa.ocupaciones() == {"A-01": [("solicitud", solicitud_id)]}
        await casa.registro.soltar(codigo="A-01", solicitud_id=solicitud_id)
        assert await casa.ocupaciones() == {}


class TestListar:
    async def test_in_natural_order(self, api: Api) -> None:
        """By the value of figures and without case, page by page, in files and in what a flat holds."""
        codigos = ["a-1", "A-2", "A-10", "A-10B", "B-3"]
        unidad = PydanticObjectId()
        vive(api.casa, unidad)
        for codigo in sorted(codigos):
            await asignar(api.casa, codigo, unidad_id=unidad)
        for ruta, quien in (("", ADMIN), ("/yo", RESIDENTE)):
            for orden, esperados in (("espacio", codigos), ("-espacio", codigos[::-1])):
                vistos: list[str] = []
                cursor: dict[str, str] = {}
                while cursor or not vistos:
                    consulta = {"orden": orden, "limite": "2"} | cursor
                    pagina = await api.ver(f"/asignaciones{ruta}", quien, params=consulta)
                    vistos += [fila["espacio"] for fila in pagina["items"]]
                    cursor = {"cursor": pagina["siguiente"]} if pagina["siguiente"] else {}
                assert vistos == esperados
        archivo = (await api.pedir("GET", "/asignaciones/exportar", ADMIN)).text.splitlines()
        assert [linea.split(",")[0] for linea in archivo[1:]] == codigos
        tenidas = await api.casa.r_asignaciones.vigentes(unidades=[unidad])
        assert [fila["espacio"] for fila in tenidas] == codigos

    async def codigos(self, api: Api, quien: Any = ADMIN, ruta: str = "", **parametros: str) -> list[str]:
        pagina = await api.ver(f"/asignaciones{ruta}", quien, params=parametros)
        return [fila["espacio"] for fila in pagina["items"]]

    async def test_one(self, api: Api) -> None:
        suya = await asignar(api.casa)
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert (await api.ver("/asignaciones", quien))["items"] == [
                {
                    "id": str(suya.id),
                    "espacio": "A-01",
                    "unidad_id": str(suya.unidad_id),
                    "vehiculo": {
                        "id": str(suya.vehiculo.id),
                        "tipo": "carro",
                        "electrico": False,
                        "placa": "ABC123",
                    },
                    "sorteo_id": str(suya.sorteo_id),
                    "solicitud_id": str(suya.solicitud_id),
                    "desde": "2026-03-02",
                    "hasta": "2026-12-31",
                    "estado": "vigente",
                    "motivo": None,
                    "prestado": False,
                    "reclamada_en": None,
                    "creado_en": instante(INICIO),
                    "terminado_en": None,
                }
            ]

    async def test_filters(self, api: Api) -> None:
        uno = await asignar(api.casa, "A-01", vehiculo=vehiculo(placa="AAA111"))
        await asignar(api.casa, "A-02", vehiculo=vehiculo(placa=None), desde=date(2026, 7, 1))
        api.casa.padron.torres["1"] = [uno.unidad_id]
        assert await self.codigos(api, espacio="A-02") == ["A-02"]
        assert await self.codigos(api, placa="aaa-111") == ["A-01"]
        assert await self.codigos(api, torre="1") == ["A-01"]
        assert await self.codigos(api, torre="9") == []
        assert await self.codigos(api, vigente_en="2026-06-30") == ["A-01"]
        assert await self.codigos(api, orden="-espacio") == ["A-02", "A-01"]
        assert await self.codigos(api, orden="espacio", limite="1") == ["A-01"]
        assert (await api.pedir("GET", "/asignaciones?vigente_en=ayer")).status_code == 422
        assert await self.codigos(api, sorteo_id=str(uno.sorteo_id)) == ["A-01"]
        assert await self.codigos(api, unidad_id=str(uno.unidad_id)) == ["A-01"]
        assert await self.codigos(api, unidad_id=str(uno.unidad_id), sorteo_id=str(PydanticObjectId())) == []
        assert await self.codigos(api, unidad_id=str(uno.unidad_id), torre="9") == []
        assert (await api.pedir("GET", "/asignaciones?orden=placa")).status_code == 422

    async def test_the_latest_first(self, api: Api) -> None:
        for codigo in ("A-01", "A-02", "A-03"):
            await asignar(api.casa, codigo)
            api.casa.reloj.avanzar(minutes=1)
        assert await self.codigos(api) == ["A-03", "A-02", "A-01"]

    async def test_in_force_on_a_day(self, api: Api) -> None:
        """Also of those that ended since."""
        casa = api.casa
        en_su_dia = await casa.r_asignaciones.insert(asignacion(espacio="A-01", hasta=HOY))
        assert await casa.r_asignaciones.cumplir(en_su_dia, cuando=INICIO)
        for codigo, estado, fin in (
            ("A-02", EstadoAsignacion.devuelta, HOY),
            ("A-03", EstadoAsignacion.revocada, HOY + timedelta(days=1)),
        ):
            suya = await casa.r_asignaciones.insert(asignacion(espacio=codigo))
            await casa.r_asignaciones.terminar(solicitud_id=suya.solicitud_id, estado=estado, hasta=fin, cuando=INICIO)
        await casa.r_asignaciones.insert(asignacion(espacio="A-04", hasta=HASTA))
        vistos = [
            await self.codigos(api, vigente_en=dia, orden="espacio")
            for dia in ("2025-12-31", "2026-01-01", "2026-03-02", "2026-03-03", "2027-01-01")
        ]
        assert vistos == [[], ["A-01", "A-02", "A-03", "A-04"], ["A-01", "A-03", "A-04"], ["A-04"], []]

    async def test_own(self, api: Api) -> None:
        suya, ajena = await asignar(api.casa, "A-01"), await asignar(api.casa, "A-02")
        assert await self.codigos(api, RESIDENTE, "/yo") == []
        vive(api.casa, suya.unidad_id)
        assert await self.codigos(api, RESIDENTE, "/yo") == ["A-01"]
        quien_vive_y_trabaja = principal(OPERADOR.rol, RESIDENTE.residente_id)
        assert await self.codigos(api, quien_vive_y_trabaja, "/yo") == ["A-01"]
        # Of what ended they see what came of their own requests, not what tenants before them had.
        for fila in (suya, ajena):
            await api.casa.asignaciones.revocar(fila.oid, motivo="x")
        vive(api.casa, suya.unidad_id, ajena.unidad_id)
        assert await self.codigos(api, RESIDENTE, "/yo") == []
        await api.casa.solicitudes.filas.insert(
            SolicitudDePrueba(
                id=ajena.solicitud_id,
                sorteo_id=ajena.sorteo_id,
                folio=1,
                unidad_id=ajena.unidad_id,
                residente_id=PydanticObjectId(),
            )
        )
        assert await self.codigos(api, RESIDENTE, "/yo") == ["A-02"]


class TestVer:
    async def test_staff_any_and_residents_their_own(self, api: Api) -> None:
        suya = await asignar(api.casa)
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert (await api.ver(f"/asignaciones/{suya.id}", quien))["espacio"] == "A-01"
        assert problema(await api.pedir("GET", f"/asignaciones/{suya.id}", RESIDENTE)) == (404, "no_encontrado")
        vive(api.casa, suya.unidad_id)
        assert (await api.ver(f"/asignaciones/{suya.id}", RESIDENTE))["id"] == str(suya.id)
        await api.casa.asignaciones.revocar(suya.oid, motivo="x")
        # As in the list: what ended is of who asked for it.
        assert problema(await api.pedir("GET", f"/asignaciones/{suya.id}", RESIDENTE)) == (404, "no_encontrado")


class TestDevolver:
    async def test_it_goes_to_the_next_in_line(self, api: Api) -> None:
        suya = await asignar(api.casa)
        vive(api.casa, suya.unidad_id)
        respuesta = await api.pedir("POST", f"/asignaciones/{suya.id}/devolver", RESIDENTE)
        assert respuesta.status_code == 200
        cuerpo = respuesta.json()
        assert (cuerpo["estado"], cuerpo["hasta"], cuerpo["motivo"]) == ("devuelta", "2026-03-02", None)
        assert cuerpo["terminado_en"] == instante(INICIO)
        assert await api.casa.ocupaciones() == {}
        assert api.casa.fin.llamadas == [(suya.solicitud_id, "A-01")]
        otra_vez = await api.pedir("POST", f"/asignaciones/{suya.id}/devolver", RESIDENTE)
        assert (otra_vez.status_code, otra_vez.json()) == (200, cuerpo)
        assert len(api.casa.fin.llamadas) == 1

    async def test_nobody_elses(self, api: Api) -> None:
        suya = await asignar(api.casa)
        vive(api.casa, PydanticObjectId())
        respuesta = await api.pedir("POST", f"/asignaciones/{suya.id}/devolver", RESIDENTE)
        assert problema(respuesta) == (404, "no_encontrado")
        assert (await ver(api.casa, suya)).estado == "vigente"

    async def test_what_ended_otherwise(self, api: Api) -> None:
        suya = await asignar(api.casa)
        vive(api.casa, suya.unidad_id)
        await api.casa.asignaciones.revocar(suya.oid, motivo="x")
        respuesta = await api.pedir("POST", f"/asignaciones/{suya.id}/devolver", RESIDENTE)
        assert problema(respuesta) == (409, "transicion_invalida")

    async def test_all_or_nothing(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        suya = await asignar(casa)
        vive(casa, suya.unidad_id)

        async def falla(**_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(casa.fin, "asignacion_terminada", falla)
        with pytest.raises(RuntimeError):
            await casa.asignaciones.devolver(suya.oid, RESIDENTE)
        assert await ver(casa, suya) == suya
        assert set(await casa.ocupaciones()) == {"A-01"}


class TestRevocar:
    async def test_says_why(self, api: Api) -> None:
        suya = await asignar(api.casa)
        ruta = f"/asignaciones/{suya.id}/revocar"
        assert (await api.pedir("POST", ruta, json={"motivo": " "})).status_code == 422
        respuesta = await api.pedir("POST", ruta, json={"motivo": "$hasta"})  # text, whatever it looks like
        assert (respuesta.status_code, respuesta.json()["estado"], respuesta.json()["motivo"]) == (
            200,
            "revocada",
            "$hasta",
        )
        assert api.casa.fin.llamadas == [(suya.solicitud_id, "A-01")]
        assert len(api.casa.fin.revocadas) == 1, "the flat is told why"
        assert await api.casa.ocupaciones() == {}

    async def test_it_is_told_once(self, api: Api) -> None:
        suya = await asignar(api.casa)
        for _ in range(2):
            await api.pedir("POST", f"/asignaciones/{suya.id}/revocar", json={"motivo": "prestó el suyo"})
        assert api.casa.fin.revocadas == ["prestó el suyo"]

    async def test_never_longer_than_its_term(self, casa: Casa) -> None:
        """Its last day has passed, and the beat has not come yet."""
        suya = await asignar(casa)
        casa.reloj.poner(INICIO.replace(year=2027))
        assert (await casa.asignaciones.revocar(suya.oid, motivo="x")).hasta == HASTA


class TestCumplir:
    async def test_after_its_last_day(self, casa: Casa) -> None:
        suya = await asignar(casa)
        casa.reloj.poner(INICIO.replace(month=12, day=31))
        await casa.tareas.atender()
        assert (await ver(casa, suya)).estado == "vigente"
        casa.reloj.avanzar(hours=14)  # midnight in Bogotá is at five in UTC
        await casa.tareas.atender()
        quedo = await ver(casa, suya)
        assert (quedo.estado, quedo.hasta) == ("terminada", HASTA)
        # Nobody is next: the term is over for all.
        assert casa.fin.llamadas == [(suya.solicitud_id, None)]
        assert await casa.ocupaciones() == {}
        await casa.tareas.atender()
        assert len(casa.fin.llamadas) == 1

    async def test_one_that_was_given_back_meanwhile(self, casa: Casa) -> None:
        suya = await asignar(casa)
        await casa.asignaciones.revocar(suya.oid, motivo="x")
        await casa.asignaciones.cumplir(suya)
        assert (await ver(casa, suya)).estado == "revocada"
        assert len(casa.fin.llamadas) == 1


class TestTablero:
    async def test_who_holds_each_space_on_a_day(self, api: Api) -> None:
        """Every space with its holder and term, for staff; the history of one is the list of its assignments."""
        suya = await asignar(api.casa, "A-01", desde=date(2026, 7, 1), prestado=True)
        await api.casa.espacios("A-02")
        tenencia = {
            "asignacion_id": str(suya.id),
            "unidad": {"id": str(suya.unidad_id), "torre": "1", "apartamento": str(suya.unidad_id)},
            "desde": "2026-07-01",
            "hasta": "2026-12-31",
            "prestado": True,
        }
        for quien, dia, espera in (
            (OPERADOR, "2026-07-01", tenencia),
            (AUDITOR, "2026-12-31", tenencia),
            (OPERADOR, "2026-06-30", None),
            (OPERADOR, None, None),
            (RESIDENTE, "2026-07-01", None),
        ):
            consulta = {} if dia is None else {"vigente_en": dia}
            tablero = (await api.ver("/espacios", quien, params=consulta))["items"]
            assert [(e["codigo"], e["tenencia"]) for e in tablero] == [("A-01", espera), ("A-02", None)]
        assert (await api.ver("/espacios/A-01", OPERADOR))["tenencia"] is None

    async def test_who_holds_one_by_right(self, api: Api) -> None:
        """On the days of the right, for those who may know whose it is."""
        unidad = PydanticObjectId()
        for codigo, hasta in (("A-01", None), ("A-02", date(2026, 7, 31))):
            titular = {"unidad_id": unidad, "motivo": "x", "desde": date(2026, 7, 1), "hasta": hasta}
            await api.casa.espacios(codigo, titular=titular)
        tenencia = {
            "asignacion_id": None,
            "unidad": {"id": str(unidad), "torre": "1", "apartamento": str(unidad)},
            "desde": "2026-07-01",
            "hasta": None,
            "prestado": False,
        }
        otra = tenencia | {"hasta": "2026-07-31"}
        for quien, dia, esperan in (
            (ADMIN, "2026-06-30", [None, None]),
            (ADMIN, "2026-07-01", [tenencia, otra]),
            (AUDITOR, "2026-07-31", [tenencia, otra]),
            (ADMIN, "2026-08-01", [tenencia, None]),
            (OPERADOR, "2026-07-31", [None, None]),
            (RESIDENTE, "2026-07-31", [None, None]),
        ):
            tablero = (await api.ver("/espacios", quien, params={"vigente_en": dia}))["items"]
            assert [e["tenencia"] for e in tablero] == esperan

    async def test_the_right_of_a_flat_that_was_deleted(self, api: Api) -> None:
        unidad = PydanticObjectId()
        await api.casa.espacios("A-01", titular={"unidad_id": unidad, "motivo": "x", "desde": HOY, "hasta": None})
        api.casa.padron.sin_nombre.add(unidad)
        (espacio,) = (await api.ver("/espacios", ADMIN, params={"vigente_en": HOY.isoformat()}))["items"]
        assert (espacio["con_titular"], espacio["tenencia"]) == (True, None)

    async def test_one_query_for_a_page(self, api: Api) -> None:
        for n in range(1, 5):
            await asignar(api.casa, f"A-0{n}")
        api.casa.padron.consultas.clear()
        tablero = (await api.ver("/espacios", OPERADOR, params={"vigente_en": HOY.isoformat()}))["items"]
        assert all(e["tenencia"] for e in tablero)
        assert api.casa.padron.consultas == [("nombres", 4)]
