import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { issueKey } from "../../src/access/access-engine.ts";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { buildApp } from "../../src/api/app.ts";
import type { ApiParts, App } from "../../src/api/parts.ts";
import type { ComponentState } from "../../src/api/ports.ts";
import { loadConfig } from "../../src/config/load.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import type { ScriptCheckParts } from "../../src/ivr/check-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { accessParts } from "../../src/start/access.ts";
import { type Agents, openAgents } from "../../src/start/agents.ts";
import { openCalendars } from "../../src/start/calendars.ts";
import { rulesPartsOf } from "../../src/start/channels.ts";
import { complianceApi } from "../../src/start/compliance.ts";
import { openConversations } from "../../src/start/conversations.ts";
import { listParts } from "../../src/start/list-parts.ts";
import { lookupParts, providerOf } from "../../src/start/lookups.ts";
import { openMail } from "../../src/start/mail.ts";
import { phoneControlOf } from "../../src/start/phone-control.ts";
import { openPreviews } from "../../src/start/previews.ts";
import { openPrompts, promptPartsOf } from "../../src/start/prompts.ts";
import { openPublishing, openScriptPool } from "../../src/start/publishing.ts";
import { reportsOf } from "../../src/start/reports.ts";
import { openRules } from "../../src/start/rules.ts";
import { guardCampaigns } from "../../src/start/safeguards.ts";
import { sendersOf } from "../../src/start/senders.ts";
import { openOutside } from "../../src/start/webhooks.ts";
import { openWritten } from "../../src/start/written.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import type { Teardown } from "../harness/database.ts";

export const csv = `client_id,phone,first_name,time_zone
c-1,+1 212 555 0101,Ada,America/New_York
c-2,(212) 555-0102,Grace,America/New_York
c-3,12,Broken,America/New_York
c-2,+1 212 555 0104,Twice,America/New_York
c-5,+1 212 555 0105,Edsger,America/Chicago
`;

export const script = `script: greeting
language: en-US
start: { human: hello }
steps:
  hello:
    menu:
      - say: "Hello. To stop these calls press 9."
    keys: { "9": stop }
    no_input: bye
  stop:
    suppress: { scope: account }
    play: [{ say: "You will not be called again." }]
    end: opted_out
  bye: { end: done }
`;

export interface World {
  readonly app: App;
  readonly stores: Stores;
  readonly agents: Agents;
  readonly key: string;
  readonly components: ComponentState[];
  readonly publishing: ScriptCheckParts;
  readonly logged: Record<string, unknown>[];
  /** What the API says in its log besides, each with its message. */
  readonly noticed: Record<string, unknown>[];
  /** Resolves when the next import has begun; `end` is how it ends. */
  nextImport(): Promise<{ readonly end: Promise<unknown> }>;
  /** A request with the key. A body that is not text is sent as JSON. */
  ask(method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE", url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown> & { items: Record<string, unknown>[] };
  readonly text: string;
}

const none = () => Promise.reject(new Error("there are none"));
const noSettings = {
  all: () => [],
  find: () => {
    throw new Error("there are none");
  },
  add: none,
  change: none,
  remove: none,
};

const noTrunks: ApiParts["trunkControl"] = { ...noSettings, reseal: none, reload: async () => ({ changed: [], needsRestart: [] }) };

/** The API on that database, with a key: for what is no test too, as tap follows every promise, which is much of what a quick request costs. `settings` are those of a configuration, by their path. */
export async function worldOn(
  url: string,
  t: Teardown,
  more: Partial<ApiParts> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<World> {
  const logged: Record<string, unknown>[] = [];
  const noticed: Record<string, unknown>[] = [];
  const notice = (level: string) => (fields: Record<string, unknown>, message: string) => noticed.push({ level, ...fields, message });
  const log = { ...silentLog, info: notice("info"), warn: notice("warn"), error: (fields: Record<string, unknown>) => logged.push(fields) };
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "node-1" });
  t.teardown(() => stores.close());
  await stores.registry.register("node-1", systemClock.now());
  const engine = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node: "node-1" });
  t.teardown(() => engine.close());
  const { text: key } = await issueKey(stores.keys, "test");
  const components: ComponentState[] = [{ name: "database", ready: true }];
  let begun: ((end: Promise<unknown>) => void) | undefined;
  const folder = mkdtempSync(join(tmpdir(), "carillon-api-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const config = loadConfig({ env: {}, flags: { "prompts.dir": join(folder, "prompts"), ...settings }, purpose: "admin", cwd: folder });
  const guard = guardCampaigns({ stores, config, pass: engine, clock: systemClock, log: silentLog });
  t.teardown(() => guard.close());
  const prompts = openPrompts(config, systemClock, stores.prompts);
  t.teardown(() => prompts.close());
  const scriptPool = openScriptPool(systemClock);
  t.teardown(() => scriptPool.close());
  const ways = { destinations: { countries: ["US"], premium: false }, destinationPrefixes: {} };
  const rules = await openRules(stores.rules, systemClock, silentLog);
  const calendars = await openCalendars(stores.calendars, systemClock, silentLog);
  t.teardown(() => rules.close());
  t.teardown(() => calendars.close());
  const agents = openAgents({ stores, config, ways, clock: systemClock, log: silentLog });
  t.teardown(() => agents.close());
  // There is no telephone here.
  const calls = { dial: () => ({ over: Promise.resolve({ end: "unreachable" as const }), hangUp: () => {} }) };
  const previews = openPreviews({ stores, attempts: stores.attempts, agents, pass: engine, calls, ways, clock: systemClock, log: silentLog });
  t.teardown(() => previews.close());
  const line = { queue: async () => "nobody" as const };
  const phones = {
    ring: async () => ({ miss: "unreachable" as const, why: "there is no telephone here" }),
    take: async () => "unreachable" as const,
  };
  const led = await openConversations({
    config,
    agents,
    line,
    phones,
    stores,
    random: seededRandom(1),
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(() => led.close());
  const publishing = openPublishing(config, stores.scripts, prompts, scriptPool, stores.agents, stores.prompts);
  const sending = {
    orders: engine.messages,
    attempts: stores.attempts,
    metrics: new Registry(),
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
  };
  const mail = openMail({ options: config.email, stores, ...sending });
  t.teardown(() => mail.close());
  // Nothing is sent here: there is no sender.
  const written = openWritten({
    stores,
    agents,
    sms: { engine: { send: none }, options: config.sms },
    email: mail,
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(() => written.close());
  const provider = providerOf(config, systemClock);
  t.teardown(() => provider.close());
  const outside = openOutside({ config, stores, clock: systemClock, log: silentLog });
  t.teardown(() => outside.close());
  const app = await buildApp({
    ...accessParts(stores, config, systemClock, log),
    safeguards: guard.api,
    reports: reportsOf(config, stores, systemClock),
    lists: stores.lists,
    ...listParts(stores, "US", config.feeds),
    lookups: lookupParts(stores, config, provider, systemClock),
    imports: {
      run(request) {
        const end = importContacts({ ...request, store: stores.contacts, defaultCountry: "US" });
        begun?.(end);
        return end;
      },
    },
    campaigns: stores.campaigns,
    control: engine,
    ...complianceApi(
      stores,
      { ...ways, whereabouts: { stateField: "state" }, ownRules: rules, calendars },
      { rules, calendars },
      systemClock,
      scriptPool,
    ),
    senders: sendersOf(config),
    means: config,
    publishing,
    prompts: promptPartsOf(stores, prompts.store, scriptPool),
    templates: stores.templates,
    strategies: stores.strategies,
    strategyCampaigns: stores.strategyCampaigns,
    schedules: stores.schedules,
    starts: stores.starts,
    events: stores.events,
    templateContacts: stores.templateContacts,
    attempts: stores.attemptReader,
    incomingMails: stores.mailReader,
    messageRules: rulesPartsOf(config, stores),
    messages: stores.messageReader,
    written,
    textTests: { send: none },
    answers: stores.answers,
    agents: { directory: stores.agents, campaignDesks: stores.campaignDesks, previews, ...led, ...agents },
    numbers: stores.inbound,
    webhooks: outside.control,
    stream: stores.stream,
    email: mail.control,
    health: { components: async () => components },
    trunks: [
      { name: "carrier-a", callerIdPrefixes: ["+1555010"] },
      { name: "carrier-b", callerIdPrefixes: [] },
    ],
    noWay: () => undefined,
    trunkControl: noTrunks,
    routes: noSettings,
    pools: noSettings,
    phones: phoneControlOf({
      ...{ stores, hosts: config.phones.hosts, lines: { lineOf: () => undefined } },
      ways: { trunks: new Trunks([], [], systemClock), config },
    }),
    servers: { servers: async () => [], drain: () => Promise.reject(new Error("there are none")) },
    defaultRingTimeoutMs: 25_000,
    metrics: new Registry(),
    clock: systemClock,
    log,
    version: "0.0.0",
    maxRequestsPerMinute: 100_000,
    // How busy the machine is that runs the tests is no matter of theirs; one of them makes it so.
    maxEventLoopDelayMs: 0,
    ...more,
  });
  t.teardown(() => app.close());
  return {
    app,
    stores,
    agents,
    key,
    components,
    publishing,
    logged,
    noticed,
    nextImport: () =>
      new Promise((resolve) => {
        begun = (end) => resolve({ end });
      }),
    async ask(method, url, body, headers = {}) {
      const answer = await app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body === undefined ? {} : { payload: typeof body === "string" ? body : { ...body } }),
      });
      const json = String(answer.headers["content-type"]).includes("json");
      const told: Answer["body"] = json ? answer.json() : { items: [] };
      return { status: answer.statusCode, headers: answer.headers, body: told, text: answer.body };
    },
  };
}

export const asCsv = { "content-type": "text/csv" };
export const asYaml = { "content-type": "application/yaml" };
