"""How the columns of a roll are called, and what some of its words mean: `vocabulario.toml`, read once."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from app.core.imports.contract import Vocabulario
from app.modules.residentes.models import Tenencia, TipoVehiculo

_CLAVES = frozenset({"torre", "apartamento", "unidad"})
_DE_UNA_UNIDAD = (frozenset({"apartamento"}), frozenset({"unidad"}))


def _leer() -> dict[str, dict[str, list[str]]]:
    """Lists of words, by table and key."""
    texto = files("app.modules.residentes.importacion").joinpath("vocabulario.toml").read_text("utf-8")
    return {
        tabla: {clave: [" ".join(dicho.split()) for dicho in dichos.split(",")] for clave, dichos in claves.items()}
        for tabla, claves in tomllib.loads(texto).items()
    }


_PALABRAS = _leer()

UNIDADES = Vocabulario(
    columnas=_PALABRAS["unidad"], exigidas=_DE_UNA_UNIDAD, claves=_CLAVES, varias=frozenset({"placa"})
)
PERSONAS = Vocabulario(
    columnas={**_PALABRAS["unidad"], **_PALABRAS["persona"]},
    exigidas=(*_DE_UNA_UNIDAD, frozenset({"numero_documento"})),
    claves=_CLAVES | {"numero_documento"},
    varias=frozenset({"placa"}),
    grupos=_PALABRAS["grupos"],
    de_grupo=frozenset(clave.partition("#")[0] for clave in _PALABRAS["persona"]),
    nombre="nombre_completo",
)

DE_VEHICULO: Mapping[str, TipoVehiculo] = {
    palabra: TipoVehiculo(tipo) for tipo, palabras in _PALABRAS["vehiculos"].items() for palabra in palabras
}
DE_TENENCIA: Mapping[str, Tenencia] = {
    palabra: Tenencia(tenencia) for tenencia, palabras in _PALABRAS["grupos"].items() for palabra in palabras
}
