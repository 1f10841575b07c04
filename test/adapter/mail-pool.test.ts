import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import { headOnly, readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { MailPool, type MailPoolOptions } from "../../src/adapter/reader/mail-pool.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { RawMail } from "../../src/email/inbox-ports.ts";
import { type Log, silentLog } from "../../src/kernel/log.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

t.setTimeout(280_000);
const module = new URL("../../src/start/mail-reader.ts", import.meta.url);

function open(t: Test, more: Partial<MailPoolOptions> = {}): MailPool {
  const pool = new MailPool({ clock: systemClock, module, headOnly, log: silentLog, timeoutMs: 120_000, ...more });
  t.teardown(() => pool.close());
  return pool;
}

const head = "From: Ann <ann@example.com>\r\nTo: replies@ours.example\r\nSubject: Re: Hello\r\nMessage-ID: <1@example.com>\r\n";

function mailOf(text: string): RawMail {
  const raw = Buffer.from(text, "latin1");
  return { inbox: "replies", at: 0, raw, size: raw.length, envelope: { from: "ann@example.com", to: ["replies@ours.example"] } };
}

const nested = mailOf(`${head}Content-Type: text/html\r\n\r\n${"<div>".repeat(50_000)}hi`);
const groups = mailOf(`${head}Cc: ${"a:".repeat(200_000)}\r\n\r\nhi`);

/** Processor time of this thread alone, ms. */
async function busyMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

t.test("a mail made to keep its reader busy keeps another process busy, and is read as ever", async (t) => {
  const pool = open(t);
  for (const mail of [
    mailOf(`${head}\r\nYes, STOP please\r\n\r\nOn Monday we wrote:\r\n> Hello`),
    mailOf(`${head}Content-Type: text/html; charset=utf-8\r\n\r\n<p>Caf\xc3\xa9 &amp; <b>more</b></p>`),
    mailOf(
      `${head}In-Reply-To: <2@ours.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhere\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b--\r\n`,
    ),
  ])
    t.strictSame({ ...(await pool.read(mail)) }, JSON.parse(JSON.stringify(await readMail(mail))), "as in one process");
  let [shared, alone] = [0, 0];
  for (const mail of [nested, groups]) {
    shared += await busyMs(async () => t.equal((await pool.read(mail)).from, "ann@example.com"));
    alone += await busyMs(() => readMail(mail));
  }
  t.ok(shared < 0.2 * alone, `${shared.toFixed(0)} of ${alone.toFixed(0)} ms are spent here`);
});

t.test("one that takes too long is kept by its head; whoever is closing reads none", async (t) => {
  const clock = new VirtualClock();
  const told: string[] = [];
  const log: Log = { ...silentLog, warn: (_fields, message) => void told.push(message), child: () => log };
  const pool = open(t, { clock, log, timeoutMs: 60_000 });
  const reading = pool.read(nested);
  await clock.advance(60_000);
  t.match(await reading, { messageId: "<1@example.com>", text: "", recipients: ["replies@ours.example"] });
  t.match(told, [/cannot be read; it is kept by its head alone/]);
  const given = t.rejects(pool.read(nested), { code: "mail-reader", retryable: true });
  await pool.close();
  await given;
  await t.rejects(pool.read(nested), { code: "mail-reader", retryable: true }, "so that it is offered again");
});

t.test("a reader that somebody ends is made anew; one that the mail ends is not asked for ever", async (t) => {
  const answer = "process.send({ id, made: { text: String(work.size) } })";
  const dir = t.testdir({
    "once.mjs": `import { existsSync, writeFileSync } from "node:fs";
      const mark = new URL("mark", import.meta.url);
      process.on("message", ({ id, work }) => { if (existsSync(mark)) ${answer}; else { writeFileSync(mark, ""); process.exit(9); } });`,
    "ever.mjs": "process.on('message', () => process.exit(9));",
  });
  const read = (file: string) => open(t, { module: pathToFileURL(join(dir, file)) }).read(groups);
  t.match(await read("once.mjs"), { text: String(groups.size) });
  t.match(await read("ever.mjs"), { messageId: "<1@example.com>", text: "" });
});
