import { readCountry } from "../contact/normalise.ts";
import { readPerson } from "../contact/person.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withStores } from "./context.ts";

export interface AddContactOptions extends CommonOptions {
  readonly number?: readonly string[];
  readonly email?: readonly string[];
  readonly clientId?: string;
  readonly timeZone?: string;
  readonly field?: readonly string[];
  readonly enter: boolean;
}

/** `carillon contact add LIST …` */
export function addContact(list: string, options: AddContactOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const { number = [], email = [], clientId, timeZone, field = [], enter } = options;
    const addresses = [...number.map((each) => ({ number: each })), ...email.map((each) => ({ mailbox: each }))];
    if (addresses.length === 0) throw new Fault("contact-invalid", "Give a --number or an --email.");
    const fields = Object.fromEntries(field.map(pairOf));
    const read = readPerson({ addresses, fields, ...(timeZone !== undefined && { timeZone }) }, readCountry(config.contact.defaultCountry));
    if ("faults" in read) throw new Fault("contact-invalid", read.faults.map(({ pointer, message }) => `${pointer} ${message}`).join("; "));
    const id = await stores.people.add(await listId(stores, list), { ...read, clientId }, enter);
    return `Contact ${id} is on list "${list}"${enter ? ", and in the campaigns that run on it" : ""}.`;
  });
}

/** `carillon contact withdraw LIST CONTACT` */
export function withdrawContact(list: string, who: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const found = await stores.timelines.named(await listId(stores, list), who);
    if (found.length > 1)
      throw new Fault("contact-unknown", `Several people on list "${list}" are ${who}: ${found.join(", ")}. Give one of these ids.`);
    if (found[0] === undefined) throw new Fault("contact-unknown", `Nobody on list "${list}" is ${who}.`);
    await stores.people.withdraw(found[0]);
    return `Contact ${found[0]} has left list "${list}", and every campaign. What was done with them stays told under that id.`;
  });
}

async function listId({ lists }: Pick<Stores, "lists">, name: string): Promise<string> {
  const list = await lists.listByName(name);
  if (list === undefined) throw new Fault("list-unknown", `There is no list "${name}"; carillon lists has them.`);
  return list.id;
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Fault("contact-invalid", `--field ${text}: write it as name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
