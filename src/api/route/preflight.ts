import { Type } from "typebox";
import { meaningOf } from "../../compliance/gate-rules.ts";
import type { Preflight, RuleCount } from "../../compliance/preflight.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ApiParts, App } from "../parts.ts";
import { idParams, problemResponses, timeSchema, timeText } from "../schema/common.ts";

/** A request is to be answered soon: the command line looks through lists of any length. */
const most = 100_000;

const rulesSchema = (description: string) =>
  Type.Array(Type.Object({ rule: Type.String(), meaning: Type.Optional(Type.String()), contacts: Type.Integer() }), { description });

const preflightSchema = Type.Object(
  {
    at: timeSchema,
    contacts: Type.Integer({ description: "People looked at." }),
    complete: Type.Boolean({ description: `False when there are more than ${most}: carillon campaign preflight looks at all.` }),
    contacted: Type.Integer({ description: "Who would be contacted within 31 days." }),
    hours: Type.Array(Type.Object({ from: timeSchema, contacts: Type.Integer() }), {
      description: "The same, by the hour in which their turn begins.",
    }),
    delayed: rulesSchema("What holds some of them back until then."),
    notLookedUp: Type.Integer({
      description: "How many of those who would be contacted a look-up has to be asked about first: they are counted as if its answer was good.",
    }),
    refused: rulesSchema("Who would not be contacted, by rule."),
    lacking: Type.Array(Type.Object({ fields: Type.Array(Type.String()), contacts: Type.Integer() }), {
      description: "Who would not be contacted because they lack fields that the template or the script needs: each person once.",
    }),
    hindrance: Type.Optional(Type.String({ description: "Why it must not be started now, as it stands: a national list is too old, say." })),
    earliestEndAt: Type.Optional(
      Type.String({ description: "When the last of them could have left at the campaign's rate, if each was tried once." }),
    ),
  },
  { description: "What a campaign would do, as everything stands now." },
);

export function addPreflight(app: App, { preflights, campaigns, safeguards }: ApiParts): void {
  app.get(
    "/api/v1/campaigns/:id/preflight",
    {
      schema: {
        tags: ["compliance"],
        summary: "Who would be contacted by a campaign and who would not, by reason and hour",
        description:
          "Everybody whom the campaign still means to contact (of a draft its whole list) is asked about at the gate, with the facts that a claim would read, until the gate says yes or no for good. Nothing is changed. What happens meanwhile, and caps that its own attempts will fill, are not foreseen.",
        params: idParams,
        response: { 200: preflightSchema, ...problemResponses(400, 401, 404, 429, 503) },
      },
    },
    async ({ params: { id } }) => {
      const preflight = await preflights.run(id, most);
      const campaign = await campaigns.find(id);
      if (preflight === undefined || campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${id}.`);
      const hindrance = await safeguards.hindrances.hindrance(campaign);
      return { ...show(preflight), ...(hindrance !== undefined && { hindrance }) };
    },
  );
}

function show({ at, hours, delayed, refused, lacking, earliestEndAt, ...counts }: Preflight) {
  return {
    ...counts,
    at: timeText(at),
    hours: hours.map(({ from, contacts }) => ({ from: timeText(from), contacts })),
    delayed: delayed.map(showRule),
    refused: refused.map(showRule),
    lacking: lacking.map(({ fields, contacts }) => ({ fields: [...fields], contacts })),
    ...(earliestEndAt !== undefined && { earliestEndAt: timeText(earliestEndAt) }),
  };
}

function showRule({ rule, contacts }: RuleCount) {
  const meaning = meaningOf(rule);
  return { rule, ...(meaning !== undefined && { meaning }), contacts };
}
