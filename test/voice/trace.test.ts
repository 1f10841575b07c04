import t from "tap";
import { describeSdp, ladderText } from "../../src/attempt/ladder.ts";
import type { Orphan } from "../../src/attempt/recovery-ports.ts";
import type { Caller, CollectRequest } from "../../src/ivr/ports.ts";
import { aftermathOf } from "../../src/voice/aftermath.ts";
import type { Signalling } from "../../src/voice/ports.ts";
import { adviceOn } from "../../src/voice/sip-advice.ts";
import { Trace, traceCaller } from "../../src/voice/trace-session.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

const leg = { name: "trunk a", callId: "c", from: "sip:a@b", to: "sip:c@d" };

t.test("a ladder is bounded: its beginning and its end stay", async (t) => {
  const trace = new Trace(new VirtualClock(1000));
  trace.media("endpoint");
  t.equal(trace.take(), undefined, "nothing has left");
  const number = trace.begin(leg);
  for (let index = 0; index < 1000; index += 1) trace.sip(number, { sent: true, method: "INFO", cseq: `${index} INFO` });
  const ladder = trace.take();
  t.match(ladder, { startedAt: 1000, legs: [{ leg: 1, callId: "c" }], leftOut: 1001 - 160 });
  t.equal(ladder?.rungs.length, 160);
  t.match(ladder?.rungs.at(118), { sip: { cseq: "117 INFO" } });
  t.match(ladder?.rungs.at(120), { sip: { cseq: "960 INFO" } });
  t.match(ladder?.rungs.at(-1), { sip: { cseq: "999 INFO" } });
  t.equal(trace.take(), undefined, "nothing is told twice");
  trace.hangUp("them");
  trace.hangUp("us");
  t.match(trace.take(), { startedAt: 1000, legs: [], leftOut: 0, rungs: [{ leg: 1, media: { event: "hang-up", text: "by the person called" } }] });
});

t.test("of a leg of a dead process that is gone, it is told that it was, though nothing was sent", async (t) => {
  const clock = new VirtualClock(5000);
  const legIds = { callId: "c", dialogId: "c;from-tag=f" };
  const orphan: Orphan = {
    attemptId: "7",
    campaignId: "1",
    state: "answered",
    legIds,
    told: { address: "+12125550100", trunk: "a" },
    peer: undefined,
  };
  const aftermath = aftermathOf(orphan, { endDialog: async () => "gone" } as unknown as Signalling, clock);
  t.equal(aftermath.take(), undefined, "nothing is told where nothing was done");
  await clock.advance(40);
  t.equal(await aftermath.signalling.endDialog("c;from-tag=f"), "gone");
  aftermath.note("its leg was gone already");
  t.match(aftermath.take(), {
    startedAt: 5000,
    legs: [{ leg: 1, name: "trunk a", callId: "c", to: "+12125550100" }],
    rungs: [{ ms: 40, leg: 1, media: { event: "taken-over", text: "its leg was gone already" } }],
  });
});

t.test("keys are told, secret ones by their number", async (t) => {
  const trace = new Trace(new VirtualClock(0));
  trace.sip(trace.begin(leg), { sent: true, method: "INVITE" });
  const typed = { end: "digits", digits: "4711" } as const;
  const caller = traceCaller({ collect: async () => typed } as unknown as Caller, trace);
  const request: CollectRequest = { prompts: [], minDigits: 1, maxDigits: 4, firstDigitMs: 1, interDigitMs: 1, terminators: "", bargeIn: true };
  t.same(await caller.collect(request), typed);
  t.same(await caller.collect({ ...request, secret: true }), typed);
  const texts = trace.take()?.rungs.flatMap((rung) => ("media" in rung ? [rung.media.text] : []));
  t.same(texts, ["4711", "4 keys, secret"]);
});

t.test("what the far side writes becomes one short line", async (t) => {
  const sdp =
    "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 8 96 101\r\na=rtpmap:96 opus/48000\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n";
  t.equal(describeSdp(sdp), "audio 10.0.0.1:4000 PCMA,opus,telephone-event sendonly");
  t.equal(describeSdp("m=audio 9 x 0"), "audio ?:9 PCMU sendrecv");
  t.equal(describeSdp("v=0"), "no media line");
  t.equal(describeSdp(""), undefined);
  t.equal(ladderText(`a\r\nb\0${"x".repeat(1000)}`).length <= 200, true);
  t.equal(ladderText("a\r\n\u001bb"), "a b");
});

t.test("every status of a refusal is explained", async (t) => {
  for (let status = 100; status < 300; status += 1) t.equal(adviceOn(status), undefined);
  for (let status = 300; status < 700; status += 1) {
    const { meaning = "", advice = "" } = adviceOn(status) ?? {};
    if (meaning === "" || !/[.:].*/.test(advice)) t.fail(`${status} has no advice`);
  }
  for (const status of [403, 404, 408, 480, 484, 488, 503, 603, 608])
    t.notSame(adviceOn(status), adviceOn(status - (status % 100) + 99), `${status} has its own`);
  t.equal(adviceOn(999), undefined);
});
