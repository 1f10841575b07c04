import t from "tap";
import { fieldOf, textOf } from "../../src/command/api-client.ts";
import { openPlace, type Place, type Row } from "./place.ts";
import { tell } from "./scripts.ts";

/* CE12, notifications by SMS, and the main flow of CE13 (1): one list, one campaign, and what became of everybody. docs/use-cases.md lists the flows. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

const place = await openPlace(t, { seed, phones: 0 });
const { ask, get, items, seen } = place;
const in24h = new Date(Date.now() + 86_400_000).toISOString();
const who = (at: number) => `+1212555${1000 + at}`;

/** The campaign of CE12, once it is over. */
const notice = notify(place);
notice.catch(() => {});

async function notify({ people, template, campaign, texting }: Place) {
  const numbers = { ada: who(1), ben: who(2), cy: who(3), dan: who(4), eve: who(5) };
  await texting({ [numbers.eve]: "undeliverable", [numbers.dan]: "says-thanks" });
  const long =
    "the second of the two parcels that you have ordered from us, which is larger than usual and cannot be left with your neighbours".repeat(2);
  const things = { ada: "your parcel", ben: "your parcel", cy: long, dan: "a letter", eve: "a box" };
  const rows = Object.entries(numbers).map(([name, mobile]) => ({
    client_id: name,
    mobile,
    first_name: name,
    thing: things[name as keyof typeof things],
  }));
  const list = await people("parcels", [...rows, { client_id: "fay", mobile: "12", first_name: "fay", thing: "" }]);
  const text = "Hello {first_name | capitalize}, {thing} comes tomorrow. Reply STOP to opt out.";
  const published = await template({ name: "parcel", channel: "sms", text });
  const never = await ask("POST", "suppression-lists", { name: "do-not-call", reason: "asked in writing" });
  await ask("POST", `suppression-lists/${never["id"]}/load?mode=append`, `phone\n${numbers.ben}\n`, "text/csv");
  const id = await campaign({ channel: "sms", name: "notice", listId: list.listId, template: "parcel" }, { draft: true });
  const schedule = await ask("PUT", `campaigns/${id}/schedule`, { stopAt: in24h });
  const preflight = await get(`campaigns/${id}/preflight`);
  await ask("POST", `campaigns/${id}/start`);
  await seen(
    () => get(`campaigns/${id}`),
    (row) => row["state"] === "finished",
    "the campaign to be finished",
  );
  // Reports of delivery may come after it.
  const attempts = await place.ended(id, 4, (row) => row["result"] !== "sent");
  return { id, list, numbers, long, published, schedule, preflight, attempts, callingList: await callingList(id) };
}

async function callingList(id: string): Promise<Readonly<Record<string, Row>>> {
  const rows = (await get(`campaigns/${id}/calling-list`)) as unknown as readonly Row[];
  return Object.fromEntries(rows.map((row) => [String(row["clientId"]), row]));
}

t.test("CE12-1: an administrator prepares the list, the template and the campaign, and sees beforehand whom it will reach", async (t) => {
  const { id, list, published, schedule, preflight } = await notice;
  t.match(list.report, { read: 6, accepted: 5, rejected: 1, rejections: [{ row: 6, column: "mobile" }] }, "a row that cannot be used is told");
  t.match(published, { name: "parcel", version: 1, channel: "sms" });
  const preview = await ask("POST", "templates/parcel/preview", { contactId: list.id("ada") });
  t.match(preview, { text: "Hello Ada, your parcel comes tomorrow. Reply STOP to opt out." }, "what somebody will read");
  t.match(schedule, { next: { step: "stop" } }, "when it stops");
  t.match(await get(`campaigns/${id}`), { name: "notice", channel: "sms", template: "parcel", sender: "main", listId: list.listId });
  t.match(preflight, { contacts: 5, contacted: 4, refused: [{ rule: "suppressed", contacts: 1 }] });
});

t.test("CE12-2: the campaign contacts everybody whom it may", async (t) => {
  const { numbers, attempts } = await notice;
  const { ben: _, ...others } = numbers;
  t.same(attempts.map(({ address }) => address).toSorted(), Object.values(others).toSorted(), "each once");
});

t.test("CE12-3: each is checked against the do-not-call list", async (t) => {
  const { id, list } = await notice;
  t.match(await get(`campaigns/${id}/progress`), { contacts: 5, done: 5, refusals: { suppressed: 1 } });
  const why = await get(`campaigns/${id}/contacts/${list.id("ben")}/why`);
  t.match(why, { may: false, rule: "suppressed" });
  t.match(await place.suppressed({ number: who(2) }), [{ list: "do-not-call", mandatory: true }], "which list it is");
});

t.test("CE12-3a: whoever is on it is sent nothing", async (t) => {
  const { numbers, callingList } = await notice;
  t.same(await place.textsTo(numbers.ben), [], "by the SMSC's books");
  t.match(callingList["ben"], { attempts: 0, result: null });
});

t.test("CE12-3b: the text is made from the template with the fields of the list, in parts where it is long", async (t) => {
  const { numbers, long } = await notice;
  t.same(
    (await place.textsTo(numbers.ada)).map(({ text }) => text),
    ["Hello Ada, your parcel comes tomorrow. Reply STOP to opt out."],
  );
  const parts = (await place.textsTo(numbers.cy)).toSorted((one, other) => (one.part?.number ?? 0) - (other.part?.number ?? 0));
  t.same(
    parts.map(({ part }) => [part?.number, part?.total]),
    [
      [1, 2],
      [2, 2],
    ],
  );
  t.equal(parts.map(({ text }) => text).join(""), `Hello Cy, ${long} comes tomorrow. Reply STOP to opt out.`, "nothing is cut off");
});

t.test("CE12-3c: the result stands in the list, in words and as call_result", async (t) => {
  const { callingList } = await notice;
  t.match(callingList["ada"], { attempts: 1, channel: "sms", result: "delivered", callResult: 33 });
  t.match(callingList["eve"], { attempts: 1, result: "undelivered", callResult: 3 }, "beyond the use case: what was not delivered is told");
});

t.test("CE12-3d: the customer gets the message, and what they write back is kept", async (t) => {
  const { numbers, attempts, list } = await notice;
  t.equal((await place.textsTo(numbers.ada)).length, 1, "once");
  t.match(
    attempts.find(({ address }) => address === numbers.ada),
    { result: "delivered" },
  );
  const mine = () => items(`incoming-messages?contactId=${list.id("dan")}`);
  const [answer] = await seen(mine, (rows) => rows[0]?.["state"] === "kept", "what is written back");
  t.match(answer, { from: numbers.dan, text: "Thank you, will pay on Friday", state: "kept" });
});

const omni = pursueOmni(place);
omni.catch(() => {});

/** Text, then a call, then an e-mail, each for whom the one before did not reach. */
async function pursueOmni({ people, template, script, strategy, pursue, texting, at, campaign }: Place) {
  const numbers = { ann: who(101), bob: who(102), cat: who(103), don: who(104), eva: who(105), fin: who(106) };
  const bobsOther = who(202);
  await texting({ [numbers.bob]: "undeliverable", [numbers.fin]: "undeliverable" });
  await at({ [numbers.bob]: "busy", [bobsOther]: "listener", [numbers.cat]: "busy", [numbers.fin]: "unavailable" });
  await template({ name: "omni-text", channel: "sms", text: "Hello {first_name}. STOP to opt out." });
  await template({ name: "omni-letter", channel: "email", subject: "Hello", text: "Hello {first_name}." });
  await script(tell);
  await strategy(`
name: omni
limits: { per_contact: 6 }
passes:
  text: { channel: sms, template: omni-text, sender: main, addresses: [mobile], window: 00:00-24:00, who_else: { pass: call }, after: { undelivered: { pass: call } } }
  call:
    { channel: voice-ivr, script: tell, trunk: lab, caller_id: "+15550100000", addresses: [mobile, landline], window: 00:00-24:00,
      after: { busy: [next_address, { pass: letter }], unreached: { retry: 1 h, at_most: 2 } } }
  letter: { channel: email, template: omni-letter, sender: main, window: 00:00-24:00 }
`);
  const rows = Object.entries(numbers).map(([name, number]) => ({
    ...{ client_id: name, first_name: name, email: `${name}@example.com` },
    ...(name === "cat" ? { landline: number, mobile: "" } : { mobile: number, landline: name === "bob" ? bobsOther : "" }),
  }));
  const list = await people("omni", rows);
  // One list for the whole account, and one that this campaign alone heeds.
  await ask("POST", "suppressions", { clientId: "don", reason: "told us on the telephone" });
  await ask("POST", "suppression-lists", { name: "competitors", mandatory: false, reason: "not our customers" });
  await ask("POST", "suppressions", { number: numbers.eva, list: "competitors", reason: "works for one" });
  const { id, passes } = await pursue("omni", list.listId, false);
  await ask("PUT", `campaigns/${passes["text"]}/safeguards`, { requireConsent: false, suppressionLists: ["competitors"] });
  await ask("PUT", `strategy-campaigns/${id}/schedule`, { staysOpen: true, stopAt: in24h });
  await ask("POST", `strategy-campaigns/${id}/start`);
  const other = await campaign({ channel: "sms", name: "other", listId: list.listId, template: "omni-text" });
  await place.ended(passes["letter"] ?? "", 1);
  await place.ended(passes["text"] ?? "", 3, (row) => row["result"] !== "sent");
  // Two of bob's numbers, one each of cat and fin.
  await place.ended(passes["call"] ?? "", 4);
  return { id, passes, list, numbers, bobsOther, other };
}

const results = async (campaignId: string | undefined, address: string) =>
  (await place.attempts(campaignId ?? "")).filter((row) => row["address"] === address).map((row) => row["result"]);

t.test("CE13-1.1: a strategy and its settings: channels, addresses, hours, start and stop, limits, retries", async (t) => {
  const { id, passes } = await omni;
  t.match(await get(`strategy-campaigns/${id}/schedule`), { staysOpen: true, next: { step: "stop" } });
  t.same(Object.keys(passes), ["text", "call", "letter"]);
  t.match(await get(`campaigns/${passes["call"]}`), { channel: "voice", mode: "ivr", script: "tell", pass: { name: "call" } });
  t.match(await get(`campaigns/${passes["letter"]}`), { channel: "email", template: "omni-letter" });
  t.match(await get("strategies/omni"), { name: "omni", version: 1 });
});

t.test("CE13-1.2: a file comes in at once, and somebody on demand while the campaign runs", async (t) => {
  const { list, passes } = await omni;
  t.match(list.report, { read: 6, accepted: 6, rejected: 0 });
  const person = { clientId: "gus", addresses: [{ kind: "mobile", number: who(107) }], fields: { first_name: "gus" } };
  const made = await ask("POST", `lists/${list.listId}/contacts`, person);
  await place.ended(passes["text"] ?? "", 1, (row) => row["contactId"] === made["id"]);
  t.match(await place.textsTo(who(107)), [{ text: "Hello gus. STOP to opt out." }]);
});

t.test("CE13-1.3: nobody is contacted who is on a list that holds for all, or for this campaign", async (t) => {
  const { id, passes, numbers, list, other } = await omni;
  for (const name of ["don", "eva"] as const) {
    t.same(await place.callsTo(numbers[name]), [], `${name} is not called`);
    const passed = await Promise.all(Object.values(passes).map((pass) => results(pass, numbers[name])));
    t.same(passed.flat(), [], `nothing is tried with ${name}`);
  }
  t.match(await get(`campaigns/${passes["text"]}/contacts/${list.id("don")}/why`), { may: false, rule: "suppressed" });
  await place.ended(other, 1, (row) => row["address"] === numbers.eva);
  t.equal((await place.textsTo(numbers.eva)).length, 1, "a campaign that does not name the list writes");
  t.same(await place.textsTo(numbers.don), [], "no campaign writes to who is on the other");
  t.equal(textOf(await get(`strategy-campaigns/${id}`), "state"), "running");
});

t.test("CE13-1.4: by the result somebody is tried again on the same channel, and on another", async (t) => {
  const { passes, numbers, bobsOther } = await omni;
  t.same(await results(passes["text"], numbers.ann), ["delivered"]);
  t.same(await place.callsTo(numbers.ann), [], "who was reached is left alone");
  t.same(await results(passes["text"], numbers.bob), ["undelivered"]);
  t.same(await results(passes["call"], numbers.bob), ["busy"], "another channel");
  t.same(await results(passes["call"], bobsOther), ["human"], "and the same again, at another number");
  t.same(await results(passes["text"], numbers.cat), [], "no text goes to a landline");
  t.same(await results(passes["call"], numbers.cat), ["busy"]);
  t.equal((await place.mailsTo("cat@example.com")).length, 1, "and a third channel");
  const [fin] = (await place.attempts(passes["call"] ?? "")).filter((row) => row["address"] === numbers.fin);
  t.equal(fin?.["result"], "no-answer");
  t.ok(Date.parse(String(fin?.["againAt"])) - Date.parse(String(fin?.["endedAt"])) >= 3_600_000, "who did not answer is called again in an hour");
  const timeline = await items(`contacts/${(await omni).list.id("cat")}/timeline`);
  t.ok(timeline.length >= 3, "all of it on one timeline");
  t.ok(fieldOf(timeline[0], "at"));
});
