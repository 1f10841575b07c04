import type { LookupStore } from "../contact/lookup/ports.ts";
import { Fault } from "../kernel/fault.ts";
import type { DialledCampaign, DoNotCallLists } from "./do-not-call-engine.ts";
import type { Recurrences } from "./safeguard-ports.ts";

export interface HindranceParts {
  readonly doNotCall: Pick<DoNotCallLists, "hindrance" | "mayStart">;
  readonly lookups: Pick<LookupStore, "missing">;
  readonly schedules: Recurrences;
  /** Names of the look-ups of this configuration: whoever has it can ask, or will when it serves. */
  readonly here: readonly string[];
}

/** What keeps a campaign from running, beside itself: lists that are too old, look-ups that nobody can ask, copies of it that run in its place. */
export class Hindrances {
  readonly #parts: HindranceParts;

  constructor(parts: HindranceParts) {
    this.#parts = parts;
  }

  /** Why the campaign must not go on, for people; undefined when nothing is against it. */
  async hindrance(campaign: DialledCampaign): Promise<string | undefined> {
    const gone = await this.#gone(campaign);
    const said = [await this.#parts.doNotCall.hindrance(campaign), gone.length === 0 ? undefined : wordsOf(gone)];
    const known = said.filter((each) => each !== undefined);
    return known.length === 0 ? undefined : known.join("; ");
  }

  /** @throws Fault `do-not-call-list-old`, `lookup-gone`, `campaign-state` */
  async mayStart(campaign: DialledCampaign): Promise<void> {
    const recurring = await this.#parts.schedules.recurrenceOf(campaign.id);
    // It and its copies would contact the same people.
    if (recurring !== undefined)
      throw new Fault(
        "campaign-state",
        `Campaign ${recurring.name} starts again and again by its schedule (${recurring.every}), each time as a copy, and is never started itself: copy it (carillon campaign copy), or take its schedule away (carillon campaign schedule ${recurring.name} --off).`,
        { detail: { campaign: campaign.id } },
      );
    await this.#parts.doNotCall.mayStart(campaign);
    const gone = await this.#gone(campaign);
    if (gone.length === 0) return;
    const way = "Put it back there, or take it out of the campaign's safeguards or of the strategy's pass (docs/lists.md#look-ups).";
    throw new Fault("lookup-gone", `Campaign ${campaign.name} must not run: ${wordsOf(gone)}. ${way}`, { detail: { campaign: campaign.id } });
  }

  async #gone({ id }: DialledCampaign): Promise<readonly string[]> {
    const { lookups, here } = this.#parts;
    return (await lookups.missing(id)).filter((name) => !here.includes(name));
  }
}

/** People would wait for an answer for ever. */
function wordsOf(gone: readonly string[]): string {
  return `it wants ${gone.length === 1 ? "the look-up" : "the look-ups"} ${gone.join(", ")}, and no server has had ${gone.length === 1 ? "it" : "them"} under lookups: for some minutes`;
}
