import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { publishTemplate } from "../adapter/message-campaign-kit.ts";
import { preparedPasses } from "../strategy/prepared-passes.ts";
import type { Books } from "./books.ts";
import { Course } from "./course.ts";
import type { Wanted } from "./people.ts";

export interface Settled {
  /** Those of passes among them. */
  readonly campaigns: readonly Campaign[];
  /** Ids of strategy campaigns. */
  readonly strategies: readonly string[];
}

/** Puts lists and campaigns of a run where the product keeps them, and into the books. All of them are drafts. */
export async function settle(stores: Stores, wanted: Wanted, run: number, books: Books): Promise<Settled> {
  const lists: string[] = [];
  const onList = new Map<string, string>();
  for (const [at, people] of wanted.lists.entries()) {
    const load = await stores.contacts.openLoad({ name: `run ${run} list ${at}`, append: false });
    await load.add(people);
    const { listId } = await load.commit();
    if (listId === undefined) throw new Error("the list was not made");
    lists.push(listId);
    const { rows } = await stores.pool.query<{ id: string; place: string }>(
      "select id::text, fields->>'place' as place from contact where list_id = $1",
      [listId],
    );
    for (const { id, place } of rows) {
      const person = people[Number(place)];
      if (!person) continue;
      books.people.set(id, person);
      onList.set(id, listId);
    }
  }
  const { id: scriptVersionId } = await stores.scripts.publish("reminder", "name: reminder\n");
  const templates = { sms: await publishTemplate(stores, "sms", "sms"), email: await publishTemplate(stores, "email", "email") };
  const campaigns: Campaign[] = [];
  for (const [at, { channel, list, window, defaultTimeZone, retries, maxLines }] of wanted.campaigns.entries()) {
    // Fast enough never to hold anybody back: rates are tried elsewhere, on real clocks.
    const any = { name: `run ${run} campaign ${at}`, listId: lists[list] ?? "", window, defaultTimeZone, retries, maxCps: 100_000 };
    const voice = { scriptVersionId, trunk: "carrier-a", callerId: "+12125550100", maxLines, ringTimeoutMs: 25_000 };
    const made =
      channel === "voice"
        ? await stores.campaigns.create({ ...any, ...voice })
        : await stores.campaigns.create({ ...any, channel, templateVersionId: templates[channel], sender: "main" });
    campaigns.push(made);
    books.campaigns.set(made.id, made);
  }
  const strategies: string[] = [];
  for (const { document, list } of wanted.strategies) {
    const { version } = await stores.strategies.publish(document, "test");
    const { name, strategy } = version;
    const listId = lists[list] ?? "";
    const passes = await preparedPasses(stores, name, listId, document);
    // As those of its passes.
    const defaultTimeZone = "America/New_York";
    const { id } = await stores.strategyCampaigns.create({
      name,
      listId,
      strategyVersionId: version.id,
      first: strategy.first,
      defaultTimeZone,
      passes,
    });
    strategies.push(id);
    const course = new Course(strategy, await stores.strategyCampaigns.passes(id));
    for (const passId of Object.values(course.campaigns)) {
      const campaign = await stores.campaigns.find(passId);
      if (!campaign) throw new Error(`pass ${passId} was not made`);
      campaigns.push(campaign);
      books.campaigns.set(passId, campaign);
      books.courses.set(passId, course);
    }
    for (const [contactId, person] of books.people) if (onList.get(contactId) === listId) course.begin(contactId, person);
  }
  return { campaigns, strategies };
}
