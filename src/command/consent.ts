import { createHash } from "node:crypto";
import { systemClock } from "../adapter/system/clock.ts";
import type { ChannelName } from "../attempt/result.ts";
import { type ChainState, type ConsentKind, emptyChain, linkOn } from "../compliance/consent.ts";
import type { Safeguards } from "../compliance/safeguard.ts";
import { Fault } from "../kernel/fault.ts";
import { safeguardsOf } from "../start/safeguards.ts";
import { findCampaigns } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { momentOf, whomOf } from "./suppression.ts";
import { tableText, timeCell } from "./table.ts";
import { counted } from "./terminal.ts";
import { byUser } from "./user.ts";

export interface RecordOptions extends CommonOptions {
  readonly source: string;
  readonly purpose?: string;
  readonly channel?: ChannelName;
  readonly obtained?: string;
  readonly proof?: string;
  readonly until?: string;
}

/** `carillon consent add WHOM`, `carillon consent revoke WHOM` @returns what to say */
export function recordConsent(
  words: string,
  kind: ConsentKind,
  { source, purpose, channel, obtained, proof, until, ...options }: RecordOptions,
): Promise<string> {
  return withStores(options, async ({ consents }) => {
    const { id, hash } = await consents.record(
      {
        ...{ kind, whom: whomOf(words), source, obtainedAt: obtained === undefined ? systemClock.now() : momentOf(obtained) },
        ...(purpose !== undefined && { purpose }),
        ...(channel !== undefined && { channel }),
        ...(proof !== undefined && { proof }),
        ...(until !== undefined && { expiresAt: momentOf(until) }),
      },
      byUser(),
    );
    return `A ${kind} of ${words} is record ${id} of the chain (${hash.slice(0, 16)}…).`;
  });
}

/** `carillon consent show WHOM…`: all that was recorded of one person, as a table or, as evidence, in JSON. */
export function showConsents(words: readonly string[], options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ consents }) => {
    const evidence = await consents.evidence(words.map(whomOf));
    if (options.json) return JSON.stringify(evidence, undefined, 2);
    if (evidence.records.length === 0) return `Nothing is recorded of ${words.join(", ")}.`;
    const rows = evidence.records.map(
      ({ id, at, kind, subjectKind, channel = "all", purpose = "every", obtainedAt, source, proof = "", expiresAt, recordedBy }) => [
        ...[id, timeCell(at), kind, subjectKind, channel, purpose, timeCell(obtainedAt), source, proof, recordedBy],
        expiresAt === undefined ? "" : timeCell(expiresAt),
      ],
    );
    return tableText(["RECORD", "RECORDED", "KIND", "BY", "CHANNEL", "PURPOSE", "OBTAINED", "SOURCE", "PROOF", "RECORDED BY", "ENDS"], rows);
  });
}

const verifyAtOnce = 2000;

/** `carillon consent verify`: recomputes the chain. @returns what to say @throws Fault `consent-chain-broken` naming the first broken link */
export function verifyConsents(options: CommonOptions): Promise<string> {
  return withStores(options, async ({ consents }) => {
    let chain: ChainState = emptyChain;
    for (;;) {
      const records = await consents.chain(String(chain.records), verifyAtOnce);
      for (const record of records) {
        const next = linkOn(chain, record, (text) => createHash("sha256").update(text).digest("hex"));
        if (typeof next === "string")
          throw new Fault("consent-chain-broken", `The chain of consents is broken: ${next}. Compare with a copy of the database from before.`);
        chain = next;
      }
      if (records.length < verifyAtOnce) break;
    }
    return `The chain is whole: ${counted(chain.records, "record")}, the last ${chain.hash}. Keep that hash elsewhere: whoever takes records away at the end cannot hide it then.`;
  });
}

export interface SafeguardOptions extends CommonOptions {
  readonly purpose?: string;
  readonly subject?: string;
  readonly requireConsent?: boolean;
  readonly doNotCallExempt?: string;
  readonly list?: readonly string[];
  readonly lookup?: readonly string[];
  readonly law?: readonly string[];
}

/** `carillon campaign safeguards NAME`: shows them, or changes those that are given; `none` takes purpose, subject, exemption or lists away. */
export function campaignSafeguards(name: string, options: SafeguardOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    // Those of a strategy have them in common.
    const [campaign] = await findCampaigns(stores, name);
    if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign "${name}".`);
    const { safeguards, hindrances } = safeguardsOf(stores, config, systemClock);
    const before = await safeguards.find(campaign.id);
    const wanted = changed(before, options);
    const now = wanted === undefined ? before : await safeguards.set(campaign.id, wanted, byUser());
    const hindrance = await hindrances.hindrance(campaign);
    return [
      `Purpose: ${now.purpose ?? "none, so nobody can have agreed to it"}. ${now.requireConsent ? "Only people who agreed to it are contacted." : "No consent is needed, but to calls where the law wants it."}`,
      `Subject, where laws count by it: ${now.subject ?? "the same as any other"}.`,
      `Suppression lists beside the mandatory ones: ${now.suppressionLists.join(", ") || "none"}.`,
      `Look-ups before anybody is contacted: ${now.lookups?.join(", ") || "none"}.`,
      `Hours by law for everybody, besides those of where they are: ${now.laws?.join(", ") || "none"}.`,
      `National do-not-call lists: ${now.doNotCallExempt === undefined ? "heeded" : `not for it: ${now.doNotCallExempt}`}.`,
      ...(hindrance === undefined ? [] : [`It must not run now: ${hindrance}.`]),
    ].join("\n");
  });
}

function changed(
  before: Safeguards,
  { purpose, subject, requireConsent, doNotCallExempt, list, lookup, law }: SafeguardOptions,
): Safeguards | undefined {
  if ([purpose, subject, requireConsent, doNotCallExempt, list, lookup, law].every((wish) => wish === undefined)) return undefined;
  const { purpose: purposeBefore, subject: subjectBefore, doNotCallExempt: exemptBefore, ...kept } = before;
  const [nextPurpose, nextSubject, nextExempt] = [purpose ?? purposeBefore, subject ?? subjectBefore, doNotCallExempt ?? exemptBefore];
  return {
    ...kept,
    ...(nextPurpose !== undefined && nextPurpose !== "none" && { purpose: nextPurpose }),
    ...(nextSubject !== undefined && nextSubject !== "none" && { subject: nextSubject }),
    ...(nextExempt !== undefined && nextExempt !== "none" && { doNotCallExempt: nextExempt }),
    ...(requireConsent !== undefined && { requireConsent }),
    ...(lookup !== undefined && { lookups: lookup.includes("none") ? [] : lookup }),
    ...(law !== undefined && { laws: law.includes("none") ? [] : law }),
    ...(list !== undefined && { suppressionLists: list.includes("none") ? [] : list }),
  };
}
