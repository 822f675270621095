"""Acts of staff in the whole application: whoever wrote the operation, what it writes leaves one row, in its
transaction, with who, what and on what, and with nothing of what was sent but the names of its fields."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from bson import encode
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.database.unit_of_work import MongoUnitOfWork
from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.repository import ApunteRepository, SelloRepository
from app.modules.auditoria.sellador import Sellador
from app.modules.avisos.public import AvisoService
from tests.api.actos import CARTAS, ESCRITURAS, Hecho, actuar
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import V1
from tests.api.operaciones import OPERACIONES

Filas = dict[str, list[dict[str, Any]]]
# Words of ours that a body may say and a row too: roles, kinds of things.
NUESTRAS = {"admin", "operador", "auditor", "residente", "residentes"}


@pytest.fixture(scope="module")
async def otra(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Aplicacion]:
    datos = tmp_path_factory.mktemp("actos")
    async with aplicacion_en("pruebas_actos", servidor, cliente_mongo, datos) as abierta:
        yield abierta


@pytest.fixture(scope="module")
async def hechos(otra: Aplicacion) -> list[Hecho]:
    otra.base_propia()
    clock.usar_fuente(lambda: otra.reloj.instante)
    escribir = AvisoService.escribir

    async def leer_antes(self: AvisoService, **carta: Any) -> None:
        CARTAS.append(carta["secretos"])
        await escribir(self, **carta)

    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(AvisoService, "escribir", leer_antes)
        return await actuar(otra)


@pytest.fixture(scope="module")
async def filas(otra: Aplicacion, hechos: list[Hecho]) -> Filas:
    """By the id of the request that left them."""
    por_traza: Filas = {hecho.traza: [] for hecho in hechos}
    async for fila in otra.base["auditoria"].find({}):
        por_traza.setdefault(fila["traza"], []).append(fila)
    return por_traza


@pytest.fixture(autouse=True)
def _su_hora(otra: Aplicacion) -> Iterator[None]:
    clock.usar_fuente(lambda: otra.reloj.instante)
    yield
    clock.usar_fuente(None)


def de_personal(hecho: Hecho) -> bool:
    return hecho.rol != "residente" or hecho.operacion.startswith("auth_")


def textos(valor: Any) -> Iterator[str]:
    """Every text and number that was sent, in whatever it stood."""
    match valor:
        case dict():
            for hijo in valor.values():
                yield from textos(hijo)
        case list():
            for hijo in valor:
                yield from textos(hijo)
        case str():
            yield from (valor, *valor.split())


@pytest.mark.parametrize("operacion", sorted(ESCRITURAS))
def test_deja_una_fila_con_quien_que_y_donde(operacion: str, hechos: list[Hecho], filas: Filas) -> None:
    suyos = [h for h in hechos if h.operacion == operacion and h.bien and de_personal(h)]
    assert suyos, f"{operacion} is not among what staff do in tests/api/actos.py"
    con_fila = [h for h in suyos if filas[h.traza]]
    # Asked again, a step that was taken writes nothing.
    assert con_fila
    for hecho in con_fila:
        # A step that publishes at two moments says so twice, and what it tells stands beside.
        fila, *mas = filas[hecho.traza]
        assert {(otra["operacion"], otra["actor"]) for otra in mas} <= {(operacion, fila["actor"])}
        assert fila["operacion"] == operacion
        assert (fila["rol"], fila["resultado"]) == (hecho.rol, "hecho")
        assert str(fila["actor"]) == hecho.actor or (hecho.actor == "llave" and fila["llave"] is not None)
        assert {o for o in hecho.objetos if len(o) == 24} <= set(fila["objeto"])
        assert fila["objeto"] or not OPERACIONES[operacion].en
        assert set(fila["campos"]) == (set(hecho.cuerpo) if isinstance(hecho.cuerpo, dict) else set())
        assert fila["direccion"] == "127.0.0.0/24"


def test_la_primera_vez_siempre_la_deja(hechos: list[Hecho], filas: Filas) -> None:
    """Not only some of the calls of an operation: all but those that found it done."""
    sin_fila = [h for h in hechos if h.bien and de_personal(h) and not filas[h.traza]]
    repetidos = [
        h
        for h in sin_fila
        if any(
            (o.operacion, o.objetos, o.cuerpo) == (h.operacion, h.objetos, h.cuerpo)
            for o in hechos[: hechos.index(h)]
            if filas[o.traza]
        )
    ]
    assert [h.operacion for h in sin_fila if h not in repetidos] == []
    repetidas = {"sorteo_cerrar_sorteo", "sorteo_ejecutar_sorteo", "sorteo_crear_prioridad"}
    assert repetidas <= {h.operacion for h in repetidos}


def test_lo_rechazado_no_deja_ninguna(hechos: list[Hecho], filas: Filas) -> None:
    rechazados = [h for h in hechos if not h.bien]
    assert {h.status for h in rechazados} >= {403, 404, 409}
    assert [h for h in rechazados if filas[h.traza]] == []


def test_lo_que_hace_un_residente_no_es_un_acto_del_personal(hechos: list[Hecho], filas: Filas) -> None:
    """But for consenting to an exchange, which is made of what both told the audit, and accepting a space, by which
    later draws know who held one."""
    ajenos = [h for h in hechos if not de_personal(h) and h.bien]
    assert len({h.operacion for h in ajenos}) > 1
    dichas = {"sorteo_consentir_permuta", "solicitudes_mover_solicitud"}
    assert {h.operacion for h in ajenos if filas[h.traza]} <= dichas


def test_nada_de_lo_que_se_escribio_queda_en_ninguna_fila(hechos: list[Hecho], filas: Filas) -> None:
    enviados = {t for h in hechos for t in textos(h.cuerpo) if len(t) > 2} - NUESTRAS
    en_rutas = {o for h in hechos for o in h.objetos}
    escritos = {t for t in enviados if not (len(t) == 24 and t.isalnum()) and t not in en_rutas}
    assert {"Zoraida", "998877@example.com", "QWE45F", "me mudo a Chía", "Leticia", "embarazo", "1001"} <= escritos
    crudas = {traza: encode({"filas": suyas}) for traza, suyas in filas.items()}
    for hecho in hechos:
        for texto in set(textos(hecho.cuerpo)) & escritos:
            # A name of a field or an operation is none of the client's.
            assert f"\x00{texto}\x00".encode() not in crudas[hecho.traza], (hecho.operacion, texto)
    todas = b"".join(crudas.values())
    for personal in (
        "Zoraida",
        "Quiñones",
        "998877",
        "QWE45F",
        "movilidad_reducida",
        "embarazo",
        "Chía",
        "Leticia",
        "aparato",
    ):
        assert personal.encode() not in todas, personal


async def test_lo_hecho_queda_en_la_cadena_y_en_lo_que_publican_los_sorteos(
    otra: Aplicacion, hechos: list[Hecho]
) -> None:
    """Sealed as the beat does it, the chain of all that was done is whole, and any draw shows its head to anybody."""
    otra.base_propia()
    clave, apuntes = ClaveDeCadena(otra.ajustes.clave("clave_auditoria")), ApunteRepository()
    sellador = Sellador(apuntes=apuntes, sellos=SelloRepository(), clave=clave, uow=MongoUnitOfWork(otra.suya.client))
    cuantas = await sellador.sellar()
    assert cuantas == await otra.base["auditoria"].count_documents({})
    (entrada,) = [h for h in hechos if h.operacion == "sorteo_cerrar_sorteo" and h.bien][:1]
    publicada = await otra.cliente.get(f"{V1}/sorteo/{entrada.objetos[0]}/verificacion")
    assert publicada.json()["auditoria"]["n"] == cuantas
