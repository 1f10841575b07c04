import { Readable } from "node:stream";
import t from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { ListedWhom } from "../../src/compliance/suppression.ts";
import { loadSuppressions, type SuppressionFile } from "../../src/compliance/suppression-import-engine.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import { attemptRow, begun, claim, makeCampaign, makeList, node, openWorld, phone } from "./stores-kit.ts";

const by = "ann";
const own = { mandatory: true, channels: [], reason: "complained before" } as const;

function load(stores: Stores, listId: string, content: string | Readable, more: Partial<SuppressionFile> = {}) {
  const rejected: string[] = [];
  const report = loadSuppressions({
    ...{ store: stores.suppressions, listId, mode: "append", by, defaultCountry: "US", clock: systemClock },
    content: typeof content === "string" ? Readable.from([content]) : content,
    rejected: ({ row, column, reason }) => void rejected.push(`${row} ${column} ${reason}`),
    ...more,
  });
  return report.then((counts) => ({ ...counts, told: rejected }));
}

/** Whom a claim finds suppressed. */
async function suppressedOf(stores: Stores, campaign: VoiceCampaign): Promise<string[]> {
  const found: string[] = [];
  await claim(stores, campaign, 100, {
    judge: (candidate) => {
      if (candidate.suppressed) found.push(candidate.address);
      return { go: false, rule: "suppressed", retryAt: Date.now() };
    },
  });
  return found.sort();
}

t.test("lists: mandatory for every campaign, others for those that name them, on their channels; append, replace, end, history", async (t) => {
  const { stores } = await openWorld(t);
  const { suppressions } = stores;
  const listId = await makeList(stores, "people", 4);
  const one = await makeCampaign(stores, { name: "one", listId });
  const all = await suppressions.createList({ name: "complaints", ...own }, by);
  const some = await suppressions.createList({ name: "competitors", ...own, mandatory: false, reason: "competitor" }, by);
  const texts = await suppressions.createList({ name: "no texts", ...own, channels: ["sms"] }, by);
  await t.rejects(suppressions.createList({ name: "complaints", ...own }, by), { code: "suppression-list-exists" });
  await load(stores, texts.id, `${phone(4)}\n`);
  await load(stores, some.id, `number,reason\n${phone(2)},rival\n`);
  t.match(await load(stores, all.id, `phone;client_id;until\n${phone(1)};c9;\n12;;\n;;\n${phone(1)};;2020-01-01\n;c3;2999-12-31\n`), {
    ...{ read: 4, rejected: 2, added: 3, ended: 0, entries: 3 },
    told: [/^2 phone too short/, /^3 until has ended already/],
  });
  t.same(await suppressedOf(stores, one), [phone(1)], "by number");
  t.match(await stores.campaigns.progress(one.id), { waiting: 3 }, "who is on it by client id is not waited with");
  const two = await makeCampaign(stores, { name: "two", listId });
  t.same(await suppressedOf(stores, two), [phone(1), phone(3)], "a campaign that starts later sees them");
  await stores.pool.query("insert into campaign_suppression_list (campaign_id, list_id) values ($1, $2)", [two.id, some.id]);
  t.same(await suppressedOf(stores, two), [phone(1), phone(2), phone(3)], "who names a list heeds it too");

  const replaced = await load(stores, all.id, `phone\n${phone(1)}\n${phone(4)}\n`, { mode: "replace", file: "new.csv", dated: "2026-01-31" });
  t.match(replaced, { added: 1, ended: 2, entries: 2 });
  t.same(await suppressedOf(stores, one), [phone(1), phone(4)]);
  t.match(await suppressions.about({ kind: "client-id", value: "c3" }), [
    { source: "list", list: "complaints", reason: "complained before", recordedBy: by, endedBy: by, endedReason: /not in the file of load/ },
  ]);
  t.match(await suppressions.list("complaints"), { id: all.id, entries: 2, loaded: { dated: "2026-01-31", file: "new.csv", mode: "replace" } });
  const [last] = await suppressions.about({ kind: "number", value: phone(4) });
  t.match(await suppressions.end(last?.id ?? "", "a mistake", "ben"), { endedBy: "ben", endedReason: "a mistake" });
  t.equal(await suppressions.end(last?.id ?? "", "again", "ben"), undefined, "it ends once");
  t.same(await suppressedOf(stores, one), [phone(1)]);
  t.match(await suppressions.entries(all.id, { limit: 10 }), [{ whom: { kind: "number", value: phone(1) } }]);
  t.match(await suppressions.list(all.id), { entries: 1 });
});

t.test("what cannot be used changes nothing, and says why", async (t) => {
  const { stores } = await openWorld(t);
  const { suppressions } = stores;
  const { id } = await suppressions.createList({ name: "national", ...own }, by);
  t.match(await load(stores, id, "212,5550100\r\n646,5550101\r\n911,12\r\n"), { added: 2, rejected: 1 }, "area code and seven digits");
  const cut = Readable.from(
    (function* () {
      yield "212,5550107\n";
      throw new Error("line cut");
    })(),
  );
  for (const [content, code, more] of [
    ["name,city\nAnn,Bonn\n", "import-columns", {}],
    ["phone\nnothing\n", "import-nothing-usable", {}],
    ["phone\n", "import-empty", {}],
    ["PK\u0003\u0004", "import-format", {}],
    [cut, "import-broken-off", {}],
    ["2125550109\n", "import-date", { dated: "2026-02-30" }],
    ["2125550109\n", "import-date", { dated: "2999-01-01" }],
    ["2125550109\n", "suppression-list-unknown", { listId: "999" }],
  ] as const)
    await t.rejects(load(stores, id, content, { mode: "replace", ...more }), { code });
  t.equal((await suppressions.entries(id, { limit: 10 })).length, 2, "the list is as it was");
  const { rows } = await stores.pool.query("select count(*)::int as n from suppression");
  t.same(rows, [{ n: 2 }]);
  await t.rejects(stores.pool.query("update suppression_load set added = 0"), /append-only/);
  for (const whom of [
    { kind: "number", value: "123" },
    { kind: "mailbox", value: "Ann" },
    { kind: "client-id", value: "a\u0000" },
  ] as const)
    await t.rejects(suppressions.add({ whom, reason: "wrote" }, by), { code: "suppression-invalid" });
  const whom = { kind: "client-id", value: "c1" } as const;
  await t.rejects(suppressions.add({ whom, reason: " " }, by), { code: "suppression-invalid" });
  await t.rejects(suppressions.add({ whom, reason: "wrote", campaignId: "77" }, by), { code: "campaign-unknown" });
  const both = await Promise.all([suppressions.add({ whom, reason: "wrote" }, by), suppressions.add({ whom, reason: "wrote" }, by)]);
  t.equal(both[0].id, both[1].id, "said twice it is written once");
});

t.test("a suppression takes back what is queued and what rings, on every campaign that heeds it", async (t) => {
  const { stores } = await openWorld(t);
  const { suppressions } = stores;
  const listId = await makeList(stores, "people", 6);
  const campaign = await makeCampaign(stores, { name: "one", listId });
  const [ringing, , other] = await begun(stores, campaign, 3);
  const reserved = await claim(stores, campaign, 1);
  const { id } = await suppressions.createList({ name: "block", ...own }, by);
  const people: ListedWhom[] = [1, 4].flatMap((index) => [{ whom: { kind: "number", value: phone(index) }, reason: "" }]);
  const five = [phone(5), phone(100_004)].map((value) => ({ whom: { kind: "number" as const, value }, reason: "" }));
  const loading = await suppressions.openLoad(id, "append");
  await loading.add([...people, ...five, { whom: { kind: "client-id", value: "c6" }, reason: "" }]);
  t.same(await stores.registry.withdrawn(node), [], "nothing before the file is in");
  await loading.commit({ by, read: 5, rejected: 0, sha256: "" });
  t.same(await stores.registry.withdrawn(node), [ringing?.attemptId]);
  t.match(await attemptRow(stores, reserved.orders[0]?.attemptId ?? ""), { state: "ended", result: "canceled", reason: "suppressed" });
  t.match(
    await stores.campaigns.progress(campaign.id),
    { waiting: 0, inFlight: 3, done: 3, refusals: { suppressed: 3 } },
    "with all their numbers, or as a person",
  );

  await suppressions.add({ whom: { kind: "number", value: phone(3) }, campaignId: campaign.id, reason: "asked by letter" }, by);
  t.same(await stores.registry.withdrawn(node), [ringing?.attemptId, other?.attemptId]);

  const second = await makeCampaign(stores, { name: "two", listId: await makeList(stores, "others", 2) });
  await suppressions.add({ whom: { kind: "number", value: phone(2) }, reason: "asked by letter" }, by);
  t.match(await stores.campaigns.progress(second.id), { waiting: 2 }, "whoever has another number waits on");
  const policy = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC" };
  const { orders } = await claim(stores, second, 10, { judge: (candidate) => judge(Date.now(), candidate, policy) });
  t.same(orders, [], "and is refused on the number that is suppressed");
});
