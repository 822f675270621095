"""Requests of an annulled draw, copied into the draw that repeats it, while that draw is not open."""

from collections.abc import Mapping

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.estados import Fase, RequestStatus
from app.modules.solicitudes.exceptions import VehiculoAjeno
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.movimientos.marcas import Marcas, huella_de
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.ports import Espacios, Padron
from app.modules.solicitudes.ventanilla.repository import PasoRepository, VentanillaRepository


@attrs.define(kw_only=True)
class Copias:
    """In batches, each in the transaction of its caller. The window says how far they came."""

    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _marcas: Marcas
    _padron: Padron
    _espacios: Espacios

    async def vehiculo_alterado(
        self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int
    ) -> PydanticObjectId | None:
        """Of the next `limite`, in the transaction that copies them: whether a vehicle is still the flat's is read of
        it."""
        ventanilla = await self._ventanillas.get(a)
        if ventanilla is None:
            return None
        siguientes = await self._pasos.terminadas_al_anular(
            sorteo_id=de, despues_de=ventanilla.copiada_hasta, limite=limite
        )
        return await self._padron.vehiculo_alterado(vehiculos=[s.vehiculo.id for s in siguientes])

    async def copiar(self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int) -> int:
        """The next `limite`, by folio, in the state they had; how many. What they may use is read from the terms and
        the spaces of the other draw."""
        ventanilla = await self._ventanillas.get(a)
        if ventanilla is None or ventanilla.fase is not Fase.borrador:
            return 0
        terminadas = await self._pasos.terminadas_al_anular(
            sorteo_id=de, despues_de=ventanilla.copiada_hasta, limite=limite
        )
        if not terminadas:
            return 0
        # Whoever leaves a flat, or takes its vehicle away, at this moment does not see the copy, and collides.
        await self._padron.tocar_unidades(unidades={s.unidad_id for s in terminadas})
        de_quien = await self._padron.de_quien(vehiculos=[s.vehiculo.id for s in terminadas])
        codigos = {codigo for s in terminadas for codigo in s.preferencias}
        tipos = await self._espacios.tipos(sorteo_id=a, codigos=sorted(codigos))
        copias = [
            copia_de(s, ventanilla, folio, suyo=de_quien.get(s.vehiculo.id) == s.unidad_id, tipos=tipos)
            for folio, s in enumerate(terminadas, start=ventanilla.ultimo_folio + 1)
        ]
        for de_antes, copia in zip(terminadas, copias, strict=True):
            if self._marcas.sigue(de_antes):
                self._marcas.marcar(copia)
        await self._movimientos.copiar(copias)
        await self._ventanillas.contar(a, ultimo_folio=copias[-1].folio, copiada_hasta=terminadas[-1].folio)
        return len(copias)

    async def descartar(self, *, sorteo_id: PydanticObjectId, limite: int) -> bool:
        """Take away up to `limite` of them, the last ones, with their history: nobody but staff has seen them. Whether
        there was any."""
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None or ventanilla.fase is not Fase.borrador or ventanilla.ultimo_folio == 0:
            return False
        quedan = max(0, ventanilla.ultimo_folio - limite)
        ids = await self._pasos.borrar_copias(sorteo_id=sorteo_id, despues_de=quedan)
        await self._movimientos.borrar_de_copias(ids)
        await self._ventanillas.contar(sorteo_id, ultimo_folio=quedan, copiada_hasta=0)
        return True


def copia_de(
    solicitud: Solicitud, ventanilla: Ventanilla, folio: int, *, suyo: bool, tipos: Mapping[str, str]
) -> Solicitud:
    """As it stood before it was drawn; refused when the vehicle is no longer the flat's. `tipos`: the kinds of spaces
    that the other draw has: what is wished for and is none of them goes."""
    momento, usables = ahora(), ventanilla.terminos.admite(solicitud.clase, solicitud.acepta)
    copia: Solicitud = solicitud.model_copy(
        update={
            "id": PydanticObjectId(),
            "sorteo_id": ventanilla.oid,
            "folio": folio,
            "tipos": usables,
            "terminos": huella_de(ventanilla.terminos),
            "preferencias": [codigo for codigo in solicitud.preferencias if tipos.get(codigo) in usables],
            "estado": solicitud.antes_de_anular if suyo else RequestStatus.rechazada,
            "viva": suyo,
            "motivo": None if suyo else VehiculoAjeno.codigo,
            "espacio": None,
            "espera": None,
            "prestado": False,
            "condiciones": [],
            "sorteada": False,
            "ofrecida": False,
            "precinto": None,
            "tuvo": False,
            "suerte": None,
            "vez": 1,
            "marca": None,
            "vence_en": None,
            "antes_de_anular": None,
            "antes_del_cierre": None,
            "creado_en": momento,
            "actualizado_en": momento,
        }
    )
    return copia
