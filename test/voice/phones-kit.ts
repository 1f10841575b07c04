import { randomBytes, randomUUID } from "node:crypto";
import type { Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { DeskEngine } from "../../src/agent/desk-engine.ts";
import type { Desk } from "../../src/agent/state.ts";
import type { DigestAlgorithm } from "../../src/kernel/digest.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { LabPhones } from "../../src/lab/phone/lab-phones.ts";
import type { PhoneManner } from "../../src/lab/phone/phone.ts";
import { phoneControlOf } from "../../src/start/phone-control.ts";
import { openPhones, openRegistrar } from "../../src/start/phones.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { CallerHeaders } from "../../src/voice/identity-engine.ts";
import type { PhonePlace } from "../../src/voice/phone.ts";
import type { PhoneRequest } from "../../src/voice/phone-ports.ts";
import { SecondLegs } from "../../src/voice/second-leg-engine.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { openTestDatabase } from "../harness/database.ts";
import { labPassword, openFarSide, openNearSide, until } from "../harness/far-side.ts";

export const seed = Date.now() & 0xffff;
const host = "127.0.0.1";

/** A server's part that has to do with telephones, as main composes it, and agents' telephones in the lab. */
export async function openPhoneWorld(
  t: Test,
  {
    node = "phones-test",
    personas = {},
    count = 4,
    ringTimeoutMs = 1500,
    phoneOptions = {},
    twoServers = false,
    renewMs = 20_000,
  }: {
    node?: string;
    personas?: Readonly<Record<string, string>>;
    count?: number;
    ringTimeoutMs?: number;
    phoneOptions?: { readonly digest?: DigestAlgorithm };
    /** A second FreeSWITCH, fs-2. */
    twoServers?: boolean;
    renewMs?: number;
  } = {},
) {
  const far = await openFarSide({ seed, personas: { numbers: personas } });
  const { clock } = far;
  const lab = new LabPhones({ clock, random: seededRandom(seed), host, sipPort: 0, count, timers: { t1Ms: 100 }, ticker: far.newTicker() });
  await lab.listen();
  const common = { clock, log: silentLog, host, eslPort: 0, sipPort: 0, password: labPassword, ticker: far.newTicker() };
  const other = twoServers ? new LabFreeswitch({ ...common, random: seededRandom(seed + 1) }) : undefined;
  await other?.listen();
  const ports = [far.freeswitch.eslPort, ...(other ? [other.eslPort] : [])];
  const near = await openNearSide(far, { node, mediaServers: ports.map((port, at) => ({ name: `fs-${at + 1}`, port })) });
  const database = await openTestDatabase(t);
  const stores = await openStores({ url: database.url, log: silentLog, clock, node });
  await stores.registry.register(node, clock.now());
  const pool = new EndpointPool(near.media, { maxOpening: 20, idleMs: 2000 }, clock, silentLog);
  const trunks = new Trunks([{ ...far.trunk, maxChannels: 2 }], [], clock);
  const config = { identity: { numbers: [] }, secret: { key: randomBytes(32).toString("base64"), previousKeys: [] } };
  const ways = { trunks, callerHeaders: new CallerHeaders(clock), config };
  const options = {
    hosts: [host],
    realm: "carillon.test",
    ringTimeoutMs,
    digest: "MD5",
    minExpiresS: 60,
    maxExpiresS: 3600,
    ...phoneOptions,
  } as const;
  const registrar = openRegistrar({ stores, source: near.signalling, ways, options, clock, log: silentLog });
  const secondLegs = new SecondLegs({ store: stores.secondLegs, clock, log: silentLog });
  const phones = openPhones({
    stores,
    secondLegs,
    signalling: near.signalling,
    registrar,
    pool,
    ways,
    options,
    moved: async (agentId, there) => void (await desks.phone(agentId, there)),
    clock,
    log: silentLog,
    lookMs: 50,
    renewMs,
  });
  const desks = new DeskEngine({
    desks: stores.desks,
    phone: (agentId) => phones.standing(agentId),
    clock,
    log: silentLog,
    lookMs: 50,
    graceMs: 300,
  });
  t.teardown(async () => {
    await desks.close();
    await phones.close();
    await pool.close();
    await secondLegs.close();
    await stores.close();
    await near.close();
    await other?.close();
    await lab.close();
    await far.close();
  });
  const control = phoneControlOf({ stores, ways, hosts: options.hosts, lines: phones });
  return { far, lab, near, stores, pool, trunks, phones, registrar, control, desks, clock, other };
}

export type PhoneWorld = Awaited<ReturnType<typeof openPhoneWorld>>;

/** An agent with a telephone. */
export async function hire({ stores }: PhoneWorld, name: string, place: PhonePlace, nailedUp: boolean): Promise<string> {
  const { id } = await stores.agents.addAgent(name);
  await stores.phones.set({ agentId: id, place, nailedUp });
  return id;
}

/** What a telephone does when it is called, from the next call on. */
export function answersWith({ lab }: PhoneWorld, name: string, answer: PhoneManner["answer"]): void {
  const phone = lab.named(name);
  phone.manner = { ...phone.manner, answer };
}

/** The agent's program. */
export async function logIn({ desks }: PhoneWorld, agentId: string) {
  const session = randomUUID();
  const states: string[] = [];
  await desks.login(agentId, session, {
    changed: ({ state, reason }: Desk) => states.push(reason === undefined ? state : `${state} ${reason}`),
    call() {},
    callEnded() {},
    over() {},
  });
  return {
    states,
    ready: () => desks.order(agentId, session, { kind: "ready" }),
    logOut: () => desks.order(agentId, session, { kind: "logout" }),
    lose: () => desks.lost(agentId, session),
    is: (state: string) => until(() => states.at(-1) === state, `${state}, not ${states.join(", ")} (seed ${seed})`),
  };
}

export function request(near: string, more: Partial<PhoneRequest> = {}): PhoneRequest {
  return { attemptId: "1", near, callerId: "+15550100100", ringTimeoutMs: 2000, withdraw: new AbortController().signal, ...more };
}

/** Nothing is on the line any more, here or over there. */
export async function noLines({ far, near, pool, lab, stores }: PhoneWorld): Promise<void> {
  await until(() => near.signalling.open === 0 && lab.books.legsUp().length === 0, `telephones to be hung up (seed ${seed})`);
  await pool.close();
  await until(() => near.media.sessions === 0 && far.leaks().length === 0, `everything to be released: ${far.leaks().join("; ")} (seed ${seed})`);
  await until(async () => (await stores.pool.query("select from phone_leg")).rowCount === 0, "no leg to be noted");
}
