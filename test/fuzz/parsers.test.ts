import { createSocket } from "node:dgram";
import { once } from "node:events";
import t from "tap";
import { auditable } from "../../src/access/audit.ts";
import { readCapture } from "../../src/adapter/drachtio/capture.ts";
import { readReason } from "../../src/adapter/drachtio/failure.ts";
import { Forks } from "../../src/adapter/drachtio/forks.ts";
import { malformed } from "../../src/adapter/drachtio/incoming.ts";
import { outside } from "../../src/adapter/drachtio/outside.ts";
import { type RequestOptions, readSip, type SipIncoming, type SipMessage, type Srf } from "../../src/adapter/drachtio/srf.ts";
import { readCollected } from "../../src/adapter/freeswitch/digits.ts";
import { parseHeaders, readEvent } from "../../src/adapter/freeswitch/event.ts";
import { readHeartbeat } from "../../src/adapter/freeswitch/heartbeat.ts";
import type { EslEvent } from "../../src/adapter/freeswitch/modesl.ts";
import { TapStream } from "../../src/adapter/freeswitch/tap-stream.ts";
import { describeSdp, ladderText } from "../../src/attempt/ladder.ts";
import { DateFormats } from "../../src/contact/sheet.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { intBetween, pick } from "../../src/kernel/random.ts";
import { EslReader } from "../../src/lab/freeswitch/esl-frame.ts";
import { RtpSocket } from "../../src/lab/media/rtp-socket.ts";
import { parseSdp } from "../../src/lab/media/sdp.ts";
import { masked } from "../../src/privacy/mask.ts";
import { offeredTo } from "../../src/voice/codec.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { eslMessages, hep, request, response, rtp, sdp } from "./corpus.ts";
import { Mutator, seed, survives } from "./mutate.ts";

t.comment(`TEST_SEED=${seed}`);
t.setTimeout(280_000);

const sips = [response(200, "OK"), response(183, "Session Progress"), response(486, "Busy Here"), request("BYE"), request("INVITE", {}, sdp)];

t.test("2,500 SIP messages: read, told of, answered", async (t) => {
  const mutator = new Mutator(1);
  const sent: string[] = [];
  const srf = {
    request: ({ method }: RequestOptions, done: (error: Error | null) => void) => done(sent.push(method) ? null : null),
  } as unknown as Srf;
  const clock = new VirtualClock(0);
  const forks = new Forks(srf, clock, silentLog);
  const from = { host: "127.0.0.1", port: 5070, transport: "udp" } as const;
  const next = () => mutator.text(pick(mutator.random, sips));
  const found = survives(2500, next, (input) => {
    const text = String(input);
    forks.watch("abc", "f");
    forks.take({ text, from });
    forks.finish("abc");
    const message = readSip(text);
    if (!message) return;
    readReason(message.get("Reason"));
    outside("BYE", { message, from });
    ladderText(String(message.get("CSeq")));
    if (ladderText(text).length > 200) throw new Error("too long a line");
  });
  t.equal(found, undefined);
  t.ok(sent.includes("ACK") && sent.includes("BYE"), "some still were answers that nobody wanted");
  await clock.advance(40_000);
  forks.watch("other", "f");
  t.equal(forks.size, 1, "nothing of them is kept");
});

t.test("1,000 copies of messages", async (t) => {
  const mutator = new Mutator(2);
  const originals = sips.map(hep);
  const found = survives(
    1000,
    () => mutator.bytes(pick(mutator.random, originals)),
    (input) => readCapture(Buffer.from(input)),
  );
  t.equal(found, undefined);
});

t.test("1,500 session descriptions", async (t) => {
  const mutator = new Mutator(3);
  const found = survives(
    1500,
    () => mutator.text(sdp),
    (input) => {
      const text = String(input);
      if ((describeSdp(text)?.length ?? 0) > 200) throw new Error("too long a line");
      parseSdp(text);
      offeredTo(["PCMA", "PCMU"], text);
    },
  );
  t.equal(found, undefined);
});

t.test("1,500 messages of an event socket", async (t) => {
  const mutator = new Mutator(4);
  const collect = { prompts: [], minDigits: 1, maxDigits: 4, firstDigitMs: 1, interDigitMs: 1, terminators: "", bargeIn: true };
  const found = survives(
    1500,
    () => mutator.text(pick(mutator.random, eslMessages)),
    (input) => {
      const [head = "", body] = String(input).split("\n\n");
      const event = readEvent(parseHeaders(head), body) as EslEvent | undefined;
      if (event) {
        readHeartbeat(event, 1);
        readCollected(event, collect);
      }
      new EslReader().push(Buffer.from(String(input)));
    },
  );
  t.equal(found, undefined);
});

t.test("2,000 RTP packets: those of a tap make sound of a bounded length, and the lab's socket goes on hearing", async (t) => {
  const mutator = new Mutator(5);
  const clock = new VirtualClock(0);
  const stream = new TapStream(clock);
  let frames = 0;
  stream.listen((frame) => {
    frames += 1;
    if (frame.length !== 160) throw new Error(`a frame of ${frame.length} samples`);
  });
  const packet = (index: number) => mutator.bytes(rtp(index, intBetween(mutator.random, 0, 2) === 0));
  const found = survives(1000, packet, (input) => stream.packet(Buffer.from(input)));
  t.equal(found, undefined);
  t.ok(frames < 1000 * 260, `${frames} frames`);
  stream.stop();

  const socket = new RtpSocket({ host: "127.0.0.1", random: mutator.random });
  await socket.open();
  let heard = Promise.withResolvers<void>();
  socket.onPacket = (_type, sequence, timestamp, _marker, payload) => {
    if (sequence === 4711 && timestamp === 4711 * 160 && payload.length === 160) heard.resolve();
  };
  const sender = createSocket("udp4");
  for (let index = 0; index < 1000; index += 1) {
    sender.send(packet(index), socket.port, "127.0.0.1");
    // Not more at once than a socket holds.
    if (index % 50 !== 49) continue;
    heard = Promise.withResolvers<void>();
    sender.send(rtp(4711), socket.port, "127.0.0.1");
    await heard.promise;
  }
  t.ok(socket.hostilePackets > 0, `${socket.hostilePackets} were none`);
  await socket.close();
  sender.close();
  await once(sender, "close");
});

t.test("a million characters that nearly fit are done with at once, whoever sends them", async (t) => {
  const long = (piece: string) => piece.repeat(1_000_000 / piece.length);
  // What takes twice as long for each character more would not come to its end within a day.
  for (const piece of ["a", "a%", "--", "sip:", "sip:1", "tel:1", "1"])
    t.type(masked(long(piece), { hides: new Set(["numbers", "mailboxes"] as const), sensitive: new Set() }), "string", `an e-mail of ${piece}`);
  for (const piece of ["A", "a:", "a://", "a://a:"]) t.ok(auditable({ content: long(piece) }), `an attachment of ${piece}`);
  const from = { host: "127.0.0.1", port: 5070, transport: "udp" } as const;
  for (const piece of [" ", "<", "a,<", '"', '",']) {
    const message = { get: (name: string) => (name === "cseq" ? "1 INVITE" : long(piece)) } as unknown as SipMessage;
    t.equal(outside("ACK", { message, from }).uri, "sip:127.0.0.1:5070", `routes of ${piece}`);
    const request = { get: (name: string) => ({ "Call-ID": "1", From: "<sip:a@b>;tag=1", To: "<sip:b@b>", Contact: long(piece) })[name] };
    t.same(malformed(request as unknown as SipIncoming), { status: 400 }, `a contact of ${piece}`);
  }
  const formats = new DateFormats();
  for (const piece of ["[", '"', "\\"]) formats.open("numFmt", () => long(piece));
});
