import t from "tap";
import { DrachtioFleet } from "../../src/adapter/drachtio/fleet.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import type { IncomingCall } from "../../src/voice/inbound-ports.ts";
import { until } from "../harness/far-side.ts";

const host = "127.0.0.1";
const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

t.test("of several drachtio-servers each brings calls under its own name, and a drained one says that it is to be refused", async (t) => {
  const common = { clock: systemClock, log: silentLog, host };
  const labs = [1, 2].map(
    (at) => new LabDrachtio({ ...common, random: seededRandom(at), adminPort: 0, sipPort: 0, secret: "s", timers: { t1Ms: 50 } }),
  );
  await Promise.all(labs.map((lab) => lab.listen()));
  const servers = labs.map((lab, at) => ({ name: `d-${at + 1}`, host, port: lab.adminPort, secret: "s" }));
  const fleet = new DrachtioFleet(servers, systemClock, silentLog);
  await fleet.connect();
  const caller = new SipAgent({ clock: systemClock, random: seededRandom(7), host, port: 0, timers: { t1Ms: 50 } });
  await caller.listen();
  t.teardown(async () => {
    await fleet.close();
    await caller.close();
    await Promise.all(labs.map((lab) => lab.close()));
  });
  const told: IncomingCall[] = [];
  fleet.takeCalls((call, draining) => {
    if (draining) return call.refuse(503, undefined, { "Retry-After": "60" });
    call.watch(() => {});
    call.ring();
    told.push(call);
  });
  await fleet.endDialog("nobody;from-tag=1");
  for (const [at, lab] of labs.entries()) {
    const placed = caller.invite({ uri: `sip:+12125550100@${host}:${lab.sipPort}`, from: "<sip:+15550100123@127.0.0.1>", sdp });
    await until(() => told.length > 0, "the call");
    const call = told.pop();
    t.match(call, { via: `d-${at + 1}`, dialogId: new RegExp(`^d-${at + 1}/${placed.callId}`), callId: placed.callId, source: { address: host } });
    const accepted = await call?.answer(sdp, async () => sdp);
    const end = await placed.final;
    if (!end.ok || !accepted) return t.fail("not answered");
    t.equal(accepted.dialog.id, call?.dialogId);
    t.equal(await fleet.endDialog(accepted.dialog.id), "ended", "by its name, from anywhere");
    t.equal(await end.dialog.ended, "remote");
    await accepted.dialog.end();
  }
  fleet.drain("d-2", true);
  const refused = await caller.invite({ uri: `sip:+12125550100@${host}:${labs[1]?.sipPort}`, from: "<sip:+15550100123@127.0.0.1>", sdp }).final;
  t.equal(refused.response.status, 503);
  t.ok(refused.response.headers.get("retry-after"));
});
