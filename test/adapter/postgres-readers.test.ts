import t from "tap";
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
