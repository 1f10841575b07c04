import type { Result } from "./result.ts";

/**
 * The states of an attempt on any channel. An attempt only ever moves to the right:
 * reserved → sending → ringing → answered → ended. Messages go from sending straight to ended.
 * `reserved` is committed before anything leaves; `sending` is committed before the INVITE, submit_sm or MAIL FROM.
 */
export const attemptStates = ["reserved", "sending", "ringing", "answered", "ended"] as const;
export type AttemptState = (typeof attemptStates)[number];

/** Whether an attempt may move from one state to another (never back, never out of `ended`). */
export function mayMove(from: AttemptState, to: AttemptState): boolean {
  return attemptStates.indexOf(to) > attemptStates.indexOf(from);
}

/**
 * What becomes of an attempt found unfinished after its process died. Nothing had left while it was `reserved`,
 * so its contact may be tried again; everything later may have reached a person and is never repeated.
 */
export function afterCrash(state: AttemptState): { result: Result; again: boolean } | undefined {
  if (state === "ended") return undefined;
  return state === "reserved" ? { result: "canceled", again: true } : { result: "interrupted", again: false };
}
