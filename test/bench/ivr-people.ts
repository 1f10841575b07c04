import type { Caller, Collected } from "../../src/ivr/ports.ts";
import { pick, type Random, seededRandom } from "../../src/kernel/random.ts";

/** A call of some sixty steps: a menu that leads through sums, branches, digits and a survey and comes back, until 9 is pressed. */
export const source = `script: bench
language: en-US
needs: [first_name, tier]
max_call_s: 3600
start: { human: choices }
steps:
  choices:
    menu: [{ say: "Hello {first_name}. For numbers press 1, for hours press 2, for a question press 3. To end press 0. To stop these calls press 9." }]
    retry: [{ say: "Sorry." }]
    keys: { "1": digits, "2": hours, "3": question, "0": bye, "9": out }
    no_input: choices
  digits:
    collect: [{ say: "Please enter up to four digits." }]
    into: code
    max_digits: 4
    next: kept
    no_input: choices
  kept: { set: { twice: "{code | times: 2}" }, next: sort }
  sort:
    branch: code
    on: { "..99": small, "100..4999": middle }
    else: large
  small: { play: [{ say: "That is small, {first_name}." }], next: choices }
  middle: { play: [{ say: "Twice that is {twice}." }], next: choices }
  large: { play: [{ say: "That is large." }], next: choices }
  hours:
    branch: { what: time, zone: America/New_York }
    on: { "mon-fri 09:00-17:00": open, "sat 10:00-14:00": open }
    else: closed
  open: { play: [{ say: "We are open." }], next: choices }
  closed: { play: [{ say: "We are closed." }], next: known }
  known: { branch: tier, on: { gold: choices }, else: choices }
  question:
    survey: [{ say: "From 0 to 10, how do you like it?" }]
    question: liking
    next: choices
    no_input: choices
  bye: { play: [{ say: "Goodbye." }], end: bye }
  out: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: out }
`;

export const fields = { first_name: "Ann", tier: "gold" };

/** What is pressed in a menu, digits or survey alike; rarely the end. */
const pressed = ["1", "1", "2", "3", "3", "", "4711", "42", "7"];
/** Things pressed in one call. */
const presses = 30;

/** People on the line who wait until they are let go on, all at once or one after the other. */
export class Exchange {
  readonly #random: Random;
  readonly #pressed = new Map<number, number>();
  #waiting: (() => void)[] = [];
  #left = 0;
  #changed: () => void = () => {};

  /** @param seed of what they press */
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** What the person presses next. */
  keys(id: number): string {
    const count = (this.#pressed.get(id) ?? 0) + 1;
    this.#pressed.set(id, count);
    return count < presses ? pick(this.#random, pressed) : pick(this.#random, ["0", "9"]);
  }

  caller(id: number): Caller {
    const turn = <T>(give: () => T) =>
      new Promise<T>((resolve) => {
        this.#waiting.push(() => resolve(give()));
        this.#changed();
      });
    return {
      play: () => turn(() => "played" as const),
      collect: () => turn((): Collected => ({ digits: this.keys(id), end: "digits" })),
      transfer: () => turn(() => "talked" as const),
      queue: () => turn(() => "talked" as const),
      record: () => turn(() => ({ end: "silent" as const })),
      hold: () => ({ stop: async () => {}, left: new Promise(() => {}) }),
      listen() {},
      hangUp: async () => {
        this.#left += 1;
        this.#changed();
      },
    };
  }

  /** Resolves when so many wait for their turn. */
  async whenWaiting(count: number): Promise<void> {
    while (this.#waiting.length < count) await this.#change();
  }

  /** Lets everybody have their turn, again and again, until so many have left. */
  async answerAll(count: number): Promise<void> {
    while (this.#left < count) {
      if (this.#waiting.length === 0) await this.#change();
      const turns = this.#waiting;
      this.#waiting = [];
      for (const turn of turns) turn();
      // Whoever can go on does so before the next turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
