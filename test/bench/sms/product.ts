/*
 * The product in the sms benchmark: what `carillon serve` runs for a campaign by SMS, with its own PostgreSQL and durable commits: claims through the
 * gate, a template rendered for each contact, every message reserved before it leaves, every answer and report written down.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Registry } from "prom-client";
import { HttpWebhooks } from "../../../src/adapter/http/webhooks.ts";
import { openStores, type Stores } from "../../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../../src/adapter/system/clock.ts";
import { openLog } from "../../../src/adapter/system/log.ts";
import { systemRandom } from "../../../src/adapter/system/random.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { isPhoneNumber } from "../../../src/kernel/phone.ts";
import { openDatabase } from "../../../src/start/database.ts";
import { openMessages } from "../../../src/start/messages.ts";
import { keepLaws } from "../../../src/start/whereabouts.ts";
import { PassEngine } from "../../../src/strategy/pass-engine.ts";
import { cpuSince, numberOf, type SmsOrder, type SmsReport, serveSide } from "./protocol.ts";

const [port = "", dir = ""] = process.argv.slice(2);
const node = "bench";
const clock = systemClock;
const log = openLog("warn");
const configOf = (window: number) =>
  loadConfig({
    purpose: "admin",
    env: {},
    cwd: dir,
    flags: {
      "database.dataDir": join(dir, "carillon"),
      "sms.binds.0.name": "lab",
      "sms.binds.0.host": "127.0.0.1",
      "sms.binds.0.port": Number(port),
      "sms.binds.0.systemId": "carillon",
      "sms.binds.0.window": window,
      "sms.binds.0.maxPerSecond": 100_000,
      "sms.senders.0.name": "main",
      "sms.senders.0.address": "55501",
      "sms.senders.0.kind": "short-code",
    },
  });
const database = await openDatabase(configOf(10), clock, log);
const stores: Stores = await openStores({ url: database.url, clock, log, node });
await stores.registry.register(node, clock.now());
await keepLaws(stores.caps, configOf(10));
const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node });
await pass.start();
const webhooks = new HttpWebhooks([], clock, log);
const text = "Hello {{ name }}, your appointment is tomorrow at 10. Reply STOP to opt out.";
const template = await stores.templates.publish({ name: "reminder", channel: "sms", text }, "bench");
let runs = 0;

async function prepare(messages: number): Promise<string> {
  runs += 1;
  const load = await stores.contacts.openLoad({ name: `bench-${runs}`, append: false });
  for (let from = 0; from < messages; from += 1000) {
    const contacts = Array.from({ length: Math.min(1000, messages - from) }, (_, at) => {
      const number = numberOf(from + at);
      if (!isPhoneNumber(number)) throw new RangeError(number);
      return {
        clientId: `c${from + at}`,
        timeZone: "America/New_York",
        addresses: [{ kind: "mobile" as const, number }],
        fields: { name: `Contact ${from + at}` },
      };
    });
    await load.add(contacts);
  }
  const { listId } = await load.commit();
  const campaign = await stores.campaigns.create({
    name: `bench-${runs}`,
    channel: "sms",
    listId,
    templateVersionId: template.version.id,
    sender: "main",
    maxCps: 100_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  return campaign.id;
}

async function run({ messages, window }: SmsOrder): Promise<SmsReport> {
  const id = await prepare(messages);
  const storedMs: number[] = [];
  const arrived = Promise.withResolvers<void>();
  const receipts = new Proxy(stores.receipts, {
    get(store, name) {
      const value: unknown = Reflect.get(store, name, store);
      if (typeof value !== "function") return value;
      if (name !== "receive" && name !== "join") return value.bind(store);
      return (receipt: Parameters<typeof store.receive>[0]) => {
        const at = performance.now();
        // One that is written with its answer is not received besides.
        return store[name](receipt)?.then((written) => {
          if ((written || name === "receive") && storedMs.push(performance.now() - at) >= messages) arrived.resolve();
          return written;
        });
      };
    },
  });
  const messagesUnderWay = openMessages({
    config: configOf(window),
    stores: { ...stores, receipts },
    attempts: stores.attempts,
    pass,
    webhooks,
    metrics: new Registry(),
    clock,
    random: systemRandom,
    log,
  });
  while (!messagesUnderWay.components().every(({ ready }) => ready)) await pause(5);
  const databaseBefore = databaseCpuMs();
  const startedAt = performance.now();
  const cpu = cpuSince();
  await pass.order(id, "start");
  await arrived.promise;
  let delivered = 0;
  // A report that overtook its answer is brought to it a little later.
  for (let look = 0; look < 600 && delivered < messages; look += 1) {
    if (look > 0) await pause(50);
    const { rows } = await stores.pool.query<{ count: string }>("select count(*) from attempt where campaign_id = $1 and result = 'delivered'", [id]);
    delivered = Number(rows[0]?.count ?? 0);
  }
  const [elapsedMs, cpuMs] = [performance.now() - startedAt, cpu()];
  const report = { elapsedMs, cpuMs, databaseCpuMs: databaseCpuMs() - databaseBefore, storedMs, failed: messages - delivered };
  await messagesUnderWay.close();
  return report;
}

/** What the processes of our PostgreSQL have used (proc(5), in hundredths of a second); 0 where this cannot be read. */
function databaseCpuMs(): number {
  try {
    const home = readdirSync(join(dir, "carillon"), { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("postmaster.pid"));
    const postmaster = readFileSync(join(dir, "carillon", home ?? ""), "utf8").split("\n")[0] ?? "";
    let ticks = 0;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const fields = statOf(pid);
      if (pid === postmaster || fields[1] === postmaster)
        ticks += fields.slice(11, pid === postmaster ? 15 : 13).reduce((sum, field) => sum + Number(field), 0);
    }
    return ticks * 10;
  } catch {
    return 0;
  }
}

/** The fields of /proc/PID/stat behind the name of the program. */
function statOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return [];
  }
}

serveSide("ready", {
  run,
  close: async () => {
    webhooks.close();
    await pass.close();
    await stores.close();
    await database.stop();
  },
});
