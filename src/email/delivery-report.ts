/** What a report of delivery says of one recipient (RFC 3464 §2.3). */
export interface DeliveryStatus {
  readonly action: "failed" | "delayed" | "delivered" | "relayed" | "expanded";
  /** RFC 3463; empty when it states none. */
  readonly enhanced: string;
  /** What the server said, one line. */
  readonly diagnostic: string;
  /** The recipient as we wrote it, else as the server did; small letters, empty when it says neither. */
  readonly recipient: string;
}

/** Reports are read so far and no further. */
const mostLength = 65_536;
const mostGroups = 100;
const actions = ["failed", "delayed", "delivered", "relayed", "expanded"] as const;

/** The fields of each group: the first is of the message, the others of a recipient each. Names in small letters; of two with one name the first. */
export function reportGroups(text: string): readonly ReadonlyMap<string, string>[] {
  const groups: ReadonlyMap<string, string>[] = [];
  for (const block of text
    .slice(0, mostLength)
    .replace(/\r\n?/g, "\n")
    .split(/\n[ \t]*\n/, mostGroups)) {
    const fields = new Map<string, string>();
    for (const line of block.replace(/\n[ \t]+/g, " ").split("\n")) {
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
      if (/^[!-9;-~]{1,76}$/.test(name) && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
    }
    if (fields.size > 0) groups.push(fields);
  }
  return groups;
}

/** `5.1.1` in a text, where it is no part of an address or of a longer number: RFC 3463 §2. */
export function enhancedIn(text: string): string | undefined {
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1];
}

/** The value behind `rfc822;` (RFC 3464 §2.3.1), `smtp;` and the like. */
export function typedValue(field: string | undefined): string {
  return (field ?? "").replace(/^[\w.+-]{1,40}\s*;\s*/, "").trim();
}

/** Every recipient that the text of a message/delivery-status tells of. */
export function deliveryStatuses(text: string): readonly DeliveryStatus[] {
  return reportGroups(text).flatMap((fields): readonly DeliveryStatus[] => {
    const said = (fields.get("action") ?? "").toLowerCase();
    const action = actions.find((each) => said.startsWith(each));
    if (action === undefined) return [];
    const diagnostic = typedValue(fields.get("diagnostic-code")).slice(0, 500);
    const enhanced = exact(enhancedIn(fields.get("status") ?? "") ?? "", enhancedIn(diagnostic) ?? "");
    const recipient = typedValue(fields.get("original-recipient")) || typedValue(fields.get("final-recipient"));
    return [{ action, enhanced, diagnostic, recipient: recipient.replace(/^<|>$/g, "").toLowerCase().slice(0, 320) }];
  });
}

/** Many servers write 5.0.0 and leave what they mean to the words of the server behind them. */
function exact(status: string, said: string): string {
  if (status === "") return said;
  return /\.0\.0$/.test(status) && said.startsWith(status.slice(0, 1)) ? said : status;
}
