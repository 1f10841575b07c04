import type { EventType } from "./event.ts";
import type { TryAnswer, WebhookMessage, WebhookMessageState } from "./message.ts";

/** Somebody else's system that is told what happens here. Times in epoch ms. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Of what it is told. */
  readonly events: readonly EventType[];
  /** Told nothing while it is not; what waits, waits on. */
  readonly active: boolean;
  /** Since when nothing was taken; undefined while all is well. */
  readonly failingSince?: number;
  /** Why it is told nothing any more, when nobody ordered that. */
  readonly disabledReason?: string;
  /** Until when the secret before the present one is signed with too. */
  readonly previousUntil?: number;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What a webhook's requests are signed with, as it is kept. */
export interface SealedSecrets {
  readonly sealedSecret: string;
  readonly sealedPrevious?: string;
}

export interface NewWebhook extends Pick<Webhook, "name" | "url" | "events" | "active">, Pick<SealedSecrets, "sealedSecret"> {}

export type WebhookPatch = Partial<Pick<Webhook, "url" | "events" | "active">>;

interface Page {
  readonly limit: number;
  readonly afterId?: string;
}

/** Webhooks as their administrators see them. */
export interface WebhookStore {
  list(page: Page): Promise<readonly Webhook[]>;
  find(id: string): Promise<Webhook | undefined>;
  findByName(name: string): Promise<Webhook | undefined>;
  /** @throws Fault `webhook-exists` */
  add(webhook: NewWebhook): Promise<Webhook>;
  /** Switched on, it counts as well again. @returns undefined when there is none */
  change(id: string, patch: WebhookPatch): Promise<Webhook | undefined>;
  /** @param previousMs for how long the secret before it is signed with too */
  rotate(id: string, sealedSecret: string, previousMs: number): Promise<Webhook | undefined>;
  /** With all its messages. */
  remove(id: string): Promise<boolean>;
  sealed(id: string): Promise<SealedSecrets | undefined>;
  /** Seals a secret with another key, unless it was changed meanwhile. */
  reseal(id: string, before: SealedSecrets, after: SealedSecrets): Promise<boolean>;
  messages(webhookId: string, filter: { readonly state?: WebhookMessageState }, page: Page): Promise<readonly WebhookMessage[]>;
  message(webhookId: string, id: string): Promise<WebhookMessage | undefined>;
  /** Puts a message that is over among those that wait. @returns undefined when there is none that is over */
  replay(webhookId: string, id: string): Promise<WebhookMessage | undefined>;
  /** The same for all that are dead. @returns how many */
  replayDead(webhookId: string): Promise<number>;
}

/** A message that is to be sent now, with what is needed for it. */
export interface DueMessage extends WebhookMessage, SealedSecrets {
  readonly name: string;
  readonly url: string;
  readonly failingSince?: number;
}

/** The messages that wait, for whoever sends them. */
export interface Outbox {
  /**
   * Takes messages that are due, of active webhooks: `limit` of each, and one of each that takes nothing at present.
   * @param leaseMs for how long nobody else takes them
   * @param except webhooks of which none is wanted
   */
  take(limit: number, leaseMs: number, except: readonly string[]): Promise<readonly DueMessage[]>;
  delivered(message: DueMessage, answer: TryAnswer): Promise<void>;
  /** @param afterMs until it is due again */
  putOff(message: DueMessage, answer: TryAnswer, afterMs: number): Promise<void>;
  giveUp(message: DueMessage, answer: TryAnswer): Promise<void>;
  /** Tells it nothing any more, and everybody else so. */
  disable(webhookId: string, reason: string): Promise<void>;
  /** Tells whoever wants to know. */
  tell(event: EventType, body: Readonly<Record<string, unknown>>): Promise<void>;
  /** Tells of callbacks that were due `lateMs` ago and are waiting still, each once over all nodes. */
  tellMissed(lateMs: number): Promise<void>;
  /** Forgets messages that were over by then, and what the stream was told before. A few thousand at most. @returns how many */
  prune(messagesKeptMs: number, streamKeptMs: number): Promise<number>;
}

/** What became of a request. Without `status` there was no answer. */
export interface SendEnd {
  readonly status?: number;
  /** Why it counts as not taken, for people. */
  readonly reason?: string;
  /** The answer asks to be left alone for so long. */
  readonly retryAfterMs?: number;
}

export interface SignedRequest {
  readonly url: string;
  /** The same for every try. */
  readonly key: string;
  readonly text: string;
  /** Signed with each. */
  readonly secrets: readonly string[];
}

export interface WebhookSender {
  /** Sends it once, guarded against addresses that are nobody's business. Never rejects. */
  send(request: SignedRequest, timeoutMs: number): Promise<SendEnd>;
}
