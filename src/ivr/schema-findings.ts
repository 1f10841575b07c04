import type { TSchema } from "typebox";
import { nearest } from "../kernel/nearest.ts";
import { partsOf, pointerTo, valueAt } from "../kernel/pointer.ts";
import { namePattern, scriptPattern } from "./schema-parts.ts";

/** One fault of a value against its schema, for people. */
export interface SchemaFault {
  readonly code: "unknown-key" | "missing-key" | "wrong-type" | "bad-value" | "bad-key";
  /** JSON pointer within the value. */
  readonly pointer: string;
  /** Whether the fault is with the key rather than with its value. */
  readonly onKey: boolean;
  readonly message: string;
  readonly fix: string;
}

interface RawError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** The parts of a JSON Schema that are read here. */
interface Facts {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Facts[];
}

/** What a pattern asks for, in words, where its description has no example. */
const forms: ReadonlyMap<string, string> = new Map([
  [namePattern, "Write it in small letters, digits and _, beginning with a letter."],
  [scriptPattern, "Write it in small letters, digits and -, beginning with a letter."],
]);

/** TypeBox's errors as faults: noise dropped, alternatives settled on the one that was meant, words added. */
export function schemaFindings(schema: TSchema, errors: readonly RawError[], root: unknown): SchemaFault[] {
  const nobodys = (error: RawError) => {
    const [making, keys] = [makingKeys(schema, error), keysOf(valueIn(root, error.instancePath))];
    return making.length > 0 && making.every((key) => !keys.includes(key));
  };
  const real = errors.filter((error) => error.keyword !== "boolean");
  const settled = settle(real, nobodys);
  return settled.flatMap((error) => explain(schema, error, root));
}

const under = (path: string, parent: string) => path === parent || path.startsWith(`${parent}/`);

/**
 * Of the branches of each alternative, keeps the errors of the one that fits best. Alternatives may stand within alternatives.
 * @param nobodys whether a value has none of the keys by which its alternatives are told apart
 */
function settle(errors: readonly RawError[], nobodys: (anyOf: RawError) => boolean): RawError[] {
  const [outermost] = errors.filter((error) => error.keyword === "anyOf").sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  if (!outermost) return [...errors];
  const { schemaPath, instancePath } = outermost;
  const branches = new Map<string, RawError[]>();
  const rest: RawError[] = [];
  for (const error of errors) {
    if (error === outermost) continue;
    const within = under(error.instancePath, instancePath) && error.schemaPath.startsWith(`${schemaPath}/anyOf/`);
    const branch = within ? (/^\d+/.exec(error.schemaPath.slice(schemaPath.length + 7))?.[0] ?? "") : undefined;
    if (branch === undefined) rest.push(error);
    else branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const best = [...branches.values()].sort((a, b) => misfit(a, instancePath) - misfit(b, instancePath))[0] ?? [];
  // Which was meant cannot be told: the unknown key itself is the fault.
  const unknown = best.some(({ keyword, instancePath: at }) => keyword === "additionalProperties" && at === instancePath);
  const kept = unknown && nobodys(outermost) ? [{ ...outermost, keyword: "nobodys" }] : settle(best, nobodys);
  return [...kept, ...settle(rest, nobodys)];
}

/** How far a value is from what a branch wants: another type altogether, then other keys, then other values. */
function misfit(errors: readonly RawError[], instancePath: string): number {
  const weights = errors.map((error) => {
    if (error.keyword === "type" && error.instancePath === instancePath) return 1000;
    if (error.instancePath !== instancePath) return 1;
    if (error.keyword === "required") return 20 * strings(error.params, "requiredProperties").length;
    return error.keyword === "additionalProperties" ? 20 * strings(error.params, "additionalProperties").length : 1;
  });
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function lastOf(pointer: string): string {
  return partsOf(pointer).at(-1) ?? "";
}

function schemaAt(schema: TSchema, path: string): Facts {
  const found = valueAt(schema, path);
  return typeof found === "object" && found !== null ? (found as Facts) : {};
}

/** The keys by which the alternatives of an `anyOf` are told apart: of each the first that it must have. */
function makingKeys(schema: TSchema, { schemaPath }: RawError): string[] {
  const firsts = (schemaAt(schema, schemaPath).anyOf ?? []).flatMap(({ required = [] }) => required.slice(0, 1));
  return [...new Set(firsts)];
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

function strings(params: object, key: string): string[] {
  const list: unknown = (params as Record<string, unknown>)[key];
  return Array.isArray(list) ? list.map(String) : [];
}

function valueIn(root: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((value, part) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined), root);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? `“${value}”` : JSON.stringify(value);
  return text === undefined ? "nothing" : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function explain(schema: TSchema, error: RawError, root: unknown): SchemaFault[] {
  const facts = schemaAt(schema, error.schemaPath);
  const last = lastOf(error.instancePath);
  // The number of a place in a list says less than its line.
  const name = /^\d+$/.test(last) && Array.isArray(valueIn(root, error.instancePath.slice(0, -last.length - 1))) ? "" : last;
  const value = valueIn(root, error.instancePath);
  const meant = facts.description ? `It is ${facts.description}.` : "See docs/ivr.md.";
  switch (error.keyword) {
    case "additionalProperties": {
      const known = Object.keys(facts.properties ?? {});
      return strings(error.params, "additionalProperties").map((key): SchemaFault => {
        const pointer = pointerTo(error.instancePath, key);
        if (name === "keys") {
          const fix = 'Keys are one to four of 0–9, * and #, in quotes: "1", "*".';
          return { code: "bad-key", pointer, onKey: true, message: `“${key}” cannot be pressed on a telephone`, fix };
        }
        if (name === "everywhere") {
          const fix = 'Each is one of 0–9, * and #, in quotes: "9", "*".';
          return { code: "bad-key", pointer, onKey: true, message: `“${key}” is not one key of a telephone`, fix };
        }
        if (known.length === 0) return { code: "bad-key", pointer, onKey: true, message: `“${key}” is no key for ${name}`, fix: meant };
        const guess = nearest(key, known);
        const fix = guess ? `Did you mean ${guess}?` : known.length > 0 ? `Known here: ${known.join(", ")}.` : meant;
        return { code: "unknown-key", pointer, onKey: true, message: `“${key}” is not known here`, fix };
      });
    }
    case "nobodys": {
      const making = makingKeys(schema, error);
      const known = new Set((facts.anyOf ?? []).flatMap((branch) => Object.keys(branch.properties ?? {})));
      const unknown = keysOf(value).filter((key) => !known.has(key));
      return (unknown.length > 0 ? unknown : keysOf(value)).map((key): SchemaFault => {
        const guess = nearest(key, making);
        const fix = guess ? `Did you mean ${guess}?` : `Known here: ${making.join(", ")}.`;
        return { code: "unknown-key", pointer: pointerTo(error.instancePath, key), onKey: true, message: `“${key}” is not known here`, fix };
      });
    }
    case "required":
      return strings(error.params, "requiredProperties").map((key) => {
        const wanted = schemaAt(schema, `${error.schemaPath}/properties/${key}`).description;
        const fix = wanted ? `Add \`${key}:\`, ${wanted}.` : `Add \`${key}:\`.`;
        return { code: "missing-key", pointer: error.instancePath, onKey: true, message: `\`${key}\` is missing${name ? ` in ${name}` : ""}`, fix };
      });
    case "type": {
      const wanted = String((error.params as { type?: unknown }).type ?? "something else");
      const fix = wanted === "string" && typeof value === "number" ? "Put it in quotes." : meant;
      const message = value === null ? `there is nothing here, where ${article(wanted)} should be` : `${shown(value)} should be ${article(wanted)}`;
      return [{ code: "wrong-type", pointer: error.instancePath, onKey: false, message, fix }];
    }
    case "enum":
    case "const":
      return [
        {
          code: "bad-value",
          pointer: error.instancePath,
          onKey: false,
          message: `${shown(value)} is not one of the words allowed here`,
          fix: `Use ${(facts.enum ?? []).map(String).join(" or ") || "one that docs/ivr.md lists"}.`,
        },
      ];
    case "pattern":
      return [
        {
          code: "bad-value",
          pointer: error.instancePath,
          onKey: false,
          message: `${name} ${shown(value)} is not well formed`.trim(),
          fix: `${meant} ${forms.get(facts.pattern ?? "") ?? ""}`.trim(),
        },
      ];
    default:
      return [
        { code: "bad-value", pointer: error.instancePath, onKey: false, message: `${name} ${shown(value)} ${error.message}`.trim(), fix: meant },
      ];
  }
}

function article(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: "a text",
    object: "a group of `key: value`",
    array: "a list in [ ]",
    boolean: "true or false",
  };
  return words[type] ?? `a ${type === "integer" ? "whole number" : type}`;
}
