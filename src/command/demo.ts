import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { issueKey } from "../access/access-engine.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import type { Config } from "../config/schema.ts";
import { pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import { seededRandom } from "../kernel/random.ts";
import { type Carillon, openCarillon } from "../main.ts";
import { askServer } from "./api-client.ts";
import { openDemoAgents } from "./demo-agents.ts";
import { type DemoPlace, demoConfig } from "./demo-config.ts";
import { freeTcpPort, freeUdpPort, type LabProcess, startLabProcess } from "./demo-lab.ts";
import { type DemoStory, followStory, judgeStory, startStory } from "./demo-story.ts";
import { summaryText } from "./demo-summary.ts";
import type { Ask } from "./named.ts";
import { publishFile } from "./script-publish.ts";
import { readTemplateFile } from "./template-file.ts";
import { version } from "./terminal.ts";

export interface DemoOptions {
  readonly contacts: string;
  readonly strategy: string;
  readonly seed: number;
  readonly keep?: boolean;
}

const home = ".carillon/demo";
const agents = 6;
/** The called parties ring, talk and think at this share of lifelike time. */
const pace = 0.5;
const scripts = ["ivr-scripts/payment-reminder.yaml", "ivr-scripts/agent-call.yaml"];
const templates = ["text", "letter", "link-text"].map((name) => `docs/examples/demo/${name}.yaml`);

/**
 * `carillon demo`: the whole product on one machine. Its far side is the lab, in a process of its own; everything else is
 * what `carillon serve` runs.
 * @returns 0 when everybody is done with who can be, our account agrees with all books, and no promise was broken
 */
export async function demo(options: DemoOptions): Promise<number> {
  const startedAt = systemClock.now();
  say(`Carillon ${version} demo. The far side (drachtio-server, FreeSWITCH, carrier, SMSC, mail exchanger) is the lab, seed ${options.seed}.`);
  const place = await openPlace();
  const lab = await startLabProcess(options.seed, pace, undefined, place.capturePort, ["--phones", String(agents)]);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    const config = demoConfig(lab.addresses, place);
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
    rmSync(place.dataDir, { recursive: true, force: true });
  }
}

/** Each demo has a database of its own: whoever opted out in an earlier one could not be contacted. What a demo left that was killed goes. */
async function openPlace(): Promise<DemoPlace> {
  mkdirSync(home, { recursive: true });
  for (const name of readdirSync(home)) if (/^run-\d+$/.test(name) && !isAlive(Number(name.slice(4)))) rmSync(join(home, name), { recursive: true });
  const dataDir = join(home, `run-${process.pid}`);
  mkdirSync(dataDir);
  return { dataDir, promptsDir: join(home, "prompts"), apiPort: await freeTcpPort(), capturePort: await freeUdpPort() };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function run(carillon: Carillon, config: Config, lab: LabProcess, options: DemoOptions, startedAt: number, stop: AbortSignal): Promise<number> {
  const { stores, url } = carillon;
  const { text: key } = await issueKey(stores.keys, `demo ${new Date(startedAt).toISOString()}`);
  say(`API: ${url}/api/v1, documentation at ${url}/docs\nAPI key, shown only now: ${key}\n`);
  for (const script of scripts) await publishFile(stores, config, script, { note: "demo" });
  for (const template of templates) await stores.templates.publish(readTemplateFile(template), "demo");
  const random = seededRandom(options.seed);
  const ask = patient(config, key);
  const parts = { stores, config, lab, ask, random, clock: systemClock, say };
  const story: DemoStory = await startStory(parts, options);
  const desks = await openDemoAgents({
    ...{ stores, ask, phones: lab.addresses.phones, url, name: "demo", count: agents, campaignId: story.passes["agents"] ?? "" },
    ...{ clock: systemClock, random },
    complains: (number) => story.complains.has(number),
  });
  try {
    const ended = await followStory(parts, story, stop);
    if (stop.aborted) return 130;
    // What the far side has in hand comes to its end.
    await pause(systemClock, 500);
    const verdict = await judgeStory(parts, story, desks.told);
    say(summaryText(verdict, systemClock.now() - startedAt));
    const broken = verdict.promises.some((promise) => promise.broken.length > 0);
    return ended && verdict.disagreements.length === 0 && !broken ? 0 : 1;
  } finally {
    desks.close();
  }
}

/** A machine that is busy with calls puts off what can wait, and says so. */
function patient(config: Config, key: string): Ask {
  return async (method, path, body) => {
    for (let left = 60; ; left -= 1) {
      try {
        return await askServer(config, { key }, method, path, body);
      } catch (error) {
        if (left === 0 || toFault(error, "unknown").code !== "overloaded") throw error;
        await pause(systemClock, 500);
      }
    }
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
