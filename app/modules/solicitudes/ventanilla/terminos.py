"""What the terms of a draw say of its requests, once they are read. Pure."""

from collections.abc import Mapping
from datetime import datetime

import attrs
from bson import ObjectId

from app.modules.solicitudes.models import Terminos, Ventanilla
from app.modules.solicitudes.movimientos.marcas import huella_de
from app.shared.repository import Fila


def en_json(ventanilla: Ventanilla | None) -> Mapping[str, object]:
    """By what the window judges requests, with its `cierre` and the `clases` of its spaces, in order."""
    if ventanilla is None:
        return {"clases": None}
    propios: dict[str, object] = ventanilla.model_dump(mode="json", include={"cierre"})
    propios["clases"] = [list(clase) for clase in sorted(ventanilla.clases, key=str)]
    return ventanilla.terminos.model_dump(mode="json") | propios


@attrs.define
class PorTerminos:
    """Whether the live requests of a draw are such as its terms let in: they are taken by ascending folio, as they are
    stored. The hand-in judged each by what stood on the database at that moment, and unique indexes kept others out as
    long as they were there. So all is asked again here, of the terms that the opening published.

    Of copies, which have the first folios, the terms of another draw said when they were handed in, and how many a flat
    may have."""

    _terminos: Terminos
    _cierre: datetime | None
    _copiadas: int
    _huella: str = attrs.field(init=False)
    _vehiculos: set[ObjectId] = attrs.field(factory=set, init=False)
    _lugares: set[tuple[ObjectId, int]] = attrs.field(factory=set, init=False)
    _de_unidad: dict[ObjectId, list[str]] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._huella = huella_de(self._terminos)

    def admiten(self, fila: Fila) -> bool:
        """Together with those before it."""
        vehiculo, unidad_id, terminos = fila["vehiculo"], fila["unidad_id"], self._terminos
        lugar = (unidad_id, fila["ranura"])
        if vehiculo["id"] in self._vehiculos or lugar in self._lugares:
            return False
        self._vehiculos.add(vehiculo["id"])
        self._lugares.add(lugar)
        otras = self._de_unidad.setdefault(unidad_id, [])
        cabe = fila["folio"] <= self._copiadas or (
            len(otras) < terminos.max_por_unidad > fila["ranura"]
            and terminos.cabe_otra(vehiculo["tipo"], otras)
            and (self._cierre is None or fila["creado_en"] < self._cierre)
        )
        otras.append(vehiculo["tipo"])
        # Rows of before have none.
        por_cuales = fila.get("terminos") or self._huella
        return cabe and por_cuales == self._huella and fila["tipos"] == terminos.admite(fila["clase"], fila["acepta"])
