import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabMailbox } from "../../src/lab/mailbox/lab-mailbox.ts";
import { openInbox } from "../../src/start/inbox.ts";
import { openMail } from "../../src/start/mail.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld } from "../adapter/stores-kit.ts";
import { portForAnother } from "../harness/ports.ts";

/** What becomes of a mail to each of the lab's people. */
const ends: Readonly<Record<string, string>> = {
  reader: "sent",
  nobody: "bounced-hard",
  refuses: "rejected",
  dropped: "interrupted",
  bounces: "bounced-hard",
  qmail: "bounced-hard",
  exim: "bounced-hard",
  overflows: "bounced-soft",
  delays: "sent",
  away: "sent",
  replies: "sent",
  stops: "sent",
  complains: "complained",
};
/** Who gets nothing any more. */
const gone = ["nobody", "bounces", "qmail", "exim", "stops", "complains"];

t.test("campaigns by e-mail go out, what comes back is made use of, and the mail exchanger's books agree", async (t) => {
  const { stores } = await openWorld(t);
  const [clock, log, random] = [systemClock, silentLog, seededRandom(7)];
  const lab = new LabMailbox({ clock, random, host: "127.0.0.1", smtpPort: 0 });
  await lab.listen();
  t.teardown(() => lab.close());
  const port = await portForAnother();
  const settings = {
    key: "a key of thirty-two octets, for tests",
    publicUrl: "https://mail.acme.example",
    pools: [{ name: "relay", host: "127.0.0.1", port: lab.smtpPort, tls: "opportunistic" }],
    senders: [
      {
        ...{ name: "main", mailbox: "hello@acme.example", pool: "relay", bounceDomain: "in.acme.example", replyDomain: "in.acme.example" },
        ...{ postalAddress: "1 Road, Town", phone: "+1 212 555 0100" },
      },
    ],
    receivers: [{ name: "back", port, domains: ["in.acme.example"] }],
  };
  const { part: options } = readPart<EmailOptions>(emailOptions, settings, () => {});
  const metrics = new Registry();
  const inbox = openInbox({ options, stores, metrics, clock, log });
  t.teardown(() => inbox.close());
  t.same(inbox.states(), [{ name: "inbox:back", ready: false }]);
  await inbox.start();
  t.same(inbox.states(), [{ name: "inbox:back", ready: true }]);
  lab.answersTo = { host: "127.0.0.1", port };
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node, watchMs: 50 });
  const mail = openMail({ options, stores, orders: pass.messages, attempts: stores.attempts, metrics, clock, random, log });
  t.teardown(async () => {
    await pass.close();
    await mail.close();
  });
  const over = new Map<string, () => void>();
  pass.onChange((campaign) => {
    mail.follow(campaign);
    if (campaign.state === "finished") over.get(campaign.name)?.();
  });
  await pass.start();
  const people = Object.keys(ends).map((box) => [{ kind: "email" as const, mailbox: mailbox(`${box}@people.example`) }]);
  const listId = await listOf(stores, "people", people);
  const { version } = await stores.templates.publish(
    { name: "letter", channel: "email", subject: "Hi {first_name}", html: "<p>Please pay.</p>" },
    "test",
  );
  const run = async (name: string) => {
    const finished = new Promise<void>((resolve) => over.set(name, resolve));
    const campaign = await writeTo(stores, "email", listId, { name, templateVersionId: version.id });
    await finished;
    return campaign;
  };
  const first = await run("first");
  // bounces, qmail, exim, overflows, delays, away, replies, stops, complains
  await lab.books.until(({ answers }) => answers.length === 9);
  t.same(
    lab.books.answers.filter(({ reply }) => !reply.startsWith("250")),
    [],
    "all of it was taken",
  );
  const { rows } = await stores.pool.query(
    "select split_part(address, '@', 1) as box, result from attempt where campaign_id = $1 order by contact_id",
    [first.id],
  );
  t.same(Object.fromEntries(rows.map(({ box, result }) => [box, result])), ends);
  const second = await run("second");
  t.match(await stores.campaigns.progress(second.id), { refusals: { suppressed: gone.length } });
  const received = (box: string) => lab.books.mails.filter(({ to, taken }) => taken && to[0] === `${box}@people.example`).length;
  for (const [box, result] of Object.entries(ends)) {
    const none = result === "rejected" || box === "nobody";
    t.equal(received(box), none ? 0 : gone.includes(box) ? 1 : 2, `${box}: the books have one mail for each campaign that may write to them`);
  }
  t.match(await metrics.metrics(), /carillon_incoming_mails_total\{kind="bounce"\} [5-9]/);
});
