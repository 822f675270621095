"""The table of what the driver can say: all of it is named, and what is not known is never told as not done."""

from typing import Any

import pymongo.errors
import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)

from app.database.errors import INTERRUMPIDO, SIN_EFECTO, Desenlace, desenlace, es_caida, traducidas
from app.shared.exceptions import NoDisponible, ResultadoDesconocido

NO, NO_SE_SABE = Desenlace.no_hecho, Desenlace.desconocido


def _varias(**detalles: Any) -> BulkWriteError:
    return BulkWriteError({"writeErrors": [], "writeConcernErrors": [], **detalles})


def _con(etiqueta: str, error: PyMongoError) -> PyMongoError:
    error._add_error_label(etiqueta)
    return error


# The error, and what it means for a read and for a write outside of transactions.
TABLA: list[tuple[PyMongoError, Desenlace | None, Desenlace | None]] = [
    (ServerSelectionTimeoutError("no hay primario"), NO, NO),
    (WaitQueueTimeoutError("sin conexiones"), NO, NO),
    (ConfigurationError("Sessions are not supported by this MongoDB deployment"), NO, NO),
    (_con("NoWritesPerformed", NotPrimaryError("ya no")), NO, NO),
    (AutoReconnect("se cortó"), NO, NO_SE_SABE),
    (ConnectionFailure("se cortó"), NO, NO_SE_SABE),
    (NetworkTimeout("tarda"), NO, NO_SE_SABE),
    (NotPrimaryError("ya no"), NO, NO_SE_SABE),
    (ExecutionTimeout("tarda", 50), NO, NO_SE_SABE),
    (CursorNotFound("se perdió", 43), NO, NO_SE_SABE),
    (WriteConcernError("se interrumpió", 11602), NO, NO_SE_SABE),
    (WriteConcernError("sin código"), NO, NO_SE_SABE),
    (WTimeoutError("sin mayoría", 64), NO, NO_SE_SABE),
    (OperationFailure("28: No space left on device", 8), NO, NO_SE_SABE),
    *((OperationFailure(nombre, codigo), NO, NO_SE_SABE) for codigo, nombre in INTERRUMPIDO.items()),
    *((OperationFailure(nombre, codigo), NO, NO) for codigo, nombre in SIN_EFECTO.items()),
    (_con("TransientTransactionError", OperationFailure("otra", 1)), NO, NO),
    (_varias(writeConcernErrors=[{"code": 11602}]), NO, NO_SE_SABE),
    (_varias(writeErrors=[{"code": 10107}]), NO, NO_SE_SABE),
    (_varias(writeErrors=[{"code": 11000}]), None, None),
    (DuplicateKeyError("repetido", 11000), None, None),
    (OperationFailure("no se entiende", 9), None, None),
    (OperationFailure("sin código"), None, None),
    (InvalidOperation("mal usado"), None, None),
]
# Of the classes, those that say that we ask for what cannot be.
NUESTROS = {
    "ClientBulkWriteException",
    "CollectionInvalid",
    "EncryptedCollectionError",
    "EncryptionError",
    "InvalidName",
    "InvalidURI",
    "ProtocolError",
    "PyMongoError",
    "WriteError",
    "_OperationCancelled",
}


@pytest.mark.parametrize(("error", "leyendo", "escribiendo"), TABLA, ids=lambda v: str(v)[:40])
def test_cada_error_dice_que_fue_de_lo_pedido(
    error: PyMongoError, leyendo: Desenlace | None, escribiendo: Desenlace | None
) -> None:
    assert desenlace(error, escribia=False) is leyendo
    assert desenlace(error, escribia=True) is escribiendo
    assert es_caida(error) is (leyendo is not None)


def test_ninguna_clase_de_error_queda_sin_nombrar() -> None:
    clases = {n for n, c in vars(pymongo.errors).items() if isinstance(c, type) and issubclass(c, PyMongoError)}
    assert clases == {type(error).__name__ for error, _, _ in TABLA} | NUESTROS


def test_una_caida_se_cuenta_como_del_dominio_y_lo_demas_pasa() -> None:
    with pytest.raises(ResultadoDesconocido), traducidas(escribia=True):
        raise AutoReconnect("se cortó")
    with pytest.raises(NoDisponible) as caida, traducidas(escribia=False):
        raise AutoReconnect("se cortó")
    assert not isinstance(caida.value, ResultadoDesconocido)
    assert isinstance(caida.value.__cause__, AutoReconnect)
    with pytest.raises(DuplicateKeyError), traducidas(escribia=True):
        raise DuplicateKeyError("repetido", 11000)
