import { once } from "node:events";
import { connect } from "node:net";
import nodemailer from "nodemailer";
import t, { type Test } from "tap";
import { readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { Receiver } from "../../src/adapter/smtp-in/receiver.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { messageIdOf, replyAddressOf, returnPathOf } from "../../src/email/address.ts";
import { InboxEngine } from "../../src/email/inbox-engine.ts";
import type { ReceiverOptions } from "../../src/email/inbox-options.ts";
import type { MailStore, TakeMail } from "../../src/email/inbox-ports.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabMailbox } from "../../src/lab/mailbox/lab-mailbox.ts";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { allow, node, openWorld } from "../adapter/stores-kit.ts";
import { judgeOptions, key, letter, rawOf, report } from "./mail-kit.ts";

const options = {
  ...{ name: "back", host: "127.0.0.1", port: 0, domains: ["in.acme.example"], mailboxes: ["Service@acme.example"] },
  ...{ maxOctets: 100_000, maxConnections: 10, maxPerMinute: 1000 },
};

async function openReceiver(t: Test, take: TakeMail, more: Partial<ReceiverOptions> = {}) {
  const receiver = new Receiver({ options: { ...options, ...more }, take, clock: systemClock, log: silentLog });
  await receiver.listen();
  t.teardown(() => receiver.close());
  return receiver;
}

const engineOf = (store: MailStore) =>
  new InboxEngine({ read: readMail, store, judge: judgeOptions, agentGroup: undefined, clock: systemClock, log: silentLog });

function dial(t: Test, port: number) {
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port, ignoreTLS: true, pool: true });
  t.teardown(() => transport.close());
  return async (from: string, to: string, raw: string): Promise<string> => {
    try {
      const { response } = await transport.sendMail({ envelope: { from: from === "" ? false : from, to: [to] }, raw });
      return String(response);
    } catch (error) {
      return String((error as { response?: string }).response);
    }
  };
}

t.test("what the lab's people and servers send back moves their attempts and suppresses them, each mail once", async (t) => {
  const { stores } = await openWorld(t);
  const boxes = ["bounces", "overflows", "delays", "away", "replies", "stops", "complains", "reader"];
  const listId = await listOf(
    stores,
    "people",
    boxes.map((box) => [{ kind: "email" as const, mailbox: mailbox(`${box}@people.example`) }]),
  );
  const campaign = await writeTo(stores, "email", listId, { maxCps: 1000 });
  const { orders } = await stores.work.claimMessages(campaign, 20, Date.now(), node, allow);
  t.equal(orders.length, boxes.length);
  const engine = engineOf(stores.mails);
  const receiver = await openReceiver(t, engine.take);
  const lab = new LabMailbox({ clock: systemClock, random: seededRandom(1), host: "127.0.0.1", smtpPort: 0 });
  await lab.listen();
  t.teardown(() => lab.close());
  lab.answersTo = { host: "127.0.0.1", port: receiver.port };
  const send = dial(t, lab.smtpPort);
  for (const { attemptId, address } of orders) {
    t.ok(await stores.messages.begin({ attemptId, at: Date.now(), via: "relay", from: "hello@acme.example", text: "Your invoice" }));
    const raw = [
      ...["From: <hello@acme.example>", `Reply-To: <${replyAddressOf(campaign.id, "in.acme.example")}>`, `To: <${address}>`, "Subject: Your invoice"],
      ...[`Message-ID: ${messageIdOf(key, attemptId, "acme.example")}`, "", "Please pay.", ""],
    ].join("\r\n");
    t.match(await send(returnPathOf(key, attemptId, "in.acme.example"), address, raw), /^250/);
    // Only now: what comes back at once waits for it.
    await stores.messages.handed({ attemptId, at: Date.now(), result: "sent", reason: "250 2.0.0 Ok" });
  }
  await lab.books.until(({ answers }) => answers.length === 7);
  t.ok(
    lab.books.answers.every(({ reply }) => reply.startsWith("250")),
    JSON.stringify(lab.books.answers),
  );
  const { rows } = await stores.pool.query(
    `select split_part(a.address, '@', 1) as box, a.result, m.kind, m.enhanced, m.campaign_id = a.campaign_id as same,
      (select string_agg(distinct split_part(s.reason, ':', 1), ',') from suppression s where s.mailbox = a.address and s.channel = 'email') as suppressed
    from attempt a left join incoming_mail m on m.attempt_id = a.id order by a.id`,
  );
  t.same(
    rows.map((row) => Object.values(row)),
    [
      ["bounces", "bounced-hard", "bounce", "5.1.1", true, "bounced-hard"],
      ["overflows", "bounced-soft", "bounce", "4.2.2", true, null],
      ["delays", "sent", "bounce", "4.4.1", true, null],
      ["away", "sent", "automatic", null, true, null],
      ["replies", "sent", "reply", null, true, null],
      ["stops", "sent", "opt-out", null, true, "opt-out"],
      ["complains", "complained", "complaint", null, true, "complaint"],
      ["reader", "sent", null, null, null, null],
    ],
  );
  const again = lab.books.answers.length;
  t.equal(again, 7);
  const { rows: replies } = await stores.pool.query("select count(*)::int as n from attempt_event where kind = 'report' and detail ? 'replied'");
  t.same(replies, [{ n: 2 }], "who answers and who opts out have both replied");

  const bounced = orders[0]?.attemptId ?? "";
  const late = report(["Final-Recipient: rfc822; x@y.example", "Action: failed", "Status: 4.2.2"], {
    to: returnPathOf(key, bounced, "in.acme.example"),
    original: [],
  });
  await engine.take(late);
  await engine.take(late);
  t.equal(engine.counts.get("repeated"), 1);
  const { rows: after } = await stores.pool.query(
    "select result, (select count(*)::int from incoming_mail m where m.attempt_id = a.id) as mails from attempt a where id = $1",
    [bounced],
  );
  t.same(after, [{ result: "bounced-hard", mails: 2 }], "a later report is kept and moves nothing");

  const unknown = report(["Action: failed", "Status: 5.1.1"], { to: returnPathOf(key, "999999", "in.acme.example"), original: [] });
  await engine.take(unknown);
  await engine.take(letter(["Stop"], { from: "stranger@else.example", to: "postmaster@in.acme.example" }));
  const { rows: strange } = await stores.pool.query("select mailbox, attempt_id from suppression where mailbox = 'stranger@else.example'");
  t.same(strange, [{ mailbox: "stranger@else.example", attempt_id: null }], "also of somebody we never wrote to");
  await engine.take({ ...rawOf(["From: a@b.example", "Subject: \0\ud800 nul", "", "x\0y"]), inbox: "back" });
  await stores.mails.bounced(orders[7]?.attemptId ?? "", Date.now(), "550 5.1.1 no such user");
  await engine.take(
    letter(["Stop all"], { from: "reader@people.example", extra: [`In-Reply-To: ${messageIdOf(key, orders[7]?.attemptId ?? "", "acme.example")}`] }),
  );
  const { rows: everywhere } = await stores.pool.query(
    "select channel from suppression where mailbox = 'reader@people.example' and reason like 'opt-out%' order by 1",
  );
  t.same(everywhere, [{ channel: "email" }, { channel: null }], "the mailbox it is from for e-mail, the person for every channel");
  const { rows: refused } = await stores.pool.query(
    "select count(*)::int as n from suppression where mailbox = 'reader@people.example' and reason like 'bounced%'",
  );
  t.same(refused, [{ n: 1 }]);
});

t.test("a report that overtakes the ending of its attempt waits for it", async (t) => {
  const { stores } = await openWorld(t);
  const campaign = await writeTo(stores, "email", await listOf(stores, "people", [[{ kind: "email", mailbox: mailbox("ann@people.example") }]]));
  const { orders } = await stores.work.claimMessages(campaign, 1, Date.now(), node, allow);
  const attemptId = orders[0]?.attemptId ?? "";
  await stores.messages.begin({ attemptId, at: Date.now(), via: "relay", from: "hello@acme.example", text: "Your invoice" });
  const engine = engineOf(stores.mails);
  await engine.take(letter(["Stop"], { extra: [`In-Reply-To: ${messageIdOf(key, attemptId, "acme.example")}`] }));
  const { rows: out } = await stores.pool.query(
    "select count(*)::int as n from suppression where mailbox = 'ann@people.example' and attempt_id = $1",
    [attemptId],
  );
  t.ok(out[0]?.n > 0, "an opt-out does not wait");
  const taken = engine.take(report(["Action: failed", "Status: 5.1.1"], { to: returnPathOf(key, attemptId, "in.acme.example") }));
  await stores.messages.handed({ attemptId, at: Date.now(), result: "interrupted", reason: "the connection was lost after DATA" });
  await taken;
  const { rows } = await stores.pool.query("select result from attempt where id = $1", [attemptId]);
  t.same(rows, [{ result: "bounced-hard" }], "what nobody knew is known now");
});

t.test("the receiver takes what is for us, says 250 when it is kept and 4xx when it is not, and bears with bad clients", async (t) => {
  let answer: Error | undefined;
  const taken: Parameters<TakeMail>[0][] = [];
  const receiver = await openReceiver(t, async (mail) => {
    if (answer) throw answer;
    taken.push(mail);
  });
  const send = dial(t, receiver.port);
  const raw = "Subject: x\r\n\r\nHello\r\n";
  for (const box of ["bounce+77.abc@in.acme.example", "Reply+9@IN.acme.example", "postmaster@in.acme.example", "service@acme.example"])
    t.match(await send("", box, raw), /^250 2\.0\.0 kept/, box);
  t.match(taken[0], { inbox: "back", envelope: { from: "", to: ["bounce+77.abc@in.acme.example"] }, size: raw.length });
  for (const box of ["ann@in.acme.example", "bounce+77.abc@other.example", "reply+x@in.acme.example", "bounce+@in.acme.example"])
    t.match(await send("", box, raw), /^550 5\.1\.1/, `no relay, no other mailboxes: ${box}`);
  answer = new Fault("database-unreachable", "away", { retryable: true });
  t.match(await send("", "reply+9@in.acme.example", raw), /^451 4\.3\.0/);
  t.match(receiver.state, { up: false, note: /away/ });
  answer = undefined;
  t.match(await send("", "reply+9@in.acme.example", raw), /^250/);
  t.match(receiver.state, { name: "back", up: true });
  t.match(await send("", "reply+9@in.acme.example", `${raw}${"x\r\n".repeat(60_000)}`), /^552 /);
  t.equal(taken.length, 5);
  const socket = connect(receiver.port, "127.0.0.1");
  await once(socket, "data");
  socket.write(`EHLO \0\r\nMAIL FROM:<${"a".repeat(5000)}>\r\nRCPT TO:<<reply+9@in.acme.example\r\nDATA\r\nSTARTTLS\r\n\u00ff${"x".repeat(50_000)}`);
  await once(socket, "data");
  socket.destroy();
  const { key: certificateKey, cert: certificate } = selfSigned("127.0.0.1", Date.now());
  const secure = await openReceiver(t, async () => undefined, { certificate, certificateKey });
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: secure.port, requireTLS: true, tls: { rejectUnauthorized: false } });
  const { response } = await transport.sendMail({ envelope: { from: "a@b.example", to: ["reply+9@in.acme.example"] }, raw });
  t.match(response, /^250/, "over STARTTLS");
  const strict = await openReceiver(t, async () => undefined, { maxPerMinute: 2 });
  const often = dial(t, strict.port);
  const said = [
    await often("", "reply+9@in.acme.example", raw),
    await often("", "reply+9@in.acme.example", raw),
    await often("", "reply+9@in.acme.example", raw),
  ];
  // A minute may end between them.
  t.ok(said.filter((line) => line.startsWith("451 4.7.1")).length <= 1 && said[0]?.startsWith("250"));
  const shared = await openReceiver(t, async () => undefined, { maxConnections: 4 });
  const greeted = async (localAddress: string) => {
    const one = connect({ port: shared.port, host: "127.0.0.1", localAddress });
    t.teardown(() => one.destroy());
    const [line] = (await once(one, "data")) as [Buffer];
    return { one, line: String(line) };
  };
  const [first, second] = [await greeted("127.0.0.1"), await greeted("127.0.0.1")];
  for (const { line } of [first, second]) t.match(line, /^220 /);
  t.match((await greeted("127.0.0.1")).line, /^421 4\.7\.0/, "one address does not have them all");
  t.match((await greeted("127.0.0.2")).line, /^220 /, "and keeps nobody else away");
  first.one.end("QUIT\r\n");
  await once(first.one, "close");
  let again = await greeted("127.0.0.1");
  // The server may hear of it a moment later.
  for (let tries = 0; !again.line.startsWith("220") && tries < 20; tries++) again = await greeted("127.0.0.1");
  t.match(again.line, /^220 /);
  await t.rejects(
    openReceiver(t, async () => undefined, { port: strict.port }),
    { code: "port-unavailable" },
  );
});
