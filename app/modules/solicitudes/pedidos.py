"""What handing in a request and changing one have in common."""

from collections.abc import Sequence

from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import SinEspacioCompatible, VehiculoAjeno, YaTieneEspacio
from app.modules.solicitudes.impedimentos import SIN_ESPACIO_COMPATIBLE, YA_TIENE_ESPACIO
from app.modules.solicitudes.models import Terminos, VehiculoPedido
from app.modules.solicitudes.ports import Padron
from app.shared.exceptions import EntradaInvalida

_RECHAZOS = {YA_TIENE_ESPACIO: YaTieneEspacio, SIN_ESPACIO_COMPATIBLE: SinEspacioCompatible}


async def vehiculo_de(
    padron: Padron, unidad_id: PydanticObjectId, *, vehiculo_id: PydanticObjectId | None, placa: str | None = None
) -> VehiculoPedido:
    """The flat's vehicle. Raises VehiculoAjeno, the same for another's and for none."""
    vehiculo = await padron.vehiculo(vehiculo_id=vehiculo_id, placa=placa)
    if vehiculo is None or vehiculo.unidad_id != unidad_id:
        raise VehiculoAjeno()
    return VehiculoPedido(id=vehiculo.id, tipo=vehiculo.tipo, electrico=vehiculo.electrico, placa=vehiculo.placa)


def tipos_de(terminos: Terminos, clase: str, acepta: list[str] | None) -> list[str]:
    """The kinds of space the vehicle may use, the preferred first. Raises EntradaInvalida when `acepta` has others."""
    if acepta is not None and not set(acepta) <= set(terminos.compatibilidad.get(clase, [])):
        raise EntradaInvalida.en("acepta", "valor_no_admitido")
    return admitidos(terminos, clase, acepta)


def admitidos(terminos: Terminos, clase: str, acepta: list[str] | None) -> list[str]:
    """The same of a request made on other terms: what these do not have is left out."""
    return [tipo for tipo in terminos.compatibilidad.get(clase, []) if acepta is None or tipo in acepta]


def exigir_espacio(impedimentos: Sequence[str]) -> None:
    """Raises the impediment that refuses a request at once. Arrears do not: they are judged at the closing."""
    for impedimento in impedimentos:
        if impedimento in _RECHAZOS:
            raise _RECHAZOS[impedimento]()
