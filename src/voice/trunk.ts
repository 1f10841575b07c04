import { type DestinationPolicy, destinationRefused } from "../compliance/destination.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { Codec } from "./codec.ts";

/** One way out to the telephone network. */
export interface Trunk {
  readonly name: string;
  readonly host: string;
  readonly port: number;
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
}

/** Request-URI of a call on the trunk (RFC 3261 §19.1). The port is left out where it is the transport's own. */
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

function hostPort({ host, port }: Trunk): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}`;
}
