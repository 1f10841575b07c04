import t from "tap";
import { json, openProvider } from "../contact/lookup-kit.ts";
import { world } from "./world.ts";

const file = "client_id,phone\nc1,2125550101\nc2,2125550102\n";
const asCsv = { "content-type": "text/csv" };

t.test("look-ups: which there are, one asked, what is known, and runs", async (t) => {
  const provider = await openProvider(t, (response, { path }) =>
    path.includes("0109") ? json(response, {}, 503) : json(response, { type: "mobile", who: "Example Tel" }),
  );
  const settings = {
    ...{ "lookups.0.name": "line", "lookups.0.kind": "line-type", "lookups.0.url": `${provider.url}/{number}?key=hush`, "lookups.0.answer": "/type" },
    ...{ "lookups.0.fields.0": "carrier=/who", "lookups.0.retries": 0, "lookups.0.maxPerSecond": 50 },
  };
  const { ask, stores } = await world(t, {}, settings);
  t.same((await ask("GET", "/api/v1/lookups")).body.items, [], "none that a server has had");
  const import1 = "/api/v1/imports?list=people&lookups=line";
  t.match(await ask("POST", import1, file, asCsv), { status: 404, body: { code: "lookup-unknown" } });
  await stores.lookups.know([
    { name: "line", kind: "line-type", by: "number", dateField: "" },
    { name: "other", kind: "customer", by: "client-id", dateField: "" },
  ]);
  const listed = await ask("GET", "/api/v1/lookups");
  t.match(listed.body.items, [
    {
      name: "line",
      here: true,
      kind: "line-type",
      by: "number",
      fallback: "hold",
      maxPerSecond: 50,
      ready: true,
      waiting: 0,
      answered: 0,
      failed: 0,
    },
    { name: "other", here: false, kind: "customer", by: "client-id", fallback: undefined },
  ]);
  t.notMatch(listed.text, /hush|http/, "never where it is asked");

  const test = (name: string, body: unknown) => ask("POST", `/api/v1/lookups/${name}/test`, body);
  t.match(await test("line", { subject: "+12125550101" }), {
    status: 200,
    body: { name: "line", answered: true, tookMs: Number, word: "mobile", fields: { carrier: "Example Tel" } },
  });
  t.match(await test("line", { subject: "+12125550109" }), { status: 200, body: { answered: false, reason: "it answers 503" } });
  const asked = provider.asked.length;
  t.match(await test("line", { subject: "c1" }), { status: 422, body: { code: "lookup-invalid" } });
  t.match(await test("line", { subject: "+12125550101", more: 1 }), { status: 400 });
  t.match(await test("other", { subject: "c1" }), { status: 404, body: { code: "lookup-unknown" } });
  t.equal(provider.asked.length, asked);
  t.same((await ask("POST", "/api/v1/lookup-answers/search", { subject: "+12125550101" })).body.items, [], "nothing of it is kept");

  t.match(await ask("POST", "/api/v1/imports?list=people&lookups=line,line", file, asCsv), { status: 201, body: { lookups: ["line", "line"] } });
  t.match(await ask("POST", "/api/v1/imports?list=people&lookups=Line", file, asCsv), { status: 400 });
  const { body: looked } = await ask("POST", import1, file, asCsv);
  t.match(looked, { state: "checked", lookups: ["line"], lookupRuns: undefined });
  const { body: committed } = await ask("POST", `/api/v1/imports/${looked["id"]}/commit`, {});
  const run = { list: "people", lookups: ["line"], state: "running", people: 2, contacts: 0, counts: {}, missing: [] };
  t.match(committed, { state: "committed", report: { accepted: 2, lookupRuns: [String] }, lookupRuns: [run] });
  t.match((await ask("GET", `/api/v1/imports/${looked["id"]}`)).body, { lookupRuns: [run] }, "how far they are is told as long as the import is");
  const direct = await ask("POST", "/api/v1/lists?name=others&lookups=line", file, asCsv);
  t.match(direct, { status: 201, body: { lookupRuns: [String] } });

  const { listId } = await stores.lists.listByName("people").then((list) => ({ listId: list?.id ?? "" }));
  const begun = await ask("POST", "/api/v1/lookup-runs", { listId, lookups: ["line"] });
  const id = String(begun.body["id"]);
  t.match(begun, { status: 201, headers: { location: `/api/v1/lookup-runs/${id}` }, body: run });
  t.match(await ask("POST", "/api/v1/lookup-runs", { listId: "999", lookups: ["line"] }), { status: 404, body: { code: "list-unknown" } });
  t.match(await ask("POST", "/api/v1/lookup-runs", { listId, lookups: ["nowhere"] }), { status: 404, body: { code: "lookup-unknown" } });
  t.match(await ask("POST", "/api/v1/lookup-runs", { listId, lookups: [] }), { status: 400 });
  const [first] = (await ask("GET", "/api/v1/lookup-runs?limit=1")).body.items;
  t.match(first, { id }, "the newest first");
  const page = await ask("GET", "/api/v1/lookup-runs?limit=2");
  const rest = await ask("GET", `/api/v1/lookup-runs?limit=2&cursor=${page.body["next"]}`);
  t.same([page.body.items.length, rest.body.items.length, rest.body["next"]], [2, 1, undefined]);

  await stores.pool.query(`update lookup_run set counts = '{"line": {"mobile": 3, "landline": 1, "failed": 2}}' where id = $1`, [id]);
  t.match((await ask("GET", `/api/v1/lookup-runs/${id}`)).body, {
    counts: { line: { asked: 6, answered: 4, failed: 2, words: { mobile: 3, landline: 1 } } },
  });
  t.match(await ask("POST", `/api/v1/lookup-runs/${id}/cancel`), { status: 200, body: { state: "canceled", endedAt: String } });
  t.match(await ask("POST", `/api/v1/lookup-runs/${id}/cancel`), { status: 200 }, "said again");
  await stores.lookupRuns.end(String(committed["lookupRuns"] && (committed["lookupRuns"] as { id: string }[])[0]?.id));
  const done = (committed["lookupRuns"] as { id: string }[])[0]?.id;
  t.match(await ask("POST", `/api/v1/lookup-runs/${done}/cancel`), { status: 409, body: { code: "lookup-run-state" } });
  t.match(await ask("GET", "/api/v1/lookup-runs/999"), { status: 404, body: { code: "lookup-run-unknown" } });
});
