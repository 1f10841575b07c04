import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { listen } from "../../src/api/app.ts";
import { connectAgent } from "../../src/command/agent-line.ts";
import { until } from "../harness/far-side.ts";
import { world } from "./world.ts";

/* What the API takes of supervisors and of agents in conversations. What becomes of it on telephones is in test/voice/desk-call.test.ts. */

t.test("supervisors and agents' conversations over the API", async (t) => {
  const { app, stores, ask } = await world(t);
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const { id } = await stores.agents.addAgent("Ann");
  const path = `/api/v1/agents/${id}/supervision`;
  const wish = { mode: "listen", phone: { uri: "sip:sue@127.0.0.1" } };

  t.match(await ask("POST", path, wish), { status: 409, body: { code: "agent-state" } }, "the agent is not here");
  t.match(await ask("POST", "/api/v1/agents/999/supervision", wish), { status: 404, body: { code: "agent-unknown" } });
  t.match(await ask("POST", path, { ...wish, mode: "spy" }), { status: 400 });
  for (const phone of [{}, { uri: "sip:a@b.example", agentId: "1" }, { number: "+12125550123" }, { uri: "sip:a@b.example", trunk: "x" }])
    t.match(await ask("POST", path, { mode: "listen", phone }), { status: 400, body: { code: "request-invalid" } });

  const { text: key } = await issueKey(stores.keys, "agent", { agentId: id });
  const line = await connectAgent({ url: `http://127.0.0.1:${port}`, heard() {}, closed() {} });
  t.teardown(() => line.close());
  await line.ask("login", { key });
  const made = await ask("POST", path, wish);
  t.match(made, { status: 201, body: { agentId: id, mode: "listen", by: "test" } });
  const one = `${path}/${made.body["id"]}`;
  await until(async () => (await ask("GET", one)).body["state"] === "ended", "nobody picks up: there is no telephone");
  t.match(await ask("GET", one), { body: { why: "the telephone was not picked up: there is no telephone here" } });
  t.match(await ask("GET", path), { body: { items: [{ id: made.body["id"], state: "ended" }] } });
  t.match(await ask("PATCH", one, { mode: "whisper" }), { status: 409, body: { code: "agent-state" } });
  t.match(await ask("PATCH", `${path}/77`, { mode: "whisper" }), { status: 404, body: { code: "supervision-unknown" } });
  t.match(await ask("DELETE", one), { status: 204 });

  for (const type of ["hang-up", "hold", "resume", "mute", "unmute", "cancel-consult", "swap", "complete-transfer", "conference", "drop-third"])
    await t.rejects(line.ask(type), { code: "agent-state" }, type);
  await t.rejects(line.ask("press-keys", { keys: "1 2" }), { code: "request-invalid", message: /keys/ });
  await t.rejects(line.ask("consult", { number: "5550100" }), { code: "request-invalid", message: /number/ });
  await t.rejects(line.ask("transfer"), { code: "request-invalid", message: /agentId, groupId and number/ });
  await t.rejects(line.ask("transfer", { agentId: "1", groupId: "2" }), { code: "request-invalid" });
  await t.rejects(line.ask("transfer", { number: "+12125550123" }), { code: "agent-state" });
});
