import t from "tap";
import { begun, claim, makeCampaign, makeList, phone } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

t.setTimeout(280_000);

t.test("one person is added to a list, and comes into the campaigns that run on it, once", async (t) => {
  const { ask, stores } = await world(t);
  const listId = await makeList(stores, "people", 2);
  const running = await makeCampaign(stores, { name: "running", listId });
  const draft = await makeCampaign(stores, { name: "draft", listId, started: false });
  const work = async (contactId: unknown) => {
    const { rows } = await stores.pool.query<{ id: string }>("select campaign_id::text as id from work where contact_id = $1 order by 1", [
      contactId,
    ]);
    return rows.map(({ id }) => id);
  };
  const person = {
    clientId: "c9",
    timeZone: "America/Chicago",
    addresses: [{ mailbox: "Ann@Example.com" }, { number: "(312) 555-0100", kind: "mobile" }, { number: "312 555 0100" }],
    fields: { "Amount Due": "12.50" },
  };
  const url = `/api/v1/lists/${listId}/contacts`;
  const key = { "idempotency-key": "one" };
  const added = await ask("POST", url, person, key);
  t.match(added, {
    status: 201,
    body: { listId, clientId: "c9", timeZone: "America/Chicago", fields: { amount_due: "12.50" } },
  });
  t.match(added.body["addresses"], [{ number: "+13125550100" }, { kind: "email", mailbox: "ann@example.com" }]);
  const id = added.body["id"];
  t.equal(added.headers["location"], `/api/v1/contacts/${id}`);
  t.same((await ask("POST", url, person, key)).body, added.body, "sent again it does nothing");
  t.same(await work(id), [running.id]);
  t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 3, columns: ["amount_due"] });
  t.match(await ask("POST", url, { addresses: [{ number: phone(50) }], enter: false }), { status: 201 });
  t.same((await claim(stores, running, 10)).orders.length, 3, "all but who was not to enter");

  const bad: [body: unknown, status: number, expected: object][] = [
    [person, 409, { code: "contact-exists" }],
    [{ addresses: [{ number: "+13125550100" }] }, 409, { code: "contact-exists" }],
    [{ addresses: [] }, 400, { code: "request-invalid" }],
    [{ addresses: [{ number: phone(60) }], name: "x" }, 400, { code: "request-invalid" }],
    [
      { addresses: [{ number: "12" }, { mailbox: "a@b" }, {}], timeZone: "Eastern", fields: { "-": "x" } },
      422,
      {
        code: "contact-invalid",
        errors: [
          { pointer: "/timeZone", message: /IANA/ },
          { pointer: "/addresses/0/number", message: /too short/ },
          { pointer: "/addresses/1/mailbox" },
          { pointer: "/addresses/2/", message: /either/ },
          { pointer: "/fields/-" },
        ],
      },
    ],
  ];
  for (const [body, status, expected] of bad) t.match(await ask("POST", url, body), { status, body: expected }, JSON.stringify(body));
  t.match(await ask("POST", "/api/v1/lists/999/contacts", { addresses: [{ number: phone(61) }] }), { status: 404, body: { code: "list-unknown" } });
  t.equal((await stores.lists.list(listId))?.contacts, 4, "what is refused changes nothing");
  t.same(await work(id), [], "claimed");
  t.equal((await stores.campaigns.find(draft.id))?.state, "draft");
});

t.test("one person is changed, and campaigns see it; taken away, nothing more is begun with them", async (t) => {
  const { ask, stores } = await world(t);
  const listId = await makeList(stores, "people", 4);
  const campaign = await makeCampaign(stores, { listId });
  const [first, second, third, fourth] = await stores.lists.contacts(listId, { limit: 10 });
  if (!first || !second || !third || !fourth) return t.fail("four people");
  const change = { addresses: [{ number: phone(777) }, { number: phone(1) }], fields: { first_name: null, balance: "3" }, timeZone: null };
  const changed = await ask("PATCH", `/api/v1/contacts/${first.id}`, change);
  t.match(changed, { status: 200, body: { clientId: "c1", fields: { balance: "3" } } });
  t.notOk(changed.body["timeZone"]);
  t.match(changed.body["addresses"], [{ number: phone(777) }, { id: first.addresses[0]?.id, number: phone(1) }]);
  t.match(await ask("PATCH", `/api/v1/contacts/${second.id}`, { addresses: [{ number: phone(3) }] }), {
    status: 409,
    body: { code: "contact-exists" },
  });
  t.match(await ask("PATCH", `/api/v1/contacts/${second.id}`, { addresses: [] }), { status: 400 });

  const [order] = await begun(stores, campaign, 1);
  t.match(order, { contactId: first.id, address: phone(777), fields: { balance: "3" } });
  const reserved = await claim(stores, campaign, 1);
  t.equal(reserved.orders[0]?.contactId, second.id);
  for (const { id } of [first, second, third]) t.equal((await ask("DELETE", `/api/v1/contacts/${id}`)).status, 204);
  t.equal((await ask("DELETE", `/api/v1/contacts/${first.id}`)).status, 204, "may be said again");
  t.equal((await ask("DELETE", "/api/v1/contacts/999")).status, 404);
  const { rows } = await stores.pool.query("select contact_id, state, result, reason, withdrawn from attempt order by id");
  t.same(rows, [
    { contact_id: first.id, state: "sending", result: null, reason: null, withdrawn: true },
    { contact_id: second.id, state: "ended", result: "canceled", reason: "withdrawn", withdrawn: false },
  ]);
  t.same(
    (await claim(stores, campaign, 10)).orders.map(({ contactId }) => contactId),
    [fourth.id],
  );
  t.equal((await stores.lists.list(listId))?.contacts, 1);
  t.match(await ask("GET", `/api/v1/contacts/${first.id}`), { status: 200, body: { clientId: "c1", listId: undefined } });
  t.match(await ask("PATCH", `/api/v1/contacts/${first.id}`, { fields: { a: "1" } }), { status: 409, body: { code: "contact-left" } });
  const { rows: refusals } = await stores.pool.query("select contact_id from refusal where rule = 'withdrawn' order by 1");
  t.same(refusals, [{ contact_id: second.id }, { contact_id: third.id }], "why they were not contacted is told");

  const load = await stores.contacts.openLoad({ name: "people", append: true });
  t.match(await ask("POST", `/api/v1/lists/${listId}/contacts`, { addresses: [{ number: phone(90) }] }), {
    status: 409,
    body: { code: "list-busy" },
  });
  await load.abort();
});
