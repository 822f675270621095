"""What an API key finds in the box of who made it: nothing."""

from dataclasses import replace

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.shared.exceptions import LlaveNoAdmitida, NoEncontrado
from app.shared.pagination import PageQuery
from tests.modules.avisos.conftest import Casa

ADMIN = Principal(usuario_id=PydanticObjectId(), rol=Rol.admin, sesion_id=PydanticObjectId())


@pytest.mark.parametrize("rol", [Rol.admin, Rol.operador, Rol.auditor])
async def test_una_llave_no_lee_ni_calla_lo_de_quien_la_hizo(rol: Rol, casa: Casa) -> None:
    """Who has a leaked key would mark as read what tells its maker of it, or be sent what wakes their phone."""
    llave = replace(ADMIN, rol=rol, sesion_id=None, llave_id=PydanticObjectId())
    await casa.servicio.avisar(tipo="llave_creada", datos={"nombre": "tablero"}, usuario_id=ADMIN.usuario_id)
    (aviso,) = (await casa.buzon.listar(leido=None, consulta=PageQuery(), quien=ADMIN)).items
    assert (await casa.buzon.listar(leido=None, consulta=PageQuery(), quien=llave)).items == []
    assert await casa.buzon.sin_leer(quien=llave) == 0
    for mirar in (casa.buzon.ver, casa.buzon.leer):
        with pytest.raises(NoEncontrado):
            await mirar(aviso.oid, llave)
    with pytest.raises(LlaveNoAdmitida):
        await casa.buzon.guardar_dispositivo("aparato-" * 5, "web", llave)
    assert await casa.dispositivos.find({}) == []
    assert await casa.buzon.sin_leer(quien=ADMIN) == 1
