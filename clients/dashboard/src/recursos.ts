// The resources of a dashboard: where each is, and what a row is. The `id` of a row opens it, and other rows name it by it.

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

export const RECURSOS: Readonly<Record<NombreDeRecurso, keyof paths>> = {
  asignaciones: "/api/v1/sorteo/asignaciones",
  auditoria: "/api/v1/auditoria",
  avisos: "/api/v1/avisos",
  espacios: "/api/v1/sorteo/espacios",
  invitaciones: "/api/v1/auth/invitaciones",
  llaves: "/api/v1/auth/llaves",
  permutas: "/api/v1/sorteo/permutas",
  prioridades: "/api/v1/sorteo/prioridades",
  residentes: "/api/v1/residentes",
  solicitudes: "/api/v1/solicitudes",
  sorteos: "/api/v1/sorteo",
  unidades: "/api/v1/residentes/unidades",
  usuarios: "/api/v1/auth/usuarios",
};
