import pg from "pg";
import t from "tap";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { migrations } from "../../src/adapter/postgres/migrations.ts";
import { openOrm } from "../../src/adapter/postgres/orm.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { makeCampaign, makeList, openWorld } from "./stores-kit.ts";

const ada = { by: "user ada", note: "first words" };
const bob = { by: "key console" };

t.test("a script is published, released, rolled back, and its history stays", async (t) => {
  const { scripts } = (await openWorld(t)).stores;
  const one = await scripts.publish("greet", "a", ada);
  t.match(one, { name: "greet", version: 1, source: "a", publishedBy: "user ada", uses: {}, fresh: true, released: true });
  const two = await scripts.publish("greet", "b", bob);
  t.match(two, { version: 2, fresh: true, released: true });
  t.match(await scripts.publish("greet", "b", ada), { id: two.id, version: 2, publishedBy: "key console", fresh: false, released: false });
  t.match(two, await scripts.current("greet"));

  const back = await scripts.release("greet", 1, { by: "user ada", note: "b was worse" });
  t.match(back, { name: "greet", version: 1, versionId: one.id, by: "user ada", note: "b was worse" });
  t.match(one, await scripts.current("greet"));
  await t.rejects(scripts.release("greet", 1, bob), { code: "script-current" });
  await t.rejects(scripts.release("greet", 3, bob), { code: "script-unknown", message: /version 3 of script greet/ });
  await t.rejects(scripts.release("great", 1, bob), { code: "script-unknown", message: /no script great/ });
  t.match(
    await scripts.publish("greet", "b", bob),
    { version: 2, fresh: false, released: true },
    "an older text becomes current under its own number",
  );

  const history = await scripts.releases("greet", { limit: 10 });
  t.match(
    history.map(({ version, by, note }) => [version, by, note]),
    [
      [2, "key console", undefined],
      [1, "user ada", "b was worse"],
      [2, "key console", undefined],
      [1, "user ada", "first words"],
    ],
    "newest first, and nothing for what changed nothing",
  );
  t.same(await scripts.releases("greet", { limit: 2, afterId: history[1]?.id ?? "" }), history.slice(2));
  t.match(await scripts.versions("greet", { limit: 10 }), [{ version: 2 }, { version: 1 }]);
  t.match(await scripts.versions("greet", { limit: 10, afterId: two.id }), [{ version: 1 }]);
  t.match(await scripts.version("greet", 1), { id: one.id });
  t.equal(await scripts.version("greet", 9), undefined);
  t.equal(await scripts.current("great"), undefined);
  t.equal(await scripts.entry("great"), undefined);

  const pin = { other: { id: one.id, version: 1 } };
  const linked = await scripts.publish("greet", "b", bob, pin);
  t.match(linked, { version: 3, fresh: true, uses: pin }, "the same text that goes elsewhere is another version");
  t.match(await scripts.publish("greet", "b", bob, pin), { version: 3, fresh: false, released: false });
  await scripts.publish("other", "x", ada);
  t.match(await scripts.entries({ limit: 10 }), [
    { name: "greet", versions: 3, running: 0, current: { version: 3, by: "key console" } },
    { name: "other", versions: 1 },
  ]);
  const [first] = await scripts.entries({ limit: 1 });
  t.match(await scripts.entries({ limit: 10, afterId: first?.id ?? "" }), [{ name: "other" }]);
  t.same(await scripts.entry("greet"), first);
});

t.test("publishers at the same time get numbers of their own, without gaps", async (t) => {
  const { stores, open } = await openWorld(t);
  const nodes = [stores, await open(), await open()];
  const texts = Array.from({ length: 30 }, (_, index) => `text ${index}`);
  const made = await Promise.all(
    texts.flatMap((text, index) => nodes.slice(0, 1 + (index % 3)).map(({ scripts }) => scripts.publish("greet", text, ada))),
  );
  const numbers = new Set(made.map(({ version }) => version));
  t.same(
    [...numbers].sort((a, b) => a - b),
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  for (const text of texts) t.equal(new Set(made.filter(({ source }) => source === text).map(({ id }) => id)).size, 1, `${text}: one version`);
  t.equal(made.filter(({ fresh }) => fresh).length, 30);
  const [last] = await stores.scripts.releases("greet", { limit: 1 });
  t.equal((await stores.scripts.current("greet"))?.id, last?.versionId);
});

t.test("nobody changes or removes what was published, nor who released it", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const version = await stores.scripts.publish("greet", "a", ada);
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  const attempts = [
    "update script_version set source = 'b'",
    "update script_version set published_by = 'somebody else'",
    "delete from script_version",
    "truncate script_version cascade",
    "update script_release set released_by = 'somebody else'",
    "delete from script_release",
    "truncate script_release",
  ];
  for (const client of [stores.pool, admin])
    for (const text of attempts) await t.rejects(client.query(text), { code: "23001", message: /append-only/ }, text);
  t.match(version, await stores.scripts.find(version.id));
});

t.test("a connection that dies while something is published leaves nothing half done", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  await stores.scripts.publish("greet", "a", ada);
  const holder = new pg.Client({ connectionString: adminUrl });
  const watch = new pg.Client({ connectionString: adminUrl });
  await Promise.all([holder.connect(), watch.connect()]);
  t.teardown(() => Promise.all([holder.end(), watch.end()]));
  // The version is written by then, and its release waits for this lock.
  await holder.query("begin; lock table script_release in exclusive mode");
  const publishing = t.rejects(stores.scripts.publish("greet", "b", bob), { code: "database-unreachable", retryable: true });
  const killed = async () => {
    const waiting = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    return ((await watch.query(waiting)).rowCount ?? 0) > 0;
  };
  await until(killed, "the publisher to wait");
  await publishing;
  await holder.query("rollback");
  t.match(await stores.scripts.entry("greet"), { versions: 1, current: { version: 1 } });
  t.match(await stores.scripts.publish("greet", "b", bob), { version: 2, fresh: true, released: true }, "and no number is lost");
});

t.test("campaigns follow their script unless they are pinned, and say what they need of it", async (t) => {
  const { stores } = await openWorld(t);
  const { scripts, campaigns } = stores;
  const follower = await makeCampaign(stores, { name: "follower", people: 1 });
  const first = follower.scriptVersionId;
  const pinned = await campaigns.create({ ...follower, name: "pinned", scriptVersionId: first, scriptPinned: true });
  t.match(follower, { script: "reminder", scriptPinned: false });
  t.match(pinned, { script: "reminder", scriptPinned: true, scriptVersionId: first, state: "draft" });
  t.same(await campaigns.find(pinned.id), pinned);

  const second = await scripts.publish("reminder", "b", bob);
  t.equal(voiceCampaign(await campaigns.find(follower.id)).scriptVersionId, second.id);
  t.match(await campaigns.inState(["running"]), [{ name: "follower", scriptVersionId: second.id }]);
  t.equal(voiceCampaign(await campaigns.find(pinned.id)).scriptVersionId, first);
  await scripts.release("reminder", 1, bob);
  t.match(await campaigns.list({ limit: 5 }), [{ scriptVersionId: first }, { scriptVersionId: first }]);
  t.match(await scripts.entry("reminder"), { versions: 2, running: 1, current: { version: 1 } });
  t.same(await scripts.users("reminder"), [
    { campaign: "follower", running: true, forAgents: false, pinned: undefined, list: "list of follower", columns: ["first_name"] },
    { campaign: "pinned", running: false, forAgents: false, pinned: 1, list: "list of follower", columns: ["first_name"] },
  ]);
  await campaigns.move(follower.id, "running", "stopping");
  await campaigns.move(follower.id, "stopping", "stopped");
  t.match(await scripts.users("reminder"), [{ campaign: "pinned" }], "what has ended uses nothing");
  t.same(await scripts.users("nothing"), []);
  await t.rejects(campaigns.create({ ...follower, name: "none", scriptVersionId: "999" }), { code: "campaign-invalid" });
});

t.test("a list knows the columns of everything that was brought into it", async (t) => {
  const { stores } = await openWorld(t);
  const listId = await makeList(stores, "people", 2);
  const load = await stores.contacts.openLoad({ name: "people", append: true });
  await load.add([{ addresses: [{ kind: "unknown", number: "+12125559999" as never }], fields: { amount_due: "12.00", "odd\0name": "" } }]);
  await load.commit();
  const { rows } = await stores.pool.query("select columns from list where id = $1", [listId]);
  t.same(rows, [{ columns: ["amount_due", "first_name", "oddname"] }]);
});

t.test("a database from before has its versions released, its campaigns kept to theirs, and its columns", async (t) => {
  const { url } = await openTestDatabase(t, { migrated: false });
  const orm = await openOrm(url);
  await orm.migrator.up({ to: "20261122-first-tables" });
  await orm.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query(`
    insert into list (name, created_at) values ('old', now()), ('empty', now());
    insert into contact (list_id, fields) values (1, '{"b": "1", "a": "2"}');
    insert into script (name) values ('greet');
    insert into script_version (script_id, version, source, published_at) values (1, 1, 'a', now()), (1, 2, 'b', now());
    insert into campaign (name, list_id, script_version_id, state, trunk, caller_id, max_cps, max_lines, ring_timeout_ms, window_start_minute, window_end_minute, window_weekdays, default_time_zone, created_at)
      values ('spring', 1, 1, 'running', 't', '+15550100100', 1, 1, 20000, 480, 1200, '[1]', 'America/New_York', now());`);
  t.same(
    await migrate(url),
    migrations.slice(1).map(({ name }) => name),
  );
  const releases = await client.query("select version_id, released_by from script_release order by id");
  t.same(releases.rows, [
    { version_id: "1", released_by: "unknown" },
    { version_id: "2", released_by: "unknown" },
  ]);
  t.same((await client.query("select script_id, script_version_id from campaign")).rows, [{ script_id: "1", script_version_id: "1" }]);
  t.same((await client.query("select columns from list order by id")).rows, [{ columns: ["a", "b"] }, { columns: null }]);
});
