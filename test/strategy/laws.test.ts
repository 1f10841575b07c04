import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { Preflights } from "../../src/strategy/preflight-engine.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import { defaultChances } from "../../src/strategy/simulate-chances.ts";
import { simulateStrategy } from "../../src/strategy/simulate-strategy.ts";
import { Whys } from "../../src/strategy/why-engine.ts";
import { phone } from "../adapter/stores-kit.ts";
import { preparedPasses } from "./prepared-passes.ts";
import { strategyWorld } from "./strategy-kit.ts";

/* Places whose hours by law a strategy keeps for everybody. */

const document = (everywhere: string, more = "") => `name: dunning
${everywhere}
passes:
  text:
    channel: sms
    template: text
    sender: main
    window: mon-sun 00:00-24:00
    after: { delivered: { pass: letter } }
  letter: { channel: email, template: letter, sender: main, window: mon-sun 00:00-24:00${more} }
`;
const lawsOf = (text: string) => readStrategy(text).strategy?.passes.map(({ laws }) => laws);

t.test("the document says it of all passes, a pass of itself, and what is wrong has its place", async (t) => {
  t.same(lawsOf(document("limits: {}")), [undefined, undefined]);
  t.same(lawsOf(document("laws: US-FL")), [["US-FL"], ["US-FL"]]);
  t.same(lawsOf(document("laws: [US-FL, US-TX]", ", laws: [DE, US-FL]")), [
    ["US-FL", "US-TX"],
    ["US-FL", "US-TX", "DE"],
  ]);
  t.match(readStrategy(document("laws: [US-FL, US-ZZ, US-FL, 7]", ", laws: []")), {
    faults: [
      { line: 2, column: 15, pointer: "/laws/1", message: /^No hours by law are known of US-ZZ; there are US, .*US-FL/ },
      { pointer: "/laws/2", message: "US-FL stands here twice." },
      { pointer: "/laws/3", message: /known of 7;/ },
      { line: 10, pointer: "/passes/letter/laws", message: /^Name one place or several/ },
    ],
  });
  t.match(readStrategy(document("law: US-FL")), { faults: [{ pointer: "/law", message: /Did you mean laws\?/ }] });
});

t.test("a simulation keeps to them", async (t) => {
  /** Tuesday, 20:30 in New York, where the law leaves until 21:00; in Florida until 20:00. */
  const startAt = Date.parse("2026-11-04T01:30Z");
  const firstOf = (everywhere: string) => {
    const { strategy } = readStrategy(document(everywhere));
    if (!strategy) throw new Error("The document has a fault.");
    const people = [{ addresses: ["mobile" as const, "email" as const], fields: {} }];
    const chances = defaultChances(strategy);
    return simulateStrategy({ strategy, people, chances, random: seededRandom(1), startAt, defaultTimeZone: "America/New_York" }).passes[0]?.firstAt;
  };
  t.equal(firstOf("limits: {}"), startAt);
  t.equal(firstOf("laws: [US-FL]"), Date.parse("2026-11-04T13:00Z"));
});

t.test("campaigns that carry it out keep to them, with copies, and another version holds at once", async (t) => {
  const world = await strategyWorld(t);
  const { stores } = world;
  const person = [
    { kind: "mobile" as const, number: phone(1) },
    { kind: "email" as const, mailbox: "ann@example.com" },
  ];
  const { campaign, passes } = await world.run(document("laws: US-FL", ", laws: US-TX"), [person as never]);
  /** 20:30 in New York, of an evening to come: everybody is due by then. */
  const day = `${new Date().getUTCFullYear() + 1}-06-10`;
  const evening: Clock = { ...systemClock, now: () => Date.parse(`${day}T00:30Z`) };
  const parts = { campaigns: stores.campaigns, candidates: stores.candidates, account: {}, clock: evening };
  const whys = new Whys(parts);
  const [contact] = (await stores.pool.query<{ id: string }>("select id::text from contact")).rows;
  const asked = async (pass: string, of = passes) => await whys.why(of[pass] ?? "", contact?.id ?? "");
  const found = async (pass: string, of = passes) => (await stores.campaigns.find(of[pass] ?? ""))?.laws;
  t.match(await asked("text"), { may: false, rule: "outside-legal-hours", retryAt: Date.parse(`${day}T12:00Z`) });
  const saw = (await asked("letter"))?.decisions.find(({ step }) => step === "calling-window")?.saw;
  t.match(saw, /the hours by the law of US-FL, US-TX$/);
  t.match(await new Preflights(parts).run(passes["text"] ?? ""), { contacts: 1, delayed: [{ rule: "outside-legal-hours", contacts: 1 }] });

  const copy = await stores.strategyCampaigns.copy(campaign.id, "again", ["text", "letter"]);
  const copied = await stores.strategyCampaigns.passes(copy?.id ?? "");
  t.same(await found("letter", copied), ["US-FL", "US-TX"]);

  await stores.safeguards.set(passes["text"] ?? "", { requireConsent: false, suppressionLists: [], laws: ["US-FL", "DE"] }, "test");
  t.same(await found("text"), ["DE", "US-FL"], "what the campaign names holds besides, each once");
  t.same((await stores.safeguards.find(passes["text"] ?? "")).laws, ["US-FL", "DE"], "and is told apart from it");
  await stores.safeguards.set(passes["text"] ?? "", { requireConsent: false, suppressionLists: [] }, "test");

  const fewer = document("limits: {}", ", laws: US-TX");
  const prepared = await preparedPasses(stores, campaign.name, campaign.listId, fewer);
  const { version } = await stores.strategies.publish(fewer, "test");
  await stores.strategyCampaigns.change(campaign.id, { strategyVersionId: version.id, first: "text", passes: prepared }, "test");
  t.same([await found("text"), await found("letter")], [undefined, ["US-TX"]]);
  t.match(await asked("text"), { may: true });
  t.same(await found("text", copied), ["US-FL"], "the copy stays on its version");
});
