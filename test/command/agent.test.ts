import { spawn } from "node:child_process";
import t, { type Test } from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { listen } from "../../src/api/app.ts";
import { showMessage } from "../../src/command/agent-show.ts";
import { readLine } from "../../src/command/agent-words.ts";
import { asCsv, asYaml, csv, script, world } from "../api/world.ts";
import { until } from "../harness/far-side.ts";
import { cli } from "../harness/serve-process.ts";

t.test("what a line means", async (t) => {
  const now = Date.UTC(2026, 0, 5, 15);
  const hand = { now, callbackId: "9" };
  const cases: readonly (readonly [string, unknown])[] = [
    ["  ", { nothing: true }],
    ["ready", { ask: "ready", body: {} }],
    ["ready now", { say: /^ready / }],
    ["pause lunch", { ask: "not-ready", body: { reason: "lunch" } }],
    ["find Ada  Love", { ask: "search", body: { text: "Ada Love" } }],
    ["optout 4 2", { ask: "opt-out", body: { contactId: "4", campaignId: "2" } }],
    ["back", { ask: "put-back-callback", body: { callbackId: "9" } }],
    ["back 7", { ask: "put-back-callback", body: { callbackId: "7" } }],
    [
      "done promise-to-pay amount=12.5 by card date=2026-12-24",
      { ask: "dispose", body: { callbackId: "9", code: "promise-to-pay", amount: 12.5, date: "2026-12-24", note: "by card" } },
    ],
    ["say 4 2 processed", { ask: "dispose", body: { contactId: "4", campaignId: "2", code: "processed" } }],
    ["call 4 2 +2h mine after work", { ask: "schedule-callback", body: { dueAt: "2026-01-05T17:00:00.000Z", personal: true, note: "after work" } }],
    ["call 4 2 2026-01-06T10:00Z", { ask: "schedule-callback", body: { dueAt: "2026-01-06T10:00:00.000Z", personal: false } }],
    ["call 4 2 tomorrow", { say: /^call CONTACT/ }],
    ["toString", { say: /There is no toString/ }],
    ["next", { ask: "next", body: {} }],
    ["next 3", { ask: "next", body: { campaignId: "3" } }],
    ["dial", { ask: "dial", body: {} }],
    ["dial 4 2 +12125550101", { ask: "dial-contact", body: { contactId: "4", campaignId: "2", number: "+12125550101" } }],
    ["dial 4", { say: /^dial \[CONTACT/ }],
    ["skip later", { ask: "skip", body: { reason: "later" } }],
    ["dialback", { ask: "dial-callback", body: { callbackId: "9" } }],
    ["result busy", { ask: "set-result", body: { result: "busy" } }],
    ["texts", { ask: "conversations", body: {} }],
    ["answer 7", { ask: "take-conversation", body: { conversationId: "7" } }],
    ["leave", { say: /^leave CONVERSATION/ }],
    ["reply 7 It is  June", { ask: "reply", body: { conversationId: "7", text: "It is June" } }],
    ["reply 7", { say: /^reply CONVERSATION TEXT/ }],
    ["replywith 7 thanks", { ask: "reply", body: { conversationId: "7", template: "thanks" } }],
    ["close 7 processed all fine", { ask: "close-conversation", body: { conversationId: "7", code: "processed", note: "all fine" } }],
    ["pay 4 2", { ask: "payment-page", body: { contactId: "4", campaignId: "2" } }],
    ["quit", { leave: true }],
  ];
  for (const [line, meaning] of cases) t.match(readLine(line, hand), meaning as object, line);
  t.match(readLine("done processed", { now }), { say: /no call, and no callback/ });
  const letter = { attemptId: "7", channel: "email", template: "letter" };
  t.match(readLine("send email letter", { now, attemptId: "7" }), { ask: "send-message", body: letter });
  t.match(readLine("send fax letter", { now, attemptId: "7" }), { say: /^send sms\|email TEMPLATE/ });
  t.match(readLine("done processed", { now, attemptId: "7" }), { ask: "dispose", body: { attemptId: "7", code: "processed", ready: true } });
  t.match(readLine("hangup", { now }), { ask: "hang-up" });
  t.match(readLine("hang-up", { now }), { say: /Did you mean hangup\?/ });
  t.match(readLine("fly", { now }), { say: /help tells/ });
  const card = {
    attemptId: "7",
    direction: "outbound",
    address: "+12125550101",
    campaign: { id: "1", name: "Spring" },
    answers: { size: "4" },
    rings: true,
  };
  const shown = showMessage({
    type: "call",
    call: { ...card, contact: { contactId: "2", fields: { first_name: "Ada" }, addresses: [] }, history: [] },
  });
  t.match(shown, /CALL to \+12125550101 · Spring · said size=4 · pick up your telephone\ncontact 2 · campaign 1\n first_name=Ada/);
  const before = { phase: "shown", address: "+12125550101", campaign: { name: "Spring" }, until: "2026-01-05T15:00:00.000Z", dialsItself: false };
  const skipReasons = [{ code: "later", label: "Later" }];
  t.match(
    showMessage({ type: "preview", preview: { ...before, skipReasons, history: [], contact: { contactId: "2", fields: { first_name: "Ada" } } } }),
    /^BEFORE YOU \+12125550101 · Spring · yours until 2026-01-05T15:00:00.000Z\ncontact 2.*\n first_name=Ada\n dial, or skip later$/,
  );
  t.equal(showMessage({ type: "preview-ended", attemptId: "7", why: "called", result: "busy" }), "They are not before you any more: called, busy.");
  t.equal(showMessage({ type: "call-ended", attemptId: "7", why: "person-left" }), "The call is over: person-left.");
  const lines = [
    { at: "2026-01-05T15:00:00.000Z", from: "person", text: "Which\u001b[2J one?", standing: "kept" },
    { at: "2026-01-05T15:01:00.000Z", from: "us", text: "June.", agent: "Ann", standing: "sent" },
  ];
  const conversation = { id: "7", person: "+12125550101", ours: "55501", campaign: { name: "bills" }, lines };
  t.match(
    showMessage({ type: "conversation", conversation }),
    /^TEXT 7 from \+12125550101 to 55501 · bills\n *nobody of a list\n *2026-01-05T15:00 they: Which\P{Cc}*one\? \[kept\]\n *2026-01-05T15:01 Ann: June\. \[sent\]$/u,
  );
  const attachments = [{ filename: "a\u001b[31m.png", type: "image/png", octets: 3 }];
  const mail = {
    ...conversation,
    channel: "email",
    lines: [{ at: "2026-01-05T15:00:00Z", from: "person", subject: "Re: Bill", text: "Which?", attachments }],
  };
  t.match(
    showMessage({ type: "conversation", conversation: mail }),
    /^E-MAIL 7 from [^\n]*\n[^\n]*\n *2026-01-05T15:00 they: «Re: Bill» Which\? \[attached: a\P{Cc}*\.png, 3 octets\]$/u,
  );
});

t.test("an agent works in a terminal", async (t) => {
  const { app, stores, ask } = await world(t);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}`;
  const listId = String((await ask("POST", "/api/v1/lists?name=May", csv, asCsv)).body["listId"]);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = await ask("POST", "/api/v1/campaigns", {
    ...{ name: "Spring", listId, script: "greeting", trunk: "carrier-a", callerId: "+15550100100", maxCps: 5, maxLines: 10 },
    ...{ defaultTimeZone: "America/New_York", window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } },
  });
  t.equal(campaign.status, 201, campaign.text);
  const { id: groupId } = await stores.agents.addGroup("Sales", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
  await stores.agents.assign(groupId, String(campaign.body["id"]));
  const { id: agentId } = await stores.agents.addAgent("Ann");
  await stores.agents.join({ agentId, groupId, priority: 5, skills: [] });
  const { text: key } = await issueKey(stores.keys, "agent Ann", { agentId });

  const start = (t: Test, key: string, at = url) => {
    const child = spawn(process.execPath, [cli, "agent", "--url", at], { env: { ...process.env, CARILLON_AGENT_KEY: key } });
    t.teardown(() => child.kill("SIGKILL"));
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (out += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    return {
      ended,
      out: () => out,
      async type(line: string, answer: RegExp) {
        const from = out.length;
        child.stdin.write(`${line}\n`);
        await until(() => answer.test(out.slice(from)), `${answer} after ${line}: ${out.slice(from)}`);
      },
      end: (lines = "") => child.stdin.end(lines),
      seen: (wanted: RegExp) => until(() => wanted.test(out), `${wanted}: ${out}`),
    };
  };

  const terminal = start(t, key);
  await terminal.seen(/You are Ann, in Sales\. Reasons to pause: break, .* You are not-ready \(logged-in\)\./);
  await terminal.type("ready", /You are ready\.\ndone/);
  await terminal.type("find c-2", /\n1?\d+ +c-2 +\+12125550102/);
  const [{ id: contactId = "" } = {}] = await stores.lists.contacts(listId, { limit: 1 });
  await terminal.type(`call ${contactId} ${campaign.body["id"]} +0m mine about the bill`, /due +\d+ +1 Spring +\+12125550101 +about the bill/);
  await terminal.type("take 1", /taken/);
  await terminal.type("done promise-to-pay", /needs amount and date/);
  await terminal.type("done promise-to-pay amount=20 date=2026-12-24 by card", /done/);
  await terminal.type(`show ${contactId}`, /disposition: promise-to-pay, 20, 2026-12-24, by card, Ann/);
  await terminal.type("callbacks", /nobody waits/);
  await terminal.type("show Ada", /contactId must be an id: digits, such as 42/);
  const [, { id: other = "" } = {}] = await stores.lists.contacts(listId, { limit: 2 });
  await terminal.type(`optout ${other}`, /done/);
  await terminal.type(`call ${other} ${campaign.body["id"]} +1h`, /The person must not be called: they have opted out/);
  t.match(await ask("POST", `/api/v1/agents/${agentId}/state`, { state: "not-ready", reason: "training" }), { status: 200 });
  await terminal.seen(/You are not-ready \(training\)\./);
  terminal.end();
  t.equal(await terminal.ended, 0, terminal.out());
  t.match(terminal.out(), /You are logged-out\./);
  t.match(await stores.agents.agent(agentId), { desk: { state: "logged-out" } });

  const wrong = start(t, `carillon_${"a".repeat(43)}`);
  t.equal(await wrong.ended, 1);
  t.match(wrong.out(), /^carillon: .*no agent's key.*\n$/, "told once");
  const nowhere = start(t, key, "nonsense");
  t.equal(await nowhere.ended, 1);
  t.match(nowhere.out(), /^carillon: nonsense is no address of a server\..*\n$/);
  const hasty = start(t, key);
  hasty.end("ready\ncodes 999\ncallbacks\n");
  t.equal(await hasty.ended, 0, hasty.out());
  t.match(
    hasty.out(),
    /You are ready\.[\s\S]*nobody waits for a call[\s\S]*You are logged-out\./,
    "a pipe that has ended before the login is obeyed all the same",
  );
  const again = start(t, key);
  await again.seen(/You are Ann/);
  await ask("POST", `/api/v1/agents/${agentId}/deactivate`);
  t.equal(await again.ended, 0, "taken out by a supervisor");
});
