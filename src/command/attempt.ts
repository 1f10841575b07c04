import type { AttemptDetail } from "../api/ports.ts";
import { showAttemptDetail } from "../api/schema/attempt.ts";
import type { Ladder, LadderLeg, MediaNote, SipNote } from "../attempt/ladder.ts";
import { Fault } from "../kernel/fault.ts";
import { adviceOn } from "../voice/sip-advice.ts";
import { sipText } from "./attempt-sip.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, terminalText, timeCell } from "./table.ts";

/** `carillon attempt show ID`: what happened on a call, message by message. */
export function showAttempt(
  id: string,
  { sip = false, json = false, ...options }: CommonOptions & { readonly sip?: boolean; readonly json?: boolean },
): Promise<string> {
  return withStores(options, async (stores) => {
    const attempt = await stores.attemptReader.attempt(id);
    if (!attempt)
      throw new Fault("attempt-unknown", `There is no attempt ${id}. carillon campaign why CAMPAIGN CONTACT tells the ids of a contact's.`);
    if (json) return JSON.stringify(showAttemptDetail(attempt), undefined, 2);
    if (sip) return attempt.ladder ? sipText(attempt.ladder) : noLadder(attempt);
    return attemptText(attempt);
  });
}

/** What it was, what happened in its order, and what may be asked further. */
export function attemptText(attempt: AttemptDetail): string {
  return [...headOf(attempt), "", ...linesOf(attempt), ...footOf(attempt)].join("\n");
}

interface Line {
  /** Epoch ms. */
  readonly at: number;
  /** Among those of one millisecond: what was keyed in comes before the steps that it caused, and the end after all. */
  readonly rank: number;
  readonly texts: readonly string[];
}

function headOf({
  id,
  address,
  campaignId,
  calledNumber,
  state,
  result,
  outcome,
  reason,
  script,
  callId,
  againAt,
}: AttemptDetail): readonly string[] {
  const end = result === undefined ? `${state}, not over yet` : [result, outcome].filter((word) => word !== undefined).join(", ");
  const whom = calledNumber === undefined ? `to ${address}` : `from ${address}, who called ${calledNumber}`;
  const heading = `Attempt ${id} ${whom}, ${campaignId === undefined ? "no campaign" : `campaign ${campaignId}`}: ${end}${reason ? ` (${reason})` : ""}`;
  const made = script ? [`Script ${script.name}, version ${script.version}`] : [];
  const again = againAt === undefined ? [] : [`Again at ${timeCell(againAt)}: the contact was put back among those waiting`];
  return [heading, ...again, ...made, ...(callId === undefined ? [] : [`Call-ID ${callId}`])].map(oneLine);
}

function linesOf({ ladder, events, reservedAt }: AttemptDetail): readonly string[] {
  const startedAt = ladder?.startedAt ?? reservedAt;
  const begun = ladder?.rungs.some((rung) => "sip" in rung && rung.sip.method === "INVITE") ?? false;
  const lines: Line[] = [
    ...events.flatMap(({ at, kind, detail }) => {
      const text = eventText(kind, detail, begun);
      return text === undefined ? [] : [{ at, rank: kind === "ended" ? 3 : 1, texts: [text] }];
    }),
    ...(ladder ? rungLines(ladder) : []),
  ].sort((one, other) => one.at - other.at || one.rank - other.rank);
  const cut = ladder && ladder.leftOut > 0 ? [`(${ladder.leftOut} more in the middle are not kept)`] : [];
  const shown = lines.flatMap(({ at, texts }) => texts.map((text, index) => `${index === 0 ? cell(at - startedAt) : cell()}  ${indented(text)}`));
  return [`${timeCell(startedAt)}, times in ms`, ...shown.map((line) => line.trimEnd()), ...cut];
}

/** One line that keeps its place. */
function indented(text: string): string {
  return terminalText(text).replace(/[\n\t]/g, " ");
}

function cell(ms?: number): string {
  return (ms === undefined ? "" : String(Math.round(ms))).padStart(8);
}

function rungLines({ startedAt, legs, rungs }: Ladder): readonly Line[] {
  const told = new Set<number>();
  return rungs.map((rung) => {
    const at = startedAt + rung.ms;
    if ("media" in rung) return { at, rank: rung.media.event === "keys" ? 0 : 2, texts: [mediaText(rung.media)] };
    const leg = legs.find((each) => each.leg === rung.leg);
    const head = leg && !told.has(rung.leg) ? [legText(leg)] : [];
    told.add(rung.leg);
    return { at, rank: 2, texts: [...head, ...sipLines(rung.sip, rung.leg, legs.length > 1)] };
  });
}

function legText({ leg, name, callId, from, to }: LadderLeg): string {
  return `leg ${leg}, ${name}: ${addressOf(from)} calls ${addressOf(to)}, Call-ID ${callId}`;
}

/** Of a header that has more than an address. */
function addressOf(text: string): string {
  return /<([^<>]+)>/.exec(text)?.[1] ?? text;
}

/** A message in a line, with what it says of itself below, and what to do about a refusal. */
export function sipLines(note: SipNote, leg: number, several: boolean): readonly string[] {
  const { sent, method, status, phrase = "", cseq = "", headers = {}, sdp, from, madeUp } = note;
  const what = method ?? `${status} ${phrase}`.trim();
  const of = method || cseq === "" ? "" : ` (${cseq})`;
  const whence = madeUp ? ", made up by drachtio-server" : from === undefined ? "" : `, from ${from}`;
  const arrow = sent ? "---->" : madeUp ? "  <- " : "<----";
  const advice = adviceOn(status ?? 0);
  return [
    `${several ? `[${leg}] ` : ""}${arrow} ${what}${of}${whence}${sdp === undefined ? "" : `  ${sdp}`}`,
    ...Object.entries(headers).map(([name, value]) => `        ${name}: ${value}`),
    ...(advice ? [`        = ${advice.meaning}. ${advice.advice}`] : []),
  ];
}

function mediaText({ event, text }: MediaNote): string {
  return `  *   ${event}${text === undefined ? "" : `: ${text}`}`;
}

const interrupted =
  "The server died before the call was over. What is above had been written by then, or was done by the one that cleared up after it; what came between is not known.";

/** @param known whether the ladder tells what happened on the wire */
function eventText(kind: string, detail: Readonly<Record<string, unknown>>, known: boolean): string | undefined {
  if (kind === "step") return `  *   step ${String(detail["step"] ?? "")}`;
  if (kind === "ended") return `  *   ended: ${String(detail["result"] ?? "")} (${String(detail["reason"] ?? "")})`;
  if (["suppress", "send", "callback"].includes(kind)) return `  *   ${kind}`;
  if (kind === "report") return `  *   ${reportText(detail)}`;
  if (known) return undefined;
  const told = ["trunk", "callerId", "after", "peerState"].flatMap((name) => (detail[name] === undefined ? [] : [`${name} ${String(detail[name])}`]));
  return `  *   ${kind}${told.length > 0 ? `: ${told.join(", ")}` : ""}`;
}

/** What was told later of a message: by its network, by a mail server, by the person. */
function reportText({ replied, clicked, result, reason = "", mail }: Readonly<Record<string, unknown>>): string {
  if (clicked !== undefined) return `the person has followed a link: ${terminalText(String(clicked))}`;
  const where = mail === undefined ? "" : `, carillon mail show ${String(mail)}`;
  return replied === true ? `the person has written back${where}` : `reported: ${String(result ?? "")} (${String(reason)}${where})`;
}

function footOf(attempt: AttemptDetail): readonly string[] {
  if (!attempt.ladder) return ["", noLadder(attempt)];
  return attempt.result === "interrupted" ? ["", interrupted] : [];
}

function noLadder({ id, channel, result }: AttemptDetail): string {
  // What stands in the events says it all where nothing was written down as sent.
  if (channel !== "voice")
    return result === "canceled" ? "Nothing was sent." : `What was sent, and what was reported of it: carillon message show ${id}`;
  if (result === undefined) return "The messages are written when the call is answered, and when it is over.";
  if (result === "interrupted") return interrupted;
  return "No message is known: nothing left for this attempt, or it was made before they were kept.";
}
