import type { GraphEdge, GraphNode, ScriptGraph } from "./graph.ts";

/** The graph as Mermaid text (flowchart syntax of Mermaid 10 and later), for documents and merge requests. */
export function mermaid(graph: ScriptGraph): string {
  const groups = Map.groupBy(graph.nodes, (node) => node.group ?? "");
  const lines = ["flowchart TD"];
  for (const [group, nodes] of groups) {
    if (group === "") lines.push(...nodes.map((node) => `  ${nodeText(node)}`));
    else lines.push(`  subgraph g${lines.length}["${escaped(group)}"]`, ...nodes.map((node) => `    ${nodeText(node)}`), "  end");
  }
  lines.push(...graph.edges.map((edge) => `  ${edge.from} ${arrow(edge)} ${edge.to}`));
  lines.push("  classDef optOut fill:#fde2e2,stroke:#b91c1c", "  classDef ending fill:#e5e7eb,stroke:#6b7280");
  const marked = (kind: string, of: (node: GraphNode) => boolean) => {
    const ids = graph.nodes.filter(of).map((node) => node.id);
    if (ids.length > 0) lines.push(`  class ${ids.join(",")} ${kind}`);
  };
  marked("optOut", (node) => node.optsOut);
  marked("ending", (node) => node.kind === "end");
  return `${lines.join("\n")}\n`;
}

function nodeText(node: GraphNode): string {
  const label = `"${[`<b>${escaped(node.title)}</b>`, ...node.lines.map(escaped)].join("<br/>")}"`;
  if (node.kind === "step") return `${node.id}[${label}]`;
  return node.kind === "start" ? `${node.id}([${label}])` : `${node.id}((${label}))`;
}

function arrow({ label, kind }: GraphEdge): string {
  const line = kind === "way" ? "-->" : "-.->";
  return label === "" ? line : `${line}|"${escaped(label)}"|`;
}

/** Mermaid reads HTML entities; nothing an author writes can end the label, become markup or a click. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:;!?…“”→♪–/+_'()=*-]/gu, (character) => `#${character.codePointAt(0)};`);
}
