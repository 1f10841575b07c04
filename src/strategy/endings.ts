import type { ChannelName, Result, ResultFacts } from "../attempt/result.ts";
import { resultNames, results } from "../attempt/result.ts";
import type { Ending, Pass, PassChannel } from "./strategy.ts";

/** The channel of attempts in a pass. */
export function channelOf(channel: PassChannel): ChannelName {
  return channel === "sms" || channel === "email" ? channel : "voice";
}

/** What an attempt on this channel can end as. */
export function resultsOn(channel: ChannelName): readonly Result[] {
  return resultNames.filter((result) => {
    const facts: ResultFacts = results[result];
    return facts.channels.includes(channel);
  });
}

/** By none of these did the person hear or read anything: what `unreached` in a document stands for. Who declined, or was left without an agent, is not among them. */
const unreached: ReadonlySet<Result> = new Set<Result>([
  "machine",
  "no-answer",
  "busy",
  "bad-number",
  "fax",
  "sit",
  "silence",
  "congestion",
  "carrier-fault",
  "undelivered",
  "expired",
  "bounced-hard",
  "bounced-soft",
]);

export function unreachedOn(channel: ChannelName): readonly Result[] {
  return resultsOn(channel).filter((result) => unreached.has(result));
}

/** After these nothing follows by itself, whatever the channel. */
const last: Partial<Readonly<Record<Result, string>>> = {
  canceled: "nothing had left; whose turn it still is waits for it anyway",
  interrupted: "nobody knows what the person heard or read before the server stopped",
  complained: "the person does not want any of it",
};

/** After these another address of the same pass would reach the same person a second time, who has heard or declined it. */
const heard: Partial<Readonly<Record<Result, string>>> = {
  human: "somebody answered and heard what there was to say",
  "machine-message": "the message has been left",
  rejected: "the person, or their provider on their behalf, said no",
  abandoned: "somebody answered and was left without an agent",
  dropped: "the person was on the line already",
  sent: "it is on its way",
  delivered: "it has arrived",
  expired: "it was meant for a time that has passed",
};

/** Why nothing may follow this ending, in words; undefined when something may. */
export function followRefused(ending: Ending): string | undefined {
  const why = last[ending as Result];
  return why === undefined ? undefined : `nothing follows ${ending}: ${why}`;
}

/** Why the next address may not be tried after this ending. */
export function nextAddressRefused(ending: Ending): string | undefined {
  const why = heard[ending as Result];
  return why === undefined ? undefined : `the next address is not tried after ${ending}: ${why}`;
}

/** Why nobody may go on from one pass to the other after this ending. */
export function passRefused(ending: Ending, from: Pass, to: Pass): string | undefined {
  if (from.name === to.name) return `this is the pass ${to.name} itself; to try again is written { retry: 20 min, at_most: 3 }`;
  if (ending === "rejected" && channelOf(from.channel) === channelOf(to.channel))
    return `whoever declined ${channelOf(from.channel) === "voice" ? "a call" : "a message"} is not sent to another pass of that channel; take one on another channel`;
  if (ending === "abandoned" && "mode" in to && to.mode !== "manual" && to.mode !== "preview")
    return "whoever was left without an agent is not called by a machine again; take a pass with mode preview or manual, or one that writes";
  return undefined;
}
