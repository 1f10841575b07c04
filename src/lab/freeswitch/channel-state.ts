/** States of a channel (switch_types.h, switch_channel_state_t), in FreeSWITCH's order: the place is the number on the wire. */
export const channelStates = [
  "CS_NEW",
  "CS_INIT",
  "CS_ROUTING",
  "CS_SOFT_EXECUTE",
  "CS_EXECUTE",
  "CS_EXCHANGE_MEDIA",
  "CS_PARK",
  "CS_CONSUME_MEDIA",
  "CS_HIBERNATE",
  "CS_RESET",
  "CS_HANGUP",
  "CS_REPORTING",
  "CS_DESTROY",
] as const;
export type ChannelState = (typeof channelStates)[number];

/** What the outside sees of a call (switch_channel_callstate_t), with its number on the wire. */
export const callStates = ["DOWN", "DIALING", "RINGING", "EARLY", "ACTIVE", "HELD", "RING_WAIT", "HANGUP", "UNHELD"] as const;
export type CallState = (typeof callStates)[number];

export function stateNumber(state: ChannelState): number {
  return channelStates.indexOf(state);
}

/** CS_HANGUP or later: nothing brings it back. */
export function isDown(state: ChannelState): boolean {
  return stateNumber(state) >= stateNumber("CS_HANGUP");
}
