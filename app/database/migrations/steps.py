"""Every change of what is stored, in order. A number is never used again, and a change that went out is not edited.

A change names the documents that it has not reached yet, and what becomes of them, computed by the server. So it can be
cut short and begun again, and two processes may do the same one at once: a document that was reached is not named any
more.
"""

from collections.abc import Sequence

from app.database.migrations import marks
from app.database.migrations.changes import Cambio, Campo, Cosecha, Migracion, Siembra
from app.database.migrations.expressions import (
    ASIGNACIONES_EN_ORDEN,
    CIFRAS_A_LO_ANCHO,
    CONDICIONES,
    CUENTA,
    EN_LISTAS,
    ENIES_TRAS_LAS_ENES,
    LA_VISPERA,
    PALABRAS_DE_RESIDENTES,
    PALABRAS_DE_UNIDADES,
    POR_NIVEL,
    REGLA,
    SIN_ROL,
    SUELTOS,
    TERMINO_ANTES,
    VIVIENDAS_DE_RESIDENTES,
    con_cuentas,
    con_valor,
    condiciones_de,
    habitantes,
    multiplica,
    sin_campo,
    sin_indices,
)
from app.database.migrations.luck import SUERTES

MIGRACIONES: Sequence[Migracion] = (
    Migracion(
        numero=1,
        que="las anulaciones dicen el rol de quien las pidió; las que una publicación dejó sin efecto, retiradas",
        cambios=[
            Cambio(
                coleccion="sorteos",
                filtro={**SIN_ROL, "estado": {"$in": ["publicado", "finalizado"]}},
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
            Cambio(coleccion="sorteos", filtro=SIN_ROL, cambio=[{"$set": {"anulacion.rol": "admin"}}]),
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
                cambio=[{"$set": {"tenida_hasta": {"$cond": [TERMINO_ANTES, LA_VISPERA, "$hasta"]}}}],
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
        cambios=[Cambio(coleccion="unidades", filtro={"$expr": {"$anyElementTrue": [SUELTOS]}}, cambio=[EN_LISTAS])],
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
                cambio=[{"$set": {"efecto.por_unidad": multiplica("$$ROOT")}}],
            ),
            Cambio(
                coleccion="sorteos",
                filtro={"reglas.efecto.por_unidad": {"$type": "bool"}},
                cambio=[{"$set": {"reglas": {"$map": {"input": "$reglas", "as": "r", "in": REGLA}}}}],
            ),
            Campo(
                coleccion="sorteos",
                nombre="por_nivel",
                vacio=[],
                solo={"huella_resultado": {"$ne": None}},
                pasos=[{"$lookup": CUENTA}, {"$set": {"por_nivel": POR_NIVEL}}],
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
                    for codigo, (es, en, vence) in CONDICIONES.items()
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
    Migracion(
        numero=10,
        que="los índices con que se buscaba sin el orden de la lista",
        cambios=[*sin_indices("residentes", "residente_busqueda"), *sin_indices("unidades", "unidad_busqueda")],
    ),
    Migracion(
        numero=11,
        que="las importaciones dicen también de qué no crearon nada",
        cambios=[
            con_cuentas(
                ["residentes_importar_unidades", "residentes_importar_residentes"],
                "unidades_creadas",
                "residentes_creados",
                "vehiculos_creados",
            ),
            con_cuentas(["sorteo_importar_espacios"], "espacios_creados"),
        ],
    ),
    Migracion(
        numero=12, que="las solicitudes que se publicaron sin precinto", cambios=con_valor("solicitudes", precinto=None)
    ),
    Migracion(
        numero=13,
        que="los espacios en orden natural: P-2 antes de P-10",
        cambios=[
            Cambio(
                coleccion="espacios",
                filtro={"posicion": {"$exists": False}},
                cambio=[{"$set": {"posicion": CIFRAS_A_LO_ANCHO}}],
            )
        ],
    ),
    Migracion(
        numero=14,
        que="los índices de un filtro sin el orden entero de la lista",
        cambios=[
            *sin_indices("unidades", "unidad_torre", "unidad_apartamento", "unidad_al_dia"),
            *sin_indices("residentes", "residente_estado", "residente_cuenta", "residente_condicion"),
        ],
    ),
    Migracion(
        numero=15,
        que="hasta dónde llegó la copia de las solicitudes de un sorteo que se repite",
        cambios=con_valor("solicitudes_ventanillas", copiada_hasta=0),
    ),
    Migracion(
        numero=16,
        que="las unidades se hallan también por sus placas; los residentes, por sus unidades y las placas de ellas",
        cambios=[
            PALABRAS_DE_UNIDADES,
            *PALABRAS_DE_RESIDENTES,
            *sin_campo("busqueda", "unidades", "residentes"),
            *sin_indices("unidades", "unidad_palabras"),
            *sin_indices("residentes", "residente_palabras"),
        ],
    ),
    Migracion(numero=17, que="los nombres en el orden del español: la ñ tras la n", cambios=[ENIES_TRAS_LAS_ENES]),
    Migracion(
        numero=18,
        que="las asignaciones en el orden natural de sus espacios: A-2 antes de A-10",
        cambios=[ASIGNACIONES_EN_ORDEN],
    ),
    Migracion(
        numero=19,
        que="las asignaciones llevan la marca del acto que las hizo",
        cambios=[marks.MARCA_DE_ASIGNACIONES],
    ),
    Migracion(
        numero=20,
        que="unidades, residentes y sanciones llevan una marca de cada hecho que lee un sorteo",
        cambios=marks.MARCAS_DEL_PADRON,
    ),
    Migracion(numero=21, que="los residentes, con el nombre de sus unidades", cambios=VIVIENDAS_DE_RESIDENTES),
    Migracion(
        numero=22,
        que="espacios, derechos, prioridades y borradores llevan una marca de lo que cree una apertura",
        cambios=marks.MARCAS_DE_SORTEO,
    ),
    Migracion(numero=23, que="las solicitudes sorteadas llevan una marca de su suerte", cambios=SUERTES),
    Migracion(numero=24, que="las solicitudes llevan una marca", cambios=marks.MARCAS_DE_SOLICITUDES),
    Migracion(
        numero=25,
        que="los plazos y los recordatorios de solicitudes, con un solo índice",
        cambios=sin_indices("solicitudes", "solicitud_plazos", "solicitud_por_recordar"),
    ),
    Migracion(numero=26, que="los vehículos llevan una marca de lo que son", cambios=marks.MARCAS_DE_VEHICULOS),
    Migracion(numero=27, que="el cupo de una unidad lleva una marca", cambios=[marks.MARCA_DE_CUPOS]),
    Migracion(numero=28, que="las asignaciones, marcadas enteras", cambios=marks.PRECINTO_DE_ASIGNACIONES),
    Migracion(numero=29, que="las placas de los vehículos llevan una marca", cambios=[marks.MARCA_DE_PLACAS]),
)
