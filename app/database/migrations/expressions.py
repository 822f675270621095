"""What the changes of `steps.py` are made of: expressions that the server computes."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.database.migrations.changes import Cambio, Campo, Cosecha, Retiro


def con_valor(coleccion: str, solo: Mapping[str, Any] | None = None, /, **valores: Any) -> Sequence[Cambio]:
    """Fields that documents of `coleccion` did not have, of all or of those that match `solo`, each with its value.
    Those of one draw go together."""
    otros = solo or {}
    return [
        Cambio(
            coleccion=coleccion,
            filtro={**otros, campo: {"$exists": False}},
            cambio=[{"$set": {campo: {"$literal": valor}}}],
        )
        for campo, valor in valores.items()
    ]


def sin_campo(campo: str, *colecciones: str) -> Sequence[Cambio]:
    """What nothing reads any more."""
    return [Cambio(coleccion=c, filtro={campo: {"$exists": True}}, cambio=[{"$unset": campo}]) for c in colecciones]


def sin_indices(coleccion: str, *indices: str) -> Sequence[Retiro]:
    return [Retiro(coleccion=coleccion, indice=indice) for indice in indices]


def habitantes(coleccion: str) -> Campo:
    """Who lives in the flat now: of before, nobody knows."""
    viven = {
        "from": "residentes",
        "localField": "unidad_id",
        "foreignField": "unidades.unidad_id",
        "pipeline": [{"$match": {"estado": "activo"}}, {"$sort": {"_id": 1}}, {"$project": {"_id": 1}}],
        "as": "viven",
    }
    return Campo(
        coleccion=coleccion, nombre="habitantes", pasos=[{"$lookup": viven}, {"$set": {"habitantes": "$viven._id"}}]
    )


_HECHOS: Mapping[str, Any] = {"$objectToArray": {"$ifNull": ["$cambiados_en", {}]}}
SUELTOS = {"$map": {"input": _HECHOS, "in": {"$not": [{"$isArray": "$$this.v"}]}}}
_EN_LISTA = {"$cond": [{"$isArray": "$$this.v"}, "$$this.v", ["$$this.v"]]}
EN_LISTAS = {
    "$set": {"cambiados_en": {"$arrayToObject": {"$map": {"input": _HECHOS, "in": {"k": "$$this.k", "v": _EN_LISTA}}}}}
}
SIN_ROL = {"anulacion": {"$ne": None}, "anulacion.rol": {"$exists": False}}
"""Annulments of before: only an admin could ask for one."""

_TROZO: Mapping[str, Any] = {"$ifNull": ["$$this.match", ""]}
_FALTAN: Mapping[str, Any] = {"$max": [0, {"$subtract": [12, {"$strLenCP": _TROZO}]}]}
_ANCHO = {"$concat": [{"$substrCP": ["0" * 12, 0, _FALTAN]}, _TROZO]}
_SON_CIFRAS = {"$regexMatch": {"input": _TROZO, "regex": "^[0-9]"}}
CIFRAS_A_LO_ANCHO = {
    "$reduce": {
        "input": {
            "$regexFindAll": {
                "input": {"$ifNull": ["$clave", {"$toLower": "$codigo"}]},
                "regex": "[0-9]+|[^0-9]+",
            }
        },
        "initialValue": "",
        "in": {"$concat": ["$$value", {"$cond": [_SON_CIFRAS, _ANCHO, _TROZO]}]},
    }
}
"""What `con_cifras_a_lo_ancho` makes of the code of a space without case."""

_EN_MINUSCULAS: Mapping[str, Any] = {"$toLower": "$$this.placa"}
_DESDE_LA_CIFRA = {"$regexFind": {"input": _EN_MINUSCULAS, "regex": "[0-9].*"}}
_DE_LA_PLACA: Mapping[str, Any] = {
    "$cond": [
        {"$eq": [{"$ifNull": ["$$this.placa", None]}, None]},
        [],
        {"$setDifference": [[_EN_MINUSCULAS, {"$getField": {"field": "match", "input": _DESDE_LA_CIFRA}}], [None]]},
    ]
}
_COMIENZOS = [{"$substrCP": ["$$this", 0, n]} for n in (3, 4, 5)]


def _con_comienzos(palabras: Any) -> Mapping[str, Any]:
    """Short words begin with themselves."""
    juntas = {"$setUnion": ["$$value", ["$$this"], _COMIENZOS]}
    return {"$reduce": {"input": palabras, "initialValue": [], "in": juntas}}


def _junto(de: str, cada: Mapping[str, Any] | str) -> Mapping[str, Any]:
    propias = _con_comienzos({"$ifNull": ["$busqueda", []]})
    juntas = {"$reduce": {"input": de, "initialValue": propias, "in": {"$setUnion": ["$$value", cada]}}}
    return {"$set": {"palabras": {"$sortArray": {"input": juntas, "sortBy": 1}}}}


PALABRAS_DE_UNIDADES = Campo(
    coleccion="unidades",
    nombre="palabras",
    pasos=[
        {"$lookup": {"from": "vehiculos", "localField": "_id", "foreignField": "unidad_id", "as": "suyos"}},
        _junto("$suyos", _con_comienzos(_DE_LA_PLACA)),
    ],
)
"""What `palabras_de_unidad` makes of a flat, whose own words stood in `busqueda`."""
_SUS_UNIDADES = {
    "$lookup": {"from": "unidades", "localField": "unidades.unidad_id", "foreignField": "_id", "as": "suyas"}
}
PALABRAS_DE_RESIDENTES: Sequence[Cambio | Campo] = [
    *con_valor("residentes", {"suprimido_en": {"$ne": None}}, palabras=[]),
    Campo(
        coleccion="residentes",
        nombre="palabras",
        pasos=[
            _SUS_UNIDADES,
            _junto("$suyas", "$$this.palabras"),
        ],
    ),
]
"""The same of a resident. By no word is somebody found who was erased."""

_SUYA = {"$first": {"$filter": {"input": "$suyas", "as": "u", "cond": {"$eq": ["$$u._id", "$$o.unidad_id"]}}}}
_VIVIENDA = {
    "unidad_id": "$$o.unidad_id",
    "torre": {"$ifNull": ["$$u.torre", None]},
    "apartamento": "$$u.apartamento",
    "tenencia": "$$o.tenencia",
}
_EN_SU_ORDEN = {"input": "$unidades", "as": "o", "in": {"$let": {"vars": {"u": _SUYA}, "in": _VIVIENDA}}}
VIVIENDAS_DE_RESIDENTES: Sequence[Cambio | Campo] = [
    *con_valor("residentes", {"suprimido_en": {"$ne": None}}, viven_en=[]),
    Campo(
        coleccion="residentes", nombre="viven_en", pasos=[_SUS_UNIDADES, {"$set": {"viven_en": {"$map": _EN_SU_ORDEN}}}]
    ),
]
"""What `viviendas` makes of where a resident lives."""

_COMO_SE_ESCRIBE: Mapping[str, Any] = {"$concat": ["$apellidos", " ", "$nombres"]}
_LARGO = {"$strLenCP": "$nombre"}
_LA_LETRA = {"$substrCP": ["$nombre", "$$this", 1]}
_ES_ENIE = {"$in": [{"$substrCP": [_COMO_SE_ESCRIBE, "$$this", 1]}, ["ñ", "Ñ"]]}
ENIES_TRAS_LAS_ENES = Cambio(
    coleccion="residentes",
    filtro={
        "nombre": {"$not": {"$regex": "~"}},
        "$or": [{"apellidos": {"$regex": "[ñÑ]"}}, {"nombres": {"$regex": "[ñÑ]"}}],
        "$expr": {"$eq": [_LARGO, {"$strLenCP": _COMO_SE_ESCRIBE}]},
    },
    cambio=[
        {
            "$set": {
                "nombre": {
                    "$reduce": {
                        "input": {"$range": [0, _LARGO]},
                        "initialValue": "",
                        "in": {"$concat": ["$$value", {"$cond": [_ES_ENIE, "n~", _LA_LETRA]}]},
                    }
                }
            }
        }
    ],
)
"""What `en_orden_alfabetico` makes of a name, of what `plegar` had made of it. Where folding took a letter for two
(`ß`), which letter is which is not known: those names stand among the n until somebody writes them again."""

TERMINO_ANTES = {"$in": ["$estado", ["devuelta", "revocada"]]}
"""Of an assignment that ended early, the day of that end is nobody's."""
_DIA = 86_400_000
LA_VISPERA = {
    "$dateToString": {
        "format": "%Y-%m-%d",
        "date": {"$subtract": [{"$dateFromString": {"dateString": "$hasta"}}, _DIA]},
    }
}


def multiplica(regla: str) -> Mapping[str, Any]:
    """What multiplies the balls of `regla`, where yes or no was said: yes meant the numeric field of its conditions."""
    numericas = {
        "$filter": {
            "input": f"{regla}.condiciones",
            "as": "c",
            "cond": {"$in": ["$$c.campo", ["antiguedad_meses", "sorteos_perdidos"]]},
        }
    }
    campo = {"$first": {"$map": {"input": numericas, "as": "c", "in": "$$c.campo"}}}
    dicho = f"{regla}.efecto.por_unidad"
    no_dice = {"$ne": [{"$type": dicho}, "bool"]}
    return {"$cond": [no_dice, dicho, {"$cond": [dicho, {"$ifNull": [campo, None]}, None]}]}


_EFECTO = {"$mergeObjects": ["$$r.efecto", {"por_unidad": multiplica("$$r")}]}
REGLA = {"$setField": {"field": "efecto", "input": "$$r", "value": _EFECTO}}

_NIVELES = 10
CUENTA = {
    "from": "sorteos_resultados",
    "localField": "_id",
    "foreignField": "sorteo_id",
    "let": {"corrida": "$corrida"},
    "pipeline": [
        {"$match": {"$expr": {"$eq": ["$corrida", "$$corrida"]}}},
        {"$group": {"_id": "$nivel", "n": {"$sum": 1}}},
    ],
    "as": "cuenta",
}
_DEL_NIVEL = {"$filter": {"input": "$cuenta", "as": "c", "cond": {"$eq": ["$$c._id", "$$nivel"]}}}
POR_NIVEL = {
    "$map": {
        "input": {"$range": [0, _NIVELES]},
        "as": "nivel",
        "in": {"$ifNull": [{"$first": {"$map": {"input": _DEL_NIVEL, "as": "c", "in": "$$c.n"}}}, 0]},
    }
}


CONDICIONES = {
    "movilidad_reducida": ("Movilidad reducida", "Reduced mobility", False),
    "adulto_mayor": ("Adulto mayor", "Older person", False),
    "embarazo": ("Embarazo", "Pregnancy", True),
    "cuidador": ("Cuidador", "Carer", False),
}


_SIN_FIN = {"vence": {"$literal": False}, "version": {"$literal": 0}}


def condiciones_de(coleccion: str, arreglos: Sequence[str], codigo: str, **filtro: Any) -> Cosecha:
    """Those that documents of `coleccion` name by `codigo`, which stands in arrays within arrays."""
    en_palabras = {"$replaceAll": {"input": "$_id", "find": "_", "replacement": " "}}
    nombre = {
        "$concat": [{"$toUpper": {"$substrCP": ["$_id", 0, 1]}}, {"$substrCP": [en_palabras, 1, {"$strLenCP": "$_id"}]}]
    }
    return Cosecha(
        coleccion=coleccion,
        filtro={codigo: {"$gt": ""}, **filtro},
        pasos=[
            *({"$unwind": f"${arreglo}"} for arreglo in arreglos),
            {"$match": {codigo: {"$gt": ""}, **filtro}},
            {"$group": {"_id": f"${codigo}"}},
            {"$project": {"_id": 0, "codigo": "$_id", "nombre": {"es": nombre, "en": nombre}, **_SIN_FIN}},
        ],
        destino="condiciones",
        clave="codigo",
    )


def con_cuentas(tipos: Sequence[str], *cuentas: str) -> Cambio:
    """What imports of those kinds made: of before, what they made none of was not said."""
    return Cambio(
        coleccion="trabajos",
        filtro={
            "tipo": {"$in": tipos},
            "resultado.creadas": {"$exists": True},
            "$or": [{f"resultado.{cuenta}": {"$exists": False}} for cuenta in cuentas],
        },
        cambio=[{"$set": {"resultado": {"$mergeObjects": [dict.fromkeys(cuentas, 0), "$resultado"]}}}],
    )


ASIGNACIONES_EN_ORDEN = Campo(
    coleccion="asignaciones",
    nombre="posicion",
    pasos=[
        {
            "$lookup": {
                "from": "espacios",
                "localField": "espacio",
                "foreignField": "codigo",
                "as": "suyo",
            }
        },
        {"$set": {"posicion": {"$ifNull": [{"$first": "$suyo.posicion"}, "$espacio"]}}},
    ],
)
"""In the natural order of their spaces."""
