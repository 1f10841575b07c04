/** What an agent is doing. */
export const agentStates = ["logged-out", "ready", "reserved", "ringing", "talking", "wrap-up", "not-ready"] as const;
export type AgentState = (typeof agentStates)[number];

/** How long an agent may write up a conversation. */
export interface WrapUpRules {
  /** 0: not at all; undefined: until the agent says so. */
  readonly wrapUpMs: number | undefined;
  /** By how much the agent may put the end off, and how often. */
  readonly extensionMs: number;
  readonly maxExtensions: number;
}

/** What an agent asked for, or a supervisor ordered, during a conversation: it comes when that is over. */
export interface NextState {
  readonly state: "not-ready" | "logged-out";
  readonly reason?: string;
}

/** For whom an agent is held, and as a member of which group. */
export interface Hold {
  /** The attempt whose person is to be connected. */
  readonly attemptId: string;
  readonly groupId: string;
  /** Another agent has the attempt, and has brought this one in. */
  readonly beside?: boolean;
}

/** An agent's place at one moment. */
export interface Desk {
  readonly state: AgentState;
  /** Since when (epoch ms). */
  readonly since: number;
  /** Why not ready: a reason code of the configured list, or one of `ownReasons`. */
  readonly reason?: string;
  /** While reserved, ringing, talking and in wrap-up. */
  readonly hold?: Hold;
  /** When a reservation or a ringing lapses and a wrap-up ends by itself (epoch ms). */
  readonly until?: number;
  /** How often this wrap-up was put off. */
  readonly extensions?: number;
  readonly next?: NextState;
}

/** Reasons that nobody chooses: they say how it came. */
export const ownReasons = {
  "logged-in": "has just logged in",
  missed: "did not pick up",
  phone: "the telephone is not there",
  supervisor: "set by a supervisor",
} as const;

/** Everything that can happen to an agent. */
export type DeskEvent =
  | { readonly kind: "login" }
  | { readonly kind: "ready" }
  | { readonly kind: "not-ready"; readonly reason: string }
  | { readonly kind: "logout" }
  /** Held for a person who is about to answer, or who waits. */
  | { readonly kind: "reserve"; readonly hold: Hold; readonly until: number }
  /** The agent calls somebody: from wherever they are not on a call, and back there afterwards. */
  | { readonly kind: "place"; readonly hold: Hold; readonly until: number }
  /** Whoever reserved does not need the agent. */
  | { readonly kind: "release" }
  | { readonly kind: "ring"; readonly until: number }
  | { readonly kind: "answer" }
  /** The agent's telephone rang and nobody picked up. */
  | { readonly kind: "miss" }
  /** The agent's telephone is there (again), or is not there any more. */
  | { readonly kind: "phone" }
  | { readonly kind: "no-phone" }
  | { readonly kind: "hang-up"; readonly wrapUp: WrapUpRules }
  | { readonly kind: "extend"; readonly wrapUp: WrapUpRules }
  /** Time has passed: what lapses by itself. */
  | { readonly kind: "lapse" }
  /** The agent's program has been gone for too long. */
  | { readonly kind: "session-lost" }
  /** The server that reserved the agent, and had the call, is gone. */
  | { readonly kind: "holder-lost"; readonly wrapUp: WrapUpRules }
  | { readonly kind: "force"; readonly state: "ready" | "not-ready" | "logged-out"; readonly reason?: string };

export type Move = { readonly desk: Desk } | { readonly refused: string };

export const loggedOut = (at: number): Desk => ({ state: "logged-out", since: at });

/**
 * Where an agent goes, or why that does not fit. A desk that is returned as it was has not moved.
 * @param at epoch ms
 */
export function move(desk: Desk, event: DeskEvent, at: number): Move {
  switch (event.kind) {
    case "login":
      return login(desk, at);
    case "ready":
      return wish(desk, { state: "ready" }, at);
    case "not-ready":
      return wish(desk, { state: "not-ready", reason: event.reason }, at);
    case "logout":
      return wish(desk, { state: "logged-out" }, at);
    case "force":
      return wish(desk, { state: event.state, ...(event.state === "not-ready" && { reason: event.reason ?? "supervisor" }) }, at);
    case "reserve":
      if (desk.state !== "ready") return notNow(desk, "be reserved");
      return to({ state: "reserved", since: at, hold: event.hold, until: event.until });
    case "place":
      return place(desk, event, at);
    case "ring":
      // Again when more time is needed: somebody has picked up and hears the whisper.
      if (desk.state === "ringing") return to({ ...desk, until: event.until });
      if (desk.state !== "reserved") return notNow(desk, "be rung");
      return to({ ...held(desk), state: "ringing", since: at, until: event.until });
    case "answer":
      // From `reserved` where the agent's telephone is connected all the time.
      if (desk.state !== "ringing" && desk.state !== "reserved") return notNow(desk, "answer");
      return to({ ...held(desk), state: "talking", since: at });
    case "release":
      return desk.state === "reserved" || desk.state === "ringing" ? to(after(desk, at)) : notNow(desk, "be released");
    case "miss":
      return desk.state === "ringing" ? to(missed(desk, at)) : notNow(desk, "miss a call");
    case "phone":
      return { desk: withPhone(desk, at) };
    case "no-phone":
      return { desk: withoutPhone(desk, at) };
    case "hang-up":
      return desk.state === "talking" ? to(wrapUp(desk, event.wrapUp, at)) : notNow(desk, "hang up");
    case "extend":
      return extend(desk, event.wrapUp);
    case "lapse":
      return { desk: lapsed(desk, at) };
    case "session-lost":
      return { desk: sessionLost(desk, at) };
    case "holder-lost":
      if (desk.state === "reserved" || desk.state === "ringing") return to(after(desk, at));
      return desk.state === "talking" ? to(wrapUp(desk, event.wrapUp, at)) : { desk };
  }
}

function place(desk: Desk, { hold, until }: Extract<DeskEvent, { kind: "place" }>, at: number): Move {
  if (isOnCall(desk) || desk.state === "logged-out") return notNow(desk, "call somebody");
  const { state, reason, next } = desk;
  const back: NextState | undefined = state === "not-ready" ? { state, ...(reason !== undefined && { reason }) } : next;
  return to({ state: "reserved", since: at, hold, until, ...(back && { next: back }) });
}

/** Whether an agent sees no difference. */
export function isSameDesk(one: Desk, other: Desk): boolean {
  const parts = ({ state, since, reason, hold, until, extensions, next }: Desk) =>
    JSON.stringify([state, since, reason, hold?.attemptId, hold?.groupId, until, extensions, next?.state, next?.reason]);
  return parts(one) === parts(other);
}

/** Whether somebody is, or is about to be, on the line with this agent. */
export function isOnCall({ state }: Pick<Desk, "state">): boolean {
  return state === "reserved" || state === "ringing" || state === "talking";
}

/** Who was gone for too long during a conversation, and is back before it is over, stays. */
function login(desk: Desk, at: number): Move {
  if (desk.state === "logged-out") return to({ state: "not-ready", since: at, reason: "logged-in" });
  if (desk.next?.state !== "logged-out") return { desk };
  const { next: _, ...rest } = desk;
  return to(rest);
}

function wish(desk: Desk, wanted: { readonly state: "ready" | "not-ready" | "logged-out"; readonly reason?: string }, at: number): Move {
  if (desk.state === "logged-out") return wanted.state === "logged-out" ? { desk } : { refused: "The agent is logged out; log in first." };
  if (isOnCall(desk)) {
    const { next: _, ...rest } = desk;
    return to(wanted.state === "ready" ? rest : { ...rest, next: { ...wanted, state: wanted.state } });
  }
  if (desk.state === wanted.state && desk.reason === wanted.reason) return { desk };
  return to({ ...wanted, since: at });
}

/** What comes when a conversation, or what was to become one, is over. */
function after({ next }: Desk, at: number): Desk {
  return next ? { ...next, since: at } : { state: "ready", since: at };
}

/** Whoever does not pick up gets no second call until they say so. */
function missed({ next }: Desk, at: number): Desk {
  return next ? { ...next, since: at } : { state: "not-ready", since: at, reason: "missed" };
}

/** Nobody can be connected; what the agent has said or was ordered stays. */
function withoutPhone(desk: Desk, at: number): Desk {
  if (desk.state === "ready") return { state: "not-ready", since: at, reason: "phone" };
  return isOnCall(desk) && !desk.next ? { ...desk, next: { state: "not-ready", reason: "phone" } } : desk;
}

/** Who wanted to be ready, or would be after the conversation, is. */
function withPhone(desk: Desk, at: number): Desk {
  if (desk.state === "not-ready" && desk.reason === "phone") return { state: "ready", since: at };
  if (desk.next?.reason !== "phone") return desk;
  const { next: _, ...rest } = desk;
  return rest;
}

function wrapUp(desk: Desk, { wrapUpMs }: WrapUpRules, at: number): Desk {
  if (wrapUpMs === 0) return after(desk, at);
  return { ...held(desk), state: "wrap-up", since: at, extensions: 0, ...(wrapUpMs !== undefined && { until: at + wrapUpMs }) };
}

function extend(desk: Desk, { extensionMs, maxExtensions }: WrapUpRules): Move {
  if (desk.state !== "wrap-up") return notNow(desk, "put the end of a wrap-up off");
  if (desk.until === undefined) return { desk };
  const { extensions = 0 } = desk;
  if (extensions >= maxExtensions) return { refused: `The wrap-up was put off ${extensions} times; that is all the group allows.` };
  return to({ ...desk, until: desk.until + extensionMs, extensions: extensions + 1 });
}

function lapsed(desk: Desk, at: number): Desk {
  if (desk.until === undefined || at < desk.until) return desk;
  return desk.state === "ringing" ? missed(desk, at) : after(desk, at);
}

/** The conversation is on a telephone and goes on; everything else is over. */
function sessionLost(desk: Desk, at: number): Desk {
  if (desk.state === "logged-out") return desk;
  return desk.state === "talking" ? { ...desk, next: { state: "logged-out" } } : loggedOut(at);
}

/** What stays through the states of one conversation. */
function held({ hold, next }: Desk): Pick<Desk, "hold" | "next"> {
  return { ...(hold && { hold }), ...(next && { next }) };
}

function to(desk: Desk): Move {
  return { desk };
}

function notNow({ state }: Desk, what: string): Move {
  return { refused: `An agent who is ${state} cannot ${what}.` };
}
