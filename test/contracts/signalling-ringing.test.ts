import t, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { SipStack } from "../../src/lab/sip/stack.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { inTime, until } from "../harness/far-side.ts";
import { quiet, sdp, secret, seed } from "./signalling-far.ts";

/* A drachtio-server that dies while somebody rings takes the INVITE with it. Nobody may pick up and find nobody there. */

const common = { clock: systemClock, random: seededRandom(seed), log: silentLog, host: "127.0.0.1" };
const timers = { t1Ms: 50 };

async function startDrachtio(adminPort = 0, sipPort = 0): Promise<LabDrachtio> {
  const drachtio = new LabDrachtio({ ...common, timers, adminPort, sipPort, secret });
  await drachtio.listen();
  return drachtio;
}

/** Rings whoever listens there until the drachtio-server is gone. */
async function ringAndLose(t: Test, port: number, other?: LabDrachtio) {
  t.comment(`seed ${seed}`);
  const connect = (adminPort: number) => connectDrachtio({ host: "127.0.0.1", port: adminPort, secret }, systemClock, silentLog);
  const first = await startDrachtio();
  const { adminPort, sipPort } = first;
  const connection = await connect(adminPort);
  const second = other && (await connect(other.adminPort));
  const signalling = new DrachtioSignalling(connection, systemClock, silentLog, () => second?.srf);
  t.teardown(() => {
    connection.close();
    second?.close();
  });
  const rings = Promise.withResolvers<void>();
  const order = { uri: `sip:+15550100123@127.0.0.1:${port}`, from: "sip:+15550100000@127.0.0.1", sdp, expiresS: 25, headers: {} };
  const { end } = signalling.invite(order, { ...quiet, provisional: () => rings.resolve() });
  await inTime(rings.promise, "it to ring");
  await first.close();
  t.match(await inTime(end, "the INVITE to have an end"), { answered: false, failure: { lost: true } });
  const restart = async () => {
    const again = await startDrachtio(adminPort, sipPort);
    t.teardown(() => again.close());
  };
  return { signalling, restart };
}

/** A telephone that rings. Its 200 is repeated until it is acknowledged, and given up after half a minute, as in life. */
async function openCallee(t: Test) {
  const callee = new SipAgent({ ...common, port: 0 });
  const called = Promise.withResolvers<IncomingCall>();
  callee.onInvite = (call) => {
    call.provisional(180);
    called.resolve(call);
  };
  await callee.listen();
  t.teardown(() => callee.close());
  return { callee, called: called.promise };
}

t.test("who rings on is told to stop as soon as there is a drachtio-server again", async (t) => {
  const { callee, called } = await openCallee(t);
  const { signalling, restart } = await ringAndLose(t, callee.port);
  const call = await inTime(called, "it to be called");
  await restart();
  await inTime(call.cancelled, "the CANCEL");
  t.ok(call.isOver, "it stopped ringing");
  await until(() => signalling.open === 0, "nothing to be left to do");
});

t.test("who picked up meanwhile, and was never acknowledged, is hung up on", async (t) => {
  const { callee, called } = await openCallee(t);
  const { signalling, restart } = await ringAndLose(t, callee.port);
  const call = await inTime(called, "it to be called");
  const answered = call.answer(sdp);
  await restart();
  t.equal(await inTime(call.dialog?.ended, "it to be hung up on"), "remote", "by us");
  await inTime(answered, "the answer to be acknowledged or given up", 60_000);
  await until(() => signalling.open === 0, "nothing to be left to do");
});

t.test("where there is another drachtio-server nobody waits for the one that died", async (t) => {
  const { callee, called } = await openCallee(t);
  const other = await startDrachtio();
  t.teardown(() => other.close());
  const { signalling, restart } = await ringAndLose(t, callee.port, other);
  await inTime(
    called.then((call) => call.cancelled),
    "the CANCEL",
  );
  await restart();
  await until(() => signalling.open === 0, "nothing to be left to do");
});

t.test("a telephone that knows no early dialog is told again once it was picked up", async (t) => {
  const byes: number[] = [];
  const stack: SipStack = new SipStack(
    { ...common, port: 0 },
    {
      request(transaction) {
        const { method } = transaction.request;
        if (method === "INVITE") transaction.reply(180, { contact: `<sip:127.0.0.1:${stack.port}>` });
        else if (method === "BYE") byes.push(byes.length === 0 ? 481 : 200);
        if (method === "BYE") transaction.reply(byes.at(-1) ?? 481);
      },
      ack() {},
    },
  );
  await stack.listen();
  t.teardown(() => stack.close());
  const { signalling, restart } = await ringAndLose(t, stack.port);
  await restart();
  await until(() => byes.length === 2, "another BYE");
  t.same(byes, [481, 200]);
  await until(() => signalling.open === 0, "nothing to be left to do");
});
