"""Whoever writes on the assignments gets no space by it, and the audit says so."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.sorteo.asignaciones.marcas import en_fila
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.custodia import vigia
from app.modules.sorteo.exceptions import AsignacionAlterada
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.modules.sorteo.asignaciones.factories import MARCAS, asignacion, vehiculo
from tests.modules.sorteo.asignaciones.test_asignaciones import DESDE, HASTA, asignar, ver
from tests.modules.sorteo.conftest import Api, Casa

PORTERIA = principal(Rol.porteria)
OTRA, OTRO = PydanticObjectId(), PydanticObjectId()
ESCRITOS: list[Mapping[str, Any]] = [
    {"espacio": "A-09"},
    {"unidad_id": OTRA},
    {"vehiculo.id": OTRO},
    {"vehiculo.placa": "XYZ999"},
    {"solicitud_id": OTRA},
    {"desde": "2025-01-01"},
    {"hasta": "2036-12-31"},
    {"clase": "moto"},
    {"vehiculo.tipo": "moto"},
    {"prestado": True},
    {"reclamada_en": INICIO},
    {"precinto": None},
]


def sin_acto(**campos: Any) -> Asignacion:
    """As somebody puts one on the database who has no key."""
    puesta = asignacion(**campos)
    puesta.precinto = None
    return puesta


async def escribir(casa: Casa, suya: Asignacion, cambio: Mapping[str, Any]) -> None:
    assert await casa.r_asignaciones.update_many({"_id": suya.id}, {"$set": cambio}) == 1


def denunciadas(casa: Casa) -> list[PydanticObjectId]:
    return [objeto for objeto, tipo, _ in casa.bitacora.de if tipo == "asignacion_alterada"]


class TestVigilar:
    @pytest.mark.parametrize("cambio", ESCRITOS)
    async def test_what_somebody_wrote(self, casa: Casa, cambio: Mapping[str, Any]) -> None:
        suya, ajena = await asignar(casa), await asignar(casa, "A-02")
        await casa.vigia.vigilar()
        assert denunciadas(casa) == []
        await escribir(casa, suya, cambio)
        for _ in range(2):
            await casa.vigia.vigilar()
        assert denunciadas(casa) == [suya.id]
        assert await ver(casa, ajena) == ajena

    @pytest.mark.parametrize("estado", ["terminada", "devuelta", "revocada"])
    async def test_a_state_that_somebody_wrote(self, casa: Casa, estado: str) -> None:
        suya, terminada = await asignar(casa), await asignar(casa, "A-02")
        await casa.asignaciones.revocar(terminada.oid, motivo="x")
        await casa.de_terminadas.vigilar()
        assert denunciadas(casa) == []
        await escribir(casa, suya, {"estado": estado})
        await casa.de_terminadas.vigilar()
        assert denunciadas(casa) == [suya.id]

    async def test_what_somebody_put_there(self, casa: Casa) -> None:
        puesta = await casa.r_asignaciones.insert(sin_acto())
        await casa.vigia.vigilar()
        assert denunciadas(casa) == [puesta.id]

    async def test_the_mark_of_another(self, casa: Casa) -> None:
        de_otra = (await asignar(casa)).precinto
        puesta = await casa.r_asignaciones.insert(asignacion().model_copy(update={"precinto": de_otra}))
        await casa.vigia.vigilar()
        assert denunciadas(casa) == [puesta.id]

    async def test_as_many_as_there_are(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A part at each beat, and then from the first again."""
        monkeypatch.setattr(vigia, "_LOTE", 2)
        await casa.r_asignaciones.insert_many(asignacion() for _ in range(4))
        puesta = await casa.r_asignaciones.insert(sin_acto())
        for _ in range(2):
            await casa.vigia.vigilar()
        assert denunciadas(casa) == []
        await casa.vigia.vigilar()
        assert denunciadas(casa) == [puesta.id]
        primera = await casa.r_asignaciones.find_one({}, orden=[("_id", 1)])
        assert primera is not None
        await escribir(casa, primera, {"unidad_id": OTRA})
        await casa.vigia.vigilar()
        assert denunciadas(casa) == [puesta.id, primera.id]

    async def test_what_the_rules_do_is_nobodys_writing(self, casa: Casa) -> None:
        devuelta, revocada = await asignar(casa), await asignar(casa, "A-02")
        await casa.asignaciones.revocar(revocada.oid, motivo="x")
        await casa.uow.run(lambda: casa.registro.terminar(solicitud_id=devuelta.solicitud_id))
        await casa.vigia.vigilar()
        assert denunciadas(casa) == []


class TestPorteria:
    @pytest.mark.parametrize("cambio", ESCRITOS)
    async def test_lets_nobody_in_by_it(self, api: Api, cambio: Mapping[str, Any]) -> None:
        suya = await asignar(api.casa, vehiculo=vehiculo(placa="ABC123"))
        await escribir(api.casa, suya, cambio)
        placa = cambio.get("vehiculo.placa", "ABC123")
        for _ in range(2):
            assert (await api.ver("/porteria", PORTERIA, params={"placa": placa}))["permitido"] is False
        assert denunciadas(api.casa) == [suya.id]

    async def test_a_right_is_still_one(self, api: Api) -> None:
        unidad_id = PydanticObjectId()
        api.casa.padron.placas["ABC123"] = (unidad_id, "carro")
        de_derecho = {"unidad_id": unidad_id, "motivo": "escritura", "desde": DESDE, "hasta": None}
        await api.casa.espacios("A-07", titular=de_derecho)
        await api.casa.r_asignaciones.insert(sin_acto())
        assert (await api.ver("/porteria", PORTERIA, params={"placa": "ABC123"}))["espacio"] == "A-07"


class TestLoQueTieneUnaUnidad:
    async def test_what_no_act_made_keeps_nobody_from_a_space(self, casa: Casa) -> None:
        """Nobody is refused at a closing for what somebody put on the database."""
        suya, puesta = await asignar(casa), sin_acto()
        await casa.r_asignaciones.insert(puesta)
        unidades = [suya.unidad_id, puesta.unidad_id]
        ocupados = await casa.registro.ocupados(unidades=unidades, desde=DESDE, hasta=HASTA)
        assert [o.unidad_id for o in ocupados] == [suya.unidad_id]


class TestSeguida:
    def test_what_is_claimed_back(self) -> None:
        suya = asignacion()
        cambio = {"hasta": date(2026, 3, 10)}
        marca = MARCAS.seguida(en_fila(suya), cambio)
        assert MARCAS.vale(suya.model_copy(update={**cambio, "precinto": marca}))

    def test_a_broken_mark_stays_broken(self) -> None:
        rota = asignacion().model_copy(update={"unidad_id": OTRA})
        with pytest.raises(AsignacionAlterada):
            MARCAS.seguida(en_fila(rota), {"hasta": date(2026, 3, 10)})
