import t from "tap";
import type { Address } from "../../src/contact/contact.ts";
import { readReceipt } from "../../src/sms/receipt.ts";
import { endCall, handOver, strategyWorld } from "./strategy-kit.ts";
import { phone } from "./world.ts";

/* Events from outside: whom they end or move, wherever that person stands, and to which attempt they are put down. */

const world = await strategyWorld(t);
const { stores, clock } = world;
let made = 0;
const mobile = (): readonly Address[] => [{ kind: "mobile", number: phone(`+1212${3_000_000 + ++made}`) }];

const document = (name: string) => `
name: ${name}
events: { payment-received: stop, moved-house: { pass: text, after: 1 h } }
passes:
  text: { channel: sms, template: reminder, sender: main, window: 00:00-24:00, max_cps: 1000, after: { delivered: { pass: call, after: 24 h }, sent: { pass: call, after: 3 d } } }
  call: { channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", window: 00:00-24:00, max_cps: 1000, max_lines: 1000, after: { busy: { retry: 20 min, at_most: 3 } } }
`;

const tell = (name: string, clientId: string, more: object = {}) => stores.events.record({ name, clientId, occurredAt: clock.now(), ...more });
const report = (attemptId: string) =>
  stores.receipts.receive(
    readReceipt({ bind: "smsc-a", state: "delivered", to: "+1", from: "+12125550100", at: clock.now(), remoteId: attemptId }, "same"),
  );

t.test("a payment ends the strategy for one person, wherever they stand", async (t) => {
  const running = await world.run(document("payments"), Array.from({ length: 7 }, mobile));
  const texts = await running.messages("text");
  for (const who of ["c1", "c2", "c3", "c4", "c5"]) await handOver(world, texts.get(who));
  const waiting = async (who: string) => (await running.waiting()).filter((line) => line.split(" ")[1] === who);

  t.same(await waiting("c1"), ["call c1 259200"]);
  const paid = await tell("payment-received", "c1", { key: "p-1", amount: 75.5, currency: "USD" });
  const attemptId = texts.get("c1")?.attemptId;
  t.match(paid, { fresh: true, deeds: [{ strategyCampaignId: running.campaign.id, campaignId: undefined, attemptId }] }, "put down to the SMS");
  t.same(await waiting("c1"), []);
  t.same(await tell("payment-received", "c1", { key: "p-1", amount: 75.5 }), { ...paid, fresh: false }, "told again it is the same event");
  await t.rejects(tell("payment-received", "c2", { key: "p-1" }), { code: "event-key-reused" });
  await report(attemptId ?? "");
  t.same(await waiting("c1"), [], "nothing follows from a report that comes later");

  for (const who of ["c2", "c3", "c4", "c5"]) await report(texts.get(who)?.attemptId ?? "");
  clock.skippedMs += 86_401_000;
  const calls = await running.calls("call");
  const stateOf = async (who: string) => {
    const { rows } = await stores.pool.query("select state, result, reason, withdrawn from attempt where id = $1", [calls.get(who)?.attemptId]);
    return rows[0];
  };
  await tell("payment-received", "c2");
  t.match(await stateOf("c2"), { state: "ended", result: "canceled", reason: "event" }, "a call that is reserved does not leave");
  t.equal(await stores.attempts.begin(calls.get("c2")?.attemptId ?? "", clock.now()), false);

  const ringing = calls.get("c3")?.attemptId ?? "";
  t.ok(await stores.attempts.begin(ringing, clock.now()));
  await tell("payment-received", "c3");
  t.match(await stateOf("c3"), { state: "sending", withdrawn: true }, "one that rings is taken back");
  t.match(await stores.registry.withdrawn("node-1"), [ringing]);
  await stores.attempts.finish(ringing, { at: clock.now(), result: "busy", reason: "test" });
  t.same(await waiting("c3"), [], "and is not repeated, whatever it came to");

  await endCall(world, calls.get("c4"), "busy");
  t.same(await waiting("c4"), ["call c4 1200"]);
  await tell("payment-received", "nobody");
  t.same((await tell("something-else", "c4")).deeds.length, 1, "kept, and does nothing");
  t.same(await waiting("c4"), ["call c4 1200"]);
  await tell("moved-house", "c4");
  t.same(await waiting("c4"), ["text c4 3600"], "another event moves");

  t.same(await waiting("c6"), [], "still leaving");
  await stores.messages.withhold(texts.get("c6")?.attemptId ?? "", clock.now(), "canceled", "test", clock.now());
  t.same(await waiting("c6"), ["text c6 0"], "nothing had left");
  await tell("payment-received", "c6");
  t.same(await waiting("c6"), []);
  await tell("payment-received", "c7");
  await stores.messages.withhold(texts.get("c7")?.attemptId ?? "", clock.now(), "canceled", "test", clock.now());
  t.same(await waiting("c7"), [], "nobody is put back whom an event has ended meanwhile");
});

t.test("to which attempt an event is put down", async (t) => {
  const people = [mobile()];
  const running = await world.run(document("attribution"), people);
  const { rows } = await stores.pool.query<{ id: string }>("select id::text from contact where list_id = $1", [running.campaign.listId]);
  const past = async (channel: string, result: string, daysAgo: number) => {
    const at = new Date(clock.now() - daysAgo * 86_400_000);
    const { rows: ids } = await stores.pool.query<{ id: string }>(
      `insert into attempt (campaign_id, contact_id, channel, address, state, result, node, permit_until, reserved_at, ended_at)
       values ($1, $2, $3, '+12125550100', 'ended', $4, 'node-1', $5, $5, $5) returning id::text`,
      [running.passes["call"], rows[0]?.id, channel, result, at],
    );
    return ids[0]?.id;
  };
  const [address] = people[0] ?? [];
  const to = async (more: object = {}) =>
    (
      await stores.events.record({ name: "seen", occurredAt: clock.now(), address: address && "number" in address ? address.number : "", ...more })
    ).deeds.map((deed) => deed.attemptId);
  t.same(await to(), [undefined], "nobody was reached yet");
  await past("voice", "human", 20);
  t.same(await to(), [undefined], "too long ago");
  const sms = await past("sms", "delivered", 5);
  const call = await past("voice", "machine-message", 3);
  await past("voice", "no-answer", 1);
  t.same(await to(), [call], "the last that reached the person");
  t.same(await to({ channel: "sms" }), [sms], "by the channel that it names");
  t.same(await to({ occurredAt: clock.now() - 4 * 86_400_000 }), [sms], "not one that came later");
});
