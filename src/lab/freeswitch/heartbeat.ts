import { type SwitchCore, versionText } from "./core.ts";
import { type SessionCounts, upTime } from "./switch-commands.ts";

/** The headers of a HEARTBEAT event. */
export function heartbeat(core: SwitchCore, counts: SessionCounts): [name: string, value: string][] {
  return [
    ["Event-Info", "System Ready"],
    ["Up-Time", upTime(core)],
    ["FreeSWITCH-Version", versionText],
    ["Uptime-msec", String(core.clock.now() - core.startedAt)],
    ["Session-Count", String(counts.now)],
    ["Max-Sessions", String(counts.max)],
    ["Session-Per-Sec", String(counts.perSecond)],
    ["Session-Per-Sec-Last", String(counts.lastSecond)],
    ["Session-Per-Sec-Max", String(counts.peakPerSecond)],
    ["Session-Per-Sec-FiveMin", String(counts.peakPerSecond)],
    ["Session-Since-Startup", String(counts.sinceStart)],
    ["Session-Peak-Max", String(counts.peak)],
    ["Session-Peak-FiveMin", String(counts.peak)],
    ["Idle-CPU", "90.000000"],
  ];
}
