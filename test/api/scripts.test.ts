import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { ScriptPool } from "../../src/adapter/reader/script-pool.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { writeWav } from "../../src/adapter/tts/wav.ts";
import { scriptWork } from "../../src/ivr/script-work.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { hostileScripts } from "../ivr/hostile-scripts.ts";
import { asCsv, asYaml, script, world } from "./world.ts";

t.setTimeout(280_000);
const base = "/api/v1/scripts";
const other = script.replace("Hello", "Good day");

t.test("a script is published, read, compared and rolled back", async (t) => {
  const { ask, stores, logged } = await world(t);
  t.same((await ask("GET", base)).body, { items: [] });
  const made = await ask("POST", `${base}?note=first%20words`, script, asYaml);
  t.match(made, { status: 201, headers: { location: `${base}/greeting/versions/1` } }, made.text);
  t.match(made.body, { name: "greeting", version: 1, publishedBy: "key test", uses: {}, fresh: true, released: true, warnings: [], campaigns: [] });
  t.match(await ask("POST", base, script, asYaml), { status: 200, body: { id: made.body["id"], version: 1, fresh: false, released: false } });
  t.match(await ask("POST", base, { source: other, note: "kinder" }), { status: 201, body: { version: 2, fresh: true } }, "as JSON too");

  t.match((await ask("GET", base)).body.items, [
    { name: "greeting", versions: 2, running: 0, current: { version: 2, by: "key test", note: "kinder" } },
  ]);
  t.match((await ask("GET", `${base}/greeting`)).body, { name: "greeting", versions: 2, current: { version: 2 }, campaigns: [] });
  t.match((await ask("GET", `${base}/greeting/versions/1`)).body, { version: 1, source: script, publishedBy: "key test", publishedAt: /Z$/ });
  const versions = await ask("GET", `${base}/greeting/versions?limit=1`);
  t.match(versions.body.items, [{ version: 2 }]);
  t.notOk(versions.body.items[0]?.["source"], "a list has no texts");
  t.match((await ask("GET", `${base}/greeting/versions?limit=1&cursor=${versions.body["next"]}`)).body, { items: [{ version: 1 }], next: undefined });
  const { diff } = (await ask("GET", `${base}/greeting/diff?from=1&to=2`)).body;
  t.match(diff, /^--- greeting version 1\n\+\+\+ greeting version 2\n@@ -4,7 \+4,7 @@\n|^--- greeting/);
  t.match(diff, /\n-.*Hello.*\n\+.*Good day/);
  t.equal((await ask("GET", `${base}/greeting/diff?from=2&to=2`)).body["diff"], "");

  const { text } = await issueKey(stores.keys, "night shift");
  const authorization = `Bearer ${text}`;
  const back = await ask("POST", `${base}/greeting/releases`, { version: 1, note: "too kind" }, { authorization });
  t.match(back, { status: 201, body: { version: 1, by: "key night shift", note: "too kind", findings: [], campaigns: [] } }, back.text);
  t.match(await ask("POST", `${base}/greeting/releases`, { version: 1 }), { status: 409, body: { code: "script-current" } });
  t.match((await ask("GET", `${base}/greeting/releases`)).body.items, [
    { version: 1, by: "key night shift", note: "too kind" },
    { version: 2, by: "key test", note: "kinder" },
    { version: 1, by: "key test", note: "first words" },
  ]);
  t.match((await ask("GET", `${base}/greeting`)).body, { current: { version: 1 }, versions: 2 });
  t.same(logged, []);
});

t.test("what is wrong with a script is told with its places, and nothing is written", async (t) => {
  const tests = (outcome: string) => `tests: greeting\ncases:\n  - case: opts out\n    do: [{ keys: "9" }]\n    expect: { outcome: ${outcome} }\n`;
  const { ask, stores } = await world(t);
  const broken = script.replace("no_input: bye", "no_input: by");
  const bad = await ask("POST", base, broken, asYaml);
  t.match(bad, {
    status: 422,
    body: { code: "script-invalid", detail: /1 error;/, errors: [{ pointer: /^9:\d+$/, message: /^step-unknown: .*Did you mean bye\?/ }] },
  });
  const told = await ask("POST", `${base}/lint`, broken, asYaml);
  t.match(told, {
    status: 200,
    body: { valid: false, findings: [{ severity: "error", code: "step-unknown", line: 9, message: /by/, fix: "Did you mean bye?" }] },
  });
  t.match(await ask("POST", `${base}/lint`, script, asYaml), { status: 200, body: { valid: true, findings: [] } });
  t.match(await ask("POST", base, { source: script, tests: tests("done") }), {
    status: 422,
    body: { code: "script-tests-failed", errors: [{ pointer: "tests", message: /opts out[\s\S]*done/ }] },
  });
  t.same(await stores.scripts.entries({ limit: 10 }), []);
  t.match(await ask("POST", base, { source: script, tests: tests("opted_out") }), { status: 201, body: { cases: 1 } });

  const { body } = await ask("POST", "/api/v1/lists?name=May", "phone,first_name\n+12125550101,Ada\n", asCsv);
  const campaign = {
    name: "c",
    listId: body["listId"],
    script: "greeting",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 1,
    defaultTimeZone: "America/New_York",
  };
  t.match(await ask("POST", "/api/v1/campaigns", campaign), { status: 201, body: { script: "greeting", scriptPinned: false } });
  t.match(
    await ask("POST", "/api/v1/campaigns", {
      ...campaign,
      name: "d",
      script: undefined,
      scriptVersionId: (await stores.scripts.current("greeting"))?.id,
    }),
    {
      status: 201,
      body: { scriptPinned: true },
    },
  );
  const needy = script.replace("start:", "needs: [amount_due]\nstart:").replace("Hello.", "You owe {amount_due}.");
  t.match(
    await ask("POST", base, needy, asYaml),
    { status: 422, body: { errors: [{ message: /^column-missing: .*amount_due/ }] } },
    "the list of the campaign that follows it lacks a column",
  );
  t.match((await ask("GET", `${base}/greeting`)).body["campaigns"], [
    { campaign: "c", list: "May", running: false },
    { campaign: "d", pinned: 1 },
  ]);
  t.match((await ask("POST", `${base}/lint?listId=${body["listId"]}`, needy.replace("greeting", "fresh"), asYaml)).body, {
    valid: false,
    findings: [{ code: "column-missing" }],
  });
  t.equal(
    (await ask("POST", `${base}/lint`, needy.replace("greeting", "fresh"), asYaml)).body["valid"],
    true,
    "without a list nobody lacks a column",
  );
});

t.test("a script that has no agent for anybody is no successor of one that is followed for agents", async (t) => {
  const { ask, stores } = await world(t);
  await makeCampaign(stores, { people: 1 });
  await stores.pool.query("update campaign set mode = 'progressive'");
  const alone = script.replace("script: greeting", "script: reminder");
  t.match(await ask("POST", base, alone, asYaml), {
    status: 422,
    body: {
      code: "script-invalid",
      detail: /whoever answers gets no agent in it.* followed by campaign reminders, whose calls are placed for agents/,
    },
  });
  await stores.pool.query("update campaign set mode = 'preview'");
  t.match(await ask("POST", base, alone, asYaml), { status: 201 }, "agents' own calls run no script");
});

t.test("recordings must be there and be playable before anything is written", async (t) => {
  const recordingsDir = join(t.testdir(), "recordings");
  mkdirSync(recordingsDir, { recursive: true });
  const tone = Int16Array.from({ length: 8000 }, (_, at) => 8000 * Math.sin(at / 4));
  writeFileSync(join(recordingsDir, "good.wav"), writeWav(tone));
  writeFileSync(join(recordingsDir, "broken.wav"), "RIFF and then nothing");
  const { ask, stores } = await world(t, {}, { "prompts.recordingsDir": recordingsDir });
  const playing = (name: string) => script.replace('play: [{ say: "You will', `play: [{ file: ${name}.wav }, { say: "You will`);
  t.match(await ask("POST", base, playing("none"), asYaml), {
    status: 422,
    body: { errors: [{ pointer: /^12:\d+$/, message: /^prompt-missing: .*none\.wav/ }] },
  });
  t.match(await ask("POST", base, playing("broken"), asYaml), {
    status: 422,
    body: { errors: [{ pointer: /^12:\d+$/, message: /^prompt-unplayable: .*broken\.wav/ }] },
  });
  t.same(await stores.scripts.entries({ limit: 10 }), []);
  t.match(await ask("POST", base, playing("good"), asYaml), { status: 201 });
});

t.test("whatever texts are sent, whoever asks for something else is answered meanwhile", async (t) => {
  const { ask } = await world(t);
  await ask("POST", base, script, asYaml);
  const busyMs = async (work: () => unknown) => {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  let [here, alone] = [0, 0];
  for (const [name, source] of Object.entries(hostileScripts)) {
    here += await busyMs(async () => {
      const told = await ask("POST", `${base}/lint`, source, asYaml);
      t.match(told, { status: 200, body: { valid: false } }, name);
      t.ok(told.text.length < 500_000, `${name}: ${told.text.length} characters`);
    });
    const options = { others: new Map<string, string>(), options: {}, lists: [] };
    alone += await busyMs(() => scriptWork.check({ file: "script", source, ...options }));
  }
  t.comment(`${here.toFixed(0)} ms of this thread for requests that want ${alone.toFixed(0)} ms of work`);
  t.ok(here < 0.5 * alone, `${here.toFixed(0)} of ${alone.toFixed(0)} ms`);

  const ended: string[] = [];
  const heavy = ask("POST", base, hostileScripts["thousands of templates"], asYaml).then(({ status }) => ended.push(`published ${status}`));
  for (let round = 1; round <= 5; round += 1) {
    t.equal((await ask("GET", `${base}/greeting`)).status, 200);
    ended.push(`asked ${round}`);
  }
  await heavy;
  t.strictSame(ended.slice(0, 3), ["asked 1", "asked 2", "asked 3"]);
  t.ok(ended.includes("published 422"), "and it is judged all the same");
});

t.test("a text that takes too much is a problem with what to do, and the next one is looked at", async (t) => {
  const { ask, logged, publishing } = await world(t);
  const narrow = new ScriptPool({ clock: systemClock, module: new URL("../../src/start/script-reader.ts", import.meta.url), memoryMb: 24 });
  t.teardown(() => narrow.close());
  await ask("POST", base, script, asYaml);
  Object.assign(publishing, { reader: narrow });
  for (const path of [base, `${base}/lint`]) {
    t.match(await ask("POST", path, hostileScripts["thousands of templates"], asYaml), {
      status: 422,
      body: { code: "script-too-heavy", title: /takes too long/, detail: /more than 24 MB of memory\. Split it into several scripts/ },
    });
  }
  t.match(await ask("POST", `${base}/lint`, "script: a", asYaml), { status: 200, body: { valid: false } });
  await narrow.close();
  t.match(await ask("POST", `${base}/lint`, script, asYaml), { status: 503, body: { code: "unavailable" } });
  t.equal(logged.length, 1, "only the last one is ours");
});

t.test("what is asked wrongly gets a problem", async (t) => {
  const { ask, logged } = await world(t);
  await ask("POST", base, script, asYaml);
  const cases: [string, Awaited<ReturnType<typeof ask>>, number, string][] = [
    ["a name nobody has", await ask("GET", `${base}/greting`), 404, "script-unknown"],
    ["its versions", await ask("GET", `${base}/greting/versions`), 404, "script-unknown"],
    ["its releases", await ask("GET", `${base}/greting/releases`), 404, "script-unknown"],
    ["a version that is not there", await ask("GET", `${base}/greeting/versions/9`), 404, "script-unknown"],
    ["a difference from it", await ask("GET", `${base}/greeting/diff?from=1&to=9`), 404, "script-unknown"],
    ["going back to it", await ask("POST", `${base}/greeting/releases`, { version: 9 }), 404, "script-unknown"],
    ["a difference from nothing", await ask("GET", `${base}/greeting/diff?from=1`), 400, "request-invalid"],
    ["a name that is none", await ask("GET", `${base}/Greeting%27--`), 400, "request-invalid"],
    ["a version that is none", await ask("GET", `${base}/greeting/versions/one`), 400, "request-invalid"],
    ["a version too large", await ask("GET", `${base}/greeting/versions/99999999999`), 400, "request-invalid"],
    ["going back to nowhere", await ask("POST", `${base}/greeting/releases`, {}), 400, "request-invalid"],
    ["a note with a line break", await ask("POST", `${base}/greeting/releases`, { version: 1, note: "a\nb" }), 400, "request-invalid"],
    ["JSON without a script", await ask("POST", base, { note: "x" }), 400, "request-invalid"],
    ["a parameter nobody knows", await ask("POST", `${base}?why=x`, script, asYaml), 400, "request-invalid"],
    ["a form", await ask("POST", base, "a=b", { "content-type": "application/x-www-form-urlencoded" }), 415, "media-type"],
    ["no body", await ask("POST", base, undefined, asYaml), 422, "script-invalid"],
    ["too much", await ask("POST", base, "x".repeat(600_000), asYaml), 413, "request-too-large"],
    ["nothing that is YAML", await ask("POST", base, "\0\u0001[", asYaml), 422, "script-invalid"],
    ["a NUL in it", await ask("POST", base, script.replace("Hello", "Hel\0lo"), asYaml), 422, "script-invalid"],
  ];
  for (const [name, answer, status, code] of cases) t.same([answer.status, answer.body["code"]], [status, code], `${name}: ${answer.text}`);
  t.match((await ask("GET", `${base}/greting`)).body["detail"], /did you mean greeting\?/);
  t.same(logged, [], "nothing of this is our fault");

  const document = (await ask("GET", "/openapi.json")).body as unknown as {
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
  };
  const paths = Object.keys(document.paths).filter((path) => path.startsWith(base));
  t.same(
    paths.sort(),
    ["", "/lint", "/{name}", "/{name}/diff", "/{name}/releases", "/{name}/versions", "/{name}/versions/{version}"].map((end) => base + end),
  );
  t.match(document.paths[base]?.["post"]?.requestBody?.content, { "application/yaml": {}, "application/json": {} });
});
