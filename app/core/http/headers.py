"""Headers that belong on every answer: what browsers and caches may do with it."""

from collections.abc import Iterable, Mapping, Sequence

Cruda = tuple[bytes, bytes]
# Answers are data, not pages: nothing of them is run, framed, or guessed at. A page of ours brings its own policy.
_FIJAS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SALVO_OTRA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers are somebody's data; what may be kept says so itself.
    "Cache-Control": "no-store",
}
# What FastAPI says of event streams, which a cache then may keep as long as it asks before it gives them out.
_DEL_MARCO = (b"cache-control", b"no-cache")
_HSTS = "max-age=31536000; includeSubDomains"
DE_TODOS = ("/docs", "/redoc", "/estaticos/")
"""Where who asks, and in which language, makes no difference."""
# From where it is asked, also of who came from nowhere: what a cache keeps of theirs is no answer to a browser.
_DEL_ORIGEN = ("Origin",)
_DE_QUIEN_PIDE = (*_DEL_ORIGEN, "Accept-Language", "Authorization")


class Cabeceras:
    """`hsts`: it is served over https alone, and browsers are told to remember it."""

    def __init__(self, *, hsts: bool) -> None:
        self._fijas = _crudas(_FIJAS | ({"Strict-Transport-Security": _HSTS} if hsts else {}))
        self._salvo_otra = _crudas(_SALVO_OTRA)

    def completar(self, dichas: Iterable[Cruda], propias: Iterable[Cruda], camino: str) -> list[Cruda]:
        """`dichas`, those of the answer at `camino`, with `propias` and those of every answer; as bytes, in one pass:
        every answer comes by here."""
        todas: list[Cruda] = []
        depende: list[str] = []
        nombres = set()
        for cabecera in dichas:
            nombre = cabecera[0].lower()
            if nombre == b"vary":
                depende += [n.strip() for n in cabecera[1].decode("latin-1").split(",") if n.strip()]
            elif cabecera != _DEL_MARCO:
                nombres.add(nombre)
                todas.append(cabecera)
        todas += propias
        todas += self._fijas
        todas += [cabecera for cabecera in self._salvo_otra if cabecera[0] not in nombres]
        variar = _DEL_ORIGEN if camino.startswith(DE_TODOS) else _DE_QUIEN_PIDE
        todas.append((b"vary", _junto(depende, variar) if depende else ", ".join(variar).encode()))
        return todas


def _crudas(cabeceras: Mapping[str, str]) -> list[Cruda]:
    return [(nombre.lower().encode("latin-1"), valor.encode("latin-1")) for nombre, valor in cabeceras.items()]


def _junto(dichos: Sequence[str], otros: Sequence[str]) -> bytes:
    """The names of the headers of the request on which an answer depends, each once, whatever its case."""
    minusculas = {n.lower() for n in dichos}
    return ", ".join([*dichos, *(n for n in otros if n.lower() not in minusculas)]).encode("latin-1")
