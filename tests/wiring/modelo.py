"""What becomes of the spaces of a published draw, in as few lines as it can be said (docs/sorteo-v1/SPEC.md, §5)."""

from dataclasses import dataclass, field

CON_ESPACIO = ("asignada", "ofrecida")
_SE_VA = {"asignada": "declinada", "ofrecida": "declinada", "en_espera": "retirada", "aceptada": "acabada"}
PASOS: dict[str, dict[str, str]] = {
    "aceptar": dict.fromkeys(CON_ESPACIO, "aceptada"),
    "declinar": dict.fromkeys(CON_ESPACIO, "declinada"),
    "vencer": dict.fromkeys(CON_ESPACIO, "vencida"),
    "retirar": {"en_espera": "retirada", "ofrecida": "retirada"},
    "devolver": {"aceptada": "acabada"},
    "revocar": {"aceptada": "acabada"},
    "entregar": {},
    "irse": _SE_VA,
}
"""From where to where. An accepted request that holds nothing any more is `acabada`."""
_SUELTAN = {"devolver", "revocar", "entregar"}
"""What was claimed back, if anything was; as do who accepts another space and who leaves."""


class NoSePuede(Exception):
    """Nothing has changed."""


@dataclass
class Modelo:
    """By folio: `estado`, `espacio`, what was claimed back of it and it still holds (`debe`), its place in line. By
    space: kind and reserve."""

    espacios: dict[str, tuple[str, str | None]]
    tipo: dict[int, str]
    condicion: dict[int, str | None]
    estado: dict[int, str]
    espacio: dict[int, str]
    lugar: dict[int, int]
    debe: dict[int, str] = field(default_factory=dict)
    paso: int = 0

    def hacer(self, suceso: str, f: int, g: int) -> None:
        libres: list[str] = []
        if suceso == "permutar":
            self._exige(f != g and {self.estado[f], self.estado[g]} == {"aceptada"})
            self._exige(self._puede(f, self.espacio[g]) and self._puede(g, self.espacio[f]))
            self.espacio[f], self.espacio[g] = self.espacio[g], self.espacio[f]
        elif suceso == "reclamar":
            self._exige(self.estado[f] == "aceptada" and not self._puede(f, self.espacio[f]))
            self.estado[f], self.debe[f], self.lugar[f] = "en_espera", self.espacio.pop(f), self.paso - 1_000_000
            libres = sorted(self.espacios.keys() - {*self.espacio.values(), *self.debe.values()})
        else:
            a = PASOS[suceso].get(self.estado[f])
            self._exige(a is not None or (suceso in _SUELTAN and f in self.debe))
            if suceso == "revocar" and self.estado[f] == "en_espera":
                a = "retirada"
            self.estado[f] = a or self.estado[f]
            libres += [self.espacio.pop(f)] if a not in (None, "aceptada") and f in self.espacio else []
            libres += [self.debe.pop(f)] if suceso in {*_SUELTAN, "aceptar", "irse"} and f in self.debe else []
        for codigo in libres:
            fila = sorted((f for f, e in self.estado.items() if e == "en_espera"), key=lambda f: (self.lugar[f], f))
            sirve = [f for f in fila if self.tipo[f] == self.espacios[codigo][0]]
            for f in [f for f in sirve if self._puede(f, codigo)][:1] or sirve[:1]:
                self.estado[f], self.espacio[f] = "ofrecida", codigo

    def _exige(self, cierto: bool) -> None:
        if not cierto:
            raise NoSePuede

    def _puede(self, f: int, codigo: str) -> bool:
        return self.tipo[f] == self.espacios[codigo][0] and self.espacios[codigo][1] in (None, self.condicion[f])
