import t from "tap";
import { listOf } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

/* Campaigns made from the settings of others: all that they have, and nothing of their people. */

/** What is a campaign's own, and does not go into a copy. */
const ownColumns = ["id", "name", "list_id", "state", "contacts", "created_at", "strategy_campaign_id", "pass"];
const belonging = [
  "campaign_safeguard",
  "campaign_suppression_list",
  "campaign_message",
  "campaign_desk",
  "disposition_set",
  "group_campaign",
  "frequency_cap",
];

t.test("a campaign like another one", async (t) => {
  const { ask, stores } = await world(t, { senders: { sms: [{ name: "main" }], email: [{ name: "service" }] } });
  const { pool } = stores;
  const listId = await listOf(stores, "people", [[{ kind: "mobile", number: phone(1) }]]);
  const otherList = await listOf(stores, "others", [[{ kind: "mobile", number: phone(2) }]]);
  await stores.templates.publish({ name: "reminder", channel: "sms", text: "Hello. STOP to opt out." }, "test");
  await stores.strategies.publish(
    "name: waves\npasses:\n  text: { channel: sms, template: reminder, sender: main, order: newest, max_cps: 3, after: { delivered: { pass: again, after: 24 h } } }\n  again: { channel: sms, template: reminder, sender: main, window: mon-fri 09:00-10:00 }",
    "test",
  );
  await stores.suppressions.createList({ name: "rivals", mandatory: false, channels: [], reason: "of ours" }, "ann");
  await pool.query("insert into agent_group (name, extension_ms, max_extensions, created_at) values ('north', 0, 0, now())");
  const dress = async (campaignId: string, name: string) => {
    await stores.safeguards.set(campaignId, { purpose: "collection", requireConsent: true, suppressionLists: ["rivals"] }, "ann");
    await pool.query("insert into campaign_message (campaign_id, rules, changed_at) values ($1, '{}', now())", [campaignId]);
    await pool.query("insert into campaign_desk (campaign_id, rules, changed_at) values ($1, '{}', now())", [campaignId]);
    await pool.query("insert into disposition_set (campaign_id, entries, changed_at) values ($1, '[]', now())", [campaignId]);
    await pool.query(
      "insert into frequency_cap (name, kind, per, most, window_s, campaign_id, created_at) values ($2, 'cap', 'person', 3, 86400, $1, now())",
      [campaignId, name],
    );
    await pool.query("insert into group_campaign (group_id, campaign_id) select id, $1 from agent_group", [campaignId]);
  };
  /** Everything of a campaign but what is its own, as text. */
  const settingsOf = async (name: string) => {
    const { rows } = await pool.query<{ row: Record<string, unknown>; id: string }>(
      "select id::text, to_jsonb(c) as row from campaign c where name = $1",
      [name],
    );
    const [found] = rows;
    const settings = Object.fromEntries(Object.entries(found?.row ?? {}).filter(([column]) => !ownColumns.includes(column)));
    const belongings: Record<string, unknown> = {};
    for (const table of belonging) {
      const { rows: own } = await pool.query<{ row: object }>(
        `select to_jsonb(t) - '{campaign_id,id,created_at,name}'::text[] as row from ${table} t where campaign_id = $1`,
        [found?.id],
      );
      belongings[table] = own.map(({ row }) => row);
    }
    return { settings, belongings };
  };

  await t.test("by itself", async (t) => {
    const wish = {
      channel: "sms",
      name: "spring",
      listId,
      template: "reminder",
      sender: "main",
      maxCps: 7,
      defaultTimeZone: "America/Chicago",
      retries: { undelivered: { afterS: 600, atMost: 2 } },
    };
    const { id } = (await ask("POST", "/api/v1/campaigns", wish)).body;
    await dress(String(id), "three a day");
    await ask("POST", `/api/v1/campaigns/${id}/start`);
    const made = await ask("POST", `/api/v1/campaigns/${id}/copy`, { name: "summer", listId: otherList });
    t.match(made, {
      status: 201,
      body: { name: "summer", state: "draft", listId: otherList, maxCps: 7, template: "reminder", templatePinned: false },
    });
    t.equal(made.headers["location"], `/api/v1/campaigns/${made.body["id"]}`);
    const [before, after] = [await settingsOf("spring"), await settingsOf("summer")];
    t.same(after, before, "nothing that a campaign has is left out");
    const bare = Object.entries(before.belongings).flatMap(([table, rows]) => (Array.isArray(rows) && rows.length > 0 ? [] : [table]));
    t.same(bare, [], "every table was looked at");
    const { rows } = await pool.query("select name from frequency_cap order by id");
    t.same(rows, [{ name: "three a day" }, { name: "three a day (summer)" }]);
    const third = await ask("POST", `/api/v1/campaigns/${made.body["id"]}/copy`, { name: "autumn" });
    t.match(third, { status: 201, body: { listId: otherList } }, "of a copy, too");
    t.match((await pool.query("select name from frequency_cap order by id")).rows.at(-1), { name: "three a day (autumn)" });
    t.match(await ask("POST", `/api/v1/campaigns/${id}/copy`, { name: "summer" }), { status: 409, body: { code: "campaign-exists" } });
    t.match(await ask("POST", `/api/v1/campaigns/${id}/copy`, { name: "x", listId: "999" }), {
      status: 422,
      body: { errors: [{ pointer: "/listId" }] },
    });
    t.match(await ask("POST", "/api/v1/campaigns/999/copy", { name: "x" }), { status: 404, body: { code: "campaign-unknown" } });
    t.equal(
      (await pool.query("select from work w join campaign c on c.id = w.campaign_id where c.name <> 'spring'")).rows.length,
      0,
      "nobody waits in a copy",
    );
  });

  await t.test("one that carries out a strategy", async (t) => {
    const { id } = (await ask("POST", "/api/v1/strategy-campaigns", { name: "first", listId, strategy: "waves", defaultTimeZone: "America/Chicago" }))
      .body;
    const passes = await stores.strategyCampaigns.passes(String(id));
    await dress(passes["text"] ?? "", "texts");
    await stores.campaigns.change(passes["text"] ?? "", { maxCps: 9 }, "ann");
    const made = await ask("POST", `/api/v1/strategy-campaigns/${id}/copy`, { name: "second", listId: otherList });
    t.match(made, {
      status: 201,
      body: { name: "second", state: "draft", listId: otherList, strategy: "waves", version: 1, defaultTimeZone: "America/Chicago" },
    });
    for (const pass of ["text", "again"]) {
      const [before, after] = [await settingsOf(`first/${pass}`), await settingsOf(`second/${pass}`)];
      t.same(after, before, pass);
    }
    t.match((await settingsOf("second/text")).settings, { max_cps: 9, contact_order: { by: "newest" } }, "what was set for a pass goes with it");
    t.match(await ask("POST", `/api/v1/campaigns/${passes["text"]}/copy`, { name: "x" }), {
      status: 422,
      body: { detail: /is a pass: copy the whole, first/ },
    });
    t.match(await ask("POST", `/api/v1/strategy-campaigns/${id}/copy`, { name: "second" }), { status: 409 });
    t.match(await ask("POST", `/api/v1/strategy-campaigns/${made.body["id"]}/start`), { status: 200, body: { state: "running" } });
  });

  await t.test("their schedules", async (t) => {
    const id = (await stores.campaigns.findByName("autumn"))?.id;
    const url = `/api/v1/campaigns/${id}/schedule`;
    t.match(await ask("GET", url), { status: 404, body: { code: "schedule-unknown" } });
    const startAt = "2099-12-01T14:00:00.000Z";
    t.match(await ask("PUT", url, { startAt, staysOpen: true }), {
      status: 200,
      body: { startAt, staysOpen: true, zone: "America/Chicago", next: { step: "start", at: startAt }, changedBy: /./ },
    });
    t.match(await ask("GET", `/api/v1/campaigns/${id}`), { body: { state: "ready" } });
    const again = { every: "mon-fri 09:00", runForS: 3600 };
    t.match(await ask("PUT", url, again), { status: 200, body: { ...again, staysOpen: false, next: { step: "run" } } });
    t.match(await ask("POST", `/api/v1/campaigns/${id}/start`), {
      status: 409,
      body: { code: "campaign-state", detail: /mon-fri 09:00.*never started itself/ },
    });
    t.match(await ask("PUT", url, { every: "often" }), { status: 422, body: { code: "campaign-invalid", detail: /every must be as daily/ } });
    t.match(await ask("GET", `/api/v1/campaigns/${id}/runs`), { status: 200, body: { items: [] } });
    t.equal((await ask("DELETE", url)).status, 204);
    t.match(await ask("GET", `/api/v1/campaigns/${id}`), { body: { state: "draft" } });
    const third = (
      await ask("POST", `/api/v1/strategy-campaigns/${(await stores.strategyCampaigns.findByName("second"))?.id}/copy`, { name: "third" })
    ).body["id"];
    const whole = `/api/v1/strategy-campaigns/${third}`;
    t.match(await ask("PUT", `${whole}/schedule`, again), { status: 200 });
    t.match(await ask("POST", `${whole}/start`), {
      status: 409,
      body: { code: "campaign-state", detail: /^Campaign third starts.*never started itself/ },
    });
    t.equal((await ask("DELETE", `${whole}/schedule`)).status, 204);
    t.match(await ask("POST", `${whole}/start`), { status: 200, body: { state: "running" } });
    const passes = await stores.strategyCampaigns.passes((await stores.strategyCampaigns.findByName("second"))?.id ?? "");
    t.match(await ask("PUT", `/api/v1/campaigns/${passes["text"]}/schedule`, {}), {
      status: 422,
      body: { detail: /it starts and stops with second/ },
    });
    t.match(await ask("PUT", "/api/v1/strategy-campaigns/999/schedule", {}), { status: 404, body: { code: "campaign-unknown" } });
  });
});
