// The resources of a dashboard: where each is, what opens one of its rows, and what a row is.

import type {
  ApunteOut,
  AsignacionOut,
  AvisoOut,
  EspacioOut,
  InvitationOut,
  KeyOut,
  LotteryOut,
  paths,
  PermutaOut,
  PrioridadOut,
  RequestOut,
  ResidentRow,
  UnidadOut,
  UserDetail,
} from "parknet-cliente";

/** What a row of each is: `useGetList<Filas["solicitudes"]>("solicitudes")`. */
export interface Filas {
  asignaciones: AsignacionOut;
  auditoria: ApunteOut;
  avisos: AvisoOut;
  espacios: EspacioOut;
  invitaciones: InvitationOut;
  llaves: KeyOut;
  permutas: PermutaOut;
  prioridades: PrioridadOut;
  residentes: ResidentRow;
  solicitudes: RequestOut;
  sorteos: LotteryOut;
  unidades: UnidadOut;
  usuarios: UserDetail;
}
export type NombreDeRecurso = keyof Filas;

export interface Recurso {
  camino: keyof paths;
  /** The field that stands in the address of a row, and that other rows name it by. */
  llave: "id" | "codigo";
}

const en = (camino: keyof paths, llave: Recurso["llave"] = "id"): Recurso => ({ camino, llave });

export const RECURSOS: Readonly<Record<NombreDeRecurso, Recurso>> = {
  asignaciones: en("/api/v1/sorteo/asignaciones"),
  auditoria: en("/api/v1/auditoria"),
  avisos: en("/api/v1/avisos"),
  espacios: en("/api/v1/sorteo/espacios", "codigo"),
  invitaciones: en("/api/v1/auth/invitaciones"),
  llaves: en("/api/v1/auth/llaves"),
  permutas: en("/api/v1/sorteo/permutas"),
  prioridades: en("/api/v1/sorteo/prioridades", "codigo"),
  residentes: en("/api/v1/residentes"),
  solicitudes: en("/api/v1/solicitudes"),
  sorteos: en("/api/v1/sorteo"),
  unidades: en("/api/v1/residentes/unidades"),
  usuarios: en("/api/v1/auth/usuarios"),
};
