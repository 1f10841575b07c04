import { rmSync } from "node:fs";
import { issueKey } from "../access/access-engine.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { AttemptView } from "../api/ports.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { type Mix, ordinaryMix } from "../lab/carrier/directory.ts";
import { type Carillon, openCarillon, type Stores } from "../main.ts";
import type { Campaign } from "../strategy/campaign.ts";
import { progressText } from "./campaign.ts";
import { compare } from "./compare.ts";
import { withDatabase } from "./context.ts";
import { demoPassword, demoSecret, freeUdpPort, type LabProcess, startLabProcess } from "./demo-lab.ts";
import { summaryText } from "./demo-summary.ts";
import { importInto, importText } from "./import.ts";
import { publishFile } from "./script-publish.ts";
import { openProgress, version } from "./terminal.ts";

export interface DemoOptions {
  readonly contacts: string;
  readonly script: string;
  readonly maxLines: number;
  readonly maxCps: number;
  readonly seed: number;
  readonly keep?: boolean;
}

const dataDir = ".carillon/demo";
const callerId = "+15550100000";
/** The called parties ring, talk and think at this share of lifelike time. */
const pace = 0.5;

/** Says who it is, takes one of the three choices of the payment reminder, and answers what that may ask. */
const customer =
  "does:ring 1..3s then say 1s then hear 1s then press 1 then wait 1s then hear 1..3s then press 1|2|3 then wait 1s then hear 500ms then press 1|2";
/** What a campaign meets on an ordinary afternoon, but for people who go through with the payment reminder. */
const demoMix: Mix = { ...ordinaryMix, person: 0, patient: 3, hasty: 2, mumbler: 2, [customer]: 40 };

/**
 * `carillon demo`: the whole product on one machine. Its far side is the lab, in a process of its own; everything else is
 * what `carillon serve` runs.
 * @returns 0 when every contact is in a final state and our account agrees with the carrier's books
 */
export async function demo(options: DemoOptions): Promise<number> {
  const startedAt = systemClock.now();
  say(`Carillon ${version} demo. The far side (drachtio-server, FreeSWITCH, carrier) is the lab, seed ${options.seed}.`);
  const capturePort = await freeUdpPort();
  const lab = await startLabProcess(options.seed, pace, undefined, capturePort);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    const config = configOf(lab, capturePort);
    await stopEarlierDemos(config);
    const carillon = await openCarillon({ config, clock: systemClock, log: openLog("warn"), version, onLeaseLost: () => stop.abort() });
    try {
      const code = await run(carillon, config, lab, options, startedAt, stop.signal);
      if (options.keep) {
        say(`The server goes on at ${carillon.url}. Ctrl-C ends it.`);
        if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
      }
      return code;
    } finally {
      await carillon.close();
    }
  } finally {
    await lab.close();
  }
}

function configOf({ addresses }: LabProcess, capturePort: number): Config {
  const { drachtio, freeswitch, carrier, control } = addresses;
  return loadConfig({
    env: {},
    cwd: process.cwd(),
    flags: {
      "node.name": "demo",
      "log.level": "warn",
      "database.dataDir": dataDir,
      "prompts.dir": `${dataDir}/prompts`,
      "api.port": 0,
      "drachtio.host": drachtio.host,
      "drachtio.port": drachtio.adminPort,
      "drachtio.secret": demoSecret,
      "drachtio.capturePort": capturePort,
      "freeswitch.0.name": "lab",
      "freeswitch.0.address": freeswitch.host,
      "freeswitch.0.port": freeswitch.eslPort,
      "freeswitch.0.password": demoPassword,
      "webhooks.0.name": "take_payment",
      "webhooks.0.url": `${control}/webhooks/take_payment`,
      "trunks.0.name": "lab",
      "trunks.0.host": carrier.host,
      "trunks.0.port": carrier.sipPort,
      "trunks.0.maxCps": 100,
      "trunks.0.maxChannels": 500,
    },
  });
}

/** A demo that was broken off left its campaign running; its calls are not to be mixed with this one's. */
async function stopEarlierDemos(config: Config): Promise<void> {
  await withDatabase(config, async ({ campaigns }) => {
    for (const { id, state } of await campaigns.inState(["running", "paused", "stopping"])) await campaigns.move(id, state, "stopped");
  });
}

async function run(carillon: Carillon, config: Config, lab: LabProcess, options: DemoOptions, startedAt: number, stop: AbortSignal): Promise<number> {
  const { stores, pass } = carillon;
  const { text } = await issueKey(stores.keys, `demo ${new Date(startedAt).toISOString()}`);
  say(`API: ${carillon.url}/api/v1, documentation at ${carillon.url}/docs\nAPI key, shown only now: ${text}\n`);
  const name = `demo-${new Date(startedAt).toISOString().replace(/\D/g, "").slice(0, 14)}`;
  const rejects = `${dataDir}-rejects.csv`;
  rmSync(rejects, { force: true });
  const report = await importInto(stores, options.contacts, { list: name, country: "US", rejects });
  say(importText(options.contacts, name, report, rejects));
  const { published } = await publishFile(stores, config, options.script, { note: "demo" });
  say(`${options.script}: published as ${published.name} version ${published.version}\n`);
  const campaign = await stores.campaigns.create({
    name,
    listId: report.listId,
    scriptVersionId: published.id,
    trunk: "lab",
    callerId,
    maxCps: options.maxCps,
    maxLines: options.maxLines,
    ringTimeoutMs: 15_000,
    // Nobody lives in the lab: its called parties may be rung at any hour, so that the demo runs at any hour.
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  await lab.post("/personas", { mix: demoMix });
  await pass.order(campaign.id, "start");
  await follow(stores, campaign, stop);
  if (stop.aborted) return 130;
  const attempts = await allAttempts(stores, campaign.id);
  const { rows } = await stores.pool.query<{ number: string }>("select number from suppression where number is not null");
  const comparison = compare(
    attempts,
    await lab.books(),
    new Set(rows.map(({ number }) => number)),
    await lab.payments(),
    campaign.amd !== undefined,
  );
  const progress = await stores.campaigns.progress(campaign.id);
  say(summaryText(attempts, progress, comparison, systemClock.now() - startedAt));
  return comparison.disagreements.length === 0 && progress.done === progress.contacts ? 0 : 1;
}

async function follow(stores: Stores, campaign: Campaign, stop: AbortSignal): Promise<void> {
  const line = openProgress(process.stdout, () => systemClock.now());
  while (!stop.aborted) {
    const now = (await stores.campaigns.find(campaign.id)) ?? campaign;
    line.show(progressText(now, await stores.campaigns.progress(campaign.id)));
    if (now.state === "finished" || now.state === "stopped") break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  line.end();
}

async function allAttempts(stores: Stores, campaignId: string): Promise<readonly AttemptView[]> {
  const all: AttemptView[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await stores.attemptReader.attempts(campaignId, {}, { limit: 1000, ...(afterId && { afterId }) });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
