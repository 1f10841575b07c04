import t from "tap";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import type { IncomingCall } from "../../src/voice/inbound-ports.ts";
import { ringAddress } from "../../src/voice/invite-session.ts";
import { inTime, until } from "../harness/far-side.ts";
import { hears, medium, overEach, second, seed, setUp, short, third } from "./media-kit.ts";

/*
 * Calls with their sound, as one side or the other offers it: what FreeSWITCH says to that, over SIP and RTP. Runs against the lab, and against real daemons as
 * media.test.ts does.
 */

t.setTimeout(280_000);

const g729 = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n";

overEach("offers and answers", (t, far, node) => {
  t.test("the caller hears us, also after its media have moved, and what it offers must be spoken", async (t) => {
    const { connection, media, newTelephone } = await setUp(t, far, node);
    const signalling = new DrachtioSignalling(connection, far.clock, silentLog);
    const caller = new SipAgent({ clock: far.clock, random: seededRandom(seed + 9), host: "127.0.0.1", port: 0 });
    await caller.listen();
    t.teardown(() => caller.close());
    const told: IncomingCall[] = [];
    signalling.takeCalls("drachtio-1", (call) => {
      call.ring();
      told.push(call);
    });
    await signalling.endDialog("nobody;from-tag=1");
    const place = async (sdp: string | undefined, answerOffer?: (offer: string) => string) => {
      const placed = caller.invite({
        uri: `sip:+12125550100@127.0.0.1:${far.sipPort}`,
        from: "<sip:+15550100123@127.0.0.1>",
        sdp,
        ...(answerOffer && { answerOffer }),
      });
      await until(() => told.length > 0, "the call");
      const call = told.pop();
      if (!call) throw new Error("no call");
      return { placed, call };
    };

    const [first, moved] = [await newTelephone(), await newTelephone()];
    const { placed, call } = await place(first.sdp());
    const endpoint = await media.open();
    const accepted = await call.answer(await endpoint.attach(call.offer ?? ""), (offer) => endpoint.attach(offer));
    const end = await placed.final;
    if (!end.ok || !accepted) return t.fail("not answered");
    first.connect(end.dialog.remoteSdp);
    t.equal(await endpoint.play([short, medium]), "played");
    await until(() => hears(first, medium.pcm), "the prompt");
    await first.say(third.pcm);
    await until(async () => (await endpoint.packetsReceived()) > 20, "the caller to be heard");

    const answer = await end.dialog.reinvite(moved.sdp());
    t.equal(answer.status, 200);
    moved.connect(answer.body);
    t.equal(await endpoint.play([second]), "played");
    await until(() => hears(moved, second.pcm), "the prompt where the media have moved to");
    await accepted.dialog.end();
    await endpoint.close();

    // The other way round: we offer, and the answer comes with the ACK.
    const late = await newTelephone();
    const offerless = await place(undefined, (offer) => {
      late.connect(offer);
      return late.sdp();
    });
    const other = await media.open();
    const taken = await offerless.call.answer(other.localSdp, (offer) => other.attach(offer));
    await other.attach((await taken?.sdp) ?? "");
    t.equal(await other.play([short]), "played");
    await until(() => hears(late, short.pcm), "the prompt");
    await taken?.dialog.end();
    await other.close();

    const refused = await place(g729);
    const unused = await media.open();
    await t.rejects(unused.attach(refused.call.offer ?? ""), { code: "media-refused" });
    refused.call.refuse(488);
    t.match(await refused.placed.final, { ok: false, response: { status: 488 } });
    await unused.close();
  });

  t.test("whom we call hears us, also after their media have moved, by an offer of theirs or by an answer to ours", async (t) => {
    const { connection, media, newTelephone } = await setUp(t, far, node);
    const signalling = new DrachtioSignalling(connection, far.clock, silentLog);
    const callee = new SipAgent({ clock: far.clock, random: seededRandom(seed + 10), host: "127.0.0.1", port: 0 });
    const called = Promise.withResolvers<SipDialog>();
    const [first, moved, again] = [await newTelephone(), await newTelephone(), await newTelephone()];
    callee.onInvite = async (call) => {
      const dialog = await call.answer(first.sdp());
      if (dialog) called.resolve(dialog);
    };
    await callee.listen();
    t.teardown(() => callee.close());
    const endpoint = await media.open();
    await t.rejects(endpoint.attach(""), { code: "media-refused" }, "who says nothing of their sound is not left in silence");
    const place = { uri: `sip:+12125550100@127.0.0.1:${callee.port}`, from: "sip:+15550100000@127.0.0.1", ringTimeoutMs: 15_000, headers: {} };
    const ringing = ringAddress(signalling, far.clock, { ...place, leg: signalling.nameLeg() }, endpoint, { sent() {}, ringing() {} });
    const rung = await inTime(ringing.end, "it to be answered");
    if (!rung.answered) return t.fail("not answered");
    await endpoint.attach(rung.sdp);
    first.connect(endpoint.localSdp);
    t.equal(await endpoint.play([short, medium]), "played");
    await until(() => hears(first, medium.pcm), "the prompt");
    const there = await called.promise;
    const answer = await there.reinvite(moved.sdp());
    t.equal(answer.status, 200);
    moved.connect(answer.body);
    t.equal(await endpoint.play([second]), "played");
    await until(() => hears(moved, second.pcm), "the prompt where the media have moved to");
    const held = await there.reinvite(moved.sdp("sendonly"));
    t.match([held.status, held.body], [200, /^a=recvonly/m]);
    let offered = "";
    await there.reinvite(undefined, {
      answerOffer: (offer) => {
        offered = offer;
        return again.sdp();
      },
    });
    again.connect(offered);
    const heard = async () => {
      await endpoint.play([short]);
      return hears(again, short.pcm);
    };
    await until(heard, "the prompt where they have moved to with their ACK");
    await rung.dialog.end();
    await endpoint.close();
  });
});
