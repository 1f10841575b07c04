import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Order } from "../../src/attempt/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openPacing as openCampaignPacing } from "../../src/start/pacing.ts";
import { assignAgents } from "../../src/voice/agent-assignment.ts";
import type { PacedCampaign } from "../../src/voice/call-pacing-ports.ts";
import { Headroom } from "../../src/voice/headroom.ts";
import { makeCampaign, openWorld, phone } from "../adapter/stores-kit.ts";
import { logIn, makeGroup, openDesks, type Program, reserve } from "../agent/agents-kit.ts";
import { until } from "../harness/far-side.ts";
import { LaterClock, openPacing } from "./pacing-kit.ts";

t.setTimeout(280_000);

let attempts = 1000;

function orderFor({ campaignId }: PacedCampaign): Order {
  attempts += 1;
  const permit = { at: 0, untilMs: Number.MAX_SAFE_INTEGER };
  const contact = { contactId: "1", addressId: "1", address: phone(1), callerId: "+12125550100", fields: {} };
  return { attemptId: String(attempts), campaignId, channel: "voice", scriptVersionId: "1", permit, ...contact };
}

t.test("a campaign dials for the agents of its groups on this node, at once when one of them is gone or free", async (t) => {
  const { stores } = await openWorld(t);
  const desks = openDesks(t, stores);
  const { groupId, agentIds } = await makeGroup(stores, "sales", 3);
  const { id: campaignId } = await makeCampaign(stores, { people: 1 });
  await stores.agents.assign(groupId, campaignId);
  const clock = new LaterClock();
  const { pacing, replayed } = openPacing(t, desks, stores, { clock });
  let asked = 0;
  const campaign = { campaignId, mode: "progressive", listId: "7" } as const;
  const calls = pacing.follow(campaign, () => {
    asked += 1;
  });
  t.equal(calls.decide(10), 0, "what was learned before comes first");
  await until(() => asked > 0, "the pacer to begin");
  // Whose agents they are it hears with its first look.
  const share = stores.abandonment.share.bind(stores.abandonment);
  let [under, most] = [0, 0];
  stores.abandonment.share = async (wishes) => {
    under += 1;
    most = Math.max(most, under);
    return await share(wishes).finally(() => {
      under -= 1;
    });
  };
  await Promise.all([pacing.look(), pacing.look()]);
  t.equal(most, 1, "what one look has read is not written over by an older one");
  t.equal(calls.decide(10), 0, "nobody is here");
  // One after the other: who is idle longest is held first.
  const programs: Program[] = [];
  for (const id of agentIds) programs.push(await logIn(desks, id));
  const [first = "", second = ""] = agentIds;
  t.equal(calls.decide(2), 2, "no more than there is room for");
  t.equal(calls.decide(10), 3);
  const one = orderFor(campaign);
  const placed = [calls.placed(one), calls.placed(orderFor(campaign))];
  t.equal(calls.decide(10), 1);

  asked = 0;
  await desks.order(second, programs[1]?.session ?? "", { kind: "not-ready", reason: "lunch" });
  t.ok(asked > 0, "asked again when an agent goes");
  t.equal(calls.decide(10), 0);
  placed[1]?.ended("no-answer");
  t.equal(calls.decide(10), 1);

  placed[0]?.agentCall?.answered?.("answered");
  const held = await reserve(desks, { groupId, attemptId: one.attemptId });
  t.equal(held?.agentId, first);
  t.equal(calls.decide(10), 1, "the agent who is held is for the one who waits");
  placed[0]?.agentCall?.served?.("connected");
  t.equal(calls.decide(10), 1, "and has somebody to talk with from then on, before the desk says so");
  await desks.progress(first, one.attemptId, "answer");
  t.equal(calls.decide(10), 1);
  placed[0]?.ended("human");
  await desks.progress(first, one.attemptId, "hang-up");
  t.match(pacing.figures, [{ agents: 2, choice: { free: 1 } }], "who writes it up is there, and not free");
  await desks.order(first, programs[0]?.session ?? "", { kind: "ready" });
  t.equal(calls.decide(10), 2);
  const other = orderFor(campaign);
  const next = calls.placed(other);
  next.agentCall?.answered?.("answered");
  const taker = (await reserve(desks, { groupId, attemptId: other.attemptId }))?.agentId ?? "";
  await desks.progress(taker, other.attemptId, "answer");
  t.ok(calls.decide(10) <= 1, "the other way round nothing is placed too many, either");
  next.agentCall?.served?.("connected");
  t.equal(calls.decide(10), 1);
  next.ended("human");
  await desks.progress(taker, other.attemptId, "hang-up");
  await desks.order(taker, programs[agentIds.indexOf(taker)]?.session ?? "", { kind: "ready" });
  t.equal(calls.decide(10), 2);
  await desks.lost(first, programs[0]?.session ?? "");
  t.equal(calls.decide(10), 1, "a program that is gone");

  pacing.follow({ ...campaign, pacing: { linesPerAgent: 3 } }, () => {});
  clock.laterMs += 1000;
  t.equal(calls.decide(10), 1, "several lines are for those who have headroom");
  pacing.follow({ ...campaign, mode: "ivr-power", pacing: { ports: 2, linesPerPort: 2 } }, () => {});
  t.equal(calls.decide(10), 4, "two for each port");
  const talking = calls.placed(orderFor(campaign));
  talking.answered();
  t.equal(calls.decide(10), 2);
  talking.ended("human");
  t.equal(calls.decide(10), 4);

  pacing.leave(campaignId);
  await pacing.close();
  t.ok((await stores.pacers.load(campaignId)) !== undefined, "what was learned is kept");
  t.equal((await stores.pool.query("select from abandonment_share")).rowCount, 0);
  const [log] = replayed();
  t.same(log?.differences, []);
  t.ok((log?.choices ?? 0) > 10, "every choice is in the log");
});

t.test("what is left while it is looked at is given back all the same, and who takes it up again begins with what was kept", async (t) => {
  const { stores } = await openWorld(t);
  const desks = openDesks(t, stores);
  const { id: campaignId } = await makeCampaign(stores, { people: 1 });
  const { pacing } = openPacing(t, desks, stores);
  const campaign = { campaignId, mode: "predictive", listId: "7" } as const;
  const begun = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pacing.follow(campaign, resolve);
    return promise;
  };
  await begun();
  const { abandonment, pacers } = stores;
  const [share, keep, load] = [abandonment.share.bind(abandonment), pacers.keep.bind(pacers), pacers.load.bind(pacers)];
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const done: string[] = [];
  abandonment.share = async (wishes) => {
    asked.resolve();
    await answer.promise;
    return await share(wishes).finally(() => done.push("share"));
  };
  pacers.keep = (records) => keep(records).finally(() => done.push("keep"));
  pacers.load = (id) => {
    done.push("load");
    return load(id);
  };
  const looking = pacing.look();
  await asked.promise;
  pacing.leave(campaignId);
  const again = begun();
  answer.resolve();
  await Promise.all([looking, again]);
  t.same(done.slice(0, 4), ["share", "keep", "keep", "load"]);
  await pacing.close();
  t.equal((await stores.pool.query("select from abandonment_share")).rowCount, 0);
});

t.test(
  "predictive: what may be lost is the node's share, what is lost here counts at once, and a restart goes on from what was learned",
  async (t) => {
    const { stores } = await openWorld(t);
    const desks = openDesks(t, stores);
    const { groupId, agentIds } = await makeGroup(stores, "sales", 4);
    const { id: campaignId } = await makeCampaign(stores, { people: 1 });
    await stores.agents.assign(groupId, campaignId);
    for (const id of agentIds) await logIn(desks, id);
    const campaign = { campaignId, mode: "predictive", listId: "7" } as const;
    const clock = new LaterClock();
    const answers = (count: number) =>
      stores.pool.query(
        "insert into live_answer select $1::bigint, span, clock_timestamp() - interval '1 hour', $2::int, 0 from (values ('day'), ('month')) s(span)",
        [campaignId, count],
      );
    const { pacing, replayed } = openPacing(t, desks, stores, { clock, maxBytes: 2000 });
    let begun = false;
    const calls = pacing.follow(campaign, () => {
      begun = true;
    });
    await until(() => begun, "the pacer to begin");
    await pacing.look();
    t.equal(calls.decide(50), 4, "careful while nothing is known");
    // One of five answers; nobody of them is abandoned.
    for (let count = 0; count < 60; count++) {
      const call = calls.placed(orderFor(campaign));
      if (count % 5 === 0) {
        call.agentCall?.answered?.("answered");
        call.agentCall?.served?.("connected");
      }
      call.ended(count % 5 === 0 ? "human" : "no-answer");
    }
    clock.laterMs += 1000;
    t.equal(calls.decide(50), 4, "nobody has answered in the ledger: nothing may be risked");
    t.equal(pacing.figures[0]?.choice?.heldBy, "budget");
    await answers(1000);
    await pacing.look();
    t.equal(pacing.figures[0]?.share?.allowed, 30);
    clock.laterMs += 1000;
    t.ok(calls.decide(50) > 4, "ahead of free agents");
    for (let lost = 0; lost < 30; lost++) {
      const call = calls.placed(orderFor(campaign));
      call.agentCall?.answered?.("answered");
      call.agentCall?.served?.("abandoned");
    }
    clock.laterMs += 1000;
    t.ok(calls.decide(50) <= 4, "all of it is spent, though no attempt is ended yet");
    await pacing.close();
    t.ok(replayed().length > 1, "a log that is long is followed by another");
    for (const { name, differences, first } of replayed()) t.same([differences, first], [[], "start"], name);

    const again = openPacing(t, desks, stores);
    let begunAgain = false;
    const more = again.pacing.follow(campaign, () => {
      begunAgain = true;
    });
    await until(() => begunAgain, "the next to begin");
    await again.pacing.look();
    t.ok(more.decide(50) >= 4);
    t.not(again.pacing.figures[0]?.choice?.heldBy, "cold-start", "it knows who answers");
    await again.pacing.close();
  },
);

t.test("nobody is called for an agent who would have to pick up a telephone first", async (t) => {
  const { stores } = await openWorld(t);
  const desks = openDesks(t, stores);
  const { groupId, agentIds } = await makeGroup(stores, "sales", 3);
  const { id: campaignId } = await makeCampaign(stores, { people: 1 });
  await stores.agents.assign(groupId, campaignId);
  for (const id of agentIds) await logIn(desks, id);
  const phones = { isRung: (agentId: string) => agentId === agentIds[0] };
  const metrics = new Registry();
  const parts = {
    stores,
    agents: desks,
    phones,
    line: { waiting: [] },
    node: "node-1",
    dataDir: t.testdir({}),
    metrics,
    clock: systemClock,
    log: silentLog,
  };
  const pacing = openCampaignPacing(parts);
  let begun = false;
  const calls = pacing.follow({ campaignId, mode: "progressive" }, () => {
    begun = true;
  });
  await until(() => begun, "the pacer to begin");
  await pacing.look();
  t.equal(calls.decide(10), 2);
  const shown = await metrics.metrics();
  t.match(shown, `carillon_pacing_agents{campaign="${campaignId}"} 2`);
  t.match(shown, `carillon_pacing_held_by{campaign="${campaignId}",reason="free-agents"} 1`);
  await pacing.close();
});

t.test("an agent counts for one campaign at a time; campaigns have equal parts, and mostly keep them when others come", async (t) => {
  const campaign = (campaignId: string, idle = false, groupId = "1") => ({ campaignId, groupIds: [groupId], idle });
  const campaigns = [campaign("11"), campaign("12"), campaign("13")];
  const crew = (count: number) => Array.from({ length: count }, (_, index) => ({ agentId: String(index + 1), groupIds: ["1", "2"] }));
  const counts = (assigned: ReadonlyMap<string, string>) =>
    Object.fromEntries([...Map.groupBy(assigned.values(), (id) => id)].map(([id, all]) => [id, all.length]));
  const before = assignAgents(crew(300), campaigns, 0);
  t.same(counts(before), { 11: 100, 12: 100, 13: 100 });
  const after = assignAgents(crew(300), [...campaigns.toReversed(), campaign("14", false, "2")], 0);
  t.same(counts(after), { 11: 75, 12: 75, 13: 75, 14: 75 });
  t.ok([...after].filter(([agentId, id]) => id !== "14" && id !== before.get(agentId)).length < 30, "few change places between the others");
  t.same(counts(assignAgents(crew(3), campaigns.slice(1), 0)), { ...counts(assignAgents(crew(3), campaigns.slice(1), 599_999)) });
  t.same(Object.values(counts(assignAgents(crew(3), campaigns.slice(1), 0))).toSorted(), [1, 2], "a small team is shared, too");
  t.same(
    counts(assignAgents(crew(9), [campaign("11", true), campaign("12")], 0)),
    { 12: 9 },
    "nobody waits for a list in which nobody can be called",
  );
  t.same(counts(assignAgents(crew(4), [campaign("11", true), campaign("12", true)], 0)), { 11: 2, 12: 2 });
  t.same(counts(assignAgents([...crew(2), { agentId: "9", groupIds: ["3"] }], [campaign("12")], 0)), { 12: 2 }, "a group that does not work for any");
  const turns = new Set(Array.from({ length: 40 }, (_, turn) => assignAgents(crew(1), campaigns, turn * 600_000).get("1")));
  t.equal(turns.size, 3, "one agent serves them in turn");
});

t.test("headroom: the others' part counts as lost, and what has happened here since", async (t) => {
  const headroom = new Headroom();
  const none = { answers: 0, abandoned: 0 };
  const ledger = (at = 1000) => headroom.ledger(at, 0.03, 5000);
  t.same(ledger(), { day: none, month: none }, "nothing is known, nothing may be risked");
  const whole = { answers: 1000, abandoned: 4 };
  headroom.read({ day: whole, month: { answers: 2000, abandoned: 4 }, allowed: 10 }, 1000);
  t.same(ledger(), { day: { answers: 1000, abandoned: 20 }, month: { answers: 2000, abandoned: 50 } });
  headroom.happened("1", "abandoned");
  headroom.happened("2", "connected");
  t.same(ledger().day, { answers: 1002, abandoned: 21 });
  headroom.written("1", 1500);
  headroom.read({ day: whole, month: whole, allowed: 26 }, 1400);
  t.same(ledger().day, { answers: 1002, abandoned: 5 }, "not in what was read before");
  t.equal(headroom.unwrittenLoss, 1);
  headroom.read({ day: whole, month: whole, allowed: 26 }, 1600);
  t.same(ledger().day, { answers: 1001, abandoned: 4 });
  t.same(ledger(6601), { day: none, month: none }, "what is old counts for nothing");
});
