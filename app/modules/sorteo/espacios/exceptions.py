"""The rules of spaces that can be broken.

Conflicto 409
├── EspacioDuplicado     two spaces with one code
├── EspacioEnSorteo      a draw has it, or (for deleting) had it
└── EspacioOcupado       a right for days on which somebody else has the space
"""

from app.shared.exceptions import Conflicto


class EspacioDuplicado(Conflicto):
    codigo = "espacio_duplicado"


class EspacioEnSorteo(Conflicto):
    codigo = "espacio_en_sorteo"


class EspacioOcupado(Conflicto):
    codigo = "espacio_ocupado"
