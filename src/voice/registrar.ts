import { isIP } from "node:net";
import type { Binding, Rebinding, Registration, RegistrationAnswer } from "./registrar-ports.ts";

/* What a REGISTER changes (RFC 3261 §10.3). */

export interface RegistrarLimits {
  readonly minExpiresS: number;
  readonly maxExpiresS: number;
}

/** Devices of one agent, at most. */
export const mostContacts = 5;

/** A contact as a device gives it. `expiresS` undefined: it does not say. */
interface GivenContact {
  readonly uri: string;
  readonly expiresS: number | undefined;
}

const longestContacts = 4000;
/** Only what can stand in the start line of our own requests. */
const contactUri =
  /^sip:(?:[A-Za-z0-9_.!~*'()&=+$,;?/%:-]{1,128}@)?(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?:;[A-Za-z0-9_.!~*'()&=+$%:;/[\]-]{1,300})?$/i;
/** Seconds as RFC 3261 §20.19 has them; malformed ones count as 3600 (§20.10). */
const usualExpiresS = 3600;

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\s*\d{1,10}\s*$/.test(text) ? Math.min(Number(text), 2 ** 32 - 1) : usualExpiresS;
}

/** Reads Contact headers: `*`, or each contact with its parameters. Undefined when one of them cannot be read. */
export function readContacts(header: string): "*" | readonly GivenContact[] | undefined {
  if (header.length > longestContacts) return undefined;
  if (header.trim() === "*") return "*";
  const contacts: GivenContact[] = [];
  // Nowhere may two parts of a pattern want the same spaces: thousands of them would take hours.
  for (let rest = header.trimStart(); ; ) {
    const named = /^(?:"(?:[^"\\]|\\.)*"\s*|[^<>",;]*)<([^<>\s"]+)>/.exec(rest);
    const bare = named ? undefined : /^([^<>\s",;]+)/.exec(rest);
    const uri = named?.[1] ?? bare?.[1];
    if (uri === undefined || !contactUri.test(uri)) return undefined;
    rest = rest.slice((named ?? bare)?.[0].length);
    const parameters = /^(?:\s*;\s*[\w.!%*+`'~-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;<>]+))?)*\s*/.exec(rest)?.[0] ?? "";
    const expires = /;\s*expires\s*=\s*"?([^\s",;]+)/i.exec(parameters)?.[1];
    contacts.push({ uri, expiresS: secondsOf(expires) });
    rest = rest.slice(parameters.length);
    if (rest === "") return contacts;
    if (!rest.startsWith(",")) return undefined;
    rest = rest.slice(1).trimStart();
  }
}

function refuse(status: number, phrase: string, headers?: Readonly<Record<string, string>>): { readonly refused: RegistrationAnswer } {
  return { refused: { status, phrase, ...(headers && { headers }) } };
}

const outOfOrder = refuse(500, "CSeq Out Of Order", { "Retry-After": "1" });

/** Where requests go to somebody who registered from there. */
export function proxyOf({ address, port, transport }: Registration["source"]): string {
  return `sip:${isIP(address) === 6 ? `[${address}]` : address}:${port};transport=${transport}`;
}

/**
 * The bindings after a REGISTER.
 * @param bindings those that there are
 * @param now epoch ms
 */
export function rebind(bindings: readonly Binding[], registration: Registration, limits: RegistrarLimits, now: number): Rebinding {
  const { callId, cseq, contacts, via, userAgent, source } = registration;
  if (contacts === undefined) return { bindings };
  const given = readContacts(contacts);
  const expiresS = secondsOf(registration.expires);
  if (given === undefined) return refuse(400, "Bad Contact");
  if (given === "*") {
    if (expiresS !== 0) return refuse(400, "Contact * Needs Expires 0");
    return bindings.some((binding) => isOlder(registration, binding)) ? outOfOrder : { bindings: [] };
  }
  const after = new Map(bindings.map((binding) => [binding.contact, binding]));
  for (const { uri, expiresS: ownS } of given) {
    const before = after.get(uri);
    if (before && isOlder(registration, before)) return outOfOrder;
    const wantedS = ownS ?? expiresS ?? limits.maxExpiresS;
    if (wantedS === 0) {
      after.delete(uri);
      continue;
    }
    if (wantedS < limits.minExpiresS) return refuse(423, "Interval Too Brief", { "Min-Expires": String(limits.minExpiresS) });
    after.set(uri, {
      ...{ contact: uri, proxy: proxyOf(source), callId, cseq, registeredAt: now },
      expiresAt: now + Math.min(wantedS, limits.maxExpiresS) * 1000,
      ...(via !== undefined && { via }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 200) }),
    });
  }
  return after.size > mostContacts ? refuse(403, "Too Many Contacts") : { bindings: [...after.values()] };
}

/** A request of the same device that came before one that was taken already. */
function isOlder({ callId, cseq }: Registration, binding: Binding): boolean {
  return binding.callId === callId && cseq <= binding.cseq;
}

/** The Contact header of the answer: every binding, and for how long it holds still (RFC 3261 §10.3 step 8). */
export function contactsText(bindings: readonly Binding[], now: number): string {
  return bindings.map(({ contact, expiresAt }) => `<${contact}>;expires=${Math.max(0, Math.ceil((expiresAt - now) / 1000))}`).join(", ");
}
