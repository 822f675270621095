"""Values for the calls that the OpenAPI document describes: its shapes, filled with what the world has."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from tests.api.mundo import AUSENTE, CLAVE
from tests.loteria import instante

Elegir = Callable[[Sequence[Any]], Any]
"""One of them, as the die falls."""
OTRA_CLAVE = "otra clave también larga"
NUMERO = "4821 serie 072"
# By the segment of a path, or the field of a body: the collection, and its field.
DE_LA_BASE = {
    "sorteo": ("sorteos", "_id"),
    "sorteo_id": ("sorteos", "_id"),
    "repite_a": ("sorteos", "_id"),
    "solicitudes": ("solicitudes", "_id"),
    "ids": ("solicitudes", "_id"),
    "residentes": ("residentes", "_id"),
    "residente_id": ("residentes", "_id"),
    "unidades": ("unidades", "_id"),
    "unidad_id": ("unidades", "_id"),
    "vehiculos": ("vehiculos", "_id"),
    "vehiculo_id": ("vehiculos", "_id"),
    "placa": ("vehiculos", "placa"),
    "apartamento": ("unidades", "apartamento"),
    "sanciones": ("sanciones", "_id"),
    "espacios": ("espacios", "codigo"),
    "espacio": ("espacios", "codigo"),
    "espacio_a": ("espacios", "codigo"),
    "espacio_b": ("espacios", "codigo"),
    "por": ("espacios", "codigo"),
    "preferencias": ("espacios", "codigo"),
    "asignaciones": ("asignaciones", "_id"),
    "permutas": ("permutas", "_id"),
    "prioridades": ("prioridades", "codigo"),
    "reclamos": ("sorteos_reclamos", "_id"),
    "usuarios": ("usuarios", "_id"),
    "sesiones": ("sesiones", "_id"),
    "invitaciones": ("invitaciones", "_id"),
    "llaves": ("llaves", "_id"),
    "avisos": ("avisos", "_id"),
    "trabajos": ("trabajos", "_id"),
}
DICHOS: Mapping[str, Sequence[Any]] = {
    "torre": ["1", None],
    "entropia": [NUMERO, "1111 serie 111", None],
    "forma": ["#### serie ###"],
    "frase": ["caracola verde 1943", "el río no vuelve atrás"],
    "condiciones": ["movilidad_reducida", "adulto_mayor"],
    "condicion": ["movilidad_reducida", "adulto_mayor"],
    "reserva": ["movilidad_reducida", None],
    "tipo_vehiculo": ["carro", "moto"],
    "acepta": [["carro"], ["moto"], None],
    "compatibilidad": [{"carro": ["carro"], "moto": ["moto"]}],
    "max_por_tipo": [{}, {"carro": 1}],
    "perdidos_previos": [{}, {"carro": 2}],
    "max_por_unidad": [1, 2],
    "plazo_aceptacion_horas": [24, 72],
    "cupo": [None, 1, 2],
    "password": [CLAVE],
    "actual": [CLAVE, OTRA_CLAVE],
    "nueva": [CLAVE, OTRA_CLAVE],
    "ensayo": [False, False, True],
    "ejecuta_sola": [False],
    "prioridades": [None, []],
    "vigencia": [
        {"desde": "2027-01-01", "hasta": "2027-06-30"},
        {"desde": "2027-07-01", "hasta": "2027-12-31"},
        {"desde": "2027-04-01", "hasta": "2027-09-30"},
    ],
    "apertura": [None],
    "publica_en": [None],
    "tipo_documento": ["CC"],
    "email": ["una@example.com", "otra@example.com", None],
    "telefono": ["300 123 4567", None],
}
TIPOS = ["carro", "moto", "bicicleta"]
DIAS = ("2026-12-31", "2027-01-01", "2027-03-15", "2027-06-30", "2027-07-01", "2027-12-31")
HORAS = (-1, 1, 24, 100, 240, 1000)


class Valores:
    """`raros`: what the API alone says once, such as the links of witnesses."""

    def __init__(
        self,
        base: "AsyncIOMotorDatabase[dict[str, Any]]",
        documento: Mapping[str, Any],
        raros: Mapping[str, Sequence[str]],
    ) -> None:
        self._base = base
        self._componentes = documento["components"]
        self._raros = raros

    async def camino(self, plantilla: str, elegir: Elegir) -> str:
        """The path, with something that there is for each parameter."""
        partes = plantilla.split("/")
        for i, parte in enumerate(partes):
            if parte.startswith("{"):
                partes[i] = str(await self._de(partes[i - 1], elegir))
        return "/".join(partes)

    async def consulta(
        self, parametros: Sequence[Mapping[str, Any]], ahora: datetime, elegir: Elegir
    ) -> dict[str, Any]:
        """The parameters that are required, and now and then another."""
        dichos: dict[str, Any] = {}
        for parametro in map(self._resuelto, parametros):
            if parametro["in"] != "query" or parametro["name"] == "cursor":
                continue
            if parametro.get("required") or elegir([False] * 5 + [True]):
                valor = await self.valor(parametro["schema"], parametro["name"], ahora, elegir)
                if valor is not None:
                    dichos[parametro["name"]] = valor
        return dichos

    async def valor(self, esquema: Mapping[str, Any], nombre: str, ahora: datetime, elegir: Elegir) -> Any:
        esquema = self._resuelto(esquema)
        if "const" in esquema:
            return esquema["const"]
        if "enum" in esquema:
            return elegir(esquema["enum"])
        if nombre in DICHOS and elegir([True] * 7 + [nombre in ("condiciones", "prioridades")]):
            return elegir(DICHOS[nombre])
        if "anyOf" in esquema or "oneOf" in esquema:
            return await self.valor(elegir(esquema.get("anyOf") or esquema["oneOf"]), nombre, ahora, elegir)
        match esquema.get("type"):
            case "object":
                return await self._objeto(esquema, ahora, elegir)
            case "array":
                cuantos = max(esquema.get("minItems", 0), elegir([0, 1, 1, 2]))
                return [await self.valor(esquema["items"], nombre, ahora, elegir) for _ in range(cuantos)]
            case "boolean":
                return elegir([False, True])
            case "integer" | "number":
                menor = esquema.get("minimum", 0)
                return elegir([menor, menor + 1, min(esquema.get("maximum", menor + 5), menor + 5)])
            case "null":
                return None
        return await self._texto(esquema, nombre, ahora, elegir)

    async def _objeto(self, esquema: Mapping[str, Any], ahora: datetime, elegir: Elegir) -> dict[str, Any]:
        obligados = esquema.get("required", ())
        return {
            nombre: await self.valor(hijo, nombre, ahora, elegir)
            for nombre, hijo in esquema.get("properties", {}).items()
            if nombre in obligados or elegir([False, False, True])
        }

    async def _texto(self, esquema: Mapping[str, Any], nombre: str, ahora: datetime, elegir: Elegir) -> Any:
        match esquema.get("format"):
            case "date-time":
                return instante(ahora + timedelta(hours=elegir(HORAS)))
            case "date":
                return elegir(DIAS)
        if nombre in DE_LA_BASE or nombre in self._raros:
            return await self._de(nombre, elegir)
        if nombre == "tipo":
            return elegir(TIPOS)
        return elegir(["Nuevo", "otra cosa"]) + (nombre if len(nombre) < 8 else "")

    async def _de(self, donde: str, elegir: Elegir) -> Any:
        if donde in self._raros:
            return elegir([*self._raros[donde], AUSENTE])
        if donde not in DE_LA_BASE:
            return elegir(DICHOS.get(donde, [AUSENTE]))
        coleccion, campo = DE_LA_BASE[donde]
        filas = await self._base[coleccion].find({}, {campo: 1}).sort("_id", 1).to_list(None)
        hay = [valor for fila in filas for valor in _en(fila, campo)] or [AUSENTE]
        valor = elegir(hay)
        return str(valor) if isinstance(valor, ObjectId) else valor

    def _resuelto(self, esquema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in esquema:
            _, _, clase, nombre = esquema["$ref"].split("/")
            esquema = self._componentes[clase][nombre]
        return esquema


def _en(fila: Mapping[str, Any], campo: str) -> Sequence[Any]:
    primero, _, resto = campo.partition(".")
    valor = fila.get(primero)
    if not resto:
        return [] if valor is None else [valor]
    return [hallado for hijo in valor or () for hallado in _en(hijo, resto)]
