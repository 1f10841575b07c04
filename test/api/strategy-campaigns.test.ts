import t from "tap";
import { listOf, mailbox } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

/* Strategies that are carried out, over the API: made, told what to do, and gone over to another version while they run. */

const document = (more = "") => `
name: waves
passes:
  text: { channel: sms, template: reminder, sender: main, who_else: { pass: letter }, after: { delivered: { pass: letter, after: 24 h } } }
  letter: { channel: email, template: letter, sender: service }
${more}`;

t.test("strategy campaigns", async (t) => {
  const { ask, stores } = await world(t, { senders: { sms: [{ name: "main" }], email: [{ name: "service" }] } });
  const listId = await listOf(stores, "people", [[{ kind: "mobile", number: phone(1) }], [{ kind: "email", mailbox: mailbox("a@example.com") }]]);
  await stores.strategies.publish(document(), "test");
  const wish = { name: "autumn", listId, strategy: "waves", defaultTimeZone: "America/New_York" };
  const path = "/api/v1/strategy-campaigns";

  const refused = await ask("POST", path, wish);
  t.match(refused, { status: 422, body: { code: "campaign-invalid" } });
  t.match(
    refused.body["errors"],
    [{ pointer: "/passes/text/template" }, { pointer: "/passes/letter/template" }],
    "what its passes name is not there",
  );
  t.same((await ask("GET", path)).body.items, [], "and nothing is made");
  await stores.templates.publish({ name: "reminder", channel: "sms", text: "Hello {first_name}" }, "test");
  await stores.templates.publish({ name: "letter", channel: "email", subject: "Hello", text: "Hello" }, "test");
  t.match(await ask("POST", path, { ...wish, strategy: "none" }), { status: 404, body: { code: "strategy-unknown" } });
  t.match(await ask("POST", path, { ...wish, listId: "99" }), { status: 422, body: { errors: [{ pointer: "/listId" }] } });

  const made = await ask("POST", path, wish);
  const { id } = made.body;
  const url = `${path}/${id}`;
  t.match(made, { status: 201, headers: { location: url }, body: { name: "autumn", strategy: "waves", version: 1, state: "draft" } });
  t.match(await ask("POST", path, wish), { status: 409, body: { code: "campaign-exists" } });
  const { items } = (await ask("GET", "/api/v1/campaigns")).body;
  t.match(items, [
    { name: "autumn/text", state: "draft", pass: { strategyCampaignId: id, name: "text" } },
    { name: "autumn/letter", pass: { name: "letter" } },
  ]);
  const alone = await ask("POST", `/api/v1/campaigns/${items[0]?.["id"]}/start`);
  t.match(alone, { status: 409, body: { code: "campaign-state", detail: /tell autumn to start/ } }, "a pass does not begin alone");

  const federal = await ask("POST", "/api/v1/suppression-lists", {
    name: "federal",
    kind: "us-national",
    channels: ["voice", "sms"],
    reason: "registry",
  });
  t.match(await ask("POST", `${url}/start`), { status: 409, body: { code: "do-not-call-list-old", detail: /autumn\/text must not run/ } });
  const load = `/api/v1/suppression-lists/${federal.body["id"]}/load?mode=append`;
  t.equal((await ask("POST", load, "2125550199\n", { "content-type": "text/csv" })).status, 200);
  t.match(await ask("POST", `${url}/start`), { status: 200, body: { state: "running" } });
  t.match(await ask("POST", `${url}/start`), { status: 409, body: { code: "campaign-state" } });
  const passesOf = async () =>
    ((await ask("GET", url)).body["passes"] as { pass: string; state: string; progress: { waiting: number } }[]).map(
      ({ pass, state, progress }) => `${pass} ${state} ${progress.waiting}`,
    );
  t.same(await passesOf(), ["text running 2", "letter running 0"], "everybody waits in the first pass");

  await t.test("it goes over to another version while it runs", async (t) => {
    await stores.strategies.publish(
      document("  last: { channel: sms, template: reminder, sender: main, who: { event: never } }\nevents: { moved: { pass: last } }\n"),
      "test",
    );
    t.match(await ask("PUT", `${url}/strategy`, {}), { status: 200, body: { version: 2 } });
    t.same(await passesOf(), ["text running 2", "letter running 0", "last running 0"], "new passes run, and those who wait still do");
    t.match((await ask("GET", `${url}/changes`)).body.items, [{ by: /^key / }]);
    t.match(await ask("PUT", `${url}/strategy`, { version: 1 }), { status: 200, body: { version: 1 } });
    t.match(await passesOf(), ["text running 2", "letter running 0", /^last stop/], "a pass that is gone stops");
    await stores.strategies.publish(
      document()
        .replace("text: { channel: sms, template: reminder, sender: main", "text: { channel: email, template: letter, sender: service")
        .replace("delivered", "sent"),
      "test",
    );
    t.match(await ask("PUT", `${url}/strategy`, {}), { status: 422, body: { errors: [{ pointer: "/passes/text/channel" }] } });
  });

  await t.test("webhooks that its treatments tell must be there, in every version", async (t) => {
    const telling = document().replace("delivered: {", "undelivered: [{ webhook: crm }, stop], sent: { webhook: crm-2 }, delivered: {");
    await stores.strategies.publish(telling, "test");
    const places = [
      { pointer: "/passes/text/after/undelivered/0/webhook", message: /no webhook crm;/ },
      { pointer: "/passes/text/after/sent/webhook" },
    ];
    t.match(await ask("PUT", `${url}/strategy`, {}), { status: 422, body: { code: "campaign-invalid", errors: places } });
    t.match(await ask("POST", path, { ...wish, name: "telling" }), { status: 422, body: { errors: places } });
    t.match((await ask("GET", url)).body, { version: 1 }, "and it stays as it is");
    for (const name of ["crm", "crm-2"])
      await stores.webhooks.add({ name, url: "https://crm.example.com/", events: ["strategy.webhook"], active: true, sealedSecret: "sealed" });
    t.match(await ask("POST", path, { ...wish, name: "telling" }), { status: 201 });
  });

  await t.test("events from outside", async (t) => {
    const told = { name: "moved", clientId: "c1", key: "e-1", amount: 12.5, currency: "USD" };
    t.match(await ask("POST", "/api/v1/events", told), { status: 201, body: { fresh: true, contacts: [{ contactId: /^\d+$/ }] } });
    t.match(await ask("POST", "/api/v1/events", told), { status: 200, body: { fresh: false } });
    t.match(await ask("POST", "/api/v1/events", { ...told, clientId: "c2" }), { status: 422, body: { code: "event-key-reused" } });
    t.match(await ask("POST", "/api/v1/events", { name: "moved" }), { status: 400, body: { errors: [{ pointer: "/clientId" }] } });
    t.match(await ask("POST", "/api/v1/events", { name: "moved", address: "555" }), { status: 400, body: { errors: [{ pointer: "/address" }] } });
    t.match(await ask("POST", "/api/v1/events", { ...told, key: "e-2", occurredAt: "2999-01-01T00:00:00Z" }), { status: 400 });
  });

  t.match(await ask("POST", `${url}/pause`), { body: { state: "paused" } });
  t.match(await passesOf(), ["text paused 2", "letter paused 0", /^last stop/]);
  t.match(await ask("POST", `${url}/stop`), { body: { state: /^stop/ } });
  t.match(await ask("PUT", `${url}/strategy`, {}), { status: 409, body: { code: "campaign-state" } });
  t.match(await ask("GET", `${path}/99`), { status: 404, body: { code: "campaign-unknown" } });
});
