import type pg from "pg";
import { databaseFault } from "./faults.ts";
import { openEntities } from "./orm.ts";
import { openChangePool, openHotPool, openPools } from "./pools.ts";
import { PostgresAbandonmentLedger } from "./repository/abandonment-ledger.ts";
import { PostgresAgentContacts } from "./repository/agent-contacts.ts";
import { PostgresDeskStore } from "./repository/agent-desk-store.ts";
import { PostgresAgentDirectory } from "./repository/agent-directory.ts";
import { PostgresAnswerKeeper } from "./repository/answer-keeper.ts";
import { PostgresAttemptLog } from "./repository/attempt-log.ts";
import { PostgresAttemptReader } from "./repository/attempt-reader.ts";
import { PostgresAuditStore } from "./repository/audit-store.ts";
import { PostgresCalendarStore } from "./repository/calendar-store.ts";
import { PostgresCallbackStore } from "./repository/callback-store.ts";
import { PostgresCampaignDeskStore } from "./repository/campaign-desk-store.ts";
import { CampaignStarter } from "./repository/campaign-starter.ts";
import { PostgresCampaignStore } from "./repository/campaign-store.ts";
import { PostgresCandidateReader } from "./repository/candidate-reader.ts";
import { ChangeLog } from "./repository/change.ts";
import { PostgresClickStore } from "./repository/click-store.ts";
import { PostgresConsentStore } from "./repository/consent-store.ts";
import { PostgresContactStore } from "./repository/contact-store.ts";
import { PostgresEventStore } from "./repository/event-store.ts";
import { evidenceOption, sealEvidenceKey } from "./repository/evidence-key.ts";
import { PostgresFeedStore } from "./repository/feed-store.ts";
import { PostgresCapStore } from "./repository/frequency-store.ts";
import { PostgresGroupReader } from "./repository/group-reader.ts";
import { PostgresInboundStore } from "./repository/inbound-store.ts";
import { PostgresIncomingStore } from "./repository/incoming-store.ts";
import { PostgresKeyStore } from "./repository/key-store.ts";
import { PostgresKeywordCalls } from "./repository/keyword-call-store.ts";
import { PostgresListReader } from "./repository/list-reader.ts";
import { PostgresLookupRuns } from "./repository/lookup-run-store.ts";
import { PostgresLookupStore } from "./repository/lookup-store.ts";
import { PostgresMailReader } from "./repository/mail-reader.ts";
import { PostgresMailStore } from "./repository/mail-store.ts";
import { PostgresMessageLog } from "./repository/message-log.ts";
import { PostgresMessageReader } from "./repository/message-reader.ts";
import { PostgresMessageRules } from "./repository/message-rules-store.ts";
import { PostgresNodeRegistry } from "./repository/node-registry.ts";
import { PostgresNumberStore } from "./repository/number-store.ts";
import { PostgresPacerStore } from "./repository/pacer-store.ts";
import { PostgresPersonStore } from "./repository/person-store.ts";
import { PostgresPhoneStore } from "./repository/phone-store.ts";
import { PostgresPrivacyStore } from "./repository/privacy-store.ts";
import { PostgresPrompts } from "./repository/prompt-store.ts";
import { PostgresReceiptStore } from "./repository/receipt-store.ts";
import { PostgresRegistrarStore } from "./repository/registrar-store.ts";
import { PostgresReportStore } from "./repository/report-store.ts";
import { PostgresRuleStore } from "./repository/rule-store.ts";
import { PostgresSafeguardStore } from "./repository/safeguard-store.ts";
import { PostgresScheduleStore } from "./repository/schedule-store.ts";
import { PostgresScriptStore } from "./repository/script-store.ts";
import { PostgresSecondLegStore } from "./repository/second-leg-store.ts";
import { PostgresServerStore } from "./repository/server-store.ts";
import { PostgresLoginGuard, PostgresSessionStore } from "./repository/session-store.ts";
import { PostgresSettingStore } from "./repository/setting-store.ts";
import { PostgresSingleStore } from "./repository/single-store.ts";
import { Spool } from "./repository/spool.ts";
import { PostgresStagedImports } from "./repository/staged-store.ts";
import { PostgresStartStore } from "./repository/start-store.ts";
import { PostgresStrategyCampaignStore } from "./repository/strategy-campaign-store.ts";
import { PostgresStrategies } from "./repository/strategy-store.ts";
import { PostgresStreamReader } from "./repository/stream-reader.ts";
import { PostgresSuppressionStore } from "./repository/suppression-store.ts";
import { PostgresTemplateContacts } from "./repository/template-contacts.ts";
import { PostgresTemplates } from "./repository/template-store.ts";
import { PostgresTimelineReader } from "./repository/timeline-reader.ts";
import { PostgresTrunkLedger } from "./repository/trunk-ledger.ts";
import { PostgresTrunkStore } from "./repository/trunk-store.ts";
import { PostgresUserStore } from "./repository/user-store.ts";
import { PostgresOutbox } from "./repository/webhook-outbox.ts";
import { PostgresWebhookStore } from "./repository/webhook-store.ts";
import { PostgresWishStore } from "./repository/wish-store.ts";
import { PostgresWorkStore } from "./repository/work-store.ts";
import { PostgresWrittenStore } from "./repository/written-store.ts";
import type { StoresOptions } from "./stores-options.ts";

export type { StoresOptions };

/** Every store port, on one database. The schema must be there: `migrate` makes it. */
export interface Stores {
  readonly abandonment: PostgresAbandonmentLedger;
  readonly agentContacts: PostgresAgentContacts;
  readonly agents: PostgresAgentDirectory;
  readonly answers: PostgresAnswerKeeper;
  readonly attempts: PostgresAttemptLog;
  readonly attemptReader: PostgresAttemptReader;
  readonly audit: PostgresAuditStore;
  readonly calendars: PostgresCalendarStore;
  readonly callbacks: PostgresCallbackStore;
  readonly candidates: PostgresCandidateReader;
  readonly caps: PostgresCapStore;
  readonly changes: ChangeLog;
  readonly campaignDesks: PostgresCampaignDeskStore;
  readonly campaigns: PostgresCampaignStore;
  readonly consents: PostgresConsentStore;
  readonly clicks: PostgresClickStore;
  readonly contacts: PostgresContactStore;
  readonly keptSettings: PostgresSettingStore;
  readonly keptTrunks: PostgresTrunkStore;
  readonly desks: PostgresDeskStore;
  readonly groups: PostgresGroupReader;
  readonly guard: PostgresLoginGuard;
  readonly sessions: PostgresSessionStore;
  readonly users: PostgresUserStore;
  readonly inbound: PostgresInboundStore;
  readonly feeds: PostgresFeedStore;
  readonly incoming: PostgresIncomingStore;
  readonly keys: PostgresKeyStore;
  readonly keywordCalls: PostgresKeywordCalls;
  readonly lists: PostgresListReader;
  readonly lookups: PostgresLookupStore;
  readonly lookupRuns: PostgresLookupRuns;
  readonly mailReader: PostgresMailReader;
  readonly mails: PostgresMailStore;
  readonly messageReader: PostgresMessageReader;
  readonly messageRules: PostgresMessageRules;
  readonly messages: PostgresMessageLog;
  readonly numbers: PostgresNumberStore;
  readonly phones: PostgresPhoneStore;
  readonly people: PostgresPersonStore;
  readonly pacers: PostgresPacerStore;
  readonly privacy: PostgresPrivacyStore;
  readonly prompts: PostgresPrompts;
  readonly receipts: PostgresReceiptStore;
  readonly registry: PostgresNodeRegistry;
  readonly reports: PostgresReportStore;
  readonly rules: PostgresRuleStore;
  readonly safeguards: PostgresSafeguardStore;
  readonly schedules: PostgresScheduleStore;
  readonly scripts: PostgresScriptStore;
  readonly registrar: PostgresRegistrarStore;
  readonly secondLegs: PostgresSecondLegStore;
  readonly servers: PostgresServerStore;
  readonly singles: PostgresSingleStore;
  readonly staged: PostgresStagedImports;
  readonly strategies: PostgresStrategies;
  readonly starts: PostgresStartStore;
  readonly strategyCampaigns: PostgresStrategyCampaignStore;
  readonly events: PostgresEventStore;
  readonly stream: PostgresStreamReader;
  readonly suppressions: PostgresSuppressionStore;
  readonly templateContacts: PostgresTemplateContacts;
  readonly templates: PostgresTemplates;
  readonly timelines: PostgresTimelineReader;
  readonly outbox: PostgresOutbox;
  readonly trunks: PostgresTrunkLedger;
  readonly webhooks: PostgresWebhookStore;
  readonly wishes: PostgresWishStore;
  readonly work: PostgresWorkStore;
  readonly written: PostgresWrittenStore;
  /** For reads that no store has, e.g. a summary. */
  readonly pool: pg.Pool;
  /** The connections of `openHotPool`. */
  readonly hot: pg.Pool;
  /** Seals the key of the hashes of people where that is due. @returns whether it was */
  sealEvidence(): Promise<boolean>;
  /** How many opt-outs and results are on this machine's disk and not in the database yet. */
  unwritten(): number;
  /** Whether the database answers; never rejects. */
  check(): Promise<{ readonly ready: boolean; readonly note?: string }>;
  /** Writes what waits and closes every connection. */
  close(): Promise<void>;
}

/** @throws Fault `database-unreachable` (retryable), `database-refused`, `spool-unusable`, `evidence-key-sealed` */
export async function openStores({ url, log, clock, node, poolSize = 8, ...more }: StoresOptions): Promise<Stores> {
  const { beginWindowMs, recordWindowMs, leaseMs, spoolFile, seals } = more;
  const evidence = await evidenceOption(url, seals);
  const { pool, loads } = openPools(url, node, poolSize, evidence);
  const changing = openChangePool(pool);
  const hot = openHotPool(pool, evidence);
  // A connection that breaks while nobody uses it is replaced at the next use; without a listener it would end the process.
  // One that breaks while it is being closed has done its work.
  let closed: Promise<void> | undefined;
  for (const each of [pool, hot, loads, changing])
    each.on("error", (error) => closed ?? log.warn({ reason: error.message }, "a database connection broke"));
  // The same for one that breaks while a transaction has it: its next statement fails, which is enough.
  for (const each of [pool, hot, loads, changing]) each.on("connect", (client) => client.on("error", () => undefined));
  const entities = openEntities(url, evidence);
  let spool: Spool | undefined;
  try {
    await pool.query("select 1");
    spool = spoolFile === undefined ? undefined : await Spool.open(spoolFile, log);
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw databaseFault(error, "open the database");
  }
  const logParts = {
    pool: hot,
    clock,
    log,
    ...(beginWindowMs !== undefined && { beginWindowMs }),
    ...(recordWindowMs !== undefined && { recordWindowMs }),
    ...(spool && { spool }),
  };
  const attempts = new PostgresAttemptLog(logParts);
  await attempts.replay();
  const messages = new PostgresMessageLog(logParts);
  await messages.replay();
  const receipts = new PostgresReceiptStore(hot, clock, recordWindowMs, messages);
  const registry = new PostgresNodeRegistry({ pool, ...(leaseMs !== undefined && { leaseMs }) });
  const changes = new ChangeLog(changing);
  const admin = changes.over(pool);
  const starter = new CampaignStarter(admin, loads, pool, clock, more.starts);
  const campaigns = new PostgresCampaignStore(entities, admin, clock, starter);
  const strategies = new PostgresStrategies(admin, clock);
  return {
    abandonment: new PostgresAbandonmentLedger(pool, node ?? ""),
    agentContacts: new PostgresAgentContacts(pool),
    agents: new PostgresAgentDirectory(admin, clock),
    answers: new PostgresAnswerKeeper(pool, registry, node ?? ""),
    attempts,
    attemptReader: new PostgresAttemptReader(pool),
    audit: new PostgresAuditStore(pool),
    calendars: new PostgresCalendarStore(admin, clock),
    callbacks: new PostgresCallbackStore(admin),
    candidates: new PostgresCandidateReader(pool),
    caps: new PostgresCapStore(admin, clock),
    changes,
    campaignDesks: new PostgresCampaignDeskStore(admin),
    campaigns,
    consents: new PostgresConsentStore(admin, loads, clock),
    clicks: new PostgresClickStore(pool),
    contacts: new PostgresContactStore(changes.over(loads), clock),
    keptSettings: new PostgresSettingStore(admin, clock),
    keptTrunks: new PostgresTrunkStore(admin, clock),
    desks: new PostgresDeskStore(pool, registry, node ?? ""),
    groups: new PostgresGroupReader(pool),
    guard: new PostgresLoginGuard(pool, clock),
    sessions: new PostgresSessionStore(admin, clock),
    users: new PostgresUserStore(admin, clock),
    inbound: new PostgresInboundStore(pool, clock, registry, node ?? ""),
    feeds: new PostgresFeedStore(admin, clock, node ?? ""),
    incoming: new PostgresIncomingStore(pool, node ?? ""),
    keys: new PostgresKeyStore(admin, clock),
    keywordCalls: new PostgresKeywordCalls(pool),
    lists: new PostgresListReader(pool),
    lookups: new PostgresLookupStore(pool),
    lookupRuns: new PostgresLookupRuns(admin, node ?? ""),
    mailReader: new PostgresMailReader(pool),
    mails: new PostgresMailStore(pool),
    messageReader: new PostgresMessageReader(pool),
    messageRules: new PostgresMessageRules(admin, clock),
    messages,
    numbers: new PostgresNumberStore(admin),
    phones: new PostgresPhoneStore(admin, clock, registry, node ?? ""),
    people: new PostgresPersonStore(admin, clock),
    pacers: new PostgresPacerStore(pool, node ?? "", log),
    privacy: new PostgresPrivacyStore(pool, loads, clock),
    prompts: new PostgresPrompts(admin, clock),
    receipts,
    registry,
    reports: new PostgresReportStore(pool, loads),
    rules: new PostgresRuleStore(admin, clock),
    safeguards: new PostgresSafeguardStore(admin, clock),
    schedules: new PostgresScheduleStore(admin, clock),
    scripts: new PostgresScriptStore(admin, clock),
    servers: new PostgresServerStore(admin),
    registrar: new PostgresRegistrarStore(pool, clock),
    secondLegs: new PostgresSecondLegStore(pool, registry, node ?? ""),
    staged: new PostgresStagedImports(pool, clock),
    singles: new PostgresSingleStore(pool, registry, node ?? ""),
    strategies,
    events: new PostgresEventStore(pool, clock, strategies),
    starts: new PostgresStartStore(pool, starter),
    strategyCampaigns: new PostgresStrategyCampaignStore(admin, clock, campaigns, starter),
    stream: new PostgresStreamReader(pool),
    suppressions: new PostgresSuppressionStore(admin, loads, clock),
    templateContacts: new PostgresTemplateContacts(pool),
    templates: new PostgresTemplates(admin, clock),
    timelines: new PostgresTimelineReader(pool),
    outbox: new PostgresOutbox(pool),
    trunks: new PostgresTrunkLedger(hot, node ?? ""),
    webhooks: new PostgresWebhookStore(admin),
    wishes: new PostgresWishStore(pool, node ?? ""),
    work: new PostgresWorkStore(hot, registry),
    written: new PostgresWrittenStore(pool, node ?? ""),
    pool,
    hot,
    sealEvidence: async () => seals !== undefined && (await sealEvidenceKey(loads, seals)),
    unwritten: () => spool?.size ?? 0,
    async check() {
      try {
        await pool.query("select 1");
        return { ready: true };
      } catch (error) {
        return { ready: false, note: databaseFault(error, "ask the database").message };
      }
    },
    close() {
      closed ??= (async () => {
        await attempts.close(Promise.all([messages.close(), receipts.close()]));
        await Promise.all([pool.end(), hot.end(), loads.end(), changing.end(), entities.close()]);
      })();
      return closed;
    },
  };
}
