"""The chain by itself: whole ones pass, and of a spoilt one it is said what and where."""

import copy
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from app.modules.auditoria.cadena import (
    DENUNCIA,
    PRIMER_PREVIO,
    Cabeza,
    ClaveDeCadena,
    Falla,
    Informe,
    TipoDeFalla,
    Verificador,
    canonico,
)
from app.modules.auditoria.verificar import comprobar
from tests.modules.auditoria.cadenas import (
    CLAVE,
    CUANTAS,
    DANOS,
    SECRETO,
    Dano,
    Fila,
    cabeza,
    cadena,
    encadenadas,
    exportadas,
    fila,
    firmada,
)


def verificada(filas: list[Fila], *conocidas: Cabeza, clave: ClaveDeCadena = CLAVE) -> Informe:
    verificador = Verificador(clave, conocidas)
    for una in filas:
        verificador.sellada(una)
    return verificador.informe()


class TestFormato:
    def test_el_mac_es_el_que_dice_la_documentacion(self) -> None:
        """By hand, with nothing of ours: whoever reads docs/auditoria.md can check a row."""
        contenido = {"ñ": "á\n", "a": [1, None, True], "b": {"z": 1, "y": "2"}}
        crudo = "1\n" + "0" * 64 + '\n{"a":[1,null,true],"b":{"y":"2","z":1},"ñ":"á\\n"}'
        clave = hmac.digest(SECRETO, b"parknet/auditoria/cadena", "sha256")
        esperado = hmac.new(clave, crudo.encode(), hashlib.sha256).hexdigest()
        assert CLAVE.mac(n=1, previo=PRIMER_PREVIO, fila=contenido) == esperado

    def test_lo_canonico_no_depende_del_orden(self) -> None:
        assert canonico({"b": 1, "a": 2}) == canonico({"a": 2, "b": 1}) == '{"a":2,"b":1}'

    def test_cada_uso_de_la_clave_es_otra_clave(self) -> None:
        macs = {
            CLAVE.mac_de_cabecera(fila(1)),
            CLAVE.mac(n=1, previo="", fila=fila(1)),
            CLAVE.seudonimo(canonico(fila(1))),
        }
        assert len({mac[:16] for mac in macs} | {CLAVE.id}) == 4

    def test_un_seudonimo_es_siempre_el_mismo_y_no_dice_nada(self) -> None:
        assert CLAVE.seudonimo("ana@example.com") == CLAVE.seudonimo("ana@example.com") != CLAVE.seudonimo("ana")
        assert CLAVE.seudonimo("ana") != ClaveDeCadena(b"otra").seudonimo("ana")
        assert CLAVE.seudonimo("\ud800")  # what is typed need not be text


class TestVerificador:
    def test_una_cadena_entera(self) -> None:
        filas = cadena()
        assert verificada(filas, cabeza(filas)) == Informe(None, CUANTAS, 0, cabeza(filas))
        assert verificada([]) == Informe(None, 0, 0, None)

    @pytest.mark.parametrize("dano", DANOS, ids=lambda d: d.que)
    def test_lo_que_se_estropea_se_encuentra(self, dano: Dano) -> None:
        filas = cadena()
        conocida = cabeza(filas)
        dano.hacer(filas)
        assert verificada(filas, conocida).falla == Falla(dano.tipo, dano.en)

    def test_una_cola_cortada_solo_la_delata_una_cabeza_que_se_guardo(self) -> None:
        filas = cadena()
        assert verificada(filas[:6]).falla is None
        for n in (7, 8, 9):
            conocida = Cabeza(n, filas[n - 1]["mac"])
            assert verificada(filas[:6], conocida).falla == Falla(TipoDeFalla.cola_cortada, 7)
        assert verificada(filas[:6], Cabeza(6, filas[5]["mac"])).falla is None

    def test_una_cadena_hecha_de_nuevo_con_la_clave_la_delata_una_cabeza(self) -> None:
        """Who has the key too cannot agree with what is already in everybody's hands."""
        filas, otras = cadena(), cadena()
        otras[4]["accion"] = "otra"
        previo = otras[3]["mac"]
        for otra in otras[4:]:
            contenido = {c: v for c, v in otra.items() if c not in ("n", "previo", "mac")}
            otra |= {"previo": previo, "mac": CLAVE.mac(n=otra["n"], previo=previo, fila=contenido)}
            previo = otra["mac"]
        assert verificada(otras).falla is None
        assert verificada(otras, cabeza(filas)).falla == Falla(TipoDeFalla.cabeza_ajena, CUANTAS)
        assert verificada(otras, Cabeza(4, filas[3]["mac"])).falla is None

    def test_otra_clave_no_abre_nada(self) -> None:
        assert verificada(cadena(), clave=ClaveDeCadena(b"otra")).falla == Falla(TipoDeFalla.alterada, 1)
        verificador = Verificador(CLAVE)
        verificador.clave_guardada(ClaveDeCadena(b"otra").id)
        assert verificador.informe().falla == Falla(TipoDeFalla.otra_clave, None)

    def test_otra_clave_desde_una_fila(self) -> None:
        """What the key of before sealed stays whole; from then on, it seals nothing."""
        otra = ClaveDeCadena(b"otra")
        filas = cadena(4)
        for n in range(5, CUANTAS + 1):
            mac = otra.mac(n=n, previo=filas[-1]["mac"], fila=fila(n))
            filas.append({**fila(n), "n": n, "previo": filas[-1]["mac"], "mac": mac})
        assert comprobar(exportadas(filas, clave=otra), otra, anteriores=[CLAVE]).falla is None
        assert comprobar(exportadas(filas, clave=otra), otra).falla == Falla(TipoDeFalla.alterada, 1)
        vieja = CLAVE.mac(n=CUANTAS, previo=filas[-2]["mac"], fila=fila(CUANTAS))
        filas[-1]["mac"] = vieja
        assert comprobar(exportadas(filas, clave=otra), otra, anteriores=[CLAVE]).falla == Falla(
            TipoDeFalla.alterada, CUANTAS
        )
        filas = cadena(4)
        filas[2]["rol"] = "nadie"
        assert comprobar(exportadas(filas, clave=otra), otra, anteriores=[CLAVE]).falla == Falla(
            TipoDeFalla.alterada, 3
        )

    def test_de_varias_fallas_se_dice_la_primera(self) -> None:
        filas = cadena()
        filas[6]["rol"] = "nadie"
        del filas[2]
        assert verificada(filas).falla == Falla(TipoDeFalla.faltante, 3)


class TestFirmas:
    """Of rows before they are sealed: whoever writes on the database gives the sealer what to seal."""

    def exigir(self, falla: Falla | None, *selladas: Fila, en_espera: Sequence[Fila] = ()) -> None:
        filas = encadenadas(selladas)
        verificador = Verificador(CLAVE)
        for una in en_espera:
            verificador.sin_sellar(una)
        for una in filas:
            verificador.sellada(una)
        assert verificador.informe().falla == falla
        if filas:
            lineas = exportadas(filas)
            lineas[1:1] = [json.dumps(una).encode() for una in en_espera]
            assert comprobar(lineas, CLAVE) == verificador.informe()

    def test_la_firma_es_la_que_dice_la_documentacion(self) -> None:
        una = firmada(1, "p-1", 1)
        crudo = (
            '{"accion":"accion_1","campos":["a","b"],"id":"000000000000000000000001","objeto":[],"orden":1,'
            '"rol":"admin","serie":"p-1"}'
        )
        clave = hmac.digest(SECRETO, b"parknet/auditoria/firma", "sha256")
        assert una["firma"] == hmac.new(clave, crudo.encode(), hashlib.sha256).hexdigest()

    def test_enteras_en_el_orden_en_que_vengan(self) -> None:
        una, dos, tres = (firmada(i, "p-1", i) for i in (1, 2, 3))
        otra = firmada(4, "p-2", 1)
        self.exigir(None, dos, otra, una, tres)
        self.exigir(None, una, otra, en_espera=[tres, dos])
        # Sealed while the others were read.
        self.exigir(None, una, dos, tres, en_espera=[dos, otra])

    def test_una_que_se_quito_antes_de_sellarla(self) -> None:
        una, dos, tres, otra = firmada(1, "p-1", 1), firmada(2, "p-1", 2), firmada(3, "p-1", 3), firmada(4, "p-2", 1)
        self.exigir(Falla(TipoDeFalla.suprimida, 2), una, tres, otra)
        self.exigir(Falla(TipoDeFalla.suprimida, 2), otra, tres, dos)
        self.exigir(Falla(TipoDeFalla.suprimida, None), una, otra, en_espera=[tres])

    @pytest.mark.parametrize("cambio", [{"rol": "nadie"}, {"orden": 2}, {"serie": "p-9"}, {"firma": "0" * 64}])
    def test_una_que_se_cambio_antes_de_sellarla(self, cambio: dict[str, Any]) -> None:
        una = firmada(1, "p-1", 1)
        self.exigir(Falla(TipoDeFalla.ajena, 1), una | cambio)
        self.exigir(Falla(TipoDeFalla.ajena, None), en_espera=[una | cambio])

    def test_una_puesta_dos_veces(self) -> None:
        una = firmada(1, "p-1", 1)
        self.exigir(Falla(TipoDeFalla.repetida, 2), una, una)

    def test_las_de_antes_no_tienen_firma_y_despues_todas(self) -> None:
        una = firmada(1, "p-1", 1)
        self.exigir(None, fila(7), fila(8), una)
        self.exigir(None, fila(7), en_espera=[fila(8), una])
        self.exigir(Falla(TipoDeFalla.ajena, 2), una, fila(8))
        self.exigir(Falla(TipoDeFalla.ajena, None), una, en_espera=[fila(8)])
        sin_firma = {campo: valor for campo, valor in una.items() if campo != "firma"}
        self.exigir(Falla(TipoDeFalla.ajena, 1), sin_firma)

    def test_lo_que_un_proceso_denuncio_y_lo_que_rompe_la_cadena(self) -> None:
        denuncia = {**fila(2), "accion": DENUNCIA, "serie": "p-1", "orden": 2}
        denuncia["firma"] = CLAVE.firma(denuncia)
        filas = encadenadas([firmada(1, "p-1", 1), denuncia, firmada(3, "p-1", 3)])
        assert verificada(filas).falla == Falla(TipoDeFalla.denunciada, 2)
        filas[2]["rol"] = "nadie"
        assert verificada(filas).falla == Falla(TipoDeFalla.alterada, 3)

    @pytest.mark.parametrize(
        ("una", "otra"),
        [
            (("garante_frase", {"tras": "a"}), ("sorteo_prorrogar_sorteo", {"tras": "a"})),
            (("sorteo_abrir_sorteo", {"huella_reglas": "a"}), ("sorteo_abrir_sorteo", {"huella_reglas": "b"})),
            (("sorteo_ejecutar_sorteo", {"entropia": "a"}), ("sorteo_ejecutar_sorteo", {"entropia": "b"})),
            (
                ("sorteo_ejecutar_sorteo", {"huella_resultado": "a"}),
                ("sorteo_ejecutar_sorteo", {"huella_resultado": "b"}),
            ),
            (("sorteo_publicar_sorteo", {"publicado_en": "1"}), ("sorteo_publicar_sorteo", {"publicado_en": "2"})),
            (("sorteo_cerrar_sorteo", {"huella": "a"}), ("sorteo_cerrar_sorteo", {"huella": "b"})),
        ],
    )
    def test_dos_que_se_excluyen(self, una: tuple[str, Any], otra: tuple[str, Any]) -> None:
        """Of one draw. The same of two draws, or one row that is seen twice, exclude nothing."""
        esta, esa, ajena = (
            _dicha(i, *que, sorteo) for i, que, sorteo in ((1, una, "s"), (2, otra, "s"), (3, otra, "t"))
        )
        self.exigir(Falla(TipoDeFalla.contradicha, 3), esta, _dicha(4, "nada", {}, "s"), esa)
        self.exigir(Falla(TipoDeFalla.contradicha, 1), esta, en_espera=[esa])
        self.exigir(Falla(TipoDeFalla.contradicha, None), en_espera=[esta, esa])
        self.exigir(None, esta, en_espera=[esta])
        if "tras" not in una[1]:
            self.exigir(None, esta, ajena)

    def test_un_cierre_mas_por_cada_reapertura(self) -> None:
        cierres = [_dicha(i, "sorteo_cerrar_sorteo", {"huella": str(i)}, "s") for i in (1, 2)]
        self.exigir(None, cierres[0], _dicha(3, "sorteo_reabrir_sorteo", {"cierre": "1"}, "s"), cierres[1])

    def test_lo_que_las_de_antes_no_dicen(self) -> None:
        """Acts of several transactions have rows that say nothing of it."""
        self.exigir(None, *(_dicha(i, "sorteo_publicar_sorteo", {}, "s") for i in (1, 2)))


def _dicha(i: int, accion: str, datos: dict[str, str], sorteo: str) -> Fila:
    contada = {**fila(i), "accion": accion, "datos": datos, "objeto": [sorteo], "serie": f"p-{i}", "orden": 1}
    return {**contada, "firma": CLAVE.firma(contada)}


class TestExportacion:
    def test_entera(self) -> None:
        filas = cadena()
        assert comprobar(exportadas(filas), CLAVE) == Informe(None, CUANTAS, 0, cabeza(filas))

    @pytest.mark.parametrize("dano", DANOS, ids=lambda d: d.que)
    def test_lo_que_se_estropea_se_encuentra(self, dano: Dano) -> None:
        filas = cadena()
        hasta = cabeza(filas)
        dano.hacer(filas)
        assert comprobar(exportadas(filas, hasta=hasta), CLAVE).falla == Falla(dano.tipo, dano.en)

    def test_lo_que_no_esta_sellado_se_cuenta(self) -> None:
        lineas = exportadas(cadena())
        lineas[1:1] = [json.dumps(fila(i)).encode() for i in (20, 21)]
        informe = comprobar(lineas, CLAVE)
        assert (informe.falla, informe.sellados, informe.sin_sellar) == (None, CUANTAS, 2)

    @pytest.mark.parametrize(
        "linea",
        [b"", b"\n", b"{", b"[]", b"7", b"\xff", b'{"n":1,"n":1}', b"[" * 100_000, b'"' + b"a" * 2_000_000 + b'"'],
    )
    def test_una_linea_que_no_es_una_fila(self, linea: bytes) -> None:
        lineas = exportadas(cadena())
        lineas.insert(4, linea)
        assert comprobar(lineas, CLAVE).falla == Falla(TipoDeFalla.ilegible, 4)

    def test_con_otra_clave_se_dice_que_es_otra(self) -> None:
        otra = ClaveDeCadena(b"otra")
        assert comprobar(exportadas(cadena()), otra).falla == Falla(TipoDeFalla.otra_clave, None)

    def test_la_primera_linea_no_se_cambia(self) -> None:
        filas = cadena()
        lineas = exportadas(filas)
        corta = json.loads(lineas[0])
        corta["cabeza"] = {"n": 6, "mac": filas[5]["mac"]}
        lineas = [json.dumps(corta).encode(), *lineas[1:7]]
        assert comprobar(lineas, CLAVE).falla == Falla(TipoDeFalla.cabecera_alterada, None)

    @pytest.mark.parametrize("quedan", [0, 1, 4, CUANTAS])
    def test_sin_la_primera_linea_nadie_sabe_si_falta_la_cola(self, quedan: int) -> None:
        lineas = exportadas(cadena())[1 : quedan + 1]
        informe = comprobar(lineas, CLAVE)
        assert (informe.falla, informe.sellados) == (Falla(TipoDeFalla.cabecera_alterada, None), quedan)

    def test_los_espacios_y_el_orden_de_los_campos_no_importan(self) -> None:
        lineas = [
            json.dumps(dict(reversed(json.loads(linea).items())), indent=None).encode()
            for linea in exportadas(cadena())
        ]
        assert comprobar(lineas, CLAVE).falla is None


class TestLineaDeOrdenes:
    """As an auditor runs it, in a process of its own and with nothing of a framework."""

    def correr(self, entrada: bytes, *argumentos: str, entorno: dict[str, str] | None = None) -> tuple[int, str]:
        clave = {"PARKNET_CLAVE_AUDITORIA": SECRETO.decode()}
        hecho = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "app.modules.auditoria.verificar", *argumentos],
            input=entrada,
            capture_output=True,
            check=False,
            env=clave if entorno is None else entorno,
        )
        return hecho.returncode, (hecho.stdout + hecho.stderr).decode()

    def test_entera_rota_y_cortada(self) -> None:
        filas = cadena()
        bien = b"".join(exportadas(filas))
        assert self.correr(bien, "-") == (0, f"sellados 9\nsin_sellar 0\ncabeza 9:{filas[-1]['mac']}\nintegra\n")
        rota = copy.deepcopy(filas)
        rota[3]["rol"] = "nadie"
        estado, dicho = self.correr(b"".join(exportadas(rota)), "-")
        assert (estado, dicho.splitlines()[-1]) == (1, "falla alterada en 4")
        corta = b"".join(exportadas(filas[:6]))
        assert self.correr(corta, "-")[0] == 0
        estado, dicho = self.correr(corta, "-", "--cabeza", f"9:{filas[-1]['mac']}")
        assert (estado, dicho.splitlines()[-1]) == (1, "falla cola_cortada en 7")

    def test_la_clave_puede_estar_en_un_archivo(self, tmp_path: pytest.TempPathFactory) -> None:
        archivo, clave = f"{tmp_path}/auditoria.jsonl", f"{tmp_path}/clave"
        with open(archivo, "wb") as salida:
            salida.writelines(exportadas(cadena()))
        with open(clave, "wb") as salida:
            salida.write(SECRETO)
        assert self.correr(b"", archivo, "--clave-en", clave, entorno={})[0] == 0

    @pytest.mark.parametrize(
        ("argumentos", "entorno"),
        [
            (["-"], {}),
            (["/no/hay"], None),
            (["-", "--cabeza", "nueve"], None),
            ([], None),
            (["-", "--clave-en", "/no/hay"], {}),
        ],
    )
    def test_lo_que_no_se_puede_comprobar(self, argumentos: list[str], entorno: dict[str, str] | None) -> None:
        estado, dicho = self.correr(b"", *argumentos, entorno=entorno)
        assert estado == 2
        assert dicho
        assert "Traceback" not in dicho

    def test_no_hace_falta_nada_mas_que_python(self) -> None:
        ajenos = "{'pydantic', 'beanie', 'fastapi'}"
        codigo = f"import app.modules.auditoria.verificar, sys; sys.exit(bool({ajenos} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", codigo], check=False).returncode == 0  # noqa: S603
