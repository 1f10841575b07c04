import type { Effect, Ending } from "../../../attempt/ports.ts";
import { type ChannelName, channelNames, resultNames } from "../../../attempt/result.ts";
import { isId } from "./id.ts";

/** What is kept when the database does not take it: what somebody wished, or how an attempt ended. `at` in epoch ms. */
export type Spooled =
  | { readonly attemptId: string; readonly at: number; readonly effects: readonly Effect[] }
  | { readonly attemptId: string; readonly ending: Ending };

/** One line of the spool; undefined when it is damaged. */
export function parseSpooled(line: string): { readonly key: string; readonly entry: Spooled } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { key, attemptId, at, effects, ending } = value;
  if (typeof key !== "string" || typeof attemptId !== "string" || !isId(attemptId)) return undefined;
  if (isEnding(ending)) return { key, entry: { attemptId, ending } };
  if (isTime(at) && Array.isArray(effects) && effects.every(isEffect)) return { key, entry: { attemptId, at, effects } };
  return undefined;
}

function isEffect(value: unknown): value is Effect {
  if (!isRecord(value)) return false;
  const { kind, reason, key } = value;
  if (typeof reason !== "string") return false;
  if (kind === "suppress") {
    const { channels, scope } = value;
    if (scope !== "account" && scope !== "campaign") return false;
    return Array.isArray(channels) && channels.every((name) => channelNames.includes(name as ChannelName));
  }
  if (typeof key !== "string") return false;
  if (kind === "callback") return isTime(value["atMs"]) || isTime(value["inS"]);
  const { channel, template, values, withinS } = value;
  return kind === "send" && (channel === "sms" || channel === "email") && typeof template === "string" && isTexts(values) && isTime(withinS);
}

function isEnding(value: unknown): value is Ending {
  if (!isRecord(value)) return false;
  const { at, result, outcome, reason, sipStatus, q850, answers, againAt, live } = value;
  return (
    isTime(at) &&
    resultNames.some((name) => name === result) &&
    typeof reason === "string" &&
    (outcome === undefined || typeof outcome === "string") &&
    (live === undefined || live === "connected" || live === "abandoned") &&
    [sipStatus, q850, againAt].every((number) => number === undefined || typeof number === "number") &&
    (answers === undefined || (isRecord(answers) && Object.values(answers).every(isAnswer)))
  );
}

function isAnswer(value: unknown): boolean {
  return isRecord(value) && typeof value["value"] === "string" && (value["durationMs"] === undefined || isTime(value["durationMs"]));
}

function isTexts(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
