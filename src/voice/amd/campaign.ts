import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import type { AnswerAction, AnsweredBy, Answering } from "../../attempt/answering.ts";
import { type CallingMode, isPacedForAgents } from "../../attempt/calling-mode.ts";
import { Fault } from "../../kernel/fault.ts";
import { type AmdOptions, amdOptions, amdProfiles } from "./options.ts";

const action = <Action extends AnswerAction>(actions: Action[], description: string) => Type.Optional(Type.Enum(actions, { description }));

const tuning = Type.Partial(amdOptions, { additionalProperties: false, description: "Parameters that differ from the profile's." });

/** Answering-machine detection of one campaign, as the API takes it. Left out there is none: whoever answers is taken for a person, at once. */
export const campaignAmd = Type.Object(
  {
    profile: Type.Enum(["b2c", "b2b"], {
      description: "b2c for homes, which answer in a word or two; b2b for businesses, which greet at length. Defaults of all parameters.",
    }),
    tuning: Type.Optional(tuning),
    actions: Type.Optional(
      Type.Object(
        {
          machine: action(
            ["message", "script", "connect", "hang-up"],
            "message (default): the script's step for a machine, after the beep or the quiet after the greeting. script: that step at once.",
          ),
          fax: action(["hang-up", "script", "connect"], "hang-up (default), or the script's step for a fax."),
          sit: action(["hang-up", "connect"], "Special information tones after the answer. Default hang-up."),
          silence: action(["connect", "hang-up"], "Nobody says a word. Default connect."),
          unknown: action(["connect", "hang-up"], "Undecided, or nothing could be heard. Default connect."),
        },
        { description: "What is done with whom; a person is always connected.", additionalProperties: false },
      ),
    ),
    holdoutShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "progressive, predictive: share of the machines, drawn by lot, that goes to an agent all the same. What agents say of them measures how many are people, and by that those who were taken for machines count as abandoned. Default 0: nothing is measured.",
      }),
    ),
  },
  { description: "Answering-machine detection. Without it whoever answers is taken for a person, at once.", additionalProperties: false },
);

export type CampaignAmd = Static<typeof campaignAmd>;

/** A campaign's detection, complete. */
export interface Detection {
  readonly options: AmdOptions;
  readonly actions: Readonly<Record<AnsweredBy, AnswerAction>>;
  /** 0..1 */
  readonly holdoutShare: number;
}

const defaultActions: Detection["actions"] = { machine: "message", fax: "hang-up", sit: "hang-up", silence: "connect", unknown: "connect" };

/** Why a campaign of this mode may not be started with this, in words for its maker; undefined when it may. */
export function refusal({ holdoutShare = 0, actions, tuning: own = {} }: Answering, mode: CallingMode): string | undefined {
  if (holdoutShare > 0 && !isPacedForAgents(mode))
    return `holdoutShare gives machines to agents to learn how many of them are people: it needs mode progressive or predictive, and this is ${mode}`;
  if (holdoutShare > 0 && actions?.machine === "connect")
    return "holdoutShare holds out nothing where actions.machine is connect: leave that out, and holdoutShare 1 does the same and measures";
  if (!Check(tuning, own)) return "tuning has a parameter that is not known, or a value out of its range";
  return undefined;
}

/** @throws Fault `amd-refused` */
export function detectionOf(answering: Answering, mode: CallingMode): Detection {
  const { profile, actions, holdoutShare = 0, tuning: own = {} } = answering;
  const why = refusal(answering, mode);
  if (why !== undefined || !Check(tuning, own)) throw new Fault("amd-refused", `Answering-machine detection: ${why}.`);
  return { options: { ...amdProfiles[profile], ...own }, actions: { ...defaultActions, ...actions }, holdoutShare };
}
