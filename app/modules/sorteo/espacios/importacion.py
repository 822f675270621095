"""Spaces from a file: `código, tipo, reserva, zona, uso, activo`, the last four where they are said; what a row leaves
out stays. While a draw has a space, nothing of the space changes."""

from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any

import attrs
from beanie import PydanticObjectId
from pydantic import ValidationError

from app.core.clock import ahora
from app.core.imports.contract import (
    Celda,
    Desenlace,
    Deshacedor,
    Encargo,
    Ensayo,
    Hecho,
    Leida,
    Plan,
    Que,
    Vocabulario,
)
from app.core.imports.reception import Recepcion, en_parametros
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado, Rechazo
from app.core.security import Principal
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.espacios.ports import Condiciones
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.schemas import EspaciosImportadosOut, FilaDeEspacio
from app.modules.sorteo.exceptions import EspacioDuplicado, EspacioEnSorteo
from app.shared.field_rules import regla_rota
from app.shared.messages import Idioma
from app.shared.tables import si_o_no, sin_tildes
from app.shared.utils import plegado

TIPO = "sorteo_importar_espacios"
CHOQUES = (EspacioDuplicado,)
_TIPOS = {
    "carro": "carro carros auto automovil vehiculo car carro_sencillo",
    "carro_electrico": "carro_electrico electrico electric",
    "carro_doble": "carro_doble doble double",
    "moto": "moto motos motocicleta motorcycle",
    "bicicleta": "bicicleta bicicletas bici bike bicycle",
}
_DE_TIPO = {palabra: tipo for tipo, palabras in _TIPOS.items() for palabra in palabras.split()}
VOCABULARIO = Vocabulario(
    columnas={
        "codigo": ["codigo", "parqueadero", "espacio", "celda", "plaza", "cupo", "garaje", "code", "space", "vaga"],
        "tipo": ["tipo", "tipo vehiculo", "clase", "type", "kind"],
        "reserva": ["reserva", "reservado", "condicion", "reserved", "reserve"],
        "zona": ["zona", "sotano", "nivel", "piso", "ubicacion", "zone", "level", "floor"],
        "uso": ["uso", "use", "destino"],
        "activo": ["activo", "active", "habilitado", "disponible"],
    },
    exigidas=[frozenset({"codigo"})],
    claves=frozenset({"codigo"}),
)


@attrs.define(kw_only=True)
class ImportacionDeEspacios:
    """An `Importacion`. Each code is in one row alone, so that a dry run needs to remember nothing."""

    _encargo: Encargo
    _espacios: EspacioRepository
    _condiciones: Condiciones
    _dichos: dict[str, int] = attrs.field(factory=dict, init=False)

    def leer(self, linea: int, celdas: Sequence[Celda]) -> Leida[FilaDeEspacio]:
        crudo: dict[str, Any] = {celda.columna.campo: celda.texto for celda in celdas}
        rechazos = []
        if "tipo" in crudo:
            dicho = "_".join(sin_tildes(crudo["tipo"]).split())
            crudo["tipo"] = _DE_TIPO.get(dicho, dicho)
        if "reserva" in crudo:
            crudo["reserva"] = "_".join(sin_tildes(crudo["reserva"]).split())
        if "activo" in crudo:
            crudo["activo"] = si_o_no(crudo["activo"])
            if crudo["activo"] is None:
                rechazos.append(Rechazo(linea, "activo", "si_o_no"))
                del crudo["activo"]
        if "uso" in crudo:
            crudo["uso"] = sin_tildes(crudo["uso"])
        try:
            datos = FilaDeEspacio.model_validate(crudo)
        except ValidationError as error:
            rotas = [(str(e["loc"][0]), *regla_rota(e["type"], e.get("ctx", {}))) for e in error.errors()]
            return Leida(linea, None, rechazos + [Rechazo(linea, *rota) for rota in rotas])
        antes = self._dichos.setdefault(plegado(datos.codigo), linea)
        if antes != linea:
            rechazos.append(Rechazo(linea, "codigo", "dicho_de_otro_modo", {"linea": antes}))
        return Leida(linea, None if rechazos else datos, rechazos)

    async def planear(self, filas: Sequence[Leida[FilaDeEspacio]], ensayo: Ensayo | None) -> Plan:
        del ensayo
        momento = ahora()
        hay = await self._espacios.por_claves([f.datos.codigo for f in filas if f.datos is not None])
        reservas = {f.datos.reserva for f in filas if f.datos is not None and "reserva" in f.datos.model_fields_set}
        sin_condicion = await self._condiciones.sin_condicion(codigos=reservas)
        desenlaces, rechazos, hechos = list[Desenlace](), list[Rechazo](), list[Hecho]()
        nuevos, cambios = list[Espacio](), dict[PydanticObjectId, Mapping[str, Any]]()
        for leida in filas:
            if (fila := leida.datos) is None:
                continue
            if fila.reserva in sin_condicion:
                rechazos.append(Rechazo(leida.linea, "reserva", "no_existe"))
                continue
            dicho = fila.model_dump(exclude_unset=True, exclude={"codigo"})
            espacio = hay.get(plegado(fila.codigo))
            if espacio is None:
                if (rechazo := self._no_se_crea(leida.linea, fila)) is not None:
                    rechazos.append(rechazo)
                    continue
                nuevo = Espacio(**fila.model_dump(exclude_unset=True), creado_en=momento, actualizado_en=momento)
                nuevos.append(nuevo)
                hechos.append(Hecho("espacio", nuevo.id, None, _propios(nuevo)))
                desenlaces.append(Desenlace(leida.linea, Que.creada, fila.codigo))
                continue
            distintos = {campo: valor for campo, valor in dicho.items() if valor != getattr(espacio, campo)}
            if not distintos:
                desenlaces.append(Desenlace(leida.linea, Que.sin_cambio, fila.codigo))
            elif any(ocupacion.tipo == "sorteo" for ocupacion in espacio.ocupaciones):
                rechazos.append(Rechazo(leida.linea, "codigo", EspacioEnSorteo.codigo))
            else:
                cambios[espacio.id] = distintos
                hechos.append(Hecho("espacio", espacio.id, {c: getattr(espacio, c) for c in distintos}, distintos))
                desenlaces.append(Desenlace(leida.linea, Que.cambiada, fila.codigo))

        async def escribir() -> None:
            await self._espacios.insert_many(nuevos)
            await self._espacios.cambiar_varios({id: {**c, "actualizado_en": momento} for id, c in cambios.items()})

        return Plan(
            desenlaces=desenlaces,
            rechazos=rechazos,
            hechos=hechos,
            cuentas={"espacios_creados": len(nuevos)} if nuevos else {},
            escribir=escribir,
            ensayadas=(),
        )

    def _no_se_crea(self, linea: int, fila: FilaDeEspacio) -> Rechazo | None:
        if self._encargo.parametros["solo_cambios"]:
            return Rechazo(linea, "codigo", "no_existe")
        return None if "tipo" in fila.model_fields_set else Rechazo(linea, "tipo", "requerido")


def _propios(espacio: Espacio) -> dict[str, Any]:
    return {campo: getattr(espacio, campo) for campo in ("codigo", "tipo", "reserva", "zona", "uso", "activo")}


@attrs.define(kw_only=True)
class DeshacedorDeEspacios:
    """Takes back what imports of spaces made: not what a draw ever had, or has now, nor what was kept for a condition
    that is no more."""

    _espacios: EspacioRepository
    _condiciones: Condiciones
    _dichos: DichosDeSorteo

    async def deshacer(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        del quien
        hay = await self._espacios.por_ids([hecho.id for hecho in hechos])
        reservas = {hecho.antes["reserva"] for hecho in hechos if hecho.antes and hecho.antes.get("reserva")}
        sin_condicion = await self._condiciones.sin_condicion(codigos=reservas)
        libres = [
            hecho
            for hecho in hechos
            if (espacio := hay.get(hecho.id)) is not None
            and all(getattr(espacio, campo) == valor for campo, valor in hecho.despues.items())
            and not any(ocupacion.tipo == "sorteo" for ocupacion in espacio.ocupaciones)
            and (hecho.antes or {}).get("reserva") not in sin_condicion
            and (hecho.antes is not None or not (espacio.sorteado or espacio.ocupaciones or espacio.titular))
        ]
        hechos_aqui = [hecho.id for hecho in libres if hecho.antes is None]
        await self._espacios.borrar_varios(hechos_aqui)
        self._dichos.espacios.borradas(hechos_aqui)
        momento = ahora()
        await self._espacios.cambiar_varios(
            {hecho.id: {**hecho.antes, "actualizado_en": momento} for hecho in libres if hecho.antes is not None}
        )
        return len(libres)


@attrs.frozen(kw_only=True)
class FabricaDeEspacios:
    espacios: EspacioRepository
    condiciones: Condiciones

    def __call__(self, encargo: Encargo) -> ImportacionDeEspacios:
        return ImportacionDeEspacios(encargo=encargo, espacios=self.espacios, condiciones=self.condiciones)


@attrs.define(kw_only=True)
class ImportacionDeEspaciosService:
    """Takes the file. `encargados` and `deshacedores`: who does its job, and takes it back."""

    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]
    _recepcion: Recepcion
    _cola: Cola

    async def importar(
        self,
        contenido: AsyncIterable[bytes],
        *,
        simular: bool,
        solo_cambios: bool,
        idioma: Idioma,
        quien: Principal,
    ) -> PydanticObjectId:
        """The job that will import it. Raises EntradaInvalida, and what reading `contenido` raises."""
        recibido = await self._recepcion.recibir(contenido, VOCABULARIO)
        opciones = {"simular": simular, "solo_cambios": solo_cambios, "idioma": idioma}
        parametros = opciones | en_parametros(recibido)
        return await self._cola.encolar(tipo=TIPO, parametros=parametros, quien=quien, entrada=recibido.archivo)


def montar(
    importaciones: Importaciones,
    *,
    espacios: EspacioRepository,
    condiciones: Condiciones,
    dichos: DichosDeSorteo,
    cola: Cola,
) -> ImportacionDeEspaciosService:
    fabrica = FabricaDeEspacios(espacios=espacios, condiciones=condiciones)
    return ImportacionDeEspaciosService(
        encargados={TIPO: importaciones.importador(fabrica, CHOQUES, tipo=TIPO, resultado=EspaciosImportadosOut)},
        deshacedores={TIPO: DeshacedorDeEspacios(espacios=espacios, condiciones=condiciones, dichos=dichos)},
        recepcion=importaciones.recepcion,
        cola=cola,
    )
