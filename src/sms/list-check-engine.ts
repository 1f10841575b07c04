import type { MessageTemplate, TemplateContacts } from "../template/ports.ts";
import { type ListReport, ListTally } from "./list-check.ts";
import type { Shown } from "./preview.ts";
import type { SegmentOptions } from "./segment.ts";

export interface ListCheck {
  readonly listId: string;
  readonly template: MessageTemplate;
  readonly options: SegmentOptions;
  /** For whoever does not see all of the contacts. */
  readonly shown?: Shown;
  /** Told after each page how many contacts were looked at. */
  readonly looked?: (contacts: number) => void;
}

const pageSize = 1000;
/** They take some 4 ms: a server that looks at a list goes on with its calls in between. */
const atOnce = 200;

/** Looks at a whole list, page by page. Rejects as the reader does. */
export async function checkOverList(contacts: TemplateContacts, { listId, template, options, shown, looked }: ListCheck): Promise<ListReport> {
  const tally = new ListTally(template, options, shown);
  let count = 0;
  for (let afterId: string | undefined; ; ) {
    const page = await contacts.page(listId, template.channel, { limit: pageSize, ...(afterId !== undefined && { afterId }) });
    for (let from = 0; from < page.length; from += atOnce) {
      for (const contact of page.slice(from, from + atOnce)) tally.add(contact);
      await new Promise((resolve) => setImmediate(resolve));
    }
    count += page.length;
    looked?.(count);
    afterId = page.at(-1)?.id;
    if (page.length < pageSize || afterId === undefined) return tally.report();
  }
}
