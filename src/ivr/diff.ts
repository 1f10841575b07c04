import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { ScriptVersion } from "./script-ports.ts";

/** A version of a text that is published under a name: of a script, or of something that goes to no others. */
type Diffable = Pick<ScriptVersion, "name" | "version" | "source"> & Partial<Pick<ScriptVersion, "uses">>;

/** Lines shown around a change. */
const contextLines = 3;
/**
 * The work grows with the square of the lines that differ; texts that have nothing in common are not looked through for
 * what little they share. Some 50 ms.
 */
const maxEdits = 1000;

/**
 * What changed from one version to another one, as a unified diff (POSIX, `diff -u`); empty when nothing did. The versions
 * of other scripts that a script goes to stand as comments after its text, where they differ.
 * Versions that differ very much are shown as one text taken out and another put in.
 */
export function diffVersions(from: Diffable, to: Diffable): string {
  const pins = pinsOf(from) === pinsOf(to) ? () => "" : pinsOf;
  const [old, now] = [withPins(from.source, pins(from)), withPins(to.source, pins(to))];
  if (old === now) return "";
  const [before, after] = [titleOf(from), titleOf(to)];
  const options = { context: contextLines, maxEditLength: maxEdits, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(before, after, old, now, undefined, undefined, options) ?? replaced(before, after, old, now);
}

/** The versions of others that it goes to, a comment each, in the order of their names. */
function pinsOf({ uses = {} }: Diffable): string {
  const names = Object.keys(uses).sort();
  return names.map((name) => `# goes to ${name} version ${uses[name]?.version}\n`).join("");
}

function withPins(source: string, pins: string): string {
  return pins === "" || source.endsWith("\n") ? source + pins : `${source}\n${pins}`;
}

function titleOf({ name, version }: Diffable): string {
  return `${name} version ${version}`;
}

function replaced(before: string, after: string, from: string, to: string): string {
  const [out, put] = [linesOf(from), linesOf(to)];
  const marked = (sign: string, lines: readonly string[], text: string) => [
    ...lines.map((line) => `${sign}${line}`),
    ...(text.endsWith("\n") ? [] : ["\\ No newline at end of file"]),
  ];
  const head = [`--- ${before}`, `+++ ${after}`, `@@ -1,${out.length} +1,${put.length} @@`];
  return `${[...head, ...marked("-", out, from), ...marked("+", put, to)].join("\n")}\n`;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return text.endsWith("\n") ? lines.slice(0, -1) : lines;
}
