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
import { CampaignChangeEntity, CampaignEntity, PaceEntity, RefusalEntity, WorkEntity } from "./entity/campaign.ts";
import { AddressEntity, ContactEntity, ListEntity } from "./entity/contact.ts";
import { AnswerEntity, EffectEntity } from "./entity/effect.ts";
import { ServerDrainEntity, ServerSeenEntity } from "./entity/fleet.ts";
import { InboxProgressEntity, IncomingMailEntity } from "./entity/incoming-mail.ts";
import { KeptAnswerEntity } from "./entity/kept-answer.ts";
import { KeptSettingEntity } from "./entity/kept-setting.ts";
import {
  IncomingMessageEntity,
  IncomingPartEntity,
  MessageEntity,
  MessagePartEntity,
  MessageReceiptEntity,
  MessageUnresolvedEntity,
} from "./entity/message.ts";
import { NumberUseEntity } from "./entity/number-use.ts";
import { OwnNumberEntity } from "./entity/own-number.ts";
import { AbandonmentShareEntity, LiveAnswerEntity, PacerEntity } from "./entity/pacing.ts";
import { AgentPhoneEntity, PhoneBindingEntity, PhoneLegEntity, PhoneNonceEntity } from "./entity/phone.ts";
import { ScriptEntity, ScriptReleaseEntity, ScriptVersionEntity } from "./entity/script.ts";
import { SuppressionEntity } from "./entity/suppression.ts";
import { TemplateEntity, TemplateVersionEntity } from "./entity/template.ts";
import { TrunkEntity } from "./entity/trunk.ts";
import { TrunkLineEntity, TrunkPaceEntity } from "./entity/trunk-use.ts";

/** Every entity, named one by one: nothing is found by looking through directories. */
export const entities = [
  ListEntity,
  ContactEntity,
  AddressEntity,
  ScriptEntity,
  ScriptVersionEntity,
  ScriptReleaseEntity,
  TemplateEntity,
  TemplateVersionEntity,
  CampaignEntity,
  CampaignChangeEntity,
  LiveAnswerEntity,
  AbandonmentShareEntity,
  PacerEntity,
  WorkEntity,
  PaceEntity,
  RefusalEntity,
  AttemptEntity,
  AttemptEventEntity,
  NodeEntity,
  EffectEntity,
  AnswerEntity,
  SuppressionEntity,
  ApiKeyEntity,
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
];
