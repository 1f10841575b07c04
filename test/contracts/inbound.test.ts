import t, { type Test } from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { SipNote } from "../../src/attempt/ladder.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { InviteOptions } from "../../src/lab/sip/outgoing-call.ts";
import type { IncomingCall } from "../../src/voice/inbound-ports.ts";
import { inTime, until } from "../harness/far-side.ts";
import { leaks, realDrachtio, type SignallingFar, sdp, seed, setUp, startLabDrachtio } from "./signalling-far.ts";

/*
 * What every InboundSignalling must do. Runs against the lab's drachtio, and against a real drachtio-server too when
 * CARILLON_TEST_DRACHTIO=host:port:secret says where one is; its SIP port is CARILLON_TEST_DRACHTIO_SIP, 5060 when that is not set.
 */

t.setTimeout(280_000);

const other = sdp.replace("o=- 1 1", "o=- 1 2").replace("40000", "40002");
const ours = sdp.replace("40000", "50000");
const noReoffer = () => Promise.reject(new Error("nobody asks"));

/** A telephone behind the far drachtio, and what is told of its calls. */
async function answering(t: Test, far: SignallingFar, onCall: (call: IncomingCall) => void) {
  const { signalling, callee: telephone } = await setUp(t, far, (call) => call.reject(480));
  // That of the test before may still be open over there, and would be given the call.
  await until(() => (far.apps() ?? 1) === 1, "the connection to be the only one");
  signalling.takeCalls("drachtio-1", onCall);
  // The route is asked for and the call placed over two sockets.
  await signalling.endDialog("nobody;from-tag=1");
  const place = (options: Partial<InviteOptions> = {}) =>
    telephone.invite({ uri: `sip:+12125550100@${far.host}:${far.sipPort}`, from: '"Ann" <sip:+15550100123@127.0.0.1>', sdp, ...options });
  return { signalling, telephone, place };
}

function suite(name: string, start: () => Promise<SignallingFar>): void {
  t.test(name, async (t) => {
    const far = await start();
    t.teardown(() => far.close());

    t.test("a call is answered: what it says, 180, 200, ACK, the caller's BYE", async (t) => {
      const notes: SipNote[] = [];
      const told = Promise.withResolvers<IncomingCall>();
      const { telephone, place } = await answering(t, far, (call) => {
        call.watch((note) => notes.push(note));
        call.ring();
        told.resolve(call);
      });
      const placed = place({ headers: { "P-Asserted-Identity": "<sip:+15550100124@127.0.0.1>" } });
      const rang = new Promise<number>((resolve) => {
        placed.onProvisional = ({ status }) => status > 100 && resolve(status);
      });
      const call = await inTime(told.promise, "the call");
      t.match(call, { callId: placed.callId, source: { address: "127.0.0.1", port: telephone.port, transport: "udp" }, offer: /m=audio 40000/ });
      t.match(call.requestUri, "sip:+12125550100@");
      t.match(call.from, '"Ann" <sip:+15550100123@127.0.0.1>');
      t.match(call.assertedIdentity, "+15550100124");
      t.equal(await inTime(rang, "the 180"), 180);
      const accepted = await call.answer(ours, noReoffer);
      const end = await inTime(placed.final, "the INVITE to have an end");
      if (!end.ok || !accepted) return t.fail("not answered");
      t.match(end.dialog.remoteSdp, /m=audio 50000/);
      t.equal(accepted.dialog.id, call.dialogId, "known before the answer");
      t.match(await inTime(accepted.sdp, "the SDP of the caller"), /m=audio 40000/);
      call.refuse(486);
      await end.dialog.bye({ Reason: "Q.850;cause=16" });
      t.same(await inTime(accepted.dialog.ended, "the call to be over"), { by: "them", q850: 16 });
      t.same(
        notes.map(({ method, status }) => method ?? status).filter((word) => word !== "ACK"),
        ["INVITE", 180, 200, "BYE", 200],
      );
    });

    t.test("we hang up; and a process that took over does", async (t) => {
      const told: IncomingCall[] = [];
      const { signalling, place } = await answering(t, far, (call) => told.push(call));
      for (const taken of [false, true]) {
        const placed = place();
        await until(() => told.length > 0, "the call");
        const call = told.pop();
        const accepted = await call?.answer(ours, noReoffer);
        const end = await inTime(placed.final, "the INVITE to have an end");
        if (!end.ok || !call || !accepted) return t.fail("not answered");
        if (taken) t.equal(await signalling.endDialog(call.dialogId), "ended");
        await accepted.dialog.end();
        t.equal(await inTime(end.dialog.ended, "the call to be over"), "remote");
      }
    });

    t.test("the caller gives up while it rings", async (t) => {
      const told = Promise.withResolvers<IncomingCall>();
      const { place } = await answering(t, far, (call) => {
        call.ring();
        told.resolve(call);
      });
      const placed = place();
      const call = await inTime(told.promise, "the call");
      await new Promise<void>((resolve) => {
        placed.onProvisional = ({ status }) => status > 100 && resolve();
      });
      placed.cancel();
      t.equal(await inTime(call.gone, "the CANCEL"), "canceled");
      t.equal(await call.answer(ours, noReoffer), undefined);
      call.refuse(486);
      t.match(await inTime(placed.final, "the INVITE to have an end"), { ok: false, response: { status: 487 } });
    });

    t.test("refusals arrive with their headers", async (t) => {
      const { place } = await answering(t, far, (call) => call.refuse(503, "Full", { "Retry-After": "7" }));
      const end = await inTime(place().final, "the INVITE to have an end");
      t.match(end, { ok: false, response: { status: 503, reason: "Full" } });
      t.equal(end.response.headers.get("retry-after"), "7");
    });

    t.test("a caller who leaves the offer to us answers it with the ACK", async (t) => {
      const accepted = Promise.withResolvers<Awaited<ReturnType<IncomingCall["answer"]>>>();
      const { place } = await answering(t, far, async (call) => {
        t.equal(call.offer, undefined);
        accepted.resolve(await call.answer(ours, noReoffer));
      });
      const placed = place({ sdp: undefined, answerOffer: () => sdp });
      const end = await inTime(placed.final, "the INVITE to have an end");
      const taken = await inTime(accepted.promise, "it to be answered");
      t.match(await inTime(taken?.sdp, "the SDP of the caller"), /m=audio 40000/);
      if (end.ok) await end.dialog.bye();
      await inTime(taken?.dialog.ended, "the call to be over");
    });

    t.test("media that move within the call are answered, or refused and stay", async (t) => {
      const offers: string[] = [];
      const { place } = await answering(t, far, async (call) => {
        await call.answer(ours, async (offer) => {
          offers.push(offer);
          if (offers.length > 1) throw new Error("not this one");
          return ours.replace("50000", "50002");
        });
      });
      const end = await inTime(place().final, "the INVITE to have an end");
      if (!end.ok) return t.fail("not answered");
      const moved = await end.dialog.reinvite(other);
      t.equal(moved.status, 200);
      t.match(moved.body, /m=audio 50002/);
      t.match(offers[0], /m=audio 40002/);
      t.equal((await end.dialog.reinvite(other.replace("40002", "40004"))).status, 488);
      await end.dialog.bye();
    });

    t.test("what is not well-formed, and what nobody asks for, is refused", async (t) => {
      const { signalling, place } = await answering(t, far, (call) => call.refuse(486));
      const statusOf = async (options: Partial<InviteOptions>) => (await place(options).final).response.status;
      t.equal(await statusOf({ headers: { Require: "replaces" } }), 420);
      t.equal(await statusOf({ headers: { "Content-Type": "multipart/mixed;boundary=b" } }), 415);
      // A real drachtio-server of July 2026 ends when it is sent that Contact, so it is spared.
      if (far.open() !== undefined) {
        t.equal(await statusOf({ headers: { Contact: "*" } }), 400);
        t.equal(
          await statusOf({ headers: { "P-Asserted-Identity": '<sip:a@b>, "<" <tel:+1>,,;=', Privacy: ";;", To: "<sip:%ZZ@x>" } }),
          486,
          "odd, and read",
        );
      }
      t.equal(await statusOf({}), 486);
      signalling.leaveCalls();
      await signalling.endDialog("nobody;from-tag=1");
      t.equal(await statusOf({}), 503);
    });

    t.test("a caller whose process died hears of it", async (t) => {
      const { place, signalling } = await answering(t, far, (call) => call.refuse(486));
      const dead = await connectDrachtio({ host: far.host, port: far.port, secret: far.secret }, systemClock, silentLog);
      const deadSignalling = new DrachtioSignalling(dead, systemClock, silentLog);
      const lost: Promise<string>[] = [];
      const held: IncomingCall[] = [];
      deadSignalling.takeCalls("drachtio-1", (call) => {
        lost.push(call.gone);
        held.push(call);
        call.ring();
      });
      await deadSignalling.endDialog("nobody;from-tag=1");
      // They take turns.
      const placed = [place(), place()];
      await until(() => lost.length === 1, "one of the two");
      dead.srf.emit("close");
      t.equal(await lost[0], "lost");
      // Who takes over has these ids and tries them: nothing comes of it while it rings.
      t.equal(await signalling.cancelTransaction(held[0]?.transactionId ?? ""), "gone");
      t.equal(await signalling.endDialog(held[0]?.dialogId ?? ""), "gone");
      for (const call of placed) call.cancel();
      t.same((await Promise.all(placed.map(({ final }) => final))).map(({ response }) => response.status).sort(), [486, 487]);
      dead.close();
    });

    t.same(leaks.splice(0), [], `every leg was released (seed ${seed})`);
    t.equal(far.open() ?? 0, 0, `no dialog or INVITE left at drachtio (seed ${seed})`);
  });
}

suite("calls from outside over the lab's drachtio", startLabDrachtio);

const startReal = realDrachtio(process.env);
if (startReal) suite("calls from outside over a real drachtio-server", startReal);
else t.test("calls from outside over a real drachtio-server", { skip: "CARILLON_TEST_DRACHTIO=host:port:secret is not set" }, async () => {});
