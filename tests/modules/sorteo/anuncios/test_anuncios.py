"""What a draw tells everybody, and when."""

from datetime import date, timedelta

import pytest

from app.modules.sorteo.asignaciones.models import EstadoAsignacion
from app.modules.sorteo.estados import EstadoSorteo
from tests.loteria import instante
from tests.modules.sorteo.asignaciones.factories import asignacion
from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, TRAS_LA_VIGENCIA

MOTIVO = "porque sí"


def _tipos(casa: Casa) -> list[str]:
    return [tipo for tipo, quien, _ in casa.avisos.dichos if quien is None]


async def test_al_abrir_se_dice_el_compromiso_una_vez(casa: Casa) -> None:
    await casa.espacios("P-01")
    sorteo = await casa.abierto()
    await casa.apertura.abrir(sorteo.oid)
    (dicho,) = casa.avisos.de("sorteo_abierto")
    assert dicho == {
        "sorteo_id": sorteo.oid,
        "nombre": sorteo.nombre,
        "compromiso": sorteo.compromiso,
        "cierre": sorteo.cierre,
    }
    assert len(casa.avisos.dichos) == 1


async def test_al_cerrar_se_dice_la_huella_y_al_reabrir_por_que(casa: Casa) -> None:
    await casa.espacios("P-01")
    sorteo = await casa.cerrado(3)
    await casa.cierre.cerrar(sorteo.oid)
    (dicho,) = casa.avisos.de("sorteo_cerrado")
    assert (dicho["huella"], dicho["participantes"]) == (sorteo.huella, 3)
    for _ in range(2):
        await casa.reapertura.reabrir(sorteo.oid, motivo=MOTIVO, cierre=None)
    (dicho,) = casa.avisos.de("sorteo_reabierto")
    assert dicho["motivo"] == MOTIVO


class TestAnular:
    async def test_enseguida_se_dice_que_se_anulo_y_no_que_se_pidio(self, casa: Casa) -> None:
        await casa.espacios("P-01")
        sorteo = await casa.abierto()
        for _ in range(2):
            await casa.anulacion.anular(sorteo.oid, motivo=MOTIVO, quien=ADMIN)
        assert _tipos(casa) == ["sorteo_abierto", "sorteo_anulado"]
        assert casa.avisos.de("sorteo_anulado")[0]["motivo"] == MOTIVO

    async def test_la_que_espera_se_dice_al_pedirse(self, casa: Casa) -> None:
        await casa.espacios("P-01")
        sorteo = await casa.por_ejecutar(2)
        for _ in range(2):
            pedido = await casa.anulacion.anular(sorteo.oid, motivo=MOTIVO, quien=ADMIN)
        (dicho,) = casa.avisos.de("anulacion_pedida")
        assert pedido.anulacion is not None
        assert dicho["efecto_en"] == pedido.anulacion.efecto_en == casa.reloj.instante + timedelta(hours=72)
        assert casa.avisos.de("sorteo_anulado") == []

    async def test_de_un_borrador_nadie_sabia(self, casa: Casa) -> None:
        sorteo = await casa.borrador()
        await casa.anulacion.anular(sorteo.oid, motivo=MOTIVO, quien=ADMIN)
        assert casa.avisos.dichos == []


async def test_un_ensayo_no_le_dice_nada_a_nadie(casa: Casa) -> None:
    await casa.espacios("P-01")
    sorteo = await casa.cerrado(2, ensayo=True)
    await casa.anulacion.anular(sorteo.oid, motivo=MOTIVO, quien=ADMIN)
    assert casa.avisos.dichos == []


async def test_lo_que_falla_al_decirse_no_se_hizo(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    async def falla(**_: object) -> None:
        raise RuntimeError("no se pudo escribir")

    await casa.espacios("P-01")
    sorteo = await casa.borrador()
    monkeypatch.setattr(casa.avisos, "difundir", falla)
    with pytest.raises(RuntimeError, match="escribir"):
        await casa.apertura.abrir(sorteo.oid)
    assert (await casa.sorteos.ver(sorteo.oid)).estado is EstadoSorteo.borrador


class TestRecordarElCierre:
    async def test_una_vez_dos_dias_antes_y_otra_si_se_mueve(self, casa: Casa) -> None:
        await casa.espacios("P-01")
        cierre = casa.reloj.instante + timedelta(days=4)
        sorteo = await casa.abierto(cierre=instante(cierre))
        for horas, cuantos in ((47, 0), (2, 1), (1, 1)):
            casa.reloj.avanzar(hours=horas)
            await casa.recordatorios.recordar()
            assert len(casa.avisos.de("sorteo_por_cerrar")) == cuantos
        assert casa.avisos.de("sorteo_por_cerrar")[0]["cierre"] == cierre
        await casa.apertura.prorrogar(sorteo.oid, cierre=cierre + timedelta(hours=1), motivo=MOTIVO)
        for _ in range(2):
            await casa.recordatorios.recordar()
        assert [d["cierre"] - cierre for d in casa.avisos.de("sorteo_por_cerrar")] == [
            timedelta(0),
            timedelta(hours=1),
        ]

    async def test_el_que_abre_con_menos_de_dos_dias_ya_lo_dijo(self, casa: Casa) -> None:
        await casa.espacios("P-01")
        await casa.abierto(cierre=instante(casa.reloj.instante + timedelta(hours=40)))
        await casa.recordatorios.recordar()
        assert _tipos(casa) == ["sorteo_abierto"]


async def test_se_recuerda_que_un_espacio_termina_una_vez_y_a_quien_lo_pidio(casa: Casa) -> None:
    hoy = date(2026, 3, 2)
    cerca, lejos = hoy + timedelta(days=15), hoy + timedelta(days=16)
    for espacio, hasta, estado in (
        ("P-01", cerca, EstadoAsignacion.vigente),
        ("P-02", lejos, EstadoAsignacion.vigente),
        ("P-03", cerca, EstadoAsignacion.devuelta),
    ):
        await casa.r_asignaciones.insert(asignacion(espacio=espacio, hasta=hasta, estado=estado))
    for _ in range(2):
        await casa.recordatorios.recordar()
    ((tipo, quien, datos),) = casa.avisos.dichos
    (suya,) = await casa.r_asignaciones.find({"espacio": "P-01"})
    assert (tipo, quien) == ("asignacion_por_terminar", casa.solicitudes.quien_pidio[suya.solicitud_id])
    assert (datos["espacio"], datos["hasta"], datos["asignacion_id"]) == ("P-01", cerca, suya.oid)


async def test_a_later_closing_and_the_end_are_told_to_everybody(casa: Casa) -> None:
    sorteo = await casa.abierto(cierre=instante(DISPONIBLE - timedelta(hours=9)))
    cierre = DISPONIBLE - timedelta(hours=1)
    await casa.apertura.prorrogar(sorteo.oid, cierre=cierre, motivo=MOTIVO)
    (prorrogado,) = casa.avisos.de("sorteo_prorrogado")
    assert prorrogado == {"sorteo_id": sorteo.oid, "nombre": sorteo.nombre, "cierre": cierre, "motivo": MOTIVO}
    await casa.cierre.cerrar(sorteo.oid)
    casa.reloj.poner(DISPONIBLE)
    await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
    await casa.publicacion.publicar(sorteo.oid)
    for _ in range(2):
        casa.reloj.poner(TRAS_LA_VIGENCIA)
        await casa.publicacion.finalizar(sorteo.oid)
    assert casa.avisos.de("sorteo_finalizado") == [{"sorteo_id": sorteo.oid, "nombre": sorteo.nombre}]
