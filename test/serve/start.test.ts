import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import t from "tap";
import { openTestDatabase } from "../harness/database.ts";
import { inTime, until } from "../harness/far-side.ts";
import { openFolder, openLab, writeConfig } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { aliveInGroup, isAlive, runCli, startServe } from "../harness/serve-process.ts";
import { desk, openCampaign, scripts } from "./kill-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);
const folder = openFolder(t);
const lab = await openLab(t, seed, 0.3);
const database = await openTestDatabase(t);
const promptsDir = join(folder, "prompts");
const config = writeConfig(lab, { folder, node: "start", promptsDir, databaseUrl: database.url });
const numberAt = (at: number) => `+1212555${String(100 + at).padStart(4, "0")}`;

/** What a person reads: everything on standard error but the log, which is JSON. */
function told(stderr: string): readonly string[] {
  return stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
}

/** Lines of the log. On a busy machine a connection to the database may take longer than it may: it is made anew. */
function troubles(stderr: string, level: RegExp): readonly string[] {
  return stderr.split("\n").filter((line) => level.test(line) && !/due to connection timeout/.test(line));
}

t.test("what keeps a server from starting is one line that says what to do", async (t) => {
  t.setTimeout(280_000);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const nobody = await portForAnother();
  const elsewhere = new URL(database.url);
  elsewhere.port = String(nobody);
  const stranger = new URL(database.url);
  stranger.password = "wrong";

  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["port in use", [`api.port=${port}`], new RegExp(`Port ${port} on 127.0.0.1 is in use by another program; give api.port another one`)],
    ["wrong drachtio secret", ["drachtio.secret=guess"], /refused the secret\. Set drachtio\.secret/],
    ["drachtio not there", [`drachtio.port=${nobody}`], new RegExp(`does not answer at 127.0.0.1:${nobody} .*Start it, or set drachtio\\.host`)],
    ["FreeSWITCH not there", [`freeswitch.0.port=${nobody}`], new RegExp(`FreeSWITCH lab \\(127.0.0.1:${nobody}\\) does not answer.*Start it`)],
    ["wrong FreeSWITCH password", ["freeswitch.0.password=guess"], /FreeSWITCH lab .* refused the password\. Set its password/],
    ["database not there", [`database.url=${elsewhere}`], /database cannot be reached .*check that it runs, and DATABASE_URL/],
    ["wrong database password", [`database.url=${stranger}`], /does not let us in .*check user and password/],
  ];
  const start = async ([name, settings, line]: (typeof cases)[number], at: number) => {
    const flags = ["serve", "--config", config, "--set", `node.name=case-${at}`, "--set", "api.port=0"];
    const { code, stdout, stderr, pid } = await runCli(t, [...flags, ...settings.flatMap((setting) => ["--set", setting])]);
    t.equal(code, 78, `${name}: exit code`);
    t.equal(stdout, "", `${name}: nothing on standard output`);
    t.equal(told(stderr).length, 1, `${name}: one line\n${stderr}`);
    t.match(told(stderr)[0], line, name);
    t.notMatch(stderr, /guess|wrong/, `${name}: no secret is told`);
    t.same(aliveInGroup(pid), [], `${name}: nothing is left running`);
  };
  // Two at a time: each is two processes that start.
  for (let at = 0; at < cases.length; at += 2) await Promise.all(cases.slice(at, at + 2).map((each, offset) => start(each, at + offset)));
  t.same(await lab.legs(), []);
  t.same(await lab.channels(), { channels: [], unknownCommands: [] });
});

t.test("a configuration with three faults shows all three, with their places", async (t) => {
  t.setTimeout(280_000);
  const file = join(folder, "faulty.yaml");
  writeFileSync(
    file,
    'api: { port: 99999 }\ndrachtio: { secret: s, hots: here }\nfreeswitch: [{ name: "a b", password: p }]\ntrunks: [{ name: t, host: h }]\n',
  );
  const { code, stderr, pid } = await runCli(t, ["serve", "--config", file]);
  t.equal(code, 78);
  const [head, ...faults] = told(stderr);
  t.match(head, /3 faults/);
  t.equal(faults.length, 3, stderr);
  for (const [at, place] of [/faulty\.yaml:1:\d+ .*port/, /faulty\.yaml:2:\d+ .*hots.*did you mean host/, /faulty\.yaml:3:\d+ .*name/].entries())
    t.match(faults[at], place);
  t.notMatch(stderr, /\n\s+at /, "no stack");
  t.same(aliveInGroup(pid), []);
  const missing = await runCli(t, ["serve", "--config", join(folder, "nowhere.yaml")]);
  t.equal(missing.code, 78);
  t.match(missing.stderr, /cannot read this configuration file/);
});

t.test("the running server answers over HTTP and is told what to do there", async (t) => {
  t.setTimeout(280_000);
  const { stdout } = await runCli(t, ["key", "create", "tests", "--config", config]);
  const key = stdout.trim();
  t.match(key, /^carillon_/);
  const server = startServe(t, config, await portForAnother());
  await server.ready();
  const askOnce = async (path: string, init: RequestInit) => {
    const headers = { authorization: `Bearer ${key}`, ...(typeof init.body === "string" && { "content-type": "application/json" }), ...init.headers };
    const response = await fetch(`${server.api}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, text, body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : undefined };
  };
  // A machine that has too much to do refuses what can wait, and says so before anything of it is done.
  const ask = async (path: string, init: RequestInit = {}) => {
    let answer = await askOnce(path, init);
    await until(async () => {
      if (answer.body?.code === "overloaded") answer = await askOnce(path, init);
      return answer.body?.code !== "overloaded";
    }, "a moment for a question");
    return answer;
  };
  t.match((await ask("/healthz")).body, { alive: true });
  t.match((await ask("/readyz")).body, { ready: true, components: [{ name: "database" }, { name: "drachtio" }, { name: "freeswitch:lab" }] });
  t.match((await ask("/metrics")).text, /carillon_lines 0/);
  const openapi = (await ask("/openapi.json")).body;
  t.ok(openapi.paths["/api/v1/campaigns/{id}/pause"], "the document names the routes");
  t.equal((await fetch(`${server.api}/api/v1/campaigns`)).status, 401, "not without a key");

  const people = [0, 1, 2, 3].map((at) => numberAt(300 + at));
  await lab.assign(Object.fromEntries(people.map((number) => [number, "listener"])));
  const csv = ["client_id,phone,time_zone", ...people.map((number, at) => `h-${at},${number},America/New_York`), "h-9,12,America/New_York"].join(
    "\n",
  );
  const list = await ask("/api/v1/lists?name=people", { method: "POST", body: csv, headers: { "content-type": "text/csv" } });
  t.match(list, { status: 201, body: { accepted: 4, rejected: 1 } });
  t.equal((await ask("/api/v1/scripts", { method: "POST", body: scripts.offer, headers: { "content-type": "application/yaml" } })).status, 201);
  const campaign = {
    name: "told",
    listId: list.body.listId,
    script: "offer",
    trunk: "lab",
    callerId: "+15550100000",
    maxCps: 10,
    maxLines: 1,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
  };
  const made = await ask("/api/v1/campaigns", { method: "POST", body: JSON.stringify(campaign) });
  t.match(made, { status: 201, body: { state: "draft" } });
  const path = `/api/v1/campaigns/${made.body.id}`;
  const order = async (word: string) => (await ask(`${path}/${word}`, { method: "POST" })).body.state;
  const called = async () => (await lab.books()).filter((call) => people.includes(call.called)).length;
  t.equal(await order("start"), "running");
  await until(async () => (await lab.legs()).length === 1, "the first call");
  t.equal(await order("pause"), "paused");
  await until(async () => (await ask(`${path}/progress`)).body.done === 1, "the call to end by itself");
  t.match((await ask(`${path}/progress`)).body, { contacts: 4, done: 1, inFlight: 0, waiting: 3 });
  t.equal(await called(), 1, "nobody is called while it is paused");
  t.equal(await order("resume"), "running");
  await until(async () => (await called()) === 2, "the second call");
  t.equal(await order("stop"), "stopping");
  await until(async () => (await ask(path)).body.state === "stopped", "the campaign to have stopped");
  t.equal(await called(), 2, "and nobody after that");
  t.equal((await ask(`${path}/resume`, { method: "POST" })).status, 409, "what is stopped stays so");
  const attempts = (await ask(`${path}/attempts`)).body.items;
  t.match(attempts, [{ result: "human" }, { result: "human" }]);
  t.match((await ask("/metrics")).text, /carillon_attempts_total\{result="human"\} 2/);

  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0, "a clean stop");
  t.same(told(server.stderr()), [], "nothing but the log on standard error");
  t.same(troubles(server.stderr(), /"level":"(error|warn)"/), [], "and nothing is wrong in it");
  t.same(aliveInGroup(server.pid), []);
});

t.test("SIGTERM lets people finish; the campaign goes on at the next start", async (t) => {
  t.setTimeout(280_000);
  const people = [0, 1, 2].map((at) => numberAt(310 + at));
  await lab.assign(Object.fromEntries(people.map((number) => [number, "listener"])));
  const campaign = await openCampaign(t, lab, { folder, node: "term" }, scripts.notice, people, { maxCps: 10, maxLines: 1 });
  const port = await portForAnother();
  const first = startServe(t, campaign.config, port);
  await first.ready();
  await campaign.start();
  // As the server knows it: whoever answers just as it is told to stop is let go.
  await until(async () => (await campaign.attempts()).some(({ state }) => state === "answered"), "somebody to be on the line");
  first.kill("SIGTERM");
  t.equal(await inTime(first.ended, "the server to end", 60_000), 0);
  t.same(aliveInGroup(first.pid), [], "nothing is left running");
  t.equal(await campaign.state(), "running", "the campaign is as it was");
  t.same(await lab.legs(), []);
  t.match(await campaign.attempts(), [{ state: "ended", result: "human", reason: "completed", outcome: "told" }], "who was on the line heard it all");
  const second = startServe(t, campaign.config, port);
  await second.ready();
  await until(async () => (await campaign.state()) === "finished", "the campaign to finish", 30_000);
  const dialled = (await lab.books()).map(({ called }) => called).filter((called) => people.includes(called));
  t.same([...dialled].sort(), people, "everybody once");
  t.ok(
    (await campaign.attempts()).every(({ result }) => result === "human"),
    "and nobody was interrupted",
  );
  second.kill("SIGINT");
  t.equal(await inTime(second.ended, "the server to end", 60_000), 0, "Ctrl-C is the same");
});

t.test("SIGTERM lets people finish whose conversation was taken over from a dead worker", async (t) => {
  t.setTimeout(280_000);
  const person = numberAt(320);
  await lab.assign({ [person]: "presses:2", [desk]: "does:say 8s then hang up" });
  const campaign = await openCampaign(t, lab, { folder, node: "taken" }, scripts.reminder, [person], { maxCps: 10, maxLines: 1 });
  const server = startServe(t, campaign.config, await portForAnother());
  const worker = await server.ready();
  await campaign.start();
  const connected = "select 1 from attempt_event where detail->>'peerState' = 'connected'";
  await until(async () => (await campaign.admin.query(connected)).rowCount === 1, "two people to talk", 20_000);
  process.kill(worker, "SIGKILL");
  await until(() => /taking over a conversation/.test(server.stderr()), "the successor to know of them", 15_000);
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0, "it ends by itself");
  t.same(aliveInGroup(server.pid), []);
  const errors = troubles(server.stderr(), /"level":"error"/);
  t.equal(errors.length, 1, `but for the death of the worker nothing was wrong:\n${errors.join("\n")}`);
  t.same(await lab.legs(), []);
  const talk = (await lab.books()).find((call) => call.called === desk);
  t.equal(talk?.endedBy, "carrier", "they talked until one of them hung up");
});

t.test("a worker whose supervisor is gone stops by itself; a worker that dies comes back", async (t) => {
  t.setTimeout(280_000);
  const other = writeConfig(lab, { folder, node: "alone", promptsDir, databaseUrl: database.url });
  const server = startServe(t, other, await portForAnother());
  const worker = await server.ready();
  process.kill(worker, "SIGKILL");
  const next = await server.ready(worker);
  t.not(next, worker);
  server.kill("SIGKILL");
  await until(() => !isAlive(next), "the worker to stop", 15_000);
  t.same(aliveInGroup(server.pid), []);
});

t.test("a node that others took for dead comes back by itself", async (t) => {
  t.setTimeout(280_000);
  const forgotten = writeConfig(lab, { folder, node: "forgotten", promptsDir, databaseUrl: database.url });
  const server = startServe(t, forgotten, await portForAnother());
  const worker = await server.ready();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  t.teardown(() => client.end());
  const { rowCount } = await client.query("delete from node where name = 'forgotten'");
  t.equal(rowCount, 1);
  const next = await server.ready(worker);
  t.not(next, worker, "with another process, which has a lease of its own");
  t.match(server.stderr(), /lease is lost/);
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0);
});
