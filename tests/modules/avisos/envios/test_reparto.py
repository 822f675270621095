"""From one document to everybody: in batches, by several at once, whatever breaks."""

import asyncio
from typing import Any

import pytest
from beanie import PydanticObjectId
from pymongo.errors import BulkWriteError

from app.core.security import Principal, Rol
from app.modules.avisos.envios import reparto
from app.modules.avisos.models import Aviso
from app.modules.avisos.public import Dato, nuevo_aviso
from app.modules.avisos.repository import AvisoRepository
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import Page, PageQuery
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


class TestAlMomento:
    """What everybody is told is there for whoever looks, before the workers have come to them."""

    def quien(self, residente_id: PydanticObjectId | None, **mas: Any) -> Principal:
        rol = Rol.admin if residente_id is None else Rol.residente
        datos: dict[str, Any] = {"usuario_id": PydanticObjectId(), "rol": rol, "sesion_id": PydanticObjectId()}
        return Principal(**datos | mas, residente_id=residente_id)

    async def listar(self, casa: Casa, quien: Principal, leido: bool | None = None, **consulta: Any) -> Page[Aviso]:
        return await casa.buzon.listar(leido=leido, consulta=PageQuery(**consulta), quien=quien)

    async def test_al_que_mira_ya_le_llego(self, montar: Montar) -> None:
        casa = montar(smtp_host="127.0.0.1")
        ana, luis = casa.directorio.residente(), casa.directorio.residente()
        quien = self.quien(ana)
        await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)
        assert await casa.buzon.sin_leer(quien=quien) == 1
        (aviso,) = (await self.listar(casa, quien)).items
        assert (aviso.tipo, aviso.leido) == ("sorteo_anulado", False)
        assert await casa.buzon.ver(aviso.oid, quien) == aviso
        assert await casa.avisos.find({}) == []  # who looks writes nothing
        with pytest.raises(NoEncontrado):
            await casa.buzon.leer(aviso.oid, self.quien(luis))
        leido = await casa.buzon.leer(aviso.oid, quien)
        assert (leido.oid, leido.leido) == (aviso.oid, True)
        assert await casa.buzon.sin_leer(quien=quien) == 0
        assert (await self.listar(casa, quien, leido=False)).items == []
        await casa.repartir()
        assert await _repartidos(casa) == sorted([ana, luis])
        assert (await self.listar(casa, quien)).items == [leido]
        assert sorted([e.destinatario for e in await casa.r_envios.find({})]) == sorted([ana, luis])  # type: ignore[type-var]

    async def test_a_la_vez_que_se_reparte(self, montar: Montar) -> None:
        casa = montar()
        ids = [casa.directorio.residente() for _ in range(20)]
        await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)

        async def mirar_y_leer(id: PydanticObjectId) -> int:
            quien = self.quien(id)
            (aviso,) = (await self.listar(casa, quien)).items
            await casa.buzon.leer(aviso.oid, quien)
            return await casa.buzon.sin_leer(quien=quien)

        _, *sin_leer = await asyncio.gather(casa.repartir(), *[mirar_y_leer(id) for id in ids])
        assert sin_leer == [0] * 20
        assert await _repartidos(casa) == sorted(ids)

    @pytest.mark.parametrize("orden", ["-creado_en", "creado_en"])
    async def test_en_su_lugar_de_cada_pagina(self, orden: str, montar: Montar, reloj: Reloj) -> None:
        """Also when they are written between one page and the next."""
        casa = montar()
        ana = casa.directorio.residente()
        quien, nombres = self.quien(ana), [f"n{n}" for n in range(7)]
        for n, nombre in enumerate(nombres):
            datos = DATOS | {"nombre": nombre}
            if n % 2:
                await casa.servicio.avisar(tipo="sorteo_anulado", datos=datos, residente_id=ana)
            else:
                await casa.servicio.difundir(tipo="sorteo_anulado", datos=datos)
            reloj.avanzar(seconds=1)
        for repartir_tras in (None, 1):
            vistos, cursor, veces = [], None, 0
            while veces == 0 or cursor is not None:
                pagina = await self.listar(casa, quien, limite=2, cursor=cursor, orden=orden, contar=True)
                assert (len(pagina.items) <= 2, pagina.total) == (True, 7)
                vistos += [a.datos["nombre"] for a in pagina.items]
                cursor, veces = pagina.siguiente, veces + 1
                if veces == repartir_tras:
                    await casa.repartir()
            assert vistos == (nombres[::-1] if orden.startswith("-") else nombres)
        (uno, *_) = (await self.listar(casa, quien)).items
        assert (await self.listar(casa, quien, ids=[uno.oid])).items == [uno]

    async def test_a_una_cuenta_del_personal_y_a_ninguna_llave(self, montar: Montar) -> None:
        casa = montar()
        admin = self.quien(None)
        casa.directorio.del_personal = [admin.usuario_id]
        await casa.servicio.difundir(tipo="sorteo_anulado", datos=DATOS)
        llave = self.quien(None, usuario_id=admin.usuario_id, llave_id=PydanticObjectId())
        assert await casa.buzon.sin_leer(quien=llave) == 0
        assert await casa.buzon.sin_leer(quien=admin) == 1
        await casa.repartir()
        assert await _repartidos(casa) == [admin.usuario_id]


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
