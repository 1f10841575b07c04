import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from "fastify";
import type { CountryCode } from "libphonenumber-js/max";
import type { Registry } from "prom-client";
import type { Logins } from "../access/login-engine.ts";
import type { PasswordRules } from "../access/options.ts";
import type { AuditStore, Changes, GroupReader, KeyStore } from "../access/ports.ts";
import type { Seals, SessionStore, UserStore } from "../access/user.ts";
import type { DeskEngine } from "../agent/desk-engine.ts";
import type { AgentDirectory } from "../agent/ports.ts";
import type { PreviewEngine } from "../agent/preview-engine.ts";
import type { CampaignDesks } from "../agent/preview-ports.ts";
import type { AgentWork } from "../agent/work-engine.ts";
import type { WrittenConversations } from "../agent/written-engine.ts";
import type { CalendarBook } from "../compliance/calendar-book-engine.ts";
import type { CalendarStore } from "../compliance/calendar-ports.ts";
import type { CapStore } from "../compliance/frequency-ports.ts";
import type { RuleBook } from "../compliance/rule-book-engine.ts";
import type { RuleStore } from "../compliance/rule-ports.ts";
import type { WhyReader } from "../compliance/why-ports.ts";
import type { FeedStore } from "../contact/feed-ports.ts";
import type { FeedOptions } from "../contact/options.ts";
import type { PersonStore } from "../contact/person-ports.ts";
import type { StagedImports } from "../contact/staged-engine.ts";
import type { MappingStore, StagedImportStore } from "../contact/staged-ports.ts";
import type { IncomingMailReader } from "../email/mail-ports.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import type { PromptParts } from "../ivr/prompt-upload-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { MaskingOptions, RetentionOptions } from "../privacy/options.ts";
import type { PrivacyStore, RetentionStore } from "../privacy/ports.ts";
import type { Reports } from "../report/report-engine.ts";
import type { MessageReader } from "../sms/reader-ports.ts";
import type { TestTexts } from "../sms/test-engine.ts";
import type { EventStore } from "../strategy/event-ports.ts";
import type { TrunkFacts } from "../strategy/new-campaign.ts";
import type { CampaignStore } from "../strategy/ports.ts";
import type { Preflights } from "../strategy/preflight-engine.ts";
import type { RuleTrials } from "../strategy/rule-trial-engine.ts";
import type { ScheduleStore } from "../strategy/schedule-ports.ts";
import type { StartStore } from "../strategy/start-ports.ts";
import type { StrategyCampaignStore } from "../strategy/strategy-campaign-ports.ts";
import type { StrategyStore } from "../strategy/strategy-ports.ts";
import type { TemplateContacts, TemplateStore } from "../template/ports.ts";
import type { DeskCalls } from "../voice/desk-call.ts";
import type { CallControl } from "../voice/desk-call-engine.ts";
import type { NumberBook } from "../voice/number-ports.ts";
import type { Supervisions } from "../voice/supervision-engine.ts";
import type { TalkRecordings } from "../voice/talk-recording-engine.ts";
import type { WebhookControl } from "../webhook/control-ports.ts";
import type { StreamReader } from "../webhook/stream-ports.ts";
import type { AnswerKeeper } from "./answer-ports.ts";
import type { EmailControl } from "./email-ports.ts";
import type { LookupParts } from "./lookup-ports.ts";
import type { WritingMeans } from "./means-ports.ts";
import type { Senders } from "./message-campaign.ts";
import type { MessageRulesParts } from "./message-rules.ts";
import type { PhoneControl } from "./phone-ports.ts";
import type { AbandonmentReader, AttemptReader, CampaignControl, Health, ImportRunner, ListReader } from "./ports.ts";
import type { SafeguardParts } from "./safeguard-ports.ts";
import type { ServerControl } from "./server-ports.ts";
import type { PoolView, RouteView, SettingControl } from "./setting-ports.ts";
import type { TimelineReader } from "./timeline-ports.ts";
import type { TrunkControl } from "./trunk-ports.ts";

/** All that the API stands on. */
export interface ApiParts {
  readonly keys: KeyStore;
  /** What belongs to which groups, for callers that are limited to some. */
  readonly groups: GroupReader;
  readonly audit: AuditStore;
  readonly changes: Changes;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly logins: Logins;
  /** What passwords that are chosen are held against. */
  readonly passwordRules: PasswordRules;
  readonly seals: Seals;
  readonly safeguards: SafeguardParts;
  readonly reports: Reports;
  readonly lists: ListReader;
  readonly imports: ImportRunner;
  readonly people: PersonStore;
  readonly staged: StagedImportStore & MappingStore;
  readonly stagedImports: StagedImports;
  /** Those of this server's configuration, and what all nodes know of them. */
  readonly feeds: { readonly options: readonly FeedOptions[]; readonly store: Pick<FeedStore, "list" | "runs" | "ask"> };
  readonly lookups: LookupParts;
  readonly privacy: {
    readonly people: PrivacyStore;
    readonly retention: Pick<RetentionStore, "passes">;
    readonly retentionOptions: RetentionOptions;
  };
  readonly masking: MaskingOptions;
  /** Of numbers that are written without one. */
  readonly defaultCountry: CountryCode;
  readonly campaigns: CampaignStore;
  readonly control: CampaignControl;
  readonly abandonment: AbandonmentReader;
  /** The account's own holiday calendars. `look`: what has changed holds here. */
  readonly calendars: { readonly store: CalendarStore; readonly book: Pick<CalendarBook, "look"> };
  readonly caps: CapStore;
  /** The account's own rules. `look`: what has changed holds here. */
  readonly rules: { readonly store: RuleStore; readonly book: Pick<RuleBook, "look">; readonly trials: Pick<RuleTrials, "try" | "backtest"> };
  readonly whys: WhyReader;
  readonly preflights: Pick<Preflights, "run">;
  readonly publishing: ScriptCheckParts;
  readonly prompts: PromptParts;
  readonly templates: TemplateStore;
  readonly strategies: StrategyStore;
  readonly strategyCampaigns: StrategyCampaignStore;
  readonly schedules: ScheduleStore;
  /** Of campaigns over long lists. */
  readonly starts: Pick<StartStore, "promise">;
  /** What happened outside. */
  readonly events: EventStore;
  /** Whom campaigns that write may show themselves to be from. */
  readonly senders: Senders;
  readonly means: WritingMeans;
  readonly templateContacts: TemplateContacts;
  readonly attempts: AttemptReader;
  readonly incomingMails: IncomingMailReader;
  readonly messageRules: MessageRulesParts;
  readonly messages: MessageReader;
  readonly textTests: Pick<TestTexts, "send">;
  /** What people write that no keyword answers. */
  readonly written: Pick<WrittenConversations, "all" | "read" | "list" | "show" | "take" | "putBack" | "reply" | "dispose">;
  readonly timelines: TimelineReader;
  readonly answers: AnswerKeeper;
  readonly agents: {
    readonly directory: AgentDirectory;
    readonly desks: DeskEngine;
    readonly work: AgentWork;
    readonly calls: DeskCalls;
    readonly conversations: CallControl;
    readonly recordings: TalkRecordings;
    readonly supervisions: Supervisions;
    readonly campaignDesks: CampaignDesks;
    readonly previews: PreviewEngine;
  };
  readonly health: Health;
  /** What campaigns may dial over; looked at anew each time. */
  readonly trunks: readonly TrunkFacts[];
  /** Why nobody can be called with what a campaign names, for people; undefined where there is a trunk, and a number to show. */
  readonly noWay: (trunk: string, callerId: string) => string | undefined;
  readonly trunkControl: TrunkControl;
  readonly routes: SettingControl<RouteView>;
  readonly pools: SettingControl<PoolView>;
  readonly servers: ServerControl;
  readonly phones: PhoneControl;
  readonly numbers: NumberBook;
  readonly webhooks: WebhookControl;
  readonly stream: StreamReader;
  readonly email: EmailControl;
  /** Names of the caller id pools. */
  readonly callerIdPools?: readonly string[];
  /** For campaigns that do not say. */
  readonly defaultRingTimeoutMs: number;
  /** What /metrics shows; the API adds its own to it. */
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an answer waits for a campaign to start. Default: answer-soon.ts. */
  readonly startAnswerMs?: number;
  /** Carillon's own, for the API document. */
  readonly version: string;
  /** From options.ts. */
  readonly maxRequestsPerMinute: number;
  /** Networks of proxies that say whom a request is from; default none. */
  readonly trustedProxies?: readonly string[];
  /** What HTTPS is spoken with, PEM; without it HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Of pages that may open the agents' WebSocket, beside our own. */
  readonly origins?: readonly string[];
  /** Whether the document is shown at /docs and /openapi.json; default true. */
  readonly documentation?: boolean;
  /**
   * When the event loop is later than this, what can wait is refused (503): by then the calls in hand suffer (20 ms frames,
   * 100 ms from answer to first prompt). Default 500; 0 refuses nothing.
   */
  readonly maxEventLoopDelayMs?: number;
}

/** The Fastify instance that routes and plugins are given. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>;
