/** `waiting` → `taken` by an agent → `done`; or back to `waiting`; `canceled` when it is not wanted any more. */
export const callbackStates = ["waiting", "taken", "done", "canceled"] as const;
export type CallbackState = (typeof callbackStates)[number];

/** Somebody who wants to be called again. Times in epoch ms. */
export interface Callback {
  readonly id: string;
  readonly campaignId: string;
  readonly contactId: string;
  /** From which conversation it came. */
  readonly attemptId?: string;
  readonly state: CallbackState;
  readonly dueAt: number;
  /** Personal: for this agent alone, until `fallbackAt`; then for everybody in the campaign's groups. */
  readonly agentId?: string;
  readonly fallbackAt?: number;
  /** Who has it. */
  readonly takenBy?: string;
  readonly note?: string;
  /** Who asked for it: an agent's name, or the script's words. */
  readonly source: string;
}

/** Whether the person may be called at that moment, by the gate. */
export type MayCall = { readonly may: true } | { readonly may: false; readonly rule: string; readonly retryAt?: number };

/**
 * How a callback stands at one moment. `missed` ones are kept, and may be taken like those that are `due`. `closed`: the gate does not let
 * the person be called now. `never`: it never will.
 */
export type CallbackStanding = "later" | "closed" | "never" | "due" | "missed" | Exclude<CallbackState, "waiting">;

/** Nobody took it for so long after it might have been: the person waited in vain. */
export const missedAfterMs = 15 * 60_000;

/** @param at epoch ms */
export function standing(callback: Pick<Callback, "state" | "dueAt">, may: MayCall, at: number): CallbackStanding {
  if (callback.state !== "waiting") return callback.state;
  if (!may.may && may.retryAt === undefined) return "never";
  if (at >= callback.dueAt + missedAfterMs) return may.may ? "missed" : "closed";
  if (at < callback.dueAt) return "later";
  return may.may ? "due" : "closed";
}

/** Why this agent may not take it now; undefined when it may be taken. A callback that is not yet due is not taken: the person said when. */
export function whyNotTake(callback: Callback, agentId: string, may: MayCall, at: number): string | undefined {
  switch (standing(callback, may, at)) {
    case "taken":
      return callback.takenBy === agentId ? "You have it already." : "Somebody else has it.";
    case "done":
      return "It is done.";
    case "canceled":
      return "It is not wanted any more.";
    case "never":
      return `The person must not be called: ${may.may ? "" : may.rule}.`;
    case "later":
      return "It is not due yet.";
    case "closed":
      return `The person may not be called now: ${may.may ? "" : may.rule}.`;
    default:
      return isFor(callback, agentId, at) ? undefined : "It is another agent's until its fallback time.";
  }
}

/** Whether it is this agent's to take, when the time has come. */
export function isFor({ agentId: own, fallbackAt }: Pick<Callback, "agentId" | "fallbackAt">, agentId: string, at: number): boolean {
  return own === undefined || own === agentId || (fallbackAt !== undefined && at >= fallbackAt);
}

/** Why a callback cannot be made like this; undefined when it can. */
export function whyNotSchedule(
  { dueAt, fallbackAt, personal }: { readonly dueAt: number; readonly fallbackAt?: number; readonly personal: boolean },
  at: number,
): string | undefined {
  if (dueAt < at - 60_000) return "That time is over.";
  if (dueAt > at + 366 * 86_400_000) return "That is more than a year away.";
  if (fallbackAt !== undefined && !personal) return "A fallback time is for personal callbacks.";
  if (fallbackAt !== undefined && fallbackAt < dueAt) return "The fallback time must not be before the callback.";
  return undefined;
}
