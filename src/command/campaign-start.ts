import { systemClock } from "../adapter/system/clock.ts";
import type { CampaignProgress } from "../strategy/campaign.ts";
import { openProgress } from "./terminal.ts";

/** Most starts are over before anybody looks. */
const lookMs = 1000;

/** Shows how far the start of a campaign over a long list is, until it is over. */
export async function whileStarting<T>(name: string, start: Promise<T>, look: () => Promise<CampaignProgress["starting"]>): Promise<T> {
  const line = openProgress(process.stderr, () => systemClock.now());
  let over = false;
  const shown = (async () => {
    for (;;) {
      await Promise.race([start.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, lookMs))]);
      if (over) break;
      const starting = await look().catch(() => undefined);
      if (starting) line.show(`${name} is being started: ${starting.done} of ${starting.total} people are due`);
    }
    line.end();
  })();
  try {
    return await start;
  } finally {
    over = true;
    await shown;
  }
}
