import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { FliteRenderer } from "../../src/adapter/tts/flite.ts";
import { DiskPromptStore } from "../../src/adapter/tts/prompt-store.ts";
import type { AttemptView } from "../../src/api/ports.ts";
import type { Webhooks } from "../../src/ivr/ports.ts";
import type { ScriptVersion } from "../../src/ivr/script-ports.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { type Log, silentLog } from "../../src/kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import { diallingOf } from "../../src/start/dialling.ts";
import { ownThread } from "../../src/start/publishing.ts";
import type { Telephony } from "../../src/start/telephony.ts";
import type { Campaign, VoiceCampaign } from "../../src/strategy/campaign.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import type { NewVoiceCampaign } from "../../src/strategy/ports.ts";
import { CallEngine, type CallEngineParts } from "../../src/voice/call-engine.ts";
import type { CallerIdPool } from "../../src/voice/caller-id.ts";
import { CallerIds } from "../../src/voice/caller-id-engine.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { CallerHeaders } from "../../src/voice/identity-engine.ts";
import type { Route } from "../../src/voice/route.ts";
import { ScriptLibrary } from "../../src/voice/script-engine.ts";
import { SecondLegs } from "../../src/voice/second-leg-engine.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { openTestDatabase } from "../harness/database.ts";
import { type FarSide, openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { openTcpProxy } from "../harness/tcp-proxy.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";

export const seed = Date.now() & 0xffff;
const node = "calls-test";
const transferNumber = "+12125550300";

/** What `loadCampaign` calls with, when it is given no other. */
export const script = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
numbers: { desk: "${transferNumber}" }
start: { human: hello, unknown: hello }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Press 1, 2 or 9." }]
    first_digit_s: 2
    tries: 2
    keys: { "1": one, "2": desk, "9": out }
    no_input: nothing
    no_match: nothing
  one: { play: [{ say: "Thank you." }], end: pressed_one }
  desk:
    transfer: desk
    max_wait_s: 15
    play: [{ say: "Please wait." }]
    on: { answered: talked, no_agent: nobody, hung_up: left }
  talked: { end: talked }
  nobody: { end: nobody }
  left: { end: left }
  out:
    suppress: { scope: account }
    play: [{ say: "Goodbye." }]
    end: opted_out
  nothing: { play: [{ say: "Goodbye." }], end: no_input }
`;

const noWebhooks: Webhooks = { configured: [], call: async () => ({ end: "failed", reason: "none is configured" }) };

/** The longest wait in a part is for a channel that does not hang up; a loaded machine takes some times as long. */
const closeLimitMs = 40_000;

/** Both sides and everything between them, as main composes it. `trunkOver` sends the calls elsewhere than to the lab's carrier. */
export async function openServer(
  t: Test,
  personas: Readonly<Record<string, string | readonly string[]>>,
  trunkOver: Partial<Trunk> = {},
  {
    webhooks = noWebhooks,
    groups = new Map<string, readonly string[]>(),
    moreTrunks = () => [],
    routes = [],
    pools = [],
    identity,
    pace = 0.15,
    speed = 1,
    clock: given,
    log = silentLog,
    mediaServers,
    drachtioServers,
    agentsOver,
  }: {
    webhooks?: Webhooks;
    groups?: ReadonlyMap<string, readonly string[]>;
    moreTrunks?: (far: FarSide) => readonly Trunk[];
    routes?: readonly Route[];
    pools?: readonly CallerIdPool[];
    identity?: ConstructorParameters<typeof CallerHeaders>[1];
    /** Of the called parties: 1 is as in life. */
    pace?: number;
    /** See openFarSide. */
    speed?: number;
    clock?: Clock;
    log?: Log;
    mediaServers?: readonly { readonly name: string; readonly port: number }[];
    drachtioServers?: readonly { readonly name: string; readonly port: number }[];
    /** What has people talk to agents. */
    agentsOver?: (parts: AgentsOver) => Pick<CallEngineParts, "line" | "pacings">;
  } = {},
) {
  const far = await openFarSide({
    seed,
    pace,
    speed,
    personas: { numbers: { [transferNumber]: "clerk", ...personas } },
    ...(given && { clock: given }),
  });
  const { clock } = far;
  const wire = await openTcpProxy(far.drachtio.adminPort);
  const dir = mkdtempSync(join(tmpdir(), "carillon-calls-"));
  const near = await openNearSide(far, {
    node,
    adminPort: wire.port,
    log,
    recordings: { dir, mediaDir: dir },
    ...(mediaServers && { mediaServers }),
    ...(drachtioServers && { drachtioServers }),
  });
  const database = await openTestDatabase(t);
  const stores = await openStores({ url: database.url, log, clock, node });
  await stores.registry.register(node, clock.now());
  const audio = new AudioPool({ clock: systemClock });
  const prompts = new DiskPromptStore({ dir, voices: [new FliteRenderer(audio)], pool: audio, clock: systemClock });
  const pool = new EndpointPool(near.media, { maxOpening: 20, idleMs: 2000 }, clock, log);
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node, watchMs: 50 });
  const attempts = stores.attempts;
  const callerIds = new CallerIds(pools, stores.numbers, clock, log);
  await callerIds.refresh();
  const trunks = new Trunks([{ ...far.trunk, ...trunkOver }, ...moreTrunks(far)], routes, clock);
  const secondLegs = new SecondLegs({ store: stores.secondLegs, clock, log });
  const engine = new CallEngine({
    orders: pass,
    attempts,
    signalling: near.signalling,
    media: near.media,
    pool,
    scripts: new ScriptLibrary({ store: stores.scripts, reader: ownThread, prompts, attempts, webhooks, groups, clock, log }),
    trunks,
    callerIds,
    callerHeaders: new CallerHeaders(clock, identity),
    clock,
    log,
    secondLegs,
    ...agentsOver?.({ far, near, stores, pool, trunks, secondLegs, clock }),
    maxSetups: 40,
    onTrouble: (campaignId) => pass.order(campaignId, "pause"),
  });
  const close = async (): Promise<void> => {
    // One after the other, the way down that main takes; what does not end is named.
    const parts = { pass, engine, pool, secondLegs, stores, near, wire, audio, far };
    for (const [name, part] of Object.entries(parts)) await ended(name, part.close());
    rmSync(dir, { recursive: true });
  };
  return { wire, far, near, stores, trunks, callerIds, secondLegs, pass, engine, pool, prompts, dir, close };
}

/** Waits for a part to be closed. @throws Error with its name when that takes far longer than anything in it is waited for */
async function ended(name: string, closing: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${name} has not been closed within ${closeLimitMs / 1000} s`)), closeLimitMs);
  await Promise.race([closing, late.promise]).finally(() => clearTimeout(timer));
}

export interface AgentsOver {
  readonly far: FarSide;
  readonly near: Telephony;
  readonly stores: Stores;
  readonly pool: EndpointPool;
  readonly trunks: Trunks;
  readonly secondLegs: SecondLegs;
  readonly clock: Clock;
}

export type Server = Awaited<ReturnType<typeof openServer>>;

export async function loadCampaign(
  { stores, far }: Server,
  name: string,
  numbers: readonly PhoneNumber[],
  limits: Pick<NewVoiceCampaign, "maxCps" | "maxLines" | "retries" | "mode"> = { maxCps: 50, maxLines: 60 },
  source = script,
  uses: ScriptVersion["uses"] = {},
  trunk = far.trunk.name,
  callerId = "+12125550100",
): Promise<VoiceCampaign> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    numbers.map((number) => ({ addresses: [{ kind: "mobile" as const, number }], fields: { first_name: "Ann", amount_due: "240.00" } })),
  );
  const { listId } = await load.commit();
  const { id: scriptVersionId } = await stores.scripts.publish("calls-test", source, undefined, uses);
  return stores.campaigns.create({
    name,
    listId,
    scriptVersionId,
    trunk,
    callerId,
    ringTimeoutMs: 15_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
    ...limits,
  });
}

/** Runs a campaign to its end and gives its attempts. */
export async function run({ pass, engine, stores }: Server, campaign: Campaign): Promise<readonly AttemptView[]> {
  const finished = Promise.withResolvers<void>();
  pass.onChange((changed) => {
    const { id: campaignId, state } = changed;
    if (state === "running") engine.dial(diallingOf(voiceCampaign(changed)));
    else engine.hold(campaignId);
    if (campaignId === campaign.id && (state === "finished" || state === "stopped")) finished.resolve();
  });
  await pass.start();
  await pass.order(campaign.id, "start");
  const late = Promise.withResolvers<never>();
  // Not every test waits for the end, and a process whose tests are over is not kept by it.
  const timer = setTimeout(() => late.reject(new Error(`campaign ${campaign.name} has not finished within 240 s (seed ${seed})`)), 240_000).unref();
  await Promise.race([finished.promise, late.promise]).finally(() => clearTimeout(timer));
  return stores.attemptReader.attempts(campaign.id, {}, { limit: 1000 });
}

/** Nothing is open, here or over there, a moment after the last call. */
export async function noLeaks(t: Test, { far, near, engine, pool }: Server): Promise<void> {
  await until(() => engine.lines === 0 && near.signalling.open === 0, "calls to be over here");
  await pool.close();
  await until(() => near.media.sessions === 0, "endpoints to be released here");
  await until(() => far.leaks().length === 0, `everything to be released over there: ${far.leaks().join("; ")} (seed ${seed})`);
  t.same(far.leaks(), [], `no dialog, channel, INVITE or scheduled task is left (seed ${seed})`);
}

export function numberOf(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Error(`${text} is not E.164`);
  return text;
}
