import { speech } from "../media/speech.ts";
import type { Application, Channel } from "./channel.ts";
import { playSound } from "./play.ts";
import { Prompt } from "./prompt-cache.ts";
import { terminatorOf } from "./terminator.ts";

/** mod_flite's voices; the only engine there is, as on the machine of the transcripts. */
const voices = /^(awb|kal|rms|slt)$/i;
/** mod_flite took 1.8 s for 25 characters. */
const msPerCharacter = 72;
const longestMs = 60_000;

export function speechApplications(): [string, Application][] {
  return [
    ["speak", speak],
    // Its numbers and dates are put together from sound files, and none are installed: it says nothing (transcript 07).
    ["say", (channel) => channel.variables.set("playback_terminator_used", undefined)],
  ];
}

/**
 * speak: [ENGINE|]VOICE|TEXT (mod_dptools.c, speak_function). The lab's voice cannot be understood; it speaks as long as flite would. An engine or voice that is
 * not there ends at once and without a sound; no engine at all ends the call.
 */
async function speak(channel: Channel, data: string): Promise<void> {
  const parts = data.split("|");
  const text = parts.slice(Math.min(2, parts.length - 1)).join("|");
  const voice = parts.length > 1 ? parts.at(parts.length > 2 ? 1 : 0) : channel.variables.get("tts_voice");
  const engine = parts.length > 2 ? parts[0] : channel.variables.get("tts_engine");
  if (!engine || !voice || text === "") {
    channel.hangup({ name: "DESTINATION_OUT_OF_ORDER", number: 27 });
    return;
  }
  channel.variables.set("playback_terminator_used", undefined);
  await speakText(channel, engine, voice, text);
}

/** switch_ivr_speak_text. */
export async function speakText(channel: Channel, engine: string, voice: string, text: string): Promise<void> {
  if (engine !== "flite" || !voices.test(voice)) return;
  const durationMs = Math.min(longestMs, Math.max(200, text.length * msPerCharacter));
  await playSound(channel, new Prompt(speech({ durationMs }, text.length)), { onKey: (key) => terminatorOf(channel, key) });
}
