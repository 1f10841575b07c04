import { fork } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { Registry } from "prom-client";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock as clock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog as log } from "../../src/kernel/log.ts";
import { readMailbox } from "../../src/kernel/mailbox.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openMail } from "../../src/start/mail.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import type { Bench } from "./bench.ts";
import { gate, median, table } from "./gates.ts";

/* npm run bench -- email: personalised messages of 4 KB to a sink in its own process, by e-mail campaigns with the database on, and by nodemailer's own pool. */

const connections = 10;
const rounds = 3;
const node = "bench";
const paragraph = "<p>Dear {first_name}, your balance of {balance} is due on {due}. If you have paid already, please disregard this message.</p>\n";
const html = `<!doctype html><html><head><title>Reminder</title></head><body>\n${paragraph.repeat(12)}</body></html>\n`;
const text = "Dear {first_name}, your balance of {balance} is due on {due}. If you have paid already, please disregard this message.\n".repeat(12);
const fieldsOf = (at: number) => ({ first_name: `Name ${at}`, balance: `$${at}.00`, due: "1 December" });

interface Sink {
  readonly port: number;
  report(): Promise<{ readonly count: number; readonly rate: number; readonly octets: number }>;
  begin(): void;
  close(): void;
}

async function startSink(): Promise<Sink> {
  const child = fork(new URL("./email-sink.ts", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [{ port }] = await once(child, "message");
  return {
    port,
    begin: () => void child.send("begin"),
    report: async () => {
      child.send("report");
      const [report] = await once(child, "message");
      return report;
    },
    close: () => child.disconnect(),
  };
}

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly octets: number;
}

async function measured(sink: Sink, count: number, work: () => Promise<void>): Promise<Figures> {
  sink.begin();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const { count: taken, rate, octets } = await sink.report();
  if (taken !== count) throw new Error(`the sink took ${taken} of ${count}`);
  return { perSecond: rate, cpuUs: (user + system) / count, octets: octets / count };
}

/** What anybody would write with the library: each message composed by it, over its pool. */
async function bare(sink: Sink, count: number, privateKey: string | undefined): Promise<void> {
  const transport = createTransport({
    ...{ pool: true, host: "127.0.0.1", port: sink.port, ignoreTLS: true, maxConnections: connections, maxMessages: Number.POSITIVE_INFINITY },
    ...(privateKey !== undefined && { dkim: { domainName: "x.example", keySelector: "s", privateKey } }),
  });
  const filled = (template: string, fields: Record<string, string>) => template.replace(/\{(\w+)\}/g, (_, name: string) => fields[name] ?? "");
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const at = next++;
      const fields = fieldsOf(at);
      await transport.sendMail({
        from: { name: "Service", address: "service@x.example" },
        to: `p${at}@example.com`,
        subject: filled("Reminder for {first_name}", fields),
        html: filled(html, fields),
        text: filled(text, fields),
        replyTo: "reply+1@r.x.example",
        headers: { "List-Unsubscribe": `<https://mail.x.example/u/${at}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
        envelope: { from: `bounce+${at}@b.x.example`, to: `p${at}@example.com` },
      });
    }
  };
  await Promise.all(Array.from({ length: connections * 4 }, lane));
  transport.close();
}

/** A campaign, from the list in the database to the results in the database. */
async function campaign(stores: Stores, sink: Sink, count: number, privateKey: string | undefined, name: string): Promise<() => Promise<void>> {
  const load = await stores.contacts.openLoad({ name, append: false });
  for (let from = 0; from < count; from += 1000) {
    const people = Array.from({ length: Math.min(1000, count - from) }, (_, index) => {
      const read = readMailbox(`p${from + index}@example.com`);
      if ("reason" in read) throw new Error(read.reason);
      return {
        clientId: `c${from + index}`,
        timeZone: "America/New_York",
        addresses: [{ kind: "email" as const, mailbox: read.mailbox }],
        fields: fieldsOf(from + index),
      };
    });
    await load.add(people);
  }
  const { listId } = await load.commit();
  const { version } = await stores.templates.publish(
    { name: "reminder", channel: "email", subject: "Reminder for {first_name}", html, text },
    "bench",
  );
  const sender = {
    name: "main",
    mailbox: "service@x.example",
    displayName: "Service",
    pool: "relay",
    bounceDomain: "b.x.example",
    replyDomain: "r.x.example",
  };
  const { part: options } = readPart<EmailOptions>(
    emailOptions,
    {
      key: "a key of thirty-two octets, for benchmarks",
      publicUrl: "https://mail.x.example",
      pools: [{ name: "relay", host: "127.0.0.1", port: sink.port, tls: "none", connections, messagesPerConnection: 1_000_000 }],
      senders: [
        {
          ...sender,
          postalAddress: "1 Road",
          phone: "+1 212",
          dkim: privateKey === undefined ? [] : [{ domain: "x.example", selector: "s", privateKey }],
        },
      ],
    },
    () => {},
  );
  const made = await stores.campaigns.create({
    ...{ name, channel: "email", listId, templateVersionId: version.id, sender: "main", maxCps: 100_000, defaultTimeZone: "America/New_York" },
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
  });
  await stores.campaigns.move(made.id, "draft", "running");
  return async () => {
    const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node });
    const mail = openMail({
      options,
      stores,
      orders: pass.messages,
      attempts: stores.attempts,
      metrics: new Registry(),
      clock,
      random: seededRandom(1),
      log,
    });
    const finished = new Promise<void>((resolve) => {
      pass.onChange((moved) => {
        mail.follow(moved);
        if (moved.state === "finished") resolve();
      });
    });
    await pass.start();
    await finished;
    await pass.close();
    await mail.close();
    const { results } = await stores.campaigns.progress(made.id);
    if (results["sent"] !== count) throw new Error(`the database says ${JSON.stringify(results)}`);
  };
}

export const bench: Bench = async (say, args = []) => {
  const at = args.indexOf("--messages");
  const count = at < 0 ? 3000 : Number(args[at + 1]);
  if (!Number.isInteger(count) || count < 100) throw new Error("--messages wants a number of 100 and more");
  const dir = mkdtempSync(join(tmpdir(), "carillon-bench-email-"));
  const database = await startEmbedded({ dataDir: dir, clock, log });
  const sink = await startSink();
  try {
    await migrate(database.url);
    const stores = await openStores({ url: database.url, clock, log, node });
    await stores.registry.register(node, clock.now());
    const rsa = String(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }));
    const rows: (string | number)[][] = [["", "messages/s", "CPU µs/message", "octets"]];
    const gates = [];
    for (const [setting, key] of [
      ["no DKIM", undefined],
      ["DKIM RSA-2048", rsa],
    ] as const) {
      const ours: Figures[] = [];
      const theirs: Figures[] = [];
      // The first of each warms up.
      for (let round = 0; round <= rounds; round++) {
        const other = await measured(sink, count, () => bare(sink, count, key));
        const run = await campaign(stores, sink, count, key, `${setting} ${round}`);
        const own = await measured(sink, count, run);
        if (round === 0) continue;
        theirs.push(other);
        ours.push(own);
        say(`${setting}, round ${round}: nodemailer ${Math.round(other.perSecond)}/s, Carillon ${Math.round(own.perSecond)}/s`);
      }
      const middle = (figures: readonly Figures[], of: keyof Figures) => median(figures.map((each) => each[of]));
      for (const [who, figures] of [
        ["nodemailer", theirs],
        ["Carillon", ours],
      ] as const)
        rows.push([
          `${who}, ${setting}`,
          Math.round(middle(figures, "perSecond")),
          Math.round(middle(figures, "cpuUs")),
          Math.round(middle(figures, "octets")),
        ]);
      gates.push(gate(`email rate, ${setting}, times nodemailer's`, middle(ours, "perSecond") / middle(theirs, "perSecond"), ">=", 1.5));
    }
    say(table(rows));
    await stores.close();
    return gates;
  } finally {
    sink.close();
    await database.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};
