"""What the template of minutes on paper is given."""

from collections.abc import Sequence
from dataclasses import asdict

from app.modules.sorteo.acta.contenido import Contenido
from app.modules.sorteo.acta.impreso import Pliego
from app.modules.sorteo.acta.palabras import PALABRAS, Palabras
from app.modules.sorteo.acta.repository import Puesto
from app.shared.messages import Idioma
from app.shared.printing import qr


def pliego(dicho: Contenido, puestos: Sequence[Puesto] | None, idioma: Idioma, decir: Palabras) -> Pliego:
    """`puestos`: the result by position; None when it is too long for paper."""
    datos = asdict(dicho) | {
        "fecha": None,
        "idioma": idioma,
        "palabras": {clave: texto for clave, texto in PALABRAS[idioma].items() if isinstance(texto, str)},
        "comprobar_que": decir("comprobar_que", enlace=dicho.enlace),
        "qr": qr(dicho.enlace),
        # Where nobody is named, there is room for two to sign.
        "firmantes": dicho.firmantes or [(decir("firma_administracion"), ""), (decir("firma_consejo"), "")],
        "con_espacio": None,
        "en_espera": None,
    }
    if puestos is not None:
        ganaron = [p for p in puestos if p.espacio is not None]
        esperan = sorted((p for p in puestos if p.espacio is None), key=lambda p: p.espera or 0)
        datos["con_espacio"] = [(p.posicion, p.folio, p.espacio) for p in ganaron]
        datos["en_espera"] = [(p.espera, p.folio, p.posicion) for p in esperan]
    return Pliego(datos, dicho.fecha)
