import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../adapter/system/clock.ts";
import type { LookupRun, LookupRunStore } from "../contact/lookup/ports.ts";
import { counted, openProgress } from "./terminal.ts";

const lookMs = 500;

/** How far a run is, in one line. */
export function runText({ id, list, state, people, contacts, missing }: LookupRun): string {
  const of = people === undefined ? counted(contacts, "contact") : `${contacts} of ${counted(people, "contact")}`;
  const waits = missing.length === 0 ? "" : `; it waits: no server has ${missing.join(", ")} now`;
  return `Run ${id}, list "${list}": ${state === "running" ? "" : `${state}, `}${of} looked up${waits}`;
}

/** What was asked and answered: `line: mobile 5, failed 1`. */
export function answersText({ lookups, counts }: Pick<LookupRun, "lookups" | "counts">): string {
  const answers = lookups.map((name) => {
    const words = Object.entries(counts[name] ?? {});
    const asked = words.reduce((sum, [, count]) => sum + count, 0);
    return `${name}: ${words.map(([word, count]) => `${word} ${count}`).join(", ") || "none"}${words.length > 1 ? ` (of ${asked})` : ""}`;
  });
  return answers.join("; ");
}

/** Says by which runs people are looked up; with `wait` how far they are, until they have ended. */
export async function tellRuns(store: Pick<LookupRunStore, "find">, ids: readonly string[], wait = false): Promise<void> {
  if (!wait) {
    for (const { id, list, lookups } of await store.find(ids))
      console.log(
        `Run ${id} looks up those who came onto list "${list}": ${lookups.join(", ")}. The servers that run carry it out; carillon lookup runs shows how far they are.`,
      );
    return;
  }
  const line = openProgress(process.stdout, () => systemClock.now());
  let runs = await store.find(ids);
  for (; runs.some(({ state }) => state === "running"); runs = await store.find(ids)) {
    line.show(runs.map(runText).join("; "));
    await pause(lookMs);
  }
  line.end();
  for (const run of runs) console.log(`${runText(run)}. ${answersText(run)}.`);
}
