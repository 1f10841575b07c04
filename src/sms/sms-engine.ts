import { setImmediate as turn } from "node:timers/promises";
import type { MessageLog, MessageOrder, MessageSource } from "../attempt/message-ports.ts";
import type { MessageRules, MessageRulesStore } from "../attempt/message-rules-ports.ts";
import { RefusalRuns } from "../attempt/refusal-run.ts";
import { type Clock, pause, type Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { MessageTemplate, MessageTemplates } from "../template/ports.ts";
import { compose } from "./compose.ts";
import { Endings } from "./ending-engine.ts";
import { Lane, type Listener, type Outgoing } from "./lane-engine.ts";
import type { SenderOptions, SmsOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import type { Binds } from "./ports.ts";
import { bindsOf, routeFor } from "./route.ts";

export interface SmsEngineParts {
  readonly orders: MessageSource;
  readonly log: MessageLog;
  readonly templates: MessageTemplates;
  readonly binds: Binds;
  /** What a campaign has of its own. */
  readonly rules: Pick<MessageRulesStore, "rules">;
  readonly options: SmsOptions;
  readonly clock: Clock;
  readonly logger: Log;
  /** The SMSC refuses a campaign's messages one after the other: it had better stop. May be said more than once. */
  readonly onRefused?: (campaignId: string, via: string, reason: string) => void;
}

/** A campaign whose messages are to be sent. */
export interface Sending {
  readonly campaignId: string;
  /** Name of a configured sender. */
  readonly sender: string;
}

interface Running extends Sending {
  pulling: boolean;
  /** Not asked before that, epoch ms. */
  restUntil: number;
}

/** One claim of so many is one transaction of some twenty milliseconds. */
const mostPulled = 1000;
/** So many take a millisecond or two. */
const preparedAtOnce = 100;
const tickMs = 20;
const restMs = 1000;
/** How long whom no bind can reach just now waits. */
const againMs = 5000;
const closeCheckMs = 10;

/** Sends the messages of campaigns by SMS, and those that somebody hands it: no faster than the binds, the senders and the campaigns allow. */
export class SmsEngine {
  /** What is being written down of messages that an SMSC has taken. */
  readonly endings = new Endings();
  readonly #parts: SmsEngineParts;
  readonly #running = new Map<string, Running>();
  /** By bind and sender. */
  readonly #lanes = new Map<string, Lane>();
  readonly #refusals = new RefusalRuns();
  #timer: Timer | undefined;
  #closed = false;
  #pulls = 0;
  /** That nothing is sent of them is being written down. */
  #withholding = 0;
  #scheduled = false;

  constructor(parts: SmsEngineParts) {
    this.#parts = parts;
  }

  /** Messages that were taken on and have no end yet. */
  get underWay(): number {
    return [...this.#lanes.values()].reduce((sum, { busy }) => sum + busy, this.#withholding);
  }

  /** Sends the messages of this campaign from now on. */
  follow(sending: Sending): void {
    // The one that is known: whoever pulls for it just now tells it when that is over.
    const running = this.#running.get(sending.campaignId) ?? { ...sending, pulling: false, restUntil: 0 };
    this.#running.set(sending.campaignId, Object.assign(running, sending, { restUntil: 0 }));
    if (!this.senderNamed(sending.sender))
      this.#parts.logger.error(
        { campaign: sending.campaignId, sender: sending.sender },
        "there is no such sender under sms.senders; nothing is sent",
      );
    this.pump();
  }

  /** Reserves no more for this campaign. What is on its way goes on. */
  leave(campaignId: string): void {
    this.#running.delete(campaignId);
    this.#refusals.forget(campaignId);
  }

  senderNamed(name: string): SenderOptions | undefined {
    return this.#parts.options.senders.find((sender) => sender.name === name);
  }

  /** To be called whenever a bind has changed. */
  pump(): void {
    if (this.#closed) return;
    for (const lane of this.#lanes.values()) lane.drain();
    for (const running of this.#running.values()) this.#pull(running);
    if (this.#timer || (this.#running.size === 0 && this.underWay === 0)) return;
    this.#timer = this.#parts.clock.after(tickMs, () => {
      this.#timer = undefined;
      this.pump();
    });
  }

  /** Whether something can be sent from it just now. */
  takes({ name, binds }: SenderOptions): boolean {
    const up = this.#parts.binds.all.filter((bind) => bind.up && (binds.length === 0 || binds.includes(bind.name)));
    return !this.#closed && up.length > 0 && this.senderNamed(name) !== undefined;
  }

  /** Sends a message whose attempt is reserved and whose text is ready, before those of campaigns. Resolves when it is committed to leave, or will not; never rejects. */
  async send(sender: SenderOptions, outgoing: Outgoing): Promise<void> {
    await new Promise<void>((resolve) => this.#carry(sender, outgoing, { onSettled: resolve }));
  }

  /**
   * The same; resolves when it has its end.
   * @returns `later` when nothing has left because of the SMSC or its rates: the same message may be tried with another attempt
   */
  async carry(sender: SenderOptions, outgoing: Outgoing): Promise<"done" | "later"> {
    return await new Promise((resolve) =>
      this.#carry(sender, outgoing, { onSettled: () => {}, onEnd: (later) => resolve(later ? "later" : "done") }),
    );
  }

  #carry(sender: SenderOptions, outgoing: Outgoing, listener: Listener): void {
    const lane = this.#laneFor(outgoing.to, sender);
    if (typeof lane !== "string") lane.take(outgoing, listener);
    else
      this.#withhold(outgoing.attemptId, lane).then(() => {
        listener.onSettled();
        listener.onEnd?.(false);
      });
    this.pump();
  }

  /** Takes on nothing more; resolves when what had left has its end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#running.clear();
    while (this.#pulls > 0 || this.underWay > 0) {
      for (const lane of this.#lanes.values()) lane.close();
      await pause(this.#parts.clock, closeCheckMs);
    }
  }

  #pull(running: Running): void {
    const { orders, clock } = this.#parts;
    const sender = this.senderNamed(running.sender);
    if (running.pulling || !sender || clock.now() < running.restUntil || !orders.due(running.campaignId)) return;
    const lanes = this.#carrying(sender);
    const room = lanes.reduce((sum, lane) => sum + Math.max(0, lane.room), 0);
    const held = lanes.reduce((sum, lane) => sum + lane.held, 0);
    // A claim of a handful costs as much as one of a hundred: the next one is made when a fifth of what may be reserved has left.
    if (room < 1 || (room < mostPulled && held > room * 4)) return;
    running.pulling = true;
    this.#pulls += 1;
    this.#turn(running, sender, Math.min(room, mostPulled)).finally(() => {
      running.pulling = false;
      this.#pulls -= 1;
      this.pump();
    });
  }

  async #turn(running: Running, sender: SenderOptions, count: number): Promise<void> {
    const { orders, logger, clock, rules } = this.#parts;
    const { campaignId } = running;
    try {
      const own = await rules.rules(campaignId);
      const pulled = await orders.pull(campaignId, count);
      if (pulled.length === 0) running.restUntil = clock.now() + tickMs;
      await this.#takeOn(pulled, sender, own);
    } catch (error) {
      running.restUntil = clock.now() + restMs;
      logger.error({ err: error, campaign: campaignId }, "no messages can be claimed; trying again");
    }
  }

  /** Of binds for the same numbers the one that carries them now: what is pulled for one that stands by would only wait, for too long. */
  #carrying(sender: SenderOptions): readonly Lane[] {
    const carrying = new Map<string, Lane>();
    for (const { name, destinationPrefixes } of bindsOf(sender, this.#parts.options)) {
      const lane = this.#lane(name, sender);
      const numbers = destinationPrefixes.toSorted().join();
      const before = carrying.get(numbers);
      if (lane && (!before || (!before.up && lane.up))) carrying.set(numbers, lane);
    }
    return [...carrying.values()];
  }

  /** Resolves when all of them are on their way to being committed. */
  async #takeOn(orders: readonly MessageOrder[], sender: SenderOptions, own: MessageRules): Promise<void> {
    const known = new Map<string, MessageTemplate | undefined>();
    for (const { templateVersionId: id } of orders) if (!known.has(id)) known.set(id, await this.#parts.templates.version(id));
    for (const [place, order] of orders.entries()) {
      // A small window is answered meanwhile, and is to be filled again.
      if (place > 0 && place % preparedAtOnce === 0) await turn();
      this.#prepare(order, known.get(order.templateVersionId), sender, own);
    }
  }

  #prepare(order: MessageOrder, template: MessageTemplate | undefined, sender: SenderOptions, { validityS }: MessageRules): void {
    const { attemptId, campaignId, address: to, treatments } = order;
    const composed = compose(template, order.fields, sender, this.#parts.options.transliterate);
    if ("held" in composed) {
      this.#withhold(attemptId, composed.held);
      return;
    }
    const lane = this.#laneFor(to, sender);
    if (typeof lane === "string") this.#withhold(attemptId, lane);
    else if (this.#closed || !lane.up) this.#withhold(attemptId, "no bind that can reach it is up", this.#parts.clock.now() + againMs);
    else {
      const campaign = campaignId === undefined ? {} : { campaignId };
      lane.take({
        attemptId,
        ...campaign,
        to,
        text: composed.text,
        ...(treatments && { treatments }),
        ...(validityS !== undefined && { validityS }),
      });
    }
  }

  /** The first bind of its route that is up, or the first one when none is; a text says that there is no route. */
  #laneFor(to: string, sender: SenderOptions): Lane | string {
    const route = routeFor(to, sender, this.#parts.options).flatMap(({ name }) => this.#lane(name, sender) ?? []);
    return route.find(({ up }) => up) ?? route[0] ?? "no bind carries messages to numbers that begin like this one";
  }

  #lane(name: string, sender: SenderOptions): Lane | undefined {
    const key = `${name} ${sender.address}`;
    const known = this.#lanes.get(key);
    if (known) return known;
    const { binds, log, clock, logger, options } = this.#parts;
    const bind = options.binds.find((each) => each.name === name);
    if (!bind) return undefined;
    const listens = {
      onMoved: () => this.#moved(),
      onSaid: (message: Outgoing, outcome: Outcome) => this.#said(name, message, outcome),
      onDown: (message: Outgoing, listener: Listener) => this.#takeOver(lane, sender, message, listener),
    };
    const lane: Lane = new Lane({ bind, sender, binds, log, endings: this.endings, clock, logger, ...listens });
    this.#lanes.set(key, lane);
    return lane;
  }

  #takeOver(from: Lane, sender: SenderOptions, message: Outgoing, listener: Listener): boolean {
    const lane = this.#laneFor(message.to, sender);
    if (typeof lane === "string" || lane === from || !lane.up) return false;
    lane.take(message, listener);
    return true;
  }

  #said(bind: string, { campaignId }: Outgoing, { result, standing, reason }: Outcome): void {
    const { clock, onRefused } = this.#parts;
    // What was on its way when it was told to stop says nothing new.
    if (campaignId === undefined || !this.#running.has(campaignId)) return;
    if (this.#refusals.add(campaignId, bind, { result, standing, at: clock.now() })) onRefused?.(campaignId, bind, reason);
  }

  /** Many things move at once: looked at once for all of them. */
  #moved(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.clock.after(0, () => {
      this.#scheduled = false;
      this.pump();
    });
  }

  async #withhold(attemptId: string, reason: string, againAt?: number): Promise<void> {
    const { log, clock, logger } = this.#parts;
    logger.info({ attempt: attemptId, reason }, "a message is not sent");
    this.#withholding += 1;
    await log.withhold(attemptId, clock.now(), "canceled", reason, againAt).catch((error: unknown) => {
      logger.error({ err: error, attempt: attemptId }, "a message that is not sent could not be ended");
    });
    this.#withholding -= 1;
  }
}
