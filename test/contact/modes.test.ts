import { Readable } from "node:stream";
import t, { type Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { type ImportRequest, importContacts } from "../../src/contact/import-engine.ts";
import { readMapping } from "../../src/contact/mapping.ts";
import type { Rejection } from "../../src/contact/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";

async function openTestStores(t: Test): Promise<Stores> {
  const { url } = await openTestDatabase(t);
  const stores = await openStores({ url, log: silentLog, clock: systemClock });
  t.teardown(() => stores.close());
  return stores;
}

async function load(stores: Stores, csv: string, more: Partial<ImportRequest> = {}) {
  const told: Rejection[] = [];
  const rejected = (rejection: Rejection) => void told.push(rejection);
  const report = await importContacts({ store: stores.contacts, name: "people", append: false, csv: Readable.from([csv]), rejected, ...more });
  return { ...report, told: told.map(({ row, reason }) => `${row}: ${reason}`) };
}

/** Everybody on the list: client id, addresses, fields. */
async function everybody(stores: Stores, listId: string) {
  const contacts = await stores.lists.contacts(listId, { limit: 100 });
  return contacts.map(({ clientId, addresses, fields }) => [
    clientId,
    addresses.map(({ number, mailbox }) => number ?? mailbox).join(" "),
    Object.values(fields).join(" "),
  ]);
}

const first =
  "id,phone,phone2,email,name\nc1,2125550101,,c1@example.com,Ann\nc2,2125550102,2125550112,,Bob\nc3,2125550103,,,Cid\n,2125550104,,,Dan\n";

t.setTimeout(280_000);

t.test("who is on the list already gets the file's fields and addresses; whoever is not in the file stays, or leaves", async (t) => {
  const stores = await openTestStores(t);
  const { listId } = await load(stores, first);
  const before = await stores.lists.contacts(listId, { limit: 10 });
  const second = "id,phone,phone2,email,due\nc2,2125550112,2125550199,,10\nc5,2125550105,,,50\nc2,2125550120,,,again\nc9,2125550101,,,taken\n";
  const dry = await load(stores, second, { existing: "update", dry: true });
  t.match(dry, { listId, accepted: 2, updated: 1, duplicates: 2, left: 0 });
  t.same(await everybody(stores, listId).then((all) => all.length), 4, "a dry run changes nothing");

  const report = await load(stores, second, { existing: "update" });
  t.match(report, { listId, accepted: 2, updated: 1, duplicates: 2, left: 0 });
  t.same(report.told, ["3: the client id c2 is on the list already", "4: the number +12125550101 is on the list already"]);
  t.same(dry.told, report.told, "the dry run said so");
  t.same(await everybody(stores, listId), [
    ["c1", "+12125550101 c1@example.com", "Ann"],
    ["c2", "+12125550112 +12125550199", "10 Bob"],
    ["c3", "+12125550103", "Cid"],
    [undefined, "+12125550104", "Dan"],
    ["c5", "+12125550105", "50"],
  ]);
  const idOf = (contacts: typeof before, number: string) => contacts.flatMap(({ addresses }) => addresses).find((each) => each.number === number)?.id;
  const after = await stores.lists.contacts(listId, { limit: 10 });
  t.equal(idOf(after, "+12125550112"), idOf(before, "+12125550112"), "an address that stays is the same one");
  t.equal((await stores.lists.list(listId))?.contacts, 5);

  const third = "id,phone,email\nc1,2125550101,c1@example.com\n,2125550104,dan@example.com\nc6,2125550103,\n";
  t.match(await load(stores, third, { existing: "replace", dry: true }), { accepted: 2, updated: 2, left: 3, duplicates: 1 });
  const replaced = await load(stores, third, { existing: "replace" });
  t.match(replaced, { accepted: 2, updated: 2, left: 3, duplicates: 1 });
  t.same(await everybody(stores, listId), [
    ["c1", "+12125550101 c1@example.com", "Ann"],
    [undefined, "+12125550104 dan@example.com", "Dan"],
  ]);
  t.equal((await stores.lists.list(listId))?.contacts, 2);
  const cid = before.find(({ clientId }) => clientId === "c3");
  t.match(await stores.lists.contact(cid?.id ?? ""), { clientId: "c3", listId: undefined }, "who has left is known still");
  t.match(await load(stores, "id,phone\nc3,2125550103\n", { append: true }), { accepted: 1 }, "and may come back");
  t.match(
    await load(stores, "phone\n2125550101\n", { name: "other", existing: "replace" }),
    { accepted: 1, updated: 0 },
    "a list is made where there is none",
  );
});

t.test("a dry run for a list that is not there makes none, and finds what the import then finds", async (t) => {
  const stores = await openTestStores(t);
  const rows = Array.from(
    { length: 2500 },
    (_, row) => `c${row % 2400},${2_125_000_000 + (row % 2450)},${["America/New_York", "Europe/Berlin", ""][row % 3]}`,
  );
  await stores.pool.query(`insert into suppression (number, client_id, channel, reason, source, created_at) values
    ('+12125000001', null, null, 'asked', 'admin', now()), (null, 'c2', 'sms', 'asked', 'admin', now()), ('+12125000001', null, 'voice', 'asked', 'admin', now())`);
  const csv = `id,phone,time_zone\n${rows.join("\n")}\nx,n/a,\n`;
  const dry = await load(stores, csv, { dry: true });
  t.equal(await stores.lists.listByName("people"), undefined);
  const { listId, told, ...report } = await load(stores, csv);
  t.match(report, { accepted: 2400, duplicates: 100, rejected: 101, suppressed: { voice: 1, sms: 2, email: 0 } });
  t.match(report.reachable, { voice: 2400, email: 0 });
  t.equal(
    Object.values(report.zones).reduce((sum, people) => sum + people, 0),
    2400,
  );
  t.same(dry, { ...report, listId: "", told });
});

t.test("rules split one file into several lists: all of them are filled, or none is", async (t) => {
  const stores = await openTestStores(t);
  const mapping = readMapping({
    rules: [
      { name: "large", when: [{ field: "due", above: 1000 }], list: "large", set: { channel: "voice" } },
      { name: "by mail", when: [{ has: "email" }], list: "by mail" },
      { name: "none", when: [{ field: "due", is: ["0"] }], reject: "owes nothing" },
      { name: "never", when: [{ field: "due", is: ["never"] }], list: "empty" },
    ],
  });
  const file = `id,phone,email,due,time_zone
c1,2125550101,,5000,America/New_York
c2,2125550102,c2@example.com,10,
c3,2125550103,,20,
c4,2125550104,,0,
c1,2125550105,,2000,
c1,2125550101,,30,America/New_York
c7,2125550107,,3000,Europe/Berlin
c8,x,,1,
`;
  await stores.pool.query("insert into suppression (number, reason, source, created_at) values ('+12125550107', 'asked', 'admin', now())");
  const namesOf = async () => (await stores.lists.lists({ limit: 10 })).map(({ name, contacts }) => `${name} ${contacts}`).sort();
  const dry = await load(stores, file, { mapping, dry: true });
  t.same(await namesOf(), [], "a dry run makes no list");
  const report = await load(stores, file, { mapping });
  t.match(report, { read: 8, accepted: 5, rejected: 3, duplicates: 1, suppressed: { voice: 1, sms: 1, email: 0 } });
  t.same(
    report.lists?.map(({ name, accepted, duplicates, suppressed, reachable, zones }) => ({
      name,
      accepted,
      duplicates,
      suppressed,
      reachable,
      zones,
    })),
    [
      {
        ...{ name: "people", accepted: 2, duplicates: 0, suppressed: { voice: 0, sms: 0, email: 0 }, reachable: { voice: 2, sms: 2, email: 0 } },
        zones: { "": 1, "America/New_York": 1 },
      },
      {
        name: "by mail",
        accepted: 1,
        duplicates: 0,
        suppressed: { voice: 0, sms: 0, email: 0 },
        reachable: { voice: 1, sms: 1, email: 1 },
        zones: { "": 1 },
      },
      { name: "empty", accepted: 0, duplicates: 0, suppressed: { voice: 0, sms: 0, email: 0 }, reachable: { voice: 0, sms: 0, email: 0 }, zones: {} },
      {
        ...{ name: "large", accepted: 2, duplicates: 1, suppressed: { voice: 1, sms: 1, email: 0 }, reachable: { voice: 2, sms: 2, email: 0 } },
        zones: { "America/New_York": 1, "Europe/Berlin": 1 },
      },
    ],
  );
  t.same(report.told, ["4: owes nothing", "5: the client id c1 is on the list already", "8: has letters in it"]);
  t.same(
    dry.lists,
    report.lists?.map((list) => ({ ...list, listId: "" })),
    "the dry run said so",
  );
  t.same(await namesOf(), ["by mail 1", "large 2", "people 2"], "a list that nobody comes onto is not made");
  const large = await stores.lists.listByName("large");
  t.same(await everybody(stores, large?.id ?? ""), [
    ["c1", "+12125550101", "5000 voice"],
    ["c7", "+12125550107", "3000 voice"],
  ]);

  // Whoever is not in the file leaves each list that somebody in the file goes to.
  const next = "id,phone,email,due\nc1,2125550101,,9000\nc9,2125550109,,7\n";
  t.match(await load(stores, next, { mapping, existing: "replace", dry: true }), { updated: 1, left: 3 });
  const replaced = await load(stores, next, { mapping, existing: "replace" });
  t.match(replaced, { accepted: 2, updated: 1, left: 3 });
  t.match(
    replaced.lists?.map(({ name, left }) => `${name} ${left}`),
    ["people 2", "by mail 0", "empty 0", "large 1"],
  );
  t.same(await namesOf(), ["by mail 1", "large 1", "people 1"]);

  // A file that only fills other lists makes none of its own; one of them that is there already holds up all.
  const only = await load(stores, "id,phone,email,due\nd1,2125550121,d1@example.com,1\n", { name: "new", mapping, append: true });
  t.equal(only.listId, (await stores.lists.listByName("by mail"))?.id);
  await t.rejects(load(stores, "id,phone,email,due\nd2,2125550122,,1\n", { name: "new", mapping }), { code: "list-exists" });
  t.same(await namesOf(), ["by mail 2", "large 1", "people 1"]);
});
