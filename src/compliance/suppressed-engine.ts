import type { ChannelName } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import type { Suppression, Whom } from "./suppression.ts";
import type { SuppressionStore } from "./suppression-ports.ts";

/**
 * Refuses what is sent for no campaign, such as a test, to somebody who wants nothing on its channel: who has opted out, was suppressed by hand, or stands on a mandatory list of the account's
 * own. National lists are for what sells, and do not keep a test from one's own telephone.
 * @param now epoch ms
 * @throws Fault `suppressed`
 */
export async function refuseSuppressed(
  suppressions: Pick<SuppressionStore, "about" | "lists">,
  whom: Whom,
  channel: ChannelName,
  now: number,
): Promise<void> {
  const holding = (await suppressions.about(whom)).filter((each) => holdsEverywhere(each, channel, now));
  if (holding.length === 0) return;
  const national = new Set((await suppressions.lists()).flatMap(({ name, kind }) => (kind === undefined ? [] : [name])));
  const first = holding.find(({ list }) => list === undefined || !national.has(list));
  if (first !== undefined)
    throw new Fault("suppressed", `${whom.value} must not be contacted: ${first.reason}. carillon suppression search ${whom.value} tells all of it.`);
}

function holdsEverywhere({ campaignId, channels, list, mandatory = false, expiresAt }: Suppression, channel: ChannelName, now: number): boolean {
  if (campaignId !== undefined || (list !== undefined && !mandatory)) return false;
  return (channels.length === 0 || channels.includes(channel)) && (expiresAt === undefined || expiresAt > now);
}
