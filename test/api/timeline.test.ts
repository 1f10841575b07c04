import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { defaultWrapUp } from "../../src/agent/group.ts";
import { writePlace } from "../../src/api/cursor.ts";
import { timeText } from "../../src/api/schema/common.ts";
import type { Verdict } from "../../src/strategy/ports.ts";
import { csv, world } from "./world.ts";

t.setTimeout(280_000);

t.test("the timeline of a contact says why he was called, and why not", async (t) => {
  const { ask, stores } = await world(t);
  await ask("POST", "/api/v1/lists?name=april", csv, { "content-type": "text/csv" });
  const { id: scriptVersionId } = await stores.scripts.publish("greeting", "script: greeting", { by: "test" });
  const campaign = await stores.campaigns.create({
    name: "april",
    listId: "1",
    scriptVersionId,
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 100,
    maxLines: 100,
    ringTimeoutMs: 25_000,
    window: { startMinute: 480, endMinute: 1200, weekdays: [1, 2, 3, 4, 5] },
    defaultTimeZone: "America/New_York",
  });
  await stores.campaigns.move(campaign.id, "draft", "running");
  const running = { ...campaign, state: "running" as const };
  const [contact] = await stores.timelines.named("1", "c-1");
  if (!contact) throw new Error("nobody");
  t.same(await stores.timelines.named("1", "+12125550101"), [contact]);
  t.same(await stores.timelines.named("1", contact), [contact]);
  t.same(await stores.timelines.named("1", "nobody"), []);
  t.same(await stores.timelines.named("2", "c-1"), [], "of another list");

  const timeline = async (query = "") => ask("GET", `/api/v1/contacts/${contact}/timeline${query}`);
  t.match((await timeline()).body, { items: [], waiting: [{ campaignId: campaign.id }] });

  const now = Date.now();
  const judge = (verdict: Verdict) => (candidate: { contactId: string }) =>
    candidate.contactId === contact ? verdict : ({ go: false, rule: "unknown-time-zone" } as const);
  const claim = (at: number, verdict: Verdict) => stores.work.claim(running, 10, at, "node-1", judge(verdict));
  await claim(now + 1000, { go: false, rule: "outside-calling-window", retryAt: now + 3_600_000 });
  const { orders } = await claim(now + 3_600_000, { go: true, untilMs: now + 9_000_000 });
  const attemptId = orders[0]?.attemptId ?? "";
  await stores.attempts.begin(attemptId, now + 3_600_000);
  await stores.attempts.effect(attemptId, now + 3_610_000, [{ kind: "suppress", channels: [], scope: "account", reason: "key 9" }]);
  await stores.attempts.finish(attemptId, { at: now + 3_620_000, result: "human", reason: "script ended", outcome: "opted_out" });

  const told = await timeline();
  t.match(told, {
    status: 200,
    body: {
      items: [
        {
          kind: "refused",
          at: new Date(now + 1000).toISOString(),
          campaignId: campaign.id,
          rule: "outside-calling-window",
          meaning: /calling hours/,
          retryAt: new Date(now + 3_600_000).toISOString(),
        },
        { kind: "attempt", id: attemptId, address: "+12125550101", state: "ended", result: "human", outcome: "opted_out" },
        { kind: "suppressed", reason: "key 9", source: "attempt" },
      ],
      waiting: [],
    },
  });
  t.ok(told.body.items.length >= 4, "a suppression for each number, and one for the person");
  t.notMatch(told.body.items[2], { campaignId: String }, "on every campaign");

  const list = await stores.suppressions.createList({ name: "tps", kind: "uk-tps", reason: "registered", mandatory: true, channels: [] }, "ann");
  const load = `/api/v1/suppression-lists/${list.id}/load?mode=append&country=US`;
  t.match(await ask("POST", load, "+12125550101\n", { "content-type": "text/csv" }), { status: 200, body: { entries: 1 } });
  const all = (await timeline()).body.items;
  const listed = { kind: "suppressed", reason: "registered", source: "list", list: "tps" };
  t.match(
    all.filter(({ source }) => source === "list"),
    [listed],
    "an entry that says nothing itself has its list's reason",
  );

  const paged: unknown[] = [];
  let next: unknown;
  do {
    const page = await timeline(`?limit=1${next === undefined ? "" : `&cursor=${String(next)}`}`);
    t.equal(page.body.items.length, 1);
    paged.push(...page.body.items);
    next = page.body["next"];
  } while (next !== undefined);
  t.same(paged, all, "page by page the same");

  // Others call the same list: what they did is not there for whoever is limited to another group.
  const { id: _, state: __, ...settings } = campaign;
  const others = await stores.campaigns.create({ ...settings, name: "may", scriptVersionId });
  await stores.pool.query("insert into work (campaign_id, contact_id, due_at) values ($1, $2, now())", [others.id, contact]);
  const seenBy = async (campaignId: string) => {
    const { id } = await stores.agents.addGroup(`of ${campaignId}`, defaultWrapUp);
    await stores.agents.assign(id, campaignId);
    const { text } = await issueKey(stores.keys, "limited", { role: "supervisor", groupIds: [id] });
    const { body } = await ask("GET", `/api/v1/contacts/${contact}/timeline`, undefined, { authorization: `Bearer ${text}` });
    const waits = body["waiting"] as readonly { readonly campaignId: string }[];
    return { kinds: [...new Set(body.items.map(({ kind }) => kind))].sort(), waits: waits.map(({ campaignId }) => campaignId) };
  };
  t.same(await seenBy(campaign.id), { kinds: ["attempt", "refused", "suppressed"], waits: [] });
  t.same(await seenBy(others.id), { kinds: ["suppressed"], waits: [others.id] });

  t.match(await ask("GET", "/api/v1/contacts/999/timeline"), { status: 404, body: { code: "contact-unknown" } });
  const strange = [
    "x",
    writePlace({ at: 1, kind: "attempt", id: "1" }).slice(1),
    Buffer.from("at:1:nothing:1").toString("base64url"),
    Buffer.from("after:1").toString("base64url"),
  ];
  for (const cursor of strange) t.match(await timeline(`?cursor=${cursor}`), { status: 400, body: { code: "cursor-invalid" } }, cursor);
});

t.test("times are told as Date tells them", (t) => {
  const told = [0, -1, 1.5, -1.5, 86_399_999, 86_400_000, 951_782_400_000, 1_774_799_999_999, 253_402_300_800_000, 8.64e15, -8.64e15];
  for (const at of [...told, ...told]) t.equal(timeText(at), new Date(at).toISOString());
  t.throws(() => timeText(Number.NaN), RangeError);
  t.end();
});
