import { Counter, type Registry } from "prom-client";
import type { MessageChannel, MessageLog } from "../attempt/message-ports.ts";
import { type ResultFacts, resultNames, results } from "../attempt/result.ts";

/** The same log, with every ending counted. */
export function countedMessages(registry: Registry, log: MessageLog, channel: MessageChannel): MessageLog {
  const name = "carillon_messages_total";
  const known = registry.getSingleMetric(name);
  const help = "Messages by what they came to when they were handed over.";
  const endings = known instanceof Counter ? known : new Counter({ name, help, labelNames: ["channel", "result"], registers: [registry] });
  // Whoever compares with what was there before needs a series that does not begin with its first event.
  for (const result of resultNames) {
    const { channels }: ResultFacts = results[result];
    if (channels.includes(channel)) endings.inc({ channel, result }, 0);
  }
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
