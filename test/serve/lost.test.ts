import { fileURLToPath } from "node:url";
import t from "tap";
import { inTime, until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { isAlive, type Server, startServe } from "../harness/serve-process.ts";
import { faultsOf, heardGoodbye, type Kill, killBoth, noChannels, openCampaign, overstayed, scripts, type TestCampaign } from "./kill-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const goodbye = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));
/** No leg of a dead process that is answered stays up longer than this after the restart (issue 2). */
const clearWithinMs = 5000;
const numberAt = (at: number) => `+1212555${String(100 + at).padStart(4, "0")}`;

const root = t;
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);
const folder = openFolder(t);
const lab = await openLab(t, seed, 0.5);
await lab.post("/references", { goodbye });

/** Any number: the lock that a commit of the `sent` mark waits for. */
const stallLock = 4711;
const lost = { ringing: numberAt(200), answering: numberAt(201) };
let stalled: { readonly campaign: TestCampaign; readonly kill: Kill; readonly server: Server } | undefined;

t.test("killed between the INVITE and the storing of its transaction, and started again", async (t) => {
  t.setTimeout(280_000);
  await lab.assign({ [lost.ringing]: "no-answer", [lost.answering]: "voicemail" });
  const campaign = await openCampaign(root, lab, { folder, node: "stalled" }, scripts.notice, Object.values(lost), { maxCps: 10, maxLines: 2 });
  const { admin } = campaign;
  await admin.query(`create function stall() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(${stallLock}); return new; end'`);
  await admin.query("create trigger stall before update on attempt for each row when (new.transaction_id is not null) execute function stall()");
  await admin.query("select pg_advisory_lock($1)", [stallLock]);
  const port = await portForAnother();
  const first = startServe(t, campaign.config, port);
  const worker = await first.ready();
  await campaign.start();
  const called = new Set(Object.values(lost));
  const legs = async () => (await lab.legs()).filter((leg) => called.has(leg.called));
  await until(async () => (await legs()).length === 2, "both telephones to ring", 15_000);
  const at = Date.now();
  killBoth(first, worker);
  await inTime(first.ended, "the server to end", 60_000);
  await until(() => !isAlive(worker), "the worker to be dead");
  const deadAt = Date.now();
  const unstored = new Set((await legs()).map(({ callId }) => callId));
  t.equal(unstored.size, 2, "both are left ringing");
  // The server process would still commit what its dead client asked for.
  await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'");
  await admin.query("drop trigger stall on attempt");
  await admin.query("select pg_advisory_unlock($1)", [stallLock]);
  t.same(
    (await campaign.attempts()).map(({ state, transaction_id }) => ({ state, transaction_id })),
    [1, 2].map(() => ({ state: "sending", transaction_id: null })),
    "neither transaction was stored",
  );
  const server = startServe(root, campaign.config, port);
  await server.ready();
  stalled = { campaign, server, kill: { who: "all", at, deadAt, readyAt: Date.now(), left: unstored, talking: new Set(), unstored } };
});

t.test("a worker that hangs: the media server says goodbye, the supervisor replaces it, the call is ended", async (t) => {
  t.setTimeout(280_000);
  const [number = ""] = [numberAt(210)];
  await lab.assign({ [number]: "listener" });
  const campaign = await openCampaign(t, lab, { folder, node: "frozen" }, scripts.notice, [number], { maxCps: 10, maxLines: 2 });
  const server = startServe(t, campaign.config, await portForAnother());
  const worker = await server.ready();
  await campaign.start();
  const call = async () => (await lab.books()).find(({ called }) => called === number);
  // The books are searched for the goodbye each time they are asked, which costs the lab what it needs to play it.
  await until(async () => (await lab.legs()).some(({ called, state }) => called === number && state === "up"), "the person to answer", 20_000);
  await until(async () => ((await call())?.audio.soundMs ?? 0) > 0, "the person to hear something");
  process.kill(worker, "SIGSTOP");
  const frozenAt = Date.now();
  await until(() => !isAlive(worker), "the supervisor to end the worker", 30_000);
  const endedAt = Date.now();
  const before = (await call())?.heard.find(({ name }) => name === "goodbye");
  t.ok(before && before.fraction > 0.3, "the goodbye had begun by itself");
  const next = await server.ready(worker);
  t.not(next, worker, "another worker serves");
  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 15_000);
  t.match(await campaign.attempts(), [{ state: "ended", result: "interrupted" }]);
  t.equal((await call())?.state, "ended", "the leg is ended");
  t.ok(heardGoodbye(await call()), "and the goodbye was heard to its end");
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0);
  t.comment(`ended ${endedAt - frozenAt} ms after it froze, the leg ${((await call())?.endedAtMs ?? Infinity) - frozenAt} ms after`);
});

t.test("who picks up while nobody is there is hung up on as soon as somebody is", async (t) => {
  t.setTimeout(280_000);
  const number = numberAt(220);
  // Long enough to store what it takes to cancel it and to be killed before it is picked up, on a busy machine, too.
  await lab.assign({ [number]: "does:ring 4s then stay" });
  const campaign = await openCampaign(t, lab, { folder, node: "late" }, scripts.notice, [number], { maxCps: 10, maxLines: 2 });
  const port = await portForAnother();
  const first = startServe(t, campaign.config, port);
  const worker = await first.ready();
  await campaign.start();
  const state = async () => (await lab.legs()).find(({ called }) => called === number)?.state;
  await until(async () => (await campaign.stored()).size === 1 && (await state()) === "ringing", "the telephone to ring", 15_000);
  killBoth(first, worker);
  await inTime(first.ended, "the server to end", 60_000);
  await until(async () => (await state()) === "up", "it to be picked up");
  const server = startServe(t, campaign.config, port);
  await server.ready();
  await until(async () => (await state()) === undefined, "the leg to be ended", clearWithinMs);
  t.match(server.stderr(), /hung up on somebody who had picked up after the process died/, "not after a goodbye that nobody hears");
  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 15_000);
  t.match(await campaign.attempts(), [{ state: "ended", result: "interrupted" }]);
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0);
});

t.test("what was lost between send and store: hung up when answered, else rung until Expires", async (t) => {
  t.setTimeout(280_000);
  if (!stalled) return t.fail("the server could not be killed there");
  const { campaign, kill, server } = stalled;
  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 30_000);
  const books = (await lab.books()).filter(({ callId }) => kill.unstored.has(callId));
  t.same(overstayed(books, [kill], clearWithinMs), [], `seed ${seed}`);
  t.same(faultsOf(books, await campaign.attempts(), [kill]), []);
  const ringing = books.find(({ called }) => called === lost.ringing);
  t.match(ringing, { cancelledAtMs: null, answeredAtMs: null, expiresS: 15, finalStatus: Number }, "nobody canceled it");
  t.ok((ringing?.endedAtMs ?? 0) - (ringing?.invitedAtMs ?? 0) >= 14_900, "it rang until its Expires");
  const answering = books.find(({ called }) => called === lost.answering);
  t.match(answering, { state: "ended", endedBy: "caller" }, "the answered one was hung up");
  t.same(
    (await campaign.attempts()).map(({ result }) => result),
    ["interrupted", "interrupted"],
  );
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0);
  t.same(await lab.legs(), []);
  await noChannels(t, lab);
  t.comment(`answered ${(answering?.answeredAtMs ?? 0) - kill.at} ms after the kill, hung up ${(answering?.endedAtMs ?? 0) - kill.at} ms after`);
});
