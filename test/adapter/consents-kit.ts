import { createHash } from "node:crypto";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { emptyChain, linkOn, type NewConsent } from "../../src/compliance/consent.ts";
import type { Whom } from "../../src/compliance/suppression.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { claim, phone } from "./stores-kit.ts";

export const by = "ann";
export const day = 86_400_000;
export const number = (index: number): Whom => ({ kind: "number", value: phone(index) });
export const agreed = (whom: Whom, more: Partial<NewConsent> = {}): NewConsent => ({
  ...{ kind: "consent", whom, purpose: "offers", obtainedAt: Date.now() - day, source: "web form", proof: "ticked “call me” — ✓\n\u0001\u2028" },
  ...more,
});
export const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

export async function verify(stores: Stores) {
  let chain: ReturnType<typeof linkOn> = emptyChain;
  for (const record of await stores.consents.chain("0", 1000)) {
    chain = linkOn(chain, record, hashOf);
    if (typeof chain === "string") return chain;
  }
  return chain.records;
}

export const safeguard = (stores: Stores, { id }: VoiceCampaign, values: string) =>
  stores.pool.query(
    `insert into campaign_safeguard (campaign_id, purpose, require_consent, do_not_call_exempt, changed_at, changed_by) values (${id}, ${values}, now(), 'x')`,
  );

/** What a claim says of everybody who waits, by the end of their number. */
export async function asked(stores: Stores, campaign: VoiceCampaign, fact: "noConsent" | "suppressed"): Promise<string[]> {
  const found: string[] = [];
  await claim(stores, campaign, 100, {
    judge: (candidate) => {
      if (candidate[fact]) found.push(candidate.address.slice(-1));
      return { go: false, rule: "on-the-line", retryAt: Date.now() };
    },
  });
  return found.sort();
}
