import { type Document, type Node, parseDocument, visit } from "yaml";
import { valueAt } from "../kernel/pointer.ts";
import type { Finding, Position } from "./finding.ts";
import { reportInto, type YamlReport } from "./yaml-report.ts";
import { maxDepth, type Offsets, YamlTree } from "./yaml-tree.ts";
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
/** Signs that make parts of a file. The parser takes some 15 µs for each, and calls wait while it does. */
const maxSigns = 40_000;
const mostHashes = 100;
/** What YAML lets stand in a file (YAML 1.2.2, 5.1, c-printable), turned round. */
const unprintable = /[^\t\n\r\x20-\x7e\x85\u{a0}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const quoteFix = 'Put the star or the hash sign in quotes: "*" or "#".';

/** Reads one YAML 1.2 document. Aliases, custom tags and deep nesting are refused: a script needs none, and strangers abuse them. */
export function readYaml(source: string, file: string): { located?: Located; findings: Finding[] } {
  const findings: Finding[] = [];
  const placeOf = placesIn(source);
  const report = reportInto(findings, file, placeOf);
  const refusal = refusalOf(source);
  if (refusal) {
    report(...refusal);
    return { findings };
  }
  const document = parsed(source, report);
  if (!document) return { findings };
  reportSigns(source, document, report);
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
  const tree = new YamlTree(document.contents, report);
  return { located: locate(source, tree, document.contents?.range?.[0] ?? 0, placeOf), findings };
}

/** Why a file is not given to the parser. */
function refusalOf(source: string): Parameters<YamlReport> | undefined {
  const split = "Split it into several scripts.";
  if (Buffer.byteLength(source) > maxBytes) return ["yaml-too-large", 0, `the file is larger than ${maxBytes / 1024} kB`, split];
  const strange = source.search(unprintable);
  if (strange >= 0) return ["yaml-syntax", strange, "there is a character here that cannot be printed", "Remove it, or save the file as UTF-8 text."];
  const deep = tooDeep(source);
  if (deep !== undefined) return ["yaml-too-deep", deep, "brackets or dashes are nested too deeply", `A script is at most ${maxDepth} levels deep.`];
  const signs = source.match(/[[\]{},:\n-]/g)?.length ?? 0;
  if (signs <= maxSigns) return undefined;
  return ["yaml-too-large", 0, `the file has ${signs} brackets, commas, colons, dashes and lines; ${maxSigns} are allowed`, split];
}

function parsed(source: string, report: YamlReport): Document<Node> | undefined {
  try {
    return parseDocument(source, { prettyErrors: false, uniqueKeys: false, merge: false, schema: "core", logLevel: "error" }) as Document<Node>;
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    report("yaml-syntax", 0, `the file cannot be read as YAML: ${why}`, "Check its brackets and indentation.");
    return undefined;
  }
}

/** Keys of a telephone that mean something else in YAML. */
function reportSigns(source: string, document: Document<Node>, report: YamlReport): void {
  // An unquoted # begins a comment, so `#: agent` vanishes without a word from the parser, or takes the closing bracket with it.
  for (const match of [...source.matchAll(/(^|[\s{,])#(?=[ \t]*:[ \t])/gm)].slice(0, mostHashes)) {
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
}

function locate(source: string, { value, offsets }: YamlTree, start: number, placeOf: (offset: number) => Position): Located {
  const nearest = (pointer: string): Offsets => {
    for (let path = pointer; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
      const found = offsets.get(path);
      if (found) return found;
    }
    return { value: start };
  };
  return {
    value,
    at: (pointer) => placeOf(nearest(pointer).value),
    keyAt: (pointer) => {
      const found = nearest(pointer);
      return placeOf(found.key ?? found.value);
    },
    within: (pointer, index) => {
      const found = nearest(pointer);
      const text = valueAt(value, pointer);
      const straight = found.text !== undefined && typeof text === "string" && source.startsWith(text, found.text);
      return placeOf(straight ? (found.text ?? 0) + index : found.value);
    },
  };
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
