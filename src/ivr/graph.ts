import { waysEverywhere } from "./everywhere.ts";
import { anyGroup, anyLanguage, type ByLanguage, type Prompt, type Script, type Step, type Way } from "./script.ts";
import { type StepWay, type WayKind, waysOf } from "./ways.ts";

/*
 * A script as a picture: what there is and what leads where, without saying how it is drawn. Texts are as the author wrote them;
 * whoever draws escapes them.
 */

export type NodeKind = "start" | "step" | "end";

export interface GraphNode {
  /** Unique in the graph; letters, digits and `_` only, whatever the step is called. */
  readonly id: string;
  readonly kind: NodeKind;
  /** The step's name, `answered by human`, `everywhere` for keys that work there, or the outcome. */
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
  readonly kind: WayKind;
}

export interface ScriptGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
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
  const connect = (from: string, { way, label, kind }: StepWay) => {
    const to = target(way);
    if (to !== undefined) edges.push({ from, to, label, kind });
  };
  // Who is treated alike begins in one place: a person and somebody undecided, as a rule.
  const starts = Map.groupBy(Object.entries(script.start), ([, name]) => name);
  for (const [index, [name, same]] of [...starts].entries()) {
    const id = `v${index}`;
    const who = same.map(([verdict]) => verdict).sort();
    nodes.push({ id, kind: "start", title: `answered by ${who.join(" or ")}`, lines: [], optsOut: false });
    connect(id, { way: { next: name }, label: "", kind: "way" });
  }
  for (const [name, step] of script.steps) {
    const slash = name.indexOf("/");
    const optsOut = step.verb === "play" && step.suppress !== undefined;
    const id = ids.get(name) ?? "";
    const group = slash > 0 ? { group: name.slice(0, slash) } : {};
    nodes.push({ id, kind: "step", title: name, verb: step.verb, lines: linesOf(step, script.language), optsOut, ...group });
    for (const out of waysOf(step)) connect(id, out);
  }
  for (const [group, byStep] of waysEverywhere(script)) {
    if (byStep.size === 0) continue;
    const id = `k${nodes.length}`;
    nodes.push({ id, kind: "start", title: "everywhere", lines: [], optsOut: false, ...(group !== "" && { group }) });
    for (const [name, keys] of byStep) connect(id, { way: { next: name }, label: keys.join(", "), kind: "way" });
  }
  for (const [outcome, id] of ends) nodes.push({ id, kind: "end", title: outcome, lines: [], optsOut: false });
  return { name: script.name, nodes, edges };
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
    case "queue":
      return [
        step.group === anyGroup ? "any group of the campaign" : `group ${step.group}`,
        ...heard(step.positionPrompts),
        ...heard(step.holdPrompts),
      ];
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
