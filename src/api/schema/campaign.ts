import { Type } from "typebox";
import type { Answering } from "../../attempt/answering.ts";
import { type CallingMode, callingModeNames, callingModes, type PacingWishes } from "../../attempt/calling-mode.ts";
import { type MessageChannel, messageChannels } from "../../attempt/message-ports.ts";
import { channelNames } from "../../attempt/result.ts";
import { defaultRetries, type Retries, retryAfterS, retryAtMost } from "../../attempt/treatment.ts";
import { type Campaign, type CampaignProgress, campaignStates } from "../../strategy/campaign.ts";
import type { ChangeableSettings, PastChange } from "../../strategy/ports.ts";
import { campaignAmd } from "../../voice/amd/campaign.ts";
import { fewestJudged, missedBetween, missedShare, withMissed } from "../../voice/amd/holdout.ts";
import { campaignPacing } from "../../voice/pacing/campaign.ts";
import type { Share } from "../../voice/pacing/ledger.ts";
import type { MachinesHeard } from "../ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";
import { showWindow, windowSchema } from "./window.ts";

const name = Type.String({ minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$", description: "Unique." });
const trunk = Type.String({ minLength: 1, maxLength: 63, description: "Name of a configured trunk or route." });
const callerId = Type.String({
  minLength: 1,
  maxLength: 63,
  description: "E.164, or the name of a configured pool of numbers.",
  examples: ["+15550100100"],
});
const maxCps = Type.Number({ minimum: 0.01, maximum: 100_000, description: "New calls, or messages, per second over all nodes, at most." });
const messageChannel = Type.Unsafe<MessageChannel>(Type.Enum([...messageChannels]));
const sender = Type.String({ minLength: 1, maxLength: 63, description: "Name of a configured sender of the channel." });
const maxLines = Type.Integer({ minimum: 1, maximum: 100_000, description: "Calls dialling, ringing or talking at once, at most." });
const ringTimeoutMs = Type.Integer({ minimum: 15_000, maximum: 120_000, description: "How long a call rings." });
const defaultTimeZone = Type.String({ minLength: 1, maxLength: 100, description: "IANA zone for people whose zone is not known." });
const mode = Type.Unsafe<CallingMode>(
  Type.Enum([...callingModeNames], {
    description: `How its calls come to be. ${Object.entries(callingModes)
      .map(([name, meaning]) => `${name}: ${meaning}.`)
      .join(" ")} Default ivr.`,
  }),
);
const pacing = Type.Unsafe<PacingWishes>(campaignPacing);
const amd = Type.Unsafe<Answering>(campaignAmd);
const retries = Type.Unsafe<Retries>(
  Type.Record(
    Type.String(),
    Type.Object(
      {
        afterS: Type.Integer({ minimum: retryAfterS.min, maximum: retryAfterS.max, description: "Seconds from the end of the attempt." }),
        atMost: Type.Integer({ minimum: retryAtMost.min, maximum: retryAtMost.max, description: "How often, for this result. 0: never." }),
      },
      { additionalProperties: false },
    ),
    {
      description: `After which results a contact is called, or written to, again, when the rules allow it then. What is said here goes over the defaults, ${JSON.stringify(defaultRetries)}.`,
      examples: [{ busy: { afterS: 1800, atMost: 2 } }],
    },
  ),
);

export const newVoiceCampaignSchema = Type.Object(
  {
    channel: Type.Optional(Type.Literal("voice", { description: "Default." })),
    name,
    listId: idSchema,
    script: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: "^\\P{Cc}*$",
        description: "Name of a script; new calls run the version that is current. Either this or scriptVersionId.",
      }),
    ),
    scriptVersionId: Type.Optional(Type.String({ ...idSchema, description: "A version of a script; the campaign stays on it." })),
    trunk,
    callerId,
    maxCps,
    maxLines,
    ringTimeoutMs: Type.Optional(ringTimeoutMs),
    window: Type.Optional(windowSchema),
    defaultTimeZone,
    mode: Type.Optional(mode),
    pacing: Type.Optional(pacing),
    amd: Type.Optional(amd),
    retries: Type.Optional(retries),
  },
  { additionalProperties: false },
);

export const newMessageCampaignSchema = Type.Object(
  {
    channel: messageChannel,
    name,
    listId: idSchema,
    template: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: "^\\P{Cc}*$",
        description: "Name of a template; new messages are made of the version that is current. Either this or templateVersionId.",
      }),
    ),
    templateVersionId: Type.Optional(Type.String({ ...idSchema, description: "A version of a template; the campaign stays on it." })),
    sender,
    maxCps,
    window: Type.Optional(windowSchema),
    defaultTimeZone,
    retries: Type.Optional(retries),
  },
  { additionalProperties: false },
);

/** What a body is asked for first. */
export const anyCampaignSchema = Type.Object({ channel: Type.Optional(Type.Enum([...channelNames])) });

/** By its channel; without one it calls. */
export const newCampaignSchema = Type.Union([newVoiceCampaignSchema, newMessageCampaignSchema]);

const any = {
  id: idSchema,
  name,
  listId: idSchema,
  state: Type.Enum([...campaignStates]),
  maxCps,
  window: windowSchema,
  defaultTimeZone,
  retries: Type.Optional(retries),
  pass: Type.Optional(
    Type.Object(
      { strategyCampaignId: idSchema, name: Type.String({ description: "Its name in the strategy." }) },
      { description: "Of a pass: what it belongs to. It starts and stops with all of it, and its strategy says what follows each ending." },
    ),
  ),
};

const voiceCampaignSchema = Type.Object({
  ...any,
  channel: Type.Literal("voice"),
  script: Type.String({ description: "Name of its script." }),
  scriptVersionId: Type.String({ ...idSchema, description: "The version that new calls run now." }),
  scriptPinned: Type.Boolean({ description: "Whether it stays on that version; otherwise new calls run the one that is current." }),
  trunk,
  callerId,
  maxLines,
  ringTimeoutMs,
  mode,
  pacing: Type.Optional(pacing),
  amd: Type.Optional(amd),
});

const messageCampaignSchema = Type.Object({
  ...any,
  channel: messageChannel,
  template: Type.String({ description: "Name of its template." }),
  templateVersionId: Type.String({ ...idSchema, description: "The version that new messages are made of now." }),
  templatePinned: Type.Boolean({ description: "Whether it stays on that version; otherwise new messages are made of the one that is current." }),
  sender,
});

export const campaignSchema = Type.Union([voiceCampaignSchema, messageCampaignSchema]);

const orNull = Object.fromEntries(
  Object.entries(campaignPacing.properties).map(([option, schema]) => [option, Type.Optional(Type.Union([schema, Type.Null()]))]),
);

/** What may be changed of a campaign that exists. */
export const campaignPatchSchema = Type.Object(
  {
    mode: Type.Optional(mode),
    pacing: Type.Optional(
      Type.Unsafe<{ [Option in keyof PacingWishes]?: PacingWishes[Option] | null }>(
        Type.Object(orNull, { additionalProperties: false, description: "Goes over what it has; null takes an option back to its default." }),
      ),
    ),
    maxCps: Type.Optional(maxCps),
    maxLines: Type.Optional(maxLines),
    window: Type.Optional(windowSchema),
    callerId: Type.Optional(callerId),
    trunk: Type.Optional(trunk),
    ringTimeoutMs: Type.Optional(ringTimeoutMs),
    amd: Type.Optional(Type.Unsafe<Answering | null>(Type.Union([campaignAmd, Type.Null({ description: "Off." })]))),
    sender: Type.Optional(sender),
  },
  { additionalProperties: false, minProperties: 1 },
);

const settings = Type.Object({
  ...{ mode: Type.Optional(mode), pacing: Type.Optional(pacing), maxCps, maxLines: Type.Optional(maxLines) },
  ...{ window: Type.Optional(windowSchema), callerId: Type.Optional(callerId), trunk: Type.Optional(trunk), sender: Type.Optional(sender) },
  ...{ ringTimeoutMs: Type.Optional(ringTimeoutMs), amd: Type.Optional(amd) },
});

export const campaignChangesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      at: timeSchema,
      by: Type.String({ description: "The name of the API key, or the command line." }),
      before: settings,
      after: settings,
    }),
    { description: "Oldest first, at most the last 500." },
  ),
});

const share = Type.Object({
  answers: Type.Integer({ description: "People who answered." }),
  abandoned: Type.Integer({ description: "Those of them for whom no agent was there in time." }),
  machines: Type.Integer({ description: "Calls that were taken for machines, for which no agent was asked." }),
  missed: Type.Number({
    description:
      "How many of those are thought to be people, by what `amd.holdoutShare` has measured; 0 where nothing is measured. In `share` and `headroom` they count as people who answered and were abandoned.",
  }),
  share: Type.Number({ description: "Abandoned of those who answered, 0 to 1; 0 where nobody did." }),
  headroom: Type.Integer({ description: "How many more may be abandoned before the cap is passed, if nobody else answers. Below 0: it is passed." }),
});

export const abandonmentSchema = Type.Object(
  {
    cap: Type.Number({ description: "What must not be passed, 0 to 1." }),
    day: Type.Object(share.properties, { description: "The last 24 hours." }),
    month: Type.Object(share.properties, { description: "The last 30 days." }),
    holdout: Type.Optional(
      Type.Object(
        {
          heldOut: Type.Integer({ description: "Machines that were given to agents." }),
          people: Type.Integer({ description: "Those of them that were people, as the agents' dispositions say, or a key that was pressed." }),
          machines: Type.Integer({ description: "Those that were machines. The others nobody has judged." }),
          share: Type.Number({
            description: `The share of people, 0 to 1, that the campaign is held to: of those that are judged, or of ${fewestJudged} while it is fewer.`,
          }),
          low: Type.Optional(Type.Number({ description: "Of those that are judged it lies between this and `high` with 95 % confidence (Wilson)." })),
          high: Type.Optional(Type.Number()),
        },
        { description: "What was measured within 30 days of the machines that were given to agents all the same." },
      ),
    ),
  },
  { description: "People who answered calls that were placed for agents, over all nodes, and those who were abandoned." },
);

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

export const progressSchema = Type.Object({
  contacts: Type.Integer(),
  waiting: Type.Integer({ description: "To be contacted, or to be contacted again." }),
  again: Type.Integer({ description: "Those of them that were tried already and put back." }),
  inFlight: Type.Integer({ description: "On the line, or leaving, now." }),
  done: Type.Integer({ description: "In their final state." }),
  results: counts("Ended attempts by result."),
  refusals: counts("People the gate refused, by rule."),
  countedAt: Type.String({ description: "When they were counted, RFC 3339: now, or where they are 20,000 people and more up to a minute ago." }),
  starting: Type.Optional(
    Type.Object(
      { done: Type.Integer(), total: Type.Integer() },
      { description: "Of a draft that is being started over a long list: how many of its people have been made due. It is a draft until all have." },
    ),
  ),
  note: Type.Optional(
    Type.String({ description: "Why nobody is contacted though it runs, or why the server paused it, for people: its trunk is not there any more." }),
  ),
});

/** The same with arrays that may be written to, as the serializer has them. */
export function showCampaign(campaign: Campaign) {
  const window = showWindow(campaign.window);
  const pass = campaign.pass && { strategyCampaignId: campaign.pass.strategyCampaignId, name: campaign.pass.name };
  const changed = { window, ...(pass && { pass }) };
  return campaign.channel === "voice" ? { ...campaign, ...changed } : { ...campaign, ...changed };
}

export function showChanges(changes: readonly PastChange[]) {
  const shown = ({ pacing: options, window: hours, amd: detection, ...rest }: ChangeableSettings) => ({
    ...rest,
    ...(detection && { amd: detection }),
    ...(options && { pacing: { ...options } }),
    ...(hours && { window: showWindow(hours) }),
  });
  return { items: changes.map(({ at, by, before, after }) => ({ at: timeText(at), by, before: shown(before), after: shown(after) })) };
}

export function showAbandonment(cap: number, { day, month }: { readonly day: Share; readonly month: Share }, heard: MachinesHeard) {
  const { holdout } = heard;
  const rate = missedShare(holdout);
  const shown = (counted: Share, machines: number) => {
    const missed = rate * machines;
    const { answers, abandoned } = withMissed(counted, missed);
    return { ...counted, machines, missed, share: answers === 0 ? 0 : abandoned / answers, headroom: Math.floor(cap * answers - abandoned + 1e-9) };
  };
  const [low, high] = missedBetween(holdout) ?? [];
  const between = low !== undefined && high !== undefined && { low, high };
  return {
    cap,
    day: shown(day, heard.day),
    month: shown(month, heard.month),
    ...(holdout.heldOut > 0 && { holdout: { ...holdout, share: rate, ...between } }),
  };
}

export function showProgress({ countedAt, ...progress }: CampaignProgress, note?: string) {
  const counted = { results: { ...progress.results }, refusals: { ...progress.refusals }, countedAt: timeText(countedAt) };
  return { ...progress, ...counted, ...(note !== undefined && { note }) };
}
