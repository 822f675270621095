"""What is stored, of all modules: the only place that knows them all by their documents."""

from beanie import Document

from app.core.figures import models as cifras
from app.core.idempotency import models as idempotencia
from app.core.imports import models as importaciones
from app.core.jobs import models as trabajos
from app.core.retention import models as limpieza
from app.modules.analitica import models as analitica
from app.modules.auditoria import models as auditoria
from app.modules.auth import models as auth
from app.modules.avisos import models as avisos
from app.modules.conjunto import models as conjunto
from app.modules.residentes import models as residentes
from app.modules.solicitudes import models as solicitudes
from app.modules.sorteo import models as sorteo

DOCUMENTOS: tuple[type[Document], ...] = (
    *analitica.DOCUMENTOS,
    *auditoria.DOCUMENTOS,
    *auth.DOCUMENTOS,
    *avisos.DOCUMENTOS,
    *cifras.DOCUMENTOS,
    *conjunto.DOCUMENTOS,
    *idempotencia.DOCUMENTOS,
    *importaciones.DOCUMENTOS,
    *limpieza.DOCUMENTOS,
    *residentes.DOCUMENTOS,
    *solicitudes.DOCUMENTOS,
    *sorteo.DOCUMENTOS,
    *trabajos.DOCUMENTOS,
)
