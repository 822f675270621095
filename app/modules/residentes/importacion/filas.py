"""A row of a roll, understood: a flat, who lives in it, their vehicles, whether it is paid up."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property, partial
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from app.core.imports.contract import Celda, Leida
from app.core.jobs.contract import Rechazo
from app.modules.residentes.importacion import valores
from app.modules.residentes.importacion.valores import CeldaRechazada
from app.modules.residentes.importacion.vocabulario import DE_TENENCIA
from app.modules.residentes.models import Tenencia, TipoDocumento, TipoVehiculo
from app.modules.residentes.schemas import Lugar, Nombre, NumeroDocumento, Telefono
from app.modules.residentes.unidades.schemas import Cupo, VehiculoCreate
from app.shared.field_rules import regla_rota
from app.shared.schemas import Correo, DeLista, Fecha, InputSchema
from app.shared.tables import si_o_no, sin_tildes
from app.shared.utils import clave_de_apartamento

T = TypeVar("T")
MAXIMO_DE_PLACAS = 50
_TODAS = frozenset({"*"})


class Supuesto(StrEnum):
    """What was guessed, as the sheet of the import says it. A column of its own corrects each."""

    correo_primero = "importacion_correo_primero"
    dia_primero = "importacion_dia_primero"
    nombre_partido = "importacion_nombre_partido"
    telefono_primero = "importacion_telefono_primero"
    tenencia = "importacion_tenencia"
    tipo_documento = "importacion_tipo_documento"
    tipo_vehiculo = "importacion_tipo_vehiculo"
    unidad_partida = "importacion_unidad_partida"


class PersonaDeFila(InputSchema):
    """What a row says of one person. `tipo_supuesto`: the kind of document is a guess, and counts for nobody who is
    there already; so does `partido` of a full name that was taken apart."""

    nombres: Nombre | None
    apellidos: Nombre | None
    partido: bool
    tipo_documento: Annotated[TipoDocumento, DeLista()]
    tipo_supuesto: bool
    numero_documento: NumeroDocumento | None
    email: Correo | None
    telefono: Telefono | None
    fecha_ingreso: Fecha | None
    tenencia: Annotated[Tenencia, DeLista()]
    tenencia_supuesta: bool


class FilaDelPadron(InputSchema):
    """None is what the row does not say. `tipos_dichos`: the kinds of vehicles are no guess."""

    torre: Lugar | None
    apartamento: Lugar | None
    al_dia: bool | None
    cupo: Cupo | None
    vehiculos: Annotated[list[VehiculoCreate], Field(max_length=MAXIMO_DE_PLACAS)]
    tipos_dichos: bool
    personas: list[PersonaDeFila]
    supuestos: list[str]

    @cached_property
    def clave(self) -> str | None:
        return None if self.apartamento is None else clave_de_apartamento(self.torre, self.apartamento)

    @property
    def nombre(self) -> str:
        return " ".join(filter(None, [self.torre, self.apartamento]))


class _Lectura:
    """Reads the cells of one row, and collects what is wrong with them."""

    def __init__(self, linea: int, celdas: Sequence[Celda]) -> None:
        self.linea = linea
        self.rechazos: list[Rechazo] = []
        self.supuestos: list[Supuesto] = []
        self._por_campo: dict[tuple[str, str], list[Celda]] = {}
        for celda in celdas:
            self._por_campo.setdefault((celda.columna.grupo, celda.columna.campo), []).append(celda)

    def celdas(self, campo: str, grupo: str = "") -> Sequence[Celda]:
        return self._por_campo.get((grupo, campo), ())

    def grupos(self, campos: frozenset[str]) -> list[str]:
        """The groups of people of whom the row says something, in order."""
        return list(dict.fromkeys(grupo for grupo, campo in self._por_campo if campo in campos))

    def leer(self, campo: str, como: Callable[[str], T], grupo: str = "") -> T | None:
        for celda in self.celdas(campo, grupo):
            return self.una(campo, como, celda.texto, grupo)
        return None

    def una(self, campo: str, como: Callable[[str], T], texto: str, grupo: str = "") -> T | None:
        try:
            return como(texto)
        except CeldaRechazada as error:
            self.rechazar(campo, error.codigo, grupo)
            return None

    def rechazar(self, campo: str, codigo: str, grupo: str = "", **datos: Any) -> None:
        self.rechazos.append(Rechazo(self.linea, f"{grupo}.{campo}" if grupo else campo, codigo, datos))

    def suponer(self, que: Supuesto) -> None:
        if que not in self.supuestos:
            self.supuestos.append(que)


def leer(linea: int, celdas: Sequence[Celda], de_personas: frozenset[str], *, con_torres: bool) -> Leida[FilaDelPadron]:
    """`con_torres`: the roll has a column of towers."""
    lectura = _Lectura(linea, celdas)
    torre, apartamento = _unidad(lectura, con_torres=con_torres)
    vehiculos, tipos_dichos = _vehiculos(lectura)
    personas = [_persona(lectura, grupo) for grupo in lectura.grupos(de_personas)]
    crudo = {
        "torre": torre,
        "apartamento": apartamento,
        "al_dia": _al_dia(lectura),
        "cupo": lectura.leer("cupo", valores.numero),
        "vehiculos": vehiculos,
        "tipos_dichos": tipos_dichos,
        "personas": personas,
        "supuestos": lectura.supuestos,
    }
    try:
        datos = FilaDelPadron.model_validate(crudo)
    except ValidationError as error:
        grupos = lectura.grupos(de_personas)
        ya = {rechazo.campo for rechazo in lectura.rechazos}
        for roto in error.errors():
            codigo, limites = regla_rota(roto["type"], roto.get("ctx", {}))
            campo = _campo(roto["loc"], grupos)
            if campo not in ya:
                lectura.rechazos.append(Rechazo(linea, campo, codigo, limites))
        return Leida(linea, None, lectura.rechazos)
    return Leida(linea, None if lectura.rechazos else datos, lectura.rechazos)


def _campo(loc: Sequence[int | str], grupos: Sequence[str]) -> str:
    """The column of ours that a broken rule is about."""
    if loc[0] == "personas" and len(loc) > 2 and (grupo := grupos[int(loc[1])]):
        return f"{grupo}.{loc[2]}"
    return str(next(parte for parte in reversed(loc) if isinstance(parte, str)))


def _unidad(lectura: _Lectura, *, con_torres: bool) -> tuple[str | None, str | None]:
    junta = lectura.leer("unidad", valores.unidad)
    if junta is not None:
        lectura.suponer(Supuesto.unidad_partida)
        return junta
    torre, apartamento = lectura.leer("torre", valores.lugar), lectura.leer("apartamento", valores.lugar)
    if not con_torres and apartamento is not None and (partida := valores.con_torre(apartamento)):
        lectura.suponer(Supuesto.unidad_partida)
        return partida
    return torre, apartamento


def _al_dia(lectura: _Lectura) -> bool | None:
    dicho = lectura.leer("al_dia", valores.al_dia)
    if dicho is not None:
        return dicho
    debe = lectura.leer("saldo", valores.debe)
    return None if debe is None else not debe


def _vehiculos(lectura: _Lectura) -> tuple[list[dict[str, Any]], bool]:
    """Each plate with its kind: as its column says, or as the column of kinds does, one for all or one for each."""
    placas: list[tuple[str, str]] = []
    for celda in lectura.celdas("placa"):
        dichas = lectura.una("placa", valores.placas, celda.texto) or []
        placas += [(placa, celda.columna.variante) for placa in dichas]
    tipos = (lectura.leer("tipo_vehiculo", valores.tipos) or []) if placas or _solo_bicicletas(lectura) else []
    electricas = lectura.leer("electrico", _electricas) or frozenset()
    if tipos and not placas:
        return [{"tipo": tipo, "electrico": False, "placa": None} for tipo in tipos], True
    vehiculos, dichos = [], True
    for orden, (placa, variante) in enumerate(dict.fromkeys(placas)):
        tipo: TipoVehiculo
        if variante:
            tipo = TipoVehiculo(variante)
        elif tipos:
            tipo = tipos[min(orden, len(tipos) - 1)]
        else:
            tipo, dichos = valores.tipo_de(placa), False
            lectura.suponer(Supuesto.tipo_vehiculo)
        motor = tipo is not TipoVehiculo.bicicleta
        electrico = motor and (electricas == _TODAS or placa in electricas)
        vehiculos.append({"tipo": tipo, "electrico": electrico, "placa": placa})
    sin_placa = [tipo for tipo in tipos[len(placas) :] if tipo is TipoVehiculo.bicicleta]
    return vehiculos + [{"tipo": tipo, "electrico": False, "placa": None} for tipo in sin_placa], dichos


def _solo_bicicletas(lectura: _Lectura) -> bool:
    """A kind without a plate says something of bicycles alone."""
    return any("bici" in sin_tildes(celda.texto) or "bike" in celda.texto for celda in lectura.celdas("tipo_vehiculo"))


def _electricas(celda: str) -> frozenset[str]:
    """The plates of electric vehicles; a yes or no is of all of them."""
    dicho = si_o_no(celda)
    if dicho is None:
        return frozenset(valores.placas(celda))
    return _TODAS if dicho else frozenset()


def _persona(lectura: _Lectura, grupo: str) -> Mapping[str, Any]:
    nombres, apellidos, partido = _nombre(lectura, grupo)
    numero, tipo, tipo_supuesto = _documento(lectura, grupo)
    tenencia, tenencia_supuesta = _tenencia(lectura, grupo)
    return {
        "nombres": nombres,
        "apellidos": apellidos,
        "partido": partido,
        "tipo_documento": tipo,
        "tipo_supuesto": tipo_supuesto,
        "numero_documento": numero,
        "email": _con_duda(lectura, "email", valores.correo, Supuesto.correo_primero, grupo),
        "telefono": _con_duda(lectura, "telefono", valores.telefono, Supuesto.telefono_primero, grupo),
        "fecha_ingreso": _con_duda(lectura, "fecha_ingreso", valores.fecha, Supuesto.dia_primero, grupo),
        "tenencia": tenencia,
        "tenencia_supuesta": tenencia_supuesta,
    }


def _con_duda(
    lectura: _Lectura, campo: str, como: Callable[[str], tuple[str, bool]], supuesto: Supuesto, grupo: str
) -> str | None:
    dicho = lectura.leer(campo, como, grupo)
    if dicho is None:
        return None
    if dicho[1]:
        lectura.suponer(supuesto)
    return dicho[0]


def _nombre(lectura: _Lectura, grupo: str) -> tuple[str | None, str | None, bool]:
    nombres, apellidos = lectura.leer("nombres", valores.texto, grupo), lectura.leer("apellidos", valores.texto, grupo)
    completo = next(iter(lectura.celdas("nombre_completo", grupo)), None)
    if nombres and apellidos:
        return nombres, apellidos, False
    if apellidos and completo is not None:
        return lectura.una("nombres", valores.texto, completo.texto, grupo), apellidos, False
    entero = nombres or (completo and lectura.una("nombre_completo", valores.texto, completo.texto, grupo))
    if not entero:
        return None, apellidos, False
    primero = completo is not None and completo.columna.variante == "apellidos"
    partes = lectura.una("nombre_completo", partial(valores.partir, apellidos_primero=primero), entero, grupo)
    if partes is None:
        return None, None, False
    if not {",", ";"} & set(entero):
        lectura.suponer(Supuesto.nombre_partido)
    return *partes, True


def _documento(lectura: _Lectura, grupo: str) -> tuple[str | None, TipoDocumento, bool]:
    leido = lectura.leer("numero_documento", valores.documento, grupo)
    escrito = lectura.leer("tipo_documento", _tipo_de_documento, grupo)
    numero, en_celda = leido or (None, None)
    celda = next(iter(lectura.celdas("numero_documento", grupo)), None)
    de_titulo = TipoDocumento(celda.columna.variante) if celda and celda.columna.variante else None
    tipo = escrito or en_celda or de_titulo
    if numero and tipo is None:
        lectura.suponer(Supuesto.tipo_documento)
    return numero, tipo or TipoDocumento.CC, tipo is None


def _tipo_de_documento(celda: str) -> TipoDocumento:
    tipo = valores.tipo_de_documento(celda)
    if tipo is None:
        raise CeldaRechazada("tipo_de_documento")
    return tipo


def _tenencia(lectura: _Lectura, grupo: str) -> tuple[Tenencia, bool]:
    def leer(celda: str) -> Tenencia:
        hallada = DE_TENENCIA.get(sin_tildes(celda))
        if hallada is None:
            raise CeldaRechazada("tenencia")
        return hallada

    escrita = lectura.leer("tenencia", leer, grupo)
    if escrita is not None:
        return escrita, False
    if grupo:
        return Tenencia(grupo), False
    if lectura.celdas("apartamento") or lectura.celdas("unidad"):
        lectura.suponer(Supuesto.tenencia)
    return Tenencia.propietario, True
