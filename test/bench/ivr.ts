import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { formatFinding } from "../../src/ivr/finding.ts";
import { lint } from "../../src/ivr/lint.ts";
import { begin, next } from "../../src/ivr/machine.ts";
import { type PromptRef, type PromptStore, promptKey } from "../../src/ivr/ports.ts";
import type { Script } from "../../src/ivr/script.ts";
import { runScript } from "../../src/ivr/session.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, table } from "./gates.ts";
import { Exchange, fields, source } from "./ivr-people.ts";

/** Sessions at once. */
const few = 10;
const many = 1000;
/** Sessions of one measurement, however many there are at once. */
const sessions = 2000;
const rounds = 7;

interface Cost {
  readonly steps: number;
  readonly cpuMicros: number;
}

/** Everything is ready at once: what is measured is neither the disk nor a voice. */
const file = (ref: PromptRef) => ({ path: `/prompts/${promptKey(ref).length}.wav`, durationMs: 1000 });
const store: PromptStore = { ensure: (refs) => Promise.resolve(new Map([...refs].map((ref) => [promptKey(ref), file(ref)]))) };

/** `npm run bench -- ivr`: what a step of a script costs, by itself and in a thousand sessions at once. */
export const bench: Bench = async (say) => {
  const { script, findings } = lint(source, "bench.yaml", { columns: Object.keys(fields) });
  if (!script || findings.length > 0) throw new Error(findings.map(formatFinding).join("\n"));
  // The first rounds compile the code.
  await measure(script, few);
  await measure(script, many);
  const costs = { walker: [] as number[], few: [] as number[], many: [] as number[] };
  let steps = 0;
  for (let round = 0; round < rounds; round++) {
    // In turn, since the machine is not the same from one moment to the next.
    costs.walker.push(perStep(walkAlone(script)));
    costs.few.push(perStep(await measure(script, few)));
    const cost = await measure(script, many);
    costs.many.push(perStep(cost));
    steps = cost.steps;
    say(
      `round ${round + 1} of ${rounds}: ${costs.few.at(-1)?.toFixed(1)} µs a step in ${few} sessions, ${costs.many.at(-1)?.toFixed(1)} µs in ${many}`,
    );
  }
  const kB = await memoryOf(script);
  const at = { walker: median(costs.walker), few: median(costs.few), many: median(costs.many) };
  say("");
  say(
    table([
      ["", "CPU µs a step", "steps a second of one core"],
      ["walker alone", at.walker, Math.round(1e6 / at.walker)],
      [`${few} sessions`, at.few, Math.round(1e6 / at.few)],
      [`${many} sessions`, at.many, Math.round(1e6 / at.many)],
    ]),
  );
  say(`${steps} steps in ${sessions} sessions each time, median of ${rounds}; ${kB.toFixed(1)} kB of memory for each of ${many} sessions in a menu`);
  return gates(at, kB);
};

function gates(at: { readonly few: number; readonly many: number }, kB: number): readonly Gate[] {
  return [
    // Ten sessions lie in the processor's cache and a thousand do not, which is 1.5 to 1.9; what grew with their number would be 100.
    gate(`CPU per step, ${many} sessions against ${few}`, at.many / at.few, "<=", 2.5),
    // A person takes a step every few seconds; a thousand of them then need less than a tenth of a core.
    gate(`CPU per step in ${many} sessions (µs)`, at.many, "<=", 250),
    gate("memory per session (kB)", kB, "<=", 32),
  ];
}

const perStep = ({ steps, cpuMicros }: Cost): number => cpuMicros / steps;

/** The pure walker, without anything around it. */
function walkAlone(script: Script): Cost {
  const before = process.cpuUsage();
  let steps = 0;
  for (let session = 0; session < sessions; session++) {
    const people = new Exchange(session);
    let move = begin(script, fields, "human", 0);
    for (;;) {
      steps += move.entered.length;
      const { action } = move;
      if (action.kind === "end") break;
      move = next(script, move.place, action.kind === "collect" ? { kind: "digits", digits: people.keys(session) } : { kind: "played" }, 0);
    }
  }
  return { steps, cpuMicros: since(before) };
}

/** Whole sessions, so many at once, each answered in its turn. */
async function measure(script: Script, atOnce: number): Promise<Cost> {
  const before = process.cpuUsage();
  let steps = 0;
  const count = () => {
    steps += 1;
  };
  for (let started = 0; started < sessions; started += atOnce) {
    const people = new Exchange(started);
    const ended = Promise.all(Array.from({ length: atOnce }, (_, index) => session(script, people, started + index, count)));
    await people.answerAll(atOnce);
    for (const { end } of await ended) if (end !== "completed") throw new Error(`a session ended as ${end}`);
  }
  return { steps, cpuMicros: since(before) };
}

function session(script: Script, people: Exchange, id: number, count: () => void) {
  return runScript({
    script,
    attemptId: `bench-${id}`,
    fields,
    prompts: file,
    store,
    caller: people.caller(id),
    sink: { step: count, effect: async () => {} },
    clock: systemClock,
    startAt: "human",
  });
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** kB that each of many sessions holds while it waits in a menu. */
async function memoryOf(script: Script): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const people = new Exchange(0);
  const before = held();
  const ended = Promise.all(Array.from({ length: many }, (_, index) => session(script, people, index, () => {})));
  await people.whenWaiting(many);
  const after = held();
  await people.answerAll(many);
  await ended;
  return (after - before) / many / 1024;
}
