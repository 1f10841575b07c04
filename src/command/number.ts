import { Fault } from "../kernel/fault.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { Stores } from "../main.ts";
import type { OwnNumber } from "../voice/number-ports.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText } from "./table.ts";

export interface NumberOptions extends CommonOptions {
  readonly name?: string;
  /** Name of a campaign; `none` takes it away, as for the others. */
  readonly campaign?: string;
  readonly script?: string;
  readonly message?: string;
}

const atOnce = 500;

/** `carillon number list` */
export function listNumbers(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores) => {
    const all: OwnNumber[] = [];
    for (let after: string | undefined; ; after = all.at(-1)?.number) {
      const page = await stores.inbound.list(atOnce, after);
      all.push(...page);
      if (page.length < atOnce) break;
    }
    if (options.json) return JSON.stringify(all, undefined, 2);
    if (all.length === 0)
      return "No numbers yet. Calls to the caller ids of campaigns are taken without; add others with: carillon number add NUMBER --name NAME";
    const rows = all.map(({ number, name, campaign = "", script = "", message = "" }) => [number, name, campaign, script, message]);
    return tableText(["NUMBER", "NAME", "CAMPAIGN", "SCRIPT", "MESSAGE"], rows);
  });
}

/** `carillon number add NUMBER` @returns what to say */
export function addNumber(text: string, { name, campaign, script, message, ...options }: NumberOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const number = numberOf(text);
    const campaignId = campaign === undefined ? undefined : await campaignNamed(stores, campaign);
    const made = await stores.inbound.create({
      number,
      name: name ?? number,
      ...(campaignId !== undefined && { campaignId }),
      ...(script !== undefined && { script }),
      ...(message !== undefined && { message }),
    });
    return `${number} is added: ${whatHappens(made)}.${optOutNote(made)} Calls to it are taken that come by a trunk with inbound: true.`;
  });
}

/** `carillon number assign NUMBER` @returns what to say */
export function assignNumber(text: string, { name, campaign, script, message, ...options }: NumberOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const number = numberOf(text);
    if ([name, campaign, script, message].every((wish) => wish === undefined))
      throw new Fault("number-invalid", "Say what is to change: --name, --campaign, --script or --message; none takes one of the last three away.");
    const changed = await stores.inbound.change(number, {
      ...(name !== undefined && { name }),
      ...(campaign !== undefined && { campaignId: campaign === "none" ? null : await campaignNamed(stores, campaign) }),
      ...(script !== undefined && { script: script === "none" ? null : script }),
      ...(message !== undefined && { message: message === "none" ? null : message }),
    });
    if (!changed) throw unknown(number);
    return `${number}: ${whatHappens(changed)}.${optOutNote(changed)}`;
  });
}

/** `carillon number remove NUMBER` @returns what to say */
export function removeNumber(text: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const number = numberOf(text);
    if (!(await stores.inbound.remove(number))) throw unknown(number);
    return `${number} is removed. Calls to it are refused, unless campaigns show it.`;
  });
}

/** `carillon campaign inbound NAME` @returns what to say */
export function showInbound(name: string, { script, ...options }: CommonOptions & { readonly script?: string }): Promise<string> {
  return withStores(options, async (stores) => {
    const id = await campaignNamed(stores, name);
    if (script !== undefined) await stores.inbound.answerWith(id, script === "none" ? undefined : script);
    const callers = await stores.inbound.callersOf(id);
    const results = Object.entries(callers?.results ?? {}).map(([result, calls]) => `${calls} ${result}`);
    return [
      `Who calls hears ${callers?.script === undefined ? "the message of the number called" : `script ${callers.script}`}, unless the number has a script of its own.${optOutNote(callers ?? {})}`,
      `Its own numbers: ${callers?.numbers.join(", ") || "none"}. Callers of its caller ids are its callers too.`,
      `Calls: ${results.join(", ") || "none"}; on the line now: ${callers?.onTheLine ?? 0}.`,
    ].join("\n");
  });
}

function whatHappens({ campaign, script, message }: OwnNumber): string {
  const whose = campaign === undefined ? "callers of no campaign" : `callers of campaign ${campaign}`;
  const heard =
    script !== undefined
      ? `hear script ${script}`
      : message !== undefined
        ? `hear "${message}"`
        : "hear the campaign's inbound script, else a message";
  return `${whose}, unless the last attempt on them says another, ${heard}`;
}

/** Keys are heard by scripts only: whoever gets a message presses 9 in vain. */
function optOutNote({ script }: { readonly script?: string | undefined }): string {
  return script === undefined ? " Nobody can opt out by key while there is only a message: give it a script, such as inbound-callback." : "";
}

function numberOf(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Fault("number-invalid", `${text} is not a number in E.164 form, such as +12125550100.`);
  return text;
}

async function campaignNamed(stores: Stores, name: string): Promise<string> {
  const campaign = await stores.campaigns.findByName(name);
  if (!campaign) throw new Fault("campaign-unknown", `There is no campaign ${name}; carillon campaign list shows them.`);
  return campaign.id;
}

function unknown(number: string): Fault {
  return new Fault("number-unknown", `There is no number ${number}. carillon number list shows them.`);
}
