"""What an act says that it read is compared with what there is; whatever happens by the rules, it is the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.acts.contract import atendiendo
from app.modules.auditoria.cadena import Cabeza, Falla, TipoDeFalla, Verificador
from app.modules.auditoria.relatos.leido import DE_TODOS, POR_OBJETO, Seleccion, leido
from tests.judges.juicio import EJEMPLOS
from tests.modules.auditoria.cadenas import CLAVE, Fila, encadenadas
from tests.modules.auditoria.conftest import Casa, acto

ESCRITAS, PEDIDAS = "unidades_escritas", "solicitudes_escritas"


def apunte(i: int, accion: str = "cosas_cambiar", objeto: Sequence[str] = (), **mas: Any) -> Fila:
    """As a process inserts it, each on a lane of its own."""
    contada = {"id": f"{i:024x}", "accion": accion, "objeto": list(objeto), "datos": {}, **mas}
    contada |= {"serie": f"p-{i}", "orden": 1}
    return {**contada, "firma": CLAVE.firma(contada)}


def verificada(en_espera: Sequence[Fila], selladas: Sequence[Fila], conocida: Cabeza | None = None) -> Falla | None:
    verificador = Verificador(CLAVE, [] if conocida is None else [conocida])
    for una in en_espera:
        verificador.sin_sellar(una)
    for una in selladas:
        verificador.sellada(una)
    return verificador.informe().falla


def cabeza(filas: Sequence[Fila]) -> Cabeza:
    return Cabeza(filas[-1]["n"], filas[-1]["mac"])


@dataclass
class Vida:
    """Rows are inserted, read and sealed as they may be, in a world in which nobody takes any away."""

    filas: list[Fila] = field(default_factory=list)
    selladas: int = 0

    def todas(self) -> list[Fila]:
        return [*encadenadas(self.filas[: self.selladas]), *self.filas[self.selladas :]]

    def insertar(self, accion: str, objeto: str, **mas: Any) -> None:
        self.filas.append(apunte(len(self.filas) + 1, accion, [objeto], **mas))

    def sellar(self, cuantas: int) -> None:
        self.selladas = min(len(self.filas), self.selladas + cuantas)

    def lee(self, seleccion: Seleccion, atras: int) -> dict[str, Any]:
        """`atras`: whoever reads saw less of the chain than there is by then."""
        accion, objeto = seleccion
        suyas = [f for f in self.todas() if f["accion"] == accion and objeto in (None, *f["objeto"])]
        return leido(seleccion, suyas, max(0, self.selladas - atras))


acciones, objetos = st.sampled_from(["cosas_cambiar", ESCRITAS, PEDIDAS, "espera_ofrecida"]), st.sampled_from("ab")
selecciones = st.sampled_from([(a, None) for a in sorted(DE_TODOS)] + [(a, "a") for a in sorted(POR_OBJETO)])
lecturas_posibles = st.lists(st.tuples(selecciones, st.integers(0, 3)), min_size=1, max_size=3)
hechos = st.lists(
    st.one_of(
        st.tuples(st.just("sella"), st.integers(1, 4)),
        st.tuples(st.just("escribe"), acciones, objetos),
        st.tuples(
            st.just("lee"), st.lists(st.tuples(selecciones, st.integers(0, 3)), min_size=1, max_size=3), acciones
        ),
    ),
    max_size=40,
)


def vivida(pasos: Sequence[Any]) -> Vida:
    vida = Vida()
    for que, *como in pasos:
        if que == "sella":
            vida.sellar(*como)
        elif que == "escribe":
            vida.insertar(*como)
        else:
            lecturas, accion = como
            vida.insertar(accion, "a", leido=[vida.lee(*lectura) for lectura in lecturas])
    return vida


class TestComprobar:
    @settings(max_examples=EJEMPLOS, deadline=None)
    @given(hechos)
    def test_una_vida_no_se_contradice(self, pasos: Sequence[Any]) -> None:
        vida = vivida(pasos)
        filas = vida.todas()
        en_espera, selladas = filas[vida.selladas :], filas[: vida.selladas]
        assert verificada(en_espera, selladas, cabeza(selladas) if selladas else None) is None
        # What was still unsealed when the first rows were taken comes twice.
        assert verificada(vida.filas, selladas) is None

    @settings(max_examples=EJEMPLOS, deadline=None)
    @given(hechos, st.data())
    def test_lo_que_se_tapo_la_contradice(self, pasos: Sequence[Any], datos: st.DataObject) -> None:
        """Any row of a selection, sealed, hidden from the one that read it."""
        vida = vivida([*pasos, ("escribe", ESCRITAS, "a"), ("sella", len(pasos) + 1)])
        suyas = [f for f in vida.todas() if f["accion"] == ESCRITAS]
        tapada = datos.draw(st.sampled_from(suyas))
        dicho = leido((ESCRITAS, None), [f for f in suyas if f is not tapada], vida.selladas)
        vida.insertar("sorteo_cerrar_sorteo", "a", leido=[dicho])
        sin_sellar = vida.todas()
        assert verificada(sin_sellar[-1:], sin_sellar[:-1]) == Falla(TipoDeFalla.contradicha, None)
        vida.sellar(1)
        assert verificada([], vida.todas()) == Falla(TipoDeFalla.contradicha, vida.selladas)

    @pytest.mark.parametrize(
        "cambio",
        [{"cuantas": 1}, {"cuantas": 3}, {"huella": "0" * 64}, {"hasta": 1}, {"hasta": 3}, {"hasta": 9}],
    )
    def test_cualquier_otra_cosa_que_diga(self, cambio: dict[str, Any]) -> None:
        filas = [apunte(1, ESCRITAS), apunte(2, ESCRITAS)]
        dicho = leido((ESCRITAS, None), encadenadas(filas), 2)
        assert verificada([], encadenadas([*filas, apunte(3, leido=[dicho])])) is None
        assert verificada([], encadenadas([*filas, apunte(3, leido=[dicho | cambio])])) == Falla(
            TipoDeFalla.contradicha, 3
        )

    def test_otra_en_su_lugar(self) -> None:
        """A row of the same kind that the process signed, under the number and the mac of the hidden one."""
        filas = [apunte(1, ESCRITAS), apunte(2, ESCRITAS)]
        una, tapada = encadenadas(filas)
        puesta = una | {"id": "f" * 24, "n": 2, "mac": tapada["mac"]}
        dicho = leido((ESCRITAS, None), [una, puesta], 2)
        assert verificada([], encadenadas([*filas, apunte(3, leido=[dicho])])) == Falla(TipoDeFalla.contradicha, 3)

    def test_como_si_no_estuviera_sellada(self) -> None:
        una = apunte(1, ESCRITAS)
        dicho = leido((ESCRITAS, None), [una], 1)
        assert dicho["sueltas"] == [una["id"]]
        assert verificada([], encadenadas([una, apunte(2, leido=[dicho])])) == Falla(TipoDeFalla.contradicha, 2)

    def test_la_que_nombra_ha_de_estar(self) -> None:
        """Of what came after the first row was taken nobody knows yet."""
        esta, otra = apunte(1, ESCRITAS), apunte(2, ESCRITAS)
        dicho = leido((ESCRITAS, None), [esta], 0)
        lee = apunte(3, leido=[dicho])
        filas = encadenadas([otra, lee, apunte(4)])
        assert verificada([], filas, cabeza(filas)) == Falla(TipoDeFalla.contradicha, 2)
        assert verificada([], filas, cabeza(filas[:1])) is None
        assert verificada([esta], filas, cabeza(filas)) is None
        for bien in ([esta, lee], [lee, esta]):
            assert verificada([], encadenadas(bien), cabeza(encadenadas(bien))) is None

    def test_lo_que_se_leyo_de_antes_de_que_se_firmara(self) -> None:
        """Rows without a signature are not read, and count as places in the chain."""
        vieja = {campo: v for campo, v in apunte(1, ESCRITAS).items() if campo not in ("serie", "orden", "firma")}
        dicho = leido((ESCRITAS, None), [], 1)
        lee = apunte(2, leido=[dicho])
        assert verificada([], encadenadas([vieja, lee])) is None
        assert verificada([lee], encadenadas([vieja])) is None


class TestDecir:
    """On the real server: what is read in a call stands in the row that is written in it."""

    async def leidos(self, casa: Casa) -> list[list[dict[str, Any]]]:
        return [fila["leido"] for fila in await casa.filas() if "leido" in fila]

    async def leer(self, casa: Casa) -> None:
        async for _ in casa.bitacora.dichos_por_partes(tipo=ESCRITAS):
            pass

    async def test_una_vez(self, casa: Casa) -> None:
        await casa.bitacora.suceso(tipo=ESCRITAS)
        await casa.sellador().sellar()
        await casa.bitacora.suceso(tipo=ESCRITAS)
        with atendiendo(acto()):
            await self.leer(casa)
            await casa.sucesos(2)
        await casa.sellador().sellar()
        ((dicho,),) = await self.leidos(casa)
        assert (dicho["hasta"], dicho["cuantas"], len(dicho["sueltas"])) == (1, 1, 1)
        assert (await casa.servicio.verificar()).falla is None

    async def test_sin_llamada_no_se_dice_nada(self, casa: Casa) -> None:
        """A watch reads, and does nothing by itself."""
        await self.leer(casa)
        await casa.sucesos(1)
        assert await self.leidos(casa) == []

    async def test_lo_que_no_quedo_no_lo_dice(self, casa: Casa) -> None:
        """Neither what was read nor what was written in a transaction that came to nothing counts."""

        async def leer_y_fallar() -> None:
            await self.leer(casa)
            await casa.sucesos(1)
            raise ValueError("no")

        with atendiendo(acto()):
            await casa.bitacora.dichos_de_todos(tipos=["sorteo_participes"])
            with pytest.raises(ValueError, match="no"):
                await casa.uow.run(leer_y_fallar)
            assert await self.leidos(casa) == []
            await casa.sucesos(1)
        ((dicho,),) = await self.leidos(casa)
        assert dicho["accion"] == "sorteo_participes"

    async def test_en_una_transaccion_hasta_donde_va_la_cadena_en_ella(self, casa: Casa) -> None:
        """With no command more than who counts it asks."""
        cosa = await casa.cosa()
        await casa.bitacora.suceso(tipo=PEDIDAS, objeto=cosa.oid)
        await casa.sucesos(2)
        await casa.sellador().sellar()

        async def leer() -> None:
            await casa.bitacora.dichos(objeto=cosa.oid, tipos=[PEDIDAS])
            await casa.bitacora.sin_huecos(objeto=cosa.oid, desde="cosas_crear")
            await casa.sucesos(1)

        with atendiendo(acto()):
            await casa.uow.run(leer)
        ((dicho,),) = await self.leidos(casa)
        assert (dicho["objeto"], dicho["hasta"], dicho["cuantas"], dicho["sueltas"]) == (str(cosa.oid), 3, 1, [])

    async def test_hasta_donde_este_proceso_la_vio(self, casa: Casa) -> None:
        """Whoever cuts the chain for that moment does not reach its memory."""
        await casa.sucesos(3)
        await casa.sellador().sellar()
        await casa.vigia.vigilar()
        cola = await casa.coleccion.find({"n": {"$gt": 1}}).to_list(None)
        await casa.coleccion.delete_many({"n": {"$gt": 1}})
        with atendiendo(acto()):
            await self.leer(casa)
            await casa.coleccion.insert_many(cola)
            await casa.sucesos(1)
        ((dicho,),) = await self.leidos(casa)
        assert dicho["hasta"] == 3
