import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { MayCall } from "../../src/agent/callback.ts";
import { CallbackEngine } from "../../src/agent/callback-engine.ts";
import { defaultDeskRules } from "../../src/agent/desk-rules.ts";
import { AgentWork } from "../../src/agent/work-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { allow, makeCampaign, node, openWorld, phone } from "../adapter/stores-kit.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { logIn, makeGroup, openDesks } from "./agents-kit.ts";

t.test("what agents do with people", async (t) => {
  const { stores } = await openWorld(t);
  let may: MayCall = { may: true };
  const parts = {
    contacts: stores.agentContacts,
    callbacks: stores.callbacks,
    agents: stores.agents,
    campaignDesks: stores.campaignDesks,
    templates: stores.templates,
    attempts: stores.attempts,
    sends: ["sms", "email"] as const,
    clock: systemClock,
    log: silentLog,
  };
  const work = new AgentWork({ ...parts, mayCall: async (callbacks) => callbacks.map(() => may) });
  const engine = new CallbackEngine({ callbacks: stores.callbacks, clock: systemClock, log: silentLog, lookMs: 3_600_000 });
  t.teardown(() => engine.close());
  const { id: campaignId, listId } = await makeCampaign(stores, { people: 8 });
  const other = await makeCampaign(stores, { name: "other", people: 2 });
  const { groupId, agentIds } = await makeGroup(stores, "sales", 2);
  await stores.agents.assign(groupId, campaignId);
  const [ann = "", bob = ""] = agentIds;
  const people = await stores.lists.contacts(listId, { limit: 100 });
  const contactIds = people.map(({ id }) => id);
  const [first = "", second = "", third = "", fourth = ""] = contactIds;
  const [foreign = ""] = (await stores.lists.contacts(other.listId, { limit: 1 })).map(({ id }) => id);
  const annAs = { id: ann, name: "sales-1" };
  const now = Date.now();

  await t.test("they find people of their own campaigns, and no others", async (t) => {
    t.match(await work.search(ann, "c2"), [{ contactId: second, clientId: "c2", campaignIds: [campaignId], addresses: [{ number: phone(2) }, {}] }]);
    t.match(await work.search(ann, phone(3)), [{ contactId: third }], "also a person of the other list has that number, who is not found");
    t.equal((await work.search(ann, " name ")).length, 8, "by the beginning of a field");
    t.same(await work.search(ann, "%ame"), [], "which is no pattern");
    await t.rejects(work.contact(ann, foreign), { code: "contact-unknown" });
    await t.rejects(work.note(ann, foreign, "x"), { code: "contact-unknown" });
    await t.rejects(work.optOut(ann, first, other.id), { code: "campaign-unknown" });
    await t.rejects(work.schedule(annAs, { contactId: foreign, campaignId: other.id, dueAt: now, personal: false }), { code: "contact-unknown" });
    await stores.agents.leave(bob, groupId);
    t.same(await work.search(bob, "c2"), []);
    await stores.agents.join({ agentId: bob, groupId, priority: 5, skills: [] });
  });

  await t.test("what scripts asked for becomes callbacks, each once, on however many nodes", async (t) => {
    const campaign = voiceCampaign(await stores.campaigns.find(campaignId));
    const { orders } = await stores.work.claim(campaign, 1, now, node, allow);
    const [order] = orders;
    if (!order) throw new Error("no order");
    await stores.attempts.effect(order.attemptId, now, [{ kind: "callback", atMs: now - 1000, key: "later", reason: "step later" }]);
    await Promise.all([engine.look(), stores.callbacks.collect(), stores.callbacks.collect()]);
    const callbacks = await work.callbacks(bob);
    t.match(callbacks, [
      { contactId: order.contactId, campaignId, standing: "due", source: "script", note: "step later", fields: { first_name: /Name/ } },
    ]);
    await engine.look();
    t.equal((await work.callbacks(bob)).length, 1);
  });

  await t.test("a callback is one agent's at a time, and comes back from one who is gone", async (t) => {
    const [{ id = "" } = {}] = await work.callbacks(bob);
    const both = await Promise.allSettled([work.take(ann, id), work.take(bob, id)]);
    t.equal(both.filter(({ status }) => status === "fulfilled").length, 1);
    const [has, hasNot] = both[0]?.status === "fulfilled" ? [ann, bob] : [bob, ann];
    t.same([(await work.callbacks(has)).length, (await work.callbacks(hasNot)).length], [1, 0]);
    await t.rejects(work.putBack(hasNot, id), { code: "callback-state" });
    await t.rejects(work.dispose(hasNot, { callbackId: id }, { code: "processed" }), { code: "callback-state" });
    const desks = openDesks(t, stores);
    const program = await logIn(desks, has);
    await engine.look();
    t.equal((await work.callbacks(hasNot)).length, 0, "kept while its agent is there");
    await desks.order(has, program.session, { kind: "logout" });
    await engine.look();
    t.equal((await work.callbacks(hasNot)).length, 1);
    await work.take(hasNot, id);
    await t.rejects(work.dispose(hasNot, { callbackId: id }, { code: "sold" }), { code: "disposition-invalid" });
    t.match(await work.dispose(hasNot, { callbackId: id }, { code: "promise-to-pay", amount: 12.5, date: "2026-12-24", note: "by card" }), {
      category: "success",
    });
    t.match(await stores.callbacks.callback(id), { state: "done" });
    await t.rejects(work.dispose(hasNot, { callbackId: id }, { code: "processed" }), { code: "callback-state" }, "said once");
    const { history } = await work.contact(ann, (await stores.callbacks.callback(id))?.contactId ?? "");
    t.match(history, [{ kind: "disposition", text: /^promise-to-pay, 12.5, 2026-12-24, by card, sales-\d$/ }, { kind: "attempt" }]);
  });

  await t.test("a personal callback is its agent's until its fallback time; nobody is called when the gate says no", async (t) => {
    const made = await work.schedule(annAs, { contactId: second, campaignId, dueAt: now - 1, personal: true, fallbackAt: now + 3_600_000 });
    t.match(made, { standing: "due", source: "sales-1" });
    t.equal((await work.callbacks(bob)).length, 0);
    await t.rejects(work.take(bob, made.id), { code: "callback-state", message: /another agent's/ });
    may = { may: false, rule: "outside-calling-window", retryAt: now + 1e6 };
    t.match(await work.callbacks(ann), [{ standing: "closed" }]);
    await t.rejects(work.take(ann, made.id), { code: "callback-state", message: /outside-calling-window/ });
    may = { may: true };
    const later = await work.scheduleFor({ contactId: third, campaignId, dueAt: now + 3_600_000, note: "after work" }, "boss");
    t.match(later, { standing: "later" });
    await t.rejects(work.take(ann, later.id), { code: "callback-state", message: /not due/ });
    await t.rejects(work.scheduleFor({ contactId: foreign, campaignId, dueAt: now }, "boss"), { code: "contact-unknown" });
    await t.rejects(work.scheduleFor({ contactId: third, campaignId, dueAt: now - 1e9 }, "boss"), { code: "callback-invalid" });
    const missed = await work.scheduleFor({ contactId: fourth, campaignId, dueAt: now - 50_000 }, "boss");
    t.match(await stores.callbacks.callbacks({ campaignId }, { limit: 10 }), [{ id: made.id }, { id: later.id }, { id: missed.id }]);
    t.match(await work.cancel(missed.id), { standing: "canceled" });
    await t.rejects(work.take(ann, missed.id), { code: "callback-state", message: /not wanted/ });
  });

  await t.test("who wants no more calls gets none: from no list, no callback, and what rings is taken back", async (t) => {
    const campaign = voiceCampaign(await stores.campaigns.find(campaignId));
    const { orders } = await stores.work.claim(campaign, 3, now, node, allow);
    const ringing = orders.find(({ contactId }) => contactId === third);
    t.ok(ringing && (await stores.attempts.begin(ringing.attemptId, now)));
    await work.dispose(ann, { contactId: third, campaignId }, { code: "do-not-call" });
    t.same(await stores.registry.withdrawn(node), [ringing?.attemptId]);
    t.notOk((await work.callbacks(ann)).some(({ contactId }) => contactId === third));
    const about = { contactId: third, campaignId, dueAt: now };
    await work.optOut(ann, contactIds[5] ?? "", campaignId);
    await work.dispose(ann, { contactId: contactIds[6] ?? "", campaignId }, { code: "wrong-number" });
    const { rows } = await stores.pool.query("select contact_id::text from work where campaign_id = $1 order by contact_id", [campaignId]);
    t.same(
      rows.map(({ contact_id }) => contact_id),
      [contactIds[4], contactIds[7]],
    );
    const waiting = await stores.pool.query("select count(*)::int as n from work where campaign_id = $1", [other.id]);
    t.equal(waiting.rows[0]?.n, 2, "the other campaign goes on with the others of those numbers");
    const { rows: kept } = await stores.pool.query(
      "select number, client_id, campaign_id::text, source, reason, agent_id::text as agent from suppression order by id",
    );
    t.match(kept.slice(0, 3), [{ source: "agent", campaign_id: null }, { campaign_id: null }, { campaign_id: null }]);
    t.match(kept.slice(3), Array(6).fill({ source: "agent", campaign_id: campaignId }));
    t.same(new Set(kept.slice(3).map(({ reason }) => reason)), new Set(["agent: opt-out", "wrong number: wrong-number"]));
    t.same(new Set(kept.map(({ agent }) => agent)), new Set([ann]), "whom they told it");
    const refused = { code: "callback-invalid", message: /must not be called: they have opted out/ };
    await t.rejects(work.schedule(annAs, { ...about, personal: false }), refused, "nor by a callback that is made afterwards");
    await t.rejects(work.scheduleFor(about, "boss"), refused);
  });

  await t.test(
    "a message is sent to whom the agent talks to, each template once; not without an address, a field, or against an opt-out",
    async (t) => {
      const campaign = voiceCampaign(await stores.campaigns.find(campaignId));
      const { orders } = await stores.work.claim(campaign, 1, now, node, allow);
      const [{ attemptId = "", contactId = "" } = {}] = orders;
      await stores.templates.publish({ name: "thanks", channel: "sms", text: "Thank you, {first_name}" }, "test");
      await stores.templates.publish({ name: "owed", channel: "sms", text: "You owe {amount}" }, "test");
      await stores.templates.publish({ name: "letter", channel: "email", subject: "Hello", text: "Dear {first_name}" }, "test");
      t.match(await work.messages.offered(campaignId), [{ name: "thanks", channel: "sms" }, { name: "owed" }, { name: "letter", channel: "email" }]);
      const wish = { attemptId, channel: "sms", template: "thanks" } as const;
      await t.rejects(work.messages.send(annAs, wish), { code: "attempt-unknown" }, "to nobody else");
      const desks = openDesks(t, stores);
      const program = await logIn(desks, ann);
      await desks.reserve({ attemptId, groupIds: [groupId], agentId: ann });
      await desks.progress(ann, attemptId, "answer");
      await work.messages.send(annAs, wish);
      await work.messages.send(annAs, wish);
      const silent = new AgentWork({ ...parts, sends: [], mayCall: async () => [] });
      await t.rejects(silent.messages.send(annAs, wish), { code: "message-refused", message: /sends no SMS/ });
      t.same(await silent.messages.offered(campaignId), []);
      const { rows } = await stores.pool.query("select body, state, key, expires_at - at as within from effect where attempt_id = $1", [attemptId]);
      t.match(rows, [{ body: { channel: "sms", template: "thanks", values: { first_name: /Name/ }, reason: "agent sales-1" }, state: "pending" }]);
      t.equal(rows.length, 1, "once, however often it is asked for");
      t.match((await work.contact(ann, contactId)).history[0], { kind: "message", text: "sms, thanks, to be sent, agent sales-1" });
      const refused = (message: RegExp) => ({ code: "message-refused", message });
      await t.rejects(work.messages.send(annAs, { ...wish, template: "owed" }), refused(/the contact has no amount/));
      await t.rejects(work.messages.send(annAs, { ...wish, template: "letter" }), refused(/There is no template letter for sms/));
      await t.rejects(work.messages.send(annAs, { ...wish, template: "letter", channel: "email" }), refused(/has no mailbox/));
      const give =
        "insert into address (contact_id, list_id, kind, mailbox, position) select id, list_id, 'email', $2, $3 from contact where id = $1";
      for (const place of [7, 8]) await stores.pool.query(give, [contactId, `ann.${place}@people.example`, place]);
      const letter = { ...wish, template: "letter", channel: "email" } as const;
      await work.messages.send(annAs, letter);
      t.match((await work.contact(ann, contactId)).history[0], { text: "email, letter, to be sent, agent sales-1" });
      const bounce =
        "insert into suppression (mailbox, channel, reason, source, created_at) values ('ann.7@people.example', 'email', 'x', 'y', now())";
      await stores.pool.query(bounce);
      await t.rejects(work.messages.send(annAs, letter), refused(/wants no e-mail/));
      await stores.campaignDesks.setRules(campaignId, { ...defaultDeskRules, templates: ["owed"] });
      await t.rejects(work.messages.send(annAs, wish), refused(/send owed, and not thanks/));
      t.match(await work.messages.offered(campaignId), [{ name: "owed" }]);
      await stores.campaignDesks.setRules(campaignId, undefined);
      const { rows: numbers } = await stores.pool.query("select number from address where contact_id = $1 and number is not null", [contactId]);
      for (const { number } of numbers)
        await stores.pool.query("insert into suppression (number, channel, reason, source, created_at) values ($1, 'sms', 'x', 'y', now())", [
          number,
        ]);
      await t.rejects(work.messages.send(annAs, wish), refused(/wants no SMS/));
      const sent = (await stores.wishes.take("sms", 1, false)).map((wished) => wished.attemptId);
      const whose = await stores.pool.query("select agent_id::text from attempt where id = any($1::bigint[])", [[attemptId, ...sent]]);
      t.same(whose.rows, [{ agent_id: ann }, { agent_id: ann }], "the conversation, and what was sent in it");
      await desks.progress(ann, attemptId, "hang-up");
      await desks.order(ann, program.session, { kind: "logout" });
    },
  );

  await t.test("nobody was reached: the person waits again, so often and after so long; whoever was is done with", async (t) => {
    const whom = { contactId: contactIds[7] ?? "", campaignId };
    const due = async () => {
      const { rows } = await stores.pool.query("select due_at from work where contact_id = $1 and campaign_id = $2", [whom.contactId, campaignId]);
      return rows[0]?.due_at.getTime();
    };
    await stores.campaignDesks.setRules(campaignId, { ...defaultDeskRules, retry: { afterS: 600, atMost: 2 } });
    await work.dispose(ann, whom, { code: "left-message" });
    const first = await due();
    t.ok(first > Date.now() + 500_000 && first < Date.now() + 700_000, `in ten minutes: ${first}`);
    await work.dispose(ann, whom, { code: "no-answer" });
    t.ok((await due()) >= first, "counted anew from then on");
    await work.dispose(ann, whom, { code: "no-answer" });
    t.equal(await due(), undefined, "not for a third time");
    const made = await work.schedule(annAs, { ...whom, dueAt: Date.now() - 1, personal: true });
    await work.take(ann, made.id);
    await stores.campaignDesks.callbackDone(made.id, ann);
    await work.dispose(ann, { callbackId: made.id }, { code: "processed" });
    await t.rejects(
      work.dispose(ann, { callbackId: made.id }, { code: "processed" }),
      { code: "callback-state" },
      "done by its call, and spoken of once",
    );
    const other = { contactId: contactIds[4] ?? "", campaignId };
    await work.dispose(ann, other, { code: "processed" });
    t.equal((await stores.pool.query("select from work where contact_id = $1 and campaign_id = $2", [other.contactId, campaignId])).rowCount, 0);
  });

  await t.test("a campaign has its own dispositions, if it wants", async (t) => {
    await stores.agents.setDispositions(campaignId, [{ code: "no-more", label: "No more", category: "do-not-call", needs: [] }]);
    await t.rejects(work.dispose(ann, { contactId: first, campaignId }, { code: "processed" }), {
      code: "disposition-invalid",
      message: /there are no-more/,
    });
    await stores.agents.setDispositions(campaignId, undefined);
    t.match(await work.dispose(ann, { contactId: first, campaignId }, { code: "processed" }), { code: "processed" });
    await work.note(ann, first, "nice person");
    t.match((await work.contact(ann, first)).history, [{ kind: "note", text: "sales-1: nice person" }, { kind: "disposition" }, {}, {}]);
  });
});
