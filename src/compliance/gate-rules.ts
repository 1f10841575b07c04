/** Every rule by which the gate refuses, and what it means. `final`: asking again later would not help. */
export const gateRules = {
  "no-address": { final: true, meaning: "nothing is known by which the person can be reached on this channel" },
  "bad-number": { final: true, meaning: "the number is none that can be called" },
  suppressed: { final: true, meaning: "the person, or this number, must not be contacted on this channel" },
  "no-consent": {
    final: true,
    meaning:
      "the campaign contacts only people who agreed to its purpose, or the law where they are wants that of calls that sell, and no consent of this one is known that still holds",
  },
  "destination-not-allowed": { final: true, meaning: "the trunk may not call numbers that begin like this one" },
  "country-not-allowed": { final: true, meaning: "the number is not in a country that the account calls" },
  "premium-number": { final: true, meaning: "a call to this number costs more than an ordinary one" },
  "line-type": { final: true, meaning: "the number is of a type that the look-up of line types has nobody contacted on" },
  reassigned: {
    final: true,
    meaning: "the number may have got another subscriber since it was the person's, says the look-up of reassigned numbers",
  },
  customer: { final: true, meaning: "the customer's own database says that the person is not to be contacted" },
  "lookup-failed": { final: true, meaning: "a look-up that the campaign wants could not be asked about the person, and refuses then" },
  "unknown-time-zone": {
    final: true,
    meaning: "the time zone given for the person is not in the IANA database, so the time of day there is not known",
  },
  "window-never-opens": { final: true, meaning: "no time of the week lies within the calling hours" },
  "abandoned-before": { final: false, meaning: "the person was abandoned lately, and is not called by a campaign in which that may happen again" },
  "on-the-line": { final: false, meaning: "the person has called and is on the line" },
  "frequency-cap": { final: false, meaning: "the person, or this address, was contacted as often as a frequency cap allows" },
  "debt-call-cap": { final: false, meaning: "the person was called about this debt seven times in seven days (12 CFR 1006.14(b)(2)(i)(A))" },
  "debt-conversation": {
    final: false,
    meaning: "a conversation with the person about this debt was less than seven days ago (12 CFR 1006.14(b)(2)(i)(B))",
  },
  "legal-cap": { final: false, meaning: "the person was called or written to as often as the law allows where they are, or may be" },
  "outside-legal-hours": { final: false, meaning: "outside the hours that the law leaves for such calls where the person is" },
  "not-looked-up": { final: false, meaning: "a look-up that the campaign wants has not been answered yet, or could not be and is asked again later" },
  holiday: { final: false, meaning: "one of the campaign's holidays where the person is" },
  "outside-calling-window": { final: false, meaning: "outside the calling hours where the person is" },
} as const;

/** `rule/NAME` is a rule of the account's own: rule-gate.ts. */
export type GateRule = keyof typeof gateRules | `rule/${string}`;

/** Why somebody is not contacted that the gate was not asked about, and what it means. */
const otherRules = new Map([
  ["bad-number", "the address on record is no number, or no mailbox"],
  ["unwritable", "the text cannot be made of the person's fields: one that is to be a number or a date is none, or the text is empty or too long"],
  ["not-in-pass", "the pass of the strategy is not meant for the person"],
  ["pass-not-begun", "the pass of the strategy begins later"],
  ["pass-over", "the pass of the strategy is over"],
  ["in-pass-already", "two ways of the strategy have led to the pass, and it was contacting the person already"],
  ["being-called", "another pass of the strategy was calling the person"],
  ["address-gone", "the number that the agent was to call is the person's no more; the person waits to be called on the one they have"],
  ["attempt-limit", "the person, or every address of theirs, was tried as often as the strategy allows"],
  ["address-limit", "the address was tried as often as the strategy allows; another one is tried"],
  ["event", "something that happened outside, such as a payment, ended the strategy for the person, or moved them to another pass"],
  ["withdrawn", "the person was taken off the list, or out of the campaign"],
]);

/** A rule in words; undefined for one that only earlier versions had. */
export function meaningOf(rule: string): string | undefined {
  if (rule.startsWith("rule/")) return `the account's rule ${rule.slice(5)} holds the person back`;
  return Object.entries(gateRules).find(([name]) => name === rule)?.[1].meaning ?? otherRules.get(rule);
}
