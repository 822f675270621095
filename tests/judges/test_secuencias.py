"""Any calls by anybody, one after the other, over HTTP: whatever is asked for, in whichever order, the draws stay what
they promise (`invariantes.py`), nobody sees a secret before its draw has run, and nothing answers 5xx.

Calls are taken from the document, with values that the world has; and more often than by chance, those that are likely
to be next. Longer runs: `make fuzz`.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from motor.motor_asyncio import AsyncIOMotorClient

import app.main
from app.core import clock
from app.modules.sorteo.pasos.pruebas import Boveda
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1
from tests.api.operaciones import OPERACIONES
from tests.judges.foto import Foto, Todas
from tests.judges.invariantes import Juez, mirar
from tests.judges.juicio import EJEMPLOS, SEMILLA
from tests.judges.valores import NUMERO, OTRA_CLAVE, Elegir, Valores
from tests.loteria import fuente, instante
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, huella
from tests.wiring.complejo import RESERVA, Complejo, LatidoALaMano

BASE = "pruebas_secuencias"
CUANTAS = 2 * EJEMPLOS
LARGO = 40
ETAPAS = ("abierto", "cerrado", "ejecutado", "publicado")
INICIO = datetime(2026, 12, 1, 15, tzinfo=UTC)
Llamada = tuple[str, str, str | None, Any]
"""Method, path, who, and the body."""
QUIENES = (
    CORREO_ADMIN,
    "admin2@example.com",
    "operador@example.com",
    "auditor@example.com",
    "porteria@example.com",
    *(f"10{n}" for n in range(1, 6)),
    "2001",
)
ROLES = {quien: quien.partition("@")[0].rstrip("2") if "@" in quien else "residente" for quien in QUIENES}
CALIDADES = (*dict.fromkeys(ROLES.values()), None)
# A process of its own each, or a stream without end.
NO_SE_LLAMAN = frozenset({"sorteo_simular_sorteo", "trabajos_seguir_trabajo"})
ESPACIOS = (
    *(("P-1", "carro", None), ("P-2", "carro", RESERVA), ("P-4", "carro", RESERVA), ("M-1", "moto", None)),
    ("P-3", "carro", None),
)
CAMBIOS = ({"activo": False}, {"activo": True}, {"titular": None}, {"uso": "visitantes"}, {"uso": "residentes"})
SALTOS = (timedelta(minutes=1), timedelta(hours=12), timedelta(days=4), timedelta(days=40))


class Escena:
    """The application, its world as it was at first, and the calls that were made in it since."""

    def __init__(self, aplicacion: Aplicacion, secretos: list[str]) -> None:
        self.aplicacion = aplicacion
        self.secretos = secretos
        self.complejo = Complejo(aplicacion)
        self.garantes: list[tuple[str, str]] = []
        self.documento = aplicacion.app.openapi()
        self.operaciones = [
            (metodo.upper(), plantilla, operacion)
            for plantilla, suyas in self.documento["paths"].items()
            if plantilla.startswith(V1)
            for metodo, operacion in suyas.items()
            if isinstance(operacion, dict) and operacion["operationId"] not in NO_SE_LLAMAN
        ]
        self.cambian = [operacion for operacion in self.operaciones if operacion[0] != "GET"]
        raros: dict[str, list[str]] = {"garantes": []}
        self.valores = Valores(aplicacion.base, self.documento, raros)
        self._enlaces = raros["garantes"]
        self._sesiones: dict[str, tuple[datetime, dict[str, str]]] = {}
        self.hechas: list[str] = []
        self.faltas: list[str] = []
        self.juez = Juez()

    @property
    def base(self) -> Any:
        return self.aplicacion.base

    @property
    def ahora(self) -> datetime:
        return self.aplicacion.reloj.instante

    async def poblar(self) -> None:
        """Five flats, one of them in arrears, one with a right to reserved spaces, one with a motorcycle too; a draw
        that is published, one that is open, of the same spaces for other days, and a draft."""
        c, reloj = self.complejo, self.aplicacion.reloj
        reloj.poner(INICIO - timedelta(days=20))
        for correo in QUIENES[1:5]:
            await c.cuenta({"email": correo, "rol": ROLES[correo]})
        for n in range(1, 6):
            await c.muda(f"10{n}", f"Vecina {n}", f"10{n}")
        await c.llega("101", "Beto", "2001")
        moto = {"tipo": "moto", "placa": "MOT12"}
        await c.pedir("POST", f"/residentes/unidades/{c.vecinas['102'].unidad}/vehiculos", json=moto)
        ruta = f"/residentes/{c.vecinas['103'].id}/condiciones/{RESERVA}"
        await c.pedir("PUT", ruta, json={"estado": "verificada", "persona": "titular"})
        for codigo, tipo, reserva in ESPACIOS:
            espacio = {"codigo": codigo, "tipo": tipo, "reserva": reserva}
            await c.pedir("POST", "/sorteo/espacios", json=espacio)
        comunes = [codigo for codigo, _, _ in ESPACIOS[:-1]]
        primero, segundo = (INICIO.date().replace(year=2027, month=m, day=1) for m in (1, 7))
        vigencia = (primero, segundo - timedelta(days=1))
        pasado = await c.sorteo("Primer semestre", vigencia, INICIO - timedelta(days=10), espacios=comunes)
        await c.piden(pasado)
        reloj.poner(INICIO - timedelta(days=10))
        await c.latir()
        reloj.poner(INICIO - timedelta(hours=1))
        await c.pedir("POST", f"/sorteo/{pasado}/ejecutar", json={"entropia": NUMERO})
        await c.pedir("POST", f"/sorteo/{pasado}/publicar")
        await c.pedir("PATCH", f"/residentes/unidades/{c.vecinas['105'].unidad}", json={"al_dia": False})
        reloj.poner(INICIO)
        vigencia = (segundo, segundo.replace(month=12, day=31))
        cierre = INICIO + timedelta(days=10)
        abierto = await c.sorteo("Segundo semestre", vigencia, cierre, max_por_unidad=2, espacios=comunes)
        await self._nombrar(abierto)
        for apartamento in ("101", "103", "105"):
            vecina = c.vecinas[apartamento]
            pedido = {"sorteo_id": abierto, "vehiculo_id": vecina.vehiculo}
            await c.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
        borrador = {
            "nombre": "Un borrador",
            "vigencia": {"desde": "2027-01-01", "hasta": "2027-12-31"},
            "fuente_entropia": fuente(INICIO + timedelta(days=20)),
        }
        await c.pedir("POST", "/sorteo", json=borrador)

    async def fotografiar(self) -> dict[str, Foto]:
        """As it is at first; with the second draw closed, and its number known; run; and published."""
        fotos: dict[str, Foto] = {}

        async def tomar(etapa: str) -> None:
            fotos[etapa] = Foto(self.aplicacion, Todas())
            await fotos[etapa].tomar()

        await tomar("abierto")
        for dias in (3, 7, 6):
            self.aplicacion.reloj.avanzar(days=dias)
            await self.complejo.latir()
        await tomar("cerrado")
        for paso, cuerpo in (("ejecutar", {"entropia": NUMERO}), ("publicar", {})):
            hecho = await self.complejo.pedir("POST", f"/sorteo/{self.garantes[0][0]}/{paso}", json=cuerpo)
            await tomar(hecho["estado"])
        return fotos

    async def _nombrar(self, sorteo: str) -> None:
        nombrados = await self.complejo.pedir("POST", f"/sorteo/{sorteo}/garantes", json={"nombres": NOMBRES})
        self.garantes = [(sorteo, n["token"]) for n in nombrados["items"]]
        self._enlaces[:] = [token for _, token in self.garantes]

    async def empezar(self, foto: Foto) -> None:
        await foto.reponer()
        self._sesiones.clear()
        self.hechas.clear()
        self.juez = Juez()
        self.juez.juzgar(await mirar(self.base, self.ahora.date()))

    async def llamar(self, metodo: str, ruta: str, quien: str | None, **mas: Any) -> httpx.Response:
        respuesta = await self._pedir(metodo, ruta, quien, **mas)
        if respuesta.status_code == 401 and quien is not None:
            self._sesiones.pop(quien, None)
            respuesta = await self._pedir(metodo, ruta, quien, **mas)
        await self._juzgar(
            f"{quien} {metodo} {ruta} {mas or ''} -> {respuesta.status_code}", metodo != "GET", respuesta
        )
        return respuesta

    async def pasar(self, cuanto: timedelta) -> None:
        self.aplicacion.reloj.instante += cuanto
        await self.latir()

    async def latir(self) -> None:
        await self.complejo.latir()
        await self._juzgar(f"the clock, at {instante(self.ahora)}", True, None)

    async def _pedir(self, metodo: str, ruta: str, quien: str | None, **mas: Any) -> httpx.Response:
        cabeceras = {} if quien is None else await self._entrar(quien)
        return await self.aplicacion.cliente.request(metodo, ruta, headers=cabeceras, **mas)

    async def _entrar(self, quien: str) -> dict[str, str]:
        """Their headers; none where they cannot sign in any more."""
        desde, cabeceras = self._sesiones.get(quien, (None, {}))
        if desde is None or self.ahora - desde > timedelta(minutes=9):
            cabeceras = {}
            for clave in (CLAVE, OTRA_CLAVE):
                datos = {"username": quien, "password": clave}
                respuesta = await self.aplicacion.cliente.post(f"{V1}/auth/login", data=datos)
                if respuesta.is_success:
                    cabeceras = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
                    break
            self._sesiones[quien] = self.ahora, cabeceras
        return cabeceras

    async def _juzgar(self, dicho: str, cambia: bool, respuesta: httpx.Response | None) -> None:
        self.hechas.append(dicho)
        faltas: list[str] = []
        if respuesta is not None:
            if respuesta.status_code >= 500:
                faltas.append(respuesta.text)
            faltas += await self._a_la_vista(respuesta)
        if cambia:
            faltas += self.juez.juzgar(await mirar(self.base, self.ahora.date()))
        if faltas:
            self.faltas.append("\n".join([*self.hechas, *faltas]))
        assert not faltas, self.faltas[-1]

    async def _a_la_vista(self, respuesta: httpx.Response) -> list[str]:
        """Secrets, and the phrases of witnesses, that an answer shows while their draw has not run."""
        texto = respuesta.content.decode(errors="replace")
        dichos = {dicho for dicho in (*self.secretos, *FRASES) if dicho in texto}
        if not dichos:
            return []
        publicados = [s async for s in self.base["sorteos"].find({"secreto": {"$ne": None}})]
        permitidos = {s["secreto"] for s in publicados} | {g["frase"] for s in publicados for g in s["garantes"]}
        return [f"it shows {dicho}" for dicho in dichos - permitidos]

    async def algo(self, elegir: Elegir) -> None:
        """A call by chance, or one that is likely to be made next."""
        if elegir([True, True, False, False, False]):
            metodo, ruta, quien, mas = await self.cualquiera(elegir)
            await self.llamar(metodo, ruta, quien, **mas)
            return
        probables = (self.de_un_sorteo, self.de_una_solicitud, self.de_una_asignacion, self.de_un_espacio)
        llamada = await elegir([*probables, *probables[:3], *probables[:2]])(elegir)
        if llamada is not None:
            metodo, ruta, quien, cuerpo = llamada
            await self.llamar(metodo, ruta, quien, **({} if cuerpo is None else {"json": cuerpo}))

    # What is likely to be asked for next

    async def de_un_sorteo(self, elegir: Elegir) -> Llamada:
        sorteo = elegir(await self.base["sorteos"].find().sort("_id", 1).to_list(None))
        ruta, admin = f"{V1}/sorteo/{sorteo['_id']}", CORREO_ADMIN
        motivo = {"motivo": "lo pidió la asamblea"}
        desde = max(self.ahora, sorteo["cierre"] or self.ahora)
        mas_tarde = {"cierre": instante(desde + timedelta(hours=elegir([1, 30])))}
        anular: Llamada = ("POST", f"{ruta}/anular", admin, motivo)
        otro = elegir(["admin2@example.com", "auditor@example.com"])
        de_una_anulacion: list[Llamada] = [
            ("DELETE", f"{ruta}/anular", admin, motivo),
            ("POST", f"{ruta}/anular/confirmar", otro, None),
        ]
        pasos: Mapping[str, list[Llamada]] = {
            "borrador": [("POST", f"{ruta}/abrir", admin, None)],
            "abierto": [
                ("POST", f"{ruta}/cerrar", admin, None),
                ("POST", f"{ruta}/prorrogar", admin, motivo | mas_tarde),
                *await self._de_garantes(sorteo, "compromiso", elegir),
            ],
            "cerrado": [
                ("POST", f"{ruta}/ejecutar", admin, {"entropia": elegir([NUMERO, "1111 serie 111"])}),
                ("POST", f"{ruta}/reabrir", admin, motivo | elegir([{}, mas_tarde])),
                *await self._de_garantes(sorteo, "revelacion", elegir),
            ],
            "ejecutado": [("POST", f"{ruta}/publicar", admin, None)],
            "publicado": [("POST", f"{ruta}/finalizar", admin, None)],
        }
        posibles = de_una_anulacion if sorteo["anulacion"] is not None else pasos.get(sorteo["estado"], [])
        llamada: Llamada = elegir([*posibles * 4, *de_una_anulacion, anular])
        return llamada

    async def _de_garantes(self, sorteo: Mapping[str, Any], paso: str, elegir: Elegir) -> list[Any]:
        n = elegir([0, 1, 2])
        if str(sorteo["_id"]) != self.garantes[n][0]:
            return []
        cuerpo = {"compromiso": huella(FRASES[n])} if paso == "compromiso" else {"frase": FRASES[n]}
        return [("POST", f"{V1}/sorteo/{sorteo['_id']}/garantes/{self.garantes[n][1]}/{paso}", None, cuerpo)]

    async def de_una_solicitud(self, elegir: Elegir) -> Llamada:
        # The first is published, and has the most to move.
        sorteos = await self.base["sorteos"].find({}, {"_id": 1}).sort("_id", 1).to_list(None)
        sorteo = elegir([sorteos[0], *sorteos])
        suyas = await self.base["solicitudes"].find({"sorteo_id": sorteo["_id"]}).sort("_id", 1).to_list(None)
        vecina = self.complejo.vecinas[elegir(list(self.complejo.vecinas))]
        if not suyas or elegir([False, False, True]):
            pedido = {"sorteo_id": str(sorteo["_id"]), "vehiculo_id": vecina.vehiculo}
            return "POST", f"{V1}/solicitudes", vecina.documento, pedido
        solicitud = elegir(suyas)
        salidas = {
            "pendiente": ["aprobada", "rechazada", "cancelada"],
            "aprobada": ["cancelada"],
            "asignada": ["aceptada", "declinada"],
            "ofrecida": ["aceptada", "declinada", "retirada"],
            "en_espera": ["retirada"],
        }
        cuerpo = {"estado": elegir(salidas.get(solicitud["estado"], ["aceptada"])), "motivo": "lo dijo"}
        return "PATCH", f"{V1}/solicitudes/{solicitud['_id']}/estado", CORREO_ADMIN, cuerpo

    async def de_una_asignacion(self, elegir: Elegir) -> Llamada | None:
        vigentes = await self.base["asignaciones"].find({"estado": "vigente"}).sort("_id", 1).to_list(None)
        if not vigentes:
            return None
        suya = elegir(vigentes)
        por_unidad = {v.unidad: v.documento for v in self.complejo.vecinas.values()}
        quien, ruta = por_unidad.get(str(suya["unidad_id"])), f"{V1}/sorteo/asignaciones/{suya['_id']}"
        llamada: Llamada = elegir(
            [
                ("POST", f"{ruta}/devolver", quien, None),
                ("POST", f"{ruta}/revocar", CORREO_ADMIN, {"motivo": "prestó el suyo"}),
                ("POST", f"{ruta}/reclamar", CORREO_ADMIN, None),
                ("POST", f"{ruta}/reclamar", CORREO_ADMIN, {"hasta": instante(self.ahora + timedelta(days=8))[:10]}),
            ]
        )
        return llamada

    async def de_un_espacio(self, elegir: Elegir) -> Llamada:
        espacio = elegir(await self.base["espacios"].find().sort("_id", 1).to_list(None))
        titular = {"unidad_id": self.complejo.vecinas["104"].unidad, "motivo": "escritura", "desde": "2027-01-01"}
        cambio = elegir([*CAMBIOS, {"titular": titular | {"hasta": None}}])
        return "PATCH", f"{V1}/sorteo/espacios/{espacio['codigo']}", CORREO_ADMIN, cambio

    async def cualquiera(self, elegir: Elegir) -> tuple[str, str, str | None, dict[str, Any]]:
        metodo, plantilla, operacion = elegir(elegir([self.cambian, self.cambian, self.operaciones]))
        camino, mas = await self.con_valores(plantilla, operacion, elegir)
        pueden = [quien for quien in QUIENES if ROLES[quien] in OPERACIONES[operacion["operationId"]].quienes]
        quien = elegir([*QUIENES, None]) if elegir([False] * 6 + [True]) else elegir(pueden or [None])
        return metodo, camino, quien, mas

    async def con_valores(
        self, plantilla: str, operacion: Mapping[str, Any], elegir: Elegir
    ) -> tuple[str, dict[str, Any]]:
        """The path, and what else is sent."""
        mas: dict[str, Any] = {}
        consulta = await self.valores.consulta(operacion.get("parameters", ()), self.ahora, elegir)
        if consulta:
            mas["params"] = consulta
        contenido = operacion.get("requestBody", {}).get("content", {})
        if "application/json" in contenido:
            esquema = contenido["application/json"]["schema"]
            mas["json"] = await self.valores.valor(esquema, "", self.ahora, elegir)
        elif contenido:
            filas = elegir(["torre,apartamento,al_dia\n1,105,si\n", "torre,apartamento,placa\n1,104,CAR104\n"])
            mas |= {"content": filas}
        return await self.valores.camino(plantilla, elegir), mas


@pytest.fixture
async def escena(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Escena]:
    monkeypatch.setattr(app.main, "Latido", LatidoALaMano)
    monkeypatch.setattr(LatidoALaMano, "tareas", [])
    secretos: list[str] = []
    nuevo = Boveda.nuevo

    def apuntado() -> str:
        secretos.append(nuevo())
        return secretos[-1]

    monkeypatch.setattr(Boveda, "nuevo", staticmethod(apuntado))
    async with aplicacion_en(BASE, servidor, cliente_mongo, tmp_path_factory.mktemp("secuencias")) as aplicacion:
        clock.usar_fuente(lambda: aplicacion.reloj.instante)
        escena = Escena(aplicacion, secretos)
        await escena.poblar()
        yield escena
        clock.usar_fuente(None)
    await cliente_mongo.drop_database(BASE)


class Secuencia(RuleBasedStateMachine):
    """`escena`, `fotos`, `bucle`: of the test, which sets them before the first one begins."""

    escena: Escena
    fotos: Mapping[str, Foto]
    bucle: asyncio.AbstractEventLoop

    def _en(self, hacer: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(hacer, self.bucle).result()

    @initialize(desde=st.sampled_from(ETAPAS), suerte=st.integers(0, 2**64))
    def empezar(self, desde: str, suerte: int) -> None:
        self.suerte = suerte
        self._en(self.escena.empezar(self.fotos[desde]))

    @rule(dado=st.integers(0, 2**32))
    def algo(self, dado: int) -> None:
        # What falls again and again, as the least of numbers does, is not the same call again.
        azar = Random(f"{self.suerte} {dado} {len(self.escena.hechas)}")  # noqa: S311
        self._en(self.escena.algo(azar.choice))

    @rule(cuanto=st.sampled_from(SALTOS))
    def pasa_el_tiempo(self, cuanto: timedelta) -> None:
        self._en(self.escena.pasar(cuanto))


async def test_no_sequence_breaks_what_a_draw_promises(escena: Escena) -> None:
    escena.aplicacion.base_propia()
    Secuencia.escena, Secuencia.bucle = escena, asyncio.get_running_loop()
    Secuencia.fotos = await escena.fotografiar()
    ajustes = settings(
        max_examples=CUANTAS,
        stateful_step_count=LARGO,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        await asyncio.to_thread(run_state_machine_as_test, seed(SEMILLA)(Secuencia), settings=ajustes)
    except Exception as error:
        # The calls, and what was wrong after the last of them.
        raise AssertionError(next(iter(escena.faltas), str(error))) from error


async def test_every_call_by_every_role(escena: Escena) -> None:
    """Sequences in which no call comes twice: in as many rounds as there are roles, each is made by each of them."""
    escena.aplicacion.base_propia()
    fotos, azar = await escena.fotografiar(), Random(SEMILLA)  # noqa: S311
    for vuelta in range(len(CALIDADES)):
        foto = fotos[ETAPAS[vuelta % len(ETAPAS)]]
        turnos = [(de, CALIDADES[(n + vuelta) % len(CALIDADES)]) for n, de in enumerate(escena.operaciones)]
        azar.shuffle(turnos)
        for inicio in range(0, len(turnos), LARGO):
            await escena.empezar(foto)
            for (metodo, plantilla, operacion), rol in turnos[inicio : inicio + LARGO]:
                quien = None if rol is None else azar.choice([quien for quien in QUIENES if ROLES[quien] == rol])
                camino, mas = await escena.con_valores(plantilla, operacion, azar.choice)
                await escena.llamar(metodo, camino, quien, **mas)
