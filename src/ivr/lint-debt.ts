import { exitsFor } from "./everywhere.ts";
import { exitsOf, reachable } from "./exits.ts";
import { isAsking } from "./lint-reach.ts";
import { type Linter, soundsOf, type Written, writtenPrompts } from "./linter.ts";
import type { Script } from "./script.ts";

/*
 * To tell somebody else of a person's debt is against the law in many places (in the United States 15 USC 1692c(b)). What counts:
 * A script is about a debt when a text or a column in it speaks of one (owe, debt, past due, balance, deuda, saldo, …).
 * An amount is a value spoken as money, a column whose name says so (amount_due, balance), or a sum in the text.
 * The right party is on the line in the step that `right_party` names and after it; where that step is the first question itself,
 * which also others hear, only after it.
 */

const debtText =
  /\b(?:ow(?:e|es|ed|ing)|debts?|past due|overdue|arrears|delinquent|(?:was|is|were|are) due|balance|collections?|deudas?|debe|adeuda|adeudado|vencid[oa]s?|saldo)\b/iu;
const debtColumn = /(?:^|_)(?:owed?|owing|debt|due|overdue|balance|arrears|delinquent|deuda|saldo)(?:_|$)/i;
const amountColumn = /(?:^|_)(?:amount|balance|owed?|debt|due|arrears|monto|importe|saldo|deuda)(?:_|$)/i;
const dayColumn = /(?:^|_)(?:date|day|time|on|by|fecha|dia)(?:_|$)/i;
const sum = /(?:[$€£]\s?\d|\b\d[\d.,]*\s?(?:dollars?|euros?|pounds?|pesos?|dólares?)\b)/iu;

const speaks = (written: Written) => soundsOf(written).flatMap(({ sound }) => ("say" in sound ? [sound.say] : []));
const isAmount = (column: string) => amountColumn.test(column) && !dayColumn.test(column.replace(/^due_/i, ""));

export function lintDebt({ script, whole, located, report }: Linter): void {
  const rightParty = script.rightParty;
  const asked = rightParty !== undefined && !unasked(whole).has(rightParty);
  if (rightParty !== undefined && !asked && !isAsking(whole.steps.get(rightParty) ?? neverAsks)) {
    const message = `everybody comes to ${rightParty} without being asked who they are`;
    report("right-party-unasked", located.at("/right_party"), message, "Name the step that only the right answer leads to.");
  }
  const prompts = [...writtenPrompts(script)].filter(({ key }) => key !== "whisper");
  const ofDebt = prompts.some((written) =>
    speaks(written).some(({ source, fields }) => debtText.test(source) || fields.some((field) => debtColumn.test(field))),
  );
  if (!ofDebt) return;
  // How far somebody comes of whom nobody knows who they are.
  const exits = exitsFor(whole);
  const early = reachable(whole, Object.values(whole.start), (step, name) => (name === rightParty ? [] : exits(step, name)));
  if (asked && rightParty !== undefined) early.delete(rightParty);
  for (const written of prompts) {
    if (!early.has(written.name) || !speaksAmount(written)) continue;
    const message = `${written.name} speaks of an amount that is owed, and anybody may have answered`;
    const fix =
      rightParty === undefined
        ? "Ask first whether it is the person, and name the step that follows in `right_party`."
        : `Say it only after ${rightParty}.`;
    report("debt-too-early", located.at(written.pointer), message, fix);
  }
}

const neverAsks = { verb: "play", prompts: [], way: { end: "none" } } as const;

/** The steps that calls come to before anybody is asked anything, with the first that ask. */
function unasked(script: Script): ReadonlySet<string> {
  return reachable(script, Object.values(script.start), (step) => (isAsking(step) ? [] : exitsOf(step)));
}

function speaksAmount(written: Written): boolean {
  if ("sayAs" in written.prompt && written.prompt.sayAs === "money") return true;
  return speaks(written).some(({ source, fields }) => sum.test(source) || fields.some(isAmount));
}
