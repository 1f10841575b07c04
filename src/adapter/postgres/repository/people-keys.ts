import type { NewContact } from "../../../contact/contact.ts";
import { storable } from "./copy-line.ts";
import { NumberSet } from "./number-set.ts";

/** By what a contact stands on a list once: its client id, and its first number or else its first mailbox. */
export interface Keys {
  readonly clientId: string | undefined;
  readonly first: string;
}

export function keysOf({ clientId, addresses: [first] }: NewContact): Keys {
  return {
    clientId: clientId === undefined || clientId === "" ? undefined : storable(clientId),
    first: first === undefined ? "" : first.kind === "email" ? first.mailbox : first.number,
  };
}

/** Client ids, or first addresses, of people; in generations, so that those of long ago can be forgotten. */
class Recent<Held> {
  #own: Held;
  readonly #make: () => Held;
  /** The youngest first. */
  #before: readonly Held[] = [];

  constructor(make: () => Held) {
    this.#make = make;
    this.#own = make();
  }

  get own(): Held {
    return this.#own;
  }

  some(has: (held: Held) => boolean): boolean {
    return has(this.#own) || this.#before.some(has);
  }

  /** Begins a generation, and forgets all but so many before it. */
  turn(kept: number): void {
    this.#before = [this.#own, ...this.#before].slice(0, kept);
    this.#own = this.#make();
  }
}

/** First addresses. A number is fifteen digits at most (ITU-T E.164), which a double holds exactly: as texts they would be most of what the garbage collector has to copy. */
class Firsts {
  readonly #numbers = new NumberSet();
  readonly #mailboxes = new Set<string>();

  add(first: string): void {
    if (isNumber(first)) this.#numbers.add(Number(first));
    else this.#mailboxes.add(first);
  }

  has(first: string): boolean {
    return isNumber(first) ? this.#numbers.has(Number(first)) : this.#mailboxes.has(first);
  }

  texts(): readonly string[] {
    return [...this.#numbers.values().map((number) => `+${number}`), ...this.#mailboxes];
  }
}

/** Such of many people. */
export class PeopleKeys {
  readonly #ids = new Recent(() => new Set<string>());
  readonly #firsts = new Recent(() => new Firsts());

  add(clientId: string | undefined, first: string): void {
    if (clientId !== undefined) this.#ids.own.add(clientId);
    this.#firsts.own.add(first);
  }

  hasId(clientId: string | undefined): boolean {
    return clientId !== undefined && this.#ids.some((ids) => ids.has(clientId));
  }

  hasFirst(first: string): boolean {
    return this.#firsts.some((firsts) => firsts.has(first));
  }

  /** What was added so far is sent: of client ids all but those since so many times before are forgotten. */
  turnIds(kept: number): void {
    this.#ids.turn(kept);
  }

  /** The same of first addresses. */
  turnFirsts(kept: number): void {
    this.#firsts.turn(kept);
  }

  /** Those since the last turns; a client id begins with `id `. */
  texts(): readonly string[] {
    return [...[...this.#ids.own].map((id) => `id ${id}`), ...this.#firsts.own.texts()];
  }
}

const plus = 0x2b;

/** No mailbox begins with + and digits only, for it has an @. */
function isNumber(first: string): boolean {
  return first.charCodeAt(0) === plus && !first.includes("@");
}
