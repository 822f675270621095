from datetime import timedelta

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.auth.cache import CacheDeSesiones
from tests.conftest import INICIO
from tests.modules.auth.apoyo import principal


def guardar(cache: CacheDeSesiones, quien: Principal) -> None:
    cache.guardar(quien, leido_en=INICIO, marca=cache.marca)


class TestCacheDeSesiones:
    def test_unknown(self) -> None:
        assert CacheDeSesiones().leer(PydanticObjectId(), cuando=INICIO) is None

    def test_kept_under_five_seconds(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        assert cache.leer(quien.sesion_id, cuando=INICIO + timedelta(seconds=4.999)) == quien
        assert cache.leer(quien.sesion_id, cuando=INICIO + timedelta(seconds=5)) is None

    def test_a_clock_that_goes_back_makes_nothing_fresh(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        assert cache.leer(quien.sesion_id, cuando=INICIO - timedelta(seconds=1)) is None

    def test_forgotten_at_once(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        guardar(cache, quien)
        cache.olvidar(quien.sesion_id)
        assert cache.leer(quien.sesion_id, cuando=INICIO) is None

    def test_a_look_up_that_began_before_forgetting_brings_nothing_back(self) -> None:
        cache, quien = CacheDeSesiones(), principal(Rol.admin)
        marca = cache.marca
        cache.olvidar(quien.sesion_id)
        cache.guardar(quien, leido_en=INICIO, marca=marca)
        assert cache.leer(quien.sesion_id, cuando=INICIO) is None

    def test_bounded_the_one_used_longest_ago_goes(self) -> None:
        cache = CacheDeSesiones(cupo=2)
        primero, segundo, tercero = (principal(Rol.residente) for _ in range(3))
        guardar(cache, primero)
        guardar(cache, segundo)
        cache.leer(primero.sesion_id, cuando=INICIO)
        guardar(cache, tercero)
        assert cache.leer(segundo.sesion_id, cuando=INICIO) is None
        assert cache.leer(primero.sesion_id, cuando=INICIO) == primero
        assert cache.leer(tercero.sesion_id, cuando=INICIO) == tercero
