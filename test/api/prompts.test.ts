import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { until } from "../harness/far-side.ts";
import { asWav, tone, upload, wavOf } from "./prompt-kit.ts";
import { asYaml, script, type World, world } from "./world.ts";

t.setTimeout(280_000);

const base = "/api/v1/prompts";
const greeting = wavOf(tone(500));
const sha256 = (file: Buffer) => createHash("sha256").update(file).digest("hex");
const playing = (...files: readonly string[]) =>
  script.replace('play: [{ say: "You will', `play: [${files.map((file) => `{ file: ${file} }, `).join("")}{ say: "You will`);

let api: World;
const folder = join(t.testdir(), "recordings");

t.before(async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "old.wav"), greeting);
  api = await world(t, {}, { "prompts.recordingsDir": folder });
});

t.test("a prompt is uploaded, looked at, heard, replaced and taken away, with a line in the audit log each", async (t) => {
  const { ask, app, key } = api;
  const url = `${base}/hold%2Fhello.wav`;
  const first = await upload(api, `${url}?language=en-US&note=first%20try`, greeting);
  t.match(first, {
    status: 201,
    body: {
      ...{ name: "hold/hello.wav", version: 1, language: "en-US", note: "first try", fresh: true, warnings: [] },
      ...{ sha256: sha256(greeting), bytes: greeting.length, durationMs: 500, encoding: "pcm-16", sampleRate: 8000, channels: 1 },
      ...{ uploadedBy: "key test", soundKept: true },
    },
  });
  t.match(await upload(api, `${url}?language=en-US`, greeting), { status: 200, body: { version: 1, fresh: false } }, "the same again");
  const heard = await app.inject({ url: `${url}/sound`, headers: { authorization: `Bearer ${key}` } });
  t.match(heard, { statusCode: 200, headers: { "content-type": "audio/wav", "content-disposition": 'attachment; filename="hello.wav"' } });
  t.ok(heard.rawPayload.equals(greeting), "as it was sent");

  const shown = await ask("GET", url);
  const etag = String(shown.headers["etag"]);
  t.match(shown, { status: 200, body: { version: 1 } });
  const better = wavOf(tone(700));
  t.match(await upload(api, url, better, { ...asWav, "if-match": '"another"' }), { status: 412, body: { code: "precondition-failed" } });
  t.match(await upload(api, url, better, { ...asWav, "if-match": etag }), { status: 201, body: { version: 2, durationMs: 700 } });
  t.match(await upload(api, url, wavOf(tone(900)), { ...asWav, "if-match": etag }), { status: 412 }, "changed meanwhile");
  t.match(
    (await ask("GET", `${url}/versions`)).body.items.map(({ version, durationMs }) => [version, durationMs]),
    [
      [2, 700],
      [1, 500],
    ],
  );
  const before = await app.inject({ url: `${url}/sound?version=1`, headers: { authorization: `Bearer ${key}` } });
  t.ok(before.rawPayload.equals(greeting), "an older one is there to go back to");
  t.match(await ask("GET", `${url}/sound?version=9`), { status: 404, body: { code: "prompt-unknown", detail: /no version 9/ } });

  const listed = (query = "") => ask("GET", `${base}${query}`).then(({ body }) => body.items.map(({ name, version }) => `${name} ${version}`));
  t.strictSame(await listed(), ["hold/hello.wav 2"]);
  t.strictSame(await listed("?language=en-US"), [], "the newest was sent without a language");

  t.match(await ask("DELETE", url, undefined, { "if-match": etag }), { status: 412 });
  t.match(await ask("DELETE", url), { status: 204 });
  t.match(await ask("DELETE", url), { status: 404, body: { code: "prompt-unknown" } });
  t.match(await ask("GET", `${url}/sound`), { status: 404 });
  t.strictSame(await listed(), []);

  const lines = (await ask("GET", `/api/v1/audit?target=${encodeURIComponent(url)}`)).body.items;
  t.match(
    lines.map(({ action }) => action).sort(),
    ["DELETE /api/v1/prompts/:name", ...Array.from({ length: 3 }, () => "PUT /api/v1/prompts/:name")],
    "what was refused has none",
  );
  t.match(
    lines.find(({ after }) => JSON.stringify(after).includes(sha256(better))),
    { before: { version: 1 }, after: { asked: { bytes: better.length, sha256: sha256(better) }, now: { version: 2 } } },
  );
  t.match((await ask("GET", "/api/v1/audit/verification")).body, { whole: true });
});

t.test("a script is published when its prompts are there, and keeps them", async (t) => {
  const { ask } = api;
  const lint = (text: string) => ask("POST", "/api/v1/scripts/lint", text, asYaml);
  t.match(await lint(playing("terms.wav")), {
    status: 200,
    body: {
      valid: false,
      findings: [{ code: "prompt-missing", line: 12, message: /terms\.wav .*nobody has uploaded it/, fix: /carillon prompt add/ }],
    },
  });
  t.match(await ask("POST", "/api/v1/scripts", playing("terms.wav"), asYaml), { status: 422, body: { code: "script-invalid" } });
  await upload(api, `${base}/terms.wav`, greeting);
  t.match(await lint(playing("terms.wav")), { body: { valid: true, findings: [] } }, "at once");
  t.match(await ask("POST", "/api/v1/scripts", playing("terms.wav"), asYaml), { status: 201 });
  t.match((await ask("GET", `${base}/terms.wav/scripts`)).body.items, [{ script: "greeting", version: 1, current: true, campaigns: [] }]);

  t.match(await ask("DELETE", `${base}/terms.wav`), {
    status: 409,
    body: {
      code: "prompt-in-use",
      detail: "terms.wav is played by greeting version 1. Publish that script without it first.",
      errors: [{ pointer: "greeting/versions/1", message: "is current" }],
    },
  });
  t.match(await ask("GET", `${base}/terms.wav`), { status: 200 });
  // Another script goes to the version that plays it, and keeps to that.
  const caller = "script: caller\nlanguage: en-US\nstart: { human: go }\nsteps:\n  go: { script: greeting }\n";
  t.match(await ask("POST", "/api/v1/scripts", caller, asYaml), { status: 201 });
  t.match(await ask("POST", "/api/v1/scripts", script, asYaml), { status: 201, body: { version: 2 } });
  t.match((await ask("DELETE", `${base}/terms.wav`)).body.errors, [{ pointer: "greeting/versions/1", message: "may still be run" }]);
  t.match(await ask("POST", "/api/v1/scripts", script.replace("script: greeting", "script: caller"), asYaml), { status: 201 });
  t.match(await ask("DELETE", `${base}/terms.wav`), { status: 204 }, "nobody can come to it any more");
  t.match(await ask("POST", "/api/v1/scripts/greeting/releases", { version: 1 }), {
    status: 422,
    body: { code: "script-invalid", errors: [{ message: /terms\.wav/ }] },
  });
});

t.test("a prompt that a script is published with at this moment stays", async (t) => {
  const { ask, stores } = api;
  await upload(api, `${base}/race.wav`, greeting);
  const client = await stores.pool.connect();
  // As publishing does: it has held the prompt, and has not written the script yet.
  await client.query("begin");
  await client.query("select from prompt_version where name = 'race.wav' for key share");
  const removing = ask("DELETE", `${base}/race.wav`);
  const waiting =
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%prompt_version where name = $1 for update%'";
  await until(async () => (await stores.pool.query(waiting)).rowCount === 1, "the removal to wait");
  await stores.scripts.publish("race", playing("race.wav").replace("script: greeting", "script: race"), { by: "test" });
  await client.query("commit");
  client.release();
  t.match(await removing, { status: 409, body: { errors: [{ pointer: "race/versions/1" }] } });
  const { publishing } = api;
  t.same(await publishing.uploaded?.hold(["race.wav", "none.wav"]), ["race.wav"]);
});

t.test("a campaign that stays on a version keeps its prompts", async (t) => {
  const { ask, stores } = api;
  await upload(api, `${base}/pinned.wav`, greeting);
  const pinned = await ask("POST", "/api/v1/scripts", playing("pinned.wav").replace("script: greeting", "script: pinned"), asYaml);
  await ask("POST", "/api/v1/scripts", script.replace("script: greeting", "script: pinned"), asYaml);
  await ask("POST", "/api/v1/lists?name=people", "phone\n+12125550142\n", { "content-type": "text/csv" });
  const { rows } = await stores.pool.query<{ id: string }>("select id from list where name = 'people'");
  const campaign = await stores.campaigns.create({
    ...{ name: "stays", listId: rows[0]?.id ?? "", scriptVersionId: String(pinned.body["id"]), scriptPinned: true, trunk: "carrier-a" },
    ...{ callerId: "+15550100100", maxCps: 1, maxLines: 1, ringTimeoutMs: 25_000, defaultTimeZone: "America/New_York" },
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
  });
  t.match((await ask("GET", `${base}/pinned.wav/scripts`)).body.items, [{ script: "pinned", version: 1, current: false, campaigns: ["stays"] }]);
  t.match(await ask("DELETE", `${base}/pinned.wav`), { status: 409, body: { errors: [{ message: "may still be run, by stays" }] } });
  await stores.pool.query("update campaign set state = 'finished' where id = $1", [campaign.id]);
  t.match(await ask("DELETE", `${base}/pinned.wav`), { status: 204 });
});

t.test("what was uploaded is heard instead of a file of that name, and says so", async (t) => {
  const { ask, publishing } = api;
  t.match(await ask("POST", "/api/v1/scripts/lint", playing("old.wav"), asYaml), { body: { valid: true } }, "files go on working");
  const told = await upload(api, `${base}/old.wav`, wavOf(tone(1500)));
  t.match(told, { status: 201, body: { warnings: [{ code: "prompt-over-file", message: /a file old\.wav too/ }] } });
  t.match(await publishing.prompts.check("old.wav"), { durationMs: 1500 });
  await ask("DELETE", `${base}/old.wav`);
  t.match(await publishing.prompts.check("old.wav"), { durationMs: 500 }, "the file is heard again");
});

t.test("what telephones and studios write is taken, and what is doubtful in it is told", async (t) => {
  const law = Buffer.alloc(4000, 0x00);
  for (let at = 0; at < law.length; at++) law[at] = at % 16 < 8 ? 0x20 : 0xa0;
  const cases = [
    { of: "mu-law", file: wavOf(law, { code: 7, bits: 8 }), is: { encoding: "mu-law", durationMs: 500 } },
    { of: "a-law", file: wavOf(law, { code: 6, bits: 8 }), is: { encoding: "a-law", durationMs: 500 } },
    { of: "16 kHz", file: wavOf(tone(500, 440, 16_000), { rate: 16_000 }), is: { sampleRate: 16_000, durationMs: 500 } },
    { of: "two channels", file: wavOf(tone(500), { channels: 2 }), is: { channels: 2, durationMs: 250 } },
    { of: "a pipe, which knows no length", file: wavOf(tone(500), { dataBytes: 0xffffffff }), is: { durationMs: 500 } },
  ];
  for (const { of, file, is } of cases) t.match(await upload(api, `${base}/taken.wav`, file), { status: 201, body: { ...is, warnings: [] } }, of);
  const late = Buffer.concat([Buffer.alloc(32_000), tone(500)]);
  t.match(await upload(api, `${base}/taken.wav`, wavOf(late)), {
    status: 201,
    body: { warnings: [{ code: "recording-late", message: /2\.0 s of silence/ }] },
  });
  t.match(await upload(api, `${base}/taken.wav`, greeting, { "content-type": "audio/x-wav" }), { status: 201 });
});

t.test("what is no recording, lies or is too much is refused with what to do", async (t) => {
  const url = `${base}/hostile.wav`;
  const unplayable = [
    { of: "nothing but a head", file: greeting.subarray(0, 20), detail: /not taken: its format chunk is cut short\..*sox IN/ },
    { of: "a head that ends in its format", file: greeting.subarray(0, 30), detail: /format chunk is cut short/ },
    { of: "no WAV", file: Buffer.from("ID3 this is an MP3, whatever its name says"), detail: /not a WAV file.*sox IN/ },
    { of: "a page", file: Buffer.from("<html></html>"), detail: /not a WAV file/ },
    {
      of: "a length beyond the end",
      file: wavOf(tone(500), { dataBytes: 80_000 }),
      detail: /header tells of 5\.0 s, and it ends after 0\.5 s.*Export it again/,
    },
    { of: "silence", file: wavOf(Buffer.alloc(16_000)), detail: /not taken: it is silent/ },
    { of: "no samples at all", file: wavOf(Buffer.alloc(0)), detail: /is silent/ },
    { of: "an encoding of others", file: wavOf(tone(100), { code: 0x55, bits: 16 }), detail: /encoding \(format 85, 16 bits\).*16-bit PCM/ },
    { of: "a rate of none", file: wavOf(tone(100), { rate: 0 }), detail: /rate of 0/ },
    { of: "no channels", file: wavOf(tone(100), { channels: 0 }), detail: /0 channels/ },
    { of: "samples of no bits", file: wavOf(tone(100), { bits: 0 }), detail: /0 bits/ },
    { of: "an hour at a low rate", file: wavOf(Buffer.alloc(15_000_000, 0x90), { bits: 8, rate: 4000 }), detail: /minutes; 30 are allowed/ },
    { of: "eleven minutes", file: wavOf(tone(660_000)), detail: /11\.0 minutes, and 10 are taken/ },
  ];
  for (const { of, file, detail } of unplayable)
    t.match(await upload(api, url, file), { status: 422, body: { code: "prompt-unplayable", detail } }, of);
  t.match(await upload(api, url, Buffer.alloc(17 * 1024 * 1024)), { status: 413, body: { code: "request-too-large", detail: /a recording 16 MiB/ } });
  // A body of 100 MB that is never sent: its length is enough.
  t.match(await upload(api, url, greeting, { ...asWav, "content-length": "100000000" }), { status: 413 });
  t.match(await upload(api, url, greeting, { "content-type": "audio/mpeg" }), { status: 415, body: { code: "media-type", detail: /audio\/wav/ } });
  t.match(await upload(api, url, Buffer.from("a,b\n"), { "content-type": "text/csv" }), { status: 415, body: { detail: /audio\/wav/ } });
  t.match(await upload(api, url, Buffer.from("{}"), { "content-type": "application/json" }), { status: 415 });
  t.match(await api.ask("PUT", url), { status: 400, body: { code: "request-invalid", detail: /body is missing/ } });

  const names = [
    "../../etc/passwd.wav",
    "a/../b.wav",
    ".hidden.wav",
    "a/.wav",
    "/abs.wav",
    "hello.mp3",
    "hello.wav\0",
    "grüße.wav",
    "приветствие.wav",
    "a b.wav",
    `${"x".repeat(90)}.wav`,
    "%.wav",
    "a\\b.wav",
  ];
  for (const name of names)
    t.match(
      await upload(api, `${base}/${encodeURIComponent(name)}`, greeting),
      { status: 400, body: { code: "request-invalid" } },
      JSON.stringify(name),
    );
  t.match(await upload(api, `${base}/${encodeURIComponent("🔔".repeat(20))}`, greeting), { status: 400 });
  t.match(await upload(api, `${base}/%zz.wav`, greeting), { status: 400 });
  t.match(await upload(api, `${url}?language=English%20(US)`, greeting), { status: 400 });
  t.match(await upload(api, `${url}?note=${"x".repeat(501)}`, greeting), { status: 400 });
  t.match(await upload(api, `${url}?path=/etc`, greeting), { status: 400 }, "what is not known is not passed over");
  t.match(await api.ask("GET", url), { status: 404 }, "nothing of all that is kept");
});

t.test("authors upload, others look", async (t) => {
  const { app, stores } = api;
  const url = `${base}/roles.wav`;
  await upload(api, url, greeting);
  const as = async (role: "author" | "read-only" | "supervisor") => {
    const { text: key } = await issueKey(stores.keys, role, { role });
    const shown = await app.inject({ url: `${url}/sound`, headers: { authorization: `Bearer ${key}` } });
    return [(await upload({ app, key }, url, wavOf(tone(300)))).status, shown.statusCode];
  };
  t.strictSame(await as("read-only"), [403, 200]);
  t.strictSame(await as("supervisor"), [403, 200]);
  t.strictSame(await as("author"), [201, 200]);
  t.equal((await upload({ app, key: "carillon_none" }, url, greeting)).status, 401);
});

t.test("of a prompt that is replaced often the newest sounds are kept", async (t) => {
  const url = `${base}/often.wav`;
  for (let turn = 1; turn <= 11; turn++) t.match(await upload(api, url, wavOf(tone(100 + turn))), { status: 201, body: { version: turn } });
  const versions = (await api.ask("GET", `${url}/versions`)).body.items;
  t.strictSame(
    versions.filter(({ soundKept }) => soundKept === false).map(({ version }) => version),
    [1],
  );
  t.match(await api.ask("GET", `${url}/sound?version=1`), { status: 404, body: { detail: /not kept any more: the newest ten are/ } });
  t.match(await api.ask("GET", `${url}/sound?version=2`), { status: 200 });
});
