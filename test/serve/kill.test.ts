import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import type { Rung } from "../../src/attempt/ladder.ts";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { inTime, until } from "../harness/far-side.ts";
import { attemptIdOf, isTransfer, openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { isAlive, type Server, startServe } from "../harness/serve-process.ts";
import {
  type AttemptRow,
  desk,
  emptyDesk,
  faultsOf,
  type Kill,
  killBoth,
  noChannels,
  openCampaign,
  overstayed,
  scripts,
  type TestCampaign,
  wasUp,
  withoutGoodbye,
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

t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);
const folder = openFolder(t);
const lab = await openLab(t, seed, 0.5);
await lab.post("/references", { goodbye });
await lab.assign({ [desk]: "clerk", [emptyDesk]: "no-answer" });

t.test("a server that is killed again and again finishes its campaign, and nobody is forgotten", async (t) => {
  t.setTimeout(280_000);
  const random = seededRandom(seed);
  const personas = Object.entries(cast).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const people = Array.from({ length: 64 }, (_, at) => [numberAt(at), pick(random, personas)] as const);
  await lab.assign(Object.fromEntries(people));
  const numbers = people.map(([number]) => number);
  const campaign = await openCampaign(t, lab, { folder, node: "killed" }, scripts.reminder, numbers, { maxCps: 6, maxLines: 24 });
  const port = await portForAnother();
  let server = startServe(t, campaign.config, port);
  let worker = await server.ready();
  await campaign.start();

  const kills: Kill[] = [];
  const moment = async (begun: number) => {
    await until(async () => (await campaign.begun()) >= begun, `${begun} calls to have been placed`, 30_000);
    // Some moment in the middle of what calls do, not always the same after an INVITE: so much more has become of them.
    const more = (await campaign.happened()) + intBetween(random, 0, 12);
    await until(async () => (await campaign.happened()) >= more, "calls to go on", 30_000);
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
  await moment(intBetween(random, 30, 36));
  await until(async () => (await lab.legs()).some((leg) => isTransfer(leg) && leg.state === "up"), "two people to talk", 20_000);
  await cleared(t, await killAndRestart("supervisor and worker"));
  await moment(intBetween(random, 46, 52));
  await killAndRestart("the worker");
  // The next one dies while it is still clearing up.
  await cleared(t, await killAndRestart("the worker"));

  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 60_000);
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0, "a clean stop");
  const books = await lab.books();
  const attempts = await campaign.attempts();
  t.same(faultsOf(books, attempts, kills), [], `seed ${seed}`);
  t.same(overstayed(books, kills, clearWithinMs), [], `who could not be canceled was not forgotten; seed ${seed}`);
  const { done, contacts } = await campaign.progress();
  t.equal(done, contacts, "everybody is in a final state");
  const { owed, missed } = withoutGoodbye(books, kills);
  t.same(
    missed.map(({ attempt, persona, heard, audio, answeredAtMs, endedAtMs }) => ({
      attempt,
      persona,
      heard,
      // Of what was sent to this telephone, so many packets got lost on the way: not Carillon's doing.
      lost: audio.lost,
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
  t.same(await campaign.secondLegsOpen(), [], "what second legs took of trunks has an end, whoever died");
  await noChannels(t, lab);
  const interrupted = attempts.filter(({ result }) => result === "interrupted").length;
  t.same(await untold(campaign, books, attempts, kills), [], "what was done for those who were left is told");
  t.comment(
    `${books.length} calls, ${interrupted} interrupted, ${owed} goodbyes owed, ${kills.reduce((sum, { unstored }) => sum + unstored.size, 0)} legs lost between send and store`,
  );
});

/**
 * Interrupted attempts whose person was hung up on by us, and whose ladder does not say so. What the dead process sent last it could not tell any more, and it
 * may reach the carrier late: then its successor finds the leg gone, and tells that.
 */
async function untold(campaign: TestCampaign, books: readonly CallSummary[], attempts: readonly AttemptRow[], kills: readonly Kill[]) {
  const untold: string[] = [];
  for (const { id } of attempts.filter(({ result }) => result === "interrupted")) {
    const call = books.find((each) => attemptIdOf(each) === id && !isTransfer(each));
    if (call?.endedBy !== "caller" || call.endedAtMs === null) continue;
    const endedAtMs = call.endedAtMs;
    const { legs = [], rungs = [] } = (await campaign.ladderOf(id)) ?? {};
    const main = legs.find(({ callId }) => callId === call.callId)?.leg;
    const own = rungs.filter(({ leg }) => leg === main);
    const end = own.some((rung) => "sip" in rung && rung.sip.sent && /^(BYE|CANCEL)$/.test(rung.sip.method ?? ""));
    const gone = own.some((rung) => "media" in rung && rung.media.text === "its leg was gone already");
    const afterKills = () => kills.map(({ deadAt }) => endedAtMs - deadAt);
    if (!end && !gone) untold.push(`${id} ${call.persona}, ended ${afterKills()} ms after the kills, has ${wordsOf(own)}`);
    const begun = own.some((rung) => "sip" in rung && rung.sip.method === "INVITE");
    // What came just before the kill may have been on its way to the database; and only its own process knew that it was answered.
    const killed = kills.find(({ at }) => at > call.invitedAtMs);
    if (end && !begun && killed && wasUp(call, killed.at) && wasUp(call, killed.at - 2000))
      untold.push(`${id}: not how it began, but ${wordsOf(own)}`);
  }
  return untold;
}

/** The end of a ladder, short enough for one line of a log. */
function wordsOf(rungs: readonly Rung[]): string {
  const words = rungs.map((rung) =>
    "media" in rung ? rung.media.event : `${rung.sip.sent ? ">" : "<"}${rung.sip.method ?? `${rung.sip.status} ${rung.sip.cseq?.split(" ")[1]}`}`,
  );
  return words.slice(-8).join(", ") || "nothing";
}

/** Kills without warning, and writes down whom that leaves on the line. */
async function killed(campaign: TestCampaign, who: string, server: Server, worker: number): Promise<Kill> {
  const at = Date.now();
  if (who === "the worker") process.kill(worker, "SIGKILL");
  else killBoth(server, worker);
  await until(() => !isAlive(worker), "the worker to be dead");
  if (who !== "the worker") await inTime(server.ended, "the server to end", 60_000);
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
