import t from "tap";
import { listOf, writeTo } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

t.test("what a campaign that writes has of its own is held against what there is, and replaced as a whole", async (t) => {
  const { ask, stores } = await world(t, {}, { "webhooks.0.name": "crm", "webhooks.0.url": "http://127.0.0.1:9/" });
  const listId = await listOf(stores, "people", [[{ kind: "mobile", number: phone(1) }]]);
  const { version } = await stores.templates.publish({ name: "hello", channel: "sms", text: "Hi" }, "test");
  const { id } = await writeTo(stores, "sms", listId, { name: "texts", templateVersionId: version.id });
  const url = `/api/v1/campaigns/${id}/message-rules`;
  t.same((await ask("GET", url)).body, {});
  const wrong = {
    keywords: [{ keyword: "stop", answer: "no" }, { keyword: "balance" }, { keyword: "hours", webhook: "nobody" }],
    agentGroup: "desk",
    postalAddress: "1 Road, Town",
    trackLinks: true,
  };
  const refused = await ask("PUT", url, wrong);
  t.equal(refused.status, 400);
  const pointers = ["/keywords/0/keyword", "/keywords/1", "/keywords/2/webhook", "/agentGroup", "/postalAddress", "/trackLinks"];
  t.same(new Set((refused.body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer)), new Set(pointers));
  t.equal((await ask("PUT", url, { validity: 5 })).status, 400);
  await stores.agents.addGroup("desk", { wrapUpMs: 1000, extensionMs: 1000, maxExtensions: 1 });
  const rules = { keywords: [{ keyword: "hours", answer: "9 to 5", webhook: "crm" }], agentGroup: "desk", validityS: 600 };
  t.same((await ask("PUT", url, rules)).body, rules);
  t.same((await ask("GET", url)).body, rules);
  t.same(await stores.messageRules.rules(id), rules);
  t.same((await ask("DELETE", url)).body, {});
  t.same((await ask("GET", url)).body, {});
  t.equal((await ask("GET", "/api/v1/campaigns/999/message-rules")).status, 404);
});
