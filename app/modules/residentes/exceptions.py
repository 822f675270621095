"""The rules of flats and residents that may be broken.

Conflicto 409
├── UnidadDuplicada          torre and apartamento are unique
├── UnidadEnUso              a flat with residents or history is not deleted
├── PlacaDuplicada           also twice within one body
├── DemasiadosVehiculos
├── VehiculoEnSolicitud
├── DocumentoDuplicado       among active residents
├── EmailDuplicado           among active residents
├── DemasiadasCondiciones
├── CondicionDuplicada       the code of a condition is unique
├── CondicionEnUso           what a resident, a space, a rule or a draw names is not deleted
├── UnidadQuedariaVacia      nobody would be left in a flat with a live request
├── CambioMasivo             a file would change who is paid up in more than 30 % of the flats
└── ResidenteInactivo
"""

from app.shared.exceptions import Conflicto


class UnidadDuplicada(Conflicto):
    codigo = "unidad_duplicada"


class UnidadEnUso(Conflicto):
    codigo = "unidad_en_uso"


class PlacaDuplicada(Conflicto):
    codigo = "placa_duplicada"


class DemasiadosVehiculos(Conflicto):
    codigo = "demasiados_vehiculos"


class VehiculoEnSolicitud(Conflicto):
    codigo = "vehiculo_en_solicitud"


class DocumentoDuplicado(Conflicto):
    codigo = "documento_duplicado"


class EmailDuplicado(Conflicto):
    codigo = "email_duplicado"


class UnidadQuedariaVacia(Conflicto):
    codigo = "unidad_quedaria_vacia"


class CambioMasivo(Conflicto):
    codigo = "cambio_masivo"


class DemasiadasCondiciones(Conflicto):
    codigo = "demasiadas_condiciones"


class CondicionDuplicada(Conflicto):
    codigo = "condicion_duplicada"


class CondicionEnUso(Conflicto):
    codigo = "condicion_en_uso"


class ResidenteInactivo(Conflicto):
    codigo = "residente_inactivo"
