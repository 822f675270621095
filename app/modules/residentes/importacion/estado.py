"""What the rows of a batch speak of, as it is and as the batch would leave it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.imports.contract import Ensayada, Hecho
from app.modules.residentes.busqueda.claves import en_orden_natural, palabras_de_residente, palabras_de_unidad, plegar
from app.modules.residentes.models import TipoDocumento
from app.modules.residentes.rotulos.repository import viviendas
from app.shared.utils import clave_de_apartamento

Fila = dict[str, Any]


class Clase(StrEnum):
    unidad = "unidad"
    residente = "residente"
    vehiculo = "vehiculo"


class Cambio(StrEnum):
    """What a row does, as the sheet of the import says it."""

    unidad_nueva = "importacion_unidad_nueva"
    residente_nuevo = "importacion_residente_nuevo"
    vehiculo_nuevo = "importacion_vehiculo_nuevo"
    al_dia = "importacion_al_dia"
    cupo = "importacion_cupo"
    residente = "importacion_residente"
    vive_en = "importacion_vive_en"
    tenencia = "importacion_tenencia"
    vehiculo = "importacion_vehiculo"
    residente_no_creado = "importacion_residente_no_creado"
    vehiculo_no_creado = "importacion_vehiculo_no_creado"


@attrs.define(kw_only=True, eq=False)
class Cosa:
    """A flat, a person or a vehicle, as its row in the database. `antes`: what the batch changed, as it was."""

    clase: Clase
    fila: Fila
    nueva: bool = False
    antes: Fila = attrs.field(factory=dict)

    @property
    def id(self) -> PydanticObjectId:
        id: PydanticObjectId = self.fila["_id"]
        return id

    def poner(self, cambios: Mapping[str, Any]) -> None:
        for campo, valor in cambios.items():
            self.antes.setdefault(campo, self.fila.get(campo))
            self.fila[campo] = valor

    def hecho(self) -> Hecho:
        """For who takes it back."""
        despues = self.fila if self.nueva else {campo: self.fila[campo] for campo in self.antes}
        return Hecho(self.clase, self.id, None if self.nueva else self.antes, despues)


def claves_de(clase: Clase, fila: Mapping[str, Any]) -> list[str]:
    """Under what rows look for a thing."""
    match clase:
        case Clase.unidad:
            return [f"u:{en_orden_natural(clave_de_apartamento(fila['torre'], fila['apartamento']))}"]
        case Clase.residente:
            viven = [f"r:{ocupacion['unidad_id']}" for ocupacion in fila["unidades"]]
            return [f"d:{fila['numero_documento']}", *([f"e:{fila['email']}"] if fila["email"] else []), *viven]
        case Clase.vehiculo:
            return [*([f"p:{fila['placa']}"] if fila["placa"] else []), f"v:{fila['unidad_id']}"]


@attrs.define(kw_only=True)
class Vista:
    """All that a batch may speak of. `propias`: the flats of whoever imports, and `yo`, about whom an operador decides
    nothing. `pedidos`: vehicles in live requests, whose kind stays."""

    propias: frozenset[PydanticObjectId]
    yo: PydanticObjectId | None
    pedidos: frozenset[PydanticObjectId] = frozenset()
    _por_clave: dict[str, list[Cosa]] = attrs.field(factory=dict)
    cosas: list[Cosa] = attrs.field(factory=list)

    def sumar(self, clase: Clase, filas: Iterable[Fila]) -> None:
        for fila in filas:
            self.poner(Cosa(clase=clase, fila=fila | {"_id": PydanticObjectId(fila["_id"])}))

    def poner(self, cosa: Cosa) -> None:
        self.cosas.append(cosa)
        for clave in claves_de(cosa.clase, cosa.fila):
            self._por_clave.setdefault(clave, []).append(cosa)

    def mudar(self, cosa: Cosa, cambios: Mapping[str, Any]) -> None:
        """Change it, where it is found under other keys from then on."""
        antes = claves_de(cosa.clase, cosa.fila)
        cosa.poner(cambios)
        despues = claves_de(cosa.clase, cosa.fila)
        for clave in set(antes) - set(despues):
            self._por_clave[clave].remove(cosa)
        for clave in set(despues) - set(antes):
            self._por_clave.setdefault(clave, []).append(cosa)

    def unidad(self, clave: str) -> Cosa | None:
        return next((u for u in self._parecidas(clave) if _clave(u) == clave), None)

    def parecida(self, clave: str) -> Cosa | None:
        """One that people take for it: `102` and `0102`, `Peñón` and `Penon`."""
        return next(iter(self._parecidas(clave)), None)

    def residente(self, numero: str, tipo: TipoDocumento | None) -> Cosa | None:
        """Of that kind of document; of any, where it is not known and there is one alone."""
        hallados = self._por_clave.get(f"d:{numero}", [])
        if tipo is not None:
            hallados = [r for r in hallados if r.fila["tipo_documento"] == tipo.value]
        return hallados[0] if len(hallados) == 1 else None

    def llamado(self, nombre: str, unidad: Cosa) -> Cosa | None:
        """Who lives in that flat and has that name, in any order of its words."""
        buscado = palabras_de(nombre)
        viven = self._por_clave.get(f"r:{unidad.id}", [])
        return next((r for r in viven if palabras_de(f"{r.fila['nombres']} {r.fila['apellidos']}") == buscado), None)

    def de_correo(self, email: str) -> Cosa | None:
        return next(iter(self._por_clave.get(f"e:{email}", [])), None)

    def vehiculo(self, placa: str) -> Cosa | None:
        return next(iter(self._por_clave.get(f"p:{placa}", [])), None)

    def vehiculos_de(self, unidad: Cosa) -> Sequence[Cosa]:
        return self._por_clave.get(f"v:{unidad.id}", [])

    def _parecidas(self, clave: str) -> Sequence[Cosa]:
        return self._por_clave.get(f"u:{en_orden_natural(clave)}", [])

    def de(self, clase: Clase) -> Iterator[Cosa]:
        return (cosa for cosa in self.cosas if cosa.clase is clase)

    def escritas(self, clase: Clase | None = None) -> list[Cosa]:
        """What is new or other."""
        return [cosa for cosa in self.cosas if (cosa.nueva or cosa.antes) and clase in (None, cosa.clase)]

    def ensayadas(self) -> list[Ensayada]:
        return [Ensayada(f"{c.clase}:{c.id}", claves_de(c.clase, c.fila), c.fila) for c in self.escritas()]


def rotulos_nuevos(vista: Vista) -> dict[PydanticObjectId, Fila]:
    """What stands beside the new flats and residents. No command more, of a roll that begins with none of them."""
    placas = _placas_nuevas(vista)
    pisos = {unidad.id: unidad.fila for unidad in vista.de(Clase.unidad)}
    de_unidades: dict[PydanticObjectId, Fila] = {}
    for id, fila in pisos.items():
        juntas = palabras_de_unidad(fila["torre"], fila["apartamento"], placas.get(id, []))
        de_unidades[id] = {"palabras": sorted({*juntas, *fila.get("palabras", ())})}
    return de_unidades | {
        r.id: {
            "palabras": palabras_de_residente(
                r.fila["nombres"],
                r.fila["apellidos"],
                r.fila["numero_documento"],
                *(de_unidades[o["unidad_id"]]["palabras"] for o in r.fila["unidades"]),
            ),
            "viven_en": viviendas(r.fila["unidades"], pisos),
        }
        for r in vista.de(Clase.residente)
        if r.nueva
    }


def con_otras_placas(vista: Vista) -> list[PydanticObjectId]:
    """Flats there were, with plates that they did not have."""
    placas = _placas_nuevas(vista)
    return [unidad.id for unidad in vista.de(Clase.unidad) if not unidad.nueva and unidad.id in placas]


def _placas_nuevas(vista: Vista) -> dict[PydanticObjectId, list[str]]:
    placas: dict[PydanticObjectId, list[str]] = {}
    for vehiculo in vista.de(Clase.vehiculo):
        if vehiculo.nueva and vehiculo.fila["placa"] is not None:
            placas.setdefault(vehiculo.fila["unidad_id"], []).append(vehiculo.fila["placa"])
    return placas


def palabras_de(nombre: str) -> list[str]:
    return sorted(plegar(nombre.replace(",", " ")).split())


def _clave(unidad: Cosa) -> str:
    return clave_de_apartamento(unidad.fila["torre"], unidad.fila["apartamento"])
