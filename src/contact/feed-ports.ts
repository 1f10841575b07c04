import type { Readable } from "node:stream";
import type { LookupRun } from "./lookup/ports.ts";
import type { FeedOptions } from "./options.ts";
import type { Rejection } from "./ports.ts";

/** A file that lies in a feed's folder. */
export interface FeedFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was changed last, as the folder's machine has it: epoch ms. */
  readonly modifiedAt: number;
}

/** The folder of a feed: on this machine, or on an SFTP server. Names are those of files in it, or of `done/` and `failed/`. */
export interface FeedPlace {
  /** Of an SFTP server that was let in: the fingerprint of its key. */
  readonly hostKey?: string;
  /** Ordinary files only. */
  files(): Promise<readonly FeedFile[]>;
  read(name: string): AsyncIterable<Uint8Array>;
  /** Nobody finds half of it under that name. What has the name is replaced. */
  write(name: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** @returns false when there is none of that name any more */
  move(from: string, to: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Faults: `feed-folder`, `feed-unreachable` (retryable), `feed-login`, `feed-host-key`. @param knownHostKey what a server showed that was trusted the first time */
export type OpenFeedPlace = (feed: FeedOptions, knownHostKey: string | undefined) => Promise<FeedPlace>;

/** What a file has become, for people and programs; by the name of a figure. */
export type FeedReport = Readonly<Record<string, unknown>>;

export interface FeedDelivery {
  readonly feed: FeedOptions;
  /** Its name. */
  readonly file: string;
  /** When it was changed last, as the folder's machine has it: epoch ms. */
  readonly modifiedAt: number;
  readonly content: Readable;
  /** The run of the feed: it is `loaded` by the same commit that brings the file in, or nothing goes in. */
  readonly run: string;
  readonly headed: (header: readonly string[]) => void;
  readonly rejected: (rejection: Rejection) => Promise<void>;
}

/** What feeds do with their files. */
export interface FeedWork {
  /** Faults as `importContacts` and `loadSuppressions`; `mapping-unknown`, `suppression-list-unknown`; `feed-lost` when the run is another node's by now. */
  load(delivery: FeedDelivery): Promise<FeedReport>;
  /** Faults: `campaign-unknown`. */
  results(feed: FeedOptions, at: number): Promise<{ readonly name: string; readonly content: AsyncIterable<Uint8Array> }>;
  /** Runs of look-ups that a file's people are in. */
  lookups(runs: readonly string[]): Promise<readonly LookupRun[]>;
  /** One that runs goes on. Faults: `campaign-unknown`, and whatever keeps it from running. */
  start(campaign: string): Promise<void>;
  /** When it is looked next, behind that time. */
  nextLook(feed: FeedOptions, after: number): number;
}

export const feedRunStates = ["running", "loaded", "done", "failed", "repeated", "interrupted"] as const;
/**
 * running: a node is at it. loaded: it has gone in, and what is to follow has not been done. repeated: the same file was there before.
 * interrupted: the node that was at it died, or stopped; it is taken up again.
 */
export type FeedRunState = (typeof feedRunStates)[number];

/** One file that a feed took, or put there, or one look that failed. */
export interface FeedRun {
  readonly id: string;
  readonly feed: string;
  readonly node: string;
  readonly state: FeedRunState;
  /** Absent of a look that came to no file. */
  readonly file?: string;
  readonly bytes?: number;
  /** Hex. */
  readonly sha256?: string;
  readonly report?: FeedReport;
  /** What went wrong, for people. */
  readonly fault?: string;
  /** Epoch ms. */
  readonly at: number;
  readonly endedAt?: number;
}

/** What is known of a feed by all nodes. */
export interface FeedView {
  readonly name: string;
  /** Epoch ms; undefined while it has never been looked. */
  readonly nextAt?: number;
  readonly lookedAt?: number;
  /** The node that is at it now. */
  readonly takenBy?: string;
  /** Looks in a row that failed, and why the last one did. */
  readonly failures: number;
  readonly trouble?: string;
  readonly hostKey?: string;
}

/** Files that are not taken yet: how they were, and since when (epoch ms) they are so. */
export type SeenFiles = Readonly<Record<string, { readonly bytes: number; readonly modifiedAt: number; readonly since: number }>>;

/** A feed that this node has for itself, until the lease ends. */
export interface FeedHold {
  readonly name: string;
  readonly seen: SeenFiles;
  readonly failures: number;
  readonly hostKey?: string;
}

export interface FeedStore {
  /** Makes known which feeds there are, and when they are looked first. */
  know(feeds: readonly { readonly name: string; readonly firstAt: number }[]): Promise<void>;
  /** Takes one of these that is due, for this node alone; runs of a node that is gone are interrupted. @param until epoch ms */
  take(names: readonly string[], until: number): Promise<FeedHold | undefined>;
  /** @returns false when it is another node's by now */
  extend(name: string, until: number): Promise<boolean>;
  /** Lets it go until `nextAt`; somebody who has asked meanwhile is heard. */
  release(
    name: string,
    end: { readonly nextAt: number; readonly seen: SeenFiles; readonly failures: number; readonly trouble?: string },
  ): Promise<void>;
  keepHostKey(name: string, hostKey: string): Promise<void>;
  /** @returns the run, or the earlier one that had the same file */
  begin(file: {
    readonly feed: string;
    readonly file: string;
    readonly bytes: number;
    readonly sha256?: string;
  }): Promise<{ readonly run: FeedRun } | { readonly earlier: FeedRun }>;
  /** What is in none of these states any more stays as it is. @param from default `running` and `loaded`. @returns whether it was */
  settle(
    id: string,
    state: FeedRunState,
    more?: { readonly report?: FeedReport; readonly fault?: string },
    from?: readonly FeedRunState[],
  ): Promise<boolean>;
  /** Keeps what happened as a run that is over. */
  note(run: Pick<FeedRun, "feed" | "state" | "fault" | "file" | "bytes" | "sha256">): Promise<FeedRun>;
  /** Those that have gone in and are not done, the oldest first. */
  loaded(feed: string): Promise<readonly FeedRun[]>;
  /** How often that very file failed or was interrupted. */
  tries(file: { readonly feed: string; readonly file: string; readonly sha256: string }): Promise<number>;
  list(): Promise<readonly FeedView[]>;
  /** The newest first. @param feed absent: of all feeds */
  runs(feed: string | undefined, limit: number): Promise<readonly FeedRun[]>;
  /** It is looked at once, by whichever node has it. @returns false when there is none of that name */
  ask(name: string): Promise<boolean>;
}
