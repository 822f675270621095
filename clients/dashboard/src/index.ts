export * from "./infinitas.ts";
export * from "./proveedor.ts";
export * from "./recursos.ts";
