"""`Idempotency-Key` over every operation that takes a POST."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.core.http.route import StrictRoute
from app.core.idempotency.stage import es_por_pasos
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1, Mundo, parametros, persona
from tests.api.operaciones import OPERACIONES
from tests.api.problemas import defectos

POSTS = {n: o for n, o in OPERACIONES.items() if o.metodo == "POST"}
DE_AUTH = {n: o for n, o in POSTS.items() if o.ruta.startswith("/auth/")}
# It shows links once, so nothing of it is kept.
DE_UNA_SOLA = {"sorteo_nombrar_garantes"}
CON_CLAVE = {n: o for n, o in POSTS.items() if n not in DE_AUTH and n not in DE_UNA_SOLA}
# Steps that are several transactions, and what waits for a job; all else happens in one, together with its answer.
PASOS_DE_SORTEO = {
    "sorteo_abrir_sorteo",
    "sorteo_prorrogar_sorteo",
    "sorteo_reabrir_sorteo",
    "sorteo_cerrar_sorteo",
    "sorteo_ejecutar_sorteo",
    "sorteo_publicar_sorteo",
    "sorteo_finalizar_sorteo",
    "sorteo_anular_sorteo",
    "sorteo_confirmar_anulacion",
    "sorteo_simular_sorteo",
    "sorteo_importar_espacios",
}
# Whoever has one of these may do something in somebody's name.
DE_UNA_VEZ = {
    "token",
    "access_token",
    "refresh_token",
    "enlace",
    "llave",
    "password",
    "secreto",
    "codigos",
    "uri",
    "qr",
}


def documentadas(aplicacion: Aplicacion) -> dict[str, dict[str, Any]]:
    caminos = aplicacion.app.openapi()["paths"]
    return {o["operationId"]: o for metodos in caminos.values() for o in metodos.values()}


def nombrados(documento: dict[str, Any], nodo: Any, vistos: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all properties of a schema, through its references."""
    if isinstance(nodo, list):
        for hijo in nodo:
            yield from nombrados(documento, hijo, vistos)
    if not isinstance(nodo, dict):
        return
    referencia = nodo.get("$ref", "")
    if referencia and referencia not in vistos:
        _, *lugar = referencia.split("/")
        citado: Any = documento
        for parte in lugar:
            citado = citado[parte]
        yield from nombrados(documento, citado, vistos | {referencia})
    yield from nodo.get("properties", {})
    for hijo in nodo.values():
        yield from nombrados(documento, hijo, vistos)


class TestCadaOperacion:
    @pytest.mark.parametrize("nombre", CON_CLAVE)
    async def test_una_mal_escrita_se_dice_y_no_pasa_nada(
        self, nombre: str, mundo: Mundo, aplicacion: Aplicacion
    ) -> None:
        operacion = CON_CLAVE[nombre]
        antes = await aplicacion.digesto()
        for mala in ("a" * 256, "a b", ""):
            for cuerpo in [*operacion.con_cuerpos(mundo), None][:1]:
                cabeceras = {**mundo.quien[operacion.quien], "Idempotency-Key": mala}
                respuesta = await mundo.cliente.post(operacion.camino(mundo), headers=cabeceras, json=cuerpo)
                if respuesta.status_code == 415:
                    continue  # it takes a file
                assert defectos(respuesta, {422}) == []
                assert respuesta.json()["errores"][0]["campo"] == "Idempotency-Key"
        assert await aplicacion.digesto() == antes

    def test_el_documento_la_pide_donde_se_honra(self, aplicacion: Aplicacion) -> None:
        for nombre, operacion in documentadas(aplicacion).items():
            con_clave = any("Idempotency-Key" in str(p) for p in operacion.get("parameters", ()))
            assert con_clave == (nombre in CON_CLAVE), nombre
            respuestas = operacion["responses"]
            reutilizada = "clave_reutilizada" in str(respuestas.get("422"))
            assert reutilizada == ("en_curso" in str(respuestas.get("409"))) == con_clave, nombre

    def test_ninguna_respuesta_que_se_guarda_muestra_algo_de_una_vez(self, aplicacion: Aplicacion) -> None:
        documento = aplicacion.app.openapi()
        for nombre in CON_CLAVE:
            buenas = [r for s, r in documentadas(aplicacion)[nombre]["responses"].items() if s.startswith("2")]
            assert not DE_UNA_VEZ & set(nombrados(documento, buenas)), nombre
        de_auth = [documentadas(aplicacion)[n]["responses"] for n in DE_AUTH]
        assert {"token", "access_token", "enlace"} <= set(nombrados(documento, de_auth)), "la prueba sabe verlos"

    def test_los_pasos_largos_estan_marcados(self, aplicacion: Aplicacion) -> None:
        rutas = {
            str(c.operation_id or c.unique_id): ruta
            for c, ruta in aplicacion.app.state.objetos.contextos()
            if isinstance(ruta, StrictRoute)
        }
        assert {n for n in CON_CLAVE if n.startswith("sorteo_") and es_por_pasos(rutas[n])} == PASOS_DE_SORTEO


class TestAuth:
    async def test_no_la_mira(self, mundo: Mundo, aplicacion: Aplicacion) -> None:
        """Two sign-ins are two, and nothing of them is kept."""
        antes = await guardadas(aplicacion)
        datos = {"username": CORREO_ADMIN, "password": CLAVE}
        entradas = [
            await mundo.cliente.post(f"{V1}/auth/login", data=datos, headers={"Idempotency-Key": clave})
            for clave in ("la-misma", "la-misma", "a b" * 200)
        ]
        assert {r.status_code for r in entradas} == {200}
        assert len({r.json()["refresh_token"] for r in entradas}) == 3
        assert await guardadas(aplicacion) == antes


async def guardadas(aplicacion: Aplicacion) -> int:
    return int(await aplicacion.base["idempotencia_respuestas"].count_documents({}))


async def pedir(mundo: Mundo, ruta: str, clave: str, cuerpo: Any = None, quien: str = "admin") -> httpx.Response:
    cabeceras = {**mundo.quien[quien], "Idempotency-Key": clave}
    return await mundo.cliente.post(V1 + ruta, headers=cabeceras, json=cuerpo)


async def dos_veces(mundo: Mundo, ruta: str, clave: str, cuerpo: Any = None) -> Any:
    """What the first call answers; the second one, the same."""
    primera, segunda = [await pedir(mundo, ruta, clave, cuerpo) for _ in range(2)]
    assert primera.is_success, primera.text
    assert (segunda.status_code, segunda.content) == (primera.status_code, primera.content)
    assert segunda.headers["idempotency-replayed"] == "true"
    for igual in ("etag", "location", "content-location", "content-type"):
        assert segunda.headers.get(igual) == primera.headers.get(igual)
    return primera.json()


class TestDeVerdad:
    async def test_altas(self, mundo: Mundo, aplicacion: Aplicacion) -> None:
        unidad = await dos_veces(mundo, "/residentes/unidades", "u", {"torre": "I", "apartamento": "1"})
        vehiculo = {"tipo": "moto", "electrico": False, "placa": "IDE001"}
        suyo = await dos_veces(mundo, f"/residentes/unidades/{unidad['id']}/vehiculos", "v", vehiculo)
        residente = await dos_veces(mundo, "/residentes", "r", persona("Inés", "8001", "101"))
        await dos_veces(mundo, "/sorteo/espacios", "e", {"codigo": "I-01", "tipo": "moto"})
        for cuantos, coleccion, filtro in (
            (1, "vehiculos", {"placa": "IDE001"}),
            (1, "residentes", {"numero_documento": "8001"}),
            (1, "espacios", {"codigo": "I-01"}),
        ):
            assert await aplicacion.base[coleccion].count_documents(filtro) == cuantos, coleccion
        for ruta in (
            f"/residentes/unidades/{unidad['id']}/vehiculos/{suyo['id']}",
            f"/residentes/unidades/{unidad['id']}",
            f"/residentes/{residente['id']}",
            "/sorteo/espacios/I-01",
        ):
            await mundo.pedir("DELETE", ruta)

    async def test_un_sorteo_entero(self, mundo: Mundo) -> None:
        """A rehearsal, so that it takes no spaces from anybody."""
        datos = parametros("Ensayo con claves") | {
            "ensayo": True,
            "vigencia": {"desde": "2029-01-01", "hasta": "2029-06-30"},
        }
        sorteo = await dos_veces(mundo, "/sorteo", "crear", datos)
        ruta = f"/sorteo/{sorteo['id']}"
        estados = []
        for paso, cuerpo in (
            ("abrir", None),
            ("cerrar", None),
            ("ejecutar", {"entropia": "1234 serie 567"}),
            ("anular", {"motivo": "era un ensayo"}),
        ):
            estados.append((await dos_veces(mundo, f"{ruta}/{paso}", paso, cuerpo))["estado"])
        assert estados == ["abierto", "cerrado", "ejecutado", "anulado"]
        otra = await pedir(mundo, f"{ruta}/anular", "anular", {"motivo": "otro"})
        assert (otra.status_code, otra.json()["codigo"]) == (422, "clave_reutilizada")

    async def test_veinte_a_la_vez_son_una(self, mundo: Mundo, aplicacion: Aplicacion) -> None:
        cuerpo = {"codigo": "I-02", "tipo": "moto"}
        respuestas = await asyncio.gather(*(pedir(mundo, "/sorteo/espacios", "veinte", cuerpo) for _ in range(20)))
        hechas = [r for r in respuestas if r.status_code == 201]
        assert hechas
        assert len({r.content for r in hechas}) == 1
        assert {r.json()["codigo"] for r in respuestas if r not in hechas} <= {"en_curso"}
        assert await aplicacion.base["espacios"].count_documents({"codigo": "I-02"}) == 1
        await mundo.pedir("DELETE", "/sorteo/espacios/I-02")

    async def test_lo_que_no_sale_se_puede_repetir(self, mundo: Mundo, aplicacion: Aplicacion) -> None:
        antes = await guardadas(aplicacion)
        for _ in range(2):
            repetido = await pedir(mundo, "/sorteo/espacios", "no-sale", {"codigo": "P-01", "tipo": "carro"})
            assert defectos(repetido, {409}) == []
            assert repetido.json()["codigo"] != "en_curso"
        assert await guardadas(aplicacion) == antes

    async def test_lo_que_se_repite_no_se_enseña_a_quien_ya_no_puede(self, mundo: Mundo) -> None:
        """Who may call is judged each time, before what is kept."""
        await pedir(mundo, "/sorteo/espacios", "rol", {"codigo": "I-03", "tipo": "moto"})
        for quien in ("auditor", "residente"):
            respuesta = await pedir(mundo, "/sorteo/espacios", "rol", {"codigo": "I-03", "tipo": "moto"}, quien)
            assert defectos(respuesta, {403}) == []
        await mundo.pedir("DELETE", "/sorteo/espacios/I-03")
