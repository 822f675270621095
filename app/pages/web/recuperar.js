"use strict";
{
  const pedir = $("pedir"), poner = $("poner"), token = delEnlace("token");
  if (token) {
    alEnviar(poner, async () => {
      exigirIguales(poner, "nueva", "repetida");
      await enviar("/auth/recuperacion/confirmar", { token, nueva: valor(poner, "nueva") });
      terminar(poner, $("puesta"));
    });
  } else {
    alEnviar(pedir, async () => {
      await enviar("/auth/recuperacion", { email: valor(pedir, "email") });
      terminar(pedir, $("pedida"));
    });
  }
}
