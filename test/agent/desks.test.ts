import t from "tap";
import { PostgresDeskStore } from "../../src/adapter/postgres/repository/agent-desk-store.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { openWorld } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { logIn, makeGroup, openDesks, reserve } from "./agents-kit.ts";

t.test("agents over two nodes", async (t) => {
  const world = await openWorld(t, { leaseMs: 60_000 });
  const one = world.stores;
  const two = await world.open({ node: "node-2" });
  await two.registry.register("node-2", Date.now());
  const [engine, other] = [openDesks(t, one), openDesks(t, two)];
  // Of a node of its own: a node knows the programs that are connected to it.
  const another = async (name: string) => {
    const stores = await world.open({ node: name });
    await stores.registry.register(name, Date.now());
    return stores;
  };
  const impatient = openDesks(t, await another("node-9"), { graceMs: 0 });
  let attempts = 0;
  const hold = (groupId: string) => ({ groupId, attemptId: String(++attempts) });
  const stateOf = async (agentId: string) => (await one.agents.agent(agentId))?.desk.state;

  await t.test("each goes to one person only, however many ask on both nodes, by priority and then who was idle longest", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "sales", 12);
    const [first = "", second = "", offline = ""] = agentIds;
    for (const agentId of agentIds.filter((id) => id !== offline)) await logIn(engine, agentId);
    await one.agents.join({ agentId: second, groupId, priority: 1, skills: ["spanish"] });
    t.match(await reserve(other, hold(groupId), ["spanish"]), { agentId: second, desk: { state: "reserved" } });
    t.equal(await reserve(other, hold(groupId), ["spanish"]), undefined);
    t.match(await reserve(engine, hold(groupId)), { agentId: first });
    const wanted = Array.from({ length: 40 }, (_, index) => reserve(index % 2 === 0 ? engine : other, hold(groupId)));
    const got = (await Promise.all(wanted)).flatMap((reserved) => (reserved ? [reserved.agentId] : []));
    t.same([...got].sort(), agentIds.slice(3).sort(), "all who are ready, each once, and not who is not there");
    const { rows } = await one.pool.query("select agent_id from agent_log where state = 'reserved' group by agent_id having count(*) > 1");
    t.same(rows, [], "nor does the log say otherwise");
    t.same(await reserve(engine, hold(groupId)), undefined);
    t.same(await reserve(engine, { groupId: "999", attemptId: "1" }), undefined);
  });

  await t.test("one attempt never gets two agents", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "twice", 4);
    for (const agentId of agentIds) await logIn(engine, agentId);
    const same = hold(groupId);
    const ends = await Promise.allSettled([engine, other, engine, other].map((each) => reserve(each, same)));
    t.equal(ends.filter((end) => end.status === "fulfilled" && end.value !== undefined).length, 1);
    for (const end of ends) if (end.status === "rejected") t.match(end.reason, { code: "agent-state", message: /has an agent already/ });
  });

  await t.test("a conversation, from the reservation to the next one, seen on the node of the agent", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "talk", 1, { wrapUpMs: 20, extensionMs: 10_000, maxExtensions: 1 });
    const [agentId = ""] = agentIds;
    const program = await logIn(engine, agentId);
    const held = hold(groupId);
    await reserve(other, held);
    await engine.look();
    t.match(program.desks.at(-1), { state: "reserved", hold: held }, "told");
    await t.rejects(other.progress(agentId, "999999", "answer"), { code: "agent-state" });
    await other.progress(agentId, held.attemptId, { ringMs: 5000 });
    await other.progress(agentId, held.attemptId, "answer");
    await engine.order(agentId, program.session, { kind: "not-ready", reason: "lunch" });
    await other.progress(agentId, held.attemptId, "hang-up");
    await until(async () => {
      await engine.look();
      return (await stateOf(agentId)) === "not-ready";
    }, "the wrap-up to end");
    const states = program.desks.map(({ state }) => state);
    t.same([states.includes("talking"), states.at(-1)], [true, "not-ready"], "told of what there was when it looked");
    const log = await one.agents.log(agentId, { limit: 100 });
    t.same(
      log.map(({ state, cause, attemptId }) => [state, cause, attemptId === held.attemptId]),
      [
        ["logged-out", "made", false],
        ["not-ready", "login", false],
        ["ready", "ready", false],
        ["reserved", "reserve", true],
        ["ringing", "ring", true],
        ["talking", "answer", true],
        ["wrap-up", "hang-up", true],
        ["not-ready", "lapse", true],
      ],
    );
    const [from = 0, to = 0] = [log[1]?.at, log.at(-1)?.at];
    const times = await one.agents.times(agentId, from, to);
    t.equal(
      Object.values(times).reduce((sum, ms) => sum + ms, 0),
      to - from,
      "nothing of the time is lost",
    );
    t.ok((times["wrap-up"] ?? 0) >= 20);
    t.equal(times["wrap-up"], to - (log[6]?.at ?? 0));
    await t.rejects(one.pool.query("delete from agent_log"), /append-only/);
  });

  await t.test("who comes back in time goes on where they were, on either node; who does not is logged out", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "gone", 3);
    const [back = "", away = "", talking = ""] = agentIds;
    const [before, lost, phone] = [await logIn(engine, back), await logIn(engine, away), await logIn(engine, talking)];
    const held = hold(groupId);
    for (const program of [before, lost]) await engine.lost(program === before ? back : away, program.session);
    t.match(await reserve(engine, held), { agentId: talking }, "nobody is reserved who is not there");
    await other.progress(talking, held.attemptId, "answer");
    await engine.lost(talking, phone.session);
    const again = await logIn(other, back, false);
    t.equal(await stateOf(back), "ready");
    await t.rejects(engine.order(back, before.session, { kind: "logout" }), { code: "agent-session" });
    await impatient.look();
    t.same([await stateOf(back), await stateOf(away), await stateOf(talking)], ["ready", "logged-out", "talking"]);
    await logIn(engine, talking, false);
    await other.progress(talking, held.attemptId, "hang-up");
    t.equal(await stateOf(talking), "wrap-up", "and who is back before it is over stays");
    const replacing = await logIn(engine, back, false);
    await other.look();
    t.same([again.ends, replacing.ends], [["replaced"], []]);
    t.match(await engine.force(back, { kind: "force", state: "logged-out" }, "boss"), { state: "logged-out" });
    t.same(replacing.ends, ["logged-out"]);
    t.match((await one.agents.log(back, { limit: 100 })).at(-1), { cause: "force", by: "boss" });
    await t.rejects(engine.force(back, { kind: "force", state: "ready" }, "boss"), { code: "agent-state", message: /logged out/ });
    await t.rejects(engine.force("4711", { kind: "force", state: "ready" }, "boss"), { code: "agent-unknown" });
  });

  await t.test("of programs of one agent that come at once the last one stays, and is the only one", async (t) => {
    const { agentIds } = await makeGroup(one, "at once", 1);
    const [agentId = ""] = agentIds;
    for (let round = 0; round < 6; round += 1) {
      const programs = await Promise.all(Array.from({ length: 4 }, () => logIn(engine, agentId, false)));
      await engine.look();
      const left = programs.filter(({ ends }) => ends.length === 0);
      const { rows } = await one.pool.query("select session from agent_desk where agent_id = $1", [agentId]);
      t.same(
        left.map(({ session }) => session),
        rows.map(({ session }) => session),
      );
      t.same(new Set(programs.filter((program) => !left.includes(program)).flatMap(({ ends }) => ends)), new Set(["replaced"]));
    }
  });

  await t.test("a program whose answer from the database was slow does not put out the one that came after it", async (t) => {
    const { agentIds } = await makeGroup(one, "slow", 1);
    const [agentId = ""] = agentIds;
    const asked = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    let looks = 0;
    class SlowOnce extends PostgresDeskStore {
      override async seen(ids: readonly string[]) {
        const found = await super.seen(ids);
        if (++looks > 1) return found;
        asked.resolve();
        await late.promise;
        return found;
      }
    }
    const slow = openDesks(t, one, { desks: new SlowOnce(one.pool, one.registry, "node-1") });
    const arriving = logIn(slow, agentId, false);
    await asked.promise;
    const last = await logIn(slow, agentId, false);
    late.resolve();
    const first = await arriving;
    await slow.look();
    t.same([first.ends, last.ends], [["replaced"], []]);
  });

  await t.test("a change whose answer from the database was slow does not undo the one that came after it", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "late", 1);
    const [agentId = ""] = agentIds;
    const changed = Promise.withResolvers<number>();
    const late = Promise.withResolvers<void>();
    class SlowToAnswer extends PostgresDeskStore {
      override async change(...given: Parameters<PostgresDeskStore["change"]>) {
        const moment = await super.change(...given);
        changed.resolve(moment.desk.since);
        await late.promise;
        return moment;
      }
    }
    const slow = openDesks(t, one, { desks: new SlowToAnswer(one.pool, one.registry, "node-1") });
    const program = await logIn(slow, agentId, false);
    const ordering = slow.order(agentId, program.session, { kind: "ready" });
    const since = await changed.promise;
    await until(() => Date.now() > since, "the next millisecond");
    await reserve(slow, { groupId, attemptId: "907" });
    late.resolve();
    await ordering;
    t.same(
      program.desks.map(({ state }) => state),
      ["reserved"],
    );
    t.equal(slow.deskOf(agentId)?.state, "reserved");
    await slow.progress(agentId, "907", "release");
  });

  await t.test("a program whose end could not be written is gone all the same", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "unwritten", 2);
    const [gone = "", stays = ""] = agentIds;
    const away = openDesks(t, await another("node-4"));
    const program = await logIn(away, gone);
    await logIn(away, stays);
    await away.lost(gone, program.session);
    await one.pool.query("update agent_desk set lost_at = null where agent_id = $1", [gone]);
    await away.look();
    t.match(await reserve(engine, hold(groupId)), { agentId: stays });
    t.equal(await reserve(engine, hold(groupId)), undefined);
    await Promise.all([away.look(), logIn(away, gone, false), away.look()]);
    await one.pool.query("update agent_desk set lost_at = clock_timestamp() where agent_id = $1", [gone]);
    await away.look();
    await impatient.look();
    t.equal(await stateOf(gone), "ready", "nor is who is there taken for gone, should a look have come between");
  });

  await t.test("a node that dies leaves no agent held and none logged in", async (t) => {
    const { groupId, agentIds } = await makeGroup(one, "dead", 3);
    const [here = "", there = "", spoken = ""] = agentIds;
    const three = await another("node-3");
    const dying = openDesks(t, three);
    await logIn(engine, here);
    const first = await reserve(dying, hold(groupId));
    await logIn(engine, spoken);
    const held = hold(groupId);
    await reserve(dying, held);
    await dying.progress(spoken, held.attemptId, "answer");
    await logIn(dying, there);
    t.equal(first?.agentId, here);
    await three.registry.release("node-3");
    await engine.look();
    t.same([await stateOf(here), await stateOf(there), await stateOf(spoken)], ["ready", "logged-out", "wrap-up"]);
    await three.registry.register("node-3", Date.now());
    await logIn(dying, there);
    await three.registry.register("node-3", Date.now());
    await engine.look();
    t.equal(await stateOf(there), "ready", "a node that was begun anew gives its agents' programs a while");
    await impatient.look();
    t.equal(await stateOf(there), "logged-out");
  });

  await t.test("whatever both nodes do at once, the log tells one story", async (t) => {
    const seed = 99;
    const random = seededRandom(seed);
    const { groupId, agentIds } = await makeGroup(one, "storm", 3, { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
    for (const agentId of agentIds) await logIn(engine, agentId);
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        const mine = worker % 2 === 0 ? engine : other;
        for (let turn = 0; turn < 8; turn += 1) {
          const held = hold(groupId);
          const reserved = await reserve(mine, held);
          if (!reserved) continue;
          if (intBetween(random, 0, 2) === 0) await mine.progress(reserved.agentId, held.attemptId, "release");
          else {
            await mine.progress(reserved.agentId, held.attemptId, "answer");
            await mine.progress(reserved.agentId, held.attemptId, "hang-up");
          }
        }
      }),
    );
    for (const agentId of agentIds) {
      const states = (await one.agents.log(agentId, { limit: 1000 })).slice(2);
      for (const [index, entry] of states.entries()) {
        const next = states[index + 1];
        if (entry.state === "reserved" && next && next.attemptId !== entry.attemptId) t.fail(`seed ${seed}: ${JSON.stringify([entry, next])}`);
        if (entry.state === "talking") t.match(next, { state: "ready", attemptId: entry.attemptId }, `seed ${seed}`);
      }
      t.equal(states.at(-1)?.state, "ready");
    }
  });
});
