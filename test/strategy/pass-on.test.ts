import t from "tap";
import { until } from "../harness/far-side.ts";
import { endCall, strategyWorld } from "./strategy-kit.ts";
import { phone } from "./world.ts";

t.setTimeout(280_000);

const agents = `script: talking, trunk: main, caller_id: "+12125550100", window: mon-sun 00:00-24:00`;
const open = "window: mon-sun 00:00-24:00";

t.test("whom a pass for agents does not mean, or cannot call, goes on without an agent", async (t) => {
  const world = await strategyWorld(t);
  const { stores, clock } = world;

  await t.test("by its addresses, by what has happened, and by a field; the others wait, whatever mode the agents work in", async (t) => {
    const document = `name: talk
passes:
  talk: { channel: voice-agent, mode: manual, ${agents}, addresses: [landline], who: { not: { event: paid } }, who_else: { pass: text, after: 20 min } }
  text: { channel: sms, template: hello, sender: main, ${open} }`;
    const [mobile, landline] = [
      { number: phone("+12125550101"), kind: "mobile" as const },
      { number: phone("+12125550102"), kind: "landline" as const },
    ];
    const running = await world.run(document, [[mobile], [landline], [{ ...landline, number: phone("+12125550103") }]]);
    await until(async () => (await running.waiting()).length === 3 && (await running.waiting()).includes("text c1 1200"), "c1 to go on");
    t.same(await running.waiting(), ["talk c2 0", "talk c3 0", "text c1 1200"]);
    const { rows } = await stores.pool.query("select rule, retry_at from refusal where campaign_id = $1", [running.passes["talk"]]);
    t.same(rows, [{ rule: "no-address", retry_at: null }], "nothing is written of those who stay");
    const { rows: attempts } = await stores.pool.query("select from attempt where campaign_id = $1", [running.passes["talk"]]);
    t.equal(attempts.length, 0);
  });

  await t.test("who comes by a treatment, is done with when the pass is over, and ends the campaign", async (t) => {
    const document = `name: late
passes:
  call: { channel: voice-ivr, script: talking, trunk: main, caller_id: "+12125550100", ${open}, after: { busy: { pass: talk }, no-answer: { pass: talk } } }
  talk: { channel: voice-agent, mode: preview, ${agents}, who: { result: busy }, limits: { per_contact: 1 } }`;
    const running = await world.run(document, [
      [{ number: phone("+12125550104"), kind: "mobile" }],
      [{ number: phone("+12125550105"), kind: "mobile" }],
      [{ number: phone("+12125550106"), kind: "mobile" }],
    ]);
    const calls = await running.calls("call");
    await endCall(world, calls.get("c1"), "busy");
    await endCall(world, calls.get("c2"), "no-answer");
    await endCall(world, calls.get("c3"), "human");
    await until(async () => (await running.waiting()).length === 1, "whoever was not busy to be done with");
    t.same(await running.waiting(), ["talk c1 0"]);
    // An agent has time: the one who is meant is called, and nobody waits any more.
    await endCall(world, (await running.calls("talk")).get("c1"), "human");
    await until(async () => (await stores.strategyCampaigns.find(running.campaign.id))?.state === "finished", "the campaign to end");
    clock.skippedMs = 0;
  });

  await t.test("long lists are looked at in turn, and those who have come to stand in front later", async (t) => {
    const document = `name: long
passes:
  talk: { channel: voice-agent, mode: preview, ${agents}, order: newest, who: { field: owes, known: true }, who_else: { pass: text } }
  text: { channel: sms, template: hello, sender: main, ${open} }`;
    const people = Array.from({ length: 1200 }, (_, at) => [{ number: phone(`+1212555${1000 + at}`), kind: "mobile" as const }]);
    const running = await world.run(document, people);
    await until(async () => (await running.waiting()).every((line) => line.startsWith("text ")), "everybody to go on");
    t.equal((await running.waiting()).length, 1200);
    const newcomer = await stores.pool.query(
      `with made as (insert into contact (list_id, fields, client_id) select list_id, '{}', 'late' from contact where client_id = 'c1' and list_id = $2 returning id)
       insert into work (contact_id, campaign_id, due_at) select id, $1, to_timestamp(0) from made`,
      [running.passes["talk"], running.campaign.listId],
    );
    t.equal(newcomer.rowCount, 1);
    clock.skippedMs += 11 * 60_000;
    await until(async () => !(await running.waiting()).some((line) => line.startsWith("talk ")), "the next round");
  });
});
