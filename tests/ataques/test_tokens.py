"""Access tokens that we did not give out: forged, changed, confused with other kinds, misplaced. Over HTTP: each must
get 401 `token_invalido` (or `no_autenticado` where there is no token at all), whatever it is."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core.clock import ahora
from app.core.security import FirmadorDeAcceso, Rol
from tests.ataques.apoyo import AUTH, invitar
from tests.conftest import Reloj
from tests.modules.auth.apoyo import Modulo

INVALIDO = (401, "token_invalido")
SIN_TOKEN = (401, "no_autenticado")


def b64(crudo: bytes) -> str:
    return base64.urlsafe_b64encode(crudo).rstrip(b"=").decode()


def crudo(valor: Any) -> bytes:
    return valor if isinstance(valor, bytes) else json.dumps(valor).encode()


class Falsificador:
    """Has a good session's token, and the very key that signed it: whatever is refused is not so for its signature."""

    def __init__(self, token: str, firmador: FirmadorDeAcceso) -> None:
        self.bueno, self.clave = token, firmador._clave
        cabecera, reclamos, self.firma = token.split(".")
        self.cabecera: dict[str, Any] = json.loads(base64.urlsafe_b64decode(cabecera + "=="))
        self.reclamos: dict[str, Any] = json.loads(base64.urlsafe_b64decode(reclamos + "=="))

    def hacer(
        self,
        *,
        cabecera: Mapping[str, Any] | bytes | list[Any] | None = None,
        reclamos: Mapping[str, Any] | bytes | list[Any] | None = None,
        clave: bytes | None = None,
        digesto: str = "sha256",
    ) -> str:
        """Signed anew. In a mapping, a value that is `...` is left out."""
        partes = []
        for propia, cambio in ((self.cabecera, cabecera), (self.reclamos, reclamos)):
            entera: Any = propia if cambio is None else cambio
            if isinstance(cambio, Mapping):
                entera = {n: v for n, v in {**propia, **cambio}.items() if v is not ...}
            partes.append(b64(crudo(entera)))
        cuerpo = ".".join(partes)
        return f"{cuerpo}.{b64(hmac.digest(self.clave if clave is None else clave, cuerpo.encode(), digesto))}"


@pytest.fixture
async def falso(modulo_real: Modulo) -> Falsificador:
    token = await modulo_real.entrar(await modulo_real.usuario(rol=Rol.operador))
    return Falsificador(token.access_token, modulo_real.firmador)


async def presentar(cliente: httpx.AsyncClient, token: str | bytes) -> tuple[int, str]:
    autorizacion = b"Bearer " + (token.encode() if isinstance(token, str) else token)
    respuesta = await cliente.get(f"{AUTH}/yo", headers=[(b"Authorization", autorizacion)])
    assert respuesta.headers.get("www-authenticate") == ("Bearer" if respuesta.status_code == 401 else None)
    return respuesta.status_code, respuesta.json().get("codigo", "")


async def test_the_forger_s_tools_make_good_tokens(cliente: httpx.AsyncClient, falso: Falsificador) -> None:
    assert falso.hacer() != ""
    assert await presentar(cliente, falso.hacer()) == (200, "")
    assert await presentar(cliente, falso.bueno) == (200, "")


class TestAlgoritmo:
    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, [], {}, True, ...], ids=str)
    @pytest.mark.parametrize("firma", ["", "la buena", "A" * 43])
    async def test_none(self, cliente: httpx.AsyncClient, falso: Falsificador, alg: Any, firma: str) -> None:
        cuerpo = falso.hacer(cabecera={"alg": alg}).rpartition(".")[0]
        assert await presentar(cliente, f"{cuerpo}.{falso.firma if firma == 'la buena' else firma}") == INVALIDO

    @pytest.mark.parametrize(("alg", "digesto"), [("HS384", "sha384"), ("HS512", "sha512"), ("hs256", "sha256")])
    async def test_another_with_our_own_key(
        self, cliente: httpx.AsyncClient, falso: Falsificador, alg: str, digesto: str
    ) -> None:
        assert await presentar(cliente, falso.hacer(cabecera={"alg": alg}, digesto=digesto)) == INVALIDO

    @pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "PS256", "EdDSA", "dir", "A256GCM"])
    async def test_a_public_key_taken_for_a_secret(
        self, cliente: httpx.AsyncClient, falso: Falsificador, alg: str
    ) -> None:
        publicas: list[rsa.RSAPublicKey | ec.EllipticCurvePublicKey] = [
            rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(),
            ec.generate_private_key(ec.SECP256R1()).public_key(),
        ]
        for publica in publicas:
            for forma in (Encoding.PEM, Encoding.DER):
                clave = publica.public_bytes(forma, PublicFormat.SubjectPublicKeyInfo)
                assert await presentar(cliente, falso.hacer(cabecera={"alg": alg}, clave=clave)) == INVALIDO

    async def test_a_signature_of_another_size(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        cuerpo = falso.bueno.rpartition(".")[0]
        for firma in ("", falso.firma[:-1], falso.firma + "A", falso.firma * 2, "A" * 86, "=" * 43):
            assert await presentar(cliente, f"{cuerpo}.{firma}") == INVALIDO


class TestClave:
    @pytest.mark.parametrize(
        "kid",
        [
            ...,
            None,
            "",
            "0" * 16,
            "../../../../dev/null",
            "/dev/null",
            "file:///dev/null",
            "http://127.0.0.1/clave",
            "' OR '1'='1",
            "$ne",
            {"$ne": None},
            ["0"],
            0,
            True,
            1e308,
            "\0",
            "x" * 10_000,
        ],
        ids=lambda v: str(v)[:30],
    )
    @pytest.mark.parametrize("clave", [None, b"", b"\0" * 32, b"secret"], ids=str)
    async def test_kid(self, cliente: httpx.AsyncClient, falso: Falsificador, kid: Any, clave: bytes | None) -> None:
        assert await presentar(cliente, falso.hacer(cabecera={"kid": kid}, clave=clave)) == INVALIDO

    @pytest.mark.parametrize(
        "clave", [b"", b"secret", b"\0" * 32, b"parknet", b"firma" * 8, hashlib.sha256(b"parknet/acceso").digest()]
    )
    async def test_guessed(self, cliente: httpx.AsyncClient, falso: Falsificador, clave: bytes) -> None:
        assert await presentar(cliente, falso.hacer(clave=clave)) == INVALIDO

    @pytest.mark.parametrize(
        "extra",
        [
            {"jwk": {"kty": "oct", "k": b64(b"secret")}},
            {"jku": "https://example.com/jwks.json"},
            {"x5u": "https://example.com/cert.pem"},
            {"x5c": ["MIIB"]},
            {"x5t": "A"},
            {"crit": ["exp"]},
            {"crit": ["b64"], "b64": False},
            {"crit": []},
            {"b64": False},
            {"zip": "DEF"},
            {"cty": "JWT"},
            {"enc": "A256GCM"},
            {"epk": {}},
            {"otro": 1},
        ],
        ids=str,
    )
    async def test_a_header_that_brings_its_own(
        self, cliente: httpx.AsyncClient, falso: Falsificador, extra: dict[str, Any]
    ) -> None:
        for clave in (None, b"secret"):
            assert await presentar(cliente, falso.hacer(cabecera=extra, clave=clave)) == INVALIDO

    @pytest.mark.parametrize(
        "typ", [..., None, "", "JWT", "jwt", "at+JWT", "application/at+jwt", ["at+jwt"], 1], ids=str
    )
    async def test_typ(self, cliente: httpx.AsyncClient, falso: Falsificador, typ: Any) -> None:
        assert await presentar(cliente, falso.hacer(cabecera={"typ": typ})) == INVALIDO

    @pytest.mark.parametrize("cabecera", [b"", b"{", b"null", b"[]", b'"x"', b"7", b"\xff", b"{}", [], b"[" * 50_000])
    async def test_no_header_at_all(self, cliente: httpx.AsyncClient, falso: Falsificador, cabecera: Any) -> None:
        assert await presentar(cliente, falso.hacer(cabecera=cabecera)) == INVALIDO


ABSURDOS: tuple[Any, ...] = (..., None, "", "x", True, False, [], {}, ["x"], {"$ne": None}, 0, -1, 7, 1.5, 1e308, 2**70)
ABSURDOS += (-(2**63), "\0", "١٢٣", "0" * 24, "0" * 23, "g" * 24, " " + "0" * 24, "a" * 2_000)


_ANCHAS = str.maketrans("0123456789", "０１２３４５６７８９")


class TestReclamos:
    @pytest.mark.parametrize("reclamo", ["iss", "aud", "exp", "iat", "sub", "sid", "rol"])
    async def test_missing_and_absurd(self, cliente: httpx.AsyncClient, falso: Falsificador, reclamo: str) -> None:
        for absurdo in ABSURDOS:
            token = falso.hacer(reclamos={reclamo: absurdo})
            assert await presentar(cliente, token) == INVALIDO, absurdo

    @pytest.mark.parametrize("reclamo", ["exp", "iat"])
    async def test_the_right_time_as_another_kind_of_number(
        self, cliente: httpx.AsyncClient, falso: Falsificador, reclamo: str
    ) -> None:
        hora = falso.reclamos[reclamo]
        for otra in (float(hora), hora + 0.5, str(hora), [hora]):
            assert await presentar(cliente, falso.hacer(reclamos={reclamo: otra})) == INVALIDO, otra

    @pytest.mark.parametrize("reclamo", ["sub", "sid"])
    async def test_the_right_id_spelt_otherwise(
        self, cliente: httpx.AsyncClient, falso: Falsificador, reclamo: str
    ) -> None:
        id = falso.reclamos[reclamo]
        for otra in (id.upper(), f" {id}", f"{id}\n", f"{id}\0", [id], {"$oid": id}, id.translate(_ANCHAS)):
            assert await presentar(cliente, falso.hacer(reclamos={reclamo: otra})) == INVALIDO, otra

    @pytest.mark.parametrize("jti", [..., None, 7, True, [], {}, 1e308], ids=str)
    async def test_without_a_name(self, cliente: httpx.AsyncClient, falso: Falsificador, jti: Any) -> None:
        assert await presentar(cliente, falso.hacer(reclamos={"jti": jti})) == INVALIDO

    @pytest.mark.parametrize("numero", ["1e999", "NaN", "Infinity", "-Infinity", "9" * 4_000, "1e308", "-0.0"])
    @pytest.mark.parametrize("reclamo", ["exp", "iat", "nbf"])
    async def test_numbers_that_json_does_not_have(
        self, cliente: httpx.AsyncClient, falso: Falsificador, reclamo: str, numero: str
    ) -> None:
        texto = json.dumps(falso.reclamos | {reclamo: "#"}).replace('"#"', numero)
        assert await presentar(cliente, falso.hacer(reclamos=texto.encode())) == INVALIDO

    @pytest.mark.parametrize(
        "cambio",
        [
            {"iss": "otro"},
            {"iss": ["parknet"]},
            {"aud": "otro"},
            {"aud": ["otro", "mas"]},
            {"aud": ["parknet"]},
            {"aud": ["otro", "parknet"]},
            {"aud": {"parknet": True}},
            {"rol": "Admin"},
            {"rol": "admin"},
            {"rol": "dios"},
            {"rol": ["operador"]},
            {"nbf": 0},
            {"admin": True},
            {"scope": "*"},
            {"SUB": "0" * 24},
            {"sub": "0" * 24},
            {"sid": "0" * 24},
        ],
        ids=str,
    )
    async def test_somebody_else_s_or_more_than_ours(
        self, cliente: httpx.AsyncClient, falso: Falsificador, cambio: dict[str, Any]
    ) -> None:
        assert await presentar(cliente, falso.hacer(reclamos=cambio)) == INVALIDO

    @pytest.mark.parametrize(
        ("emitido", "vence"),
        [(0, 601), (0, 86_400), (0, 10**9), (6, 600), (600, 1_200), (-600, 0), (-601, -1), (-10, -20), (0, 0)],
    )
    async def test_out_of_its_time(
        self, cliente: httpx.AsyncClient, falso: Falsificador, emitido: int, vence: int
    ) -> None:
        """In seconds from now: too long, of the future, over."""
        hora = int(ahora().timestamp())
        reclamos = {"iat": hora + emitido, "exp": hora + vence}
        assert await presentar(cliente, falso.hacer(reclamos=reclamos)) == INVALIDO

    @pytest.mark.parametrize("reclamos", [b"", b"{", b"null", b"[]", b'"x"', b"\xff", b"{}", b'{"a":' * 3_000])
    async def test_no_claims_at_all(self, cliente: httpx.AsyncClient, falso: Falsificador, reclamos: bytes) -> None:
        assert await presentar(cliente, falso.hacer(reclamos=reclamos)) == INVALIDO


class TestForma:
    @pytest.mark.parametrize(
        "token",
        [
            ".",
            "..",
            "...",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "a.b.c.d.e",
            "{}",
            "[]",
            "null",
            "%00",
            "a" * 60_000,
            "." * 9_000,
        ],
        ids=lambda t: t[:10],
    )
    async def test_garbage(self, cliente: httpx.AsyncClient, token: str) -> None:
        assert await presentar(cliente, token) == INVALIDO

    @pytest.mark.parametrize("token", [b"", b" ", b"\t"])
    async def test_nothing(self, cliente: httpx.AsyncClient, token: bytes) -> None:
        assert await presentar(cliente, token) == SIN_TOKEN

    @pytest.mark.parametrize("byte", [b"\xff", b"\xc3\xb1", b"\x80"])
    async def test_bytes_that_are_no_text(self, cliente: httpx.AsyncClient, falso: Falsificador, byte: bytes) -> None:
        assert await presentar(cliente, falso.bueno.encode() + byte) == INVALIDO

    async def test_white_space_and_padding_inside(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        cabecera, reclamos, firma = falso.bueno.split(".")
        for token in (
            f"{cabecera} .{reclamos}.{firma}",
            f"{cabecera}. {reclamos}.{firma}",
            f"{cabecera}\t.{reclamos}.{firma}",
            f"{cabecera}=.{reclamos}.{firma}",
            f"{cabecera}.{reclamos}==.{firma}",
            f"{cabecera}.{reclamos}.{firma}=",
            f"{cabecera}.{reclamos}.{firma[:20]}!{firma[20:]}",
            f"{cabecera}.{reclamos}.{firma[:20]}-_{firma[22:]}",
        ):
            assert await presentar(cliente, token) == INVALIDO, token

    async def test_several_at_once(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        for juntos in (f"{falso.bueno} {falso.bueno}", f"{falso.bueno},{falso.bueno}", f"x {falso.bueno}"):
            assert await presentar(cliente, juntos) == INVALIDO

    async def test_one_in_another(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        """Signed around a good one, and dressed up as encrypted."""
        assert await presentar(cliente, falso.hacer(reclamos=falso.bueno.encode())) == INVALIDO
        jwe = b64(json.dumps({"alg": "dir", "enc": "A256GCM"}).encode())
        partes = [jwe, "", b64(secrets.token_bytes(12)), b64(falso.bueno.encode()), b64(secrets.token_bytes(16))]
        assert await presentar(cliente, ".".join(partes)) == INVALIDO
        assert await presentar(cliente, f"{falso.bueno}.{falso.firma}") == INVALIDO

    async def test_a_name_twice(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        """Whoever cannot sign gains nothing by it; and the changed body is not the signed one."""
        cabecera, _, firma = falso.bueno.split(".")
        doble = json.dumps(falso.reclamos)[:-1] + ',"rol":"admin"}'
        assert await presentar(cliente, f"{cabecera}.{b64(doble.encode())}.{firma}") == INVALIDO

    @pytest.mark.parametrize("donde", ["consulta", "galleta", "otra cabecera", "cuerpo"])
    async def test_anywhere_but_in_its_header(
        self, cliente: httpx.AsyncClient, falso: Falsificador, donde: str
    ) -> None:
        pedidos: dict[str, dict[str, Any]] = {
            "consulta": {"params": {"access_token": falso.bueno, "token": falso.bueno}},
            "galleta": {"headers": {"Cookie": f"access_token={falso.bueno}"}},
            "otra cabecera": {
                "headers": {"X-Access-Token": falso.bueno, "Proxy-Authorization": f"Bearer {falso.bueno}"}
            },
            "cuerpo": {"content": f"access_token={falso.bueno}"},
        }
        respuesta = await cliente.request("GET", f"{AUTH}/yo", **pedidos[donde])
        assert (respuesta.status_code, respuesta.json()["codigo"]) == SIN_TOKEN

    @pytest.mark.parametrize("esquema", ["Basic", "Token", "JWT", "Bearer:", "Bearer,", "MAC", ""])
    async def test_under_another_scheme(self, cliente: httpx.AsyncClient, falso: Falsificador, esquema: str) -> None:
        respuesta = await cliente.get(f"{AUTH}/yo", headers={"Authorization": f"{esquema} {falso.bueno}".strip()})
        assert respuesta.status_code == 401

    async def test_two_headers(self, cliente: httpx.AsyncClient, falso: Falsificador, modulo_real: Modulo) -> None:
        """They count as one call of one person, or none: never the second's rights in the first's name."""
        otro = await modulo_real.entrar(await modulo_real.usuario(rol=Rol.residente, email="ana@example.com"))
        cabeceras = [("Authorization", f"Bearer {otro.access_token}"), ("Authorization", f"Bearer {falso.bueno}")]
        respuesta = await cliente.get(f"{AUTH}/yo", headers=cabeceras)
        assert respuesta.status_code == 401 or respuesta.json()["rol"] == "residente"
        assert (await cliente.get(f"{AUTH}/invitaciones", headers=cabeceras)).status_code in (401, 403)


class TestConfusion:
    async def test_a_refresh_token_is_no_access_token(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        token = await modulo_real.entrar(await modulo_real.usuario())
        assert await presentar(cliente, token.refresh_token) == INVALIDO

    async def test_an_access_token_renews_nothing(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        respuesta = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": falso.bueno})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (401, "sesion_invalida")

    async def test_nor_does_an_invitation(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        token = await invitar(modulo_real, rol=Rol.admin, email="eva@example.com")
        assert await presentar(cliente, token) == INVALIDO
        respuesta = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": token})
        assert (respuesta.status_code, respuesta.json()["codigo"]) == (401, "sesion_invalida")

    async def test_of_another_installation(self, cliente: httpx.AsyncClient, falso: Falsificador) -> None:
        """The same accounts, restored elsewhere under other keys."""
        quien = {"usuario_id": falso.reclamos["sub"], "sesion_id": falso.reclamos["sid"]}
        ajeno = FirmadorDeAcceso(b"otra casa" * 4).firmar(
            **{nombre: PydanticObjectId(id) for nombre, id in quien.items()}, rol=Rol.operador
        )
        assert await presentar(cliente, ajeno) == INVALIDO

    async def test_kept_until_it_is_old(self, cliente: httpx.AsyncClient, falso: Falsificador, reloj: Reloj) -> None:
        reloj.avanzar(seconds=599)
        assert await presentar(cliente, falso.bueno) == (200, "")
        reloj.avanzar(seconds=1)
        assert await presentar(cliente, falso.bueno) == INVALIDO
