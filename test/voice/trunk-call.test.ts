import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { SipNote } from "../../src/attempt/ladder.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { buildSdp } from "../../src/lab/media/sdp.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { placeTrunkCall } from "../../src/start/trunk-call.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import type { Trunk } from "../../src/voice/trunk.ts";
import { judgeTrunk } from "../../src/voice/trunk-verdict.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { numberOf } from "./calls-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.comment(`TEST_SEED=${seed}`);
const prompt = { path: fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url)), durationMs: 3500 };
const host = "127.0.0.1";

const personas = {
  presses: "presses:1",
  listens: "listener",
  busy: "busy",
  unknown: "bad-number",
  forbidden: "rejects:403",
  codec: "rejects:488",
  full: "congestion",
};
const more = { challenges: "challenge", rings: "no-answer", waits: "no-progress" };
const names = Object.keys({ ...personas, ...more });
const numberFor = (name: string) => numberOf(`+1212555${1000 + names.indexOf(name)}`);

t.test("a call over a trunk tells what it sees, and what is wrong", async (t) => {
  t.setTimeout(280_000);
  const cast = Object.fromEntries(Object.entries({ ...personas, ...more }).map(([name, persona]) => [numberFor(name), persona]));
  const far = await openFarSide({ seed, personas: { numbers: cast } });
  const near = await openNearSide(far);
  const pool = new EndpointPool(near.media, { maxOpening: 20, idleMs: 1000 }, far.clock, silentLog);
  const parts = { signalling: near.signalling, pool, clock: far.clock, log: silentLog };
  const told = new Map<string, string[]>();

  const judge = async (name: string, over: Partial<Trunk> = {}, ringTimeoutMs = 20_000) => {
    const { username: _user, password: _password, ...plain } = far.trunk;
    const trunk = { ...plain, ...over };
    const steps: string[] = [];
    told.set(name, steps);
    const show = (step: SipNote | string) => steps.push(typeof step === "string" ? step : (step.method ?? String(step.status)));
    const call = {
      trunk,
      to: numberFor(names.includes(name) ? name : "listens"),
      callerId: "+12125550100",
      headers: {},
      ringTimeoutMs,
      prompts: [prompt],
      show,
    };
    return judgeTrunk(trunk, await placeTrunkCall(parts, call), Math.round(ringTimeoutMs / 1000));
  };

  const deaf = createSocket("udp4").bind(0, host);
  await once(deaf, "listening");
  t.teardown(() => deaf.close());
  const mute = new SipAgent({ clock: far.clock, random: seededRandom(seed), host, port: 0 });
  await mute.listen();
  t.teardown(() => mute.close());
  mute.onInvite = (call) =>
    void call.answer(
      buildSdp({ host, port: deaf.address().port, laws: ["PCMU"], eventPayloadType: 101, direction: "sendrecv", sessionId: 1, version: 1 }),
    );

  const [both, heard, ...failed] = await Promise.all([
    judge("presses"),
    judge("listens"),
    judge("busy"),
    judge("unknown"),
    judge("forbidden"),
    judge("codec"),
    judge("full"),
    judge("challenges"),
    judge("rings", {}, 1500),
    judge("waits", {}, 1500),
    judge("wrong password", { username: "carillon", password: "wrong" }).then(() => judge("challenges", { username: "carillon", password: "wrong" })),
    judge("deaf", { port: deaf.address().port }),
    judge("nobody", { port: await portForAnother(), transport: "tcp" }),
    judge("nowhere", { host: "no.such.invalid" }),
    judge("mute", { port: mute.port }),
  ]);
  t.same(both, { works: true, text: "The trunk works: the call was answered, and sound goes both ways." });
  t.match(heard, { works: true, text: /sound comes in\. Whether we are heard was not shown/ });
  t.same(
    failed.filter(({ works }) => works),
    [],
  );
  t.match(
    failed.map(({ text }) => text),
    [
      /^486 Busy Here; Q\.850 17: the person is busy\./,
      /^404 .*the number does not exist\. Check the number and the trunk's numberFormat/,
      /^403 .*refuses this call\. Check that our address is allowed, the caller id/,
      /^488 .*no codec in common/,
      /^503 .*Check the trunk's maxCps and maxChannels/,
      /^407 .*wants credentials\. Set username and password of the trunk/,
      /^It rang for 2 s and nobody answered\. The trunk carries calls/,
      /^The carrier took the call and it did not ring within 2 s\./,
      /^403 .*after we gave credentials: username or password of the trunk are wrong/,
      /^Nothing came back from 127\.0\.0\.1 port \d+ over udp\. Check .*firewall/,
      /^Nothing listens at 127\.0\.0\.1 port \d+ over tcp\./,
      /^drachtio-server does not find no\.such\.invalid in the DNS\. Check the host/,
      /no sound came in from 127\.0\.0\.1: one-way audio\. .*ext-rtp-ip/,
    ],
  );
  const steps = told.get("presses") ?? [];
  t.same(
    steps.filter((step) => !/^(media|Call-ID)/.test(step)),
    ["INVITE", "180", "200", "ACK", "BYE", "200"],
  );
  for (const step of [/^media: a session on FreeSWITCH/, /^Call-ID [0-9a-f]+$/, /RTP comes in$/, /a key was pressed, so we are heard$/])
    t.ok(
      steps.some((line) => step.test(line)),
      `${step}`,
    );
  await pool.close();
  await until(() => near.media.sessions === 0 && near.signalling.open === 0, "everything to be released here");
  await until(() => far.leaks().length === 0, `everything to be released there: ${far.leaks().join("; ")}`);
  await near.close();
  await far.close();
});

t.test("without TLS on the other side the certificate is named", async (t) => {
  const failure = { status: 503, phrase: "Service Unavailable", madeUp: true } as const;
  const trunk = { ...({ name: "a", host: "sip.example", port: 5061, transport: "tls" } as Trunk) };
  const end = {
    rung: { answered: false, failure, rang: false, earlyMedia: false } as const,
    notes: [{ sent: true, method: "INVITE" }],
    packetsIn: 0,
    key: false,
  };
  t.match(judgeTrunk(trunk, end, 30), { works: false, text: /^No TLS connection to sip\.example port 5061.*certificate/ });
});
