import { once } from "node:events";
import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { labFar, type MediaFar, realFar } from "./media-far.ts";
import { noRealMedia } from "./real-address.ts";

/* What happens when FreeSWITCH answers and then does not become an endpoint. Runs against the lab's, and against a real one as media.test.ts does. */

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);

function suite(name: string, start: () => Promise<MediaFar>): void {
  t.test(`${name} hangs up before its event socket has come: no endpoint, and nothing else happens`, async (t) => {
    const far = await start();
    const { drachtio, freeswitch } = far.addresses;
    const connection = await connectDrachtio(drachtio, far.clock, silentLog);
    // Its event socket finds nobody, as when it cannot have a port for RTP it goes on to the end of its dialplan and hangs up.
    const astray = { ...freeswitch, listenAddress: "127.0.0.1", listenPort: 0, advertisedPort: await portForAnother(), maxSessions: 20 };
    const media = new FreeswitchMedia([astray], connection.srf, `opening-${seed}`, far.clock, silentLog);
    t.teardown(async () => {
      await media.close();
      connection.close();
      await far.close();
    });
    await media.connect();
    const opening = media.open();
    opening.catch(() => {});
    await until(async () => (await media.orphans()).length === 1, "its channel is up");
    const [channel] = await media.orphans();
    await media.kill("fs-1", channel?.endpointId ?? "");
    await t.rejects(opening, { code: "media-unavailable", retryable: true });
    // drachtio-server's answer to a second BYE comes before its answer to this; a rejection that nobody hears fails the test.
    connection.srf.request({ method: "BYE", uri: "sip:placeholder", stackDialogId: "nobody;from-tag=1", headers: {} }, () =>
      connection.srf.emit("asked"),
    );
    await once(connection.srf, "asked");
    t.same(far.leaks(), []);
  });
}

suite("the lab's FreeSWITCH", () => labFar(seed));
const real = realFar(process.env);
if (real) suite("a real FreeSWITCH", async () => real);
else t.test("a real FreeSWITCH", { skip: noRealMedia }, async () => {});
