"""What the driver can say when a call does not come back well, and what it means for what was being done.

Three outcomes. *Not done*: the database never began, or undid it; asking again is safe. *Unknown*: it may stand, or
come to stand, and only looking tells. *Refused*: a rule (a unique index) or a fault of ours, of which nothing here
knows. There is no error that says "done": the driver repeats a write or a commit under the same number as long as the
command's time lasts, and the database answers a repeated one with its first result.

| the driver says | a read, or a write in a transaction | a write by itself | a commit |
| --- | --- | --- | --- |
| no server was found, no connection was free, no sessions | not done | not done | not done |
| the label `NoWritesPerformed`, or a code of `SIN_EFECTO` | not done | not done | not done |
| the label `TransientTransactionError` | not done | – | not done |
| the connection broke, or took too long | not done | unknown | unknown |
| a code of `INTERRUMPIDO` | not done | unknown | unknown |
| the majority did not confirm (`writeConcernError`) | – | unknown | unknown |
| anything else | refused | refused | refused |
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any

from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from app.core.config import ConfigError
from app.shared.exceptions import NoDisponible, ResultadoDesconocido

DEL_CONTROLADOR = PyMongoError
"""Everything that the driver raises."""

SIN_EFECTO: Mapping[int, str] = {
    24: "LockTimeout",
    46: "LockBusy",
    112: "WriteConflict",
    133: "FailedToSatisfyReadPreference",
    134: "ReadConcernMajorityNotAvailableYet",
    225: "TransactionTooOld",
    246: "SnapshotUnavailable",
    251: "NoSuchTransaction",
    290: "TransactionExceededLifetimeLimitSeconds",
    365: "TemporarilyUnavailable",
    14031: "OutOfDiskSpace",
}
"""Refused before anything was written, or undone whole."""

INTERRUMPIDO: Mapping[int, str] = {
    6: "HostUnreachable",
    7: "HostNotFound",
    8: "UnknownError",  # of its storage: a disk that is full, or broken
    43: "CursorNotFound",
    50: "MaxTimeMSExpired",
    64: "WriteConcernTimeout",
    79: "UnknownReplWriteConcern",
    89: "NetworkTimeout",
    91: "ShutdownInProgress",
    100: "UnsatisfiableWriteConcern",
    175: "QueryPlanKilled",
    189: "PrimarySteppedDown",
    202: "NetworkInterfaceExceededTimeLimit",
    237: "CursorKilled",
    262: "ExceededTimeLimit",
    279: "ClientDisconnect",
    9001: "SocketException",
    10058: "LegacyNotPrimary",
    10107: "NotWritablePrimary",
    11600: "InterruptedAtShutdown",
    11601: "Interrupted",
    11602: "InterruptedDueToReplStateChange",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}
"""Said of a call that was under way. Of one that the driver repeated, the first may have had its effect."""

_NUNCA_EMPEZO = (ServerSelectionTimeoutError, WaitQueueTimeoutError, ConfigurationError)


class Desenlace(Enum):
    no_hecho = auto()
    desconocido = auto()


def desenlace(error: BaseException | None, *, escribia: bool) -> Desenlace | None:
    """What came of the call that ended in `error`; None when it was refused, or is no error of the driver.
    `escribia`: it was a write outside of any transaction, or a commit."""
    if not isinstance(error, PyMongoError) or isinstance(error, InvalidURI):
        return None
    if isinstance(error, _NUNCA_EMPEZO):
        return Desenlace.no_hecho
    codigos = _codigos(error)
    if isinstance(error, ConnectionFailure) or codigos & INTERRUMPIDO.keys() or _sin_mayoria(error):
        sin_rastro = error.has_error_label("NoWritesPerformed")
        return Desenlace.desconocido if escribia and not sin_rastro else Desenlace.no_hecho
    if error.has_error_label("TransientTransactionError") or codigos & SIN_EFECTO.keys():
        return Desenlace.no_hecho
    return None


def traducir(error: BaseException | None, *, escribia: bool) -> NoDisponible | None:
    """The domain error of an outage; None when `error` is none."""
    match desenlace(error, escribia=escribia):
        case Desenlace.desconocido:
            return ResultadoDesconocido()
        case Desenlace.no_hecho:
            return NoDisponible()
        case None:
            return None


@contextmanager
def traducidas(*, escribia: bool) -> Iterator[None]:
    """While it lasts, outages are raised as domain errors. Whatever else the driver raises passes."""
    try:
        yield
    except PyMongoError as error:
        traducido = traducir(error, escribia=escribia)
        if traducido is None:
            raise
        raise traducido from error


class SinBase(ConfigError):
    """At a start: the database does not answer, or there is none where the settings say."""


def es_caida(error: BaseException | None) -> bool:
    """Whether this is an outage of the database: an error of the driver, what it was turned into, or that a wait for it
    was cut short."""
    return isinstance(error, NoDisponible | SinBase | TimeoutError) or desenlace(error, escribia=False) is not None


def es_choque(error: PyMongoError) -> bool:
    """Whether what stopped a transaction is another, and not that the database does not answer."""
    conflicto = error.has_error_label("TransientTransactionError") or _codigos(error) & SIN_EFECTO.keys()
    return bool(conflicto) and not isinstance(error, ConnectionFailure)


def _sin_mayoria(error: PyMongoError) -> bool:
    """Of several writes at once, those that a unique index refused tell nothing of the others."""
    if isinstance(error, BulkWriteError):
        return bool(error.details.get("writeConcernErrors"))
    return isinstance(error, WriteConcernError)


def _codigos(error: PyMongoError) -> set[int]:
    """The codes of the call, and of each write that the call was made of."""
    if isinstance(error, BulkWriteError):
        rechazos: list[Mapping[str, Any]] = error.details.get("writeErrors", [])
        return {int(rechazo["code"]) for rechazo in rechazos if "code" in rechazo}
    return {error.code} if isinstance(error, OperationFailure) and error.code is not None else set()
