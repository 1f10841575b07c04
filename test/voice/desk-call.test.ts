import { join } from "node:path";
import t, { type Test } from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { Books } from "../../src/lab/carrier/books.ts";
import { type VoiceName, voiceNamed } from "../../src/lab/media/voice.ts";
import { keepHoldSound } from "../../src/start/hold-sound.ts";
import { CallControl } from "../../src/voice/desk-call-engine.ts";
import type { CallOrder } from "../../src/voice/desk-call-session.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, numberOf, run, seed } from "./calls-kit.ts";
import { openQueueWorld } from "./queue-kit.ts";

/*
 * What agents do with their conversations, on real SIP and RTP: everybody says a voice of their own all the time, and who hears whom is told from the packets that
 * came to each telephone.
 */

t.setTimeout(180_000);

const script = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
start: { human: agent }
steps:
  agent:
    queue: campaign
    on: { answered: after, no_agent: sorry, hung_up: gone }
  after: { play: [{ say: "Thank you for talking with us." }], end: talked }
  gone: { end: gone }
  sorry: { play: [{ say: "We are sorry, nobody is free." }], end: message }
`;

/* Two voices of people with a sine in common: heard together they can be told apart from two others. */
const [person, third, busy] = ["+12125550111", "+12125550125", "+12125550133"].map(numberOf) as [
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
];

/** One person and a number outside, both on the line until they are hung up on, and two agents. */
async function open(t: Test) {
  const stays = "does:speak then wait 30s then hang up";
  const world = await openQueueWorld(
    t,
    { [person]: stays, [third]: "does:speak then wait 8s then hang up", [busy]: "busy" },
    { trunkOver: { destinationPrefixes: ["+1"] } },
  );
  const agents = [await world.hire("agent-1"), await world.hire("agent-2", { ready: false })] as const;
  const hold = await keepHoldSound({ dir: join(t.testdir(), "prompts") } as Parameters<typeof keepHoldSound>[0]);
  const control = new CallControl({
    ...{ calls: world.calls, line: world.line, present: () => world.desks.present, holdPrompts: [hold], ringTimeoutMs: 4000 },
    ...{ clock: world.far.clock, log: silentLog },
  });
  const campaign = await loadCampaign(world, "led", [person], { maxCps: 50, maxLines: 60, mode: "progressive" }, script);
  await world.stores.agents.assign(world.groupId, campaign.id);
  const attempts = run(world, campaign);
  const [ann] = agents;
  await ann.is("talking");
  const known: Readonly<Record<string, VoiceName>> = {
    person: voiceNamed("person", person),
    third: voiceNamed("person", third),
    ann: "agent-1",
    ben: "agent-2",
  };
  const ears: readonly (readonly [string, Pick<Books, "calls">, string])[] = [
    ["person", world.far.carrier.books, person],
    ["third", world.far.carrier.books, third],
    ["ann", world.lab.books, "agent-1"],
    ["ben", world.lab.books, "agent-2"],
  ];
  /** Whom each hears now, and whether there is anything to hear. */
  const heard = () =>
    ears
      .map(([name, books, called]) => {
        const hearing = books.calls
          .filter((call) => call.called.includes(called))
          .at(-1)
          ?.hearings.at(-1);
        const fresh = hearing?.voices.spans.filter(({ untilMs }) => untilMs > world.far.clock.now() - 150).map(({ voice }) => voice) ?? [];
        const voices = Object.keys(known).filter((one) => fresh.includes(known[one] ?? "agent-0"));
        const sound = hearing?.lastSoundAtMs !== undefined && hearing.lastSoundAtMs > world.far.clock.now() - 400;
        return `${name}:${voices.map((voice) => ` ${voice}`).join("") || (sound ? " sound" : "")}`;
      })
      .join("; ");
  const hear = async (expected: string) => {
    await until(() => heard() === expected, expected, 5000).catch(() => {
      throw new Error(`heard ${heard()} and not ${expected}`);
    });
  };
  return {
    ...{ world, ann, ben: agents[1], control, hear, attempts },
    order: (order: CallOrder) => control.order(ann.id, order),
    stage: () => ann.call()?.card.conversation?.stage,
  };
}

t.test("hold and back, mute, keys; what does not fit is refused", async (t) => {
  const { hear, order, ann, attempts, stage, world } = await open(t);
  t.comment(`seed ${seed}`);
  await hear("person: ann; third:; ann: person; ben:");
  await t.rejects(order({ kind: "resume" }), { code: "agent-state" });
  await order({ kind: "hold" });
  t.equal(stage(), "held");
  await hear("person: sound; third:; ann:; ben:");
  await t.rejects(order({ kind: "press", keys: "1" }), { code: "agent-state", message: /resume first/ });
  await order({ kind: "resume" });
  await hear("person: ann; third:; ann: person; ben:");
  await order({ kind: "mute" });
  await hear("person:; third:; ann: person; ben:");
  await order({ kind: "unmute" });
  await order({ kind: "press", keys: "42#" });
  await until(() => world.far.carrier.books.calls.some(({ hearings }) => hearings.some(({ digitsHeard }) => digitsHeard === "42#")), "keys");
  await order({ kind: "hold" });
  await order({ kind: "leave" });
  await ann.is("ready");
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
  t.ok(world.far.carrier.books.calls.every(({ hearings }) => hearings.every(({ longestSilenceMs }) => longestSilenceMs < 2000)));
});

t.test("a third is consulted, swapped, brought in, and left together with the person", async (t) => {
  const { hear, order, ann, attempts, stage } = await open(t);
  await order({ kind: "consult", number: busy });
  await until(() => stage() === "held", "told that it is busy");
  t.match(ann.call()?.card.conversation, { missed: "is busy" });
  await t.rejects(order({ kind: "consult", number: "+442075550133" }), { code: "call-refused", message: /destinationPrefixes/ });
  await order({ kind: "consult", number: third });
  await until(() => stage() === "consulting", "answered");
  await hear("person: sound; third: ann; ann: third; ben:");
  await t.rejects(order({ kind: "leave" }), { code: "agent-state", message: /complete the transfer/ });
  await order({ kind: "swap" });
  await hear("person: ann; third: sound; ann: person; ben:");
  await order({ kind: "conference" });
  await hear("person: third ann; third: person ann; ann: person third; ben:");
  await order({ kind: "complete" });
  await ann.is("ready");
  await hear("person: third; third: person; ann:; ben:");
  t.same(ann.overs, ["handed-over"]);
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
});
