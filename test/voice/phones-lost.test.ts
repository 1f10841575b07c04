import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { PhoneLeg, PhoneMiss } from "../../src/voice/phone-ports.ts";
import { recoverPhones } from "../../src/voice/phone-recovery-engine.ts";
import { until } from "../harness/far-side.ts";
import { answersWith, hire, logIn, noLines, openPhoneWorld, request } from "./phones-kit.ts";

const had = (leg: PhoneLeg | PhoneMiss): PhoneLeg => {
  if (typeof leg === "string") throw new Error(`the telephone was ${leg}`);
  return leg;
};

t.test("two on different FreeSWITCH servers are connected, and whose server dies goes on on the other, without being called again", async (t) => {
  const world = await openPhoneWorld(t, { twoServers: true });
  const { phones, lab, near, far } = world;
  const names = ["agent-1", "agent-2"];
  const ids = await Promise.all(names.map((name) => hire(world, name, { kind: "uri", uri: lab.uriOf(name) }, true)));
  const [ada = "", ben = ""] = ids;
  const desks = await Promise.all(ids.map((id) => logIn(world, id)));
  await Promise.all(desks.map((desk) => desk.ready()));
  await Promise.all(desks.map((desk) => desk.is("ready")));
  const legs = [had(await phones.take(ada, request("fs-1"))), had(await phones.take(ben, request("fs-1")))];
  const [one, two] = legs;
  if (!one || !two) throw new Error("no legs");
  t.not(one.endpoint.mediaServer, two.endpoint.mediaServer, "spread over the servers");
  await Promise.all(legs.map(({ endpoint }) => endpoint.liftGuard()));
  await one.endpoint.bridge(two.endpoint);
  const hears = (name: string, voice: string) =>
    lab.books.toJSON().calls.some(({ called, voices }) => called === name && voices.some((heard) => heard.voice === voice));
  await until(() => hears("agent-1", lab.named("agent-2").voice) && hears("agent-2", lab.named("agent-1").voice), "the two to hear each other");
  await Promise.all(legs.map((leg) => leg.release()));
  await until(() => phones.isUp(ada) && phones.isUp(ben), "both to be free");
  await world.other?.close();
  await until(() => near.media.servers.some(({ state }) => state === "down"), "the loss to be noticed");
  await until(() => phones.isUp(ada) && phones.isUp(ben), "both to be there again");
  t.equal(lab.named("agent-1").calls + lab.named("agent-2").calls, 2, "nobody had to pick up again");
  t.equal(
    lab.books.calls.reduce((sum, { reinvites, invites }) => sum + reinvites + invites, 0),
    3,
    "only the one whose server it was, was offered another",
  );
  await Promise.all(desks.map((desk) => desk.is("ready")));
  t.same(
    (await Promise.all(ids.map((id) => phones.take(id, request("fs-1"))))).map((leg) => had(leg).endpoint.mediaServer),
    ["fs-1", "fs-1"],
  );
  t.equal(far.freeswitch.open.channels, 2);
  await Promise.all(desks.map((desk) => desk.logOut()));
  t.same(phones.counts, { up: 2, down: 0 }, "a conversation is not ended by a logout");
});

t.test("telephones of a process that died are hung up by its successor, conversations when they are over", async (t) => {
  const world = await openPhoneWorld(t);
  const { phones, lab, near, stores, clock } = world;
  const names = ["agent-1", "agent-2", "agent-3"];
  const ids = await Promise.all(names.map((name) => hire(world, name, { kind: "uri", uri: lab.uriOf(name) }, true)));
  for (const id of ids) await (await logIn(world, id)).ready();
  await until(() => ids.every((id) => phones.isUp(id)), "all to be up");
  const [one, two] = await Promise.all(ids.slice(0, 2).map(async (id) => had(await phones.take(id, request("fs-1", { attemptId: "7" })))));
  if (!one || !two) throw new Error("no legs");
  await Promise.all([one, two].map(({ endpoint }) => endpoint.liftGuard()));
  await one.endpoint.bridge(two.endpoint);
  const noted = async () => (await stores.pool.query("select attempt_id from phone_leg order by attempt_id")).rows;
  await until(async () => (await noted()).filter(({ attempt_id }) => attempt_id === "7").length === 2, "it to be noted who is connected");
  const parts = { legs: stores.phones, signalling: near.signalling, media: near.media, clock, log: silentLog };
  await (await recoverPhones(parts)).done;
  t.equal((await noted()).length, 3, "those of a process that lives are left alone");
  // As its successor does; nobody stands in for the one that is gone.
  await world.desks.close();
  await stores.registry.register("phones-test", clock.now());
  const recovery = await recoverPhones(parts);
  await until(() => lab.books.legsUp().length === 2, "the telephone that nobody was connected to, to be hung up");
  t.same(
    lab.books
      .legsUp()
      .map(({ called }) => called)
      .sort(),
    ["agent-1", "agent-2"],
    "the conversation goes on",
  );
  lab.order("agent-1", { do: "hang-up" });
  await recovery.done;
  await until(() => lab.books.legsUp().length === 0, "the other one to be hung up, too");
  t.same(await noted(), []);
  await phones.close();
  await noLines(world);
});

t.test("a telephone that is gone without a word is not taken for one that is there, not even during a conversation", async (t) => {
  const world = await openPhoneWorld(t, { renewMs: 100 });
  const { phones, lab } = world;
  const ada = await hire(world, "agent-1", { kind: "uri", uri: lab.uriOf("agent-1") }, true);
  const desk = await logIn(world, ada);
  await desk.ready();
  await desk.is("ready");
  const leg = had(await phones.take(ada, request("fs-1")));
  answersWith(world, "agent-1", { status: 480 });
  lab.order("agent-1", { do: "vanish" });
  await leg.endpoint.gone;
  await desk.is("not-ready phone");
  answersWith(world, "agent-1", { afterMs: 0 });
  await desk.is("ready");
  t.ok(phones.isUp(ada), "it is called again until it is back");
  await world.stores.phones.set({ agentId: ada, place: { kind: "uri", uri: lab.uriOf("agent-2") }, nailedUp: false });
  await until(() => lab.books.legsUp().length === 0, "the other telephone to be hung up");
  const rung = had(await phones.take(ada, request("fs-1")));
  lab.order("agent-2", { do: "vanish" });
  await Promise.all([rung.endpoint.gone, rung.dialog.ended]);
  await desk.logOut();
  await noLines(world);
});
