import type { Channel } from "./channel.ts";
import { inlineActions } from "./dialplan.ts";

/**
 * Sends a channel to another extension; what it is doing stops (switch_ivr_session_transfer).
 * @param dialplan XML, or inline, where the destination is the list of applications itself
 */
export function transfer(channel: Channel, destination: string, dialplan = "XML", context = channel.profile.context): void {
  const { profile, variables, core } = channel;
  const inline = dialplan.toLowerCase() === "inline";
  variables.set("max_forwards", String((Number.parseInt(variables.get("max_forwards") ?? "70", 10) || 70) - 1));
  profile.index++;
  profile.redirectedFrom = profile.destination;
  profile.profileCreatedAt = core.nowMicros();
  profile.dialplan = dialplan;
  profile.context = context;
  if (!inline) profile.destination = destination;
  noteTransfer(channel, `bl_xfer:${destination}/${context}/${dialplan}`);
  channel.queuedActions = inline ? inlineActions(destination) : undefined;
  channel.handlers.clear();
  channel.otherLeg = undefined;
  variables.set("signal_bond", undefined);
  channel.transferring = true;
  channel.setState("CS_ROUTING");
}

/** The trail that transfers and bridges leave in events and variables. */
export function noteTransfer(channel: Channel, how: string): void {
  const source = `${Math.floor(channel.core.clock.now() / 1000)}:${channel.core.newUuid()}:${how}`;
  channel.profile.transferSource = source;
  channel.variables.set("transfer_history", source);
  channel.variables.set("transfer_source", source);
}

/** uuid_break and its like: ends what plays; what was executed by message ends with everything around it (mod_commands.c, break_function). */
export function interrupt(channel: Channel): void {
  if (channel.broadcasting) channel.stopBroadcast = true;
  channel.interrupted = true;
}
