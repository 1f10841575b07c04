import type { Permit } from "./ports.ts";
import type { Result } from "./result.ts";
import type { Treatments } from "./treatment.ts";

/** Channels on which something is sent rather than called. */
export const messageChannels = ["sms", "email"] as const;
export type MessageChannel = (typeof messageChannels)[number];

/** All that a message channel needs to make one attempt. */
export interface MessageOrder {
  readonly attemptId: string;
  /** Absent for a message that belongs to no campaign: one that an agent sends, or a confirmation. */
  readonly campaignId?: string;
  readonly contactId?: string;
  readonly addressId?: string;
  readonly channel: MessageChannel;
  /** Where to: a number in E.164 form, or a mailbox. */
  readonly address: string;
  /** Who it is from: the name of a configured sender. */
  readonly sender: string;
  /** The contact's fields the template may use. */
  readonly fields: Readonly<Record<string, string>>;
  /** The version of the template, by id. */
  readonly templateVersionId: string;
  readonly permit: Permit;
  /** What comes after each result it may have. Left out: nothing, whatever it is. */
  readonly treatments?: Treatments;
}

/** Where the orders come from: the strategy room. Every order returned is committed as a `reserved` attempt. */
export interface MessageSource {
  /** Whether it is worth pulling now. Cheap: nobody is asked. */
  due(campaignId: string): boolean;
  /** At most `count` orders that may go out now, within the campaign's messages per second over all nodes. */
  pull(campaignId: string, count: number): Promise<readonly MessageOrder[]>;
}

/** A message that is about to leave, as it is kept before it does. */
export interface Sending {
  readonly attemptId: string;
  /** Epoch ms. */
  readonly at: number;
  /** Name of the bind or mail pool that carries it. */
  readonly via: string;
  /** The number, word or mailbox that it shows. */
  readonly from: string;
  /** SMS: 1 to 65535, unique among the unresolved submits of the bind (user_message_reference, SMPP 3.4 §5.3.2.17). */
  readonly reference?: number;
  /** What the person reads; for e-mail the subject. */
  readonly text: string;
  /** SMS: in how many PDUs it leaves; each gets reports of its own. */
  readonly parts?: number;
}

/** What became of a message when it was handed over. */
export interface Handed {
  readonly attemptId: string;
  readonly at: number;
  /** `sent` when the next server has taken it; `interrupted` when nobody knows whether it has. */
  readonly result: Result;
  /** For the reader: `ESME_RINVDSTADR`, `550 5.1.1 no such user`. */
  readonly reason: string;
  /** Ids the next server gave it, one for each part; reports of delivery carry them. */
  readonly remoteIds?: readonly string[];
  /** When its contact is due again (epoch ms); left out: it is done with. */
  readonly againAt?: number;
}

/** The record of messages on their way, shared by all nodes. What is asked for within a few milliseconds shares statements. */
export interface MessageLog {
  /**
   * The second question to the gate, and the last commit before anything leaves: reserved → sending.
   * @returns false when it must not go out any more (an opt-out came, the campaign stopped, the permit ran out); it is ended then, with the reason
   */
  begin(sending: Sending): Promise<boolean>;
  /** Ends the attempt as far as sending goes. The first ending stands. Reports that came before it are applied to it. */
  handed(handed: Handed): Promise<void>;
  /** Ends an attempt for which nothing has left and nothing will: a field is missing, it is too long, no sender fits. */
  withhold(attemptId: string, at: number, result: Result, reason: string, againAt?: number): Promise<void>;
}

/** A message that a step of a script, or an agent, wants to have sent; its attempt is reserved. */
export interface WishedMessage {
  readonly wishId: string;
  readonly attemptId: string;
  /** A number in E.164 form, or a mailbox. */
  readonly to: string;
  /** Name of a template. */
  readonly template: string;
  /** The contact's fields, and over them what was said with the wish. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of no use to anybody after that (epoch ms). */
  readonly untilMs: number;
}

/** Effects of kind `send`. */
export interface WishStore {
  /**
   * Takes the oldest wishes of a channel, each once, over all nodes: an attempt of no campaign is reserved for each, and its effect is done in the same transaction. What came too
   * late, or has no address that takes such messages, is expired instead.
   * @param late only what came too late is looked at: nothing can be sent just now
   */
  take(channel: MessageChannel, limit: number, late: boolean): Promise<readonly WishedMessage[]>;
  /** Nothing has left for it, and this attempt of it has ended: it is wished for again, from `afterMs` on. */
  putBack(wishId: string, attemptId: string, afterMs: number): Promise<void>;
}
