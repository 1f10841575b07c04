import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.setTimeout(280_000);

const agentScript = readFileSync(join(import.meta.dirname, "../../ivr-scripts/agent-call.yaml"), "utf8");

t.test("a campaign has a mode with its options, which may be changed and is kept who did", async (t) => {
  const { ask, stores } = await world(t);
  const { body: list } = await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  t.match(await ask("POST", "/api/v1/scripts", script, asYaml), { status: 201 });
  t.match(await ask("POST", "/api/v1/scripts", agentScript, asYaml), { status: 201 });
  const campaign = {
    listId: list["listId"],
    script: "agent-call",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 5,
    defaultTimeZone: "America/New_York",
  };
  const make = (name: string, more: object) => ask("POST", "/api/v1/campaigns", { ...campaign, name, ...more });
  t.match(await make("Plain", {}), { status: 201, body: { mode: "ivr" } });
  const pacing = { target: 0.02, expectedTalkMs: 60_000 };
  const made = await make("Agents", { mode: "predictive", pacing });
  t.match(made, { status: 201, body: { mode: "predictive", pacing } });
  const at = `/api/v1/campaigns/${made.body["id"]}`;

  const refused = (pointer: string, message: RegExp) => ({ status: 422, body: { code: "campaign-invalid", errors: [{ pointer, message }] } });
  t.match(
    await make("No agents", { mode: "predictive", script: "greeting" }),
    refused("/script", /gets no agent in it: give it a step such as `queue: campaign`/),
  );
  t.match(await make("No ports", { mode: "ivr-power" }), refused("/pacing", /mode ivr-power needs ports/));
  t.match(await make("Too much", { mode: "predictive", pacing: { target: 0.05 } }), refused("/pacing", /target \(0.05\) is above cap \(0.03\)/));
  for (const wrong of [{ mode: "fast" }, { pacing: { lines: 1 } }, { pacing: { cap: 0.5 } }, { pacing: { linesPerAgent: "2" } }])
    t.match(await make("Wrong", wrong), { status: 400 }, JSON.stringify(wrong));

  t.match(await ask("PATCH", at, { mode: "progressive", pacing: { linesPerAgent: 2, target: null }, maxLines: 50 }), {
    status: 200,
    body: { mode: "progressive", pacing: { linesPerAgent: 2, expectedTalkMs: 60_000, target: undefined }, maxLines: 50, maxCps: 1 },
  });
  t.match(await ask("PATCH", at, { pacing: { target: 0.2 } }), { status: 400 });
  t.match(await ask("PATCH", at, { mode: "ivr-progressive" }), refused("/pacing", /needs ports/));
  t.match(await ask("PATCH", at, {}), { status: 400 });
  t.match(await ask("PATCH", at, { name: "x" }), { status: 400 });
  t.match(await ask("PATCH", "/api/v1/campaigns/999", { maxLines: 2 }), { status: 404, body: { code: "campaign-unknown" } });
  t.match(await ask("PATCH", at, { maxLines: 50 }), { status: 200 }, "what is the same afterwards is no change");
  const amd = { profile: "b2c", holdoutShare: 0.05 };
  const measuring = await make("Measuring", { mode: "predictive", amd });
  t.match(measuring, { status: 201, body: { amd } });
  t.match(
    await ask("PATCH", `/api/v1/campaigns/${measuring.body["id"]}`, { mode: "manual" }),
    refused("/mode", /holdoutShare .* needs mode progressive or predictive, and this is manual/),
  );
  t.match(await ask("PATCH", at, { mode: "manual", pacing: { linesPerAgent: 2 } }), refused("/pacing", /mode manual has no linesPerAgent/));
  t.match(await ask("PATCH", at, { pacing: { linesPerAgent: null, expectedTalkMs: null } }), { status: 200, body: { pacing: undefined } });
  const plain = (await ask("GET", "/api/v1/campaigns?limit=1")).body["items"] as { id: string }[];
  await stores.scripts.publish("agent-call", script.replace("greeting", "agent-call"));
  t.match(
    await ask("PATCH", `/api/v1/campaigns/${plain[0]?.id}`, { mode: "predictive" }),
    refused("/mode", /script agent-call: whoever answers gets no agent/),
  );
  const window = { startMinute: 600, endMinute: 660, weekdays: [1, 2], holidays: ["US", "2030-12-24"] };
  t.match(await ask("PATCH", at, { window, callerId: "+15550100177" }), { status: 200, body: { window, callerId: "+15550100177" } });
  t.match(await ask("PATCH", at, { window: { ...window, endMinute: 600 } }), refused("/window", /must come before/));
  t.match(await ask("PATCH", at, { window: { ...window, holidays: ["XX"] } }), refused("/window", /XX is neither/));
  t.match(await ask("PATCH", at, { callerId: "nobody" }), refused("/callerId", /E.164/));
  const { holidays: _, ...everyDay } = window;
  t.match(
    await ask("PATCH", at, { window: everyDay }),
    { status: 200, body: { window: { ...everyDay, holidays: undefined } } },
    "the hours are said whole",
  );
  const heard = { profile: "b2b", actions: { machine: "hang-up" } };
  t.match(await ask("PATCH", at, { trunk: "carrier-b", callerId: "+15550100177", ringTimeoutMs: 40_000, amd: heard }), {
    status: 200,
    body: { trunk: "carrier-b", ringTimeoutMs: 40_000, amd: heard },
  });
  t.match(await ask("PATCH", at, { amd: null }), { status: 200, body: { amd: undefined, trunk: "carrier-b" } });
  t.match(await ask("PATCH", at, { trunk: "nowhere" }), refused("/trunk", /there is no trunk nowhere/));
  t.match(await ask("PATCH", at, { amd: { profile: "b2b", tuning: { nothing: 1 } } }), { status: 400 });
  t.match(await ask("PATCH", at, { mode: "manual", amd: { profile: "b2c", holdoutShare: 0.5 } }), refused("/amd", /holdoutShare .* this is manual/));
  t.match(await ask("PATCH", at, { sender: "main" }), refused("/sender", /is of campaigns that write/));
  t.match(await ask("PATCH", at, { ringTimeoutMs: 5000 }), { status: 400 });
  const { items } = (await ask("GET", `${at}/changes`)).body as { items: object[] };
  t.match(items, [
    { by: "test", before: { mode: "predictive", pacing, maxLines: 5 }, after: { mode: "progressive", maxLines: 50 } },
    { before: { pacing: { linesPerAgent: 2 } }, after: { pacing: undefined } },
    { before: { callerId: "+15550100100" }, after: { callerId: "+15550100177", window } },
    { before: { window }, after: { window: { ...everyDay, holidays: undefined } } },
    { before: { trunk: "carrier-a", amd: undefined }, after: { trunk: "carrier-b", ringTimeoutMs: 40_000, amd: heard } },
    { before: { amd: heard }, after: { amd: undefined } },
  ]);
  t.equal(items.length, 6);
});

t.test("how a campaign stands with abandoned people, and that it has nobody to talk with them", async (t) => {
  const { ask, stores } = await world(t);
  const { body: list } = await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  await ask("POST", "/api/v1/scripts", agentScript, asYaml);
  const campaign = { listId: list["listId"], script: "agent-call", trunk: "carrier-a", callerId: "+15550100100", maxCps: 1, maxLines: 5 };
  const { body } = await ask("POST", "/api/v1/campaigns", { ...campaign, name: "Agents", mode: "predictive", defaultTimeZone: "America/New_York" });
  const id = String(body["id"]);
  const at = `/api/v1/campaigns/${id}`;
  const none = { answers: 0, abandoned: 0, machines: 0, missed: 0, share: 0, headroom: 0 };
  t.same((await ask("GET", `${at}/abandonment`)).body, { cap: 0.03, day: none, month: none });
  await stores.pool.query("insert into live_answer select $1::bigint, span, clock_timestamp(), 100, 2 from (values ('day'), ('month')) s(span)", [
    id,
  ]);
  await stores.pool.query("insert into live_answer values ($1, 'month', clock_timestamp() - interval '3 days', 200, 9)", [id]);
  t.same((await ask("GET", `${at}/abandonment`)).body, {
    cap: 0.03,
    day: { answers: 100, abandoned: 2, machines: 0, missed: 0, share: 0.02, headroom: 1 },
    month: { answers: 300, abandoned: 11, machines: 0, missed: 0, share: 11 / 300, headroom: -2 },
  });
  await stores.pool.query("update live_answer set machines = 100 where answers = 100");
  await stores.pool.query("insert into held_out select n, $1, 1, clock_timestamp(), n = 1 from generate_series(1, 3) n", [id]);
  t.match((await ask("GET", `${at}/abandonment`)).body, {
    day: { answers: 100, abandoned: 2, machines: 100, missed: 2, share: 4 / 102, headroom: -1 },
    month: { answers: 300, abandoned: 11, machines: 100, missed: 2 },
    holdout: { heldOut: 3, people: 1, machines: 0, share: 0.02, low: Number, high: 1 },
  });
  t.match(await ask("GET", "/api/v1/campaigns/999/abandonment"), { status: 404 });

  await ask("POST", `${at}/start`);
  t.match((await ask("GET", `${at}/progress`)).body, { note: /No group of agents works for it/ });
  const { body: group } = await ask("POST", "/api/v1/groups", { name: "sales" });
  await ask("PUT", `/api/v1/groups/${group["id"]}/campaigns/${id}`);
  t.match((await ask("GET", `${at}/progress`)).body, { note: /No agent of its groups is logged in/ });
});
