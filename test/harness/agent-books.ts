import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { type VoiceSpan, voiceNamed } from "../../src/lab/media/voice.ts";

/* What the books of the carrier and of the telephones say of calls for agents: told from the wire alone. */

/** From when on a voice counts as heard: a frame or two may be left of somebody else's. */
const heardMs = 60;
/**
 * Who is on the line for less than this after the first of the agent's voice may be gone before the agent hears anything: FreeSWITCH puts two frames aside
 * each way before it passes any on, its two legs begin one after the other, a voice is known by its second packet, and what is under way when somebody
 * hangs up is still heard.
 */
const bothWaysMs = 200;
/** Two people at one telephone for longer than this are connected twice; less is how the packets of one and the next cross. */
const overlapMs = 200;

export interface AnsweredCall {
  readonly call: CallSummary;
  /** `connected`: heard an agent; `message`: heard that nobody was there; `left`: hung up before either had to be; `nothing`: none of it. */
  readonly end: "connected" | "message" | "left" | "nothing";
  /** Agents that were heard, in their order. */
  readonly agents: readonly string[];
  /** From the answer to the first of an agent's voice, ms. */
  readonly toAgentMs?: number;
  /** From then until the last of it. */
  readonly talkedMs?: number;
}

export interface Rules {
  /** Longest silence at the called party, ms. */
  readonly silenceMs: number;
  /** Who hangs up sooner after the answer is owed nothing, ms. */
  readonly graceMs: number;
  /** Calls that a fault of the far side or the end of a process has hit: they may end anyhow, but nobody is in silence, and nobody hears two at once. */
  readonly excused?: (call: CallSummary) => boolean;
  /** Until when (epoch ms) somebody may be in silence whose answer nobody of ours could hear of: they must be hung up on by then. */
  readonly orphanedUntilMs?: (call: CallSummary) => number | undefined;
  /** Whether a server of ours may have parted people at this time (epoch ms): who was in a conversation then may have another one. */
  readonly parts?: (atMs: number) => boolean;
}

export const usualRules: Rules = { silenceMs: 2000, graceMs: 2300 };

/** Every call that was answered, and what became of it. */
export function answeredCalls(calls: readonly CallSummary[], { graceMs }: Rules = usualRules): readonly AnsweredCall[] {
  return calls.flatMap((call): AnsweredCall[] => {
    const { answeredAtMs, endedAtMs, endedBy } = call;
    if (answeredAtMs === null) return [];
    const spans = call.voices.filter((span) => span.voice.startsWith("agent") && span.heardMs >= heardMs).toSorted((a, b) => a.fromMs - b.fromMs);
    const agents = [...new Set(spans.map(({ voice }) => voice))];
    const [first] = spans;
    if (first) {
      const untilMs = Math.max(...spans.map((span) => span.untilMs));
      return [{ call, end: "connected", agents, toAgentMs: first.fromMs - answeredAtMs, talkedMs: untilMs - first.fromMs }];
    }
    // Who hangs up in the middle of the message has heard it.
    const message = call.heard.some(({ complete, fraction }) => complete || (endedBy !== "caller" && fraction > 0.1));
    if (message) return [{ call, end: "message", agents }];
    const lastedMs = (endedAtMs ?? Infinity) - answeredAtMs;
    return [{ call, end: endedBy !== "caller" && lastedMs <= graceMs ? "left" : "nothing", agents }];
  });
}

/** Everything that must hold of answered calls: one line for each fault. */
export function faultsOfCalls(answered: readonly AnsweredCall[], phones: readonly CallSummary[], rules: Rules = usualRules): readonly string[] {
  const faults: string[] = [];
  for (const { call, end, agents, toAgentMs = 0 } of answered) {
    const hit = rules.excused?.(call) ?? false;
    const name = `${call.called} (attempt ${call.attempt}, ${call.persona})`;
    const lasted = (call.endedAtMs ?? Number.NaN) - (call.answeredAtMs ?? 0);
    if (end === "nothing" && !hit) faults.push(`${name} heard neither an agent nor the message in ${lasted} ms (${call.endedBy} hung up)`);
    if (agents.length > 1 && (!hit || atOnce(call.voices.filter(({ voice }) => agents.includes(voice)))))
      faults.push(`${name} heard ${agents.join(" and ")}`);
    const silent = longSilences(call, rules, hit);
    if (silent.length > 0) faults.push(`${name} was in silence for ${silent.join(", ")} (${end}, lasted ${lasted}, ${call.endedBy} hung up)`);
    if (end === "connected" && speaks(call) && !hit && lasted - toAgentMs >= bothWaysMs) {
      const heard = agents.some((agent) => hears(phones, agent, call));
      if (!heard) faults.push(`${name} was not heard by ${agents.join(" and ")}; ${around(phones, agents, call).join(", ") || "nobody was"}`);
    }
  }
  for (const [phone, spans] of spansByPhone(phones)) {
    const people = spans.filter((span) => span.voice.startsWith("person") && span.heardMs >= heardMs);
    for (const [at, span] of people.entries()) {
      const next = people
        .slice(at + 1)
        .find((other) => other.voice !== span.voice && Math.min(other.untilMs, span.untilMs) - other.fromMs > overlapMs);
      if (next) faults.push(`${phone} heard ${span.voice} and ${next.voice} at once, from ${next.fromMs}`);
    }
  }
  return faults;
}

/** Silences that nobody may be left in. Who was told goodbye by a server that had lost us knows that nothing comes any more. */
function longSilences(call: CallSummary, { silenceMs, orphanedUntilMs }: Rules, hit: boolean): readonly string[] {
  const { silences, heard, audio, answeredAtMs } = call;
  const excusedUntilMs = orphanedUntilMs?.(call) ?? 0;
  const goodbye = hit ? heard.find(({ name, fraction }) => name === "goodbye" && fraction > 0.9) : undefined;
  const goodbyeAtMs = goodbye === undefined ? Infinity : (audio.firstPacketAtMs ?? Infinity) + goodbye.fromMs;
  const found = silences.filter(({ fromMs, untilMs }) => untilMs - fromMs > silenceMs && untilMs > excusedUntilMs && fromMs < goodbyeAtMs);
  return found.map(({ fromMs, untilMs }) => `${untilMs - fromMs} ms from ${fromMs - (answeredAtMs ?? 0)} ms on`);
}

/** Two different voices that were heard at the same time. */
function atOnce(spans: readonly VoiceSpan[]): readonly VoiceSpan[] | undefined {
  for (const [at, span] of spans.entries()) {
    const next = spans.slice(at + 1).find((other) => other.voice !== span.voice && Math.min(other.untilMs, span.untilMs) - other.fromMs > overlapMs);
    if (next) return [span, next];
  }
  return undefined;
}

/** Whether the called party has a voice that can be told apart. */
function speaks({ persona }: CallSummary): boolean {
  return persona?.includes("speak") ?? false;
}

/** Whether the agent's telephone heard this person while the person heard the agent. */
function hears(phones: readonly CallSummary[], agent: string, call: CallSummary): boolean {
  const person = voiceNamed("person", call.called);
  const mutual = call.voices.filter(({ voice }) => voice === agent);
  const spans = spansByPhone(phones).get(agent) ?? [];
  return spans.some(
    (span) => span.voice === person && mutual.some((other) => span.fromMs < other.untilMs + 500 && other.fromMs < span.untilMs + 500),
  );
}

/** What these telephones heard while the person was on the line, for whoever looks for a fault. */
function around(phones: readonly CallSummary[], agents: readonly string[], { voices, answeredAtMs, endedAtMs }: CallSummary): readonly string[] {
  const [from, to] = [answeredAtMs ?? 0, endedAtMs ?? Infinity];
  const show = ({ voice, fromMs, untilMs }: VoiceSpan) => `${voice} ${fromMs - from}..${untilMs - from} ms`;
  const there = agents.flatMap((agent) => spansByPhone(phones).get(agent) ?? []).filter(({ fromMs, untilMs }) => untilMs > from && fromMs < to);
  // Silence, or sound that is nobody's voice: they have different causes.
  const silent = phones
    .filter(({ called }) => agents.includes(called))
    .flatMap(({ silences }) => silences)
    .filter(({ fromMs, untilMs }) => untilMs > from && fromMs < to);
  return [
    ...voices.map((span) => `the person heard ${show(span)}`),
    ...there.map((span) => `the telephone heard ${show(span)}`),
    ...silent.map(({ fromMs, untilMs }) => `the telephone was in silence ${fromMs - from}..${untilMs - from} ms`),
  ];
}

function spansByPhone(phones: readonly CallSummary[]): ReadonlyMap<string, readonly VoiceSpan[]> {
  const found = new Map<string, VoiceSpan[]>();
  for (const call of phones) found.set(call.called, [...(found.get(call.called) ?? []), ...call.voices]);
  for (const spans of found.values()) spans.sort((a, b) => a.fromMs - b.fromMs);
  return found;
}
