import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Tap } from "../tap-ports.ts";
import { type AmdState, isSettled, push, startAmd } from "./amd.ts";
import type { AmdOptions } from "./options.ts";
import type { MessagePlace, Verdict } from "./verdict.ts";

/** Somebody who has answered is heard within that, if it is only by the noise of the line; otherwise the tap is deaf. */
const deafMs = 1500;
/** What the sound may lag behind the clock before nobody waits for it. */
const lagMs = 1000;

/** Who answered one call, as it is being heard. */
export interface Listening {
  /** Resolves with the first verdict, at the latest a second after the time that the options give it; never rejects. */
  readonly verdict: Promise<Verdict>;
  /** Resolves when a machine may be spoken to. Only after a verdict of `machine` or `machine-beep`. */
  readonly message: Promise<MessagePlace>;
  stop(): void;
}

/**
 * Hears a tap from the answer on. It fails open: where nothing can be heard, because the tap is dead, deaf or was never made, the
 * verdict is `unknown`, at once. A machine that cannot be heard any more is spoken to when the longest greeting is over.
 */
export function listenTo(tap: Tap | undefined, options: AmdOptions, clock: Clock): Listening {
  const startedAt = clock.now();
  const verdict = Promise.withResolvers<Verdict>();
  const message = Promise.withResolvers<MessagePlace>();
  const timers: Timer[] = [];
  let state: AmdState | undefined = startAmd(options);
  let unheard = true;
  const stop = () => {
    state = undefined;
    end();
    for (const timer of timers) timer.cancel();
  };
  const giveUp = () => {
    if (state?.verdict) return;
    verdict.resolve({ outcome: "unknown", cause: "not-heard", atMs: Math.round(clock.now() - startedAt) });
    stop();
  };
  const hear = (frame: Int16Array, heard: boolean) => {
    if (!state) return;
    if (heard) unheard = false;
    const so = push(state, frame);
    if (!so) return;
    verdict.resolve(so);
    if (state.message) message.resolve(state.message);
    if (isSettled(state)) stop();
  };
  let end = () => {};
  if (!tap?.live) {
    giveUp();
    return { verdict: verdict.promise, message: message.promise, stop };
  }
  end = tap.listen(hear);
  tap.gone.then(giveUp);
  timers.push(
    clock.after(deafMs, () => {
      if (unheard) giveUp();
    }),
    clock.after(options.totalAnalysisMs + lagMs, giveUp),
    clock.after(options.messageEndTimeoutMs + lagMs, () => {
      message.resolve({ by: "timeout", atMs: options.messageEndTimeoutMs });
      stop();
    }),
  );
  return { verdict: verdict.promise, message: message.promise, stop };
}
