import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { PhoneLeg, PhoneMiss } from "../../src/voice/phone-ports.ts";
import { recoverPhones } from "../../src/voice/phone-recovery-engine.ts";
import { inTime, openNearSide, until } from "../harness/far-side.ts";
import { answersWith, hire, logIn, noLines, openPhoneWorld, type PhoneWorld, request, seed } from "./phones-kit.ts";

const had = (leg: PhoneLeg | PhoneMiss): PhoneLeg => {
  if (typeof leg === "string") throw new Error(`the telephone was ${leg}`);
  return leg;
};

const hearEachOther = ({ lab }: PhoneWorld, one: string, other: string) => {
  const hears = (name: string, whom: string) =>
    lab.books.toJSON().calls.some(({ called, voices }) => called === name && voices.some(({ voice }) => voice === lab.named(whom).voice));
  return until(() => hears(one, other) && hears(other, one), `${one} and ${other} to hear each other (seed ${seed})`);
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
  await hearEachOther(world, "agent-1", "agent-2");
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
  const noted = async () => (await stores.pool.query<{ dialog_id: string; attempt_id: string }>("select dialog_id, attempt_id from phone_leg")).rows;
  await until(async () => (await noted()).filter(({ attempt_id }) => attempt_id === "7").length === 2, "it to be noted who is connected");
  const own = (await noted()).map(({ dialog_id }) => dialog_id);
  await hearEachOther(world, "agent-1", "agent-2");
  const parts = { legs: stores.phones, secondLegs: stores.secondLegs, signalling: near.signalling, media: near.media, clock, log: silentLog };
  await inTime((await recoverPhones(parts)).done, "what there is to clear up of a process that lives");
  t.equal((await noted()).length, 3, "those of a process that lives are left alone");
  // As its successor does; nobody stands in for the one that is gone.
  await inTime(world.desks.close(), "its desks to be left");
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
  await inTime(recovery.done, "all of the dead process to be cleared up");
  await until(() => lab.books.legsUp().length === 0, "the other one to be hung up, too");
  // The process that is taken for dead here lives, and may have called one anew.
  t.same(
    (await noted()).filter(({ dialog_id }) => own.includes(dialog_id)),
    [],
  );
  await inTime(phones.close(), "its telephones to be hung up");
  await noLines(world);
});

t.test("who hangs up when nobody of their process is left to hear it leaves nobody in silence", async (t) => {
  const world = await openPhoneWorld(t);
  const { far, lab, near, stores, clock } = world;
  const dead = await openNearSide(far, { node: "dead" });
  t.teardown(() => dead.close());
  const call = async (name: string, agentId: string) => {
    const endpoint = await dead.media.open("fs-1");
    const wanted = { uri: lab.uriOf(name), from: "sip:carillon@127.0.0.1", sdp: endpoint.localSdp, expiresS: 30, headers: {} };
    const answer = await inTime(dead.signalling.invite(wanted, { provisional() {} }).end, `${name} to pick up`);
    if (!answer.answered) throw new Error(`${name} did not pick up`);
    await endpoint.attach(answer.sdp);
    await stores.pool.query(
      "insert into phone_leg (dialog_id, agent_id, node, incarnation, media_server, endpoint_id, attempt_id) values ($1, $2, 'dead', 1, 'fs-1', $3, 7)",
      [answer.dialog.id, agentId, endpoint.id],
    );
    return endpoint;
  };
  const [one, two] = [await call("agent-1", "1"), await call("agent-2", "2")];
  await one.bridge(two);
  await hearEachOther(world, "agent-1", "agent-2");
  // Its media is left as it is: what goes on there needs no process.
  await inTime(dead.signalling.close(), "its connection to drachtio-server to be closed");
  const recovery = await recoverPhones({
    legs: stores.phones,
    secondLegs: stores.secondLegs,
    signalling: near.signalling,
    media: near.media,
    clock,
    log: silentLog,
  });
  t.ok((await near.media.alive("fs-1", one.id)) && lab.books.legsUp().length === 2, "the conversation goes on");
  lab.order("agent-1", { do: "hang-up" });
  await inTime(recovery.done, "both to be cleared up");
  t.same(lab.books.legsUp(), [], "the other one is hung up, too");
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
  await inTime(leg.endpoint.gone, `the telephone's media session to be let go (seed ${seed})`);
  await desk.is("not-ready phone");
  answersWith(world, "agent-1", { afterMs: 0 });
  await desk.is("ready");
  t.ok(phones.isUp(ada), "it is called again until it is back");
  await world.stores.phones.set({ agentId: ada, place: { kind: "uri", uri: lab.uriOf("agent-2") }, nailedUp: false });
  await until(() => lab.books.legsUp().length === 0, "the other telephone to be hung up");
  const rung = had(await phones.take(ada, request("fs-1")));
  lab.order("agent-2", { do: "vanish" });
  await inTime(rung.endpoint.gone, `the media session of the one that is rung to be let go (seed ${seed})`);
  await inTime(rung.dialog.ended, `its call to be over (seed ${seed})`);
  await inTime(desk.logOut(), "the agent to be logged out");
  await noLines(world);
});
