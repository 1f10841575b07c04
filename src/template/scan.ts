import { Fault } from "../kernel/fault.ts";
import { filterFault } from "./filters.ts";

/**
 * What a template becomes. `prompt` is spoken, `text` is an SMS or the plain part of an e-mail, `line` is a subject or
 * another header, `html` is the HTML part of an e-mail.
 */
export type TemplateKind = "prompt" | "text" | "line" | "html";

/** A template taken apart: the same thing in Liquid's own notation, and what it reads. */
export interface Scanned {
  readonly liquid: string;
  /** Whether it has nothing to fill in. */
  readonly constant: boolean;
  /** Every field that is mentioned, in the order of first mention. */
  readonly fields: readonly string[];
  /** The fields without which it cannot be rendered: printed with no default and outside an `if` that asks for them. */
  readonly needed: readonly string[];
}

const name = "[A-Za-z_][A-Za-z0-9_]*";
const literal = `"[^"{}]*"|'[^'{}]*'|-?\\d+(?:\\.\\d+)?`;
const operand = `(?:${literal}|${name})`;
const comparison = `${operand}(?:\\s*(?:==|!=|>=|<=|>|<|\\bcontains\\b)\\s*${operand})?`;
const outputShape = new RegExp(`^\\s*(${name})((?:\\s*\\|\\s*${name}(?:\\s*:\\s*${operand}(?:\\s*,\\s*${operand})*)?)*)\\s*$`);
const conditionShape = new RegExp(`^${comparison}(?:\\s+(?:and|or)\\s+${comparison})*$`);
const listShape = new RegExp(`^${operand}(?:\\s*(?:,|\\bor\\b)\\s*${operand})*$`);
const tagShape = /^-?\s*([a-z]+)(?:\s+(.*?))?\s*-?$/s;
const words = new Set(["and", "or", "contains", "true", "false", "nil", "null", "empty", "blank"]);
const filterName = /^\s*([A-Za-z_]\w*)/;

/** What each tag may carry: a condition, a value, a list of values, nothing; and what it closes. */
const tags: Readonly<Record<string, { carries: "condition" | "value" | "list" | "nothing"; does: "open" | "close" | "middle" }>> = {
  if: { carries: "condition", does: "open" },
  unless: { carries: "condition", does: "open" },
  elsif: { carries: "condition", does: "middle" },
  else: { carries: "nothing", does: "middle" },
  endif: { carries: "nothing", does: "close" },
  endunless: { carries: "nothing", does: "close" },
  case: { carries: "value", does: "open" },
  when: { carries: "list", does: "middle" },
  endcase: { carries: "nothing", does: "close" },
};

/** The line and column (both from 1) of an offset. */
export function placeIn(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function broken(source: string, offset: number, message: string): Fault {
  const place = placeIn(source, offset);
  return new Fault("template-syntax", `${message} (line ${place.line}, column ${place.column} of the text)`, { detail: place });
}

/** The field names in a piece of expression, string literals and Liquid's own words left out. */
function namesIn(expression: string): string[] {
  const bare = expression.replace(/"[^"]*"|'[^']*'/g, " ");
  return (bare.match(new RegExp(`(?<![\\w.])${name}`, "g")) ?? []).filter((word) => !words.has(word));
}

const filterShape = new RegExp(`\\|\\s*(${name})((?:\\s*[:,]\\s*${operand})*)`, "g");

/** The filters of an output, each with what stands behind its colon. */
function filtersIn(filters: string): { name: string; args: string[] }[] {
  return [...filters.matchAll(filterShape)].map(([, filter = "", args = ""]) => ({ name: filter, args: args.match(new RegExp(operand, "g")) ?? [] }));
}

function argumentNames(filters: string): string[] {
  const bare = filters.replace(/"[^"]*"|'[^']*'/g, '""');
  return bare
    .split("|")
    .slice(1)
    .flatMap((filter) => namesIn(filter.replace(filterName, "")));
}

/**
 * Reads a template. `{field}`, `{field | filter: "x"}` and Liquid's `{{ field }}` print; `{% if … %}` decides. `\{` and
 * `\}` are braces. In html any other brace is just a brace (style sheets have many); elsewhere it is a fault.
 * @throws Fault `template-syntax` with `line` and `column` in its detail
 */
export function scan(source: string, kind: TemplateKind): Scanned {
  const fields = new Set<string>();
  const needed = new Set<string>();
  const asked: string[][] = [];
  let liquid = "";
  let constant = true;
  let at = 0;

  const print = (inner: string, offset: number): boolean => {
    const match = outputShape.exec(inner);
    if (!match) return false;
    const field = match[1] ?? "";
    const filters = match[2] ?? "";
    const first = filterName.exec(filters.split("|")[1] ?? "")?.[1];
    const optional = first === "default" || asked.some((names) => names.includes(field));
    for (const used of [field, ...argumentNames(filters)]) fields.add(used);
    if (!optional) needed.add(field);
    for (const used of argumentNames(filters)) needed.add(used);
    for (const { name: filter, args } of filtersIn(filters)) {
      const wrong = filterFault(filter, args);
      if (wrong !== undefined) throw broken(source, offset, wrong);
    }
    if (words.has(field)) throw broken(source, offset, `“${field}” is a word of the template language and cannot be a field`);
    liquid += `{{ ${inner.trim()} }}`;
    constant = false;
    return true;
  };

  const decide = (inner: string, offset: number) => {
    const [, tag = "", carried = ""] = tagShape.exec(inner) ?? [];
    const rule = Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    if (!rule) throw broken(source, offset, `{% ${tag || inner.trim()} %} is not a tag; use if, elsif, else, unless, case, when and their ends`);
    const shape = { condition: conditionShape, value: new RegExp(`^${operand}$`), list: listShape, nothing: /^$/ }[rule.carries];
    if (!shape.test(carried)) throw broken(source, offset, `{% ${tag} %} cannot be read; write for example {% if balance != "" %}`);
    const names = namesIn(carried);
    for (const used of names) fields.add(used);
    if (rule.does === "open") asked.push([...names]);
    if (rule.does === "middle") asked.at(-1)?.push(...names);
    if (rule.does === "close") asked.pop();
    liquid += `{%${inner}%}`;
    constant = false;
  };

  while (at < source.length) {
    const here = source[at] ?? "";
    if (here === "\\" && /[{}\\]/.test(source[at + 1] ?? "")) {
      const escaped = source[at + 1] ?? "";
      liquid += escaped === "\\" ? "\\" : `{{ "${escaped}" }}`;
      at += 2;
      constant = false;
      continue;
    }
    const tagged = source.startsWith("{%", at);
    const doubled = source.startsWith("{{", at);
    if (tagged || doubled) {
      const closing = tagged ? "%}" : "}}";
      const end = source.indexOf(closing, at + 2);
      if (end < 0) throw broken(source, at, `${tagged ? "{%" : "{{"} is never closed; add ${closing}`);
      const inner = source.slice(at + 2, end);
      if (tagged) decide(inner, at);
      else if (!print(inner, at)) throw broken(source, at, `{{${inner}}} cannot be read; write a field name, for example {first_name}`);
      at = end + 2;
      continue;
    }
    if (here === "{") {
      const end = source.indexOf("}", at);
      if (end >= 0 && print(source.slice(at + 1, end), at)) {
        at = end + 1;
        continue;
      }
    }
    if (here === "{" || here === "}") {
      if (kind !== "html") throw broken(source, at, `“${here}” does not enclose a field name; write {first_name}, or \\${here} for the brace itself`);
      liquid += `{{ "${here}" }}`;
      constant = false;
    } else {
      liquid += here;
    }
    at += 1;
  }
  return { liquid, constant, fields: [...fields], needed: [...needed] };
}
