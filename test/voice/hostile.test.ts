import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";

/* What a hostile or broken far side may answer. Whatever it is, the attempt ends, nothing stays open and the process lives. */

const fine = (port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

/** Answers with this SDP, and hangs up when it hears nothing of us for a while. */
const sdps: readonly (string | undefined)[] = [
  undefined,
  "",
  "garbage",
  "v=0\r\n",
  "\0\x01\x02\xff",
  fine(0),
  fine(99_999),
  fine(-1),
  fine(40_000).replace("RTP/AVP 0", "RTP/SAVP 0"),
  fine(40_000).replace("RTP/AVP 0", "RTP/AVP 97").replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:97 AMR/8000"),
  fine(40_000).replaceAll("IN IP4 127.0.0.1", "IN IP6 ::1"),
  fine(40_000).replaceAll("127.0.0.1", "no.such.host.invalid"),
  fine(40_000).replaceAll("127.0.0.1", "0.0.0.0"),
  fine(40_000).replace("m=audio", "m=video"),
  `${fine(40_000)}a=${"x".repeat(30_000)}\r\n`,
  fine(40_000).repeat(20),
  fine(40_000).replaceAll("\r\n", "\n"),
  `${fine(40_000)}a=sendrecv\napi hupall\n\n`,
];

const rejections: readonly (readonly [number, string | undefined, Readonly<Record<string, string>>])[] = [
  [486, "x".repeat(5000), {}],
  [486, "Busy % 50%zz", { Reason: ";;;=,Q.850;cause=99999999999999" }],
  [699, undefined, { Reason: 'Q.850;cause="17"' }],
  [305, undefined, { Contact: "<sip:evil@127.0.0.1>" }],
  [401, undefined, { "WWW-Authenticate": "Digest" }],
  [407, undefined, { "Proxy-Authenticate": 'Digest realm="' }],
  [407, undefined, {}],
  [420, undefined, { Unsupported: "100rel" }],
];

t.setTimeout(280_000);

t.test("no answer of the far side breaks anything", async (t) => {
  const answers: ((call: IncomingCall) => void)[] = [
    ...sdps.map((sdp) => (call: IncomingCall) => {
      call.provisional(180);
      call.answer(sdp).then((dialog) => systemClock.after(300, () => dialog?.bye()));
    }),
    ...sdps.map((sdp) => (call: IncomingCall) => {
      call.provisional(183, undefined, sdp === undefined ? {} : { sdp });
      call.reject(480);
    }),
    ...rejections.map(
      ([status, phrase, headers]) =>
        (call: IncomingCall) =>
          call.reject(status, phrase, headers),
    ),
    // Hangs up the moment it has answered, and before our answer to its answer can have been worked on.
    (call) => void call.answer(fine(40_002)).then((dialog) => dialog?.bye()),
    (call) => {
      for (let ring = 0; ring < 200; ring += 1) call.provisional(180 + (ring % 4));
      call.reject(600);
    },
  ];
  const callee = new SipAgent({
    clock: systemClock,
    random: seededRandom(seed),
    host: "127.0.0.1",
    port: 0,
    transports: ["udp", "tcp"],
    timers: { t1Ms: 50 },
  });
  await callee.listen();
  let turn = 0;
  callee.onInvite = (call) => (answers[turn++ % answers.length] ?? (() => call.reject(500)))(call);
  const server = await openServer(t, {}, { port: callee.port, transport: "tcp" });
  const numbers = answers.map((_, index) => numberOf(`+1612555${String(1000 + index)}`));
  const attempts = await run(server, await loadCampaign(server, "hostile", numbers, { maxCps: 50, maxLines: 20 }));
  t.equal(attempts.length, answers.length);
  for (const { address, state, result, reason } of attempts)
    t.ok(state === "ended" && result !== undefined, `${address}: ${result} (${reason}) (seed ${seed})`);
  await until(() => callee.counts.dialogs === 0, `no dialog to be left at the far side (seed ${seed})`);
  await noLeaks(t, server);
  await server.close();
  await callee.close();
});
