import { writeFile } from "node:fs/promises";
import { instance } from "@viz-js/viz";
import { formatFinding } from "../ivr/finding.ts";
import { graphOf } from "../ivr/graph.ts";
import { dot } from "../ivr/graph-dot.ts";
import { mermaid } from "../ivr/graph-mermaid.ts";
import { loadScriptFile } from "../ivr/script-file-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";

export interface GraphOptions {
  /** Where the SVG goes; `-` is standard output. */
  readonly svg?: string;
}

/** Some seconds of layout on a small machine. */
const mostWays = 1_500;

/**
 * `carillon ivr graph FILE`: Mermaid text on standard output, or an SVG file.
 * @returns 1 when the file is no script; its faults are printed
 * @throws Fault `out-unwritable`
 */
export async function drawGraph(path: string, { svg }: GraphOptions): Promise<number> {
  const { script, findings } = await loadScriptFile(path);
  if (!script) {
    console.error(findings.map(formatFinding).join("\n"));
    return 1;
  }
  const graph = graphOf(script);
  if (svg === undefined) {
    process.stdout.write(mermaid(graph));
    return 0;
  }
  if (graph.edges.length > mostWays) {
    const message = `a picture of ${graph.edges.length} ways would take minutes to lay out and nobody could read it; ${mostWays} are drawn at most`;
    throw new Fault("graph-too-large", `${path}: ${message}. Leave out --svg for Mermaid text.`);
  }
  const picture = (await instance()).renderString(dot(graph), { format: "svg" });
  if (svg === "-") process.stdout.write(picture);
  else {
    await writeFile(svg, picture).catch((error: Error) => {
      throw new Fault("out-unwritable", `${svg} cannot be written: ${fileTrouble(error)}`, { cause: error });
    });
    console.log(`${svg}: ${graph.nodes.length} nodes, ${graph.edges.length} ways.`);
  }
  return 0;
}
