"""A year in the life of a complex, over HTTP, day by day as long as anything is due."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.loteria import instante
from tests.wiring.complejo import RESERVA, Complejo, Vecina
from tests.wiring.cuentas import acta_clara, copia_clara, figuras_claras

OPERADOR, AUDITOR = "operador@example.com", "auditor@example.com"
ENERO, JUNIO = date(2027, 1, 1), date(2027, 6, 30)
JULIO, DICIEMBRE = date(2027, 7, 1), date(2027, 12, 31)
PERDIDAS = {"solicitud_en_espera", "plazo_vencido", "solicitud_retirada", "solicitud_rechazada"}
FINES = {"asignacion_por_terminar", "asignacion_revocada", "asignacion_reclamada", "permuta_hecha"}


def el(mes: int, dia: int, anio: int = 2027) -> datetime:
    return datetime(anio, mes, dia, 15, tzinfo=UTC)


class TestUnAnio:
    async def test_it_passes(self, complejo: Complejo) -> None:
        await _poblar(complejo)
        primero = await _primer_sorteo(complejo)
        prestado = await _respuestas(complejo, primero)
        await _reclamo(complejo, primero)
        await complejo.hasta(date(2027, 2, 10), cada=1)
        await _silla_de_ruedas(complejo, primero, prestado)
        await complejo.hasta(date(2027, 3, 15), cada=1)
        await _se_van(complejo, primero, prestado)
        await complejo.hasta(date(2027, 4, 10), cada=1)
        await _permuta(complejo, primero)
        segundo = await _segundo_sorteo(complejo, primero)
        await complejo.hasta(date(2028, 1, 2))
        for sorteo in (primero, segundo):
            assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "finalizado"
            await _cuentas_claras(complejo, sorteo)
            await acta_clara(complejo, sorteo)
        await figuras_claras(complejo, [primero, segundo], OPERADOR)
        await copia_clara(complejo, [primero, segundo])
        await _cada_dia(complejo)
        await _avisados(complejo)


async def _poblar(c: Complejo) -> None:
    """Ten flats with a car and a couple in the first; six spaces, one of them reserved."""
    for correo, rol in ((OPERADOR, "operador"), (AUDITOR, "auditor"), ("porteria@example.com", "porteria")):
        await c.cuenta({"email": correo, "rol": rol})
    for n in range(1, 11):
        moroso: dict[str, Any] = {"al_dia": False} if n == 5 else {}
        await c.muda(f"1{n:02}", f"Vecina {n}", f"10{n:02}", **moroso)
    await c.llega("101", "Beto", "2001")
    for n in range(1, 6):
        await c.pedir("POST", "/sorteo/espacios", json={"codigo": f"P-{n}", "tipo": "carro"})
    await c.pedir("POST", "/sorteo/espacios", json={"codigo": "P-6", "tipo": "carro", "reserva": RESERVA})


async def _primer_sorteo(c: Complejo) -> str:
    """Annulled before anybody could know its number, and repeated with the same requests; published."""
    vigencia = (ENERO, JUNIO)
    fallido = await c.sorteo("Primer semestre", vigencia, el(12, 1, 2026))
    await c.piden(fallido)
    # One of a couple has asked: the other sees it, and cannot ask again.
    suya = {"sorteo_id": fallido, "vehiculo_id": c.vecinas["101"].vehiculo}
    assert (await c.pedir("POST", "/solicitudes", "2001", espera=409, json=suya))["codigo"] == "solicitud_duplicada"
    assert len(await c.todas("/solicitudes", "2001")) == 1
    # Arrears are an impediment until the closing, and are paid before.
    (morosa,) = await c.todas("/solicitudes", "1005")
    assert morosa["impedimentos"] == ["no_al_dia"]
    await c.pedir("PATCH", f"/residentes/unidades/{c.vecinas['105'].unidad}", json={"al_dia": True})
    await _vende_el_carro(c, c.vecinas["106"])
    await c.hasta(date(2026, 12, 2), cada=1)
    assert (await c.pedir("GET", f"/sorteo/{fallido}"))["estado"] == "cerrado"
    await c.pedir("POST", f"/sorteo/{fallido}/anular", json={"motivo": "la lista de espacios estaba incompleta"})
    sorteo = await c.sorteo("Primer semestre, otra vez", vigencia, el(12, 10, 2026), repite_a=fallido)
    assert len(await c.de(sorteo, "aprobada")) == 10
    await c.hasta(date(2026, 12, 16), cada=1)
    await _correr(c, sorteo)
    assert (len(await c.de(sorteo, "asignada")), len(await c.de(sorteo, "en_espera"))) == (6, 4)
    return sorteo


async def _vende_el_carro(c: Complejo, vecina: Vecina) -> None:
    """The request is for the new one, and the old one is no longer the flat's."""
    ruta = f"/residentes/yo/unidades/{vecina.unidad}/vehiculos"
    nuevo = await c.pedir("POST", ruta, vecina.documento, json={"tipo": "carro", "placa": "NEW106"})
    viejo = await c.pedir("DELETE", f"{ruta}/{vecina.vehiculo}", vecina.documento, espera=409)
    assert viejo["codigo"] == "vehiculo_en_solicitud"
    (suya,) = await c.todas("/solicitudes", vecina.documento)
    await c.pedir("PATCH", f"/solicitudes/{suya['id']}", vecina.documento, json={"vehiculo_id": nuevo["id"]})
    await c.pedir("DELETE", f"{ruta}/{vecina.vehiculo}", vecina.documento)
    vecina.vehiculo, vecina.placa = nuevo["id"], "NEW106"


async def _correr(c: Complejo, sorteo: str) -> None:
    await c.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await c.pedir("POST", f"/sorteo/{sorteo}/publicar")


async def _respuestas(c: Complejo, sorteo: str) -> Vecina:
    """Three declines in a row, a deadline that lapses, and all the others accept. Who was lent the reserved space."""
    ganan = await c.de(sorteo, "asignada")
    ((prestado, suya),) = [(v, s) for v, s in ganan if s["prestado"]]
    assert suya["espacio"] == "P-6"
    declina, calla, *aceptan = [(v, s) for v, s in ganan if not s["prestado"]]
    for vecina, solicitud in [(prestado, suya), *aceptan]:
        await c.responde(vecina, solicitud, "aceptada")
    await c.responde(*declina, "declinada")
    espera = [v.apartamento for v, _ in await c.de(sorteo, "en_espera")]
    for siguiente in ("declinada", "declinada", "aceptada"):
        ((vecina, ofrecida),) = await c.de(sorteo, "ofrecida")
        assert ofrecida["espacio"] == declina[1]["espacio"]
        await c.responde(vecina, ofrecida, siguiente)
        espera = [apartamento for apartamento in espera if apartamento != vecina.apartamento]
    await c.hasta(c.ahora.date() + timedelta(days=4), cada=1)
    vencidas = [v.apartamento for v, _ in await c.de(sorteo, "vencida")]
    assert vencidas == [calla[0].apartamento]
    ((ultima, ofrecida),) = await c.de(sorteo, "ofrecida")
    assert [ultima.apartamento] == espera[-1:] or ultima.apartamento not in vencidas
    await c.responde(ultima, ofrecida, "aceptada")
    assert len(await c.de(sorteo, "aceptada")) == 6
    await c.hasta(ENERO, cada=1)
    assert [await c.entra(v.placa) for v, _ in [(prestado, suya)]] == ["P-6"]
    assert await c.entra(calla[0].placa) is None
    return prestado


async def _reclamo(c: Complejo, sorteo: str) -> None:
    """A contested result is answered, with reasons."""
    perdio = (await c.de(sorteo, "declinada"))[0][0]
    reclamos = f"/sorteo/{sorteo}/reclamos"
    await c.pedir("POST", reclamos, perdio.documento, json={"texto": "No oí el número que se leyó."})
    (reclamo,) = await c.todas(reclamos)
    respuesta = {"estado": "negado", "respuesta": "Se leyó dos veces y quedó grabado."}
    await c.pedir("PATCH", f"{reclamos}/{reclamo['id']}", json=respuesta)
    (visto,) = await c.todas(reclamos, perdio.documento)
    assert (visto["estado"], visto["respuesta"]) == ("negado", "Se leyó dos veces y quedó grabado.")


async def _silla_de_ruedas(c: Complejo, sorteo: str, prestado: Vecina) -> None:
    """Somebody in a wheelchair asks after the draw: the reserved space is theirs once the borrower has left it."""
    vecina = (await c.de(sorteo, "vencida"))[0][0]
    condicion = {"estado": "verificada", "persona": "titular"}
    await c.pedir("PUT", f"/residentes/{vecina.id}/condiciones/{RESERVA}", json=condicion)
    (suya,) = await c.todas("/sorteo/asignaciones?espacio=P-6&vigente_en=2027-02-10")
    cuerpo = {"unidad_id": vecina.unidad, "hasta": "2027-02-20", "motivo": "silla de ruedas"}
    await c.pedir("POST", f"/sorteo/asignaciones/{suya['id']}/reclamar", json=cuerpo)
    ((primera, espera),) = await c.de(sorteo, "en_espera")
    assert (primera.apartamento, espera["espera_actual"]) == (prestado.apartamento, 1)
    assert (await c.entra(prestado.placa), await c.entra(vecina.placa)) == ("P-6", None)
    await c.hasta(date(2027, 2, 21), cada=1)
    assert (await c.entra(prestado.placa), await c.entra(vecina.placa)) == (None, "P-6")


async def _se_van(c: Complejo, sorteo: str, prestado: Vecina) -> None:
    """A flat with a space is left: it goes to who gave theirs up, first in line."""
    vecina, suya = (await c.de(sorteo, "aceptada"))[0]
    await _baja(c, vecina)
    del c.vecinas[vecina.apartamento]
    ((quien, ofrecida),) = await c.de(sorteo, "ofrecida")
    assert (quien.apartamento, ofrecida["espacio"]) == (prestado.apartamento, suya["espacio"])
    assert await c.entra(vecina.placa) is None
    await c.responde(quien, ofrecida, "aceptada")
    assert await c.entra(prestado.placa) == suya["espacio"]


async def _baja(c: Complejo, vecina: Vecina) -> None:
    """All who live there; with the last one the flat's requests end, and staff say that they know it."""
    viven = await c.todas(f"/residentes?torre=1&apartamento={vecina.apartamento}&estado=activo")
    for residente in viven:
        await c.pedir("DELETE", f"/residentes/{residente['id']}?confirmar=true")


async def _permuta(c: Complejo, sorteo: str) -> None:
    (una, suya), (otra, ajena) = (await c.de(sorteo, "aceptada"))[:2]
    pedidos = ((una, suya, ajena), (otra, ajena, suya))
    for vecina, da, recibe in pedidos:
        pedido = {"espacio": da["espacio"], "por": recibe["espacio"]}
        await c.pedir("POST", "/sorteo/permutas/consentir", vecina.documento, json=pedido)
    hecha = {"espacio_a": suya["espacio"], "espacio_b": ajena["espacio"], "motivo": "una trabaja de noche"}
    await c.pedir("POST", "/sorteo/permutas", OPERADOR, json=hecha)
    assert (await c.entra(una.placa), await c.entra(otra.placa)) == (ajena["espacio"], suya["espacio"])


async def _segundo_sorteo(c: Complejo, primero: str) -> str:
    """In June for July, while everybody still parks."""
    await c.hasta(date(2027, 6, 1), cada=1)
    sorteo = await c.sorteo("Segundo semestre", (JULIO, DICIEMBRE), el(6, 10))
    assert (await c.pedir("GET", f"/sorteo/{sorteo}"))["espacios_en_juego"] == 6
    await c.piden(sorteo)
    await c.hasta(date(2027, 6, 16), cada=1)
    await _correr(c, sorteo)
    antes = {v.apartamento: await c.entra(v.placa) for v in c.vecinas.values()}
    assert sum(espacio is not None for espacio in antes.values()) == 6
    # With the condition known this time, the reserved space goes by right.
    ganan = await c.de(sorteo, "asignada")
    assert not any(s["prestado"] for _, s in ganan if s["espacio"] == "P-6")
    for vecina, solicitud in ganan:
        await c.responde(vecina, solicitud, "aceptada")
    assert {v.apartamento: await c.entra(v.placa) for v in c.vecinas.values()} == antes
    await c.hasta(JULIO, cada=1)
    despues = {v.apartamento: await c.entra(v.placa) for v in c.vecinas.values()}
    assert despues == dict.fromkeys(despues, None) | {v.apartamento: s["espacio"] for v, s in ganan}
    assert (await c.pedir("GET", f"/sorteo/{primero}"))["estado"] == "finalizado"
    return sorteo


async def _cuentas_claras(c: Complejo, sorteo: str) -> None:
    """What the draw says of itself can be counted again, and so can its minutes."""
    visto = await c.pedir("GET", f"/sorteo/{sorteo}")
    resultados = await c.todas(f"/sorteo/{sorteo}/resultados")
    ganadores = [r for r in resultados if r["espacio"] is not None]
    assert visto["participantes"] == len(resultados)
    assert visto["espacios_en_juego"] == len({r["espacio"] for r in ganadores})
    solicitudes = await c.todas(f"/solicitudes?sorteo_id={sorteo}")
    assert {s["folio"] for s in solicitudes} == {r["folio"] for r in resultados}
    acta = await c.pedir("GET", f"/sorteo/{sorteo}/acta?formato=csv")
    filas = [set(fila) for fila in csv.reader(io.StringIO(acta.decode("utf-8-sig")))]
    for r in resultados:
        dichos = {str(r[campo]) for campo in ("posicion", "folio", "espacio", "espera") if r[campo] is not None}
        assert any(dichos <= fila for fila in filas), dichos


async def _cada_dia(c: Complejo) -> None:
    """Every space has at most one holder on every day, and so has every vehicle one space."""
    dia, tenidos = ENERO, Counter[str]()
    while dia <= DICIEMBRE:
        tenidas = await c.todas(f"/sorteo/asignaciones?vigente_en={dia}")
        for campo in ("espacio", "vehiculo"):
            valores = [a[campo] if campo == "espacio" else a[campo]["id"] for a in tenidas]
            assert len(set(valores)) == len(valores), (dia, valores)
        tenidos.update(a["espacio"] for a in tenidas)
        dia += timedelta(days=1)
    # Nobody waits for a space that stands free: five are held all year but for the days between two holders.
    assert sum(tenidos.values()) > 5 * 340


async def _avisados(c: Complejo) -> None:
    """Everyone was told before every deadline, of the end of every term, and of every loss."""
    for vecina in c.vecinas.values():
        avisos = await c.todas("/avisos", vecina.documento)
        cuando = {(a["tipo"], a["datos"]["solicitud_id"], a["datos"]["hasta"]): a["creado_en"] for a in avisos}
        dichos = {(tipo, solicitud) for tipo, solicitud, _ in cuando}
        for solicitud in await c.todas("/solicitudes", vecina.documento):
            id = solicitud["id"]
            if solicitud["estado"] == "vencida":
                assert {("plazo_por_vencer", id), ("plazo_vencido", id)} <= dichos
            elif solicitud["estado"] != "aceptada" and solicitud["estado"] != "cancelada":
                assert {tipo for tipo, suya in dichos if suya == id} & PERDIDAS or solicitud["estado"] == "declinada"
        for asignacion in await c.todas("/sorteo/asignaciones/yo", vecina.documento):
            if asignacion["estado"] == "terminada" and asignacion["motivo"] is None:
                fin = ("asignacion_por_terminar", asignacion["solicitud_id"], asignacion["hasta"])
                assert cuando[fin] < instante(_medianoche(asignacion["hasta"])), fin
            elif asignacion["estado"] != "vigente":
                assert {tipo for tipo, suya in dichos if suya == asignacion["solicitud_id"]} & FINES or any(
                    tipo == "permuta_hecha" for tipo, _ in dichos
                )


def _medianoche(dia: str) -> datetime:
    return datetime.fromisoformat(dia).replace(tzinfo=UTC)
