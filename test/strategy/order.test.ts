import t from "tap";
import type { Address } from "../../src/contact/contact.ts";
import { endCall, handOver, strategyWorld } from "./strategy-kit.ts";
import { phone } from "./world.ts";

/* In which order people come to be contacted, over the tables. */

const world = await strategyWorld(t);
const { stores } = world;
const call = (more: string) =>
  `channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", window: 00:00-24:00, max_cps: 1000, max_lines: 1000${more}`;
let made = 0;
const people = (count: number): (readonly Address[])[] =>
  Array.from({ length: count }, () => {
    made += 1;
    return [{ kind: "mobile", number: phone(`+1212${4_000_000 + made}`) }];
  });

/** Who is called first, second, …: by client id. */
async function called(name: string, order: string, fields: readonly string[] = []): Promise<readonly string[]> {
  const document = `name: ${name}\npasses:\n  a: { ${call(order === "" ? "" : `, order: ${order}`)} }\n`;
  const running = await world.run(document, people(6), { started: false });
  for (const [index, value] of fields.entries())
    await stores.pool.query(
      "update contact set fields = fields::jsonb || jsonb_build_object('amount', $3::text) where list_id = $1 and client_id = $2",
      [running.campaign.listId, `c${index + 1}`, value],
    );
  await stores.strategyCampaigns.order(running.campaign.id, "start");
  return [...(await running.calls("a")).keys()];
}

const list = ["c1", "c2", "c3", "c4", "c5", "c6"];

t.test("as the list has them, the oldest or the newest first", async (t) => {
  t.same(await called("plain", ""), list);
  t.same(await called("oldest", "oldest"), list);
  t.same(await called("newest", "newest"), list.toReversed());
});

t.test("by chance, the same however often it is asked", async (t) => {
  const order = await called("random", "random");
  t.same(order.toSorted(), list);
  const { rows } = await stores.pool.query<{ id: string }>(
    `select p.client_id as id from campaign c join contact p on p.list_id = c.list_id where c.name = 'random/a'
     order by abs(hashint8extended(p.id, c.id) % 10000000) desc, p.id`,
  );
  t.same(
    order,
    rows.map(({ id }) => id),
    "drawn from the contact and the campaign",
  );
  const others = await Promise.all([0, 1, 2].map((index) => called(`random-${index}`, "random")));
  t.notSame(others, [order, order, order], "other campaigns have other orders");
});

t.test("by a field; who has none comes last", async (t) => {
  const amounts = ["20", "100.5", "", "$3", "many", "100.5"];
  t.same(await called("smallest", "{ field: amount }", amounts), ["c4", "c1", "c2", "c6", "c3", "c5"]);
  t.same(await called("largest", "{ field: amount, largest_first: true }", amounts), ["c2", "c6", "c1", "c4", "c3", "c5"]);
  const names = ["Moss", "Abel", "Zorn", "Kern", "", "Abel"];
  t.same(
    (await called("by-name", "{ field: amount, as: text }", names)).filter((id) => id !== "c5"),
    ["c2", "c6", "c4", "c1", "c3"],
  );
  t.same((await called("by-name-down", "{ field: amount, as: text, largest_first: true }", names)).slice(0, 5), ["c3", "c1", "c4", "c2", "c6"]);
});

t.test("who comes later goes first where the newest do; and one claim reads what it takes, not the list", async (t) => {
  const running = await world.run(`name: fed\npasses:\n  a: { ${call(", order: newest")} }\n`, people(3));
  t.same([...(await running.calls("a")).keys()], ["c3", "c2", "c1"]);
  for (const id of ["late-1", "late-2"]) {
    world.clock.skippedMs += 10_000;
    await stores.people.add(running.campaign.listId, { clientId: id, timeZone: undefined, addresses: people(1)[0] ?? [], fields: {} }, true);
  }
  t.same([...(await running.calls("a")).keys()], ["late-2", "late-1"]);
  const { rows } = await stores.pool.query<{ "QUERY PLAN": string }>(
    "explain (costs off) select contact_id from work where campaign_id = 1 and due_at <= now() and (due_at, contact_id) > (now(), 1) order by due_at, contact_id limit 10 for update skip locked",
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  t.match(plan, /Index.* Scan .*using work_due_index/);
  t.notMatch(plan, /Sort/);
});

t.test("whoever is due again stands behind those who are due since longer", async (t) => {
  const running = await world.run(`name: behind\npasses:\n  a: { ${call(", after: { busy: { retry: 1 min, at_most: 2 } }")} }\n`, people(2));
  const first = await running.calls("a");
  for (const order of first.values()) await endCall(world, order, "busy");
  world.clock.skippedMs += 61_000;
  await stores.pool.query("update work set due_at = due_at + interval '1 s' where contact_id = $1", [first.get("c1")?.contactId]);
  world.clock.skippedMs += 1000;
  t.same([...(await running.calls("a")).keys()], ["c2", "c1"]);
});

t.test("callbacks first: who is tried again before everybody who is due since longer, and the others in their order", async (t) => {
  /** Each in turn, the first of them twice. */
  const turns = async (name: string, order: string) => {
    const one = call(", after: { busy: { retry: 1 min, at_most: 1 } }").replace("max_lines: 1000", "max_lines: 1");
    const running = await world.run(`name: ${name}\npasses:\n  a: { ${one}, order: ${order} }\n`, people(4));
    const seen: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const [[id, placed] = ["nobody", undefined]] = [...(await running.calls("a"))];
      seen.push(id);
      await endCall(world, placed, turn === 0 ? "busy" : "human");
      world.clock.skippedMs += 61_000;
    }
    return seen;
  };
  t.same(await turns("behind-list", "list"), ["c1", "c2", "c3", "c4", "c1"]);
  t.same(await turns("back-list", "callbacks_first"), ["c1", "c1", "c2", "c3", "c4"]);
  t.same(await turns("back-newest", "{ callbacks_first: true, by: newest }"), ["c4", "c4", "c3", "c2", "c1"]);
  const { rows } = await stores.pool.query<{ "QUERY PLAN": string }>(
    "explain (costs off) select contact_id from work where campaign_id = 1 and due_at <= now() and (due_at, contact_id) > (now(), 1) and back order by due_at, contact_id limit 10 for update skip locked",
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  t.match(plan, /Index.* Scan .*using work_back_index/);
  t.notMatch(plan, /Sort/);
});

t.test("callbacks first: who comes from another pass at a time that was named, too", async (t) => {
  const running = await world.run(
    `
name: appointed
passes:
  text: { channel: sms, template: note, sender: main, window: 00:00-24:00, max_cps: 1000, after: { undelivered: [{ pass: a, at: { field: appointment } }, { pass: a }] } }
  a: { ${call(", order: { callbacks_first: true, field: amount }")} }
`,
    people(3),
  );
  const appointment = new Date(world.clock.now() + 60_000).toISOString();
  await stores.pool.query(
    "update contact set fields = fields::jsonb || jsonb_build_object('appointment', $2::text) where list_id = $1 and client_id = 'c2'",
    [running.campaign.listId, appointment],
  );
  for (const order of (await running.messages("text")).values()) await handOver(world, order, "undelivered");
  t.equal((await running.waiting()).length, 3);
  world.clock.skippedMs += 120_000;
  t.same([...(await running.calls("a")).keys()], ["c2", "c1", "c3"]);
});
