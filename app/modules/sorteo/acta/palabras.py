"""The words of minutes in a language, with instants and days as people write them in the zone of the complex."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from importlib.resources import files
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_time, get_timezone_name

from app.modules.sorteo.prioridades.models import Condicion, Efecto, Regla
from app.shared.messages import IDIOMAS, TEXTOS, Idioma, mensaje, rellenado

_LOCALES: Mapping[Idioma, Locale] = {"es": Locale("es", "CO"), "en": Locale("en", "US")}


def _cargar(idioma: Idioma) -> Mapping[str, Any]:
    archivo = files("app.modules.sorteo.acta").joinpath("textos", f"{idioma}.toml")
    return tomllib.loads(archivo.read_text(encoding="utf-8"))


PALABRAS: Mapping[Idioma, Mapping[str, Any]] = {idioma: _cargar(idioma) for idioma in IDIOMAS}


class Palabras:
    def __init__(self, idioma: Idioma, zona: tzinfo, condiciones: Mapping[str, Mapping[str, str]]) -> None:
        """`condiciones`: what those that the rules look at are called, by code and language."""
        self._condiciones = condiciones
        self._idioma: Idioma = idioma
        self._textos, self._locale, self._zona = PALABRAS[idioma], _LOCALES[idioma], zona

    def __call__(self, clave: str, **datos: object) -> str:
        texto: str = self._textos[clave]
        return rellenado(texto, datos)

    def prueba(self, clave: str, **datos: object) -> str:
        texto: str = self._textos["prueba"][clave]
        return rellenado(texto, datos)

    def cuando(self, instante: datetime) -> str:
        local = instante.astimezone(self._zona)
        # Spanish says "la una" and "las dos".
        articulo = "" if self._idioma == "en" else "la" if local.hour % 12 == 1 else "las"
        hora = format_time(local.time(), "short", locale=self._locale)
        return self("cuando", articulo=articulo, hora=hora, dia=self._dia(local.date(), "dia")).strip()

    def dia(self, dia: date) -> str:
        """A day, or that of an instant."""
        local = dia.astimezone(self._zona).date() if isinstance(dia, datetime) else dia
        return self._dia(local, "dia_corto")

    @property
    def zona(self) -> str:
        return get_timezone_name(self._zona, locale=self._locale)

    def motivo(self, codigo: str) -> str:
        """Why a space was left out or a request refused."""
        de_espacios = TEXTOS[self._idioma]["motivo"]
        return de_espacios[codigo] if codigo in de_espacios else mensaje(codigo, self._idioma, {})

    def cambio(self, campo: str) -> str:
        """A fact that staff changed. One that has no words yet is named by itself."""
        return str(self._textos["cambio"].get(campo, campo.replace("_", " ")))

    def clase(self, codigo: str) -> str:
        """A kind of vehicle, a tenure or a condition. Complexes have their own, and then the code is the word."""
        return str(self._textos["valor"].get(codigo, codigo.replace("_", " ")))

    def regla(self, regla: Regla) -> str:
        return self(
            "regla",
            descripcion=regla.descripcion.rstrip("."),
            condiciones=self._unir([self._condicion(condicion) for condicion in regla.condiciones]),
            efectos=self._unir(self._efectos(regla.efecto)),
        )

    def _condicion(self, condicion: Condicion) -> str:
        texto: str = self._textos["condicion"][f"{condicion.campo}_{condicion.operador}"]
        propio = self._condiciones.get(str(condicion.valor)) if condicion.campo == "condicion" else None
        valor = self._valor(condicion.valor) if propio is None else propio[self._idioma]
        return rellenado(texto, {"valor": valor})

    def _valor(self, valor: bool | int | str) -> int | str:
        if isinstance(valor, bool):
            return self("si") if valor else self("no")
        return valor if isinstance(valor, int) else self.clase(valor)

    def _efectos(self, efecto: Efecto) -> list[str]:
        cada = "" if efecto.por_unidad is None else str(self._textos["por_unidad"][efecto.por_unidad])
        dichos = (
            ("efecto_nivel", efecto.nivel),
            ("efecto_no_mejor_que", efecto.no_mejor_que),
            ("efecto_boletas_por_unidad" if cada else "efecto_boletas", efecto.boletas),
        )
        return [self(clave, n=n, cada=cada) for clave, n in dichos if n is not None]

    def _unir(self, partes: Sequence[str]) -> str:
        *primeras, ultima = partes
        return self("y").join([", ".join(primeras), ultima]) if primeras else ultima

    def _dia(self, dia: date, forma: str) -> str:
        return str(format_date(dia, self._textos[forma], locale=self._locale))
