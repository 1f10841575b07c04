import t from "tap";
import type { Ending, Order } from "../../src/attempt/ports.ts";
import { begun, makeCampaign, openWorld, type World } from "./stores-kit.ts";

const end = ({ stores }: World, { attemptId }: Order, more: Pick<Ending, "live" | "heldOut">) =>
  stores.attempts.finish(attemptId, { at: Date.now(), result: "human", reason: "", ...more });

t.test("machines that went to agents are what the agents say they were, and by that the others count as abandoned", async (t) => {
  const world = await openWorld(t);
  const { stores } = world;
  const campaign = await makeCampaign(stores, { people: 12 });
  const { id: campaignId } = campaign;
  const { id: agentId } = await stores.agents.addAgent("ann");
  const orders = await begun(stores, campaign, 12);
  const say = async (order: Order | undefined, answeredBy: "person" | "machine" | "unclear") => {
    if (!order) throw new Error("an order");
    const said = { contactId: order.contactId, campaignId, attemptId: order.attemptId, agentId, code: "processed", category: "contact" as const };
    await stores.agentContacts.say({ ...said, answeredBy }, { becomes: "done" });
  };
  // Said while they talk, before the call is over.
  await say(orders[0], "person");
  await Promise.all(
    orders.map((order, at) => {
      if (at < 4) return end(world, order, { heldOut: { responded: at === 3 } });
      if (at === 4) return end(world, order, { live: "abandoned", heldOut: { responded: false } });
      return end(world, order, at < 10 ? { live: "machine" } : { live: "connected" });
    }),
  );
  await say(orders[1], "person");
  await say(orders[1], "machine");
  await say(orders[2], "unclear");
  t.same(await stores.abandonment.read(campaignId), { day: { answers: 3, abandoned: 1 }, month: { answers: 3, abandoned: 1 } });
  const holdout = { heldOut: 5, people: 2, machines: 1 };
  t.same(await stores.abandonment.machines(campaignId), { day: 5, month: 5, holdout }, "the last word counts, and who presses a key is a person");

  const [first] = orders;
  if (first) await end(world, first, { live: "machine", heldOut: { responded: true } });
  t.match(await stores.abandonment.machines(campaignId), { day: 5, holdout }, "a second ending counts for nothing");

  // 2 of 50, as long as fewer are judged: 0.2 of the five.
  const wish = { campaignId, cap: 0.03, agents: 1, kept: 0 };
  const share = (await stores.abandonment.share([wish])).get(campaignId);
  t.match(share, { day: { answers: 3.2, abandoned: 1.2 }, month: { answers: 3.2, abandoned: 1.2 }, missed: { day: 0.2, month: 0.2 }, allowed: 0 });

  await stores.pool.query("update live_answer set answers = 1000, abandoned = 10, machines = 200");
  const more = (await stores.abandonment.share([wish])).get(campaignId);
  t.equal(more?.allowed.toFixed(2), (0.03 * 1008 - 18).toFixed(2), "the headroom is what they leave");
  const other = await makeCampaign(stores, { name: "other", people: 1 });
  const unmeasured = (await stores.abandonment.share([{ ...wish, campaignId: other.id }])).get(other.id);
  t.notOk(unmeasured && "missed" in unmeasured, "where nothing is measured nothing is thought");
});
