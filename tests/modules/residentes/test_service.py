"""The rules of residents. Those that unique indexes hold are seen on the real server."""

from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.residentes import repository as repositorio_de_residentes
from app.modules.residentes.exceptions import DocumentoDuplicado, EmailDuplicado
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes
from app.modules.residentes.schemas import ResidentSelfUpdate
from app.modules.residentes.unidades import repository as repositorio_de_unidades
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoEncontrado, SinResidente
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import (
    ADMIN,
    OPERADOR,
    cambio_de_residente,
    cuerpo_vehiculo,
    ocupacion,
    residente,
)

NINGUNO = PydanticObjectId("0" * 24)
DISCAPACIDAD = {"codigo": "discapacidad", "persona": "titular"}


async def nombres(
    casa: Casa, *, placa: str | None = None, viven_en: FiltroUnidades | None = None, **filtro: Any
) -> list[str]:
    pagina = await casa.residentes.listar(
        FiltroResidentes(**filtro), viven_en or FiltroUnidades(), placa, PageQuery(), ADMIN
    )
    return [r["nombres"] for r in pagina.items]


async def operador_que_vive_aqui(casa: Casa, **cambios: Any) -> Principal:
    return principal(Rol.operador, (await casa.residente(**cambios)).id)


class TestCrear:
    async def test_operador_brings_nobody_into_their_own_flat(self, casa: Casa) -> None:
        await casa.unidad()
        await casa.unidad(apartamento="102")
        yo = await operador_que_vive_aqui(casa)
        with pytest.raises(ConflictoDeInteres):
            await casa.residentes.crear(residente(condiciones=[DISCAPACIDAD]), yo)
        # Nor without conditions: how long somebody has lived there is a fact of the draw too.
        with pytest.raises(ConflictoDeInteres):
            await casa.residentes.crear(residente(fecha_ingreso="1990-01-01"), yo)
        ajena = [ocupacion(apartamento="102")]
        await casa.residentes.crear(residente(condiciones=[DISCAPACIDAD], unidades=ajena), yo)

    async def test_whole(self, casa: Casa, reloj: Reloj) -> None:
        await casa.unidad(torre="Torre A", apartamento="1B")
        creado = await casa.residentes.crear(
            residente(
                numero_documento="1.020.304",
                email="Ana@Example.com",
                telefono="+57 300 1234567",
                fecha_ingreso="2020-05-01",
                unidades=[ocupacion(torre=" torre  a", apartamento="1b", tenencia="arrendatario")],
                condiciones=[DISCAPACIDAD | {"vigente_hasta": "2027-01-01"}],
            ),
            OPERADOR,
        )
        assert creado.model_dump(mode="json") == await casa.residentes.ver(creado.id, ADMIN)
        assert (creado.numero_documento, creado.email) == ("1020304", "ana@example.com")
        assert [(u.torre, u.apartamento, u.tenencia) for u in creado.unidades] == [("Torre A", "1B", "arrendatario")]
        assert (creado.estado, creado.cuenta) == ("activo", "sin_invitar")
        assert creado.creado_en == creado.actualizado_en == reloj.instante
        [condicion] = creado.condiciones
        assert (condicion.estado, condicion.vigente_hasta) == ("verificada", date(2027, 1, 1))
        assert condicion.declarada_en == condicion.decidida_en == reloj.instante
        assert condicion.decidida_por == OPERADOR.usuario_id

    async def test_unknown_flats(self, casa: Casa) -> None:
        await casa.unidad()
        with pytest.raises(EntradaInvalida) as caso:
            await casa.residente(unidades=[ocupacion(torre="9"), ocupacion(), ocupacion(torre=None)])
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [
            ("unidades.0", "unidad_desconocida"),
            ("unidades.2", "unidad_desconocida"),
        ]

    async def test_document_and_email_are_one_persons(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        await casa_real.residente(numero_documento="52.000.111", email="ana@example.com")
        with pytest.raises(DocumentoDuplicado):
            await casa_real.residente(numero_documento="52000111")
        with pytest.raises(EmailDuplicado):
            await casa_real.residente(email="ANA@example.com")
        await casa_real.residente(numero_documento="52000111", tipo_documento="CE")
        await casa_real.residente()

    async def test_of_an_inactive_one_they_are_free(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        ido = await casa_real.residente(numero_documento="52000111", email="ana@example.com")
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        await casa_real.residente(numero_documento="52000111", email="ana@example.com")


class TestListar:
    async def test_by_surname_without_accents(self, casa: Casa) -> None:
        await casa.unidad()
        for apellidos in ("Zuluaga", "Álvarez", "avila", "Ñáñez"):
            await casa.residente(nombres=apellidos, apellidos=apellidos)
        assert await nombres(casa) == ["Álvarez", "avila", "Ñáñez", "Zuluaga"]

    async def test_by_name_document_and_state(self, casa: Casa) -> None:
        await casa.unidad()
        await casa.residente(nombres="José", apellidos="Núñez", numero_documento="1.020.304")
        beto = await casa.residente(nombres="Beto", apellidos="Nunes", condiciones=[DISCAPACIDAD])
        await casa.residentes.dar_de_baja(beto.id, ADMIN)
        await casa.padron.marcar_cuenta(residente_id=beto.id, cuenta="invitada")
        assert await nombres(casa, q="NUÑ") == ["Beto", "José"]
        assert await nombres(casa, q="nunez jose") == ["José"]
        assert await nombres(casa, q="1.020") == ["José"]
        assert await nombres(casa, q="ose") == []
        assert await nombres(casa, q="(") == []
        assert await nombres(casa, estados=[EstadoResidente.activo]) == ["José"]
        assert await nombres(casa, cuentas=[EstadoCuenta.invitada]) == ["Beto"]
        assert await nombres(casa, condiciones=["discapacidad"]) == ["Beto"]
        assert await nombres(casa, condiciones=["discapacidad"], estados=[EstadoResidente.activo]) == []

    async def test_by_flat(self, casa: Casa) -> None:
        await casa.unidad(torre="A", vehiculos=[cuerpo_vehiculo(placa="AAA111")])
        await casa.unidad(torre="A", apartamento="102", al_dia=False)
        await casa.unidad(torre="B", al_dia=False)
        await casa.residente(nombres="Ana", unidades=[ocupacion(torre="A")])
        await casa.residente(nombres="Beto", unidades=[ocupacion(torre="A"), ocupacion(torre="A", apartamento="102")])
        await casa.residente(nombres="Caro", unidades=[ocupacion(torre="B")])
        assert await nombres(casa, viven_en=FiltroUnidades(torres=["a"])) == ["Ana", "Beto"]
        assert await nombres(casa, viven_en=FiltroUnidades(apartamento="101")) == ["Ana", "Beto", "Caro"]
        assert await nombres(casa, viven_en=FiltroUnidades(torres=["A"], al_dia=False)) == ["Beto"]
        assert await nombres(casa, viven_en=FiltroUnidades(al_dia=False)) == ["Beto", "Caro"]
        assert await nombres(casa, placa="AAA111") == ["Ana", "Beto"]
        assert await nombres(casa, placa="AAA111", viven_en=FiltroUnidades(torres=["B"])) == []
        assert await nombres(casa, placa="ZZZ999") == []

    @pytest.mark.parametrize("orden", [None, "-creado_en", "_id"])
    async def test_by_flats_of_which_there_are_many(
        self, casa: Casa, monkeypatch: pytest.MonkeyPatch, orden: str | None
    ) -> None:
        """The same pages, whether the residents are looked for or walked through."""
        for n in range(7):
            await casa.unidad(apartamento=f"{n}", al_dia=n % 2 == 0)
            await casa.residente(nombres=f"N{n}", unidades=[ocupacion(apartamento=f"{n}")])

        async def paginas() -> list[tuple[list[str], str | None]]:
            vistas, cursor = [], None
            while True:
                consulta = PageQuery(limite=2, cursor=cursor, orden=orden)
                pagina = await casa.residentes.listar(
                    FiltroResidentes(), FiltroUnidades(al_dia=True), None, consulta, ADMIN
                )
                cursor = pagina.siguiente
                vistas.append(([r["nombres"] for r in pagina.items], cursor))
                if cursor is None:
                    return vistas

        monkeypatch.setattr(repositorio_de_residentes, "_POR_HALLADA", 1)
        buscadas = await paginas()
        assert sorted(n for nombres, _ in buscadas for n in nombres) == ["N0", "N2", "N4", "N6"]
        monkeypatch.setattr(repositorio_de_unidades, "MUCHAS", 3)
        assert await paginas() == buscadas
        monkeypatch.setattr(repositorio_de_residentes, "_POR_HALLADA", 8)
        assert await paginas() == buscadas

    async def test_the_document_is_masked(self, casa: Casa) -> None:
        await casa.unidad()
        await casa.residente(numero_documento="1020304050")
        pagina = await casa.residentes.listar(FiltroResidentes(), FiltroUnidades(), None, PageQuery(), ADMIN)
        assert pagina.items[0]["numero_documento"] == "******4050"
        assert "condiciones" not in pagina.items[0]


class TestVer:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.residentes.ver(NINGUNO, ADMIN)


class TestCambiar:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.cambiar(NINGUNO)

    @pytest.mark.parametrize(
        "cambio",
        [{"fecha_ingreso": "1990-01-01"}, {"estado": "inactivo"}, {"unidades": [ocupacion(apartamento="102")]}],
    )
    async def test_operador_their_own(self, casa: Casa, cambio: dict[str, Any]) -> None:
        await casa.unidad()
        await casa.unidad(apartamento="102")
        await casa.unidad(apartamento="103")
        yo = await operador_que_vive_aqui(casa)
        vecino = await casa.residente()
        ajeno = await casa.residente(unidades=[ocupacion(apartamento="103")])
        assert yo.residente_id is not None
        for propio in (yo.residente_id, vecino.id):
            with pytest.raises(ConflictoDeInteres):
                await casa.residentes.cambiar(propio, cambio_de_residente(**cambio), yo)
            await casa.residentes.cambiar(propio, cambio_de_residente(nombres="Otro"), yo)
        await casa.residentes.cambiar(ajeno.id, cambio_de_residente(**cambio), yo)

    async def test_operador_brings_somebody_into_their_flat(self, casa: Casa) -> None:
        await casa.unidad()
        await casa.unidad(apartamento="102")
        yo = await operador_que_vive_aqui(casa)
        ajeno = await casa.residente(unidades=[ocupacion(apartamento="102")])
        with pytest.raises(ConflictoDeInteres):
            await casa.residentes.cambiar(ajeno.id, cambio_de_residente(unidades=[ocupacion()]), yo)

    async def test_nothing(self, casa: Casa, reloj: Reloj) -> None:
        await casa.unidad()
        creado = await casa.residente()
        reloj.avanzar(days=1)
        assert await casa.cambiar(creado.id) == creado
        assert await casa.residentes.ver(creado.id, ADMIN) == creado.model_dump(mode="json")

    async def test_absent_is_not_null(self, casa: Casa, reloj: Reloj) -> None:
        await casa.unidad()
        creado = await casa.residente(email="a@example.com", telefono="300 1234567", condiciones=[DISCAPACIDAD])
        reloj.avanzar(days=1)
        cambiado = await casa.cambiar(creado.id, email=None, apellidos="Zuluaga")
        assert cambiado == creado.model_copy(
            update={"email": None, "apellidos": "Zuluaga", "actualizado_en": reloj.instante}
        )
        assert await casa.residentes.ver(creado.id, ADMIN) == cambiado.model_dump(mode="json")
        assert await nombres(casa, q="zulu") == ["Ana María"]
        assert await nombres(casa, q="peña") == []

    async def test_document_and_email_are_one_persons(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        await casa_real.residente(numero_documento="52000111", email="ana@example.com")
        otro = await casa_real.residente()
        with pytest.raises(DocumentoDuplicado):
            await casa_real.cambiar(otro.id, numero_documento="52.000.111")
        with pytest.raises(EmailDuplicado):
            await casa_real.cambiar(otro.id, email="ana@example.com")

    async def test_unknown_flat(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente()
        with pytest.raises(EntradaInvalida):
            await casa.cambiar(creado.id, unidades=[ocupacion(torre="9")])

    async def test_leaving_a_flat(self, casa: Casa) -> None:
        una, otra, _ = await casa.unidad(), await casa.unidad(apartamento="102"), await casa.unidad(apartamento="103")
        creado = await casa.residente(unidades=[ocupacion(), ocupacion(apartamento="102")])
        await casa.residente()
        await casa.cambiar(creado.id, unidades=[ocupacion(apartamento="103")])
        assert casa.solicitudes.salidas == [([otra.id], ADMIN.usuario_id)]
        assert una.id not in casa.solicitudes.salidas[0][0]
        assert casa.cuentas.llamadas == []

    async def test_another_tenure_is_no_departure(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente()
        cambiado = await casa.cambiar(creado.id, unidades=[ocupacion(tenencia="arrendatario")])
        assert [u.tenencia for u in cambiado.unidades] == ["arrendatario"]
        assert casa.solicitudes.salidas == []

    async def test_an_inactive_one_left_before(self, casa: Casa) -> None:
        await casa.unidad()
        await casa.unidad(apartamento="102")
        creado = await casa.residente()
        await casa.residentes.dar_de_baja(creado.id, ADMIN)
        casa.solicitudes.salidas.clear()
        await casa.cambiar(creado.id, unidades=[ocupacion(apartamento="102")])
        assert casa.solicitudes.salidas == []

    async def test_inactive_is_what_delete_does(self, casa: Casa) -> None:
        unidad = await casa.unidad()
        creado = await casa.residente()
        cambiado = await casa.cambiar(creado.id, estado="inactivo")
        assert cambiado.estado == "inactivo"
        assert casa.solicitudes.salidas == [([unidad.id], ADMIN.usuario_id)]
        assert casa.cuentas.llamadas == [("desactivar", creado.id)]

    async def test_inactive_and_moved_at_once(self, casa: Casa) -> None:
        unidad, _ = await casa.unidad(), await casa.unidad(apartamento="102")
        creado = await casa.residente()
        await casa.cambiar(creado.id, estado="inactivo", unidades=[ocupacion(apartamento="102")])
        assert casa.solicitudes.salidas == [([unidad.id], ADMIN.usuario_id)]

    async def test_back_again(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente()
        await casa.cambiar(creado.id, estado="activo")
        assert casa.cuentas.llamadas == []
        await casa.residentes.dar_de_baja(creado.id, ADMIN)
        assert (await casa.cambiar(creado.id, estado="activo")).estado == "activo"
        assert casa.cuentas.llamadas == [("desactivar", creado.id), ("reactivar", creado.id)]

    async def test_back_again_when_another_has_the_document(self, casa_real: Casa) -> None:
        await casa_real.unidad()
        ido = await casa_real.residente(numero_documento="52000111")
        await casa_real.residentes.dar_de_baja(ido.id, ADMIN)
        await casa_real.residente(numero_documento="52000111")
        with pytest.raises(DocumentoDuplicado):
            await casa_real.cambiar(ido.id, estado="activo")
        assert (await casa_real.residentes.ver(ido.id, ADMIN))["estado"] == "inactivo"
        await casa_real.cambiar(ido.id, estado="activo", numero_documento="52000112")


class TestDarDeBaja:
    async def test_unknown(self, casa: Casa) -> None:
        with pytest.raises(NoEncontrado):
            await casa.residentes.dar_de_baja(NINGUNO, ADMIN)

    async def test_operador_their_own(self, casa: Casa) -> None:
        await casa.unidad()
        yo = await operador_que_vive_aqui(casa)
        vecino = await casa.residente()
        assert yo.residente_id is not None
        for propio in (yo.residente_id, vecino.id):
            with pytest.raises(ConflictoDeInteres):
                await casa.residentes.dar_de_baja(propio, yo)

    async def test_flats_left_empty_are_told(self, casa: Casa) -> None:
        await casa.unidad()
        sola = await casa.unidad(apartamento="102")
        creado = await casa.residente(unidades=[ocupacion(), ocupacion(apartamento="102")])
        await casa.residente()
        inactivo = await casa.residente(unidades=[ocupacion(apartamento="102")])
        await casa.residentes.dar_de_baja(inactivo.id, ADMIN)
        assert casa.solicitudes.salidas == []
        await casa.residentes.dar_de_baja(creado.id, OPERADOR)
        assert casa.solicitudes.salidas == [([sola.id], OPERADOR.usuario_id)]
        assert casa.cuentas.llamadas == [("desactivar", inactivo.id), ("desactivar", creado.id)]
        assert (await casa.residentes.ver(creado.id, ADMIN))["estado"] == "inactivo"

    async def test_again(self, casa: Casa, reloj: Reloj) -> None:
        await casa.unidad()
        creado = await casa.residente()
        await casa.residentes.dar_de_baja(creado.id, ADMIN)
        inactivo = await casa.residentes.ver(creado.id, ADMIN)
        reloj.avanzar(days=1)
        await casa.residentes.dar_de_baja(creado.id, ADMIN)
        assert await casa.residentes.ver(creado.id, ADMIN) == inactivo
        assert len(casa.solicitudes.salidas) == len(casa.cuentas.llamadas) == 1


class TestPropio:
    @pytest.mark.parametrize("residente_id", [None, NINGUNO])
    async def test_without_resident(self, casa: Casa, residente_id: PydanticObjectId | None) -> None:
        yo = principal(Rol.operador, residente_id)
        with pytest.raises(SinResidente):
            await casa.residentes.ver_propio(yo)
        with pytest.raises(SinResidente):
            await casa.residentes.cambiar_propio(ResidentSelfUpdate(telefono=None), yo)

    async def test_own(self, casa: Casa) -> None:
        await casa.unidad()
        creado = await casa.residente(telefono="300 1234567")
        yo = principal(Rol.residente, creado.id)
        assert await casa.residentes.ver_propio(yo) == creado
        assert await casa.residentes.cambiar_propio(ResidentSelfUpdate.model_validate({}), yo) == creado
        await casa.residentes.cambiar_propio(ResidentSelfUpdate(telefono="+57 301 7654321"), yo)
        assert (await casa.residentes.ver(creado.id, ADMIN))["telefono"] == "+573017654321"
        await casa.residentes.cambiar_propio(ResidentSelfUpdate(telefono=None), yo)
        assert (await casa.residentes.ver(creado.id, ADMIN))["telefono"] is None
