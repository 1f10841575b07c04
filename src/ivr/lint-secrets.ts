import { fieldAt, type Linter, type Purpose, within, writtenTexts } from "./linter.ts";
import type { Script } from "./script.ts";

const badly: Readonly<Partial<Record<Purpose, { readonly code: "secret-spoken" | "secret-sent"; readonly what: string }>>> = {
  heard: { code: "secret-spoken", what: "spoken" },
  whispered: { code: "secret-spoken", what: "whispered to somebody else" },
  message: { code: "secret-sent", what: "sent in a message" },
  time: { code: "secret-sent", what: "written down as the time of a call" },
};

/** A range of fewer values than that tells too much about a secret: somebody could try the rest. */
const fewValues = 100;

/** Secrets that would be heard, sent, or told by the path of the call. Only a webhook may be given one. */
export function lintSecrets({ script, whole, located, report }: Linter): void {
  const secrets = secretNames(whole);
  if (secrets.size === 0) return;
  for (const written of writtenTexts(script)) {
    const bad = badly[written.purpose];
    for (const field of bad ? written.text.fields : []) {
      if (!bad || !secrets.has(field)) continue;
      const message = `${field} is secret, and would be ${bad.what}; it is blank there`;
      report(bad.code, fieldAt(located, written, field), message, `Leave {${field}} out. Only a webhook may be given it.`);
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "branch" || step.what.kind !== "value" || !secrets.has(step.what.name)) continue;
    for (const { key, test } of step.cases) {
      const values = "range" in test ? (test.range.high ?? Infinity) - (test.range.low ?? -Infinity) + 1 : 1;
      if (values >= fewValues) continue;
      const message = `whoever reads the path of the call sees by this line what the secret ${step.what.name} was`;
      report("secret-shown", located.keyAt(within(name, "on", key)), message, "Let a webhook compare it, and branch by what that says.");
    }
  }
}

/** Answers that hold a secret on some way: what is collected as one, and what is made of those. */
function secretNames(script: Script): ReadonlySet<string> {
  const steps = [...script.steps.values()];
  const secrets = new Set(steps.flatMap((step) => (step.verb === "collect" && step.secret ? [step.into] : [])));
  const made = steps.flatMap((step) => (step.verb === "set" ? [...step.values] : []));
  for (let before = -1; before !== secrets.size; ) {
    before = secrets.size;
    for (const [name, text] of made) if (text.fields.some((field) => secrets.has(field))) secrets.add(name);
  }
  return secrets;
}
