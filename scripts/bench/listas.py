"""What a page of a list costs beside the bare query of the driver that reads the same rows."""

from scripts.bench.banco import Banco
from scripts.bench.medida import Razon, entre, por_turnos

_RONDAS = 60
_FILAS = 400
_PAGINA = 100
_VECES = 5


async def medir(banco: Banco) -> list[Razon]:
    for i in range(_FILAS):
        await banco.pedir("POST", "/sorteo/espacios", {"codigo": f"L-{i:04}", "tipo": "carro"}, a=banco.sin)
    coleccion = banco.base["espacios"]

    async def pagina() -> None:
        for _ in range(_VECES):
            await banco.pedir("GET", f"/sorteo/espacios?limite={_PAGINA}")

    async def pelada() -> None:
        for _ in range(_VECES):
            await coleccion.find({}).sort([("codigo", 1)]).limit(_PAGINA + 1).to_list(_PAGINA + 1)

    paginas, peladas = await por_turnos([pagina, pelada], rondas=_RONDAS)
    return [Razon(f"una página de {_PAGINA} espacios", "por la API", "consulta pelada", entre(paginas, peladas))]
