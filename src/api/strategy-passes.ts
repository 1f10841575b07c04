import { isPacedForAgents } from "../attempt/calling-mode.ts";
import type { MessageChannel } from "../attempt/message-ports.ts";
import type { LookupStore } from "../contact/lookup/ports.ts";
import { agentScriptRefused } from "../ivr/agent-script-engine.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { checkCampaign, checkMessageCampaign, type TrunkFacts, windowOf } from "../strategy/new-campaign.ts";
import type { NewMessageCampaign, NewVoiceCampaign } from "../strategy/ports.ts";
import type { MessagePass, Strategy, VoicePass } from "../strategy/strategy.ts";
import type { NewPass } from "../strategy/strategy-campaign-ports.ts";
import type { TemplateStore } from "../template/ports.ts";
import { refusal } from "../voice/amd/campaign.ts";
import { pacingRefused } from "../voice/pacing/campaign.ts";
import { messageFacts, type Senders } from "./message-campaign.ts";
import type { ProblemPlace } from "./problem.ts";
import { passPointer } from "./strategy-rules.ts";

/** Where what the passes of a strategy name is found. */
export interface PassParts {
  readonly publishing: Pick<ScriptCheckParts, "store" | "reader">;
  readonly templates: TemplateStore;
  readonly trunks: readonly TrunkFacts[];
  readonly callerIdPools?: readonly string[];
  readonly senders: Senders;
  /** Absent: no pass may want one. */
  readonly lookups?: { readonly options: readonly { readonly name: string }[]; readonly store: Pick<LookupStore, "ready"> };
}

/** What a strategy is carried out on. */
export interface PassWish {
  readonly name: string;
  readonly listId: string;
  readonly defaultTimeZone: string;
}

/** The campaigns of a strategy's passes, and all that keeps them from being made; pointers are into the strategy. */
export async function passesOf(wish: PassWish, strategy: Strategy, parts: PassParts) {
  const faults: ProblemPlace[] = [];
  const passes: NewPass[] = [];
  const wants = strategy.passes.some(({ lookups }) => lookups !== undefined);
  const { options = [], store } = parts.lookups ?? {};
  const known = wants ? [...options.map(({ name }) => name), ...((await store?.ready()) ?? [])] : [];
  for (const pass of strategy.passes) {
    const any = {
      ...{ name: `${wish.name}/${pass.name}`, listId: wish.listId, defaultTimeZone: wish.defaultTimeZone },
      ...{ maxCps: pass.maxCps, window: windowOf(pass) },
    };
    const wrong = (field: string, message: string) => faults.push({ pointer: passPointer(pass.name, field), message });
    const campaign = "script" in pass ? await calling(any, pass, parts, wrong) : await writing(any, pass, pass.channel, parts, wrong);
    const { lookups, laws } = pass;
    for (const [at, name] of (lookups ?? []).entries())
      if (!known.includes(name))
        faults.push({
          pointer: pointerTo(passPointer(pass.name, "lookups"), String(at)),
          message: `no server has a look-up ${name} now: it must stand under lookups: in the configuration of one that runs`,
        });
    passes.push({ campaign, pass: pass.name, addressKinds: pass.addresses, order: pass.order, ...(lookups && { lookups }), ...(laws && { laws }) });
  }
  return { passes, faults };
}

type Any = Pick<NewVoiceCampaign, "name" | "listId" | "defaultTimeZone" | "maxCps" | "window">;
type Wrong = (field: string, message: string) => void;

async function calling(any: Any, pass: VoicePass, { publishing, trunks, callerIdPools }: PassParts, wrong: Wrong): Promise<NewVoiceCampaign> {
  const { script, mode, pacing, trunk, callerId, maxLines, ringTimeoutMs, amd } = pass;
  const version = await publishing.store.current(script);
  if (version === undefined) wrong("script", `there is no script ${script}`);
  const line = { mode, trunk, callerId, maxLines, ringTimeoutMs, ...(pacing && { pacing }), ...(amd && { amd }) };
  const campaign = { ...any, ...line, scriptVersionId: version?.id ?? "", scriptPinned: false };
  for (const { field, message } of checkCampaign(campaign, trunks, callerIdPools)) wrong(field, message);
  const amdRefused = amd && refusal(amd, mode);
  if (amdRefused !== undefined) wrong("amd", amdRefused);
  const unpaced = pacingRefused(mode, pacing ?? {});
  if (unpaced !== undefined) wrong("pacing", unpaced);
  if (version !== undefined && isPacedForAgents(mode)) {
    const none = await agentScriptRefused(publishing.store, publishing.reader, version.id);
    if (none !== undefined) wrong("script", none);
  }
  return campaign;
}

async function writing(
  any: Any,
  pass: MessagePass,
  channel: MessageChannel,
  { templates, senders }: PassParts,
  wrong: Wrong,
): Promise<NewMessageCampaign> {
  const version = await templates.find(pass.template);
  if (version === undefined) wrong("template", `there is no template ${pass.template}`);
  const campaign = { ...any, channel, sender: pass.sender, templateVersionId: version?.id ?? "", templatePinned: false };
  for (const { field, message } of checkMessageCampaign(campaign, messageFacts(channel, version, senders))) wrong(field, message);
  return campaign;
}
