"""What somebody writes on the database between two readings of one step, so that the step goes by it, and puts back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.modules.solicitudes.impedimentos import Juez
from app.modules.sorteo.toma.copias import CopiaDeSolicitudes
from app.modules.sorteo.toma.service import TomaDeEspacios
from tests.wiring.complejo import SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_repetido import otra_vez

Escribir = Callable[[Any], Awaitable[Any]]


def justo_despues(
    monkeypatch: pytest.MonkeyPatch, de: type, metodo: str, escribir: Callable[[], Awaitable[Any]]
) -> None:
    hacer = getattr(de, metodo)

    async def y_escribe(*cual: Any, **como: Any) -> Any:
        hecho = await hacer(*cual, **como)
        await escribir()
        return hecho

    monkeypatch.setattr(de, metodo, y_escribe)


@escena
async def borrador(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - what there is to draw
    return await complejo.borrador("El primero", SEMESTRE, complejo.ahora + timedelta(days=20), espacios=["P-1"])


class TestAbrir:
    @pytest.mark.parametrize(
        "escribir",
        [
            lambda copias: copias.update_one({"codigo": "P-1"}, {"$set": {"reserva": "movilidad_reducida"}}),
            lambda copias: copias.update_one({"codigo": "P-1"}, {"$set": {"tipo": "moto"}}),
            lambda copias: copias.update_one({"codigo": "P-1"}, {"$set": {"excluido": "uso"}}),
            lambda copias: copias.update_one({"codigo": "P-2"}, {"$set": {"excluido": None, "tipo": "carro"}}),
            lambda copias: copias.delete_one({"codigo": "P-1"}),
            lambda copias: copias.delete_one({"codigo": "P-2"}),
        ],
        ids=["reserve", "kind", "left out", "put in", "gone", "left out by nobody"],
    )
    async def test_copies_of_spaces(
        self, complejo: Complejo, borrador: str, escribir: Escribir, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who has no condition could not use the space, or nobody would have it."""
        copias = complejo.aplicacion.base["sorteos_espacios"]
        with monkeypatch.context() as mientras:
            justo_despues(mientras, TomaDeEspacios, "tomar", lambda: escribir(copias))
            negado = await complejo.pedir("POST", f"/sorteo/{borrador}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "espacios"})
        (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
        assert fila["datos"] == {"donde": "espacios", "paso": "abrir", "sorteo": borrador}
        # What was taken is given back, and the draw opens once nobody writes.
        abierto = await complejo.pedir("POST", f"/sorteo/{borrador}/abrir")
        assert (abierto["estado"], abierto["espacios_en_juego"]) == ("abierto", 1)

    @pytest.mark.usefixtures("vecina")
    async def test_copies_of_requests(self, complejo: Complejo, monkeypatch: pytest.MonkeyPatch) -> None:
        """One taken away, and the count of the window with it: the closing would miss nobody."""
        await complejo.muda("102", "Eva", "2")
        primero = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
        await complejo.piden(primero)
        await complejo.latir()
        nuevo, base = await otra_vez(complejo, primero), complejo.aplicacion.base

        async def quitar() -> None:
            await base["solicitudes"].delete_one({"sorteo_id": ObjectId(nuevo), "folio": 2})
            await base["solicitudes_ventanillas"].update_one({"_id": ObjectId(nuevo)}, {"$set": {"ultimo_folio": 1}})

        with monkeypatch.context() as mientras:
            justo_despues(mientras, CopiaDeSolicitudes, "copiar", quitar)
            negado = await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "copias"})
        await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
        assert len(await complejo.de(nuevo, "aprobada")) == 2


@escena
async def pedido(complejo: Complejo, vecina: Vecina) -> str:
    """Two flats ask."""
    await complejo.muda("102", "Eva", "2")
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.latir()
    await complejo.pedir(
        "POST",
        f"/residentes/unidades/{vecina.unidad}/sanciones",
        json={"motivo": "Ruido", "desde": "2026-11-01", "hasta": "2026-11-10", "excluye": True},
    )
    return sorteo


class TestCerrar:
    """Two readings of one fact would go by two values of it: one to judge by, and one to compare with its mark."""

    @pytest.mark.parametrize(
        ("coleccion", "escrito", "donde"),
        [("unidades", {"al_dia": False}, "al_dia"), ("sanciones", {"hasta": "2027-12-31"}, "sanciones")],
    )
    async def test_who_is_to_be_left_out(
        self,
        complejo: Complejo,
        pedido: str,
        vecina: Vecina,
        coleccion: str,
        escrito: dict[str, Any],
        donde: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Written until the flat is judged."""
        filas = complejo.aplicacion.base[coleccion]
        suya = {"_id" if coleccion == "unidades" else "unidad_id": ObjectId(vecina.unidad)}
        antes: Any = await filas.find_one_and_update(suya, {"$set": escrito})

        async def reponer() -> None:
            await filas.update_one(suya, {"$set": {campo: antes[campo] for campo in escrito}})

        with monkeypatch.context() as mientras:
            justo_despues(mientras, Juez, "juzgar", reponer)
            negado = await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": donde, "objeto": vecina.unidad})
        await reponer()
        await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar")
        assert (await complejo.pedir("GET", f"/sorteo/{pedido}"))["participantes"] == 2

    async def test_who_is_to_be_let_in(
        self, complejo: Complejo, pedido: str, vecina: Vecina, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Written while the flat is judged, and put back before the marks are compared."""
        unidades, suya = complejo.aplicacion.base["unidades"], {"_id": ObjectId(vecina.unidad)}
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
        juzgan = {nombre: getattr(Juez, nombre) for nombre in ("juzgar", "juzgar_por")}

        def mientras_juzga(nombre: str) -> Callable[..., Awaitable[Any]]:
            async def juzgar(*de: Any, **con: Any) -> Any:
                await unidades.update_one(suya, {"$set": {"al_dia": True}})
                juicios = await juzgan[nombre](*de, **con)
                await unidades.update_one(suya, {"$set": {"al_dia": False}})
                return juicios

            return juzgar

        with monkeypatch.context() as mientras:
            for nombre in juzgan:
                mientras.setattr(Juez, nombre, mientras_juzga(nombre))
            await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar")
        assert (await complejo.pedir("GET", f"/sorteo/{pedido}"))["participantes"] == 1
        fuera = (await complejo.pedir("GET", f"/sorteo/{pedido}/exclusiones"))["solicitudes"]
        assert [f["motivo"] for f in fuera] == ["no_al_dia"]


class TestSalidas:
    """A request that says for a moment that its flat was left."""

    async def cerrado(self, complejo: Complejo, pedido: str, vecina: Vecina) -> dict[str, Any]:
        await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar")
        suya: Any = await complejo.aplicacion.base["solicitudes"].find_one_and_update(
            {"unidad_id": ObjectId(vecina.unidad)}, {"$set": {"salida": True}}
        )
        assert not suya["salida"]
        return dict(suya)

    async def denunciada(self, complejo: Complejo, suya: dict[str, Any]) -> None:
        (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
        assert fila["datos"] == {"donde": "salida", "folio": str(suya["folio"])}

    @pytest.mark.parametrize("alli", ["they live there", "and somebody wrote that they do not"])
    async def test_reopened(self, complejo: Complejo, pedido: str, vecina: Vecina, alli: str) -> None:
        """It would be cancelled by the system."""
        suya, quien = await self.cerrado(complejo, pedido, vecina), {"_id": ObjectId(vecina.id)}
        if alli != "they live there":
            await complejo.aplicacion.base["residentes"].update_one(quien, {"$set": {"estado": "retirado"}})
        await complejo.pedir("POST", f"/sorteo/{pedido}/reabrir", json={"motivo": "x", "cierre": None})
        await complejo.aplicacion.base["residentes"].update_one(quien, {"$set": {"estado": "activo"}})
        assert len(await complejo.de(pedido, "aprobada")) == 2
        await self.denunciada(complejo, suya)
        await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar")
        assert (await complejo.pedir("GET", f"/sorteo/{pedido}"))["participantes"] == 2

    async def test_published(self, complejo: Complejo, pedido: str, vecina: Vecina) -> None:
        """What it won would be declined, or its place given up."""
        suya = await self.cerrado(complejo, pedido, vecina)
        complejo.aplicacion.reloj.avanzar(days=26)
        await complejo.pedir("POST", f"/sorteo/{pedido}/ejecutar", json={"entropia": "4821 serie 072"})
        await complejo.pedir("POST", f"/sorteo/{pedido}/publicar")
        assert len(await complejo.de(pedido, "asignada")) == 2
        await self.denunciada(complejo, suya)

    async def test_left_indeed(self, complejo: Complejo, pedido: str, vecina: Vecina) -> None:
        await complejo.pedir("POST", f"/sorteo/{pedido}/cerrar")
        await complejo.pedir("DELETE", f"/residentes/{vecina.id}?confirmar=true")
        await complejo.pedir("POST", f"/sorteo/{pedido}/reabrir", json={"motivo": "x", "cierre": None})
        assert len(await complejo.de(pedido, "aprobada")) == 1
        assert len(await complejo.de(pedido, "cancelada")) == 1
