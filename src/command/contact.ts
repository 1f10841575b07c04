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

export interface ChangeContactOptions extends CommonOptions {
  readonly number?: readonly string[];
  readonly email?: readonly string[];
  readonly timeZone?: string;
  readonly field?: readonly string[];
  readonly dropField?: readonly string[];
}

/** `carillon contact change LIST CONTACT …`: what is not named stays. */
export function changeContact(list: string, who: string, options: ChangeContactOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const { number = [], email = [], timeZone, field = [], dropField = [] } = options;
    const addresses = [...number.map((each) => ({ number: each })), ...email.map((each) => ({ mailbox: each }))];
    if (addresses.length + field.length + dropField.length === 0 && timeZone === undefined)
      throw new Fault("contact-invalid", "Say what changes: --number, --email, --time-zone, --field or --drop-field.");
    const fields = { ...Object.fromEntries(field.map(pairOf)), ...Object.fromEntries(dropField.map((name) => [name, null] as const)) };
    const change = {
      fields,
      ...(addresses.length > 0 && { addresses }),
      ...(timeZone !== undefined && { timeZone: timeZone === "none" ? null : timeZone }),
    };
    const read = readPerson(change, readCountry(config.contact.defaultCountry));
    if ("faults" in read) throw new Fault("contact-invalid", read.faults.map(({ pointer, message }) => `${pointer} ${message}`).join("; "));
    const id = await contactId(stores, list, who);
    await stores.people.change(id, read);
    return `Contact ${id} on list "${list}" is changed; campaigns see it when they next come to them.`;
  });
}

/** `carillon contact withdraw LIST CONTACT` */
export function withdrawContact(list: string, who: string, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const id = await contactId(stores, list, who);
    await stores.people.withdraw(id);
    return `Contact ${id} has left list "${list}", and every campaign. What was done with them stays told under that id.`;
  });
}

export async function contactId(stores: Pick<Stores, "lists" | "timelines">, list: string, who: string): Promise<string> {
  const [found, ...others] = await stores.timelines.named(await listId(stores, list), who);
  if (found === undefined)
    throw new Fault(
      "contact-unknown",
      `Nobody on list "${list}" is known as "${who}". Give a client id, a number such as +15550100100, a mailbox or a contact's id.`,
    );
  if (others.length > 0)
    throw new Fault("contact-unknown", `Several people on list "${list}" are ${who}: ${[found, ...others].join(", ")}. Give one of these ids.`);
  return found;
}

export async function listId({ lists }: Pick<Stores, "lists">, name: string): Promise<string> {
  const list = await lists.listByName(name);
  if (list === undefined) throw new Fault("list-unknown", `There is no list "${name}"; carillon lists has them.`);
  return list.id;
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Fault("contact-invalid", `--field ${text}: write it as name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
