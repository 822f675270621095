"""Versions of single objects, over every operation: `ETag`, `If-None-Match`, `If-Match`."""

import asyncio
from typing import Any

import httpx
import pytest

from app.core.dependencies import Roles
from app.core.http.route import StrictRoute, roles_de
from app.core.versions.objects import CON_CONDICION, Objetos, es_unico
from tests.api.conftest import Aplicacion
from tests.api.mundo import AUSENTE, V1, Mundo, persona
from tests.api.operaciones import OPERACIONES, Operacion, resolver
from tests.api.problemas import defectos

LECTURAS = {n: o for n, o in OPERACIONES.items() if o.metodo == "GET"}
CAMBIOS = {n: o for n, o in OPERACIONES.items() if o.metodo in CON_CONDICION}
DESCARGAS = {
    "sorteo_descargar_reglas",
    "sorteo_descargar_bases",
    "sorteo_descargar_padron",
    "sorteo_descargar_resultado",
}
# Asked again and again, by everybody's phone.
PRIMERA_PAGINA = "avisos_listar_avisos"
# What is read in a list only, so that nobody has a version of it.
SIN_VERSION = {"/auth/sesiones", "/auth/sesiones/{id}", "/avisos/dispositivos"}
OTRA = '"ninguna"'


def objetos(aplicacion: Aplicacion) -> Objetos:
    leidos: Objetos = aplicacion.app.state.objetos
    return leidos


def rutas(aplicacion: Aplicacion) -> dict[str, StrictRoute]:
    return {
        str(contexto.operation_id or contexto.unique_id): ruta
        for contexto, ruta in objetos(aplicacion).contextos()
        if isinstance(ruta, StrictRoute)
    }


async def leer(mundo: Mundo, operacion: Operacion, **cabeceras: str) -> httpx.Response:
    return await mundo.cliente.get(operacion.camino(mundo), headers={**mundo.quien[operacion.quien], **cabeceras})


class TestLeer:
    @pytest.mark.parametrize("nombre", LECTURAS)
    async def test_todo_objeto_tiene_version_y_ninguna_lista(
        self, nombre: str, mundo: Mundo, aplicacion: Aplicacion
    ) -> None:
        operacion = LECTURAS[nombre]
        respuesta = await leer(mundo, operacion)
        if respuesta.status_code != 200:
            return
        unico = es_unico(rutas(aplicacion)[nombre]) or nombre in DESCARGAS or nombre == PRIMERA_PAGINA
        if not unico:
            assert "etag" not in respuesta.headers or "items" not in respuesta.json()
            return
        etiqueta = respuesta.headers["etag"]
        assert not etiqueta.startswith("W/")
        assert (await leer(mundo, operacion)).headers["etag"] == etiqueta
        for la_tiene in (etiqueta, f"W/{etiqueta}", f'"a", {etiqueta}', f"{OTRA},W/{etiqueta}", "*"):
            sin_cambio = await leer(mundo, operacion, **{"If-None-Match": la_tiene})
            assert (sin_cambio.status_code, sin_cambio.content) == (304, b""), la_tiene
            assert "content-type" not in sin_cambio.headers
            for igual in ("etag", "vary", "cache-control"):
                assert sin_cambio.headers[igual] == respuesta.headers[igual]
        for no_la_tiene in (OTRA, 'W/"a", "b"', "", etiqueta.strip('"'), f"{etiqueta} {OTRA}", f"*, {etiqueta}"):
            entera = await leer(mundo, operacion, **{"If-None-Match": no_la_tiene})
            assert (entera.status_code, entera.content) == (200, respuesta.content), no_la_tiene

    async def test_de_los_avisos_la_tiene_la_primera_pagina(self, mundo: Mundo) -> None:
        ruta, quien = f"{V1}/avisos?limite=1", mundo.quien["residente"]
        primera = await mundo.cliente.get(ruta, headers=quien)
        cursor = primera.json()["siguiente"]
        assert cursor is not None
        condicion = {"If-None-Match": primera.headers["etag"]}
        segunda = await mundo.cliente.get(f"{ruta}&cursor={cursor}", headers={**quien, "If-None-Match": "*"})
        assert (segunda.status_code, "etag" in segunda.headers) == (200, False)
        assert (await mundo.cliente.get(ruta, headers={**quien, **condicion})).status_code == 304
        aviso = primera.json()["items"][0]["id"]
        await mundo.pedir("PATCH", f"/avisos/{aviso}", "residente", json={"leido": True})
        assert (await mundo.cliente.get(ruta, headers={**quien, **condicion})).status_code == 200

    async def test_la_tabla_mira_objetos(self, aplicacion: Aplicacion) -> None:
        unicos = {n for n, ruta in rutas(aplicacion).items() if es_unico(ruta)}
        assert unicos > {"sorteo_ver_sorteo", "residentes_ver_yo", "solicitudes_ver_solicitud", "auth_yo"}

    async def test_la_de_un_archivo_es_su_huella(self, mundo: Mundo) -> None:
        publico = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/verificacion")
        for archivo, huella in (("bases", "huella"), ("resultado", "huella_resultado")):
            respuesta = await mundo.cliente.get(
                f"{V1}/sorteo/{mundo.publicado}/{archivo}", headers=mundo.quien["residente"]
            )
            assert respuesta.headers["etag"] == f'"{publico[huella]}"'

    async def test_lo_que_ve_cada_cual_tiene_la_suya(self, mundo: Mundo) -> None:
        ruta = f"{V1}/solicitudes/{mundo.ana.solicitud}"
        etiquetas = [
            (await mundo.cliente.get(ruta, headers=mundo.quien[q])).headers["etag"] for q in ("residente", "admin")
        ]
        assert etiquetas[0] != etiquetas[1]

    async def test_un_error_no_tiene_version(self, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.get(
            f"{V1}/solicitudes/{AUSENTE}", headers={**mundo.quien["admin"], "If-None-Match": "*"}
        )
        assert defectos(respuesta, {404}) == []
        assert "etag" not in respuesta.headers


class TestCambiarSiNoHaCambiado:
    def test_todo_cambio_esta_en_un_objeto_que_se_puede_leer(self, aplicacion: Aplicacion) -> None:
        """Whoever may change may read what the version is of; else they could never know it."""
        sin_version = set()
        for nombre in CAMBIOS:
            ruta = rutas(aplicacion)[nombre]
            objeto = objetos(aplicacion).es_de(ruta)
            if objeto is None:
                sin_version.add(nombre)
                continue
            (pueden,), (leen,) = roles_de(ruta.dependant), roles_de(objeto.ruta.dependant)
            assert isinstance(pueden, Roles)
            assert pueden.para(CAMBIOS[nombre].metodo) <= leen.para("GET"), nombre
        assert sin_version == {nombre for nombre, o in CAMBIOS.items() if o.ruta in SIN_VERSION}

    @pytest.mark.parametrize("nombre", CAMBIOS)
    async def test_con_otra_version_no_pasa_nada_y_se_dice_la_de_ahora(
        self, nombre: str, mundo: Mundo, aplicacion: Aplicacion
    ) -> None:
        operacion = CAMBIOS[nombre]
        quien = mundo.quien[operacion.quien]
        objeto = objetos(aplicacion).es_de(rutas(aplicacion)[nombre])
        antes = await aplicacion.digesto()
        actual = None
        if objeto is not None:
            camino = objeto.plantilla.format_map({p: resolver(v, mundo) for p, v in operacion.en.items()})
            leida = await mundo.cliente.get(camino, headers=quien)
            actual = leida.headers["etag"]
        viejas = [OTRA, f"{OTRA}, W/{OTRA}"] + ([f"W/{actual}"] if actual else [])
        for cuerpo in [*operacion.con_cuerpos(mundo), None][:1]:
            for vieja in viejas:
                respuesta = await self.cambiar(mundo, operacion, vieja, cuerpo)
                assert defectos(respuesta, {412}) == [], vieja
                assert respuesta.json()["codigo"] == "version_obsoleta"
                assert respuesta.headers.get("etag") == actual
            for mala in ("", "sin comillas", '"a" "b"', '*, "a"'):
                respuesta = await self.cambiar(mundo, operacion, mala, cuerpo)
                assert defectos(respuesta, {422}) == [], mala
                assert respuesta.json()["errores"][0]["campo"] == "If-Match"
        assert await aplicacion.digesto() == antes

    @pytest.mark.parametrize("nombre", [n for n, o in CAMBIOS.items() if o.con_id])
    async def test_lo_que_no_hay_no_esta_con_version_ni_sin_ella(self, nombre: str, mundo: Mundo) -> None:
        operacion = CAMBIOS[nombre]
        for cuerpo in [*operacion.con_cuerpos(mundo), None][:1]:
            sin_ella = await mundo.cliente.request(
                operacion.metodo, operacion.ausente(), headers=mundo.quien[operacion.quien], json=cuerpo
            )
            con_ella = await self.cambiar(mundo, operacion, "*", cuerpo, camino=operacion.ausente())
            assert (con_ella.status_code, con_ella.json()["codigo"]) == (404, sin_ella.json()["codigo"])

    async def cambiar(
        self, mundo: Mundo, operacion: Operacion, si: str, cuerpo: Any, *, camino: str | None = None
    ) -> httpx.Response:
        return await mundo.cliente.request(
            operacion.metodo,
            camino or operacion.camino(mundo),
            headers={**mundo.quien[operacion.quien], "If-Match": si},
            json=cuerpo,
        )


class TestUnaVidaEntera:
    """What is made here goes when it ends."""

    @pytest.fixture
    async def espacio(self, mundo: Mundo) -> Any:
        creado = await mundo.cliente.post(
            f"{V1}/sorteo/espacios", json={"codigo": "V-01", "tipo": "moto"}, headers=mundo.quien["operador"]
        )
        yield creado
        await mundo.cliente.delete(f"{V1}/sorteo/espacios/V-01", headers=mundo.quien["operador"])

    async def pedir(self, mundo: Mundo, metodo: str, ruta: str, cuerpo: Any = None, **cabeceras: str) -> httpx.Response:
        nombres = {nombre.replace("_", "-"): valor for nombre, valor in cabeceras.items()}
        return await mundo.cliente.request(
            metodo, V1 + ruta, headers={**mundo.quien["operador"], **nombres}, json=cuerpo
        )

    async def test_crear_cambiar_y_borrar_con_la_version_que_se_recibio(
        self, mundo: Mundo, espacio: httpx.Response
    ) -> None:
        ruta = "/sorteo/espacios/V-01"
        primera = espacio.headers["etag"]
        assert (await self.pedir(mundo, "GET", ruta)).headers["etag"] == primera
        cambiado = await self.pedir(mundo, "PATCH", ruta, {"zona": "Sótano"}, If_Match=f"{OTRA}, {primera}")
        assert cambiado.status_code == 200
        segunda = cambiado.headers["etag"]
        assert cambiado.headers["content-location"] == f"{V1}{ruta}"
        leido = await self.pedir(mundo, "GET", ruta)
        assert segunda == leido.headers["etag"] != primera
        assert (await self.pedir(mundo, "PATCH", ruta, {"zona": "Otra"}, If_Match=primera)).status_code == 412
        assert (await self.pedir(mundo, "DELETE", ruta, If_Match=primera)).status_code == 412
        igual = await self.pedir(mundo, "PATCH", ruta, {"zona": "Sótano"}, If_Match=segunda)
        assert (igual.status_code, igual.headers["etag"]) == (200, segunda)
        cualquiera = await self.pedir(mundo, "PATCH", ruta, {"zona": None}, If_Match="*")
        assert (cualquiera.status_code, cualquiera.json()["zona"]) == (200, None)
        assert (await self.pedir(mundo, "DELETE", ruta, If_Match=cualquiera.headers["etag"])).status_code == 204
        assert (await self.pedir(mundo, "DELETE", ruta, If_Match="*")).status_code == 404

    async def test_de_dos_a_la_vez_con_la_misma_pasa_uno(self, mundo: Mundo, espacio: httpx.Response) -> None:
        etiqueta = espacio.headers["etag"]
        for vuelta in range(10):
            respuestas = await asyncio.gather(
                *(
                    self.pedir(mundo, "PATCH", "/sorteo/espacios/V-01", {"zona": f"{vuelta} {n}"}, If_Match=etiqueta)
                    for n in range(5)
                )
            )
            assert sorted(r.status_code for r in respuestas) == [200, 412, 412, 412, 412]
            (gana,) = [r for r in respuestas if r.status_code == 200]
            etiqueta = gana.headers["etag"]
            assert {r.headers["etag"] for r in respuestas} == {etiqueta}
            assert (await self.pedir(mundo, "GET", "/sorteo/espacios/V-01")).json() == gana.json()

    async def test_tambien_si_escriben_en_sitios_distintos(self, mundo: Mundo) -> None:
        """The vehicles of a flat are rows of their own: the database alone would let both pass."""
        unidad = await self.pedir(
            mundo,
            "POST",
            "/residentes/unidades",
            {
                "torre": None,
                "apartamento": "V-9",
                "vehiculos": [{"tipo": "moto", "placa": f"VER00{n}"} for n in range(4)],
            },
        )
        ruta = f"/residentes/unidades/{unidad.json()['id']}"
        respuestas = await asyncio.gather(
            *(
                self.pedir(mundo, "DELETE", f"{ruta}/vehiculos/{v['id']}", If_Match=unidad.headers["etag"])
                for v in unidad.json()["vehiculos"]
            )
        )
        assert sorted(r.status_code for r in respuestas) == [204, 412, 412, 412]
        quedan = await self.pedir(mundo, "GET", ruta)
        assert len(quedan.json()["vehiculos"]) == 3
        assert (await self.pedir(mundo, "DELETE", ruta, If_Match=quedan.headers["etag"])).status_code == 204

    async def test_lo_que_responde_un_cambio_es_lo_que_se_lee(self, mundo: Mundo) -> None:
        """Every answer with a version: what a GET by the same caller shows right after."""
        creado = await self.pedir(mundo, "POST", "/residentes", persona("Eva", "9001", "101"))
        propio = f"/residentes/{creado.json()['id']}"
        vistos = {propio: creado}
        cambiado = await self.pedir(mundo, "PATCH", propio, {"telefono": "300 12"}, If_Match=creado.headers["etag"])
        assert cambiado.status_code == 200
        vistos[propio] = cambiado
        solicitud = f"/solicitudes/{mundo.ana.solicitud}"
        for preferencias in (["P-04"], list[str]()):
            vistos[solicitud] = await self.pedir(mundo, "PATCH", solicitud, {"preferencias": preferencias})
        movida = await self.pedir(mundo, "PATCH", f"{solicitud}/estado", {"estado": "aprobada"})
        assert movida.headers["content-location"] == V1 + solicitud
        vistos[solicitud] = movida
        for ruta, respuesta in vistos.items():
            leida = await self.pedir(mundo, "GET", ruta)
            assert (leida.content, leida.headers["etag"]) == (respuesta.content, respuesta.headers["etag"]), ruta
        borrado = await self.pedir(mundo, "DELETE", propio, If_Match=cambiado.headers["etag"])
        assert borrado.status_code == 204

    async def test_de_los_pasos_de_un_sorteo_tambien(self, mundo: Mundo) -> None:
        quien = mundo.quien["admin"]
        ruta = f"{V1}/sorteo/{mundo.borrador}"
        leido = await mundo.cliente.get(ruta, headers=quien)
        editado = await mundo.cliente.patch(
            ruta, json={"nombre": "Otro nombre"}, headers={**quien, "If-Match": leido.headers["etag"]}
        )
        assert editado.status_code == 200
        relectura = await mundo.cliente.get(ruta, headers=quien)
        assert relectura.headers["etag"] == editado.headers["etag"] != leido.headers["etag"]
        assert "content-location" in editado.headers
