/* Compares a draw as it was published with the one that the files give, step by step and up to the first difference. The
 * page runs this in a worker, and by itself where there are no workers. It speaks in messages:
 *
 *   in   {tipo: "comprobar", bases, resultado, publicado}   Uint8Array; Uint8Array or null; the body of `verificacion`
 *        {tipo: "buscar", folio}                            after the draw was computed
 *   out  {tipo: "avance", fase, hecho, total}
 *        {tipo: "informe", pasos, diferencia, calculado, participantes}     diferencia: null, or {paso, ...what differs}
 *        {tipo: "boleta", ...}                              null for what is not in the draw
 */
"use strict";
class Comprobador {
  constructor(responder) {
    this.responder = responder;
    this.corrida = null;
  }

  atender(mensaje) {
    if (mensaje.tipo === "buscar") this.responder({ tipo: "boleta", folio: mensaje.folio, hallada: this.buscar(mensaje.folio) });
    else this.responder(this.comprobar(mensaje));
  }

  /** In the order in which a reader would doubt: what was published, the file, its contents, the draw. */
  comprobar({ bases, resultado, publicado }) {
    const pasos = [];
    this.corrida = null;
    const cerrar = (diferencia) => ({
      tipo: "informe",
      pasos,
      diferencia,
      calculado: this.corrida !== null,
      participantes: this.corrida === null ? null : this.corrida.lineas.length,
    });
    const iguales = (paso, esperado, hallado) => {
      if (esperado !== hallado) return { paso, esperado, hallado };
      pasos.push(paso);
      return null;
    };
    const avance = (fase, hecho, total) => this.responder({ tipo: "avance", fase, hecho, total });

    let distinto = iguales("compromiso", publicado.compromiso, SorteoV1.sha256(publicado.secreto));
    distinto = distinto || iguales("huella", publicado.huella, SorteoV1.sha256(bases));
    if (distinto) return cerrar(distinto);
    try {
      this.corrida = SorteoV1.correr(bases, publicado.secreto, publicado.entropia, avance);
    } catch (error) {
      if (error instanceof SorteoV1.Rechazo) return cerrar({ paso: "formato", linea: error.linea, regla: error.regla });
      throw error;
    }
    pasos.push("formato");
    const suyas = this.corrida.bases;
    // The lines say where; the hash of the file says it also of what no line shows.
    distinto = iguales("sorteo", publicado.sorteo_id, suyas.sorteo)
      || iguales("fuente", publicado.fuente, suyas.fuente)
      || this.numeroDistinto(publicado, pasos)
      || iguales("semilla", publicado.semilla, this.corrida.semilla)
      || (resultado && this.primeraDistinta(resultado))
      || (resultado && iguales("archivo", this.corrida.huellaResultado, SorteoV1.sha256(resultado)))
      || iguales("resultado", publicado.huella_resultado, this.corrida.huellaResultado);
    return cerrar(distinto || null);
  }

  /** Where `entropia` is not what `fuente` announced: a number of that form or the round of drand, and then the phrases that
   * the witnesses committed to. A `fuente` that tells no form, as other houses may write it, announces nothing. */
  numeroDistinto({ fuente, entropia, drand, garantes = [] }, pasos) {
    const dicho = /^.*; \d{4}-\d\d-\d\dT[\d:.]+Z; (.+?)(?:; \|([0-9a-f]{64}))?$/s.exec(fuente);
    if (dicho === null) return null;
    const suyos = garantes.filter((g) => g.compromiso !== null);
    const partes = entropia.split("|"), frases = suyos.length ? partes.splice(-suyos.length) : [];
    const firma = drand ? Uint8Array.from(drand.signature.match(/../g), (par) => parseInt(par, 16)) : "";
    const forma = dicho[1].replace("<64 hex>", SorteoV1.sha256(firma)), numero = partes.join("|"), molde = Array.from(forma);
    const escrito = Array.from(numero, (c, i) => (molde[i] === "#" && c >= "0" && c <= "9" ? "#" : c)).join("");
    if (escrito !== forma) return { paso: "numero", esperado: forma, hallado: numero };
    pasos.push("numero");
    const compromisos = suyos.map((g) => g.compromiso), todos = compromisos.length ? SorteoV1.sha256(compromisos.join("|")) : "";
    if (todos !== (dicho[2] || "")) return { paso: "garantes", esperado: dicho[2] || "", hallado: todos };
    for (const [i, frase] of frases.entries()) {
      const suyo = SorteoV1.sha256(frase);
      if (frase && suyo !== compromisos[i]) return { paso: "garantes", esperado: compromisos[i], hallado: suyo };
    }
    if (suyos.length) pasos.push("garantes");
    return null;
  }

  /** The first line of the file of the result that is not the one of the draw; null if there is none. */
  primeraDistinta(resultado) {
    const { lineas } = this.corrida, decodificador = new TextDecoder("utf-8", { ignoreBOM: true });
    const texto = (desde, hasta) => decodificador.decode(resultado.subarray(desde, hasta));
    let desde = 0;
    for (let i = 0; i <= lineas.length; i++) {
      const fin = resultado.indexOf(10, desde);
      const suya = fin < 0 ? texto(desde, resultado.length) : texto(desde, fin);
      const completa = fin >= 0 && suya === lineas[i];
      if (i === lineas.length ? desde === resultado.length : completa) {
        desde = fin + 1;
        continue;
      }
      return { paso: "linea", linea: i + 1, esperado: i < lineas.length ? lineas[i] : "", hallado: suya };
    }
    return null;
  }

  /** Where `folio` came out, and its balls one by one. */
  buscar(folio) {
    const { bases, lineas, semilla } = this.corrida;
    const participante = bases.participantes.find((p) => p.id === folio);
    if (participante === undefined) return null;
    const niveles = new Map(bases.participantes.map((p) => [p.id, p.nivel]));
    const puestos = lineas.map((linea) => JSON.parse(linea));
    const puesto = puestos.find((p) => p.id === folio);
    const delNivel = puestos.filter((p) => niveles.get(p.id) === participante.nivel);
    const bolas = Array.from({ length: participante.boletas }, (_, k) => SorteoV1.sha256(`${semilla}:${folio}:${k + 1}`));
    return {
      ...puesto,
      total: lineas.length,
      nivel: participante.nivel,
      enNivel: delNivel.indexOf(puesto) + 1,
      delNivel: delNivel.length,
      semilla,
      bolas,
    };
  }
}
if (typeof WorkerGlobalScope === "function" && self instanceof WorkerGlobalScope) {
  const comprobador = new Comprobador((mensaje) => postMessage(mensaje));
  onmessage = (llegada) => comprobador.atender(llegada.data);
}
if (typeof module === "object") module.exports = Comprobador;
