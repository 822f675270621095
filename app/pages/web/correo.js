"use strict";
{
  const formulario = $("formulario"), token = delEnlace("token");
  if (token) {
    alEnviar(formulario, async () => {
      const acceso = await entrar(formulario);
      try {
        await enviar("/auth/correo/confirmar", { token }, acceso);
      } finally {
        await enviar("/auth/logout", {}, acceso).catch(() => null);
      }
      terminar(formulario, $("hecho"));
    });
  } else {
    $("sin_enlace").hidden = false;
  }
}
