import { connect, type Socket } from "node:net";
import { causeOf } from "./cause.ts";
import type { Application, Channel } from "./channel.ts";
import { eavesdrop, nativeEavesdrop } from "./eavesdrop.ts";
import { EventSocket, type EventSocketHost } from "./event-socket.ts";
import type { Scheduler } from "./scheduler.ts";
import { transfer } from "./transfer.ts";

/** Refused or not: after this long nobody waits for the app's answer any more. */
const connectTimeoutMs = 5000;

/** What applications ask of the switch. */
export interface ApplicationHost extends EventSocketHost {
  readonly scheduler: Scheduler;
}

/** The applications that do not play or record. */
export function controlApplications(host: ApplicationHost, onOpen: (socket: EventSocket) => void): [string, Application][] {
  return [
    ["answer", (channel) => channel.answer()],
    ["set", assign],
    ["export", (channel, data) => assign(channel, data.replace(/^nolocal:/, ""))],
    ["unset", (channel, data) => channel.variables.set(data.trim(), undefined)],
    ["multiset", assignMany],
    ["multiunset", (channel, data) => unsetMany(channel, data)],
    ["park", (channel) => channel.park()],
    ["hangup", (channel, data) => channel.hangup(causeOf(data))],
    ["transfer", (channel, data) => transferTo(channel, data)],
    ["sched_transfer", (channel, data) => transferLater(host.scheduler, channel, data)],
    ["log", () => {}],
    ["info", () => {}],
    ["native_eavesdrop", (channel, data) => tap(host, channel, data)],
    ["eavesdrop", (channel, data) => eavesdrop(channel, host.find(data.trim()))],
    ["socket", (channel, data) => socket(host, onOpen, channel, data)],
  ];
}

/** set: name=value; an empty value or `_undef_` takes it away. */
function assign(channel: Channel, data: string): void {
  const equals = data.indexOf("=");
  const name = (equals < 0 ? data : data.slice(0, equals)).trim();
  const value = equals < 0 ? "" : data.slice(equals + 1);
  channel.variables.set(name, value === "_undef_" ? undefined : value);
}

/** multiset: `^^;a=1;b=2`, or parted by spaces (mod_dptools.c, multiset_function). */
function assignMany(channel: Channel, data: string): void {
  const delimiter = data.startsWith("^^") ? (data[2] ?? " ") : " ";
  const list = data.startsWith("^^") ? data.slice(3) : data;
  for (const part of list.split(delimiter)) if (part.includes("=")) assign(channel, part);
}

function unsetMany(channel: Channel, data: string): void {
  const delimiter = data.startsWith("^^") ? (data[2] ?? " ") : " ";
  const list = data.startsWith("^^") ? data.slice(3) : data;
  for (const name of list.split(delimiter)) channel.variables.set(name.trim(), undefined);
}

function transferTo(channel: Channel, data: string): void {
  const [destination = "", dialplan, context] = data.trim().split(/\s+/);
  transfer(channel, destination, dialplan, context);
}

/** sched_transfer: [+]seconds extension [dialplan] [context] (mod_dptools.c, sched_transfer_function). */
function transferLater(scheduler: Scheduler, channel: Channel, data: string): void {
  const [when = "", destination = "", dialplan, context] = data.trim().split(/\s+/);
  const id = scheduler.add(channel.uuid, when, () => {
    if (!channel.hangupCause) transfer(channel, destination, dialplan, context);
  });
  channel.variables.set("last_sched_id", String(id));
}

function tap(host: EventSocketHost, channel: Channel, data: string): Promise<void> {
  const [uuid = "", direction] = data.trim().split(/\s+/);
  return nativeEavesdrop(channel, host.find(uuid), direction === "write" ? "write" : "read");
}

/**
 * socket: host:port [async] [full] (mod_event_socket.c, socket_function). Parks the channel under the control of whoever answers there. When that connection
 * closes, a running playback goes on and the extension follows after it, unless socket_resume is set: then everything stops and the extension goes on at once.
 */
async function socket(host: EventSocketHost, onOpen: (socket: EventSocket) => void, channel: Channel, data: string): Promise<void> {
  const [target = "", ...flags] = data.trim().split(/\s+/);
  const colon = target.lastIndexOf(":");
  const address = colon < 0 ? target : target.slice(0, colon);
  const port = colon < 0 ? 8084 : Number.parseInt(target.slice(colon + 1), 10);
  channel.variables.set("socket_host", address);
  const stream = await dial(host, address, port);
  if (!stream) return;
  const control = new EventSocket(host, stream, channel, flags);
  onOpen(control);
  channel.control = control;
  await new Promise<void>((resolve) => {
    control.onConnect = resolve;
    control.onClose = () => {
      lostControl(channel, control);
      resolve();
    };
  });
  if (channel.control === control) await channel.park();
  if (channel.state !== "CS_HIBERNATE" && !channel.transferring && channel.variables.isTrue("socket_resume")) channel.setState("CS_EXECUTE");
}

/** The connection is gone while the channel is up (mod_event_socket.c, listener_run's end). */
function lostControl(channel: Channel, control: EventSocket): void {
  if (channel.control !== control) return;
  channel.control = undefined;
  if (channel.state !== "CS_HIBERNATE" && !channel.transferring && channel.variables.isTrue("socket_resume")) channel.setState("CS_RESET");
  channel.controlled = false;
}

function dial(host: EventSocketHost, address: string, port: number): Promise<Socket | undefined> {
  if (!(port > 0 && port < 65536)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const stream = connect({ host: address, port });
    const timer = host.core.clock.after(connectTimeoutMs, () => stream.destroy());
    stream.once("connect", () => {
      timer.cancel();
      stream.removeAllListeners();
      resolve(stream);
    });
    stream.once("error", () => stream.destroy());
    stream.once("close", () => {
      timer.cancel();
      resolve(undefined);
    });
  });
}
