import t from "tap";
import { asCsv, csv, world } from "./world.ts";

t.setTimeout(280_000);

t.test("frequency caps are made, shown and taken away", async (t) => {
  const { ask } = await world(t);
  const caps = "/api/v1/frequency-caps";
  const cap = { name: "three a week", per: "person", most: 3, windowS: 604_800 };
  const made = await ask("POST", caps, cap);
  t.match(made, { status: 201, body: { items: [{ ...cap, kind: "cap" }] } });
  t.match(await ask("POST", caps, cap), { status: 409, body: { code: "cap-exists" } });
  t.match(await ask("POST", caps, { name: "debts", usDebtField: "debt" }), {
    status: 201,
    body: {
      items: [
        { name: "debts-calls", kind: "debt-calls", most: 7, windowS: 608_400, channel: "voice", field: "debt" },
        { name: "debts-conversation", kind: "debt-conversation", most: 1 },
      ],
    },
  });
  t.match(await ask("POST", caps, { name: "debts", usDebtField: "debt", most: 8 }), { status: 422, body: { errors: [{ pointer: "/most" }] } });
  t.match(await ask("POST", caps, { name: "x", per: "person" }), { status: 422, body: { errors: [{ pointer: "/most" }, { pointer: "/windowS" }] } });
  t.match(await ask("POST", caps, { ...cap, name: "y", most: 0 }), { status: 400 });
  t.match(await ask("POST", caps, { ...cap, name: "z", campaignId: "99" }), { status: 404, body: { code: "campaign-unknown" } });
  const { body } = await ask("GET", caps);
  t.same(
    body.items.map(({ name }) => name),
    ["three a week", "debts-calls", "debts-conversation"],
  );
  const one = `${caps}/${body.items[0]?.["id"]}`;
  const shown = await ask("GET", one);
  t.match(shown, { status: 200, body: cap });
  t.match(await ask("DELETE", one, undefined, { "if-match": `"${"x".repeat(22)}"` }), { status: 412, body: { code: "precondition-failed" } });
  t.match(await ask("DELETE", one, undefined, { "if-match": String(shown.headers["etag"]) }), { status: 204 });
  t.match(await ask("GET", one), { status: 404, body: { code: "cap-unknown" } });
  t.match(await ask("DELETE", `${caps}/${body.items[0]?.["id"]}`), { status: 404, body: { code: "cap-unknown" } });
});

t.test("why a campaign may not contact a person now: every question of the gate, with what it saw", async (t) => {
  const { ask, stores } = await world(t);
  await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  const { id: scriptVersionId } = await stores.scripts.publish("greeting", "script: greeting", { by: "test" });
  const campaign = await stores.campaigns.create({
    name: "april",
    listId: "1",
    scriptVersionId,
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 100,
    maxLines: 100,
    ringTimeoutMs: 25_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  const [contact = ""] = await stores.timelines.named("1", "c-1");
  const why = async () => (await ask("GET", `/api/v1/campaigns/${campaign.id}/contacts/${contact}/why`)).body;
  const steps = async () => ((await why())["decisions"] as { step: string; passed: boolean }[]).filter(({ passed }) => !passed);
  t.match(await why(), { may: true, address: "+12125550101" });
  t.notHas(await why(), { waitsSince: String }, "not started");
  await stores.campaigns.move(campaign.id, "draft", "running");
  t.match(await why(), { waitsSince: /^2/ });

  await stores.caps.add([{ name: "once", kind: "cap", per: "person", most: 1, windowS: 86_400 }]);
  t.ok(JSON.stringify((await why())["decisions"]).includes("once: 0 of 1 in 24 h"));
  await stores.work.claim({ ...campaign, state: "running" }, 1, Date.now() + 1000, "node-1", () => ({ go: true, untilMs: Date.now() + 60_000 }));
  t.match(await steps(), [{ step: "frequency", rule: "frequency-cap", meaning: /as often as/, saw: "once: 1 of 1 in 24 h", retryAt: /^2/ }]);
  const suppress = "insert into suppression (number, reason, source, created_at) values ('+12125550101', 'asked for', 'admin', now())";
  await stores.pool.query(suppress);
  t.match(await steps(), [{ step: "suppression" }, { step: "frequency" }], "what stands behind the first no is told too");
  t.match(await why(), { may: false, rule: "suppressed", meaning: /must not be contacted/ });

  for (const path of [`/api/v1/campaigns/99/contacts/${contact}/why`, `/api/v1/campaigns/${campaign.id}/contacts/99/why`])
    t.match(await ask("GET", path), { status: 404, body: { code: "contact-unknown" } });
});
