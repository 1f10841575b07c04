import { faultNames, runAgentFaults } from "../harness/agent-faults.ts";
import { type AgentReport, type AgentRunOptions, countOf, runAgents } from "../harness/agent-run.ts";
import { type Lab, openLab } from "../harness/lab-process.ts";
import { openOwnDatabase } from "../harness/own-database.ts";
import type { Teardown } from "../harness/serve-process.ts";
import type { Bench } from "./bench.ts";
import { type Gate, gate, median, percentile, table } from "./gates.ts";

/** Issue 5: twenty agents for five minutes, at talk times a tenth of those in life. */
const agents = 20;
const usualSeconds = 300;
/** The latency of the connection is wanted with so many. */
const manyAgents = 30;
/** Conversations that are over as soon as they began, many of them: what goes wrong between two is seen in a minute. */
const briefAgents = 12;
const briefMs = 40_000;
/** What breaks, breaks in a smaller team, after so much undisturbed work. */
const faultAgents = 10;
/** Conversations between two faults. */
const calm = faultAgents;
/** As long as there are fewer answers than this, one person abandoned is more than 3 % of them. */
const cap = 0.03;

const people = {
  "does:ring 500..2500ms then speak then meet then wait 4..14s then hang up": 36,
  "does:ring 500..2500ms then say 800ms then speak then stay": 10,
  "does:ring 500ms then speak then wait 300..900ms then hang up": 2,
  voicemail: 6,
  busy: 14,
  "no-answer": 18,
  "bad-number": 9,
  declined: 5,
} as const;

const briefPeople = { "does:ring 200ms then speak then wait 0..900ms then hang up": 1 } as const;

/**
 * `npm run bench -- agents [--seconds 300] [--only predictive|progressive|many|brief|faults]`: issue 5, "Must show". Agents' programs over the real WebSocket, a real `carillon serve`,
 * and the lab in a process of its own with a telephone for each of them. Everything is told from the wire, and held against log and attempts.
 */
export const bench: Bench = async (say, args = []) => {
  const at = args.indexOf("--seconds");
  const seconds = at < 0 ? usualSeconds : Number(args[at + 1]);
  if (!(seconds >= 20 && seconds <= 3600)) throw new Error("--seconds is 20 to 3600");
  const only = args.includes("--only") ? args[args.indexOf("--only") + 1] : undefined;
  const seed = Number(process.env["TEST_SEED"] ?? 20_261_122);
  say(`seed ${seed}`);
  const opened: (() => unknown)[] = [];
  try {
    const database = await openOwnDatabase({ teardown: (fn) => void opened.push(fn) });
    /** With a far side of its own, which ends with it. */
    const alone = async <T>(phones: number, work: (t: Teardown, lab: Lab) => Promise<T>): Promise<T> => {
      const own: (() => unknown)[] = [];
      const t = { teardown: (fn: () => unknown) => void own.push(fn), passing: () => true };
      try {
        return await work(t, await openLab(t, seed, 0.3, phones));
      } finally {
        for (const close of own.reverse()) await close();
      }
    };
    const run = (name: string, order: Partial<AgentRunOptions> & Pick<AgentRunOptions, "agents" | "mode" | "forMs">) => {
      say(`${name}: ${order.agents} agents, ${order.mode}, ${order.forMs / 1000} s…`);
      const pacing = { expectedTalkMs: 8000, expectedWrapMs: 1500 };
      return alone(order.agents, async (t, lab) => {
        const usual = { lab, database, name, seed, cast: people, maxCps: 15, maxLines: 100, pacing };
        const report = await runAgents(t, { ...usual, talkMs: [6000, 16_000], wrapMs: [500, 2500], ...order });
        tell(say, report);
        return report;
      });
    };
    const wanted = (name: string) => only === undefined || only === name;
    const short = Math.max(20_000, seconds * 200);
    const gates: Gate[] = [];
    const main = wanted("predictive") ? await run("predictive", { agents, mode: "predictive", forMs: seconds * 1000 }) : undefined;
    if (main) gates.push(...gatesOf("", main));
    const beside = wanted("progressive") ? await run("progressive", { agents, mode: "progressive", forMs: short }) : undefined;
    if (main && beside) say(`occupancy: predictive ${percent(main.occupancy)}, progressive ${percent(beside.occupancy)}`);
    if (wanted("many")) {
      // Every agent who is called for is there: what is left is the way from the answer to the ear.
      const many = await run("many", { agents: manyAgents, mode: "progressive", forMs: short, maxLines: 150 });
      gates.push(...gatesOf(`, ${manyAgents} agents`, many));
      gates.push(gate(`answer to agent's voice, p95 with ${manyAgents} agents, ms`, percentile(many.toAgentMs, 0.95), "<=", 300));
    }
    if (wanted("brief")) {
      const wishes = { expectedTalkMs: 500, expectedWrapMs: 100 };
      const order = { agents: briefAgents, mode: "progressive", forMs: briefMs, talkMs: [2000, 3000], wrapMs: [20, 60] } as const;
      const brief = await run("brief", { ...order, cast: briefPeople, maxCps: 40, pacing: wishes });
      gates.push(gate("faults on the wire, voices both ways among them, brief conversations", brief.wireFaults.length, "<=", 0));
      gates.push(gate("books against log and attempts: disagreements, brief conversations", brief.disagreements.length, "<=", 0));
      gates.push(gate("brief conversations", countOf(brief, "connected"), ">=", 300));
    }
    if (wanted("faults")) {
      say(`faults: ${faultAgents} agents; ${faultNames.join(", ")}…`);
      const order = {
        database,
        seed,
        agents: faultAgents,
        faults: faultNames,
        calm,
        say: (text: string) => say(`  ${text}`),
      };
      const report = await alone(faultAgents, (t, lab) => runAgentFaults(t, { ...order, lab }));
      tell(say, report);
      for (const late of report.late) say(`  ! ${late}`);
      gates.push(gate("agents who could not work again 30 s after a fault", report.late.length, "<=", 0));
      gates.push(gate("connected twice, or in silence, after faults", report.wireFaults.length, "<=", 0));
      gates.push(gate("books against log and attempts after faults", report.disagreements.length, "<=", 0));
      gates.push(gate("stuck, or left on the line, after faults", report.stuck.length + report.up.length, "<=", 0));
    }
    return gates;
  } finally {
    for (const close of opened.reverse()) await close();
  }
};

function tell(say: (text: string) => void, report: AgentReport): void {
  const { answered, dialled, occupancy, talks, toAgentMs } = report;
  const ends = (["connected", "message", "left", "nothing"] as const).map((end) => [end, countOf(report, end)] as const);
  say(
    table([
      ["", ""],
      ["calls", dialled],
      ["answered", answered.length],
      ...ends,
      ["conversations of the log", talks],
      ["occupancy", percent(occupancy)],
      ["answer to agent's voice, median ms", median(toAgentMs)],
      ["p95 ms", percentile(toAgentMs, 0.95)],
      ["longest silence of anybody, ms", Math.max(0, ...answered.map(({ call }) => call.audio.longestSilenceMs))],
    ]),
  );
  const faults = [...report.wireFaults, ...report.disagreements, ...report.stuck, ...report.up];
  for (const fault of faults.slice(0, 20)) say(`  ! ${fault}`);
  if (faults.length > 20) say(`  ! and ${faults.length - 20} more`);
}

function gatesOf(which: string, report: AgentReport): readonly Gate[] {
  const people = report.answered.length - countOf(report, "left");
  const silent = report.answered.filter(({ call }) => call.audio.longestSilenceMs > 2000).length;
  const neither = report.answered.filter(({ end, agents }) => end === "nothing" || agents.length > 1).length;
  // One person is what a handful of answers cannot do without: the ledger lets go of one only when there are enough.
  const allowed = Math.floor(people * cap);
  return [
    gate(`people in silence for more than 2 s${which}`, silent, "<=", 0),
    gate(`answered, and heard neither one agent nor the message${which}`, neither, "<=", 0),
    gate(`faults on the wire, voices both ways among them${which}`, report.wireFaults.length, "<=", 0),
    gate(`abandoned people (3 % of ${people})${which}`, countOf(report, "message"), "<=", allowed),
    gate(`books against log and attempts: disagreements${which}`, report.disagreements.length, "<=", 0),
    gate(`agents stuck, telephones left up${which}`, report.stuck.length + report.up.length, "<=", 0),
    gate(`conversations${which}`, countOf(report, "connected"), ">=", 20),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
