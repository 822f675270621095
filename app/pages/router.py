"""Pages for people without an application, outside of `/api/v1`. Nobody needs to sign in to see them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.core.dependencies import PUBLICA, de_estado
from app.core.http.language import idioma_de
from app.core.http.route import StrictRoute
from app.core.quotas.stage import por_direccion
from app.pages.assembly import Pagina
from app.pages.service import PaginaService
from app.shared.messages import Idioma

router = APIRouter(
    route_class=StrictRoute,
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[por_direccion("paginas", 240, 60)],
)


async def _idioma(request: Request, idioma: Annotated[Idioma | None, Query()] = None) -> Idioma:
    """The one that a link says, or else that of the browser."""
    return idioma or idioma_de(request)


PaginaServiceDep = Annotated[PaginaService, Depends(de_estado("paginas"))]
IdiomaElegidoDep = Annotated[Idioma, Depends(_idioma)]


def _servida(pagina: Pagina) -> HTMLResponse:
    cabeceras = {"Content-Security-Policy": pagina.politica}
    if pagina.archivo is not None:
        cabeceras["Content-Disposition"] = f'attachment; filename="{pagina.archivo}"'
    return HTMLResponse(pagina.html, status_code=200 if pagina.hallada else 404, headers=cabeceras)


@router.get("/", openapi_extra=PUBLICA)
async def ver_raiz(request: Request) -> RedirectResponse:
    """To the documentation where it is served, and else to the draws."""
    return RedirectResponse("/sorteo" if request.app.openapi_url is None else "/docs")


@router.get("/sorteo", openapi_extra=PUBLICA)
async def ver_sorteos(
    paginas: PaginaServiceDep, idioma: IdiomaElegidoDep, cursor: Annotated[str | None, Query(max_length=1000)] = None
) -> HTMLResponse:
    return _servida(await paginas.sorteos(idioma, cursor=cursor))


@router.get("/sorteo/figuras/ver", openapi_extra=PUBLICA)
async def ver_figuras(
    paginas: PaginaServiceDep, idioma: IdiomaElegidoDep, llave: Annotated[str, Query(max_length=400)]
) -> HTMLResponse:
    """Where the links lead that staff make for the assembly."""
    return _servida(await paginas.figuras(llave, idioma))


@router.get("/sorteo/{id}/verificar", openapi_extra=PUBLICA)
async def ver_sorteo(
    id: str, paginas: PaginaServiceDep, idioma: IdiomaElegidoDep, copia: Annotated[bool, Query()] = False
) -> HTMLResponse:
    return _servida(await paginas.verificar(id, idioma, copia=copia))


@router.get("/sorteo/{id}/garante", openapi_extra=PUBLICA)
async def ver_garante(id: str, paginas: PaginaServiceDep, idioma: IdiomaElegidoDep) -> HTMLResponse:
    """Where links of witnesses lead."""
    return _servida(await paginas.garante(id, idioma))


@router.get("/registro", openapi_extra=PUBLICA)
async def ver_registro(paginas: PaginaServiceDep, idioma: IdiomaElegidoDep) -> HTMLResponse:
    """Where invitations lead."""
    return _servida(paginas.formulario("registro", idioma))


@router.get("/recuperar", openapi_extra=PUBLICA)
async def ver_recuperar(paginas: PaginaServiceDep, idioma: IdiomaElegidoDep) -> HTMLResponse:
    """Where links of recovery lead; without one, where it is asked for."""
    return _servida(paginas.formulario("recuperar", idioma))


@router.get("/correo", openapi_extra=PUBLICA)
async def ver_correo(paginas: PaginaServiceDep, idioma: IdiomaElegidoDep) -> HTMLResponse:
    """Where the link leads that confirms another e-mail."""
    return _servida(paginas.formulario("correo", idioma))
