import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { writeWav } from "../../src/adapter/tts/wav.ts";
import { defaultWrapUp } from "../../src/agent/group.ts";
import { loadConfig } from "../../src/config/load.ts";
import { diffVersions } from "../../src/ivr/diff.ts";
import { loadVersion } from "../../src/ivr/linked-engine.ts";
import { publishScript, rollBack } from "../../src/ivr/publish-engine.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openPrompts } from "../../src/start/prompts.ts";
import { openPublishing, ownThread } from "../../src/start/publishing.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { makeCampaign, node, openWorld } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";

const signature = { by: "user ada" };
const file = "a.yaml";
/** A sound script; `lines` are steps to which key 1 leads, the first of them. */
const scriptOf = (name: string, lines = 'more: { play: [{ say: "More." }], end: done }') => `script: ${name}
language: en-US
start: { human: hello }
steps:
  hello:
    menu: [{ say: "Hello. For more press 1. To stop these calls press 9." }]
    keys: { "1": ${lines.slice(0, lines.indexOf(":"))}, "9": stop }
    no_input: bye
  stop: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
  bye: { end: done }
  ${lines}
`;
const going = (name: string, to: string) => scriptOf(name, `away: { script: ${to} }`);

async function gate(t: Test) {
  const world = await openWorld(t);
  const folder = t.testdir({ recordings: {} });
  const recordings = join(folder, "recordings");
  const config = loadConfig({
    env: {},
    flags: { "prompts.dir": join(folder, "prompts"), "prompts.recordingsDir": recordings },
    purpose: "admin",
    cwd: folder,
  });
  const prompts = openPrompts(config, systemClock);
  t.teardown(() => prompts.close());
  const { stores } = world;
  const parts = openPublishing(config, stores.scripts, prompts, ownThread, stores.agents);
  const publish = (source: string, more: object = {}) => publishScript(parts, { file, source, signature, ...more });
  return { ...world, parts, recordings, publish, scripts: stores.scripts };
}

t.test("a script whose tests fail, or cannot be run, is not published", async (t) => {
  const { publish, scripts } = await gate(t);
  const tests = (name: string, outcome: string) => ({
    tests: {
      file: "a.test.yaml",
      source: `tests: ${name}\ncases:\n  - case: opts out\n    do: [{ keys: "9" }]\n    expect: { outcome: ${outcome} }\n`,
    },
  });
  await t.rejects(publish(scriptOf("a"), tests("a", "done")), {
    code: "script-tests-failed",
    message: /1 of its 1 tests failed\na\.test\.yaml:3: opts out[\s\S]*done/,
  });
  await t.rejects(publish(scriptOf("a"), tests("b", "opted_out")), {
    code: "script-tests-failed",
    message: /cannot be run\na\.test\.yaml:1:1: error case-other-script/,
  });
  await t.rejects(publish(scriptOf("a"), { tests: { file: "a.test.yaml", source: "tests: a\ncases: [" } }), { code: "script-tests-failed" });
  t.equal(await scripts.entry("a"), undefined, "nothing was written");
  t.match(await publish(scriptOf("a"), tests("a", "opted_out")), { cases: 1, published: { version: 1 } });
});

t.test("tests go on into the scripts it goes to, in the versions that are pinned", async (t) => {
  const { publish } = await gate(t);
  const source =
    'tests: a\ncases:\n  - { case: goes on, do: [{ keys: "1" }, { keys: "1" }], expect: { says: [Old], path: [hello, away, b/hello, b/more], outcome: done } }\n';
  const tests = { tests: { file: "a.test.yaml", source } };
  await publish(scriptOf("b", 'more: { play: [{ say: "New." }], end: done }'));
  await t.rejects(publish(going("a", "b"), tests), { code: "script-tests-failed", message: /“Old” is not heard/ });
  await publish(scriptOf("b", 'more: { play: [{ say: "Old." }], end: done }'));
  t.match(await publish(going("a", "b"), tests), { cases: 1, published: { uses: { b: { version: 2 } } } });
});

t.test("who publishes is told of groups of agents that there are not", async (t) => {
  const { publish, stores } = await gate(t);
  const asking = (group: string) =>
    scriptOf("a", `more: { queue: ${group}, play: [{ say: "Wait." }], on: { answered: bye, no_agent: bye } }\neverywhere: { "9": stop }`);
  await stores.agents.addGroup("Night desk", defaultWrapUp);
  t.match((await publish(asking("Nigth desk"))).warnings, [{ code: "agent-group-unknown", severity: "warning", fix: "Did you mean Night desk?" }]);
  for (const group of ["Night desk", "campaign"]) t.same((await publish(asking(group))).warnings, [], group);
});

t.test("scripts it goes to are pinned as they are when it is published", async (t) => {
  const { publish, scripts, parts } = await gate(t);
  const texts = async (id: string) => JSON.stringify([...(await loadVersion(scripts, ownThread, id)).steps].map(([name]) => name));
  await publish(scriptOf("helper"));
  await t.rejects(publish(going("main", "helpr")), {
    code: "script-invalid",
    message: /a\.yaml:11:\d+: error script-unpublished: there is no script helpr\. Did you mean helper\? /,
  });
  const { published } = await publish(going("main", "helper"));
  t.match(published, { version: 1, uses: { helper: { version: 1 } } });
  t.match(await texts(published.id), /"helper\/more"/, "a call runs both as one");

  await publish(scriptOf("helper", 'other: { play: [{ say: "Other." }], end: done }'));
  t.match(await texts(published.id), /"helper\/more"/, "a newer one changes nothing that was published");
  const again = await publish(going("main", "helper"));
  t.match(again.published, { version: 2, fresh: true, uses: { helper: { version: 2 } } }, "until it is published again");
  t.match(await texts(again.published.id), /"helper\/other"/);

  // Scripts may go round; each is there once, and the way round is by itself pinned too.
  await publish(going("helper", "main"));
  const far = await publish(going("first", "helper"));
  t.match(far.published.uses, { helper: { version: 3 }, main: { version: 2 } });
  t.match(await texts(far.published.id), /"helper\/hello".*"main\/hello"/);
  t.match(await rollBack(parts, "main", 1, signature), { release: { version: 1 }, findings: [] });
  await t.rejects(loadVersion(scripts, ownThread, "999"), { code: "script-unknown" });
  const lost = await scripts.publish("lost", going("lost", "helper"), signature);
  await t.rejects(loadVersion(scripts, ownThread, lost.id), {
    code: "script-invalid",
    message: /lost version 1 cannot be run:\nlost, step away: there is no script helper/,
  });
});

t.test("a newer text is held against the lists of those who follow it, each different one", async (t) => {
  const { publish, scripts, stores } = await gate(t);
  const { published } = await publish(scriptOf("a"));
  const campaign = await makeCampaign(stores, { name: "one", people: 1 });
  const create = (name: string, listId: string, more = {}) =>
    stores.campaigns.create({ ...campaign, name, listId, scriptVersionId: published.id, ...more });
  const load = await stores.contacts.openLoad({ name: "rich", append: false });
  await load.add([{ addresses: [{ kind: "mobile", number: "+12125559999" as never }], fields: { first_name: "Ada", amount_due: "1.00" } }]);
  const { listId } = await load.commit();
  const needy = scriptOf("a").replace("start:", "needs: [amount_due]\nstart:").replace("Hello.", "You owe {amount_due}.");
  await create("pinned", campaign.listId, { scriptPinned: true });
  await create("rich", listId);
  t.match(await publish(needy), { published: { version: 2 }, users: [{ campaign: "pinned" }, { campaign: "rich" }] }, "who is pinned is not asked");
  await create("poor", campaign.listId);
  await t.rejects(publish(`${needy}#\n`), {
    code: "script-invalid",
    message: /column-missing: the list has no column amount_due \(list list of one\)/,
  });
  await t.rejects(
    publish(scriptOf("b").replace("Hello.", "Hello {name}.").replace("start:", "needs: [name]\nstart:"), { list: { name: "x", columns: ["first"] } }),
    {
      message: /column-missing: the list has no column name\. /,
    },
  );
  t.match(await scripts.entry("a"), { versions: 2 });
});

t.test("going back wants what calls want, and no more", async (t) => {
  const { publish, scripts, parts, recordings } = await gate(t);
  const tone = writeWav(Int16Array.from({ length: 16_000 }, (_, at) => 8000 * Math.sin(at / 4)));
  mkdirSync(recordings, { recursive: true });
  writeFileSync(join(recordings, "tone.wav"), tone);
  await publish(scriptOf("a", "more: { play: [{ file: tone.wav }], end: done }"));
  await publish(scriptOf("a"));
  rmSync(join(recordings, "tone.wav"));
  await t.rejects(rollBack(parts, "a", 1, signature), {
    code: "script-invalid",
    message: /version 1 of a cannot be run any more:\na version 1:11:\d+: error prompt-missing/,
  });
  writeFileSync(join(recordings, "tone.wav"), tone);
  t.match(await rollBack(parts, "a", 1, signature), { release: { version: 1, by: "user ada" } });
  // As if published by a Carillon whose lint knew less, and by one with another language.
  await scripts.publish("a", scriptOf("a").replace('"9": stop', '"8": stop'), signature);
  await scripts.publish("a", "script: a\nverbs: old\n", signature);
  await rollBack(parts, "a", 2, signature);
  const doubtful = await rollBack(parts, "a", 3, signature);
  t.match(doubtful, { release: { version: 3 }, findings: [{ severity: "error", code: "key-not-handled" }] }, "lint is told, and does not stop it");
  await t.rejects(rollBack(parts, "a", 4, signature), { code: "script-invalid", message: /version 4 of a cannot be run any more/ });
  await t.rejects(rollBack(parts, "a", 9, signature), { code: "script-unknown" });
  await t.rejects(rollBack(parts, "a", 3, signature), { code: "script-current" });
  t.match(await scripts.current("a"), { version: 3 });
});

t.test("a running server gives new calls the version that is released, and old ones theirs", async (t) => {
  const { publish, parts, stores } = await gate(t);
  const { published: first } = await publish(scriptOf("a"));
  const campaign = await makeCampaign(stores, { name: "live", people: 10, started: false });
  const live = await stores.campaigns.create({ ...campaign, name: "follower", scriptVersionId: first.id });
  const open = { ...live, window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] } };
  await stores.pool.query(
    "update campaign set window_end_minute = 1440, window_start_minute = 0, window_weekdays = '[1,2,3,4,5,6,7]', max_cps = 1000 where id = $1",
    [open.id],
  );
  const engine = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node });
  await engine.start();
  t.teardown(() => engine.close());
  await engine.order(live.id, "start");
  const [early] = await engine.pull(live.id, 1);
  t.equal(early?.scriptVersionId, first.id);
  const seen = async (id: string) => {
    await until(() => voiceCampaign(engine.running()[0]).scriptVersionId === id, "the release to be seen");
    const [order] = await engine.pull(live.id, 1);
    t.equal(order?.scriptVersionId, id);
    return stores.attemptReader.attempt(order?.attemptId ?? "");
  };
  const { published: second } = await publish(scriptOf("a", 'more: { play: [{ say: "Even more." }], end: done }'));
  t.match(await seen(second.id), { script: { name: "a", version: 2 } }, "and the attempt keeps it");
  await rollBack(parts, "a", 1, signature);
  t.match(await seen(first.id), { script: { name: "a", version: 1 } });
  t.equal(early?.scriptVersionId, first.id);
});

t.test("differences between versions", (t) => {
  const version = (number: number, source: string) => ({
    id: String(number),
    name: "a",
    version: number,
    source,
    publishedAt: 0,
    publishedBy: "x",
    uses: {},
  });
  const diff = (from: string, to: string) => diffVersions(version(1, from), version(2, to));
  const head = "--- a version 1\n+++ a version 2\n";
  const cases: [string, string, string, string][] = [
    ["nothing", "x\n", "x\n", ""],
    [
      "a line among others",
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
      "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
      `${head}@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n`,
    ],
    ["a line more at the end", "x\n", "x\ny\n", `${head}@@ -1,1 +1,2 @@\n x\n+y\n`],
    ["the last line break", "x", "x\n", `${head}@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n`],
  ];
  for (const [name, from, to, wanted] of cases) t.equal(diff(from, to), wanted, name);
  const pinned = (number: number, uses: Record<string, number>) => ({
    ...version(number, "x\n"),
    uses: Object.fromEntries(Object.entries(uses).map(([name, at]) => [name, { id: `${name}-${at}`, version: at }])),
  });
  t.equal(
    diffVersions(pinned(1, { b: 1, c: 4 }), pinned(2, { c: 4, b: 2 })),
    `${head}@@ -1,3 +1,3 @@\n x\n-# goes to b version 1\n+# goes to b version 2\n # goes to c version 4\n`,
    "the same text, going to another version",
  );
  t.equal(diffVersions(pinned(1, { b: 1 }), pinned(2, { b: 1 })), "", "and to the same one");
  const many = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word} ${at}\n`).join("");
  const large = diff(many("a"), `${many("b")}end`);
  t.ok(large.startsWith(`${head}@@ -1,20000 +1,20001 @@\n-a 0\n`), "texts that have nothing in common");
  t.ok(large.endsWith("+b 19999\n+end\n\\ No newline at end of file\n"));
  t.end();
});
