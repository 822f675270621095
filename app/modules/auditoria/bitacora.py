"""How rows come into the audit: by the unit of work, for acts; by name, for security events."""

import re
from collections.abc import Mapping, Sequence

from beanie import PydanticObjectId

from app.core.acts.contract import Llamada, llamada_en_curso
from app.core.clock import ahora
from app.core.security import Principal
from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.repository import ApunteRepository
from app.shared.transaction import dar_por_contado

SISTEMA = "sistema"
_MAX_OBJETOS = 100
_CODIGO = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,63}", re.ASCII)


class BitacoraService:
    """`database.unit_of_work.Anotador` and `auth.ports.Bitacora`."""

    def __init__(self, apuntes: ApunteRepository, clave: ClaveDeCadena) -> None:
        self._apuntes = apuntes
        self._clave = clave

    async def anotar(self, llamada: Llamada, escritos: Sequence[tuple[str, object]]) -> None:
        """The row of an act, in the transaction that makes it."""
        objetos = [*llamada.objetos, *(str(id) for _, id in escritos if isinstance(id, PydanticObjectId))]
        await self._insertar(
            accion=llamada.operacion,
            llamada=llamada,
            quien=llamada.quien,
            objetos=objetos,
            colecciones=sorted({coleccion for coleccion, _ in escritos}),
        )

    async def suceso(
        self,
        *,
        tipo: str,
        usuario_id: PydanticObjectId | None = None,
        hecho: bool = True,
        nombre: str | None = None,
        direccion: str | None = None,
        datos: Mapping[str, str] | None = None,
    ) -> None:
        """A security event: see `auth.ports.Bitacora`. Raises ValueError for `datos` that somebody may have written."""
        escritos = dict(datos or {})
        if not all(map(_CODIGO.fullmatch, (tipo, *escritos, *escritos.values()))):
            raise ValueError(f"{tipo}: what goes into the audit are codes and ids")
        if nombre is not None:
            escritos["nombre"] = self._clave.seudonimo(nombre)
        llamada = llamada_en_curso()
        quien = None if llamada is None else llamada.quien
        objetos = [] if llamada is None else list(llamada.objetos)
        await self._insertar(
            accion=tipo,
            llamada=llamada,
            quien=quien,
            actor=usuario_id,
            objetos=objetos if usuario_id is None else [*objetos, str(usuario_id)],
            datos=escritos,
            hecho=hecho,
            direccion=direccion,
        )
        dar_por_contado()

    async def _insertar(
        self,
        *,
        accion: str,
        llamada: Llamada | None,
        quien: Principal | None,
        objetos: Sequence[str],
        actor: PydanticObjectId | None = None,
        colecciones: Sequence[str] = (),
        datos: Mapping[str, str] | None = None,
        hecho: bool = True,
        direccion: str | None = None,
    ) -> None:
        await self._apuntes.anotar(
            {
                "hora": ahora(),
                "actor": actor if quien is None else quien.usuario_id,
                "rol": _rol(llamada, quien),
                "llave": None if quien is None else quien.llave_id,
                "accion": accion,
                "operacion": None if llamada is None else llamada.operacion,
                "objeto": list(dict.fromkeys(objetos))[:_MAX_OBJETOS],
                "colecciones": list(colecciones),
                "campos": [] if llamada is None else list(llamada.campos),
                "datos": dict(datos or {}),
                "resultado": "hecho" if hecho else "rechazado",
                "traza": None if llamada is None else llamada.traza,
                "direccion": direccion or (None if llamada is None else llamada.direccion),
            }
        )


def _rol(llamada: Llamada | None, quien: Principal | None) -> str | None:
    if quien is not None:
        return quien.rol.value
    # Nobody's call: what happens by itself. A call without anybody signed in has no role.
    return SISTEMA if llamada is None or llamada.traza is None else None
