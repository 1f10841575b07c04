import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import type { TrunkAnswer, TrunkRequests } from "../../src/voice/trunk-ports.ts";
import { afterOptions, afterRegister, freshTrunk, isUp, type TrunkState } from "../../src/voice/trunk-state.ts";
import { TrunkWatch } from "../../src/voice/trunk-watch-engine.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const trunk = trunkTo("a", { sipPort: 5060 }, { keepAliveMs: 1000, downAfter: 3, upAfter: 2 });
const said = (status: number): TrunkAnswer => ({ status, phrase: "", madeUp: false });
const silence: TrunkAnswer = { status: 408, phrase: "", madeUp: true };
const refused: TrunkAnswer = { status: 503, phrase: "", madeUp: true };

t.test("a trunk goes down and comes back with hysteresis", async (t) => {
  const rows: readonly (readonly [readonly TrunkAnswer[], boolean])[] = [
    [[], true],
    [[said(200), silence, silence], true],
    [[said(200), silence, silence, silence], false],
    [[said(200), silence, silence, said(200), silence, silence], true],
    [[said(200), said(503), said(500), said(504)], false],
    [[said(404), silence, silence, silence], false],
    [[refused, refused, refused], false],
    [[refused, refused, refused, said(200)], false],
    [[refused, refused, refused, said(200), silence, said(200)], false],
    [[refused, refused, refused, said(200), said(405)], true],
    // Never having answered, it may just not answer OPTIONS.
    [Array(9).fill(silence), true],
    // Whatever it says, somebody is there.
    [[said(403), said(401), said(404), said(405), said(481), said(501), said(603)], true],
  ];
  for (const [answers, up] of rows) {
    const state = answers.reduce<TrunkState>((before, answer) => afterOptions(before, answer, trunk, 1000), freshTrunk);
    t.equal(isUp(trunk, state, 1000), up, answers.map(({ status, madeUp }) => `${status}${madeUp ? "*" : ""}`).join(" "));
    if (answers.length > 0) t.equal(state.optionsAt, 2000, "asked again after keepAliveMs");
  }
});

t.test("a registration is refreshed in time, asked for longer when the carrier wants that, and tried again ever later", async (t) => {
  const registered: Trunk = { ...trunk, register: true, registerExpiresS: 600 };
  t.equal(isUp(registered, freshTrunk, 0), false, "not before it is registered");
  const taken = afterRegister(freshTrunk, { ...said(200), expiresS: 100 }, registered, 0);
  t.match(taken, { registeredUntil: 100_000, registerAt: 80_000 });
  t.equal(isUp(registered, taken, 99_999), true);
  t.equal(isUp(registered, taken, 100_000), false, "nor when it has run out");
  t.match(afterRegister(freshTrunk, { ...said(423), minExpiresS: 900 }, registered, 5), { expiresS: 900, registerAt: 5 });
  let state: TrunkState = freshTrunk;
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map(() => {
    state = afterRegister(state, said(403), registered, 0);
    return state.registerAt / 1000;
  });
  t.same(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
  t.match(state, { note: /REGISTER: 403/, registeredUntil: 0 });
  const unknown = { status: 503, phrase: "DNS Error", madeUp: true };
  t.match(afterRegister(freshTrunk, unknown, registered, 0).note, /^REGISTER: drachtio-server does not find \S+ in the DNS$/);
  t.match(afterRegister(taken, silence, registered, 80_000), { registeredUntil: 100_000 }, "a refresh that fails takes nothing away before its time");
});

t.test("OPTIONS and REGISTER on the wire", async (t) => {
  const far = await openFarSide({ seed });
  const near = await openNearSide(far);
  const clock = new VirtualClock();
  const good = { ...far.trunk, name: "good", keepAliveMs: 10_000, register: true, registerExpiresS: 300 } satisfies Trunk;
  const wrong = { ...good, name: "wrong", password: "not-it" };
  const nobody = trunkTo("nobody", { sipPort: 9 }, { transport: "tcp", keepAliveMs: 10_000 });
  const trunks = new Trunks([good, wrong, nobody], [], clock);
  const watch = new TrunkWatch({ trunks, requests: near.trunkRequests, clock, log: silentLog });
  const [first, second, third] = trunks.all;
  if (!first || !second || !third) throw new Error("no trunks");
  const { registrar } = far.carrier;
  t.equal(first.up, false);
  await until(() => first.up && second.state.refusals === 1 && first.state.proven, "the first to be registered, the second to be refused");
  t.match(registrar.requests, [{ user: "carillon", expiresS: 300 }], "with the right digest");
  t.match(registrar.requests[0]?.contact, new RegExp(`sip:carillon@127\\.0\\.0\\.1:${far.drachtio.sipPort}`), "at the address of drachtio-server");
  t.same([second.up, second.state.note], [false, "REGISTER: 403 Forbidden"]);
  await clock.advance(239_000);
  t.equal(registrar.requests.length, 1);
  await clock.advance(2000);
  await until(() => registrar.requests.length === 2, "it to be refreshed");

  // Each look sends at most one OPTIONS to each trunk, and waits for its answer.
  const ask = async (times: number) => {
    for (let count = 0; count < times; count++) {
      const seen = registrar.optionsSeen;
      await clock.advance(10_000);
      await until(() => registrar.optionsSeen >= seen + 2, "both trunks to the carrier to be asked");
      await until(() => [first, second, third].every(({ state }) => state.optionsAt > clock.now()), "their answers to be heard");
    }
  };
  await ask(1);
  registrar.optionsStatus = 503;
  await ask(2);
  t.equal(first.up, true, "two failures take nothing down");
  await ask(1);
  t.same([first.up, first.state.note], [false, "OPTIONS: 503 Service Unavailable"]);
  t.same([third.up, third.state.note], [false, "OPTIONS: nobody listens there"]);
  registrar.optionsStatus = 200;
  await ask(1);
  t.equal(first.up, false, "one answer does not bring it back");
  await ask(1);
  t.equal(first.up, true);
  t.same(registrar.registered, ["carillon"]);
  await watch.close();
  t.match(registrar.requests.at(-1), { expiresS: 0 }, "the registration is taken back at the end");
  await near.close();
  await far.close();
});

t.test("a registration that is taken back does not take the next one along, and none is left that nobody wants any more", async (t) => {
  const clock = new VirtualClock();
  const asked: { readonly expires: string | undefined; readonly password: string | undefined; readonly answer: () => void }[] = [];
  const requests: TrunkRequests = {
    ready: true,
    ask: ({ headers, auth }) =>
      new Promise((resolve) => {
        asked.push({ expires: headers["Expires"], password: auth?.password, answer: () => resolve({ ...said(200), expiresS: 600 }) });
      }),
  };
  const registered: Trunk = { ...trunk, keepAliveMs: 0, register: true, username: "ann", password: "old" };
  const trunks = new Trunks([registered], [], clock);
  const watch = new TrunkWatch({ trunks, requests, clock, log: silentLog });
  asked[0]?.answer();
  await until(() => trunks.all[0]?.up === true, "it to be registered");
  watch.leave(trunks.set([{ ...registered, password: "new" }], []));
  await clock.advance(2000);
  t.match(asked.slice(1), [{ expires: "0", password: "old" }], "one after the other");
  asked[1]?.answer();
  const next = async (count: number) => {
    await clock.advance(250);
    return asked.length === count;
  };
  await until(() => next(3), "it to be registered anew");
  t.match(asked[2], { expires: "600", password: "new" });
  watch.leave(trunks.set([], []));
  t.equal(asked.length, 3);
  asked[2]?.answer();
  await until(() => asked.length === 4, "what was being asked for to be taken back");
  t.match(asked[3], { expires: "0", password: "new" });
  asked[3]?.answer();

  trunks.set([registered], []);
  await until(() => next(5), "it to be registered once more");
  const closing = watch.close();
  asked[4]?.answer();
  await until(() => asked.length === 6, "a server that stops to take it back");
  t.match(asked[5], { expires: "0" });
  asked[5]?.answer();
  await closing;
});

t.test("the carrier's shortest registration is kept to", async (t) => {
  const far = await openFarSide({ seed });
  const near = await openNearSide(far);
  far.carrier.registrar.minExpiresS = 600;
  const trunks = new Trunks([{ ...far.trunk, register: true, registerExpiresS: 60, keepAliveMs: 0 }], [], far.clock);
  const watch = new TrunkWatch({ trunks, requests: near.trunkRequests, clock: far.clock, log: silentLog });
  await until(() => trunks.all[0]?.up === true, "it to be registered");
  t.match(far.carrier.registrar.requests, [{ expiresS: 600 }], "423 with Min-Expires 600");
  t.equal(far.carrier.registrar.optionsSeen, 0, "keepAliveMs 0 asks nothing");
  await watch.close();
  await near.close();
  await far.close();
});

t.test("nobody is called over a trunk that is down: calls take the next one, or wait", async (t) => {
  const spare = await openCarrier(t, "busy");
  const member = (name: string, priority: number) => ({ name, priority, weight: 1 });
  const server = await openServer(
    t,
    {},
    { keepAliveMs: 50, downAfter: 1, upAfter: 1 },
    {
      moreTrunks: () => [trunkTo("spare", spare, { keepAliveMs: 50, downAfter: 1, upAfter: 1 })],
      routes: [{ name: "all", maxTries: 2, trunks: [member("lab", 1), member("spare", 2)] }],
    },
  );
  const { registrar, books, directory } = server.far.carrier;
  directory.setEverybody("busy");
  registrar.optionsStatus = 503;
  const watch = new TrunkWatch({ trunks: server.trunks, requests: server.near.trunkRequests, clock: server.far.clock, log: silentLog });
  await until(() => server.trunks.all[0]?.up === false, "the first trunk to be down");
  const numbers = Array.from({ length: 5 }, (_, index) => numberOf(`+1312555${String(1000 + index)}`));
  const first = await loadCampaign(server, "spare", numbers, undefined, undefined, undefined, "all");
  const second = await loadCampaign(server, "waits", numbers);
  await run(server, first);
  t.same([books.calls.length, spare.books.calls.length], [0, 5], `all over the spare one (seed ${seed})`);
  await server.pass.order(second.id, "start");
  const before = registrar.optionsSeen;
  await until(() => registrar.optionsSeen > before + 2, "some time to pass");
  t.equal(books.calls.length, 0, "the other campaign waits");
  registrar.optionsStatus = 200;
  await until(async () => (await server.stores.campaigns.find(second.id))?.state === "finished", "it to go on");
  t.equal(books.calls.length, 5);
  t.same(
    server.trunks.all.map(({ trunk: { name }, ended }) => [name, [...ended]]),
    [
      ["lab", [[486, 5]]],
      ["spare", [[486, 5]]],
    ],
    "counted by trunk and status",
  );
  await watch.close();
  await noLeaks(t, server);
  await server.close();
});
