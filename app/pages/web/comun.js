/* What all pages have: their words, their clocks, calls to the API and forms. Nothing is kept anywhere but in the page. */
"use strict";
const $ = (id) => document.getElementById(id);
const TEXTOS = JSON.parse($("textos").textContent);
const API = "/api/v1";

/** What is said of one, or of any other number, which is `#`. */
const contado = (n, formas) => formas.split("|")[n === 1 ? 0 : 1].replace("#", String(n));
/** The words of `clave`, with `{name}` filled in from `datos`; `{name:# one|# several}` counts. */
const decir = (clave, datos = {}) => TEXTOS[clave].replace(/\{(\w+)(?::([^}]*))?\}/g, (_, nombre, formas) =>
  formas === undefined ? String(datos[nombre]) : contado(datos[nombre], formas));

/** An element with attributes and children; a string is text, never HTML. */
function crear(nombre, atributos = {}, ...hijos) {
  const elemento = document.createElement(nombre);
  for (const [clave, valor] of Object.entries(atributos)) elemento.setAttribute(clave, valor);
  elemento.append(...hijos);
  return elemento;
}

// Clocks: how long it is from now to the instant of each <time data-reloj>

function cuanto(milisegundos) {
  const minutos = Math.floor(Math.abs(milisegundos) / 60000), dias = Math.floor(minutos / 1440);
  const partes = [[dias, "dias"], [Math.floor(minutos / 60) % 24, "horas"], [minutos % 60, "minutos"]];
  const primera = partes.findIndex(([n]) => n > 0);
  if (primera < 0) return decir("menos_de_un_minuto");
  return partes.slice(primera, primera + 2).filter(([n]) => n > 0).map(([n, unidad]) => decir(unidad, { n })).join(" ");
}

function moverRelojes() {
  for (const reloj of document.querySelectorAll("time[data-reloj]")) {
    const falta = Date.parse(reloj.dateTime) - Date.now();
    reloj.nextElementSibling.textContent = decir(falta > 0 ? "falta" : "hace", { cuanto: cuanto(falta) });
  }
}
for (const reloj of document.querySelectorAll("time[data-reloj]")) reloj.after(crear("span", { class: "nota" }));
moverRelojes();
setInterval(moverRelojes, 20000);

// What leads to the same page in the other language takes the fragment along: in it stands what a link brought

for (const enlace of document.querySelectorAll("a[hreflang]")) {
  enlace.addEventListener("click", () => { enlace.hash = location.hash; });
}

/** The value that the fragment of a link carries, which no server and no log has seen. */
const delEnlace = (nombre) => new URLSearchParams(location.hash.slice(1)).get(nombre);

// Calls

/** What is refused: `problema` as the API says it (RFC 9457), or null where it could not be reached. */
class Fallo extends Error {
  constructor(problema) {
    super(problema ? problema.detail : decir("sin_conexion"));
    this.problema = problema;
  }
}

async function llamar(camino, opciones = {}) {
  let respuesta;
  try {
    respuesta = await fetch(API + camino, {
      cache: "no-store",
      credentials: "omit",
      ...opciones,
      headers: { "Accept-Language": document.documentElement.lang, ...opciones.headers },
    });
  } catch (error) {
    throw new Fallo(null);
  }
  if (!respuesta.ok) throw new Fallo(await respuesta.json().catch(() => null));
  return respuesta;
}

const enviar = (camino, cuerpo, token) => llamar(camino, {
  method: "POST",
  headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  body: JSON.stringify(cuerpo),
});

/** An access token for what is in the three fields of a sign-in form. The field of the second factor shows when needed. */
async function entrar(formulario) {
  const cuerpo = new URLSearchParams({ username: valor(formulario, "username"), password: valor(formulario, "password") });
  if (valor(formulario, "otp")) cuerpo.set("otp", valor(formulario, "otp"));
  try {
    return (await (await llamar("/auth/login", { method: "POST", body: cuerpo })).json()).access_token;
  } catch (fallo) {
    if (fallo.problema && fallo.problema.codigo === "otp_requerido") {
      formulario.elements.otp.closest(".campo").hidden = false;
      formulario.elements.otp.focus();
    }
    throw fallo;
  }
}

// Forms: <p class="error" id="error-NAME"> under each field, and one element of role alert

const valor = (formulario, nombre) => formulario.elements[nombre].value;

function marcar(formulario, nombre, mensaje) {
  const campo = formulario.elements[nombre], error = formulario.querySelector(`#error-${nombre}`);
  error.textContent = mensaje;
  error.hidden = !mensaje;
  if (mensaje) campo.setAttribute("aria-invalid", "true");
  else campo.removeAttribute("aria-invalid");
}

/** What the form does when it is sent: once at a time, with refusals shown where they belong. */
function alEnviar(formulario, accion) {
  const aviso = formulario.querySelector("[role=alert]"), boton = formulario.querySelector("[type=submit]");
  const campos = [...formulario.querySelectorAll(".error[id]")].map((error) => error.id.slice("error-".length));
  formulario.addEventListener("submit", async (evento) => {
    evento.preventDefault();
    if (boton.getAttribute("aria-disabled") === "true") return;
    aviso.textContent = "";
    campos.forEach((campo) => marcar(formulario, campo, ""));
    boton.setAttribute("aria-disabled", "true");
    try {
      await accion();
    } catch (fallo) {
      const errores = (fallo.problema && fallo.problema.errores) || [];
      for (const { campo, mensaje } of errores) if (campos.includes(campo)) marcar(formulario, campo, mensaje);
      const ajenos = errores.filter(({ campo }) => !campos.includes(campo)).map(({ mensaje }) => mensaje);
      aviso.textContent = errores.length ? ajenos.join(" ") || decir("revise") : fallo.message;
      const primero = formulario.querySelector("[aria-invalid=true]");
      if (primero) primero.focus();
    } finally {
      boton.setAttribute("aria-disabled", "false");
    }
  });
  formulario.hidden = false;
}

/** Two fields for a new password that must hold the same. */
function exigirIguales(formulario, uno, otro) {
  if (valor(formulario, uno) !== valor(formulario, otro)) {
    throw new Fallo({ errores: [{ campo: otro, mensaje: decir("claves_distintas") }] });
  }
}

/** In the place of the form, what came of it. What the link brought is spent, and leaves the address. */
function terminar(formulario, hecho) {
  history.replaceState(null, "", location.pathname + location.search);
  formulario.hidden = true;
  hecho.hidden = false;
  hecho.focus();
}
