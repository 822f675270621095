"""What the document says of jobs: what each kind makes, and the events that follow one."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter

from app.core.jobs.contract import EventoDeTrabajo, FalloOut

_CITA = "#/components/schemas/"
_EN_JSON = {"contentMediaType": "application/json", "contentSchema": {"$ref": f"{_CITA}TrabajoOut"}}
_EVENTOS = {
    "type": "string",
    "contentMediaType": "text/event-stream",
    "contentSchema": {"type": "array", "items": {"$ref": f"{_CITA}EventoDeTrabajo"}},
}
"""OpenAPI 3.1 knows a stream of events as a text alone; what is in it, JSON Schema can say."""


def describir(documento: dict[str, Any], *, resultados: Sequence[type[BaseModel]]) -> None:
    """Complete the document of FastAPI, which knows that a job has a kind and a result, and not which there are.
    `resultados`: what jobs may have made, by `tipo`, and how they fail."""
    union: Any = TypeAdapter(Annotated[reduce(or_, resultados), Field(discriminator="tipo")])  # type: ignore[arg-type]
    resultado = union.json_schema(mode="serialization", ref_template=f"{_CITA}{{model}}")
    evento = EventoDeTrabajo.model_json_schema(mode="serialization")
    evento["properties"]["data"] |= _EN_JSON
    de_fallo = FalloOut.model_json_schema()["properties"]["tipo"]["const"]
    esquemas: dict[str, Any] = documento["components"]["schemas"]
    for nombre, esquema in {**resultado.pop("$defs"), "EventoDeTrabajo": evento}.items():
        esquemas.setdefault(nombre, esquema)
    esquemas["ResultadoDeTrabajo"] = resultado
    esquemas["TipoDeTrabajo"] = {
        "type": "string",
        "enum": sorted(resultado["discriminator"]["mapping"].keys() - {de_fallo}),
    }
    for operacion in (o for metodos in documento["paths"].values() for o in metodos.values()):
        if (eventos := operacion["responses"].get("200", {}).get("content", {}).get("text/event-stream")) is not None:
            eventos["schema"] = _EVENTOS
