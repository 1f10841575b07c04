import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { type CallingMode, defaultAbandonedPauseS, optionsOf, type PacingWishes } from "../../attempt/calling-mode.ts";
import type { Detection } from "../amd/campaign.ts";
import { defaultPacing, type PacingMode, type PacingPolicy } from "./policy.ts";

const defaults = defaultPacing("predictive", 10);

/** Options of a campaign's mode, as the API takes them. Those that are left out have their defaults. */
export const campaignPacing = Type.Object(
  {
    linesPerAgent: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 10,
        description: `progressive: calls for each agent who is free. With more than 1 somebody may answer for whom there is no agent: then \`cap\` holds. Default ${defaults.linesPerAgent}.`,
      }),
    ),
    maxLinesPerAgent: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 20,
        description: `predictive: calls under way for each agent, at most. Default ${defaults.maxLinesPerAgent}.`,
      }),
    ),
    target: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 0.1,
        description: "predictive: the share of abandoned people, of those who answer, that is aimed at. Default 0.027, below ten agents 0.025.",
      }),
    ),
    cap: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 0.1,
        description: `The share of abandoned people that is never passed, over 24 hours and over 30 days. The law (16 CFR 310.4) allows 0.03. Default ${defaults.cap}.`,
      }),
    ),
    expectedTalkMs: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 3_600_000,
        description: `How long conversations last, until enough is known of them. Default ${defaults.expectedTalkMs}.`,
      }),
    ),
    expectedWrapMs: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 3_600_000, description: `The same for the work after them. Default ${defaults.expectedWrapMs}.` }),
    ),
    ports: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: "ivr-progressive, ivr-power: people who are to be spoken with at once, on each node.",
      }),
    ),
    linesPerPort: Type.Optional(
      Type.Number({ minimum: 1, maximum: 10, description: `ivr-power: calls for each port that is free. Default ${defaults.linesPerPort}.` }),
    ),
    abandonedPauseS: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 31 * 86_400,
        description: `Whoever was abandoned, in any campaign, is not called predictively again for so long. Default ${defaultAbandonedPauseS}.`,
      }),
    ),
  },
  { description: "Options of the mode; those that are left out have their defaults.", additionalProperties: false },
);

export type CampaignPacing = Static<typeof campaignPacing>;

/** The share of abandoned people that a campaign never passes, 0..1. */
export function capOf({ cap = defaults.cap }: PacingWishes = {}): number {
  return cap;
}

/** Why a campaign may not be dialled in this mode with these options, in words for its maker; undefined when it may. */
export function pacingRefused(mode: CallingMode, pacing: PacingWishes): string | undefined {
  for (const [name, value] of Object.entries(pacing)) {
    if (!isOption(name)) return `there is no option ${name}; there are ${Object.keys(campaignPacing.properties).join(", ")}`;
    if (!Check(campaignPacing.properties[name], value)) return `${name} is out of its range: ${rangeOf(name)}`;
  }
  const foreign = Object.keys(pacing).filter((name) => !optionsOf(mode).includes(name));
  if (foreign.length > 0) return `mode ${mode} has no ${foreign.join(", ")}; it has ${optionsOf(mode).join(", ")}`;
  const { target } = pacing;
  const cap = capOf(pacing);
  if (target !== undefined && target > cap) return `target (${target}) is above cap (${cap}): aim below what must not be passed`;
  if ((mode === "ivr-power" || mode === "ivr-progressive") && pacing.ports === undefined)
    return `mode ${mode} needs ports: how many people are to be spoken with at once`;
  return undefined;
}

interface PacingBefore {
  readonly mode: CallingMode;
  readonly pacing?: PacingWishes;
}

export interface PacingChange {
  readonly mode?: CallingMode;
  /** Null: back to the default. */
  readonly pacing?: { readonly [Option in keyof PacingWishes]?: PacingWishes[Option] | null };
}

/**
 * What a change of a campaign comes to: options of its old mode that nobody speaks of, and the new one has not, are dropped.
 * @returns mode and options afterwards, which may be refused yet; the whole change of the options, and the names of those that are dropped
 */
export function pacingAfter(before: PacingBefore, { mode = before.mode, pacing: wishes }: PacingChange) {
  const kept = Object.keys(before.pacing ?? {});
  const dropped = kept.filter((name) => !optionsOf(mode).includes(name) && !Object.hasOwn(wishes ?? {}, name));
  const change: NonNullable<PacingChange["pacing"]> = { ...wishes, ...Object.fromEntries(dropped.map((name) => [name, null])) };
  const pacing: PacingWishes = Object.fromEntries(Object.entries({ ...before.pacing, ...change }).filter(([, value]) => value !== null));
  return { mode, pacing, dropped, ...(Object.keys(change).length > 0 && { change }) };
}

function isOption(name: string): name is keyof CampaignPacing {
  return Object.hasOwn(campaignPacing.properties, name);
}

function rangeOf(name: keyof CampaignPacing): string {
  const schema: { readonly type?: string; readonly minimum?: number; readonly maximum?: number } = campaignPacing.properties[name];
  return `a ${schema.type === "integer" ? "whole number" : "number"} from ${schema.minimum} to ${schema.maximum}`;
}

/** After the answer, or the end of the greeting, an agent has to be there within so long (16 CFR 310.4(b)(4)(ii)). */
export const connectWithinMs = 2000;
/** From the moment at which it is known that a person is there until the agent hears them. */
const bridgingMs = 350;

/** What of the two seconds is left for waiting until an agent is free: detection begins to count at the end of the greeting, too. */
export function graceLeftMs(detection: Detection | undefined): number {
  const quietMs = detection ? Math.max(...detection.options.afterGreetingSilence.map(({ silenceMs }) => silenceMs)) : 0;
  return Math.max(0, connectWithinMs - bridgingMs - quietMs);
}

/** The policy of the pacer. @param agents how many there are: a small team's aim is lower */
export function pacingPolicyOf(mode: PacingMode, pacing: PacingWishes, agents: number, graceMs: number): PacingPolicy {
  const { ports: _, abandonedPauseS: __, ...own } = pacing;
  const policy = { ...defaultPacing(mode, agents), ...own, graceMs };
  return { ...policy, target: Math.min(policy.target, policy.cap) };
}
