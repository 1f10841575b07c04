import { join } from "node:path";
import type { Test } from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { Books } from "../../src/lab/carrier/books.ts";
import { type VoiceName, voiceNamed } from "../../src/lab/media/voice.ts";
import { keepHoldSound } from "../../src/start/hold-sound.ts";
import { CallControl } from "../../src/voice/desk-call-engine.ts";
import type { CallOrder } from "../../src/voice/desk-call-session.ts";
import { Supervisions } from "../../src/voice/supervision-engine.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, numberOf, run } from "./calls-kit.ts";
import { openQueueWorld } from "./queue-kit.ts";

/*
 * What agents do with their conversations, on real SIP and RTP: everybody says a voice of their own all the time, and who hears whom is told from the packets that
 * came to each telephone.
 */

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

/* Voices with a sine in common: heard together they can be told apart from two others. So are those of agents 1 and 12. */
export const [person, third, busy] = ["+12125550111", "+12125550125", "+12125550133"].map(numberOf) as [
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
];

/** One person, who talks to the first of two agents; a number outside, which hangs up after a while, and one that is busy; and a supervisor. */
export async function openConversation(t: Test, { thirdStaysS = 5, personStaysS = 30, holdLimitMs = 60_000 } = {}) {
  const stays = `does:speak then wait ${personStaysS}s then hang up`;
  const world = await openQueueWorld(
    t,
    { [person]: stays, [third]: `does:speak then wait ${thirdStaysS}s then hang up`, [busy]: "busy" },
    { trunkOver: { destinationPrefixes: ["+1"] }, count: 12, graceMs: 10_000 },
  );
  const agents = [await world.hire("agent-1"), await world.hire("agent-2", { ready: false })] as const;
  const hold = await keepHoldSound({ dir: join(t.testdir(), "prompts") } as Parameters<typeof keepHoldSound>[0]);
  const control = new CallControl({
    ...{
      calls: world.calls,
      line: world.line,
      desks: world.desks,
      phones: world.phones,
      names: world.stores.agents,
      holdPrompts: [hold],
      ringTimeoutMs: 4000,
      graceMs: 500,
      holdLimitMs,
    },
    ...{ clock: world.far.clock, log: silentLog },
  });
  const { calls, desks, phones } = world;
  const supervisions = new Supervisions({ calls, desks, phones, ringTimeoutMs: 4000, clock: world.far.clock, log: silentLog });
  t.teardown(() => supervisions.close());
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
    boss: "agent-12",
  };
  const ears: Readonly<Record<string, readonly [Pick<Books, "calls">, string]>> = {
    person: [world.far.carrier.books, person],
    third: [world.far.carrier.books, third],
    ann: [world.lab.books, "agent-1"],
    ben: [world.lab.books, "agent-2"],
    boss: [world.lab.books, "agent-12"],
  };
  /** Whom one hears now, or that there is something to hear. */
  const heardBy = (name: string) => {
    const [books, called] = ears[name] ?? [];
    const hearing = books?.calls
      .filter((call) => call.called.replace(/@.*/, "").endsWith(called ?? ""))
      .at(-1)
      ?.hearings.at(-1);
    const now = world.far.clock.now();
    const fresh = hearing?.voices.spans.filter(({ untilMs }) => untilMs > now - 150).map(({ voice }) => voice) ?? [];
    const voices = Object.keys(known).filter((one) => fresh.includes(known[one] ?? "agent-0"));
    const sound = hearing?.lastSoundAtMs !== undefined && hearing.lastSoundAtMs > now - 400;
    return `${name}:${voices.map((voice) => ` ${voice}`).join("") || (sound ? " sound" : "")}`;
  };
  /** @param expected `person: ann; ann: person`: for each who is named, all whom they hear; `sound` for what is no voice */
  const hear = async (expected: string) => {
    const names = expected.split("; ").map((each) => each.replace(/:.*/, ""));
    const heard = () => names.map(heardBy).join("; ");
    await until(() => heard() === expected, expected, 5000).catch(() => {
      throw new Error(`heard ${heard()} and not ${expected}`);
    });
  };
  return {
    ...{ world, ann, ben: agents[1], control, supervisions, hear, attempts },
    order: (order: CallOrder) => control.order(ann.id, order),
    stage: () => ann.call()?.card.conversation?.stage,
    /** The longest silence that the person heard, ms. */
    silenceMs: () =>
      Math.max(
        ...world.far.carrier.books.calls
          .filter(({ called }) => called.includes(person))
          .flatMap(({ hearings }) => hearings.map(({ longestSilenceMs }) => longestSilenceMs)),
      ),
  };
}
