"""Races for the roll: flats, vehicles, people, sanctions, conditions, and what comes from files."""

from tests.wiring.carreras.contrato import (
    CSV,
    ESPACIO,
    HOY_NO,
    IMPORTAR,
    NUEVAS,
    OTRAS,
    TITULAR,
    UNIDAD,
    Carrera,
    Llamada,
    agrega,
    delete,
    llega,
    patch,
    post,
    se_va,
    siempre,
    uno_gana,
)

DEL_PADRON = [
    # The roll: what is unique.
    Carrera(
        "one plate in two flats", agrega("A", "K{n}Z"), agrega("B", "k{n}-z"), **uno_gana("201", "409 placa_duplicada")
    ),
    Carrera(
        "two vehicles given one plate",
        patch(UNIDAD + "/vehiculos/{1}", {"placa": "K{n}Z"}),
        patch("/residentes/unidades/{B}/vehiculos/{3}", {"placa": "k {n} z"}),
        **uno_gana("200", "409 placa_duplicada"),
    ),
    Carrera("one document", llega("A", "{n}9"), llega("B", "{n}-9"), **uno_gana("201", "409 documento_duplicado")),
    Carrera(
        "one e-mail",
        patch("/residentes/{Ana}", {"email": "s{n}@example.com"}),
        llega("B", "{n}9", email="S{n}@Example.com"),
        ("200", "409 email_duplicado"),
        ("409 email_duplicado", "201"),
    ),
    Carrera(
        "one flat, spelt in two ways",
        post("/residentes/unidades", {"torre": "T", "apartamento": "{n} X"}),
        post("/residentes/unidades", {"torre": "t ", "apartamento": " {n}  x"}),
        **uno_gana("201", "409 unidad_duplicada"),
    ),
    Carrera(
        "a flat that is made, and another renamed to it",
        post("/residentes/unidades", {"torre": "T", "apartamento": "{n}X"}),
        patch(UNIDAD, {"apartamento": "{n}x"}),
        ("201", "409 unidad_duplicada"),
        ("409 unidad_duplicada", "200"),
    ),
    Carrera(
        "the fifty-first vehicle",
        agrega("A", "K{n}Y"),
        agrega("A", "K{n}Z"),
        **uno_gana("201", "409 demasiados_vehiculos"),
        antes=(patch(UNIDAD, {"vehiculos": [{"tipo": "bicicleta"}] * 49}),),
    ),
    # The roll: a flat that is deleted.
    Carrera(
        "a flat deleted, and somebody moves in",
        delete("/residentes/unidades/{C}"),
        llega("C", "{n}9"),
        ("204", "422 unidad_desconocida"),
        ("409 unidad_en_uso", "201"),
    ),
    Carrera(
        "a flat deleted, and given a vehicle",
        delete("/residentes/unidades/{C}"),
        agrega("C", "K{n}Z"),
        ("204", "404 no_encontrado"),
        ("204", "201"),
    ),
    Carrera(
        "a flat deleted, and sanctioned",
        delete("/residentes/unidades/{C}"),
        post("/residentes/unidades/{C}/sanciones", HOY_NO),
        ("204", "404 no_encontrado"),
        ("409 unidad_en_uso", "201"),
    ),
    Carrera(
        "a flat deleted, and given a right to a space",
        delete("/residentes/unidades/{C}"),
        patch("/sorteo/espacios/E-{n}", {"titular": TITULAR | {"unidad_id": "{C}"}}),
        ("204", "422 no_existe"),
        ("409 unidad_en_uso", "200"),
        antes=(ESPACIO,),
    ),
    Carrera(
        "a condition deleted, and given",
        delete("/residentes/condiciones/c{n}"),
        Llamada("PUT", "/residentes/{Ana}/condiciones/c{n}", {"estado": "verificada", "persona": "titular"}),
        ("204", "422 no_existe"),
        ("409 condicion_en_uso", "200"),
        antes=(
            post("/residentes/condiciones", {"codigo": "c{n}", "nombre": {"es": "Algo", "en": "Some"}, "vence": False}),
        ),
    ),
    # The roll: two write one thing.
    Carrera(
        "two change one flat that both have read",
        patch(UNIDAD, {"cupo": 2}, cabeceras={"If-Match": "{etiqueta}"}),
        patch(UNIDAD, {"al_dia": False}, cabeceras={"If-Match": "{etiqueta}"}),
        **uno_gana("200", "412 version_obsoleta"),
        antes=(Llamada("GET", UNIDAD, nombre="etiqueta"),),
    ),
    Carrera(
        "two change two fields of one flat",
        patch(UNIDAD, {"cupo": 2}),
        patch(UNIDAD, {"al_dia": False}),
        **siempre("200", "200"),
    ),
    Carrera(
        "two change two fields of one person",
        patch("/residentes/{Ana}", {"telefono": "3001234567"}),
        patch("/residentes/{Ana}", {"nombres": "Anita"}, del_operador=True),
        **siempre("200", "200"),
    ),
    Carrera(
        "arrears in bulk, and by hand",
        post("/residentes/paz-y-salvo", "torre,apartamento,saldo\nT,{n}A,0\nT,{n}B,5\n", cabeceras=CSV),
        patch(UNIDAD, {"al_dia": False, "cupo": 3}),
        **siempre("200", "200"),
    ),
    Carrera(
        "a condition verified, and rejected",
        Llamada(
            "PUT",
            "/residentes/{Ana}/condiciones/embarazo",
            {"estado": "verificada", "persona": "titular", "vigente_hasta": "2099-01-01"},
        ),
        Llamada(
            "PUT", "/residentes/{Ana}/condiciones/movilidad_reducida", {"estado": "rechazada", "persona": "titular"}
        ),
        **siempre("200", "200"),
    ),
    Carrera(
        "a person erased, and given a condition",
        post("/residentes/{Ana}/suprimir?confirmar=true"),
        Llamada(
            "PUT", "/residentes/{Ana}/condiciones/movilidad_reducida", {"estado": "verificada", "persona": "titular"}
        ),
        ("204", "404 no_encontrado"),
        ("204", "200"),
    ),
    Carrera(
        "a person erased, and changed",
        post("/residentes/{Ana}/suprimir?confirmar=true"),
        patch("/residentes/{Ana}", {"email": "s{n}@example.com"}),
        ("204", "404 no_encontrado"),
        ("204", "200"),
    ),
    Carrera(
        "a person who leaves, and is invited",
        se_va("Eva"),
        post("/auth/invitaciones", {"residente_id": "{Eva}"}),
        ("204", "409 residente_inactivo"),
        ("204", "201"),
    ),
    Carrera(
        "a sanction lifted twice",
        delete(UNIDAD + "/sanciones/{sancion}"),
        delete(UNIDAD + "/sanciones/{sancion}"),
        **uno_gana("204", "404 no_encontrado"),
        antes=(post(UNIDAD + "/sanciones", HOY_NO, "sancion"),),
    ),
    # The roll, from files.
    Carrera(
        "one file twice",
        post(IMPORTAR, NUEVAS, cabeceras=CSV),
        post(IMPORTAR, NUEVAS, cabeceras=CSV),
        **siempre("hecho", "hecho"),
        veces=12,
    ),
    Carrera(
        "one plate in two files",
        post(IMPORTAR, NUEVAS, cabeceras=CSV),
        post(IMPORTAR, OTRAS, cabeceras=CSV),
        **siempre("hecho", "hecho"),
        veces=12,
    ),
    Carrera(
        "a file, and a flat and a document of its own by hand",
        post(IMPORTAR, NUEVAS, cabeceras=CSV),
        llega("C", "{n}7"),
        ("hecho", "409 documento_duplicado"),
        ("hecho", "201"),
        veces=12,
    ),
    Carrera(
        "a file taken back, and a person of it changed",
        post("/trabajos/{trabajo}/deshacer"),
        patch("/residentes/unidades/{C}", {"cupo": 4}),
        **siempre("hecho", "200"),
        antes=(post(IMPORTAR, NUEVAS, "trabajo", cabeceras=CSV),),
        veces=12,
    ),
    Carrera(
        "a file taken back, and a space asked for with its car",
        post("/trabajos/{trabajo}/deshacer"),
        post("/solicitudes", {"sorteo_id": "{manual}", "unidad_id": "{C}", "placa": "K{n}X"}),
        ("hecho", "409 residente_inactivo"),
        ("hecho", "201"),
        antes=(post(IMPORTAR, NUEVAS, "trabajo", cabeceras=CSV),),
        veces=12,
    ),
]
