import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { MessageChannel } from "../../src/attempt/message-ports.ts";
import type { Address } from "../../src/contact/contact.ts";
import { isMailbox, type Mailbox } from "../../src/kernel/mailbox.ts";
import type { MessageCampaign } from "../../src/strategy/campaign.ts";
import type { NewMessageCampaign } from "../../src/strategy/ports.ts";

export function mailbox(text: string): Mailbox {
  if (!isMailbox(text)) throw new RangeError(text);
  return text;
}

/** A template's next version, whatever stands in it. @returns the version's id */
export async function publishTemplate(stores: Stores, name: string, channel: MessageChannel): Promise<string> {
  await stores.pool.query("insert into template (name, channel) values ($1, $2) on conflict do nothing", [name, channel]);
  for (;;) {
    const { rows } = await stores.pool.query<{ id: string }>(
      `insert into template_version (template_id, version, source, published_at, published_by)
       select t.id, (select count(*) + 1 from template_version v where v.template_id = t.id), '{"text": "Hello {{ first_name }}"}', now(), 'test'
       from template t where t.name = $1 on conflict do nothing returning id::text`,
      [name],
    );
    // None where another campaign of the same test has just taken the number.
    if (rows[0]) return rows[0].id;
  }
}

/** A list of people with these addresses, `c1`, `c2`, …, all in New York. */
export async function listOf(stores: Stores, name: string, people: readonly (readonly Address[])[]): Promise<string> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    people.map((addresses, index) => ({
      clientId: `c${index + 1}`,
      timeZone: "America/New_York",
      addresses,
      fields: { first_name: `Name ${index + 1}` },
    })),
  );
  return (await load.commit()).listId;
}

/** A campaign that writes and runs; by default its rate holds nobody back. */
export async function writeTo(
  stores: Stores,
  channel: MessageChannel,
  listId: string,
  more: Partial<NewMessageCampaign> = {},
): Promise<MessageCampaign> {
  const made = await stores.campaigns.create({
    name: `${channel} to ${listId}`,
    channel,
    listId,
    templateVersionId: await publishTemplate(stores, `reminder by ${channel}`, channel),
    sender: "main",
    maxCps: 10_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
    ...more,
  });
  await stores.campaigns.move(made.id, "draft", "running");
  return { ...made, state: "running" };
}
