"""One draw from its draft to its end, photographed before each step, and all its steps: with a round of drand, three
witnesses, rules, a reserved space that is lent, and a clock that could take most steps by itself."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from tests.api.conftest import Aplicacion
from tests.api.mundo import V1
from tests.judges.foto import Foto, Todas
from tests.loteria import instante
from tests.modules.sorteo.drand.test_ronda import ANTES, REAL
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, huella
from tests.wiring.complejo import RESERVA, Complejo, LatidoALaMano

AUDITOR = "auditor@example.com"
CIERRE = ANTES + timedelta(minutes=30)
SABIDO = ANTES + timedelta(minutes=90)
PUBLICA = ANTES + timedelta(hours=2)
MOTIVO = {"motivo": "lo pidió la asamblea"}


@dataclass(frozen=True)
class Etapa:
    """What there was before a step. `quien`: the headers of who had signed in."""

    foto: Foto
    quien: dict[str, dict[str, str]]


class Mesa:
    def __init__(self, aplicacion: Aplicacion) -> None:
        self.aplicacion = aplicacion
        self.complejo = Complejo(aplicacion)
        self.etapas: dict[str, Etapa] = {}
        self.sorteo = self.repetido = ""
        self.garantes: list[str] = []
        self.solicitud = ""
        self._quien: dict[str, dict[str, str]] = {}

    async def volver(self, etapa: str) -> None:
        await self.etapas[etapa].foto.reponer()
        self.complejo._sesiones.clear()
        self._quien = self.etapas[etapa].quien

    async def pedir(self, metodo: str, ruta: str, quien: str = "admin", **mas: Any) -> httpx.Response:
        cabeceras = self._quien.get(quien, {})
        return await self.aplicacion.cliente.request(metodo, V1 + ruta, headers=cabeceras, **mas)

    async def paso(self, nombre: str, cuerpo: Any = None, quien: str = "admin", metodo: str = "POST") -> httpx.Response:
        mas = {} if cuerpo is None else {"json": cuerpo}
        return await self.pedir(metodo, f"/sorteo/{self.sorteo}/{nombre}", quien, **mas)

    async def latir(self) -> None:
        """What the clock does with draws, and nothing else."""
        (tarea,) = (t for t in LatidoALaMano.tareas if isinstance(getattr(t, "__self__", None), TareasDeSorteos))
        await tarea()

    async def garante(self, n: int, paso: str, cuerpo: Any) -> httpx.Response:
        return await self.pedir("POST", f"/sorteo/{self.sorteo}/garantes/{self.garantes[n]}/{paso}", "", json=cuerpo)

    async def comprometer(self, n: int) -> httpx.Response:
        return await self.garante(n, "compromiso", {"compromiso": huella(FRASES[n])})

    async def _foto(self, etapa: str) -> None:
        reloj = self.aplicacion.reloj
        # The times of what comes after are of the steps alone, whoever asked for them when.
        reloj.avanzar(seconds=1)
        quien = {
            "admin": await self.complejo._entrar("admin@example.com"),
            "auditor": await self.complejo._entrar(AUDITOR),
            "vecina": await self.complejo._entrar("1001"),
        }
        foto = Foto(self.aplicacion, Todas())
        await foto.tomar()
        self.etapas[etapa] = Etapa(foto, quien)
        self._quien = quien

    async def _dado(self, hecho: httpx.Response) -> None:
        assert hecho.is_success, hecho.text

    async def vivir(self) -> None:
        reloj, c = self.aplicacion.reloj, self.complejo
        reloj.poner(ANTES - timedelta(minutes=5))
        await c.cuenta({"email": AUDITOR, "rol": "auditor"})
        for n in range(1, 6):
            await c.muda(f"10{n}", f"Vecina {n}", f"100{n}")
        for codigo, reserva in (("P-1", None), ("P-2", None), ("P-3", RESERVA)):
            await c.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro", "reserva": reserva})
        await c.pedir("POST", "/sorteo/prioridades", json=REGLA)
        self.sorteo = (await c.pedir("POST", "/sorteo", json=PARAMETROS))["id"]
        nombrados = await c.pedir("POST", f"/sorteo/{self.sorteo}/garantes", json={"nombres": NOMBRES})
        self.garantes = [nombrado["token"] for nombrado in nombrados["items"]]
        reloj.poner(ANTES)
        await self._foto("borrador")
        await self._dado(await self.paso("abrir"))
        await c.piden(self.sorteo)
        for n in (1, 2):
            await self._dado(await self.comprometer(n))
        await self._foto("abierto")
        await self._dado(await self.comprometer(0))
        reloj.poner(CIERRE)
        await self._foto("a la hora del cierre")
        await self.latir()
        await self._foto("cerrado")
        await self._dado(await self.garante(1, "revelacion", {"frase": FRASES[1]}))
        reloj.poner(SABIDO)
        await self._foto("sabido")
        await self._dado(await self.paso("ronda", REAL))
        await self._foto("con número")
        await self._dado(await self.paso("ejecutar", {}))
        await self._foto("ejecutado")
        reloj.poner(PUBLICA)
        await self._foto("a la hora de publicar")
        await self.latir()
        suyas = await c.todas(f"/solicitudes?sorteo_id={self.sorteo}&estado=asignada")
        (self.solicitud, *_) = [s["id"] for s in suyas if not s["prestado"]]
        await self._foto("publicado")
        await self._dado(await self.paso("anular", MOTIVO))
        await self._foto("por anular")
        await self._dado(await self.paso("anular/confirmar", quien="auditor"))
        await self._repetir()
        await self.volver("publicado")
        aceptada = {"estado": "aceptada", "motivo": "llamó"}
        await self._dado(await self.pedir("PATCH", f"/solicitudes/{self.solicitud}/estado", json=aceptada))
        reloj.poner(ANTES + timedelta(days=200))
        await self._foto("al final")

    async def _repetir(self) -> None:
        """Another draw, of the requests of one that was annulled while it was open."""
        await self.volver("abierto")
        await self._dado(await self.paso("anular", MOTIVO))
        otra = PARAMETROS | {"nombre": "Otra vez", "repite_a": self.sorteo}
        creado = await self.pedir("POST", "/sorteo", json=otra)
        assert creado.status_code == 201, creado.text
        self.repetido = creado.json()["id"]
        await self._foto("por repetir")


REGLA = {
    "codigo": "propietarios",
    "descripcion": "Los propietarios primero",
    "condiciones": [{"campo": "tenencia", "operador": "igual", "valor": "propietario"}],
    "efecto": {"nivel": 2, "boletas": 3},
}
PARAMETROS = {
    "nombre": "Segundo semestre de 2023",
    "vigencia": {"desde": "2023-09-01", "hasta": "2024-02-29"},
    "fuente_entropia": {"tipo": "drand", "ronda": 1000},
    "apertura": instante(ANTES),
    "cierre": instante(CIERRE),
    "aprobacion": "automatica",
    "ejecuta_sola": True,
    "publica_en": instante(PUBLICA),
}


@dataclass(frozen=True)
class Paso:
    """`etapa`: where it is taken. `hacer`: as a person does, or as the clock, which is not answered."""

    etapa: str
    hacer: Callable[[Mesa], Awaitable[httpx.Response | None]]


PASOS: dict[str, Paso] = {
    "abrir": Paso("borrador", lambda m: m.paso("abrir")),
    "abrir, el reloj": Paso("borrador", lambda m: m.latir()),
    "abrir, repitiendo": Paso("por repetir", lambda m: m.pedir("POST", f"/sorteo/{m.repetido}/abrir")),
    "comprometerse": Paso("abierto", lambda m: m.comprometer(0)),
    "prorrogar": Paso(
        "abierto", lambda m: m.paso("prorrogar", MOTIVO | {"cierre": instante(CIERRE + timedelta(minutes=5))})
    ),
    "anular, abierto": Paso("abierto", lambda m: m.paso("anular", MOTIVO)),
    "cerrar": Paso("abierto", lambda m: m.paso("cerrar")),
    "cerrar, el reloj": Paso("a la hora del cierre", lambda m: m.latir()),
    "reabrir": Paso(
        "cerrado", lambda m: m.paso("reabrir", MOTIVO | {"cierre": instante(CIERRE + timedelta(minutes=5))})
    ),
    "revelar": Paso("cerrado", lambda m: m.garante(0, "revelacion", {"frase": FRASES[0]})),
    "entregar la ronda": Paso("sabido", lambda m: m.paso("ronda", REAL, "vecina")),
    "ejecutar con la ronda": Paso("sabido", lambda m: m.paso("ejecutar", {"entropia": json.dumps(REAL)})),
    "ejecutar, el reloj": Paso("con número", lambda m: m.latir()),
    "publicar": Paso("ejecutado", lambda m: m.paso("publicar")),
    "publicar, el reloj": Paso("a la hora de publicar", lambda m: m.latir()),
    "declinar": Paso(
        "publicado",
        lambda m: m.pedir(
            "PATCH", f"/solicitudes/{m.solicitud}/estado", json={"estado": "declinada", "motivo": "llamó"}
        ),
    ),
    "pedir la anulación": Paso("publicado", lambda m: m.paso("anular", MOTIVO)),
    "retirar la anulación": Paso("por anular", lambda m: m.paso("anular", MOTIVO, metodo="DELETE")),
    "confirmar la anulación": Paso("por anular", lambda m: m.paso("anular/confirmar", quien="auditor")),
    "finalizar": Paso("al final", lambda m: m.paso("finalizar")),
    "finalizar, el reloj": Paso("al final", lambda m: m.latir()),
}
