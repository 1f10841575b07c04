import { open } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { ZipFile } from "../../src/contact/zip-engine.ts";
import { reportNames } from "../../src/report/definition.ts";
import { document } from "../../src/report/document-engine.ts";
import type { Cell } from "../../src/report/table.ts";
import { workbook } from "../../src/report/workbook-engine.ts";
import { world } from "./world.ts";

t.test("reports over the API, in three formats", async (t) => {
  const { ask, stores, app, key } = await world(t);
  const { pool } = stores;
  await pool.query(`
    insert into list (id, name, contacts, created_at) values (901, 'reported', 2, now());
    insert into contact (id, list_id, client_id, fields) values (901, 901, 'c-1', '{"note": "=1+1"}'), (902, 901, '-2', '{}');
    insert into template (id, name, channel) values (901, 'text', 'sms');
    insert into campaign (id, name, list_id, channel, template_id, state, sender, mode, max_cps, window_start_minute, window_end_minute, window_weekdays, default_time_zone, created_at)
    values (901, 'texts', 901, 'sms', 901, 'running', 'desk', null, 5, 0, 1440, '[1]', 'UTC', now());
    insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
    values (901, 901, 901, 'sms', '+15550100', 'sending', 'n', now(), now());
    update attempt set state = 'ended', result = 'delivered', ended_at = '2026-05-01T10:00Z' where id = 901`);
  for (const name of reportNames) {
    const { status, body } = await ask("GET", `/api/v1/reports/${name}`);
    t.equal(status, 200, name);
    t.match(body, { report: name, zone: "UTC", items: Array });
  }
  const { body } = await ask("GET", "/api/v1/reports/figures?from=2026-05&to=2026-05&by=campaign&zone=Europe/Berlin");
  t.match(body, {
    from: "2026-04-30T22:00:00.000Z",
    to: "2026-05-31T22:00:00.000Z",
    items: [{ key: "901", name: "texts", delivered: 1, deliveryRate: 1, contactRate: null }],
  });
  const csv = await ask("GET", "/api/v1/reports/results?from=2026-05-01&to=2026-05-01&format=csv");
  t.match(csv.headers, { "content-type": /^text\/csv/, "content-disposition": /results\.csv/ });
  t.match(csv.text, /^channel,result,callResult,attempts,share,meaning\r\nsms,delivered,33,1,1,/);

  const list = await ask("GET", "/api/v1/campaigns/901/calling-list?format=csv&fields=note");
  t.match(
    list.text,
    /^contactId,clientId,.*,field:note\r\n901,c-1,1,901,sms,'\+15550100,delivered,33,.*,'=1\+1\r\n902,'-2,0,,,,,28,not tried yet,,,,\r\n$/,
  );
  t.match(JSON.parse((await ask("GET", "/api/v1/campaigns/901/calling-list")).text), [{ contactId: "901", callResult: 33 }, { result: null }]);
  const book = await app.inject({ url: "/api/v1/campaigns/901/calling-list?format=xlsx", headers: { authorization: `Bearer ${key}` } });
  t.equal(book.rawPayload.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");

  for (const [url, status] of [
    ["/api/v1/reports/figures?from=yesterday", 400],
    ["/api/v1/reports/figures?zone=Mars", 400],
    ["/api/v1/reports/figures?from=1970-01-01&to=8999-12-31&zone=America/New_York", 400],
    ["/api/v1/reports/results?by=day", 200],
    ["/api/v1/reports/figures?by=agent", 200],
    ["/api/v1/reports/figures?by=via", 400],
    ["/api/v1/reports/dispositions?by=agent", 200],
    ["/api/v1/reports/dispositions?by=day", 200],
    ["/api/v1/reports/agents?by=day", 400],
    ["/api/v1/reports/live?from=2026-05-01", 400],
    ["/api/v1/reports/figures?agentId=1", 404],
    ["/api/v1/reports/abandonment?agentId=1", 400],
    ["/api/v1/reports/agents?channel=sms", 400],
    ["/api/v1/reports/abandonment?to=2026-05-01", 400],
    ["/api/v1/reports/figures?campaignId=902", 404],
    ["/api/v1/reports/figures?strategyCampaignId=901", 404],
    ["/api/v1/reports/figures?listId=902", 404],
    ["/api/v1/reports/live?groupId=901", 404],
    ["/api/v1/reports/agents?agentId=901", 404],
    ["/api/v1/reports/dispositions?campaignId=901&listId=901", 200],
    ["/api/v1/reports/nothing", 404],
    ["/api/v1/campaigns/77/calling-list", 404],
  ] as const)
    t.equal((await ask("GET", url)).status, status, url);
  for (const [url, detail] of [
    ["abandonment?agentId=1", /takes no agentId: who was abandoned got no agent/],
    ["inbound?channel=sms", /takes no channel: it is about calls alone/],
    ["live?to=2026-05-01", /takes no to: it is about now/],
    ["agents?by=agent", /takes no by: what its rows are about is settled/],
  ] as const)
    t.match((await ask("GET", `/api/v1/reports/${url}`)).body, { code: "request-invalid", detail }, url);

  // Whoever is limited to a group sees all of it, and does not learn what there is beside it.
  await pool.query(`
    insert into list (id, name, contacts, created_at) values (902, 'of others', 0, now());
    insert into agent (id, name, created_at) values (901, 'ours', now()), (902, 'theirs', now());
    insert into agent_group (id, name, wrap_up_ms, extension_ms, max_extensions, created_at) values (901, 'ours', 1000, 1000, 1, now()), (902, 'others', 1000, 1000, 1, now());
    insert into membership (agent_id, group_id, priority, skills) values (901, 901, 1, '{}'), (902, 902, 1, '{}');
    insert into agent_log (agent_id, at, state, cause) values (901, '2026-05-01T09:00Z', 'ready', 'test'), (902, '2026-05-01T09:00Z', 'ready', 'test');
    insert into agent_log (agent_id, at, state, cause) values (901, '2026-05-01T09:10Z', 'logged-out', 'test'), (902, '2026-05-01T09:10Z', 'logged-out', 'test');
    insert into group_campaign (group_id, campaign_id) values (901, 901);
    insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at, agent_id)
      select 901 + i, 901, 901, 'sms', '+15550100', 'sending', 'n', now(), now(), 900 + i from generate_series(1, 2) i;
    update attempt set state = 'ended', result = 'delivered', ended_at = '2026-05-01T10:00Z' where id > 901`);
  const may = "from=2026-05&to=2026-05";
  const limitedTo = async (groupId: string) => {
    const key = String((await ask("POST", "/api/v1/keys", { name: `lead of ${groupId}`, role: "supervisor", groupIds: [groupId] })).body["key"]);
    return async (path: string) => {
      const { statusCode, body } = await app.inject({ url: `/api/v1/reports/${path}`, headers: { authorization: `Bearer ${key}` } });
      return { status: statusCode, items: JSON.parse(body).items };
    };
  };
  const [ours, others] = [await limitedTo("901"), await limitedTo("902")];
  for (const [more, status] of [
    ["listId=901", 200],
    ["groupId=901", 200],
    ["listId=902", 404],
    ["groupId=902", 404],
    ["campaignId=902", 404],
  ] as const)
    t.equal((await ours(`figures?${more}`)).status, status, more);
  for (const name of reportNames) t.equal((await others(name)).status, 200, `${name} wants no campaign of whoever is limited`);
  t.match((await ours(`figures?${may}&by=group`)).items, [{ key: "901", name: "ours", delivered: 3 }]);
  t.match((await ours(`results?${may}`)).items, [{ channel: "sms", attempts: 3 }]);
  for (const name of ["figures", "results"]) {
    const byAgent = (await ours(`${name}?${may}&by=agent`)).items.map(({ key, name: called, attempts }: Record<string, unknown>) => [
      key,
      called,
      attempts,
    ]);
    t.same(
      byAgent,
      [
        ["0", "no agent", 1],
        ["901", "ours", 1],
      ],
      `${name}: no agent of another group`,
    );
    t.equal((await ours(`${name}?${may}&agentId=902`)).status, 404, "nor does asking by id tell of them");
    t.match((await ours(`${name}?${may}&agentId=901`)).items, [{ attempts: 1 }]);
  }
  t.match((await ours("live")).items, [{ campaignId: "901" }]);
  t.match((await ours(`agents?${may}`)).items, [
    { agent: "ours", idleMs: 600_000 },
    { agent: "all", idleMs: 600_000 },
  ]);
  t.match((await others(`figures?${may}`)).items, [{ delivered: 0 }]);
  t.same((await others(`figures?${may}&by=group`)).items, []);
  t.same((await others(`results?${may}`)).items, []);
  t.same((await others("live")).items, []);
  t.match((await others(`agents?${may}`)).items, [{ agent: "theirs" }, { agent: "all", idleMs: 600_000 }]);
});

t.test("a workbook is what the import reads, also when its reader goes away in the middle", async (t) => {
  const rows: readonly (readonly Cell[])[] = [
    ["head", "<&>"],
    ["=1+1\u0001", 1.5],
    [null, "x".repeat(70_000)],
    ...Array.from({ length: 2000 }, (_, row) => [`row ${row}`, row]),
  ];
  const path = join(t.testdir(), "book.xlsx");
  const file = await open(path, "w+");
  t.teardown(() => file.close());
  for await (const piece of workbook("calls: [all]", rows)) await file.write(piece);
  const zip = await ZipFile.open(file);
  const pieces: Buffer[] = [];
  for await (const piece of zip.read("xl/worksheets/sheet1.xml")) pieces.push(piece);
  const sheet = Buffer.concat(pieces).toString();
  t.match(
    sheet,
    '<c r="A1" t="inlineStr"><is><t xml:space="preserve">head</t></is></c><c r="B1" t="inlineStr"><is><t xml:space="preserve">&lt;&amp;&gt;</t></is></c>',
  );
  t.match(sheet, "=1+1\ufffd");
  t.match(sheet, '<c r="B2"><v>1.5</v></c>');
  t.match(sheet, '<c r="A2003" t="inlineStr"><is><t xml:space="preserve">row 1999</t></is></c>');
  t.notMatch(sheet, "x".repeat(32_768));

  let closed = false;
  const endless = async function* (): AsyncGenerator<readonly Cell[]> {
    try {
      for (;;) yield ["on and on", Math.PI];
    } finally {
      closed = true;
    }
  };
  let seen = 0;
  for await (const _ of document("xlsx", "x", [], endless())) if (++seen > 3) break;
  t.ok(closed, "whoever made the rows is told");
  const broken = async function* (): AsyncGenerator<readonly Cell[]> {
    yield ["one"];
    throw new Error("the database is gone");
  };
  await t.rejects(
    (async () => {
      for await (const _ of workbook("x", broken()));
    })(),
    /the database is gone/,
  );
});
