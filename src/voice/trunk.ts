import { isIP } from "node:net";
import { type DestinationPolicy, destinationRefused } from "../compliance/destination.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { Codec } from "./codec.ts";

/** One way out to the telephone network. */
export interface Trunk {
  readonly name: string;
  readonly host: string;
  /** Left out, the DNS of a host name says it (SRV, RFC 3263 §4.2), else it is the transport's own. */
  readonly port?: number;
  readonly transport: "udp" | "tcp" | "tls";
  readonly username?: string;
  readonly password?: string;
  /** What is offered on it, best first; left out: what the media server offers. */
  readonly codecs?: readonly Codec[];
  readonly maxCps: number;
  readonly maxChannels: number;
  /** E.164 prefixes of the caller ids it may show; empty allows every one. */
  readonly callerIdPrefixes: readonly string[];
  /** E.164 prefixes of the numbers it may call; empty allows every one. */
  readonly destinationPrefixes: readonly string[];
  /** How numbers are written on it: +441234567890, 441234567890, or as one dials them in its country. */
  readonly numberFormat: "e164" | "digits" | "national";
  /** For `national`: the calling code of the trunk's country, digits alone. */
  readonly countryCode?: string;
  /** For `national`: what stands before a number of the country (0 in most, nothing in North America). */
  readonly nationalPrefix?: string;
  /** For `national`: what stands before the calling code of another country. */
  readonly internationalPrefix?: string;
  /** Destinations the account pays for, held to below the campaigns too, for transfers; absent allows every one. */
  readonly destinations?: DestinationPolicy;
  /** P-Asserted-Identity: the number shown, or always this one (E.164). Left out: none. */
  readonly assertedIdentity?: string;
  /** Diversion: the number (E.164) on whose behalf calls are made. */
  readonly diversion?: string;
  /** Whether calls are signed by us (STIR/SHAKEN) and not by the carrier. */
  readonly signIdentity?: boolean;
  /** OPTIONS are sent every so often (ms); 0 for never. */
  readonly keepAliveMs?: number;
  /** OPTIONS that fail in a row before it counts as down. */
  readonly downAfter?: number;
  /** OPTIONS that are answered in a row before it counts as up again. */
  readonly upAfter?: number;
  /** The carrier wants a REGISTER. */
  readonly register?: boolean;
  readonly registerExpiresS?: number;
  /** What the carrier wants before every number that is called. */
  readonly dialPrefix?: string;
  /** Whether calls from outside are taken that come by it. */
  readonly inbound?: boolean;
  /** Addresses and networks (203.0.113.0/28) from which they come; none: those of its host. */
  readonly inboundFrom?: readonly string[];
  /** Why it cannot be used by this process, for people. */
  readonly unusable?: string;
}

/** Request-URI of a call on the trunk (RFC 3261 §19.1). */
export function requestUri(trunk: Trunk, number: PhoneNumber): string {
  return `sip:${trunk.dialPrefix ?? ""}${writtenNumber(trunk, number)}@${hostPort(trunk)};transport=${trunk.transport}`;
}

/** Request-URI of what is asked of the trunk as a whole: OPTIONS, and REGISTER (RFC 3261 §10.2: no user). */
export function trunkUri(trunk: Trunk): string {
  return `sip:${hostPort(trunk)};transport=${trunk.transport}`;
}

/** Who we are on the trunk: the address of record (RFC 3261 §10.1). */
export function userUri({ username, host }: Trunk): string {
  return `sip:${username ?? "carillon"}@${host}`;
}

/** From URI: who calls. */
export function fromUri(trunk: Trunk, callerId: string): string {
  return `sip:${userPart(trunk, callerId)}`;
}

/** A number of ours on the trunk, as user and host. */
export function userPart(trunk: Trunk, number: string): string {
  return `${writtenNumber(trunk, number)}@${trunk.host}`;
}

/** Whether the trunk may show this caller id. */
export function showable(trunk: Trunk, callerId: string): boolean {
  return begins(callerId, trunk.callerIdPrefixes);
}

/** Why a call may not go out on the trunk, or undefined when it may. */
export function refusedBy(trunk: Trunk, number: string, callerId: string): string | undefined {
  if (!begins(number, trunk.destinationPrefixes)) return `trunk ${trunk.name} may not call this destination (destinationPrefixes)`;
  const dear = trunk.destinations && destinationRefused(number, trunk.destinations);
  if (dear) return `this destination is not called (${dear}: destinations.countries, destinations.premium)`;
  if (!showable(trunk, callerId)) return `trunk ${trunk.name} may not show this caller id (callerIdPrefixes)`;
  return undefined;
}

function begins(number: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => number.startsWith(prefix));
}

/** A number in E.164 form as the trunk's carrier writes it. */
export function writtenNumber(trunk: Trunk, number: string): string {
  const { numberFormat, countryCode = "", nationalPrefix = "", internationalPrefix = "" } = trunk;
  const digits = number.replace(/^\+/, "");
  if (numberFormat === "e164") return number;
  if (numberFormat === "digits") return digits;
  return digits.startsWith(countryCode) ? nationalPrefix + digits.slice(countryCode.length) : internationalPrefix + digits;
}

/** Host and port as they stand in a URI. A host name goes without a port when none was given: drachtio-server asks the DNS for it then. */
export function hostPort({ host, port, transport }: Pick<Trunk, "host" | "port" | "transport">): string {
  const name = host.includes(":") ? `[${host}]` : host;
  if (port === undefined && isIP(host) === 0) return name;
  return `${name}:${port ?? usualPort(transport)}`;
}

/** Where a transport is spoken when nobody says otherwise (RFC 3261 §19.1.2). */
export function usualPort(transport: Trunk["transport"]): number {
  return transport === "tls" ? 5061 : 5060;
}

/** For people: `sip.carrier.example port 5061 over tls`. */
export function placeText({ host, port, transport }: Trunk): string {
  if (port === undefined && isIP(host) === 0) return `${host} (its port by DNS, else ${usualPort(transport)}) over ${transport}`;
  return `${host} port ${port ?? usualPort(transport)} over ${transport}`;
}
