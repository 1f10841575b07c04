import type { SipNote } from "../attempt/ladder.ts";
import type { Ring } from "./invite-session.ts";
import { adviceOn } from "./sip-advice.ts";
import { describeFailure } from "./sip-status.ts";
import { placeText, type Trunk } from "./trunk.ts";
import { isUnresolved } from "./trunk-state.ts";

/** What a call over a trunk came to, to try it. */
export interface TrunkCallEnd {
  readonly rung: Ring;
  readonly notes: readonly SipNote[];
  /** RTP packets that came in. */
  readonly packetsIn: number;
  /** Whoever answered pressed a key when asked: we are heard. */
  readonly key: boolean;
  /** The far side ended it before it was asked to the end. */
  readonly left?: true;
}

/** `works`: it was answered, and sound came in. `text`: why not, and what to check. */
export interface TrunkVerdict {
  readonly works: boolean;
  readonly text: string;
}

type Failed = Extract<Ring, { answered: false }>;

/** What to say of a trunk after a call over it. @param ringS how long it was let ring */
export function judgeTrunk(trunk: Trunk, end: TrunkCallEnd, ringS: number): TrunkVerdict {
  const { rung, packetsIn, key } = end;
  if (!rung.answered) return { works: false, text: whyNotAnswered(trunk, rung, end.notes, ringS) };
  if (packetsIn === 0) return { works: false, text: oneWay(trunk, end) };
  if (key) return { works: true, text: "The trunk works: the call was answered, and sound goes both ways." };
  return {
    works: true,
    text: "The trunk works as far as can be seen: the call was answered and sound comes in. Whether we are heard was not shown, as no key was pressed: ask whoever answered, or call again and press one.",
  };
}

function whyNotAnswered(trunk: Trunk, rung: Failed, notes: readonly SipNote[], ringS: number): string {
  const { failure, rang, canceled } = rung;
  const where = placeText(trunk);
  const heard = notes.some(({ sent, madeUp }) => !sent && !madeUp);
  if (canceled === "withdrawn") return "The call was taken back before it was answered.";
  if (canceled === "media") return "Our own media session broke while it rang: look at FreeSWITCH's log.";
  if (!notes.some(({ sent }) => sent))
    return `The INVITE never left: ${failure.phrase}. Look at drachtio-server's log: it may not have a contact for ${trunk.transport}.`;
  if (!heard && (failure.madeUp || failure.lost || canceled === "ring-timeout")) return nothingHeard(trunk, failure, where);
  if (failure.lost) return "The connection to drachtio-server broke, so how the call ended is not known.";
  if (canceled === "ring-timeout") {
    return rang
      ? `It rang for ${ringS} s and nobody answered. The trunk carries calls; to try the sound as well, call a number that answers.`
      : `The carrier took the call and it did not ring within ${ringS} s. Ask the carrier about its route to this number, with the Call-ID.`;
  }
  const said = describeFailure(failure);
  const challenged = notes.some(({ status }) => status === 401 || status === 407);
  if (failure.status === 401 || failure.status === 407) {
    return trunk.username
      ? `${said}: the carrier does not accept username and password of the trunk. Check them; some carriers want the number or another name as username.`
      : `${said}: the carrier wants credentials. Set username and password of the trunk, or have this address allowed.`;
  }
  if (challenged && failure.status === 403)
    return `${said}, after we gave credentials: username or password of the trunk are wrong, or the account may not call this number or show this caller id.`;
  const { meaning, advice } = adviceOn(failure.status) ?? { meaning: "an answer that is not expected", advice: "Ask the carrier, with the Call-ID." };
  return `${said}: ${meaning}. ${advice}`;
}

function nothingHeard({ transport, host }: Trunk, failure: Failed["failure"], where: string): string {
  if (isUnresolved(failure))
    return `drachtio-server does not find ${host} in the DNS. Check the host of the trunk, and the DNS of drachtio-server's machine.`;
  if (transport === "tls") {
    return `No TLS connection to ${where}, or no answer on it. Check the port, that the carrier's certificate names the host and is trusted by drachtio-server, and that drachtio-server has a contact with transport=tls.`;
  }
  if (failure.status === 503) return `Nothing listens at ${where}. Check host, port and transport of the trunk.`;
  return `Nothing came back from ${where}. Check host, port and transport, the firewall between (both ways), and that the carrier knows the address we come from: many leave strangers without an answer.`;
}

function oneWay(trunk: Trunk, { rung, notes, left }: TrunkCallEnd): string {
  const offered = hostOf(notes.find(({ method }) => method === "INVITE")?.sdp);
  const theirs = rung.answered ? /^c=IN IP[46] (\S+)/m.exec(rung.sdp)?.[1] : undefined;
  if (left) return "It was answered and ended at once, before any sound came in. Ask the carrier why, or call a number that stays on the line.";
  const hidden =
    offered !== undefined && isPrivate(offered) && !isPrivate(trunk.host)
      ? ` ${offered} is a private address, which a carrier outside cannot reach: set ext-rtp-ip.`
      : "";
  return `It was answered, and no sound came in${theirs ? ` from ${theirs}` : ""}: one-way audio. Check that the carrier can send RTP to ${offered ?? "FreeSWITCH"}: FreeSWITCH's UDP ports in the firewall, and the address it gives (ext-rtp-ip behind NAT).${hidden}`;
}

/** Of a session description in a line, as the ladder has it. */
function hostOf(sdp: string | undefined): string | undefined {
  return /^audio (\S+):\d+ /.exec(sdp ?? "")?.[1];
}

/** RFC 1918, RFC 6598 and loopback; a name is none. */
function isPrivate(host: string): boolean {
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host);
}
