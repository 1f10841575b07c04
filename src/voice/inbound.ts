import { BlockList, isIP } from "node:net";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { IncomingCall, SipSource } from "./inbound-ports.ts";
import type { Trunk } from "./trunk.ts";

/* Whose a call from outside is: the trunk it came by, the number called, and the caller. */

/** Why a call was not taken. */
export type Refused = "unknown-source" | "not-inbound" | "unknown-number" | "busy" | "no-media" | "overload" | "draining" | "closing" | "fault";

/** What the far side is told. A carrier takes a 503 for a server that is down, so a full trunk is busy. */
export const refusals: Readonly<Record<Refused, { readonly status: number; readonly phrase?: string; readonly retryAfterS?: number }>> = {
  "unknown-source": { status: 403 },
  "not-inbound": { status: 403 },
  "unknown-number": { status: 404 },
  busy: { status: 486 },
  "no-media": { status: 503, retryAfterS: 10 },
  overload: { status: 503, retryAfterS: 5 },
  draining: { status: 503, retryAfterS: 60 },
  closing: { status: 503, retryAfterS: 5 },
  fault: { status: 503, retryAfterS: 10 },
};

/** What of a trunk says whether a call came by it. */
export type InboundTrunk = Pick<Trunk, "name" | "host" | "port" | "username" | "inbound" | "inboundFrom">;

/**
 * The trunk by which a call came. Of several with that address the one whose user it was for (a registered trunk is called by its own), then one
 * whose port it came from, then one that takes calls at all.
 * @param addressesOf IP addresses a host name stands for
 */
export function trunkOf<T extends InboundTrunk>(
  trunks: readonly T[],
  { source, requestUri }: Pick<IncomingCall, "source" | "requestUri">,
  addressesOf: (host: string) => readonly string[],
): T | undefined {
  const from = trunks.filter((trunk) => cameFrom(trunk, source, addressesOf));
  const user = userOf(requestUri);
  const rank = (trunk: T) =>
    (trunk.inbound === true ? 4 : 0) + (trunk.username !== undefined && trunk.username === user ? 2 : 0) + (trunk.port === source.port ? 1 : 0);
  return from.toSorted((a, b) => rank(b) - rank(a))[0];
}

function cameFrom({ host, inboundFrom = [] }: InboundTrunk, { address }: SipSource, addressesOf: (host: string) => readonly string[]): boolean {
  const places = inboundFrom.length > 0 ? inboundFrom : isIP(host) > 0 ? [host] : addressesOf(host);
  const family = isIP(address);
  if (family === 0) return false;
  const list = new BlockList();
  for (const place of places) add(list, place);
  return list.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** An address, or a network as 203.0.113.0/28. What is neither matches nothing. */
function add(list: BlockList, place: string): void {
  const [address = "", bits] = place.split("/");
  const version = isIP(address);
  const family = version === 6 ? "ipv6" : "ipv4";
  if (version === 0) return;
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

/** User part of the first URI of a header, or of a URI; `%2B` is its plus. Undefined when there is none. */
export function userOf(header: string): string | undefined {
  const uri = /<\s*(?:sips?|tel):([^>]*)>/i.exec(header)?.[1] ?? /^\s*(?:sips?|tel):(\S*)/i.exec(header)?.[1];
  const [, user] = /^([^@;]*)(?:;[^@]*)?@/.exec(uri ?? "") ?? /^([^@;]*)/.exec(uri && /(?:^|<)\s*tel:/i.test(header) ? uri : "") ?? [];
  if (user === undefined || user === "") return undefined;
  try {
    return decodeURIComponent(user);
  } catch {
    return undefined;
  }
}

/**
 * A number as the trunk's carrier writes it, in E.164 form; the other way round than `writtenNumber`. With or without the plus that the format wants:
 * many carriers write the called and the calling number differently.
 * @returns undefined when it is none
 */
export function readNumber(
  trunk: Pick<Trunk, "numberFormat" | "countryCode" | "nationalPrefix" | "internationalPrefix">,
  text: string,
): PhoneNumber | undefined {
  const { numberFormat, countryCode = "", nationalPrefix = "", internationalPrefix = "" } = trunk;
  const plain = text.replace(/[\s().-]/g, "");
  const digits = plain.replace(/^\+/, "");
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const read = () => {
    if (plain.startsWith("+") || numberFormat !== "national") return digits;
    if (internationalPrefix !== "" && digits.startsWith(internationalPrefix)) return digits.slice(internationalPrefix.length);
    if (nationalPrefix !== "") return digits.startsWith(nationalPrefix) ? countryCode + digits.slice(nationalPrefix.length) : digits;
    // North America: 212 555 0100 and 1 212 555 0100 are the same.
    return digits.startsWith(countryCode) && digits.length > 10 ? digits : countryCode + digits;
  };
  const number = `+${read()}`;
  return isPhoneNumber(number) ? number : undefined;
}

/** The number that was called: of the Request-URI or, where a registered trunk is called by its user name, of To. */
export function calledNumber(trunk: Trunk, { requestUri, to }: Pick<IncomingCall, "requestUri" | "to">): PhoneNumber | undefined {
  const user = userOf(requestUri);
  const own = user !== undefined && user !== trunk.username ? readNumber(trunk, user) : undefined;
  return own ?? readNumber(trunk, userOf(to) ?? "");
}

/**
 * Who calls: the carrier's word (P-Asserted-Identity) before the caller's own (From). Undefined for who hides: what is asserted of them is for
 * carriers (RFC 3325 §7), so we make no use of it.
 */
export function callerNumber(trunk: Trunk, call: Pick<IncomingCall, "from" | "assertedIdentity" | "privacy">): PhoneNumber | undefined {
  const { from, assertedIdentity, privacy = "" } = call;
  if (/\b(id|user|header)\b/i.test(privacy)) return undefined;
  const identities = (assertedIdentity ?? "").split(",").map((identity) => userOf(identity));
  const asserted = identities.flatMap((user) => (user === undefined ? [] : (readNumber(trunk, user) ?? [])));
  return asserted[0] ?? readNumber(trunk, userOf(from) ?? "");
}
