import type { Readable } from "node:stream";
import type { AttemptState } from "../attempt/attempt.ts";
import type { Ladder } from "../attempt/ladder.ts";
import type { ChannelName, Result } from "../attempt/result.ts";
import type { AddressKind } from "../contact/contact.ts";
import type { ImportReport } from "../contact/import-engine.ts";
import type { Rejection } from "../contact/ports.ts";
import type { ImportWishes } from "../contact/staged-ports.ts";
import type { Campaign, CampaignOrder } from "../strategy/campaign.ts";
import type { Holdout } from "../voice/amd/holdout.ts";
import type { Share } from "../voice/pacing/ledger.ts";

/** A stretch of rows in ascending id order: at most `limit`, all with an id greater than `afterId`. */
export interface Page {
  /** 1..1000. */
  readonly limit: number;
  readonly afterId?: string;
}

export interface ListView {
  readonly id: string;
  readonly name: string;
  readonly contacts: number;
  /** Names of the fields its people have; undefined when nobody was ever brought in. */
  readonly columns: readonly string[] | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface AddressView {
  readonly id: string;
  readonly kind: AddressKind;
  /** E.164; of every kind but `email`. */
  readonly number?: string;
  /** Of kind `email`. */
  readonly mailbox?: string;
}

export interface ContactView {
  readonly id: string;
  /** Undefined when they have left it. */
  readonly listId: string | undefined;
  readonly clientId: string | undefined;
  /** IANA zone. */
  readonly timeZone: string | undefined;
  /** In the order in which they are tried. */
  readonly addresses: readonly AddressView[];
  readonly fields: Readonly<Record<string, string>>;
}

export interface AttemptView {
  readonly id: string;
  /** Of a call from outside: the campaign whose caller it was taken for, if any. */
  readonly campaignId: string | undefined;
  /** Undefined for a caller nobody knows, as `addressId`. */
  readonly contactId: string | undefined;
  readonly addressId: string | undefined;
  /** Of a call from outside: the number of ours that was called. */
  readonly calledNumber: string | undefined;
  readonly channel: ChannelName;
  /** E.164, or a mailbox; `anonymous` for a caller who hides. */
  readonly address: string;
  readonly state: AttemptState;
  /** Present once `state` is `ended`. */
  readonly result: Result | undefined;
  readonly outcome: string | undefined;
  readonly reason: string | undefined;
  readonly sipStatus: number | undefined;
  readonly q850: number | undefined;
  /** SIP Call-ID of the leg, to find it in the carrier's records. */
  readonly callId: string | undefined;
  /** Epoch ms. */
  readonly reservedAt: number;
  readonly answeredAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Since when its contact is due again, when it was put back. */
  readonly againAt: number | undefined;
}

export interface AnswerView {
  readonly name: string;
  readonly value: string;
  /** Length of a recording, whose file the value names then. */
  readonly durationMs: number | undefined;
}

/** What a script asked for besides the call. Times in epoch ms. */
export interface EffectView {
  readonly kind: "suppress" | "send" | "callback";
  readonly state: "pending" | "done" | "expired";
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: number;
  readonly dueAt: number;
  readonly expiresAt: number | undefined;
}

/** Something that happened to an attempt; `detail` as it was written. */
export interface EventView {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One attempt with all that its script left, and what happened on the wire. */
export interface AttemptDetail extends AttemptView {
  /** What it was made with; undefined for attempts from before that was kept. */
  readonly script: { readonly name: string; readonly version: number } | undefined;
  /** The steps entered, in order. */
  readonly path: readonly string[];
  readonly answers: readonly AnswerView[];
  readonly effects: readonly EffectView[];
  /** In order, without the ladder. */
  readonly events: readonly EventView[];
  /** Undefined while it is going on, when nothing left, and when its process died. */
  readonly ladder: Ladder | undefined;
}

export interface AttemptFilter {
  readonly result?: Result;
  readonly contactId?: string;
  /** Calls from outside instead of those that were placed. */
  readonly inbound?: boolean;
}

/** Reads of lists and contacts. An id is the text of a positive 64-bit integer; one that is unknown gives undefined or an empty page. */
export interface ListReader {
  lists(page: Page): Promise<readonly ListView[]>;
  list(id: string): Promise<ListView | undefined>;
  contacts(listId: string, page: Page): Promise<readonly ContactView[]>;
  contact(id: string): Promise<ContactView | undefined>;
}

export interface AttemptReader {
  attempts(campaignId: string, filter: AttemptFilter, page: Page): Promise<readonly AttemptView[]>;
  attempt(id: string): Promise<AttemptDetail | undefined>;
}

export interface ImportRequest extends ImportWishes {
  readonly name: string;
  readonly csv: Readable;
  /** Called for each row that cannot be used, in file order. */
  readonly rejected: (rejection: Rejection) => void;
}

/** The import engine, as the API needs it: streams, and either everything usable goes in or nothing does. */
export interface ImportRunner {
  run(request: ImportRequest): Promise<ImportReport>;
}

/** How campaigns stand with abandoned people, over all nodes. */
export interface AbandonmentReader {
  read(campaignId: string): Promise<{ readonly day: Share; readonly month: Share }>;
  /** Calls within 24 hours and within 30 days that were taken for machines, for which no agent was asked; and what is known of those that were held out. */
  machines(campaignId: string): Promise<MachinesHeard>;
}

export interface MachinesHeard {
  readonly day: number;
  readonly month: number;
  readonly holdout: Holdout;
}

/** What an administrator may do to a running campaign; strategy's pass engine is it. */
export interface CampaignControl {
  /**
   * Carries out the order and returns the campaign as it then is.
   * Faults: `campaign-unknown`, `campaign-state` when the order does not fit the present state.
   */
  order(campaignId: string, order: CampaignOrder): Promise<Campaign>;
}

/** One part Carillon depends on. */
export interface ComponentState {
  /** `database`, `drachtio`, `freeswitch:NAME`, … Of several that have the part before the colon in common one is enough. */
  readonly name: string;
  readonly ready: boolean;
  /** It takes no new calls, by order: it is not ready, and nothing is wrong with it. */
  readonly draining?: boolean;
  /** For people: what is wrong and what to do. */
  readonly note?: string;
}

export interface Health {
  /** Answers within a bounded time and never rejects. */
  components(): Promise<readonly ComponentState[]>;
}
