import t, { type Test } from "tap";
import { defaultDeskRules } from "../../src/agent/desk-rules.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { PhoneNumber } from "../../src/kernel/phone.ts";
import { openAgentCalls } from "../../src/start/previews.ts";
import { CallerHeaders } from "../../src/voice/identity-engine.ts";
import { until } from "../harness/far-side.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { loadCampaign, noLeaks, numberOf, seed } from "./calls-kit.ts";
import { callsOf, openQueueWorld, voicesHeard } from "./queue-kit.ts";

t.setTimeout(280_000);
const parts = sideBySide(t, 3);

const talks = "does:ring 300ms then speak then meet then wait 500ms then hang up";
const numbers = ["+12125550101", "+12125550102", "+12125550103"].map(numberOf);
const [first = numberOf(""), second = numberOf(""), third = numberOf("")] = numbers;
const preview = { maxCps: 50, maxLines: 60, mode: "preview" } as const;

/** A server whose agents call by themselves, and a campaign that runs. */
async function openPreviewWorld(
  t: Test,
  personas: Readonly<Record<string, string>>,
  called: readonly PhoneNumber[] = numbers,
  meeting: () => void = () => {},
) {
  const world = await openQueueWorld(t, personas);
  const { stores, pass, near, far, pool, phones, secondLegs, line, trunks, callerIds, desks, calls } = world;
  const { clock } = far;
  const own = openAgentCalls({
    ...{
      stores,
      attempts: stores.attempts,
      agents: { desks, calls },
      pass,
      signalling: near.signalling,
      media: near.media,
      pool,
      phones,
      secondLegs,
      line: {
        queue(request, asking) {
          meeting();
          return line.queue(request, asking);
        },
      },
      phoneRingTimeoutMs: 1500,
    },
    ways: {
      trunks,
      callerIds,
      callerHeaders: new CallerHeaders(clock),
      destinations: { countries: ["US"], premium: false },
      destinationPrefixes: {},
    },
    clock,
    log: silentLog,
  });
  t.teardown(() => own.close());
  const campaign = await loadCampaign(world, "previews", called, preview);
  await stores.agents.assign(world.groupId, campaign.id);
  await pass.start();
  await pass.order(campaign.id, "start");
  const attempts = () => stores.attemptReader.attempts(campaign.id, {}, { limit: 100 });
  const waiting = async () => (await stores.pool.query("select from work where campaign_id = $1", [campaign.id])).rowCount;
  const contactIds = (await stores.lists.contacts(campaign.listId, { limit: 10 })).map(({ id }) => id);
  return { ...world, previews: own.previews, singles: own.singles, campaign, attempts, waiting, contactIds };
}

parts.test("an agent looks at somebody, calls them, and is connected at the answer; skipped ones wait or are done with", async (t) => {
  const world = await openPreviewWorld(t, { [first]: talks, [second]: talks, [third]: "no-answer" });
  const { previews, hire, attempts, waiting, campaign } = world;
  const ann = await hire("agent-1");
  const ben = await hire("agent-2");
  const shown = await previews.next(ann.id, ann.session, campaign.id);
  t.match(shown, {
    kind: "preview",
    phase: "shown",
    address: first,
    campaign: { id: campaign.id, name: "previews" },
    contact: { fields: { first_name: "Ann" } },
  });
  await ann.is("reserved");
  await t.rejects(previews.next(ann.id, ann.session), { code: "agent-state", message: /dial or skip/ });
  const other = await previews.next(ben.id, ben.session);
  t.equal(other.address, second, "nobody is before two agents");
  await t.rejects(previews.skip(ben.id, "bored"), { code: "skip-reason-unknown" });
  await previews.skip(ben.id, "done-already");
  await ben.is("ready");
  t.match(ben.previewEnds, [{ why: "skipped", reason: /done-already/ }]);
  t.equal((await previews.next(ben.id, ben.session)).address, third);
  await previews.skip(ben.id, "later");
  await t.rejects(previews.next(ben.id, ben.session), { code: "nobody-due" });
  t.equal(await waiting(), 1, "the one who is to be called later");

  await previews.dial(ann.id);
  await until(() => ann.states().includes("talking"), "the two to talk");
  await until(() => ann.previewEnds.length > 0, "the call to be over");
  t.match(ann.previewEnds, [{ why: "called", result: "human" }]);
  await ann.is("ready");
  t.same(
    ann.states().filter((state, at, all) => state !== all[at - 1]),
    ["ready", "reserved", "ringing", "talking", "wrap-up", "ready"],
  );
  t.match(
    ann.previews.map(({ phase }) => phase),
    ["shown", "dialling", "talking"],
  );
  t.match(ann.calls, [{ address: first, direction: "outbound" }], "and the card of the call came");
  t.same(voicesHeard(world.lab.books, "agent-1").length, 1, `the agent heard the person (seed ${seed})`);
  t.ok(voicesHeard(world.far.carrier.books, first).includes(world.lab.named("agent-1").voice), "and they the agent");
  t.match(
    await attempts(),
    [
      { address: first, result: "human", outcome: "talked" },
      { address: second, result: "canceled", reason: /done-already/ },
      { address: third, result: "canceled", reason: /later/ },
    ],
    "nothing else was placed",
  );
  t.equal(callsOf(world.far.carrier.books, numbers).length, 1);
  await ann.order("logout");
  await ben.order("logout");
  await noLeaks(t, world);
});

parts.test("an agent who has sent somebody on has the next before them, while that one talks on", async (t) => {
  const world = await openPreviewWorld(t, { [first]: talks.replace("500ms", "60s"), [second]: "no-answer" });
  const { previews, hire, calls } = world;
  const ann = await hire("agent-1");
  await previews.next(ann.id, ann.session);
  await previews.dial(ann.id);
  await until(() => calls.find(ann.id) !== undefined, "the two to talk");
  const elsewhere = Promise.withResolvers<void>();
  calls.find(ann.id)?.handOver(() => elsewhere.promise);
  await until(() => ann.previewEnds.length > 0, "the agent to be done with it");
  t.match(ann.previewEnds, [{ why: "called", result: "human" }]);
  await ann.is("ready");
  t.equal((await previews.next(ann.id, ann.session)).address, second);
  t.equal(world.far.carrier.books.legsUp().length, 1, "who was sent on is still on the line");
  elsewhere.resolve();
  await until(() => world.far.carrier.books.legsUp().length === 0, "the first call to be over");
  await ann.order("logout");
  await noLeaks(t, world);
});

parts.test("who hangs up when the person has answered and is not connected yet, is not connected any more", async (t) => {
  let meeting = () => {};
  const world = await openPreviewWorld(t, { [first]: talks.replace("500ms", "60s") }, [first], () => meeting());
  const { previews, hire, attempts } = world;
  const ann = await hire("agent-1");
  await previews.next(ann.id, ann.session);
  let hungUp: boolean | undefined;
  meeting = () => {
    hungUp = previews.hangUp(ann.id);
  };
  await previews.dial(ann.id);
  await until(() => ann.previewEnds.length > 0, "the call to be over");
  t.equal(hungUp, true);
  t.notOk(ann.states().includes("talking"), `they talked to nobody: ${ann.states().join(", ")}`);
  t.match(await attempts(), [{ address: first, result: "human", outcome: "withdrawn" }]);
  await until(() => world.far.carrier.books.legsUp().length === 0, "the person to be hung up on");
  await ann.order("logout");
  await noLeaks(t, world);
});

parts.test("who hangs up before anything rings calls nobody; a server that stops waits for what it has begun", async (t) => {
  const world = await openPreviewWorld(t, {});
  const { previews, hire, waiting } = world;
  const { singles, agentContacts } = world.stores;
  const ann = await hire("agent-1");
  await previews.next(ann.id, ann.session);
  const [gate, asked, person] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [renew, read] = [singles.renew.bind(singles), agentContacts.person.bind(agentContacts)];
  singles.renew = (...given) => gate.promise.then(() => renew(...given));
  const refused = t.rejects(previews.dial(ann.id), { code: "agent-state", message: /hung up/ });
  t.ok(previews.hangUp(ann.id));
  gate.resolve();
  await refused;
  await ann.is("ready");
  t.equal(await waiting(), 3, "the person waits on");
  agentContacts.person = (contactId) => {
    asked.resolve();
    return person.promise.then(() => read(contactId));
  };
  const showing = previews.next(ann.id, ann.session);
  await asked.promise;
  const closing = previews.close().then(() => "closed");
  t.equal(await Promise.race([closing, waiting()]), 2, "somebody is about to be shown");
  person.resolve();
  await Promise.all([showing, closing]);
  t.equal(await waiting(), 3, "and waits again");
});

parts.test("who does not decide in time, is gone, or whose campaign is held has nobody before them; the people wait again", async (t) => {
  const world = await openPreviewWorld(t, {}, [first, second]);
  const { hire, waiting, campaign, stores, pass, attempts } = world;
  await stores.campaignDesks.setRules(campaign.id, { ...defaultDeskRules, preview: "push" });
  const ann = await hire("agent-1", { nailedUp: false });
  await until(() => ann.previews.length > 0, "somebody to be given out by itself");
  await pass.order(campaign.id, "pause");
  await until(() => ann.previewEnds.length > 0, "it to be withdrawn");
  t.match(ann.previewEnds, [{ why: "withdrawn", reason: /campaign/ }]);
  await until(async () => (await waiting()) === 2, "both to wait");
  await stores.campaignDesks.setRules(campaign.id, { ...defaultDeskRules, preview: "push", previewS: 1 });
  await pass.order(campaign.id, "resume");
  await until(() => ann.previews.length > 1, "somebody again");
  await stores.campaignDesks.setRules(campaign.id, { ...defaultDeskRules, preview: "push" });
  await until(() => ann.previewEnds.length > 1, "the time to be over");
  t.match(ann.previewEnds[1], { why: "timed-out" });
  await until(() => ann.previews.length > 2, "the next one");
  t.not(ann.previews[2]?.attemptId, ann.previews[1]?.attemptId);
  await ann.order("logout");
  await until(() => ann.ends.length > 0, "the agent to be logged out, and not to have to wait for it");
  await until(async () => (await attempts()).every(({ result }) => result === "canceled"), "it to be taken back");
  await until(async () => (await waiting()) === 2, "both to wait");
  const ben = await hire("agent-2", { nailedUp: false, ready: false });
  const { agentContacts } = stores;
  const read = agentContacts.person.bind(agentContacts);
  agentContacts.person = async (contactId) => {
    agentContacts.person = read;
    await ben.order("logout");
    return await read(contactId);
  };
  await ben.order("ready");
  await until(() => ben.ends.length > 0, "who leaves before they are shown anybody not to have to wait, either");
  await until(async () => (await waiting()) === 2, "both to wait");
  t.same([world.lab.named("agent-1").calls, world.lab.named("agent-2").calls], [0, 0]);
});

parts.test("an agent says what a call was, and takes back what rings; a telephone that is not picked up calls nobody", async (t) => {
  const machine = "does:ring 200ms then speak then wait 20s then hang up";
  const world = await openPreviewWorld(t, { [first]: machine, [second]: "no-answer", [third]: talks });
  const { previews, hire, attempts, lab, campaign, contactIds, stores } = world;
  const ann = await hire("agent-1", { nailedUp: false });
  const call = async (at: number, more = {}) =>
    previews.manual(ann.id, ann.session, { campaignId: campaign.id, contactId: contactIds[at] ?? "", ...more });
  const ended = (count: number) => until(() => ann.previewEnds.length === count, `the end of call ${count}: ${JSON.stringify(ann.previewEnds)}`);
  await call(0);
  await until(() => ann.states().includes("talking"), "the machine to be on the line");
  previews.judge(ann.id, "left-message");
  await ended(1);
  t.match(ann.previewEnds[0], { why: "called", result: "machine-message" });
  await ann.is("ready");
  await t.rejects(call(1, { number: "+12125550199" }), { code: "number-not-allowed" });
  t.match(await call(1), { kind: "manual", phase: "dialling", address: second });
  await until(() => callsOf(world.far.carrier.books, [second]).length > 0, "it to ring there");
  t.ok(previews.hangUp(ann.id));
  await ended(2);
  t.match(ann.previewEnds[1], { why: "called" });
  await ann.is("ready");
  lab.named("agent-1").manner = { answer: "never", speaks: true, lines: 1 };
  await call(2);
  await ended(3);
  t.match(ann.previewEnds[2], { why: "missed" });
  await ann.is("not-ready missed");
  t.equal(callsOf(world.far.carrier.books, [third]).length, 0, "nobody was called");
  t.equal((await stores.pool.query("select from work where contact_id = $1", [contactIds[2]])).rowCount, 1);
  // While somebody of the campaign waits: it is not finished before.
  await stores.pool.query("insert into suppression (number, reason, source, created_at) values ($1, 'test', 'test', now())", [second]);
  await t.rejects(call(1), { code: "call-refused", message: /suppressed/ });
  lab.named("agent-1").manner = { answer: { afterMs: 0 }, speaks: true, lines: 1 };
  await call(2);
  await ended(4);
  t.match(ann.previewEnds[3], { why: "called", result: "human" });
  await ann.is("not-ready missed");
  t.same((await attempts()).map(({ result }) => result).slice(2), ["canceled", "human"]);
  await ann.order("logout");
  await noLeaks(t, world);
});

parts.test("somebody who asked for it is called back, whatever has become of the campaign", async (t) => {
  const world = await openPreviewWorld(t, { [first]: talks, [second]: "no-answer" }, [first, second]);
  const { previews, hire, campaign, contactIds, stores, pass } = world;
  const ann = await hire("agent-1");
  await pass.order(campaign.id, "stop");
  const callback = async (at: number) => {
    const { id } = await stores.callbacks.schedule({ campaignId: campaign.id, contactId: contactIds[at] ?? "", dueAt: Date.now(), source: "test" });
    return await stores.callbacks.change(id, () => ({ state: "taken", takenBy: ann.id }));
  };
  const reached = await callback(0);
  await t.rejects(previews.callBack(ann.id, ann.session, { ...reached, takenBy: "0" }), { code: "callback-state" });
  await previews.callBack(ann.id, ann.session, reached);
  await until(() => ann.previewEnds.length > 0, "the call to be over");
  t.match(ann.previewEnds, [{ why: "called", result: "human" }]);
  t.match(await stores.callbacks.callback(reached.id), { state: "done", takenBy: ann.id });
  await ann.is("ready");
  const missed = await callback(1);
  await previews.callBack(ann.id, ann.session, missed);
  await until(() => callsOf(world.far.carrier.books, [second]).length > 0, "it to ring there");
  previews.judge(ann.id, "no-answer");
  await until(() => ann.previewEnds.length > 1, "the call to be over");
  t.match(ann.previewEnds[1], { why: "called", result: "no-answer" });
  t.match(await stores.callbacks.callback(missed.id), { state: "taken", takenBy: ann.id }, "kept");
  t.equal((await stores.pool.query("select from work where campaign_id = $1 and contact_id = $2", [campaign.id, contactIds[0]])).rowCount, 0);
  await ann.order("logout");
  await noLeaks(t, world);
});
