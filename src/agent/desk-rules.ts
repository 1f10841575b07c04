/* What the agents of a campaign see and may do, beside what its mode says. */

/** Why an agent does not call somebody they were shown, and what becomes of the person: back among those waiting after a while, or done with. */
export interface SkipReason {
  /** `in-treatment`: lower case, digits and hyphens. */
  readonly code: string;
  readonly label: string;
  readonly becomes: "later" | "done";
  /** For `later`. */
  readonly afterS?: number;
}

export interface DeskRules {
  /** Whether agents who are ready ask for the next person, or get one by themselves. */
  readonly preview: "pull" | "push";
  /** How long they may look before something is done (s). */
  readonly previewS: number;
  /** What is done then. */
  readonly atTimeOut: "put-back" | "dial";
  readonly skipReasons: readonly SkipReason[];
  /** Whether agents may call a person at a number that they type. */
  readonly typedNumbers: boolean;
  /** Which share of the conversations is recorded (0..1). */
  readonly recordingShare: number;
  /** What people have been told or asked by then: the script, or the agent, sees to it. A conversation is recorded only where that is enough. */
  readonly recordingConsent: "none" | "told" | "agreed";
  /** For how many days recordings of its calls are kept; as the configuration says, when left out. */
  readonly recordingKeepDays?: number;
  /** How long after a disposition of the category retry the person is called again (s), and how often. */
  readonly retry: { readonly afterS: number; readonly atMost: number };
  /** Names of templates of messages that agents may send during and after a conversation; any, when left out. */
  readonly templates?: readonly string[];
  /** Page that opens for the agent, with `{field}` and `{contact}`, `{client_id}`, `{attempt}` in it. */
  readonly paymentUrl?: string;
}

/** A permit of the gate lives ten minutes; who looks for longer is asked about anew all the same. */
export const previewLimitsS = { min: 5, max: 540 } as const;
const afterLimitsS = { min: 60, max: 30 * 86_400 } as const;

/** For campaigns that have no rules of their own. */
export const defaultDeskRules: DeskRules = {
  preview: "pull",
  previewS: 120,
  atTimeOut: "put-back",
  skipReasons: [
    { code: "later", label: "Later", becomes: "later", afterS: 3600 },
    { code: "not-now", label: "Not today", becomes: "later", afterS: 86_400 },
    { code: "done-already", label: "Done already", becomes: "done" },
    { code: "bad-record", label: "The record is wrong", becomes: "done" },
  ],
  typedNumbers: false,
  // In many places everybody on the line has to be told, or asked, beforehand: nothing is kept unless somebody has seen to that.
  recordingShare: 0,
  recordingConsent: "none",
  retry: { afterS: 4 * 3600, atMost: 3 },
};

/** The names that stand in braces in a payment page's address and are no field. */
const own = ["contact", "client_id", "attempt"];

/** What is wrong with rules, with the place of each fault (a JSON pointer); empty when they can be used. */
export function checkDeskRules(rules: DeskRules): readonly { readonly pointer: string; readonly message: string }[] {
  const { previewS, skipReasons, retry, paymentUrl, recordingShare, recordingKeepDays = 1 } = rules;
  const faults: { pointer: string; message: string }[] = [];
  if (!within(previewS, previewLimitsS)) faults.push({ pointer: "/previewS", message: wantsS(previewLimitsS) });
  if (!within(retry.afterS, afterLimitsS)) faults.push({ pointer: "/retry/afterS", message: wantsS(afterLimitsS) });
  if (!within(retry.atMost, { min: 0, max: 20 })) faults.push({ pointer: "/retry/atMost", message: "must be a whole number from 0 to 20" });
  if (!(recordingShare >= 0 && recordingShare <= 1)) faults.push({ pointer: "/recordingShare", message: "must be from 0 to 1" });
  if (!within(recordingKeepDays, { min: 1, max: 36_500 }))
    faults.push({ pointer: "/recordingKeepDays", message: "must be a whole number of days from 1 to 36500" });
  const seen = new Set<string>();
  for (const [at, { code, becomes, afterS }] of skipReasons.entries()) {
    const pointer = `/skipReasons/${at}`;
    if (seen.has(code)) faults.push({ pointer: `${pointer}/code`, message: "is there already" });
    seen.add(code);
    if (becomes === "later" && (afterS === undefined || !within(afterS, afterLimitsS)))
      faults.push({ pointer: `${pointer}/afterS`, message: `is needed with later, and ${wantsS(afterLimitsS)}` });
    if (becomes === "done" && afterS !== undefined) faults.push({ pointer: `${pointer}/afterS`, message: "is only for later" });
  }
  const why = paymentUrl === undefined ? undefined : whyNotPage(paymentUrl);
  if (why !== undefined) faults.push({ pointer: "/paymentUrl", message: why });
  return faults;
}

/** Why an address is not taken for the payment page. A field may fill a part of its path or query, never choose the host. */
function whyNotPage(template: string): string | undefined {
  const filled = template.replaceAll(placeholder, "x");
  const url = URL.parse(filled);
  if (!url || (url.protocol !== "https:" && url.hostname !== "127.0.0.1" && url.hostname !== "localhost"))
    return "must be an address that begins with https://";
  if (/[{}\s]/.test(filled)) return "may have {field} in it: letters, digits and _ in braces, and no spaces";
  if (url.username !== "" || url.password !== "") return "must not have a user name or password in it";
  const [, host = ""] = /^[a-z]+:\/\/([^/?#]*)/i.exec(template) ?? [];
  return placeholder.test(host) || host.includes("{") ? "must not take its host from a field" : undefined;
}

const placeholder = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export interface PayingPerson {
  readonly contactId: string;
  readonly clientId: string | undefined;
  readonly attemptId: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** The payment page for one person: every value is percent-encoded, so that nothing in a list can change where it leads. Fields that the person lacks are empty. */
export function paymentLink(template: string, { contactId, clientId, attemptId, fields }: PayingPerson): string {
  const known: Readonly<Record<string, string | undefined>> = { contact: contactId, client_id: clientId, attempt: attemptId };
  return template.replaceAll(placeholder, (_, name: string) => {
    const value = own.includes(name) ? known[name] : Object.hasOwn(fields, name) ? fields[name] : undefined;
    // A dot alone or two in a row would be a step up in the path.
    return encodeURIComponent((value ?? "").toWellFormed()).replaceAll(".", "%2E");
  });
}

function within(value: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function wantsS({ min, max }: { readonly min: number; readonly max: number }): string {
  return `must be a whole number of seconds from ${min} to ${max}`;
}
