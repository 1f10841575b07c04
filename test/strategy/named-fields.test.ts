import t from "tap";
import { campaignNotes, strategyNotes } from "../../src/command/strategy-notes.ts";
import { namedInStrategy } from "../../src/strategy/named-fields.ts";
import { namedByTreatments } from "../../src/strategy/named-treatments.ts";

const source = `name: waves
passes:
  text:
    channel: sms
    template: reminder
    sender: main
    who: { all: [{ field: amnt, at_least: 3 }, { not: { field: vip, known: true } }, { disposition: [refused, processed], pass: call }] }
    order: { field: due, largest_first: true }
    after: { delivered: { pass: call, at: { field: appointment, before: 1 d } } }
  call:
    channel: voice-agent
    script: agent-call
    trunk: main
    caller_id: "+15550100100"
    outcomes: { field: stop, disposition: stop }
    dispositions: { promise-to-pay: stop, refused: { pass: text } }
`;

t.test("what a strategy names of people and of agents is found with its place", async (t) => {
  t.same(
    namedInStrategy(source).map(({ kind, name, pointer }) => `${kind} ${name} ${pointer}`),
    [
      "field amnt /passes/text/who/all/0/field",
      "field vip /passes/text/who/all/1/not/field",
      "disposition refused /passes/text/who/all/2/disposition",
      "disposition processed /passes/text/who/all/2/disposition",
      "field due /passes/text/order/field",
      "field appointment /passes/text/after/delivered/at/field",
      "disposition promise-to-pay /passes/call/dispositions/promise-to-pay",
      "disposition refused /passes/call/dispositions/refused",
    ],
    "and not the outcomes that a script calls so",
  );
  t.same(namedInStrategy("name: [\n"), []);

  const list = { id: "1", name: "small", contacts: 2, createdAt: 0, columns: ["amount", "vip", "due"] };
  const learning = { lookups: [{ fields: ["appointment=/next"] }] };
  t.match(strategyNotes(source, list, learning), [
    "/passes/text/who/all/0/field: nobody on list small has the field amnt; there are amount, vip, due.",
    /^\/passes\/text\/who\/all\/2\/disposition: agents have no disposition refused/,
    /^\/passes\/call\/dispositions\/refused: agents have no disposition refused/,
  ]);
  t.match(strategyNotes(source, { ...list, columns: undefined }, { lookups: [] })[0], /has the field amnt\.$/);
});

t.test("other campaigns that treatments name, and that take nobody in as things stand", async (t) => {
  const onward = `name: waves
passes:
  text:
    channel: sms
    template: reminder
    sender: main
    who_else: { campaign: letters }
    after: { delivered: [{ copy: surveys }, { webhook: crm }, { campaign: calls/first }], undelivered: { campaign: calls }, expired: { campaign: gone } }
`;
  t.same(namedByTreatments(onward, "webhook"), [{ name: "crm", pointer: "/passes/text/after/delivered/1/webhook" }]);
  const known = new Map([
    ["letters", { state: "finished" as const }],
    ["surveys", { state: "draft" as const }],
    ["calls/first", { state: "paused" as const }],
  ]);
  const notes = await campaignNotes(onward, async (name) => (name === "calls" ? { whole: true } : known.get(name)));
  t.match(notes, [
    "/passes/text/who_else/campaign: campaign letters has finished: it takes nobody in.",
    /^\/passes\/text\/after\/delivered\/0\/copy: campaign surveys is a draft/,
    /^\/passes\/text\/after\/undelivered\/campaign: campaign calls carries out a strategy: name its pass, calls\/PASS/,
    /^\/passes\/text\/after\/expired\/campaign: there is no campaign gone/,
  ]);
  t.same(await campaignNotes("name: [\n", async () => undefined), []);
});
