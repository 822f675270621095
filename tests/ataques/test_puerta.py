"""Guessing passwords, and keeping somebody out by guessing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import attrs
import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.quotas.contract import Cuotas
from app.core.quotas.repository import CuotasMongo
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.exceptions import CredencialesInvalidas
from app.modules.auth.models import FinDeSesion
from app.modules.auth.puerta import DESDE_TODAS, DESDE_UNA_DIRECCION
from app.modules.auth.schemas import Token
from app.modules.auth.sesiones.conocidos import GALLETA, Marca
from app.modules.auth.sesiones.refresco import Refresco
from app.modules.auth.sesiones.service import Origen
from app.shared.exceptions import DemasiadasPeticiones
from tests.ataques.apoyo import AUTH
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, HasherQueCuenta, Modulo

MALA = "no es la clave"
CASA, LEJOS = "192.0.2.1", "203.0.113.7"
POCAS = DESDE_UNA_DIRECCION.veces


@pytest.fixture
async def cuotas(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> AsyncIterator[Cuotas]:
    yield CuotasMongo(cliente_mongo, "cuotas_de_ataques", clave=b"k" * 32, factor=1)
    await cliente_mongo.drop_database("cuotas_de_ataques")


@pytest.fixture
def modulo(base_real: UnitOfWork, reloj: Reloj, hasher: HasherQueCuenta, cuotas: Cuotas) -> Modulo:  # noqa: ARG001
    return Modulo(base_real, hasher, de_entrada=cuotas)


async def entrar(
    modulo: Modulo, nombre: str, clave: str, desde: str, *, marca: Marca | None = None, refresco: str | None = None
) -> str:
    """What comes of it, in a word."""
    origen = Origen(dispositivo="app", direccion=desde, marca=marca)
    try:
        await modulo.auth.entrar(nombre=nombre, clave=clave, otp=None, origen=origen, refresco=refresco)
    except CredencialesInvalidas:
        return "no"
    except DemasiadasPeticiones:
        return "frenado"
    return "sí"


async def gastar_el_nombre(modulo: Modulo, nombre: str) -> None:
    """An attacker with as many addresses as it takes."""
    for n in range(DESDE_TODAS.veces // POCAS + 1):
        for _ in range(POCAS):
            await entrar(modulo, nombre, MALA, f"198.51.100.{n}")
    assert await entrar(modulo, nombre, MALA, LEJOS) == "frenado"


async def test_de_cien_intentos_a_la_vez_se_miran_los_justos(modulo: Modulo, hasher: HasherQueCuenta) -> None:
    usuario = await modulo.usuario(email="ana@example.com")
    hasher.verificadas = 0
    intentos = [entrar(modulo, str(usuario.email), MALA, LEJOS) for _ in range(100)]
    assert sorted(await asyncio.gather(*intentos)) == ["frenado"] * (100 - POCAS) + ["no"] * POCAS
    assert hasher.verificadas == POCAS


async def test_ni_la_clave_buena_pasa_mientras_dura(modulo: Modulo) -> None:
    """Otherwise the door would tell the guesser which guess was right."""
    usuario = await modulo.usuario(email="ana@example.com")
    for _ in range(POCAS):
        await entrar(modulo, str(usuario.email), MALA, LEJOS)
    assert await entrar(modulo, str(usuario.email), CLAVE, LEJOS) == "frenado"


@pytest.mark.parametrize("nombre", ["ANA@example.com", "  ana@example.com ", "Ana@Example.COM"])
async def test_escrito_de_otra_manera_es_el_mismo_nombre(modulo: Modulo, nombre: str) -> None:
    await modulo.usuario(email="ana@example.com")
    for _ in range(POCAS):
        await entrar(modulo, "ana@example.com", MALA, LEJOS)
    assert await entrar(modulo, nombre, MALA, LEJOS) == "frenado"


@pytest.mark.parametrize("nombre", ["1.020.304", " 1 020 304", "1020.304", "....1020304", "1\u2003020\u00a0304"])
async def test_un_documento_con_otros_puntos_y_espacios_es_el_mismo_nombre(modulo: Modulo, nombre: str) -> None:
    """A resident is found by their document however it is spelt: no spelling is a new lot of guesses."""
    await modulo.usuario(residente_id=modulo.padron.agregar(documento="1020304"))
    for _ in range(POCAS):
        await entrar(modulo, "1020304", MALA, LEJOS)
    assert await entrar(modulo, nombre, MALA, LEJOS) == "frenado"


@pytest.mark.parametrize(("uno", "otro"), [("ab-12", "AB-12"), ("ſ12", "S12"), ("ß12", "SS12"), ("ı12", "I12")])
async def test_ni_lo_son_sus_letras_de_otra_caja(modulo: Modulo, uno: str, otro: str) -> None:
    for _ in range(POCAS):
        await entrar(modulo, uno, MALA, LEJOS)
    assert await entrar(modulo, otro, MALA, LEJOS) == "frenado"


async def test_un_nombre_que_no_es_de_nadie_se_cuenta_igual(modulo: Modulo) -> None:
    await modulo.usuario(email="ana@example.com")
    vistos = [
        [await entrar(modulo, nombre, MALA, LEJOS) for _ in range(POCAS + 2)]
        for nombre in ("ana@example.com", "nadie@example.com", "1001")
    ]
    assert vistos[0] == vistos[1] == vistos[2] == ["no"] * POCAS + ["frenado"] * 2


async def test_con_muchas_direcciones_se_gana_poco(modulo: Modulo, hasher: HasherQueCuenta) -> None:
    usuario = await modulo.usuario(email="ana@example.com")
    hasher.verificadas = 0
    for n in range(200):
        await entrar(modulo, str(usuario.email), MALA, f"198.51.100.{n}")
    assert hasher.verificadas == DESDE_TODAS.veces


async def test_una_red_de_ipv6_no_son_muchas_direcciones(modulo: Modulo, hasher: HasherQueCuenta) -> None:
    usuario = await modulo.usuario(email="ana@example.com")
    hasher.verificadas = 0
    for n in range(40):
        await entrar(modulo, str(usuario.email), MALA, f"2001:db8:1:2::{n:x}")
    assert hasher.verificadas == POCAS


async def test_acertar_en_otra_cuenta_no_perdona_los_intentos_en_esta(modulo: Modulo) -> None:
    await modulo.usuario(email="ana@example.com")
    await modulo.usuario(email="mala@example.com")
    for _ in range(POCAS):
        await entrar(modulo, "ana@example.com", MALA, LEJOS)
        assert await entrar(modulo, "mala@example.com", CLAVE, LEJOS) == "sí"
    assert await entrar(modulo, "ana@example.com", MALA, LEJOS) == "frenado"


async def test_acertar_perdona_los_propios(modulo: Modulo) -> None:
    await modulo.usuario(email="ana@example.com")
    for _ in range(3):
        for _ in range(POCAS - 1):
            assert await entrar(modulo, "ana@example.com", MALA, CASA) == "no"
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "sí"


async def test_quien_ya_entro_desde_ahi_sigue_entrando(modulo: Modulo) -> None:
    """All the addresses of an attacker do not keep Ana out of her own home."""
    await modulo.usuario(email="ana@example.com")
    assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "sí"
    await gastar_el_nombre(modulo, "ana@example.com")
    assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "sí"


class TestConocidos:
    """A neighbour behind the address of Ana's home guesses; she comes from her own device."""

    async def token(self, modulo: Modulo, email: str = "ana@example.com") -> Token:
        await modulo.usuario(email=email)
        origen = Origen(dispositivo="app", direccion="192.0.2.99")
        return await modulo.auth.entrar(nombre=email, clave=CLAVE, otp=None, origen=origen)

    async def frenar(self, modulo: Modulo) -> None:
        for _ in range(POCAS):
            await entrar(modulo, "ana@example.com", MALA, CASA)
        await gastar_el_nombre(modulo, "ana@example.com")
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "frenado"

    async def test_por_la_marca_que_se_le_dio(self, modulo: Modulo) -> None:
        token = await self.token(modulo)
        await self.frenar(modulo)
        marca = modulo.conocidos.leer(modulo.conocidos.marcar(token, None))
        assert marca is not None
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA, marca=marca) == "sí"

    async def test_por_un_token_de_una_sesion_que_ya_termino(self, modulo: Modulo) -> None:
        token = await self.token(modulo)
        await modulo.sesiones.terminar_todas((await modulo.usuarios.find({}))[0].oid, motivo=FinDeSesion.salida)
        await self.frenar(modulo)
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA, refresco=token.refresh_token) == "sí"

    async def test_lo_que_es_de_otra_cuenta_no_abre_esta(self, modulo: Modulo) -> None:
        await modulo.usuario(email="ana@example.com")
        token = await self.token(modulo, "mala@example.com")
        await self.frenar(modulo)
        marca = modulo.conocidos.leer(modulo.conocidos.marcar(token, None))
        for conque in ({"marca": marca}, {"refresco": token.refresh_token}, {"refresco": "x" * 80}):
            assert await entrar(modulo, "ana@example.com", CLAVE, CASA, **conque) == "frenado"

    async def test_un_dispositivo_conocido_no_adivina_sin_fin(self, modulo: Modulo) -> None:
        token = await self.token(modulo)
        for _ in range(POCAS):
            assert await entrar(modulo, "ana@example.com", MALA, CASA, refresco=token.refresh_token) == "no"
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA, refresco=token.refresh_token) == "frenado"

    async def test_ni_un_token_de_refresco_que_alguien_se_invento(self, modulo: Modulo) -> None:
        """Of a session that there is, whose id is no secret: it stands in every access token."""
        token = await self.token(modulo)
        await self.frenar(modulo)
        bueno = Refresco.leer(token.refresh_token)
        assert bueno is not None
        for inventado in (
            Refresco(bueno.sesion_id, b"\0" * 32, bueno.marca),
            Refresco(bueno.sesion_id, *[b"\0" * 32] * 2),
        ):
            assert await entrar(modulo, "ana@example.com", CLAVE, CASA, refresco=inventado.texto) == "frenado"

    async def test_cada_dispositivo_gasta_lo_suyo(self, modulo: Modulo) -> None:
        """Whoever took one of them keeps no other out."""
        tomado = await self.token(modulo)
        origen = Origen(dispositivo="otro", direccion="192.0.2.98")
        suyo = await modulo.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=origen)
        for _ in range(POCAS):
            await entrar(modulo, "ana@example.com", MALA, CASA, refresco=tomado.refresh_token)
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA, refresco=tomado.refresh_token) == "frenado"
        assert await entrar(modulo, "ana@example.com", CLAVE, CASA, refresco=suyo.refresh_token) == "sí"

    async def test_la_marca_de_otra_cuenta_no_da_nombre_al_dispositivo_en_esta(self, modulo: Modulo) -> None:
        """Two accounts of one device have a name each: neither tells of the other."""
        de_mala = modulo.conocidos.leer(modulo.conocidos.marcar(await self.token(modulo, "mala@example.com"), None))
        de_ana = modulo.conocidos.leer(modulo.conocidos.marcar(await self.token(modulo), de_mala))
        assert de_mala is not None
        assert de_ana is not None
        assert (de_ana.usuario_id == de_mala.usuario_id, de_ana.nombre == de_mala.nombre) == (False, False)

    async def test_con_otra_clave_vale_la_marca_de_antes(self, modulo: Modulo) -> None:
        token, propios = await self.token(modulo), modulo.conocidos
        marca = propios.marcar(token, None)
        relevados = attrs.evolve(propios, claves=[b"otra clave de pruebas" * 2, *propios._claves])
        assert relevados.leer(marca) == propios.leer(marca) is not None
        assert attrs.evolve(propios, claves=[b"otra clave de pruebas" * 2]).leer(marca) is None

    @pytest.mark.parametrize("cambio", [0, 20, 40, 63])
    async def test_una_marca_cambiada_no_es_ninguna(self, modulo: Modulo, cambio: int) -> None:
        marca = modulo.conocidos.marcar(await self.token(modulo), None)
        otra = marca[:cambio] + ("A" if marca[cambio] != "A" else "B") + marca[cambio + 1 :]
        assert modulo.conocidos.leer(otra) is None
        assert modulo.conocidos.leer(marca + "A") is None
        assert modulo.conocidos.leer(None) is None


async def test_la_galleta_dice_el_dispositivo_y_nada_mas(cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
    await modulo_real.usuario(email="ana@example.com")
    datos = {"username": "ana@example.com", "password": CLAVE}
    primera = await cliente.post(f"{AUTH}/login", data=datos)
    galleta = primera.headers["set-cookie"]
    assert galleta.startswith(f"{GALLETA}=")
    assert {"HttpOnly", "Path=/api/v1/auth", "SameSite=lax"} <= {p.strip() for p in galleta.split(";")}
    segunda = await cliente.post(f"{AUTH}/login", data=datos)  # the client keeps it, as a browser does
    assert segunda.cookies[GALLETA] == primera.cookies[GALLETA]
    assert "set-cookie" not in (await cliente.post(f"{AUTH}/login", data=datos | {"password": MALA})).headers
    assert (await cliente.get(f"{AUTH}/yo")).status_code == 401


async def test_quien_recupera_su_cuenta_entra_desde_ahi(modulo: Modulo) -> None:
    usuario = await modulo.usuario(email="ana@example.com")
    await gastar_el_nombre(modulo, "ana@example.com")
    assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "frenado"
    await modulo.usuarios.recuperar(usuario, clave=usuario.clave, cuando=usuario.creado_en, desde=CASA, relevo=None)
    assert await entrar(modulo, "ana@example.com", CLAVE, CASA) == "sí"


async def test_a_los_demas_no_les_pasa_nada(modulo: Modulo) -> None:
    await modulo.usuario(email="ana@example.com")
    await modulo.usuario(email="luis@example.com")
    await gastar_el_nombre(modulo, "ana@example.com")
    assert await entrar(modulo, "luis@example.com", CLAVE, LEJOS) == "sí"


async def test_quien_llama_y_llama_deja_una_sola_linea(modulo: Modulo) -> None:
    usuario = await modulo.usuario(email="ana@example.com")
    for _ in range(POCAS + 20):
        await entrar(modulo, str(usuario.email), MALA, LEJOS)
    frenadas = [suceso for suceso in modulo.bitacora.sucesos if suceso[0] == "entrada_frenada"]
    assert frenadas == [("entrada_frenada", usuario.oid, False)]
