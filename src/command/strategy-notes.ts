import { defaultDispositions } from "../agent/disposition.ts";
import type { ListView } from "../api/ports.ts";
import type { CampaignState } from "../strategy/campaign.ts";
import { namedInStrategy } from "../strategy/named-fields.ts";
import { namedByTreatments } from "../strategy/named-treatments.ts";

/** As the configuration has them. */
interface LearntFields {
  readonly lookups: readonly { readonly fields: readonly string[] }[];
}

/**
 * What a strategy asks for that nobody has as things stand: fields that are neither on the list nor learnt by a look-up, and dispositions that agents do not have by default. No faults: a
 * later file may bring the one, and an administrator the other.
 */
export function strategyNotes(source: string, list: ListView, { lookups }: LearntFields): readonly string[] {
  const learnt = lookups.flatMap(({ fields }) => fields.map((field) => field.split("=")[0] ?? ""));
  const known = { field: [...(list.columns ?? []), ...learnt], disposition: defaultDispositions.map(({ code }) => code) };
  const strange = namedInStrategy(source).filter(({ kind, name }) => !known[kind].includes(name));
  return strange.map(({ kind, name, pointer }) =>
    kind === "field"
      ? `${pointer}: nobody on list ${list.name} has the field ${name}${nearby(list.columns)}.`
      : `${pointer}: agents have no disposition ${name} unless the campaign gives them one (PUT /api/v1/campaigns/{id}/dispositions of the pass).`,
  );
}

/** How a campaign stands that a treatment may name: by itself or a pass, or as one that carries out a strategy; undefined when there is none. */
export type NamedCampaign = { readonly state: CampaignState } | { readonly whole: true } | undefined;

const takesNobody: Partial<Record<CampaignState, string>> = {
  draft: "is a draft: whoever comes to it before it is started is not in it",
  ready: "has not started yet: whoever comes to it before is not in it",
  stopping: "is being stopped: it takes nobody in",
  stopped: "has been stopped: it takes nobody in",
  finished: "has finished: it takes nobody in",
};

/** Other campaigns that treatments send people to, and that take nobody in as things stand. */
export async function campaignNotes(source: string, find: (name: string) => Promise<NamedCampaign>): Promise<readonly string[]> {
  const notes = namedByTreatments(source, "campaign", "copy").map(async ({ name, pointer }) => {
    const named = await find(name);
    if (named === undefined) return [`${pointer}: there is no campaign ${name}: until there is one that runs whoever goes there is in none.`];
    if ("whole" in named) return [`${pointer}: campaign ${name} carries out a strategy: name its pass, ${name}/PASS, or nobody gets there.`];
    const why = takesNobody[named.state];
    return why === undefined ? [] : [`${pointer}: campaign ${name} ${why}.`];
  });
  return (await Promise.all(notes)).flat();
}

function nearby(columns: readonly string[] | undefined): string {
  return columns === undefined || columns.length === 0 ? "" : `; there are ${columns.slice(0, 20).join(", ")}`;
}
