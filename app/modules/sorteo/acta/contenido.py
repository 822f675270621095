"""What the minutes of a draw say, in the words of such papers and for every format. Minutes name no resident, and no
flat unless the complex wants the result by flat: they hold what is published with the draw, what staff wrote, and
claims."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from app.modules.sorteo.acta.anexos import Seccion, de_reclamos, exclusiones
from app.modules.sorteo.acta.models import Acta
from app.modules.sorteo.acta.palabras import Palabras
from app.modules.sorteo.acta.ports import DatosDelConjunto
from app.modules.sorteo.acta.repository import DeUnidad, Puesto
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.garantes.models import en_orden
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.reclamos.models import Reclamo
from app.modules.sorteo.resultados.schemas import ExclusionesOut
from app.modules.sorteo.resultados.verificacion import comandos

COLUMNAS = ("posicion", "folio", "espacio", "espera", "numero")
POR_UNIDAD = ("unidad", "espacio")

Campo = tuple[str, str]
_Paso = tuple[datetime | None, str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Contenido:
    """`sello` and `marca`: why these minutes are not final; None when they are. `secciones` stand above the result, and
    `despues` below. `pruebas` are hashes and numbers to compare. `filas`: how many lines the result has. `por_unidad`:
    they go by flat. `fecha`: of the last thing that they tell, so that the same minutes are always the same bytes."""

    papel: str
    conjunto: str
    sede: str
    sorteo: str
    sello: str | None
    marca: str | None
    fecha: datetime
    preambulo: str
    secciones: tuple[Seccion, ...]
    resultado: Seccion
    despues: tuple[Seccion, ...]
    firmantes: tuple[Campo, ...]
    pruebas: tuple[Campo, ...]
    comandos: tuple[str, ...]
    enlace: str
    filas: int
    por_unidad: bool

    def encabezado(self, decir: Palabras) -> Iterator[tuple[str, ...]]:
        """The part above the table of the result, as rows of cells."""
        yield (decir("titulo"),)
        yield self.conjunto, self.sede
        yield (self.sorteo,)
        if self.marca is not None:
            yield (self.marca,)
        yield (self.preambulo,)
        for seccion in (*self.secciones, *self.despues):
            for texto in (*seccion.parrafos, *seccion.puntos):
                yield seccion.titulo, texto
        for nombre, cargo in self.firmantes:
            yield decir("firmas"), nombre, cargo
        yield decir("comprobar"), decir("comprobar_que", enlace=self.enlace)
        yield from ((nombre, valor) for nombre, valor in self.pruebas)
        for comando in self.comandos:
            yield decir("huellas"), comando
        for texto in self.resultado.parrafos:
            yield self.resultado.titulo, texto
        yield ()
        yield POR_UNIDAD if self.por_unidad else COLUMNAS


def celdas(puesto: Puesto) -> tuple[int, int, str | None, int | None, str]:
    """The cells of one line of the result, in the order of COLUMNAS."""
    return puesto.posicion, puesto.folio, puesto.espacio, puesto.espera, puesto.numero


def celdas_de_unidad(linea: DeUnidad) -> tuple[str, str | None]:
    """The same, in the order of POR_UNIDAD."""
    return linea.unidad, linea.espacio


def contenido(
    sorteo: Sorteo,
    acta: Acta | None,
    fuera: ExclusionesOut,
    reclamos: Sequence[Reclamo],
    *,
    conjunto: DatosDelConjunto,
    enlace: str,
    decir: Palabras,
) -> Contenido:
    """The minutes of a draw that has run. `enlace`: where its page is."""
    sello, marca = _marca(sorteo, decir)
    por_unidad = conjunto.acta_por == "unidad"
    secciones = [
        *([] if conjunto.fundamento is None else [Seccion(decir("fundamento"), (conjunto.fundamento,))]),
        _asistencia(acta, decir),
        Seccion(decir("reglas"), (decir("reglas_orden"), *_terminos(sorteo, decir)), _reglas(sorteo, decir)),
        Seccion(decir("azar"), tuple(_azar(sorteo, decir)), tuple(_garantes(sorteo, decir))),
        Seccion(decir("desarrollo"), (), tuple(_pasos(sorteo, len(fuera.solicitudes), decir))),
        Seccion(decir("incidencias"), ((acta and acta.incidencias) or decir("incidencias_ninguna"),)),
    ]
    return Contenido(
        papel="us-letter" if conjunto.papel == "carta" else "a4",
        conjunto=conjunto.nombre or "ParkNet",
        sede=" · ".join(filter(None, (_nit(conjunto), conjunto.direccion, conjunto.ciudad, conjunto.telefono))),
        sorteo=sorteo.nombre,
        sello=sello,
        marca=marca,
        fecha=_fecha(sorteo, acta, reclamos),
        preambulo=_preambulo(sorteo, conjunto, decir),
        secciones=tuple(secciones),
        resultado=Seccion(
            decir("resultados"),
            (
                decir(
                    "resultados_que",
                    participantes=sorteo.participantes,
                    admitidos=sorteo.admitidos,
                    en_espera=sorteo.en_espera,
                ),
            ),
        ),
        despues=(exclusiones(fuera, decir, por_unidad=por_unidad), de_reclamos(reclamos, decir)),
        firmantes=() if acta is None else tuple((f.nombre, f.cargo) for f in acta.firmantes),
        pruebas=tuple((nombre, str(valor)) for nombre, valor in _pruebas(sorteo, decir) if valor is not None),
        comandos=tuple(comandos(sorteo)),
        enlace=enlace,
        filas=sorteo.participantes or 0,
        por_unidad=por_unidad,
    )


def _marca(sorteo: Sorteo, decir: Palabras) -> tuple[str | None, str | None]:
    for clave, vale in (
        ("anulado", sorteo.estado is EstadoSorteo.anulado),
        ("ensayo", sorteo.ensayo),
        ("borrador", sorteo.estado is EstadoSorteo.ejecutado),
    ):
        if vale:
            return decir(f"sello_{clave}"), decir(clave)
    return None, None


def _fecha(sorteo: Sorteo, acta: Acta | None, reclamos: Sequence[Reclamo]) -> datetime:
    de_reclamos = chain.from_iterable((r.creado_en, r.respondido_en) for r in reclamos)
    todas = (
        sorteo.creado_en,
        sorteo.ejecutado_en,
        sorteo.publicado_en,
        sorteo.finalizado_en,
        sorteo.anulado_en,
        None if acta is None else acta.escrita_en,
        *de_reclamos,
    )
    return max(fecha for fecha in todas if fecha is not None)


def _nit(conjunto: DatosDelConjunto) -> str | None:
    return None if conjunto.nit is None else f"NIT {conjunto.nit}"


def _preambulo(sorteo: Sorteo, conjunto: DatosDelConjunto, decir: Palabras) -> str:
    return decir(
        "preambulo",
        conjunto=conjunto.nombre or "ParkNet",
        lugar="" if conjunto.ciudad is None else decir("preambulo_lugar", ciudad=conjunto.ciudad),
        sorteo=sorteo.nombre,
        desde=decir.dia(sorteo.vigencia.desde),
        hasta=decir.dia(sorteo.vigencia.hasta),
        zona=decir.zona,
        nombradas=decir(f"nombradas_por_{conjunto.acta_por}"),
    )


def _asistencia(acta: Acta | None, decir: Palabras) -> Seccion:
    quorum = () if acta is None or acta.quorum is None else (decir("quorum", quorum=acta.quorum),)
    if acta is None or not acta.asistentes:
        return Seccion(decir("asistencia"), (*quorum, decir("asistencia_nadie")))
    return Seccion(decir("asistencia"), (*quorum, decir("asistencia_estos")), tuple(acta.asistentes))


def _pasos(sorteo: Sorteo, rechazadas: int, decir: Palabras) -> Iterator[str]:
    """Each step that was taken, in the order of time. `rechazadas`: how many requests the closing refused."""
    dados = [
        (cuando, clave, datos)
        for cuando, clave, datos in _con_sus_horas(sorteo, rechazadas, decir)
        if cuando is not None
    ]
    for cuando, clave, datos in sorted(dados, key=lambda paso: paso[0]):
        yield decir(f"paso_{clave}", cuando=decir.cuando(cuando), **datos)


def _con_sus_horas(sorteo: Sorteo, rechazadas: int, decir: Palabras) -> Iterator[_Paso]:
    yield sorteo.abierto_en, "abierto", {"espacios": sorteo.espacios_en_juego}
    for prorroga in sorteo.prorrogas:
        yield prorroga.cuando, "prorroga", {"hasta": decir.cuando(prorroga.a), "motivo": prorroga.motivo}
    for anterior in sorteo.huellas_anteriores:
        yield anterior.cerrado_en, "cierre_anterior", {}
        yield anterior.reabierto_en, "reabierto", {"motivo": anterior.motivo}
    yield sorteo.cerrado_en, "cerrado", {"participantes": sorteo.participantes, "rechazadas": rechazadas}
    yield sorteo.ejecutado_en, "ejecutado", {"admitidos": sorteo.admitidos, "en_espera": sorteo.en_espera}
    yield sorteo.publicado_en, "publicado", {}
    yield sorteo.finalizado_en, "finalizado", {}
    if sorteo.anulacion is not None:
        yield sorteo.anulacion.pedida_en, "anulacion", {"motivo": sorteo.anulacion.motivo}
    yield sorteo.anulado_en, "anulado", {}


def _terminos(sorteo: Sorteo, decir: Palabras) -> Iterator[str]:
    yield decir(f"reglas_al_dia_{sorteo.al_dia_en}" if sorteo.exige_al_dia else "reglas_sin_al_dia")
    yield decir("reglas_por_unidad", n=sorteo.max_por_unidad)
    if sorteo.max_por_tipo:
        tipos = "; ".join(f"{decir.clase(tipo)}, {n}" for tipo, n in sorted(sorteo.max_por_tipo.items()))
        yield decir("reglas_por_tipo", tipos=tipos)
    if sorteo.reglamento is not None:
        yield decir("reglas_reglamento")
    yield decir(f"reglas_{sorteo.aceptacion}", horas=sorteo.plazo_aceptacion_horas)
    yield decir("reglas_prestados" if sorteo.liberar_reservas else "reglas_no_prestados")
    if not sorteo.reglas:
        yield decir("reglas_ninguna")


def _reglas(sorteo: Sorteo, decir: Palabras) -> tuple[str, ...]:
    return tuple(decir.regla(regla) for regla in sorteo.reglas)


def _azar(sorteo: Sorteo, decir: Palabras) -> Iterator[str]:
    fuente = sorteo.fuente_entropia
    cuando = decir.cuando(fuente.conocible_desde)
    if isinstance(fuente, FuentePublica):
        yield decir("azar_publica", descripcion=fuente.descripcion, cuando=cuando)
    else:
        yield decir("azar_drand", ronda=fuente.ronda, cuando=cuando)
    yield decir("azar_salio", numero=(sorteo.entropia or "").partition("|")[0])
    yield decir("azar_mezcla")
    if sorteo.garantes:
        yield decir("azar_garantes")


def _garantes(sorteo: Sorteo, decir: Palabras) -> Iterator[str]:
    """What each witness contributed."""
    for garante in en_orden(sorteo.garantes):
        if garante.compromiso is None:
            yield decir("garante_ausente", nombre=garante.nombre)
        elif garante.frase is None:
            yield decir("garante_callado", nombre=garante.nombre)
        else:
            yield decir("garante_frase", nombre=garante.nombre, frase=garante.frase)


def _pruebas(sorteo: Sorteo, decir: Palabras) -> Iterator[tuple[str, object]]:
    yield decir.prueba("huella_reglas"), sorteo.huella_reglas
    yield decir.prueba("compromiso"), sorteo.compromiso
    for anterior in sorteo.huellas_anteriores:
        yield decir.prueba("huella_anterior"), anterior.huella
    yield decir.prueba("huella"), sorteo.huella
    yield decir.prueba("huella_padron"), sorteo.huella_padron
    yield decir.prueba("fuente"), sorteo.fuente
    for clave in ("entropia", "secreto", "semilla", "huella_resultado"):
        yield decir.prueba(clave), getattr(sorteo, clave)
    for cabeza in sorteo.cabezas:
        yield decir.prueba("auditoria", paso=cabeza.paso), f"{cabeza.n}:{cabeza.mac}"
