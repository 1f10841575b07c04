/* What `carillon import` runs, in a process of its own. */
import { createReadStream } from "node:fs";
import { openImportStores } from "../../../src/adapter/postgres/import-stores.ts";
import { systemClock } from "../../../src/adapter/system/clock.ts";
import { keepHeapSmall } from "../../../src/command/heap.ts";
import { importContacts } from "../../../src/contact/import-engine.ts";
import { answer } from "./protocol.ts";

const [url = "", file = "", name = ""] = process.argv.slice(2);
keepHeapSmall();
const stores = await openImportStores({ url, clock: systemClock });
await answer(async () => {
  const report = await importContacts({ store: stores.contacts, name, append: false, csv: createReadStream(file), rejected: () => {} });
  return report.accepted;
});
await stores.close();
process.disconnect();
