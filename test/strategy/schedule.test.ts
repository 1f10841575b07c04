import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openSchedules, scheduledCampaigns } from "../../src/start/schedules.ts";
import { nextRun, nextStep, parseRecurrence, type Schedule, scheduleRefused } from "../../src/strategy/schedule.ts";
import { type ScheduledCampaigns, ScheduleEngine } from "../../src/strategy/schedule-engine.ts";
import type { Scheduled } from "../../src/strategy/schedule-ports.ts";
import { until } from "../harness/far-side.ts";
import { becomes, phone, world } from "./world.ts";

const at = (text: string) => Date.parse(text);
const newYork = "America/New_York";

t.test("when it starts again, as it is written", async (t) => {
  t.same(parseRecurrence("daily 09:00"), { minute: 540, weekdays: [1, 2, 3, 4, 5, 6, 7] });
  t.same(parseRecurrence("Mon-Fri 17:30"), { minute: 1050, weekdays: [1, 2, 3, 4, 5] });
  t.same(parseRecurrence("mon, thu 09:00"), { minute: 540, weekdays: [1, 4] });
  t.same(parseRecurrence("monthly last 09:00"), { minute: 540, monthDay: 31 });
  for (const text of ["", "09:00", "daily", "daily 24:00", "monthly 0 09:00", "monthly 32 09:00", "weekly 09:00", "mon tue 09:00", "hourly 09:00"])
    t.equal(parseRecurrence(text), undefined, text);
});

t.test("the next time, on the clock of the campaign", async (t) => {
  const table: readonly (readonly [every: string, after: string, next: string])[] = [
    ["daily 09:00", "2026-11-23T13:59:59Z", "2026-11-23T14:00Z"],
    ["daily 09:00", "2026-11-23T14:00Z", "2026-11-24T14:00Z"],
    ["daily 09:00", "2026-03-07T15:00Z", "2026-03-08T13:00Z"],
    ["mon-fri 09:00", "2026-11-27T15:00Z", "2026-11-30T14:00Z"],
    ["monthly 15 09:00", "2026-11-15T14:00Z", "2026-12-15T14:00Z"],
    ["monthly last 09:00", "2026-02-01T00:00Z", "2026-02-28T14:00Z"],
    ["monthly 31 23:30", "2026-03-31T12:00Z", "2026-04-01T03:30Z"],
    ["monthly 1 00:00", "2026-12-31T12:00Z", "2027-01-01T05:00Z"],
  ];
  for (const [every, after, next] of table) {
    const read = parseRecurrence(every);
    t.equal(read && new Date(nextRun(read, newYork, at(after))).toISOString(), new Date(next).toISOString(), `${every} after ${after}`);
  }
});

t.test("one step after the other; and what is refused", async (t) => {
  const [start, stop] = [at("2026-12-01T14:00Z"), at("2026-12-24T23:00Z")];
  const both: Schedule = { startAt: start, stopAt: stop, staysOpen: false };
  const now = at("2026-11-23T12:00Z");
  t.same(nextStep(both, newYork, now), { step: "start", at: start });
  t.same(nextStep(both, newYork, start), { step: "stop", at: stop });
  t.equal(nextStep(both, newYork, stop), undefined);
  t.equal(nextStep({ staysOpen: true }, newYork, now), undefined);
  const weekly: Schedule = { ...both, every: "mon 09:00" };
  t.same(nextStep(weekly, newYork, now), { step: "run", at: at("2026-12-07T14:00Z") }, "not before its start");
  t.equal(nextStep(weekly, newYork, at("2026-12-21T14:00Z")), undefined, "nor when it is over");
  t.equal(scheduleRefused(both, "draft", now), undefined);
  t.equal(scheduleRefused({ stopAt: stop, staysOpen: true }, "running", now), undefined);
  const refused: readonly (readonly [Schedule, string, RegExp])[] = [
    [both, "finished", /ended/],
    [both, "running", /started already/],
    [{ ...both, startAt: now - 1 }, "draft", /startAt is over/],
    [{ ...both, stopAt: start }, "draft", /stopAt must be later/],
    [{ every: "often", staysOpen: false }, "draft", /every must be/],
    [{ every: "daily 09:00", staysOpen: false }, "running", /never started itself/],
    [{ every: "daily 09:00", staysOpen: true }, "draft", /staysOpen/],
    [{ runForS: 3600, staysOpen: false }, "draft", /runForS goes with every/],
    [{ every: "daily 09:00", runForS: 5, staysOpen: false }, "draft", /runForS must be/],
  ];
  for (const [schedule, state, why] of refused) t.match(scheduleRefused(schedule, state, now), why);
});

t.test("in the tables: campaigns start, stop and start again when it is time", async (t) => {
  const { stores, clock, campaign, engine: openEngine } = await world(t);
  const { engine } = await openEngine({ watchMs: 60_000 });
  const hindrances = { mayStart: async () => undefined };
  const log = silentLog;
  const schedules = openSchedules({ stores, pass: engine, hindrances, clock, log });
  const other = openSchedules({ stores, pass: engine, hindrances, clock, log });
  t.teardown(() => Promise.all([schedules.close(), other.close()]));
  const set = async (id: string, schedule: Schedule) =>
    stores.schedules.set({ campaignId: id }, schedule, nextStep(schedule, newYork, clock.now()), "ann");
  const stateOf = async (id: string) => (await stores.campaigns.find(id))?.state;

  await t.test("start and stop", async (t) => {
    const { id } = await campaign([newYork]);
    const startAt = clock.now() + 3_600_000;
    const made = await set(id, { startAt, stopAt: startAt + 3_600_000, staysOpen: false });
    t.match(made, { zone: newYork, next: { step: "start", at: startAt } });
    t.equal(await stateOf(id), "ready");
    t.match(await stores.campaigns.progress(id), { waiting: 1 });
    await schedules.look();
    t.equal(await stateOf(id), "ready", "not before its time");
    clock.at = startAt;
    await Promise.all([schedules.look(), other.look()]);
    t.equal(await stateOf(id), "running");
    t.match(await stores.schedules.find({ campaignId: id }), { next: { step: "stop" }, trouble: undefined }, "one of two nodes did it");
    clock.at = startAt + 3_600_000;
    await schedules.look();
    t.equal(await stateOf(id), "stopping");
    t.equal((await stores.schedules.find({ campaignId: id }))?.next, undefined);
    t.ok(await stores.schedules.remove({ campaignId: id }));
  });

  await t.test("what keeps it from starting is told, and tried again", async (t) => {
    const { id } = await campaign([newYork]);
    await set(id, { startAt: clock.now() + 1000, staysOpen: false });
    engine.guard(async () => {
      throw Object.assign(new Error("the list is too old"), { code: "x" });
    });
    clock.at += 1000;
    await t.rejects(schedules.look(), /too old/, "what is no fault of ours goes to whoever looks after it");
    engine.guard(async () => undefined);
    await schedules.look();
    t.equal(await stateOf(id), "ready", "it is taken for a minute");
    clock.at += 60_000;
    await schedules.look();
    t.equal(await stateOf(id), "running");
  });

  await t.test("again and again: each time a copy", async (t) => {
    const { id, name } = await campaign([newYork, newYork]);
    const every = { every: "daily 09:00", runForS: 7200, staysOpen: false };
    await set(id, every);
    t.equal(await stateOf(id), "ready");
    const first = (await stores.schedules.find({ campaignId: id }))?.next?.at ?? 0;
    t.equal(new Date(first).toISOString(), "2026-01-16T14:00:00.000Z");
    clock.at = first;
    await Promise.all([schedules.look(), other.look()]);
    const runs = async () =>
      (await stores.schedules.runs({ campaignId: id }, 10)).map(({ made, trouble }) => `${made?.name ?? "-"} ${made?.state ?? trouble}`);
    t.same(await runs(), [`${name} 2026-01-16 running`]);
    t.equal(await stateOf(id), "ready", "it is never started itself");
    const copy = await stores.campaigns.findByName(`${name} 2026-01-16`);
    t.match(await stores.campaigns.progress(copy?.id ?? ""), { contacts: 2, waiting: 2 });
    t.match(await stores.schedules.find({ campaignId: copy?.id ?? "" }), { next: { step: "stop", at: first + 7_200_000 } });
    clock.at += 86_400_000;
    await stores.schedules.remove({ campaignId: copy?.id ?? "" });
    await schedules.look();
    t.same((await runs())[0], `- ${name} 2026-01-16 had not ended by then`);
    await engine.order(copy?.id ?? "", "stop");
    await stores.campaigns.move(copy?.id ?? "", "stopping", "stopped");
    clock.at += 86_400_000;
    await schedules.look();
    t.same((await runs())[0], `${name} 2026-01-18 running`);
    clock.at += 86_400_000 + 2 * 3_600_000;
    await schedules.look();
    t.same((await runs())[0], "- no server was there at that time");
    t.equal(new Date((await stores.schedules.find({ campaignId: id }))?.next?.at ?? 0).toISOString(), "2026-01-20T14:00:00.000Z");
    await t.rejects(stores.pool.query("delete from campaign_run"), /append-only/);
  });

  await t.test("one that stays open takes in whoever comes later", async (t) => {
    const [open, closed] = [await campaign([newYork]), await campaign([newYork])];
    t.equal((await set(open.id, { staysOpen: true })).next, undefined);
    t.equal(await stateOf(open.id), "draft");
    for (const { id } of [open, closed]) await engine.order(id, "start");
    await stores.pool.query("delete from work where campaign_id = any($1)", [[open.id, closed.id]]);
    const { engine: ending } = await openEngine();
    const finished = becomes(ending, closed.id, "finished");
    for (const { id } of [open, closed]) await ending.pull(id, 1);
    await finished;
    t.match(await stores.campaigns.find(open.id), { state: "running", staysOpen: true }, "looked at before the other one");
    const late = { clientId: "late", timeZone: undefined, addresses: [{ kind: "mobile" as const, number: phone("+12125550777") }], fields: {} };
    await stores.people.add(open.listId, late, true);
    t.match(await stores.campaigns.progress(open.id), { waiting: 1 });
    await stores.people.add(closed.listId, late, true);
    t.match(await stores.campaigns.progress(closed.id), { waiting: 0 }, "nobody new comes to one that has ended");
  });
});

t.test("steps that take long, of which nobody looks unasked", async (t) => {
  const { stores, clock, campaign, engine: openEngine } = await world(t);
  const { engine } = await openEngine({ watchMs: 60_000 });
  const set = async (id: string, schedule: Schedule) =>
    stores.schedules.set({ campaignId: id }, schedule, nextStep(schedule, newYork, clock.now()), "ann");
  const stateOf = async (id: string) => (await stores.campaigns.find(id))?.state;
  const looking = (campaigns: ScheduledCampaigns, leaseMs: number) =>
    new ScheduleEngine({ schedules: stores.schedules, campaigns, clock, log: silentLog, lookMs: 3_600_000, leaseMs });

  await t.test("a start that takes long holds up nothing, and is nobody else's meanwhile", async (t) => {
    const [long, short] = [await campaign([newYork]), await campaign([newYork])];
    const asked: string[] = [];
    const held = Promise.withResolvers<void>();
    const orders = {
      async order(of: Scheduled, order: "start" | "stop") {
        const id = "campaignId" in of ? of.campaignId : "";
        asked.push(`${order} ${id}`);
        if (id === long.id) await held.promise;
        await engine.order(id, order);
      },
      copy: () => Promise.reject(new Error("not asked for")),
      named: async () => undefined,
    };
    const [first, second] = [looking(orders, 300), looking(orders, 300)];
    const looks: Promise<void>[] = [];
    t.teardown(async () => {
      held.resolve();
      await Promise.all([...looks, first.close(), second.close()]);
    });
    await set(long.id, { startAt: clock.now() + 1000, staysOpen: false });
    await set(short.id, { startAt: clock.now() + 2000, staysOpen: false });
    const takenUntil = async () =>
      (
        await stores.pool.query<{ at: Date }>("select taken_until as at from campaign_schedule where campaign_id = $1", [long.id])
      ).rows[0]?.at.getTime() ?? 0;
    clock.at += 1000;
    looks.push(first.look());
    await until(async () => asked.length === 1, "the long start has begun");
    const before = await takenUntil();
    clock.at += 200;
    await until(async () => (await takenUntil()) > before, "it is taken for longer");
    clock.at += 200;
    await second.look();
    t.same(asked, [`start ${long.id}`], "the other node leaves it alone, although it has taken longer than one is given");
    clock.at += 600;
    await until(async () => (await takenUntil()) > clock.at, "and goes on to be");
    await first.look();
    t.same(asked.at(-1), `start ${short.id}`);
    t.equal(await stateOf(short.id), "running", "what is due meanwhile is done at its time");
    t.equal(await stateOf(long.id), "ready");
    held.resolve();
    await Promise.all(looks);
    t.equal(await stateOf(long.id), "running");
    t.match(await stores.schedules.find({ campaignId: long.id }), { trouble: undefined });
    t.equal(asked.length, 2);
  });

  await t.test("one that somebody else is starting is looked at again", async (t) => {
    const schedules = looking(scheduledCampaigns({ stores, pass: engine, hindrances: { mayStart: async () => undefined } }), 60_000);
    t.teardown(() => schedules.close());
    const { id } = await campaign([newYork]);
    await set(id, { startAt: clock.now() + 1000, staysOpen: false });
    engine.guard(() => Promise.reject(new Fault("campaign-state", "it is being started already", { retryable: true })));
    clock.at += 1000;
    await schedules.look();
    t.match(
      await stores.schedules.find({ campaignId: id }),
      { next: { step: "start" }, trouble: "it is being started already" },
      "it may come to nothing",
    );
    engine.guard(async () => undefined);
    clock.at += 60_000;
    await schedules.look();
    t.equal(await stateOf(id), "running");
    t.match(await stores.schedules.find({ campaignId: id }), { next: undefined, trouble: undefined });
  });
});
