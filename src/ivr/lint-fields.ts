import { fieldAt, type Linter, within, writtenTexts } from "./linter.ts";
import { answerNames } from "./prompt.ts";
import { zoneColumn } from "./script.ts";

/** Contact columns: those that are used and not there, and those that are needed and not used. */
export function lintFields(linter: Linter): void {
  const { script, whole, located, options, report } = linter;
  const answers = answerNames(whole);
  const used = new Set<string>(script.languageFrom === undefined ? [] : [script.languageFrom]);
  for (const written of writtenTexts(script)) {
    const { text, purpose } = written;
    for (const field of text.fields) used.add(field);
    for (const field of text.needed) {
      if (script.needs.includes(field) || answers.has(field)) continue;
      const fix = `Add ${field} to \`needs\`, or give it a default: {${field} | default: "…"}.`;
      const spoken = purpose === "heard" || purpose === "whispered";
      const message = `${field} is ${spoken ? "spoken" : "used"}, but not among the columns the script needs`;
      // What is not spoken is only blank then.
      report("field-not-needed", fieldAt(located, written, field), message, fix, spoken ? "error" : "warning");
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "branch") continue;
    if (step.what.kind === "time" && step.what.contact) used.add(zoneColumn);
    if (step.what.kind !== "value") continue;
    const field = step.what.name;
    used.add(field);
    if (answers.has(field) || script.needs.includes(field) || options.columns?.includes(field)) continue;
    const message = `${field} is neither collected before nor among the columns the script needs`;
    report("branch-unknown", located.at(within(name, "branch")), message, `Add ${field} to \`needs\`.`, options.columns ? "error" : "warning");
  }
  for (const [index, need] of script.needs.entries()) {
    const place = located.at(`/needs/${index}`);
    if (!used.has(need))
      report("need-unused", place, `the script needs ${need} and never uses it`, "Remove it, or nobody without it is ever called.");
    if (options.columns && !options.columns.includes(need))
      report("column-missing", place, `the list has no column ${need}`, `The list has ${options.columns.join(", ") || "no columns"}.`);
  }
  // What the scripts it goes to need is needed from the beginning.
  if (!options.columns) return;
  for (const need of whole.needs) {
    if (script.needs.includes(need) || options.columns.includes(need)) continue;
    const step = [...script.steps].find(([, { verb }]) => verb === "script");
    const message = `the list has no column ${need}, which a script it goes to needs`;
    report(
      "column-missing",
      located.at(step ? within(step[0], "script") : ""),
      message,
      `The list has ${options.columns.join(", ") || "no columns"}.`,
    );
  }
}
