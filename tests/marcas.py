"""The marks that facts bear where a test builds its own repositories."""

from app.modules.residentes.hechos import MarcasDelPadron

MARCAS = MarcasDelPadron.con(b"una clave de pruebas bastante larga")
