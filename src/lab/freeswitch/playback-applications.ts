import type { Application, Channel } from "./channel.ts";
import { playAndGetDigits } from "./collect.ts";
import { playFile, sleep } from "./play.ts";
import type { PromptCache } from "./prompt-cache.ts";

/** Whether a key stops what is playing, by playback_terminators; remembers which did (mod_dptools.c, on_dtmf). */
export function terminatorOf(channel: Channel, key: string): boolean {
  const setting = channel.variables.get("playback_terminators") ?? "*";
  const keys = setting.toLowerCase() === "any" ? "1234567890*#" : setting.toLowerCase() === "none" ? "" : setting;
  if (!keys.includes(key)) return false;
  channel.variables.set("playback_terminator_used", key);
  return true;
}

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
  const end = await playFile(channel, prompts, file, { from: Number.parseInt(from, 10) || 0, onKey: (key) => terminatorOf(channel, key) });
  const response = end === "not-found" ? "FILE NOT FOUND" : end === "played" || end === "broken" ? "FILE PLAYED" : "PLAYBACK ERROR";
  channel.variables.set("current_application_response", response);
}

async function endless(channel: Channel, prompts: PromptCache, data: string): Promise<void> {
  while (channel.ready) {
    const end = await playFile(channel, prompts, data);
    if (end !== "played") return;
  }
}

/** send_dtmf: keys[@duration ms]; w and W are pauses and not sent (FreeSWITCH's default is 2000 samples). */
export function sendKeys(channel: Channel, data: string): void {
  const [keys = "", duration = ""] = data.split("@");
  channel.media.press(keys.toUpperCase().replace(/[^0-9*#A-D]/g, ""), Number.parseInt(duration, 10) || 250);
}
