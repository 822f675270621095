import pytest

from app.modules.auth.sesiones.dispositivo import MAXIMO, describir


@pytest.mark.parametrize(
    ("agente", "descripcion"),
    [
        ("", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome · Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile "
            "Safari/537.36",
            "Chrome · Android",
        ),
        ("ParkNet/3.1 (Android 15)", "ParkNet · Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("Mozilla/5.0", ""),
        ("<script>alert(1)</script>/1", ""),
        ("Ñandú/1.0", ""),
        ("\x1b[31m/1", ""),
        ("x" * 100_000 + "/1 Firefox/1", ""),
    ],
)
def test_in_a_few_words(agente: str, descripcion: str) -> None:
    assert describir(agente) == descripcion


def test_bounded() -> None:
    assert len(describir("x" * 39 + "/1 iPhone " + "y" * 5_000)) <= MAXIMO
