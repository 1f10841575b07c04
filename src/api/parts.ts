import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from "fastify";
import type { Registry } from "prom-client";
import type { KeyStore } from "../access/ports.ts";
import type { DeskEngine } from "../agent/desk-engine.ts";
import type { AgentDirectory } from "../agent/ports.ts";
import type { PreviewEngine } from "../agent/preview-engine.ts";
import type { CampaignDesks } from "../agent/preview-ports.ts";
import type { AgentWork } from "../agent/work-engine.ts";
import type { IncomingMailReader } from "../email/mail-ports.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { MessageReader } from "../sms/reader-ports.ts";
import type { TrunkFacts } from "../strategy/new-campaign.ts";
import type { CampaignStore } from "../strategy/ports.ts";
import type { TemplateContacts, TemplateStore } from "../template/ports.ts";
import type { DeskCalls } from "../voice/desk-call.ts";
import type { CallControl } from "../voice/desk-call-engine.ts";
import type { NumberBook } from "../voice/number-ports.ts";
import type { Supervisions } from "../voice/supervision-engine.ts";
import type { TalkRecordings } from "../voice/talk-recording-engine.ts";
import type { AnswerKeeper } from "./answer-ports.ts";
import type { EmailControl } from "./email-ports.ts";
import type { Senders } from "./message-campaign.ts";
import type { PhoneControl } from "./phone-ports.ts";
import type { AbandonmentReader, AttemptReader, CampaignControl, Health, ImportRunner, ListReader } from "./ports.ts";
import type { ServerControl } from "./server-ports.ts";
import type { PoolView, RouteView, SettingControl } from "./setting-ports.ts";
import type { TimelineReader } from "./timeline-ports.ts";
import type { TrunkControl } from "./trunk-ports.ts";

/** All that the API stands on. */
export interface ApiParts {
  readonly keys: KeyStore;
  readonly lists: ListReader;
  readonly imports: ImportRunner;
  readonly campaigns: CampaignStore;
  readonly control: CampaignControl;
  readonly abandonment: AbandonmentReader;
  readonly publishing: ScriptCheckParts;
  readonly templates: TemplateStore;
  /** Whom campaigns that write may show themselves to be from. */
  readonly senders: Senders;
  readonly templateContacts: TemplateContacts;
  readonly attempts: AttemptReader;
  readonly incomingMails: IncomingMailReader;
  readonly messages: MessageReader;
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
  readonly email: EmailControl;
  /** Names of the caller id pools. */
  readonly callerIdPools?: readonly string[];
  /** For campaigns that do not say. */
  readonly defaultRingTimeoutMs: number;
  /** What /metrics shows; the API adds its own to it. */
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** Carillon's own, for the API document. */
  readonly version: string;
  /** From options.ts. */
  readonly maxRequestsPerMinute: number;
  /**
   * When the event loop is later than this, what can wait is refused (503): by then the calls in hand suffer (20 ms frames,
   * 100 ms from answer to first prompt). Default 500.
   */
  readonly maxEventLoopDelayMs?: number;
}

/** The Fastify instance that routes and plugins are given. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>;
