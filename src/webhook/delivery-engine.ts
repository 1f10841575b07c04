import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { messageKey, requestText, type TryAnswer } from "./message.ts";
import type { DueMessage, Outbox, SealedSecrets, SendEnd, WebhookSender } from "./ports.ts";
import { isGone, isTaken, pauseAfter } from "./retry.ts";

export interface DeliveryParts {
  readonly outbox: Outbox;
  readonly sender: WebhookSender;
  /** What the secrets of a webhook say; empty when no key opens them. */
  readonly secretsOf: (name: string, sealed: SealedSecrets) => readonly string[];
  readonly options: { readonly timeoutMs: number; readonly giveUpHours: number; readonly keepDays: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How often it looks. */
  readonly lookMs?: number;
}

/** Requests to one webhook at once. */
const atOnce = 10;
/** Longer than a try takes: whoever took a message has died by then. */
const leaseMs = 120_000;
const pruneEveryMs = 60_000;
/** Somebody who was not connected for longer begins anew. */
export const streamKeptMs = 24 * 3_600_000;

/** Tells webhooks what they are to be told, until each message was taken or is given up. Any number of nodes do so at once. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #ends: readonly (() => Promise<void>)[];
  #closed = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    const { clock, log, lookMs = 500, outbox, options } = parts;
    const trouble = (error: unknown) => log.error({ err: error }, "webhooks cannot be told what happens; trying on");
    this.#ends = [
      againDespite(clock, lookMs, () => this.#look(), trouble),
      againDespite(clock, pruneEveryMs, async () => void (await outbox.prune(options.keepDays * 86_400_000, streamKeptMs)), trouble),
    ];
  }

  /** Takes nothing more; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#ends.map((end) => end()));
    await Promise.all(this.#busy.values());
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    const taken = await this.#parts.outbox.take(atOnce, leaseMs, [...this.#busy.keys()]);
    const of = Map.groupBy(taken, ({ webhookId }) => webhookId);
    for (const [webhookId, messages] of of) this.#busy.set(webhookId, this.#tellAll(webhookId, messages));
  }

  async #tellAll(webhookId: string, messages: readonly DueMessage[]): Promise<void> {
    try {
      await Promise.all(messages.map((message) => this.#tell(message)));
    } catch (error) {
      this.#parts.log.error({ err: error, webhook: messages[0]?.name }, "what a webhook answered could not be kept; it is told again");
    } finally {
      this.#busy.delete(webhookId);
    }
  }

  async #tell(message: DueMessage): Promise<void> {
    const { sender, secretsOf, options, clock, outbox } = this.#parts;
    const secrets = secretsOf(message.name, message);
    const begun = clock.now();
    const request = { url: message.url, key: messageKey(message.id), text: requestText(message), secrets };
    const unreadable = { reason: "its secret cannot be read on this node: secret.key is not the key that it was sealed with" };
    const end: SendEnd = secrets.length === 0 ? unreadable : await sender.send(request, options.timeoutMs);
    const now = clock.now();
    const { status, reason } = end;
    const answer: TryAnswer = { at: now, tookMs: now - begun, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) };
    if (isTaken(status) && reason === undefined) await outbox.delivered(message, answer);
    else await this.#failed(message, answer, end.retryAfterMs);
  }

  async #failed(message: DueMessage, answer: TryAnswer, askedMs: number | undefined): Promise<void> {
    const { outbox, options, random, log } = this.#parts;
    const { id, name, webhookId, tries, createdAt, failingSince = answer.at } = message;
    const about = { webhook: name, message: id, event: message.event, tries, status: answer.status, reason: answer.reason };
    const patienceMs = options.giveUpHours * 3_600_000;
    const pauseMs = pauseAfter(tries, random.next(), askedMs);
    if (answer.at + pauseMs - createdAt > patienceMs) {
      log.error(about, "a webhook could not be told; given up");
      await outbox.giveUp(message, answer);
    } else {
      log.warn({ ...about, againInMs: pauseMs }, "a webhook could not be told; trying again later");
      await outbox.putOff(message, answer, pauseMs);
    }
    const why = isGone(answer.status)
      ? "it answered 410: nothing is wanted there any more"
      : answer.at - failingSince > patienceMs
        ? `it has taken nothing for ${options.giveUpHours} hours; last: ${answer.reason ?? answer.status}`
        : undefined;
    if (why === undefined) return;
    log.error({ webhook: name, reason: why }, "a webhook is told nothing any more, until somebody switches it on again");
    await outbox.disable(webhookId, why);
  }
}
