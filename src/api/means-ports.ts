import type { EmailOptions } from "../email/options.ts";
import type { SmsOptions } from "../sms/options.ts";

/** What the configuration has for writing. Nothing secret of it is shown. */
export interface WritingMeans {
  readonly sms: Pick<SmsOptions, "binds" | "senders">;
  readonly email: Pick<EmailOptions, "pools" | "senders">;
}
