import type { RecordingReport } from "./recording-ports.ts";
import type { Stretch } from "./script-ports.ts";

/** How the samples of a WAV file are written. */
export const soundEncodings = ["pcm-8", "pcm-16", "pcm-24", "pcm-32", "float-32", "mu-law", "a-law"] as const;
export type SoundEncoding = (typeof soundEncodings)[number];

/** What a WAV file says of itself. */
export interface SoundForm {
  readonly encoding: SoundEncoding;
  /** Samples per second. */
  readonly sampleRate: number;
  readonly channels: number;
  /** How long it says that it lasts, ms, where it ends before that. */
  readonly announcedMs?: number;
}

/** What is known of a sound before anybody hears it. `form` is there when it can be read. */
export interface SoundReport extends RecordingReport {
  readonly form?: SoundForm;
}

/** Looks at a WAV file that somebody sent. @throws Fault `prompt-engine` only */
export interface SoundExaminer {
  examine(file: Uint8Array): Promise<SoundReport>;
  /** Whether the folder of recordings of this machine has a file of that name. */
  hasFile(name: string): Promise<boolean>;
}

/** A version of an uploaded prompt. It never changes. The newest of a name is what calls hear. */
export interface PromptVersion extends Omit<SoundForm, "announcedMs"> {
  readonly id: string;
  /** As scripts name it with `file:`. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** BCP 47, of what is spoken in it. */
  readonly language: string | undefined;
  readonly note: string | undefined;
  /** Of the file as it was sent, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** Epoch ms. */
  readonly uploadedAt: number;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly uploadedBy: string;
  /** False for one that many came after: its sound is not kept any more. */
  readonly soundKept: boolean;
}

export interface NewPrompt extends Omit<PromptVersion, "id" | "version" | "uploadedAt" | "soundKept"> {
  readonly sound: Uint8Array;
}

/** The sounds that calls hear, by their names. */
export interface PromptSounds {
  /** Is another one after each change of any prompt. */
  mark(): Promise<string>;
  /** The sha256 of the newest version of each name. */
  current(): Promise<ReadonlyMap<string, string>>;
  /** The file as it was sent; undefined when no prompt has it any more. */
  sound(sha256: string): Promise<Uint8Array | undefined>;
}

/** Uploaded prompts, which every node has. */
export interface PromptLibrary extends PromptSounds {
  /** Makes it the next version of its name, unless its newest version has that sound and language already. */
  put(prompt: NewPrompt): Promise<{ readonly prompt: PromptVersion; readonly fresh: boolean }>;
  find(name: string, version?: number): Promise<PromptVersion | undefined>;
  /** The newest version of each name, in the order in which they were uploaded; only of that language, if one is given. */
  all(stretch: Stretch, language?: string): Promise<readonly PromptVersion[]>;
  /** Newest first; `afterId` is a version's. */
  versions(name: string, stretch: Stretch): Promise<readonly PromptVersion[]>;
  /**
   * Takes it away, with its versions, if `mayGo` does not throw: that is asked when nobody can begin to name it any more.
   * @returns whether there was one
   */
  remove(name: string, mayGo: () => Promise<void>): Promise<boolean>;
  /** Of these names those that are uploaded. Within a change none of them is taken away before its end. */
  hold(names: readonly string[]): Promise<readonly string[]>;
}

/** Which sound a name stands for, as whoever plays it asks. */
export interface UploadedSounds {
  /**
   * @param now whether it has to be known as it is at this moment; a second old else
   * @returns sha256; undefined when no such prompt was uploaded
   */
  current(name: string, now?: boolean): Promise<string | undefined>;
  sound(sha256: string): Promise<Uint8Array | undefined>;
}
