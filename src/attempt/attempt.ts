/**
 * The states of an attempt on any channel. An attempt only ever moves to the right:
 * reserved → sending → ringing → answered → ended. Messages go from sending straight to ended.
 * `reserved` is committed before anything leaves; `sending` is committed before the INVITE, submit_sm or MAIL FROM.
 */
export const attemptStates = ["reserved", "sending", "ringing", "answered", "ended"] as const;
export type AttemptState = (typeof attemptStates)[number];
