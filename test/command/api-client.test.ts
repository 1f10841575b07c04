import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import t from "tap";
import { askServer } from "../../src/command/api-client.ts";
import { examineServer } from "../../src/command/doctor-server.ts";
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
  const ask = () => askServer(config, { url, key: "k" }, "POST", "campaigns/1/start", {}, clock);

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
