import { showList } from "../api/schema/list.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { allPages } from "./pages.ts";
import { tableText, timeCell } from "./table.ts";

/** `carillon lists`: the contact lists, the oldest first; the API wants their ids, commands their names. */
export function listLists(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ lists }) => {
    const all = await allPages((page) => lists.lists(page));
    if (options.json) return JSON.stringify(all.map(showList), undefined, 2);
    const rows = all.map(({ id, name, contacts, createdAt }) => [id, name, String(contacts), timeCell(createdAt)]);
    return rows.length === 0
      ? "There are no lists. Import one with: carillon import FILE --list NAME"
      : tableText(["ID", "LIST", "CONTACTS", "MADE"], rows);
  });
}
