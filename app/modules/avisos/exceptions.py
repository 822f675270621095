"""Rules of notices that can be broken.

Conflicto 409
└── EnvioNoReintentable     it was sent, is on its way, or what it said is erased
"""

from app.shared.exceptions import Conflicto


class EnvioNoReintentable(Conflicto):
    codigo = "envio_no_reintentable"
