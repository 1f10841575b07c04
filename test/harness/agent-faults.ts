import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { type AgentReport, type AgentRun, runAgents } from "./agent-run.ts";
import { startDrachtio } from "./drachtio-fleet.ts";
import { labPassword, labSecret, until } from "./far-side.ts";
import { startFreeswitch } from "./freeswitch-fleet.ts";
import type { Lab } from "./lab-process.ts";
import type { OwnDatabase } from "./own-database.ts";
import type { Server, Teardown } from "./serve-process.ts";
import { openTcpProxy } from "./tcp-proxy.ts";

/* A run of agents in which one thing after the other is broken. */

export const faultNames = ["sockets", "programs", "database", "freeswitch", "half-leaves", "worker", "drachtio"] as const;
export type FaultName = (typeof faultNames)[number];

export interface FaultRunOptions {
  readonly lab: Lab;
  /** Of this run alone: it is restarted. */
  readonly database: OwnDatabase;
  readonly seed: number;
  readonly agents: number;
  readonly faults: readonly FaultName[];
  /** So many conversations begin undisturbed before each of them, and after the last one. */
  readonly calm: number;
  readonly say: (text: string) => void;
}

export interface FaultReport extends AgentReport {
  /** What did not come right in time after a fault, one line each. */
  readonly late: readonly string[];
}

/** So long after a fault everybody must be able to work again. */
const recoveredMs = 30_000;
/** Whoever is in a conversation without a program is given so long to be left by the person, ms; then the telephone is put down. */
const leftMs = 6000;
/** So long PostgreSQL is stopped. */
const databaseDownMs = 5000;
/** Whoever rang or was answered while nobody of ours could hear of it is hung up on so long after all is there again: two seconds to connect, and a BYE. */
const clearedMs = 4000;
/** Those that part people who talk. */
const parting: readonly FaultName[] = ["freeswitch", "worker", "drachtio"];
/** Set before a fault and cleared after it: calls that were under way then were hit by it. */
const slackMs = 1500;

interface Window {
  readonly name: FaultName;
  readonly fromMs: number;
  untilMs: number;
  /** When what was broken is whole again. */
  wholeMs: number;
}

/** Two FreeSWITCH servers and a drachtio-server in processes of their own, and wires to cut in front of the API. */
export async function runAgentFaults(t: Teardown, options: FaultRunOptions): Promise<FaultReport> {
  const { lab, database, seed, agents, faults, calm, say } = options;
  const servers = [await startFreeswitch(t, "fs-1", seed + 1), await startFreeswitch(t, "fs-2", seed + 2)];
  const drachtio = await startDrachtio(t, "drachtio-1", seed + 3);
  const sockets: Awaited<ReturnType<typeof openTcpProxy>>[] = [];
  const windows: Window[] = [];
  const late: string[] = [];
  const host = "127.0.0.1";
  const hit = (call: CallSummary) =>
    windows.some(({ fromMs, untilMs }) => call.invitedAtMs < untilMs + slackMs && (call.endedAtMs ?? Infinity) > fromMs - slackMs);

  // Rang when the process died that had called: the 200 reached nobody, and only the successor can hang up, if it knows of the call at all. And while the only
  // drachtio-server is away nobody can be hung up on.
  const orphanedUntilMs = ({ invitedAtMs, answeredAtMs, endedAtMs }: CallSummary) =>
    windows.findLast(({ name, fromMs, untilMs }) => {
      const late = (answeredAtMs ?? 0) > fromMs - slackMs / 3;
      return invitedAtMs < untilMs && ((name === "worker" && late) || (name === "drachtio" && (endedAtMs ?? Infinity) > fromMs));
    })?.wholeMs;
  const parts = (atMs: number) =>
    windows.some(({ name, fromMs, untilMs }) => parting.includes(name) && atMs > fromMs - slackMs && atMs < untilMs + slackMs);
  const breaks: Readonly<Record<FaultName, (run: AgentRun) => Promise<void>>> = {
    // Everybody is cut off, and comes back half a second later.
    async sockets({ clients }) {
      const before = clients.map(({ desk }) => desk.state);
      for (const socket of sockets) socket.cut();
      await until(
        () => clients.every(({ events }) => events.findLast(({ what }) => what === "back" || what === "lost")?.what === "back"),
        "them",
        9000,
      );
      const gone = clients.filter((client, at) => before[at] !== "logged-out" && client.desk.state === "logged-out").map(({ name }) => name);
      if (gone.length > 0) late.push(`sockets cut: ${gone.join(", ")} logged out`);
    },
    // Every other one is cut off and stays away for longer than the grace.
    async programs({ clients, fleet }) {
      const away = clients.filter((_, at) => at % 2 === 1);
      for (const client of away) client.comesBack = false;
      sockets[1]?.cut();
      const ids = fleet.agents.filter((_, at) => at % 2 === 1).map(({ id }) => id);
      const none = async (condition: string) => {
        const { rows } = await fleet.admin.query(`select from agent_desk where agent_id = any($1::bigint[]) and ${condition}`, [ids]);
        return rows.length === 0;
      };
      // Conversations go on without a program; whoever was in one puts the telephone down when it is over.
      await until(() => none("state = 'talking'"), "those who are gone to be left", leftMs).catch(() => {});
      await Promise.all(away.map(({ name }) => lab.post("/phones/orders", { phone: name, do: "hang-up" }).catch(() => {})));
      await until(() => none("state <> 'logged-out'"), "those who are gone to be logged out", recoveredMs);
      await Promise.all(away.map((client) => client.again()));
    },
    async database() {
      say(`PostgreSQL was away for ${await database.restart(databaseDownMs)} ms`);
    },
    // One of two, with the telephones and people that are on it; it comes back.
    async freeswitch({ server }) {
      await servers[0]?.kill();
      await noticed(server, "freeswitch:fs-1");
      await servers[0]?.restart();
    },
    async "half-leaves"({ clients }) {
      const half = clients.slice(0, Math.ceil(clients.length / 2));
      await Promise.all(half.map((client) => client.logout()));
      await talksMore(clients.slice(half.length), 2);
      await Promise.all(half.map((client) => client.again()));
    },
    async worker({ server }) {
      const [worker] = server.children();
      if (worker === undefined) throw new Error("there is no worker");
      process.kill(worker, "SIGKILL");
      await server.ready(worker);
    },
    async drachtio({ server }) {
      await drachtio.kill();
      await noticed(server, "drachtio");
      await drachtio.restart();
    },
  };

  const report = await runAgents(t, {
    ...{ lab, database, name: "faults", seed, agents, mode: "predictive", forMs: 0 },
    settings: {
      drachtio: { host, port: drachtio.port, secret: labSecret },
      freeswitch: servers.map(({ name, port }) => ({ name, address: host, port, password: labPassword })),
    },
    agentsUrls: async (server) => {
      for (const _ of [1, 2]) sockets.push(await openTcpProxy(Number(new URL(server.api).port)));
      for (const socket of sockets) t.teardown(() => socket.close());
      return sockets.map(({ port }) => `http://${host}:${port}`);
    },
    rules: { silenceMs: 2000, graceMs: 2300, excused: hit, orphanedUntilMs, parts },
    async during(run) {
      for (const name of faults) {
        await talksMore(run.clients, calm);
        await until(() => run.clients.filter(({ desk }) => desk.state === "talking").length >= 2, "two agents to talk", recoveredMs);
        const window = { name, fromMs: Date.now(), untilMs: Infinity, wholeMs: Infinity };
        windows.push(window);
        await breaks[name](run);
        window.wholeMs = Date.now() + clearedMs;
        const brokenMs = Date.now() - window.fromMs;
        const working = ({ desk }: AgentRun["clients"][number]) => !["logged-out", "not-ready"].includes(desk.state);
        await until(() => run.clients.every(working), name, recoveredMs).catch(() => {
          late.push(...run.clients.filter((one) => !working(one)).map((one) => `${name}: ${one.name} is ${one.desk.state} ${one.desk.reason ?? ""}`));
        });
        window.untilMs = Date.now();
        say(`${name}: broken for ${brokenMs} ms, everybody at work again after ${window.untilMs - window.fromMs} ms`);
      }
      await talksMore(run.clients, calm);
    },
  });
  return { ...report, late };
}

/** Until so many more conversations of these have begun. */
async function talksMore(clients: AgentRun["clients"], count: number): Promise<void> {
  const talks = () => clients.reduce((sum, { events }) => sum + events.filter(({ what, text }) => what === "desk" && text === "talking").length, 0);
  const before = talks();
  await until(() => talks() >= before + count, `${count} conversations to begin`, recoveredMs);
}

/** Until the server says that this part of it is away. */
async function noticed({ api }: Server, part: string): Promise<void> {
  const away = async () => {
    const { components } = (await (await fetch(`${api}/readyz`)).json()) as { readonly components: readonly { name: string; ready: boolean }[] };
    return components.some(({ name, ready }) => name === part && !ready);
  };
  await until(away, `${part} to be missed`, recoveredMs);
}
