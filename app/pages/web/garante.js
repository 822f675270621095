/* The page of a witness: what the link brought says whose it is, and the phrase is hashed here. It leaves this page when
 * it is revealed, and not before. */
"use strict";
{
  const sorteo = JSON.parse($("datos").textContent), token = delEnlace("token");
  const camino = `/sorteo/${sorteo.sorteo_id}/garantes/${encodeURIComponent(token || "")}`;
  const compromiso = $("compromiso"), revelacion = $("revelacion");
  let propio = null;

  /** As the API takes it: without spaces at the ends, composed. */
  const limpia = (dicha) => dicha.normalize("NFC").trim();
  const frase = () => limpia(valor(compromiso, "frase"));

  // What the API takes in no text: control and format characters, line ends, selectors of variants, what nobody sees.
  const VEDADO = new RegExp(
    "[|\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\u180B-\\u180F\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}" +
    "\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u2800\\u3164\\uFFA0]", "u");

  /** Whether the API will take it when it is revealed. It counts characters, and not halves of them. */
  const sirve = (dicha) => [...dicha].length >= 12 && [...dicha].length <= 80 && !VEDADO.test(dicha);

  function mostrar(cual) {
    for (const parte of document.querySelectorAll("[data-parte]")) parte.hidden = parte.id !== cual;
    $(cual).focus();
  }

  function parte() {
    if (propio.revelada_en) return "revelado";
    if (sorteo.estado === "abierto") return propio.compromiso ? "comprometido" : "comprometerse";
    return sorteo.a_tiempo && propio.compromiso ? "revelar" : "tarde";
  }

  function seguir(garante) {
    propio = garante;
    $("quien").textContent = decir("garante", { nombre: garante.nombre });
    for (const lugar of document.querySelectorAll("[data-compromiso]")) lugar.textContent = garante.compromiso || "";
    mostrar(parte());
  }

  const pedir = async (paso, cuerpo) => seguir(await (await enviar(`${camino}/${paso}`, cuerpo)).json());

  /** Groups of hex digits from the browser's own source of chance, for who has no phrase at hand. */
  $("proponer").addEventListener("click", () => {
    const cifras = Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0"));
    compromiso.elements.frase.value = cifras.join("").match(/.{4}/g).join(" ");
    contar();
  });

  function contar() {
    $("huella").textContent = frase() ? SorteoV1.sha256(frase()) : "";
  }
  compromiso.elements.frase.addEventListener("input", contar);

  alEnviar(compromiso, async () => {
    const dicha = frase();
    // What the API would say of the phrase when it is revealed, said while another one can still be chosen.
    if (!sirve(dicha)) {
      throw new Fallo({ errores: [{ campo: "frase", mensaje: decir("frase_no_sirve") }] });
    }
    await pedir("compromiso", { compromiso: SorteoV1.sha256(dicha) });
    $("guardar").textContent = dicha;
    $("guardela").hidden = false;
  });

  alEnviar(revelacion, async () => {
    const dicha = limpia(valor(revelacion, "frase_revelada"));
    if (SorteoV1.sha256(dicha) !== propio.compromiso) {
      throw new Fallo({ errores: [{ campo: "frase_revelada", mensaje: decir("frase_de_otro") }] });
    }
    await pedir("revelacion", { frase: dicha });
  });

  if (token) {
    llamar(camino).then((respuesta) => respuesta.json()).then(seguir).catch((fallo) => {
      $("falla").textContent = fallo.message;
      mostrar("sin_enlace");
    });
  } else {
    mostrar("sin_enlace");
  }
}
