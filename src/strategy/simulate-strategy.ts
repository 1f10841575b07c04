import { type Result, type ResultFacts, results } from "../attempt/result.ts";
import type { OwnCalendars } from "../compliance/calendar-ports.ts";
import type { AddressKind } from "../contact/contact.ts";
import type { Random } from "../kernel/random.ts";
import { daysOf, dueAfter, type FieldTime, fieldTimes, whenOf } from "./due.ts";
import { meets } from "./meets.ts";
import { next } from "./next.ts";
import { addressWithRoom, limitReached } from "./pass-judge.ts";
import { type PastAttempt, triedBefore } from "./past.ts";
import { type Chances, drawResult, drawShare, refusedBy } from "./simulate-chances.ts";
import { Heap } from "./simulate-heap.ts";
import { lastsS, type PassFigures, SimulatedPass, type Waiting } from "./simulate-pass.ts";
import type { Onward, Pass, Strategy, When } from "./strategy.ts";

export interface SimulatedPerson {
  /** In the order of the list. */
  readonly addresses: readonly AddressKind[];
  readonly fields: Readonly<Record<string, string>>;
  /** IANA; absent: the default zone. */
  readonly timeZone?: string;
}

export interface StrategySimulation {
  readonly strategy: Strategy;
  /** Of the account's own, that its passes name. */
  readonly calendars?: OwnCalendars | undefined;
  readonly people: readonly SimulatedPerson[];
  readonly chances: Chances;
  readonly random: Random;
  /** Epoch ms. */
  readonly startAt: number;
  readonly defaultTimeZone: string;
}

export interface SimulationReport {
  readonly people: number;
  /** Whom at least one attempt reached: they answered, or a message arrived or was sent. */
  readonly reached: number;
  /** Whom nobody tried. */
  readonly untried: number;
  readonly attempts: number;
  readonly passes: readonly (Readonly<PassFigures> & { readonly name: string; readonly channel: Pass["channel"]; readonly waiting: number })[];
  /** How people went from pass to pass: by event, then in the order of the passes, the most first. `to` is a pass, `campaign NAME`, or `again` and `next address` in the same pass. */
  readonly ways: readonly { readonly from: string; readonly after: string; readonly to: string; readonly people: number }[];
  readonly events: readonly { readonly name: string; readonly people: number }[];
  /** When the last attempt was over (epoch ms). */
  readonly endAt: number;
}

interface Person extends SimulatedPerson {
  readonly zone: string;
  readonly attempts: PastAttempt[];
  readonly events: string[];
  /** Tickets of where they wait, by pass. */
  readonly waits: Map<string, number>;
  /** Look-ups that were asked, and whether they keep the person from being contacted. */
  readonly lookedUp: Map<string, boolean>;
}

/** Whoever still waits then is told as waiting. */
const horizonMs = 120 * 86_400_000;

/** Runs a strategy over people in virtual time, by the functions that the server uses for what follows. The same random numbers give the same report. */
export function simulateStrategy(simulation: StrategySimulation): SimulationReport {
  const run = new Run(simulation);
  run.begin();
  while (run.step());
  return run.report();
}

class Run {
  readonly #given: StrategySimulation;
  readonly #people: readonly Person[];
  readonly #places: ReadonlyMap<string, SimulatedPass>;
  readonly #outside = new Heap<{ readonly at: number; readonly person: number; readonly name: string }>(
    (a, b) => a.at < b.at || (a.at === b.at && a.person < b.person),
  );
  readonly #ways = new Map<string, { from: string; after: string; to: string; people: number }>();
  readonly #came = new Map<string, number>();
  #tickets = 0;

  constructor(given: StrategySimulation) {
    this.#given = given;
    this.#people = given.people.map((person) => ({
      ...person,
      zone: person.timeZone ?? given.defaultTimeZone,
      attempts: [],
      events: [],
      waits: new Map(),
      lookedUp: new Map(),
    }));
    this.#places = new Map(given.strategy.passes.map((pass) => [pass.name, new SimulatedPass(pass, given.calendars, given.chances.agents)]));
  }

  begin(): void {
    for (const index of this.#people.keys()) this.#come(index, this.#given.strategy.first, this.#given.startAt);
  }

  /** The next thing that happens. @returns false when nothing does any more */
  step(): boolean {
    const until = this.#given.startAt + horizonMs;
    let place: SimulatedPass | undefined;
    let at = until;
    for (const each of this.#places.values()) {
      const nextAt = each.nextAt((waiting) => this.#zoneOf(each.pass.name, waiting));
      if (nextAt !== undefined && nextAt < at) [place, at] = [each, nextAt];
    }
    const event = this.#outside.peek();
    if (event !== undefined && event.at <= at) {
      this.#outside.pop();
      this.#happen(event);
      return true;
    }
    const waiting = place?.pop();
    if (place === undefined || waiting === undefined) return false;
    this.#try(place, waiting, at);
    return true;
  }

  report(): SimulationReport {
    const passes = [...this.#places.values()].map((place) => ({
      name: place.pass.name,
      channel: place.pass.channel,
      ...place.figures,
      waiting: this.#people.filter(({ waits }) => waits.has(place.pass.name)).length,
    }));
    const order = (name: string) => passes.findIndex((pass) => pass.name === name);
    return {
      people: this.#people.length,
      reached: this.#people.filter(({ attempts }) => attempts.some(({ result }) => result !== undefined && reaches(result))).length,
      untried: this.#people.filter(({ attempts }) => attempts.length === 0).length,
      attempts: passes.reduce((sum, { attempts }) => sum + attempts, 0),
      passes,
      ways: [...this.#ways.values()].toSorted((a, b) => order(a.from) - order(b.from) || b.people - a.people),
      events: [...this.#came].map(([name, people]) => ({ name, people })),
      endAt: Math.max(this.#given.startAt, ...passes.flatMap(({ lastAt }) => lastAt ?? [])),
    };
  }

  #person(index: number): Person {
    const person = this.#people[index];
    if (person === undefined) throw new RangeError(`there is no person ${index}`);
    return person;
  }

  #zoneOf(pass: string, { person: index, ticket }: Waiting): string | undefined {
    const person = this.#person(index);
    return person.waits.get(pass) === ticket ? person.zone : undefined;
  }

  /** Somebody comes to a pass: they wait there, or go on at once when it does not mean them. */
  #come(index: number, passName: string, dueAt: number): void {
    const person = this.#person(index);
    const place = this.#places.get(passName);
    if (place === undefined || person.waits.has(passName)) return;
    const { pass, figures } = place;
    const [address] = addressesIn(person, pass);
    const meant = pass.who === undefined || meets(pass.who, { fields: person.fields, past: person });
    if (!meant || address === undefined) {
      figures.notMeant += 1;
      this.#onward(index, pass.whoElse, passName, meant ? "no address" : "not meant", dueAt);
      return;
    }
    figures.people += 1;
    this.#wait(place, index, address, dueAt);
  }

  #wait(place: SimulatedPass, index: number, address: number, dueAt: number): void {
    this.#tickets += 1;
    this.#person(index).waits.set(place.pass.name, this.#tickets);
    place.push({ dueAt, rank: this.#rank(place.pass, index), person: index, address, ticket: this.#tickets });
  }

  #rank({ order }: Pass, index: number): number {
    if (order.by === "random") return this.#given.random.next();
    if (order.by !== "field") return order.by === "newest" ? -index : index;
    const number = Number(this.#person(index).fields[order.field]);
    return Number.isFinite(number) ? (order.largestFirst ? -number : number) : Number.POSITIVE_INFINITY;
  }

  #try(place: SimulatedPass, { person: index, address }: Waiting, at: number): void {
    const { strategy, chances, random } = this.#given;
    const { pass } = place;
    const person = this.#person(index);
    person.waits.delete(pass.name);
    const past = { attempts: person.attempts, events: person.events, addresses: addressesIn(person, pass).map(String) };
    const { from, until } = daysOf(pass, this.#given.defaultTimeZone);
    if (at >= until) {
      place.figures.notMeant += 1;
      this.#onward(index, pass.whoElse, pass.name, "over", at);
      return;
    }
    if (at < from) {
      this.#wait(place, index, address, from);
      return;
    }
    // Limits hold whatever way somebody came: by an attempt, past a pass that does not mean them, or being in two passes at once.
    if (limitReached(strategy, pass, past, String(address))) {
      const other = addressWithRoom(strategy, pass, past);
      if (other !== undefined) this.#wait(place, index, Number(other), at);
      return;
    }
    const refusing = refusedBy(random, pass, chances, person.lookedUp);
    if (refusing !== undefined) {
      this.#told(pass.name, `look-up ${refusing}`, "stop");
      return;
    }
    const result = drawResult(random, pass, chances);
    const outcome = result === "human" && pass.channel === "voice-ivr" ? drawShare(random, chances.outcomes) : undefined;
    const disposition = result === "human" && pass.channel === "voice-agent" ? drawShare(random, chances.dispositions) : undefined;
    const endsAt = at + 1000 * lastsS(pass, result);
    place.take(at, endsAt, result);
    const ending = [disposition && (`disposition:${disposition}` as const), outcome && (`outcome:${outcome}` as const), result, "sent" as const].find(
      (each) => each && pass.after[each] !== undefined && (each !== "sent" || !("mode" in pass)),
    );
    const tried = triedBefore(past, strategy, pass, String(address));
    const { treatment, besides } = next(strategy, pass, ending || result, tried, fieldTimes(person.fields, person.zone, at));
    person.attempts.push({
      pass: pass.name,
      addressId: String(address),
      result,
      ...(outcome !== undefined && { outcome }),
      ...(disposition !== undefined && { disposition }),
    });
    for (const each of besides)
      if (each.do === "begin-pass") this.#go(index, pass.name, ending || result, each.pass, this.#due(index, each, at, endsAt));
      else if (each.do === "callback") this.#told(pass.name, ending || result, `callback by ${each.agents}`);
      else this.#told(pass.name, ending || result, each.do === "webhook" ? `webhook ${each.webhook}` : `campaign ${each.campaign}`);
    if (treatment.do === "retry" || treatment.do === "next-address")
      this.#told(pass.name, ending || result, treatment.do === "retry" ? "again" : "next address");
    if (treatment.do === "retry") this.#wait(place, index, address, this.#due(index, treatment, at, endsAt));
    else if (treatment.do === "next-address") this.#wait(place, index, Number(tried.nextAddress ?? address), this.#due(index, treatment, at, endsAt));
    else this.#onward(index, treatment, pass.name, ending || result, endsAt, at);
    if (reaches(result)) this.#promise(index, endsAt);
  }

  /** When that is, for who was asked about at `asked` and ended at `endsAt`. */
  #due(index: number, when: When, asked: number, endsAt: number): number {
    const { zone, fields } = this.#person(index);
    const fieldTime: FieldTime = fieldTimes(fields, zone, asked);
    return dueAfter(whenOf(when, zone, fieldTime), endsAt);
  }

  #onward(index: number, treatment: Onward, from: string, after: string, at: number, asked = at): void {
    if (treatment.do === "pass") this.#go(index, from, after, treatment.pass, this.#due(index, treatment, asked, at));
    else if (treatment.do === "campaign") this.#told(from, after, `campaign ${treatment.campaign}`);
  }

  #go(index: number, from: string, after: string, to: string, dueAt: number): void {
    this.#told(from, after, to);
    this.#come(index, to, dueAt);
  }

  #told(from: string, after: string, to: string): void {
    const key = `${from} ${after} ${to}`;
    const way = this.#ways.get(key) ?? { from, after, to, people: 0 };
    way.people += 1;
    this.#ways.set(key, way);
  }

  /** What an attempt that reached somebody makes them do. */
  #promise(index: number, at: number): void {
    const { chances, random } = this.#given;
    for (const [name, { share, withinS }] of Object.entries(chances.events))
      if (random.next() < share) this.#outside.push({ at: at + 1000 * withinS * random.next(), person: index, name });
  }

  #happen({ at, person: index, name }: { readonly at: number; readonly person: number; readonly name: string }): void {
    const person = this.#person(index);
    if (person.events.includes(name)) return;
    person.events.push(name);
    this.#came.set(name, (this.#came.get(name) ?? 0) + 1);
    const treatment = this.#given.strategy.events[name];
    if (treatment === undefined) return;
    person.waits.clear();
    if (treatment.do === "pass") this.#go(index, "", name, treatment.pass, at + 1000 * treatment.afterS);
  }
}

/** Those that the pass uses, in its order. */
function addressesIn({ addresses }: SimulatedPerson, pass: Pass): readonly number[] {
  return pass.addresses.flatMap((kind) => [...addresses.keys()].filter((address) => addresses[address] === kind));
}

function reaches(result: Result): boolean {
  const facts: ResultFacts = results[result];
  return facts.person || result === "machine-message" || result === "delivered" || result === "sent";
}
