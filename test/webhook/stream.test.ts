import pg from "pg";
import t, { type Test } from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { listen } from "../../src/api/app.ts";
import { followStream } from "../../src/command/stream.ts";
import type { StreamReader } from "../../src/webhook/stream-ports.ts";
import { streamText } from "../../src/webhook/stream-session.ts";
import { openWorld } from "../adapter/stores-kit.ts";
import { world } from "../api/world.ts";
import { openWire } from "../harness/dead-wire.ts";
import { until } from "../harness/far-side.ts";

/** Reads to the end of what there is. @returns names of the events, and where it stands */
async function readOn(reader: StreamReader, position: string, limit: number): Promise<{ names: unknown[]; position: string; last: string }> {
  const names: unknown[] = [];
  let last = position;
  for (let at = position; ; ) {
    const part = await reader.read(at, limit);
    names.push(...part.events.map(({ body }) => body["name"]));
    last = part.events.at(-1)?.position ?? last;
    at = part.position;
    if (!part.more) return { names, position: at, last };
  }
}

t.test("nothing is missed that is committed late, and nothing is told twice, wherever somebody goes on", async (t) => {
  const { stores, url } = await openWorld(t);
  const { stream: reader, outbox } = stores;
  const tell = (name: string) => outbox.tell("event.received", { name });
  await tell("before anybody listened");
  const begun = await reader.begin();
  const late = new pg.Client({ connectionString: url });
  await late.connect();
  t.teardown(() => late.end());
  await late.query("begin");
  await late.query(`select tell('event.received', '{"name":"late"}')`);
  for (const name of ["a", "b", "c"]) await tell(name);
  const first = await readOn(reader, begun, 2);
  t.same(first.names, ["a", "b", "c"], "a transaction that goes on holds nobody up");
  const middle = (await reader.read(begun, 2)).events[0]?.position ?? "";
  await tell("d");
  await late.query("commit");
  t.same((await readOn(reader, first.position, 500)).names.sort(), ["d", "late"]);
  t.same((await readOn(reader, first.last, 1)).names.sort(), ["d", "late"], "after the last event, as after all");
  const rest = await readOn(reader, middle, 1);
  t.same(rest.names, ["b", "c", "late", "d"], "what was seen with the first part comes before what came later");
  t.same((await readOn(reader, rest.position, 500)).names, []);
  t.equal(await reader.isWhole(rest.position), true);
  t.equal(await reader.isWhole("bm8gcG9zaXRpb24"), undefined);
  await stores.pool.query("update listening set until = clock_timestamp() - interval '1 s'");
  await tell("to nobody");
  t.equal(await reader.isWhole(rest.position), false, "nobody had listened for an hour");
  await reader.keepOn();
  t.equal(await reader.isWhole(rest.position), false);
  t.equal(await reader.isWhole(await reader.begin()), true);
});

/** A reader on a socket, as a browser has it. */
async function open(t: Test, url: string, key: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}`, ...headers }, signal: stop.signal });
  let text = "";
  let ended = false;
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString("utf8");
    ended = true;
  })().catch(() => undefined);
  return {
    response,
    /** Whether the server has ended it. */
    ended: () => ended,
    events: () =>
      [...text.matchAll(/^id: (.+)\nevent: (.+)\ndata: (.+)$/gm)].map(([, id = "", event, data = ""]) => ({ id, event, data: JSON.parse(data) })),
    text: () => text,
    async close() {
      stop.abort();
      await reading;
    },
  };
}

t.test("the stream tells over HTTP what happens, and goes on where somebody was", async (t) => {
  const { app, ask, key, stores } = await world(t);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}/api/v1/stream`;
  const first = await open(t, url, key);
  t.equal(first.response.headers.get("content-type"), "text/event-stream");
  const narrow = await open(t, `${url}?types=suppression.added`, key);
  await until(() => first.text().includes("retry:") && narrow.text().includes("retry:"), "both to be under way");
  const event = (name: string) => ask("POST", "/api/v1/events", { name, clientId: "c-9" });
  await event("one");
  await event("two");
  await ask("POST", "/api/v1/suppressions", { clientId: "c-9", reason: "asked" });
  await until(() => first.events().length === 3 && narrow.events().length === 1, "all to be told");
  t.same(
    first.events().map(({ event }) => event),
    ["event.received", "event.received", "suppression.added"],
  );
  t.match(narrow.events()[0]?.data, { type: "suppression.added", data: { clientId: "c-9" } });
  const [one] = first.events();
  await Promise.all([first.close(), narrow.close()]);
  await event("three");
  const again = await open(t, url, key, { "last-event-id": one?.id ?? "" });
  await until(() => again.events().length === 3, "what was missed to be told");
  t.same(
    again.events().map(({ data }) => data.data.name ?? data.data.clientId),
    ["two", "c-9", "three"],
  );
  t.notMatch(again.text(), /stream\.gap/);

  t.equal((await ask("GET", "/api/v1/stream", undefined, { "last-event-id": "bm90aGluZw" })).body["code"], "cursor-invalid");
  t.equal((await ask("GET", "/api/v1/stream?types=no.such")).status, 400);
  const { text: agentless } = await issueKey(stores.keys, "author", { role: "author" });
  t.equal((await fetch(url, { headers: { authorization: `Bearer ${agentless}` } })).status, 403);
});

t.test("whoever may not read any more reads no further", async (t) => {
  const { app, key, ask, stores } = await world(t);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}/api/v1/stream`;
  const crm = await issueKey(stores.keys, "crm", { role: "integrator" });
  const demoted = await issueKey(stores.keys, "wallboard", { role: "read-only" });
  const [leaked, narrowed, good] = await Promise.all([open(t, url, crm.text), open(t, url, demoted.text), open(t, url, key)]);
  await until(() => [leaked, narrowed, good].every((each) => each.text().includes("retry:")), "all to read");
  // As another node, or a command at a terminal, does it.
  await stores.pool.query("update api_key set revoked_at = now() where id = $1", [crm.key.id]);
  await stores.pool.query("update api_key set group_ids = '{1}' where id = $1", [demoted.key.id]);
  await until(() => leaked.ended() && narrowed.ended(), "those to be cut off");
  await ask("POST", "/api/v1/events", { name: "paid", clientId: "c-9" });
  await until(() => good.events().length === 1, "the others to read on");
  t.same([leaked.events(), narrowed.events()], [[], []]);
  t.equal(good.ended(), false);

  const heads: unknown[] = [];
  for (let asked = 0; asked < 101; asked += 1) heads.push((await ask("HEAD", "/api/v1/stream")).headers["content-type"]);
  t.ok(heads.every((type) => type === "text/event-stream"));
  const one = await open(t, url, key);
  t.equal(one.response.status, 200, "asking by HEAD takes nobody's place");
});

t.test("the command line follows the stream, one line each, and goes on where it was when it breaks", async (t) => {
  const { app, ask, key, stores } = await world(t);
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const wire = await openWire(t, port);
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const event = (name: string) => ask("POST", "/api/v1/events", { name, clientId: "c-9", amount: 2, currency: "EUR" });
  const listening = async () => (await stores.pool.query("select from listening where until > now()")).rows.length > 0;
  const lines: string[] = [];
  const there = { url: `http://127.0.0.1:${wire.port}`, key };
  const following = followStream({ ...there, types: "event.received" }, (line) => lines.push(line), stop.signal);
  await until(listening, "somebody to listen");
  await event("one");
  await until(() => lines.length === 1, "it to be told");
  t.match(lines[0], /^2\d{3}-\S+ \S+Z event\.received (?=.*name=one )(?=.*clientId=c-9 )(?=.*amount=2 )/);
  const noticed = t.capture(console, "error");
  wire.revive();
  await event("two");
  await until(() => lines.length === 2, "what came when it was broken to be told");
  noticed.restore();
  t.match(lines[1], /name=two /);
  t.match(noticed(), [{ args: [/^The server at http:\S+ is away\. Going on as soon as it answers\.$/] }]);
  stop.abort();
  await following;

  const json: { id: string; type: string; data: { name: string } }[] = [];
  const again = new AbortController();
  t.teardown(() => again.abort());
  const position = await stores.stream.begin();
  await event("three");
  await event("four");
  const second = followStream({ ...there, json: true, after: position }, (line) => json.push(JSON.parse(line)), again.signal);
  await until(() => json.length === 2, "what came behind that to be told");
  t.match(json, [{ id: /^\S+$/, type: "event.received", data: { name: "three" } }, { data: { name: "four" } }]);
  again.abort();
  await second;

  const refused = (more: object) => followStream({ ...there, ...more }, () => {});
  await t.rejects(refused({ types: "no.such" }), { code: "request-invalid", message: /There is no type no\.such/ });
  await t.rejects(refused({ after: "bm90aGluZw" }), { code: "cursor-invalid" });
  await t.rejects(refused({ campaign: "nobody" }), { code: "campaign-unknown" });
  await t.rejects(refused({ key: "carillon_wrong" }), { code: "unauthorized" });
  await t.rejects(refused({ url: "http://127.0.0.1:1" }), { code: "api-unreachable", message: /--url/ });
});

t.test("the text has heartbeats that move on, tells of gaps, and ends", async (t) => {
  const { stores } = await openWorld(t);
  const old = await stores.stream.begin();
  await stores.pool.query("update listening set until = clock_timestamp() - interval '1 s'");
  const parts = { reader: stores.stream, clock: systemClock, lookMs: 5, heartbeatMs: 20 };
  let text = "";
  const ids = () => [...text.matchAll(/^: still here\nid: (\S+)\n\n/gm)].map(([, id]) => id);
  for await (const piece of streamText(parts, { position: old })) {
    text += piece;
    if (ids().length === 3) break;
  }
  t.match(text, /^retry: 3000\nid: \S+\n\nevent: stream\.gap\n/);
  t.ok(
    ids().every((id) => id !== old),
    "heartbeats move on",
  );
  const short: string[] = [];
  for await (const piece of streamText({ ...parts, longestMs: 0 }, {})) short.push(piece);
  t.equal(short.length, 1, "whoever reads comes again in the end");
});
