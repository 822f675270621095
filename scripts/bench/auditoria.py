"""What the audit costs a write of staff: the same call on the same database, with it and without, in turns.

With it, a round ends when what it wrote is sealed: the sealer's work is part of the price. The write is the smallest
that there is, the change of a space, for which the audit weighs the most; `pelado` is the same change as one bare
transaction of the driver.
"""

from typing import Any

from beanie import PydanticObjectId
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.wiring.build import Servicios
from scripts.bench.banco import Banco
from scripts.bench.medida import Lado, Razon, a_la_vez, entre, por_turnos

_RONDAS = 20
_ESCRITURAS = 120
_MINIMO = 0.80


async def medir(banco: Banco) -> list[Razon]:
    for i in range(_ESCRITURAS):
        await banco.pedir("POST", "/sorteo/espacios", {"codigo": f"B-{i}", "tipo": "carro"})
    await _sellar(banco)
    razones = []
    for escritores in (1, 8):
        con, sin, pelado = await por_turnos(
            [_con(banco, escritores), _cambiar(banco, banco.sin, escritores), _pelado(banco, escritores)],
            rondas=_RONDAS,
        )
        que = f"cambiar un espacio, {'1 escritor' if escritores == 1 else f'{escritores} escritores'}"
        # Throughput is the inverse of time.
        razones += [
            Razon(que, "con auditoría", "sin ella", entre(sin, con), _MINIMO, minimo=True),
            Razon(que, "sin auditoría", "pelado", entre(pelado, sin)),
        ]
    return razones


def _con(banco: Banco, escritores: int) -> Lado:
    cambiar = _cambiar(banco, banco.con, escritores)

    async def lado() -> None:
        await cambiar()
        await _sellar(banco)

    return lado


async def _sellar(banco: Banco) -> None:
    for tarea in banco.con.auditoria.cada_poco:
        await tarea()


def _cambiar(banco: Banco, servicios: Servicios, escritores: int) -> Lado:
    async def cambiar(i: int) -> None:
        await banco.pedir("PATCH", f"/sorteo/espacios/B-{i}", {"zona": f"zona {PydanticObjectId()}"}, a=servicios)

    return lambda: a_la_vez(escritores, _ESCRITURAS, cambiar)


def _pelado(banco: Banco, escritores: int) -> Lado:
    coleccion = banco.base["espacios"]

    async def cambiar(i: int) -> None:
        async with await banco.cliente.start_session() as sesion:
            sesion.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
            crudo: Any = await coleccion.find_one({"codigo": f"B-{i}"}, session=sesion)
            cambio = {"$set": {"zona": f"zona {PydanticObjectId()}"}}
            await coleccion.update_one({"_id": crudo["_id"]}, cambio, session=sesion)
            await sesion.commit_transaction()

    return lambda: a_la_vez(escritores, _ESCRITURAS, cambiar)
