import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type documentFaults, invalidTemplate, type Place } from "./document.ts";

/** A page of HTML is some 100 kB; attachments are not written as YAML. A file of nothing but brackets takes the parser 2 µs a sign, and calls wait while it does. */
const maxChars = 256 * 1024;
/** Of the path to a place. */
const maxDepth = 10;

/**
 * A template's file as plain values.
 * @throws Fault `template-invalid` with line and column of what cannot be read
 */
export function readTemplateYaml(text: string): {
  readonly value: unknown;
  readonly placed: (places: ReturnType<typeof documentFaults>) => readonly Place[];
} {
  const refuse = (place: string, message: string) => invalidTemplate([{ pointer: place, message }]);
  if (text.length > maxChars) throw refuse("1:1", `The file is longer than ${maxChars / 1024} Ki characters; the API takes more as JSON.`);
  const deep = /^(?:[ \t]*(?:- |\? |[[{])){10}|[[{]{10}/m.exec(text);
  if (deep) throw refuse(`${text.slice(0, deep.index).split("\n").length}:1`, "Brackets or dashes are nested too deeply.");
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, schema: "core", logLevel: "error", uniqueKeys: true });
  } catch {
    throw refuse("1:1", "The file cannot be read as YAML. Check its brackets and indentation.");
  }
  const at = (offset: number) => lines.linePos(offset);
  const where = (offset: number) => `${at(offset).line}:${at(offset).col}`;
  const [error] = document.errors;
  if (error) throw refuse(where(error.pos[0]), `${error.message.split("\n")[0]}.`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw refuse("1:1", "Aliases are not taken in a template; write the text out.");
  }

  const placeOf = ({ pointer, within }: Place): string => {
    const path = pointer
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const { node, offset } = nodeAt(document.contents, path);
    if (within && isScalar(node) && typeof node.value === "string") {
      const place = insideOf(text, node.range?.[0] ?? 0, String(node.type), node.value, within);
      if (place !== undefined) return where(place);
    }
    return where(offset);
  };
  return { value, placed: (places) => places.map((place) => ({ ...place, pointer: placeOf(place) })) };
}

/** The node of a path, and where its key begins; of the nearest part of the path that is there. */
function nodeAt(root: Node | null, path: readonly string[]): { readonly node: unknown; readonly offset: number } {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path.slice(0, maxDepth)) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value).slice(0, 40) === part);
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
function insideOf(
  file: string,
  start: number,
  type: string,
  value: string,
  { line, column }: { readonly line: number; readonly column: number },
): number | undefined {
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
