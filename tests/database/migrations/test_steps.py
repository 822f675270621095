"""What each change of what is stored makes of documents of before."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr

from app.core.clock import ahora
from app.core.config import ConfigError, Settings
from app.core.facts.marks import MarcasDeHechos
from app.core.sealing import Precinto, PrecintoDeFilas
from app.database.migrations.changes import Migracion
from app.database.migrations.service import decir_marcadas, exigir_version
from app.database.migrations.steps import MIGRACIONES
from app.modules.residentes.busqueda.claves import (
    en_orden_alfabetico,
    palabras_de_residente,
    palabras_de_unidad,
    plegar,
)
from app.modules.residentes.models import HECHOS
from app.modules.residentes.rotulos.repository import viviendas
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.marcas import CAMPOS_MARCADOS
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.pasos.models import Anulacion
from app.shared.utils import con_cifras_a_lo_ancho, plegado
from tests.modules.sorteo.asignaciones.factories import asignacion

BASE = "pruebas_cambios"
CUANDO = datetime(2026, 5, 1, tzinfo=UTC)


async def test_each_change_of_a_fact(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """The last one, which is known, is the first of its list."""
    unidades = cliente_mongo[BASE]["unidades"]
    await cliente_mongo.drop_database(BASE)
    await unidades.insert_many(
        [{"_id": 1, "cambiados_en": {"al_dia": CUANDO, "torre": [CUANDO]}}, {"_id": 2, "cambiados_en": {}}]
    )
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES)
    una, otra = await unidades.find({}).sort("_id", 1).to_list(None)
    assert {campo: len(cuandos) for campo, cuandos in una["cambiados_en"].items()} == {"al_dia": 1, "torre": 1}
    assert otra["cambiados_en"] == {}
    await cliente_mongo.drop_database(BASE)


async def test_marks_of_facts(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Of rows that have none, once: what somebody writes afterwards stays without. The audit is told once, and a start
    that would mark again what it was told of changes nothing."""
    unidades, dichas = cliente_mongo[BASE]["unidades"], []
    await cliente_mongo.drop_database(BASE)
    filas = [{"_id": ObjectId(), "al_dia": True, "torre": "1", "perdidos_previos": {"carro": n}} for n in range(3)]
    await unidades.insert_many(filas)
    ajustes = Settings(_env_file=None, mongodb_db=BASE)

    async def decir(tipo: str, datos: Mapping[str, str]) -> None:
        dichas.append((tipo, dict(datos)))
        await cliente_mongo[BASE]["auditoria"].insert_one({"accion": tipo, "datos": dict(datos)})

    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES)
        await decir_marcadas(cliente_mongo, ajustes, decir)
        await unidades.update_one({"_id": filas[0]["_id"]}, {"$set": {"al_dia": False}})
    instalacion = cliente_mongo[BASE]["instalacion"]
    await unidades.insert_one({"_id": ObjectId(), "al_dia": True})
    await instalacion.update_one({"_id": "datos"}, {"$set": {"version": 19}})
    for _ in range(2):
        with pytest.raises(ConfigError, match="ya eran de la"):
            await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES)
        await instalacion.delete_many({})
    assert await unidades.count_documents({"marcas": {"$exists": False}}) == 1
    await unidades.delete_one({"marcas": {"$exists": False}})
    marcas = MarcasDeHechos(Precinto(ajustes.clave("clave_sorteo"), "hechos"), "unidad", sorted(HECHOS))
    assert [marcas.rota(fila) for fila in await unidades.find().sort("_id", 1).to_list(None)] == ["al_dia", None, None]
    version = {"version": str(MIGRACIONES[-1].numero)}
    assert dichas == [("hechos_marcados", {"unidades": "6"}), ("datos_de_la_version", version)]
    await cliente_mongo.drop_database(BASE)


async def test_marks_of_what_an_opening_believes(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """As the services find them whole: spaces, rules, and drafts alone."""
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    titular = {"unidad_id": ObjectId(), "motivo": "x", "desde": "2026-01-01", "hasta": None}
    for codigo, suyo in (("A-1", titular), ("A-2", None)):
        await base["espacios"].insert_one({"codigo": codigo, "clave": codigo, "tipo": "carro", "titular": suyo})
    await base["prioridades"].insert_one({"codigo": "una", "efecto": {"nivel": 0}, "activa": True})
    await base["sorteos"].insert_many([{"estado": estado, "cierre": CUANDO} for estado in ("borrador", "cerrado")])
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES)
    marcas = MarcasDeSorteo.con(ajustes.clave("clave_sorteo"))
    leidos = {nombre: await base[nombre].find({}).to_list(None) for nombre in ("espacios", "prioridades", "sorteos")}
    assert [marcas.espacios.rota(fila) for fila in leidos["espacios"]] == [None, None]
    assert [marcas.prioridades.rota(fila) for fila in leidos["prioridades"]] == [None]
    assert [marcas.borradores.rota(fila) for fila in leidos["sorteos"]] == [None, "nombre"]
    await cliente_mongo.drop_database(BASE)


@pytest.mark.usefixtures("base_simulada")
async def test_marks_of_requests(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Of all that have none, also of a draw that has closed, as they were before it did. The audit is told how many."""
    solicitudes, dichas = cliente_mongo[BASE]["solicitudes"], []
    await cliente_mongo.drop_database(BASE)
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    vehiculo = {"id": ObjectId(), "tipo": "carro", "electrico": False, "placa": "ABC123"}
    una: dict[str, Any] = {
        **{campo: ObjectId() for campo in ("sorteo_id", "unidad_id", "residente_id")},
        **{"habitantes": [ObjectId()], "vehiculo": vehiculo, "clase": "carro", "tipos": ["carro"], "acepta": None},
        **{
            "preferencias": ["A-1"],
            "usa_condiciones": True,
            "ranura": 0,
            "creado_en": CUANDO,
            "actualizado_en": CUANDO,
        },
        **{"estado": "pendiente", "viva": True},
    }
    cerrada = {"estado": "rechazada", "viva": False, "antes_del_cierre": {"estado": "pendiente", "motivo": None}}
    await solicitudes.insert_many([{**una, "folio": 1}, {**una, "folio": 2, **cerrada}])
    await cliente_mongo[BASE]["instalacion"].insert_one({"_id": "datos", "version": 23})

    async def decir(tipo: str, cuantas: Mapping[str, str]) -> None:
        if tipo == "hechos_marcados":
            dichas.append(dict(cuantas))

    precinto = Precinto(ajustes.clave("clave_sorteo"), "solicitud")
    marcas = PrecintoDeFilas(precinto=precinto, campos=CAMPOS_MARCADOS)
    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=[m for m in MIGRACIONES if m.numero <= 24])
        await decir_marcadas(cliente_mongo, ajustes, decir)
        filas = [fila async for fila in solicitudes.find().sort("folio", 1)]
        assert [(fila["vez"], marcas.vale(fila)) for fila in filas] == [(1, True)] * 2
        assert [marcas.vale(fila | {"antes_del_cierre": None}) for fila in filas] == [True, False]
        leida = Solicitud.model_validate(filas[0])
        assert marcas.vale(filas[0] | leida.model_dump(include={"estado", "creado_en", "tipos", "vez", "ranura"}))
    assert dichas == [{"solicitudes": "2"}]
    await cliente_mongo.drop_database(BASE)


async def test_annulments_of_before(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """What waited goes on waiting; what a publication had left without effect holds nothing up."""
    sorteos = cliente_mongo[BASE]["sorteos"]
    await cliente_mongo.drop_database(BASE)
    pedida = {"motivo": "x", "pedida_por": ObjectId(), "pedida_en": CUANDO, "efecto_en": None, "confirmada_por": None}
    await sorteos.insert_many(
        [
            {"_id": 1, "estado": "ejecutado", "anulacion": pedida, "publicado_en": None},
            {"_id": 2, "estado": "publicado", "anulacion": pedida, "publicado_en": CUANDO},
            {"_id": 3, "estado": "publicado", "anulacion": None, "publicado_en": CUANDO},
        ]
    )
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES[:1])
        espera, sin_efecto, ninguna = await sorteos.find({}).sort("_id", 1).to_list(None)
        assert Anulacion.model_validate(espera["anulacion"]).rol == "admin"
        assert sin_efecto["anulacion"] is None
        (retirada,) = [Anulacion.model_validate(a) for a in sin_efecto["anulaciones_retiradas"]]
        assert (retirada.motivo, retirada.retirada_en is not None) == ("x", True)
        assert ninguna == {"_id": 3, "estado": "publicado", "anulacion": None, "publicado_en": ninguna["publicado_en"]}
    await cliente_mongo.drop_database(BASE)


async def test_rules_vehicles_and_levels_of_before(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)

    def regla(campo: str, por_unidad: bool | str | None) -> dict[str, Any]:
        return {"condiciones": [{"campo": "torre"}, {"campo": campo}], "efecto": {"nivel": 1, "por_unidad": por_unidad}}

    antes = [regla("sorteos_perdidos", True), regla("antiguedad_meses", False), regla("al_dia", True)]
    ahora = [regla("sorteos_perdidos", "sorteos_perdidos"), regla("antiguedad_meses", None), regla("al_dia", None)]
    corrio = {"reglas": antes, "por_nivel": [], "corrida": "b", "huella_resultado": "x"}
    await base["sorteos"].insert_many(
        [
            {"_id": 1} | corrio,
            {"_id": 2, "reglas": ahora, "por_nivel": [], "corrida": None, "huella_resultado": None},
            {"_id": 3} | corrio | {"por_nivel": [7] * 10},
        ]
    )
    lineas = [("a", 1), ("b", 1), ("b", 5), ("b", 5)]
    await base["sorteos_resultados"].insert_many([{"sorteo_id": 1, "corrida": c, "nivel": n} for c, n in lineas])
    await base["prioridades"].insert_many([{"_id": i} | r for i, r in enumerate(antes)])
    vehiculos: list[dict[str, Any]] = [
        {"electrico": True},
        {"electrico": False},
        {"electrico": True, "electrico_verificado": False},
    ]
    await base["vehiculos"].insert_many([{"_id": i} | v for i, v in enumerate(vehiculos)])
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES[5:6])

    sorteos = await base["sorteos"].find({}).sort("_id", 1).to_list(None)
    assert [s["reglas"] for s in sorteos] == [ahora, ahora, ahora]
    assert [s["por_nivel"] for s in sorteos] == [[0, 1, 0, 0, 0, 2, 0, 0, 0, 0], [], [7] * 10]
    assert await base["prioridades"].find({}, {"_id": 0}).sort("_id", 1).to_list(None) == ahora
    dichos = await base["vehiculos"].find({}).sort("_id", 1).to_list(None)
    assert [v["electrico_verificado"] for v in dichos] == [True, False, False]
    await cliente_mongo.drop_database(BASE)


async def test_conditions_that_stored_data_names(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Nothing stored names a condition that is not in the catalogue; one that is there keeps its name."""
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    await base["instalacion"].insert_one({"_id": "datos", "version": 6})
    de_nadie: dict[str, Any] = {"condiciones": []}
    await base["residentes"].insert_many([{"condiciones": [{"codigo": "de_turno"}, {"codigo": "embarazo"}]}, de_nadie])
    await base["espacios"].insert_many([{"reserva": "para_visitas"}, {"reserva": None}])
    await base["sorteos_espacios"].insert_one({"reserva": "de_antes"})

    def sobre(valor: object, campo: str = "condicion") -> dict[str, object]:
        return {"campo": campo, "operador": "igual", "valor": valor}

    await base["prioridades"].insert_one({"condiciones": [sobre("A", "torre"), sobre("presente"), sobre(3, "al_dia")]})
    reglas = [{"condiciones": [sobre("en_otro_tiempo")]}, {"condiciones": [sobre(True, "al_dia"), sobre("Z", "torre")]}]
    await base["sorteos"].insert_many([{"reglas": reglas}, {"reglas": []}])
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=[m for m in MIGRACIONES if m.numero == 7])
        hay = {fila.pop("codigo"): fila for fila in await base["condiciones"].find({}).to_list(None)}
        de_siempre = {"movilidad_reducida", "adulto_mayor", "embarazo", "cuidador"}
        halladas = {"de_turno", "para_visitas", "de_antes", "presente", "en_otro_tiempo"}
        assert hay.keys() == de_siempre | halladas
        assert hay["en_otro_tiempo"] == {
            "_id": hay["en_otro_tiempo"]["_id"],
            "nombre": {"es": "En otro tiempo", "en": "En otro tiempo"},
            "vence": False,
            "version": 0,
        }
        assert hay["embarazo"]["nombre"] == {"es": "Embarazo", "en": "Pregnancy"}
        await base["instalacion"].update_one({"_id": "datos"}, {"$set": {"version": 6}})
    await cliente_mongo.drop_database(BASE)


async def test_a_new_complex_begins_with_its_conditions(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Once: one that an admin deletes does not come back with the next start."""
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await exigir_version(cliente_mongo, ajustes)
    de_siempre = {"movilidad_reducida", "adulto_mayor", "embarazo", "cuidador"}
    assert set(await base["condiciones"].distinct("codigo")) == de_siempre
    await base["condiciones"].delete_one({"codigo": "cuidador"})
    await exigir_version(cliente_mongo, ajustes)
    assert set(await base["condiciones"].distinct("codigo")) == de_siempre - {"cuidador"}
    await cliente_mongo.drop_database(BASE)


async def test_indexes_that_nothing_asks_any_more(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """Also where two processes take them away, and where one never was."""
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    await base["residentes"].create_index("busqueda", name="residente_busqueda")
    await base["instalacion"].insert_one({"_id": "datos", "version": 9})
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await asyncio.gather(*(exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES[:10]) for _ in range(2)))
    assert set(await base["residentes"].index_information()) == {"_id_"}
    await cliente_mongo.drop_database(BASE)


async def test_what_imports_of_before_made_none_of(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    trabajos = cliente_mongo[BASE]["trabajos"]
    await cliente_mongo.drop_database(BASE)
    filas = [
        {"_id": 1, "tipo": "residentes_importar_unidades", "resultado": {"creadas": 1, "unidades_creadas": 1}},
        {"_id": 2, "tipo": "residentes_importar_residentes", "resultado": None},
        {"_id": 3, "tipo": "sorteo_importar_espacios", "resultado": {"creadas": 0}},
        {"_id": 4, "tipo": "solicitudes_importar_solicitudes", "resultado": {"creadas": 2}},
    ]
    await trabajos.insert_many(filas)
    await exigir_version(cliente_mongo, Settings(_env_file=None, mongodb_db=BASE), migraciones=MIGRACIONES)
    ahora = [fila["resultado"] async for fila in trabajos.find({}).sort("_id", 1)]
    assert ahora == [
        {"creadas": 1, "unidades_creadas": 1, "residentes_creados": 0, "vehiculos_creados": 0},
        None,
        {"creadas": 0, "espacios_creados": 0},
        {"creadas": 2},
    ]
    await cliente_mongo.drop_database(BASE)


async def test_spaces_of_before_stand_where_new_ones_would(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    espacios = cliente_mongo[BASE]["espacios"]
    await cliente_mongo.drop_database(BASE)
    codigos = ["P-2", "P-10B", "Sótano 1 #12", "7", "sin cifras", "1234567890123-4"]
    await espacios.insert_many([{"codigo": codigo, "clave": plegado(codigo)} for codigo in codigos])
    await espacios.insert_one({"codigo": "De antes 3"})
    await espacios.insert_one({"codigo": "Z-1", "posicion": "tiene"})
    await exigir_version(cliente_mongo, Settings(_env_file=None, mongodb_db=BASE), migraciones=MIGRACIONES)
    quedan = {fila["codigo"]: fila["posicion"] async for fila in espacios.find({})}
    assert quedan == {c: con_cifras_a_lo_ancho(plegado(c)) for c in [*codigos, "De antes 3"]} | {"Z-1": "tiene"}
    await cliente_mongo.drop_database(BASE)


async def test_flats_and_people_of_before_are_found_as_new_ones_are(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> None:
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    await base["unidades"].insert_many(
        [
            {"_id": 1, "torre": "Peñón 2", "apartamento": "101", "busqueda": ["101", "2", "penon"]},
            {"_id": 2, "torre": None, "apartamento": "Casa 7", "busqueda": ["7", "casa"]},
        ]
    )
    placas = [(1, "ABC123"), (1, None), (1, "XYZ"), (1, "AB12D"), (2, "2FAST4U")]
    await base["vehiculos"].insert_many([{"unidad_id": unidad, "placa": placa} for unidad, placa in placas])
    persona = {"nombres": "Ana", "apellidos": "Núñez", "numero_documento": "77"}
    propias = persona | {"busqueda": ["77", "ana", "nunez"], "suprimido_en": None}
    await base["residentes"].insert_many(
        [
            propias | {"_id": 1, "unidades": [{"unidad_id": 1}, {"unidad_id": 2}]},
            propias | {"_id": 2, "unidades": []},
            propias | {"_id": 3, "unidades": [{"unidad_id": 1}], "busqueda": [], "suprimido_en": CUANDO},
        ]
    )
    await base["residentes"].create_index("busqueda", name="residente_palabras")
    ajustes, ultima = Settings(_env_file=None, mongodb_db=BASE), [m for m in MIGRACIONES if m.numero == 16]
    await base["instalacion"].insert_one({"_id": "datos", "version": 15})
    await asyncio.gather(*(exigir_version(cliente_mongo, ajustes, migraciones=ultima) for _ in range(2)))

    de_unidades = [
        palabras_de_unidad("Peñón 2", "101", ["ABC123", "XYZ", "AB12D"]),
        palabras_de_unidad(None, "Casa 7", ["2FAST4U"]),
    ]
    assert [u["palabras"] async for u in base["unidades"].find({}).sort("_id", 1)] == de_unidades
    residentes = await base["residentes"].find({}).sort("_id", 1).to_list(None)
    assert [r["palabras"] for r in residentes] == [
        palabras_de_residente(*persona.values(), *de_unidades),
        palabras_de_residente(*persona.values()),
        [],
    ]
    assert not any("busqueda" in r for r in residentes)
    assert set(await base["residentes"].index_information()) == {"_id_"}
    await cliente_mongo.drop_database(BASE)


async def test_names_of_before_stand_where_new_ones_would(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    residentes = cliente_mongo[BASE]["residentes"]
    await cliente_mongo.drop_database(BASE)
    llamados = [("Peñaranda", "Íñigo"), ("ÑUSTES", "Ana"), ("Penzo", "José María"), ("Weiß Núñez", "Ana")]
    await residentes.insert_many(
        [{"apellidos": a, "nombres": n, "nombre": plegar(f"{a} {n}"), "suprimido_en": None} for a, n in llamados]
    )
    await cliente_mongo[BASE]["instalacion"].insert_one({"_id": "datos", "version": 16})
    ultima = [m for m in MIGRACIONES if m.numero == 17]
    for _ in range(2):
        await exigir_version(cliente_mongo, Settings(_env_file=None, mongodb_db=BASE), migraciones=ultima)
        quedan = [fila["nombre"] async for fila in residentes.find({}).sort("_id", 1)]
        assert quedan == [*(en_orden_alfabetico(f"{a} {n}") for a, n in llamados[:3]), "weiss nunez ana"]
        await cliente_mongo[BASE]["instalacion"].update_one({"_id": "datos"}, {"$set": {"version": 16}})
    await cliente_mongo.drop_database(BASE)


async def test_residents_of_before_have_their_flats_names(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    pisos: dict[Any, Any] = {
        1: {"_id": 1, "torre": "Peñón 2", "apartamento": "101"},
        2: {"_id": 2, "torre": None, "apartamento": "7"},
    }
    await base["unidades"].insert_many(list(pisos.values()))
    viven = [
        [{"unidad_id": 2, "tenencia": "arrendatario"}, {"unidad_id": 1, "tenencia": "propietario"}],
        [{"unidad_id": 1, "tenencia": "arrendatario"}],
        [],
    ]
    await base["residentes"].insert_many([{"unidades": suyas, "suprimido_en": None} for suyas in viven])
    await base["residentes"].insert_one({"unidades": viven[0], "suprimido_en": CUANDO})
    ultima = [m for m in MIGRACIONES if m.numero == 21]
    for _ in range(2):
        await base["instalacion"].replace_one({"_id": "datos"}, {"version": 20}, upsert=True)
        await exigir_version(cliente_mongo, Settings(_env_file=None, mongodb_db=BASE), migraciones=ultima)
        quedan = [fila["viven_en"] async for fila in base["residentes"].find({}).sort("_id", 1)]
        assert quedan == [*(viviendas(suyas, pisos) for suyas in viven), []]
    await cliente_mongo.drop_database(BASE)


async def test_assignments_of_before_stand_where_their_spaces_do(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> None:
    base = cliente_mongo[BASE]
    await cliente_mongo.drop_database(BASE)
    await base["espacios"].insert_many([{"codigo": c, "clave": plegado(c)} for c in ("A-2", "Ñ-10")])
    await base["asignaciones"].insert_many([{"espacio": c} for c in ("A-2", "Ñ-10", "A-2", "sin espacio")])
    await base["asignaciones"].insert_one({"espacio": "A-2", "posicion": "tiene"})
    await exigir_version(cliente_mongo, Settings(_env_file=None, mongodb_db=BASE), migraciones=MIGRACIONES)
    quedan = [(fila["espacio"], fila["posicion"]) async for fila in base["asignaciones"].find({}).sort("_id", 1)]
    dos, diez = (con_cifras_a_lo_ancho(plegado(c)) for c in ("A-2", "Ñ-10"))
    assert quedan == [
        *(("A-2", dos), ("Ñ-10", diez), ("A-2", dos), ("sin espacio", "sin espacio")),
        ("A-2", "tiene"),
    ]
    await cliente_mongo.drop_database(BASE)


def _de_antes(**campos: Any) -> dict[str, Any]:
    """An assignment as it was stored before it bore a mark."""
    suya: dict[str, Any] = asignacion().model_dump(exclude={"precinto"})
    suya |= {"_id": suya.pop("id"), **{campo: suya[campo].isoformat() for campo in ("desde", "hasta", "tenida_hasta")}}
    return suya | campos


def _hasta(version: int) -> list[Migracion]:
    return [m for m in MIGRACIONES if m.numero <= version]


@pytest.mark.usefixtures("base_simulada")
async def test_assignments_of_before_are_believed_once(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> None:
    """They are given the mark that acts made, and whatever comes without one afterwards stays without."""
    ajustes = Settings(_env_file=None, mongodb_db=BASE, clave_sorteo=SecretStr("c" * 32))
    asignaciones = cliente_mongo[BASE]["asignaciones"]
    await cliente_mongo.drop_database(BASE)
    await asignaciones.insert_many([_de_antes() for n in range(3)])
    await cliente_mongo[BASE]["instalacion"].insert_one({"_id": "datos", "version": 18})
    for veces in (1, 2):
        await exigir_version(cliente_mongo, ajustes, migraciones=_hasta(19))
        marcas = [fila["marca"] async for fila in asignaciones.find({"puesta": None})]
        assert [len(marca) for marca in marcas] == [64] * 3
        await asignaciones.insert_one(_de_antes(puesta=True))
        assert await asignaciones.count_documents({"marca": {"$exists": False}}) == veces
    await cliente_mongo.drop_database(BASE)


@pytest.mark.usefixtures("base_simulada")
async def test_the_mark_of_assignments_is_of_more_from_then_on(
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
) -> None:
    """Of one in force, where it was whole; of those that ended, of which the mark before said nothing."""
    ajustes = Settings(_env_file=None, mongodb_db=BASE, clave_sorteo=SecretStr("c" * 32))
    base, marcas = cliente_mongo[BASE], MarcasDeAsignaciones.con(ajustes.clave("clave_sorteo"))
    await cliente_mongo.drop_database(BASE)
    _, escrita, acabada, puesta = filas = [_de_antes(reclamada_en=ahora()) for _ in range(4)]
    await base["asignaciones"].insert_many(filas[:3])
    await base["instalacion"].insert_one({"_id": "datos", "version": 18})
    await exigir_version(cliente_mongo, ajustes, migraciones=_hasta(27))
    await base["asignaciones"].update_one({"_id": escrita["_id"]}, {"$set": {"espacio": "A-09"}})
    fin = {"estado": "devuelta", "hasta": "2026-03-02"}
    await base["asignaciones"].update_one({"_id": acabada["_id"]}, {"$set": fin})
    await base["asignaciones"].insert_one(puesta)
    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=_hasta(28))
        quedan = {fila["_id"]: fila async for fila in base["asignaciones"].find()}
        enteras = [marcas.valen(quedan[fila["_id"]]) for fila in filas]
        assert (enteras, [marcas.rige(quedan[fila["_id"]]) for fila in filas]) == (
            [True, False, True, False],
            [True, False, False, False],
        )
        assert [fila for fila in quedan.values() if "marca" in fila] == []
    await cliente_mongo.drop_database(BASE)
