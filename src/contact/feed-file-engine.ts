import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Clock } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { keptName } from "./feed.ts";
import type { FeedFile, FeedPlace, FeedReport, FeedRun, FeedRunState, FeedStore, FeedWork } from "./feed-ports.ts";
import type { LookupRun } from "./lookup/ports.ts";
import { whileItMoves } from "./moving-engine.ts";
import type { FeedOptions } from "./options.ts";
import { RejectsFile } from "./rejects-engine.ts";

export interface FeedFileParts {
  readonly store: FeedStore;
  readonly work: FeedWork;
  /** Where a file is kept while it is read; of this node alone. */
  readonly spoolDir: string;
  readonly clock: Clock;
}

/** One feed that is looked after, over its open folder. */
export interface FeedTurn {
  readonly feed: FeedOptions;
  readonly place: FeedPlace;
  /** @throws Fault `feed-lost` when the feed is another node's by now, or this one stops */
  still(): void;
}

const mb = 1 << 20;

/** A file that has gone in: what is to follow was done, or waits until its people are looked up. */
export type Followed = "done" | "waits";

/** Brings one file of a feed in. @returns what went wrong that may pass; undefined when the file is over with */
export async function takeFile(parts: FeedFileParts, turn: FeedTurn, file: FeedFile): Promise<Fault | "waits" | undefined> {
  const { store, spoolDir, clock } = parts;
  const { feed, place } = turn;
  const spool = join(spoolDir, randomUUID());
  try {
    const { bytes, sha256 } = await spooled(turn, file, spool, clock);
    // It was written to while it was read: the next look sees it as it is then.
    if (bytes !== file.bytes && bytes <= feed.maxMb * mb) return undefined;
    const whole = { feed: feed.name, file: file.name, bytes, sha256 };
    if (bytes > feed.maxMb * mb) {
      const run = await store.note({
        ...whole,
        bytes: file.bytes,
        state: "failed",
        fault: `The file is longer than ${feed.maxMb} MB (feeds, maxMb).`,
      });
      await lay(place, run, "failed");
      return undefined;
    }
    const begun = await store.begin(whole);
    if ("earlier" in begun) {
      const run = await store.note({
        ...whole,
        state: "repeated",
        fault: `The same file was taken in run ${begun.earlier.id}; it was not taken again.`,
      });
      await lay(place, run, "done");
      return undefined;
    }
    return await bring(parts, turn, begun.run, spool, file);
  } finally {
    await rm(spool, { force: true });
  }
}

/** What follows when a file has gone in. @throws Fault, after which it is done again later */
export async function finishRun({ store, work }: FeedFileParts, { feed, place }: FeedTurn, run: FeedRun, giveUp = false): Promise<Followed> {
  let fault: string | undefined;
  const runs = await work.lookups(runsOf(run));
  const asking = runs.filter(({ state }) => state === "running");
  const late = giveUp && asking.length > 0;
  if (feed.startCampaign !== undefined && asking.length > 0 && !feed.startUnasked && !late) return "waits";
  const looked = { ...run.report, ...(runs.length > 0 && { lookups: runs.map(resultOf) }) };
  const report = run.report && { report: looked };
  if (feed.startCampaign !== undefined && late && !feed.startUnasked)
    fault = `The file went in, and the campaign ${feed.startCampaign} was not started: after a day its people are not looked up (${asking.map(waitText).join("; ")}).`;
  else if (feed.startCampaign !== undefined) {
    try {
      await work.start(feed.startCampaign);
    } catch (error) {
      fault = `The file went in, and the campaign ${feed.startCampaign} could not be started: ${toFault(error, "feed-failed").message}`;
      if (!giveUp) {
        await store.settle(run.id, "loaded", { fault }, ["loaded"]);
        throw new Fault("feed-failed", fault, { cause: error, retryable: true });
      }
    }
  }
  await lay(place, { ...run, ...report, state: "done", ...(fault !== undefined && { fault }) }, "done");
  await store.settle(run.id, "done", { ...report, ...(fault !== undefined && { fault }) });
  return "done";
}

/** By which its people are looked up, as the report of the import has them. */
function runsOf({ report }: FeedRun): readonly string[] {
  const runs = report?.["lookupRuns"];
  return Array.isArray(runs) ? runs.filter((id) => typeof id === "string") : [];
}

function resultOf({ id: run, list, lookups, state, people, contacts, counts }: LookupRun) {
  return { run, list, lookups, state, people, contacts, counts };
}

function waitText({ id, people = 0, contacts, missing }: LookupRun): string {
  return `run ${id}: ${contacts} of ${people}${missing.length === 0 ? "" : `, no server has ${missing.join(", ")}`}`;
}

async function bring(
  parts: FeedFileParts,
  turn: FeedTurn,
  run: FeedRun,
  spool: string,
  { modifiedAt }: FeedFile,
): Promise<Fault | "waits" | undefined> {
  const { store, work } = parts;
  const { feed, place } = turn;
  const { file = "" } = run;
  const rejectsPath = `${spool}.rejects`;
  const rejects = new RejectsFile(rejectsPath);
  const putRejects = async (folder: "done" | "failed") => {
    await rejects.close();
    if (rejects.count > 0) await place.write(`${keptName(folder, run.id, file)}.rejects.${rejects.form}`, createReadStream(rejectsPath));
  };
  try {
    let report: FeedReport;
    try {
      const content = Readable.from(checked(createReadStream(spool), turn));
      const headed = (header: readonly string[]) => rejects.headed(header);
      report = await work.load({ feed, file, modifiedAt, content, run: run.id, headed, rejected: (rejection) => rejects.write(rejection) });
    } catch (error) {
      return await failed(parts, turn, run, toFault(error, "import-failed"), putRejects);
    }
    if (!(await store.settle(run.id, "loaded", { report }))) throw new Fault("feed-lost", "The feed is another node's by now.", { retryable: true });
    await putRejects("done");
    try {
      return (await finishRun(parts, turn, { ...run, state: "loaded", report })) === "waits" ? "waits" : undefined;
    } catch (error) {
      return toFault(error, "feed-failed");
    }
  } finally {
    await rejects.close().catch(() => undefined);
    await rm(rejectsPath, { force: true });
  }
}

/** @returns the fault, where the file stays to be tried again */
async function failed(
  { store }: FeedFileParts,
  { feed, place }: FeedTurn,
  run: FeedRun,
  fault: Fault,
  putRejects: (folder: "failed") => Promise<void>,
): Promise<Fault | undefined> {
  const state: FeedRunState = fault.code === "feed-lost" ? "interrupted" : "failed";
  // What has gone in all the same, before it went wrong, is finished by the next look.
  if (!(await store.settle(run.id, state, { fault: fault.message }, ["running"]))) return fault;
  const { file = "", sha256 = "" } = run;
  if (state === "interrupted") return fault;
  if (fault.retryable && (await store.tries({ feed: feed.name, file, sha256 })) < feed.maxTries) return fault;
  await putRejects("failed");
  await lay(place, { ...run, state, fault: fault.message }, "failed");
  return undefined;
}

/** Puts a file that is over with where it belongs, its report beside it. */
async function lay(place: FeedPlace, run: FeedRun, folder: "done" | "failed"): Promise<void> {
  const { file = "", id } = run;
  const to = keptName(folder, id, file);
  await place.write(`${to}.report.json`, [Buffer.from(`${JSON.stringify(reportOf(run), null, 2)}\n`)]);
  await place.move(file, to);
}

function reportOf({ id, at, endedAt: _, ...run }: FeedRun): Readonly<Record<string, unknown>> {
  return { run: id, takenAt: new Date(at).toISOString(), ...run };
}

/** Copies a file here, so that nobody changes it while it goes in, and it does not go in at the pace of a far network. */
async function spooled(turn: FeedTurn, file: FeedFile, spool: string, clock: Clock): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  const most = turn.feed.maxMb * mb;
  const out = await open(spool, "wx", 0o600);
  let bytes = 0;
  try {
    if (file.bytes > most) return { bytes: file.bytes, sha256: "" };
    for await (const chunk of checked(whileItMoves(turn.place.read(file.name), clock), turn)) {
      bytes += chunk.length;
      if (bytes > most) break;
      hash.update(chunk);
      await out.write(chunk);
    }
  } finally {
    await out.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function* checked(content: AsyncIterable<Uint8Array>, turn: FeedTurn): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    turn.still();
    yield chunk;
  }
}
