"""Before the draw: flats, people, spaces, priorities and accounts."""

from scripts.demo import datos
from scripts.demo.api import Cliente, Servidor, a_la_vez
from scripts.demo.datos import Hogar
from scripts.demo.pantalla import Pasos


def cargar(pasos: Pasos, admin: Cliente) -> dict[str, Hogar]:
    """Everything that a complex has before its first draw; the flats by name."""
    hogares = datos.hogares()

    def crear_unidad(hogar: Hogar) -> None:
        unidad = admin.pedir("POST", "/residentes/unidades", json=hogar.unidad)
        hogar.unidad_id, hogar.vehiculo_id = unidad["id"], unidad["vehiculos"][0]["id"]

    def crear_residente(hogar: Hogar) -> None:
        hogar.residente_id = admin.pedir("POST", "/residentes", json=hogar.residente)["id"]

    a_la_vez(crear_unidad, hogares)
    clases = [hogar.clase for hogar in hogares]
    pasos(
        "Unidades y vehículos",
        f"{len(hogares)} unidades en las torres {', '.join(datos.TORRES)}",
        ", ".join(f"{clases.count(clase)} {clase}" for clase in sorted(set(clases))),
    )
    a_la_vez(crear_residente, hogares)
    pasos(
        "Residentes",
        f"{len(hogares)}, uno por unidad; con movilidad reducida: {', '.join(datos.CON_MOVILIDAD_REDUCIDA)}",
        f"perdieron antes: {', '.join(f'{n} ({v})' for n, v in datos.CON_ANIOS_PERDIDOS.items())}",
    )
    a_la_vez(lambda espacio: admin.pedir("POST", "/sorteo/espacios", json=espacio), datos.ESPACIOS)
    tipos = [espacio["tipo"] for espacio in datos.ESPACIOS]
    reservados = [espacio["codigo"] for espacio in datos.ESPACIOS if "reserva" in espacio]
    pasos(
        "Espacios",
        f"{len(tipos)}: " + ", ".join(f"{tipos.count(tipo)} {tipo}" for tipo in dict.fromkeys(tipos)),
        f"reservados para movilidad reducida: {', '.join(reservados)}",
    )
    for prioridad in datos.PRIORIDADES:
        admin.pedir("POST", "/sorteo/prioridades", json=prioridad)
    pasos("Prioridades", *(f"{p['codigo']:<19} {p['descripcion']}" for p in datos.PRIORIDADES))
    return {hogar.nombre: hogar for hogar in hogares}


def registrar(pasos: Pasos, admin: Cliente, servidor: Servidor, hogares: dict[str, Hogar]) -> dict[str, Cliente]:
    """Invite a few residents, who make their accounts and sign in with their document number."""

    def alta(nombre: str) -> Cliente:
        hogar, cliente = hogares[nombre], servidor.cliente()
        invitacion = admin.pedir("POST", "/auth/invitaciones", json={"residente_id": hogar.residente_id})
        registro = {
            "invitacion": invitacion["token"],
            "password": datos.CLAVE_DE_RESIDENTES,
            "acepta_politica": True,
        }
        cliente.pedir("POST", "/auth/registro", json=registro)
        return cliente.entrar(hogar.documento, datos.CLAVE_DE_RESIDENTES)

    clientes = dict(zip(datos.CON_CUENTA, a_la_vez(alta, datos.CON_CUENTA), strict=True))
    pasos(
        "Cuentas de residentes",
        f"{len(clientes)} invitaciones usadas; entran con su documento",
        *(f"{nombre:<6}  CC {hogares[nombre].documento}  {hogares[nombre].persona}" for nombre in clientes),
    )
    return clientes
