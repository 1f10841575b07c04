import type { MessageChannel } from "../attempt/message-ports.ts";
import type { MessageTemplate } from "../template/ports.ts";
import type { Fields } from "../template/template.ts";
import type { KnownContact } from "./ports.ts";

/** `waiting` in its group's queue, with an agent (`taken`), or over. */
export const writtenStates = ["waiting", "taken", "closed"] as const;
export type WrittenState = (typeof writtenStates)[number];

/** A conversation with somebody who wrote what no keyword answers: from their first such message to what an agent says of it. One at a time for two numbers, or mailboxes. */
export interface WrittenConversation {
  readonly id: string;
  readonly channel: MessageChannel;
  /** The person's number, as the network shows it, or their mailbox. */
  readonly person: string;
  /** The number or mailbox of ours that they wrote to; what they write in answer comes to it. */
  readonly ours: string;
  readonly group: { readonly id: string; readonly name: string };
  readonly state: WrittenState;
  /** The agent who has it. */
  readonly takenBy?: string;
  /** Epoch ms, as all that follow. */
  readonly openedAt: number;
  /** Since when the person waits for an answer; absent when they have one. */
  readonly waitsSince?: number;
  readonly contactId?: string;
  readonly campaign?: { readonly id: string; readonly name: string };
  /** Name of the sender of its campaign. */
  readonly sender?: string;
}

/** One message of it, and all that went to and fro between these two before. */
export interface WrittenLine {
  readonly at: number;
  readonly from: "person" | "us";
  /** Of an e-mail what the person wrote, without what they quote. */
  readonly text: string;
  /** Of an e-mail. */
  readonly subject?: string;
  readonly attachments?: readonly WrittenAttachment[];
  /** Of the agent who wrote it. */
  readonly agent?: string;
  /** What became of a message of ours (a result, or `sending`), or for what one of theirs was taken (`stop`, `keyword`, …). */
  readonly standing?: string;
}

/** What hung on an e-mail: its name, and nothing that could be opened. */
export interface WrittenAttachment {
  readonly filename: string;
  /** As its sender says. */
  readonly type: string;
  readonly octets: number;
}

/** All that an agent is shown of a conversation. */
export interface WrittenCard extends WrittenConversation {
  /** The oldest first. */
  readonly lines: readonly WrittenLine[];
  readonly contact?: Omit<KnownContact, "campaignIds">;
}

/** Something that agents of this node have, and a text that is another one whenever they should see it anew. */
export interface WrittenHeld {
  readonly id: string;
  readonly agentId: string;
  readonly version: string;
}

/** Written conversations, shared by all nodes. */
export interface WrittenStore {
  /** What the agent has, and what waits in the queues of their groups: who has waited longest first. */
  forAgent(agentId: string, limit: number): Promise<readonly WrittenConversation[]>;
  conversation(id: string): Promise<WrittenConversation | undefined>;
  /** All of them, or those in that state, in the order in which they began. */
  page(state: WrittenState | undefined, page: { readonly limit: number; readonly afterId?: string }): Promise<readonly WrittenConversation[]>;
  /** The newest of them, the oldest first. */
  lines(conversation: WrittenConversation, limit: number): Promise<readonly WrittenLine[]>;
  /** @returns false when another agent was quicker, it is over, or it is of a group the agent is not in */
  take(id: string, agentId: string): Promise<boolean>;
  /** @returns false when the agent does not have it */
  putBack(id: string, agentId: string): Promise<boolean>;
  /** @returns false when the agent does not have it */
  close(id: string, agentId: string, code: string, note: string | undefined): Promise<boolean>;
  /**
   * Gives the one that has waited longest, and for which somebody is there, to the ready agent of its group who has the fewest of them.
   * @param most who has so many gets none
   * @returns whether one was given
   */
  offer(most: number): Promise<boolean>;
  /** Those of agents who have logged out wait again, and those whose person has no answer while the agent has been away (not ready; taken without logging in) for `awayMs`. @returns how many */
  giveBack(awayMs: number): Promise<number>;
  held(agentIds: readonly string[]): Promise<readonly WrittenHeld[]>;
  /** Reserves the attempt of an answer, good for `withinMs`. @returns undefined when the agent does not have the conversation */
  openReply(id: string, agentId: string, text: string, withinMs: number): Promise<string | undefined>;
  /** Nothing of an answer has left: the person waits as they did before it. @param since epoch ms */
  stillWaits(id: string, since: number): Promise<void>;
  /** How an answer stands: its result and the reason; undefined while it has none. */
  replyEnd(attemptId: string): Promise<{ readonly result: string; readonly reason: string } | undefined>;
  /** Of a conversation by e-mail: what an answer answers. */
  answered(conversation: WrittenConversation): Promise<AnsweredMail | undefined>;
}

/** What an answer by e-mail refers to. */
export interface AnsweredMail {
  readonly subject: string;
  /** Message-IDs: of the mails it goes back to, and its own last. */
  readonly thread: readonly string[];
}

/** What an agent has said, to be sent. Its attempt is reserved. */
export interface WrittenAnswer {
  readonly attemptId: string;
  /** What the person reads. */
  readonly text: string;
  /** Where it was said by a template: it, and with what it is filled. */
  readonly by?: { readonly template: MessageTemplate; readonly fields: Fields };
  readonly untilMs: number;
}

/** Whoever sends answers on a channel. */
export interface AnswerSender {
  /** Characters of an agent's own words, at most. */
  readonly longest: number;
  /** Whether answers can be sent in this conversation, from where the person wrote to. */
  sendsIn(conversation: WrittenConversation): boolean;
  /** What the person reads of a template, as plain text; or why it cannot be made for them. */
  textOf(template: MessageTemplate, fields: Fields): { readonly text: string } | { readonly held: string };
  /** Resolves when it is on its way, or ended: the attempt tells which. */
  send(conversation: WrittenConversation, answer: WrittenAnswer): Promise<void>;
}
