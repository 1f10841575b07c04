import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import t from "tap";
import { askServer } from "../../src/command/api-client.ts";
import { examineServer } from "../../src/command/doctor-server.ts";
import { editOver } from "../../src/command/edit.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

const config = { api: { host: "127.0.0.1", port: 1 } } as Parameters<typeof askServer>[0];

t.test("a server that is too busy is asked again when it says so, for a while, and whoever waits is told", async (t) => {
  const answers: ((response: ServerResponse) => void)[] = [];
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    const answer = answers.shift() ?? busy("50");
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  function say(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
    return (response: ServerResponse) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  }
  function busy(retryAfter?: string) {
    return say(503, { code: "overloaded", detail: "Carillon is busy with calls." }, retryAfter === undefined ? {} : { "retry-after": retryAfter });
  }
  const told = t.capture(console, "error", () => {});
  const clock = new VirtualClock();
  const ask = () => askServer(config, { url, key: "k" }, "POST", "campaigns/1/start", {}, { clock });

  answers.push(busy("7"), busy(), say(200, { state: "running" }));
  const done = ask();
  await until(() => clock.pending === 1, "it to wait");
  await clock.advance(6999);
  t.equal(asked, 1, "not before");
  await clock.advance(1);
  await until(() => clock.pending === 1 && asked === 2, "it to wait once more");
  await clock.advance(2000);
  t.same(await done, { state: "running" });
  t.same(
    told().map(({ args }) => String(args[0])),
    [7, 2].map((s) => `The server at ${url} is too busy; asking again in ${s} s.`),
  );

  asked = 0;
  const refused = t.rejects(ask(), {
    code: "overloaded",
    retryable: true,
    message: "Carillon is busy with calls. Nothing of it was done; try again later.",
  });
  await until(() => clock.pending === 1, "it to wait");
  await clock.advance(50_000);
  await refused;
  t.equal(asked, 2, "a second wait would be too long together");
  t.equal(clock.pending, 0);

  answers.push(say(429, { code: "rate-limited", detail: "Wait a minute." }, { "retry-after": "60" }), say(200, {}));
  const counted = ask();
  await until(() => clock.pending === 1, "it to wait for the next minute");
  await clock.advance(60_000);
  t.same(await counted, {});
  t.match(told().at(-1)?.args[0], /has had as many requests as it takes in a minute; asking again in 60 s\.$/);

  answers.push(say(429, { code: "locked", detail: "Wait." }), say(503, { code: "unavailable", detail: "The database is away." }));
  await t.rejects(ask(), { code: "locked", message: "Wait." });
  await t.rejects(ask(), { code: "unavailable", message: "The database is away." }, "anything else is told at once");
});

t.test("what others change between reading and putting back is read anew, and is never overwritten", async (t) => {
  /** What is kept there, and how often somebody else puts something beside it right after it was read. */
  let [kept, others] = [["a"], 0];
  const asked: string[] = [];
  const tag = (weak = false) => `${weak ? "W/" : ""}"${kept.join("")}"`;
  const server = createServer(async (request, response) => {
    const { method, headers } = request;
    const wanted = headers["if-match"];
    asked.push(`${method} ${request.url} ${wanted ?? "-"}`);
    const send = (status: number, body: object, more: Readonly<Record<string, string>> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...more }).end(JSON.stringify(body));
    if (method === "GET") {
      send(200, { items: kept }, { etag: tag(true) });
      if (others-- > 0) kept = [...kept, "x"];
      return;
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    if (wanted !== tag()) return send(412, { code: "precondition-failed", detail: "It is not any more as If-Match says." });
    const { items } = JSON.parse(text) as { items: string[] };
    if (items.includes("bad")) return send(400, { code: "request-invalid", detail: "bad is none." });
    kept = items;
    send(200, { items });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const edit = editOver(config, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: "k" });
  const withMine = (mine: string) => (shown: unknown) => ({ items: [...(shown as { items: string[] }).items, mine] });

  others = 2;
  t.same(await edit("codes", withMine("m")), { items: ["a", "x", "x", "m"] });
  t.same(asked.splice(0), [
    ...["GET /api/v1/codes -", 'PUT /api/v1/codes "a"', "GET /api/v1/codes -", 'PUT /api/v1/codes "ax"'],
    ...["GET /api/v1/codes -", 'PUT /api/v1/codes "axx"'],
  ]);
  await edit("codes", withMine("n"), "codes/part");
  t.same(asked.splice(0), ["GET /api/v1/codes -", 'PUT /api/v1/codes/part "axxm"'], "it may be put elsewhere than it is shown");

  await t.rejects(edit("codes", withMine("bad")), { code: "request-invalid", message: "bad is none." });
  t.equal(asked.splice(0).length, 2, "what is refused for another reason is not tried again");
  const unwilling = () => {
    throw new Error("it is not there");
  };
  await t.rejects(edit("codes", unwilling), { message: "it is not there" });
  t.equal(asked.splice(0).length, 1, "and nothing is put");

  others = 99;
  await t.rejects(edit("codes", withMine("o")), { code: "precondition-failed", message: /Somebody else .* Nothing was changed .* repeat it/ });
  t.equal(asked.length, 10);
  t.notOk(kept.includes("o"));
});

t.test("doctor knows a server that refuses the key, and takes nothing else for one", async (t) => {
  const components = [{ name: "database", ready: true }];
  const server = createServer(({ url, headers: { authorization } }, response) => {
    const known = authorization === undefined || authorization === "Bearer good";
    const refused = { status: 401, code: "unauthorized", detail: "That key is not known." };
    response.writeHead(known ? 503 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(url !== "/readyz" ? { cakes: 3 } : known ? { ready: false, components } : refused));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const runs = { what: "server", grade: "ok", seen: `runs at ${base}` };
  t.same(await examineServer(base, "good"), { found: [runs], components });
  t.match(await examineServer(base, "bad"), { found: [runs, { what: "key", grade: "warning" }], components });
  t.match(await examineServer(`${base}/cakes`, "good"), { found: [{ seen: "does not run here" }], components: undefined });
});
