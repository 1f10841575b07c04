import type { Application, Channel } from "./channel.ts";
import { playAndGetDigits } from "./collect.ts";
import { type PlayEnd, playFile, sleep } from "./play.ts";
import type { PromptCache } from "./prompt-cache.ts";
import { speakText } from "./speech-applications.ts";
import { terminatorOf } from "./terminator.ts";

export function playbackApplications(prompts: PromptCache): [string, Application][] {
  return [
    ["playback", (channel, data) => playback(channel, prompts, data)],
    ["endless_playback", (channel, data) => endless(channel, prompts, data)],
    ["play_and_get_digits", (channel, data) => playAndGetDigits(channel, prompts, data)],
    ["sleep", (channel, data) => sleep(channel, Number.parseInt(data, 10) || 0)],
    ["send_dtmf", sendKeys],
  ];
}

/** playback: a file, FILE@@SAMPLE, or a list (mod_dptools.c, playback_function). */
async function playback(channel: Channel, prompts: PromptCache, data: string): Promise<void> {
  const [file = "", from = ""] = data.split("@@");
  channel.variables.set("playback_terminator_used", undefined);
  if (file.startsWith("say:")) {
    // With an engine set it is spoken; without one nothing is said, and it counts as played.
    const { variables } = channel;
    await speakText(channel, variables.get("tts_engine") ?? "", variables.get("tts_voice") ?? "", file.slice("say:".length));
    variables.set("current_application_response", "FILE PLAYED");
    return;
  }
  const end = await playFile(channel, prompts, file, { from: Number.parseInt(from, 10) || 0, onKey: (key) => terminatorOf(channel, key) });
  setResponse(channel, end);
}

/** endless_playback: again and again, whatever breaks it off, until the call ends or the sound cannot be played (mod_dptools.c, endless_playback_function). */
async function endless(channel: Channel, prompts: PromptCache, data: string): Promise<void> {
  let end: PlayEnd = "played";
  while (channel.ready && (end === "played" || end === "broken")) end = await playFile(channel, prompts, data);
  setResponse(channel, end);
}

/** A sound that the end of the call cut counts as played (transcript 04e). */
function setResponse(channel: Channel, end: PlayEnd): void {
  const response = end === "not-found" ? "FILE NOT FOUND" : end === "timed-out" ? "PLAYBACK ERROR" : "FILE PLAYED";
  channel.variables.set("current_application_response", response);
}

/** send_dtmf: keys[@duration ms]; w and W are pauses and not sent (FreeSWITCH's default is 2000 samples). */
export function sendKeys(channel: Channel, data: string): void {
  const [keys = "", duration = ""] = data.split("@");
  channel.media.press(keys.toUpperCase().replace(/[^0-9*#A-D]/g, ""), Number.parseInt(duration, 10) || 250);
}
