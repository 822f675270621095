"""Draws that are played from their draft to their publication while things fail, one after the other."""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scripts.faults.clients import Persona, Respuesta
from scripts.faults.ledger import ahora

HOGARES, ESPACIOS = 6, 4
ENTROPIA = "4821"
_PRIMER_DIA = date(2030, 1, 1)
_ATASCO = 60.0
"""Seconds after which a step that is asked for again and again is stuck: longer than any outage here, and its end."""


class Atascado(Exception):
    """A step that is not taken, whatever is done."""


@dataclass
class Jugados:
    """The ids of draws by what became of them, and the steps that were stuck."""

    publicados: list[str] = field(default_factory=list)
    tardios: list[str] = field(default_factory=list)
    atascos: list[str] = field(default_factory=list)


class Mesa:
    """Somebody of the administration. `margen`: seconds between the opening and the public number."""

    def __init__(self, persona: Persona, *, margen: float) -> None:
        self._persona = persona
        self._margen = margen
        self._unidades: list[dict[str, Any]] = []
        self.jugados = Jugados()

    async def preparar(self) -> None:
        nombre = self._persona.nombre
        for n in range(ESPACIOS):
            await self._hacer("POST", "/sorteo/espacios", {"codigo": f"{nombre}-{n}", "tipo": "carro"})
        for n in range(HOGARES):
            unidad = {"torre": nombre, "apartamento": str(n)}
            vehiculos = [{"tipo": "carro", "placa": f"{nombre}{n:03}"}]
            dada = await self._hacer("POST", "/residentes/unidades", unidad | {"vehiculos": vehiculos})
            self._unidades.append(dada.cuerpo)
            persona = {
                "nombres": "Ana",
                "apellidos": "Rojas",
                "tipo_documento": "CC",
                "numero_documento": f"{nombre}{n:04}",
            }
            await self._hacer("POST", "/residentes", persona | {"unidades": [unidad | {"tenencia": "propietario"}]})

    async def jugar(self) -> None:
        numero = 0
        while self._persona.seguir:
            numero += 1
            try:
                await self._uno(numero)
            except Atascado as atasco:
                self.jugados.atascos.append(str(atasco))

    async def _uno(self, numero: int) -> None:
        disponible = datetime.now(UTC) + timedelta(seconds=self._margen)
        id = (await self._hacer("POST", "/sorteo", self._borrador(numero, disponible))).cuerpo["id"]
        if not await self._paso(id, "abrir", "abierto"):
            return
        for unidad in self._unidades:
            pedido = {"sorteo_id": id, "unidad_id": unidad["id"], "vehiculo_id": unidad["vehiculos"][0]["id"]}
            await self._hacer("POST", "/solicitudes", pedido, {"sorteo_no_abierto"})
        if not await self._paso(id, "cerrar", "cerrado"):
            return
        await asyncio.sleep(max(0.0, (disponible - datetime.now(UTC)).total_seconds()) + 0.2)
        if await self._paso(id, "ejecutar", "ejecutado", {"entropia": ENTROPIA}) and await self._paso(
            id, "publicar", "publicado"
        ):
            self.jugados.publicados.append(id)

    async def _paso(self, id: str, paso: str, estado: str, cuerpo: Any = None) -> bool:
        """Ask for a step until it is taken. False when the draw was not closed in time: an outage may be longer than
        what was left, and then the draw must be annulled. Raises Atascado."""
        desde = ahora()
        while self._persona.seguir:
            dada = await self._persona.insistir("paso", f"{id}/{paso}", "POST", f"/sorteo/{id}/{paso}", json=cuerpo)
            if dada.buena or await self._esta(id, estado):
                return True
            if dada.codigo == "cierre_tardio":
                await self._hacer("POST", f"/sorteo/{id}/anular", {"motivo": "no se cerró a tiempo"})
                self.jugados.tardios.append(id)
                return False
            if ahora() > desde + _ATASCO:
                raise Atascado(f"{paso} de {id}: {dada.status} {dada.codigo}")
            await asyncio.sleep(0.5)
        return False

    async def _esta(self, id: str, estado: str) -> bool:
        visto = await self._persona.pedir("lectura", id, "GET", f"/sorteo/{id}")
        return visto.buena and visto.cuerpo["estado"] == estado

    async def _hacer(self, metodo: str, ruta: str, cuerpo: Any, admitidos: AbstractSet[str] = frozenset()) -> Respuesta:
        dada = await self._persona.insistir("sorteo", ruta, metodo, ruta, json=cuerpo)
        if not dada.buena and dada.codigo not in admitidos and self._persona.seguir:
            raise Atascado(f"{metodo} {ruta}: {dada.status} {dada.codigo} {dada.cuerpo}")
        return dada

    def _borrador(self, numero: int, disponible: datetime) -> dict[str, Any]:
        dia = _PRIMER_DIA + timedelta(days=2 * numero)
        return {
            "nombre": f"Sorteo {numero}",
            "vigencia": {"desde": str(dia), "hasta": str(dia + timedelta(days=1))},
            "fuente_entropia": {
                "tipo": "publica",
                "descripcion": "Una lotería",
                "disponible_desde": disponible.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "forma": "####",
            },
            "aprobacion": "automatica",
            "espacios": [f"{self._persona.nombre}-{n}" for n in range(ESPACIOS)],
        }
