/* The draw of `parknet-sorteo-v1` (docs/sorteo-v1/SPEC.md) in a browser, written from that page alone: a second opinion on
 * the program that ran the draw. Plain JavaScript of 2018 with its own SHA-256, because WebCrypto is missing where a page
 * comes over plain http. The same file runs in a page, in a worker and under Node.
 *
 *   SorteoV1.correr(bases, secreto, entropia, avance) -> {huella, semilla, huellaResultado, lineas, bases}
 *
 * `bases` is a Uint8Array; `avance(fase, hecho, total)` is told of the progress. What is refused raises SorteoV1.Rechazo,
 * with `regla` (a name of section 2, or `secreto`, `entropia`) and `linea` (from 1; null if it is about no line).
 */
"use strict";
var SorteoV1 = (function () {
  const FORMATO = "parknet-sorteo-v1";
  const CADA = 2000; // how many people between two words about the progress

  class Rechazo extends Error {
    constructor(linea, regla) {
      super(linea === null ? regla : `línea ${linea}: ${regla}`);
      this.linea = linea;
      this.regla = regla;
    }
  }

  // SHA-256 (FIPS 180-4)

  // The first 32 bits of the fractional parts of the roots of the first primes, as the standard defines its constants.
  function raices(cuantas, raiz) {
    const primos = [];
    for (let n = 2; primos.length < cuantas; n++) if (primos.every((p) => n % p)) primos.push(n);
    return Int32Array.from(primos, (p) => raiz(p) % 1 * 2 ** 32 | 0);
  }
  const K = raices(64, Math.cbrt);
  const INICIO = raices(8, Math.sqrt);
  const W = new Int32Array(64);

  /** Mix the block of 64 bytes of `datos` that begins at `i` into `h`, the eight words of a state. */
  function mezclar(h, datos, i) {
    for (let t = 0; t < 16; t++, i += 4) W[t] = datos[i] << 24 | datos[i + 1] << 16 | datos[i + 2] << 8 | datos[i + 3];
    for (let t = 16; t < 64; t++) {
      const x = W[t - 15], y = W[t - 2];
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
      const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
      W[t] = W[t - 16] + s0 + W[t - 7] + s1 | 0;
    }
    let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], z = h[7];
    for (let t = 0; t < 64; t++) {
      const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
      const t1 = z + s1 + (e & f ^ ~e & g) + K[t] + W[t] | 0;
      const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
      z = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += z;
  }

  const hex = (h) => Array.from(h, (n) => (n >>> 0).toString(16).padStart(8, "0")).join("");

  /** A hash that is fed piece by piece. */
  class Sha256 {
    constructor() {
      this.h = Int32Array.from(INICIO);
      this.resto = new Uint8Array(64);
      this.largo = 0;
    }
    sumar(datos) {
      const en = this.largo % 64;
      this.largo += datos.length;
      let i = 0;
      if (en) {
        i = Math.min(64 - en, datos.length);
        this.resto.set(datos.subarray(0, i), en);
        if (en + i < 64) return this;
        mezclar(this.h, this.resto, 0);
      }
      for (; i + 64 <= datos.length; i += 64) mezclar(this.h, datos, i);
      this.resto.set(datos.subarray(i), 0);
      return this;
    }
    fin() {
      const bits = this.largo * 8, en = this.largo % 64;
      const cola = new Uint8Array(en < 56 ? 64 - en : 128 - en);
      cola[0] = 0x80;
      new DataView(cola.buffer).setUint32(cola.length - 8, Math.floor(bits / 2 ** 32));
      new DataView(cola.buffer).setUint32(cola.length - 4, bits >>> 0);
      this.sumar(cola);
      return hex(this.h);
    }
  }

  const utf8 = (texto) => new TextEncoder().encode(texto);
  /** SHA-256 of bytes, or of the UTF-8 bytes of a text, in 64 lower-case hex digits. */
  const sha256 = (dato) => new Sha256().sumar(typeof dato === "string" ? utf8(dato) : dato).fin();

  /** Hashes `<semilla>:<id>:<k>`. The seed fills one block exactly, and what follows it fits into a second one. */
  class Urna {
    constructor(semilla) {
      this.tras = Int32Array.from(INICIO);
      mezclar(this.tras, utf8(semilla), 0);
      this.bloque = new Uint8Array(64);
      this.h = new Int32Array(8);
      this.menor = new Int32Array(8);
    }
    /** The smallest hash of `boletas`: the first of that many balls to come out. */
    numero(id, boletas) {
      const { bloque, h, menor } = this;
      for (let k = 1; k <= boletas; k++) {
        const texto = `:${id}:${k}`, largo = texto.length, bits = (64 + largo) * 8;
        bloque.fill(0);
        for (let i = 0; i < largo; i++) bloque[i] = texto.charCodeAt(i);
        bloque[largo] = 0x80;
        bloque[62] = bits >>> 8;
        bloque[63] = bits;
        h.set(this.tras);
        mezclar(h, bloque, 0);
        let i = 0;
        while (i < 7 && h[i] === menor[i]) i++;
        if (k === 1 || h[i] >>> 0 < menor[i] >>> 0) menor.set(h);
      }
      return hex(menor);
    }
  }

  // Canonical JSON (RFC 8785): strings, integers, true, false, null, lists and objects

  /** Order by code point. UTF-16 would put what lies beyond U+FFFF before U+E000. */
  function comparar(a, b) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const x = a.charCodeAt(i), y = b.charCodeAt(i);
      if (x !== y) return (x >= 0xd800 && x < 0xe000 ? x + 0x10000 : x) - (y >= 0xd800 && y < 0xe000 ? y + 0x10000 : y);
    }
    return a.length - b.length;
  }

  const HONDO = 900; // deeper than any line of the format, and less than what fills the stack
  const LARGO = 4300; // more digits than any number of the format
  const SUSTITUTO = /\p{Cs}/u;
  const CADENA = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
  const NUMERO = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

  /** Reads one line. `json` if it is none, else `canonica` if it is not as RFC 8785 writes it. */
  function leerJson(texto, linea) {
    let i = 0, canonica = true;
    const mal = () => { throw new Rechazo(linea, "json"); };
    function hueco() {
      while (" \t\r\n".includes(texto[i] || "x")) { canonica = false; i++; }
    }
    function coger(patron) {
      patron.lastIndex = i;
      const hallado = patron.exec(texto) || mal();
      i = patron.lastIndex;
      return hallado;
    }
    function cadena() {
      const [escrita, dentro] = coger(CADENA);
      if (!dentro.includes("\\")) return dentro;
      const leida = JSON.parse(escrita);
      if (SUSTITUTO.test(leida) || JSON.stringify(leida) !== escrita) canonica = false;
      return leida;
    }
    function numero() {
      const [escrito, decimales, exponente] = coger(NUMERO), valor = Number(escrito);
      if (!Number.isFinite(valor) && (decimales || exponente) || escrito.length > LARGO) mal();
      if (escrito === "-0") canonica = false;
      if (!decimales && !exponente) return valor;
      if (String(valor) !== escrito && `${valor}.0` !== escrito) canonica = false;
      return { fraccion: valor }; // 1.0 is no integer here, though JavaScript takes it for one
    }
    function serie(cierra, uno) {
      i++;
      hueco();
      if (texto[i] === cierra) { i++; return; }
      for (;;) {
        uno();
        hueco();
        if (texto[i] === cierra) { i++; return; }
        if (texto[i++] !== ",") mal();
        hueco();
      }
    }
    function valor(hondo) {
      if (hondo > HONDO) mal();
      const c = texto[i];
      if (c === '"') return cadena();
      if (c === "[") {
        const lista = [];
        serie("]", () => lista.push(valor(hondo + 1)));
        return lista;
      }
      if (c === "{") {
        const objeto = new Map();
        let previa = null;
        serie("}", () => {
          const clave = cadena();
          if (previa !== null && comparar(previa, clave) >= 0) canonica = false;
          previa = clave;
          hueco();
          if (texto[i++] !== ":") mal();
          hueco();
          objeto.set(clave, valor(hondo + 1));
        });
        return objeto;
      }
      for (const [palabra, suyo] of [["null", null], ["true", true], ["false", false]]) {
        if (texto.startsWith(palabra, i)) { i += palabra.length; return suyo; }
      }
      return numero();
    }
    hueco();
    const leido = valor(0);
    hueco();
    if (i < texto.length) mal();
    if (!canonica) throw new Rechazo(linea, "canonica");
    return leido;
  }

  // The rules of section 2

  const es = (patron) => (v) => typeof v === "string" && patron.test(v);
  const entero = (desde, hasta) => (v) => typeof v === "number" && v >= desde && v <= hasta;
  const crecientes = (lista) => lista.every((v, i) => i === 0 || comparar(lista[i - 1], v) < 0);
  const lista = (desde, hasta, cada, todos) => (v) =>
    Array.isArray(v) && v.length >= desde && v.length <= hasta && v.every(cada) && todos(v);
  const codigo = es(/^[a-z][a-z0-9_]{1,39}$/);
  const identidad = es(/^[0-9A-Za-z_-]{1,40}$/);
  const imprimible = es(/^(?:[^\p{C}\p{Z}]| ){1,32}$/u);
  const espacio = (v) => imprimible(v) && !v.startsWith(" ") && !v.endsWith(" ");
  const hex64 = es(/^[0-9a-f]{64}$/);
  const DEL_SORTEO = {
    formato: (v) => v === FORMATO,
    compromiso: hex64,
    espacios: Array.isArray,
    fuente: es(/^[^\p{Cs}]{1,500}$/u),
    liberar_reservas: (v) => typeof v === "boolean",
    sorteo: identidad,
  };
  const DEL_ESPACIO = { codigo: espacio, reserva: (v) => v === null || codigo(v), tipo: codigo };
  const DEL_PARTICIPANTE = {
    boletas: entero(1, 100),
    condiciones: lista(0, 20, codigo, crecientes),
    id: identidad,
    nivel: entero(0, 9),
    preferencias: lista(0, 10, espacio, () => true),
    tipos: lista(1, 8, codigo, (v) => new Set(v).size === v.length),
  };

  function exigir(reglas, objeto, linea) {
    const campos = Object.keys(reglas);
    if (!(objeto instanceof Map) || objeto.size !== campos.length || !campos.every((c) => objeto.has(c))) {
      throw new Rechazo(linea, "claves");
    }
    for (const campo of campos) if (!reglas[campo](objeto.get(campo))) throw new Rechazo(linea, campo);
    return Object.fromEntries(objeto);
  }

  /** The lines of a file, each without its `\n`, as [number, text]. */
  function* lineasDe(datos) {
    const decodificador = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (let desde = 0, linea = 1; desde < datos.length || linea === 1; linea++) {
      const hasta = datos.indexOf(10, desde);
      if (hasta < 0) throw new Rechazo(linea, "fin_de_linea");
      let texto;
      try {
        texto = decodificador.decode(datos.subarray(desde, hasta));
      } catch (error) {
        throw new Rechazo(linea, "utf8");
      }
      yield [linea, texto];
      desde = hasta + 1;
    }
  }

  /** The bases in a file: the fields of its first line, and `participantes`. */
  function leerBases(datos, avance = () => {}) {
    let bases = null, leidos = 0, anterior = "";
    for (const [linea, texto] of lineasDe(datos)) {
      const objeto = leerJson(texto, linea);
      leidos += texto.length + 1;
      if (bases === null) {
        bases = { ...exigir(DEL_SORTEO, objeto, 1), participantes: [] };
        bases.espacios = bases.espacios.map((e) => exigir(DEL_ESPACIO, e, 1));
        if (!crecientes(bases.espacios.map((e) => e.codigo))) throw new Rechazo(1, "espacios_orden");
        continue;
      }
      const participante = exigir(DEL_PARTICIPANTE, objeto, linea);
      if (participante.id <= anterior) throw new Rechazo(linea, "id_orden");
      anterior = participante.id;
      if (bases.participantes.push(participante) % CADA === 0) avance("bases", leidos, datos.length);
    }
    return bases;
  }

  // Who wins, and which space (sections 3, 4 and 6)

  /** Where everyone admitted and not yet seated has a place: `en[clase]` says how many of each kind are in that class.
   * A kind is the set of the classes that its people may use, an array without repeats. */
  class Lugares {
    constructor(cupos) {
      this.libres = cupos;
      this.en = cupos.map(() => new Map());
      this.muertas = new Set();
      this.vedadas = new Map();
    }
    mover(kind, clase, cuantos) {
      const queda = (this.en[clase].get(kind) || 0) + cuantos;
      if (queda) this.en[clase].set(kind, queda);
      else this.en[clase].delete(kind);
      this.libres[clase] -= cuantos;
    }
    /** Make a place in one of the classes `desde`, moving others along a shortest path; that class, or -1 if there is
     * no way. With `suyo`, one of that kind leaves its place, which is as good as a free one. What a vain search has
     * seen goes into `muertas`: full classes, whose people may use no others, and so they stay. */
    abrir(desde, suyo, muertas) {
      const previo = new Map();
      for (const clase of desde) if (!muertas.has(clase)) previo.set(clase, null);
      const llega = (clase) => this.libres[clase] > 0 || (suyo !== null && this.en[clase].has(suyo));
      const vistos = new Set();
      let fin = -1;
      // A Map goes on to what is added to it on the way: it is the queue of the search, too.
      busqueda: for (const clase of previo.keys()) {
        if (llega(clase)) { fin = clase; break; }
        for (const kind of this.en[clase].keys()) {
          if (vistos.has(kind)) continue;
          vistos.add(kind);
          for (const otra of kind) {
            if (previo.has(otra) || muertas.has(otra)) continue;
            previo.set(otra, [clase, kind]);
            if (llega(otra)) { fin = otra; break busqueda; }
          }
        }
      }
      if (fin < 0) {
        for (const clase of previo.keys()) muertas.add(clase);
        return -1;
      }
      if (suyo !== null) this.mover(suyo, this.en[fin].has(suyo) ? fin : suyo.find((c) => this.en[c].has(suyo)), -1);
      while (previo.get(fin) !== null) {
        const [clase, kind] = previo.get(fin);
        this.mover(kind, clase, -1);
        this.mover(kind, fin, 1);
        fin = clase;
      }
      return fin;
    }
    admitir(kind) {
      const clase = this.abrir(kind, null, this.muertas);
      if (clase >= 0) this.mover(kind, clase, 1);
      return clase >= 0;
    }
    /** Give one of `kind` a space of `clase` for good, if everyone else admitted can still have one. */
    sentar(kind, clase) {
      if (!this.vedadas.has(kind)) this.vedadas.set(kind, new Set());
      if (this.abrir([clase], kind, this.vedadas.get(kind)) < 0) return false;
      this.libres[clase]--;
      return true;
    }
  }

  /** The spaces, in classes of equal `tipo` and `reserva`. */
  class Plano {
    constructor(espacios) {
      this.clases = [];
      this.claseDe = new Map();
      const numeros = new Map();
      for (const { codigo, tipo, reserva } of espacios) {
        const nombre = `${tipo} ${reserva === null ? "" : reserva}`;
        if (!numeros.has(nombre)) numeros.set(nombre, this.clases.push({ tipo, reserva, codigos: [], va: 0 }) - 1);
        this.clases[numeros.get(nombre)].codigos.push(codigo);
        this.claseDe.set(codigo, numeros.get(nombre));
      }
      this.lugares = new Lugares(this.clases.map((c) => c.codigos.length));
      this.derechos = new Map();
      this.kinds = new Map();
    }
    /** What somebody may use: `kind`, and `tandas`, its classes in the order of section 4. */
    derecho({ tipos, condiciones }, prestado) {
      const nombre = `${prestado} ${tipos} ${condiciones}`;
      if (!this.derechos.has(nombre)) {
        const tandas = [0, 1, 2].map(() => tipos.map(() => []));
        this.clases.forEach(({ tipo, reserva }, clase) => {
          const rango = reserva === null ? 1 : condiciones.includes(reserva) ? 0 : 2;
          if (tipos.includes(tipo) && (rango < 2 || prestado)) tandas[rango][tipos.indexOf(tipo)].push(clase);
        });
        const clases = [].concat(...tandas.map((t) => [].concat(...t))).sort((a, b) => a - b);
        if (!this.kinds.has(`${clases}`)) this.kinds.set(`${clases}`, clases);
        this.derechos.set(nombre, { kind: this.kinds.get(`${clases}`), tandas: [].concat(...tandas) });
      }
      return this.derechos.get(nombre);
    }
    /** The first space of their list that leaves everyone else one. Of a class only its first code is tried: if that
     * one is not possible, no other of the class is. */
    tomar(preferencias, { kind, tandas }) {
      const probar = (codigo) => this.lugares.sentar(kind, this.claseDe.get(codigo)) && this.claseDe.delete(codigo);
      for (const codigo of preferencias) if (kind.includes(this.claseDe.get(codigo)) && probar(codigo)) return codigo;
      for (const tanda of tandas) {
        for (const codigo of tanda.map((c) => this.primero(this.clases[c])).filter((c) => c !== undefined).sort(comparar)) {
          if (probar(codigo)) return codigo;
        }
      }
      throw new Error("nobody is admitted without a space");
    }
    primero(clase) {
      while (clase.va < clase.codigos.length && !this.claseDe.has(clase.codigos[clase.va])) clase.va++;
      return clase.codigos[clase.va];
    }
  }

  /** The places in the order of the draw: {id, posicion, numero, espacio, espera}. */
  function sortear(bases, semilla, avance = () => {}) {
    const plano = new Plano(bases.espacios), urna = new Urna(semilla), total = bases.participantes.length;
    const orden = bases.participantes.map((p, i) => {
      if (i % CADA === 0) avance("boletas", i, total);
      return { p, numero: urna.numero(p.id, p.boletas), espacio: null };
    });
    const menor = (a, b) => (a < b ? -1 : a > b ? 1 : 0); // these are digits and letters of ASCII
    orden.sort((a, b) => a.p.nivel - b.p.nivel || menor(a.numero, b.numero) || menor(a.p.id, b.p.id));
    const admitidos = [];
    let quedan = orden;
    for (const prestado of bases.liberar_reservas ? [false, true] : [false]) {
      const negados = new Set();
      quedan = quedan.filter((puesto) => {
        const derecho = plano.derecho(puesto.p, prestado);
        if (!negados.has(derecho.kind) && plano.lugares.admitir(derecho.kind)) {
          admitidos.push([puesto, derecho]);
          return false;
        }
        negados.add(derecho.kind);
        return true;
      });
    }
    admitidos.forEach(([puesto, derecho], i) => {
      if (i % CADA === 0) avance("espacios", i, admitidos.length);
      puesto.espacio = plano.tomar(puesto.p.preferencias, derecho);
    });
    let espera = 0;
    return orden.map(({ p, numero, espacio }, i) =>
      ({ id: p.id, posicion: i + 1, numero, espacio, espera: espacio === null ? ++espera : null }));
  }

  /** A line of the result, without its `\n`. */
  const escribir = ({ espacio, espera, id, numero, posicion }) => JSON.stringify({ espacio, espera, id, numero, posicion });

  /** The seed, from the secret, the hash of the bases and the public number. */
  function semillaDe(secreto, huella, entropia) {
    if (!/^[^\p{Cc}\p{Cs}]{0,1000}$/u.test(entropia)) throw new Rechazo(null, "entropia");
    return sha256(`${secreto}:${huella}:${entropia}`);
  }

  function correr(datos, secreto, entropia, avance = () => {}) {
    const bases = leerBases(datos, avance);
    if (!hex64(secreto) || sha256(secreto) !== bases.compromiso) throw new Rechazo(null, "secreto");
    const huella = sha256(datos), semilla = semillaDe(secreto, huella, entropia);
    const lineas = sortear(bases, semilla, avance).map(escribir), resumen = new Sha256();
    for (let i = 0; i < lineas.length; i += CADA) {
      resumen.sumar(utf8(lineas.slice(i, i + CADA).join("\n") + "\n"));
      avance("resultado", i, lineas.length);
    }
    return { huella, semilla, huellaResultado: resumen.fin(), lineas, bases };
  }

  return { FORMATO, Rechazo, Sha256, Urna, comparar, correr, leerBases, semillaDe, sha256, sortear };
})();
if (typeof module === "object") module.exports = SorteoV1;
