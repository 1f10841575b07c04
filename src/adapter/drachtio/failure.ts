import type { Failure, InviteEnd } from "../../voice/ports.ts";
import type { SipFailure } from "./srf.ts";

/** The end of an INVITE whose connection to drachtio-server broke. */
export const lostEnd: InviteEnd = {
  answered: false,
  failure: { status: 503, phrase: "connection to drachtio-server lost", lost: true, endpointSpent: true },
};

/** The end of an INVITE that never left: nobody was disturbed. */
export function notSentEnd(error: Error | null): InviteEnd {
  const phrase = noTransport(error) ?? error?.message ?? "not connected to drachtio-server";
  return { answered: false, failure: { status: 503, phrase } };
}

/** Why a request could not leave by the transport of its URI; undefined when it was something else. */
export function noTransport(error: Error | null): string | undefined {
  if (!error?.message.includes("requested protocol/transport not available")) return undefined;
  return "drachtio-server does not speak the trunk's transport: add a <contact> for it to its drachtio.conf.xml";
}

/**
 * The end of an INVITE that was answered while our CANCEL was under way (RFC 3261 §9.1) and was ended at once. drachtio-server sends that BYE itself
 * and says so before it has arrived: the far side may still be sending.
 */
export const crossedCancel: InviteEnd = { answered: false, failure: { status: 487, phrase: "answered while being canceled", endpointSpent: true } };

/**
 * What a rejected createUAC tells. Errors without a status never reached the network.
 * @param answered whether a 2xx had come: then it was acknowledged, and somebody is on the line
 */
export function failureOf(error: SipFailure | null, answered = false): Failure {
  if (answered) return { status: 500, phrase: error?.reason ?? "unusable answer", endpointSpent: true };
  if (!error?.status) return { status: 503, phrase: error?.message ?? "no answer from drachtio-server" };
  const causes = readReason(error.res?.get("Reason"));
  // drachtio-server has no address for a response that it made up itself.
  const madeUp = error.res !== undefined && !error.res.source_address;
  const retryAfterS = error.status === 503 && !madeUp ? secondsIn(error.res?.get("Retry-After")) : undefined;
  return {
    status: error.status,
    phrase: error.reason ?? "",
    ...causes,
    ...(madeUp && { madeUp }),
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
}

/** A comment and parameters may stand behind the number (RFC 3261 §20.33). */
function secondsIn(header: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})(?=\s|[;(]|$)/.exec(header ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The causes in a Reason header (RFC 3326 §2); several values may stand in it, separated by commas. */
export function readReason(header: string | undefined): { q850?: number; reasonSip?: number } {
  const causes: { q850?: number; reasonSip?: number } = {};
  for (const value of header?.split(",") ?? []) {
    const [protocol, ...parameters] = value.split(";").map((part) => part.trim());
    const cause = parameters.find((parameter) => /^cause\s*=\s*\d{1,3}$/i.test(parameter));
    if (!protocol || !cause) continue;
    const number = Number(cause.slice(cause.indexOf("=") + 1));
    if (/^Q\.850$/i.test(protocol)) causes.q850 = number;
    else if (/^SIP$/i.test(protocol)) causes.reasonSip = number;
  }
  return causes;
}
