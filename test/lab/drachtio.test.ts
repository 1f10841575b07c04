import { once } from "node:events";
import { connect } from "node:net";
import t, { type Test } from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import type { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import { challenge, isAuthorized } from "../../src/lab/sip/digest.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { mutate, openAgent, RawPeer, seed, type TestAgent } from "./sip-kit.ts";
import { ask, closeSrf, openLab, openSrf, type Srf, type SrfDialog, type SrfMessage, type SrfResponder } from "./srf-kit.ts";

t.comment(`seed ${seed}`);
const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
const held = `${sdp}a=sendonly\r\n`;

interface Setup {
  readonly lab: LabDrachtio;
  readonly srf: Srf;
  readonly carrier: TestAgent;
}

/** A test with the lab, one app (the real drachtio-srf) and a far side; no dialog, INVITE or pending request may be left. */
function withApp(name: string, body: (test: Test, setup: Setup) => Promise<void>): void {
  t.test(name, async (test) => {
    const lab = await openLab();
    const setup = { lab, srf: await openSrf(lab), carrier: await openAgent() };
    try {
      await body(test, setup);
    } finally {
      const left = setup.lab.counts;
      test.match(left, { dialogs: 0, invites: 0, pending: 0 }, "nothing left");
      test.equal(setup.carrier.agent.counts.dialogs, 0, "no leg up at the far side");
      closeSrf(setup.srf);
      await setup.lab.close();
      await setup.carrier.agent.close();
    }
  });
}

/** The status a refused INVITE brings; 0 when it was not refused. */
function statusOf(refused: Promise<unknown>): Promise<number> {
  return refused.then(
    () => 0,
    (error: { status: number }) => error.status,
  );
}

function nextCall(side: TestAgent): Promise<IncomingCall> {
  return new Promise((resolve) => {
    side.agent.onInvite = resolve;
  });
}

/** A call the app places and the far side answers. */
async function place(srf: Srf, carrier: TestAgent, user = "bob"): Promise<{ dialog: SrfDialog; far: SipDialog; call: IncomingCall }> {
  const arriving = nextCall(carrier);
  const placing = srf.createUAC(carrier.uri(user), { localSdp: sdp, headers: { from: "sip:+15550001111@localhost", "X-Carillon-Attempt": "a7" } });
  const call = await arriving;
  const far = await call.answer(sdp);
  if (far === undefined) throw new Error("too late to answer");
  return { dialog: await placing, far, call };
}

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

t.test("the server is killed and comes back: the app reconnects and calls again, what was up is unknown to it", async (test) => {
  const first = await openLab();
  const ports = { adminPort: first.adminPort, sipPort: first.sipPort };
  const srf = await openSrf(first);
  const carrier = await openAgent();
  srf.options((_request, response) => response.send(200));
  srf.on("error", () => {});
  const before = await place(srf, carrier);
  const reconnected = once(srf, "connect");
  await first.close();
  test.equal((await before.far.reinvite(sdp)).status, 503, "nobody there");
  const second = await openLab(undefined, 500, ports);
  test.same(await reconnected.then(([error]) => error), null);
  test.equal((await before.far.bye()).status, 481, "a call of the dead one");
  test.match(await ask(srf, { method: "BYE", uri: "sip:placeholder", stackDialogId: before.dialog.id }), { error: /unable to find dialog/ });
  const after = await place(srf, carrier);
  await after.dialog.destroy();
  while ((await carrier.agent.request({ method: "OPTIONS", uri: `sip:127.0.0.1:${second.sipPort}` })).status !== 200);
  test.equal(carrier.agent.counts.dialogs, 0);
  closeSrf(srf);
  await second.close();
  await carrier.agent.close();
});

t.test("silence: 408 after 32 s; a 2xx of ours that nobody acknowledges is repeated, then the call is ended and the app told", async (test) => {
  const clock = new VirtualClock();
  const lab = await openLab(clock);
  const srf = await openSrf(lab);
  const raw = await new RawPeer().open();
  const calling = srf.createUAC(`sip:silent@127.0.0.1:${raw.port}`, { localSdp: sdp }).catch((error: { status: number }) => error.status);
  await raw.request("INVITE");
  await clock.advance(32_000);
  test.equal(await calling, 408);
  test.equal(raw.count("INVITE"), 5, "repeated after 1, 3, 7, 15 and 31 s");

  const dialogs: Promise<SrfDialog>[] = [];
  srf.invite((request, response) => dialogs.push(srf.createUAS(request, response, { localSdp: sdp })));
  // The route is asked for in the background: ask until it is there.
  for (let branch = 0; dialogs.length === 0; branch += 1) {
    await raw.send(raw.write("INVITE", { port: lab.sipPort }, { branch: `z9hG4bKin${branch}`, callId: `in-${branch}`, body: sdp }), lab.sipPort);
    await raw.response(100);
    await ask(srf, { method: "OPTIONS", uri: "mailto:nobody" });
  }
  await raw.response(200);
  const dialog = await dialogs[0];
  const destroyed = dialog === undefined ? [] : once(dialog, "destroy");
  for (let repeats = 0; repeats < 3; repeats += 1) {
    await clock.advance(4000);
    await raw.response(200);
  }
  await clock.advance(32_000);
  const bye = await raw.request("BYE");
  test.match(bye.headers.get("reason"), /ACK timeout/);
  await raw.answer(bye, 200, lab.sipPort, "raw");
  const [told] = (await destroyed) as [SrfMessage];
  test.match(told.get("reason"), /ACK timeout/);
  await clock.advance(70_000);
  test.match(lab.counts, { dialogs: 0, invites: 0, pending: 0, servers: 0 });
  closeSrf(srf);
  await lab.close();
  raw.close();
});

withApp("300 calls at once, half of them refused, leave nothing behind", async (test, { srf, carrier }) => {
  carrier.agent.onInvite = (call) => {
    call.provisional(180);
    if (call.calledUser.endsWith("1")) call.reject(486);
    else void call.answer(sdp);
  };
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, async (_none, index) => {
      try {
        const dialog = await srf.createUAC(carrier.uri(`n${index}${index % 2}`), { localSdp: sdp });
        await dialog.destroy();
        return 200;
      } catch (error) {
        return (error as { status: number }).status;
      }
    }),
  );
  test.equal(outcomes.filter((status) => status === 200).length, 150);
  test.equal(outcomes.filter((status) => status === 486).length, 150);
});

t.test("a port in use, a wrong secret, and junk on the admin port", async (test) => {
  const lab = await openLab();
  const { LabDrachtio: Lab } = await import("../../src/lab/drachtio/lab-drachtio.ts");
  const { systemClock } = await import("../../src/adapter/system/clock.ts");
  const { silentLog } = await import("../../src/kernel/log.ts");
  const random = seededRandom(seed);
  const common = { clock: systemClock, random, log: silentLog, host: "127.0.0.1", secret: "x" };
  await test.rejects(new Lab({ ...common, adminPort: lab.adminPort, sipPort: 0 }).listen(), { code: "EADDRINUSE" });
  await test.rejects(new Lab({ ...common, adminPort: 0, sipPort: lab.sipPort }).listen(), { code: "EADDRINUSE" });

  const say = async (bytes: Buffer | string): Promise<string> => {
    const socket = connect(lab.adminPort, "127.0.0.1");
    let heard = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.end(bytes);
    await once(socket, "close");
    return heard;
  };
  const frame = (content: string) => `${Buffer.byteLength(content)}#${content}`;
  test.match(await say(frame("id|authenticate|wrong|")), /\|response\|id\|NO\|incorrect secret$/);
  test.match(await say(frame("id")), /NO\|Invalid message format/);
  test.match(await say(frame("id|sip|x")), /NO\|Invalid message format/);
  test.match(await say(frame("id|sip||\r\nSIP/2.0 200 OK\r\n\r\n")), /NO\|transaction id missing/);
  test.match(await say(frame(`id|sip||\r\nOPTIONS sip:127.0.0.1:${lab.sipPort} SIP/2.0\r\n\r\n`)), /NOK\|can not send request to myself/);
  test.match(await say(frame("id|sip||\r\nMESSAGE sip:127.0.0.1:9 SIP/2.0\r\n\r\nhello")), /NOK\|missing content-type/);
  for (let round = 0; round < 300; round += 1) {
    const good = Buffer.from(
      frame(
        `id|sip|${round % 3 === 0 ? "txn" : ""}|${round % 5 === 0 ? "dlg" : ""}\r\nINVITE sip:bob@127.0.0.1:9 SIP/2.0\r\nfrom: sip:a@localhost\r\n\r\nv=0\r\n`,
      ),
    );
    for (let edits = intBetween(random, 0, 4); edits > 0; edits -= 1) good[intBetween(random, 0, good.length - 1)] = intBetween(random, 0, 255);
    await say(good);
  }

  // The SIP side under fire, with an app that wants to hear of everything and answers nothing.
  const app = connect(lab.adminPort, "127.0.0.1");
  app.write(["invite", "options", "bye", "message", "register"].map((verb) => frame(`id|route|${verb}`)).join(""));
  await once(app, "data");
  app.resume();
  const raw = await new RawPeer().open();
  const far = { port: lab.sipPort };
  for (let round = 0; round < 500; round += 1) {
    const branch = `z9hG4bKfire${round}`;
    const text = raw.write(pick(random, ["INVITE", "OPTIONS", "BYE", "ACK", "CANCEL", "MESSAGE"]), far, { branch, callId: branch, body: "v=0" });
    await raw.send(mutate(Buffer.from(text), random), lab.sipPort);
  }
  const alive = raw.write("BYE", far, { toTag: "none", branch: "z9hG4bKalive", callId: "alive" });
  await raw.send(alive, lab.sipPort);
  while ((await raw.response(481)).headers.get("call-id") !== "alive");
  app.destroy();
  raw.close();
  test.match(await say(frame("id|ping")), /OK\|pong$/, "alive after all that");
  await lab.close();
});
