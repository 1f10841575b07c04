import { once } from "node:events";
import { connect } from "node:net";
import { simpleParser } from "mailparser";
import nodemailer from "nodemailer";
import { SMTPServer } from "smtp-server";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabMailbox } from "../../src/lab/mailbox/lab-mailbox.ts";

const raw = [
  "From: Acme <hello@acme.example>",
  "Reply-To: <answers+7@in.acme.example>",
  "To: x@y.example",
  "Subject: Your invoice",
  "Message-ID: <12.abc@acme.example>",
  "",
  "Please pay.\r\n.leading dot",
  "",
].join("\r\n");

const mailbox = new LabMailbox({ clock: systemClock, random: seededRandom(1), host: "127.0.0.1", smtpPort: 0 });
await mailbox.listen();
t.teardown(() => mailbox.close());

const arrived: { from: string; to: string; raw: string }[] = [];
let busy = 1;
const receiver = new SMTPServer({
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  closeTimeout: 100,
  async onData(stream, { envelope }, done) {
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    // The lab's servers try again, as servers do.
    if (busy-- > 0) return done(Object.assign(new Error("4.3.0 later"), { responseCode: 451 }));
    const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    arrived.push({ from, to: envelope.rcptTo[0]?.address ?? "", raw: Buffer.concat(parts).toString() });
    return done(null, "ok");
  },
});
await once(receiver.listen(0, "127.0.0.1"), "listening");
t.teardown(() => new Promise<void>((resolve) => receiver.close(() => resolve())));

async function send(to: string) {
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: mailbox.smtpPort, tls: { rejectUnauthorized: false } });
  try {
    const { response } = await transport.sendMail({ envelope: { from: "bounce+12.abc@in.acme.example", to: [to] }, raw });
    return { response };
  } catch (error) {
    const { responseCode, response } = error as { responseCode?: number; response?: string };
    return { code: responseCode, response };
  } finally {
    transport.close();
  }
}

t.test("each persona does what its mailbox is called, and the books say so", async (t) => {
  t.match((await send("anna@y.example")).response, /^250 2\.0\.0 Ok/);
  t.match(mailbox.books.mails[0], {
    from: "bounce+12.abc@in.acme.example",
    to: ["anna@y.example"],
    tls: true,
    taken: true,
    messageId: "<12.abc@acme.example>",
    raw,
  });
  t.match(await send("nobody-1@y.example"), { code: 550, response: /^550 5\.1\.1 </ });
  t.match(await send("full@y.example"), { code: 552, response: /^552 5\.2\.2 / });
  t.match(await send("spam.2@y.example"), { code: 554, response: /^554 5\.7\.1 / });
  t.match(await send("greylisted@y.example"), { code: 450, response: /^450 4\.2\.0 / });
  t.match(await send("greylisted@y.example"), { response: /^250 / });
  t.equal((await send("dropped@y.example")).response, undefined, "broken before the reply");
  t.equal((await send("lost@y.example")).response, undefined);
  const silent = mailbox.books.mails.filter(({ reply }) => reply === undefined);
  t.same(
    silent.map(({ to, taken }) => [to[0], taken]),
    [
      ["dropped@y.example", true],
      ["lost@y.example", false],
    ],
  );
  t.equal(mailbox.books.taken, 3);
  t.equal(mailbox.books.refused.length, 3);
  mailbox.directory.assign("anna@y.example", "nobody");
  t.match(await send("Anna@y.example"), { code: 550 });
  t.throws(() => mailbox.directory.setMix({ nobdy: 1 }), { code: "unknown-persona" });
});

t.test("what was taken is answered as servers and people do it", async (t) => {
  mailbox.answersTo = { host: "127.0.0.1", port: (receiver.server.address() as { port: number }).port };
  const boxes = ["bounces", "overflows", "delays", "qmail", "exim", "away", "replies", "stops", "complains"];
  for (const box of boxes) await send(`${box}@y.example`);
  await mailbox.books.until(({ answers }) => answers.length === boxes.length);
  t.ok(mailbox.books.answers.every(({ reply }) => reply.startsWith("250")));
  const of = (box: string) => arrived.find((mail) => mail.raw.includes(`${box}@y.example`));
  const bounce = await simpleParser(of("bounces")?.raw ?? "", { keepDeliveryStatus: true });
  t.same(
    bounce.attachments.map(({ contentType }) => contentType),
    ["message/delivery-status", "text/rfc822-headers"],
  );
  t.match(bounce.attachments[0]?.content.toString(), /Status: 5\.1\.1/);
  t.match(of("bounces"), { from: "", to: "bounce+12.abc@in.acme.example" });
  t.match(of("replies"), { from: "replies@y.example", to: "answers+7@in.acme.example", raw: /In-Reply-To: <12\.abc@acme\.example>/ });
  t.match(of("away"), { from: "", to: "bounce+12.abc@in.acme.example", raw: /Auto-Submitted: auto-replied/ });
  const complaint = await simpleParser(of("complains")?.raw ?? "", { keepDeliveryStatus: true });
  t.match(complaint.attachments[0], { contentType: "message/feedback-report" });
});

t.test("bad input breaks nothing", async (t) => {
  const socket = connect(mailbox.smtpPort, "127.0.0.1");
  await once(socket, "data");
  socket.write(`EHLO \u0000\r\nMAIL FROM:<${"a".repeat(3000)}>\r\nRCPT TO:<<>>\r\nDATA\r\n\u00ff\r\n${"x".repeat(100_000)}`);
  await once(socket, "data");
  socket.destroy();
  t.match(await send("otto@y.example"), { response: /^250 / });
});
