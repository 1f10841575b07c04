import type { PrivateMessage } from "./application-stack.ts";
import { type Cause, causeOf } from "./cause.ts";
import type { SwitchCore } from "./core.ts";
import type { Variables } from "./variables.ts";

/** The channel, as its messages need it. */
export interface MessageTarget {
  readonly core: SwitchCore;
  readonly variables: Variables;
  readonly ready: boolean;
  /** CF_BROADCAST, CF_STOP_BROADCAST and CF_BREAK. */
  broadcasting: boolean;
  stopBroadcast: boolean;
  interrupted: boolean;
  hangup(cause: Cause): void;
  execute(application: string, data: string, id?: string): Promise<boolean>;
  readonly host: { unknown(what: string): void };
}

/** A thing that takes less than this is not worth repeating, ms. */
const worthRepeatingMs = 500;

/** Executes one message: call-command execute or hangup (switch_ivr_parse_event). */
export async function obeyMessage(channel: MessageTarget, message: PrivateMessage): Promise<void> {
  const command = message.get("call-command");
  if (command === "hangup") {
    channel.hangup(causeOf(message.get("hangup-cause")));
    return;
  }
  const application = message.get("execute-app-name");
  if (command !== "execute" || application === undefined) {
    channel.host.unknown(`sendmsg call-command ${command ?? "none"}`);
    return;
  }
  const outermost = !channel.broadcasting;
  channel.stopBroadcast = false;
  channel.broadcasting = true;
  const loops = Number.parseInt(message.get("loops") ?? "1", 10) || 1;
  for (let loop = 0; loop < loops || loops < 0; loop++) {
    channel.variables.set("current_loop", String(loop + 1));
    channel.variables.set("total_loops", String(loops));
    const began = channel.core.clock.now();
    if (!(await channel.execute(application, message.get("execute-app-arg") ?? "", message.get("event-uuid")))) break;
    if (!channel.ready || channel.stopBroadcast || channel.core.clock.now() - began < worthRepeatingMs) break;
  }
  channel.variables.set("current_loop", undefined);
  channel.variables.set("total_loops", undefined);
  if (outermost) channel.broadcasting = false;
  if (channel.stopBroadcast) {
    channel.broadcasting = false;
    channel.interrupted = true;
  }
}
