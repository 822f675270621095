"""E-mails, through a real server: each once, whatever breaks."""

import asyncio
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.modules.avisos.envios import service as envios
from app.modules.avisos.exceptions import EnvioNoReintentable
from app.modules.avisos.models import EstadoEnvio
from app.shared.exceptions import NoEncontrado
from tests.conftest import Reloj
from tests.modules.avisos.conftest import Montar
from tests.modules.avisos.oficina import Corte, Oficina

ANA = "ana@example.com"


async def test_llega_una_vez_con_lo_que_dice_en_el_idioma_de_quien_lo_recibe(montar: Montar, correo: Oficina) -> None:
    casa = montar(correo)
    id = await casa.avisar(ANA)
    await casa.avisar("bob@example.com", idioma="en")
    await casa.enviar()
    await casa.enviar()
    assert correo.cuantos == {ANA: 1, "bob@example.com": 1}
    mensaje = correo.de(ANA)
    assert mensaje["Subject"] == "Cambió el rol de su cuenta"
    assert mensaje["From"] == "ParkNet <avisos@example.com>"
    assert mensaje["To"] == ANA
    assert mensaje["Message-ID"] == f"<{id}@example.com>"
    assert mensaje["Date"] == "Mon, 02 Mar 2026 15:00:00 +0000"
    assert mensaje["Auto-Submitted"] == "auto-generated"
    assert [parte.get_content_type() for parte in mensaje.iter_parts()] == ["text/plain", "text/html"]
    assert correo.de("bob@example.com")["Subject"] == "The role of your account changed"
    assert correo.conexiones == 1
    envio = await casa.envio(id)
    assert (envio.estado, envio.error, envio.codigo_smtp) == (EstadoEnvio.enviado, None, None)


async def test_quien_no_tiene_correo_no_detiene_a_los_demas(montar: Montar, correo: Oficina) -> None:
    casa = montar(correo)
    sin = [
        await casa.avisar(None),
        await casa.avisar("sin arroba"),
        await casa.avisar("a\r\nBcc: otro@example.com@x.com"),
    ]
    await casa.avisar(ANA)
    await casa.enviar()
    assert correo.cuantos == {ANA: 1}
    assert [(await casa.envio(id)).estado.value for id in sin] == ["sin_direccion", "muerto", "muerto"]
    assert (await casa.envio(sin[1])).error == "direccion_no_admitida"


class TestLoQueElServidorRechaza:
    @pytest.mark.parametrize("donde", ["a_direcciones", "a_mensajes"])
    async def test_por_ahora_y_luego_no(self, donde: str, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        getattr(correo, donde)[ANA] = ["451 luego", "452 luego"]
        casa = montar(correo)
        id = await casa.avisar(ANA)
        await casa.avisar("luis@example.com")
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.intentos, envio.codigo_smtp) == (EstadoEnvio.pendiente, 1, 451)
        assert timedelta(seconds=15) <= envio.proximo_en - reloj.instante <= timedelta(seconds=30)
        assert correo.cuantos == {"luis@example.com": 1}
        await casa.enviar()
        assert (await casa.envio(id)).intentos == 1  # not before its time
        reloj.avanzar(seconds=31)
        await casa.enviar()
        envio = await casa.envio(id)
        assert timedelta(seconds=30) <= envio.proximo_en - reloj.instante <= timedelta(seconds=60)
        reloj.avanzar(seconds=61)
        await casa.enviar()
        assert correo.cuantos == {ANA: 1, "luis@example.com": 1}
        assert (await casa.envio(id)).estado is EstadoEnvio.enviado

    @pytest.mark.parametrize("donde", ["a_direcciones", "a_mensajes"])
    async def test_para_siempre(self, donde: str, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        getattr(correo, donde)[ANA] = ["550 5.1.1 <ana@example.com> no vive ahi"]
        casa = montar(correo)
        id = await casa.avisar(ANA)
        await casa.avisar("luis@example.com")
        await casa.enviar()
        reloj.avanzar(days=1)
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.error, envio.codigo_smtp) == (EstadoEnvio.muerto, "rechazado", 550)
        assert ANA not in envio.model_dump_json()
        assert correo.cuantos == {"luis@example.com": 1}
        await casa.envios.reintentar(id)
        await casa.enviar()
        assert correo.cuantos == {ANA: 1, "luis@example.com": 1}

    async def test_tantas_veces_que_se_da_por_muerto(self, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        correo.a_direcciones[ANA] = ["450 no"] * 9
        casa = montar(correo, smtp_intentos=3)
        id = await casa.avisar(ANA)
        for _ in range(5):
            await casa.enviar()
            reloj.avanzar(minutes=10)
        envio = await casa.envio(id)
        assert (envio.estado, envio.intentos) == (EstadoEnvio.muerto, 3)
        assert len(correo.a_direcciones[ANA]) == 6

    def test_la_espera_crece_hasta_un_tope(self) -> None:
        for intentos, segundos in ((1, 30), (2, 60), (5, 480), (12, 21_600), (50, 21_600)):
            esperas = [envios._espera(intentos).total_seconds() for _ in range(50)]
            assert segundos / 2 <= min(esperas) < max(esperas) <= segundos


class TestConexionesQueSeCortan:
    async def test_sin_servidor_se_queda_en_la_fila(self, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        casa = montar(correo, smtp_port=1)
        ids = [await casa.avisar(f"{n}@example.com") for n in range(3)]
        await casa.enviar()
        todos = [await casa.envio(id) for id in ids]
        # One finds out; the others do not pay for it.
        assert sorted(envio.intentos for envio in todos) == [0, 0, 1]
        assert {envio.estado for envio in todos} == {EstadoEnvio.pendiente}
        reloj.avanzar(minutes=1)
        await montar(correo).envios.enviar()
        assert correo.cuantos == {}  # that house knows nobody
        assert (await casa.estados()) == {"sin_direccion": 3}

    async def test_antes_del_mensaje_se_intenta_otra_vez(self, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        correo.a_direcciones[ANA] = [Corte.al_presentar, "421 me voy"]
        casa = montar(correo)
        id = await casa.avisar(ANA)
        for _ in range(3):
            await casa.enviar()
            reloj.avanzar(minutes=2)
        assert correo.cuantos == {ANA: 1}
        assert (await casa.envio(id)).estado is EstadoEnvio.enviado

    @pytest.mark.parametrize("corte", [Corte.en_medio, Corte.al_recibir])
    async def test_despues_vuelve_a_salir_y_es_el_mismo(
        self, corte: Corte, montar: Montar, correo: Oficina, reloj: Reloj
    ) -> None:
        """Nobody knows whether it went: it goes again, and whoever gets it twice sees it once."""
        correo.a_mensajes[ANA] = [corte]
        casa = montar(correo)
        id = await casa.avisar(ANA)
        await casa.avisar("luis@example.com")
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.error, envio.intentos) == (EstadoEnvio.pendiente, "sin_respuesta", 1)
        reloj.avanzar(minutes=1)
        await casa.enviar()
        assert correo.cuantos == {ANA: 2 if corte is Corte.al_recibir else 1, "luis@example.com": 1}
        assert len({mensaje["Message-ID"] for para, mensaje in correo.tomados if para == ANA}) == 1
        assert (await casa.envio(id)).estado is EstadoEnvio.enviado

    async def test_el_que_nunca_tiene_respuesta_acaba_incierto(
        self, montar: Montar, correo: Oficina, reloj: Reloj
    ) -> None:
        correo.a_mensajes[ANA] = [Corte.en_medio] * 3
        casa = montar(correo, smtp_intentos=3)
        id = await casa.avisar(ANA)
        for _ in range(5):
            await casa.enviar()
            reloj.avanzar(hours=7)
        envio = await casa.envio(id)
        assert (envio.estado, envio.error, envio.intentos) == (EstadoEnvio.incierto, "sin_respuesta", 3)
        assert correo.cuantos == {}
        await casa.envios.reintentar(id)
        await casa.enviar()
        assert correo.cuantos == {ANA: 1}

    @pytest.mark.parametrize(("intentos", "queda"), [(0, EstadoEnvio.pendiente), (2, EstadoEnvio.incierto)])
    async def test_quien_muere_con_el_mensaje_en_la_mano_lo_deja_a_otro(
        self,
        intentos: int,
        queda: EstadoEnvio,
        montar: Montar,
        correo: Oficina,
        reloj: Reloj,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        casa = montar(correo, smtp_intentos=3)
        id = await casa.avisar(ANA)
        cuando = reloj.instante + timedelta(seconds=40)
        en_la_mano = {"estado": "entregando", "ficha": "de otro", "proximo_en": cuando, "intentos": intentos}
        await casa.r_envios.update_one({"_id": id}, {"$set": en_la_mano})
        await casa.enviar()
        assert (await casa.envio(id)).estado is EstadoEnvio.entregando
        reloj.avanzar(seconds=41)
        await casa.enviar()
        envio = await casa.envio(id)
        assert (envio.estado, envio.error, envio.intentos) == (queda, "sin_respuesta", intentos + 1)
        assert "vuelven a salir 1 envíos" in caplog.text
        assert correo.cuantos == {}
        reloj.avanzar(seconds=31)
        await casa.enviar()
        assert correo.cuantos == ({ANA: 1} if queda is EstadoEnvio.pendiente else {})

    async def test_quien_lo_tomo_y_murio_antes_lo_deja_para_otro(
        self, montar: Montar, correo: Oficina, reloj: Reloj
    ) -> None:
        casa = montar(correo)
        id = await casa.avisar(ANA)
        await casa.r_envios.tomar(ficha="de otro", cuando=reloj.instante, hasta=reloj.instante + timedelta(seconds=40))
        await casa.enviar()
        assert correo.cuantos == {}
        reloj.avanzar(seconds=41)
        await casa.enviar()
        assert correo.cuantos == {ANA: 1}
        assert (await casa.envio(id)).estado is EstadoEnvio.enviado

    async def test_a_quien_se_lo_quitaron_no_lo_envia(self, montar: Montar, correo: Oficina, reloj: Reloj) -> None:
        """Slow before the message: meanwhile another took it, and the first finds out in time."""
        casa = montar(correo)
        id = await casa.avisar(ANA)
        buscar = casa.directorio.contacto

        async def lento(*, destinatario: PydanticObjectId) -> object:
            await casa.r_envios.update_one({"_id": id}, {"$set": {"ficha": "de otro"}})
            return await buscar(destinatario=destinatario)

        casa.directorio.contacto = lento  # type: ignore[method-assign, assignment]
        await casa.enviar()
        assert correo.cuantos == {}
        envio = await casa.envio(id)
        assert (envio.estado, envio.ficha) == (EstadoEnvio.pendiente, "de otro")
        assert envio.proximo_en > reloj.instante

    async def test_una_respuesta_que_tarda_mas_que_la_paciencia_se_anota_cuando_llega(
        self, montar: Montar, correo: Oficina, reloj: Reloj
    ) -> None:
        correo.tardanza = 0.3
        casa = montar(correo)
        id = await casa.avisar(ANA)
        envio = asyncio.create_task(casa.enviar())
        await correo.recibiendo.wait()
        reloj.avanzar(hours=1)
        await montar(correo).enviar()
        assert (await casa.envio(id)).error == "sin_respuesta"
        await envio
        assert (await casa.envio(id)).estado is EstadoEnvio.enviado
        assert correo.cuantos == {ANA: 1}


async def test_al_detenerse_se_espera_la_respuesta_del_mensaje_en_curso(montar: Montar, correo: Oficina) -> None:
    correo.tardanza = 0.3
    casa = montar(correo)
    id = await casa.avisar(ANA)
    tarea = asyncio.create_task(casa.enviar())
    await correo.recibiendo.wait()
    tarea.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tarea
    assert (await casa.envio(id)).estado is EstadoEnvio.enviado
    assert correo.cuantos == {ANA: 1}


async def test_dos_a_la_vez_envian_doscientos_una_vez_cada_uno(montar: Montar, correo: Oficina) -> None:
    una = montar(correo)
    residentes = [una.directorio.residente(f"{n}@example.com") for n in range(200)]
    await una.servicio.avisar_varios(tipo="rol_cambiado", avisos=[(r, {"rol": "auditor"}) for r in residentes])
    otra = montar(correo)
    otra.directorio = una.directorio
    otra.envios._directorio = una.directorio
    await asyncio.gather(una.enviar(), otra.enviar())
    assert correo.cuantos == {f"{n}@example.com": 1 for n in range(200)}
    assert len({mensaje["Message-ID"] for _, mensaje in correo.tomados}) == 200
    assert await una.estados() == {"enviado": 200}
    # Each connection carries as many as it may, and both worked.
    assert 2 <= correo.conexiones <= 2 + 200 // envios.POR_CONEXION


async def test_lo_de_una_persona_sale_antes_que_lo_de_todos(montar: Montar, correo: Oficina, reloj: Reloj) -> None:
    casa = montar(correo)
    casa.directorio.residente("todos@example.com")
    await casa.servicio.difundir(tipo="sorteo_anulado", datos=_anulado())
    await casa.repartir()
    reloj.avanzar(seconds=1)
    await casa.avisar(ANA)
    reloj.avanzar(seconds=1)
    await casa.invitar("nuevo@example.com")
    await casa.enviar()
    assert [para for para, _ in correo.tomados] == ["nuevo@example.com", ANA, "todos@example.com"]


async def test_solo_se_reintenta_lo_muerto_o_incierto(montar: Montar, correo: Oficina) -> None:
    casa = montar(correo)
    id = await casa.avisar(ANA)
    with pytest.raises(EnvioNoReintentable):
        await casa.envios.reintentar(id)
    await casa.enviar()
    with pytest.raises(EnvioNoReintentable):
        await casa.envios.reintentar(id)
    with pytest.raises(NoEncontrado):
        await casa.envios.reintentar(PydanticObjectId())


async def test_en_el_registro_no_hay_direcciones(
    montar: Montar, correo: Oficina, reloj: Reloj, caplog: pytest.LogCaptureFixture
) -> None:
    correo.a_direcciones[ANA] = ["550 <ana@example.com> no"]
    correo.a_mensajes["luis@example.com"] = [Corte.al_recibir]
    casa = montar(correo)
    await casa.avisar(ANA)
    await casa.avisar("luis@example.com")
    await casa.enviar()
    reloj.avanzar(days=1)
    await montar(correo, smtp_port=1).enviar()
    nuestros = [r for r in caplog.records if r.name.startswith("app.")]
    assert len(nuestros) >= 2
    assert not [r for r in nuestros if "@example.com" in r.getMessage() + str(r.exc_info)]


def _anulado() -> dict[str, PydanticObjectId | str]:
    return {"sorteo_id": PydanticObjectId(), "nombre": "Primero", "motivo": "porque sí"}
