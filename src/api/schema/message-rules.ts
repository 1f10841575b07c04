import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { MessageChannel } from "../../attempt/message-ports.ts";
import type { MessageRules, OwnKeyword } from "../../attempt/message-rules-ports.ts";
import { keywordFaults } from "../../sms/options.ts";
import type { MessageRulesFacts } from "../message-rules.ts";
import { placesOf } from "../plugin/problems.ts";
import { type ProblemPlace, placedFault } from "../problem.ts";

const strict = { additionalProperties: false };
/** One line, or several; nothing that a terminal or a mail program would take for anything else. */
const lines = "^(?:\\P{Cc}|\\n)*$";

const keywordSchema = Type.Object(
  {
    keyword: Type.String({ minLength: 1, maxLength: 100, description: "One to six words; alone, or with politeness." }),
    answer: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: "What whoever writes it gets." })),
    webhook: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "A configured webhook that is told of it, for a day." })),
  },
  strict,
);

export const messageRulesSchema = Type.Object(
  {
    keywords: Type.Optional(
      Type.Array(keywordSchema, { maxItems: 100, description: "SMS: words that people may answer with, before those of the account." }),
    ),
    agentGroup: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Group of agents that answers what people write back; by SMS whatever is no keyword. Left out: that of the account.",
      }),
    ),
    postalAddress: Type.Optional(Type.String({ minLength: 5, maxLength: 500, pattern: lines, description: "E-mail: in place of the sender's." })),
    phone: Type.Optional(Type.String({ minLength: 3, maxLength: 50, pattern: "^\\P{Cc}*$", description: "E-mail: in place of the sender's." })),
    validityS: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 604_800,
        description: "SMS: how long the network tries to deliver one (s), in place of the bind's `validityS`.",
      }),
    ),
    trackLinks: Type.Optional(
      Type.Boolean({ description: "E-mail: links in the HTML lead over /l/ of `email.publicUrl`, which counts clicks. Off when left out." }),
    ),
  },
  strict,
);

const only: Readonly<Record<MessageChannel, readonly (keyof MessageRules)[]>> = {
  sms: ["keywords", "validityS"],
  email: ["postalAddress", "phone", "trackLinks"],
};

/** What is wrong with rules that fit their schema. */
async function wrongWith(rules: MessageRules, { channel, webhooks, hasGroup, linkable }: MessageRulesFacts): Promise<readonly ProblemPlace[]> {
  const other = channel === "sms" ? "email" : "sms";
  const strange = only[other].filter((name) => rules[name] !== undefined);
  const { keywords = [], agentGroup, trackLinks } = rules;
  const unknown = keywords.flatMap(({ webhook }, at) =>
    webhook !== undefined && !webhooks.includes(webhook)
      ? [{ pointer: `/keywords/${at}/webhook`, message: `there is no webhook ${webhook} under webhooks of the configuration` }]
      : [],
  );
  const mute = keywords.flatMap(({ answer, webhook }, at) =>
    answer === undefined && webhook === undefined ? [{ pointer: `/keywords/${at}`, message: "needs an answer, or a webhook" }] : [],
  );
  const nobody = agentGroup !== undefined && !(await hasGroup(agentGroup));
  return [
    ...strange.map((name) => ({ pointer: `/${name}`, message: `is for campaigns by ${other}` })),
    ...keywordFaults(keywords.map((each) => ({ ...each }))).map(({ at, message }) => ({ pointer: `/keywords/${at}/keyword`, message })),
    ...mute,
    ...unknown,
    ...(nobody ? [{ pointer: "/agentGroup", message: `there is no group ${agentGroup}` }] : []),
    ...(trackLinks && !linkable ? [{ pointer: "/trackLinks", message: "needs email.publicUrl and email.key in the configuration" }] : []),
  ];
}

const check = Compile(messageRulesSchema);

/** @throws Fault `request-invalid` with every place */
export async function readMessageRules(value: unknown, facts: MessageRulesFacts): Promise<MessageRules> {
  if (!check.Check(value)) throw refused(check.Errors(value).flatMap((finding) => placesOf("body", { ...finding, params: { ...finding.params } })));
  const { keywords, ...rest } = value;
  const given = Object.fromEntries(Object.entries(rest).filter(([, each]) => each !== undefined));
  const rules: MessageRules = { ...given, ...(keywords && { keywords: keywords.map(keywordOf) }) };
  const places = await wrongWith(rules, facts);
  if (places.length > 0) throw refused(places);
  return rules;
}

export function showMessageRules({ keywords, ...rules }: MessageRules) {
  return { ...rules, ...(keywords && { keywords: keywords.map((each) => ({ ...each })) }) };
}

function keywordOf({ keyword, answer, webhook }: { keyword: string; answer?: string | undefined; webhook?: string | undefined }): OwnKeyword {
  return { keyword, ...(answer !== undefined && { answer }), ...(webhook !== undefined && { webhook }) };
}

function refused(places: readonly ProblemPlace[]) {
  return placedFault("request-invalid", places.map(({ pointer, message }) => `${pointer} ${message}`).join("; "), places);
}
