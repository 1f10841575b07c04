import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { partsOf } from "../kernel/pointer.ts";

/** A place in a text; both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A document as plain values, and the place of each. */
export interface PlacedYaml {
  readonly value: unknown;
  /**
   * Of a JSON pointer (RFC 6901): where its key stands, or of a list its part; of the nearest part of the path that is there.
   * @param within a place within a text value, for which its place in the document is wanted where the text stands there as it is meant
   */
  placeOf(pointer: string, within?: TextPlace): TextPlace;
}

export interface YamlLimits {
  readonly maxChars: number;
  /** Signs that make parts of a document: brackets, colons, commas, dashes, lines. Absent: no limit but that on its length. */
  readonly maxSigns?: number;
}

/** Of the path to a place. */
const maxDepth = 16;

/** Reads one YAML 1.2 document, or JSON. Aliases and deep nesting are refused: no document of ours needs them, and strangers abuse them. */
export function readPlacedYaml(
  text: string,
  { maxChars, maxSigns }: YamlLimits,
): PlacedYaml | { readonly fault: TextPlace & { readonly message: string } } {
  const refuse = (line: number, column: number, message: string) => ({ fault: { line, column, message } });
  if (text.length > maxChars) return refuse(1, 1, `The file is longer than ${maxChars / 1024} Ki characters.`);
  const signs = maxSigns === undefined ? 0 : (text.match(/[[\]{},:\n-]/g)?.length ?? 0);
  if (maxSigns !== undefined && signs > maxSigns)
    return refuse(1, 1, `The file has ${signs} brackets, commas, colons, dashes and lines; ${maxSigns} are allowed.`);
  const deep = /^(?:[ \t]*(?:- |\? |[[{])){10}|[[{]{10}/m.exec(text);
  if (deep) return refuse(text.slice(0, deep.index).split("\n").length, 1, "Brackets or dashes are nested too deeply.");
  const lines = new LineCounter();
  const where = (offset: number): TextPlace => {
    const { line, col: column } = lines.linePos(offset);
    return { line, column };
  };
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, schema: "core", logLevel: "error", uniqueKeys: false });
  } catch {
    return refuse(1, 1, "The file cannot be read as YAML. Check its brackets and indentation.");
  }
  const [error] = document.errors;
  if (error) return { fault: { ...where(error.pos[0]), message: `${error.message.split("\n")[0]}.` } };
  const twice = keyTwice(document);
  if (twice) return { fault: { ...where(twice.offset), message: `The key ${twice.key} is written twice.` } };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return refuse(1, 1, "Aliases are not taken; write it out.");
  }
  const placeOf: PlacedYaml["placeOf"] = (pointer, within) => {
    const { node, offset } = nodeAt(document.contents, partsOf(pointer));
    if (within && isScalar(node) && typeof node.value === "string") {
      const place = insideOf(text, node.range?.[0] ?? 0, String(node.type), node.value, within);
      if (place !== undefined) return where(place);
    }
    return where(offset);
  };
  return { value, placeOf };
}

/** The first key that a set of keys has twice. The parser's own way takes a time that grows with the square of the keys. */
function keyTwice(document: ReturnType<typeof parseDocument>): { readonly key: string; readonly offset: number } | undefined {
  let found: { key: string; offset: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          found = { key: name.slice(0, 40), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(name);
      }
      return undefined;
    },
  });
  return found;
}

/** The node of a path, and where its key begins; of the nearest part of the path that is there. */
function nodeAt(root: Node | null, path: readonly string[]): { readonly node: unknown; readonly offset: number } {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path.slice(0, maxDepth)) {
    if (isMap(node)) {
      // What names a key in a pointer may be cut short.
      const pair = node.items.find(({ key }) => isScalar(key) && (String(key.value) === part || String(key.value).slice(0, 40) === part));
      if (!pair) return { node: undefined, offset };
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)];
      if (isScalar(item) || isMap(item) || isSeq(item)) offset = item.range?.[0] ?? offset;
      node = item;
    } else return { node: undefined, offset };
  }
  return { node, offset };
}

/** The offset in the file of a place within a text, where the text stands there as it is meant; undefined for one that is folded or escaped. */
function insideOf(file: string, start: number, type: string, value: string, { line, column }: TextPlace): number | undefined {
  if (type === "BLOCK_LITERAL") {
    const body = file.indexOf("\n", start) + 1;
    const written = file.slice(body).split("\n");
    const wanted = value.split("\n")[line - 1] ?? "";
    const [shown = ""] = written.slice(line - 1, line);
    const indent = shown.replace(/\r$/, "").indexOf(wanted);
    if (indent < 0) return undefined;
    return body + written.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0) + indent + column - 1;
  }
  const quote = type === "PLAIN" ? 0 : 1;
  return line === 1 && file.startsWith(value, start + quote) ? start + quote + column - 1 : undefined;
}
