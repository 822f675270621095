"""What two people may do to the roll and to requests at the same moment: a table, a rule each.

A scene has a number, `{n}`, which stands in all that it is made of: flats `A` (Ana and Luis, cars `1` and `2`), `B`
(Eva, car `3`) and `C` (nobody, nothing), by whose names their ids are said. What a call makes has the name given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Dichos = tuple[str, str]


@dataclass(frozen=True)
class Llamada:
    metodo: str
    ruta: str
    cuerpo: Any = None
    nombre: str = ""
    cabeceras: Mapping[str, str] = field(default_factory=dict)
    del_operador: bool = False


@dataclass(frozen=True)
class Carrera:
    """`a_antes`, `b_antes`: what each is told where that one comes first. `luego`: what is done before, once what a
    draw waits for is known."""

    que: str
    a: Llamada
    b: Llamada
    a_antes: Dichos
    b_antes: Dichos
    antes: tuple[Llamada, ...] = ()
    luego: tuple[Llamada, ...] = ()
    veces: int = 12


def post(ruta: str, cuerpo: Any = None, nombre: str = "", **mas: Any) -> Llamada:
    return Llamada("POST", ruta, cuerpo, nombre, **mas)


def patch(ruta: str, cuerpo: Any, **mas: Any) -> Llamada:
    return Llamada("PATCH", ruta, cuerpo, **mas)


def delete(ruta: str, **mas: Any) -> Llamada:
    return Llamada("DELETE", ruta, **mas)


def agrega(piso: str, placa: str, nombre: str = "") -> Llamada:
    return post(f"/residentes/unidades/{{{piso}}}/vehiculos", {"tipo": "carro", "placa": placa}, nombre)


def llega(piso: str, documento: str, **mas: Any) -> Llamada:
    quien = {"nombres": "Sol", "apellidos": "Paz", "tipo_documento": "CC", "numero_documento": documento}
    vive = {"torre": "T", "apartamento": f"{{n}}{piso}", "tenencia": "propietario"}
    return post("/residentes", quien | {"unidades": [vive]} | mas)


def pide(piso: str, vehiculo: str, sorteo: str = "manual", **mas: Any) -> Llamada:
    cuerpo = {"sorteo_id": f"{{{sorteo}}}", "unidad_id": f"{{{piso}}}", "vehiculo_id": f"{{{vehiculo}}}"}
    return post("/solicitudes", cuerpo, "pedido", **mas)


def pasa(a: str, **mas: Any) -> Llamada:
    motivo = {"motivo": "porque sí"} if a in ("rechazada", "aceptada", "declinada") else {}
    return patch("/solicitudes/{pedido}/estado", {"estado": a} | motivo, **mas)


def se_va(quien: str, *, confirmado: bool = True) -> Llamada:
    return delete(f"/residentes/{{{quien}}}?confirmar={str(confirmado).lower()}")


def decide(quien: str, estado: str, condicion: str) -> Llamada:
    return Llamada("PUT", f"/residentes/{{{quien}}}/condiciones/{condicion}", {"estado": estado, "persona": "titular"})


def uno_gana(bien: str, codigo: str) -> tuple[Dichos, Dichos]:
    return (bien, codigo), (codigo, bien)


def siempre(a: str, b: str) -> tuple[Dichos, Dichos]:
    """Whoever comes first: what is left tells the orders apart."""
    return (a, b), (a, b)


UNIDAD = "/residentes/unidades/{A}"
HOY_NO = {"motivo": "acta 9", "desde": "2026-01-01", "hasta": "2099-12-31", "excluye": True}
TITULAR = {"motivo": "escritura", "desde": "2020-01-01"}
ESPACIO = post("/sorteo/espacios", {"codigo": "E-{n}", "tipo": "carro"})
SORTEO = (
    ESPACIO,
    post("/sorteo", "{parametros}", "propio"),
    post("/sorteo/{propio}/abrir"),
)
PEDIDO = (pide("A", "1"),)
CERRADO = (*SORTEO, pide("A", "1", "propio"), pasa("aprobada"), post("/sorteo/{propio}/cerrar"))
EJECUTADO = (post("/sorteo/{propio}/ejecutar", {"entropia": "4821 serie 072"}),)
CSV = {"Content-Type": "text/csv"}
PADRON = "torre,apartamento,nombres,apellidos,tipo_documento,numero_documento,placa\n"
NUEVAS = PADRON + "T,{n}C,Sol,Paz,CC,{n}7,K{n}X\nT,{n}D,Mar,Paz,CC,{n}8,K{n}Y\n"
OTRAS = PADRON + "T,{n}D,Mar,Paz,CC,{n}8,K{n}X\n"
TELEFONO = "tipo documento,documento,telefono\nCC,{n}1,3009876543\n"
IMPORTAR = "/residentes/importar?crear_unidades=true"
