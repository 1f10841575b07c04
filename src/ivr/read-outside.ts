import { templatesOf } from "./prompt.ts";
import type { Written } from "./schema.ts";
import { positionName, type QueueStep, type SendStep, type TransferStep, type TransferTarget, type WebhookStep } from "./script.ts";
import type { StepReader } from "./step-reader.ts";

/* The verbs that reach out: another telephone, an agent, a message, a webhook. */

export function readTransfer(written: Written<"transfer">, reader: StepReader): TransferStep | undefined {
  const { transfer, play, whisper, on, max_wait_s: waitS = 30, max_talk_s: talkS } = written;
  const holdPrompts = reader.prompts(play, "play");
  const whisperPrompts = reader.prompts(whisper, "whisper");
  for (const [end, name] of Object.entries(on)) reader.step(name, "on", end);
  const { busy = on.no_agent, no_answer: noAnswer = on.no_agent, failed = on.no_agent } = on;
  if (busy === undefined || noAnswer === undefined || failed === undefined) {
    const fix = "Add `no_agent: STEP` for whatever keeps the other number from answering, or busy, no_answer and failed each.";
    return reader.report("transfer-incomplete", reader.key("on"), "it is not said what happens when nobody takes the call", fix);
  }
  const target = targetOf(transfer, reader);
  return (
    target && {
      verb: "transfer",
      target,
      holdPrompts,
      whisperPrompts,
      ringTimeoutMs: waitS * 1000,
      ...(talkS !== undefined && { maxTalkMs: talkS * 1000 }),
      answered: on.answered,
      busy,
      noAnswer,
      failed,
      ...(on.hung_up !== undefined && { hungUp: on.hung_up }),
    }
  );
}

function targetOf(transfer: Written<"transfer">["transfer"], reader: StepReader): TransferTarget | undefined {
  if (typeof transfer === "object") return "to" in transfer ? { number: transfer.to } : { group: transfer.group };
  if (!reader.head) return undefined;
  const { numbers } = reader.head;
  const number = Object.hasOwn(numbers, transfer) ? numbers[transfer] : undefined;
  if (number !== undefined) return { number };
  const guess = reader.guess(transfer, Object.keys(numbers));
  const fix = guess
    ? `Did you mean ${guess}?`
    : `Add \`numbers: { ${transfer}: "+1…" }\` at the head of the script, or write \`transfer: { to: "+1…" }\`.`;
  return reader.report("number-unknown", reader.value("transfer"), `there is no number called ${transfer}`, fix);
}

/** Where nothing is heard nobody is left longer than that. */
export const mostSilentMs = 2000;
const usualPriority = 5;

export function readQueue(written: Written<"queue">, reader: StepReader): QueueStep | undefined {
  const { queue, play, position, position_more: more, position_every_s: everyS = 60, whisper, max_wait_s: waitS = 300, on } = written;
  const { group, skills = [], priority = usualPriority } = typeof queue === "string" ? { group: queue } : queue;
  for (const [end, name] of Object.entries(on)) reader.step(name, "on", end);
  const positionPrompts = reader.prompts(position, "position");
  for (const key of ["position_more", "position_every_s"] as const) {
    if (position !== undefined || written[key] === undefined) continue;
    return reader.report("missing-key", reader.key(key), "it is not said how far somebody has come", "Add `position:` with {position} in it.");
  }
  const says = positionPrompts.flatMap(templatesOf).some(({ fields }) => fields.includes(positionName));
  if (positionPrompts.length > 0 && !says) {
    const fix = `Write it as {${positionName}}: \`say: "You are number {${positionName}}."\`.`;
    return reader.report("bad-value", reader.value("position"), "the place in the queue is not said here", fix);
  }
  const silent = play === undefined && written.max_wait_s === undefined;
  return {
    verb: "queue",
    group,
    skills,
    priority,
    maxWaitMs: silent ? mostSilentMs : waitS * 1000,
    holdPrompts: reader.prompts(play, "play"),
    positionPrompts,
    positionMore: reader.prompts(more, "position_more"),
    positionEveryMs: everyS * 1000,
    whisperPrompts: reader.prompts(whisper, "whisper"),
    answered: on.answered,
    noAgent: on.no_agent,
    nobody: on.nobody ?? on.no_agent,
    ...(on.hung_up !== undefined && { hungUp: on.hung_up }),
  };
}

export function readSend(written: Written<"send">, reader: StepReader): SendStep | undefined {
  const { channel, template } = written.send;
  const values = reader.templates(written.with, "with");
  const way = reader.way(written);
  return way && { verb: "send", channel, template, values, withinS: written.within_s ?? 86_400, way };
}

/** What is in every body; the script cannot give it another meaning. */
const reserved = ["script", "step", "attemptId", "idempotencyKey"];
/** What `on` has besides results. */
const special = ["error", "else", "timeout"];

export function readWebhook(written: Written<"webhook">, reader: StepReader): WebhookStep | undefined {
  const { webhook, send, timeout_s: timeoutS = 10, result = "result", save = {}, play, on } = written;
  for (const key of reserved) {
    if (!send || !Object.hasOwn(send, key)) continue;
    reader.report("bad-value", reader.key("send", key), `${key} is in every body that is sent`, "Leave it out, or give yours another name.");
  }
  const ways = new Map(Object.entries(on).map(([value, name]) => [value, reader.step(name, "on", value)]));
  const error = ways.get("error") ?? "";
  const path = (text: string) => text.split(".");
  return {
    verb: "webhook",
    name: webhook,
    body: reader.templates(send, "send"),
    timeoutMs: timeoutS * 1000,
    result: path(result),
    save: new Map(Object.entries(save).map(([answer, text]) => [answer, path(text)])),
    holdPrompts: reader.prompts(play, "play"),
    on: new Map([...ways].filter(([value]) => !special.includes(value))),
    otherwise: ways.get("else") ?? error,
    timedOut: ways.get("timeout") ?? error,
    error,
  };
}
