import type { Shape } from "../config/shape.ts";
import { fromText } from "../config/source-environment.ts";
import { Fault } from "../kernel/fault.ts";

/** How a setting that is no simple value is written in one word. */
export type Words = Readonly<Record<string, (text: string) => unknown>>;

/**
 * Settings as they are written at the terminal, `name=value`; a list is written with commas. What is not known the server refuses, with what was
 * probably meant.
 * @throws Fault `setting-form`
 */
export function settingsFrom(shape: Shape, settings: readonly string[], words: Words, example: string): Record<string, unknown> {
  const pairs = settings.map((setting): [string, unknown] => {
    const [, name = "", text = ""] = /^([A-Za-z]+)=(.*)$/s.exec(setting) ?? [];
    if (name === "") throw new Fault("setting-form", `${setting}: write settings as name=value, such as ${example}.`);
    const read = Object.hasOwn(words, name) ? words[name] : undefined;
    const known = shape.properties?.[name];
    return [name, read ? read(text) : known ? fromText(known, text) : text];
  });
  return Object.fromEntries(pairs);
}

/** Each part between commas. */
export const listed =
  (read: (text: string) => unknown) =>
  (text: string): unknown[] =>
    text === "" ? [] : text.split(",").map((part) => read(part.trim()));

/** A number where it is one; else what was written, to be refused where it is looked at. */
export const numberFrom = (text: string): number | string => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
