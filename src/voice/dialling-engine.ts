import type { CallingMode, PacingWishes } from "../attempt/calling-mode.ts";
import type { Timer } from "../kernel/clock.ts";
import type { Detection } from "./amd/campaign.ts";
import type { CallPacing } from "./call-pacing-ports.ts";
import type { CallSession } from "./call-session.ts";
import type { Pace } from "./pace-engine.ts";
import type { Credits } from "./route.ts";

/** A campaign that is to be dialled, as far as calls are concerned. */
export interface Dialling {
  readonly campaignId: string;
  /** Name of a trunk or of a route. */
  readonly trunk: string;
  /** A number or the name of a pool: while nothing of it may be shown no calls are placed. */
  readonly callerId?: string;
  readonly maxCps: number;
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
  /** Without it whoever answers is taken for a person, at once. */
  readonly detection?: Detection;
  /** How its calls come to be. Default `ivr`. */
  readonly mode?: CallingMode;
  /** Options of the mode. */
  readonly pacing?: PacingWishes;
  /** The list it calls, by id: different lists are answered differently. */
  readonly listId?: string;
}

/** A campaign that is dialled. */
export interface Running {
  dialling: Dialling;
  readonly pace: Pace;
  /** Who says how many calls are placed; undefined where it is as many as may be. */
  pacing: CallPacing | undefined;
  /** Lines taken: decided on, dialling, ringing or talking. */
  lines: number;
  readonly calls: Set<CallSession>;
  wake: Timer | undefined;
  /** When it fires (epoch ms). */
  wakeAt: number;
  /** Nothing is worth trying before that (epoch ms). */
  restUntil: number;
  held: boolean;
  /** Calls in a row that failed without reaching anybody. */
  failures: number;
  /** How long it takes from the decision until session and order are there, lately. */
  tookMs: number;
  /** How far each trunk of its route is behind its share. */
  credits: Credits;
}

/** Nothing is dialled yet. */
export const idle = { pacing: undefined, lines: 0, wake: undefined, wakeAt: 0, restUntil: 0, held: false, failures: 0, tookMs: 0, credits: {} };
