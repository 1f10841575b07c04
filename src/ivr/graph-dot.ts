import type { GraphEdge, GraphNode, ScriptGraph } from "./graph.ts";

/** The graph in Graphviz's DOT language (graphviz.org/doc/info/lang.html), from which the SVG is laid out. */
export function dot(graph: ScriptGraph): string {
  const groups = Map.groupBy(graph.nodes, (node) => node.group ?? "");
  const lines = [
    `digraph ${quoted(graph.name)} {`,
    `  graph [rankdir=TB, fontname="Helvetica", tooltip=${quoted(graph.name)}];`,
    '  node [fontname="Helvetica", fontsize=11, style="filled", fillcolor="#ffffff"];',
    '  edge [fontname="Helvetica", fontsize=10];',
  ];
  for (const [group, nodes] of groups) {
    if (group === "") lines.push(...nodes.map((node) => `  ${nodeLine(node)}`));
    else
      lines.push(`  subgraph ${quoted(`cluster_${group}`)} {`, `    label=${quoted(group)};`, ...nodes.map((node) => `    ${nodeLine(node)}`), "  }");
  }
  return [...lines, ...graph.edges.map((edge) => `  ${edgeLine(edge)}`), "}", ""].join("\n");
}

function nodeLine(node: GraphNode): string {
  const heading = node.verb ? `${node.title} · ${node.verb}` : node.title;
  const shape = node.kind === "step" ? "box" : node.kind === "start" ? "oval" : "doublecircle";
  const colour = node.optsOut ? ', fillcolor="#fde2e2", color="#b91c1c"' : node.kind === "end" ? ', fillcolor="#e5e7eb", margin=0' : "";
  return `${node.id} [label=${quoted([heading, ...node.lines].join("\n"))}, tooltip=${quoted(node.title)}, shape=${shape}${colour}];`;
}

function edgeLine({ from, to, label, kind }: GraphEdge): string {
  const dashed = kind === "way" ? "" : ", style=dashed";
  return `${from} -> ${to} [label=${quoted(label)}, tooltip=${quoted(label || " ")}${dashed}];`;
}

/** A quoted string: Graphviz knows only \" and its own escapes such as \n, \N and \G, so every other backslash is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
