"""Acceptance by itself when a draw is published: of many at once, and as it would be of each by itself."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import Actor, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudAlterada, YaTieneEspacio
from app.modules.solicitudes.ventanilla.publicacion import PorPublicar
from tests.modules.solicitudes.dobles import Ocupado
from tests.modules.solicitudes.mesa import DESDE, HASTA, Mesa, Vecino
from tests.modules.solicitudes.test_indices import Oyente, cliente_mongo, oyente

__all__ = ["cliente_mongo", "oyente"]
ESPACIOS: list[str | tuple[str, str, str | None]] = [
    *(f"A-{n:02}" for n in range(1, 8)),
    ("R-01", "carro", "discapacidad"),
]


async def por_publicar(mesa: Mesa, aceptacion: str) -> tuple[PydanticObjectId, list[Vecino], dict[int, str]]:
    """A draw with what there can be among those who win: 2 has a space for that vehicle and 3 for another, 4 was left
    by all who lived there, 5 and 6 are of one flat, 7 has one by right, 8 is lent one. 9 and 10 wait."""
    sorteo_id = await mesa.sorteo(ESPACIOS, aceptacion=aceptacion, max_por_unidad=2)
    vecinos = [mesa.vecino() for _ in range(10)]
    quinto, sexto = vecinos[4], mesa.vehiculo(vecinos[4].unidad_id)
    vecinos[5] = Vecino(quinto.quien, quinto.residente_id, quinto.unidad_id, sexto)
    for vecino in vecinos:
        await mesa.pedir(sorteo_id, vecino)
    await mesa.tiene_espacio(vecinos[1], codigo="Z-02")
    await mesa.tiene_espacio(vecinos[2], codigo="Z-03", vehiculo_id=PydanticObjectId())
    await mesa.tiene_espacio(vecinos[0], codigo="Z-01", desde=DESDE.replace(year=2020), hasta=HASTA.replace(year=2020))
    mesa.espacios.por_derecho.append(Ocupado(vecinos[6].unidad_id, None, None, "moto", DESDE, HASTA))
    (cuarta,) = await mesa.solicitudes.find({"sorteo_id": sorteo_id, "folio": 4})
    await mesa.solicitudes.marcar_salidas([cuarta])
    mesa.muda(vecinos[3])
    return sorteo_id, vecinos, {n: f"A-{n:02}" for n in range(1, 8)} | {8: "R-01"}


async def una_a_una(mesa: Mesa, sorteo_id: PydanticObjectId) -> None:
    """As whoever answers would do it, one after another."""
    for ganadora in await mesa.solicitudes.find({"sorteo_id": sorteo_id, "estado": "asignada", "salida": False}):
        try:
            await mesa.decisiones._movimientos.mover(ganadora, RequestStatus.aceptada, actor=Actor.sistema)
        except YaTieneEspacio:
            continue


async def quedo(mesa: Mesa, sorteo_id: PydanticObjectId, vecinos: list[Vecino]) -> dict[str, Any]:
    """All that there is to see of it, without ids and times."""
    de = {s.oid: s for s in await mesa.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])}
    propios = {"id", "sorteo_id", "unidad_id", "residente_id", "habitantes", "vehiculo", "toques"}
    propios |= {"marca", "precinto", "suerte"}
    tenencias = await mesa.espacios.tenencias.find({"solicitud_id": {"$in": list(de)}})
    aceptadas = (await mesa.bitacora.dichos_de_todos(tipos=["solicitudes_aceptadas"]))["solicitudes_aceptadas"]
    dichas = {PydanticObjectId(id) for varias in aceptadas.values() for datos in varias for id in datos}
    casillas = await mesa.espacios.casillas.find({"sorteo_id": sorteo_id}, orden=[("codigo", 1)])
    return {
        "filas": [s.model_dump(exclude=propios) for s in de.values()],
        "enteras": [mesa.espera._precintos._entera(s.model_dump() | {"_id": s.oid}) for s in de.values()],
        "dichas": {s.folio for id, s in de.items() if id in dichas},
        "pasos": [
            [
                (m.de, m.a, m.actor, m.tipo, m.motivo, m.usuario_id is None)
                for m in await mesa.listas._historial.find({"solicitud_id": s.oid}, orden=[("cuando", 1), ("_id", 1)])
            ]
            for s in de.values()
        ],
        "tenencias": sorted(
            (de[t.solicitud_id].folio, t.codigo, t.prestado, t.desde, t.hasta, t.vigente, t.clase) for t in tenencias
        ),
        "de_quien": all(
            (t.unidad_id, t.vehiculo_id) == (de[t.solicitud_id].unidad_id, de[t.solicitud_id].vehiculo.id)
            for t in tenencias
        ),
        "casillas": [(c.codigo, None if c.de is None else de[c.de].folio) for c in casillas],
        "tocadas": {n for n, vecino in enumerate(vecinos) if vecino.unidad_id in mesa.padron.tocadas},
    }


def fotos(mesa: Mesa) -> list[tuple[str, Any, Any, Any]]:
    """What was told when it was published."""
    return [(tipo, d["folio"], d.get("espacio"), d.get("vence_en")) for tipo, _, d in mesa.avisos.dichos]


async def test_as_each_by_itself(mesa_real: Mesa) -> None:
    mesa = mesa_real
    sorteo_id, vecinos, ganadoras = await por_publicar(mesa, "requerida")
    mesa.padron.tocadas.clear()
    await mesa.publicar(sorteo_id, ganadoras, ultimo=False)
    asignadas = fotos(mesa)
    await mesa.uow.run(lambda: una_a_una(mesa, sorteo_id))
    de_una_en_una = await quedo(mesa, sorteo_id, vecinos)
    mesa.espacios.por_derecho.clear()
    mesa.avisos.dichos.clear()
    otro, vecinos, ganadoras = await por_publicar(mesa, "tacita")
    mesa.padron.tocadas.clear()
    await mesa.publicar(otro, ganadoras, ultimo=False)
    assert await quedo(mesa, otro, vecinos) == de_una_en_una
    assert await mesa.estados(otro) == [
        *("aceptada", "asignada", "aceptada", "asignada"),
        *("aceptada", "aceptada", "aceptada", "aceptada", "en_espera", "en_espera"),
    ]
    assert all(de_una_en_una["enteras"])
    # Told the same, but that who has accepted has no deadline.
    aceptadas = {1, 3, 5, 6, 7, 8}
    assert de_una_en_una["dichas"] == aceptadas
    assert fotos(mesa) == [(t, f, e, None if f in aceptadas else v) for t, f, e, v in asignadas]


async def test_as_many_commands_for_three_as_for_thirty(mesa_real: Mesa, oyente: Oyente) -> None:
    veces = []
    for cuantas in (3, 30):
        codigos = [f"A-{n:02}" for n in range(1, cuantas + 1)]
        sorteo_id = await mesa_real.sorteo(codigos, aceptacion="tacita")
        for _ in codigos:
            await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        publicar, hechas = PorPublicar.publicar, list[list[str]]()

        async def contada(lote: PorPublicar, publicar: Any = publicar, hechas: Any = hechas) -> None:
            oyente.comandos.clear()
            await publicar(lote)
            hechas.append([next(iter(c)) for c in oyente.comandos])

        with pytest.MonkeyPatch.context() as m:
            m.setattr(PorPublicar, "publicar", contada)
            await mesa_real.publicar(sorteo_id, dict(enumerate(codigos, start=1)))
        assert await mesa_real.estados(sorteo_id) == ["aceptada"] * cuantas
        veces += hechas
    assert len(veces[0]) == len(veces[1])


async def test_a_space_that_is_not_kept_for_one_stops_all(mesa_real: Mesa) -> None:
    sorteo_id = await mesa_real.sorteo(["A-01", "A-02"], aceptacion="tacita")
    for _ in range(2):
        await mesa_real.pedir(sorteo_id, mesa_real.vecino())
    asignar = mesa_real.espacios.asignar

    async def soltada(**como: Any) -> Any:
        await mesa_real.espacios.casillas.update_one({"codigo": "A-02"}, {"$set": {"de": None}})
        return await asignar(**como)

    mesa_real.espacios.asignar = soltada  # type: ignore[method-assign]
    with pytest.raises(SolicitudAlterada) as caso:
        await mesa_real.publicar(sorteo_id, {1: "A-01", 2: "A-02"})
    assert (caso.value.datos["donde"], caso.value.datos["folio"]) == ("espacios", 2)
    assert await mesa_real.estados(sorteo_id) == ["aprobada", "aprobada"]
    assert await mesa_real.espacios.tenencias.find({}) == []
