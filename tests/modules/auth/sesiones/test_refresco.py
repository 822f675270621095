import string

import pytest
from beanie import PydanticObjectId

from app.modules.auth.sesiones.refresco import Refresco, sello_nuevo

SELLO = sello_nuevo()


def nuevo() -> Refresco:
    return Refresco.nuevo(sesion_id=PydanticObjectId(), sello=SELLO)


class TestTexto:
    def test_read_back_whole(self) -> None:
        refresco = nuevo()
        assert Refresco.leer(refresco.texto) == refresco

    def test_plain_letters_only(self) -> None:
        assert set(nuevo().texto) <= set(string.ascii_letters + string.digits + "-_")

    def test_never_twice_the_same(self) -> None:
        assert len({nuevo().texto for _ in range(100)}) == 100

    def test_does_not_show_in_a_log(self) -> None:
        refresco = nuevo()
        assert refresco.texto not in repr(refresco)
        assert str(refresco.secreto) not in repr(refresco)

    @pytest.mark.parametrize("texto", ["", "a", "a" * 79, "a" * 81, "=" * 80, "ñ" * 80, "a" * 79 + "\n", "٣" * 80])
    def test_other_shapes_are_none(self, texto: str) -> None:
        assert Refresco.leer(texto) is None

    def test_one_spelling_alone(self) -> None:
        """No other text stands for the same token, so a hash of the text is a hash of the token."""
        texto = nuevo().texto
        for letra in string.ascii_letters:
            otro = Refresco.leer(texto[:-1] + letra)
            assert otro is not None
            assert (otro == Refresco.leer(texto)) == (letra == texto[-1])


class TestEsDe:
    def test_its_own_session(self) -> None:
        assert nuevo().es_de(SELLO)

    def test_another_session(self) -> None:
        assert not nuevo().es_de(sello_nuevo())

    def test_made_up(self) -> None:
        refresco = nuevo()
        assert not Refresco(refresco.sesion_id, b"\0" * 32, refresco.marca).es_de(SELLO)


class TestSellar:
    def test_the_holder_opens_it(self) -> None:
        viejo = nuevo()
        sucesor = Refresco.nuevo(sesion_id=viejo.sesion_id, sello=SELLO)
        assert viejo.abrir(viejo.sellar(sucesor), sello=SELLO) == sucesor

    def test_nobody_else_does(self) -> None:
        viejo, otro = nuevo(), nuevo()
        sucesor = Refresco.nuevo(sesion_id=viejo.sesion_id, sello=SELLO)
        assert otro.abrir(viejo.sellar(sucesor), sello=SELLO).secreto != sucesor.secreto

    def test_not_in_the_clear(self) -> None:
        viejo, sucesor = nuevo(), nuevo()
        assert sucesor.secreto.hex() not in viejo.sellar(sucesor)
        assert len(viejo.sellar(sucesor)) == 64
