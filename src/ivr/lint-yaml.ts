import { pointerTo } from "../kernel/pointer.ts";
import type { Position } from "./finding.ts";
import type { Linter } from "./linter.ts";
import type { Located } from "./yaml.ts";

/*
 * What YAML 1.2, which Carillon reads, and YAML 1.1, which many editors and tools still read, understand differently: a file that
 * passes through one of those comes back changed.
 */

/** YAML 1.1, type bool. */
const truthWord = /^(?:y|n|yes|no|on|off)$/i;
/** YAML 1.1, type int, base 60 (12:30 is 750), and type timestamp. */
const timeLike = /^(?:[-+]?[1-9]\d*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:[Tt ]\d.*)?)$/;
/** YAML 1.1, type int, base 8: 010 is 8; and what 1.2 reads in bases of its own. */
const zeroLed = /^[-+]?0(?:[0-9_]+|[xob][0-9a-f_]+)$/i;

const longest = 200;

/** @param source the file whose values and places these are */
export function lintYaml(source: string, located: Located, report: Linter["report"]): void {
  const lines = source.split("\n");
  // Of what is longer nothing is a trap, and a stranger's line may be all of the file.
  const textAt = ({ line, column }: Position) => lines[line - 1]?.slice(column - 1, column + longest) ?? "";

  const lookAt = (text: string, place: Position, what: string) => {
    const quote = `Put it in quotes: "${text}".`;
    if (truthWord.test(text)) {
      report("yaml-unquoted-word", place, `many YAML tools read the ${what} ${text} without quotes as true or false`, quote);
    } else if (timeLike.test(text)) {
      report("yaml-unquoted-time", place, `many YAML tools read the ${what} ${text} without quotes as a number or a date`, quote);
    } else if (zeroLed.test(text)) {
      report(
        "yaml-leading-zero",
        place,
        `YAML tools do not agree on what the number ${text} is`,
        `Leave the zero out, or put it in quotes: "${text}".`,
      );
    }
  };

  const lookAtKey = (key: string, value: unknown, pointer: string) => {
    const place = located.keyAt(pointer);
    const written = textAt(place);
    // A step's own `on` is a word of the language.
    if (written.startsWith(key) && !(key === "on" && typeof value === "object")) lookAt(key, place, "key");
    const hash = value === null ? /^(?:"[^"]*"|'[^']*'|[^\s:#]+)[ \t]*:[ \t]+(?=#)/.exec(written) : null;
    if (!hash) return;
    const at = { line: place.line, column: place.column + hash[0].length };
    report("yaml-unquoted-hash", at, "an unquoted # begins a comment, so there is nothing here", 'Put the hash sign in quotes: "#".');
  };

  const walk = (value: unknown, pointer: string): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, pointerTo(pointer, index));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        const child = pointerTo(pointer, key);
        lookAtKey(key, item, child);
        walk(item, child);
      }
    } else if (typeof value === "string" || typeof value === "number") {
      const place = located.at(pointer);
      const written = textAt(place);
      const plain = typeof value === "number" ? (/^[-+\w.]+/.exec(written)?.[0] ?? "") : written.startsWith(value) ? value : "";
      lookAt(plain, place, "value");
    }
  };
  walk(located.value, "");
}
