from dataclasses import replace
from datetime import timedelta

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.auth.sesiones.cache import CacheDeSesiones
from tests.autenticador import principal
from tests.conftest import INICIO


def sesion(quien: Principal) -> PydanticObjectId:
    assert quien.sesion_id is not None
    return quien.sesion_id


def guardar(cache: CacheDeSesiones, quien: Principal) -> None:
    cache.guardar(sesion(quien), quien, leido_en=INICIO, marca=cache.marca)


class TestCacheDeSesiones:
    def test_unknown(self) -> None:
        assert CacheDeSesiones().leer(PydanticObjectId(), cuando=INICIO) is None

    def test_kept_under_five_seconds(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        assert cache.leer(sesion(quien), cuando=INICIO + timedelta(seconds=4.999)) == quien
        assert cache.leer(sesion(quien), cuando=INICIO + timedelta(seconds=5)) is None

    def test_a_clock_that_goes_back_makes_nothing_fresh(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        assert cache.leer(sesion(quien), cuando=INICIO - timedelta(seconds=1)) is None

    def test_forgotten_at_once(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        cache.olvidar(sesion(quien))
        assert cache.leer(sesion(quien), cuando=INICIO) is None

    def test_a_look_up_that_began_before_forgetting_brings_nothing_back(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        marca = cache.marca
        cache.olvidar(sesion(quien))
        cache.guardar(sesion(quien), quien, leido_en=INICIO, marca=marca)
        assert cache.leer(sesion(quien), cuando=INICIO) is None

    def test_bounded_the_one_used_longest_ago_goes(self) -> None:
        cache = CacheDeSesiones(cupo=2)
        primero, segundo, tercero = (principal(Rol.residente) for _ in range(3))
        guardar(cache, primero)
        guardar(cache, segundo)
        cache.leer(sesion(primero), cuando=INICIO)
        guardar(cache, tercero)
        assert cache.leer(sesion(segundo), cuando=INICIO) is None
        assert cache.leer(sesion(primero), cuando=INICIO) == primero
        assert cache.leer(sesion(tercero), cuando=INICIO) == tercero

    def test_all_of_an_account_at_once(self) -> None:
        cache = CacheDeSesiones()
        una, ajena = principal(Rol.residente), principal(Rol.residente)
        otra = replace(una, sesion_id=PydanticObjectId())
        for quien in (una, otra, ajena):
            guardar(cache, quien)
        marca = cache.marca
        cache.olvidar_a(una.usuario_id)
        assert [cache.leer(sesion(q), cuando=INICIO) for q in (una, otra, ajena)] == [None, None, ajena]
        cache.guardar(sesion(una), una, leido_en=INICIO, marca=marca)
        assert cache.leer(sesion(una), cuando=INICIO) is None
