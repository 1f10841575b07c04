import t from "tap";
import type { CallPacings } from "../../src/voice/call-pacing-ports.ts";
import { until } from "../harness/far-side.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { loadCampaign, noLeaks, numberOf, run, seed } from "./calls-kit.ts";
import { openPacing } from "./pacing-kit.ts";
import { callsOf, openQueueWorld } from "./queue-kit.ts";

t.setTimeout(280_000);

const forAgents = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
start: { human: agent }
steps:
  agent: { queue: campaign, on: { answered: talked, no_agent: sorry, hung_up: gone } }
  talked: { end: talked }
  gone: { end: gone }
  sorry: { play: [{ say: "This is Example Bank. We are sorry, nobody is free." }], end: message }
`;

/** Asks again as soon as something was decided, and tells when that is answered before the orders have come; at the end of the list there are none. */
function impatient(pacings: CallPacings, overlap: () => void): CallPacings {
  let placed = 0;
  return {
    leave: (campaignId) => pacings.leave(campaignId),
    follow(campaign, wake) {
      const calls = pacings.follow(campaign, wake);
      let open = 0;
      return {
        decide(room) {
          if (open > 0 && placed < 6) overlap();
          open = calls.decide(room);
          if (open > 0) wake();
          return open;
        },
        placed(order) {
          open -= 1;
          placed += 1;
          return calls.placed(order);
        },
      };
    },
  };
}

t.test("real calls: one line for each free agent, everybody is connected, and the ledger knows them all", async (t) => {
  const numbers = Array.from({ length: 8 }, (_, index) => numberOf(`+1212555020${index}`));
  const talks = "does:ring 300ms then speak then meet then wait 500ms then hang up";
  let opened: ReturnType<typeof openPacing> | undefined;
  let overlaps = 0;
  const world = await openQueueWorld(t, Object.fromEntries(numbers.map((number, index) => [number, index % 4 === 3 ? "busy" : talks])), {
    count: 2,
    paced: (desks, { stores, clock }) => {
      opened = openPacing(t, desks, stores, { clock, lookMs: 200 });
      return impatient(opened.pacing, () => {
        overlaps += 1;
      });
    },
  });
  if (!opened) throw new Error("there is no pacing");
  const { pacing, replayed } = opened;
  const agents = [await world.hire("agent-1"), await world.hire("agent-2")];
  const limits = { maxCps: 50, maxLines: 60, mode: "manual" } as const;
  const campaign = await loadCampaign(world, "progressive", numbers, limits, forAgents);
  await world.stores.agents.assign(world.groupId, campaign.id);
  const running = run(world, campaign);
  await until(() => world.pass.running().length === 1, "the campaign to run");
  await world.stores.campaigns.change(campaign.id, { maxLines: 50 }, "test");
  await until(() => voiceCampaign(world.pass.running()[0]).maxLines === 50, "the change to be seen");
  t.equal(world.engine.lines, 0, "nothing is placed where agents dial");
  await world.stores.campaigns.change(campaign.id, { mode: "progressive" }, "test");
  const ends = await running;
  t.same(ends.map(({ result }) => result).toSorted(), ["busy", "busy", ...Array(6).fill("human")], `seed ${seed}`);
  for (const { audio } of callsOf(
    world.far.carrier.books,
    numbers.filter((_, index) => index % 4 !== 3),
  ))
    t.ok((audio.answerToSoundMs ?? 9999) < 1000, `an agent after ${audio.answerToSoundMs} ms`);
  t.equal(overlaps, 0, "nothing is decided twice");
  const { day } = await world.stores.abandonment.read(campaign.id);
  t.same(day, { answers: 6, abandoned: 0 });
  for (const agent of agents) await agent.is("ready");
  await Promise.all(agents.map(({ order }) => order("logout")));
  await until(() => world.lab.books.legsUp().length === 0, "the telephones to be hung up");
  await pacing.close();
  const [log] = replayed();
  t.same(log?.differences, []);
  await noLeaks(t, world);
});
