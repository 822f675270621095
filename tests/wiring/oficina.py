"""What staff and residents may do to the roll and to requests, while a draw is open and once it is shut: a model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

PISOS = ("101", "102", "103")
PLACAS = ("AAA001", "AAA002")
DOCUMENTOS = ("1", "2", "3")
CON_CUENTA = {"Vecina 1": "1", "Vecina 2": "2"}
"""Who can sign in, and with which number."""
VIVAS = {"pendiente", "aprobada"}
DECISIONES = ("aprobada", "rechazada", "cancelada")
DA_IGUAL = "either"
"""Whether what is so already is said to be done or refused."""


@dataclass(frozen=True)
class Persona:
    documento: str
    pisos: tuple[str, ...]
    activa: bool = True


@dataclass(frozen=True)
class Pedida:
    estado: str
    habitantes: frozenset[str]


@dataclass(frozen=True)
class Acto:
    """`quien`: one of `CON_CUENTA`, or staff where it is None. The rest is what each act is about."""

    que: str
    quien: str | None = None
    piso: str = ""
    placa: str = ""
    persona: str = ""
    documento: str = ""
    pisos: tuple[str, ...] = ()
    pedida: tuple[str, str, int] = ("", "", 0)
    a: str = ""
    confirmado: bool = False


class Refusal(Exception):
    def __init__(self, codigo: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo


def exige(cierto: object, codigo: str) -> None:
    if not cierto:
        raise Refusal(codigo)


@dataclass
class Oficina:
    """`pedidas`: by flat, plate, and how many of the same there were before."""

    abierto: bool = True
    vehiculos: dict[str, set[str]] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)
    pedidas: dict[tuple[str, str, int], Pedida] = field(default_factory=dict)

    def hacer(self, acto: Acto) -> str:
        """The code of the rule that refuses it, `bien`, or `DA_IGUAL`."""
        try:
            return getattr(self, f"_{acto.que}")(acto) or "bien"
        except Refusal as refusal:
            return refusal.codigo

    def viven(self, piso: str) -> frozenset[str]:
        return frozenset(n for n, p in self.personas.items() if p.activa and piso in p.pisos)

    def _vivas(self, piso: str) -> list[tuple[str, str, int]]:
        return [cual for cual, pedida in self.pedidas.items() if cual[0] == piso and pedida.estado in VIVAS]

    def _piso_de(self, placa: str) -> str | None:
        return next((piso for piso, placas in self.vehiculos.items() if placa in placas), None)

    def _exige_suyo(self, acto: Acto, piso: str, codigo: str) -> None:
        if acto.quien is not None:
            exige(self.personas[acto.quien].activa, "credenciales_invalidas")
            exige(acto.quien in self.viven(piso), codigo)

    def _unidad(self, acto: Acto) -> None:
        exige(acto.piso not in self.vehiculos, "unidad_duplicada")
        self.vehiculos[acto.piso] = set()

    def _borrar(self, acto: Acto) -> None:
        exige(acto.piso in self.vehiculos, "no_encontrado")
        exige(not any(acto.piso in p.pisos for p in self.personas.values()), "unidad_en_uso")
        exige(not any(cual[0] == acto.piso for cual in self.pedidas), "unidad_en_uso")
        del self.vehiculos[acto.piso]

    def _agregar(self, acto: Acto) -> None:
        self._exige_suyo(acto, acto.piso, "no_encontrado")
        exige(acto.piso in self.vehiculos, "no_encontrado")
        exige(self._piso_de(acto.placa) is None, "placa_duplicada")
        self.vehiculos[acto.piso].add(acto.placa)

    def _quitar(self, acto: Acto) -> None:
        self._exige_suyo(acto, acto.piso, "no_encontrado")
        exige(acto.placa in self.vehiculos.get(acto.piso, ()), "no_encontrado")
        exige(not any(cual[1] == acto.placa for cual in self._vivas(acto.piso)), "vehiculo_en_solicitud")
        self.vehiculos[acto.piso].remove(acto.placa)

    def _llega(self, acto: Acto) -> None:
        exige(set(acto.pisos) <= set(self.vehiculos), "unidad_desconocida")
        self._exige_unico(acto.documento)
        self.personas[acto.persona] = Persona(acto.documento, acto.pisos)

    def _muda(self, acto: Acto) -> None:
        exige(set(acto.pisos) <= set(self.vehiculos), "unidad_desconocida")
        self._queda(acto.persona, replace(self.personas[acto.persona], pisos=acto.pisos))

    def _se_va(self, acto: Acto) -> None:
        quien = self.personas[acto.persona]
        if not quien.activa:
            return
        solos = [piso for piso in quien.pisos if self.viven(piso) == {acto.persona}]
        exige(acto.confirmado or not any(self._vivas(piso) for piso in solos), "unidad_quedaria_vacia")
        self._queda(acto.persona, replace(quien, activa=False))

    def _vuelve(self, acto: Acto) -> None:
        quien = self.personas[acto.persona]
        if not quien.activa:
            self._exige_unico(quien.documento)
            self._queda(acto.persona, replace(quien, activa=True))

    def _exige_unico(self, documento: str) -> None:
        ocupado = any(p.activa and p.documento == documento for p in self.personas.values())
        exige(not ocupado, "documento_duplicado")

    def _queda(self, nombre: str, persona: Persona) -> None:
        antes = {piso for piso in self.vehiculos if nombre in self.viven(piso)}
        self.personas[nombre] = persona
        for piso in antes:
            if self.abierto and not self.viven(piso):
                for cual in self._vivas(piso):
                    self._pasa(cual, "cancelada")

    def _pasa(self, cual: tuple[str, str, int], a: str) -> None:
        self.pedidas[cual] = replace(self.pedidas[cual], estado=a)

    def _pide(self, acto: Acto) -> None:
        self._exige_suyo(acto, acto.piso, "no_existe")
        exige(acto.piso in self.vehiculos, "no_existe")
        exige(self.abierto, "sorteo_no_abierto")
        exige(self.viven(acto.piso), "residente_inactivo")
        exige(acto.placa in self.vehiculos[acto.piso], "vehiculo_ajeno")
        exige(not any(cual[1] == acto.placa for cual in self._vivas(acto.piso)), "solicitud_duplicada")
        exige(not self._vivas(acto.piso), "unidad_con_solicitud")
        cuantas = sum(cual[:2] == (acto.piso, acto.placa) for cual in self.pedidas)
        self.pedidas[acto.piso, acto.placa, cuantas] = Pedida("pendiente", self.viven(acto.piso))

    def _decide(self, acto: Acto) -> str | None:
        pedida, piso = self.pedidas[acto.pedida], acto.pedida[0]
        if acto.quien is not None:
            self._exige_suyo(acto, piso, "no_encontrado")
            exige(pedida.habitantes & self.viven(piso), "no_encontrado")
        if acto.a == pedida.estado:
            return DA_IGUAL
        desde = VIVAS if acto.a == "cancelada" else {"pendiente"}
        exige(self.abierto and pedida.estado in desde, "transicion_invalida")
        self._pasa(acto.pedida, acto.a)
        return None

    def _cierra(self, _: Acto) -> None:
        if self.abierto:
            exige(all(p.estado != "pendiente" for p in self.pedidas.values()), "solicitudes_pendientes")
            self.abierto = False

    def _reabre(self, _: Acto) -> str | None:
        if self.abierto:
            return DA_IGUAL
        self.abierto = True
        return None

    def actos(self, nueva: str) -> Iterator[Acto]:
        """All that could be tried now; `nueva`: the name of who comes."""
        for piso in PISOS:
            yield from (Acto("unidad", piso=piso), Acto("borrar", piso=piso))
            for placa in PLACAS:
                for quien in (None, *CON_CUENTA):
                    yield from (Acto(que, quien, piso, placa) for que in ("agregar", "quitar", "pide"))
        for pisos in (*((piso,) for piso in PISOS), PISOS[:2]):
            yield from (Acto("llega", persona=nueva, documento=d, pisos=pisos) for d in DOCUMENTOS)
            yield from (Acto("muda", persona=persona, pisos=pisos) for persona in self.personas)
        for persona in self.personas:
            yield Acto("vuelve", persona=persona)
            yield from (Acto("se_va", persona=persona, confirmado=confirmado) for confirmado in (False, True))
        for pedida in self.pedidas:
            yield from (Acto("decide", pedida=pedida, a=a) for a in DECISIONES)
            yield from (Acto("decide", quien, pedida=pedida, a="cancelada") for quien in CON_CUENTA)
        yield from (Acto("cierra"), Acto("reabre"))

    def visto(self) -> Mapping[str, object]:
        return {
            "abierto": self.abierto,
            "vehiculos": {piso: sorted(placas) for piso, placas in self.vehiculos.items()},
            "personas": {n: (p.documento, sorted(p.pisos), p.activa) for n, p in self.personas.items()},
            "pedidas": {cual: pedida.estado for cual, pedida in self.pedidas.items()},
        }
