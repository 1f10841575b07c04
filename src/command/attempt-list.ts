import type { AttemptFilter, AttemptReader, AttemptView } from "../api/ports.ts";
import type { Result } from "../attempt/result.ts";
import { findCampaigns } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

export interface AttemptListOptions extends CommonOptions {
  readonly result?: Result;
  /** Id of a contact. */
  readonly contact?: string;
  readonly inbound?: boolean;
  readonly json?: boolean;
}

/** Told at once: a campaign may have millions. */
const atOnce = 500;

/** `carillon attempt list CAMPAIGN`: what was done, the oldest first; of all passes of a campaign that carries out a strategy, one after the other. */
export function listAttempts(name: string, options: AttemptListOptions, tell: (text: string) => void): Promise<void> {
  return withStores(options, async (stores) => {
    const { result, contact, inbound, json = false } = options;
    const filter = { ...(result !== undefined && { result }), ...(contact !== undefined && { contactId: contact }), ...(inbound && { inbound }) };
    let told = 0;
    for (const { id } of await findCampaigns(stores, name)) told += await tellAttempts(stores.attemptReader, id, filter, json, tell);
    if (told === 0 && !json) tell("No attempts.");
  });
}

/** @param json one object a line @returns how many there were */
export async function tellAttempts(
  reader: Pick<AttemptReader, "attempts">,
  campaignId: string,
  filter: AttemptFilter,
  json: boolean,
  tell: (text: string) => void,
): Promise<number> {
  let told = 0;
  for (let last: string | undefined; ; ) {
    const rows = await reader.attempts(campaignId, filter, { limit: atOnce, ...(last !== undefined && { afterId: last }) });
    if (rows.length > 0) tell(json ? rows.map((row) => JSON.stringify(row)).join("\n") : tableText(heads, rows.map(cellsOf)));
    told += rows.length;
    last = rows.at(-1)?.id;
    if (rows.length < atOnce) return told;
  }
}

const heads = ["ID", "BEGAN", "CHANNEL", "CONTACT", "ADDRESS", "RESULT", "OUTCOME", "WHY"];

function cellsOf({ id, reservedAt, channel, contactId = "-", address, state, result, outcome = "", reason = "" }: AttemptView): string[] {
  return [id, timeCell(reservedAt), channel, contactId, address, result ?? state, outcome, reason].map(oneLine);
}
