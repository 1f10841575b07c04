import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { PartEnd } from "../../src/sms/ports.ts";
import { SmsEngine } from "../../src/sms/sms-engine.ts";
import { endOf, reserveMessages } from "../adapter/messages-kit.ts";
import { makeCampaign, openWorld, phone } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { accepted, BookedBinds, bindOf, optionsOf, type Reply, shortCode, TableOrders } from "./sms-kit.ts";

/* Campaigns by SMS on a real database, over binds that answer as they are told to. */

const { stores } = await openWorld(t);

async function sent(name: string, people: number, binds: BookedBinds, text = "Hi {first_name}", senders = [shortCode]) {
  const campaign = await makeCampaign(stores, { name, people });
  const { version } = await stores.templates.publish({ name, channel: "sms", text }, "test");
  const orders = new TableOrders(stores, version.id, people);
  const options = optionsOf([bindOf("smsc-a"), bindOf("smsc-b", { destinationPrefixes: ["+1"] })], senders);
  const parts = {
    orders,
    rules: stores.messageRules,
    log: stores.messages,
    templates: stores.templates,
    binds,
    options,
    clock: systemClock,
    logger: silentLog,
  };
  const engine = new SmsEngine(parts);
  engine.follow({ campaignId: campaign.id, sender: "main" });
  const ended = "select count(*)::int as n from attempt where campaign_id = $1 and state = 'ended'";
  await until(async () => (await stores.pool.query<{ n: number }>(ended, [campaign.id])).rows[0]?.n === people, "every message has its end");
  await engine.close();
  const { rows } = await stores.pool.query<{ result: string; reason: string; n: number }>(
    "select result, reason, count(*)::int as n from attempt where campaign_id = $1 group by 1, 2 order by 1, 2",
    [campaign.id],
  );
  return { campaign, orders, results: rows };
}

t.test("a campaign goes out once each, in the person's words, within the window of its bind", async (t) => {
  const binds = new BookedBinds(["smsc-a", "smsc-b"]);
  const { results, orders } = await sent("hello", 300, binds);
  t.match(results, [{ result: "sent", n: 300 }]);
  t.equal(binds.submitted.length, 300);
  t.equal(new Set(binds.submitted.map(({ submission }) => submission.to)).size, 300, "each person once");
  t.equal(new Set(binds.submitted.map(({ submission }) => submission.reference)).size, 300, "each with a reference of its own");
  t.ok(
    binds.submitted.every(({ bind }) => bind === "smsc-b"),
    "over the bind that is made for the prefix",
  );
  t.ok(binds.most <= 10);
  const first = binds.submitted.find(({ submission }) => submission.to === phone(7));
  t.equal(Buffer.from(first?.submission.parts[0]?.text ?? []).toString(), "Hi Name 7");
  const { rows } = await stores.pool.query("select via, from_address, text from message where attempt_id = $1", [orders.pulled[0]]);
  t.match(rows, [{ via: "smsc-b", from_address: "55501", text: /^Hi Name/ }]);
});

t.test("what the SMSC says becomes the result; what it did not take is put back and counts for nothing", async (t) => {
  const answers: Reply[] = [
    ({ parts }) => parts.map((): PartEnd => ({ end: "refused", status: 0x0b, again: false })),
    ({ parts }) => parts.map((): PartEnd => ({ end: "refused", status: 0x58, again: true })),
    ({ parts }) => parts.map((): PartEnd => ({ end: "unknown", why: "time-out" })),
    ({ parts }) => parts.map((): PartEnd => ({ end: "unsent" })),
    ({ parts }, index) =>
      parts.map((_, at): PartEnd => (at === 0 ? { end: "accepted", remoteId: `p${index}` } : { end: "refused", status: 8, again: false })),
  ];
  const binds = new BookedBinds(["smsc-a"], (submission, index) => (answers[index - 1] ?? accepted)(submission, index));
  const { results, campaign } = await sent("answers", 6, binds, `Hi {first_name} ${"and so on ".repeat(20)}`);
  t.match(results, [
    { result: "bad-number", reason: "ESME_RINVDSTADR" },
    { result: "canceled", reason: /ESME_RTHROTTLED/ },
    { result: "canceled", reason: /bind went down/ },
    { result: "interrupted", reason: /time-out/ },
    { result: "sent" },
    { result: "undelivered", reason: /1 of 2 parts/ },
  ]);
  const { rows } = await stores.pool.query("select from work where campaign_id = $1", [campaign.id]);
  t.equal(rows.length, 2, "only those of whom nothing was taken wait again");
});

t.test("what cannot be sent is withheld with the reason, and nothing leaves", async (t) => {
  const binds = new BookedBinds(["smsc-a", "smsc-b"]);
  const missing = await sent("missing", 2, binds, "Hi {last_name}");
  t.match(missing.results, [{ result: "canceled", reason: /last_name/, n: 2 }]);
  const word = { name: "main", address: "Carillon", kind: "alphanumeric" as const, binds: [] };
  const mute = await sent("mute", 2, binds, "Hi {first_name}", [word]);
  t.match(mute.results, [{ result: "canceled", reason: /opt out/, n: 2 }], "a word cannot be answered with STOP");
  t.equal(binds.submitted.length, 0);
  t.match(await endOf(stores, mute.orders.pulled[0] ?? ""), { state: "ended" });
});

t.test("what somebody is answered goes before what campaigns send, and waits for its bind; what a campaign has waiting does not", async (t) => {
  const people = 8;
  const campaign = await makeCampaign(stores, { name: "busy", people });
  const other = await makeCampaign(stores, { name: "answers to", people: 5 });
  const [help = "", stop = "", patient = "", promised = "", asked = ""] = await reserveMessages(stores, other.id, 5);
  const { version } = await stores.templates.publish({ name: "busy", channel: "sms", text: "Hi {first_name}" }, "test");
  let skewMs = 0;
  const clock: Clock = { now: () => systemClock.now() + skewMs, after: (delayMs, act) => systemClock.after(delayMs, act) };
  const held: (() => void)[] = [];
  let refusing = false;
  const binds = new BookedBinds(["smsc-a"], async (submission, index) => {
    if (!refusing) await new Promise<void>((resolve) => held.push(resolve));
    return refusing ? submission.parts.map((): PartEnd => ({ end: "refused", status: 0x58, again: true })) : accepted(submission, index);
  });
  binds.window = 1;
  const orders = new TableOrders(stores, version.id, people);
  const options = optionsOf([bindOf("smsc-a"), bindOf("smsc-b")]);
  const engine = new SmsEngine({
    ...{ orders, rules: stores.messageRules, log: stores.messages, templates: stores.templates, binds, options, clock, logger: silentLog },
  });
  t.teardown(() => engine.close());
  engine.follow({ campaignId: campaign.id, sender: "main" });
  await until(() => held.length === 1, "the window to be full");
  t.equal(engine.takes(shortCode), true);
  const untilMs = clock.now() + 600_000;
  const carried = engine.carry(shortCode, { attemptId: help, to: phone(500), text: "We are here.", untilMs });
  const sent = engine.send(shortCode, { attemptId: stop, to: phone(501), text: "You are out.", untilMs });
  // Longer than a campaign's message may wait: those go back, and no more are pulled.
  engine.leave(campaign.id);
  skewMs = 3000;
  await until(async () => (await endOf(stores, orders.pulled[1] ?? ""))?.state === "ended", "what else the campaign had waiting to go back");
  held.shift()?.();
  await until(() => held.length === 1, "the next one to leave");
  t.match(binds.submitted[1]?.submission, { to: phone(500) }, "the one that somebody waits for");
  held.shift()?.();
  t.equal(await carried, "done");
  await until(() => held.length === 1, "the one after it to leave");
  await sent;
  t.match(binds.submitted[2]?.submission, { to: phone(501) });
  refusing = true;
  held.shift()?.();
  await until(() => binds.submitted.length > 4, "what the SMSC had no room for to be tried again");
  t.match(await endOf(stores, stop), { state: "sending" }, "by the same attempt");
  refusing = false;
  await until(() => held.length === 1, "it to leave");
  t.same([...new Set(binds.submitted.slice(2).map(({ submission }) => submission.to))], [phone(501)]);
  held.shift()?.();
  await until(async () => (await endOf(stores, stop))?.result === "sent", "both to be answered");
  t.match(await endOf(stores, help), { result: "sent" });

  binds.up.clear();
  t.equal(engine.takes(shortCode), false, "no bind is up");
  const short = engine.carry(shortCode, {
    attemptId: promised,
    to: phone(503),
    text: "Pay here.",
    validityS: 3600,
    untilMs: clock.now() + 3_600_000,
  });
  const late = engine.carry(shortCode, { attemptId: patient, to: phone(502), text: "Hello", untilMs: clock.now() + 60_000 });
  const impatient = engine.carry(shortCode, { attemptId: asked, to: phone(504), text: "An agent's" });
  skewMs += 120_000;
  t.equal(await late, "later", "it waited as long as it was to");
  t.equal(await impatient, "later", "whoever looks on is told soon");
  t.match(await endOf(stores, patient), { state: "ended", result: "canceled" });
  binds.up.add("smsc-b");
  engine.pump();
  await until(() => held.length === 1, "what waited longer to leave when a bind is up, though it is not the one it waited for");
  t.match(binds.submitted.at(-1), { bind: "smsc-b", submission: { to: phone(503) } });
  const validityS = binds.submitted.at(-1)?.submission.validityS ?? 0;
  t.ok(validityS <= 3480 && validityS > 3400, `${validityS} s are left of its hour`);
  for (const answer of held.splice(0)) answer();
  t.equal(await short, "done");
});

t.test("a bind that stands by has nothing pulled for it until it carries", async (t) => {
  const pulledOver = async (name: string, up: readonly string[]) => {
    const campaign = await makeCampaign(stores, { name, people: 40 });
    const { version } = await stores.templates.publish({ name, channel: "sms", text: "Hi {first_name}" }, "test");
    const answer = Promise.withResolvers<void>();
    const binds = new BookedBinds(up, async (submission, index) => {
      await answer.promise;
      return accepted(submission, index);
    });
    binds.window = 2;
    const orders = new TableOrders(stores, version.id, 40);
    const options = optionsOf([bindOf("first"), bindOf("second"), bindOf("third")], [{ ...shortCode, binds: ["second", "first"] }]);
    const engine = new SmsEngine({
      ...{ orders, rules: stores.messageRules, log: stores.messages, templates: stores.templates, binds, options },
      ...{ clock: systemClock, logger: silentLog },
    });
    engine.follow({ campaignId: campaign.id, sender: "main" });
    await until(() => binds.submitted.length === 2, "the window to be full");
    // Nothing more is pulled until something is answered, or is too late.
    for (let turn = 0; turn < 20; turn++) engine.pump();
    const pulled = orders.pulled.length;
    engine.leave(campaign.id);
    answer.resolve();
    await engine.close();
    return { pulled, over: [...new Set(binds.submitted.map(({ bind }) => bind))] };
  };
  const alone = await pulledOver("alone", ["second"]);
  t.same(alone.over, ["second"]);
  t.same(await pulledOver("stands by", ["first", "second", "third"]), alone, "the first of its own order carries all, and no more is pulled for it");
  t.same(await pulledOver("taken over", ["first", "third"]), { ...alone, over: ["first"] }, "the next one when that is down");
});

t.test(
  "a campaign that changes while it is being asked for messages goes on; a server that stops has written down what it does not send",
  async (t) => {
    const campaign = await makeCampaign(stores, { name: "changing", people: 3 });
    const { version } = await stores.templates.publish({ name: "changing", channel: "sms", text: "Hi {first_name}" }, "test");
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    class OneByOne extends TableOrders {
      override async pull(campaignId: string) {
        asked.resolve();
        await answer.promise;
        return await super.pull(campaignId, 1);
      }
    }
    const { messages } = stores;
    const binds = new BookedBinds(["smsc-a"]);
    const options = optionsOf([bindOf("smsc-a")]);
    const common = { rules: stores.messageRules, templates: stores.templates, binds, options, clock: systemClock, logger: silentLog };
    const engine = new SmsEngine({ ...common, log: messages, orders: new OneByOne(stores, version.id, 3) });
    engine.follow({ campaignId: campaign.id, sender: "main" });
    await asked.promise;
    engine.follow({ campaignId: campaign.id, sender: "main" });
    answer.resolve();
    await until(() => binds.submitted.length === 3, "everybody to be written to");
    await engine.close();

    const other = await makeCampaign(stores, { name: "closing", people: 1 });
    const missing = await stores.templates.publish({ name: "closing", channel: "sms", text: "Hi {last_name}" }, "test");
    const [held, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const withhold: typeof messages.withhold = async (...given) => {
      held.resolve();
      await written.promise;
      await messages.withhold(...given);
    };
    const log = { begin: messages.begin.bind(messages), handed: messages.handed.bind(messages), withhold };
    const orders = new TableOrders(stores, missing.version.id, 1);
    const stopping = new SmsEngine({ ...common, orders, log });
    stopping.follow({ campaignId: other.id, sender: "main" });
    await held.promise;
    const closing = stopping.close();
    written.resolve();
    await closing;
    t.match(await endOf(stores, orders.pulled[0] ?? ""), { state: "ended", result: "canceled" });
  },
);
