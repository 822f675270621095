// An answer or a refusal. A program decides by the `codigo`, out of those that the operation can refuse with.

import type {
  Problema,
  ProblemaDeAuthLogin,
  ProblemaDeResidentesImportarResidentes,
  ProblemaDeSolicitudesCrearSolicitud,
} from "../generado/esquema.ts";

/** Operations that between them have every refusal of always. */
type Algunas = ProblemaDeAuthLogin | ProblemaDeResidentesImportarResidentes | ProblemaDeSolicitudesCrearSolicitud;

/** Refusals that have nothing to do with what is asked for: who calls, how often, in which form, and of the server. */
const DE_SIEMPRE = [
  "clave_reutilizada",
  "demasiadas_peticiones",
  "demasiados_elementos",
  "en_curso",
  "entrada_excesiva",
  "formulario_invalido",
  "json_invalido",
  "mfa_requerido",
  "multipart_invalido",
  "no_autenticado",
  "no_disponible_ahora",
  "resultado_desconocido",
  "rol_insuficiente",
  "tipo_no_admitido",
  "token_invalido",
] as const satisfies readonly Algunas["codigo"][];
export type DeSiempre = (typeof DE_SIEMPRE)[number];

/** The API said no. `problema.codigo` is what a program decides by, `problema.detail` what a person reads. */
export class Rechazo extends Error {
  readonly problema: Problema;

  constructor(problema: Problema) {
    super(`${problema.status} ${problema.codigo}: ${problema.detail}`);
    this.name = "Rechazo";
    this.problema = problema;
  }
}

export interface Respuesta<T, P extends Problema> {
  data?: T;
  error?: P | undefined;
  response: Response;
}

/** What was answered. Throws Rechazo. */
export function bien<T, P extends Problema>({ data, error, response }: Respuesta<T, P>): NonNullable<T> {
  if (error) throw new Rechazo(error);
  if (data === undefined || data === null) throw new TypeError(`no está en el documento: ${response.status}`);
  return data;
}

/** One case for each `codigo` that the operation refuses with, but for those of always: one less does not compile. */
export type Casos<P extends Problema, R> = {
  readonly [C in Exclude<P["codigo"], DeSiempre>]: (problema: P) => R;
};

/** Decide by the `codigo`. `deSiempre` also gets those that a later version of the API has and this program does not. */
export function segun<P extends Problema, R>(
  problema: P,
  casos: Casos<P, R>,
  deSiempre: (problema: Problema) => R,
): R {
  const porCodigo = new Map<string, (problema: P) => R>(Object.entries(casos));
  return (porCodigo.get(problema.codigo) ?? deSiempre)(problema);
}
