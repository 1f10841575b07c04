import { pick, type Random } from "../../kernel/random.ts";
import type { VoiceName } from "../media/voice.ts";
import type { SipDialog } from "../sip/dialog.ts";
import type { Line } from "./line.ts";
import type { MediaEnd } from "./media-end.ts";
import type { Act, Acts } from "./persona.ts";
import { drawMs, type Stage } from "./stage.ts";

/** An answered call, as the acts need it. */
export interface Scene {
  readonly stage: Stage;
  readonly random: Random;
  readonly line: Line;
  readonly media: MediaEnd;
  readonly dialog: SipDialog;
  /** What whoever acts sounds like. */
  readonly voice: VoiceName;
}

/** Hanging up as a telephone does (RFC 3326; Q.850 cause 16, normal clearing). */
export const hangUpHeaders = { Reason: 'Q.850;cause=16;text="NORMAL_CLEARING"' } as const;

/** Does one act after the other, as long as the call lasts; at the end of the list the party hangs up. */
export async function perform(scene: Scene, acts: Acts): Promise<void> {
  for await (const act of acts) {
    if (scene.line.isOver) return;
    await performOne(scene, act);
  }
  if (!scene.line.isOver) hangUp(scene);
}

async function performOne(scene: Scene, act: Act): Promise<void> {
  const { stage, random, line, media, dialog } = scene;
  switch (act.do) {
    case "say":
      await line.say(media, await stage.voices.bytes(stage, random, act.what, media.stream.law));
      return;
    case "keep-saying":
      void keepSaying(scene, act);
      return;
    case "speak":
      media.stream.play(stage.voices.tone(act.voice === "own" ? scene.voice : act.voice, media.stream.law), () => {}, Number.POSITIVE_INFINITY);
      return;
    case "hush":
      media.stream.hush();
      return;
    case "meet":
      await line.meet(media);
      return;
    case "wait":
      await line.wait(drawMs(stage, random, act.forMs, act.exact));
      return;
    case "hear":
      await line.hearMore(media, drawMs(stage, random, act.forMs, true));
      return;
    case "listen":
      if (await line.hearMore(media, 0)) await line.hearOut(media, act.silenceMs);
      return;
    case "hear-prompt":
      await line.hear(media);
      return;
    case "hear-out":
      await line.hearOut(media, act.silenceMs);
      return;
    case "press":
      await line.press(media, pick(random, act.oneOf));
      return;
    case "hang-up":
      hangUp(scene);
      return;
    case "vanish":
      stage.books.setVanished(dialog.callId);
      dialog.vanish();
      line.end();
      return;
    case "stay":
      await line.stay();
  }
}

function hangUp({ dialog, line }: Scene): void {
  line.end();
  // Who has put the telephone down waits for nothing; an answer that never comes would keep the party open for good.
  void dialog.bye(hangUpHeaders);
}

async function keepSaying({ stage, random, line, media }: Scene, act: Act & { do: "keep-saying" }): Promise<void> {
  for (;;) {
    const bytes = await stage.voices.bytes(stage, random, act.what, media.stream.law);
    if (!(await line.say(media, bytes))) return;
    // At least a frame, or a pace of 0 would never let go of the turn.
    if (!(await line.wait(Math.max(20, drawMs(stage, random, act.pauseMs))))) return;
  }
}
