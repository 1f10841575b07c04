import { type BounceVerdict, verdictOf, verdictOfWords } from "./bounce-phrases.ts";
import { type DeliveryStatus, deliveryStatuses, enhancedIn } from "./delivery-report.ts";
import type { JudgedMail, ReadMail } from "./inbox-ports.ts";

/** What a report of a mail server says about a mail of ours. */
export interface Bounce {
  readonly verdict: BounceVerdict | "delayed" | "delivered";
  /** RFC 3463; empty when it says none. */
  readonly enhanced: string;
  /** The recipient that could not be reached; small letters, empty when it is not said. */
  readonly recipient: string;
  /** The words it was judged by, for people. */
  readonly reason: string;
}

const daemons = /^(?:mailer-daemon|mailerdaemon|postmaster|mail-daemon|mail\.daemon|mmdf|bounces?|delivery-?(?:system|failure|status|reports?))\b/;
const failureSubject =
  /^(?:(?:re|fwd?):\s*)?(?:undeliver(?:ed|able)|undelivered mail|(?:mail )?delivery (?:status notification|failure|failed|report|has failed)|mail (?:delivery |system )?(?:failed|failure|error)|failure notice|failed mail|returned mail|non-?delivery|delivery notification|message (?:you sent )?(?:undeliverable|status|could not)|mail not delivered|unzustellbar|nicht zustellbar|no se puede entregar|non remis|mancato recapito|onbestelbaar)/i;
/** Where the copy of our own mail begins: what stands there are our words. */
const copyBegins =
  /^(?:-{2,}[ \t]*(?:below this line is a copy|this is a copy|original message|returned message|the header of the original|message header|message text|included is a copy|forwarded message)|original message follows|-{5,}[ \t]*$)/im;
const waitsOnly = /\b(?:delay(?:ed)?|still being retried|will (?:keep|continue to) (?:try|retry)|not yet been delivered|warning: message)/i;

/** Whether a mail server wrote it of itself: the null sender, a name that only servers have, or a field that only they write. */
export function isFromServer({ returnPath, from, fields, reportType }: ReadMail): boolean {
  if (reportType === "delivery-status" || fields["x-failed-recipients"] !== undefined) return true;
  return daemons.test(from ?? "") || (returnPath !== undefined && daemons.test(returnPath));
}

/** What a mail says about one of ours that could not be delivered; undefined when it is no such report. RFC 3464, and the forms of servers that do not keep to it. */
export function bounceOf(mail: ReadMail): Bounce | undefined {
  if (mail.reportType === "disposition-notification" || mail.reportType === "feedback-report") return undefined;
  if (mail.deliveryStatus !== undefined) {
    const statuses = deliveryStatuses(mail.deliveryStatus);
    const worst = statuses.find(({ action }) => action === "failed") ?? statuses.find(({ action }) => action === "delayed") ?? statuses[0];
    if (worst) return reported(worst, mail);
  }
  const nobody = mail.returnPath === "" && failureSubject.test(mail.subject);
  if (!isFromServer(mail) && !nobody) return undefined;
  return told(mail);
}

function reported({ action, enhanced, diagnostic, recipient }: DeliveryStatus, mail: ReadMail): Bounce {
  const reason = [action, enhanced, diagnostic].filter((part) => part !== "").join(" ");
  const of = (verdict: Bounce["verdict"]): Bounce => ({ verdict, enhanced, recipient, reason });
  if (action === "delayed") return of("delayed");
  // Relayed and expanded: it went on, to where no reports come from.
  if (action !== "failed") return of("delivered");
  return of(verdictOf(enhanced, diagnostic === "" ? ownWords(mail) : diagnostic));
}

/** Without a report to go by: what the server tells a person. */
function told(mail: ReadMail): Bounce | undefined {
  const words = ownWords(mail);
  const enhanced = enhancedIn(words) ?? "";
  const line = words.split("\n").find((each) => verdictOfWords(each) !== undefined || enhancedIn(each) !== undefined);
  // A server's report on something else, or one that nobody here knows: nothing is made of it.
  const waits = waitsOnly.test(`${mail.subject}\n${words.slice(0, 1000)}`) && !enhanced.startsWith("5");
  if (line === undefined && !waits && !failureSubject.test(mail.subject)) return undefined;
  const recipient =
    (mail.fields["x-failed-recipients"] ?? "").split(",")[0]?.trim() || (/^[ \t]*<?([^\s<>@]{1,64}@[^\s<>:]{1,255})>?:?/m.exec(words)?.[1] ?? "");
  const verdict = waits ? "delayed" : verdictOf(enhanced, words);
  return { verdict, enhanced, recipient: recipient.toLowerCase().slice(0, 320), reason: (line ?? mail.subject).trim().slice(0, 500) };
}

function ownWords({ text }: ReadMail): string {
  const copy = copyBegins.exec(text);
  return (copy ? text.slice(0, copy.index) : text).slice(0, 8000);
}

/** What follows for the attempt. Undefined: nothing. */
export function resultOfBounce(verdict: Bounce["verdict"]): Extract<JudgedMail["consequences"][number], { do: "move" }>["result"] | undefined {
  switch (verdict) {
    case "hard":
      return "bounced-hard";
    case "soft":
      return "bounced-soft";
    case "policy":
      return "rejected";
    case "other":
      return "undelivered";
    case "delivered":
      return "delivered";
    case "delayed":
      return undefined;
  }
}
