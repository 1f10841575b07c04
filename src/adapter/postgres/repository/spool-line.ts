import type { Handed } from "../../../attempt/message-ports.ts";
import type { Effect, Ending } from "../../../attempt/ports.ts";
import { type ChannelName, channelNames, resultNames } from "../../../attempt/result.ts";
import { isId } from "./id.ts";

/** What became of a message, and over which bind or mail pool it was begun, with which reference. */
export interface SpooledMessage {
  readonly attemptId: string;
  readonly handed: Handed;
  readonly via?: string;
  readonly reference?: number;
}

/** What is kept when the database does not take it: what somebody wished, how a call ended, what became of a message. `at` in epoch ms. */
export type Spooled =
  | { readonly attemptId: string; readonly at: number; readonly effects: readonly Effect[] }
  | { readonly attemptId: string; readonly ending: Ending }
  | SpooledMessage;

/** One line of the spool; undefined when it is damaged. */
export function parseSpooled(line: string): { readonly key: string; readonly entry: Spooled } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { key, attemptId, at, effects, ending, handed, via, reference } = value;
  if (typeof key !== "string" || typeof attemptId !== "string" || !isId(attemptId)) return undefined;
  if (isEnding(ending)) return { key, entry: { attemptId, ending } };
  if (isHanded(handed, attemptId)) {
    const begun = { ...(typeof via === "string" && { via }), ...(typeof reference === "number" && { reference }) };
    return { key, entry: { attemptId, handed, ...begun } };
  }
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
  const { at, result, outcome, reason, sipStatus, q850, answers, againAt, live, heldOut } = value;
  return (
    isTime(at) &&
    resultNames.some((name) => name === result) &&
    typeof reason === "string" &&
    (outcome === undefined || typeof outcome === "string") &&
    (live === undefined || live === "connected" || live === "abandoned" || live === "machine") &&
    (heldOut === undefined || (isRecord(heldOut) && typeof heldOut["responded"] === "boolean")) &&
    [sipStatus, q850, againAt].every((number) => number === undefined || typeof number === "number") &&
    (answers === undefined || (isRecord(answers) && Object.values(answers).every(isAnswer)))
  );
}

function isHanded(value: unknown, attemptId: string): value is Handed {
  if (!isRecord(value)) return false;
  const { attemptId: own, at, result, reason, remoteIds, againAt } = value;
  return (
    own === attemptId &&
    isTime(at) &&
    resultNames.some((name) => name === result) &&
    typeof reason === "string" &&
    (againAt === undefined || isTime(againAt)) &&
    (remoteIds === undefined || (Array.isArray(remoteIds) && remoteIds.every((id) => typeof id === "string")))
  );
}

function isAnswer(value: unknown): boolean {
  if (!isRecord(value) || typeof value["value"] !== "string") return false;
  const { durationMs, agreed } = value;
  return (durationMs === undefined || isTime(durationMs)) && (agreed === undefined || typeof agreed === "boolean");
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
