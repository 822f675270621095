"""What an act tells of many things at once stands in few rows, which are found by what they are about."""

from beanie import PydanticObjectId

from app.shared.transaction import Dichos
from tests.modules.auditoria.conftest import Casa


async def test_of_each_resident(casa: Casa) -> None:
    """A hundred in a row: whoever acts for a flat is asked for by their id."""
    ids = [PydanticObjectId() for _ in range(150)]
    dichos: Dichos = {("residentes_escritos", None): {f"{id}.unidades": "1.ab" for id in ids}}
    await casa.uow.run(lambda: casa.bitacora.anotar(None, [], dichos))
    for id in (ids[0], ids[99], ids[100], ids[149]):
        (datos,) = await casa.bitacora.dichos(objeto=id, tipos=["residentes_escritos"])
        assert datos[f"{id}.unidades"] == "1.ab"


async def test_of_the_first_of_others(casa: Casa) -> None:
    ids = [PydanticObjectId() for _ in range(150)]
    dichos: Dichos = {("unidades_escritas", None): {f"{id}.al_dia": "1.ab" for id in ids}}
    await casa.uow.run(lambda: casa.bitacora.anotar(None, [], dichos))
    (datos,) = await casa.bitacora.dichos(objeto=ids[0], tipos=["unidades_escritas"])
    assert len(datos) == 150
    assert await casa.bitacora.dichos(objeto=ids[1], tipos=["unidades_escritas"]) == []
