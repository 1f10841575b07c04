import type { Template } from "../template/template.ts";
import type { Place } from "./place.ts";
import { zoneColumn } from "./script.ts";
import { isZone } from "./zone-clock.ts";

/** The value of a name, or undefined when there is none. */
export type Scope = (name: string) => string | undefined;

/**
 * What a template may be filled with at this place: contact fields, and over them the answers. Secrets are blank unless they are asked
 * for: what is heard or sent as a message never has them. Looked up, never copied: a script may keep thousands of answers.
 */
export function scopeOf({ answers, fields }: Place, secrets: "blank" | "open" = "blank"): Scope {
  return (name) => {
    const answer = answers.get(name);
    if (answer) return answer.secret && secrets === "blank" ? "" : answer.value;
    return Object.hasOwn(fields, name) ? fields[name] : undefined;
  };
}

/**
 * A text filled in during a call. An answer that was never given is blank there: nobody on the line is left alone for it.
 * @throws Fault `template-too-long`, `template-render`
 */
export function fill(template: Template, scope: Scope): string {
  return template.render(Object.fromEntries(template.fields.map((name) => [name, scope(name) ?? ""])));
}

/** Whether a text would show something secret. */
export function isSecret(template: Template, place: Place): boolean {
  return template.fields.some((name) => place.answers.get(name)?.secret === true);
}

/** The value of an answer or a contact column; empty when there is none. */
export function knownValue(place: Place, name: string): string {
  const answer = place.answers.get(name);
  if (answer) return answer.value;
  return Object.hasOwn(place.fields, name) ? (place.fields[name] ?? "") : "";
}

/** The contact's own time zone, else the one given. */
export function zoneOf(place: Place, otherwise: string | undefined): string | undefined {
  const own = Object.hasOwn(place.fields, zoneColumn) ? (place.fields[zoneColumn] ?? "").trim() : "";
  return isZone(own) ? own : otherwise;
}
