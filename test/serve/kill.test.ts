import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { until } from "../harness/far-side.ts";
import { attemptIdOf, isTransfer, openFolder, openLab } from "../harness/lab-process.ts";
import { freePort, isAlive, type Server, startServe } from "../harness/serve-process.ts";
import {
  desk,
  emptyDesk,
  faultsOf,
  goodbyeEnd,
  heardGoodbye,
  type Kill,
  openCampaign,
  overstayed,
  scripts,
  type TestCampaign,
  withoutGoodbye,
  writeEnd,
} from "./kill-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const goodbye = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));
/** No leg of a dead process stays up or rings on longer than this after the restart (issue 2). */
const clearWithinMs = 5000;

/** Who picks up, and how many of a hundred. */
const cast = {
  listener: 22,
  person: 12,
  patient: 6,
  "presses:2": 16,
  "presses:3": 4,
  "opt-out": 3,
  "hangs-up": 3,
  "early-media": 3,
  voicemail: 3,
  "no-answer": 12,
  "no-answer-early-media": 5,
  crossing: 1,
  busy: 5,
  declined: 3,
  "bad-number": 2,
};

const numberAt = (at: number) => `+1212555${String(100 + at).padStart(4, "0")}`;

const root = t;
t.setTimeout(110_000);
t.comment(`TEST_SEED=${seed}`);
const folder = openFolder(t);
const lab = await openLab(t, seed, 0.5);
await lab.post("/references", { goodbye, [goodbyeEnd]: writeEnd(goodbye, folder) });
await lab.assign({ [desk]: "clerk", [emptyDesk]: "no-answer" });

t.test("a server that is killed again and again finishes its campaign, and nobody is forgotten", async (t) => {
  t.setTimeout(100_000);
  const random = seededRandom(seed);
  const personas = Object.entries(cast).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const people = Array.from({ length: 75 }, (_, at) => [numberAt(at), pick(random, personas)] as const);
  await lab.assign(Object.fromEntries(people));
  const numbers = people.map(([number]) => number);
  const campaign = await openCampaign(t, lab, { folder, node: "killed" }, scripts.reminder, numbers, { maxCps: 6, maxLines: 24 });
  const port = await freePort();
  let server = startServe(t, campaign.config, port);
  let worker = await server.ready();
  await campaign.start();

  const kills: Kill[] = [];
  const moment = async (begun: number) => {
    await until(async () => (await campaign.begun()) >= begun, `${begun} calls to have been placed`, 30_000);
    // Some moment between two calls, not always the same after an INVITE.
    await new Promise((resolve) => setTimeout(resolve, intBetween(random, 0, 250)));
  };
  /** @returns the kill, after the restart */
  const killAndRestart = async (who: "the worker" | "supervisor and worker") => {
    const kill = await killed(campaign, who, server, worker);
    kills.push(kill);
    if (who !== "the worker") server = startServe(t, campaign.config, port);
    worker = await server.ready(worker);
    kill.readyAt = Date.now();
    return kill;
  };
  await moment(intBetween(random, 12, 18));
  await cleared(t, await killAndRestart("the worker"));
  await moment(intBetween(random, 34, 40));
  await until(async () => (await lab.legs()).some((leg) => isTransfer(leg) && leg.state === "up"), "two people to talk", 20_000);
  await cleared(t, await killAndRestart("supervisor and worker"));
  await moment(intBetween(random, 56, 62));
  await killAndRestart("the worker");
  // The next one dies while it is still clearing up.
  await cleared(t, await killAndRestart("the worker"));

  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 60_000);
  server.kill("SIGTERM");
  t.equal(await server.ended, 0, "a clean stop");
  const books = await lab.books();
  const attempts = await campaign.attempts();
  t.same(faultsOf(books, attempts, kills), [], `seed ${seed}`);
  t.same(overstayed(books, kills, clearWithinMs), [], `who could not be canceled was not forgotten; seed ${seed}`);
  const { done, contacts } = await campaign.progress();
  t.equal(done, contacts, "everybody is in a final state");
  const { owed, missed } = withoutGoodbye(books, kills);
  t.same(
    missed.map(({ attempt, persona, heard, answeredAtMs, endedAtMs }) => ({
      attempt,
      persona,
      heard,
      // Milliseconds from each kill to the answer and to the end.
      answered: kills.map(({ at }) => (answeredAtMs ?? 0) - at),
      ended: kills.map(({ at }) => (endedAtMs ?? Infinity) - at),
    })),
    [],
    `everybody who was alone heard the goodbye; seed ${seed}`,
  );
  t.ok(owed > 5, `${owed} people were alone with a prompt when a process died`);
  t.ok(
    kills.some(({ talking }) => talking.size > 0),
    "and some were in conversation",
  );
  t.same(await lab.legs(), [], "nobody rings or is on the line");
  t.same(await lab.channels(), { channels: [], unknownCommands: [] }, "nothing is left at the media server");
  const interrupted = attempts.filter(({ result }) => result === "interrupted").length;
  t.comment(
    `${books.length} calls, ${interrupted} interrupted, ${owed} goodbyes owed, ${kills.reduce((sum, { unstored }) => sum + unstored.size, 0)} legs lost between send and store`,
  );
});

/** Any number: the lock that a commit of the `sent` mark waits for. */
const stallLock = 4711;
const lost = { ringing: numberAt(200), answering: numberAt(201) };
let stalled: { readonly campaign: TestCampaign; readonly kill: Kill; readonly server: Server } | undefined;

t.test("killed between the INVITE and the storing of its transaction, and started again", async (t) => {
  await lab.assign({ [lost.ringing]: "no-answer", [lost.answering]: "voicemail" });
  const campaign = await openCampaign(root, lab, { folder, node: "stalled" }, scripts.notice, Object.values(lost), { maxCps: 10, maxLines: 2 });
  const { admin } = campaign;
  await admin.query(`create function stall() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(${stallLock}); return new; end'`);
  await admin.query("create trigger stall before update on attempt for each row when (new.transaction_id is not null) execute function stall()");
  await admin.query("select pg_advisory_lock($1)", [stallLock]);
  const port = await freePort();
  const first = startServe(t, campaign.config, port);
  const worker = await first.ready();
  await campaign.start();
  const called = new Set(Object.values(lost));
  const legs = async () => (await lab.legs()).filter((leg) => called.has(leg.called));
  await until(async () => (await legs()).length === 2, "both telephones to ring", 15_000);
  const at = Date.now();
  first.kill("SIGKILL");
  process.kill(worker, "SIGKILL");
  await first.ended;
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
  const [number = ""] = [numberAt(210)];
  await lab.assign({ [number]: "listener" });
  const campaign = await openCampaign(t, lab, { folder, node: "frozen" }, scripts.notice, [number], { maxCps: 10, maxLines: 2 });
  const server = startServe(t, campaign.config, await freePort());
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
  t.ok(heardGoodbye(await call()), "the goodbye was heard to its end, and the worker had not lived again");
  const next = await server.ready(worker);
  t.not(next, worker, "another worker serves");
  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 15_000);
  t.match(await campaign.attempts(), [{ state: "ended", result: "interrupted" }]);
  t.equal((await call())?.state, "ended", "the leg is ended");
  server.kill("SIGTERM");
  t.equal(await server.ended, 0);
  t.comment(`ended ${endedAt - frozenAt} ms after it froze, the leg ${((await call())?.endedAtMs ?? Infinity) - frozenAt} ms after`);
});

t.test("what was lost between send and store: hung up when answered, else rung until Expires", async (t) => {
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
  t.equal(await server.ended, 0);
  t.same(await lab.legs(), []);
  t.same(await lab.channels(), { channels: [], unknownCommands: [] });
  t.comment(`answered ${(answering?.answeredAtMs ?? 0) - kill.at} ms after the kill, hung up ${(answering?.endedAtMs ?? 0) - kill.at} ms after`);
});

/** Kills without warning, and writes down whom that leaves on the line. */
async function killed(campaign: TestCampaign, who: string, server: Server, worker: number): Promise<Kill> {
  const at = Date.now();
  if (who !== "the worker") server.kill("SIGKILL");
  process.kill(worker, "SIGKILL");
  await until(() => !isAlive(worker), "the worker to be dead");
  if (who !== "the worker") await server.ended;
  const deadAt = Date.now();
  // Not the books: searching them for the goodbye keeps the lab from playing it.
  const [legs, stored] = await Promise.all([lab.legs(), campaign.stored()]);
  const talkers = new Set(legs.filter((leg) => isTransfer(leg) && leg.state === "up").map(attemptIdOf));
  const left = legs.map(({ callId }) => callId);
  return {
    who,
    at,
    deadAt,
    readyAt: Infinity,
    left: new Set(left),
    talking: new Set(legs.filter((leg) => talkers.has(attemptIdOf(leg))).map(({ callId }) => callId)),
    unstored: new Set(left.filter((callId) => !stored.has(callId))),
  };
}

/** After the restart: whoever is not in conversation and can be canceled is off the line in time. */
async function cleared(t: Test, { who, at, readyAt, left, talking, unstored }: Kill): Promise<void> {
  const still = async () => (await lab.legs()).filter(({ callId }) => left.has(callId) && !talking.has(callId) && !unstored.has(callId));
  await until(async () => (await still()).length === 0, "the dead process's legs to be off the line", clearWithinMs).catch(() => {});
  t.same(await still(), [], `no leg of the dead process is left (${who} killed, seed ${seed})`);
  t.comment(
    `${who} killed: ${left.size} legs, ${talking.size} in conversation, ${unstored.size} not to be canceled; ready ${readyAt - at} ms and clear ${Date.now() - at} ms after the kill`,
  );
}
