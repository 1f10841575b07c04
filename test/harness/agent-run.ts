import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { CallingMode, PacingWishes } from "../../src/attempt/calling-mode.ts";
import { pause } from "../../src/kernel/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { type AnsweredCall, answeredCalls, faultsOfCalls, type Rules, usualRules } from "./agent-books.ts";
import type { AgentClient, AgentManner } from "./agent-client.ts";
import { type AgentFleet, openAgentFleet } from "./agent-fleet.ts";
import { agentLog, disagreements, timesOf } from "./agent-log.ts";
import { until } from "./far-side.ts";
import { type Lab, openFolder } from "./lab-process.ts";
import { portForAnother } from "./ports.ts";
import { type ProcessEnd, type Server, startServe, type Teardown } from "./serve-process.ts";

/** Frames of a person's life, much shorter than in life. */
export const usualCast = {
  "does:ring 300..1500ms then speak then meet then wait 2..6s then hang up": 40,
  "does:ring 300..1500ms then say 800ms then speak then stay": 10,
  "does:ring 500ms then speak then wait 400ms then hang up": 3,
  voicemail: 7,
  busy: 15,
  "no-answer": 15,
  "bad-number": 10,
} as const;

const goodbye = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));

export interface AgentRunOptions extends Partial<AgentManner> {
  readonly lab: Lab;
  readonly database: { readonly url: string; readonly adminUrl: string };
  readonly name: string;
  readonly seed: number;
  readonly agents: number;
  readonly mode: CallingMode;
  readonly pacing?: PacingWishes;
  /** How long calls are placed. */
  readonly forMs: number;
  /** Persons and their shares. Default `usualCast`. */
  readonly cast?: Readonly<Record<string, number>>;
  readonly maxCps?: number;
  readonly maxLines?: number;
  /** Servers, with the agents' programs shared out among them. Default 1. */
  readonly nodes?: number;
  /** Where agents' programs connect, one after the other and beginning again; by default the server itself. */
  readonly agentsUrls?: (server: Server) => Promise<readonly string[]>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly rules?: Rules;
  /** What is done while calls are placed; it may take longer than `forMs`. */
  readonly during?: (run: AgentRun) => Promise<void>;
}

/** A run while it goes on. */
export interface AgentRun {
  /** The first one. */
  readonly server: Server;
  readonly fleet: AgentFleet;
  readonly clients: readonly AgentClient[];
}

export interface AgentReport {
  readonly answered: readonly AnsweredCall[];
  readonly dialled: number;
  /** What does not hold on the wire, and where database and log say otherwise. */
  readonly wireFaults: readonly string[];
  readonly disagreements: readonly string[];
  /** Agents who were still busy half a minute after the last call. */
  readonly stuck: readonly string[];
  /** People who were on the line long after the last call was placed, and telephones that were still up after the logout. */
  readonly up: readonly string[];
  readonly occupancy: number;
  readonly talks: number;
  /** Answer to agent's voice, ms, call by call. */
  readonly toAgentMs: readonly number[];
  /** Of each server. */
  readonly ended: readonly ProcessEnd[];
  readonly clients: readonly AgentClient[];
}

/** `carillon serve` with a campaign and its agents, from the first login to the last logout. What it says comes from the books, the log and the attempts. */
export async function runAgents(t: Teardown, options: AgentRunOptions): Promise<AgentReport> {
  const { lab, database, name, seed, agents, mode, pacing, rules = usualRules } = options;
  const begunAtMs = Date.now();
  await lab.post("/personas", { mix: options.cast ?? usualCast });
  await lab.post("/references", { goodbye });
  const random = seededRandom(seed);
  // Far more than are called: a list that ends would be another thing.
  const count = options.during ? 1500 : Math.ceil((options.forMs / 1000) * (options.maxCps ?? 10)) + 100;
  const numbers = Array.from({ length: Math.min(count, 9000) }, (_, at) => [random.next(), `+1212555${String(1000 + at)}`] as const)
    .sort(([a], [b]) => a - b)
    .map(([, number]) => number);
  const fleet = await openAgentFleet(t, {
    ...{ lab, databaseUrl: database.url, adminUrl: database.adminUrl },
    ...{ folder: openFolder(t), name, seed, agents, numbers, mode },
    pacing: { expectedTalkMs: 4000, expectedWrapMs: 1000, ...pacing },
    ...{ nodes: options.nodes ?? 1, maxCps: options.maxCps ?? 10, maxLines: options.maxLines ?? 4 * agents, ringTimeoutMs: 5000 },
    ...{ talkMs: options.talkMs ?? [3000, 8000], wrapMs: options.wrapMs ?? [300, 1500] },
    ...(options.settings && { settings: options.settings }),
  });
  const servers: Server[] = [];
  for (const config of fleet.configs) servers.push(startServe(t, config, await portForAnother()));
  await Promise.all(servers.map((each) => each.ready()));
  const [server] = servers;
  if (!server) throw new Error("at least one server is wanted");
  const clients = fleet.clients(...(options.agentsUrls ? await options.agentsUrls(server) : servers.map(({ api }) => api)));
  t.teardown(() => {
    for (const client of clients) client.quit();
  });
  await Promise.all(clients.map((client) => client.login()));
  for (const client of clients) client.ready();
  await until(() => clients.every(({ desk }) => desk.state === "ready"), "everybody to be ready", 30_000);

  const from = Date.now();
  await fleet.move("draft", "running");
  await Promise.all([pause(systemClock, options.forMs), options.during?.({ server, fleet, clients })]);
  const to = Date.now();
  await fleet.move("running", "paused");
  await until(async () => (await lab.legs()).length === 0, "the last call to be over", 45_000).catch(() => {});
  const left = (await lab.legs()).map(({ called, state, attempt }) => `${called} is ${state} (attempt ${attempt})`);
  const { admin, campaignId } = fleet;
  const open = async () => (await admin.query("select from attempt where campaign_id = $1 and state <> 'ended' limit 1", [campaignId])).rows.length;
  await until(async () => (await open()) === 0, "every attempt to be ended", 20_000).catch(() => {});
  const idle = ({ desk }: AgentClient) => ["ready", "not-ready", "logged-out"].includes(desk.state);
  await until(() => clients.every(idle), "nobody to be stuck", 30_000).catch(() => {});
  const stuck = clients.filter((client) => !idle(client)).map((client) => `${client.name} is ${client.desk.state}`);
  await Promise.all(clients.map((client) => client.logout()));
  const phonesUp = async () => (await lab.phones()).filter(({ state }) => state !== "idle").map((phone) => phone.name);
  await until(async () => (await phonesUp()).length === 0, "the telephones to be hung up", 10_000).catch(() => {});
  const up = [...left, ...(await phonesUp())];
  await fleet.refer();
  for (const each of servers) each.kill("SIGTERM");
  const ended = await Promise.all(servers.map((each) => each.ended));

  const books = (await lab.books()).filter(({ invitedAtMs }) => invitedAtMs >= begunAtMs);
  const phoneBooks = (await lab.phoneBooks()).filter(({ invitedAtMs }) => invitedAtMs >= begunAtMs);
  const answered = answeredCalls(books, rules);
  const log = await agentLog(
    fleet.admin,
    fleet.agents.map(({ id }) => id),
  );
  const phones = new Map(fleet.agents.map(({ id, phone }) => [id, phone]));
  const { occupancy, talks } = timesOf(log, from, to);
  return {
    ...{ answered, dialled: books.length, stuck, up, occupancy, talks, ended, clients },
    wireFaults: faultsOfCalls(answered, phoneBooks, rules),
    disagreements: await disagreements(fleet.admin, log, answered, { phones, slackMs: 1500, campaignId, ...rules }),
    toAgentMs: answered.flatMap(({ toAgentMs }) => toAgentMs ?? []),
  };
}

export function countOf({ answered }: AgentReport, end: AnsweredCall["end"]): number {
  return answered.filter((one) => one.end === end).length;
}
