import type { MessageLog, MessageOrder, MessageSource } from "../attempt/message-ports.ts";
import type { MessageRulesStore } from "../attempt/message-rules-ports.ts";
import { RefusalRuns } from "../attempt/refusal-run.ts";
import type { Result } from "../attempt/result.ts";
import { dueAgain } from "../attempt/treatment.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { isMailbox } from "../kernel/mailbox.ts";
import type { EmailTemplate, MessageTemplates } from "../template/ports.ts";
import { splitMailbox } from "./address.ts";
import { type Composed, formOf, type MailForm, type MailSender, type MailThread } from "./form.ts";
import { MailForms } from "./form-engine.ts";
import type { MailEnd, MailPools, MailSuppression } from "./ports.ts";
import { PutBacks } from "./put-back.ts";
import { readRefusal } from "./reply-code.ts";
import { signedMail } from "./sign-engine.ts";

export interface EmailEngineParts {
  readonly orders: MessageSource;
  readonly log: Log;
  readonly messages: MessageLog;
  readonly templates: Pick<MessageTemplates, "version">;
  readonly pools: MailPools;
  /** By name. */
  readonly senders: ReadonlyMap<string, MailSender>;
  readonly suppression: MailSuppression;
  /** What a campaign has of its own. */
  readonly rules: Pick<MessageRulesStore, "rules">;
  readonly clock: Clock;
  /** The mail server refuses a campaign's messages one after the other: it had better stop. May be said more than once. */
  readonly onRefused?: (campaignId: string, via: string, reason: string) => void;
}

/** A running campaign, as far as sending goes. */
export interface EmailCampaign {
  readonly id: string;
  /** Name of its sender. */
  readonly sender: string;
}

/** What somebody is answered by an agent. */
export interface MailAnswer extends Pick<MessageOrder, "attemptId" | "campaignId" | "contactId" | "address" | "sender" | "fields"> {
  readonly template: EmailTemplate;
  readonly thread: MailThread;
}

/** How often a campaign with nothing due is asked again. */
const tickMs = 100;
/** One claim of the database for so many, at most. */
const mostPulled = 500;
/** Whose turn does not come within this (a domain that wants e-mail slowly) waits in the database, where an opt-out finds it. */
const turnWithinMs = 5_000;
const backInMs = 60_000;

const ignored = () => {};

/** Sends what e-mail campaigns have due: composes, records that it is about to leave, hands it over, and records what came of it. */
export class EmailEngine {
  readonly #parts: EmailEngineParts;
  readonly #campaigns = new Map<string, EmailCampaign>();
  readonly #forms: MailForms;
  readonly #pulling = new Set<string>();
  /** By pool. */
  readonly #inHand = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #refusals = new RefusalRuns();
  readonly #putBacks = new PutBacks();
  #timer: Timer | undefined;
  #open = true;
  #troubled = false;

  constructor(parts: EmailEngineParts) {
    this.#parts = parts;
    this.#forms = new MailForms(parts.templates);
    parts.pools.onChange(() => this.#turn());
  }

  /** Messages that were pulled and have not ended. */
  get inHand(): number {
    return this.#underWay.size;
  }

  /** Sends for this campaign from now on. */
  follow(campaign: EmailCampaign): void {
    this.#campaigns.set(campaign.id, campaign);
    this.#turn();
  }

  /** Sends no more for it; what is in hand asks before it leaves. */
  unfollow(campaignId: string): void {
    this.#campaigns.delete(campaignId);
    this.#refusals.forget(campaignId);
    this.#putBacks.forget(campaignId);
  }

  /** What a message that no campaign pulls may expect of its sender's pool: whether one is there and takes messages. */
  takes(sender: string): boolean {
    const { pools, senders } = this.#parts;
    return this.#open && pools.all.some(({ name, capacity }) => name === senders.get(sender)?.pool && capacity > 0);
  }

  /**
   * Sends a message whose attempt is reserved. Rejects when the record of it could not be kept.
   * @returns `later` when nothing has left because of the server or its rates: its attempt has ended, and the same message may be tried with another one
   */
  async send(order: MessageOrder): Promise<"done" | "later"> {
    return await this.#beside(order, () => this.#send(order));
  }

  /** The same for an answer of an agent's. */
  async answer(answer: MailAnswer): Promise<"done" | "later"> {
    return await this.#beside(answer, async () => {
      const { template, thread } = answer;
      return await this.#compose(answer, async (sender) => formOf(template, sender), thread);
    });
  }

  /** Beside what campaigns pull. */
  async #beside({ sender }: Pick<MessageOrder, "sender">, work: () => Promise<"done" | "later">): Promise<"done" | "later"> {
    const pool = this.#parts.senders.get(sender)?.pool ?? "";
    this.#count(pool, 1);
    const sending = work().finally(() => this.#count(pool, -1));
    this.#track(sending.then(ignored, ignored));
    return await sending;
  }

  /** Resolves when what was in hand has ended. */
  async close(): Promise<void> {
    this.#open = false;
    this.#campaigns.clear();
    this.#timer?.cancel();
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #turn(): void {
    if (!this.#open) return;
    for (const campaign of this.#campaigns.values()) this.#look(campaign);
    if (this.#campaigns.size === 0 || this.#timer) return;
    this.#timer = this.#parts.clock.after(tickMs, () => {
      this.#timer = undefined;
      this.#turn();
    });
  }

  #look({ id, sender }: EmailCampaign): void {
    const { orders, pools, senders } = this.#parts;
    if (this.#pulling.has(id) || !orders.due(id)) return;
    const pool = pools.all.find(({ name }) => name === senders.get(sender)?.pool);
    if (!pool) return;
    const { name, capacity } = pool;
    const free = Math.min(mostPulled, capacity - (this.#inHand.get(name) ?? 0));
    // In batches: not before half of what fits has gone.
    if (free < 1 || free < Math.min(mostPulled, capacity) / 2) return;
    this.#pulling.add(id);
    this.#count(name, free);
    this.#track(this.#pull(id, name, free));
  }

  #count(pool: string, more: number): void {
    this.#inHand.set(pool, (this.#inHand.get(pool) ?? 0) + more);
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #pull(campaignId: string, pool: string, count: number): Promise<void> {
    const { orders, log } = this.#parts;
    let pulled = 0;
    try {
      for (const order of await orders.pull(campaignId, count)) {
        pulled += 1;
        this.#track(this.#carry(order).finally(() => this.#count(pool, -1)));
      }
      this.#troubled = false;
    } catch (error) {
      if (!this.#troubled) log.error({ err: error, campaign: campaignId }, "no e-mail can be pulled; trying on");
      this.#troubled = true;
    } finally {
      this.#count(pool, pulled - count);
      this.#pulling.delete(campaignId);
    }
  }

  async #carry(order: MessageOrder): Promise<void> {
    const { log } = this.#parts;
    const ids = { campaign: order.campaignId, contact: order.contactId, attempt: order.attemptId };
    try {
      await this.#send(order);
    } catch (error) {
      // The record of it could not be kept: it has not left, or counts as interrupted from the next start on.
      log.error({ ...ids, err: error }, "an e-mail could not be sent, or not recorded");
    }
  }

  #send(order: MessageOrder): Promise<"done" | "later"> {
    return this.#compose(order, (sender) => this.#forms.of(order.templateVersionId, sender));
  }

  async #compose(
    order: Omit<MailAnswer, "template" | "thread"> & Pick<MessageOrder, "treatments">,
    formFor: (sender: MailSender) => Promise<MailForm | string>,
    thread?: MailThread,
  ): Promise<"done" | "later"> {
    const { clock, messages, senders, rules } = this.#parts;
    const { attemptId, campaignId, address, fields } = order;
    const withhold = async (reason: string, result: Result = "canceled") => {
      await messages.withhold(attemptId, clock.now(), result, reason);
      return "done" as const;
    };

    const sender = senders.get(order.sender);
    if (!sender) return await withhold(`there is no sender ${order.sender}`);
    if (!isMailbox(address)) return await withhold("that is no mailbox that can be written to", "bad-number");
    const form = await formFor(sender);
    if (typeof form === "string") return await withhold(form);
    const { postalAddress, phone, trackLinks = false } = campaignId === undefined ? {} : await rules.rules(campaignId);
    // Whoever is answered has written to us: what they are sent then is no campaign's, and nobody counts its clicks.
    const own = {
      trackLinks: trackLinks && thread === undefined,
      ...(thread && { thread }),
      ...(postalAddress !== undefined && { postalAddress }),
      ...(phone !== undefined && { phone }),
    };
    const at = clock.now();
    const composed = form.compose({ attemptId, mailbox: address, fields, ...own, ...(campaignId !== undefined && { campaignId }) }, at);
    if ("held" in composed) return await withhold(composed.held);
    return await this.#leave(order, sender, composed, at);
  }

  /** Its turn, the last commit before it leaves, and its end. @param composedAt epoch ms */
  async #leave(
    order: Pick<MessageOrder, "attemptId" | "campaignId" | "address" | "treatments">,
    sender: MailSender,
    composed: Composed,
    composedAt: number,
  ): Promise<"done" | "later"> {
    const { clock, messages, pools } = this.#parts;
    const { attemptId, campaignId = "", address } = order;
    const signed = await signedMail(composed, sender.dkim, composedAt);
    const { domain = "" } = splitMailbox(address) ?? {};
    const place = await pools.place(sender.pool, domain, turnWithinMs);
    if (!place) {
      const at = clock.now();
      const againAt = this.#putBacks.again(campaignId, `${sender.pool} ${domain}`, pools.rate(sender.pool, domain), at);
      await messages.withhold(attemptId, at, "canceled", `its turn in mail pool ${sender.pool} did not come`, againAt);
      return "later";
    }
    let goes = false;
    try {
      goes = await messages.begin({ attemptId, at: clock.now(), via: sender.pool, from: sender.mailbox, text: composed.subject });
    } finally {
      if (!goes) place.release();
    }
    if (!goes) return "done";
    const end = await place.send({ from: composed.from, to: address, raw: signed.octets() });
    const done = await this.#ended(order, end);
    this.#said(order.campaignId, sender.pool, end);
    return done;
  }

  /** Only what its server answered tells whether it takes any. */
  #said(campaignId: string | undefined, pool: string, end: MailEnd): void {
    const { clock, onRefused } = this.#parts;
    // What was on its way when it was told to stop says nothing new.
    if (campaignId === undefined || !this.#campaigns.has(campaignId) || end.end === "unknown" || end.end === "unsent") return;
    const said = end.end === "accepted" ? { result: "sent" as const, standing: false } : readRefusal(end);
    const stop = this.#refusals.add(campaignId, pool, { ...said, at: clock.now() });
    if (stop && end.end === "refused") onRefused?.(campaignId, pool, end.text);
  }

  async #ended(
    { attemptId, campaignId, treatments }: Pick<MessageOrder, "attemptId" | "campaignId" | "treatments">,
    end: MailEnd,
  ): Promise<"done" | "later"> {
    const { clock, messages, suppression, log } = this.#parts;
    const at = clock.now();
    const handed = async (result: Result, reason: string, againAt = dueAgain(treatments, result, at)) => {
      await messages.handed({ attemptId, at, result, reason, ...(againAt !== undefined && { againAt }) });
      return "done" as const;
    };
    if (end.end === "accepted") return await handed("sent", end.response);
    if (end.end === "unknown") return await handed("interrupted", `lost after the end of the message: ${end.why}`);
    if (end.end === "unsent") {
      // Without a server nobody has done anything wrong: it costs no try.
      if (end.connected) return await handed("carrier-fault", end.why);
      await handed("canceled", end.why, at + backInMs);
      return "later";
    }
    const { result, hard } = readRefusal(end);
    log.debug(
      { campaign: campaignId, attempt: attemptId, code: end.code, enhanced: end.enhanced, stage: end.stage, result },
      "an e-mail was refused",
    );
    await handed(result, end.text);
    if (hard) await suppression.bounced(attemptId, at, end.text);
    return "done";
  }
}
