import { createSocket } from "node:dgram";
import { once } from "node:events";
import t from "tap";
import { cast, type PersonaName } from "../../src/lab/carrier/cast.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import type { OutgoingCall } from "../../src/lab/sip/outgoing-call.ts";
import { answered, host, numberOf, prompt, world } from "./carrier-kit.ts";

t.test("refusals carry their status and cause", async (t) => {
  const { carrier, dial, end: close, telephone } = await world(t);
  const phone = await telephone();
  for (const name of Object.keys(cast) as PersonaName[]) {
    const { ending } = cast[name];
    if (ending.kind !== "reject") continue;
    carrier.directory.setEverybody(name);
    const call = dial("+15550100123", phone.sdp());
    let early = "";
    call.onProvisional = (response) => {
      early += response.body;
    };
    const end = await call.final;
    t.equal(end.response.status, ending.status, name);
    t.equal(end.response.headers.get("reason"), `Q.850;cause=${ending.q850}`);
    t.equal(early !== "", name.startsWith("sit"));
    t.match(carrier.books.toJSON().calls.at(-1), { state: "rejected", finalStatus: ending.status, persona: name, answeredAtMs: null, endedBy: null });
  }
  carrier.directory.setEverybody(undefined);
  const away = await dial(numberOf("redirect"), phone.sdp()).final;
  t.equal(away.response.status, 302);
  t.equal(away.response.headers.get("contact"), `<sip:+15550199001@${host}:${carrier.sipPort}>`);
  const secure = await dial(numberOf("listener"), "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/SAVP 0\r\n").final;
  t.equal(secure.response.status, 488, "nobody speaks SRTP here");
  t.same(carrier.books.legsUp(), []);
  await close();
});

t.test("ringing ends by CANCEL or by Expires, and a CANCEL may be too late", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  const ringing = (call: OutgoingCall, status: number): Promise<string> =>
    new Promise((resolve) => {
      call.onProvisional = (response) => {
        if (response.status === status) resolve(response.body);
      };
    });

  const plain = dial(numberOf("no-answer"), (await telephone()).sdp());
  await ringing(plain, 180);
  t.match(carrier.books.legsUp(), [{ callId: plain.callId, state: "ringing" }]);
  plain.cancel();
  t.equal((await plain.final).response.status, 487);
  t.match(carrier.books.toJSON().calls[0], { state: "cancelled", finalStatus: 487, cancelledAtMs: Number, ringingAtMs: Number });

  const phone = await telephone();
  const early = dial(numberOf("no-answer-early-media"), phone.sdp());
  phone.connect(await ringing(early, 183));
  await phone.until((hearing) => hearing.soundMs >= 100);
  early.cancel();
  t.equal((await early.final).response.status, 487);
  const { packets } = phone.hearing;
  await phone.until((hearing) => hearing.packets >= packets + 50);
  t.pass("it goes on sending for a second and more");

  const expiring = dial(numberOf("no-answer"), (await telephone()).sdp(), { Expires: "1" });
  t.equal((await expiring.final).response.status, 487, "Expires ends the ringing");
  t.match(carrier.books.toJSON().calls.at(-1), { state: "rejected", finalStatus: 487, cancelledAtMs: null, expiresS: 1 });
  t.same(carrier.books.legsUp(), []);

  const crossing = dial(numberOf("crossing"), (await telephone()).sdp());
  await ringing(crossing, 180);
  crossing.cancel();
  const late = await answered(t, crossing);
  t.match(carrier.books.toJSON().calls.at(-1), { state: "up", finalStatus: 200, cancelledAtMs: Number });
  await late.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { state: "ended", endedBy: "caller" });

  const forkPhone = await telephone();
  const forked = dial(numberOf("fork"), forkPhone.sdp());
  const second = new Promise<SipDialog>((resolve) => {
    forked.onFork = resolve;
  });
  const first = await answered(t, forked);
  const other = await second;
  t.not(first.id, other.id);
  t.not(first.remoteSdp, other.remoteSdp, "two telephones, two ports");
  await other.bye();
  t.match(carrier.books.legsUp(), [{ callId: forked.callId, state: "up" }], "one of two is still up");
  await first.bye();
  const legs = carrier.books.call(forked.callId)?.legs ?? [];
  t.ok(legs.length === 2 && legs.every((leg) => leg.ackedAtMs !== undefined && leg.byeBy === "caller"));
  t.same(carrier.books.legsUp(), []);
  await end();
});

t.test("credentials, late offers, silence instead of an ACK", async (t) => {
  const { agent, carrier, dial, end, telephone } = await world(t, { timers: { t1Ms: 2 } });
  const phone = await telephone();
  const number = numberOf("challenge");
  t.equal((await dial(number, phone.sdp()).final).response.status, 407);
  t.equal((await dial(number, phone.sdp(), {}, { username: "carillon", password: "wrong" }).final).response.status, 403);
  const headers = { "X-Carillon-Attempt": "once" };
  const dialog = await answered(t, dial(number, phone.sdp(), headers, { username: "carillon", password: "secret" }));
  await dialog.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { invites: 2, state: "ended", finalStatus: 200 });
  t.equal(carrier.books.callsOf("once").length, 1, "an INVITE repeated with credentials is the same call");

  const late = await telephone();
  const offerless = agent.invite({
    uri: `sip:${numberOf("hasty")}@${host}:${carrier.sipPort};transport=tcp`,
    from: "<sip:1@carillon>",
    answerOffer: (offer) => {
      late.connect(offer);
      return late.sdp();
    },
  });
  const lateDialog = await answered(t, offerless);
  await late.say(prompt);
  await late.until((hearing) => hearing.digitsHeard === "1");
  await lateDialog.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { transport: "tcp", digitsSent: "1" });

  // An INVITE whose sender never acknowledges: the telephone gives up by itself.
  const mute = createSocket("udp4");
  mute.bind(0, host);
  await once(mute, "listening");
  t.teardown(() => mute.close());
  const { port } = mute.address();
  const lines = [
    `INVITE sip:${numberOf("listener")}@${host}:${carrier.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${port};rport;branch=z9hG4bK${port}`,
    "From: <sip:mute@lab>;tag=1",
    `To: <sip:${numberOf("listener")}@${host}>`,
    `Call-ID: mute-${port}`,
    "CSeq: 1 INVITE",
    `Contact: <sip:mute@${host}:${port}>`,
    "X-Carillon-Attempt: once",
    "Content-Type: application/sdp",
    "Max-Forwards: 70",
  ];
  const sdp = phone.sdp();
  const bye = new Promise<void>((resolve) => {
    mute.on("message", (bytes) => {
      if (bytes.toString().startsWith("BYE ")) resolve();
    });
  });
  const invite = `${lines.join("\r\n")}\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
  mute.send(invite, carrier.sipPort, host);
  mute.send(invite, carrier.sipPort, host);
  await bye;
  const record = carrier.books.call(`mute-${port}`);
  t.match(record, { invites: 1, retransmissions: 1, legs: [{ byeBy: "carrier" }] });
  t.equal(record?.legs[0]?.ackedAtMs, undefined);
  t.same(carrier.books.dialledTwice(), ["once"], "another Call-ID for the same attempt is a second call");
  t.same(carrier.books.legsUp(), []);
  await end();
});
