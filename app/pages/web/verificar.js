/* The page of one draw: files from disk or from the API, the draw computed again, a ticket looked up, hashes step by step.
 * What was published stands in the page, as the API says it; a copy of the page on disk works the same without a network. */
"use strict";
{
  const publicado = JSON.parse($("datos").textContent);
  const enDisco = !location.protocol.startsWith("http");
  const estado = { token: null, corriendo: false, esperan: [], trabajador: null };

  // The computation, in a worker made of the text of two scripts of this page, or here where there are no workers

  function arrancar() {
    const aqui = () => {
      const comprobador = new Comprobador(recibir);
      return { postMessage: (mensaje) => setTimeout(() => comprobador.atender(mensaje), 50) };
    };
    try {
      const codigo = new Blob([$("motor").textContent, $("comprobador").textContent], { type: "text/javascript" });
      const trabajador = new Worker(URL.createObjectURL(codigo));
      trabajador.onmessage = (llegada) => recibir(llegada.data);
      trabajador.onerror = (error) => { error.preventDefault(); fracasar(decir("trabajador_roto")); };
      return trabajador;
    } catch (error) {
      return aqui();
    }
  }

  const pedir = (mensaje) => {
    estado.trabajador = estado.trabajador || arrancar();
    estado.trabajador.postMessage(mensaje);
  };

  // The files

  async function leer(entrada) {
    return entrada.files.length ? new Uint8Array(await entrada.files[0].arrayBuffer()) : null;
  }

  async function descargar(cual) {
    anunciar(decir("descargando", { cual }));
    const cabeceras = { Authorization: `Bearer ${estado.token}` };
    const respuesta = await llamar(`/sorteo/${publicado.sorteo_id}/${cual}`, { headers: cabeceras });
    return new Uint8Array(await respuesta.arrayBuffer());
  }

  /** Who chose a file means that file; what was not chosen comes from the API for who is signed in. */
  async function archivos() {
    const bases = await leer($("bases")) || (estado.token && await descargar("bases"));
    if (!bases) return null;
    return { bases, resultado: await leer($("resultado")) || (estado.token ? await descargar("resultado") : null) };
  }

  for (const zona of document.querySelectorAll(".soltar")) {
    const entrada = zona.querySelector("input");
    zona.addEventListener("dragover", (evento) => { evento.preventDefault(); zona.classList.add("encima"); });
    zona.addEventListener("dragleave", () => zona.classList.remove("encima"));
    zona.addEventListener("drop", (evento) => {
      evento.preventDefault();
      zona.classList.remove("encima");
      if (evento.dataTransfer.files.length) entrada.files = evento.dataTransfer.files;
    });
  }

  // The verdict

  const anunciar = (texto) => { $("avance_texto").textContent = texto; };

  function mostrarAvance({ fase, hecho, total }) {
    const texto = decir(`fase_${fase}`);
    if ($("avance_texto").textContent !== texto) anunciar(texto); // read aloud once a phase, not at each step
    $("avance").value = total ? hecho / total : 0;
  }

  function veredicto(clase, titulo, ...contenido) {
    const cuadro = $("veredicto");
    cuadro.className = `veredicto ${clase}`;
    cuadro.replaceChildren(crear("h3", {}, titulo), ...contenido);
    cuadro.hidden = false;
  }

  function parar() {
    estado.corriendo = false;
    $("progreso").hidden = true;
    $("recalcular").setAttribute("aria-disabled", "false");
    anunciar("");
  }

  function fracasar(mensaje) {
    parar();
    estado.esperan = [];
    veredicto("mal", decir("no_se_pudo"), crear("p", {}, mensaje));
  }

  const par = (clave, texto) => [crear("dt", {}, decir(clave)), crear("dd", {}, crear("code", {}, texto || decir("nada")))];

  function diferencia({ paso, linea, regla, esperado, hallado }) {
    const frase = crear("p", {}, decir(`distinto_${paso}`, { linea }));
    if (regla) {
      const donde = linea === null ? "" : `${decir("linea", { linea })}: `;
      return [frase, crear("p", {}, `${donde}${TEXTOS[`regla_${regla}`] || decir("regla_campo", { regla })}`)];
    }
    return [frase, crear("dl", {}, ...par("esperado", esperado), ...par("hallado", hallado))];
  }

  function informar(informe) {
    parar();
    const lista = crear("ul", { class: "lista" });
    for (const paso of informe.pasos) {
      lista.append(crear("li", {}, crear("span", { class: "si", "aria-hidden": "true" }, "✓ "), decir(`igual_${paso}`)));
    }
    if (informe.diferencia === null) veredicto("bien", decir("todo_igual", { n: informe.participantes }), lista);
    else veredicto("mal", decir("algo_distinto"), ...diferencia(informe.diferencia), lista);
    estado.calculado = informe.calculado;
    const esperan = estado.esperan;
    estado.esperan = [];
    if (informe.calculado) esperan.forEach((folio) => pedir({ tipo: "buscar", folio }));
    else if (esperan.length) mostrarBoleta({ error: decir("sin_calcular") });
  }

  function recibir(mensaje) {
    if (mensaje.tipo === "avance") mostrarAvance(mensaje);
    else if (mensaje.tipo === "informe") informar(mensaje);
    else mostrarBoleta(mensaje);
  }

  async function recalcular() {
    if (estado.corriendo) return;
    if (!publicado.semilla) return fracasar(decir("aun_no_corre"));
    estado.corriendo = true;
    estado.calculado = false;
    $("veredicto").hidden = true;
    $("recalcular").setAttribute("aria-disabled", "true");
    $("avance").removeAttribute("value");
    $("progreso").hidden = false;
    try {
      const suyos = await archivos();
      if (suyos === null) fracasar(decir(enDisco ? "falta_archivo" : "falta_archivo_o_sesion"));
      else pedir({ tipo: "comprobar", ...suyos, publicado });
    } catch (fallo) {
      fracasar(fallo.message);
    }
  }
  $("recalcular").addEventListener("click", recalcular);
  // Another file is another computation.
  for (const entrada of [$("bases"), $("resultado")]) entrada.addEventListener("change", () => { estado.calculado = false; });

  // Signing in, on the page that came from the server

  if (!enDisco) {
    const conSesion = () => {
      $("sesion").hidden = true;
      $("con_sesion").hidden = false;
      $("con_sesion").focus();
    };
    alEnviar($("entrada"), async () => {
      estado.token = await entrar($("entrada"));
      conSesion();
    });
    alEnviar($("con_token"), async () => {
      const token = valor($("con_token"), "token").trim();
      await llamar("/auth/yo", { headers: { Authorization: `Bearer ${token}` } });
      estado.token = token;
      conSesion();
    });
    $("sesion").hidden = false;
  }

  // "Find my ticket"

  const fila = (clave, texto) => [crear("dt", {}, decir(clave)), crear("dd", {}, texto)];

  function mostrarBoleta({ folio, hallada, error }) {
    const salida = $("boleta");
    if (error) return salida.replaceChildren(crear("p", { class: "error" }, error));
    if (!hallada) return salida.replaceChildren(crear("p", { class: "error" }, decir("no_esta", { folio })));
    const { espacio, espera, posicion, total, nivel, enNivel, delNivel, bolas, numero, semilla } = hallada;
    const como = espacio === null ? decir("boleta_espera", { espera }) : decir("boleta_espacio", { espacio });
    const lista = crear("ol", {});
    bolas.forEach((bola, k) => lista.append(crear("li", {},
      crear("code", {}, `sha256("${semilla}:${folio}:${k + 1}")`), " = ", crear("code", {}, bola),
      ...(bola === numero ? [crear("strong", {}, ` ${decir("la_menor")}`)] : []))));
    salida.replaceChildren(
      crear("h3", {}, decir("boleta_de", { folio })),
      crear("p", {}, como),
      crear("dl", {}, ...fila("posicion", decir("de_total", { n: posicion, total })),
        ...fila("nivel", decir("nivel_y_lugar", { nivel, n: enNivel, total: delNivel })), ...fila("bolas", String(bolas.length))),
      crear("details", {}, crear("summary", {}, decir("ver_bolas")), lista));
  }

  alEnviar($("busqueda"), async () => {
    const folio = valor($("busqueda"), "folio").trim();
    if (!folio) throw new Fallo({ errores: [{ campo: "folio", mensaje: decir("falta_folio") }] });
    $("boleta").replaceChildren();
    if (estado.calculado) return pedir({ tipo: "buscar", folio });
    if (!$("bases").files.length && !estado.token) {
      throw new Fallo({ detail: decir(enDisco ? "falta_archivo" : "falta_archivo_o_sesion") });
    }
    estado.esperan.push(folio);
    await recalcular();
  });

  // Four values, and each hash that is made of them

  const juicio = (hallado, esperado, si, no) => {
    if (!esperado) return [];
    return [crear("p", { class: hallado === esperado ? "si" : "no" }, decir(hallado === esperado ? si : no))];
  };
  const cuenta = (titulo, formula, hallado, ...mas) =>
    crear("li", {}, crear("h3", {}, decir(titulo)), crear("p", {}, crear("code", {}, formula), " ="),
      crear("p", {}, crear("code", {}, hallado)), ...mas);

  alEnviar($("cuatro"), async () => {
    const [secreto, huella, folio] = ["secreto", "huella", "suyo"].map((n) => valor($("cuatro"), n).trim());
    const entropia = valor($("cuatro"), "entropia"); // as it was published: a space is part of it
    const compromiso = SorteoV1.sha256(secreto);
    const semilla = SorteoV1.sha256(`${secreto}:${huella}:${entropia}`);
    $("cuentas").replaceChildren(
      cuenta("cuenta_compromiso", `sha256("${secreto}")`, compromiso,
        ...juicio(compromiso, publicado.compromiso, "es_el_compromiso", "no_es_el_compromiso")),
      cuenta("cuenta_semilla", `sha256("${secreto}:${huella}:${entropia}")`, semilla,
        ...juicio(semilla, publicado.semilla, "es_la_semilla", "no_es_la_semilla")),
      cuenta("cuenta_boleta", `sha256("${semilla}:${folio}:1")`, SorteoV1.sha256(`${semilla}:${folio}:1`),
        crear("p", { class: "nota" }, decir("cuenta_mas", { folio }))));
  });

  $("llenar").addEventListener("click", () => {
    for (const campo of ["secreto", "huella", "entropia"]) $("cuatro").elements[campo].value = publicado[campo] || "";
    $("cuatro").elements.suyo.focus();
  });
  $("herramientas").hidden = false;
}
