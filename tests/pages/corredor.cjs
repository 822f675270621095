// Runs draws by the engine of the pages: a list of {bases, secreto, entropia} comes in, what came of each goes out.
const SorteoV1 = require("../../app/pages/web/sorteo-v1.js");

function correr({ bases, secreto, entropia }) {
  try {
    const { huella, semilla, huellaResultado, lineas } = SorteoV1.correr(Buffer.from(bases, "base64"), secreto, entropia);
    return { huella, semilla, huella_resultado: huellaResultado, resultado: lineas.map((linea) => `${linea}\n`).join("") };
  } catch (error) {
    if (error instanceof SorteoV1.Rechazo) return { linea: error.linea, regla: error.regla };
    throw error;
  }
}

const casos = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(casos.map(correr)));
