import { once } from "node:events";
import { connect, type Server, type Socket } from "node:net";
import esl from "drachtio-modesl";
import t from "tap";
import { mayConnect } from "../../src/adapter/freeswitch/admission.ts";
import { closeMediaServer, openMediaServer } from "../../src/adapter/freeswitch/media-server.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openWire, portOf } from "../harness/dead-wire.ts";
import { inTime, until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { host, occupy, openBook, openMediaKit, quickClock, seed, server } from "./freeswitch-kit.ts";

t.comment(`TEST_SEED=${seed}`);
t.setTimeout(280_000);
const { connection, newFreeswitch, newMedia } = await openMediaKit(t);

t.test("a FreeSWITCH that takes the connection and says nothing is given up", async (t) => {
  const mute = await occupy(t);
  const taken: Socket[] = [];
  mute.on("connection", (socket) => taken.push(socket));
  t.teardown(() => {
    for (const socket of taken) socket.destroy();
  });
  await t.rejects(newMedia(t, [server(portOf(mute))]).connect(), {
    code: "freeswitch-unreachable",
    retryable: true,
    message: /^FreeSWITCH fs-1 \(127\.0\.0\.1:\d+\) does not answer on its event socket \(nothing came within 5 s\)\. [^\n]+$/,
  });
});

t.test("our own port for FreeSWITCH", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const occupant = await occupy(t);
  const listenPort = portOf(occupant);
  await t.rejects(newMedia(t, [server(freeswitch.eslPort, { listenPort })]).connect(), {
    code: "port-unavailable",
    retryable: false,
    message: `Carillon cannot listen for FreeSWITCH fs-1: 127.0.0.1:${listenPort} is in use already. Set another listenPort or listenAddress in freeswitch:.`,
  });
  // TEST-NET-3 (RFC 5737): no machine has it.
  await t.rejects(newMedia(t, [server(freeswitch.eslPort, { listenAddress: "203.0.113.1" })]).connect(), {
    code: "port-unavailable",
    message: /203\.0\.113\.1:0 is not on this machine/,
  });
  occupant.close();
  await once(occupant, "close");

  await t.rejects(newMedia(t, [server(freeswitch.eslPort, { listenPort, profile: "nobody" })]).connect(), {
    code: "freeswitch-profile-missing",
    message: /^FreeSWITCH fs-1 has no SIP profile nobody that is running\. [^\n]+$/,
  });
  const wire = await openWire(t, freeswitch.eslPort);
  const media = newMedia(t, [server(wire.port, { listenPort })]);
  await media.connect();
  t.pass("nothing of the failed ones still holds the port");
  const kept = await media.open();
  wire.revive();
  await until(() => !media.ready, "the loss");
  await until(() => media.ready, "FreeSWITCH to be back on the same port of ours");
  t.equal(await media.alive("fs-1", kept.id), true, "a call that is up outlives the loss of the watching connection");
  t.equal(kept.usable, true);
  await (await media.open()).close();
});

t.test("one of several FreeSWITCH is down at the start", async (t) => {
  const first = await newFreeswitch(t);
  const second = await newFreeswitch(t);
  const wire = await openWire(t, second.eslPort);
  // What a process of our name left there, and somebody else's.
  const earlier = newMedia(t, [server(second.eslPort)]);
  await earlier.connect();
  const left = await earlier.open();
  const stranger = newMedia(t, [server(second.eslPort)], { node: "stranger" });
  await stranger.connect();
  const others = await stranger.open();

  wire.die();
  const book = openBook();
  const servers = [server(first.eslPort, { name: "up" }), server(wire.port, { name: "down" })];
  const media = newMedia(t, servers, { log: book.log });
  await media.connect();
  t.same(
    media.servers.map(({ name, state }) => [name, state]),
    [
      ["up", "up"],
      ["down", "down"],
    ],
  );
  const said = /^FreeSWITCH down \(127\.0\.0\.1:\d+\) does not answer .* Going on without it and trying again\.$/;
  await until(() => book.lines.some((line) => said.test(line)), "it to be said aloud");
  t.same(await media.orphans(), [], "what cannot be asked hinders nobody");
  const endpoint = await media.open();
  t.equal(endpoint.mediaServer, "up");

  wire.revive();
  await until(() => media.servers.every(({ state }) => state === "up"), "the other one to be connected");
  t.equal((await media.open()).mediaServer, "down");
  await inTime(left.gone, "who is left to be let go");
  t.pass("what an earlier life left there is ended then");
  t.equal(await stranger.alive("fs-1", others.id), true, "and nothing else");

  await t.rejects(
    newMedia(t, [server(first.eslPort, { name: "up" }), server(second.eslPort, { name: "locked", password: "wrong" })]).connect(),
    { code: "freeswitch-password-wrong" },
    "what does not mend by itself is said at once",
  );
});

t.test("no FreeSWITCH at the start", async (t) => {
  const port = await portForAnother();
  await t.rejects(newMedia(t, [server(port), server(port, { name: "fs-2" })]).connect(), { code: "freeswitch-unreachable" });
  const media = newMedia(t, [server(port)]);
  await media.connect(true);
  t.equal(media.ready, false, "who has calls of a dead process to end goes on without");
  t.same(await media.orphans(), []);
  await newFreeswitch(t, port);
  await until(() => media.ready, "FreeSWITCH to be found");
});

t.test("who knocks at the port for FreeSWITCH", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const listenPort = await portForAnother();
  const media = newMedia(t, [server(freeswitch.eslPort, { listenPort })]);
  await media.connect();
  const flood = async (head: string, bytes: number) => {
    const socket = connect({ host, port: listenPort });
    socket.on("error", () => {});
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    await once(socket, "connect");
    let over = false;
    closed.then(() => {
      over = true;
    });
    socket.write(head);
    const piece = Buffer.alloc(16 << 10, "x");
    let sent = 0;
    for (; sent < bytes && !over; sent += piece.length) {
      if (!socket.write(piece)) await Promise.race([once(socket, "drain"), closed]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.ok(sent < bytes, `closed after ${sent} bytes at most`);
    await closed;
  };
  await flood("", 60 << 20);
  await flood("Content-Type: command/reply\nContent-Length: 100000000\n\n", 60 << 20);
  await flood("Content-Length: -5\n\n", 60 << 20);
  const endpoint = await media.open();
  t.equal(await media.alive("fs-1", endpoint.id), true, "and FreeSWITCH is not hindered");

  const { Server: EslServer } = esl as { Server: new (options: { server: Server }) => { accepts?: (socket: Socket) => boolean } };
  const listening = await occupy(t);
  const strict = new EslServer({ server: listening });
  const asked: (string | undefined)[] = [];
  strict.accepts = ({ remoteAddress }) => {
    asked.push(remoteAddress);
    return false;
  };
  const refused = connect({ host, port: portOf(listening) });
  refused.on("error", () => {});
  refused.resume();
  await once(refused, "close");
  t.same(asked, [host], "whoever may not connect is closed at once");

  const opened = await openMediaServer(connection.srf, server(freeswitch.eslPort), quickClock, silentLog);
  t.teardown(() => closeMediaServer(opened));
  const { accepts } = (opened as unknown as { _server: { accepts(peer: { remoteAddress: string }): boolean } })._server;
  t.equal(accepts({ remoteAddress: "192.0.2.7" }), false, "on the port for FreeSWITCH that is everybody else");
  t.equal(accepts({ remoteAddress: host }), true);
  const behind = await openMediaServer(connection.srf, server(freeswitch.eslPort, { connectsFrom: "192.0.2.7" }), quickClock, silentLog);
  t.teardown(() => closeMediaServer(behind));
  const other = (behind as unknown as { _server: { accepts(peer: { remoteAddress: string }): boolean } })._server;
  t.equal(other.accepts({ remoteAddress: "192.0.2.7" }), true, "but where it is told to come from");
  t.equal(other.accepts({ remoteAddress: host }), false);
});

t.test("what a channel's socket dies of is no output of ours", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const told: unknown[] = [];
  const log = { ...silentLog, debug: (fields: object, message: string) => told.push([message, fields]) };
  const opened = await openMediaServer(connection.srf, server(freeswitch.eslPort), quickClock, log);
  t.teardown(() => closeMediaServer(opened));
  const endpoint = await opened.createEndpoint({});
  const printed = t.capture(console, "error");
  const ended = Object.assign(new Error("This socket has been ended by the other party"), { code: "EPIPE" });
  endpoint.conn?.socket?.emit("error", ended);
  t.same(printed(), [], "nothing is printed");
  t.match(told, [["event socket of a channel", { endpoint: endpoint.uuid, err: ended }]]);
  await endpoint.dialog.destroy();
});

t.test("who may open an event socket to us", async (t) => {
  const remote = { remoteAddress: "10.0.0.5", localAddress: "10.0.0.2" };
  const here = { remoteAddress: "10.0.0.2", localAddress: "10.0.0.2" };
  const loopback = { remoteAddress: "127.0.0.1", localAddress: "127.0.0.1" };
  const machine = ["127.0.0.1", "::1", "10.0.0.2"];
  const table = [
    ["10.0.0.5", remote, true],
    ["::ffff:10.0.0.5", remote, true],
    ["10.0.0.6", remote, false],
    ["10.0.0.2", remote, false],
    ["127.0.0.1", remote, false],
    ["10.0.0.2", here, true],
    ["127.0.0.1", here, true],
    ["::1", here, true],
    ["10.0.0.5", here, false],
    ["127.0.0.1", loopback, true],
    ["127.0.0.2", loopback, true],
    ["10.0.0.2", loopback, true],
    ["192.0.2.7", loopback, false],
    [undefined, remote, false],
    ["10.0.0.5", {}, false],
  ] as const;
  for (const [peer, known, expected] of table)
    t.equal(
      mayConnect(peer, known, () => machine),
      expected,
      `${peer} beside ${JSON.stringify(known)}`,
    );
});
