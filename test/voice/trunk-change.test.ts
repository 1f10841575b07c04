import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { TrunkWatch } from "../../src/voice/trunk-watch-engine.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const trunk = trunkTo("a", { sipPort: 5060 }, { maxChannels: 2 });

t.test("a trunk that is as it was keeps all that is known of it; another place is another trunk", async (t) => {
  const trunks = new Trunks([trunk], [], systemClock);
  const [use] = trunks.all;
  if (!use) throw new Error("no trunk");
  const down = { ...use.state, reachable: false, proven: true, note: "OPTIONS: 503", optionsAt: 7 };
  use.state = down;
  use.takeLine();
  use.count(486);
  t.same(trunks.set([{ ...trunk, maxCps: 5, codecs: ["PCMA"] }, trunkTo("b", { sipPort: 1 })], []), []);
  t.equal(trunks.all[0], use, "the same one");
  t.match([use.lines, use.state, use.trunk.maxCps, use.ended.get(486)], [1, down, 5, 1]);
  trunks.set([{ ...trunk, keepAliveMs: 5 }], []);
  t.same(use.state, { ...down, optionsAt: 0 }, "asked at once when it is to be asked at other times");
  const changes: Partial<Trunk>[] = [
    { host: "127.0.0.2" },
    { port: 1 },
    { transport: "tcp" },
    { username: "u" },
    { password: "p" },
    { register: true },
  ];
  for (const change of changes) {
    trunks.set([trunk], []);
    use.state = down;
    trunks.set([{ ...trunk, ...change }], []);
    t.equal(use.state.reachable, true, JSON.stringify(change));
  }
});

t.test("lines count on when a trunk is taken out and put back", async (t) => {
  const trunks = new Trunks([trunk], [], systemClock);
  const giveBack = trunks.all[0]?.takeLine();
  const [use] = trunks.all;
  trunks.set([], []);
  t.same([trunks.all, trunks.find("a"), use?.up], [[], undefined, false], "nobody is called over it");
  trunks.set([trunk], [{ name: "all", maxTries: 1, trunks: [{ name: "a", priority: 1, weight: 1 }] }]);
  t.equal(trunks.find("all")?.members[0]?.use.lines, 1, "the call that is up is still one of its lines");
  t.equal(trunks.all[0]?.up, true);
  giveBack?.();
  t.equal(trunks.all[0]?.lines, 0);
  trunks.set([], []);
  trunks.set([trunk], []);
  t.not(trunks.all[0], use, "with no line in use it is forgotten");
});

t.test("registrations are begun and taken back as the trunks change", async (t) => {
  const far = await openFarSide({ seed });
  const near = await openNearSide(far);
  const good: Trunk = { ...far.trunk, register: true, keepAliveMs: 0 };
  const trunks = new Trunks([{ ...far.trunk, keepAliveMs: 0 }], [], far.clock);
  const watch = new TrunkWatch({ trunks, requests: near.trunkRequests, clock: far.clock, log: silentLog });
  const { registrar } = far.carrier;
  const change = (wanted: readonly Trunk[]) => watch.leave(trunks.set(wanted, []));
  change([good]);
  t.equal(trunks.all[0]?.up, false, "not before it is registered");
  await until(() => trunks.all[0]?.up === true, "it to be registered");
  change([{ ...good, maxCps: 1 }]);
  t.equal(trunks.all[0]?.up, true, "a change of limits asks for nothing");
  change([{ ...good, register: false }]);
  t.equal(trunks.all[0]?.up, true);
  await until(() => registrar.registered.length === 0, "it to be taken back");
  change([good]);
  await until(() => registrar.registered.length === 1 && trunks.all[0]?.up === true, "it to be registered again");
  change([]);
  await until(() => registrar.registered.length === 0, "it to be taken back when the trunk is gone");
  t.same(
    registrar.requests.map(({ expiresS }) => expiresS),
    [600, 0, 600, 0],
  );
  change([good]);
  await until(() => trunks.all[0]?.up === true, "it to be there again");
  change([]);
  await watch.close();
  t.equal(registrar.requests.at(-1)?.expiresS, 0, "what is being taken back is waited for at the end");
  await near.close();
  await far.close();
});

t.test("calls that are up go on when their trunk is changed and removed; new ones go where they go now", async (t) => {
  const spare = await openCarrier(t, "busy");
  const server = await openServer(t, { "+12125550501": "listener", "+12125550502": "listener" }, {}, { speed: 3 });
  const { trunks, far, engine } = server;
  const route = (name: string) => [{ name: "all", maxTries: 1, trunks: [{ name, priority: 1, weight: 1 }] }];
  trunks.set([far.trunk], route("lab"));
  const limits = { maxCps: 50, maxLines: 2 };
  const numbers = ["+12125550501", "+12125550502", "+12125550503", "+12125550504"].map(numberOf);
  const campaign = await loadCampaign(server, "changes", numbers, limits, undefined, undefined, "all");
  const done = run(server, campaign);
  await until(() => far.carrier.books.legsUp().length === 2, "two to listen");
  trunks.set([trunkTo("spare", spare)], route("spare"));
  t.equal(engine.lines, 2);
  const attempts = await done;
  const results = Object.fromEntries(attempts.map(({ address, result }) => [address, result]));
  t.same(
    results,
    { [numbers[0] ?? ""]: "human", [numbers[1] ?? ""]: "human", [numbers[2] ?? ""]: "busy", [numbers[3] ?? ""]: "busy" },
    `seed ${seed}`,
  );
  t.same([far.carrier.books.calls.length, spare.books.calls.length], [2, 2]);
  t.ok(
    attempts.filter(({ result }) => result === "human").every(({ outcome }) => outcome === "no_input"),
    "heard to the end",
  );
  await noLeaks(t, server);
  await server.close();
});
