import { readFileSync } from "node:fs";
import t from "tap";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, run, seed } from "./calls-kit.ts";
import { openQueueWorld, voicesHeard } from "./queue-kit.ts";

/* The scripts about agents that ship, as they are, with people and agents at telephones. */

t.setTimeout(280_000);

const shipped = (name: string) => readFileSync(new URL(`../../ivr-scripts/${name}.yaml`, import.meta.url), "utf8");
const [ann, ben, cid] = ["+12125550101", "+12125550102", "+12125550103"].map(numberOf) as [
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
  ReturnType<typeof numberOf>,
];

t.test("from IVR to agent: the agent sees what was pressed; who waits may leave the queue by a key", async (t) => {
  const world = await openQueueWorld(t, {
    [ann]: "does:hear then press 2 then wait 1s then press 1 then speak then meet then wait 500ms then hang up",
    [ben]: "does:hear then press 2 then wait 1s then press 3 then wait 2s then press 0 then stay",
    [cid]: "does:hear then press 9 then stay",
  });
  const agent = await world.hire("agent-1", { ready: false });
  const campaign = await loadCampaign(world, "asks for an agent", [ann, ben], undefined, shipped("agent-queue"));
  await world.stores.agents.assign(world.groupId, campaign.id);
  const running = run(world, campaign);
  await until(() => world.line.waiting.length === 2, "both to wait");
  await until(() => world.line.waiting.length === 1, "one to leave by a key");
  await agent.order("ready");
  const attempts = new Map((await running).map((attempt) => [attempt.address, attempt]));
  t.match(attempts.get(ann), { result: "human", outcome: "talked" }, `seed ${seed}`);
  t.match(attempts.get(ben), { result: "human", outcome: "callback_due" });
  // A database that is slow says who it is with another card.
  t.match(agent.calls.at(-1), { campaign: { name: "asks for an agent" }, contact: { fields: { first_name: "Ann" } } });
  t.same(agent.calls.at(-1)?.answers, { about: "1" });
  t.same(voicesHeard(world.far.carrier.books, ann), ["agent-1"]);
  const { rows } = await world.stores.pool.query("select name, value from answer order by name");
  t.match(rows.map(({ name, value }) => `${name}=${value}`).sort(), ["about=1", "about=3"], "and it is kept");

  await agent.is("ready");
  await agent.order("logout");
  const opted = await loadCampaign(world, "nobody is free", [cid], { maxCps: 50, maxLines: 60, mode: "progressive" }, shipped("agent-call"));
  await world.stores.agents.assign(world.groupId, opted.id);
  const [told] = await run(world, opted);
  t.match(told, { result: "abandoned", outcome: "opted_out" }, "who opts out of the message was abandoned all the same");
  t.equal((await world.stores.pool.query("select from suppression")).rowCount, 1, "and is on the list of those who are not called");
  await noLeaks(t, world);
});
