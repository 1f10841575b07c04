import { systemClock } from "../adapter/system/clock.ts";
import { readAddress } from "../api/route/events.ts";
import { channelNames } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import type { EventDeed } from "../strategy/event-ports.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine } from "./table.ts";

export interface EventOptions extends CommonOptions {
  readonly clientId?: string;
  readonly address?: string;
  readonly key?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly channel?: string;
  readonly occurredAt?: string;
}

/** `carillon event payment-received --client-id 7001 --amount 75.50 --currency USD`: written to the database, where the running servers act on it within a second. */
export function tellEvent(name: string, options: EventOptions): Promise<string> {
  const { clientId, address, key, amount, currency } = options;
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw wrong(`"${oneLine(name)}" is no name of an event: small letters, digits and hyphens.`);
  if (clientId === undefined && address === undefined) throw wrong("Give --client-id or --address: whom it is about.");
  const channel = channelNames.find((known) => known === options.channel);
  if (options.channel !== undefined && channel === undefined) throw wrong(`--channel: there are ${channelNames.join(", ")}.`);
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) throw wrong("--currency: three capital letters, such as USD.");
  const occurredAt = options.occurredAt === undefined ? systemClock.now() : Date.parse(options.occurredAt);
  if (!Number.isFinite(occurredAt) || occurredAt > systemClock.now() + 60_000)
    throw wrong("--occurred-at must be a time that has come, as in 2026-03-02T15:04:05Z.");
  return withStores(options, async ({ events, strategyCampaigns }) => {
    const about = { ...(clientId !== undefined && { clientId }), ...(address !== undefined && { address: readAddress(address) }) };
    const more = {
      ...(key !== undefined && { key }),
      ...(amount !== undefined && { amount }),
      ...(currency !== undefined && { currency }),
      ...(channel && { channel }),
    };
    const { fresh, deeds } = await events.record({ name, occurredAt, ...about, ...more });
    if (deeds.length === 0) return `${name} is kept; nobody is known like that.`;
    const lines = await Promise.all(deeds.map((deed) => deedText(deed, async (id) => (await strategyCampaigns.find(id))?.name ?? id)));
    return [fresh ? `${name} is kept.` : `${name} had been told before; this is what it did then.`, ...lines.map(oneLine)].join("\n");
  });
}

async function deedText(
  { contactId, strategyCampaignId, campaignId, attemptId }: EventDeed,
  nameOf: (id: string) => Promise<string>,
): Promise<string> {
  const put = attemptId === undefined ? "" : `; put down to attempt ${attemptId}`;
  if (strategyCampaignId === undefined) return `contact ${contactId}: no strategy that runs has a treatment for it${put}`;
  const name = await nameOf(strategyCampaignId);
  return `contact ${contactId}: ${campaignId === undefined ? `done with in ${name}` : `moved in ${name}`}${put}`;
}

function wrong(message: string): Fault {
  return new Fault("request-invalid", message);
}
