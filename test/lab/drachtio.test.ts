import { once } from "node:events";
import t from "tap";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import { challenge, isAuthorized } from "../../src/lab/sip/digest.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { nextCall, seed, type TestAgent } from "./sip-kit.ts";
import {
  ask,
  closeSrf,
  held,
  openSrf,
  place,
  type Srf,
  type SrfDialog,
  type SrfMessage,
  type SrfResponder,
  sdp,
  statusOf,
  withApp,
} from "./srf-kit.ts";

t.comment(`seed ${seed}`);

withApp("an outbound call: headers, provisionals, re-INVITE both ways, BYE from either side", async (test, { srf, carrier, lab }) => {
  const arriving = nextCall(carrier);
  const seen: (number | string)[] = [];
  const placing = srf.createUAC(
    carrier.uri("+15550100123"),
    { localSdp: sdp, headers: { from: "sip:+15550001111@localhost", contact: "sip:dialer@localhost", Expires: "30", "X-Carillon-Attempt": "a7" } },
    { cbRequest: (_error, request) => seen.push(request.method), cbProvisional: (response) => seen.push(response.status, response.body) },
  );
  const call = await arriving;
  test.equal(call.callerUser, "+15550001111");
  test.equal(call.expiresS, 30);
  test.equal(call.request.headers.get("contact"), `<sip:dialer@127.0.0.1:${lab.sipPort}>`);
  test.match(call.request.headers.get("from"), new RegExp(`^<sip:\\+15550001111@127\\.0\\.0\\.1:${lab.sipPort}>;tag=`));
  test.equal(call.request.headers.get("x-carillon-attempt"), "a7");
  test.equal(call.offer, sdp);
  call.provisional(180);
  call.provisional(183, "Session Progress", { sdp });
  const far = await call.answer(sdp);
  const dialog = await placing;
  test.same(seen, ["INVITE", 180, "", 183, sdp], "100 is not passed up");
  test.equal(dialog.id, `${call.callId};from-tag=${far?.state.remoteTag}`);

  if (far === undefined) throw new Error("not answered");
  far.onReinvite = (offer) => (offer === held ? `${held}a=answer\r\n` : { status: 488 });
  test.equal(await dialog.modify(held), `${held}a=answer\r\n`);
  test.equal(await statusOf(dialog.modify(sdp)), 488);
  dialog.on("modify", (request: SrfMessage, response: SrfResponder) => response.send(200, { body: `${sdp}a=${request.body.length}\r\n` }));
  test.equal((await far.reinvite(sdp)).body, `${sdp}a=${sdp.length}\r\n`);
  const destroyed = once(dialog, "destroy");
  await far.bye({ Reason: 'Q.850;cause=16;text="NORMAL_CLEARING"' });
  const [bye] = (await destroyed) as [SrfMessage];
  test.equal(bye.get("Reason"), 'Q.850;cause=16;text="NORMAL_CLEARING"');

  const second = await place(srf, carrier);
  test.equal((await second.dialog.destroy({ headers: { Reason: "Q.850;cause=16" } })).method, "BYE");
  test.equal(await second.far.ended, "remote");
  const overTcp = nextCall(carrier);
  const calling = srf.createUAC(carrier.uri("bob", ";transport=tcp"), { localSdp: sdp });
  const answering = (await overTcp).answer(sdp);
  await (await calling).destroy();
  test.equal((await answering)?.isEnded, true);
});

withApp("refusals, a redirect, a challenge, nobody there", async (test, { srf, carrier }) => {
  for (const status of [302, 404, 480, 486, 487, 503, 603]) {
    carrier.agent.onInvite = (call) => call.reject(status, undefined, { Reason: "Q.850;cause=17" });
    test.equal(await statusOf(srf.createUAC(carrier.uri("bob"), { localSdp: sdp })), status);
  }
  const alice = { username: "alice", password: "wonder" };
  carrier.agent.onInvite = (call) => {
    if (isAuthorized(call.request.headers.get("proxy-authorization"), "INVITE", "trunk", "n1", alice)) void call.answer(sdp);
    else call.reject(407, undefined, { "Proxy-Authenticate": challenge("trunk", "n1") });
  };
  const dialog = await srf.createUAC(carrier.uri("bob"), { localSdp: sdp, auth: alice });
  await dialog.destroy();
  test.equal(await statusOf(srf.createUAC(carrier.uri("bob"), { localSdp: sdp })), 407);
  for (const uri of ["sip:bob@127.0.0.1:9", "sip:bob@127.0.0.1:9;transport=tcp", "sip:bob@no-such-host.invalid"]) {
    test.equal(await statusOf(srf.createUAC(uri, { localSdp: sdp })), 503, uri);
  }
});

/** Places a call that rings; what becomes of it is the dialog or the status of the refusal. */
async function ring(srf: Srf, carrier: TestAgent): Promise<{ request: SrfMessage; call: IncomingCall; outcome: Promise<SrfDialog | number> }> {
  const arriving = nextCall(carrier);
  const rung = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<SrfMessage>();
  const outcome = srf
    .createUAC(carrier.uri("bob"), { localSdp: sdp }, { cbRequest: (_error, request) => sent.resolve(request), cbProvisional: () => rung.resolve() })
    .catch((error: { status: number }) => error.status);
  const call = await arriving;
  call.provisional(180);
  await rung.promise;
  return { request: await sent.promise, call, outcome };
}

withApp("CANCEL: while it rings, and crossing the answer, which the server ends after the ACK", async (test, { srf, carrier }) => {
  const ringing = await ring(srf, carrier);
  test.equal(await new Promise((resolve) => ringing.request.cancel(resolve)), null);
  test.equal(await ringing.outcome, 487);

  const crossing = await ring(srf, carrier);
  const answered = new Promise<SipDialog | undefined>((resolve) => {
    crossing.call.onCancel = () => resolve(crossing.call.answer(sdp));
  });
  crossing.request.cancel(() => {});
  const dialog = await crossing.outcome;
  if (typeof dialog === "number") throw new Error(`refused with ${dialog}`);
  const [bye] = (await once(dialog, "destroy")) as [SrfMessage];
  test.match(bye.get("reason"), /cancel race/);
  test.equal(await (await answered)?.ended, "remote");
});

withApp("inbound: answered, refused, cancelled, by turns to two apps, and with no app at all", async (test, { lab, srf, carrier }) => {
  const target = `sip:1000@127.0.0.1:${lab.sipPort}`;
  const from = '"Caller" <sip:+15551230001@lab.example>';
  test.equal((await carrier.agent.invite({ uri: target, from, sdp }).final).response.status, 503, "no app wants calls");
  const other = await openSrf(lab);
  const served: string[] = [];
  const dialogs: Promise<SrfDialog>[] = [];
  for (const [name, app] of [
    ["one", srf],
    ["two", other],
  ] as const) {
    app.invite((request, response) => {
      served.push(name);
      test.equal(request.callingNumber, "+15551230001");
      if (request.get("X-Wanted") === "refusal") response.send(486, { headers: { "X-Reason": "no agents" } });
      else if (request.get("X-Wanted") === "ringing") response.send(180);
      else dialogs.push(app.createUAS(request, response, { localSdp: held }));
      request.on("cancel", () => served.push("cancelled"));
    });
  }
  // Routes are asked for without waiting; a ping's answer says they have been read.
  while ((await carrier.agent.invite({ uri: target, from, sdp, headers: { "X-Wanted": "refusal" } }).final).response.status === 503);
  served.length = 0;
  for (let times = 0; times < 2; times += 1) {
    const end = await carrier.agent.invite({ uri: target, from, sdp }).final;
    if (!end.ok) throw new Error("not answered");
    const dialog = await dialogs[times];
    test.equal(end.dialog.remoteSdp, held);
    test.equal(dialog?.remote.sdp, sdp);
    if (times === 0) {
      const destroyed = dialog === undefined ? undefined : once(dialog, "destroy");
      test.equal((await end.dialog.bye()).status, 200);
      await destroyed;
    } else {
      await dialog?.destroy();
      test.equal(await end.dialog.ended, "remote");
    }
  }
  test.same(served.toSorted(), ["one", "two"], "turn and turn about");
  const refused = await carrier.agent.invite({ uri: target, from, sdp, headers: { "X-Wanted": "refusal" } }).final;
  test.equal(refused.response.status, 486);
  test.equal(refused.response.headers.get("x-reason"), "no agents");
  const ringing = carrier.agent.invite({ uri: target, from, sdp, headers: { "X-Wanted": "ringing" } });
  await new Promise<void>((resolve) => {
    ringing.onProvisional = ({ status }) => {
      if (status === 180) resolve();
    };
  });
  ringing.cancel();
  test.equal((await ringing.final).response.status, 487);
  while (!served.includes("cancelled")) await new Promise((resolve) => setImmediate(resolve));
  closeSrf(other);
});

withApp("OPTIONS and REGISTER, out and in", async (test, { lab, srf, carrier }) => {
  test.equal((await ask(srf, { method: "OPTIONS", uri: carrier.uri("ping") })).status, 200);
  carrier.agent.onRequest = (transaction) => {
    const alice = { username: "alice", password: "wonder" };
    if (isAuthorized(transaction.request.headers.get("authorization"), "REGISTER", "trunk", "n2", alice))
      transaction.reply(200, { headers: { Expires: "300" } });
    else transaction.reply(401, { headers: { "WWW-Authenticate": challenge("trunk", "n2") } });
  };
  const auth = { username: "alice", password: "wonder" };
  test.equal((await ask(srf, { method: "REGISTER", uri: carrier.uri("alice"), auth, headers: { To: "sip:alice@127.0.0.1" } })).status, 200);
  test.equal(
    (await ask(srf, { method: "OPTIONS", uri: "sip:carrier.example", proxy: carrier.uri("proxy") })).status,
    401,
    "the proxy is the next hop",
  );
  srf.options((_request, response) => response.send(200, { headers: { "X-Health": "fine" } }));
  const uri = `sip:127.0.0.1:${lab.sipPort}`;
  let answer = await carrier.agent.request({ method: "OPTIONS", uri });
  while (answer.status === 503) answer = await carrier.agent.request({ method: "OPTIONS", uri });
  test.equal(answer.headers.get("x-health"), "fine");
  test.equal((await carrier.agent.request({ method: "MESSAGE", uri })).status, 503, "nobody asked for MESSAGE");
});

withApp("the app died: another one ends its legs by dialog id and transaction id; their requests get 481", async (test, { lab, srf, carrier }) => {
  const up = await place(srf, carrier);
  const orphan = await place(srf, carrier, "orphan");
  const ringing = await ring(srf, carrier);
  closeSrf(srf);
  while (lab.counts.apps > 0) await new Promise((resolve) => setImmediate(resolve));
  test.same([up.far.isEnded, ringing.call.isOver], [false, false], "the server ends nothing by itself");

  const heir = await openSrf(lab);
  test.equal((await ask(heir, { method: "BYE", uri: "sip:placeholder", stackDialogId: up.dialog.id })).status, 200);
  test.equal(await up.far.ended, "remote");
  test.match(await ask(heir, { method: "BYE", uri: "sip:placeholder", stackDialogId: up.dialog.id }), { error: /unable to find dialog/ });
  test.equal((await orphan.far.bye()).status, 481, "nobody to tell");
  test.equal((await ask(heir, { method: "CANCEL", uri: "sip:x", stackTxnId: ringing.request.stackTxnId })).error, undefined);
  await ringing.call.cancelled;
  test.match(await ask(heir, { method: "CANCEL", uri: "sip:x", stackTxnId: "no-such" }), {
    error: "unable to cancel unknown transaction id: no-such",
  });
  while (lab.counts.invites > 0) await new Promise((resolve) => setImmediate(resolve));
  closeSrf(heir);
});
