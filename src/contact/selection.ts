import { type Static, Type } from "typebox";
import { Fault } from "../kernel/fault.ts";
import { columnName, listed } from "./columns.ts";
import { addressKinds, type NewContact } from "./contact.ts";

const field = Type.String({ minLength: 1, maxLength: 200, description: "A field, by its name in the file or as scripts know it." });
const strict = { additionalProperties: false };

const conditionSchema = Type.Union(
  [
    Type.Object(
      {
        field,
        is: Type.Array(Type.String({ maxLength: 1000 }), { minItems: 1, maxItems: 1000, description: "One of these; case does not matter." }),
      },
      strict,
    ),
    Type.Object(
      { field, isNot: Type.Array(Type.String({ maxLength: 1000 }), { minItems: 1, maxItems: 1000, description: "None of these." }) },
      strict,
    ),
    Type.Object({ field, above: Type.Number({ description: "A number, and more than that." }) }, strict),
    Type.Object({ field, below: Type.Number({ description: "A number, and less than that." }) }, strict),
    Type.Object({ field, empty: Type.Boolean() }, strict),
    Type.Object({ has: Type.Enum([...addressKinds], { description: "Whether one of the addresses that can be used is of that kind." }) }, strict),
  ],
  { description: "What is asked of a row." },
);

const whenSchema = Type.Optional(
  Type.Array(conditionSchema, {
    minItems: 1,
    maxItems: 20,
    description: "All of them hold. Absent: it holds for everybody whom no rule above holds for.",
  }),
);
const nameSchema = Type.String({ minLength: 1, maxLength: 100, description: "By which the report counts the rows." });

const setSchema = Type.Record(Type.String({ minLength: 1, maxLength: 200 }), Type.String({ maxLength: 1000 }), {
  minProperties: 1,
  maxProperties: 20,
  description: "Fields that the person gets, such as the channel that a strategy's passes ask for.",
});
const listSchema = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "Name of the list that the person goes to; absent, the one that the import is for.",
});
/** Lists that one file is split into, at most, beside the one that it is for: each takes memory while the file is read. */
const maxLists = 20;

export const selectionSchema = Type.Array(
  Type.Union([
    Type.Object(
      {
        name: nameSchema,
        when: whenSchema,
        reject: Type.String({ minLength: 1, maxLength: 200, description: "The row does not go in; this is told as the reason." }),
      },
      strict,
    ),
    Type.Object({ name: nameSchema, when: whenSchema, set: setSchema, list: Type.Optional(listSchema) }, strict),
    Type.Object({ name: nameSchema, when: whenSchema, list: listSchema }, strict),
  ]),
  { minItems: 1, maxItems: 100, description: "Who goes in, and how they are to be reached. Of each row the first rule that holds is followed." },
);

export type Selection = Static<typeof selectionSchema>;
type Rule = Selection[number];
type Condition = NonNullable<Rule["when"]>[number];

/** What a row's rule makes of it. */
export type Selected =
  | { readonly rule: string; readonly contact: NewContact; readonly list?: string }
  | { readonly rule: string; readonly reason: string };

/** What is wrong with rules that nobody can see who looks at one of them; undefined: nothing. */
export function selectionFault(rules: Selection): string | undefined {
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) return `two rules are called “${twice}”`;
  const open = rules.findIndex(({ when }) => when === undefined);
  const after = open < 0 ? undefined : rules[open + 1];
  if (after) return `no row ever comes to the rule “${after.name}”, for the one above it holds for everybody`;
  const unnamed = listsOf(rules).find((list) => !isListName(list));
  if (unnamed !== undefined) return `“${unnamed}” is no name of a list: all of it must be something that can be printed`;
  if (listsOf(rules).length > maxLists) return `they name ${listsOf(rules).length} lists; at most ${maxLists} can be filled from one file`;
  const nameless = rules.find((rule) => "set" in rule && Object.keys(rule.set).some((name) => columnName(name) === ""));
  return nameless && `the rule “${nameless.name}” sets a field whose name has no letter and no digit`;
}

/** Whether a list may be called that. */
export function isListName(name: string): boolean {
  return name.trim() !== "" && name.length <= 200 && !/\p{Cc}/u.test(name);
}

/** The lists that rules send people to, in the order of their names. */
export function listsOf(rules: Selection): readonly string[] {
  return [...new Set(rules.flatMap((rule) => ("list" in rule && rule.list !== undefined ? [rule.list] : [])))].sort();
}

/** @throws Fault `import-columns` when a rule asks for a field that the file does not have */
export function checkSelection(rules: Selection, fields: readonly { readonly name: string }[]): void {
  const names = fields.map((each) => each.name);
  const known = new Set(names);
  for (const { name, when = [] } of rules)
    for (const condition of when)
      if ("field" in condition && !known.has(columnName(condition.field)))
        throw new Fault("import-columns", `The rule “${name}” asks for the field “${condition.field}”; the file has: ${listed(names) || "none"}.`);
}

/** Follows the first rule that holds; undefined when none does. */
export function select(rules: Selection, contact: NewContact): Selected | undefined {
  const rule = rules.find(({ when = [] }) => when.every((condition) => holds(condition, contact)));
  if (rule === undefined) return undefined;
  if ("reject" in rule) return { rule: rule.name, reason: rule.reject };
  const list = rule.list === undefined ? {} : { list: rule.list };
  if (!("set" in rule)) return { rule: rule.name, contact, ...list };
  const set = Object.fromEntries(Object.entries(rule.set).map(([name, value]) => [columnName(name), value]));
  return { rule: rule.name, contact: { ...contact, fields: { ...contact.fields, ...set } }, ...list };
}

function holds(condition: Condition, { fields, addresses }: NewContact): boolean {
  if ("has" in condition) return addresses.some(({ kind }) => kind === condition.has);
  const name = columnName(condition.field);
  const value = Object.hasOwn(fields, name) ? (fields[name] ?? "").trim() : "";
  if ("is" in condition) return oneOf(condition.is, value);
  if ("isNot" in condition) return !oneOf(condition.isNot, value);
  if ("empty" in condition) return (value === "") === condition.empty;
  const number = /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return "above" in condition ? number > condition.above : number < condition.below;
}

function oneOf(wanted: readonly string[], value: string): boolean {
  const small = value.toLowerCase();
  return wanted.some((each) => each.trim().toLowerCase() === small);
}
