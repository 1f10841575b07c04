import t from "tap";
import { defaultDeskRules } from "../../src/agent/desk-rules.ts";
import { inTime, until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, run, seed } from "./calls-kit.ts";
import { callsOf, openQueueWorld, voicesHeard } from "./queue-kit.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

t.setTimeout(280_000);

const forAgents = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
start: { human: agent }
steps:
  agent:
    queue: campaign
    on: { answered: talked, no_agent: sorry, hung_up: gone }
  talked: { end: talked }
  gone: { end: gone }
  sorry: { play: [{ say: "This is Example Bank. We are sorry, nobody is free." }], end: message }
`;

const chosen = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
start: { human: choice }
steps:
  choice:
    menu: [{ say: "Press 2." }]
    first_digit_s: 3
    keys: { "2": wait }
    no_input: nobody
    no_match: nobody
  wait:
    queue: sales
    max_wait_s: 30
    play: [{ say: "Please wait. You will be connected soon." }]
    position: [{ say: "You are number {position}." }]
    position_every_s: 10
    whisper: [{ say: "They come from the menu, and pressed two." }]
    on: { answered: after, no_agent: nobody, hung_up: gone }
  after: { play: [{ say: "Thank you for talking with us." }], end: talked }
  gone: { end: gone }
  nobody: { play: [{ say: "Goodbye." }], end: nobody }
`;

const progressive = { maxCps: 50, maxLines: 60, mode: "progressive" } as const;
const [ann = "", ben = "", cid = "", dan = "", eve = "", fay = "", gus = ""] = Array.from({ length: 7 }, (_, at) => `+1212555010${at}`);
const talks = "does:speak then meet then wait 1s then hang up";

t.test("people and agents", async (t) => {
  const world = await openQueueWorld(
    t,
    {
      [ann]: talks,
      [ben]: talks,
      [cid]: "does:speak then wait 600ms then hang up",
      [dan]: "does:hear then press 2 then speak then meet then wait 1s then stay",
      [eve]: "does:hear then press 2 then wait 2s then hang up",
      [fay]: "does:hear then press 2 then speak then meet then wait 3s then hang up",
      [gus]: "does:hear then press 2 then wait 1s then hang up",
    },
    { count: 9 },
  );
  const load = (name: string, people: readonly string[], ...more: [mode?: typeof progressive | undefined, script?: string]) =>
    loadCampaign(world, name, people.map(numberOf), ...more);

  await t.test("who answers a call for agents has one at once, who sees first who it is; who finds none is told so within two seconds", async (t) => {
    const agents = [await world.hire("agent-1"), await world.hire("agent-2")];
    const campaign = await load("two for two", [ann, ben], progressive, forAgents);
    await world.stores.agents.assign(world.groupId, campaign.id);
    await world.stores.campaignDesks.setRules(campaign.id, { ...defaultDeskRules, paymentUrl: "https://pay.example/{contact}?for={first_name}" });
    const attempts = await run(world, campaign);
    t.match(
      attempts,
      [
        { result: "human", outcome: "talked" },
        { result: "human", outcome: "talked" },
      ],
      `seed ${seed}`,
    );
    t.same(world.told.toSorted(), ["answered", "answered", "connected", "connected"]);
    const heard = [ann, ben].map((number) => voicesHeard(world.far.carrier.books, number));
    t.same(heard.flat().toSorted(), ["agent-1", "agent-2"], "each hears one agent");
    t.same(["agent-1", "agent-2"].flatMap((name) => voicesHeard(world.lab.books, name)).length, 2, "and each agent one person");
    for (const { id, calls, overs, states } of agents) {
      const { rows } = await world.stores.pool.query("select state, cause from agent_log where agent_id = $1 order by id", [id]);
      t.match(rows.map(({ state }) => state).join(" "), /reserved talking wrap-up/, "in the log");
      // A database that is slow says who it is with another card.
      const card = calls.at(-1);
      t.match(card, { campaign: { name: "two for two" }, contact: { fields: { first_name: "Ann" } }, direction: "outbound", rings: false });
      t.same(overs, ["person-left"]);
      t.equal(card?.paymentUrl, `https://pay.example/${card?.contact?.contactId}?for=Ann`);
      t.match(await world.stores.agentContacts.spokenTo(id, card?.attemptId ?? ""), {
        contactId: card?.contact?.contactId,
        campaignId: campaign.id,
      });
      t.equal(states().indexOf("talking") > states().indexOf("reserved"), true);
    }
    for (const call of callsOf(world.far.carrier.books, [ann, ben])) {
      t.ok((call.audio.answerToSoundMs ?? 9999) < 1000, `an agent after ${call.audio.answerToSoundMs} ms`);
    }

    for (const agent of agents) await agent.is("ready");
    await Promise.all(agents.map(({ order }) => order("logout")));
    const third = await world.hire("agent-3", { ready: false });
    world.told.length = 0;
    const alone = await load("nobody is free", [ann, cid], progressive, forAgents);
    await world.stores.agents.assign(world.groupId, alone.id);
    const ends = await run(world, alone);
    const told = new Map(ends.map((attempt) => [attempt.address, attempt]));
    t.match(told.get(ann), { result: "abandoned", outcome: "message" });
    t.match(told.get(cid), { result: "human" }, "who hangs up before that is nobody's fault");
    t.same(world.told.toSorted(), ["abandoned", "answered", "answered", "left"]);
    const message = callsOf(world.far.carrier.books, [ann]).at(-1)?.audio.answerToSoundMs ?? 9999;
    t.ok(message > 1500 && message <= 2000, `the message begins after ${message} ms`);
    t.same(third.calls, [], "nobody was shown anything");
    await third.order("logout");
  });

  await t.test("who chooses to wait hears how far they have come, until somebody is ready and has picked up", async (t) => {
    const missing = await world.hire("agent-4", { nailedUp: false, ready: false });
    const quick = await world.hire("agent-5", { nailedUp: false, ready: false });
    world.lab.named("agent-4").manner = { ...world.lab.named("agent-4").manner, answer: "never" };
    const campaign = await load("chosen", [dan, eve], undefined, chosen);
    const running = run(world, campaign);
    await until(() => world.line.waiting.length === 2, "both to wait");
    t.equal(world.told.length, 4, "nobody counts them who chose it");
    await until(() => world.line.waiting.length === 1, "one to give up");
    await missing.order("ready");
    await missing.is("not-ready missed");
    t.match(missing.calls.at(-1), { rings: true, contact: { fields: { first_name: "Ann" } } });
    t.same(missing.overs, ["missed"]);
    await until(() => world.line.waiting.length === 1, "them to wait on");
    await quick.order("ready");
    await until(() => quick.call() !== undefined, "the two to be connected");
    t.ok((quick.calls.at(-1)?.waitedMs ?? 0) > 1000);
    await until(() => voicesHeard(world.far.carrier.books, dan).includes("agent-5"), "the agent to be heard");
    await until(() => callsOf(world.lab.books, ["agent-5"])[0]?.voices.length === 1, "the person to be heard");
    const [phone] = callsOf(world.lab.books, ["agent-5"]);
    t.ok((phone?.audio.firstSoundAtMs ?? 0) + 500 < (phone?.voices[0]?.fromMs ?? 0), "who hears first from where they come");
    quick.call()?.hangUp();
    await quick.is("ready");
    t.same(quick.overs, ["agent-left"]);
    const attempts = new Map((await running).map((attempt) => [attempt.address, attempt]));
    t.match(attempts.get(dan), { result: "human", outcome: "talked" }, "the script goes on with them");
    t.match(attempts.get(eve), { result: "human" });
    await Promise.all([missing, quick].map(({ order }) => order("logout")));
  });

  await t.test("whose agent is gone at once gets another; who leaves while an agent's telephone rings leaves the agent free", async (t) => {
    const first = await world.hire("agent-6");
    const campaign = await load("gone at once", [fay], undefined, chosen);
    const running = run(world, campaign);
    await until(() => first.call() !== undefined, "the first one to be connected");
    // Or they would be given the person once more where their telephone is back before the next one is there.
    await first.order("logout");
    world.lab.order("agent-6", { do: "hang-up" });
    await until(() => world.line.waiting.length === 1, "them to wait again");
    const second = await world.hire("agent-7");
    await until(() => second.call() !== undefined, "the second one to be connected");
    t.match(await running, [{ result: "human", outcome: "talked" }]);
    t.same([first.overs, second.overs], [["agent-left"], ["person-left"]]);
    t.same(voicesHeard(world.lab.books, "agent-7").length, 1);
    await second.order("logout");
    const rung = await world.hire("agent-8", { nailedUp: false });
    world.lab.named("agent-8").manner = { ...world.lab.named("agent-8").manner, answer: "never" };
    const left = await load("left", [gus], undefined, chosen);
    t.match(await run(world, left), [{ result: "human" }]);
    await rung.is("ready");
    t.same(rung.overs, ["withdrawn"]);
    await rung.order("logout");
  });

  await t.test("who cannot hear what they are to hear does not wait in silence", async (t) => {
    const busy = await world.hire("agent-9", { nailedUp: false, ready: false });
    const endpoint = new ScriptedEndpoint("broken", "fs-1");
    endpoint.play = async () => "lost";
    const music = [{ path: "gone.wav", durationMs: 1000 }];
    const waiting = { skills: [], priority: 5, maxWaitMs: 300_000, holdPrompts: music, whisperPrompts: [], answers: {} };
    const person = { endpoint, left: new Promise<never>(() => {}) };
    const asking = { attemptId: "0", callerId: ann, person, direction: "inbound", note: async () => {} } as const;
    const end = world.line.queue({ ...waiting, group: "sales", withdraw: new AbortController().signal }, asking);
    t.equal(await inTime(end, "the wait to be over", 10_000), "lost", "they are told goodbye, as when any prompt is not there");
    t.equal(world.line.waiting.length, 0);
    await busy.order("logout");
  });

  await until(() => world.lab.books.legsUp().length === 0, "the telephones to be hung up");
  await noLeaks(t, world);
});
