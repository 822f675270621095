"""Settings: each wrong one is named in one line, and the keys of a first start are made once."""

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from app.core.config import CLAVES, ConfigError, Settings, desconocidas, load_settings

CLAVE = "x" * 32
PROD: dict[str, Any] = {
    "env": "prod",
    "mongodb_uri": "mongodb://base",
    "jwt_secret": CLAVE,
    "clave_pimienta": CLAVE,
    "clave_sorteo": CLAVE,
    "clave_auditoria": CLAVE,
    "url_publica": "http://parknet.example.com",
}


@pytest.fixture(autouse=True)
def _sin_entorno(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for nombre in list(os.environ):
        if nombre.startswith("PARKNET_"):
            monkeypatch.delenv(nombre)
    monkeypatch.chdir(tmp_path)


def _error(**valores: Any) -> str:
    with pytest.raises(ConfigError) as error:
        load_settings(**valores)
    (linea,) = str(error.value).splitlines()
    return linea


def test_sin_decir_nada_es_para_desarrollar() -> None:
    ajustes = load_settings()
    assert (ajustes.env, ajustes.host, ajustes.port) == ("dev", "127.0.0.1", 8000)
    assert ajustes.mongodb_uri is None
    assert str(ajustes.zona) == "America/Bogota"


@pytest.mark.parametrize(
    ("nombre", "valor"),
    [
        ("env", "produccion"),
        ("smtp_host", "a b"),
        ("smtp_port", "0"),
        ("smtp_tls", "ssl"),
        ("smtp_from", "sin arroba"),
        ("smtp_from", "a@b.com\r\nBcc: x@y.z"),
        ("smtp_timeout", "0"),
        ("smtp_intentos", "0"),
        ("conservar_respuestas_horas", "23"),
        ("conservar_archivos_horas", "0"),
        ("conservar_trabajos_dias", "0"),
        ("conservar_avisos_dias", "89"),
        ("conservar_invitaciones_dias", "59"),
        ("conservar_residentes_dias", "364"),
        ("conservar_residentes_dias", "-1"),
        ("mongodb_db", "a.b"),
        ("mongodb_db", "a" * 39),
        ("mongodb_db", "a b"),
        ("embedded", "quizá"),
        ("port", "0x50"),
        ("port", "65536"),
        ("port", "-1"),
        ("workers", "0"),
        ("jwt_secret", "x" * 31),
        ("clave_pimienta", "corta"),
        ("clave_sorteo", "corta"),
        ("clave_auditoria", "corta"),
        ("bcrypt_cost", "3"),
        ("bcrypt_cost", "17"),
        ("bcrypt_cost", "doce"),
        ("zona_horaria", "America/Macondo"),
        ("zona_horaria", "America"),
        ("zona_horaria", "../../etc/passwd"),
        ("zona_horaria", "/etc/passwd"),
        ("url_publica", "parknet.example.com"),
        ("url_publica", "https://parknet.example.com/api"),
        ("url_publica", "javascript:alert(1)"),
        ("url_app", "parknet.example.com"),
        ("url_app", "https://parknet.example.com/"),
        ("url_app", "https://parknet.example.com/app?x=1"),
        ("url_app", "https://parknet.example.com/app#x"),
        ("latido_segundos", "-1"),
        ("latido_segundos", "nan"),
        ("latido_segundos", "inf"),
    ],
)
def test_lo_que_esta_mal_se_nombra_y_no_se_repite(nombre: str, valor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PARKNET_{nombre.upper()}", valor)
    linea = _error()
    assert linea.startswith(f"PARKNET_{nombre.upper()}: ")
    if nombre in CLAVES:
        assert valor not in linea


def test_una_clave_de_32_bytes_basta_aunque_sean_menos_letras() -> None:
    assert load_settings(jwt_secret="ñ" * 16).clave("jwt_secret") == ("ñ" * 16).encode()


@pytest.mark.parametrize("falta", [*CLAVES, "url_publica"])
def test_en_produccion_hacen_falta_las_cuatro_claves_y_la_direccion(falta: str) -> None:
    assert load_settings(**PROD).env == "prod"
    assert _error(**{n: v for n, v in PROD.items() if n != falta}).startswith(f"PARKNET_{falta.upper()}: ")


def test_todo_lo_que_esta_mal_se_dice_a_la_vez_y_en_espanol() -> None:
    with pytest.raises(ConfigError) as error:
        load_settings(port=70_000, workers="muchos", zona_horaria="Marte")
    assert str(error.value).splitlines() == [
        "PARKNET_PORT: Debe ser 65535 o menos",
        "PARKNET_WORKERS: No es del tipo esperado",
        "PARKNET_ZONA_HORARIA: no es una zona horaria conocida, como America/Bogota",
    ]
    with pytest.raises(ConfigError) as error:
        load_settings(env="prod")
    assert len(str(error.value).splitlines()) == len(CLAVES) + 2


def test_lo_que_parece_un_ajuste_y_no_lo_es() -> None:
    assert desconocidas({"PARKNET_PUERTO": "1", "PARKNET_PORT": "1", "PATH": ""}) == ["PARKNET_PUERTO"]


def test_lo_que_parece_un_ajuste_en_el_archivo_y_no_lo_es(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PARKNET_CLAVE_RESPLADO=x\nPARKNET_PORT=1\nOTRA=2\n")
    assert desconocidas({}) == ["PARKNET_CLAVE_RESPLADO"]


@pytest.mark.parametrize(("cambios", "url"), [({}, "127.0.0.1:8000"), ({"host": "::1", "port": 9}, "[::1]:9")])
def test_en_desarrollo_la_direccion_sigue_a_donde_se_escucha(cambios: dict[str, Any], url: str) -> None:
    assert load_settings(**cambios).url == f"http://{url}"


def test_en_produccion_la_base_incluida_se_pide_a_proposito() -> None:
    sin_base = {n: v for n, v in PROD.items() if n != "mongodb_uri"}
    assert "PARKNET_MONGODB_URI" in _error(**sin_base)
    assert load_settings(**sin_base, embedded="1").embedded


@pytest.mark.parametrize(("costo", "bien"), [(9, False), (10, True)])
def test_en_produccion_las_claves_cuestan(costo: int, bien: bool) -> None:
    if bien:
        assert load_settings(**PROD, bcrypt_cost=costo).bcrypt_cost == costo
    else:
        assert _error(**PROD, bcrypt_cost=costo).startswith("PARKNET_BCRYPT_COST: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "parknet.example.com", "127.0.0.1.example.com", "*"])  # noqa: S104
def test_en_desarrollo_solo_se_escucha_en_la_propia_maquina(host: str) -> None:
    assert _error(host=host).startswith("PARKNET_HOST: ")
    assert load_settings(**PROD, host=host).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_la_propia_maquina_tiene_varios_nombres(host: str) -> None:
    assert load_settings(host=host).host == host


def test_los_origenes_van_separados_por_comas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKNET_CORS_ORIGINS", "https://a.example.com, https://b.example.com,")
    assert load_settings().cors_origins == ["https://a.example.com", "https://b.example.com"]


@pytest.mark.parametrize(
    "origen",
    ["https://a.example.com/", "a.example.com", "https://", "ftp://a.example.com", "https://a.example.com/x", "null"],
)
def test_lo_que_no_es_un_origen_se_dice(origen: str) -> None:
    """No browser would ever send it, and whoever wrote it would think that it was allowed."""
    assert _error(cors_origins=f"https://b.example.com,{origen}").startswith("PARKNET_CORS_ORIGINS: ")


@pytest.mark.parametrize("origen", ["*", "http://localhost:5173", "https://xn--conjunto-9za.co", "http://[::1]:3000"])
def test_lo_que_es_un_origen_vale(origen: str) -> None:
    assert load_settings(cors_origins=origen).cors_origins == [origen]


@pytest.mark.parametrize(
    ("cambios", "abierta"),
    [
        ({}, True),
        ({"docs": "0"}, False),
        (PROD, False),
        (PROD | {"docs": "1"}, True),
        (PROD | {"docs": "false"}, False),
    ],
)
def test_la_documentacion_se_cierra_en_produccion_si_no_se_dice_otra_cosa(
    cambios: dict[str, Any], abierta: bool
) -> None:
    assert load_settings(**cambios).con_documentacion is abierta


@pytest.mark.parametrize(
    ("cambios", "solo_https"),
    [({"url_publica": "https://a.co"}, False), (PROD, False), (PROD | {"url_publica": "https://a.co"}, True)],
)
def test_en_produccion_y_por_https_se_pide_que_se_recuerde(cambios: dict[str, Any], solo_https: bool) -> None:
    assert load_settings(**cambios).hsts is solo_https


@pytest.mark.parametrize(
    ("cambios", "donde"),
    [
        ({"url_publica": "https://a.co"}, "https://a.co"),
        ({"url_publica": "https://a.co", "url_app": "https://b.co"}, "https://b.co"),
        ({"url_app": "https://b.co/app"}, "https://b.co/app"),
    ],
)
def test_los_enlaces_llevan_a_las_paginas_salvo_que_haya_otra_aplicacion(cambios: dict[str, Any], donde: str) -> None:
    assert load_settings(**cambios).url_enlaces == donde


def test_las_claves_de_antes_van_separadas_por_comas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKNET_JWT_SECRETOS_ANTERIORES", f"{'a' * 32}, {'b' * 40}")
    ajustes = load_settings()
    assert ajustes.anteriores("jwt_secret") == [b"a" * 32, b"b" * 40]
    assert "aaaa" not in repr(ajustes)


@pytest.mark.parametrize("anteriores", ["corta", f"{'a' * 32},corta", "a" * 31])
def test_una_clave_de_antes_tampoco_es_corta(anteriores: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARKNET_JWT_SECRETOS_ANTERIORES", anteriores)
    with pytest.raises(ConfigError, match=r"^PARKNET_JWT_SECRETOS_ANTERIORES: ") as error:
        load_settings()
    assert "corta" not in str(error.value)


def test_lo_vacio_es_como_no_decirlo(monkeypatch: pytest.MonkeyPatch) -> None:
    for nombre in ("MONGODB_URI", "PORT", "JWT_SECRET", "ZONA_HORARIA"):
        monkeypatch.setenv(f"PARKNET_{nombre}", "")
    assert load_settings() == load_settings(_env_file=None)
    assert load_settings().mongodb_uri is None


def test_el_entorno_manda_sobre_el_archivo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PARKNET_PORT=8001\nPARKNET_MONGODB_DB=otra\n")
    monkeypatch.setenv("PARKNET_PORT", "8002")
    assert (load_settings().port, load_settings().mongodb_db) == (8002, "otra")


def test_un_archivo_que_no_se_puede_leer_se_dice_en_una_linea(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PARKNET_PORT=\xff\n")
    assert _error().startswith(".env: ")


class TestClaves:
    def test_se_hace_una_vez_y_queda(self, tmp_path: Path) -> None:
        primera = load_settings(data_dir=tmp_path / "d")
        assert primera.clave("jwt_secret") == load_settings(data_dir=tmp_path / "d").clave("jwt_secret")
        assert len({primera.clave(nombre) for nombre in CLAVES}) == len(CLAVES)
        assert len(primera.clave("jwt_secret")) >= 32

    def test_nadie_mas_la_lee(self, tmp_path: Path) -> None:
        anterior = os.umask(0)
        try:
            load_settings(data_dir=tmp_path / "d").clave("clave_sorteo")
        finally:
            os.umask(anterior)
        ruta = tmp_path / "d" / "claves" / "clave_sorteo"
        assert stat.S_IMODE(ruta.stat().st_mode) == 0o600
        assert stat.S_IMODE(ruta.parent.stat().st_mode) == 0o700
        assert [p.name for p in ruta.parent.iterdir()] == ["clave_sorteo"]

    def test_de_varios_a_la_vez_todos_tienen_la_misma(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """All find that there is none before any has made it."""
        ajustes, cuantos = load_settings(data_dir=tmp_path / "d"), 16
        salida = threading.Barrier(cuantos)
        enlazar = os.link
        claves: list[bytes] = []

        def a_la_vez(*rutas: Any) -> None:
            salida.wait()
            enlazar(*rutas)

        monkeypatch.setattr("app.core.config.os.link", a_la_vez)
        hilos = [threading.Thread(target=lambda: claves.append(ajustes.clave("jwt_secret"))) for _ in range(cuantos)]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
        assert len(claves) == cuantos
        assert len(set(claves)) == 1
        assert [p.name for p in (tmp_path / "d" / "claves").iterdir()] == ["jwt_secret"]

    def test_una_a_medias_no_se_usa(self, tmp_path: Path) -> None:
        (tmp_path / "claves").mkdir()
        (tmp_path / "claves" / "jwt_secret").write_bytes(b"")
        with pytest.raises(ConfigError, match=r"^PARKNET_DATA_DIR: .*jwt_secret"):
            load_settings(data_dir=tmp_path).clave("jwt_secret")

    def test_donde_no_se_puede_guardar_se_dice(self, tmp_path: Path) -> None:
        (tmp_path / "d").write_text("un archivo")
        with pytest.raises(ConfigError, match=r"^PARKNET_DATA_DIR: "):
            load_settings(data_dir=tmp_path / "d").clave("jwt_secret")


def test_ningun_secreto_sale_al_mostrar_los_ajustes() -> None:
    ajustes = Settings(_env_file=None, **PROD, admin_password="una clave muy larga")
    assert CLAVE not in repr(ajustes)
    assert "mongodb://base" not in repr(ajustes)
    assert "muy larga" not in str(ajustes.model_dump())


def test_cada_ajuste_tiene_su_linea_de_ejemplo() -> None:
    ejemplo = Path(__file__).parents[2] / ".env.example"
    texto = ejemplo.read_text(encoding="utf-8")
    assert [n for n in Settings.model_fields if f"PARKNET_{n.upper()}=" not in texto] == []


class TestCorreo:
    def test_entero(self) -> None:
        ajustes = load_settings(smtp_host="correo.example", smtp_from="ParkNet <avisos@example.com>")
        assert (ajustes.smtp_port, ajustes.smtp_tls, ajustes.smtp_user) == (587, "starttls", None)

    def test_sin_remitente(self) -> None:
        assert _error(smtp_host="correo.example").startswith("PARKNET_SMTP_FROM: ")

    @pytest.mark.parametrize("valores", [{"smtp_user": "parknet"}, {"smtp_password": "abre"}])
    def test_usuario_y_contrasena_van_juntos(self, valores: dict[str, str]) -> None:
        linea = _error(**valores)
        assert linea.startswith("PARKNET_SMTP_PASSWORD: ")
        assert "abre" not in linea

    def test_una_contrasena_no_viaja_sin_cifrar(self) -> None:
        con = {"smtp_tls": "none", "smtp_user": "parknet", "smtp_password": "abre"}
        load_settings(**con)
        assert _error(**PROD, **con).startswith("PARKNET_SMTP_TLS: ")


class TestAnalitica:
    def test_entera(self) -> None:
        ajustes = load_settings(analitica_proyecto="proyecto", analitica_conjunto="altos")
        assert (ajustes.analitica_datos, ajustes.latido_de_analitica) == ("parknet", 300)
        assert load_settings().latido_de_analitica == 0
        assert load_settings(latido_segundos=0, **_ANALITICA).latido_de_analitica == 0

    def test_sin_nombre_para_el_conjunto(self) -> None:
        assert _error(analitica_proyecto="proyecto").startswith("PARKNET_ANALITICA_CONJUNTO: ")

    def test_en_prod_con_clave_propia(self) -> None:
        assert _error(**PROD, **_ANALITICA).startswith("PARKNET_CLAVE_ANALITICA: ")
        load_settings(**PROD, **_ANALITICA, clave_analitica=CLAVE)


_ANALITICA: dict[str, Any] = {"analitica_proyecto": "proyecto", "analitica_conjunto": "altos"}
