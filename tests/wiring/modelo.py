"""What becomes of the spaces of a published draw, in as few lines as it can be said (docs/sorteo-v1/SPEC.md, §5)."""

from dataclasses import dataclass, field

CON_ESPACIO = ("asignada", "ofrecida")


class NoSePuede(Exception):
    """Nothing has changed."""


@dataclass
class Modelo:
    """By folio: `estado` (an accepted request that holds nothing any more is `acabada`), `espacio`, what was claimed
    back of it and it still holds (`debe`), its place in line. By space: kind and reserve."""

    espacios: dict[str, tuple[str, str | None]]
    tipo: dict[int, str]
    condicion: dict[int, str | None]
    estado: dict[int, str]
    espacio: dict[int, str]
    lugar: dict[int, int]
    debe: dict[int, str] = field(default_factory=dict)
    paso: int = 0

    def aceptar(self, f: int) -> None:
        self._pasa(f, CON_ESPACIO, "aceptada")
        self._entrega(f)

    def declinar(self, f: int, a: str = "declinada") -> None:
        self._pasa(f, CON_ESPACIO, a)
        self._ofrece(self.espacio.pop(f))

    def vencer(self, f: int) -> None:
        self.declinar(f, "vencida")

    def retirar(self, f: int) -> None:
        self._pasa(f, ("en_espera", "ofrecida"), "retirada")
        if f in self.espacio:
            self._ofrece(self.espacio.pop(f))

    def devolver(self, f: int) -> None:
        if f in self.debe:
            return self._entrega(f)
        self._pasa(f, ("aceptada",), "acabada")
        self._ofrece(self.espacio.pop(f))

    def revocar(self, f: int) -> None:
        if f in self.debe and self.estado[f] == "en_espera":
            self.estado[f] = "retirada"
        self.devolver(f)

    def reclamar(self, f: int) -> None:
        if self.estado[f] != "aceptada" or self._por_derecho(f, self.espacio[f]):
            raise NoSePuede
        self.estado[f], self.debe[f], self.lugar[f] = "en_espera", self.espacio.pop(f), self.paso - 1_000_000
        for codigo in sorted(self.espacios.keys() - {*self.espacio.values(), *self.debe.values()}):
            self._ofrece(codigo)

    def entregar(self, f: int) -> None:
        if f not in self.debe:
            raise NoSePuede
        self._entrega(f)

    def irse(self, f: int) -> None:
        salida = {"en_espera": "retirada", "aceptada": "acabada", "asignada": "declinada", "ofrecida": "declinada"}
        self._pasa(f, tuple(salida), salida.get(self.estado[f], ""))
        if f in self.espacio:
            self._ofrece(self.espacio.pop(f))
        self._entrega(f)

    def permutar(self, f: int, g: int) -> None:
        if f == g or {self.estado[f], self.estado[g]} != {"aceptada"}:
            raise NoSePuede
        if not (self._por_derecho(f, self.espacio[g]) and self._por_derecho(g, self.espacio[f])):
            raise NoSePuede
        self.espacio[f], self.espacio[g] = self.espacio[g], self.espacio[f]

    def _pasa(self, f: int, de: tuple[str, ...], a: str) -> None:
        if self.estado[f] not in de:
            raise NoSePuede
        self.estado[f] = a

    def _entrega(self, f: int) -> None:
        if f in self.debe:
            self._ofrece(self.debe.pop(f))

    def _ofrece(self, codigo: str) -> None:
        fila = sorted((f for f, e in self.estado.items() if e == "en_espera"), key=lambda f: (self.lugar[f], f))
        sirve = [f for f in fila if self.tipo[f] == self.espacios[codigo][0]]
        for f in [f for f in sirve if self._por_derecho(f, codigo)][:1] or sirve[:1]:
            self.estado[f], self.espacio[f] = "ofrecida", codigo

    def _por_derecho(self, f: int, codigo: str) -> bool:
        tipo, reserva = self.espacios[codigo]
        return self.tipo[f] == tipo and reserva in (None, self.condicion[f])
