"""What the minutes of a draw say, in the words of every format. Minutes name no flat and no resident: they hold what is
published with the draw and what staff wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.modules.sorteo.acta.models import Acta
from app.modules.sorteo.acta.repository import Puesto
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import CabezaDeAuditoria, DatosDelConjunto
from app.modules.sorteo.resultados.verificacion import comandos

COLUMNAS = ("posicion", "folio", "espacio", "espera", "numero")

_MARCAS = {
    EstadoSorteo.ejecutado: "BORRADOR: el sorteo no se ha publicado",
    EstadoSorteo.anulado: "SORTEO ANULADO: este resultado no vale",
}

Campo = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Contenido:
    """`marca`: why these minutes are not final; None when they are. `datos` and `pruebas`: pairs of name and value, in
    order; `pruebas` are hashes and numbers to compare. `filas`: how many lines the result has."""

    conjunto: str
    sede: str
    papel: str
    sorteo: str
    marca: str | None
    fecha: datetime
    datos: tuple[Campo, ...]
    pruebas: tuple[Campo, ...]
    asistentes: tuple[str, ...]
    incidencias: str | None
    firmantes: tuple[Campo, ...]
    comandos: tuple[str, ...]
    filas: int

    def encabezado(self) -> Iterator[tuple[str, ...]]:
        """The part above the table of the result, as rows of cells."""
        yield "conjunto", self.conjunto
        if self.sede:
            yield "sede", self.sede
        yield "sorteo", self.sorteo
        if self.marca is not None:
            yield "estado del acta", self.marca
        yield from self.datos
        yield from self.pruebas
        for asistente in self.asistentes:
            yield "asistente", asistente
        if self.incidencias is not None:
            yield "incidencias", self.incidencias
        for nombre, cargo in self.firmantes:
            yield "firmante", nombre, cargo
        for comando in self.comandos:
            yield "comprobación", comando
        yield ()
        yield COLUMNAS


def celdas(puesto: Puesto) -> tuple[int, int, str | None, int | None, str]:
    """The cells of one line of the result, in the order of COLUMNAS."""
    return puesto.posicion, puesto.folio, puesto.espacio, puesto.espera, puesto.numero


def contenido(
    sorteo: Sorteo,
    acta: Acta | None,
    cabeza: CabezaDeAuditoria | None,
    *,
    conjunto: DatosDelConjunto,
    zona: ZoneInfo,
    fecha: datetime,
) -> Contenido:
    """The minutes of a draw that has run. `cabeza`: the head of the audit's chain at `fecha`."""
    return Contenido(
        conjunto=conjunto.nombre or "ParkNet",
        sede=" · ".join(filter(None, (_nit(conjunto), conjunto.direccion, conjunto.ciudad, conjunto.telefono))),
        papel="us-letter" if conjunto.papel == "carta" else "a4",
        sorteo=sorteo.nombre,
        marca=_MARCAS.get(sorteo.estado),
        fecha=fecha,
        datos=tuple(_presentes(_datos(sorteo, zona, fecha))),
        pruebas=tuple(_presentes(_pruebas(sorteo, cabeza))),
        asistentes=() if acta is None else tuple(acta.asistentes),
        incidencias=None if acta is None else acta.incidencias,
        firmantes=() if acta is None else tuple((f.nombre, f.cargo) for f in acta.firmantes),
        comandos=tuple(comandos(sorteo)),
        filas=sorteo.participantes or 0,
    )


def _nit(conjunto: DatosDelConjunto) -> str | None:
    return None if conjunto.nit is None else f"NIT {conjunto.nit}"


def _datos(sorteo: Sorteo, zona: ZoneInfo, fecha: datetime) -> Iterator[tuple[str, object]]:
    yield "identificador", sorteo.id
    yield "vigencia", f"{sorteo.vigencia.desde} a {sorteo.vigencia.hasta}"
    if sorteo.ensayo:
        yield "ensayo", "sí: no asigna espacios"
    yield "abierto", _hora(sorteo.abierto_en, zona)
    yield "cerrado", _hora(sorteo.cerrado_en, zona)
    yield "ejecutado", _hora(sorteo.ejecutado_en, zona)
    yield "publicado", _hora(sorteo.publicado_en, zona)
    yield "anulado", _hora(sorteo.anulado_en, zona)
    yield "espacios en juego", sorteo.espacios_en_juego
    yield "participantes", sorteo.participantes
    yield "con espacio", sorteo.admitidos
    yield "en espera", sorteo.en_espera
    yield "fecha de esta copia", _hora(fecha, zona)


def _pruebas(sorteo: Sorteo, cabeza: CabezaDeAuditoria | None) -> Iterator[tuple[str, object]]:
    yield "huella_reglas", sorteo.huella_reglas
    yield "compromiso", sorteo.compromiso
    for anterior in sorteo.huellas_anteriores:
        yield "huella anterior", anterior.huella
    yield "huella", sorteo.huella
    yield "huella_padron", sorteo.huella_padron
    yield "fuente", sorteo.fuente_entropia.texto
    yield "entropia", sorteo.entropia
    yield "secreto", sorteo.secreto
    yield "semilla", sorteo.semilla
    yield "huella_resultado", sorteo.huella_resultado
    for de_paso in sorteo.cabezas:
        yield f"auditoría al {de_paso.paso}", f"{de_paso.n}:{de_paso.mac}"
    yield "auditoría", None if cabeza is None else f"{cabeza.n}:{cabeza.mac}"


def _presentes(campos: Iterator[tuple[str, object]]) -> Iterator[Campo]:
    return ((nombre, str(valor)) for nombre, valor in campos if valor is not None)


def _hora(instante: datetime | None, zona: ZoneInfo) -> str | None:
    return None if instante is None else instante.astimezone(zona).isoformat(sep=" ", timespec="seconds")
