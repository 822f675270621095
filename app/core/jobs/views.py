"""What is stored of a job, as others see it."""

from collections.abc import AsyncIterator
from datetime import tzinfo

from beanie import PydanticObjectId

from app.core.jobs.contract import Entregado, Fallo, TrabajoOut, TrabajoVisto, trabajo_out
from app.core.jobs.models import ArchivoGuardado, FilaRechazada, Trabajo
from app.core.security import Principal
from app.shared.messages import Idioma, mensaje
from app.shared.tables import escribir_fila

_FILAS = 200


def dueno_de(quien: Principal) -> PydanticObjectId:
    """Whose the jobs are that `quien` asks for. What an API key asked for is the key's: who made the key has another
    role, perhaps, and other keys."""
    return quien.llave_id or quien.usuario_id


def visto(trabajo: Trabajo) -> TrabajoVisto:
    fallo = trabajo.fallo
    return TrabajoVisto(
        id=trabajo.oid,
        tipo=trabajo.tipo,
        estado=trabajo.estado,
        hecho=trabajo.hecho,
        total=trabajo.total,
        errores=trabajo.errores,
        resultado=trabajo.resultado,
        fallo=None if fallo is None else Fallo(codigo=fallo.codigo, status=fallo.status, datos=fallo.datos),
        archivo=None if trabajo.archivo is None else _entregado(trabajo.archivo),
        version=trabajo.version,
    )


def _entregado(archivo: ArchivoGuardado) -> Entregado | None:
    if archivo.nombre is None or archivo.tipo is None or archivo.vence_en is None:
        return None
    return Entregado(nombre=archivo.nombre, tipo=archivo.tipo, tamano=archivo.tamano, vence_en=archivo.vence_en)


class Escritor:
    """Writes of jobs in the language of who reads."""

    def __init__(self, idioma: Idioma, zona: tzinfo) -> None:
        self._idioma = idioma
        self._zona = zona

    def trabajo(self, trabajo: TrabajoVisto) -> TrabajoOut:
        return trabajo_out(trabajo, self._idioma, self._zona)

    async def rechazos(self, filas: AsyncIterator[FilaRechazada], separador: str) -> AsyncIterator[str]:
        """The refused rows as CSV, a few at a time."""
        lineas = [escribir_fila(("linea", "campo", "codigo", "motivo"), separador)]
        async for fila in filas:
            motivo = mensaje(fila.codigo, self._idioma, fila.datos, self._zona)
            lineas.append(escribir_fila((fila.linea, fila.campo, fila.codigo, motivo), separador))
            if len(lineas) >= _FILAS:
                yield "".join(lineas)
                lineas = []
        yield "".join(lineas)
