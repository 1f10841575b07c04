import type { Ladder, LadderLeg, SipNote } from "../attempt/ladder.ts";
import { oneLine } from "./table.ts";

const notKept = [
  "Kept of each message: start line, From, To, Call-ID, CSeq, Reason, Warning, Retry-After, Server, User-Agent, and the session description in a line.",
  "Not kept: every other header, credentials above all; bodies; repetitions; the ACK of a refusal and the answer to a CANCEL, which drachtio-server keeps to itself.",
];

/** The messages of a ladder as a text, in the manner of what sngrep saves: a line that says when and between whom, then the message as far as it is kept. */
export function sipText(ladder: Ladder): string {
  const messages = ladder.rungs.flatMap((rung) => {
    if (!("sip" in rung)) return [];
    return [
      messageText(
        ladder.startedAt + rung.ms,
        rung.sip,
        ladder.legs.find(({ leg }) => leg === rung.leg),
      ),
    ];
  });
  const cut = ladder.leftOut > 0 ? [`${ladder.leftOut} rungs in the middle are not kept.`] : [];
  return [[...notKept, ...cut].map((line) => `# ${line}`).join("\n"), ...messages].join("\n\n");
}

function messageText(at: number, note: SipNote, leg: LadderLeg | undefined): string {
  const { sent, method, uri, status, phrase = "", cseq, headers = {}, sdp, from, madeUp } = note;
  const far = madeUp ? "drachtio-server" : (from ?? hostOf(leg?.to));
  const between = sent ? `carillon -> ${far}` : `${far} -> carillon`;
  const start = method === undefined ? `SIP/2.0 ${status} ${phrase}` : `${method} ${uri ?? leg?.to ?? ""} SIP/2.0`;
  const lines = [
    `${new Date(at).toISOString().replace("T", " ")} ${between}${leg ? ` (leg ${leg.leg}, ${leg.name})` : ""}${madeUp ? " (made up, never on the wire)" : ""}`,
    start.trimEnd(),
    // Whoever begins a request stands in From; a response repeats it.
    ...(leg ? fromTo(note, leg) : []),
    ...(leg ? [`Call-ID: ${leg.callId}`] : []),
    ...(cseq === undefined ? [] : [`CSeq: ${cseq}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(sdp === undefined ? [] : [`(session description: ${sdp})`]),
  ];
  return lines.map(oneLine).join("\n");
}

/** Their requests inside the call have it the other way round; a response of ours answers one of theirs. */
function fromTo({ sent, method }: SipNote, { from, to }: LadderLeg): readonly string[] {
  const theirs = method === undefined ? sent : !sent;
  return theirs ? [`From: <${to}>`, `To: <${from}>`] : [`From: <${from}>`, `To: <${to}>`];
}

function hostOf(uri: string | undefined): string {
  return /@(\[[^\]]*\]:?\d*|[^;>?\s]+)/.exec(uri ?? "")?.[1] ?? "the far side";
}
