"""Conditions: declared by residents, decided by staff."""

from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.residentes.exceptions import DemasiadasCondiciones, ResidenteInactivo
from app.modules.residentes.repository import FiltroResidentes
from app.modules.residentes.schemas import CondicionDecidida, CondicionDeclarada, CondicionOut
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado, SinResidente
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ADMIN, OPERADOR, cambio_de_residente, ocupacion

NINGUNO = PydanticObjectId("0" * 24)


async def declarar(casa: Casa, yo: Principal, codigo: str = "discapacidad", persona: str = "titular") -> CondicionOut:
    datos = CondicionDeclarada.model_validate({"codigo": codigo, "persona": persona})
    return await casa.condiciones.declarar(datos, yo)


async def decidir(
    casa: Casa,
    residente_id: PydanticObjectId,
    quien: Principal = OPERADOR,
    codigo: str = "discapacidad",
    **datos: Any,
) -> CondicionOut:
    decidida = CondicionDecidida.model_validate({"estado": "verificada", "persona": "titular"} | datos)
    return await casa.condiciones.decidir(residente_id, codigo, decidida, quien)


async def vecino(casa: Casa) -> Principal:
    """A resident of the flat 1-101."""
    if not await casa.padron.unidades_de_torres(torres=["1"]):
        await casa.unidad()
    return principal(Rol.residente, (await casa.residente()).id)


def id_de(quien: Principal) -> PydanticObjectId:
    assert quien.residente_id is not None
    return quien.residente_id


class TestDeclarar:
    async def test_without_resident(self, casa: Casa) -> None:
        with pytest.raises(SinResidente):
            await declarar(casa, OPERADOR)

    async def test_inactive(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await casa.residentes.dar_de_baja(id_de(yo), ADMIN)
        with pytest.raises(ResidenteInactivo):
            await declarar(casa, yo)

    async def test_declared(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        declarada = await declarar(casa, yo, persona="convive")
        assert (declarada.estado, declarada.persona) == ("declarada", "convive")
        assert (declarada.declarada_en, declarada.decidida_en) == (reloj.instante, None)
        assert (await casa.residentes.ver_propio(yo)).condiciones == [declarada]

    async def test_again_keeps_its_turn(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        primera = await declarar(casa, yo)
        reloj.avanzar(days=1)
        segunda = await declarar(casa, yo, persona="convive")
        assert segunda == primera.model_copy(update={"persona": "convive"})
        assert (await casa.residentes.ver_propio(yo)).condiciones == [segunda]

    async def test_a_verified_one_stays(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        verificada = await decidir(casa, id_de(yo), vigente_hasta="2026-03-02")
        reloj.avanzar(hours=13)  # 23:00 of the last day in Bogotá
        assert await declarar(casa, yo) == verificada
        assert (await casa.residentes.ver_propio(yo)).condiciones == [verificada]

    async def test_an_expired_one_is_declared_anew(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        await decidir(casa, id_de(yo), vigente_hasta="2026-03-02")
        reloj.avanzar(hours=14)
        declarada = await declarar(casa, yo)
        assert (declarada.estado, declarada.vigente_hasta, declarada.declarada_en) == (
            "declarada",
            None,
            reloj.instante,
        )

    async def test_a_rejected_one_is_declared_anew(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        await decidir(casa, id_de(yo), estado="rechazada", nota="Falta el certificado")
        reloj.avanzar(days=1)
        declarada = await declarar(casa, yo)
        assert (declarada.estado, declarada.nota, declarada.decidida_por) == ("declarada", None, None)
        assert declarada.declarada_en == reloj.instante

    async def test_at_most_twenty(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await casa.conocer("una_mas", *(f"condicion_{numero}" for numero in range(20)))
        for numero in range(20):
            await declarar(casa, yo, f"condicion_{numero}")
        with pytest.raises(DemasiadasCondiciones) as caso:
            await declarar(casa, yo, "una_mas")
        assert caso.value.datos == {"maximo": 20}
        await declarar(casa, yo, "condicion_7", "convive")


class TestDecidir:
    async def test_unknown_resident(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await decidir(casa, NINGUNO)

    async def test_operador_about_themselves_or_their_flat(self, casa: Casa) -> None:
        yo = principal(Rol.operador, id_de(await vecino(casa)))
        for propio in (id_de(yo), id_de(await vecino(casa))):
            with pytest.raises(ConflictoDeInteres):
                await decidir(casa, propio, yo, estado="rechazada")
        await casa.unidad(apartamento="102")
        ajeno = await casa.residente(unidades=[ocupacion(apartamento="102")])
        await decidir(casa, ajeno.id, yo)

    async def test_admin_about_themselves(self, casa: Casa) -> None:
        yo = principal(Rol.admin, id_de(await vecino(casa)))
        assert (await decidir(casa, id_de(yo), yo)).estado == "verificada"

    async def test_given(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        dada = await decidir(casa, id_de(yo), vigente_hasta="2027-01-01", nota="Vi el carné")
        assert dada.declarada_en == dada.decidida_en == reloj.instante
        assert (dada.decidida_por, dada.vigente_hasta, dada.nota) == (
            OPERADOR.usuario_id,
            date(2027, 1, 1),
            "Vi el carné",
        )
        assert (await casa.residentes.ver_propio(yo)).condiciones == [dada]

    async def test_confirmed_and_then_rejected(self, casa: Casa, reloj: Reloj) -> None:
        yo = await vecino(casa)
        declarada = await declarar(casa, yo)
        reloj.avanzar(days=1)
        confirmada = await decidir(casa, id_de(yo), vigente_hasta="2027-01-01")
        assert (confirmada.declarada_en, confirmada.decidida_en) == (declarada.declarada_en, reloj.instante)
        rechazada = await decidir(casa, id_de(yo), estado="rechazada")
        assert (rechazada.estado, rechazada.vigente_hasta) == ("rechazada", None)
        assert (await casa.residentes.ver_propio(yo)).condiciones == [rechazada]

    async def test_at_most_twenty(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await casa.conocer("una_mas", *(f"condicion_{numero}" for numero in range(20)))
        for numero in range(20):
            await decidir(casa, id_de(yo), codigo=f"condicion_{numero}")
        with pytest.raises(DemasiadasCondiciones):
            await decidir(casa, id_de(yo), codigo="una_mas")


class TestLeer:
    """Staff who see somebody's conditions leave word of it."""

    async def test_la_ficha_de_quien_tiene_alguna(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await casa.residentes.ver(id_de(yo), OPERADOR)
        assert casa.lecturas.hechas == []
        await declarar(casa, yo)
        await casa.residentes.ver(id_de(yo), OPERADOR)
        assert casa.lecturas.hechas == [(OPERADOR.usuario_id, id_de(yo))]

    @pytest.mark.parametrize("cambios", [{}, {"telefono": "3001234567"}])
    async def test_la_ficha_que_responde_a_un_cambio_aunque_no_cambie_nada(
        self, cambios: dict[str, Any], casa: Casa
    ) -> None:
        """A PATCH of nothing writes nothing and so leaves no act: it is a reading, and no way around being seen."""
        yo = await vecino(casa)
        await casa.residentes.cambiar(id_de(yo), cambio_de_residente(**cambios), OPERADOR)
        assert casa.lecturas.hechas == []
        await declarar(casa, yo)
        vista = await casa.residentes.cambiar(id_de(yo), cambio_de_residente(**cambios), OPERADOR)
        assert [condicion.codigo for condicion in vista.condiciones] == ["discapacidad"]
        assert casa.lecturas.hechas == [(OPERADOR.usuario_id, id_de(yo))]

    async def test_lo_propio_no_se_anota(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await declarar(casa, yo)
        await casa.residentes.ver_propio(yo)
        assert casa.lecturas.hechas == []

    async def test_una_lista_de_los_que_la_tienen_tambien_la_dice(self, casa: Casa) -> None:
        yo = await vecino(casa)
        await declarar(casa, yo)
        otro = await casa.residente(numero_documento="1020304051", email=None)
        for filtro in (FiltroResidentes(), FiltroResidentes(condiciones=["embarazo"])):
            await casa.residentes.listar(filtro, FiltroUnidades(), None, PageQuery(), ADMIN)
        assert casa.lecturas.hechas == []
        filtro = FiltroResidentes(condiciones=["discapacidad"])
        pagina = await casa.residentes.listar(filtro, FiltroUnidades(), None, PageQuery(), ADMIN)
        assert str(otro.id) not in {r["id"] for r in pagina.items}
        assert casa.lecturas.hechas == [(ADMIN.usuario_id, id_de(yo))]
