import type { Stores } from "../adapter/postgres/stores.ts";
import { WrittenConversations } from "../agent/written-engine.ts";
import type { TextSender } from "../agent/written-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { SmsOptions } from "../sms/options.ts";
import type { SmsEngine } from "../sms/sms-engine.ts";
import type { Agents } from "./agents.ts";

export interface WrittenParts {
  readonly stores: Pick<Stores, "agentContacts" | "templates" | "written">;
  readonly agents: Pick<Agents, "desks" | "work">;
  readonly engine: Pick<SmsEngine, "send">;
  readonly options: Pick<SmsOptions, "senders">;
  readonly clock: Clock;
  readonly log: Log;
}

/** What people write that no keyword answers, and the agents who answer it. */
export function openWritten({ stores, agents, engine, options, clock, log }: WrittenParts): WrittenConversations {
  const senderFor = (ours: string) => options.senders.find(({ address }) => address === ours);
  const sender: TextSender = {
    sendsFrom: (ours) => senderFor(ours) !== undefined,
    async send(ours, message) {
      const from = senderFor(ours);
      if (from) await engine.send(from, message);
    },
  };
  const { agentContacts: contacts, templates, written: store } = stores;
  return new WrittenConversations({ store, desks: agents.desks, contacts, templates, work: agents.work, sender, clock, log });
}
