"""What the rows of a roll do to what there is: each row whole, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.imports.contract import Desenlace, Leida, Que
from app.core.jobs.contract import Rechazo
from app.modules.residentes.importacion.estado import Cambio, Clase, Cosa, Vista, palabras_de
from app.modules.residentes.importacion.filas import FilaDelPadron, PersonaDeFila
from app.modules.residentes.models import HECHOS, HECHOS_DE_QUIEN_VIVE, EstadoCuenta, EstadoResidente, TipoVehiculo
from app.modules.residentes.schemas import MAXIMO_DE_UNIDADES
from app.modules.residentes.unidades.schemas import MAXIMO_DE_VEHICULOS, VehiculoCreate
from app.shared.exceptions import ConflictoDeInteres, Dato

_CREADAS = {
    Clase.unidad: "unidades_creadas",
    Clase.residente: "residentes_creados",
    Clase.vehiculo: "vehiculos_creados",
}


class FilaRechazada(Exception):
    def __init__(self, campo: str, codigo: str, **datos: Dato) -> None:
        super().__init__(codigo)
        self.campo, self.codigo, self.datos = campo, codigo, datos


@dataclass(frozen=True, slots=True)
class Paso:
    """What a row does to one thing; where it is new, the thing is all there is to it."""

    cosa: Cosa
    dicho: Cambio
    cambios: Mapping[str, Any] = field(default_factory=dict)


@attrs.define
class Juicio:
    """What a row does. `notas`: flats that it touches, each with the facts of it that a draw reads. `dejados`: what it
    names and is not to be made. `correos`: whose each is."""

    pasos: list[Paso] = attrs.field(factory=list)
    notas: list[tuple[PydanticObjectId, str]] = attrs.field(factory=list)
    dejados: list[Cambio] = attrs.field(factory=list)
    correos: dict[str, str | None] = attrs.field(factory=dict)

    def nueva(self, dicha: PersonaDeFila) -> Cosa | None:
        """Who is made by the row itself: owner and tenant may be one person."""
        nuevas = (paso.cosa for paso in self.pasos if paso.cosa.clase is Clase.residente and paso.cosa.nueva)
        return next((c for c in nuevas if c.fila["numero_documento"] == dicha.numero_documento), None)


@attrs.define(kw_only=True)
class Planificador:
    """`crear_unidades`: a flat that there is not is made. `solo_cambios`: nothing is made."""

    vista: Vista
    crear_unidades: bool
    solo_cambios: bool
    instante: datetime
    desenlaces: list[Desenlace] = attrs.field(factory=list)
    rechazos: list[Rechazo] = attrs.field(factory=list)
    cuentas: dict[str, int] = attrs.field(factory=dict)
    notas: dict[PydanticObjectId, set[str]] = attrs.field(factory=dict)

    def planear(self, leida: Leida[FilaDelPadron]) -> None:
        fila = leida.datos
        if fila is None:
            raise ValueError("a row that was refused is not planned")
        try:
            juicio = self._juzgar(fila)
        except FilaRechazada as error:
            self.rechazos.append(Rechazo(leida.linea, error.campo, error.codigo, error.datos))
            return
        for paso in juicio.pasos:
            self._dar(paso)
        for unidad_id, hecho in juicio.notas:
            self.notas.setdefault(unidad_id, set()).update({hecho} - {""})
        nueva = any(paso.cosa.nueva and not paso.cambios for paso in juicio.pasos)
        que = Que.creada if nueva else Que.cambiada if juicio.pasos else Que.sin_cambio
        dichos = dict.fromkeys([*(paso.dicho for paso in juicio.pasos), *juicio.dejados])
        supuestos = fila.supuestos if juicio.pasos else ()
        self.desenlaces.append(Desenlace(leida.linea, que, fila.nombre, list(dichos), supuestos))

    def _juzgar(self, fila: FilaDelPadron) -> Juicio:
        """Raises FilaRechazada."""
        juicio = Juicio()
        unidad = self._unidad(fila, juicio)
        vistos: set[PydanticObjectId] = set()
        for persona in fila.personas:
            self._persona(persona, unidad, juicio, vistos)
        if unidad is not None:
            self._vehiculos(fila, unidad, juicio)
        elif fila.vehiculos:
            raise FilaRechazada("apartamento", "requerido")
        suyas = self.vista.propias & ({unidad.id} if unidad else set())
        if juicio.pasos and (suyas or any(paso.cosa.id == self.vista.yo for paso in juicio.pasos)):
            raise FilaRechazada("", ConflictoDeInteres.codigo)
        return juicio

    def _unidad(self, fila: FilaDelPadron, juicio: Juicio) -> Cosa | None:
        if fila.clave is None:
            if fila.torre is not None or fila.al_dia is not None or fila.cupo is not None:
                # What is owed is a flat's: said of nobody's, it would be lost.
                raise FilaRechazada("apartamento", "requerido")
            return None
        dicho = {"al_dia": fila.al_dia, "cupo": fila.cupo}
        unidad = self.vista.unidad(fila.clave)
        if unidad is not None:
            cambios = {c: v for c, v in dicho.items() if v is not None and v != unidad.fila[c]}
            for campo, valor in cambios.items():
                juicio.pasos.append(Paso(unidad, Cambio[campo], {campo: valor}))
                juicio.notas.append((unidad.id, campo if campo in HECHOS else ""))
            return unidad
        if (parecida := self.vista.parecida(fila.clave)) is not None:
            torre, apartamento = parecida.fila["torre"], parecida.fila["apartamento"]
            raise FilaRechazada("apartamento", "unidad_parecida", unidad=" ".join(filter(None, [torre, apartamento])))
        if self.solo_cambios or not self.crear_unidades:
            raise FilaRechazada("apartamento", "unidad_desconocida")
        datos = {"torre": fila.torre, "apartamento": fila.apartamento, "cupo": fila.cupo}
        nueva = _nueva(Clase.unidad, datos | {"al_dia": fila.al_dia is not False})
        juicio.pasos.append(Paso(nueva, Cambio.unidad_nueva))
        return nueva

    def _persona(
        self, dicha: PersonaDeFila, unidad: Cosa | None, juicio: Juicio, vistos: set[PydanticObjectId]
    ) -> None:
        hallada = self._hallar(dicha, unidad) or juicio.nueva(dicha)
        if dicha.email is not None:
            de_otra = juicio.correos.setdefault(dicha.email, dicha.numero_documento) != dicha.numero_documento
            if de_otra or self.vista.de_correo(dicha.email) not in (None, hallada):
                raise FilaRechazada("email", "email_duplicado")
        if hallada is not None:
            if hallada.id not in vistos:
                vistos.add(hallada.id)
                self._cambiar_persona(dicha, hallada, unidad, juicio)
            return
        if self.solo_cambios:
            juicio.dejados.append(Cambio.residente_no_creado)
            return
        if dicha.numero_documento is None:
            raise FilaRechazada("numero_documento", "requerido")
        if dicha.nombres is None or dicha.apellidos is None:
            raise FilaRechazada("apellidos" if dicha.nombres else "nombres", "requerido")
        if unidad is None:
            raise FilaRechazada("apartamento", "requerido")
        fila = {
            "nombres": dicha.nombres,
            "apellidos": dicha.apellidos,
            "tipo_documento": dicha.tipo_documento.value,
            "numero_documento": dicha.numero_documento,
            **_datos(dicha),
            "unidades": [{"unidad_id": unidad.id, "tenencia": dicha.tenencia.value}],
            "condiciones": [],
            "estado": EstadoResidente.activo.value,
            "cuenta": EstadoCuenta.sin_invitar.value,
            "creado_en": self.instante,
            "actualizado_en": self.instante,
        }
        nueva = _nueva(Clase.residente, fila)
        vistos.add(nueva.id)
        juicio.pasos.append(Paso(nueva, Cambio.residente_nuevo))
        juicio.notas.append((unidad.id, "residentes"))

    def _hallar(self, dicha: PersonaDeFila, unidad: Cosa | None) -> Cosa | None:
        if dicha.numero_documento is not None:
            return self.vista.residente(dicha.numero_documento, None if dicha.tipo_supuesto else dicha.tipo_documento)
        if dicha.nombres is None or unidad is None:
            return None
        return self.vista.llamado(f"{dicha.nombres} {dicha.apellidos or ''}", unidad)

    def _cambiar_persona(self, dicha: PersonaDeFila, hay: Cosa, unidad: Cosa | None, juicio: Juicio) -> None:
        viven = list(hay.fila["unidades"])
        cambios = _otro_nombre(dicha, hay.fila)
        for campo, valor in _datos(dicha).items():
            if valor is not None and valor != hay.fila[campo]:
                cambios[campo] = valor
        if cambios:
            juicio.pasos.append(Paso(hay, Cambio.residente, cambios))
        juicio.notas += [(o["unidad_id"], campo) for o in viven for campo in HECHOS_DE_QUIEN_VIVE & cambios.keys()]
        if unidad is None:
            return
        suya = next((o for o in viven if o["unidad_id"] == unidad.id), None)
        dicho = {"unidad_id": unidad.id, "tenencia": dicha.tenencia.value}
        if suya is None:
            if len(viven) >= MAXIMO_DE_UNIDADES:
                raise FilaRechazada("apartamento", "muy_largo", max_length=MAXIMO_DE_UNIDADES)
            juicio.pasos.append(Paso(hay, Cambio.vive_en, {"unidades": [*viven, dicho]}))
            juicio.notas.append((unidad.id, "residentes"))
        elif suya["tenencia"] != dicha.tenencia.value and not dicha.tenencia_supuesta:
            juicio.pasos.append(Paso(hay, Cambio.tenencia, {"unidades": [dicho if o is suya else o for o in viven]}))
            juicio.notas.append((unidad.id, "tenencia"))

    def _vehiculos(self, fila: FilaDelPadron, unidad: Cosa, juicio: Juicio) -> None:
        suyos = self.vista.vehiculos_de(unidad)
        sin_placa = sum(v.fila["placa"] is None for v in suyos)
        nuevos = 0
        for dicho in fila.vehiculos:
            if dicho.placa is None:
                sin_placa -= 1
                hay = sin_placa >= 0
            else:
                hallado = self.vista.vehiculo(dicho.placa)
                hay = hallado is not None
                if hallado is not None:
                    self._cambiar_vehiculo(fila, dicho, hallado, unidad, juicio)
            if hay:
                continue
            if self.solo_cambios:
                juicio.dejados.append(Cambio.vehiculo_no_creado)
                continue
            nuevos += 1
            if len(suyos) + nuevos > MAXIMO_DE_VEHICULOS:
                raise FilaRechazada("placa", "demasiados_vehiculos", maximo=MAXIMO_DE_VEHICULOS)
            datos = {"unidad_id": unidad.id, "tipo": dicho.tipo.value, "placa": dicho.placa}
            electrico = {"electrico": dicho.electrico, "electrico_verificado": dicho.electrico}
            juicio.pasos.append(Paso(_nueva(Clase.vehiculo, datos | electrico), Cambio.vehiculo_nuevo))
            juicio.notas.append((unidad.id, ""))

    def _cambiar_vehiculo(
        self, fila: FilaDelPadron, dicho: VehiculoCreate, hay: Cosa, unidad: Cosa, juicio: Juicio
    ) -> None:
        if hay.fila["unidad_id"] != unidad.id:
            raise FilaRechazada("placa", "placa_duplicada")
        otro_tipo = fila.tipos_dichos and hay.fila["tipo"] != dicho.tipo.value
        cambios: dict[str, Any] = {"tipo": dicho.tipo.value} if otro_tipo else {}
        if dicho.electrico and not hay.fila["electrico_verificado"]:
            cambios |= {"electrico": True, "electrico_verificado": True}
        if otro_tipo and dicho.tipo is TipoVehiculo.bicicleta:
            cambios |= {"electrico": False, "electrico_verificado": False}
        if not cambios:
            return
        if hay.id in self.vista.pedidos:
            raise FilaRechazada("tipo_vehiculo", "vehiculo_en_solicitud")
        juicio.pasos.append(Paso(hay, Cambio.vehiculo, cambios))
        juicio.notas.append((unidad.id, ""))

    def _dar(self, paso: Paso) -> None:
        if paso.cambios:
            self.vista.mudar(paso.cosa, paso.cambios)
            return
        self.vista.poner(paso.cosa)
        nombre = _CREADAS[paso.cosa.clase]
        self.cuentas[nombre] = self.cuentas.get(nombre, 0) + 1


def _nueva(clase: Clase, datos: Mapping[str, Any]) -> Cosa:
    return Cosa(clase=clase, fila={"_id": PydanticObjectId(), **datos}, nueva=True)


def _otro_nombre(dicha: PersonaDeFila, hay: Mapping[str, Any]) -> dict[str, Any]:
    """The names that a row has otherwise. Case alone is no other name, nor is a full name taken apart elsewhere."""
    if dicha.nombres is None:
        return {}
    apellidos = dicha.apellidos or hay["apellidos"]
    if dicha.partido and palabras_de(f"{dicha.nombres} {apellidos}") == palabras_de(
        f"{hay['nombres']} {hay['apellidos']}"
    ):
        return {}
    nuevos = {"nombres": dicha.nombres, "apellidos": apellidos}
    igual = all(nuevos[campo].casefold() == hay[campo].casefold() for campo in nuevos)
    return {} if igual else nuevos


def _datos(dicha: PersonaDeFila) -> dict[str, str | None]:
    """What is stored as it is said."""
    ingreso = None if dicha.fecha_ingreso is None else dicha.fecha_ingreso.isoformat()
    return {"email": dicha.email, "telefono": dicha.telefono, "fecha_ingreso": ingreso}
