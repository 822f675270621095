"""`/avisos` over HTTP: whose is what, read and unread, devices, and the e-mails that an admin sees."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.avisos.models import EstadoEnvio
from app.modules.avisos.public import Dato
from app.modules.avisos.router import router
from app.modules.avisos.schemas import DatosDeAviso
from app.modules.avisos.service import DISPOSITIVOS_POR_CUENTA
from app.shared.exceptions import TokenInvalido
from tests.conftest import Abrir, Reloj
from tests.modules.avisos.conftest import Casa, Montar

V1 = "/api/v1/avisos"
ROLES = ("admin", "operador", "auditor", "residente")
TOKEN = "aparato-" * 5


class FakeAutenticador:
    """Who holds a token is whom the test says."""

    def __init__(self) -> None:
        self.quienes: dict[str, Principal] = {}

    def dar(self, rol: str, residente_id: PydanticObjectId | None = None) -> dict[str, str]:
        token = f"token-{len(self.quienes)}"
        self.quienes[token] = Principal(
            usuario_id=PydanticObjectId(), rol=Rol(rol), sesion_id=PydanticObjectId(), residente_id=residente_id
        )
        return {"Authorization": f"Bearer {token}"}

    def usuario(self, cabeceras: dict[str, str]) -> PydanticObjectId:
        return self.quienes[cabeceras["Authorization"].removeprefix("Bearer ")].usuario_id

    async def autenticar(self, token: str) -> Principal:
        try:
            return self.quienes[token]
        except KeyError:
            raise TokenInvalido from None


@pytest.fixture
def puerta() -> FakeAutenticador:
    return FakeAutenticador()


@pytest.fixture
def casa(montar: Montar) -> Casa:
    return montar(smtp_host="127.0.0.1")


@pytest.fixture
async def api(casa: Casa, puerta: FakeAutenticador, abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router], autenticador=puerta, avisos=casa.modulo.estado)


async def _ofrecer(casa: Casa, residente_id: PydanticObjectId, espacio: str = "P-01") -> None:
    datos: dict[str, Dato] = {
        "sorteo_id": PydanticObjectId(),
        "solicitud_id": PydanticObjectId(),
        "folio": 7,
        "espacio": espacio,
    }
    await casa.servicio.avisar(tipo="solicitud_asignada", datos=datos, residente_id=residente_id)


class TestAcceso:
    @pytest.mark.parametrize("rol", ROLES)
    async def test_lo_ajeno_no_esta(
        self, rol: str, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        await _ofrecer(casa, PydanticObjectId())
        (aviso,) = await casa.avisos.find({})
        quien = puerta.dar(rol, PydanticObjectId())
        assert (await api.get(V1, headers=quien)).json()["items"] == []
        for respuesta in (
            await api.get(f"{V1}/{aviso.id}", headers=quien),
            await api.patch(f"{V1}/{aviso.id}", headers=quien, json={"leido": True}),
        ):
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (404, "no_encontrado")
        (igual,) = await casa.avisos.find({})
        assert not igual.leido


async def test_los_de_la_cuenta_y_los_del_residente_los_ultimos_primero(
    casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador, reloj: Reloj
) -> None:
    residente_id = PydanticObjectId()
    quien = puerta.dar("residente", residente_id)
    await casa.servicio.avisar(tipo="rol_cambiado", datos={"rol": "admin"}, usuario_id=puerta.usuario(quien))
    reloj.avanzar(minutes=1)
    await _ofrecer(casa, residente_id)
    pagina = (await api.get(f"{V1}?contar=true&limite=1", headers=quien)).json()
    assert (pagina["total"], [a["tipo"] for a in pagina["items"]]) == (2, ["solicitud_asignada"])
    segunda = (await api.get(f"{V1}?limite=1&cursor={pagina['siguiente']}", headers=quien)).json()
    assert [a["tipo"] for a in segunda["items"]] == ["rol_cambiado"]
    assert segunda["siguiente"] is None
    assert await casa.buzon.sin_leer(quien=next(iter(puerta.quienes.values()))) == 2


async def test_se_lee_en_el_idioma_que_se_pide_y_lleva_a_donde_toca(
    casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador, reloj: Reloj
) -> None:
    residente_id = PydanticObjectId()
    datos: dict[str, Dato] = {
        "sorteo_id": PydanticObjectId(),
        "solicitud_id": PydanticObjectId(),
        "folio": 7,
        "espacio": "P-01",
        "vence_en": reloj.instante + timedelta(hours=72),
    }
    await casa.servicio.avisar(tipo="solicitud_ofrecida", datos=datos, residente_id=residente_id)
    quien = puerta.dar("residente", residente_id)
    (es,) = (await api.get(V1, headers=quien)).json()["items"]
    en = (await api.get(f"{V1}/{es['id']}", headers=quien | {"Accept-Language": "en-GB, es;q=0.5"})).json()
    assert set(es) == {"id", "tipo", "titulo", "texto", "datos", "leido", "creado_en"}
    assert es["titulo"] == "Le ofrecen el espacio P-01"
    assert "jueves, 5 de marzo de 2026, 10:00 a. m." in es["texto"]
    assert en["titulo"] == "You are offered space P-01"
    dichos = {campo: valor for campo, valor in es["datos"].items() if valor is not None}
    assert set(es["datos"]) == set(DatosDeAviso.model_fields)
    assert dichos == {
        "sorteo_id": str(datos["sorteo_id"]),
        "solicitud_id": str(datos["solicitud_id"]),
        "folio": 7,
        "espacio": "P-01",
        "vence_en": "2026-03-05T15:00:00.000Z",
    }
    assert es["creado_en"] == "2026-03-02T15:00:00.000Z"


async def test_leer_uno(casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador) -> None:
    residente_id = PydanticObjectId()
    quien = puerta.dar("residente", residente_id)
    for espacio in ("P-01", "P-02"):
        await _ofrecer(casa, residente_id, espacio)
    primero = (await api.get(V1, headers=quien)).json()["items"][0]
    for _ in range(2):
        leido = await api.patch(f"{V1}/{primero['id']}", headers=quien, json={"leido": True})
        assert (leido.status_code, leido.json()) == (200, primero | {"leido": True})
    for filtro, cuales in (("true", [True]), ("false", [False])):
        pagina = (await api.get(f"{V1}?leido={filtro}", headers=quien)).json()
        assert [a["leido"] for a in pagina["items"]] == cuales
    assert await casa.avisos.sin_leer([residente_id]) == 1


@pytest.mark.parametrize("cuerpo", [{}, {"leido": False}, {"leido": None}, {"leido": 1}, {"leido": True, "x": 1}])
async def test_un_aviso_leido_no_vuelve_a_estar_sin_leer(
    cuerpo: dict[str, object], casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
) -> None:
    residente_id = PydanticObjectId()
    await _ofrecer(casa, residente_id)
    (aviso,) = await casa.avisos.find({})
    quien = puerta.dar("residente", residente_id)
    respuesta = await api.patch(f"{V1}/{aviso.id}", headers=quien, json=cuerpo)
    assert respuesta.status_code == 422, respuesta.text


async def test_contar_los_que_faltan_por_leer_no_mira_ningun_aviso(casa: Casa) -> None:
    """From the index of those alone, however many there are."""
    ana, luis = PydanticObjectId(), PydanticObjectId()
    for quien in [ana] * 5 + [luis] * 5:
        await _ofrecer(casa, quien)
    await casa.avisos.update_one({"destinatario": ana}, {"$set": {"leido": True}})
    filtro = {"destinatario": {"$in": [ana]}, "leido": False}
    plan = await casa.avisos._coleccion.database.command(
        "explain", {"aggregate": "avisos", "pipeline": [{"$match": filtro}, {"$count": "n"}], "cursor": {}}
    )
    assert "aviso_sin_leer" in repr(plan)
    assert "'COLLSCAN'" not in repr(plan)
    assert await casa.avisos.sin_leer([ana]) == 4
    assert await casa.avisos.sin_leer([ana, luis]) == 9


async def registrar(api: httpx.AsyncClient, quien: Mapping[str, str], token: str = TOKEN) -> httpx.Response:
    return await api.post(f"{V1}/dispositivos", headers=quien, json={"token": token, "plataforma": "android"})


class TestLeer:
    async def test_los_que_llegaron_hasta_entonces_y_solo_los_propios(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador, reloj: Reloj
    ) -> None:
        ana, luis = puerta.dar("residente"), puerta.dar("residente")
        for quien in (ana, luis, ana):
            reloj.avanzar(minutes=1)
            await casa.servicio.avisar(tipo="clave_cambiada", datos={}, usuario_id=puerta.usuario(quien))
        hasta = (reloj.instante - timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
        respuesta = await api.post(f"{V1}/leer", headers=ana, json={"hasta": hasta})
        assert respuesta.status_code == 204

        async def leidos(quien: Mapping[str, str]) -> list[bool]:
            return [a["leido"] for a in (await api.get(V1, headers=quien)).json()["items"]]

        assert await leidos(ana) == [False, True]
        assert await leidos(luis) == [False]


class TestDispositivos:
    async def test_se_guarda_sellado_y_repetirlo_no_cambia_nada(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        quien = puerta.dar("residente")
        for _ in range(2):
            respuesta = await registrar(api, quien)
            assert (respuesta.status_code, respuesta.content) == (204, b"")
        (guardado,) = await casa.dispositivos.find({})
        assert guardado.usuario_id == puerta.usuario(quien)
        assert TOKEN not in repr(await casa.dispositivos._coleccion.find_one({}))
        assert TOKEN.encode() not in guardado.sellado

    async def test_es_de_la_cuenta_que_lo_nombro_al_final(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        ana, luis = puerta.dar("residente"), puerta.dar("operador")
        for quien in (ana, luis):
            await registrar(api, quien)
        (guardado,) = await casa.dispositivos.find({})
        assert guardado.usuario_id == puerta.usuario(luis)

    async def test_los_mas_viejos_dejan_sitio(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador, reloj: Reloj
    ) -> None:
        quien = puerta.dar("residente")
        for n in range(DISPOSITIVOS_POR_CUENTA + 2):
            reloj.avanzar(minutes=1)
            await registrar(api, quien, f"{TOKEN}{n}")
        quedan = await casa.dispositivos.find({}, orden=[("visto_en", 1)])
        assert len(quedan) == DISPOSITIVOS_POR_CUENTA
        assert quedan[-1].visto_en == reloj.instante

    async def test_a_la_vez_desde_dos_sitios(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        quien = puerta.dar("residente")
        respuestas = await asyncio.gather(*(registrar(api, quien) for _ in range(20)))
        assert {r.status_code for r in respuestas} == {204}
        assert await casa.dispositivos.count({}) == 1

    @pytest.mark.parametrize("token", ["ñ" * 40, "🚗❤\ufe0f", " con espacios ", "e\u0301", "x" * 4096, "設備"])
    async def test_cualquiera_que_se_pueda_imprimir_y_tal_cual(
        self, token: str, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        quien = puerta.dar("residente")
        assert (await registrar(api, quien, token)).status_code == 204
        for otro, quedan in ((f"y{token}"[:4096], 1), (token, 0)):
            respuesta = await api.request("DELETE", f"{V1}/dispositivos", headers=quien, json={"token": otro})
            assert respuesta.status_code == 204
            assert await casa.dispositivos.count({}) == quedan

    @pytest.mark.parametrize(
        "token", ["", "x" * 4097, "con\tabulador", "dos\nlíneas", "\x00", "a\u200bb", "\u202e", "\xa0", "\ue000"]
    )
    async def test_lo_que_no_parece_un_aparato(
        self, token: str, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        respuesta = await registrar(api, puerta.dar("residente"), token)
        assert respuesta.status_code == 422
        assert respuesta.json()["errores"][0]["campo"] == "token"
        assert not token or token not in respuesta.text

    async def test_se_olvida_el_propio_y_no_el_de_otro(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        ana, luis = puerta.dar("residente"), puerta.dar("residente")
        await registrar(api, ana)
        for quien, quedan in ((luis, 1), (ana, 0), (ana, 0)):
            respuesta = await api.request("DELETE", f"{V1}/dispositivos", headers=quien, json={"token": TOKEN})
            assert respuesta.status_code == 204
            assert await casa.dispositivos.count({}) == quedan

    async def test_se_van_con_quien_se_suprime(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        ana, luis = puerta.dar("residente"), puerta.dar("residente")
        for n, quien in enumerate((ana, luis)):
            await registrar(api, quien, f"{TOKEN}{n}")
            await casa.servicio.avisar(tipo="clave_cambiada", datos={}, usuario_id=puerta.usuario(quien))
        await casa.modulo.custodio.suprimir(residente_id=PydanticObjectId(), usuario_id=puerta.usuario(ana))
        assert [d.usuario_id for d in await casa.dispositivos.find({})] == [puerta.usuario(luis)]
        assert [a.destinatario for a in await casa.avisos.find({})] == [puerta.usuario(luis)]


class TestEnvios:
    async def test_los_que_no_llegaron_se_ven_sin_direcciones_y_se_reintentan(
        self, casa: Casa, api: httpx.AsyncClient, puerta: FakeAutenticador
    ) -> None:
        muerto, vivo = await casa.avisar("ana@example.com"), await casa.avisar("luis@example.com")
        de_antes = {"estado": "muerto", "codigo_smtp": 550, "error": "rechazado", "intentos": 1}
        await casa.r_envios.update_one({"_id": muerto}, {"$set": de_antes})
        admin = puerta.dar("admin")
        respuesta = await api.get(f"{V1}/envios?estado=muerto", headers=admin)
        assert "example.com" not in respuesta.text
        (fila,) = respuesta.json()["items"]
        assert (fila["id"], fila["codigo_smtp"], fila["error"]) == (str(muerto), 550, "rechazado")
        assert fila["proximo_en"] is None
        assert len((await api.get(f"{V1}/envios", headers=admin)).json()["items"]) == 2
        puesto = await api.post(f"{V1}/envios/{muerto}/reintentar", headers=admin)
        assert (puesto.status_code, puesto.json()["estado"], puesto.json()["intentos"]) == (200, "pendiente", 0)
        for id in (muerto, vivo):
            otra = await api.post(f"{V1}/envios/{id}/reintentar", headers=admin)
            assert (otra.status_code, otra.json()["codigo"]) == (409, "envio_no_reintentable")
        assert (await casa.envio(muerto)).estado is EstadoEnvio.pendiente
