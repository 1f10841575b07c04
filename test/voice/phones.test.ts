import t from "tap";
import type { PhoneLeg, PhoneMiss } from "../../src/voice/phone-ports.ts";
import { collected } from "../harness/collected.ts";
import { inTime, until } from "../harness/far-side.ts";
import { numberOf } from "./calls-kit.ts";
import { answersWith, hire, logIn, noLines, openPhoneWorld, request } from "./phones-kit.ts";

const had = (leg: PhoneLeg | PhoneMiss): PhoneLeg => {
  if (typeof leg === "string") throw new Error(`the telephone was ${leg}`);
  return leg;
};

t.test(
  "a telephone that is kept on the line is called at the login, serves one conversation after the other, and is hung up at the logout",
  async (t) => {
    const world = await openPhoneWorld(t);
    const { phones, lab, trunks } = world;
    const uri = { kind: "uri", uri: lab.uriOf("agent-1") } as const;
    const [ada, ben] = [await hire(world, "Ada", uri, true), await hire(world, "Ben", { kind: "uri", uri: lab.uriOf("agent-2") }, true)];
    const second = await logIn(world, ben);
    // Still ringing when its agent wants to be ready.
    answersWith(world, "agent-1", { afterMs: 700 });
    const first = await logIn(world, ada);
    await first.ready();
    await until(() => phones.isUp(ada) && phones.isUp(ben), "both telephones to be up");
    await first.is("ready");
    t.same(first.states, ["not-ready phone", "ready"], "ready as soon as it was picked up");
    t.same(phones.counts, { up: 2, down: 0 });
    t.match(await world.control.find(ada), { reach: { is: "on-the-line" } });
    const legs = [had(await phones.take(ada, request("fs-1"))), had(await phones.take(ben, request("fs-1")))];
    const [leg, other] = legs;
    if (!leg || !other) throw new Error("no legs");
    t.notOk(phones.isUp(ada), "taken");
    t.equal(await phones.take(ada, request("fs-1")), "unreachable", "by nobody else");
    await Promise.all(legs.map(({ endpoint }) => endpoint.liftGuard()));
    await leg.endpoint.bridge(other.endpoint);
    const hears = (name: string, voice: string) =>
      lab.books.toJSON().calls.some(({ called, voices }) => called === name && voices.some((heard) => heard.voice === voice));
    await until(() => hears("agent-1", lab.named("agent-2").voice) && hears("agent-2", lab.named("agent-1").voice), "the two to hear each other");
    await Promise.all([leg.release(), other.release(), leg.release()]);
    t.ok(phones.isUp(ada) && phones.isUp(ben), "both are free again");
    const held = await (async () => {
      const leg = had(await phones.take(ada, request("fs-1", { attemptId: "2" })));
      const conversation = { over: false };
      for (const end of [leg.dialog.ended, leg.gone]) end.then(() => Object.assign(conversation, { over: true }));
      await leg.release();
      return new WeakRef(conversation);
    })();
    await collected(held, "a conversation on a telephone that stays on the line");
    t.equal(lab.named("agent-1").calls, 1, "called once for all of it");
    t.equal(trunks.all[0]?.lines, 0);
    await first.logOut();
    await second.lose();
    await noLines(world);
  },
);

t.test("who hangs up is not ready and called again when they want to be; who cannot be reached is called again and again", async (t) => {
  const world = await openPhoneWorld(t);
  const { phones, lab, far, clock } = world;
  const ada = await hire(world, "Ada", { kind: "uri", uri: lab.uriOf("agent-1") }, true);
  const desk = await logIn(world, ada);
  answersWith(world, "agent-1", { status: 480 });
  await desk.ready();
  await desk.is("not-ready phone");
  await until(() => lab.named("agent-1").calls > 0, "a first call");
  t.equal(await phones.take(ada, request("fs-1")), "unreachable");
  t.match(await world.control.find(ada), { reach: { is: "not-there", why: /480/ } });
  const [before, since] = [lab.named("agent-1").calls, clock.now()];
  for (let times = 0; times < 8; times += 1) await desk.ready();
  // It is called again after a second, and later after more.
  const most = 1 + Math.floor((clock.now() - since) / 1000);
  t.ok(lab.named("agent-1").calls <= before + most, "not called at once each time that the agent wants to be ready");
  answersWith(world, "agent-1", { afterMs: 0 });
  await desk.is("ready");
  const calls = lab.named("agent-1").calls;
  lab.order("agent-1", { do: "hang-up" });
  await desk.is("not-ready phone");
  t.notOk(phones.isUp(ada));
  await desk.ready();
  await until(() => phones.isUp(ada), "it to be picked up again");
  t.equal(lab.named("agent-1").calls, calls + 1, "called only because the agent wanted to be ready");
  await desk.is("ready");
  const leg = had(await phones.take(ada, request("fs-1")));
  far.freeswitch.api("uuid_kill", leg.endpoint.id);
  await inTime(leg.endpoint.gone, "its media session to be gone");
  await until(() => phones.isUp(ada), "it to be heard again on another session");
  t.equal(lab.named("agent-1").calls, calls + 1, "without being called");
  await leg.release();
  t.ok(phones.isUp(ada));
  await desk.lose();
  await noLines(world);
});

t.test("a telephone that is rung for each call: picked up, missed, not there, taken back; over a trunk it takes a line", async (t) => {
  const [person, busy] = [numberOf("+12125550101"), numberOf("+12125550102")];
  const world = await openPhoneWorld(t, { personas: { [person]: "listener", [busy]: "busy" } });
  const { phones, lab, trunks, stores, far } = world;
  const ada = await hire(world, "Ada", { kind: "uri", uri: lab.uriOf("agent-1") }, false);
  const desk = await logIn(world, ada);
  await desk.ready();
  await desk.is("ready");
  let rang = 0;
  answersWith(world, "agent-1", { afterMs: 100 });
  const leg = had(await phones.take(ada, request("fs-1", { ringing: () => rang++ })));
  t.equal(rang, 1);
  await leg.release();
  t.equal((await inTime(leg.dialog.ended, "it to be hung up")).by, "us", "hung up when the conversation is over");
  answersWith(world, "agent-1", "never");
  t.equal(await phones.take(ada, request("fs-1", { ringTimeoutMs: 300 })), "missed");
  const taken = new AbortController();
  t.equal(await phones.take(ada, request("fs-1", { withdraw: taken.signal, ringing: () => taken.abort() })), "withdrawn");
  answersWith(world, "agent-1", { status: 486 });
  t.equal(await phones.take(ada, request("fs-1")), "missed");
  t.same(desk.states, ["ready"], "that it was missed is said by who wanted it");
  await stores.phones.set({ agentId: ada, place: { kind: "uri", uri: "sip:anybody@192.0.2.1" }, nailedUp: false });
  await phones.look();
  t.equal(await phones.take(ada, request("fs-1")), "unreachable", "no host that is not allowed");
  await desk.is("not-ready phone");

  const number = { kind: "number", number: person, trunk: "lab", callerId: "+12125550100" } as const;
  await stores.phones.set({ agentId: ada, place: number, nailedUp: true });
  await until(() => phones.isUp(ada), "the number to be picked up");
  t.equal(trunks.all[0]?.lines, 1, "its line counts");
  const over = had(await phones.take(ada, request("fs-1")));
  far.freeswitch.api("uuid_kill", over.endpoint.id);
  await inTime(over.endpoint.gone, "its media session to be gone");
  await until(() => phones.isUp(ada), "it to be heard on another session");
  await over.release();
  t.equal(trunks.all[0]?.lines, 1, "as long as the call is up");
  await stores.phones.set({ agentId: ada, place: { ...number, number: busy }, nailedUp: false });
  await until(() => trunks.all[0]?.lines === 0, "the other telephone to be hung up");
  t.equal(await phones.take(ada, request("fs-1")), "missed");
  const legs = async () =>
    (await stores.pool.query("select trunk, kind, attempt_id, campaign_id, agent_id, ended_at > answered_at as over from second_leg")).rows;
  await until(async () => (await legs()).every(({ over }) => over === true), "the second leg to end");
  t.same(
    await legs(),
    [{ trunk: "lab", kind: "phone", attempt_id: null, campaign_id: "0", agent_id: ada, over: true }],
    "one leg on two media sessions; what was busy or is over no trunk is not among them",
  );
  await stores.phones.remove(ada);
  await desk.is("not-ready phone");
  await t.rejects(desk.ready(), { code: "agent-state", message: /no telephone/ });
  await desk.logOut();
  await noLines(world);
});
