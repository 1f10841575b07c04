import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import t, { type Test } from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { listen } from "../../src/api/app.ts";
import { connectAgent, type Message } from "../../src/command/agent-line.ts";
import { until } from "../harness/far-side.ts";
import { agentDocument } from "./agent-document.ts";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.test("the page about the messages says what they are", async (t) => {
  const path = join(import.meta.dirname, "../../docs/agent-api.md");
  if (process.env["TAP_SNAPSHOT"] === "1") writeFileSync(path, agentDocument());
  t.equal(readFileSync(path, "utf8"), agentDocument(), "run this test with TAP_SNAPSHOT=1 to write it anew");
});

t.test("agents over the WebSocket", async (t) => {
  const { app, stores, agents: parts, ask, key: adminKey, logged, noticed } = await world(t);
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = await ask("POST", "/api/v1/campaigns", {
    ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
    ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
  });
  const campaignId = String(campaign.body["id"]);
  const { id: groupId } = await stores.agents.addGroup("Sales", { wrapUpMs: 30_000, extensionMs: 1000, maxExtensions: 1 });
  await stores.agents.assign(groupId, campaignId);
  let agents = 0;

  async function newAgent() {
    const { id } = await stores.agents.addAgent(`agent-${++agents}`);
    await stores.agents.join({ agentId: id, groupId, priority: 5, skills: [] });
    return { id, key: (await issueKey(stores.keys, "agent", { agentId: id })).text };
  }

  async function open(t: Test, key?: string) {
    const heard: Message[] = [];
    const ends: { code: number; reason: string }[] = [];
    const line = await connectAgent({ url, heard: (message) => heard.push(message), closed: (code, reason) => ends.push({ code, reason }) });
    t.teardown(() => line.close());
    const welcome = key === undefined ? {} : await line.ask("login", { key });
    return { ...line, heard, ends, welcome, ended: () => until(() => ends.length > 0, "the connection to end") };
  }

  await t.test("an agent logs in, is ready, takes a break, and logs out", async (t) => {
    const { id, key } = await newAgent();
    const agent = await open(t, key);
    t.match(agent.welcome, {
      type: "welcome",
      agent: { id, name: "agent-1" },
      desk: { state: "not-ready", reason: "logged-in" },
      groups: [{ name: "Sales" }],
    });
    t.match(await agent.ask("ready"), { type: "ok" });
    t.match(agent.heard, [{ type: "desk", desk: { state: "ready" } }], "told before it is answered");
    await t.rejects(agent.ask("not-ready", { reason: "tired" }), { code: "request-invalid", message: /break, lunch/ });
    await agent.ask("not-ready", { reason: "lunch" });
    t.match(agent.heard.at(-1), { desk: { state: "not-ready", reason: "lunch" } });
    await t.rejects(agent.ask("extend-wrap-up"), { code: "agent-state" });
    t.match(await ask("POST", `/api/v1/agents/${id}/state`, { state: "ready" }), { status: 200, body: { desk: { state: "ready" } } });
    t.match(agent.heard.at(-1), { desk: { state: "ready" } }, "a supervisor says so");
    t.match(await agent.ask("logout"), { type: "ok" });
    await agent.ended();
    t.same(agent.ends, [{ code: 4001, reason: "logged-out" }]);
    t.match(agent.heard.at(-1), { type: "bye", code: "logged-out" });
  });

  await t.test("whose connection breaks goes on where they were; a second program takes the place of the first", async (t) => {
    const { key } = await newAgent();
    const first = await open(t, key);
    await first.ask("ready");
    first.close();
    await first.ended();
    const second = await open(t, key);
    t.match(second.welcome, { desk: { state: "ready" } });
    const third = await open(t, key);
    await second.ended();
    t.match([second.heard.at(-1), second.ends], [{ type: "bye", code: "replaced" }, [{ code: 4000 }]]);
    t.match(await third.ask("not-ready", { reason: "break" }), { type: "ok" }, "and the end of the second does nothing to it");
  });

  await t.test("an agent sees a call before it is connected, again after a broken connection, and says what came of it", async (t) => {
    const { id, key } = await newAgent();
    const agent = await open(t, key);
    await agent.ask("ready");
    const { desks } = parts;
    const of = { attemptId: "4711", direction: "outbound", groupId, number: "+15550100100", waitedMs: 40, rings: false } as const;
    const history = [{ at: Date.UTC(2026, 0, 5), kind: "note", text: "friendly" } as const];
    const contact = { contactId: "1", clientId: "c-1", timeZone: undefined, addresses: [], fields: { first_name: "Ada" } };
    t.match(await desks.reserve({ attemptId: "4711", groupIds: [groupId], agentId: id, here: true }), { agentId: id });
    desks.show(id, { ...of, contact, history, answers: { size: "4" } });
    await until(() => agent.heard.some(({ type }) => type === "call"), "the call");
    const call = {
      attemptId: "4711",
      contact: { fields: { first_name: "Ada" } },
      history: [{ at: "2026-01-05T00:00:00.000Z" }],
      answers: { size: "4" },
    };
    t.match(agent.heard.slice(1), [
      { type: "desk", desk: { state: "reserved", attemptId: "4711" } },
      { type: "call", call },
    ]);
    agent.close();
    await agent.ended();
    const again = await open(t, key);
    t.match(again.welcome, { desk: { state: "reserved" }, call }, "to whoever comes back");
    await desks.progress(id, "4711", "answer");
    await t.rejects(again.ask("hang-up"), { code: "agent-state" }, "of which there is no conversation here");
    await desks.progress(id, "4711", "hang-up");
    desks.hide(id, "4711", "person-left");
    await until(() => again.heard.some(({ type }) => type === "call-ended"), "its end");
    t.match(again.heard.at(-1), { attemptId: "4711", why: "person-left" });
    await t.rejects(again.ask("dispose", { attemptId: "4711", code: "processed" }), { code: "attempt-unknown" }, "nobody of a list was called");
    await t.rejects(again.ask("dispose", { attemptId: "4711", callbackId: "1", code: "processed" }), { code: "request-invalid" });
    t.match(await again.ask("ready"), { type: "ok" });
    again.close();
    await again.ended();
    const last = await open(t, key);
    t.notOk(last.welcome["call"], "which has nothing to do with them any more");
    // Whoever stays ready may be given what somebody writes in the next part.
    await last.ask("logout");
  });

  await t.test("an agent sees what people have written, and answers it", async (t) => {
    const { key } = await newAgent();
    const message = { bind: "north", from: "+12125550102", to: "55501", at: systemClock.now(), details: {}, text: "Who is that?", complete: true };
    t.ok(await stores.incoming.hand(await stores.incoming.keep(message), "Sales"));
    const agent = await open(t, key);
    const [{ id: conversationId = "" } = {}] = (await agent.ask("conversations"))["items"] as { id?: string }[];
    await t.rejects(agent.ask("reply", { conversationId, text: "Us." }), { code: "conversation-state" });
    const lines = [{ from: "person", text: "Who is that?" }];
    t.match(await agent.ask("take-conversation", { conversationId }), { type: "conversation", conversation: { yours: true, lines } });
    t.match(await agent.ask("show-conversation", { conversationId }), { conversation: { contact: { clientId: "c-2" }, waitsSince: String } });
    await until(() => agent.heard.some(({ type }) => type === "conversation"), "it comes by itself, too");
    await t.rejects(agent.ask("reply", { conversationId }), { code: "request-invalid" });
    await t.rejects(agent.ask("reply", { conversationId, text: "Us." }), { code: "message-refused", message: /no sender/ });
    t.match(await agent.ask("put-back-conversation", { conversationId }), { type: "ok" });
    await agent.ask("take-conversation", { conversationId });
    t.match(await agent.ask("close-conversation", { conversationId, code: "processed" }), { type: "ok" });
    await until(() => agent.heard.some(({ type }) => type === "conversation-ended"), "the end of it");
    await t.rejects(agent.ask("show-conversation", { conversationId }), { code: "conversation-unknown" });
  });

  await t.test("an agent works on callbacks, people and dispositions", async (t) => {
    const { key } = await newAgent();
    const agent = await open(t, key);
    const found = (await agent.ask("search", { text: "c-2" }))["items"] as { contactId: string; campaignIds: string[] }[];
    const contactId = found[0]?.contactId ?? "";
    t.match(found, [{ clientId: "c-2", fields: { first_name: "Grace" }, campaignIds: [campaignId] }]);
    t.same((await agent.ask("search", { text: "nobody" }))["items"], []);
    const dueAt = new Date().toISOString();
    const { callback } = await agent.ask("schedule-callback", { contactId, campaignId, dueAt, personal: true, note: "wants an offer" });
    const { id: callbackId } = callback as { id: string };
    t.match((await agent.ask("callbacks"))["items"], [{ id: callbackId, standing: "due", note: "wants an offer", address: "+12125550102" }]);
    const other = await open(t, (await newAgent()).key);
    t.same((await other.ask("callbacks"))["items"], [], "it is personal");
    await t.rejects(other.ask("take-callback", { callbackId }), { code: "callback-state" });
    t.match(await agent.ask("take-callback", { callbackId }), { type: "callback", callback: { standing: "taken" } });
    t.match(await agent.ask("put-back-callback", { callbackId }), { type: "ok" });
    await agent.ask("take-callback", { callbackId });
    t.match(((await agent.ask("dispositions", { campaignId }))["items"] as Message[])[1], { code: "promise-to-pay", needs: ["amount", "date"] });
    await t.rejects(agent.ask("dispose", { callbackId, code: "promise-to-pay" }), { code: "disposition-invalid", message: /amount and date/ });
    await t.rejects(agent.ask("dispose", { callbackId, contactId, code: "processed" }), { code: "request-invalid", message: /either/ });
    t.match(await agent.ask("dispose", { callbackId, code: "promise-to-pay", amount: 20, date: "2026-12-24" }), { type: "ok" });
    t.match(await agent.ask("note", { contactId, text: "friendly" }), { type: "ok" });
    t.match(await agent.ask("opt-out", { contactId }), { type: "ok" });
    const { contact } = (await agent.ask("contact", { contactId })) as { contact: { history: Message[] } };
    t.match(new Set(contact.history.map(({ kind }) => kind)), new Set(["suppressed", "note", "disposition"]));
    await t.rejects(agent.ask("contact", { contactId: "4711" }), { code: "contact-unknown" });
    await t.rejects(agent.ask("schedule-callback", { contactId, campaignId, dueAt: "2026-02-30T10:00:00Z" }), {
      code: "request-invalid",
      message: /dueAt/,
    });
  });

  await t.test("nobody gets in without an agent's key, and who has been taken out is out", async (t) => {
    for (const key of [adminKey, "carillon_wrong", `carillon_${"a".repeat(43)}`]) {
      const stranger = await open(t);
      await t.rejects(stranger.ask("ready"), { code: "unauthorized" });
      await t.rejects(stranger.ask("login", { key }), { code: "agent-line" });
      t.same(stranger.ends, [{ code: 4002, reason: "unauthorized" }]);
    }
    const refused = noticed.filter(({ message }) => message === "an agent's login was refused");
    t.match(refused, Array(3).fill({ level: "warn", code: "unauthorized", address: "127.0.0.1" }), "each is in the log");
    t.notMatch(JSON.stringify(refused), /carillon_/);
    const { id, key } = await newAgent();
    const agent = await open(t, key);
    const login = noticed.find((each) => each["agent"] === id);
    t.match(login, { level: "info", agent: id, address: "127.0.0.1", message: "an agent has logged in" });
    await ask("POST", `/api/v1/agents/${id}/deactivate`);
    await agent.ended();
    t.match(agent.ends, [{ code: 4001 }]);
    const again = await open(t);
    await t.rejects(again.ask("login", { key }), { code: "agent-line" });
    t.equal((await app.inject("/api/v1/agent")).statusCode, 404, "without an upgrade there is nothing");
  });

  await t.test("a key that is revoked on another node, or over, ends the connection that it opened", async (t) => {
    const [stolen, old, good] = await Promise.all([newAgent(), newAgent(), newAgent()]);
    const lines = [await open(t, stolen.key), await open(t, old.key), await open(t, good.key)] as const;
    await stores.pool.query("update api_key set revoked_at = now() where agent_id = $1", [stolen.id]);
    await stores.pool.query("update api_key set expires_at = now() where agent_id = $1", [old.id]);
    for (const line of [lines[0], lines[1]]) {
      await line.ended();
      t.same(line.ends, [{ code: 4002, reason: "unauthorized" }]);
      t.match(line.heard.at(-1), { type: "bye", code: "unauthorized", message: /over, or has been revoked/ });
    }
    t.match(await lines[2].ask("ready"), { type: "ok" }, "others go on");
    await stores.pool.query("update agent set active = false where id = $1", [good.id]);
    await stores.keys.revokeOf(good.id);
    t.same([...(await stores.keys.over((await stores.keys.list()).map(({ id }) => id)))].length, 2, "who is taken out finishes first");
  });

  await t.test("what does not fit is said, and too much of it ends the connection", async (t) => {
    const { key } = await newAgent();
    const agent = await open(t, key);
    await t.rejects(agent.ask("fly"), { code: "request-invalid", message: /one of login, ready/ });
    await t.rejects(agent.ask("ready", { now: true }), { code: "request-invalid", message: "/now is not known here" });
    await t.rejects(agent.ask("contact", { contactId: 5 }), { code: "request-invalid", message: /contactId/ });
    await t.rejects(agent.ask("note", {}), { code: "request-invalid", message: /contactId is missing/ });
    await t.rejects(agent.ask("login", { key }), { code: "agent-state" });
    const flood = await Promise.allSettled(Array.from({ length: 120 }, () => agent.ask("callbacks")));
    t.ok(
      flood.some((end) => end.status === "rejected" && end.reason.code === "rate-limited"),
      "more than can wait is refused",
    );
    t.ok(flood.filter(({ status }) => status === "fulfilled").length >= 50);

    const raw = async (messages: readonly (string | Uint8Array)[]) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/agent`);
      const heard: string[] = [];
      socket.addEventListener("message", ({ data }) => heard.push(String(data)));
      await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      const closed = new Promise<{ code: number }>((resolve) => socket.addEventListener("close", resolve, { once: true }));
      for (const message of messages) socket.send(message);
      return { socket, heard, closed };
    };
    const odd = await raw(["", "[]", "null", "{", '{"type":"__proto__"}', '{"type":["login"]}', new Uint8Array([1, 2])]);
    await until(() => odd.heard.length === 7, "seven errors");
    for (const text of odd.heard) t.match(JSON.parse(text), { type: "error", code: "request-invalid" });
    odd.socket.close();
    t.match(await (await raw(Array(300).fill("{"))).closed, { code: 1008 });
    t.match(await (await raw([JSON.stringify({ type: "login", key: "x".repeat(70_000) })])).closed, { code: 1009 });
    // A frame without a mask (RFC 6455 §5.1), and one that was never a frame.
    for (const bytes of [Buffer.from([0x81, 0x02, 0x7b, 0x7d]), Buffer.from("nonsense\r\n\r\n")]) {
      const tcp = connect(port, "127.0.0.1");
      tcp.on("error", () => undefined);
      tcp.write(
        "GET /api/v1/agent HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n",
      );
      await new Promise((resolve) => tcp.once("data", resolve));
      const answer = new Promise<Buffer>((resolve) => tcp.once("data", resolve));
      tcp.write(bytes);
      t.match([...(await answer).subarray(0, 4)], [0x88, Number, 0x03, 0xea], "closed with 1002 (a close frame: RFC 6455 §5.5.1)");
      tcp.destroy();
    }
    t.same(logged, [], "none of it is a mistake of ours");
    t.match(await agent.ask("ready"), { type: "ok" }, "and others go on");
  });

  await t.test("wrong keys count with those of the API, and keep no agent out", async (t) => {
    const { key } = await newAgent();
    for (let asked = 0; ; asked += 1) {
      const { statusCode } = await app.inject({ url: "/api/v1/me", headers: { authorization: "Bearer carillon_wrong" } });
      if (statusCode === 429) break;
      t.equal(statusCode, 401);
      t.ok(asked < 100, "not many more than thirty a minute");
    }
    const stranger = await open(t);
    await t.rejects(stranger.ask("login", { key: "carillon_wrong" }), { code: "agent-line" });
    t.match([stranger.heard.at(-1), stranger.ends], [{ type: "bye", code: "rate-limited" }, [{ code: 4004 }]]);
    t.match((await open(t, key)).welcome, { type: "welcome" });
  });
});
