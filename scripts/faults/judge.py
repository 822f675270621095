"""The ledger held against the database, the draws against the engine, the audit against itself and against both."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from scripts.cluster.apis import CLAVE, CORREO, RAIZ
from scripts.faults.clients import SONDA, TORRE, V1
from scripts.faults.injection import Hecha
from scripts.faults.ledger import Anotada

LIMITE = 6.0
LIMITE_DE_LISTA = 2.0
LIMITE_DE_VUELTA = 15.0
_DE_CAMBIO = ("cambio", SONDA)
_ESPERADOS = {("sorteo", "sorteo_no_abierto"), ("paso", "cierre_tardio"), ("paso", "transicion_invalida")}


class Juicio:
    """`faltas`: what must not be, one line each."""

    def __init__(self, anotadas: Iterable[Anotada], hechas: Sequence[Hecha], uri: str) -> None:
        self.anotadas = list(anotadas)
        self._hechas = hechas
        self._uri = uri
        self.faltas: list[str] = []

    def juzgar(self, origen: str, publicados: Sequence[str], carpeta: Path) -> None:
        with MongoClient[dict[str, Any]](self._uri) as cliente:
            base = cliente["parknet"]
            self._respuestas()
            self._creadas(base)
            self._cambiadas(base)
            self._actos(base)
        with httpx.Client(base_url=origen + V1, timeout=120, trust_env=False) as http:
            entrada = http.post("/auth/login", data={"username": CORREO, "password": CLAVE}).json()
            http.headers["Authorization"] = f"Bearer {entrada['access_token']}"
            for id in publicados:
                self._sorteo(http, id, carpeta)
            self._auditoria(http)

    def vueltas(self) -> Iterator[tuple[Hecha, float | None]]:
        """Each fault, and after how long all processes wrote again; None where one never did."""
        for hecha in self._hechas:
            buenas: dict[int, float] = {}
            for a in self.anotadas:
                if a.clase == SONDA and a.buena and a.cuando >= hecha.hasta:
                    buenas.setdefault(a.api, a.cuando - hecha.hasta)
            yield hecha, max(buenas.values()) if len(buenas) == len({a.api for a in self.anotadas}) else None

    def durante(self, hecha: Hecha, otra: Hecha | None) -> list[Anotada]:
        """What was answered from its beginning until the next one began."""
        fin = float("inf") if otra is None else otra.desde
        return [a for a in self.anotadas if hecha.desde <= a.cuando < fin]

    def _respuestas(self) -> None:
        for a in self.anotadas:
            limite = LIMITE_DE_LISTA if a.clase == "lista" else LIMITE
            if a.status is None and not self._muda(a):
                self.faltas.append(f"sin respuesta ({a.codigo}) a {a.clase} {a.cosa}")
            elif a.status is not None and a.status >= 500 and a.status != 503:
                self.faltas.append(f"{a.status} a {a.clase} {a.cosa}")
            elif a.status == 503 and a.segundos > limite and not self._muda(a):
                self.faltas.append(f"503 a los {a.segundos:.1f} s a {a.clase} {a.cosa}")
            elif a.clase == "vive" and a.status is not None and a.segundos > LIMITE_DE_LISTA and not self._muda(a):
                self.faltas.append(f"tardó {a.segundos:.1f} s en decir que vive")
            elif a.status in range(400, 500) and a.codigo != "en_curso" and (a.clase, a.codigo) not in _ESPERADOS:
                self.faltas.append(f"{a.status} {a.codigo} a {a.clase} {a.cosa}")

    def _muda(self, a: Anotada) -> bool:
        """Whether its process was killed or paused while it was asked."""
        return any(a.api in h.mudas and a.cuando - a.segundos <= h.hasta and a.cuando >= h.desde for h in self._hechas)

    def _creadas(self, base: Any) -> None:
        unidades = Counter(u["apartamento"] for u in base["unidades"].find({"torre": TORRE}, {"apartamento": 1}))
        espacios = Counter(e["codigo"] for e in base["espacios"].find({}, {"codigo": 1}))
        for cosa, suyas in self._por_cosa("con clave").items():
            hay = unidades[cosa] + espacios[cosa]
            self._comprobar(f"con clave {cosa}", hay, hecha=any(a.buena for a in suyas), puede=True)
        for cosa, suyas in self._por_cosa("sin clave").items():
            hecha, puede = any(a.buena for a in suyas), any(a.sin_saberse for a in suyas)
            self._comprobar(f"sin clave {cosa}", espacios[cosa], hecha=hecha, puede=puede)

    def _comprobar(self, que: str, hay: int, *, hecha: bool, puede: bool) -> None:
        if hay > 1:
            self.faltas.append(f"{que}: está {hay} veces")
        elif hecha and not hay:
            self.faltas.append(f"{que}: se confirmó y no está")
        elif hay and not (hecha or puede):
            self.faltas.append(f"{que}: se dijo que no, y está")

    def _cambiadas(self, base: Any) -> None:
        zonas = {e["codigo"]: e.get("zona") or "" for e in base["espacios"].find({}, {"codigo": 1, "zona": 1})}
        for clase in _DE_CAMBIO:
            for cosa, suyas in self._por_cosa(clase).items():
                ultima = max((a.valor for a in suyas if a.buena), default="")
                posibles = {a.valor for a in suyas if a.buena or a.sin_saberse} | {""}
                if zonas[cosa] < ultima:
                    self.faltas.append(f"{clase} {cosa}: se confirmó {ultima} y quedó {zonas[cosa]}")
                elif zonas[cosa] not in posibles:
                    self.faltas.append(f"{clase} {cosa}: quedó {zonas[cosa]}, y se dijo que no")

    def _actos(self, base: Any) -> None:
        """What was made once, and never changed since, has one row in the audit."""
        filas = Counter(objeto for fila in base["auditoria"].find({}, {"objeto": 1}) for objeto in fila["objeto"])
        for unidad in base["unidades"].find({"torre": TORRE}, {"_id": 1}):
            if filas[str(unidad["_id"])] != 1:
                self.faltas.append(f"la unidad {unidad['_id']} tiene {filas[str(unidad['_id'])]} filas en la auditoría")

    def _sorteo(self, http: httpx.Client, id: str, carpeta: Path) -> None:
        """Run again by the engine's own command line, on what is published."""
        publicado = http.get(f"/sorteo/{id}/verificacion").json()
        for nombre in ("bases", "resultado"):
            (carpeta / f"{id}.{nombre}").write_bytes(http.get(f"/sorteo/{id}/{nombre}").content)
        orden = [
            *(sys.executable, "-m", "app.modules.sorteo.motor", str(carpeta / f"{id}.bases")),
            *("--secreto", publicado["secreto"], "--entropia", publicado["entropia"]),
            *("--verificar", str(carpeta / f"{id}.resultado")),
        ]
        corrido = subprocess.run(orden, cwd=RAIZ, capture_output=True, text=True)  # noqa: S603 - our own program
        if corrido.returncode:
            self.faltas.append(f"el sorteo {id} no sale igual: {corrido.stderr.strip()[-200:]}")

    def _auditoria(self, http: httpx.Client) -> None:
        informe: Mapping[str, Any] = http.get("/auditoria/verificacion").json()
        if not informe.get("integra"):
            self.faltas.append(f"la auditoría no está íntegra: {informe}")

    def _por_cosa(self, clase: str) -> dict[str, list[Anotada]]:
        grupos: dict[str, list[Anotada]] = defaultdict(list)
        for a in self.anotadas:
            if a.clase == clase:
                grupos[a.cosa].append(a)
        return grupos
