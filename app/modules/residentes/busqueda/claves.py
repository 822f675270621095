"""How texts are folded to be found and sorted: without case, without accents, numbers by their value."""

import re
import unicodedata
from collections.abc import Iterable

from app.shared.utils import clave_de_apartamento, con_cifras_a_lo_ancho

_PALABRA = re.compile(r"[^\W_]+")
_PUNTO_DE_MILES = re.compile(r"(?<=\d)\.(?=\d)")
_DE_CONTROL = re.compile(r"(?<=\d{6})-(?=[\dk]\b)")
_SEPARADORES = re.compile(r"[\s.-]+")
_ENIE = re.compile("[ñÑ]")
_DESDE_LA_CIFRA = re.compile(r"\d.*")
_MAXIMO_DE_PALABRAS = 10
COMIENZOS = (3, 4, 5)
"""With how many letters a word is found by its beginning alone. Of those with more, few begin alike."""


def plegar(texto: str) -> str:
    """`Núñez` and `NUNEZ` are one word for who searches."""
    return "".join(c for c in unicodedata.normalize("NFKD", texto.casefold()) if not unicodedata.combining(c))


def palabras(*textos: str) -> list[str]:
    """The different words of `textos`, folded and sorted. `1.020.304-k` is one word, as documents are stored."""
    juntos = _DE_CONTROL.sub("", _PUNTO_DE_MILES.sub("", plegar(" ".join(textos))))
    return sorted(set(_PALABRA.findall(juntos)))


def con_comienzos(enteras: Iterable[str]) -> list[str]:
    """Those words, and how each begins: who looks for so many letters finds it under them, however many others begin
    alike."""
    return sorted({comienzo for palabra in enteras for comienzo in (palabra, *(palabra[:n] for n in COMIENZOS))})


def palabras_de_unidad(torre: str | None, apartamento: str, placas: Iterable[str]) -> list[str]:
    """By which a flat is found: its tower, its number, the plates of its vehicles. `ABC123` is found by `abc 123` too,
    as it stands on the vehicle."""
    juntas = {placa.casefold() for placa in placas}
    finales = {final[0] for placa in juntas if (final := _DESDE_LA_CIFRA.search(placa)) is not None}
    return con_comienzos({*palabras(torre or "", apartamento), *juntas, *finales})


def palabras_de_residente(
    nombres: str, apellidos: str, numero_documento: str, *de_sus_unidades: Iterable[str]
) -> list[str]:
    """By which a person is found: names, document, and whatever their flats are found by."""
    propias = con_comienzos(palabras(nombres, apellidos, numero_documento))
    return sorted({*propias, *(p for suyas in de_sus_unidades for p in suyas)})


def palabras_buscadas(q: str) -> list[str]:
    """The words that all must begin some word of what is sought; those beyond the tenth are not looked at."""
    return palabras(q)[:_MAXIMO_DE_PALABRAS]


def en_orden_natural(texto: str) -> str:
    """A key that sorts `Torre 2` before `Torre 10`."""
    return con_cifras_a_lo_ancho(plegar(texto))


def en_orden_alfabetico(texto: str) -> str:
    """A key that sorts as people read names in Spanish: `Peñaranda` after `Penzo`, whatever the case and accents."""
    # What stands for ñ sorts after every letter that may follow an n, and before o.
    return "n~".join(plegar(parte) for parte in _ENIE.split(unicodedata.normalize("NFC", texto)))


def claves_de_unidad(torre: str | None, apartamento: str) -> dict[str, object]:
    """What is stored of a flat to find and to sort by, beside its fields and its words."""
    clave = clave_de_apartamento(torre, apartamento)
    torre_clave, apartamento_clave = clave.split("\n")
    return {
        "clave": clave,
        "torre_clave": torre_clave,
        "apartamento_clave": apartamento_clave,
        "posicion": en_orden_natural(clave),
    }


def claves_de_residente(nombres: str, apellidos: str) -> dict[str, object]:
    """The same of a resident."""
    return {"nombre": en_orden_alfabetico(f"{apellidos} {nombres}")}


def normalizar_documento(numero: str) -> str:
    """`1.020.304-a` is stored, and sought, as `1020304A`: one RUT or CPF is one person, however it is written."""
    return _SEPARADORES.sub("", numero).upper()
