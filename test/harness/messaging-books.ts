import { ordinarySmsMix, type SmsPersona, smsCast } from "../../src/lab/smsc/persona.ts";
import type { SubmitEntry } from "../../src/lab/smsc/sms-books.ts";
import type { SmscBooks } from "./smsc-process.ts";

/** An attempt of the campaign, as the database has it. */
export interface MessageRow {
  readonly id: string;
  /** E.164. */
  readonly address: string;
  readonly state: string;
  readonly result: string | null;
  readonly reason: string | null;
  /** None when nothing was about to leave. */
  readonly reference: number | null;
}

/** What an ordinary afternoon lacks: answers that never come, connections that break, ids in other notations. */
export const roughMix: Readonly<Record<string, number>> = {
  ...ordinarySmsMix,
  "decimal-report": 1,
  "padded-report": 1,
  "no-answer": 0.1,
  drops: 0.02,
  throttled: 0.02,
};

const resultOf: Readonly<Record<string, string>> = {
  DELIVRD: "delivered",
  UNDELIV: "undelivered",
  EXPIRED: "expired",
  REJECTD: "rejected",
  DELETED: "undelivered",
};
/** Nobody knows of these whether anything was taken, or nothing was. */
const nothingTaken: readonly (string | null)[] = ["canceled", "congestion", "carrier-fault", "bad-number", "rejected", "interrupted"];
/** Nothing left for these: another attempt may follow. */
const notOut: readonly (string | null)[] = ["canceled", "congestion", "carrier-fault"];

export interface Agreement {
  readonly taken: number;
  /** Attempts of which the SMSC took more than one submit. */
  readonly twice: readonly string[];
  /** Opt-outs that were taken from the SMSC and are not in force. */
  readonly lostOptOuts: readonly string[];
  readonly optOuts: number;
  /** Attempts whose end is another than the SMSC's books have. */
  readonly disagreements: readonly string[];
  /** Ended without anybody knowing whether the message went out. */
  readonly unknown: number;
  /** Reports that the SMSC still owes. */
  readonly owed: number;
}

/** Holds the SMSC's books against the database. @param text tells the campaign's messages from answers @param suppressed numbers that opted out */
export function agree(books: SmscBooks, rows: readonly MessageRow[], suppressed: ReadonlySet<string>, text: string): Agreement {
  const own = books.submits.filter((submit) => submit.text.includes(text));
  const taken = new Map<string, SubmitEntry[]>();
  for (const submit of own) if (submit.id !== "") taken.set(submit.to, [...(taken.get(submit.to) ?? []), submit]);
  const ends = new Map<string, string>();
  const stopped = new Set<string>();
  for (const { kind, id, stat, status, from } of books.delivers) {
    if (status !== 0) continue;
    const end = resultOf[stat];
    if (kind === "report" && end !== undefined && !ends.has(id)) ends.set(id, end);
    if (kind === "message") stopped.add(from);
  }
  const attempts = new Map<string, MessageRow[]>();
  for (const row of rows) attempts.set(row.address.slice(1), [...(attempts.get(row.address.slice(1)) ?? []), row]);

  const twice: string[] = [];
  const disagreements: string[] = [];
  for (const [number, tries] of attempts) {
    const submits = taken.get(number) ?? [];
    const says = `${number}: ${tries.map(({ id, state, result, reason }) => `${id} ${result ?? state} (${reason ?? ""})`).join(", ")}`;
    if (submits.length > 1) twice.push(`${says}; taken ${submits.length} times`);
    const out = tries.filter(({ result }) => !notOut.includes(result));
    const [submit] = submits;
    if (!submit) {
      if (tries.some(({ result }) => !nothingTaken.includes(result))) disagreements.push(`${says}; nothing was taken`);
      continue;
    }
    const [attempt] = out;
    const end = ends.get(submit.id);
    if (!attempt || out.length > 1) disagreements.push(`${says}; taken as ${submit.id}`);
    else if (attempt.reference !== submit.reference) disagreements.push(`${says}; taken with reference ${submit.reference}`);
    else if (end !== undefined ? attempt.result !== end : attempt.result !== "sent" && attempt.result !== "interrupted")
      disagreements.push(`${says}; the SMSC reported ${end ?? "nothing"}`);
  }
  for (const number of taken.keys()) if (!attempts.has(number)) disagreements.push(`${number}: taken, and there is no attempt`);
  const wanted = own.filter(({ id, persona }) => id !== "" && wantsReport(persona));
  const said = new Set(own.filter(({ persona }) => persona === "says-stop").map(({ to }) => to));
  const optOuts = [...said].filter((number) => stopped.has(number));
  return {
    taken: own.filter(({ id }) => id !== "").length,
    twice,
    disagreements,
    optOuts: optOuts.length,
    lostOptOuts: optOuts.filter((number) => !suppressed.has(`+${number}`)),
    unknown: rows.filter(({ result }) => result === "interrupted").length,
    owed: wanted.filter(({ id }) => !ends.has(id)).length,
  };
}

function wantsReport(persona: string): boolean {
  const known: SmsPersona | undefined = Object.hasOwn(smsCast, persona) ? smsCast[persona as keyof typeof smsCast] : undefined;
  return (known?.reports ?? []).length > 0;
}
