"""The draw itself, through HTTP alone: from its draft to the first accepted space."""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scripts.demo import datos
from scripts.demo.api import Cliente, PasoFallido
from scripts.demo.datos import Hogar
from scripts.demo.pantalla import Pasos, escribir, tabla, titulo

FORMA = "#### serie ###"
A_LA_VISTA = 20  # rows of the table; all of them stand in a file
MOTIVO_DE_RECHAZO = "La tarjeta de propiedad no es de quien vive en el apartamento"


@dataclass
class Demostracion:
    """Who takes part and what is known so far. `solicitudes`: those that the API holds, by the name of the flat."""

    pasos: Pasos
    admin: Cliente
    hogares: dict[str, Hogar]
    residentes: dict[str, Cliente]
    margen: timedelta
    carpeta: Path
    sorteo_id: str = ""

    @property
    def ruta(self) -> str:
        return f"/sorteo/{self.sorteo_id}"

    def __post_init__(self) -> None:
        self.solicitudes: dict[str, dict[str, Any]] = {}

    def abrir(self) -> datetime:
        """Create the draw and open it. Returns when its public number can be known."""
        ahora = datetime.now(UTC)
        disponible, anio = ahora + self.margen, ahora.year + 1
        sorteo = self.admin.pedir(
            "POST",
            "/sorteo",
            json={
                "nombre": f"Parqueaderos {anio}",
                "vigencia": {"desde": f"{anio}-01-01", "hasta": f"{anio}-12-31"},
                "fuente_entropia": {
                    "tipo": "publica",
                    "descripcion": "Lotería de Bogotá, sorteo 2871, premio mayor",
                    "disponible_desde": instante(disponible),
                    "forma": FORMA,
                },
            },
        )
        self.sorteo_id = sorteo["id"]
        self.pasos(
            "Sorteo en borrador",
            f"{sorteo['nombre']}, del {sorteo['vigencia']['desde']} al {sorteo['vigencia']['hasta']}",
            f"número público: {sorteo['fuente_entropia']['descripcion']}",
            f"se conocerá a las {disponible:%H:%M:%S} UTC, y se escribirá «{FORMA}»",
        )
        sorteo = self.admin.pedir("POST", f"{self.ruta}/abrir")
        self.pasos(
            "Apertura",
            f"{sorteo['espacios_en_juego']} espacios en juego; el secreto ya existe y nadie lo ve",
            f"compromiso        {sorteo['compromiso']}",
            f"huella_reglas     {sorteo['huella_reglas']}",
        )
        return disponible

    def pedir_espacios(self) -> None:
        for nombre, cliente in self.residentes.items():
            self._pedir(cliente, self.hogares[nombre], por_si_mismo=True)
        self.pasos("Solicitudes de residentes", f"{len(self.residentes)}, cada uno desde su cuenta")
        propio = self.solicitudes[datos.EN_MORA]
        self.pasos.mas(
            f"{datos.EN_MORA} debe la administración y lo ve: impedimento {', '.join(propio['impedimentos'])}"
        )
        repetida = self._cuerpo(self.hogares["A-101"])
        self.pasos.mas(
            "A-101 pide otra vez: "
            + self.residentes["A-101"].negado("POST", "/solicitudes", "solicitud_duplicada", json=repetida)
        )
        otros = [h for h in self.hogares.values() if h.pide and h.nombre not in self.residentes]
        for hogar in otros:
            self._pedir(self.admin, hogar)
        self.pasos("Solicitudes en ventanilla", f"{len(otros)} que hace la administración por quien lo pide")

    def decidir(self) -> None:
        rechazada = self.solicitudes[datos.RECHAZADA]
        decision = {"estado": "rechazada", "motivo": MOTIVO_DE_RECHAZO}
        rechazada = self.admin.pedir("PATCH", f"/solicitudes/{rechazada['id']}/estado", json=decision)
        self.pasos("Rechazo con motivo", f"{datos.RECHAZADA}, folio {rechazada['folio']}: «{rechazada['motivo']}»")
        en_bloque = {"filtro": {"sorteo_id": self.sorteo_id, "estado": "pendiente"}, "estado": "aprobada"}
        decididas = self.admin.pedir("POST", "/solicitudes/estado", json=en_bloque)
        if decididas["omitidas"]:
            raise PasoFallido(f"no se aprobaron todas: {decididas['omitidas'][0]['codigo']}")
        self.pasos("Aprobación en bloque", f"{decididas['cambiadas']} solicitudes aprobadas de una vez")
        unidad = self.hogares[datos.ENTRA_EN_MORA].unidad_id
        self.admin.pedir("PATCH", f"/residentes/unidades/{unidad}", json={"al_dia": False})
        self.pasos("Cartera", f"{datos.ENTRA_EN_MORA} entra en mora con el sorteo abierto; el cambio queda a la vista")

    def mirar_evaluacion(self) -> None:
        evaluacion = {e["folio"]: e for e in self.admin.listar(f"{self.ruta}/evaluacion")}
        lineas = []
        for nombre in (*datos.CON_MOVILIDAD_REDUCIDA[:1], "A-304", "B-803", datos.EN_MORA, datos.ENTRA_EN_MORA):
            e = evaluacion[self.solicitudes[nombre]["folio"]]
            reglas = ", ".join(e["reglas"]) or "ninguna regla"
            impedimentos = f"; impedimento: {', '.join(e['impedimentos'])}" if e["impedimentos"] else ""
            lineas.append(f"{nombre:<6}  nivel {e['nivel']}  boletas {e['boletas']}  {reglas}{impedimentos}")
        self.pasos("Evaluación, en vivo", *lineas)

    def cerrar(self) -> None:
        sorteo = self.admin.pedir("POST", f"{self.ruta}/cerrar")
        exclusiones = self.admin.pedir("GET", f"{self.ruta}/exclusiones")
        nombres = {s["folio"]: nombre for nombre, s in self.solicitudes.items()}
        self.pasos(
            "Cierre",
            f"{sorteo['participantes']} participantes; desde aquí no cambia nada",
            f"huella            {sorteo['huella']}",
            *(f"fuera: {nombres[s['folio']]}, folio {s['folio']}: {s['motivo']}" for s in exclusiones["solicitudes"]),
            *(f"cambió: {nombres[c['folio']]}, {c['campo']}" for c in exclusiones["cambios"]),
        )
        fuera = {nombres[s["folio"]] for s in exclusiones["solicitudes"]}
        if not {datos.EN_MORA, datos.ENTRA_EN_MORA} <= fuera:
            raise PasoFallido("quien está en mora no quedó fuera al cerrar")

    def ejecutar(self, disponible: datetime) -> None:
        prueba = {"entropia": "0000 serie 000"}
        negado = self.admin.negado("POST", f"{self.ruta}/ejecutar", "entropia_prematura", json=prueba)
        self.pasos("Ejecutar antes de tiempo", negado)
        falta = (disponible - datetime.now(UTC)).total_seconds()
        self.pasos("Espera", f"{max(0.0, falta):.0f} s, hasta que el número público se pueda conocer")
        time.sleep(max(0.0, falta) + 0.1)
        entropia = f"{secrets.randbelow(10_000):04} serie {secrets.randbelow(1_000):03}"
        self.pasos("Número público", f"«{entropia}» (aquí lo saca la demostración; en un sorteo real, la lotería)")
        corrido = self.admin.pedir("POST", f"{self.ruta}/ejecutar", json={"entropia": entropia})
        self.pasos(
            "Ejecución",
            f"{corrido['admitidos']} con espacio, {corrido['en_espera']} en espera",
            f"semilla           {corrido['semilla']}",
            f"huella_resultado  {corrido['huella_resultado']}",
        )
        otro = f"{(int(entropia[:4]) + 1) % 10_000:04}{entropia[4:]}"
        self.pasos(
            "Ejecutar con otro número",
            self.admin.negado("POST", f"{self.ruta}/ejecutar", "entropia_fijada", json={"entropia": otro}),
        )
        sorteo = self.admin.pedir("POST", f"{self.ruta}/publicar")
        self.pasos(
            "Publicación", f"estado {sorteo['estado']}; corren {sorteo['plazo_aceptacion_horas']} h para aceptar"
        )

    def mostrar_resultados(self) -> None:
        evaluacion = {e["folio"]: e for e in self.admin.listar(f"{self.ruta}/evaluacion")}
        resultados = list(self.admin.listar(f"{self.ruta}/resultados"))
        titulo("Quién obtuvo qué (lo ve la administración; los residentes ven folios, no apartamentos)")
        filas = []
        for r in resultados:
            nombre = f"{r['unidad']['torre']}-{r['unidad']['apartamento']}"
            e = evaluacion[r["folio"]]
            obtuvo = r["espacio"] if r["espacio"] else f"espera {r['espera']}"
            clase = self.hogares[nombre].clase
            filas.append((r["posicion"], r["folio"], nombre, clase, e["nivel"], e["boletas"], obtuvo))
        lineas = tabla(("posición", "folio", "unidad", "vehículo", "nivel", "boletas", "obtuvo"), filas)
        archivo = self.carpeta / "resultados.txt"
        archivo.write_text("".join(f"{linea}\n" for linea in lineas), encoding="utf-8")
        cabeza = lineas[: len(lineas) - len(filas) + A_LA_VISTA]
        for linea in cabeza:
            escribir(linea)
        escribir(f"  … y {len(lineas) - len(cabeza)} más en {archivo}\n")

    def responder(self) -> None:
        asignadas = list(self.admin.listar("/solicitudes", sorteo_id=self.sorteo_id, estado="asignada", orden="folio"))
        ganadora = datos.CON_MOVILIDAD_REDUCIDA[0]
        suya = next(s for s in asignadas if self._nombre(s) == ganadora)
        aceptada = self._mover(self.residentes[ganadora], suya, {"estado": "aceptada"})
        self.pasos("Alguien acepta", f"{ganadora}, desde su cuenta: {aceptada['espacio']} queda {aceptada['estado']}")
        reservados = {e["codigo"] for e in datos.ESPACIOS if "reserva" in e}
        otra = next(
            s
            for s in asignadas
            if self._nombre(s) not in self.residentes
            and s["vehiculo"]["tipo"] == "carro"
            and not s["vehiculo"]["electrico"]
            and s["espacio"] not in reservados
        )
        decision = {"estado": "declinada", "motivo": "Avisó por teléfono que vendió el carro"}
        self._mover(self.admin, otra, decision)
        ofertas = list(self.admin.listar("/solicitudes", sorteo_id=self.sorteo_id, estado="ofrecida"))
        if len(ofertas) != 1 or ofertas[0]["espacio"] != otra["espacio"]:
            raise PasoFallido(f"{otra['espacio']} no pasó a quien seguía en la espera")
        self.pasos(
            "Alguien declina",
            f"{self._nombre(otra)} deja {otra['espacio']}, que pasa a quien sigue en la espera:",
            f"{self._nombre(ofertas[0])}, folio {ofertas[0]['folio']}, estado {ofertas[0]['estado']}",
        )

    def _mover(self, quien: Cliente, solicitud: dict[str, Any], decision: dict[str, str]) -> dict[str, Any]:
        movida: dict[str, Any] = quien.pedir("PATCH", f"/solicitudes/{solicitud['id']}/estado", json=decision)
        return movida

    def _pedir(self, cliente: Cliente, hogar: Hogar, *, por_si_mismo: bool = False) -> None:
        cuerpo = self._cuerpo(hogar) | ({} if por_si_mismo else {"unidad_id": hogar.unidad_id})
        self.solicitudes[hogar.nombre] = cliente.pedir("POST", "/solicitudes", json=cuerpo)

    def _cuerpo(self, hogar: Hogar) -> dict[str, Any]:
        return {
            "sorteo_id": self.sorteo_id,
            "vehiculo_id": hogar.vehiculo_id,
            "preferencias": hogar.preferencias,
        }

    @staticmethod
    def _nombre(solicitud: dict[str, Any]) -> str:
        return f"{solicitud['residente']['torre']}-{solicitud['residente']['apartamento']}"


def instante(cuando: datetime) -> str:
    return cuando.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
