"""What a draw went through, told in its minutes, and the paper on which they are printed."""

import re
from datetime import timedelta

import pytest

from app.modules.sorteo.acta.impreso import Pliego
from app.modules.sorteo.models import Sorteo
from app.shared.printing import qr
from tests.loteria import instante
from tests.modules.sorteo.acta.test_router import ACTA, bajar, escribir, seccion
from tests.modules.sorteo.conftest import Api
from tests.modules.sorteo.dobles import ConjuntoDePrueba
from tests.modules.sorteo.factories import DISPONIBLE, ENTROPIA
from tests.modules.sorteo.garantes.test_garantes import FRASES, NOMBRES, comprometer, nombrar, revelar


async def correr(api: Api, sorteo: Sorteo) -> None:
    api.casa.reloj.poner(DISPONIBLE)
    await api.casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)


class TestDesarrollo:
    async def test_closed_later_and_opened_again(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        cierre = casa.reloj.instante + timedelta(days=2)
        sorteo = await casa.abierto(cierre=instante(cierre))
        despues = instante(cierre + timedelta(hours=3))
        pedido = {"cierre": despues, "motivo": "Faltaba la torre 2."}
        assert (await api.pedir("POST", f"/{sorteo.id}/prorrogar", json=pedido)).status_code == 200
        await casa.pedir(sorteo, 2)
        casa.reloj.avanzar(hours=1)
        await casa.cierre.cerrar(sorteo.oid)
        casa.reloj.avanzar(hours=1)
        reabierto = await api.pedir(
            "POST", f"/{sorteo.id}/reabrir", json={"motivo": "Se cayó la red.", "cierre": despues}
        )
        assert reabierto.status_code == 200, reabierto.text
        casa.reloj.avanzar(hours=1)
        await casa.cierre.cerrar(sorteo.oid)
        await correr(api, sorteo)
        pasos = await seccion(api, sorteo, "Desarrollo")
        dichos = [
            "se abrió la convocatoria al sorteo, con 1 espacio.",
            "se prorrogó el cierre hasta la 1:00 p. m. del miércoles 4 de marzo de 2026. Motivo: Faltaba la torre 2.",
            "se cerró por primera vez la recepción de solicitudes",
            "se reabrió la recepción de solicitudes. Motivo: Se cayó la red.",
            "se cerró la recepción de solicitudes. Entraron al sorteo 2",
            "se ejecutó el sorteo: recibió espacio 1 solicitud y quedó 1 en lista de espera.",
        ]
        planos = [re.sub(r"\s", " ", paso) for paso in pasos]
        assert [dicho in paso for dicho, paso in zip(dichos, planos, strict=True)] == [True] * 6, planos
        assert all(paso.startswith("Siendo la") for paso in planos)

    async def test_what_each_witness_contributed(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        sorteo = await casa.abierto()
        dice, calla, _ = await nombrar(api, sorteo)
        await comprometer(api, sorteo, dice, FRASES[0])
        await comprometer(api, sorteo, calla, FRASES[1])
        await casa.pedir(sorteo, 1)
        await casa.cierre.cerrar(sorteo.oid)
        await revelar(api, sorteo, dice, FRASES[0])
        await correr(api, sorteo)
        dicho = await seccion(api, sorteo, "Origen del azar")
        assert f"{NOMBRES[0]}: «{FRASES[0]}»." in dicho
        assert f"{NOMBRES[1]} comprometió una frase y no la reveló; contó como vacía." in dicho
        assert f"{NOMBRES[2]} no comprometió ninguna frase." in dicho
        assert "Salió «4821 serie 072»." in dicho


class TestPapel:
    @pytest.mark.parametrize(("papel", "medida"), [("carta", b"612 792"), ("a4", b"595.2756 841.8898")])
    async def test_as_large_as_the_letterhead_of_the_complex(self, api: Api, papel: str, medida: bytes) -> None:
        api.casa.conjunto.datos = ConjuntoDePrueba(papel=papel)
        await api.casa.espacios("A-1")
        impresa = (await bajar(api, await api.casa.ejecutado(2), "pdf")).content
        assert set(re.findall(rb"/MediaBox ?\[0 0 ([\d. ]+)\]", impresa)) == {medida}

    async def test_who_heads_it_room_to_sign_and_the_code_of_its_page(self, api: Api, pliegos: list[Pliego]) -> None:
        api.casa.conjunto.datos = ConjuntoDePrueba(
            nombre="Altos", nit="900.1", direccion="Calle 1", ciudad="Cali", telefono="602"
        )
        await api.casa.espacios("A-1")
        sorteo = await api.casa.ejecutado(2)
        await bajar(api, sorteo, "pdf")
        await escribir(api, sorteo, ACTA)
        await bajar(api, sorteo, "pdf")
        sin_nadie, con_alguien = (pliego.datos for pliego in pliegos)
        assert (con_alguien["conjunto"], con_alguien["sede"]) == ("Altos", "NIT 900.1 · Calle 1 · Cali · 602")
        assert sin_nadie["firmantes"] == [("Por la administración", ""), ("Por el consejo", "")]
        assert con_alguien["firmantes"] == (("Elisa Robles", "+Administradora"),)
        assert con_alguien["qr"] == qr(con_alguien["enlace"])
        assert con_alguien["enlace"].endswith(f"/sorteo/{sorteo.id}/verificar")
