import { Readable } from "node:stream";
import pg from "pg";
import type { Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { attemptIdOf, isTransfer, type Lab, writeConfig } from "../harness/lab-process.ts";
import type { Server } from "../harness/serve-process.ts";

export const desk = "+15550100300";
/** Rings for ever. */
export const emptyDesk = "+15550100301";

/** 1 confirms, 2 is connected to the desk, 3 to a desk where nobody picks up. Long enough that people hear it when a process dies. */
const reminder = `script: reminder
language: en-US
numbers: { desk: "${desk}", empty: "${emptyDesk}" }
start: { human: ask }
steps:
  ask:
    menu:
      - say: "Hello. This is a reminder of your appointment on Monday. Press 1 to confirm it, or 2 to speak to somebody."
    first_digit_s: 3
    tries: 2
    keys: { "1": thanks, "2": desk, "3": empty, "9": stop }
    no_input: thanks
    no_match: thanks
  desk:
    transfer: desk
    max_wait_s: 15
    play: [{ say: "Please wait while we connect you." }]
    on: { answered: talked, no_agent: thanks, hung_up: left }
  empty:
    transfer: empty
    max_wait_s: 15
    play: [{ say: "Please wait while we connect you." }]
    on: { answered: talked, no_agent: thanks, hung_up: left }
  stop:
    suppress: { scope: account }
    play: [{ say: "You will not be called again. Goodbye." }]
    end: opted_out
  thanks:
    play: [{ say: "Thank you. Goodbye." }]
    end: confirmed
  talked: { end: talked }
  left: { end: left }
`;

/** Short, and as the linter wants it. */
const offer = `script: offer
language: en-US
start: { human: tell }
steps:
  tell:
    menu: [{ say: "Your parcel has arrived. Press 9 to hear no more of us." }]
    first_digit_s: 1
    tries: 1
    keys: { "9": stop }
    no_input: told
    no_match: told
  stop:
    suppress: { scope: account }
    play: [{ say: "You will not be called again." }]
    end: opted_out
  told: { end: told }
`;

/** One short prompt and the end: a person is alone with it for so long and no longer. */
const notice = `script: notice
language: en-US
start: { human: tell }
steps:
  tell:
    play: [{ say: "Your parcel has arrived." }]
    end: told
`;

export const scripts = { reminder, notice, offer } as const;

export interface AttemptRow {
  readonly id: string;
  readonly state: string;
  readonly result: string | null;
  readonly reason: string | null;
  readonly outcome: string | null;
  readonly address: string;
  readonly call_id: string | null;
  readonly transaction_id: string | null;
  readonly ended_at: Date | null;
}

export interface CampaignLimits {
  readonly maxCps: number;
  readonly maxLines: number;
  /** Default 15 s. */
  readonly ringTimeoutMs?: number;
}

/** A database of its own with one campaign that calls these numbers, and the configuration of a server to run it. */
export async function openCampaign(
  t: Test,
  lab: Lab,
  place: { readonly folder: string; readonly node: string },
  source: string,
  numbers: readonly string[],
  limits: CampaignLimits,
) {
  const database = await openTestDatabase(t);
  const admin = new pg.Client({ connectionString: database.adminUrl });
  admin.on("error", () => {});
  await admin.connect();
  t.teardown(() => admin.end());
  const stores = await openStores({ url: database.url, clock: systemClock, log: silentLog, poolSize: 2 });
  t.teardown(() => stores.close());
  const csv = ["client_id,phone,time_zone", ...numbers.map((number, at) => `c-${at},${number},America/New_York`)].join("\n");
  const { listId, accepted } = await importContacts({
    store: stores.contacts,
    name: place.node,
    append: false,
    csv: Readable.from([Buffer.from(csv)]),
    defaultCountry: "US",
    planned() {},
    rejected() {},
    progress() {},
  });
  if (accepted !== numbers.length) throw new Error(`only ${accepted} of ${numbers.length} contacts were taken`);
  const version = await stores.scripts.publish(place.node, source);
  const campaign = await stores.campaigns.create({
    name: place.node,
    listId,
    scriptVersionId: version.id,
    trunk: "lab",
    callerId: "+15550100000",
    ringTimeoutMs: 15_000,
    ...limits,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  });
  const config = writeConfig(lab, { ...place, promptsDir: `${place.folder}/prompts`, databaseUrl: database.url });
  return {
    id: campaign.id,
    stores,
    config,
    /** As superuser, to break things. */
    admin,
    start: () => stores.campaigns.move(campaign.id, "draft", "running"),
    state: async () => (await stores.campaigns.find(campaign.id))?.state,
    progress: () => stores.campaigns.progress(campaign.id),
    /** What is kept of the SIP messages of an attempt. */
    ladderOf: async (attemptId: string) => (await stores.attemptReader.attempt(attemptId))?.ladder,
    /** Second legs of which nobody has written that they ended. */
    secondLegsOpen: async () => (await admin.query("select dialog_id, attempt_id from second_leg where ended_at is null")).rows,
    attempts: async () => (await admin.query<AttemptRow>("select * from attempt order by id")).rows,
    /** Attempts that have gone out so far. */
    begun: async () => Number((await admin.query("select count(*) from attempt where state <> 'reserved' and sending_at is not null")).rows[0].count),
    /** What has become of their calls so far: answers, steps, ends. */
    happened: async () =>
      Number(
        (await admin.query("select (select count(*) from attempt_event) + count(*) + count(answered_at) + count(ended_at) as count from attempt"))
          .rows[0].count,
      ),
    /** The Call-ID of every leg whose transaction was stored, so that another process could cancel it. */
    stored: async () =>
      new Set(
        (
          await admin.query<{ call_id: string }>(
            `select call_id from attempt where transaction_id is not null
             union select split_part(detail->>'peerDialogId', ';', 1) from attempt_event
             where kind = 'transfer' and (detail ? 'peerTransactionId' or detail->>'peerState' = 'connected')`,
          )
        ).rows.map(({ call_id }) => call_id),
      ),
  };
}

export type TestCampaign = Awaited<ReturnType<typeof openCampaign>>;

/** At once: a worker that sees its supervisor die would stop as it should, and a supervisor start another worker. */
export function killBoth(server: Server, worker: number): void {
  server.kill("SIGSTOP");
  process.kill(worker, "SIGKILL");
  server.kill("SIGKILL");
}

/** A moment at which a server process was killed (epoch ms); its death was over by `deadAt`. */
export interface Kill {
  readonly who: string;
  readonly at: number;
  readonly deadAt: number;
  /** When its successor was ready. */
  readyAt: number;
  /** Call-IDs that were ringing or up when the process was dead. */
  readonly left: ReadonlySet<string>;
  /** Of these, the ones of two people in conversation, and those whose transaction the database did not know: nobody can cancel them. */
  readonly talking: ReadonlySet<string>;
  readonly unstored: ReadonlySet<string>;
}

/** The carrier's clock and ours are one, but what stands on its wire may be a little older than what the process knew. */
export const slackMs = 300;

export function wasUp(call: CallSummary, at: number): boolean {
  return call.answeredAtMs !== null && call.answeredAtMs <= at && (call.endedAtMs === null || call.endedAtMs > at);
}

/** In flight at the kill without any doubt: it had begun well before, and was not over until well after. */
export function wasInFlight(call: CallSummary, kill: Kill): boolean {
  return call.invitedAtMs < kill.at - slackMs && (call.endedAtMs === null || call.endedAtMs > kill.deadAt + slackMs);
}

/** People who were talking to somebody else at a time, and those they talked to, by attempt. */
export function talkingAt(books: readonly CallSummary[], at: number): ReadonlySet<string> {
  return new Set(books.filter((call) => isTransfer(call) && wasUp(call, at)).map(attemptIdOf));
}

/** Everything about the calls that must hold whatever was killed when: one line for each fault. */
export function faultsOf(books: readonly CallSummary[], attempts: readonly AttemptRow[], kills: readonly Kill[]): readonly string[] {
  const faults: string[] = [];
  const byAttempt = new Map<string, CallSummary[]>();
  const byNumber = new Map<string, number>();
  for (const call of books.filter((each) => !isTransfer(each))) {
    byAttempt.set(attemptIdOf(call), [...(byAttempt.get(attemptIdOf(call)) ?? []), call]);
    byNumber.set(call.called, (byNumber.get(call.called) ?? 0) + 1);
    if (call.invites > 1) faults.push(`${call.callId}: ${call.invites} INVITEs`);
  }
  for (const [number, count] of byNumber) if (count > 1) faults.push(`${number} was dialled ${count} times`);
  const known = new Set(attempts.map(({ id }) => id));
  for (const id of byAttempt.keys()) if (!known.has(id)) faults.push(`the carrier has a call for attempt ${id}, which the database has not`);
  for (const attempt of attempts) {
    const calls = byAttempt.get(attempt.id) ?? [];
    const [call] = calls;
    const name = `attempt ${attempt.id} (${attempt.address}, ${call?.persona ?? "never called"})`;
    if (attempt.state !== "ended") faults.push(`${name} is ${attempt.state}`);
    if (calls.length > 1) faults.push(`${name} was dialled ${calls.length} times`);
    if (!call && !["canceled", "interrupted"].includes(attempt.result ?? "")) faults.push(`${name}: ${attempt.result}, and no call at the carrier`);
    if (!call) continue;
    const killed = kills.find((kill) => wasInFlight(call, kill));
    if (killed && attempt.result !== "interrupted") faults.push(`${name} was in flight when ${killed.who} was killed and is ${attempt.result}`);
    const near = kills.some((kill) => call.invitedAtMs <= kill.deadAt + slackMs && (call.endedAtMs ?? Infinity) >= kill.at - 2 * slackMs);
    if (attempt.result === "interrupted" && !near) faults.push(`${name} is interrupted, and was not in flight at any kill`);
  }
  return faults;
}

/** Legs that could not be canceled, and went on longer than they must: rung until Expires, or hung up soon after they were answered. */
export function overstayed(books: readonly CallSummary[], kills: readonly Kill[], clearWithinMs: number): readonly string[] {
  const faults: string[] = [];
  for (const kill of kills) {
    for (const call of books.filter(({ callId }) => kill.unstored.has(callId))) {
      const rungUntil = call.invitedAtMs + (call.expiresS ?? Infinity) * 1000;
      const must = (call.answeredAtMs === null ? rungUntil : Math.max(call.answeredAtMs, kill.readyAt)) + clearWithinMs;
      if (call.endedAtMs === null || call.endedAtMs > must)
        faults.push(`${call.callId} (${call.persona}) ${call.state}, ended at ${call.endedAtMs}, at the latest ${must}`);
    }
  }
  return faults;
}

/** Whether the goodbye was heard to its end. */
export function heardGoodbye(call: CallSummary | undefined): boolean {
  return call?.heard.some(({ name, complete }) => name === "goodbye" && complete) ?? false;
}

/** An endpoint that was answered and never acknowledged, because its process died just then, is given up after timer-T1X64 (RFC 3261 §13.3.1.4): 8 s in freeswitch/sip_profiles/drachtio_mrf.xml. */
export async function noChannels(t: Test, lab: Lab): Promise<void> {
  await until(async () => (await lab.channels()).channels.length === 0, "every channel to be gone", 34_000).catch(() => {});
  t.same(await lab.channels(), { channels: [], unknownCommands: [] }, "nothing is left at the media server");
}

/** People who were alone with a prompt when a process died and did not hear the goodbye to its end. */
export function withoutGoodbye(books: readonly CallSummary[], kills: readonly Kill[]) {
  const owed: CallSummary[] = [];
  // Who was in conversation at an earlier kill is hung up on when the other one hangs up: no goodbye is owed then.
  const talking = new Set<string>();
  for (const kill of kills) {
    for (const attempt of talkingAt(books, kill.deadAt)) talking.add(attempt);
    for (const call of books) {
      if (isTransfer(call) || talking.has(attemptIdOf(call)) || !wasInFlight(call, kill) || !wasUp(call, kill.at)) continue;
      const heardUs = call.audio.firstSoundAtMs !== null && call.audio.firstSoundAtMs < kill.at;
      if (heardUs && call.endedBy === "caller") owed.push(call);
    }
  }
  const missed = owed.filter((call) => !heardGoodbye(call));
  return { owed: owed.length, missed };
}
