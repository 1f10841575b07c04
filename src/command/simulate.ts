import { closeSync, openSync, writeSync } from "node:fs";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { seededRandom } from "../kernel/random.ts";
import type { PacingLogEntry } from "../voice/pacing/log.ts";
import { defaultPacing, type PacingPolicy, targetFor } from "../voice/pacing/policy.ts";
import { type DialPolicy, type SimulationSetup, simulate } from "../voice/simulation.ts";
import type { Figures } from "../voice/simulation-figures.ts";
import { idealPolicy, pacerPolicy, progressivePolicy } from "../voice/simulation-policies.ts";
import { ratioPolicy } from "../voice/simulation-ratio.ts";
import { standardWorkload, type Workload } from "../voice/simulation-workload.ts";
import { tableText } from "./table.ts";
import { counted, openProgress } from "./terminal.ts";

export interface SimulateOptions {
  readonly agents: number;
  /** Without it the list does not end. */
  readonly contacts?: number;
  /** Percent of the calls that a person answers. */
  readonly hitRate: number;
  readonly ringS: number;
  readonly talkS: number;
  readonly wrapS: number;
  readonly hours: number;
  readonly days: number;
  /** Percent of those who answer; without it what fits the team. */
  readonly target?: number;
  readonly lines: number;
  readonly seed: number;
  /** A ratio dialler and one that knows everything, too. */
  readonly compare?: boolean;
  readonly json?: boolean;
  /** Write the pacing log of the predictive day there. */
  readonly log?: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const graceMs = 2000;

/** Share of those who answer that the pacer never goes past, unless more is aimed at. */
const usualCap = 0.03;

/** What each option may be: beyond that the answer would take hours, or mean nothing. */
const ranges = [
  ["agents", "--agents", 1, 1000],
  ["contacts", "--contacts", 1, 10_000_000],
  ["hitRate", "--hit-rate", 0.5, 100],
  ["ringS", "--ring-s", 1, 25],
  ["talkS", "--talk-s", 5, 3600],
  ["wrapS", "--wrap-s", 1, 1800],
  ["hours", "--hours", 0.25, 16],
  ["days", "--days", 1, 60],
  ["target", "--target", 0.1, 20],
  ["lines", "--lines", 1, 10],
] as const;

/**
 * `carillon simulate`: what a team and a list come to, by the pacer that the server uses, in virtual time.
 * @throws Fault with one line for an option out of its range, or a log that cannot be written
 */
export function simulateDays(options: SimulateOptions): void {
  for (const [name, flag, least, most] of ranges) {
    const value = options[name];
    if (value !== undefined && !(value >= least && value <= most))
      throw new Fault("simulation-range", `${flag} must be ${least} to ${most}; it is ${value}`);
  }
  const workload: Workload = {
    ...standardWorkload(options.hitRate / 100),
    ringMs: options.ringS * 1000,
    talkMs: options.talkS * 1000,
    wrapMs: options.wrapS * 1000,
  };
  const target = options.target === undefined ? targetFor(options.agents) : options.target / 100;
  const pacing: PacingPolicy = {
    ...defaultPacing("predictive", options.agents),
    target,
    cap: Math.max(usualCap, target),
    expectedTalkMs: workload.talkMs,
    expectedWrapMs: workload.wrapMs,
  };
  const log = options.log === undefined ? undefined : openLog(options.log);
  const policies: [string, DialPolicy][] = [
    ["predictive", pacerPolicy(pacing, log?.write)],
    [options.lines === 1 ? "progressive" : `progressive, ${options.lines} lines`, progressivePolicy(options.lines)],
  ];
  if (options.compare) policies.push(["ratio dialler", ratioPolicy(target, dayMs)], ["all-knowing", idealPolicy(workload, target, graceMs)]);
  const progress = openProgress(process.stderr, Date.now);
  try {
    const runs = policies.map(([name, policy]) => {
      const figures = simulate(
        setupOf(options, workload),
        shown(policy, (atMs) => progress.show(`${name}: ${momentOf(atMs)}`)),
      );
      return { name, figures };
    });
    progress.end();
    console.log(options.json ? jsonOf(options, target, runs) : textOf(options, target, runs));
  } finally {
    log?.close();
  }
}

function setupOf({ agents, contacts, hours, days, seed }: SimulateOptions, workload: Workload): SimulationSetup {
  return {
    agents,
    workload,
    random: seededRandom(seed),
    graceMs,
    tickMs: 1000,
    shiftMs: hours * hourMs,
    breakMs: dayMs - hours * hourMs,
    warmUpMs: 0,
    until: { shifts: days, ...(contacts === undefined ? {} : { contacts }) },
  };
}

function shown(policy: DialPolicy, show: (atMs: number) => void): DialPolicy {
  let next = 0;
  return {
    observe: (event) => policy.observe(event),
    decide(nowMs) {
      if (nowMs >= next) {
        show(nowMs);
        next = nowMs + hourMs / 4;
      }
      return policy.decide(nowMs);
    },
  };
}

function openLog(path: string): { write(entry: PacingLogEntry): void; close(): void } {
  const unwritable = (error: unknown) => new Fault("out-unwritable", `${path} cannot be written: ${fileTrouble(error)}`, { cause: error });
  try {
    const file = openSync(path, "w");
    let lines: string[] = [];
    const flush = () => {
      if (lines.length > 0) writeSync(file, `${lines.join("\n")}\n`);
      lines = [];
    };
    return {
      write(entry) {
        lines.push(JSON.stringify(entry));
        if (lines.length >= 5000) flush();
      },
      close() {
        try {
          flush();
        } catch (error) {
          throw unwritable(error);
        } finally {
          closeSync(file);
        }
      },
    };
  } catch (error) {
    throw unwritable(error);
  }
}

interface Run {
  readonly name: string;
  readonly figures: Figures;
}

function textOf({ agents, contacts, hitRate, hours, days }: SimulateOptions, target: number, runs: readonly Run[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const list = contacts === undefined ? "a list without end" : `a list of ${contacts}`;
  const head = `${counted(agents, "agent")}, ${list}, ${hitRate} % answered by a person, ${counted(days, "day")} of ${hours} h; ${percent(target)} abandoned aimed at`;
  const rows = runs.map(({ name, figures }) => [
    name,
    percent(figures.occupancy),
    `${percent(figures.abandonment)} (${figures.abandoned})`,
    percent(Math.max(0, ...figures.shifts.map(({ answers, abandoned }) => (answers > 0 ? abandoned / answers : 0)))),
    String(figures.dials),
    String(figures.answers - figures.abandoned),
    `${(figures.talkedMs / 60_000 / Math.max(1e-9, figures.thereMs / hourMs)).toFixed(1)}`,
    String(figures.peakLines),
    finishOf(figures, contacts),
  ]);
  const columns = [
    "",
    "busy",
    "abandoned",
    "worst day",
    "dialled",
    "talked to",
    "min/h talk",
    "lines",
    contacts === undefined ? "" : "the list ends",
  ];
  const beyond =
    target > usualCap ? `\n\nMore than ${percent(usualCap)} was aimed at: the pacer was let past the limit that it keeps otherwise.` : "";
  return `${head}\n\n${tableText(columns, rows)}${beyond}`;
}

function finishOf({ finished, endedAtMs, dials }: Figures, contacts: number | undefined): string {
  if (contacts === undefined) return "";
  return finished ? momentOf(endedAtMs) : `not yet: ${contacts - dials} are left`;
}

/** `day 2, after 3 h 05 min`. */
function momentOf(atMs: number): string {
  const minutes = Math.floor((atMs % dayMs) / 60_000);
  return `day ${Math.floor(atMs / dayMs) + 1}, after ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

function jsonOf({ log: _log, json: _json, compare: _compare, ...asked }: SimulateOptions, target: number, runs: readonly Run[]): string {
  return JSON.stringify(
    { asked: { ...asked, target: 100 * target }, policies: runs.map(({ name, figures }) => ({ policy: name, ...figures })) },
    null,
    2,
  );
}
