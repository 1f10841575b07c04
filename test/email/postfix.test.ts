import { simpleParser } from "mailparser";
import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openInbox } from "../../src/start/inbox.ts";
import { openMail } from "../../src/start/mail.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { Exchanger } from "./exchanger.ts";
import { startPostfix, withoutPostfix } from "./postfix.ts";

/* A campaign by e-mail over a real Postfix, whose reports of what it could not deliver come back to our receiver. */

const without = withoutPostfix();
if (without !== false) t.comment(without);

/** What becomes of a mail to each mailbox: by the answer to RCPT TO, or by a report afterwards. */
const ends: Readonly<Record<string, string>> = {
  "taken@people.example": "sent",
  "nobody@people.example": "bounced-hard",
  "nobody@far.example": "bounced-hard",
  "full@far.example": "bounced-soft",
  "policy@far.example": "rejected",
  "ann@far.example": "sent",
};

t.test("a real Postfix takes a campaign over STARTTLS, and its reports come back to their attempts", { skip: without }, async (t) => {
  const { stores } = await openWorld(t);
  const [clock, log, random] = [systemClock, silentLog, seededRandom(7)];
  const port = await portForAnother();
  const far = new Exchanger();
  t.teardown(() => far.close());
  const postfix = await startPostfix(t, {
    mailboxes: ["taken@people.example"],
    relayed: { "in.acme.example": port, "far.example": await far.listen() },
  });
  const sender = { name: "main", mailbox: "hello@acme.example", pool: "relay", bounceDomain: "in.acme.example", replyDomain: "in.acme.example" };
  const settings = {
    key: "a key of thirty-two octets, for tests",
    publicUrl: "https://mail.acme.example",
    pools: [{ name: "relay", host: "127.0.0.1", port: postfix.port, tls: "required", ca: postfix.certificate, localName: "client.acme.example" }],
    senders: [{ ...sender, postalAddress: "1 Road, Town", phone: "+1 212 555 0100" }],
    receivers: [{ name: "back", port, domains: ["in.acme.example"] }],
  };
  const { part: options } = readPart<EmailOptions>(emailOptions, settings, () => {});
  const metrics = new Registry();
  const inbox = openInbox({ options, stores, metrics, clock, log });
  t.teardown(() => inbox.close());
  await inbox.start();
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node, watchMs: 50 });
  const mail = openMail({ options, stores, orders: pass.messages, attempts: stores.attempts, metrics, clock, random, log });
  t.teardown(async () => {
    await pass.close();
    await mail.close();
  });
  pass.onChange(mail.follow);
  await pass.start();
  const people = Object.keys(ends).map((box) => [{ kind: "email" as const, mailbox: mailbox(box) }]);
  const listId = await listOf(stores, "people", people);
  const html = `<p>Pay, Zoë.</p><p>${"A long line, with =20 and . in it; ".repeat(60)}</p>\n.\n..\n<p>The end.</p>`;
  const { version } = await stores.templates.publish({ name: "letter", channel: "email", subject: "Grüße, {first_name}", html }, "test");
  const campaign = await writeTo(stores, "email", listId, { name: "first", templateVersionId: version.id });
  const reports = async () =>
    (
      await stores.pool.query<{ box: string; kind: string; enhanced: string }>(
        `select a.address as box, m.kind, m.enhanced from incoming_mail m join attempt a on a.id = m.attempt_id where a.campaign_id = $1 order by a.address`,
        [campaign.id],
      )
    ).rows;
  await until(async () => (await reports()).length >= 3, "Postfix's reports to come back", 30_000);
  t.same(await reports(), [
    { box: "full@far.example", kind: "bounce", enhanced: "4.2.2" },
    { box: "nobody@far.example", kind: "bounce", enhanced: "5.1.1" },
    { box: "policy@far.example", kind: "bounce", enhanced: "5.7.1" },
  ]);
  const { rows } = await stores.pool.query<{ address: string; result: string; reason: string }>(
    "select address, result, reason from attempt where campaign_id = $1",
    [campaign.id],
  );
  t.same(Object.fromEntries(rows.map(({ address, result }) => [address, result])), ends);
  t.match(rows.find(({ address }) => address === "nobody@people.example")?.reason, /^550 5\.1\.1 .*User unknown in virtual mailbox table/);
  const { rows: gone } = await stores.pool.query<{ mailbox: string }>("select mailbox from suppression where channel = 'email' order by 1");
  t.same(
    gone.map((row) => row.mailbox),
    ["nobody@far.example", "nobody@people.example"],
    "who is not there is not written to again",
  );
  await far.until(1);
  const [through] = far.taken;
  t.match(through?.to, "ann@far.example");
  const raw = through?.raw ?? Buffer.alloc(0);
  t.match(raw.toString("latin1"), /^Received: from client\.acme\.example [\s\S]{1,200}using TLSv1\.[23] with cipher/, "it had it over TLS");
  const read = await simpleParser(raw);
  t.equal(read.subject, "Grüße, Name 6");
  t.equal(String(read.html).slice(0, html.length), html, "and hands on what was composed, also lines that are dots");
  const said = await postfix.log();
  t.match(said, /to=<taken@people\.example>.*status=sent/, "Postfix has delivered one");
  t.notMatch(said, / (?:fatal|panic): /);
});
