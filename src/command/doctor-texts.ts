import { namelessHelp } from "../sms/answer-options.ts";
import type { SmsOptions } from "../sms/options.ts";
import { canBeAnswered } from "../sms/route.ts";
import { type Finding, ok, warning } from "./doctor-finding.ts";

/** Whether what people write by SMS is heard, and who answers is named. Nobody is asked. */
export function examineTexts({ binds, senders, helpAnswer }: Pick<SmsOptions, "binds" | "senders" | "helpAnswer">): readonly Finding[] {
  const answered = senders.filter(canBeAnswered).map(({ name }) => name);
  if (answered.length === 0) return [];
  const hear = binds.filter(({ bindType }) => bindType !== "transmitter").map(({ name }) => name);
  const heard =
    hear.length > 0
      ? ok("answers by SMS", `heard over ${hear.join(", ")}`)
      : warning(
          "answers by SMS",
          `every bind is a transmitter: a STOP to ${answered.join(", ")} reaches nobody`,
          "Make a bind a transceiver or transmitter-receiver, or load what comes in elsewhere with carillon suppression load.",
        );
  // Carriers want to read in it who sends, and how they are reached (CTIA Short Code Monitoring Handbook).
  return helpAnswer === namelessHelp
    ? [heard, warning("sms.helpAnswer", "does not say who you are", "Give your name there, and how you are reached: carriers look for it.")]
    : [heard];
}
