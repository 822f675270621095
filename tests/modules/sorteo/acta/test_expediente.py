"""The file for an auditor: who gets it, and that it is enough to check the draw with nothing else."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.core.security import Principal
from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, AUDITOR, ENTROPIA, RESIDENTE


async def bajar(api: Api, sorteo: Sorteo, quien: Principal = AUDITOR) -> bytes:
    respuesta = await api.pedir("GET", f"/{sorteo.id}/expediente", quien)
    assert respuesta.status_code == 200, respuesta.text
    assert respuesta.headers["content-type"] == "application/zip"
    return respuesta.content


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    await api.casa.espacios("A-1", "A-2")
    return await api.casa.publicado(5)


class TestExpediente:
    @pytest.mark.parametrize("paso", ["borrador", "abierto", "cerrado"])
    async def test_not_before_it_has_run(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await api.pedir("GET", f"/{sorteo.id}/expediente")) == (404, "no_disponible")

    async def test_byte_for_byte_the_same(self, api: Api, sorteo: Sorteo) -> None:
        primero = await bajar(api, sorteo)
        api.casa.reloj.avanzar(days=2)
        assert await bajar(api, sorteo, ADMIN) == primero

    async def test_checked_with_nothing_else(self, api: Api, sorteo: Sorteo, tmp_path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(await bajar(api, sorteo))) as expediente:
            expediente.extractall(tmp_path)
            assert all(entrada.date_time == (1980, 1, 1, 0, 0, 0) for entrada in expediente.infolist())
        sumas = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False)  # noqa: ASYNC221, S607
        assert sumas.returncode == 0, sumas
        assert sorteo.secreto is None or sorteo.secreto
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        orden = [sys.executable, "motor.py", "bases.jsonl", "--secreto", visto["secreto"], f"--entropia={ENTROPIA}"]
        hecho = subprocess.run(  # noqa: ASYNC221, S603
            [*orden, "--verificar", "resultado.jsonl"], cwd=tmp_path, capture_output=True, check=False
        )
        assert hecho.returncode == 0, hecho
        pagina = (tmp_path / "LEAME.html").read_text(encoding="utf-8")
        assert "python3 motor.py bases.jsonl" in pagina
        assert "http" not in pagina.replace("http-equiv", "")
        assert (tmp_path / "acta.pdf").read_bytes().startswith(b"%PDF-")

    async def test_bases_of_a_closing_that_was_undone(self, api: Api) -> None:
        abierto = await api.casa.cerrado(2)
        await api.casa.reapertura.reabrir(abierto.oid, motivo="faltaba uno", cierre=None)
        cerrado = await api.casa.cierre.cerrar(abierto.oid)
        api.casa.reloj.poner(cerrado.fuente_entropia.conocible_desde)
        sorteo = await api.casa.ejecucion.ejecutar(cerrado.oid, ENTROPIA)
        with zipfile.ZipFile(io.BytesIO(await bajar(api, sorteo))) as expediente:
            assert f"bases-anteriores/{abierto.huella}.jsonl" in expediente.namelist()

    async def test_claims_without_flats(self, api: Api, sorteo: Sorteo) -> None:
        await api.pedir("POST", f"/{sorteo.id}/reclamos", RESIDENTE, {"texto": "No oí el número"})
        with zipfile.ZipFile(io.BytesIO(await bajar(api, sorteo))) as expediente:
            reclamos = expediente.read("reclamos.json").decode()
        assert "No oí el número" in reclamos
        assert str(RESIDENTE.residente_id) not in reclamos
