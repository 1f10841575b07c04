import { Fault } from "../kernel/fault.ts";

/** What somebody is here. Which routes each may use stands in route-table.ts; an owner may use all. */
export const roles = ["owner", "admin", "supervisor", "author", "agent", "integrator", "read-only"] as const;
export type Role = (typeof roles)[number];

/** Who asks: a person who has logged in, or a program with a key. */
export interface Caller {
  readonly kind: "user" | "key";
  readonly id: string;
  /** For what is written down. */
  readonly name: string;
  readonly role: Role;
  /** The groups whose campaigns, and the people on their lists, are all that is shown; undefined: everything. */
  readonly groupIds: readonly string[] | undefined;
}

/** How callers are told apart where something is kept for each of them. */
export function callerKey({ kind, id }: Pick<Caller, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** Whom a key or a user is made for. */
export interface Grant {
  readonly role: Role;
  /** As in `Caller`. */
  readonly groupIds: readonly string[] | undefined;
}

/**
 * Holds what somebody wants to hand out against what it may be, and what they are themselves.
 * @param by undefined at the machine's own terminal, where everything may be given
 * @throws Fault `access-invalid`, `forbidden`
 */
export function checkGrant({ role, groupIds }: Grant, by?: Pick<Caller, "role">): void {
  if (by !== undefined && by.role !== "owner" && (by.role !== "admin" || role === "owner"))
    throw new Fault("forbidden", role === "owner" ? "Only an owner makes owners." : "Only owners and administrators give access.");
  if (role === "agent" && groupIds === undefined)
    throw new Fault("access-invalid", "Say which groups: an agent sees nothing but the people of their groups.");
  if ((role === "owner" || role === "admin") && groupIds !== undefined)
    throw new Fault("access-invalid", `The role ${role} is for everything, not for groups; leave them out.`);
}

/** Whether somebody may change what was given with that role: administrators let owners be. */
export function mayChange(by: Pick<Caller, "role">, role: Role): boolean {
  return by.role === "owner" || (by.role === "admin" && role !== "owner");
}
