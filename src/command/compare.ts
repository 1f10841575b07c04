import type { AttemptView } from "../api/ports.ts";
import { type Result, results } from "../attempt/result.ts";
import type { OfficeEntry } from "../lab/back-office.ts";
import type { CallSummary } from "../lab/carrier/call-record.ts";

/** What the carrier's wire showed, as the results it allows. Written apart from voice/sip-status.ts, or both would err alike. */
const allowedByStatus: Readonly<Record<number, readonly Result[]>> = {
  302: ["carrier-fault"],
  404: ["bad-number"],
  408: ["carrier-fault", "no-answer"],
  480: ["no-answer"],
  484: ["bad-number"],
  486: ["busy"],
  487: ["no-answer", "canceled"],
  503: ["congestion"],
  600: ["busy"],
  603: ["rejected"],
};
const answeredResults: readonly Result[] = ["human", "dropped", "abandoned"];
/** What a campaign that listens may say of the lab's people, by the beginning of their names: the one thing in the books that no wire shows. */
const heardResults: readonly (readonly [string, readonly Result[]])[] = [
  ["voicemail", ["machine", "machine-message"]],
  ["fax", ["fax"]],
  ["silent", ["silence", "human"]],
  // Whoever does what a test wants may be anybody.
  ["does:", ["human", "dropped", "machine", "machine-message", "fax", "sit", "silence"]],
];
/** Tones before the answer end a call that would ring on. */
const heardRinging: readonly Result[] = ["sit", "busy"];
/** The two clocks are one machine's; between the wire and the record lie a queue or two: 2 ms in the median of a demo, 42 ms at most on a busy machine. */
const clockSlackMs = 1000;
/** What leads to the opt-out in the scripts we ship. */
const optOutKey = "9";
const optOutOutcome = "opted_out";

export interface Comparison {
  readonly calls: number;
  readonly transfers: number;
  readonly payments: number;
  readonly disagreements: readonly string[];
}

/**
 * Our account of the attempts beside the books of the carrier and of the payment system, call by call.
 * @param listens whether the campaign has answering-machine detection: then the results say who answered, and are compared with who it was
 */
export function compare(
  attempts: readonly AttemptView[],
  books: readonly CallSummary[],
  suppressed: ReadonlySet<string>,
  asked: readonly OfficeEntry[] = [],
  listens = false,
): Comparison {
  const disagreements: string[] = [];
  const direct = new Map<string, CallSummary[]>();
  let transfers = 0;
  for (const call of books) {
    // Of a call from outside the carrier does not know our attempt.
    if (call.placed) continue;
    const [id = "", part] = (call.attempt ?? "").split(";");
    if (part === "transfer") transfers += 1;
    else direct.set(id, [...(direct.get(id) ?? []), call]);
  }
  for (const attempt of attempts) {
    const calls = direct.get(attempt.id) ?? [];
    direct.delete(attempt.id);
    for (const fault of compareOne(attempt, calls, suppressed, listens)) disagreements.push(`attempt ${attempt.id} to ${attempt.address}: ${fault}`);
  }
  for (const [id, calls] of direct) disagreements.push(`the carrier has ${calls.length} calls for attempt "${id}", which we know nothing of`);
  const paid = asked.filter(({ answer }) => answer["result"] === "paid");
  return { calls: attempts.length, transfers, payments: paid.length, disagreements: [...disagreements, ...comparePayments(attempts, paid)] };
}

/** Whoever heard that they have paid has paid, once; and nobody has paid of whom we know nothing. Who hangs up too early has no outcome of it. */
function comparePayments(attempts: readonly AttemptView[], paid: readonly OfficeEntry[]): readonly string[] {
  const known = new Set(attempts.map(({ id }) => id));
  const times = Map.groupBy(paid, ({ attempt }) => attempt);
  return [
    ...[...times].flatMap(([id, entries]) => (known.has(id) && entries.length === 1 ? [] : [`${entries.length} payments for attempt "${id}"`])),
    ...attempts.flatMap(({ id, outcome }) =>
      outcome === "paid" && !times.has(id) ? [`attempt ${id}: we say paid, the payment system does not`] : [],
    ),
  ];
}

function compareOne(attempt: AttemptView, calls: readonly CallSummary[], suppressed: ReadonlySet<string>, listens: boolean): readonly string[] {
  const { result } = attempt;
  if (result === undefined) return [`is not ended (${attempt.state})`];
  const [call] = calls;
  if (!call) return result === "canceled" ? [] : [`we say ${result}, the carrier never saw it`];
  const faults: string[] = [];
  if (calls.length > 1) faults.push(`was dialled ${calls.length} times`);
  if (call.called !== attempt.address) faults.push(`the carrier was asked for ${call.called}`);
  if (call.callId !== attempt.callId) faults.push(`our Call-ID is ${attempt.callId ?? "missing"}, the carrier's ${call.callId}`);
  if (call.state === "ringing" || call.state === "up") faults.push(`the leg is still ${call.state} at the carrier`);
  const answered = wasAnswered(call);
  const status = !answered && call.cancelledAtMs !== null ? 487 : (call.finalStatus ?? 0);
  const allowed = answered
    ? allowedWhenAnswered(call, listens)
    : [...(allowedByStatus[status] ?? []), ...(listens && status === 487 ? heardRinging : [])];
  if (!allowed.includes(result)) faults.push(`we say ${result}, the carrier ${answered ? `saw ${call.persona ?? "it"} answer` : `sent ${status}`}`);
  if (!listens && results[result].person !== answered) faults.push("we and the carrier differ on whether it was answered");
  if (result === "machine-message" && call.audio.soundMs === 0) faults.push("we say a message was left, and the carrier heard none");
  if (!near(attempt.answeredAt, answered ? call.answeredAtMs : null))
    faults.push(`answered at ${attempt.answeredAt} by us, ${call.answeredAtMs} by the carrier`);
  if (call.endedAtMs !== null && call.endedBy !== "vanished" && !near(attempt.endedAt, call.endedAtMs))
    faults.push(`ended at ${attempt.endedAt} by us, ${call.endedAtMs} by the carrier`);
  const pressedOptOut = call.digitsSent === optOutKey;
  if (pressedOptOut !== (attempt.outcome === optOutOutcome))
    faults.push(`keys ${call.digitsSent || "none"} at the carrier, outcome ${attempt.outcome ?? "none"}`);
  if (pressedOptOut && !suppressed.has(attempt.address)) faults.push("asked to be left alone, and no suppression was written");
  return faults;
}

function allowedWhenAnswered({ persona }: CallSummary, listens: boolean): readonly Result[] {
  if (!listens) return answeredResults;
  return heardResults.find(([name]) => persona?.startsWith(name))?.[1] ?? answeredResults;
}

/** An answer that crossed our CANCEL is a call we had given up: it is ended at once and nobody talks (RFC 3261 §9.1). */
function wasAnswered({ answeredAtMs, cancelledAtMs }: CallSummary): boolean {
  return answeredAtMs !== null && (cancelledAtMs === null || answeredAtMs < cancelledAtMs);
}

function near(ours: number | undefined, theirs: number | null): boolean {
  if (ours === undefined || theirs === null) return ours === undefined && theirs === null;
  return Math.abs(ours - theirs) <= clockSlackMs;
}
