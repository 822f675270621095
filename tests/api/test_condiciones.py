"""What names a condition keeps it in the catalogue: reserves, rules and draws, across the modules."""

from tests.api.mundo import Mundo

RUTA = "/residentes/condiciones"


async def test_cada_complejo_empieza_con_las_suyas(mundo: Mundo) -> None:
    hay = (await mundo.pedir("GET", RUTA, "residente"))["items"]
    assert {"movilidad_reducida", "adulto_mayor", "embarazo", "cuidador"} <= {c["codigo"] for c in hay}
    assert [c["codigo"] for c in hay if c["vence"]] == ["embarazo"]


async def test_la_que_algo_nombra_se_queda(mundo: Mundo) -> None:
    codigo = "de_guardia"
    await mundo.pedir(
        "POST", RUTA, json={"codigo": codigo, "nombre": {"es": "De guardia", "en": "On guard"}, "vence": False}
    )

    async def en_uso() -> bool:
        respuesta = await mundo.cliente.delete(f"/api/v1{RUTA}/{codigo}", headers=mundo.quien["admin"])
        return bool(respuesta.status_code == 409 and respuesta.json()["codigo"] == "condicion_en_uso")

    await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": "G-1", "tipo": "carro", "reserva": codigo})
    assert await en_uso()
    await mundo.pedir("PATCH", "/sorteo/espacios/G-1", json={"reserva": None})
    regla = {
        "codigo": "guardia",
        "descripcion": "De guardia",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": codigo}],
        "efecto": {"nivel": 1},
    }
    await mundo.pedir("POST", "/sorteo/prioridades", json=regla)
    assert await en_uso()
    await mundo.pedir("DELETE", "/sorteo/prioridades/guardia")
    await mundo.pedir("DELETE", f"{RUTA}/{codigo}")
    await mundo.pedir("DELETE", "/sorteo/espacios/G-1")
