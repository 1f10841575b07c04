import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, Scalar, visit } from "yaml";
import type { Finding, Position } from "./finding.ts";
import { syntaxWords } from "./yaml-words.ts";

/** A YAML file as plain values, with the place of each. Paths are JSON pointers (RFC 6901); "" is the whole. */
export interface Located {
  readonly value: unknown;
  /** Where the value begins; of the nearest part of the path that exists. */
  at(pointer: string): Position;
  /** Where the key begins; for a list item as `at`. */
  keyAt(pointer: string): Position;
  /** Where the character at `index` of a text value stands, if the text is written as it is meant; else where the value begins. */
  within(pointer: string, index: number): Position;
}

/** A script is a page or ten of text. */
const maxBytes = 128 * 1024;
const maxDepth = 20;
const maxNodes = 20_000;
/** Signs that make parts of a file. The parser takes some 15 µs for each, and calls wait while it does. */
const maxSigns = 40_000;
/** Longer than any name or value that is a key. Every part of a file is remembered by all the keys above it. */
const maxKeyChars = 200;
/** Of one kind; who makes more mistakes will find the others afterwards. */
const mostAlike = 100;
/** What YAML lets stand in a file (YAML 1.2.2, 5.1, c-printable), turned round. */
const unprintable = /[^\t\n\r\x20-\x7e\x85\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** One more part of a JSON pointer. */
export function pointerTo(parent: string, part: string | number): string {
  return `${parent}/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

const quoteFix = 'Put the star or the hash sign in quotes: "*" or "#".';

/** Reads one YAML 1.2 document. Aliases, custom tags and deep nesting are refused: a script needs none, and strangers abuse them. */
export function readYaml(source: string, file: string): { located?: Located; findings: Finding[] } {
  const findings: Finding[] = [];
  const placeOf = placesIn(source);
  const alike = new Map<string, number>();
  const report = (code: string, offset: number, message: string, fix: string, severity: Finding["severity"] = "error") => {
    const before = alike.get(code) ?? 0;
    alike.set(code, before + 1);
    if (before < mostAlike) findings.push({ code, severity, file, ...placeOf(offset), message, fix });
  };
  if (Buffer.byteLength(source) > maxBytes) {
    report("yaml-too-large", 0, `the file is larger than ${maxBytes / 1024} kB`, "Split it into several scripts.");
    return { findings };
  }
  const strange = source.search(unprintable);
  if (strange >= 0) {
    report("yaml-syntax", strange, "there is a character here that cannot be printed", "Remove it, or save the file as UTF-8 text.");
    return { findings };
  }
  const deep = tooDeep(source);
  if (deep !== undefined) {
    report("yaml-too-deep", deep, "brackets or dashes are nested too deeply", "A script is at most 20 levels deep.");
    return { findings };
  }
  const signs = source.match(/[[\]{},:\n-]/g)?.length ?? 0;
  if (signs > maxSigns) {
    report(
      "yaml-too-large",
      0,
      `the file has ${signs} brackets, commas, colons, dashes and lines; ${maxSigns} are allowed`,
      "Split it into several scripts.",
    );
    return { findings };
  }
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(source, { prettyErrors: false, uniqueKeys: false, merge: false, schema: "core", logLevel: "error" });
  } catch (error) {
    report(
      "yaml-syntax",
      0,
      `the file cannot be read as YAML: ${error instanceof Error ? error.message : "unknown"}`,
      "Check its brackets and indentation.",
    );
    return { findings };
  }

  // An unquoted # begins a comment, so `#: agent` vanishes without a word from the parser, or takes the closing bracket with it.
  for (const match of [...source.matchAll(/(^|[\s{,])#(?=[ \t]*:[ \t])/gm)].slice(0, 100)) {
    const offset = match.index + (match[1] ?? "").length;
    const before = source.slice(source.lastIndexOf("\n", offset - 1) + 1, offset);
    if (before.split('"').length % 2 === 0 || before.split("'").length % 2 === 0) continue;
    report("yaml-unquoted-hash", offset, "an unquoted # begins a comment, so this key is not there", quoteFix);
  }
  visit(document, {
    Alias(_, alias) {
      const star = alias.source === ":";
      const message = star
        ? "an unquoted * is an alias in YAML, not a key of a telephone"
        : `*${alias.source} is a YAML alias, and scripts have none`;
      report(star ? "yaml-unquoted-star" : "yaml-alias", alias.range?.[0] ?? 0, message, quoteFix);
    },
  });
  // What the parser says after one of these is only its echo.
  const echoFrom = Math.min(...findings.map((finding) => finding.line));
  const told = new Set(findings.map(({ line }) => line));
  for (const problem of [...document.errors, ...document.warnings]) {
    const { line } = placeOf(problem.pos[0]);
    if (line >= echoFrom || told.has(line)) continue;
    told.add(line);
    const { message, fix } = syntaxWords(problem);
    report("yaml-syntax", problem.pos[0], message, fix);
  }

  const offsets = new Map<string, { key?: number; value: number; text?: number }>();
  let nodes = 0;
  let tooMuch = false;
  const plain = (node: Node | null | undefined, pointer: string, depth: number): unknown => {
    nodes += 1;
    if (depth > maxDepth || nodes > maxNodes) {
      if (!tooMuch)
        report("yaml-too-deep", node?.range?.[0] ?? 0, "the file is nested too deeply or has too many parts", "A script is at most 20 levels deep.");
      tooMuch = true;
      return null;
    }
    if (isAlias(node)) return null;
    if (node?.tag || (node && "anchor" in node && node.anchor)) {
      report("yaml-alias", node.range?.[0] ?? 0, "scripts have no YAML tags or anchors", "Write the value out, or put the text in quotes.");
    }
    if (isMap(node)) {
      const object: Record<string, unknown> = {};
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? pair.key : undefined;
        const name = key ? keyText(key) : "";
        const keyOffset = key?.range?.[0] ?? node.range?.[0] ?? 0;
        if (name.length > maxKeyChars) {
          report("yaml-too-large", keyOffset, `a key is longer than ${maxKeyChars} characters`, "Check the quotes and colons here; names are short.");
          continue;
        }
        const child = pointerTo(pointer, name);
        // Checked here, and not by the parser, whose way takes a time that grows with the square of the keys.
        if (Object.hasOwn(object, name))
          report("yaml-duplicate-key", keyOffset, "this key is written twice", "Keep one of the two; the other would silently win.");
        const valueNode = pair.value as Node | null;
        offsets.set(child, { key: keyOffset, value: valueNode?.range?.[0] ?? keyOffset });
        if (!key && !isAlias(pair.key)) report("yaml-syntax", keyOffset, "a key must be a simple word", "Write `key: value`.");
        const value = plain(valueNode, child, depth + 1);
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      }
      return object;
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const child = pointerTo(pointer, index);
        offsets.set(child, { value: (item as Node).range?.[0] ?? 0 });
        return plain(item as Node, child, depth + 1);
      });
    }
    if (!isScalar(node)) return null;
    const known = offsets.get(pointer);
    const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    if (known && typeof node.value === "string") offsets.set(pointer, { ...known, text: known.value + (quoted ? 1 : 0) });
    if (node.comment && node.type === Scalar.PLAIN && pointer.endsWith("/say")) {
      const message = "what follows the # is a comment and will not be spoken";
      report(
        "yaml-comment-in-text",
        node.range?.[1] ?? 0,
        message,
        "Put the whole text in quotes, or move the comment to a line of its own.",
        "warning",
      );
    }
    return node.value;
  };

  const value = plain(document.contents as Node | null, "", 0);
  const nearestKnown = (pointer: string): { key?: number; value: number; text?: number } => {
    for (let path = pointer; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
      const found = offsets.get(path);
      if (found) return found;
    }
    return { value: document.contents?.range?.[0] ?? 0 };
  };
  const located: Located = {
    value,
    at: (pointer) => placeOf(nearestKnown(pointer).value),
    keyAt: (pointer) => {
      const found = nearestKnown(pointer);
      return placeOf(found.key ?? found.value);
    },
    within: (pointer, index) => {
      const found = nearestKnown(pointer);
      const text = valueAt(value, pointer);
      const straight = found.text !== undefined && typeof text === "string" && source.startsWith(text, found.text);
      return placeOf(straight ? (found.text ?? 0) + index : found.value);
    },
  };
  return { located, findings };
}

/** The value a JSON pointer leads to, or undefined. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A key as it is written: `01` stays 01, though YAML reads a number. */
function keyText(key: Scalar): string {
  return key.type === Scalar.PLAIN && key.source !== undefined ? key.source : String(key.value);
}

/** Turns offsets into places. */
function placesIn(source: string): (offset: number) => Position {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Nesting that no script has: found before the parser recurses into it, which takes seconds. The offset, or undefined. */
function tooDeep(source: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const sign = source.charCodeAt(at);
    if (sign === 0x5b || sign === 0x7b) depth += 1;
    else if ((sign === 0x5d || sign === 0x7d) && depth > 0) depth -= 1;
    if (depth > 5 * maxDepth) return at;
  }
  const dashes = /^[ \t]*(?:[-?][ \t]+){21}/m.exec(source);
  return dashes?.index;
}
