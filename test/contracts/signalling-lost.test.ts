import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { inTime, until } from "../harness/far-side.ts";
import { quiet, sdp, secret, seed } from "./signalling-far.ts";

/* A drachtio-server that dies takes its dialogs with it. The people on the line are hung up on all the same, as soon as another one is there. */

const common = { clock: systemClock, random: seededRandom(seed), log: silentLog, host: "127.0.0.1", timers: { t1Ms: 50 } };

for (const transport of ["udp", "tcp"] as const) {
  t.test(`after drachtio-server was started anew, legs of the old one are ended; ${transport}`, async (t) => {
    t.comment(`seed ${seed}`);
    const first = new LabDrachtio({ ...common, adminPort: 0, sipPort: 0, secret });
    await first.listen();
    const { adminPort } = first;
    const callee = new SipAgent({ ...common, port: 0, transports: ["udp", "tcp"] });
    const ended = Promise.withResolvers<string | undefined>();
    callee.onInvite = async (call) => {
      const dialog = await call.answer(sdp);
      ended.resolve(await dialog?.ended);
    };
    await callee.listen();
    const connection = await connectDrachtio({ host: "127.0.0.1", port: adminPort, secret }, systemClock, silentLog);
    const signalling = new DrachtioSignalling(connection, systemClock, silentLog);
    const uri = `sip:+15550100123@127.0.0.1:${callee.port};transport=${transport}`;
    const end = await inTime(
      signalling.invite({ uri, from: "sip:+15550100000@127.0.0.1", sdp, expiresS: 25, headers: {} }, quiet).end,
      "the INVITE to have an end",
    );
    if (!end.answered) return t.fail("not answered");
    await first.close();
    t.match(await inTime(end.dialog.ended, "the loss to be told"), { by: "lost" });
    await end.dialog.end();
    const second = new LabDrachtio({ ...common, adminPort, sipPort: 0, secret });
    await second.listen();
    t.teardown(async () => {
      connection.close();
      await Promise.all([second.close(), callee.close()]);
    });
    t.equal(await inTime(ended.promise, "them to be hung up on"), "remote", "hung up on from our side");
    await until(() => signalling.open === 0, "nothing to be left to do");
  });
}

t.test("a conversation that was taken over from a dead process is ended too", async (t) => {
  const first = new LabDrachtio({ ...common, adminPort: 0, sipPort: 0, secret });
  await first.listen();
  const { adminPort } = first;
  const callee = new SipAgent({ ...common, port: 0 });
  const [asked, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<string | undefined>()];
  callee.onInvite = async (call) => {
    const dialog = await call.answer(sdp);
    if (!dialog) return;
    let times = 0;
    dialog.onRequest = (transaction) => {
      transaction.reply(200);
      times += 1;
      // The answer to the one before has arrived.
      if (times === 2) asked.resolve();
    };
    ended.resolve(await dialog.ended);
  };
  await callee.listen();
  const open = async () => {
    const connection = await connectDrachtio({ host: "127.0.0.1", port: adminPort, secret }, systemClock, silentLog);
    return { connection, signalling: new DrachtioSignalling(connection, systemClock, silentLog) };
  };
  const dead = await open();
  const uri = `sip:+15550100123@127.0.0.1:${callee.port}`;
  const end = await inTime(
    dead.signalling.invite({ uri, from: "sip:+15550100000@127.0.0.1", sdp, expiresS: 25, headers: {} }, quiet).end,
    "the INVITE to have an end",
  );
  if (!end.answered) return t.fail("not answered");
  dead.connection.close();
  const successor = await open();
  const over = successor.signalling.adopt(end.dialog.id);
  await inTime(asked.promise, "it to be asked twice whether they are there");
  await first.close();
  const second = new LabDrachtio({ ...common, adminPort, sipPort: 0, secret });
  await second.listen();
  t.teardown(async () => {
    successor.connection.close();
    await Promise.all([second.close(), callee.close()]);
  });
  await inTime(over, "the end of the conversation to be told", 60_000);
  t.equal(await successor.signalling.endDialog(end.dialog.id), "ended");
  t.equal(await inTime(ended.promise, "them to be hung up on"), "remote", "hung up on from our side");
});
