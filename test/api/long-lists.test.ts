import pg from "pg";
import t from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { listOf } from "../adapter/message-campaign-kit.ts";
import { makeCampaign, phone } from "../adapter/stores-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { worldOn } from "./world-on.ts";

/* Campaigns over lists so long that to start and to count them takes a while. */

const document = `name: waves\npasses:\n  text: { channel: sms, template: reminder, sender: main, who_else: { pass: later } }\n  later: { channel: sms, template: reminder, sender: main }\n`;
const people = 100_000;

t.test("long lists", async (t) => {
  const database = await openTestDatabase(t);
  const { ask, stores } = await worldOn(database.url, t, { startAnswerMs: 20, senders: { sms: [{ name: "main" }], email: [] } });
  const listId = await listOf(stores, "everybody", [[{ kind: "mobile", number: phone(1) }]]);
  await stores.pool.query("insert into contact (list_id, fields) select $1, '{}' from generate_series(2, $2)", [listId, people]);
  await stores.pool.query("update list set contacts = $2 where id = $1", [listId, people]);
  await stores.templates.publish({ name: "reminder", channel: "sms", text: "Hello" }, "test");
  await stores.strategies.publish(document, "test");
  const made = await ask("POST", "/api/v1/strategy-campaigns", { name: "autumn", listId, strategy: "waves", defaultTimeZone: "America/New_York" });
  const url = `/api/v1/strategy-campaigns/${made.body["id"]}`;
  const waiting = async () => Number((await stores.pool.query("select count(*) from work")).rows[0].count);
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  t.teardown(() => holder.end());
  /** While it is held nobody can be made due. */
  const hold = async () => {
    await holder.query("begin");
    await holder.query("lock table work in exclusive mode");
  };
  const firstOf = async () => ((await ask("GET", url)).body["passes"] as { state: string; progress: Record<string, unknown> }[])[0];

  await hold();
  t.match(await ask("POST", `${url}/start`), { status: 202, body: { name: "autumn", state: "draft" } }, "answered before it is done");
  await until(async () => "starting" in ((await firstOf())?.progress ?? {}), "the start has begun");
  t.match((await stores.pool.query("select promised from campaign_start")).rows, [{ promised: true }], "and goes on whatever becomes of this server");
  t.match(await firstOf(), { state: "draft", progress: { contacts: people, waiting: people, done: 0, starting: { done: 0, total: people } } });
  await t.rejects(stores.strategyCampaigns.order(String(made.body["id"]), "start"), { code: "campaign-state", message: /being started already/ });
  t.match((await firstOf())?.progress, { starting: {} }, "who was refused has not ended it");
  t.match(await ask("POST", `${url}/stop`), { status: 200, body: { state: "stopped" } }, "it can be told to stop meanwhile");
  await holder.query("commit");
  const starts = async () => Number((await stores.pool.query("select count(*) from campaign_start")).rows[0].count);
  await until(async () => (await starts()) === 0, "the start is over");
  t.equal(await waiting(), 0, "and nothing of it is left");
  t.match(await firstOf(), { state: "stopped" });

  const again = await ask("POST", `${url}/copy`, { name: "winter" });
  const other = `/api/v1/strategy-campaigns/${again.body["id"]}`;
  await hold();
  t.match(await ask("POST", `${other}/start`), { status: 202 });
  await holder.query("commit");
  await until(async () => (await ask("GET", other)).body["state"] === "running", "it runs by itself");
  t.equal(await waiting(), people, "everybody is due, each once");
  const { rows } = await stores.pool.query("select contacts from campaign where name = 'winter/text'");
  t.same(rows, [{ contacts: people }]);
  await until(async () => (await starts()) === 0, "nothing is being started any more");
  const lines = (await ask("GET", "/api/v1/audit?limit=500")).body.items.filter((line) => String(line["action"]).endsWith("/start"));
  t.equal(lines.length, 2, "each start has its line in the audit log");

  // More at once than there are connections for what takes long.
  const many = await openStores({ url: database.url, log: silentLog, clock: systemClock, node: "node-8", starts: { longFrom: 1, page: 2 } });
  t.teardown(() => many.close());
  const drafts = [];
  for (let count = 0; count < 6; count++) drafts.push(await makeCampaign(stores, { name: `draft ${count}`, people: 5, started: false }));
  await hold();
  const moving = drafts.map(({ id }) => many.campaigns.move(id, "draft", "running"));
  await until(async () => (await starts()) === 6, "all are said to be started");
  await holder.query("commit");
  t.same(
    await Promise.all(moving),
    drafts.map(() => true),
    "and the others after them",
  );

  // Each look at this clock takes a second: so does a count.
  let at = Date.now();
  const slow = await openStores({ url: database.url, log: silentLog, clock: { ...systemClock, now: () => (at += 1000) }, node: "node-9" });
  t.teardown(() => slow.close());
  const short = await makeCampaign(stores, { name: "short", people: 3 });
  const id = (await stores.campaigns.findByName("winter/text"))?.id ?? "";
  t.match(await slow.campaigns.progress(id), { contacts: people, waiting: people });
  await slow.campaigns.progress(short.id);
  await stores.pool.query("delete from work where campaign_id = $1 or contact_id in (select contact_id from work where campaign_id = $2 limit 10)", [
    short.id,
    id,
  ]);
  t.match(await slow.campaigns.progress(id), { waiting: people, done: 0 }, "a long count is kept for a while");
  t.match(await slow.campaigns.progress(short.id), { waiting: 0 }, "a short one is made each time");
  at += 60_000;
  t.match(await slow.campaigns.progress(id), { waiting: people - 10, done: 10 }, "and made anew after it");
  t.equal(await stores.campaigns.move(id, "running", "paused"), true);
  await stores.pool.query("delete from work where campaign_id = $1", [id]);
  t.match(await slow.campaigns.progress(id), { waiting: 0, done: people }, "of another state nothing is shown from before");
});
