// A list that goes on as one scrolls, for TanStack Query: `useInfiniteQuery(infinita(…))`.

import { bien, type Problema, type Respuesta } from "parknet-cliente";

export interface Pagina<F> {
  items: F[];
  siguiente: string | null;
}

export interface Infinita<F, C extends readonly unknown[]> {
  queryKey: C;
  queryFn: (contexto: { pageParam: string | null; signal: AbortSignal }) => Promise<Pagina<F>>;
  initialPageParam: string | null;
  getNextPageParam: (ultima: Pagina<F>) => string | null;
}

/** `pedir`: the call for one page, with what it is handed in its query.
 *
 *     infinita(["solicitudes", estado], (pagina, signal) =>
 *       api.GET("/api/v1/solicitudes", { params: { query: { estado: [estado], ...pagina } }, signal }))
 */
export function infinita<F, C extends readonly unknown[], P extends Problema>(
  queryKey: C,
  pedir: (pagina: { cursor?: string }, signal: AbortSignal) => Promise<Respuesta<Pagina<F>, P>>,
): Infinita<F, C> {
  return {
    queryKey,
    queryFn: async ({ pageParam, signal }) =>
      bien(await pedir(pageParam === null ? {} : { cursor: pageParam }, signal)),
    initialPageParam: null,
    getNextPageParam: ({ siguiente }) => siguiente,
  };
}
