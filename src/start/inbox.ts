import { Counter, type Registry } from "prom-client";
import { MailboxReader } from "../adapter/imap/mailbox-reader.ts";
import { headOnly } from "../adapter/mailparser/read-mail.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import { MailPool } from "../adapter/reader/mail-pool.ts";
import { Receiver } from "../adapter/smtp-in/receiver.ts";
import type { ComponentState } from "../api/ports.ts";
import { splitMailbox } from "../email/address.ts";
import { isOwnMailbox } from "../email/answer.ts";
import { InboxEngine } from "../email/inbox-engine.ts";
import type { EmailOptions } from "../email/options.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

export interface InboxParts {
  readonly options: EmailOptions;
  readonly stores: Pick<Stores, "mails">;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Inbox {
  /** @throws Fault `port-unavailable` */
  start(): Promise<void>;
  /** One for each mailbox and receiver. */
  states(): readonly ComponentState[];
  /** What is being kept is kept. */
  close(): Promise<void>;
}

/** The worst of mails takes a second or two; one that is given up for a busy machine's sake would be an opt-out that nobody reads. */
const readWithinMs = 60_000;

/** What comes back by e-mail: mailboxes that are read, servers of ours that take mail in. */
export function openInbox({ options, stores, metrics, clock, log }: InboxParts): Inbox {
  const { key = "", senders, mailboxes, receivers, agentGroup } = options;
  const domains = senders.flatMap(({ mailbox, bounceDomain, replyDomain }) => [splitMailbox(mailbox)?.domain ?? "", bounceDomain, replyDomain ?? ""]);
  const isOurs = (mailbox: string) => isOwnMailbox(mailbox, senders);
  const judge = { key, domains: domains.filter((domain) => domain !== ""), isOurs };
  // Started with the first mail. Whoever hands one over waits for it, so no more can wait than there are connections.
  const mostWaiting = receivers.reduce((sum, { maxConnections }) => sum + maxConnections, mailboxes.length);
  const reader = new MailPool({ clock, log, headOnly, module: new URL("./mail-reader.ts", import.meta.url), timeoutMs: readWithinMs, mostWaiting });
  const engine = new InboxEngine({ read: reader.read, store: stores.mails, judge, agentGroup, clock, log });
  const common = { take: engine.take, clock, log };
  const readers = mailboxes.map((mailbox) => new MailboxReader({ ...common, options: mailbox, store: stores.mails }));
  const servers = receivers.map((receiver) => new Receiver({ ...common, options: receiver }));
  new Counter({
    name: "carillon_incoming_mails_total",
    help: "E-mails that came in, by what they were; repeated: they had been kept before.",
    labelNames: ["kind"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const [kind, count] of engine.counts) this.inc({ kind }, count);
    },
  });
  return {
    async start() {
      for (const server of servers) await server.listen();
      for (const reader of readers) reader.start();
    },
    states: () =>
      [...readers, ...servers].map(({ state: { name, up, note } }) => ({ name: `inbox:${name}`, ready: up, ...(note !== undefined && { note }) })),
    async close() {
      await Promise.all([...readers, ...servers].map((each) => each.close()));
      await reader.close();
    },
  };
}
