import type { PartMark } from "./incoming.ts";
import type { Incoming, Receipt } from "./ports.ts";
import type { Joined, Piece } from "./reassembly.ts";
import type { ReadReceipt } from "./receipt.ts";

/** A report that fitted no message when it came. */
export interface KeptReceipt extends Receipt {
  readonly id: string;
}

/** Reports of delivery, and the messages they belong to. */
export interface ReceiptStore {
  /**
   * Has it written together with the answer of its message, where that waits to be written in this process.
   * @returns undefined where it does not; else whether it was, once it is committed. Never rejects
   */
  join(read: ReadReceipt): Promise<boolean> | undefined;
  /**
   * Moves the message on that it belongs to; keeps it when there is none yet. Committed when it resolves; those said within a few milliseconds share a statement. A
   * result that stands is never changed.
   * @returns whether it fitted a message
   */
  receive(read: ReadReceipt): Promise<boolean>;
  /** Those kept since a time (epoch ms) that fit nothing yet, the newest first. @param before only what was kept before this one */
  kept(since: number, limit: number, before?: Pick<KeptReceipt, "id" | "at">): Promise<readonly KeptReceipt[]>;
  /** Tries again what is kept. @param ids of the kept ones, in the order of `reads` */
  retry(reads: readonly ReadReceipt[], ids: readonly string[]): Promise<void>;
  /** Gives it to the one message to that number over that bind whose answer never came, when there is exactly one. @returns whether there was */
  assignByNumber(read: ReadReceipt, id: string): Promise<boolean>;
  /** Lets go of references of messages whose report is not to be expected any more. */
  forgetReferences(): Promise<void>;
}

/** What became of a message that came in: it waits, is only kept, is for agents to answer, or was one of these words. */
export type IncomingState = "waiting" | "kept" | "stop" | "help" | "start" | "keyword" | "conversation";

/** A whole message from a person. */
export interface WholeMessage extends Pick<Incoming, "bind" | "from" | "to" | "at" | "details"> {
  readonly text: string;
  /** False when parts of it never came. */
  readonly complete: boolean;
}

/** A message that came in, with what is known of who wrote it. */
export interface KnownMessage extends WholeMessage {
  readonly id: string;
  readonly state: IncomingState;
  readonly contactId?: string;
  readonly campaignId?: string;
  /** The message of ours it came after, and what that said. */
  readonly afterAttemptId?: string;
  readonly afterText?: string;
}

/** How parts are put together: pure, and told to the store because it holds them. */
export interface Joining {
  add(waiting: readonly Piece[], piece: Piece): Joined;
  text(pieces: readonly Piece[], bind: string): string;
}

/** What people write. */
export interface IncomingStore {
  /**
   * Stores it as waiting, with the contact and campaign found: by who got a message there last, else by the number.
   * @param key by which it is known when it is brought again before it was confirmed; then nothing is stored. Left out: it comes once
   * @returns its id, or that of the one that is there
   */
  keep(message: WholeMessage, key?: string): Promise<string>;
  /** Stores a part, as `keep` does. @returns ids of the messages that are whole by it, or given up for it */
  keepPart(part: Incoming, mark: PartMark, joining: Joining, key: string): Promise<readonly string[]>;
  /** The SMSC knows that we have it: the next one that is the same is another. */
  confirm(key: string): Promise<void>;
  /** Forgets what was never confirmed until then (epoch ms): the SMSC brings it no more. */
  forgetUnconfirmed(before: number): Promise<void>;
  /** Makes messages of parts whose others have not come until now (epoch ms). @returns their ids */
  joinOverdue(before: number, joining: Joining): Promise<readonly string[]>;
  /** Those that still wait though they came before (epoch ms): whoever was to handle them died. */
  waiting(before: number): Promise<readonly string[]>;
  message(id: string): Promise<KnownMessage | undefined>;
  settle(id: string, state: IncomingState, keyword?: string): Promise<void>;
  /** Settles it as a keyword that a webhook is to be told of, with what it is told: one is not without the other. */
  settleTold(id: string, keyword: string, webhook: string, body: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Gives it to agents: it goes on with the conversation that is open between these numbers, or begins one of this group.
   * @returns false when there is none open, and no group of that name
   */
  hand(id: string, group: string | undefined): Promise<boolean>;
  /** The attempt by which it is answered, reserved when there is none yet. It also stands for what the person wanted: suppressions refer to it. */
  openAnswer(id: string, at: number, untilMs: number): Promise<string>;
  /** How often somebody was answered to such messages since (epoch ms), by a number of ours, or will be as soon as a bind takes it; counted no further than to `most`. */
  answers(from: string, to: string, state: IncomingState, since: number, most: number): Promise<number>;
  /** Ends the suppressions of SMS that this number brought about by a keyword. They stay as evidence, with their end. @returns whether something else holds every text to it back */
  lift(from: string, at: number): Promise<"free" | "held">;
}

/** A webhook that is to be told of a keyword. */
export interface KeywordCall {
  readonly id: string;
  readonly webhook: string;
  readonly body: Readonly<Record<string, string>>;
  /** Since when (epoch ms). */
  readonly at: number;
  /** This one counted. */
  readonly tries: number;
}

/** Webhooks that are to be told of keywords, until they have answered. */
export interface KeywordCallStore {
  /** Those that are due, oldest first; due again in `leaseMs` should nobody say what became of them. */
  take(limit: number, leaseMs: number): Promise<readonly KeywordCall[]>;
  /** It has answered; or it is too late for it. */
  end(id: string, state: "done" | "expired"): Promise<void>;
  putOff(id: string, afterMs: number): Promise<void>;
}
