import { createSocket } from "node:dgram";
import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { inTime } from "../harness/far-side.ts";
import { leaks, quiet, realDrachtio, type SignallingFar, sdp, secret, seed, setUp, startLabDrachtio } from "./signalling-far.ts";

/*
 * What every Signalling must do. Runs against the lab's drachtio, and against a real drachtio-server too when
 * CARILLON_TEST_DRACHTIO=host:port:secret says where one is. To be told of second answers from that one, it has to have a capture server
 * (sip-config/drachtio.conf.xml) on this machine, at the port CARILLON_TEST_CAPTURE_PORT.
 */

// A real one gives up somebody silent after 32 s.
t.setTimeout(280_000);

function suite(name: string, start: () => Promise<SignallingFar>): void {
  t.test(name, async (t) => {
    const far = await start();
    t.teardown(() => far.close());

    t.test("an answered call: ids, headers, our BYE", async (t) => {
      let bye: Promise<string> | undefined;
      const seen: IncomingCall[] = [];
      const { signalling, request } = await setUp(t, far, async (call) => {
        seen.push(call);
        call.provisional(180);
        const dialog = await call.answer(sdp);
        bye = new Promise((resolve) => {
          if (dialog) dialog.onBye = () => resolve("bye");
        });
      });
      const statuses: number[] = [];
      const invitation = signalling.invite(request({ "X-Carillon-Attempt": "77" }), { provisional: (status) => statuses.push(status) });
      const sent = await inTime(invitation.sent, "the INVITE to leave");
      const end = await inTime(invitation.end, "the INVITE to have an end");
      if (!end.answered) return t.fail(`not answered: ${JSON.stringify(end)}`);
      t.same(statuses, [180]);
      t.equal(end.sdp.trim(), sdp.trim());
      t.equal(sent?.dialogId, end.dialog.id, "the dialog's id is known before it is answered");
      t.equal(sent?.callId, seen[0]?.callId);
      t.equal(seen[0]?.request.headers.get("expires"), "25");
      t.equal(seen[0]?.request.headers.get("x-carillon-attempt"), "77");
      t.equal(seen[0]?.calledUser, "+15550100123");
      t.equal(seen[0]?.callerUser, "+15550100000");
      await end.dialog.end();
      await end.dialog.end();
      t.equal(await inTime(bye, "our BYE"), "bye");
      t.match(await inTime(end.dialog.ended, "the call to be over"), { by: "us" });
    });

    t.test("the called party hangs up", async (t) => {
      const { signalling, request } = await setUp(t, far, async (call) => {
        const dialog = await call.answer(sdp);
        await dialog?.bye({ Reason: 'Q.850;cause=16;text="Normal"' });
      });
      const end = await inTime(signalling.invite(request(), quiet).end, "the INVITE to have an end");
      if (!end.answered) return t.fail("not answered");
      t.same(await inTime(end.dialog.ended, "the call to be over"), { by: "them", q850: 16 });
      await end.dialog.end();
    });

    t.test("every rejection comes back with its status and causes", async (t) => {
      const answers = [
        [486, "Q.850;cause=17", { status: 486, q850: 17 }],
        [603, undefined, { status: 603 }],
        [404, 'Q.850;cause=1;text="Unallocated"', { status: 404, q850: 1 }],
        [503, "Q.850;cause=34", { status: 503, q850: 34 }],
        [302, undefined, { status: 302 }],
        [500, "SIP;cause=603", { status: 500, reasonSip: 603 }],
      ] as const;
      let turn = 0;
      const { signalling, request } = await setUp(t, far, (call) => {
        const [status, reason] = answers[turn++] ?? [500, undefined];
        call.reject(status, undefined, reason ? { Reason: reason } : {});
      });
      for (const [, , expected] of answers) {
        const end = await inTime(signalling.invite(request(), quiet).end, "the INVITE to have an end");
        t.match(end, { answered: false, failure: expected });
      }
    });

    t.test("canceled while ringing, and canceled before the INVITE had left", async (t) => {
      let ringing = Promise.withResolvers<void>();
      const { signalling, request } = await setUp(t, far, (call) => {
        call.provisional(180);
        ringing.resolve();
      });
      const invitation = signalling.invite(request(), quiet);
      await inTime(ringing.promise, "it to ring");
      invitation.cancel();
      invitation.cancel();
      t.match(await inTime(invitation.end, "the INVITE to have an end"), { answered: false, failure: { status: 487 } });
      ringing = Promise.withResolvers();
      const early = signalling.invite(request(), quiet);
      early.cancel();
      t.match(await inTime(early.end, "the INVITE to have an end"), { answered: false, failure: { status: 487 } });
    });

    t.test("an answer that crosses the CANCEL is acknowledged and ended", async (t) => {
      const ringing = Promise.withResolvers<void>();
      const hungUp = Promise.withResolvers<void>();
      const { signalling, request } = await setUp(t, far, (call) => {
        call.provisional(180);
        call.onCancel = async () => {
          const dialog = await call.answer(sdp);
          await dialog?.ended;
          hungUp.resolve();
        };
        ringing.resolve();
      });
      const invitation = signalling.invite(request(), quiet);
      await inTime(ringing.promise, "it to ring");
      invitation.cancel();
      const end = await inTime(invitation.end, "the INVITE to have an end");
      // drachtio-server sends that ACK and BYE itself and has told us when the BYE has left, not when it has arrived: so the endpoint, to which the far side
      // may still be sending, is never used again.
      t.match(end, { answered: false, failure: { status: 487, endpointSpent: true } });
      await inTime(hungUp.promise, "whoever answered to be hung up on");
    });

    const copied = far.copies ? {} : { skip: "CARILLON_TEST_CAPTURE_PORT is not set" };
    for (const transport of ["udp", "tcp"]) {
      t.test(`a second answer, of a fork, is acknowledged and ended; ${transport}`, copied, async (t) => {
        const second = Promise.withResolvers<string | undefined>();
        const { signalling, request } = await setUp(t, far, async (call) => {
          t.equal(call.request.headers.get("request-disposition"), "no-fork");
          await call.answer(sdp);
          // The first has its ACK, so the far side has told the app of an answer before this one comes.
          const dialog = await call.answer(sdp);
          second.resolve(await dialog?.ended);
        });
        const end = await inTime(signalling.invite(request({}, transport), quiet).end, "the INVITE to have an end");
        if (!end.answered) return t.fail(`not answered: ${JSON.stringify(end)}`);
        t.equal(await inTime(second.promise, "the second answer to be ended"), "remote", "hung up from our side");
        let over = false;
        end.dialog.ended.then(() => {
          over = true;
        });
        await signalling.adopt("nobody;from-tag=1");
        t.equal(over, false, "the call goes on");
        await end.dialog.end();
      });
    }

    t.test("two answers that cross the CANCEL are both acknowledged and ended", copied, async (t) => {
      const ringing = Promise.withResolvers<void>();
      const hungUp = Promise.withResolvers<readonly (string | undefined)[]>();
      const { signalling, request } = await setUp(t, far, (call) => {
        call.provisional(180);
        call.onCancel = () => {
          const answers = [call.answer(sdp), call.answer(sdp)];
          hungUp.resolve(Promise.all(answers.map(async (answer) => (await answer)?.ended)));
        };
        ringing.resolve();
      });
      const invitation = signalling.invite(request(), quiet);
      await inTime(ringing.promise, "it to ring");
      invitation.cancel();
      t.match(await inTime(invitation.end, "the INVITE to have an end"), { answered: false, failure: { status: 487 } });
      t.same(await inTime(hungUp.promise, "whoever answered to be hung up on"), ["remote", "remote"]);
    });

    t.test("early media is told with its SDP; nobody listening is 503", async (t) => {
      const { signalling, request, callee } = await setUp(t, far, (call) => {
        call.provisional(183, undefined, { sdp });
        call.reject(486);
      });
      const heard: (string | undefined)[] = [];
      await inTime(signalling.invite(request(), { provisional: (_status, early) => heard.push(early) }).end, "the INVITE to have an end");
      t.equal(heard[0]?.trim(), sdp.trim());
      t.ok(callee);
      const nobody = { ...request(), uri: "sip:+15550100123@127.0.0.1:9;transport=tcp" };
      t.match(await inTime(signalling.invite(nobody, quiet).end, "the INVITE to have an end"), { answered: false, failure: { status: 503 } });
    });

    t.test("a digest challenge is answered", async (t) => {
      let invites = 0;
      const { signalling, request } = await setUp(t, far, async (call) => {
        invites += 1;
        if (call.request.headers.has("proxy-authorization")) {
          const dialog = await call.answer(sdp);
          if (dialog) await dialog.bye();
        } else {
          call.reject(407, undefined, { "Proxy-Authenticate": 'Digest realm="carrier", nonce="abc123", algorithm=MD5, qop="auth"' });
        }
      });
      const end = await inTime(
        signalling.invite({ ...request(), auth: { username: "acme", password: "s3cret" } }, quiet).end,
        "the INVITE to have an end",
      );
      t.equal(end.answered, true);
      t.equal(invites, 2);
      if (end.answered) await inTime(end.dialog.ended, "the call to be over");
    });

    t.test("another process ends what a dead one left: BYE by dialog id, CANCEL by transaction id", async (t) => {
      const ringing = Promise.withResolvers<void>();
      const byeSeen = Promise.withResolvers<void>();
      const canceled = Promise.withResolvers<void>();
      const { signalling, request } = await setUp(t, far, async (call) => {
        call.provisional(180);
        if (call.request.headers.get("x-carillon-attempt") === "ring") {
          call.cancelled.then(canceled.resolve);
          return ringing.resolve();
        }
        const dialog = await call.answer(sdp);
        if (dialog) dialog.onBye = () => byeSeen.resolve();
      });
      const dead = await connectDrachtio({ host: far.host, port: far.port, secret: far.secret }, systemClock, silentLog);
      const deadSignalling = new DrachtioSignalling(dead, systemClock, silentLog);
      const answered = deadSignalling.invite(request(), quiet);
      const rings = deadSignalling.invite(request({ "X-Carillon-Attempt": "ring" }), quiet);
      const [answeredIds, ringingIds] = await inTime(Promise.all([answered.sent, rings.sent]), "both INVITEs to leave");
      const answeredEnd = await inTime(answered.end, "the INVITE to have an end");
      await inTime(ringing.promise, "it to ring");
      dead.close();
      t.ok(answeredEnd.answered);
      t.equal(await signalling.endDialog(answeredIds?.dialogId ?? ""), "ended");
      await inTime(byeSeen.promise, "the BYE");
      t.equal(await signalling.cancelTransaction(ringingIds?.transactionId ?? ""), "ended");
      await inTime(canceled.promise, "the CANCEL");
      t.equal(await signalling.endDialog(answeredIds?.dialogId ?? ""), "gone", "a second time there is nothing left");
      t.equal(await signalling.cancelTransaction("11111111-1111-1111-1111-111111111111"), "gone");
    });

    t.test("a taken-over conversation is told when it ends", async (t) => {
      const answeredAt = Promise.withResolvers<() => void>();
      const { signalling, request } = await setUp(t, far, async (call) => {
        const dialog = await call.answer(sdp);
        answeredAt.resolve(() => dialog?.bye());
      });
      const dead = await connectDrachtio({ host: far.host, port: far.port, secret: far.secret }, systemClock, silentLog);
      const end = await inTime(new DrachtioSignalling(dead, systemClock, silentLog).invite(request(), quiet).end, "the INVITE to have an end");
      if (!end.answered) return t.fail("not answered");
      const hangUp = await inTime(answeredAt.promise, "it to be answered");
      dead.close();
      const adopted = signalling.adopt(end.dialog.id);
      hangUp();
      await inTime(adopted, "the end of the conversation to be told", 60_000);
    });

    for (const silent of [true, false]) {
      const how = silent ? "does not answer any more" : "is not there any more";
      t.test(`a taken-over conversation is over when the other ${how}, without a BYE`, { timeout: 100_000 }, async (t) => {
        const { connection, signalling, request, callee } = await setUp(t, far, async (call) => {
          await call.answer(sdp);
        });
        const end = await inTime(signalling.invite(request(), quiet).end, "the INVITE to have an end");
        if (!end.answered) return t.fail("not answered");
        const port = callee.port;
        await callee.close();
        const nobody = silent ? createSocket("udp4") : undefined;
        if (nobody) await new Promise<void>((resolve) => nobody.bind(port, "127.0.0.1", resolve));
        // Twenty times as fast: who is not there may be back within 32 s.
        const hasty: Clock = { now: () => systemClock.now() * 20, after: (delayMs, fire) => systemClock.after(delayMs / 20, fire) };
        const successor = new DrachtioSignalling(connection, silent ? systemClock : hasty, silentLog);
        const unwanted = new AbortController();
        const given = successor.adopt(end.dialog.id, unwanted.signal);
        const adopted = successor.adopt(end.dialog.id);
        unwanted.abort();
        await inTime(given, "nobody to be waited for who is not wanted");
        await inTime(adopted, "the end of the conversation to be told", 60_000);
        nobody?.close();
        await end.dialog.end();
      });
    }

    t.same(leaks.splice(0), [], `every leg was released (seed ${seed})`);
    t.equal(far.open() ?? 0, 0, `no dialog or INVITE left at drachtio (seed ${seed})`);
  });
}

suite("signalling over the lab's drachtio", startLabDrachtio);

const startReal = realDrachtio(process.env);
if (startReal) suite("signalling over a real drachtio-server", startReal);
else t.test("signalling over a real drachtio-server", { skip: "CARILLON_TEST_DRACHTIO=host:port:secret is not set" }, async () => {});

t.test("what is wrong with drachtio is said in one line", async (t) => {
  const far = await startLabDrachtio();
  await t.rejects(connectDrachtio({ host: far.host, port: far.port, secret: "wrong" }, systemClock, silentLog), {
    code: "drachtio-secret-wrong",
    message: /refused the secret\. Set drachtio\.secret/,
  });
  await far.close();
  await t.rejects(connectDrachtio({ host: far.host, port: far.port, secret }, systemClock, silentLog), {
    code: "drachtio-unreachable",
    message: /does not answer at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
  });
});
