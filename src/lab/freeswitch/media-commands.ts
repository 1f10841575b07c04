import type { ApiCommand, ApiHost } from "./api.ts";
import type { Application, Channel } from "./channel.ts";
import { Displace, Loudness } from "./media-filter.ts";
import type { PromptCache } from "./prompt-cache.ts";

const displaceUsage = "-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n";
const audioUsage = "-USAGE: <uuid> [start [read|write] [mute|level <level>]|stop]\n";

/** uuid_displace, uuid_audio and uuid_hold (mod_commands.c). */
export function mediaCommands(host: ApiHost, prompts: PromptCache): [string, ApiCommand][] {
  const words = (argument: string) => argument.trim().split(/\s+/);
  return [
    [
      "uuid_displace",
      (argument) => {
        const [uuid = "", action, path, limit = "", flags = ""] = words(argument);
        const channel = host.find(uuid);
        if (path === undefined) return displaceUsage;
        if (!channel) return "-ERR Cannot locate session!\n";
        if (action === "start") return displace(channel, prompts, path, limit, flags) ? "+OK Success\n" : "-ERR Cannot displace session!\n";
        if (action === "stop") return channel.media.filters.remove(path) ? "+OK Success\n" : "-ERR Cannot stop displace session!\n";
        return displaceUsage;
      },
    ],
    [
      "uuid_audio",
      (argument) => {
        const [uuid = "", action, way, what, level = ""] = words(argument);
        const channel = host.find(uuid);
        if (action === undefined) return audioUsage;
        return channel ? audio(channel, action, way, what, Number.parseInt(level, 10)) : "-ERR No such channel!\n";
      },
    ],
    ["uuid_hold", (argument) => (hold(host, words(argument)) ? "+OK Success\n" : "-ERR Operation failed\n")],
  ];
}

/** displace_session and stop_displace_session (mod_dptools.c). */
export function displaceApplications(prompts: PromptCache): [string, Application][] {
  return [
    [
      "displace_session",
      (channel, data) => {
        const [path = "", flags = "", limit = ""] = data.trim().split(/\s+/);
        const timed = flags.startsWith("+") ? { flags: limit, limit: flags.slice(1) } : { flags, limit: limit.replace("+", "") };
        displace(channel, prompts, path, timed.limit, timed.flags);
      },
    ],
    ["stop_displace_session", (channel, data) => void channel.media.filters.remove(data.trim())],
  ];
}

/** switch_ivr_displace_session. Flags: m mixes, l loops. @returns false when there is no such sound, or it is there already */
function displace(channel: Channel, prompts: PromptCache, path: string, limit: string, flags: string): boolean {
  const { media, core } = channel;
  const prompt = prompts.find(path);
  for (const flag of flags.replace(/mux|loop/g, "")) if (flag !== "m" && flag !== "l") channel.host.unknown(`displace flag ${flag}`);
  if (!prompt || media.filters.get(path)) return false;
  const limitS = Number.parseInt(limit, 10) || 0;
  const untilMs = limitS > 0 ? (Math.floor(core.clock.now() / 1000) + limitS) * 1000 : Number.POSITIVE_INFINITY;
  const late = () => core.clock.now() >= untilMs;
  media.filters.set(path, new Displace({ prompt, mux: flags.includes("m"), loop: flags.includes("l"), late }));
  return true;
}

const audioFilter = "uuid_audio";

function audio(channel: Channel, action: string, way: string | undefined, what: string | undefined, level: number): string {
  const { filters } = channel.media;
  if (action === "stop") {
    filters.remove(audioFilter);
    return "+OK\n";
  }
  if (action !== "start" || (way !== "read" && way !== "write") || (what !== "mute" && what !== "level") || Number.isNaN(level)) return audioUsage;
  const before = filters.get(audioFilter);
  const loudness = before instanceof Loudness ? before : new Loudness();
  filters.set(audioFilter, loudness);
  if (what === "level") loudness.setLevel(way, level);
  else if (level !== 0) loudness.mute(way);
  else loudness.setLevel(way, 0);
  return "+OK\n";
}

/** uuid_hold [off|toggle] UUID: a re-INVITE with sendonly, or back. */
function hold(host: ApiHost, words: readonly string[]): boolean {
  const [first = "", second = ""] = words;
  const channel = host.find(first === "off" || first === "toggle" ? second : first);
  if (!channel?.leg || !channel.answered || channel.hangupCause) return false;
  const held = channel.callState === "HELD";
  const wanted = first === "off" ? false : first === "toggle" ? !held : true;
  if (wanted === held) return false;
  channel.leg.hold(wanted);
  channel.fire(wanted ? "CHANNEL_HOLD" : "CHANNEL_UNHOLD");
  return true;
}
