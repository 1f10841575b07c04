import type { BindOptions, SenderOptions, SmsOptions } from "./options.ts";
import type { Sender } from "./ports.ts";

/** TON and NPI of each kind (SMPP 3.4 §5.2.5, §5.2.6): international and ISDN; network specific; alphanumeric. */
const numbering: Readonly<Record<SenderOptions["kind"], { readonly ton: number; readonly npi: number }>> = {
  "long-code": { ton: 1, npi: 1 },
  "toll-free": { ton: 1, npi: 1 },
  "short-code": { ton: 3, npi: 0 },
  alphanumeric: { ton: 5, npi: 0 },
};

/** How a configured sender stands in a PDU. */
export function senderOf({ address, kind, ton, npi }: SenderOptions): Sender {
  const usual = numbering[kind];
  return { address, ton: ton ?? usual.ton, npi: npi ?? usual.npi };
}

/** Parts per second that a sender may send over all nodes; undefined: no limit of its own. */
export function senderRate({ address, kind, maxPerSecond }: SenderOptions): number | undefined {
  if (maxPerSecond !== undefined) return maxPerSecond;
  if (kind === "toll-free") return 3;
  return kind === "long-code" && address.startsWith("+1") ? 1 : undefined;
}

/** Whether whoever gets a message can answer it: STOP reaches us from numbers only. */
export function canBeAnswered({ kind }: Pick<SenderOptions, "kind">): boolean {
  return kind !== "alphanumeric";
}

/** The binds that may carry what a sender sends, in its own order, then as configured. */
export function bindsOf({ binds: own }: SenderOptions, { binds }: Pick<SmsOptions, "binds">): readonly BindOptions[] {
  return own.length === 0 ? binds : own.flatMap((name) => binds.find((bind) => bind.name === name) ?? []);
}

/**
 * The binds that may carry a message, the best first: those made for the longest prefix of the number, then in the sender's own order, then as configured.
 * @param to E.164 with its +
 */
export function routeFor(to: string, sender: SenderOptions, options: Pick<SmsOptions, "binds">): readonly BindOptions[] {
  const ranked = bindsOf(sender, options).flatMap((bind) => {
    const length = prefixLength(to, bind.destinationPrefixes);
    return length === undefined ? [] : [{ bind, length }];
  });
  return ranked.sort((a, b) => b.length - a.length).map(({ bind }) => bind);
}

function prefixLength(to: string, prefixes: readonly string[]): number | undefined {
  if (prefixes.length === 0) return 0;
  const lengths = prefixes.filter((prefix) => to.startsWith(prefix)).map((prefix) => prefix.length);
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}
