import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import t from "tap";
import { type LoadRequest, loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/schema.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { editDistance, nearest } from "../../src/kernel/nearest.ts";
import { configurationDocument } from "./configuration-document.ts";

const good = `drachtio: { secret: "s3cret-one" }
freeswitch:
  - name: fs-1
    password: "s3cret-two"
trunks:
  - name: carrier-a
    host: sip.carrier.example
    username: us
    password: "s3cret-three"
`;

/** Loads with the given text as ./carillon.yaml, and nothing of the real environment. */
function load(yaml: string | undefined, more: Partial<LoadRequest> & { files?: Record<string, string> } = {}): Config {
  const files: Record<string, string> = { ...more.files };
  if (yaml !== undefined) files[resolve("/base/carillon.yaml")] = yaml;
  return loadConfig({ env: {}, cwd: "/base", readText: (path) => files[path], ...more });
}

function faultsOf(...args: Parameters<typeof load>): readonly string[] {
  try {
    load(...args);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code !== "config-invalid") throw error;
    const faults = error.detail["faults"] as readonly string[];
    for (const line of faults) if (!error.message.includes(line)) throw new Error(`the message lacks: ${line}`);
    return faults;
  }
  return [];
}

t.test("defaults, file, environment and flags, the later one winning", async (t) => {
  const plain = load(good);
  t.equal(plain.api.host, "127.0.0.1", "the API stays on this machine unless told otherwise");
  t.equal(plain.voice.ringTimeoutMs, 25_000);
  t.equal(plain.database.dataDir, "/base/.carillon");
  t.equal(plain.prompts.dir, "/base/.carillon/prompts");
  t.equal(plain.voice.recordingsDir, "/base/.carillon/recordings");
  t.equal(plain.trunks[0]?.maxCps, 10, "defaults reach into lists");
  t.same(plain.trunks[0]?.callerIdPrefixes, []);

  const layers: [string, Partial<LoadRequest>, number][] = [
    [`${good}api: { port: 1001 }\n`, {}, 1001],
    [`${good}api: { port: 1001 }\n`, { env: { CARILLON_API_PORT: "1002" } }, 1002],
    [`${good}api: { port: 1001 }\n`, { env: { CARILLON_API_PORT: "1002" }, flags: { "api.port": "1003" } }, 1003],
    [good, { flags: { "api.port": 1004 } }, 1004],
  ];
  for (const [yaml, more, port] of layers) t.equal(load(yaml, more).api.port, port);

  const listed = load(good, {
    env: {
      CARILLON_TRUNKS_0_CALLER_ID_PREFIXES: "+1555, +1556",
      CARILLON_TRUNKS_0_MAX_CPS: "2.5",
      CARILLON_TRUNKS_1_NAME: "b",
      CARILLON_TRUNKS_1_HOST: "b.example",
    },
  });
  t.same(listed.trunks[0]?.callerIdPrefixes, ["+1555", "+1556"]);
  t.equal(listed.trunks[0]?.maxCps, 2.5);
  t.equal(listed.trunks[1]?.host, "b.example", "a variable can add the next entry of a list");

  t.equal(load(good, { env: { DATABASE_URL: "postgres://u:p@h/d" } }).database.url, "postgres://u:p@h/d");
  t.equal(load(good, { env: { DATABASE_URL: "postgres://a/b", CARILLON_DATABASE_URL: "postgres://c/d" } }).database.url, "postgres://c/d");
  t.equal(load(undefined, { files: { "/etc/c.yaml": good }, file: "/etc/c.yaml" }).trunks.length, 1);
  t.equal(load(undefined, { files: { "/etc/c.yaml": good }, env: { CARILLON_CONFIG: "/etc/c.yaml" } }).trunks.length, 1);
  t.equal(load(good, { env: { CARILLON_URL: "http://127.0.0.1:8080", CARILLON_KEY: "k" } }).trunks.length, 1, "what commands need to ask a server");
  t.equal(load(undefined, { purpose: "admin" }).trunks.length, 0, "administration needs no telephony");
});

t.test("a secret may come from a file", async (t) => {
  const files = { "/run/secrets/fs": "from-a-file\n" };
  t.equal(load(good, { files, env: { CARILLON_FREESWITCH_0_PASSWORD_FILE: "/run/secrets/fs" } }).freeswitch[0]?.password, "from-a-file");
  const hook = {
    CARILLON_WEBHOOKS_0_NAME: "pay",
    CARILLON_WEBHOOKS_0_URL: "https://pay.example/?key=s3cret",
    CARILLON_WEBHOOKS_0_HEADERS_FILE: "/h",
  };
  const { webhooks } = load(good, { files: { "/h": "X-One: 1, 2\nX-Two: 2\n" }, env: hook });
  t.match(webhooks, [{ name: "pay", headers: ["X-One: 1, 2", "X-Two: 2"], timeoutMs: 60_000 }], "a list has a line for each");
  t.match(faultsOf(good, { env: { CARILLON_FREESWITCH_0_PASSWORD_FILE: "/no" } }), [
    /^environment variable CARILLON_FREESWITCH_0_PASSWORD_FILE: cannot read \/no/,
  ]);
  t.match(faultsOf(good, { files, env: { CARILLON_FREESWITCH_0_PASSWORD_FILE: "/run/secrets/fs", CARILLON_FREESWITCH_0_PASSWORD: "x" } }), [
    /not both/,
  ]);
  t.match(faultsOf(good, { env: { CARILLON_API_PORT_FILE: "/x" } }), [/there is no such setting/], "only secrets have a file");
});

t.test("all faults at once, each with its place and what to do", async (t) => {
  const yaml = `apii: { port: 1 }
api:
  prot: 80
  port: "8080"
log:
  level: inof
drachtio:
  secret: cymru
freeswitch:
  - name: fs 1
    password: 1234
    sessionsPerSecond: 0
trunks:
  - host: "sip:carrier.example"
    name: a
    callerIdPrefixes: [+1555]
    username: me
  - { name: a, host: b.example }
voice: { ringTimeoutMs: 5000 }
prompts: []
`;
  const faults = faultsOf(yaml, {
    env: { CARILLON_API_HOTS: "x", CARILLON_DATABASE_URL: "mysql://x" },
    flags: { "node.name": "a b", "voice.ring": 4 },
  });
  const wanted: [string, RegExp][] = [
    ["carillon.yaml:1:1 apii", /did you mean api\?/],
    ["carillon.yaml:3:3 api.prot", /did you mean port\?/],
    ["carillon.yaml:4:9 api.port", /whole number from 0 to 65535, without quotes/],
    ["carillon.yaml:6:10 log.level", /did you mean info\?/],
    ["carillon.yaml:8:11 drachtio.secret", /everybody knows it/],
    ["carillon.yaml:10:11 freeswitch.0.name", /letters, digits/],
    ["carillon.yaml:11:15 freeswitch.0.password", /put it in quotes/],
    ["carillon.yaml:12:24 freeswitch.0.sessionsPerSecond", /from 0.1/],
    ["carillon.yaml:14:11 trunks.0.host", /without port/],
    ["carillon.yaml:16:24 trunks.0.callerIdPrefixes.0", /put it in quotes/],
    ["carillon.yaml:14:5 trunks.0.password", /username was given/],
    ["carillon.yaml:18:13 trunks.1.name", /stands here twice/],
    ["carillon.yaml:19:25 voice.ringTimeoutMs", /from 15000/],
    ["carillon.yaml:20:10 prompts", /must be a section/],
    ["environment variable CARILLON_API_HOTS", /did you mean CARILLON_API_HOST\?/],
    ["environment variable CARILLON_DATABASE_URL database.url", /postgres:\/\//],
    ["--set node.name", /letters, digits/],
    ["--set voice.ring", /no such setting/],
  ];
  for (const [place, what] of wanted) {
    const line = faults.find((fault) => fault.startsWith(`${place}:`));
    t.match(line, what, place);
  }
  t.equal(faults.length, wanted.length, faults.join("\n"));
});

t.test("a file that is no YAML, or is not there", async (t) => {
  t.match(faultsOf("api: { port: 1\nlog: x"), [/^carillon\.yaml:\d+:\d+ /]);
  t.match(faultsOf("api: {}\napi: {}\n"), [/^carillon\.yaml:2:1 .*unique/], "a key that stands twice");
  t.match(faultsOf("- a\n"), [/must hold sections/]);
  t.match(faultsOf(undefined, { file: "/no.yaml" }), [/^\/no\.yaml: cannot read/]);
  t.match(faultsOf(`a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\n`), [/alias/i], "no billion laughs");
  t.match(faultsOf(undefined), [/drachtio\.secret: is missing/, /freeswitch: is empty/]);
  t.same(({} as Record<string, unknown>)["polluted"], undefined);
  t.ok(faultsOf(good, { flags: { "__proto__.polluted": 1 } }).length > 0);
  t.same(({} as Record<string, unknown>)["polluted"], undefined, "no way into the prototype");
});

t.test("secrets that everybody knows", async (t) => {
  const of = (drachtio: string, freeswitch: string) => `drachtio: ${drachtio}\nfreeswitch: [${freeswitch}]\ntrunks: [{ name: a, host: b }]\n`;
  const cases: [string, string, number][] = [
    ["{ secret: x }", "{ name: a, password: x }", 0],
    ["{ secret: cymru }", "{ name: a, password: x }", 1],
    ["{ secret: cymru, allowDefaultSecret: true }", "{ name: a, password: x }", 0],
    ["{ secret: cymru, allowDefaultSecret: true, host: 10.0.0.1 }", "{ name: a, password: x }", 1],
    ["{ secret: x }", "{ name: a, password: ClueCon }", 1],
    ["{ secret: x }", "{ name: a, password: ClueCon, allowDefaultPassword: true }", 0],
    ["{ secret: x }", "{ name: a, password: ClueCon, allowDefaultPassword: true, address: 10.0.0.1, advertisedAddress: 10.0.0.2 }", 1],
    ["{ secret: x }", "{ name: a, password: x, address: 10.0.0.1 }", 1],
    ["{ secret: x }", "{ name: a, password: x, address: 10.0.0.1, listenAddress: 0.0.0.0 }", 1],
    ["{ secret: x }", "{ name: a, password: x, address: 10.0.0.1, listenAddress: 0.0.0.0, advertisedAddress: 10.0.0.2 }", 0],
  ];
  for (const [drachtio, freeswitch, count] of cases) t.equal(faultsOf(of(drachtio, freeswitch)).length, count, `${drachtio} ${freeswitch}`);
});

t.test("several drachtio-servers", async (t) => {
  const of = (first: string, others: string) =>
    faultsOf(
      `drachtio: { secret: x, ${first} }\ndrachtioServers: [${others}]\nfreeswitch: [{ name: a, password: x }]\ntrunks: [{ name: a, host: b }]\n`,
    );
  t.same(of("name: one", "{ name: two, secret: y }"), []);
  t.match(of("port: 9022", "{ name: two, secret: y }"), [/drachtio\.name: is missing: of several drachtio-servers each needs a name/]);
  t.match(of("name: one", "{ name: one, secret: y }"), [/drachtioServers\.0\.name: one stands here twice/]);
  t.match(of("name: one", "{ name: two }"), [/drachtioServers\.0\.secret: is missing/]);
  t.match(of("name: one", "{ name: two, secret: cymru }"), [/drachtioServers\.0\.secret: .*everybody knows it/]);
  t.match(of("name: one, capturePort: 9060", "{ name: two, secret: y, capturePort: 9060 }"), [/drachtioServers\.0\.capturePort: is another/]);
});

t.test("speech commands and voices", async (t) => {
  const cases: [string, RegExp[]][] = [
    ["{ engine: command, command: [say, '{out_file}'] }", []],
    ["{ engine: command }", [/^carillon\.yaml:\d+:\d+ prompts\.command: is empty/]],
    ["{ engine: command, command: [say] }", [/prompts\.command: has no \{out_file\}/]],
    ["{ voices: [{ language: es, command: [say, '{out_file}'] }, { language: es-MX, command: [say, '-o{out_file}'] }] }", []],
    ["{ voices: [{ language: es }] }", [/prompts\.voices\.0\.command: is empty/]],
    ["{ voices: [{ command: [say, '{out_file}'] }] }", [/prompts\.voices\.0\.language: is missing/]],
    [
      "{ voices: [{ language: es, command: ['{out_file}'] }, { language: ES, command: ['{out_file}'] }] }",
      [/prompts\.voices\.1\.language: ES stands here twice/],
    ],
    ["{ voices: [{ language: es_MX, command: ['{out_file}'] }] }", [/prompts\.voices\.0\.language: does not look right/]],
    ["{ keepDays: 1 }", [/prompts\.keepDays: must be a whole number from 2/]],
  ];
  for (const [prompts, faults] of cases) {
    const found = faultsOf(`${good}prompts: ${prompts}\n`);
    t.match(found, faults, prompts);
    t.equal(found.length, faults.length, found.join("; "));
  }
  const env = { CARILLON_PROMPTS_VOICES_0_LANGUAGE: "es", CARILLON_PROMPTS_VOICES_0_COMMAND: "say,{out_file}" };
  t.same(load(good, { env }).prompts.voices, [{ language: "es", command: ["say", "{out_file}"] }]);
});

t.test("faults show no secret", async (t) => {
  const faults = faultsOf(`drachtio: { secret: [s3cret] }\n`, { env: { CARILLON_DATABASE_URL: "http://s3cret" } });
  t.ok(faults.length > 0);
  t.notMatch(faults.join("\n"), /s3cret/);
});

t.test("words that were probably meant", async (t) => {
  t.equal(editDistance("prot", "port"), 1);
  t.equal(editDistance("", "abc"), 3);
  t.equal(nearest("ring-timeout-ms", ["ringTimeoutMs", "maxCps"]), "ringTimeoutMs");
  t.equal(nearest("zzzzzz", ["port", "host"]), undefined);
});

t.test("docs/configuration.md is written from the schema", async (t) => {
  const path = new URL("../../docs/configuration.md", import.meta.url);
  if (process.env["TAP_SNAPSHOT"] === "1") writeFileSync(path, configurationDocument());
  t.equal(readFileSync(path, "utf8"), configurationDocument(), "run this test with TAP_SNAPSHOT=1 to write it anew");
});
