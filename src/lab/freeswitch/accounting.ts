import type { CallerProfile } from "./channel-headers.ts";
import type { Variables } from "./variables.ts";

/**
 * The times and durations that CHANNEL_HANGUP_COMPLETE carries (switch_channel_set_timestamps): stamps, epochs and micro-epochs of what happened, and durations in
 * seconds, milliseconds (m…) and microseconds (u…). @param dialed keys that were pressed and are no secret
 */
export function setAccounting(variables: Variables, profile: CallerProfile, dialed: string): void {
  const micros = (text: string) => Number(text);
  const stamp = (text: string) => new Date(micros(text) / 1000).toISOString().slice(0, 19).replace("T", " ");
  const moments: [string, string][] = [
    ["start", profile.channelCreatedAt],
    ["profile_start", profile.profileCreatedAt],
    ["answer", profile.answeredAt],
    ["bridge", profile.bridgedAt],
    ["end", profile.hangupAt],
  ];
  variables.set("digits_dialed", dialed || "none");
  for (const [name, at] of moments) if (at !== "0") variables.set(`${name}_stamp`, stamp(at));
  for (const [name, at] of [...moments, ...["last_hold", "resurrect", "progress", "progress_media"].map((name): [string, string] => [name, "0"])]) {
    variables.set(`${name}_epoch`, String(Math.floor(micros(at) / 1_000_000)));
    variables.set(`${name}_uepoch`, at);
  }
  for (const unit of ["seconds", "usec", "ms"]) variables.set(`hold_accum_${unit}`, "0");
  variables.set("last_app", variables.get("current_application"));
  variables.set("caller_id", `"${profile.callerIdName}" <${profile.callerIdNumber ?? ""}>`);
  const whole = micros(profile.hangupAt) - micros(profile.channelCreatedAt);
  const billed = profile.answeredAt === "0" ? 0 : micros(profile.hangupAt) - micros(profile.answeredAt);
  const units: [prefix: string, suffix: string, divisor: number][] = [
    ["", "sec", 1_000_000],
    ["m", "msec", 1000],
    ["u", "usec", 1],
  ];
  for (const [prefix, suffix, divisor] of units) {
    const inUnit = (value: number) => String(Math.floor(value / divisor));
    variables.set(`${prefix}duration`, inUnit(whole));
    variables.set(`bill${suffix}`, inUnit(billed));
    for (const name of ["progress", "answer", "wait", "progress_media"]) variables.set(`${name}${suffix}`, "0");
    variables.set(`flow_bill${suffix}`, inUnit(whole));
  }
}
