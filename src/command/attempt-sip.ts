import type { Ladder, LadderLeg, SipNote } from "../attempt/ladder.ts";
import { oneLine } from "./table.ts";

const notKept = [
  "Kept of each message: start line, CSeq, Reason, Warning, Retry-After, Server, User-Agent, and the session description in a line; of each leg: Call-ID, From and To, as they were when it began.",
  "Not kept: every other header, Via and our own tags too, credentials above all; bodies; repetitions; the ACK of a refusal and the answer to a CANCEL, which drachtio-server keeps to itself.",
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
        isIncoming(ladder, rung.leg),
      ),
    ];
  });
  const cut = ladder.leftOut > 0 ? [`${ladder.leftOut} rungs in the middle are not kept.`] : [];
  return [[...notKept, ...cut].map((line) => `# ${line}`).join("\n"), ...messages].join("\n\n");
}

/** Whether the far side began the leg. */
function isIncoming({ rungs }: Ladder, leg: number): boolean {
  const invite = rungs.find((rung) => rung.leg === leg && "sip" in rung && rung.sip.method === "INVITE");
  return invite !== undefined && "sip" in invite && !invite.sip.sent;
}

function messageText(at: number, note: SipNote, leg: LadderLeg | undefined, incoming: boolean): string {
  const { sent, method, uri, status, phrase = "", cseq, headers = {}, sdp, from, madeUp } = note;
  const far = madeUp ? "drachtio-server" : (from ?? hostOf(incoming ? leg?.from : leg?.to));
  const between = sent ? `carillon -> ${far}` : `${far} -> carillon`;
  const start = method === undefined ? `SIP/2.0 ${status} ${phrase}` : `${method} ${uri ?? leg?.to ?? ""} SIP/2.0`;
  const lines = [
    `${new Date(at).toISOString().replace("T", " ")} ${between}${leg ? ` (leg ${leg.leg}, ${leg.name})` : ""}${madeUp ? " (made up, never on the wire)" : ""}`,
    start.trimEnd(),
    // Whoever begins a request stands in From; a response repeats it.
    ...(leg ? fromTo(note, leg, incoming) : []),
    ...(leg ? [`Call-ID: ${leg.callId}`] : []),
    ...(cseq === undefined ? [] : [`CSeq: ${cseq}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(sdp === undefined ? [] : [`(session description: ${sdp})`]),
  ];
  return lines.map(oneLine).join("\n");
}

/** Who did not begin the leg has it the other way round in a request; a response of ours answers a request of theirs. */
function fromTo({ sent, method }: SipNote, { from, to }: LadderLeg, incoming: boolean): readonly string[] {
  const theirs = method === undefined ? sent : !sent;
  const [near, far] = [nameAddress(from), nameAddress(to)];
  return theirs === incoming ? [`From: ${near}`, `To: ${far}`] : [`From: ${far}`, `To: ${near}`];
}

/** Of calls from outside the ladder has the headers, of ours the addresses. */
function nameAddress(text: string): string {
  return text.includes("<") ? text : `<${text}>`;
}

function hostOf(uri: string | undefined): string {
  return /@(\[[^\]]*\]:?\d*|[^;>?\s]+)/.exec(uri ?? "")?.[1] ?? "the far side";
}
