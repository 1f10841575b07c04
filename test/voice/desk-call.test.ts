import t from "tap";
import type { Endpoint } from "../../src/voice/ports.ts";
import { until } from "../harness/far-side.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { seed } from "./calls-kit.ts";
import { busy, openConversation, third } from "./desk-call-kit.ts";

t.setTimeout(280_000);
const parts = sideBySide(t, 3);

/** After how long somebody is told goodbye by the media server, each time that is set from now on. */
function guardsOf(endpoint: Endpoint | undefined): readonly number[] {
  const set: number[] = [];
  const guard = endpoint?.guard.bind(endpoint);
  if (!endpoint || !guard) throw new Error("nobody is there");
  endpoint.guard = (afterMs) => {
    set.push(afterMs);
    return guard(afterMs);
  };
  return set;
}

parts.test("hold and back, mute, keys; what does not fit is refused", async (t) => {
  const { hear, order, ann, attempts, stage, world, silenceMs } = await openConversation(t);
  t.comment(`seed ${seed}`);
  await hear("person: ann; ann: person");
  await t.rejects(order({ kind: "resume" }), { code: "agent-state" });
  await order({ kind: "hold" });
  t.equal(stage(), "held");
  await hear("person: sound; ann:");
  await t.rejects(order({ kind: "press", keys: "1" }), { code: "agent-state", message: /resume first/ });
  await order({ kind: "resume" });
  await hear("person: ann; ann: person");
  const { endpoint } = ann.call()?.person ?? {};
  if (!endpoint) throw new Error("nobody is there");
  const play = endpoint.play.bind(endpoint);
  endpoint.play = async () => "lost";
  await order({ kind: "hold" });
  await until(() => ann.call()?.card.conversation?.notice === "taken-back", "who cannot hear that they are held to be taken back");
  endpoint.play = play;
  await hear("person: ann; ann: person");
  await order({ kind: "mute" });
  await hear("person:; ann: person");
  await order({ kind: "unmute" });
  await order({ kind: "press", keys: "42#" });
  await until(() => world.far.carrier.books.calls.some(({ hearings }) => hearings.some(({ digitsHeard }) => digitsHeard === "42#")), "keys");
  await order({ kind: "hold" });
  await order({ kind: "leave" });
  await ann.is("ready");
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
  t.ok(silenceMs() < 2000);
});

parts.test("a third is consulted, swapped, brought in, and left together with the person", async (t) => {
  const { hear, order, ann, attempts, stage } = await openConversation(t, { thirdStaysS: 8 });
  const guards = guardsOf(ann.call()?.leg.endpoint);
  await order({ kind: "consult", to: { number: busy } });
  await until(() => stage() === "held", "told that it is busy");
  t.same([...new Set(guards)], [60_000], "an agent whom nobody hears is not sent away before long");
  t.match(ann.call()?.card.conversation, { missed: "is busy" });
  await t.rejects(order({ kind: "consult", to: { number: "+442075550133" } }), { code: "call-refused", message: /destinationPrefixes/ });
  await order({ kind: "consult", to: { number: third } });
  await until(() => stage() === "consulting", "answered");
  await hear("person: sound; third: ann; ann: third");
  await t.rejects(order({ kind: "leave" }), { code: "agent-state", message: /complete the transfer/ });
  await order({ kind: "swap" });
  await hear("person: ann; third: sound; ann: person");
  await order({ kind: "conference" });
  await hear("person: third ann; third: person ann; ann: person third");
  await order({ kind: "complete" });
  await ann.is("ready");
  await hear("person: third; third: person; ann:");
  t.same(ann.overs, ["handed-over"]);
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
});

parts.test("a third who hangs up leaves the agent with the person on hold; an agent who hangs up leaves the person with the third", async (t) => {
  const { hear, order, attempts, stage, world, ann, silenceMs } = await openConversation(t, { thirdStaysS: 2 });
  await order({ kind: "consult", to: { number: third } });
  await until(() => stage() === "consulting", "answered");
  await until(() => stage() === "held", "told that they have hung up");
  t.match(ann.call()?.card.conversation, { missed: "hung up" });
  await hear("person: sound; ann:");
  await order({ kind: "consult", to: { number: third } });
  await until(() => stage() === "consulting", "answered again");
  world.lab.order("agent-1", { do: "hang-up" });
  await hear("person: third; third: person");
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
  t.same(ann.overs, ["handed-over"]);
  t.ok(silenceMs() < 2000);
});

parts.test("who hangs up while they are held leaves the agent free and ends the third's call", async (t) => {
  const { hear, order, attempts, stage, ann } = await openConversation(t, { personStaysS: 3, thirdStaysS: 20 });
  await order({ kind: "consult", to: { number: third } });
  await until(() => stage() === "consulting", "answered");
  t.match(await attempts, [{ result: "human" }]);
  await ann.is("ready");
  t.same(ann.overs, ["person-left"]);
  await hear("third:; ann:");
});

parts.test("nobody is held for an agent whose program is gone", async (t) => {
  const { hear, order, attempts, world, ann, silenceMs } = await openConversation(t);
  await order({ kind: "hold" });
  await hear("person: sound; ann:");
  await world.desks.lost(ann.id, ann.session);
  t.match(await attempts, [{ result: "human", outcome: "talked" }], "the script goes on");
  t.ok(silenceMs() < 2000);
});

parts.test("sent on to another agent, to a number; who is reached nowhere comes back", async (t) => {
  const { hear, order, control, attempts, world, ann, ben, silenceMs } = await openConversation(t, { thirdStaysS: 2 });
  await t.rejects(order({ kind: "transfer", to: { agentId: ben.id } }), { code: "call-refused", message: /not-ready/ });
  await t.rejects(order({ kind: "transfer", to: { agentId: ann.id } }), { code: "call-refused", message: /That is you/ });
  await order({ kind: "transfer", to: { number: busy } });
  // Between the two conversations the agent is ready for a moment only.
  await until(() => ann.states().filter((state) => state === "talking").length === 2, "them to come back");
  t.ok(ann.states().slice(ann.states().indexOf("talking")).includes("ready"), "the agent was free meanwhile");
  await hear("person: ann; ann: person");
  await ben.order("ready");
  await order({ kind: "transfer", to: { agentId: ben.id } });
  await ben.is("talking");
  await hear("person: ben; ben: person; ann:");
  t.match(ben.call()?.card, { contact: { fields: { first_name: "Ann" } } }, "who sees who it is");
  await control.order(ben.id, { kind: "transfer", to: { groupId: world.groupId } });
  await ann.is("talking");
  await hear("person: ann; ann: person; ben:");
  await order({ kind: "transfer", to: { number: third } });
  await hear("person: third; third: person; ann:");
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
  t.ok(silenceMs() < 2000);
});

parts.test("another agent is consulted, brought in, and given the conversation", async (t) => {
  const { hear, order, control, attempts, stage, world, ann, ben, silenceMs } = await openConversation(t);
  await t.rejects(order({ kind: "consult", to: { agentId: ben.id } }), { code: "call-refused", message: /not-ready/ });
  await ben.order("ready");
  await order({ kind: "consult", to: { agentId: ben.id } });
  await until(() => stage() === "consulting", "answered");
  t.match(ann.call()?.card.conversation, { third: "agent-2" });
  await ben.is("talking");
  t.match(
    ben.calls.at(-1),
    { contact: { fields: { first_name: "Ann" } }, consultedBy: { id: ann.id, name: "agent-1" } },
    "who sees whom it is about",
  );
  await hear("person: sound; ben: ann; ann: ben");
  await t.rejects(control.order(ben.id, { kind: "hold" }), { code: "agent-state", message: /Another agent leads/ });
  await order({ kind: "cancel" });
  await hear("person: ann; ann: person; ben:");
  await until(() => ben.overs.length === 1, "told");
  t.same(ben.overs, ["consulted"]);
  await ben.is("ready");
  t.notOk(ben.states().includes("wrap-up"), "who was asked has nothing to write up");
  await order({ kind: "consult", to: { groupId: world.groupId } });
  await until(() => stage() === "consulting", "answered again");
  await control.order(ben.id, { kind: "leave" });
  await until(() => stage() === "held", "told that they have hung up");
  t.match(ann.call()?.card.conversation, { missed: "hung up" });
  await ben.is("ready");
  await order({ kind: "consult", to: { agentId: ben.id } });
  await until(() => stage() === "consulting", "answered once more");
  await hear("ben: ann; ann: ben");
  await order({ kind: "conference" });
  await hear("person: ann ben; ann: person ben; ben: person ann");
  const guards = guardsOf(ann.call()?.person.endpoint);
  await order({ kind: "complete" });
  await until(() => ben.call() !== undefined, "it to be theirs");
  t.same(guards, [], "nobody says goodbye in the middle of it");
  await ann.is("ready");
  t.ok(ann.states().includes("wrap-up"));
  await hear("person: ben; ben: person; ann:");
  t.equal(ben.calls.at(-1)?.consultedBy, undefined);
  await control.order(ben.id, { kind: "hold" });
  await hear("person: sound; ben:");
  await control.order(ben.id, { kind: "leave" });
  t.match(await attempts, [{ result: "human", outcome: "talked" }]);
  await ben.is("ready");
  t.equal(ben.states().at(-2), "wrap-up");
  t.same(
    await world.stores.agentContacts.spokenTo(ben.id, ben.calls.at(-1)?.attemptId ?? ""),
    await world.stores.agentContacts.spokenTo(ann.id, ann.calls.at(-1)?.attemptId ?? ""),
  );
  t.ok(silenceMs() < 2000);
});

parts.test("an agent who hangs up while they consult another leaves the person with that one; a person who leaves frees both", async (t) => {
  const { hear, order, attempts, stage, world, ann, ben, silenceMs } = await openConversation(t, { personStaysS: 6 });
  await ben.order("ready");
  await order({ kind: "consult", to: { agentId: ben.id } });
  await until(() => stage() === "consulting", "answered");
  world.lab.order("agent-1", { do: "hang-up" });
  await hear("person: ben; ben: person");
  t.same(ann.overs, ["handed-over"]);
  t.match(await attempts, [{ result: "human" }]);
  await ben.is("ready");
  t.same(ben.overs, ["person-left"]);
  t.ok(silenceMs() < 2000);
});

parts.test("who leaves while their agent consults another frees both", async (t) => {
  const { order, attempts, stage, ann, ben } = await openConversation(t, { personStaysS: 3 });
  await ben.order("ready");
  await order({ kind: "consult", to: { agentId: ben.id } });
  await until(() => stage() === "consulting", "answered");
  t.match(await attempts, [{ result: "human" }]);
  await ben.is("ready");
  await ann.is("ready");
  t.same([ann.overs, ben.overs], [["person-left"], ["consulted"]]);
});

parts.test("nobody is asked to come to a conversation that ends in that moment", async (t) => {
  const { order, attempts, world, ann, ben } = await openConversation(t);
  await ben.order("ready");
  const { agents } = world.stores;
  const read = agents.agent.bind(agents);
  agents.agent = async (agentId) => {
    agents.agent = read;
    ann.call()?.hangUp();
    await attempts;
    return await read(agentId);
  };
  await t.rejects(order({ kind: "consult", to: { agentId: ben.id } }), { code: "agent-state", message: /is over/ });
  t.same([ben.states(), ben.calls], [["ready"], []], "nor shown anything");
});

parts.test("who is forgotten on hold is given back to the agent, who is told before", async (t) => {
  const { hear, order, ann, stage, silenceMs } = await openConversation(t, { holdLimitMs: 2000 });
  await order({ kind: "hold" });
  await until(() => ann.call()?.card.conversation?.notice === "long-wait", "told");
  t.equal(stage(), "held");
  await until(() => ann.call()?.card.conversation?.notice === "taken-back", "taken back");
  t.equal(stage(), "talking");
  await hear("person: ann; ann: person");
  await order({ kind: "consult", to: { number: third } });
  await until(() => stage() === "swapped", "the person to be given back once more");
  await hear("person: ann; third: sound; ann: person");
  t.ok(silenceMs() < 2000);
});

parts.test("a supervisor hears an agent from conversation to conversation, and is heard as they say", async (t) => {
  const { hear, order, attempts, world, ann, supervisions } = await openConversation(t);
  const phone = { kind: "uri", uri: world.lab.uriOf("agent-12") } as const;
  const { id } = supervisions.start({ agentId: ann.id, mode: "listen", phone, by: "Sue" });
  const view = () => supervisions.find(ann.id, id);
  t.match(view(), { state: "ringing", by: "Sue" });
  await hear("person: ann; ann: person; boss: person ann");
  t.match(view(), { state: "listening" });
  await supervisions.change(ann.id, id, "whisper", "Sue");
  await hear("person: ann; ann: person boss; boss: person ann");
  await supervisions.change(ann.id, id, "barge", "Sue");
  await hear("person: ann boss; ann: person boss; boss: person ann");
  await order({ kind: "hold" });
  await hear("person: sound; ann: boss");
  await order({ kind: "resume" });
  await supervisions.change(ann.id, id, "listen", "Sue");
  const second = supervisions.start({ agentId: ann.id, mode: "listen", phone: { kind: "uri", uri: world.lab.uriOf("agent-11") }, by: "Sam" });
  await until(() => supervisions.find(ann.id, second.id).state === "listening", "another one to listen");
  const changing = supervisions.change(ann.id, second.id, "whisper", "Sam").catch(() => undefined);
  supervisions.end(ann.id, second.id, "Sam");
  await changing;
  t.match(supervisions.find(ann.id, second.id), { state: "ended", why: "ended by Sam" }, "what was under way does not bring them back");
  await order({ kind: "leave" });
  t.match(await attempts, [{ result: "human" }]);
  await until(() => view().state === "waiting", "waiting for the next");
  supervisions.end(ann.id, id, "Sue");
  t.match(view(), { state: "ended", why: "ended by Sue" });
  t.throws(() => supervisions.start({ agentId: "999", mode: "listen", phone, by: "Sue" }), { code: "agent-state" });
  const missed = supervisions.start({ agentId: ann.id, mode: "listen", phone: { kind: "uri", uri: "sip:x@example.org" }, by: "Sue" });
  await until(() => supervisions.find(ann.id, missed.id).state === "ended", "ended");
  t.match(supervisions.find(ann.id, missed.id), { why: /phones.hosts/ });
});
