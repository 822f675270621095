"""Calling with an API key that is none, that ended, or for what keys do not do."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId
from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts

from app.core.clock import ahora
from app.core.dependencies import AdminDep, AuditorDep, ResidentDep, SignedInDep, StaffDep
from app.core.http.route import StrictRoute
from app.core.security import Rol, hash_de_token
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.llaves.service import PREFIJO, bien_escrita, llave_nueva
from app.modules.auth.models import Usuario
from app.modules.auth.router import router
from app.shared.schemas import OutputSchema
from tests.ataques.apoyo import AUTH, rechazo, sesion
from tests.conftest import Abrir, Reloj
from tests.modules.auth.apoyo import ADMIN, Modulo, de

LLAVES = f"{AUTH}/llaves"
INVALIDA = (401, "token_invalido")
NO_ADMITIDA = (403, "llave_no_admitida")
prueba = APIRouter(prefix="/prueba", tags=["prueba"], route_class=StrictRoute)


class QuienOut(OutputSchema):
    usuario_id: str
    llave_id: str | None
    residente_id: str | None
    interesado_id: str | None


@prueba.get("/quien")
async def ver_quien(quien: StaffDep) -> QuienOut:
    ids = {campo: getattr(quien, campo) for campo in QuienOut.model_fields}
    return QuienOut(**{campo: None if id is None else str(id) for campo, id in ids.items()})


@prueba.post("/admin", status_code=204)
async def solo_admin(_: AdminDep) -> None:
    return None


@prueba.post("/personal", status_code=204)
async def solo_personal(_: StaffDep) -> None:
    return None


@prueba.post("/auditor", status_code=204)
async def solo_auditor(_: AuditorDep) -> None:
    return None


@prueba.post("/residente", status_code=204)
async def solo_residente(_: ResidentDep) -> None:
    return None


@prueba.post("/cualquiera", status_code=204)
async def cualquiera(_: SignedInDep) -> None:
    return None


@pytest.fixture
async def cliente(modulo_real: Modulo, abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router, prueba], **modulo_real.estado)


async def crear(modulo: Modulo, *, autor: Usuario | None = None, rol: Rol = Rol.operador, **mas: Any) -> str:
    autor = autor or await modulo.usuario()
    nueva = await modulo.llaves.crear(**{"nombre": "portería", "rol": rol, "expira_en": None} | mas, quien=de(autor))
    return nueva.secreto


async def usar(cliente: httpx.AsyncClient, llave: str) -> httpx.Response:
    return await cliente.get("/api/v1/prueba/quien", headers=como(llave))


def como(llave: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {llave}"}


def de_auth() -> list[tuple[str, str]]:
    """Method and path of every call in `/auth` that asks who is calling."""
    return [
        (metodo, str(contexto.path_format).replace("{id}", "0" * 24))
        for contexto in iter_route_contexts(router.routes)
        if isinstance(contexto.original_route, APIRoute)
        if (contexto.original_route.openapi_extra or {}).get("security") != []
        for metodo in sorted(contexto.methods or ())
    ]


class TestFalsas:
    async def test_one_that_was_given_serves(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """What all the rest is measured against."""
        autor = await modulo_real.usuario()
        respuesta = await usar(cliente, await crear(modulo_real, autor=autor))
        assert respuesta.status_code == 200
        assert respuesta.json()["usuario_id"] == str(autor.oid)
        assert respuesta.json()["llave_id"] is not None

    async def test_a_typo_is_refused_without_a_look_at_the_database(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        llave = await crear(modulo_real)
        buscadas: list[str] = []

        async def por_huella(_: LlaveRepository, huella: str) -> None:
            buscadas.append(huella)

        monkeypatch.setattr(LlaveRepository, "por_huella", por_huella)
        for sitio in range(len(PREFIJO), len(llave)):
            otra = llave[:sitio] + ("A" if llave[sitio] != "A" else "B") + llave[sitio + 1 :]
            assert rechazo(await usar(cliente, otra)) == INVALIDA
        assert buscadas == []
        assert rechazo(await usar(cliente, llave_nueva())) == INVALIDA
        assert len(buscadas) == 1

    @pytest.mark.parametrize(
        "deformar",
        [
            lambda llave: llave[:-1],
            lambda llave: llave + "0",
            lambda llave: llave.upper(),
            lambda llave: llave.replace("pnk_", "ghp_"),
            lambda llave: llave.removeprefix("pnk_"),
            lambda llave: "pnk_" + llave,
            lambda llave: llave.replace("pnk_", "pnk_ "),
            lambda llave: llave[:4] + "٣" * 49,
            hash_de_token,
            lambda llave: llave[:4],
            lambda llave: llave[:12],
        ],
        ids=["cut", "longer", "case", "prefix", "no prefix", "twice", "space", "digits", "hash", "empty", "shown part"],
    )
    async def test_almost_one(self, cliente: httpx.AsyncClient, modulo_real: Modulo, deformar: Any) -> None:
        llave = await crear(modulo_real)
        cabecera = (b"Authorization", f"Bearer {deformar(llave)}".encode())
        respuesta = await cliente.get("/api/v1/prueba/quien", headers=[cabecera])
        assert rechazo(respuesta) == INVALIDA

    async def test_in_place_of_other_secrets(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        llave = await crear(modulo_real)
        respuesta = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": llave})
        assert rechazo(respuesta) == (401, "sesion_invalida")
        cuerpo = {"token": llave, "nueva": "una clave para entrar"}
        assert rechazo(await cliente.post(f"{AUTH}/recuperacion/confirmar", json=cuerpo)) == (422, "enlace_invalido")

    async def test_what_is_stored_and_shown_is_not_what_serves(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        admin = await modulo_real.usuario()
        llave = await crear(modulo_real, autor=admin)
        (guardada,) = await modulo_real.repo_llaves.find({})
        lista = await cliente.get(LLAVES, headers=await sesion(modulo_real, admin))
        for texto in (guardada.model_dump_json(), lista.text):
            assert llave not in texto
            assert llave[12:] not in texto
            assert llave[:12] in texto
        assert guardada.huella not in lista.text


class TestTerminadas:
    async def test_ended_at_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        admin = await modulo_real.usuario()
        cabeceras = await sesion(modulo_real, admin)
        cuerpo = {"nombre": "torniquete", "rol": "operador"}
        creada = (await cliente.post(LLAVES, json=cuerpo, headers=cabeceras)).json()
        assert (await usar(cliente, creada["llave"])).status_code == 200
        for _ in range(2):
            assert (await cliente.delete(f"{LLAVES}/{creada['id']}", headers=cabeceras)).status_code == 204
            assert rechazo(await usar(cliente, creada["llave"])) == INVALIDA

    async def test_ended_in_another_process_within_five_seconds(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        llave = await crear(modulo_real)
        assert (await usar(cliente, llave)).status_code == 200
        (guardada,) = await modulo_real.repo_llaves.find({})
        await modulo_real.repo_llaves.terminar(guardada.oid, cuando=ahora())
        reloj.avanzar(seconds=5)
        assert rechazo(await usar(cliente, llave)) == INVALIDA

    async def test_expired_to_the_instant(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        llave = await crear(modulo_real, expira_en=reloj.instante.replace(hour=reloj.instante.hour + 1))
        reloj.avanzar(minutes=59, seconds=59)
        assert (await usar(cliente, llave)).status_code == 200
        reloj.avanzar(seconds=1)
        assert rechazo(await usar(cliente, llave)) == INVALIDA

    @pytest.mark.parametrize("cambio", [{"activo": False}, {"rol": Rol.operador}], ids=["apagada", "degradada"])
    async def test_of_an_admin_who_is_one_no_more(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cambio: dict[str, Any]
    ) -> None:
        """Kept for after the dismissal: it ends with the maker, at once."""
        admin = await modulo_real.usuario()
        await modulo_real.usuario()
        llave = await crear(modulo_real, autor=admin, rol=Rol.auditor)
        assert (await usar(cliente, llave)).status_code == 200
        await modulo_real.usuario_service.cambiar(admin.oid, **{"rol": None, "activo": None, "quien": ADMIN} | cambio)
        assert rechazo(await usar(cliente, llave)) == INVALIDA


class TestLoQueNoHacen:
    @pytest.mark.parametrize(("metodo", "ruta"), de_auth())
    async def test_no_call_of_accounts(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, metodo: str, ruta: str
    ) -> None:
        llave = await crear(modulo_real, rol=Rol.admin)
        assert rechazo(await cliente.request(metodo, f"/api/v1{ruta}", headers=como(llave))) == NO_ADMITIDA

    async def test_the_list_of_those_calls_is_whole(self) -> None:
        assert {("GET", "/auth/llaves"), ("POST", "/auth/clave"), ("POST", "/auth/invitaciones")} <= set(de_auth())

    @pytest.mark.parametrize(
        ("rol", "puede"),
        [
            (Rol.admin, {"admin", "personal", "auditor", "residente", "cualquiera"}),
            (Rol.operador, {"personal", "residente", "cualquiera"}),
            (Rol.auditor, {"auditor", "cualquiera"}),
        ],
    )
    async def test_more_than_its_role(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol, puede: set[str]
    ) -> None:
        """Though an admin made it."""
        llave, estados = await crear(modulo_real, rol=rol), {}
        for ruta in ("admin", "personal", "auditor", "residente", "cualquiera"):
            estados[ruta] = (await cliente.post(f"/api/v1/prueba/{ruta}", headers=como(llave))).status_code
        assert estados == {ruta: 204 if ruta in puede else 403 for ruta in estados}

    async def test_it_speaks_for_no_flat_and_decides_nothing_about_its_maker_s(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        vecina = await modulo_real.usuario(residente_id=modulo_real.padron.agregar())
        quien = (await usar(cliente, await crear(modulo_real, autor=vecina))).json()
        assert (quien["residente_id"], quien["interesado_id"]) == (None, str(vecina.residente_id))

    @pytest.mark.parametrize("rol", [Rol.operador, Rol.auditor, Rol.residente])
    async def test_made_by_who_is_no_admin(self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol) -> None:
        cuerpo = {"nombre": "mía", "rol": "admin"}
        respuesta = await cliente.post(LLAVES, json=cuerpo, headers=await modulo_real.cabeceras(rol))
        assert rechazo(respuesta) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(
        "cuerpo",
        [
            {"nombre": "x", "rol": "residente"},
            {"nombre": "x", "rol": "dueño"},
            {"nombre": "", "rol": "admin"},
            {"nombre": "x" * 81, "rol": "admin"},
            {"nombre": "x\ny", "rol": "admin"},
            {"nombre": "x", "rol": "admin", "expira_en": "2020-01-01T00:00:00Z"},
            {"nombre": "x", "rol": "admin", "llave": "pnk_1"},
            {"nombre": "x", "rol": "admin", "creada_por": "0" * 24},
            {"nombre": "x", "rol": "admin", "huella": "0" * 64},
            {"nombre": {"$ne": ""}, "rol": "admin"},
        ],
    )
    async def test_with_what_one_does_not_choose(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cuerpo: dict[str, Any]
    ) -> None:
        respuesta = await cliente.post(LLAVES, json=cuerpo, headers=await modulo_real.cabeceras(Rol.admin))
        assert respuesta.status_code == 422
        assert await modulo_real.repo_llaves.count({}) == 0

    async def test_its_making_is_told(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """Somebody with an admin's open session makes one to stay: the admin learns of it."""
        admin = await modulo_real.usuario()
        cuerpo = {"nombre": "para quedarse", "rol": "admin"}
        await cliente.post(LLAVES, json=cuerpo, headers=await sesion(modulo_real, admin))
        assert modulo_real.avisos.avisos == [("llave_creada", admin.oid)]


class TestLaForma:
    def test_never_twice_and_always_well_written(self) -> None:
        llaves = {llave_nueva() for _ in range(2_000)}
        assert len(llaves) == 2_000
        assert all(bien_escrita(llave) and len(llave) == 53 for llave in llaves)

    def test_its_random_part_is_256_bits(self) -> None:
        """The first digit of 43 in base 62 goes up to what 256 bits need, and gets there."""
        primeros = {llave_nueva()[4] for _ in range(5_000)}
        assert max(primeros, key=lambda c: (c.islower(), c)) <= "z"
        assert len(primeros) > 50


async def test_used_last_to_the_minute_and_outside_the_call(
    cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
) -> None:
    llave, anotados = await crear(modulo_real), []

    async def uso() -> Any:
        (guardada,) = await modulo_real.repo_llaves.find({})
        return guardada.ultimo_uso

    for segundos in (0, 20, 20, 25):
        reloj.avanzar(seconds=segundos)
        await usar(cliente, llave)
        antes = await uso()
        await modulo_real.llaves.anotar_usos()
        anotados.append((antes, await uso()))
    primero = anotados[0][1]
    assert primero is not None
    assert [antes for antes, _ in anotados] == [None, primero, primero, primero]
    assert [despues for _, despues in anotados] == [primero] * 3 + [ahora()]


async def test_absent(cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
    cabeceras = await modulo_real.cabeceras(Rol.admin)
    for metodo in ("GET", "DELETE"):
        respuesta = await cliente.request(metodo, f"{LLAVES}/{PydanticObjectId()}", headers=cabeceras)
        assert rechazo(respuesta) == (404, "no_encontrado")
