import type { Test } from "tap";
import { DeskEngine } from "../../src/agent/desk-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { Books } from "../../src/lab/carrier/books.ts";
import { LabPhones } from "../../src/lab/phone/lab-phones.ts";
import { cardSourceOf } from "../../src/start/agents.ts";
import { openPhones } from "../../src/start/phones.ts";
import type { CallPacings } from "../../src/voice/call-pacing-ports.ts";
import { DeskCalls } from "../../src/voice/desk-call.ts";
import { CallerHeaders } from "../../src/voice/identity-engine.ts";
import { AgentQueues } from "../../src/voice/queue-engine.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { logIn } from "../agent/agents-kit.ts";
import { until } from "../harness/far-side.ts";
import { type AgentsOver, openServer, seed } from "./calls-kit.ts";

const host = "127.0.0.1";
const wrapUp = { wrapUpMs: 100, extensionMs: 0, maxExtensions: 0 };

/** What the pacer would be told of each call, in the order in which it happened: `answered`, `connected`… */
export type Told = string[];

export interface QueueOptions {
  readonly count?: number;
  readonly ringTimeoutMs?: number;
  readonly trunkOver?: Partial<Trunk>;
  /** How long somebody who answers waits for an agent at most. */
  readonly graceMs?: number;
  /** Says how many calls are placed for agents. Left out: as many as may be, and what is told of them is kept. */
  readonly paced?: (desks: DeskEngine, parts: AgentsOver) => CallPacings;
}

/** A server with agents, their telephones in the lab, and one group, `sales`. */
export async function openQueueWorld(
  t: Test,
  personas: Readonly<Record<string, string>>,
  { count = 3, ringTimeoutMs = 1500, trunkOver = {}, graceMs = 2000, paced }: QueueOptions = {},
) {
  const told: Told = [];
  let agents: ReturnType<typeof build> | undefined;
  function build({ far, near, stores, pool, trunks, secondLegs, clock }: AgentsOver) {
    const lab = new LabPhones({ clock, random: seededRandom(seed), host, sipPort: 0, count, timers: { t1Ms: 100 }, ticker: far.newTicker() });
    const log = silentLog;
    const phones = openPhones({
      ...{ stores, signalling: near.signalling, pool, secondLegs, clock, log },
      ways: { trunks, callerHeaders: new CallerHeaders(clock) },
      options: { hosts: [host], realm: "carillon.test", ringTimeoutMs },
      moved: async (agentId, there) => void (await desks.phone(agentId, there)),
      lookMs: 50,
    });
    const desks = new DeskEngine({ desks: stores.desks, phone: (agentId) => phones.standing(agentId), clock, log, lookMs: 50, graceMs: 1000 });
    const calls = new DeskCalls();
    const line = new AgentQueues({ desks, calls, phones, store: stores.desks, contacts: cardSourceOf(stores), ringTimeoutMs, clock, log });
    return { lab, phones, desks, calls, line };
  }
  const boundless: CallPacings = {
    follow: () => ({
      decide: (room) => room,
      placed: () => ({ agentCall: { graceMs, answered: (how) => told.push(how), served: (how) => told.push(how) }, answered() {}, ended() {} }),
    }),
    leave() {},
  };
  const server = await openServer(t, personas, trunkOver, {
    agentsOver: (parts) => {
      agents = build(parts);
      return { line: agents.line, pacings: paced?.(agents.desks, parts) ?? boundless };
    },
  });
  if (!agents) throw new Error("there are no agents");
  const { lab, desks, phones, line, calls } = agents;
  await lab.listen();
  const { stores } = server;
  const { id: groupId } = await stores.agents.addGroup("sales", wrapUp);
  t.teardown(async () => {
    line.close();
    await desks.close();
    await phones.close();
    await server.close();
    await lab.close();
  });

  /** An agent with a telephone, logged in, and ready if they are to be. */
  async function hire(name: string, { nailedUp = true, ready = true } = {}) {
    const { id } = await stores.agents.addAgent(name);
    await stores.agents.join({ agentId: id, groupId, priority: 5, skills: [] });
    await stores.phones.set({ agentId: id, place: { kind: "uri", uri: lab.uriOf(name) }, nailedUp });
    const program = await logIn(desks, id, false);
    if (nailedUp) await until(() => phones.isUp(id), `${name}'s telephone to be on the line`);
    const order = (kind: "ready" | "logout") => desks.order(id, program.session, { kind });
    if (ready) await order("ready");
    const states = () => program.desks.map(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`));
    return {
      id,
      ...program,
      order,
      states,
      call: () => calls.find(id),
      is: (state: string) => until(() => states().at(-1) === state, `${state}, not ${states().join(", ")}`),
    };
  }

  return { ...server, lab, desks, phones, line, calls, groupId, told, hire };
}

/** The calls to these numbers, or to that telephone. */
export function callsOf(books: Pick<Books, "toJSON">, called: readonly string[]) {
  return books.toJSON().calls.filter((call) => called.some((one) => call.called.includes(one)));
}

/** Each voice that was heard there. */
export function voicesHeard(books: Pick<Books, "toJSON">, called: string): readonly string[] {
  return [...new Set(callsOf(books, [called]).flatMap(({ voices }) => voices.map(({ voice }) => voice)))];
}
