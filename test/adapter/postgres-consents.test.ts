import pg from "pg";
import t from "tap";
import { legalConsents } from "../../src/compliance/legal-consents.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { agreed, asked, by, day, number, safeguard, verify } from "./consents-kit.ts";
import { listOf, writeTo } from "./message-campaign-kit.ts";
import { allow, attemptRow, begun, claim, makeCampaign, makeList, node, openWorld } from "./stores-kit.ts";

t.test("a campaign may need consent: by number or by person, for its purpose, until it ends or is revoked on any channel", async (t) => {
  const { stores } = await openWorld(t);
  const { consents, suppressions } = stores;
  const listId = await makeList(stores, "people", 7);
  const campaign = await makeCampaign(stores, { name: "one", listId });
  const free = await makeCampaign(stores, { name: "free", listId });
  await safeguard(stores, campaign, "'offers', true, null");
  t.same(await asked(stores, free, "noConsent"), [], "others need none");
  await consents.record(agreed(number(1)), by);
  await consents.record(agreed({ kind: "client-id", value: "c2" }, { channel: "voice" }), by);
  await consents.record(agreed(number(3), { channel: "sms" }), by);
  await consents.record(agreed(number(4), { purpose: "surveys" }), by);
  await consents.record(agreed(number(5), { kind: "relationship" }), by);
  await consents.record(agreed(number(6), { expiresAt: Date.now() - 1000 }), by);
  await consents.record(agreed(number(7)), by);
  t.same(await asked(stores, campaign, "noConsent"), ["3", "4", "5", "6"]);
  const [first, second, seventh] = (
    await claim(stores, campaign, 7, {
      judge: ({ noConsent }) => (noConsent ? { go: false, rule: "no-consent" } : { go: true, untilMs: Date.now() + 60_000 }),
    })
  ).orders;
  t.equal(await stores.attempts.begin(seventh?.attemptId ?? "", Date.now()), true);
  await consents.record({ kind: "revocation", whom: { kind: "client-id", value: "c1" }, obtainedAt: Date.now(), source: "letter" }, by);
  t.equal(await stores.attempts.begin(first?.attemptId ?? "", Date.now()), false, "asked again before it leaves");
  t.match(await attemptRow(stores, first?.attemptId ?? ""), { result: "canceled", reason: "no-consent" });
  t.match(await stores.campaigns.progress(campaign.id), { waiting: 0, refusals: { "no-consent": 5 } });
  await consents.record({ kind: "revocation", whom: number(7), purpose: "offers", channel: "voice", obtainedAt: Date.now(), source: "call" }, by);
  t.same(await stores.registry.withdrawn(node), [seventh?.attemptId], "what rings is taken back");
  const [, , third] = await stores.lists.contacts(listId, { limit: 3 });
  const back = await stores.singles.reserve(campaign, { contactId: third?.id ?? "", promised: true }, Date.now(), allow);
  if (!("order" in back)) return t.fail(back.refused);
  t.equal(await stores.attempts.begin(back.order.attemptId, Date.now()), true, "whoever asked to be called back need not have agreed");
  await consents.record({ kind: "revocation", whom: number(9), obtainedAt: Date.now(), source: "letter" }, by);
  t.same(await stores.registry.withdrawn(node), [seventh?.attemptId], "nor is that call taken back when somebody else revokes");

  // An opt-out revokes, whether or not it is lifted again.
  await stores.attempts.begin(second?.attemptId ?? "", Date.now());
  await stores.attempts.effect(second?.attemptId ?? "", Date.now(), [{ kind: "suppress", channels: ["sms"], scope: "account", reason: "STOP" }]);
  const { records, subjects } = await consents.evidence([{ kind: "client-id", value: "c2" }, number(2)]);
  t.match(records, [
    { kind: "consent", subjectKind: "client-id", channel: "voice", proof: "ticked “call me” — ✓\n\u0001\u2028", recordedBy: by },
    { kind: "revocation", subject: subjects[1]?.subject, channel: "sms", source: "attempt", proof: "STOP" },
    { kind: "revocation", subject: subjects[0]?.subject, channel: "sms", source: "attempt", proof: "STOP" },
  ]);
  await suppressions.add({ whom: { kind: "mailbox", value: "ann@example.com" }, campaignId: free.id, reason: "of a campaign without a purpose" }, by);
  await suppressions.add({ whom: { kind: "mailbox", value: "ann@example.com" }, campaignId: campaign.id, reason: "of this one" }, by);
  t.match(await consents.evidence([{ kind: "mailbox", value: "ann@example.com" }]), { records: [{ purpose: "offers", recordedBy: by }] });
  t.equal(await verify(stores), 14);
  const { rows } = await stores.pool.query("select * from consent");
  t.notMatch(JSON.stringify(rows), /\+1212|"c[0-9]"|ann@example/, "it names nobody");
});

t.test("the chain does not fork under several nodes, and shows what was done to it", async (t) => {
  const { stores, open, adminUrl } = await openWorld(t);
  const second = await open();
  const people = await makeCampaign(stores, { name: "one", people: 5 });
  const orders = await begun(stores, people, 5);
  await Promise.all([
    ...Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? stores : second).consents.record(agreed(number(index)), by)),
    ...orders.map(({ attemptId }) =>
      second.attempts.effect(attemptId, Date.now(), [{ kind: "suppress", channels: [], scope: "account", reason: "9" }]),
    ),
  ]);
  t.equal(await verify(stores), 20 + 5 * 3, "each opt-out revokes for both numbers and the person");
  for (const wrong of [{ purpose: "Two words" }, { source: " " }, { obtainedAt: Date.now() + day }, { expiresAt: 5 }, { proof: "a\0" }] as const)
    await t.rejects(stores.consents.record(agreed(number(1), wrong), by), { code: "consent-invalid" });
  await t.rejects(stores.consents.record({ kind: "consent", whom: number(1), obtainedAt: 1, source: "x" }, by), { code: "consent-invalid" });
  await t.rejects(stores.pool.query("update consent set purpose = 'else' where id = 3"), /append-only/);
  await t.rejects(stores.pool.query("delete from consent where id = 3"), /append-only/);
  await t.rejects(stores.pool.query("truncate consent"), /append-only/);
  // Whoever rules the database can do anything, but not so that it is not seen.
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  t.teardown(() => admin.end());
  await admin.query("set session_replication_role = replica");
  for (const [tampering, told] of [
    ["update consent set hash = repeat('a', 64) where id = 30", /record 30 was changed/],
    ["update consent set previous = repeat('b', 64) where id = 25", /record 25 does not continue record 24/],
    ["delete from consent where id = 20", /record 20 is missing/],
    ["update consent set proof = 'more' where id = 7", /record 7 was changed/],
  ] as const) {
    await admin.query(tampering);
    t.match(await verify(stores), told);
  }
});

t.test("national lists hold for those who have not agreed, unless the campaign is exempt", async (t) => {
  const { stores } = await openWorld(t);
  const { consents, suppressions } = stores;
  const listId = await makeList(stores, "people", 3);
  const [sells, asks, plain] = [
    await makeCampaign(stores, { name: "sells", listId }),
    await makeCampaign(stores, { name: "asks", listId }),
    await makeCampaign(stores, { name: "plain", listId }),
  ];
  await safeguard(stores, sells, "'offers', false, null");
  await safeguard(stores, asks, "'surveys', false, 'no sale (16 CFR 310.2(gg))'");
  const { id } = await suppressions.createList(
    { name: "federal", kind: "us-national", mandatory: true, channels: ["voice"], reason: "national list" },
    by,
  );
  const load = await suppressions.openLoad(id, "append");
  await load.add([1, 2, 3].flatMap((index) => [{ whom: number(index), reason: "" }]));
  await load.commit({ by, read: 3, rejected: 0, sha256: "" });
  await consents.record(agreed(number(1)), by);
  await consents.record(agreed({ kind: "client-id", value: "c2" }, { kind: "relationship", expiresAt: Date.now() + day }), by);
  t.same(await asked(stores, sells, "suppressed"), ["3"]);
  t.same(await asked(stores, asks, "suppressed"), []);
  t.same(await asked(stores, plain, "suppressed"), ["1", "2", "3"], "who says no purpose has no consent to it");
});

t.test("the law of France and Germany wants consent to calls that sell: from its first day, of calls alone, not where it is waived", async (t) => {
  const { stores } = await openWorld(t);
  const { consents } = stores;
  await stores.caps.keepLaw([], legalConsents());
  // Of either country somebody of whom nothing is known, somebody who agreed, and a customer; and somebody of neither.
  const numbers = ["+33142685301", "+33142685302", "+33142685303", "+493012345674", "+493012345675", "+493012345676", "+442079460107"];
  const people = numbers.filter(isPhoneNumber).map((each) => [{ kind: "mobile" as const, number: each }]);
  const listId = await listOf(stores, "abroad", people);
  for (const [index, kind] of [
    [1, "consent"],
    [2, "relationship"],
    [4, "consent"],
    [5, "relationship"],
  ] as const)
    await consents.record(agreed({ kind: "number", value: numbers[index] ?? "" }, { kind }), by);
  const [sells, plain, asks] = [
    await makeCampaign(stores, { name: "sells", listId }),
    await makeCampaign(stores, { name: "plain", listId }),
    await makeCampaign(stores, { name: "asks", listId }),
  ];
  const sms = await writeTo(stores, "sms", listId);
  await safeguard(stores, sells, "'offers', false, null");
  await safeguard(stores, asks, "null, false, 'reminders of what is owed'");
  await stores.pool.query("update work set due_at = '2000-01-01'");
  const refused = async (campaign: VoiceCampaign, at: number) => {
    const found: string[] = [];
    await stores.work.claim(campaign, 100, at, node, ({ noConsent, address }) => {
      if (noConsent) found.push(address.slice(-1));
      return { go: false, rule: "on-the-line", retryAt: at };
    });
    return found.sort();
  };
  // 2026-08-11 begins in Kiribati.
  const first = Date.parse("2026-08-10T10:00:00Z");
  t.same(await refused(sells, first - 1), ["4", "6"], "a customer has not agreed, says Germany; France asks from August 2026 on");
  t.same(await refused(sells, first), ["1", "4", "6"], "and lets go who has a contract");
  t.same(await refused(plain, first), ["1", "2", "3", "4", "5", "6"], "who says no purpose has no consent to it");
  t.same(await refused(asks, first), [], "what sells nothing is exempt");
  const written: unknown[] = [];
  await stores.work.claimMessages(sms, 100, first, node, ({ noConsent }) => {
    written.push(noConsent);
    return { go: false, rule: "on-the-line", retryAt: first };
  });
  t.same(written, Array(7).fill(undefined), "messages are no calls");

  const { orders } = await stores.work.claim(sells, 100, first, node, ({ noConsent, address }) =>
    noConsent || address !== numbers[1] ? { go: false, rule: "on-the-line", retryAt: first } : { go: true, untilMs: first + 60_000 },
  );
  await consents.record({ kind: "revocation", whom: { kind: "number", value: numbers[1] ?? "" }, obtainedAt: Date.now(), source: "letter" }, by);
  t.equal(await stores.attempts.begin(orders[0]?.attemptId ?? "", first), false, "asked again before it leaves");
  t.match(await attemptRow(stores, orders[0]?.attemptId ?? ""), { result: "canceled", reason: "no-consent" });
  const [somebody] = await stores.lists.contacts(listId, { limit: 1 });
  const back = await stores.singles.reserve(plain, { contactId: somebody?.id ?? "", promised: true }, Date.now(), ({ noConsent }) =>
    noConsent ? { go: false, rule: "no-consent" } : { go: true, untilMs: Date.now() + 60_000 },
  );
  if (!("order" in back)) return t.fail(back.refused);
  t.equal(await stores.attempts.begin(back.order.attemptId, Date.now()), true, "whoever asked to be called back is");
  await stores.caps.keepLaw([]);
  t.same(await refused(plain, first), [], "waived with the hours");
  t.throws(() => legalConsents([{ place: "JP", from: "2026-01-01", relationship: false, source: "none" }]), /JP is no place/);
});
