import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import t, { type Test } from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { connectAgent } from "../../src/command/agent-line.ts";
import { command } from "../../src/command/arguments.ts";
import { removeDisposition, setDisposition } from "../../src/command/disposition.ts";
import { showPhone } from "../../src/command/phone.ts";
import { removeReason, setReason } from "../../src/command/reason.ts";
import {
  addAgent,
  addGroup,
  assignGroup,
  joinGroup,
  leaveGroup,
  listAgents,
  listGroups,
  makeKey,
  removeAgent,
  restoreAgent,
} from "../../src/command/staff.ts";
import { addStaffCommands } from "../../src/command/staff-commands.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { world } from "../api/world.ts";
import { until } from "../harness/far-side.ts";

t.test("agents and groups by their names", async (t) => {
  const { app, key, stores } = await world(t);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const there = { url, key };
  t.match(await listAgents(there), /^No agents yet\. Add one with: carillon agents add NAME$/);
  t.match(await listGroups(there), /^No groups yet/);

  for (const name of ["Ann", "Ben of the night"])
    t.match(await addAgent(name, there), new RegExp(`^Agent ${name} is added\\. .*carillon group join`));
  await t.rejects(addAgent("Ann", there), { code: "agent-exists" });
  t.match(await addGroup("Sales", there), /^Group Sales is added\./);
  await addGroup("Night desk", { ...there, wrapUpS: 5, extensions: 0 });
  t.match(
    (await stores.agents.groups({ limit: 9 })).map(({ wrapUp }) => wrapUp),
    [
      { wrapUpMs: 30_000, extensionMs: 30_000, maxExtensions: 2 },
      { wrapUpMs: 5_000, extensionMs: 30_000, maxExtensions: 0 },
    ],
  );
  t.equal(
    await joinGroup("Sales", "Ann", { ...there, priority: 2, skill: ["spanish"] }),
    "Ann is in group Sales, with priority 2 and skills spanish.",
  );
  t.equal(await joinGroup("Sales", "Ann", { ...there, priority: 3 }), "Ann is in group Sales, with priority 3 and skills spanish.");
  t.equal(await joinGroup("Sales", "Ann", { ...there, withoutSkills: true }), "Ann is in group Sales, with priority 3.");
  await joinGroup("Sales", "Ann", { ...there, priority: 2, skill: ["spanish"] });
  t.equal(await joinGroup("Night desk", "Ann", there), "Ann is in group Night desk, with priority 5.");
  t.equal(await joinGroup("Night desk", "Ben of the night", there), "Ben of the night is in group Night desk, with priority 5.");
  const { id } = await makeCampaign(stores, { name: "friday", people: 1 });
  t.equal(await assignGroup("Night desk", "friday", true, there), "Group Night desk works for campaign friday.");
  t.equal(
    await listGroups(there),
    [
      "NAME        AGENTS                 CAMPAIGNS  WRAP-UP",
      "Sales       Ann                    -          30 s",
      "Night desk  Ann, Ben of the night  friday     5 s",
    ].join("\n"),
  );
  t.match(await listAgents(there), /^Ann +logged-out +2\d{3}-.*Z +Sales:2 \(spanish\), Night desk:5\nBen of the night +logged-out .* Night desk:5$/m);
  await assignGroup("Night desk", id, false, there);
  await leaveGroup("Night desk", "Ann", there);
  t.match(await listGroups(there), /^Night desk +Ben of the night +- +5 s$/m);

  t.match(JSON.parse(await listGroups({ ...there, json: true })), [{ name: "Sales" }, { name: "Night desk", campaignIds: [] }]);
  t.match(JSON.parse(await listAgents({ ...there, json: true })), [
    { name: "Ann", memberships: [{ priority: 2, skills: ["spanish"] }] },
    { name: "Ben of the night" },
  ]);

  const login = await makeKey("Ann", there);
  t.match(login, /^carillon_\S{20,}$/, "nothing else, so that a program can read it");
  const opens = (text: string) => fetch(`${url}/api/v1/agents`, { headers: { authorization: `Bearer ${text}` } });
  t.equal((await opens(login)).status, 403, "it opens the agent's own door only");
  t.match(await removeAgent("Ann", there), /^Agent Ann is taken out/);
  t.equal((await opens(login)).status, 401, "it does not hold any more");
  t.match(await listAgents(there), /^Ann +taken out /m);
  await t.rejects(makeKey("Ann", there), { code: "agent-state" });
  t.match(await restoreAgent("Ann", there), /with a new key: carillon agents key Ann/);
  t.not(await makeKey("Ann", there), login);

  await t.rejects(makeKey("Anne", there), { code: "agent-unknown", message: "There is no agent Anne. Did you mean Ann?" });
  await t.rejects(showPhone("nobody at all", there), { code: "agent-unknown", message: "There is no agent nobody at all." });
  await t.rejects(joinGroup("Slaes", "Ann", there), { code: "group-unknown", message: /Did you mean Sales\?$/ });
  await t.rejects(assignGroup("Sales", "firday", true, there), { code: "campaign-unknown", message: /Did you mean friday\?$/ });
  await t.rejects(joinGroup("Sales", "Ann", { ...there, priority: 11 }), { code: "request-invalid" });
});

/** What a command says, run in this process. Rejects as it does, and for words that it does not take. */
async function said(t: Test, there: { readonly url: string; readonly key: string }, ...words: readonly string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr() {} });
  addStaffCommands(program, command);
  const lines = t.capture(console, "log");
  try {
    await program.parseAsync([...words, "--url", there.url, "--key", there.key], { from: "user" });
  } finally {
    lines.restore();
  }
  return lines()
    .map(({ args }) => args.join(" "))
    .join("\n");
}

t.test("what agents do, choose from, are written and are heard at", async (t) => {
  const { app, key, stores, ask } = await world(t);
  const there = { url: await app.listen({ host: "127.0.0.1", port: 0 }), key };
  const carillon = (...words: readonly string[]) => said(t, there, ...words);
  const { id: ann } = await stores.agents.addAgent("Ann");
  const { text: login } = await issueKey(stores.keys, "agent", { agentId: ann });
  const line = await connectAgent({ url: there.url, heard() {}, closed() {} });
  t.teardown(() => line.close());
  await line.ask("login", { key: login });

  await t.test("states", async (t) => {
    const begun = new Date(Date.now() - 3_600_000).toISOString();
    t.equal(await carillon("agents", "state", "Ann", "not-ready", "--reason", "lunch"), "Agent Ann is not-ready (lunch).");
    t.equal(await carillon("agents", "state", "Ann", "not-ready"), "Agent Ann is not-ready (supervisor).");
    await t.rejects(carillon("agents", "state", "Ann", "asleep"), { code: "commander.invalidArgument", message: /ready, not-ready, logged-out/ });
    await t.rejects(carillon("agents", "state", "Anne", "ready"), { code: "agent-unknown", message: /Did you mean Ann\?$/ });
    t.match((await carillon("agents", "log", "Ann")).split("\n"), [
      /^AT +STATE +REASON +CAUSE +BY +ATTEMPT$/,
      /^2\S+ \S+Z +logged-out +made$/,
      /^2\S+ \S+Z +not-ready +logged-in +login$/,
      /^2\S+ \S+Z +not-ready +lunch +force +test$/,
      /^2\S+ \S+Z +not-ready +supervisor +force +test$/,
    ]);
    const json = (await carillon("agents", "log", "Ann", "--from", begun, "--json")).split("\n").map((text) => JSON.parse(text));
    t.match(json, [{ cause: "made" }, { cause: "login" }, { reason: "lunch", by: "test" }, { reason: "supervisor" }]);
    t.equal(await carillon("agents", "log", "Ann", "--from", "2999-01-01"), "Nothing is known of agent Ann at that time.");
    t.equal(await carillon("agents", "log", "Ann", "--to", begun), "Nothing is known of agent Ann at that time.");
    const since = encodeURIComponent(json[2].at);
    const { body } = await ask("GET", `/api/v1/agents/${ann}/log?from=${since}&limit=1`);
    t.match(body, { items: [{ reason: "lunch" }], next: /./ }, "a state that began just then is in it");
    t.match((await ask("GET", `/api/v1/agents/${ann}/log?from=${since}&cursor=${body.next}`)).body.items, [{ reason: "supervisor" }]);
    t.match((await ask("GET", `/api/v1/agents/${ann}/log?to=${since}`)).body.items, [{ cause: "made" }, { cause: "login" }]);
    t.match(await carillon("agents", "times", "Ann", "--from", begun), /^STATE +TIME\n(.+\n)?not-ready +0:0\d:\d\d$/);
    const { "not-ready": ms } = JSON.parse(await carillon("agents", "times", "Ann", "--from", begun, "--json"));
    t.ok(Number(ms) > 0);
    t.equal(
      await carillon("agents", "times", "Ann", "--from", "2001-01-01", "--to", "2001-01-02T00:00:00+01:00"),
      "Nothing is known of agent Ann at that time.",
    );
    await t.rejects(carillon("agents", "times", "Ann", "--from", "yesterday"), { code: "commander.invalidArgument", message: /2026-11-24/ });
  });

  await t.test("wrap-up", async (t) => {
    await carillon("group", "add", "Sales", "--extensions", "0");
    t.equal(await carillon("group", "wrap-up", "Sales"), "Wrap-up of group Sales: 30 s, which agents cannot put off.");
    const longer = await carillon("group", "wrap-up", "Sales", "--wrap-up-s", "45", "--extensions", "3", "--extension-s", "10");
    t.equal(longer, "Wrap-up of group Sales: 45 s, which agents may put off 3 times by 10 s.");
    t.equal(await carillon("group", "wrap-up", "Sales", "--open-end"), "Wrap-up of group Sales: until the agent says so.");
    t.equal(
      await carillon("group", "wrap-up", "Sales", "--extensions", "1"),
      "Wrap-up of group Sales: until the agent says so.",
      "what is not given stays",
    );
    t.equal(await carillon("group", "wrap-up", "Sales", "--wrap-up-s", "0"), "Wrap-up of group Sales: none.");
    t.match((await stores.agents.groups({ limit: 9 }))[0]?.wrapUp, { wrapUpMs: 0, extensionMs: 10_000, maxExtensions: 1 });
    await t.rejects(carillon("group", "wrap-up", "Sales", "--wrap-up-s", "4000"), { code: "request-invalid" });
    await t.rejects(carillon("group", "wrap-up", "Sales", "--wrap-up-s", "1", "--open-end"), { code: "commander.conflictingOption" });
    await t.rejects(carillon("group", "wrap-up", "Slaes"), { code: "group-unknown" });
  });

  await t.test("dispositions and reasons", async (t) => {
    const { id } = await makeCampaign(stores, { name: "friday", people: 1 });
    t.match(
      await carillon("disposition", "list", "friday"),
      /^CODE .*\npayment-done +Payment done +success +- +-\npromise-to-pay .* amount, date +-$/m,
    );
    await t.rejects(carillon("disposition", "set", "friday", "moved"), { code: "disposition-invalid", message: /--category .*wrong-number/ });
    const needs = ["--category", "contact", "--label", "Has moved", "--needs", "note", "date"];
    t.match(
      await carillon("disposition", "set", "friday", "moved", ...needs),
      /^Of .* friday agents may say moved \(contact\)\. It has 18 .* of its own\.$/,
    );
    await carillon("disposition", "set", "friday", "no-answer", "--label", "Silence");
    const own = JSON.parse(await carillon("disposition", "list", id, "--json")) as { code: string }[];
    t.match(own.at(-1), { code: "moved", label: "Has moved", category: "contact", needs: ["note", "date"] });
    t.match(
      own.find(({ code }) => code === "no-answer"),
      { label: "Silence", category: "retry", needs: [], answeredBy: "unclear" },
      "what is not given stays",
    );
    t.match(await carillon("disposition", "remove", "friday", "moved"), / 17 dispositions/);
    await t.rejects(carillon("disposition", "remove", "friday", "movd"), { code: "disposition-invalid", message: /has no disposition movd/ });
    await t.rejects(carillon("disposition", "remove", "friday", "do-not-call"), { code: "request-invalid", message: /do-not-call is needed/ });
    t.equal(await carillon("disposition", "reset", "friday"), "Campaign friday has the 17 default dispositions again.");
    t.match(await carillon("disposition", "list", "friday"), /^no-answer +No answer +retry +- +unclear$/m);
    await t.rejects(carillon("disposition", "list", "firday"), { code: "campaign-unknown" });

    t.match(await carillon("reason", "list"), /^CODE +LABEL\nbreak /);
    t.match(await carillon("reason", "set", "doctor", "At the doctor's"), /not ready because of doctor \(At the doctor's\)\.$/);
    await carillon("reason", "set", "lunch", "Eats");
    await carillon("reason", "remove", "break");
    const codes = JSON.parse(await carillon("reason", "list", "--json")) as { code: string; label: string }[];
    t.match(codes[0], { code: "lunch", label: "Eats" });
    t.match(codes.at(-1), { code: "doctor", label: "At the doctor's" });
    await t.rejects(carillon("reason", "remove", "dcotor"), { code: "reason-unknown", message: "There is no reason dcotor. Did you mean doctor?" });
    await t.rejects(carillon("reason", "set", "Bad Code", "x"), { code: "request-invalid" });

    const kept = async (noun: string, ...words: readonly string[]) => {
      const entries = JSON.parse(await carillon(noun, "list", ...words, "--json")) as { code: string }[];
      return entries.map(({ code }) => code);
    };
    const contact = { ...there, category: "contact" } as const;
    await Promise.all([setReason("choir", "Sings", there), setReason("dentist", "At the dentist's", there), removeReason("doctor", there)]);
    await Promise.all([
      setDisposition("friday", "one", contact),
      setDisposition("friday", "two", contact),
      removeDisposition("friday", "left-message", there),
    ]);
    const [reasons, dispositions] = [await kept("reason"), await kept("disposition", "friday")];
    t.same(
      [reasons.includes("choir"), reasons.includes("dentist"), reasons.includes("doctor")],
      [true, true, false],
      "all that several people change at once is kept",
    );
    t.same([dispositions.includes("one"), dispositions.includes("two"), dispositions.includes("left-message")], [true, true, false]);
  });

  await t.test("what agents may do", async (t) => {
    const { id } = await makeCampaign(stores, { name: "monday", people: 1 });
    const shown = await carillon("agents", "rules", "monday");
    t.match(shown, /^preview: pull$/m);
    const changed = shown.replace("preview: pull", "preview: push").replace("typedNumbers: false", "typedNumbers: true");
    const file = join(t.testdir({ "rules.yaml": changed }), "rules.yaml");
    const replaced = await carillon("agents", "rules", "monday", "--from", file);
    t.match(replaced, /^preview: push$/m, "what was shown is read again");
    t.match(await stores.campaignDesks.rules(id), { preview: "push", typedNumbers: true });
    t.match(await carillon("agents", "rules", "monday", "--clear"), /^preview: pull$/m);
    writeFileSync(file, "preview: shove\n");
    await t.rejects(carillon("agents", "rules", "monday", "--from", file), { code: "request-invalid", message: /preview/ });
    writeFileSync(file, "preview: [\n");
    await t.rejects(carillon("agents", "rules", "monday", "--from", file), { code: "rules-file", message: /rules\.yaml/ });
    await t.rejects(carillon("agents", "rules", "monday", "--from", "nowhere.yaml"), { code: "rules-file", message: /nowhere\.yaml cannot be read/ });
    await t.rejects(carillon("agents", "rules", "monday", "--from", file, "--clear"), { code: "request-invalid", message: /not both/ });
  });

  await t.test("written conversations", async (t) => {
    t.equal(await carillon("conversation", "list"), "No conversations.");
    const { id: groupId } = await stores.agents.addGroup("Desk", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
    await stores.pool.query(
      `insert into incoming_mail (inbox, mail_key, at, kind, from_address, own_address, recipients, subject, text, attachments, reason, size, raw)
       values ('back', 'k', now(), 'other', 'ada@people.example', 'service@acme.example', '[]', 'A question', E'Who are\u001b[31m you?', '[]', '', 9, '')`,
    );
    await stores.pool.query(
      `insert into conversation (channel, person_address, own_address, group_id, state, opened_at, waits_since, taken_by, taken_at)
       values ('sms', '+12125550101', '+15550100100', $1, 'waiting', now(), now(), null, null),
              ('email', 'ada@people.example', 'service@acme.example', $1, 'taken', now(), null, $2, now())`,
      [groupId, ann],
    );
    t.match((await carillon("conversation", "list")).split("\n"), [
      /^ID +STATE +CHANNEL +WAITS SINCE +FROM +TO +GROUP +CAMPAIGN +AGENT$/,
      /^\d+ +waiting +sms +2\S+ \S+Z +\+12125550101 +\+15550100100 +Desk +- +-$/,
      /^\d+ +taken +email +- +ada@people.example +service@acme.example +Desk +- +Ann$/,
    ]);
    t.equal(await carillon("conversation", "list", "--state", "closed"), "No conversations that are closed.");
    const [mail] = JSON.parse(await carillon("conversation", "list", "--state", "taken", "--json")) as { id: string }[];
    const shown = await carillon("conversation", "show", mail?.id ?? "");
    t.match(shown.split("\n"), [
      /^E-MAIL \d+ from ada@people\.example to service@acme\.example$/,
      /nobody of a list/,
      /they: «A question» Who are.* you\?/,
      /^taken, with Ann$/,
    ]);
    t.notOk(shown.includes("\u001b"), "what people write moves nothing in a terminal");
    t.match(JSON.parse(await carillon("conversation", "show", mail?.id ?? "", "--json")), { lines: [{ subject: "A question" }] });
    await t.rejects(carillon("conversation", "show", "999"), { code: "conversation-unknown" });
  });

  await t.test("supervision", async (t) => {
    t.equal(await carillon("supervision", "list", "Ann"), "Nobody listens in on Ann.");
    const mine = ["--uri", "sip:sue@127.0.0.1"];
    const begun = await carillon("supervision", "start", "Ann", "--mode", "whisper", ...mine);
    const [, id = ""] = /^Supervision (\d+): your telephone rings\. Pick up to hear Ann; the agent hears you\.$/.exec(begun) ?? [];
    await until(async () => / ended /.test(await carillon("supervision", "list", "Ann")), "nobody picks up: there is no telephone");
    t.match(
      await carillon("supervision", "list", "Ann"),
      new RegExp(`^${id} +whisper +ended +2\\S+ \\S+Z +test +the telephone was not picked up`, "m"),
    );
    t.match(JSON.parse(await carillon("supervision", "list", "Ann", "--json")), [{ id, by: "test" }]);
    await t.rejects(carillon("supervision", "mode", "Ann", id, "barge"), { code: "agent-state" }, "it is over");
    await t.rejects(carillon("supervision", "mode", "Ann", id, "spy"), { code: "commander.invalidArgument" });
    await t.rejects(carillon("supervision", "mode", "Ann", "77", "barge"), { code: "supervision-unknown" });
    t.match(await carillon("supervision", "end", "Ann", id), / is over: your telephone is hung up\.$/);
    await t.rejects(carillon("supervision", "start", "Ann"), { code: "request-invalid", message: /uri/ });
    const { id: ben } = await stores.agents.addAgent("Ben");
    await t.rejects(carillon("supervision", "start", "Ben", "--phone-of", "Ann"), { code: "agent-state" }, "Ben is not here");
    t.match((await ask("GET", `/api/v1/agents/${ben}/supervision`)).body.items, []);
  });

  t.equal(await carillon("agents", "state", "Ann", "logged-out"), "Agent Ann is logged-out.");
  await t.rejects(carillon("agents", "state", "Ann", "ready"), { code: "agent-state", message: /logged out/ });
});
