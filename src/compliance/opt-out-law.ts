import type { ChannelName } from "../attempt/result.ts";
import { beginsAt } from "./legal-caps.ts";
import optOuts from "./opt-outs.json" with { type: "json" };
import { placesOfNumber } from "./place.ts";

/**
 * Channels on which somebody wants no more who answers STOP to an SMS: SMS, and what the law of the place adds to it from some day on.
 * @param at epoch ms
 * @param from E.164; whatever else an SMSC gives as a sender is at no place
 */
export function stoppedChannels(at: number, from: string): readonly ChannelName[] {
  const places = from.startsWith("+") ? placesOfNumber(from) : [];
  const laws = optOuts.rows.filter((row) => places.includes(row.place) && at >= Date.parse(beginsAt(row.from)));
  return ["sms", ...laws.flatMap(({ channels }) => channels as readonly ChannelName[])];
}
