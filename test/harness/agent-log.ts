import type pg from "pg";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import type { AnsweredCall } from "./agent-books.ts";

/* The agents' log and the attempts of the database, held against the books. */

interface LogRow {
  readonly agent_id: string;
  readonly at: Date;
  readonly state: string;
  readonly cause: string;
  readonly attempt_id: string | null;
}

interface AttemptRow {
  readonly id: string;
  readonly state: string;
  readonly result: string | null;
  readonly address: string;
}

/** Where an agent may go from each state. */
const next: Readonly<Record<string, readonly string[]>> = {
  "logged-out": ["not-ready", "ready"],
  ready: ["reserved", "ringing", "not-ready", "logged-out"],
  reserved: ["ringing", "talking", "ready", "not-ready", "logged-out"],
  ringing: ["talking", "ready", "not-ready", "logged-out"],
  talking: ["wrap-up", "ready", "not-ready", "logged-out"],
  "wrap-up": ["ready", "not-ready", "logged-out"],
  "not-ready": ["ready", "not-ready", "logged-out", "reserved"],
};

export interface AgentTimes {
  /** (talking + wrap-up) ÷ all but logged out and not ready, 0..1. */
  readonly occupancy: number;
  readonly talks: number;
}

const logSql = "select agent_id::text, at, state, cause, attempt_id::text from agent_log where agent_id = any($1::bigint[]) order by agent_id, id";

/** The log of these agents, by agent. */
export async function agentLog(admin: pg.Pool, agentIds: readonly string[]): Promise<ReadonlyMap<string, readonly LogRow[]>> {
  const { rows } = await admin.query<LogRow>(logSql, [agentIds]);
  return new Map(agentIds.map((id) => [id, rows.filter((row) => row.agent_id === id)]));
}

/** How busy they were within these times (epoch ms). */
export function timesOf(log: ReadonlyMap<string, readonly LogRow[]>, fromMs: number, untilMs: number): AgentTimes {
  const spent = new Map<string, number>();
  let talks = 0;
  for (const rows of log.values()) {
    for (const [at, row] of rows.entries()) {
      const begin = Math.max(fromMs, row.at.getTime());
      const end = Math.min(untilMs, rows[at + 1]?.at.getTime() ?? untilMs);
      if (end > begin) spent.set(row.state, (spent.get(row.state) ?? 0) + end - begin);
      if (row.state === "talking" && begin < end) talks += 1;
    }
  }
  const sum = (...states: readonly string[]) => states.reduce((total, state) => total + (spent.get(state) ?? 0), 0);
  const busy = sum("talking", "wrap-up");
  return { occupancy: busy / (busy + sum("ready", "reserved", "ringing")), talks };
}

export interface Expected {
  /** Telephone of each agent, by the agent's id. */
  readonly phones: ReadonlyMap<string, string>;
  /** How much longer a conversation may be in the log than on the wire (ms): it begins there before anything is heard. */
  readonly slackMs: number;
  readonly campaignId: string;
  /** Calls of which log and books may tell otherwise: what ended a process has ended what it knew. */
  readonly excused?: (call: CallSummary) => boolean;
  /** Whether a server of ours may have parted people at this time, epoch ms. */
  readonly parts?: (atMs: number) => boolean;
}

/** A conversation as the log has it. */
interface Talked {
  readonly phone: string;
  readonly fromMs: number;
  readonly ms: number;
}

function talkOf(phone: string, from: Date, until: Date | undefined): Talked {
  return { phone, fromMs: from.getTime(), ms: (until?.getTime() ?? Number.NaN) - from.getTime() };
}

function describeTalk({ phone, fromMs, ms }: Talked): string {
  return `${phone} from ${new Date(fromMs).toISOString()} on for ${ms} ms`;
}

/** Longer ones were conversations, whoever ended them. */
const hardlyTalkedMs = 2000;

/**
 * Who may talk in one attempt, one conversation after the other: a single agent, or a second one, when the first one's telephone went away as soon as the
 * two were connected, or when a server of ours parted them (queue-session.ts, #mayAskAgain).
 */
function isOneAtATime(talks: readonly Talked[], parts: (atMs: number) => boolean): boolean {
  const [first, second, ...more] = talks.toSorted((a, b) => a.fromMs - b.fromMs);
  if (!first || !second) return true;
  const untilMs = first.fromMs + first.ms;
  return more.length === 0 && untilMs <= second.fromMs && (first.ms <= hardlyTalkedMs || parts(untilMs));
}

/** What the log and the attempts say otherwise than the books, and where the log itself does not hold: one line for each. */
export async function disagreements(
  admin: pg.Pool,
  log: ReadonlyMap<string, readonly LogRow[]>,
  answered: readonly AnsweredCall[],
  { phones, slackMs, campaignId, excused, parts = () => false }: Expected,
): Promise<readonly string[]> {
  const found: string[] = [];
  const talks = new Map<string, readonly Talked[]>();
  for (const [agentId, rows] of log) {
    for (const [at, row] of rows.entries()) {
      const before = rows[at - 1];
      const name = `agent ${phones.get(agentId)} at ${row.at.toISOString()}`;
      if (before && !(next[before.state] ?? []).includes(row.state)) found.push(`${name}: ${before.state} → ${row.state} (${row.cause})`);
      if (before && row.at < before.at) found.push(`${name}: earlier than the entry before`);
      if (row.state !== "talking") continue;
      const { attempt_id: attempt } = row;
      if (attempt === null) found.push(`${name}: talks, and nobody knows about what`);
      else talks.set(attempt, [...(talks.get(attempt) ?? []), talkOf(phones.get(agentId) ?? "", row.at, rows[at + 1]?.at)]);
    }
  }
  const talked = new Map<string, Talked>();
  for (const [attempt, all] of talks) {
    if (!isOneAtATime(all, parts)) found.push(`attempt ${attempt} is talked with twice: ${all.map(describeTalk).join(", ")}`);
    const last = all.toSorted((a, b) => a.fromMs - b.fromMs).at(-1);
    if (last) talked.set(attempt, last);
  }
  for (const { call, end, agents, talkedMs = 0 } of answered) {
    const attempt = call.attempt ?? "";
    const logged = talked.get(attempt);
    talked.delete(attempt);
    if (excused?.(call)) continue;
    const name = `attempt ${attempt} (${call.called})`;
    if (end !== "connected") {
      // Who leaves in the moment of being connected has not heard the agent any more.
      if (logged && end !== "left") found.push(`${name}: heard no agent; the log says ${logged.phone}`);
    } else if (!logged) found.push(`${name}: heard ${agents.join(", ")}; the log says nobody`);
    else if (!agents.includes(logged.phone)) found.push(`${name}: heard ${agents.join(", ")}; the log says ${logged.phone}`);
    else if (!(logged.ms >= talkedMs - 500 && logged.ms <= talkedMs + slackMs))
      found.push(`${name}: talked for ${talkedMs} ms; the log says ${logged.ms}`);
  }
  for (const [attempt, { phone }] of talked) found.push(`the log says that ${phone} talked in attempt ${attempt}; nobody heard it`);
  const { rows } = await admin.query<AttemptRow>("select id::text, state, result, address from attempt where campaign_id = $1 order by id", [
    campaignId,
  ]);
  const hit = new Set(answered.filter(({ call }) => excused?.(call)).map(({ call }) => call.attempt));
  const ends = new Map(answered.map((one) => [one.call.attempt ?? "", one.end]));
  for (const { id, state, result, address } of rows) {
    const end = ends.get(id);
    if (state !== "ended") found.push(`attempt ${id} (${address}) is ${state}`);
    else if (!hit.has(id) && (result === "abandoned") !== (end === "message"))
      found.push(`attempt ${id} (${address}): ${result}; at the carrier: ${end ?? "not answered"}`);
  }
  return found;
}
