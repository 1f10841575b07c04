import type { AttemptState } from "../../../attempt/attempt.ts";
import type { Ending, LiveAnswer, Mark } from "../../../attempt/ports.ts";

/** What is to be recorded of one attempt, as the channels say it. */
export type Recording = { readonly attemptId: string; readonly mark: Mark } | { readonly attemptId: string; readonly ending: Ending };

/** One row of the record statement; the names are those of its JSON. */
export interface AttemptRow {
  id: string;
  state?: AttemptState;
  ringing?: number;
  answered?: number;
  call_id?: string;
  transaction_id?: string;
  dialog_id?: string;
  media_server?: string;
  endpoint_id?: string;
  outcome?: string;
  result?: string;
  reason?: string;
  sip_status?: number;
  q850?: number;
  ended?: number;
  again?: number;
  live?: LiveAnswer;
  /** Of a machine that was held out. */
  responded?: boolean;
}

export interface EventRow {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly detail?: unknown;
  /** It comes with the ending of a successor: the attempt is not its own. */
  readonly ending?: true;
}

/** One row of the answers; the names are those of its JSON. */
export interface AnswerRow {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly duration?: number;
  readonly agreed?: boolean;
}

/** Reasons and details come from the network: they are cut at this. */
const longestText = 500;

const longestAnswer = 1000;

/** Text PostgreSQL can store: no NUL, no half of a surrogate pair. */
export function storable(text: string, longest = longestText): string {
  return text.slice(0, longest).toWellFormed().replaceAll("\0", "\ufffd");
}

/** The same of every text in a value, however deep. */
function storableAll(value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (Array.isArray(value)) return value.map(storableAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, storableAll(part)]));
}

/** One row per attempt, however much is said of it, and its events in order. The first ending stands. */
export function mergeRecordings(recordings: readonly Recording[]): { rows: AttemptRow[]; events: EventRow[]; answers: AnswerRow[] } {
  const rows = new Map<string, AttemptRow>();
  const events: EventRow[] = [];
  const answers: AnswerRow[] = [];
  for (const recording of recordings) {
    const { attemptId: id } = recording;
    // It says nothing of the attempt's row, which may be ended by now.
    if ("mark" in recording && recording.mark.ladder) {
      events.push({ id, at: recording.mark.at, kind: recording.mark.kind, detail: storableAll(recording.mark.ladder) });
      continue;
    }
    let row = rows.get(id);
    if (!row) {
      row = { id };
      rows.set(id, row);
    }
    if ("mark" in recording) {
      addMark(row, recording.mark);
      events.push(eventOf(id, recording.mark));
    } else if (row.result === undefined) {
      addEnding(row, recording.ending);
      answers.push(...answersOf(id, recording.ending));
      const { at, ladder } = recording.ending;
      if (ladder) events.push({ id, at, kind: "ladder", detail: storableAll(ladder), ending: true });
    }
  }
  return { rows: [...rows.values()], events, answers };
}

function addMark(row: AttemptRow, { at, kind, legIds }: Mark): void {
  if (kind === "ringing" || kind === "early-media") {
    row.ringing ??= at;
    row.state ??= "ringing";
  } else if (kind === "answered") {
    row.answered ??= at;
    row.state = "answered";
  }
  if (!legIds) return;
  if (legIds.callId !== undefined) row.call_id = storable(legIds.callId);
  if (legIds.transactionId !== undefined) row.transaction_id = storable(legIds.transactionId);
  if (legIds.dialogId !== undefined) row.dialog_id = storable(legIds.dialogId);
  if (legIds.mediaServer !== undefined) row.media_server = storable(legIds.mediaServer);
  if (legIds.endpointId !== undefined) row.endpoint_id = storable(legIds.endpointId);
}

function addEnding(row: AttemptRow, ending: Ending): void {
  row.result = ending.result;
  row.ended = ending.at;
  row.reason = storable(ending.reason);
  if (ending.outcome !== undefined) row.outcome = storable(ending.outcome);
  if (isSmall(ending.sipStatus)) row.sip_status = ending.sipStatus;
  if (isSmall(ending.q850)) row.q850 = ending.q850;
  if (ending.againAt !== undefined) row.again = ending.againAt;
  if (ending.live !== undefined) row.live = ending.live;
  if (ending.heldOut) row.responded = ending.heldOut.responded;
}

function answersOf(id: string, { answers = {} }: Ending): AnswerRow[] {
  return Object.entries(answers).map(([name, { value, durationMs, agreed }]) => ({
    id,
    name: storable(name),
    value: storable(value, longestAnswer),
    ...(durationMs !== undefined && { duration: Math.round(durationMs) }),
    ...(agreed && { agreed }),
  }));
}

function eventOf(id: string, { at, kind, detail }: Mark): EventRow {
  if (!detail) return { id, at, kind };
  const clean: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(detail)) clean[name] = typeof value === "string" ? storable(value) : value;
  return { id, at, kind, detail: clean };
}

/** Numbers from the network may be anything; the columns are smallint. */
function isSmall(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 32_767;
}
