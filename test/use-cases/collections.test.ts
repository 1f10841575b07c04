import t from "tap";
import { entriesOf, fieldOf, textOf } from "../../src/command/api-client.ts";
import { openReceiver } from "../webhook/receiver.ts";
import { type Debtor, link, mailOf, numberOf, walk } from "./collections-story.ts";
import { openPlace, type Row, sinceYesterday } from "./place.ts";

/* CE13, collections (6): everybody on one list of debtors, by the channel that their row asks for, to the payment. docs/use-cases.md lists the flows. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

const bank = await openReceiver(t);
bank.answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ result: "paid", receipt: "B7" }));
const theirPage = "https://www.example.com/bye?mark={mark}&scope={scope}";
const settings = { webhooks: [{ name: "take_payment", url: bank.url }], email: { unsubscribeUrl: theirPage } };
const place = await openPlace(t, { seed, phones: 4, settings });
const { ask, get, items, seen, attempts, ended } = place;

const story = walk(place);
story.catch(() => {});
const tried = async (campaignId: string, name: Debtor) =>
  (await attempts(campaignId)).filter((row) => [numberOf(name), mailOf(name)].includes(String(row["address"])));

t.test("CE13-6.1: a list is loaded: client id, numbers, mailboxes, and fields of one's own", async (t) => {
  const { list } = await story;
  t.match(list.report, { read: 12, accepted: 11, rejected: 1, rejections: [{ reason: /owes nothing/ }] });
  const contact = await get(`contacts/${list.id("mailed")}`);
  t.match(contact, { clientId: "mailed", addresses: [{ number: numberOf("mailed") }, { mailbox: mailOf("mailed") }], fields: { amount_due: "250" } });
});

t.test("CE13-6.2: the campaign's strategy: channels, dialer modes, and who is meant by each pass", async (t) => {
  const { id, of } = await story;
  t.match(await get(`campaigns/${of("agents")}`), { mode: "progressive" });
  t.match(await get(`campaigns/${of("look")}`), { mode: "preview" });
  t.match(await get(`campaigns/${of("ivr")}`), { mode: "ivr", amd: { profile: "b2c", actions: { machine: "message" } } });
  t.match(await get(`strategy-campaigns/${id}`), { passes: [{ pass: "sms" }, { pass: "email" }, { pass: "ivr" }, { pass: "letter" }, {}, {}] });
});

t.test("CE13-6.3: rules of the import say on which channel each is contacted", async (t) => {
  const { list } = await story;
  t.match(list.report, { rules: { settled: 1, "very large": 1, large: 1, middling: 7, "by mail": 1, others: 1 } });
  for (const [name, channel] of Object.entries({ texted: "sms", mailed: "email", pays: "ivr", talks: "agents", looked: "preview" }))
    t.match(await get(`contacts/${list.id(name)}`), { fields: { channel } });
});

t.test("CE13-6.4: by SMS: a text with a link to pay, and a number to call", async (t) => {
  t.match(await (await story).list.report, { accepted: 11 });
  const [text, ...more] = await place.textsTo(numberOf("texted"));
  t.same(more, []);
  t.match(text, { text: `Dear texted, $40.00 is due. Pay at ${link("texted")} or call 1 800 555 0100. STOP to opt out.` });
});

t.test("CE13-6.5: by e-mail: a letter with a link to pay", async (t) => {
  const { of } = await story;
  t.match(await ended(of("email"), 1), [{ address: mailOf("mailed"), result: "sent" }]);
  t.match((await place.mailsTo(mailOf("mailed")))[0]?.raw, link("mailed"));
});

t.test("CE13-6.6: by call: an agent at once, an agent who looks first, or a script", async (t) => {
  const { of, looked, byAgent } = await story;
  t.match(await tried(of("agents"), "talks"), [{ id: byAgent.attemptId, result: "human", outcome: "talked" }]);
  t.equal(textOf(fieldOf(looked.card, "preview"), "address"), numberOf("looked"));
  t.match(await tried(of("ivr"), "pays"), [{ result: "human" }]);
});

t.test("CE13-6.7: who is not reached: the result is written, and leads on, in the channel or to another one", async (t) => {
  const { of, dunning, list } = await story;
  t.match(await tried(of("ivr"), "none"), [{ result: "bad-number" }]);
  t.match(await ended(of("letter"), 1), [{ address: mailOf("none") }], "to another channel");
  t.match(await tried(of("ivr"), "away"), [{ result: "no-answer", againAt: String }], "again in two hours");
  t.match(await tried(of("ivr"), "machine"), [{ result: "machine-message", outcome: "voicemail_left" }]);
  const copied = await seen(
    () => attempts(dunning),
    (rows) => rows.length === 2,
    "who got a message to be copied",
  );
  t.ok(
    copied.some((row) => row["contactId"] === list.id("machine")),
    "into the other campaign",
  );
});

t.test("CE13-6.8: a live agent talks with the customer, and sends an SMS and an e-mail meanwhile", async (t) => {
  const { byAgent } = await story;
  t.ok(entriesOf(byAgent.offered, "items").length > 0, "what may be sent is offered");
  t.equal(
    (
      await seen(
        () => place.textsTo(numberOf("talks")),
        (rows) => rows.length > 0,
        "the text",
      )
    ).length,
    1,
  );
  t.equal(
    (
      await seen(
        () => place.mailsTo(mailOf("talks")),
        (rows) => rows.length > 0,
        "the mail",
      )
    ).length,
    1,
  );
});

t.test("CE13-6.9: the script greets, asks for the right person, says what is due, and offers four ways", async (t) => {
  const { of } = await story;
  for (const [name, path, outcome] of [
    ["pays", ["greeting", "debt", "pay", "paid"], "paid"],
    ["link-sms", ["greeting", "debt", "by_sms", "sent"], "link_sent"],
    ["link-mail", ["greeting", "debt", "by_mail", "sent"], "link_sent"],
    ["asks-agent", ["greeting", "debt", "agent", "talked"], "talked"],
  ] as const) {
    const [attempt] = await tried(of("ivr"), name);
    t.match(await get(`attempts/${attempt?.["id"]}`), { result: "human", outcome, path }, name);
  }
});

t.test("CE13-6.10: the customer pays in the call, by the payment system of the company", async (t) => {
  const { of } = await story;
  const [attempt] = await tried(of("ivr"), "pays");
  t.equal(bank.told.length, 1, "asked once");
  t.match(JSON.parse(bank.told[0]?.text ?? ""), { attemptId: attempt?.["id"], amount: "500" });
  t.match(await get(`attempts/${attempt?.["id"]}`), { answers: [{ name: "receipt", value: "B7" }] });
});

t.test("CE13-6.11: the script connects with a live agent", async (t) => {
  const { byIvr, of, list } = await story;
  t.equal(byIvr.contactId, list.id("asks-agent"));
  t.match(await tried(of("ivr"), "asks-agent"), [{ id: byIvr.attemptId, outcome: "talked" }]);
});

t.test("CE13-6.12: the agent opens the payment page and says that it is paid; the payment ends the strategy for the person", async (t) => {
  const { byAgent, of, list, id } = await story;
  t.match(byAgent.page, { url: "https://pay.example/talks?amount=5000" });
  const event = { name: "payment-received", key: "invoice-1", clientId: "talks", amount: 5000, currency: "USD", channel: "voice" };
  const told = await ask("POST", "events", event);
  t.match(told, { fresh: true, contacts: [{ contactId: list.id("talks") }] });
  t.match(await ask("POST", "events", event), { fresh: false }, "told twice, it counts once");
  const rows = (await get(`campaigns/${of("agents")}/calling-list`)) as unknown as readonly Row[];
  t.match(
    rows.find((row) => row["clientId"] === "talks"),
    { disposition: "payment-done", result: "human" },
  );
  // Whoever waits for the next call of the script is not called when the money has come.
  await ask("POST", "events", { name: "payment-received", clientId: "away", amount: 505, currency: "USD" });
  const isDone = (passes: unknown) => (passes as readonly Row[]).find(({ pass }) => pass === "ivr");
  const of6 = isDone(fieldOf(await get(`strategy-campaigns/${id}`), "passes"));
  t.match(of6, { progress: { waiting: 0 } });
});

t.test("CE13-6.13: the customer wants to be called later: the same agent does so at that time", async (t) => {
  const { looked, list, of } = await story;
  t.not(looked.again.attemptId, looked.attemptId);
  t.equal(looked.again.contactId, list.id("looked"));
  t.match(await items("callbacks?ended=true"), [{ id: looked.callbackId, state: "done", campaignId: of("look") }]);
  t.equal((await place.callsTo(numberOf("looked"))).length, 2);
});

t.test("CE13-6.14: a link to the payment system by SMS, from the script and from the agent", async (t) => {
  await story;
  for (const name of ["link-sms", "talks"] as const) {
    const [text] = await seen(
      () => place.textsTo(numberOf(name)),
      (rows) => rows.length > 0,
      "the text",
    );
    t.match(text, { text: `Pay at ${link(name)}. STOP to opt out.` }, name);
  }
});

t.test("CE13-6.15: a link to the payment system by e-mail, from the script and from the agent", async (t) => {
  await story;
  for (const name of ["link-mail", "talks"] as const) {
    const [mail] = await seen(
      () => place.mailsTo(mailOf(name)),
      (rows) => rows.length > 0,
      "the mail",
    );
    t.match(mail?.raw, link(name), name);
  }
});

t.test("CE13-5d: where the company has a page of its own for unsubscribing, the link leads there, and its word counts", async (t) => {
  await story;
  const [, ours = ""] = /Unsubscribe: (http:\S+)/.exec((await place.mailsTo(mailOf("mailed")))[0]?.raw?.replaceAll("=\r\n", "") ?? "") ?? [];
  const page = new URL((await fetch(ours, { redirect: "manual" })).headers.get("location") ?? "");
  t.match(page, { host: "www.example.com", pathname: "/bye" }, "people are sent to the company's page, and nothing has happened yet");
  t.same(await place.suppressed({ mailbox: mailOf("mailed") }), []);
  await ask("POST", "unsubscribes", { mark: page.searchParams.get("mark"), scope: page.searchParams.get("scope") });
  t.match(await place.suppressed({ mailbox: mailOf("mailed") }), [{ channels: ["email"] }]);
});

t.test("CE13-UI.2: in a collections call the agent has the history, the payment page, messages, callbacks, and says what came of it", async (t) => {
  const { byAgent, live, list, of } = await story;
  t.match(byAgent.history, { contactId: list.id("talks"), fields: { amount_due: "5000" } });
  const contact = fieldOf(await live.ask("contact", { contactId: list.id("talks") }), "contact");
  const told = entriesOf(contact, "history").map((entry) => textOf(entry, "kind"));
  t.ok(
    ["attempt", "disposition", "message"].every((kind) => told.includes(kind)),
    `the history has ${told}`,
  );
  const codes = entriesOf(await live.ask("dispositions", { campaignId: of("agents") }), "items").map((entry) => textOf(entry, "code"));
  t.ok(
    ["payment-done", "promise-to-pay", "sms-sent", "email-sent"].every((code) => codes.includes(code)),
    "what an agent may say",
  );
  t.match(await items(`contacts/${list.id("talks")}/timeline`), [{}, {}]);
});

t.test("CE13-RT: live: contact and payment rates, the channel that payments come by, agents at work, campaigns side by side", async (t) => {
  const { id, of } = await story;
  const event = { name: "payment-received", key: "invoice-1", clientId: "talks", amount: 5000, currency: "USD", channel: "voice" };
  await ask("POST", "events", event);
  const read = async () => (await items(`reports/figures?strategyCampaignId=${id}&${sinceYesterday}`))[0] ?? {};
  const counted = await seen(read, (row) => row["payments"] === 1, "the payment to be counted");
  t.match(counted, { contactRate: Number, paymentRate: Number, reachRate: Number, responseRate: Number, conversions: 1 });
  t.ok(Number(counted["persons"]) >= 7, `${counted["persons"]} people were reached by telephone`);
  const calls = (await story).atWork.find((row) => row["campaignId"] === of("ivr"));
  t.match(calls, { state: "running", underWay: 0, calls: 7, persons: 4, contactRate: 0.5714 });
  const [preferred] = await items(`reports/payments?strategyCampaignId=${id}&${sinceYesterday}`);
  t.match(preferred, { channel: "voice", event: "payment-received", currency: "USD", events: 1, attributed: 1 });
  const group = textOf(
    (await items("groups")).find((row) => row["name"] === "live"),
    "id",
  );
  const [agent, all] = await items(`reports/agents?groupId=${group}&${sinceYesterday}`);
  t.match(agent, { agentId: (await story).live.agentId, conversations: 1 });
  t.match(all, { agentId: "", conversations: 1, occupancy: Number, efficiency: Number }, "and all of them");
});

t.test("CE13-RH: historical: the same by campaign, channel and day, for a range of dates; satisfaction; as CSV and workbook", async (t) => {
  const { id, of } = await story;
  const list = await place.people("survey", [{ client_id: "s1", mobile: "+12125555950", first_name: "sue" }]);
  await place.at({ "+12125555950": "does:ring 500ms then say 700ms then hear 300ms then press 10 then stay" });
  const asked = await place.campaign({ name: "survey", listId: list.listId, script: "survey" });
  t.match(await ended(asked, 1), [{ result: "human", outcome: "answered" }]);
  const scores = await seen(
    () => items(`reports/surveys?campaignId=${asked}&${sinceYesterday}`),
    (rows) => rows.length === 1,
    "the answer to be counted",
  );
  t.match(scores, [{ question: "nps", answers: 1, promoters: 1, nps: 100 }]);
  const voice = [{}, {}, {}, {}].map(() => ({ channel: "voice", result: String, callResult: Number, share: Number }));
  const range = `from=${day(-1)}&to=${day(1)}&zone=America/New_York`;
  const byCampaign = await items(`reports/figures?strategyCampaignId=${id}&by=campaign&${range}`);
  t.ok(byCampaign.some((row) => row["key"] === of("ivr") && row["calls"] === 7));
  const channels = (await items(`reports/figures?strategyCampaignId=${id}&by=channel&${range}`)).map((row) => row["key"]);
  t.same(channels.toSorted(), ["email", "sms", "voice"]);
  const trend = await items(`reports/figures?strategyCampaignId=${id}&by=day&${range}`);
  t.equal(trend.reduce((sum, row) => sum + Number(row["calls"]), 0) >= 9, true, "the calls of all days");
  t.match(await items(`reports/results?campaignId=${of("ivr")}&channel=voice&${range}`), voice);
  const { agentId } = (await story).live;
  const own = (rows: readonly Row[]) => rows.find((row) => row["key"] === agentId);
  const byAgent = await seen(
    () => items(`reports/figures?strategyCampaignId=${id}&by=agent&${range}`),
    (rows) => own(rows)?.["messages"] === 2,
    "what the agent had sent to be counted",
  );
  t.match(own(byAgent), { calls: 1, persons: 1, successes: 1 });
  const sum = (rows: readonly Row[]) => rows.reduce((all, row) => all + Number(row["calls"]), 0);
  t.equal(sum(byAgent), sum(trend), "with what no agent had all of it");
  t.match(await items(`reports/results?strategyCampaignId=${id}&agentId=${agentId}&channel=voice&${range}`), [{ result: "human", attempts: 1 }]);
  for (const [format, type] of [
    ["csv", /^text\/csv/],
    ["xlsx", /spreadsheetml/],
  ] as const)
    t.match(await place.typeOf(`reports/figures?strategyCampaignId=${id}&format=${format}&${range}`), type);
});

/** A day from now, as reports take it. */
function day(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
