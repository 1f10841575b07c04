import type { Senders } from "../api/message-campaign.ts";
import type { Config } from "../config/schema.ts";

/** What campaigns may name as their sender. */
export function sendersOf({ sms, email }: Pick<Config, "sms" | "email">): Senders {
  return {
    sms: sms.senders.map(({ name, kind }) => ({ name, alphanumeric: kind === "alphanumeric" })),
    email: email.senders.map(({ name }) => ({ name })),
  };
}
