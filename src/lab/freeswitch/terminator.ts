import type { Channel } from "./channel.ts";

/** Whether a key stops what is playing, by playback_terminators; remembers which did (mod_dptools.c, on_dtmf). */
export function terminatorOf(channel: Channel, key: string): boolean {
  const setting = channel.variables.get("playback_terminators") ?? "*";
  const keys = setting.toLowerCase() === "any" ? "1234567890*#" : setting.toLowerCase() === "none" ? "" : setting;
  if (!keys.includes(key)) return false;
  channel.variables.set("playback_terminator_used", key);
  return true;
}
