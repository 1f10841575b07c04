import { type Header, HeaderBlock, type HeaderValue, plainValue } from "./event.ts";

/** A channel's variables, in the order in which they were last set, as its events list them. */
export class Variables {
  readonly #values = new Map<string, HeaderValue>();
  #block: HeaderBlock | undefined;

  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : plainValue(value);
  }

  /** An empty or missing value takes the variable away (switch_channel_set_variable). */
  set(name: string, value: HeaderValue | undefined): void {
    this.#block = undefined;
    this.#values.delete(name);
    if (value !== undefined && value.length > 0) this.#values.set(name, value);
  }

  /** Whether it is set to something FreeSWITCH takes for true (switch_true). */
  isTrue(name: string): boolean {
    return isTrue(this.get(name));
  }

  names(): Iterable<string> {
    return this.#values.keys();
  }

  /** As the headers of an event: variable_NAME. */
  get block(): HeaderBlock {
    this.#block ??= new HeaderBlock([...this.#values].map(([name, value]): Header => [`variable_${name}`, value]));
    return this.#block;
  }
}

/** switch_true (switch_utils.h): yes, on, true, t, enabled, active, allow, or a number but 0. */
export function isTrue(text: string | undefined): boolean {
  if (text === undefined) return false;
  return /^(yes|on|true|t|enabled|active|allow)$/i.test(text) || (/^-?\d+$/.test(text) && Number(text) !== 0);
}

/** Replaces ${name} and $${name}; what is not set becomes nothing (switch_channel_expand_variables). */
export function expand(text: string, variables: (name: string) => string | undefined, globals: ReadonlyMap<string, string>): string {
  if (!text.includes("${")) return text;
  return text
    .replace(/\$\$\{([^{}]*)\}/g, (_, name: string) => globals.get(name) ?? "")
    .replace(/\$\{([^{}]*)\}/g, (_, name: string) => variables(name) ?? globals.get(name) ?? "");
}
