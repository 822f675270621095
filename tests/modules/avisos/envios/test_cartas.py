"""E-mails with what is shown once: sealed while they wait, and erased afterwards."""

import pytest

from app.modules.avisos.exceptions import EnvioNoReintentable
from app.modules.avisos.models import EstadoEnvio
from tests.conftest import Reloj
from tests.modules.avisos.conftest import Montar
from tests.modules.avisos.oficina import Corte, Oficina

ANA = "ana@example.com"


class TestCartasConEnlace:
    async def test_lo_que_dicen_no_esta_en_claro_y_se_borra_al_enviarse(self, montar: Montar, correo: Oficina) -> None:
        casa = montar(correo)
        id = await casa.invitar(ANA)
        crudo = repr(await casa.r_envios._coleccion.find_one({"_id": id}))
        assert "sellado" in crudo
        assert not [dicho for dicho in (ANA, "secreto-1", "Ana Peña", "https") if dicho in crudo]
        await casa.enviar()
        cuerpo = correo.de(ANA).get_body(("plain",))
        assert cuerpo is not None
        assert "https://parknet.example/registro#invitacion=secreto-1" in cuerpo.get_content()
        envio = await casa.envio(id)
        assert (envio.estado, envio.sellado) == (EstadoEnvio.enviado, None)

    async def test_la_que_muere_no_conserva_nada_ni_se_puede_reintentar(self, montar: Montar, correo: Oficina) -> None:
        correo.a_direcciones[ANA] = ["550 no"]
        casa = montar(correo)
        id = await casa.invitar(ANA)
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.sellado) == (EstadoEnvio.muerto, None)
        with pytest.raises(EnvioNoReintentable):
            await casa.envios.reintentar(id)

    async def test_la_que_vence_se_borra_sin_enviarse(self, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        correo.a_direcciones[ANA] = ["450 no"] * 9
        casa = montar(correo)
        id = await casa.invitar(ANA)
        await casa.enviar()
        reloj.avanzar(days=5)
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.sellado) == (EstadoEnvio.caducado, None)
        assert len(correo.a_direcciones[ANA]) == 8

    async def test_la_incierta_se_puede_reintentar_hasta_que_vence(
        self, montar: Montar, correo: Oficina, reloj: Reloj
    ) -> None:
        correo.a_mensajes[ANA] = [Corte.en_medio, Corte.en_medio]
        casa = montar(correo, smtp_intentos=1)
        id = await casa.invitar(ANA)
        await casa.enviar()
        assert (await casa.envio(id)).sellado is not None
        await casa.envios.reintentar(id)
        await casa.enviar()
        assert (await casa.envio(id)).estado is EstadoEnvio.incierto
        reloj.avanzar(days=5)
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.sellado) == (EstadoEnvio.incierto, None)
        with pytest.raises(EnvioNoReintentable):
            await casa.envios.reintentar(id)

    async def test_con_otra_clave_no_se_abre(self, montar: Montar, correo: Oficina) -> None:
        casa = montar(correo)
        id = await casa.invitar(ANA)
        await montar(correo, clave_pimienta="y" * 32).enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.error, envio.sellado) == (EstadoEnvio.muerto, "ilegible", None)
        assert correo.cuantos == {}
