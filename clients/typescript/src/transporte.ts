// What stands between a call and the network, each a function around the next.

export type Transporte = (peticion: Request) => Promise<Response>;

const INTENTOS = 4;
const PRIMERA_ESPERA_MS = 300;
const ESPERA_MAXIMA_MS = 20_000;
const GUARDADAS = 100;
const CLAVE = "Idempotency-Key";

export const dormir = (ms: number): Promise<void> => new Promise((seguir) => setTimeout(seguir, ms));

/** A call that may be sent again: twice does what once does. */
function repetible(peticion: Request): boolean {
  switch (peticion.method) {
    case "POST":
      return peticion.headers.has(CLAVE);
    case "PATCH":
      return !peticion.headers.has("If-Match");
    default:
      return true;
  }
}

/** For how long to wait before the next one; null where there is no sense in it. */
function espera(respuesta: Response, intento: number): number | null {
  const pedida = respuesta.headers.get("Retry-After");
  if (pedida !== null) {
    const ms = Number(pedida) * 1000;
    return ms <= ESPERA_MAXIMA_MS ? ms : null;
  }
  // What a proxy answers while the API starts.
  return [502, 503, 504].includes(respuesta.status) ? propia(intento) : null;
}

const propia = (intento: number): number => PRIMERA_ESPERA_MS * 2 ** intento * (1 + Math.random());

/** Repeats what the network lost, and what the API asks to be sent later. Each POST outside `/auth` gets one
 * `Idempotency-Key` for all its tries, if its caller gave none: it is done once. */
export function conReintentos(siguiente: Transporte, esperar = dormir): Transporte {
  return async (peticion) => {
    if (peticion.method === "POST" && !peticion.headers.has(CLAVE) && !peticion.url.includes("/api/v1/auth/")) {
      peticion.headers.set(CLAVE, crypto.randomUUID());
    }
    for (let intento = 0; ; intento++) {
      const ultimo = intento + 1 >= INTENTOS || !repetible(peticion);
      let ms: number | null;
      try {
        const respuesta = await siguiente(ultimo ? peticion : peticion.clone());
        ms = espera(respuesta, intento);
        if (ultimo || ms === null) return respuesta;
      } catch (error) {
        if (ultimo || peticion.signal.aborted) throw error;
        ms = propia(intento);
      }
      await esperar(ms);
    }
  };
}

/** What has not changed since it was read comes from memory: the API answers 304 by its `ETag`. */
export class Versiones {
  // In the order in which they were read: the first is the one to let go.
  readonly #guardadas = new Map<string, Response>();

  /** Another person reads nothing of who was here before. */
  olvidar(): void {
    this.#guardadas.clear();
  }

  en(siguiente: Transporte): Transporte {
    return async (peticion) => {
      if (peticion.method !== "GET" || peticion.headers.has("If-None-Match")) return siguiente(peticion);
      const guardada = this.#guardadas.get(peticion.url);
      const etiqueta = guardada?.headers.get("ETag");
      if (etiqueta) peticion.headers.set("If-None-Match", etiqueta);
      const respuesta = await siguiente(peticion);
      if (guardada && respuesta.status === 304) return guardada.clone();
      if (respuesta.status === 200 && respuesta.headers.has("ETag")) this.#guardar(peticion.url, respuesta.clone());
      return respuesta;
    };
  }

  #guardar(url: string, respuesta: Response): void {
    this.#guardadas.delete(url);
    this.#guardadas.set(url, respuesta);
    const [primera] = this.#guardadas.keys();
    if (primera !== undefined && this.#guardadas.size > GUARDADAS) this.#guardadas.delete(primera);
  }
}
