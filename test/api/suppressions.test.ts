import t from "tap";
import { csv, script, world } from "./world.ts";

const text = { "content-type": "text/csv" };
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

/** A campaign over a list of its own, in draft. */
async function drafted({ ask, stores }: Awaited<ReturnType<typeof world>>, name: string, file = csv): Promise<string> {
  const imported = await ask("POST", `/api/v1/lists?name=${name}`, file, text);
  await stores.scripts.publish("greeting", script);
  const made = await ask("POST", "/api/v1/campaigns", {
    ...{ name, listId: String(imported.body["listId"]), script: "greeting", trunk: "carrier-a", callerId: "+15550100100" },
    ...{ maxCps: 1, maxLines: 1, defaultTimeZone: "America/New_York" },
  });
  return String(made.body["id"]);
}

t.test("lists are made, loaded, searched and read; somebody is suppressed by hand, and no more", async (t) => {
  const { ask } = await world(t);
  const made = await ask("POST", "/api/v1/suppression-lists", { name: "complaints", reason: "complained", channels: ["voice"] });
  t.match(made, { status: 201, body: { name: "complaints", mandatory: true, channels: ["voice"], entries: 0, createdBy: "test" } });
  t.match(await ask("POST", "/api/v1/suppression-lists", { name: "complaints", reason: "again" }), {
    status: 409,
    body: { code: "suppression-list-exists" },
  });
  t.match(await ask("POST", "/api/v1/suppression-lists", { name: "x", reason: "y", kind: "mars" }), { status: 400 });
  const national = { name: "tps", reason: "registry", kind: "uk-tps" };
  t.match(await ask("POST", "/api/v1/suppression-lists", national), { status: 201, body: { channels: ["voice"] } }, "those that the law speaks of");
  const wider = { ...national, name: "ctps", kind: "uk-ctps", channels: ["voice", "sms"] };
  t.match(await ask("POST", "/api/v1/suppression-lists", wider), { status: 201, body: { channels: ["voice", "sms"] } });
  const path = `/api/v1/suppression-lists/${String(made.body["id"])}`;
  const file = "phone,reason\n+12125550101,called twice\n12,\n(212) 555-0102,\n";
  t.match(await ask("POST", `${path}/load?mode=append&file=may.csv&dated=2026-05-01`, file, text), {
    ...{
      status: 200,
      body: { read: 3, rejected: 1, added: 2, ended: 0, entries: 2, rejections: [{ row: 2, line: 3, column: "phone", reason: /too short/ }] },
    },
  });
  for (const [query, body, status, code] of [
    ["?mode=replace", "city\nBonn\n", 422, "import-invalid"],
    ["?mode=replace&dated=2999-01-01", file, 422, "import-invalid"],
    ["?mode=other", file, 400, "request-invalid"],
  ] as const)
    t.match(await ask("POST", `${path}/load${query}`, body, text), { status, body: { code } }, query);
  t.match(await ask("POST", "/api/v1/suppression-lists/99/load?mode=append", file, text), {
    status: 404,
    body: { code: "suppression-list-unknown" },
  });
  t.match(await ask("GET", path), { body: { entries: 2, loaded: { dated: "2026-05-01", file: "may.csv", mode: "append" } } });
  t.match((await ask("GET", "/api/v1/suppression-lists")).body.items, [{ name: "complaints" }]);
  const first = await ask("GET", `${path}/entries?limit=1`);
  t.match(first.body, { items: [{ number: "+12125550101", reason: "called twice", source: "list" }], next: String });
  t.match((await ask("GET", `${path}/entries?limit=1&cursor=${String(first.body["next"])}`)).body, {
    items: [{ number: "+12125550102", reason: "complained" }],
    next: undefined,
  });

  const byHand = { mailbox: "ann@example.com", channel: "email", reason: "wrote to us", expiresAt: "2999-01-01T00:00:00Z" };
  const added = await ask("POST", "/api/v1/suppressions", byHand);
  t.match(added, {
    status: 201,
    body: { mailbox: "ann@example.com", channels: ["email"], source: "admin", recordedBy: "test", expiresAt: "2999-01-01T00:00:00.000Z" },
  });
  t.equal((await ask("POST", "/api/v1/suppressions", byHand)).body["id"], added.body["id"], "said twice it is written once");
  t.match(await ask("POST", "/api/v1/suppressions", { number: "+12125550101", list: "complaints", reason: "by telephone" }), {
    status: 201,
    body: { list: "complaints" },
  });
  t.match((await ask("POST", "/api/v1/suppressions/search", { number: "+12125550101" })).body.items, [
    { reason: "by telephone" },
    { reason: "called twice" },
  ]);
  for (const [body, status] of [
    [{ number: "+12125550101", mailbox: "a@example.com", reason: "both" }, 422],
    [{ reason: "nobody" }, 422],
    [{ number: "12", reason: "x" }, 400],
    [{ number: "+12125550101", reason: "x", list: "complaints", channel: "sms" }, 422],
    [{ number: "+12125550101", reason: "x", campaignId: "99" }, 404],
    [{ number: "+12125550101", reason: "x", expiresAt: "2020-01-01T00:00:00Z" }, 422],
  ] as const)
    t.match(await ask("POST", "/api/v1/suppressions", body), { status }, JSON.stringify(body));
  const end = `/api/v1/suppressions/${String(added.body["id"])}/end`;
  t.match(await ask("POST", end, { reason: "asked to come back" }), { status: 200, body: { endedBy: "test", endedReason: "asked to come back" } });
  t.match(await ask("POST", end, { reason: "again" }), { status: 404, body: { code: "suppression-unknown" } });
  t.match(
    (await ask("POST", "/api/v1/suppressions/search", { mailbox: "ann@example.com" })).body.items,
    [{ endedReason: "asked to come back" }],
    "it stays",
  );
});

t.test("consents are recorded and shown; a campaign says what it wants of them", async (t) => {
  const parts = await world(t);
  const { ask } = parts;
  const consent = { kind: "consent", clientId: "c-1", purpose: "offers", obtainedAt: "2026-01-01T10:00:00Z", source: "web form", proof: "form 7" };
  t.match(await ask("POST", "/api/v1/consents", consent), {
    status: 201,
    body: { id: "1", recordedBy: "test", subjectKind: "client-id", hash: /^[0-9a-f]{64}$/ },
  });
  t.match(await ask("POST", "/api/v1/consents", { kind: "revocation", number: "+12125550101", obtainedAt: daysAgo(0), source: "letter" }), {
    status: 201,
    body: { id: "2" },
  });
  t.match(await ask("POST", "/api/v1/consents", { ...consent, purpose: undefined }), { status: 422, body: { code: "consent-invalid" } });
  t.match((await ask("POST", "/api/v1/consents/evidence", { clientId: "c-1", number: "+12125550101" })).body, {
    subjects: [{ kind: "number" }, { kind: "client-id" }],
    records: [{ id: "1" }, { id: "2" }],
  });
  const page = await ask("GET", "/api/v1/consents?limit=1");
  t.match((await ask("GET", `/api/v1/consents?cursor=${String(page.body["next"])}`)).body.items, [
    { id: "2", previous: page.body.items[0]?.["hash"] },
  ]);

  const file = "phone,proof\n2125550102,form 8\nnobody,form 9\n";
  const query = "purpose=offers&source=web%20form&obtainedAt=2026-01-01T10:00:00Z";
  t.match(await ask("POST", `/api/v1/consents/load?${query}`, file, text), {
    status: 200,
    body: { read: 2, rejected: 1, recorded: 1, known: 0, last: { id: "3" }, rejections: [{ row: 2, column: "phone" }] },
  });
  t.match(await ask("POST", "/api/v1/consents/load", file, text), { status: 422, body: { code: "import-invalid", detail: /no column source/ } });
  t.match((await ask("POST", "/api/v1/consents/evidence", { number: "+12125550102" })).body, { records: [{ id: "3", proof: "form 8" }] });

  const path = `/api/v1/campaigns/${await drafted(parts, "spring")}/safeguards`;
  await ask("POST", "/api/v1/suppression-lists", { name: "competitors", reason: "competitor", mandatory: false });
  t.same((await ask("GET", path)).body, { requireConsent: false, suppressionLists: [] });
  const wanted = { purpose: "offers", requireConsent: true, suppressionLists: ["competitors"] };
  t.match(await ask("PUT", path, wanted), { status: 200, body: wanted });
  t.match(await ask("PUT", path, { ...wanted, suppressionLists: ["others"] }), { status: 404, body: { code: "suppression-list-unknown" } });
  t.match(await ask("PUT", path, { requireConsent: true, suppressionLists: [] }), { status: 422, body: { code: "consent-invalid" } });
  t.match(await ask("PUT", "/api/v1/campaigns/99/safeguards", wanted), { status: 404, body: { code: "campaign-unknown" } });
  t.same((await ask("GET", path)).body, wanted, "what is refused changes nothing");
});

t.test("a national list that is too old, empty or missing keeps campaigns from starting that contact its numbers", async (t) => {
  const parts = await world(t, {}, { "doNotCall.required": ["uk-tps"] });
  const { ask } = parts;
  const americans = await drafted(parts, "americans");
  const britons = await drafted(parts, "britons", "phone\n+442071838750\n");
  const list = await ask("POST", "/api/v1/suppression-lists", {
    name: "federal",
    kind: "us-national",
    channels: ["voice", "sms"],
    reason: "National Do Not Call Registry",
  });
  const load = (days: number) =>
    ask("POST", `/api/v1/suppression-lists/${String(list.body["id"])}/load?mode=append&dated=${daysAgo(days).slice(0, 10)}`, "2125550199\n", text);
  const start = (id: string) => ask("POST", `/api/v1/campaigns/${id}/start`);
  const refused = { status: 409, body: { code: "do-not-call-list-old" } };
  t.match(await start(americans), { ...refused, body: { ...refused.body, detail: /federal .*was never loaded/ } });
  await load(32);
  t.match((await start(americans)).body, { detail: /list federal .* is of \d{4}-\d\d-\d\d, 32 days old; 31 are allowed \(16 CFR 310\.4/ });
  t.match((await ask("GET", `/api/v1/campaigns/${americans}/safeguards`)).body, { hindrance: /32 days old/ });
  t.match((await ask("GET", `/api/v1/campaigns/${americans}/preflight`)).body, { hindrance: /32 days old/ }, "told before the start, too");
  t.match((await start(britons)).body, { detail: /UK Telephone Preference Service is needed/ }, "of its own country only");
  await ask("PUT", `/api/v1/campaigns/${britons}/safeguards`, { requireConsent: false, doNotCallExempt: "service messages", suppressionLists: [] });
  t.match(await start(britons), { status: 200, body: { state: "running" } });
  await load(31);
  t.notOk("hindrance" in (await ask("GET", `/api/v1/campaigns/${americans}/preflight`)).body);
  t.match(await start(americans), { status: 200, body: { state: "running" } }, "31 days are allowed");
});
