import { Fault } from "../../kernel/fault.ts";
import { type Random, seededRandom } from "../../kernel/random.ts";
import { cast, type PersonaName, personaNamed } from "./cast.ts";
import type { Persona } from "./persona.ts";

/** Shares of a mix; they need not add up to anything. */
export type Mix = Readonly<Record<string, number>>;

/** What a campaign meets on an ordinary afternoon. */
export const ordinaryMix: Mix = {
  person: 30,
  patient: 10,
  listener: 8,
  hasty: 4,
  mumbler: 3,
  "hangs-up": 8,
  "opt-out": 5,
  silent: 2,
  voicemail: 6,
  busy: 5,
  declined: 3,
  "no-answer": 4,
  "no-answer-early-media": 2,
  "bad-number": 3,
  sit: 1,
  fax: 1,
  congestion: 1,
  unavailable: 1,
  "early-media": 2,
  drop: 1,
};

/** Numbers that end in 99 and these two digits have a fixed persona, so that a person can dial a behaviour by hand. */
export const suffixes: Readonly<Record<string, PersonaName>> = {
  "9901": "person",
  "9902": "patient",
  "9903": "listener",
  "9904": "hangs-up",
  "9905": "opt-out",
  "9906": "silent",
  "9907": "voicemail",
  "9908": "fax",
  "9909": "agent",
  "9910": "drop",
  "9911": "early-media",
  "9912": "challenge",
  "9913": "fork",
  "9914": "mumbler",
  "9915": "hasty",
  "9916": "clerk",
  "9917": "commenter",
  "9921": "busy",
  "9922": "declined",
  "9923": "no-answer",
  "9924": "no-answer-early-media",
  "9925": "bad-number",
  "9926": "incomplete",
  "9927": "sit",
  "9928": "sit-congestion",
  "9929": "congestion",
  "9930": "slow",
  "9931": "crossing",
  "9932": "redirect",
  "9933": "no-progress",
  "9934": "unavailable",
  "9935": "calls-back",
  "9936": "calls-back-to-opt-out",
  "9941": "voicemail-short-beep",
  "9942": "voicemail-late-beep",
  "9943": "voicemail-no-beep",
  "9944": "voicemail-pauses",
  "9945": "voicemail-beep-only",
  "9946": "business",
  "9947": "early-ringback",
  "9948": "announcement",
  "9949": "busy-tone",
};

export interface DirectoryOptions {
  readonly seed: number;
  /** Persona by number; of a list, the first call meets the first, and so on, and the last one stays. */
  readonly numbers?: Readonly<Record<string, string | readonly string[]>>;
  /** For all other numbers. Default `ordinaryMix`. */
  readonly mix?: Mix;
  /** Personas beside the cast, or instead of some of it. */
  readonly personas?: Readonly<Record<string, Persona>>;
}

/** Who lives at which number: what was assigned, else the suffix table, else a draw from the mix that depends only on the seed and the number. */
export class Directory {
  readonly #seed: number;
  readonly #personas: Readonly<Record<string, Persona>>;
  readonly #numbers = new Map<string, readonly string[]>();
  readonly #calls = new Map<string, number>();
  #mix: readonly (readonly [string, number])[] = [];
  #everybody: string | undefined;
  #placed = 0;

  constructor(options: DirectoryOptions) {
    this.#seed = options.seed;
    this.#personas = options.personas ?? {};
    this.setMix(options.mix ?? ordinaryMix);
    for (const [number, names] of Object.entries(options.numbers ?? {})) this.assign(number, typeof names === "string" ? [names] : names);
  }

  /** @throws Fault `unknown-persona`, `caller-script` */
  assign(number: string, names: readonly string[]): void {
    for (const name of names) this.#known(name);
    if (names.length === 0) this.#numbers.delete(digitsOf(number));
    else this.#numbers.set(digitsOf(number), names);
    this.#calls.delete(digitsOf(number));
  }

  /** One persona for everybody, as in an outage; undefined lifts it. @throws Fault `unknown-persona` */
  setEverybody(name: string | undefined): void {
    if (name !== undefined) this.#known(name);
    this.#everybody = name;
  }

  /** @throws Fault `unknown-persona` */
  setMix(mix: Readonly<Record<string, number>>): void {
    for (const name of Object.keys(mix)) this.#known(name);
    this.#mix = Object.entries(mix).filter(([, share]) => share > 0);
  }

  /** Who answers now, and the chance it acts by, which depends only on the seed, the number and how often it was called. Counts the call. */
  answer(number: string): { readonly name: string; readonly persona: Persona; readonly random: Random } {
    const digits = digitsOf(number);
    const calls = this.#calls.get(digits) ?? 0;
    this.#calls.set(digits, calls + 1);
    const names = this.#numbers.get(digits);
    const assigned = names?.[Math.min(calls, names.length - 1)];
    const name = this.#everybody ?? assigned ?? suffixes[digits.slice(-4)] ?? this.#drawn(digits);
    return { name, persona: this.#known(name), random: seededRandom(hash(`${this.#seed}/${digits}/${calls}`)) };
  }

  /** @throws Fault `unknown-persona`, `caller-script` */
  named(name: string): Persona {
    return this.#known(name);
  }

  /** Of somebody who calls; each time another. */
  chance(number: string): Random {
    this.#placed += 1;
    return seededRandom(hash(`${this.#seed}/${digitsOf(number)}/calls/${this.#placed}`));
  }

  #drawn(digits: string): string {
    const whole = this.#mix.reduce((sum, [, share]) => sum + share, 0);
    let left = seededRandom(hash(`${this.#seed}/${digits}`)).next() * whole;
    for (const [name, share] of this.#mix) {
      left -= share;
      if (left < 0) return name;
    }
    return this.#mix.at(-1)?.[0] ?? ("person" satisfies PersonaName);
  }

  #known(name: string): Persona {
    const persona = (Object.hasOwn(this.#personas, name) ? this.#personas[name] : undefined) ?? personaNamed(name);
    if (persona) return persona;
    const names = [...Object.keys(this.#personas), ...Object.keys(cast), "presses:KEYS", "rejects:STATUS", "does:ACTION then ACTION …"].join(", ");
    throw new Fault("unknown-persona", `there is no persona ${JSON.stringify(name)}; there are: ${names}`);
  }
}

/** Digits alone: +1 555 0100 and 15550100 are one number. */
function digitsOf(number: string): string {
  return number.replace(/\D/g, "");
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return state;
}
