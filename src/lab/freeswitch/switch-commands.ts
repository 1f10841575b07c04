import type { ApiCommand } from "./api.ts";
import type { Channel } from "./channel.ts";
import { type SwitchCore, versionText } from "./core.ts";
import { profileName } from "./sip-profile.ts";

/** Counts of sessions, as status and HEARTBEAT tell them. */
export interface SessionCounts {
  readonly now: number;
  readonly peak: number;
  readonly sinceStart: number;
  readonly max: number;
  readonly perSecond: number;
  readonly lastSecond: number;
  readonly peakPerSecond: number;
}

export interface SwitchCommandHost {
  readonly core: SwitchCore;
  readonly sipAddress: string;
  channels(): Channel[];
  counts(): SessionCounts;
}

const humanVersion = "1.11.1-release  64bit";

/** The commands about the switch as a whole (mod_commands.c; sofia's status). */
export function switchCommands(host: SwitchCommandHost): [string, ApiCommand][] {
  const { core } = host;
  return [
    ["status", () => status(host)],
    ["version", () => `FreeSWITCH Version ${versionText} ( 64bit)\n`],
    ["hostname", () => core.hostname],
    ["switchname", () => core.hostname],
    ["create_uuid", () => core.newUuid()],
    ["uptime", () => `${Math.floor((core.clock.now() - core.startedAt) / 1000)}\n`],
    ["echo", (argument) => argument],
    ["reloadxml", () => "+OK [Success]\n"],
    ["global_getvar", (argument) => core.globals.get(argument.trim()) ?? ""],
    [
      "global_setvar",
      (argument) => {
        const equals = argument.indexOf("=");
        if (equals <= 0) return "-USAGE: <var>=<value> [=<value2>]\n";
        core.globals.set(argument.slice(0, equals).trim(), argument.slice(equals + 1).trim());
        return "+OK";
      },
    ],
    ["sofia", (argument) => (argument.trim() === "status" ? sofiaStatus(host) : "-ERR Unknown command!\n")],
    ["show", (argument) => show(host, argument)],
  ];
}

/** The time since the start as FreeSWITCH spells it. */
export function upTime(core: SwitchCore): string {
  const ms = core.clock.now() - core.startedAt;
  const parts: [number, string][] = [
    [Math.floor(ms / 31_536_000_000), "year"],
    [Math.floor(ms / 86_400_000) % 365, "day"],
    [Math.floor(ms / 3_600_000) % 24, "hour"],
    [Math.floor(ms / 60_000) % 60, "minute"],
    [Math.floor(ms / 1000) % 60, "second"],
    [ms % 1000, "millisecond"],
    [0, "microsecond"],
  ];
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(", ");
}

function status(host: SwitchCommandHost): string {
  const counts = host.counts();
  return [
    `UP ${upTime(host.core)}`,
    `FreeSWITCH (Version ${humanVersion}) is ready`,
    `${counts.sinceStart} session(s) since startup`,
    `${counts.now} session(s) - peak ${counts.peak}, last 5min ${counts.peak} `,
    `${counts.lastSecond} session(s) per Sec out of max ${counts.perSecond}, peak ${counts.peakPerSecond}, last 5min ${counts.peakPerSecond} `,
    `${counts.max} session(s) max`,
    "min idle cpu 0.00/90.00",
    "Current Stack Size/Max 240K/8192K",
    "",
  ].join("\n");
}

function sofiaStatus(host: SwitchCommandHost): string {
  const rule = "=".repeat(97);
  const row = (name: string, type: string, data: string, state: string) =>
    `${name.padStart(25)}\t${type.padStart(7)}\t${data.padStart(42)}\t${state}`;
  return [
    row("Name", "Type", "Data", "State"),
    rule,
    row(profileName, "profile", `sip:mod_sofia@${host.sipAddress}`, `RUNNING (${host.channels().length})`),
    rule,
    "1 profile 0 aliases",
    "",
  ].join("\n");
}

/** Columns of `show channels`, in the order of switch_core_sqldb.c. */
function channelRow(channel: Channel): Record<string, string> {
  const { profile, variables, media } = channel;
  const createdS = Math.floor(Number(profile.channelCreatedAt) / 1_000_000);
  return {
    uuid: channel.uuid,
    direction: "inbound",
    created: new Date(createdS * 1000).toISOString().slice(0, 19).replace("T", " "),
    created_epoch: String(createdS),
    name: profile.channelName,
    state: channel.state,
    cid_name: profile.callerIdName,
    cid_num: profile.callerIdNumber ?? "",
    ip_addr: profile.networkAddress,
    dest: profile.destination,
    application: variables.get("current_application") ?? "",
    application_data: variables.get("current_application_data") ?? "",
    dialplan: profile.dialplan,
    context: profile.context,
    read_codec: media.law,
    read_rate: "8000",
    read_bit_rate: "64000",
    write_codec: media.law,
    write_rate: "8000",
    write_bit_rate: "64000",
    secure: "",
    hostname: channel.core.hostname,
    presence_id: "",
    presence_data: "",
    accountcode: "",
    callstate: channel.callState,
    callee_name: "",
    callee_num: "",
    callee_direction: "",
    call_uuid: variables.get("call_uuid") ?? "",
    sent_callee_name: "",
    sent_callee_num: "",
    initial_cid_name: profile.callerIdName,
    initial_cid_num: "",
    initial_ip_addr: profile.networkAddress,
    initial_dest: profile.destination,
    initial_dialplan: "XML",
    initial_context: profile.context,
  };
}

function show(host: SwitchCommandHost, argument: string): string {
  const [what = "", ...how] = argument.trim().split(/\s+/);
  if (what !== "channels" && what !== "calls") return "-USAGE: channels|calls [count] [as json|delim <delimiter>]\n";
  // One whose ACK has not come is not in the table yet.
  const channels = host.channels().filter(({ callState }) => callState !== "DOWN");
  const as = how.indexOf("as");
  const format = as < 0 ? undefined : how[as + 1];
  if (how[0] === "count") return format === "json" ? `{"row_count":${channels.length}}\n` : `\n${channels.length} total.\n`;
  const rows = channels.map(channelRow);
  if (format === "json") return rows.length === 0 ? '{"row_count": 0}\n' : `${JSON.stringify({ row_count: rows.length, rows })}\n`;
  const first = rows[0];
  if (!first) return "\n0 total.\n";
  const delimiter = format === "delim" ? (how[as + 2] ?? ",") : ",";
  const lines = [Object.keys(first).join(delimiter), ...rows.map((row) => Object.values(row).join(delimiter))];
  return `${lines.join("\n")}\n\n${rows.length} total.\n`;
}
