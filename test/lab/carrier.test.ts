import t from "tap";
import { cast, type PersonaName } from "../../src/lab/carrier/cast.ts";
import { answered, goodbye, host, hungUp, missing, numberOf, prompt, seed, world } from "./carrier-kit.ts";

t.test("people hear the prompt and press keys, and the books have it all", async (t) => {
  const { clock, carrier, dial, end, telephone } = await world(t);
  carrier.books.addReference("prompt", prompt);
  carrier.books.addReference("goodbye", goodbye);
  const meet = async (name: PersonaName, keys: RegExp): Promise<void> => {
    const phone = await telephone();
    const call = dial(numberOf(name), phone.sdp(), { "X-Carillon-Attempt": `a-${name}` });
    const provisionals: number[] = [];
    call.onProvisional = (response) => {
      provisionals.push(response.status);
      if (response.body) phone.connect(response.body);
    };
    const dialog = await answered(t, call);
    phone.connect(dialog.remoteSdp);
    const beforeMs = clock.now();
    await phone.say(prompt);
    await phone.until((hearing) => keys.test(hearing.digitsHeard));
    await phone.say(goodbye);
    t.equal((await dialog.bye({ Reason: "Q.850;cause=16" })).status, 200);
    t.ok(provisionals.includes(name === "early-media" ? 183 : 180), name);
    if (name !== "hasty") t.ok(phone.hearing.soundMs >= 80, `${name} says hello`);

    const record = carrier.books.call(call.callId);
    const book = carrier.books.summary(record ?? missing());
    t.match(book, {
      attempt: `a-${name}`,
      called: numberOf(name),
      caller: "+15550100000",
      persona: name,
      state: "ended",
      finalStatus: 200,
      invites: 1,
      endedBy: "caller",
      endCause: 16,
      digitsSent: phone.hearing.digitsHeard,
      digitsHeard: "",
      heard: [
        { name: "prompt", complete: true },
        { name: "goodbye", complete: true },
      ],
    });
    t.ok((book.answeredAtMs ?? 0) <= (book.ackedAtMs ?? 0) && (book.ackedAtMs ?? 0) <= (book.endedAtMs ?? 0), "in order");
    t.ok((book.audio.firstSoundAtMs ?? 0) >= beforeMs, "sound came after the prompt began");
    t.equal(book.audio.answerToSoundMs, (book.audio.firstSoundAtMs ?? 0) - (book.answeredAtMs ?? 0));
    t.ok(book.audio.soundMs >= 1000 && book.audio.lost === 0, `${book.audio.soundMs} ms of sound`);
  };
  await Promise.all([meet("person", /^[12]$/), meet("hasty", /^1$/), meet("opt-out", /^9$/), meet("patient", /^1$/), meet("early-media", /^1$/)]);
  t.same(carrier.books.legsUp(), []);
  t.same(carrier.books.dialledTwice(), []);
  const lines = carrier.books.toNdjson().trim().split("\n");
  t.equal(lines.length, 5);
  t.equal(JSON.parse(lines[0] ?? "").persona, "person");
  await end();
});

t.test("people hang up, fall silent, drop off, are machines", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  const start = async (number: string) => {
    const phone = await telephone();
    const call = dial(number, phone.sdp());
    const dialog = await answered(t, call);
    phone.connect(dialog.remoteSdp);
    const book = () => carrier.books.summary(carrier.books.call(call.callId) ?? missing());
    return { phone, call, dialog, book };
  };

  const hanging = await start(numberOf("hangs-up"));
  const bye = hungUp(hanging.dialog);
  void hanging.phone.say(prompt);
  await bye;
  t.match(hanging.book(), { endedBy: "carrier", endCause: 16, state: "ended" });
  t.equal(carrier.books.heard(carrier.books.calls[0] ?? missing(), prompt).complete, false, "in the middle of the prompt");

  const fax = await start(numberOf("fax"));
  const faxBye = hungUp(fax.dialog);
  await fax.phone.until((hearing) => hearing.soundMs >= 2000);
  await faxBye;
  t.equal(fax.book().endedBy, "carrier");
  t.ok(fax.book().audio.longestSilenceMs >= 2000, "nothing was said to it, and the books say how long");

  const machine = await start(numberOf("voicemail"));
  await machine.phone.until((hearing) => hearing.soundMs >= 400);
  void machine.phone.say(prompt);
  await machine.phone.until((hearing) => hearing.soundRun === 0 && hearing.soundMs >= 440);
  await machine.dialog.bye();

  const dropped = await start(numberOf("drop"));
  await dropped.phone.until((hearing) => hearing.soundMs >= 80);
  while (carrier.books.legsUp().length > 0) await dropped.phone.until(() => true).then(() => new Promise(setImmediate));
  t.equal((await dropped.dialog.bye()).status, 481, "whoever lost power knows nothing of a BYE");
  t.match(dropped.book(), { endedBy: "vanished", state: "ended" });

  const silent = await start(numberOf("silent"));
  await silent.phone.until((hearing) => hearing.packets >= 20);
  t.equal(silent.phone.hearing.soundMs, 0);
  t.match(carrier.books.legsUp(), [{ callId: silent.call.callId, state: "up", called: numberOf("silent") }]);
  await silent.phone.stream.press("5", 60);
  await silent.phone.stream.press("#", 60);
  while (silent.phone.stream.keysWaiting > 0) await silent.phone.until(() => true).then(() => new Promise(setImmediate));
  // Hold and back, by re-INVITE.
  t.equal((await silent.dialog.reinvite(silent.phone.sdp("inactive"))).status, 200);
  t.match(silent.dialog.remoteSdp, /a=inactive/);
  t.equal((await silent.dialog.reinvite(silent.phone.sdp())).status, 200);
  const held = silent.phone.hearing.packets;
  await silent.phone.until((hearing) => hearing.packets >= held + 5);
  t.equal((await silent.dialog.reinvite("v=0\r\nm=audio 4000 RTP/SAVP 0\r\n")).status, 488);
  await silent.dialog.bye();
  t.match(silent.book(), { reinvites: 3, digitsHeard: "5#", audio: { soundMs: 0 } });

  const agent = await start(numberOf("agent"));
  await agent.phone.until((hearing) => hearing.soundMs >= 1000);
  await agent.dialog.bye();
  t.same(carrier.books.legsUp(), []);
  await end();
});

t.test("a crowd comes and goes", async (t) => {
  const {
    carrier,
    agent,
    end: close,
    telephone,
  } = await world(t, {
    pace: 0.02,
    quiet: true,
    personas: { mix: { ...Object.fromEntries(Object.keys(cast).map((name) => [name, 1])) } },
  });
  const calls = Array.from({ length: 80 }, async (_, at) => {
    const phone = await telephone();
    const uri = `sip:+1555020${1000 + at}@${host}:${carrier.sipPort}`;
    const call = agent.invite({
      uri,
      from: "<sip:crowd@carillon>",
      sdp: phone.sdp(),
      headers: { Expires: "1", "X-Carillon-Attempt": `crowd-${at}` },
    });
    const end = await call.final;
    if (!end.ok) return;
    phone.connect(end.dialog.remoteSdp);
    await Promise.race([phone.say(prompt), end.dialog.ended]);
    await end.dialog.bye();
  });
  await Promise.all(calls);
  t.equal(carrier.books.calls.length, 80);
  t.same(carrier.books.dialledTwice(), []);
  t.same(carrier.books.legsUp(), [], `seed ${seed}`);
  await close();
});
