import type { WebhookAction, WebhookEvent } from "./place.ts";
import type { WebhookEnd } from "./ports.ts";
import type { JsonPath } from "./script.ts";

/** Longest text that is taken from an answer, in characters. */
const longestValue = 1000;
// Control characters say nothing to a person and much to a terminal or a log.
const controls = /[\p{Cc}\u2028\u2029]+/gu;

/** What an answer of a webhook means to the script: the value that decides and what is to be kept. Anything but 2xx is an error. */
export function webhookEvent(action: Pick<WebhookAction, "result" | "save">, answer: WebhookEnd): WebhookEvent {
  if (answer.end === "timeout") return { kind: "webhook", end: "timeout" };
  if (answer.end === "failed" || answer.status < 200 || answer.status > 299) return { kind: "webhook", end: "error" };
  const value = textAt(answer.body, action.result);
  // What the answer lacks is blank.
  const saved = new Map([...action.save].map(([name, path]) => [name, textAt(answer.body, path) ?? ""]));
  return { kind: "webhook", end: "answered", saved, ...(value !== undefined && { value }) };
}

/** The text, number or truth value at a path; undefined when there is none, or it is longer than 1,000 characters. */
function textAt(body: unknown, path: JsonPath): string | undefined {
  let found = body;
  for (const part of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[part];
  }
  if (typeof found !== "string" && typeof found !== "number" && typeof found !== "boolean") return undefined;
  const text = String(found).replace(controls, " ").trim();
  return text.length > longestValue ? undefined : text;
}
