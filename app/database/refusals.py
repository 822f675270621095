"""Why the embedded server cannot be used, in one line that says what to do."""

import re

OWN_SERVER = "instale MongoDB 6 o posterior y ponga su dirección en PARKNET_MONGODB_URI"
# What the server's last words, its exit code or our own errno mean: the first that fits. The order matters:
# files of another version are also reported as "Permission denied", and a full disk also as damaged files.
_CAUSES = {
    r"unsupported WiredTiger|Version incompatib|UPGRADE PROBLEM|Wrong mongod version|exit 62$": "los datos son "
    "de otra versión de MongoDB; ábralos con ella (PARKNET_MONGODB_URI) o restaure una copia hecha con la 6.0",
    r"No space left|quota exceeded|ENOSPC|EDQUOT": "no queda espacio en el disco; libere algo y reintente",
    r"Read-only file|EROFS": "el disco es de sólo lectura; cambie DATA_DIR o móntelo para escritura",
    r"Unable to lock|EAGAIN": "otro servidor usa estos datos, quizá en otro contenedor; deténgalo o cambie DATA_DIR",
    r"Permission denied|not permitted|EACCES|EPERM": "falta permiso; déselo a este usuario o cambie DATA_DIR",
    r"Not a directory|ENOTDIR|EEXIST|EISDIR": "ahí no hay una carpeta; quite lo que haya o cambie DATA_DIR",
    r"ENAMETOOLONG|ENOENT": "esa ruta no existe ni se puede crear, o es demasiado larga; cambie DATA_DIR",
    r"WT_TRY_SALVAGE|WT_PANIC|InvalidBSON": "los archivos están dañados; restaure una copia de seguridad",
    r"loading shared libraries": "faltan bibliotecas del sistema; apt-get install libcurl4 libssl3",
    r"version `[\w.]+' not found": f"este Linux es demasiado antiguo para el MongoDB incluido; {OWN_SERVER}",
    r"Illegal instruction|exit -4$": f"al procesador le falta AVX, que MongoDB exige; {OWN_SERVER}",
}


class EmbeddedMongoError(Exception):
    """One line: what is wrong and what to do."""


def refusal(what: object, symptoms: str, otherwise: str) -> EmbeddedMongoError:
    """`symptoms`: what the server or the system said; `otherwise`: what to say where that means nothing to us."""
    why = next((cause for pattern, cause in _CAUSES.items() if re.search(pattern, symptoms)), otherwise)
    return EmbeddedMongoError(f"No se puede usar {what}: {why}.")
