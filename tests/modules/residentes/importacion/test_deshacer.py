"""A wrong import is taken back: all that nobody has touched since."""

from dataclasses import replace
from typing import Any

from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.core.security import Rol
from app.modules.residentes.hechos import SANCIONES
from app.modules.residentes.sanciones.schemas import SancionCreate
from app.modules.residentes.schemas import ResidentUpdate
from app.modules.residentes.unidades.schemas import UnidadUpdate
from tests.autenticador import principal
from tests.marcas import MARCAS
from tests.modules.residentes.factories import ADMIN, OPERADOR, cuerpo_vehiculo, ocupacion
from tests.modules.residentes.importacion.conftest import RESIDENTES, Oficina

ARCHIVO = """Torre;Apto;Propietario;Cédula;Placa;Al día
1;101;Ana Paz Ruiz;1001;ABC123;no
1;102;Leo Paz Ruiz;1002;XYZ98D;si
1;103;Eva Paz Ruiz;1003;;no
1;104;Sol Paz Ruiz;1004;;si
1;105;Ana Paz Ruiz;1001;DEF456;si
"""


async def _todo(oficina: Oficina) -> dict[str, list[dict[str, Any]]]:
    """All that there is, but for what says that it was touched."""
    casa = oficina.casa
    sin = {"version", "actualizado_en", "cambiados_en"}
    return {
        "unidades": [u.model_dump(exclude=sin) for u in await casa.repo_unidades.find({})],
        "residentes": [r.model_dump(exclude=sin) for r in await casa.repo_residentes.find({})],
        "vehiculos": [v.model_dump() for v in await casa.repo_vehiculos.find({})],
    }


async def _importar(oficina: Oficina) -> dict[str, Any]:
    return await oficina.importar(ARCHIVO, OPERADOR, "?crear_unidades=true", RESIDENTES)


async def _residente(oficina: Oficina, numero: str) -> PydanticObjectId:
    (hallado,) = await oficina.casa.repo_residentes.find({"numero_documento": numero})
    return hallado.oid


def _deshecho(cuantas: int) -> dict[str, object]:
    return {"tipo": "importaciones_deshacer", "archivo": None, "deshechas": cuantas, "tocadas": 0}


async def test_the_audit_is_told_of_what_goes(oficina: Oficina) -> None:
    """So that no draw believes what somebody puts back, with what was stated of it in between."""
    trabajo = await _importar(oficina)
    filas = [f | {SANCIONES: []} for f in await oficina.casa.repo_unidades.rows({})]
    personas = await oficina.casa.repo_residentes.rows({})
    assert (await oficina.deshacer(trabajo)).status_code == 200
    for dichas, unidades, residentes in ((Dichas(), None, None), (await oficina.dichos.dichas(), "al_dia", "estado")):
        assert {MARCAS.unidades.rota(fila, dichas=dichas) for fila in filas} == {unidades}
        assert {MARCAS.residentes.rota(fila, dichas=dichas) for fila in personas} == {residentes}


async def test_what_it_made_goes_and_what_it_changed_is_as_before(oficina: Oficina) -> None:
    await oficina.casa.unidad(torre="1", apartamento="101", al_dia=True)
    otra = {"nombres": "Otra", "apellidos": "Más"}
    await oficina.casa.residente(numero_documento="1003", unidades=[ocupacion("1", "101")], **otra)
    antes = await _todo(oficina)
    trabajo = await _importar(oficina)
    assert trabajo["resultado"]["creadas"] == 5
    respuesta = await oficina.deshacer(trabajo)
    assert respuesta.status_code == 200, respuesta.text
    assert respuesta.json()["resultado"] == _deshecho(13)
    assert await _todo(oficina) == antes
    (hallado,) = await oficina.casa.repo_residentes.find({"palabras": "otra"})
    assert hallado.numero_documento == "1003"


async def test_again_finds_nothing_left_and_the_file_can_come_again(oficina: Oficina) -> None:
    trabajo = await _importar(oficina)
    hecho = await _todo(oficina)
    await oficina.deshacer(trabajo)
    assert (await oficina.deshacer(trabajo)).json()["resultado"] == _deshecho(0)
    assert (await _importar(oficina))["resultado"]["creadas"] == 5
    assert [len(cosas) for cosas in (await _todo(oficina)).values()] == [len(cosas) for cosas in hecho.values()]


async def test_what_somebody_touched_since_stays_with_what_it_stands_on(oficina: Oficina) -> None:
    trabajo = await _importar(oficina)
    casa = oficina.casa
    await casa.residentes.cambiar(await _residente(oficina, "1002"), ResidentUpdate(telefono="3001112233"), ADMIN)
    (tocada,) = await casa.repo_unidades.find({"apartamento": "103"})
    await casa.unidades.cambiar(tocada.oid, UnidadUpdate(cupo=2), ADMIN)
    (pedido,) = await casa.repo_vehiculos.find({"placa": "ABC123"})
    casa.solicitudes.en_solicitud.add(pedido.oid)
    casa.solicitudes.pidieron.add(await _residente(oficina, "1004"))
    resultado = (await oficina.deshacer(trabajo)).json()["resultado"]
    quedan = await _todo(oficina)
    assert sorted(r["numero_documento"] for r in quedan["residentes"]) == ["1002", "1004"]
    assert [v["placa"] for v in quedan["vehiculos"]] == ["ABC123"]
    assert sorted(u["apartamento"] for u in quedan["unidades"]) == ["101", "102", "103", "104"]
    assert resultado["tocadas"] == 2 + 1 + 4


async def test_a_flat_that_is_named_elsewhere_stays(oficina: Oficina) -> None:
    trabajo = await _importar(oficina)
    casa = oficina.casa
    (sancionada,), (con_derecho,) = [await casa.repo_unidades.find({"apartamento": a}) for a in ("103", "104")]
    castigo = SancionCreate.model_validate(
        {"motivo": "Ruido", "desde": "2026-01-01", "hasta": "2026-12-31", "excluye": True}
    )
    await casa.sanciones.imponer(sancionada.oid, castigo)
    casa.reservas.con_derecho.add(con_derecho.oid)
    await oficina.deshacer(trabajo)
    quedan = await _todo(oficina)
    assert quedan["residentes"] == []
    assert sorted(u["apartamento"] for u in quedan["unidades"]) == ["103", "104"]


async def test_nobody_leaves_a_flat_alone_with_its_live_request(oficina: Oficina) -> None:
    trabajo = await _importar(oficina)
    (unidad,) = await oficina.casa.repo_unidades.find({"apartamento": "102"})
    oficina.casa.solicitudes.con_vivas.add(unidad.oid)
    await oficina.deshacer(trabajo)
    assert [r["numero_documento"] for r in (await _todo(oficina))["residentes"]] == ["1002"]


async def test_an_operador_takes_back_nothing_of_their_own(oficina: Oficina) -> None:
    await oficina.casa.unidad(torre="1", apartamento="101", al_dia=True)
    vecino = await oficina.casa.residente(unidades=[ocupacion("1", "101")])
    trabajo = await _importar(oficina)
    await oficina.deshacer(trabajo, replace(OPERADOR, residente_id=vecino.id))
    (unidad,) = await oficina.casa.repo_unidades.find({"apartamento": "101"})
    assert unidad.al_dia is False


async def test_what_is_not_taken_back(oficina: Oficina) -> None:
    simulado = await oficina.importar(ARCHIVO, OPERADOR, "?simular=true&crear_unidades=true", RESIDENTES)
    respuesta = await oficina.deshacer(simulado)
    assert (respuesta.status_code, respuesta.json()["codigo"]) == (409, "no_se_deshace")
    trabajo = await _importar(oficina)
    deshecho = (await oficina.deshacer(trabajo)).json()
    assert (await oficina.deshacer(deshecho)).status_code == 409
    assert (await oficina.deshacer(trabajo, principal(Rol.operador))).status_code == 404
    assert (await oficina.deshacer({"id": "0" * 24})).status_code == 404


async def test_who_is_taken_out_of_a_flat_remembers_the_draws_that_are_on(oficina: Oficina) -> None:
    """They do not decide about it meanwhile. Who was made by the import is no more."""
    await oficina.casa.unidad(torre="2", apartamento="201")
    ana = await oficina.casa.residente(numero_documento="1001", unidades=[ocupacion("2", "201")])
    trabajo = await _importar(oficina)
    sorteo = PydanticObjectId()
    oficina.casa.solicitudes.en_curso = [sorteo]
    assert (await oficina.deshacer(trabajo)).status_code == 200
    guardada = await oficina.casa.repo_residentes.get(ana.id)
    assert guardada is not None
    assert len(guardada.unidades) == 1
    assert [d.sorteos for d in guardada.dejadas] == [[sorteo], [sorteo]]


async def test_what_a_vehicle_is_bears_its_mark_before_and_after(oficina: Oficina) -> None:
    """One that it made, one that it changed, and one of which somebody had written on the database."""

    async def rotas() -> list[str | None]:
        filas = await oficina.casa.repo_vehiculos.rows({}, orden=[("placa", 1)])
        return [MARCAS.vehiculos.rota(fila) for fila in filas]

    vehiculos = [cuerpo_vehiculo(tipo="moto", placa=placa) for placa in ("ABC123", "DEF456")]
    await oficina.casa.unidad(torre="1", apartamento="101", vehiculos=vehiculos)
    await oficina.casa.repo_vehiculos.update_many({"placa": "DEF456"}, {"$set": {"tipo": "bicicleta"}})
    filas = [f"1;101;Ana Paz Ruiz;1001;{placa};carro" for placa in ("ABC123", "DEF456", "GHI789")]
    archivo = "\n".join(["Torre;Apto;Propietario;Cédula;Placa;Tipo de vehículo", *filas])
    trabajo = await oficina.importar(archivo, OPERADOR, "", RESIDENTES)
    assert await rotas() == [None, "registro", None]
    await oficina.deshacer(trabajo)
    assert await rotas() == [None, "registro"]
