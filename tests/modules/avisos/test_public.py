"""Telling people: what is written, and what is refused."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.avisos.models import EstadoEnvio
from app.modules.avisos.public import Dato
from app.modules.avisos.tipos import TIPOS
from tests.modules.avisos.conftest import Casa, Montar

OFRECIDA: dict[str, Dato] = {
    "sorteo_id": PydanticObjectId(),
    "solicitud_id": PydanticObjectId(),
    "folio": 7,
    "espacio": "P-01",
    "vence_en": datetime(2026, 3, 5, 15, tzinfo=UTC),
}


async def test_un_aviso_y_su_correo(casa: Casa) -> None:
    residente_id = casa.directorio.residente("ana@example.com")
    await casa.servicio.avisar(tipo="solicitud_ofrecida", datos=OFRECIDA, residente_id=residente_id)
    (aviso,) = await casa.avisos.find({})
    assert (aviso.destinatario, aviso.tipo, aviso.leido) == (residente_id, "solicitud_ofrecida", False)
    assert aviso.datos == OFRECIDA | {
        "sorteo_id": str(OFRECIDA["sorteo_id"]),
        "solicitud_id": str(OFRECIDA["solicitud_id"]),
        "prestado": None,
    }
    (envio,) = await casa.r_envios.find({})
    assert (envio.aviso_id, envio.destinatario, envio.estado) == (aviso.id, residente_id, EstadoEnvio.pendiente)
    assert "ana@example.com" not in envio.model_dump_json()


async def test_a_una_cuenta(casa: Casa) -> None:
    usuario_id = PydanticObjectId()
    await casa.servicio.avisar(tipo="clave_cambiada", datos={}, usuario_id=usuario_id)
    (aviso,) = await casa.avisos.find({"destinatario": usuario_id})
    assert aviso.datos == {}


async def test_los_dias_se_guardan_como_texto_y_lo_que_falta_como_nada(casa: Casa) -> None:
    datos: dict[str, Dato] = {n: PydanticObjectId() for n in ("sorteo_id", "solicitud_id", "asignacion_id")}
    datos |= {"espacio": "P-01", "hasta": date(2026, 12, 31)}
    await casa.servicio.avisar(tipo="asignacion_por_terminar", datos=datos, residente_id=PydanticObjectId())
    await casa.servicio.avisar(tipo="sesion_nueva", datos={"dispositivo": "Android"}, usuario_id=PydanticObjectId())
    terminar, sesion = await casa.avisos.find({}, orden=[("tipo", 1)])
    assert terminar.datos["hasta"] == "2026-12-31"
    assert sesion.datos == {"dispositivo": "Android", "direccion": None}


async def test_sin_servidor_de_correo_los_avisos_estan_y_no_hay_nada_que_enviar(
    base_simulada: UnitOfWork, tmp_path: Path
) -> None:
    casa = Casa(base_simulada, tmp_path)
    await casa.servicio.avisar(tipo="clave_cambiada", datos={}, usuario_id=PydanticObjectId())
    await casa.servicio.escribir(
        tipo="recuperacion", para="ana@example.com", idioma="es", datos={}, secretos={"enlace": "https://x/y"}
    )
    assert await casa.avisos.count({}) == 1
    assert await casa.r_envios.count({}) == 0
    await casa.enviar()


class TestLoQueEsUnDefectoDeQuienLlama:
    @pytest.mark.parametrize("quien", [{}, {"usuario_id": PydanticObjectId(), "residente_id": PydanticObjectId()}])
    async def test_un_aviso_es_de_uno(self, quien: Mapping[str, PydanticObjectId], casa: Casa) -> None:
        with pytest.raises(ValueError, match="de una cuenta o de un residente"):
            await casa.servicio.avisar(tipo="clave_cambiada", datos={}, **quien)

    @pytest.mark.parametrize(
        ("tipo", "datos"),
        [
            ("no_hay", {}),
            ("rol_cambiado", {}),
            ("rol_cambiado", {"rol": "admin", "mas": "x"}),
            ("clave_cambiada", {"x": 1}),
        ],
    )
    async def test_cada_tipo_tiene_sus_datos(self, tipo: str, datos: Mapping[str, Any], casa: Casa) -> None:
        with pytest.raises(ValueError, match=tipo):
            await casa.servicio.avisar(tipo=tipo, datos=datos, usuario_id=PydanticObjectId())
        with pytest.raises(ValueError, match=tipo):
            await casa.servicio.difundir(tipo=tipo, datos=datos)
        assert await casa.avisos.count({}) == 0

    @pytest.mark.parametrize("secretos", [{}, {"token": "x"}, {"enlace": "x", "token": "x"}])
    async def test_un_enlace_va_entre_los_secretos(self, secretos: Mapping[str, str], casa: Casa) -> None:
        with pytest.raises(ValueError, match="secretos"):
            await casa.servicio.escribir(
                tipo="recuperacion", para="ana@example.com", idioma="es", datos={}, secretos=secretos
            )

    def test_lo_que_se_dice_una_vez_nombra_datos_que_no_faltan(self) -> None:
        for nombre, tipo in TIPOS.items():
            assert set(tipo.una_vez or ()) <= tipo.datos, nombre


async def test_lo_de_una_vez_no_se_repite_aunque_se_diga_otra(montar: Montar) -> None:
    casa = montar()
    ana, luis = PydanticObjectId(), PydanticObjectId()
    otro_plazo = OFRECIDA | {"vence_en": datetime(2026, 3, 9, 15, tzinfo=UTC)}
    otra_solicitud = OFRECIDA | {"solicitud_id": PydanticObjectId()}
    for _ in range(2):
        await casa.servicio.avisar_varios(
            tipo="plazo_por_vencer",
            avisos=[(ana, OFRECIDA), (ana, OFRECIDA), (luis, OFRECIDA), (ana, otro_plazo), (ana, otra_solicitud)],
        )
    assert await casa.avisos.count({"destinatario": ana}) == 3
    assert await casa.avisos.count({"destinatario": luis}) == 1
    for _ in range(2):
        await casa.servicio.avisar(tipo="solicitud_ofrecida", datos=OFRECIDA, residente_id=ana)
    assert await casa.avisos.count({"tipo": "solicitud_ofrecida"}) == 2


async def test_lo_que_se_deshace_no_se_le_dice_a_nadie(montar: Montar) -> None:
    casa = montar(smtp_host="127.0.0.1")

    class Ay(Exception):
        pass

    async def paso() -> None:
        await casa.servicio.avisar(tipo="clave_cambiada", datos={}, usuario_id=PydanticObjectId())
        await casa.servicio.avisar_varios(tipo="solicitud_ofrecida", avisos=[(PydanticObjectId(), OFRECIDA)])
        await casa.servicio.difundir(tipo="rol_cambiado", datos={"rol": "admin"})
        await casa.servicio.escribir(
            tipo="recuperacion", para="ana@example.com", idioma="es", datos={}, secretos={"enlace": "https://x/y"}
        )
        raise Ay

    with pytest.raises(Ay):
        await casa.uow.run(paso)
    for repositorio in (casa.avisos, casa.difusiones, casa.r_envios):
        assert await repositorio.count({}) == 0


async def test_mil_avisos_son_dos_escrituras(montar: Montar) -> None:
    casa = montar(smtp_host="127.0.0.1")
    await casa.servicio.avisar_varios(tipo="solicitud_ofrecida", avisos=[(PydanticObjectId(), OFRECIDA)] * 1000)
    assert await casa.avisos.count({}) == await casa.r_envios.count({}) == 1000
    base = casa.avisos._coleccion.database
    await base.command("profile", 2)
    await casa.servicio.avisar_varios(tipo="solicitud_ofrecida", avisos=[(PydanticObjectId(), OFRECIDA)] * 1000)
    await base.command("profile", 0)
    hechas = [fila async for fila in base["system.profile"].find({"ns": {"$regex": "avisos"}})]
    await base.drop_collection("system.profile")
    assert [(fila["op"], fila["ns"].split(".", 1)[1]) for fila in hechas] == [
        ("insert", "avisos"),
        ("insert", "avisos_envios"),
    ]
