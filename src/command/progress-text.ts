import type { Campaign, CampaignProgress } from "../strategy/campaign.ts";

/**
 * One line: `reminder running 42/100, 12 on the line, 3 to be called again; human 20, busy 5, no-answer 5`. `note`: why nobody is called though it runs, or why the server paused it.
 */
export function progressText(campaign: Pick<Campaign, "name" | "state" | "channel">, progress: CampaignProgress, note?: string): string {
  if (progress.starting) return `${campaign.name} is being started: ${progress.starting.done} of ${progress.starting.total} people are due`;
  const results = Object.entries(progress.results).map(([result, count]) => `${result} ${count}`);
  const refused = Object.entries(progress.refusals).map(([rule, count]) => `refused (${rule}) ${count}`);
  const [out, tried] = campaign.channel === "voice" ? ["on the line", "called"] : ["leaving", "written to"];
  const again = progress.again === 0 ? "" : `, ${progress.again} to be ${tried} again`;
  const told = [...results, ...refused].join(", ");
  return `${campaign.name} ${campaign.state} ${progress.done}/${progress.contacts}, ${progress.inFlight} ${out}${again}${told ? `; ${told}` : ""}${note === undefined ? "" : `. ${note}`}`;
}
