"""Passwords: what bcrypt alone would not tell apart, and how much of it at once. Keys of access tokens, replaced."""

import asyncio
import threading

import anyio.to_thread
import bcrypt
import jwt
import pytest
from beanie import PydanticObjectId

from app.core.security import TURNOS_DE_HASHER, FirmadorDeAcceso, HasherDeClaves, Rol, hash_de_token, token_nuevo
from app.shared.exceptions import TokenInvalido


@pytest.fixture(scope="module")
def hasher() -> HasherDeClaves:
    return HasherDeClaves(pimienta=b"p" * 32, costo=4)


@pytest.mark.parametrize(
    ("una", "otra"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),
        ("a\0b", "a\0c"),
        ("ñandú", "n\u0303andu\u0301"),
        ("clave", "clave "),
        ("", " "),
    ],
)
async def test_claves_distintas_no_valen_una_por_otra(una: str, otra: str, hasher: HasherDeClaves) -> None:
    huella = await hasher.hash(una)
    assert await hasher.verifica(una, huella)
    assert not await hasher.verifica(otra, huella)


async def test_sin_cuenta_no_vale_ninguna(hasher: HasherDeClaves) -> None:
    assert not await hasher.verifica("clave", None)


async def test_con_otra_pimienta_ya_no_vale(hasher: HasherDeClaves) -> None:
    huella = await hasher.hash("clave")
    assert not await HasherDeClaves(pimienta=b"q" * 32, costo=4).verifica("clave", huella)


async def test_con_la_pimienta_de_antes_vale_y_se_sabe_que_es_de_antes(hasher: HasherDeClaves) -> None:
    de_antes, nueva = await hasher.hash("clave"), HasherDeClaves(pimienta=b"q" * 32, costo=4, anteriores=[b"p" * 32])
    assert await nueva.verifica("clave", de_antes)
    assert not await nueva.verifica("otra", de_antes)
    assert await nueva.anticuada("clave", de_antes)
    de_ahora = await nueva.hash("clave")
    assert await nueva.verifica("clave", de_ahora)
    assert not await nueva.anticuada("clave", de_ahora)
    assert not await hasher.verifica("clave", de_ahora)


async def test_con_pimientas_de_antes_una_mala_cuesta_lo_que_no_tener_cuenta(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = HasherDeClaves(pimienta=b"p" * 32, costo=12, anteriores=[b"q" * 32])
    bcrypt_falso = Rondas(monkeypatch)
    await hasher.verifica("otra", "$2b$12$" + "x" * 53)
    con_cuenta, bcrypt_falso.rondas = bcrypt_falso.rondas, 0
    await hasher.verifica("otra", None)
    assert bcrypt_falso.rondas == con_cuenta == 2 * 2**12


async def test_la_misma_clave_no_se_guarda_igual_dos_veces(hasher: HasherDeClaves) -> None:
    assert await hasher.hash("clave") != await hasher.hash("clave")


def test_de_un_token_se_guarda_solo_su_huella() -> None:
    assert len({token_nuevo() for _ in range(100)}) == 100
    assert len(token_nuevo()) == 43
    assert hash_de_token("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


class Rondas:
    """bcrypt that counts its rounds (cost n: 2**n) and how many work at once, and does nothing else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rondas = self.dentro = self.maximo = 0
        self._cerrojo, self.pasen, self.lleno = threading.Lock(), threading.Event(), threading.Event()
        self.pasen.set()
        monkeypatch.setattr(bcrypt, "hashpw", lambda _, sal: self._trabajar(sal) and sal + b"." * 31)
        monkeypatch.setattr(bcrypt, "checkpw", lambda _, huella: self._trabajar(huella) and b"buena" in huella)

    def _trabajar(self, sal: bytes) -> bool:
        with self._cerrojo:
            self.rondas += 2 ** int(sal.split(b"$")[2])
            self.dentro += 1
            self.maximo = max(self.maximo, self.dentro)
            if self.dentro == TURNOS_DE_HASHER:
                self.lleno.set()
        self.pasen.wait()
        with self._cerrojo:
            self.dentro -= 1
        return True


@pytest.mark.parametrize("huella", [None, *(f"$2b${costo:02}$" + "." * 53 for costo in range(4, 13))], ids=str)
async def test_no_hay_cuenta_o_la_clave_es_otra_cuesta_lo_mismo(
    huella: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the hash was made at a lower cost than today's."""
    hasher, bcrypt_falso = HasherDeClaves(pimienta=b"p" * 32, costo=12), Rondas(monkeypatch)
    assert not await hasher.verifica("clave", huella)
    assert bcrypt_falso.rondas == 2**12


async def test_cien_a_la_vez_trabajan_por_turnos_y_el_resto_sigue(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, bcrypt_falso = HasherDeClaves(pimienta=b"p" * 32, costo=12), Rondas(monkeypatch)
    bcrypt_falso.pasen.clear()
    entradas = [asyncio.create_task(hasher.verifica("clave", None)) for _ in range(100)]
    # Nobody waits for a thread of the pool that everything else uses, nor for the loop.
    await anyio.to_thread.run_sync(bcrypt_falso.lleno.wait)
    bcrypt_falso.pasen.set()
    assert not any(await asyncio.gather(*entradas))
    assert bcrypt_falso.maximo == TURNOS_DE_HASHER
    assert bcrypt_falso.rondas == 100 * 2**12


async def test_se_sabe_de_que_costo_es_una_huella() -> None:
    hasher = HasherDeClaves(pimienta=b"p" * 32, costo=12)
    assert not await hasher.anticuada("clave", "$2b$12$" + "." * 53)
    assert await hasher.anticuada("clave", "$2b$10$" + "." * 53)
    assert await hasher.anticuada("clave", "$2b$14$" + "." * 53)


class TestOtraClaveDeFirma:
    VIEJA, NUEVA = b"vieja" * 8, b"nueva" * 8

    def firmar(self, firmador: FirmadorDeAcceso) -> str:
        return firmador.firmar(usuario_id=PydanticObjectId(), sesion_id=PydanticObjectId(), rol=Rol.residente)

    def test_lo_que_firmo_la_anterior_se_acepta_y_firma_la_nueva(self) -> None:
        antes, ahora = FirmadorDeAcceso(self.VIEJA), FirmadorDeAcceso(self.NUEVA, [self.VIEJA])
        assert ahora.leer(self.firmar(antes)).rol is Rol.residente
        nuevo = self.firmar(ahora)
        assert FirmadorDeAcceso(self.NUEVA).leer(nuevo).rol is Rol.residente
        with pytest.raises(TokenInvalido):
            antes.leer(nuevo)

    def test_en_una_primera_vuelta_todos_aceptan_la_que_vendra(self) -> None:
        primera_vuelta, segunda_vuelta = (
            FirmadorDeAcceso(self.VIEJA, [self.NUEVA]),
            FirmadorDeAcceso(self.NUEVA, [self.VIEJA]),
        )
        for quien_firma, quien_lee in ((primera_vuelta, segunda_vuelta), (segunda_vuelta, primera_vuelta)):
            assert quien_lee.leer(self.firmar(quien_firma)).rol is Rol.residente

    def test_quitada_de_la_lista_ya_no_vale(self) -> None:
        with pytest.raises(TokenInvalido):
            FirmadorDeAcceso(self.NUEVA).leer(self.firmar(FirmadorDeAcceso(self.VIEJA)))

    def test_el_kid_dice_cual_y_no_vale_el_de_otra(self) -> None:
        """Signed with one key of ours, named as the other."""
        ambas, vieja = FirmadorDeAcceso(self.NUEVA, [self.VIEJA]), FirmadorDeAcceso(self.VIEJA)
        token = self.firmar(vieja)
        reclamos = jwt.decode(token, options={"verify_signature": False})
        cabeceras = {"typ": "at+jwt", "kid": ambas._kid}
        with pytest.raises(TokenInvalido):
            ambas.leer(jwt.encode(reclamos, vieja._clave, "HS256", headers=cabeceras))
