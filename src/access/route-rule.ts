import type { Role } from "./role.ts";

/** What belongs to groups: a campaign to those that work for it, and the rest by its campaign, its list or its agent. */
export const scopeKinds = ["campaign", "strategy-campaign", "list", "contact", "attempt", "callback", "agent", "group"] as const;
export type ScopeKind = (typeof scopeKinds)[number];

/** Where a request names, or an answer shows, something that belongs to groups. */
export interface Scope {
  /** `items`: of those in the answer only the caller's own are shown. */
  readonly part: "params" | "body" | "items";
  /** The property with the id. In `body` it must be given by callers that are limited to groups. */
  readonly name: string;
  readonly kind: ScopeKind;
}

/**
 * What is written into the audit log of a change that was made. `whole`: the request, and what it changed, without secrets. `names`: which
 * things were named, for what holds people's names, numbers and words, which may have to be forgotten one day. `nothing`: it changes nothing.
 */
export type Recorded = "whole" | "names" | "nothing";

/** One line of the table of routes. */
export interface RouteRule {
  /** `open`: nobody has to say who they are. */
  readonly roles: "open" | ReadonlySet<Role>;
  /** Undefined: not for callers that are limited to groups. Empty: the table has nothing to hold it against. */
  readonly scopes: readonly Scope[] | undefined;
  readonly recorded: Recorded;
  /** Whether it shows people: some of that is hidden from some roles (src/privacy/mask.ts). */
  readonly people: boolean;
}

/** Who may use a route; owners always. */
const sets = {
  owners: ["owner"],
  admins: ["owner", "admin"],
  /** Who brings people, and what is known of them, in. */
  feeders: ["owner", "admin", "integrator"],
  /** Who leads agents and sees to what runs. */
  leaders: ["owner", "admin", "supervisor"],
  /** Leaders, and programs. */
  drivers: ["owner", "admin", "supervisor", "integrator"],
  authors: ["owner", "admin", "author"],
  /** Who sees how Carillon is set up. */
  staff: ["owner", "admin", "supervisor", "author", "integrator", "read-only"],
  /** Who sees people. */
  people: ["owner", "admin", "supervisor", "integrator", "read-only"],
  /** Who sees people, agents with them. */
  everyPeople: ["owner", "admin", "supervisor", "agent", "integrator", "read-only"],
  /** Who works with people: sees and changes. */
  desks: ["owner", "admin", "supervisor", "agent", "integrator"],
  everybody: ["owner", "admin", "supervisor", "author", "agent", "integrator", "read-only"],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type RoleSet = keyof typeof sets;

const rolesOf = new Map<RoleSet, ReadonlySet<Role>>(Object.entries(sets).map(([name, roles]) => [name as RoleSet, new Set<Role>(roles)]));

/** Those to whom people are shown. */
const peopleSets: ReadonlySet<RoleSet> = new Set(["people", "everyPeople", "desks"]);

/** A route that reads. @param scopes each as `part.name kind`, such as `params.id campaign` */
export function reads(set: RoleSet, ...scopes: readonly ScopeText[]): RouteRule {
  return rule(set, "nothing", scopes);
}

/** A route that changes something. */
export function changes(set: RoleSet, ...scopes: readonly ScopeText[]): RouteRule {
  return rule(set, "whole", scopes);
}

/** A route that changes what is kept of people. */
export function changesPeople(set: RoleSet, ...scopes: readonly ScopeText[]): RouteRule {
  return rule(set, "names", scopes);
}

/** A route that reads what is known of people, for whoever works on something else. */
export function readsPeople(set: RoleSet, ...scopes: readonly ScopeText[]): RouteRule {
  return { ...reads(set, ...scopes), people: true };
}

/** A route that changes something and writes its own line into the audit log, with the change in one transaction. */
export function recordsItself(set: RoleSet): RouteRule {
  return reads(set);
}

export const open: RouteRule = { roles: "open", scopes: [], recorded: "nothing", people: false };
/** The same for one that changes something: who it was is in the line of the log, not in the request. */
export const openChange: RouteRule = { roles: "open", scopes: [], recorded: "names", people: false };

/** `free`: nothing in it belongs to groups; `narrowed`: the route itself leaves out what belongs to others. */
export type ScopeText = "free" | "narrowed" | `${Scope["part"]}.${string} ${ScopeKind}`;

const form = /^(params|body|items)\.(\w+) ([a-z-]+)$/;

function rule(set: RoleSet, recorded: Recorded, texts: readonly ScopeText[]): RouteRule {
  const scopes = texts.filter((text) => text !== "free" && text !== "narrowed").map(readScope);
  const people = recorded === "names" || peopleSets.has(set);
  return { roles: rolesOf.get(set) ?? new Set(), recorded, people, scopes: texts.length === 0 ? undefined : scopes };
}

function readScope(text: string): Scope {
  const [, part, name = "", kindText] = form.exec(text) ?? [];
  const kind = scopeKinds.find((known) => known === kindText);
  if (kind === undefined || (part !== "params" && part !== "body" && part !== "items")) throw new RangeError(`readScope: ${text} is no scope`);
  return { part, name, kind };
}
