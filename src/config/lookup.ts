import { type LookupOptions, lookupWords } from "../contact/lookup/options.ts";
import type { Told } from "./part.ts";
import type { Path } from "./shape.ts";

/** What no single setting of a look-up can show. */
export function checkLookup({ kind, url, answer, values, notFound, refuse = [], method, body, by }: LookupOptions, path: Path, fault: Told): void {
  const ours: readonly string[] = lookupWords[kind];
  const known = `of kind ${kind} there are ${ours.join(", ")}`;
  if (/[{}]/.test(/^https?:\/\/[^/?#]*/.exec(url)?.[0] ?? "")) fault([...path, "url"], "must name its server: words in braces go behind the host");
  const word = kind === "customer" && by === "client-id" ? /\{clientId\}/ : /\{(number|digits)\}/;
  if (!word.test(url) && !(method === "POST" && word.test(body)))
    fault(
      [...path, "url"],
      `does not say who is asked about: ${by === "client-id" && kind === "customer" ? "{clientId}" : "{number} or {digits}"} must stand in it`,
    );
  if (kind !== "customer" && answer === undefined)
    fault([...path, "answer"], `is missing: where the answer stands that says one of ${ours.join(", ")}`);
  for (const [at, value] of values.entries())
    if (!ours.includes(value.slice(value.indexOf("=") + 1))) fault([...path, "values", at], `means nothing here: ${known}`);
  if (notFound !== undefined && !ours.includes(notFound)) fault([...path, "notFound"], `means nothing here: ${known}`);
  for (const [at, each] of refuse.entries()) if (!ours.includes(each)) fault([...path, "refuse", at], `is no answer: ${known}`);
  if (method === "POST" && !isJson(body)) fault([...path, "body"], "is no JSON");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replaceAll(/\{(number|digits|clientId|date)\}/g, "x"));
    return true;
  } catch {
    return false;
  }
}
