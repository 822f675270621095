"""What anybody may check, and with which commands; and the secret, which nobody sees before its time."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.pruebas import Boveda
from tests.loteria import fuente
from tests.modules.sorteo.conftest import Api, Casa
from tests.modules.sorteo.factories import ADMIN, AUDITOR, DISPONIBLE, ENTROPIA, OPERADOR, OTRO_ADMIN, RESIDENTE
from tests.modules.sorteo.pasos.test_apertura import secreto_de
from tests.modules.sorteo.terminal import en_bash


async def verificacion(api: Api, sorteo: Sorteo) -> Any:
    return await api.ver(f"/{sorteo.id}/verificacion", None)


class TestPublica:
    async def test_step_by_step(self, api: Api) -> None:
        casa = api.casa
        sorteo = await casa.abierto()
        abierto = await verificacion(api, sorteo)
        nada = dict.fromkeys(["huella", "huella_padron", "secreto", "entropia", "drand", "semilla", "huella_resultado"])
        assert abierto == nada | {
            "sorteo_id": str(sorteo.id),
            "estado": "abierto",
            "formato": "parknet-sorteo-v1",
            "fuente": sorteo.fuente_entropia.texto,
            "compromiso": sorteo.compromiso,
            "huella_reglas": sorteo.huella_reglas,
            "huellas_anteriores": [],
            "garantes": [],
            "auditoria": None,
            "cabezas": [],
            "comandos": [f"sha256sum reglas.jsonl  # huella_reglas {sorteo.huella_reglas}"],
        }
        await casa.pedir(sorteo, 3)
        cerrado = await casa.cierre.cerrar(sorteo.oid)
        visto = await verificacion(api, sorteo)
        huellas = {"huella": cerrado.huella, "huella_padron": cerrado.huella_padron}
        assert visto == abierto | huellas | {"estado": "cerrado", "comandos": visto["comandos"]}
        casa.reloj.poner(DISPONIBLE)
        ejecutado = await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        visto = await verificacion(api, sorteo)
        assert visto["secreto"] == await secreto_de(casa, sorteo)
        assert {campo: visto[campo] for campo in ("entropia", "semilla", "huella_resultado")} == {
            "entropia": ENTROPIA,
            "semilla": ejecutado.semilla,
            "huella_resultado": ejecutado.huella_resultado,
        }

    async def test_nobody_and_everybody_see_the_same(self, api: Api) -> None:
        sorteo = await api.casa.ejecutado()
        vistas = [await api.ver(f"/{sorteo.id}/verificacion", q) for q in (None, ADMIN, OPERADOR, AUDITOR, RESIDENTE)]
        assert vistas[1:] == vistas[:-1]

    async def test_the_head_of_the_audit_now_and_at_the_steps(self, api: Api) -> None:
        casa, huella = api.casa, "{:064x}".format
        casa.auditoria.n = 7
        sorteo = await casa.cerrado()
        cuando = casa.reloj.instante
        casa.auditoria.n = 9
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        casa.auditoria.n = 11
        visto = await verificacion(api, sorteo)
        assert visto["auditoria"] == {"n": 11, "mac": huella(11)}
        assert [(c["paso"], c["n"], c["mac"]) for c in visto["cabezas"]] == [
            ("cerrar", 7, huella(7)),
            ("ejecutar", 9, huella(9)),
        ]
        assert visto["cabezas"][0]["cuando"].startswith(f"{cuando:%Y-%m-%dT%H:%M:%S}")
        assert [(c.n, c.mac) for c in await casa.r_sorteos.cabezas()] == [(7, huella(7)), (9, huella(9))]

    async def test_a_hash_that_was_reopened(self, api: Api) -> None:
        sorteo = await api.casa.cerrado()
        await api.casa.reapertura.reabrir(sorteo.oid, motivo="Faltó una torre", cierre=None)
        visto = await verificacion(api, sorteo)
        assert (visto["huella"], [h["huella"] for h in visto["huellas_anteriores"]]) == (None, [sorteo.huella])


class TestComandos:
    @pytest.mark.parametrize(
        ("forma", "entropia"), [("#### serie ###", ENTROPIA), ("-#### 'x' $(id) ##", "-4821 'x' $(id) 07")]
    )
    async def test_all_of_them_in_a_shell(self, api: Api, tmp_path: Path, forma: str, entropia: str) -> None:
        """Each prints the hash that it names; the last one says nothing, and ends well."""
        await api.casa.espacios("A-1", "A-2")
        sorteo = await api.casa.por_ejecutar(6, fuente_entropia=fuente(forma=forma))
        await api.casa.ejecucion.ejecutar(sorteo.oid, entropia)
        for archivo in ("reglas", "bases", "padron", "resultado"):
            contenido = (await api.pedir("GET", f"/{sorteo.id}/{archivo}", RESIDENTE)).content
            (tmp_path / f"{archivo}.jsonl").write_bytes(contenido)
        visto = await verificacion(api, sorteo)
        comandos = visto["comandos"]
        nombrados = []
        for comando in comandos:
            hecho = await en_bash(comando, tmp_path)
            assert (hecho.returncode, hecho.stderr) == (0, ""), comando
            _, _, comentario = comando.partition("  # ")
            nombre, _, huella = comentario.partition(" ")
            if huella in visto.values():
                assert hecho.stdout.split()[0] == huella == visto[nombre]
                nombrados.append(nombre)
        assert nombrados == ["huella_reglas", "huella", "huella_padron", "compromiso", "semilla", "huella_resultado"]
        assert "motor bases.jsonl" in comandos[-1]
        filas = (await api.ver(f"/{sorteo.id}/resultados"))["items"]
        boleta = await en_bash(comandos[-2].replace("FOLIO", str(filas[0]["folio"])), tmp_path)
        assert boleta.stdout.split()[0] == filas[0]["numero"]

    async def test_another_result_does_not_pass(self, api: Api, tmp_path: Path) -> None:
        await api.casa.espacios("A-1")
        sorteo = await api.casa.ejecutado(2)
        (tmp_path / "bases.jsonl").write_bytes(await api.casa.bytes_de(sorteo, "bases"))
        lineas = (await api.casa.bytes_de(sorteo, "resultado")).splitlines(keepends=True)
        (tmp_path / "resultado.jsonl").write_bytes(b"".join(reversed(lineas)))
        hecho = await en_bash((await verificacion(api, sorteo))["comandos"][-1], tmp_path)
        assert hecho.returncode == 1


class TestSecreto:
    """From its sealing to the moment it may be known, in no answer, no log and no byte of the database."""

    RUTAS = ("", "/evaluacion", "/evaluacion/yo", "/reglas", "/bases", "/resultado", "/resultados", "/resultados/yo")
    MAS_RUTAS = ("/exclusiones", "/verificacion")

    async def test_nowhere_before_it_has_run(
        self, api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caplog.set_level(logging.DEBUG)
        casa = api.casa
        respuestas: list[httpx.Response] = []

        async def llamar(metodo: str, ruta: str, **cuerpo: Any) -> None:
            respuestas.append(await api.pedir(metodo, ruta, json=cuerpo or None))

        sorteo = await casa.borrador()
        base = f"/{sorteo.id}"
        await llamar("POST", f"{base}/abrir")
        secreto = await secreto_de(casa, sorteo)
        await casa.pedir(sorteo, 2)
        await self.leer(api, base, respuestas)
        await llamar("POST", f"{base}/prorrogar", cierre="2026-03-10T00:00:00Z", motivo="x")
        await llamar("POST", f"{base}/cerrar")
        await llamar("POST", f"{base}/reabrir", motivo="x")
        await llamar("POST", f"{base}/cerrar")
        await llamar("POST", f"{base}/ejecutar", entropia=ENTROPIA)
        casa.reloj.poner(DISPONIBLE)
        casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
        await llamar("POST", f"{base}/anular", motivo="x")
        await llamar("DELETE", f"{base}/anular", motivo="x")
        with monkeypatch.context() as m:
            m.setattr(casa.r_archivos, "guardar", None)
            await llamar("POST", f"{base}/ejecutar", entropia=ENTROPIA)  # breaks with the secret in its hands
        await self.leer(api, base, respuestas)
        estados = [r.status_code for r in respuestas if r.request.method == "POST"]
        assert estados == [200, 200, 200, 200, 200, 409, 200, 500]
        # The number that was given is published with the result, not before it.
        for respuesta in respuestas:
            assert secreto not in respuesta.text
            assert secreto not in str(respuesta.headers)
            assert ENTROPIA not in respuesta.text
        assert secreto not in caplog.text
        assert secreto.encode() not in await self.todo_lo_guardado()
        assert bytes.fromhex(secreto) not in await self.todo_lo_guardado()
        await casa.caduca_el_turno()
        await casa.ejecucion.ejecutar(sorteo.oid, None)
        assert secreto in (await api.pedir("GET", f"{base}/verificacion")).text
        assert secreto.encode() in await self.todo_lo_guardado()

    async def leer(self, api: Api, base: str, respuestas: list[httpx.Response]) -> None:
        for ruta in self.RUTAS + self.MAS_RUTAS:
            for quien in (ADMIN, AUDITOR, RESIDENTE):
                respuestas.append(await api.pedir("GET", base + ruta, quien))
        respuestas.append(await api.pedir("GET", ""))

    async def todo_lo_guardado(self) -> bytes:
        coleccion = Sorteo.get_motor_collection()
        base = coleccion.database
        trozos = []
        for nombre in await base.list_collection_names():
            async for documento in base[nombre].find({}):
                trozos += [bytes(v) if isinstance(v, bytes) else repr(v).encode() for v in documento.values()]
        return b"\n".join(trozos)


class TestBoveda:
    async def test_opens_only_what_it_sealed_for_that_draw(self, casa: Casa) -> None:
        uno, otro = await casa.borrador(), await casa.borrador()
        secreto = casa.boveda.nuevo()
        sellado = casa.boveda.cerrar_texto(secreto, de=uno.oid)
        assert casa.boveda.abrir_texto(sellado, de=uno.oid) == secreto
        assert casa.boveda.abrir_texto(sellado, de=otro.oid) is None
        assert Boveda(b"otra clave").abrir_texto(sellado, de=uno.oid) is None
        for roto in (b"", sellado[:12], sellado[:-1], sellado + b"x"):
            assert casa.boveda.abrir_texto(roto, de=uno.oid) is None

    async def test_never_seals_twice_the_same(self, casa: Casa) -> None:
        sorteo = await casa.borrador()
        sellados = {casa.boveda.cerrar_texto("0" * 64, de=sorteo.oid) for _ in range(50)}
        assert len({s[:12] for s in sellados}) == 50
        assert len({casa.boveda.nuevo() for _ in range(50)}) == 50
