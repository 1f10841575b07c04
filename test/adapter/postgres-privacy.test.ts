import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import t from "tap";
import { verifyAudit } from "../../src/access/audit-engine.ts";
import { openImportStores } from "../../src/adapter/postgres/import-stores.ts";
import { Spool } from "../../src/adapter/postgres/repository/spool.ts";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { emptyChain, linkOn } from "../../src/compliance/consent.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { evidenceSealsOf } from "../../src/start/evidence-seals.ts";
import { everything, fill, mailbox, number, order, traces } from "./privacy-kit.ts";
import { claim, makeCampaign, node, openWorld, phone, race } from "./stores-kit.ts";

t.test("everything that is known of a person is told, and forgotten; what is counted stays", async (t) => {
  const { stores } = await openWorld(t);
  const { privacy } = stores;
  const { campaign, hers, others } = await fill(stores);
  const before = await everything(stores);
  for (const trace of traces) t.match(before, new RegExp(trace.replace("+", "\\+")), `${trace} is kept before`);

  const told = await privacy.collect([{ kind: "client-id", value: "cust-ada" }]);
  const empty = Object.entries(told.kinds).flatMap(([kind, rows]) => (rows.length === 0 ? [kind] : []));
  t.same(empty, ["waiting", "erasures"], "of each other kind something is told");
  t.match(told.kinds["attempts"]?.[0], { id: hers, result: "human", campaign: "reminders", answers: [{}, {}, {}, {}] });
  const said = told.kinds["recordings"]?.map(({ file, kind, consent }) => [file, kind, consent].join(" ")).toSorted();
  t.same(said, [`aside-${hers}.wav answer none`, `talk-${hers}.wav answer agreed`], "whether she was asked stands with what she said");
  t.match(told.kinds["contacts"], [
    { clientId: "cust-ada", list: "May", fields: { last_name: "Lovelace" }, addresses: [{ number }, {}, { mailbox }] },
  ]);
  t.notMatch(JSON.stringify(told), /Hopper|cust-grace/, "and nothing of anybody else");
  t.same(
    told.knownBy.map(({ value }) => value),
    [number, phone(100_000), mailbox, "cust-ada"],
  );

  const opened = (await stores.reports.differences(10)).compared;
  t.same((await stores.reports.differences(10)).differences, []);
  await t.rejects(privacy.erase(order({ reason: `letter of ${number}` })), { code: "person-invalid" });
  const erasure = await privacy.erase(order());
  t.match(erasure, { by: "root", reason: "asked for by letter", counts: { contacts: 1, attempts: 2, notes: 1, recordings: 2, suppressions: 2 } });

  const after = await everything(stores);
  for (const trace of traces) {
    const left = after.split("\n").filter((line) => line.includes(trace) && !line.includes("Hopper"));
    // The row of a recording stays until its file is gone; the name has only the attempt's id in it. The other person's answers are hers.
    const known = left.filter((line) => !line.startsWith("recording ") && !(line.startsWith("answer ") && line.includes(`"attempt_id": ${others}`)));
    t.same(known, [], `${trace} is nowhere any more`);
  }
  t.match(after, /Hopper/, "the other person is there still");
  const { compared, differences } = await stores.reports.differences(10);
  t.same(differences, [], "the counters agree with the log");
  t.equal(compared, opened, "over as much as before");
  await stores.reports.recount();
  t.same((await stores.reports.differences(10)).differences, [], "counted anew, too");
  t.match(await stores.campaigns.progress(campaign.id), { done: 2 });

  t.same((await privacy.going(10)).map(({ file }) => file).toSorted(), [`aside-${hers}.wav`, `talk-${hers}.wav`]);
  await privacy.gone((await privacy.going(10)).map(({ id }) => id));
  t.same(await privacy.going(10), []);
  t.match(await privacy.erasures({ limit: 5 }), [{ id: erasure.id, subjects: erasure.subjects }]);
  t.match((await privacy.collect(order().whom)).kinds["erasures"], [{ id: erasure.id }], "whoever asks with the number learns that they were erased");
  await t.rejects(privacy.erase(order({ whom: [{ kind: "client-id", value: "nobody" }] })), { code: "person-unknown" });

  const chain = await verifyAudit((afterId, limit) => stores.audit.chain(afterId, limit));
  t.equal(chain.broken, undefined);
  const lines = await stores.audit.chain("0", 10);
  t.match(lines.at(-1), { action: "erase a person", target: `/api/v1/erasures/${erasure.id}`, actor: "root" });
  const consents = await stores.consents.chain("0", 10);
  let whole = emptyChain;
  for (const record of consents) {
    const next = linkOn(whole, record, (text) => createHash("sha256").update(text).digest("hex"));
    if (typeof next === "string") t.fail(`the chain of consents is broken: ${next}`);
    else whole = next;
  }
  t.equal(whole.records, consents.length);
  t.match((await stores.consents.evidence(order().whom)).records, [
    { kind: "revocation", source: "attempt" },
    { kind: "consent" },
    { kind: "revocation", source: "erasure" },
  ]);
});

t.test("whoever was erased is not contacted, were they on a list again", async (t) => {
  const { stores } = await openWorld(t);
  await fill(stores);
  await stores.privacy.erase(order());
  const load = await stores.contacts.openLoad({ name: "June", append: false });
  await load.add([3, 4, 5].map((n) => ({ clientId: `cust-${n}`, addresses: [{ kind: "mobile", number: phone(n) }], fields: {} })));
  const report = await load.commit();
  // As a release had it that took them in.
  await stores.pool.query("update address set number = $1 where number = $2", [number, phone(3)]);
  await stores.pool.query("update contact set client_id = 'cust-ada' where client_id = 'cust-4'");
  const campaign = await makeCampaign(stores, { name: "June", listId: report.listId });
  const seen = new Map<string, boolean>();
  const { orders } = await claim(stores, campaign, 10, {
    judge: ({ address, suppressed }) => {
      seen.set(address, suppressed);
      return { go: true, untilMs: Date.now() + 60_000 };
    },
  });
  t.same(Object.fromEntries(seen), { [number]: true, [phone(4)]: true, [phone(5)]: false }, "by number, and by client id");
  const may = await Promise.all(orders.map(({ attemptId }) => stores.attempts.begin(attemptId, Date.now())));
  t.same(
    orders.flatMap(({ address }, place) => (may[place] ? [address] : [])),
    [phone(5)],
    "and were one let through, they are refused at the instant of calling",
  );
  t.match(await stores.suppressions.about({ kind: "number", value: number }), [
    { reason: "erased", source: "erasure" },
    { reason: "pressed 9", whom: { value: /^erased:/ } },
  ]);
});

t.test("nobody is half forgotten", async (t) => {
  const { stores, adminUrl } = await openWorld(t);
  const { campaign } = await fill(stores);
  await t.rejects(stores.privacy.erase(order({ whom: [number, phone(2)].map((value) => ({ kind: "number", value })) })), {
    code: "person-ambiguous",
  });

  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into attempt (campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
     select $1, id, 'voice', $2, 'ringing', $3, now(), now() from contact where client_id = 'cust-ada' returning id::text`,
    [campaign.id, number, node],
  );
  const ringing = rows[0]?.id ?? "";
  await t.rejects(stores.privacy.erase(order()), { code: "person-busy", retryable: true });
  t.same(await stores.registry.withdrawn(node), [ringing], "what rings is hung up");
  t.match(
    await stores.privacy.collect(order().whom),
    { kinds: { notes: [{ text: "her lawyer" }], suppressions: [{}, {}, {}, {}] } },
    "nothing is taken out yet",
  );
  await stores.attempts.finish(ringing, { at: Date.now(), result: "canceled", reason: "withdrawn" });

  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  // The last but one of what is done fails.
  await admin.query("create function broken() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$");
  await admin.query("create trigger broken before delete on address for each row execute function broken()");
  const before = await stores.privacy.collect(order().whom);
  await t.rejects(stores.privacy.erase(order()), { code: "database-fault" });
  const { exportedAt: _, ...left } = await stores.privacy.collect(order().whom);
  t.match(left, { kinds: before.kinds }, "what fails takes nothing out");
  await admin.query("drop trigger broken on address");

  const ends = await race(
    () => stores.privacy.erase(order()),
    () => stores.privacy.erase(order()),
  );
  t.same(ends.map(({ status }) => status).toSorted(), ["fulfilled", "fulfilled"], "two at once do no harm");
  await t.rejects(stores.pool.query("update event set address = 'x'"), { code: "23001" }, "nobody else may change what is kept for good");
});

t.test("the key of the hashes is sealed with secret.key, and the hashes stay as they are", async (t) => {
  const { stores, url, open } = await openWorld(t);
  await fill(stores);
  const { subjects } = await stores.privacy.erase(order());
  const keys = [0, 1].map(() => randomBytes(32).toString("base64")) as [string, string];
  const seals = (key: string | undefined, ...previousKeys: string[]) =>
    evidenceSealsOf({ secret: { ...(key !== undefined && { key }), previousKeys } });
  const salt = async () =>
    (await stores.pool.query<{ salt: Buffer | null; sealed: string | null }>("select salt, sealed from evidence_salt")).rows[0];
  const erased = async (by: Stores) =>
    (await by.suppressions.about({ kind: "number", value: number })).map(({ source }) => source).includes("erasure");
  const clear = (await salt())?.salt?.toString("hex") ?? "";
  t.match(clear, /^[0-9a-f]{64}$/);

  const keyless = await open({ seals: seals(undefined) });
  t.equal(await keyless.sealEvidence(), false, "without a key there is nothing to seal with");
  const sealing = await open({ seals: seals(keys[0]) });
  t.equal(await sealing.sealEvidence(), true);
  t.equal(await sealing.sealEvidence(), false, "once is enough");
  t.match(await salt(), { salt: null, sealed: /^v1\./ });
  t.notMatch(await everything(stores), clear, "it is nowhere in the database any more");

  const closed = { code: "evidence-key-sealed", message: /CARILLON_SECRET_KEY_FILE/ };
  for (const wrong of [undefined, seals(undefined), seals(keys[1])])
    await t.rejects(open(wrong === undefined ? {} : { seals: wrong }), closed, "nobody goes on without it");
  await t.rejects(openImportStores({ url, clock: systemClock }), closed);
  const direct = new pg.Client({ connectionString: url });
  await direct.connect();
  t.teardown(() => direct.end());
  await t.rejects(direct.query("insert into suppression (number, reason, source, created_at) values ($1, 'x', 'admin', now())", [phone(3)]), {
    message: /sealed with secret\.key/,
  });

  const opened = await open({ seals: seals(keys[0]) });
  t.equal(await erased(opened), true, "she is known by the same hash");
  t.equal(await erased(stores), true, "by a process of before, too");
  const told = await opened.suppressions.add({ whom: { kind: "number", value: phone(3) }, reason: "x" }, "root");
  t.match((await opened.consents.evidence([{ kind: "number", value: phone(3) }])).records, [{ kind: "revocation", suppressionId: told.id }]);
  const imports = await openImportStores({ url, clock: systemClock, seals: seals(keys[0]) });
  t.teardown(() => imports.close());
  const load = await imports.contacts.openLoad({ name: "June", append: false });
  t.match(await load.add([{ clientId: "new", addresses: [{ kind: "mobile", number }], fields: {} }]), [{ column: "phone", erased: true }]);
  await load.abort();

  const turning = await open({ seals: seals(keys[1], keys[0]) });
  t.equal(await turning.sealEvidence(), true, "a new key takes over by itself");
  const later = await open({ seals: seals(keys[1]) });
  t.equal(await erased(later), true);
  t.same((await later.privacy.erasures({ limit: 1 }))[0]?.subjects, subjects);
});

t.test("a damaged line of the file of unwritten records is told by its place alone", async (t) => {
  const path = join(t.testdir(), "unwritten-a.jsonl");
  await writeFile(path, `\n{"key":"k","attemptId":"1","at":1,"effects":[{"kind":"suppress","reason":"pressed 9 at ${number}"`);
  const told: unknown[] = [];
  const spool = await Spool.open(path, { ...silentLog, warn: (about) => void told.push(about) });
  t.teardown(() => spool.close());
  t.match(told, [{ file: path, line: 2, characters: Number }]);
  t.notMatch(JSON.stringify(told), number);
});
