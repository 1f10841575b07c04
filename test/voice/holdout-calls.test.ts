import t from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { loadCampaign, noLeaks, numberOf, run, seed } from "./calls-kit.ts";
import { openPacing } from "./pacing-kit.ts";
import { openQueueWorld, voicesHeard } from "./queue-kit.ts";

/* Machines that are given to agents all the same, over SIP and RTP: the pacer, the detector, the queue, an agent's telephone and the ledger. */

t.setTimeout(280_000);

const script = `
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
/** Whoever speaks for two and a half seconds is taken for a machine, and nobody for a person: quiet of that length does not come. */
const tuning = { greetingMs: 2500, afterGreetingSilence: [{ silenceMs: 5000 }] };
/** On a machine that is far too busy the lab's sound comes in pieces, and may not be heard as speech: then they are called anew. */
const rounds = 4;

t.test("as many machines as were drawn go to an agent, the others do not, and the ledger knows both", async (t) => {
  // As the pacing of the kit draws them; one call at a time, so that it is known which is whose.
  const random = seededRandom(1);
  const draws = [random.next(), random.next()];
  const holdoutShare = (Math.min(...draws) + Math.max(...draws)) / 2;
  const numbers = Array.from({ length: draws.length * rounds }, (_, index) => numberOf(`+12125550${500 + index}`));
  const talks = "does:ring 200ms then say 3500ms then meet then wait 300ms then hang up";
  for (let round = 0; round < rounds; round++) {
    const called = numbers.slice(draws.length * round, draws.length * (round + 1));
    let opened: ReturnType<typeof openPacing> | undefined;
    const world = await openQueueWorld(t, Object.fromEntries(called.map((number) => [number, talks])), {
      count: 1,
      paced: (desks, { stores, clock }) => {
        opened = openPacing(t, desks, stores, { clock, lookMs: 200 });
        return opened.pacing;
      },
    });
    const agent = await world.hire("agent-1");
    const campaign = await loadCampaign(world, "holdout", called, { maxCps: 50, maxLines: 60, mode: "progressive" }, script);
    await world.stores.pool.query("update campaign set amd = $1 where id = $2", [
      JSON.stringify({ profile: "b2c", tuning, holdoutShare }),
      campaign.id,
    ]);
    await world.stores.agents.assign(world.groupId, campaign.id);
    const ends = await run(world, campaign);
    await agent.is("ready");
    await agent.order("logout");
    const heard = ends.every(({ reason }) => reason?.startsWith("machine"));
    if (!heard) t.comment(`round ${round}: ${ends.map(({ reason }) => reason).join("; ")}`);
    if (heard || round === rounds - 1) {
      const inOrder = ends.toSorted((one, other) => Number(one.id) - Number(other.id));
      for (const [at, { address, result, reason, outcome }] of inOrder.entries()) {
        const isHeldOut = (draws[at] ?? 1) < holdoutShare;
        const wanted = isHeldOut ? { result: "human", outcome: "talked", reason: /; held out; / } : { result: "machine", outcome: "machine" };
        t.match({ result, outcome, reason }, wanted, `call ${at}, seed ${seed}`);
        t.equal(voicesHeard(world.far.carrier.books, address).length > 0, isHeldOut, "an agent is heard by those, and by nobody else");
      }
      const heldOut = draws.filter((draw) => draw < holdoutShare).length;
      t.same(await world.stores.abandonment.read(campaign.id), { day: { answers: 0, abandoned: 0 }, month: { answers: 0, abandoned: 0 } });
      const missed = draws.length - heldOut;
      t.same(await world.stores.abandonment.machines(campaign.id), { day: missed, month: missed, holdout: { heldOut, people: 0, machines: 0 } });
      await opened?.pacing.close();
      await noLeaks(t, world);
      return;
    }
    await opened?.pacing.close();
    await world.close();
  }
});
