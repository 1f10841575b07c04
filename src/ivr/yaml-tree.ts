import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from "yaml";
import { pointerTo } from "../kernel/pointer.ts";
import type { YamlReport } from "./yaml-report.ts";

/** Where a part of a file stands, as offsets. */
export interface Offsets {
  readonly key?: number;
  readonly value: number;
  /** Where the characters of a text begin, behind its quote. */
  readonly text?: number;
}

/** A script is at most so deep, and of so many parts. */
export const maxDepth = 20;
const maxNodes = 20_000;
/** Longer than any name or value that is a key. Every part of a file is remembered by all the keys above it. */
const maxKeyChars = 200;
const depthFix = `A script is at most ${maxDepth} levels deep.`;

/** The plain values of a parsed document, and where each stands, by its JSON pointer. */
export class YamlTree {
  readonly offsets = new Map<string, Offsets>();
  readonly value: unknown;
  readonly #report: YamlReport;
  #nodes = 0;
  #tooMuch = false;

  constructor(contents: Node | null, report: YamlReport) {
    this.#report = report;
    this.value = this.#plain(contents, "", 0);
  }

  #plain(node: Node | null | undefined, pointer: string, depth: number): unknown {
    this.#nodes += 1;
    if (depth > maxDepth || this.#nodes > maxNodes) {
      if (!this.#tooMuch) this.#report("yaml-too-deep", node?.range?.[0] ?? 0, "the file is nested too deeply or has too many parts", depthFix);
      this.#tooMuch = true;
      return null;
    }
    if (isAlias(node)) return null;
    if (node?.tag || (node && "anchor" in node && node.anchor))
      this.#report("yaml-alias", node.range?.[0] ?? 0, "scripts have no YAML tags or anchors", "Write the value out, or put the text in quotes.");
    if (isMap(node)) return this.#object(node, pointer, depth);
    if (isSeq(node))
      return node.items.map((item, index) => {
        const child = pointerTo(pointer, index);
        this.offsets.set(child, { value: (item as Node).range?.[0] ?? 0 });
        return this.#plain(item as Node, child, depth + 1);
      });
    return isScalar(node) ? this.#scalar(node, pointer) : null;
  }

  #object(map: YAMLMap, pointer: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const pair of map.items) this.#property(object, pair, map.range?.[0] ?? 0, pointer, depth);
    return object;
  }

  #property(object: Record<string, unknown>, pair: Pair, mapOffset: number, pointer: string, depth: number): void {
    const key = isScalar(pair.key) ? pair.key : undefined;
    const name = key ? keyText(key) : "";
    const keyOffset = key?.range?.[0] ?? mapOffset;
    if (name.length > maxKeyChars) {
      this.#report(
        "yaml-too-large",
        keyOffset,
        `a key is longer than ${maxKeyChars} characters`,
        "Check the quotes and colons here; names are short.",
      );
      return;
    }
    const child = pointerTo(pointer, name);
    // Checked here, and not by the parser, whose way takes a time that grows with the square of the keys.
    if (Object.hasOwn(object, name))
      this.#report("yaml-duplicate-key", keyOffset, "this key is written twice", "Keep one of the two; the other would silently win.");
    const valueNode = pair.value as Node | null;
    this.offsets.set(child, { key: keyOffset, value: valueNode?.range?.[0] ?? keyOffset });
    if (!key && !isAlias(pair.key)) this.#report("yaml-syntax", keyOffset, "a key must be a simple word", "Write `key: value`.");
    const value = this.#plain(valueNode, child, depth + 1);
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }

  #scalar(node: Scalar, pointer: string): unknown {
    const known = this.offsets.get(pointer);
    const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    if (known && typeof node.value === "string") this.offsets.set(pointer, { ...known, text: known.value + (quoted ? 1 : 0) });
    if (node.comment && node.type === Scalar.PLAIN && pointer.endsWith("/say")) {
      const message = "what follows the # is a comment and will not be spoken";
      const fix = "Put the whole text in quotes, or move the comment to a line of its own.";
      this.#report("yaml-comment-in-text", node.range?.[1] ?? 0, message, fix, "warning");
    }
    return node.value;
  }
}

/** A key as it is written: `01` stays 01, though YAML reads a number. */
function keyText(key: Scalar): string {
  return key.type === Scalar.PLAIN && key.source !== undefined ? key.source : String(key.value);
}
