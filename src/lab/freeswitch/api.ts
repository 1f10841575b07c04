import { bridge } from "./bridge.ts";
import { causeOf } from "./cause.ts";
import type { Channel } from "./channel.ts";
import type { SwitchCore } from "./core.ts";
import { plainHeaders } from "./event.ts";
import { sendKeys } from "./playback-applications.ts";
import type { Recordings } from "./recording-applications.ts";
import type { Scheduler } from "./scheduler.ts";
import { interrupt, transfer } from "./transfer.ts";

/** One API command: takes its argument text, returns what FreeSWITCH would print. */
export type ApiCommand = (argument: string) => string;

export interface ApiHost {
  readonly core: SwitchCore;
  readonly scheduler: Scheduler;
  readonly recordings: Recordings;
  channels(): Channel[];
  find(uuid: string): Channel | undefined;
}

const noChannel = "-ERR No such channel!\n";

/** The commands about one channel or all (mod_commands.c). */
export function channelCommands(host: ApiHost): [string, ApiCommand][] {
  const { core, scheduler, recordings } = host;
  const words = (argument: string) => argument.trim().split(/\s+/);
  /** For commands whose first word is a channel. */
  const on =
    (act: (channel: Channel, rest: string[]) => string, missing = noChannel): ApiCommand =>
    (argument) => {
      const [uuid = "", ...rest] = words(argument);
      const channel = host.find(uuid);
      return channel ? act(channel, rest) : missing;
    };

  return [
    ["uuid_exists", (argument) => (host.find(argument.trim()) ? "true" : "false")],
    [
      "uuid_kill",
      on((channel, [cause]) => {
        kill(channel, cause);
        return "+OK\n";
      }),
    ],
    [
      "uuid_dump",
      on((channel) => plainHeaders(core.event("CHANNEL_DATA", { subject: channel, origin: ["mod_commands.c", "uuid_dump_function", "6245"] }))),
    ],
    [
      "uuid_set_media_stats",
      (argument) => {
        const channel = host.find(argument.trim());
        if (!channel) return `-ERR No such channel ${argument.trim()}!\n`;
        channel.media.describe(channel.variables);
        return "+OK:\n";
      },
    ],
    [
      "uuid_getvar",
      on((channel, [name]) => (name === undefined ? "-ERR No variable name specified!\n" : (channel.variables.get(name) ?? "_undef_"))),
    ],
    [
      "uuid_setvar",
      on((channel, [name, ...value]) => {
        if (name === undefined) return "-ERR No variable specified\n";
        channel.variables.set(name, value.join(" "));
        return "+OK\n";
      }),
    ],
    [
      "uuid_setvar_multi",
      on((channel, rest) => {
        for (const part of rest.join(" ").split(";")) {
          const [name = "", ...value] = part.split("=");
          channel.variables.set(name.trim(), value.join("="));
        }
        return "+OK\n";
      }),
    ],
    [
      "uuid_break",
      on((channel, flags) => {
        const both = flags.includes("both") && channel.partner ? [channel, channel.partner] : [channel];
        for (const leg of both) {
          if (flags.includes("all")) leg.stack.drop();
          interrupt(leg);
        }
        return "+OK\n";
      }),
    ],
    [
      "uuid_bridge",
      (argument) => {
        const [one, other] = words(argument).map((uuid) => host.find(uuid));
        return one && other && bridge(one, other) ? `+OK ${other.uuid}\n` : "-ERR Invalid uuid\n";
      },
    ],
    [
      "uuid_transfer",
      on((channel, rest) => {
        const flag = rest[0]?.startsWith("-") ? rest.shift() : undefined;
        const [destination, dialplan, context] = rest;
        if (destination === undefined) return "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n";
        const partner = channel.variables.get("bridge_to") === undefined ? undefined : channel.partner;
        if (flag === "-bleg") transfer(partner ?? channel, destination, dialplan, context);
        else {
          if (flag === "-both" && partner) transfer(partner, destination, dialplan, context);
          transfer(channel, destination, dialplan, context);
        }
        return "+OK\n";
      }),
    ],
    [
      "uuid_park",
      on((channel) => {
        if (channel.state !== "CS_PARK") {
          channel.transferring = true;
          channel.setState("CS_PARK");
        }
        return "+OK\n";
      }),
    ],
    ["uuid_broadcast", on(broadcast, "-ERR invalid uuid\n")],
    [
      "uuid_record",
      on((channel, [action, path = "", limit, own]) => {
        if (action === "start") {
          const limitS = Number.parseInt(limit ?? "", 10);
          return recordings.start(channel, path, limitS > 0 ? limitS : undefined, own) ? "+OK Success\n" : "-ERR Cannot record session!\n";
        }
        if (action === "stop") return recordings.stop(channel, path) ? "+OK Success\n" : "-ERR Cannot stop record session!\n";
        if (action === "mask" || action === "unmask")
          return recordings.mask(channel, path, action === "mask") ? "+OK Success\n" : `-ERR Cannot ${action} recording session!\n`;
        return "-USAGE: <uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]\n";
      }, "-ERR Cannot locate session!\n"),
    ],
    [
      "uuid_send_dtmf",
      on((channel, [keys = ""]) => {
        sendKeys(channel, keys);
        return `+OK ${channel.uuid} sent DTMF ${keys}.\n`;
      }, "-ERR no such session\n"),
    ],
    [
      "uuid_recv_dtmf",
      on((channel, [keys = ""]) => {
        for (const key of keys.split("@")[0] ?? "") channel.keys.press(key, 2000);
        return "+OK\n";
      }, "-ERR no such session\n"),
    ],
    [
      "uuid_flush_dtmf",
      on((channel) => {
        channel.keys.flush();
        return "+OK\n";
      }),
    ],
    [
      "sched_transfer",
      (argument) => {
        const [when = "", uuid = "", destination, dialplan, context] = words(argument);
        if (destination === undefined) return "-USAGE: [+]<time> <uuid> <extension> [<dialplan>] [<context>]\n";
        if (!host.find(uuid)) return noChannel;
        scheduler.add(uuid, when, () => {
          const channel = host.find(uuid);
          if (channel && !channel.hangupCause) transfer(channel, destination, dialplan, context);
        });
        return "+OK\n";
      },
    ],
    [
      "sched_hangup",
      (argument) => {
        const [when = "", uuid = "", cause = "ALLOTTED_TIMEOUT"] = words(argument);
        const channel = host.find(uuid);
        if (!channel) return noChannel;
        if (Number.parseInt(when.replace("+", ""), 10) === 0) kill(channel, cause);
        else scheduler.add(uuid, when, () => kill(channel, cause));
        return "+OK\n";
      },
    ],
    ["sched_del", (argument) => `+OK Deleted: ${scheduler.remove(argument.trim())}\n`],
    [
      "hupall",
      (argument) => {
        const [cause = "MANAGER_REQUEST", name, value] = words(argument).filter((word) => word !== "");
        for (const channel of host.channels()) if (name === undefined || channel.variables.get(name) === value) kill(channel, cause);
        const text = causeOf(cause).name;
        return name === undefined
          ? `+OK hangup all channels with cause ${text}\n`
          : `+OK hangup all channels matching [${name}]=[${value ?? ""}] with cause: ${text}\n`;
      },
    ],
  ];
}

/** Ends a channel from outside. Its control connection is closed at once, without the last events (seen with uuid_kill and sched_hangup). */
function kill(channel: Channel, cause: string | undefined): void {
  if (channel.hangupCause) return;
  channel.hangup(causeOf(cause));
  channel.control?.finish();
}

/** uuid_broadcast UUID path|app::args [aleg|bleg|both] (switch_ivr_broadcast). */
function broadcast(channel: Channel, rest: string[]): string {
  const leg = /^(aleg|bleg|both|holdb)$/.test(rest.at(-1) ?? "") ? rest.pop() : "aleg";
  const text = rest.join(" ");
  const [application, data] = text.includes("::") ? [text.slice(0, text.indexOf("::")), text.slice(text.indexOf("::") + 2)] : ["playback", text];
  const message = new Map([
    ["call-command", "execute"],
    ["execute-app-name", application],
    ["execute-app-arg", data],
  ]);
  if (leg !== "bleg") channel.stack.queue(message);
  if (leg !== "aleg") channel.partner?.stack.queue(message);
  return "+OK Message sent\n";
}
