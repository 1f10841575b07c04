import { Counter, type Registry } from "prom-client";
import type { MessageChannel, MessageLog } from "../attempt/message-ports.ts";

/** The same log, with every ending counted. */
export function countedMessages(registry: Registry, log: MessageLog, channel: MessageChannel): MessageLog {
  const name = "carillon_messages_total";
  const known = registry.getSingleMetric(name);
  const help = "Messages by what they came to when they were handed over.";
  const endings = known instanceof Counter ? known : new Counter({ name, help, labelNames: ["channel", "result"], registers: [registry] });
  return {
    begin: (sending) => log.begin(sending),
    async handed(handed) {
      await log.handed(handed);
      endings.inc({ channel, result: handed.result });
    },
    async withhold(attemptId, at, result, reason, againAt) {
      await log.withhold(attemptId, at, result, reason, againAt);
      endings.inc({ channel, result });
    },
  };
}
