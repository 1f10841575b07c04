import { nearest } from "../kernel/nearest.ts";
import { valueAt } from "../kernel/pointer.ts";
import type { LintCode } from "./lint-rules.ts";
import { type Linter, stepAt, within } from "./linter.ts";
import { anyGroup } from "./script.ts";

/** What a script names that the configuration must have; and what it does to people outside of it. */
export function lintOutside({ script, located, options, report }: Linter): void {
  const unknown = (code: LintCode, what: string, name: string, known: readonly string[] | undefined, pointer: string, section: string) => {
    if (!known || known.includes(name)) return;
    const guess = nearest(name, known);
    const there = known.length === 0 ? "There is none" : `There ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
    report(code, located.at(pointer), `there is no ${what} ${name}`, guess ? `Did you mean ${guess}?` : `${there}; add ${name} to ${section}.`);
  };
  for (const [name, step] of script.steps) {
    if (step.verb === "webhook") {
      unknown("webhook-unknown", "webhook", step.name, options.webhooks, within(name, "webhook"), "`webhooks` of the configuration");
    } else if (step.verb === "send") {
      const known = options.templates?.[step.channel];
      unknown(
        "template-unknown",
        `${step.channel} template`,
        step.template,
        known,
        within(name, "send", "template"),
        `the ${step.channel} templates`,
      );
    } else if (step.verb === "queue" && step.group !== anyGroup) {
      const pointer = valueAt(located.value, within(name, "queue", "group")) === undefined ? within(name, "queue") : within(name, "queue", "group");
      unknown("agent-group-unknown", "group of agents", step.group, options.agentGroups, pointer, "the groups (POST /api/v1/groups)");
    } else if (step.verb === "transfer") {
      if ("group" in step.target)
        unknown("group-unknown", "group", step.target.group, options.groups, within(name, "transfer", "group"), "`groups` of the configuration");
      if (step.holdPrompts.length === 0) {
        const message = `whoever is transferred by ${name} waits in silence`;
        report("transfer-silent", stepAt(located, name), message, 'Add `play: [{ say: "Please wait." }]`.');
      }
    } else if (step.verb === "record" && !step.consent) {
      const message = `${name} records people without asking them`;
      report("record-without-consent", stepAt(located, name), message, "Add `consent: [{ say: … press 1 … }]` and `declined: STEP`.");
    }
  }
}
