import { readFileSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import pg from "pg";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { until } from "./far-side.ts";
import { type Lab, openFolder, writeConfig } from "./lab-process.ts";
import { type Agreement, agree, type MessageRow, roughMix } from "./messaging-books.ts";
import { portForAnother } from "./ports.ts";
import { startServe, type Teardown } from "./serve-process.ts";
import { startSmsc } from "./smsc-process.ts";

export interface PromisesOptions {
  readonly lab: Lab;
  readonly database: { readonly url: string; readonly adminUrl: string };
  readonly seed: number;
  readonly messages: number;
  /** How often the server and the SMSC are killed, at moments that the seed draws. */
  readonly serverKills: number;
  readonly smscKills: number;
  readonly say: (text: string) => void;
}

export interface PromisesReport extends Agreement {
  /** Contacts for whom nothing was tried, and attempts that are not over. */
  readonly left: readonly string[];
  /** What may be unknown at most: full windows at each fault, what was committed ahead where a server was killed, and answers that never come. */
  readonly mostUnknown: number;
  readonly attempts: number;
  readonly endedWith: number | string;
}

const window = 50;
const sessions = 2;
/** What is committed ahead of the bind: as much as leaves while that is done, and less than half a second's worth (src/sms/ahead.ts). Nobody knows of those either when a server is killed. */
const aheadS = 0.5;
const marker = "your parcel waits";

/** A campaign by SMS to so many people, while its server and the SMSC are killed again and again. What it came to is told by the SMSC's books on disk and the database. */
export async function runPromises(t: Teardown, options: PromisesOptions): Promise<PromisesReport> {
  const { lab, database, seed, messages, say } = options;
  const random = seededRandom(seed);
  const folder = openFolder(t);
  const smsc = await startSmsc(t, folder, { seed, mix: roughMix, pace: 1 });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  admin.on("error", () => {});
  t.teardown(() => admin.end());
  const stores = await openStores({ url: database.url, clock: systemClock, log: silentLog, poolSize: 2 });
  t.teardown(() => stores.close());
  function* rows() {
    yield Buffer.from("client_id,phone,first_name,time_zone\n");
    for (let at = 0; at < messages; at++) yield Buffer.from(`c-${at},+1212${2_000_000 + at},Ann ${at},America/New_York\n`);
  }
  const { listId, accepted } = await importContacts({
    store: stores.contacts,
    name: "everybody",
    append: false,
    csv: Readable.from(rows()),
    defaultCountry: "US",
    planned() {},
    rejected() {},
    progress() {},
  });
  if (accepted !== messages) throw new Error(`only ${accepted} of ${messages} contacts were taken`);
  const template = await stores.templates.publish({ name: "parcel", channel: "sms", text: `Hello {first_name}, ${marker}.` }, "test");
  const campaign = await stores.campaigns.create({
    name: "parcels",
    channel: "sms",
    listId,
    templateVersionId: template.version.id,
    sender: "main",
    maxCps: 100_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  const config = writeConfig(lab, { folder, node: "promises", promptsDir: `${folder}/prompts`, databaseUrl: database.url });
  const bind = {
    name: "lab",
    host: "127.0.0.1",
    port: smsc.port,
    systemId: "carillon",
    sessions,
    window,
    maxPerSecond: 100_000,
    responseTimeoutMs: 3000,
  };
  const sender = { name: "main", address: "55501", kind: "short-code", maxPerSecond: 100_000 };
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), sms: { binds: [bind], senders: [sender] } }));

  const port = await portForAnother();
  let server = startServe(t, config, port);
  let worker = await server.ready();
  await stores.campaigns.move(campaign.id, "draft", "running");
  const count = async (text: string) => Number((await admin.query<{ count: string }>(text, [campaign.id])).rows[0]?.count ?? 0);
  const begun = () => count("select count(*) from message m join attempt a on a.id = m.attempt_id where a.campaign_id = $1");
  const draw = (kind: "server" | "smsc", kills: number) =>
    Array.from({ length: kills }, () => ({ kind, at: intBetween(random, 1, Math.floor(messages * 0.9)) }));
  const kills = [...draw("server", options.serverKills), ...draw("smsc", options.smscKills)].sort((one, other) => one.at - other.at);
  for (const [turn, { kind, at }] of kills.entries()) {
    await until(async () => (await begun()) >= at, `${at} messages to be on their way`, 600_000);
    say(`${at} messages: the ${kind} is killed`);
    if (kind === "smsc") await smsc.killAndRestart();
    else if (turn % 2 === 0) {
      process.kill(worker, "SIGKILL");
      worker = await server.ready(worker);
    } else {
      process.kill(-server.pid, "SIGKILL");
      await server.ended;
      server = startServe(t, config, port);
      worker = await server.ready();
    }
  }
  await until(async () => (await stores.campaigns.find(campaign.id))?.state === "finished", "the campaign to be finished", 900_000);
  const read = async () => {
    const attempts = await admin.query<MessageRow>(
      `select a.id::text, a.address, a.state, a.result, a.reason, m.reference from attempt a left join message m on m.attempt_id = a.id where a.campaign_id = $1`,
      [campaign.id],
    );
    const suppressed = await admin.query<{ number: string }>("select number from suppression where number is not null");
    return { attempts: attempts.rows, agreement: agree(smsc.books(), attempts.rows, new Set(suppressed.rows.map(({ number }) => number)), marker) };
  };
  say("everybody has been written to; the last reports come in");
  // A report that came before its message counted as interrupted is held, and brought to it a little later.
  const settled = ({ owed, disagreements }: Agreement) => owed === 0 && disagreements.length === 0;
  await until(async () => settled((await read()).agreement), "the last reports", 60_000).catch(() => {});
  server.kill("SIGTERM");
  const endedWith = await server.ended;
  const { attempts, agreement } = await read();
  const tried = new Set(attempts.map(({ address }) => address));
  const { submits } = smsc.books();
  const silent = submits.filter(({ persona }) => persona === "no-answer").length;
  const dropped = submits.filter(({ persona }) => persona === "drops").length;
  return {
    ...agreement,
    attempts: attempts.length,
    left: [
      ...(tried.size === messages ? [] : [`${messages - tried.size} contacts were not tried`]),
      ...attempts.filter(({ state }) => state !== "ended").map(({ id, state }) => `attempt ${id} is ${state}`),
    ],
    mostUnknown: Math.ceil(window * sessions * (kills.length + dropped) + silent + options.serverKills * aheadS * fastest(submits)),
    endedWith,
  };
}

/** The most in one second. */
function fastest(submits: readonly { readonly at: number }[]): number {
  const counts = new Map<number, number>();
  for (const { at } of submits) counts.set(Math.floor(at / 1000), (counts.get(Math.floor(at / 1000)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
