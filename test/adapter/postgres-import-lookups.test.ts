import { writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import type { LookupRun } from "../../src/contact/lookup/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openLookups } from "../../src/start/lookups.ts";
import { openWorld as openFeeds, runsOf } from "../contact/feeds-kit.ts";
import { type Asked, json, lookup, openProvider } from "../contact/lookup-kit.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { openWorld, phone } from "./stores-kit.ts";

/* Imports whose people are looked up: a provider on a socket, the real tables. */

const { stores } = await openWorld(t);
/** Questions of `line` that wait for their answers; undefined: each is answered at once. */
let held: (() => void)[] | undefined;
const provider = await openProvider(t, (response, asked) =>
  held !== undefined && asked.path.startsWith("/line/") ? held.push(() => answer(response, asked)) : answer(response, asked),
);
function answer(response: ServerResponse, { path }: Asked) {
  const [, what, about = ""] = path.split("/").map(decodeURIComponent);
  if (what === "crm") return json(response, { blocked: about === "c2" });
  return about === phone(3) ? json(response, {}, 503) : json(response, { type: about === phone(2) ? "landline" : "mobile" });
}
function letGo(): void {
  for (const each of held ?? []) each();
  held = undefined;
}
// Answers that are held back are waited for, on a busy machine, too.
const quick = { maxPerSecond: 1000, maxConcurrent: 50, retries: 0, timeoutMs: 60_000 };
const lookups = [
  lookup({ name: "line", kind: "line-type", url: `${provider.url}/line/{number}`, answer: "/type", ...quick }),
  lookup({ name: "crm", kind: "customer", url: `${provider.url}/crm/{clientId}`, answer: "/blocked", ...quick }),
];
const running = openLookups({
  ...{ config: { lookups, webhookDelivery: { privateNetworks: [] } as never }, stores },
  ...{ metrics: new Registry(), clock: systemClock, log: silentLog, lookMs: 20 },
});
await running.start();
t.teardown(() => running.close());

const askedFor = (what: string) =>
  provider.asked.filter(({ path }) => path.startsWith(`/${what}/`)).map(({ path }) => decodeURIComponent(path.split("/")[2] ?? ""));
const file = (...people: number[]) => `client_id,phone\n${people.map((n) => `c${n},${phone(n)}\n`).join("")}`;

async function bring(csv: string, more: Partial<Parameters<typeof importContacts>[0]> = {}) {
  return await importContacts({
    ...{ store: stores.contacts, name: "people", append: false, csv: Readable.from([csv]), rejected() {} },
    ...more,
  });
}

async function ended(ids: readonly string[] = []): Promise<readonly LookupRun[]> {
  let runs: readonly LookupRun[] = [];
  await until(
    async () => {
      runs = await stores.lookupRuns.find(ids);
      return runs.every(({ state }) => state !== "running");
    },
    `the end of the runs ${ids.join(", ")}`,
  );
  return runs;
}

t.test("those who come in are asked about, and nobody else", async (t) => {
  await t.rejects(bring(file(1), { lookups: ["nowhere"] }), { code: "lookup-unknown", message: /lookups: in the configuration/ });
  await t.rejects(bring(file(1), { lookups: ["line"], csv: Readable.from(["phone\nx\n"]) }), { code: "import-nothing-usable" });
  t.equal((await bring(file(1), { lookups: ["line"], dry: true })).lookupRuns, undefined);
  t.same(await stores.lookupRuns.runs(10), [], "nobody is asked about whom nothing brought in");

  const first = await bring(file(1, 2, 3), { lookups: ["line", "crm"] });
  t.match(await ended(first.lookupRuns), [
    {
      ...{ list: "people", lookups: ["line", "crm"], state: "done", people: 3, contacts: 3, missing: [] },
      counts: { line: { mobile: 1, landline: 1, failed: 1 }, crm: { contact: 2, "do-not-contact": 1 } },
    },
  ]);
  const kinds = "select a.number, a.kind from address a join list l on l.id = a.list_id where l.name = 'people' order by a.number";
  t.same((await stores.pool.query(kinds)).rows.slice(0, 2), [
    { number: phone(1), kind: "mobile" },
    { number: phone(2), kind: "landline" },
  ]);

  provider.asked.length = 0;
  const more = await bring(file(4, 5), { append: true, mapping: { lookups: ["line"] } });
  t.match(await ended(more.lookupRuns), [{ lookups: ["line"], people: 2, contacts: 2, counts: { line: { mobile: 2 } } }]);
  t.same(askedFor("line").sort(), [phone(4), phone(5)], "of a mapping that names it: those of this file alone");

  await stores.pool.query("delete from lookup_answer");
  provider.asked.length = 0;
  const changed = await bring(file(2, 6), { existing: "update", lookups: ["line"], mapping: { lookups: ["line", "crm"] } });
  t.match(changed, { accepted: 2, updated: 1 });
  t.match(await ended(changed.lookupRuns), [{ people: 2, contacts: 2, counts: { line: { mobile: 1, landline: 1 } } }]);
  t.same([...askedFor("line"), ...askedFor("crm")].sort(), [phone(2), phone(6), "c2", "c6"].sort(), "who was on the list, and who is new");
  t.same((await stores.pool.query("select from lookup_run_contact")).rows, []);

  provider.asked.length = 0;
  const replaced = await bring(file(4, 6, 7), { existing: "replace", lookups: ["line"] });
  t.match(replaced, { accepted: 3, updated: 2, left: 4 });
  t.match(await ended(replaced.lookupRuns), [{ people: 3, contacts: 3, counts: { line: { mobile: 3 } } }]);
  t.same(askedFor("line").sort(), [phone(4), phone(7)], "what is known and good is not asked again");
});

t.test("of a file for several lists each has a run", async (t) => {
  const report = await bring(`client_id,phone,tier\nc11,${phone(11)},a\nc12,${phone(12)},b\n`, {
    name: "split",
    mapping: {
      lookups: ["line"],
      rules: [
        { name: "second", when: [{ field: "tier", is: ["b"] }], list: "others" },
        { name: "rest", list: "split" },
      ],
    },
  });
  const runs = await ended(report.lookupRuns);
  t.match(
    runs.map(({ list, people, counts }) => ({ list, people, counts })).sort((a, b) => a.list.localeCompare(b.list)),
    [
      { list: "others", people: 1, counts: { line: { mobile: 1 } } },
      { list: "split", people: 1, counts: { line: { mobile: 1 } } },
    ],
  );
});

t.test("a run waits for a server that has its look-ups, says so, and may be canceled", async (t) => {
  held = [];
  const report = await bring(file(20, 21), { name: "held", lookups: ["line"] });
  const [id = ""] = report.lookupRuns ?? [];
  await until(async () => askedFor("line").includes(phone(21)), "the questions");
  t.match(await stores.lookupRuns.find([id]), [{ state: "running", contacts: 0, people: 2, missing: [] }]);
  await stores.pool.query("update lookup set seen_at = now() - interval '4 minutes' where name = 'line'");
  t.match(await stores.lookupRuns.find([id]), [{ missing: ["line"] }]);
  await t.rejects(bring(file(22), { name: "gone", lookups: ["line"] }), { code: "lookup-unknown" });
  await stores.pool.query("update lookup set seen_at = now()");
  t.ok(await stores.lookupRuns.cancel(id));
  t.notOk(await stores.lookupRuns.cancel(id), "once");
  t.match(await stores.lookupRuns.find([id]), [{ state: "canceled", missing: [], endedAt: Number }]);
  letGo();
});

t.test("runs that ask different look-ups go on side by side; of those that ask the same one the first", async (t) => {
  held = [];
  provider.asked.length = 0;
  const begun = async (person: number, lookup: string) =>
    (await bring(file(person), { name: `side by side ${person}`, lookups: [lookup] })).lookupRuns?.[0] ?? "";
  const [first, behind] = [await begun(41, "line"), await begun(42, "line")];
  const beside = [await begun(43, "crm"), await begun(44, "crm")];
  t.match(await ended(beside), [{ state: "done", counts: { crm: { contact: 1 } } }, { state: "done" }], "another server answers meanwhile");
  await until(async () => askedFor("line").length > 0, "the question of the first");
  t.same(askedFor("line"), [phone(41)], "the first has the whole pace");
  t.match(await stores.lookupRuns.find([first, behind]), [{ state: "running" }, { state: "running", contacts: 0 }]);
  letGo();
  t.match(await ended([first, behind]), [{ counts: { line: { mobile: 1 } } }, { counts: { line: { mobile: 1 } } }]);
});

t.test("a feed starts its campaign when its people are looked up", async (t) => {
  const clock = new VirtualClock();
  const world = await openFeeds(t, clock, stores);
  const line = Object.entries({ name: "line", kind: "line-type", url: "http://127.0.0.1/{number}", answer: "/type" });
  const more = Object.fromEntries(line.map(([key, value]) => [`lookups.0.${key}`, value]));
  const feed = { list: "fed", startCampaign: "spring", quietS: 0, everyS: 3600, "lookups.0": "line" };
  await t.rejects(world.engine({ ...feed, "lookups.0": "crm" }, "n1", more), /crm is no look-up: its name must stand under lookups/);
  const engine = await world.engine(feed, "n1", more);
  held = [];
  provider.asked.length = 0;
  writeFileSync(join(world.folder, "people.csv"), file(31, 32));
  await world.look(engine);
  await world.look(engine, 3600);
  await until(async () => askedFor("line").length === 2, "the questions");
  t.match(await runsOf(world), [{ state: "loaded", report: { accepted: 2, lookupRuns: [/\d+/] } }]);
  await world.look(engine, 10);
  t.same(world.started, [], "not before");
  t.same(world.lying(), ["people.csv"]);
  const [view] = await stores.feeds.list();
  t.match(view, { failures: 0, trouble: undefined }, "to wait is no trouble");
  letGo();
  const [run] = await runsOf(world);
  await ended(run?.report?.["lookupRuns"] as string[]);
  await world.look(engine, 10);
  t.same(world.started, ["start"]);
  t.match(await runsOf(world), [
    { state: "done", report: { lookups: [{ list: "fed", state: "done", people: 2, counts: { line: { mobile: 2 } } }] } },
  ]);
  t.same(world.lying(), []);
});
