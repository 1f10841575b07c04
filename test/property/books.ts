import type { ChannelName, Result } from "../../src/attempt/result.ts";
import type { NewCap } from "../../src/compliance/frequency.ts";
import type { NewContact } from "../../src/contact/contact.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import type { Course } from "./course.ts";
import { Whereabouts } from "./law.ts";
import type { AnyOrder } from "./node.ts";

/* The far side's books of a run: who was contacted when, and what they wanted. The promises are judged by these alone. */

export interface Contacted {
  readonly attemptId: string;
  readonly campaignId: string;
  readonly contactId: string;
  readonly address: string;
  readonly channel: ChannelName;
  readonly at: number;
  /** Undefined while it is not over; `interrupted` where its process died. */
  result?: Result;
  endedAt?: number;
}

interface OptOut {
  /** Place in the order of everything that happened: when it was on its way, and when it was acknowledged. */
  readonly saidAt: number;
  heardAt: number;
  readonly addresses: ReadonlySet<string>;
  readonly clientId: string | undefined;
  readonly channels: readonly ChannelName[];
  readonly campaignId: string | undefined;
}

/** After these nobody hears of a campaign again by itself. */
const lastOfAll: ReadonlySet<Result> = new Set(["human", "rejected", "interrupted", "bad-number", "sent", "delivered", "machine-message"]);

/** Nobody notices these: they count under no cap. */
const unnoticed: ReadonlySet<Result | undefined> = new Set(["congestion", "carrier-fault", "bad-number", "canceled", "sit"]);

export class Books {
  /** Where people are, and which law holds there. */
  where = new Whereabouts(false);
  caps: readonly NewCap[] = [];
  readonly campaigns = new Map<string, Campaign>();
  readonly people = new Map<string, NewContact>();
  /** Strategies that run, by the campaigns of their passes. */
  readonly courses = new Map<string, Course>();
  readonly violations: string[] = [];
  readonly contacted: Contacted[] = [];
  readonly #optOuts: OptOut[] = [];
  readonly #byContact = new Map<string, Contacted[]>();
  #moment = 0;
  /** How often something from outside ended or moved somebody. */
  events = 0;
  /** Whether the clock was ever set back: then pauses are not measured. */
  setBack = false;

  /** The next place in the order of everything. */
  tick(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /** Something went out. @param asked when the last question was put, by `tick` */
  contact(order: AnyOrder, at: number, asked: number): void {
    const { attemptId, campaignId = "", contactId = "" } = order;
    const say = (what: string) => this.violations.push(`${what}: attempt ${attemptId} of contact ${contactId}, ${new Date(at).toISOString()}`);
    const person = this.people.get(contactId);
    const campaign = this.campaigns.get(campaignId);
    if (!person || !campaign) return void say("outside of every campaign");
    if (this.where.isOpenInOwn(at, person, campaign, order.address) !== true) say("outside the calling hours");
    else if (!this.where.isLawful(at, person, campaign, order.address)) say("outside the hours of the law");
    for (const cap of this.setBack ? [] : this.caps) if (this.#isFull(cap, order, person, campaign.channel, at)) say(`above ${cap.name}`);
    if (at > order.permit.untilMs) say("after its permit");
    const [optOut] = this.covering(order.address, person, campaign).filter(({ heardAt }) => heardAt < asked);
    if (optOut) say("after an opt-out");
    const key = `${campaignId} ${contactId}`;
    const before = this.#byContact.get(key) ?? [];
    const course = this.courses.get(campaignId);
    if (course && before.at(-1)?.result === undefined && before.length > 0) say("twice at once");
    const why = course ? course.contact(campaignId, contactId, order.address, this.setBack ? undefined : at) : this.#again(campaign, before, at);
    if (why !== undefined) say(why);
    const contacted: Contacted = { attemptId, campaignId, contactId, address: order.address, channel: campaign.channel, at };
    this.#byContact.set(key, [...before, contacted]);
    this.contacted.push(contacted);
    const up = this.contacted.filter((one) => one.campaignId === campaignId && one.result === undefined).length;
    if (campaign.channel === "voice" && up > campaign.maxLines) say("more lines than the campaign has");
  }

  /** People are the same by their client id; whoever has none, or meets somebody who has none, by the address. */
  #isFull(cap: NewCap, { address, contactId }: AnyOrder, person: NewContact, channel: ChannelName, at: number): boolean {
    if (cap.channel !== undefined && cap.channel !== channel) return false;
    const known = (one: Contacted) => this.people.get(one.contactId)?.clientId;
    const isSame = (one: Contacted) => {
      if (one.address === address && (cap.per === "address" || known(one) === undefined || person.clientId === undefined)) return true;
      return cap.per === "person" && (one.contactId === contactId || (person.clientId !== undefined && known(one) === person.clientId));
    };
    const before = this.contacted.filter(
      (one) =>
        one.at > at - cap.windowS * 1000 && (cap.channel === undefined || one.channel === cap.channel) && !unnoticed.has(one.result) && isSame(one),
    );
    return before.length >= cap.most;
  }

  /** Something happened outside to whoever has this client id. */
  event(name: string, clientId: string, at: number): void {
    for (const course of new Set(this.courses.values()))
      for (const [contactId, person] of this.people) {
        if (person.clientId !== clientId || !course.has(contactId)) continue;
        const attempts = this.contacted.filter((one) => one.contactId === contactId).map(({ attemptId }) => attemptId);
        course.event(name, contactId, person, attempts, at);
        this.events += 1;
      }
  }

  /** Why somebody must not be contacted once more. */
  #again({ retries = {} }: Campaign, before: readonly Contacted[], at: number): string | undefined {
    const last = before.at(-1);
    if (!last) return undefined;
    const { result, endedAt = 0 } = last;
    if (result === undefined) return "twice at once";
    const retry = retries[result];
    if (lastOfAll.has(result) || retry === undefined) return `again after ${result}`;
    if (before.filter((one) => one.result === result).length > retry.atMost) return `more often than ${retry.atMost} times again after ${result}`;
    return !this.setBack && at < endedAt + retry.afterS * 1000 ? `too soon after ${result}` : undefined;
  }

  end(attemptId: string, result: Result, at: number): void {
    const contacted = this.contacted.findLast((one) => one.attemptId === attemptId);
    if (!contacted) return;
    if (contacted.result !== undefined) return;
    contacted.result = result;
    contacted.endedAt = at;
    this.#leadOn(contacted, result, at);
  }

  #leadOn({ campaignId, contactId, attemptId }: Contacted, result: Result, at: number): void {
    const person = this.people.get(contactId);
    if (person) this.courses.get(campaignId)?.end(campaignId, contactId, person, attemptId, result, at);
  }

  /** A report came later than the end: the message did not arrive after all. */
  report(attemptId: string, result: Result, at: number): void {
    const contacted = this.contacted.findLast((one) => one.attemptId === attemptId);
    if (contacted?.result !== "sent" && contacted?.result !== "interrupted") return;
    contacted.result = result;
    contacted.endedAt = at;
    this.#leadOn(contacted, result, at);
  }

  /** Somebody wants no more. @returns to be called when it is acknowledged */
  optOut(contactId: string, address: string, channels: readonly ChannelName[], campaignId: string | undefined): () => void {
    const person = this.people.get(contactId);
    const addresses = new Set([address, ...(person?.addresses ?? []).map((one) => ("number" in one ? one.number : one.mailbox))]);
    const optOut = { saidAt: this.tick(), heardAt: Number.POSITIVE_INFINITY, addresses, clientId: person?.clientId, channels, campaignId };
    this.#optOuts.push(optOut);
    return () => {
      optOut.heardAt = this.tick();
    };
  }

  /** The opt-outs that keep a person from being contacted there by a campaign. */
  covering(address: string, person: NewContact, campaign: Campaign): readonly OptOut[] {
    return this.#optOuts.filter(
      ({ addresses, clientId, channels, campaignId }) =>
        (addresses.has(address) || (clientId !== undefined && clientId === person.clientId)) &&
        (channels.length === 0 || channels.includes(campaign.channel)) &&
        (campaignId === undefined || campaignId === campaign.id || this.#ofOneStrategy(campaignId, campaign.id)),
    );
  }

  #ofOneStrategy(one: string, other: string): boolean {
    const course = this.courses.get(one);
    return course !== undefined && course === this.courses.get(other);
  }

  get optOuts(): number {
    return this.#optOuts.length;
  }

  ofContact(campaignId: string, contactId: string): readonly Contacted[] {
    return this.#byContact.get(`${campaignId} ${contactId}`) ?? [];
  }
}
