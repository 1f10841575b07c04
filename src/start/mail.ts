import { Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import { SmtpPools } from "../adapter/smtp/mail-pools.ts";
import type { EmailControl } from "../api/email-ports.ts";
import type { ComponentState } from "../api/ports.ts";
import type { MessageSource } from "../attempt/message-ports.ts";
import type { AttemptLog } from "../attempt/ports.ts";
import { WishEngine } from "../attempt/wish-engine.ts";
import { Clicks } from "../email/click-engine.ts";
import { readDkimKey } from "../email/dkim.ts";
import { EmailEngine } from "../email/email-engine.ts";
import type { MailSender } from "../email/form.ts";
import type { EmailOptions } from "../email/options.ts";
import type { MailPools } from "../email/ports.ts";
import { TestMails } from "../email/test-engine.ts";
import { Unsubscribes } from "../email/unsubscribe-engine.ts";
import { EmailWishes } from "../email/wish-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { Campaign } from "../strategy/campaign.ts";
import { countedMessages } from "./message-metrics.ts";
import type { OnRefused } from "./refused-campaigns.ts";

export interface MailParts {
  readonly options: EmailOptions;
  readonly stores: Pick<Stores, "clicks" | "mails" | "messageRules" | "messages" | "suppressions" | "templates" | "trunks" | "wishes">;
  readonly orders: MessageSource;
  readonly attempts: Pick<AttemptLog, "effect">;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onRefused?: OnRefused;
}

/** The sending of e-mail. */
export interface Mail {
  readonly pools: MailPools;
  readonly senders: ReadonlyMap<string, MailSender>;
  readonly engine: EmailEngine;
  readonly control: EmailControl;
  /** Sends for it while it runs; campaigns of other channels are none of its business. */
  readonly follow: (campaign: Campaign) => void;
  states(): readonly ComponentState[];
  /** Resolves when what had left has its end. */
  close(): Promise<void>;
}

/** The senders of a configuration. @throws Fault `dkim-key-unusable` */
export function mailSendersOf({ key = "", publicUrl = "", senders }: EmailOptions): ReadonlyMap<string, MailSender> {
  return new Map(senders.map((sender) => [sender.name, { ...sender, key, publicUrl, dkim: sender.dkim.map(readDkimKey) }]));
}

/** @throws Fault `dkim-key-unusable` */
export function openMail({ options, stores, orders, attempts, metrics, clock, random, log, onRefused }: MailParts): Mail {
  const senders = mailSendersOf(options);
  const pools = new SmtpPools(options.pools, { clock, random, log, moments: stores.trunks });
  const { templates, mails: suppression } = stores;
  const messages = countedMessages(metrics, stores.messages, "email");
  const rules = stores.messageRules;
  const engine = new EmailEngine({ orders, messages, templates, pools, senders, suppression, rules, clock, log, ...(onRefused && { onRefused }) });
  const { key, unsubscribeUrl: ownPage, wishSender = options.senders[0]?.name } = options;
  const carrier = new EmailWishes({ engine, templates, log: messages, sender: wishSender, clock });
  const wishes = new WishEngine({ store: stores.wishes, carrier, clock, log });
  watch(metrics, engine, pools);
  return {
    pools,
    senders,
    engine,
    control: {
      clicks: new Clicks({ key, store: stores.clicks, clock, log }),
      unsubscribes: new Unsubscribes({ key, ownPage, attempts, clock, log }),
      tests: new TestMails({ templates, pools, suppressions: stores.suppressions, senders, clock }),
    },
    follow(campaign) {
      if (campaign.channel !== "email") return;
      const { id, sender, state } = campaign;
      if (state !== "running") return engine.unfollow(id);
      if (!senders.has(sender)) log.error({ campaign: id, sender }, "there is no such sender under email.senders; nothing is sent");
      engine.follow({ id, sender });
    },
    states: () => pools.all.map(({ name, up, note }) => ({ name: `mail:${name}`, ready: up, ...(note !== undefined && { note }) })),
    async close() {
      await wishes.close();
      await engine.close();
      await pools.close();
    },
  };
}

function watch(registry: Registry, engine: EmailEngine, pools: MailPools): void {
  const registers = [registry];
  new Gauge({
    name: "carillon_email_under_way",
    help: "Messages by e-mail that were taken on and have no end yet.",
    registers,
    collect() {
      this.set(engine.inHand);
    },
  });
  new Gauge({
    name: "carillon_mail_pool_up",
    help: "Whether messages may be sent over a mail pool: 1 or 0.",
    labelNames: ["pool"],
    registers,
    collect() {
      this.reset();
      for (const { name, up } of pools.all) this.set({ pool: name }, up ? 1 : 0);
    },
  });
}
