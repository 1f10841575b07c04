import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { Fault } from "../kernel/fault.ts";

/** What an expression may speak of: a person, one address, one moment. */
export interface RuleFacts {
  /** What the list says of the contact, by column. */
  readonly fields: Readonly<Record<string, string>>;
  /** E.164, or a mailbox. */
  readonly address: string;
  /** ISO 3166 of the number; empty where it says nothing, and of mailboxes. */
  readonly country: string;
  /** Places whose law may hold, such as `US` and `US-CA`. */
  readonly places: readonly string[];
  readonly channel: string;
  /** Name of the campaign; of a pass `CAMPAIGN/PASS`. */
  readonly campaign: string;
  /** In the person's zone: 0..23, 1..7 from Monday, `2026-11-23`. */
  readonly hour: number;
  readonly weekday: number;
  readonly date: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Every variable: its type in CEL, and what it is. The documentation and the API show these. */
export const ruleVariables = {
  fields: {
    type: "map<string, string>",
    meaning: 'what the list says of the contact, by column: fields.balance, fields["due date"]; all of it is text',
  },
  address: { type: "string", meaning: "the number with its +, or the mailbox" },
  country: { type: "string", meaning: "the country of the number, as DE; empty where it has none" },
  places: { type: "list<string>", meaning: "places whose law may hold: the country, and states such as US-CA" },
  channel: { type: "string", meaning: "voice, sms or email" },
  campaign: { type: "string", meaning: "the campaign's name; of a pass CAMPAIGN/PASS" },
  hour: { type: "int", meaning: "0 to 23, where the person is; where several zones are possible the rule is asked for each" },
  weekday: { type: "int", meaning: "1 to 7 from Monday, where the person is" },
  date: { type: "string", meaning: "the date where the person is, as 2026-11-23: dates of this form compare as text" },
  now: { type: "google.protobuf.Timestamp", meaning: "the moment" },
} as const;

/** Every function that CEL has not itself. */
export const ruleFunctions = {
  "number(string): double": "the number that a text says, as 12.50; a text that says none leaves the rule undecided",
} as const;

/** What an expression came to: it holds the person back, it does not, or it cannot say, with the reason. */
export type RuleAnswer = boolean | { readonly undecided: string };

/** An expression that was read: asked for each person. */
export type RuleQuestion = (facts: RuleFacts) => RuleAnswer;

/** Longer ones are no rules that anybody could check; with the limits of the tree they bound what one costs. */
export const longestExpression = 2000;
const limits = { maxAstNodes: 250, maxDepth: 25, maxListElements: 1000, maxMapEntries: 100, maxCallArguments: 16 };

/** Words that look at each entry of a map or list. One inside another could take as long as its author likes. */
const loops = new Set(["all", "exists", "exists_one", "map", "filter"]);

const numberForm = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;

const environment = declare();

function declare(): Environment {
  const made = new Environment({ enableOptionalTypes: true, limits });
  for (const [name, { type, meaning }] of Object.entries(ruleVariables)) made.registerVariable(name, type, { description: meaning });
  made.registerFunction("number(string): double", (text: string) => {
    if (!numberForm.test(text.trim())) throw new Error("number() was given a text that says none");
    return Number(text);
  });
  return made;
}

/**
 * Reads an expression of the Common Expression Language (github.com/google/cel-spec) that is true for whom a rule holds back.
 * @throws Fault `rule-invalid` with the reason and the place: `detail` has `line` and `column` from 1
 */
export function readExpression(text: string): RuleQuestion {
  if (text.length > longestExpression) throw wrong(`It is longer than ${longestExpression} characters.`, text, 0);
  const checked = environment.check(text);
  if (!checked.valid) {
    const summary = checked.error?.summary ?? "It cannot be read";
    const hint = /overload: string (<|>|-|\*|\/)=? (int|double)/.test(summary)
      ? " Fields are text: number(fields.balance) < 5.0 compares a number."
      : "";
    throw wrong(`${summary}.${hint}`, text, checked.error?.range?.start ?? 0);
  }
  if (checked.type !== "bool") throw wrong(`It is of type ${checked.type}, and must be true or false: compare it with something.`, text, 0);
  const ask = environment.parse(text);
  refuseCostly(ask.ast, text, 0);
  return (facts) => {
    try {
      const answer: unknown = ask({ ...facts, hour: BigInt(facts.hour), weekday: BigInt(facts.weekday), now: new Date(facts.now) });
      return typeof answer === "boolean" ? answer : { undecided: "it is neither true nor false" };
    } catch (error) {
      return { undecided: reasonOf(error) };
    }
  };
}

/** What is left out of CEL, because one person's answer could take seconds: regular expressions, which here go back and forth, and loops within loops. */
function refuseCostly(node: ASTNode, text: string, loopsAround: number): void {
  let around = loopsAround;
  if (node.op === "call" || node.op === "rcall") {
    const name = String(node.args[0]);
    if (name === "matches") throw wrong("matches is not to be had here: use startsWith, endsWith, contains or in.", text, node.start);
    if (node.op === "rcall" && loops.has(name)) {
      around += 1;
      if (around > 1) throw wrong(`${name} stands within another word that looks at every entry; one at a time.`, text, node.start);
    }
  }
  for (const below of nodesIn(node.args)) refuseCostly(below, text, around);
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && "summary" in error && typeof error.summary === "string") return error.summary;
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}

function wrong(message: string, text: string, offset: number): Fault {
  const before = text.slice(0, offset).split("\n");
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return new Fault("rule-invalid", `The expression cannot be used (line ${place.line}, column ${place.column}): ${message}`, { detail: place });
}
