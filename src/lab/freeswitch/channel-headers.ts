import { type CallState, type ChannelState, stateNumber } from "./channel-state.ts";
import { type Header, HeaderBlock } from "./event.ts";
import type { Variables } from "./variables.ts";

/** What a channel's events tell of its caller (switch_caller_profile_event_set_data). Times are microseconds as text, "0" for not yet. */
export interface CallerProfile {
  uuid: string;
  channelName: string;
  networkAddress: string;
  dialplan: string;
  context: string;
  destination: string;
  callerIdName: string;
  callerIdNumber: string | undefined;
  transferSource: string | undefined;
  calleeIdName: string | undefined;
  /** The destination before the last transfer. */
  redirectedFrom: string | undefined;
  index: number;
  profileCreatedAt: string;
  channelCreatedAt: string;
  answeredAt: string;
  hangupAt: string;
  bridgedAt: string;
}

/** The caller's headers under a prefix: Caller-, Channel- (in the reply to `connect`) or Other-Leg-. */
export function callerHeaders(prefix: string, profile: CallerProfile, otherLeg = false): Header[] {
  const headers: (Header | undefined)[] = [
    [`${prefix}-Direction`, "inbound"],
    [`${prefix}-Logical-Direction`, "inbound"],
    [`${prefix}-Dialplan`, profile.dialplan],
    [`${prefix}-Caller-ID-Name`, profile.callerIdName],
    profile.callerIdNumber === undefined ? undefined : [`${prefix}-Caller-ID-Number`, profile.callerIdNumber],
    [`${prefix}-Orig-Caller-ID-Name`, profile.callerIdName],
    profile.callerIdNumber === undefined ? undefined : [`${prefix}-Orig-Caller-ID-Number`, profile.callerIdNumber],
    profile.calleeIdName === undefined ? undefined : [`${prefix}-Callee-ID-Name`, profile.calleeIdName],
    [`${prefix}-Network-Addr`, profile.networkAddress],
    profile.redirectedFrom === undefined || otherLeg ? undefined : [`${prefix}-RDNIS`, profile.redirectedFrom],
    [`${prefix}-Destination-Number`, profile.destination],
    [`${prefix}-Unique-ID`, profile.uuid],
    [`${prefix}-Source`, "mod_sofia"],
    profile.transferSource === undefined || otherLeg ? undefined : [`${prefix}-Transfer-Source`, profile.transferSource],
    [`${prefix}-Context`, profile.context],
    [`${prefix}-Channel-Name`, profile.channelName],
    otherLeg ? undefined : [`${prefix}-Profile-Index`, String(profile.index)],
    [`${prefix}-Profile-Created-Time`, profile.profileCreatedAt],
    [`${prefix}-Channel-Created-Time`, profile.channelCreatedAt],
    [`${prefix}-Channel-Answered-Time`, profile.answeredAt],
    [`${prefix}-Channel-Progress-Time`, "0"],
    [`${prefix}-Channel-Progress-Media-Time`, "0"],
    [`${prefix}-Channel-Hangup-Time`, profile.hangupAt],
    [`${prefix}-Channel-Transfer-Time`, "0"],
    [`${prefix}-Channel-Resurrect-Time`, "0"],
    [`${prefix}-Channel-Bridged-Time`, profile.bridgedAt],
    [`${prefix}-Channel-Last-Hold`, "0"],
    [`${prefix}-Channel-Hold-Accum`, "0"],
    [`${prefix}-Screen-Bit`, "true"],
    [`${prefix}-Privacy-Hide-Name`, "false"],
    [`${prefix}-Privacy-Hide-Number`, "false"],
  ];
  return headers.filter((header): header is Header => header !== undefined);
}

export interface StateFacts {
  readonly uuid: string;
  readonly name: string;
  /** What the channel's thread is at; `nextState` is where it has been sent. */
  readonly state: ChannelState;
  readonly nextState: ChannelState;
  readonly callState: CallState;
  /** Unique-ID of the call the leg belongs to: its own, or that of the leg it is bridged to. */
  readonly callUuid: string;
  readonly answerState: string;
  readonly hangupCause: string | undefined;
}

/** switch_channel_event_set_basic_data, first part. */
function stateHeaders(facts: StateFacts): Header[] {
  const headers: Header[] = [
    ["Channel-State", facts.state],
    ["Channel-Call-State", facts.callState],
    ["Channel-State-Number", String(stateNumber(facts.nextState))],
    ["Channel-Name", facts.name],
    ["Unique-ID", facts.uuid],
    ["Call-Direction", "inbound"],
    ["Presence-Call-Direction", "inbound"],
    ["Channel-HIT-Dialplan", "true"],
    ["Channel-Call-UUID", facts.callUuid],
    ["Answer-State", facts.answerState],
  ];
  if (facts.hangupCause !== undefined) headers.push(["Hangup-Cause", facts.hangupCause]);
  return headers;
}

/** The codec in use, both ways. */
function codecHeaders(codec: string): Header[] {
  return ["Read", "Write"].flatMap((way): Header[] => [
    [`Channel-${way}-Codec-Name`, codec],
    [`Channel-${way}-Codec-Rate`, "8000"],
    [`Channel-${way}-Codec-Bit-Rate`, "64000"],
  ]);
}

const withoutCaller = new Set(["CHANNEL_STATE"]);
const withoutVariables = new Set(["CHANNEL_STATE", "CHANNEL_CALLSTATE", "DTMF", "CODEC", "CUSTOM"]);

export interface ChannelFacts {
  readonly state: StateFacts;
  readonly codec: string;
  readonly caller: CallerProfile;
  readonly otherLeg: CallerProfile | undefined;
  readonly variables: Variables;
}

/** What an event of that name tells of its channel (switch_channel_event_set_data). */
export function channelBlocks(name: string, facts: ChannelFacts): HeaderBlock[] {
  const headers = stateHeaders(facts.state);
  if (withoutCaller.has(name)) return [new HeaderBlock(headers)];
  headers.push(...codecHeaders(facts.codec), ...callerHeaders("Caller", facts.caller));
  if (facts.otherLeg) headers.push(["Other-Type", "originator"], ...callerHeaders("Other-Leg", facts.otherLeg, true));
  const block = new HeaderBlock(headers);
  return withoutVariables.has(name) ? [block] : [block, facts.variables.block];
}
