import t from "tap";
import { type Clock, pause } from "../../src/kernel/clock.ts";
import { openWire } from "../harness/dead-wire.ts";
import { inTime, until } from "../harness/far-side.ts";
import { openBook, openMediaKit, quickClock, seed, server } from "./freeswitch-kit.ts";

/* A FreeSWITCH that says nothing any more, and one that only takes its time. */

t.comment(`TEST_SEED=${seed}`);
t.setTimeout(280_000);
const { newFreeswitch, newMedia, drachtio } = await openMediaKit(t);

t.test("a FreeSWITCH that goes silent is taken out, and is used again when it is back", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const wire = await openWire(t, freeswitch.eslPort);
  const book = openBook();
  const media = newMedia(t, [server(wire.port)], { log: book.log });
  await media.connect();
  const endpoint = await media.open();
  t.equal(media.ready, true);
  t.equal(await media.alive("fs-1", endpoint.id), true);
  t.equal(endpoint.usable, true);

  wire.die();
  t.equal(await media.alive("fs-1", endpoint.id), false, "who is asked for is not waited for without end");
  t.equal(media.ready, false, "one that does not answer a command gets no more calls");
  t.equal(endpoint.usable, false, "nor does an endpoint kept for the next call");
  t.same(await media.orphans(), []);
  t.ok(book.lines.includes("connection to FreeSWITCH lost"));
  await inTime(endpoint.gone, "the endpoint to be given up");
  t.ok(book.lines.includes("FreeSWITCH is gone; ending the calls on it"));
  t.equal(media.sessions, 0);

  wire.revive();
  await until(() => media.ready, "FreeSWITCH to be back");
  const again = await media.open();
  t.equal(await media.alive("fs-1", again.id), true);
  await until(() => freeswitch.channels().every(({ uuid }) => uuid === again.id), "what was given up to be ended over there");

  wire.die();
  await until(() => !media.ready, "the loss to be noticed though nobody asks");
  await media.close();
  t.pass("closing does not wait for the dead");
});

t.test("two people who talk are left to a silent FreeSWITCH", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const wire = await openWire(t, freeswitch.eslPort);
  const media = newMedia(t, [server(wire.port)]);
  await media.connect();
  const [one, other, alone] = await Promise.all([media.open(), media.open(), media.open()]);
  await one.bridge(other);
  wire.die();
  await inTime(alone.gone, "who is alone to be given up");
  t.equal(media.sessions, 2, "they are still known");
  wire.revive();
  await until(() => media.ready, "FreeSWITCH to be back");
  await until(() => freeswitch.open.channels === 2, "the one that was given up to be ended, and only that");
  t.equal(await media.alive("fs-1", one.id), true);
});

t.test("one that stops under a call is given up within four seconds", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const wire = await openWire(t, freeswitch.eslPort);
  // Looks, time-outs and new tries follow one another: together they are the time that passes, however slow this machine is.
  let spentMs = 0;
  const clock: Clock = {
    now: quickClock.now,
    after: (delayMs, fire) =>
      quickClock.after(delayMs, () => {
        spentMs += delayMs;
        fire();
      }),
  };
  const media = newMedia(t, [server(wire.port)], { clock });
  await media.connect();
  const endpoint = await media.open();
  wire.die();
  spentMs = 0;
  await until(() => !media.ready, "it to get no more calls");
  t.ok(spentMs <= 2000, `no new call after ${spentMs} ms`);
  await inTime(endpoint.gone, "the endpoint to be given up");
  t.ok(spentMs <= 4000, `and those on it are ended after ${spentMs} ms`);
});

t.test("one that is busy and takes its time is kept", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const wire = await openWire(t, freeswitch.eslPort);
  const book = openBook();
  const media = newMedia(t, [server(wire.port)], { log: book.log });
  await media.connect();
  const endpoint = await media.open();
  for (let round = 0; round < 6; round += 1) {
    await wire.stall();
    await pause(quickClock, 1200);
    wire.flow();
    t.equal(await media.alive("fs-1", endpoint.id), true, "it answers after 1.2 s");
    await until(() => media.ready, "it to take calls again");
  }
  t.equal(endpoint.usable, true);
  t.notOk(book.lines.includes("connection to FreeSWITCH lost"));
});

t.test("one that dies leaves no dialog with it behind at drachtio-server", async (t) => {
  const freeswitch = await newFreeswitch(t);
  const book = openBook();
  const media = newMedia(t, [server(freeswitch.eslPort)], { log: book.log });
  await media.connect();
  await until(() => drachtio.counts.dialogs === 0, "those of the tests before to be gone");
  const [plain, tapped] = await Promise.all([media.open(), media.open(undefined, true)]);
  t.equal(drachtio.counts.dialogs, 3, "two endpoints and a tap");
  await freeswitch.close();
  await Promise.all([plain.gone, tapped.gone]);
  await until(() => drachtio.counts.dialogs === 0, "their dialogs to be ended");
  const losses = book.lines.filter((line) => line === "connection to FreeSWITCH lost");
  t.equal(losses.length, 1, "said once, whichever connection goes first");
});
