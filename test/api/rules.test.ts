import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openRules } from "../../src/start/rules.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { SingleOrders } from "../../src/strategy/single-engine.ts";
import { asCsv, world } from "./world.ts";

t.setTimeout(280_000);

const csv = `client_id,phone,balance,time_zone
c-1,+12125550101,3.50,America/New_York
c-2,+12125550102,20,America/New_York
c-3,+12125550103,,America/New_York
c-4,+12125550104,7,America/New_York
`;

t.test("rules of the account's own: kept in versions, tried, and held by the gate", async (t) => {
  const { ask, stores } = await world(t);
  await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  const { id: scriptVersionId } = await stores.scripts.publish("greeting", "script: greeting", { by: "test" });
  const campaign = await stores.campaigns.create({
    ...{
      name: "april",
      listId: "1",
      scriptVersionId,
      trunk: "carrier-a",
      callerId: "+15550100100",
      maxCps: 100,
      maxLines: 100,
      ringTimeoutMs: 25_000,
    },
    ...{ window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "America/New_York" },
  });
  const rules = "/api/v1/rules";
  const small = { expression: "number(fields.balance) < 5.0", meaning: "small balances are not worth a call" };

  // What is wrong is told, and nothing is kept.
  t.match(await ask("PUT", `${rules}/small`, { ...small, expression: "fields.balance < 5" }), {
    status: 422,
    body: { code: "rule-invalid", detail: /line 1, column 1/ },
  });
  t.match(await ask("PUT", `${rules}/small`, { ...small, campaign: "may" }), { status: 404, body: { code: "campaign-unknown" } });
  t.match(await ask("PUT", `${rules}/Small`, small), { status: 400 });
  t.match(await ask("PUT", `${rules}/small`, { ...small, more: 1 }), { status: 400 });
  t.same((await ask("GET", rules)).body.items, []);

  // Before it is kept: whom it would hold back.
  const trial = { asked: 4, held: 2, undecided: { "number() was given a text that says none": 1 } };
  t.match(await ask("POST", `${rules}/trial`, { expression: small.expression, campaignId: campaign.id }), { status: 200, body: trial });
  t.match(await ask("POST", `${rules}/trial`, { expression: small.expression, campaignId: campaign.id, channels: ["sms"] }), { status: 422 });
  t.match(await ask("POST", `${rules}/trial`, { campaignId: campaign.id }), { status: 422, body: { code: "rule-invalid" } });
  t.match(await ask("POST", `${rules}/trial`, { expression: "true", campaignId: "99" }), { status: 404 });

  t.match(await ask("PUT", `${rules}/small`, { ...small, channels: ["voice"] }), { status: 201, body: { version: 1, changedBy: "key test" } });
  t.match(await ask("PUT", `${rules}/small`, { ...small, channels: ["voice"] }), { status: 200, body: { version: 1 } }, "the same again");
  t.match(await ask("POST", `${rules}/trial`, { rule: "small", campaignId: campaign.id }), { status: 200, body: trial });
  t.match(await ask("GET", `/api/v1/campaigns/${campaign.id}/preflight`), { body: { contacted: 2 } }, "the preflight counts by it");

  // Another node, which opened before the rule was changed.
  const book = await openRules(stores.rules, systemClock, silentLog);
  t.teardown(() => book.close());
  t.match(await ask("PUT", `${rules}/small`, { ...small, campaign: "april" }), { status: 200, body: { version: 2, campaign: "april" } });
  const parts = { work: stores.work, campaigns: stores.campaigns, account: { ownRules: book }, clock: systemClock, log: silentLog, node: "node-1" };
  const engine = new PassEngine(parts);
  t.teardown(() => engine.close());
  await book.look();
  await engine.order(campaign.id, "start");
  const called = await engine.pull(campaign.id, 10);
  const [contactId = ""] = await stores.timelines.named("1", "c-1");
  const singles = new SingleOrders({ ...parts, singles: stores.singles, orders: engine });
  t.same(await singles.one(campaign.id, { contactId }), { refused: "rule/small" }, "an agent does not call them either");
  t.same(called.map(({ address }) => address).sort(), ["+12125550102", "+12125550104"]);
  t.match(await ask("GET", `/api/v1/campaigns/${campaign.id}/progress`), { body: { refusals: { "rule/small": 2 } } });

  // Afterwards: what another rule would have kept from being made.
  const from = "2026-01-01T00:00:00Z";
  t.match(await ask("POST", `${rules}/backtest`, { expression: "number(fields.balance) < 10.0", from }), {
    status: 200,
    body: { asked: 2, held: 1, gone: 0, campaigns: [{ campaign: "april", channel: "voice", asked: 2, held: 1 }], results: { "under way": 1 } },
  });
  t.match(await ask("POST", `${rules}/backtest`, { expression: "true", from, to: "2026-01-02T00:00:00Z" }), { body: { asked: 0 } });
  t.match(await ask("POST", `${rules}/backtest`, { expression: "true", from: "2026-02-30T00:00:00Z" }), { status: 400 });

  t.match(await ask("DELETE", `${rules}/small`), { status: 204 });
  t.match(await ask("DELETE", `${rules}/small`), { status: 404, body: { code: "rule-unknown" } });
  t.match(await ask("GET", `${rules}/small`), { status: 404 });
  t.same(
    (await stores.rules.history("small")).map(({ version, removed }) => [version, removed]),
    [
      [3, true],
      [2, false],
      [1, false],
    ],
    "what held is kept",
  );
  await book.look();
  t.equal(book.of("april", "voice"), undefined);
  t.ok(((await ask("GET", "/api/v1/rule-language")).body["variables"] as unknown[]).length >= 10);
});
