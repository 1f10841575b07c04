import type { RetentionOptions } from "./options.ts";

/** What is taken away after some days, each with the option that says so. */
export const retentionKinds = [
  "traces",
  "message-texts",
  "incoming-texts",
  "notes",
  "recordings",
  "delivery-reports",
  "imports",
  "contacts",
] as const;
export type RetentionKind = (typeof retentionKinds)[number];

const optionOf: Readonly<Record<RetentionKind, keyof RetentionOptions>> = {
  traces: "tracesDays",
  "message-texts": "messageTextsDays",
  "incoming-texts": "incomingTextsDays",
  notes: "notesDays",
  recordings: "recordingsDays",
  "delivery-reports": "deliveryReportsDays",
  imports: "importsDays",
  contacts: "contactsDays",
};

export const retentionAbout: Readonly<Record<RetentionKind, string>> = {
  traces: "SIP ladders, media events, steps of scripts",
  "message-texts": "what was sent to people",
  "incoming-texts": "what people wrote",
  notes: "what agents noted",
  recordings: "what people said, as files",
  "delivery-reports": "reports of deliveries as they came",
  imports: "what came of imports",
  contacts: "who people are with whom all is done",
};

/** Undefined: for ever. */
export function daysOf(kind: RetentionKind, options: RetentionOptions): number | undefined {
  return options[optionOf[kind]];
}

const dayMs = 86_400_000;

/** What is from before this may go. @param now epoch ms */
export function cutOff(days: number, now: number): number {
  return now - days * dayMs;
}
