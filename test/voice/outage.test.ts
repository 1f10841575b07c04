import t from "tap";
import { until } from "../harness/far-side.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";

/* What becomes of people when a daemon or a wire breaks under a running campaign. */

t.setTimeout(280_000);
const parts = sideBySide(t, 3);

parts.test("the wire to drachtio-server breaks while people ring and listen", async (t) => {
  const ringing = ["+12125550001", "+12125550002", "+12125550003"];
  const listening = ["+12125550011", "+12125550012", "+12125550013"];
  const later = ["+12125550021", "+12125550022"];
  const server = await openServer(t, {
    ...Object.fromEntries(ringing.map((number) => [number, "no-answer" as const])),
    ...Object.fromEntries(listening.map((number) => [number, "listener" as const])),
    ...Object.fromEntries(later.map((number) => [number, "hasty" as const])),
  });
  const { books } = server.far.carrier;
  const campaign = await loadCampaign(server, "broken-wire", [...ringing, ...listening, ...later].map(numberOf), { maxCps: 50, maxLines: 6 });
  const ended = run(server, campaign);
  await until(() => books.legsUp().length === 6, "three to ring and three to listen");
  const hears = (number: string) => books.toJSON().calls.some(({ called, audio }) => called === number && audio.firstSoundAtMs !== null);
  await until(() => listening.every(hears), "three to hear the prompt");
  server.wire.cut();
  await until(() => books.legsUp().every(({ called }) => later.includes(called)), "everybody to be released once the wire is back");
  const attempts = await ended;
  const resultOf = (number: string) => attempts.find(({ address }) => address === number)?.result;
  for (const number of ringing) t.equal(resultOf(number), "interrupted", `${number} rang when the wire broke (seed ${seed})`);
  for (const number of listening) t.equal(resultOf(number), "carrier-fault", `${number} was on the line (seed ${seed})`);
  for (const number of later) t.equal(resultOf(number), "human", `${number} was called over the new connection (seed ${seed})`);
  t.same(books.dialledTwice(), [], "nobody was dialled twice");
  await noLeaks(t, server);
  await server.close();
});

parts.test("a dead trunk does not burn the list", async (t) => {
  const server = await openServer(t, {});
  server.far.carrier.directory.setEverybody("congestion");
  const numbers = Array.from({ length: 120 }, (_, index) => numberOf(`+1812555${String(1000 + index)}`));
  const campaign = await loadCampaign(server, "dead-trunk", numbers, { maxCps: 50, maxLines: 5 });
  const ended = run(server, campaign);
  await until(async () => (await server.stores.campaigns.find(campaign.id))?.state === "paused", "the campaign to be paused");
  await until(() => server.engine.lines === 0, "its last calls to end");
  const called = server.far.carrier.books.calls.length;
  t.ok(called >= 25 && called < 60, `${called} of 120 were called before it was paused`);
  server.far.carrier.directory.setEverybody("busy");
  await server.pass.order(campaign.id, "resume");
  const attempts = await ended;
  // What waited for its moment when the campaign was paused went back, and was tried anew.
  const tried = attempts.filter(({ result }) => result !== "canceled");
  t.equal(tried.length, 120, "and the others once the trunk was well");
  t.same(server.far.carrier.books.dialledTwice(), [], "nobody was dialled twice");
  await noLeaks(t, server);
  await server.close();
});

parts.test("the media server dies while people ring: nobody may answer into nothing", async (t) => {
  const server = await openServer(t, {});
  server.far.carrier.directory.setEverybody("no-answer");
  const numbers = Array.from({ length: 5 }, (_, index) => numberOf(`+1912555${String(1000 + index)}`));
  const campaign = await loadCampaign(server, "dead-media", numbers, { maxCps: 50, maxLines: 5 });
  const ended = run(server, campaign);
  const { books } = server.far.carrier;
  await until(() => books.legsUp().length === 5, "all to ring");
  await server.far.freeswitch.close();
  await until(() => books.legsUp().length === 0, "the ringing to be canceled");
  const attempts = await ended;
  t.same(
    attempts.map(({ result }) => result),
    Array(5).fill("carrier-fault"),
    `seed ${seed}`,
  );
  await server.close();
});
