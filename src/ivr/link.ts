import { answerNames } from "./prompt.ts";
import { renamed } from "./rename.ts";
import { anyLanguage, type Prompt, type Script, type Step } from "./script.ts";

/** Why scripts cannot be put together. */
export interface LinkFault {
  readonly code: "script-unknown" | "script-too-large";
  /** The script and the step in it that goes to the other one. */
  readonly script: string;
  readonly step: string;
  readonly message: string;
  readonly fix: string;
}

export interface Linked {
  /** The whole, as far as it could be put together. */
  readonly script: Script;
  readonly faults: readonly LinkFault[];
}

/** More than that nobody keeps in mind, and a stranger's script must not fill the memory. */
const mostScripts = 20;
const mostSteps = 2000;
/** All that a call keeps, it keeps anew with each step that adds to it. */
export const mostAnswers = 500;

/** The other scripts that a script goes to by itself, in the order of its steps. */
export function scriptsNamedBy(script: Script): string[] {
  const named = [...script.steps.values()].flatMap((step) => (step.verb === "script" && step.script !== script.name ? [step.script] : []));
  return [...new Set(named)];
}

/**
 * One script of a script and those it goes to, directly or by way of others. The steps of another script are called
 * `its-name/step`; its columns, languages and recordings come along, while the time limit and the main language are those of the
 * first one.
 * @param others by name; they may name each other
 */
export function link(script: Script, others: ReadonlyMap<string, Script>): Linked {
  if (![...script.steps.values()].some((step) => step.verb === "script")) return { script, faults: [] };
  const faults: LinkFault[] = [];
  const parts = new Map([[script.name, script]]);
  const steps = new Map<string, Step>();
  for (const part of parts.values()) {
    const named = namesIn(script, part);
    for (const [name, step] of part.steps) {
      if (step.verb === "script" && !parts.has(step.script)) {
        const fault = take(parts, others.get(step.script), step.script);
        if (fault) faults.push({ ...fault, script: part.name, step: name });
      }
      steps.set(named(name), linked(step, script, part, parts));
    }
  }
  return { script: merged(script, [...parts.values()], steps), faults };
}

function take(parts: Map<string, Script>, other: Script | undefined, name: string): Pick<LinkFault, "code" | "message" | "fix"> | undefined {
  if (!other) return { code: "script-unknown", message: `there is no script ${name}`, fix: "Publish it first, or name another." };
  const all = [...parts.values(), other];
  const size = all.reduce((sum, part) => sum + part.steps.size, 0);
  const answers = new Set(all.flatMap((part) => [...answerNames(part)])).size;
  if (parts.size >= mostScripts || size > mostSteps || answers > mostAnswers) {
    const message = `with ${name} it would be more than ${mostScripts} scripts, ${mostSteps} steps or ${mostAnswers} answers`;
    return { code: "script-too-large", message, fix: "End some of the ways, or put scripts together." };
  }
  parts.set(name, other);
  return undefined;
}

/** What the steps of a part are called in the whole. */
function namesIn(whole: Script, part: Script): (name: string) => string {
  return part.name === whole.name ? (name) => name : (name) => `${part.name}/${name}`;
}

function linked(step: Step, whole: Script, part: Script, parts: ReadonlyMap<string, Script>): Step {
  if (step.verb === "script") {
    const target = parts.get(step.script);
    if (!target) return step;
    const named = namesIn(whole, target);
    return { ...step, start: Object.fromEntries(Object.entries(target.start).map(([verdict, name]) => [verdict, named(name)])) };
  }
  if (part.name === whole.name) return step;
  // What was written without a language is in the main one of its own script.
  const spoken = (prompt: Prompt): Prompt => {
    const plain = "say" in prompt && part.language !== whole.language ? prompt.say.get(anyLanguage) : undefined;
    return plain ? { say: new Map([[part.language, plain]]) } : prompt;
  };
  return renamed(step, namesIn(whole, part), spoken);
}

function merged(script: Script, parts: readonly Script[], steps: ReadonlyMap<string, Step>): Script {
  const rightParty = parts.find((part) => part.rightParty !== undefined);
  // Who was told of a key in the first one may press it in the others, too.
  const keysOf = (part: Script) => [...part.everywhere].map(([key, name]) => [key, namesIn(script, part)(name)] as const);
  const everywhereIn = new Map(parts.map((part) => [part.name, new Map([...script.everywhere, ...keysOf(part)])]));
  return {
    ...script,
    languages: [...new Set(parts.flatMap((part) => part.languages))],
    fallback: new Map(parts.toReversed().flatMap((part) => [...part.fallback])),
    needs: [...new Set(parts.flatMap((part) => part.needs))],
    everywhereIn,
    ...(rightParty?.rightParty !== undefined && { rightParty: namesIn(script, rightParty)(rightParty.rightParty) }),
    steps,
  };
}
