import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { isTable, type Path } from "./shape.ts";

/** A configuration file that was read. */
export interface FileSource {
  readonly settings: Record<string, unknown>;
  readonly faults: readonly string[];
  /** file:line:column of the setting, or of the nearest thing around it that the file has. `key`: of its name, not its value. */
  place(path: Path, key: boolean): string;
}

/** Reads YAML 1.2. Faults carry their position; the settings are empty when there are any. */
export function readFileSource(name: string, text: string): FileSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const faults = [...document.errors, ...document.warnings].map((error) => `${at(error.pos[0])} ${error.message}`);
  // 20 aliases are more than any configuration needs, and far fewer than a document made to fill the memory has.
  const root: unknown = faults.length > 0 ? {} : (readTree(() => document.toJS({ maxAliasCount: 20 }), faults, `${name}:1:1`) ?? {});
  if (!isTable(root)) faults.push(`${name}:1:1 must hold sections: database:, api:, trunks: and so on`);

  return {
    settings: isTable(root) ? root : {},
    faults,
    place(path, key) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const [depth, step] of path.entries()) {
        const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === step) : undefined;
        const last = depth === path.length - 1;
        const below: unknown = pair === undefined ? document.getIn(path.slice(0, depth + 1), true) : pair.value;
        const spot = ((last && key) || !isPlaced(below) ? pair?.key : below) ?? undefined;
        if (!isPlaced(spot)) break;
        offset = spot.range[0];
        node = below;
      }
      return at(offset);
    },
  };
}

function readTree(read: () => unknown, faults: string[], place: string): unknown {
  try {
    return read();
  } catch (error) {
    faults.push(`${place} ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

function isPlaced(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}
