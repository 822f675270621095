"""The kinds of changes that a migration is made of: see `steps.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from app.core.config import NombreDeClave


@attrs.frozen(kw_only=True)
class Cambio:
    coleccion: str
    filtro: Mapping[str, Any]
    """Those not reached yet: `cambio` must make it false."""
    cambio: Sequence[Mapping[str, Any]]
    """A pipeline of an update."""


@attrs.frozen(kw_only=True)
class Campo:
    """A field that documents of `coleccion` did not have, and its value, computed from other collections by `pasos` of
    an aggregation, which leave it under its name. `vacio`: what stood there until then, if anything did; of which
    documents it is computed then, `solo` says."""

    coleccion: str
    nombre: str
    pasos: Sequence[Mapping[str, Any]]
    vacio: Any = None
    solo: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def filtro(self) -> Mapping[str, Any]:
        return {self.nombre: {"$exists": False} if self.vacio is None else {"$eq": self.vacio}, **self.solo}

    @property
    def agregacion(self) -> Sequence[Mapping[str, Any]]:
        """One that was slow does not undo what another, and then somebody's act, have written meanwhile."""
        falta = {"$in": [{"$ifNull": [f"${self.nombre}", None]}, [None, self.vacio]]}
        si_falta = {"$set": {self.nombre: {"$cond": [falta, f"$$new.{self.nombre}", f"${self.nombre}"]}}}
        fusion = {"into": self.coleccion, "whenMatched": [si_falta], "whenNotMatched": "discard"}
        return [{"$match": self.filtro}, *self.pasos, {"$project": {self.nombre: 1}}, {"$merge": fusion}]


@attrs.frozen(kw_only=True)
class Siembra:
    """Documents that data of this version has from the beginning, also that of a complex that begins today. What is
    there under the same `clave`, which has a unique index of the name `indice`, stays as it is."""

    coleccion: str
    clave: str
    indice: str
    documentos: Sequence[Mapping[str, Any]]

    @property
    def filtro(self) -> Mapping[str, Any]:
        return {self.clave: {"$in": []}}


@attrs.frozen(kw_only=True)
class Cosecha:
    """Documents of `destino` that those of `coleccion` name, made of these by `pasos`. What is there under the same
    `clave`, which has a unique index, stays as it is."""

    coleccion: str
    filtro: Mapping[str, Any]
    pasos: Sequence[Mapping[str, Any]]
    destino: str
    clave: str

    @property
    def agregacion(self) -> Sequence[Mapping[str, Any]]:
        fusion = {"into": self.destino, "on": self.clave, "whenMatched": "keepExisting", "whenNotMatched": "insert"}
        return [{"$match": self.filtro}, *self.pasos, {"$merge": fusion}]


@attrs.frozen(kw_only=True)
class Retiro:
    """An index that nothing asks any more. Those that this version asks are made at a start."""

    coleccion: str
    indice: str

    @property
    def filtro(self) -> Mapping[str, Any]:
        return {"_id": {"$in": []}}


@attrs.frozen(kw_only=True)
class Marcado:
    """The mark that documents of `coleccion` bear from then on in the field `en`, of those `campos`, under a key of
    `clave` and `uso`: see `PrecintoDeFilas`. What stands there before marks come is believed. `solo`: which ones."""

    coleccion: str
    campos: Sequence[str]
    clave: NombreDeClave
    uso: str
    en: str = "marca"
    solo: Mapping[str, Any] = attrs.field(factory=dict)
    segun: "Marcado | None" = None
    """The mark that they bore before: one that it does not bear out is given none."""

    @property
    def filtro(self) -> Mapping[str, Any]:
        return {self.en: {"$exists": False}, **self.solo}


@attrs.frozen(kw_only=True)
class Marca:
    """Marks (`MarcasDeHechos`) of these facts of rows that have none, made of what they say now: whoever changes them
    from then on is found. The audit is told how many."""

    coleccion: str
    de: str
    hechos: Sequence[str]
    partes: Mapping[str, tuple[str, Sequence[str]]] | None = None
    juntos: Mapping[str, Sequence[str]] | None = None
    ids_de: Mapping[str, str] = attrs.field(factory=dict)
    """Of facts that are the ids of others in the collection of that name: the field by which these name the row."""
    solo: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def filtro(self) -> Mapping[str, Any]:
        return {f"marcas.{self.hechos[0]}": {"$exists": False}, **self.solo}


@attrs.frozen(kw_only=True)
class Migracion:
    numero: int
    que: str
    """For who runs the service, in Spanish."""
    cambios: Sequence[Cambio | Campo | Siembra | Cosecha | Retiro | Marcado | Marca]
