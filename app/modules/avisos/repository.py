"""Queries on notices, what is told to everybody, e-mails and devices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

from beanie import PydanticObjectId
from bson import ObjectId

from app.modules.avisos.models import Aviso, Difusion, Dispositivo, Envio, EstadoEnvio, Plataforma
from app.shared.exceptions import EntradaInvalida
from app.shared.pagination import TOPE_DE_CUENTA, Page, PageQuery, escribir_cursor, leer_cursor, pedir
from app.shared.reading import Lectura, Pasos, al_lado, alguno_de
from app.shared.repository import Fila, Repository

_A_LA_VISTA = ("tipo", "datos", "leido", "creado_en")


class AvisoRepository(Repository[Aviso]):
    model = Aviso
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en",)

    async def sin_repetir(self, tipo: str, avisos: Sequence[Fila]) -> list[Fila]:
        """Those that nobody wrote yet, of notices of one kind that is told once."""
        filtro = {
            "tipo": tipo,
            "objeto": {"$in": sorted({a["objeto"] for a in avisos if a["objeto"] is not None})},
            "destinatario": {"$in": sorted({a["destinatario"] for a in avisos})},
            "ocasion": {"$in": sorted({a["ocasion"] for a in avisos if a["ocasion"] is not None})},
        }
        vez = itemgetter("objeto", "destinatario", "ocasion")
        dichos = {vez(fila) for fila in await self.rows(filtro, ("objeto", "destinatario", "ocasion"), orden=())}
        nuevos = {vez(a): a for a in avisos}
        return [aviso for clave, aviso in nuevos.items() if clave not in dichos]

    async def de_difusiones(
        self, difusiones: Sequence[PydanticObjectId], destinatarios: Sequence[PydanticObjectId]
    ) -> list[Aviso]:
        """What is written for these of what everybody is told."""
        return await self.find(
            {"difusion_id": {"$in": list(difusiones)}, "destinatario": {"$in": list(destinatarios)}}, orden=()
        )

    async def listar(
        self,
        *,
        destinatarios: Sequence[PydanticObjectId],
        leido: bool | None,
        en_camino: Sequence[Aviso],
        consulta: PageQuery,
    ) -> Page[Aviso]:
        """`en_camino`: all that there is for them of what is being told to everybody, written or not."""
        filtro = _salvo(en_camino, {"destinatario": {"$in": list(destinatarios)}})
        pagina = await self.page(filtro if leido is None else filtro | {"leido": leido}, consulta)
        suyos = [
            aviso
            for aviso in en_camino
            if (leido is None or aviso.leido is leido) and (consulta.ids is None or aviso.oid in consulta.ids)
        ]
        return self._con(pagina, suyos, consulta) if suyos else pagina

    def _con(self, pagina: Page[Aviso], suyos: Sequence[Aviso], consulta: PageQuery) -> Page[Aviso]:
        """`pagina`, had they been among what it was read from."""
        orden = consulta.orden or self.ordenes[0]
        al_reves = orden.startswith("-")

        def lugar(aviso: Aviso) -> tuple[Any, ...]:
            return (aviso.creado_en, aviso.oid)

        quedan = list(suyos)
        if consulta.cursor is not None:
            cuando, id = leer_cursor(consulta.cursor, orden, 2)
            if not isinstance(cuando, datetime) or not isinstance(id, ObjectId):
                raise EntradaInvalida.en("cursor", "cursor_invalido")
            visto = (cuando, id)
            quedan = [a for a in suyos if (lugar(a) < visto if al_reves else lugar(a) > visto)]
        todos = sorted([*pagina.items, *quedan], key=lugar, reverse=al_reves)
        vistos = todos[: consulta.limite]
        hay_mas = pagina.siguiente is not None or len(todos) > len(vistos)
        total = None if pagina.total is None else pagina.total + len(suyos)
        return Page(
            items=vistos,
            siguiente=escribir_cursor(orden, lugar(vistos[-1])) if hay_mas else None,
            total=None if total is None else min(total, TOPE_DE_CUENTA),
            total_minimo=pagina.total_minimo or (total is not None and total > TOPE_DE_CUENTA),
        )

    def ultimos_sin_leer(self, destinatarios: Sequence[PydanticObjectId], *, limite: int) -> Lectura[Page[Fila]]:
        """The first page of those that are written, as they stand there."""
        filtro = {"destinatario": {"$in": list(destinatarios)}, "leido": False}
        pedida = pedir(filtro, PageQuery(limite=limite), ordenes=self.ordenes, unicos=self.ordenes_unicos)
        pasos: Pasos = [{"$match": filtro}, {"$sort": dict(pedida.orden)}, {"$limit": pedida.limite}]
        return self.reading(pasos, lambda filas: pedida.pagina(filas, None))

    def cuantos_sin_leer(self, destinatarios: Sequence[PydanticObjectId]) -> Lectura[int]:
        """Of those that are written, from an index alone."""
        filtro = {"destinatario": {"$in": list(destinatarios)}, "leido": False}
        return self.reading([{"$match": filtro}, {"$count": "n"}], lambda filas: sum(fila["n"] for fila in filas))

    async def de(self, id: PydanticObjectId, destinatarios: Sequence[PydanticObjectId]) -> Aviso | None:
        return await self.find_one({"_id": id, "destinatario": {"$in": list(destinatarios)}})

    async def leer(self, id: PydanticObjectId, destinatarios: Sequence[PydanticObjectId]) -> Aviso | None:
        return await self.update_one(
            {"_id": id, "destinatario": {"$in": list(destinatarios)}}, {"$set": {"leido": True}}
        )

    async def leer_hasta(self, hasta: datetime, destinatarios: Sequence[PydanticObjectId]) -> None:
        await self.update_many(
            {"destinatario": {"$in": list(destinatarios)}, "leido": False, "creado_en": {"$lte": hasta}},
            {"$set": {"leido": True}},
        )

    async def sin_leer(self, destinatarios: Sequence[PydanticObjectId], en_camino: Sequence[Aviso] = ()) -> int:
        escritos = await self.count(_salvo(en_camino, {"destinatario": {"$in": list(destinatarios)}, "leido": False}))
        return escritos + sum(not aviso.leido for aviso in en_camino)

    async def mostrar(self, destinatarios: Sequence[PydanticObjectId], *, limite: int) -> list[Fila]:
        """The latest of those, as they are told to whom they are."""
        filtro = {"destinatario": {"$in": list(destinatarios)}}
        filas = await self.rows(filtro, _A_LA_VISTA, orden=[("creado_en", -1)], limite=limite)
        return [{campo: fila.get(campo) for campo in _A_LA_VISTA} for fila in filas]

    async def borrar_los_de(self, destinatario: PydanticObjectId) -> None:
        await self.delete_many({"destinatario": destinatario})

    async def borrar_viejos(self, *, antes_de: datetime, limite: int) -> int:
        return await self.delete_batch({"creado_en": {"$lte": antes_de}}, orden=[("creado_en", 1)], limite=limite)


def _salvo(en_camino: Sequence[Aviso], filtro: dict[str, Any]) -> dict[str, Any]:
    if not en_camino:
        return filtro
    return filtro | {"difusion_id": {"$nin": [aviso.difusion_id for aviso in en_camino]}}


class DifusionRepository(Repository[Difusion]):
    model = Difusion

    async def pendientes_con(self, destinatario: PydanticObjectId) -> list[tuple[Difusion, Aviso | None]]:
        """Those that have not reached everybody, each with what is written of it for `destinatario`, in one command."""
        suyo = [{"$match": {"destinatario": destinatario}}]
        suyos_de = al_lado(Aviso, "suyos", local="_id", suyo="difusion_id", pasos=suyo)
        filas = await self.aggregate([{"$match": {"pendiente": True}}, {"$sort": {"creado_en": 1}}, suyos_de])
        suyos = [[Aviso.model_validate(escrito) for escrito in fila.pop("suyos")] for fila in filas]
        return [(self._leer(fila), next(iter(de_ella), None)) for fila, de_ella in zip(filas, suyos, strict=True)]

    def alguna_pendiente(self) -> Lectura[bool]:
        """Whether there is one that has not reached everybody."""
        # In the order of the index that has those alone: else the database would not take it.
        return self.reading([{"$match": {"pendiente": True}}, {"$sort": {"creado_en": 1}}, {"$limit": 1}], bool)

    async def hay(self, *, tipo: str, objeto: PydanticObjectId | None, ocasion: str) -> bool:
        return await self.find_one({"tipo": tipo, "objeto": objeto, "ocasion": ocasion}) is not None

    async def siguiente(self) -> Difusion | None:
        """The oldest that has not reached everybody."""
        return await self.find_one({"pendiente": True}, orden=[("creado_en", 1)])

    async def avanzar(self, difusion: Difusion, *, cambio: Mapping[str, Any], cuantos: int) -> bool:
        """Whether it stood as it was read; of several at once, one goes on from there."""
        filtro = {"_id": difusion.id, "pendiente": True, "publico": difusion.publico.value, "hasta": difusion.hasta}
        return await self.update_one(filtro, {"$set": dict(cambio), "$inc": {"repartidos": cuantos}}) is not None

    async def borrar_viejas(self, *, antes_de: datetime, limite: int) -> int:
        """Those that have reached everybody."""
        filtro = {"pendiente": False, "creado_en": {"$lte": antes_de}}
        return await self.delete_batch(filtro, orden=[("creado_en", 1)], limite=limite)


class EnvioRepository(Repository[Envio]):
    model = Envio
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en",)

    async def en_espera(self) -> tuple[int, datetime | None]:
        """How many e-mails wait to be sent, and since when the first of them."""
        return await self.cola({"estado": EstadoEnvio.pendiente.value}, "creado_en")

    async def tomar(self, *, ficha: str, cuando: datetime, hasta: datetime) -> Envio | None:
        """The next that is due, for whoever holds `ficha`, until `hasta`: then others may take it."""
        return await self.update_one(
            {"estado": EstadoEnvio.pendiente.value, "proximo_en": {"$lte": cuando}, "caduca_en": {"$gt": cuando}},
            {"$set": {"ficha": ficha, "proximo_en": hasta, "actualizado_en": cuando}},
            orden=[("prioridad", 1), ("proximo_en", 1)],
        )

    async def mover(
        self,
        envio: Envio,
        *,
        de: Sequence[EstadoEnvio],
        a: EstadoEnvio,
        cuando: datetime,
        cambios: Mapping[str, Any],
    ) -> Envio | None:
        """Move one that is still in the hand that took it; None when it is not."""
        filtro = {"_id": envio.id, "estado": {"$in": [e.value for e in de]}, "ficha": envio.ficha}
        return await self.update_one(filtro, {"$set": {"estado": a.value, "actualizado_en": cuando, **cambios}})

    async def recoger(
        self, *, cuando: datetime, proximo_en: datetime, intentos: int, error: str, borrar_en: datetime
    ) -> int:
        """Those whose sender was not heard of again in the middle of the message: back in line, or `incierto` after so
        many `intentos`; how many. The hand that had one keeps its `ficha` until another takes it: should it be alive
        after all, it knows what became of it."""
        suelto = {"estado": EstadoEnvio.entregando.value, "proximo_en": {"$lte": cuando}}
        otra_vez = {"estado": EstadoEnvio.pendiente.value, "proximo_en": proximo_en}
        dicho = {"error": error, "codigo_smtp": None, "actualizado_en": cuando}
        agotados = await self.update_many(
            suelto | {"intentos": {"$gte": intentos - 1}},
            {"$set": dicho | {"estado": EstadoEnvio.incierto.value, "borrar_en": borrar_en}, "$inc": {"intentos": 1}},
        )
        return agotados + await self.update_many(suelto, {"$set": dicho | otra_vez, "$inc": {"intentos": 1}})

    async def borrar_los_de(self, destinatario: PydanticObjectId) -> None:
        await self.delete_many({"destinatario": destinatario})

    async def caducar(self, *, cuando: datetime, borrar_en: datetime) -> int:
        """Nobody needs them any more, and what they said is erased. One that somebody has in hand is left to them; of
        one whose fate is unknown, only what it said goes."""
        await self.update_many(
            {"estado": EstadoEnvio.incierto.value, "caduca_en": {"$lte": cuando}, "sellado": {"$ne": None}},
            {"$set": {"sellado": None, "actualizado_en": cuando}},
        )
        return await self.update_many(
            {
                "estado": EstadoEnvio.pendiente.value,
                "caduca_en": {"$lte": cuando},
                "$or": [{"ficha": None}, {"proximo_en": {"$lte": cuando}}],
            },
            {
                "$set": {
                    "estado": EstadoEnvio.caducado.value,
                    "sellado": None,
                    "ficha": None,
                    "actualizado_en": cuando,
                    "borrar_en": borrar_en,
                }
            },
        )

    async def reintentar(self, id: PydanticObjectId, *, cuando: datetime, caduca_en: datetime) -> Envio | None:
        """Put a dead or uncertain one back in line, with a new term; None when it is neither, or has nothing left to
        say."""
        return await self.update_one(
            {
                "_id": id,
                "estado": {"$in": [EstadoEnvio.muerto.value, EstadoEnvio.incierto.value]},
                "$or": [{"aviso_id": {"$ne": None}}, {"sellado": {"$ne": None}}],
            },
            {
                "$set": {
                    "estado": EstadoEnvio.pendiente.value,
                    "intentos": 0,
                    "ficha": None,
                    "proximo_en": cuando,
                    "actualizado_en": cuando,
                    "caduca_en": caduca_en,
                    "borrar_en": None,
                }
            },
        )

    async def listar(self, *, estados: Collection[EstadoEnvio] | None, consulta: PageQuery) -> Page[Envio]:
        return await self.page({} if estados is None else {"estado": alguno_de(estados)}, consulta)


class DispositivoRepository(Repository[Dispositivo]):
    model = Dispositivo

    async def por_huella(self, huella: str) -> Dispositivo | None:
        return await self.find_one({"huella": huella})

    async def ver(
        self, dispositivo: Dispositivo, *, usuario_id: PydanticObjectId, plataforma: Plataforma, cuando: datetime
    ) -> None:
        await self.update_one(
            {"_id": dispositivo.id},
            {"$set": {"usuario_id": usuario_id, "plataforma": plataforma, "visto_en": cuando}},
        )

    async def olvidar(self, huella: str, *, usuario_id: PydanticObjectId) -> None:
        await self.delete_one({"huella": huella, "usuario_id": usuario_id})

    async def recortar(self, usuario_id: PydanticObjectId, *, cupo: int) -> None:
        """Keep the `cupo` seen last."""
        suyos = await self.find({"usuario_id": usuario_id}, orden=[("visto_en", -1), ("_id", -1)])
        if sobrantes := [d.oid for d in suyos[cupo:]]:
            await self.delete_many({"_id": {"$in": sobrantes}})

    async def borrar_los_de(self, usuario_id: PydanticObjectId) -> None:
        await self.delete_many({"usuario_id": usuario_id})

    async def borrar_viejos(self, *, antes_de: datetime, limite: int) -> int:
        """Those not seen since then."""
        return await self.delete_batch({"visto_en": {"$lte": antes_de}}, orden=[("visto_en", 1)], limite=limite)
