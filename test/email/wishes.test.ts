import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Effect } from "../../src/attempt/ports.ts";
import { readPart } from "../../src/config/part.ts";
import type { Address } from "../../src/contact/contact.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabMailbox } from "../../src/lab/mailbox/lab-mailbox.ts";
import { openMail } from "../../src/start/mail.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, mailbox } from "../adapter/message-campaign-kit.ts";
import { begun, makeCampaign, node, openWorld, phone } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";

/* What scripts and agents have sent by e-mail, of people who were called; against the lab's mail exchanger, which is not there at first. */

t.test(
  "e-mail that is wished for goes to the person's first mailbox, once, when it may and in time, as soon as the mail server is there",
  async (t) => {
    const { stores } = await openWorld(t);
    const [clock, log, random] = [systemClock, silentLog, seededRandom(3)];
    const smtpPort = await portForAnother();
    const lab = new LabMailbox({ clock, random, host: "127.0.0.1", smtpPort });
    t.teardown(() => lab.close());
    const ours = { pool: "relay", bounceDomain: "in.acme.example", postalAddress: "1 Road, Town", phone: "+1 212 555 0100" };
    const settings = {
      key: "a key of thirty-two octets, for tests",
      publicUrl: "https://mail.acme.example",
      pools: [{ name: "relay", host: "127.0.0.1", port: smtpPort, tls: "opportunistic" }],
      senders: [
        { ...ours, name: "main", mailbox: "hello@acme.example" },
        { ...ours, name: "service", mailbox: "service@acme.example" },
      ],
      wishSender: "service",
    };
    const { part: options } = readPart<EmailOptions>(emailOptions, settings, () => {});

    const box = (text: string): Address => ({ kind: "email", mailbox: mailbox(`${text}@people.example`) });
    const people: readonly (readonly Address[])[] = [[box("ann"), box("ann.second")], [box("bob")], [box("carl")], [], [box("eve")], [box("nobody")]];
    const reachable = people.map((boxes, index): readonly Address[] => [{ kind: "mobile", number: phone(index) }, ...boxes]);
    const campaign = await makeCampaign(stores, { listId: await listOf(stores, "called", reachable) });
    const called = new Map((await begun(stores, campaign, people.length)).map(({ attemptId, address }) => [address, attemptId]));
    const [ann = "", bob = "", carl = "", dan = "", eve = "", fay = ""] = people.map((_, index) => called.get(phone(index)));
    await stores.templates.publish(
      { name: "link", channel: "email", subject: "Pay {amount}, {first_name}", text: "Here: {unsubscribe_url}" },
      "test",
    );
    await stores.templates.publish({ name: "short", channel: "sms", text: "Hi" }, "test");
    const wish = { kind: "send", channel: "email", template: "link", values: { amount: "12.00" }, withinS: 60, key: "link", reason: "test" } as const;
    const now = Date.now();
    const say = (attemptId: string, effect: Effect, at = now) => stores.attempts.effect(attemptId, at, [effect]);
    await say(bob, { kind: "suppress", channels: ["email"], scope: "campaign", reason: "asked" });
    await say(carl, wish, now - 120_000);
    await Promise.all([ann, ann, bob, dan, fay].map((attemptId) => say(attemptId, wish)));
    await say(eve, { ...wish, template: "short" });

    const registries = [new Registry(), new Registry()];
    // Two nodes look for the same wishes.
    for (const [at, registry] of registries.entries()) {
      const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log, node: `${node}${at}` });
      const parts = { stores, orders: pass.messages, attempts: stores.attempts, metrics: registry, clock, random, log };
      const mail = openMail({ options, ...parts });
      t.teardown(() => mail.close());
    }
    const states = async () => {
      const { rows } = await stores.pool.query<{ id: string; state: string }>("select attempt_id::text as id, state from effect where kind = 'send'");
      return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
    };
    const final = { [ann]: "done", [bob]: "done", [carl]: "expired", [dan]: "expired", [eve]: "done", [fay]: "done" };
    const tried = "select count(*)::int as n from attempt where channel = 'email' and address = 'ann@people.example' and result = 'canceled'";
    const back = async () => (await stores.pool.query<{ n: number }>(tried)).rows[0]?.n !== 0 && (await states())[ann] === "pending";
    await until(back, "nothing has left without a mail server, and it is wished for again");
    await lab.listen();
    await until(async () => {
      await stores.pool.query("update effect set due_at = now() where state = 'pending' and due_at > now()");
      return JSON.stringify(await states()) === JSON.stringify(final);
    }, "every wish is taken, or too late");
    const ends = async () => {
      const { rows } = await stores.pool.query<{ address: string; result: string; reason: string; campaign_id: string | null }>(
        "select distinct on (address) address, result, reason, campaign_id from attempt where channel = 'email' order by address, id desc",
      );
      return Object.fromEntries(rows.map(({ address, ...end }) => [address.replace("@people.example", ""), end]));
    };
    await until(async () => Object.values(await ends()).every(({ result }) => result !== null), "every attempt has ended");
    t.match(await ends(), {
      ann: { result: "sent", campaign_id: null },
      bob: { result: "canceled", reason: "suppressed" },
      eve: { result: "canceled", reason: /short is not one for e-mail/ },
      nobody: { result: "bounced-hard" },
    });
    t.equal(Object.keys(await ends()).length, 4, "nothing was tried for those who are too late or have no mailbox");
    t.equal(lab.books.mails.length, 1, "one person has one e-mail");
    const [{ to, raw = "" } = {}] = lab.books.mails;
    t.same(to, ["ann@people.example"]);
    t.match(raw, /^Subject: Pay 12\.00, Name 1\r$/m);
    t.match(raw, /^From: service@acme\.example\r$/m);
    t.match(raw, /https:\/\/mail\.acme\.example\/u\//);
    const suppressed = async () => await stores.pool.query("select reason from suppression where mailbox = 'nobody@people.example'");
    await until(async () => (await suppressed()).rowCount === 1, "a mailbox that is not there is not written to again");
    const told = (await Promise.all(registries.map((registry) => registry.metrics()))).join("\n");
    t.match(told, /carillon_messages_total\{channel="email",result="sent"\} 1/);
    t.match(told, /carillon_mail_pool_up\{pool="relay"\} [01]/);
  },
);
