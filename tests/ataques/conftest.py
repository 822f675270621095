"""The accounts as they are wired, over HTTP and on the real server; other modules are doubles that keep what they are
told, so that an attack that leaves a trace is seen to."""

from tests.modules.auth.conftest import (  # noqa: F401 - the fixtures of these tests
    cliente,
    documentos,
    hasher,
    hasher_de_pruebas,
    modulo_real,
)
