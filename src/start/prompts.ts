import { resolve } from "node:path";
import { AudioPool } from "../adapter/tts/audio-pool.ts";
import { CommandRenderer } from "../adapter/tts/command.ts";
import { FliteRenderer } from "../adapter/tts/flite.ts";
import { DiskPromptStore } from "../adapter/tts/prompt-store.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";

/** Prompts as configured: rendered by Flite or by a command, kept as files where the media servers can read them. */
export function openPrompts({ prompts }: Pick<Config, "prompts">, clock: Clock) {
  const pool = new AudioPool({ clock });
  const renderer =
    prompts.engine === "command" ? new CommandRenderer({ argv: prompts.command, languages: ["*"], clock, pool }) : new FliteRenderer(pool);
  const store = new DiskPromptStore({
    dir: resolve(prompts.dir),
    ...(prompts.mediaDir && { mediaDir: prompts.mediaDir }),
    ...(prompts.recordingsDir && { recordingsDir: resolve(prompts.recordingsDir) }),
    renderer,
    pool,
    clock,
  });
  return {
    store,
    async close(): Promise<void> {
      await renderer.close();
      await pool.close();
    },
  };
}
