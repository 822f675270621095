"""Which facts of which rows bear marks from a migration on, as they were when it went out."""

from collections.abc import Sequence

import attrs

from app.database.migrations.changes import Cambio, Marca, Marcado
from app.database.migrations.expressions import con_valor, sin_campo

MARCA_DE_ASIGNACIONES = Marcado(
    coleccion="asignaciones",
    campos=(
        *("_id", "espacio", "unidad_id", "vehiculo.id", "vehiculo.placa", "sorteo_id", "solicitud_id"),
        *("desde", "hasta"),
    ),
    clave="clave_sorteo",
    uso="asignacion",
)

_PRECINTO = Marcado(
    coleccion="asignaciones",
    campos=(
        *("_id", "espacio", "unidad_id", "vehiculo.id", "vehiculo.tipo", "vehiculo.placa", "clase", "sorteo_id"),
        *("solicitud_id", "desde", "hasta", "estado", "prestado", "reclamada_en"),
    ),
    clave="clave_sorteo",
    uso="asignacion",
    en="precinto",
)
PRECINTO_DE_ASIGNACIONES: Sequence[Cambio | Marcado] = [
    # The mark of before said nothing of one that had ended.
    attrs.evolve(_PRECINTO, solo={"estado": {"$ne": "vigente"}}),
    attrs.evolve(_PRECINTO, segun=MARCA_DE_ASIGNACIONES),
    *sin_campo("marca", "asignaciones"),
]

_DE_SOLICITUDES = Marcado(
    coleccion="solicitudes",
    campos=(
        *("_id", "sorteo_id", "folio", "unidad_id", "residente_id", "habitantes", "vehiculo.id", "vehiculo.tipo"),
        *("vehiculo.electrico", "clase", "tipos", "acepta", "preferencias", "usa_condiciones", "ranura", "creado_en"),
        *("antes_del_cierre.estado|antes_de_anular|estado", "vez"),
    ),
    clave="clave_sorteo",
    uso="solicitud",
)
MARCAS_DE_SOLICITUDES: Sequence[Cambio | Marcado] = [*con_valor("solicitudes", vez=1), _DE_SOLICITUDES]

MARCAS_DEL_PADRON = [
    Marca(
        coleccion="unidades",
        de="unidad",
        hechos=("al_dia", "perdidos_previos", "torre", "sanciones"),
        ids_de={"sanciones": "unidad_id"},
    ),
    Marca(
        coleccion="residentes",
        de="residente",
        hechos=("estado", "fecha_ingreso", "unidades", "condiciones"),
        partes={"condiciones": ("codigo", ("estado", "vigente_hasta"))},
    ),
    Marca(coleccion="sanciones", de="sancion", hechos=("unidad_id", "desde", "hasta", "excluye")),
]
MARCAS_DE_VEHICULOS = [
    Marca(
        coleccion="vehiculos",
        de="vehiculo",
        hechos=("registro",),
        juntos={"registro": ("unidad_id", "tipo", "electrico", "electrico_verificado")},
    )
]
MARCA_DE_PLACAS = Marca(coleccion="vehiculos", de="vehiculo", hechos=("placa",))
MARCA_DE_CUPOS = Marca(coleccion="unidades", de="unidad", hechos=("cupo",))
MARCAS_DE_SORTEO = [
    Marca(
        coleccion="espacios",
        de="espacio",
        hechos=("inventario", "titular"),
        juntos={"inventario": ("codigo", "tipo", "reserva", "uso", "activo")},
    ),
    Marca(
        coleccion="prioridades",
        de="prioridad",
        hechos=("codigo", "descripcion", "condiciones", "efecto", "activa"),
    ),
    Marca(
        coleccion="sorteos",
        de="sorteo",
        hechos=(
            *("nombre", "vigencia", "fuente_entropia", "apertura", "cierre", "espacios", "prioridades", "repite_a"),
            *("liberar_reservas", "aprobacion", "exige_al_dia", "al_dia_en", "max_por_unidad", "max_por_tipo"),
            *("reglamento", "compatibilidad", "aceptacion", "plazo_aceptacion_horas", "ejecuta_sola", "publica_en"),
            "ensayo",
        ),
        solo={"estado": "borrador"},
    ),
]
