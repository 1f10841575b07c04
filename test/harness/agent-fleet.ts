import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import pg from "pg";
import { issueKey } from "../../src/access/access-engine.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { CallingMode, PacingWishes } from "../../src/attempt/calling-mode.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { writeWav } from "../../src/lab/media/wav.ts";
import { AgentClient, type AgentManner } from "./agent-client.ts";
import { type Lab, writeConfig } from "./lab-process.ts";
import type { Teardown } from "./serve-process.ts";

/** What an agents' campaign runs; for whom nobody is there hears a recording that the books can find again. */
const script = `script: agents
language: en-US
start: { human: agent, machine: machine }
steps:
  agent:
    queue: campaign
    on: { answered: talked, no_agent: sorry }
  sorry:
    menu: [{ file: sorry.wav }]
    first_digit_s: 1
    tries: 1
    keys: { "9": opt_out }
    no_input: missed
    no_match: missed
  opt_out: { suppress: { scope: account }, play: [{ file: stop.wav }], end: opted_out }
  talked: { end: talked }
  missed: { end: abandoned }
  machine: { end: machine_reached }
`;

export interface AgentFleetOptions extends AgentManner {
  readonly lab: Lab;
  readonly databaseUrl: string;
  /** As superuser. */
  readonly adminUrl: string;
  readonly folder: string;
  /** Of the first node and of all else. */
  readonly name: string;
  /** Servers that work on the campaign together. */
  readonly nodes: number;
  readonly seed: number;
  readonly agents: number;
  readonly numbers: readonly string[];
  readonly mode: CallingMode;
  readonly pacing?: PacingWishes;
  readonly maxCps: number;
  readonly maxLines: number;
  readonly ringTimeoutMs: number;
  /** What else, or otherwise, stands in the configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A campaign with its list, its group of agents with telephones in the lab, and the configuration of a server for it, all in a migrated database. */
export async function openAgentFleet(t: Teardown, options: AgentFleetOptions) {
  const { lab, databaseUrl, folder, name, numbers, seed } = options;
  // Not one connection: the server may be restarted meanwhile.
  const admin = new pg.Pool({ connectionString: options.adminUrl, max: 1 });
  admin.on("error", () => {});
  t.teardown(() => admin.end());
  const stores = await openStores({ url: databaseUrl, clock: systemClock, log: silentLog, poolSize: 2 });
  t.teardown(() => stores.close());
  const csv = ["client_id,phone,time_zone", ...numbers.map((number, at) => `c-${at},${number},America/New_York`)].join("\n");
  const { listId, accepted } = await importContacts({
    store: stores.contacts,
    name,
    append: false,
    csv: Readable.from([Buffer.from(csv)]),
    defaultCountry: "US",
    planned() {},
    rejected() {},
    progress() {},
  });
  if (accepted !== numbers.length) throw new Error(`only ${accepted} of ${numbers.length} contacts were taken`);
  const { mode, pacing, maxCps, maxLines, ringTimeoutMs } = options;
  const version = await stores.scripts.publish(name, script);
  const campaign = await stores.campaigns.create({
    ...{ name, listId, scriptVersionId: version.id, trunk: "lab", callerId: "+15550100000", mode, maxCps, maxLines, ringTimeoutMs },
    ...(pacing && { pacing }),
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  const group = await stores.agents.addGroup(name, { wrapUpMs: 20_000, extensionMs: 10_000, maxExtensions: 1 });
  await stores.agents.assign(group.id, campaign.id);
  const agents = await Promise.all(
    Array.from({ length: options.agents }, async (_, at) => {
      const phone = `agent-${at + 1}`;
      const { id } = await stores.agents.addAgent(`${name} ${phone}`);
      await stores.agents.join({ agentId: id, groupId: group.id, priority: 5, skills: [] });
      const uri = `sip:${phone}@${lab.addresses.phones.host}:${lab.addresses.phones.sipPort}`;
      await stores.phones.set({ agentId: id, place: { kind: "uri", uri }, nailedUp: true });
      return { id, phone, key: (await issueKey(stores.keys, `${name} ${phone}`, { agentId: id })).text };
    }),
  );
  const recordingsDir = join(folder, "recordings");
  const promptsDir = join(folder, "prompts");
  mkdirSync(recordingsDir, { recursive: true });
  writeFileSync(join(recordingsDir, "sorry.wav"), writeWav(speech({ durationMs: 2500 }, 31)));
  writeFileSync(join(recordingsDir, "stop.wav"), writeWav(speech({ durationMs: 900 }, 32)));
  const own = { prompts: { dir: promptsDir, recordingsDir }, phones: { hosts: [lab.addresses.phones.host] } };
  const configs = Array.from({ length: options.nodes }, (_, at) => {
    const config = writeConfig(lab, { folder, node: at === 0 ? name : `${name}-${at + 1}`, promptsDir, databaseUrl });
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), ...own, ...options.settings }));
    return config;
  });
  return {
    campaignId: campaign.id,
    agents,
    configs,
    stores,
    admin,
    /** Programs of all agents, not connected yet. @param urls of the API, agent by agent, beginning again at the first */
    clients(...urls: readonly string[]): readonly AgentClient[] {
      return agents.map(({ phone, key }, at) => {
        const url = urls[at % urls.length] ?? "";
        const hangUpPhone = () => lab.post("/phones/orders", { phone, do: "hang-up" });
        return new AgentClient({ ...options, url, key, name: phone, clock: systemClock, random: seededRandom(seed + at + 1), hangUpPhone });
      });
    },
    /** Tells the lab what is spoken to people, once the server has made it: `heard` of the books has it then. */
    async refer(): Promise<void> {
      mkdirSync(promptsDir, { recursive: true });
      const files = readdirSync(promptsDir, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".wav"));
      await lab.post("/references", Object.fromEntries(files.map((file) => [file, join(promptsDir, file)])));
    },
    move: (from: "draft" | "running" | "paused", to: "running" | "paused") => stores.campaigns.move(campaign.id, from, to),
  };
}

export type AgentFleet = Awaited<ReturnType<typeof openAgentFleet>>;
