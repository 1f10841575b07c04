import { type documentFaults, invalidTemplate, type Place } from "./document.ts";
import { readPlacedYaml } from "./placed-yaml.ts";

/** A page of HTML is some 100 kB; attachments are not written as YAML, and the API takes more as JSON. A file of nothing but brackets takes the parser 2 µs a sign, and calls wait while it does. */
const maxChars = 256 * 1024;

/**
 * A template's file as plain values.
 * @throws Fault `template-invalid` with line and column of what cannot be read
 */
export function readTemplateYaml(text: string): {
  readonly value: unknown;
  readonly placed: (places: ReturnType<typeof documentFaults>) => readonly Place[];
} {
  const read = readPlacedYaml(text, { maxChars });
  if ("fault" in read) {
    const { line, column, message } = read.fault;
    throw invalidTemplate([{ pointer: `${line}:${column}`, message }]);
  }
  const placeOf = ({ pointer, within }: Place): string => {
    const { line, column } = read.placeOf(pointer, within);
    return `${line}:${column}`;
  };
  return { value: read.value, placed: (places) => places.map((place) => ({ ...place, pointer: placeOf(place) })) };
}
