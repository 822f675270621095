"""Who calls, where signing in is not what a test is about."""

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.shared.exceptions import TokenInvalido


def principal(rol: Rol, residente_id: PydanticObjectId | None = None) -> Principal:
    return Principal(usuario_id=PydanticObjectId(), rol=rol, sesion_id=PydanticObjectId(), residente_id=residente_id)


class FakeAutenticador:
    def __init__(self) -> None:
        self._quienes: dict[str, Principal] = {}

    def entrar(self, quien: Principal) -> dict[str, str]:
        """Headers of a request by `quien`."""
        token = str(quien.usuario_id)
        self._quienes[token] = quien
        return {"Authorization": f"Bearer {token}"}

    async def autenticar(self, token: str) -> Principal:
        if token not in self._quienes:
            raise TokenInvalido()
        return self._quienes[token]
