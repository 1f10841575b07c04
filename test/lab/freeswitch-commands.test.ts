import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import t from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { client, EslClient, password, running, seed } from "./freeswitch-kit.ts";

t.comment(`SEED=${seed}`);
const fixture = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/freeswitch", name), "utf8"));
const commands: Readonly<Record<string, [command: string, reply: string][]>> = fixture("commands.json");

/** What differs from run to run: identifiers, times, counts, addresses. */
function shape(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/ +sip:mod_sofia@[\d.:]+/, " sip:mod_sofia@host")
    .replace(/\d+(\.\d+)?/g, "0")
    .replace(/(year|day|hour|minute|second|millisecond|microsecond)s?\b/g, "$1")
    .trimEnd();
}

t.test("each command gets the reply that the real one gave", async (test) => {
  const freeswitch = await running();
  const stranger = await EslClient.open(freeswitch.eslPort);
  test.equal(await stranger.command("api status"), "-ERR command not found", "before auth nothing is obeyed");
  test.equal(await stranger.command("auth nope"), "-ERR invalid");
  await stranger.until((message) => message.headers.get("Content-Type") === "text/disconnect-notice");
  await stranger.closed;
  for (const [transcript, pairs] of Object.entries(commands)) {
    const esl = await client(freeswitch);
    for (const [command, reply] of pairs) test.equal(shape(await esl.command(command)), shape(reply), `${transcript}: ${command.split("\n")[0]}`);
    await esl.close();
  }
  test.same(freeswitch.unknownCommands, ["event socket command nosuch", "api nosuch", "api nosuchcommand foo"]);
  await freeswitch.close();
});

t.test("bgapi answers by event; filters, formats and exit", async (test) => {
  const freeswitch = await running({ heartbeatMs: 50 });
  const esl = await client(freeswitch);
  await esl.command("event json BACKGROUND_JOB HEARTBEAT CUSTOM lab::test");
  await esl.command("bgapi version\nJob-UUID: job-1");
  const job = await esl.event("BACKGROUND_JOB", { "Job-UUID": "job-1" });
  test.match(job.event, { "Job-Command": "version", _body: /^FreeSWITCH Version/ });
  await esl.command("sendevent CUSTOM\nEvent-Subclass: lab::test\nfoo: bar");
  test.match((await esl.event("CUSTOM")).event, { "Event-Subclass": "lab::test", foo: "bar" });
  test.match((await esl.event("HEARTBEAT")).event, { "Event-Info": "System Ready", "Max-Sessions": "1000" });
  const plain = await client(freeswitch);
  await plain.command("event plain HEARTBEAT");
  const beat = await plain.until((message) => message.headers.get("Content-Type") === "text/event-plain");
  test.match(beat.body, /^Event-Name: HEARTBEAT\n[\s\S]*Event-Info: System%20Ready\n[\s\S]*\n\n$/);
  await plain.command("event xml HEARTBEAT");
  test.match((await plain.until((message) => message.headers.get("Content-Type") === "text/event-xml")).body, /<Event-Info>System%20Ready</);
  await plain.command("event json BACKGROUND_JOB");
  await plain.command("filter Job-UUID mine");
  const from = plain.messages.length;
  await esl.command("bgapi version\nJob-UUID: other");
  await esl.command("bgapi version\nJob-UUID: mine");
  test.equal((await plain.until(({ event }) => event["Event-Name"] === "BACKGROUND_JOB", from)).event["Job-UUID"], "mine");
  test.equal(await plain.command("exit"), "+OK bye");
  await plain.closed;
  test.equal(freeswitch.core.bus.listeners, 1);
  await esl.close();
  await freeswitch.close();
  test.equal(freeswitch.core.bus.listeners, 0);
});

t.test("nothing that comes over the event socket ends the process or another connection", async (test) => {
  const freeswitch = await running();
  const witness = await client(freeswitch);
  const random = seededRandom(seed);
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)));
  const attacks: (Buffer | string)[] = [
    "\n\n\n\n",
    "auth\n\n",
    "Content-Length: -5\n\n",
    `auth ${password}\nContent-Length: nonsense\n\n`,
    `auth ${password}\n\nsendmsg\nContent-Length: 99999999999\n\n`,
    `auth ${password}\n\napi ${"x".repeat(100_000)}\n\n`,
    `auth ${password}\n\napi uuid_bridge ${"\u0000\uffff"}\n\nfilter \n\nevent \n\nsendmsg \n: \n\nbgapi \n\nexecute\n\n`,
    `auth ${password}\n\nsendmsg %zz%\ncall-command: execute\nexecute-app-name: set\n\n`,
    `${"y".repeat(2 << 20)}`,
    bytes(5000),
    Buffer.concat([Buffer.from(`auth ${password}\n\n`), bytes(3000), Buffer.from("\n\n")]),
    ...Array.from({ length: 40 }, () => Buffer.concat([Buffer.from(`auth ${password}\n\napi `), bytes(60), Buffer.from("\n\n")])),
  ];
  for (const attack of attacks) {
    const socket = connect({ host: "127.0.0.1", port: freeswitch.eslPort });
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.write(attack, () => resolve()));
    test.equal(await witness.command("api uuid_exists 1"), "false");
    socket.destroy();
  }
  await witness.close();
  await freeswitch.close();
});

/** Header names of the real one's event, blocks written out. */
