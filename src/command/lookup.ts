import { systemClock } from "../adapter/system/clock.ts";
import { askable, subjectOf } from "../contact/lookup/exchange.ts";
import type { LookupFact } from "../contact/lookup/lookup.ts";
import type { LookupOptions } from "../contact/lookup/options.ts";
import type { LookupCounts, LookupRun } from "../contact/lookup/ports.ts";
import { Fault } from "../kernel/fault.ts";
import { providerOf } from "../start/lookups.ts";
import { type CommonOptions, configFor, withStores } from "./context.ts";
import { answersText } from "./lookup-run-words.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

interface JsonOptions extends CommonOptions {
  readonly json?: boolean;
}

/** `carillon lookup list`: what is known stands beside what is configured; never a URL or header, which may hold secrets. */
export function listLookups({ json, ...options }: JsonOptions): Promise<string> {
  return withStores(options, async ({ lookups: store }, { lookups: configured }) => {
    const counts = await store.counts();
    const names = [...new Set([...configured.map(({ name }) => name), ...counts.map(({ name }) => name)])].sort();
    const views = names.map((name) => viewOf(name, named(configured, name), named(counts, name)));
    if (json) return JSON.stringify(views, null, 2);
    if (views.length === 0) return "There are no look-ups: they stand under lookups: in the configuration.";
    const rows = views.map(({ name, kind, by, fallback, maxPerSecond, waiting, answered, failed }) => [
      ...[name, kind ?? "", by ?? "", fallback ?? "(not of this configuration)", maxPerSecond === undefined ? "" : `${maxPerSecond}/s`],
      ...(waiting === undefined ? ["no server has had it yet"] : [String(waiting), String(answered), String(failed)]),
    ]);
    const troubles = views.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`${name} failed last: ${oneLine(trouble)}`]));
    return [tableText(["LOOK-UP", "KIND", "BY", "FALLBACK", "PACE", "WAITING", "ANSWERED", "FAILED"], rows), ...troubles].join("\n");
  });
}

function viewOf(name: string, options: LookupOptions | undefined, counts: LookupCounts | undefined) {
  return {
    ...{ name, kind: options?.kind ?? counts?.kind, by: options === undefined ? counts?.by : subjectOf(options) },
    ...(options && { fallback: options.fallback, maxPerSecond: options.maxPerSecond }),
    ...(counts && { ready: counts.ready }),
    ...(counts && { waiting: counts.waiting, answered: counts.answered, failed: counts.failed }),
    ...(counts?.trouble !== undefined && { trouble: counts.trouble }),
  };
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined {
  return all.find((each) => each.name === name);
}

export interface TestLookupOptions extends JsonOptions {
  /** Of kind reassigned: since when the number is theirs. */
  readonly date?: string;
}

/** `carillon lookup test NAME SUBJECT`: asks once, and keeps nothing. @returns what to say, and whether there was an answer */
export async function testLookup(
  name: string,
  subject: string,
  { date = "", json, ...options }: TestLookupOptions,
): Promise<{ readonly said: string; readonly answered: boolean }> {
  const config = configFor(options, "admin");
  const lookup = named(config.lookups, name);
  if (lookup === undefined) throw new Fault("lookup-unknown", `There is no look-up ${name} under lookups: in this configuration.`);
  const question = askable(lookup, subject, date);
  const provider = providerOf(config, systemClock);
  try {
    const begun = systemClock.now();
    const end = await provider.ask(name, question);
    const tookMs = Math.round(systemClock.now() - begun);
    const answered = end.end === "answered";
    if (json) return { answered, said: JSON.stringify({ name, tookMs, ...end }, null, 2) };
    if (!answered) return { answered, said: `${name} gave no answer after ${tookMs} ms: ${oneLine(end.reason)}` };
    const { word, reason, fields } = end.answer;
    const why = reason === undefined ? "" : ` (${oneLine(reason)})`;
    const learnt = Object.entries(fields).map(([field, value]) => `  ${oneLine(field)}: ${oneLine(value)}`);
    return { answered, said: [`${name} says ${word}${why}, after ${tookMs} ms. Nothing of it is kept.`, ...learnt].join("\n") };
  } finally {
    provider.close();
  }
}

/** `carillon lookup show SUBJECT`: what is known of a number or client id, newest first. */
export function showLookups(subject: string, { json, ...options }: JsonOptions): Promise<string> {
  return withStores(options, async ({ lookups }) => {
    const known = await lookups.find(subject);
    if (json) return JSON.stringify(known, null, 2);
    if (known.length === 0) return `Nothing is known of ${oneLine(subject)}, and nothing is being asked.`;
    return tableText(["LOOK-UP", "SINCE", "STATE", "ANSWER", "REASON", "AT", "UNTIL"], known.map(factRow));
  });
}

function factRow({ name, dated, state, word, reason, at, until }: LookupFact & { readonly at: number }): string[] {
  return [name, dated, state ?? "", word ?? "", reason ?? "", timeCell(at), state === "wanted" || until == null ? "" : timeCell(until)];
}

/** `carillon lookup run LIST NAME...`: the servers carry it out. */
export function runLookups(listName: string, names: readonly string[], { json, ...options }: JsonOptions): Promise<string> {
  return withStores(options, async ({ lists, lookupRuns }) => {
    const list = await lists.listByName(listName);
    if (list === undefined) throw new Fault("list-unknown", `There is no list ${listName}; carillon lists shows them.`);
    const run = await lookupRuns.begin(list.id, names);
    if (json) return JSON.stringify(run, null, 2);
    return `Run ${run.id} looks up the people on list "${list.name}": ${run.lookups.join(", ")}. The servers that run carry it out; carillon lookup runs shows how far they are.`;
  });
}

/** `carillon lookup runs`: the newest first. */
export function listLookupRuns({ limit, json, ...options }: JsonOptions & { readonly limit: number }): Promise<string> {
  return withStores(options, async ({ lookupRuns }) => {
    const runs = await lookupRuns.runs(limit);
    if (json) return JSON.stringify(runs, null, 2);
    if (runs.length === 0) return "No list has been looked up yet: carillon lookup run LIST NAME";
    return tableText(["RUN", "LIST", "BEGUN", "STATE", "CONTACTS", "ANSWERS"], runs.map(runRow));
  });
}

function runRow(run: LookupRun): string[] {
  const { id, list, at, state, people, contacts, missing, endedAt } = run;
  const waits = missing.length === 0 ? "" : `, waits: no server has ${missing.join(", ")}`;
  const done = people === undefined ? String(contacts) : `${contacts} of ${people}`;
  return [id, list, timeCell(at), endedAt === undefined ? `${state}${waits}` : `${state} ${timeCell(endedAt)}`, done, answersText(run)];
}

/** `carillon lookup cancel RUN` */
export function cancelLookups(id: string, options: CommonOptions): Promise<string> {
  return withStores(options, async ({ lookupRuns }) => {
    if (await lookupRuns.cancel(id)) return `Run ${id} is canceled; what is known by now stays.`;
    const [run] = await lookupRuns.find([id]);
    if (run === undefined) throw new Fault("lookup-run-unknown", `There is no run ${id}; carillon lookup runs shows them.`);
    throw new Fault("lookup-run-state", `Run ${id} is ${run.state}; only one that runs can be canceled.`);
  });
}
