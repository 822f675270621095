"""Every change of what is stored, in order. A number is never used again, and a change that went out is not edited.

A change names the documents that it has not reached yet, and what becomes of them, computed by the server. So it can be
cut short and begun again, and two processes may do the same one at once: a document that was reached is not named any
more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.database.migrations.changes import Cambio, Campo, Cosecha, Migracion, Siembra


def con_valor(coleccion: str, **valores: Any) -> Sequence[Cambio]:
    """Fields that documents of `coleccion` did not have, each with its value. Those of one draw go together."""
    return [
        Cambio(coleccion=coleccion, filtro={campo: {"$exists": False}}, cambio=[{"$set": {campo: {"$literal": valor}}}])
        for campo, valor in valores.items()
    ]


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
_SUELTOS = {"$map": {"input": _HECHOS, "in": {"$not": [{"$isArray": "$$this.v"}]}}}
_EN_LISTA = {"$cond": [{"$isArray": "$$this.v"}, "$$this.v", ["$$this.v"]]}
_EN_LISTAS = {
    "$set": {"cambiados_en": {"$arrayToObject": {"$map": {"input": _HECHOS, "in": {"k": "$$this.k", "v": _EN_LISTA}}}}}
}
_SIN_ROL = {"anulacion": {"$ne": None}, "anulacion.rol": {"$exists": False}}
"""Annulments of before: only an admin could ask for one."""

_TERMINO_ANTES = {"$in": ["$estado", ["devuelta", "revocada"]]}
"""Of an assignment that ended early, the day of that end is nobody's."""
_DIA = 86_400_000
_LA_VISPERA = {
    "$dateToString": {
        "format": "%Y-%m-%d",
        "date": {"$subtract": [{"$dateFromString": {"dateString": "$hasta"}}, _DIA]},
    }
}


def _multiplica(regla: str) -> Mapping[str, Any]:
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


_EFECTO = {"$mergeObjects": ["$$r.efecto", {"por_unidad": _multiplica("$$r")}]}
_REGLA = {"$setField": {"field": "efecto", "input": "$$r", "value": _EFECTO}}

_NIVELES = 10
_CUENTA = {
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
_POR_NIVEL = {
    "$map": {
        "input": {"$range": [0, _NIVELES]},
        "as": "nivel",
        "in": {"$ifNull": [{"$first": {"$map": {"input": _DEL_NIVEL, "as": "c", "in": "$$c.n"}}}, 0]},
    }
}


_CONDICIONES = {
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


MIGRACIONES: Sequence[Migracion] = (
    Migracion(
        numero=1,
        que="las anulaciones dicen el rol de quien las pidió; las que una publicación dejó sin efecto, retiradas",
        cambios=[
            Cambio(
                coleccion="sorteos",
                filtro={**_SIN_ROL, "estado": {"$in": ["publicado", "finalizado"]}},
                cambio=[
                    {
                        "$set": {
                            "anulaciones_retiradas": [
                                {
                                    "$mergeObjects": [
                                        "$anulacion",
                                        {"rol": "admin", "retirada_en": "$publicado_en", "motivo_retiro": "se publicó"},
                                    ]
                                }
                            ],
                            "anulacion": None,
                        }
                    }
                ],
            ),
            Cambio(coleccion="sorteos", filtro=_SIN_ROL, cambio=[{"$set": {"anulacion.rol": "admin"}}]),
        ],
    ),
    Migracion(
        numero=2,
        que="las solicitudes dicen quiénes viven en la unidad; los sorteos, lo que ahora se les puede pedir",
        cambios=[
            *con_valor("residentes", dejadas=[]),
            *con_valor("solicitudes", reglamento=None),
            *con_valor(
                "sorteos",
                max_por_tipo={},
                reglamento=None,
                ejecuta_sola=False,
                publica_en=None,
                advertencias=[],
                firma_drand=None,
                garantes=[],
                por_nivel=[],
                anulaciones_retiradas=[],
                historia=[],
                reclamos=0,
            ),
            habitantes("solicitudes"),
            habitantes("sorteos_participantes"),
        ],
    ),
    Migracion(
        numero=3,
        que="quién tiene cada espacio, día por día, y el lugar en la lista de espera",
        cambios=[
            Cambio(
                coleccion="asignaciones",
                filtro={"tenida_hasta": {"$exists": False}},
                cambio=[{"$set": {"tenida_hasta": {"$cond": [_TERMINO_ANTES, _LA_VISPERA, "$hasta"]}}}],
            ),
            *con_valor("asignaciones", reclamada_en=None),
            Cambio(
                coleccion="solicitudes",
                filtro={"lugar": {"$exists": False}},
                cambio=[{"$set": {"lugar": {"$ifNull": ["$espera", None]}}}],
            ),
        ],
    ),
    Migracion(
        numero=4,
        que="de cada hecho de una unidad que lee un sorteo queda cada cambio, y no solo el último",
        cambios=[Cambio(coleccion="unidades", filtro={"$expr": {"$anyElementTrue": [_SUELTOS]}}, cambio=[_EN_LISTAS])],
    ),
    Migracion(
        numero=5,
        que="de quién es cada folio, lo que se revisa en cada paso, las actas emitidas, las supresiones de datos",
        cambios=[
            *con_valor("usuarios", relevos=[]),
            *con_valor("residentes", supresion_pedida_en=None, suprimido_en=None),
            *con_valor("sorteos", huella_padron=None, alteracion=None, actas=[]),
            *con_valor("sorteos_secretos", padron=None),
            # Of those known before nobody said what they were: most are.
            *con_valor("avisos_dispositivos", plataforma="android"),
            Campo(
                coleccion="sorteos_participantes",
                nombre="vehiculo_id",
                pasos=[
                    {
                        "$lookup": {
                            "from": "solicitudes",
                            "localField": "solicitud_id",
                            "foreignField": "_id",
                            "as": "pedida",
                        }
                    },
                    {"$set": {"vehiculo_id": {"$ifNull": [{"$first": "$pedida.vehiculo.id"}, None]}}},
                ],
            ),
        ],
    ),
    Migracion(
        numero=6,
        que="qué multiplica las boletas de cada regla, cuántos hubo en cada nivel, qué eléctricos están verificados",
        cambios=[
            Cambio(
                coleccion="vehiculos",
                filtro={"electrico_verificado": {"$exists": False}},
                cambio=[{"$set": {"electrico_verificado": "$electrico"}}],
            ),
            Cambio(
                coleccion="prioridades",
                filtro={"efecto.por_unidad": {"$type": "bool"}},
                cambio=[{"$set": {"efecto.por_unidad": _multiplica("$$ROOT")}}],
            ),
            Cambio(
                coleccion="sorteos",
                filtro={"reglas.efecto.por_unidad": {"$type": "bool"}},
                cambio=[{"$set": {"reglas": {"$map": {"input": "$reglas", "as": "r", "in": _REGLA}}}}],
            ),
            Campo(
                coleccion="sorteos",
                nombre="por_nivel",
                vacio=[],
                solo={"huella_resultado": {"$ne": None}},
                pasos=[{"$lookup": _CUENTA}, {"$set": {"por_nivel": _POR_NIVEL}}],
            ),
        ],
    ),
    Migracion(
        numero=7,
        que="el catálogo de condiciones: las cuatro de siempre, y las que ya nombra lo guardado",
        cambios=[
            Siembra(
                coleccion="condiciones",
                clave="codigo",
                indice="condicion_codigo",
                documentos=[
                    {"codigo": codigo, "nombre": {"es": es, "en": en}, "vence": vence, "version": 0}
                    for codigo, (es, en, vence) in _CONDICIONES.items()
                ],
            ),
            condiciones_de("residentes", ["condiciones"], "condiciones.codigo"),
            condiciones_de("espacios", [], "reserva"),
            condiciones_de("sorteos_espacios", [], "reserva"),
            condiciones_de("prioridades", ["condiciones"], "condiciones.valor", **{"condiciones.campo": "condicion"}),
            condiciones_de(
                "sorteos",
                ["reglas", "reglas.condiciones"],
                "reglas.condiciones.valor",
                **{"reglas.condiciones.campo": "condicion"},
            ),
        ],
    ),
    Migracion(
        numero=8,
        que="los sorteos cuyo cierre todavía mueve solicitudes",
        cambios=con_valor("sorteos", por_congelar=False),
    ),
    Migracion(
        numero=9,
        que="la lista de quienes suprimieron sus datos, que una restauración respeta; el horario de la oficina",
        cambios=[
            Cosecha(
                coleccion="residentes",
                filtro={"suprimido_en": {"$ne": None}},
                pasos=[{"$project": {"suprimido_en": 1}}],
                destino="supresiones",
                clave="_id",
            ),
            *con_valor("conjunto", horario=None),
        ],
    ),
)
