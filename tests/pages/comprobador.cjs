// Runs the comparison of the pages: a list of {bases, resultado, publicado} comes in, each report and what was said on the
// way goes out. In a page, both scripts share their names; here the engine is handed over.
globalThis.SorteoV1 = require("../../app/pages/web/sorteo-v1.js");
const Comprobador = require("../../app/pages/web/comprobar.js");

const bytes = (texto) => (texto === null ? null : Buffer.from(texto, "base64"));
const casos = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(casos.map(({ bases, resultado, publicado, folio }) => {
  const dichos = [];
  const comprobador = new Comprobador((dicho) => dichos.push(dicho));
  comprobador.atender({ tipo: "comprobar", bases: bytes(bases), resultado: bytes(resultado), publicado });
  if (folio) comprobador.atender({ tipo: "buscar", folio });
  return dichos.filter((dicho) => dicho.tipo !== "avance");
})));
