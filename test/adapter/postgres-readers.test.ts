import { randomBytes } from "node:crypto";
import t from "tap";
import { PostgresKeyStore } from "../../src/adapter/postgres/repository/key-store.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { makeCampaign, makeList, openWorld, phone } from "./stores-kit.ts";

t.test("keys, scripts, campaigns and lists are found again, and pages follow each other", async (t) => {
  const { stores } = await openWorld(t);
  const whose = { agentId: undefined, groupIds: undefined };
  const key = await stores.keys.add({ ...whose, name: "crm", hash: "a".repeat(64), role: "admin", expiresAt: undefined });
  t.same(await stores.keys.findByHash("a".repeat(64)), key);
  t.match(await stores.keys.find(key.id), { lastUsedAt: Number }, "and counts as used");
  await stores.keys.add({ ...whose, name: "old", hash: "b".repeat(64), role: "read-only", expiresAt: 1 });
  t.equal(await stores.keys.findByHash("b".repeat(64)), undefined, "one that has ended opens nothing");
  t.equal(await stores.keys.revoke(key.id), true);
  t.equal(await stores.keys.revoke(key.id), false);
  t.equal(await stores.keys.findByHash("a".repeat(64)), undefined);
  t.match(await stores.keys.list(), [{ id: key.id, revokedAt: Number }, { name: "old" }]);

  const versions = await Promise.all(["a", "b", "a", "b"].map((source) => stores.scripts.publish("greet", source)));
  t.equal(new Set(versions.map(({ id }) => id)).size, 2, "the same source is the same version");
  t.same(new Set(versions.map(({ version }) => version)), new Set([1, 2]));
  const latest = await stores.scripts.publish("greet", "c");
  t.match(latest, { version: 3, name: "greet", source: "c" });
  t.match(latest, await stores.scripts.current("greet"));
  t.match(latest, await stores.scripts.find(latest.id));

  const campaign = await makeCampaign(stores, { started: false });
  t.same(await stores.campaigns.find(campaign.id), campaign);
  t.same(await stores.campaigns.findByName(campaign.name), campaign);
  await t.rejects(makeCampaign(stores, { listId: campaign.listId }), { code: "campaign-exists" });
  await t.rejects(makeCampaign(stores, { name: "other", listId: "999" }), { code: "campaign-invalid" });
  t.equal(await stores.campaigns.move(campaign.id, "running", "paused"), false);
  const moves = await Promise.all(Array.from({ length: 5 }, () => stores.campaigns.move(campaign.id, "draft", "running")));
  t.equal(moves.filter(Boolean).length, 1);
  t.match(await stores.campaigns.progress(campaign.id), { contacts: 10, waiting: 10 }, "the work table is filled once");
  t.match(await stores.campaigns.inState(["running", "stopping"]), [{ id: campaign.id }]);
  t.same(await stores.campaigns.inState(["paused"]), []);

  for (let index = 0; index < 5; index += 1) await makeList(stores, `list ${index}`, 1);
  const all = await stores.lists.lists({ limit: 100 });
  const pages: string[] = [];
  for (let afterId: string | undefined; ; ) {
    const page = await stores.lists.lists({ limit: 2, ...(afterId !== undefined && { afterId }) });
    if (page.length === 0) break;
    pages.push(...page.map(({ id }) => id));
    afterId = page.at(-1)?.id;
  }
  t.same(
    pages,
    all.map(({ id }) => id),
  );
  const people = await stores.lists.contacts(campaign.listId, { limit: 3 });
  t.match(people, [
    {
      clientId: "c1",
      timeZone: "America/New_York",
      addresses: [{ kind: "mobile", number: phone(1) }, { kind: "landline" }],
      fields: { first_name: "Name 1" },
    },
  ]);
  t.same(await stores.lists.contact(people[0]?.id ?? ""), people[0]);
  for (const id of ["0", "-1", "abc", "", "1e3", "99999999999999999999", "'; drop table list; --"]) {
    t.equal(await stores.lists.list(id), undefined, id);
    t.equal(await stores.lists.contact(id), undefined);
    t.equal(await stores.campaigns.find(id), undefined);
    t.equal(await stores.scripts.find(id), undefined);
    t.equal(await stores.keys.revoke(id), false);
    t.same(await stores.lists.contacts(id, { limit: 1 }), []);
    t.same(await stores.attemptReader.attempts(id, {}, { limit: 1 }), []);
  }
});

t.test("a key that was found to hold is remembered for a second, and not for a request longer where it is revoked", async (t) => {
  const { stores } = await openWorld(t);
  let now = Date.now();
  const open = () => new PostgresKeyStore(stores.pool, { ...systemClock, now: () => now });
  const [here, elsewhere] = [open(), open()];
  const made = async (expiresAt?: number) => {
    const hash = randomBytes(32).toString("hex");
    return await here.add({ name: "crm", hash, role: "admin", agentId: undefined, groupIds: undefined, expiresAt });
  };
  const [first, second, third, ending] = [await made(), await made(), await made(), await made(now + 500)];
  const found = async ({ hash }: { readonly hash: string }) => (await here.findByHash(hash)) !== undefined;
  for (const key of [first, second, ending]) t.ok(await found(key));

  t.ok(await elsewhere.revoke(first.id));
  now += 499;
  t.ok(await found(ending));
  now += 1;
  t.notOk(await found(ending), "its end holds for what is remembered too");
  t.ok(await found(first), "revoked on another node half a second ago");
  now += 500;
  t.notOk(await found(first), "and not after a second, though it was asked for all the time");

  t.ok(await found(second));
  t.ok(await here.revoke(second.id));
  t.notOk(await found(second), "at once where it was revoked");

  const late = here.findByHash(third.hash);
  await here.revoke(third.id);
  await late;
  t.notOk(await found(third), "a look-up that was under way meanwhile is not remembered");
});
