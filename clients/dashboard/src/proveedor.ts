// The lists of the API as react-admin asks for them: `<Admin dataProvider={proveedor(parknet, origen)}>`.

import type { DataProvider, GetListParams, GetListResult, Identifier } from "ra-core";
import { type Parknet, type Problema, Rechazo } from "parknet-cliente";
import { type NombreDeRecurso, RECURSOS } from "./recursos.ts";

const POR_PAGINA = 25;
const POR_LLAMADA = 100;
const LISTAS = 50;

/** A refusal, with a message for each field of a form as react-admin shows them. */
export class Falta extends Rechazo {
  readonly status: number;
  readonly body: { errors: Record<string, string> };

  constructor(problema: Problema) {
    super(problema);
    this.message = problema.detail;
    this.status = problema.status;
    this.body = { errors: Object.fromEntries((problema.errores ?? []).map((e) => [e.campo, e.mensaje])) };
  }
}

/** What is sent for a change: only the fields that are not as they were. */
function cambios(nuevo: Record<string, unknown>, previo: Record<string, unknown>): Record<string, unknown> {
  const distintos = Object.entries(nuevo).filter(([campo, v]) => JSON.stringify(v) !== JSON.stringify(previo[campo]));
  return Object.fromEntries(distintos.filter(([campo]) => campo !== "id"));
}

export function proveedor({ red }: Parknet, origen: string): DataProvider<NombreDeRecurso> {
  // The cursor of each page of each list, in the order in which lists were looked at.
  const cursores = new Map<string, (string | null)[]>();

  async function pedir(camino: string, mas: RequestInit = {}) {
    const respuesta = await red(new Request(`${origen}${camino}`, mas));
    const cuerpo = respuesta.status === 204 ? null : await respuesta.json();
    if (!respuesta.ok) throw new Falta(cuerpo);
    return { cuerpo, cabeceras: respuesta.headers };
  }

  const escribir = (metodo: string, camino: string, cuerpo: unknown) =>
    pedir(camino, { method: metodo, body: JSON.stringify(cuerpo), headers: { "Content-Type": "application/json" } });

  const de = (recurso: NombreDeRecurso, id: Identifier): string =>
    `${RECURSOS[recurso]}/${encodeURIComponent(id)}`;

  async function pagina(recurso: NombreDeRecurso, consulta: URLSearchParams, signal?: AbortSignal) {
    const { cuerpo, cabeceras } = await pedir(`${RECURSOS[recurso]}?${consulta}`, signal ? { signal } : {});
    return { filas: cuerpo.items, siguiente: cuerpo.siguiente, minimo: cuerpo.total_minimo, total: cabeceras.get("X-Total-Count") };
  }

  function consultaDe({ filter, sort, pagination }: GetListParams): URLSearchParams {
    const consulta = new URLSearchParams({ limite: String(pagination?.perPage ?? POR_PAGINA), contar: "true" });
    for (const [nombre, dado] of Object.entries(filter ?? {})) {
      for (const uno of Array.isArray(dado) ? dado : [dado]) consulta.append(nombre, String(uno));
    }
    // Lists have an order of their own, which is what react-admin means by `id`.
    if (sort && sort.field !== "id") consulta.set("orden", `${sort.order === "DESC" ? "-" : ""}${sort.field}`);
    return consulta;
  }

  async function listar(recurso: NombreDeRecurso, params: GetListParams): Promise<GetListResult> {
    const consulta = consultaDe(params);
    const llave = `${recurso}?${consulta}`;
    const suyos = cursores.get(llave) ?? [null];
    cursores.delete(llave);
    cursores.set(llave, suyos);
    const [primera] = cursores.keys();
    if (primera !== undefined && cursores.size > LISTAS) cursores.delete(primera);

    const pedida = (params.pagination?.page ?? 1) - 1;
    // Somebody who jumps ahead goes by the pages in between: a cursor comes out of the page before.
    for (let cual = Math.min(pedida, suyos.length - 1); ; cual++) {
      const cursor = suyos[cual];
      if (cursor) consulta.set("cursor", cursor);
      const { filas, siguiente, minimo, total } = await pagina(recurso, consulta, params.signal);
      if (siguiente) suyos[cual + 1] = siguiente;
      if (cual === pedida || !siguiente) {
        const data = cual === pedida ? filas : [];
        const pageInfo = { hasNextPage: siguiente !== null, hasPreviousPage: pedida > 0 };
        return minimo || total === null ? { data, pageInfo } : { data, pageInfo, total: Number(total) };
      }
    }
  }

  const ver = async (recurso: NombreDeRecurso, id: Identifier) => (await pedir(de(recurso, id))).cuerpo;

  async function varias(recurso: NombreDeRecurso, ids: readonly Identifier[]) {
    const tandas = Array.from({ length: Math.ceil(ids.length / POR_LLAMADA) }, (_, n) =>
      ids.slice(n * POR_LLAMADA, (n + 1) * POR_LLAMADA),
    );
    const paginas = await Promise.all(
      tandas.map((t) => pagina(recurso, new URLSearchParams({ ids: t.join(), limite: String(POR_LLAMADA) }))),
    );
    return paginas.flatMap(({ filas }) => filas);
  }

  const borrar = (recurso: NombreDeRecurso, id: Identifier) => pedir(de(recurso, id), { method: "DELETE" });

  return {
    supportAbortSignal: true,
    getList: listar,
    getOne: async (recurso, { id }) => ({ data: await ver(recurso, id) }),
    getMany: async (recurso, { ids }) => ({ data: await varias(recurso, ids) }),
    getManyReference: (recurso, { target, id, filter, ...params }) =>
      listar(recurso, { ...params, filter: { ...filter, [target]: id } }),
    create: async (recurso, { data }) => {
      const { cuerpo } = await escribir("POST", RECURSOS[recurso], data);
      return { data: cuerpo };
    },
    update: async (recurso, { id, data, previousData }) => {
      const { cuerpo } = await escribir("PATCH", de(recurso, id), cambios(data, previousData ?? {}));
      return { data: cuerpo };
    },
    updateMany: async (recurso, { ids, data }) => {
      await Promise.all(ids.map((id) => escribir("PATCH", de(recurso, id), data)));
      return { data: ids };
    },
    delete: async (recurso, { id, previousData }) => {
      await borrar(recurso, id);
      return { data: Object.assign({ id }, previousData) };
    },
    deleteMany: async (recurso, { ids }) => {
      await Promise.all(ids.map((id) => borrar(recurso, id)));
      return { data: ids };
    },
  };
}
