"""What an operation goes through beside its own work, read from its route: the document says it, routes need not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext

from app.core.dependencies import Roles
from app.core.http.bodies import rechaza_cuerpo
from app.core.http.responses import CODIGOS
from app.core.http.route import StrictRoute, cuotas_de, roles_de
from app.core.idempotency.stage import admite_clave
from app.core.security import Rol
from app.core.versions.objects import CON_CONDICION, Objetos, tiene_version
from app.shared import exceptions as e


@dataclass(frozen=True)
class Ruta:
    """What an operation goes through, read from its route."""

    contexto: RouteContext
    objetos: Objetos

    @property
    def propia(self) -> StrictRoute | None:
        ruta = self.contexto.original_route
        return ruta if isinstance(ruta, StrictRoute) else None

    @property
    def versionada(self) -> bool:
        """A GET of one object, whole, or of a file that has a version."""
        return self.propia is not None and tiene_version(self.propia)

    @property
    def condicional(self) -> bool:
        """One that honours `If-Match`."""
        return self.propia is not None and bool((self.propia.methods or set()) & CON_CONDICION)

    @property
    def con_cuota(self) -> bool:
        """One that is asked only so often."""
        return bool(cuotas_de(self.contexto.dependant))

    @property
    def con_preferencia(self) -> bool:
        """One that says what it attended to of `Prefer`."""
        return "prefer" in _cabeceras(self.contexto.dependant)

    def de_version(self, status: int) -> list[str]:
        """The headers about versions that an answer with `status` has."""
        ruta = self.propia
        if ruta is None:
            return []
        if self.versionada:
            return ["ETag"] if status in (200, 304) else []
        objeto = self.objetos.responde_con(ruta)
        if objeto is None or status not in (200, 201):
            return []
        return ["ETag", "Content-Location"] if status == 200 and objeto is self.objetos.es_de(ruta) else ["ETag"]

    @property
    def con_clave(self) -> bool:
        """One that honours `Idempotency-Key`."""
        return self.propia is not None and admite_clave(self.propia, str(self.contexto.path_format))

    def errores(self) -> dict[str, int]:
        """Each `codigo` that the operation answers, with its status: those its route names, and those of what every
        route of its kind goes through."""
        respuestas = (self.contexto.responses or {}).items()
        nombrados = {codigo: int(status) for status, r in respuestas for codigo in r.get(CODIGOS, ())}
        return {error.codigo: error.status for error in self._comunes()} | nombrados

    def _comunes(self) -> Iterator[type[e.ParkNetError]]:
        dependencias: Dependant = self.contexto.dependant
        yield e.NoDisponible
        if (self.contexto.methods or set()) - {"GET", "HEAD"}:
            yield e.ResultadoDesconocido
        yield from self._de_acceso(roles_de(dependencias))
        if self.con_cuota:
            yield e.DemasiadasPeticiones
        cuerpo = self.contexto.body_field
        if cuerpo is not None:
            formulario = isinstance(cuerpo.field_info, params.Form)
            yield from (e.FormularioInvalido if formulario else e.JsonInvalido, e.EntradaExcesiva, e.TipoNoAdmitido)
            if not formulario:
                yield e.DemasiadosElementos
        elif self.propia is not None and rechaza_cuerpo(self.propia):
            yield e.TipoNoAdmitido
        # Of any: a parameter that it does not know.
        yield e.EntradaInvalida
        if self.condicional:
            yield e.VersionObsoleta
        if self.con_clave:
            yield from (e.PeticionEnCurso, e.ClaveReutilizada)
            if self._es_de_quien_vive:
                yield e.NoEncontrado

    @property
    def _es_de_quien_vive(self) -> bool:
        """Whether it makes an object of which a kept answer is not given to a resident who may read it no more."""
        hecho = None if self.propia is None else self.objetos.responde_con(self.propia)
        return (
            hecho is not None and hecho.con_nombre and Rol.residente in self._roles(roles_de(self.contexto.dependant))
        )

    def _roles(self, exigidos: Sequence[Roles]) -> set[Rol]:
        return {rol for r in exigidos for metodo in self.contexto.methods or () for rol in r.para(metodo)}

    def _de_acceso(self, exigidos: Sequence[Roles]) -> Iterator[type[e.ParkNetError]]:
        if not exigidos:
            return
        yield from (e.NoAutenticado, e.TokenInvalido)
        roles = self._roles(exigidos)
        if roles != set(Rol):
            yield e.RolInsuficiente
        if roles != {Rol.residente} and not all(r.sin_mfa for r in exigidos):
            yield e.MfaRequerido
        if self.propia is not None and not self.propia.admite_llaves:
            yield e.LlaveNoAdmitida


def _cabeceras(dependant: Dependant) -> set[str]:
    """The names of the headers that it reads as parameters."""
    propias = {campo.alias.lower() for campo in dependant.header_params}
    return propias.union(*(_cabeceras(hijo) for hijo in dependant.dependencies))
