"""What is done once, what is kept, and whose it is."""

import asyncio

import httpx
import pytest

from app.core.idempotency.models import DOCUMENTOS, ParteDeRespuesta, RespuestaGuardada
from app.core.idempotency.service import SE_GUARDA, TROZO
from tests.conftest import Reloj
from tests.core.idempotency.taller import Taller, con, cosas


class TestUnaVez:
    async def test_repetida_responde_lo_mismo_sin_hacer_nada(self, cliente: httpx.AsyncClient) -> None:
        primera = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        segunda = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        assert (primera.status_code, segunda.status_code) == (201, 201)
        assert segunda.content == primera.content
        assert "idempotency-replayed" not in primera.headers
        assert segunda.headers["idempotency-replayed"] == "true"
        propias = {"x-request-id", "idempotency-replayed"}
        assert {k: v for k, v in segunda.headers.items() if k not in propias} == {
            k: v for k, v in primera.headers.items() if k not in propias
        }
        assert segunda.headers["location"].endswith(primera.json()["id"])
        assert segunda.headers["x-request-id"] != primera.headers["x-request-id"]
        assert await cosas() == 1

    async def test_sin_clave_cada_una_es_otra(self, cliente: httpx.AsyncClient) -> None:
        for _ in range(2):
            assert (await cliente.post("cosas", json={"n": 7})).status_code == 201
        assert await cosas() == 2
        assert await RespuestaGuardada.count() == 0

    async def test_veinte_a_la_vez_son_una(self, cliente: httpx.AsyncClient) -> None:
        respuestas = await asyncio.gather(*(cliente.post("cosas", json={"n": 7}, headers=con("k")) for _ in range(20)))
        assert {r.status_code for r in respuestas} <= {201, 409}
        hechas = [r for r in respuestas if r.status_code == 201]
        assert hechas
        assert len({r.content for r in hechas}) == 1
        assert {r.json()["codigo"] for r in respuestas if r.status_code == 409} <= {"en_curso"}
        assert await cosas() == 1
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).content == hechas[0].content

    @pytest.mark.parametrize("ruta", ["cosas/grande", "cosas/flujo", "cosas/vacia", "cosas/pasos", "cosas/abierta"])
    async def test_tambien_lo_grande_lo_que_fluye_lo_vacio_y_lo_de_nadie(
        self, ruta: str, cliente: httpx.AsyncClient
    ) -> None:
        primera = await cliente.post(ruta, headers=con("k"))
        segunda = await cliente.post(ruta, headers=con("k"))
        assert primera.is_success
        assert (segunda.status_code, segunda.content) == (primera.status_code, primera.content)
        assert segunda.headers["idempotency-replayed"] == "true"
        assert set(segunda.headers) - set(primera.headers) <= {"idempotency-replayed", "content-length"}
        assert await cosas() <= 1

    async def test_lo_que_no_cabe_en_un_documento_va_en_varios(self, cliente: httpx.AsyncClient) -> None:
        primera = await cliente.post("cosas/grande", headers=con("k"))
        assert len(primera.content) > 2 * TROZO
        assert await ParteDeRespuesta.count() == 2
        assert (await cliente.post("cosas/grande", headers=con("k"))).content == primera.content

    async def test_pasado_un_dia_es_otra_vez_la_primera(self, cliente: httpx.AsyncClient, reloj: Reloj) -> None:
        primera = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        reloj.avanzar(seconds=SE_GUARDA.total_seconds() - 1)
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).content == primera.content
        assert (await cliente.post("cosas", json={"n": 8}, headers=con("k"))).status_code == 422
        reloj.avanzar(seconds=1)
        otra = await cliente.post("cosas", json={"n": 8}, headers=con("k"))
        assert (otra.status_code, otra.json()["n"]) == (201, 8)
        assert await cosas() == 2

    async def test_la_base_lo_olvida_al_dia(self, cliente: httpx.AsyncClient) -> None:
        await cliente.post("cosas/grande", headers=con("k"))
        for documento in DOCUMENTOS:
            indices = await documento.get_motor_collection().index_information()
            (caducidad,) = [i for i in indices.values() if "expireAfterSeconds" in i]
            assert (caducidad["key"], caducidad["expireAfterSeconds"]) == ([("expira_en", 1)], 0)
        fila, parte = await RespuestaGuardada.find_one(), await ParteDeRespuesta.find_one()
        assert fila is not None
        assert parte is not None
        assert fila.expira_en == parte.expira_en


class TestDeQuienEs:
    async def test_cada_cual_tiene_las_suyas(self, cliente: httpx.AsyncClient) -> None:
        vistas = set()
        for quien in ("1", "2", "1/llave", "1"):
            respuesta = await cliente.post("cosas", json={"n": 7}, headers=con("k", Authorization=f"Bearer {quien}"))
            assert respuesta.status_code == 201
            vistas.add(respuesta.json()["id"])
        assert len(vistas) == await cosas() == 3

    async def test_y_cada_operacion_y_cada_clave(self, cliente: httpx.AsyncClient) -> None:
        for ruta, clave in (("cosas/vacia", "k"), ("cosas/vacia", "K"), ("cosas/pasos", "k")):
            assert (await cliente.post(ruta, headers=con(clave))).is_success
        assert await cosas() == 3

    async def test_de_la_clave_no_queda_mas_que_un_resumen(self, cliente: httpx.AsyncClient) -> None:
        await cliente.post("cosas", json={"n": 7}, headers=con("zq9marca"))
        (guardado,) = await RespuestaGuardada.get_motor_collection().find({}).to_list(None)
        assert "zq9marca" not in repr(guardado)


class TestReutilizada:
    @pytest.mark.parametrize(("cuerpo", "consulta"), [(b'{"n": 8}', ""), (b'{"n": 7}', "?a=1")])
    async def test_para_otra_cosa_no(self, cuerpo: bytes, consulta: str, cliente: httpx.AsyncClient) -> None:
        await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        tipo = {"Content-Type": "application/json"}
        otra = await cliente.post(f"cosas{consulta}", content=cuerpo, headers=con("k", **tipo))
        assert (otra.status_code, otra.json()["codigo"]) == (422, "clave_reutilizada")
        assert await cosas() == 1

    async def test_lo_mismo_escrito_de_otra_forma_es_lo_mismo(self, cliente: httpx.AsyncClient) -> None:
        primera = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        tipo = {"Content-Type": "application/json; charset=utf-8"}
        otra = await cliente.post("cosas", content=b'{\n  "n" : 7\n}', headers=con("k", **tipo))
        assert otra.content == primera.content
        assert await cosas() == 1

    @pytest.mark.parametrize("mala", ["", " ", "a b", "ñ", "a" * 256, "a\tb", "\x7f"])
    async def test_una_mal_escrita_se_dice(self, mala: str, cliente: httpx.AsyncClient) -> None:
        cabeceras = [(b"idempotency-key", mala.encode("latin-1"))]
        respuesta = await cliente.post("cosas", json={"n": 7}, headers=cabeceras)
        assert respuesta.status_code == 422
        assert respuesta.json()["errores"][0]["campo"] == "Idempotency-Key"
        assert await cosas() == 0

    async def test_dos_no_son_una(self, cliente: httpx.AsyncClient) -> None:
        cabeceras = [(b"idempotency-key", b"a"), (b"idempotency-key", b"b")]
        assert (await cliente.post("cosas", json={"n": 7}, headers=cabeceras)).status_code == 422

    async def test_hasta_255(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("~" * 255))).status_code == 201


class TestLoQueNoSaleBien:
    async def test_no_se_guarda_y_no_deja_nada(self, cliente: httpx.AsyncClient) -> None:
        for _ in range(2):
            respuesta = await cliente.post("cosas/falla", headers=con("k"))
            assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "conflicto")
        assert await cosas() == 0
        assert await RespuestaGuardada.count() == 0

    async def test_ni_lo_que_no_es_valido(self, cliente: httpx.AsyncClient) -> None:
        assert (await cliente.post("cosas", json={"n": "7"}, headers=con("k"))).status_code == 422
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).status_code == 201

    async def test_ni_lo_inesperado(self, cliente: httpx.AsyncClient, taller: Taller) -> None:
        async def romper() -> None:
            raise RuntimeError("no se esperaba")

        taller.antes_de_acabar = romper
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).status_code == 500
        taller.antes_de_acabar = None
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).status_code == 201
        assert await cosas() == 1


class TestLoQueSeMuestraUnaVez:
    @pytest.mark.parametrize("ruta", ["auth/secreta", "cosas/secreta"])
    async def test_no_se_guarda_nunca(self, ruta: str, cliente: httpx.AsyncClient) -> None:
        respuestas = [await cliente.post(ruta, headers=con("k")) for _ in range(2)]
        assert respuestas[0].json() != respuestas[1].json()
        assert await RespuestaGuardada.count() == 0


class TestQuienEsAhora:
    async def test_quien_tiene_otro_papel_es_otro(self, cliente: httpx.AsyncClient) -> None:
        primera = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        segunda = await cliente.post("cosas", json={"n": 7}, headers=con("k", Authorization="Bearer 1@residente"))
        assert "idempotency-replayed" not in segunda.headers
        assert segunda.json()["id"] != primera.json()["id"]

    async def test_quien_vive_aqui_como_otro_tambien(self, cliente: httpx.AsyncClient) -> None:
        ids = [
            (await cliente.post("cosas", json={"n": 7}, headers=con("k", Authorization=f"Bearer 1@residente{como}")))
            for como in ("", "@a", "@b", "@a")
        ]
        assert len({r.json()["id"] for r in ids}) == 3
        assert [r.headers.get("idempotency-replayed") for r in ids] == [None, None, None, "true"]

    async def test_lo_que_ya_no_es_suyo_no_se_le_repite(self, cliente: httpx.AsyncClient, taller: Taller) -> None:
        suya = con("k", Authorization="Bearer 1@residente")
        primera = await cliente.post("cosas", json={"n": 7}, headers=suya)
        assert (await cliente.post("cosas", json={"n": 7}, headers=suya)).content == primera.content
        taller.ajenas = True
        respuesta = await cliente.post("cosas", json={"n": 7}, headers=suya)
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (404, "no_encontrado")
        assert await cosas() == 1

    async def test_al_personal_se_le_repite_tambien_lo_que_ya_no_esta(
        self, cliente: httpx.AsyncClient, taller: Taller
    ) -> None:
        primera = await cliente.post("cosas", json={"n": 7}, headers=con("k"))
        taller.ajenas = True
        assert (await cliente.post("cosas", json={"n": 7}, headers=con("k"))).content == primera.content
