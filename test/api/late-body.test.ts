import { connect } from "node:net";
import { fastify } from "fastify";
import t from "tap";
import { listen } from "../../src/api/app.ts";
import type { App } from "../../src/api/parts.ts";
import { addLateBodies } from "../../src/api/plugin/late-body.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

t.setTimeout(60_000);

/** A server with these hooks alone, by a time of its own. */
async function open() {
  const clock = new VirtualClock();
  const told: unknown[] = [];
  const app = fastify({ bodyLimit: 64_000, forceCloseConnections: true }) as unknown as App;
  addLateBodies(app, { clock, log: { ...silentLog, info: (fields) => void told.push(fields) } });
  let streamed = "";
  app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));
  app.post("/open", async ({ body }) => ({ body }));
  app.post("/closed", { onRequest: async (_request, reply) => void (await reply.code(401).send({})) }, async () => ({}));
  app.post("/file", async ({ body }) => {
    for await (const piece of body as AsyncIterable<Buffer>) streamed += String(piece);
    return { streamed };
  });
  t.teardown(() => app.close());
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  return { clock, told, port, streamed: () => streamed };
}

function send(port: number, path: string, type: string, bytes: number, begin: string) {
  const socket = connect(port, "127.0.0.1");
  const state = { heard: "", closed: false };
  socket.on("data", (piece) => {
    state.heard += String(piece);
  });
  socket.on("close", () => {
    state.closed = true;
  });
  socket.on("error", () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${bytes}\r\n\r\n${begin}`);
  t.teardown(() => socket.destroy());
  return { socket, state };
}

t.test("a body that never ends is not waited for, whoever sends a byte of it now and then", async (t) => {
  const { clock, told, port } = await open();
  const { socket, state } = send(port, "/open", "application/json", 60_000, "{");
  await until(() => clock.pending === 1, "the body to be waited for");
  await clock.advance(31_000);
  socket.write(" ");
  t.notOk(state.closed, "a large one has time");
  await clock.advance(1_100);
  await until(() => state.closed, "the connection to end");
  t.match(told, [{ method: "POST", route: "/open", address: "127.0.0.1" }]);
  t.equal(clock.pending, 0);
});

t.test("nor is the rest of one that was answered before its end", async (t) => {
  const { clock, port } = await open();
  const { state } = send(port, "/closed", "application/json", 60_000, "{");
  await until(() => state.heard.includes("401"), "the answer");
  await until(() => clock.pending === 1, "the rest to be waited for");
  t.notOk(state.closed, "the answer can be read");
  await clock.advance(30_000);
  await until(() => state.closed, "the connection to end");
});

t.test("what comes, and what streams into its route, is left alone", async (t) => {
  const { clock, told, port, streamed } = await open();
  const late = send(port, "/open", "application/json", 9, '{"a":');
  await until(() => clock.pending === 1, "the body to be waited for");
  late.socket.write('"b"}');
  await until(() => late.state.heard.includes('{"body":{"a":"b"}}'), "the answer");
  const file = send(port, "/file", "text/csv", 6, "a,b");
  await until(() => streamed() === "a,b", "the file to begin");
  await clock.advance(600_000);
  file.socket.write("\nc\n");
  await until(() => file.state.heard.includes("c"), "the answer");
  t.same([clock.pending, late.state.closed, file.state.closed, told], [0, false, false, []]);
});
