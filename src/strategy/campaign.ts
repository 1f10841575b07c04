import type { Answering } from "../attempt/answering.ts";
import type { CallingMode, PacingWishes } from "../attempt/calling-mode.ts";
import type { MessageChannel } from "../attempt/message-ports.ts";
import type { Retries } from "../attempt/treatment.ts";
import type { CallingWindow } from "../compliance/calling-window.ts";
import type { PassOf } from "./pass-of.ts";

/** As they are kept. */
export const keptStates = ["draft", "running", "paused", "stopping", "stopped", "finished"] as const;

/**
 * draft → ready → running ⇄ paused → stopped | finished. `ready`: a draft that starts by its schedule. `stopping`: no new orders, what is up is let to end.
 * A campaign is finished when no contact of it has anything left to do, unless it stays open.
 */
export const campaignStates = [...keptStates, "ready"] as const;
export type CampaignState = (typeof campaignStates)[number];

/** What an administrator may ask of a campaign. */
export type CampaignOrder = "start" | "pause" | "resume" | "stop";

const moves: Readonly<Record<CampaignOrder, Partial<Record<CampaignState, CampaignState>>>> = {
  start: { draft: "running", ready: "running" },
  pause: { running: "paused" },
  resume: { paused: "running" },
  stop: { running: "stopping", paused: "stopping", draft: "stopped", ready: "stopped" },
};

/** The state an order leads to, or undefined when it does not fit the present one. */
export function stateAfter(state: CampaignState, order: CampaignOrder): CampaignState | undefined {
  return moves[order][state];
}

export type { CallingWindow };

/** What every campaign has, whatever its channel. */
export interface CampaignBase {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  readonly state: CampaignState;
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** When people may be called or written to. */
  readonly window: CallingWindow;
  /** For contacts whose zone is not known. */
  readonly defaultTimeZone: string;
  /** After which results its contacts are tried again; without it after none. */
  readonly retries?: Retries;
  /** Places whose hours by law it keeps for everybody, wherever they are. */
  readonly laws?: readonly string[];
  /** Whether it goes on when nobody waits any more, for those who come to its list later. */
  readonly staysOpen?: true;
  /** Of a pass. What follows its attempts is said by the strategy then, and it has no retries of its own. */
  readonly pass?: PassOf;
}

/** A campaign that calls people. */
export interface VoiceCampaign extends CampaignBase {
  readonly channel: "voice";
  /** Name of its script. */
  readonly script: string;
  /** The published version that new calls run now, by id. */
  readonly scriptVersionId: string;
  /** Whether it stays on that version. Otherwise it follows its script: new calls run the version that is current. */
  readonly scriptPinned: boolean;
  /** How its calls come to be. */
  readonly mode: CallingMode;
  /** Options of the mode that are otherwise than the defaults. */
  readonly pacing?: PacingWishes;
  /** Name of a configured trunk or route. */
  readonly trunk: string;
  /** E.164, or the name of a pool of numbers. */
  readonly callerId: string;
  /** Lines dialling, ringing or talking at once, at most. */
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
  /** Answering-machine detection; without it whoever answers is taken for a person. */
  readonly amd?: Answering;
}

/** A campaign that writes to people. */
export interface MessageCampaign extends CampaignBase {
  readonly channel: MessageChannel;
  /** Name of its template. */
  readonly template: string;
  /** The published version that new messages are made of now, by id. */
  readonly templateVersionId: string;
  /** Whether it stays on that version. Otherwise it follows its template, as a script is followed. */
  readonly templatePinned: boolean;
  /** Name of a configured sender of its channel. */
  readonly sender: string;
}

export type Campaign = VoiceCampaign | MessageCampaign;

export function isVoice(campaign: Campaign): campaign is VoiceCampaign {
  return campaign.channel === "voice";
}

/** How many contacts of a campaign stand where. */
export interface CampaignProgress {
  readonly contacts: number;
  /** To be tried, or to be tried again. */
  readonly waiting: number;
  /** Those of them that have been tried already and were put back. */
  readonly again: number;
  readonly inFlight: number;
  /** Final state reached. */
  readonly done: number;
  /** Ended attempts by result. */
  readonly results: Readonly<Record<string, number>>;
  /** Contacts refused by the gate, by rule. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Epoch ms. Of long campaigns a count is kept for a while, and so may be a minute old. */
  readonly countedAt: number;
  /** Of a draft over a long list that is being started: how many of its people are due by now. It is a draft until all are. */
  readonly starting?: { readonly done: number; readonly total: number };
}
