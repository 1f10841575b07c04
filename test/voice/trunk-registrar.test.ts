import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { openTelephony } from "../../src/start/telephony.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { TrunkWatch } from "../../src/voice/trunk-watch-engine.ts";
import { realAddress } from "../contracts/real-address.ts";
import { trunkTo } from "./carriers-kit.ts";
import { noKamailio, openKamailio } from "./kamailio.ts";

/* Registrations at a registrar that others have written; over a real drachtio-server where there is one. */

const host = "127.0.0.1";
const secret = "registrar-test";
const leastS = 120;

t.test(
  "Kamailio takes our registrations, refreshed and taken back, and not those with a wrong password",
  { skip: noKamailio ?? false },
  async (t) => {
    const kamailio = await openKamailio(t, { password: "secret", leastS });
    const real = realAddress("CARILLON_TEST_DRACHTIO", process.env);
    const lab = new LabDrachtio({ clock: systemClock, random: seededRandom(1), log: silentLog, host, adminPort: 0, sipPort: 0, secret });
    await lab.listen();
    t.teardown(() => lab.close());
    const drachtio = real ?? { host, port: lab.adminPort, secret };
    const near = await openTelephony({ drachtio, freeswitch: [], node: { name: "registrar-test" } }, systemClock, silentLog, true);
    t.teardown(() => near.close());
    const ours = trunkTo(
      "ours",
      { sipPort: kamailio.port },
      { register: true, registerExpiresS: 60, username: "us", password: "secret", keepAliveMs: 100 },
    );
    const trunks = new Trunks([ours, { ...ours, name: "wrong", username: "them", password: "guess" }], [], systemClock);
    const watch = new TrunkWatch({ trunks, requests: near.trunkRequests, clock: systemClock, log: silentLog });
    const [use, wrong] = trunks.all;
    if (!use || !wrong) throw new Error("no trunks");
    await kamailio.until(() => use.up && use.state.proven && wrong.state.refusals > 0, "both to be answered");
    t.equal(use.state.note, "REGISTER: 423 Interval Too Brief", "asked for too short a time at first");
    t.same(kamailio.saved(), [`us ${leastS}`], "then for as long as it wants");
    const { registeredUntil, registerAt } = use.state;
    t.ok(Math.abs(registeredUntil - registerAt - 0.2 * leastS * 1000) < 500, "to be refreshed in time");
    t.match(wrong, { up: false, state: { registeredUntil: 0, note: "REGISTER: 401 Unauthorized" } });

    use.state = { ...use.state, registerAt: 0 };
    await kamailio.until(() => use.state.registerAt > 0, "the refresh to be answered");
    t.same(kamailio.saved(), [`us ${leastS}`, `us ${leastS}`]);
    t.ok(use.state.registeredUntil >= registeredUntil && use.up);
    t.same(new Set(kamailio.contacts()).size, 1, "the same contact each time, so one registration");
    await watch.close();
    t.equal(kamailio.saved().at(-1), "us 0", "taken back at the end");
  },
);
