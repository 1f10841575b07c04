import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { until } from "../harness/far-side.ts";
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
    const end = await signalling.invite({ uri, from: "sip:+15550100000@127.0.0.1", sdp, expiresS: 25, headers: {} }, quiet).end;
    if (!end.answered) return t.fail("not answered");
    await first.close();
    t.match(await end.dialog.ended, { by: "lost" });
    await end.dialog.end();
    const second = new LabDrachtio({ ...common, adminPort, sipPort: 0, secret });
    await second.listen();
    t.teardown(async () => {
      connection.close();
      await Promise.all([second.close(), callee.close()]);
    });
    t.equal(await ended.promise, "remote", "hung up on from our side");
    await until(() => signalling.open === 0, "nothing to be left to do");
  });
}
