"""One database that every test of deaths finds as it needs it."""

from datetime import timedelta

import pytest

from tests.crash.edificio import Datos, Escena, api


@pytest.fixture(scope="session")
def vacia(servidor: str, tmp_path_factory: pytest.TempPathFactory) -> Escena:
    """What the first start leaves."""
    datos = Datos(tmp_path_factory.mktemp("muertes"), servidor, "muertes")
    with api(datos, adelante=timedelta(0)):
        pass
    return Escena(datos)
