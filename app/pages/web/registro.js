"use strict";
{
  const formulario = $("formulario"), invitacion = delEnlace("invitacion");
  if (invitacion) {
    alEnviar(formulario, async () => {
      exigirIguales(formulario, "password", "repetida");
      if (!formulario.elements.acepta_politica.checked) {
        throw new Fallo({ errores: [{ campo: "acepta_politica", mensaje: decir("falta_aceptar") }] });
      }
      await enviar("/auth/registro", { invitacion, password: valor(formulario, "password"), acepta_politica: true });
      terminar(formulario, $("hecho"));
    });
  } else {
    $("sin_enlace").hidden = false;
  }
}
