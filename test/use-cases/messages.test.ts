import t from "tap";
import { fieldOf, textOf } from "../../src/command/api-client.ts";
import { openReceiver } from "../webhook/receiver.ts";
import { openDesks } from "./desk.ts";
import { bodyOf, itemsOf, openPlace, type Row, shortCode, sinceYesterday } from "./place.ts";
import { welcome } from "./scripts.ts";

/* CE13, the options SMS (4) and e-mail (5): what people do with a message, and what becomes of it. docs/use-cases.md lists the flows. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

const crm = await openReceiver(t);
const place = await openPlace(t, {
  ...{ seed, phones: 2 },
  settings: { webhooks: [{ name: "crm", url: crm.url }], sms: { helpAnswer: "Example Bank. Call 1 800 555 0100. STOP to end." } },
});
const { ask, get, items, seen, people, template, campaign, texting, attempts } = place;
const who = (at: number) => `+1212555${2000 + at}`;
const mailOf = (name: string) => `${name}@example.com`;
const figures = async (campaignId: string): Promise<Row> => (await items(`reports/figures?campaignId=${campaignId}&${sinceYesterday}`))[0] ?? {};

/** By SMS: each person answers in a way of their own. `quiet` is a campaign without agents. */
async function startTexts() {
  const answers = { help: "says-help", stop: "says-stop", balance: "says:balance", asks: "says:Which invoice is that?", off: "undeliverable" };
  const numbers = Object.fromEntries([...Object.keys(answers), "plain", "thanks"].map((name, at) => [name, who(at)]));
  // To our answer nobody says anything more.
  await texting(Object.fromEntries(Object.entries(answers).map(([name, persona]) => [numbers[name] ?? "", [persona, "delivered"]])));
  await texting({ [numbers["thanks"] ?? ""]: "says-much" });
  const rowOf = (name: string) => ({ client_id: name, mobile: numbers[name] ?? "", first_name: name, amount_due: "75.5" });
  await template({ name: "bill", channel: "sms", text: 'Dear {first_name}, {amount_due | money: "USD"} is due. STOP to opt out.' });
  const list = await people("bills", Object.keys(numbers).map(rowOf).slice(0, -1));
  const id = await campaign({ channel: "sms", name: "bills", listId: list.listId, template: "bill" }, { draft: true });
  const other = await people("quiet", [rowOf("thanks")]);
  const quiet = await campaign({ channel: "sms", name: "quiet", listId: other.listId, template: "bill" });
  const [desk] = await openDesks(place, "writers", [], [1]);
  await desk?.ask("ready");
  const keywords = [{ keyword: "balance", answer: "Your balance is 75.50 dollars.", webhook: "crm" }];
  await ask("PUT", `campaigns/${id}/message-rules`, { keywords, agentGroup: "writers" });
  await ask("POST", `campaigns/${id}/start`);
  await place.ended(id, 6, (row) => row["result"] !== "sent");
  return { id, quiet, numbers, list, other, desk };
}

/** By e-mail, with a telephone number of its own. */
async function startLetters() {
  const names = ["idle", "clicks", "unsubscribes", "stops", "replies", "nobody", "bounces", "calls"];
  const html = '<p>Dear {first_name}, <a href="https://www.example.com/pay?c=1">pay here</a>, or call {sender_phone}.</p>';
  await template({ name: "letter", channel: "email", subject: "Your bill", html });
  const rows = names.map((name, at) => ({ client_id: name, mobile: who(100 + at), email: mailOf(name), first_name: name }));
  const list = await people("letters", rows);
  const id = await campaign({ channel: "email", name: "letters", listId: list.listId, template: "letter" }, { draft: true });
  const [desk] = await openDesks(place, "mailers", [], [2]);
  await ask("PUT", `campaigns/${id}/message-rules`, { trackLinks: true, phone: hotline, agentGroup: "mailers" });
  await place.script(welcome);
  await ask("POST", "numbers", { number: hotline, name: "letters' hotline", campaignId: id, script: "welcome" });
  await ask("POST", `campaigns/${id}/start`);
  await place.ended(id, names.length);
  return { id, list, desk };
}

const hotline = "+15550100777";
const [texts, letters] = [startTexts(), startLetters()];
for (const walk of [texts, letters]) walk.catch(() => {});
/** What somebody wrote, as soon as it was taken for this. */
const written = (contactId: string, state: string) =>
  seen(
    () => items(`incoming-messages?contactId=${contactId}`),
    (rows) => rows.some((row) => row["state"] === state),
    `${contactId} to have written something that is ${state}`,
  );

t.test("CE13-4a: the text is made of one template, with fields of the list", async (t) => {
  const { numbers } = await texts;
  t.match(await place.textsTo(numbers["plain"] ?? ""), [{ text: "Dear plain, $75.50 is due. STOP to opt out.", from: shortCode }]);
});

t.test("CE13-4b: a text that is longer than one SMS goes out in parts, and its cost is known before", async (t) => {
  const { listId } = (await texts).list;
  await template({ name: "long", channel: "sms", text: `{first_name}, ${"please see to your bill in good time. ".repeat(5)}STOP to opt out.` });
  t.match(await ask("POST", "templates/long/check", { listId }), { contacts: 6, ready: 6, sms: { segments: 12, bySegments: { 2: 6 } } });
  const more = await people("longer", [{ client_id: "l1", mobile: who(90), first_name: "lea" }]);
  const id = await campaign({ channel: "sms", name: "long", listId: more.listId, template: "long" });
  const [attempt] = await place.ended(id, 1, (row) => row["result"] === "delivered");
  t.match(await get(`messages/${attempt?.["id"]}`), { parts: 2, reports: [{ part: 1 }, { part: 2 }] });
  t.equal((await place.textsTo(who(90))).length, 2);
});

t.test("CE13-4c: the result of the delivery is recorded", async (t) => {
  const { id, numbers } = await texts;
  const result = async (name: string) => (await attempts(id)).find((row) => row["address"] === numbers[name])?.["result"];
  t.equal(await result("plain"), "delivered");
  t.equal(await result("off"), "undelivered");
  const counted = await seen(
    () => figures(id),
    (row) => row["delivered"] === 8,
    "the answers to be counted",
  );
  t.match(counted, { messages: 9, reached: 8, deliveryRate: 0.8889 }, "six texts, one not delivered, and the answers to HELP, STOP and BALANCE");
});

t.test("CE13-4d: what somebody writes back is kept, with whom and what it belongs to", async (t) => {
  const { quiet, numbers, other } = await texts;
  const [answer] = await written(other.id("thanks"), "kept");
  t.match(answer, { from: numbers["thanks"], to: shortCode, campaignId: quiet, contactId: other.id("thanks"), complete: true, state: "kept" });
  t.match(answer, { text: /Please look again\.$/, afterMessageId: /^\d+$/, details: {} }, "in parts that came out of order");
  t.match(
    await seen(
      () => figures(quiet),
      (row) => row["responses"] === 1,
      "the answer to be counted",
    ),
    { responseRate: 1 },
  );
});

t.test("CE13-4e: HELP gets the help text", async (t) => {
  const { numbers, list } = await texts;
  await written(list.id("help"), "help");
  const [, answer] = await seen(
    () => place.textsTo(numbers["help"] ?? ""),
    (rows) => rows.length === 2,
    "the answer",
  );
  t.equal(answer?.text, "Example Bank. Call 1 800 555 0100. STOP to end.");
});

t.test("CE13-4f: STOP gets the standard text, and the number is on the suppression list of every later campaign", async (t) => {
  const { numbers, list } = await texts;
  const number = numbers["stop"] ?? "";
  await written(list.id("stop"), "stop");
  const [, answer] = await seen(
    () => place.textsTo(number),
    (rows) => rows.length === 2,
    "the answer",
  );
  t.match(answer?.text, /^You are unsubscribed/);
  // Of calls there is another one, from the day on which the law has a STOP cover them.
  const stopped = await place.suppressed({ number });
  t.match(
    stopped.filter(({ channels }) => String(channels) === "sms"),
    [{ source: "attempt" }],
  );
  const again = await people("bills-again", [{ client_id: "stop-2", mobile: number, first_name: "stop", amount_due: "1" }]);
  t.match(again.report, { accepted: 1, suppressed: { sms: 1 } }, "the import says so");
  const id = await campaign({ channel: "sms", name: "bills-again", listId: again.listId, template: "bill" });
  await seen(
    () => get(`campaigns/${id}`),
    (row) => row["state"] === "finished",
    "the next campaign to end",
  );
  t.match(await get(`campaigns/${id}/progress`), { refusals: { suppressed: 1 } });
  t.equal((await place.textsTo(number)).length, 2, "nothing more was sent");
});

t.test("CE13-4g: a word of the campaign's own is answered, and told to the customer's system", async (t) => {
  const { id, numbers, list } = await texts;
  const number = numbers["balance"] ?? "";
  await written(list.id("balance"), "keyword");
  const [, answer] = await seen(
    () => place.textsTo(number),
    (rows) => rows.length === 2,
    "the answer",
  );
  t.equal(answer?.text, "Your balance is 75.50 dollars.");
  const told = await crm.next(() => true);
  t.match(JSON.parse(told.text), { from: number, to: shortCode, text: "balance", keyword: "balance", campaign: id, contact: list.id("balance") });
});

t.test("CE13-4h: any other word is kept, and nobody answers", async (t) => {
  const { numbers, other } = await texts;
  t.equal((await written(other.id("thanks"), "kept")).length, 1);
  t.equal((await place.textsTo(numbers["thanks"] ?? "")).length, 1, "our first text is the only one");
});

t.test("CE13-4i: where the campaign names a group, an agent gets it and answers (DR2)", async (t) => {
  const { numbers, desk, list } = await texts;
  const number = numbers["asks"] ?? "";
  const came = fieldOf(await desk?.next("conversation"), "conversation");
  t.match(came, { person: number, ours: shortCode, state: "taken" });
  const conversationId = textOf(came, "id");
  await desk?.ask("reply", { conversationId, text: "It is the one of June." });
  const [, answer] = await seen(
    () => place.textsTo(number),
    (rows) => rows.length === 2,
    "the answer",
  );
  t.match(answer, { text: "It is the one of June.", from: shortCode });
  await desk?.ask("close-conversation", { conversationId, code: "processed" });
  t.match(await items(`incoming-messages?contactId=${list.id("asks")}`), [{ state: "conversation" }]);
});

t.test("CE13-5a: whoever does nothing has the mail, with sender, address and a way out", async (t) => {
  await letters;
  const [mail, ...more] = await place.mailsTo(mailOf("idle"));
  t.same(more, []);
  t.match(mail?.raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click/m);
  t.match(mail?.raw, /Example Bank, 1 Example Street/);
});

t.test("CE13-5b: whoever follows the link comes to the customer's website, and the click is counted", async (t) => {
  const { id } = await letters;
  const link = /href="(http:\/\/127[^"]*\/l\/[^"]*)"/.exec(bodyOf((await place.mailsTo(mailOf("clicks")))[0]?.raw))?.[1] ?? "";
  const response = await fetch(link, { redirect: "manual" });
  t.equal(response.headers.get("location"), "https://www.example.com/pay?c=1");
  const attempt = (await attempts(id)).find((row) => row["address"] === mailOf("clicks"));
  const detail = await seen(
    () => get(`attempts/${attempt?.["id"]}`),
    (row) => /"click/.test(JSON.stringify(row["events"])),
    "the click",
  );
  t.equal(detail["result"], "sent");
});

t.test("CE13-5c: whoever unsubscribes, by the link, the button of the mail program or an answer, is suppressed", async (t) => {
  const { list } = await letters;
  // What bounces later does so after its mail was sent.
  for (const name of ["unsubscribes", "stops", "nobody", "bounces"]) {
    const about = await seen(
      () => place.suppressed({ mailbox: mailOf(name) }),
      (rows) => rows.length > 0,
      `${name} to be suppressed`,
    );
    t.match(about, [{ channels: ["email"] }], name);
  }
  const link = /href="(http:\/\/127[^"]*\/u\/[^"]*)"/.exec(bodyOf((await place.mailsTo(mailOf("idle")))[0]?.raw))?.[1] ?? "";
  t.match(await (await fetch(link)).text(), /<form method="post"/, "the page has a button, and looking at it does nothing");
  t.same(await place.suppressed({ mailbox: mailOf("idle") }), []);
  t.equal((await fetch(link, { method: "POST" })).status, 200);
  t.match(await place.suppressed({ mailbox: mailOf("idle") }), [{ channels: ["email"] }]);
  const next = await campaign({ channel: "email", name: "letters-2", listId: list.listId, template: "letter" });
  await seen(
    () => get(`campaigns/${next}`),
    (row) => row["state"] === "finished",
    "the next campaign to end",
  );
  const addresses = (await attempts(next)).map((row) => row["address"]);
  t.same(addresses.toSorted(), ["calls", "clicks", "replies"].map(mailOf), "who unsubscribed or bounced is not written to again");
});

t.test("CE13-5e: whoever calls the number in the mail is taken for this campaign, and counted", async (t) => {
  const { id, list } = await letters;
  t.match(bodyOf((await place.mailsTo(mailOf("calls")))[0]?.raw), new RegExp(`or call \\${hotline}`));
  await place.lab.post("/calls", { from: who(107), to: hotline, persona: "does:listen then press 1 then stay" });
  const calls = () => items(`campaigns/${id}/attempts?direction=inbound`);
  const [call] = await seen(calls, (rows) => rows[0]?.["state"] === "ended", "the call to be over");
  t.match(call, { direction: "inbound", calledNumber: hotline, contactId: list.id("calls"), result: "human", outcome: "heard" });
  t.match(
    await seen(
      () => figures(id),
      (row) => row["inboundCalls"] === 1,
      "the call to be counted",
    ),
    { campaign: undefined },
  );
  t.match(await items(`reports/inbound?${sinceYesterday}`), [{ campaignId: id, answered: 1 }]);
});

t.test("CE13-5f: answers come to one inbox, each with its campaign and person", async (t) => {
  const { id, list } = await letters;
  const [answer] = await seen(
    () => items(`incoming-mails?campaignId=${id}&kind=reply`),
    (rows) => rows.length > 0,
    "the answer",
  );
  t.match(answer, { inbox: "back", contactId: list.id("replies"), campaignId: id, from: mailOf("replies") });
});

t.test("CE13-5h: an agent of the campaign's group answers by mail", async (t) => {
  const { desk, list } = await letters;
  const [waiting] = await seen(
    async () => itemsOf((await desk?.ask("conversations")) ?? {}),
    (rows) => rows.length === 1,
    "the answer to wait for the group",
  );
  t.match(waiting, { channel: "email", person: mailOf("replies"), contactId: list.id("replies"), state: "waiting" });
  const conversationId = textOf(waiting, "id");
  await desk?.ask("take-conversation", { conversationId });
  await desk?.ask("reply", { conversationId, text: "It is the one of June." });
  const mails = await seen(
    () => place.mailsTo(mailOf("replies")),
    (all) => all.some(({ raw = "" }) => raw.includes("It is the one of June.")),
    "the agent's answer",
  );
  const [answer, ...more] = mails.filter(({ raw = "" }) => raw.includes("It is the one of June."));
  t.same(more, []);
  t.match(answer?.raw, /^Subject: Re: Your bill\r\n/m);
  t.match(answer?.raw, /^In-Reply-To: </m);
  t.match(answer?.raw, /^From: .*service@example\.com/m);
});

t.test("CE13-5g: the result of the delivery is written back, also what comes later", async (t) => {
  const { id } = await letters;
  await place.ended(id, 2, (row) => row["result"] === "bounced-hard");
  const rows = (await get(`campaigns/${id}/calling-list`)) as unknown as readonly Row[];
  const results = Object.fromEntries(rows.map((row) => [row["clientId"], [row["result"], row["callResult"]]]));
  t.match(results, { idle: ["sent", 0], nobody: ["bounced-hard", 11], bounces: ["bounced-hard", 11] });
});
