import type { Hiding } from "./mask.ts";
import type { MaskingOptions } from "./options.ts";

const optionOf: Readonly<Record<string, Exclude<keyof MaskingOptions, "sensitiveFields">>> = {
  supervisor: "supervisor",
  author: "author",
  agent: "agent",
  integrator: "integrator",
  "read-only": "readOnly",
};
const all = new Set(["owner", "admin"]);

/** What a role does not see, as configured. A role that is not known sees nothing of people. */
export function hidingOf(options: MaskingOptions, role: string): Hiding {
  const option = Object.hasOwn(optionOf, role) ? optionOf[role] : undefined;
  const hides = option !== undefined ? options[option] : all.has(role) ? [] : options.readOnly;
  return { hides: new Set(hides), sensitive: new Set(options.sensitiveFields) };
}
