import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { againDespite } from "../kernel/again.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { makeFolder } from "../kernel/folder.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import { pauseAfter, sortFiles } from "./feed.ts";
import { type FeedFileParts, type FeedTurn, finishRun, takeFile } from "./feed-file-engine.ts";
import type { FeedHold, FeedPlace, OpenFeedPlace, SeenFiles } from "./feed-ports.ts";
import type { FeedOptions } from "./options.ts";

export interface FeedParts extends FeedFileParts {
  readonly feeds: readonly FeedOptions[];
  readonly open: OpenFeedPlace;
  readonly log: Log;
  /** How often it is looked whether a feed is due. Default 1 s. */
  readonly lookMs?: number;
  /** For how long a node has a feed without saying that it is there. Default 60 s. */
  readonly leaseMs?: number;
}

const firstLookMs = 1000;
const usualLeaseMs = 60_000;
/** How often it is looked whether the people of a file are looked up. */
const waitsMs = 10_000;
/** A campaign that could not be started for so long after its file went in is not any more. */
const startWithinMs = 86_400_000;

/** What came of a look at a folder. */
interface Looked {
  readonly seen: SeenFiles;
  /** What may pass: it is looked again soon. */
  readonly trouble?: Fault;
  /** A file has gone in, and its campaign waits until its people are looked up: that is looked after soon. */
  readonly waits?: boolean;
}

/** Looks after the feeds of the configuration, each by one node at a time. */
export class FeedEngine {
  readonly #parts: FeedParts;
  readonly #feeds: ReadonlyMap<string, FeedOptions>;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Folders that are open. */
  readonly #places = new Set<FeedPlace>();
  #ended = false;
  #end: () => Promise<void> = async () => undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#feeds = new Map(parts.feeds.map((feed) => [feed.name, feed]));
  }

  /** Makes its feeds known and begins to look. */
  async start(): Promise<void> {
    const { store, work, clock, log, spoolDir, lookMs = firstLookMs } = this.#parts;
    if (this.#feeds.size === 0) return;
    // What a process that died had there is of no use: its file lies where it lay.
    await rm(spoolDir, { recursive: true, force: true });
    await makeFolder(spoolDir, 0o700);
    const now = clock.now();
    await store.know([...this.#feeds.values()].map((feed) => ({ name: feed.name, firstAt: feed.at === undefined ? now : work.nextLook(feed, now) })));
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "feeds cannot be looked after; trying on"),
    );
  }

  /** Stops what is under way where it is: the file is taken up again. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#end();
    // A far server that says nothing is not waited for.
    await Promise.allSettled([...this.#places].map((place) => place.close()));
    await this.settled();
  }

  /** Nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  /** Begins with each feed that is due, and that no node is at. */
  readonly look = inTurn(() => this.#look());

  async #look(): Promise<void> {
    const { store, clock, leaseMs = usualLeaseMs } = this.#parts;
    for (;;) {
      const free = [...this.#feeds.keys()].filter((name) => !this.#underWay.has(name));
      const hold = free.length === 0 || this.#ended ? undefined : await store.take(free, clock.now() + leaseMs);
      const feed = hold && this.#feeds.get(hold.name);
      if (hold === undefined || feed === undefined) return;
      const working = this.#serve(feed, hold).finally(() => this.#underWay.delete(feed.name));
      this.#underWay.set(feed.name, working);
    }
  }

  /** Never rejects. */
  async #serve(feed: FeedOptions, hold: FeedHold): Promise<void> {
    const { store, work, clock, log } = this.#parts;
    const lease = this.#keep(feed.name);
    let looked: Looked;
    try {
      looked = await this.#withPlace(feed, hold, (place) => this.#attend({ feed, place, still: lease.still }, hold));
    } catch (error) {
      const trouble = this.#ended ? new Fault("feed-lost", "The server stops.", { cause: error }) : toFault(error, "feed-failed");
      looked = { seen: hold.seen, trouble };
      if (trouble.code !== "feed-lost") await store.note({ feed: feed.name, state: "failed", fault: trouble.message }).catch(() => undefined);
    }
    await lease.end();
    const { seen, trouble, waits } = looked;
    const now = clock.now();
    const quietAt = Math.min(...Object.values(seen).map(({ since }) => since + feed.quietS * 1000));
    try {
      if (trouble === undefined) {
        const nextAt = Math.max(now, Math.min(work.nextLook(feed, now), quietAt, waits ? now + waitsMs : Number.POSITIVE_INFINITY));
        await store.release(feed.name, { nextAt, seen, failures: 0 });
      } else if (trouble.code === "feed-lost") {
        await store.release(feed.name, { nextAt: now, seen, failures: hold.failures });
      } else {
        const failures = hold.failures + 1;
        log.warn({ feed: feed.name, failures, reason: trouble.message }, "a feed is in trouble; trying again");
        await store.release(feed.name, { nextAt: now + pauseAfter(failures), seen, failures, trouble: trouble.message });
      }
    } catch (error) {
      log.error({ err: error, feed: feed.name }, "a feed could not be given back; its lease runs out");
    }
  }

  async #withPlace(feed: FeedOptions, { hostKey }: FeedHold, work: (place: FeedPlace) => Promise<Looked>): Promise<Looked> {
    const place = await this.#parts.open(feed, hostKey);
    this.#places.add(place);
    try {
      if (this.#ended) throw new Fault("feed-lost", "The server stops.", { retryable: true });
      if (place.hostKey !== undefined && hostKey === undefined && feed.hostKeys.length === 0)
        await this.#parts.store.keepHostKey(feed.name, place.hostKey);
      return await work(place);
    } finally {
      this.#places.delete(place);
      await place.close();
    }
  }

  async #attend(turn: FeedTurn, { seen: before }: FeedHold): Promise<Looked> {
    const { store, clock, log } = this.#parts;
    const { feed, place } = turn;
    if (feed.does === "export") return await this.#put(turn);
    let trouble: Fault | undefined;
    let waits = false;
    const unfinished = new Set<string>();
    for (const run of await store.loaded(feed.name)) {
      turn.still();
      try {
        if ((await finishRun(this.#parts, turn, run, clock.now() > run.at + startWithinMs)) === "done") continue;
        waits = true;
        unfinished.add(run.file ?? "");
      } catch (error) {
        trouble ??= toFault(error, "feed-failed");
        unfinished.add(run.file ?? "");
      }
    }
    const { ready, seen } = sortFiles(await place.files(), feed.files, before, feed.quietS * 1000, clock.now());
    const waiting = new Map(Object.entries(seen));
    for (const file of ready) {
      turn.still();
      // It has gone in already.
      const came = unfinished.has(file.name) ? undefined : await takeFile(this.#parts, turn, file);
      const fault = came === "waits" ? undefined : came;
      if (came === "waits") waits = true;
      if (fault === undefined) waiting.delete(file.name);
      if (unfinished.has(file.name)) continue;
      log.info({ feed: feed.name, bytes: file.bytes, ...(fault && { reason: fault.message }) }, "a feed took a file");
      trouble ??= fault;
    }
    return { seen: Object.fromEntries(waiting), waits, ...(trouble && { trouble }) };
  }

  async #put({ feed, place, still }: FeedTurn): Promise<Looked> {
    const { store, work, clock } = this.#parts;
    const { name, content } = await work.results(feed, clock.now());
    const hash = createHash("sha256");
    let bytes = 0;
    const counted = async function* () {
      for await (const chunk of content) {
        still();
        bytes += chunk.length;
        hash.update(chunk);
        yield chunk;
      }
    };
    await place.write(name, counted());
    await store.note({ feed: feed.name, state: "done", file: name, bytes, sha256: hash.digest("hex") });
    return { seen: {} };
  }

  /** Says again and again that this node is there. */
  #keep(name: string): { still: () => void; end: () => Promise<void> } {
    const { store, clock, leaseMs = usualLeaseMs } = this.#parts;
    let until = clock.now() + leaseMs;
    let gone = false;
    const end = againDespite(
      clock,
      leaseMs / 3,
      async () => {
        const wanted = clock.now() + leaseMs;
        if (await store.extend(name, wanted)) until = wanted;
        else gone = true;
      },
      () => undefined,
    );
    const still = () => {
      if (this.#ended) throw new Fault("feed-lost", "The server stops; the file is taken up again when it is there.", { retryable: true });
      if (gone || clock.now() >= until) throw new Fault("feed-lost", "Another node has taken the feed over meanwhile.", { retryable: true });
    };
    return { still, end };
  }
}
