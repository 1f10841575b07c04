import type { PhoneNumber } from "../kernel/phone.ts";

/** One way out to the telephone network. */
export interface Trunk {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
  readonly username?: string;
  readonly password?: string;
  readonly maxCps: number;
  readonly maxChannels: number;
  /** E.164 prefixes of the caller ids it may show; empty allows every one. */
  readonly callerIdPrefixes: readonly string[];
  /** E.164 prefixes of the numbers it may call; empty allows every one. */
  readonly destinationPrefixes: readonly string[];
  readonly numberFormat: "e164" | "digits";
}

/** Request-URI of a call on the trunk (RFC 3261 §19.1). The port is left out where it is the transport's own. */
export function requestUri(trunk: Trunk, number: PhoneNumber): string {
  return `sip:${user(trunk, number)}@${hostPort(trunk)};transport=${trunk.transport}`;
}

/** From URI: who calls. */
export function fromUri(trunk: Trunk, callerId: string): string {
  return `sip:${user(trunk, callerId)}@${trunk.host}`;
}

/** Why a call may not go out on the trunk, or undefined when it may. */
export function refusedBy(trunk: Trunk, number: string, callerId: string): string | undefined {
  if (!begins(number, trunk.destinationPrefixes)) return `trunk ${trunk.name} may not call this destination (destinationPrefixes)`;
  if (!begins(callerId, trunk.callerIdPrefixes)) return `trunk ${trunk.name} may not show this caller id (callerIdPrefixes)`;
  return undefined;
}

function begins(number: string, prefixes: readonly string[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => number.startsWith(prefix));
}

function user(trunk: Trunk, number: string): string {
  return trunk.numberFormat === "digits" ? number.replace(/^\+/, "") : number;
}

function hostPort({ host, port }: Trunk): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}`;
}
