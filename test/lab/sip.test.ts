import t from "tap";
import { authorize, challenge, isAuthorized } from "../../src/lab/sip/digest.ts";
import { tagOf } from "../../src/lab/sip/uri.ts";
import { between, from, nextCall, seed } from "./sip-kit.ts";

t.comment(`seed ${seed}`);

for (const params of ["", ";transport=tcp", ";transport=tls"]) {
  between(
    `a call over ${params.slice(-3) || "udp"}: ringing, answer, re-INVITE both ways, INFO, BYE from either side`,
    async (test, { caller, callee }) => {
      for (const ender of ["caller", "callee"] as const) {
        const arriving = nextCall(callee);
        const call = caller.agent.invite({ uri: callee.uri("bob", params), from, sdp: "offer", headers: { "X-Carillon-Attempt": "a-1" } });
        const provisionals: number[] = [];
        call.onProvisional = (response) => provisionals.push(response.status);
        const incoming = await arriving;
        test.equal(incoming.calledUser, "bob");
        test.equal(incoming.callerUser, "+15550001111");
        test.equal(incoming.offer, "offer");
        test.equal(incoming.request.headers.get("x-carillon-attempt"), "a-1");
        incoming.provisional(180);
        incoming.provisional(183, "Session Progress", { sdp: "early" });
        const there = await incoming.answer("answer");
        const end = await call.final;
        if (!end.ok || there === undefined) throw new Error("no dialog");
        const here = end.dialog;
        test.same(provisionals, [100, 180, 183]);
        test.equal(here.remoteSdp, "answer");
        test.equal(here.id.split("|").sort().join(), there.id.split("|").sort().join(), "both ends agree on the dialog");

        there.onReinvite = (offer) => `${offer}-accepted`;
        test.equal((await here.reinvite("hold")).body, "hold-accepted");
        test.equal(there.remoteSdp, "hold");
        here.onReinvite = () => ({ status: 488 });
        test.equal((await there.reinvite("no")).status, 488);
        here.onReinvite = () => "fine";
        test.equal((await there.reinvite("yes")).status, 200);
        test.equal((await there.info("Signal=1", "application/dtmf-relay")).status, 200);

        const [ends, hears] = ender === "caller" ? [here, there] : [there, here];
        const bye = new Promise((resolve) => {
          hears.onBye = (request) => resolve(request.headers.get("reason"));
        });
        test.equal((await ends.bye({ Reason: "Q.850;cause=16" })).status, 200);
        test.equal(await bye, "Q.850;cause=16");
        test.equal(await hears.ended, "remote");
        test.equal(await ends.ended, "local");
        test.equal((await ends.bye()).status, 481, "a second BYE goes nowhere");
      }
    },
  );
}

between("an INVITE without an offer: the answer goes into the ACK", async (test, { caller, callee }) => {
  const arriving = nextCall(callee);
  const call = caller.agent.invite({ uri: callee.uri("mrf"), from, answerOffer: (offer) => `answer to ${offer}` });
  const incoming = await arriving;
  test.equal(incoming.offer, undefined);
  const dialog = await incoming.answer("our offer");
  test.equal(dialog?.ackSdp, "answer to our offer");
  test.equal(dialog?.remoteSdp, "answer to our offer");
  const end = await call.final;
  if (!end.ok) throw new Error("not answered");
  const acked = new Promise((resolve) => {
    if (dialog !== undefined) dialog.onReinviteAck = resolve;
  });
  const again = await end.dialog.reinvite(undefined, { answerOffer: (offer) => `again ${offer}` });
  test.equal(again.body, "our offer");
  test.equal(await acked, "again our offer");
  await end.dialog.bye();
});

between("refusals end the call with their status, reason phrase and headers, and are acknowledged", async (test, { caller, callee }) => {
  for (const [status, reason, headers] of [
    [486, "Busy Here", {}],
    [603, "Nobody wants this", { Reason: 'Q.850;cause=21;text="Call Rejected"' }],
    [302, "Moved Temporarily", {}],
  ] as const) {
    callee.agent.onInvite = (incoming) => incoming.reject(status, reason, headers);
    const end = await caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x" }).final;
    test.match(end, { ok: false, response: { status, reason } });
    test.equal(end.response.headers.get("reason"), "Reason" in headers ? headers.Reason : undefined);
  }
  const acks = () => callee.lines("in").filter((line) => line.startsWith("ACK")).length;
  while (acks() < 3) await new Promise((resolve) => setImmediate(resolve));
  test.equal(acks(), 3);
});

between("CANCEL: it waits for a provisional response, ends the ringing, and may cross an answer", async (test, { caller, callee }) => {
  await test.test("ringing", async (sub) => {
    const arriving = nextCall(callee);
    const call = caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x" });
    call.cancel({ Reason: 'SIP;cause=487;text="ring timeout"' });
    const incoming = await arriving;
    await incoming.cancelled;
    sub.match(await call.final, { ok: false, response: { status: 487 } });
    const sent = caller.lines("out");
    sub.match(sent[0], /^INVITE/);
    sub.match(sent[1], /^CANCEL/);
    sub.equal(caller.wire.find(({ text }) => text.startsWith("CANCEL"))?.message?.headers.get("reason"), 'SIP;cause=487;text="ring timeout"');
    sub.ok(incoming.isOver);
    sub.equal(await incoming.answer("late"), undefined, "too late to answer");
  });
  await test.test("an answer that crosses", async (sub) => {
    const arriving = nextCall(callee);
    const call = caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x" });
    const incoming = await arriving;
    const dialog = new Promise((resolve) => {
      incoming.onCancel = () => resolve(incoming.answer("crossing"));
    });
    call.cancel();
    const end = await call.final;
    if (!end.ok) throw new Error("not answered");
    sub.match(await dialog, { isEnded: false });
    sub.equal((await end.dialog.bye()).status, 200);
  });
});

between("two answers of a fork: the second is acknowledged and ended", async (test, { caller, callee }) => {
  const arriving = nextCall(callee);
  const call = caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x" });
  const incoming = await arriving;
  const [first, second] = await Promise.all([incoming.answer("one"), incoming.answer("two")]);
  test.not(first?.id, second?.id);
  test.equal(await second?.ended, "remote");
  const end = await call.final;
  if (!end.ok) throw new Error("not answered");
  test.equal(end.response.body, "one");
  test.equal(first?.isEnded, false);
  await end.dialog.bye();
});

between("digest: MD5 and SHA-256, as caller and as called, right and wrong password", async (test, { caller, callee }) => {
  // RFC 2617 §3.5 and RFC 7616 §3.9.1: their examples, word for word.
  const mufasa = { username: "Mufasa", password: "Circle Of Life" };
  const old =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  test.match(authorize(old, "GET", "/dir/index.html", mufasa, "0a4f113b"), /response="6629fae49393a05397450978507c4ef1"/);
  const newer = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"`;
  const life = { username: "Mufasa", password: "Circle of Life" };
  const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  test.match(authorize(newer("MD5"), "GET", "/dir/index.html", life, cnonce), /response="8ca523f5e9506fed4657c9700eebdbec"/);
  test.match(
    authorize(newer("SHA-256"), "GET", "/dir/index.html", life, cnonce),
    /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/,
  );
  test.equal(authorize('Basic realm="x"', "GET", "/", life, cnonce), undefined);
  test.equal(authorize('Digest realm="x", nonce="y", algorithm=ROT13', "GET", "/", life, cnonce), undefined);

  const alice = { username: "alice", password: "wonder" };
  for (const algorithm of ["MD5", "SHA-256"] as const) {
    callee.agent.onInvite = (incoming) => {
      const given = incoming.request.headers.get("proxy-authorization");
      if (isAuthorized(given, "INVITE", "lab", "n0nce", alice)) void incoming.answer("in");
      else incoming.reject(407, undefined, { "Proxy-Authenticate": challenge("lab", "n0nce", algorithm) });
    };
    const end = await caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x", auth: alice }).final;
    if (!end.ok) throw new Error("not let in");
    test.equal(end.response.headers.get("cseq"), "2 INVITE");
    await end.dialog.bye();
    const refused = await caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x", auth: { ...alice, password: "wrong" } }).final;
    test.match(refused, { ok: false, response: { status: 407 } }, "asked once again, then no more");
  }
  callee.agent.onRequest = (transaction) => {
    const { method, headers } = transaction.request;
    if (isAuthorized(headers.get("authorization"), method, "lab", "reg", alice)) transaction.reply(200, { headers: { Expires: "60" } });
    else transaction.reply(401, { headers: { "WWW-Authenticate": challenge("lab", "reg") } });
  };
  test.equal((await caller.agent.request({ method: "REGISTER", uri: callee.uri("alice"), auth: alice })).status, 200);
  test.equal((await caller.agent.request({ method: "REGISTER", uri: callee.uri("alice") })).status, 401);
});

between("what belongs to no call: OPTIONS, unknown methods, strange BYE and CANCEL, nobody there", async (test, { caller, callee, raw }) => {
  const options = await caller.agent.request({ method: "OPTIONS", uri: callee.uri("bob") });
  test.equal(options.status, 200);
  test.match(options.headers.get("allow"), /INVITE.*BYE/);
  test.equal((await caller.agent.request({ method: "REGISTER", uri: callee.uri("bob") })).status, 405);
  test.equal((await caller.agent.request({ method: "FROBNICATE", uri: callee.uri("bob") })).status, 501);
  test.match(
    await caller.agent.invite({ uri: callee.uri("bob"), from, sdp: "x" }).final,
    { ok: false, response: { status: 480 } },
    "nobody takes calls",
  );
  await raw.send(raw.write("BYE", callee.agent, { toTag: "nobody" }), callee.agent.port);
  await raw.response(481, "BYE");
  await raw.send(raw.write("CANCEL", callee.agent, { branch: "z9hG4bKnever" }), callee.agent.port);
  await raw.response(481, "CANCEL");
  const closed = raw.port === 9 ? 10 : 9;
  for (const params of ["", ";transport=tcp", ";transport=tls"]) {
    test.match(await caller.agent.invite({ uri: `sip:bob@127.0.0.1:${closed}${params}`, from, sdp: "x" }).final, {
      ok: false,
      response: { status: 503 },
    });
    test.equal((await caller.agent.request({ method: "OPTIONS", uri: `sip:bob@127.0.0.1:${closed}${params}` })).status, 503);
  }
  for (const uri of ["sip:bob@no-such-host.invalid", "tel:+1555", "sip:bob@999.1.1.1", "sip:bob@127.0.0.1:70000"]) {
    test.match(await caller.agent.invite({ uri, from, sdp: "x" }).final, { ok: false, response: { status: 503 } }, uri);
  }
  await test.rejects(
    (async () => {
      const second = await openAgentOn(caller.agent.port);
      await second.close();
    })(),
    { code: "EADDRINUSE" },
    "a port in use is the system's error",
  );
});

async function openAgentOn(port: number) {
  const { SipAgent } = await import("../../src/lab/sip/user-agent.ts");
  const { systemClock } = await import("../../src/adapter/system/clock.ts");
  const { seededRandom } = await import("../../src/kernel/random.ts");
  const agent = new SipAgent({ clock: systemClock, random: seededRandom(1), host: "127.0.0.1", port });
  await agent.listen();
  return agent;
}

between("within a call: CSeq may not go back, re-INVITEs may not meet, a vanished party answers 481", async (test, { caller, callee, raw }) => {
  const arriving = nextCall(callee);
  await raw.send(raw.write("INVITE", callee.agent, { cseq: 5, body: "offer" }), callee.agent.port);
  const answering = (await arriving).answer("answer");
  const toTag = tagOf((await raw.response(200)).headers.get("to")) ?? "";
  await raw.send(raw.write("ACK", callee.agent, { branch: "z9hG4bKa", cseq: 5, toTag }), callee.agent.port);
  const dialog = await answering;
  await raw.send(raw.write("INFO", callee.agent, { branch: "z9hG4bKb", cseq: 4, toTag }), callee.agent.port);
  await raw.response(500, "INFO");
  const theirs = dialog?.reinvite("mine");
  const reinvite = await raw.request("INVITE");
  await raw.send(raw.write("INVITE", callee.agent, { branch: "z9hG4bKc", cseq: 6, toTag, body: "yours" }), callee.agent.port);
  await raw.response(491, "INVITE");
  await raw.answer(reinvite, 200, callee.agent.port, "raw", {}, "ok");
  test.equal((await theirs)?.status, 200);
  await raw.request("ACK");
  dialog?.vanish();
  await raw.send(raw.write("BYE", callee.agent, { branch: "z9hG4bKd", cseq: 7, toTag }), callee.agent.port);
  await raw.response(481, "BYE");
  test.equal(caller.agent.counts.dialogs, 0);
});
