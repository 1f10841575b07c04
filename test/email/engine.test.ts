import { simpleParser } from "mailparser";
import { Registry } from "prom-client";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import { attemptOfMessageId } from "../../src/email/address.ts";
import { type EmailOptions, emailOptions } from "../../src/email/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openMail } from "../../src/start/mail.ts";
import { pausing } from "../../src/start/refused-campaigns.ts";
import type { MessageCampaign } from "../../src/strategy/campaign.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld, type World } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { Exchanger } from "./exchanger.ts";

const key = "a key of thirty-two octets, for tests";
const source = { channel: "email", subject: "Hi {first_name}", html: "<p>Dear {first_name}{% if mark %} {mark}{% endif %}</p>" } as const;

interface Sending {
  readonly exchanger: Exchanger;
  readonly campaign: MessageCampaign;
  /** Resolves when the campaign has finished, or is paused. */
  readonly finished: Promise<void>;
  results(): Promise<Record<string, number>>;
}

/** Sends to these mailboxes until nobody is left. */
async function send(
  t: Test,
  world: World,
  name: string,
  mailboxes: readonly string[],
  template: object = source,
  refusing?: string,
  domains: EmailOptions["pools"][number]["domains"] = [],
): Promise<Sending> {
  const { stores } = world;
  const exchanger = new Exchanger();
  exchanger.refusing = refusing;
  const port = await exchanger.listen();
  t.teardown(() => exchanger.close());
  const { part: options } = readPart<EmailOptions>(
    emailOptions,
    {
      key,
      publicUrl: "https://mail.x.example",
      pools: [{ name: "relay", host: "127.0.0.1", port, tls: "none", connections: 3, domains }],
      senders: [
        {
          name: "main",
          mailbox: "a@x.example",
          pool: "relay",
          bounceDomain: "b.x.example",
          replyDomain: "r.x.example",
          postalAddress: "1 Road",
          phone: "+1 212",
        },
      ],
    },
    () => {},
  );
  const { version } = await stores.templates.publish({ name, ...template } as Parameters<typeof stores.templates.publish>[0], "test");
  const listId = await listOf(
    stores,
    name,
    mailboxes.map((each) => [{ kind: "email", mailbox: mailbox(each) }]),
  );
  const clock = systemClock;
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log: silentLog, node, watchMs: 50 });
  const mail = openMail({
    options,
    stores,
    orders: pass.messages,
    attempts: stores.attempts,
    metrics: new Registry(),
    clock,
    random: seededRandom(1),
    log: silentLog,
    onRefused: pausing(pass, silentLog),
  });
  const finished = new Promise<void>((resolve) => {
    pass.onChange((campaign) => {
      mail.follow(campaign);
      if (campaign.state === "finished" || campaign.state === "paused") resolve();
    });
  });
  t.teardown(async () => {
    await pass.close();
    await mail.close();
  });
  const campaign = await writeTo(stores, "email", listId, { name, templateVersionId: version.id, ...(refusing !== undefined && { maxCps: 50 }) });
  await pass.start();
  const results = async () => (await stores.campaigns.progress(campaign.id)).results;
  return { exchanger, campaign, finished, results };
}

t.test("sending e-mail", async (t) => {
  const world = await openWorld(t);
  const { stores } = world;

  t.test("a campaign whose sender the mail server refuses is paused, with the reason, and the rest of its people wait", async (t) => {
    const mailboxes = Array.from({ length: 300 }, (_, at) => `r${at}@example.com`);
    const { campaign, finished, exchanger } = await send(t, world, "refused", mailboxes, source, "550 5.7.1 you may not send as that");
    await finished;
    t.equal((await stores.campaigns.find(campaign.id))?.state, "paused");
    const { rows } = await stores.pool.query<{ n: number }>("select count(*)::int as n from work where campaign_id = $1", [campaign.id]);
    const left = rows[0]?.n ?? 0;
    t.ok(left > 100 && left <= 275, `${left} of 300 wait`);
    t.match(await stores.messageReader.lastRefused(campaign.id), { via: "relay", reason: "550 5.7.1 you may not send as that" });
    t.same(exchanger.taken, []);
  });

  t.test("one whose mail server refuses to relay is paused, too, and nobody is suppressed for that", async (t) => {
    const mailboxes = Array.from({ length: 60 }, (_, at) => `relay-${at}@example.com`);
    const { campaign, finished, results } = await send(t, world, "relay", mailboxes);
    await finished;
    t.equal((await stores.campaigns.find(campaign.id))?.state, "paused");
    t.match(await results(), { "carrier-fault": Number, "bounced-hard": undefined, rejected: undefined });
    const { rows } = await stores.pool.query("select count(*)::int as n from suppression where mailbox like 'relay-%'");
    t.same(rows, [{ n: 0 }]);
  });

  t.test("a campaign reaches everybody once, and its marks find their attempts", async (t) => {
    const mailboxes = Array.from({ length: 300 }, (_, at) => `p${at}@example.com`);
    const { exchanger, finished, results, campaign } = await send(t, world, "everybody", mailboxes);
    await finished;
    t.same(await results(), { sent: 300 });
    t.same(exchanger.taken.map(({ to }) => to).sort(), [...mailboxes].sort());
    const { rows } = await stores.pool.query(
      "select a.id::text, a.address, m.text, m.via from attempt a join message m on m.attempt_id = a.id where a.campaign_id = $1",
      [campaign.id],
    );
    const attempts = new Map(rows.map((row) => [row.id, row]));
    for (const { to, raw } of exchanger.taken.slice(0, 20)) {
      const mail = await simpleParser(raw);
      const attempt = attempts.get(attemptOfMessageId(key, mail.messageId ?? ""));
      t.equal(attempt?.address, to);
      t.equal(attempt?.text, mail.subject);
      t.equal(attempt?.via, "relay");
    }
  });

  t.test("what a server says is kept, a mailbox that is gone is never written to again, and a lost connection repeats nothing", async (t) => {
    const mailboxes = ["nobody@x.example", "full@x.example", "policy@x.example", "dropped@x.example", "late-no@x.example", "fine@x.example"];
    const { exchanger, finished, results } = await send(t, world, "refusals", mailboxes);
    await finished;
    t.same(await results(), { "bounced-hard": 1, "bounced-soft": 1, rejected: 2, interrupted: 1, sent: 1 });
    t.same(exchanger.taken.map(({ to }) => to).sort(), ["dropped@x.example", "fine@x.example"]);
    const again = await send(t, world, "refusals again", ["nobody@x.example", "fine@x.example"]);
    await again.finished;
    t.same(await again.results(), { sent: 1 });
    t.notOk(again.exchanger.commands.some((line) => line.includes("nobody@")));
  });

  t.test("whom a slow domain cannot take soon comes again one after the other, and holds up nobody else", async (t) => {
    const slow = Array.from({ length: 30 }, (_, at) => `s${at}@slow.example`);
    const { exchanger, campaign } = await send(t, world, "slow", [...slow, "fast@example.com"], source, undefined, [
      { domain: "slow.example", maxPerSecond: 0.1 },
    ]);
    await exchanger.until(2);
    t.same(exchanger.taken.map(({ to }) => to.replace(/^s\d+/, "s")).sort(), ["fast@example.com", "s@slow.example"]);
    const backSql = "select extract(epoch from due_at)::float8 as due from work where campaign_id = $1 order by 1";
    const back = async () => (await stores.pool.query<{ due: number }>(backSql, [campaign.id])).rows.map(({ due }) => due);
    await until(async () => (await back()).length === 29, "everybody else waits");
    const due = await back();
    t.ok(
      due.every((at, index) => index === 0 || Math.abs(at - (due[index - 1] ?? 0) - 10) < 1),
      "ten seconds apart, as the domain takes them",
    );
  });

  t.test("whoever lacks a field gets nothing, and nothing is left half", async (t) => {
    const { exchanger, finished, results, campaign } = await send(t, world, "lacking", ["a@x.example"], { ...source, html: "<p>{balance}</p>" });
    await finished;
    t.same(await results(), { canceled: 1 });
    t.equal(exchanger.taken.length, 0);
    const { rows } = await stores.pool.query("select reason from attempt where campaign_id = $1", [campaign.id]);
    t.match(rows[0]?.reason, /balance/);
  });
});
