import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { runCli, startCli } from "../harness/serve-process.ts";
import { greetingScript, openCommands } from "./command-kit.ts";

t.setTimeout(280_000);
const { folder, database, stores, file, carillon, refused } = await openCommands();
const script = greetingScript();

t.test("help and versions need neither configuration nor database", async (t) => {
  const help = await runCli(t, ["--help"], { cwd: "/" });
  t.equal(help.code, 0);
  for (const word of ["serve", "demo", "lab", "migrate", "import", "script", "ivr", "campaign", "key"])
    t.match(help.stdout, new RegExp(`^  ${word}\\b`, "m"));
  t.match(help.stdout, /^Commands:\n {2}help \[command\] [^\n]+\n*$/m, "every command but help stands under a heading");
  const campaign = await runCli(t, ["campaign", "--help"], { cwd: "/" });
  for (const word of ["create", "start", "pause", "resume", "stop", "watch"]) t.match(campaign.stdout, new RegExp(`^  ${word}\\b`, "m"));
  t.match((await runCli(t, ["--version"], { cwd: "/" })).stdout, /^\d+\.\d+\.\d+\n$/);
});

t.test("bad words and options give one line", async (t) => {
  const cases: readonly (readonly [words: string, said: RegExp, lines?: number])[] = [
    ["serv", /unknown command 'serv'.*serve.*\(carillon --help lists the commands\)/],
    ["import x.csv", /required option '--list <name>' not specified \(carillon import --help tells more\)/],
    ["import --list x", /missing required argument 'file'/],
    ["migrate --force", /unknown option '--force'/],
    ["campaign create c --max-lines 2.5", /--max-lines <count>.*'2\.5'.*whole number.*\(carillon campaign create --help tells more\)/],
    ["campaign creat c", /unknown command 'creat'.*\(carillon campaign --help lists the commands\)/],
    ["simulate --hit-rate 130", /^carillon: --hit-rate must be 0\.5 to 100; it is 130/],
    ["campaign create c --max-cps -1", /--max-cps <count>.*above 0/],
    ["migrate --config nowhere.yaml", /nowhere\.yaml: cannot read/, 2],
    ["migrate --set database.urll=x", /--set database\.urll: there is no such setting; did you mean url\?/, 2],
  ];
  for (let at = 0; at < cases.length; at += 2) {
    await Promise.all(cases.slice(at, at + 2).map(([words, said, lines]) => refused(t, words.split(" "), said, lines)));
  }
});

t.test("migrate makes a database usable, and says so when there is nothing to do", async (t) => {
  const empty = await openTestDatabase(t, { migrated: false });
  for (const _ of [1, 2]) {
    const { code, stdout, stderr } = await carillon(t, "migrate", "--set", `database.url=${empty.url}`);
    t.match({ code, stdout, stderr }, { code: 0, stdout: "The database schema is up to date.\n", stderr: "" });
  }
  const nowhere = new URL(database.url);
  nowhere.port = "1";
  await refused(t, ["migrate", "--set", `database.url=${nowhere}`], /cannot be reached .*check that it runs, and DATABASE_URL/);
  nowhere.port = new URL(database.url).port;
  nowhere.pathname = "/nothing_of_that_name";
  await refused(t, ["migrate", "--set", `database.url=${nowhere}`], /does not exist: create it, or correct its name/);
});

t.test("import: what can be used goes in, the rest into a rejects file with its reason", async (t) => {
  const csv = file(
    "people.csv",
    "client_id,phone,first_name,time_zone\np-1,+1 212 555 0101,Ada,America/New_York\np-2,12,Short,America/New_York\np-3,(212) 555-0103,Grace,America/New_York\n",
  );
  const { code, stdout, stderr } = await carillon(t, "import", csv, "--list", "people", "--country", "US");
  t.match({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /people\.csv: 3 rows; 2 contacts put on list "people", 1 row rejected \(0 are duplicates\)/);
  t.equal(stdout.match(/people: 3 rows read/g)?.length, 1, "the last line of progress once");
  t.match(stdout, /rejected rows are in people\.rejects\.csv/);
  const rejects = readFileSync(join(folder, "people.rejects.csv"), "utf8").trimEnd().split("\n");
  t.equal(rejects.length, 2, "a header and the row");
  t.match(rejects[1], /phone,too short.*p-2,12/);
  await refused(t, ["import", csv, "--list", "people"], /people.*exists.*--append/);
  const appended = await carillon(t, "import", file("more.csv", "client_id,phone\np-9,+1 212 555 0109\n"), "--list", "people", "--append");
  t.match(appended, { code: 0, stdout: /^more\.csv: 1 row; 1 contact put on list "people"\.$/m });
  await refused(t, ["import", "nothing.csv", "--list", "other"], /Cannot read nothing\.csv/);
  await refused(t, ["import", ".", "--list", "other"], /Cannot read \.: it is a folder/);
  await refused(t, ["import", file("empty.csv", ""), "--list", "other"], /empty|header|no rows/i);
  await refused(t, ["import", file("strange.csv", "a,b\n1,2\n"), "--list", "other"], /column/i);
  t.match((await carillon(t, "lists")).stdout, /^ID +LIST +CONTACTS +MADE\n1 +people +3 +2\d{3}-\S+ \S+Z\n$/);
  t.notOk(
    (await stores.lists.lists({ limit: 100 })).some(({ name }) => name === "other"),
    "what failed left no list behind",
  );
});

t.test("scripts: a broken one is refused with its places, a sound one gets its version", async (t) => {
  const broken = file("broken.yaml", script.replace("no_input: bye", "no_input: by").replace("end: done", "ends: done"));
  const said = await refused(t, ["script", "publish", broken], /the script is not published/, 0);
  t.match(said, /broken\.yaml:8:\d+: error .*by/, "line and column of the step that is not there");
  t.match(said, /broken\.yaml:14:\d+: error .*bye.*end/, "and of the word that is none");
  await refused(t, ["script", "publish", "nothing.yaml"], /nothing\.yaml.*cannot be read/s, 0);
  const greeting = file("greeting.yaml", script);
  t.match(await carillon(t, "script", "publish", greeting), { code: 0, stdout: /^greeting version 1 is published\. /, stderr: "" });

  const lint = await carillon(t, "ivr", "lint", broken, greeting);
  t.equal(lint.code, 1);
  t.match(lint.stdout, /broken\.yaml:8:\d+: error/);
  t.match(lint.stdout, /2 scripts, \d+ errors?, \d+ warnings?\n$/);
  t.match(await carillon(t, "ivr", "lint", greeting), { code: 0, stdout: /1 script, 0 errors/ });
  t.match(await carillon(t, "ivr", "lint", "nothing.yaml"), { code: 1, stdout: /nothing\.yaml:1:1: error .*cannot be read/ });
});

t.test("lint: folders, a list, recordings, the configuration, warnings", async (t) => {
  mkdirSync(join(folder, "flows/sounds"), { recursive: true });
  const hello = greetingScript("Hello {first_name}", "needs: [first_name]\n");
  file("flows/greeting.yaml", hello);
  file("flows/greeting.test.yaml", "script: greeting\ncases: []\n");
  file(
    "flows/asking.yml",
    greetingScript("Hello {first_name}", 'needs: [first_name]\neverywhere: { "9": stop }\n').replace(
      "bye: { end: done }",
      "bye: { webhook: pay, play: [{ file: a.wav }], on: { error: stop } }",
    ),
  );
  const json = async (...words: readonly string[]) => JSON.parse((await carillon(t, "ivr", "lint", "--json", ...words)).stdout);
  t.match(await json("flows", "--columns", "first_name, phone"), {
    files: ["flows/asking.yml", "flows/greeting.yaml"],
    errors: 2,
    warnings: 0,
    findings: [
      { file: "flows/asking.yml", line: 16, column: 19, code: "webhook-unknown", fix: /webhooks/ },
      {
        line: 16,
        column: 39,
        code: "prompt-missing",
        message: /no folder of recordings is configured/,
        fix: "Name the folder in prompts.recordingsDir.",
      },
    ],
  });
  t.match(await json("flows/greeting.yaml", "--list", "people"), { errors: 0 });
  t.match(await json("flows/greeting.yaml", "--columns", "name"), { errors: 1, findings: [{ code: "column-missing" }] });
  const hook = ["--set", "webhooks.0.name=pay", "--set", "webhooks.0.url=http://127.0.0.1:9/"];
  t.match(await json("flows/asking.yml", ...hook, "--recordings", "flows/sounds"), { findings: [{ code: "prompt-missing", line: 16, column: 39 }] });
  t.match(await json("flows/greeting.yaml", "--max-call-s", "1"), { findings: [{ code: "message-too-long", line: 7 }] });
  const doubtful = file("flows/doubtful.yaml", `${script}  lonely: { end: x }\n`);
  t.match(await carillon(t, "ivr", "lint", doubtful), { code: 0, stdout: /15:3: warning step-unreachable: .*\n1 script, 0 errors, 1 warning\n$/ });
  t.match(await carillon(t, "ivr", "lint", doubtful, "--strict"), { code: 1 });
  await refused(t, ["ivr", "lint", "flows/sounds"], /no scripts in flows\/sounds/);
  await refused(t, ["ivr", "lint", "flows", "--list", "nobody"], /no list "nobody"/);
  await refused(t, ["ivr", "lint", "flows", "--config", "nothing.yaml"], /nothing\.yaml/, 0);
});

t.test("campaign: made, started, paused, resumed, stopped, watched", async (t) => {
  const create = ["campaign", "create", "june", "--list", "people", "--script", "greeting.yaml", "--trunk", "lab", "--caller-id", "+15550100000"];
  const replace = (word: string, by: string) => create.map((each) => (each === word ? by : each));
  await refused(t, replace("people", "nobody"), /no list "nobody".*carillon import/);
  await refused(t, replace("lab", "moon"), /trunk: there is no trunk moon; configured: lab/);
  await refused(t, replace("+15550100000", "anonymous"), /callerId: must be a number in E\.164 form/);
  await refused(
    t,
    [...replace("lab", "moon"), "--default-time-zone", "Mars/Base", "--ring-timeout-ms", "1000"],
    /trunk.*defaultTimeZone.*ringTimeoutMs/s,
    3,
  );
  await refused(t, [...create, "--retry", "busy=soon"], /"busy=soon" is not RESULT=SECONDSxTIMES, such as busy=1800x2/);
  await refused(t, [...create, "--retry", "busy=1800x2", "human=600x1"], /retries: nobody is called again after human: somebody answered/);
  await refused(t, replace("greeting.yaml", "broken.yaml"), /not published/, 0);
  t.match(await carillon(t, ...create), {
    code: 0,
    stdout: /Campaign june is made \(draft\)\. Start it with: carillon campaign start june\n/,
    stderr: "",
  });
  await refused(t, create, /june.*exist/);

  const { stdout: listed } = await carillon(t, "campaign", "list");
  t.match(listed, /^ID +CAMPAIGN +CHANNEL +MODE +STATE .*\n1 +june +voice +ivr +draft +people +lab +\+15550100000\n$/);
  const inVain = /Nobody can opt out by key while there is only a message/;
  t.match((await carillon(t, "campaign", "inbound", "june")).stdout, inVain);
  t.match((await carillon(t, "number", "add", "+12125550177")).stdout, inVain);
  t.notMatch((await carillon(t, "number", "assign", "+12125550177", "--script", "greeting")).stdout, inVain);
  const order = async (word: string) => (await carillon(t, "campaign", word, "june")).stdout;
  await refused(t, ["campaign", "pause", "june"], /june is draft; it cannot be told to pause/);
  t.equal(await order("start"), "Campaign june is running.\n");
  t.equal(await order("pause"), "Campaign june is paused.\n");
  t.equal(await order("resume"), "Campaign june is running.\n");
  const watch = startCli(t, ["campaign", "watch", "june"], { cwd: folder });
  await until(() => watch.stdout().includes("june running 0/3, 0 on the line"), "the first line of progress", 20_000);
  const trunkless = startCli(t, ["campaign", "watch", "june", "--set", "trunks.0.name=other"], { cwd: folder });
  await until(() => /june running 0\/3, 0 on the line\. There is no trunk or route lab any more\./.test(trunkless.stdout()), "it to say why", 20_000);
  t.equal(await order("stop"), "Campaign june is stopping.\n");
  const made = await stores.campaigns.findByName("june");
  if (!made) return t.fail("the campaign is not there");
  await stores.campaigns.move(made.id, "stopping", "stopped");
  t.equal(await watch.ended, 0, "watching ends when the campaign has");
  t.match(watch.stdout(), /june stopped 0\/3, 0 on the line\n$/);
  await refused(t, ["campaign", "resume", "june"], /june is stopped; it cannot be told to resume/);
  await refused(t, ["campaign", "start", "nothing"], /no campaign "nothing"/);
  await refused(t, ["campaign", "watch", "nothing"], /no campaign "nothing"/);
});

t.test("key create: shown once, and nothing else on the line", async (t) => {
  const { code, stdout, stderr } = await carillon(t, "key", "create", "console");
  t.match({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /^carillon_\S+\n$/);
  const { rows } = await stores.pool.query("select * from api_key");
  t.equal(rows.length, 1);
  t.notMatch(JSON.stringify(rows), stdout.trim().slice(-20), "the database has only its hash");
});
