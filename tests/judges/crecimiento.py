"""A world with `n` rows of everything that there can be many of, all made through the API but for the draws of past
years, which are copies of one."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bson import ObjectId

from app.modules.solicitudes.movimientos.suertes import MarcasDeSuertes
from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo, Vecino, construir, persona
from tests.loteria import fuente


@dataclass
class MundoGrande(Mundo):
    """`abierto` and `publicado` are those with many requests. Beside those: what calls need that the small world does
    not have."""

    n: int = 0
    codigos: list[str] = field(default_factory=list)
    prioridades: list[str] = field(default_factory=list)
    solicitudes: list[str] = field(default_factory=list)
    asignada: str = ""
    vehiculo_libre: str = ""
    libre: str = ""
    sin_cuenta: str = ""
    valor: str = ""
    vehiculos_de_ana: list[dict[str, Any]] = field(default_factory=list)
    vehiculos_de_luis: list[dict[str, Any]] = field(default_factory=list)
    vehiculos_de_nadie: list[dict[str, Any]] = field(default_factory=list)

    async def vehiculo(self, unidad: str, placa: str) -> dict[str, Any]:
        datos = {"tipo": "carro", "placa": placa}
        nuevo: dict[str, Any] = await self.pedir("POST", f"/residentes/unidades/{unidad}/vehiculos", json=datos)
        return nuevo


async def crecer(aplicacion: Aplicacion, n: int) -> MundoGrande:
    pequeno = await construir(aplicacion.cliente, aplicacion.reloj)
    mundo = MundoGrande(**vars(pequeno), n=n)
    vecinos = await _poblar(mundo)
    await _publicar(mundo, aplicacion, vecinos)
    await _abrir(mundo, vecinos)
    await _anadir(mundo)
    await _repetir_el_pasado(aplicacion, n)
    return mundo


async def _poblar(mundo: MundoGrande) -> list[Vecino]:
    vecinos = []
    for i in range(mundo.n):
        datos = {"nombres": f"Vecina {i}", "documento": f"{5000 + i}", "placa": f"VEC{i:03}"}
        vecinos.append(await mundo.vecino(apartamento=f"{2000 + i}", **datos))
        await mundo.pedir("POST", "/residentes", json=persona(f"Conviviente {i}", f"{7000 + i}", "101"))
        mundo.vehiculos_de_ana.append(await mundo.vehiculo(mundo.ana.unidad, f"ANA{i:03}"))
        mundo.vehiculos_de_luis.append(await mundo.vehiculo(mundo.luis.unidad, f"LUI{i:03}"))
        mundo.vehiculos_de_nadie.append(await mundo.vehiculo(mundo.sola, f"SOL{i:03}"))
        codigo = f"G-{i:03}"
        await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
        mundo.codigos.append(codigo)
        regla = {
            "codigo": f"regla_{i}",
            "descripcion": "Otra",
            "condiciones": [{"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": i}],
            "efecto": {"boletas": 2},
        }
        await mundo.pedir("POST", "/sorteo/prioridades", json=regla)
        mundo.prioridades.append(f"regla_{i}")
    condicion = {"estado": "verificada", "persona": "titular"}
    for vecino in vecinos:
        await mundo.pedir("PUT", f"/residentes/{vecino.id}/condiciones/movilidad_reducida", json=condicion)
    mundo.sin_cuenta = vecinos[0].id
    return vecinos


async def _publicar(mundo: MundoGrande, aplicacion: Aplicacion, vecinos: list[Vecino]) -> None:
    """A draw in which nobody has answered, with two spaces fewer than requests: whoever wins, one of the neighbours
    waits. Luis is not in it: he would win or not. Ana wins, for the neighbours come after her."""
    ahora = aplicacion.reloj.instante
    despues = {
        "codigo": "despues",
        "descripcion": "Después de los demás",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"}],
        "efecto": {"no_mejor_que": 6},
    }
    await mundo.pedir("POST", "/sorteo/prioridades", json=despues)
    datos = {
        "nombre": "El de muchos",
        "vigencia": {"desde": "2027-07-01", "hasta": "2027-12-31"},
        "fuente_entropia": fuente(ahora + timedelta(hours=1)),
        "espacios": mundo.codigos[: mundo.n - 1],
        "prioridades": ["despues"],
        "aprobacion": "automatica",
        "plazo_aceptacion_horas": 500,
    }
    mundo.publicado = (await mundo.pedir("POST", "/sorteo", json=datos))["id"]
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/abrir")
    for vecino in (mundo.ana, *vecinos):
        pedida = {"sorteo_id": mundo.publicado, "vehiculo_id": vecino.vehiculo, "unidad_id": vecino.unidad}
        suya = (await mundo.pedir("POST", "/solicitudes", json=pedida))["id"]
        if vecino is mundo.ana:
            mundo.ana.solicitud_pasada = suya
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/cerrar")
    aplicacion.reloj.avanzar(hours=1, minutes=1)
    await entrar(mundo)
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/ejecutar", json={"entropia": "1234 serie 567"})
    await mundo.pedir("POST", f"/sorteo/{mundo.publicado}/publicar")
    ganadas = await mundo.pedir("GET", f"/solicitudes?sorteo_id={mundo.publicado}&estado=asignada&limite=200")
    mundo.asignada = ganadas["items"][0]["id"]


async def _abrir(mundo: MundoGrande, vecinos: list[Vecino]) -> None:
    """A draw in which the flats of Ana and Luis ask for `n` vehicles each, and every neighbour for one."""
    for i in range(3 * mundo.n + 2):
        await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": f"A-{i:03}", "tipo": "carro"})
    mundo.abierto = await mundo.sortear(
        "El abierto de muchos",
        max_por_unidad=50,
        espacios=[f"A-{i:03}" for i in range(3 * mundo.n + 2)],
        vigencia={"desde": "2028-01-01", "hasta": "2028-06-30"},
    )
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/abrir")
    pedidos = [(mundo.ana.unidad, v["id"]) for v in mundo.vehiculos_de_ana]
    pedidos += [(mundo.luis.unidad, v["id"]) for v in mundo.vehiculos_de_luis]
    pedidos += [(v.unidad, v.vehiculo) for v in (mundo.luis, *vecinos)]
    for unidad, vehiculo in pedidos:
        pedida = {"sorteo_id": mundo.abierto, "vehiculo_id": vehiculo, "unidad_id": unidad}
        mundo.solicitudes.append((await mundo.pedir("POST", "/solicitudes", json=pedida))["id"])
    mundo.ana.solicitud, mundo.luis.solicitud = mundo.solicitudes[0], mundo.solicitudes[mundo.n]


async def _anadir(mundo: MundoGrande) -> None:
    for i in range(mundo.n):
        preferidos = {"preferencias": [f"A-{i % 3:03}"]}
        await mundo.pedir("PATCH", f"/solicitudes/{mundo.ana.solicitud}", json=preferidos)
        await mundo.pedir("POST", "/auth/invitaciones", json={"email": f"op{i}@example.com", "rol": "operador"})
        mundo.borrador = await mundo.sortear(f"Borrador {i}", vigencia={"desde": "2029-01-01", "hasta": "2029-06-30"})
        ensayo = await mundo.sortear(f"Ensayo {i}", ensayo=True)
        await mundo.pedir("POST", f"/sorteo/{ensayo}/abrir")
        suya = {"sorteo_id": ensayo, "vehiculo_id": mundo.ana.vehiculo}
        await mundo.pedir("POST", "/solicitudes", "residente", json=suya)
        await entrar(mundo)
    mundo.vehiculo_libre = (await mundo.vehiculo(mundo.ana.unidad, "LIB001"))["id"]
    await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": "LIBRE", "tipo": "carro"})
    mundo.libre = "LIBRE"


async def entrar(mundo: MundoGrande) -> None:
    """Everybody signs in again: their tokens are as old as the clock makes them."""
    mundo.quien |= {
        "admin": await mundo.entrar("admin@example.com"),
        "operador": await mundo.entrar("operador@example.com"),
        "auditor": await mundo.entrar("auditor@example.com"),
        "residente": await mundo.entrar("1001"),
        "vecino": await mundo.entrar("1002"),
    }


async def _repetir_el_pasado(aplicacion: Aplicacion, n: int) -> None:
    """`n` more draws like the one that was over before, with its requests, its result and its assignments."""
    base = aplicacion.base
    marcas = MarcasDeSuertes.con(aplicacion.ajustes.clave("clave_sorteo"))
    viejo = await base["sorteos"].find_one({"nombre": "Segundo semestre de 2026"})
    assert viejo is not None
    for i in range(n):
        id = ObjectId()
        cuando = viejo["publicado_en"] - timedelta(days=i + 1)
        await base["sorteos"].insert_one(
            viejo | {"_id": id, "nombre": f"De antes {i}", "estado": "finalizado", "publicado_en": cuando}
        )
        suyas: dict[ObjectId, ObjectId] = {}
        for coleccion, cambios in (
            ("solicitudes", {"estado": "aceptada", "viva": False}),
            ("sorteos_participantes", {}),
            ("sorteos_resultados", {}),
            ("asignaciones", {"estado": "terminada"}),
        ):
            async for fila in base[coleccion].find({"sorteo_id": viejo["_id"]}):
                nueva = fila | cambios | {"_id": ObjectId(), "sorteo_id": id}
                if coleccion == "solicitudes":
                    nueva["suerte"] = marcas.de(nueva)
                    suyas[fila["_id"]] = nueva["_id"]
                else:
                    nueva["solicitud_id"] = suyas[fila["solicitud_id"]]
                await base[coleccion].insert_one(nueva)
        ventanilla = await base["solicitudes_ventanillas"].find_one({"_id": viejo["_id"]})
        assert ventanilla is not None
        await base["solicitudes_ventanillas"].insert_one(ventanilla | {"_id": id, "fase": "terminado"})


async def en_cada_estado(mundo: MundoGrande) -> dict[str, str]:
    """One draw in each state that there is; those that the world lacks are rehearsals."""
    sorteos = {"borrador": mundo.borrador, "abierto": mundo.abierto, "publicado": mundo.publicado}
    for estado in ("cerrado", "ejecutado", "anulado"):
        id = sorteos[estado] = await mundo.sortear(f"Ensayo {estado}", ensayo=True)
        await mundo.pedir("POST", f"/sorteo/{id}/abrir")
        suya = {"sorteo_id": id, "vehiculo_id": mundo.luis.vehiculo, "unidad_id": mundo.luis.unidad}
        pedida = (await mundo.pedir("POST", "/solicitudes", json=suya))["id"]
        await mundo.pedir("PATCH", f"/solicitudes/{pedida}/estado", json={"estado": "aprobada"})
        await mundo.pedir("POST", f"/sorteo/{id}/cerrar")
        if estado == "ejecutado":
            await mundo.pedir("POST", f"/sorteo/{id}/ejecutar", json={"entropia": "1234 serie 567"})
        if estado == "anulado":
            await mundo.pedir("POST", f"/sorteo/{id}/anular", json={"motivo": "solo era un ensayo"})
    pasados = (await mundo.pedir("GET", "/sorteo?estado=finalizado&limite=1"))["items"]
    return sorteos | {"finalizado": pasados[0]["id"]}
