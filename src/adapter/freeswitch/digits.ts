import type { Collected, CollectRequest, PromptFile } from "../../ivr/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { promptDelimiter } from "./dialplan.ts";
import type { EslEvent } from "./modesl.ts";

/** Played after a wrong entry; the script decides what is said then, so as little as FreeSWITCH allows. */
const noInvalidPrompt = "silence_stream://20";
/** The channel variable that FreeSWITCH puts keys into. */
const variable = "carillon_digits";
/** What is left of them on the channel, and goes into events and call records from then on. */
export const digitsVariables = [variable, `${variable}_invalid`];

/**
 * The prompts as one FreeSWITCH file name: parted by the `playback_delimiter` that our dialplan sets, a moment of silence for none.
 * Not `file_string://`: that one begins with 250 ms of silence (mod_dptools.c, next_file).
 * @throws Fault `prompt-path` for a path that would break out of the command line it goes into
 */
export function joinPrompts(prompts: readonly PromptFile[]): string {
  for (const { path } of prompts) {
    if (/[\s!'"\\,;{}[\]]|\p{Cc}/u.test(path))
      throw new Fault("prompt-path", `prompt path "${path}" has a blank or a special character in it; choose another prompts.mediaDir`);
  }
  return prompts.length === 0 ? noInvalidPrompt : prompts.map(({ path }) => path).join(promptDelimiter);
}

/** The argument of play_and_get_digits: min max tries timeout terminators file invalid-file variable regexp digit-timeout. */
export function digitsArgument(request: CollectRequest): string {
  const file = joinPrompts(request.bargeIn ? request.prompts : []);
  const terminators = request.terminators || "none";
  const { minDigits, maxDigits, firstDigitMs, interDigitMs } = request;
  return `${minDigits} ${maxDigits} 1 ${firstDigitMs} ${terminators} ${file} ${noInvalidPrompt} ${variable} [\\d*#]+ ${interDigitMs}`;
}

/** What was entered. Fewer digits than the minimum when the time ran out are still told, as FreeSWITCH keeps them. */
export function readCollected(event: EslEvent, request: CollectRequest): Collected {
  const digits = event.getHeader(`variable_${variable}`) ?? "";
  if (digits.length >= Math.max(1, request.minDigits)) return { end: "digits", digits };
  return { end: "timeout", digits: digits || (event.getHeader(`variable_${variable}_invalid`) ?? "") };
}
