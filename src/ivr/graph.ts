import { anyLanguage, type ByLanguage, type Prompt, type Script, type Step, type Way } from "./script.ts";

/*
 * A script as a picture: what there is and what leads where, without saying how it is drawn. Texts are as the author wrote them;
 * whoever draws escapes them.
 */

export type NodeKind = "start" | "step" | "end";

export interface GraphNode {
  /** Unique in the graph; letters, digits and `_` only, whatever the step is called. */
  readonly id: string;
  readonly kind: NodeKind;
  /** The step's name, `answered by human`, or the outcome. */
  readonly title: string;
  readonly verb?: Step["verb"];
  /** What is heard or done there, line by line, cut to a readable length. */
  readonly lines: readonly string[];
  /** Whether the person is opted out there. */
  readonly optsOut: boolean;
  /** The linked script it comes from. */
  readonly group?: string;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** What makes it be taken; empty when nothing decides. */
  readonly label: string;
  /** `left`: the way of somebody who hung up. `again`: after silence or a wrong key. */
  readonly kind: "way" | "left" | "again";
}

export interface ScriptGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** One way out of a step. */
interface Out {
  readonly way: Way;
  readonly label: string;
  readonly kind?: GraphEdge["kind"];
}

/** Longest line of a text in the picture. */
const lineLength = 60;

/** The whole script, step by step in the order written; a step that is named but missing is left out. */
export function graphOf(script: Script): ScriptGraph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const ids = new Map([...script.steps.keys()].map((name, index) => [name, `s${index}`]));
  const ends = new Map<string, string>();
  const target = (way: Way): string | undefined => {
    if ("next" in way) return ids.get(way.next);
    const known = ends.get(way.end) ?? `e${ends.size}`;
    ends.set(way.end, known);
    return known;
  };
  const connect = (from: string, { way, label, kind = "way" }: Out) => {
    const to = target(way);
    if (to !== undefined) edges.push({ from, to, label, kind });
  };
  // Who is treated alike begins in one place: a person and somebody undecided, as a rule.
  const starts = Map.groupBy(Object.entries(script.start), ([, name]) => name);
  for (const [index, [name, same]] of [...starts].entries()) {
    const id = `v${index}`;
    const who = same.map(([verdict]) => verdict).sort();
    nodes.push({ id, kind: "start", title: `answered by ${who.join(" or ")}`, lines: [], optsOut: false });
    connect(id, { way: { next: name }, label: "" });
  }
  for (const [name, step] of script.steps) {
    const slash = name.indexOf("/");
    const optsOut = step.verb === "play" && step.suppress !== undefined;
    const id = ids.get(name) ?? "";
    const group = slash > 0 ? { group: name.slice(0, slash) } : {};
    nodes.push({ id, kind: "step", title: name, verb: step.verb, lines: linesOf(step, script.language), optsOut, ...group });
    for (const out of together(waysOf(step))) connect(id, out);
  }
  for (const [outcome, id] of ends) nodes.push({ id, kind: "end", title: outcome, lines: [], optsOut: false });
  return { name: script.name, nodes, edges };
}

/** Ways to the same place as one, its labels listed. */
function together(outs: readonly Out[]): Out[] {
  const merged = new Map<string, Out>();
  for (const out of outs) {
    const key = `${out.kind ?? "way"} ${JSON.stringify(out.way)}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, label: [known.label, out.label].filter(Boolean).join(", ") } : out);
  }
  return [...merged.values()];
}

const to = (next: string, label: string, kind?: GraphEdge["kind"]): Out => ({ way: { next }, label, ...(kind && { kind }) });

function waysOf(step: Step): Out[] {
  switch (step.verb) {
    case "play":
    case "set":
    case "send":
      return [{ way: step.way, label: "" }];
    case "callback":
      return [{ way: step.way, label: "" }, ...(step.unclear === undefined ? [] : [to(step.unclear, "unclear")])];
    case "menu":
      return [...[...step.keys].map(([key, name]) => to(name, key)), to(step.noInput, "silence", "again"), to(step.noMatch, "wrong key", "again")];
    case "collect":
      return [to(step.next, "digits"), to(step.noInput, "silence", "again"), to(step.noMatch, "too short", "again")];
    case "survey":
      return [to(step.next, `${step.from}–${step.to}`), to(step.noInput, "silence", "again"), to(step.noMatch, "wrong key", "again")];
    case "branch":
      return [...step.cases.map(({ key, to: name }) => to(name, key)), to(step.otherwise, "else")];
    case "transfer":
      return [
        to(step.answered, "answered"),
        to(step.busy, "busy"),
        to(step.noAnswer, "no answer"),
        to(step.failed, "failed"),
        ...(step.hungUp === undefined ? [] : [to(step.hungUp, "hung up", "left")]),
      ];
    case "webhook":
      return [
        ...[...step.on].map(([value, name]) => to(name, value)),
        to(step.otherwise, "else"),
        to(step.timedOut, "timeout"),
        to(step.error, "error"),
      ];
    case "record":
      return [to(step.next, "recorded"), to(step.noInput, "silence", "again"), ...(step.consent ? [to(step.consent.declined, "declined")] : [])];
    case "switch_language":
      return [to(step.next, "")];
    case "script":
      return Object.entries(step.start ?? {}).map(([verdict, name]) => to(name, verdict));
  }
}

function linesOf(step: Step, language: string): string[] {
  const heard = (prompts: readonly Prompt[]) => prompts.map((prompt) => cut(textOf(prompt, language)));
  switch (step.verb) {
    case "play":
    case "menu":
      return heard(step.prompts);
    case "collect":
      return [...heard(step.prompts), `→ ${step.into}${step.secret ? " (secret)" : ""}`];
    case "survey":
      return [...heard(step.prompts), `→ ${step.question}`];
    case "record":
      return [...heard(step.consent?.prompts ?? []), ...heard(step.prompts), `→ ${step.into}`];
    case "branch":
      return [step.what.kind === "value" ? step.what.name : step.what.kind];
    case "transfer":
      return ["group" in step.target ? `group ${step.target.group}` : step.target.number, ...heard(step.holdPrompts)];
    case "set":
      return [...step.values].map(([name, template]) => cut(`${name} = ${template.source}`));
    case "send":
      return [`${step.channel} ${step.template}`];
    case "webhook":
      return [step.name, ...heard(step.holdPrompts)];
    case "callback":
      return ["inS" in step.when ? `in ${step.when.inS} s` : cut(`at ${step.when.at.source}`)];
    case "switch_language":
      return [step.language];
    case "script":
      return [step.script];
  }
}

function textOf(prompt: Prompt, language: string): string {
  const written = <T>(by: ByLanguage<T>): T | undefined => by.get(language) ?? by.get(anyLanguage) ?? [...by.values()][0];
  if ("say" in prompt) return `“${written(prompt.say)?.source ?? ""}”`;
  if ("file" in prompt) return `♪ ${written(prompt.file) ?? ""}`;
  return `${prompt.sayAs} ${prompt.value.source}`;
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= lineLength ? line : `${line.slice(0, lineLength - 1)}…`;
}
