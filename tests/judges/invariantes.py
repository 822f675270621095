"""What must hold of the draws whatever anybody asked for, judged by what is stored."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from app.modules.solicitudes.estados import TRANSICIONES, RequestStatus
from app.modules.sorteo import motor
from app.modules.sorteo.estados import PASOS

Fila = Mapping[str, Any]
COLECCIONES = {
    "sorteos": "sorteos",
    "espacios": "espacios",
    "en_juego": "sorteos_espacios",
    "archivos": "sorteos_archivos",
    "participantes": "sorteos_participantes",
    "resultados": "sorteos_resultados",
    "solicitudes": "solicitudes",
    "movimientos": "solicitudes_movimientos",
    "asignaciones": "asignaciones",
    "ventanillas": "solicitudes_ventanillas",
}
PASADAS = {(de.value, paso.a.value) for paso in PASOS.values() for de in paso.desde}
FIJOS = ("compromiso", "huella_reglas", "entropia", "secreto", "semilla", "huella_resultado", "corrida")
"""Of a draw: what is never another once it is there."""
QUIETAS = ("cerrado", "ejecutado")
DE_LA_SOLICITUD = ("folio", "unidad_id", "vehiculo", "tipos", "preferencias", "estado", "condiciones")


@dataclass
class Visto:
    """What there is, by collection, in the order in which it was written."""

    hoy: str
    filas: Mapping[str, Sequence[Fila]]

    def de(self, cuales: str, sorteo: Any) -> list[Fila]:
        return [fila for fila in self.filas[cuales] if fila["sorteo_id"] == sorteo]

    def por_id(self, cuales: str) -> dict[Any, Fila]:
        return {fila["_id"]: fila for fila in self.filas[cuales]}


async def mirar(base: "AsyncIOMotorDatabase[dict[str, Any]]", hoy: date) -> Visto:
    filas = {nombre: await base[suya].find().sort("_id", 1).to_list(None) for nombre, suya in COLECCIONES.items()}
    return Visto(hoy.isoformat(), filas)


@dataclass
class Juez:
    """Looks at the world after each call, and remembers what may not change."""

    antes: Visto | None = None
    _filas: dict[tuple[Any, str, str], str] = field(default_factory=dict)
    _corridos: set[Any] = field(default_factory=set)

    def juzgar(self, visto: Visto) -> list[str]:
        faltas = [
            *_de_uno_solo(visto),
            *_lo_que_dicen(visto),
            *_sin_ofrecer(visto),
            *self._congelado(visto),
            *_historias(visto),
            *_limites(visto),
        ]
        if self.antes is not None:
            faltas += _pasos(self.antes, visto)
        self.antes = visto
        return faltas

    def _congelado(self, visto: Visto) -> Iterator[str]:
        partes: dict[tuple[Any, str, str], list[Fila]] = defaultdict(list)
        for parte in visto.filas["archivos"]:
            partes[parte["sorteo_id"], parte["archivo"], parte["intento"]].append(parte)
        bytes_de = {
            cual: b"".join(p["datos"] for p in sorted(suyas, key=lambda p: p["parte"]))
            for cual, suyas in partes.items()
        }
        for sorteo in visto.filas["sorteos"]:
            publicados = _publicados(sorteo)
            for archivo, intento, huella in publicados:
                dato = bytes_de.get((sorteo["_id"], archivo, intento))
                if dato is None or hashlib.sha256(dato).hexdigest() != huella:
                    yield f"{archivo} of {sorteo['_id']} is not what its hash says"
            for cuales, campo, ficha in _fichas(sorteo):
                filas = [f for f in visto.de(cuales, sorteo["_id"]) if f.get(campo) == ficha]
                suma = hashlib.sha256(repr(filas).encode()).hexdigest()
                if self._filas.setdefault((sorteo["_id"], cuales, ficha), suma) != suma:
                    yield f"{cuales} of {sorteo['_id']} have changed since they were frozen"
            if sorteo["compromiso"] is not None:
                juego = hashlib.sha256(repr(visto.de("en_juego", sorteo["_id"])).encode()).hexdigest()
                if self._filas.setdefault((sorteo["_id"], "en_juego", ""), juego) != juego:
                    yield f"the spaces of {sorteo['_id']} have changed since it opened"
            if sorteo["huella_resultado"] is not None and sorteo["_id"] not in self._corridos:
                self._corridos.add(sorteo["_id"])
                bases = bytes_de[sorteo["_id"], "bases", sorteo["intento"]]
                resultado = bytes_de[sorteo["_id"], "resultado", sorteo["corrida"]]
                if motor.correr(bases, sorteo["secreto"], sorteo["entropia"]) != resultado:
                    yield f"the result of {sorteo['_id']} is not what the engine makes of its bases"


def _publicados(sorteo: Fila) -> list[tuple[str, str, str]]:
    """File, token and hash of all that the draw has published."""
    hay = [("reglas", "", sorteo["huella_reglas"])]
    for cierre in (*sorteo["huellas_anteriores"], sorteo):
        hay += [("bases", cierre["intento"], cierre["huella"]), ("padron", cierre["intento"], cierre["huella_padron"])]
    hay.append(("resultado", sorteo["corrida"], sorteo["huella_resultado"]))
    return [(archivo, ficha, huella) for archivo, ficha, huella in hay if huella is not None]


def _fichas(sorteo: Fila) -> Iterator[tuple[str, str, str]]:
    for cierre in (*sorteo["huellas_anteriores"], sorteo):
        if cierre["intento"] is not None:
            yield "participantes", "intento", cierre["intento"]
    if sorteo["corrida"] is not None:
        yield "resultados", "corrida", sorteo["corrida"]


def _se_cruzan(a: tuple[str, str], b: tuple[str, str]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _de_uno_solo(visto: Visto) -> Iterator[str]:
    """No space is of two on one day, as it is claimed and as it was held; nor does a vehicle hold two."""
    for espacio in visto.filas["espacios"]:
        for una, otra in combinations(espacio["ocupaciones"], 2):
            if _se_cruzan((una["desde"], una["hasta"]), (otra["desde"], otra["hasta"])):
                yield f"{espacio['codigo']} is of two: {una} {otra}"
    tenidas = [a for a in visto.filas["asignaciones"] if a["desde"] <= a["tenida_hasta"]]
    for una, otra in combinations(tenidas, 2):
        if _se_cruzan((una["desde"], una["tenida_hasta"]), (otra["desde"], otra["tenida_hasta"])):
            if una["espacio"] == otra["espacio"]:
                yield f"{una['espacio']} is held by two: {una} {otra}"
            if una["vehiculo"]["id"] == otra["vehiculo"]["id"] and una["estado"] == otra["estado"] == "vigente":
                yield f"a vehicle holds two spaces: {una} {otra}"


def _lo_que_dicen(visto: Visto) -> Iterator[str]:
    """Each claim on a space is what its draw or its request says, and the other way round."""
    sorteos, solicitudes = visto.por_id("sorteos"), visto.por_id("solicitudes")
    vigentes = {a["solicitud_id"]: a for a in visto.filas["asignaciones"] if a["estado"] == "vigente"}
    reclamados = set()
    for espacio in visto.filas["espacios"]:
        for claim in espacio["ocupaciones"]:
            ref, tipo, codigo = claim["ref"], claim["tipo"], espacio["codigo"]
            reclamados.add((ref, codigo))
            match tipo:
                case "sorteo":
                    bien = sorteos[ref]["estado"] in ("abierto", "cerrado", "ejecutado")
                case "solicitud":
                    suya = solicitudes[ref]
                    bien = suya["espacio"] == codigo and suya["estado"] in ("asignada", "ofrecida")
                case _:
                    bien = ref in vigentes and vigentes[ref]["espacio"] == codigo
            if not bien:
                yield f"{codigo} is claimed for nothing: {claim}"
    for solicitud in solicitudes.values():
        tiene = solicitud["estado"] in ("asignada", "ofrecida")
        if tiene and (solicitud["_id"], solicitud["espacio"]) not in reclamados:
            yield f"{solicitud['_id']} was given {solicitud['espacio']}, which nothing keeps for it"
    for ref, asignacion in vigentes.items():
        if (ref, asignacion["espacio"]) not in reclamados:
            yield f"{asignacion['espacio']} is assigned, and not claimed"


def _sin_ofrecer(visto: Visto) -> Iterator[str]:
    """While a draw is published, no space of it stands free that somebody in its line could use."""
    espacios = {e["codigo"]: e for e in visto.filas["espacios"]}
    for ventanilla in visto.filas["ventanillas"]:
        if ventanilla["fase"] != "publicado":
            continue
        terminos = ventanilla["terminos"]
        dias = (terminos["desde"], terminos["hasta"])
        esperan = [s for s in visto.de("solicitudes", ventanilla["_id"]) if s["estado"] == "en_espera"]
        for copia in visto.de("en_juego", ventanilla["_id"]):
            espacio = espacios.get(copia["codigo"])
            if copia["excluido"] is None and espacio is not None and visto.hoy <= dias[1] and _libre(espacio, dias):
                sirven = [s for s in esperan if _puede(s, copia, terminos["liberar_reservas"])]
                if sirven:
                    yield f"{copia['codigo']} stands free, and {sirven[0]['_id']} waits for one like it"


def _libre(espacio: Fila, dias: tuple[str, str]) -> bool:
    titular = espacio["titular"]
    con_derecho = titular is not None and _se_cruzan((titular["desde"], titular["hasta"] or "9999"), dias)
    tomado = any(_se_cruzan((o["desde"], o["hasta"]), dias) for o in espacio["ocupaciones"])
    return espacio["activo"] and espacio["uso"] == "residentes" and not con_derecho and not tomado


def _puede(solicitud: Fila, copia: Fila, liberar: bool) -> bool:
    reserva = copia["reserva"]
    return copia["tipo"] in solicitud["tipos"] and (reserva is None or reserva in solicitud["condiciones"] or liberar)


def _historias(visto: Visto) -> Iterator[str]:
    """The history of each request is a walk in the table of moves, and ends where the request stands."""
    lineas: dict[Any, list[Fila]] = defaultdict(list)
    for linea in visto.filas["movimientos"]:
        lineas[linea["solicitud_id"]].append(linea)
    for solicitud in visto.filas["solicitudes"]:
        estado = None
        for linea in (m for m in lineas[solicitud["_id"]] if m["tipo"] == "estado"):
            if linea["de"] != estado:
                yield f"{solicitud['_id']} was {estado}, and moves from {linea['de']}"
            elif estado is not None and not _se_mueve(estado, linea["a"]):
                yield f"{solicitud['_id']} moves from {estado} to {linea['a']}"
            estado = linea["a"]
        if estado != solicitud["estado"]:
            yield f"{solicitud['_id']} is {solicitud['estado']}, and its history ends with {estado}"


def _se_mueve(de: str, a: str) -> bool:
    return (RequestStatus(de), RequestStatus(a)) in TRANSICIONES


def _limites(visto: Visto) -> Iterator[str]:
    maximos = {v["_id"]: v["terminos"]["max_por_unidad"] for v in visto.filas["ventanillas"]}
    vivas = Counter((s["sorteo_id"], s["unidad_id"]) for s in visto.filas["solicitudes"] if s["viva"])
    for (sorteo, unidad), cuantas in vivas.items():
        if cuantas > maximos[sorteo]:
            yield f"{unidad} has {cuantas} requests in {sorteo}"


def _pasos(antes: Visto, visto: Visto) -> Iterator[str]:
    """From one call to the next: draws go along their table, and what is fixed stays."""
    ahora = visto.por_id("sorteos")
    for id, era in antes.por_id("sorteos").items():
        es = ahora.get(id)
        if es is None:
            yield f"draw {id} is gone"
            continue
        if es["estado"] != era["estado"] and (era["estado"], es["estado"]) not in PASADAS:
            yield f"draw {id} went from {era['estado']} to {es['estado']}"
        for campo in FIJOS:
            if era[campo] is not None and es[campo] != era[campo]:
                yield f"{campo} of draw {id} has changed"
        if es["huellas_anteriores"][: len(era["huellas_anteriores"])] != era["huellas_anteriores"]:
            yield f"a hash that draw {id} published is gone"
        if era["huella"] is not None and es["huella"] != era["huella"] and es["estado"] != "abierto":
            yield f"the hash of draw {id} has changed"
        if era["estado"] in QUIETAS and es["estado"] in QUIETAS:
            for una, otra in zip(antes.de("solicitudes", id), visto.de("solicitudes", id), strict=True):
                if any(una[campo] != otra[campo] for campo in DE_LA_SOLICITUD):
                    yield f"{una['_id']} changed while draw {id} was closed"
    for cuales in ("movimientos", "solicitudes", "en_juego"):
        if not antes.por_id(cuales).keys() <= visto.por_id(cuales).keys():
            yield f"some of {cuales} are gone"
