"""What is sealed opens only where it was sealed, and under its own key."""

import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.facts.marks import Dicha, Dichas, MarcasDeHechos
from app.core.sealing import Precinto, Sello
from app.shared.transaction import Apuntes, en_transaccion

CLAVE = b"c" * 32


def test_se_abre_lo_que_se_cerro() -> None:
    sello = Sello(CLAVE, "pruebas")
    sellado = sello.cerrar("ñandú".encode(), de=b"x")
    assert sello.abrir(sellado, de=b"x") == "ñandú".encode()
    assert "ñandú".encode() not in sellado
    assert sello.cerrar("ñandú".encode(), de=b"x") != sellado


def test_no_se_abre_en_otro_lugar_ni_con_otra_clave_ni_para_otro_uso_ni_cambiado() -> None:
    sello = Sello(CLAVE, "pruebas")
    sellado = sello.cerrar(b"algo", de=b"x")
    assert sello.abrir(sellado, de=b"y") is None
    assert Sello(b"d" * 32, "pruebas").abrir(sellado, de=b"x") is None
    assert Sello(CLAVE, "otro").abrir(sellado, de=b"x") is None
    assert sello.abrir(sellado[:-1] + bytes([sellado[-1] ^ 1]), de=b"x") is None
    assert sello.abrir(b"", de=b"x") is None


def test_un_texto_de_un_documento() -> None:
    sello, uno, otro = Sello(CLAVE, "pruebas"), PydanticObjectId(), PydanticObjectId()
    sellado = sello.cerrar_texto("secreto", de=uno)
    assert sello.abrir_texto(sellado, de=uno) == "secreto"
    assert sello.abrir_texto(sellado, de=otro) is None


def test_siempre_igual_si_se_pide() -> None:
    sello = Sello(CLAVE, "pruebas")
    uno, otro = (sello.cerrar(b"algo", de=b"x", siempre_igual=True) for _ in range(2))
    assert uno == otro != sello.cerrar(b"otra", de=b"x", siempre_igual=True)
    assert sello.abrir(uno, de=b"x") == b"algo"


@pytest.mark.parametrize("largo", [0, 1, 55, 56, 64, 65, 1_000])
def test_un_precinto_es_el_hmac_de_siempre(largo: int) -> None:
    """Marks that stand on the database were made by `hmac.digest`."""
    datos, precinto = b"x" * largo, Precinto(CLAVE, "pruebas", [b"a" * 32])
    propia, anterior = (hmac.digest(clave, b"parknet/pruebas", "sha256") for clave in (CLAVE, b"a" * 32))
    assert precinto.de(datos) == hmac.digest(propia, datos, "sha256").hex()
    assert precinto.vale(hmac.digest(anterior, datos, "sha256").hex(), datos)
    assert not precinto.vale(hmac.digest(b"o" * 32, datos, "sha256").hex(), datos)


@pytest.mark.parametrize(
    "valor",
    [
        *(None, True, False, 0, 1, 1.5, "", 'ñ "x"\n', [], {}, ["a", 1], {"b": 1, "a": None}),
        *(PydanticObjectId("0" * 24), datetime(2026, 3, 2, tzinfo=UTC), [PydanticObjectId("1" * 24)]),
    ],
)
def test_un_hecho_se_escribe_como_siempre(valor: object) -> None:
    id, precinto = PydanticObjectId("2" * 24), Precinto(CLAVE, "pruebas")
    dicho = json.dumps(["unidad", str(id), "hecho", valor], default=str, sort_keys=True).encode()
    assert MarcasDeHechos(precinto, "unidad", ["hecho"]).todas({"_id": id, "hecho": valor}) == {
        "hecho": precinto.de(dicho)
    }


def test_what_was_told_of_a_part_while_another_key_was_in_force() -> None:
    """Its pseudonym was made under that key."""
    fila: dict[str, Any] = {"_id": PydanticObjectId(), "condiciones": [{"codigo": "x", "estado": "verificada"}]}
    vieja, nueva = Precinto(b"una", "hechos"), Precinto(b"otra", "hechos", [b"una"])
    partes = {"condiciones": ("codigo", ("estado",))}
    marcas, apuntes = MarcasDeHechos(vieja, "residente", ("condiciones",), partes, dicho="dicho"), Apuntes()
    with en_transaccion(None, apuntes):
        (puestas,) = marcas.de({fila["_id"]: fila}, {fila["_id"]: {}}).values()
    suyas: dict[str, Dicha] = {}
    dichas = Dichas({str(fila["_id"]): suyas})
    for cual, dicho in apuntes.dichos["dicho", None].items():
        cuando, marca = dicho.split(".")
        suyas[cual.partition(".")[2]] = int(cuando, 16), marca
    de_hoy = MarcasDeHechos(nueva, "residente", ("condiciones",), partes)
    fila["marcas"] = {campo.removeprefix("marcas."): marca for campo, marca in puestas.items()}
    assert de_hoy.rota(fila, dichas=dichas) is None
    fila["marcas"]["condiciones_x"] = marcas.todas(fila)["condiciones_x"]
    assert de_hoy.rota(fila) is None
    assert de_hoy.rota(fila, dichas=dichas) == "condiciones_x"
    assert "condiciones_x" not in str(dichas)


def test_what_is_compared_again_and_again_is_noted_once() -> None:
    """A watch goes through the same rows for as long as its process lives."""
    marcas, apuntes = MarcasDeHechos(Precinto(b"clave", "hechos"), "unidad", ("al_dia",)), Apuntes()
    fila: dict[str, Any] = {"_id": PydanticObjectId(), "al_dia": True}
    with en_transaccion(None, apuntes):
        (puestas,) = marcas.de({fila["_id"]: fila}, {fila["_id"]: {}}).values()
    fila["marcas"] = {"al_dia": puestas["marcas.al_dia"]}
    dichas = Dichas()
    assert [marcas.rota(fila, dichas=dichas) for _ in range(3)] == [None] * 3
    assert len(dichas.por_ver) == 1
    assert dichas.sin_decir(Dichas()) == (str(fila["_id"]), "al_dia")
