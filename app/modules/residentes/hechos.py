"""Which facts of a draw a change of a resident touches, noted on each flat concerned.

What staff change while a draw is open is published with its bases, so it has to be known afterwards.
"""

from app.core.clock import ahora
from app.modules.residentes.models import HECHOS_DE_QUIEN_VIVE, Residente
from app.modules.residentes.repository import UnidadRepository


async def anotar_cambios(unidades: UnidadRepository, antes: Residente, despues: Residente) -> None:
    cuando = ahora()
    campos = {campo for campo in HECHOS_DE_QUIEN_VIVE if getattr(antes, campo) != getattr(despues, campo)}
    await unidades.anotar(antes.ocupadas | despues.ocupadas, campos, cuando=cuando)
    await unidades.anotar(antes.ocupadas ^ despues.ocupadas, ["residentes"], cuando=cuando)
    tenencias = {o.unidad_id: o.tenencia for o in antes.unidades}
    otra = {o.unidad_id for o in despues.unidades if tenencias.get(o.unidad_id, o.tenencia) is not o.tenencia}
    await unidades.anotar(otra, ["tenencia"], cuando=cuando)
