/*
 * The product in the calls benchmark: what `carillon serve` runs in its worker, with its own PostgreSQL, durable commits,
 * the API and the log, dialling a campaign with a script that plays one prompt.
 */
import { join } from "node:path";
import { Readable } from "node:stream";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { openLog } from "../../src/adapter/system/log.ts";
import { loadConfig } from "../../src/config/load.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { type Carillon, openCarillon } from "../../src/main.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { type LoopOptions, measured, type RunOrder, serveOrders } from "./protocol.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as LoopOptions;
const { host, dir } = options;
const config = loadConfig({
  env: {},
  cwd: dir,
  flags: {
    "node.name": "bench",
    "legalHours.kept": false,
    "legalHours.waivedBecause": "the people are of the lab",
    "database.dataDir": join(dir, "carillon"),
    "prompts.dir": join(dir, "prompts"),
    "prompts.engine": "command",
    "prompts.command": [process.execPath, join(import.meta.dirname, "tone.ts"), "{text_file}", "{out_file}"],
    "api.port": 0,
    "drachtio.host": host,
    "drachtio.port": options.adminPort,
    "drachtio.secret": options.secret,
    "freeswitch.0.name": "lab",
    "freeswitch.0.address": host,
    "freeswitch.0.port": options.eslPort,
    "freeswitch.0.password": options.password,
    "trunks.0.name": "lab",
    "trunks.0.host": host,
    "trunks.0.port": options.carrierPort,
    "trunks.0.maxCps": 1000,
    "trunks.0.maxChannels": 1000,
  },
});
const carillon: Carillon = await openCarillon({
  config,
  clock: systemClock,
  log: openLog(config.log.level),
  version: "bench",
  onLeaseLost: () => process.exit(1),
});
const { stores, pass } = carillon;
let prepared: Campaign | undefined;
let lists = 0;

function scriptOf(promptMs: number): string {
  return [
    `script: tone-${promptMs}`,
    "language: en-US",
    "start: { human: tone }",
    "steps:",
    `  tone: { play: [{ say: "A tone that lasts ${promptMs} milliseconds." }], end: heard }`,
    "",
  ].join("\n");
}

async function prepare({ calls, maxCps, maxLines, promptMs }: RunOrder): Promise<void> {
  lists += 1;
  const name = `bench-${process.pid}-${lists}`;
  const rows = Array.from({ length: calls }, (_, index) => `Contact ${index},+1212555${String(index).padStart(4, "0")}\n`);
  const { listId } = await importContacts({
    store: stores.contacts,
    name,
    append: false,
    csv: Readable.from([Buffer.from(`name,phone\n${rows.join("")}`)]),
    rejected: ({ reason }) => {
      throw new Error(`the list has a bad row: ${reason}`);
    },
  });
  const version = await stores.scripts.publish(`tone-${promptMs}`, scriptOf(promptMs));
  prepared = await stores.campaigns.create({
    name,
    listId,
    scriptVersionId: version.id,
    trunk: "lab",
    callerId: "+15550100000",
    maxCps,
    maxLines,
    ringTimeoutMs: 15_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
}

/** Dials the campaign and counts the calls that did not reach a person. */
async function dial({ id }: Campaign, calls: number): Promise<number> {
  const finished = Promise.withResolvers<void>();
  const listening = pass.onChange((changed) => {
    if (changed.id === id && changed.state === "finished") finished.resolve();
  });
  await pass.order(id, "start");
  await finished.promise;
  listening();
  const { rows } = await stores.pool.query<{ count: string }>(
    "select count(*) from attempt where campaign_id = $1 and result = 'human' and outcome = 'heard'",
    [id],
  );
  return calls - Number(rows[0]?.count ?? 0);
}

serveOrders({
  prepare,
  run: ({ calls }) => {
    if (!prepared) throw new Error("no campaign was prepared");
    const campaign = prepared;
    return measured(calls, () => dial(campaign, calls));
  },
  close: () => carillon.close(),
});
