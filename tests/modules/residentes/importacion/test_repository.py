"""What an import writes by itself is what the documents would write."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.importacion.estado import Clase, Cosa
from app.modules.residentes.importacion.repository import ResidentesDeLote, UnidadesDeLote, VehiculosDeLote
from app.modules.residentes.models import Residente, Unidad, Vehiculo
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.unidades.repository import UnidadRepository, VehiculoRepository
from tests.marcas import MARCAS

UNIDAD = PydanticObjectId()
_DE_LOTE, _UNIDADES = UnidadesDeLote(marcas=MARCAS), UnidadRepository(marcas=MARCAS)
INSTANTE = ahora().replace(microsecond=0)
PERSONA = {
    **{"nombres": "María José", "apellidos": "Núñez Ñáñez", "tipo_documento": "CC", "numero_documento": "1020"},
    **{"email": None, "telefono": "3001112233", "fecha_ingreso": "2021-05-17", "condiciones": []},
    **{"unidades": [{"unidad_id": UNIDAD, "tenencia": "arrendatario"}], "estado": "activo", "cuenta": "sin_invitar"},
    **{"creado_en": INSTANTE, "actualizado_en": INSTANTE},
}
VEHICULO = {"unidad_id": UNIDAD, "tipo": "carro", "placa": "ABC123", "electrico": True, "electrico_verificado": True}


@pytest.mark.parametrize(
    ("clase", "fila"),
    [
        (Clase.unidad, {"torre": "Torre 2", "apartamento": "0101", "cupo": 2, "al_dia": False}),
        (Clase.unidad, {"torre": None, "apartamento": "Casa 7", "cupo": None, "al_dia": True}),
        (Clase.residente, PERSONA),
        (Clase.vehiculo, VEHICULO),
    ],
)
async def test_as_a_document_would(clase: Clase, fila: dict[str, Any], base_real: UnitOfWork) -> None:
    una, otra = fila | {"_id": PydanticObjectId()}, fila | {"_id": PydanticObjectId()}
    cosas = [Cosa(clase=clase, fila=una, nueva=True)]
    rotulos = {una["_id"]: {"palabras": ["suya"]}}

    async def escribir() -> None:
        match clase:
            case Clase.unidad:
                await _DE_LOTE.escribir(cosas, rotulos, {una["_id"]: ["residentes"]}, INSTANTE)
            case Clase.residente:
                await ResidentesDeLote(marcas=MARCAS).escribir(cosas, rotulos, INSTANTE)
            case Clase.vehiculo:
                await VehiculosDeLote(marcas=MARCAS).escribir(cosas)

    await base_real.run(escribir)
    coleccion = {Clase.unidad: Unidad, Clase.residente: Residente, Clase.vehiculo: Vehiculo}[
        clase
    ].get_motor_collection()
    escrita = await coleccion.find_one({"_id": una["_id"]})
    await coleccion.delete_one({"_id": una["_id"]})

    async def como_documento() -> None:
        match clase:
            case Clase.unidad:
                await _UNIDADES.insert(Unidad(**otra, cambiados_en={"residentes": [INSTANTE]}))
            case Clase.residente:
                await ResidenteRepository(marcas=MARCAS).insert(Residente(**otra))
            case Clase.vehiculo:
                await VehiculoRepository(marcas=MARCAS).insert(Vehiculo(**otra))

    await base_real.run(como_documento)
    esperada = await coleccion.find_one({"_id": otra["_id"]})
    assert escrita is not None
    assert esperada is not None
    # Those of a document come after it is written, from its flats and vehicles.
    assert escrita.pop("palabras", None) == (None if clase is Clase.vehiculo else ["suya"])
    for fila in (escrita, esperada):
        marcas = {"unidad": MARCAS.unidades, "residente": MARCAS.residentes, "vehiculo": MARCAS.vehiculos}[clase]
        assert marcas.rota(fila | {"sanciones": []}) is None
        del fila["marcas"]  # of its id
    assert escrita | {"_id": None} == esperada | {"_id": None}
