import t from "tap";
import { Compile } from "typebox/compile";
import { issueKey } from "../../src/access/access-engine.ts";
import { listen } from "../../src/api/app.ts";
import { replySchema } from "../../src/api/schema/agent-message.ts";
import { connectAgent, type Message } from "../../src/command/agent-line.ts";
import { until } from "../harness/far-side.ts";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.test("agents who call by themselves, over the WebSocket", async (t) => {
  const { app, stores, ask } = await world(t);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}`;
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = await ask("POST", "/api/v1/campaigns", {
    ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
    ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
  });
  const id = String(campaign.body["id"]);
  await stores.pool.query("update campaign set state = 'running' where id = $1", [id]);
  const { id: groupId } = await stores.agents.addGroup("Sales", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
  await stores.agents.assign(groupId, id);
  const { id: agentId } = await stores.agents.addAgent("Ann");
  await stores.agents.join({ agentId, groupId, priority: 5, skills: [] });
  const { text: key } = await issueKey(stores.keys, "Ann", { agentId });
  const people = (await stores.lists.contacts(listId, { limit: 10 })).map((each) => each.id);
  const rules = `/api/v1/campaigns/${id}/agent-rules`;

  await t.test("rules are checked, replaced and taken back", async (t) => {
    t.match((await ask("GET", rules)).body, { preview: "pull", previewS: 120, typedNumbers: false });
    const bad = await ask("PUT", rules, { skipReasons: [{ code: "a", label: "A", becomes: "later" }], paymentUrl: "http://pay.example/" });
    t.equal(bad.status, 400);
    t.match(bad.body["errors"], [{ pointer: "/skipReasons/0/afterS" }, { pointer: "/paymentUrl" }]);
    t.equal((await ask("PUT", rules, { previewS: 1 })).status, 400);
    t.equal((await ask("PUT", rules, { colour: "red" })).status, 400);
    t.equal((await ask("PUT", rules.replace(id, "777"), {})).status, 404);
    const put = await ask("PUT", rules, { typedNumbers: true, paymentUrl: "https://pay.example/{client_id}?due={amount}" });
    t.match(put.body, { typedNumbers: true, preview: "pull", retry: { afterS: 14_400 } });
    t.match((await ask("DELETE", rules)).body, { typedNumbers: false });
    t.match((await ask("PUT", rules, { paymentUrl: "https://pay.example/{client_id}?n={first_name}" })).status, 200);
  });

  await t.test("every message fits what the page about them says", async (t) => {
    const heard: Message[] = [];
    const agent = await connectAgent({ url, heard: (message) => heard.push(message), closed() {} });
    t.teardown(() => agent.close());
    await agent.ask("login", { key });
    await t.rejects(agent.ask("next"), { code: "agent-state", message: /ready/ });
    await agent.ask("ready");
    await t.rejects(agent.ask("next"), { code: "nobody-due" });
    await t.rejects(agent.ask("next", { campaignId: id }), { code: "campaign-unknown" }, "people are not looked at in a campaign of the mode ivr");
    for (const ask of ["dial", "hang-up"]) await t.rejects(agent.ask(ask), { code: "agent-state" });
    await t.rejects(agent.ask("skip", { reason: "later" }), { code: "agent-state" });
    await t.rejects(agent.ask("set-result", { result: "sold" }), { code: "request-invalid" });
    await t.rejects(agent.ask("dial-contact", { contactId: "777", campaignId: id }), { code: "contact-unknown" });
    await t.rejects(agent.ask("dial-contact", { contactId: people[0], campaignId: "777" }), { code: "campaign-unknown" });
    await t.rejects(agent.ask("dial-contact", { contactId: people[0], campaignId: id, number: "+12125550199" }), { code: "number-not-allowed" });
    await t.rejects(agent.ask("dial-callback", { callbackId: "777" }), { code: "callback-unknown" });
    t.match(await agent.ask("payment-page", { contactId: people[0], campaignId: id }), { url: "https://pay.example/c-1?n=Ada" });
    const answer = await agent.ask("dial-contact", { contactId: people[0], campaignId: id });
    t.match(answer, { type: "preview", preview: { kind: "manual", paymentUrl: "https://pay.example/c-1?n=Ada", contact: { clientId: "c-1" } } });
    await until(() => heard.some(({ type }) => type === "preview-ended"), "the telephone not to be there");
    t.match(
      heard.filter(({ type }) => type === "preview-ended"),
      [{ why: "unreachable" }],
    );
    await t.rejects(agent.ask("dial-contact", { contactId: people[1], campaignId: id, number: "12" }), { code: "request-invalid" });
    await agent.ask("opt-out", { contactId: people[2] });
    await t.rejects(agent.ask("dial-contact", { contactId: people[2], campaignId: id }), { code: "call-refused", message: /suppressed/ });
    for (const type of ["preview", "preview-ended", "payment-page"] as const) {
      const schema = Compile(replySchema(type));
      for (const message of [answer, ...heard].filter((each) => each["type"] === type)) t.ok(schema.Check(message), JSON.stringify(message));
    }
  });
});
