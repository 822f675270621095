"""Whoever writes on the database between the steps gets nothing for it but a trace."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import Settings
from app.core.security import Rol
from app.database.migrations.service import exigir_version
from app.database.migrations.steps import MIGRACIONES
from app.modules.sorteo import motor
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos import cierre as modulo_cierre
from app.modules.sorteo.pasos import corrida as modulo_corrida
from app.modules.sorteo.pasos import publicacion as modulo_publicacion
from app.modules.sorteo.pasos.models import Anulacion
from app.shared.repository import Repository
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, OPERADOR, OTRO_ADMIN, RESIDENTE


async def intentar(api: Api, sorteo: Sorteo, paso: str) -> tuple[int, str, dict[str, Any]]:
    cuerpo = {"entropia": ENTROPIA} if paso == "ejecutar" else None
    respuesta = await api.pedir("POST", f"/{sorteo.id}/{paso}", json=cuerpo)
    return *problema(respuesta), respuesta.json()["datos"]


async def detenido(api: Api, sorteo: Sorteo, paso: str, donde: str, folio: int | None = None) -> None:
    """The step is refused each time, nothing moves, one row of the audit says where, and the clock keeps off."""
    antes = await api.casa.sorteos.ver(sorteo.oid)
    filas = await api.casa.solicitudes.todas(sorteo.oid)
    esperado = {"donde": donde} | ({} if folio is None else {"folio": folio})
    for _ in range(2):
        assert await intentar(api, sorteo, paso) == (409, "bases_alteradas", esperado)
    await api.casa.tareas.atender()
    quedo = await api.casa.sorteos.ver(sorteo.oid)
    assert (quedo.estado, quedo.turno) == (antes.estado, None)
    assert await api.casa.solicitudes.todas(sorteo.oid) == filas
    datos = {"donde": donde, "paso": paso, "sorteo": str(sorteo.id)}
    assert api.casa.bitacora.sucesos == [("bases_alteradas", datos)]


async def cambiar(repositorio: Repository[Any], filtro: Mapping[str, Any], cambio: Mapping[str, Any]) -> None:
    assert await repositorio.update_many(filtro, {"$set": cambio}) > 0


async def permutar(repositorio: Repository[Any], uno: Any, otro: Any, *campos: str) -> None:
    for fila, de in ((uno, otro), (otro, uno)):
        await cambiar(repositorio, {"_id": fila.id}, {campo: getattr(de, campo) for campo in campos})


class TestReglas:
    @pytest.fixture
    async def sorteo(self, api: Api) -> Sorteo:
        await api.casa.espacios("A-1", "A-2")
        await api.casa.espacios("D-1", reserva="discapacidad")
        await api.casa.prioridad()
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 3)
        return sorteo

    @pytest.mark.parametrize(
        ("donde", "cambio"),
        [
            ("parametros", {"max_por_unidad": 7}),
            ("parametros", {"liberar_reservas": False}),
            ("parametros", {"fuente_entropia.forma": "##### serie ###"}),
            ("reglas", {"reglas.0.efecto.nivel": 0}),
            ("reglas", {"reglas": []}),
        ],
    )
    async def test_of_an_open_draw(self, api: Api, sorteo: Sorteo, donde: str, cambio: dict[str, Any]) -> None:
        await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, cambio)
        await detenido(api, sorteo, "cerrar", donde)
        assert await api.casa.solicitudes.fase(sorteo.oid) == "abierto"

    @pytest.mark.parametrize(
        "cambio", [{"reserva": "discapacidad"}, {"tipo": "moto"}, {"codigo": "A-9"}, {"excluido": "inactivo"}]
    )
    async def test_spaces(self, api: Api, sorteo: Sorteo, cambio: dict[str, Any]) -> None:
        await cambiar(api.casa.r_en_juego, {"codigo": "A-1"}, cambio)
        await detenido(api, sorteo, "cerrar", "espacios")

    async def test_the_file_itself(self, api: Api, sorteo: Sorteo) -> None:
        (parte,) = await api.casa.r_archivos.find({"archivo": "reglas"})
        await cambiar(api.casa.r_archivos, {"_id": parte.id}, {"datos": parte.datos + b" "})
        await detenido(api, sorteo, "cerrar", "reglas")

    @pytest.mark.parametrize(
        ("que", "como_era"), [("nada", True), ("copia", False), ("archivo", False), ("nadie", True)]
    )
    async def test_a_space_that_is_to_be_offered(self, api: Api, sorteo: Sorteo, que: str, como_era: bool) -> None:
        casa = api.casa
        if que != "nada":
            await cambiar(casa.r_en_juego, {"codigo": "D-1"}, {"reserva": None})
        if que == "archivo":
            crudas = (await casa.bytes_de(sorteo, "reglas")).replace(b'"reserva":"discapacidad"', b'"reserva":null')
            await falsificar(casa, sorteo, Publicado.reglas, "", crudas, "huella_reglas")
        if que == "nadie":
            casa.bitacora.de.clear()  # opened when nobody told the audit
        espacio = await casa.registro.espacio(sorteo_id=sorteo.oid, codigo="D-1")
        assert espacio is not None
        segun = await casa.registro.publicados(sorteo_id=sorteo.oid)
        assert segun("D-1", espacio) is como_era
        assert segun("D-1", None) is (que == "nadie")

    async def test_the_terms_of_the_window(self, api: Api, sorteo: Sorteo) -> None:
        """They judge the requests."""
        api.casa.solicitudes.terminos_de[sorteo.oid]["exige_al_dia"] = False
        await detenido(api, sorteo, "cerrar", "ventanilla")

    async def test_put_right_it_closes(self, api: Api, sorteo: Sorteo) -> None:
        await cambiar(api.casa.r_en_juego, {"codigo": "A-1"}, {"tipo": "moto"})
        await intentar(api, sorteo, "cerrar")
        await cambiar(api.casa.r_en_juego, {"codigo": "A-1"}, {"tipo": "carro"})
        cerrado = await api.casa.cierre.cerrar(sorteo.oid)
        assert (cerrado.estado, cerrado.alteracion) == ("cerrado", None)

    async def test_a_closing_time_that_was_moved_is_no_tampering(self, api: Api, sorteo: Sorteo) -> None:
        await api.casa.apertura.prorrogar(sorteo.oid, cierre=DISPONIBLE.replace(hour=1), motivo="x")
        assert (await api.casa.cierre.cerrar(sorteo.oid)).estado == "cerrado"

    @pytest.mark.parametrize("movido", ["no", "prorroga", "reapertura"])
    @pytest.mark.parametrize("donde", ["cierre", "ventanilla"])
    async def test_a_closing_time_that_somebody_wrote(self, api: Api, movido: str, donde: str) -> None:
        """Whoever shuts the window before the others have asked leaves what it says beside what was told."""
        casa, sorteo = api.casa, await api.casa.abierto(cierre=instante(DISPONIBLE.replace(hour=1)))
        if movido == "prorroga":
            await casa.apertura.prorrogar(sorteo.oid, cierre=DISPONIBLE.replace(hour=2), motivo="x")
        elif movido == "reapertura":
            await casa.cierre.cerrar(sorteo.oid)
            await casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=DISPONIBLE.replace(hour=2))
        otro = {"cierre": casa.reloj.instante + timedelta(minutes=5)}
        await cambiar(casa.solicitudes.ventanas, {"_id": sorteo.id}, otro)
        if donde == "cierre":
            await cambiar(casa.r_sorteos, {"_id": sorteo.id}, otro)
            await detenido(api, sorteo, "cerrar", donde)
        else:
            # What the closing undoes opens the window again as the draw says.
            assert await intentar(api, sorteo, "cerrar") == (409, "bases_alteradas", {"donde": donde})
            assert [datos["donde"] for _, datos in casa.bitacora.sucesos] == [donde]
            assert (await casa.cierre.cerrar(sorteo.oid)).estado == "cerrado"

    @pytest.mark.parametrize("cambio", [None, "antiguedad_meses"])
    async def test_published_when_rules_said_yes_or_no(
        self, api: Api, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", cambio: str | None
    ) -> None:
        """The bytes and their hash stay; what is stored is brought up to date, and is still what they say."""
        perdidos = {"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": 1}
        efecto = {"boletas": 2, "por_unidad": "sorteos_perdidos"}
        await api.casa.prioridad("constancia", condiciones=[perdidos], efecto=efecto)
        await api.casa.prioridad()
        sorteo = await api.casa.abierto()
        (parte,) = await api.casa.r_archivos.find({"archivo": "reglas"})
        publicadas = json.loads(parte.datos)
        for regla in publicadas["reglas"]:
            regla["efecto"]["por_unidad"] = regla["efecto"]["por_unidad"] is not None
        datos = json.dumps(publicadas).encode()
        await cambiar(api.casa.r_archivos, {"_id": parte.id}, {"datos": datos})
        huella = hashlib.sha256(datos).hexdigest()
        de_antes = {"huella_reglas": huella, "reglas": publicadas["reglas"]}
        await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, de_antes)
        api.casa.bitacora.de.clear()  # nobody told the audit then
        ajustes = Settings(_env_file=None, mongodb_db="pruebas")
        await exigir_version(cliente_mongo, ajustes, migraciones=[m for m in MIGRACIONES if m.numero == 6])
        if cambio is None:
            cerrado = await api.casa.cierre.cerrar(sorteo.oid)
            assert (cerrado.estado, cerrado.huella_reglas) == ("cerrado", huella)
            assert [r.efecto.por_unidad for r in cerrado.reglas] == ["sorteos_perdidos", None]
        else:
            await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, {"reglas.0.efecto.por_unidad": cambio})
            await detenido(api, sorteo, "cerrar", "reglas")


class TestPadron:
    async def test_is_what_the_closing_wrote(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each flat opens its own line, and nobody another's."""
        monkeypatch.setattr(modulo_cierre, "LOTE", 2)
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 3)
        await api.casa.pedir(sorteo, estado="rechazada")
        cerrado = await api.casa.cierre.cerrar(sorteo.oid)
        crudo = (await api.pedir("GET", f"/{sorteo.id}/padron", RESIDENTE)).content
        assert hashlib.sha256(crudo).hexdigest() == cerrado.huella_padron
        assert (await api.ver(f"/{sorteo.id}/verificacion", None))["huella_padron"] == cerrado.huella_padron
        lineas = {linea["folio"]: linea["linea"] for linea in map(json.loads, crudo.splitlines())}
        filas = {fila.folio: fila for fila in await api.casa.solicitudes.todas(sorteo.oid)}
        assert list(lineas) == [1, 2, 3, 4]
        assert RESIDENTE.residente_id is not None
        api.casa.padron.viven[RESIDENTE.residente_id] = [filas[2].unidad_id]
        (mia,) = await api.ver(f"/{sorteo.id}/evaluacion/yo", RESIDENTE)
        abierta = mia["padron"]
        texto = ":".join(
            [abierta["sal"], "2", *(str(getattr(filas[2], c)) for c in ("id", "unidad_id", "vehiculo_id"))]
        )
        assert hashlib.sha256(texto.encode()).hexdigest() == abierta["linea"] == lineas[2]
        assert {e["padron"] is None for e in (await api.ver(f"/{sorteo.id}/evaluacion", OPERADOR))["items"]} == {True}

    async def test_no_line_can_be_guessed_from_what_is_published(self, casa: Casa) -> None:
        """Neither do two closings of a draw, nor its secret, give a salt away."""
        sorteo = await casa.ejecutado(2)
        guardado = await casa.r_secretos.get(sorteo.oid)
        clave = await casa.custodia.clave_del_padron(sorteo.oid)
        assert guardado is not None
        assert clave not in (None, sorteo.secreto)
        assert clave.encode() not in (guardado.padron or b"")

    @pytest.mark.parametrize(
        "campos", [("solicitud_id",), ("unidad_id",), ("vehiculo_id",), ("solicitud_id", "unidad_id", "vehiculo_id")]
    )
    async def test_whose_a_folio_is_before_the_run(self, api: Api, campos: tuple[str, ...]) -> None:
        sorteo = await api.casa.por_ejecutar()
        uno, otro = await api.casa.r_participantes.find({"folio": {"$in": [2, 4]}})
        await permutar(api.casa.r_participantes, uno, otro, *campos)
        codigo, _, datos = (await intentar(api, sorteo, "ejecutar"))[0:3]
        assert (codigo, datos["donde"]) == (409, "padron")
        await detenido(api, sorteo, "ejecutar", "padron", datos["folio"])

    @pytest.mark.parametrize("que", ["archivo", "huella", "clave", "nada"])
    async def test_the_roll_itself(self, api: Api, que: str) -> None:
        casa = api.casa
        sorteo = await casa.por_ejecutar()
        if que == "archivo":
            (parte,) = await casa.r_archivos.find({"archivo": "padron"})
            await cambiar(casa.r_archivos, {"_id": parte.id}, {"datos": b"{}\n" + parte.datos})
        elif que == "clave":
            ajena = casa.boveda.cerrar_texto("ab" * 32, de=sorteo.oid)
            await cambiar(casa.r_secretos, {"_id": sorteo.id}, {"padron": ajena})
        else:
            await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"huella_padron": "0" * 64 if que == "huella" else None})
            casa.bitacora.de.clear()
        codigo, _, datos = await intentar(api, sorteo, "ejecutar")
        assert (codigo, datos["donde"]) == (409, "padron")

    @pytest.mark.parametrize(
        ("donde", "cambio"),
        [("parametros", {"vigencia.hasta": "2036-12-31"}), ("auditoria", {"huella_reglas": "0" * 64})],
    )
    async def test_what_the_opening_said_before_the_run(self, api: Api, donde: str, cambio: dict[str, Any]) -> None:
        sorteo = await api.casa.por_ejecutar()
        await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, cambio)
        await detenido(api, sorteo, "ejecutar", donde)

    async def test_a_number_that_nobody_gave(self, api: Api) -> None:
        """Written on the database, it was judged by nobody: neither its spelling, nor its hour, nor its signature."""
        sorteo = await api.casa.por_ejecutar()
        await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, {"entropia": ENTROPIA})
        await detenido(api, sorteo, "ejecutar", "entropia")


class TestResultado:
    @pytest.fixture
    async def sorteo(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> Sorteo:
        """In three batches."""
        monkeypatch.setattr(modulo_publicacion, "LOTE", 2)
        monkeypatch.setattr(modulo_corrida, "LOTE", 2)
        await api.casa.espacios("A-1", "A-2")
        await api.casa.espacios("D-1", reserva="discapacidad")
        return await api.casa.ejecutado(5)

    @pytest.mark.parametrize("cambio", [{"hasta": date(2036, 12, 31)}, {"aceptacion": "tacita"}])
    async def test_the_terms_of_the_window(self, api: Api, sorteo: Sorteo, cambio: dict[str, Any]) -> None:
        api.casa.solicitudes.terminos_de[sorteo.oid] |= cambio
        await detenido(api, sorteo, "publicar", "ventanilla")

    async def test_a_space_that_was_taken_from_the_draw(self, api: Api, sorteo: Sorteo) -> None:
        await cambiar(api.casa.r_espacios, {"codigo": "A-1"}, {"ocupaciones": []})
        await detenido(api, sorteo, "publicar", "espacios")

    async def test_published_as_it_was_run(self, api: Api, sorteo: Sorteo) -> None:
        assert (await api.casa.publicacion.publicar(sorteo.oid)).estado == "publicado"
        espacios = {r.solicitud_id: r.espacio for r in await api.casa.resultados(sorteo)}
        assert {s.id: s.espacio for s in await api.casa.solicitudes.todas(sorteo.oid)} == espacios

    @pytest.mark.parametrize("campos", [("solicitud_id",), ("unidad_id",), ("solicitud_id", "unidad_id")])
    async def test_whose_a_line_is(self, api: Api, sorteo: Sorteo, campos: tuple[str, ...]) -> None:
        primera, segunda, *_ = await api.casa.resultados(sorteo)
        await permutar(api.casa.r_resultados, primera, segunda, *campos)
        await detenido(api, sorteo, "publicar", "resultado", primera.folio)

    @pytest.mark.parametrize(
        ("campo", "valor"), [("folio", 99), ("espacio", "A-9"), ("espera", 9), ("numero", "f" * 64), ("corrida", "x")]
    )
    async def test_a_line(self, api: Api, sorteo: Sorteo, campo: str, valor: object) -> None:
        await cambiar(api.casa.r_resultados, {"posicion": 1}, {campo: valor})
        await detenido(api, sorteo, "publicar", "resultado")

    @pytest.mark.parametrize(("campo", "valor"), [("prestado", True), ("condiciones", ["discapacidad"]), ("tipos", [])])
    async def test_what_stands_beside_the_line(self, api: Api, sorteo: Sorteo, campo: str, valor: object) -> None:
        (primera, *_) = [r for r in await api.casa.resultados(sorteo) if not r.prestado]
        await cambiar(api.casa.r_resultados, {"_id": primera.id}, {campo: valor})
        codigo, _, datos = await intentar(api, sorteo, "publicar")
        assert (codigo, datos) == (409, {"donde": "resultado", "folio": primera.folio})

    async def test_participants_and_results_alike(self, api: Api, sorteo: Sorteo) -> None:
        """The roll knows, although both sides of the database agree."""
        primera, segunda, *_ = await api.casa.resultados(sorteo)
        uno, otro = [await api.casa.r_participantes.find_one({"folio": r.folio}) for r in (primera, segunda)]
        suyos = "solicitud_id", "unidad_id"
        await permutar(api.casa.r_resultados, primera, segunda, *suyos)
        await permutar(api.casa.r_participantes, uno, otro, *suyos, "vehiculo_id")
        await detenido(api, sorteo, "publicar", "padron", primera.folio)

    async def test_conditions_of_a_participant(self, api: Api, sorteo: Sorteo) -> None:
        """Whoever has them would be offered reserved spaces first."""
        primera, *_ = await api.casa.resultados(sorteo)
        for repositorio in (api.casa.r_resultados, api.casa.r_participantes):
            await cambiar(repositorio, {"folio": primera.folio}, {"condiciones": ["discapacidad"]})
        await detenido(api, sorteo, "publicar", "participantes", primera.folio)

    @pytest.mark.parametrize("campo", ["unidad_id", "vehiculo_id", "folio"])
    async def test_whose_the_request_is(self, api: Api, sorteo: Sorteo, campo: str) -> None:
        primera, segunda, *_ = await api.casa.resultados(sorteo)
        valor: object = 77 if campo == "folio" else PydanticObjectId()
        await cambiar(api.casa.solicitudes.filas, {"_id": segunda.solicitud_id}, {campo: valor})
        codigo, _, datos = await intentar(api, sorteo, "publicar")
        assert (codigo, datos["donde"]) == (409, "padron")
        assert {s.estado for s in await api.casa.solicitudes.todas(sorteo.oid)} == {"aprobada"}
        assert primera.folio not in datos.values()

    async def test_a_request_that_is_gone(self, api: Api, sorteo: Sorteo) -> None:
        primera, *_ = await api.casa.resultados(sorteo)
        await api.casa.solicitudes.filas.delete_one({"_id": primera.solicitud_id})
        codigo, _, datos = await intentar(api, sorteo, "publicar")
        assert (codigo, datos) == (409, {"donde": "solicitudes", "folio": primera.folio})

    @pytest.mark.parametrize("hasta", [1, 2, 6])
    async def test_lines_that_are_said_to_be_published(self, api: Api, sorteo: Sorteo, hasta: int) -> None:
        """A mark set by hand leaves no winner out."""
        await cambiar(api.casa.r_sorteos, {"_id": sorteo.id}, {"publicado_hasta": hasta})
        codigo, _, datos = await intentar(api, sorteo, "publicar")
        assert (codigo, datos) == (409, {"donde": "publicado_hasta"})

    @pytest.mark.parametrize("archivo", ["bases", "padron", "resultado"])
    async def test_files_that_are_no_files(self, api: Api, sorteo: Sorteo, archivo: str) -> None:
        await cambiar(api.casa.r_archivos, {"archivo": archivo}, {"datos": b'{"id":[]}\n{'})
        codigo, _, datos = await intentar(api, sorteo, "publicar")
        assert (codigo, datos) == (409, {"donde": archivo})

    async def test_the_same_bytes_as_the_engine(self, api: Api, sorteo: Sorteo) -> None:
        bases = await api.casa.bytes_de(sorteo, "bases")
        assert await api.casa.bytes_de(sorteo, "resultado") == motor.correr(bases, str(sorteo.secreto), ENTROPIA)


class TestLoQueSeDijo:
    """Hashes are no proof for who writes the hash too. What each step published stands in the audit, which nobody signs
    without the key and nobody cuts unseen."""

    async def test_each_step_tells_the_audit(self, casa: Casa) -> None:
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(2)
        assert sorteo.abierto_en is not None
        dichos = await casa.bitacora.dichos_de_todos(tipos=["sorteo_participes", "sorteo_exclusiones"])
        ((participes,),), ((exclusiones,),) = (suyos.values() for suyos in dichos.values())
        assert [(de, tipo, datos) for de, tipo, datos in casa.bitacora.de] == [
            (
                sorteo.oid,
                "sorteo_abrir_sorteo",
                {
                    "compromiso": sorteo.compromiso,
                    "huella_reglas": sorteo.huella_reglas,
                    "abierto_en": str(round(sorteo.abierto_en.timestamp() * 1000)),
                },
            ),
            (sorteo.oid, "sorteo_cerrar_sorteo", {"huella": sorteo.huella, "huella_padron": sorteo.huella_padron}),
            (sorteo.oid, "sorteo_participes", participes),
            (sorteo.oid, "sorteo_exclusiones", exclusiones),
            (sorteo.oid, "sorteo_ejecutar_sorteo", {"entropia": motor.sha256_hex(ENTROPIA)}),
            (sorteo.oid, "sorteo_ejecutar_sorteo", {"huella_resultado": sorteo.huella_resultado}),
        ]

    async def test_rules_with_their_file_and_hash(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        await casa.prioridad()
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2)
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"reglas": []})
        publicadas = json.loads(await casa.bytes_de(sorteo, "reglas")) | {"reglas": []}
        crudas = json.dumps(publicadas, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        await falsificar(casa, sorteo, Publicado.reglas, "", crudas, "huella_reglas")
        await detenido(api, sorteo, "cerrar", "auditoria")

    async def test_bases_with_their_file_and_hash(self, api: Api) -> None:
        """Whoever has seen the number would write bases under which they win."""
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.por_ejecutar(3)
        await cambiar(casa.r_participantes, {"sorteo_id": sorteo.id, "folio": 3}, {"boletas": 100, "nivel": 0})
        crudas = (await casa.bytes_de(sorteo, "bases")).replace(
            b'{"boletas":1,"condiciones":[],"id":"3","nivel":5', b'{"boletas":100,"condiciones":[],"id":"3","nivel":0'
        )
        assert b'"boletas":100' in crudas
        await falsificar(casa, sorteo, Publicado.bases, sorteo.intento or "", crudas, "huella")
        await detenido(api, sorteo, "ejecutar", "auditoria")

    async def test_a_result_with_its_file_and_hash(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(2)
        primera, segunda = (await casa.bytes_de(sorteo, "resultado")).splitlines()
        cambiadas = [json.loads(primera) | {"espacio": None, "espera": 1}, json.loads(segunda) | {"espacio": "A-1"}]
        crudas = b"".join(
            json.dumps(c | ({"espera": None} if c["espacio"] else {}), sort_keys=True, separators=(",", ":")).encode()
            + b"\n"
            for c in cambiadas
        )
        await falsificar(casa, sorteo, Publicado.resultado, sorteo.corrida or "", crudas, "huella_resultado")
        await detenido(api, sorteo, "publicar", "auditoria")

    async def test_run_again_with_another_number(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(3)
        sin_correr = {"estado": "cerrado", "entropia": None, "semilla": None, "corrida": None, "huella_resultado": None}
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, sin_correr)
        otro = await api.pedir("POST", f"/{sorteo.id}/ejecutar", json={"entropia": ENTROPIA.replace("1", "7")})
        assert (*problema(otro), otro.json()["datos"]) == (409, "bases_alteradas", {"donde": "auditoria"})

    @pytest.mark.parametrize("estado", ["cerrado", "ejecutado", "publicado"])
    async def test_an_annulment_that_nobody_asked_for_or_confirmed(self, api: Api, estado: str) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await {"cerrado": casa.cerrado, "ejecutado": casa.ejecutado, "publicado": casa.publicado}[estado](2)
        momento = casa.reloj.instante
        puesta = Anulacion(
            motivo="x", pedida_por=PydanticObjectId(), rol=Rol.admin, pedida_en=momento, efecto_en=momento
        )
        firme = puesta.model_dump() | {
            "firme_en": momento,
            "confirmada_por": PydanticObjectId(),
            "confirmada_en": momento,
        }
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"anulacion": firme})
        for _ in range(2):
            await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == estado
        assert [datos["donde"] for _, datos in casa.bitacora.sucesos] == ["anulacion"]

    @pytest.mark.parametrize("donde", ["abierto", "borrador"])
    async def test_closed_or_opened_again(self, api: Api, donde: str) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.cerrado(2)
        paso = "cerrar" if donde == "abierto" else "abrir"
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"estado": donde, "huella": None, "intento": None})
        if donde == "borrador":
            await casa.r_secretos.delete_many({})
            await casa.r_en_juego.delete_many({})
        await casa.solicitudes.abrir(sorteo_id=sorteo.oid, cierre=None)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/{paso}")
        que = {"abierto": "auditoria", "borrador": "estado"}[donde]
        assert (*problema(respuesta), respuesta.json()["datos"]) == (409, "bases_alteradas", {"donde": que})

    @pytest.mark.parametrize("de", ["abierto", "publicado"])
    async def test_a_draft_again(self, api: Api, de: str) -> None:
        """Nothing but its state was written: it opens for nobody, nor by itself, and is annulled by no one person."""
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await (casa.abierto() if de == "abierto" else casa.publicado(2))
        casa.reloj.poner(DISPONIBLE - timedelta(hours=1))
        escrito = {"estado": "borrador", "apertura": casa.reloj.instante, "publicado_hasta": 0}
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, escrito)
        await detenido(api, sorteo, "abrir", "estado")
        anulado = await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        assert (*problema(anulado), anulado.json()["datos"]) == (409, "bases_alteradas", {"donde": "estado"})

    @pytest.mark.parametrize("a", ["abierto", "cerrado"])
    async def test_behind_its_result_to_be_annulled_alone(self, api: Api, a: str) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.publicado(2)
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"estado": a, "publicado_hasta": 0})
        casa.reloj.poner(DISPONIBLE - timedelta(hours=1))
        anulado = await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        assert (*problema(anulado), anulado.json()["datos"]) == (409, "bases_alteradas", {"donde": "estado"})
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == a
        assert [datos["donde"] for _, datos in casa.bitacora.sucesos] == ["estado"]

    async def test_published_and_then_not(self, api: Api) -> None:
        """Not published, it would be annulled by one person in three days, and published anew."""
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.publicado(2)
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"estado": "ejecutado"})
        publicado = await api.pedir("POST", f"/{sorteo.id}/publicar")
        assert (*problema(publicado), publicado.json()["datos"]) == (409, "bases_alteradas", {"donde": "estado"})
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        casa.reloj.avanzar(hours=73)
        for _ in range(2):
            await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "ejecutado"

    @pytest.mark.parametrize("cambio", [{"ensayo": True}, {"fuente_entropia.disponible_desde": "2036-01-01T00:00:00Z"}])
    @pytest.mark.parametrize("estado", ["por_ejecutar", "ejecutado", "publicado"])
    async def test_what_would_let_one_person_annul(self, api: Api, estado: str, cambio: dict[str, Any]) -> None:
        """A rehearsal, or a number of times to come: so says the draw, and not what was published."""
        casa = api.casa
        casa.cuentas.confirmadores = {ADMIN.usuario_id, OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1")
        sorteo = await getattr(casa, estado)(2)
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, cambio)
        anulado = await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        assert (anulado.status_code, anulado.json()["estado"]) == (200, sorteo.estado)
        casa.reloj.avanzar(hours=73)
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == sorteo.estado

    async def test_what_would_reopen_it_with_its_number_known(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.por_ejecutar(2)
        despues = casa.reloj.instante + timedelta(days=9)
        await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {"fuente_entropia.disponible_desde": despues})
        reabierto = await api.pedir(
            "POST", f"/{sorteo.id}/reabrir", json={"motivo": "x", "cierre": instante(despues - timedelta(days=1))}
        )
        assert (*problema(reabierto), reabierto.json()["datos"]) == (409, "bases_alteradas", {"donde": "parametros"})
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "cerrado"

    async def test_an_annulment_that_nobody_confirmed_in_three_days(self, api: Api) -> None:
        """Somebody could have: that it stands was not judged, but written."""
        casa = api.casa
        casa.cuentas.confirmadores = {ADMIN.usuario_id, OTRO_ADMIN.usuario_id}
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(2)
        await api.pedir("POST", f"/{sorteo.id}/anular", json={"motivo": "x"})
        casa.reloj.avanzar(hours=73)
        momento = casa.reloj.instante
        await cambiar(
            casa.r_sorteos, {"_id": sorteo.id}, {"anulacion.firme_en": momento, "anulacion.efecto_en": momento}
        )
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "ejecutado"
        assert [datos["donde"] for _, datos in casa.bitacora.sucesos] == ["anulacion"]

    @pytest.mark.parametrize("escrito", [True, False])
    async def test_one_that_repeats_what_nobody_annulled(self, api: Api, escrito: bool) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        repetido = await casa.cerrado(2)
        if escrito:
            await cambiar(casa.r_sorteos, {"_id": repetido.id}, {"estado": "anulado"})
            await cambiar(casa.r_espacios, {"codigo": "A-1"}, {"ocupaciones": []})
        else:
            await casa.anulacion.anular(repetido.oid, motivo="x", quien=ADMIN)
        otro = await casa.borrador(repite_a=str(repetido.id))
        abierto = await api.pedir("POST", f"/{otro.id}/abrir")
        if escrito:
            assert (*problema(abierto), abierto.json()["datos"]) == (409, "bases_alteradas", {"donde": "anulacion"})
        assert (await casa.sorteos.ver(otro.oid)).estado == ("borrador" if escrito else "abierto")

    async def test_a_closing_that_stays_listed_is_no_tampering(self, casa: Casa) -> None:
        await casa.espacios("A-1")
        sorteo = await casa.cerrado(2)
        await casa.reapertura.reabrir(sorteo.oid, motivo="faltaba uno", cierre=None)
        await casa.pedir(sorteo, 1)
        assert (await casa.cierre.cerrar(sorteo.oid)).huella != sorteo.huella
        casa.reloj.poner(DISPONIBLE)
        assert (await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)).estado == "ejecutado"


async def falsificar(casa: Casa, sorteo: Sorteo, archivo: Publicado, intento: str, crudas: bytes, campo: str) -> None:
    """The file, and the hash that the draw has of it."""
    huella = await casa.r_archivos.guardar(sorteo_id=sorteo.oid, archivo=archivo, intento=intento, lineas=[crudas])
    await cambiar(casa.r_sorteos, {"_id": sorteo.id}, {campo: huella})
