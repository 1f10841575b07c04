import pg from "pg";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { passesOf } from "../../src/api/strategy-passes.ts";
import { examineLookups } from "../../src/command/doctor-lookup.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { ownThread } from "../../src/start/publishing.ts";
import { guardCampaigns, safeguardsOf } from "../../src/start/safeguards.ts";
import { Preflights } from "../../src/strategy/preflight-engine.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { Whys } from "../../src/strategy/why-engine.ts";
import { json, lookup, openProvider } from "../contact/lookup-kit.ts";
import { until } from "../harness/far-side.ts";
import { listOf, openAsking, pulled } from "./lookup-campaign-kit.ts";
import { makeCampaign, openWorld, phone } from "./stores-kit.ts";

/* Look-ups that one pass wants, and what becomes of campaigns whose look-up is gone. */

const { stores, url } = await openWorld(t);
const provider = await openProvider(t, (response, { path }) =>
  path.startsWith("/crm/") ? json(response, { blocked: path.endsWith("-1") }) : json(response, { type: "mobile" }),
);
const quick = { maxPerSecond: 1000, maxConcurrent: 50, retries: 0 };
const lookups = [
  lookup({ name: "line", kind: "line-type", url: `${provider.url}/line/{number}`, answer: "/type", ...quick }),
  lookup({ name: "crm", kind: "customer", url: `${provider.url}/crm/{clientId}`, answer: "/blocked", ...quick }),
];
const { account, pass } = await openAsking(t, stores, lookups);
const document = (wanted: string, more = "") => `name: dunning
first: soft
passes:
  soft:
    channel: voice-ivr
    script: reminder
    trunk: main
    caller_id: "+12125550100"
    window: mon-sun 00:00-24:00
    after: { human: { pass: hard }${more} }
  hard:
    channel: voice-ivr
    script: reminder
    trunk: main
    caller_id: "+12125550100"
    window: mon-sun 00:00-24:00
    lookups: ${wanted}
`;

t.test("what a pass says of look-ups is read, and its faults have their place", async (t) => {
  const read = (wanted: string) => readStrategy(document(wanted));
  t.match(read("[line, crm]"), { strategy: { passes: [{ name: "soft", lookups: undefined }, { lookups: ["line", "crm"] }] } });
  t.match(read("crm"), { strategy: { passes: [{}, { lookups: ["crm"] }] } });
  t.match(read("[Line, crm, crm, 7]"), {
    faults: [
      { pointer: "/passes/hard/lookups/0", message: /as it stands under lookups:/ },
      { pointer: "/passes/hard/lookups/2", message: "crm stands here twice." },
      { pointer: "/passes/hard/lookups/3" },
    ],
  });
  t.match(read("[]"), { faults: [{ pointer: "/passes/hard/lookups" }] });
});

t.test("a pass asks its own, and what the campaign wants besides", async (t) => {
  const listId = await listOf(stores, "people", 100, 2);
  await stores.scripts.publish("reminder", "script: reminder");
  const parts = {
    publishing: { store: stores.scripts, reader: ownThread },
    templates: stores.templates,
    trunks: [{ name: "main", callerIdPrefixes: [] }],
    senders: { sms: [], email: [] },
    lookups: { options: [], store: stores.lookups },
  };
  const wish = { name: "dunning", listId, defaultTimeZone: "America/New_York" };
  const made = async (wanted: string) => {
    const { version } = await stores.strategies.publish(document(wanted), "test");
    return { version, ...(await passesOf(wish, version.strategy, parts)) };
  };
  t.match((await made("[crm, nowhere]")).faults, [{ pointer: "/passes/hard/lookups/1", message: /no server has a look-up nowhere now/ }]);
  const { version, passes, faults } = await made("[crm]");
  t.same(faults, []);
  const { id } = await stores.strategyCampaigns.create({ ...wish, strategyVersionId: version.id, first: "soft", passes });
  const { soft = "", hard = "" } = await stores.strategyCampaigns.passes(id);
  await stores.strategyCampaigns.order(id, "start");
  const { rows: people } = await stores.pool.query<{ id: string }>("select id::text from contact where list_id = $1 order by id", [listId]);
  await stores.pool.query("insert into work (contact_id, campaign_id, due_at) select contact_id, $2, due_at from work where campaign_id = $1", [
    soft,
    hard,
  ]);

  const preflights = new Preflights({ campaigns: stores.campaigns, candidates: stores.candidates, account, clock: systemClock });
  t.match(await preflights.run(soft), { contacts: 2, notLookedUp: 0 }, "the first pass asks nobody");
  t.match(await preflights.run(hard), { contacts: 2, notLookedUp: 2 });
  const whys = new Whys({ campaigns: stores.campaigns, candidates: stores.candidates, account, clock: systemClock });
  t.match(await whys.why(hard, people[0]?.id ?? ""), { may: false, rule: "not-looked-up" });

  await stores.safeguards.set(soft, { requireConsent: false, suppressionLists: [], lookups: ["line", "crm"] }, "test");
  await pass.start();
  t.same(await pulled(pass, hard, 1), [phone(101)], "the second is not called: their own database says so");
  await until(async () => (await whys.why(hard, people[1]?.id ?? ""))?.rule === "customer", "the refusal");
  const saw = (await whys.why(hard, people[1]?.id ?? ""))?.decisions.find(({ step }) => step === "look-ups")?.saw;
  t.equal(saw, "crm: do-not-contact; line: mobile", "its own first, and each once");

  const copy = await stores.strategyCampaigns.copy(id, "again", ["soft", "hard"]);
  const copied = await stores.strategyCampaigns.passes(copy?.id ?? "");
  t.match(await preflights.run(copied["hard"] ?? ""), { refused: [] });
  const { rows } = await stores.pool.query("select pass, lookups from campaign where strategy_campaign_id = $1 order by pass", [copy?.id]);
  t.same(rows, [
    { pass: "hard", lookups: ["crm"] },
    { pass: "soft", lookups: null },
  ]);
  const fewer = await made("line");
  await stores.strategyCampaigns.change(id, { strategyVersionId: fewer.version.id, first: "soft", passes: fewer.passes }, "test");
  t.same((await stores.pool.query("select lookups from campaign where id = $1", [hard])).rows, [{ lookups: ["line"] }], "a change holds at once");
});

t.test("a look-up that is gone keeps campaigns from starting, and pauses those that run", async (t) => {
  const config = { contact: { defaultCountry: "US" }, doNotCall: { required: [], ages: [] }, lookups: [] };
  const clock: Clock = { now: () => systemClock.now(), after: (delayMs, fire) => systemClock.after(Math.min(delayMs, 20), fire) };
  const told = Promise.withResolvers<string>();
  const log = { ...silentLog, warn: ({ reason }: Record<string, unknown>) => told.resolve(String(reason)) };
  const { id } = await makeCampaign(stores, { name: "summer", people: 1, started: false });
  await stores.lookups.know([{ name: "old", kind: "line-type", by: "number", dateField: "" }]);
  await stores.safeguards.set(id, { requireConsent: false, suppressionLists: [], lookups: ["old"] }, "test");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  t.same(await examineLookups(client, { lookups: [] }), []);
  const guard = guardCampaigns({ stores, config, pass, clock, log });
  t.teardown(() => guard.close());
  t.match(await pass.order(id, "start"), { state: "running" });

  await stores.pool.query("update lookup set seen_at = now() - interval '4 minutes' where name = 'old'");
  t.match(await told.promise, /wants the look-up old, and no server has had it under lookups:/);
  await until(async () => (await stores.campaigns.find(id))?.state === "paused", "the pause");
  await t.rejects(pass.order(id, "resume"), { code: "lookup-gone", message: /campaign's safeguards/ });
  const found = await stores.campaigns.find(id);
  if (found) t.match(await guard.api.hindrances.hindrance(found), /look-up old/, "and whoever asks is told");
  if (found) await safeguardsOf(stores, { ...config, lookups: [{ ...lookups[0], name: "old" } as never] }, clock).hindrances.mayStart(found);
  t.match(await examineLookups(client, { lookups: [] }), [{ grade: "fault", what: "look-up old", seen: /wanted by summer, / }]);
  t.match(await examineLookups(client, { lookups: [{ name: "old" }] as never }), [{ grade: "ok" }]);

  await stores.lookups.know([{ name: "old", kind: "line-type", by: "number", dateField: "" }]);
  t.match(await pass.order(id, "resume"), { state: "running" }, "when a server has it again");
});
