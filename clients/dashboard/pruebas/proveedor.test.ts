// The provider of react-admin and the infinite lists of TanStack Query, against a running API.
//
//   PARKNET_URL=… PARKNET_USUARIO=… PARKNET_CLAVE=… node --test pruebas/*.test.ts   (an admin)

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { InfiniteQueryObserver, QueryClient } from "@tanstack/query-core";
import { crear, Rechazo, type Transporte } from "parknet-cliente";
import { Falta, type Filas, infinita, proveedor } from "../src/index.ts";

const { PARKNET_URL: ORIGEN = "", PARKNET_USUARIO: USUARIO = "", PARKNET_CLAVE: CLAVE = "" } = process.env;
const CUANTAS = 7;
const torre = randomBytes(4).toString("hex").toUpperCase();
const vistas: { metodo: string; camino: string; cuerpo: string }[] = [];
const espia: Transporte = async (peticion) => {
  const { pathname, search } = new URL(peticion.url);
  vistas.push({ metodo: peticion.method, camino: `${pathname}${search}`, cuerpo: await peticion.clone().text() });
  return fetch(peticion);
};
const parknet = crear({ origen: ORIGEN, red: espia });
const datos = proveedor(parknet, ORIGEN);
const unidades: Filas["unidades"][] = [];

const lista = async (page: number, perPage = 3) => {
  const pedida = { pagination: { page, perPage }, sort: { field: "id", order: "ASC" as const }, filter: { torre } };
  const { data, ...mas } = await datos.getList<Filas["unidades"]>("unidades", pedida);
  return { apartamentos: data.map((u) => u.apartamento), ...mas };
};

before(async () => {
  const problema = await parknet.entrar(USUARIO, CLAVE);
  if (problema) throw new Rechazo(problema);
  for (let n = 1; n <= CUANTAS; n++) {
    const { data } = await datos.create<Omit<Filas["unidades"], "id">, Filas["unidades"]>("unidades", {
      data: { torre, apartamento: `10${n}` },
    });
    unidades.push(data);
  }
});

test("pages by number, in any order, with how many there are", async () => {
  assert.deepEqual(await lista(3), { apartamentos: ["107"], total: 7, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  const primera = await lista(1);
  assert.deepEqual(primera.apartamentos, ["101", "102", "103"]);
  assert.deepEqual(primera.pageInfo, { hasNextPage: true, hasPreviousPage: false });
  assert.deepEqual((await lista(2)).apartamentos, ["104", "105", "106"]);
  assert.deepEqual(await lista(4), { apartamentos: [], total: 7, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
});

test("a page that was near is one call", async () => {
  await lista(1, 2);
  await lista(2, 2);
  const antes = vistas.length;
  await lista(3, 2);
  await lista(1, 2);
  assert.equal(vistas.length - antes, 2);
});

test("one, several by their ids in one call, and those of another", async () => {
  const [primera, , tercera] = unidades;
  assert.ok(primera && tercera);
  const { data: una } = await datos.getOne<Filas["unidades"]>("unidades", { id: primera.id });
  assert.deepEqual(una, primera);
  const antes = vistas.length;
  const { data } = await datos.getMany<Filas["unidades"]>("unidades", { ids: [tercera.id, primera.id] });
  assert.deepEqual(new Set(data.map((u) => u.apartamento)), new Set(["101", "103"]));
  assert.equal(vistas.length - antes, 1);
  const suyas = await datos.getManyReference("solicitudes", {
    target: "unidad_id",
    id: primera.id,
    pagination: { page: 1, perPage: 10 },
    sort: { field: "folio", order: "DESC" },
    filter: {},
  });
  assert.deepEqual([suyas.data, suyas.total], [[], 0]);
  assert.match(vistas.at(-1)?.camino ?? "", new RegExp(`unidad_id=${primera.id}&orden=-folio$`));
});

test("who lives in a flat, and what it holds", async () => {
  const todas = { pagination: { page: 1, perPage: 10 }, sort: { field: "id", order: "ASC" as const }, filter: {} };
  const de = { ...todas, target: "unidad_id", id: unidades[0]?.id ?? "" };
  const residentes = await datos.getManyReference<Filas["residentes"]>("residentes", de);
  const asignaciones = await datos.getManyReference<Filas["asignaciones"]>("asignaciones", de);
  assert.deepEqual([residentes.total, asignaciones.total], [0, 0]);
  assert.match(vistas.at(-1)?.camino ?? "", /unidad_id=[0-9a-f]{24}$/);
});

test("a change sends what changed, and a form learns which field is wrong", async () => {
  const [primera] = unidades;
  assert.ok(primera);
  const { id } = primera;
  const cambio = { id, data: { ...primera, al_dia: false }, previousData: primera };
  const { data } = await datos.update<Filas["unidades"]>("unidades", cambio);
  assert.equal(data.al_dia, false);
  assert.equal(vistas.at(-1)?.cuerpo, '{"al_dia":false}');
  const mal = { id, data: { ...data, cupo: -1 }, previousData: data };
  await assert.rejects(datos.update("unidades", mal), (error) => {
    assert.ok(error instanceof Falta);
    assert.deepEqual([error.status, Object.keys(error.body.errors)], [422, ["cupo"]]);
    return true;
  });
});

test("a space is known by the code that opens it", async () => {
  const codigo = `P ${torre}-1`;
  const { data } = await datos.create("espacios", { data: { codigo, tipo: "moto" } });
  assert.equal(data.id, codigo);
  const antes = vistas.length;
  const { data: varios } = await datos.getMany("espacios", { ids: [codigo, "no-hay"] });
  assert.deepEqual(varios, [data]);
  assert.equal(vistas.length - antes, 1);
  await datos.updateMany("espacios", { ids: [codigo], data: { zona: "Sótano" } });
  assert.equal((await datos.getOne("espacios", { id: codigo })).data.zona, "Sótano");
  await datos.deleteMany("espacios", { ids: [codigo] });
  await assert.rejects(datos.getOne("espacios", { id: codigo }), /./);
});

test("a list goes on as one scrolls", async () => {
  const consultas = new QueryClient();
  const observador = new InfiniteQueryObserver(
    consultas,
    infinita(["unidades", torre], (pagina, signal) =>
      parknet.api.GET("/api/v1/residentes/unidades", { params: { query: { torre: [torre], limite: 3, ...pagina } }, signal }),
    ),
  );
  let visto = await observador.fetchNextPage();
  while (visto.hasNextPage) visto = await observador.fetchNextPage();
  const paginas = visto.data?.pages ?? [];
  assert.deepEqual(paginas.map((p) => p.items.length), [3, 3, 1]);
  const apartamentos: string[] = paginas.flatMap((p) => p.items).map((u) => u.apartamento);
  assert.equal(new Set(apartamentos).size, CUANTAS);
  consultas.clear();
});

test("what goes away is gone", async () => {
  const ultima = unidades.at(-1);
  assert.ok(ultima);
  await datos.delete<Filas["unidades"]>("unidades", { id: ultima.id, previousData: ultima });
  assert.equal((await lista(1)).total, CUANTAS - 1);
});
