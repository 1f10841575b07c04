import t, { type Test } from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { listen } from "../../src/api/app.ts";
import { connectAgent, type Message } from "../../src/command/agent-line.ts";
import { dots } from "../../src/privacy/mask.ts";
import { until } from "../harness/far-side.ts";
import { asCsv, asYaml, script, world } from "./world.ts";

/*
 * What an agent's program is sent of people, message by message, where agents do not see everything; and that an agent of another group is sent nothing of them.
 */

t.setTimeout(60_000);

const people = `client_id,phone,email,first_name,date_of_birth,reach_at,write_to
c-1,+1 212 555 0101,ada@people.example,Ada,1815-12-10,+12125550191,ada@second.example
c-2,+1 212 555 0102,grace@people.example,Grace,1906-12-09,+12125550192,grace@second.example
`;
/** Of Ada, by what hides it. */
const traces = {
  numbers: ["+12125550101", "+12125550191"],
  mailboxes: ["ada@people.example", "ada@second.example"],
  fields: ["1815-12-10"],
  texts: ["likes herons", "call my lawyer", "asked twice", "my own words", "blue and green"],
} as const;
/** Beginnings of what fields hold. */
const hintsOfAda = ["1815", "1815-12-1", "+12125550191", "+1212555019", "ada@second", "ada@second.example"];
const kinds = Object.keys(traces) as (keyof typeof traces)[];

/** Two groups, each with a campaign of its own; the people are on the list of the first. */
async function office(t: Test, masking: Readonly<Record<string, unknown>>) {
  const { app, stores, agents, ask } = await world(t, {}, masking);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}`;
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaignOn = async (name: string, csv: string) => {
    const list = await ask("POST", `/api/v1/lists?name=${name}`, csv, asCsv);
    const made = await ask("POST", "/api/v1/campaigns", {
      ...{ name, listId: String(list.body["listId"]), script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
      ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
    });
    const id = String(made.body["id"]);
    await stores.pool.query("update campaign set state = 'running' where id = $1", [id]);
    return { id, listId: String(list.body["listId"]) };
  };
  const own = await campaignOn("own", people);
  const other = await campaignOn("other", "client_id,phone\nz-1,+1 212 555 0199\n");
  const agentOf = async (name: string, campaignId: string) => {
    const { id: groupId } = await stores.agents.addGroup(name, { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
    await stores.agents.assign(groupId, campaignId);
    const { id } = await stores.agents.addAgent(name);
    await stores.agents.join({ agentId: id, groupId, priority: 5, skills: [] });
    const heard: Message[] = [];
    const line = await connectAgent({ url, heard: (message) => heard.push(message), closed() {} });
    t.teardown(() => line.close());
    await line.ask("login", { key: (await issueKey(stores.keys, name, { agentId: id })).text });
    // The same people over the ordinary API.
    const { text } = await issueKey(stores.keys, `${name} by program`, { role: "agent", groupIds: [groupId] });
    const get = async (path: string) => (await app.inject({ url: path, headers: { authorization: `Bearer ${text}` } })).body;
    return { id, groupId, heard, ask: line.ask, get };
  };
  const ann = await agentOf("Ann", own.id);
  const zoe = await agentOf("Zoe", other.id);
  const [ada] = (await ask("GET", `/api/v1/lists/${own.listId}/contacts`)).body.items;
  const contactId = String(ada?.["id"]);
  return { stores, agents, app, ann, zoe, contactId, campaignId: own.id, adminAsk: ask };
}

/** Everything that the agent's program is sent of Ada, in every way there is. */
async function everythingOf({ stores, agents, ann, contactId, campaignId, adminAsk }: Awaited<ReturnType<typeof office>>) {
  await adminAsk("PUT", `/api/v1/campaigns/${campaignId}/agent-rules`, { paymentUrl: "https://pay.example/{client_id}?account=4111222233" });
  const sent = new Map<string, unknown>();
  // With a name of a question that is also the name of a property.
  const answers = { name: "my own words", colours: "blue and green" };
  const { contacts } = { contacts: stores.agentContacts };
  const known = await contacts.person(contactId);
  await ann.ask("note", { contactId, text: "likes herons" });
  await ann.ask("ready");
  const message = { bind: "north", from: "+12125550101", to: "55501", at: systemClock.now(), details: {}, text: "call my lawyer", complete: true };
  await stores.incoming.hand(await stores.incoming.keep(message), "Ann");
  const dueAt = new Date().toISOString();
  sent.set("callback", await ann.ask("schedule-callback", { contactId, campaignId, dueAt, note: "asked twice" }));
  sent.set("callbacks", await ann.ask("callbacks"));
  sent.set("contact", await ann.ask("contact", { contactId }));
  sent.set("search by number", await ann.ask("search", { text: "+12125550101" }));
  sent.set("search by field", await ann.ask("search", { text: "Ada" }));
  const list = await ann.ask("conversations");
  sent.set("conversations", list);
  const [{ id: conversationId = "" } = {}] = list["items"] as { id?: string }[];
  sent.set("conversation", await ann.ask("take-conversation", { conversationId }));
  sent.set("conversation shown", await ann.ask("show-conversation", { conversationId }));
  sent.set("payment page", await ann.ask("payment-page", { contactId, campaignId }));
  sent.set("preview", await ann.ask("dial-contact", { contactId, campaignId }));
  await until(() => ann.heard.some(({ type }) => type === "preview-ended"), "the telephone not to be there");
  await ann.ask("ready");
  const { desks } = agents;
  await desks.reserve({ attemptId: "4711", groupIds: [ann.groupId], agentId: ann.id, here: true });
  desks.show(ann.id, {
    ...{ attemptId: "4711", direction: "outbound", groupId: ann.groupId, number: "+15550100100", address: "+12125550101", waitedMs: 1, rings: false },
    ...{ ...(known && { contact: known }), history: await contacts.history(contactId, 50), answers },
  });
  await until(() => ann.heard.some(({ type }) => type === "call"), "the call");
  sent.set(
    "call",
    ann.heard.find(({ type }) => type === "call"),
  );
  sent.set("heard", ann.heard);
  sent.set("refusal", await ann.ask("dispose", { contactId, campaignId, code: "+12125550101" }).catch((error: Error) => error.message));
  for (const path of [`contacts/${contactId}`, `contacts/${contactId}/timeline`, "callbacks"])
    sent.set(`GET ${path}`, await ann.get(`/api/v1/${path}`));
  return { sent, conversationId };
}

t.test("an agent from whom nothing is hidden sees everything", async (t) => {
  const there = await office(t, {});
  const { sent } = await everythingOf(there);
  const all = JSON.stringify([...sent.values()]);
  for (const trace of kinds.flatMap((kind) => traces[kind])) t.ok(all.includes(trace), `${trace}: what is looked for below is there`);
  for (const text of hintsOfAda) t.match(await there.ann.ask("search", { text }), { items: [{ clientId: "c-1" }] }, text);
});

t.test("what agents do not see is in no message of theirs, and no agent of another group is sent anything", async (t) => {
  const hidden = { "masking.agent": "numbers,mailboxes,fields,texts", "masking.sensitiveFields": "date_of_birth" };
  const there = await office(t, hidden);
  const { ann, zoe, contactId, campaignId, agents } = there;
  const { sent, conversationId } = await everythingOf(there);

  await t.test("by message", async (t) => {
    for (const [what, message] of sent) {
      const text = JSON.stringify(message);
      for (const kind of kinds) for (const trace of traces[kind]) t.notOk(text.includes(trace), `${what} does not hold ${trace}`);
    }
    t.match(sent.get("contact"), {
      contact: {
        clientId: "c-1",
        addresses: [{ number: `${dots}01` }],
        fields: { first_name: "Ada", date_of_birth: dots, reach_at: `${dots}91`, write_to: `${dots}@second.example` },
      },
    });
    t.match(sent.get("call"), { call: { answers: { name: dots, colours: dots }, number: "+15550100100" } }, "numbers of ours are there");
    t.match(sent.get("conversation"), { conversation: { person: `${dots}01`, ours: "55501", lines: [{ text: dots }] } });
    const paymentUrl = "https://pay.example/c-1?account=4111222233";
    t.match(sent.get("preview"), { preview: { paymentUrl } });
    t.match(sent.get("payment page"), { url: paymentUrl }, "a link is whole, or leads nowhere");
  });

  await t.test("what is hidden cannot be found out letter by letter, nor written over", async (t) => {
    for (const text of hintsOfAda) t.same((await ann.ask("search", { text }))["items"], [], text);
    t.match((await ann.ask("search", { text: "+12125550101" }))["items"], [{ clientId: "c-1" }], "whoever has the number finds whose it is");
    for (const [type, body] of [
      ["note", { contactId, text: `called ${dots}01` }],
      ["reply", { conversationId, text: `Dear ${dots}` }],
      ["schedule-callback", { contactId, campaignId, dueAt: new Date().toISOString(), note: dots }],
    ] as const)
      await t.rejects(ann.ask(type, body), { code: "request-invalid", message: /stands for what you do not see/ }, type);
  });

  await t.test("of another group's people nothing is sent, whatever is asked for", async (t) => {
    await zoe.ask("ready");
    const [mine] = (await ann.ask("callbacks"))["items"] as { id: string }[];
    const callbackId = mine?.id;
    const refused: readonly (readonly [type: string, body: Record<string, unknown>, code: string])[] = [
      ["contact", { contactId }, "contact-unknown"],
      ["note", { contactId, text: "x" }, "contact-unknown"],
      ["opt-out", { contactId }, "contact-unknown"],
      ["opt-out", { contactId, campaignId }, "contact-unknown"],
      ["schedule-callback", { contactId, campaignId, dueAt: new Date().toISOString() }, "contact-unknown"],
      ["dispose", { contactId, campaignId, code: "processed" }, "contact-unknown"],
      ["dispose", { callbackId, code: "processed" }, "callback-unknown"],
      ["dispose", { attemptId: "4711", code: "processed" }, "attempt-unknown"],
      ["take-callback", { callbackId }, "callback-unknown"],
      ["dial-callback", { callbackId }, "callback-unknown"],
      ["dial-contact", { contactId, campaignId }, "contact-unknown"],
      ["payment-page", { contactId, campaignId }, "contact-unknown"],
      ["next", { campaignId }, "campaign-unknown"],
      ["send-message", { attemptId: "4711", channel: "sms", template: "x" }, "message-refused"],
      ["show-conversation", { conversationId }, "conversation-unknown"],
      ["take-conversation", { conversationId }, "conversation-unknown"],
      ["reply", { conversationId, text: "Hello" }, "conversation-unknown"],
      ["close-conversation", { conversationId, code: "processed" }, "conversation-unknown"],
    ];
    for (const [type, body, code] of refused) {
      const error: Error & { code?: string } = await zoe.ask(type, body).then(
        () => new Error("it was answered"),
        (fault) => fault,
      );
      t.equal(error.code, code, `${type}: ${error.message}`);
      t.notMatch(error.message, /Ada|Grace|people\.example|2125550/, `${type}: nothing of them in the refusal`);
    }
    for (const text of ["c-1", "+12125550101", "Ada", "1815"]) t.same((await zoe.ask("search", { text }))["items"], [], text);
    for (const type of ["callbacks", "conversations"]) t.same((await zoe.ask(type))["items"], [], type);
    t.same(
      zoe.heard.filter(({ type }) => type !== "desk"),
      [],
      "nor by itself",
    );
    t.equal(agents.desks.cardOf(zoe.id), undefined);
    for (const path of [`contacts/${contactId}`, `contacts/${contactId}/timeline`, `callbacks/${callbackId}`])
      t.match(JSON.parse(await zoe.get(`/api/v1/${path}`)), { status: 404 }, `GET ${path}`);
    t.same(JSON.parse(await zoe.get("/api/v1/callbacks")).items, []);
  });
});
