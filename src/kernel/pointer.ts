/* JSON pointers (RFC 6901): places in a document; "" is the whole. */

/** One more part. */
export function pointerTo(parent: string, part: string | number): string {
  return `${parent}/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Its parts, as they are in the document. */
export function partsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What it leads to, by properties that a value has of its own; undefined where there is nothing. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of partsOf(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
