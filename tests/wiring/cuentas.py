"""Everything that a draw, its minutes and the page of figures say, counted again by other answers of the API."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from app.modules.analitica.repository import CopiaRepository
from app.modules.analitica.service import AnaliticaService
from app.modules.analitica.tablas import Traductor
from app.shared.messages import contado
from tests.modules.analitica.conftest import ZONA, fuentes
from tests.modules.analitica.dobles import AlmacenEnMemoria
from tests.wiring.complejo import Complejo

_RESPUESTAS = ("aceptada", "declinada", "vencida")


LLAMADA = {"es": "Movilidad reducida", "en": "Reduced mobility"}
"""As the catalogue of a new complex calls `complejo.RESERVA`."""


async def contar(c: Complejo, sorteo: str) -> dict[str, Any]:
    """The figures of a draw of cars in one tower, by lists of the API alone."""
    visto = await c.pedir("GET", f"/sorteo/{sorteo}")
    lineas = await c.todas(f"/sorteo/{sorteo}/resultados")
    solicitudes = {s["folio"]: s for s in await c.todas(f"/solicitudes?sorteo_id={sorteo}")}
    niveles = {e["folio"]: e["nivel"] for e in await c.todas(f"/sorteo/{sorteo}/evaluacion")}
    fuera = await c.pedir("GET", f"/sorteo/{sorteo}/exclusiones")
    reservas = {e["codigo"]: e["reserva"] for e in await c.todas("/sorteo/espacios")}
    dejados = {e["codigo"] for e in fuera["espacios"]}
    pasos = {folio: await _pasos(c, s["id"]) for folio, s in solicitudes.items()}
    ganan = [linea for linea in lineas if linea["espacio"] is not None]
    esperan = [linea for linea in lineas if linea["espacio"] is None]
    primeras = [next((p for p in pasos[g["folio"]] if p[0] in _RESPUESTAS), None) for g in ganan]
    dichas = Counter(primera[0] for primera in primeras if primera is not None)
    horas = [_horas(visto["publicado_en"], p[1]) for p in primeras if p is not None and p[0] == "aceptada"]
    torres = Counter(linea["unidad"]["torre"] for linea in lineas)
    con = Counter(linea["unidad"]["torre"] for linea in ganan)
    dados = Counter((reservas[g["espacio"]], g["prestado"]) for g in ganan)
    hay = Counter(reserva for codigo, reserva in reservas.items() if codigo not in dejados)
    return {
        "sorteo_id": sorteo,
        "nombre": visto["nombre"],
        "publicado_en": visto["publicado_en"],
        "solicitudes": len(solicitudes),
        "rechazadas": len(fuera["solicitudes"]),
        "participantes": len(lineas),
        "espacios": sum(hay.values()),
        "demanda": [
            {"tipo": "carro", "torre": torre, "solicitudes": n, "con_espacio": con[torre]}
            for torre, n in torres.items()
        ],
        "por_tipo": [
            {
                "tipo": "carro",
                "reserva": reserva,
                "reserva_nombre": None if reserva is None else LLAMADA,
                "espacios": n,
                "con_derecho": dados[reserva, False],
                "prestados": dados[reserva, True],
            }
            for reserva, n in sorted(hay.items(), key=lambda par: par[0] or "")
        ],
        "niveles": [
            {
                "nivel": nivel,
                "participantes": n,
                "con_espacio": sum(niveles[g["folio"]] == nivel for g in ganan),
            }
            for nivel, n in sorted(Counter(niveles[linea["folio"]] for linea in lineas).items())
        ],
        "aceptacion": {
            "aceptadas": dichas["aceptada"],
            "declinadas": dichas["declinada"],
            "vencidas": dichas["vencida"],
            "sin_responder": primeras.count(None),
            "horas": round(median(horas), 1) if horas else None,
        },
        "espera": {
            "al_publicar": len(esperan),
            "recibieron": sum(any(a == "ofrecida" for a, _ in pasos[e["folio"]]) for e in esperan),
            "siguen": sum(solicitudes[e["folio"]]["estado"] == "en_espera" for e in esperan),
        },
    }


async def figuras_claras(c: Complejo, sorteos: Sequence[str], quien: str) -> None:
    """Each figure of those draws, over the years too, in JSON, as a table and on the page for the assembly."""
    dichas = await c.pedir("GET", "/sorteo/figuras", quien)
    contadas = [await contar(c, sorteo) for sorteo in sorteos]
    assert [{k: v for k, v in s.items() if k != "orden"} for s in dichas["sorteos"]] == contadas
    assert [s["orden"] and s["orden"]["participantes"] for s in dichas["sorteos"]] == [
        s["participantes"] if s["participantes"] >= 10 else None for s in contadas
    ]
    antes, ahora = [await _por_unidad(c, sorteo) for sorteo in sorteos]
    seguidas = {u: 0 if gano else 1 for u, gano in antes.items()}
    seguidas |= {u: 0 if gano else seguidas.get(u, 0) + 1 for u, gano in ahora.items()}
    rachas = Counter(n for n in seguidas.values() if n)
    assert dichas["rachas"] == [{"seguidas": n, "unidades": rachas[n]} for n in sorted(rachas)]
    assert Counter(m["seguidas"] for m in dichas["mas_seguidas"]) == rachas
    ganaron = {u for u, gano in ahora.items() if gano}
    nuevas = len(ganaron - {u for u, gano in antes.items() if gano})
    (rotacion,) = dichas["rotacion"]
    assert (rotacion["ganadoras"], rotacion["nuevas"]) == (len(ganaron), nuevas)
    await _en_la_tabla(c, contadas, quien)
    await _en_la_pagina(c, contadas, quien)


async def acta_clara(c: Complejo, sorteo: str) -> None:
    """Counts, claims and steps that the minutes tell."""
    contada = await contar(c, sorteo)
    acta = await c.pedir("GET", f"/sorteo/{sorteo}/acta?formato=csv")
    texto = acta.decode("utf-8-sig")
    con = sum(d["con_espacio"] for d in contada["demanda"])
    participantes, rechazadas = contada["participantes"], contada["rechazadas"]
    esperan = contada["espera"]["al_publicar"]
    for formas in (
        f"Se {contado(participantes, 'sorteó # solicitud|sortearon # solicitudes')}: ",
        f": {contado(con, 'ninguna recibió|# recibió|# recibieron')} espacio y ",
        f" espacio y {contado(esperan, 'ninguna quedó|# quedó|# quedaron')} en lista de espera.",
        f"se abrió la convocatoria al sorteo, con {contado(contada['espacios'], '# espacio|# espacios')}.",
        f"{contado(participantes, 'Entró al sorteo #|Entraron al sorteo #')} y ",
        f" y {contado(rechazadas, 'ninguna fue rechazada|fue rechazada #|fueron rechazadas #')}.",
    ):
        assert formas in texto
    reclamos = await c.todas(f"/sorteo/{sorteo}/reclamos")
    estados = Counter(r["estado"] for r in reclamos)
    cuantos = f"Reclamos presentados: {len(reclamos)}; aceptados: {estados['aceptado']}; negados: {estados['negado']};"
    assert cuantos in texto or not reclamos
    assert all(r["texto"] in texto and r["respuesta"] in texto for r in reclamos)


async def copia_clara(c: Complejo, sorteos: Sequence[str]) -> None:
    """The copy outside has the same draws, requests, results, assignments and spaces."""
    almacen = AlmacenEnMemoria()
    servicio = AnaliticaService(
        copias=CopiaRepository(),
        fuentes=fuentes(),
        almacen=almacen,
        traductor=Traductor(conjunto="altos", clave=b"x" * 32, zona=ZONA),
        conjunto="altos",
        destino="fuera",
    )
    await servicio.poner_al_dia()
    assert {f["sorteo"] for f in almacen.vivas("sorteos")} >= set(sorteos)
    for sorteo in sorteos:
        contada = await contar(c, sorteo)
        lineas = [f for f in almacen.vivas("resultados") if f["sorteo"] == sorteo]
        assert len(lineas) == contada["participantes"]
        assert sum(f["recibio"] for f in lineas) == sum(d["con_espacio"] for d in contada["demanda"])
        assert sum(f["prestado"] for f in lineas) == sum(t["prestados"] for t in contada["por_tipo"])
        estados = Counter(f["estado"] for f in almacen.vivas("solicitudes") if f["sorteo"] == sorteo)
        assert estados == Counter(s["estado"] for s in await c.todas(f"/solicitudes?sorteo_id={sorteo}"))
    tenidas = [(f["espacio"], f["desde"], f["estado"]) for f in almacen.vivas("asignaciones")]
    dichas = [(a["espacio"], a["desde"], a["estado"]) for a in await c.todas("/sorteo/asignaciones")]
    assert sorted(tenidas) == sorted(dichas)
    assert len(almacen.vivas("espacios")) == len(await c.todas("/sorteo/espacios"))


async def _pasos(c: Complejo, solicitud: str) -> list[tuple[str, str]]:
    """To which state it moved, and when, from the first on."""
    filas = await c.todas(f"/solicitudes/{solicitud}/historial")
    return sorted(((f["a"], f["cuando"]) for f in filas if f["tipo"] == "estado"), key=lambda paso: paso[1])


async def _por_unidad(c: Complejo, sorteo: str) -> Mapping[str, bool]:
    lineas = await c.todas(f"/sorteo/{sorteo}/resultados")
    return {linea["unidad"]["id"]: linea["espacio"] is not None for linea in lineas}


async def _en_la_tabla(c: Complejo, contadas: Sequence[Mapping[str, Any]], quien: str) -> None:
    crudo = await c.pedir("GET", "/sorteo/figuras?formato=csv", quien)
    filas = {tuple(fila[:3]): fila[3] for fila in csv.reader(io.StringIO(crudo.decode("utf-8-sig")))}
    for s in contadas:
        for medida in ("solicitudes", "rechazadas", "participantes", "espacios"):
            assert filas[s["nombre"], medida, ""] == str(s[medida])
        for parte, medida in (("aceptacion", "aceptación"), ("espera", "espera")):
            for campo, valor in s[parte].items():
                assert filas[s["nombre"], medida, campo] == ("" if valor is None else str(valor))


async def _en_la_pagina(c: Complejo, contadas: Sequence[Mapping[str, Any]], quien: str) -> None:
    enlace = await c.pedir("POST", "/sorteo/figuras/enlaces", quien, json={})
    pagina = await c.aplicacion.cliente.get(enlace["url"].removeprefix(c.aplicacion.ajustes.url))
    assert pagina.status_code == 200, pagina.text
    secciones = re.split(r"<section", pagina.text)[1:]
    for s, seccion in zip(reversed(contadas), secciones, strict=False):
        assert s["nombre"] in seccion
        texto = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", seccion))
        con = sum(d["con_espacio"] for d in s["demanda"])
        dichos = [s["solicitudes"], s["participantes"], s["espacios"], con, s["espera"]["al_publicar"]]
        dichos += [v for parte in ("aceptacion", "espera") for v in s[parte].values() if isinstance(v, int)]
        numeros = Counter(map(int, re.findall(r"(?<![\d.,])\d+(?![\d.,]\d)", texto)))
        assert all(numeros[n] for n in dichos), (dichos, texto)
        for tipo in s["por_tipo"]:
            celdas = "".join(f"<td>{tipo[campo]}</td>" for campo in ("espacios", "con_derecho", "prestados"))
            assert celdas in seccion


def _horas(desde: str, hasta: str) -> float:
    return (datetime.fromisoformat(hasta) - datetime.fromisoformat(desde)).total_seconds() / 3600
