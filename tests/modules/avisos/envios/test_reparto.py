"""From one document to everybody: in batches, by several at once, whatever breaks."""

import asyncio

import pytest
from beanie import PydanticObjectId
from pymongo.errors import BulkWriteError

from app.modules.avisos.envios import reparto
from app.modules.avisos.public import Dato, nuevo_aviso
from app.modules.avisos.repository import AvisoRepository
from tests.conftest import Reloj
from tests.modules.avisos.conftest import Casa, Montar

DATOS: dict[str, Dato] = {"sorteo_id": PydanticObjectId(), "nombre": "Primero", "motivo": "porque sí"}


@pytest.fixture
def lotes_de_diez(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reparto, "LOTE", 10)


async def _repartidos(casa: Casa) -> list[PydanticObjectId]:
    return sorted([a.destinatario for a in await casa.avisos.find({})])


@pytest.mark.usefixtures("lotes_de_diez")
class TestReparto:
    @pytest.mark.parametrize("cuantos", [0, 1, 10, 25, 30])
    async def test_llega_a_cada_uno_una_vez(self, cuantos: int, montar: Montar) -> None:
        casa = montar(smtp_host="127.0.0.1")
        todos = [casa.directorio.residente() for _ in range(cuantos)]
        casa.directorio.del_personal = [PydanticObjectId() for _ in range(12)]
        await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)
        assert await _repartidos(casa) == []
        for _ in range(2):
            await casa.repartir()
        esperados = sorted(todos + casa.directorio.del_personal)
        assert await _repartidos(casa) == esperados
        assert sorted([e.destinatario for e in await casa.r_envios.find({})]) == esperados  # type: ignore[type-var]
        (difusion,) = await casa.difusiones.find({})
        assert (difusion.pendiente, difusion.repartidos) == (False, cuantos + 12)
        assert difusion.terminada_en is not None

    async def test_varios_a_la_vez(self, montar: Montar) -> None:
        casa = montar()
        todos = [casa.directorio.residente() for _ in range(123)]
        for _ in range(2):
            await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)
        await asyncio.gather(*(casa.repartir() for _ in range(4)))
        assert await _repartidos(casa) == sorted(todos * 2)
        assert sum(d.repartidos for d in await casa.difusiones.find({})) == 246

    async def test_lo_que_se_corta_sigue_donde_iba(self, montar: Montar, monkeypatch: pytest.MonkeyPatch) -> None:
        casa = montar()
        todos = [casa.directorio.residente() for _ in range(35)]
        await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)
        insertar, veces = AvisoRepository.insert_rows, 0

        async def falla_la_tercera(self: AvisoRepository, docs: object, **mas: object) -> None:
            nonlocal veces
            veces += 1
            await insertar(self, docs, **mas)  # type: ignore[arg-type]
            if veces == 3:
                raise RuntimeError("se fue la luz")

        monkeypatch.setattr(AvisoRepository, "insert_rows", falla_la_tercera)
        with pytest.raises(RuntimeError, match="la luz"):
            await casa.repartir()
        assert await _repartidos(casa) == todos[:20]
        await casa.repartir()
        assert await _repartidos(casa) == todos


async def test_ni_la_base_de_datos_admite_dos_de_lo_mismo(montar: Montar, reloj: Reloj) -> None:
    casa = montar()
    difusion_id, quien = PydanticObjectId(), PydanticObjectId()
    escritos = {n: str(v) for n, v in DATOS.items()}

    async def uno(difusion_id: PydanticObjectId | None) -> None:
        await casa.avisos.insert_rows([nuevo_aviso("sorteo_anulado", quien, escritos, reloj.instante, difusion_id)])

    await uno(difusion_id)
    await uno(None)
    await uno(None)
    with pytest.raises(BulkWriteError):
        await uno(difusion_id)
