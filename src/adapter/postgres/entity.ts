import { AccountCalendarEntity } from "./entity/account-calendar.ts";
import { AccountRuleEntity } from "./entity/account-rule.ts";
import {
  AgentDeskEntity,
  AgentEntity,
  AgentGroupEntity,
  AgentLogEntity,
  CallbackEntity,
  CampaignDeskEntity,
  DispositionEntity,
  DispositionSetEntity,
  GroupCampaignEntity,
  MembershipEntity,
  NoteEntity,
  ReasonCodeEntity,
} from "./entity/agent.ts";
import { ApiKeyEntity } from "./entity/api-key.ts";
import { AttemptEntity, AttemptEventEntity, NodeEntity } from "./entity/attempt.ts";
import { AuditEntity } from "./entity/audit.ts";
import { CampaignChangeEntity, CampaignEntity, PaceEntity, RefusalEntity, WorkEntity } from "./entity/campaign.ts";
import { CampaignMessageEntity, KeywordCallEntity, MessageClickEntity } from "./entity/campaign-message.ts";
import { CampaignRunEntity, CampaignScheduleEntity } from "./entity/campaign-schedule.ts";
import { CampaignStartEntity } from "./entity/campaign-start.ts";
import { CampaignSafeguardEntity, ConsentEntity, EvidenceSaltEntity } from "./entity/consent.ts";
import { AddressEntity, ContactEntity, ListEntity } from "./entity/contact.ts";
import { ConversationEntity, ConversationReplyEntity } from "./entity/conversation.ts";
import { AnswerEntity, EffectEntity } from "./entity/effect.ts";
import { FeedEntity, FeedRunEntity } from "./entity/feed.ts";
import { ServerDrainEntity, ServerSeenEntity } from "./entity/fleet.ts";
import { FrequencyCapEntity, LegalReachEntity } from "./entity/frequency-cap.ts";
import { ImportEntity, ImportMappingEntity, ImportPieceEntity } from "./entity/import.ts";
import { InboxProgressEntity, IncomingMailEntity } from "./entity/incoming-mail.ts";
import { KeptAnswerEntity } from "./entity/kept-answer.ts";
import { KeptSettingEntity } from "./entity/kept-setting.ts";
import { LookupAnswerEntity, LookupEntity, LookupRunContactEntity, LookupRunEntity, LookupWaitEntity } from "./entity/lookup.ts";
import {
  IncomingMessageEntity,
  IncomingPartEntity,
  IncomingUnconfirmedEntity,
  MessageEntity,
  MessagePartEntity,
  MessageReceiptEntity,
  MessageUnresolvedEntity,
} from "./entity/message.ts";
import { NumberUseEntity } from "./entity/number-use.ts";
import { OwnNumberEntity } from "./entity/own-number.ts";
import { AbandonmentShareEntity, HeldOutEntity, LiveAnswerEntity, PacerEntity } from "./entity/pacing.ts";
import { AgentPhoneEntity, PhoneBindingEntity, PhoneLegEntity, PhoneNonceEntity } from "./entity/phone.ts";
import { ErasureEntity, RecordingEntity, RetentionTallyEntity } from "./entity/privacy.ts";
import { PromptVersionEntity } from "./entity/prompt.ts";
import {
  ReportAgentCountEntity,
  ReportAgentEntity,
  ReportAgentWordEntity,
  ReportCountEntity,
  ReportDeltaEntity,
  ReportSecondLegEntity,
  ReportWordDeltaEntity,
  ReportWordEntity,
} from "./entity/report.ts";
import { ScriptEntity, ScriptReleaseEntity, ScriptVersionEntity } from "./entity/script.ts";
import { SecondLegEntity } from "./entity/second-leg.ts";
import { StrategyEntity, StrategyVersionEntity } from "./entity/strategy.ts";
import { EventContactEntity, EventEntity, StrategyCampaignChangeEntity, StrategyCampaignEntity } from "./entity/strategy-campaign.ts";
import { CampaignSuppressionListEntity, SuppressionEntity, SuppressionListEntity, SuppressionLoadEntity } from "./entity/suppression.ts";
import { TemplateEntity, TemplateVersionEntity } from "./entity/template.ts";
import { TrunkEntity } from "./entity/trunk.ts";
import { TrunkLineEntity, TrunkPaceEntity } from "./entity/trunk-use.ts";
import { InvitationEntity, LoginFailureEntity, UserEntity, UserSessionEntity } from "./entity/user.ts";
import { ListeningEntity, StreamEventEntity, WebhookEntity, WebhookMessageEntity } from "./entity/webhook.ts";

/** Every entity, named one by one: nothing is found by looking through directories. */
export const entities = [
  ListEntity,
  ContactEntity,
  AddressEntity,
  ImportEntity,
  ImportPieceEntity,
  ImportMappingEntity,
  ScriptEntity,
  ScriptVersionEntity,
  PromptVersionEntity,
  ScriptReleaseEntity,
  TemplateEntity,
  TemplateVersionEntity,
  StrategyEntity,
  StrategyVersionEntity,
  CampaignEntity,
  CampaignChangeEntity,
  LiveAnswerEntity,
  HeldOutEntity,
  AbandonmentShareEntity,
  PacerEntity,
  WorkEntity,
  PaceEntity,
  StrategyCampaignEntity,
  StrategyCampaignChangeEntity,
  EventEntity,
  EventContactEntity,
  RefusalEntity,
  AttemptEntity,
  AttemptEventEntity,
  NodeEntity,
  EffectEntity,
  AnswerEntity,
  SuppressionEntity,
  SuppressionListEntity,
  SuppressionLoadEntity,
  ConsentEntity,
  EvidenceSaltEntity,
  CampaignSafeguardEntity,
  CampaignScheduleEntity,
  CampaignStartEntity,
  CampaignRunEntity,
  CampaignSuppressionListEntity,
  FrequencyCapEntity,
  LegalReachEntity,
  AccountCalendarEntity,
  AccountRuleEntity,
  ApiKeyEntity,
  UserEntity,
  InvitationEntity,
  UserSessionEntity,
  LoginFailureEntity,
  AuditEntity,
  KeptAnswerEntity,
  KeptSettingEntity,
  IncomingMailEntity,
  InboxProgressEntity,
  NumberUseEntity,
  OwnNumberEntity,
  ServerDrainEntity,
  ServerSeenEntity,
  TrunkEntity,
  TrunkLineEntity,
  TrunkPaceEntity,
  AgentEntity,
  AgentGroupEntity,
  MembershipEntity,
  GroupCampaignEntity,
  ReasonCodeEntity,
  DispositionSetEntity,
  CampaignDeskEntity,
  AgentDeskEntity,
  AgentLogEntity,
  DispositionEntity,
  NoteEntity,
  CallbackEntity,
  AgentPhoneEntity,
  PhoneBindingEntity,
  PhoneLegEntity,
  PhoneNonceEntity,
  MessageEntity,
  MessageUnresolvedEntity,
  MessagePartEntity,
  MessageReceiptEntity,
  IncomingMessageEntity,
  IncomingPartEntity,
  IncomingUnconfirmedEntity,
  CampaignMessageEntity,
  MessageClickEntity,
  KeywordCallEntity,
  ConversationEntity,
  ConversationReplyEntity,
  ReportCountEntity,
  ReportDeltaEntity,
  ReportAgentCountEntity,
  ReportAgentWordEntity,
  ReportWordEntity,
  ReportWordDeltaEntity,
  ReportAgentEntity,
  SecondLegEntity,
  ReportSecondLegEntity,
  WebhookEntity,
  WebhookMessageEntity,
  FeedEntity,
  FeedRunEntity,
  LookupEntity,
  LookupAnswerEntity,
  LookupWaitEntity,
  LookupRunEntity,
  LookupRunContactEntity,
  StreamEventEntity,
  ListeningEntity,
  ErasureEntity,
  RecordingEntity,
  RetentionTallyEntity,
];
