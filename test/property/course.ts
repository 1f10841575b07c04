import type { Result } from "../../src/attempt/result.ts";
import type { NewContact } from "../../src/contact/contact.ts";
import type { Onward, Pass, Strategy } from "../../src/strategy/strategy.ts";

/** What leads somebody to a pass; of those that one ending offers only one comes to be. */
interface Cause {
  readonly pass: string;
  readonly notBefore: number;
  readonly ending: Ending;
}

/** An ending, or the start, and the attempt that it is taken to have led to. */
interface Ending {
  ledTo?: Led;
}

/** Something must come of an ending, after so many attempts. */
interface Owed {
  readonly ending: Ending;
  readonly since: number;
}

/** An attempt that something must have led to; `at` undefined where clocks went back, and nothing is measured. */
interface Led {
  readonly contactId: string;
  readonly pass: string;
  readonly at: number | undefined;
}

/**
 * The far side's idea of a strategy that runs: every attempt in a pass must have been led to by the start or by an ending, not sooner than it said, and no ending leads to two.
 */
export class Course {
  readonly strategy: Strategy;
  /** Campaigns of the passes, by their names. */
  readonly campaigns: Readonly<Record<string, string>>;
  /** Who is on its list. */
  readonly #people = new Set<string>();
  readonly #names: ReadonlyMap<string, string>;
  readonly #causes = new Map<string, Cause[]>();
  readonly #attempts = new Map<string, Ending>();
  readonly #counts = new Map<string, number>();
  /** Attempts after which nothing follows: something from outside has ended their person, or moved them. */
  readonly #owed = new Map<string, Owed[]>();
  /** Attempts so far, and which one was the last of each of the people. */
  #tries = 0;
  readonly #lastAt = new Map<string, number>();
  readonly #void = new Set<string>();

  constructor(strategy: Strategy, campaigns: Readonly<Record<string, string>>) {
    this.strategy = strategy;
    this.campaigns = campaigns;
    this.#names = new Map(Object.entries(campaigns).map(([name, id]) => [id, name]));
  }

  has(contactId: string): boolean {
    return this.#people.has(contactId);
  }

  begin(contactId: string, person: NewContact): void {
    this.#people.add(contactId);
    this.#owe(contactId, person, { do: "pass", pass: this.strategy.first, afterS: 0 }, 0, {});
  }

  /** Whom something must have led on, and has not yet. None where limits may have ended it. */
  owed(): readonly string[] {
    const limits = [this.strategy.limits, ...this.strategy.passes.map((pass) => pass.limits)];
    if (limits.some(({ perContact, perAddress }) => perContact !== undefined || perAddress !== undefined)) return [];
    // Two ways to where somebody waits already are one.
    const isMet = (contactId: string, { ending, since }: Owed) => ending.ledTo !== undefined || (this.#lastAt.get(contactId) ?? -1) >= since;
    return [...this.#owed].flatMap(([contactId, all]) => (all.every((one) => isMet(contactId, one)) ? [] : [contactId]));
  }

  /** Where it leads to a pass, something must come of it. */
  #owe(contactId: string, person: NewContact, onward: Onward, at: number, ending: Ending): void {
    if (this.#lead(contactId, person, onward, at, ending))
      this.#owed.set(contactId, [...(this.#owed.get(contactId) ?? []), { ending, since: this.#tries }]);
  }

  /** Why an attempt has nothing that leads to it. @param at undefined where clocks went back, and nothing is measured */
  contact(campaignId: string, contactId: string, address: string, at: number | undefined): string | undefined {
    const pass = this.#pass(campaignId);
    if (!pass) return "in a pass that is none of its strategy";
    this.#lastAt.set(contactId, this.#tries);
    this.#tries += 1;
    if (!this.#explain({ contactId, pass: pass.name, at }, new Set())) {
      const later = this.#causes.get(contactId)?.some(({ pass: name, ending }) => name === pass.name && !ending.ledTo);
      return later ? "sooner than its strategy says" : "in a pass that nothing led to";
    }
    const limits = [
      [`${contactId}`, this.strategy.limits.perContact],
      [`${contactId} ${address}`, this.strategy.limits.perAddress],
      [`${contactId} in ${pass.name}`, pass.limits.perContact],
      [`${contactId} ${address} in ${pass.name}`, pass.limits.perAddress],
    ] as const;
    const over = limits.some(([key, limit]) => {
      const count = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, count);
      return limit !== undefined && count > limit;
    });
    return over ? "more often than the limits of its strategy" : undefined;
  }

  /** Finds an ending of its own for an attempt; one that has another attempt already when that one can have another (a matching, by augmenting paths). */
  #explain(led: Led, tried: Set<Ending>): boolean {
    for (const { pass, notBefore, ending } of this.#causes.get(led.contactId) ?? []) {
      if (pass !== led.pass || tried.has(ending) || (led.at !== undefined && notBefore > led.at)) continue;
      tried.add(ending);
      if (ending.ledTo && !this.#explain(ending.ledTo, tried)) continue;
      ending.ledTo = led;
      return true;
    }
    return false;
  }

  /** An ending leads on. One that is said later of the same attempt leads on only in place of the first. */
  end(campaignId: string, contactId: string, person: NewContact, attemptId: string, result: Result, at: number): void {
    const pass = this.#pass(campaignId);
    const following = pass?.after[result];
    if (!pass || !following || this.#void.has(attemptId)) return;
    const ending = this.#attempts.get(attemptId) ?? {};
    this.#attempts.set(attemptId, ending);
    // What the first word owed is owed no more: the later one stands in its place.
    this.#owed.set(
      contactId,
      (this.#owed.get(contactId) ?? []).filter((one) => one.ending !== ending || ending.ledTo !== undefined),
    );
    for (const treatment of following.treatments) {
      if (treatment.do === "retry" || treatment.do === "next-address")
        this.#add(contactId, { pass: pass.name, notBefore: at + treatment.afterS * 1000, ending });
      else this.#owe(contactId, person, treatment, at, ending);
    }
    for (const each of following.besides)
      if (each.do === "begin-pass") this.#owe(contactId, person, { do: "pass", pass: each.pass, afterS: each.afterS }, at, {});
  }

  /** Something from outside: whatever would have led on does so no more. @param attempts the person's, so far */
  event(name: string, contactId: string, person: NewContact, attempts: readonly string[], at: number): void {
    const onward = this.strategy.events[name];
    if (!onward) return;
    for (const attemptId of attempts) this.#void.add(attemptId);
    this.#causes.delete(contactId);
    this.#owed.delete(contactId);
    this.#lead(contactId, person, onward, at, {});
  }

  /** To a pass, or past it where the person has no address that it uses. @returns whether there is one */
  #lead(contactId: string, person: NewContact, onward: Onward, at: number, ending: Ending): boolean {
    if (onward.do !== "pass") return false;
    const pass = this.strategy.passes.find(({ name }) => name === onward.pass);
    const notBefore = at + onward.afterS * 1000;
    if (!pass) return false;
    if (!person.addresses.some(({ kind }) => pass.addresses.includes(kind))) return this.#lead(contactId, person, pass.whoElse, notBefore, ending);
    this.#add(contactId, { pass: pass.name, notBefore, ending });
    return true;
  }

  #add(contactId: string, cause: Cause): void {
    this.#causes.set(contactId, [...(this.#causes.get(contactId) ?? []), cause]);
  }

  #pass(campaignId: string): Pass | undefined {
    const name = this.#names.get(campaignId);
    return this.strategy.passes.find((pass) => pass.name === name);
  }
}
