import { Counter, Gauge, type Registry } from "prom-client";
import type { Stores } from "../adapter/postgres/stores.ts";
import { openBinds } from "../adapter/smpp/binds.ts";
import type { ComponentState } from "../api/ports.ts";
import type { AttemptLog } from "../attempt/ports.ts";
import { WishEngine } from "../attempt/wish-engine.ts";
import type { Config } from "../config/schema.ts";
import { isCountry, readCountry, readNumber as readWritten } from "../contact/normalise.ts";
import type { Webhooks } from "../ivr/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { IncomingEngine } from "../sms/incoming-engine.ts";
import { KeywordCalls } from "../sms/keyword-call-engine.ts";
import { ReportEngine } from "../sms/report-engine.ts";
import { SmsEngine } from "../sms/sms-engine.ts";
import { TestTexts } from "../sms/test-engine.ts";
import { SmsWishes } from "../sms/wish-engine.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";
import { countedMessages } from "./message-metrics.ts";
import { pausing } from "./refused-campaigns.ts";

export interface MessagesParts {
  readonly config: Pick<Config, "contact" | "sms">;
  readonly stores: Pick<
    Stores,
    "incoming" | "keywordCalls" | "messageRules" | "messages" | "receipts" | "suppressions" | "templates" | "trunks" | "wishes"
  >;
  readonly attempts: Pick<AttemptLog, "effect">;
  readonly pass: Pick<PassEngine, "messages" | "onChange" | "order">;
  readonly webhooks: Webhooks;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Messages {
  readonly engine: SmsEngine;
  readonly tests: TestTexts;
  /** One for each bind. */
  components(): readonly ComponentState[];
  /** What has left gets its time; then the binds are let go. */
  close(): Promise<void>;
}

/** Messages by SMS: the binds, what leaves over them, what is reported and what people write. */
export function openMessages({
  config: { contact, sms: options },
  stores,
  attempts,
  pass,
  webhooks,
  metrics,
  clock,
  random,
  log: logger,
}: MessagesParts): Messages {
  const readNumber = numbersOf(contact.defaultCountry, options.binds);
  const log = countedMessages(metrics, stores.messages, "sms");
  const reports = new ReportEngine({ store: stores.receipts, endings: () => engine.endings, options, clock, logger });
  const binds = openBinds(
    options,
    { clock, random, log: logger, pace: stores.trunks, readNumber },
    {
      onReceipt: (receipt) => reports.take(receipt),
      onIncoming: (message) => incoming.take(message),
      onConfirmed: (message) => incoming.confirmed(message),
      onChange: () => engine.pump(),
    },
  );
  const engine = new SmsEngine({
    orders: pass.messages,
    log,
    templates: stores.templates,
    binds,
    rules: stores.messageRules,
    options,
    clock,
    logger,
    onRefused: pausing(pass, logger),
  });
  const withhold = log.withhold.bind(log);
  const incoming = new IncomingEngine({ store: stores.incoming, attempts, withhold, engine, rules: stores.messageRules, options, clock, logger });
  const calls = new KeywordCalls({ store: stores.keywordCalls, webhooks, clock, logger });
  const carrier = new SmsWishes({ engine, templates: stores.templates, log, options, clock });
  const wishes = new WishEngine({ store: stores.wishes, carrier, clock, log: logger });
  const unfollow = pass.onChange((campaign) => {
    if (campaign.channel !== "sms") return;
    if (campaign.state === "running") engine.follow({ campaignId: campaign.id, sender: campaign.sender });
    else engine.leave(campaign.id);
  });
  watch(metrics, { engine, reports, all: () => binds.all });
  return {
    engine,
    tests: new TestTexts({ templates: stores.templates, binds, suppressions: stores.suppressions, options, clock, random }),
    components: () => binds.all.map(({ name, up, note }) => ({ name: `bind:${name}`, ready: up, ...(note !== undefined && { note }) })),
    async close() {
      unfollow();
      // Whoever still writes is heard until the binds are down; what nobody could answer any more is brought again, or found by the next start.
      await wishes.close();
      // What an SMSC does not answer within a few seconds is given up with its connection: nobody who stops us waits for a silent one.
      await Promise.all([engine.close(), binds.close()]);
      await Promise.all([incoming.close(), reports.close(), calls.close()]);
    },
  };
}

/**
 * Numbers as people in a country write them.
 * @param home of those for which no country is named @throws Fault `config-invalid` where a bind names one that there is not
 */
function numbersOf(home: string, binds: Config["sms"]["binds"]): (written: string, country?: string) => string | undefined {
  for (const { name, country } of binds)
    if (country !== undefined && !isCountry(country))
      throw new Fault(
        "config-invalid",
        `country of sms.binds ${name}: “${country}” is no country; give its two letters (ISO 3166-1), such as US or GB.`,
      );
  return (written, country = home) => {
    const read = readWritten(written, readCountry(country));
    return "number" in read ? read.number : undefined;
  };
}

function watch(
  registry: Registry,
  { engine, reports, all }: { engine: SmsEngine; reports: ReportEngine; all: () => readonly { readonly name: string; readonly up: boolean }[] },
): void {
  const registers = [registry];
  new Gauge({
    name: "carillon_sms_under_way",
    help: "Messages by SMS that were taken on and have no end yet.",
    registers,
    collect() {
      this.set(engine.underWay);
    },
  });
  new Gauge({
    name: "carillon_bind_up",
    help: "Whether messages may be sent over a bind: 1 or 0.",
    labelNames: ["bind"],
    registers,
    collect() {
      this.reset();
      for (const { name, up } of all()) this.set({ bind: name }, up ? 1 : 0);
    },
  });
  new Counter({
    name: "carillon_sms_reports_total",
    help: "Reports of delivery: matched at once, or held because they fitted no message when they came.",
    labelNames: ["how"],
    registers,
    collect() {
      this.reset();
      this.inc({ how: "matched" }, reports.counts.matched);
      this.inc({ how: "held" }, reports.counts.held);
    },
  });
}
