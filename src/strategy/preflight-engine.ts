import { setImmediate as turn } from "node:timers/promises";
import type { GatePolicy } from "../compliance/gate.ts";
import { type Foreseen, foresee, foreseenMs, type Preflight, PreflightCount } from "../compliance/preflight.ts";
import { lacking } from "../template/fields.ts";
import type { Campaign } from "./campaign.ts";
import type { CandidateReader, Waiting } from "./candidate-ports.ts";
import { daysOf } from "./due.ts";
import { gatePolicyOf } from "./gate-policy.ts";
import { judgeOwn, type PassPlace } from "./pass-judge.ts";
import type { Candidate } from "./ports.ts";
import type { WhyParts } from "./why-engine.ts";

const pageSize = 1000;

/** What is said to people in a campaign, by its template or its script. */
export interface Saying {
  /** The fields without which nobody is written to, or called. */
  readonly needed: readonly string[];
  /** Whether nothing can be made of the fields of somebody who has those. Absent: something always can. */
  readonly unwritable?: (fields: Readonly<Record<string, string>>) => boolean;
}

export interface PreflightParts extends WhyParts {
  /** Absent: everything can be said. */
  readonly saying?: (campaign: Campaign) => Promise<Saying>;
}

/** To fill a text for so many takes some 4 ms: a server that looks at a list goes on with its calls in between. */
const atOnce = 200;

/** Looks through all whom a campaign means to contact, by the facts and the gate that its claims go by, and changes nothing. */
export class Preflights {
  readonly #parts: PreflightParts;

  constructor(parts: PreflightParts) {
    this.#parts = parts;
  }

  /**
   * @param most people, at most: what is behind them is not looked at
   * @param progress told how many were looked at so far
   * @returns undefined when there is no such campaign
   */
  async run(campaignId: string, most = Number.POSITIVE_INFINITY, progress: (contacts: number) => void = () => {}): Promise<Preflight | undefined> {
    const { campaigns, candidates, account, clock, saying, places } = this.#parts;
    const campaign = await campaigns.find(campaignId);
    if (campaign === undefined) return undefined;
    const at = clock.now();
    const policy = gatePolicyOf(campaign, account);
    const place = await places?.of(campaign);
    const { needed, unwritable }: Saying = (await saying?.(campaign)) ?? { needed: [] };
    const count = new PreflightCount(at);
    for (let after: Waiting | undefined; ; ) {
      const page: readonly Waiting[] = await readPage(candidates, campaign, at, after, Math.min(pageSize, most - count.contacts));
      for (const [index, { asked, dueAt }] of page.entries()) {
        if (unwritable !== undefined && index % atOnce === atOnce - 1) await turn();
        const foreseen = typeof asked === "string" ? { refused: asked } : foreseeIn(place, Math.max(at, dueAt), asked, policy);
        // The gate is asked before anything is said: who is refused there needs no field.
        const fields = typeof asked === "string" || "refused" in foreseen ? undefined : (asked.fields ?? {});
        const lacks = fields === undefined ? [] : lacking(needed, fields);
        if (lacks.length > 0) count.add({ lacks });
        else count.add(fields !== undefined && unwritable?.(fields) ? { refused: "unwritable" } : foreseen);
      }
      progress(count.contacts);
      after = page.at(-1);
      if (after === undefined || page.length < pageSize) break;
    }
    const more = count.contacts >= most;
    return count.result(!more, campaign.maxCps);
  }
}

async function readPage(candidates: CandidateReader, ...[campaign, at, after, limit]: Parameters<CandidateReader["page"]>) {
  return limit < 1 ? [] : await candidates.page(campaign, at, after, limit);
}

/** The same in the pass of a strategy, which has its days, those whom it is meant for, and limits of attempts. Another address of somebody, where this one is used up, is not asked about. */
function foreseeIn(place: PassPlace | undefined, at: number, asked: Candidate, policy: GatePolicy): Foreseen {
  if (place === undefined) return foresee(at, asked, policy);
  const { from, until } = daysOf(place.pass, place.defaultTimeZone);
  if (from > at + foreseenMs) return { refused: "pass-not-begun" };
  const own = judgeOwn(Math.max(at, from), asked, place);
  const busy = own?.go === false ? own : undefined;
  if (busy !== undefined && busy.retryAt === undefined) return { refused: busy.rule };
  const begins = Math.max(at, from, busy?.retryAt ?? at);
  const foreseen = foresee(begins, asked, policy);
  if (!("at" in foreseen)) return foreseen;
  if (foreseen.at >= until) return { refused: "pass-over" };
  return begins > at ? { ...foreseen, delayedBy: busy?.rule ?? "pass-not-begun" } : foreseen;
}
