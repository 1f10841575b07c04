import type { Config } from "./schema.ts";

/** Whether a server calls, and is called. It does not when nothing of that is configured: then it only writes. */
export function isForCalls({
  drachtio,
  drachtioServers,
  freeswitch,
  trunks,
}: Pick<Config, "drachtio" | "drachtioServers" | "freeswitch" | "trunks">): boolean {
  return drachtio.secret !== "" || drachtioServers.length + freeswitch.length + trunks.length > 0;
}

/** Whether a server writes, or takes in what people write. */
export function isForMessages({ sms, email }: Pick<Config, "sms" | "email">): boolean {
  return sms.binds.length + email.pools.length + email.mailboxes.length + email.receivers.length > 0;
}
