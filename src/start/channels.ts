import type { Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import { systemRandom } from "../adapter/system/random.ts";
import type { MessageRulesParts } from "../api/message-rules.ts";
import type { ApiParts } from "../api/parts.ts";
import type { ComponentState } from "../api/ports.ts";
import type { Config } from "../config/schema.ts";
import type { Webhooks } from "../ivr/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";
import type { Agents } from "./agents.ts";
import { openInbox } from "./inbox.ts";
import { openMail } from "./mail.ts";
import { openMessages } from "./messages.ts";
import { pausing } from "./refused-campaigns.ts";
import { sendersOf } from "./senders.ts";
import { openWritten } from "./written.ts";

export interface ChannelsParts {
  readonly config: Config;
  readonly stores: Stores;
  readonly pass: PassEngine;
  readonly agents: Pick<Agents, "desks" | "work">;
  readonly webhooks: Webhooks;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** The channels on which something is written: SMS and e-mail, both ways. */
export interface Channels {
  /** What the API shows of them. */
  readonly api: Pick<
    ApiParts,
    "templates" | "templateContacts" | "senders" | "means" | "incomingMails" | "messageRules" | "messages" | "textTests" | "written" | "email"
  >;
  components(): readonly ComponentState[];
  /** What comes in is taken from now on. @throws Fault `port-unavailable` */
  start(): Promise<void>;
  /** Nothing leaves any more; resolves when what had left has its end. */
  close(): Promise<void>;
}

/** @throws Fault `dkim-key-unusable` */
export function openChannels({ config, stores, pass, agents, webhooks, metrics, clock, log }: ChannelsParts): Channels {
  const common = { stores, attempts: stores.attempts, metrics, clock, random: systemRandom, log };
  const messages = openMessages({ ...common, config, pass, webhooks });
  const mail = openMail({ ...common, options: config.email, orders: pass.messages, onRefused: pausing(pass, log) });
  const written = openWritten({ ...common, agents, sms: { engine: messages.engine, options: config.sms }, email: mail });
  const inbox = openInbox({ ...common, options: config.email });
  const unfollow = pass.onChange(mail.follow);
  const { templates, templateContacts, mailReader: incomingMails, messageReader } = stores;
  const messageRules = rulesPartsOf(config, stores);
  return {
    api: {
      templates,
      templateContacts,
      senders: sendersOf(config),
      means: config,
      incomingMails,
      messageRules,
      messages: messageReader,
      textTests: messages.tests,
      written,
      email: mail.control,
    },
    components: () => [...messages.components(), ...mail.states(), ...inbox.states()],
    start: () => inbox.start(),
    async close() {
      unfollow();
      await written.close();
      await Promise.all([messages.close(), mail.close(), inbox.close()]);
    },
  };
}

/** What campaigns that write may have of their own. */
export function rulesPartsOf({ webhooks, email }: Pick<Config, "webhooks" | "email">, stores: Pick<Stores, "messageRules">): MessageRulesParts {
  const linkable = email.key !== undefined && email.publicUrl !== undefined;
  return { store: stores.messageRules, webhooks: webhooks.map(({ name }) => name), linkable };
}
