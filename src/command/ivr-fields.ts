import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { columnName } from "../contact/columns.ts";
import type { NewContact } from "../contact/contact.ts";
import { importContacts } from "../contact/import-engine.ts";
import type { Script } from "../ivr/script.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { lacking } from "../template/fields.ts";
import type { Fields } from "../template/template.ts";

/** Whom a script is tried on, as given on the command line. */
export interface FieldOptions {
  /** A CSV file as for `carillon import`: its first contact. */
  readonly contact?: string;
  /** `name=value`, over what the contact has. */
  readonly field?: readonly string[];
}

/** The first contact of a file stands in its first megabyte. */
const readBytes = 1_048_576;

/** The same, with everything a script needs. @throws Fault `contact-lacks-field` too */
export async function fieldsFor(script: Script, options: FieldOptions): Promise<Fields> {
  const fields = await fieldsFrom(options);
  const missing = lacking(script.needs, fields);
  if (missing.length === 0) return fields;
  const advice = missing.map((name) => `--field ${name}=…`).join(" ");
  throw new Fault("contact-lacks-field", `the script needs ${missing.join(", ")}: add ${advice}`);
}

/** @throws Fault `field-form`, `import-file`, and those of `importContacts` */
export async function fieldsFrom({ contact, field = [] }: FieldOptions): Promise<Fields> {
  const given = field.map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw new Fault("field-form", `--field ${text}: write it as name=value`);
    return [columnName(text.slice(0, at)), text.slice(at + 1)];
  });
  return { ...(contact === undefined ? {} : await firstContact(contact)), ...Object.fromEntries(given) };
}

async function firstContact(file: string): Promise<Fields> {
  await access(file).catch((error: Error) => {
    throw new Fault("import-file", `Cannot read ${file}: ${fileTrouble(error)}`, { cause: error });
  });
  let first: NewContact | undefined;
  const load = {
    async add(batch: readonly NewContact[]) {
      first ??= batch[0];
      return [];
    },
    commit: async () => ({ listId: "", contacts: 1, updated: 0, left: 0, suppressed: { voice: 0, sms: 0, email: 0 } }),
    abort: async () => {},
  };
  await importContacts({
    store: { openLoad: async () => load },
    name: file.slice(-200),
    append: false,
    csv: createReadStream(file, { end: readBytes - 1 }),
    rejected: () => {},
  });
  return first?.fields ?? {};
}
