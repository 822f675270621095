"""The whole application beside a server of e-mail: what is confirmed with a link, from asking for it to using it."""

import re

from tests.api.mundo import CLAVE, V1
from tests.modules.avisos.conftest import correo
from tests.modules.avisos.test_de_punta_a_punta import ANA, CORREOS, Barrio, barrio

__all__ = ["barrio", "correo"]
ADENTRO = "contraseña de otra vez"


def enlaces(barrio: Barrio, para: str, ruta: str) -> list[str]:
    """The tokens of the links under `ruta` that reached `para`."""
    textos = [m.get_body(("plain",)) for quien, m in barrio.correo.tomados if quien == para]
    cuerpos = [texto.get_content() for texto in textos if texto is not None]
    return [token for cuerpo in cuerpos for token in re.findall(rf"/{ruta}#\w+=([\w-]+)", cuerpo)]


async def test_links_that_reach_a_mailbox_do_what_they_say(barrio: Barrio) -> None:
    mundo, email = barrio.mundo, CORREOS[ANA]
    for pedida in (email, "nadie@example.com"):
        assert (await mundo.cliente.post(f"{V1}/auth/recuperacion", json={"email": pedida})).status_code == 202
    await barrio.latir()
    (token,) = enlaces(barrio, email, "recuperar")
    assert barrio.correo.cuantos["nadie@example.com"] == 0
    cuerpo = {"token": token, "nueva": ADENTRO}
    respuesta = await mundo.cliente.post(f"{V1}/auth/recuperacion/confirmar", json=cuerpo)
    assert respuesta.status_code == 204, respuesta.text
    entrada = await mundo.cliente.post(f"{V1}/auth/login", data={"username": email, "password": ADENTRO})
    mundo.quien[ANA] = {"Authorization": f"Bearer {entrada.json()['access_token']}"}

    nueva = "ana.nueva@example.com"
    await mundo.pedir("POST", "/auth/correo", ANA, 204, json={"email": nueva, "password": ADENTRO})
    await barrio.latir()
    (token,) = enlaces(barrio, nueva, "correo")
    await mundo.pedir("POST", "/auth/correo/confirmar", ANA, 204, json={"token": token})
    assert (await mundo.pedir("GET", "/auth/yo", ANA))["email"] == nueva
    await barrio.latir()
    dichos = [m["Subject"] for quien, m in barrio.correo.tomados if quien == email]
    assert "Se cambió el correo de su cuenta" in dichos

    sin_cuenta = await mundo.vecino(apartamento="103", nombres="Eva", documento="1003", placa="CCC103")
    await mundo.pedir("POST", "/auth/invitaciones", json={"residente_id": sin_cuenta.id})
    await barrio.latir()
    (token,) = enlaces(barrio, "1003@example.com", "registro")
    registro = await mundo.cliente.post(
        f"{V1}/auth/registro", json={"invitacion": token, "password": CLAVE, "acepta_politica": True}
    )
    assert (registro.status_code, registro.json()["email"]) == (201, "1003@example.com")
