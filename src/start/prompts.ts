import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { AudioPool } from "../adapter/tts/audio-pool.ts";
import { CommandRenderer } from "../adapter/tts/command.ts";
import { FliteRenderer } from "../adapter/tts/flite.ts";
import { DiskPromptStore } from "../adapter/tts/prompt-store.ts";
import { sweepScratch } from "../adapter/tts/scratch.ts";
import type { Config } from "../config/schema.ts";
import { primary } from "../ivr/language.ts";
import { PromptIndex } from "../ivr/prompt-index-engine.ts";
import type { PromptLibrary, PromptSounds, SoundExaminer } from "../ivr/prompt-ports.ts";
import type { PromptParts } from "../ivr/prompt-upload-engine.ts";
import { PromptUsers } from "../ivr/prompt-users-engine.ts";
import type { ScriptReader } from "../ivr/reader-ports.ts";
import type { ScriptStore } from "../ivr/script-ports.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

const dayMs = 86_400_000;
/** After the start, when campaigns have begun and there is nothing else to do. */
const firstPruneMs = 600_000;

/**
 * Prompts as configured: rendered by Flite or by commands, or recorded, kept as files where the media servers can read them.
 * @param sounds the uploaded ones; none without it
 */
export function openPrompts({ prompts }: Pick<Config, "prompts">, clock: Clock, sounds?: PromptSounds) {
  // The other half of the processors is for the calls.
  const concurrency = Math.max(2, Math.floor(availableParallelism() / 2));
  const pool = new AudioPool({ clock, workers: concurrency });
  const byCommand = (argv: readonly string[], language: string) => new CommandRenderer({ argv, languages: [language], clock, pool, concurrency });
  const engine = prompts.engine === "command" ? byCommand(prompts.command, "*") : new FliteRenderer(pool);
  const others = prompts.voices.map(({ language, command }) => byCommand(command, language));
  const voices = [...others, engine];
  const store = new DiskPromptStore({
    dir: resolve(prompts.dir),
    ...(prompts.mediaDir && { mediaDir: prompts.mediaDir }),
    ...(prompts.recordingsDir && { recordingsDir: resolve(prompts.recordingsDir) }),
    ...(sounds && { uploaded: new PromptIndex(sounds, clock) }),
    voices,
    pool,
    clock,
  });
  return {
    store,
    /** What the voices speak, as first parts of language tags, since a voice for es-MX stands in for es-US; `*` is any. */
    languages: [...new Set(voices.flatMap((voice) => voice.languages.map((tag) => primary(tag.toLowerCase()))))],
    async close(): Promise<void> {
      await Promise.all(voices.map((voice) => voice.close()));
      await pool.close();
    },
  };
}

/** What uploading prompts stands on. */
export function promptPartsOf(
  stores: { readonly prompts: PromptLibrary; readonly scripts: ScriptStore },
  examiner: SoundExaminer,
  reader: ScriptReader,
): PromptParts {
  return { library: stores.prompts, examiner, users: new PromptUsers(stores.scripts, reader) };
}

/** Removes prompts that nobody used for so many days, and what killed processes left of their work, once a day. @returns the function that ends it */
export function prunePrompts(store: DiskPromptStore, keepDays: number, clock: Clock, log: Log): () => Promise<void> {
  const sweep = async () => {
    const removed = await sweepScratch(clock.now());
    if (removed > 0) log.info({ removed }, "what speech engines left behind that were killed is removed");
  };
  const prune = async () => {
    await sweep();
    try {
      const { removed, bytes } = await store.prune(keepDays * dayMs);
      if (removed > 0) log.info({ removed, bytes }, "prompts that nobody used any more are removed");
    } catch (error) {
      log.error({ err: error }, "unused prompts could not be removed; trying again tomorrow");
    }
  };
  const swept = sweep();
  let daily: (() => Promise<void>) | undefined;
  const first = again(clock, firstPruneMs, async () => {
    await prune();
    daily = again(clock, dayMs, async () => {
      await prune();
      return true;
    });
    return false;
  });
  return async () => {
    await swept;
    await first();
    await daily?.();
  };
}
