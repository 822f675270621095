"""What becomes of accepted requests: a space that is claimed back, an exchange, a second space for one vehicle."""

from dataclasses import dataclass
from datetime import date

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import PlazoVencido, YaTieneEspacio
from app.shared.pagination import PageQuery
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.dobles import Ocupado
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino


@dataclass(frozen=True)
class Libre:
    codigo: str
    tipo: str = "carro"
    reserva: str | None = None


async def reclamar(mesa: Mesa, solicitud_id: PydanticObjectId, motivo: str | None = None) -> None:
    await mesa.uow.run(lambda: mesa.publico.reclamada(solicitud_id=solicitud_id, motivo=motivo))


async def entregar(mesa: Mesa, solicitud_id: PydanticObjectId) -> None:
    """The day has come: what it still held is free."""

    async def paso() -> None:
        espacio = await mesa.espacios.terminar(solicitud_id=solicitud_id)
        await mesa.publico.asignacion_terminada(solicitud_id=solicitud_id, espacio=espacio)

    await mesa.uow.run(paso)


class TestReclamada:
    async def test_first_in_line(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(4)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 2)
        for pedida, vecino in zip(pedidas[:2], vecinos[:2], strict=True):
            await mesa.decidir(pedida, "aceptada", vecino.quien)
        await reclamar(mesa, pedidas[0].id, "la necesita otra unidad")
        assert (await mesa.pasos(pedidas[0]))[-1] == (
            "aceptada",
            "en_espera",
            "sistema",
            "la necesita otra unidad",
        )
        vista = await mesa.ver(pedidas[0], vecinos[0].quien)
        assert (vista.espacio, vista.espera, vista.espera_actual, vista.prestado) == (None, None, 1, False)
        assert [(await mesa.ver(p)).espera_actual for p in pedidas[2:]] == [2, 3]
        fila = await mesa.espera.listar(sorteo_id, PageQuery(), ADMIN)
        assert [s.folio for s in fila.items] == [1, 3, 4]
        # Live, so that the flat asks for no other with that vehicle.
        assert await mesa.publico.alguno_en_solicitud(vehiculos=[vecinos[0].vehiculo_id])
        await entregar(mesa, pedidas[1].id)
        assert (await mesa.ver(pedidas[0])).espacio == "A-02"

    async def test_the_earlier_before_the_later(self, mesa: Mesa, reloj: Reloj) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 2)
        for pedida, vecino in zip(pedidas[:2], vecinos[:2], strict=True):
            await mesa.decidir(pedida, "aceptada", vecino.quien)
        await reclamar(mesa, pedidas[1].id)
        reloj.avanzar(seconds=1)
        await reclamar(mesa, pedidas[0].id)
        fila = await mesa.espera.listar(sorteo_id, PageQuery(), ADMIN)
        assert [s.folio for s in fila.items] == [2, 1, 3]

    async def test_another_space_ends_what_it_still_holds(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 2)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await reclamar(mesa, pedidas[0].id)
        await mesa.decidir(pedidas[1], "declinada", vecinos[1].quien)
        assert (await mesa.ver(pedidas[0])).espacio == "A-02"
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        assert [(t.codigo, t.vigente) for t in await mesa.espacios.tenencias.find({})] == [
            ("A-01", False),
            ("A-02", True),
        ]
        # What it let go went to the next.
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "ofrecida"]
        assert await mesa.espacios.quien_tiene("A-01") == pedidas[2].id

    async def test_once_its_day_has_come_it_waits_on(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(2)]
        sorteo_id, pedidas = await mesa.publicado(vecinos)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await reclamar(mesa, pedidas[0].id)
        # It would be lent it again, for it is first; somebody with the right comes before.
        await mesa.espacios.casillas.update_one({"codigo": "A-01"}, {"$set": {"reserva": "movilidad_reducida"}})
        await mesa.como_si(pedidas[1].id, condiciones=["movilidad_reducida"])
        await entregar(mesa, pedidas[0].id)
        assert await mesa.estados(sorteo_id) == ["en_espera", "ofrecida"]
        assert (await mesa.ver(pedidas[1])).prestado is False

    @pytest.mark.parametrize("ofrecida", [False, True])
    async def test_leaving_ends_what_it_still_holds(self, mesa: Mesa, ofrecida: bool) -> None:
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 2)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await reclamar(mesa, pedidas[0].id)
        if ofrecida:
            await mesa.decidir(pedidas[1], "declinada", vecinos[1].quien)
        await mesa.uow.run(lambda: mesa.publico.desocupadas(unidades=[vecinos[0].unidad_id], usuario_id=None))
        assert [t.vigente for t in await mesa.espacios.tenencias.find({})] == [False]
        assert await mesa.espacios.quien_tiene("A-01") != pedidas[0].id
        assert (await mesa.estados(sorteo_id))[0] == ("declinada" if ofrecida else "retirada")
        assert (await mesa.estados(sorteo_id))[2] == "ofrecida"

    async def test_taken_away_it_waits_no_more(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(2)]
        sorteo_id, pedidas = await mesa.publicado(vecinos)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await reclamar(mesa, pedidas[0].id)
        for _ in range(2):
            await mesa.uow.run(lambda: mesa.publico.sin_espera(solicitud_id=pedidas[0].id, motivo="lo subarrendó"))
        await entregar(mesa, pedidas[0].id)
        assert await mesa.estados(sorteo_id) == ["retirada", "ofrecida"]

    async def test_where_there_is_no_line_it_stays(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        sorteo_id, (pedida,) = await mesa.publicado([vecino])
        await mesa.decidir(pedida, "aceptada", vecino.quien)
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado")
        await reclamar(mesa, pedida.id)
        assert await mesa.estados(sorteo_id) == ["aceptada"]
        await entregar(mesa, pedida.id)
        assert not await mesa.publico.alguno_en_solicitud(vehiculos=[vecino.vehiculo_id])


class TestPermutar:
    async def dos(self, mesa: Mesa) -> tuple[list[Vecino], list[PydanticObjectId]]:
        vecinos = [mesa.vecino() for _ in range(2)]
        _, pedidas = await mesa.publicado(vecinos, 2)
        for pedida, vecino in zip(pedidas, vecinos, strict=True):
            await mesa.decidir(pedida, "aceptada", vecino.quien)
        return vecinos, [p.id for p in pedidas]

    async def test_each_has_the_other(self, mesa: Mesa) -> None:
        _, (a, b) = await self.dos(mesa)
        cambios = {a: Libre("A-02"), b: Libre("A-01")}
        assert await mesa.publico.permutables(cambios=cambios)
        assert await mesa.uow.run(lambda: mesa.publico.permutar(cambios=cambios, motivo="lo pidieron"))
        for id, espacio in ((a, "A-02"), (b, "A-01")):
            assert (await mesa.listas.ver(id, ADMIN)).espacio == espacio
            linea = (await mesa.listas.historial(id, PageQuery(), ADMIN)).items[-1]
            assert (linea.tipo, linea.a, linea.motivo, linea.cambios) == (
                "permuta",
                "aceptada",
                "lo pidieron",
                ["espacio"],
            )

    @pytest.mark.parametrize("espacio", [Libre("A-02", tipo="moto"), Libre("A-02", reserva="movilidad_reducida")])
    async def test_not_what_is_of_no_use(self, mesa: Mesa, espacio: Libre) -> None:
        _, (a, b) = await self.dos(mesa)
        cambios = {a: espacio, b: Libre("A-01")}
        assert not await mesa.publico.permutables(cambios=cambios)
        assert not await mesa.uow.run(lambda: mesa.publico.permutar(cambios=cambios, motivo="x"))
        assert (await mesa.listas.ver(b, ADMIN)).espacio == "A-02"

    async def test_a_reserved_one_by_right(self, mesa: Mesa) -> None:
        _, (a, b) = await self.dos(mesa)
        await mesa.como_si(a, condiciones=["movilidad_reducida"])
        cambios = {a: Libre("A-02", reserva="movilidad_reducida"), b: Libre("A-01")}
        assert await mesa.publico.permutables(cambios=cambios)

    async def test_not_what_is_no_longer_accepted(self, mesa: Mesa) -> None:
        _, (a, b) = await self.dos(mesa)
        cambios = {a: Libre("A-02"), b: Libre("A-01")}
        await reclamar(mesa, a)
        assert not await mesa.publico.permutables(cambios=cambios)


class TestUnSoloEspacio:
    async def test_a_second_one_for_the_same_vehicle(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        _, (pedida,) = await mesa.publicado([vecino])
        await mesa.tiene_espacio(vecino)
        with pytest.raises(YaTieneEspacio):
            await mesa.decidir(pedida, "aceptada", vecino.quien)
        assert await mesa.estado(pedida) == "asignada"

    @pytest.mark.parametrize(
        ("tipo", "desde", "hasta", "estado"),
        [
            ("carro", INICIO.date(), date.max, None),
            ("carro", date(2020, 1, 1), date(2020, 12, 31), "aceptada"),
            ("moto", INICIO.date(), date.max, "aceptada"),
        ],
    )
    @pytest.mark.parametrize("aceptacion", ["requerida", "tacita"])
    async def test_beside_one_by_right(
        self, mesa: Mesa, aceptacion: str, tipo: str, desde: date, hasta: date, estado: str | None
    ) -> None:
        """Given to the flat after the closing; for such a vehicle, on a day of the term."""
        vecino = mesa.vecino()
        sorteo_id = await mesa.sorteo(["A-01"], aceptacion=aceptacion)
        pedida = await mesa.pedir(sorteo_id, vecino)
        mesa.espacios.por_derecho.append(Ocupado(vecino.unidad_id, None, None, tipo, desde, hasta))
        await mesa.publicar(sorteo_id, {1: "A-01"})
        if estado is None:
            with pytest.raises(YaTieneEspacio):
                await mesa.decidir(pedida, "aceptada", vecino.quien)
        elif aceptacion == "requerida":
            await mesa.decidir(pedida, "aceptada", vecino.quien)
        assert await mesa.estado(pedida) == (estado or "asignada")

    async def test_for_another_of_its_vehicles(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        _, (pedida,) = await mesa.publicado([vecino])
        await mesa.tiene_espacio(vecino, vehiculo_id=PydanticObjectId())
        assert (await mesa.decidir(pedida, "aceptada", vecino.quien)).estado == "aceptada"

    async def test_by_itself_it_accepts_no_second_one(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id = await mesa.sorteo(["A-01", "A-02"], aceptacion="tacita")
        for vecino in vecinos:
            await mesa.pedir(sorteo_id, vecino)
        await mesa.tiene_espacio(vecinos[0])
        await mesa.publicar(sorteo_id, {1: "A-01", 2: "A-02"})
        assert await mesa.estados(sorteo_id) == ["asignada", "aceptada"]


class TestVencida:
    async def test_whoever_lost_it_is_told(self, mesa: Mesa, reloj: Reloj) -> None:
        vecino = mesa.vecino()
        _, (pedida,) = await mesa.publicado([vecino])
        reloj.avanzar(hours=72)
        assert await mesa.espera.vencer() == 1
        assert [
            (quien, datos["folio"], datos["espacio"])
            for tipo, quien, datos in mesa.avisos.dichos
            if tipo == "plazo_vencido"
        ] == [(vecino.residente_id, pedida.folio, "A-01")]
        with pytest.raises(PlazoVencido):
            await mesa.decidir(pedida, "aceptada", vecino.quien)
