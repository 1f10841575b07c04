import { BlockList, isIP } from "node:net";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { PhoneMiss } from "./phone-ports.ts";
import type { Failure } from "./ports.ts";
import { type Circumstances, describeCancellation, describeFailure, resultOf } from "./sip-status.ts";

/* What an agent's telephone is, and what its failures mean. */

/** Where an agent is reached: at a SIP URI, at a number over a trunk or route, or wherever a device of theirs has registered. */
export type PhonePlace =
  | { readonly kind: "uri"; readonly uri: string }
  /** `callerId` (E.164) is shown where the trunk may not show whom the call is for. */
  | { readonly kind: "number"; readonly number: PhoneNumber; readonly trunk: string; readonly callerId: string }
  | { readonly kind: "device"; readonly username: string };

export interface Phone {
  readonly place: PhonePlace;
  /** Called when the agent logs in and kept until they log out; otherwise rung for each call. */
  readonly nailedUp: boolean;
}

/** A SIP URI, taken apart. */
export interface SipAddress {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly transport: "udp" | "tcp" | "tls" | undefined;
}

const uriForm =
  /^sip:(?:([A-Za-z0-9_.!~*'()&=+$%-]{1,64})@)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)(?::(\d{1,5}))?(?:;transport=(udp|tcp|tls))?$/i;

/** Reads a SIP URI (RFC 3261 §19.1) of the plain kind that telephones have: no password, no headers, no parameter but the transport. Undefined otherwise. */
export function readSipAddress(uri: string): SipAddress | undefined {
  const [match, user, host = "", port, transport] = uriForm.exec(uri) ?? [];
  if (match === undefined) return undefined;
  const bare = host.replace(/^\[|\]$/g, "");
  if (host.startsWith("[") && isIP(bare) !== 6) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  return {
    user,
    host: bare.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    transport: transport?.toLowerCase() as SipAddress["transport"],
  };
}

/**
 * Whether telephones may be called there.
 * @param allowed host names, addresses, and networks as 192.168.0.0/16
 */
export function mayCallHost(host: string, allowed: readonly string[]): boolean {
  const family = isIP(host);
  if (family === 0) return allowed.some((name) => name.toLowerCase() === host.toLowerCase());
  const list = new BlockList();
  for (const place of allowed) {
    const [address = "", bits] = place.split("/");
    const version = isIP(address);
    if (version === 0) continue;
    const type = version === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list.check(host, family === 6 ? "ipv6" : "ipv4");
}

/** Pauses before a telephone that could not be reached is called again (ms). */
const redials = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000] as const;

/** @param failures in a row, from 1 on */
export function redialMs(failures: number): number {
  return redials[Math.min(failures, redials.length) - 1] ?? redials[0];
}

/** Results after which it is the agent who did not pick up, and not the telephone that is not there. */
const notPickedUp: readonly string[] = ["no-answer", "busy", "rejected"];

/** What an INVITE to a telephone that was not answered means, and why, for people. */
export function missOf(failure: Failure, circumstances: Circumstances): { readonly miss: PhoneMiss; readonly why: string } {
  const why = describeCancellation(circumstances.canceled) ?? describeFailure(failure);
  if (circumstances.canceled === "withdrawn") return { miss: "withdrawn", why };
  // What never rang is not there, whatever a proxy before it says: 408 and 480 are told for telephones that are switched off.
  const silent = !circumstances.rang && (circumstances.canceled === "ring-timeout" || failure.status === 480);
  return { miss: !silent && notPickedUp.includes(resultOf(failure, circumstances)) ? "missed" : "unreachable", why };
}
