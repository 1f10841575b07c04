import t from "tap";
import { numberOf } from "../voice/calls-kit.ts";
import { csv, script, world } from "./world.ts";

t.test("numbers are made, changed, listed page by page and removed; a campaign says what its callers hear", async (t) => {
  const { ask, stores } = await world(t);
  const imported = await ask("POST", "/api/v1/lists?name=people", csv, { "content-type": "text/csv" });
  t.ok(imported.status < 300, imported.text);
  const listId = String((await ask("GET", "/api/v1/lists")).body.items[0]?.["id"]);
  const { id: scriptVersionId } = await stores.scripts.publish("greeting", script);
  await stores.scripts.publish("callers", script.replace("script: greeting", "script: callers"));
  const campaign = await stores.campaigns.create({
    name: "spring",
    listId,
    scriptVersionId,
    trunk: "carrier-a",
    callerId: "+12125550100",
    maxCps: 1,
    maxLines: 1,
    ringTimeoutMs: 20_000,
    window: { startMinute: 480, endMinute: 1200, weekdays: [1] },
    defaultTimeZone: "America/New_York",
  });

  const made = await ask("POST", "/api/v1/numbers", { number: "+12125550100", name: "main", campaignId: campaign.id, script: "callers" });
  t.equal(made.status, 201, made.text);
  t.equal(made.headers["location"], "/api/v1/numbers/+12125550100");
  t.match(made.body, { number: "+12125550100", name: "main", campaign: "spring", script: "callers", message: undefined });
  const wrong = [
    [{ number: "+12125550100", name: "again" }, 409, "number-exists"],
    [{ number: "2125550100", name: "main" }, 400, "request-invalid"],
    [{ number: "+12125550101", name: "main", campaignId: "999" }, 422, "number-invalid"],
    [{ number: "+12125550101", name: "main", script: "nothing" }, 422, "number-invalid"],
    [{ number: "+12125550101", name: "main", colour: "red" }, 400, "request-invalid"],
  ] as const;
  for (const [body, status, code] of wrong) t.match(await ask("POST", "/api/v1/numbers", body), { status, body: { code } }, JSON.stringify(body));

  for (const last of ["1", "2"]) await ask("POST", "/api/v1/numbers", { number: `+1212555010${last}`, name: last });
  const first = await ask("GET", "/api/v1/numbers?limit=2");
  t.same(
    first.body.items.map(({ number }) => number),
    ["+12125550100", "+12125550101"],
  );
  const second = await ask("GET", `/api/v1/numbers?limit=2&cursor=${first.body["next"]}`);
  t.same(
    second.body.items.map(({ number }) => number),
    ["+12125550102"],
  );

  const changed = await ask("PATCH", "/api/v1/numbers/+12125550100", { script: null, message: "We call you back." });
  t.equal(changed.status, 200, changed.text);
  t.match(changed.body, { name: "main", campaign: "spring", script: undefined, message: "We call you back." });
  t.match(await ask("PATCH", "/api/v1/numbers/+12125550100", { script: "nothing" }), { status: 422 });
  t.match(await ask("PATCH", "/api/v1/numbers/+12125550100", {}), { status: 400 });
  t.match(await ask("PATCH", "/api/v1/numbers/+12125550199", { name: "x" }), { status: 404, body: { code: "number-unknown" } });

  const url = `/api/v1/campaigns/${campaign.id}/inbound`;
  t.same((await ask("GET", url)).body, { numbers: ["+12125550100"], onTheLine: 0, results: {} });
  t.match(await ask("PUT", url, { script: "callers" }), { status: 200, body: { script: "callers" } });
  t.match(await ask("PUT", url, { script: "nothing" }), { status: 422, body: { code: "number-invalid" } });
  t.match(await ask("PUT", "/api/v1/campaigns/999/inbound", { script: null }), { status: 404, body: { code: "campaign-unknown" } });

  const caller = numberOf("+12125550101");
  const match = await stores.inbound.match(numberOf("+12125550100"), caller, []);
  const legIds = { callId: "call", dialogId: "call;from-tag=1", transactionId: "txn" };
  await stores.inbound.open({ at: Date.now(), called: numberOf("+12125550100"), caller, match: match ?? { fields: {} }, legIds });
  const attempts = `/api/v1/campaigns/${campaign.id}/attempts`;
  t.same((await ask("GET", attempts)).body.items, [], "only what was placed");
  const [attempt] = (await ask("GET", `${attempts}?direction=inbound`)).body.items;
  t.match(attempt, { direction: "inbound", calledNumber: "+12125550100", address: caller, campaignId: campaign.id, state: "ringing" });
  t.match((await ask("GET", `/api/v1/contacts/${attempt?.["contactId"]}/timeline`)).body.items, [{ kind: "attempt", calledNumber: "+12125550100" }]);
  t.match((await ask("GET", url)).body, { onTheLine: 1 });

  const asJson = { "content-type": "application/json" };
  t.equal((await ask("DELETE", "/api/v1/numbers/+12125550102", "", asJson)).status, 204, "with the header of a body, and none");
  t.match(await ask("POST", "/api/v1/numbers", "", asJson), { status: 400, body: { code: "request-invalid" } });
  t.match(await ask("POST", "/api/v1/numbers", { number: "212", name: "x" }), {
    status: 400,
    body: { detail: /^\/number must be a number in E\.164 form/ },
  });
  t.match(await ask("GET", "/api/v1/campaigns/spring"), { status: 400, body: { detail: "path/id must be an id: digits, such as 42" } });
  t.equal((await ask("DELETE", "/api/v1/numbers/+12125550102")).status, 404);
  t.equal((await ask("GET", "/api/v1/numbers/+12125550102")).status, 404);
});
