import type { Channel } from "./channel.ts";
import { playFile } from "./play.ts";
import type { PromptCache } from "./prompt-cache.ts";

/** Longest number of keys kept (digit_buffer of play_and_get_digits_function). */
const mostKeys = 127;

interface Reading {
  readonly min: number;
  readonly max: number;
  readonly timeoutMs: number;
  readonly keyTimeoutMs: number;
  readonly terminators: string;
}

type ReadEnd = "success" | "timeout" | "too-small" | "failure";

/**
 * play_and_get_digits: min max tries timeout terminators file invalid_file var regexp digit_timeout
 * (mod_dptools.c, play_and_get_digits_function; switch_play_and_get_digits). Times are milliseconds.
 */
export async function playAndGetDigits(channel: Channel, prompts: PromptCache, data: string): Promise<void> {
  const [min = "", max = "", tries = "", timeout, terminators, file = "", invalidFile = "", variable = "", regexp, keyTimeout] = data.split(" ");
  const least = Math.max(0, Number.parseInt(min, 10) || 0);
  const timeoutMs = Math.max(1000, Number.parseInt(timeout ?? "1000", 10) || 0);
  const reading: Reading = {
    min: least,
    max: Math.min(mostKeys, Math.max(least, Number.parseInt(max, 10) || 0)),
    timeoutMs,
    keyTimeoutMs: Number.parseInt(keyTimeout ?? "", 10) || timeoutMs,
    terminators: terminators || "#",
  };
  const { variables } = channel;
  if (regexp && variable) variables.set(`${variable}_invalid`, undefined);
  for (let left = Number.parseInt(tries, 10) || 0; channel.ready && left > 0; left--) {
    const { keys, end } = await read(channel, prompts, file, variable, reading);
    if (least === 0 && keys === "" && variables.get("read_terminator_used") !== undefined) return;
    const enough = end === "success" || (end === "timeout" && keys.length >= least);
    if (enough && keys !== "") {
      if (!regexp || matches(regexp, keys)) return;
      variables.set(variable, undefined);
      if (variable) variables.set(`${variable}_invalid`, keys);
    }
    if (!channel.ready) return;
    await playFile(channel, prompts, invalidFile);
  }
}

/** A pattern from the app may be no pattern at all; then nothing matches it. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** switch_ivr_read: the prompt, cut short by the first key, then the keys. */
async function read(
  channel: Channel,
  prompts: PromptCache,
  file: string,
  variable: string,
  reading: Reading,
): Promise<{ keys: string; end: ReadEnd }> {
  const { variables } = channel;
  variables.set("read_result", undefined);
  if (variable) variables.set(variable, undefined);
  let keys = "";
  let terminator = "";
  let end: ReadEnd = "success";
  if (file !== "" && file.toLowerCase() !== "silence") {
    const played = await playFile(channel, prompts, file, {
      onKey: (key) => {
        keys = key;
        return true;
      },
    });
    if (played !== "played" && played !== "broken") return { keys, end: "failure" };
  }
  if ((reading.min > 0 && keys.length < reading.min) || keys.length < reading.max) {
    if (keys !== "" && reading.terminators.includes(keys)) {
      terminator = keys;
      keys = "";
    } else {
      const collected = await collect(channel, keys, reading);
      keys = collected.keys;
      terminator = collected.terminator;
      end = collected.end;
    }
  }
  if (terminator !== "") variables.set("read_terminator_used", terminator);
  if (reading.min > 0 && keys.length < reading.min) end = "too-small";
  variables.set("read_result", end === "too-small" ? "failure" : end);
  if (reading.max === 1 && keys.length === 1 && reading.terminators.includes(keys)) keys = "";
  if (variable && keys !== "") variables.set(variable, keys);
  return { keys, end };
}

/** switch_ivr_collect_digits_count: until there are enough, a terminator, or nothing for too long. */
async function collect(channel: Channel, already: string, reading: Reading): Promise<{ keys: string; terminator: string; end: ReadEnd }> {
  const { clock } = channel.core;
  let keys = already;
  let terminator = "";
  let end: ReadEnd = "failure";
  let waitMs = already === "" ? reading.timeoutMs : reading.keyTimeoutMs;
  let since = clock.now();
  await channel.block(() => {
    if (clock.now() - since >= waitMs) {
      end = "timeout";
      return true;
    }
    for (let key = channel.keys.take()?.key; key !== undefined; key = channel.keys.take()?.key) {
      since = clock.now();
      waitMs = reading.keyTimeoutMs;
      if (reading.terminators.includes(key)) terminator = key;
      else keys += key;
      if (terminator !== "" || keys.length >= reading.max) {
        end = "success";
        return true;
      }
    }
    channel.media.sendIdle(channel.variables.get("send_silence_when_idle"));
    return false;
  });
  return { keys, terminator, end };
}
