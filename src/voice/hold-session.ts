import type { Broken, Holding, PromptFile } from "../ivr/ports.ts";
import type { Endpoint } from "./ports.ts";

/**
 * The media server says goodbye by itself this long after what it plays should have ended: only a hanging or dead process
 * gets there, because the next action sets the guard anew. Longer than the goodbye: one that began because the process
 * died must not be cut by the guard, and begin again.
 */
export const guardSlackMs = 4000;

/** Plays the prompts again and again, each time with a guard of their length: who is held by a process that hangs is not left in silence. */
export function hold(endpoint: Endpoint, prompts: readonly PromptFile[], personLeft: Promise<Broken>): Holding {
  const left = Promise.withResolvers<Broken>();
  let stopped = false;
  let stopping: Promise<void> | undefined;
  const leave = (how: Broken) => {
    if (!stopped) left.resolve(how);
    stopped = true;
  };
  personLeft.then(leave);
  const playing = (async () => {
    while (!stopped && prompts.length > 0) {
      endpoint.guard(durationOf(prompts) + guardSlackMs);
      const end = await endpoint.play(prompts);
      if (end !== "played") leave(end);
    }
  })().catch(() => leave("lost"));
  const stop = async () => {
    stopped = true;
    await endpoint.stop();
    await playing;
  };
  return {
    left: left.promise,
    stop() {
      // Once: a second one must not stop what plays after it.
      stopping ??= stop();
      return stopping;
    },
  };
}

export function durationOf(prompts: readonly PromptFile[]): number {
  return prompts.reduce((sum, prompt) => sum + prompt.durationMs, 0);
}
