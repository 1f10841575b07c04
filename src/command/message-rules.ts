import { stringify } from "yaml";
import { rulesFacts } from "../api/message-rules.ts";
import { readMessageRules } from "../api/schema/message-rules.ts";
import { Fault } from "../kernel/fault.ts";
import { rulesPartsOf } from "../start/channels.ts";
import { isVoice } from "../strategy/campaign.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { readRulesFile } from "./rules-file.ts";
import { terminalText } from "./table.ts";

export interface MessageRulesOptions extends CommonOptions {
  /** A YAML file. */
  readonly from?: string;
  readonly clear?: boolean;
}

/** `carillon message rules CAMPAIGN`: shows what it has of its own, or replaces it. @throws Fault `rules-file` */
export function messageRules(name: string, { from, clear = false, ...options }: MessageRulesOptions): Promise<string> {
  if (from !== undefined && clear) throw new Fault("request-invalid", "Give --from or --clear, not both.");
  const wanted = from === undefined ? undefined : readRulesFile(from);
  return withStores(options, async (stores, config) => {
    const campaign = await stores.campaigns.findByName(name);
    if (!campaign) throw new Fault("campaign-unknown", `There is no campaign ${name}.`);
    if (isVoice(campaign)) throw new Fault("campaign-channel", `${name} is a campaign that calls, and writes nothing.`);
    const { id, channel } = campaign;
    const { store, ...known } = rulesPartsOf(config, stores);
    if (wanted !== undefined) await store.setRules(id, await readMessageRules(wanted, rulesFacts(channel, known, stores.agents)));
    if (clear) await store.setRules(id, undefined);
    const rules = await store.rules(id);
    return Object.keys(rules).length === 0 ? `${name} has nothing of its own.` : terminalText(stringify(rules)).trimEnd();
  });
}
