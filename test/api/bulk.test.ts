import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { makeCampaign, makeList } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

t.setTimeout(120_000);

t.test("many changes with one request", async (t) => {
  const { ask, stores } = await world(t);
  const listId = await makeList(stores, "people", 2);
  const auditOf = async (action: string) => (await ask("GET", "/api/v1/audit?limit=500")).body.items.filter((line) => line["action"] === action);

  await t.test("people are added, changed and taken off", async (t) => {
    const person = (clientId: string, number: string) => ({ clientId, addresses: [{ number }] });
    const url = `/api/v1/lists/${listId}/contacts/bulk`;
    const items = [person("b1", "+12125550901"), person("b1", "+12125550902"), person("b2", "12"), person("b3", "+12125550903")];
    const key = { "idempotency-key": "many" };
    const added = await ask("POST", url, { items }, key);
    t.match(added, {
      status: 200,
      body: {
        items: [
          { status: 201, id: /^\d+$/ },
          { status: 409, problem: { code: "contact-exists" } },
          { status: 422, problem: { code: "contact-invalid", errors: [{ pointer: "/addresses/0/number" }] } },
          { status: 201, id: /^\d+$/ },
        ],
      },
    });
    t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 4 }, "what was refused kept nobody out");
    t.same((await ask("POST", url, { items }, key)).body, added.body, "sent again nothing is done");
    t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 4 });
    t.same(
      (await auditOf("POST /api/v1/lists/:id/contacts")).map((line) => (line["after"] as { now?: { id?: string } }).now?.id),
      [added.body.items[0]?.["id"], added.body.items[3]?.["id"]],
      "each that was made has its line in the log",
    );
    const wrong = await ask("POST", url, { items: [person("b4", "+12125550904"), { clientId: "b5" }] });
    t.match(wrong, { status: 400, body: { errors: [{ pointer: "/items/1/addresses", message: "is missing" }] } });
    t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 4 }, "what is not understood is not begun");
    t.equal((await ask("POST", url, { items: Array.from({ length: 101 }, () => items[0]) })).status, 400, "a hundred at most");

    const [one, , , two] = added.body.items.map((item) => String(item["id"]));
    const changed = await ask("POST", "/api/v1/contacts/bulk", {
      items: [
        { id: one, change: { timeZone: "America/Chicago" } },
        { id: two, withdraw: true },
        { id: "999999", withdraw: true },
      ],
    });
    t.match(changed.body.items, [
      { status: 200, id: one },
      { status: 204, id: two },
      { status: 404, id: "999999", problem: { code: "contact-unknown" } },
    ]);
    t.match((await ask("GET", `/api/v1/contacts/${one}`)).body, { timeZone: "America/Chicago" });
    t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 3 });
    for (const item of [{ id: one }, { id: one, change: {}, withdraw: true }, { change: {}, withdraw: true }])
      t.equal((await ask("POST", "/api/v1/contacts/bulk", { items: [item] })).status, 400, JSON.stringify(item));
  });

  await t.test("suppressions are written and ended", async (t) => {
    const reason = "asked";
    const numbers = ["+12125550911", "+12125550912"];
    const items = [...numbers.map((number) => ({ number, reason })), { number: numbers[0], clientId: "x", reason }];
    const made = await ask("POST", "/api/v1/suppressions/bulk", { items });
    t.match(made.body.items, [{ status: 201 }, { status: 201 }, { status: 422, problem: { code: "suppression-invalid" } }]);
    const ends = [made.body.items[0]?.["id"], "999999"].map((id) => ({ id, reason: "a mistake" }));
    t.match((await ask("POST", "/api/v1/suppressions/bulk/end", { items: ends })).body.items, [
      { status: 200 },
      { status: 404, problem: { code: "suppression-unknown" } },
    ]);
    const held = await Promise.all(numbers.map(async (number) => (await ask("POST", "/api/v1/suppressions/search", { number })).body.items));
    t.match(held, [[{ endedReason: "a mistake" }], [{ endedReason: undefined }]]);
  });

  await t.test("campaigns are told to stop, each by those who may", async (t) => {
    const [own, other] = [await makeCampaign(stores, { name: "own", listId }), await makeCampaign(stores, { name: "other", listId })];
    const group = await stores.agents.addGroup("Own", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
    await stores.agents.assign(group.id, own.id);
    const { text } = await issueKey(stores.keys, "led", { role: "supervisor", groupIds: [group.id] });
    const body = { order: "pause", campaignIds: [own.id, other.id], strategyCampaignIds: ["999999"] };
    const paused = await ask("POST", "/api/v1/campaign-orders", body, { authorization: `Bearer ${text}` });
    t.match(paused.body.items, [{ status: 200, id: own.id }, { status: 404, id: other.id, problem: { code: "campaign-unknown" } }, { status: 403 }]);
    t.match(await Promise.all([own, other].map(async ({ id }) => (await ask("GET", `/api/v1/campaigns/${id}`)).body["state"])), [
      "paused",
      "running",
    ]);
    const again = await ask("POST", "/api/v1/campaign-orders", { order: "pause", campaignIds: [own.id, other.id] });
    t.match(again.body.items, [{ status: 409, problem: { code: "campaign-state" } }, { status: 200 }]);
    t.same(
      (await auditOf("POST /api/v1/campaigns/:id/pause")).map(({ actor, target }) => [actor, target]),
      [
        ["led", `/api/v1/campaigns/${own.id}/pause`],
        ["test", `/api/v1/campaigns/${other.id}/pause`],
      ],
    );
    t.equal((await ask("POST", "/api/v1/campaign-orders", { order: "pause" })).status, 400);
  });

  await t.test("users are added and changed, keys made and revoked", async (t) => {
    const users = ["ann", "ANN", "ben", "ann"].map((name) => ({ name, role: "supervisor" }));
    const added = await ask("POST", "/api/v1/users/bulk", { items: users });
    t.match(added, {
      status: 200,
      headers: { "cache-control": "no-store" },
      body: {
        items: [
          { status: 201, id: /^\d+$/, invitation: /^\S{20,}$/ },
          { status: 422, problem: { code: "user-name" } },
          { status: 201, id: /^\d+$/, invitation: /^\S{20,}$/ },
          { status: 409, problem: { code: "user-exists" } },
        ],
      },
    });
    const invitation = String(added.body.items[0]?.["invitation"]);
    const accepted = await ask("POST", "/api/v1/invitations", { invitation, password: "a long sentence about herons" });
    t.equal(accepted.status, 204, "each invitation is a real one");
    const [ann, ben] = [added.body.items[0]?.["id"], added.body.items[2]?.["id"]];
    const changed = await ask("POST", "/api/v1/users/bulk/change", {
      items: [
        { id: ann, change: { role: "author" } },
        { id: "999999", change: { active: false } },
        { id: ben, change: { active: false } },
      ],
    });
    t.match(changed.body.items, [
      { status: 200, id: ann },
      { status: 404, problem: { code: "user-unknown" } },
      { status: 200, id: ben },
    ]);
    t.match(await Promise.all([ann, ben].map(async (id) => (await ask("GET", `/api/v1/users/${id}`)).body)), [
      { role: "author", active: true },
      { role: "supervisor", active: false },
    ]);

    const { text: admin } = await issueKey(stores.keys, "admin", { role: "admin" });
    const asAdmin = { authorization: `Bearer ${admin}` };
    const keys = [
      { name: "crm", role: "integrator" },
      { name: "boss", role: "owner" },
      { name: "old", role: "read-only", expiresAt: "2020-01-01T00:00:00Z" },
    ];
    const made = await ask("POST", "/api/v1/keys/bulk", { items: keys }, asAdmin);
    t.match(made, {
      status: 200,
      headers: { "cache-control": "no-store" },
      body: {
        items: [
          { status: 201, key: /^carillon_/ },
          { status: 403, problem: { code: "forbidden" } },
          { status: 422, problem: { code: "access-invalid", errors: [{ pointer: "/expiresAt" }] } },
        ],
      },
    });
    const bearer = { authorization: `Bearer ${made.body.items[0]?.["key"]}` };
    t.equal((await ask("GET", "/api/v1/lists", undefined, bearer)).status, 200, "each key is a real one");
    t.equal((await ask("POST", "/api/v1/keys/bulk", { items: [keys[0]] }, bearer)).status, 403, "and does no more than it may");
    const id = made.body.items[0]?.["id"];
    t.match((await ask("POST", "/api/v1/keys/bulk/revoke", { ids: [id, "999999"] }, asAdmin)).body.items, [
      { status: 200, id },
      { status: 404, id: "999999", problem: { code: "key-unknown" } },
    ]);
    t.equal((await ask("GET", "/api/v1/lists", undefined, bearer)).status, 401);

    const lines = (await ask("GET", "/api/v1/audit?limit=500")).body.items;
    const actions = ["POST /api/v1/users", "PATCH /api/v1/users/:id", "POST /api/v1/keys", "POST /api/v1/keys/:id/revoke"];
    t.same(
      actions.map((action) => lines.filter((line) => line["action"] === action).length),
      [2, 2, 1, 1],
      "each that was done has its line",
    );
    for (const secret of [invitation, String(made.body.items[0]?.["key"])])
      t.notMatch(JSON.stringify(lines), secret, "what was shown once is kept nowhere");
    for (const item of [{ name: "x" }, { name: "x", role: "boss" }, { name: "x", role: "author", key: "y" }])
      for (const noun of ["users", "keys"]) t.equal((await ask("POST", `/api/v1/${noun}/bulk`, { items: [item] })).status, 400, JSON.stringify(item));
  });
});
