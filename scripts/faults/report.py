"""The run in a page: docs/faults.md is one of these."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from scripts.faults.draws import Jugados
from scripts.faults.judge import LIMITE_DE_VUELTA, Juicio
from scripts.faults.ledger import Anotada

_PRESENTACION = """\
Made by `make faults`: a replica set of three and two processes of the API on one machine, people who ask for things
and write down what they are answered, draws, and faults one after the other. At the end the ledger is held against the
database, every published draw is run again by the engine's command line, and the audit is verified."""


def informe(juicio: Juicio, jugados: Jugados, *, minutos: float, semilla: int) -> str:
    return "\n".join(_lineas(juicio, jugados, minutos, semilla)) + "\n"


def _lineas(juicio: Juicio, jugados: Jugados, minutos: float, semilla: int) -> Iterator[str]:
    vueltas = list(juicio.vueltas())
    yield "# While things fail"
    yield ""
    yield _PRESENTACION
    yield ""
    yield f"{minutos:g} minutes, seed {semilla}: {len(juicio.anotadas)} calls, {len(vueltas)} faults."
    yield ""
    yield "| fault | times | calls | 503 | slowest 503 (s) | back in (s, at most) |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    hechas = [h for h, _ in vueltas]
    filas = [
        (h.nombre, vuelta, juicio.durante(h, hechas[n + 1] if n + 1 < len(hechas) else None))
        for n, (h, vuelta) in enumerate(vueltas)
    ]
    for nombre, grupo in groupby(sorted(filas, key=lambda f: f[0]), key=lambda f: f[0]):
        suyas = list(grupo)
        llamadas = [a for _, _, todas in suyas for a in todas]
        malas = [a for a in llamadas if a.status == 503 and a.clase != "lista"]
        peor = max((a.segundos for a in malas), default=0.0)
        vuelta = max((v if v is not None else float("inf") for _, v, _ in suyas), default=0.0)
        yield f"| {nombre} | {len(suyas)} | {len(llamadas)} | {len(malas)} | {peor:.1f} | {vuelta:.1f} |"
    yield ""
    yield "| call | answers |"
    yield "| --- | --- |"
    for clase, grupo_de in groupby(sorted(juicio.anotadas, key=lambda a: a.clase), key=lambda a: a.clase):
        cuenta = Counter(map(_que, grupo_de))
        yield f"| {clase} | {', '.join(f'{que}: {n}' for que, n in sorted(cuenta.items()))} |"
    yield ""
    publicados, tardios, atascos = map(len, (jugados.publicados, jugados.tardios, jugados.atascos))
    yield f"Draws: {publicados} published, and run again with the same result; {tardios} annulled, for an outage was"
    yield f"longer than the time left to close them; {atascos} stuck."
    yield ""
    yield f"**{len(juicio.faltas)} faults found.**"
    yield ""
    yield from (f"- {falta}" for falta in juicio.faltas[:200])


def _que(a: Anotada) -> str:
    return f"{a.status} {a.codigo}".strip() if a.status is not None else "no answer"


def sumar_vueltas(juicio: Juicio) -> None:
    """A process that does not write again in time is a fault like the others."""
    for hecha, vuelta in juicio.vueltas():
        if vuelta is None or vuelta > LIMITE_DE_VUELTA:
            juicio.faltas.append(f"después de «{hecha.nombre}» no se escribió hasta pasados {vuelta or 0:.1f} s")
