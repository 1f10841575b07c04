import { Readable } from "node:stream";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { loadSuppressions } from "../../src/compliance/suppression-import-engine.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import type { Rejection } from "../../src/contact/ports.ts";
import { everything, fill, mailbox, number, order } from "./privacy-kit.ts";
import { openWorld, phone, race } from "./stores-kit.ts";

const { stores, open } = await openWorld(t);
await fill(stores);
const hers = [number, mailbox, "cust-ada"];

/** Which of her names stand in the database. */
async function named(): Promise<readonly string[]> {
  const all = await everything(stores);
  return hers.filter((name) => all.includes(name));
}

async function bring(csv: string, more: Partial<Parameters<typeof importContacts>[0]> = {}) {
  const rejections: Rejection[] = [];
  const report = await importContacts({
    ...{ store: stores.contacts, name: "again", append: false, existing: "update", csv: Readable.from([csv]) },
    rejected: (each) => void rejections.push(each),
    ...more,
  });
  return { ...report, told: rejections.map(({ row, column, reason }) => `${row} ${column} ${reason}`) };
}

const her = (listId: string) => ({ clientId: "cust-9", timeZone: null, addresses: [{ kind: "mobile" as const, number }], fields: {}, listId });

t.test("an erasure waits for imports that began before it, and forgets whom they brought", async (t) => {
  const load = await stores.contacts.openLoad({ name: "on its way", append: false });
  await load.add([{ clientId: "cust-ada", addresses: [{ kind: "mobile", number }], fields: {} }]);
  await t.rejects(stores.privacy.erase(order()), { code: "list-busy", retryable: true });
  await load.commit();
  const erasure = await stores.privacy.erase(order());
  t.match(erasure, { counts: { contacts: 2 } }, "the one who came in meanwhile, too");
  t.same(await named(), []);
});

t.test("a contact file leaves out whoever was erased, and says so", async (t) => {
  const csv = `id,phone,email,name\ncust-ada,${phone(70)},,A\ncust-1,${number},,B\ncust-2,${phone(71)},${mailbox},C\ncust-3,${phone(72)},,D\ncust-3,${phone(73)},,E\n`;
  const mapping = {
    columns: [
      { column: "id", as: "clientId" as const },
      { column: "phone", as: "number" as const },
      { column: "email", as: "mailbox" as const },
    ],
  };
  const expected = { read: 5, accepted: 1, rejected: 4, duplicates: 1, erased: 3 };
  const dry = await bring(csv, { mapping, dry: true });
  t.match(dry, expected, "also beforehand");
  const report = await bring(csv, { mapping });
  t.match(report, expected);
  t.match(report.told, [
    /^1 id names somebody who was erased/,
    /^2 phone names/,
    /^3 email names/,
    /^5 id the client id cust-3 is on the list already/,
  ]);
  t.notMatch(report.told.join(), new RegExp([number.slice(1), mailbox].join("|")), "without saying whom");
  t.match(report.suppressed, { voice: 0, sms: 0, email: 0 });
  t.same(await named(), [], "nothing of it is kept");
});

t.test("nobody adds them by hand either", async (t) => {
  const { listId } = await bring(`phone\n${phone(80)}\n`, { name: "one by one" });
  await t.rejects(stores.people.add(listId, her(listId), false), { code: "person-erased" });
  const id = await stores.people.add(listId, { ...her(listId), addresses: [{ kind: "mobile", number: phone(81) }] }, false);
  await t.rejects(stores.people.change(id, her(listId)), { code: "person-erased" });
  await stores.people.change(id, { ...her(listId), addresses: [{ kind: "mobile", number: phone(82) }] });
  t.same(await named(), []);
});

t.test("a suppression list keeps their hash, and blocks all the same", async (t) => {
  const { suppressions } = stores;
  const { id: listId } = await suppressions.createList({ name: "complaints", mandatory: true, channels: [], reason: "complained" }, "ann");
  const load = async (content: string, mode: "append" | "replace") =>
    await loadSuppressions({
      ...{ store: suppressions, listId, mode, by: "ann", defaultCountry: "US", clock: systemClock, content: Readable.from([content]), rejected() {} },
    });
  const file = `phone;email;client_id\n${number};;\n;${mailbox};\n;;cust-ada\n${phone(90)};;\n`;
  t.match(await load(file, "append"), { added: 4, entries: 4 });
  t.match(await load(file, "replace"), { added: 0, ended: 0, entries: 4 }, "the same file again changes nothing");
  t.same(await named(), []);
  const of = async () => (await suppressions.about({ kind: "number", value: number })).filter(({ list }) => list === "complaints");
  t.match(await of(), [{ whom: { kind: "number", value: /^erased:/ }, reason: "complained", source: "list", expiresAt: undefined }]);
  t.match(await load(`phone\n${phone(90)}\n`, "replace"), { added: 0, ended: 3, entries: 1 });
  t.match(await of(), [{ endedBy: "ann", endedReason: /not in the file of load/ }], "whom the file has no more is ended");

  const whom = { kind: "number", value: number } as const;
  const both = await race(
    () => suppressions.add({ whom, listId, reason: "wrote" }, "ann"),
    () => suppressions.add({ whom, listId, reason: "wrote" }, "ann"),
  );
  t.match(both, [{ value: { whom: { value: /^erased:/ }, list: "complaints" } }, {}]);
  t.equal((await of()).filter(({ reason }) => reason === "wrote").length, 1, "said twice it is written once");
  t.match(await suppressions.add({ whom, reason: "wrote", channel: "voice" }, "ann"), { whom: { value: /^erased:/ }, source: "admin" });
  t.match((await stores.consents.evidence([whom])).records.at(-1), { kind: "revocation", source: "admin" }, "and revokes what they agreed to");
  t.same(await named(), []);
});

t.test("whose block somebody has ended is a person like others again", async (t) => {
  const others = await open({ node: "node-2" });
  for (const value of hers.map((name) => ({ kind: name === number ? "number" : name === mailbox ? "mailbox" : "client-id", value: name }) as const))
    for (const { id, source, expiresAt } of await others.suppressions.about(value))
      if (source === "erasure" && expiresAt === undefined) await others.suppressions.end(id, "asked to be called again", "ann");
  t.match(await bring(`phone,name\n${number},Ada\n`, { name: "anew" }), { accepted: 1, erased: 0 });
  t.same(await named(), [number]);
});
