import { keysIn } from "./everywhere.ts";
import { exitsOf } from "./exits.ts";
import { fieldAt, type Linter, within, writtenTexts } from "./linter.ts";
import { answerNames } from "./prompt.ts";
import type { Script, Step } from "./script.ts";

/** Answers that are used where, on some way, nobody has given them yet; and recordings that would be spoken as the name of their file. */
export function lintAnswers({ script, whole, located, report }: Linter): void {
  const answers = answerNames(whole);
  const ways = waysOut(whole);
  const without = new Map<string, ReadonlySet<string>>();
  /** Whether there is a way to the step on which the answer is not given. */
  const unset = (answer: string, name: string): boolean => {
    // A column of that name stands in for the answer until it is there.
    if (!answers.has(answer) || whole.needs.includes(answer)) return false;
    const reached = without.get(answer) ?? reachedWithout(whole, ways, answer);
    without.set(answer, reached);
    return reached.has(name);
  };
  const fix = (answer: string, default_: string) => `Lead there only by ways that give ${answer} a value${default_}.`;
  for (const written of writtenTexts(script)) {
    const { name, text } = written;
    for (const answer of text.needed) {
      if (!unset(answer, name)) continue;
      const message = `on some way to ${name} the answer ${answer} is not given yet, and is blank`;
      report("answer-unset", fieldAt(located, written, answer), message, fix(answer, `, or write {${answer} | default: "…"}`), "error");
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "branch" || step.what.kind !== "value" || !unset(step.what.name, name)) continue;
    const message = `on some way to ${name} the answer ${step.what.name} is not given yet, and it goes on with \`else\``;
    report("answer-unset", located.at(within(name, "branch")), message, fix(step.what.name, ""), "warning");
  }
  const recordings = new Set([...whole.steps.values()].flatMap((step) => (step.verb === "record" ? [step.into] : [])));
  for (const written of writtenTexts(script)) {
    if (written.purpose !== "heard" && written.purpose !== "whispered") continue;
    for (const field of written.text.fields) {
      if (!recordings.has(field)) continue;
      const message = `${field} is a recording, and the name of its file would be spoken`;
      report("recording-spoken", fieldAt(located, written, field), message, `Leave {${field}} out; recordings are kept with the attempt.`);
    }
  }
}

/** A way out of a step, with the answers that have a value on it. */
interface WayOut {
  readonly to: string;
  readonly gives: ReadonlySet<string>;
}

function waysOut(script: Script): ReadonlyMap<string, readonly WayOut[]> {
  // Whoever presses a key that works everywhere has answered nothing by it.
  const away = (name: string, step: Step) => [...keysIn(script, name, step).values()].map((to) => ({ to, gives: new Set<string>() }));
  return new Map([...script.steps].map(([name, step]) => [name, [...waysOf(step), ...away(name, step)]]));
}

function waysOf(step: Step): WayOut[] {
  const ways = (names: readonly string[], gives: Iterable<string> = []) => names.map((to) => ({ to, gives: new Set(gives) }));
  switch (step.verb) {
    case "collect":
      return [...ways([step.next], [step.into]), ...ways([step.noInput, step.noMatch])];
    case "survey":
      return [...ways([step.next], [step.question]), ...ways([step.noInput, step.noMatch])];
    case "record":
      return [...ways([step.next], [step.into]), ...ways([step.noInput, ...(step.consent ? [step.consent.declined] : [])])];
    case "set":
      return ways(exitsOf(step), step.values.keys());
    case "webhook":
      return [...ways([...step.on.values(), step.otherwise], step.save.keys()), ...ways([step.timedOut, step.error])];
    default:
      return ways(exitsOf(step));
  }
}

/** The steps that some way leads to on which nobody gives the answer. */
function reachedWithout(script: Script, ways: ReadonlyMap<string, readonly WayOut[]>, answer: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = Object.values(script.start);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { to, gives } of ways.get(name) ?? []) if (!gives.has(answer) && !reached.has(to)) open.push(to);
  }
  return reached;
}
