"""What draws name, for who asks before a condition is deleted."""

from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import prioridad


async def nombradas(casa: Casa) -> set[str]:
    entre = ("de_regla", "de_reserva", "de_nadie")
    return {codigo for codigo in entre if await casa.registro.nombran_condicion(codigo=codigo)}


async def test_reglas_y_reservas_y_los_sorteos_que_las_copiaron(casa: Casa) -> None:
    assert await nombradas(casa) == set()
    sobre = {"campo": "condicion", "operador": "igual", "valor": "de_regla"}
    torre = {"campo": "torre", "operador": "igual", "valor": "de_nadie"}
    await casa.r_prioridades.insert(prioridad("una", condiciones=[torre, sobre]))
    assert await nombradas(casa) == {"de_regla"}
    await casa.espacios("A-01", reserva="de_reserva")
    assert await nombradas(casa) == {"de_regla", "de_reserva"}
    await casa.abierto()
    await casa.r_prioridades.delete_many({})
    await casa.r_espacios.update_many({}, {"$set": {"reserva": None}})
    # What was published goes on naming them.
    assert await nombradas(casa) == {"de_regla", "de_reserva"}


async def test_ninguna_se_borra_mientras_un_sorteo_se_abre(casa: Casa) -> None:
    """Opening asks for those that it copies, in its transaction."""
    pedidas: list[set[str]] = []
    antes = casa.padron.sin_condicion

    async def sin_condicion(*, codigos: set[str]) -> frozenset[str]:
        pedidas.append(set(codigos))
        return await antes(codigos=codigos)

    casa.padron.sin_condicion = sin_condicion  # type: ignore[method-assign, assignment]
    await casa.r_prioridades.insert(prioridad("una"))
    await casa.espacios("A-01", reserva="de_reserva")
    await casa.abierto()
    assert pedidas == [{"discapacidad", "de_reserva"}]
