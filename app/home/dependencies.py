"""What the endpoint of this module takes."""

from typing import Annotated, cast

from fastapi import Depends, Request

from app.home.service import InicioService


async def _inicio(request: Request) -> InicioService:
    return cast(InicioService, request.state.inicio)


InicioServiceDep = Annotated[InicioService, Depends(_inicio)]
