import t from "tap";
import { addCallback, cancelCallback, listCallbacks } from "../../src/command/callback.ts";
import { addAgent } from "../../src/command/staff.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { world } from "../api/world.ts";

t.test("who is to be called again", async (t) => {
  const { app, key, stores } = await world(t);
  const there = { url: await app.listen({ host: "127.0.0.1", port: 0 }), key };
  const { id } = await makeCampaign(stores, { name: "friday", people: 2 });
  const [ada, grace] = (await stores.pool.query<{ id: string }>("select id::text from contact order by id")).rows.map((row) => row.id);
  await addAgent("Ann", there);
  t.equal(await listCallbacks(there), "Nobody is to be called again.");
  const at = `${new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 11)}15:00:00Z`;
  const day = at.slice(0, 10);
  t.match(
    await addCallback("friday", ada ?? "", { ...there, at, agent: "Ann", note: "has\tthe invoice" }),
    new RegExp(`^Callback 1: agent Ann calls \\+\\d+ from ${day} 15:00:00Z on\\.$`),
  );
  t.match(await addCallback(id, grace ?? "", { ...there, at }), /^Callback 2: an agent of the campaign's groups calls /);
  await t.rejects(addCallback("monday", ada ?? "", { ...there, at }), { code: "campaign-unknown" });
  await t.rejects(addCallback("friday", ada ?? "", { ...there, at, agent: "Eve" }), { code: "agent-unknown" });
  await t.rejects(addCallback("friday", "999999", { ...there, at }), { code: "contact-unknown" });
  const shown = await listCallbacks({ ...there, campaign: "friday" });
  t.match(
    shown,
    /^ID +DUE +STANDS +CAMPAIGN +CONTACT +NUMBER +AGENT +NOTE\n1 +\d{4}-\d\d-\d\d 15:00:00Z +later +friday +\d+ +\+\d+ +Ann +has the invoice\n2 .* - *$/,
  );
  t.match(await cancelCallback("1", there), /^Callback 1 of contact \d+ is canceled/);
  t.match(await cancelCallback("1", there), /is canceled/, "said twice, it is canceled still");
  await t.rejects(cancelCallback("77", there), { code: "callback-unknown" });
  t.notMatch(await listCallbacks(there), /Ann/);
  t.match(await listCallbacks({ ...there, ended: true }), /^1 .* canceled +friday/m);
  t.match(JSON.parse(await listCallbacks({ ...there, json: true })), [{ id: "2", contactId: grace }]);
});
