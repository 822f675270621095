"""What people write in the cells of a roll, and what they mean by it. Each function gives the value and whether it was
guessed, or raises CeldaRechazada."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from app.core.imports.reading import es_formula, fallo
from app.modules.residentes.importacion.vocabulario import DE_VEHICULO
from app.modules.residentes.models import TipoDocumento, TipoVehiculo
from app.shared.tables import si_o_no, sin_tildes
from app.shared.utils import normalizar_placa

_DE_CADA_MES = "ene jan|feb fev|mar|abr apr|may mai|jun|jul|ago aug|sep set|oct out|nov|dic dec dez"
_MESES = _DE_CADA_MES.replace(" ", "|")
_FECHA_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: .*)?")
_FECHA = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_CASI_FECHA = re.compile(rf"\d{{1,2}}[-/ ]({_MESES})\.?|({_MESES})\.?[-/ ]\d{{1,4}}")
_SERIE = re.compile(r"[1-6]\d{4}")
_APOSTROFO = re.compile("^['’](?=[0-9])")
_HORA = re.compile(r"(?:\d+ days?, )?\d{1,3}:\d{2}(?::\d{2}.*)?")
_CIENTIFICA = re.compile(r"\d+([.,]\d+)?e\+?\d+", re.IGNORECASE)
_DECIMALES_CERO = re.compile(r"(\d+)[.,]0+")
_MONEDA = re.compile(r"[\s$€]|cop|clp|brl|r\$|us\$|usd", re.IGNORECASE)
_GUION = re.compile(r"[$€\s]*-[\s€-]*")
_EN_PALABRAS = re.compile(
    rf"(\d{{1,2}})(?:\s+de\s+|[\s/.-]+)({_MESES})[a-z]*\.?(?:\s+del?\s+|[\s/.,-]+)(\d{{4}})", re.IGNORECASE
)
_CON_TORRE = re.compile(
    r"((?:torre|bloque|edificio|interior|manzana|tower|block|building|bloco)\s+[^\s,/-]+)"
    r"(?:\s*[,/-]\s*|\s+(?=apto|apt|apartamento|ap|casa|unidad|flat))"
    r"(?:(?:apto|apt|apartamento|ap|unidad|flat)\b\.?\s*)?(\S.*)",
    re.IGNORECASE,
)
_TIPO_Y_NUMERO = re.compile(r"([A-Za-z]\.? ?[A-Za-z]\.?(?: ?[A-Za-z]\.?)?)\s*[:#-]?\s*(?:No?\.?|N°)?\s*(?=\d)")
_SEPARADORES = re.compile(r"[,;/|\n+&]|\s+[yYeE]\s+|\s+-\s+")
# Plates as the countries of our users make them: Colombia, Brazil, Argentina, Chile; cars first.
_PLACA = re.compile(
    r"[A-Z]{3}\d{2}[A-Z](?!\d)|[A-Z]{3}\d[A-Z]\d{2}|[A-Z]{2}\d{3}[A-Z]{2}|[A-Z]{4}\d{2}|[A-Z]{3}\d{3,4}"
)
_DE_MOTO = re.compile(r"[A-Z]{3}\d{2}[A-Z]?|[A-Z]\d{3}[A-Z]{3}")
_PARTICULA = re.compile("de|del|la|las|los|da|das|do|dos|di|san|santa|van|von|y|e|mac", re.IGNORECASE)
_CERO = date(1899, 12, 30)


class CeldaRechazada(Exception):
    """`codigo`: the rule that the cell breaks."""

    def __init__(self, codigo: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo


def texto(celda: str) -> str:
    """Without the apostrophe that makes a text of a number. Raises CeldaRechazada for a formula that was saved as such,
    and for what a spreadsheet shows where one failed."""
    if codigo := "es_formula" if es_formula(celda) else fallo(celda):
        raise CeldaRechazada(codigo)
    return _APOSTROFO.sub("", " ".join(celda.split()))


def lugar(celda: str) -> str:
    """A tower, or a flat. `12-1`, which a spreadsheet takes for a day of January, is lost there."""
    dicho = texto(celda)
    fechas = _FECHA_ISO, _FECHA, _HORA
    if any(forma.fullmatch(dicho) for forma in fechas) or _CASI_FECHA.fullmatch(sin_tildes(dicho)):
        raise CeldaRechazada("parece_fecha")
    return _sin_decimales(dicho)


def unidad(celda: str) -> tuple[str | None, str]:
    """`1-101`, `T1 / 101`, `Torre 2 Apto 301`: tower and flat in one cell, the flat last."""
    dicho = lugar(celda)
    if partida := con_torre(dicho):
        return partida
    partes = [
        parte
        for parte in re.split(r"\s*[-/,]\s*|\s+(?:apto|apartamento|apt|ap|casa)\.?\s+", dicho, flags=re.I)
        if parte
    ]
    if len(partes) == 1 and dicho.count(" ") == 1:
        partes = dicho.split()
    if len(partes) == 1:
        return None, dicho
    return " ".join(partes[:-1]), partes[-1]


def con_torre(apartamento: str) -> tuple[str, str] | None:
    """Tower and flat of `Torre 1 - 101`, where a roll without a column of towers names the tower in that of flats."""
    partes = _CON_TORRE.fullmatch(apartamento)
    return None if partes is None else (partes[1], partes[2])


def documento(celda: str) -> tuple[str, TipoDocumento | None]:
    """The number, and its kind where the cell says one too: `C.C. 1.020.330`."""
    dicho = texto(celda)
    if _CIENTIFICA.fullmatch(dicho):
        raise CeldaRechazada("cifras_perdidas")
    tipo = None
    if (con_tipo := _TIPO_Y_NUMERO.match(dicho)) and (hallado := tipo_de_documento(con_tipo[1])):
        tipo, dicho = hallado, dicho[con_tipo.end() :]
    return _sin_decimales(dicho.replace(",", ".")), tipo


def tipo_de_documento(celda: str) -> TipoDocumento | None:
    dicho = re.sub(r"[^a-z ]", "", sin_tildes(celda))
    siglas = dicho.replace(" ", "").upper()
    if siglas in TipoDocumento.__members__:
        return TipoDocumento(siglas)
    largos = {
        "extranjeria": TipoDocumento.CE,
        "cedula": TipoDocumento.CC,
        "pasaporte": TipoDocumento.PA,
        "passport": TipoDocumento.PA,
        "tarjeta": TipoDocumento.TI,
        "run": TipoDocumento.RUT,
    }
    return next((tipo for palabra, tipo in largos.items() if palabra in dicho.split()), None)


def telefono(celda: str) -> tuple[str, bool]:
    """The first of several."""
    dicho = texto(celda)
    if _CIENTIFICA.fullmatch(dicho):
        raise CeldaRechazada("cifras_perdidas")
    dichos = [parte.strip() for parte in re.split(r"[/;,|\n]|\s-\s|\s[yo]\s", dicho) if parte.strip()]
    primero = _sin_decimales(dichos[0]) if dichos else ""
    return primero, len(dichos) > 1


def correo(celda: str) -> tuple[str, bool]:
    """The first of several."""
    dichos = [parte for parte in re.split(r"[/;,|\s]+", texto(celda)) if parte]
    return (dichos[0] if dichos else "").removeprefix("mailto:"), len(dichos) > 1


def fecha(celda: str) -> tuple[str, bool]:
    """As `YYYY-MM-DD`, from that, from `31/12/2024`, from `31 de diciembre de 2024`, or from the number that a
    spreadsheet keeps for a day."""
    dicho = texto(celda)
    if iso := _FECHA_ISO.fullmatch(dicho):
        return "-".join(iso.groups()), False
    if partes := _FECHA.fullmatch(dicho):
        dia, mes, anno = (int(parte) for parte in partes.groups())
        if mes > 12:
            dia, mes = mes, dia
        return f"{anno:04}-{mes:02}-{dia:02}", dia <= 12 and dia != mes
    if en_palabras := _EN_PALABRAS.fullmatch(sin_tildes(dicho)):
        dicho_el, palabra, anno_dicho = en_palabras.groups()
        del_mes = next(n for n, suyos in enumerate(_DE_CADA_MES.split("|"), start=1) if palabra in suyos.split())
        return f"{anno_dicho}-{del_mes:02}-{int(dicho_el):02}", False
    if _SERIE.fullmatch(dicho):
        return (_CERO + timedelta(days=int(dicho))).isoformat(), False
    raise CeldaRechazada("fecha_invalida")


def al_dia(celda: str) -> bool:
    dicho = sin_tildes(celda)
    if dicho.startswith(("al dia", "paz y salvo", "en paz", "paid", "em dia")):
        return True
    if dicho.startswith(("en mora", "mora", "moroso", "debe", "in arrears", "atrasad", "inadimplente")):
        return False
    hallado = si_o_no(celda)
    if hallado is None:
        raise CeldaRechazada("si_o_no")
    return hallado


def debe(celda: str) -> bool:
    """Whether an amount, or a yes, in a column of arrears is above zero."""
    dicho = texto(celda)
    if _GUION.fullmatch(dicho):
        return False
    if (hallado := si_o_no(dicho)) is not None and not dicho.isdigit():
        return hallado
    cifra = _MONEDA.sub("", dicho)
    negativo = cifra.startswith(("-", "(")) or cifra.endswith("-")
    cifra = cifra.strip("-()")
    entera = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", cifra).replace(",", ".")
    if not re.fullmatch(r"\d{1,15}(\.\d{1,20})?", entera):
        raise CeldaRechazada("numero_invalido")
    return not negativo and Decimal(entera) > 0


def numero(celda: str) -> int:
    dicho = _sin_decimales(celda)
    if not (dicho.isascii() and dicho.isdigit() and len(dicho) <= 9):
        raise CeldaRechazada("numero_invalido")
    return int(dicho)


def placas(celda: str) -> list[str]:
    """One or several, however they are kept apart."""
    halladas: list[str] = []
    for parte in _SEPARADORES.split(texto(celda)):
        junta = normalizar_placa(parte).replace(".", "")
        varias = _PLACA.findall(junta)
        halladas += varias if len(varias) > 1 and "".join(varias) == junta else [junta]
    return [placa for placa in halladas if placa]


def tipos(celda: str) -> list[TipoVehiculo]:
    """Raises CeldaRechazada where one of them is none."""
    halladas = []
    for parte in _SEPARADORES.split(texto(celda)):
        palabras = re.findall(r"[a-z]+", sin_tildes(parte))
        tipo = next((DE_VEHICULO[palabra] for palabra in palabras if palabra in DE_VEHICULO), None)
        if tipo is None:
            raise CeldaRechazada("tipo_de_vehiculo")
        halladas.append(tipo)
    return halladas


def tipo_de(placa: str) -> TipoVehiculo:
    """What a plate of that shape is on; a car, where it does not tell."""
    return TipoVehiculo.moto if _DE_MOTO.fullmatch(placa) else TipoVehiculo.carro


def partir(nombre: str, *, apellidos_primero: bool = False) -> tuple[str, str]:
    """Names and surnames of a full name: surnames before a comma or a semicolon, or else the last two words of three or
    more, with their particles. Raises CeldaRechazada where there is one word alone."""
    nombre = nombre.replace(";", ",")
    antes, coma, despues = nombre.partition(",")
    if coma and antes.strip() and despues.strip():
        return despues.strip(), antes.strip()
    palabras = _con_particulas(nombre.replace(",", " ").split())
    if len(palabras) < 2:
        raise CeldaRechazada("nombre_incompleto")
    de_apellido = 1 if len(palabras) == 2 else 2
    if apellidos_primero:
        return " ".join(palabras[de_apellido:]), " ".join(palabras[:de_apellido])
    return " ".join(palabras[:-de_apellido]), " ".join(palabras[-de_apellido:])


def _con_particulas(palabras: Sequence[str]) -> list[str]:
    """`de la Cruz` is one word of a name."""
    juntas: list[str] = []
    sueltas: list[str] = []
    for palabra in palabras:
        sueltas.append(palabra)
        if not _PARTICULA.fullmatch(palabra):
            juntas.append(" ".join(sueltas))
            sueltas = []
    return [*juntas, *sueltas]


def _sin_decimales(dicho: str) -> str:
    """`101.0` and `101,00` are what some programs make of 101."""
    entera = _DECIMALES_CERO.fullmatch(dicho)
    return entera[1] if entera and len(dicho) - len(entera[1]) <= 3 else dicho
