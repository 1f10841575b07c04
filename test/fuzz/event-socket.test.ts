import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import t from "tap";
import { openWatch, type Watch } from "../../src/adapter/freeswitch/watch.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { intBetween, pick } from "../../src/kernel/random.ts";
import { portOf } from "../harness/dead-wire.ts";
import { until } from "../harness/far-side.ts";
import { eslMessages } from "./corpus.ts";
import { Mutator, seed } from "./mutate.ts";

t.comment(`TEST_SEED=${seed}`);

const sessions = 120;
const atOnce = 12;

t.test("1,000 and more mutated messages on event sockets: each connection is good to its end, or given up", async (t) => {
  t.setTimeout(280_000);
  const mutator = new Mutator(21);
  const { random } = mutator;
  const latest: string[] = [];
  let inputs = 0;
  const tell = () =>
    process.stderr.write(`TEST_SEED=${seed}, input ${inputs}, the latest:\n${latest.map((text) => JSON.stringify(text)).join("\n")}\n`);
  process.on("uncaughtExceptionMonitor", tell);
  t.teardown(() => process.off("uncaughtExceptionMonitor", tell));
  const wounded = () => {
    const mutated = mutator.text(pick(random, eslMessages));
    latest.push(mutated);
    if (latest.length > 40) latest.shift();
    inputs += 1;
    if (intBetween(random, 0, 2) === 0) return mutated;
    // Mostly framed as it should be, so that what is inside is read.
    const [head = "", ...rest] = mutated.split("\n\n");
    const body = rest.join("\n\n");
    return `${head.replace(/Content-Length:[^\n]*\n?/g, "").trimEnd()}\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
  };

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.write("Content-Type: auth/request\n\n");
    let greeted = false;
    socket.on("data", () => {
      if (greeted) return;
      greeted = true;
      socket.write("Content-Type: command/reply\nReply-Text: +OK accepted\n\n");
      // It is watched from here on: what it is told now comes in the middle of its own commands.
      setImmediate(() => {
        for (let count = intBetween(random, 8, 18); count > 0; count -= 1) socket.write(wounded());
        if (intBetween(random, 0, 9) > 0) socket.end();
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());

  const ends = { open: 0, lost: 0, refused: 0 };
  const session = async () => {
    let watch: Watch;
    try {
      watch = await openWatch({ name: "fs", address: "127.0.0.1", port: portOf(server), password: "x" }, systemClock, true);
    } catch {
      ends.refused += 1;
      return;
    }
    const lost = new Promise<"lost">((resolve) => {
      watch.onLost = () => resolve("lost");
    });
    const answered = watch.api("status").then(
      () => "open" as const,
      () => "lost" as const,
    );
    ends[await Promise.race([lost, answered])] += 1;
    watch.close();
  };
  const line = async () => {
    for (let count = sessions / atOnce; count > 0; count -= 1) await session();
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  t.ok(inputs >= 1000, `${inputs} inputs, ${JSON.stringify(ends)}`);
  await until(() => sockets.size === 0, `every connection to be closed (seed ${seed})`);
});
