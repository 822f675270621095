"""What the template of minutes on paper is given."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from app.modules.sorteo.acta.contenido import Contenido
from app.modules.sorteo.acta.impreso import Pliego
from app.modules.sorteo.acta.palabras import PALABRAS, Palabras
from app.modules.sorteo.acta.repository import DeUnidad, Puesto
from app.shared.messages import Idioma
from app.shared.printing import qr

_CABEZAS: Mapping[bool, Mapping[str, tuple[str, ...]]] = {
    False: {"con_espacio": ("posicion", "folio", "espacio"), "en_espera": ("turno", "folio", "posicion")},
    True: {"con_espacio": ("unidad", "espacio"), "en_espera": ("unidad",)},
}
"""The columns of both tables, by whether they go by flat."""


def pliego(
    dicho: Contenido, puestos: Sequence[Puesto] | Sequence[DeUnidad] | None, idioma: Idioma, decir: Palabras
) -> Pliego:
    """`puestos`: the result, by position or by flat; None when it is too long for paper."""
    datos = asdict(dicho) | {
        "fecha": None,
        "idioma": idioma,
        "palabras": {clave: texto for clave, texto in PALABRAS[idioma].items() if isinstance(texto, str)},
        "comprobar_que": decir("comprobar_que", enlace=dicho.enlace),
        "qr": qr(dicho.enlace),
        # Where nobody is named, there is room for two to sign.
        "firmantes": dicho.firmantes or [(decir("firma_administracion"), ""), (decir("firma_consejo"), "")],
        "con_espacio": None if puestos is None else [],
        "en_espera": None if puestos is None else [],
        "cabezas": {parte: [decir(c) for c in cabezas] for parte, cabezas in _CABEZAS[dicho.por_unidad].items()},
    }
    for puesto in puestos or ():
        parte, celdas = _linea(puesto)
        datos[parte].append(celdas)
    if not dicho.por_unidad and puestos is not None:
        datos["en_espera"].sort()
    return Pliego(datos, dicho.fecha)


def _linea(puesto: Puesto | DeUnidad) -> tuple[str, tuple[object, ...]]:
    """The table in which it stands, and its cells."""
    if isinstance(puesto, DeUnidad):
        return (
            ("en_espera", (puesto.unidad,))
            if puesto.espacio is None
            else ("con_espacio", (puesto.unidad, puesto.espacio))
        )
    if puesto.espacio is None:
        return "en_espera", (puesto.espera, puesto.folio, puesto.posicion)
    return "con_espacio", (puesto.posicion, puesto.folio, puesto.espacio)
