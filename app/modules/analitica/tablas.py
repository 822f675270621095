"""The tables outside: their columns, and how a stored row becomes one of them.

No name, document, plate or text of anybody is in a column, nor which condition a space is kept for. Flats, requests and
assignments go under pseudonyms: a keyed hash of their id, so that a flat is the same one everywhere and over the years,
and nobody without the key can tell which. Whoever throws the key away has made the whole data set anonymous.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId
from bson import ObjectId

Tipo = Literal["STRING", "INTEGER", "BOOLEAN", "DATE", "TIMESTAMP"]
Valor = str | int | bool | None


@attrs.frozen(kw_only=True)
class Columna:
    nombre: str
    tipo: Tipo
    que: str


@attrs.frozen(kw_only=True)
class Tabla:
    """`clave`: the column that, within a complex, names a row. Each table is partitioned by the day in `dia`.
    `coleccion`: whose documents its rows follow: a result counts once its draw says so."""

    nombre: str
    coleccion: str
    clave: str
    que: str
    propias: Sequence[Columna]

    @property
    def sigue_a_otra(self) -> bool:
        return self.coleccion != self.nombre

    @property
    def columnas(self) -> Sequence[Columna]:
        return (*DE_TODAS, *self.propias)


DE_TODAS = (
    Columna(nombre="conjunto", tipo="STRING", que="el conjunto, como lo nombra su administrador"),
    Columna(nombre="dia", tipo="DATE", que="el día por el que la tabla está repartida"),
    Columna(nombre="borrado", tipo="BOOLEAN", que="la fila ya no existe en ParkNet"),
    Columna(nombre="marca", tipo="INTEGER", que="el turno de trabajo que la escribió; el mayor es el último"),
)


def _columnas(**tipos: tuple[Tipo, str]) -> Sequence[Columna]:
    return [Columna(nombre=nombre, tipo=tipo, que=que) for nombre, (tipo, que) in tipos.items()]


SORTEOS = Tabla(
    nombre="sorteos",
    coleccion="sorteos",
    clave="sorteo",
    que="Un sorteo por fila, por el día en que se creó",
    propias=_columnas(
        sorteo=("STRING", "id del sorteo"),
        nombre=("STRING", "nombre del sorteo"),
        estado=("STRING", "borrador, abierto, cerrado, ejecutado, publicado, finalizado o anulado"),
        ensayo=("BOOLEAN", "un ensayo, que nunca se publica"),
        repite_a=("STRING", "id del sorteo anulado que repite"),
        vigencia_desde=("DATE", "primer día de uso de los espacios"),
        vigencia_hasta=("DATE", "último día"),
        espacios=("INTEGER", "espacios en juego"),
        participantes=("INTEGER", "solicitudes en las bases"),
        admitidos=("INTEGER", "recibieron espacio en el sorteo"),
        en_espera=("INTEGER", "quedaron en lista de espera"),
        creado_en=("TIMESTAMP", ""),
        abierto_en=("TIMESTAMP", ""),
        cerrado_en=("TIMESTAMP", ""),
        ejecutado_en=("TIMESTAMP", ""),
        publicado_en=("TIMESTAMP", ""),
        finalizado_en=("TIMESTAMP", ""),
        anulado_en=("TIMESTAMP", ""),
    ),
)
SOLICITUDES = Tabla(
    nombre="solicitudes",
    coleccion="solicitudes",
    clave="solicitud",
    que="Una solicitud por fila, por el día en que se hizo",
    propias=_columnas(
        solicitud=("STRING", "seudónimo"),
        sorteo=("STRING", "id del sorteo"),
        unidad=("STRING", "seudónimo de la unidad"),
        clase=("STRING", "carro, carro_electrico, moto o bicicleta"),
        estado=("STRING", "el estado de ahora"),
        espera=("INTEGER", "puesto en la lista de espera que dio el sorteo"),
        prestado=("BOOLEAN", "tiene, o se le ofrece, un espacio reservado que se presta"),
        creado_en=("TIMESTAMP", ""),
        actualizado_en=("TIMESTAMP", ""),
        vence_en=("TIMESTAMP", "hasta cuándo puede responder"),
    ),
)
RESULTADOS = Tabla(
    nombre="resultados",
    coleccion="sorteos",
    clave="solicitud",
    que="Lo que un sorteo dijo de una solicitud, por el día en que se ejecutó; nunca cambia",
    propias=_columnas(
        solicitud=("STRING", "seudónimo"),
        sorteo=("STRING", "id del sorteo"),
        unidad=("STRING", "seudónimo de la unidad"),
        posicion=("INTEGER", "puesto en el orden del sorteo"),
        espera=("INTEGER", "puesto en la lista de espera, si no recibió"),
        recibio=("BOOLEAN", "recibió espacio"),
        pedido=("STRING", "tipo de espacio que pidió primero"),
        espacio_tipo=("STRING", "tipo del que recibió"),
        reservado=("BOOLEAN", "el que recibió está reservado para alguna condición"),
        prestado=("BOOLEAN", "lo recibió prestado"),
        nivel=("INTEGER", "nivel de prioridad"),
        boletas=("INTEGER", "boletas"),
    ),
)
ASIGNACIONES = Tabla(
    nombre="asignaciones",
    coleccion="asignaciones",
    clave="asignacion",
    que="Quién tiene qué espacio y entre qué días, por el primero de ellos",
    propias=_columnas(
        asignacion=("STRING", "seudónimo"),
        solicitud=("STRING", "seudónimo"),
        sorteo=("STRING", "id del sorteo"),
        unidad=("STRING", "seudónimo de la unidad"),
        espacio=("STRING", "código del espacio"),
        clase=("STRING", "clase de vehículo"),
        desde=("DATE", "primer día"),
        hasta=("DATE", "último día que cuenta como tenido"),
        estado=("STRING", "vigente, terminada, devuelta o revocada"),
        prestado=("BOOLEAN", "un espacio reservado que se presta"),
        creado_en=("TIMESTAMP", "cuándo se aceptó"),
        terminado_en=("TIMESTAMP", ""),
    ),
)
ESPACIOS = Tabla(
    nombre="espacios",
    coleccion="espacios",
    clave="espacio",
    que="Un espacio por fila, como es ahora, por el día en que se creó",
    propias=_columnas(
        espacio=("STRING", "id del espacio"),
        codigo=("STRING", "código del espacio"),
        tipo=("STRING", "lo que cabe en él"),
        zona=("STRING", ""),
        uso=("STRING", "residentes, visitantes o servicio"),
        activo=("BOOLEAN", ""),
        reservado=("BOOLEAN", "reservado para alguna condición"),
        con_titular=("BOOLEAN", "de alguien por derecho propio, fuera de los sorteos"),
        creado_en=("TIMESTAMP", ""),
        actualizado_en=("TIMESTAMP", ""),
    ),
)
TABLAS = (SORTEOS, SOLICITUDES, RESULTADOS, ASIGNACIONES, ESPACIOS)


@attrs.define(kw_only=True)
class Traductor:
    """From stored rows to those outside. `zona`: by whose clock the days of instants are."""

    _conjunto: str
    _clave: bytes
    _zona: ZoneInfo

    def seudonimo(self, clase: str, id: PydanticObjectId) -> str:
        return hmac.digest(self._clave, f"parknet/analitica/{clase}/".encode() + id.binary, "sha256")[:16].hex()

    def fila(self, tabla: Tabla, fila: Mapping[str, Any]) -> dict[str, Valor]:
        """`fila`, with the fields that `sorteo.public.filas` and `solicitudes.public.filas` say."""
        propias = _DE[tabla.nombre](self, fila)
        dia = propias.pop("dia")
        return {"conjunto": self._conjunto, "dia": self._dia(dia), "borrado": False} | {
            nombre: _valor(valor) for nombre, valor in propias.items()
        }

    def borrada(self, tabla: Tabla, id: PydanticObjectId) -> dict[str, Valor]:
        """What stays of a row that is there no more: its key."""
        clave = self._clave_de(tabla, id)
        return {"conjunto": self._conjunto, "dia": None, "borrado": True, tabla.clave: clave}

    def _clave_de(self, tabla: Tabla, id: PydanticObjectId) -> str:
        return str(id) if tabla in (SORTEOS, ESPACIOS) else self.seudonimo(tabla.clave, id)

    def _dia(self, cuando: datetime | str | None) -> str | None:
        return cuando.astimezone(self._zona).date().isoformat() if isinstance(cuando, datetime) else cuando

    def _sorteo(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        iguales = _iguales(
            fila,
            ("nombre", "estado", "ensayo", "participantes", "admitidos", "en_espera", "creado_en", "abierto_en"),
            ("cerrado_en", "ejecutado_en", "publicado_en", "finalizado_en", "anulado_en"),
        )
        return iguales | {
            "dia": fila["creado_en"],
            "sorteo": fila["_id"],
            "repite_a": fila["repite_a"],
            "vigencia_desde": fila["vigencia"]["desde"],
            "vigencia_hasta": fila["vigencia"]["hasta"],
            "espacios": fila["espacios_en_juego"],
        }

    def _solicitud(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        iguales = _iguales(fila, ("clase", "estado", "espera", "prestado", "creado_en", "actualizado_en", "vence_en"))
        return iguales | {
            "dia": fila["creado_en"],
            "solicitud": self.seudonimo("solicitud", fila["_id"]),
            "sorteo": fila["sorteo_id"],
            "unidad": self.seudonimo("unidad", fila["unidad_id"]),
        }

    def _resultado(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        return _iguales(fila, ("posicion", "espera", "espacio_tipo", "prestado", "nivel", "boletas")) | {
            "dia": fila["ejecutado_en"],
            "solicitud": self.seudonimo("solicitud", fila["solicitud_id"]),
            "sorteo": fila["sorteo_id"],
            "unidad": self.seudonimo("unidad", fila["unidad_id"]),
            "recibio": fila["espacio_tipo"] is not None,
            "pedido": fila["tipos"][0],
            "reservado": None if fila["espacio_tipo"] is None else fila["espacio_reserva"] is not None,
        }

    def _asignacion(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        iguales = _iguales(fila, ("espacio", "clase", "desde", "estado", "prestado", "creado_en", "terminado_en"))
        return iguales | {
            "dia": fila["desde"],
            "asignacion": self.seudonimo("asignacion", fila["_id"]),
            "solicitud": self.seudonimo("solicitud", fila["solicitud_id"]),
            "sorteo": fila["sorteo_id"],
            "unidad": self.seudonimo("unidad", fila["unidad_id"]),
            "hasta": fila["tenida_hasta"],
        }

    def _espacio(self, fila: Mapping[str, Any]) -> dict[str, Any]:
        return _iguales(fila, ("codigo", "tipo", "zona", "uso", "activo", "creado_en", "actualizado_en")) | {
            "dia": fila["creado_en"],
            "espacio": fila["_id"],
            "reservado": fila["reserva"] is not None,
            "con_titular": fila["titular"] is not None,
        }


_DE: Mapping[str, Callable[[Traductor, Mapping[str, Any]], dict[str, Any]]] = {
    "sorteos": Traductor._sorteo,
    "solicitudes": Traductor._solicitud,
    "resultados": Traductor._resultado,
    "asignaciones": Traductor._asignacion,
    "espacios": Traductor._espacio,
}


def _iguales(fila: Mapping[str, Any], *campos: Sequence[str]) -> dict[str, Any]:
    return {campo: fila[campo] for varios in campos for campo in varios}


def _valor(valor: datetime | date | ObjectId | Valor) -> Valor:
    """As JSON has it."""
    if isinstance(valor, datetime):
        return valor.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(valor, ObjectId | date):
        return str(valor)
    return valor
