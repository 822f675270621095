// Types of the document, for openapi-fetch: `node generar.ts <document> <where to>`. What is binary is a Blob.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const [documento, destino] = process.argv.slice(2);
if (!documento || !destino) throw new Error("node generar.ts documento destino");

const BLOB = ts.factory.createTypeReferenceNode("Blob");
const arbol = await openapiTS(await readFile(documento, "utf-8"), {
  alphabetize: true,
  defaultNonNullable: false,
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  transform: (esquema) => (esquema.format === "binary" ? BLOB : undefined),
});
await writeFile(destino, astToString(arbol));
