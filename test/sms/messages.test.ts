import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { whyNotWritten } from "../../src/api/message-campaign.ts";
import { defaultRetries } from "../../src/attempt/treatment.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openMessages } from "../../src/start/messages.ts";
import { listOf, writeTo } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { bindTo, seed } from "../contracts/binds-kit.ts";
import { until } from "../harness/far-side.ts";
import { optionsOf } from "./sms-kit.ts";
import { openSmsWorld } from "./sms-world-kit.ts";

/* The whole of SMS against the lab's SMSC: campaigns, reports, and what people write back. */

const { stores, smsc, pass, messages, told, crm, one, wroteTo, reached } = await openSmsWorld(t);

t.test("every report of delivery finds its message, whatever the SMSC does", async (t) => {
  const personas = ["delivered", "undeliverable", "expired", "rejected-later", "bad-number", "early-report", "repeated-report", "decimal-report"];
  const more = ["padded-report", "no-report", "no-answer"];
  const results = ["delivered", "undelivered", "expired", "rejected", "bad-number", "delivered", "delivered", "delivered"];
  await reached("reports", 1000, [...personas, ...more], [...results, "delivered", "sent", "delivered"]);
  await reached("drops", 1100, ["drops"], ["delivered"]);
  t.same(smsc.books.submittedTwice(), [], "nothing is submitted twice");
  const kept = await one<{ n: number }>("select count(*)::int as n from message_receipt where attempt_id is null");
  t.equal(kept?.n, 0, "no report is left over");
});

t.test("a campaign whose sender the SMSC refuses is paused, with the reason, and most of its people wait; resumed it goes on", async (t) => {
  const people = Array.from({ length: 400 }, (_, at) => phone(6000 + at));
  for (const number of people) smsc.directory.assign(number, ["sender-refused"]);
  const listId = await listOf(
    stores,
    "refused",
    people.map((number) => [{ kind: "mobile" as const, number }]),
  );
  await stores.pool.query("update contact set client_id = 'refused' || client_id where list_id = $1", [listId]);
  const { version } = await stores.templates.publish({ name: "refused", channel: "sms", text: "Hi {first_name}" }, "test");
  const more = { name: "refused", templateVersionId: version.id, maxCps: 50, retries: defaultRetries };
  const { id } = await writeTo(stores, "sms", listId, more);
  const state = async () => (await stores.campaigns.find(id))?.state;
  const underWay = "select count(*)::int as n from attempt where campaign_id = $1 and state <> 'ended'";
  await until(async () => (await state()) === "paused", "the campaign to be paused");
  await until(async () => (await one<{ n: number }>(underWay, id))?.n === 0, "what was on its way to come to its end");
  const refused =
    (await one<{ n: number }>("select count(*)::int as n from attempt where campaign_id = $1 and result = 'carrier-fault'", id))?.n ?? 0;
  t.ok(refused >= 25 && refused < 300, `${refused} of 400 were tried`);
  t.equal((await one<{ n: number }>("select count(*)::int as n from work where campaign_id = $1", id))?.n, 400, "everybody still waits");
  const campaign = await stores.campaigns.find(id);
  if (campaign?.channel !== "sms") throw new Error("no campaign by SMS");
  const why = () => whyNotWritten(campaign, { sms: [{ name: "main", alphanumeric: false }], email: [] }, stores.messageReader);
  t.match(await why(), new RegExp(`It is paused, for the last ${refused} messages over main were all refused.*: ESME_RINVSRCADR`));

  for (const number of people) smsc.directory.assign(number, ["delivered"]);
  await pass.order(id, "resume");
  await until(
    async () => (await one("select from attempt where campaign_id = $1 and result = 'delivered' limit 1", id)) !== undefined,
    "it to go on",
  );
  t.equal(await state(), "running");
  await pass.order(id, "stop");
  t.equal(await why(), undefined, "that is over");
});

/** They come back to it five seconds later; meanwhile there is other work. */
const throttled = reached("throttled", 1200, ["throttled"], ["delivered"]);
throttled.catch(() => {});

t.test("an SMSC that asks for less gets less for a while", async () => {
  const refused = "select true as it from attempt where address = $1 and result = 'canceled'";
  await until(async () => (await one(refused, phone(1200))) !== undefined, "what it did not take to be put back");
  await until(() => messages.components().every(({ ready, note }) => ready && note === undefined), "the bind to go on");
});

t.test("a bind in a country that there is not opens nothing", async (t) => {
  const config = { contact: { defaultCountry: "US" }, sms: optionsOf([bindTo(smsc.port, { country: "ZZ" })]) };
  const more = { stores, attempts: stores.attempts, pass, metrics: new Registry(), clock: systemClock, random: seededRandom(seed), log: silentLog };
  t.throws(() => openMessages({ ...more, config, webhooks: { configured: [], call: () => Promise.reject(new Error("none")) } }), {
    ...{ code: "config-invalid", message: /sms\.binds main: “ZZ” is no country/ },
  });
});

t.test("one SMS may be sent to look at, of which nothing is recorded", async (t) => {
  await stores.templates.publish({ name: "look", channel: "sms", text: "Hi {first_name}" }, "test");
  const wish = { template: "look", sender: "main", to: phone(1500), fields: { first_name: "Ada" } };
  t.same(await messages.tests.send(wish), { text: "Hi Ada", bind: "main", parts: 1 });
  t.same(wroteTo(phone(1500)), ["Hi Ada"]);
  await t.rejects(messages.tests.send({ ...wish, fields: {} }), { code: "template-held", message: /first_name/ });
  await t.rejects(messages.tests.send({ ...wish, sender: "nobody" }), { code: "sender-unknown" });
  await t.rejects(messages.tests.send({ ...wish, template: "nothing" }), { code: "template-unknown" });
  smsc.directory.assign(phone(1501), ["bad-number"]);
  await t.rejects(messages.tests.send({ ...wish, to: phone(1501) }), { code: "sms-not-sent", message: /ESME_RINVDSTADR/ });
  await stores.suppressions.createList({ name: "registry", kind: "us-national", mandatory: true, channels: ["sms"], reason: "registry" }, "test");
  await stores.suppressions.createList({ name: "complaints", mandatory: true, channels: [], reason: "complained" }, "test");
  const listed = async (name: string, index: number) =>
    stores.suppressions.add(
      { whom: { kind: "number", value: phone(index) }, listId: (await stores.suppressions.list(name))?.id ?? "", reason: name },
      "test",
    );
  await stores.suppressions.add({ whom: { kind: "number", value: phone(1502) }, channel: "voice", reason: "no calls" }, "test");
  await listed("registry", 1502);
  t.match(await messages.tests.send({ ...wish, to: phone(1502) }), { text: "Hi Ada" }, "a national list is for what sells");
  await listed("complaints", 1502);
  await t.rejects(messages.tests.send({ ...wish, to: phone(1502) }), { code: "suppressed", message: /complaints/ });
  t.same(wroteTo(phone(1502)), ["Hi Ada"]);
  t.equal((await one<{ n: number }>("select count(*)::int as n from attempt where address = $1", phone(1500)))?.n, 0);
});

t.test("STOP is heard, answered once, and holds; START takes it back", async (t) => {
  const number = phone(2000);
  await reached("stops", 2000, ["says-stop delivered"], ["delivered"]);
  await until(() => wroteTo(number).length === 2, "the confirmation");
  t.match(wroteTo(number)[1], "You are out.");
  smsc.say(number, "55501", "stop, PLEASE!");
  const state = "select count(*)::int as n from incoming_message where from_address = $1 and state = $2";
  await until(async () => (await one<{ n: number }>(state, number, "stop"))?.n === 2, "the second STOP is understood");
  const { rows } = await stores.pool.query("select channel, number, reason from suppression where number = $1 and expires_at is null", [number]);
  t.match(rows[0], { channel: "sms", reason: /keyword stop/ });
  const again = await writeTo(
    stores,
    "sms",
    (await one<{ list_id: string }>("select list_id::text from address where number = $1", number))?.list_id ?? "",
    {
      name: "after stop",
    },
  );
  const refused = "select rule from refusal where campaign_id = $1";
  await until(async () => (await one<{ rule: string }>(refused, again.id))?.rule === "suppressed", "whoever opted out is refused");
  t.equal(wroteTo(number).length, 2, "and the second STOP was not answered again");
  smsc.say(number, "55501", "START");
  await until(() => wroteTo(number).at(-1) === "You are in.", "the answer to START");
  const left = await one<{ n: number }>(
    // What the law adds to a STOP from some day on stays.
    "select count(*)::int as n from suppression where number = $1 and channel is distinct from 'voice' and (expires_at is null or expires_at > now())",
    number,
  );
  t.equal(left?.n, 0);

  const erased = phone(2001);
  const { rows: blocks } = await stores.pool.query<{ id: string }>(
    `insert into suppression (subject, subject_kind, reason, source, created_at)
     values (encode(sha256(evidence_key() || convert_to('number:' || $1, 'UTF8')), 'hex'), 'number', 'erased', 'erasure', now()) returning id::text`,
    [erased],
  );
  smsc.say(erased, "55501", "STOP");
  await until(() => wroteTo(erased).at(-1) === "You are out.", "whoever was erased may write STOP");
  smsc.say(erased, "55501", "START");
  await until(() => wroteTo(erased).at(-1) === "You stay out.", "whoever was erased is not told that they get messages again");
  const about = await stores.suppressions.about({ kind: "number", value: erased });
  t.match(
    about.filter(({ channels }) => !channels.includes("voice")),
    [
      { source: "attempt", expiresAt: Number },
      { source: "erasure", expiresAt: undefined },
    ],
  );
  await stores.suppressions.end(blocks[0]?.id ?? "", "they asked for it on the telephone", "ann");
  await stores.pool.query("update incoming_message set at = at - interval '2 hours' where from_address = $1", [erased]);
  smsc.say(erased, "55501", "START");
  await until(() => wroteTo(erased).at(-1) === "You are in.", "when somebody has ended the block START is what it is for others");
});

t.test("what the SMSC brings again because it was not told so is heard once; the same words said once more are heard", async (t) => {
  const number = phone(7000);
  const heard = "select count(*)::int as n, count(*) filter (where state = 'waiting')::int as waiting from incoming_message where from_address = $1";
  const count = () => one<{ n: number; waiting: number }>(heard, number);
  const told = () => smsc.books.delivers.filter(({ from }) => from === number.slice(1)).map(({ status }) => status);
  // Stored, and the SMSC not told: an opt-out holds before that.
  const holder = await stores.pool.connect();
  try {
    await holder.query("begin");
    await holder.query("lock table suppression in exclusive mode");
    smsc.say(number, "55501", "STOP");
    await until(async () => (await count())?.n === 1, "it to be stored");
    smsc.cut();
    await until(() => told().length === 1, "the SMSC to see that nobody told it");
    await until(() => messages.components().every(({ ready }) => ready), "the bind to be back");
    await holder.query("rollback");
  } finally {
    holder.release();
  }
  await until(() => told().length === 2, "it to be brought again");
  t.same(told(), [null, 0]);
  await until(() => wroteTo(number).length > 0, "the confirmation");
  t.match(await count(), { n: 1, waiting: 0 });
  await until(async () => (await one("select from incoming_unconfirmed limit 1")) === undefined, "it to be known that the SMSC was told");
  smsc.say(number, "55501", "STOP");
  await until(async () => (await count())?.n === 2, "the second one to be heard");
  t.same(wroteTo(number), ["You are out."], "and to be answered once");
});

t.test("strangers get help, too; long texts in parts and words of one's own are understood; the rest is kept", async (t) => {
  const [stranger, friend] = [phone(3000), phone(3001)];
  smsc.say(stranger, "55501", "Help");
  await until(() => wroteTo(stranger).includes("We are here."), "help for somebody nobody knows");
  smsc.say(stranger, "55501", "STOPALL");
  await until(() => wroteTo(stranger).includes("You are out."), "an opt-out of somebody nobody knows");
  t.match(await one("select channel, number from suppression where number = $1", stranger), { channel: null }, "of every channel");
  const neighbour = phone(3002);
  smsc.say(neighbour, "55501", "wer ist da");
  await until(() => wroteTo(neighbour).includes("We are here."), "help by a word of the account's own");
  smsc.say(neighbour, "55501", "Bitte FEIERABEND!");
  await until(() => wroteTo(neighbour).includes("You are out."), "an opt-out by one");
  t.match(await one("select reason from suppression where number = $1", neighbour), { reason: /keyword feierabend/ });
  await reached("friends", 3001, ["says-much delivered"], ["delivered"]);
  const kept =
    "select text, state, complete, contact_id, campaign_id, after_attempt_id from incoming_message where from_address = $1 and state <> 'waiting'";
  await until(async () => (await one(kept, friend)) !== undefined, "the long text");
  const long = await one<{ text: string; contact_id: string | null; campaign_id: string | null }>(kept, friend);
  t.match(long, { state: "kept", complete: true, text: /^I have paid that already.*Please look again\.$/ });
  t.ok(long?.contact_id && long.campaign_id, "with contact and campaign");
  smsc.say(friend, "55501", "Balance please");
  await until(() => wroteTo(friend).includes("It is 12.00.") && told.length === 1, "the answer and the webhook");
  t.match(told, [{ name: "crm", from: friend, keyword: "balance" }]);
});

t.test("a program that answers each of our answers with the same word gets ten of them", async (t) => {
  const program = phone(3050);
  smsc.directory.assign(program, ["says:balance"]);
  smsc.say(program, "55501", "balance");
  const last =
    "select a.reason from incoming_message i join attempt a on a.id = i.answer_attempt_id where i.from_address = $1 and a.result = 'canceled'";
  await until(async () => (await one(last, program)) !== undefined, "an answer to be withheld");
  t.match(await one(last, program), { reason: "it was answered to often lately" });
  t.equal(wroteTo(program).length, 10);
  const calls = () => told.filter((each) => (each as { from: string }).from === program).length;
  await until(() => calls() === 11, "the webhook to be told of each");
});

t.test("a campaign's own words come before the account's, and a webhook that is away is told again", async (t) => {
  const [campaign, person] = [await reached("own", 3100, ["delivered"], ["delivered"]), phone(3100)];
  const keywords = [{ keyword: "balance", answer: "Of this campaign.", webhook: "crm" }];
  await stores.messageRules.setRules(campaign.id, { keywords, validityS: 90 });
  told.splice(0);
  crm.isAway = true;
  smsc.say(person, "55501", "BALANCE");
  await until(() => wroteTo(person).includes("Of this campaign.") && told.length === 1, "the campaign's answer, and the webhook is tried");
  const pending =
    "select state, tries, due_at between at + interval '4 s' and at + interval '50 s' as later from keyword_call where body->>'from' = $1";
  await until(async () => (await one<{ later: boolean }>(pending, person))?.later === true, "it is put off");
  t.match(await one(pending, person), { state: "pending", tries: 1 });
  crm.isAway = false;
  await stores.pool.query("update keyword_call set due_at = now() where state = 'pending'");
  await until(async () => (await one<{ state: string }>(pending, person))?.state === "done", "it is told again");
  const keys = told.map((each) => (each as { idempotencyKey: string }).idempotencyKey);
  t.equal(keys.length, 2);
  t.equal(new Set(keys).size, 1, "with the same key");
});

t.test("what a script or an agent wants to have sent goes out once, when it may, in time and to a number that takes it", async (t) => {
  await reached("callers", 4000, ["delivered", "delivered", "delivered"], ["delivered", "delivered", "delivered"]);
  await stores.templates.publish({ name: "payment-link", channel: "sms", text: "Pay {amount}, {first_name}" }, "test");
  const { rows } = await stores.pool.query<{ id: string }>("select id::text from attempt where address = any($1) order by id", [
    [4000, 4001, 4002].map(phone),
  ]);
  const [a = "", b = "", c = ""] = rows.map(({ id }) => id);
  const wish = {
    kind: "send",
    channel: "sms",
    template: "payment-link",
    values: { amount: "12.00" },
    withinS: 60,
    key: "link",
    reason: "test",
  } as const;
  const now = Date.now();
  await stores.attempts.effect(b, now, [{ kind: "suppress", channels: ["sms"], scope: "account", reason: "asked" }]);
  await stores.attempts.effect(c, now - 120_000, [wish]);
  await Promise.all([a, a, b].map((id) => stores.attempts.effect(id, now, [wish])));
  const states = "select string_agg(state, ',' order by attempt_id) as states from effect where kind = 'send'";
  await until(async () => (await one<{ states: string }>(states))?.states === "done,done,expired", "every wish is taken, or too late");
  await until(() => wroteTo(phone(4000)).length === 2, "the message that was wished for");
  t.equal(wroteTo(phone(4000))[1], "Pay 12.00, Name 1");
  const end = "select reason from attempt where address = $1 and campaign_id is null and state = 'ended'";
  await until(async () => (await one<{ reason: string }>(end, phone(4001)))?.reason === "suppressed", "whoever opted out gets none");
  t.equal(wroteTo(phone(4001)).length + wroteTo(phone(4002)).length, 2, "only those of the campaign");
});

t.test("what the SMSC did not take goes out later, once", async (t) => {
  await throttled;
  t.same(
    smsc.books.submits.filter(({ to }) => to === phone(1200).slice(1)).map(({ status }) => status),
    [0x58, 0],
  );
});
