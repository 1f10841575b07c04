import t from "tap";
import { fieldOf } from "../../src/command/api-client.ts";
import { walkCalls } from "./calls-story.ts";
import { openPlace, type Row, sinceYesterday } from "./place.ts";
import { front } from "./scripts.ts";

/* CE13, the options dialer (2) and outbound IVR (3): what becomes of calls, with agents and without. docs/use-cases.md lists the flows. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

const place = await openPlace(t, { seed, phones: 6 });
const { ask, get, items, seen, campaign } = place;
const { preview, progressive, predictive, spoken, tried } = walkCalls(place);

t.test("CE13-2a: preview: the agent gets a record, looks at it, and calls", async (t) => {
  const { list, looked, id } = await preview;
  t.same(looked, Object.values(list.numbers), "the list's turn first, then those whom the agent chose");
  for (const number of looked) t.equal((await place.callsTo(number)).length, 1, `${number} was called once`);
  t.match(await get(`campaigns/${id}`), { mode: "preview" });
});

t.test("CE13-2b: progressive: nobody is called before an agent is free for them", async (t) => {
  const { before, during } = await progressive;
  t.same(before, [], "no agent was ready");
  t.equal(during.length, 1, "while the only agent talks nobody else is called");
});

t.test("CE13-2c: predictive: the pacer calls for the agents there are, and everybody who answers gets one", async (t) => {
  const { id, list } = await predictive;
  t.match(await get(`campaigns/${id}`), { mode: "predictive" });
  for (const who of ["one", "two", "three"]) t.match(await tried(id, list.numbers[who]), [{ result: "human", outcome: "talked" }], who);
  const share = async () => fieldOf(await get(`campaigns/${id}/abandonment`), "day") as Row;
  t.match(await seen(share, (day) => day["answers"] === 3, "the people who answered to be counted"), { abandoned: 0 });
});

t.test("CE13-2d: no answer or a bad number in preview: the agent ends it, and the result is written", async (t) => {
  const { id, list } = await preview;
  t.match(await tried(id, list.numbers["ring"]), [{ result: "no-answer" }]);
  t.match(await tried(id, list.numbers["none"]), [{ result: "bad-number" }]);
});

t.test("CE13-2e: no answer or a bad number in progressive and predictive: the result is written, no agent is troubled", async (t) => {
  const { id, list } = await progressive;
  t.match(await tried(id, list.numbers["none"]), [{ result: "bad-number", sipStatus: 404 }]);
  t.match(await tried(id, list.numbers["away"]), [{ result: "no-answer", sipStatus: 480 }]);
  const other = await predictive;
  t.match(await tried(other.id, other.list.numbers["none"]), [{ result: "bad-number" }]);
});

t.test("CE13-2f: a machine in preview: the agent leaves a message, and by the disposition the person is called again", async (t) => {
  const { id, list, machine } = await preview;
  t.match(await tried(id, list.numbers["machine"]), [{ id: machine, result: "machine-message" }]);
  t.match(await get(`campaigns/${id}/progress`), { waiting: 1, again: 1 }, "who is to be called again");
  t.match(await items(`reports/dispositions?campaignId=${id}&${sinceYesterday}`), [{}, {}, {}]);
});

t.test("CE13-2g: a machine in progressive and predictive: hung up on, or told a message, as the campaign says", async (t) => {
  const [one, other] = [await progressive, await predictive];
  t.match(await tried(one.id, one.list.numbers["machine"]), [{ result: "machine" }]);
  t.match(await tried(other.id, other.list.numbers["machine"]), [{ result: "machine-message", outcome: "voicemail_left" }]);
});

t.test("CE13-2h: a person who answers and an agent hear each other", async (t) => {
  const { list, talked } = await progressive;
  const [call] = await place.callsTo(list.numbers["one"] ?? "");
  t.ok(
    call?.voices.some(({ voice }) => voice === "agent-2"),
    "by the person's ear",
  );
  const phone = await place.lab.phoneBooks();
  t.ok(
    phone.some(({ called, voices }) => called === "agent-2" && voices.some(({ voice }) => voice.startsWith("person-"))),
    "by the agent's",
  );
  t.same(new Set(talked.map(({ contactId }) => contactId)), new Set([list.id("one"), list.id("two")]), "the card said who it is");
});

t.test("CE13-2i: whoever wants no more calls tells the agent, and is on the suppression list", async (t) => {
  const { list, desk } = await preview;
  t.match(await place.suppressed({ number: list.numbers["stop"] ?? "" }), [{ source: "agent" }]);
  const again = await campaign({ name: "preview-again", listId: list.listId, script: "talk", mode: "preview" });
  t.match(await get(`campaigns/${again}/contacts/${list.id("stop")}/why`), { may: false, rule: "suppressed" });
  t.ok(desk.agentId);
});

t.test("CE13-2j: whoever wants to be called back tells the agent, and it is scheduled", async (t) => {
  const { id, list, dueAt, desk } = await preview;
  const wanted = { contactId: list.id("later"), dueAt, agentId: desk.agentId, note: "after work", standing: "later" };
  t.match(await items(`callbacks?campaignId=${id}`), [wanted]);
});

t.test("CE13-2k: at the end of a call the agent says what came of it, and the result is written", async (t) => {
  const { id, list, talked } = await progressive;
  const rows = (await get(`campaigns/${id}/calling-list`)) as unknown as readonly Row[];
  const said = rows.filter((row) => row["disposition"] !== null).map((row) => [row["clientId"], row["result"], row["callResult"]]);
  t.same(said.toSorted(), [
    ["progressive-one", "human", 33],
    ["progressive-two", "human", 33],
  ]);
  const counted = await seen(
    () => items(`reports/dispositions?campaignId=${id}&${sinceYesterday}`),
    (found) => found.length === 2,
    "both to be counted",
  );
  t.same(counted.map((row) => row["disposition"]).toSorted(), ["processed", "up-sell"]);
  t.equal(list.id("one") === talked[0]?.contactId || list.id("two") === talked[0]?.contactId, true);
});

t.test("CE13-3a: no answer or a bad number: the call is over, and the result is written", async (t) => {
  const { id, list } = await spoken;
  t.match(await tried(id, list.numbers["none"]), [{ result: "bad-number" }]);
  t.match(await tried(id, list.numbers["away"]), [{ result: "no-answer" }]);
});

t.test("CE13-3b: a machine: hung up on, or told a message, as the campaign says", async (t) => {
  const { id, list, hangs, short } = await spoken;
  t.match(await tried(id, list.numbers["machine"]), [{ result: "machine-message", outcome: "voicemail_left" }]);
  t.match(await tried(hangs, short.numbers["machine"]), [{ result: "machine" }]);
});

t.test("CE13-3c: a person hears the message, with their name in it", async (t) => {
  const { id, list } = await spoken;
  const [attempt] = await tried(id, list.numbers["hears"]);
  t.match(await get(`attempts/${attempt?.["id"]}`), {
    result: "human",
    outcome: "told",
    path: ["hello", "bye"],
    script: { name: "parcel", version: 1 },
  });
  const [call] = await place.callsTo(list.numbers["hears"] ?? "");
  t.ok((call?.audio.soundMs ?? 0) > 2000, `by the carrier's books: ${call?.audio.soundMs} ms of sound`);
});

t.test("CE13-3d: 9 ends all further calls", async (t) => {
  const { id, list } = await spoken;
  t.match(await tried(id, list.numbers["stop"]), [{ result: "human", outcome: "opted_out" }]);
  t.match(await place.suppressed({ number: list.numbers["stop"] ?? "" }), [{ source: "attempt" }]);
});

t.test("CE13-3e: 2 connects with an agent (DR1 option 1), 3 with a number of the company (DR1 option 2)", async (t) => {
  const { id, list, call } = await spoken;
  t.equal(call.contactId, list.id("agent"));
  t.match(await tried(id, list.numbers["agent"]), [{ id: call.attemptId, outcome: "talked" }]);
  t.match(await tried(id, list.numbers["outside"]), [{ outcome: "handed_on" }]);
  const [transfer] = await place.callsTo(front);
  t.match(transfer, { state: "ended" }, "by the carrier's books");
});

t.test("CE13-3f: every result and outcome is in the calling list and in the reports", async (t) => {
  const { id } = await spoken;
  const rows = (await get(`campaigns/${id}/calling-list`)) as unknown as readonly Row[];
  t.equal(rows.filter((row) => typeof row["callResult"] === "number" && row["endedAt"] !== null).length, 7);
  const outcomes = await seen(
    () => items(`reports/outcomes?campaignId=${id}&${sinceYesterday}`),
    (found) => found.length >= 5,
    "outcomes to be counted",
  );
  t.same(outcomes.map((row) => row["outcome"]).toSorted(), ["handed_on", "opted_out", "talked", "told", "voicemail_left"]);
});

t.test("CE13-UI.1: the administrator says which dispositions there are, and the agent puts somebody on the do-not-call list by one", async (t) => {
  const { id, desk, list } = await preview;
  const set = [
    { code: "cross-sell", label: "Cross sell", category: "success", needs: [] },
    { code: "never-again", label: "Never again", category: "do-not-call", needs: ["note"] },
  ];
  await ask("PUT", `campaigns/${id}/dispositions`, { items: set });
  t.match(await desk.ask("dispositions", { campaignId: id }), { items: set });
  const said = { contactId: list.id("none"), campaignId: id, code: "never-again" };
  await t.rejects(desk.ask("dispose", said), { message: /needs note/ });
  await desk.ask("dispose", { ...said, note: "wrote a letter" });
  t.match(await place.suppressed({ number: list.numbers["none"] ?? "" }), [{ source: "agent" }]);
});
