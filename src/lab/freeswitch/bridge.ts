import { pause } from "../../kernel/clock.ts";
import type { Channel } from "./channel.ts";
import { isDown } from "./channel-state.ts";
import { interrupt, noteTransfer, transfer } from "./transfer.ts";

/** How long the legs wait for each other before the bridge is given up, ms. */
const patienceMs = 5000;
const pollMs = 5;
/** execute_on_pre_bridge and uuid_bridge's own CHANNEL_EXECUTE are fired from here. */
const origin = ["switch_ivr_bridge.c", "uuid_bridge_on_soft_execute", "1243"] as const;

/**
 * Puts two answered legs together (switch_ivr_uuid_bridge): both leave what they do, go through CS_HIBERNATE and CS_RESET, and the first one, the
 * originator, then holds the bridge in CS_SOFT_EXECUTE with the other in CS_EXCHANGE_MEDIA.
 * @returns false when one of them is over or not answered
 */
export function bridge(one: Channel, other: Channel): boolean {
  if (one === other || one.hangupCause || other.hangupCause || !one.answered || !other.answered) return false;
  const legs: [Channel, Channel][] = [
    [one, other],
    [other, one],
  ];
  for (const [leg, peer] of legs) {
    const { variables, profile } = leg;
    variables.set("bridge_channel", peer.profile.channelName);
    variables.set("bridge_uuid", peer.uuid);
    variables.set("signal_bond", peer.uuid);
    variables.set("original_destination_number", profile.destination);
    variables.set("original_caller_id_name", profile.callerIdName);
    profile.index++;
    profile.profileCreatedAt = leg.core.nowMicros();
    profile.calleeIdName = profile.callerIdName;
    noteTransfer(leg, `uuid_br:${peer.uuid}`);
    interrupt(leg);
    leg.partner = peer;
    leg.otherLeg = peer.profile;
    leg.transferring = true;
    leg.handlers.set("CS_HIBERNATE", () => leg.setState("CS_RESET"));
  }
  one.handlers.set("CS_RESET", () => one.setState("CS_SOFT_EXECUTE"));
  one.handlers.set("CS_SOFT_EXECUTE", () => holdBridge(one, other));
  other.handlers.delete("CS_RESET");
  other.handlers.set("CS_SOFT_EXECUTE", () => {});
  other.handlers.set("CS_EXCHANGE_MEDIA", () => exchange(other, one));
  one.setState("CS_HIBERNATE");
  other.setState("CS_HIBERNATE");
  return true;
}

/** uuid_bridge_on_soft_execute and switch_ivr_multi_threaded_bridge, the originator's part. */
async function holdBridge(leg: Channel, peer: Channel): Promise<void> {
  leg.handlers.clear();
  const { core } = leg;
  const until = core.clock.now() + patienceMs;
  while (peer.runningState !== "CS_SOFT_EXECUTE") {
    if (peer.hangupCause || leg.hangupCause || core.clock.now() > until) break;
    if (peer.runningState === "CS_RESET" && peer.state === "CS_RESET") peer.setState("CS_SOFT_EXECUTE");
    await pause(core.clock, pollMs);
  }
  if (!leg.ready || !peer.ready || peer.runningState !== "CS_SOFT_EXECUTE") {
    if (!leg.transferring) leg.hangup({ name: "DESTINATION_OUT_OF_ORDER", number: 27 });
    return;
  }
  for (const [channel, other] of [
    [leg, peer],
    [peer, leg],
  ] as const) {
    core.fire("CHANNEL_EXECUTE", {
      subject: channel,
      origin,
      after: [
        ["Application", "uuid_bridge"],
        ["Application-Data", other.uuid],
      ],
    });
    channel.variables.set("bridge_to", other.uuid);
    channel.variables.set("last_bridge_to", other.uuid);
    channel.media.dropForwarded();
  }
  peer.variables.set("call_uuid", leg.uuid);
  leg.profile.bridgedAt = core.nowMicros();
  leg.fire(
    "CHANNEL_BRIDGE",
    [],
    [
      ["Bridge-A-Unique-ID", leg.uuid],
      ["Bridge-B-Unique-ID", peer.uuid],
    ],
  );
  peer.setState("CS_EXCHANGE_MEDIA");
  leg.fire("CALL_UPDATE");
  await passOn(leg, peer);
  leg.variables.set("bridge_to", undefined);
  leg.fire(
    "CHANNEL_UNBRIDGE",
    [],
    [
      ["Bridge-A-Unique-ID", leg.uuid],
      ["Bridge-B-Unique-ID", peer.uuid],
    ],
  );
  part(leg);
  const cause = peer.hangupCause;
  if (cause) for (const name of ["bridge_hangup_cause", "last_bridge_hangup_cause"]) leg.variables.set(name, cause.name);
  if (leg.hangupCause || leg.transferring) return;
  if (leg.variables.isTrue("park_after_bridge")) leg.setState("CS_PARK");
  else if (!transferAfter(leg)) {
    if (leg.variables.isTrue("hangup_after_bridge")) leg.hangup(peer.hangupCause);
    else if (leg.state !== "CS_ROUTING" && leg.state !== "CS_PARK") leg.setState("CS_EXECUTE");
  }
}

/** audio_bridge_on_exchange_media, the other leg's part. */
async function exchange(leg: Channel, peer: Channel): Promise<void> {
  leg.handlers.clear();
  leg.fire("CALL_UPDATE");
  await passOn(leg, peer);
  leg.variables.set("bridge_to", undefined);
  part(leg);
  if (leg.hangupCause || leg.transferring || leg.state !== "CS_EXCHANGE_MEDIA") return;
  if (leg.variables.isTrue("park_after_bridge")) leg.setState("CS_PARK");
  else if (!transferAfter(leg)) leg.hangup();
}

/** The conversation is over. A leg that is being bridged again, to whomever, has its next partner already. */
function part(leg: Channel): void {
  if (!leg.handlers.has("CS_HIBERNATE")) leg.partner = undefined;
}

function transferAfter(leg: Channel): boolean {
  const [destination, dialplan, context] = (leg.variables.get("transfer_after_bridge") ?? "").split(":");
  if (!destination) return false;
  transfer(leg, destination, dialplan, context);
  return true;
}

/** One direction of the conversation (audio_bridge_thread), until one of the two leaves. */
async function passOn(leg: Channel, peer: Channel): Promise<void> {
  const before = leg.variables.get("execute_on_pre_bridge");
  if (before !== undefined) {
    const [, application = "", data = ""] = /^(\S+?)(?:\s+|::)([\s\S]*)$/.exec(before) ?? [undefined, before, ""];
    await leg.execute(application, data);
  }
  leg.media.busy = () => leg.stack.busy;
  leg.media.relay = peer.media;
  await leg.block(() => {
    const press = leg.keys.take();
    // Not even the other leg is told of a secret (switch_core_session_send_dtmf).
    if (press && !press.secret) peer.media.press(press.key, 100);
    leg.media.sendForwarded();
    const together = peer.state === "CS_EXCHANGE_MEDIA" || peer.state === "CS_SOFT_EXECUTE";
    return peer.partner !== leg || peer.hangupCause !== undefined || isDown(peer.state) || peer.transferring || !together;
  });
  leg.media.relay = undefined;
}
