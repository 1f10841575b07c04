import t from "tap";
import { listOf, mailbox } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

const senders = {
  sms: [{ name: "main" }, { name: "word", alphanumeric: true }],
  email: [{ name: "service" }],
};

t.test("campaigns that write, over the API", async (t) => {
  const { ask, stores } = await world(t, { senders });
  const listId = await listOf(stores, "people", [[{ kind: "mobile", number: phone(1) }], [{ kind: "email", mailbox: mailbox("a@example.com") }]]);
  await stores.templates.publish({ name: "reminder", channel: "sms", text: "Hello {first_name}" }, "test");
  await stores.templates.publish({ name: "linked", channel: "sms", text: "Hello, see example.com" }, "test");
  const letter = await stores.templates.publish({ name: "letter", channel: "email", subject: "Hello", text: "Hello" }, "test");
  const body = { channel: "sms", name: "by sms", listId, template: "reminder", sender: "main", maxCps: 50, defaultTimeZone: "America/New_York" };

  const made = await ask("POST", "/api/v1/campaigns", { ...body, retries: { undelivered: { afterS: 3600, atMost: 1 } } });
  t.match(made, {
    status: 201,
    body: { channel: "sms", template: "reminder", templatePinned: false, sender: "main", maxCps: 50, state: "draft", window: { startMinute: 480 } },
  });
  t.notOk("trunk" in made.body || "mode" in made.body || "maxLines" in made.body, "nothing of calls");
  t.same(Object.keys((made.body as unknown as { retries: object }).retries).sort(), ["carrier-fault", "congestion", "undelivered"]);
  const url = `/api/v1/campaigns/${made.body["id"]}`;
  t.same((await ask("GET", url)).body, made.body);
  t.match((await ask("GET", "/api/v1/campaigns")).body.items, [{ channel: "sms", template: "reminder" }]);

  await t.test("an e-mail campaign may stay on a version", async (t) => {
    const { template: _, ...rest } = body;
    const pinned = { ...rest, channel: "email", name: "by e-mail", sender: "service", templateVersionId: letter.version.id };
    t.match(await ask("POST", "/api/v1/campaigns", pinned), { status: 201, body: { templatePinned: true, templateVersionId: letter.version.id } });
  });

  await t.test("what is wrong is said in the words of its channel", async (t) => {
    const faultsOf = async (more: object) => {
      const { status, body: problem } = await ask("POST", "/api/v1/campaigns", { ...body, name: "wrong", ...more });
      return [status, ((problem["errors"] ?? []) as { pointer: string; message: string }[]).map(({ pointer, message }) => `${pointer} ${message}`)];
    };
    t.same(await faultsOf({ channel: "fax" }), [400, ["/channel must be one of voice, sms, email"]]);
    t.same(await faultsOf({ trunk: "a" }), [400, ["/trunk is not known here"]]);
    t.same(await faultsOf({ sender: undefined }), [400, ["/sender is missing"]]);
    t.same(await faultsOf({ template: "nothing" }), [422, ["/template there is no template nothing"]]);
    t.same(await faultsOf({ template: undefined }), [
      422,
      ["/template give either template (its current version is taken, whichever that is) or templateVersionId"],
    ]);
    t.same(await faultsOf({ sender: "other" }), [422, ["/sender there is no sender other for sms; configured: main, word"]]);
    t.same(await faultsOf({ template: "letter" }), [422, ["/channel is sms, and the template is for email"]]);
    t.match(await faultsOf({ sender: "word" }), [422, [/^\/sender nobody can answer word, which is a word: .* web address/]]);
    t.same(await faultsOf({ sender: "word", template: "linked", name: "linked" }), [201, []]);
    t.same(await faultsOf({ retries: { delivered: { afterS: 60, atMost: 1 } } }), [
      422,
      ["/retries nobody is written to again after delivered: it has arrived"],
    ]);
    t.same(await faultsOf({ retries: { busy: { afterS: 60, atMost: 1 } } }), [422, ["/retries busy is not a result of a message"]]);
  });

  await t.test("its rate may be changed, and nothing that calls have", async (t) => {
    t.match(await ask("PATCH", url, { maxCps: 7 }), { status: 200, body: { maxCps: 7, channel: "sms" } });
    t.match((await ask("GET", `${url}/changes`)).body.items, [{ before: { maxCps: 50 }, after: { maxCps: 7 } }]);
    t.match(await ask("PATCH", url, { mode: "ivr" }), {
      status: 422,
      body: { errors: [{ pointer: "/mode", message: "is of campaigns that call; by sms writes by sms" }] },
    });
    t.match(await ask("GET", `${url}/abandonment`), { status: 409, body: { code: "campaign-channel" } });
  });

  await t.test("it is started, and tells how far it is", async (t) => {
    t.match(await ask("POST", `${url}/start`), { status: 200, body: { state: "running" } });
    t.match(await ask("GET", `${url}/progress`), { status: 200, body: { contacts: 2, waiting: 2, inFlight: 0 } });
    const [gone] = [...senders.sms];
    senders.sms.shift();
    t.match(await ask("GET", `${url}/progress`), { body: { note: /^There is no sender main any more\. Nobody is written to/ } });
    if (gone) senders.sms.unshift(gone);
    t.match(await ask("POST", `${url}/pause`), { status: 200, body: { state: "paused" } });
  });

  await t.test("nobody answers its calls", async (t) => {
    const group = await ask("POST", "/api/v1/groups", { name: "sales" });
    const none = { status: 409, body: { code: "campaign-channel" } };
    t.match(await ask("PUT", `/api/v1/groups/${group.body["id"]}/campaigns/${made.body["id"]}`), none);
    t.match(await ask("PUT", `${url}/inbound`, { script: null }), none);
  });

  await t.test("a contact shows its numbers and mailboxes", async (t) => {
    const { items } = (await ask("GET", `/api/v1/lists/${listId}/contacts`)).body;
    t.match(items[0], { addresses: [{ kind: "mobile", number: phone(1) }] });
    t.same(
      items.map(({ addresses }) => (addresses as object[]).map((each) => Object.keys(each).sort())),
      [[["id", "kind", "number"]], [["id", "kind", "mailbox"]]],
    );
  });
});
