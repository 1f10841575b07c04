import { Fault } from "../../kernel/fault.ts";
import { seededRandom } from "../../kernel/random.ts";
import { ordinarySmsMix, type SmsPersona, smsCast, smsSuffixes } from "./persona.ts";

export interface SmsDirectoryOptions {
  readonly seed: number;
  /** Persona by number; of a list, the first message meets the first, and so on, and the last one stays. */
  readonly numbers?: Readonly<Record<string, string | readonly string[]>>;
  /** For all other numbers. Default `ordinarySmsMix`. */
  readonly mix?: Readonly<Record<string, number>>;
}

/** Who gets messages at which number: what was assigned, else by its last four digits, else a draw that depends only on the seed and the number. */
export class SmsDirectory {
  readonly #seed: number;
  readonly #numbers = new Map<string, { readonly names: readonly string[]; met: number }>();
  #mix: readonly (readonly [string, number])[] = [];
  #everybody: string | undefined;

  /** @throws Fault `unknown-persona` */
  constructor({ seed, numbers = {}, mix = ordinarySmsMix }: SmsDirectoryOptions) {
    this.#seed = seed;
    this.setMix(mix);
    for (const [number, names] of Object.entries(numbers)) this.assign(number, [names].flat());
  }

  /** An empty list takes the assignment back. @throws Fault `unknown-persona` */
  assign(number: string, names: readonly string[]): void {
    for (const name of names) personaOf(name);
    if (names.length === 0) this.#numbers.delete(digitsOf(number));
    else this.#numbers.set(digitsOf(number), { names, met: 0 });
  }

  /** @throws Fault `unknown-persona` */
  setMix(mix: Readonly<Record<string, number>>): void {
    for (const name of Object.keys(mix)) personaOf(name);
    this.#mix = Object.entries(mix).filter(([, share]) => share > 0);
  }

  /** One persona for everybody; undefined lifts it. @throws Fault `unknown-persona` */
  setEverybody(name: string | undefined): void {
    if (name !== undefined) personaOf(name);
    this.#everybody = name;
  }

  /** Who gets the next message there. Counts it. */
  meet(number: string): { readonly name: string; readonly persona: SmsPersona } {
    const digits = digitsOf(number);
    const assigned = this.#numbers.get(digits);
    const name =
      this.#everybody ?? assigned?.names[Math.min(assigned.met, assigned.names.length - 1)] ?? smsSuffixes[digits.slice(-4)] ?? this.#drawn(digits);
    if (assigned) assigned.met += 1;
    return { name, persona: personaOf(name) };
  }

  /** @throws Fault `unknown-persona` */
  named(name: string): SmsPersona {
    return personaOf(name);
  }

  #drawn(digits: string): string {
    const whole = this.#mix.reduce((sum, [, share]) => sum + share, 0);
    let left = seededRandom(this.#seed ^ (Number(digits.slice(-9)) | 0)).next() * whole;
    for (const [name, share] of this.#mix) {
      left -= share;
      if (left < 0) return name;
    }
    return this.#mix.at(-1)?.[0] ?? "delivered";
  }
}

/** Of the cast, or `says:TEXT`: somebody who gets it and writes that. @throws Fault `unknown-persona` */
function personaOf(name: string): SmsPersona {
  if (name.startsWith("says:")) return { about: "writes back", reports: smsCast.delivered.reports, says: [name.slice("says:".length)] };
  if (Object.hasOwn(smsCast, name)) return smsCast[name as keyof typeof smsCast];
  throw new Fault("unknown-persona", `there is no persona ${JSON.stringify(name)}; there are: ${Object.keys(smsCast).join(", ")}, says:TEXT`);
}

export function digitsOf(number: string): string {
  return number.replace(/\D/g, "");
}
