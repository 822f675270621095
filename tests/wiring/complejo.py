"""A whole complex over HTTP: flats, people and their accounts, a clock that is moved, and the beat of each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.core.beat import Tarea
from tests.api.conftest import Aplicacion
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1
from tests.loteria import fuente, instante

Cabeceras = dict[str, str]
RESERVA = "movilidad_reducida"
REGLA = {
    "codigo": "de_torre",
    "descripcion": "Los de la torre 1",
    "condiciones": [{"campo": "torre", "operador": "igual", "valor": "1"}],
    "efecto": {"nivel": 0},
}
DERECHO = {"motivo": "escritura", "desde": "2026-01-01", "hasta": None}
SEMESTRE = (date(2027, 1, 1), date(2027, 6, 30))


class LatidoALaMano:
    """Stands in for the beats of the application: what they would do by themselves, a test does when its day comes."""

    tareas: list[Tarea] = []

    def __init__(self, tareas: Sequence[Tarea], segundos: float, *, al_final: Sequence[Tarea] = ()) -> None:
        del segundos
        self._propias, self._al_final = tareas, al_final

    async def __aenter__(self) -> None:
        LatidoALaMano.tareas.extend(self._propias)

    async def __aexit__(self, *_: object) -> None:
        for tarea in self._al_final:
            await tarea()


@dataclass
class Vecina:
    id: str
    documento: str
    apartamento: str
    unidad: str
    vehiculo: str
    placa: str


@dataclass
class Complejo:
    aplicacion: Aplicacion
    vecinas: dict[str, Vecina] = field(default_factory=dict)
    _sesiones: dict[str, tuple[datetime, Cabeceras]] = field(default_factory=dict)

    @property
    def ahora(self) -> datetime:
        return self.aplicacion.reloj.instante

    async def pedir(self, metodo: str, ruta: str, quien: str = CORREO_ADMIN, espera: int = 0, **mas: Any) -> Any:
        """Call it, and be answered: with `espera`, so; else, well."""
        cabeceras = await self._entrar(quien)
        respuesta = await self.aplicacion.cliente.request(metodo, V1 + ruta, headers=cabeceras, **mas)
        bien = respuesta.status_code == espera if espera else respuesta.is_success
        assert bien, (metodo, ruta, quien, respuesta.status_code, respuesta.text)
        es_json = respuesta.headers.get("content-type", "").endswith("json") and respuesta.content
        return respuesta.json() if es_json else respuesta.content

    async def todas(self, ruta: str, quien: str = CORREO_ADMIN) -> list[dict[str, Any]]:
        """Every row of a list."""
        filas: list[dict[str, Any]] = []
        cursor = ""
        while True:
            pagina = await self.pedir("GET", f"{ruta}{'&' if '?' in ruta else '?'}limite=200{cursor}", quien)
            filas += pagina["items"]
            if pagina["siguiente"] is None:
                return filas
            cursor = f"&cursor={pagina['siguiente']}"

    async def hasta(self, dia: date, *, cada: int = 3) -> None:
        """Live until that day, inclusive, one of so many days: a draw has five to be closed in, and what is told a day
        ahead needs each."""
        while (faltan := (dia - self.ahora.date()).days) > 0:
            self.aplicacion.reloj.avanzar(days=min(cada, faltan))
            await self.latir()

    async def latir(self) -> None:
        for tarea in LatidoALaMano.tareas:
            await tarea()

    async def cuenta(self, invitado: Mapping[str, str]) -> None:
        token = (await self.pedir("POST", "/auth/invitaciones", json=invitado))["token"]
        cuerpo = {"invitacion": token, "password": CLAVE, "acepta_politica": True}
        respuesta = await self.aplicacion.cliente.post(V1 + "/auth/registro", json=cuerpo)
        assert respuesta.status_code == 201, respuesta.text

    async def muda(
        self, apartamento: str, nombre: str, documento: str, tenencia: str = "propietario", **unidad: Any
    ) -> Vecina:
        """A flat with a car, and who lives there."""
        placa = f"CAR{apartamento}"
        casa = await self.pedir(
            "POST",
            "/residentes/unidades",
            json={"torre": "1", "apartamento": apartamento, "vehiculos": [{"tipo": "carro", "placa": placa}], **unidad},
        )
        vecina = await self.llega(apartamento, nombre, documento, tenencia)
        nueva = Vecina(vecina, documento, apartamento, casa["id"], casa["vehiculos"][0]["id"], placa)
        self.vecinas[apartamento] = nueva
        return nueva

    async def llega(self, apartamento: str, nombre: str, documento: str, tenencia: str = "propietario") -> str:
        """Somebody with an account comes to live in a flat."""
        persona = {
            "nombres": nombre,
            "apellidos": "Rojas",
            "tipo_documento": "CC",
            "numero_documento": documento,
            "unidades": [{"torre": "1", "apartamento": apartamento, "tenencia": tenencia}],
        }
        residente: str = (await self.pedir("POST", "/residentes", json=persona))["id"]
        await self.cuenta({"residente_id": residente})
        return residente

    async def borrador(self, nombre: str, vigencia: tuple[date, date], cierre: datetime, **campos: Any) -> str:
        """A draw whose number can be known five days after its closing."""
        desde, hasta = vigencia
        datos = {
            "nombre": nombre,
            "vigencia": {"desde": desde.isoformat(), "hasta": hasta.isoformat()},
            "fuente_entropia": fuente(cierre + timedelta(days=5)),
            "cierre": instante(cierre),
        }
        sorteo: str = (await self.pedir("POST", "/sorteo", json=datos | campos))["id"]
        return sorteo

    async def sorteo(self, nombre: str, vigencia: tuple[date, date], cierre: datetime, **campos: Any) -> str:
        """The same, opened; requests are approved by the rules."""
        sorteo = await self.borrador(nombre, vigencia, cierre, **{"aprobacion": "automatica"} | campos)
        await self.pedir("POST", f"/sorteo/{sorteo}/abrir")
        return sorteo

    async def piden(self, sorteo: str) -> None:
        for vecina in self.vecinas.values():
            pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
            await self.pedir("POST", "/solicitudes", vecina.documento, json=pedido)

    async def de(self, sorteo: str, estado: str) -> list[tuple[Vecina, dict[str, Any]]]:
        """Requests in that state, by their place in line or their folio, with who lives in the flat."""
        por_unidad = {vecina.unidad: vecina for vecina in self.vecinas.values()}
        suyas = await self.todas(f"/solicitudes?sorteo_id={sorteo}&estado={estado}")
        suyas.sort(key=lambda s: (s["espera_actual"] or 0, s["folio"]))
        return [(por_unidad[s["unidad_id"]], s) for s in suyas if s["unidad_id"] in por_unidad]

    async def responde(self, vecina: Vecina, solicitud: Mapping[str, Any], a: str) -> None:
        ruta = f"/solicitudes/{solicitud['id']}/estado"
        await self.pedir("PATCH", ruta, vecina.documento, json={"estado": a})

    async def entra(self, placa: str) -> str | None:
        """To which space the gate lets it in."""
        acceso = await self.pedir("GET", f"/sorteo/porteria?placa={placa}", "porteria@example.com")
        espacio: str | None = acceso["espacio"]
        assert acceso["permitido"] == (espacio is not None)
        return espacio

    async def _entrar(self, quien: str) -> Cabeceras:
        desde, cabeceras = self._sesiones.get(quien, (None, {}))
        if desde is None or self.ahora - desde > timedelta(minutes=9):
            datos = {"username": quien, "password": CLAVE}
            respuesta = await self.aplicacion.cliente.post(V1 + "/auth/login", data=datos)
            assert respuesta.status_code == 200, (quien, respuesta.text)
            cabeceras = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
            self._sesiones[quien] = self.ahora, cabeceras
        return cabeceras
