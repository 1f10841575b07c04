import { systemClock } from "../adapter/system/clock.ts";
import { meaningOf } from "../compliance/gate-rules.ts";
import type { Preflight, RuleCount } from "../compliance/preflight.ts";
import { accountOf, preflightsOf } from "../start/compliance.ts";
import { ownThread } from "../start/publishing.ts";
import { safeguardsOf } from "../start/safeguards.ts";
import type { CampaignState } from "../strategy/campaign.ts";
import { findCampaigns } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

/** `carillon campaign preflight NAME`: who would be contacted and who would not, by reason and hour; of one that carries out a strategy by each of its passes. */
export function preflightCampaign(name: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores, config) => {
    const preflights = preflightsOf(stores, await accountOf(config, stores), systemClock, ownThread);
    const { hindrances } = safeguardsOf(stores, config, systemClock);
    const told: { readonly campaign: string; readonly state: CampaignState; readonly found: Told }[] = [];
    for (const campaign of await findCampaigns(stores, name)) {
      const found = await preflights.run(campaign.id);
      const hindrance = await hindrances.hindrance(campaign);
      if (found !== undefined)
        told.push({ campaign: campaign.name, state: campaign.state, found: { ...found, ...(hindrance !== undefined && { hindrance }) } });
    }
    const [first] = told;
    if (first === undefined) return oneLine(`Campaign ${name} is gone.`);
    if (!options.json) return told.map(({ campaign, state, found }) => text(campaign, state, found)).join("\n\n");
    return JSON.stringify(first.campaign === name ? first.found : told.map(({ campaign, found }) => ({ campaign, ...found })), null, 2);
  });
}

type Told = Preflight & { readonly hindrance?: string };

function text(
  name: string,
  state: CampaignState,
  { hindrance, contacts, contacted, hours, delayed, notLookedUp, refused, lacking, earliestEndAt }: Told,
): string {
  const end = earliestEndAt === undefined ? "" : ` At its rate the last of them leaves at ${timeCell(earliestEndAt)} at the earliest.`;
  const nobody = `Nobody waits in ${name}, which is ${state}.`;
  const people = `Of ${contacts} people ${contacted} would be contacted by ${name}, and ${contacts - contacted} would not.${end}`;
  const parts = [oneLine(contacts === 0 ? nobody : people)];
  if (hindrance !== undefined) parts.push(oneLine(`It must not run now: ${hindrance}.`));
  if (notLookedUp > 0)
    parts.push(
      `Not looked up yet: ${notLookedUp} of those who would be. They are asked about when their turn comes, and not contacted where the answer says so.`,
    );
  if (hours.length > 0)
    parts.push(
      tableText(
        ["FROM", "PEOPLE"],
        hours.map((hour) => [timeCell(hour.from), String(hour.contacts)]),
      ),
    );
  if (delayed.length > 0) parts.push(rulesText("HELD BACK UNTIL THEN BY", delayed));
  if (refused.length > 0) parts.push(rulesText("NOT CONTACTED BECAUSE OF", refused));
  if (lacking.length > 0)
    parts.push(
      tableText(
        ["NOT CONTACTED FOR WANT OF", "PEOPLE"],
        lacking.map((those) => [those.fields.join(", "), String(those.contacts)]),
      ),
    );
  return parts.join("\n\n");
}

function rulesText(head: string, rules: readonly RuleCount[]): string {
  return tableText(
    [head, "PEOPLE", ""],
    rules.map(({ rule, contacts }) => [rule, String(contacts), meaningOf(rule) ?? ""]),
  );
}
