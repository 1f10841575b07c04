import { Agents } from "./migration/agents.ts";
import { AttemptScript } from "./migration/attempt-script.ts";
import { CallingMode } from "./migration/calling-mode.ts";
import { CampaignAmd } from "./migration/campaign-amd.ts";
import { Effects } from "./migration/effects.ts";
import { FirstTables } from "./migration/first-tables.ts";
import { Fleet } from "./migration/fleet.ts";
import { Inbound } from "./migration/inbound.ts";
import { KeptSettings } from "./migration/kept-setting.ts";
import { LadderEvents } from "./migration/ladder.ts";
import { Limits } from "./migration/limits.ts";
import { Messages } from "./migration/messages.ts";
import { NumberUse } from "./migration/number-use.ts";
import { PhoneNonces } from "./migration/phone-nonces.ts";
import { Phones } from "./migration/phones.ts";
import { Retries } from "./migration/retries.ts";
import { Scripts } from "./migration/scripts.ts";
import { SingleCalls } from "./migration/single-calls.ts";
import { Templates } from "./migration/templates.ts";
import { Trunk } from "./migration/trunk.ts";
import { TrunkNeed } from "./migration/trunk-need.ts";
import { TrunkUse } from "./migration/trunk-use.ts";

/** Every migration in the order in which they run. Append-only: what has been published is never changed, nor its name. */
export const migrations = [
  { name: "20261122-first-tables", class: FirstTables },
  { name: "20261122-scripts", class: Scripts },
  { name: "20261122-effects", class: Effects },
  { name: "20261122-limits", class: Limits },
  { name: "20261122-attempt-script", class: AttemptScript },
  { name: "20261122-number-use", class: NumberUse },
  { name: "20261122-ladder-events", class: LadderEvents },
  { name: "20261122-campaign-amd", class: CampaignAmd },
  { name: "20261122-trunk-use", class: TrunkUse },
  { name: "20261122-fleet", class: Fleet },
  { name: "20261122-trunk-need", class: TrunkNeed },
  { name: "20261122-retries", class: Retries },
  { name: "20261122-trunk", class: Trunk },
  { name: "20261122-agents", class: Agents },
  { name: "20261122-inbound", class: Inbound },
  { name: "20261122-single-calls", class: SingleCalls },
  { name: "20261122-calling-mode", class: CallingMode },
  { name: "20261122-phones", class: Phones },
  { name: "20261122-phone-nonces", class: PhoneNonces },
  { name: "20261122-kept-settings", class: KeptSettings },
  { name: "20261122-templates", class: Templates },
  { name: "20261122-messages", class: Messages },
];
