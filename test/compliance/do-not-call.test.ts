import { Readable } from "node:stream";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { nationalLists, unusableLists } from "../../src/compliance/do-not-call.ts";
import type { SuppressionList } from "../../src/compliance/suppression.ts";
import { loadSuppressions } from "../../src/compliance/suppression-import-engine.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { guardCampaigns } from "../../src/start/safeguards.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { makeCampaign, node, openWorld } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";

const dayMs = 86_400_000;
const loaded = (kind: string, dated: string): SuppressionList => ({
  ...{ id: "1", name: "list", kind, mandatory: true, channels: [], reason: "x", entries: 1, createdAt: 0, createdBy: "x" },
  loaded: { at: Date.parse(`${dated}T09:00:00Z`), dated, mode: "replace" },
});
const none = { required: [], ages: [] };

t.test("the last day on which a list may be called by, and the first on which not", (t) => {
  const from = Date.parse("2026-03-01T00:00:00Z");
  for (const { kind, maxAgeDays } of nationalLists) {
    const last = from + (maxAgeDays + 1) * dayMs - 1;
    t.same(unusableLists(last, [loaded(kind, "2026-03-01")], none), [], `${kind}: ${maxAgeDays} days`);
    t.match(unusableLists(last + 1, [loaded(kind, "2026-03-01")], none), [
      { kind, why: new RegExp(`${maxAgeDays + 1} days old; ${maxAgeDays} are allowed`) },
    ]);
    t.match(unusableLists(from, [], { required: [kind], ages: [] }), [{ kind, why: /is needed/ }], `${kind}: missing`);
  }
  const ages = [{ kind: "us-state" as const, days: 90 }];
  t.same(unusableLists(from + 90 * dayMs, [loaded("us-state", "2026-03-01")], { required: [], ages }), [], "as the account has it");
  const { loaded: _, ...empty } = loaded("uk-tps", "2026-03-01");
  t.match(unusableLists(from, [empty], none), [{ why: /was never loaded/ }]);
  t.match(
    unusableLists(from + 40 * dayMs, [loaded("us-national", "2026-03-01"), loaded("us-state", "2026-04-01")], none),
    [{ kind: "us-national" }],
    "each for itself",
  );
  t.end();
});

t.test("a campaign that runs is paused when its list becomes too old, and goes on with newer data", async (t) => {
  const { stores } = await openWorld(t);
  // Timers go by the machine's clock; what time it is, by this.
  let ahead = 0;
  const clock: Clock = { now: () => systemClock.now() + ahead, after: (delayMs, fire) => systemClock.after(Math.min(delayMs, 20), fire) };
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock, log: silentLog, node, watchMs: 20 });
  const paused = Promise.withResolvers<string>();
  const log = { ...silentLog, warn: ({ reason }: Record<string, unknown>) => paused.resolve(String(reason)) };
  const guard = guardCampaigns({ stores, config: { contact: { defaultCountry: "US" }, doNotCall: none, lookups: [] }, pass, clock, log });
  t.teardown(async () => {
    await guard.close();
    await pass.close();
  });
  await pass.start();
  const { id: listId } = await stores.suppressions.createList(
    { name: "federal", kind: "us-national", mandatory: true, channels: ["voice", "sms"], reason: "registry" },
    "ann",
  );
  const load = (day: number) =>
    loadSuppressions({
      ...{ store: stores.suppressions, listId, mode: "replace", content: Readable.from(["212,5550199\n"]), by: "ann", defaultCountry: "US", clock },
      ...{ dated: new Date(day).toISOString().slice(0, 10), rejected: () => {} },
    });
  await load(clock.now());
  const { id } = await makeCampaign(stores, { name: "spring", people: 2, started: false });
  t.match(await pass.order(id, "start"), { state: "running" });
  ahead = 32 * dayMs;
  t.match(await paused.promise, /list federal .* 3[23] days old/);
  t.match(await stores.campaigns.find(id), { state: "paused" });
  await t.rejects(pass.order(id, "resume"), { code: "do-not-call-list-old" });
  await load(clock.now());
  t.match(await pass.order(id, "resume"), { state: "running" });

  const tps = await stores.suppressions.createList({ name: "tps", kind: "uk-tps", mandatory: true, channels: ["voice"], reason: "registry" }, "ann");
  const file = { store: stores.suppressions, listId: tps.id, mode: "replace", by: "ann", defaultCountry: "US", clock, rejected: () => {} } as const;
  const numbers = () => Readable.from(["02071838750\n07911123456\n"]);
  t.match(await loadSuppressions({ ...file, content: numbers() }), { rejected: 0, entries: 2 }, "numbers of a national list are of its country");
  await t.rejects(
    loadSuppressions({ ...file, country: "US", content: numbers() }),
    { code: "import-nothing-usable" },
    "unless somebody says otherwise",
  );
});

t.test("a campaign that somebody has stopped meanwhile keeps none of the others running that must not", async (t) => {
  const { stores } = await openWorld(t);
  let ahead = 0;
  const clock: Clock = { now: () => systemClock.now() + ahead, after: (delayMs, fire) => systemClock.after(Math.min(delayMs, 20), fire) };
  // What another node does it does not see.
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node, watchMs: 3_600_000 });
  const guard = guardCampaigns({
    ...{ stores, config: { contact: { defaultCountry: "US" }, doNotCall: none, lookups: [] }, pass, clock, log: silentLog },
  });
  t.teardown(async () => {
    await guard.close();
    await pass.close();
  });
  await pass.start();
  const { id: listId } = await stores.suppressions.createList(
    { name: "federal", kind: "us-national", mandatory: true, channels: ["voice"], reason: "registry" },
    "ann",
  );
  await loadSuppressions({
    ...{ store: stores.suppressions, listId, mode: "replace", content: Readable.from(["2125550199\n"]), by: "ann", defaultCountry: "US", clock },
    ...{ dated: new Date(clock.now()).toISOString().slice(0, 10), rejected: () => {} },
  });
  const [first, second] = [
    await makeCampaign(stores, { name: "first", people: 1, started: false }),
    await makeCampaign(stores, { name: "second", people: 1, started: false }),
  ];
  for (const { id } of [first, second]) await pass.order(id, "start");
  t.equal(await stores.campaigns.move(first.id, "running", "paused"), true);
  ahead = 32 * dayMs;
  await until(async () => (await stores.campaigns.find(second.id))?.state === "paused", "the other one to be paused");
});
