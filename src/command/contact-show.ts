import { stringify } from "yaml";
import type { ContactView } from "../api/ports.ts";
import { showContact } from "../api/schema/list.ts";
import { contactId, listId } from "./contact.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, terminalText } from "./table.ts";

interface ShowOptions extends CommonOptions {
  readonly json?: boolean;
}

const atOnce = 500;
/** Of all addresses and fields of somebody so many characters stand in the table. */
const longestCell = 60;

/** `carillon contact list LIST`: everybody on it. @param tell is told a page at a time: a list may be long @throws Fault `list-unknown` */
export function listContacts(list: string, options: ShowOptions, tell: (text: string) => void): Promise<void> {
  return withStores(options, async (stores) => {
    const id = await listId(stores, list);
    let last: ContactView | undefined;
    for (;;) {
      const page = await stores.lists.contacts(id, { limit: atOnce, ...(last && { afterId: last.id }) });
      if (page.length > 0)
        tell(
          options.json
            ? page.map((each) => JSON.stringify(showContact(each))).join("\n")
            : tableText(["ID", "CLIENT ID", "ADDRESSES", "TIME ZONE", "FIELDS"], page.map(cellsOf)),
        );
      else if (last === undefined && !options.json) tell(`Nobody is on list "${list}".`);
      if (page.length < atOnce) return;
      last = page.at(-1);
    }
  });
}

/** `carillon contact show LIST CONTACT` @throws Fault `list-unknown`, `contact-unknown` */
export function showOne(list: string, who: string, options: ShowOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const contact = await stores.lists.contact(await contactId(stores, list, who));
    const shown = contact && showContact(contact);
    return options.json ? JSON.stringify(shown, undefined, 2) : terminalText(stringify(shown)).trimEnd();
  });
}

function cellsOf({ id, clientId = "", timeZone = "", addresses, fields }: ContactView): readonly string[] {
  const known = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return [id, clientId, shortened(addresses.map(({ number, mailbox }) => number ?? mailbox ?? "").join(", ")), timeZone, shortened(known.join(" "))];
}

function shortened(text: string): string {
  return text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text;
}
