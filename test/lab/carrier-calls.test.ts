import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabCarrier } from "../../src/lab/carrier/lab-carrier.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { until } from "../harness/far-side.ts";
import { Telephone } from "./telephone.ts";

/* The carrier's people call: who sees a missed call, and whom somebody has told to. */

const host = "127.0.0.1";
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);

async function open(t: { teardown(fn: () => unknown): void }) {
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const ticker = new Ticker(time.beat());
  const carrier = new LabCarrier({ clock, random: seededRandom(seed), host, sipPort: 0, pace: 0.1, timers: { t1Ms: 50 }, ticker });
  const office = new SipAgent({ clock, random: seededRandom(seed + 1), host, port: 0, timers: { t1Ms: 50 } });
  const telephone = await new Telephone(seededRandom(seed + 2), ticker, clock).open();
  await Promise.all([carrier.listen(), office.listen()]);
  carrier.callsTo = `${host}:${office.port}`;
  t.teardown(async () => {
    await Promise.all([carrier.close(), office.close()]);
    await telephone.close();
    ticker.close();
    time.close();
  });
  return { carrier, office, telephone };
}

for (const ended of ["canceled", "expired"])
  t.test(`a missed call is called back, and the books have both; ${ended}`, async (t) => {
    const { carrier, office, telephone } = await open(t);
    const called = office.invite({
      uri: `sip:+15550109935@${host}:${carrier.sipPort}`,
      from: `<sip:+12125550100@${host}>`,
      sdp: telephone.sdp(),
      ...(ended === "expired" && { headers: { Expires: "1" } }),
    });
    const back = new Promise<string>((resolve) => {
      office.onInvite = async (call) => {
        resolve(`${call.callerUser} ${call.calledUser}`);
        telephone.connect(call.offer);
        const dialog = await call.answer(telephone.sdp());
        await dialog?.bye();
      };
    });
    await until(() => carrier.books.legsUp().length > 0, "it to ring");
    if (ended === "canceled") called.cancel();
    t.equal(await back, "+15550109935 +12125550100");
    await until(() => carrier.callsOpen === 0, "both to be over");
    t.match(carrier.books.toJSON().calls, [
      { called: "+15550109935", persona: "calls-back", finalStatus: 487 },
      { called: "+12125550100", caller: "+15550109935", persona: "calls-back", placed: true, state: "ended", finalStatus: 200, endedBy: "called" },
    ]);
  });

t.test("somebody calls, is refused, or gives up", async (t) => {
  const { carrier, office } = await open(t);
  const ringing = Promise.withResolvers<void>();
  office.onInvite = (call) => {
    if (call.calledUser === "1") return call.reject(486);
    call.provisional(180);
    ringing.resolve();
  };
  const refused = await carrier.place({ from: "+15550100001", to: "1", persona: "person" });
  const gaveUp = await carrier.place({ from: "+15550100001", to: "2", persona: "does:listen then press 1" });
  await ringing.promise;
  carrier.giveUp(gaveUp);
  await until(() => carrier.callsOpen === 0, "both to be over");
  const [one, other] = [refused, gaveUp].map((callId) => carrier.books.toJSON().calls.find((call) => call.callId === callId));
  t.match(one, { placed: true, state: "rejected", finalStatus: 486, digitsSent: "" });
  t.match(other, { placed: true, state: "cancelled", finalStatus: 487, ringingAtMs: Number });
  await t.rejects(carrier.place({ from: "+15550100001", to: "1", persona: "busy" }), { code: "unknown-persona" });
  carrier.callsTo = undefined;
  await t.rejects(carrier.place({ from: "+15550100001", to: "1", persona: "person" }), { code: "calls-nowhere" });
});
