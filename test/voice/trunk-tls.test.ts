import { X509Certificate } from "node:crypto";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabCarrier } from "../../src/lab/carrier/lab-carrier.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { selfSigned, type TlsIdentity } from "../../src/lab/sip/certificate.ts";
import type { TransportName } from "../../src/lab/sip/transport.ts";
import { openTelephony } from "../../src/start/telephony.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { TrunkWatch } from "../../src/voice/trunk-watch-engine.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const host = "127.0.0.1";
const secret = "tls-test";

t.test("a certificate of the lab is good for its address, and signed by itself", async (t) => {
  for (const year of [2026, 2049, 2050]) {
    const now = Date.UTC(year, 6, 1);
    const certificate = new X509Certificate(selfSigned(host, now).cert);
    t.ok(certificate.verify(certificate.publicKey));
    t.equal(certificate.checkIP(host), host);
    t.equal(certificate.checkHost("localhost"), "localhost");
    t.ok(Date.parse(certificate.validFrom) < now && now < Date.parse(certificate.validTo), String(year));
  }
});

t.test("calls over TLS: answered, hung up by either side, refused, rung in vain", async (t) => {
  const people = {
    "+12125550401": "hasty",
    "+12125550402": "hangs-up",
    "+12125550403": "busy",
    "+12125550404": "early-media",
    "+12125550405": "challenge",
  };
  const server = await openServer(
    t,
    people,
    {},
    { moreTrunks: ({ carrier, trunk }) => [{ ...trunk, name: "tls", port: carrier.tlsPort, transport: "tls" }] },
  );
  const campaign = await loadCampaign(server, "tls", Object.keys(people).map(numberOf), undefined, undefined, undefined, "tls");
  const attempts = await run(server, campaign);
  t.same(
    Object.keys(people).map((number) => attempts.find(({ address }) => address === number)?.result),
    ["human", "human", "busy", "human", "human"],
    `seed ${seed}`,
  );
  const { calls } = server.far.carrier.books;
  t.equal(calls.length, 5);
  t.ok(
    calls.every(({ transport }) => transport === "tls"),
    "not a word of it in clear",
  );
  await noLeaks(t, server);
  await server.close();
});

/** Trunks over one drachtio-server and one carrier, watched. Calls are not placed, so there is no FreeSWITCH. */
async function openWatched(t: Test, transports: readonly TransportName[], ours: TlsIdentity, theirs: TlsIdentity, trust: string) {
  const common = { clock: systemClock, random: seededRandom(seed), host, timers: { t1Ms: 100 } };
  const drachtio = new LabDrachtio({
    ...common,
    log: silentLog,
    adminPort: 0,
    sipPort: 0,
    secret,
    transports,
    tls: { identity: ours, trust, port: 0 },
  });
  const carrier = new LabCarrier({ ...common, sipPort: 0, tls: { identity: theirs, port: 0 } });
  await drachtio.listen();
  await carrier.listen();
  const address = { host, port: drachtio.adminPort, secret };
  const near = await openTelephony({ drachtio: address, freeswitch: [], node: { name: "tls-test" } }, systemClock, silentLog, true);
  const trunk = trunkTo(
    "tls",
    { sipPort: carrier.tlsPort },
    { transport: "tls", register: true, username: "carillon", password: "secret", downAfter: 1 },
  );
  const trunks = new Trunks([trunk, { ...trunk, name: "plain", register: false }], [], systemClock);
  const watch = new TrunkWatch({ trunks, requests: near.trunkRequests, clock: systemClock, log: silentLog });
  t.teardown(async () => {
    await watch.close();
    await near.close();
    await drachtio.close();
    await carrier.close();
  });
  const [registered, plain] = trunks.all;
  if (!registered || !plain) throw new Error("no trunks");
  return { registered, plain, carrier, drachtio };
}

t.test("OPTIONS and REGISTER over TLS, to a carrier whose certificate is accepted", async (t) => {
  const theirs = selfSigned(host, Date.now());
  const { registered, plain, carrier, drachtio } = await openWatched(t, ["tls", "udp"], selfSigned(host, Date.now()), theirs, theirs.cert);
  await until(() => registered.up && registered.state.proven && plain.state.proven, "both to be answered");
  t.match(
    carrier.registrar.requests[0]?.contact,
    new RegExp(`<sip:carillon@127\\.0\\.0\\.1:${drachtio.tlsPort};transport=tls>`),
    "reached by TLS again",
  );
  t.equal(drachtio.counts.connections, 1, "all of it over one connection");
});

t.test("a certificate that is not accepted takes the trunk down, and is named as what it may be", async (t) => {
  const ours = selfSigned(host, Date.now());
  const { registered, plain, carrier } = await openWatched(t, ["tls", "udp"], ours, selfSigned(host, Date.now()), ours.cert);
  await until(() => !plain.up && registered.state.refusals > 0, "both to fail");
  t.match(plain.state.note, /^OPTIONS: no TLS connection: .*certificate/);
  t.match(registered.state.note, /: no TLS connection: .*certificate/);
  t.equal(carrier.registrar.optionsSeen, 0);
});

t.test("a drachtio-server that does not speak TLS is named as what is in the way", async (t) => {
  const ours = selfSigned(host, Date.now());
  const { registered, plain } = await openWatched(t, ["udp", "tcp"], ours, ours, ours.cert);
  await until(() => !plain.up && registered.state.refusals > 0, "both to fail");
  t.match(plain.state.note, /OPTIONS: drachtio-server does not speak the trunk's transport: add a <contact>/);
});

t.test("a trunk whose transport is missing hands its calls on", async (t) => {
  const spare = await openCarrier(t, "busy");
  const member = (name: string, priority: number) => ({ name, priority, weight: 1 });
  const route = { name: "all", maxTries: 2, trunks: [member("nobody", 1), member("spare", 2)] };
  const more = () => [trunkTo("nobody", { sipPort: 9 }, { transport: "tls" }), trunkTo("spare", spare)];
  const server = await openServer(t, {}, {}, { moreTrunks: more, routes: [route] });
  const numbers = ["+13125550001", "+13125550002"].map(numberOf);
  const attempts = await run(server, await loadCampaign(server, "handed on", numbers, undefined, undefined, undefined, "all"));
  t.same(
    attempts.map(({ result }) => result),
    ["busy", "busy"],
  );
  t.equal(spare.books.calls.length, 2);
  await noLeaks(t, server);
  await server.close();
});
