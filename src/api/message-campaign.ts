import type { MessageChannel } from "../attempt/message-ports.ts";
import { refusedText } from "../attempt/refusal-run.ts";
import type { MessageReader } from "../sms/reader-ports.ts";
import { namesWayOut } from "../sms/way-out.ts";
import type { MessageCampaign } from "../strategy/campaign.ts";
import type { MessageFacts, SenderFacts } from "../strategy/new-campaign.ts";
import type { TemplateStore, TemplateVersion } from "../template/ports.ts";

/** The configured senders, by channel. */
export type Senders = Readonly<Record<MessageChannel, readonly SenderFacts[]>>;

/** The version that a campaign asks for: of a name the current one, or a certain one by its id. */
export async function templateFor(
  templates: TemplateStore,
  wish: { readonly template?: string | undefined; readonly templateVersionId?: string | undefined },
): Promise<TemplateVersion | undefined> {
  if (wish.template !== undefined) return await templates.find(wish.template);
  const known = await templates.version(wish.templateVersionId ?? "");
  return known && (await templates.find(known.name, known.version));
}

/** What a campaign that writes is held against. */
export function messageFacts(channel: MessageChannel, version: TemplateVersion | undefined, senders: Senders): MessageFacts {
  const source = version?.source;
  const template = source && { channel: source.channel, namesWayOut: source.channel !== "sms" || namesWayOut(source.text) };
  return { template, senders: senders[channel] };
}

/** Why nobody is written to though a campaign runs, or why the server paused it, for people. */
export async function whyNotWritten(
  { id, state, channel, sender }: MessageCampaign,
  senders: Senders,
  messages: Pick<MessageReader, "lastRefused">,
): Promise<string | undefined> {
  if (state === "paused") {
    const refused = refusedText(await messages.lastRefused(id));
    return refused && `It is paused, for ${refused}. Once that is mended, resume it; who was refused is tried again by its retries.`;
  }
  if (state !== "running" || senders[channel].some(({ name }) => name === sender)) return undefined;
  return `There is no sender ${sender} any more. Nobody is written to: put it back under ${channel}.senders and start the server anew, or stop the campaign.`;
}
